/* SPDX-License-Identifier: MIT */
#include "lib/manifest/trail.h"

#include <string.h>

#include "lib/base/path.h"
#include "lib/manifest/entries.h"
#include "lib/text/secret.h"
#include "lib/text/template.h"
#include "lib/text/value.h"

enum { TEMPLATE_BYTES = 4 * 1024 * 1024 };

/* --- pointers --- */

/* The file of a pointer, and the JSON Pointer in it. */
static const char *path_of(struct manifest *m, const char **pointer)
{
	size_t n = strcspn(*pointer, "#");
	const char *path;

	if (!**pointer || **pointer == '/')
		return m->name;
	path = arena_strndup(&m->arena, *pointer, n);
	*pointer += n + 1;
	return path;
}

static json_t *value_of(struct manifest *m, const char *pointer)
{
	const char *path = path_of(m, &pointer);
	const struct document *doc =
		m->documents ? map_get(&m->documents->by_name, path) : NULL;

	if (path == m->name)
		doc = m->main;
	return doc ? value_at(doc->root, pointer) : NULL;
}

/* --- lists --- */

static bool is_same(const struct trail_item *a, const struct trail_item *b)
{
	if (strcmp(a->path, b->path) != 0)
		return false;
	return a->at && b->at ? strcmp(a->at, b->at) == 0 : a->at == b->at;
}

static bool add(struct trails *t, struct trail *trail, struct trail_item item)
{
	struct arena *a = &t->manifest->arena;

	if (!item.path) {
		item.pointer = item.at;
		item.path = path_of(t->manifest, &item.pointer);
	}
	for (size_t i = 0; i < trail->n; i++)
		if (is_same(&trail->v[i], &item))
			return false;
	trail->v = arena_grow(a, trail->v, trail->n, &trail->capacity,
			      sizeof(*trail->v));
	trail->v[trail->n++] = item;
	return true;
}

static bool is_rule(const struct part *part)
{
	return strstr(part->pointer, "#/rules/") != NULL;
}

static json_t *when_of(const struct part *part)
{
	return is_rule(part) ? json_object_get(part->object, "when") : NULL;
}

static struct trail_item item_of(const struct part *part, enum trail_kind kind,
				 const char *name, const char *at)
{
	return (struct trail_item){ .kind = kind,
				    .name = name,
				    .at = at,
				    .role = part->role,
				    .when = when_of(part) };
}

/* The part that a pointer leads into: that of the longest pointer. */
static const struct part *part_of(const struct manifest *m, const char *at)
{
	const struct part *found = parts_host(m);
	size_t longest = 0;

	for (size_t i = 0; i < m->nparts; i++) {
		const char *base = m->parts[i]->pointer;
		size_t n = strlen(base);

		if (n > longest && strncmp(base, at, n) == 0 && at[n] == '/') {
			longest = n;
			found = m->parts[i];
		}
	}
	return found;
}

/* --- how roles come to the host --- */

/* Where a part includes a role. */
struct include {
	const struct part *part;
	const char *role;
	size_t index; /* in its list */
	struct include *next;
};

static const char *list_name(const struct manifest *m, const struct part *part)
{
	return part == parts_host(m) ? "roles" : "include";
}

/* Notes the roles that a part includes, and that nobody nearer to the host
 * does. */
static void note_includes(struct trails *t, const struct part *part,
			  struct include ***end)
{
	struct manifest *m = t->manifest;
	const json_t *item,
		*list = json_object_get(part->object, list_name(m, part));
	size_t i;

	json_array_foreach (list, i, item) {
		const char *role = json_string_value(item);
		struct include *include;

		if (!role || map_get(&t->includes, role))
			continue;
		include = arena_new(&m->arena, struct include);
		*include = (struct include){ part, role, i, NULL };
		map_put(&t->includes, &m->arena, role, include);
		**end = include;
		*end = &include->next;
	}
}

/* From the host on, by the shortest ways. */
static void find_includes(struct trails *t)
{
	struct manifest *m = t->manifest;
	struct include *queue = NULL, **end = &queue;

	note_includes(t, parts_host(m), &end);
	for (; queue; queue = queue->next)
		for (size_t i = 0; i < m->nparts; i++)
			if (m->parts[i]->role &&
			    strcmp(m->parts[i]->role, queue->role) == 0)
				note_includes(t, m->parts[i], &end);
}

static void add_includes(struct trails *t, const char *role,
			 struct trail *trail)
{
	struct manifest *m = t->manifest;
	const struct include *way[INCLUDES_DEEP + 2];
	size_t n = 0;

