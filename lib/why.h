/* SPDX-License-Identifier: MIT */
/* Where one resource comes from, as a document ("converge.why/1"). */
#ifndef CONVERGE_WHY_H
#define CONVERGE_WHY_H

#include "lib/graph.h"
#include "lib/host/commit.h"

struct why {
	const struct graph *graph; /* its manifest was read just now */
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

#endif
