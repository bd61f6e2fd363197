/* SPDX-License-Identifier: MIT */
/*
 * JSON to catalog to graph. Whatever is accepted is in an order in which each
 * resource comes after what it needs, and the same when it comes out of a
 * block; whatever is not has a diagnostic whose place is in the text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/compiled.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A folder with the manifest, a template and a folder of one file. */
struct fuzz_tree {
	struct tree tree;
	const char *text;
	size_t size;
};

static const char template[] = "{{host}} {{#tags}}<{{.}}>{{/tags}} {{vars.x}}";

static bool find(const struct tree *t, const char *path, struct reader *r)
{
	const struct fuzz_tree *f = (const void *)t;

	*r = (struct reader){ .fd = -1 };
	if (strcmp(path, "m.json") == 0) {
		r->bytes = f->text;
		r->left = f->size;
	} else if (strcmp(path, "t") == 0 || strcmp(path, "d/f") == 0) {
		r->bytes = template;
		r->left = sizeof(template) - 1;
	}
	return r->bytes != NULL;
}

static bool entry(const struct tree *t, const char *path, struct arena *a,
		  struct tree_entry *e, struct diags *d)
{
	struct reader r;

	(void)a;
	(void)d;
	*e = (struct tree_entry){ .name = path };
	if (find(t, path, &r)) {
		e->type = TREE_FILE;
		e->size = r.left;
	} else if (strcmp(path, "d") == 0) {
		e->type = TREE_DIRECTORY;
	}
	return true;
}

static bool list(const struct tree *t, const char *path, struct arena *a,
		 struct tree_entry **v, size_t *n, struct diags *d)
{
	(void)t;
	if (strcmp(path, "d") != 0)
		return diag_error(d, "no folder");
	*v = arena_new(a, struct tree_entry);
	(*v)->name = "f";
	(*v)->type = TREE_FILE;
	(*v)->size = sizeof(template) - 1;
	*n = 1;
	return true;
}

static bool open_file(const struct tree *t, const char *path, struct reader *r,
		      struct diags *d)
{
	return find(t, path, r) || diag_error(d, "no file");
}

static void close_tree(struct tree *t)
{
	(void)t;
}

static json_t *facts(void *context, const char *name, size_t size)
{
	(void)name;
	(void)size;
	return context;
}

static void check_order(const struct graph *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->position[g->edges[i].from] >=
		    g->position[g->edges[i].to])
			abort();
}

static char *shown(const struct graph *g)
{
	json_t *json = graph_json(g);
	char *text = json_dumps(json, JSON_COMPACT);

	if (!text)
		abort();
	json_decref(json);
	return text;
}

static bool collect(void *block, const void *bytes, size_t n)
{
	buf_add(block, bytes, n);
	return true;
}

/* In memory of just its size. */
static char *pack_up(struct graph *g, struct catalog *c, size_t *size)
{
	const struct inputs in = { .build = "b", .file = "/f", .host = "h" };
	AUTO_BUF struct buf b = { 0 };
	struct pack p;
	char *block;

	catalog_settle(c);
	compiled_pack(&p, g, &in);
	if (p.wrong || !pack_write(&p, collect, &b))
		abort();
	pack_release(&p);
	*size = b.size;
	block = xrealloc(NULL, b.size);
	memcpy(block, b.text, b.size);
	return block;
}

static void check_block(struct graph *g, struct catalog *c,
			const struct tree *t)
{
	struct inputs in = { .build = "b" };
	struct manifest m2;
	struct catalog c2;
	struct graph g2;
	size_t size;
	char *before = shown(g), *block = pack_up(g, c, &size), *after;

	if (!compiled_unpack(block, size, t, &m2, &c2, &g2, &in))
		abort();
	after = shown(&g2);
	if (strcmp(before, after) != 0)
		abort();
	check_order(&g2);
	manifest_release(&m2);
	free(after);
	free(before);
	free(block);
}

static void check_diags(const struct diags *d, const struct fuzz_tree *f)
{
	if (!d->errors)
		abort();
	for (size_t i = 0; i < d->n; i++)
		if (!d->v[i].text || d->v[i].place.column > f->size + 1 ||
		    d->v[i].place.line > f->size + 1)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct tree_ops ops = { .entry = entry,
					     .list = list,
					     .open = open_file,
					     .close = close_tree };
	struct fuzz_tree f = { { &ops, "fuzz" }, (const char *)data, size };
	json_t *os = json_pack("{s:{s:s}}", "os", "id", "debian");
	struct manifest_options o = { .host = "h",
				      .facts = facts,
				      .context = os };
	struct manifest m;
	struct catalog c;
	struct graph g;
	struct diags d = { 0 };

	/* a fuzzer has no use for an empty input's NULL */
	if (!size)
		f.text = "";
	if (manifest_read(&m, &f.tree, "m.json", &o, &d) &&
	    catalog_build(&c, &m, modules, &d) && graph_build(&g, &c, &d)) {
		check_order(&g);
		check_block(&g, &c, &f.tree);
	} else {
		check_diags(&d, &f);
	}
	manifest_release(&m);
	diags_release(&d);
	json_decref(os);
	return 0;
}
