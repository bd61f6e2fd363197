/* SPDX-License-Identifier: MIT */
/*
 * A host in simulation: its manifest applied to a recorded host in memory, by
 * the plan and apply stages themselves. What a command makes beyond its
 * "creates", and what packages bring, nobody can know: it is taken for granted,
 * and noted.
 */
#ifndef CONVERGE_SIMULATE_SIMULATE_H
#define CONVERGE_SIMULATE_SIMULATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/apply.h"
#include "lib/base/map.h"
#include "lib/simulate/tally.h"
#include "lib/snapshot/recorded.h"

/* One apply, and the plan that it was of. */
struct pass {
	struct simulation *simulation;
	const struct plan *plan;
	struct applied applied;
	struct tally *tally;
	struct map renewed; /* those that were refreshed, or did as much; by id:
			     * the change */
	size_t *ended;      /* of each change: the step at which it ended */
};

struct simulation {
	/* Set these. against needs what against_plan says. */
	const struct recorded *record; /* borrowed; its picture is written to */
	struct against against;
	bool thorough; /* it is killed at every step, not at some */
	bool forgets;  /* see struct tally */

	struct host_needs needs;
	struct map granted; /* why, by id */
	struct strings granted_ids;
	struct map undone; /* ids of what the first pass did not do */
	struct tally tally;
	struct pass first;
	struct plan second;
	size_t passes, kills;
	json_t *failures;   /* array; owned. See simulate_fail */
	struct diags diags; /* of passes: told as failures */
};

/* Reads the manifest and plans. False with diagnostics; to be released all the
 * same. */
bool simulate_plan(struct simulation *, struct diags *);
/* Applies the plan, to the picture of the record. */
void simulate_apply(struct simulation *);
/* Plans anew what has become of the picture: the new plan is then the first. */
bool simulate_plan_again(struct simulation *, struct diags *);
/* A second pass, which must find nothing to do. */
void simulate_second(struct simulation *);
/* Kills the apply and lets a new run go on, again and again (kills.c). */
void simulate_kills(struct simulation *);
/* Looks for what nobody shall see in all that is shown (leaks.c). */
void simulate_leaks(struct simulation *);
void simulate_release(struct simulation *);

/* What the files of this room share: */
/* An apply of plan to the host, until the tally says that it is killed. */
void pass_run(struct pass *, const struct plan *, struct host *,
	      struct tally *);
/* Plans what is there, with what the tally says is owed, in its own arena. */
bool pass_plan(struct simulation *, struct plan *, const struct host *,
	       const struct tally *, struct diags *);
/* Adds {"rule", "text"}, and of a resource, which may be NULL, "id", "origin"
 * and its place. Returns it. */
json_t *simulate_fail(struct simulation *, const char *rule,
		      const struct resource *res, const char *format, ...)
	PRINTF(4, 5);
/* Sets its "file", "line" and "column". */
void simulate_place(json_t *failure, struct place);

#endif
