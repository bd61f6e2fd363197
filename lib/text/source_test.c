/* SPDX-License-Identifier: MIT */
#include "lib/text/source.h"

#include <ctype.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "lib/base/buf.h"
#include "lib/test.h"

struct outcome {
	json_t *json;
	size_t n, line, column;
	char text[256], file[64];
};

static struct outcome parse(const char *text, size_t size)
{
	struct source source = { .name = "m.json", .text = text, .size = size };
	AUTO_DIAGS struct diags d = { 0 };
	struct outcome o = { .json = source_parse(&source, &d), .n = d.n };

	if (d.n) {
		o.line = d.v[0].place.line;
		o.column = d.v[0].place.column;
		snprintf(o.text, sizeof(o.text), "%s", d.v[0].text);
		snprintf(o.file, sizeof(o.file), "%s", d.v[0].place.file);
	}
	source_release(&source);
	return o;
}

static void accepts(const char *text, size_t size)
{
	struct outcome o = parse(text, size);

	ck_assert_msg(o.json != NULL, "%s: %zu:%zu: %s", text, o.line, o.column,
		      o.text);
	ck_assert_uint_eq(o.n, 0);
	json_decref(o.json);
}

static void refuses(const char *text, size_t size, size_t line, size_t column,
		    const char *want)
{
	struct outcome o = parse(text, size);

	ck_assert_msg(o.json == NULL, "accepted: %s", text);
	ck_assert_uint_eq(o.n, 1);
	ck_assert_str_eq(o.file, "m.json");
	ck_assert_msg(strstr(o.text, want) != NULL, "%s: have '%s', want '%s'",
		      text, o.text, want);
	ck_assert_msg(o.line == line && o.column == column,
		      "%s: %s: have %zu:%zu, want %zu:%zu", text, o.text,
		      o.line, o.column, line, column);
	/* a message is one line of harmless text */
	for (const char *p = o.text; *p; p++)
		ck_assert_int_ne(iscntrl((unsigned char)*p) != 0, 1);
}

struct bad {
	const char *text;
	size_t size; /* 0: strlen */
	size_t line, column;
	const char *want;
};

static void refuses_all(const struct bad *bad, size_t n)
{
	for (size_t i = 0; i < n; i++)
		refuses(bad[i].text,
			bad[i].size ? bad[i].size : strlen(bad[i].text),
			bad[i].line, bad[i].column, bad[i].want);
}

static void repeat(struct buf *b, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_puts(b, text);
}

START_TEST(accepts_json)
{
	static const char *const good[] = {
		"{}",
		" \t\r\n{ \t\r\n} \t\r\n",
		"{\"\":\"\"}",
		"{\"a\":null,\"b\":true,\"c\":false}",
		"{\"a\":[[],{},[{}]],\"b\":{\"a\":{\"a\":1}}}",
		"{\"a\":0,\"b\":-0,\"c\":1.0,\"d\":1e5,\"e\":-1.5E-3}",
		"{\"a\":9223372036854775807,\"b\":-9223372036854775808}",
		"{\"a\":1e308,\"b\":1.7976931348623157e308,\"c\":1e-400}",
		"{\"a\":0e999,\"b\":0.0000001e310}",
		"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"}",
		"{\"a\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f\"}",
		"{\"a\":\"\xef\xbf\xbf\xf4\x8f\xbf\xbf\xed\x9f\xbf\"}",
		"{\"a\":\"\\\\\",\"b\":\"\\\\\\\"\"}",
		"{\"a\":\"[{[{,\\\"}\"}",
		"{\"a\":1,\"A\":1,\"\xc3\xa9\":1,\"e\xcc\x81\":1}",
		"{\"a\":{\"a\":1},\"b\":{\"a\":1},\"c\":[{\"a\":1},{\"a\":1}]}",
	};

	for (size_t i = 0; i < COUNT(good); i++)
		accepts(good[i], strlen(good[i]));
}
END_TEST

START_TEST(gives_the_values)
{
	static const char text[] = "{\"a\": [1, 2.5, \"\\u00e9\"], \"b\": {}}";
	struct outcome o = parse(text, sizeof(text) - 1);
	json_t *want =
		json_pack("{s:[i,f,s],s:{}}", "a", 1, 2.5, "\xc3\xa9", "b");

	ck_assert(json_equal(o.json, want));
	json_decref(want);
	json_decref(o.json);
}
END_TEST

