/* SPDX-License-Identifier: MIT */
#include "lib/text/layout.h"

#include <string.h>

#include "lib/test.h"

/* What it becomes, which then stays as it is. */
static void lays_out(const char *text, const char *want)
{
	AUTO_BUF struct buf out = { 0 }, again = { 0 };

	ck_assert_msg(layout_text(text, strlen(text), &out), "'%s'", text);
	ck_assert_str_eq(out.text, want);
	ck_assert_uint_eq(out.size, strlen(want));
	ck_assert(layout_text(out.text, out.size, &again));
	ck_assert_str_eq(again.text, want);
}

START_TEST(the_top_has_lines_and_the_rest_where_it_must)
{
	lays_out("{}", "{}\n");
	lays_out(" [ ] ", "[]\n");
	lays_out("{\"a\":1}", "{\n  \"a\": 1\n}\n");
	lays_out("{\"a\":{\"b\":[1,true,null]},\"c\":{}}",
		 "{\n  \"a\": { \"b\": [1, true, null] },\n  \"c\": {}\n}\n");
	lays_out("{\"a\":\r\n\t[\n]\r\n}\r\n", "{\n  \"a\": []\n}\n");
}
END_TEST

START_TEST(an_object_within_another_is_nested_to_the_eye)
{
	lays_out("{\"a\":{\"b\":{\"c\":1}}}",
		 "{\n  \"a\": {\n    \"b\": { \"c\": 1 }\n  }\n}\n");
	lays_out("{\"a\":[{\"b\":1}]}",
		 "{\n  \"a\": [\n    { \"b\": 1 }\n  ]\n}\n");
	lays_out("{\"a\":[[1],[[2]],{}]}", "{\n  \"a\": [[1], [[2]], {}]\n}\n");
	lays_out("{\"a\":[[{\"b\":1}]]}",
		 "{\n  \"a\": [\n    [\n"
		 "      { \"b\": 1 }\n    ]\n  ]\n}\n");
}
END_TEST

/* A comma always counts, so that a member that is added changes no other. */
START_TEST(lines_are_as_long_as_a_comma_lets_them)
{
	AUTO_BUF struct buf fits = { 0 }, breaks = { 0 }, want = { 0 };

	/* two of indent, "a" and its colon, ["..."] and the comma: 80 */
	buf_printf(&fits, "{\"a\":[\"%068d\"]}", 0);
	buf_printf(&want, "{\n  \"a\": [\"%068d\"]\n}\n", 0);
	ck_assert_uint_eq(strcspn(want.text + 2, "\n"), 79);
	lays_out(fits.text, want.text);
	buf_printf(&breaks, "{\"a\":[\"%069d\"]}", 0);
	buf_clear(&want);
	buf_printf(&want, "{\n  \"a\": [\n    \"%069d\"\n  ]\n}\n", 0);
	lays_out(breaks.text, want.text);
}
END_TEST

START_TEST(a_character_is_a_column_whatever_its_bytes)
{
	AUTO_BUF struct buf text = { 0 }, want = { 0 };

	buf_puts(&text, "{\"a\":[\"");
	buf_puts(&want, "{\n  \"a\": [\"");
	for (int i = 0; i < 68; i++) {
		buf_puts(&text, "\xe4\xb8\x96");
		buf_puts(&want, "\xe4\xb8\x96");
	}
	buf_puts(&text, "\"]}");
	buf_puts(&want, "\"]\n}\n");
	lays_out(text.text, want.text);
}
END_TEST

START_TEST(strings_have_no_escapes_that_they_do_not_need)
{
	lays_out("[\"\\/\\u0041\\u00e9\\ud83d\\ude00\\u005c\\u0022\"]",
		 "[\n  \"/A\xc3\xa9\xf0\x9f\x98\x80\\\\\\\"\"\n]\n");
	lays_out("[\"\\b\\t\\n\\f\\r\\u0008\\u000B\\u001f\"]",
		 "[\n  \"\\b\\t\\n\\f\\r\\b\\u000b\\u001f\"\n]\n");
	lays_out("{\"\\u0061\":1}", "{\n  \"a\": 1\n}\n");
}
END_TEST

/* Else a review would not show what it is. */
START_TEST(what_cannot_be_seen_is_written_by_its_number)
{
	/* U+202E, U+200B, U+FEFF, U+007F and U+0085 */
	static const char unseen[] = { '[',    '"',    '\xe2', '\x80', '\xae',
				       '\xe2', '\x80', '\x8b', '\xef', '\xbb',
				       '\xbf', '\x7f', '\xc2', '\x85', '"',
				       ']',    '\0' };

	lays_out(unseen, "[\n  \"\\u202e\\u200b\\ufeff\\u007f\\u0085\"\n]\n");
	lays_out("[\"\xf3\xa0\x80\x81\"]", "[\n  \"\\udb40\\udc01\"\n]\n");
}
END_TEST

