/* SPDX-License-Identifier: MIT */
/*
 * godown MOUNT FLAG takes the file system at MOUNT down as a power cut would:
 * from here on nothing reaches its disk, and the next mount replays the
 * journal. FLAG is what still gets there:
 *
 *	0  all of it, data and metadata
 *	1  the journal of metadata, but no data: the cut that tears files
 *	2  nothing
 *
 * The ioctl is EXT4_IOC_SHUTDOWN, which XFS and F2FS share under names of
 * their own. It needs CAP_SYS_ADMIN, and works on a loop mount.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/base/auto.h"

#define SHUTDOWN _IOR('X', 125, uint32_t)

static bool flag_parse(const char *text, uint32_t *flag)
{
	if (text[0] < '0' || text[0] > '2' || text[1])
		return false;
	*flag = (uint32_t)(text[0] - '0');
	return true;
}

static bool go_down(const char *mount, uint32_t flag)
{
	AUTO_FD int fd = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && ioctl(fd, SHUTDOWN, &flag) == 0;
}

int main(int n, char **arguments)
{
	uint32_t flag;

	if (n != 3 || !flag_parse(arguments[2], &flag)) {
		fputs("usage: godown MOUNT 0|1|2\n", stderr);
		return EXIT_FAILURE;
	}
	if (!go_down(arguments[1], flag)) {
		fprintf(stderr, "godown: cannot shut down '%s': %s\n",
			arguments[1], strerror(errno));
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
