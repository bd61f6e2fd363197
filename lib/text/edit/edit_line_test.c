/* SPDX-License-Identifier: MIT */
#include "lib/text/edit/edit_test.h"

static bool edit(const void *wish, const struct edit_text *t, struct edited *e,
		 struct diags *d)
{
	return edit_line(wish, t, e, d);
}

static void each(const struct line_wish *wish, size_t n,
		 const char *const (*texts)[2])
{
	for (size_t i = 0; i < n; i++)
		edits(edit, wish, texts[i][0], texts[i][1]);
}

#define EACH(texts, ...) \
	each(&(struct line_wish){ __VA_ARGS__ }, COUNT(texts), texts)

START_TEST(adds_a_line_that_is_not_there)
{
	static const char *const texts[][2] = {
		{ "", "x\n" },
		{ "a\n", "a\nx\n" },
		{ "a", "a\nx\n" },
		{ "a\r\n", "a\r\nx\r\n" },
		{ "a\r\nb", "a\r\nb\r\nx\r\n" },
		{ "\n", "\nx\n" },
		{ "x ", "x \nx\n" },
		{ " x\nxx\n", " x\nxx\nx\n" },
		{ "\xef\xbb\xbf", "\xef\xbb\xbfx\n" },
		{ "x", NULL },
		{ "x\n", NULL },
		{ "a\nx\nb\n", NULL },
		{ "a\r\nx\r\n", NULL },
		{ "a\nx\r", NULL },
		{ "a\r", "a\r\nx\n" },
		{ "\xef\xbb\xbfx\n", NULL },
	};

	EACH(texts, .line = "x");
}
END_TEST

START_TEST(replaces_the_last_match)
{
	static const char *const texts[][2] = {
		{ "Port 1\n", "Port 22\n" },
		{ "Port 1", "Port 22" },
		{ "Port 1\r\nx\r\n", "Port 22\r\nx\r\n" },
		{ "Port 1\nPort 2\nx\n", "Port 1\nPort 22\nx\n" },
		{ "Port 22\nPort 2\n", "Port 22\nPort 22\n" },
		{ "#Port 1\nx", "#Port 1\nx\nPort 22\n" },
		{ "\xef\xbb\xbfPort 1\n", "\xef\xbb\xbfPort 22\n" },
		{ "", "Port 22\n" },
		{ "Port 1\nPort 22\n", NULL },
		{ "Port 22", NULL },
	};

	EACH(texts, .line = "Port 22", .match = "^Port ");
}
END_TEST

/* Each run would find another match to replace. */
START_TEST(replaces_once_by_what_does_not_match)
{
	static const char *const texts[][2] = {
		{ "Port 1\nPort 2\n", "Port 1\nListen 22\n" },
		{ "Port 1\nListen 22\n", NULL },
		{ "a\n", "a\nListen 22\n" },
	};

	EACH(texts, .line = "Listen 22", .match = "^Port ");
}
END_TEST

START_TEST(knows_extended_expressions)
{
	static const char *const texts[][2] = {
		{ "a=1\n", "x\n" },
		{ "bb=\n", "x\n" },
		{ "c=\n", "c=\nx\n" },
		{ "a\n", "a\nx\n" },
		{ "\xff"
		  "a=\n",
		  "x\n" },
	};

	EACH(texts, .line = "x", .match = "(a|b{2})=");
}
END_TEST

START_TEST(goes_where_it_is_told)
{
	static const char *const after[][2] = {
		{ "a\nb\na\nb\n", "a\nb\na\nx\nb\n" },
		{ "b\na", "b\na\nx\n" },
		{ "b\n", "b\nx\n" },
	};
	static const char *const before[][2] = {
		{ "a\nb\na\nb\n", "a\nb\nx\na\nb\n" },
		{ "a", "x\na" },
		{ "b\n", "b\nx\n" },
	};
	static const char *const first[][2] = {
		{ "a\n", "x\na\n" },
		{ "", "x\n" },
		{ "\xef\xbb\xbf"
		  "a\n",
		  "\xef\xbb\xbfx\na\n" },
	};

	EACH(after, .line = "x", .at.after = "^a");
	EACH(before, .line = "x", .at.before = "^a");
	EACH(first, .line = "x", .at.before = "BOF");
	edits(edit, &(struct line_wish){ .line = "x", .at.after = "EOF" },
	      "a\nb\n", "a\nb\nx\n");
}
END_TEST

/* A match says where it is; only without one the anchor counts. */
START_TEST(a_match_counts_for_more_than_an_anchor)
{
	edits(edit,
	      &(struct line_wish){
		      .line = "x=2", .match = "^x=", .at.before = "BOF" },
	      "a\nx=1\n", "a\nx=2\n");
}
END_TEST

