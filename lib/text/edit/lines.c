/* SPDX-License-Identifier: MIT */
#include "lib/text/edit/lines.h"

#include <string.h>

static const char bom[] = "\xef\xbb\xbf";

bool text_same(const struct edit_text *t, const char *found, size_t n,
	       const char *wished, size_t m)
{
	if (n == m && (!n || memcmp(found, wished, n) == 0))
		return true;
	return t->same && t->same(t->context, found, n, wished, m);
}

static size_t mark_of(const char *text, size_t n)
{
	return n >= 3 && memcmp(text, bom, 3) == 0 ? 3 : 0;
}

size_t lines_start(const struct edit_text *t)
{
	return mark_of(t->bytes, t->size);
}

struct lines lines_of(const struct edit_text *t)
{
	return (struct lines){ t->bytes + lines_start(t), t->bytes + t->size,
			       0 };
}

bool lines_next(struct lines *l, struct line *line)
{
	size_t left = (size_t)(l->end - l->at);
	size_t mark = 0, n;
	const char *newline;

	if (!left)
		return false;
	while ((n = mark_of(l->at + mark, left - mark)))
		mark += n;
	l->at += mark;
	left -= mark;
	newline = left ? memchr(l->at, '\n', left) : NULL;
	line->mark = mark;
	line->text = l->at;
	line->number = ++l->number;
	line->whole = newline ? (size_t)(newline + 1 - l->at) : left;
	line->size = line->whole - (newline != NULL);
	/* at the end of the text too: a newline may come to follow it */
	if (line->size && line->text[line->size - 1] == '\r')
		line->size--;
	l->at += line->whole;
	return true;
}

void line_add(struct buf *b, const struct line *line)
{
	buf_add(b, line->text - line->mark, line->mark + line->whole);
}

bool line_is(const struct line *line, const char *text)
{
	return strlen(text) == line->size &&
	       memcmp(line->text, text, line->size) == 0;
}

const char *lines_ending(const struct edit_text *t)
{
	struct lines l = lines_of(t);
	struct line first;

	return lines_next(&l, &first) && first.whole == first.size + 2 ? "\r\n"
								       : "\n";
}

/* --- patterns --- */

bool pattern_begin(struct pattern *p, const char *text, struct diags *d)
{
	if (!text)
		return true;
	if (regcomp(&p->regex, text, REG_EXTENDED | REG_NOSUB) != 0)
		return diag_error(d, "'%s' is no extended regular expression",
				  text);
	p->compiled = true;
	return true;
}

void pattern_release(struct pattern *p)
{
	if (p->compiled)
		regfree(&p->regex);
	buf_release(&p->line);
}

bool pattern_find(struct pattern *p, const struct edit_text *t,
		  const struct line *line, bool *found, struct diags *d)
{
	*found = false;
	if (!p->compiled || memchr(line->text, '\0', line->size))
		return true;
	if (line->size > EDIT_MAX_LINE)
		return diag_error(d,
				  "line %zu of '%s' has more than %d bytes: no "
				  "pattern is looked for in it",
				  line->number, t->path, EDIT_MAX_LINE);
	buf_clear(&p->line);
	buf_add(&p->line, line->text, line->size);
	*found = regexec(&p->regex, buf_text(&p->line), 0, NULL, 0) == 0;
	return true;
}

static size_t offset_of(const struct edit_text *t, const char *at)
{
	return (size_t)(at - t->bytes);
}

bool anchor_find(const struct edit_anchor *anchor, const struct edit_text *t,
		 size_t *offset, struct diags *d)
{
	const char *text = anchor->after ? anchor->after : anchor->before;
	AUTO_PATTERN struct pattern p = { 0 };
	struct lines l = lines_of(t);
	struct line line;
	bool found;

	*offset = t->size;
	if (!text || strcmp(text, "EOF") == 0)
		return true;
	if (strcmp(text, "BOF") == 0) {
		*offset = lines_start(t);
		return true;
	}
	if (!pattern_begin(&p, text, d))
		return false;
	while (lines_next(&l, &line)) {
		if (!pattern_find(&p, t, &line, &found, d))
			return false;
		if (found)
			*offset = offset_of(t, line.text) +
				  (anchor->after ? line.whole : 0);
	}
	return true;
}

/* --- the new text --- */

void edited_release(struct edited *e)
{
	buf_release(&e->out);
}

void edited_splice(struct edited *e, const struct edit_text *t, size_t offset,
		   size_t size, const char *by, size_t n)
{
	buf_clear(&e->out);
	buf_add(&e->out, t->bytes, offset);
	buf_add(&e->out, by, n);
	buf_add(&e->out, t->bytes + offset + size, t->size - offset - size);
	e->changed = true;
}

void edited_insert(struct edited *e, const struct edit_text *t, size_t offset,
		   const char *lines, size_t n)
{
	buf_clear(&e->out);
	buf_add(&e->out, t->bytes, offset);
	if (offset > lines_start(t) && t->bytes[offset - 1] != '\n')
		buf_puts(&e->out, lines_ending(t));
	buf_add(&e->out, lines, n);
	buf_add(&e->out, t->bytes + offset, t->size - offset);
	e->changed = true;
}
