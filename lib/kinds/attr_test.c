/* SPDX-License-Identifier: MIT */
#include "lib/kinds/attr.h"

#include <string.h>

#include "lib/base/mode.h"
#include "lib/host/content.h"
#include "lib/test.h"

enum { PRESENT, ABSENT };

struct thing {
	struct record r;
	const char *name;
	int ensure;
	const char *text;
	struct mode mode;
	struct content content;
	int64_t number; /* not compared */
	bool flag;
};

enum row { NAME, ENSURE, TEXT, MODE, CONTENT, NUMBER, FLAG, ROWS };

static const char *const states[] = { "present", "absent", NULL };

#define AT(member) offsetof(struct thing, member)

static const struct attr attrs[ROWS] = {
	[NAME] = { .name = "name", .kind = &kind_text, .offset = AT(name) },
	[ENSURE] = { .name = "ensure",
		     .kind = &kind_choice,
		     .flags = ATTR_STATE | ATTR_ENSURE,
		     .choices = states,
		     .offset = AT(ensure) },
	[TEXT] = { .name = "text",
		   .kind = &kind_text,
		   .flags = ATTR_STATE,
		   .offset = AT(text) },
	[MODE] = { .name = "mode",
		   .kind = &kind_mode,
		   .flags = ATTR_STATE,
		   .offset = AT(mode) },
	[CONTENT] = { .name = "content",
		      .kind = &kind_content,
		      .flags = ATTR_STATE,
		      .offset = AT(content) },
	[NUMBER] = { .name = "number",
		     .kind = &kind_integer,
		     .offset = AT(number) },
	[FLAG] = { .name = "flag",
		   .kind = &kind_bool,
		   .flags = ATTR_STATE,
		   .offset = AT(flag) },
};

static uint64_t differ(const struct thing *want, const struct thing *have)
{
	return record_differ(attrs, ROWS, want, have);
}

static bool same(const struct thing *a, const struct thing *b)
{
	return record_same(attrs, ROWS, a, b);
}

START_TEST(nothing_set_is_nothing_managed)
{
	struct thing want = { 0 };
	struct thing have = { .r.set = BIT(TEXT) | BIT(FLAG), .text = "x" };

	ck_assert_uint_eq(differ(&want, &have), 0);
}
END_TEST

START_TEST(rows_that_differ_are_told)
{
	struct thing want = { .r.set = BIT(TEXT) | BIT(FLAG) | BIT(ENSURE),
			      .text = "x",
			      .flag = true };
	struct thing have = { .r.set = BIT(TEXT) | BIT(FLAG) | BIT(ENSURE),
			      .text = "y",
			      .flag = true };

	ck_assert_uint_eq(differ(&want, &have), BIT(TEXT));
	have.flag = false;
	ck_assert_uint_eq(differ(&want, &have), BIT(TEXT) | BIT(FLAG));
	have.text = "x";
	have.flag = true;
	ck_assert_uint_eq(differ(&want, &have), 0);
}
END_TEST

START_TEST(what_is_not_there_differs)
{
	struct thing want = { .r.set = BIT(TEXT) | BIT(FLAG), .text = "" };
	struct thing have = { .text = "" };

	ck_assert_uint_eq(differ(&want, &have), BIT(TEXT) | BIT(FLAG));
}
END_TEST

START_TEST(rows_that_are_no_state_are_not_compared)
{
	struct thing want = { .r.set = BIT(NAME) | BIT(NUMBER),
			      .name = "a",
			      .number = 1 };
	struct thing have = { .r.set = BIT(NAME) | BIT(NUMBER),
			      .name = "b",
			      .number = 2 };

	ck_assert_uint_eq(differ(&want, &have), 0);
}
END_TEST

START_TEST(absent_ignores_other_attributes)
{
	struct thing want = { .r.set = BIT(ENSURE) | BIT(MODE) | BIT(TEXT),
			      .ensure = ABSENT,
			      .text = "x",
			      .mode = { .octal = 0600 } };
	struct thing have = { .r.set = BIT(ENSURE), .ensure = ABSENT };

	ck_assert_uint_eq(differ(&want, &have), 0);
	have.r.set |= BIT(MODE) | BIT(TEXT);
	have.text = "y";
	have.mode.octal = 0644;
	ck_assert_uint_eq(differ(&want, &have), 0);
	have.ensure = PRESENT;
	ck_assert_uint_eq(differ(&want, &have), BIT(ENSURE));
}
END_TEST

START_TEST(present_where_nothing_is_differs_in_all)
{
	struct thing want = { .r.set = BIT(ENSURE) | BIT(MODE),
			      .mode = { .octal = 0600 } };
	struct thing have = { .r.set = BIT(ENSURE), .ensure = ABSENT };

	ck_assert_uint_eq(differ(&want, &have), BIT(ENSURE) | BIT(MODE));
}
END_TEST

START_TEST(what_is_unknown_differs)
{
	struct thing want = { .r.set = BIT(TEXT) | BIT(FLAG), .text = "x" };
	struct thing have = { .r.set = BIT(TEXT) | BIT(FLAG), .text = "x" };

	record_unknown(&have.r, TEXT, "nobody knows");
	ck_assert_uint_eq(differ(&want, &have), BIT(TEXT));
	ck_assert_uint_eq(have.r.unknown, BIT(TEXT));
	ck_assert_str_eq(have.r.because, "nobody knows");
	record_unknown(&have.r, MODE, "nor that");
	ck_assert_uint_eq(have.r.unknown, BIT(TEXT) | BIT(MODE));
	/* a row that nobody manages is not asked for */
	ck_assert_uint_eq(differ(&want, &have), BIT(TEXT));
}
END_TEST

