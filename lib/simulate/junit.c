/* SPDX-License-Identifier: MIT */
/* A "converge.tests/1" for JUnit: a suite for each host, in which each rule
 * and each test is a case. */
#include "lib/report/junit.h"

#include <jansson.h>
#include <string.h>

#include "lib/converge.h"

/* Cases of each host beside its tests: what the rules of a simulation say. */
static const char *const rules[] = { "plan", "apply", "second pass", "kill",
				     "secret" };

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static size_t number_of(const json_t *object, const char *key)
{
	return (size_t)json_integer_value(json_object_get(object, key));
}

static void put_place(struct buf *b, const json_t *at)
{
	if (!*text_of(at, "file"))
		return;
	buf_printf(b, "at %s:%zu", text_of(at, "file"), number_of(at, "line"));
	if (number_of(at, "column"))
		buf_printf(b, ":%zu", number_of(at, "column"));
	buf_putc(b, '\n');
}

static void put_failure(struct buf *b, const json_t *failure,
			const char *element)
{
	const json_t *origin = json_object_get(failure, "origin");
	AUTO_BUF struct buf message = { 0 };
	AUTO_BUF struct buf body = { 0 };

	if (*text_of(failure, "id"))
		buf_printf(&message, "%s: ", text_of(failure, "id"));
	buf_puts(&message, text_of(failure, "text"));
	put_place(&body, failure);
	if (*text_of(origin, "file") &&
	    strcmp(text_of(failure, "rule"), "expectation") == 0)
		buf_printf(&body, "%s is made at %s:%zu\n",
			   text_of(failure, "id"), text_of(origin, "file"),
			   number_of(origin, "line"));
	junit_failure(b, element, text_of(failure, "rule"), buf_text(&message),
		      buf_text(&body));
}

/* JUnit counts cases, and takes one failure of each. */
static bool put_rule(struct buf *b, const json_t *host, const char *rule)
{
	const json_t *failure, *first = NULL;
	size_t i;

	json_array_foreach (json_object_get(host, "failures"), i, failure)
		if (!first && strcmp(text_of(failure, "rule"), rule) == 0)
			first = failure;
	junit_case(b, text_of(host, "host"), rule);
	if (first)
		put_failure(b, first, "failure");
	junit_case_end(b);
	return first;
}

static bool put_test(struct buf *b, const json_t *host, const json_t *test)
{
	const json_t *failures = json_object_get(test, "failures");
	const json_t *failure;
	AUTO_BUF struct buf name = { 0 };
	size_t i;

	buf_puts(&name, text_of(test, "file"));
	if (*text_of(test, "description"))
		buf_printf(&name, ": %s", text_of(test, "description"));
	junit_case(b, text_of(host, "host"), buf_text(&name));
	json_array_foreach (failures, i, failure)
		put_failure(b, failure, "failure");
	junit_case_end(b);
	return json_array_size(failures);
}

static void put_host(struct buf *b, const json_t *host,
		     struct junit_counts *all)
{
	const json_t *tests = json_object_get(host, "tests"), *test;
	AUTO_BUF struct buf cases = { 0 };
	struct junit_counts c = { 0 };
	size_t i;

	for (i = 0; i < COUNT(rules); i++, c.tests++)
		c.failures += put_rule(&cases, host, rules[i]);
	json_array_foreach (tests, i, test) {
		c.tests++;
		c.failures += put_test(&cases, host, test);
	}
	junit_suite(b, text_of(host, "host"), &c);
	buf_add(b, buf_text(&cases), cases.size);
	junit_suite_end(b);
	all->tests += c.tests;
	all->failures += c.failures;
}

static void put_errors(struct buf *b, const json_t *errors,
		       struct junit_counts *all)
{
	struct junit_counts c = { .tests = json_array_size(errors),
				  .errors = json_array_size(errors) };
	const json_t *error;
	size_t i;

	if (!c.tests)
		return;
	junit_suite(b, "world", &c);
	json_array_foreach (errors, i, error) {
		junit_case(b, "world",
			   *text_of(error, "file") ? text_of(error, "file")
						   : "world");
		put_failure(b, error, "error");
		junit_case_end(b);
	}
	junit_suite_end(b);
	all->tests += c.tests;
	all->errors += c.errors;
}

void converge_test_junit(const json_t *tests, struct buf *b)
{
	AUTO_BUF struct buf suites = { 0 };
	struct junit_counts all = { 0 };
	const json_t *host;
	size_t i;

	put_errors(&suites, json_object_get(tests, "errors"), &all);
	json_array_foreach (json_object_get(tests, "hosts"), i, host)
		put_host(&suites, host, &all);
	junit_begin(b, "converge test", &all);
	buf_add(b, buf_text(&suites), suites.size);
	junit_end(b);
}
