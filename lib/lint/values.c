/* SPDX-License-Identifier: MIT */
/* Values that change nothing, and attributes that will go. */
#include <string.h>

#include "lib/lint/parts.h"

/* --- defaults --- */

static void find_defaults(struct look *k, json_t *resources, json_t *defaults,
			  const char *pointer)
{
	struct arena *a = k->lint->arena;
	const char *at = pointer_join(a, pointer, "resources"), *id, *key;
	json_t *attributes, *value, *same;

	json_object_foreach (resources, id, attributes) {
		AUTO_BUF struct buf type = { 0 };
		struct lint_finding *f;

		buf_add(&type, id, strcspn(id, ":"));
		same = json_object_get(defaults, buf_text(&type));
		if (!json_is_object(same))
			continue;
		json_object_foreach (attributes, key, value) {
			if (strcmp(key, "//") == 0 ||
			    !json_equal(value, json_object_get(same, key)))
				continue;
			f = look_find(
				k,
				pointer_join(a, pointer_join(a, at, id), key),
				SOURCE_AT_KEY,
				"'%s' is what the defaults of %s in this "
				"file say too",
				key, buf_text(&type));
			if (f)
				f->subject = arena_strdup(a, id);
		}
	}
}

void lint_shadowed_defaults(struct look *k)
{
	struct arena *a = k->lint->arena;
	json_t *root = k->doc->root, *rule,
	       *defaults = json_object_get(root, "defaults");
	const char *file, *rules;
	size_t i;

	if (!json_object_size(defaults))
		return;
	file = arena_printf(a, "%s#", k->doc->name);
	rules = pointer_join(a, file, "rules");
	find_defaults(k, json_object_get(root, "resources"), defaults, file);
	json_array_foreach (json_object_get(root, "rules"), i, rule)
		find_defaults(k, json_object_get(rule, "resources"), defaults,
			      pointer_index(a, rules, i));
}

/* --- vars --- */

/* A part that sets a var, and the one of the same name before it. */
struct setting {
	const struct part *part;
	json_t *value;
	struct setting *below;
};

/* Whether another of the list lies between the two. */
static bool is_nearest(const struct setting *list, const struct part *lower,
		       const struct part *upper)
{
	for (; list; list = list->below)
		if (part_is_below(lower, list->part) &&
		    part_is_below(list->part, upper))
			return false;
	return true;
}

/* The value that the var would have without this setting of it, if all that it
 * gives way for agree; or NULL. */
static const struct setting *without(const struct setting *s)
{
	const struct setting *found = NULL;

	for (const struct setting *at = s->below; at; at = at->below) {
		if (!part_is_below(at->part, s->part) ||
		    !is_nearest(s->below, at->part, s->part))
			continue;
		if (found && !json_equal(found->value, at->value))
			return NULL;
		found = at;
	}
	return found;
}

static void look_at_setting(struct look *k, const struct setting *s,
			    const char *name)
{
	struct manifest *m = k->manifest;
	const struct setting *other = without(s);
	const char *pointer = look_pointer(
		k,
		pointer_join(&m->arena,
			     pointer_join(&m->arena, s->part->pointer, "vars"),
			     name));
	struct lint_finding *f;

	if (!other || !json_equal(other->value, s->value)) {
		lint_mark(k->lint, "set", pointer);
		return;
	}
	f = look_find(k, pointer, SOURCE_AT_KEY,
		      "'vars.%s' has this value from %s%s too", name,
		      other->part->role ? "role " : "converge.json",
		      other->part->role ? other->part->role : "");
	if (f)
		f->mark = lint_mark_name(k->lint, "set", pointer);
}

