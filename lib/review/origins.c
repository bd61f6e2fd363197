/* SPDX-License-Identifier: MIT */
#include "lib/review/origins.h"

#include <stdlib.h>
#include <string.h>

#include "lib/provenance.h"
#include "lib/report/report.h"
#include "lib/review/names.h"
#include "lib/review/side.h"
#include "lib/secret/world.h"
#include "lib/text/escape.h"

enum { IDS_KEPT = 5000 /* to find one that was meant */ };

/* One of what a resource is made from, or has to do with, on hosts of a group.
 */
struct item {
	json_t *json; /* owned */
	struct strings hosts;
	size_t asked; /* 1 + the number of what is asked of history; 0: nothing
		       */
	/* see trail_counts; in the file of each host itself, where nobody
	 * asks when */
	bool counts, own, uncommitted;
};

struct tally {
	struct item *v;
	size_t n, capacity;
	struct map known; /* 1 + index, by json as text */
};

struct group {
	json_t *document; /* owned */
	struct strings hosts;
	struct tally parts, requires, required_by;
};

/* While it is found. */
struct telling {
	const struct why *why;
	struct side side;
	struct provenance provenance;
	struct arena *arena;
	struct group **v;
	size_t n, capacity;
	struct map by_origin;
	struct strings without;
	json_t *wrong;
	bool elsewhere; /* a host would have it, but for a `when` */
	/* Of hosts that have it not, some. */
	struct strings ids;
	struct map known_ids;
};

/* --- what is added up --- */

/* Takes the item; NULL: there is one like it already, which is of that host
 * too. */
static struct item *add_item(struct telling *t, struct tally *tally,
			     json_t *json, const char *host)
{
	AUTO_FREE char *text = json_dumps(json, JSON_COMPACT);
	size_t known = (size_t)(uintptr_t)map_get(&tally->known, text);
	struct item *item;

	if (known) {
		json_decref(json);
		item = &tally->v[known - 1];
		/* two edges may be for one reason */
		if (item->hosts.v[item->hosts.n - 1] != host)
			strings_add(&item->hosts, t->arena, host);
		return NULL;
	}
	tally->v = arena_grow(t->arena, tally->v, tally->n, &tally->capacity,
			      sizeof(*tally->v));
	item = &tally->v[tally->n++];
	*item = (struct item){ .json = json };
	strings_add(&item->hosts, t->arena, host);
	map_put(&tally->known, t->arena, arena_strdup(t->arena, text),
		(void *)(uintptr_t)tally->n);
	return item;
}

static void add_items(struct telling *t, struct tally *tally,
		      const json_t *list, const char *host)
{
	json_t *json;
	size_t i;

	json_array_foreach (list, i, json)
		add_item(t, tally, json_incref(json), host);
}

/* --- a host that has it --- */

static const char *text_of(const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text ? text : "";
}

static struct group *group_of(struct telling *t, json_t *about)
{
	json_t *origin = json_object_get(about, "origin");
	AUTO_FREE char *text = json_dumps(origin, JSON_COMPACT);
	struct group *g = map_get(&t->by_origin, text);

	if (g)
		return g;
	g = arena_new(t->arena, struct group);
	g->document = json_incref(about);
	t->v = arena_grow(t->arena, t->v, t->n, &t->capacity,
			  sizeof(struct group *));
	t->v[t->n++] = g;
	map_put(&t->by_origin, t->arena, arena_strdup(t->arena, text), g);
	return g;
}

/* What stands in a host's own file is another place for each host, and the
 * same to who asks after all. */
static bool is_own(const struct host_at *h, const struct group *g,
		   const struct trail_item *item)
{
	return strcmp(item->path, h->file) == 0 &&
	       strcmp(text_of(json_object_get(g->document, "origin"), "file"),
		      h->file) != 0;
}

static void take_part(struct telling *t, struct host_at *h, struct group *g,
		      const struct trail_item *part, const char *host)
{
	bool own = is_own(h, g, part);
	json_t *json = why_part(&h->manifest, part);
	struct item *item;

	if (own) {
		json_object_del(json, "file");
		json_object_del(json, "line");
		json_object_del(json, "column");
		json_object_set_new(json, "own", json_true());
	}
	item = add_item(t, &g->parts, json, host);
	if (!item || !t->why->commit)
		return;
	item->counts = trail_counts(part);
	item->own = own;
	if (own)
		return;
	item->asked = 1 + provenance_ask(&t->provenance, part);
	item->uncommitted = t->why->committed &&
			    !why_is_committed(t->side.tree, t->why->committed,
					      part, t->arena);
}

