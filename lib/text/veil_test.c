/* SPDX-License-Identifier: MIT */
#include "lib/text/veil.h"

#include <string.h>

#include "lib/test.h"

typedef void veil_function(struct buf *, const char *live, size_t n,
			   const char *want, size_t size, const struct cut *,
			   size_t ncuts);

/* The wanted text with a '*' where the secret s.age belongs. */
static void check_by(veil_function *function, const char *want,
		     const char *live, const char *shown)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_BUF struct buf out = { 0 };
	struct cut cuts[8];
	size_t n = 0;

	for (const char *p = want; *p; p++) {
		if (*p == '*')
			cuts[n++] =
				(struct cut){ text.size, "s.age", SPELL_PLAIN };
		else
			buf_putc(&text, *p);
	}
	function(&out, live, strlen(live), buf_text(&text), text.size, cuts, n);
	ck_assert_str_eq(buf_text(&out), shown);
}

static void check(const char *want, const char *live, const char *shown)
{
	check_by(veil, want, live, shown);
}

#define S "<secret s.age>"

START_TEST(a_file_with_one_secret_line_shows_its_others)
{
	check("a\nkey=*\nb\n", "a\nkey=canary\nb\n", "a\nkey=" S "\nb\n");
	check("a\nkey=*\nb\n", "a\nkey=older\nb\n", "a\nkey=" S "\nb\n");
	check("key=*", "key=x", "key=" S);
}
END_TEST

START_TEST(lines_that_are_not_wanted_are_not_shown)
{
	check("a\nkey=*\n", "a\nkey: canary\nother\nkey=x\n",
	      "a\n" VEILED "\nkey=" S "\n");
	check("a\nkey=*\n", "token=canary", VEILED);
	check("*", "canary", VEILED);
	check("*", "a\nb\nc\n", VEILED "\n");
	check("*\n", "x\n", VEILED "\n");
}
END_TEST

START_TEST(a_plain_line_is_shown_only_in_whole)
{
	check("ab\nk=*\n", "a\nabc\nab\n", VEILED "\nab\n");
}
END_TEST

START_TEST(several_secrets_of_a_line_are_all_taken_out)
{
	check("p://*:*@h\n", "p://canary:canary2@h\n", "p://" S ":" S "@h\n");
	check("p://*:*@h\n", "p://canary@h\n", VEILED "\n");
	check("a**b\n", "aXb\n", "a" S S "b\n");
	/* the end of one must not be the begin of the other */
	check("aba*ba\n", "aba\n", VEILED "\n");
}
END_TEST

START_TEST(nothing_is_made_of_nothing)
{
	check("k=*\n", "", "");
	check("k=*\n", "\n\n", VEILED "\n");
	check("\nk=*\n", "\n\n", "\n\n");
}
END_TEST

START_TEST(an_edited_text_may_have_an_older_one_twice)
{
	check("k=x\nk=*\n", "k=x\n", "k=x\n");
	check_by(veil_edited, "k=x\nk=*\na\n", "k=x\nk=y\na\n",
		 "k=" S "\nk=" S "\na\n");
	check_by(veil_edited, "a\n*\n", "a\nx\n", "a\n" VEILED "\n");
}
END_TEST

static void check_changes(const char *live, const char *diff, const char *shown)
{
	AUTO_BUF struct buf out = { 0 };

	veil_changes(&out, diff, strlen(diff), live, strlen(live));
	ck_assert_str_eq(buf_text(&out), shown);
}

START_TEST(of_changes_only_what_is_new_is_shown)
{
	check_changes("k=canary\na\n", "@@ -1 +1 @@\n-k=canary\n+k=x\n",
		      "@@ -1 +1 @@\n-" VEILED "\n+k=x\n");
	check_changes("x\ny\n", "@@ -1,2 +0,0 @@\n-x\n-y\n",
		      "@@ -1,2 +0,0 @@\n-" VEILED "\n");
	check_changes("x", "@@ -1 +1,2 @@\n-x\n\\ No newline\n+x\n+\n",
		      "@@ -1 +1,2 @@\n-" VEILED "\n\\ No newline\n+" VEILED
		      "\n+\n");
	check_changes("x\n", "", "");
}
END_TEST

/* A line may move past one that stays: either may be taken for the other. */
START_TEST(what_was_there_is_not_shown_where_it_goes)
{
	check_changes("k=canary\na\n",
		      "@@ -1 +0,0 @@\n-k=canary\n@@ -2,0 +2,2 @@\n"
		      "+k=canary\n+k=canary2\n",
		      "@@ -1 +0,0 @@\n-" VEILED "\n@@ -2,0 +2,2 @@\n+" VEILED
		      "\n+k=canary2\n");
}
END_TEST

TEST_SUITE("veil", of_changes_only_what_is_new_is_shown,
	   what_was_there_is_not_shown_where_it_goes,
	   an_edited_text_may_have_an_older_one_twice,
	   a_file_with_one_secret_line_shows_its_others,
	   lines_that_are_not_wanted_are_not_shown,
	   a_plain_line_is_shown_only_in_whole,
	   several_secrets_of_a_line_are_all_taken_out,
	   nothing_is_made_of_nothing)
