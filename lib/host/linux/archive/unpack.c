/* SPDX-License-Identifier: MIT */
/*
 * A folder in whole. A process that is confined unpacks the archive and says
 * nothing but the files' bytes, one after the other; this one knows from the
 * table what they must be, and writes them below a temporary name that only
 * the ground's owner can pass. All of it is on disk before the folder takes
 * its place, by one rename(2) or exchange.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <nettle/sha2.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host/linux/process/child.h"
#include "lib/host/linux/process/confined.h"
#include "lib/host/linux/files/write.h"

enum { TICK = 200 /* milliseconds between two looks at stopped */ };

/* --- where the bytes come from --- */

struct source {
	const struct folder_write *write;
	const struct linux_options *options;
	int fd;
	pid_t child;
};

static int pour(void *context, int out)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	const struct source *s = context;

	return (s->write->tarball
			? tarball_pour(s->write->tarball, out, &ignored)
			: repository_pour(s->write->repository, out, &ignored))
		       ? 0
		       : 1;
}

static bool source_open(struct source *s, struct diags *d)
{
	/* its end of the pipe closes, which tells as much as why it is lost */
	const struct confined c = { .work = pour, .context = s };

	return (s->write->tarball ? tarball_load(d) : repository_load(d)) &&
	       confined_stream(&c, &s->fd, &s->child, d);
}

static bool is_stopped(const struct source *s)
{
	return s->options->stopped && s->options->stopped(s->options->context);
}

/* At most n of the next bytes; 0 at the end, or -errno. */
static ssize_t source_next(const struct source *s, char *bytes, size_t n)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	ssize_t got;

	for (;;) {
		int ready = child_poll(&p, 1, TICK);

		if (is_stopped(s))
			return -EINTR;
		if (ready <= 0)
			continue;
		got = read(s->fd, bytes, n);
		if (got >= 0 || errno != EINTR)
			return got < 0 ? -errno : got;
	}
}

/* Whether all was said that was to be said, and no more. */
static bool source_close(struct source *s, bool whole)
{
	char more;

	whole = whole && source_next(s, &more, 1) == 0;
	close(s->fd);
	return confined_wait(s->child, !whole, NULL, NULL) == 0 && whole;
}

/* --- where they go --- */

/* The folder in the making. */
struct stage {
	const struct folder_write *write;
	struct source source;
	struct linux_host *host;
	const struct walked *walked;
	struct ground ground; /* on which all is made */
	int top;
	int at;           /* the folder of the last entry; may be top */
	const char *path; /* its name, n bytes of it */
	size_t n;
	char *block;
	const char *name; /* of the entry in hand */
	struct diags *diags;
};

static bool fail(const struct stage *s, int error)
{
	return diag_errno(s->diags, error, "cannot unpack '%s' into '%s'",
			  s->name, s->write->path);
}

static bool changed(const struct stage *s)
{
	if (is_stopped(&s->source))
		return diag_error(s->diags, "the run was told to stop");
	return diag_error(s->diags,
			  "'%s' is not in the source as it was planned",
			  s->name);
}

static void leave(struct stage *s)
{
	if (s->at != s->top)
		close(s->at);
	s->at = s->top;
	s->path = "";
	s->n = 0;
}

