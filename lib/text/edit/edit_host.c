/* SPDX-License-Identifier: MIT */
/* Lines of hosts(5): an address, a name, aliases, and maybe a comment. */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "lib/text/edit/lines.h"

enum { NAME_MAX_BYTES = 253, LABEL_MAX = 63 };

struct address {
	int family;  /* 0: it is none */
	bool scoped; /* it has a zone (RFC 4007), which no manifest gives */
	unsigned char bytes[sizeof(struct in6_addr)];
};

static struct address address_of(const char *text)
{
	struct address a = { 0 };

	if (inet_pton(AF_INET, text, a.bytes) == 1)
		a.family = AF_INET;
	else if (inet_pton(AF_INET6, text, a.bytes) == 1)
		a.family = AF_INET6;
	return a;
}

static bool same_address(const struct address *a, const struct address *b)
{
	size_t n = a->family == AF_INET ? sizeof(struct in_addr)
					: sizeof(struct in6_addr);

	return a->family && a->family == b->family && !a->scoped &&
	       !b->scoped && memcmp(a->bytes, b->bytes, n) == 0;
}

bool edit_same_address(const char *x, const char *y)
{
	struct address a = address_of(x), b = address_of(y);

	return same_address(&a, &b);
}

const char *edit_address_wrong(const char *text)
{
	return address_of(text).family ? NULL
				       : "must be an IPv4 or IPv6 address";
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

const char *edit_host_name_wrong(const char *text)
{
	size_t n;

	if (strlen(text) > NAME_MAX_BYTES)
		return "has more than 253 bytes";
	do {
		n = strcspn(text, ".");
		if (n == 0)
			return "has an empty part";
		if (n > LABEL_MAX)
			return "has a part of more than 63 bytes";
		for (size_t i = 0; i < n; i++)
			if (!is_alnum(text[i]) &&
			    (text[i] != '-' || i == 0 || i + 1 == n))
				return "must be made of letters, digits and, "
				       "inside, '-'";
		text += n;
	} while (*text++);
	return NULL;
}

static bool has_name(const struct strings *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcasecmp(s->v[i], name) == 0)
			return true;
	return false;
}

static bool has_all(const struct strings *all, const struct strings *these)
{
	for (size_t i = 0; i < these->n; i++)
		if (!has_name(all, these->v[i]))
			return false;
	return true;
}

bool edit_same_names(const struct strings *a, const struct strings *b)
{
	return has_all(a, b) && has_all(b, a);
}

/* --- lines --- */

/* A word of a line, with the blanks before it. */
struct word {
	const char *text;
	size_t size, blanks;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The next word up to the comment; *at goes behind it. */
static bool next_word(const struct line *line, size_t *at, struct word *w)
{
	size_t from = *at, i = from;

	while (i < line->size && is_blank(line->text[i]))
		i++;
	w->blanks = i - from;
	w->text = line->text + i;
	while (i < line->size && !is_blank(line->text[i]) &&
	       line->text[i] != '#')
		i++;
	w->size = (size_t)(line->text + i - w->text);
	*at = i;
	return w->size > 0;
}

static bool word_is(const struct word *w, const char *name)
{
	return strlen(name) == w->size &&
	       strncasecmp(w->text, name, w->size) == 0;
}

/* As it may stand in the file: "fe80::1%eth0". */
static struct address address_of_line(const struct word *w, struct arena *arena)
{
	char *text = arena_strndup(arena, w->text, w->size);
	char *zone = strchr(text, '%');
	struct address a;

	if (zone)
		*zone = '\0';
	a = address_of(text);
	a.scoped = zone != NULL;
	if (a.scoped && a.family != AF_INET6)
		a.family = 0;
	return a;
}

struct entry {
	struct word ip;
	struct address address;
	struct strings names; /* in the arena */
	size_t names_end;     /* offset in the line, behind the last */
	const char *gap;      /* between the address and the first of them */
	size_t gap_size;
	bool has, first; /* the name is one of them; the first of them */
};

static bool entry_of(const struct line *line, const char *name, struct arena *a,
		     struct entry *e)
{
	struct word w;
	size_t at = 0;

