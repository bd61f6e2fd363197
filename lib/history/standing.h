/* SPDX-License-Identifier: MIT */
/*
 * How a host stands: what is at work now, how the last run ended, which commit
 * it follows and what it refused, and what is owed. Pure: what was read comes
 * in.
 */
#ifndef CONVERGE_HISTORY_STANDING_H
#define CONVERGE_HISTORY_STANDING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/store/store.h"

struct standing {
	const char *state;       /* the path of the state folder */
	bool is_unknown;         /* the database there cannot be believed */
	const struct runs *runs; /* the newest two, the newest first */
	/* Who holds the lock, in its own words (folder_held); NULL: nobody. */
	const char *holder;
	/* What the run at work, and the one before it, have written down. */
	const struct changes *current, *last;
	const struct look_record *look;    /* the newest, or NULL */
	const struct look_record *refused; /* the same of those, or NULL */
	const struct remembered *remembered;
	int64_t now;
};

/* Whether a run is the holder's: it has no end, and is of that process. */
bool standing_is_at_work(const struct run_record *, const char *holder);
/* How many of the runs are at work: 1, or 0. The run after those is the last
 * one. */
size_t standing_at_work(const struct runs *, const char *holder);

/* A "converge.status/1", a new reference: "well" says whether all is, and
 * "problems" why not. */
json_t *standing_document(const struct standing *);

#endif
