/* SPDX-License-Identifier: MIT */
/*
 * Two revisions of a world: what of it is the same in both, so that hosts which
 * have to do with nothing else need not be looked at. Pure, but for reading
 * the trees.
 */
#ifndef CONVERGE_REVIEW_PAIR_H
#define CONVERGE_REVIEW_PAIR_H

#include "lib/review/side.h"

struct pair {
	struct side old, new;
	struct documents documents; /* of the new, that were looked through */
	struct arena arena;
	struct map files;     /* by path: whether it is the same */
	struct map templates; /* by path: the same, with its partials */
	struct map roles;     /* by name: the same, with what it includes */
	bool settings;        /* those of the world are the same, with the
				 files that they name, and its types */
	bool types;           /* the world has types of its own */
};

/* The trees and the names are borrowed. */
void pair_begin(struct pair *, const struct tree *old, const struct tree *new,
		const struct strings *fact_names);
void pair_release(struct pair *);
/* Whether the file or folder at path is the same in both: what is not there in
 * either is. What cannot be read is not. */
bool pair_same(struct pair *, const char *path);
/*
 * Whether the host, which both have, is sure to be the same in both: its file
 * is, and the roles it includes, whatever their rules say, and the files that
 * any of those may name. False: perhaps not.
 */
bool pair_same_host(struct pair *, const char *name);

#endif
