/* SPDX-License-Identifier: MIT */
/* What is written down before it is done, and what is owed to whom. */
#include <stdlib.h>

#include "lib/apply/parts.h"

static int compare_from(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

void applying_index(struct applying *p)
{
	const struct graph *g = p->plan->graph;
	struct resource *const *v = g->catalog->v;

	/* to what cannot be refreshed nobody could ever pay */
	p->notifying = arena_array(p->arena, struct edge, g->n);
	for (size_t e = 0; e < g->n; e++)
		if (g->edges[e].notifies && resource_heeds(v[g->edges[e].to]))
			p->notifying[p->nnotifying++] = g->edges[e];
	qsort(p->notifying, p->nnotifying, sizeof(*p->notifying), compare_from);
}

static size_t first_notifying(const struct applying *p, size_t from)
{
	size_t low = 0, high = p->nnotifying;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->notifying[middle].from < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool applying_each_notified(struct applying *p, const struct change *c,
			    bool (*f)(void *, const char *, const char *,
				      struct diags *))
{
	const struct catalog *catalog = p->plan->graph->catalog;
	size_t from = index_of(p, c);
	bool ok = true;

	if (!f)
		return true;
	for (size_t e = first_notifying(p, from);
	     ok && e < p->nnotifying && p->notifying[e].from == from; e++)
		ok = f(p->options->ledger.context,
		       catalog->v[p->notifying[e].to]->id, c->res->id,
		       p->diags);
	return ok;
}

bool applying_sync(struct applying *p)
{
	const struct ledger *l = &p->options->ledger;

	return !l->sync || l->sync(l->context, p->diags);
}

bool applying_intends(struct applying *p, size_t from)
{
	const struct ledger *l = &p->options->ledger;
	bool ok = true;

	for (size_t i = from; ok && i < p->applied->n; i++) {
		const struct change *c = p->applied->v[i];

		if (l->planned)
			ok = l->planned(l->context, i, c, p->diags);
		if (ok && !c->withheld && !c->failed && !c->skipped &&
		    !c->refresh && c->action != ACTION_UNKNOWN)
			ok = applying_each_notified(p, c, l->owe);
	}
	return ok && applying_sync(p);
}

bool applying_forget(struct applying *p)
{
	const struct ledger *l = &p->options->ledger;
	bool ok = true;

	for (size_t i = 0; ok && l->paid && i < p->plan->forgotten.n; i++)
		ok = l->paid(l->context, p->plan->forgotten.v[i], p->diags);
	return ok;
}

bool applying_owes(struct applying *p, const struct change *c)
{
	size_t e = first_notifying(p, index_of(p, c));

	return e == p->nnotifying || p->notifying[e].from != index_of(p, c) ||
	       (applying_each_notified(p, c, p->options->ledger.owe) &&
		applying_sync(p));
}
