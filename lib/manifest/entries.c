/* SPDX-License-Identifier: MIT */
/*
 * The resources of all parts, one by one: defaults added, `when` decided,
 * `for_each` repeated, ${...} filled in; and what two parts give is the same.
 */
#include "lib/manifest/entries.h"

#include <string.h>

#include "lib/text/when.h"

enum { EACH_MAX = 100000, ID_MAX = 8192 };

#define TOO_MANY "more than 100000 resources"

/* --- whose attribute it is --- */

void entry_patch(struct manifest *m, const char *id, const char *key,
		 const char *pointer)
{
	struct patch *patch = arena_new(&m->arena, struct patch);

	*patch = (struct patch){ key, pointer, map_get(&m->patches, id) };
	map_put(&m->patches, &m->arena, id, patch);
}

static const char *patched(const struct patch *patch, const char *key)
{
	for (; patch; patch = patch->next)
		if (strcmp(patch->key, key) == 0)
			return patch->pointer;
	return NULL;
}

const char *manifest_attribute(struct manifest *m, const char *pointer,
			       const char *id, const char *key)
{
	const char *elsewhere;

	if (!pointer)
		return NULL;
	elsewhere = patched(map_get(&m->patches, id), key);
	return elsewhere ? elsewhere : pointer_join(&m->arena, pointer, key);
}

const char *manifest_patched(const struct manifest *m, const char *id,
			     const void **at)
{
	const struct patch *patch = *at ? ((const struct patch *)*at)->next
					: map_get(&m->patches, id);

	*at = patch;
	return patch ? patch->key : NULL;
}

/* A resource as it stands in a part, before it is repeated. */
struct reading_entry {
	struct manifest *m;
	const struct part *part;
	const char *id;
	const char *pointer;
	json_t *attributes; /* with the part's defaults */
	const struct patch *patches;
	struct diags *diags;
};

/* The attributes with those that the part's defaults add. */
static void add_defaults(struct reading_entry *r)
{
	struct arena *a = &r->m->arena;
	char *type = arena_strndup(a, r->id, strcspn(r->id, ":"));
	json_t *defaults = json_object_get(r->part->defaults, type), *value;
	json_t *whole = NULL;
	const char *key;

	json_object_foreach (defaults, key, value) {
		struct patch *patch;

		if (strcmp(key, "//") == 0 ||
		    json_object_get(r->attributes, key))
			continue;
		if (!whole)
			whole = json_copy(r->attributes);
		json_object_set(whole, key, value);
		patch = arena_new(a, struct patch);
		*patch = (struct patch){
			key,
			pointer_join(
				a, pointer_join(a, r->part->defaults_at, type),
				key),
			r->patches
		};
		r->patches = patch;
	}
	if (!whole)
		return;
	json_array_append_new(r->m->owned, whole);
	r->attributes = whole;
}

/* --- the entries --- */

static bool is_about_it(const char *key)
{
	return strcmp(key, "//") == 0 || strcmp(key, "when") == 0 ||
	       strcmp(key, "for_each") == 0;
}

/* The first attribute that is not the same, or NULL. A template shows what they
 * were repeated for. */
static const char *differs(const struct entry *known, const struct entry *entry)
{
	json_t *one = known->attributes, *other = entry->attributes;
	const char *key;
	json_t *value;

	json_object_foreach (one, key, value)
		if (!is_about_it(key) &&
		    !json_equal(value, json_object_get(other, key)))
			return key;
	json_object_foreach (other, key, value)
		if (!is_about_it(key) && !json_object_get(one, key))
			return key;
	return json_object_get(one, "template") && known->each != entry->each &&
			       !json_equal(known->each, entry->each)
		       ? "template"
		       : NULL;
}

/* What another part gave already: nothing to do, if it is the same. */
static bool meet(struct manifest *m, struct entry *known,
		 const struct entry *entry, struct diags *d)
{
	const char *other = differs(known, entry);
	struct place at;
	struct also *also;

	if (!other) {
		also = arena_new(&m->arena, struct also);
		*also = (struct also){ entry->part, known->also };
		known->also = also;
		known->max_disruption = disruption_stricter(
			known->max_disruption, entry->max_disruption);
		return true;
	}
	at = manifest_place(m, known->pointer, SOURCE_AT_KEY);
	d->subject = entry->id;
	FAIL(m, d, entry->pointer, SOURCE_AT_KEY,
	     "it is given other attributes at %s:%zu:%zu, such as '%s'",
	     at.file, at.line, at.column, other);
	diag_hint(d, "say in one place what it is, and patch it with "
		     "'overrides'");
	d->subject = NULL;
	return false;
}

