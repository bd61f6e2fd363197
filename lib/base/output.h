/* SPDX-License-Identifier: MIT */
/* Writing to a descriptor that is open already. */
#ifndef CONVERGE_BASE_OUTPUT_H
#define CONVERGE_BASE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/* All n bytes, however often write(2) is short or interrupted; false: errno
 * says why. */
bool write_all(int fd, const void *bytes, size_t n);

#endif