void lint_shadowed_vars(struct look *k)
{
	struct manifest *m = k->manifest;
	struct map by_name = { 0 };
	const char *name;
	json_t *value;

	for (size_t i = 0; i < m->nparts && m->nparts > 1; i++) {
		const struct part *part = m->parts[i];

		json_object_foreach (json_object_get(part->object, "vars"),
				     name, value) {
			struct setting *s;

			if (strcmp(name, "//") == 0)
				continue;
			s = arena_new(&m->arena, struct setting);
			*s = (struct setting){ part, value, NULL };
			s->below = map_put(&by_name, &m->arena, name, s);
			/* nothing is below those of the world */
			if (i)
				look_at_setting(k, s, name);
		}
	}
}

/* --- overrides --- */

/* What the attribute of a resource is without overrides, as it is written;
 * NULL: not given. */
static json_t *written(struct look *k, const struct entry *entry,
		       const struct resource *res, const char *key,
		       json_t **owned)
{
	AUTO_BUF struct buf type = { 0 };
	json_t *value = json_object_get(
		lint_value(k->lint->documents, look_pointer(k, entry->pointer)),
		key);

	buf_add(&type, entry->id, strcspn(entry->id, ":"));
	if (!value)
		value = json_object_get(
			json_object_get(entry->part->defaults, buf_text(&type)),
			key);
	for (size_t i = 0; !value && i < res->module->nattrs; i++) {
		const struct attr *attr = &res->module->attrs[i];

		if (attr->fallback && strcmp(attr->name, key) == 0)
			value = *owned = json_loads(attr->fallback,
						    JSON_DECODE_ANY, NULL);
	}
	return value;
}

/* How many parts override it. */
static size_t overriders(const struct manifest *m, const char *id,
			 const char *key)
{
	size_t n = 0;

	for (size_t i = 0; i < m->nparts; i++)
		n += json_object_get(
			     json_object_get(
				     json_object_get(m->parts[i]->object,
						     "overrides"),
				     id),
			     key) != NULL;
	return n;
}

static void look_at_override(struct look *k, const char *pointer,
			     const char *id, const char *key, json_t *value)
{
	struct manifest *m = k->manifest;
	size_t index = (size_t)(uintptr_t)map_get(&m->by_id, id);
	const struct resource *res = catalog_find(k->catalog, id);
	json_t *owned = NULL, *base;
	struct lint_finding *f;

	if (!index || !res || overriders(m, id, key) != 1)
		return;
	pointer = look_pointer(k, pointer_join(&m->arena, pointer, key));
	base = written(k, &m->v[index - 1], res, key, &owned);
	if (json_is_null(value) ? base && !owned : !json_equal(base, value)) {
		lint_mark(k->lint, "overrides", pointer);
	} else {
		f = look_find(k, pointer, SOURCE_AT_KEY,
			      "'%s' is the same without this override", key);
		if (f) {
			f->subject = arena_strdup(k->lint->arena, id);
			f->mark = lint_mark_name(k->lint, "overrides", pointer);
		}
	}
	json_decref(owned);
}

void lint_shadowed_overrides(struct look *k)
{
	struct manifest *m = k->manifest;
	const char *id, *key;
	json_t *attributes, *value;

	for (size_t i = 0; i < m->nparts; i++) {
		json_t *all = json_object_get(m->parts[i]->object, "overrides");
		const char *at = pointer_join(&m->arena, m->parts[i]->pointer,
					      "overrides");

		json_object_foreach (all, id, attributes)
			json_object_foreach (attributes, key, value)
				if (strcmp(key, "//") != 0)
					look_at_override(
						k,
						pointer_join(&m->arena, at, id),
						id, key, value);
	}
}

/* --- attributes --- */

void lint_deprecated(struct look *k)
{
	const struct module *module = k->res->module;

	for (size_t i = 0; i < module->nattrs; i++)
		if ((module->attrs[i].flags & ATTR_DEPRECATED) &&
		    look_has(k, module->attrs[i].name))
			look_attribute(k, module->attrs[i].name,
				       "'%s' of %s is deprecated",
				       module->attrs[i].name, module->name);
}
