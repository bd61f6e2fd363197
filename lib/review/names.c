/* SPDX-License-Identifier: MIT */
#include "lib/review/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"

enum { DIGITS_MAX = 18, RUN = 3 /* the fewest that are not all named */ };

static size_t digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* Two numbers, which are not at their ends yet. */
static int compare_numbers(const char **a, const char **b)
{
	const char *x = *a + strspn(*a, "0"), *y = *b + strspn(*b, "0");
	size_t n = digits(x), m = digits(y);
	int order = n == m ? strncmp(x, y, n) : n < m ? -1 : 1;

	*a = x + n;
	*b = y + m;
	return order;
}

int names_compare(const char *a, const char *b)
{
	const char *x = a, *y = b;

	while (*x && *y) {
		int order = (unsigned char)*x - (unsigned char)*y;

		if (digits(x) && digits(y)) {
			order = compare_numbers(&x, &y);
		} else {
			x++;
			y++;
		}
		if (order)
			return order;
	}
	if (*x || *y)
		return *x ? 1 : -1;
	/* "a01" and "a1" */
	return strcmp(a, b);
}

static int compare(const void *a, const void *b)
{
	return names_compare(*(const char *const *)a, *(const char *const *)b);
}

void names_sort(struct strings *names)
{
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), compare);
}

/* A name around its last number. */
struct counted {
	size_t before; /* bytes of the name */
	size_t size;   /* of the number; 0: it has none that counts */
	uint64_t number;
};

static struct counted count(const char *name)
{
	size_t end = strlen(name), from;
	struct counted c = { 0 };

	while (end && !digits(name + end - 1))
		end--;
	for (from = end; from && digits(name + from - 1);)
		from--;
	if (end - from > DIGITS_MAX)
		return c;
	c.before = from;
	c.size = end - from;
	for (size_t i = from; i < end; i++)
		c.number = c.number * 10 + (uint64_t)(name[i] - '0');
	return c;
}

/* Whether next is name, counted on by one. */
static bool goes_on(const char *name, const char *next)
{
	const struct counted a = count(name), b = count(next);

	return a.size && b.size && a.before == b.before &&
	       b.number == a.number + 1 &&
	       (a.size == b.size || name[a.before] != '0') &&
	       (a.size == b.size || next[b.before] != '0') &&
	       memcmp(name, next, a.before) == 0 &&
	       strcmp(name + a.before + a.size, next + b.before + b.size) == 0;
}

const char *names_short(const struct strings *names, size_t most,
			struct arena *a)
{
	AUTO_BUF struct buf b = { 0 };
	size_t pieces = 0;

	for (size_t i = 0, end; i < names->n; i = end) {
		if (most && pieces++ == most) {
			buf_printf(&b, " and %zu more", names->n - i);
			break;
		}
		for (end = i + 1; end < names->n;)
			if (!goes_on(names->v[end - 1], names->v[end]))
				break;
			else
				end++;
		if (end - i < RUN)
			end = i + 1;
		buf_printf(&b, "%s%s", i ? ", " : "", names->v[i]);
		if (end - i >= RUN)
			buf_printf(&b, " \xe2\x80\xa6 %s", names->v[end - 1]);
	}
	return arena_strdup(a, buf_text(&b));
}
