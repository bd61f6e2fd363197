/* SPDX-License-Identifier: MIT */
/*
 * The graph stage: what comes before what, and why. Pure, iterative, linear in
 * resources and edges.
 */
#ifndef CONVERGE_GRAPH_H
#define CONVERGE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/catalog.h"

struct edge {
	size_t from, to;     /* indexes in the catalog: from comes first */
	bool notifies;       /* a change of from refreshes to */
	bool stated;         /* written in the manifest; else implied */
	bool weak;           /* of a cycle, the first to be left out */
	bool loose;          /* the order alone: to does not need from */
	const char *reason;  /* "require", "its folder", "its owner" */
	const char *pointer; /* of a stated one: where */
};

struct graph {
	const struct catalog *catalog;
	struct edge *edges; /* sorted by to, then as found */
	size_t n, capacity;
	size_t *first;    /* of catalog resource i: edges[first[i]] to
			   * edges[first[i + 1] - 1] lead to it */
	size_t *order;    /* indexes: each after what it needs; ties keep
			   * manifest order */
	size_t *position; /* the inverse of order */
};

/*
 * False with diagnostics: references to resources that are not there, or a
 * cycle, spelled out with the places of its edges. An implied edge that would
 * close a cycle with stated ones is left out. The catalog may have errors:
 * then references to what has them are not told of, and the graph is not for
 * use. Lives as long as the catalog.
 */
bool graph_build(struct graph *, const struct catalog *, struct diags *);

/*
 * The graph g with some of its implied edges (by number) turned round, for that
 * reason. What comes before the start of such an edge comes before its end
 * still. Of a cycle a turned edge is left out. Lives as
 * long as the catalog.
 */
void graph_turn(struct graph *turned, const struct graph *g, const bool *turns,
		const char *reason);

/* Edges by where they come from: those of catalog resource i are numbers
 * edges[first[i]] to edges[first[i + 1] - 1]. */
struct outgoing {
	size_t *first, *edges;
};

struct outgoing graph_outgoing(const struct graph *, struct arena *);

/* {"format": "converge.graph/1", "resources": [...], "edges": [...]}, a new
 * reference. */
json_t *graph_json(const struct graph *);
/* The same in Graphviz' DOT language. */
void graph_dot(const struct graph *, struct buf *);

#endif
