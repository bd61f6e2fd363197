/* SPDX-License-Identifier: MIT */
/*
 * All shares as one document. They come from processes that read what anybody
 * may have written, so that what they say is looked at before it is used.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/map.h"
#include "lib/review/names.h"
#include "lib/review/review.h"

static const char *text_of(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

/* A group while shares are joined. */
struct group {
	json_t *document; /* of the first of its hosts */
	const char *id, *kind, *shown;
	struct strings hosts;
	/* Of what a change touches (impact.h): who has which reach, by share.
	 */
	const json_t **reaches;
	size_t nreaches, reaches_capacity;
};

static bool are_names(const json_t *list)
{
	const json_t *name;
	size_t i;

	json_array_foreach (list, i, name)
		if (!json_is_string(name))
			return false;
	return json_is_array(list);
}

struct joining {
	struct arena arena;
	struct map by_id;
	struct group **v;
	size_t n, capacity;
	struct strings removed;
	json_t **added;
	size_t nadded, added_capacity;
	json_int_t hosts, unchanged;
	json_t *snapshots;       /* of all shares; NULL: there are none */
	struct strings doubtful; /* unchanged, if the facts are */
	json_t *assumed;         /* as here */
};

static bool take_reaches(struct joining *j, struct group *g,
			 const json_t *document)
{
	json_t *reaches = json_object_get(document, "reaches"), *hosts;
	const char *key;

	if (!reaches)
		return true;
	if (!text_of(document, "reach"))
		return false;
	json_object_foreach (reaches, key, hosts)
		if (!are_names(hosts))
			return false;
	g->reaches = arena_grow(&j->arena, g->reaches, g->nreaches,
				&g->reaches_capacity, sizeof(json_t *));
	g->reaches[g->nreaches++] = reaches;
	return true;
}

static bool take_group(struct joining *j, json_t *document)
{
	const char *id = text_of(document, "id"),
		   *kind = text_of(document, "kind"),
		   *shown = text_of(document, "shown");
	const json_t *hosts = json_object_get(document, "hosts"), *host;
	struct group *g;
	size_t i;

	if (!id || !kind || !shown || !json_array_size(hosts) ||
	    !are_names(hosts))
		return false;
	g = map_get(&j->by_id, id);
	if (!g) {
		g = arena_new(&j->arena, struct group);
		*g = (struct group){ .document = document,
				     .id = id,
				     .kind = kind,
				     .shown = shown };
		map_put(&j->by_id, &j->arena, id, g);
		j->v = arena_grow(&j->arena, j->v, j->n, &j->capacity,
				  sizeof(struct group *));
		j->v[j->n++] = g;
	} else if (names_compare(shown, g->shown) < 0) {
		g->document = document;
		g->shown = shown;
	}
	json_array_foreach (hosts, i, host)
		strings_add(&g->hosts, &j->arena, json_string_value(host));
	return take_reaches(j, g, document);
}

static bool take_added(struct joining *j, json_t *added)
{
	if (!text_of(added, "host"))
		return false;
	j->added = arena_grow(&j->arena, j->added, j->nadded,
			      &j->added_capacity, sizeof(json_t *));
	j->added[j->nadded++] = added;
	return true;
}

/* What is counted of one host counts for all of the group. */
static void add_counts(json_t *totals, const json_t *counts, size_t hosts)
{
	const char *key;
	json_t *value, *total;

	json_object_foreach ((json_t *)(uintptr_t)counts, key, value) {
		if (!json_is_integer(value))
			continue;
		total = json_object_get(totals, key);
		json_object_set_new(totals, key,
				    json_integer(json_integer_value(total) +
						 json_integer_value(value) *
							 (json_int_t)hosts));
	}
}

