/* SPDX-License-Identifier: MIT */
/*
 * What becomes of what one catalog manages and another does not, by that id:
 * another resource may be of the same thing, or remove it with the folder that
 * it is in. Pure: where paths lead by links of a host is not known.
 */
#ifndef CONVERGE_REVIEW_FATE_H
#define CONVERGE_REVIEW_FATE_H

#include "lib/catalog.h"

/* What a catalog manages. */
struct things {
	const struct catalog *catalog;
	struct arena *arena;
	bool ready;
	struct map by_name; /* resources, by "type:name" */
	struct map kept;    /* paths that are managed, or have such below */
	struct map spared;  /* folders whose content is a type's own */
};

/* Both are borrowed; it is looked through when it is first asked. */
void things_begin(struct things *, const struct catalog *, struct arena *);
/* What of the catalog manages the same thing as the resource, which may be of
 * another catalog: the same path, or what has that name in its type. NULL:
 * or what edits that place. NULL: nothing does. */
const struct resource *things_find(struct things *, const struct resource *);
/* Whether the new one of a type is of what the old one was of, so far as names
 * and places in files tell. */
bool is_same_thing(const struct resource *old, const struct resource *new);

enum fate_kind {
	FATE_STAYS,   /* nothing is done to it */
	FATE_CLAIMED, /* it is managed by another */
	FATE_REMOVED, /* it goes by what is done to a folder above it */
};

struct fate {
	enum fate_kind kind;
	const struct resource *by; /* of the catalog; NULL: it stays */
};

/* What becomes of what the resource, of another catalog, is of. */
struct fate fate_of(struct things *, const struct resource *);
/* Whether the folder goes in whole, or something else takes its place. */
bool fate_is_whole(const struct fate *);
/* In words, in the arena: "now managed by file:b". */
const char *fate_text(const struct fate *, struct arena *);

#endif
