/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/process/broker_wire.h"

#include <string.h>

void wire_put_number(struct buf *b, int64_t n)
{
	buf_add(b, &n, sizeof(n));
}

static void put_bytes(struct buf *b, const void *bytes, size_t n)
{
	wire_put_number(b, (int64_t)n);
	buf_add(b, bytes, n);
}

/* NULL is told from "": its length is -1. */
void wire_put_text(struct buf *b, const char *text)
{
	if (text)
		put_bytes(b, text, strlen(text));
	else
		wire_put_number(b, -1);
}

static void put_strings(struct buf *b, const struct strings *s)
{
	wire_put_number(b, (int64_t)s->n);
	for (size_t i = 0; i < s->n; i++)
		wire_put_text(b, s->v[i]);
}

int64_t wire_get_number(struct wire *r, int64_t min, int64_t max)
{
	int64_t n = 0;

	if (r->wrong || (size_t)(r->end - r->at) < sizeof(n)) {
		r->wrong = true;
		return 0;
	}
	memcpy(&n, r->at, sizeof(n));
	r->at += sizeof(n);
	if (n < min || n > max) {
		r->wrong = true;
		return 0;
	}
	return n;
}

/* NULL for none; *n is 0 then. */
static const char *get_bytes(struct wire *r, size_t *n)
{
	int64_t size = wire_get_number(r, -1, r->end - r->at);
	const char *bytes = r->at;

	*n = 0;
	if (r->wrong || size < 0)
		return NULL;
	if (size > r->end - r->at) {
		r->wrong = true;
		return NULL;
	}
	r->at += size;
	*n = (size_t)size;
	return bytes;
}

const char *wire_get_text(struct wire *r, struct arena *a)
{
	size_t n;
	const char *bytes = get_bytes(r, &n);

	if (!bytes)
		return NULL;
	if (memchr(bytes, '\0', n)) {
		r->wrong = true;
		return NULL;
	}
	return arena_strndup(a, bytes, n);
}

static void get_strings(struct wire *r, struct arena *a, struct strings *s)
{
	int64_t n = wire_get_number(r, 0, LIST_MAX);

	for (int64_t i = 0; i < n && !r->wrong; i++) {
		const char *text = wire_get_text(r, a);

		if (text)
			strings_add(s, a, text);
		else
			r->wrong = true;
	}
}

static void get_buf(struct wire *r, struct buf *b)
{
	size_t n;
	const char *bytes = get_bytes(r, &n);

	if (bytes)
		buf_add(b, bytes, n);
}

bool wire_is_whole(const struct wire *r)
{
	return !r->wrong && r->at == r->end;
}

static int64_t within(int64_t n, int64_t min, int64_t max)
{
	return n < min ? min : n > max ? max : n;
}

void wire_put_command(struct buf *b, const struct command *c)
{
	put_strings(b, &c->argv);
	put_strings(b, &c->env);
	wire_put_text(b, c->cwd);
	wire_put_text(b, c->user);
	wire_put_text(b, c->group);
	wire_put_number(b, within(c->umask, -1, 0777));
	wire_put_number(b, within(c->timeout, 0, TIMEOUT_MAX));
	if (c->input)
		put_bytes(b, c->input, c->input_size);
	else
		wire_put_text(b, NULL);
}

bool wire_get_command(struct wire *r, struct arena *a, struct command *c)
{
	*c = (struct command){ 0 };
	get_strings(r, a, &c->argv);
	get_strings(r, a, &c->env);
	c->cwd = wire_get_text(r, a);
	c->user = wire_get_text(r, a);
	c->group = wire_get_text(r, a);
	c->umask = (int32_t)wire_get_number(r, -1, 0777);
	c->timeout = wire_get_number(r, 0, TIMEOUT_MAX);
	c->input = get_bytes(r, &c->input_size);
	return wire_is_whole(r);
}

void wire_put_outcome(struct buf *b, const struct outcome *o)
{
	wire_put_number(b, o->ending);
	wire_put_number(b, o->code);
	wire_put_text(b, o->because);
	put_bytes(b, o->output.text, o->output.size);
	put_bytes(b, o->errors.text, o->errors.size);
}

bool wire_get_outcome(struct wire *r, struct arena *a, struct outcome *o)
{
	*o = (struct outcome){ 0 };
	o->ending =
		(enum ending)wire_get_number(r, ENDED_EXIT, ENDED_INTERRUPTED);
	o->code = (int)wire_get_number(r, INT32_MIN, INT32_MAX);
	o->because = wire_get_text(r, a);
	get_buf(r, &o->output);
	get_buf(r, &o->errors);
	return wire_is_whole(r);
}

/* Units, or why there are none to be had. */
void wire_put_units(struct buf *b, const struct loaded_units *units,
		    const char *wrong)
{
	wire_put_text(b, wrong);
	wire_put_number(b, (int64_t)units->n);
	for (size_t i = 0; i < units->n; i++) {
		wire_put_text(b, units->v[i].id);
		wire_put_number(b, units->v[i].loaded);
		wire_put_number(b, units->v[i].active);
		wire_put_text(b, units->v[i].sub);
	}
}

bool wire_get_units(struct wire *r, struct arena *a, struct loaded_units *to,
		    const char **wrong)
{
	int64_t n;

	*to = (struct loaded_units){ 0 };
	*wrong = wire_get_text(r, a);
	n = wire_get_number(r, 0, LIST_MAX);
	for (int64_t i = 0; i < n && !r->wrong; i++) {
		struct loaded_unit unit = { .id = wire_get_text(r, a) };

		unit.loaded = wire_get_number(r, false, true);
		unit.active = (enum unit_active)wire_get_number(
			r, 0, UNIT_ACTIVE_STATES - 1);
		unit.sub = wire_get_text(r, a);
		r->wrong |= !unit.id || !unit.sub;
		to->v = arena_grow(a, to->v, to->n, &to->capacity,
				   sizeof(*to->v));
		to->v[to->n++] = unit;
	}
	return wire_is_whole(r);
}

void wire_put_sealed(struct buf *b, const struct content *c)
{
	put_bytes(b, c->bytes, (size_t)c->size);
	wire_put_number(b, (int64_t)c->ncuts);
	for (size_t i = 0; i < c->ncuts; i++) {
		wire_put_number(b, (int64_t)c->cuts[i].at);
		wire_put_number(b, c->cuts[i].spelling);
		wire_put_text(b, c->cuts[i].secret);
	}
}

/* What the planner says is a secret's path is one, and lies in the world. */
static bool get_cut(struct wire *r, struct arena *a, int64_t *least,
		    int64_t size, struct cut *cut)
{
	*least = wire_get_number(r, *least, size);
	cut->at = (size_t)*least;
	cut->spelling =
		(enum spelling)wire_get_number(r, SPELL_PLAIN, SPELL_HASH);
	cut->secret = wire_get_text(r, a);
	return !r->wrong && cut->secret && !secret_path_wrong(cut->secret);
}

bool wire_get_sealed(struct wire *r, struct arena *a, struct content *c)
{
	struct cut *cuts;
	int64_t least = 0;
	size_t n;

	*c = (struct content){ 0 };
	c->bytes = get_bytes(r, &n);
	c->size = n;
	c->ncuts = (size_t)wire_get_number(r, 0, LIST_MAX);
	if (r->wrong || !c->bytes)
		return false;
	c->cuts = cuts = arena_array(a, struct cut, c->ncuts);
	for (size_t i = 0; i < c->ncuts; i++)
		if (!get_cut(r, a, &least, (int64_t)c->size, &cuts[i]))
			return false;
	return true;
}