START_TEST(removes_all_equal_lines)
{
	static const char *const texts[][2] = {
		{ "x\n", "" },          { "x", "" },
		{ "x\na\nx\n", "a\n" }, { "a\r\nx\r\nb", "a\r\nb" },
		{ "a\nx", "a\n" },      { "a\n", NULL },
		{ "", NULL },           { "x \nxx\n", NULL },
	};

	EACH(texts, .line = "x", .absent = true);
}
END_TEST

START_TEST(removes_all_matches)
{
	static const char *const texts[][2] = {
		{ "x1\na\nx2\n", "a\n" },
		{ "ax\nbx", "" },
		{ "a\n", NULL },
	};

	EACH(texts, .match = "x", .absent = true);
	/* what match finds decides, as in Ansible */
	edits(edit,
	      &(struct line_wish){ .line = "a", .match = "x", .absent = true },
	      "a\nx\n", "a\n");
}
END_TEST

/* Files that were put together may have one anywhere; the removal of what is
 * before it makes it the text's. */
START_TEST(a_byte_order_mark_is_none_of_a_lines_text)
{
	static const char *const gone[][2] = {
		{ "x\n" MARK "b\n" MARK "x\n", MARK "b\n" },
		{ "x\n" MARK "x\nb\n", "b\n" },
		{ "x\n" MARK, MARK },
		{ MARK MARK "x\n", MARK },
	};
	static const char *const put[][2] = {
		{ "a\n" MARK "x\n", NULL },
		{ "a\n" MARK "x 1\n", "a\n" MARK "x\n" },
	};

	EACH(gone, .line = "x", .absent = true);
	EACH(put, .line = "x", .match = "^x");
}
END_TEST

START_TEST(says_what_was_there)
{
	struct line_wish wish = { .line = "x=2", .match = "^x=" };
	struct edit_text t = text_of("x=1\n");
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_EDITED struct edited e = { 0 };

	ck_assert(edit_line(&wish, &t, &e, &d));
	ck_assert_int_eq(e.state, EDIT_OTHER);
	ck_assert_uint_eq(e.old_size, 3);
	ck_assert_mem_eq(e.old, "x=1", 3);
}
END_TEST

START_TEST(a_line_with_nul_matches_nothing)
{
	struct line_wish wish = { .line = "b", .match = "a" };
	struct edit_text t = { .path = "/f", .bytes = "a\0\n", .size = 3 };
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_EDITED struct edited e = { 0 };

	ck_assert(edit_line(&wish, &t, &e, &d));
	ck_assert_uint_eq(e.out.size, 5);
	ck_assert_mem_eq(e.out.text, "a\0\nb\n", 5);
}
END_TEST

START_TEST(looks_for_no_pattern_in_a_line_without_end)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "a\n");
	for (size_t i = 0; i <= EDIT_MAX_LINE; i++)
		buf_putc(&b, 'x');
	refuses(edit, &(struct line_wish){ .line = "b", .match = "^a" }, b.text,
		"line 2 of '/f' has more than 65536 bytes");
	edits(edit, &(struct line_wish){ .line = "a" }, b.text, NULL);
}
END_TEST

START_TEST(knows_wrong_patterns)
{
	static const char *const wrong[] = {
		"(",
		"[a",
		"*a\\",
		"a{2,1}",
		"(a)\\1",
		"\\\\\\1",
		"a++",
		"a{2}{2}",
		"a*?",
		"(((a+)+)+)",
		"(a{99}){99}",
		"a{1001}",
		"(a{500}b{600}){2}",
		"((((((((((((((((a))))))))))))))))",
	};
	static const char *const right[] = {
		"",
		"a",
		"\\.",
		"^#?[ \t]*a",
		"\\\\1",
		"[\\1]",
		"[]+*{]+",
		"[^]a]*",
		"(a+b)*c",
		"a|b*",
		"[[:digit:]]{2,3}",
		"a{2}b{3}c+",
		"^([^#]*#)?x$",
	};
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_BUF struct buf longest = { 0 };

	for (size_t i = 0; i < COUNT(wrong); i++)
		ck_assert_msg(edit_pattern_wrong(wrong[i], &a) != NULL, "%s",
			      wrong[i]);
	for (size_t i = 0; i < COUNT(right); i++)
		ck_assert_msg(!edit_pattern_wrong(right[i], &a), "%s",
			      right[i]);
	for (size_t i = 0; i <= EDIT_MAX_PATTERN; i++)
		buf_putc(&longest, 'a');
	ck_assert_str_eq(edit_pattern_wrong(longest.text, &a),
			 "has more than 1024 bytes");
}
END_TEST

TEST_SUITE("edit_line", adds_a_line_that_is_not_there, replaces_the_last_match,
	   replaces_once_by_what_does_not_match, knows_extended_expressions,
	   goes_where_it_is_told, a_match_counts_for_more_than_an_anchor,
	   removes_all_equal_lines, removes_all_matches,
	   a_byte_order_mark_is_none_of_a_lines_text, says_what_was_there,
	   a_line_with_nul_matches_nothing,
	   looks_for_no_pattern_in_a_line_without_end, knows_wrong_patterns)
