/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/terminal.h"

#include <sys/ioctl.h>

size_t linux_columns(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
