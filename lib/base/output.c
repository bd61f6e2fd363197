/* SPDX-License-Identifier: MIT */
#include "lib/base/output.h"

#include <errno.h>
#include <unistd.h>

bool write_all(int fd, const void *bytes, size_t n)
{
	const char *at = bytes;

	while (n) {
		ssize_t did = write(fd, at, n);

		if (did < 0 && errno != EINTR)
			return false;
		if (did > 0) {
			at += did;
			n -= (size_t)did;
		}
	}
	return true;
}
