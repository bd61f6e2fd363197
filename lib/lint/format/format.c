/* SPDX-License-Identifier: MIT */
#include "lib/lint/format/format.h"

#include <string.h>

#include "lib/text/escape.h"

const char *format_text(const json_t *finding, const char *key)
{
	return json_string_value(json_object_get(finding, key));
}

size_t format_number(const json_t *finding, const char *key)
{
	return (size_t)json_integer_value(json_object_get(finding, key));
}

const char *format_file(const json_t *finding)
{
	const char *file = format_text(finding, "file");

	return file ? file : "converge";
}

static void add_clean(struct buf *b, const char *text)
{
	escape_text(b, text, strlen(text), false);
}

void format_message(const json_t *finding, struct buf *b)
{
	const char *subject = format_text(finding, "subject"),
		   *text = format_text(finding, "text");

	if (subject) {
		add_clean(b, subject);
		buf_puts(b, ": ");
	}
	add_clean(b, text ? text : "");
}

json_t *format_clean(const char *text)
{
	AUTO_BUF struct buf b = { 0 };

	add_clean(&b, text);
	return json_string(buf_text(&b));
}

bool format_same_file(const json_t *a, const json_t *b)
{
	return strcmp(format_file(a), format_file(b)) == 0;
}
