/* SPDX-License-Identifier: MIT */
/*
 * Which commits made resources what they are: the places that they are made
 * from (manifest/trail.h), each looked for in the history of the world's
 * commit (host/history.h), all in one walk.
 */
#ifndef CONVERGE_PROVENANCE_H
#define CONVERGE_PROVENANCE_H

#include "lib/host/history.h"
#include "lib/manifest/trail.h"
#include "lib/plan.h"

struct provenance {
	struct trails trails;
	const char *folder; /* of the world in the commit, or "" */
	struct arena *arena;
	struct history_item *v; /* no two of them the same */
	size_t n, capacity;
	struct map known; /* 1 + index, by all that makes up an item */
};

/* Of the manifest, whose world is that folder of its commit. What is found
 * lives in the arena, which may be another than the manifest's. */
void provenance_begin(struct provenance *, struct manifest *,
		      const char *folder, struct arena *);
/* As trail_find, but also of what a resource stands for: then of what that is
 * made from, and of the files only its own. */
bool provenance_trail(struct trails *, const struct resource *, struct trail *);
/* Asks for it; the number of its item. */
size_t provenance_ask(struct provenance *, const struct trail_item *);
/* Walks; see history_walk. enough may be NULL. */
bool provenance_find(struct provenance *, const char *repository,
		     const struct commit *, bool (*enough)(void *context),
		     void *context, struct diags *);
/* Whether a change of it is one of the resource; that a role comes to another
 * host is none. */
bool trail_counts(const struct trail_item *);
/* The one of two that is newer; either may be NULL. */
const struct past *past_newer(const struct past *, const struct past *);

/* Finds out for all changes of a plan (past). manifest has their resources: it
 * need not be the plan's own. False with a diagnostic. */
bool provenance_of_plan(const struct plan *, struct manifest *,
			const struct commit_place *, const struct commit *,
			struct arena *, struct diags *);

#endif
