/* SPDX-License-Identifier: MIT */
#include "lib/text/layout.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/text/escape.h"

enum {
	INDENT = 2,
	TOO_WIDE = LAYOUT_WIDTH + 1, /* nothing is told from what is wider */
};

/* --- strings --- */

/* What a reader could not see is written by its number. */
static void put_unsafe(struct buf *out, uint32_t rune)
{
	static const char letters[] = "btn?fr"; /* from 0x08 on */

	if (rune >= '\b' && rune <= '\r' && rune != '\v')
		buf_printf(out, "\\%c", letters[rune - '\b']);
	else if (rune < 0x10000)
		buf_printf(out, "\\u%04x", (unsigned)rune);
	else
		buf_printf(out, "\\u%04x\\u%04x",
			   0xd800 + (unsigned)((rune - 0x10000) >> 10),
			   0xdc00 + (unsigned)(rune & 0x3ff));
}

/* text is valid UTF-8. */
static void put_string(struct buf *out, const char *text, size_t size)
{
	buf_putc(out, '"');
	for (size_t i = 0, n; i < size; i += n) {
		uint32_t rune = 0;

		n = utf8_decode(text + i, size - i, &rune);
		if (!n)
			break;
		if (!escape_is_safe(rune)) {
			put_unsafe(out, rune);
			continue;
		}
		if (rune == '"' || rune == '\\')
			buf_putc(out, '\\');
		buf_add(out, text + i, n);
	}
	buf_putc(out, '"');
}

/* In columns: one a character, but never more than TOO_WIDE. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (; *text && width < TOO_WIDE; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

/* --- reading --- */

struct reader_of_layout {
	struct layout *layout;
	struct walk walk;
	struct laid *open; /* the container that it is in */
	struct buf decoded, text;
	const char *key, *key_text;
	bool blank;      /* before the member that comes */
	size_t end_line; /* of what came last */
};

/* As it is to be written, in the arena. */
static const char *spelled(struct reader_of_layout *r, const char **decoded)
{
	struct arena *a = &r->layout->arena;
	const struct walk *w = &r->walk;

	buf_clear(&r->decoded);
	buf_clear(&r->text);
	walk_add_string(&r->decoded, w);
	put_string(&r->text, buf_text(&r->decoded), r->decoded.size);
	if (decoded)
		*decoded = arena_strndup(a, buf_text(&r->decoded),
					 r->decoded.size);
	return arena_strndup(a, r->text.text, r->text.size);
}

/* Whether there is a blank line before the token, or before its comma. */
static bool is_blank_before(const struct reader_of_layout *r)
{
	const struct walk *w = &r->walk;
	size_t comma = w->comma.line;

	if (!r->open || !r->open->last)
		return false;
	return w->token.line - comma > 1 || comma - r->end_line > 1;
}

static void read_key(struct reader_of_layout *r)
{
	r->blank = is_blank_before(r);
	r->key_text = spelled(r, &r->key);
}

static void read_value(struct reader_of_layout *r, enum event event)
{
	struct layout *l = r->layout;
	struct laid *v = arena_new(&l->arena, struct laid);
	const struct walk *w = &r->walk;
	const char *begin = w->text + w->token.offset;

	*v = (struct laid){ .type = event,
			    .parent = r->open,
			    .blank = r->key ? r->blank : is_blank_before(r),
			    .key = r->key,
			    .key_text = r->key_text };
	r->key = r->key_text = NULL;
	if (event == EVENT_SCALAR)
		v->text = *begin == '"'
				  ? spelled(r, NULL)
				  : arena_strndup(&l->arena, begin,
						  w->at - w->token.offset);
	if (v->parent && v->parent->last)
		v->parent->last->next = v;
	else if (v->parent)
		v->parent->first = v;
	if (v->parent)
		v->parent->last = v;
	l->v = arena_grow(&l->arena, l->v, l->n, &l->capacity,
			  sizeof(struct laid *));
	l->v[l->n++] = v;
	if (event_is_container(event))
		r->open = v;
}

bool layout_read(struct layout *l, const char *text, size_t size)
{
	struct reader_of_layout r = { .layout = l,
				      .walk = walk_begin(text, size, NULL) };
	enum event event;

	while ((event = walk_next(&r.walk)) > EVENT_END) {
		if (event == EVENT_KEY)
			read_key(&r);
		else if (event == EVENT_CLOSE)
			r.open = r.open->parent;
		else
			read_value(&r, event);
		r.end_line = r.walk.line;
	}
	buf_release(&r.decoded);
	buf_release(&r.text);
	return event == EVENT_END;
}

void layout_release(struct layout *l)
{
	arena_release(&l->arena);
	*l = (struct layout){ 0 };
}

/* --- order --- */

bool layout_is_comment(const struct laid *v)
{
	return v->key && strcmp(v->key, "//") == 0;
}

struct placed {
	struct laid *v;
	size_t rank, place;
};

