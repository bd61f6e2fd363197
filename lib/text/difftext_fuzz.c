/* SPDX-License-Identifier: MIT */
/*
 * Input: a byte, the lines to cut after; then the old text, a 0xff, the new
 * text. The hunks applied to the old text must give the new one.
 */
#include "lib/text/difftext.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(holds)             \
	do {                     \
		if (!(holds))    \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct text {
	const char *at, *end;
	size_t line;
};

static size_t line_size(const struct text *t)
{
	const char *end = memchr(t->at, '\n', (size_t)(t->end - t->at));

	return (size_t)((end ? end + 1 : t->end) - t->at);
}

static bool take(struct text *t, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(t->end - t->at) < n || memcmp(t->at, text, n) != 0)
		return false;
	t->at += n;
	return true;
}

static size_t take_number(struct text *t)
{
	size_t n = 0;

	CHECK(t->at < t->end && *t->at >= '0' && *t->at <= '9');
	while (*t->at >= '0' && *t->at <= '9')
		n = n * 10 + (size_t)(*t->at++ - '0');
	return n;
}

static size_t take_range(struct text *t, size_t *n)
{
	size_t start = take_number(t);

	*n = 1;
	if (take(t, ",")) {
		*n = take_number(t);
		CHECK(*n != 1);
	}
	CHECK(start || !*n);
	return *n ? start - 1 : start;
}

/* A line of a hunk: to old, to out, or to both. */
static void apply_line(struct text *hunks, struct text *old, struct buf *out,
		       size_t *old_n, size_t *new_n)
{
	char mark = *hunks->at++;
	const char *text = hunks->at;
	size_t n = line_size(hunks);

	hunks->at += n;
	if (take(hunks, "\\ No newline at end of file\n"))
		n--;
	CHECK(mark == ' ' || mark == '-' || mark == '+');
	if (mark != '+') {
		CHECK(*old_n && line_size(old) == n);
		CHECK(memcmp(old->at, text, n) == 0);
		old->at += n;
		old->line++;
		--*old_n;
	}
	if (mark != '-') {
		CHECK(*new_n);
		buf_add(out, text, n);
		--*new_n;
	}
}

static void apply_hunk(struct text *hunks, struct text *old, struct buf *out,
		       size_t *line)
{
	size_t old_start, old_n, new_start, new_n;

	CHECK(take(hunks, "@@ -"));
	old_start = take_range(hunks, &old_n);
	CHECK(take(hunks, " +"));
	new_start = take_range(hunks, &new_n);
	CHECK(take(hunks, " @@\n"));
	CHECK(old->line <= old_start);
	for (; old->line < old_start; old->line++, ++*line) {
		size_t n = line_size(old);

		buf_add(out, old->at, n);
		old->at += n;
	}
	CHECK(*line == new_start);
	*line += new_n;
	while (old_n || new_n)
		apply_line(hunks, old, out, &old_n, &new_n);
}

static void check_whole(const char *old, size_t old_size, const char *new,
			size_t new_size)
{
	AUTO_BUF struct buf hunks = { 0 };
	AUTO_BUF struct buf out = { 0 };
	struct text from = { old, old + old_size, 0 };
	struct text diff;
	size_t line = 0;

	diff_unified(&hunks, old, old_size, new, new_size, SIZE_MAX);
	diff.at = buf_text(&hunks);
	diff.end = diff.at + hunks.size;
	while (diff.at < diff.end)
		apply_hunk(&diff, &from, &out, &line);
	buf_add(&out, from.at, (size_t)(from.end - from.at));
	CHECK(out.size == new_size);
	CHECK(memcmp(buf_text(&out), new, new_size) == 0);
}

/* What is cut begins as the whole does, and says that it was cut. */
static void check_cut(const char *old, size_t old_size, const char *new,
		      size_t new_size, size_t max_lines)
{
	AUTO_BUF struct buf all = { 0 };
	AUTO_BUF struct buf cut = { 0 };
	size_t same = 0;

	diff_unified(&all, old, old_size, new, new_size, SIZE_MAX);
	diff_unified(&cut, old, old_size, new, new_size, max_lines);
	while (same < all.size && same < cut.size &&
	       all.text[same] == cut.text[same])
		same++;
	if (same == cut.size)
		CHECK(same == all.size);
	else
		CHECK(strncmp(cut.text + same, "... ", 4) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *old = (const char *)data + 1, *new;
	size_t old_size;

	if (size < 2)
		return 0;
	new = memchr(old, 0xff, size - 1);
	if (!new)
		return 0;
	old_size = (size_t)(new - old);
	new ++;
	size -= old_size + 2;
	check_whole(old, old_size, new, size);
	check_whole(new, size, old, old_size);
	check_cut(old, old_size, new, size, data[0]);
	return 0;
}