START_TEST(refuses_what_is_no_object)
{
	static const struct bad bad[] = {
		{ "   ", 0, 1, 1, "expected an object" },
		{ "\n\n\t", 0, 1, 1, "expected an object" },
		{ "[]", 0, 1, 1, "expected an object, not an array" },
		{ "\n [1]", 0, 2, 2, "expected an object, not an array" },
		{ "1", 0, 1, 1, "expected an object" },
		{ "\"{}\"", 0, 1, 1, "expected an object" },
		{ "null", 0, 1, 1, "expected an object, not 'null'" },
		{ "}", 0, 1, 1, "expected an object, not '}'" },
		{ "\xef\xbb\xbf", 0, 1, 1, "expected an object" },
		{ "\xef\xbb\xbf{}", 0, 1, 1, "UTF-8 byte order mark" },
		{ "\xff\xfe{\0}\0", 6, 1, 1, "UTF-16" },
		{ "\xfe\xff\0{\0}", 6, 1, 1, "UTF-16" },
		{ "{\0}\0", 4, 1, 1, "UTF-16" },
		{ "\0{\0}", 4, 1, 1, "UTF-16" },
		{ "\0", 1, 1, 1, "NUL is not allowed" },
		{ "\xff", 0, 1, 1, "invalid UTF-8" },
		{ "[1,]", 0, 1, 3, "trailing comma" },
	};

	refuses("", 0, 1, 1, "expected an object");
	refuses(NULL, 0, 1, 1, "expected an object");
	refuses_all(bad, COUNT(bad));
}
END_TEST

START_TEST(refuses_syntax_at_the_byte)
{
	static const struct bad bad[] = {
		{ "{\"a\":1,}", 0, 1, 7, "trailing comma" },
		{ "{\"a\":[1,\n\n]}", 0, 1, 8, "trailing comma" },
		{ "{\"a\":1,,}", 0, 1, 8, "expected a key" },
		{ "{,}", 0, 1, 2, "expected a key" },
		{ "{\"a\" 1}", 0, 1, 6, "expected ':'" },
		{ "{\"a\"}", 0, 1, 5, "expected ':'" },
		{ "{\"a\".5}", 0, 1, 5, "expected ':' after the key" },
		{ "{\"a\":}", 0, 1, 6, "expected a value, not '}'" },
		{ "{\"a\":1 \"b\":2}", 0, 1, 8, "expected ',' or '}'" },
		{ "{\"a\":[1 2]}", 0, 1, 9, "expected ',' or ']'" },
		{ "{\"a\":[1}", 0, 1, 8, "expected ',' or ']', not '}'" },
		{ "{\"a\":[1,}", 0, 1, 9, "expected a value, not '}'" },
		{ "{\"a\":1]", 0, 1, 7, "expected ',' or '}', not ']'" },
		{ "{\n  // x\n}", 0, 2, 3, "no comments" },
		{ "{\"a\":1 /* x */}", 0, 1, 8, "no comments" },
		{ "# x\n{}", 0, 1, 1, "no comments" },
		{ "{'a':1}", 0, 1, 2, "double quotes" },
		{ "{\"a\":'b'}", 0, 1, 6, "double quotes" },
		{ "{a:1}", 0, 1, 2, "a key in double quotes or '}', not 'a'" },
		{ "{1:1}", 0, 1, 2, "expected a key" },
		{ "{\"a\":NaN}", 0, 1, 6, "not 'NaN'" },
		{ "{\"a\":Infinity}", 0, 1, 6, "not 'Infinity'" },
		{ "{\"a\":-Infinity}", 0, 1, 7, "not 'Infinity'" },
		{ "{\"a\":True}", 0, 1, 6, "not 'True'" },
		{ "{\"a\":nul}", 0, 1, 6, "not 'nul'" },
		{ "{\"a\":truer}", 0, 1, 10, "not 'r'" },
		{ "{\"a\":+1}", 0, 1, 6, "leading '+'" },
		{ "{\"a\":01}", 0, 1, 6, "leading zero" },
		{ "{\"a\":-01}", 0, 1, 7, "leading zero" },
		{ "{\"a\":.5}", 0, 1, 6, "digit before its '.'" },
		{ "{\"a\":1.}", 0, 1, 8, "expected a digit, not '}'" },
		{ "{\"a\":1e}", 0, 1, 8, "expected a digit" },
		{ "{\"a\":1e+}", 0, 1, 9, "expected a digit" },
		{ "{\"a\":-}", 0, 1, 7, "expected a digit" },
		{ "{\"a\":0x10}", 0, 1, 7, "not 'x10'" },
		{ "{\"a\":1+1}", 0, 1, 7, "expected ',' or '}', not '+'" },
		{ "{\"a\":\xc2\xa0"
		  "1}",
		  0, 1, 6, "expected a value" },
		{ "{\"a\":\x0b"
		  "1}",
		  0, 1, 6, "not '\\x0b'" },
		{ "{\"a\":\x1b[0m}", 0, 1, 6, "not '\\x1b'" },
	};

	refuses_all(bad, COUNT(bad));
}
END_TEST

