/* SPDX-License-Identifier: MIT */
/* What the kinds share: strings, lists of them, and what is said of values. */
#include "lib/kinds/kinds.h"

#include <string.h>

#include "lib/text/escape.h"

const char *json_type_name(const json_t *value)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "an object",   [JSON_ARRAY] = "a list",
		[JSON_STRING] = "a string",    [JSON_INTEGER] = "an integer",
		[JSON_REAL] = "a real number", [JSON_TRUE] = "true",
		[JSON_FALSE] = "false",        [JSON_NULL] = "null",
	};

	return names[json_typeof(value)];
}

bool wrong_type(const struct reading *r, const struct attr *attr,
		const char *expected, const json_t *value)
{
	return diag_error(r->diags, "'%s' must be %s, not %s", attr->name,
			  expected, json_type_name(value));
}

const char *string_of(const struct reading *r, const struct attr *attr,
		      const json_t *value)
{
	if (!json_is_string(value)) {
		wrong_type(r, attr, "a string", value);
		return NULL;
	}
	return json_string_value(value);
}

json_t *show_string(const struct attr *attr, const void *field)
{
	const char *const *text = field;

	(void)attr;
	return escape_json(*text ? *text : "");
}

bool equal_string(const void *want, const void *have)
{
	const char *const *w = want, *const *h = have;

	return *w && *h && strcmp(*w, *h) == 0;
}

json_t *schema_string(const struct attr *attr)
{
	(void)attr;
	return json_pack("{s:s}", "type", "string");
}

json_t *schema_pattern(const char *pattern)
{
	return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);
}

/* The `${` of a reference; that of `$${` is text. */
json_t *schema_or_reference(json_t *schema)
{
	return json_pack("{s:[o, {s:s, s:s}]}", "anyOf", schema, "type",
			 "string", "pattern", "(^|[^$])\\$\\{");
}

bool read_strings(const struct reading *r, const struct attr *attr,
		  const json_t *value, const char *expected, struct strings *to)
{
	const json_t *item;
	size_t i;

	*to = (struct strings){ 0 };
	if (json_is_string(value)) {
		strings_add(to, r->arena, json_string_value(value));
		return true;
	}
	if (!json_is_array(value))
		return wrong_type(r, attr, expected, value);
	json_array_foreach (value, i, item) {
		if (!json_is_string(item))
			return diag_error(r->diags,
					  "'%s' must be %s; item %zu is %s",
					  attr->name, expected, i + 1,
					  json_type_name(item));
		strings_add(to, r->arena, json_string_value(item));
	}
	return true;
}

json_t *show_strings(const struct attr *attr, const void *field)
{
	const struct strings *s = field;
	json_t *list = json_array();

	(void)attr;
	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(list, escape_json(s->v[i]));
	return list;
}

bool equal_strings(const void *want, const void *have)
{
	return strings_equal(want, have);
}

json_t *one_or_list(json_t *one)
{
	return json_pack("{s:[O, {s:s, s:o}]}", "anyOf", one, "type", "array",
			 "items", schema_or_reference(one));
}

void pack_string(struct pack *p, const struct attr *attr, void *field, bool set)
{
	const char **text = field;

	(void)attr;
	pack_expect(p, *text || !set);
	pack_text(p, text);
}

void pack_string_list(struct pack *p, const struct attr *attr, void *field,
		      bool set)
{
	(void)attr;
	(void)set;
	pack_strings(p, field);
}