	*e = (struct entry){ 0 };
	if (!next_word(line, &at, &e->ip))
		return false;
	while (next_word(line, &at, &w)) {
		if (!e->names.n) {
			e->gap = w.text - w.blanks;
			e->gap_size = w.blanks;
		}
		if (word_is(&w, name)) {
			e->first |= e->names.n == 0;
			e->has = true;
		}
		strings_add(&e->names, a, arena_strndup(a, w.text, w.size));
		e->names_end = at;
	}
	e->address = address_of_line(&e->ip, a);
	return e->address.family && e->names.n;
}

/* --- the edit --- */

struct work {
	const struct host_wish *wish;
	struct address address;
	struct edited *edited;
	struct host_found *found;
	struct arena *arena;
	size_t place;      /* number of the line that is to be; 0: none yet */
	size_t gap;        /* of the last entry: between address and name */
	const char *blank; /* that gap */
};

/* Whether the line is of those that the name must be right in. */
static bool concerns(const struct work *k, const struct entry *e)
{
	if (!e->has)
		return false;
	if (k->wish->absent)
		return !k->wish->ip || same_address(&k->address, &e->address);
	return e->address.family == k->address.family;
}

static struct strings others_of(const struct entry *e, const char *name,
				struct arena *a)
{
	struct strings s = { 0 };

