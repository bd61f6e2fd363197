/* SPDX-License-Identifier: MIT */
/*
 * Types of a world: the input is a type's file, or, if it begins with '!', what
 * the program of one answers. What is accepted can be used.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/doc/doc.h"
#include "lib/external/external.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char gate[] =
	"{\"format\": \"converge.type/1\", \"summary\": \"A gate.\","
	"\"attributes\": {"
	"\"name\": {\"type\": \"text\", \"name\": true, \"doc\": \"N.\"},"
	"\"ensure\": {\"type\": \"choice\", \"choices\": [\"present\","
	" \"absent\"], \"doc\": \"E.\"},"
	"\"at\": {\"type\": \"path\", \"managed\": true, \"doc\": \"A.\"},"
	"\"width\": {\"type\": \"integer\", \"min\": 1, \"max\": 9,"
	" \"default\": 2, \"doc\": \"W.\"},"
	"\"sides\": {\"type\": \"texts\", \"doc\": \"S.\"},"
	"\"open\": {\"type\": \"bool\", \"doc\": \"O.\"},"
	"\"roads\": {\"type\": \"paths\", \"doc\": \"R.\"},"
	"\"mode\": {\"type\": \"mode\", \"doc\": \"M.\"},"
	"\"owner\": {\"type\": \"owner\", \"doc\": \"O.\"},"
	"\"wait\": {\"type\": \"duration\", \"doc\": \"W.\"}}}";

static void check(bool good)
{
	if (!good)
		abort();
}

/* --- a world with that file, and a host with that program --- */

static const char *bytes;
static size_t length;

static bool open_file(const struct tree *t, const char *path, struct reader *r,
		      struct diags *d)
{
	(void)t;
	(void)path;
	(void)d;
	*r = (struct reader){ .fd = -1, .bytes = bytes, .left = length };
	return true;
}

static bool look(const struct host *h, const char *path, struct node *n,
		 struct diags *d)
{
	(void)h;
	(void)d;
	*n = (struct node){ .type = strstr(path, "/gate") ? NODE_FILE
							  : NODE_DIRECTORY,
			    .mode = 0755 };
	return true;
}

static bool ask(const struct host *h, const struct command *c, struct arena *a,
		struct outcome *o, struct diags *d)
{
	(void)h;
	(void)c;
	(void)a;
	(void)d;
	*o = (struct outcome){ .ending = ENDED_EXIT };
	buf_add(&o->output, bytes, length);
	return true;
}

static const struct tree_ops tree_ops = { .open = open_file };
static const struct tree world = { &tree_ops, "world" };
static const struct host_looks looks = { .look = look, .ask = ask };
static const struct host host = { .looks = &looks };

static const struct module *read_type(const char *text, size_t size,
				      struct arena *a, struct diags *d)
{
	const struct module *m;

	bytes = text;
	length = size;
	m = external_read_one(&world, "modules.d/gate.json", a, d);
	check((m != NULL) == !d->errors);
	return m;
}

static void try_type(const char *text, size_t size)
{
	struct arena a = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_BUF struct buf b = { 0 };
	const struct module *m = read_type(text, size, &a, &d);
	const struct module *const list[] = { m, NULL };

	if (m) {
		doc_describe(m, &b);
		json_decref(doc_input_schema("converge.manifest/1", list));
		check(m->nattrs > 1 && m->nattrs <= 64);
	}
	arena_release(&a);
}

/* What nobody has written: defaults alone. */
static void *defaults(const struct module *m, struct arena *a, struct diags *d)
{
	struct reading r = { .arena = a, .diags = d };
	struct record *record = arena_alloc(a, m->size);

	for (size_t i = 0; i < m->nattrs; i++) {
		json_t *value = m->attrs[i].fallback
					? json_loads(m->attrs[i].fallback,
						     JSON_DECODE_ANY, NULL)
					: NULL;
		void *field = (char *)record + m->attrs[i].offset;

		if (!value)
			continue;
		check(m->attrs[i].kind->read(&r, &m->attrs[i], value, field));
		external_keep(&m->attrs[i], field, a);
		record->set |= BIT(i);
		json_decref(value);
	}
	return record;
}

static void try_answer(const char *text, size_t size)
{
	struct arena a = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	const struct module *m = read_type(gate, sizeof(gate) - 1, &a, &d);
	void *want = defaults(m, &a, &d), *have = arena_alloc(&a, m->size);
	bool ok;

	bytes = text;
	length = size;
	ok = m->observe(&host, want, have, &a, &d);
	check(ok == !d.errors);
	if (ok) {
		record_differ(m->attrs, m->nattrs, want, have);
		check(record_same(m->attrs, m->nattrs, have, have));
	}
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	if (size && *text == '!')
		try_answer(text + 1, size - 1);
	else
		try_type(size ? text : "", size);
	return 0;
}