static bool add_entry(struct manifest *m, const struct entry *entry,
		      const struct patch *patches, struct diags *d)
{
	size_t index = (size_t)(uintptr_t)map_get(&m->by_id, entry->id);

	/* twice in one part is the catalog's to tell */
	if (index && m->v[index - 1].part != entry->part)
		return meet(m, &m->v[index - 1], entry, d);
	if (m->n == MANIFEST_MAX_RESOURCES)
		return manifest_stop(m, entry->pointer, SOURCE_AT_KEY, TOO_MANY,
				     d);
	m->v = arena_grow(&m->arena, m->v, m->n, &m->capacity, sizeof(*m->v));
	m->v[m->n++] = *entry;
	if (m->nparts > 1)
		map_put(&m->by_id, &m->arena, entry->id,
			(void *)(uintptr_t)m->n);
	for (; patches; patches = patches->next)
		entry_patch(m, entry->id, patches->key, patches->pointer);
	return true;
}

static bool when_holds(struct manifest *m, const struct scope *scope,
		       json_t *attributes, const char *pointer, bool *holds,
		       struct diags *d)
{
	const json_t *when = json_object_get(attributes, "when");
	const char *error = NULL;

	*holds = true;
	if (!when || when_judge(scope, when, &m->arena, holds, &error))
		return true;
	pointer = pointer_join(&m->arena, pointer, "when");
	if (m->left == 0)
		return manifest_stop(m, pointer, SOURCE_AT_VALUE, error, d);
	return FAIL(m, d, pointer, SOURCE_AT_VALUE, "%s", error);
}

static bool needs_filling(json_t *attributes)
{
	const char *key;
	json_t *item;

	json_object_foreach (attributes, key, item)
		if (strcmp(key, "when") != 0 && strcmp(key, "for_each") != 0 &&
		    manifest_has_reference(item))
			return true;
	return false;
}

json_t *entry_fill(struct manifest *m, const struct scope *scope,
		   json_t *attributes, const char *pointer,
		   const struct patch *patches, struct diags *d)
{
	const char *key, *at;
	json_t *result, *value, *made;
	bool ok = true;

	if (!needs_filling(attributes))
		return attributes;
	if (!manifest_spend(m, NODE * (1 + json_object_size(attributes)),
			    pointer, SOURCE_AT_KEY, d))
		return NULL;
	result = json_object();
	json_array_append_new(m->owned, result);
	json_object_foreach (attributes, key, value) {
		if (is_about_it(key))
			continue;
		if (!manifest_has_reference(value)) {
			json_object_set(result, key, value);
			continue;
		}
		at = patched(patches, key);
		made = manifest_expand(
			m, scope, value,
			at ? at : pointer_join(&m->arena, pointer, key), d);
		ok &= made && json_object_set_new(result, key, made) == 0;
		if (m->stopped)
			return NULL;
	}
	return ok ? result : NULL;
}

static bool check_id(struct manifest *m, const char *id, const char *pointer,
		     struct diags *d)
{
	return strlen(id) <= ID_MAX ||
	       FAIL(m, d, pointer, SOURCE_AT_KEY,
		    "a resource's id must be at most %d bytes long", ID_MAX);
}

static bool fill_id(struct manifest *m, const struct scope *scope,
		    const char **id, const char *pointer, struct diags *d)
{
	const char *error = NULL;
	json_t *name;

	if (!strstr(*id, "${"))
		return true;
	name = scope_expand(scope, *id, strlen(*id), &m->arena, &error);
	if (!name || !json_is_string(name)) {
		json_decref(name);
		return FAIL(m, d, pointer, SOURCE_AT_KEY, "%s",
			    error ? error : "a resource's id must be text");
	}
	*id = arena_strdup(&m->arena, json_string_value(name));
	json_decref(name);
	return check_id(m, *id, pointer, d);
}

/* By the id that it would have, if that can be told. */
static void leave_out(struct reading_entry *r, const struct scope *scope)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct manifest *m = r->m;
	const char *id = r->id;

	if (!fill_id(m, scope, &id, r->pointer, &ignored))
		id = r->id;
	strings_add(&m->elsewhere, &m->arena, id);
}

static bool add_resource(struct reading_entry *r, json_t *each)
{
	struct manifest *m = r->m;
	struct scope scope = m->scope;
	struct entry entry = { .id = r->id,
			       .pointer = r->pointer,
			       .part = r->part,
			       .max_disruption = r->part->max_disruption,
			       .each = each };
	bool holds;

	scope.each = each;
	if (!when_holds(m, &scope, r->attributes, r->pointer, &holds, r->diags))
		return false;
	if (!holds) {
		leave_out(r, &scope);
		return true;
	}
	if (!fill_id(m, &scope, &entry.id, r->pointer, r->diags))
		return false;
	entry.attributes = entry_fill(m, &scope, r->attributes, r->pointer,
				      r->patches, r->diags);
	return entry.attributes && add_entry(m, &entry, r->patches, r->diags);
}

