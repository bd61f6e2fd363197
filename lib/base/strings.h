/* SPDX-License-Identifier: MIT */
/* A list of strings. The array is ended by NULL when n > 0. */
#ifndef CONVERGE_BASE_STRINGS_H
#define CONVERGE_BASE_STRINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"

struct strings {
	const char **v;
	size_t n, capacity;
};

/* Adds text itself, not a copy. */
void strings_add(struct strings *, struct arena *, const char *text);
/* Sorts by strcmp(3). */
void strings_sort(struct strings *);
bool strings_equal(const struct strings *, const struct strings *);
bool strings_have(const struct strings *, const char *text);
/* "a, b, c", in the arena. */
const char *strings_join(const struct strings *, const char *between,
			 struct arena *);
/* The candidate nearest to word, if it is near enough to be a slip; or NULL. */
const char *strings_nearest(const char *word, const struct strings *candidates);

#endif