START_TEST(counts_lines_and_columns_in_bytes)
{
	static const struct bad bad[] = {
		{ "{\n\"a\"\n:\n\t?\n}", 0, 4, 2, "not '?'" },
		{ "{\r\n\"a\":\r\n  ?}", 0, 3, 3, "not '?'" },
		{ "{\"\xc3\xa9\":?}", 0, 1, 7, "not '?'" },
		{ "{\"\\n\":?}", 0, 1, 7, "not '?'" },
	};

	refuses_all(bad, COUNT(bad));
}
END_TEST

START_TEST(refuses_trailing_data)
{
	static const struct bad bad[] = {
		{ "{}{}", 0, 1, 3, "trailing data" },
		{ "{} x", 0, 1, 4, "trailing data" },
		{ "{}}", 0, 1, 3, "trailing data" },
		{ "{}\n]", 0, 2, 1, "trailing data" },
		{ "{} // x", 0, 1, 4, "trailing data" },
		{ "{},", 0, 1, 3, "trailing data" },
		{ "{}\0", 3, 1, 3, "trailing data" },
		{ "{}\n\0", 4, 2, 1, "trailing data" },
		{ "{}\xff", 0, 1, 3, "trailing data" },
	};

	refuses_all(bad, COUNT(bad));
}
END_TEST

START_TEST(refuses_duplicate_keys_and_names_both)
{
	static const struct bad bad[] = {
		{ "{\"a\":1,\"a\":2}", 0, 1, 8,
		  "duplicate key 'a' (first at 1:2)" },
		{ "{\"a\":1,\n \"\\u0061\":2}", 0, 2, 2,
		  "duplicate key 'a' (first at 1:2)" },
		{ "{\"\":1,\"\":2}", 0, 1, 7,
		  "duplicate key '' (first at 1:2)" },
		{ "{\"x\":[{\"b\":{}},{\"b\":0,\"c\":1,\"b\":0}]}", 0, 1, 29,
		  "duplicate key 'b' (first at 1:17)" },
		{ "{\"a\":{\"a\":1},\"b\":{\"a\":1},\"a\":1}", 0, 1, 26,
		  "duplicate key 'a' (first at 1:2)" },
		{ "{\"\\/\":1,\"/\":2}", 0, 1, 9, "duplicate key '/'" },
		{ "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}", 0, 1, 19,
		  "duplicate key '\xf0\x9f\x98\x80' (first at 1:2)" },
		{ "{\"\\u0800\":1,\"\xe0\xa0\x80\":2}", 0, 1, 13, "duplicate" },
		{ "{\"\\u07ff\":1,\"\xdf\xbf\":2}", 0, 1, 13, "duplicate" },
		{ "{\"\\n\":1,\"\\u000a\":2}", 0, 1, 9,
		  "duplicate key '\\x0a' (first at 1:2)" },
		{ "{\"\\u001b[0m\":1,\"\\u001b[0m\":2}", 0, 1, 16,
		  "duplicate key '\\x1b[0m'" },
		{ "{\"\\u202e\":1,\"\\u202e\":2}", 0, 1, 13,
		  "duplicate key '\\xe2\\x80\\xae'" },
	};

	refuses_all(bad, COUNT(bad));
}
END_TEST

START_TEST(shortens_a_long_key)
{
	AUTO_BUF struct buf key = { 0 }, b = { 0 };
	struct outcome o;

	buf_puts(&key, "\"x");
	repeat(&key, "\xc3\xa9", 5000);
	buf_puts(&key, "\":1");
	buf_printf(&b, "{%s,%s}", key.text, key.text);
	o = parse(b.text, b.size);
	ck_assert_ptr_null(o.json);
	ck_assert_ptr_nonnull(strstr(o.text, "\xc3\xa9...' (first at 1:2)"));
	ck_assert_uint_lt(strlen(o.text), 120);
}
END_TEST

