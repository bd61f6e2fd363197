/* SPDX-License-Identifier: MIT */
#include "lib/base/pack.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/utf8.h"

enum { CHUNK = 1024 * 1024, ALIGN = 8 };

/* A piece of the block that goes out; it never moves, so that the walk can
 * stand on it. */
struct pack_chunk {
	struct pack_chunk *next;
	size_t start; /* in the block */
	size_t used, size;
	_Alignas(ALIGN) char bytes[];
};

static size_t aligned(size_t n)
{
	return (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

/* --- out --- */

static void add_chunk(struct pack *p, size_t least)
{
	size_t size = least > CHUNK ? least : CHUNK;
	struct pack_chunk *chunk = calloc(1, sizeof(*chunk) + size);

	if (!chunk)
		memory_exhausted();
	chunk->size = size;
	if (p->last) {
		chunk->start = p->last->start + p->last->size;
		p->last->next = chunk;
	} else {
		p->first = chunk;
	}
	p->last = chunk;
}

/* Room for n bytes, zeroed; *offset is where in the block. */
static char *reserve(struct pack *p, size_t n, size_t *offset)
{
	struct pack_chunk *c;
	char *room;

	if (n > SIZE_MAX - ALIGN)
		memory_exhausted();
	n = aligned(n);
	if (!p->last || p->last->size - p->last->used < n)
		add_chunk(p, n);
	c = p->last;
	room = c->bytes + c->used;
	*offset = c->start + c->used;
	c->used += n;
	return room;
}

/* Replaces the pointer by where n bytes of what it points to, and as many as
 * that zeroes, are copied to. */
static char *copy_out(struct pack *p, void *pointer, size_t n, size_t zeroes)
{
	const void *from;
	size_t offset;
	char *to;

	memcpy(&from, pointer, sizeof(from));
	to = reserve(p, n + zeroes, &offset);
	if (n)
		memcpy(to, from, n);
	memcpy(pointer, &offset, sizeof(offset));
	return to;
}

void *pack_begin(struct pack *p, const void *top, size_t size)
{
	const void *pointer = top;

	*p = (struct pack){ .out = true };
	return copy_out(p, &pointer, size, 0);
}

bool pack_write(const struct pack *p,
		bool (*write)(void *context, const void *bytes, size_t n),
		void *context)
{
	/* of the last one a zero more, which ends every text */
	static const char end[ALIGN];

	for (const struct pack_chunk *c = p->first; c; c = c->next)
		if (!write(context, c->bytes, c->next ? c->size : c->used))
			return false;
	return write(context, end, sizeof(end));
}

void pack_release(struct pack *p)
{
	struct pack_chunk *c = p->first;

	while (c) {
		struct pack_chunk *next = c->next;

		free(c);
		c = next;
	}
	*p = (struct pack){ 0 };
}

/* --- in --- */

void *unpack_begin(struct pack *p, void *block, size_t size, size_t top)
{
	*p = (struct pack){ .block = block, .size = size };
	if (size < ALIGN || top > size - ALIGN || aligned(top) > size - ALIGN ||
	    p->block[size - 1] != '\0') {
		p->wrong = true;
		return NULL;
	}
	p->at = aligned(top);
	return block;
}

bool unpack_end(const struct pack *p)
{
	return !p->wrong;
}

/* Turns the offset into a pointer to n bytes that nothing else has. */
static char *take_in(struct pack *p, void *pointer, size_t n)
{
	size_t offset;
	char *to = NULL;

	memcpy(&offset, pointer, sizeof(offset));
	if (p->wrong || offset % ALIGN || offset < p->at || offset > p->size ||
	    n > p->size - offset) {
		p->wrong = true;
	} else {
		to = p->block + offset;
		p->at = offset + n;
	}
	memcpy(pointer, &to, sizeof(to));
	return to;
}

/* --- both --- */

static bool is_null(const void *pointer)
{
	const void *value;

	memcpy(&value, pointer, sizeof(value));
	return !value;
}

void pack_raw(struct pack *p, const char **text)
{
	const char *end;
	size_t offset;

	if (p->out && *text)
		copy_out(p, text, strlen(*text), 1);
	if (p->out || is_null(text))
		return;
	memcpy(&offset, text, sizeof(offset));
	/* the block ends with a NUL: there is one */
	end = !p->wrong && offset < p->size
		      ? memchr(p->block + offset, '\0', p->size - offset)
		      : NULL;
	take_in(p, text,
		end ? (size_t)(end - p->block) - offset + 1 : SIZE_MAX);
}

void pack_text(struct pack *p, const char **text)
{
	pack_raw(p, text);
	if (!p->out && *text)
		pack_expect(p, utf8_valid(*text, strlen(*text)));
}

void pack_bytes(struct pack *p, const char **bytes, size_t n)
{
	if (is_null(bytes))
		return;
	if (p->out)
		copy_out(p, bytes, n, 1);
	else
		take_in(p, bytes, n < SIZE_MAX ? n + 1 : n);
}

void *pack_array(struct pack *p, void *array, size_t n, size_t size)
{
	if (is_null(array) || !n) {
		const void *none = NULL;

		p->wrong |= !p->out && n && is_null(array);
		memcpy(array, &none, sizeof(none));
		return NULL;
	}
	if (n > SIZE_MAX / size) {
		p->wrong = true;
		n = SIZE_MAX / size;
	}
	return p->out ? copy_out(p, array, n * size, 0)
		      : take_in(p, array, n * size);
}

void pack_strings(struct pack *p, struct strings *s)
{
	const char **v;

	pack_expect(p, s->n < SIZE_MAX);
	/* one more than are counted: NULL */
	v = pack_array(p, &s->v, s->n && !p->wrong ? s->n + 1 : 0, sizeof(*v));
	s->n = v ? s->n : 0;
	s->capacity = v ? s->n + 1 : 0;
	for (size_t i = 0; i < s->n; i++) {
		pack_expect(p, v[i] != NULL);
		pack_text(p, &v[i]);
	}
	pack_expect(p, !v || !v[s->n]);
}

void pack_tree(struct pack *p, const struct tree **tree)
{
	const uintptr_t there = 1;

	if (is_null(tree))
		return;
	if (p->out)
		memcpy(tree, &there, sizeof(there));
	else
		*tree = p->tree;
}

void pack_bool(struct pack *p, const bool *value)
{
	unsigned char byte;

	memcpy(&byte, value, sizeof(byte));
	pack_expect(p, byte <= 1);
}

void pack_expect(struct pack *p, bool good)
{
	p->wrong |= !p->out && !good;
}
