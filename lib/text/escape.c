/* SPDX-License-Identifier: MIT */
#include "lib/text/escape.h"

#include <string.h>

/*
 * What a terminal obeys, or shows as nothing: Unicode's categories Cc, Cf, Zl
 * and Zp as far as they can hide or reorder text (UTR 36, section 3.7).
 */
static const struct {
	uint32_t first, last;
} unsafe[] = {
	{ 0x0000, 0x001f },   { 0x007f, 0x009f },   { 0x00ad, 0x00ad },
	{ 0x061c, 0x061c },   { 0x180e, 0x180e },   { 0x200b, 0x200f },
	{ 0x2028, 0x202e },   { 0x2060, 0x206f },   { 0xfeff, 0xfeff },
	{ 0xfff9, 0xfffb },   { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
	{ 0xe0000, 0xe007f },
};

bool escape_is_safe(uint32_t rune)
{
	for (size_t i = 0; i < COUNT(unsafe) && rune >= unsafe[i].first; i++)
		if (rune <= unsafe[i].last)
			return false;
	return true;
}

static bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

/* The character at text, as it is or as \xNN; returns how long it was. */
static size_t escape_one(struct buf *out, const char *text, size_t size,
			 bool multiline)
{
	uint32_t rune = 0;
	size_t n = utf8_decode(text, size, &rune);
	bool keep = n && escape_is_safe(rune);

	if (multiline && (rune == '\n' || rune == '\t'))
		keep = true;
	if (!n)
		n = 1;
	if (keep)
		buf_add(out, text, n);
	for (size_t i = 0; !keep && i < n; i++)
		buf_printf(out, "\\x%02x", (unsigned char)text[i]);
	return n;
}

void escape_text(struct buf *out, const char *text, size_t size, bool multiline)
{
	size_t i = 0;

	while (i < size) {
		size_t from = i;

		while (i < size && is_printable(text[i]))
			i++;
		buf_add(out, text + from, i - from);
		if (i < size)
			i += escape_one(out, text + i, size - i, multiline);
	}
}

void escape_dot(struct buf *out, const char *text)
{
	AUTO_BUF struct buf safe = { 0 };

	escape_text(&safe, text, strlen(text), false);
	for (const char *p = buf_text(&safe); *p; p++) {
		if (*p == '"' || *p == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *p);
		if (*p == '&')
			buf_puts(out, "amp;");
	}
}

json_t *escape_json(const char *text)
{
	AUTO_BUF struct buf b = { 0 };
	json_t *json = json_string(text);

	if (json)
		return json;
	escape_text(&b, text, strlen(text), true);
	return json_string(buf_text(&b));
}
