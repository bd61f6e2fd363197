/* SPDX-License-Identifier: MIT */
#include "lib/simulate/tally.h"

#include <string.h>

/* Whether the run lives on. */
static bool step(struct tally *t)
{
	t->steps++;
	if (t->kill_at && t->steps >= t->kill_at)
		t->killed = true;
	return !t->killed;
}

static bool may_write(void *tally)
{
	return step(tally);
}

static size_t find(const struct tally_debts *l, const char *target,
		   const char *cause)
{
	size_t i = 0;

	while (i < l->n && (strcmp(l->v[i].target, target) != 0 ||
			    (cause && strcmp(l->v[i].cause, cause) != 0)))
		i++;
	return i;
}

static void add(struct tally *t, struct tally_debts *l,
		const struct tally_debt *debt)
{
	l->v = arena_grow(&t->arena, l->v, l->n, &l->capacity, sizeof(*l->v));
	l->v[l->n++] = *debt;
}

static void drop(struct tally_debts *l, size_t i)
{
	memmove(&l->v[i], &l->v[i + 1], (l->n - i - 1) * sizeof(*l->v));
	l->n--;
}

static void copy(struct tally *t, const struct tally_debts *from,
		 struct tally_debts *to)
{
	to->n = 0;
	for (size_t i = 0; i < from->n; i++)
		add(t, to, &from->v[i]);
}

static bool owe(void *tally, const char *target, const char *cause,
		struct diags *d)
{
	struct tally *t = tally;

	(void)d;
	if (!t->killed && !t->forgets &&
	    find(&t->now, target, cause) == t->now.n)
		add(t, &t->now,
		    &(struct tally_debt){ arena_strdup(&t->arena, target),
					  arena_strdup(&t->arena, cause),
					  t->run });
	return true;
}

/* What an earlier run left is not this one's to forgive. */
static bool forgive(void *tally, const char *target, const char *cause,
		    struct diags *d)
{
	struct tally *t = tally;
	size_t i = find(&t->now, target, cause);

	(void)d;
	if (!t->killed && i < t->now.n && t->now.v[i].run == t->run)
		drop(&t->now, i);
	return true;
}

static bool paid(void *tally, const char *target, struct diags *d)
{
	struct tally *t = tally;
	size_t i;

	(void)d;
	while (!t->killed && (i = find(&t->now, target, NULL)) < t->now.n)
		drop(&t->now, i);
	return true;
}

static bool sync(void *tally, struct diags *d)
{
	struct tally *t = tally;

	if (!step(t))
		return diag_error(d, "killed");
	copy(t, &t->now, &t->durable);
	return true;
}

void tally_begin(struct tally *t, struct host *h, size_t kill_at)
{
	copy(t, &t->durable, &t->now);
	t->run++;
	t->steps = 0;
	t->kill_at = kill_at;
	t->killed = false;
	host_snapshot_watch(h, may_write, t);
}

struct ledger tally_ledger(struct tally *t)
{
	return (struct ledger){ .context = t,
				.owe = owe,
				.forgive = forgive,
				.paid = paid,
				.sync = sync };
}

struct owed *tally_owed(const struct tally *t, struct arena *a, size_t *n)
{
	const struct tally_debts *l = &t->durable;
	struct owed *v = arena_array(a, struct owed, l->n);

	*n = 0;
	for (size_t i = 0; i < l->n; i++)
		if (find(l, l->v[i].target, NULL) == i)
			v[(*n)++] = (struct owed){
				.target = arena_strdup(a, l->v[i].target),
				.since = "the run that was killed",
				.ours = true
			};
	return v;
}

void tally_release(struct tally *t)
{
	arena_release(&t->arena);
	*t = (struct tally){ 0 };
}
