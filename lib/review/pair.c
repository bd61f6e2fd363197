/* SPDX-License-Identifier: MIT */
#include "lib/review/pair.h"

#include <string.h>

#include "lib/base/path.h"
#include "lib/host/content.h"
#include "lib/text/template.h"

enum { TEMPLATE_BYTES = 4 * 1024 * 1024 };

/* --- what maps hold --- */

static const char yes[] = "yes", no[] = "no";

static bool remember(struct pair *p, struct map *map, const char *key,
		     bool same)
{
	map_put(map, &p->arena, arena_strdup(&p->arena, key),
		(void *)(uintptr_t)(same ? yes : no));
	return same;
}

/* --- files and folders --- */

static bool same_content(struct pair *p, const char *path)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct content a = { .tree = p->old.tree, .path = path };
	struct content b = { .tree = p->new.tree, .path = path };

	return content_digest(&a, &ignored) && content_digest(&b, &ignored) &&
	       memcmp(a.digest, b.digest, DIGEST_SIZE) == 0;
}

/* In two trees of one kind a stamp says it; 0: it does not. */
static int stamps_say(struct pair *p, const char *path)
{
	struct tree_stamp a, b;

	if (p->old.tree->ops != p->new.tree->ops ||
	    !tree_stamp(p->old.tree, path, &a) ||
	    !tree_stamp(p->new.tree, path, &b))
		return 0;
	return memcmp(&a, &b, sizeof(a)) == 0 ? 1 : -1;
}

static bool same_entry(struct pair *p, const char *path,
		       const struct tree_entry *a, const struct tree_entry *b)
{
	if (a->type != b->type || a->executable != b->executable)
		return false;
	if (a->type == TREE_LINK)
		return strcmp(a->target, b->target) == 0;
	if (a->type != TREE_FILE)
		return true;
	switch (stamps_say(p, path)) {
	case 1:
		return true;
	case -1:
		return false;
	default:
		return a->size == b->size && same_content(p, path);
	}
}

/* What is in a folder goes to the end of the list, to be compared in turn. */
static bool same_list(struct pair *p, const char *path, struct strings *todo)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct tree_entry *a, *b;
	size_t n, m;

	if (!tree_list(p->old.tree, path, &p->arena, &a, &n, &ignored) ||
	    !tree_list(p->new.tree, path, &p->arena, &b, &m, &ignored) ||
	    n != m)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *below =
			arena_printf(&p->arena, "%s/%s", path, a[i].name);

		if (strcmp(a[i].name, b[i].name) != 0 ||
		    !same_entry(p, below, &a[i], &b[i]))
			return false;
		if (a[i].type == TREE_DIRECTORY)
			strings_add(todo, &p->arena, below);
	}
	return true;
}

static bool same_folder(struct pair *p, const char *path)
{
	struct strings todo = { 0 };

	strings_add(&todo, &p->arena, arena_strdup(&p->arena, path));
	for (size_t i = 0; i < todo.n; i++)
		if (!same_list(p, todo.v[i], &todo))
			return false;
	return true;
}

static bool compare_path(struct pair *p, const char *path)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	int said = stamps_say(p, path);
	struct tree_entry a, b;

	/* whether it is a program counts for those of a folder alone */
	if (said)
		return said > 0;
	if (!tree_entry(p->old.tree, path, &p->arena, &a, &ignored) ||
	    !tree_entry(p->new.tree, path, &p->arena, &b, &ignored) ||
	    !same_entry(p, path, &a, &b))
		return false;
	return a.type != TREE_DIRECTORY || same_folder(p, path);
}

bool pair_same(struct pair *p, const char *path)
{
	const char *known = map_get(&p->files, path);

	if (known)
		return known == yes;
	return remember(p, &p->files, path,
			!path_relative_wrong(path) && compare_path(p, path));
}

static bool compare_all(struct pair *p)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct map seen = { 0 };
	const struct tree *trees[] = { p->old.tree, p->new.tree };

	/* of a work tree */
	map_put(&seen, &p->arena, ".git", p);
	for (size_t i = 0; i < COUNT(trees); i++) {
		struct tree_entry *v;
		size_t n;

		if (!tree_list(trees[i], "", &p->arena, &v, &n, &ignored))
			return false;
		for (size_t j = 0; j < n; j++)
			if (!map_put(&seen, &p->arena, v[j].name, p) &&
			    !pair_same(p, v[j].name))
				return false;
	}
	return true;
}

/* Whether the two are the same, with all that is in them. */
static bool same_all(struct pair *p)
{
	const char *known = map_get(&p->files, "");

	return known ? known == yes
		     : remember(p, &p->files, "", compare_all(p));
}

/* --- templates --- */

static void add_partials(struct pair *p, const char *path, struct strings *todo)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct strings names = { 0 }, partials = { 0 };
	AUTO_BUF struct buf text = { 0 };

	if (!tree_read(p->new.tree, path, TEMPLATE_BYTES, &text, &ignored))
		return;
	template_names(buf_text(&text), text.size, &p->arena, &names,
		       &partials);
	for (size_t i = 0; i < partials.n; i++) {
		const char *partial =
			arena_printf(&p->arena, "templates/%s", partials.v[i]);

		if (!strings_have(todo, partial))
			strings_add(todo, &p->arena, partial);
	}
}

