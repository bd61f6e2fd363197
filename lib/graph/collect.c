/* SPDX-License-Identifier: MIT */
/* All edges, as manifest and types have them. */
#include <stdint.h>
#include <string.h>

#include "lib/base/path.h"
#include "lib/graph/parts.h"

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
		graph_add_edge(g, edge);
	}
	return ok;
}

/* Edits of one file come in manifest order, unless there is a reason for
 * another; none needs another. */
static void add_edit_order(struct graph *g, const struct resource *res,
			   struct map *last)
{
	const char *path = resource_edits(res);
	const struct resource *before = path ? map_get(last, path) : NULL;

	if (before)
		graph_add_edge(
			g, (struct edge){ .from = before->index,
					  .to = res->index,
					  .loose = true,
					  .weak = true,
					  .reason = "edits the same file" });
	if (path)
		map_put(last, g->catalog->arena, path, (void *)(uintptr_t)res);
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
		graph_add_edge(g, edge);
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

bool graph_collect(struct graph *g, struct diags *d)
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
			graph_add_edge(
				g, (struct edge){ .from = c->v[i]->from->index,
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