/* The oldest of all; times of one form are in the order of their texts. */
static bool take_snapshots(struct joining *j, json_t *from)
{
	const char *time = text_of(from, "time"), *host = text_of(from, "host");
	json_int_t n = json_integer_value(json_object_get(from, "planned"));
	json_t *without = json_object_get(from, "without");
	const json_t *item;
	const char *oldest;
	size_t i;
	int order;

	if (!from)
		return true;
	if (!json_is_array(without) || (n && (!time || !host)))
		return false;
	json_array_foreach (without, i, item)
		if (!text_of(item, "host"))
			return false;
	if (!j->snapshots)
		j->snapshots =
			json_pack("{s:i, s:[]}", "planned", 0, "without");
	json_array_extend(json_object_get(j->snapshots, "without"), without);
	add_counts(j->snapshots, from, 1);
	oldest = text_of(j->snapshots, "time");
	order = time && oldest ? strcmp(time, oldest) : -1;
	if (time && (order < 0 || (order == 0 &&
				   names_compare(host, text_of(j->snapshots,
							       "host")) < 0))) {
		json_object_set_new(j->snapshots, "time", json_string(time));
		json_object_set_new(j->snapshots, "host", json_string(host));
	}
	return true;
}

void assumed_merge(json_t *facts, const json_t *more)
{
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)more, name, value) {
		json_t *then = json_object_get(facts, name);
		AUTO_FREE char *a =
			json_dumps(then, JSON_ENCODE_ANY | JSON_SORT_KEYS);
		AUTO_FREE char *b =
			json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS);

		if (!a || (b && strcmp(b, a) < 0))
			json_object_set(facts, name, value);
	}
}

static bool take_assumed(struct joining *j, const json_t *from)
{
	const json_t *hosts = json_object_get(from, "hosts"), *host,
		     *facts = json_object_get(from, "facts");
	size_t i;

	if (!from)
		return true;
	if (!are_names(hosts) || !json_is_object(facts))
		return false;
	json_array_foreach (hosts, i, host)
		strings_add(&j->doubtful, &j->arena, json_string_value(host));
	assumed_merge(j->assumed, facts);
	return true;
}

static bool take_share(struct joining *j, const json_t *share)
{
	const json_t *groups = json_object_get(share, "groups"),
		     *added = json_object_get(share, "added"),
		     *removed = json_object_get(share, "removed");
	json_t *item;
	size_t i;

	if (!json_is_array(groups) || !json_is_array(added) ||
	    !json_is_array(removed))
		return false;
	json_array_foreach (groups, i, item)
		if (!take_group(j, item))
			return false;
	json_array_foreach (added, i, item)
		if (!take_added(j, item))
			return false;
	json_array_foreach (removed, i, item) {
		if (!json_is_string(item))
			return false;
		strings_add(&j->removed, &j->arena, json_string_value(item));
	}
	if (!take_snapshots(j, json_object_get(share, "snapshots")) ||
	    !take_assumed(j, json_object_get(share, "assumed")))
		return false;
	j->hosts += json_integer_value(json_object_get(share, "hosts"));
	j->unchanged += json_integer_value(json_object_get(share, "unchanged"));
	return true;
}

/* --- in order --- */

static int rank_of(const struct group *g)
{
	if (strcmp(g->kind, "wrong") == 0)
		return 0;
	return strcmp(g->kind, "mended") == 0 ? 2 : 1;
}

/* What is wrong comes first; then what most hosts have. */
static int compare_groups(const void *a, const void *b)
{
	const struct group *x = *(struct group *const *)a,
			   *y = *(struct group *const *)b;
	int order = rank_of(x) - rank_of(y);

	if (order)
		return order;
	if (x->hosts.n != y->hosts.n)
		return x->hosts.n > y->hosts.n ? -1 : 1;
	order = names_compare(x->shown, y->shown);
	return order ? order : strcmp(x->id, y->id);
}

static int compare_added(const void *a, const void *b)
{
	return names_compare(text_of(*(json_t *const *)a, "host"),
			     text_of(*(json_t *const *)b, "host"));
}

static json_t *names_json(struct strings *names)
{
	json_t *list = json_array();

	names_sort(names);
	for (size_t i = 0; i < names->n; i++)
		json_array_append_new(list, json_string(names->v[i]));
	return list;
}

/* --- what they come to --- */

static const char *const classes[] = { "none", "reload", "restart", "reboot",
				       "data" };

static size_t class_of(const char *name)
{
	size_t i = COUNT(classes) - 1;

	while (i && (!name || strcmp(classes[i], name) != 0))
		i--;
	return i;
}

