/* SPDX-License-Identifier: MIT */
#include "lib/review/plans.h"

#include <stdlib.h>
#include <string.h>

#include "lib/report/report.h"

static void begin(struct against *a, struct side *side, const char *file,
		  const char *name)
{
	*a = (struct against){ .tree = side->tree,
			       .file = file,
			       .is_world = true,
			       .host = name,
			       .documents = &side->documents,
			       .options = { .diffs = DIFFS_ALL,
					    .max_disruption = -1 } };
}

void plans_make(struct plans *p, struct pair *pair, const struct recorded *r,
		const char *name)
{
	const char *file = arena_printf(&pair->arena, "hosts/%s.json", name);

	*p = (struct plans){ 0 };
	begin(&p->old, &pair->old, file, name);
	begin(&p->new, &pair->new, file, name);
	p->whole_old = against_plan(&p->old, r, &p->diags_old);
	p->whole_new = against_plan(&p->new, r, &p->diags_new);
}

static void release(struct against *a)
{
	documents_drop(a->documents, a->file);
	against_release(a);
}

void plans_release(struct plans *p)
{
	release(&p->old);
	release(&p->new);
	diags_release(&p->diags_old);
	diags_release(&p->diags_new);
}

/* --- one against the other --- */

/* Where it is written, and what made it so, is no part of a change. */
static json_t *bare(const json_t *change)
{
	json_t *copy = json_copy((json_t *)(uintptr_t)change);

	json_object_del(copy, "origin");
	json_object_del(copy, "trail");
	return copy;
}

static bool same_change(const json_t *a, const json_t *b)
{
	json_t *x = bare(a), *y = bare(b);
	bool same = json_equal(x, y);

	json_decref(x);
	json_decref(y);
	return same;
}

/* A resource may have a change and a refresh. */
static const char *name_of(struct arena *a, const struct change *c)
{
	return arena_printf(a, "%s%s", c->refresh ? "!" : "=", c->res->id);
}

/* All of a plan by their names. */
static json_t *changes_of(const struct plan *plan, struct arena *a)
{
	json_t *all = json_object();

	for (size_t i = 0; i < plan->n; i++)
		json_object_set_new(all, name_of(a, plan->v[i]),
				    report_change(plan, plan->v[i]));
	return all;
}

/* What the old plan leaves alone is as the old catalog says: where the record
 * has a digest alone, that has the text. */
static void add_diff(struct plans *p, const struct change *c, json_t *change)
{
	struct difference d = {
		.effect = EFFECT_UPDATE,
		.old = catalog_find(&p->old.catalog, c->res->id),
		.new = c->res,
		.rows = c->differ,
	};

	if (d.old && d.old->module == c->res->module && !c->diff &&
	    c->action == ACTION_UPDATE)
		change_diff(change, &d);
}

static void add_new(struct plans *p, const json_t *old, struct arena *a,
		    json_t *changes, size_t *due)
{
	const struct plan *plan = &p->new.plan;
	struct trails trails;

	trails_begin(&trails, &p->new.manifest);
	for (size_t i = 0; i < plan->n; i++) {
		const struct change *c = plan->v[i];
		json_t *change = report_change(plan, c);
		const json_t *then = json_object_get(old, name_of(a, c));

		if (then && same_change(then, change)) {
			++*due;
			json_decref(change);
			continue;
		}
		if (!then)
			add_diff(p, c, change);
		if (!c->refresh)
			change_trail(change, &trails, c->res);
		json_array_append_new(changes, change);
	}
}

/* What the plan does with a resource by its own change; NULL: nothing. */
static const struct change *change_of(const struct plan *plan,
				      const struct resource *res)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i]->res == res && !plan->v[i]->refresh)
			return plan->v[i];
	return NULL;
}

