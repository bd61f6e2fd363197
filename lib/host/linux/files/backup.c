/* SPDX-License-Identifier: MIT */
/*
 * Old content, kept under its SHA-256 in the backup folder: 0600, in a folder
 * that only root may enter. A copy that is there already is read before it is
 * believed, for a power cut may have left less than its name says.
 */
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host/linux/files/write.h"

/* Digest and size of all that fd holds; 0 or -errno. */
static int digest_fd(struct linux_host *h, int fd,
		     unsigned char digest[DIGEST_SIZE], uint64_t *size)
{
	char *buffer = batch_of(h)->buffer;
	struct sha256_ctx sha;
	ssize_t n;

	sha256_init(&sha);
	*size = 0;
	for (;;) {
		/* It grows faster than it is read. */
		if (*size > HOST_KEEP_MAX)
			return -EFBIG;
		n = pread(fd, buffer, COPY_SIZE, (off_t)*size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		sha256_update(&sha, (size_t)n, (const uint8_t *)buffer);
		*size += (uint64_t)n;
	}
	sha256_digest(&sha, DIGEST_SIZE, digest);
	return n < 0 ? -errno : 0;
}

static bool holds(struct linux_host *h, int fd,
		  const unsigned char digest[DIGEST_SIZE])
{
	unsigned char found[DIGEST_SIZE];
	uint64_t size;

	return digest_fd(h, fd, found, &size) == 0 &&
	       memcmp(found, digest, DIGEST_SIZE) == 0;
}

/* The copy of that name, if it is a good one; or -1. */
static int copy_there(struct linux_host *h, const char *name,
		      const unsigned char digest[DIGEST_SIZE])
{
	int fd = openat(h->options.backup_fd, name,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
				O_CLOEXEC);
	struct stat s;

	if (fd < 0)
		return -1;
	if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && holds(h, fd, digest))
		return fd;
	close(fd);
	return -1;
}

/* Read back: what is about to be replaced hangs on it. */
static bool is_installed(struct linux_host *h, int fd, const char *name)
{
	struct node copy, named;

	return walk_stat(fd, "", &copy) == 0 &&
	       walk_stat(h->options.backup_fd, name, &named) == 0 &&
	       copy.inode == named.inode && copy.device == named.device &&
	       copy.mode == 0600;
}

/* Named after the digest at last: a kill may leave a name in the backup
 * folder, but none that looks like a copy. */
static int copy_install(struct linux_host *h, int fd, const char *temp,
			const char *name,
			const unsigned char digest[DIGEST_SIZE])
{
	int folder = h->options.backup_fd;

	if (fchmod(fd, 0600) < 0)
		return -errno;
	/* What was copied may have changed since it was digested. */
	if (!holds(h, fd, digest))
		return -ESTALE;
	if (renameat(folder, temp, folder, name) < 0)
		return -errno;
	return is_installed(h, fd, name) ? 0 : -EIO;
}

