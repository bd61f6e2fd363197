/* SPDX-License-Identifier: MIT */
/* "role:NAME" in an order or a notification means all that the role brings. */
#include "lib/manifest/entries.h"

#include <string.h>

static const char prefix[] = "role:";

static const char *role_named(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && strncmp(text, prefix, sizeof(prefix) - 1) == 0
		       ? text + sizeof(prefix) - 1
		       : NULL;
}

static bool names_role(const json_t *value)
{
	const json_t *item;
	size_t i;

	json_array_foreach (value, i, item)
		if (role_named(item))
			return true;
	return role_named(value) != NULL;
}

static bool is_of(const struct entry *entry, const uint64_t *all)
{
	if (part_is_in(entry->part, all))
		return true;
	for (const struct also *also = entry->also; also; also = also->next)
		if (part_is_in(also->part, all))
			return true;
	return false;
}

static bool add_role(struct manifest *m, const struct entry *entry,
		     const char *attribute, const char *role, json_t *ids,
		     struct diags *d)
{
	struct strings known = { 0 };
	const uint64_t *all;
	const char *near;

	if (parts_of_role(m, role, &all)) {
		for (size_t i = 0; i < m->n; i++)
			if (&m->v[i] != entry && is_of(&m->v[i], all))
				json_array_append_new(ids,
						      json_string(m->v[i].id));
		return true;
	}
	manifest_roles(m, &known);
	near = strings_nearest(role, &known);
	d->subject = entry->id;
	FAIL(m, d, manifest_attribute(m, entry->pointer, entry->id, attribute),
	     SOURCE_AT_VALUE,
	     "'%s' names role '%s', which this host does not have%s%s%s",
	     attribute, role, near ? "; did you mean \"" : "", near ? near : "",
	     near ? "\"?" : "");
	d->subject = NULL;
	return false;
}

static bool resolve(struct manifest *m, struct entry *entry,
		    const char *attribute, struct diags *d)
{
	json_t *value = json_object_get(entry->attributes, attribute), *ids;
	json_t *whole;
	json_t *item;
	size_t i;
	bool ok = true;

	if (!names_role(value))
		return true;
	ids = json_array();
	if (role_named(value))
		ok = add_role(m, entry, attribute, role_named(value), ids, d);
	json_array_foreach (value, i, item) {
		if (role_named(item))
			ok &= add_role(m, entry, attribute, role_named(item),
				       ids, d);
		else
			json_array_append(ids, item);
	}
	whole = json_copy(entry->attributes);
	json_object_set_new(whole, attribute, ids);
	json_array_append_new(m->owned, whole);
	entry->attributes = whole;
	return ok && manifest_spend(m, NODE * json_array_size(ids),
				    entry->pointer, SOURCE_AT_KEY, d);
}

bool references_resolve(struct manifest *m, struct diags *d)
{
	static const char *const attributes[] = { "require", "before", "notify",
						  "subscribe" };
	bool ok = true;

	for (size_t i = 0; i < m->n && !m->stopped; i++)
		for (size_t j = 0; j < COUNT(attributes); j++)
			ok &= resolve(m, &m->v[i], attributes[j], d);
	return ok;
}