START_TEST(refuses_bad_strings)
{
	static const struct bad bad[] = {
		{ "{\"a\":\"\n\"}", 0, 1, 7, "write \\n" },
		{ "{\"a\":\"x\t\"}", 0, 1, 8, "write \\t" },
		{ "{\"a\":\"\x1b\"}", 0, 1, 7, "write \\u001b" },
		{ "{\"a\x01\":1}", 0, 1, 4, "control character 0x01" },
		{ "{\"a\":\"\0\"}", 9, 1, 7, "NUL is not allowed" },
		{ "{\"a\":\"\\u0000\"}", 0, 1, 7, "NUL is not allowed" },
		{ "{\"x\\u0000\":1}", 0, 1, 4, "NUL is not allowed" },
		{ "{\"a\":1\0}", 8, 1, 7, "NUL is not allowed" },
		{ "{\"a\":true\0}", 11, 1, 10, "NUL is not allowed" },
		{ "{\0\"a\":1}", 8, 1, 1, "UTF-16" },
		{ "{ \0}", 4, 1, 3, "NUL is not allowed" },
		{ "{\"a\":\"\\x\"}", 0, 1, 7, "no such escape" },
		{ "{\"a\":\"\\U0061\"}", 0, 1, 7, "no such escape" },
		{ "{\"a\":\"\\\0\"}", 10, 1, 7, "no such escape" },
		{ "{\"a\":\"\\u12g4\"}", 0, 1, 11, "four hexadecimal" },
		{ "{\"a\":\"\\u12\"}", 0, 1, 11, "four hexadecimal" },
		{ "{\"a\":\"\\ud800\"}", 0, 1, 7, "surrogate" },
		{ "{\"a\":\"x\\udc00\"}", 0, 1, 8, "surrogate" },
		{ "{\"a\":\"\\udc00\\ud800\"}", 0, 1, 7, "surrogate" },
		{ "{\"a\":\"\\ud800\\ud800\"}", 0, 1, 7, "surrogate" },
		{ "{\"a\":\"\\ud800\\n\"}", 0, 1, 7, "surrogate" },
		{ "{\"a\":\"\\ud800x\"}", 0, 1, 7, "surrogate" },
		{ "{\"\\udfff\":1}", 0, 1, 3, "surrogate" },
		{ "{\"a\":\"\x80\"}", 0, 1, 7, "invalid UTF-8 (byte 0x80)" },
		{ "{\"a\":\"x\xc0\xaf\"}", 0, 1, 8, "invalid UTF-8" },
		{ "{\"a\":\"\xe0\x80\xaf\"}", 0, 1, 7, "invalid UTF-8" },
		{ "{\"a\":\"\xf0\x80\x80\xaf\"}", 0, 1, 7, "invalid UTF-8" },
		{ "{\"a\":\"\xed\xa0\x80\"}", 0, 1, 7, "invalid UTF-8" },
		{ "{\"a\":\"\xf4\x90\x80\x80\"}", 0, 1, 7, "invalid UTF-8" },
		{ "{\"a\":\"\xf8\x88\x80\x80\x80\"}", 0, 1, 7,
		  "invalid UTF-8" },
		{ "{\"a\":\"\xe2\x82\"}", 0, 1, 7, "invalid UTF-8" },
		{ "{\"\xe2\x28\xa1\":1}", 0, 1, 3, "invalid UTF-8" },
		{ "{\"a\":1,\n\"b", 0, 2, 3, "begins at 2:1 has no end" },
	};

	refuses_all(bad, COUNT(bad));
}
END_TEST

START_TEST(refuses_numbers_out_of_range)
{
	static const struct bad bad[] = {
		{ "{\"a\":9223372036854775808}", 0, 1, 6,
		  "number out of range" },
		{ "{\"a\":-9223372036854775809}", 0, 1, 6, "out of range" },
		{ "{\"a\":[1,\n10000000000000000000]}", 0, 2, 1, "64 bits" },
		/* the last that fit, and then something else */
		{ "{\"a\":[9223372036854775807,-9223372036854775808,1e308]}x",
		  0, 1, 55, "trailing data" },
		{ "{\"a\":1e400}", 0, 1, 6, "out of range" },
		{ "{\"a\":-1e400}", 0, 1, 6, "out of range" },
		{ "{\"a\":1.7976931348623159e308}", 0, 1, 6, "out of range" },
		{ "{\"a\":1e99999999999999999999999}", 0, 1, 6,
		  "out of range" },
	};

	refuses_all(bad, COUNT(bad));
}
END_TEST

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

