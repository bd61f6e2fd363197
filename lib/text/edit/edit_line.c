/* SPDX-License-Identifier: MIT */
/* One line, as lineinfile of Ansible has it. */
#include <string.h>

#include "lib/text/edit/lines.h"

/* The last line that matches, and whether the wished one is there. */
struct search {
	struct line match;
	bool matches, exact;
};

static bool is_wished(const struct line_wish *wish, const struct edit_text *t,
		      const struct line *line)
{
	return text_same(t, line->text, line->size, wish->line,
			 strlen(wish->line));
}

static bool search(const struct line_wish *wish, struct pattern *p,
		   const struct edit_text *t, struct search *s, struct diags *d)
{
	struct lines l = lines_of(t);
	struct line line;
	bool found;

	while (lines_next(&l, &line)) {
		s->exact |= is_wished(wish, t, &line);
		if (!pattern_find(p, t, &line, &found, d))
			return false;
		if (found) {
			s->match = line;
			s->matches = true;
		}
	}
	return true;
}

/* Whether what is put in the place of a match is a match itself. */
static bool matches_itself(const struct line_wish *wish, struct pattern *p,
			   const struct edit_text *t, bool *itself,
			   struct diags *d)
{
	struct line line = { .text = wish->line, .size = strlen(wish->line) };

	return pattern_find(p, t, &line, itself, d);
}

static bool add(const struct line_wish *wish, const struct edit_text *t,
		struct edited *e, struct diags *d)
{
	AUTO_BUF struct buf line = { 0 };
	size_t offset;

	if (!anchor_find(&wish->at, t, &offset, d))
		return false;
	buf_puts(&line, wish->line);
	buf_puts(&line, lines_ending(t));
	edited_insert(e, t, offset, line.text, line.size);
	return true;
}

static bool put(const struct line_wish *wish, struct pattern *p,
		const struct edit_text *t, struct edited *e, struct diags *d)
{
	struct search s = { 0 };
	bool itself = false;

	if (!search(wish, p, t, &s, d) ||
	    !matches_itself(wish, p, t, &itself, d))
		return false;
	/* else each run would find the next match to replace */
	if ((s.exact && (!s.matches || !itself)) ||
	    (s.matches && is_wished(wish, t, &s.match))) {
		e->state = EDIT_SAME;
		return true;
	}
	if (!s.matches)
		return add(wish, t, e, d);
	e->state = EDIT_OTHER;
	e->old = s.match.text;
	e->old_size = s.match.size;
	edited_splice(e, t, (size_t)(s.match.text - t->bytes), s.match.size,
		      wish->line, strlen(wish->line));
	return true;
}

static bool drop(const struct line_wish *wish, struct pattern *p,
		 const struct edit_text *t, struct edited *e, struct diags *d)
{
	struct lines l = lines_of(t);
	struct line line;
	bool goes;

	buf_add(&e->out, t->bytes, lines_start(t));
	while (lines_next(&l, &line)) {
		if (!pattern_find(p, t, &line, &goes, d))
			return false;
		if (!wish->match)
			goes = is_wished(wish, t, &line);
		if (!goes) {
			line_add(&e->out, &line);
			continue;
		}
		e->state = EDIT_OTHER;
		e->old = line.text;
		e->old_size = line.size;
		e->changed = true;
	}
	return true;
}

bool edit_line(const struct line_wish *wish, const struct edit_text *t,
	       struct edited *e, struct diags *d)
{
	AUTO_PATTERN struct pattern p = { 0 };

	*e = (struct edited){ 0 };
	if (!pattern_begin(&p, wish->match, d))
		return false;
	return wish->absent ? drop(wish, &p, t, e, d) : put(wish, &p, t, e, d);
}
