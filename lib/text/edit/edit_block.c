/* SPDX-License-Identifier: MIT */
/* Lines between two markers, as blockinfile of Ansible has them. */
#include <string.h>

#include "lib/text/edit/lines.h"

/* Where the last whole block is: its lines, and all with the markers. */
struct block {
	bool found;
	size_t from, to, inner_from, inner_to;
};

static const char *mark_of(const struct block_wish *wish, const char *word,
			   struct arena *a)
{
	const char *at = strstr(wish->marker, "{mark}");

	return arena_printf(a, "%.*s%s%s", (int)(at - wish->marker),
			    wish->marker, word, at + strlen("{mark}"));
}

/* Half a block is not guessed to be one: the other half is anybody's. */
static bool refuse_half(const struct edit_text *t, const struct line *line,
			const char *mark, struct diags *d)
{
	diag_error(d, "line %zu of '%s' is '%s', and has no counterpart",
		   line->number, t->path, mark);
	diag_hint(d, "remove that line, or write the other marker where the "
		     "block begins or ends");
	return false;
}

/* Finds the last block; with out, copies what is not in any to it. */
static bool find(const struct block_wish *wish, const struct edit_text *t,
		 struct block *b, struct buf *out, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	const char *begin = mark_of(wish, "BEGIN", &a);
	const char *end = mark_of(wish, "END", &a);
	struct lines l = lines_of(t);
	struct line line, first = { 0 };

	buf_add(out, t->bytes, lines_start(t));
	while (lines_next(&l, &line)) {
		size_t at = (size_t)(line.text - t->bytes);

		if (line_is(&line, begin)) {
			if (first.text)
				return refuse_half(t, &first, begin, d);
			first = line;
			continue;
		}
		if (line_is(&line, end)) {
			if (!first.text)
				return refuse_half(t, &line, end, d);
			b->found = true;
			b->from = (size_t)(first.text - t->bytes);
			b->inner_from = b->from + first.whole;
			b->inner_to = at - line.mark;
			b->to = at + line.whole;
			first.text = NULL;
			continue;
		}
		if (!first.text)
			line_add(out, &line);
	}
	return !first.text || refuse_half(t, &first, begin, d);
}

/* The content as lines of the file, each with an ending. */
static void render(struct buf *b, const char *text, size_t n,
		   const char *ending)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = i;

		/* of a line's ending, however many */
		while (k < n && text[k] == '\r')
			k++;
		if (k > i && (k == n || text[k] == '\n'))
			i = k;
		if (i == n)
			break;
		if (text[i] == '\n')
			buf_puts(b, ending);
		else
			buf_putc(b, text[i]);
	}
	if (n && text[n - 1] != '\n')
		buf_puts(b, ending);
}

static bool add(const struct block_wish *wish, const struct edit_text *t,
		const struct buf *lines, struct edited *e, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_BUF struct buf b = { 0 };
	const char *ending = lines_ending(t);
	size_t offset;

	if (!anchor_find(&wish->at, t, &offset, d))
		return false;
	buf_printf(&b, "%s%s", mark_of(wish, "BEGIN", &a), ending);
	buf_add(&b, buf_text(lines), lines->size);
	buf_printf(&b, "%s%s", mark_of(wish, "END", &a), ending);
	edited_insert(e, t, offset, b.text, b.size);
	return true;
}

bool edit_block(const struct block_wish *wish, const struct edit_text *t,
		struct edited *e, struct diags *d)
{
	AUTO_BUF struct buf lines = { 0 };
	AUTO_BUF struct buf have = { 0 };
	struct block b = { 0 };

	*e = (struct edited){ 0 };
	if (!find(wish, t, &b, &e->out, d))
		return false;
	render(&lines, wish->content, wish->size, lines_ending(t));
	if (!b.found && wish->absent)
		return true;
	if (!b.found)
		return add(wish, t, &lines, e, d);
	e->old = t->bytes + b.inner_from;
	e->old_size = b.inner_to - b.inner_from;
	/* how its lines end is not worth a change */
	render(&have, e->old, e->old_size, lines_ending(t));
	e->changed = wish->absent || !text_same(t, buf_text(&have), have.size,
						buf_text(&lines), lines.size);
	e->state = e->changed ? EDIT_OTHER : EDIT_SAME;
	if (e->changed && !wish->absent)
		edited_splice(e, t, b.inner_from, e->old_size, buf_text(&lines),
			      lines.size);
	return true;
}

const char *edit_block_wrong(const struct block_wish *wish, struct arena *a)
{
	const char *mark = strstr(wish->marker, "{mark}");
	struct edit_text t = { .bytes = wish->content, .size = wish->size };
	struct lines l = lines_of(&t);
	struct line line;

	if (!mark)
		return "'marker' must have {mark}, for BEGIN and END";
	while (wish->content && lines_next(&l, &line)) {
		/* as render takes them off */
		while (line.size && line.text[line.size - 1] == '\r')
			line.size--;
		if (line_is(&line, mark_of(wish, "BEGIN", a)) ||
		    line_is(&line, mark_of(wish, "END", a)))
			return "'content' has a line that is its marker";
	}
	return NULL;
}
