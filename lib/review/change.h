/* SPDX-License-Identifier: MIT */
/*
 * What a comparison found, as a document; and as a digest that hosts with the
 * same change have in common. Pure, but for reading the trees.
 */
#ifndef CONVERGE_REVIEW_CHANGE_H
#define CONVERGE_REVIEW_CHANGE_H

#include "lib/base/buf.h"
#include "lib/manifest/trail.h"
#include "lib/review/compare.h"

enum { CHANGE_KEY = 16 /* digits */ };

/*
 * Of all that a comparison of this host found: what changes from what to what,
 * but not where that is written, and not what stands beside the lines of a
 * content that change. The host's own name counts as that of any other host.
 * key has CHANGE_KEY digits and a NUL.
 */
void change_key(const struct host_at *, const struct comparison *,
		char key[CHANGE_KEY + 1]);
/* The same of words, which are no host's name, and of a text in which that of
 * the host may stand. */
void change_key_of(const struct buf *words, const struct buf *text,
		   const char *host, char key[CHANGE_KEY + 1]);

/* What is managed no more (difference_released), as a change; a new reference.
 */
json_t *change_released(struct host_at *, const struct difference *);
/* Counts what changes there are, and the worst class of disruption; a new
 * reference. */
json_t *change_summary(const json_t *changes);
/* Adds the diff of what it changes, if there is one. */
void change_diff(json_t *change, const struct difference *);
/* Adds to a change the places that its resource is made from: see
 * review_trace. */
void change_trail(json_t *change, struct trails *, const struct resource *);

/* "changes", "summary", and where they apply "policies", "reordered" and
 * "assumed", of a group that the host stands for; a new reference. */
json_t *change_document(struct host_at *old, struct host_at *new,
			const struct comparison *);

#endif
