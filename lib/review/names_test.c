/* SPDX-License-Identifier: MIT */
#include "lib/review/names.h"

#include <string.h>

#include "lib/test.h"

static struct arena arena;

/* Names with blanks between them, sorted and told in few words. */
static const char *tell(const char *text, size_t most)
{
	struct strings names = { 0 };
	const char *said;
	size_t n;

	for (; *text; text += n + (text[n] == ' ')) {
		n = strcspn(text, " ");
		strings_add(&names, &arena, arena_strndup(&arena, text, n));
	}
	names_sort(&names);
	said = names_short(&names, most, &arena);
	return said;
}

#define TO " \xe2\x80\xa6 "

START_TEST(digits_count_as_numbers)
{
	ck_assert_int_lt(names_compare("web-9", "web-10"), 0);
	ck_assert_int_gt(names_compare("web-10-a", "web-9-b"), 0);
	ck_assert_int_lt(names_compare("web-9-a", "web-9-b"), 0);
	ck_assert_int_lt(names_compare("web", "web-1"), 0);
	ck_assert_int_lt(names_compare("1", "a"), 0);
	ck_assert_int_eq(names_compare("a01b", "a01b"), 0);
	ck_assert_int_lt(
		names_compare("18446744073709551616", "18446744073709551617"),
		0);
}
END_TEST

/* Whoever sorts by it must not take two names for one. */
START_TEST(only_what_is_the_same_is_equal)
{
	ck_assert_int_ne(names_compare("a1", "a01"), 0);
	ck_assert_int_eq(names_compare("a1", "a01") < 0,
			 names_compare("a01", "a1") > 0);
	ck_assert_int_ne(names_compare("a0", "a"), 0);
}
END_TEST

START_TEST(those_that_count_on_are_named_by_their_ends)
{
	ck_assert_str_eq(tell("", 0), "");
	ck_assert_str_eq(tell("db", 0), "db");
	ck_assert_str_eq(tell("web-2 web-1", 0), "web-1, web-2");
	ck_assert_str_eq(tell("web-10 web-9 web-8 web-11", 0),
			 "web-8" TO "web-11");
	ck_assert_str_eq(tell("web-1 web-2 web-3 web-5 db", 0),
			 "db, web-1" TO "web-3, web-5");
	ck_assert_str_eq(tell("a1.x a2.x a3.x a3.y", 0),
			 "a1.x" TO "a3.x, a3.y");
	ck_assert_str_eq(tell("r1-1 r1-2 r2-1 r2-2", 0),
			 "r1-1, r1-2, r2-1, r2-2");
}
END_TEST

START_TEST(zeros_before_a_number_are_a_part_of_the_name)
{
	ck_assert_str_eq(tell("w08 w09 w10 w11", 0), "w08" TO "w11");
	ck_assert_str_eq(tell("w8 w9 w10", 0), "w8" TO "w10");
	ck_assert_str_eq(tell("w09 w10 w9", 0), "w09, w9, w10");
	ck_assert_str_eq(tell("w099 w100 w101", 0), "w099" TO "w101");
}
END_TEST

START_TEST(what_is_too_much_is_counted)
{
	ck_assert_str_eq(tell("a b c", 3), "a, b, c");
	ck_assert_str_eq(tell("a b c d", 2), "a, b and 2 more");
	ck_assert_str_eq(tell("a1 a2 a3 b c1 c2 c3", 2),
			 "a1" TO "a3, b and 3 more");
}
END_TEST

TEST_SUITE("names", digits_count_as_numbers, only_what_is_the_same_is_equal,
	   those_that_count_on_are_named_by_their_ends,
	   zeros_before_a_number_are_a_part_of_the_name,
	   what_is_too_much_is_counted)
