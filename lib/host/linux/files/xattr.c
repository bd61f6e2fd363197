/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes (xattr(7)) of a file that is replaced. The new file is
 * what the old one would be had it been edited in place and then given its
 * owner and mode: it keeps the access control list, over which the mode is set
 * as chmod(1) sets it, the label and what users noted in user.*. All else was
 * said of the old content (capabilities(7), ima) or is the kernel's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "lib/host/linux/files/write.h"

#define ACCESS_LIST "system.posix_acl_access"

_Static_assert(COPY_SIZE >= XATTR_SIZE_MAX, "the buffer holds any value");

enum { LINK_SIZE = 32 };

/* The only way to the attributes of a descriptor of O_PATH (open(2)). */
static void set_link(char link[LINK_SIZE], int fd)
{
	snprintf(link, LINK_SIZE, "/proc/self/fd/%d", fd);
}

static bool is_label(const char *name)
{
	return strcmp(name, "security.selinux") == 0 ||
	       strcmp(name, "security.SMACK64") == 0;
}

static bool is_carried(const char *name)
{
	return strncmp(name, "user.", strlen("user.")) == 0 || is_label(name) ||
	       strcmp(name, ACCESS_LIST) == 0;
}

/*
 * Takes what the list gives to others and, by the mask, to all whom it names:
 * fchmod(2) gives that back, last of all. A list is a header of 4 bytes, then
 * entries of a tag, rights and an id, little-endian
 * (linux/posix_acl_xattr.h).
 */
static void close_list(char *list, size_t n)
{
	enum { HEADER = 4, ENTRY = 8, OWNER = 0x01, MASK = 0x10, OTHER = 0x20 };
	enum { RIGHTS = 2, WRITE = 2 };

	for (size_t at = HEADER; at + ENTRY <= n; at += ENTRY) {
		if (list[at] == MASK || list[at] == OTHER)
			list[at + RIGHTS] = 0;
		if (list[at] == OWNER)
			list[at + RIGHTS] = WRITE;
	}
}

/* 0 or -errno. */
static int carry_one(char *value, const char *name, const char *from, int to)
{
	ssize_t n = getxattr(from, name, value, XATTR_SIZE_MAX);

	/* What X must not read of a file on X's ground is not X's note. */
	if (n < 0)
		return errno == ENODATA || errno == EACCES ? 0 : -errno;
	if (strcmp(name, ACCESS_LIST) == 0)
		close_list(value, (size_t)n);
	return fsetxattr(to, name, value, (size_t)n, 0) < 0 ? -errno : 0;
}

/* The policy gave the new file a label; to give it another may be forbidden,
 * and in a container is. */
static bool is_forgiven(const char *name, int error)
{
	return is_label(name) &&
	       (error == -EPERM || error == -EACCES || error == -EOPNOTSUPP);
}

static bool carry_all(struct linux_host *h, const char *path, const char *names,
		      size_t size, const char *from, int to, struct diags *d)
{
	for (size_t at = 0; at < size; at += strlen(names + at) + 1) {
		const char *name = names + at;
		int error = 0;

		if (is_carried(name))
			error = carry_one(batch_of(h)->buffer, name, from, to);
		if (error < 0 && !is_forgiven(name, error))
			return diag_errno(d, -error,
					  "cannot carry over '%s' of '%s'",
					  name, path);
	}
	return true;
}

/* What the new file has of its folder's default list, the old one may have
 * been without. */
static int drop_list(int to)
{
	if (fremovexattr(to, ACCESS_LIST) == 0 || errno == ENODATA ||
	    errno == EOPNOTSUPP)
		return 0;
	return -errno;
}

static bool carry(struct linux_host *h, const char *path, const char *from,
		  int to, struct diags *d)
{
	AUTO_FREE char *names = xrealloc(NULL, XATTR_LIST_MAX);
	ssize_t size = listxattr(from, names, XATTR_LIST_MAX);
	int error = size < 0 && errno != EOPNOTSUPP ? -errno : drop_list(to);

	if (error < 0)
		return diag_errno(d, -error,
				  "cannot carry over the attributes of '%s'",
				  path);
	if (size <= 0)
		return true;
	/* Notes can only be given to what may be written to, and its owner
	 * could let himself write to it in any case. */
	if (fchmod(to, S_IWUSR) < 0)
		return diag_errno(d, errno, "cannot set the mode of '%s'",
				  path);
	return carry_all(h, path, names, (size_t)size, from, to, d);
}

bool attributes_carry(struct linux_host *h, const struct walked *w,
		      const struct staged *s, int to, struct diags *d)
{
	AUTO_FD int old = -1;
	char from[LINK_SIZE];
	struct node found;

	if (s->expect.type != NODE_FILE)
		return true;
	old = openat(w->fd, w->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (old < 0 || walk_stat(old, "", &found) < 0 ||
	    !node_same(&s->expect, &found))
		return place_conflict(d, s->write.path);
	set_link(from, old);
	return carry(h, s->write.path, from, to, d);
}

bool has_capabilities(int fd)
{
	char path[LINK_SIZE];

	set_link(path, fd);
	return getxattr(path, "security.capability", NULL, 0) > 0;
}
