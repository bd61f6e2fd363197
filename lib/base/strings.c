/* SPDX-License-Identifier: MIT */
#include "lib/base/strings.h"

#include "lib/base/buf.h"
#include <string.h>

/*
 * Costs of slips: a letter wrong, missing, too many, or swapped with the next
 * one is a whole edit; the wrong case, or '-' for '_', a quarter of one.
 */
enum { SLIP = 1, EDIT = 4, MAX_EDITS = 2, MAX_COST = MAX_EDITS * EDIT };
/* Cells beside the diagonal that MAX_EDITS can reach. */
enum { BAND = 2 * MAX_EDITS + 1, FAR = 2 * MAX_COST };

void strings_add(struct strings *list, struct arena *a, const char *text)
{
	/* one more than needed, for the NULL at the end */
	if (list->n + 1 >= list->capacity)
		list->v = arena_grow(a, list->v, list->capacity,
				     &list->capacity, sizeof(*list->v));
	list->v[list->n++] = text;
	list->v[list->n] = NULL;
}

static int compare(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

void strings_sort(struct strings *list)
{
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), compare);
}

bool strings_equal(const struct strings *a, const struct strings *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

bool strings_have(const struct strings *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], text) == 0)
			return true;
	return false;
}

static char fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '-' ? '_' : c;
}

static unsigned letter_cost(char a, char b)
{
	if (a == b)
		return 0;
	return fold(a) == fold(b) ? SLIP : EDIT;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/*
 * Three rows of the table of Damerau and Levenshtein (optimal string
 * alignment), of each only the cells that can still be near: cell k of row i
 * is about the first i letters of a and i + k - MAX_EDITS letters of b.
 */
struct rows {
	unsigned before[BAND], above[BAND], row[BAND];
};

static unsigned cell(const struct rows *r, const char *a, const char *b,
		     size_t i, size_t j, size_t k)
{
	unsigned cost = FAR;

	if (i == 0 && j == 0)
		return 0;
	if (i > 0 && k + 1 < BAND)
		cost = least(cost, r->above[k + 1] + EDIT);
	if (j > 0 && k > 0)
		cost = least(cost, r->row[k - 1] + EDIT);
	if (i > 0 && j > 0)
		cost = least(cost,
			     r->above[k] + letter_cost(a[i - 1], b[j - 1]));
	if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
		cost = least(cost, r->before[k] + EDIT);
	return cost;
}

/* Fills the row of the i-th letter of a; returns its least cost. */
static unsigned fill_row(struct rows *r, const char *a, const char *b, size_t i,
			 size_t b_size)
{
	unsigned lowest = FAR;

	memcpy(r->before, r->above, sizeof(r->before));
	memcpy(r->above, r->row, sizeof(r->above));
	for (size_t k = 0; k < BAND; k++) {
		size_t j = i + k - MAX_EDITS;

		r->row[k] = FAR;
		if (i + k >= MAX_EDITS && j <= b_size)
			r->row[k] = cell(r, a, b, i, j, k);
		lowest = least(lowest, r->row[k]);
	}
	return lowest;
}

static bool same_letters(const char *a, const char *b, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (fold(a[i]) != fold(b[i]))
			return false;
	return true;
}

/* What it costs to make a of b, as long as that is at most limit. */
static unsigned distance(const char *a, size_t a_size, const char *b,
			 size_t b_size, unsigned limit)
{
	struct rows rows;

	/* ENSURE for ensure: however many, it is one slip */
	if (a_size == b_size && same_letters(a, b, a_size))
		return strcmp(a, b) == 0 ? 0 : SLIP;
	if (a_size > b_size + MAX_EDITS || b_size > a_size + MAX_EDITS)
		return FAR;
	for (size_t k = 0; k < BAND; k++)
		rows.before[k] = rows.above[k] = rows.row[k] = FAR;
	for (size_t i = 0; i <= a_size; i++)
		if (fill_row(&rows, a, b, i, b_size) > limit)
			return FAR;
	return rows.row[b_size + MAX_EDITS - a_size];
}

const char *strings_nearest(const char *word, const struct strings *candidates)
{
	size_t size = strlen(word);
	const char *nearest = NULL;
	/* less than half of the word, else any short word is near any other */
	unsigned limit = size < MAX_COST ? (unsigned)size * EDIT / 2 : FAR;

	limit = least(limit, MAX_COST + 1);
	for (size_t i = 0; i < candidates->n && limit > 0; i++) {
		const char *text = candidates->v[i];
		unsigned cost =
			distance(word, size, text, strlen(text), limit - 1);

		if (cost >= limit)
			continue;
		limit = cost;
		nearest = text;
	}
	return nearest;
}

const char *strings_join(const struct strings *list, const char *between,
			 struct arena *a)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < list->n; i++)
		buf_printf(&b, "%s%s", i ? between : "", list->v[i]);
	return arena_strdup(a, buf_text(&b));
}
