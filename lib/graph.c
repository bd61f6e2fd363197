/* SPDX-License-Identifier: MIT */
#include "lib/graph.h"

#include <stdint.h>
#include <string.h>

#include "lib/text/escape.h"

enum { EDGES_MAX = 1000000, CYCLE_SHOWN = 10 };

/* --- edges --- */

static void add_edge(struct graph *g, struct edge edge)
{
	if (edge.from == edge.to && !edge.stated)
		return;
	g->edges = arena_grow(g->catalog->arena, g->edges, g->n, &g->capacity,
			      sizeof(*g->edges));
	g->edges[g->n++] = edge;
}

struct edges {
	struct graph *graph;
	const struct resource *of;
};

void edges_after(struct edges *e, const char *id, const char *reason)
{
	const struct resource *other = catalog_find(e->graph->catalog, id);

	if (other)
		add_edge(e->graph, (struct edge){ .from = other->index,
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
	add_edge(e->graph, edge);
}

void edges_after_path(struct edges *e, const char *path, bool or_equal,
		      const char *reason)
{
	const struct catalog *c = e->graph->catalog;
	size_t n = strlen(path);
	const struct resource *above;

	if (!or_equal)
		n = path_parent(path);
	for (;; n = path_parent(path)) {
		above = map_getn(&c->by_path, path, n);
		if (above && above != e->of) {
			add_path_edge(e, above, reason);
			return;
		}
		if (n <= 1)
			return;
		/* path_parent looks at text: cut it where we stand */
		path = arena_strndup(c->arena, path, n);
	}
}

/* --- stated edges --- */

struct statement {
	const char *attribute;
	size_t offset;
	bool forward; /* the resource named comes after this one */
	bool notifies;
};

static const struct statement statements[] = {
	{ "require", offsetof(struct common, require), false, false },
	{ "before", offsetof(struct common, before), true, false },
	{ "notify", offsetof(struct common, notify), true, true },
	{ "subscribe", offsetof(struct common, subscribe), false, true },
};

static bool unknown_reference(const struct graph *g, const struct resource *res,
			      const struct statement *s, const char *id,
			      struct diags *d)
{
	const struct catalog *c = g->catalog;
	struct strings ids = { 0 };
	const char *near;

	/* a suggestion is worth a look at a catalog of usual size */
	for (size_t i = 0; i < c->n && i < 5000; i++)
		strings_add(&ids, c->arena, c->v[i]->id);
	near = strings_nearest(id, &ids);
	diag_error_at(
		d,
		manifest_place(c->manifest,
			       manifest_attribute(c->manifest, res->pointer,
						  res->id, s->attribute),
			       SOURCE_AT_VALUE),
		"'%s' names '%s', which is not there%s%s%s", s->attribute, id,
		near ? "; did you mean \"" : "", near ? near : "",
		near ? "\"?" : "");
	d->v[d->n - 1].subject = arena_strdup(&d->arena, res->id);
	return false;
}

static bool add_stated(struct graph *g, const struct resource *res,
		       const struct statement *s, struct diags *d)
{
	const struct strings *ids =
		(const void *)((const char *)&res->common + s->offset);
	bool ok = true;

	for (size_t i = 0; i < ids->n; i++) {
		const struct resource *other =
			catalog_find(g->catalog, ids->v[i]);
		struct edge edge = { .notifies = s->notifies,
				     .stated = true,
				     .reason = s->attribute,
				     .pointer = res->pointer };

		if (!other) {
			ok = unknown_reference(g, res, s, ids->v[i], d);
			continue;
		}
		edge.from = s->forward ? res->index : other->index;
		edge.to = s->forward ? other->index : res->index;
		add_edge(g, edge);
	}
	return ok;
}

static bool collect(struct graph *g, struct diags *d)
{
	const struct catalog *c = g->catalog;
	bool ok = true;

	for (size_t i = 0; i < c->n; i++) {
		struct edges e = { g, c->v[i] };

		for (size_t j = 0; j < COUNT(statements); j++)
			ok &= add_stated(g, c->v[i], &statements[j], d);
		if (c->v[i]->from)
			add_edge(g, (struct edge){ .from = c->v[i]->from->index,
						   .to = i,
						   .reason = "it is part of" });
		if (c->v[i]->module->edges)
			c->v[i]->module->edges(c->v[i]->want, &e);
	}
	if (g->n > EDGES_MAX)
		return diag_error(d, "more than %d edges between resources",
				  EDGES_MAX);
	return ok;
}

/* Counting sort by where edges lead to; keeps their order. */
static void index_edges(struct graph *g)
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

/* --- order --- */

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

/* Edges by where they come from. */
struct outgoing {
	size_t *first, *edges;
};

static struct outgoing index_outgoing(const struct graph *g)
{
	size_t n = g->catalog->n;
	struct arena *a = g->catalog->arena;
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

/* Kahn's algorithm; returns how many resources could be ordered. */
static size_t sort(struct graph *g)
{
	struct arena *a = g->catalog->arena;
	size_t n = g->catalog->n, done = 0;
	struct outgoing out = index_outgoing(g);
	size_t *waiting = arena_array(a, size_t, n);
	struct heap ready = { arena_array(a, size_t, n), 0 };

	g->order = arena_array(a, size_t, n);
	g->position = arena_array(a, size_t, n);
	for (size_t i = 0; i < n; i++) {
		waiting[i] = g->first[i + 1] - g->first[i];
		g->position[i] = SIZE_MAX;
		if (!waiting[i])
			heap_push(&ready, i);
	}
	while (ready.n) {
		size_t next = heap_pop(&ready);

		g->position[next] = done;
		g->order[done++] = next;
		for (size_t i = out.first[next]; i < out.first[next + 1]; i++) {
			size_t to = g->edges[out.edges[i]].to;

			if (!--waiting[to])
				heap_push(&ready, to);
		}
	}
	return done;
}

/*
 * Some cycle among what could not be ordered: every such resource has an edge
 * from another, so that walking back along them must come round. cycle gets
 * the edges, against their direction.
 */
static size_t find_cycle(const struct graph *g, size_t *cycle)
{
	struct arena *a = g->catalog->arena;
	size_t n = g->catalog->n, at = 0, length = 0;
	size_t *seen = arena_array(a, size_t, n); /* 1 + where in the walk */

	while (g->position[at] != SIZE_MAX)
		at++;
	while (!seen[at]) {
		size_t e = g->first[at];

		while (g->position[g->edges[e].from] != SIZE_MAX)
			e++;
		seen[at] = length + 1;
		cycle[length++] = e;
		at = g->edges[e].from;
	}
	memmove(cycle, cycle + seen[at] - 1,
		(length - seen[at] + 1) * sizeof(*cycle));
	return length - seen[at] + 1;
}

/* Where a stated edge is stated. */
static const char *statement_of(const struct graph *g, const struct edge *e)
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
			at = manifest_place(c->manifest, statement_of(g, e),
					    SOURCE_AT_KEY);
		buf_printf(&b, " -> %s (%s, %s:%zu:%zu)", c->v[e->to]->id,
			   e->reason, at.file, at.line, at.column);
	}
	diag_error_at(d, resource_place(c, c->v[first->from]), "%s", b.text);
}

/* Takes an implied edge out of the cycle; false: all of it is stated. */
static bool relax(struct graph *g, const size_t *cycle, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (g->edges[cycle[i]].stated)
			continue;
		memmove(&g->edges[cycle[i]], &g->edges[cycle[i] + 1],
			(g->n - cycle[i] - 1) * sizeof(*g->edges));
		g->n--;
		index_edges(g);
		return true;
	}
	return false;
}

