/* SPDX-License-Identifier: MIT */
#include "lib/text/walk.h"

#include <float.h>
#include <stdarg.h>
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/text/escape.h"
#include "lib/text/source.h"

_Static_assert(SOURCE_MAX_DEPTH <= 64, "struct walk has a bit per container");

struct walk walk_begin(const char *text, size_t size, struct arena *a)
{
	return (struct walk){
		.text = size ? text : "", .size = size, .line = 1, .arena = a
	};
}

struct mark walk_here(const struct walk *w)
{
	return (struct mark){ w->at, w->line, w->at - w->line_start + 1 };
}

/* The byte at the walk's place; -1 at the end. */
static int peek(const struct walk *w)
{
	return w->at < w->size ? (unsigned char)w->text[w->at] : -1;
}

bool walk_refuse(struct walk *w, struct mark bad, const char *format, ...)
{
	va_list args;

	w->bad = bad;
	w->problem = format;
	if (!w->arena)
		return false;
	va_start(args, format);
	w->problem = arena_vprintf(w->arena, format, args);
	va_end(args);
	return false;
}

/* What is refused is JSON all the same, as far as was read. */
static struct walk *beyond(struct walk *w)
{
	w->beyond = true;
	return w;
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(int c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '_';
}

/* What stands at the walk's place, as a message shows it. */
static const char *found(const struct walk *w)
{
	enum { LONGEST = 40 };
	AUTO_BUF struct buf b = { 0 };
	const char *p = w->text + w->at;
	size_t left = w->size - w->at, n = 0;
	uint32_t rune;

	if (!w->arena)
		return "";
	if (left == 0)
		return "the end of the text";
	while (n < left && n < LONGEST && is_word((unsigned char)p[n]))
		n++;
	if (n == 0)
		n = utf8_decode(p, left, &rune);
	buf_putc(&b, '\'');
	escape_text(&b, p, n ? n : 1, false);
	buf_putc(&b, '\'');
	return arena_strdup(w->arena, b.text);
}

/* Habits from other formats. */
static const struct {
	char c;
	bool for_value; /* only where a value is expected */
	const char *problem;
} slips[] = {
	{ '\0', false, "NUL is not allowed" },
	{ '/', false, "JSON has no comments" },
	{ '#', false, "JSON has no comments" },
	{ '\'', false, "a string takes double quotes" },
	{ '+', true, "a number takes no leading '+'" },
	{ '.', true, "a number takes a digit before its '.'" },
};

bool walk_unexpected(struct walk *w, const char *want)
{
	bool for_value = w->expect == EXPECT_VALUE ||
			 w->expect == EXPECT_ELEMENT ||
			 w->expect == EXPECT_ITEM;
	uint32_t rune;
	int c = peek(w);

	for (size_t i = 0; i < COUNT(slips); i++)
		if (c == slips[i].c && (for_value || !slips[i].for_value))
			return walk_refuse(w, walk_here(w), "%s",
					   slips[i].problem);
	if (c >= 0x80 && !utf8_decode(w->text + w->at, w->size - w->at, &rune))
		return walk_refuse(w, walk_here(w),
				   "invalid UTF-8 (byte 0x%02x)", (unsigned)c);
	return walk_refuse(w, walk_here(w), "expected %s, not %s", want,
			   found(w));
}

/* The text ends inside a string, wherever in it that is. */
static bool refuse_end(struct walk *w)
{
	w->at = w->size;
	return walk_refuse(w, walk_here(w),
			   "the string that begins at %zu:%zu has no end",
			   w->token.line, w->token.column);
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *p = memchr(digits, c, sizeof(digits) - 1);

	if (!p)
		return -1;
	return (int)(p - digits) - (p - digits > 15 ? 6 : 0);
}

/* The value of four digits, all known to be good. */
static uint32_t hex_unit(const char *digits)
{
	uint32_t unit = 0;

	for (int i = 0; i < 4; i++)
		unit = unit << 4 | (uint32_t)hex_digit(digits[i]);
	return unit;
}

/* Goes over "\uXXXX". */
static bool walk_unit(struct walk *w, uint32_t *unit)
{
	w->at += 2;
	for (int i = 0; i < 4; i++, w->at++) {
		if (w->at == w->size)
			return refuse_end(w);
		if (hex_digit(w->text[w->at]) < 0)
			return walk_refuse(
				w, walk_here(w),
				"'\\u' takes four hexadecimal digits");
	}
	*unit = hex_unit(w->text + w->at - 4);
	return true;
}

static bool is_high(uint32_t unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low(uint32_t unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/*
 * The second half of a pair (RFC 8259, section 7), or the end of the text,
 * which may yet have become one.
 */
static size_t walk_low(struct walk *w, struct mark high)
{
	static const char lead[] = "\\u";
	size_t left = w->size - w->at;
	uint32_t unit;

	if (left < 2 && memcmp(w->text + w->at, lead, left) == 0)
		return refuse_end(w);
	if (left >= 2 && memcmp(w->text + w->at, lead, 2) == 0) {
		if (!walk_unit(w, &unit))
			return 0;
		if (is_low(unit))
			return 4;
	}
	return walk_refuse(beyond(w), high,
			   "half of a surrogate pair without the other");
}

/* These return how many bytes the string has of it; 0 when it is refused. */
static size_t walk_unicode(struct walk *w)
{
	struct mark first = walk_here(w);
	uint32_t unit = 0;

	if (!walk_unit(w, &unit))
		return 0;
	if (unit == 0)
		return walk_refuse(beyond(w), first, "NUL is not allowed");
	if (is_high(unit))
		return walk_low(w, first);
	if (is_low(unit))
		return walk_refuse(
			beyond(w), first,
			"half of a surrogate pair without the other");
	return unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
}

static size_t walk_escape(struct walk *w)
{
	static const char letters[] = "\"\\/bfnrt";
	char c;

	w->escaped = true;
	if (w->size - w->at < 2)
		return refuse_end(w);
	c = w->text[w->at + 1];
	if (c == 'u')
		return walk_unicode(w);
	if (!memchr(letters, c, sizeof(letters) - 1))
		return walk_refuse(w, walk_here(w),
				   "no such escape in a string");
	w->at += 2;
	return 1;
}

static bool refuse_control(struct walk *w, int c)
{
	static const char *const escapes[0x20] = {
		['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n",
		['\r'] = "\\r", ['\t'] = "\\t",
	};

	if (c == 0)
		return walk_refuse(w, walk_here(w), "NUL is not allowed");
	if (escapes[c])
		return walk_refuse(
			w, walk_here(w),
			"control character 0x%02x in a string: write %s",
			(unsigned)c, escapes[c]);
	return walk_refuse(
		w, walk_here(w),
		"control character 0x%02x in a string: write \\u%04x",
		(unsigned)c, (unsigned)c);
}

/* Whether more bytes after the n that there are could make a character. */
static bool is_cut(const char *bytes, size_t n)
{
	char low[4], high[4];
	uint32_t rune;

	if (n >= sizeof(low))
		return false;
	memset(low, 0x80, sizeof(low));
	memset(high, 0xbf, sizeof(high));
	memcpy(low, bytes, n);
	memcpy(high, bytes, n);
	return utf8_decode(low, sizeof(low), &rune) > n ||
	       utf8_decode(high, sizeof(high), &rune) > n;
}

static size_t walk_utf8(struct walk *w)
{
	const char *p = w->text + w->at;
	uint32_t rune;
	size_t n = utf8_decode(p, w->size - w->at, &rune);

	if (n) {
		w->at += n;
		return n;
	}
	if (is_cut(p, w->size - w->at))
		return refuse_end(w);
	return walk_refuse(w, walk_here(w), "invalid UTF-8 (byte 0x%02x)",
			   (unsigned)(unsigned char)*p);
}

static size_t walk_character(struct walk *w)
{
	int c = peek(w);

	if (c < 0)
		return refuse_end(w);
	if (c == '\\')
		return walk_escape(w);
	return c < 0x20 ? refuse_control(w, c) : walk_utf8(w);
}

/* Goes over a run of what needs no look. */
static size_t walk_plain(struct walk *w)
{
	size_t from = w->at;

	for (; w->at < w->size; w->at++) {
		unsigned char c = (unsigned char)w->text[w->at];

		if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
			break;
	}
	return w->at - from;
}

static bool walk_quoted(struct walk *w)
{
	size_t length, n;

	w->token = walk_here(w);
	w->escaped = false;
	w->at++;
	length = walk_plain(w);
	while (length <= SOURCE_MAX_STRING && peek(w) != '"') {
		n = walk_character(w);
		if (!n)
			return false;
		length += n + walk_plain(w);
	}
	if (length > SOURCE_MAX_STRING)
		return walk_refuse(beyond(w), w->token,
				   "string of more than %d bytes",
				   SOURCE_MAX_STRING);
	w->token_end = ++w->at;
	return true;
}

static bool walk_digits(struct walk *w)
{
	size_t from = w->at;

	while (is_digit(peek(w)))
		w->at++;
	if (w->at > from)
		return true;
	return walk_refuse(w, walk_here(w), "expected a digit, not %s",
			   found(w));
}

static bool integer_fits(const char *digits, size_t n, bool negative)
{
	const char *most =
		negative ? "9223372036854775808" : "9223372036854775807";

	return n < 19 || (n == 19 && memcmp(digits, most, 19) <= 0);
}

/* Its exponent, or 0 for a negative one, or DBL_MAX_10_EXP for a larger. */
static size_t exponent_of(const char *number, size_t n)
{
	size_t i = 0, exponent = 0;

	while (i < n && number[i] != 'e' && number[i] != 'E')
		i++;
	for (i++; i < n && number[i] != '-'; i++) {
		if (is_digit((unsigned char)number[i]))
			exponent = exponent * 10 + (size_t)(number[i] - '0');
		if (exponent > DBL_MAX_10_EXP)
			return DBL_MAX_10_EXP;
	}
	return exponent;
}

static bool real_fits(const char *number, size_t n, size_t digits)
{
	AUTO_BUF struct buf b = { 0 };
	double value;

	/* less than 10^308: no need to ask */
	if (digits + exponent_of(number, n) <= DBL_MAX_10_EXP)
		return true;
	buf_add(&b, number, n);
	value = strtod(b.text, NULL);
	return value <= DBL_MAX && value >= -DBL_MAX;
}

/* digits: those before the '.'. */
static bool check_range(struct walk *w, bool is_real, size_t digits)
{
	const char *number = w->text + w->token.offset;
	size_t n = w->at - w->token.offset;
	bool negative = number[0] == '-';

	if (is_real) {
		if (real_fits(number, n, digits))
			return true;
		return walk_refuse(
			beyond(w), w->token,
			"number out of range (the largest is 1.8e308)");
	}
	if (integer_fits(number + negative, digits, negative))
		return true;
	return walk_refuse(beyond(w), w->token,
			   "number out of range (an integer has 64 bits)");
}

static bool walk_fraction(struct walk *w)
{
	if (peek(w) == '.') {
		w->at++;
		if (!walk_digits(w))
			return false;
	}
	if (peek(w) != 'e' && peek(w) != 'E')
		return true;
	w->at++;
	if (peek(w) == '+' || peek(w) == '-')
		w->at++;
	return walk_digits(w);
}

static bool walk_number(struct walk *w)
{
	struct mark first;
	size_t end;

	w->token = walk_here(w);
	if (peek(w) == '-')
		w->at++;
	first = walk_here(w);
	if (!walk_digits(w))
		return false;
	end = w->at;
	if (w->text[first.offset] == '0' && end - first.offset > 1)
		return walk_refuse(w, first, "a number takes no leading zero");
	if (!walk_fraction(w))
		return false;
	/* at the end of the text it may have gone on: "1000e-9" */
	return w->at == w->size ||
	       check_range(w, w->at > end, end - first.offset);
}

static bool walk_literal(struct walk *w)
{
	static const char *const literals[] = { "true", "false", "null" };
	size_t left = w->size - w->at;

	w->token = walk_here(w);
	for (size_t i = 0; i < COUNT(literals); i++) {
		size_t n = strlen(literals[i]), have = n < left ? n : left;

		if (!have || memcmp(w->text + w->at, literals[i], have) != 0)
			continue;
		w->at += have;
		if (have == n)
			return true;
		return walk_refuse(w, walk_here(w), "expected '%s', not %s",
				   literals[i], found(w));
	}
	return walk_unexpected(w, "a value");
}

static bool in_object(const struct walk *w)
{
	return w->depth && (w->objects & BIT(w->depth - 1));
}

static void walk_done(struct walk *w)
{
	w->expect = w->depth ? EXPECT_NEXT : EXPECT_END;
}

static enum event walk_open(struct walk *w, bool object)
{
	w->token = walk_here(w);
	if (w->depth == SOURCE_MAX_DEPTH)
		return walk_refuse(beyond(w), w->token, "nested deeper than %d",
				   SOURCE_MAX_DEPTH);
	w->objects &= ~BIT(w->depth);
	if (object)
		w->objects |= BIT(w->depth);
	w->expect = object ? EXPECT_MEMBER : EXPECT_ELEMENT;
	w->depth++;
	w->at++;
	return object ? EVENT_OBJECT : EVENT_ARRAY;
}

static enum event walk_close(struct walk *w)
{
	if (w->expect == EXPECT_KEY || w->expect == EXPECT_ITEM)
		return walk_refuse(w, w->comma, "trailing comma");
	w->token = walk_here(w);
	w->at++;
	w->depth--;
	walk_done(w);
	return EVENT_CLOSE;
}

static enum event walk_value(struct walk *w)
{
	int c = peek(w);
	bool good;

	if (c == '{' || c == '[')
		return walk_open(w, c == '{');
	if (c == '"')
		good = walk_quoted(w);
	else if (c == '-' || is_digit(c))
		good = walk_number(w);
	else
		good = walk_literal(w);
	if (!good)
		return EVENT_BAD;
	walk_done(w);
	return EVENT_SCALAR;
}

void walk_space(struct walk *w)
{
	for (; w->at < w->size; w->at++) {
		char c = w->text[w->at];

		if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
			return;
		if (c == '\n') {
			w->line++;
			w->line_start = w->at + 1;
		}
	}
}

static enum event walk_key(struct walk *w)
{
	if (peek(w) != '"')
		return walk_unexpected(
			w, w->expect == EXPECT_KEY
				   ? "a key in double quotes"
				   : "a key in double quotes or '}'");
	if (!walk_quoted(w))
		return EVENT_BAD;
	walk_space(w);
	if (peek(w) != ':')
		return walk_unexpected(w, "':' after the key");
	w->at++;
	w->expect = EXPECT_VALUE;
	return EVENT_KEY;
}

enum event walk_next(struct walk *w)
{
	walk_space(w);
	if (w->expect == EXPECT_NEXT && peek(w) == ',') {
		w->comma = walk_here(w);
		w->expect = in_object(w) ? EXPECT_KEY : EXPECT_ITEM;
		w->at++;
		walk_space(w);
	}
	if (w->depth && w->expect != EXPECT_VALUE &&
	    peek(w) == (in_object(w) ? '}' : ']'))
		return walk_close(w);
	switch (w->expect) {
	case EXPECT_MEMBER:
	case EXPECT_KEY:
		return walk_key(w);
	case EXPECT_NEXT:
		return walk_unexpected(w, in_object(w) ? "',' or '}'"
						       : "',' or ']'");
	case EXPECT_END:
		return w->at == w->size
			       ? EVENT_END
			       : walk_refuse(w, walk_here(w), "trailing data");
	default:
		return walk_value(w);
	}
}

bool event_is_value(enum event event)
{
	return event >= EVENT_OBJECT;
}

bool event_is_container(enum event event)
{
	return event == EVENT_OBJECT || event == EVENT_ARRAY;
}

static void add_rune(struct buf *out, uint32_t rune)
{
	if (rune < 0x80) {
		buf_putc(out, (char)rune);
		return;
	}
	if (rune < 0x800) {
		buf_putc(out, (char)(0xc0 | rune >> 6));
	} else {
		if (rune < 0x10000) {
			buf_putc(out, (char)(0xe0 | rune >> 12));
		} else {
			buf_putc(out, (char)(0xf0 | rune >> 18));
			buf_putc(out, (char)(0x80 | (rune >> 12 & 0x3f)));
		}
		buf_putc(out, (char)(0x80 | (rune >> 6 & 0x3f)));
	}
	buf_putc(out, (char)(0x80 | (rune & 0x3f)));
}

/* Appends what the escape at p stands for; returns what follows it. */
static const char *add_escaped(struct buf *out, const char *p)
{
	static const char letters[] = "bfnrt", controls[] = "\b\f\n\r\t";
	const char *letter = strchr(letters, p[1]);
	uint32_t rune;

	if (p[1] != 'u') {
		buf_putc(out, letter ? controls[letter - letters] : p[1]);
		return p + 2;
	}
	rune = hex_unit(p + 2);
	p += 6;
	if (is_high(rune)) {
		rune = 0x10000 + ((rune - 0xd800) << 10) +
		       (hex_unit(p + 2) - 0xdc00);
		p += 6;
	}
	add_rune(out, rune);
	return p;
}

void walk_add_string(struct buf *out, const struct walk *w)
{
	const char *p = w->text + w->token.offset + 1;
	const char *end = w->text + w->token_end - 1;

	while (p < end) {
		const char *escape = memchr(p, '\\', (size_t)(end - p));

		if (!escape)
			escape = end;
		buf_add(out, p, (size_t)(escape - p));
		p = escape < end ? add_escaped(out, escape) : end;
	}
}

bool walk_string_is(const struct walk *w, const char *text, size_t size)
{
	AUTO_BUF struct buf b = { 0 };
	const char *raw = w->text + w->token.offset + 1;
	size_t n = w->token_end - w->token.offset - 2;

	if (w->escaped) {
		walk_add_string(&b, w);
		raw = buf_text(&b);
		n = b.size;
	}
	return n == size && memcmp(raw, text, n) == 0;
}