START_TEST(long_numbers_take_linear_time)
{
	AUTO_BUF struct buf b = { 0 };
	double start = seconds();

	buf_puts(&b, "{\"a\":1");
	repeat(&b, "0", 1000000);
	buf_puts(&b, "}");
	refuses(b.text, b.size, 1, 6, "number out of range");
	b.text[b.size - 2] = '.';
	b.text[b.size - 1] = '5';
	buf_puts(&b, "}");
	refuses(b.text, b.size, 1, 6, "number out of range");
	ck_assert_double_lt(seconds() - start, 5.0);
}
END_TEST

START_TEST(limits_depth)
{
	AUTO_BUF struct buf b = { 0 };

	repeat(&b, "{\"a\":", SOURCE_MAX_DEPTH - 1);
	buf_puts(&b, "[]");
	repeat(&b, "}", SOURCE_MAX_DEPTH - 1);
	accepts(b.text, b.size);
	buf_clear(&b);
	repeat(&b, "{\"a\":", SOURCE_MAX_DEPTH);
	buf_puts(&b, "[]");
	repeat(&b, "}", SOURCE_MAX_DEPTH);
	refuses(b.text, b.size, 1, 5 * SOURCE_MAX_DEPTH + 1, "deeper than 64");
}
END_TEST

/* Brackets in strings are no containers. */
START_TEST(counts_depth_outside_strings)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "{\"a\":\"\\\"");
	repeat(&b, "[{", 100);
	buf_puts(&b, "\\\\\"}");
	accepts(b.text, b.size);
}
END_TEST

START_TEST(finds_depth_between_escaped_quotes)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "{\"a\":\"\\\"\",\"b\":");
	repeat(&b, "[", 100);
	repeat(&b, "]", 100);
	buf_puts(&b, ",\"c\":\"\\\"\"}");
	refuses(b.text, b.size, 1, 15 + 63, "deeper than 64");
}
END_TEST

static void *refuse_deep(void *unused)
{
	AUTO_BUF struct buf b = { 0 };

	(void)unused;
	repeat(&b, "[", 100000);
	refuses(b.text, b.size, 1, 65, "deeper than 64");
	buf_clear(&b);
	repeat(&b, "{\"a\":", 100000);
	refuses(b.text, b.size, 1, 321, "deeper than 64");
	buf_clear(&b);
	repeat(&b, "[", 100000);
	repeat(&b, "]", 100000);
	refuses(b.text, b.size, 1, 65, "deeper than 64");
	return NULL;
}

START_TEST(depth_needs_no_stack)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	ck_assert_int_eq(pthread_attr_setstacksize(&attr, 256 * 1024), 0);
	ck_assert_int_eq(pthread_create(&thread, &attr, refuse_deep, NULL), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	pthread_attr_destroy(&attr);
}
END_TEST

START_TEST(limits_strings)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "{\"a\":\"");
	repeat(&b, "x", SOURCE_MAX_STRING);
	buf_puts(&b, "\"}");
	accepts(b.text, b.size);
	b.size -= 2;
	buf_puts(&b, "x\"}");
	refuses(b.text, b.size, 1, 6, "string of more than 1048576 bytes");
	/* a limit for what it says, not for how it is written */
	buf_clear(&b);
	buf_puts(&b, "{\"a\":\"");
	repeat(&b, "\\u0061", SOURCE_MAX_STRING);
	buf_puts(&b, "\"}");
	accepts(b.text, b.size);
	b.size -= 2;
	buf_puts(&b, "\\n\"}");
	refuses(b.text, b.size, 1, 6, "string of more than");
}
END_TEST

START_TEST(limits_keys)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "{\n\"");
	repeat(&b, "x", 10 * 1024 * 1024);
	buf_puts(&b, "\":1}");
	refuses(b.text, b.size, 2, 1, "string of more than");
}
END_TEST

START_TEST(limits_values)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "{\"a\":[0");
	repeat(&b, ",0", SOURCE_MAX_VALUES - 3);
	buf_puts(&b, "]}");
	accepts(b.text, b.size);
	b.size -= 2;
	buf_puts(&b, ",0]}");
	refuses(b.text, b.size, 1, b.size - 2, "more than 1000000 values");
	/* values are counted, not brackets */
	buf_clear(&b);
	buf_puts(&b, "{\"a\":[{}");
	repeat(&b, ",{}", SOURCE_MAX_VALUES - 3);
	buf_puts(&b, "]}");
	accepts(b.text, b.size);
}
END_TEST

