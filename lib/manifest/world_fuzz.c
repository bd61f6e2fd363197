/* SPDX-License-Identifier: MIT */
/*
 * A world of a few files, each after a line "@NAME", to catalog to graph.
 * Whatever is wrong has a place in the file that it names; reading again gives
 * the same; and for a world that is right it is the same in which order a host
 * has its roles.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check.h"
#include "lib/graph.h"
#include "lib/manifest/world_test.h"
#include "lib/module.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char host_file[] = "hosts/h.json";

static bool take_name(struct world_file *f, const char *name, size_t size)
{
	size_t n = 0;

	while (n < size && name[n] != '\n')
		n++;
	if (!n || n == size || n >= sizeof(f->name) || memchr(name, '\0', n))
		return false;
	memcpy(f->name, name, n);
	f->name[n] = '\0';
	f->text = name + n + 1;
	return path_relative_wrong(f->name) == NULL;
}

/* The files; no text of JSON has a line that begins by '@'. */
static void split(struct world *w, const char *text, size_t size)
{
	const char *end = text + size;

	while (text < end && w->n < WORLD_FILES_MAX) {
		const char *next = text;
		struct world_file *f = &w->files[w->n];

		do {
			next = memchr(next + 1, '@', (size_t)(end - next - 1));
		} while (next && next[-1] != '\n');
		if (*text == '@' &&
		    take_name(f, text + 1,
			      (size_t)((next ? next : end) - text - 1))) {
			f->size = (size_t)((next ? next : end) - f->text);
			w->n++;
		}
		text = next ? next : end;
	}
}

static json_t *facts(void *context, const char *name, size_t size)
{
	(void)name;
	(void)size;
	return context;
}

/* --- what must hold --- */

static void check_place(const struct tree *tree, const struct place *at)
{
	const struct world_file *f =
		at->line ? world_find(tree, at->file) : NULL;
	const char *line, *end;

	if (!at->line)
		return;
	if (!f || !at->column)
		abort();
	line = f->text;
	end = f->text + f->size;
	for (size_t i = 1; i < at->line; i++) {
		line = memchr(line, '\n', (size_t)(end - line));
		if (!line)
			abort();
		line++;
	}
	if (at->column > (size_t)(end - line) + 1 ||
	    memchr(line, '\n', at->column - 1))
		abort();
}

static void check_diags(const struct tree *tree, const struct diags *d)
{
	for (size_t i = 0; i < d->n; i++) {
		if (!d->v[i].text || !d->v[i].place.file)
			abort();
		check_place(tree, &d->v[i].place);
	}
}

static void check_check(const struct tree *tree)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct strings names = { 0 };
	struct checked found;

	check_run(&(struct check){ .tree = tree,
				   .is_world = true,
				   .fact_names = &names,
				   .shares = 1 },
		  &a, &found);
	for (size_t i = 0; i < found.n; i++)
		check_place(tree, &found.v[i].place);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_line(struct strings *lines, struct arena *a, json_t *made)
{
	AUTO_FREE char *text = json_dumps(made, JSON_SORT_KEYS);

	strings_add(lines, a, arena_strdup(a, text));
	json_decref(made);
}

/* The resources and the orders that are said, whatever order they are in. */
static const char *content(struct manifest *m, const struct graph *g)
{
	static const char *const orders[] = { "require", "before", "notify",
					      "subscribe" };
	struct arena *a = &m->arena;
	struct strings lines = { 0 };
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < m->n; i++) {
		json_t *own = json_copy(m->v[i].attributes);
		bool templated = json_object_get(own, "template") != NULL;

		for (size_t j = 0; j < COUNT(orders); j++)
			json_object_del(own, orders[j]);
		json_object_del(own, "//");
		json_object_del(own, "when");
		json_object_del(own, "for_each");
		add_line(&lines, a,
			 json_pack("[s, o, i, O?]", m->v[i].id, own,
				   m->v[i].max_disruption,
				   templated ? m->v[i].each : NULL));
	}
	for (size_t i = 0; i < g->n; i++)
		if (g->edges[i].stated)
			add_line(&lines, a,
				 json_pack("[s, s, b]",
					   g->catalog->v[g->edges[i].from]->id,
					   g->catalog->v[g->edges[i].to]->id,
					   g->edges[i].notifies));
	if (lines.n)
		qsort(lines.v, lines.n, sizeof(*lines.v), compare);
	/* two roles may well say the same order */
	for (size_t i = 0; i < lines.n; i++)
		if (!i || strcmp(lines.v[i - 1], lines.v[i]) != 0)
			buf_printf(&b, "%s\n", lines.v[i]);
	return arena_strdup(a, buf_text(&b));
}

/* --- reading --- */

/* What came of it, as text to be freed; NULL: it is wrong. said is what was
 * said, of which may be NULL. */
static char *read_host(const struct tree *tree, struct buf *said)
{
	json_t *os = json_pack("{s:{s:s}}", "os", "id", "debian");
	struct manifest_options o = {
		.host = "h", .facts = facts, .context = os, .is_world = true
	};
	AUTO_DIAGS struct diags d = { 0 };
	struct manifest m;
	struct catalog c;
	struct graph g;
	char *text = NULL;
	bool ok = manifest_read(&m, tree, host_file, &o, &d);

	/* what could be read is looked at, as check does */
	if (m.main) {
		ok &= catalog_build(&c, &m, modules, &d);
		ok &= graph_build(&g, &c, &d);
		if (ok)
			text = strdup(content(&m, &g));
	}
	if (ok != !d.errors)
		abort();
	check_diags(tree, &d);
	for (size_t i = 0; i < d.n; i++)
		buf_printf(said, "%s:%zu:%zu: %s\n", d.v[i].place.file,
			   d.v[i].place.line, d.v[i].place.column, d.v[i].text);
	manifest_release(&m);
	json_decref(os);
	return text;
}

/* The host's file with its roles the other way round; NULL: there is nothing
 * to turn. */
static char *turned(const struct world_file *f)
{
	json_t *root = json_loadb(f->text, f->size, 0, NULL);
	json_t *roles = json_object_get(root, "roles"), *back;
	size_t n = json_array_size(roles);
	char *text = NULL;

	if (n > 1) {
		back = json_array();
		while (n--)
			json_array_append(back, json_array_get(roles, n));
		json_object_set_new(root, "roles", back);
		text = json_dumps(root, 0);
	}
	json_decref(root);
	return text;
}

static void check_turned(struct world *w, const char *want)
{
	AUTO_BUF struct buf said = { 0 };
	struct world_file *f = world_find(&w->tree, host_file);
	AUTO_FREE char *text = NULL, *have = NULL;

	text = f ? turned(f) : NULL;
	if (!text)
		return;
	f->text = text;
	f->size = strlen(text);
	have = read_host(&w->tree, &said);
	if (!have || strcmp(have, want) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = { .tree = { &world_ops, "fuzz" } };
	AUTO_BUF struct buf once = { 0 }, twice = { 0 };
	AUTO_FREE char *first = NULL, *second = NULL;

	split(&w, (const char *)data, size);
	first = read_host(&w.tree, &once);
	second = read_host(&w.tree, &twice);
	if (!first != !second || (first && strcmp(first, second) != 0) ||
	    strcmp(buf_text(&once), buf_text(&twice)) != 0)
		abort();
	check_check(&w.tree);
	if (first)
		check_turned(&w, first);
	return 0;
}
