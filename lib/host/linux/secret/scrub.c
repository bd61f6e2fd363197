/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/secret/scrub.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/host/linux/secret/locked.h"

/* At most so many bytes of a form for one of the secret: \u0000 in JSON. */
enum { WIDEST = 6 };

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789+/";

static size_t hex(char *to, const unsigned char *from, size_t n,
		  const char *digits)
{
	for (size_t i = 0; i < n; i++) {
		to[2 * i] = digits[from[i] >> 4];
		to[2 * i + 1] = digits[from[i] & 15];
	}
	return 2 * n;
}

static size_t raw(char *to, const unsigned char *from, size_t n)
{
	memcpy(to, from, n);
	return n;
}

static size_t lower_hex(char *to, const unsigned char *from, size_t n)
{
	return hex(to, from, n, "0123456789abcdef");
}

static size_t upper_hex(char *to, const unsigned char *from, size_t n)
{
	return hex(to, from, n, "0123456789ABCDEF");
}

static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

static size_t url(char *to, const unsigned char *from, size_t n,
		  const char *digits)
{
	char *at = to;

	for (size_t i = 0; i < n; i++) {
		if (is_unreserved(from[i])) {
			*at++ = (char)from[i];
			continue;
		}
		*at++ = '%';
		at += hex(at, from + i, 1, digits);
	}
	return (size_t)(at - to);
}

static size_t upper_url(char *to, const unsigned char *from, size_t n)
{
	return url(to, from, n, "0123456789ABCDEF");
}

static size_t lower_url(char *to, const unsigned char *from, size_t n)
{
	return url(to, from, n, "0123456789abcdef");
}

static size_t json(char *to, const unsigned char *from, size_t n)
{
	static const char plain[] = "\"\\\b\f\n\r\t", named[] = "\"\\bfnrt";
	char *at = to;

	for (size_t i = 0; i < n; i++) {
		const char *is = from[i] ? strchr(plain, from[i]) : NULL;

		if (is) {
			*at++ = '\\';
			*at++ = named[is - plain];
		} else if (from[i] < ' ') {
			for (const char *p = "\\u00"; *p; p++)
				*at++ = *p;
			at += hex(at, from + i, 1, "0123456789abcdef");
		} else {
			*at++ = (char)from[i];
		}
	}
	return (size_t)(at - to);
}

/* The characters that depend on the secret alone, when so many bytes that are
 * not known stand before it in its group of three. */
static size_t in_base64(char *to, const unsigned char *from, size_t n,
			size_t before)
{
	size_t skip = (3 - before) % 3, size = 0;

	for (size_t i = skip; i + 3 <= n; i += 3) {
		unsigned long group = (unsigned long)from[i] << 16 |
				      (unsigned long)from[i + 1] << 8 |
				      from[i + 2];

		for (int shift = 18; shift >= 0; shift -= 6)
			to[size++] = base64[group >> shift & 63];
	}
	return size;
}

static size_t base64_0(char *to, const unsigned char *from, size_t n)
{
	return in_base64(to, from, n, 0);
}

static size_t base64_1(char *to, const unsigned char *from, size_t n)
{
	return in_base64(to, from, n, 1);
}

static size_t base64_2(char *to, const unsigned char *from, size_t n)
{
	return in_base64(to, from, n, 2);
}

static const struct {
	size_t (*make)(char *to, const unsigned char *from, size_t n);
	bool widens; /* to all of the word: its ends hold some bits too */
} forms[] = {
	{ raw, false },       { lower_hex, false }, { upper_hex, false },
	{ upper_url, false }, { lower_url, false }, { json, false },
	{ base64_0, true },   { base64_1, true },   { base64_2, true },
};

static bool is_base64(char c)
{
	return c && strchr(base64, c);
}

/* Puts the name where the form is; all that was there is wiped. */
static void replace(struct buf *text, const char *name, const char *form,
		    size_t n, bool widens)
{
	struct buf out = { 0 };
	const char *at = buf_text(text), *end = at + text->size, *found;

	if (n < SCRUB_LEAST - 2 || !memmem(at, text->size, form, n))
		return;
	buf_reserve(&out, text->size);
	while ((found = memmem(at, (size_t)(end - at), form, n))) {
		const char *from = found, *to = found + n;

		while (widens && from > at && is_base64(from[-1]))
			from--;
		while (widens && to < end && (is_base64(*to) || *to == '='))
			to++;
		buf_add(&out, at, (size_t)(from - at));
		buf_printf(&out, "<secret %s>", name);
		at = to;
	}
	buf_add(&out, at, (size_t)(end - at));
	buf_wipe(text);
	*text = out;
}

static void scrub_all(struct buf *text, const char *name, const char *secret,
		      size_t n, struct locked *room)
{
	for (size_t i = 0; i < COUNT(forms); i++) {
		size_t size = forms[i].make(room->bytes,
					    (const unsigned char *)secret, n);

		replace(text, name, room->bytes, size, forms[i].widens);
	}
}

/* What cannot be looked through is not shown. */
void scrub(struct buf *text, const char *name, const char *secret, size_t n)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO_LOCKED struct locked room = { 0 };
	size_t line;

	if (!text->size || n < SCRUB_LEAST)
		return;
	if (!locked_new(&room, WIDEST * n, &ignored)) {
		buf_wipe(text);
		return;
	}
	scrub_all(text, name, secret, n, &room);
	for (size_t at = 0; at < n; at += line + 1) {
		const char *newline = memchr(secret + at, '\n', n - at);

		line = newline ? (size_t)(newline - secret) - at : n - at;
		if (line >= SCRUB_LEAST && line < n)
			scrub_all(text, name, secret + at, line, &room);
	}
}
