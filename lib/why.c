/* SPDX-License-Identifier: MIT */
#include "lib/why.h"

#include <string.h>

#include "lib/host/content.h"
#include "lib/provenance.h"
#include "lib/report/report.h"
#include "lib/text/escape.h"
#include "lib/text/value.h"

/* What is being told. */
struct telling {
	const struct why *why;
	struct manifest *manifest;
	const struct resource *res;
	struct provenance provenance;
	struct trail trail;
	size_t *asked; /* by item of the trail; history is known */
};

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, escape_json(text));
}

static void set_place(json_t *object, const struct place *at)
{
	set_text(object, "file", at->file);
	if (!at->line)
		return;
	json_object_set_new(object, "line", json_integer((json_int_t)at->line));
	json_object_set_new(object, "column",
			    json_integer((json_int_t)at->column));
}

/* --- which resource --- */

static bool no_such(const struct catalog *c, const char *id, struct arena *a,
		    struct diags *d)
{
	struct strings known = { 0 };
	const char *near;

	if (strings_have(&c->manifest->elsewhere, id))
		return diag_error(d,
				  "'%s' is not a resource of this host: its "
				  "'when' does not hold",
				  id);
	for (size_t i = 0; i < c->n; i++)
		strings_add(&known, a, c->v[i]->id);
	near = strings_nearest(id, &known);
	return diag_error(d, "'%s' is not a resource of this host%s%s%s", id,
			  near ? "; did you mean \"" : "", near ? near : "",
			  near ? "\"?" : "");
}

/* --- what is not committed --- */

static json_t *parse(const struct tree *tree, const char *path)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO_BUF struct buf text = { 0 };
	struct source source = { .name = path };
	json_t *root;

	if (!tree_read(tree, path, SOURCE_MAX_BYTES, &text, &ignored))
		return NULL;
	source.text = buf_text(&text);
	source.size = text.size;
	root = source_parse(&source, &ignored);
	source_release(&source);
	return root;
}

static bool same_value(const json_t *a, const json_t *b,
		       const struct trail_item *item)
{
	if (item->member)
		return value_has(a, item->member) == value_has(b, item->member);
	return a && b ? json_equal(a, b) : a == b;
}

static bool is_committed_value(const struct tree *here,
			       const struct tree *committed,
			       const struct trail_item *item)
{
	json_t *now = parse(here, item->path);
	json_t *before = parse(committed, item->path);
	json_t *a = value_everywhere(now, item->pointer);
	json_t *b = value_everywhere(before, item->pointer);
	bool same = same_value(a, b, item);

	json_decref(a);
	json_decref(b);
	json_decref(now);
	json_decref(before);
	return same;
}

static bool is_committed_file(const struct tree *here,
			      const struct tree *committed, const char *path,
			      struct arena *arena)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct content a = { .tree = here, .path = path };
	struct content b = { .tree = committed, .path = path };
	struct tree_entry e;

	if (tree_entry(here, path, arena, &e, &ignored) &&
	    e.type == TREE_DIRECTORY)
		return true;
	return content_digest(&a, &ignored) && content_digest(&b, &ignored) &&
	       memcmp(a.digest, b.digest, DIGEST_SIZE) == 0;
}

bool why_is_committed(const struct tree *here, const struct tree *committed,
		      const struct trail_item *item, struct arena *a)
{
	return item->pointer
		       ? is_committed_value(here, committed, item)
		       : is_committed_file(here, committed, item->path, a);
}

static bool is_committed(struct telling *t, const struct trail_item *item)
{
	return !t->why->committed ||
	       why_is_committed(t->manifest->tree, t->why->committed, item,
				t->why->arena);
}

/* --- what it is made from --- */

json_t *why_part(struct manifest *m, const struct trail_item *item)
{
	static const char *const kinds[] = {
		[TRAIL_RESOURCE] = "resource", [TRAIL_INCLUDE] = "include",
		[TRAIL_DEFAULT] = "default",   [TRAIL_OVERRIDE] = "override",
		[TRAIL_VAR] = "var",           [TRAIL_FILE] = "file",
	};
	struct place at = { .file = item->path };
	json_t *j = json_pack("{s:s}", "kind", kinds[item->kind]);

	if (item->at)
		at = manifest_place(m, item->at, SOURCE_AT_KEY);
	set_text(j, "name", item->name);
	set_place(j, &at);
	set_text(j, "role", item->role);
	if (item->when)
		json_object_set(j, "when", item->when);
	return j;
}