	while (role && n < COUNT(way)) {
		const struct include *i = map_get(&t->includes, role);

		if (!i)
			break;
		way[n++] = i;
		role = i->part->role;
	}
	while (n--) {
		const struct part *part = way[n]->part;
		const char *list = pointer_join(&m->arena, part->pointer,
						list_name(m, part));
		struct trail_item item =
			item_of(part, TRAIL_INCLUDE, way[n]->role,
				pointer_index(&m->arena, list, way[n]->index));

		if (!add(t, trail, item))
			continue;
		/* where in the list it stands counts for nothing */
		path_of(m, &list);
		trail->v[trail->n - 1].pointer = list;
		trail->v[trail->n - 1].member = way[n]->role;
	}
}

/* --- vars --- */

/* The part that has the last word on a var. */
static const struct part *setter(const struct manifest *m, const char *name)
{
	const struct part *best = NULL;

	for (size_t i = 0; i < m->nparts; i++) {
		const struct part *part = m->parts[i];

		if (json_object_get(json_object_get(part->object, "vars"),
				    name) &&
		    (!best || part_is_below(best, part)))
			best = part;
	}
	return best;
}

static void add_vars_within(struct trails *t, json_t *value,
			    struct trail *trail);

static void add_var(struct trails *t, const char *name, size_t n,
		    struct trail *trail)
{
	struct manifest *m = t->manifest;
	const char *copy = arena_strndup(&m->arena, name, n), *at;
	const struct part *part = setter(m, copy);

	if (!part)
		return;
	at = pointer_join(&m->arena,
			  pointer_join(&m->arena, part->pointer, "vars"), copy);
	add(t, trail, item_of(part, TRAIL_VAR, copy, at));
}

/* "vars.NAME..." */
static void add_name(struct trails *t, const char *name, size_t n,
		     struct trail *trail)
{
	static const char vars[] = "vars.";
	size_t begin = sizeof(vars) - 1, size = 0;

	if (n <= begin || memcmp(name, vars, begin) != 0)
		return;
	while (begin + size < n && name[begin + size] != '.')
		size++;
	add_var(t, name + begin, size, trail);
}

/* Recursion is as deep as the text: at most SOURCE_MAX_DEPTH. */
static void add_vars_within(struct trails *t, json_t *value,
			    struct trail *trail)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_object(value)) {
		json_object_foreach (value, key, item) {
			/* of a `when` */
			add_name(t, key, strlen(key), trail);
			add_vars_within(t, item, trail);
		}
	} else if (json_is_array(value)) {
		json_array_foreach (value, i, item)
			add_vars_within(t, item, trail);
	} else if (json_is_string(value)) {
		for (const char *at = json_string_value(value);
		     (at = strstr(at, "${"));) {
			at += 2;
			add_name(t, at, strcspn(at, "}"), trail);
		}
	}
}

/* --- files --- */

/* What a template names: vars, and partials. */
struct template
{
	struct strings names, partials;
};

static bool is_world_path(struct trails *t, const char *path)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct tree_entry e;

	return *path && !path_relative_wrong(path) &&
	       tree_entry(t->manifest->tree, path, &t->manifest->arena, &e,
			  &ignored) &&
	       e.type != TREE_ABSENT && e.type != TREE_LINK;
}

static void read_template(struct trails *t, const char *path,
			  struct template *out)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO_BUF struct buf text = { 0 };

	if (tree_read(t->manifest->tree, path, TEMPLATE_BYTES, &text, &ignored))
		template_names(buf_text(&text), text.size, &t->manifest->arena,
			       &out->names, &out->partials);
}

static const struct template *template_of(struct trails *t, const char *path)
{
	struct arena *a = &t->manifest->arena;
	struct template *known = map_get(&t->templates, path);

	if (known)
		return known;
	known = arena_new(a, struct template);
	read_template(t, path, known);
	map_put(&t->templates, a, path, known);
	return known;
}

bool trail_add_file(struct trails *t, const char *path, struct trail *trail)
{
	return path && is_world_path(t, path) &&
	       add(t, trail,
		   (struct trail_item){
			   .kind = TRAIL_FILE, .name = path, .path = path });
}

/* With its partials, and theirs, which come after it in the list. */
static void add_template(struct trails *t, const char *path,
			 struct trail *trail)
{
	struct arena *a = &t->manifest->arena;
	size_t first = trail->n;

	if (!path || !trail_add_file(t, path, trail))
		return;
	for (size_t i = first; i < trail->n; i++) {
		const struct template *template;

		if (trail->v[i].kind != TRAIL_FILE)
			continue;
		template = template_of(t, trail->v[i].path);
		for (size_t j = 0; j < template->names.n; j++)
			add_name(t, template->names.v[j],
				 strlen(template->names.v[j]), trail);
		for (size_t j = 0; j < template->partials.n; j++)
			trail_add_file(t,
				       arena_printf(a, "templates/%s",
						    template->partials.v[j]),
				       trail);
	}
}

