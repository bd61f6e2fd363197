/* SPDX-License-Identifier: MIT */
#include "lib/graph.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/path.h"
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

struct path_row {
	const char *path;
	const struct resource *res;
};

/* What manages paths, sorted by them, once somebody asks for that. */
struct by_path {
	bool ready;
	struct path_row *v;
	size_t n;
};

struct edges {
	struct graph *graph;
	const struct resource *of;
	struct by_path *by_path;
	const char *type; /* that was asked for last, or NULL */
	size_t *typed;    /* indexes of the resources of that type */
	size_t ntyped;
};

static void add_after(struct edges *e, const char *id, struct edge edge)
{
	const struct resource *other = catalog_find(e->graph->catalog, id);

	if (!other)
		return;
	edge.from = other->index;
	edge.to = e->of->index;
	add_edge(e->graph, edge);
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
		add_edge(e->graph, (struct edge){ .from = e->of->index,
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
		add_edge(e->graph, (struct edge){ .from = e->typed[i],
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
			add_edge(e->graph,
				 (struct edge){ .from = absent ? e->of->index
							       : other->index,
						.to = absent ? other->index
							     : e->of->index,
						.reason = reason });
	}
}

/* Edits of one file come in manifest order, unless there is a reason for
 * another; none needs another. */
static void add_edit_order(struct graph *g, const struct resource *res,
			   struct map *last)
{
	const char *path = resource_edits(res);
	const struct resource *before = path ? map_get(last, path) : NULL;

	if (before)
		add_edge(g, (struct edge){ .from = before->index,
					   .to = res->index,
					   .loose = true,
					   .weak = true,
					   .reason = "edits the same file" });
	if (path)
		map_put(last, g->catalog->arena, path, (void *)(uintptr_t)res);
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
			add_edge(e->graph,
				 (struct edge){ .from = e->of->index,
						.to = b->v[i].res->index,
						.reason = reason });
}

/* --- stated edges --- */

/* What a resource stands for: it follows in one piece in the catalog. */
struct span {
	size_t from, to;
};

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

/* Where the resource states it. */
static struct place statement_place(const struct graph *g,
				    const struct resource *res,
				    const char *attribute)
{
	struct manifest *m = g->catalog->manifest;

	return manifest_place(
		m, manifest_attribute(m, res->pointer, res->id, attribute),
		SOURCE_AT_VALUE);
}

static const struct strings *stated_ids(const struct resource *res,
					const struct statement *s)
{
	return (const void *)((const char *)&res->common + s->offset);
}

static bool unknown_reference(const struct graph *g, const struct resource *res,
			      const struct statement *s, const char *id,
			      struct diags *d)
{
	const struct catalog *c = g->catalog;
	AUTO(arena_release) struct arena a = { 0 };
	struct strings ids = { 0 };
	const char *near;

	/* one more that is only counted */
	if (d->n == DIAGS_MAX)
		return diag_error(d, "a reference to what is not there");
	/* a few suggestions are worth a look at a catalog of usual size */
	if (strings_have(&c->manifest->elsewhere, id)) {
		d->subject = res->id;
		diag_error_at(d, statement_place(g, res, s->attribute),
			      "'%s' names '%s', which its 'when' leaves out of "
			      "this host",
			      s->attribute, id);
		d->subject = NULL;
		return false;
	}
	for (size_t i = 0; i < c->n && i < 5000 && d->n < 100; i++)
		strings_add(&ids, &a, c->v[i]->id);
	for (size_t i = 0; i < c->nbroken && i < 1000 && d->n < 100; i++)
		strings_add(&ids, &a, c->broken[i]->id);
	near = strings_nearest(id, &ids);
	d->subject = res->id;
	diag_error_at(d, statement_place(g, res, s->attribute),
		      "'%s' names '%s', which is not there%s%s%s", s->attribute,
		      id, near ? "; did you mean \"" : "", near ? near : "",
		      near ? "\"?" : "");
	d->subject = NULL;
	return false;
}

/* Of a resource that has errors itself: are its references right at least? */
static bool check_stated(const struct graph *g, const struct resource *res,
			 struct diags *d)
{
	bool ok = true;

	for (size_t j = 0; j < COUNT(statements); j++) {
		const struct strings *ids = stated_ids(res, &statements[j]);

		for (size_t i = 0; i < ids->n; i++)
			if (!catalog_find(g->catalog, ids->v[i]) &&
			    !catalog_misses(g->catalog, ids->v[i]))
				ok = unknown_reference(g, res, &statements[j],
						       ids->v[i], d);
	}
	return ok;
}

static bool add_stated(struct graph *g, const struct resource *res,
		       const struct statement *s, struct diags *d)
{
	const struct strings *ids = stated_ids(res, s);
	bool ok = true;

	for (size_t i = 0; i < ids->n; i++) {
		const struct resource *other =
			catalog_find(g->catalog, ids->v[i]);
		struct edge edge = { .notifies = s->notifies,
				     .stated = true,
				     .reason = s->attribute,
				     .pointer = res->pointer };

		if (!other) {
			ok &= catalog_misses(g->catalog, ids->v[i]) ||
			      unknown_reference(g, res, s, ids->v[i], d);
			continue;
		}
		edge.from = s->forward ? res->index : other->index;
		edge.to = s->forward ? other->index : res->index;
		add_edge(g, edge);
	}
	return ok;
}

/* A folder and what it is copied from: what comes after the one comes after
 * all of the other, but for what is itself put into it. */
static void follow_parts(struct graph *g, size_t e, const struct span *parts)
{
	const struct catalog *c = g->catalog;
	struct edge edge = g->edges[e];
	const char *folder = resource_path(c->v[edge.from]),
		   *path = resource_path(c->v[edge.to]);

	if (!edge.stated || (folder && path && path_below(path, folder, true)))
		return;
	edge.stated = false;
	for (size_t i = parts->from; i < parts->to; i++) {
		edge.from = i;
		add_edge(g, edge);
	}
}

static void collect_parts(struct graph *g)
{
	const struct catalog *c = g->catalog;
	struct span *parts = arena_array(c->arena, struct span, c->n);
	size_t n = g->n;

	for (size_t i = 0; i < c->n; i++) {
		struct span *of;

		if (!c->v[i]->from)
			continue;
		of = &parts[c->v[i]->from->index];
		if (!of->to)
			of->from = i;
		of->to = i + 1;
	}
	for (size_t e = 0; e < n && g->n <= EDGES_MAX; e++)
		if (parts[g->edges[e].from].to)
			follow_parts(g, e, &parts[g->edges[e].from]);
}

/* edge is the first that is too much. */
static bool too_many(const struct graph *g, const struct edge *edge,
		     struct diags *d)
{
	const struct catalog *c = g->catalog;
	const char *pointer =
		edge->pointer ? edge->pointer : c->v[edge->to]->pointer;

	return diag_error_at(
		d, manifest_place(c->manifest, pointer, SOURCE_AT_KEY),
		"more than %d edges between resources", EDGES_MAX);
}

static bool collect(struct graph *g, struct diags *d)
{
	const struct catalog *c = g->catalog;
	struct by_path by_path = { 0 };
	struct edges e = { .graph = g, .by_path = &by_path };
	struct map edited = { 0 };
	bool ok = true;

	for (size_t i = 0; i < c->nbroken; i++)
		ok &= check_stated(g, c->broken[i], d);
	for (size_t i = 0; i < c->n && g->n <= EDGES_MAX; i++) {
		e.of = c->v[i];
		for (size_t j = 0; j < COUNT(statements); j++)
			ok &= add_stated(g, c->v[i], &statements[j], d);
		if (c->v[i]->from)
			add_edge(g, (struct edge){ .from = c->v[i]->from->index,
						   .to = i,
						   .reason = "it is part of" });
		if (c->v[i]->module->edges)
			c->v[i]->module->edges(c->v[i]->want, &e);
		add_edit_order(g, c->v[i], &edited);
	}
	collect_parts(g);
	return (g->n <= EDGES_MAX || too_many(g, &g->edges[EDGES_MAX], d)) &&
	       ok;
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
static size_t sort(struct graph *g)
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

/* --- cycles --- */

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

static bool untie(struct graph *g, struct diags *d)
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
	index_edges(g);
	return true;
}

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
						  statement_of(g, e),
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
	whole = collect(g, d);
	if (!check_self(g, d) || !whole)
		return false;
	index_edges(g);
	tell_notified(g);
	if (sort(g) == c->n)
		return true;
	if (!untie(g, d))
		return false;
	sort(g);
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
			add_edge(t, g->edges[e]);
		for (size_t k = above->from; turns[e] && k < above->to; k++) {
			struct edge edge = t->edges[k];

			edge.to = i;
			edge.stated = edge.notifies = false;
			edge.pointer = NULL;
			edge.weak = true;
			add_edge(t, edge);
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
			add_edge(t, (struct edge){ .from = g->edges[e].to,
						   .to = g->edges[e].from,
						   .weak = true,
						   .reason = reason });
	index_edges(t);
	/* a cycle has a turned edge, as g has none */
	if (sort(t) == c->n)
		return;
	if (untie(t, &ignored))
		sort(t);
	else
		*t = *g;
}

/* --- as a document --- */

json_t *graph_json(const struct graph *g)
{
	const struct catalog *c = g->catalog;
	json_t *resources = json_array(), *edges = json_array();

	for (size_t i = 0; i < c->n; i++) {
		const struct resource *res = c->v[g->order[i]];

		json_array_append_new(
			resources,
			json_pack("{s:s, s:s, s:s, s:o}", "id", res->id, "type",
				  res->module->name, "name", res->name,
				  "origin", resource_origin(c, res)));
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

static void dot_string(struct buf *b, const char *text)
{
	buf_putc(b, '"');
	escape_dot(b, text);
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
