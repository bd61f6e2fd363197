/* SPDX-License-Identifier: MIT */
/*
 * A key of a section, as ini_file of Ansible has it. There is no standard for
 * such files: a section begins with a line "[name]" and ends where the next
 * begins; lines that begin with '#' or ';' are comments and are left alone.
 */
#include <string.h>

#include "lib/text/edit/lines.h"

/* A line "key = value", by its parts. */
struct pair {
	size_t indent;        /* before the key */
	size_t key;           /* of the key */
	size_t before, after; /* spaces around the delimiter */
	char delimiter;       /* or 0: the key is alone */
	const char *value;
	size_t value_size; /* without the spaces that end the line */
};

static size_t blanks(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && (text[i] == ' ' || text[i] == '\t'))
		i++;
	return i;
}

/* Without the blanks at its end. */
static size_t trimmed(const char *text, size_t n)
{
	while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		n--;
	return n;
}

static bool is_comment(const struct line *line)
{
	size_t i = blanks(line->text, line->size);

	return i < line->size && (line->text[i] == '#' || line->text[i] == ';');
}

static bool is_blank(const struct line *line)
{
	return blanks(line->text, line->size) == line->size;
}

/* The name in "[name]", behind which only a comment may come. */
static bool header_of(const struct line *line, const char **name, size_t *n)
{
	size_t i = blanks(line->text, line->size);
	const char *text = line->text + i, *close;
	size_t left = line->size - i, skip;

	if (!left || *text != '[')
		return false;
	close = memchr(text, ']', left);
	if (!close)
		return false;
	left -= (size_t)(close + 1 - text);
	skip = blanks(close + 1, left);
	if (skip < left && close[1 + skip] != '#' && close[1 + skip] != ';')
		return false;
	skip = blanks(text + 1, (size_t)(close - text - 1));
	*name = text + 1 + skip;
	*n = trimmed(*name, (size_t)(close - *name));
	return true;
}

/* Whether the line sets the key. A ':' is a delimiter only before a blank:
 * names may have one. */
static bool pair_of(const struct line *line, const char *key, struct pair *p)
{
	const char *text = line->text;
	size_t n = trimmed(text, line->size), at;

	*p = (struct pair){ .indent = blanks(text, n), .key = strlen(key) };
	at = p->indent + p->key;
	if (at > n || memcmp(text + p->indent, key, p->key) != 0)
		return false;
	p->before = blanks(text + at, n - at);
	at += p->before;
	if (at == n)
		return true;
	if (text[at] != '=' &&
	    (text[at] != ':' ||
	     (at + 1 < n && !blanks(text + at + 1, n - at - 1))))
		return false;
	p->delimiter = text[at++];
	p->after = blanks(text + at, n - at);
	p->value = text + at + p->after;
	p->value_size = n - at - p->after;
	return true;
}

/* Whether the line sets any key; how it is written is what new ones copy. */
static bool any_pair(const struct line *line, struct pair *p)
{
	size_t n = trimmed(line->text, line->size);
	const char *equals = n ? memchr(line->text, '=', n) : NULL;
	size_t at, key_end;

	if (!equals || is_comment(line))
		return false;
	*p = (struct pair){ .indent = blanks(line->text, n), .delimiter = '=' };
	at = (size_t)(equals - line->text);
	key_end = trimmed(line->text, at);
	if (key_end <= p->indent)
		return false;
	p->before = at - key_end;
	p->after = blanks(equals + 1, n - at - 1);
	if (at + 1 == n)
		p->after = p->before;
	return true;
}

/* What a search for a section and a key found. */
struct search {
	bool section;       /* it is there */
	size_t section_end; /* where a new key goes in the first of it */
	bool first;         /* that first one is being walked */
	struct line line;   /* the first that sets the key */
	struct pair pair;   /* and how */
	size_t n;           /* lines that set it */
	struct pair style;  /* of the last key in the section */
	const char *indent; /* of that */
	bool styled;
};

/* Whether the section that begins here is the one; none is before the first
 * of all. */
static bool is_section(const struct ini_wish *wish, const char *name, size_t n)
{
	return wish->section && strlen(wish->section) == n &&
	       memcmp(wish->section, name, n) == 0;
}

static void enter(struct search *s, const struct edit_text *t,
		  const struct line *line)
{
	s->first = !s->section;
	s->section = true;
	if (s->first)
		s->section_end = (size_t)(line->text - t->bytes) + line->whole;
}

static void note(struct search *s, const struct ini_wish *wish,
		 const struct edit_text *t, const struct line *line)
{
	struct pair p;

	if (is_comment(line) || is_blank(line))
		return;
	if (s->first)
		s->section_end = (size_t)(line->text - t->bytes) + line->whole;
	if (any_pair(line, &p)) {
		s->style = p;
		s->indent = line->text;
		s->styled = true;
	}
	if (!wish->key || !pair_of(line, wish->key, &p))
		return;
	if (!s->n++) {
		s->line = *line;
		s->pair = p;
	}
}

static void search(const struct ini_wish *wish, const struct edit_text *t,
		   struct search *s)
{
	struct lines l = lines_of(t);
	bool in = !wish->section;
	struct line line;
	const char *name;
	size_t n;

	*s = (struct search){ .section = in,
			      .first = in,
			      .section_end = lines_start(t) };
	while (lines_next(&l, &line)) {
		if (header_of(&line, &name, &n)) {
			in = is_section(wish, name, n);
			s->first = false;
			if (in)
				enter(s, t, &line);
		} else if (in) {
			note(s, wish, t, &line);
		}
	}
}