static int descend(int at, const char *name, size_t n)
{
	char component[NAME_MAX + 1];

	if (n > NAME_MAX)
		return -1;
	memcpy(component, name, n);
	component[n] = '\0';
	return openat(at, component,
		      O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Goes to the folder of name, which was made before; what follows is in it. */
static bool enter(struct stage *s, const char *name)
{
	size_t n = path_parent_of(name, strlen(name));

	if (n == s->n && memcmp(name, s->path, n) == 0)
		return true;
	leave(s);
	for (size_t from = 0; from < n;) {
		size_t length = strcspn(name + from, "/");
		int fd = descend(s->at, name + from, length);
		int error = errno;

		if (s->at != s->top)
			close(s->at);
		s->at = fd < 0 ? s->top : fd;
		if (fd < 0)
			return fail(s, error);
		from += length + 1;
	}
	s->path = name;
	s->n = n;
	return true;
}

/* 0 or -errno. */
static int dress(struct stage *s, int fd, mode_t mode)
{
	const struct folder_write *w = s->write;
	const struct perms perms = { .set = w->set | PERM_MODE,
				     .mode = mode,
				     .uid = w->uid,
				     .gid = w->gid };
	struct node have, want;
	int error = walk_stat(fd, "", &have);

	if (error < 0)
		return error;
	want = perms_over(&have, &perms);
	return perms_change(s->host, s->walked, &s->ground, fd, &have, &want);
}

static bool make_folder(struct stage *s, const char *name)
{
	int error = mkdirat(s->at, name, 0700) < 0 ? -errno : 0;
	AUTO_FD int fd = -1;

	if (error == 0) {
		fd = openat(s->at, name,
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		error = fd < 0 ? -errno : dress(s, fd, UNPACKED_FOLDER);
	}
	return error == 0 || fail(s, -error);
}

static bool make_link(struct stage *s, const char *name, const char *target)
{
	const struct folder_write *w = s->write;
	uid_t uid = w->set & PERM_UID ? w->uid : (uid_t)-1;
	gid_t gid = w->set & PERM_GID ? w->gid : (gid_t)-1;

	/* a link's group says nothing: not worth root's acting for X */
	if (s->ground.entered && !ground_has_group(s->host, s->walked, w->gid))
		gid = (gid_t)-1;
	if (symlinkat(target, s->at, name) < 0)
		return fail(s, errno);
	return !w->set ||
	       fchownat(s->at, name, uid, gid, AT_SYMLINK_NOFOLLOW) == 0 ||
	       fail(s, errno);
}

/* The bytes of the entry from the source into the new file. */
static bool fill(struct stage *s, const struct table_entry *e, int fd)
{
	unsigned char digest[DIGEST_SIZE];
	struct sha256_ctx sha;
	uint64_t left = e->size;

	sha256_init(&sha);
	while (left) {
		size_t most = left < COPY_SIZE ? (size_t)left : COPY_SIZE;
		ssize_t n = source_next(&s->source, s->block, most);
		int error;

		if (n <= 0)
			return changed(s);
		error = stage_write(fd, s->block, (size_t)n);
		if (error < 0)
			return fail(s, -error);
		sha256_update(&sha, (size_t)n, (const uint8_t *)s->block);
		left -= (uint64_t)n;
	}
	sha256_digest(&sha, DIGEST_SIZE, digest);
	return memcmp(digest, e->digest, DIGEST_SIZE) == 0 || changed(s);
}

/* A hard link becomes a file of its own: a change of one must not be one of
 * the other. */
static bool copy(struct stage *s, struct linux_host *h,
		 const struct table_entry *of, uint64_t size, int fd)
{
	int error;

	if (!enter(s, of->name))
		return false;
	AUTO_FD int from =
		openat(s->at, path_name(of->name),
		       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	error = from < 0 ? -errno : stage_copy(h, from, fd, size);
	return error == 0 || fail(s, -error);
}

static bool make_file(struct stage *s, struct linux_host *h,
		      const struct table_entry *e, const char *name)
{
	AUTO_FD int fd =
		openat(s->at, name,
		       O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0);
	bool ok;
	int error;

	if (fd < 0)
		return fail(s, errno);
	ok = e->copy ? copy(s, h, &s->write->table->v[e->copy - 1], e->size, fd)
		     : fill(s, e, fd);
	if (!ok)
		return false;
	error = dress(s, fd, e->executable ? UNPACKED_PROGRAM : UNPACKED_FILE);
	return error == 0 || fail(s, -error);
}

static bool make_all(struct stage *s, struct linux_host *h)
{
	const struct table *t = s->write->table;

	for (size_t i = 0; i < t->n; i++) {
		const struct table_entry *e = &t->v[i];
		const char *name = path_name(e->name);
		bool ok;

		s->name = e->name;
		if (!enter(s, e->name))
			return false;
		if (e->type == TREE_DIRECTORY)
			ok = make_folder(s, name);
		else if (e->type == TREE_LINK)
			ok = make_link(s, name, e->target);
		else
			ok = make_file(s, h, e, name);
		if (!ok)
			return false;
	}
	return true;
}

/* The folder below its temporary name, dressed and on disk. On the ground. */
static bool fill_stage(struct stage *s, struct linux_host *h,
		       struct staged *staged)
{
	struct node n;
	int error = walk_stat(s->top, "", &n);

	s->name = s->write->path;
	if (error < 0)
		return fail(s, -error);
	staged->device = n.device;
	staged->inode = n.inode;
	if (!make_all(s, h))
		return false;
	error = dress(s, s->top, UNPACKED_FOLDER);
	if (error == 0)
		error = sync_whole(s->top);
	return error == 0 || fail(s, -error);
}

static bool stage(struct linux_host *h, const struct walked *w,
		  struct staged *staged, const struct folder_write *write,
		  struct diags *d)
{
	struct stage s = { .write = write,
			   .source = { .write = write, .options = &h->options },
			   .host = h,
			   .walked = w,
			   .path = "",
			   .block = batch_of(h)->buffer,
			   .name = write->path,
			   .diags = d };
	AUTO_FD int top = -1;
	bool ok;

	if (!source_open(&s.source, d))
		return false;
	if (!ground_enter(h, w, &s.ground, d))
		return source_close(&s.source, false);
	ok = mkdirat(w->fd, staged->temp, 0700) == 0 || fail(&s, errno);
	if (ok)
		top = openat(w->fd, staged->temp,
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	s.top = s.at = top;
	ok = ok && (top >= 0 || fail(&s, errno)) && fill_stage(&s, h, staged);
	leave(&s);
	ground_leave(&s.ground);
	return source_close(&s.source, ok) || (ok && changed(&s));
}

/* --- in its place --- */

static bool place(struct linux_host *h, const struct walked *w,
		  struct staged *s, struct diags *d)
{
	struct ground g;
	int error;

	touched_names(h, s->folder, s->mark);
	if (s->expect.type != NODE_ABSENT)
		return place_over(h, w, s, d);
	if (!ground_enter(h, w, &g, d))
		return false;
	error = renameat2(w->fd, s->temp, w->fd, w->name, RENAME_NOREPLACE) < 0
			? -errno
			: 0;
	ground_leave(&g);
	if (error == -EEXIST)
		return place_conflict(d, s->write.path);
	return error == 0 ||
	       diag_errno(d, -error, "cannot create '%s'", s->write.path);
}

static bool keep(struct linux_host *h, const struct walked *w, struct staged *s,
		 struct diags *d)
{
	return s->expect.type == NODE_ABSENT ||
	       (keep_begin(h, true, d) && place_keep(h, w, s, d) &&
		keep_sync(h, d));
}

static bool name(struct linux_host *h, struct staged *s, struct diags *d)
{
	return temp_name(".converge-", s->temp, d) &&
	       batch_intend(h, s->write.path, s->temp, d) &&
	       batch_intended(h, d);
}

/* What failed is not there any more, as far as that can be had. */
static void drop(struct linux_host *h, const struct walked *w,
		 const struct staged *s)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct node n;

	if (s->inode && walk_stat(w->fd, s->temp, &n) == 0 &&
	    n.inode == s->inode && n.device == s->device)
		tree_remove(h, w, s->temp, s->write.path, NULL, &ignored);
}

bool linux_unpack(struct host *host, const struct folder_write *write,
		  struct diags *d)
{
	struct linux_host *h = (struct linux_host *)(void *)host;
	struct folder_write dressed = *write;
	struct perms perms = { .set = write->set,
			       .uid = write->uid,
			       .gid = write->gid };
	struct staged s = { .write = { .path = write->path,
				       .backup = write->backup,
				       .force = true },
			    .expect = *write->expect,
			    .mark = host->mark,
			    .fd = -1 };
	struct walked w;
	struct node new;
	bool ok;

	batch_settle(h, write->path, true);
	if (!ground_walk(h, write->path, &w, d) ||
	    !place_allowed(&w, write->path, &s.expect, true, d))
		return false;
	ground_own_group(&w, &perms);
	dressed.set = perms.set;
	dressed.gid = perms.gid;
	new = ground_new(h, &w, NODE_DIRECTORY);
	if (!ground_allows(h, &w, write->path, &new, &perms, d))
		return false;
	s.folder = touched_at(h, write->path, &w);
	if (!keep(h, &w, &s, d) || !name(h, &s, d))
		return false;
	ok = stage(h, &w, &s, &dressed, d) && place(h, &w, &s, d);
	if (!ok)
		drop(h, &w, &s);
	walk_forget(h);
	return ok;
}
