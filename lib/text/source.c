/* SPDX-License-Identifier: MIT */
#include "lib/text/source.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/map.h"
#include "lib/text/escape.h"
#include "lib/text/walk.h"

/* The strict look at a text that is refused, to say where and why. */
struct check {
	struct walk w;
	struct arena arena;
	/* "SERIAL/KEY" to its struct mark, for the keys of all objects */
	struct map keys;
	struct buf key;
	size_t serial[SOURCE_MAX_DEPTH]; /* of the objects that are open */
	size_t objects, values;
};

/* A key as a message shows it. */
static const char *shown(struct arena *a, const char *key, size_t size)
{
	enum { LONGEST = 60 };
	AUTO_BUF struct buf b = { 0 };
	size_t n = size < LONGEST ? size : LONGEST;

	while (n < size && n > 0 && (key[n] & 0xc0) == 0x80)
		n--;
	escape_text(&b, key, n, false);
	if (n < size)
		buf_puts(&b, "...");
	return arena_strdup(a, buf_text(&b));
}

/* "SERIAL/", without the detour over printf(3): there may be a million. */
static void add_serial(struct buf *b, size_t serial)
{
	for (; serial; serial /= 10)
		buf_putc(b, (char)('0' + serial % 10));
	buf_putc(b, '/');
}

static bool check_key(struct check *c)
{
	struct buf *b = &c->key;
	const struct mark *first;
	size_t prefix;

	buf_clear(b);
	add_serial(b, c->serial[c->w.depth - 1]);
	prefix = b->size;
	walk_add_string(b, &c->w);
	first = map_put(
		&c->keys, &c->arena, arena_strndup(&c->arena, b->text, b->size),
		arena_memdup(&c->arena, &c->w.token, sizeof(c->w.token)));
	if (!first)
		return true;
	return walk_refuse(&c->w, c->w.token,
			   "duplicate key '%s' (first at %zu:%zu)",
			   shown(&c->arena, b->text + prefix, b->size - prefix),
			   first->line, first->column);
}

static bool check_event(struct check *c, enum event event)
{
	if (event == EVENT_KEY)
		return check_key(c);
	if (event == EVENT_OBJECT)
		c->serial[c->w.depth - 1] = c->objects++;
	if (event_is_value(event) && ++c->values > SOURCE_MAX_VALUES)
		return walk_refuse(&c->w, c->w.token, "more than %d values",
				   SOURCE_MAX_VALUES);
	return true;
}

static bool begins_with(const struct walk *w, const char *bytes, size_t n)
{
	return w->size >= n && memcmp(w->text, bytes, n) == 0;
}

static bool is_utf16(const struct walk *w)
{
	return begins_with(w, "\xff\xfe", 2) || begins_with(w, "\xfe\xff", 2) ||
	       (w->size >= 2 && !w->text[0] != !w->text[1]);
}

/* What comes before the first value: nothing, in a text to our taste. */
static bool check_start(struct walk *w)
{
	struct mark start = walk_here(w);

	if (begins_with(w, "\xef\xbb\xbf", 3))
		return walk_refuse(w, start,
				   "expected an object, not a UTF-8 byte order "
				   "mark");
	if (is_utf16(w))
		return walk_refuse(w, start,
				   "expected an object in UTF-8, not UTF-16");
	walk_space(w);
	if (w->at == w->size)
		return walk_refuse(w, start,
				   "expected an object, not an empty text");
	/* an array's faults are told first, it might be very deep */
	if (w->text[w->at] != '{' && w->text[w->at] != '[')
		return walk_unexpected(w, "an object");
	return true;
}

static bool check_walk(struct check *c)
{
	enum event event = EVENT_BAD;
	struct mark top;

	if (!check_start(&c->w))
		return false;
	top = walk_here(&c->w);
	do {
		event = walk_next(&c->w);
		if (event == EVENT_BAD || !check_event(c, event))
			return false;
	} while (event != EVENT_END);
	if (c->w.text[top.offset] != '{')
		return walk_refuse(&c->w, top,
				   "expected an object, not an array");
	return true;
}

