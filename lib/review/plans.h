/* SPDX-License-Identifier: MIT */
/*
 * What a recorded host would do at either of two revisions: the plans that it
 * would make, one against the other. Pure, but for reading the trees.
 */
#ifndef CONVERGE_REVIEW_PLANS_H
#define CONVERGE_REVIEW_PLANS_H

#include "lib/review/change.h"
#include "lib/snapshot/recorded.h"

/* Two plans of a host. */
struct plans {
	struct against old, new;
	struct diags diags_old, diags_new;
	bool whole_old, whole_new; /* there is such a plan */
};

/* Makes both; name is borrowed, as all else. plans_release, whatever came of
 * it. */
void plans_make(struct plans *, struct pair *, const struct recorded *,
		const char *name);
void plans_release(struct plans *);

/*
 * Of two plans what the change makes of the one: "changes" that only the new
 * plan has, or that it has otherwise; those of resources that are managed no
 * more; "dropped", those that only the old plan has; and how many both have
 * ("due"). NULL: both are the same. A new reference.
 */
json_t *plans_document(struct plans *);
/* See change_key. */
void plans_key(const json_t *document, const char *host,
	       char key[CHANGE_KEY + 1]);

#endif
