/* SPDX-License-Identifier: MIT */
/* The two formats of XML: findings by file, which is how they come. */
#include <stdbool.h>
#include <string.h>

#include "lib/lint/format/format.h"

static const char prolog[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

static void attribute(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, " %s=\"", name);
	format_xml(b, value);
	buf_putc(b, '"');
}

static bool is(const json_t *finding, const char *severity)
{
	return strcmp(format_text(finding, "severity"), severity) == 0;
}

static bool same_file(const json_t *a, const json_t *b)
{
	return strcmp(format_file(a), format_file(b)) == 0;
}

/* Appends its message as an attribute; it is escaped already, once more does
 * not change it. */
static void message(struct buf *b, const json_t *finding)
{
	AUTO_BUF struct buf text = { 0 };

	format_message(finding, &text);
	attribute(b, "message", buf_text(&text));
}

/* --- checkstyle --- */

static void checkstyle_error(struct buf *b, const json_t *finding)
{
	size_t line = format_number(finding, "line");

	buf_printf(b, "    <error line=\"%zu\"", line ? line : 1);
	if (line)
		buf_printf(b, " column=\"%zu\"",
			   format_number(finding, "column"));
	attribute(b, "severity", format_text(finding, "severity"));
	message(b, finding);
	buf_puts(b, " source=\"converge.");
	format_xml(b, format_text(finding, "rule"));
	buf_puts(b, "\"/>\n");
}

void format_checkstyle(const json_t *found, struct buf *b)
{
	const json_t *findings = FINDINGS(found), *finding, *before = NULL;
	size_t i;

	buf_puts(b, prolog);
	buf_puts(b, "<checkstyle version=\"4.3\">\n");
	json_array_foreach (findings, i, finding) {
		if (!before || !same_file(before, finding)) {
			buf_puts(b, before ? "  </file>\n  <file" : "  <file");
			attribute(b, "name", format_file(finding));
			buf_puts(b, ">\n");
		}
		checkstyle_error(b, finding);
		before = finding;
	}
	buf_puts(b, before ? "  </file>\n</checkstyle>\n" : "</checkstyle>\n");
}

/* --- JUnit --- */

static void add_line(struct buf *b, const char *name, const char *value)
{
	if (!value)
		return;
	buf_puts(b, name);
	format_xml(b, value);
	buf_putc(b, '\n');
}

static void junit_body(struct buf *b, const json_t *finding)
{
	AUTO_BUF struct buf at = { 0 };

	buf_puts(&at, format_file(finding));
	if (format_number(finding, "line"))
		buf_printf(&at, ":%zu:%zu", format_number(finding, "line"),
			   format_number(finding, "column"));
	add_line(b, "at ", buf_text(&at));
	add_line(b, "hint: ", format_text(finding, "hint"));
	add_line(b, "why: ", format_text(finding, "reason"));
}

static void junit_case(struct buf *b, const json_t *finding)
{
	const char *subject = format_text(finding, "subject"), *element;
	AUTO_BUF struct buf name = { 0 };

	buf_puts(&name, format_text(finding, "rule"));
	if (subject)
		buf_printf(&name, " %s", subject);
	buf_puts(b, "    <testcase");
	attribute(b, "classname", format_file(finding));
	attribute(b, "name", buf_text(&name));
	buf_puts(b, " time=\"0\">\n");
	element = is(finding, "error")     ? "error"
		  : is(finding, "warning") ? "failure"
					   : "system-out";
	buf_printf(b, "      <%s", element);
	if (!is(finding, "info")) {
		message(b, finding);
		attribute(b, "type", format_text(finding, "rule"));
	}
	buf_puts(b, ">");
	if (is(finding, "info")) {
		AUTO_BUF struct buf text = { 0 };

		format_message(finding, &text);
		add_line(b, "", buf_text(&text));
	}
	junit_body(b, finding);
	buf_printf(b, "</%s>\n    </testcase>\n", element);
}

/* Adds up those from number i on that are of one file; returns how many. */
static size_t count(const json_t *findings, size_t i, size_t *failures,
		    size_t *errors)
{
	const json_t *first = json_array_get(findings, i), *finding;
	size_t n = 0;

	*failures = *errors = 0;
	for (; (finding = json_array_get(findings, i + n)) &&
	       same_file(first, finding);
	     n++) {
		*failures += is(finding, "warning");
		*errors += is(finding, "error");
	}
	return n;
}

static void junit_counts(struct buf *b, size_t n, size_t failures,
			 size_t errors)
{
	buf_printf(b,
		   " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
		   "time=\"0\">\n",
		   n, failures, errors);
}

/* Readers want a case, also of a world of which there is nothing to say. */
static void junit_nothing(struct buf *b)
{
	buf_puts(b, "  <testsuite name=\"converge\"");
	junit_counts(b, 1, 0, 0);
	buf_puts(b, "    <testcase classname=\"converge\" name=\"check\" "
		    "time=\"0\"/>\n  </testsuite>\n");
}

void format_junit(const json_t *found, struct buf *b)
{
	const json_t *findings = FINDINGS(found),
		     *summary = json_object_get(found, "summary");
	size_t all = json_array_size(findings), n, failures, errors;

	buf_puts(b, prolog);
	buf_puts(b, "<testsuites name=\"converge check\"");
	junit_counts(b, all ? all : 1, format_number(summary, "warnings"),
		     format_number(summary, "errors"));
	if (!all)
		junit_nothing(b);
	for (size_t i = 0; i < all; i += n) {
		n = count(findings, i, &failures, &errors);
		buf_puts(b, "  <testsuite");
		attribute(b, "name", format_file(json_array_get(findings, i)));
		junit_counts(b, n, failures, errors);
		for (size_t j = i; j < i + n; j++)
			junit_case(b, json_array_get(findings, j));
		buf_puts(b, "  </testsuite>\n");
	}
	buf_puts(b, "</testsuites>\n");
}
