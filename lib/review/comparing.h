/* SPDX-License-Identifier: MIT */
/* What the files of compare.h share. */
#ifndef CONVERGE_REVIEW_COMPARING_H
#define CONVERGE_REVIEW_COMPARING_H

#include "lib/review/compare.h"

/* What is being compared. */
struct comparing {
	struct pair *pair;
	struct host_at *old, *new;
	struct arena *arena;
	struct comparison *out;
	/* By index in the new catalog: 1 + that in the old one, or 0; and 1 +
	 * the difference, or 0. */
	size_t *match, *found;
	bool *is_kept; /* by index in the old catalog: the new one has it, as
			  the same thing; */
	bool *is_named_so;       /* or has another by its id */
	struct things was, will; /* of the old catalog and the new one */
	/* By index in the new catalog: what it removes of what is managed no
	 * more, or NULL. */
	const struct resource **removes;
	size_t *taken;    /* by the same: how many of those go with it; */
	size_t npurged;   /* and of all, those that are removals of their own */
	const char *over; /* why no removals are made, or NULL */
};

/* Adds a copy to what is found. */
struct difference *comparing_add(struct comparing *, const struct difference *);
/* What a host that is as the old catalog says would show. */
const void *comparing_have(struct comparing *, const struct difference *);
/* Finds how much it disturbs, and whether policies let it through. */
void comparing_settle(struct comparing *, struct difference *);

/* Why what it would remove of what is managed no more stays, or NULL. */
const char *comparing_left(const struct comparing *, const struct resource *by);

/* refreshes.c. Adds that the resource is notified, if it is; what comes before
 * it in the order was looked at by then. */
void comparing_refresh(struct comparing *, const struct resource *);

#endif