static struct place place_of(const struct source *source, struct mark at)
{
	return (struct place){ source->name, at.line, at.column };
}

static bool check_text(const struct source *source, struct diags *d)
{
	struct check c = { .w = walk_begin(source->text, source->size, NULL) };
	bool good;

	c.w.arena = &c.arena;
	good = check_walk(&c);
	if (!good)
		diag_error_at(d, place_of(source, c.w.bad), "%s", c.w.problem);
	buf_release(&c.key);
	arena_release(&c.arena);
	return good;
}

/* The quote that ends the string; NULL when none does, or it is too far. */
static const char *string_end(const char *p, const char *end)
{
	const char *from = p, *quote, *back;

	for (;; p = quote + 1) {
		quote = memchr(p, '"', (size_t)(end - p));
		if (!quote || quote - from > SOURCE_MAX_STRING)
			return NULL;
		back = quote;
		while (back > p && back[-1] == '\\')
			back--;
		if ((quote - back) % 2 == 0)
			return quote;
	}
}

/*
 * Whether jansson may see the text at once. It recurses for each container,
 * knows no limits, and loses a NUL after a number (it reads one byte ahead,
 * and a NUL cannot be put back). All else that is wrong it finds by itself.
 */
static bool is_tame(const char *text, size_t size)
{
	const char *end = text + size;
	size_t depth = 0, values = 1;

	for (const char *p = text; p < end; p++) {
		switch (*p) {
		case '"':
			p = string_end(p + 1, end);
			if (!p)
				return false;
			break;
		case '{':
		case '[':
			values++;
			if (++depth > SOURCE_MAX_DEPTH)
				return false;
			break;
		case '}':
		case ']':
			if (depth-- == 0)
				return false;
			break;
		case ',':
			values++;
			break;
		case '\0':
			return false;
		default:
			break;
		}
	}
	return size > 0 && values <= SOURCE_MAX_VALUES;
}

/* Our walk sees nothing wrong with it: jansson's own word for what is. */
static void refused_by_jansson(const struct source *source,
			       const json_error_t *error, struct diags *d)
{
	struct walk w = walk_begin(source->text, source->size, NULL);
	size_t position = error->position > 0 ? (size_t)error->position : 0;

	if (json_error_code(error) == json_error_out_of_memory ||
	    !error->text[0])
		memory_exhausted();
	if (position > w.size)
		position = w.size;
	for (; w.at < position; w.at++) {
		if (w.text[w.at] == '\n') {
			w.line++;
			w.line_start = w.at + 1;
		}
	}
	diag_error_at(d, place_of(source, walk_here(&w)),
		      "cannot be parsed: %s", error->text);
}

json_t *source_parse(struct source *source, struct diags *d)
{
	static const struct mark start = { 0, 1, 1 };
	json_error_t error;
	json_t *root;
	bool tame;

	if (source->size > SOURCE_MAX_BYTES) {
		diag_error_at(d, place_of(source, start),
			      "more than 16 MiB of text");
		return NULL;
	}
	tame = source->size && is_tame(source->text, source->size);
	if (!tame && !check_text(source, d))
		return NULL;
	root = json_loadb(source->text, source->size, JSON_REJECT_DUPLICATES,
			  &error);
	if (json_is_object(root))
		return root;
	json_decref(root);
	if (!tame || check_text(source, d))
		refused_by_jansson(source, &error, d);
	return NULL;
}

/* Where a value of the first levels stands: lines and columns by source_at. */
struct spot {
	uint32_t offset; /* of the value */
	struct {
		uint32_t line, column;
	} at[2];
};

struct source_index {
	struct map spots; /* by JSON Pointer */
};