START_TEST(limits_keys_of_an_object)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "{\"0\":0");
	for (int i = 1; i < 1000000; i++)
		buf_printf(&b, ",\"%d\":0", i);
	buf_puts(&b, "}");
	refuses(b.text, b.size, 1, b.size - 1, "more than 1000000 values");
}
END_TEST

START_TEST(limits_size_without_reading)
{
	double start = seconds();

	refuses("{}", SOURCE_MAX_BYTES + 1, 1, 1, "16 MiB");
	refuses("{}", (size_t)UINT32_MAX + 1, 1, 1, "16 MiB");
	ck_assert_double_lt(seconds() - start, 0.05);
}
END_TEST

START_TEST(accepts_a_text_of_the_greatest_size)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "{}");
	memset(buf_reserve(&b, SOURCE_MAX_BYTES), ' ', SOURCE_MAX_BYTES);
	b.size = SOURCE_MAX_BYTES;
	accepts(b.text, b.size);
}
END_TEST

/* Every kind of token, so that a cut falls into each. */
static const char sample[] =
	"{\"name\": \"web\\u00e9\\ud83d\\ude00\\n\xc3\xa9\xe2\x82\xac\",\n"
	"  \"list\": [1, -2.5e+10, true, false, null, [], {}],\n"
	"\t\"big\": 1"
	"000000000000000000000000000000000000000000000000000000000000000000000"
	"000000000000000000000000000000000000000000000000000000000000000000000"
	"000000000000000000000000000000000000000000000000000000000000000000000"
	"000000000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000e-300,\r\n"
	"  \"\": {\"\xf0\x9f\x98\x80\": {\"a/b~c\": [[{\"x\": 0}]]}}}";

START_TEST(a_cut_text_is_refused_at_its_end)
{
	size_t line = 1, column = 1;

	accepts(sample, sizeof(sample) - 1);
	for (size_t n = 0; n < sizeof(sample) - 1; n++) {
		/* of its own, so that a read past its end is seen */
		AUTO_FREE char *cut = malloc(n ? n : 1);
		struct outcome o;

		memcpy(cut, sample, n);
		o = parse(cut, n);
		ck_assert_ptr_null(o.json);
		ck_assert_uint_eq(o.n, 1);
		ck_assert_msg(o.line == line && o.column == column,
			      "%zu: %zu:%zu: %s", n, o.line, o.column, o.text);
		column++;
		if (sample[n] == '\n') {
			line++;
			column = 1;
		}
	}
}
END_TEST

START_TEST(takes_a_diagnostic_place_from_its_own_name)
{
	struct source source = { .name = "a.json", .text = "{", .size = 1 };
	struct diags d = { .place = { "other.json", 7, 7 } };

	ck_assert_ptr_null(source_parse(&source, &d));
	ck_assert_str_eq(d.v[0].place.file, "a.json");
	ck_assert_uint_eq(d.v[0].place.line, 1);
	ck_assert_uint_eq(d.v[0].place.column, 2);
	ck_assert_uint_eq(d.errors, 1);
	diags_release(&d);
}
END_TEST

static void locates(struct source *source, const char *pointer,
		    enum source_at at, size_t line, size_t column)
{
	struct place place;

	ck_assert_msg(source_locate(source, pointer, at, &place), "'%s'",
		      pointer);
	ck_assert_msg(place.line == line && place.column == column,
		      "'%s': have %zu:%zu, want %zu:%zu", pointer, place.line,
		      place.column, line, column);
	ck_assert_str_eq(place.file, source->name);
}

static const char places[] =
	"\n"
	" {\"version\": 1,\n"
	"  \"resources\": {\n"
	"    \"file:/etc/motd\": {\n"
	"      \"mode\":\n"
	"        \"0644\", \"list\": [10, {\"x\": 20}, [30]]\n"
	"    },\n"
	"    \"a~b\": {\"~1\": 1, \"\\u0065\": 2, \"\xc3\xa9\": 3},\n"
	"    \"\": {\"\": {\"\": 4}}\n"
	"  },\n"
	"  \"array\": [{\"k\": {\"l\": 5}}, [6, [7, 8]], 9]\n"
	" }\n";

