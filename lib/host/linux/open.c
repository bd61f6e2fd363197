/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

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
