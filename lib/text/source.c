/* SPDX-License-Identifier: MIT */
#include "lib/text/source.h"

#include <float.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/map.h"
#include "lib/base/utf8.h"
#include "lib/text/escape.h"

/* A place that the walk has passed. */
struct mark {
	size_t offset, line, column;
};

enum event {
	EVENT_BAD, /* with a problem */
	EVENT_END,
	EVENT_CLOSE,
	EVENT_KEY,
	EVENT_OBJECT, /* from here on: a value begins */
	EVENT_ARRAY,
	EVENT_SCALAR,
};

enum expect {
	EXPECT_VALUE,   /* at the top, or after ':' */
	EXPECT_MEMBER,  /* after '{': a key, or the end */
	EXPECT_KEY,     /* after ',' in an object */
	EXPECT_ELEMENT, /* after '[': a value, or the end */
	EXPECT_ITEM,    /* after ',' in an array */
	EXPECT_NEXT,    /* after a value: ',' or the end */
	EXPECT_END,
};

/* Goes over JSON text, an event at a time; keeps what it needs in 64 bits. */
struct walk {
	const char *text;
	size_t size, at;
	size_t line, line_start;
	unsigned depth;
	uint64_t objects; /* bit n: container n is an object */
	enum expect expect;
	struct mark token, comma;
	size_t token_end;
	bool escaped;        /* the string has escapes */
	struct arena *arena; /* for the problem; NULL: nobody asks */
	const char *problem;
	struct mark bad;
};

_Static_assert(SOURCE_MAX_DEPTH <= 64, "struct walk has a bit per container");

static struct walk walk_of(const struct source *source, struct arena *a)
{
	return (struct walk){ .text = source->size ? source->text : "",
			      .size = source->size,
			      .line = 1,
			      .arena = a };
}

static struct mark here(const struct walk *w)
{
	return (struct mark){ w->at, w->line, w->at - w->line_start + 1 };
}

/* The byte at the walk's place; -1 at the end. */
static int peek(const struct walk *w)
{
	return w->at < w->size ? (unsigned char)w->text[w->at] : -1;
}

/* Always false: to callers also EVENT_BAD, or no bytes. */
PRINTF(3, 4)
static bool refuse(struct walk *w, struct mark bad, const char *format, ...)
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

static bool unexpected(struct walk *w, const char *want)
{
	bool for_value = w->expect != EXPECT_NEXT;
	uint32_t rune;
	int c = peek(w);

	for (size_t i = 0; i < COUNT(slips); i++)
		if (c == slips[i].c && (for_value || !slips[i].for_value))
			return refuse(w, here(w), "%s", slips[i].problem);
	if (c >= 0x80 && !utf8_decode(w->text + w->at, w->size - w->at, &rune))
		return refuse(w, here(w), "invalid UTF-8 (byte 0x%02x)",
			      (unsigned)c);
	return refuse(w, here(w), "expected %s, not %s", want, found(w));
}

