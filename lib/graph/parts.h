/* SPDX-License-Identifier: MIT */
/* What the files of the graph stage share, and nobody else. */
#ifndef CONVERGE_GRAPH_PARTS_H
#define CONVERGE_GRAPH_PARTS_H

#include "lib/graph.h"

enum { EDGES_MAX = 1000000 };

struct path_row;

/* What manages paths, sorted by them, once somebody asks for that. */
struct by_path {
	bool ready;
	struct path_row *v;
	size_t n;
};

/* What a type adds to, for one resource after the other. */
struct edges {
	struct graph *graph;
	const struct resource *of; /* whose edges they are */
	struct by_path *by_path;
	const char *type; /* that was asked for last, or NULL */
	size_t *typed;    /* indexes of the resources of that type */
	size_t ntyped;
};

/* What a resource stands for: it follows in one piece in the catalog. */
struct span {
	size_t from, to;
};

/* One of a resource to itself only if it is stated. */
void graph_add_edge(struct graph *, struct edge);
/* Finds all edges, stated and implied; false with diagnostics. */
bool graph_collect(struct graph *, struct diags *);

/* Counting sort of the edges by where they lead to; keeps their order. */
void graph_index(struct graph *);
/* Kahn's algorithm (Communications of the ACM 5, 1962); returns how many
 * resources could be ordered. */
size_t graph_sort(struct graph *);

/* Leaves implied edges out until nothing goes round any more; false with a
 * diagnostic that spells out a cycle of stated ones. */
bool graph_untie(struct graph *, struct diags *);
/* Where a stated edge is stated: a JSON Pointer. */
const char *graph_statement(const struct graph *, const struct edge *);

#endif
