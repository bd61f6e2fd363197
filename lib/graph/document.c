/* SPDX-License-Identifier: MIT */
/* The graph as a document. */
#include "lib/graph.h"
#include "lib/text/escape.h"

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