/* Takes key. */
static bool repeat_once(struct reading_entry *r, size_t cost, json_t *key,
			json_t *value)
{
	json_t *each = json_pack("{s:o, s:O}", "key", key, "value", value);

	json_array_append_new(r->m->owned, each);
	return manifest_spend(r->m, cost, r->pointer, SOURCE_AT_KEY,
			      r->diags) &&
	       add_resource(r, each);
}

/* What each repetition costs: a few nodes, and what the attributes hold. */
static size_t repeat_cost(json_t *attributes)
{
	return NODE * (8 + manifest_nodes(attributes, SIZE_MAX) -
		       manifest_nodes(json_object_get(attributes, "for_each"),
				      SIZE_MAX));
}

static bool no_list(struct manifest *m, const char *pointer, struct diags *d)
{
	return FAIL(m, d, pointer_join(&m->arena, pointer, "for_each"),
		    SOURCE_AT_VALUE,
		    "'for_each' must be a list or an object of at most %d, or "
		    "a reference to one",
		    EACH_MAX);
}

static bool repeat(struct reading_entry *r, json_t *list)
{
	struct manifest *m = r->m;
	size_t cost = repeat_cost(r->attributes), i;
	const char *key;
	json_t *item;
	bool ok = true;

	if (json_is_array(list) && json_array_size(list) <= EACH_MAX) {
		json_array_foreach (list, i, item)
			ok &= repeat_once(r, cost, json_integer((json_int_t)i),
					  item);
	} else if (json_is_object(list) && json_object_size(list) <= EACH_MAX) {
		json_object_foreach (list, key, item)
			ok &= strcmp(key, "//") == 0 ||
			      repeat_once(r, cost, json_string(key), item);
	} else {
		ok = no_list(m, r->pointer, r->diags);
	}
	return ok;
}

static bool read_repeated(struct reading_entry *r, json_t *list)
{
	struct manifest *m = r->m;
	json_t *expanded;
	bool ok;

	expanded = manifest_expand(
		m, &m->scope, list,
		pointer_join(&m->arena, r->pointer, "for_each"), r->diags);
	if (!expanded)
		return false;
	ok = repeat(r, expanded);
	json_array_append_new(m->owned, expanded);
	return ok;
}

bool entry_check(struct manifest *m, const char *id, json_t *attributes,
		 const char *pointer, struct diags *d)
{
	json_t *list = json_object_get(attributes, "for_each");

	if (!check_id(m, id, pointer, d))
		return false;
	if (!json_is_object(attributes))
		return FAIL(m, d, pointer, SOURCE_AT_VALUE,
			    "a resource must be an object of attributes");
	if (!list)
		return true;
	if (!scope_refers(id))
		return FAIL(m, d, pointer, SOURCE_AT_KEY,
			    "a resource with 'for_each' needs ${each.key} or "
			    "${each.value} in its name");
	return json_is_array(list) || json_is_object(list) ||
	       manifest_has_reference(list) || no_list(m, pointer, d);
}

static bool read_resource(struct manifest *m, const struct part *part,
			  const char *resources_at, const char *id,
			  json_t *attributes, struct diags *d)
{
	struct reading_entry r = { .m = m,
				   .part = part,
				   .id = id,
				   .pointer = pointer_join(&m->arena,
							   resources_at, id),
				   .attributes = attributes,
				   .diags = d };
	json_t *list;

	if (!entry_check(m, id, attributes, r.pointer, d))
		return false;
	if (part->defaults)
		add_defaults(&r);
	list = json_object_get(attributes, "for_each");
	return list ? read_repeated(&r, list) : add_resource(&r, NULL);
}

static bool read_part(struct manifest *m, const struct part *part,
		      struct diags *d)
{
	json_t *resources = json_object_get(part->object, "resources");
	const char *at = pointer_join(&m->arena, part->pointer, "resources");
	json_t *attributes;
	const char *id;
	bool ok = true;

	json_object_foreach (resources, id, attributes) {
		if (m->stopped)
			break;
		if (strcmp(id, "//") == 0 ||
		    read_resource(m, part, at, id, attributes, d))
			continue;
		strings_add(&m->unread, &m->arena, id);
		ok = false;
	}
	return ok;
}

bool entries_read(struct manifest *m, struct diags *d)
{
	bool ok = true;

	for (size_t i = 0; i < m->nparts; i++)
		ok &= read_part(m, m->parts[i], d);
	return ok;
}
