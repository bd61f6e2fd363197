/* SPDX-License-Identifier: MIT */
/* A plan in the making: what the files of the plan stage share, and nobody
 * else. */
#ifndef CONVERGE_PLANNING_H
#define CONVERGE_PLANNING_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/map.h"
#include "lib/plan.h"

/* From best to worst. */
enum status {
	STATUS_NONE,
	STATUS_EXCLUDED,
	STATUS_UNCHANGED,
	STATUS_CHANGES,
	STATUS_UNKNOWN,
	STATUS_WITHHELD,
	STATUS_FAILED,
};

/* What is planned for a resource and for what it stands for. */
struct span {
	size_t from, to; /* in the plan */
	bool changes;    /* something of it changes, or may */
};

struct planning {
	struct plan *plan;
	const struct graph *graph;
	struct host *picture;
	const struct host *base; /* that it is a picture of */
	const struct plan_options *options;
	struct arena *arena;
	struct diags *diags;
	const struct rival *rivals; /* by index in the catalog; or NULL */
	enum status *status;        /* the same */
	size_t *pending;            /* 1 + index of what changes before it */
	size_t *commands;   /* 1 + index of a command that runs before it */
	size_t *brought;    /* 1 + index of what is installed before it */
	size_t installed;   /* the last of those, needed or not */
	size_t *delivered;  /* 1 + index of what may make files before it */
	size_t delivery;    /* the last of those, needed or not */
	struct span *spans; /* by index */
	bool *renewed;      /* by index: it does what a refresh would do */
	size_t *asked;      /* 1 + index of the last that it refreshes */
	struct map owed;    /* struct owed by target */
	struct change **refreshes; /* by index; or NULL */
	bool withhold_removals;
	size_t removals;
};

/* A new change at the plan's end. */
struct change *planning_add(struct planning *, const struct resource *);
/* Whether it is made, as far as the plan can tell. */
bool planning_is_made(const struct change *);
/* Whether the resource at an index has failed: for plan_needs. */
bool planning_has_failed(void *planning, size_t index);
/* Why it disturbs more than is allowed, or NULL. */
const char *planning_exceeds(const struct planning *, const struct change *);
/* Why policies do not let a change through, or NULL. */
const char *planning_policy(struct planning *, const struct change *);

/* The command that comes before a resource, and that can do anything; NULL:
 * there is none. */
const char *planning_command(const struct planning *, const struct resource *);
/* Whether an apply that cannot know yet would look at it at its turn. */
bool planning_is_tried(struct planning *, const struct resource *);
/* The change cannot be planned: diagnostics from number from on say why. */
enum status planning_fail(struct planning *, struct change *, size_t from);
/* Plans one resource, and nothing that it stands for. */
enum status planning_one(struct planning *, const struct resource *);

/* plan/contents.c. Whether what stands where a resource acts may be an earlier
 * secret, which must not be shown. */
bool planning_veils(const struct planning *, const struct resource *);
/* What a change makes of contents, as a unified diff in which no secret is
 * shown, or NULL. */
const char *planning_diff(struct planning *, const struct change *);

/* plan/describe.c. Of a step, or, NULL, of one that cannot be told yet. */
enum disruption planning_disruption(const struct change *, const struct step *);
/* What is told of a change, by its step. */
void planning_describe(struct planning *, struct change *, const struct step *);

/* plan/giving.c. The graph in which what is given to a user comes before the
 * folder that it is in, where that is given too; lives as long as the catalog.
 */
const struct graph *planning_give(const struct graph *, const struct host *);

/* plan/below.c. Plans a resource and what it stands for on this host. */
enum status planning_all(struct planning *, const struct resource *);

/* plan_refresh.c. Notes what earlier runs left owed, by target; returns those
 * that nothing can be done for any more. */
struct strings planning_note_owed(struct planning *);
/* Plans the refresh of the resource at an index, if one is asked for or owed;
 * those that ask for it, and their refreshes, are planned by then. */
void planning_refresh(struct planning *, size_t index);

#endif
