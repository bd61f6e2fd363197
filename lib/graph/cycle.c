/* SPDX-License-Identifier: MIT */
/* What goes round, and the edge that is left out for it. */
#include <string.h>

#include "lib/graph/parts.h"

enum { CYCLE_SHOWN = 10 };

/*
 * Kahn's algorithm again, for a graph that it could not order: where it stands
 * still an implied edge of a cycle is left out, and it goes on. The work is
 * linear in the edges and in the length of the cycles found.
 */
struct untying {
	struct graph *graph;
	struct outgoing out;
	bool *dropped;   /* by edge */
	bool *done;      /* by resource, as all of the following */
	size_t *waiting; /* edges that still lead to it */
	size_t *next;    /* the first of its edges that may still do */
	size_t *seen;    /* 1 + where in the walk */
	size_t *ready, nready;
	size_t first; /* all before it are done */
	size_t *cycle, length;
};

static struct untying untying_begin(struct graph *g)
{
	struct arena *a = g->catalog->arena;
	size_t n = g->catalog->n;
	struct untying u = { .graph = g,
			     .out = graph_outgoing(g, a),
			     .dropped = arena_array(a, bool, g->n),
			     .done = arena_array(a, bool, n),
			     .waiting = arena_array(a, size_t, n),
			     .next = arena_memdup(a, g->first,
						  n * sizeof(*g->first)),
			     .seen = arena_array(a, size_t, n),
			     .ready = arena_array(a, size_t, n),
			     .cycle = arena_array(a, size_t, n) };

	for (size_t i = 0; i < n; i++) {
		u.waiting[i] = g->first[i + 1] - g->first[i];
		if (!u.waiting[i])
			u.ready[u.nready++] = i;
	}
	return u;
}

static void untying_loosen(struct untying *u, size_t e)
{
	size_t to = u->graph->edges[e].to;

	if (!--u->waiting[to])
		u->ready[u->nready++] = to;
}

static void untying_run(struct untying *u)
{
	while (u->nready) {
		size_t at = u->ready[--u->nready];

		u->done[at] = true;
		for (size_t i = u->out.first[at]; i < u->out.first[at + 1]; i++)
			if (!u->dropped[u->out.edges[i]])
				untying_loosen(u, u->out.edges[i]);
	}
}

/* An edge that holds a resource back. */
static size_t untying_edge(struct untying *u, size_t to)
{
	const struct edge *edges = u->graph->edges;

	while (u->dropped[u->next[to]] || u->done[edges[u->next[to]].from])
		u->next[to]++;
	return u->next[to];
}

/*
 * Some cycle among what could not be ordered: every such resource has an edge
 * from another, so that walking back along them must come round. The edges of
 * the cycle stand against their direction.
 */
static void untying_find(struct untying *u)
{
	const struct edge *edges = u->graph->edges;
	size_t n = 0, at = u->first, from;

	while (!u->seen[at]) {
		u->seen[at] = n + 1;
		u->cycle[n] = untying_edge(u, at);
		at = edges[u->cycle[n++]].from;
	}
	from = u->seen[at] - 1;
	for (size_t i = 0; i < n; i++)
		u->seen[edges[u->cycle[i]].to] = 0;
	u->length = n - from;
	memmove(u->cycle, u->cycle + from, u->length * sizeof(*u->cycle));
}

/* Leaves an implied edge of the cycle out, a weak one if there is one; false:
 * all of it is stated. */
static bool untying_drop(struct untying *u)
{
	const struct edge *edges = u->graph->edges;
	size_t found = u->length;

	for (size_t i = 0; i < u->length; i++) {
		const struct edge *e = &edges[u->cycle[i]];

		if (!e->stated && (found == u->length || e->weak))
			found = i;
		if (e->weak)
			break;
	}
	if (found == u->length)
		return false;
	u->dropped[u->cycle[found]] = true;
	untying_loosen(u, u->cycle[found]);
	return true;
}

/* Where a stated edge is stated. */
const char *graph_statement(const struct graph *g, const struct edge *e)
{
	const struct catalog *c = g->catalog;
	const struct resource *to = c->v[e->to], *from = c->v[e->from];

	return manifest_attribute(c->manifest, e->pointer,
				  e->pointer == to->pointer ? to->id : from->id,
				  e->reason);
}

static void describe_cycle(const struct graph *g, const size_t *cycle, size_t n,
			   struct diags *d)
{
	const struct catalog *c = g->catalog;
	const struct edge *first = &g->edges[cycle[n - 1]];
	AUTO_BUF struct buf b = { 0 };

	buf_printf(&b, "dependency cycle: %s", c->v[first->from]->id);
	for (size_t i = n; i-- > 0;) {
		const struct edge *e = &g->edges[cycle[i]];
		struct place at = manifest_place(
			c->manifest, c->v[e->to]->pointer, SOURCE_AT_KEY);

		if (n > CYCLE_SHOWN && i < n - CYCLE_SHOWN && i > 0)
			continue;
		if (n > CYCLE_SHOWN && i == 0)
			buf_printf(&b, " -> ... (%zu in all)", n);
		if (e->pointer)
			at = manifest_place(c->manifest, graph_statement(g, e),
					    SOURCE_AT_KEY);
		buf_printf(&b, " -> %s (%s, %s:%zu:%zu)", c->v[e->to]->id,
			   e->reason, at.file, at.line, at.column);
	}
	diag_error_at(d, resource_place(c, c->v[first->from]), "%s", b.text);
}

bool graph_untie(struct graph *g, struct diags *d)
{
	struct untying u = untying_begin(g);
	size_t n = g->catalog->n, kept = 0;

	for (;;) {
		untying_run(&u);
		while (u.first < n && u.done[u.first])
			u.first++;
		if (u.first == n)
			break;
		untying_find(&u);
		if (untying_drop(&u))
			continue;
		describe_cycle(g, u.cycle, u.length, d);
		return false;
	}
	for (size_t e = 0; e < g->n; e++)
		if (!u.dropped[e])
			g->edges[kept++] = g->edges[e];
	g->n = kept;
	graph_index(g);
	return true;
}
