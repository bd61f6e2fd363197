/* SPDX-License-Identifier: MIT */
/*
 * The apply stage: makes the changes of a plan, and no others, on the real
 * host; looks again after each; then refreshes what was notified.
 */
#ifndef CONVERGE_APPLY_H
#define CONVERGE_APPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/plan.h"

enum verdict {
	VERDICT_NONE,
	VERDICT_STAGED, /* waits for a commit */
	VERDICT_DONE,
	VERDICT_UNCHANGED, /* it was unknown, and turned out to be right */
	VERDICT_FAILED,
	VERDICT_SKIPPED, /* what it needs failed */
	VERDICT_WITHHELD,
	VERDICT_LEFT, /* the run was told to stop before it, or cannot begin */
};

const char *verdict_name(enum verdict);

/*
 * Where it is written down what is owed and what was done, before it is done
 * (NULL functions are not called). Rows become durable at sync.
 */
struct ledger {
	void *context;
	/* Of a change that is found later too: i is one more than the last. */
	bool (*planned)(void *context, size_t i, const struct change *,
			struct diags *);
	/* It came to be another at its turn, after a command. */
	bool (*became)(void *context, size_t i, const struct change *,
		       struct diags *);
	bool (*owe)(void *context, const char *target, const char *cause,
		    struct diags *);
	bool (*forgive)(void *context, const char *target, const char *cause,
			struct diags *);
	bool (*paid)(void *context, const char *target, struct diags *);
	bool (*ended)(void *context, size_t i, enum verdict, const char *text,
		      struct diags *);
	bool (*sync)(void *context, struct diags *);
};

struct apply_options {
	struct ledger ledger;
	/* Told of each change as it ends; text: why it failed, or NULL. */
	void (*event)(void *context, const struct change *, enum verdict,
		      const char *text);
	void *context;
	/* The plan was saved: it is done exactly, or not at all. Else what a
	 * command made of the host decides. */
	bool exact;
	/* Whether the run was told to stop. */
	bool (*stopped)(void *context);
	/* Of a simulation: asked of a change that was unknown when it was
	 * planned, and that still cannot be known or made; true: it is taken
	 * for granted. NULL: this is none. */
	bool (*assume)(void *context, const struct change *,
		       const char *because);
};

struct applied {
	/* The plan's changes, then those that were found and planned at the
	 * turn of what they are below. */
	const struct change **v;
	size_t n, capacity;
	enum verdict *verdicts; /* of v[i] */
	enum action *actions;   /* the same: what it came to */
	size_t counts[VERDICT_LEFT + 1];
	size_t done[ACTION_UNKNOWN + 1]; /* done, by action */
	bool stopped;
};

/*
 * Applies. Diagnostics of failures are added to d. False only when the ledger
 * could not be written before anything was changed: then all of it is left.
 */
bool apply_plan(struct applied *, const struct plan *, struct host *,
		const struct apply_options *, struct diags *);

#endif
