/* SPDX-License-Identifier: MIT */
#include "lib/text/veil.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/map.h"

/* A line of the wanted text that has secrets in it. */
struct pattern {
	const char *text; /* without them */
	size_t size;
	const struct cut *cuts;
	size_t ncuts;
	size_t start; /* of the line, which at of the cuts is not from */
};

struct wanted {
	struct arena arena;
	struct map plain; /* lines without a secret */
	struct pattern *patterns;
	size_t n, capacity;
};

static size_t line_size(const char *text, size_t n)
{
	const char *end = memchr(text, '\n', n);

	return end ? (size_t)(end - text) : n;
}

static void add_plain(struct wanted *w, const char *line, size_t n)
{
	map_put(&w->plain, &w->arena, arena_strndup(&w->arena, line, n), w);
}

/* A line of secrets alone says nothing by which to tell it. */
static void add_pattern(struct wanted *w, const struct pattern *p)
{
	if (!p->size)
		return;
	w->patterns = arena_grow(&w->arena, w->patterns, w->n, &w->capacity,
				 sizeof(*p));
	w->patterns[w->n++] = *p;
}

static void read_wanted(struct wanted *w, const char *text, size_t size,
			const struct cut *cuts, size_t ncuts)
{
	size_t at = 0, first = 0;

	while (at < size || first < ncuts) {
		size_t n = line_size(text + at, size - at), last = first;

		while (last < ncuts && cuts[last].at <= at + n)
			last++;
		if (last == first)
			add_plain(w, text + at, n);
		else
			add_pattern(w, &(struct pattern){ text + at, n,
							  cuts + first,
							  last - first, at });
		first = last;
		at += n + 1;
	}
}

/* Where the i-th piece of text lies between the secrets of a line. */
static size_t piece(const struct pattern *p, size_t i, const char **text)
{
	size_t from = i ? p->cuts[i - 1].at - p->start : 0;
	size_t to = i < p->ncuts ? p->cuts[i].at - p->start : p->size;

	*text = p->text + from;
	return to - from;
}

/* Where the n bytes of text are first in those from at on; or NULL. */
static const char *find(const char *at, const char *end, const char *text,
			size_t n)
{
	if (!n)
		return at;
	for (; (size_t)(end - at) >= n; at++) {
		at = memchr(at, text[0], (size_t)(end - at) - n + 1);
		if (!at || memcmp(at, text, n) == 0)
			return at;
	}
	return NULL;
}

static bool matches(const struct pattern *p, const char *line, size_t n)
{
	const char *end = line + n, *text;
	size_t size = piece(p, 0, &text);

	if (n < p->size || memcmp(line, text, size) != 0)
		return false;
	line += size;
	for (size_t i = 1; i < p->ncuts; i++) {
		size = piece(p, i, &text);
		line = find(line, end, text, size);
		if (!line)
			return false;
		line += size;
	}
	size = piece(p, p->ncuts, &text);
	return (size_t)(end - line) >= size &&
	       memcmp(end - size, text, size) == 0;
}

static bool show_pattern(struct buf *out, const struct wanted *w,
			 const char *line, size_t n)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct pattern *p = &w->patterns[i];
		const char *text;
		size_t size;

		if (!matches(p, line, n))
			continue;
		for (size_t k = 0; k < p->ncuts; k++) {
			size = piece(p, k, &text);
			buf_add(out, text, size);
			buf_printf(out, "<secret %s>", p->cuts[k].secret);
		}
		size = piece(p, p->ncuts, &text);
		buf_add(out, text, size);
		return true;
	}
	return false;
}

static bool show_plain(struct buf *out, const struct wanted *w,
		       const char *line, size_t n)
{
	if (!map_getn(&w->plain, line, n))
		return false;
	buf_add(out, line, n);
	return true;
}

typedef bool show_line(struct buf *, const struct wanted *, const char *line,
		       size_t n);

static void show_lines(struct buf *out, const struct wanted *w,
		       const char *live, size_t n, show_line *first,
		       show_line *second)
{
	bool veiled = false;
	size_t at = 0;

	while (at < n) {
		size_t length = line_size(live + at, n - at);
		bool ended = at + length < n;
		bool shown = first(out, w, live + at, length) ||
			     second(out, w, live + at, length);

		if (!shown && !veiled)
			buf_puts(out, VEILED);
		if (ended && (shown || !veiled))
			buf_putc(out, '\n');
		veiled = !shown;
		at += length + 1;
	}
}

void veil(struct buf *out, const char *live, size_t n, const char *want,
	  size_t size, const struct cut *cuts, size_t ncuts)
{
	struct wanted w = { 0 };

	read_wanted(&w, want, size, cuts, ncuts);
	show_lines(out, &w, live, n, show_plain, show_pattern);
	arena_release(&w.arena);
}

void veil_edited(struct buf *out, const char *live, size_t n, const char *want,
		 size_t size, const struct cut *cuts, size_t ncuts)
{
	struct wanted w = { 0 };

	read_wanted(&w, want, size, cuts, ncuts);
	show_lines(out, &w, live, n, show_pattern, show_plain);
	arena_release(&w.arena);
}

/* Whether a line of a diff may be shown: one that is neither of the live text,
 * nor was before, or says where. */
static bool tells_nothing(const struct wanted *live, const char *line, size_t n)
{
	return line[0] != '-' &&
	       (line[0] != '+' || !map_getn(&live->plain, line + 1, n - 1));
}

void veil_changes(struct buf *out, const char *diff, size_t n, const char *live,
		  size_t size)
{
	struct wanted w = { 0 };
	char veiled = 0;

	read_wanted(&w, live, size, NULL, 0);
	for (size_t at = 0, length; at < n; at += length + 1) {
		const char *line = diff + at;

		length = line_size(line, n - at);
		if (length && !tells_nothing(&w, line, length)) {
			if (veiled != line[0])
				buf_printf(out, "%c" VEILED "\n", line[0]);
			veiled = line[0];
			continue;
		}
		buf_add(out, line, length);
		buf_putc(out, '\n');
		veiled = 0;
	}
	arena_release(&w.arena);
}
