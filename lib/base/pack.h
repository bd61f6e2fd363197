/* SPDX-License-Identifier: MIT */
/*
 * Structures and all they point to as one block of bytes, which can be kept in
 * a file or sent to another process, and used where it lies.
 *
 * One function for each structure walks over what it points to, and serves
 * both ways. On the way out the walk stands on copies: each pointer is
 * replaced by the offset of a copy of what it points to. On the way in it
 * stands on the block, and turns the offsets back into pointers.
 *
 * The block is not believed on the way in: every offset must lie within it,
 * and since both walks are the same walk, each must lie behind the one before;
 * so nothing overlaps, and what was checked is not changed by what comes
 * after. The first thing that is wrong makes all the rest come out empty.
 */
#ifndef CONVERGE_BASE_PACK_H
#define CONVERGE_BASE_PACK_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/base/strings.h"

struct tree;
struct pack_chunk;

struct pack {
	bool out;
	bool wrong; /* in: it is no such block; out: it cannot be packed */
	/* what pointers to the tree of the world come to, on the way in */
	const struct tree *tree;
	struct pack_chunk *first, *last; /* out */
	char *block;                     /* in */
	size_t size;
	size_t at; /* in: what lies before it is taken */
};

/*
 * Begins a block with a structure of size bytes, and returns the copy that the
 * walk goes on from.
 */
void *pack_begin(struct pack *, const void *top, size_t size);
/* Writes the block piece by piece; false as soon as write is. */
bool pack_write(const struct pack *,
		bool (*write)(void *context, const void *bytes, size_t n),
		void *context);
void pack_release(struct pack *);

/*
 * Begins to read the block of size bytes, aligned as by malloc(3), which the
 * structures then lie in: it must be writable and outlive them. NULL when it
 * is too small to begin with a structure of top bytes.
 */
void *unpack_begin(struct pack *, void *block, size_t size, size_t top);
/* Whether all of it was right. */
bool unpack_end(const struct pack *);

/* What a walk is made of; each is given the field that points. */

/* Valid UTF-8, as all that reports show. */
void pack_text(struct pack *, const char **text);
/* Any bytes up to a NUL. */
void pack_raw(struct pack *, const char **text);
void pack_bytes(struct pack *, const char **bytes, size_t n);
void pack_strings(struct pack *, struct strings *);
/* *array points to n elements of size bytes; returns them, for the walk to go
 * on with, or NULL when there are none. */
void *pack_array(struct pack *, void *array, size_t n, size_t size);
/* A pointer to the tree of the world, or NULL. */
void pack_tree(struct pack *, const struct tree **);
/* Points to nothing, but not every byte is a bool. */
void pack_bool(struct pack *, const bool *);
/* Says no on the way in. */
void pack_expect(struct pack *, bool good);

#endif