START_TEST(an_unknown_that_is_to_be_absent)
{
	struct thing want = { .r.set = BIT(ENSURE) | BIT(TEXT),
			      .ensure = ABSENT,
			      .text = "x" };
	struct thing have = { .r.set = BIT(ENSURE), .ensure = ABSENT };

	record_unknown(&have.r, TEXT, "?");
	ck_assert_uint_eq(differ(&want, &have), 0);
	record_unknown(&have.r, ENSURE, "?");
	ck_assert_uint_eq(differ(&want, &have), BIT(ENSURE));
}
END_TEST

START_TEST(the_word_counts_not_its_place)
{
	static const char *const others[] = { "absent", "there", NULL };
	struct attr attr = attrs[ENSURE];
	struct thing t = { .ensure = 0 };

	ck_assert(!attr_absent(&attrs[ENSURE], &t));
	attr.choices = others;
	ck_assert(attr_absent(&attr, &t));
	t.ensure = 1;
	ck_assert(!attr_absent(&attr, &t));
	ck_assert(attr_absent(&attrs[ENSURE], &t));
}
END_TEST

START_TEST(symbolic_modes_are_relative_to_what_is_there)
{
	struct thing want = { .r.set = BIT(MODE) };
	struct thing have = { .r.set = BIT(MODE), .mode = { .octal = 0711 } };

	ck_assert_ptr_null(mode_parse("u+x,go-w", &want.mode));
	ck_assert_uint_eq(differ(&want, &have), 0);
	have.mode.octal = 0722;
	ck_assert_uint_eq(differ(&want, &have), BIT(MODE));
	ck_assert_ptr_null(mode_parse("a=rX", &want.mode));
	have.mode = (struct mode){ .octal = 0444 };
	ck_assert_uint_eq(differ(&want, &have), 0);
	have.mode.is_directory = true;
	ck_assert_uint_eq(differ(&want, &have), BIT(MODE));
}
END_TEST

/* --- whether two looks saw the same --- */

START_TEST(what_was_seen_twice_is_the_same)
{
	struct thing a = { .r.set = BIT(TEXT) | BIT(MODE),
			   .text = "x",
			   .mode = { .octal = 0644 } };
	struct thing b = a;

	ck_assert(same(&a, &b));
	b.text = "y";
	ck_assert(!same(&a, &b));
	b.text = "x";
	b.mode.octal = 0600;
	ck_assert(!same(&a, &b));
}
END_TEST

START_TEST(more_or_less_is_not_the_same)
{
	struct thing a = { .r.set = BIT(TEXT), .text = "x" };
	struct thing b = { .r.set = BIT(TEXT) | BIT(FLAG), .text = "x" };

	ck_assert(!same(&a, &b));
	ck_assert(!same(&b, &a));
}
END_TEST

START_TEST(what_is_no_state_may_change)
{
	struct thing a = { .r.set = BIT(NUMBER), .number = 1 };
	struct thing b = { .r.set = BIT(NUMBER) | BIT(NAME),
			   .number = 2,
			   .name = "n" };

	ck_assert(same(&a, &b));
}
END_TEST

START_TEST(knowing_less_is_not_the_same)
{
	struct thing a = { .r.set = BIT(TEXT), .text = "x" };
	struct thing b = a;

	record_unknown(&b.r, TEXT, "?");
	ck_assert(!same(&a, &b));
	record_unknown(&a.r, TEXT, "another reason");
	ck_assert(same(&a, &b));
}
END_TEST

START_TEST(content_is_told_by_its_digest)
{
	const struct content text = content_of("abc", 3);
	struct thing a = { .r.set = BIT(CONTENT), .content.same_as = &text };
	struct thing b = { .r.set = BIT(CONTENT),
			   .content = content_of("abc", 3) };

	ck_assert(same(&a, &b));
	b.content = content_of("abd", 3);
	ck_assert(!same(&a, &b));
}
END_TEST

START_TEST(content_without_digest_equals_only_itself)
{
	struct thing want = { .r.set = BIT(CONTENT),
			      .content = content_of("abc", 3) };
	struct thing have = { .r.set = BIT(CONTENT),
			      .content.same_as = &want.content };
	struct diags d = { 0 };

	ck_assert_uint_eq(differ(&want, &have), 0);
	have.content = (struct content){ .size = 3 };
	ck_assert_uint_eq(differ(&want, &have), BIT(CONTENT));
	have.content = content_of("abc", 3);
	ck_assert(content_digest(&have.content, &d));
	ck_assert(content_digest(&want.content, &d));
	ck_assert_uint_eq(differ(&want, &have), 0);
	have.content.digest[31] ^= 1;
	ck_assert_uint_eq(differ(&want, &have), BIT(CONTENT));
}
END_TEST

TEST_SUITE("attr", nothing_set_is_nothing_managed, rows_that_differ_are_told,
	   what_is_not_there_differs, rows_that_are_no_state_are_not_compared,
	   absent_ignores_other_attributes,
	   present_where_nothing_is_differs_in_all, what_is_unknown_differs,
	   an_unknown_that_is_to_be_absent, the_word_counts_not_its_place,
	   symbolic_modes_are_relative_to_what_is_there,
	   what_was_seen_twice_is_the_same, more_or_less_is_not_the_same,
	   what_is_no_state_may_change, knowing_less_is_not_the_same,
	   content_is_told_by_its_digest,
	   content_without_digest_equals_only_itself)
