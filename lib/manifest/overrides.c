/* SPDX-License-Identifier: MIT */
/*
 * Overrides patch what resources are, attribute by attribute; null takes one
 * away. What is above has the last word.
 */
#include "lib/manifest/entries.h"

#include <string.h>

/* What is said of an attribute. */
struct said {
	const char *id, *key;
	struct word *words;
};

struct overriding {
	struct manifest *m;
	struct map by_name; /* of said: "ID\nATTRIBUTE" */
	struct said **v;
	size_t n, capacity;
	bool whole; /* see overrides_apply */
	struct diags *diags;
};

/* when and for_each have done their work when overrides come. */
bool override_check(struct manifest *m, const char *pointer,
		    const json_t *attributes, struct diags *d)
{
	static const char *const names[] = { "when", "for_each" };
	bool ok = true;

	if (!json_is_object(attributes))
		return FAIL(m, d, pointer, SOURCE_AT_VALUE,
			    "an override must be an object of attributes");
	for (size_t i = 0; i < COUNT(names); i++)
		if (json_object_get(attributes, names[i]))
			ok = FAIL(m, d,
				  pointer_join(&m->arena, pointer, names[i]),
				  SOURCE_AT_KEY, "an override takes no '%s'",
				  names[i]);
	return ok;
}

static void say(struct overriding *o, const char *id, const char *key,
		const struct word *word)
{
	struct arena *a = &o->m->arena;
	const char *name = arena_printf(a, "%s\n%s", id, key);
	struct said *said = map_get(&o->by_name, name);

	if (!said) {
		said = arena_new(a, struct said);
		*said = (struct said){ id, key, NULL };
		o->v = arena_grow(a, o->v, o->n, &o->capacity,
				  sizeof(struct said *));
		o->v[o->n++] = said;
		map_put(&o->by_name, a, name, said);
	}
	word_take(a, &said->words, word);
	entry_patch(o->m, id, key, word->pointer);
}

static bool check_agreed(struct overriding *o, const struct said *said)
{
	const struct word *other = word_differs(said->words);
	struct place at;

	if (!other)
		return true;
	at = manifest_place(o->m, said->words->pointer, SOURCE_AT_KEY);
	o->diags->subject = said->id;
	FAIL(o->m, o->diags, other->pointer, SOURCE_AT_KEY,
	     "'%s' is overridden differently at %s:%zu:%zu, and neither of the "
	     "two gives way to the other",
	     said->key, at.file, at.line, at.column);
	diag_hint(o->diags, "override it in the host's file, or in a role that "
			    "includes both");
	o->diags->subject = NULL;
	return false;
}

static void patch(struct overriding *o, const struct part *part,
		  struct entry *entry, json_t *attributes, const char *pointer)
{
	struct manifest *m = o->m;
	json_t *merged = json_copy(entry->attributes), *value;
	const char *key;

	json_array_append_new(m->owned, merged);
	json_object_foreach (attributes, key, value) {
		if (strcmp(key, "//") == 0)
			continue;
		say(o, entry->id, key,
		    &(struct word){ value, part,
				    pointer_join(&m->arena, pointer, key),
				    NULL });
		if (json_is_null(value))
			json_object_del(merged, key);
		else
			json_object_set(merged, key, value);
	}
	entry->attributes = merged;
}

static bool is_not_there(struct overriding *o, const char *id,
			 const char *pointer)
{
	struct manifest *m = o->m;
	struct strings ids = { 0 };
	const char *near;

	/* what would be there, on hosts of another kind, is no slip */
	if (strings_have(&m->elsewhere, id) || !o->whole)
		return strings_have(&m->elsewhere, id);
	/* a few suggestions are worth a look at a manifest of usual size */
	for (size_t i = 0; i < m->n && i < 5000 && o->diags->n < 100; i++)
		strings_add(&ids, &m->arena, m->v[i].id);
	near = strings_nearest(id, &ids);
	return FAIL(m, o->diags, pointer, SOURCE_AT_KEY,
		    "there is no resource '%s' to override%s%s%s", id,
		    near ? "; did you mean \"" : "", near ? near : "",
		    near ? "\"?" : "");
}

static bool override(struct overriding *o, const struct part *part,
		     const char *id, json_t *attributes, const char *pointer)
{
	struct manifest *m = o->m;
	size_t index = (size_t)(uintptr_t)map_get(&m->by_id, id);

	if (!override_check(m, pointer, attributes, o->diags))
		return false;
	if (!index)
		return is_not_there(o, id, pointer);
	attributes =
		entry_fill(m, &m->scope, attributes, pointer, NULL, o->diags);
	if (attributes)
		patch(o, part, &m->v[index - 1], attributes, pointer);
	return attributes != NULL;
}

static bool override_all(struct overriding *o, const struct part *part)
{
	struct manifest *m = o->m;
	json_t *overrides = json_object_get(part->object, "overrides");
	const char *at = pointer_join(&m->arena, part->pointer, "overrides");
	json_t *attributes;
	const char *id;
	bool ok = true;

	if (!json_object_size(overrides))
		return true;
	/* a lone manifest's were not needed until now; the last of two wins,
	 * which the catalog tells of */
	if (m->nparts == 1)
		for (size_t i = 0; i < m->n; i++)
			map_put(&m->by_id, &m->arena, m->v[i].id,
				(void *)(uintptr_t)(i + 1));
	json_object_foreach (overrides, id, attributes)
		if (strcmp(id, "//") != 0)
			ok &= override(o, part, id, attributes,
				       pointer_join(&m->arena, at, id));
	return ok;
}

bool overrides_apply(struct manifest *m, bool whole, struct diags *d)
{
	struct overriding o = { .m = m, .whole = whole, .diags = d };
	bool ok = true;

	for (size_t i = 0; i < m->nparts; i++)
		ok &= override_all(&o, m->parts[i]);
	for (size_t i = 0; i < o.n; i++)
		ok &= check_agreed(&o, o.v[i]);
	return ok;
}