/* "/resources/ID"; or in a rule of a role, "/rules/0/resources/ID". */
enum { INDEXED_LEVELS = 2, INDEXED_IN_RULES = 4 };

static unsigned indexed_levels(const char *pointer, size_t size)
{
	static const char rules[] = "/rules/";

	return size >= sizeof(rules) - 1 &&
			       memcmp(pointer, rules, sizeof(rules) - 1) == 0
		       ? INDEXED_IN_RULES
		       : INDEXED_LEVELS;
}

/* While the index is made. */
struct indexer {
	struct walk w;
	struct buf pointer;
	struct mark key;
	/* by level, the number of containers around a value: the length of the
	 * pointer to the container, and the number of its elements so far */
	size_t length[INDEXED_IN_RULES + 2], elements[INDEXED_IN_RULES + 2];
};

static void add_token(struct buf *pointer, const char *key, size_t size)
{
	buf_putc(pointer, '/');
	for (size_t i = 0; i < size; i++) {
		if (key[i] == '~')
			buf_puts(pointer, "~0");
		else if (key[i] == '/')
			buf_puts(pointer, "~1");
		else
			buf_putc(pointer, key[i]);
	}
}

static void index_key(struct indexer *x)
{
	AUTO_BUF struct buf key = { 0 };

	x->key = x->w.token;
	x->pointer.size = x->length[x->w.depth];
	walk_add_string(&key, &x->w);
	add_token(&x->pointer, buf_text(&key), key.size);
}

static void index_spot(struct source *source, const struct indexer *x)
{
	const struct mark *value = &x->w.token, *key = &x->key;
	struct spot *spot = arena_new(&source->arena, struct spot);
	const char *pointer = arena_strndup(
		&source->arena, buf_text(&x->pointer), x->pointer.size);

	spot->offset = (uint32_t)value->offset;
	spot->at[SOURCE_AT_VALUE].line = (uint32_t)value->line;
	spot->at[SOURCE_AT_VALUE].column = (uint32_t)value->column;
	spot->at[SOURCE_AT_KEY].line = (uint32_t)key->line;
	spot->at[SOURCE_AT_KEY].column = (uint32_t)key->column;
	map_put(&source->index->spots, &source->arena, pointer, spot);
}

static void index_value(struct source *source, struct indexer *x, bool opened)
{
	size_t level = x->w.depth - opened;
	bool keyed = level && (x->w.objects & BIT(level - 1));

	if (!keyed)
		x->key = x->w.token;
	if (level && !keyed) {
		x->pointer.size = x->length[level];
		buf_printf(&x->pointer, "/%zu", x->elements[level]++);
	}
	index_spot(source, x);
	if (!opened)
		return;
	x->length[level + 1] = x->pointer.size;
	x->elements[level + 1] = 0;
}

static void index_build(struct source *source)
{
	struct indexer x = { .w = walk_begin(source->text, source->size,
					     NULL) };
	enum event event;

	source->index = arena_new(&source->arena, struct source_index);
	if (source->size > SOURCE_MAX_BYTES)
		return;
	while ((event = walk_next(&x.w)) > EVENT_END) {
		bool opened = event_is_container(event);

		if (x.w.depth - opened >
		    indexed_levels(x.pointer.text, x.pointer.size))
			continue;
		if (event == EVENT_KEY)
			index_key(&x);
		else if (event_is_value(event))
			index_value(source, &x, opened);
	}
	buf_release(&x.pointer);
}

/* Goes over the rest of the value that began with event. */
static bool skip_value(struct walk *w, enum event event)
{
	unsigned depth = w->depth;

	if (!event_is_container(event))
		return true;
	while (w->depth >= depth)
		if (walk_next(w) <= EVENT_END)
			return false;
	return true;
}

