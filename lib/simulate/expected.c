/* SPDX-License-Identifier: MIT */
#include "lib/simulate/expected.h"

#include <string.h>

struct expecting {
	const struct spec *spec;
	struct catalog *catalog;
	struct diags *diags;
};

static const struct attr *find(const struct attr *attrs, size_t n,
			       const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(attrs[i].name, name) == 0)
			return &attrs[i];
	return NULL;
}

/* Kinds whose every value is read and shown in one way alone: what cannot be
 * read, or is shown otherwise, never is the value. */
static bool is_plain(const struct kind *kind)
{
	static const struct kind *const kinds[] = { &kind_choice, &kind_bool,
						    &kind_integer, &kind_enable,
						    &kind_mode };

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (kinds[i] == kind)
			return true;
	return false;
}

static bool can_be(struct expecting *e, const struct attr *attr,
		   const json_t *want, const char *pointer)
{
	struct arena *a = e->catalog->arena;
	const struct reading r = { .arena = a,
				   .diags = e->diags,
				   .check_only = true };
	void *field = arena_alloc(a, attr->kind->size);
	json_t *shown;
	bool ok;

	e->diags->place = spec_place(e->spec, pointer, SOURCE_AT_VALUE);
	ok = attr->kind->read(&r, attr, want, field);
	shown = ok ? attr->kind->show(attr, field) : NULL;
	if (ok && !json_equal(shown, want))
		ok = diag_error(
			e->diags, "'%s' is told as \"%s\" and never like this",
			attr->name,
			json_is_string(shown) ? json_string_value(shown) : "?");
	json_decref(shown);
	e->diags->place = (struct place){ 0 };
	return ok;
}

static bool check_value(struct expecting *e, const struct attr *attr,
			json_t *matcher, const char *pointer)
{
	const json_t *want = matcher;

	if (json_is_object(matcher)) {
		want = json_object_get(matcher, "is");
		pointer = pointer_join(e->catalog->arena, pointer, "is");
	}
	/* a list of one is the one */
	if (!want || json_is_array(want) || !is_plain(attr->kind))
		return true;
	return can_be(e, attr, want, pointer);
}

static bool check_values(struct expecting *e, const struct module *m,
			 json_t *attributes, const char *pointer)
{
	const char *name;
	json_t *value;
	bool ok = true;

	json_object_foreach (attributes, name, value) {
		const struct attr *attr = find(m->attrs, m->nattrs, name);

		if (!attr)
			attr = find(common_attrs, common_attrs_n, name);
		if (attr && strcmp(name, "//") != 0)
			ok &= check_value(
				e, attr, value,
				pointer_join(e->catalog->arena, pointer, name));
	}
	return ok;
}

static bool check_resource(struct expecting *e, const char *id, json_t *value,
			   const char *pointer)
{
	struct arena *a = e->catalog->arena;
	size_t n = strcspn(id, ":");
	const struct module *m = module_find(e->catalog->modules, id, n);
	const char *word = json_string_value(value);
	bool ok;

	/* a glob, or what lint tells of: that no host has it */
	if (strcspn(id, "*?[") < n ||
	    (!m && !(word && strcmp(word, "absent") == 0)))
		return true;
	ok = catalog_check_keys(
		e->catalog, id, json_is_object(value) ? value : NULL,
		arena_printf(a, "%s#%s", e->spec->file, pointer), e->diags);
	return (!m || check_values(e, m, value, pointer)) && ok;
}

bool expected_check(const struct spec *spec, struct catalog *c, struct diags *d)
{
	static const char at[] = "/expect/resources";
	struct expecting e = { spec, c, d };
	const json_t *expect = json_object_get(spec->doc->root, "expect");
	const char *id;
	json_t *value;
	bool ok = true;

	json_object_foreach (json_object_get(expect, "resources"), id, value)
		if (strcmp(id, "//") != 0 && strchr(id, ':'))
			ok &= check_resource(&e, id, value,
					     pointer_join(c->arena, at, id));
	return ok;
}
