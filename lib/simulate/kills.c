/* SPDX-License-Identifier: MIT */
/*
 * The apply is killed, and the next run must get where an unbroken one does.
 * Until it is killed a run is the unbroken one: it is made once more from the
 * same plan, to a fresh picture, as far as that. So each kill costs one plan
 * and one apply, wherever it falls.
 */
#include "lib/simulate/simulate.h"

#include <stdlib.h>

enum { SAMPLES = 8 };

/* --- when --- */

static int compare(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return (x > y) - (x < y);
}

struct moments {
	size_t *v, n, capacity;
};

static void add(struct simulation *s, struct moments *m, size_t step)
{
	m->v = arena_grow(&s->against.arena, m->v, m->n, &m->capacity,
			  sizeof(*m->v));
	m->v[m->n++] = step;
}

static size_t last_cause(const struct pass *p, const struct change *refresh)
{
	size_t last = 0;

	for (size_t i = 0; i < refresh->ncauses; i++) {
		size_t step = p->ended[refresh->causes[i]->index];

		if (step > last)
			last = step;
	}
	return last;
}

/*
 * All steps, or the first and the last, some between, and for each refresh the
 * one before it, when its causes are done and it is not: there it could be
 * lost.
 */
static struct moments choose(struct simulation *s, size_t steps)
{
	const struct pass *p = &s->first;
	struct moments m = { 0 };
	size_t n = 0;

	for (size_t i = 1; s->thorough && i <= steps; i++)
		add(s, &m, i);
	for (size_t i = 0; !s->thorough && i < SAMPLES; i++)
		add(s, &m, 1 + (steps - 1) * i / (SAMPLES - 1));
	for (size_t i = 0, told = 0; i < p->plan->n && told < SAMPLES; i++) {
		const struct change *c = p->plan->v[i];

		if (!c->refresh || !c->ncauses)
			continue;
		add(s, &m, last_cause(p, c) + 1);
		told++;
	}
	if (m.n)
		qsort(m.v, m.n, sizeof(*m.v), compare);
	for (size_t i = 0; i < m.n; i++)
		if (m.v[i] <= steps && (!n || m.v[n - 1] != m.v[i]))
			m.v[n++] = m.v[i];
	m.n = n;
	return m;
}

/* --- one kill --- */

static void check_renewed(struct simulation *s, const struct pass *killed,
			  const struct pass *next, size_t step)
{
	const struct pass *whole = &s->first;

	for (size_t i = 0; i < whole->plan->n; i++) {
		const struct change *c = whole->plan->v[i];
		const char *id = c->res->id;

		if (map_get(&whole->renewed, id) != c ||
		    map_get(&killed->renewed, id) ||
		    map_get(&next->renewed, id))
			continue;
		simulate_fail(s, "kill", c->res,
			      "its notification is lost when the run is killed "
			      "at step %zu",
			      step);
	}
}

static void check_end(struct simulation *s, const struct host *h,
		      const struct tally *t, size_t step)
{
	AUTO(arena_release) struct arena a = { 0 };
	const char *difference =
		host_snapshot_difference(h, s->record->picture, &a);

	if (difference)
		simulate_fail(s, "kill", NULL,
			      "killed at step %zu, the next run ends with "
			      "another host: %s",
			      step, difference);
	for (size_t i = 0; i < t->durable.n && !s->tally.durable.n; i++)
		simulate_fail(s, "kill",
			      catalog_find(&s->against.catalog,
					   t->durable.v[i].target),
			      "killed at step %zu, its notification stays owed",
			      step);
}

static void kill_at(struct simulation *s, size_t step)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct pass killed = { .simulation = s }, next = { .simulation = s };
	struct host *h = host_snapshot(s->record->json, &ignored);
	struct tally t = { .forgets = s->forgets };
	struct plan rest;

	if (!h)
		return;
	tally_begin(&t, h, step);
	pass_run(&killed, s->first.plan, h, &t);
	tally_begin(&t, h, 0);
	if (pass_plan(s, &rest, h, &t, &ignored)) {
		pass_run(&next, &rest, h, &t);
		check_renewed(s, &killed, &next, step);
		check_end(s, h, &t, step);
	}
	s->kills++;
	tally_release(&t);
	host_close(h);
}

/* What one kill takes of memory is not needed for the next. */
void simulate_kills(struct simulation *s)
{
	struct moments m = choose(s, s->tally.steps);
	size_t before = json_array_size(s->failures);
	struct catalog catalog = s->against.catalog;

	/* one tells enough: the next may well be the same */
	for (size_t i = 0; i < m.n && json_array_size(s->failures) == before;
	     i++) {
		AUTO(arena_release) struct arena scratch = { 0 };

		s->against.catalog.arena = &scratch;
		kill_at(s, m.v[i]);
		s->against.catalog = catalog;
	}
}
