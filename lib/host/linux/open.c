/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/output.h"

const char *linux_absolute(int cwd, const char *path, struct arena *a,
			   struct diags *d)
{
	char link[64], folder[PATH_MAX];
	ssize_t n;

	if (*path == '/')
		return arena_strdup(a, path);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", cwd);
	n = readlink(link, folder, sizeof(folder) - 1);
	if (n < 0 || folder[0] != '/') {
		diag_errno(d, n < 0 ? errno : ENOENT,
			   "cannot tell the current folder, for '%s'", path);
		return NULL;
	}
	folder[n] = '\0';
	if (strcmp(path, ".") == 0)
		return arena_strdup(a, folder);
	return arena_printf(a, "%s/%s", strcmp(folder, "/") ? folder : "",
			    path);
}

const char *linux_follow(const char *path, struct arena *a)
{
	AUTO_FD int fd = open(path, O_PATH | O_CLOEXEC);
	char link[64], target[PATH_MAX];
	struct stat at, there;
	ssize_t n;

	if (fd < 0 || lstat(path, &at) < 0 || !S_ISLNK(at.st_mode))
		return path;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, target, sizeof(target) - 1);
	if (n < 0)
		return path;
	target[n] = '\0';
	/* "pipe:[7]" and "/gone (deleted)" are no paths */
	if (fstat(fd, &at) < 0 || lstat(target, &there) < 0 ||
	    at.st_dev != there.st_dev || at.st_ino != there.st_ino)
		return path;
	return arena_strdup(a, target);
}

struct tree *linux_open_folder(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 ? tree_of_folder(fd, path) : NULL;
}

/* The temporary file, filled, as path. */
static bool put_in_place(int fd, const char *temp, const char *path,
			 const void *bytes, size_t n, unsigned mode)
{
	return write_all(fd, bytes, n) && fchmod(fd, mode) == 0 &&
	       fsync(fd) == 0 && rename(temp, path) == 0;
}

bool linux_save(const char *path, const void *bytes, size_t n, unsigned mode,
		struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	const char *slash = strrchr(path, '/');
	char *folder = arena_strndup(&a, path, (size_t)(slash - path));
	char *temp = arena_printf(&a, "%s/.converge-XXXXXX", folder);
	int error;

	if (mkdir(folder, 0777) < 0 && errno != EEXIST)
		return diag_errno(d, errno, "cannot make the folder '%s'",
				  folder);
	AUTO_FD int fd = mkostemp(temp, O_CLOEXEC);

	if (fd >= 0 && put_in_place(fd, temp, path, bytes, n, mode))
		return true;
	error = errno;
	if (fd >= 0)
		unlink(temp);
	return diag_errno(d, error, "cannot save '%s'", path);
}

struct tree *linux_open_beside(const char *path, const char *shown,
			       struct diags *d)
{
	const char *slash = strrchr(path, '/');
	struct arena a = { 0 };
	const char *folder = arena_strndup(&a, path, (size_t)(slash - path));
	struct tree *tree = NULL;
	int fd;

	if (!*folder)
		folder = "/";
	fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		tree = tree_of_folder(fd, folder);
	else
		diag_errno(d, errno, "cannot open the folder of '%s'", shown);
	arena_release(&a);
	return tree;
}