static json_t *summary(const struct joining *j)
{
	size_t wrong = 0, changed = 0, mended = 0, worst = 0;
	json_t *totals = json_object(), *s;

	for (size_t i = 0; i < j->n; i++) {
		const struct group *g = j->v[i];
		const json_t *counts = json_object_get(g->document, "summary");
		size_t class = class_of(text_of(counts, "disruption"));

		wrong += strcmp(g->kind, "wrong") == 0 ? g->hosts.n : 0;
		mended += strcmp(g->kind, "mended") == 0 ? g->hosts.n : 0;
		changed += strcmp(g->kind, "changed") == 0 ? g->hosts.n : 0;
		add_counts(totals, counts, g->hosts.n);
		worst = class > worst ? class : worst;
	}
	s = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:s}",
		      "hosts", j->hosts, "groups", (json_int_t)j->n, "changed",
		      (json_int_t)changed, "unchanged", j->unchanged, "added",
		      (json_int_t)j->nadded, "removed",
		      (json_int_t)j->removed.n, "wrong", (json_int_t)wrong,
		      "mended", (json_int_t)mended, "totals", totals,
		      "disruption", classes[worst]);
	return s;
}

/* In the order of their hosts. */
static json_t *sorted(struct joining *j, const json_t *list)
{
	size_t n = json_array_size(list);
	json_t **v = arena_array(&j->arena, json_t *, n + 1);
	json_t *all = json_array();

	for (size_t i = 0; i < n; i++)
		v[i] = json_array_get(list, i);
	if (n)
		qsort(v, n, sizeof(json_t *), compare_added);
	for (size_t i = 0; i < n; i++)
		json_array_append(all, v[i]);
	return all;
}

/* Those of the group whose reach is another than of the one that is shown. */
static void tell_unlike(struct joining *j, const struct group *g, json_t *group)
{
	const char *reach = text_of(group, "reach"), *key;
	struct strings unlike = { 0 };
	json_t *hosts;

	for (size_t i = 0; i < g->nreaches; i++)
		json_object_foreach ((json_t *)(uintptr_t)g->reaches[i], key,
				     hosts) {
			const json_t *host;
			size_t k;

			if (strcmp(key, reach) == 0)
				continue;
			json_array_foreach (hosts, k, host)
				strings_add(&unlike, &j->arena,
					    json_string_value(host));
		}
	if (unlike.n)
		json_object_set_new(group, "unlike", names_json(&unlike));
	json_object_del(group, "reach");
	json_object_del(group, "reaches");
}

static json_t *document_of(struct joining *j)
{
	json_t *groups = json_array(), *added = json_array(), *document;

	if (j->n)
		qsort(j->v, j->n, sizeof(struct group *), compare_groups);
	for (size_t i = 0; i < j->n; i++) {
		json_t *group = json_copy(j->v[i]->document);

		json_object_set_new(group, "hosts",
				    names_json(&j->v[i]->hosts));
		tell_unlike(j, j->v[i], group);
		json_array_append_new(groups, group);
	}
	if (j->nadded)
		qsort(j->added, j->nadded, sizeof(json_t *), compare_added);
	for (size_t i = 0; i < j->nadded; i++)
		json_array_append(added, j->added[i]);
	document = json_pack("{s:s, s:o, s:o, s:o, s:o}", "format",
			     "converge.diff/1", "summary", summary(j), "groups",
			     groups, "added", added, "removed",
			     names_json(&j->removed));
	if (j->snapshots) {
		json_object_set_new(
			j->snapshots, "without",
			sorted(j, json_object_get(j->snapshots, "without")));
		json_object_set(document, "snapshots", j->snapshots);
	}
	if (j->doubtful.n)
		json_object_set_new(document, "assumed",
				    json_pack("{s:o, s:O}", "hosts",
					      names_json(&j->doubtful), "facts",
					      j->assumed));
	return document;
}

json_t *review_join(json_t *const *shares, size_t n, struct diags *d)
{
	struct joining j = { .assumed = json_object() };
	json_t *document = NULL;
	size_t i = 0;

	while (i < n && take_share(&j, shares[i]))
		i++;
	if (i == n)
		document = document_of(&j);
	else
		diag_error(d, "a process that compares hosts gave no answer");
	json_decref(j.snapshots);
	json_decref(j.assumed);
	arena_release(&j.arena);
	return document;
}
