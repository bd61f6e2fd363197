/* SPDX-License-Identifier: MIT */
#include "lib/text/escape.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/test.h"

static void escapes(const char *text, size_t size, bool multiline,
		    const char *want)
{
	AUTO_BUF struct buf b = { 0 };

	escape_text(&b, text, size, multiline);
	ck_assert_str_eq(buf_text(&b), want);
	ck_assert_uint_eq(b.size, strlen(want));
}

static void line_is(const char *text, const char *want)
{
	escapes(text, strlen(text), false, want);
}

START_TEST(keeps_plain_text)
{
	line_is("", "");
	line_is("a", "a");
	line_is(" !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~",
		" !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~");
	line_is("caf\xc3\xa9 \xe2\x82\xac \xe4\xb8\xad \xf0\x9f\x98\x80",
		"caf\xc3\xa9 \xe2\x82\xac \xe4\xb8\xad \xf0\x9f\x98\x80");
	line_is("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", /* right-to-left letters */
		"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d");
	line_is("\\x1b", "\\x1b");
}
END_TEST

START_TEST(appends)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "a: ");
	escape_text(&b,
		    "\x1b"
		    "b",
		    2, false);
	ck_assert_str_eq(b.text, "a: \\x1bb");
	escape_text(&b, NULL, 0, false);
	ck_assert_uint_eq(b.size, 8);
}
END_TEST

START_TEST(escapes_every_control)
{
	for (int c = 0; c < 0x100; c++) {
		char byte = (char)c, want[8];
		bool plain = c >= 0x20 && c < 0x7f;

		snprintf(want, sizeof(want), plain ? "%c" : "\\x%02x", c);
		escapes(&byte, 1, false, want);
		if (c != '\n' && c != '\t')
			escapes(&byte, 1, true, want);
	}
}
END_TEST

START_TEST(escapes_terminal_sequences)
{
	line_is("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m");
	line_is("\x1b]8;;http://x\a", "\\x1b]8;;http://x\\x07");
	line_is("\xc2\x9b"
		"31m",
		"\\xc2\\x9b31m");
	line_is("good\rbad", "good\\x0dbad");
	line_is("ab\b\b", "ab\\x08\\x08");
	escapes("a\0b", 3, false, "a\\x00b");
}
END_TEST

START_TEST(keeps_lines_when_asked)
{
	escapes("a\n\tb\r\n", 6, true, "a\n\tb\\x0d\n");
	escapes("a\n\tb\r\n", 6, false, "a\\x0a\\x09b\\x0d\\x0a");
	escapes("\x0b\x0c\x85", 3, true, "\\x0b\\x0c\\x85");
}
END_TEST

