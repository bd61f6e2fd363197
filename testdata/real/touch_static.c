/* SPDX-License-Identifier: MIT */
/*
 * touch_static [-d] PATH...: appends one byte to each file, which it makes if
 * it is not there, so that its size tells how often it ran; with -d it makes
 * directories. Linked statically, to run in a root that has nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);

	return fd < 0 || write(fd, "x", 1) != 1 || close(fd) < 0;
}

static int make(const char *path)
{
	return mkdir(path, 0777) < 0 && errno != EEXIST;
}

int main(int n, char **arguments)
{
	int is_folder = n > 1 && strcmp(arguments[1], "-d") == 0;
	int failed = n < 2 + is_folder;

	for (int i = 1 + is_folder; i < n; i++)
		failed |= is_folder ? make(arguments[i]) : touch(arguments[i]);
	return failed;
}