START_TEST(numbers_are_left_as_they_are)
{
	lays_out("[1.0E+5, -0, 0.10, 1e-7, 9223372036854775807]",
		 "[\n  1.0E+5,\n  -0,\n  0.10,\n  1e-7,\n"
		 "  9223372036854775807\n]\n");
}
END_TEST

START_TEST(a_comment_gets_a_line_of_its_own)
{
	lays_out("{\"a\":{\"//\":\"why\"},\"b\":{\"//\":\"why\",\"c\":1}}",
		 "{\n  \"a\": { \"//\": \"why\" },\n  \"b\": {\n"
		 "    \"//\": \"why\",\n    \"c\": 1\n  }\n}\n");
	lays_out("{\"a\":{\"//\":[\"one\",\"two\"]},\"//\":[\"one\"]}",
		 "{\n  \"a\": {\n    \"//\": [\n      \"one\",\n"
		 "      \"two\"\n    ]\n  },\n  \"//\": [\"one\"]\n}\n");
}
END_TEST

START_TEST(one_blank_line_stays_between_members)
{
	lays_out("{\n\n\"a\":1,\n\n\n\"b\":2\n\n,\n\"c\":3,\n\"d\":\n\n4\n\n}",
		 "{\n  \"a\": 1,\n\n  \"b\": 2,\n\n  \"c\": 3,\n  \"d\": 4\n"
		 "}\n");
	lays_out("{\"a\":[1,\n\n2]}", "{\n  \"a\": [1, 2]\n}\n");
	lays_out("[{\n},\n\n[\n\n]\n,\n{\"a\":1}]",
		 "[\n  {},\n\n  [],\n  { \"a\": 1 }\n]\n");
}
END_TEST

static size_t rank_of(const struct laid *v)
{
	return (size_t)v->key[0];
}

/* By the first letters of the keys; comments have the first rank. */
static void sorts(const char *text, const char *want)
{
	struct layout l = { 0 };
	AUTO_BUF struct buf out = { 0 }, one_line = { 0 };

	ck_assert(layout_read(&l, text, strlen(text)));
	for (struct laid *m = l.v[0]->first; m; m = m->next)
		m->rank = layout_is_comment(m) ? 0 : rank_of(m);
	layout_sort(&l, l.v[0]);
	layout_write(&l, &out);
	for (const char *p = out.text; *p; p++)
		if (!strchr(" \n\"", *p))
			buf_putc(&one_line, *p);
	ck_assert_str_eq(one_line.text, want);
	layout_release(&l);
}

START_TEST(members_come_by_rank_and_comments_with_what_they_precede)
{
	sorts("{\"b\":1,\"a\":2,\"b2\":3,\"a2\":4}", "{a:2,a2:4,b:1,b2:3}");
	sorts("{\"//\":0,\"b\":1,\"a\":2}", "{//:0,a:2,b:1}");
	sorts("{\"c\":0,\"//\":1,\"b\":2,\"a\":3}", "{a:3,//:1,b:2,c:0}");
	sorts("{\"b\":2,\"a\":3,\"//\":1}", "{a:3,b:2,//:1}");
	sorts("{}", "{}");
}
END_TEST

START_TEST(what_is_no_json_is_refused)
{
	static const char *const wrong[] = { "",     "{",
					     "[1,]", "{\"a\"}",
					     "[01]", "[\"\\ud800\"]",
					     "[] x", "[\"\xff\"]" };

	for (size_t i = 0; i < COUNT(wrong); i++) {
		AUTO_BUF struct buf out = { 0 };

		ck_assert_msg(!layout_text(wrong[i], strlen(wrong[i]), &out),
			      "'%s'", wrong[i]);
		ck_assert_uint_eq(out.size, 0);
	}
}
END_TEST

/* Nothing recurses: 64 levels, and a wide one. */
START_TEST(what_is_deep_or_wide_is_laid_out_too)
{
	AUTO_BUF struct buf text = { 0 }, out = { 0 };

	for (int i = 0; i < 63; i++)
		buf_puts(&text, "{\"k\":");
	buf_puts(&text, "[0");
	for (int i = 0; i < 100000; i++)
		buf_puts(&text, ",1");
	buf_putc(&text, ']');
	for (int i = 0; i < 63; i++)
		buf_putc(&text, '}');
	ck_assert(layout_text(text.text, text.size, &out));
	ck_assert_ptr_nonnull(strstr(out.text, "  1,\n"));
}
END_TEST

TEST_SUITE("layout", the_top_has_lines_and_the_rest_where_it_must,
	   an_object_within_another_is_nested_to_the_eye,
	   lines_are_as_long_as_a_comma_lets_them,
	   a_character_is_a_column_whatever_its_bytes,
	   strings_have_no_escapes_that_they_do_not_need,
	   what_cannot_be_seen_is_written_by_its_number,
	   numbers_are_left_as_they_are, a_comment_gets_a_line_of_its_own,
	   one_blank_line_stays_between_members,
	   members_come_by_rank_and_comments_with_what_they_precede,
	   what_is_no_json_is_refused, what_is_deep_or_wide_is_laid_out_too)