static void add_released(struct plans *p, struct arena *a, json_t *changes)
{
	const struct graph *g = &p->old.graph;
	struct host_at old = { .catalog = p->old.catalog };
	struct things new;

	things_begin(&new, &p->new.catalog, a);
	for (size_t i = 0; i < g->catalog->n; i++) {
		const struct resource *res = g->catalog->v[g->order[i]];
		const struct change *by = NULL;
		struct fate fate;
		struct difference d;

		if (catalog_find(&p->new.catalog, res->id))
			continue;
		fate = fate_of(&new, res);
		if (fate.kind == FATE_REMOVED)
			by = change_of(&p->new.plan, fate.by);
		/* what a purge removes the plan has by itself, if it is there;
		 * of what goes with its folder it has that alone */
		if (fate.kind == FATE_REMOVED && (!by || !fate_is_whole(&fate)))
			continue;
		d = difference_released(res, &fate, a);
		if (by && !d.withheld)
			d.withheld = by->withheld;
		json_array_append_new(changes, change_released(&old, &d));
	}
}

/* What the old plan alone would do. Of what is released that is told. */
static json_t *dropped(struct plans *p, const json_t *old, struct arena *a)
{
	json_t *new = changes_of(&p->new.plan, a), *list = json_array();
	const struct plan *plan = &p->old.plan;

	for (size_t i = 0; i < plan->n; i++) {
		const char *name = name_of(a, plan->v[i]);

		if (!json_object_get(new, name))
			json_array_append(list, json_object_get(old, name));
	}
	json_decref(new);
	return list;
}

json_t *plans_document(struct plans *p)
{
	AUTO(arena_release) struct arena a = { 0 };
	json_t *old = changes_of(&p->old.plan, &a), *changes = json_array();
	json_t *gone = dropped(p, old, &a), *document = NULL;
	size_t due = 0;

	add_new(p, old, &a, changes, &due);
	add_released(p, &a, changes);
	if (json_array_size(changes) || json_array_size(gone)) {
		document = json_pack("{s:O, s:o, s:I}", "changes", changes,
				     "summary", change_summary(changes), "due",
				     (json_int_t)due);
		if (json_array_size(gone))
			json_object_set(document, "dropped", gone);
	}
	json_decref(gone);
	json_decref(changes);
	json_decref(old);
	return document;
}

/* --- the key --- */

/* Without what stands beside the lines that change. */
static void add_lines(const char *diff, struct buf *b)
{
	for (; *diff; diff += strcspn(diff, "\n"), diff += *diff == '\n') {
		if (*diff == ' ')
			continue;
		buf_add(b, diff, *diff == '@' ? 1 : strcspn(diff, "\n"));
		buf_putc(b, '\n');
	}
}

/* What was cut is known by its digest alone. */
static bool is_cut(const char *diff)
{
	return strncmp(diff, "... ", 4) == 0 || strstr(diff, "\n... ");
}

/* What is no host's name, whatever that is. */
static void add_kind(const json_t *change, struct buf *words)
{
	const char *name;
	json_t *value;

	buf_printf(words, "%s %s",
		   json_string_value(json_object_get(change, "action")),
		   json_string_value(json_object_get(change, "disruption")));
	json_object_foreach (json_object_get(change, "attributes"), name, value)
		buf_printf(words, " %s", name);
	buf_putc(words, '\n');
}

static void add_change(const json_t *change, struct buf *b)
{
	const char *diff = json_string_value(json_object_get(change, "diff"));
	json_t *rest = bare(change);
	char *text;

	if (diff && !is_cut(diff)) {
		json_t *attributes =
			json_copy(json_object_get(rest, "attributes"));

		add_lines(diff, b);
		json_object_del(attributes, "content");
		json_object_set_new(rest, "attributes", attributes);
		json_object_del(rest, "change");
		json_object_del(rest, "diff");
	}
	text = json_dumps(rest, JSON_COMPACT | JSON_SORT_KEYS);
	buf_puts(b, text ? text : "");
	buf_putc(b, '\0');
	free(text);
	json_decref(rest);
}

void plans_key(const json_t *document, const char *host,
	       char key[CHANGE_KEY + 1])
{
	static const char *const lists[] = { "changes", "dropped" };
	AUTO_BUF struct buf words = { 0 };
	AUTO_BUF struct buf b = { 0 };
	const json_t *change;
	size_t i;

	for (size_t k = 0; k < COUNT(lists); k++) {
		json_array_foreach (json_object_get(document, lists[k]), i,
				    change) {
			add_kind(change, &words);
			add_change(change, &b);
		}
		buf_puts(&words, lists[k]);
	}
	change_key_of(&words, &b, host, key);
}