static int copy_make(struct linux_host *h, int from, const char *name,
		     const unsigned char digest[DIGEST_SIZE])
{
	int folder = h->options.backup_fd;
	char temp[TEMP_SIZE + DIGEST_HEX];
	int fd, error;

	/* The lock of the run keeps all others out of this folder. */
	snprintf(temp, sizeof(temp), "%s.new", name);
	unlinkat(folder, temp, 0);
	fd = openat(folder, temp,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	error = stage_copy(h, from, fd, HOST_KEEP_MAX);
	if (error == 0)
		error = copy_install(h, fd, temp, name, digest);
	if (error == 0)
		return fd;
	close(fd);
	unlinkat(folder, temp, 0);
	return error;
}

/* A descriptor of the copy, new (made) or old; or -errno. */
static int copy_of(struct linux_host *h, int from, const char *name,
		   const unsigned char digest[DIGEST_SIZE], bool *made)
{
	int fd = copy_there(h, name, digest);

	if (fd >= 0)
		return fd;
	fd = copy_make(h, from, name, digest);
	*made = fd >= 0;
	if (*made)
		buf_add(&batch_of(h)->made, name, strlen(name) + 1);
	return fd;
}

/* What could not be synced may be whole in memory and not on the disk, where
 * nobody would look again: fsync(2) tells of an error once. */
static void forget_made(struct linux_host *h)
{
	const struct buf *made = &batch_of(h)->made;

	for (size_t i = 0; i < made->size; i += strlen(made->text + i) + 1)
		unlinkat(h->options.backup_fd, made->text + i, 0);
}

void keep_end(struct pending_batch *b)
{
	if (b->keep_fd >= 0)
		close(b->keep_fd);
	b->keep_fd = -1;
}

bool keep_begin(struct linux_host *h, bool many, struct diags *d)
{
	struct pending_batch *b = batch_of(h);

	/* It may be open still, when what came after the last one failed. */
	keep_end(b);
	b->nkept = 0;
	buf_clear(&b->made);
	b->keep_many = many;
	if (h->options.backup_fd < 0 || !many)
		return true;
	b->keep_fd = openat(h->options.backup_fd, ".",
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return b->keep_fd >= 0 ||
	       diag_errno(d, errno, "cannot open the folder of backups");
}

bool keep_sync(struct linux_host *h, struct diags *d)
{
	struct pending_batch *b = batch_of(h);
	int error = 0;

	if (b->nkept && b->keep_many)
		error = sync_whole(b->keep_fd);
	else if (b->nkept)
		error = sync_folder(h->options.backup_fd);
	if (error < 0)
		forget_made(h);
	keep_end(b);
	b->nkept = 0;
	return error == 0 ||
	       diag_errno(d, -error, "cannot sync the folder of backups");
}

static void tell(struct linux_host *h, const char *path, const struct node *n,
		 size_t mark, const char *digest, const char *target)
{
	if (h->options.backup_fd >= 0 && h->options.kept)
		h->options.kept(h->options.context, mark, path, n, digest,
				target);
}

bool keep_content(struct linux_host *h, int fd, const char *path,
		  const struct node *n, size_t mark, struct diags *d)
{
	struct pending_batch *b = batch_of(h);
	unsigned char digest[DIGEST_SIZE];
	char hex[DIGEST_HEX];
	bool made = false;
	uint64_t size;
	int error;

	if (h->options.backup_fd < 0)
		return true;
	if (!host_keeps(path, n, d))
		return false;
	error = digest_fd(h, fd, digest, &size);
	if (error == 0) {
		AUTO_FD int copy =
			copy_of(h, fd, digest_hex(digest, hex), digest, &made);

		error = copy < 0 ? copy : 0;
		if (copy >= 0 && !b->keep_many)
			error = sync_fd(copy);
		if (made && error < 0)
			unlinkat(h->options.backup_fd, hex, 0);
	}
	if (error == -ESTALE || error == -EFBIG ||
	    (error == 0 && size != n->size))
		return place_conflict(d, path);
	if (error < 0)
		return diag_errno(d, -error, "cannot keep a copy of '%s'",
				  path);
	b->nkept++;
	tell(h, path, n, mark, hex, NULL);
	return true;
}

void keep_node(struct linux_host *h, const char *path, const struct node *n,
	       size_t mark, const char *target)
{
	tell(h, path, n, mark, NULL, target);
}

bool linux_keep(struct linux_host *h, int fd, const char *path,
		const struct node *n, struct diags *d)
{
	return keep_begin(h, false, d) &&
	       keep_content(h, fd, path, n, h->host.mark, d) && keep_sync(h, d);
}

/* Opened as the ground's owner would open it: a hard link to a file that only
 * root may read must not bring that into a backup of X's. But what X owns X
 * could read by chmod(2), so that is read in any case. */
static int open_kept(struct linux_host *h, const struct walked *w, int folder,
		     const char *name, struct diags *d)
{
	const int flags =
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct ground g;
	struct node n;
	int fd;

	if (!ground_enter(h, w, &g, d))
		return -1;
	fd = openat(folder, name, flags);
	ground_leave(&g);
	if (fd >= 0 || errno != EACCES || !ground_is_foreign(w))
		return fd;
	fd = openat(folder, name, flags);
	if (fd >= 0 && walk_stat(fd, "", &n) == 0 && n.uid == w->owner)
		return fd;
	if (fd >= 0)
		close(fd);
	errno = EACCES;
	return -1;
}

static bool keep_file(struct linux_host *h, const struct walked *w, int folder,
		      const char *name, const char *path, const struct node *n,
		      size_t mark, struct diags *d)
{
	AUTO_FD int fd = open_kept(h, w, folder, name, d);
	struct node found;

	if (fd < 0)
		return diag_errno(d, errno, "cannot keep a copy of '%s'", path);
	if (walk_stat(fd, "", &found) < 0 || !node_stays(n, found))
		return place_conflict(d, path);
	if (!keep_content(h, fd, path, n, mark, d))
		return false;
	if (walk_stat(fd, "", &found) < 0 || !node_stays(n, found))
		return place_conflict(d, path);
	return true;
}

static bool keep_link(struct linux_host *h, int folder, const char *name,
		      const char *path, const struct node *n, size_t mark,
		      struct diags *d)
{
	struct pending_batch *b = batch_of(h);
	ssize_t size = readlinkat(folder, name, b->buffer, COPY_SIZE - 1);

	if (size < 0)
		return diag_errno(d, errno, "cannot read the link '%s'", path);
	b->buffer[size] = '\0';
	keep_node(h, path, n, mark, arena_strdup(&b->arena, b->buffer));
	return true;
}

bool keep_name(struct linux_host *h, const struct walked *w, int folder,
	       const char *name, const char *path, const struct node *n,
	       size_t mark, struct diags *d)
{
	if (h->options.backup_fd < 0)
		return true;
	if (n->type == NODE_FILE)
		return keep_file(h, w, folder, name, path, n, mark, d);
	if (n->type == NODE_LINK)
		return keep_link(h, folder, name, path, n, mark, d);
	keep_node(h, path, n, mark, NULL);
	return true;
}
