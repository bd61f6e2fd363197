/* SPDX-License-Identifier: MIT */
#include "lib/graph/parts.h"

static bool check_self(const struct graph *g, struct diags *d)
{
	bool ok = true;

	for (size_t i = 0; i < g->n; i++) {
		const struct edge *e = &g->edges[i];

		if (e->from != e->to)
			continue;
		d->subject = g->catalog->v[e->to]->id;
		ok = diag_error_at(d,
				   manifest_place(g->catalog->manifest,
						  graph_statement(g, e),
						  SOURCE_AT_VALUE),
				   "'%s' names the resource itself", e->reason);
	}
	d->subject = NULL;
	return ok;
}

/* What is to be absent changes no more once it is. */
static void tell_notified(const struct graph *g)
{
	const struct catalog *c = g->catalog;

	for (size_t e = 0; e < g->n; e++) {
		const struct resource *from = c->v[g->edges[e].from];
		const struct resource *to = c->v[g->edges[e].to];

		if (g->edges[e].notifies && to->module->notified &&
		    resource_path(from) && !resource_absent(from))
			to->module->notified(to->want, resource_path(from),
					     c->arena);
	}
}

bool graph_build(struct graph *g, const struct catalog *c, struct diags *d)
{
	bool whole;

	*g = (struct graph){ .catalog = c };
	whole = graph_collect(g, d);
	if (!check_self(g, d) || !whole)
		return false;
	graph_index(g);
	tell_notified(g);
	if (graph_sort(g) == c->n)
		return true;
	if (!graph_untie(g, d))
		return false;
	graph_sort(g);
	return true;
}

/* What leads to i in g; but what leads to the start of an edge that is turned
 * leads to its end as well. */
static void turn_around(struct graph *t, const struct graph *g, size_t i,
			const bool *turns, struct span *spans)
{
	spans[i].from = t->n;
	for (size_t e = g->first[i]; e < g->first[i + 1]; e++) {
		const struct span *above = &spans[g->edges[e].from];

		if (!turns[e])
			graph_add_edge(t, g->edges[e]);
		for (size_t k = above->from; turns[e] && k < above->to; k++) {
			struct edge edge = t->edges[k];

			edge.to = i;
			edge.stated = edge.notifies = false;
			edge.pointer = NULL;
			edge.weak = true;
			graph_add_edge(t, edge);
		}
	}
	spans[i].to = t->n;
}

void graph_turn(struct graph *t, const struct graph *g, const bool *turns,
		const char *reason)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	const struct catalog *c = g->catalog;
	struct span *spans = arena_array(c->arena, struct span, c->n);

	*t = (struct graph){ .catalog = c };
	for (size_t k = 0; k < c->n; k++)
		turn_around(t, g, g->order[k], turns, spans);
	for (size_t e = 0; e < g->n; e++)
		if (turns[e])
			graph_add_edge(t, (struct edge){ .from = g->edges[e].to,
							 .to = g->edges[e].from,
							 .weak = true,
							 .reason = reason });
	graph_index(t);
	/* a cycle has a turned edge, as g has none */
	if (graph_sort(t) == c->n)
		return;
	if (graph_untie(t, &ignored))
		graph_sort(t);
	else
		*t = *g;
}