/* --- writing --- */

static void put_blanks(struct buf *b, size_t n)
{
	while (n--)
		buf_putc(b, ' ');
}

static void put_value(struct buf *b, const char *value)
{
	size_t skip = blanks(value, strlen(value));

	buf_add(b, value + skip, trimmed(value + skip, strlen(value + skip)));
}

/* "key = value" as the keys around it are written. */
static void put_pair(struct buf *b, const struct ini_wish *wish,
		     const struct search *s)
{
	static const struct pair usual = { .before = 1, .after = 1 };
	const struct pair *style = s->styled ? &s->style : &usual;

	if (s->styled)
		buf_add(b, s->indent, style->indent);
	buf_puts(b, wish->key);
	put_blanks(b, style->before);
	buf_putc(b, '=');
	if (wish->value[blanks(wish->value, strlen(wish->value))])
		put_blanks(b, style->after);
	put_value(b, wish->value);
}

static void add_section(const struct ini_wish *wish, const struct edit_text *t,
			struct edited *e)
{
	const char *ending = lines_ending(t);
	AUTO_BUF struct buf b = { 0 };
	struct search none = { 0 };
	struct lines l = lines_of(t);
	struct line line = { 0 };

	while (lines_next(&l, &line))
		;
	if (line.text && !is_blank(&line))
		buf_puts(&b, ending);
	buf_printf(&b, "[%s]%s", wish->section, ending);
	if (wish->key) {
		/* as the keys of the section before are written */
		l = lines_of(t);
		while (lines_next(&l, &line))
			note(&none, &(struct ini_wish){ 0 }, t, &line);
		put_pair(&b, wish, &none);
		buf_puts(&b, ending);
	}
	edited_insert(e, t, t->size, b.text, b.size);
}

static void add_key(const struct ini_wish *wish, const struct edit_text *t,
		    const struct search *s, struct edited *e)
{
	AUTO_BUF struct buf b = { 0 };

	put_pair(&b, wish, s);
	buf_puts(&b, lines_ending(t));
	edited_insert(e, t, s->section_end, b.text, b.size);
}

/* The line that sets the key, with the new value and all else as it is. */
static void put_line(struct buf *b, const struct ini_wish *wish,
		     const struct line *line, const struct pair *p)
{
	size_t head = p->indent + p->key;
	bool empty = !wish->value[blanks(wish->value, strlen(wish->value))];

	buf_add(b, line->text - line->mark, line->mark + head);
	if (!p->delimiter) {
		buf_puts(b, empty ? " =" : " = ");
	} else {
		buf_add(b, line->text + head, p->before);
		buf_putc(b, p->delimiter);
		if (!empty && p->value_size)
			buf_add(b, line->text + head + p->before + 1, p->after);
		else if (!empty)
			put_blanks(b, p->delimiter == ':' ? 1 : p->before);
	}
	put_value(b, wish->value);
	buf_add(b, line->text + line->size, line->whole - line->size);
}

/* All of the key's lines but the first go, and that one too if it is to be
 * absent; without a key all of the section. */
static void rewrite(const struct ini_wish *wish, const struct edit_text *t,
		    struct edited *e)
{
	struct lines l = lines_of(t);
	bool in = !wish->section, first = true;
	struct line line;
	const char *name;
	struct pair p;
	size_t n;

	buf_clear(&e->out);
	buf_add(&e->out, t->bytes, lines_start(t));
	while (lines_next(&l, &line)) {
		bool header = header_of(&line, &name, &n);

		if (header)
			in = is_section(wish, name, n);
		if (in && !wish->key)
			continue;
		if (!in || header || is_comment(&line) ||
		    !pair_of(&line, wish->key, &p)) {
			line_add(&e->out, &line);
			continue;
		}
		if (!wish->absent && first)
			put_line(&e->out, wish, &line, &p);
		first = false;
	}
	e->changed = true;
}

static bool has_value(const struct ini_wish *wish, const struct edit_text *t,
		      const struct search *s)
{
	size_t skip = blanks(wish->value, strlen(wish->value));
	size_t n = trimmed(wish->value + skip, strlen(wish->value + skip));

	return s->pair.delimiter &&
	       text_same(t, s->pair.value, s->pair.value_size,
			 wish->value + skip, n);
}

bool edit_ini(const struct ini_wish *wish, const struct edit_text *t,
	      struct edited *e, struct diags *d)
{
	struct search s;

	(void)d;
	*e = (struct edited){ 0 };
	search(wish, t, &s);
	if (wish->key && s.n) {
		e->state = EDIT_OTHER;
		e->old = s.pair.value ? s.pair.value : "";
		e->old_size = s.pair.value_size;
	} else if (!wish->key && s.section) {
		e->state = EDIT_SAME;
	}
	if (wish->absent) {
		if (e->state != EDIT_MISSING)
			rewrite(wish, t, e);
		return true;
	}
	if (e->state == EDIT_OTHER && s.n == 1 && has_value(wish, t, &s))
		e->state = EDIT_SAME;
	if (e->state == EDIT_SAME)
		return true;
	if (e->state == EDIT_OTHER)
		rewrite(wish, t, e);
	else if (s.section)
		add_key(wish, t, &s, e);
	else
		add_section(wish, t, e);
	return true;
}