START_TEST(locates_values_and_keys)
{
	static const struct {
		const char *pointer;
		size_t line, column, key_line, key_column;
	} want[] = {
		{ "", 2, 2, 2, 2 },
		{ "/version", 2, 14, 2, 3 },
		{ "/resources", 3, 16, 3, 3 },
		{ "/resources/file:~1etc~1motd", 4, 23, 4, 5 },
		{ "/resources/file:~1etc~1motd/mode", 6, 9, 5, 7 },
		{ "/resources/file:~1etc~1motd/list", 6, 25, 6, 17 },
		{ "/resources/file:~1etc~1motd/list/0", 6, 26, 6, 26 },
		{ "/resources/file:~1etc~1motd/list/1", 6, 30, 6, 30 },
		{ "/resources/file:~1etc~1motd/list/1/x", 6, 36, 6, 31 },
		{ "/resources/file:~1etc~1motd/list/2/0", 6, 42, 6, 42 },
		{ "/resources/a~0b", 8, 12, 8, 5 },
		{ "/resources/a~0b/~01", 8, 19, 8, 13 },
		{ "/resources/a~0b/e", 8, 32, 8, 22 },
		{ "/resources/a~0b/\xc3\xa9", 8, 41, 8, 35 },
		{ "/resources/", 9, 9, 9, 5 },
		{ "/resources//", 9, 14, 9, 10 },
		{ "/resources///", 9, 19, 9, 15 },
		{ "/array", 11, 12, 11, 3 },
		{ "/array/0", 11, 13, 11, 13 },
		{ "/array/0/k", 11, 19, 11, 14 },
		{ "/array/0/k/l", 11, 25, 11, 20 },
		{ "/array/1", 11, 30, 11, 30 },
		{ "/array/1/0", 11, 31, 11, 31 },
		{ "/array/1/1/1", 11, 38, 11, 38 },
		{ "/array/2", 11, 43, 11, 43 },
	};
	struct source source = { .name = "m.json",
				 .text = places,
				 .size = sizeof(places) - 1 };

	for (size_t i = 0; i < COUNT(want); i++) {
		locates(&source, want[i].pointer, SOURCE_AT_VALUE, want[i].line,
			want[i].column);
		locates(&source, want[i].pointer, SOURCE_AT_KEY,
			want[i].key_line, want[i].key_column);
	}
	source_release(&source);
}
END_TEST

START_TEST(counts_elements_of_each_array)
{
	static const char text[] = "{\"a\":[1,2],\"b\":[[3,4],5]}";
	struct source source = { .name = "m.json",
				 .text = text,
				 .size = sizeof(text) - 1 };
	struct place place;

	locates(&source, "/a/1", SOURCE_AT_VALUE, 1, 9);
	locates(&source, "/b/0", SOURCE_AT_VALUE, 1, 17);
	locates(&source, "/b/0/1", SOURCE_AT_VALUE, 1, 20);
	locates(&source, "/b/1", SOURCE_AT_VALUE, 1, 23);
	ck_assert(!source_locate(&source, "/b/2", SOURCE_AT_VALUE, &place));
	source_release(&source);
}
END_TEST

START_TEST(locates_nothing_that_is_not_there)
{
	static const char *const none[] = {
		"/",
		"version",
		"/versio",
		"/version/",
		"/version/0",
		"/resources/file:/etc/motd",
		"/resources/a~b",
		"/resources/a~0b/~1",
		"/resources/a~0b/~",
		"/resources/a~0b/~2",
		"/resources/a~0b/E",
		"/resources/a~0b/e/x",
		"/resources/file:~1etc~1motd/list/3",
		"/resources/file:~1etc~1motd/list/00",
		"/resources/file:~1etc~1motd/list/01",
		"/resources/file:~1etc~1motd/list/-1",
		"/resources/file:~1etc~1motd/list/-",
		"/resources/file:~1etc~1motd/list/",
		"/resources/file:~1etc~1motd/list/1x",
		"/resources/file:~1etc~1motd/list/18446744073709551616",
		"/resources/file:~1etc~1motd/list/4294967296",
		"/array/3",
		"/array/00",
		"/array/2/0",
		"/resources////",
	};
	struct source source = { .name = "m.json",
				 .text = places,
				 .size = sizeof(places) - 1 };

	for (size_t i = 0; i < COUNT(none); i++) {
		struct place place = { "junk", 7, 7 };

		ck_assert_msg(!source_locate(&source, none[i], SOURCE_AT_VALUE,
					     &place),
			      "%s", none[i]);
		ck_assert_str_eq(place.file, "m.json");
		ck_assert_uint_eq(place.line, 0);
		ck_assert_uint_eq(place.column, 0);
	}
	source_release(&source);
}
END_TEST

