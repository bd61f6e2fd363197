/* SPDX-License-Identifier: MIT */
/*
 * A value of a JSON document (RFC 8259), found by a JSON Pointer (RFC 6901).
 * The text is edited, not printed anew: what is not wished for keeps its
 * order, its spelling and its layout, and what is new takes on the layout of
 * what is around it.
 */
#include <jansson.h>
#include <string.h>

#include "lib/text/edit/lines.h"
#include "lib/text/source.h"
#include "lib/text/walk.h"

/* A value in the text. */
struct value {
	enum event type;
	size_t from, to;
};

/* A member or an element. */
struct member {
	size_t from; /* of its key, or of the value when it has none */
	size_t key_end;
	struct value value;
	size_t comma; /* the ',' before it; or where its container begins */
};

/* The members of one container that matter. */
struct container {
	struct value self;
	size_t n;
	struct member last;
	struct member found; /* the one that is asked for */
	bool has;
};

struct work {
	const struct json_wish *wish;
	const struct edit_text *text;
	struct edited *edited;
	struct arena arena;
	json_t *want;          /* the value; or NULL */
	struct strings tokens; /* of the pointer, decoded */
	size_t depth;          /* tokens that were found */
	struct container at;   /* where the last of those was found */
	struct diags *diags;
};

/* --- reading --- */

static bool refuse(struct work *k, const struct walk *w)
{
	diag_error(k->diags, "'%s' %s: line %zu, column %zu: %s", k->text->path,
		   w->beyond ? "is JSON that cannot be edited here"
			     : "is not JSON",
		   w->bad.line, w->bad.column, w->problem);
	return false;
}

static bool check(struct work *k, const char *bytes, size_t size)
{
	struct walk w = walk_begin(bytes, size, &k->arena);
	enum event event;

	do {
		event = walk_next(&w);
	} while (event != EVENT_END && event != EVENT_BAD);
	return event == EVENT_END || refuse(k, &w);
}

/* Goes on to the end of the value that has just begun. */
static struct value value_end(struct walk *w, enum event event)
{
	struct value v = { event, w->token.offset, w->at };
	unsigned depth = w->depth;

	if (!event_is_container(event))
		return v;
	while (w->depth >= depth && walk_next(w) != EVENT_BAD)
		;
	v.to = w->at;
	return v;
}

static struct walk walk_at(struct work *k, size_t offset)
{
	return walk_begin(k->text->bytes + offset, k->text->size - offset,
			  &k->arena);
}

static struct value top_of(struct work *k)
{
	struct walk w = walk_at(k, 0);

	return value_end(&w, walk_next(&w));
}

static const char *token_of(const struct work *k, size_t depth)
{
	return k->tokens.v[depth];
}

/* Whether the pointer ends with the token in hand. */
static bool is_last(const struct work *k)
{
	return k->depth + 1 == k->tokens.n;
}

/* An index as RFC 6901 has it: no leading zeros. */
static bool index_of(const char *token, size_t *index)
{
	*index = 0;
	if (!*token || strlen(token) > 9 || (*token == '0' && token[1]))
		return false;
	for (; *token; token++) {
		if (*token < '0' || *token > '9')
			return false;
		*index = *index * 10 + (size_t)(*token - '0');
	}
	return true;
}

/* As both are when they are written one way. */
static bool same_written(const struct work *k, const json_t *have)
{
	const size_t flags = JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS;
	AUTO_FREE char *found = NULL, *wished = NULL;

	if (!k->text->same)
		return false;
	found = json_dumps(have, flags);
	wished = json_dumps(k->want, flags);
	return found && wished &&
	       text_same(k->text, found, strlen(found), wished, strlen(wished));
}

static bool same_value(const struct work *k, const struct value *v)
{
	json_t *have = json_loadb(k->text->bytes + v->from, v->to - v->from,
				  JSON_DECODE_ANY, NULL);
	bool same =
		have && (json_equal(have, k->want) || same_written(k, have));

	json_decref(have);
	return same;
}

