/* SPDX-License-Identifier: MIT */
/*
 * The plan stage: an apply on a picture of the host. Each resource is
 * observed, compared, and changed in the picture, so that the next one sees
 * what this one will have done.
 */
#ifndef CONVERGE_PLAN_H
#define CONVERGE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/graph.h"
#include "lib/host/host.h"

struct past;

struct change {
	const struct resource *res;
	size_t index; /* in the plan */
	enum action action;
	bool refresh;           /* asked for by others, or owed */
	bool below;             /* what is below it is looked for at its turn,
				 * and only then planned: plan_below */
	void *have;             /* as the plan saw it; NULL for a refresh */
	uint64_t differ;        /* rows */
	size_t takes;           /* entries below it that go with it */
	const char *because;    /* why unknown, why it runs; or NULL */
	struct change **causes; /* of a refresh: changes that ask for it */
	size_t ncauses, causes_capacity;
	const char *owed;     /* of a refresh: since when it is owed, or NULL */
	const char *diff;     /* unified, or NULL */
	const char *withheld; /* why it is not made, or NULL */
	const char *failed;   /* why it cannot be made, or NULL */
	const char *skipped;  /* id of what it needs and what failed */
	bool veiled;          /* what was there may be an earlier secret, and
			       * must not be shown */
	enum disruption disruption;
	bool undoable;
	const struct past *past; /* see provenance.h; NULL: not known */
};

/* A refresh that an earlier run left undone. */
struct owed {
	const char *target;
	const char *since; /* "run 12" */
	bool ours;         /* by runs of this very manifest, or of gone ones */
	const char *gone;  /* one of those, which is not there any more; or NULL
			    */
};

/* Files that may hold what is not in the catalog as a secret any more. */
struct veiled {
	struct strings paths; /* sorted */
	bool unknown; /* any that nobody but its owner may read may be one */
};

enum diffs { DIFFS_NONE, DIFFS_UPDATES, DIFFS_ALL };

struct plan_options {
	struct strings only; /* ids: these and what they need */
	struct strings tags;
	const struct owed *owed;
	size_t nowed;
	enum diffs diffs;
	struct veiled veiled;
	int max_disruption; /* of the command line; -1: any */
	/* An apply of the plan to this host, the base, follows at once: guards
	 * that it would ask are asked as it asks them, and not twice. NULL: no.
	 */
	struct host *acting;
	/* Of a recorded host: whether the resource, just as it is, was found
	 * right when the host was recorded; or NULL. That counts where the
	 * record does not tell, and nothing that it needs changes first. */
	bool (*settled)(void *context, const struct resource *);
	void *settled_context;
	/* Of a simulation: whether an earlier pass took the resource for
	 * granted; or NULL. That it fails now is then not known. */
	bool (*granted)(void *context, const struct resource *);
	void *granted_context;
};

struct plan {
	const struct graph *graph;
	struct change **v;
	size_t n, capacity;
	size_t looked_at; /* resources, those of expansions counted */
	size_t unchanged;
	bool failed; /* some resource could not be looked at or changed */
	struct strings forgotten; /* targets that the manifest has no more */
	const char *removals;     /* why all removals are withheld, or NULL */
	size_t removed;           /* removals that are not withheld, and what
				   * goes with them */
	enum diffs diffs;         /* what it was made with */
	struct veiled veiled;     /* the same */
	int max_disruption;       /* the same */
};

/*
 * Plans against base, which is only looked at. Diagnostics for each resource
 * that failed are added to d; that is no reason for false, which means that no
 * plan could be made at all (--only names what is not there).
 */
bool plan_build(struct plan *, const struct graph *, const struct host *base,
		const struct plan_options *, struct diags *);

/* What an apply found below a resource at its turn. */
struct found_below {
	struct plan plan; /* by which it is changed; indexes are its own */
	bool precedes;    /* it is changed before what it is below */
	bool whole;       /* all of it was found */
};

/* By the whole plan, and by what was found since. */
struct sofar {
	size_t looked_at, removed;
};

/*
 * Plans what the resource of a change with below stands for on the host, now
 * that it is its turn, but for what the whole plan has changes for. Removals
 * are made within the budget of all so far, or not at all. Diagnostics say
 * what could not be found or planned.
 */
void plan_below(struct found_below *, const struct plan *whole,
		const struct change *, const struct host *,
		const struct sofar *, struct diags *);

/*
 * A change as it is on the host of now, which is another than the plan saw, or
 * is what it could not see: with what is there, which lives as long as the
 * catalog, what it comes to, its diff; withheld if it disturbs more than is
 * allowed. As many things are within the budget as the plan saw go. Lives as
 * long as the catalog.
 */
struct change *plan_again(const struct plan *, const struct change *,
			  struct host *now, void *have);

/*
 * What a resource stands for is changed from the inside out where it is given
 * away: a folder waits for what is in it, which nobody could give after that.
 * Notes one that failed, by the folders that it is in.
 */
void plan_note_failed(struct map *above, struct arena *,
		      const struct resource *failed);
/* What failed below such a resource, or NULL. */
const struct resource *plan_failed_below(const struct map *above,
					 const struct resource *);

/* How many removals are not too many, of so many resources: the larger of 50
 * and 10 %, unless the policy says otherwise. */
size_t plan_budget(const struct policy *, size_t looked_at);
/* Why so many are not made, in the arena, or NULL. */
const char *plan_over_budget(size_t removals, size_t budget, struct arena *);
/* Why so many more removals, at their turn, are not made, or NULL. */
const char *plan_over(const struct plan *, const struct sofar *, size_t more);

/* What the plan and apply stages share: looks at a resource. have is new. */
bool plan_observe(const struct host *, const struct resource *, struct arena *,
		  void **have, struct diags *);
/* Opens the secrets that a resource needs, as far as there is a key of the host
 * to do so; false with a diagnostic. */
bool plan_opens(const struct host *, const struct resource *, struct diags *);
uint64_t plan_differ(const struct resource *, const void *have);
/* What goes with a step, or NULL: the type takes nothing along. */
const struct takes *plan_takes(const struct resource *, const struct step *);
enum action plan_action(const struct resource *, const void *have,
			uint64_t differ);
/* Where a resource stands in the catalog, or what it is part of on this host.
 */
size_t plan_index(const struct graph *, const struct resource *);
/* The first requirement of a resource with that property; NULL: none. */
const struct resource *plan_needs(const struct graph *, const struct resource *,
				  bool (*test)(void *context, size_t index),
				  void *context);

#endif
