/* SPDX-License-Identifier: MIT */
#include "lib/review/impact.h"

#include <string.h>

#include "lib/review/rows.h"
#include "lib/text/escape.h"

enum touched {
	TOUCHED_CHANGED,
	TOUCHED_NOTIFIED,
	TOUCHED_DEPENDENT,
	TOUCHED_LINKED,
	TOUCHED,
};

static const char *const touched_names[TOUCHED] = {
	[TOUCHED_CHANGED] = "changed",
	[TOUCHED_NOTIFIED] = "notified",
	[TOUCHED_DEPENDENT] = "dependent",
	[TOUCHED_LINKED] = "linked",
};

/* A resource that is touched. */
struct reached {
	const struct resource *new, *old; /* NULL: it has none */
	const struct difference *difference;
	/* Of what is refreshed, and managed otherwise too; or NULL. */
	const struct difference *managed;
	enum touched touched;
};

/* While it is found. Numbers are 1 + those of nodes; 0: it is none. */
struct reach {
	struct host_at *old, *new;
	struct arena arena;
	struct reached *v; /* as found: what disturbs, then the nearest */
	size_t n, shown;
	size_t *at_new, *at_old; /* numbers, by index in a catalog */
	struct outgoing out;     /* of the new graph */
};

/* --- what is touched --- */

static void add_node(struct reach *r, const struct reached *node)
{
	r->v[r->n++] = *node;
	if (node->new)
		r->at_new[node->new->index] = r->n;
}

/* A resource may have two: its own, and that it is refreshed, of which both
 * resources are the new one. */
static void merge(struct reached *node, const struct difference *d)
{
	bool again = d->causes.n;
	const struct difference *own = again ? node->difference : d,
				*refresh = again ? d : node->difference;
	bool managed = own->effect == EFFECT_MANAGE;

	node->old = own->old;
	node->difference = managed ? refresh : own;
	node->managed = managed ? own : NULL;
}

/* What disturbs is what a reviewer looks for. */
static bool disturbs(const struct difference *d)
{
	return d->disruption > DISRUPTION_NONE || d->effect == EFFECT_REMOVE ||
	       d->effect == EFFECT_REFRESH;
}

static void add_changed(struct reach *r, const struct comparison *c,
			bool disturbing)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct difference *d = &c->v[i];
		size_t known = d->new ? r->at_new[d->new->index] : 0;

		if (disturbs(d) != disturbing)
			continue;
		if (known)
			merge(&r->v[known - 1], d);
		else
			add_node(r, &(struct reached){
					    .new = d->new,
					    .old = d->causes.n ? NULL : d->old,
					    .difference = d });
	}
}

/* What changes nothing on the host touches nothing else there. */
static bool reaches(const struct reached *node)
{
	const struct difference *d = node->difference;

	return node->new && (!d || (d->effect != EFFECT_MANAGE &&
				    d->effect != EFFECT_RELEASE));
}

static bool leads_on(const struct reach *r, const struct edge *e,
		     enum touched touched)
{
	if (touched == TOUCHED_NOTIFIED)
		return e->notifies && resource_heeds(r->new->catalog.v[e->to]);
	return !e->loose;
}

/* From all that was found on, breadth first. */
static void follow(struct reach *r, enum touched touched)
{
	const struct graph *g = &r->new->graph;

	for (size_t i = 0; i < r->n; i++) {
		size_t from = r->v[i].new ? r->v[i].new->index : 0;

		if (!reaches(&r->v[i]))
			continue;
		for (size_t k = r->out.first[from]; k < r->out.first[from + 1];
		     k++) {
			const struct edge *e = &g->edges[r->out.edges[k]];

			if (!r->at_new[e->to] && leads_on(r, e, touched))
				add_node(r, &(struct reached){
						    .new = g->catalog->v[e->to],
						    .touched = touched });
		}
	}
}

/* --- what is at the other end of edges that come and go --- */

/* Those that one list has and the other has not, if they are there. */
static void add_others(struct reach *r, const struct strings *list,
		       const struct strings *other)
{
	const struct catalog *c = &r->new->catalog;
	struct map known = { 0 };

	for (size_t i = 0; i < other->n; i++)
		map_put(&known, &r->arena, other->v[i], r);
	for (size_t i = 0; i < list->n; i++) {
		const struct resource *res = catalog_find(c, list->v[i]);

		if (res && !map_get(&known, list->v[i]) &&
		    !r->at_new[res->index])
			add_node(r, &(struct reached){
					    .new = res,
					    .touched = TOUCHED_LINKED });
	}
}

