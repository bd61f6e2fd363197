/* SPDX-License-Identifier: MIT */
#include "lib/history/logged.h"

#include <string.h>

#include "lib/test.h"

static const struct run_record run = {
	.id = 12,
	.host = "web-1",
	.source = "/etc/world",
	.revision = "3f2c1ab",
	.command = "apply",
	.pid = 42,
	.started = 1700000000,
	.ended = true,
	.finished = 1700000003,
	.counts = { .created = 1, .updated = 2 },
};

static const char *text_of(const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text ? text : "(none)";
}

static json_int_t number(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

START_TEST(how_a_run_ended_in_a_word)
{
	static const struct {
		int code;
		const char *result;
	} ends[] = {
		{ 0, "ok" },        { 1, "failed" },   { 2, "ok" },
		{ 3, "withheld" },  { 4, "failed" },   { 5, "failed" },
		{ 6, "failed" },    { 128, "failed" }, { 129, "stopped" },
		{ 143, "stopped" }, { -1, "failed" },
	};
	struct run_record r = run;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		r.code = ends[i].code;
		ck_assert_str_eq(logged_result(&r, false), ends[i].result);
	}
	r.ended = false;
	ck_assert_str_eq(logged_result(&r, false), "interrupted");
	ck_assert_str_eq(logged_result(&r, true), "running");
}
END_TEST

START_TEST(a_run_is_told)
{
	json_t *j = logged_run(&run, false);
	json_t *summary = json_object_get(j, "summary");

	ck_assert_int_eq(number(j, "run"), 12);
	ck_assert_str_eq(text_of(j, "host"), "web-1");
	ck_assert_str_eq(text_of(j, "revision"), "3f2c1ab");
	ck_assert_str_eq(text_of(j, "started"), "2023-11-14T22:13:20Z");
	ck_assert_str_eq(text_of(j, "finished"), "2023-11-14T22:13:23Z");
	ck_assert_int_eq(number(j, "seconds"), 3);
	ck_assert_str_eq(text_of(j, "result"), "ok");
	ck_assert_int_eq(number(summary, "updated"), 2);
	json_decref(j);
}
END_TEST

START_TEST(without_an_end_there_is_no_summary)
{
	struct run_record r = run;
	json_t *j;

	r.ended = false;
	r.revision = NULL;
	j = logged_run(&r, false);
	ck_assert_str_eq(text_of(j, "result"), "interrupted");
	ck_assert_ptr_null(json_object_get(j, "summary"));
	ck_assert_ptr_null(json_object_get(j, "seconds"));
	ck_assert_ptr_null(json_object_get(j, "exit"));
	ck_assert_ptr_null(json_object_get(j, "revision"));
	json_decref(j);
}
END_TEST

START_TEST(times_that_cannot_be_are_left_out)
{
	struct run_record r = run;
	json_t *j;

	r.started = -1;
	r.finished = INT64_MAX;
	j = logged_run(&r, false);
	ck_assert_ptr_null(json_object_get(j, "started"));
	ck_assert_ptr_null(json_object_get(j, "finished"));
	ck_assert_int_ge(number(j, "seconds"), 0);
	json_decref(j);
	r.started = 1700000009;
	r.finished = 1700000003;
	j = logged_run(&r, false);
	ck_assert_int_eq(number(j, "seconds"), 0);
	json_decref(j);
	r.started = INT64_MIN;
	r.finished = INT64_MAX;
	j = logged_run(&r, false);
	ck_assert_int_ge(number(j, "seconds"), 0);
	json_decref(j);
}
END_TEST

START_TEST(a_change_has_its_commit)
{
	struct past_record v[] = { { 5, "aaaa", 1, "Ada", "one" },
				   { 7, "bbbb", 1600000000, "Bob", "two" } };
	const struct pasts pasts = { .v = v, .n = 2 };
	struct change_record c = { .id = 7,
				   .resource = "file:/etc/motd",
				   .action = "update",
				   .digest = "abcd",
				   .attributes = "{\"mode\":{\"before\":"
						 "\"0600\",\"after\":\"0644\"}"
						 "}",
				   .result = RESULT_FAILED,
				   .reason = "no" };
	json_t *j = logged_change(&c, &pasts), *commit;

	commit = json_object_get(j, "commit");
	ck_assert_str_eq(text_of(j, "id"), "file:/etc/motd");
	ck_assert_str_eq(text_of(j, "result"), "failed");
	ck_assert_str_eq(text_of(j, "reason"), "no");
	ck_assert_str_eq(
		text_of(json_object_get(json_object_get(j, "attributes"),
					"mode"),
			"after"),
		"0644");
	ck_assert_str_eq(text_of(commit, "commit"), "bbbb");
	ck_assert_str_eq(text_of(commit, "date"), "2020-09-13T12:26:40Z");
	ck_assert_str_eq(text_of(commit, "subject"), "two");
	json_decref(j);
	c.id = 6;
	j = logged_change(&c, &pasts);
	ck_assert_ptr_null(json_object_get(j, "commit"));
	json_decref(j);
	j = logged_change(&c, &(struct pasts){ 0 });
	ck_assert_ptr_null(json_object_get(j, "commit"));
	json_decref(j);
}
END_TEST

START_TEST(attributes_that_converge_did_not_write_are_none)
{
	static const char *const texts[] = {
		NULL,
		"",
		"{",
		"[]",
		"{\"mode\":1}",
		"null",
		"\xff",
		"{\"a\":{},\"a\":{}}",
		"{\"a\":{}} {}",
		"1",
		"{\"\xff\":{}}",
	};
	struct change_record c = { .resource = "", .action = "" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *j, *attributes;

		c.attributes = texts[i];
		j = logged_change(&c, &(struct pasts){ 0 });
		attributes = json_object_get(j, "attributes");
		ck_assert(json_is_object(attributes));
		ck_assert_uint_eq(json_object_size(attributes), 0);
		json_decref(j);
	}
}
END_TEST

START_TEST(texts_that_are_none_are_escaped)
{
	struct run_record r = run;
	const struct look_record look = { .ruling = LOOK_REFUSED,
					  .reason = "\xff\x1b",
					  .times = 1 };
	json_t *j;

	r.host = "\xff";
	j = logged_run(&r, false);
	ck_assert_str_eq(text_of(j, "host"), "\\xff");
	json_decref(j);
	j = logged_look(&look);
	ck_assert_str_eq(text_of(j, "reason"), "\\xff\\x1b");
	ck_assert_ptr_null(json_object_get(j, "source"));
	ck_assert_ptr_null(json_object_get(j, "first"));
	json_decref(j);
}
END_TEST

TEST_SUITE("logged", how_a_run_ended_in_a_word, a_run_is_told,
	   without_an_end_there_is_no_summary,
	   times_that_cannot_be_are_left_out, a_change_has_its_commit,
	   attributes_that_converge_did_not_write_are_none,
	   texts_that_are_none_are_escaped)
