/* SPDX-License-Identifier: MIT */
/*
 * One host at two revisions, catalog against catalog: what would change on a
 * host that is as the old one says. Pure, but for reading the trees.
 */
#ifndef CONVERGE_REVIEW_COMPARE_H
#define CONVERGE_REVIEW_COMPARE_H

#include "lib/review/fate.h"
#include "lib/review/pair.h"
#include "lib/review/retyped.h"

enum effect {
	EFFECT_CREATE,
	EFFECT_UPDATE,
	EFFECT_REMOVE, /* it is to be absent */
	EFFECT_REFRESH,
	EFFECT_UNKNOWN, /* whether it changes only the host can tell */
	EFFECT_MANAGE,  /* nothing on the host, but how it is managed */
	EFFECT_RELEASE, /* nothing: it is managed no more, or by another */
	EFFECTS,
};

/* "create", "update", ..., "release" */
const char *effect_name(enum effect);

struct difference {
	enum effect effect;
	const struct resource *old, *new; /* NULL: it has none */
	uint64_t rows; /* of the type's table, that differ: not those of
			  the type's own */
	/* Rows, also of the type's own, that the host would be found to differ
	 * in. */
	uint64_t state;
	uint64_t common;      /* the same of common_attrs */
	enum retyped retyped; /* its type is another; if whole, all rows count
			       */
	bool moved;           /* it is of another thing by that name or path */
	/* A row differs of which the catalogs do not say what it makes. */
	bool vague;
	enum disruption disruption;
	const char *because;  /* or NULL */
	const char *withheld; /* why it would not be made, or NULL */
	/* Of a refresh: ids of what asks for it. */
	struct strings causes;
	/* Files that hold its secrets, and that are sealed anew. */
	struct strings secrets;
};

/* A policy that is another. */
struct policy_change {
	const char *what;      /* "max_disruption", "max_removals" */
	const char *old, *new; /* as text; NULL: none */
	size_t resources;      /* that it is of; 0: of the whole host */
};

struct comparison {
	struct difference *v; /* those of the new catalog in its order, then
				 what it has no more */
	size_t n, capacity;
	struct policy_change *policies;
	size_t npolicies, policies_capacity;
	/* What both have would be looked at in another order. */
	bool reordered;
};

/* Both are whole. All is in the arena, or borrowed of them. */
void compare(struct pair *, struct host_at *old, struct host_at *new,
	     struct arena *, struct comparison *);
/* What becomes of what is managed no more by its id; in the arena. */
struct difference difference_released(const struct resource *old,
				      const struct fate *, struct arena *);
/* Whether there is anything to tell. */
bool comparison_differs(const struct comparison *);

#endif