/* A text that was refused may be asked about all the same. */
START_TEST(locates_what_comes_before_an_error)
{
	static const char text[] = "{\"a\": {\"b\": {\"c\": 1}}, \"d\": ?";
	struct source source = { .name = "m.json",
				 .text = text,
				 .size = sizeof(text) - 1 };
	struct place place;

	locates(&source, "/a/b/c", SOURCE_AT_VALUE, 1, 19);
	ck_assert(!source_locate(&source, "/d", SOURCE_AT_VALUE, &place));
	ck_assert(!source_locate(&source, "/a/b/d", SOURCE_AT_VALUE, &place));
	source_release(&source);
}
END_TEST

START_TEST(locates_nothing_in_no_text)
{
	struct source source = { .name = "m.json" };
	struct place place;

	ck_assert(!source_locate(&source, "", SOURCE_AT_VALUE, &place));
	ck_assert(!source_locate(&source, "/a/b/c", SOURCE_AT_KEY, &place));
	source_release(&source);
	source_release(&source);
}
END_TEST

START_TEST(locates_deep_values)
{
	AUTO_BUF struct buf text = { 0 }, pointer = { 0 };
	struct source source = { .name = "m.json" };

	repeat(&text, "{\"a\":", SOURCE_MAX_DEPTH);
	buf_puts(&text, "1");
	repeat(&text, "}", SOURCE_MAX_DEPTH);
	source.text = text.text;
	source.size = text.size;
	for (size_t i = 0; i <= SOURCE_MAX_DEPTH; i++) {
		locates(&source, buf_text(&pointer), SOURCE_AT_VALUE, 1,
			5 * i + 1);
		buf_puts(&pointer, "/a");
	}
	source_release(&source);
}
END_TEST

static void many_resources(struct buf *b, int n)
{
	buf_puts(b, "{\"resources\":{\n");
	for (int i = 0; i < n; i++)
		buf_printf(b, "%s\"file:/etc/%d\":{\"mode\":\"0644\"}",
			   i ? ",\n" : "", i);
	buf_puts(b, "}}\n");
}

START_TEST(many_look_ups_are_fast)
{
	enum { N = 100000 };
	AUTO_BUF struct buf b = { 0 };
	struct source source = { .name = "m.json" };
	double start = seconds();
	char pointer[64];

	many_resources(&b, N);
	source.text = b.text;
	source.size = b.size;
	for (int i = 0; i < N; i++) {
		int digits = snprintf(NULL, 0, "%d", i);

		snprintf(pointer, sizeof(pointer), "/resources/file:~1etc~1%d",
			 i);
		locates(&source, pointer, SOURCE_AT_KEY, (size_t)i + 2, 1);
		snprintf(pointer, sizeof(pointer),
			 "/resources/file:~1etc~1%d/mode", i);
		locates(&source, pointer, SOURCE_AT_KEY, (size_t)i + 2,
			(size_t)digits + 15);
	}
	ck_assert_double_lt(seconds() - start, 20.0);
	source_release(&source);
}
END_TEST

START_TEST(many_keys_with_an_error_are_refused_fast)
{
	AUTO_BUF struct buf b = { 0 };
	double start = seconds();

	many_resources(&b, 100000);
	b.size -= 3;
	buf_puts(&b, ",\n\"file:/etc/70000\":{}}}\n");
	refuses(b.text, b.size, 100002, 1,
		"duplicate key 'file:/etc/70000' (first at 70002:1)");
	ck_assert_double_lt(seconds() - start, 10.0);
}
END_TEST

TEST_SUITE("source", accepts_json, gives_the_values, refuses_what_is_no_object,
	   refuses_syntax_at_the_byte, counts_lines_and_columns_in_bytes,
	   refuses_trailing_data, refuses_duplicate_keys_and_names_both,
	   shortens_a_long_key, refuses_bad_strings,
	   refuses_numbers_out_of_range, long_numbers_take_linear_time,
	   limits_depth, counts_depth_outside_strings,
	   finds_depth_between_escaped_quotes, depth_needs_no_stack,
	   limits_strings, limits_keys, limits_values, limits_keys_of_an_object,
	   limits_size_without_reading, accepts_a_text_of_the_greatest_size,
	   a_cut_text_is_refused_at_its_end,
	   takes_a_diagnostic_place_from_its_own_name, locates_values_and_keys,
	   counts_elements_of_each_array, locates_nothing_that_is_not_there,
	   locates_what_comes_before_an_error, locates_nothing_in_no_text,
	   locates_deep_values, many_look_ups_are_fast,
	   many_keys_with_an_error_are_refused_fast)
