/* SPDX-License-Identifier: MIT */
#include "lib/manifest/role.h"

#include <stdlib.h>
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

	if (!entry_check(m, id, attributes, pointer, d))
		return false;
	if (wrong)
		FAIL(m, d, pointer, SOURCE_AT_KEY, "%s", wrong);
	return !wrong &
	       check_when(m, json_object_get(attributes, "when"), pointer,
			  repeated, d) &
	       check_attributes(m, attributes, pointer, repeated, d);
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

/* A role that can be come to, and how. */
struct visit {
	const char *role;
	const char *condition; /* of the rules on the way; NULL: there are none
				* that would not always hold */
	const struct visit *from;
};

/* All ways from a role, through those alone that come after it by name: so is
 * a circle found from one of its members. */
struct walk {
	struct manifest *m;
	const char *first;
	struct visit **v;
	size_t n, capacity;
	struct map seen;
	struct diags *diags;
	bool ok;
};

static bool tell_circle(struct walk *w, const struct visit *last,
			const char *pointer)
{
	const char *names = w->first;

	for (; last; last = last->from)
		names = arena_printf(&w->m->arena, "%s includes %s", last->role,
				     names);
	return FAIL(w->m, w->diags, pointer, SOURCE_AT_VALUE,
		    "roles include each other: %s", names);
}

static void visit(struct walk *w, const struct visit *from, const char *role,
		  const char *condition)
{
	struct arena *a = &w->m->arena;
	const char *key =
		arena_printf(a, "%s\n%s", role, condition ? condition : "");
	struct visit *to;

	if (map_get(&w->seen, key))
		return;
	map_put(&w->seen, a, key, w);
	to = arena_new(a, struct visit);
	*to = (struct visit){ role, condition, from };
	w->v = arena_grow(a, w->v, w->n, &w->capacity, sizeof(struct visit *));
	w->v[w->n++] = to;
}

/* Two rules that ask for different things may never hold together. */
static void follow(struct walk *w, const struct visit *from,
		   const json_t *names, const char *pointer,
		   const char *condition)
{
	const json_t *item;
	size_t i;

	if (from->condition && condition &&
	    strcmp(from->condition, condition) != 0)
		return;
	if (from->condition)
		condition = from->condition;
	json_array_foreach (names, i, item) {
		const char *role = json_string_value(item);
		int order = role ? strcmp(role, w->first) : -1;

		if (order == 0)
			w->ok = tell_circle(
				w, from,
				pointer_index(&w->m->arena, pointer, i));
		else if (order > 0 && shape_is_role(role))
			visit(w, from, role, condition);
	}
}

/* NULL: it always holds. */
static const char *condition_of(struct walk *w, const json_t *rule)
{
	const json_t *when = json_object_get(rule, "when");
	char *text = json_dumps(when, JSON_COMPACT | JSON_SORT_KEYS);
	const char *kept = text && json_object_size(when)
				   ? arena_strdup(&w->m->arena, text)
				   : NULL;

	free(text);
	return kept;
}

static void follow_all(struct walk *w, const struct visit *from)
{
	struct arena *a = &w->m->arena;
	const char *file = arena_printf(a, "roles/%s.json", from->role);
	const char *at = arena_printf(a, "%s#", file);
	const struct document *doc;
	const json_t *rule;
	size_t i;

	/* that it is not there is told where it is included */
	if (!documents_have(w->m->documents, file))
		return;
	doc = documents_read(w->m->documents, file, NULL, w->diags);
	if (!doc)
		return;
	follow(w, from, json_object_get(doc->root, "include"),
	       pointer_join(a, at, "include"), NULL);
	at = pointer_join(a, at, "rules");
	json_array_foreach (json_object_get(doc->root, "rules"), i, rule)
		if (json_object_get(rule, "include"))
			follow(w, from, json_object_get(rule, "include"),
			       pointer_join(a, pointer_index(a, at, i),
					    "include"),
			       condition_of(w, rule));
}

static bool check_circles(struct manifest *m, const char *role, struct diags *d)
{
	struct walk w = { .m = m, .first = role, .diags = d, .ok = true };

	visit(&w, NULL, role, NULL);
	for (size_t i = 0; i < w.n; i++)
		follow_all(&w, w.v[i]);
	return w.ok;
}

/* --- all of it --- */

static bool check_part(struct manifest *m, json_t *part, const char *pointer,
		       struct diags *d)
{
	return check_included(m, part, pointer, d) &
	       check_vars(m, part, pointer, d) &
	       check_resources(m, part, pointer, d) &
	       check_overrides(m, part, pointer, d);
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
	const char *name = doc->name + strlen("roles/");
	bool ok = doc->checked || shape_check(m, SHAPE_ROLE, doc->root, at, d);

	name = arena_strndup(a, name, strlen(name) - strlen(".json"));
	ok &= check_part(m, doc->root, at, d);
	ok &= check_references(m, json_object_get(doc->root, "defaults"),
			       pointer_join(a, at, "defaults"), true, d);
	ok &= check_rules(m, json_object_get(doc->root, "rules"),
			  pointer_join(a, at, "rules"), d);
	return check_circles(m, name, d) && ok;
}