/* Whether the member is what the token asks for. */
static bool is_asked(const struct work *k, const struct walk *w, size_t i,
		     bool object, const char *token, const struct value *v)
{
	size_t index;

	if (object)
		return walk_string_is(w, token, strlen(token));
	if (strcmp(token, "-") == 0)
		return is_last(k) && same_value(k, v);
	return index_of(token, &index) && index == i;
}

static bool twice(const struct work *k, const char *token)
{
	return diag_error(k->diags, "'%s' has the key '%s' twice",
			  k->text->path, token);
}

/* Goes over a container once, in search of the token. */
static bool scan(struct work *k, const struct value *v, const char *token,
		 struct container *c)
{
	struct walk w = walk_at(k, v->from);
	bool object = v->type == EVENT_OBJECT, asked = false;
	enum event event;

	*c = (struct container){ .self = *v };
	walk_next(&w);
	for (;;) {
		struct member m = { .comma = v->from };

		event = walk_next(&w);
		if (event == EVENT_CLOSE || event == EVENT_BAD)
			return true;
		if (c->n)
			m.comma = v->from + w.comma.offset;
		m.from = v->from + w.token.offset;
		m.key_end = m.from;
		if (object) {
			m.key_end = v->from + w.token_end;
			asked = is_asked(k, &w, c->n, true, token, NULL);
			event = walk_next(&w);
		}
		m.value = value_end(&w, event);
		m.value.from += v->from;
		m.value.to += v->from;
		if (!object)
			asked = !c->has &&
				is_asked(k, &w, c->n, false, token, &m.value);
		if (asked && c->has)
			return twice(k, token);
		if (asked) {
			c->has = true;
			c->found = m;
		}
		c->last = m;
		c->n++;
	}
}

/* "/a/0": where the tokens so far lead, for people. */
static const char *so_far(struct work *k)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < k->depth; i++)
		buf_printf(&b, "/%s", token_of(k, i));
	return arena_strdup(&k->arena, b.size ? b.text : "the document");
}

/* A token that leads into a list, and not to what is there. */
static bool check_index(struct work *k, const struct container *c,
			const char *token)
{
	size_t index;

	if (strcmp(token, "-") == 0 && is_last(k))
		return true;
	if (!index_of(token, &index))
		return diag_error(k->diags,
				  "'%s' of '%s' is a list: '%s' is no index of "
				  "it",
				  so_far(k), k->text->path, token);
	if (k->wish->absent || index == c->n)
		return true;
	return diag_error(k->diags,
			  "'%s' of '%s' has %zu elements: '%s' is beyond the "
			  "next one",
			  so_far(k), k->text->path, c->n, token);
}

/* An element that is removed by its index would leave that to the next. */
static bool check_removal(struct work *k, const struct container *c,
			  const char *token)
{
	if (!k->wish->absent || c->self.type != EVENT_ARRAY || !is_last(k) ||
	    strcmp(token, "-") == 0)
		return true;
	diag_error(k->diags,
		   "'%s' of '%s' is a list: without '%s', another element "
		   "would have that index",
		   so_far(k), k->text->path, token);
	diag_hint(k->diags, "end the pointer with \"-\", and give the value");
	return false;
}

/* Follows the pointer as far as it leads; *found: to its end. */
static bool follow(struct work *k, struct value *v, bool *found)
{
	*found = true;
	for (; k->depth < k->tokens.n; k->depth++) {
		const char *token = token_of(k, k->depth);

		if (!event_is_container(v->type)) {
			*found = false;
			return k->wish->absent ||
			       diag_error(k->diags,
					  "'%s' of '%s' is no object: it has "
					  "no '%s'",
					  so_far(k), k->text->path, token);
		}
		if (!scan(k, v, token, &k->at) ||
		    !check_removal(k, &k->at, token))
			return false;
		*found = k->at.has;
		if (!*found)
			return v->type == EVENT_OBJECT ||
			       check_index(k, &k->at, token);
		*v = k->at.found.value;
	}
	return true;
}

