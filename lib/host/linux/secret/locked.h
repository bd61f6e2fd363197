/* SPDX-License-Identifier: MIT */
/*
 * Memory for what nobody else may see: it is never swapped out, is in no core
 * dump, is not given to child processes, and is wiped when it is released.
 * mlock(2), madvise(2).
 */
#ifndef CONVERGE_HOST_LINUX_SECRET_LOCKED_H
#define CONVERGE_HOST_LINUX_SECRET_LOCKED_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/diag.h"

struct locked {
	char *bytes; /* NULL: none */
	size_t size; /* of what is in it; the owner's */
	size_t mapped;
};

/* Room for size bytes; false with a diagnostic when it cannot be locked. */
bool locked_new(struct locked *, size_t size, struct diags *);
/* All that there is to read from fd, at most so many bytes; false with a
 * diagnostic when that is nothing, or more. */
bool locked_read(struct locked *, int fd, size_t most, const char *what,
		 struct diags *);
void locked_release(struct locked *);

#define AUTO_LOCKED AUTO(locked_release)

#endif