/* Those of {"secret": PATH}, however deep. Recursion as above. */
static void add_secrets(struct trails *t, json_t *value, struct trail *trail)
{
	const char *key;
	json_t *item;
	size_t i;

	if (secret_is(value) &&
	    json_is_string(json_object_get(value, "secret")))
		trail_add_file(
			t, json_string_value(json_object_get(value, "secret")),
			trail);
	if (json_is_object(value))
		json_object_foreach (value, key, item)
			add_secrets(t, item, trail);
	else
		json_array_foreach (value, i, item)
			add_secrets(t, item, trail);
}

/* What vars name: vars, which are added at the end of the list, and secrets,
 * which a template has nothing else of. */
static void add_of_vars(struct trails *t, struct trail *trail)
{
	for (size_t i = 0; i < trail->n; i++) {
		json_t *value;

		if (trail->v[i].kind != TRAIL_VAR)
			continue;
		value = value_of(t->manifest, trail->v[i].at);
		add_vars_within(t, value, trail);
		add_secrets(t, value, trail);
	}
}

static void add_files(struct trails *t, json_t *attributes, struct trail *trail)
{
	trail_add_file(t,
		       json_string_value(json_object_get(attributes, "source")),
		       trail);
	add_template(t,
		     json_string_value(json_object_get(attributes, "template")),
		     trail);
	add_secrets(t, attributes, trail);
}

/* --- attributes --- */

static bool is_patched(const struct patch *patch, const struct patch *end,
		       const char *key)
{
	for (; patch != end; patch = patch->next)
		if (strcmp(patch->key, key) == 0)
			return true;
	return false;
}

/* Defaults stand in "/defaults" of a file; what else patches is an override.
 */
static enum trail_kind patch_kind(struct manifest *m, const char *at)
{
	static const char defaults[] = "/defaults/";

	path_of(m, &at);
	return strncmp(at, defaults, sizeof(defaults) - 1) == 0
		       ? TRAIL_DEFAULT
		       : TRAIL_OVERRIDE;
}

static void add_patches(struct trails *t, const struct patch *patches,
			struct trail *trail)
{
	struct manifest *m = t->manifest;

	for (const struct patch *p = patches; p; p = p->next)
		if (!is_patched(patches, p, p->key))
			add(t, trail,
			    item_of(part_of(m, p->pointer),
				    patch_kind(m, p->pointer), p->key,
				    p->pointer));
}

/* The vars that the texts name of which the resource is made. */
static void add_vars(struct trails *t, const struct entry *entry,
		     const struct patch *patches, struct trail *trail)
{
	struct manifest *m = t->manifest;
	json_t *raw = value_of(m, entry->pointer), *value;
	size_t n = trail->n;
	const char *key;

	/* the key may name some too */
	value = json_string(entry->pointer);
	add_vars_within(t, value, trail);
	json_decref(value);
	json_object_foreach (raw, key, value) {
		if (is_patched(patches, NULL, key))
			continue;
		add_name(t, key, strlen(key), trail);
		add_vars_within(t, value, trail);
	}
	for (size_t i = 0; i < n; i++)
		if (trail->v[i].kind == TRAIL_DEFAULT ||
		    trail->v[i].kind == TRAIL_OVERRIDE)
			add_vars_within(t, value_of(m, trail->v[i].at), trail);
}

/* --- all of it --- */

void trails_begin(struct trails *t, struct manifest *m)
{
	*t = (struct trails){ .manifest = m };
	for (size_t i = 0; i < m->n; i++)
		map_put(&t->entries, &m->arena, m->v[i].id, &m->v[i]);
	find_includes(t);
}

bool trail_find(struct trails *t, const char *id, struct trail *trail)
{
	struct manifest *m = t->manifest;
	const struct entry *entry = map_get(&t->entries, id);
	const struct patch *patches = map_get(&m->patches, id);

	*trail = (struct trail){ 0 };
	if (!entry)
		return false;
	add(t, trail,
	    item_of(entry->part, TRAIL_RESOURCE, NULL, entry->pointer));
	add_includes(t, entry->part->role, trail);
	for (const struct also *also = entry->also; also; also = also->next)
		add_includes(t, also->part->role, trail);
	add_patches(t, patches, trail);
	add_vars(t, entry, patches, trail);
	add_files(t, entry->attributes, trail);
	add_of_vars(t, trail);
	return true;
}
