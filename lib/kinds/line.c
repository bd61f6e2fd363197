/* SPDX-License-Identifier: MIT */
/* Lines of text files, and patterns that are looked for in them. */
#include "lib/kinds/kinds.h"

#include <string.h>

#include "lib/text/edit/edit.h"

static const char *line_of(const struct reading *r, const struct attr *attr,
			   const json_t *value)
{
	const char *text = string_of(r, attr, value);

	if (!text || !text[strcspn(text, "\n\r")])
		return text;
	diag_error(r->diags, "'%s' must be one line", attr->name);
	return NULL;
}

static bool read_line(const struct reading *r, const struct attr *attr,
		      const json_t *value, void *field)
{
	const char *text = line_of(r, attr, value);

	*(const char **)field = text;
	return text != NULL;
}

static json_t *schema_line(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^[^\\n\\r]*$");
}

const struct kind kind_line = { "line of text", sizeof(char *), read_line,
				equal_string,   show_string,    schema_line,
				pack_string };

static bool read_pattern(const struct reading *r, const struct attr *attr,
			 const json_t *value, void *field)
{
	const char *text = line_of(r, attr, value), *wrong;

	if (!text)
		return false;
	wrong = edit_pattern_wrong(text, r->arena);
	if (wrong)
		return diag_error(r->diags, "'%s' %s", attr->name, wrong);
	*(const char **)field = text;
	return true;
}

const struct kind kind_pattern = { "pattern",    sizeof(char *), read_pattern,
				   equal_string, show_string,    schema_line,
				   pack_string };
