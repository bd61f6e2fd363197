/* SPDX-License-Identifier: MIT */
#include "lib/text/edit/edit_test.h"

static bool edit(const void *wish, const struct edit_text *t, struct edited *e,
		 struct diags *d)
{
	return edit_block(wish, t, e, d);
}

#define B "# BEGIN x\n"
#define E "# END x\n"
#define WISH_OF(text, ...)                             \
	(&(struct block_wish){ .marker = "# {mark} x", \
			       .content = (text),      \
			       .size = strlen(text),   \
			       __VA_ARGS__ })
#define WISH(text) WISH_OF(text, .absent = false)

START_TEST(adds_a_block)
{
	edits(edit, WISH("a\n"), "", B "a\n" E);
	edits(edit, WISH("a"), "", B "a\n" E);
	edits(edit, WISH("a\r\r\nb\r"), "", B "a\nb\n" E);
	edits(edit, WISH(""), "", B E);
	edits(edit, WISH("a\nb\n"), "1\n2", "1\n2\n" B "a\nb\n" E);
	edits(edit, WISH("a\n"), "1\r\n", "1\r\n# BEGIN x\r\na\r\n# END x\r\n");
	edits(edit, WISH_OF("a\n", .at.before = "BOF"), "1\n", B "a\n" E "1\n");
	edits(edit, WISH_OF("a\n", .at.after = "^1"), "1\n1\n2\n",
	      "1\n1\n" B "a\n" E "2\n");
	edits(edit, WISH_OF("a\n", .at.before = "^1"), "1\n1\n2\n",
	      "1\n" B "a\n" E "1\n2\n");
}
END_TEST

START_TEST(replaces_what_is_between_the_markers)
{
	edits(edit, WISH("a\n"), "1\n" B "b\nc\n" E "2", "1\n" B "a\n" E "2");
	edits(edit, WISH("a\n"), B E, B "a\n" E);
	edits(edit, WISH(""), B "b\n" E, B E);
	edits(edit, WISH("a\n"), "# BEGIN x\na\nb\n# END x",
	      "# BEGIN x\na\n# END x");
	/* where it is counts only for a new one */
	edits(edit, WISH_OF("a\n", .at.before = "BOF"), "1\n" B "b\n" E,
	      "1\n" B "a\n" E);
}
END_TEST

START_TEST(leaves_what_is_right)
{
	edits(edit, WISH("a\n"), "1\n" B "a\n" E "2", NULL);
	edits(edit, WISH("a"), B "a\n" E, NULL);
	edits(edit, WISH("a\r\n"), B "a\n" E, NULL);
	edits(edit, WISH("a\n"), "# BEGIN x\r\na\r\n# END x\r\n", NULL);
	edits(edit, WISH(""), B E, NULL);
}
END_TEST

START_TEST(the_last_of_several_counts)
{
	edits(edit, WISH("a\n"), B "1\n" E B "2\n" E, B "1\n" E B "a\n" E);
	edits(edit, WISH("a\n"), B "1\n" E B "a\n" E, NULL);
}
END_TEST

START_TEST(removes_all_of_it)
{
	edits(edit, WISH_OF("", .absent = true), "1\n" B "a\n" E "2", "1\n2");
	edits(edit, WISH_OF("", .absent = true), B "1\n" E "a\n" B "2\n" E,
	      "a\n");
	edits(edit, WISH_OF("", .absent = true), B E MARK B "a\n" E MARK "b\n",
	      MARK "b\n");
	edits(edit, WISH_OF("", .absent = true), "a\n# END\n", NULL);
	edits(edit, WISH_OF("", .absent = true), "", NULL);
}
END_TEST

START_TEST(other_markers_are_text)
{
	edits(edit, WISH("a\n"), "# BEGIN y\n1\n# END y\n",
	      "# BEGIN y\n1\n# END y\n" B "a\n" E);
	edits(edit, WISH("a\n"), " # BEGIN x\n", " # BEGIN x\n" B "a\n" E);
}
END_TEST

/* To guess where it ends could lose the rest of the file. */
START_TEST(half_a_block_is_refused)
{
	refuses(edit, WISH("a\n"), "1\n" B "2\n",
		"line 2 of '/f' is '# BEGIN x', and has no counterpart");
	refuses(edit, WISH("a\n"), E,
		"line 1 of '/f' is '# END x', and has no counterpart");
	refuses(edit, WISH("a\n"), B B "1\n" E, "line 1 of '/f'");
	refuses(edit, WISH("a\n"), B "1\n" E "2\n" E, "line 5 of '/f'");
	refuses(edit, WISH_OF("", .absent = true), B, "line 1 of '/f'");
	/* a newline would come to stand behind it */
	refuses(edit, WISH("a\n"), "1\n# BEGIN x\r", "line 2 of '/f'");
}
END_TEST

START_TEST(knows_wrong_markers)
{
	AUTO(arena_release) struct arena a = { 0 };

	ck_assert_ptr_null(edit_block_wrong(WISH("a\n"), &a));
	ck_assert_str_eq(
		edit_block_wrong(&(struct block_wish){ .marker = "#" }, &a),
		"'marker' must have {mark}, for BEGIN and END");
	ck_assert_str_eq(edit_block_wrong(WISH("a\n" E), &a),
			 "'content' has a line that is its marker");
	ck_assert_str_eq(edit_block_wrong(WISH("# BEGIN x"), &a),
			 "'content' has a line that is its marker");
	ck_assert_str_eq(edit_block_wrong(WISH("a\n# END x\r\r"), &a),
			 "'content' has a line that is its marker");
}
END_TEST

TEST_SUITE("edit_block", adds_a_block, replaces_what_is_between_the_markers,
	   leaves_what_is_right, the_last_of_several_counts, removes_all_of_it,
	   other_markers_are_text, half_a_block_is_refused, knows_wrong_markers)
