/* SPDX-License-Identifier: MIT */
/* Text, one or a list. */
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
