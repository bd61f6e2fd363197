/* SPDX-License-Identifier: MIT */
/* Lines of text files, and patterns that are looked for in them. */
#include "lib/kinds/kinds.h"

#include <string.h>

#include "lib/text/edit/edit.h"

const char *line_wrong(const char *text, size_t n)
{
	if (memchr(text, '\n', n) || memchr(text, '\r', n))
		return "must be one line";
	/* first in a file it would be none of its first line */
	return n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0
		       ? "begins with a byte order mark"
		       : NULL;
}

static const char *line_of(const struct reading *r, const struct attr *attr,
			   const json_t *value)
{
	const char *text = string_of(r, attr, value), *wrong;

	if (!text)
		return NULL;
	wrong = line_wrong(text, strlen(text));
	if (!wrong)
		return text;
	diag_error(r->diags, "'%s' %s", attr->name, wrong);
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

/* A setting may be a number of the manifest, or a reference to one. */
static bool read_setting(const struct reading *r, const struct attr *attr,
			 const json_t *value, void *field)
{
	if (json_is_integer(value)) {
		*(const char **)field =
			arena_printf(r->arena, "%" JSON_INTEGER_FORMAT,
				     json_integer_value(value));
		return true;
	}
	if (!json_is_string(value))
		return wrong_type(r, attr, "a string or an integer", value);
	return read_line(r, attr, value, field);
}

static json_t *schema_setting(const struct attr *attr)
{
	return json_pack("{s:[o, {s:s, s:I, s:I}]}", "anyOf", schema_line(attr),
			 "type", "integer", "minimum", (json_int_t)INT64_MIN,
			 "maximum", (json_int_t)INT64_MAX);
}

const struct kind kind_setting = { "text or integer", sizeof(char *),
				   read_setting,      equal_string,
				   show_string,       schema_setting,
				   pack_string };

/* Blanks around it would be lost, and never be found again. */
static bool is_bare(const char *text)
{
	static const char blanks[] = " \t";

	return *text && !strchr(blanks, *text) &&
	       !strchr(blanks, text[strlen(text) - 1]);
}

static bool read_section(const struct reading *r, const struct attr *attr,
			 const json_t *value, void *field)
{
	const char *text = line_of(r, attr, value);

	if (!text)
		return false;
	if (!is_bare(text) || strchr(text, ']'))
		return diag_error(r->diags,
				  "'%s' must be the name of a section, without "
				  "its brackets",
				  attr->name);
	*(const char **)field = text;
	return true;
}

static json_t *schema_section(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^[^] \\t\\n\\r]([^]\\n\\r]*[^] \\t\\n\\r])?$");
}

const struct kind kind_section = { "section name", sizeof(char *),
				   read_section,   equal_string,
				   show_string,    schema_section,
				   pack_string };

static bool read_key(const struct reading *r, const struct attr *attr,
		     const json_t *value, void *field)
{
	const char *text = line_of(r, attr, value);

	if (!text)
		return false;
	if (!is_bare(text) || strchr(text, '=') || strchr("[#;", *text))
		return diag_error(r->diags,
				  "'%s' must be a key: no '=' in it, and no "
				  "'[', '#' or ';' at its start",
				  attr->name);
	*(const char **)field = text;
	return true;
}

static json_t *schema_key(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^[^[#;= \\t\\n\\r]"
			      "([^=\\n\\r]*[^= \\t\\n\\r])?$");
}

const struct kind kind_key = { "key",        sizeof(char *), read_key,
			       equal_string, show_string,    schema_key,
			       pack_string };
