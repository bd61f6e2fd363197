/* SPDX-License-Identifier: MIT */
/*
 * What a change touches of a host: the resources that it changes; what comes
 * after those since it is notified by them or needs them; and what is at the
 * other end of edges that it adds or takes away. Pure.
 */
#ifndef CONVERGE_REVIEW_IMPACT_H
#define CONVERGE_REVIEW_IMPACT_H

#include "lib/review/change.h"

enum { IMPACT_SHOWN = 40 /* resources of a group that are named */ };

/*
 * What tells hosts with one change apart: all that it touches, with the edges
 * among that, named or not. A host's own name counts as that of any other.
 */
void impact_key(struct host_at *old, struct host_at *new,
		const struct comparison *, char key[CHANGE_KEY + 1]);

/*
 * As a document for a group that the host stands for: "summary"; "resources",
 * the changed ones first to be named and then the nearest, in their order, each
 * "touched" as "changed", "notified", "dependent" or "linked"; the "edges"
 * among them, of which those that the change adds or removes say so; and
 * "more", how many of each kind are not named, if there are any. A new
 * reference.
 */
json_t *impact_document(struct host_at *old, struct host_at *new,
			const struct comparison *);

#endif
