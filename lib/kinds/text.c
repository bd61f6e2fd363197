/* SPDX-License-Identifier: MIT */
/* Text, one or a list, and text that may be a number. */
#include "lib/kinds/kinds.h"

static bool read_text(const struct reading *r, const struct attr *attr,
		      const json_t *value, void *field)
{
	const char *text = string_of(r, attr, value);

	*(const char **)field = text;
	return text != NULL;
}

const struct kind kind_text = { "text",       sizeof(char *), read_text,
				equal_string, show_string,    schema_string,
				pack_string };

static bool read_scalar(const struct reading *r, const struct attr *attr,
			const json_t *value, void *field)
{
	const char *text = json_string_value(value);

	if (json_is_integer(value))
		text = arena_printf(r->arena, "%" JSON_INTEGER_FORMAT,
				    json_integer_value(value));
	*(const char **)field = text;
	return text || wrong_type(r, attr, "a string or an integer", value);
}

static json_t *schema_scalar(const struct attr *attr)
{
	(void)attr;
	return json_pack("{s:[s, s], s:I, s:I}", "type", "string", "integer",
			 "minimum", (json_int_t)INT64_MIN, "maximum",
			 (json_int_t)INT64_MAX);
}

const struct kind kind_scalar = { "text or integer", sizeof(char *),
				  read_scalar,       equal_string,
				  show_string,       schema_scalar,
				  pack_string };

static bool read_texts(const struct reading *r, const struct attr *attr,
		       const json_t *value, void *field)
{
	return read_strings(r, attr, value, "a string or a list of strings",
			    field);
}

static json_t *schema_texts(const struct attr *attr)
{
	return one_or_list(schema_string(attr));
}

const struct kind kind_texts = { "text or list",  sizeof(struct strings),
				 read_texts,      equal_strings,
				 show_strings,    schema_texts,
				 pack_string_list };