static void take_host(struct telling *t, struct host_at *h,
		      const struct resource *res)
{
	struct trail trail = { 0 };
	json_t *about = json_object();
	struct trails trails;
	struct group *g;

	trails_begin(&trails, &h->manifest);
	provenance_trail(&trails, res, &trail);
	why_resource(about, &h->catalog, res, &trail);
	g = group_of(t, about);
	strings_add(&g->hosts, t->arena, h->name);
	for (size_t i = 0; i < trail.n; i++)
		take_part(t, h, g, &trail.v[i], h->name);
	why_edges(about, &h->graph, res);
	add_items(t, &g->requires, json_object_get(about, "requires"), h->name);
	add_items(t, &g->required_by, json_object_get(about, "required_by"),
		  h->name);
	json_object_del(about, "requires");
	json_object_del(about, "required_by");
	json_decref(about);
}

/* --- one that has it not --- */

static void keep_ids(struct telling *t, const struct catalog *c)
{
	for (size_t i = 0; i < c->n && t->ids.n < IDS_KEPT; i++) {
		const char *id = c->v[i]->id;

		if (map_get(&t->known_ids, id))
			continue;
		id = arena_strdup(t->arena, id);
		map_put(&t->known_ids, t->arena, id, t);
		strings_add(&t->ids, t->arena, id);
	}
}

static void take_without(struct telling *t, const struct host_at *h)
{
	strings_add(&t->without, t->arena, h->name);
	t->elsewhere |= strings_have(&h->manifest.elsewhere, t->why->id);
	if (!t->n)
		keep_ids(t, &h->catalog);
}

/* Its first error; check tells the rest. */
static void take_wrong(struct telling *t, const struct host_at *h)
{
	json_t *j = json_pack("{s:o}", "host", escape_json(h->name));
	size_t i = 0;

	while (i < h->diags.n && h->diags.v[i].severity != SEVERITY_ERROR)
		i++;
	/* what is wrong with a role is told of the first that includes it */
	if (i < h->diags.n) {
		const struct diag *d = &h->diags.v[i];
		const char *file = d->place.file ? d->place.file : "";
		const char *text = arena_printf(t->arena, "%s%s%s", file,
						*file ? ": " : "", d->text);

		json_object_set_new(j, "text", escape_json(text));
	}
	json_array_append_new(t->wrong, j);
}

static void look_at(struct telling *t, const char *name)
{
	const struct resource *res;
	struct host_at h;

	host_at_read(&h, &t->side, name);
	res = h.whole ? catalog_find(&h.catalog, t->why->id) : NULL;
	if (!h.whole)
		take_wrong(t, &h);
	else if (res)
		take_host(t, &h, res);
	else
		take_without(t, &h);
	host_at_release(&h);
}

/* --- history --- */

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, escape_json(text));
}

static void set_past(json_t *object, const struct past *past, bool uncommitted)
{
	json_t *changed;

	if (past) {
		changed = json_object();
		report_past(changed, past);
		json_object_set_new(object, "changed", changed);
	}
	if (uncommitted)
		json_object_set_new(object, "uncommitted", json_true());
}

/* Of what the newest change is, where that is not all that each host has: of
 * some hosts, or of all but what stands in hosts' own files. NULL: of all. */
static const char *bound_of(const struct telling *t, const struct group *g,
			    const struct past *newest)
{
	const struct past *common = NULL;
	const char *bound = NULL;

	for (size_t i = 0; i < g->parts.n; i++) {
		const struct item *item = &g->parts.v[i];

		if (item->counts && item->own)
			bound = "shared";
		else if (item->counts && item->hosts.n == g->hosts.n)
			common = past_newer(
				common, t->provenance.v[item->asked - 1].past);
	}
	/* one commit may have changed several parts */
	return newest && (!common || newest->rank != common->rank) ? "some"
								   : bound;
}

static void tell_pasts(struct telling *t, struct group *g)
{
	const struct past *newest = NULL;
	bool uncommitted = false;

	for (size_t i = 0; i < g->parts.n; i++) {
		struct item *item = &g->parts.v[i];
		const struct past *past;

		if (!item->asked)
			continue;
		past = t->provenance.v[item->asked - 1].past;
		set_past(item->json, past, item->uncommitted);
		if (!item->counts)
			continue;
		newest = past_newer(newest, past);
		uncommitted |= item->uncommitted;
	}
	set_past(g->document, newest, uncommitted);
	if (newest)
		set_text(g->document, "changed_of", bound_of(t, g, newest));
}

static void tell_history(struct telling *t, json_t *document)
{
	const struct why *why = t->why;
	AUTO_DIAGS struct diags wrong = { 0 };

	set_text(document, "unread", why->unread);
	if (!why->commit)
		return;
	report_commit(document, why->commit);
	if (why->committed)
		json_object_set_new(document, "work_tree", json_true());
	if (!provenance_find(&t->provenance, why->place->repository,
			     why->commit, NULL, NULL, &wrong)) {
		set_text(document, "unread", wrong.v[0].text);
		return;
	}
	for (size_t i = 0; i < t->n; i++)
		tell_pasts(t, t->v[i]);
}