/* --- layout --- */

/* The blanks that a line begins with, up to the offset at most. */
static void add_indent(struct buf *b, const struct edit_text *t, size_t offset)
{
	size_t from = offset, to;

	while (from && t->bytes[from - 1] != '\n')
		from--;
	for (to = from;
	     to < offset && (t->bytes[to] == ' ' || t->bytes[to] == '\t'); to++)
		;
	buf_add(b, t->bytes + from, to - from);
}

static bool has_newline(const struct edit_text *t, size_t from, size_t to)
{
	return memchr(t->bytes + from, '\n', to - from) != NULL;
}

/* Whether all of it is on one line. */
static bool is_one_line(const struct edit_text *t)
{
	size_t end = t->size;

	while (end && strchr(" \t\r\n", t->bytes[end - 1]))
		end--;
	return !has_newline(t, 0, end);
}

/* What one level is indented by: the first line that begins with blanks says
 * so; two spaces where none does. */
static void unit_of(struct buf *unit, const struct edit_text *t)
{
	struct lines l = lines_of(t);
	struct line line;

	while (lines_next(&l, &line)) {
		size_t n = 0;

		while (n < line.size &&
		       (line.text[n] == ' ' || line.text[n] == '\t'))
			n++;
		if (n == 0 || n == line.size)
			continue;
		buf_add(unit, line.text, n);
		return;
	}
	buf_puts(unit, "  ");
}