static const struct strings *names_in(const struct resource *res,
				      const struct attr *attr)
{
	return (const void *)((const char *)&res->common + attr->offset);
}

static void add_linked(struct reach *r, const struct difference *d)
{
	static const char *const names[] = { "require", "before", "notify",
					     "subscribe" };

	for (size_t i = 0; i < common_attrs_n; i++)
		for (size_t k = 0; k < COUNT(names); k++) {
			const struct attr *attr = &common_attrs[i];

			if (!(d->common & BIT(i)) ||
			    strcmp(attr->name, names[k]) != 0)
				continue;
			add_others(r, names_in(d->new, attr),
				   names_in(d->old, attr));
			add_others(r, names_in(d->old, attr),
				   names_in(d->new, attr));
		}
}

static void find_linked(struct reach *r, const struct comparison *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].new && c->v[i].old && !c->v[i].causes.n)
			add_linked(r, &c->v[i]);
}

/* What an unchanged one was in the old catalog. */
static void match_old(struct reach *r)
{
	for (size_t i = 0; i < r->shown; i++) {
		struct reached *node = &r->v[i];

		if (!node->old)
			node->old =
				catalog_find(&r->old->catalog, node->new->id);
		if (node->old)
			r->at_old[node->old->index] = i + 1;
	}
}

static void find(struct reach *r, const struct comparison *c)
{
	size_t n = r->new->catalog.n, before = r->old->catalog.n;

	r->at_new = arena_array(&r->arena, size_t, n + 1);
	r->at_old = arena_array(&r->arena, size_t, before + 1);
	r->out = graph_outgoing(&r->new->graph, &r->arena);
	r->v = arena_array(&r->arena, struct reached, n + before + 1);
	add_changed(r, c, true);
	add_changed(r, c, false);
	follow(r, TOUCHED_NOTIFIED);
	follow(r, TOUCHED_DEPENDENT);
	find_linked(r, c);
	r->shown = r->n < IMPACT_SHOWN ? r->n : IMPACT_SHOWN;
	match_old(r);
}

/* --- the key --- */

static void add_word(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
	buf_putc(b, '\0');
}

static void add_edges_to(const struct reach *r, const struct resource *res,
			 struct buf *b)
{
	const struct graph *g = &r->new->graph;

	for (size_t e = g->first[res->index]; e < g->first[res->index + 1];
	     e++) {
		if (!r->at_new[g->edges[e].from])
			continue;
		add_word(b, g->catalog->v[g->edges[e].from]->id);
		add_word(b, g->edges[e].reason);
	}
}

static void key_of(const struct reach *r, char key[CHANGE_KEY + 1])
{
	AUTO_BUF struct buf words = { 0 };
	AUTO_BUF struct buf text = { 0 };

	for (size_t i = 0; i < r->n; i++) {
		const struct reached *node = &r->v[i];

		buf_printf(&words, "%d ", (int)node->touched);
		add_word(&text, (node->new ? node->new : node->old)->id);
		if (node->new)
			add_edges_to(r, node->new, &text);
		buf_putc(&text, '\0');
	}
	change_key_of(&words, &text, r->new->name, key);
}

void impact_key(struct host_at *old, struct host_at *new,
		const struct comparison *c, char key[CHANGE_KEY + 1])
{
	struct reach r = { .old = old, .new = new };

	find(&r, c);
	key_of(&r, key);
	arena_release(&r.arena);
}

/* --- as a document --- */

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, escape_json(text));
}

/* Of a new resource all are. */
static json_t *attributes(const struct difference *d)
{
	json_t *names = json_array();

	if (!d->old || !d->new || d->causes.n)
		return names;
	for (size_t i = 0; i < d->new->module->nattrs; i++)
		if ((d->rows & BIT(i)) && row_is_told(d->new->module, i))
			json_array_append_new(
				names,
				json_string(d->new->module->attrs[i].name));
	for (size_t i = 0; i < common_attrs_n; i++)
		if (d->common & BIT(i))
			json_array_append_new(
				names, json_string(common_attrs[i].name));
	return names;
}

static void tell_difference(json_t *j, const struct difference *d)
{
	set_text(j, "action", effect_name(d->effect));
	set_text(j, "disruption", disruption_name(d->disruption));
	json_object_set_new(j, "attributes", attributes(d));
	set_text(j, "because", d->because);
	set_text(j, "withheld", d->withheld);
}

