/* SPDX-License-Identifier: MIT */
#include "cmd/grid.h"

#include <stdlib.h>
#include <string.h>

void grid_add(struct grid *t, const char *text)
{
	if (!text || !*text)
		text = "-";
	t->cells = arena_grow(&t->arena, t->cells, t->n, &t->capacity,
			      sizeof(*t->cells));
	t->cells[t->n++] = arena_strdup(&t->arena, text);
}

void grid_add_word(struct grid *t, const char *text)
{
	AUTO_BUF struct buf b = { 0 };

	if (text)
		converge_escape(&b, text, strlen(text), false);
	for (size_t i = 0; i < b.size; i++)
		if (b.text[i] == ' ')
			b.text[i] = '_';
	grid_add(t, buf_text(&b));
}

static bool begins_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += begins_character(*text);
	return n;
}

static size_t width_of(const struct grid *t, size_t column)
{
	size_t widest = 0;

	for (size_t i = column; i < t->n; i += t->columns) {
		size_t n = characters(t->cells[i]);

		widest = n > widest ? n : widest;
	}
	return widest;
}

/* A line of at most width characters, the last of them dots if it was longer.
 */
static void put_line(const char *line, size_t width, struct buf *b)
{
	static const char dots[] = "...";
	size_t n = 0;
	const char *end = line;

	if (width < sizeof(dots) || characters(line) <= width) {
		buf_puts(b, line);
	} else {
		while (!begins_character(*end) || n++ < width - strlen(dots))
			end++;
		buf_add(b, line, (size_t)(end - line));
		buf_puts(b, dots);
	}
	buf_putc(b, '\n');
}

void grid_print(const struct grid *t, size_t width, struct buf *b)
{
	AUTO_FREE size_t *widths = xrealloc(NULL, t->columns * sizeof(*widths));

	for (size_t i = 0; i < t->columns; i++)
		widths[i] = width_of(t, i);
	for (size_t row = 0; row + t->columns <= t->n; row += t->columns) {
		AUTO_BUF struct buf line = { 0 };

		for (size_t i = 0; i < t->columns; i++) {
			const char *cell = t->cells[row + i];
			size_t pad = widths[i] - characters(cell);

			buf_puts(&line, cell);
			if (i + 1 < t->columns)
				buf_printf(&line, "%*s", (int)pad + 2, "");
		}
		put_line(buf_text(&line), width, b);
	}
}

void grid_release(struct grid *t)
{
	arena_release(&t->arena);
	*t = (struct grid){ 0 };
}