	for (size_t i = 0; i < e->names.n; i++)
		if (strcasecmp(e->names.v[i], name) != 0)
			strings_add(&s, a, e->names.v[i]);
	return s;
}

/* Whether a word of a line that is not to be goes: the name, and of a line
 * that was the name's own too what is its alias elsewhere. */
static bool goes(const struct work *k, const struct entry *e, const char *word)
{
	const struct host_wish *wish = k->wish;

	return strcasecmp(word, wish->name) == 0 ||
	       (e->first && !wish->absent && wish->aliases &&
		has_name(wish->aliases, word));
}

static void note_found(struct work *k, const struct line *line,
		       const struct entry *e)
{
	k->found->n++;
	/* that it is first in counts for more */
	if (k->found->ip && (k->found->first || !e->first))
		return;
	k->found->first = e->first;
	k->edited->old = line->text;
	k->edited->old_size = line->size;
	k->found->ip = arena_strndup(k->arena, e->ip.text, e->ip.size);
	if (e->first)
		k->found->aliases = others_of(e, k->wish->name, k->arena);
}

/* The line without the name; all of it goes when that was all. */
static void put_without(struct work *k, const struct line *line,
			const struct entry *e)
{
	struct buf *b = &k->edited->out;
	size_t before = b->size, at = 0;
	struct word w;
	bool any = false;

	k->edited->changed = true;
	next_word(line, &at, &w);
	buf_add(b, line->text - line->mark, line->mark + at);
	while (next_word(line, &at, &w)) {
		if (goes(k, e, arena_strndup(k->arena, w.text, w.size)))
			continue;
		/* the next name takes the place of the first */
		buf_add(b, any ? w.text - w.blanks : e->gap,
			any ? w.blanks : e->gap_size);
		buf_add(b, w.text, w.size);
		any = true;
	}
	if (any)
		buf_add(b, line->text + e->names_end,
			line->whole - e->names_end);
	else
		b->text[b->size = before] = '\0';
}

static bool is_right(const struct work *k, const struct entry *e)
{
	const struct host_wish *wish = k->wish;
	struct strings others = others_of(e, wish->name, k->arena);

	return same_address(&k->address, &e->address) &&
	       others.n + 1 == e->names.n &&
	       (!wish->aliases || edit_same_names(wish->aliases, &others));
}

/* Aliases that stay keep their place and the blanks before them. */
static void put_aliases(struct work *k, const struct line *line, size_t at)
{
	const struct strings *aliases = k->wish->aliases;
	struct buf *b = &k->edited->out;
	struct strings have = { 0 };
	struct word w;

	while (next_word(line, &at, &w)) {
		const char *name = arena_strndup(k->arena, w.text, w.size);

		if (strcasecmp(name, k->wish->name) == 0 ||
		    has_name(&have, name) ||
		    (aliases && !has_name(aliases, name)))
			continue;
		buf_add(b, w.text - w.blanks, w.blanks + w.size);
		strings_add(&have, k->arena, name);
	}
	for (size_t i = 0; aliases && i < aliases->n; i++)
		if (!has_name(&have, aliases->v[i])) {
			buf_printf(b, " %s", aliases->v[i]);
			strings_add(&have, k->arena, aliases->v[i]);
		}
}

/* The line that begins with the name, made right. */
static void put_right(struct work *k, const struct line *line,
		      const struct entry *e)
{
	struct buf *b = &k->edited->out;
	struct word w;
	size_t at = 0;

	k->edited->changed = true;
	next_word(line, &at, &w);
	buf_add(b, line->text - line->mark, line->mark + w.blanks);
	if (same_address(&k->address, &e->address))
		buf_add(b, w.text, w.size);
	else
		buf_puts(b, k->wish->ip);
	next_word(line, &at, &w);
	buf_add(b, w.text - w.blanks, w.blanks + w.size);
	put_aliases(k, line, at);
	buf_add(b, line->text + e->names_end, line->whole - e->names_end);
}

/* Of the lines that begin with the name one is to be: one that is right, or
 * the first. */
static void find_place(struct work *k, const struct edit_text *t)
{
	struct lines l = lines_of(t);
	struct line line;
	struct entry e;

	while (lines_next(&l, &line)) {
		if (!entry_of(&line, k->wish->name, k->arena, &e) ||
		    !concerns(k, &e) || !e.first)
			continue;
		if (!k->place || is_right(k, &e))
			k->place = line.number;
		if (is_right(k, &e))
			return;
	}
}

static void pass(struct work *k, const struct line *line)
{
	struct entry e;
	bool entry = entry_of(line, k->wish->name, k->arena, &e);

	if (entry) {
		k->blank = e.gap;
		k->gap = e.gap_size;
	}
	if (!entry || !concerns(k, &e)) {
		line_add(&k->edited->out, line);
		return;
	}
	note_found(k, line, &e);
	if (k->place != line->number)
		put_without(k, line, &e);
	else if (is_right(k, &e))
		line_add(&k->edited->out, line);
	else
		put_right(k, line, &e);
}

/* At the end, as the entry before it is written. */
static void add(struct work *k, const struct edit_text *t)
{
	struct buf *b = &k->edited->out;
	const char *ending = lines_ending(t);
	const struct strings *aliases = k->wish->aliases;

	if (b->size && b->text[b->size - 1] != '\n')
		buf_puts(b, ending);
	buf_puts(b, k->wish->ip);
	buf_add(b, k->gap ? k->blank : " ", k->gap ? k->gap : 1);
	buf_puts(b, k->wish->name);
	for (size_t i = 0; aliases && i < aliases->n; i++)
		buf_printf(b, " %s", aliases->v[i]);
	buf_puts(b, ending);
	k->edited->changed = true;
}

bool edit_host(const struct host_wish *wish, const struct edit_text *t,
	       struct edited *e, struct host_found *found, struct arena *a,
	       struct diags *d)
{
	struct work k = {
		.wish = wish, .edited = e, .found = found, .arena = a
	};
	struct lines l = lines_of(t);
	struct line line;

	(void)d;
	*e = (struct edited){ 0 };
	*found = (struct host_found){ 0 };
	if (wish->ip)
		k.address = address_of(wish->ip);
	if (!wish->absent)
		find_place(&k, t);
	buf_add(&e->out, t->bytes, lines_start(t));
	while (lines_next(&l, &line))
		pass(&k, &line);
	if (!wish->absent && !k.place)
		add(&k, t);
	if (found->ip)
		e->state = e->changed ? EDIT_OTHER : EDIT_SAME;
	return true;
}