static json_t *node_json(const struct reach *r, const struct reached *node)
{
	const struct resource *res = node->new ? node->new : node->old;
	const struct catalog *c =
		node->new ? &r->new->catalog : &r->old->catalog;
	json_t *origin = resource_origin(c, res);
	json_t *j = json_pack("{s:o, s:s, s:o, s:s, s:o}", "id",
			      escape_json(res->id), "type", res->module->name,
			      "name", escape_json(res->name), "touched",
			      touched_names[node->touched], "origin", origin);

	if (!node->new)
		json_object_set_new(origin, "gone", json_true());
	if (node->difference)
		tell_difference(j, node->difference);
	if (node->managed)
		json_object_set_new(j, "attributes", attributes(node->managed));
	return j;
}

static bool is_shown(const struct reach *r, size_t number)
{
	return number && number <= r->shown;
}

/* In the order that they are looked at; what is gone comes last. */
static json_t *resources_json(const struct reach *r)
{
	const struct graph *g = &r->new->graph;
	json_t *list = json_array();

	for (size_t i = 0; i < g->catalog->n; i++) {
		size_t number = r->at_new[g->order[i]];

		if (is_shown(r, number))
			json_array_append_new(list,
					      node_json(r, &r->v[number - 1]));
	}
	for (size_t i = 0; i < r->shown; i++)
		if (!r->v[i].new)
			json_array_append_new(list, node_json(r, &r->v[i]));
	return list;
}

/* Whether the graph has an edge for the same reason; either may be NULL. */
static bool has_edge(const struct graph *g, const struct resource *from,
		     const struct resource *to, const struct edge *like)
{
	if (!from || !to)
		return false;
	for (size_t e = g->first[to->index]; e < g->first[to->index + 1]; e++)
		if (g->edges[e].from == from->index &&
		    strcmp(g->edges[e].reason, like->reason) == 0)
			return true;
	return false;
}

static json_t *edge_json(const struct graph *g, const struct edge *e)
{
	const struct catalog *c = g->catalog;

	return json_pack("{s:o, s:o, s:s, s:b, s:b}", "from",
			 escape_json(c->v[e->from]->id), "to",
			 escape_json(c->v[e->to]->id), "reason", e->reason,
			 "stated", e->stated, "notifies", e->notifies);
}

/* Of the new graph those that lead to a node; of the old one those that the
 * new one has not. */
static void tell_edges(const struct reach *r, bool is_new, size_t to,
		       json_t *list)
{
	const struct graph *g = is_new ? &r->new->graph : &r->old->graph;
	const size_t *at = is_new ? r->at_new : r->at_old;
	const struct reached *b = &r->v[to];
	const struct resource *res = is_new ? b->new : b->old;

	if (!res)
		return;
	for (size_t e = g->first[res->index]; e < g->first[res->index + 1];
	     e++) {
		const struct edge *edge = &g->edges[e];
		size_t from = at[edge->from];
		const struct reached *a;
		bool both;
		json_t *j;

		if (!is_shown(r, from))
			continue;
		a = &r->v[from - 1];
		both = is_new ? has_edge(&r->old->graph, a->old, b->old, edge)
			      : has_edge(&r->new->graph, a->new, b->new, edge);
		if (both && !is_new)
			continue;
		j = edge_json(g, edge);
		if (!both)
			set_text(j, "action", is_new ? "add" : "remove");
		json_array_append_new(list, j);
	}
}

static json_t *edges_json(const struct reach *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->shown; i++) {
		tell_edges(r, true, i, list);
		tell_edges(r, false, i, list);
	}
	return list;
}

/* How many are not named. */
static json_t *more_json(const struct reach *r)
{
	json_int_t counts[TOUCHED] = { 0 };
	json_t *j = json_object();

	for (size_t i = r->shown; i < r->n; i++)
		counts[r->v[i].touched]++;
	for (size_t i = 0; i < TOUCHED; i++)
		json_object_set_new(j, touched_names[i],
				    json_integer(counts[i]));
	return j;
}

static json_t *summary(const struct comparison *c)
{
	json_t *changes = json_array(), *counts;

	for (size_t i = 0; i < c->n; i++) {
		json_t *j = json_object();

		tell_difference(j, &c->v[i]);
		json_array_append_new(changes, j);
	}
	counts = change_summary(changes);
	json_decref(changes);
	return counts;
}

json_t *impact_document(struct host_at *old, struct host_at *new,
			const struct comparison *c)
{
	struct reach r = { .old = old, .new = new };
	char key[CHANGE_KEY + 1];
	json_t *j;

	find(&r, c);
	key_of(&r, key);
	j = json_pack("{s:o, s:o, s:o, s:s}", "summary", summary(c),
		      "resources", resources_json(&r), "edges", edges_json(&r),
		      "reach", key);
	if (r.n > r.shown)
		json_object_set_new(j, "more", more_json(&r));
	arena_release(&r.arena);
	return j;
}
