/* SPDX-License-Identifier: MIT */
/*
 * What is below a resource, where the plan could not know it: it is found,
 * planned and changed at its turn.
 */
#include <stdint.h>
#include <string.h>

#include "lib/apply/parts.h"

/* --- changes that are added --- */

static void *more(struct arena *a, const void *v, size_t n, size_t capacity,
		  size_t size)
{
	void *copy = arena_calloc(a, capacity, size);

	if (n)
		memcpy(copy, v, n * size);
	return copy;
}

static void reserve(struct applying *p, size_t n)
{
	struct applied *to = p->applied;
	struct arena *a = p->arena;
	size_t had = to->n, capacity = had * 2;

	if (had + n <= to->capacity)
		return;
	if (capacity < had + n)
		capacity = had + n;
	to->capacity = capacity;
	to->v = more(a, to->v, had, capacity, sizeof(struct change *));
	to->verdicts =
		more(a, to->verdicts, had, capacity, sizeof(*to->verdicts));
	to->actions = more(a, to->actions, had, capacity, sizeof(*to->actions));
	p->before = more(a, p->before, had, capacity, sizeof(*p->before));
	p->taken = more(a, p->taken, had, capacity, sizeof(*p->taken));
	p->texts = more(a, p->texts, had, capacity, sizeof(*p->texts));
	p->told = more(a, p->told, had, capacity, sizeof(*p->told));
	p->follow = more(a, p->follow, had, capacity, sizeof(*p->follow));
	p->staged = more(a, p->staged, had, capacity, sizeof(*p->staged));
}

static void note_rest(struct applying *p, const struct change *c)
{
	struct below *b = &p->below[index_of(p, c)];

	if (c->refresh || is_part(p, c))
		return;
	if (c->below)
		b->rest = c->index + 1;
	else
		b->second = true;
}

void applying_take(struct applying *p, const struct plan *plan)
{
	struct applied *to = p->applied;

	reserve(p, plan->n);
	for (size_t i = 0; i < plan->n; i++) {
		to->v[to->n] = plan->v[i];
		to->actions[to->n] = plan->v[i]->action;
		p->follow[to->n] = to->n + 1;
		to->n++;
		if (plan == p->plan)
			note_rest(p, plan->v[i]);
	}
	if (plan->n)
		p->follow[to->n - 1] = SIZE_MAX;
	p->sofar.looked_at += plan->looked_at;
	p->sofar.removed += plan->removed;
}

/* They are told of after the change that they were found by. */
static bool take_found(struct applying *p, const struct below *b)
{
	size_t from = p->applied->n, n = b->found->plan.n;
	size_t after = p->follow[b->rest - 1];

	if (!n)
		return true;
	for (size_t i = 0; i < n; i++)
		b->found->plan.v[i]->index = from + i;
	applying_take(p, &b->found->plan);
	if (!applying_intends(p, from)) {
		p->applied->n = from;
		return false;
	}
	p->follow[b->rest - 1] = from;
	p->follow[from + n - 1] = after;
	return true;
}

/* --- at its turn --- */

static void look(struct applying *p, struct below *b)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct found_below *found = arena_new(p->arena, struct found_below);
	bool again = b->found != NULL;

	plan_below(found, p->plan, p->applied->v[b->rest - 1], p->host,
		   &p->sofar, &d);
	b->found = found;
	b->wrong = NULL;
	if (!found->whole)
		b->wrong = d.n ? arena_strdup(p->arena, d.v[0].text)
			       : "not all that is below it was found";
	/* it may be open once the folder itself has changed */
	if (found->whole || found->precedes || again)
		diags_append(p->diags, &d);
}

static void make_found(struct applying *p, struct below *b)
{
	size_t from = p->applied->n;

	b->made = true;
	if (!take_found(p, b)) {
		b->wrong = "what is to be done below it could not be written "
			   "down";
		return;
	}
	for (size_t i = from; i < from + b->found->plan.n; i++) {
		if (applying_stops(p))
			applying_end(p, i, VERDICT_LEFT, NULL);
		else
			applying_one(p, i);
	}
}

bool applying_looks(struct applying *p, const struct change *c)
{
	struct below *b = &p->below[index_of(p, c)];

	if (is_part(p, c) || !b->rest || b->found)
		return false;
	applying_commit(p);
	look(p, b);
	if (applying_precedes(p, c))
		make_found(p, b);
	return applying_precedes(p, c);
}

const char *applying_below(struct applying *p, const struct change *c)
{
	struct below *b = &p->below[index_of(p, c)];

	if (!b->found->whole && !b->found->precedes)
		look(p, b);
	if (!b->made)
		make_found(p, b);
	return b->wrong;
}
