/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/secret/scrub.h"

#include <string.h>

#include "lib/test.h"

#define SECRET "hunter2!/\"canary"

static void check(const char *secret, const char *said, const char *shown)
{
	AUTO_BUF struct buf text = { 0 };

	buf_puts(&text, said);
	scrub(&text, "s", secret, strlen(secret));
	ck_assert_str_eq(buf_text(&text), shown);
}

START_TEST(every_form_is_taken_out)
{
	static const char *const forms[] = {
		SECRET,
		"68756e746572322"
		"12f2263616e617279",
		"68756E746572322"
		"12F2263616E617279",
		"hunter2%21%2F%22canary",
		"hunter2%21%2f%22canary",
		"hunter2!/\\\"canary",
		"aHVudGVyMiEvImNhbmFyeQ==",
		/* with one byte and with two before it, and others after it */
		"eGh1bnRlcjIhLyJjYW5hcnk=",
		"eHhodW50ZXIyIS8iY2FuYXJ5eHg=",
	};

	for (size_t i = 0; i < COUNT(forms); i++) {
		AUTO_BUF struct buf said = { 0 };

		buf_printf(&said, "a %s b %s", forms[i], forms[i]);
		check(SECRET, buf_text(&said), "a <secret s> b <secret s>");
	}
}
END_TEST

START_TEST(each_line_of_a_secret_is_one)
{
	check("first line\nshort\nsecond line\n", "x: second line\nshort\n",
	      "x: <secret s>\nshort\n");
}
END_TEST

START_TEST(what_is_too_short_is_left)
{
	check("root", "root is root", "root is root");
	check("", "root is root", "root is root");
	check("longer", "root is root", "root is root");
}
END_TEST

START_TEST(bytes_of_all_kinds_are_taken)
{
	static const char secret[] = "a\0b\x01\xff\n\\z";
	AUTO_BUF struct buf text = { 0 };

	buf_add(&text, "<", 1);
	buf_add(&text, secret, sizeof(secret) - 1);
	buf_puts(&text, "> a\\u0000b\\u0001\xff\\n\\\\z");
	scrub(&text, "s", secret, sizeof(secret) - 1);
	ck_assert_str_eq(buf_text(&text), "<<secret s>> <secret s>");
}
END_TEST

TEST_SUITE("scrub", every_form_is_taken_out, each_line_of_a_secret_is_one,
	   what_is_too_short_is_left, bytes_of_all_kinds_are_taken)
