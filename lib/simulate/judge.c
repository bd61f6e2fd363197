/* SPDX-License-Identifier: MIT */
/* What a test expects against what came of it, key by key. */
#include "lib/simulate/judge.h"

#include <string.h>

#include "lib/report/report.h"
#include "lib/simulate/judging.h"

/* --- resources --- */

static const struct attr *find_attr(const struct attr *attrs, size_t n,
				    const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(attrs[i].name, name) == 0 &&
		    !(attrs[i].flags & ATTR_INTERNAL))
			return &attrs[i];
	return NULL;
}

static bool is_content(const struct attr *attr)
{
	return attr->kind == &kind_content || attr->kind == &kind_source ||
	       attr->kind == &kind_template;
}

/* Rows of one record that are of one field are names of one thing. */
static bool is_set(const struct record *r, const struct attr *attrs, size_t n,
		   const struct attr *attr)
{
	for (size_t i = 0; i < n; i++)
		if ((r->set & BIT(i)) && attrs[i].offset == attr->offset)
			return true;
	return false;
}

/* The value of an attribute, a new reference; NULL: it has none. */
static json_t *value_of(const struct resource *res, const struct attr *attr,
			bool is_common)
{
	const struct module *m = res->module;
	const void *record = is_common ? (const void *)&res->common : res->want;
	const void *field = (const char *)record + attr->offset;

	if (!is_set(record, is_common ? common_attrs : m->attrs,
		    is_common ? common_attrs_n : m->nattrs, attr))
		return NULL;
	return is_content(attr) ? content_text(field)
				: attr->kind->show(attr, field);
}

static void judge_attribute(struct judging *j, const struct resource *res,
			    const char *name, const json_t *want,
			    const char *pointer)
{
	const struct module *m = res->module;
	const struct attr *attr = find_attr(m->attrs, m->nattrs, name);
	bool is_common = !attr;
	struct strings known = { 0 };
	const char *near;
	json_t *have;

	if (is_common)
		attr = find_attr(common_attrs, common_attrs_n, name);
	if (attr) {
		have = value_of(res, attr, is_common);
		judge_value(
			j, res, arena_printf(j->arena, "'%s'", name), want,
			have, pointer,
			!is_common &&
				resource_hides(res, (size_t)(attr - m->attrs)));
		json_decref(have);
		return;
	}
	for (size_t i = 0; i < m->nattrs; i++)
		if (!(m->attrs[i].flags & ATTR_INTERNAL))
			strings_add(&known, j->arena, m->attrs[i].name);
	for (size_t i = 0; i < common_attrs_n; i++)
		strings_add(&known, j->arena, common_attrs[i].name);
	near = strings_nearest(name, &known);
	judge_fail(j, res, pointer, SOURCE_AT_KEY,
		   "'%s' is no attribute of %s%s%s%s", name, m->name,
		   near ? "; did you mean '" : "", near ? near : "",
		   near ? "'?" : "");
}

static void judge_resource(struct judging *j, const struct resource *res,
			   json_t *want, const char *pointer)
{
	const char *name;
	json_t *value;

	if (json_is_string(want)) {
		j->expectations++;
		if (strcmp(json_string_value(want), "absent") == 0)
			judge_fail(j, res, pointer, SOURCE_AT_KEY,
				   "it is there, and must not be");
		return;
	}
	json_object_foreach (want, name, value)
		if (strcmp(name, "//") != 0)
			judge_attribute(j, res, name, value,
					pointer_join(j->arena, pointer, name));
}

static void judge_resources(struct judging *j, json_t *want,
			    const char *pointer)
{
	const struct catalog *c = &j->simulation->against.catalog;
	const char *glob;
	json_t *value;

	json_object_foreach (want, glob, value) {
		const char *at = pointer_join(j->arena, pointer, glob);
		const char *text = json_string_value(value);
		size_t found = 0;

		if (strcmp(glob, "//") == 0)
			continue;
		for (size_t i = 0; i < c->n; i++) {
			if (strcmp(glob, c->v[i]->id) != 0 &&
			    !spec_glob(glob, c->v[i]->id))
				continue;
			judge_resource(j, c->v[i], value, at);
			found++;
		}
		if (found)
			continue;
		j->expectations++;
		if (!text || strcmp(text, "absent") != 0)
			judge_fail(j, NULL, at, SOURCE_AT_KEY,
				   "there is no %s%s", glob,
				   judge_near(j, glob));
	}
}

