/* SPDX-License-Identifier: MIT */
/*
 * Root's folder that becomes a user's, with what is managed in it, is root's
 * too, and is to be that user's: it is given away from the inside out. In a
 * folder of that user's root leaves alone what is not the user's, for the user
 * could have put it there.
 */
#include <stdint.h>
#include <string.h>

#include "lib/base/path.h"
#include "lib/planning.h"

enum whose { WHOSE_UNKNOWN, WHOSE_ROOTS, WHOSE_OTHERS };

struct giving {
	const struct graph *graph;
	const struct host *host;
	enum whose *whose; /* by index */
};

/* The owner that it shall have, or NULL. */
static const char *owner_of(const struct resource *res)
{
	const struct record *want = res->want;

	for (size_t i = 0; i < res->module->nattrs; i++) {
		const struct attr *attr = &res->module->attrs[i];

		if (attr->kind == &kind_owner && (want->set & BIT(i)))
			return *(const char *const
					 *)(const void *)((const char *)want +
							  attr->offset);
	}
	return NULL;
}

static bool is_root(const char *owner)
{
	return strcmp(owner, "root") == 0 || strcmp(owner, "0") == 0;
}

/* What cannot be looked at is not root's to give. */
static bool is_roots(const struct giving *g, const struct resource *res)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	enum whose *whose = &g->whose[res->index];
	struct node n;

	if (*whose == WHOSE_UNKNOWN) {
		*whose = WHOSE_OTHERS;
		if (host_look(g->host, resource_path(res), &n, &ignored) &&
		    (n.type == NODE_FILE || n.type == NODE_DIRECTORY) &&
		    n.uid == 0)
			*whose = WHOSE_ROOTS;
	}
	return *whose == WHOSE_ROOTS;
}

/* Whether nothing that is not managed lies between the two: what is root's
 * there would close the way. */
static bool is_in(const struct resource *res, const struct resource *above)
{
	const char *path = resource_path(res), *folder = resource_path(above);

	return path && folder && path_below(path, folder, false) &&
	       (res->from == above || path_parent(path) == strlen(folder));
}

/* An edge that leads from such a folder to what is in it. */
static bool is_given(const struct giving *g, const struct edge *e)
{
	const struct resource *above = g->graph->catalog->v[e->from];
	const struct resource *res = g->graph->catalog->v[e->to];
	const char *owner, *new_owner;

	if (e->stated || e->notifies || !is_in(res, above) ||
	    resource_absent(res) || resource_absent(above))
		return false;
	owner = owner_of(res);
	new_owner = owner_of(above);
	return owner && new_owner && !is_root(owner) &&
	       strcmp(owner, new_owner) == 0 && is_roots(g, above) &&
	       is_roots(g, res);
}

const struct graph *planning_give(const struct graph *graph,
				  const struct host *host)
{
	struct arena *a = graph->catalog->arena;
	struct giving g = { .graph = graph, .host = host };
	bool *given = NULL;
	struct graph *turned;

	g.whose = arena_array(a, enum whose, graph->catalog->n);
	for (size_t e = 0; e < graph->n; e++) {
		if (!is_given(&g, &graph->edges[e]))
			continue;
		if (!given)
			given = arena_array(a, bool, graph->n);
		given[e] = true;
	}
	if (!given)
		return graph;
	turned = arena_new(a, struct graph);
	graph_turn(turned, graph, given, "before its folder is given away");
	return turned;
}

void plan_note_failed(struct map *above, struct arena *a,
		      const struct resource *failed)
{
	const char *path = resource_path(failed);
	size_t n = path ? strlen(path) : 0;

	while (n > 1) {
		n = path_parent_of(path, n);
		if (map_getn(above, path, n))
			return;
		map_put(above, a, arena_strndup(a, path, n),
			(void *)(uintptr_t)failed);
	}
}

const struct resource *plan_failed_below(const struct map *above,
					 const struct resource *res)
{
	const char *path = resource_path(res);

	/* what goes is another matter */
	return above->n && path && !resource_absent(res) ? map_get(above, path)
							 : NULL;
}
