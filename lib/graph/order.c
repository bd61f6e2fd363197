/* SPDX-License-Identifier: MIT */
/* The order in which resources come. */
#include <stdint.h>

#include "lib/graph/parts.h"

/* Counting sort by where edges lead to; keeps their order. */
void graph_index(struct graph *g)
{
	size_t n = g->catalog->n;
	struct edge *sorted = arena_array(g->catalog->arena, struct edge, g->n);
	size_t *at;

	g->first = arena_array(g->catalog->arena, size_t, n + 2);
	for (size_t i = 0; i < g->n; i++)
		g->first[g->edges[i].to + 1]++;
	for (size_t i = 0; i < n; i++)
		g->first[i + 1] += g->first[i];
	at = arena_memdup(g->catalog->arena, g->first, (n + 1) * sizeof(*at));
	for (size_t i = 0; i < g->n; i++)
		sorted[at[g->edges[i].to]++] = g->edges[i];
	g->edges = sorted;
	g->capacity = g->n;
}

/* A heap of resource indexes: the first in the manifest comes out first. */
struct heap {
	size_t *v, n;
};

static void heap_push(struct heap *h, size_t x)
{
	size_t i = h->n++;

	for (; i && h->v[(i - 1) / 2] > x; i = (i - 1) / 2)
		h->v[i] = h->v[(i - 1) / 2];
	h->v[i] = x;
}

static size_t heap_pop(struct heap *h)
{
	size_t top = h->v[0], x = h->v[--h->n], i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < h->n && h->v[child + 1] < h->v[child])
			child++;
		if (child >= h->n || h->v[child] >= x)
			break;
		h->v[i] = h->v[child];
		i = child;
	}
	h->v[i] = x;
	return top;
}

struct outgoing graph_outgoing(const struct graph *g, struct arena *a)
{
	size_t n = g->catalog->n;
	struct outgoing out = { arena_array(a, size_t, n + 2),
				arena_array(a, size_t, g->n) };
	size_t *at;

	for (size_t i = 0; i < g->n; i++)
		out.first[g->edges[i].from + 1]++;
	for (size_t i = 0; i < n; i++)
		out.first[i + 1] += out.first[i];
	at = arena_memdup(a, out.first, (n + 1) * sizeof(*at));
	for (size_t i = 0; i < g->n; i++)
		out.edges[at[g->edges[i].from]++] = i;
	return out;
}

/* Whether a resource is early, or needed by one that is: those go first. */
static bool *find_early(const struct graph *g)
{
	struct arena *a = g->catalog->arena;
	size_t n = g->catalog->n, nwalk = 0;
	bool *early = arena_array(a, bool, n);
	size_t *walk = arena_array(a, size_t, n);

	for (size_t i = 0; i < n; i++) {
		early[i] = g->catalog->v[i]->module->early;
		if (early[i])
			walk[nwalk++] = i;
	}
	while (nwalk) {
		size_t i = walk[--nwalk];

		for (size_t e = g->first[i]; e < g->first[i + 1]; e++) {
			size_t from = g->edges[e].from;

			if (!early[from])
				walk[nwalk++] = from;
			early[from] = true;
		}
	}
	return early;
}

/* Kahn's algorithm; returns how many resources could be ordered. */
size_t graph_sort(struct graph *g)
{
	struct arena *a = g->catalog->arena;
	size_t n = g->catalog->n, done = 0;
	struct outgoing out = graph_outgoing(g, a);
	size_t *waiting = arena_array(a, size_t, n);
	struct heap ready = { arena_array(a, size_t, n), 0 };
	const bool *early = find_early(g);

	/* in the heap, the early ones have the lower numbers */
	g->order = arena_array(a, size_t, n);
	g->position = arena_array(a, size_t, n);
	for (size_t i = 0; i < n; i++) {
		waiting[i] = g->first[i + 1] - g->first[i];
		g->position[i] = SIZE_MAX;
		if (!waiting[i])
			heap_push(&ready, early[i] ? i : i + n);
	}
	while (ready.n) {
		size_t next = heap_pop(&ready) % n;

		g->position[next] = done;
		g->order[done++] = next;
		for (size_t i = out.first[next]; i < out.first[next + 1]; i++) {
			size_t to = g->edges[out.edges[i]].to;

			if (!--waiting[to])
				heap_push(&ready, early[to] ? to : to + n);
		}
	}
	return done;
}