/* The text ends inside a string, wherever in it that is. */
static bool refuse_end(struct walk *w)
{
	w->at = w->size;
	return refuse(w, here(w),
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
			return refuse(w, here(w),
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
	return refuse(w, high, "half of a surrogate pair without the other");
}

/* These return how many bytes the string has of it; 0 when it is refused. */
static size_t walk_unicode(struct walk *w)
{
	struct mark first = here(w);
	uint32_t unit;

	if (!walk_unit(w, &unit))
		return 0;
	if (unit == 0)
		return refuse(w, first, "NUL is not allowed");
	if (is_high(unit))
		return walk_low(w, first);
	if (is_low(unit))
		return refuse(w, first,
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
		return refuse(w, here(w), "no such escape in a string");
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
		return refuse(w, here(w), "NUL is not allowed");
	if (escapes[c])
		return refuse(w, here(w),
			      "control character 0x%02x in a string: write %s",
			      (unsigned)c, escapes[c]);
	return refuse(w, here(w),
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
	return refuse(w, here(w), "invalid UTF-8 (byte 0x%02x)",
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

static bool walk_string(struct walk *w)
{
	size_t length, n;

	w->token = here(w);
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
		return refuse(w, w->token, "string of more than %d bytes",
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
	return refuse(w, here(w), "expected a digit, not %s", found(w));
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
		return refuse(w, w->token,
			      "number out of range (the largest is 1.8e308)");
	}
	if (integer_fits(number + negative, digits, negative))
		return true;
	return refuse(w, w->token,
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

	w->token = here(w);
	if (peek(w) == '-')
		w->at++;
	first = here(w);
	if (!walk_digits(w))
		return false;
	end = w->at;
	if (w->text[first.offset] == '0' && end - first.offset > 1)
		return refuse(w, first, "a number takes no leading zero");
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

	w->token = here(w);
	for (size_t i = 0; i < COUNT(literals); i++) {
		size_t n = strlen(literals[i]), have = n < left ? n : left;

		if (!have || memcmp(w->text + w->at, literals[i], have) != 0)
			continue;
		w->at += have;
		if (have == n)
			return true;
		return refuse(w, here(w), "expected '%s', not %s", literals[i],
			      found(w));
	}
	return unexpected(w, "a value");
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
	w->token = here(w);
	if (w->depth == SOURCE_MAX_DEPTH)
		return refuse(w, w->token, "nested deeper than %d",
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
		return refuse(w, w->comma, "trailing comma");
	w->token = here(w);
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
		good = walk_string(w);
	else if (c == '-' || is_digit(c))
		good = walk_number(w);
	else
		good = walk_literal(w);
	if (!good)
		return EVENT_BAD;
	walk_done(w);
	return EVENT_SCALAR;
}

static void skip_space(struct walk *w)
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
		return unexpected(w, w->expect == EXPECT_KEY
					     ? "a key in double quotes"
					     : "a key in double quotes or '}'");
	if (!walk_string(w))
		return EVENT_BAD;
	skip_space(w);
	if (peek(w) != ':')
		return unexpected(w, "':' after the key");
	w->at++;
	w->expect = EXPECT_VALUE;
	return EVENT_KEY;
}

/*
 * The next event; token is then the mark of the key, value or bracket. After
 * EVENT_BAD or EVENT_END there is no next one.
 */
static enum event walk_next(struct walk *w)
{
	skip_space(w);
	if (w->expect == EXPECT_NEXT && peek(w) == ',') {
		w->comma = here(w);
		w->expect = in_object(w) ? EXPECT_KEY : EXPECT_ITEM;
		w->at++;
		skip_space(w);
	}
	if (w->depth && w->expect != EXPECT_VALUE &&
	    peek(w) == (in_object(w) ? '}' : ']'))
		return walk_close(w);
	switch (w->expect) {
	case EXPECT_MEMBER:
	case EXPECT_KEY:
		return walk_key(w);
	case EXPECT_NEXT:
		return unexpected(w,
				  in_object(w) ? "',' or '}'" : "',' or ']'");
	case EXPECT_END:
		return w->at == w->size ? EVENT_END
					: refuse(w, here(w), "trailing data");
	default:
		return walk_value(w);
	}
}

static bool is_value(enum event event)
{
	return event >= EVENT_OBJECT;
}

static bool is_container(enum event event)
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

/* Appends the string that the walk has just passed, decoded. */
static void add_string(struct buf *out, const struct walk *w)
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

/* Whether the string that the walk has just passed is this one. */
static bool is_string(const struct walk *w, const char *text, size_t size)
{
	AUTO_BUF struct buf b = { 0 };
	const char *raw = w->text + w->token.offset + 1;
	size_t n = w->token_end - w->token.offset - 2;

	if (w->escaped) {
		add_string(&b, w);
		raw = b.text;
		n = b.size;
	}
	return n == size && memcmp(raw, text, n) == 0;
}

/* The strict look at a text that is refused, to say where and why. */
struct check {
	struct walk w;
	struct arena arena;
	/* "SERIAL/KEY" to its struct mark, for the keys of all objects */
	struct map keys;
	size_t serial[SOURCE_MAX_DEPTH]; /* of the objects that are open */
	size_t objects, values;
};

/* A key as a message shows it. */
static const char *shown(struct arena *a, const char *key, size_t size)
{
	enum { LONGEST = 60 };
	AUTO_BUF struct buf b = { 0 };
	size_t n = size < LONGEST ? size : LONGEST;

	while (n < size && n > 0 && (key[n] & 0xc0) == 0x80)
		n--;
	escape_text(&b, key, n, false);
	if (n < size)
		buf_puts(&b, "...");
	return arena_strdup(a, buf_text(&b));
}

static bool check_key(struct check *c)
{
	AUTO_BUF struct buf b = { 0 };
	struct mark *first;
	size_t prefix;

	buf_printf(&b, "%zu/", c->serial[c->w.depth - 1]);
	prefix = b.size;
	add_string(&b, &c->w);
	first = map_getn(&c->keys, b.text, b.size);
	if (first)
		return refuse(
			&c->w, c->w.token,
			"duplicate key '%s' (first at %zu:%zu)",
			shown(&c->arena, b.text + prefix, b.size - prefix),
			first->line, first->column);
	map_put(&c->keys, &c->arena, arena_strndup(&c->arena, b.text, b.size),
		arena_memdup(&c->arena, &c->w.token, sizeof(c->w.token)));
	return true;
}

static bool check_event(struct check *c, enum event event)
{
	if (event == EVENT_KEY)
		return check_key(c);
	if (event == EVENT_OBJECT)
		c->serial[c->w.depth - 1] = c->objects++;
	if (is_value(event) && ++c->values > SOURCE_MAX_VALUES)
		return refuse(&c->w, c->w.token, "more than %d values",
			      SOURCE_MAX_VALUES);
	return true;
}

static bool begins_with(const struct walk *w, const char *bytes, size_t n)
{
	return w->size >= n && memcmp(w->text, bytes, n) == 0;
}

static bool is_utf16(const struct walk *w)
{
	return begins_with(w, "\xff\xfe", 2) || begins_with(w, "\xfe\xff", 2) ||
	       (w->size >= 2 && !w->text[0] != !w->text[1]);
}

/* What comes before the first value: nothing, in a text to our taste. */
static bool check_start(struct walk *w)
{
	struct mark start = here(w);

	if (begins_with(w, "\xef\xbb\xbf", 3))
		return refuse(w, start,
			      "expected an object, not a UTF-8 byte order "
			      "mark");
	if (is_utf16(w))
		return refuse(w, start,
			      "expected an object in UTF-8, not UTF-16");
	skip_space(w);
	if (w->at == w->size)
		return refuse(w, start,
			      "expected an object, not an empty text");
	/* an array's faults are told first, it might be very deep */
	if (peek(w) != '{' && peek(w) != '[')
		return unexpected(w, "an object");
	return true;
}

static bool check_walk(struct check *c)
{
	enum event event = EVENT_BAD;
	struct mark top;

	if (!check_start(&c->w))
		return false;
	top = here(&c->w);
	do {
		event = walk_next(&c->w);
		if (event == EVENT_BAD || !check_event(c, event))
			return false;
	} while (event != EVENT_END);
	if (c->w.text[top.offset] != '{')
		return refuse(&c->w, top, "expected an object, not an array");
	return true;
}

static struct place place_of(const struct source *source, struct mark at)
{
	return (struct place){ source->name, at.line, at.column };
}

static bool check_text(const struct source *source, struct diags *d)
{
	struct check c = { .w = walk_of(source, NULL) };
	bool good;

	c.w.arena = &c.arena;
	good = check_walk(&c);
	if (!good)
		diag_error_at(d, place_of(source, c.w.bad), "%s", c.w.problem);
	arena_release(&c.arena);
	return good;
}

/* The quote that ends the string; NULL when none does, or it is too far. */
static const char *string_end(const char *p, const char *end)
{
	const char *from = p, *quote, *back;

	for (;; p = quote + 1) {
		quote = memchr(p, '"', (size_t)(end - p));
		if (!quote || quote - from > SOURCE_MAX_STRING)
			return NULL;
		back = quote;
		while (back > p && back[-1] == '\\')
			back--;
		if ((quote - back) % 2 == 0)
			return quote;
	}
}

/*
 * Whether jansson may see the text at once. It recurses for each container,
 * knows no limits, and loses a NUL after a number (it reads one byte ahead,
 * and a NUL cannot be put back). All else that is wrong it finds by itself.
 */
static bool is_tame(const char *text, size_t size)
{
	const char *end = text + size;
	size_t depth = 0, values = 1;

	for (const char *p = text; p < end; p++) {
		switch (*p) {
		case '"':
			p = string_end(p + 1, end);
			if (!p)
				return false;
			break;
		case '{':
		case '[':
			values++;
			if (++depth > SOURCE_MAX_DEPTH)
				return false;
			break;
		case '}':
		case ']':
			if (depth-- == 0)
				return false;
			break;
		case ',':
			values++;
			break;
		case '\0':
			return false;
		default:
			break;
		}
	}
	return size > 0 && values <= SOURCE_MAX_VALUES;
}

/* Our walk sees nothing wrong with it: jansson's own word for what is. */
static void refused_by_jansson(const struct source *source,
			       const json_error_t *error, struct diags *d)
{
	struct walk w = walk_of(source, NULL);
	size_t position = error->position > 0 ? (size_t)error->position : 0;

	if (json_error_code(error) == json_error_out_of_memory ||
	    !error->text[0])
		memory_exhausted();
	if (position > w.size)
		position = w.size;
	for (; w.at < position; w.at++) {
		if (w.text[w.at] == '\n') {
			w.line++;
			w.line_start = w.at + 1;
		}
	}
	diag_error_at(d, place_of(source, here(&w)), "cannot be parsed: %s",
		      error->text);
}

json_t *source_parse(struct source *source, struct diags *d)
{
	static const struct mark start = { 0, 1, 1 };
	json_error_t error;
	json_t *root;
	bool tame;

	if (source->size > SOURCE_MAX_BYTES) {
		diag_error_at(d, place_of(source, start),
			      "more than 16 MiB of text");
		return NULL;
	}
	tame = source->size && is_tame(source->text, source->size);
	if (!tame && !check_text(source, d))
		return NULL;
	root = json_loadb(source->text, source->size, JSON_REJECT_DUPLICATES,
			  &error);
	if (json_is_object(root))
		return root;
	json_decref(root);
	if (!tame || check_text(source, d))
		refused_by_jansson(source, &error, d);
	return NULL;
}

/* Where a value of depth 0, 1 or 2 stands: lines and columns by source_at. */
struct spot {
	uint32_t offset; /* of the value */
	struct {
		uint32_t line, column;
	} at[2];
};

struct source_index {
	struct map spots; /* by JSON Pointer */
};

enum { INDEXED_LEVELS = 2 };

/* While the index is made. */
struct indexer {
	struct walk w;
	struct buf pointer;
	struct mark key;
	/* by level, the number of containers around a value: the length of the
	 * pointer to the container, and the number of its elements so far */
	size_t length[INDEXED_LEVELS + 2], elements[INDEXED_LEVELS + 2];
};

static void add_token(struct buf *pointer, const char *key, size_t size)
{
	buf_putc(pointer, '/');
	for (size_t i = 0; i < size; i++) {
		if (key[i] == '~')
			buf_puts(pointer, "~0");
		else if (key[i] == '/')
			buf_puts(pointer, "~1");
		else
			buf_putc(pointer, key[i]);
	}
}

static void index_key(struct indexer *x)
{
	AUTO_BUF struct buf key = { 0 };

	x->key = x->w.token;
	x->pointer.size = x->length[x->w.depth];
	add_string(&key, &x->w);
	add_token(&x->pointer, buf_text(&key), key.size);
}

static void index_spot(struct source *source, const struct indexer *x)
{
	const struct mark *value = &x->w.token, *key = &x->key;
	struct spot *spot = arena_new(&source->arena, struct spot);
	const char *pointer = arena_strndup(
		&source->arena, buf_text(&x->pointer), x->pointer.size);

	spot->offset = (uint32_t)value->offset;
	spot->at[SOURCE_AT_VALUE].line = (uint32_t)value->line;
	spot->at[SOURCE_AT_VALUE].column = (uint32_t)value->column;
	spot->at[SOURCE_AT_KEY].line = (uint32_t)key->line;
	spot->at[SOURCE_AT_KEY].column = (uint32_t)key->column;
	map_put(&source->index->spots, &source->arena, pointer, spot);
}

static void index_value(struct source *source, struct indexer *x, bool opened)
{
	size_t level = x->w.depth - opened;
	bool keyed = level && (x->w.objects & BIT(level - 1));

	if (!keyed)
		x->key = x->w.token;
	if (level && !keyed) {
		x->pointer.size = x->length[level];
		buf_printf(&x->pointer, "/%zu", x->elements[level]++);
	}
	index_spot(source, x);
	if (!opened)
		return;
	x->length[level + 1] = x->pointer.size;
	x->elements[level + 1] = 0;
}

static void index_build(struct source *source)
{
	struct indexer x = { .w = walk_of(source, NULL) };
	enum event event;

	source->index = arena_new(&source->arena, struct source_index);
	if (source->size > SOURCE_MAX_BYTES)
		return;
	while ((event = walk_next(&x.w)) > EVENT_END) {
		bool opened = is_container(event);

		if (x.w.depth - opened > INDEXED_LEVELS)
			continue;
		if (event == EVENT_KEY)
			index_key(&x);
		else if (is_value(event))
			index_value(source, &x, opened);
	}
	buf_release(&x.pointer);
}

/* Goes over the rest of the value that began with event. */
static bool skip_value(struct walk *w, enum event event)
{
	unsigned depth = w->depth;

	if (!is_container(event))
		return true;
	while (w->depth >= depth)
		if (walk_next(w) <= EVENT_END)
			return false;
	return true;
}

/* The first event of the member's value; EVENT_END: there is none. */
static enum event find_member(struct walk *w, const char *name, size_t size,
			      struct mark *key)
{
	while (walk_next(w) == EVENT_KEY) {
		bool same = is_string(w, name, size);
		enum event event;

		*key = w->token;
		event = walk_next(w);
		if (same)
			return event;
		if (!is_value(event) || !skip_value(w, event))
			break;
	}
	return EVENT_END;
}

/* RFC 6901, section 4: digits, without leading zeros. */
static bool read_index(const char *token, size_t size, size_t *index)
{
	*index = 0;
	if (size == 0 || size > 9 || (size > 1 && token[0] == '0'))
		return false;
	for (size_t i = 0; i < size; i++) {
		if (!is_digit((unsigned char)token[i]))
			return false;
		*index = *index * 10 + (size_t)(token[i] - '0');
	}
	return true;
}

static enum event find_element(struct walk *w, const char *token, size_t size,
			       struct mark *key)
{
	size_t left;

	if (!read_index(token, size, &left))
		return EVENT_END;
	for (;; left--) {
		enum event event = walk_next(w);

		*key = w->token;
		if (!is_value(event))
			return EVENT_END;
		if (left == 0)
			return event;
		if (!skip_value(w, event))
			return EVENT_END;
	}
}

/* Appends a token of a JSON Pointer, decoded. */
static bool decode_token(struct buf *out, const char *token, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char c = token[i];

		if (c == '~') {
			c = i + 1 < size ? token[++i] : '\0';
			if (c != '0' && c != '1')
				return false;
			c = c == '0' ? '~' : '/';
		}
		buf_putc(out, c);
	}
	return true;
}

static enum event find_child(struct walk *w, enum event parent,
			     const char *token, size_t size, struct mark *key)
{
	AUTO_BUF struct buf name = { 0 };

	if (!is_container(parent) || !decode_token(&name, token, size))
		return EVENT_END;
	if (parent == EVENT_ARRAY)
		return find_element(w, token, size, key);
	return find_member(w, buf_text(&name), name.size, key);
}

/* From the spot to what rest, a JSON Pointer, names below it. */
static bool descend(struct walk *w, const char *rest, struct mark *key)
{
	enum event event = walk_next(w);

	*key = w->token;
	while (*rest && is_value(event)) {
		const char *token = rest + 1;
		size_t size = strcspn(token, "/");

		event = find_child(w, event, token, size, key);
		rest = token + size;
	}
	return is_value(event);
}

static bool locate_below(const struct source *source, const struct spot *spot,
			 const char *rest, enum source_at at,
			 struct place *place)
{
	struct walk w = walk_of(source, NULL);
	struct mark key;

	w.at = spot->offset;
	w.line = spot->at[SOURCE_AT_VALUE].line;
	w.line_start = spot->offset - (spot->at[SOURCE_AT_VALUE].column - 1);
	if (!descend(&w, rest, &key))
		return false;
	if (at == SOURCE_AT_VALUE)
		key = w.token;
	*place = place_of(source, key);
	return true;
}

/* The length of the pointer's first tokens, as many as are indexed. */
static size_t indexed_part(const char *pointer)
{
	size_t n = 0;

	for (int level = 0; level < INDEXED_LEVELS && pointer[n]; level++)
		n += 1 + strcspn(pointer + n + 1, "/");
	return n;
}

bool source_locate(struct source *source, const char *pointer,
		   enum source_at at, struct place *place)
{
	const struct spot *spot;
	size_t n = indexed_part(pointer);

	*place = (struct place){ .file = source->name };
	if (!source->index)
		index_build(source);
	spot = map_getn(&source->index->spots, pointer, n);
	if (!spot)
		return false;
	if (pointer[n])
		return locate_below(source, spot, pointer + n, at, place);
	place->line = spot->at[at].line;
	place->column = spot->at[at].column;
	return true;
}

void source_release(struct source *source)
{
	arena_release(&source->arena);
	source->index = NULL;
}