/* --- what is done --- */

static const char *action_of(const struct change *c)
{
	return action_name(c->action);
}

/* The ids of the changes of one kind. */
struct chosen {
	bool (*is)(const struct judging *, const struct change *);
	const char *what; /* "changes" */
	const char *word; /* "withheld": of how many there are */
};

static bool is_action(const struct judging *j, const struct change *c)
{
	(void)j;
	return !c->refresh && !c->withheld && !c->failed && !c->skipped;
}

static bool is_change(const struct judging *j, const struct change *c)
{
	return is_action(j, c) && c->action != ACTION_UNKNOWN;
}

static bool is_refresh(const struct judging *j, const struct change *c)
{
	return c->refresh &&
	       j->simulation->first.applied.verdicts[c->index] == VERDICT_DONE;
}

static bool is_withheld(const struct judging *j, const struct change *c)
{
	(void)j;
	return c->withheld;
}

static bool is_unknown(const struct judging *j, const struct change *c)
{
	return is_action(j, c) && c->action == ACTION_UNKNOWN;
}

static const struct chosen actions = { is_action, "is planned", NULL },
			   changes = { is_change, "changes", NULL },
			   refreshes = { is_refresh, "is refreshed", NULL },
			   withheld = { is_withheld, "is withheld",
					"withheld" },
			   unknown = { is_unknown, "is unknown", "unknown" };

/* The first change that is so, and whose id is as the glob says; or NULL. */
static const struct change *find(const struct judging *j,
				 const struct chosen *chosen, const char *glob)
{
	const struct plan *plan = &j->simulation->against.plan;

	for (size_t i = 0; i < plan->n; i++)
		if (chosen->is(j, plan->v[i]) &&
		    (strcmp(glob, plan->v[i]->res->id) == 0 ||
		     spec_glob(glob, plan->v[i]->res->id)))
			return plan->v[i];
	return NULL;
}

/* The resource that a glob means, for its place. */
static const struct resource *meant(const struct judging *j, const char *glob)
{
	const struct catalog *c = &j->simulation->against.catalog;

	for (size_t i = 0; i < c->n; i++)
		if (strcmp(glob, c->v[i]->id) == 0 ||
		    spec_glob(glob, c->v[i]->id))
			return c->v[i];
	return NULL;
}

static bool is_listed(const json_t *list, const char *id)
{
	const char *one = json_string_value(list);
	const json_t *item;
	size_t i;

	if (one)
		return strcmp(one, id) == 0 || spec_glob(one, id);
	json_array_foreach (list, i, item) {
		one = json_string_value(item);
		if (strcmp(one, id) == 0 || spec_glob(one, id))
			return true;
	}
	return false;
}

static void judge_listed(struct judging *j, const char *glob,
			 const struct chosen *chosen, const char *pointer)
{
	j->expectations++;
	if (!find(j, chosen, glob))
		judge_fail(j, meant(j, glob), pointer, SOURCE_AT_VALUE,
			   "nothing of %s %s%s", glob, chosen->what,
			   meant(j, glob) ? "" : judge_near(j, glob));
}

/* Each of the list, and nothing else. */
static void judge_list(struct judging *j, json_t *list,
		       const struct chosen *chosen, const char *pointer)
{
	const struct plan *plan = &j->simulation->against.plan;
	const json_t *item;
	size_t i;

	if (json_is_string(list))
		judge_listed(j, json_string_value(list), chosen, pointer);
	json_array_foreach (list, i, item)
		judge_listed(j, json_string_value(item), chosen,
			     pointer_index(j->arena, pointer, i));
	j->expectations++;
	for (i = 0; i < plan->n; i++)
		if (chosen->is(j, plan->v[i]) &&
		    !is_listed(list, plan->v[i]->res->id))
			judge_fail(j, plan->v[i]->res, pointer, SOURCE_AT_VALUE,
				   "it %s too, and is not listed",
				   chosen->what);
}

static void judge_action(struct judging *j, const char *glob, const char *want,
			 const char *pointer)
{
	const struct change *c = find(j, &actions, glob);
	const char *have = c ? action_of(c) : "none";

	j->expectations++;
	if (strcmp(have, want) != 0)
		judge_fail(j, c ? c->res : meant(j, glob), pointer,
			   SOURCE_AT_VALUE, "its action is %s, not %s%s", have,
			   want, meant(j, glob) ? "" : judge_near(j, glob));
}

