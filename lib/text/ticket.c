/* SPDX-License-Identifier: MIT */
#include "lib/text/ticket.h"

#include <string.h>

enum { DIGITS_MAX = 10, PROJECT_MAX = 16 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Of a word, from which no ticket is cut out. */
static bool is_word(char c)
{
	return is_digit(c) || is_capital(c) || (c >= 'a' && c <= 'z') ||
	       c == '_' || c == '-' || (unsigned char)c >= 0x80;
}

static size_t digits(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && is_digit(text[i]))
		i++;
	return i;
}

/* What names a standard or a size, and no project. */
static bool is_known(const char *text, size_t n)
{
	static const char *const names[] = { "AES", "ISO", "RFC", "RSA",
					     "SHA", "TLS", "UTF" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strlen(names[i]) == n && memcmp(names[i], text, n) == 0)
			return true;
	return false;
}

/* "OPS-": how many bytes; 0: it is none. */
static size_t project(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && (is_capital(text[i]) || (i && is_digit(text[i]))))
		i++;
	if (i < 2 || i > PROJECT_MAX || i == n || text[i] != '-' ||
	    is_known(text, i))
		return 0;
	return i + 1;
}

/* A ticket that text begins with: how many bytes; 0: it is none. */
static size_t ticket(const char *text, size_t n)
{
	size_t begin = *text == '#' ? 1 : project(text, n), size;

	if (!begin)
		return 0;
	size = digits(text + begin, n - begin);
	if (!size || size > DIGITS_MAX ||
	    (begin + size < n && is_word(text[begin + size])))
		return 0;
	return begin + size;
}

void tickets_find(const char *text, size_t n, struct arena *a,
		  struct strings *found)
{
	for (size_t i = 0, size; i < n && found->n < TICKETS_MAX; i += size) {
		const char *one;

		size = i && is_word(text[i - 1]) ? 0 : ticket(text + i, n - i);
		if (!size) {
			size = 1;
			continue;
		}
		one = arena_strndup(a, text + i, size);
		if (!strings_have(found, one))
			strings_add(found, a, one);
	}
}
