/* SPDX-License-Identifier: MIT */
#include "cmd/grid.h"

#include <string.h>

#include "cmd/commands.h"
#include "lib/test.h"

/* As in main.c; the rest of cmd/ wants it. */
const struct command *const commands[] = { NULL };

static const char *printed(const char *const *cells, size_t columns,
			   size_t width)
{
	static char text[500];
	AUTO_GRID struct grid g = { .columns = columns };
	AUTO_BUF struct buf b = { 0 };

	for (; *cells; cells++)
		grid_add(&g, *cells);
	grid_print(&g, width, &b);
	ck_assert_uint_lt(b.size, sizeof(text));
	memcpy(text, buf_text(&b), b.size + 1);
	return text;
}

START_TEST(columns_are_as_wide_as_they_need)
{
	static const char *const cells[] = { "A", "LONG", "x y", "bbb",
					     "c", "",     NULL };

	ck_assert_str_eq(printed(cells, 3, 0), "A    LONG  x y\n"
					       "bbb  c     -\n");
}
END_TEST

START_TEST(characters_count_not_bytes)
{
	static const char *const cells[] = { "\xc3\xa9", "x", "ab", "y", NULL };

	ck_assert_str_eq(printed(cells, 2, 0), "\xc3\xa9   x\nab  y\n");
}
END_TEST

START_TEST(lines_are_cut_where_there_is_an_edge)
{
	static const char *const cells[] = { "a", "0123456789", NULL };
	static const char *const umlauts[] = {
		"a", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", NULL
	};

	ck_assert_str_eq(printed(cells, 2, 13), "a  0123456789\n");
	ck_assert_str_eq(printed(cells, 2, 12), "a  012345...\n");
	ck_assert_str_eq(printed(cells, 2, 4), "a...\n");
	/* of which nothing would be left */
	ck_assert_str_eq(printed(cells, 2, 3), "a  0123456789\n");
	ck_assert_str_eq(printed(umlauts, 2, 8), "a  \xc3\xa9\xc3\xa9...\n");
}
END_TEST

START_TEST(a_word_is_one_and_safe)
{
	AUTO_GRID struct grid g = { .columns = 3 };
	AUTO_BUF struct buf b = { 0 };

	grid_add_word(&g, "a b\x1b[2J");
	grid_add_word(&g, NULL);
	grid_add_word(&g, "");
	grid_print(&g, 0, &b);
	ck_assert_str_eq(buf_text(&b), "a_b\\x1b[2J  -  -\n");
}
END_TEST

START_TEST(of_nothing_nothing_is_printed)
{
	AUTO_GRID struct grid g = { .columns = 3 };
	AUTO_BUF struct buf b = { 0 };

	grid_print(&g, 0, &b);
	ck_assert_uint_eq(b.size, 0);
}
END_TEST

TEST_SUITE("grid", columns_are_as_wide_as_they_need, characters_count_not_bytes,
	   lines_are_cut_where_there_is_an_edge, a_word_is_one_and_safe,
	   of_nothing_nothing_is_printed)
