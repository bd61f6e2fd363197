/* SPDX-License-Identifier: MIT */
/*
 * Whether a host follows its branch to where it now is. A pure function: what
 * it decides by was found out elsewhere.
 */
#ifndef CONVERGE_ORIGIN_TRUST_H
#define CONVERGE_ORIGIN_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"

enum {
	TRUST_SKEW = 3600, /* seconds that clocks may differ */
};

/* What is known. Ids are whole, in hexadecimal. */
struct claims {
	/* The commit that the last run took; NULL: there was none. */
	const char *last;
	int64_t last_time; /* of its making; 0: not known */
	/* Where the branch is now; NULL: that could not be learnt, because ...
	 */
	const char *tip;
	const char *not_fetched;
	int64_t tip_time;
	/* NULL, or what is wrong with its signature, to follow its name. */
	const char *unsigned_because;
	/* It is the last one, or comes from it. Without a last one: true. */
	bool descends;
	bool is_given;   /* by hand: that one, or none */
	int64_t max_age; /* seconds; 0: any */
	int64_t now;
	const char *allow_rollback; /* the one commit that need not; or NULL */
};

enum ruling {
	RULING_REFUSED, /* nothing is to be done; text says why */
	RULING_TAKE,    /* the tip */
	RULING_KEEP,    /* the last one, though; text says why */
};

struct verdict_on {
	enum ruling ruling;
	const char *commit; /* NULL: refused */
	const char *text;   /* for a diagnostic, or NULL */
	const char *hint;   /* or NULL */
	/* Why not the tip: the same whenever it is asked; or NULL. */
	const char *because;
};

struct verdict_on trust_decide(const struct claims *, struct arena *);

/* "3 days", "1 hour": how long so many seconds are, for people. */
const char *trust_age(int64_t seconds, struct arena *);

#endif
