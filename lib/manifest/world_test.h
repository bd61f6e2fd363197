/* SPDX-License-Identifier: MIT */
/* A world in memory, for tests: a few files, each name with its text. */
#ifndef CONVERGE_MANIFEST_WORLD_TEST_H
#define CONVERGE_MANIFEST_WORLD_TEST_H

#include <string.h>

#include "lib/base/path.h"
#include "lib/base/strings.h"
#include "lib/host/tree.h"

enum { WORLD_FILES_MAX = 16, WORLD_NAME_SIZE = 64 };

struct world_file {
	char name[WORLD_NAME_SIZE];
	const char *text;
	size_t size;
};

struct world {
	struct tree tree; /* first */
	struct world_file files[WORLD_FILES_MAX];
	size_t n;
};

static inline struct world_file *world_find(const struct tree *tree,
					    const char *path)
{
	struct world *w = (void *)(uintptr_t)tree;

	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->files[i].name, path) == 0)
			return &w->files[i];
	return NULL;
}

/* The names right below a folder, "" being the world itself, sorted. */
static inline void world_names(const struct tree *tree, const char *path,
			       struct arena *a, struct strings *names)
{
	const struct world *w = (const void *)tree;
	size_t size = strlen(path);

	for (size_t i = 0; i < w->n; i++) {
		const char *at = w->files[i].name, *name;

		if (strncmp(at, path, size) != 0 || (size && at[size] != '/'))
			continue;
		at += size + !!size;
		name = arena_strndup(a, at, strcspn(at, "/"));
		if (!strings_have(names, name))
			strings_add(names, a, name);
	}
	strings_sort(names);
}

static inline bool world_entry(const struct tree *tree, const char *path,
			       struct arena *a, struct tree_entry *e,
			       struct diags *d)
{
	const struct world_file *f = world_find(tree, path);
	struct strings below = { 0 };

	(void)d;
	*e = (struct tree_entry){ .name = arena_strdup(a, path_name(path)) };
	world_names(tree, path, a, &below);
	if (f) {
		e->type = TREE_FILE;
		e->size = f->size;
	} else if (below.n) {
		e->type = TREE_DIRECTORY;
	}
	return true;
}

static inline bool world_list(const struct tree *tree, const char *path,
			      struct arena *a, struct tree_entry **v, size_t *n,
			      struct diags *d)
{
	struct strings names = { 0 };

	world_names(tree, path, a, &names);
	*n = names.n;
	*v = arena_array(a, struct tree_entry, names.n);
	for (size_t i = 0; i < names.n; i++)
		world_entry(tree,
			    arena_printf(a, "%s%s%s", path, *path ? "/" : "",
					 names.v[i]),
			    a, &(*v)[i], d);
	return names.n || diag_error(d, "no folder '%s'", path);
}

static inline bool world_open(const struct tree *tree, const char *path,
			      struct reader *r, struct diags *d)
{
	const struct world_file *f = world_find(tree, path);

	if (!f)
		return diag_error(d, "no file '%s'", path);
	*r = (struct reader){ .fd = -1, .bytes = f->text, .left = f->size };
	return true;
}

static inline void world_close(struct tree *tree)
{
	(void)tree;
}

static const struct tree_ops world_ops = { .entry = world_entry,
					   .list = world_list,
					   .open = world_open,
					   .close = world_close };

#endif
