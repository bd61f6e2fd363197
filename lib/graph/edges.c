/* SPDX-License-Identifier: MIT */
/* The edges that types state for what they manage: see module.h. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/path.h"
#include "lib/graph/parts.h"

void graph_add_edge(struct graph *g, struct edge edge)
{
	if (edge.from == edge.to && !edge.stated)
		return;
	g->edges = arena_grow(g->catalog->arena, g->edges, g->n, &g->capacity,
			      sizeof(*g->edges));
	g->edges[g->n++] = edge;
}

static void add_after(struct edges *e, const char *id, struct edge edge)
{
	const struct resource *other = catalog_find(e->graph->catalog, id);

	if (!other)
		return;
	edge.from = other->index;
	edge.to = e->of->index;
	graph_add_edge(e->graph, edge);
}

void edges_after(struct edges *e, const char *id, const char *reason)
{
	add_after(e, id, (struct edge){ .reason = reason });
}

void edges_rather_after(struct edges *e, const char *id, const char *reason)
{
	add_after(e, id, (struct edge){ .reason = reason, .weak = true });
}

void edges_before(struct edges *e, const char *id, const char *reason)
{
	const struct resource *other = catalog_find(e->graph->catalog, id);

	if (other)
		graph_add_edge(e->graph, (struct edge){ .from = e->of->index,
							.to = other->index,
							.reason = reason });
}

static void find_typed(struct edges *e, const char *type)
{
	const struct catalog *c = e->graph->catalog;

	e->type = type;
	e->typed = arena_array(c->arena, size_t, c->n);
	e->ntyped = 0;
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->v[i]->module->name, type) == 0)
			e->typed[e->ntyped++] = i;
}

void edges_after_type(struct edges *e, const char *type, const char *reason)
{
	if (!e->type || strcmp(e->type, type) != 0)
		find_typed(e, type);
	for (size_t i = 0; i < e->ntyped && e->graph->n <= EDGES_MAX; i++)
		graph_add_edge(e->graph, (struct edge){ .from = e->typed[i],
							.to = e->of->index,
							.reason = reason });
}

/* What is to go lets go of what is below it first. */
static void add_path_edge(struct edges *e, const struct resource *above,
			  const char *reason)
{
	struct edge edge = { .from = above->index,
			     .to = e->of->index,
			     .reason = reason };

	if (resource_absent(above)) {
		edge.from = e->of->index;
		edge.to = above->index;
		edge.reason = "it is below";
	}
	graph_add_edge(e->graph, edge);
}

void edges_after_path(struct edges *e, const char *path, bool or_equal,
		      const char *reason)
{
	const struct catalog *c = e->graph->catalog;
	size_t n = or_equal ? strlen(path) : path_parent(path);
	const struct resource *above;

	for (;; n = path_parent_of(path, n)) {
		above = map_getn(&c->by_path, path, n);
		if (above && above != e->of) {
			add_path_edge(e, above, reason);
			return;
		}
		if (n <= 1)
			return;
	}
}

struct path_row {
	const char *path;
	const struct resource *res;
};

static int compare_paths(const void *a, const void *b)
{
	const struct path_row *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void sort_paths(const struct catalog *c, struct by_path *b)
{
	b->v = arena_array(c->arena, struct path_row, c->n);
	for (size_t i = 0; i < c->n; i++)
		if (resource_path(c->v[i]))
			b->v[b->n++] =
				(struct path_row){ resource_path(c->v[i]),
						   c->v[i] };
	if (b->n)
		qsort(b->v, b->n, sizeof(*b->v), compare_paths);
	b->ready = true;
}

/* The first whose path is not less. */
static size_t first_path(const struct by_path *b, const char *path)
{
	size_t low = 0, high = b->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(b->v[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void edges_after_below(struct edges *e, const char *path, const char *reason)
{
	struct by_path *b = e->by_path;
	size_t n = strlen(path);

	if (!b->ready)
		sort_paths(e->graph->catalog, b);
	/* those that begin so stand together, what is below among them */
	for (size_t i = first_path(b, path);
	     i < b->n && strncmp(b->v[i].path, path, n) == 0; i++) {
		const struct resource *other = b->v[i].res;
		bool absent = resource_absent(other);

		if (path_below(b->v[i].path, path, true))
			graph_add_edge(
				e->graph,
				(struct edge){ .from = absent ? e->of->index
							      : other->index,
					       .to = absent ? other->index
							    : e->of->index,
					       .reason = reason });
	}
}

void edges_before_below(struct edges *e, const char *path, const char *reason)
{
	struct by_path *b = e->by_path;
	size_t n = strlen(path);

	if (!b->ready)
		sort_paths(e->graph->catalog, b);
	for (size_t i = first_path(b, path);
	     i < b->n && strncmp(b->v[i].path, path, n) == 0; i++)
		if (b->v[i].res != e->of &&
		    path_below(b->v[i].path, path, false))
			graph_add_edge(e->graph,
				       (struct edge){ .from = e->of->index,
						      .to = b->v[i].res->index,
						      .reason = reason });
}
