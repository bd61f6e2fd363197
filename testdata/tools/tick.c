/* SPDX-License-Identifier: MIT */
/*
 * tick FILE appends a line to FILE, which must be there, and syncs it: so a
 * test can count how often a command was run. It is linked statically, to run
 * in a root that has nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/auto.h"

static ssize_t write_again(int fd, const char *bytes, size_t n)
{
	ssize_t r;

	do {
		r = write(fd, bytes, n);
	} while (r < 0 && errno == EINTR);
	return r;
}

static int sync_again(int fd)
{
	int r;

	do {
		r = fsync(fd);
	} while (r < 0 && errno == EINTR);
	return r;
}

int main(int n, char **arguments)
{
	static const char line[] = "tick\n";
	const ssize_t size = sizeof(line) - 1;
	AUTO_FD int fd = -1;

	if (n == 2)
		fd = open(arguments[1], O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0 || write_again(fd, line, (size_t)size) != size ||
	    sync_again(fd) < 0)
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