static int compare(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* Backwards: a comment takes the rank of what follows it. */
static void give_ranks(struct placed *v, size_t n)
{
	size_t next = SIZE_MAX;

	for (size_t i = n; i--;) {
		if (i == 0 || !layout_is_comment(v[i].v))
			next = v[i].v->rank;
		v[i].rank = next;
	}
}

void layout_sort(struct layout *l, struct laid *object)
{
	struct placed *v;
	size_t n = 0;

	for (const struct laid *m = object->first; m; m = m->next)
		n++;
	if (n < 2)
		return;
	v = arena_array(&l->arena, struct placed, n);
	n = 0;
	for (struct laid *m = object->first; m; m = m->next, n++)
		v[n] = (struct placed){ .v = m, .place = n };
	give_ranks(v, n);
	qsort(v, n, sizeof(*v), compare);
	for (size_t i = 0; i < n; i++)
		v[i].v->next = i + 1 < n ? v[i + 1].v : NULL;
	object->first = v[0].v;
	object->last = v[n - 1].v;
}

/* --- widths --- */

static void widen(size_t *width, size_t by)
{
	*width = *width + by > TOO_WIDE ? TOO_WIDE : *width + by;
}

/* Whether the container that v is in must be spread for it. */
static bool asks_for_lines(const struct laid *v)
{
	if (v->spread || (v->type == EVENT_OBJECT && v->first))
		return true;
	return layout_is_comment(v) && v->parent->first != v->parent->last;
}

/* Of one whose members have been measured. */
static void measure(struct laid *v)
{
	if (v->text)
		v->width = width_of(v->text);
	else if (!v->first)
		v->width = 2;
	else
		widen(&v->width, v->type == EVENT_OBJECT ? 4 : 2);
	if (v->key)
		v->key_width = width_of(v->key_text) + 2;
	/* a comment of several lines */
	if (layout_is_comment(v) && v->first != v->last)
		v->spread = true;
	if (!v->parent)
		return;
	v->parent->spread |= asks_for_lines(v);
	widen(&v->parent->width, v->key_width + v->width + (v->next ? 2 : 0));
}

/* A comma may always come to stand behind it, so that one more member changes
 * no other line. */
static bool fits(const struct laid *v, size_t depth)
{
	return depth * INDENT + v->key_width + v->width + 1 <= LAYOUT_WIDTH;
}

/* --- writing --- */

static void put_line(struct buf *out, size_t depth)
{
	char *to = buf_reserve(out, 1 + depth * INDENT);

	to[0] = '\n';
	memset(to + 1, ' ', depth * INDENT);
	out->size += 1 + depth * INDENT;
	out->text[out->size] = '\0';
}

/* What comes before v: all that parts it from the one before, and its key. */
static void put_before(struct buf *out, const struct laid *v, bool first,
		       size_t depth)
{
	const struct laid *in = v->parent;

	if (in && !first)
		buf_putc(out, ',');
	if (in && in->spread) {
		if (v->blank && !first)
			buf_putc(out, '\n');
		put_line(out, depth);
	} else if (in && (!first || in->type == EVENT_OBJECT)) {
		buf_putc(out, ' ');
	}
	if (v->key)
		buf_printf(out, "%s: ", v->key_text);
}

static void put_close(struct buf *out, const struct laid *v, size_t depth)
{
	if (v->spread)
		put_line(out, depth);
	else if (v->type == EVENT_OBJECT)
		buf_putc(out, ' ');
	buf_putc(out, v->type == EVENT_OBJECT ? '}' : ']');
}

static void put_value(struct buf *out, struct laid *v, size_t depth)
{
	if (v->text) {
		buf_puts(out, v->text);
		return;
	}
	buf_putc(out, v->type == EVENT_OBJECT ? '{' : '[');
	if (!v->first)
		buf_putc(out, v->type == EVENT_OBJECT ? '}' : ']');
	else if (!v->parent)
		v->spread = true;
	else if (v->parent->spread)
		v->spread |= !fits(v, depth);
}

void layout_write(struct layout *l, struct buf *out)
{
	struct laid *v = l->n ? l->v[0] : NULL;
	size_t depth = 0;

	for (size_t i = l->n; i--;)
		measure(l->v[i]);
	while (v) {
		put_before(out, v, v->parent && v->parent->first == v, depth);
		put_value(out, v, depth);
		if (v->first) {
			v = v->first;
			depth++;
			continue;
		}
		while (v && !v->next) {
			v = v->parent;
			if (v)
				put_close(out, v, --depth);
		}
		if (v)
			v = v->next;
	}
	buf_putc(out, '\n');
}

bool layout_text(const char *text, size_t size, struct buf *out)
{
	struct layout l = { 0 };
	bool ok = layout_read(&l, text, size);

	if (ok)
		layout_write(&l, out);
	layout_release(&l);
	return ok;
}
