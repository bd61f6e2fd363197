/* SPDX-License-Identifier: MIT */
/*
 * bring FILE... makes each FILE, in turn, as a package or an installer does
 * that tells nobody: the folder that it is in, if there is none, and a line in
 * it. It is linked statically, to run in a root that has nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/auto.h"

static bool make_folder(const char *path)
{
	const char *name = strrchr(path, '/');
	size_t n = name ? (size_t)(name - path) : 0;
	char folder[PATH_MAX];

	if (!n || n >= sizeof(folder))
		return false;
	memcpy(folder, path, n);
	folder[n] = '\0';
	return mkdir(folder, 0755) == 0 || errno == EEXIST;
}

static bool make_file(const char *path)
{
	static const char line[] = "brought\n";
	AUTO_FD int fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	return fd >= 0 &&
	       write(fd, line, sizeof(line) - 1) == sizeof(line) - 1 &&
	       fsync(fd) == 0;
}

int main(int n, char **arguments)
{
	umask(022);
	for (int i = 1; i < n; i++)
		if (!make_folder(arguments[i]) || !make_file(arguments[i]))
			return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
