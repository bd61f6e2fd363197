/* SPDX-License-Identifier: MIT */
/*
 * All that a catalog was made from: the host's name and facts, and what was
 * looked at in the tree of the world, with what was found. When all of it is
 * found again, the catalog would be made again as it is.
 */
#ifndef CONVERGE_INPUTS_H
#define CONVERGE_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/pack.h"
#include "lib/host/tree.h"

enum input_kind { INPUT_ENTRY, INPUT_LIST, INPUT_OPEN };

struct input {
	int kind; /* enum input_kind */
	const char *path;
	const char *found; /* as text */
};

struct inputs {
	const char *build; /* of converge: see linux_build; or NULL */
	const char *file;  /* the manifest, an absolute path */
	/* What it is in which commit: then nothing else was looked at that
	 * could change. NULL: it is of a folder. */
	const char *commit;
	const char *host;
	const char *own;   /* the state folder as a path of the host, or NULL */
	const char *facts; /* as JSON; NULL: nobody asked for them */
	struct input *v;
	size_t n, capacity;
	/* Something had changed so shortly before it was read that a later
	 * change of it might not show. */
	bool fresh;
	struct arena *arena;
};

/* A tree that notes what is looked at in another, which it borrows; both and
 * the inputs' arena outlive it. Freed by tree_close. */
struct tree *inputs_of(struct inputs *, const struct tree *);
/* Whether all that was looked at in the tree is still found. */
bool inputs_hold(const struct inputs *, const struct tree *);
/* As a part of what is packed. */
void inputs_pack(struct pack *, struct inputs *);

#endif
