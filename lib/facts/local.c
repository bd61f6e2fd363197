/* SPDX-License-Identifier: MIT */
/*
 * Facts of the host's own making: FACTS_FOLDER/NAME.json, or what an
 * executable FACTS_FOLDER/NAME prints. Either steers what is done as root, so
 * nobody but root may be able to write it; and the executable may only look.
 */
#include <string.h>

#include "lib/facts/rows.h"
#include "lib/host/program.h"
#include "lib/text/source.h"

enum { TIMEOUT = 10000 /* milliseconds */ };

static bool is_name(const char *name, size_t n)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789_-";

	return n && n <= 64 && name[0] != '-' && strspn(name, plain) >= n;
}

void facts_local_names(struct facts *f, struct strings *names)
{
	static const char end[] = ".json";
	struct strings all = { 0 };

	facts_names(f->tree, FACTS_FOLDER, &f->arena, &all);
	for (size_t i = 0; i < all.n; i++) {
		const char *name = all.v[i];
		size_t n = strlen(name), m = strlen(end);
		bool is_json = n > m && strcmp(name + n - m, end) == 0;
		const char *plain;

		if (is_json)
			n -= m;
		if (!is_name(name, n))
			continue;
		plain = arena_strndup(&f->arena, name, n);
		if (!strings_have(names, plain))
			strings_add(names, &f->arena, plain);
	}
}

static json_t *parse(struct facts *f, const char *path, const struct buf *b)
{
	struct source source = { .name = path,
				 .text = buf_text(b),
				 .size = b->size };
	json_t *value = source_parse(&source, f->diags);

	source_release(&source);
	return value;
}

static json_t *read_value(struct facts *f, const char *path)
{
	AUTO_BUF struct buf b = { 0 };
	bool whole;

	if (!host_read(f->tree, path, PROGRAM_ANSWER_MAX, &b, &whole, f->diags))
		return NULL;
	if (whole)
		return parse(f, path, &b);
	diag_error(f->diags, "'%s' is longer than %d bytes", path,
		   PROGRAM_ANSWER_MAX);
	return NULL;
}

static json_t *run_value(struct facts *f, const char *path)
{
	struct command c = { .umask = -1, .timeout = TIMEOUT, .grace = 1000 };
	struct outcome o = { 0 };
	json_t *value = NULL;

	strings_add(&c.argv, &f->arena, path);
	if (host_ask(f->tree, &c, &f->arena, &o, f->diags))
		value = program_answer(path, &o, &f->arena, f->diags);
	outcome_release(&o);
	return value;
}

static json_t *program(struct facts *f, const char *name, const char *path)
{
	if (!program_is_safe(f->tree, path, f->user, f->diags))
		return NULL;
	if (!f->confined)
		return run_value(f, path);
	strings_add(&f->pending, &f->arena,
		    arena_printf(&f->arena, "local.%s", name));
	return NULL;
}

/* A README, or a folder, is no fact. */
static bool is_program(const struct node *n)
{
	return n->type == NODE_LINK || (n->type == NODE_FILE && n->mode & 0111);
}

static json_t *find(struct facts *f, const char *name)
{
	const char *path = arena_printf(&f->arena, "%s/%s", FACTS_FOLDER, name);
	const char *data = arena_printf(&f->arena, "%s.json", path);
	struct node of_data, of_program;

	if (!host_look(f->tree, data, &of_data, f->diags) ||
	    !host_look(f->tree, path, &of_program, f->diags))
		return NULL;
	if (of_data.type != NODE_ABSENT)
		return program_is_safe(f->tree, data, f->user, f->diags)
			       ? read_value(f, data)
			       : NULL;
	return is_program(&of_program) ? program(f, name, path) : NULL;
}

json_t *facts_local(struct facts *f, const char *name)
{
	size_t errors = f->diags->errors, n = strlen(name);
	json_t *value = is_name(name, n) ? find(f, name) : NULL;

	f->wrong |= f->diags->errors > errors;
	return value;
}