static size_t encode(uint32_t rune, char out[4])
{
	if (rune < 0x80) {
		out[0] = (char)rune;
		return 1;
	}
	if (rune < 0x800) {
		out[0] = (char)(0xc0 | rune >> 6);
		out[1] = (char)(0x80 | (rune & 0x3f));
		return 2;
	}
	if (rune < 0x10000) {
		out[0] = (char)(0xe0 | rune >> 12);
		out[1] = (char)(0x80 | (rune >> 6 & 0x3f));
		out[2] = (char)(0x80 | (rune & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | rune >> 18);
	out[1] = (char)(0x80 | (rune >> 12 & 0x3f));
	out[2] = (char)(0x80 | (rune >> 6 & 0x3f));
	out[3] = (char)(0x80 | (rune & 0x3f));
	return 4;
}

static bool is_kept(uint32_t rune)
{
	AUTO_BUF struct buf b = { 0 };
	char text[4];
	size_t n = encode(rune, text);

	escape_text(&b, text, n, true);
	if (b.size == n)
		return memcmp(b.text, text, n) == 0;
	/* whole: each byte of it */
	ck_assert_uint_eq(b.size, 4 * n);
	return false;
}

START_TEST(escapes_what_hides_or_reorders_text)
{
	static const uint32_t bad[][2] = {
		{ 0x80, 0x9f },     { 0xad, 0xad },       { 0x61c, 0x61c },
		{ 0x200b, 0x200f }, { 0x2028, 0x2029 },   { 0x202a, 0x202e },
		{ 0x2060, 0x2064 }, { 0x2066, 0x2069 },   { 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb }, { 0xe0001, 0xe007f },
	};
	static const uint32_t good[] = {
		0x20,   0x7e,   0xa0,   0xac,    0xae,    0xff,    0x61b,
		0x61d,  0x200a, 0x2010, 0x2027,  0x202f,  0x205f,  0x2070,
		0xfefe, 0xff00, 0xfffd, 0x1f600, 0xdffff, 0xe0100, 0x10ffff,
	};

	for (size_t i = 0; i < COUNT(bad); i++)
		for (uint32_t rune = bad[i][0]; rune <= bad[i][1]; rune++)
			ck_assert_msg(!is_kept(rune), "U+%04X", rune);
	for (size_t i = 0; i < COUNT(good); i++)
		ck_assert_msg(is_kept(good[i]), "U+%04X", good[i]);
	line_is("a\xe2\x80\xae"
		"b",
		"a\\xe2\\x80\\xaeb");
}
END_TEST

START_TEST(escapes_invalid_bytes)
{
	line_is("\xff", "\\xff");
	line_is("\xc3", "\\xc3");
	line_is("\xc3(", "\\xc3(");
	line_is("\xc0\xaf", "\\xc0\\xaf");
	line_is("\xe2\x82", "\\xe2\\x82");
	line_is("\xed\xa0\x80", "\\xed\\xa0\\x80");
	line_is("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	/* what follows a bad byte is looked at afresh */
	line_is("\xe2\xc3\xa9", "\\xe2\xc3\xa9");
	line_is("\xf0\x9f\x1b", "\\xf0\\x9f\\x1b");
}
END_TEST

START_TEST(output_is_valid_and_plain)
{
	/* all pairs of bytes, and a third that may complete them */
	for (unsigned i = 0; i < 0x10000; i++) {
		AUTO_BUF struct buf b = { 0 };
		char text[3] = { (char)(i >> 8), (char)i, (char)0x8e };

		escape_text(&b, text, sizeof(text), false);
		ck_assert(utf8_valid(b.text, b.size));
		for (size_t k = 0; k < b.size; k++)
			ck_assert((unsigned char)b.text[k] >= 0x20 &&
				  b.text[k] != 0x7f);
	}
}
END_TEST

START_TEST(knows_valid_utf8)
{
	static const char *const good[] = {
		"",
		"a",
		"\x7f",
		"\xc2\x80",
		"\xdf\xbf",
		"\xe0\xa0\x80",
		"\xed\x9f\xbf",
		"\xee\x80\x80",
		"\xef\xbf\xbf",
		"\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf",
		"a\xc3\xa9z",
	};

	for (size_t i = 0; i < COUNT(good); i++)
		ck_assert(utf8_valid(good[i], strlen(good[i])));
	ck_assert(utf8_valid("a\0b", 3));
}
END_TEST

START_TEST(knows_invalid_utf8)
{
	static const char *const bad[] = {
		"\x80",
		"\xbf",
		"\xc0\x80",
		"\xc1\xbf",
		"\xc2",
		"\xc2\x41",
		"\xc2\xc2",
		"\xe0\x80\x80",
		"\xe0\x9f\xbf",
		"\xe2\x82",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf",
		"\xf0\x9f\x98",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80\x80",
		"\xfe",
		"\xff",
		"good\xff",
		"\xff good",
	};

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(!utf8_valid(bad[i], strlen(bad[i])), "%zu", i);
}
END_TEST

START_TEST(decodes_every_code_point)
{
	for (uint32_t rune = 0; rune < 0x110000; rune++) {
		uint32_t have = 0;
		char text[4];
		size_t n = encode(rune, text);
		bool surrogate = rune >= 0xd800 && rune <= 0xdfff;

		if (utf8_decode(text, n, &have) != (surrogate ? 0 : n))
			ck_abort_msg("U+%04X", rune);
		if (!surrogate && have != rune)
			ck_abort_msg("U+%04X is taken for U+%04X", rune, have);
		if (utf8_decode(text, n - 1, &have) != 0)
			ck_abort_msg("U+%04X, cut", rune);
	}
}
END_TEST

static void as_json(const char *text, const char *want)
{
	json_t *json = escape_json(text);

	ck_assert_str_eq(json_string_value(json), want);
	json_decref(json);
}

START_TEST(json_takes_any_bytes)
{
	as_json("", "");
	as_json("plain \xc3\xa4", "plain \xc3\xa4");
	/* JSON can hold these, and its reader knows where it will show them */
	as_json("a\n\033[2J", "a\n\033[2J");
	as_json("\xff", "\\xff");
	as_json("a\xff\nb\033", "a\\xff\nb\\x1b");
}
END_TEST

static void as_dot(const char *text, const char *want)
{
	AUTO_BUF struct buf b = { 0 };

	escape_dot(&b, text);
	ck_assert_str_eq(buf_text(&b), want);
}

START_TEST(dot_takes_it_as_it_is)
{
	as_dot("", "");
	as_dot("plain \xc3\xa4", "plain \xc3\xa4");
	as_dot("a\"b", "a\\\"b");
	/* an escape of DOT, and an entity that it would show as another */
	as_dot("\\N", "\\\\N");
	as_dot("&lt;", "&amp;lt;");
	as_dot("\n\033", "\\\\x0a\\\\x1b");
	as_dot("\xff", "\\\\xff");
}
END_TEST

TEST_SUITE("escape", keeps_plain_text, appends, escapes_every_control,
	   escapes_terminal_sequences, keeps_lines_when_asked,
	   escapes_what_hides_or_reorders_text, escapes_invalid_bytes,
	   output_is_valid_and_plain, knows_valid_utf8, knows_invalid_utf8,
	   decodes_every_code_point, json_takes_any_bytes,
	   dot_takes_it_as_it_is)
