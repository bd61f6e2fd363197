/* SPDX-License-Identifier: MIT */
/*
 * What a resource of a manifest is made from, and how it came to the host: the
 * places that must stay as they are for the resource to stay as it is.
 */
#ifndef CONVERGE_MANIFEST_TRAIL_H
#define CONVERGE_MANIFEST_TRAIL_H

#include "lib/manifest.h"

enum trail_kind {
	TRAIL_RESOURCE,
	TRAIL_INCLUDE,  /* of a role: name */
	TRAIL_DEFAULT,  /* of an attribute: name */
	TRAIL_OVERRIDE, /* the same */
	TRAIL_VAR,      /* name, without "vars." */
	TRAIL_FILE,     /* that it takes content from; name is its path */
};

struct trail_item {
	enum trail_kind kind;
	const char *name; /* NULL: of the resource */
	const char *at;   /* see manifest_place; NULL: of a file */
	const char *role; /* that it stands in; NULL: in none */
	json_t *when;     /* of the rule that it stands in; or NULL */
	/* In the tree, as struct history_item has them. */
	const char *path, *pointer, *member;
};

/* Of one resource: that itself first, how it came to the host next, from the
 * host on. Two items are never the same. */
struct trail {
	struct trail_item *v;
	size_t n, capacity;
};

/* What is known of a manifest by then; lives as long as that. */
struct trails {
	struct manifest *manifest;
	struct map entries;   /* by id */
	struct map includes;  /* by role: the include that leads to it */
	struct map templates; /* by path: what it names */
};

/* The manifest was read, and its texts are there. */
void trails_begin(struct trails *, struct manifest *);
/* False: the manifest has no resource of that id. */
bool trail_find(struct trails *, const char *id, struct trail *);
/* Adds a file or folder, if the tree has it and the list has not; path may be
 * NULL. */
bool trail_add_file(struct trails *, const char *path, struct trail *);

#endif
