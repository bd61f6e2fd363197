/* SPDX-License-Identifier: MIT */
/* Which libraries there are of those that are loaded when they are needed. */
#ifndef CONVERGE_HOST_LINUX_VERSIONS_H
#define CONVERGE_HOST_LINUX_VERSIONS_H

#include <stddef.h>

#include "lib/base/arena.h"

struct library_version {
	const char *name;    /* "libcurl" */
	const char *version; /* as it says itself; NULL: it cannot be used */
	const char *wrong;   /* and why not */
};

/* Loads all of them, for good. The list and its texts are in the arena. */
const struct library_version *library_versions(struct arena *, size_t *n);

#endif
