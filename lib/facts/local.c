/* SPDX-License-Identifier: MIT */
/*
 * Facts of the host's own making: FACTS_FOLDER/NAME.json, or what an
 * executable FACTS_FOLDER/NAME prints. Either steers what is done as root, so
 * nobody but root may be able to write it; and the executable may only look.
 */
#include <string.h>

#include "lib/facts/rows.h"
#include "lib/text/source.h"

enum {
	VALUE_MAX = 64 * 1024, /* bytes of JSON */
	TIMEOUT = 10000,       /* milliseconds */
	WRITABLE = 022,        /* by group and others */
};

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

static bool owner_is_safe(const struct facts *f, const char *path,
			  const struct node *n)
{
	if (n->uid != 0 && n->uid != f->user)
		return diag_error(f->diags,
				  "'%s' is not root's, so facts are not taken "
				  "from it",
				  path);
	if (n->mode & WRITABLE)
		return diag_error(f->diags,
				  "'%s' may be written by others than its "
				  "owner, so facts are not taken from it",
				  path);
	return true;
}

/* From /etc down: who may rename what is on the way chooses the file. */
static bool folders_are_safe(struct facts *f)
{
	static const char *const folders[] = { "/etc", "/etc/converge",
					       FACTS_FOLDER };
	struct node n;

	for (size_t i = 0; i < COUNT(folders); i++) {
		if (!host_look(f->tree, folders[i], &n, f->diags))
			return false;
		if (n.type != NODE_DIRECTORY)
			return diag_error(f->diags,
					  "'%s' is a %s, not a "
					  "directory",
					  folders[i], node_type_name(n.type));
		if (!owner_is_safe(f, folders[i], &n))
			return false;
	}
	return true;
}

static bool is_usable(struct facts *f, const char *path, const struct node *n)
{
	if (n->type != NODE_FILE)
		return diag_error(f->diags, "'%s' is a %s, not a file", path,
				  node_type_name(n->type));
	return folders_are_safe(f) && owner_is_safe(f, path, n);
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

	if (!host_read(f->tree, path, VALUE_MAX, &b, &whole, f->diags))
		return NULL;
	if (whole)
		return parse(f, path, &b);
	diag_error(f->diags, "'%s' is longer than %d bytes", path, VALUE_MAX);
	return NULL;
}

/* How it ended, if not well; NULL: well. */
static const char *ended_ill(const struct outcome *o, struct arena *a)
{
	switch (o->ending) {
	case ENDED_EXIT:
		if (o->code)
			return arena_printf(a, "exited with %d", o->code);
		return o->output.size > VALUE_MAX
			       ? arena_printf(a, "printed more than %d bytes",
					      VALUE_MAX)
			       : NULL;
	case ENDED_TIMEOUT:
		return arena_printf(a, "took longer than %d s", TIMEOUT / 1000);
	case ENDED_SIGNAL:
		return arena_printf(a, "was killed by signal %d", o->code);
	case ENDED_INTERRUPTED:
		return "was interrupted";
	default:
		return o->because ? o->because : "could not be run";
	}
}

static json_t *run_value(struct facts *f, const char *path)
{
	struct command c = { .umask = -1, .timeout = TIMEOUT, .grace = 1000 };
	struct outcome o = { 0 };
	json_t *value = NULL;
	const char *ill;

	strings_add(&c.argv, &f->arena, path);
	if (host_ask(f->tree, &c, &f->arena, &o, f->diags)) {
		ill = ended_ill(&o, &f->arena);
		if (ill)
			diag_error(f->diags, "fact program '%s': %s", path,
				   ill);
		else
			value = parse(f, path, &o.output);
	}
	outcome_release(&o);
	return value;
}

static json_t *program(struct facts *f, const char *name, const char *path,
		       const struct node *n)
{
	if (!is_usable(f, path, n))
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
		return is_usable(f, data, &of_data) ? read_value(f, data)
						    : NULL;
	return is_program(&of_program) ? program(f, name, path, &of_program)
				       : NULL;
}

json_t *facts_local(struct facts *f, const char *name)
{
	size_t errors = f->diags->errors, n = strlen(name);
	json_t *value = is_name(name, n) ? find(f, name) : NULL;

	f->wrong |= f->diags->errors > errors;
	return value;
}
