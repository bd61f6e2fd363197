/* SPDX-License-Identifier: MIT */
/* What the files of the apply stage share, and nobody else. */
#ifndef CONVERGE_APPLY_PARTS_H
#define CONVERGE_APPLY_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/apply.h"

/* What a resource stands for, as far as it was applied. */
struct below {
	const struct resource *failed; /* the first, or NULL */
	struct map above;              /* see plan_note_failed */
	bool done;
	bool held;     /* it waits, or some of it that was found at its turn */
	bool second;   /* it has a change of its own beside that with below */
	size_t staged; /* of its changes */
	size_t rest;   /* 1 + index of the change with below; 0: none has */
	struct found_below
		*found;    /* at its turn; NULL: it was not looked for yet */
	const char *wrong; /* why not all of it was found, or NULL */
	bool made;         /* what was found was changed */
};

/* An apply under way. */
struct applying {
	const struct plan *plan;
	struct host *host;
	const struct apply_options *options;
	struct arena *arena;
	struct arena scratch; /* until the next commit */
	struct arena looks;   /* of verify, which needs nothing for long */
	struct diags *diags;
	struct applied *applied;
	enum verdict *of_resource; /* by index in the catalog */
	struct below *below;       /* the same */
	bool *renewed; /* by index: it did what a refresh would do */
	bool *owing;   /* the same: it failed, and may have changed what others
			  are to be refreshed for */
	/* By change, as applied->v: */
	const void **before; /* what was there, once it is tried */
	size_t *taken;       /* how much goes with it */
	const char **texts;  /* why it failed */
	const char **told;   /* what its event says */
	size_t *follow;      /* the one that is told of after it */
	size_t next;         /* the first change that was not told of */
	size_t *staged;      /* changes that wait for a commit */
	size_t nstaged;
	struct edge *notifying; /* edges that notify, by where they start */
	size_t nnotifying;
	bool opaque; /* a command has run: anything may differ */
	struct sofar sofar;
};

static inline size_t index_of(const struct applying *p, const struct change *c)
{
	return plan_index(p->plan->graph, c->res);
}

/* Whether it is of what a resource stands for on this host. */
static inline bool is_part(const struct applying *p, const struct change *c)
{
	return p->plan->graph->catalog->v[index_of(p, c)] != c->res;
}

/* Whether nothing but what is below it is left to do: its resource has had a
 * change of its own. */
static inline bool is_second(const struct applying *p, const struct change *c)
{
	return c->below && p->below[index_of(p, c)].second;
}

/* Makes a change, at its turn. */
void applying_one(struct applying *, size_t i);
void applying_end(struct applying *, size_t i, enum verdict, const char *text);
/* All that waits for it is made durable, and ended. */
void applying_commit(struct applying *);
/* Whether the run is to end now. */
bool applying_stops(struct applying *);
/* Whether a resource has failed, whatever is below it. */
bool applying_has_failed(const struct applying *, size_t index);
/* The first diagnostic from number from on, after placing all of them. */
const char *applying_blame(struct applying *, const struct resource *,
			   size_t from);
/* apply/ledger.c. Finds out who notifies whom, for the others. */
void applying_index(struct applying *);
/* Calls f(target, cause) for everything that a change notifies; f NULL: not. */
bool applying_each_notified(struct applying *, const struct change *,
			    bool (*f)(void *, const char *, const char *,
				      struct diags *));
bool applying_sync(struct applying *);
/* Writes down all that may come to be owed for the changes from number from
 * on, before the first of them is made: a kill at any later moment loses none
 * of it. */
bool applying_intends(struct applying *, size_t from);
/* The same of one change, which is made now. */
bool applying_owes(struct applying *, const struct change *);
/* What the manifest does not have any more is owed nothing. */
bool applying_forget(struct applying *);

/* apply/below.c. Adds the changes of a plan to those that are to be made. */
void applying_take(struct applying *, const struct plan *);
/* Before a resource is changed below which is to be looked: looks, and changes
 * what comes before it. Whether that was any. */
bool applying_looks(struct applying *, const struct change *);
/* Whether what was found there comes before it. */
static inline bool applying_precedes(const struct applying *p,
				     const struct change *c)
{
	const struct found_below *found = p->below[index_of(p, c)].found;

	return found && found->precedes;
}
/* After it: changes the rest. Why not all of it was found, or NULL. */
const char *applying_below(struct applying *, const struct change *);

#endif
