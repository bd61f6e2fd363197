/* SPDX-License-Identifier: MIT */
/*
 * Memory that lives as long as one run and is freed at once. A zeroed struct
 * is an empty arena. Nothing here returns NULL: when memory runs out the
 * process says so and ends (see memory_exhausted), as a kill would end it.
 */
#ifndef CONVERGE_BASE_ARENA_H
#define CONVERGE_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "lib/base/auto.h"

struct arena_block;

struct arena {
	struct arena_block *blocks;
	size_t used, size; /* of the newest block */
	size_t total;      /* bytes handed out so far */
};

/* size zeroed bytes, aligned for any type. */
void *arena_alloc(struct arena *, size_t size);
/* The same for n elements; ends the process when n * size overflows. */
void *arena_calloc(struct arena *, size_t n, size_t size);
char *arena_strdup(struct arena *, const char *text);
char *arena_strndup(struct arena *, const char *text, size_t n);
void *arena_memdup(struct arena *, const void *bytes, size_t n);
char *arena_printf(struct arena *, const char *format, ...) PRINTF(2, 3);
char *arena_vprintf(struct arena *, const char *format, va_list) PRINTF(2, 0);
/* Frees all of it; the arena is empty again. */
void arena_release(struct arena *);

#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_array(arena, type, n) \
	((type *)arena_calloc((arena), (n), sizeof(type)))

/*
 * Room for one more element in an array that doubles and lives in the arena:
 *	v = arena_grow(a, v, n, &capacity, sizeof(*v));
 */
void *arena_grow(struct arena *, void *array, size_t n, size_t *capacity,
		 size_t size);

/* Says on standard error that memory ran out; exits 4, without cleaning up. */
NORETURN void memory_exhausted(void);
/* malloc(3) family that never returns NULL. */
void *xrealloc(void *, size_t size);

#endif