/* A real number in as few digits as say the same. */
static char *dump(const json_t *value, size_t flags)
{
	for (size_t digits = 15; digits < 17; digits++) {
		char *text =
			json_dumps(value, flags | JSON_ENCODE_ANY |
						  JSON_REAL_PRECISION(digits));
		json_t *again = json_loads(text, JSON_DECODE_ANY, NULL);
		bool same = json_equal(value, again);

		json_decref(again);
		if (same)
			return text;
		free(text);
	}
	return json_dumps(value,
			  flags | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
}

/* The value over several lines; those after the first begin with indent. */
static void put_lines(struct buf *b, const json_t *value, const char *indent,
		      const char *unit, const char *ending)
{
	AUTO_FREE char *text = dump(value, JSON_INDENT(1));

	for (const char *p = text; *p; p++) {
		size_t level = 0;

		if (*p != '\n') {
			buf_putc(b, *p);
			continue;
		}
		for (; p[1] == ' '; p++)
			level++;
		buf_printf(b, "%s%s", ending, indent);
		while (level--)
			buf_puts(b, unit);
	}
}

/* Whether what is put into the container goes on lines of its own. */
static bool is_spread(const struct work *k, const struct container *c)
{
	const struct edit_text *t = k->text;

	if (c->n)
		return has_newline(t, c->last.comma, c->last.from);
	return has_newline(t, lines_start(t), c->self.from) ||
	       has_newline(t, c->self.from, c->self.to) || c->self.from == 0;
}

/* Whether some key of the text has a blank behind its ':'. */
static bool has_airy_key(const struct edit_text *t)
{
	for (size_t i = 0; i + 3 <= t->size; i++)
		if (memcmp(t->bytes + i, "\": ", 3) == 0)
			return true;
	return false;
}

/* Whether there are no blanks behind ':' and ',' around here. */
static bool is_tight(const struct work *k)
{
	const struct container *c = &k->at;

	if (c->n && c->self.type == EVENT_OBJECT)
		return c->last.value.from == c->last.key_end + 1;
	if (c->n > 1)
		return c->last.from == c->last.comma + 1;
	return is_one_line(k->text) && !has_airy_key(k->text);
}

static void put_value(struct work *k, struct buf *b, const json_t *value,
		      const char *indent, bool spread)
{
	AUTO_BUF struct buf unit = { 0 };
	AUTO_FREE char *text = NULL;

	unit_of(&unit, k->text);
	if (spread) {
		put_lines(b, value, indent, buf_text(&unit),
			  lines_ending(k->text));
		return;
	}
	text = dump(value, is_tight(k) ? JSON_COMPACT : 0);
	buf_puts(b, text);
}

/* The wished value, in what is missing around it, from that token on. */
static json_t *wrap(struct work *k, size_t from)
{
	json_t *value = json_incref(k->want);

	for (size_t i = k->tokens.n; i-- > from;)
		value = i + 1 == k->tokens.n && strcmp(token_of(k, i), "-") == 0
				? json_pack("[o]", value)
				: json_pack("{s:o}", token_of(k, i), value);
	return value;
}

/* ": " as the last member has it. */
static void put_colon(struct work *k, struct buf *b, const struct container *c)
{
	const struct member *m = &c->last;

	if (c->n && !has_newline(k->text, m->key_end, m->value.from))
		buf_add(b, k->text->bytes + m->key_end,
			m->value.from - m->key_end);
	else
		buf_puts(b, is_spread(k, c) || !is_tight(k) ? ": " : ":");
}

/* What stands between the elements of the container. */
static void put_between(struct work *k, struct buf *b,
			const struct container *c, const char *indent)
{
	const struct edit_text *t = k->text;

	if (c->n)
		buf_putc(b, ',');
	if (is_spread(k, c))
		buf_printf(b, "%s%s", lines_ending(t), indent);
	else if (c->n > 1)
		buf_add(b, t->bytes + c->last.comma + 1,
			c->last.from - c->last.comma - 1);
	else if (c->n && !is_tight(k))
		buf_putc(b, ' ');
}

/* Puts what is missing at the end of the container. */
static void add(struct work *k)
{
	const struct container *c = &k->at;
	const struct edit_text *t = k->text;
	bool spread = is_spread(k, c);
	AUTO_BUF struct buf indent = { 0 };
	AUTO_BUF struct buf outer = { 0 };
	AUTO_BUF struct buf b = { 0 };
	json_t *value = wrap(k, k->depth + 1), *key;
	size_t at = c->n ? c->last.value.to : c->self.from + 1;
	size_t gap = c->n ? 0 : c->self.to - 1 - at;

	add_indent(&outer, t, c->self.from);
	if (c->n) {
		add_indent(&indent, t, c->last.from);
	} else {
		buf_add(&indent, buf_text(&outer), outer.size);
		unit_of(&indent, t);
	}
	put_between(k, &b, c, buf_text(&indent));
	if (c->self.type == EVENT_OBJECT) {
		AUTO_FREE char *text = NULL;

		key = json_string(token_of(k, k->depth));
		text = json_dumps(key, JSON_ENCODE_ANY);
		buf_puts(&b, text);
		put_colon(k, &b, c);
		json_decref(key);
	}
	put_value(k, &b, value, buf_text(&indent), spread);
	if (!c->n && spread)
		buf_printf(&b, "%s%s", lines_ending(t), buf_text(&outer));
	edited_splice(k->edited, t, at, gap, buf_text(&b), b.size);
	json_decref(value);
}

static void replace(struct work *k, const struct value *v)
{
	const struct edit_text *t = k->text;
	AUTO_BUF struct buf indent = { 0 };
	AUTO_BUF struct buf b = { 0 };
	bool spread = !k->tokens.n || is_spread(k, &k->at);

	add_indent(&indent, t, v->from);
	put_value(k, &b, k->want, buf_text(&indent), spread);
	edited_splice(k->edited, t, v->from, v->to - v->from, buf_text(&b),
		      b.size);
}

/* Whether that element of the container is to go. */
static bool goes(const struct work *k, size_t from, const struct value *v)
{
	if (k->at.self.type == EVENT_OBJECT)
		return from == k->at.found.from;
	return same_value(k, v);
}

/* Takes the member out, or all such elements, with their commas: each stands
 * with the blanks before it. */
static void drop(struct work *k)
{
	const struct value *self = &k->at.self;
	struct walk w = walk_at(k, self->from);
	const char *bytes = k->text->bytes;
	AUTO_BUF struct buf b = { 0 };
	size_t begin = self->from + 1;
	enum event event;

	walk_next(&w);
	while ((event = walk_next(&w)) > EVENT_CLOSE) {
		size_t from = self->from + w.token.offset;
		struct value v;

		if (event == EVENT_KEY)
			event = walk_next(&w);
		v = value_end(&w, event);
		v.from += self->from;
		v.to += self->from;
		if (!goes(k, from, &v)) {
			if (b.size)
				buf_putc(&b, ',');
			buf_add(&b, bytes + begin, v.to - begin);
		}
		begin = self->from + w.at;
		begin += strspn(bytes + begin, " \t\r\n");
		begin += bytes[begin] == ',';
		k->at.last.value.to = v.to;
	}
	begin = k->at.last.value.to;
	if (b.size)
		buf_add(&b, bytes + begin, self->to - 1 - begin);
	edited_splice(k->edited, k->text, self->from + 1,
		      self->to - self->from - 2, buf_text(&b), b.size);
}

/* A document from nothing. */
static void create(struct work *k)
{
	AUTO_BUF struct buf b = { 0 };
	json_t *value = wrap(k, 0);

	put_lines(&b, value, "", "  ", "\n");
	buf_putc(&b, '\n');
	edited_splice(k->edited, k->text, 0, k->text->size, b.text, b.size);
	json_decref(value);
}

/* --- the edit --- */

static void split(struct work *k)
{
	const char *p = k->wish->pointer;

	while (*p++ == '/') {
		AUTO_BUF struct buf b = { 0 };

		for (; *p && *p != '/'; p++) {
			if (*p != '~')
				buf_putc(&b, *p);
			else
				buf_putc(&b, *++p == '1' ? '/' : '~');
		}
		strings_add(&k->tokens, &k->arena,
			    arena_strdup(&k->arena, buf_text(&b)));
	}
}

const char *edit_pointer_wrong(const char *pointer)
{
	if (*pointer && *pointer != '/')
		return "must be empty or begin with '/' (RFC 6901)";
	for (; *pointer; pointer++)
		if (*pointer == '~' && pointer[1] != '0' && pointer[1] != '1')
			return "has a '~' that is neither ~0 (for '~') nor ~1 "
			       "(for '/')";
	return NULL;
}

static bool is_nothing(const struct edit_text *t)
{
	for (size_t i = 0; i < t->size; i++)
		if (!strchr(" \t\r\n", t->bytes[i]) || !t->bytes[i])
			return false;
	return true;
}

static bool edit(struct work *k)
{
	struct edited *e = k->edited;
	struct value v;
	bool found;

	split(k);
	if (k->wish->from_nothing && is_nothing(k->text)) {
		if (!k->wish->absent)
			create(k);
		return true;
	}
	if (!check(k, k->text->bytes, k->text->size))
		return false;
	v = top_of(k);
	if (!follow(k, &v, &found))
		return false;
	if (found) {
		e->old = k->text->bytes + v.from;
		e->old_size = v.to - v.from;
		e->state = EDIT_OTHER;
	}
	if (k->wish->absent) {
		if (found)
			drop(k);
		return true;
	}
	if (found && same_value(k, &v))
		e->state = EDIT_SAME;
	else if (found)
		replace(k, &v);
	else
		add(k);
	return true;
}

bool edit_json(const struct json_wish *wish, const struct edit_text *t,
	       struct edited *e, struct diags *d)
{
	struct work k = { .wish = wish, .text = t, .edited = e, .diags = d };
	bool ok;

	*e = (struct edited){ 0 };
	if (wish->value)
		k.want = json_loads(wish->value, JSON_DECODE_ANY, NULL);
	/* what it became is read as strictly: it may be too deep now */
	ok = edit(&k) &&
	     (!e->changed || check(&k, buf_text(&e->out), e->out.size));
	json_decref(k.want);
	arena_release(&k.arena);
	return ok;
}
