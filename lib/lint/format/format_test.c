/* SPDX-License-Identifier: MIT */
#include "lib/lint/format/format.h"

#include <string.h>

#include "lib/test.h"

static json_t *found;

static void find(const char *severity, const char *file, const char *text)
{
	json_array_append_new(
		FINDINGS(found),
		json_pack("{s:s, s:s, s:s, s:i, s:i, s:s, s:s}", "severity",
			  severity, "rule", "unused-var", "file", file, "line",
			  3, "column", 5, "text", text, "fingerprint", "f"));
}

static void setup(void)
{
	found = json_pack("{s:[], s:{s:i, s:i, s:i}}", "findings", "summary",
			  "warnings", 1, "errors", 0, "more", 2);
}

START_TEST(of_too_many_the_worst_are_told)
{
	json_t *log, *run, *results, *said;

	setup();
	find("info", "a", "first");
	find("warning", "a", "second");
	for (size_t i = 0; i < SARIF_MAX - 1; i++)
		find("error", "a", "x");
	log = format_sarif(found);
	run = json_array_get(json_object_get(log, "runs"), 0);
	results = json_object_get(run, "results");
	ck_assert_uint_eq(json_array_size(results), SARIF_MAX);
	ck_assert_str_eq(json_string_value(json_object_get(
				 json_array_get(results, 0), "level")),
			 "warning");
	said = json_array_get(
		json_object_get(
			json_array_get(json_object_get(run, "invocations"), 0),
			"toolExecutionNotifications"),
		0);
	ck_assert_str_eq(json_string_value(json_object_get(
				 json_object_get(said, "message"), "text")),
			 "3 more findings are left out");
	json_decref(log);
	json_decref(found);
}
END_TEST

START_TEST(github_gets_the_worst_first_and_obeys_nothing_else)
{
	AUTO_BUF struct buf b = { 0 };

	setup();
	find("info", "a,line=1::b", "x");
	find("error", "a%b", "\n::stop-commands::x ##[y] 100%");
	format_github(found, &b);
	ck_assert_str_eq(b.text,
			 "::error file=a%25b,line=3,col=5,title=unused-var::"
			 "\\x0a::stop-commands::x \\x23#[y] 100%25\n"
			 "::notice file=a%2Cline=1%3A%3Ab,line=3,col=5,"
			 "title=unused-var::x\n");
	json_decref(found);
}
END_TEST

START_TEST(junit_counts_each_file)
{
	AUTO_BUF struct buf b = { 0 };

	setup();
	find("warning", "a", "x");
	find("info", "b", "y");
	format_junit(found, &b);
	ck_assert_ptr_nonnull(strstr(b.text, "<testsuites name=\"converge "
					     "check\" tests=\"2\" "
					     "failures=\"1\""));
	ck_assert_ptr_nonnull(strstr(b.text, "<testsuite name=\"a\" "
					     "tests=\"1\" failures=\"1\""));
	ck_assert_ptr_nonnull(strstr(b.text, "<testsuite name=\"b\" "
					     "tests=\"1\" failures=\"0\""));
	json_decref(found);
}
END_TEST

START_TEST(of_nothing_there_is_a_document)
{
	AUTO_BUF struct buf junit = { 0 }, checkstyle = { 0 }, github = { 0 };
	json_t *gitlab;

	setup();
	format_junit(found, &junit);
	format_checkstyle(found, &checkstyle);
	format_github(found, &github);
	gitlab = format_gitlab(found);
	ck_assert_ptr_nonnull(strstr(junit.text, "<testcase "));
	ck_assert_ptr_nonnull(strstr(checkstyle.text, "</checkstyle>"));
	ck_assert_uint_eq(github.size, 0);
	ck_assert_uint_eq(json_array_size(gitlab), 0);
	json_decref(gitlab);
	json_decref(found);
}
END_TEST

TEST_SUITE("formats of check", of_too_many_the_worst_are_told,
	   github_gets_the_worst_first_and_obeys_nothing_else,
	   junit_counts_each_file, of_nothing_there_is_a_document)
