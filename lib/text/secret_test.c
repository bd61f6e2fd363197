/* SPDX-License-Identifier: MIT */
#include "lib/text/secret.h"

#include <string.h>

#include "lib/test.h"

static struct arena arena;

static const char *read_text(const char *json, struct buf *out,
			     struct cuts *cuts)
{
	json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
	const char *wrong;

	ck_assert_ptr_nonnull(value);
	ck_assert(secret_is(value));
	wrong = secret_text(out, cuts, value);
	json_decref(value);
	return wrong;
}

START_TEST(a_path_is_a_text_of_one_secret)
{
	AUTO_BUF struct buf out = { 0 };
	struct cuts cuts = { .arena = &arena };

	ck_assert_ptr_null(
		read_text("{\"secret\": \"secrets/a.age\"}", &out, &cuts));
	ck_assert_uint_eq(out.size, 0);
	ck_assert_uint_eq(cuts.n, 1);
	ck_assert_uint_eq(cuts.v[0].at, 0);
	ck_assert_str_eq(cuts.v[0].secret, "secrets/a.age");
}
END_TEST

START_TEST(a_list_joins_texts_and_secrets_and_is_made_again)
{
	static const char json[] =
		"{\"secret\": [\"u:\", {\"secret\": \"secrets/a.age\"}, \"@\", "
		"{\"secret\": \"secrets/b/c.age\"}, \"\"]}";
	AUTO_BUF struct buf out = { 0 };
	struct cuts cuts = { .arena = &arena };
	json_t *same = json_loads(json, 0, NULL), *made;

	ck_assert_ptr_null(read_text(json, &out, &cuts));
	ck_assert_str_eq(buf_text(&out), "u:@");
	ck_assert_uint_eq(cuts.n, 2);
	ck_assert_uint_eq(cuts.v[0].at, 2);
	ck_assert_uint_eq(cuts.v[1].at, 3);
	made = secret_value(&out, &cuts);
	ck_assert(json_equal(made, same));
	json_decref(made);
	json_decref(same);
}
END_TEST

START_TEST(paths_outside_of_secrets_are_wrong)
{
	static const char *const bad[] = {
		"",
		"a.age",
		"/secrets/a.age",
		"secrets/../a.age",
		"secrets/a",
		"secrets/.age",
		"secrets//a.age",
		"files/a.age",
		"secrets/a b.age",
		"secrets/a\x1b.age",
		"secrets/$(id).age",
	};

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(secret_path_wrong(bad[i]), "'%s'", bad[i]);
	ck_assert_ptr_null(secret_path_wrong("secrets/web/db-1_x.age"));
}
END_TEST

START_TEST(what_is_malformed_is_told_and_nothing_is_taken)
{
	static const char *const bad[] = {
		"{\"secret\": 7}",
		"{\"secret\": \"x\"}",
		"{\"secret\": [7]}",
		"{\"secret\": [{\"secret\": [\"deep\"]}]}",
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		AUTO_BUF struct buf out = { 0 };
		struct cuts cuts = { .arena = &arena };

		ck_assert_msg(read_text(bad[i], &out, &cuts), "%s", bad[i]);
		ck_assert_uint_eq(cuts.n, 0);
	}
}
END_TEST

static bool within(const char *json)
{
	json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
	bool yes = secret_within(value);

	json_decref(value);
	return yes;
}

START_TEST(one_is_found_however_deep_and_others_members_are_not_taken_for_one)
{
	ck_assert(within("{\"secret\": \"secrets/a.age\"}"));
	ck_assert(within("[{\"a\": [{\"secret\": [\"x\"]}]}]"));
	ck_assert(!within("{\"secret\": \"hunter2\"}"));
	ck_assert(!within("{\"secret\": \"secrets/a.age\", \"b\": 1}"));
	ck_assert(!within("\"secret\""));
}
END_TEST

static struct cuts unmarked(struct buf *out, const char *text, size_t n)
{
	struct cuts cuts = { .arena = &arena };

	secret_unmark(out, &cuts, text, n);
	return cuts;
}

START_TEST(a_text_is_marked_and_comes_back)
{
	static const struct cut v[] = { { 0, "secrets/a.age", SPELL_PLAIN },
					{ 2, "secrets/b.age", SPELL_JSON },
					{ 2, "secrets/c.age", SPELL_LINE },
					{ 4, "secrets/a.age", SPELL_LINE } };
	AUTO_BUF struct buf marked = { 0 };
	AUTO_BUF struct buf out = { 0 };
	struct cuts cuts;

	for (size_t n = 0; n <= COUNT(v); n++) {
		buf_clear(&marked);
		buf_clear(&out);
		ck_assert(secret_mark(&marked, "a\nb\n", 4, v, n));
		ck_assert(secret_is_marked(buf_text(&marked), marked.size) ==
			  (n > 0));
		cuts = unmarked(&out, buf_text(&marked), marked.size);
		ck_assert_str_eq(buf_text(&out), "a\nb\n");
		ck_assert_uint_eq(cuts.n, n);
		for (size_t i = 0; i < n; i++) {
			ck_assert_uint_eq(cuts.v[i].at, v[i].at);
			ck_assert_int_eq(cuts.v[i].spelling, v[i].spelling);
			ck_assert_str_eq(cuts.v[i].secret, v[i].secret);
		}
	}
}
END_TEST

#define MARK "\xf4\x8f\xbf\xbd"

START_TEST(a_text_that_has_the_mark_is_not_marked)
{
	AUTO_BUF struct buf out = { 0 };

	ck_assert(!secret_mark(&out, "a" MARK, 5, NULL, 0));
	ck_assert(secret_is_marked("a" MARK, 5));
	ck_assert(!secret_is_marked("a" MARK, 4));
	ck_assert(!secret_is_marked("", 0));
}
END_TEST

START_TEST(half_a_mark_is_text)
{
	AUTO_BUF struct buf out = { 0 };

	ck_assert_uint_eq(unmarked(&out, "a" MARK "pb", 7).n, 0);
	ck_assert_str_eq(buf_text(&out), "a" MARK "pb");
	buf_clear(&out);
	ck_assert_uint_eq(unmarked(&out, MARK MARK "b", 9).n, 0);
}
END_TEST

TEST_SUITE("secret", a_text_is_marked_and_comes_back,
	   a_text_that_has_the_mark_is_not_marked, half_a_mark_is_text,
	   a_path_is_a_text_of_one_secret,
	   a_list_joins_texts_and_secrets_and_is_made_again,
	   paths_outside_of_secrets_are_wrong,
	   what_is_malformed_is_told_and_nothing_is_taken,
	   one_is_found_however_deep_and_others_members_are_not_taken_for_one)
