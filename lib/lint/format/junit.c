/* SPDX-License-Identifier: MIT */
/* Findings by file, which is how they come. */
#include <stdbool.h>
#include <string.h>

#include "lib/lint/format/format.h"
#include "lib/report/junit.h"

static bool is(const json_t *finding, const char *severity)
{
	return strcmp(format_text(finding, "severity"), severity) == 0;
}

static void add_line(struct buf *b, const char *name, const char *value)
{
	if (value)
		buf_printf(b, "%s%s\n", name, value);
}

static void add_body(struct buf *b, const json_t *finding)
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

static void put_finding(struct buf *b, const json_t *finding)
{
	const char *subject = format_text(finding, "subject");
	const char *rule = format_text(finding, "rule");
	AUTO_BUF struct buf name = { 0 }, message = { 0 }, body = { 0 };

	buf_printf(&name, "%s%s%s", rule, subject ? " " : "",
		   subject ? subject : "");
	format_message(finding, &message);
	junit_case(b, format_file(finding), buf_text(&name));
	if (is(finding, "info")) {
		add_line(&body, "", buf_text(&message));
		add_body(&body, finding);
		junit_note(b, buf_text(&body));
	} else {
		add_body(&body, finding);
		junit_failure(b, is(finding, "error") ? "error" : "failure",
			      rule, buf_text(&message), buf_text(&body));
	}
	junit_case_end(b);
}

/* Those from number i on that are of one file. */
static struct junit_counts count(const json_t *findings, size_t i)
{
	const json_t *first = json_array_get(findings, i), *finding;
	struct junit_counts c = { 0 };

	for (; (finding = json_array_get(findings, i + c.tests)) &&
	       format_same_file(first, finding);
	     c.tests++) {
		c.failures += is(finding, "warning");
		c.errors += is(finding, "error");
	}
	return c;
}

/* Readers want a case, also of a world of which there is nothing to say. */
static void put_nothing(struct buf *b)
{
	junit_suite(b, "converge", &(struct junit_counts){ .tests = 1 });
	junit_case(b, "converge", "check");
	junit_case_end(b);
	junit_suite_end(b);
}

void format_junit(const json_t *found, struct buf *b)
{
	const json_t *findings = FINDINGS(found),
		     *summary = json_object_get(found, "summary");
	size_t all = json_array_size(findings);
	struct junit_counts c = {
		.tests = all ? all : 1,
		.failures = format_number(summary, "warnings"),
		.errors = format_number(summary, "errors"),
	};

	junit_begin(b, "converge check", &c);
	if (!all)
		put_nothing(b);
	for (size_t i = 0; i < all; i += c.tests) {
		c = count(findings, i);
		junit_suite(b, format_file(json_array_get(findings, i)), &c);
		for (size_t j = i; j < i + c.tests; j++)
			put_finding(b, json_array_get(findings, j));
		junit_suite_end(b);
	}
	junit_end(b);
}