static void tell_past(json_t *object, const struct past *past)
{
	json_t *changed = json_object();

	report_past(changed, past);
	json_object_set_new(object, "changed", changed);
}

/* And the newest commit of all. */
static void tell_parts(struct telling *t, json_t *document)
{
	const struct past *newest = NULL, *past;
	json_t *parts = json_array(), *j;
	bool uncommitted = false, is;

	for (size_t i = 0; i < t->trail.n; i++) {
		j = why_part(t->manifest, &t->trail.v[i]);
		json_array_append_new(parts, j);
		if (!t->asked)
			continue;
		past = t->provenance.v[t->asked[i]].past;
		is = !is_committed(t, &t->trail.v[i]);
		if (trail_counts(&t->trail.v[i])) {
			newest = past_newer(newest, past);
			uncommitted |= is;
		}
		if (is)
			json_object_set_new(j, "uncommitted", json_true());
		if (past)
			tell_past(j, past);
	}
	if (newest)
		tell_past(document, newest);
	if (uncommitted)
		json_object_set_new(document, "uncommitted", json_true());
	json_object_set_new(document, "parts", parts);
}

static void ask_history(struct telling *t, json_t *document)
{
	const struct why *why = t->why;
	AUTO_DIAGS struct diags wrong = { 0 };
	size_t *asked;

	set_text(document, "unread", why->unread);
	if (!why->commit)
		return;
	asked = arena_array(why->arena, size_t, t->trail.n + 1);
	provenance_begin(&t->provenance, t->manifest, why->place->path,
			 why->arena);
	for (size_t i = 0; i < t->trail.n; i++)
		asked[i] = provenance_ask(&t->provenance, &t->trail.v[i]);
	report_commit(document, why->commit);
	if (why->committed)
		json_object_set_new(document, "work_tree", json_true());
	if (provenance_find(&t->provenance, why->place->repository, why->commit,
			    NULL, NULL, &wrong))
		t->asked = asked;
	else
		set_text(document, "unread", wrong.v[0].text);
}

/* --- what it has to do with --- */

static json_t *edge_json(const struct edge *e, const char *id)
{
	return json_pack("{s:s, s:s, s:b, s:b}", "id", id, "reason", e->reason,
			 "stated", e->stated, "notifies", e->notifies);
}

void why_edges(json_t *document, const struct graph *g,
	       const struct resource *res)
{
	json_t *before = json_array(), *after = json_array();

	for (size_t i = 0; i < g->n; i++) {
		const struct edge *e = &g->edges[i];

		if (e->to == res->index)
			json_array_append_new(
				before,
				edge_json(e, g->catalog->v[e->from]->id));
		else if (e->from == res->index)
			json_array_append_new(
				after, edge_json(e, g->catalog->v[e->to]->id));
	}
	json_object_set_new(document, "requires", before);
	json_object_set_new(document, "required_by", after);
}

const struct resource *why_root(const struct resource *res)
{
	while (res->from)
		res = res->from;
	return res;
}

void why_resource(json_t *document, const struct catalog *c,
		  const struct resource *res, const struct trail *trail)
{
	const struct resource *root = why_root(res);
	struct place at = resource_place(c, root);
	json_t *origin = json_object();

	set_place(origin, &at);
	if (trail->n)
		set_text(origin, "role", trail->v[0].role);
	json_object_set_new(document, "origin", origin);
	if (root != res) {
		set_text(document, "from", root->id);
		set_text(document, "reason", res->reason);
	}
	if (root->each)
		json_object_set(document, "each",
				json_object_get(root->each, "key"));
	set_text(document, "description", res->common.description);
}

json_t *why_document(const struct why *why, struct diags *d)
{
	const struct catalog *c = why->graph->catalog;
	struct telling t = { .why = why,
			     .manifest = c->manifest,
			     .res = catalog_find(c, why->id) };
	struct trails trails;
	json_t *document;

	if (!t.res) {
		no_such(c, why->id, why->arena, d);
		return NULL;
	}
	trails_begin(&trails, c->manifest);
	provenance_trail(&trails, t.res, &t.trail);
	document = json_pack("{s:s, s:s, s:s, s:s}", "format", "converge.why/1",
			     "host", c->manifest->host, "source",
			     c->manifest->name, "id", t.res->id);
	why_resource(document, c, t.res, &t.trail);
	ask_history(&t, document);
	tell_parts(&t, document);
	why_edges(document, why->graph, t.res);
	return document;
}
