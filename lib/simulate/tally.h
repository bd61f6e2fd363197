/* SPDX-License-Identifier: MIT */
/*
 * The ledger of a simulated apply, in memory: what is owed, and what of that
 * would have been on disk when the run was killed.
 */
#ifndef CONVERGE_SIMULATE_TALLY_H
#define CONVERGE_SIMULATE_TALLY_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/apply.h"
#include "lib/host/host.h"

struct tally_debt {
	const char *target, *cause;
	unsigned run;
};

struct tally_debts {
	struct tally_debt *v;
	size_t n, capacity;
};

/* A zeroed struct is an empty one. */
struct tally {
	struct arena arena;
	struct tally_debts now, durable;
	unsigned run;
	size_t steps;   /* writes to the host and syncs, in this run */
	size_t kill_at; /* the step before which it is killed; 0: never */
	bool killed;
	/* For the test of the rule: notifications are not written down. */
	bool forgets;
};

/* A new run on that host (host_snapshot_watch), which knows what was durable.
 */
void tally_begin(struct tally *, struct host *, size_t kill_at);
struct ledger tally_ledger(struct tally *);
/* What a plan is told of the debts, a line a target, in the arena. */
struct owed *tally_owed(const struct tally *, struct arena *, size_t *n);
void tally_release(struct tally *);

#endif
