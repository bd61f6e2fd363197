/* SPDX-License-Identifier: MIT */
/* The commits that changes come from: one walk back for all groups. */
#include <stdlib.h>
#include <string.h>

#include "lib/host/between.h"
#include "lib/provenance.h"
#include "lib/report/report.h"
#include "lib/review/review.h"

/* A change of a group, and the items that it was made from. */
struct asked {
	json_t *change;
	size_t group;
	size_t *v;
	size_t n;
};

struct tracing {
	struct provenance provenance;
	struct arena arena;
	struct asked *v;
	size_t n, capacity;
	size_t done;        /* what is before it has been found */
	struct map between; /* by id: the commits that count */
};

/* --- what is asked --- */

static size_t ask(struct tracing *t, const json_t *item)
{
	const char *path = json_string_value(json_array_get(item, 0));

	return provenance_ask(
		&t->provenance,
		&(struct trail_item){
			.path = path ? path : "",
			.pointer = json_string_value(json_array_get(item, 1)),
			.member = json_string_value(json_array_get(item, 2)) });
}

static void take_change(struct tracing *t, json_t *change, size_t group)
{
	const json_t *trail = json_object_get(change, "trail"), *item;
	struct asked asked = { .change = change, .group = group };
	size_t i;

	asked.v = arena_array(&t->arena, size_t, json_array_size(trail) + 1);
	json_array_foreach (trail, i, item)
		asked.v[asked.n++] = ask(t, item);
	json_object_del(change, "trail");
	if (!asked.n)
		return;
	t->v = arena_grow(&t->arena, t->v, t->n, &t->capacity, sizeof(*t->v));
	t->v[t->n++] = asked;
}

static void take_changes(struct tracing *t, json_t *groups)
{
	json_t *group, *change;
	size_t i, j;

	json_array_foreach (groups, i, group)
		json_array_foreach (json_object_get(group, "changes"), j,
				    change)
			take_change(t, change, i);
}

/* --- what is found --- */

static const struct past *newest(const struct tracing *t, size_t i)
{
	const struct past *past = NULL;

	for (size_t j = 0; j < t->v[i].n; j++)
		past = past_newer(past, t->provenance.v[t->v[i].v[j]].past);
	return past;
}

/* What is found first is the newest, so one item of each change will do. */
static bool has_all(void *context)
{
	struct tracing *t = context;

	while (t->done < t->n && newest(t, t->done))
		t->done++;
	return t->done == t->n;
}

/* Those that changed last what one of them changed need not be of the change
 * that is reviewed. */
static bool is_between(const struct tracing *t, const struct past *past)
{
	return past && past->since == SINCE_COMMIT &&
	       map_get(&t->between, past->commit.id);
}

static int compare_pasts(const void *a, const void *b)
{
	const struct past *x = *(const struct past *const *)a,
			  *y = *(const struct past *const *)b;

	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* The commits of the changes from number i on that are of one group, each
 * once. Returns where the next one begins. */
static size_t tell_group(struct tracing *t, json_t *groups, size_t i)
{
	size_t group = t->v[i].group, n = 0, end = i;
	const struct past **v;
	json_t *list = json_array();

	while (end < t->n && t->v[end].group == group)
		end++;
	v = arena_array(&t->arena, const struct past *, end - i + 1);
	for (; i < end; i++) {
		const struct past *past = newest(t, i);

		if (!is_between(t, past))
			continue;
		report_past(json_object_get(t->v[i].change, "origin"), past);
		v[n++] = past;
	}
	if (n)
		qsort(v, n, sizeof(struct past *), compare_pasts);
	for (size_t k = 0; k < n; k++) {
		json_t *commit;

		if (k && v[k] == v[k - 1])
			continue;
		commit = json_object();
		report_past(commit, v[k]);
		json_array_append_new(list, commit);
	}
	json_object_set_new(json_array_get(groups, group), "commits", list);
	return end;
}

bool review_trace(json_t *document, const char *repository, const char *folder,
		  const struct commit *commit, const struct between *between,
		  struct diags *d)
{
	json_t *groups = json_object_get(document, "groups");
	struct tracing t = { .provenance.folder = folder };
	/* ways that were merged are walked too */
	const struct history_limits limits = {
		4 * (between->n + between->more) + 100, HISTORY_CPU, has_all, &t
	};
	bool ok;

	t.provenance.arena = &t.arena;
	for (size_t i = 0; i < between->n; i++)
		map_put(&t.between, &t.arena, between->v[i].id, &t);
	take_changes(&t, groups);
	ok = history_walk(repository, commit, &limits, t.provenance.v,
			  t.provenance.n, &t.arena, d);
	for (size_t i = 0; ok && i < t.n;)
		i = tell_group(&t, groups, i);
	arena_release(&t.arena);
	return ok;
}