/* The first event of the member's value; EVENT_END: there is none. */
static enum event find_member(struct walk *w, const char *name, size_t size,
			      struct mark *key)
{
	while (walk_next(w) == EVENT_KEY) {
		bool same = walk_string_is(w, name, size);
		enum event event;

		*key = w->token;
		event = walk_next(w);
		if (same)
			return event;
		if (!event_is_value(event) || !skip_value(w, event))
			break;
	}
	return EVENT_END;
}

/* RFC 6901, section 4: digits, without leading zeros. */
static bool read_index(const char *token, size_t size, size_t *index)
{
	*index = 0;
	if (size == 0 || size > 9 || (size > 1 && token[0] == '0'))
		return false;
	for (size_t i = 0; i < size; i++) {
		if (token[i] < '0' || token[i] > '9')
			return false;
		*index = *index * 10 + (size_t)(token[i] - '0');
	}
	return true;
}

static enum event find_element(struct walk *w, const char *token, size_t size,
			       struct mark *key)
{
	size_t left;

	if (!read_index(token, size, &left))
		return EVENT_END;
	for (;; left--) {
		enum event event = walk_next(w);

		*key = w->token;
		if (!event_is_value(event))
			return EVENT_END;
		if (left == 0)
			return event;
		if (!skip_value(w, event))
			return EVENT_END;
	}
}

/* Appends a token of a JSON Pointer, decoded. */
static bool decode_token(struct buf *out, const char *token, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char c = token[i];

		if (c == '~') {
			c = i + 1 < size ? token[++i] : '\0';
			if (c != '0' && c != '1')
				return false;
			c = c == '0' ? '~' : '/';
		}
		buf_putc(out, c);
	}
	return true;
}

static enum event find_child(struct walk *w, enum event parent,
			     const char *token, size_t size, struct mark *key)
{
	AUTO_BUF struct buf name = { 0 };

	if (!event_is_container(parent) || !decode_token(&name, token, size))
		return EVENT_END;
	if (parent == EVENT_ARRAY)
		return find_element(w, token, size, key);
	return find_member(w, buf_text(&name), name.size, key);
}

/* From the spot to what rest, a JSON Pointer, names below it. */
static bool descend(struct walk *w, const char *rest, struct mark *key)
{
	enum event event = walk_next(w);

	*key = w->token;
	while (*rest && event_is_value(event)) {
		const char *token = rest + 1;
		size_t size = strcspn(token, "/");

		event = find_child(w, event, token, size, key);
		rest = token + size;
	}
	return event_is_value(event);
}

static bool locate_below(const struct source *source, const struct spot *spot,
			 const char *rest, enum source_at at,
			 struct place *place)
{
	struct walk w = walk_begin(source->text, source->size, NULL);
	struct mark key;

	w.at = spot->offset;
	w.line = spot->at[SOURCE_AT_VALUE].line;
	w.line_start = spot->offset - (spot->at[SOURCE_AT_VALUE].column - 1);
	if (!descend(&w, rest, &key))
		return false;
	if (at == SOURCE_AT_VALUE)
		key = w.token;
	*place = place_of(source, key);
	return true;
}

/* The length of the pointer's first tokens, as many as are indexed. */
static size_t indexed_part(const char *pointer)
{
	size_t n = 0;
	unsigned levels = indexed_levels(pointer, strlen(pointer));

	for (unsigned level = 0; level < levels && pointer[n]; level++)
		n += 1 + strcspn(pointer + n + 1, "/");
	return n;
}

bool source_locate(struct source *source, const char *pointer,
		   enum source_at at, struct place *place)
{
	const struct spot *spot;
	size_t n = indexed_part(pointer);

	*place = (struct place){ .file = source->name };
	if (!source->index)
		index_build(source);
	spot = map_getn(&source->index->spots, pointer, n);
	if (!spot)
		return false;
	if (pointer[n])
		return locate_below(source, spot, pointer + n, at, place);
	place->line = spot->at[at].line;
	place->column = spot->at[at].column;
	return true;
}

void source_release(struct source *source)
{
	arena_release(&source->arena);
	source->index = NULL;
}
