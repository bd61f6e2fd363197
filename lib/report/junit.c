/* SPDX-License-Identifier: MIT */
#include "lib/report/junit.h"

#include "lib/report/xml.h"

static void counts(struct buf *b, const struct junit_counts *c)
{
	buf_printf(b,
		   " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
		   "time=\"0\">\n",
		   c->tests, c->failures, c->errors);
}

void junit_begin(struct buf *b, const char *name, const struct junit_counts *c)
{
	buf_puts(b, xml_prolog);
	buf_puts(b, "<testsuites");
	xml_attribute(b, "name", name);
	counts(b, c);
}

void junit_end(struct buf *b)
{
	buf_puts(b, "</testsuites>\n");
}

void junit_suite(struct buf *b, const char *name, const struct junit_counts *c)
{
	buf_puts(b, "  <testsuite");
	xml_attribute(b, "name", name);
	counts(b, c);
}

void junit_suite_end(struct buf *b)
{
	buf_puts(b, "  </testsuite>\n");
}

void junit_case(struct buf *b, const char *class_name, const char *name)
{
	buf_puts(b, "    <testcase");
	xml_attribute(b, "classname", class_name);
	xml_attribute(b, "name", name);
	buf_puts(b, " time=\"0\">\n");
}

void junit_failure(struct buf *b, const char *element, const char *type,
		   const char *message, const char *body)
{
	buf_printf(b, "      <%s", element);
	xml_attribute(b, "message", message);
	xml_attribute(b, "type", type);
	buf_putc(b, '>');
	if (body)
		xml_lines(b, body);
	buf_printf(b, "</%s>\n", element);
}

void junit_note(struct buf *b, const char *text)
{
	buf_puts(b, "      <system-out>");
	xml_lines(b, text);
	buf_puts(b, "</system-out>\n");
}

void junit_case_end(struct buf *b)
{
	buf_puts(b, "    </testcase>\n");
}
