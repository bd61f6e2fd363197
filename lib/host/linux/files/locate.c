/* SPDX-License-Identifier: MIT */
/* Which repository a path lies in, and where. Whose it is, is asked by those
 * who read it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/path.h"
#include "lib/host/commit.h"

static bool is_there(int at, const char *name, mode_t type)
{
	struct stat st;

	return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (st.st_mode & S_IFMT) == type;
}

static bool is_bare(int at)
{
	return is_there(at, "HEAD", S_IFREG) &&
	       is_there(at, "objects", S_IFDIR) &&
	       is_there(at, "refs", S_IFDIR);
}

bool commit_is_bare(const char *path)
{
	AUTO_FD int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && is_bare(fd);
}

/* The folder that path is, or the nearest above it that is there: its first *n
 * bytes. */
static int open_nearest(const char *path, size_t *n, struct arena *a)
{
	int fd = -1;

	*n = strlen(path);
	while (fd < 0) {
		fd = open(*n ? arena_strndup(a, path, *n) : "/",
			  O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 || *n == 0)
			break;
		while (*n && path[*n - 1] != '/')
			--*n;
		while (*n && path[*n - 1] == '/')
			--*n;
	}
	return fd;
}

/* Without any link or ".." in it (proc(5), /proc/pid/fd). */
static const char *path_of(int fd, struct arena *a)
{
	char link[64], target[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, target, sizeof(target) - 1);
	return n > 0 && target[0] == '/' ? arena_strndup(a, target, (size_t)n)
					 : NULL;
}

static const char *join(struct arena *a, const char *folder, const char *name)
{
	return *folder && *name ? arena_printf(a, "%s/%s", folder, name)
	       : *folder        ? folder
				: name;
}

/* Upwards from the folder there. */
static bool climb(const char *there, const char *below, struct arena *a,
		  struct commit_place *place, struct diags *d)
{
	for (size_t n = strlen(there);;) {
		const char *here = n > 1 ? arena_strndup(a, there, n) : "/";
		AUTO_FD int at = open(here, O_PATH | O_DIRECTORY | O_NOFOLLOW |
						    O_CLOEXEC);

		if (at < 0)
			return diag_errno(d, errno, "cannot open '%s'", here);
		if (is_there(at, ".git", S_IFDIR) || is_bare(at)) {
			place->repository = here;
			place->path = join(
				a, there[n] ? there + n + (n > 1) : "", below);
			return true;
		}
		if (is_there(at, ".git", S_IFREG) ||
		    is_there(at, ".git", S_IFLNK)) {
			diag_error(d,
				   "'.git' in '%s' leads to another "
				   "repository, which is not followed",
				   here);
			diag_hint(d, "name the repository itself, with --rev");
			return false;
		}
		if (n <= 1)
			return false;
		n = path_parent(here);
	}
}

bool commit_locate(const char *path, const char *shown, struct arena *a,
		   struct commit_place *place, struct diags *d)
{
	size_t n, errors = d->errors;
	AUTO_FD int fd = open_nearest(path, &n, a);
	const char *there = fd < 0 ? NULL : path_of(fd, a);
	const char *below = path + n + strspn(path + n, "/"), *wrong;

	*place = (struct commit_place){ 0 };
	if (there && climb(there, below, a, place, d)) {
		wrong = *place->path ? path_relative_wrong(place->path) : NULL;
		return !wrong ||
		       diag_error(d, "the path '%s' %s", shown, wrong);
	}
	return d->errors == errors &&
	       diag_error(d, "'%s' is in no git repository", shown);
}
