/* SPDX-License-Identifier: MIT */
#include "lib/report/junit.h"

#include <string.h>

#include "lib/text/escape.h"

/* What escape_text leaves is text that XML 1.0 can have. */
static void put(struct buf *b, const char *text)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = {
		{ '&', "&amp;" },  { '<', "&lt;" },   { '>', "&gt;" },
		{ '"', "&quot;" }, { '\n', "&#10;" }, { '\t', "&#9;" },
	};
	AUTO_BUF struct buf clean = { 0 };

	escape_text(&clean, text, strlen(text), true);
	for (const char *at = buf_text(&clean); *at; at++) {
		size_t i = 0;

		while (i < COUNT(entities) && entities[i].c != *at)
			i++;
		if (i < COUNT(entities))
			buf_puts(b, entities[i].entity);
		else
			buf_putc(b, *at);
	}
}

static void attribute(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, " %s=\"", name);
	put(b, value);
	buf_putc(b, '"');
}

static void counts(struct buf *b, const struct junit_counts *c)
{
	buf_printf(b,
		   " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
		   "time=\"0\">\n",
		   c->tests, c->failures, c->errors);
}

void junit_begin(struct buf *b, const char *name, const struct junit_counts *c)
{
	buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	attribute(b, "name", name);
	counts(b, c);
}

void junit_end(struct buf *b)
{
	buf_puts(b, "</testsuites>\n");
}

void junit_suite(struct buf *b, const char *name, const struct junit_counts *c)
{
	buf_puts(b, "  <testsuite");
	attribute(b, "name", name);
	counts(b, c);
}

void junit_suite_end(struct buf *b)
{
	buf_puts(b, "  </testsuite>\n");
}

void junit_case(struct buf *b, const char *class_name, const char *name)
{
	buf_puts(b, "    <testcase");
	attribute(b, "classname", class_name);
	attribute(b, "name", name);
	buf_puts(b, " time=\"0\">\n");
}

void junit_failure(struct buf *b, const char *element, const char *type,
		   const char *message, const char *body)
{
	buf_printf(b, "      <%s", element);
	attribute(b, "message", message);
	attribute(b, "type", type);
	buf_putc(b, '>');
	if (body)
		put(b, body);
	buf_printf(b, "</%s>\n", element);
}

void junit_case_end(struct buf *b)
{
	buf_puts(b, "    </testcase>\n");
}
