/* SPDX-License-Identifier: MIT */
/* A choice of some words, and of true and false. */
#include "lib/kinds/kinds.h"

#include <string.h>

static bool read_choice(const struct reading *r, const struct attr *attr,
			const json_t *value, void *field)
{
	const char *text = string_of(r, attr, value), *near;
	struct strings choices = { 0 };

	if (!text)
		return false;
	for (int i = 0; attr->choices[i]; i++) {
		if (strcmp(attr->choices[i], text) == 0) {
			*(int *)field = i;
			return true;
		}
		strings_add(&choices, r->arena, attr->choices[i]);
	}
	diag_error(r->diags, "'%s' must be one of %s, not '%s'", attr->name,
		   strings_join(&choices, ", ", r->arena), text);
	near = strings_nearest(text, &choices);
	if (near)
		diag_hint(r->diags, "did you mean '%s'?", near);
	return false;
}

static bool equal_choice(const void *want, const void *have)
{
	return *(const int *)want == *(const int *)have;
}

static json_t *show_choice(const struct attr *attr, const void *field)
{
	return json_string(attr->choices[*(const int *)field]);
}

static json_t *schema_choice(const struct attr *attr)
{
	json_t *list = json_array();

	for (size_t i = 0; attr->choices[i]; i++)
		json_array_append_new(list, json_string(attr->choices[i]));
	return json_pack("{s:o}", "enum", list);
}

static void pack_choice(struct pack *p, const struct attr *attr, void *field,
			bool set)
{
	const int *choice = field;
	int n = 0;

	while (attr->choices[n])
		n++;
	/* one that is not set may say so by -1 */
	pack_expect(p, *choice < n && *choice >= (set ? 0 : -1));
}

const struct kind kind_choice = { "choice",     sizeof(int), read_choice,
				  equal_choice, show_choice, schema_choice,
				  pack_choice };

static bool read_bool(const struct reading *r, const struct attr *attr,
		      const json_t *value, void *field)
{
	if (!json_is_boolean(value))
		return wrong_type(r, attr, "true or false", value);
	*(bool *)field = json_is_true(value);
	return true;
}

static bool equal_bool(const void *want, const void *have)
{
	return *(const bool *)want == *(const bool *)have;
}

static json_t *show_bool(const struct attr *attr, const void *field)
{
	(void)attr;
	return json_boolean(*(const bool *)field);
}

static json_t *schema_bool(const struct attr *attr)
{
	(void)attr;
	return json_pack("{s:s}", "type", "boolean");
}

static void pack_truth(struct pack *p, const struct attr *attr, void *field,
		       bool set)
{
	(void)attr;
	(void)set;
	pack_bool(p, field);
}

const struct kind kind_bool = { "true or false", sizeof(bool), read_bool,
				equal_bool,      show_bool,    schema_bool,
				pack_truth };
