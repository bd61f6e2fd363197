/* SPDX-License-Identifier: MIT */
/*
 * Steps 2 to 4 of the write protocol: a new inode with its content, its owner
 * and, last, its mode. Until then nobody can open it, for its mode is 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host/linux/secret/vault.h"
#include "lib/host/linux/files/write.h"

enum { RESERVE_SIZE = 256 * 1024 };

int stage_write(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 ? -errno : -ENOSPC;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

int stage_copy(struct linux_host *h, int from, int to, uint64_t most)
{
	char *buffer = batch_of(h)->buffer;
	off_t at = 0;

	for (;;) {
		ssize_t n = pread(from, buffer, COPY_SIZE, at);
		int error;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		if ((uint64_t)n > most - (uint64_t)at)
			return -EFBIG;
		error = stage_write(to, buffer, (size_t)n);
		if (error < 0)
			return error;
		at += n;
	}
}

/* A full disk shows here at once, and not after gigabytes; what is small
 * finds out when it is written just as well, and cheaper. */
static int reserve(int fd, uint64_t size)
{
	int r;

	if (size < RESERVE_SIZE)
		return 0;
	do {
		r = fallocate(fd, 0, 0, (off_t)size);
	} while (r < 0 && errno == EINTR);
	return r < 0 && errno != EOPNOTSUPP && errno != ENOSYS ? -errno : 0;
}

/* Writes what the reader gives: it must be what was planned, whatever became
 * of the file that it is read from. */
static bool pour(struct linux_host *h, const struct staged *s, int fd,
		 struct reader *r, struct diags *d)
{
	const struct content *c = &s->content;
	char *buffer = batch_of(h)->buffer;
	unsigned char digest[DIGEST_SIZE];
	bool checked = c->tree && c->has_digest;
	struct sha256_ctx sha;
	uint64_t size = 0;
	long n;

	sha256_init(&sha);
	while ((n = reader_next(r, buffer, COPY_SIZE)) > 0) {
		int error = stage_write(fd, buffer, (size_t)n);

		if (error < 0)
			return diag_errno(d, -error, "cannot write '%s'",
					  s->write.path);
		if (checked)
			sha256_update(&sha, (size_t)n, (const uint8_t *)buffer);
		size += (uint64_t)n;
	}
	if (n < 0)
		return diag_errno(d, (int)-n, "cannot read %s'%s'",
				  c->tree ? "" : "the content of ",
				  c->tree ? c->path : s->write.path);
	sha256_digest(&sha, DIGEST_SIZE, digest);
	if (size != s->size ||
	    (checked && memcmp(digest, c->digest, DIGEST_SIZE) != 0))
		return diag_error(d, "%s '%s' changed since it was planned",
				  c->tree ? "the source" : "the content of",
				  c->tree ? c->path : s->write.path);
	return true;
}

static mode_t mode_of(const struct perms *p)
{
	return p->set & PERM_MODE ? p->mode & 07777 : 0600;
}

/* As X, on X's ground. 0 or -errno. */
static int change(struct linux_host *h, const struct walked *w,
		  struct ground *g, int fd, const struct perms *p)
{
	struct node have, want;
	int error = walk_stat(fd, "", &have);

	if (error < 0)
		return error;
	want = perms_over(&have, p);
	return perms_change(h, w, g, fd, &have, &want);
}

/* Owner, attributes, then mode: chown(2) clears the set-id bits. */
static bool dress(struct linux_host *h, const struct staged *s,
		  const struct walked *w, struct ground *g, int fd,
		  struct diags *d)
{
	struct perms owner = s->write.perms;
	const struct perms mode = { .set = PERM_MODE,
				    .mode = mode_of(&s->write.perms) };
	int error = 0;

	owner.set &= PERM_UID | PERM_GID;
	if (owner.set)
		error = change(h, w, g, fd, &owner);
	if (error == 0 && !attributes_carry(h, w, s, fd, d))
		return false;
	if (error == 0)
		error = change(h, w, g, fd, &mode);
	return error == 0 ||
	       diag_errno(d, -error, "cannot set owner and mode of '%s'",
			  s->write.path);
}

static bool is_dressed(const struct node *n, const struct perms *p)
{
	return n->mode == mode_of(p) &&
	       (!(p->set & PERM_UID) || n->uid == p->uid) &&
	       (!(p->set & PERM_GID) || n->gid == p->gid);
}