static bool same_template(struct pair *p, const char *path)
{
	const char *known = map_get(&p->templates, path);
	struct strings todo = { 0 };

	if (known)
		return known == yes;
	strings_add(&todo, &p->arena, path);
	for (size_t i = 0; i < todo.n; i++) {
		if (!pair_same(p, todo.v[i]))
			return remember(p, &p->templates, path, false);
		add_partials(p, todo.v[i], &todo);
	}
	return remember(p, &p->templates, path, true);
}

/* --- what a document names --- */

static bool is_path_key(const char *key)
{
	return strcmp(key, "source") == 0 || strcmp(key, "template") == 0 ||
	       strcmp(key, "secret") == 0;
}

/* A path of which the end is not known. It may be that of anything in the
 * folder that it begins with, also of a document; a template names others. */
static bool same_below(struct pair *p, const char *key, const char *text)
{
	size_t n = (size_t)(strstr(text, "${") - text);

	while (n && text[n - 1] != '/')
		n--;
	if (n < 2)
		return same_all(p);
	return pair_same(p, arena_strndup(&p->arena, text, n - 1)) &&
	       (strcmp(key, "template") != 0 || pair_same(p, "templates"));
}

static bool same_named(struct pair *p, const char *key, const char *text)
{
	/* a type of the world's own may take paths by any name */
	if (!p->types && !is_path_key(key))
		return true;
	if (strstr(text, "${"))
		return same_below(p, key, text);
	return strcmp(key, "template") == 0 ? same_template(p, text)
					    : pair_same(p, text);
}

/* Whether all files that a value of a document may name are the same. key is
 * the one that it stands under. Recursion is as deep as the text: at most
 * SOURCE_MAX_DEPTH. */
static bool same_files(struct pair *p, const char *key, json_t *value)
{
	const char *name;
	json_t *item;
	size_t i;

	if (json_is_string(value))
		return same_named(p, key, json_string_value(value));
	if (json_is_object(value)) {
		json_object_foreach (value, name, item)
			if (strcmp(name, "//") != 0 &&
			    !same_files(p, name, item))
				return false;
	} else {
		json_array_foreach (value, i, item)
			if (!same_files(p, key, item))
				return false;
	}
	return true;
}

/* --- roles, and what they include --- */

static void add_names(struct pair *p, const json_t *list, struct strings *todo)
{
	const json_t *item;
	size_t i;

	json_array_foreach (list, i, item)
		if (json_is_string(item) &&
		    !strings_have(todo, json_string_value(item)))
			strings_add(todo, &p->arena, json_string_value(item));
}

/* The document, if it is the same in both, as all the files that it names. */
static json_t *same_document(struct pair *p, const char *path)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct document *doc;

	if (!pair_same(p, path))
		return NULL;
	doc = documents_read(&p->documents, path, NULL, &ignored);
	return doc && same_files(p, "", doc->root) ? doc->root : NULL;
}

static bool same_role(struct pair *p, const char *name)
{
	const char *known = map_get(&p->roles, name);
	struct strings todo = { 0 };

	if (known)
		return known == yes;
	strings_add(&todo, &p->arena, arena_strdup(&p->arena, name));
	for (size_t i = 0; i < todo.n; i++) {
		const json_t *role, *rule;
		size_t j;

		known = map_get(&p->roles, todo.v[i]);
		if (known == yes)
			continue;
		role = known == no
			       ? NULL
			       : same_document(p, arena_printf(&p->arena,
							       "roles/%s.json",
							       todo.v[i]));
		if (!role)
			return remember(p, &p->roles, name, false);
		add_names(p, json_object_get(role, "include"), &todo);
		json_array_foreach (json_object_get(role, "rules"), j, rule)
			add_names(p, json_object_get(rule, "include"), &todo);
	}
	return remember(p, &p->roles, name, true);
}

static bool same_roles(struct pair *p, const json_t *host)
{
	const json_t *item;
	size_t i;

	json_array_foreach (json_object_get(host, "roles"), i, item)
		if (!json_is_string(item) ||
		    !same_role(p, json_string_value(item)))
			return false;
	return true;
}

bool pair_same_host(struct pair *p, const char *name)
{
	const char *path = arena_printf(&p->arena, "hosts/%s.json", name);
	const json_t *host;
	bool same;

	if (!p->settings)
		return false;
	host = same_document(p, path);
	same = host && same_roles(p, host);
	documents_drop(&p->documents, path);
	return same;
}

/* --- the whole --- */

void pair_begin(struct pair *p, const struct tree *old, const struct tree *new,
		const struct strings *fact_names)
{
	static const char types[] = "modules.d";

	*p = (struct pair){ 0 };
	side_begin(&p->old, old, fact_names);
	side_begin(&p->new, new, fact_names);
	documents_begin(&p->documents, new);
	p->types = documents_have(&p->old.documents, types) ||
		   documents_have(&p->new.documents, types);
	p->settings = same_document(p, "converge.json") &&
		      (!p->types || pair_same(p, types));
}

void pair_release(struct pair *p)
{
	side_release(&p->old);
	side_release(&p->new);
	documents_release(&p->documents);
	arena_release(&p->arena);
}