static bool check_self(const struct graph *g, struct diags *d)
{
	bool ok = true;

	for (size_t i = 0; i < g->n; i++) {
		const struct edge *e = &g->edges[i];

		if (e->from != e->to)
			continue;
		ok = diag_error_at(d,
				   manifest_place(g->catalog->manifest,
						  statement_of(g, e),
						  SOURCE_AT_VALUE),
				   "'%s' names the resource itself", e->reason);
		d->v[d->n - 1].subject =
			arena_strdup(&d->arena, g->catalog->v[e->to]->id);
	}
	return ok;
}

bool graph_build(struct graph *g, const struct catalog *c, struct diags *d)
{
	size_t *cycle;

	*g = (struct graph){ .catalog = c };
	if (!collect(g, d) || !check_self(g, d))
		return false;
	index_edges(g);
	cycle = arena_array(c->arena, size_t, c->n);
	while (sort(g) < c->n) {
		size_t n = find_cycle(g, cycle);

		if (relax(g, cycle, n))
			continue;
		describe_cycle(g, cycle, n, d);
		return false;
	}
	return true;
}

/* --- as a document --- */

json_t *graph_json(const struct graph *g)
{
	const struct catalog *c = g->catalog;
	json_t *resources = json_array(), *edges = json_array();

	for (size_t i = 0; i < c->n; i++) {
		const struct resource *res = c->v[g->order[i]];
		struct place at = resource_place(c, res);

		json_array_append_new(
			resources,
			json_pack("{s:s, s:s, s:s, s:{s:s, s:I}}", "id",
				  res->id, "type", res->module->name, "name",
				  res->name, "origin", "file", at.file, "line",
				  (json_int_t)at.line));
	}
	for (size_t i = 0; i < g->n; i++) {
		const struct edge *e = &g->edges[i];

		json_array_append_new(edges,
				      json_pack("{s:s, s:s, s:s, s:b, s:b}",
						"from", c->v[e->from]->id, "to",
						c->v[e->to]->id, "reason",
						e->reason, "stated", e->stated,
						"notifies", e->notifies));
	}
	return json_pack("{s:s, s:s, s:o, s:o}", "format", "converge.graph/1",
			 "host", c->manifest->host, "resources", resources,
			 "edges", edges);
}

/* A quoted string of DOT: only quotes and backslashes are special. */
static void dot_string(struct buf *b, const char *text)
{
	AUTO_BUF struct buf safe = { 0 };

	escape_text(&safe, text, strlen(text), false);
	buf_putc(b, '"');
	for (const char *p = buf_text(&safe); *p; p++) {
		if (*p == '"' || *p == '\\')
			buf_putc(b, '\\');
		buf_putc(b, *p);
	}
	buf_putc(b, '"');
}

void graph_dot(const struct graph *g, struct buf *b)
{
	const struct catalog *c = g->catalog;

	buf_puts(b, "digraph ");
	dot_string(b, c->manifest->host);
	buf_puts(b, " {\n\trankdir=LR;\n\tnode [shape=box, "
		    "fontname=\"sans-serif\"];\n");
	for (size_t i = 0; i < c->n; i++) {
		buf_putc(b, '\t');
		dot_string(b, c->v[g->order[i]]->id);
		buf_puts(b, ";\n");
	}
	for (size_t i = 0; i < g->n; i++) {
		const struct edge *e = &g->edges[i];

		buf_putc(b, '\t');
		dot_string(b, c->v[e->from]->id);
		buf_puts(b, " -> ");
		dot_string(b, c->v[e->to]->id);
		buf_printf(b, " [label=\"%s\"%s%s];\n", e->reason,
			   e->stated ? "" : ", style=dashed",
			   e->notifies ? ", color=blue" : "");
	}
	buf_puts(b, "}\n");
}