static void judge_changes(struct judging *j, json_t *want, const char *pointer)
{
	const char *glob;
	json_t *value;

	if (!json_is_object(want)) {
		judge_list(j, want, &changes, pointer);
		return;
	}
	json_object_foreach (want, glob, value)
		if (strcmp(glob, "//") != 0)
			judge_action(j, glob, json_string_value(value),
				     pointer_join(j->arena, pointer, glob));
}

static void judge_refresh(struct judging *j, const char *glob, bool want,
			  const char *pointer)
{
	const struct change *c = find(j, &refreshes, glob);

	j->expectations++;
	if (want && !c)
		judge_fail(j, meant(j, glob), pointer, SOURCE_AT_VALUE,
			   "it is not refreshed%s",
			   meant(j, glob) ? "" : judge_near(j, glob));
	else if (!want && c)
		judge_fail(j, c->res, pointer, SOURCE_AT_VALUE,
			   "it is refreshed, and must not be");
}

static void judge_refreshes(struct judging *j, json_t *want,
			    const char *pointer)
{
	const char *glob;
	json_t *value;

	if (!json_is_object(want)) {
		judge_list(j, want, &refreshes, pointer);
		return;
	}
	json_object_foreach (want, glob, value)
		if (strcmp(glob, "//") != 0)
			judge_refresh(j, glob, json_is_true(value),
				      pointer_join(j->arena, pointer, glob));
}

static void judge_count(struct judging *j, json_t *want,
			const struct chosen *chosen, const char *pointer)
{
	const struct plan *plan = &j->simulation->against.plan;
	const struct change *first = NULL;
	json_int_t n = 0;

	if (!json_is_integer(want)) {
		judge_list(j, want, chosen, pointer);
		return;
	}
	for (size_t i = 0; i < plan->n; i++)
		if (chosen->is(j, plan->v[i]) && n++ == 0)
			first = plan->v[i];
	j->expectations++;
	if (n != json_integer_value(want))
		judge_fail(j, first ? first->res : NULL, pointer,
			   SOURCE_AT_VALUE,
			   "%" JSON_INTEGER_FORMAT " %s, not "
			   "%" JSON_INTEGER_FORMAT "%s%s",
			   n, chosen->word, json_integer_value(want),
			   first ? "; the first is " : "",
			   first ? first->res->id : "");
}

static void judge_withheld(struct judging *j, json_t *want, const char *pointer)
{
	judge_count(j, want, &withheld, pointer);
}

static void judge_unknown(struct judging *j, json_t *want, const char *pointer)
{
	judge_count(j, want, &unknown, pointer);
}

static void judge_unchanged(struct judging *j, json_t *want,
			    const char *pointer)
{
	const struct change *c = find(j, &changes, "*");
	const struct change *r = find(j, &refreshes, "*");

	if (!c)
		c = r;
	j->expectations++;
	if (json_is_true(want) && c)
		judge_fail(j, c->res, pointer, SOURCE_AT_VALUE,
			   "it %s, and nothing must",
			   c->refresh ? "is refreshed" : "changes");
	else if (!json_is_true(want) && !c)
		judge_fail(j, NULL, pointer, SOURCE_AT_VALUE,
			   "nothing changes");
}

static const struct {
	const char *key;
	void (*judge)(struct judging *, json_t *want, const char *pointer);
} keys[] = {
	{ "resources", judge_resources }, { "files", judge_files },
	{ "packages", judge_packages },   { "units", judge_units },
	{ "changes", judge_changes },     { "refreshes", judge_refreshes },
	{ "withheld", judge_withheld },   { "unknown", judge_unknown },
	{ "unchanged", judge_unchanged },
};

size_t judge(struct simulation *s, const struct spec *spec)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct judging j = { .simulation = s, .spec = spec, .arena = &a };
	const json_t *expect = json_object_get(spec->doc->root, "expect");

	for (size_t i = 0; i < COUNT(keys); i++) {
		json_t *want = json_object_get(expect, keys[i].key);

		if (want)
			keys[i].judge(&j, want,
				      pointer_join(&a, "/expect", keys[i].key));
	}
	return j.expectations;
}
