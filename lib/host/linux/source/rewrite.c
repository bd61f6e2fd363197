/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/source/rewrite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/host/linux/files/write.h"

struct rewriting {
	int folder; /* that holds the file */
	const char *name;
	const char *shown;
	const struct tree_stamp *stamp;
	char temp[TEMP_SIZE];
	struct stat st;
};

/* The folder that holds path, or -1 with errno. */
static int open_folder(const char *folder, const char *path)
{
	int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *slash;

	for (; at >= 0 && (slash = strchr(path, '/')); path = slash + 1) {
		char name[NAME_MAX + 1];
		int error, next = -1;
		size_t n = (size_t)(slash - path);

		errno = ENAMETOOLONG;
		if (n <= NAME_MAX) {
			memcpy(name, path, n);
			name[n] = '\0';
			next = openat(at, name,
				      O_PATH | O_DIRECTORY | O_NOFOLLOW |
					      O_CLOEXEC);
		}
		error = errno;
		close(at);
		errno = error;
		at = next;
	}
	return at;
}

static bool moved(const struct rewriting *r, struct diags *d)
{
	return diag_error(d, "'%s' changed since it was read", r->shown);
}

/* What a rename itself changes of an inode, its ctime, is looked at before
 * alone. */
static bool is_same(const struct rewriting *r, const struct node *node,
		    bool renamed)
{
	const struct tree_stamp *s = r->stamp;

	return node->type == NODE_FILE && node->device == s->device &&
	       node->inode == s->inode && node->size == s->size &&
	       node->mtime == s->mtime && (renamed || node->ctime == s->ctime);
}

static bool is_there(struct rewriting *r, struct diags *d)
{
	struct node node;

	if (walk_stat(r->folder, r->name, &node) < 0 ||
	    !is_same(r, &node, false) ||
	    fstatat(r->folder, r->name, &r->st, AT_SYMLINK_NOFOLLOW) < 0)
		return moved(r, d);
	return true;
}

static bool write_temp(const struct rewriting *r, const struct buf *new,
		       struct diags *d)
{
	AUTO_FD int fd = openat(
		r->folder, r->temp,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool own;

	if (fd < 0)
		return diag_errno(d, errno, "cannot write beside '%s'",
				  r->shown);
	own = r->st.st_uid == geteuid() && r->st.st_gid == getegid();
	if (!own && fchown(fd, r->st.st_uid, r->st.st_gid) < 0)
		return diag_errno(d, errno, "cannot keep the owner of '%s'",
				  r->shown);
	if (!write_all(fd, buf_text(new), new->size) ||
	    fchmod(fd, r->st.st_mode & 07777) < 0 || fsync(fd) < 0)
		return diag_errno(d, errno, "cannot write '%s'", r->shown);
	return true;
}

static bool cannot(const struct rewriting *r, struct diags *d)
{
	return diag_errno(d, errno, "cannot replace '%s'", r->shown);
}

/*
 * Both names change places, so that what was at its own can be looked at once
 * more: where somebody has just saved another, that goes back.
 */
static bool put_in_place(struct rewriting *r, bool *has_temp, struct diags *d)
{
	struct node old;

	if (renameat2(r->folder, r->temp, r->folder, r->name, RENAME_EXCHANGE) <
	    0) {
		if (errno != EINVAL && errno != ENOSYS)
			return cannot(r, d);
		/* not all file systems can */
		if (!is_there(r, d))
			return false;
		*has_temp =
			renameat(r->folder, r->temp, r->folder, r->name) < 0;
		return !*has_temp || cannot(r, d);
	}
	if (walk_stat(r->folder, r->temp, &old) == 0 && is_same(r, &old, true))
		return true;
	if (renameat2(r->folder, r->temp, r->folder, r->name,
		      RENAME_EXCHANGE) == 0)
		return moved(r, d);
	*has_temp = false;
	return diag_errno(d, errno,
			  "'%s' changed since it was read; what was there is "
			  "'%s' now",
			  r->shown, r->temp);
}

static bool rewrite(struct rewriting *r, const struct buf *new, struct diags *d)
{
	bool has_temp = true, ok;

	if (!is_there(r, d) || !temp_name(".converge-", r->temp, d))
		return false;
	ok = write_temp(r, new, d) && put_in_place(r, &has_temp, d);
	if (has_temp)
		unlinkat(r->folder, r->temp, 0);
	return ok;
}

bool linux_rewrite(const char *folder, const char *path, const char *shown,
		   const struct tree_stamp *stamp, const struct buf *new,
		   struct diags *d)
{
	struct rewriting r = { .name = path_name(path),
			       .shown = shown,
			       .stamp = stamp };
	AUTO_FD int fd = open_folder(folder, path);

	if (fd < 0)
		return diag_errno(d, errno, "cannot open the folder of '%s'",
				  shown);
	r.folder = fd;
	return rewrite(&r, new, d);
}
