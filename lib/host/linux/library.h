/* SPDX-License-Identifier: MIT */
/* Libraries that most runs do not need: loaded on first use, dlopen(3). */
#ifndef CONVERGE_HOST_LINUX_LIBRARY_H
#define CONVERGE_HOST_LINUX_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/diag.h"

struct library_function {
	const char *name;
	void *pointer; /* to the pointer to it, which is set */
};

/* A structure's member of that name, as an element of such an array. */
#define LIBRARY_FUNCTION(of, name) \
	((struct library_function){ #name, &(of)->name })

struct library {
	const char *name;    /* "libarchive" */
	const char *file;    /* "libarchive.so.13" */
	const char *package; /* that has it */
	const struct library_function *functions;
	size_t n;
};

/* Loads it for good, and finds all of its functions. False with a diagnostic,
 * and then it is not loaded. */
bool library_load(const struct library *, struct diags *);

#endif
