/* SPDX-License-Identifier: MIT */
/*
 * One of two revisions of a world, and hosts as they are at it: read as far as
 * the graph. No host is looked at: facts are those that check takes for it
 * (facts/picture.h). Pure, but for reading the tree.
 */
#ifndef CONVERGE_REVIEW_SIDE_H
#define CONVERGE_REVIEW_SIDE_H

#include "lib/graph.h"

struct side {
	const struct tree *tree;
	const struct strings *fact_names;
	struct documents documents; /* that hosts have in common, and theirs */
	json_t *world_facts;        /* borrowed */
	struct diags diags; /* what is wrong with the world's own document, if
			       it cannot be read: hosts do not say that again */
};

/* The tree and the names are borrowed. */
void side_begin(struct side *, const struct tree *,
		const struct strings *fact_names);
void side_release(struct side *);

/* A host at a revision. */
struct host_at {
	struct side *side;
	const char *name, *file; /* "web-1", "hosts/web-1.json" */
	struct manifest manifest;
	struct catalog catalog;
	struct graph graph;
	json_t *facts;        /* that stand in for its own */
	struct strings asked; /* those that were asked for */
	struct map known;     /* of them, what is in that list */
	struct diags diags;
	bool whole; /* there are no errors: it can be compared */
};

/* Reads it; name is borrowed. To be released, whatever came of it. */
void host_at_read(struct host_at *, struct side *, const char *name);
void host_at_release(struct host_at *);
/* The documents that it has in common with others, and that have errors: of
 * those its diagnostics may say nothing. */
void host_at_wrong(struct host_at *, struct arena *, struct strings *wrong);
/* Those facts that were asked for, and that the world does not tell: they were
 * taken from the picture, and the host's own may be others. As an object from
 * names to values; a new reference. */
json_t *host_at_assumed(const struct host_at *);

#endif
