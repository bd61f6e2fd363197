/* SPDX-License-Identifier: MIT */
/* Where one resource comes from, as a document ("converge.why/1"). */
#ifndef CONVERGE_WHY_H
#define CONVERGE_WHY_H

#include "lib/graph.h"
#include "lib/host/commit.h"
#include "lib/manifest/trail.h"

struct why {
	/* Its manifest was read just now; NULL: that of no host alone. */
	const struct graph *graph;
	const char *id;
	/* Of the world. */
	const struct commit_place *place;
	/* Whose history is asked, or NULL: there is none; it is head, if the
	 * manifest is of a work tree, and committed is then its tree. */
	const struct commit *commit;
	struct commit head;
	struct tree *committed;
	const char *unread; /* why there is no history, or NULL */
	struct arena *arena;
};

/* A new reference; NULL with a diagnostic: there is no such resource. */
json_t *why_document(const struct why *, struct diags *);

/* --- pieces, of which what is told of many hosts is made too --- */

/* What a resource was made for in the end, or itself. */
const struct resource *why_root(const struct resource *);
/* Adds "origin", and what else there is to say of the resource by itself. */
void why_resource(json_t *document, const struct catalog *,
		  const struct resource *, const struct trail *);
/* One of what it is made from, without its history; a new reference. */
json_t *why_part(struct manifest *, const struct trail_item *);
/* Adds "requires" and "required_by". */
void why_edges(json_t *document, const struct graph *, const struct resource *);
/* Whether what the item names is the same in both trees; folders are not
 * compared. */
bool why_is_committed(const struct tree *here, const struct tree *committed,
		      const struct trail_item *, struct arena *);

#endif
