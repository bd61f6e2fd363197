/* SPDX-License-Identifier: MIT */
#ifndef CONVERGE_HOST_LINUX_TERMINAL_H
#define CONVERGE_HOST_LINUX_TERMINAL_H

#include <stddef.h>

/* How many columns the terminal has (ioctl_tty(2)); 0: it is none, or does not
 * say. */
size_t linux_columns(int fd);

#endif