/* --- the document --- */

static json_t *names_json(const struct strings *names)
{
	json_t *list = json_array();

	for (size_t i = 0; i < names->n; i++)
		json_array_append_new(list, escape_json(names->v[i]));
	return list;
}

/* What not all hosts of the group have comes last, with those that do. */
static json_t *tally_json(const struct tally *tally, const struct group *g)
{
	json_t *list = json_array(), *rest = json_array();

	for (size_t i = 0; i < tally->n; i++) {
		const struct item *item = &tally->v[i];
		bool all = item->hosts.n == g->hosts.n;

		if (!all)
			json_object_set_new(item->json, "only",
					    names_json(&item->hosts));
		json_array_append(all ? list : rest, item->json);
	}
	json_array_extend(list, rest);
	json_decref(rest);
	return list;
}

static json_t *group_json(const struct group *g)
{
	json_t *j = json_pack("{s:o}", "hosts", names_json(&g->hosts));

	json_object_update(j, g->document);
	json_object_set_new(j, "parts", tally_json(&g->parts, g));
	json_object_set_new(j, "requires", tally_json(&g->requires, g));
	json_object_set_new(j, "required_by", tally_json(&g->required_by, g));
	return j;
}

static int compare_groups(const void *a, const void *b)
{
	const struct group *x = *(struct group *const *)a,
			   *y = *(struct group *const *)b;

	if (x->hosts.n != y->hosts.n)
		return x->hosts.n > y->hosts.n ? -1 : 1;
	return names_compare(x->hosts.v[0], y->hosts.v[0]);
}

static void no_such(struct telling *t, struct diags *d)
{
	const char *near = strings_nearest(t->why->id, &t->ids);
	size_t wrong = json_array_size(t->wrong);

	if (t->elsewhere)
		diag_error(d,
			   "'%s' is not a resource of any host: its 'when' "
			   "does not hold",
			   t->why->id);
	else
		diag_error(d, "'%s' is not a resource of any host%s%s%s",
			   t->why->id, near ? "; did you mean \"" : "",
			   near ? near : "", near ? "\"?" : "");
	if (wrong)
		diag_hint(d,
			  "%zu host%s errors, and %s not looked into: see "
			  "converge check",
			  wrong, wrong == 1 ? " has" : "s have",
			  wrong == 1 ? "was" : "were");
}

static json_t *tell(struct telling *t, size_t hosts, const char *source)
{
	json_t *groups = json_array(), *document;
	size_t with = 0;

	if (t->n)
		qsort(t->v, t->n, sizeof(struct group *), compare_groups);
	document = json_pack("{s:s, s:o, s:o}", "format", "converge.origins/1",
			     "source", escape_json(source), "id",
			     escape_json(t->why->id));
	tell_history(t, document);
	for (size_t i = 0; i < t->n; i++) {
		with += t->v[i]->hosts.n;
		json_array_append_new(groups, group_json(t->v[i]));
	}
	json_object_update_new(
		document,
		json_pack("{s:{s:I, s:I, s:I, s:I}, s:o, s:o, s:O}", "summary",
			  "hosts", (json_int_t)hosts, "with", (json_int_t)with,
			  "without", (json_int_t)t->without.n, "wrong",
			  (json_int_t)json_array_size(t->wrong), "groups",
			  groups, "without", names_json(&t->without), "wrong",
			  t->wrong));
	return document;
}

static void release(struct tally *tally)
{
	for (size_t i = 0; i < tally->n; i++)
		json_decref(tally->v[i].json);
}

static void telling_release(struct telling *t)
{
	for (size_t i = 0; i < t->n; i++) {
		release(&t->v[i]->parts);
		release(&t->v[i]->requires);
		release(&t->v[i]->required_by);
		json_decref(t->v[i]->document);
	}
	json_decref(t->wrong);
	side_release(&t->side);
}

json_t *origins_document(const struct why *why, const struct tree *tree,
			 const struct strings *fact_names, const char *source,
			 struct diags *d)
{
	struct telling t = { .why = why,
			     .arena = why->arena,
			     .provenance = { .folder = why->place->path,
					     .arena = why->arena },
			     .wrong = json_array() };
	json_t *document = NULL;
	struct strings hosts;

	side_begin(&t.side, tree, fact_names);
	if (hosts_list(tree, why->arena, &hosts, d)) {
		names_sort(&hosts);
		for (size_t i = 0; i < hosts.n; i++)
			look_at(&t, hosts.v[i]);
		if (t.n)
			document = tell(&t, hosts.n, source);
		else
			no_such(&t, d);
	}
	telling_release(&t);
	return document;
}
