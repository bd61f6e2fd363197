/* SPDX-License-Identifier: MIT */
#include "lib/manifest/role.h"

#include <string.h>

#include "lib/manifest/entries.h"
#include "lib/manifest/shape.h"
#include "lib/text/when.h"

/* --- references --- */

/* Recursion is as deep as the text: at most SOURCE_MAX_DEPTH. repeated: they
 * are of a resource with for_each. */
static bool check_references(struct manifest *m, json_t *value,
			     const char *pointer, bool repeated,
			     struct diags *d)
{
	const char *key, *wrong;
	json_t *item;
	size_t i;
	bool ok = true;

	if (!manifest_has_reference(value))
		return true;
	json_object_foreach (value, key, item)
		if (strcmp(key, "//") != 0)
			ok &= check_references(
				m, item, pointer_join(&m->arena, pointer, key),
				repeated, d);
	json_array_foreach (value, i, item)
		ok &= check_references(m, item,
				       pointer_index(&m->arena, pointer, i),
				       repeated, d);
	if (!json_is_string(value))
		return ok;
	wrong = scope_wrong(&m->scope, json_string_value(value),
			    json_string_length(value), repeated, &m->arena);
	return !wrong || FAIL(m, d, pointer, SOURCE_AT_VALUE, "%s", wrong);
}

static bool check_vars(struct manifest *m, json_t *part, const char *pointer,
		       struct diags *d)
{
	json_t *vars = json_object_get(part, "vars"), *value;
	const char *name;
	bool ok = true;

	pointer = pointer_join(&m->arena, pointer, "vars");
	json_object_foreach (vars, name, value) {
		const char *at = pointer_join(&m->arena, pointer, name);

		if (strcmp(name, "//") == 0)
			continue;
		ok &= check_references(m, value, at, false, d) &&
		      var_check(m, name, value, at, d);
	}
	return ok;
}

/* --- resources --- */

static bool check_when(struct manifest *m, const json_t *when,
		       const char *pointer, bool repeated, struct diags *d)
{
	const char *wrong =
		when ? when_wrong(&m->scope, when, repeated, &m->arena) : NULL;

	return !wrong || FAIL(m, d, pointer_join(&m->arena, pointer, "when"),
			      SOURCE_AT_VALUE, "%s", wrong);
}

static bool check_attributes(struct manifest *m, json_t *attributes,
			     const char *pointer, bool repeated,
			     struct diags *d)
{
	const char *key;
	json_t *value;
	bool ok = true;

	json_object_foreach (attributes, key, value)
		if (strcmp(key, "//") != 0 && strcmp(key, "when") != 0)
			ok &= check_references(
				m, value, pointer_join(&m->arena, pointer, key),
				repeated && strcmp(key, "for_each") != 0, d);
	return ok;
}

static bool check_resource(struct manifest *m, const char *id,
			   json_t *attributes, const char *pointer,
			   struct diags *d)
{
	bool repeated = json_object_get(attributes, "for_each") != NULL;
	const char *wrong =
		scope_wrong(&m->scope, id, strlen(id), repeated, &m->arena);
	bool ok = !wrong;

	if (!entry_check(m, id, attributes, pointer, d))
		return false;
	if (wrong)
		FAIL(m, d, pointer, SOURCE_AT_KEY, "%s", wrong);
	ok &= check_when(m, json_object_get(attributes, "when"), pointer,
			 repeated, d);
	return check_attributes(m, attributes, pointer, repeated, d) && ok;
}

static bool check_resources(struct manifest *m, json_t *part,
			    const char *pointer, struct diags *d)
{
	json_t *resources = json_object_get(part, "resources"), *attributes;
	const char *id;
	bool ok = true;

	pointer = pointer_join(&m->arena, pointer, "resources");
	json_object_foreach (resources, id, attributes)
		if (strcmp(id, "//") != 0)
			ok &= check_resource(
				m, id, attributes,
				pointer_join(&m->arena, pointer, id), d);
	return ok;
}

static bool check_overrides(struct manifest *m, json_t *part,
			    const char *pointer, struct diags *d)
{
	json_t *overrides = json_object_get(part, "overrides"), *attributes;
	const char *id;
	bool ok = true;

	pointer = pointer_join(&m->arena, pointer, "overrides");
	json_object_foreach (overrides, id, attributes) {
		const char *at = pointer_join(&m->arena, pointer, id);

		if (strcmp(id, "//") != 0)
			ok &= override_check(m, at, attributes, d) &&
			      check_attributes(m, attributes, at, false, d);
	}
	return ok;
}

/* --- what is included --- */

static bool check_included(struct manifest *m, const json_t *part,
			   const char *pointer, struct diags *d)
{
	const json_t *names = json_object_get(part, "include"), *item;
	size_t i;
	bool ok = true;

	pointer = pointer_join(&m->arena, pointer, "include");
	json_array_foreach (names, i, item) {
		const char *name = json_string_value(item);

		if (!name || !shape_is_role(name) ||
		    documents_have(
			    m->documents,
			    arena_printf(&m->arena, "roles/%s.json", name)))
			continue;
		ok = parts_no_role(m, name,
				   pointer_index(&m->arena, pointer, i), d);
	}
	return ok;
}

/* --- all of it --- */

static bool check_part(struct manifest *m, json_t *part, const char *pointer,
		       struct diags *d)
{
	bool ok = check_included(m, part, pointer, d);

	ok &= check_vars(m, part, pointer, d);
	ok &= check_resources(m, part, pointer, d);
	return check_overrides(m, part, pointer, d) && ok;
}

static bool check_rules(struct manifest *m, const json_t *rules,
			const char *pointer, struct diags *d)
{
	json_t *rule;
	size_t i;
	bool ok = true;

	json_array_foreach (rules, i, rule) {
		const char *at = pointer_index(&m->arena, pointer, i);
		json_t *when = json_object_get(rule, "when");

		/* other things are of its shape */
		if (json_is_object(when) && !shape_names_vars(when))
			ok &= check_when(m, when, at, false, d);
		ok &= check_part(m, rule, at, d);
	}
	return ok;
}

bool role_check(struct manifest *m, struct document *doc, struct diags *d)
{
	struct arena *a = &m->arena;
	const char *at = arena_printf(a, "%s#", doc->name);
	bool ok = doc->checked || shape_check(m, SHAPE_ROLE, doc->root, at, d);

	ok &= check_part(m, doc->root, at, d);
	ok &= check_references(m, json_object_get(doc->root, "defaults"),
			       pointer_join(a, at, "defaults"), true, d);
	return check_rules(m, json_object_get(doc->root, "rules"),
			   pointer_join(a, at, "rules"), d) &&
	       ok;
}