/* Believes no call: what it is now is read back. */
static bool inspect(struct staged *s, int fd, struct diags *d)
{
	struct node n;
	int error = walk_stat(fd, "", &n);

	if (error < 0)
		return diag_errno(d, -error, "cannot look at '%s'",
				  s->write.path);
	if (!is_dressed(&n, &s->write.perms))
		return diag_error(d, "'%s' did not take its owner and mode",
				  s->write.path);
	if (n.type != NODE_FILE || n.size != s->size)
		return diag_error(d, "'%s' was not written in whole",
				  s->write.path);
	s->device = n.device;
	s->inode = n.inode;
	return true;
}

static bool fill(struct linux_host *h, struct staged *s, const struct walked *w,
		 struct ground *g, int fd, struct reader *r, struct diags *d)
{
	int error = reserve(fd, s->size);

	if (error < 0)
		return diag_errno(d, -error, "cannot write '%s'",
				  s->write.path);
	return pour(h, s, fd, r, d) && dress(h, s, w, g, fd, d) &&
	       inspect(s, fd, d);
}

static int open_new(const struct staged *s, const struct walked *w)
{
	if (!s->temp[0])
		return openat(w->fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0);
	return openat(w->fd, s->temp,
		      O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0);
}

/* open(2), O_TMPFILE: not all file systems know it, nor do old kernels. */
static bool is_unsupported(int error)
{
	return error == EOPNOTSUPP || error == EISDIR || error == ENOENT ||
	       error == EINVAL;
}

/* Opens and fills the inode; s->fd is -1 when it was not even opened. */
static bool make(struct linux_host *h, struct staged *s, const struct walked *w,
		 struct reader *r, bool *possible, struct diags *d)
{
	AUTO_GROUND struct ground g = { 0 };
	int error;

	if (!ground_enter(h, w, &g, d))
		return false;
	s->fd = open_new(s, w);
	if (s->fd >= 0)
		return fill(h, s, w, &g, s->fd, r, d);
	error = errno;
	*possible = s->temp[0] || !is_unsupported(error);
	ground_leave(&g);
	return !*possible ||
	       refused_move(w, s->write.path, error, "cannot write", d);
}

/* Secrets are opened now, as the file is written. */
static bool open_content(struct linux_host *h, struct staged *s,
			 struct locked *plain, struct reader *r,
			 struct diags *d)
{
	s->size = s->content.size;
	if (!s->content.ncuts)
		return content_open(&s->content, r, d);
	if (!vault_fill(h, &s->content, plain, NULL, d))
		return false;
	s->size = plain->size;
	*r = (struct reader){ .fd = -1,
			      .bytes = plain->bytes,
			      .left = plain->size };
	return true;
}

static bool stage(struct linux_host *h, struct staged *s,
		  const struct walked *w, bool *possible, struct diags *d)
{
	AUTO_LOCKED struct locked plain = { 0 };
	struct reader r;
	bool ok;

	*possible = true;
	s->fd = -1;
	if (!open_content(h, s, &plain, &r, d))
		return false;
	ok = make(h, s, w, &r, possible, d);
	reader_close(&r);
	if (ok && *possible && s->write.validate)
		ok = s->edit ? edit_validate(h, s, s->fd, d)
			     : stage_validate(h, s, s->fd, d);
	return ok;
}

bool stage_unnamed(struct linux_host *h, struct staged *s,
		   const struct walked *w, bool *possible, struct diags *d)
{
	if (stage(h, s, w, possible, d))
		return true;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	return false;
}

/* Without a batch's syncfs(2) the file is synced while it is open. */
bool stage_named(struct linux_host *h, struct staged *s, const struct walked *w,
		 struct diags *d)
{
	const struct filesystem *f = s->folder->filesystem;
	bool possible, ok = stage(h, s, w, &possible, d);
	int error = 0;

	if (ok && (f->fd < 0 || f->staged <= SYNC_EACH_MAX))
		error = sync_fd(s->fd);
	if (error < 0)
		ok = diag_errno(d, -error, "cannot sync '%s'", s->write.path);
	if (s->fd >= 0 && !s->inode) {
		struct node n;

		/* So that what failed half way can be dropped. */
		if (walk_stat(s->fd, "", &n) == 0) {
			s->device = n.device;
			s->inode = n.inode;
		}
	}
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	return ok;
}
