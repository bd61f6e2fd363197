/* SPDX-License-Identifier: MIT */
/*
 * Overrides patch what resources are, attribute by attribute; null takes one
 * away. What is above has the last word.
 */
#include "lib/manifest/entries.h"

#include <string.h>

/* The last word on an attribute so far. */
struct word {
	const struct part *part;
	json_t *value;
	const char *pointer;
};

struct overriding {
	struct manifest *m;
	struct map words; /* by "ID\nATTRIBUTE" */
	bool whole;       /* see overrides_apply */
	struct diags *diags;
};

/* They have done their work when overrides come. */
static bool check_override(struct manifest *m, const char *pointer,
			   const json_t *attributes, struct diags *d)
{
	static const char *const names[] = { "when", "for_each" };
	bool ok = true;

	for (size_t i = 0; i < COUNT(names); i++)
		if (json_object_get(attributes, names[i]))
			ok = FAIL(m, d,
				  pointer_join(&m->arena, pointer, names[i]),
				  SOURCE_AT_KEY, "an override takes no '%s'",
				  names[i]);
	return ok;
}

/* Notes the word, unless another part that is not below has one that differs.
 */
static bool say(struct overriding *o, const struct part *part, const char *id,
		const char *key, json_t *value, const char *pointer)
{
	struct manifest *m = o->m;
	const char *name = arena_printf(&m->arena, "%s\n%s", id, key);
	struct word *word = map_get(&o->words, name);
	struct place at;

	if (word && !part_is_below(word->part, part) &&
	    !json_equal(word->value, value)) {
		at = manifest_place(m, word->pointer, SOURCE_AT_KEY);
		o->diags->subject = id;
		FAIL(m, o->diags, pointer, SOURCE_AT_KEY,
		     "'%s' is overridden differently at %s:%zu:%zu, and "
		     "neither of the two gives way to the other",
		     key, at.file, at.line, at.column);
		o->diags->subject = NULL;
		return false;
	}
	word = arena_new(&m->arena, struct word);
	*word = (struct word){ part, value, pointer };
	map_put(&o->words, &m->arena, name, word);
	entry_patch(m, id, key, pointer);
	return true;
}

static bool patch(struct overriding *o, const struct part *part,
		  struct entry *entry, json_t *attributes, const char *pointer)
{
	struct manifest *m = o->m;
	json_t *merged = json_copy(entry->attributes), *value;
	const char *key;
	bool ok = true;

	json_array_append_new(m->owned, merged);
	json_object_foreach (attributes, key, value) {
		if (strcmp(key, "//") == 0)
			continue;
		ok &= say(o, part, entry->id, key, value,
			  pointer_join(&m->arena, pointer, key));
		if (json_is_null(value))
			json_object_del(merged, key);
		else
			json_object_set(merged, key, value);
	}
	entry->attributes = merged;
	return ok;
}

/* What a role would have, on hosts of another kind, is no slip of it. */
static bool is_elsewhere(const struct manifest *m, const struct part *part,
			 const char *id)
{
	return part->role && strings_have(&m->elsewhere, id);
}

static bool override(struct overriding *o, const struct part *part,
		     const char *id, json_t *attributes, const char *pointer)
{
	struct manifest *m = o->m;
	size_t index = (size_t)(uintptr_t)map_get(&m->by_id, id);

	if (!json_is_object(attributes))
		return FAIL(m, o->diags, pointer, SOURCE_AT_VALUE,
			    "an override must be an object of attributes");
	if (!index)
		return is_elsewhere(m, part, id) ||
		       (o->whole &&
			FAIL(m, o->diags, pointer, SOURCE_AT_KEY,
			     "there is no resource '%s' to override", id));
	if (!check_override(m, pointer, attributes, o->diags))
		return false;
	attributes =
		entry_fill(m, &m->scope, attributes, pointer, NULL, o->diags);
	return attributes &&
	       patch(o, part, &m->v[index - 1], attributes, pointer);
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
	return ok;
}
