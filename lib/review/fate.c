/* SPDX-License-Identifier: MIT */
#include "lib/review/fate.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/path.h"
#include "lib/review/rows.h"

void things_begin(struct things *t, const struct catalog *c, struct arena *a)
{
	*t = (struct things){ .catalog = c, .arena = a };
}

static const void *field(const struct attr *attr, const struct resource *res)
{
	return (const char *)res->want + attr->offset;
}

/* --- the same thing --- */

/* Whether the name alone says what it is of. */
static bool is_named(const struct module *m)
{
	bool named = false;

	for (size_t i = 0; i < m->nattrs; i++) {
		unsigned flags = m->attrs[i].flags;

		if ((flags & ATTR_REQUIRED) &&
		    !(flags & (ATTR_NAME | ATTR_PATH)))
			return false;
		named |= (flags & ATTR_NAME) && !(flags & ATTR_STATE);
	}
	return named;
}

/* Rows that say what it is of, and how that is found; 0: its name does. */
static uint64_t place_of(const struct resource *res, uint64_t finds)
{
	const struct module *m = res->module;

	return m->place ? m->place(res->want) | (m->finds & finds) : 0;
}

static const char *place_key(const struct resource *res, uint64_t rows,
			     struct arena *a)
{
	json_t *all = json_array();
	char *text;
	const char *key;

	for (size_t i = 0; i < res->module->nattrs; i++)
		json_array_append_new(all, rows & BIT(i) ? row_place(res, i)
							 : json_null());
	text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS);
	key = arena_printf(a, "%s:%s", res->module->name, text ? text : "");
	free(text);
	json_decref(all);
	return key;
}

/* NULL: it has none. */
static const char *key_of(const struct resource *res, struct arena *a)
{
	uint64_t rows = place_of(res, UINT64_MAX);

	if (rows)
		return place_key(res, rows, a);
	return is_named(res->module)
		       ? arena_printf(a, "%s:%s", res->module->name,
				      resource_name(res))
		       : NULL;
}

static bool is_same_place(const struct resource *x, const struct resource *y,
			  uint64_t rows)
{
	bool same = true;

	for (size_t i = 0; same && i < y->module->nattrs; i++) {
		json_t *a, *b;

		if (!(rows & BIT(i)))
			continue;
		a = row_place(x, i);
		b = row_place(y, i);
		same = json_equal(a, b);
		json_decref(a);
		json_decref(b);
	}
	return same;
}

bool is_same_thing(const struct resource *old, const struct resource *new)
{
	uint64_t rows = place_of(new, 0);

	if (rows)
		return is_same_place(old, new, rows);
	return !is_named(old->module) ||
	       strcmp(resource_name(old), resource_name(new)) == 0;
}

/* A path with all above it. */
static void keep(struct things *t, const char *path)
{
	size_t n = strlen(path);

	while (n && !map_getn(&t->kept, path, n)) {
		map_put(&t->kept, t->arena, arena_strndup(t->arena, path, n),
			t);
		n = path_parent_of(path, n);
	}
}

/* What a command creates is managed too: see claims.h. */
static void keep_promises(struct things *t, const struct resource *res)
{
	const struct record *r = res->want;

	for (size_t i = 0; i < res->module->nattrs; i++) {
		const struct attr *attr = &res->module->attrs[i];
		const struct strings *paths = field(attr, res);

		if (attr->kind != &kind_paths || !(r->set & BIT(i)))
			continue;
		for (size_t j = 0; j < paths->n; j++)
			keep(t, paths->v[j]);
	}
}

static void keep_owned(struct things *t, const struct resource *res)
{
	const struct owned o = claims_owned(res, NULL, t->arena);

	for (size_t i = 0; i < o.files.n; i++)
		keep(t, o.files.v[i]);
	for (size_t i = 0; i < o.edits.n; i++)
		keep(t, o.edits.v[i]);
	for (size_t i = 0; i < o.folders.n; i++) {
		keep(t, o.folders.v[i]);
		map_put(&t->spared, t->arena, o.folders.v[i], t);
	}
}

static void look_through(struct things *t)
{
	for (size_t i = 0; !t->ready && i < t->catalog->n; i++) {
		struct resource *res = t->catalog->v[i];
		const char *key = key_of(res, t->arena);

		if (key)
			map_put(&t->by_name, t->arena, key, res);
		if (resource_path(res))
			keep(t, resource_path(res));
		if (resource_edits(res))
			keep(t, resource_edits(res));
		keep_promises(t, res);
		keep_owned(t, res);
	}
	t->ready = true;
}

const struct resource *things_find(struct things *t, const struct resource *res)
{
	const char *path = resource_path(res);
	const struct resource *found =
		path ? catalog_at(t->catalog, path) : NULL;
	const char *key = key_of(res, t->arena);

	if (found || !key)
		return found;
	look_through(t);
	return map_get(&t->by_name, key);
}

/* --- what goes with a folder --- */

static bool is_true(const struct resource *res, const char *name)
{
	const struct record *r = res->want;

	for (size_t i = 0; i < res->module->nattrs; i++) {
		const struct attr *attr = &res->module->attrs[i];

		if (attr->kind == &kind_bool && strcmp(attr->name, name) == 0)
			return (r->set & BIT(i)) &&
			       *(const bool *)field(attr, res);
	}
	return false;
}

static bool is_link(const struct module *m)
{
	for (size_t i = 0; i < m->nattrs; i++)
		if (m->attrs[i].kind == &kind_target)
			return true;
	return false;
}

/* Whether a folder at its path goes, with all that is in it. */
static bool clears(const struct resource *res)
{
	bool folder = !res->module->leaf && !is_link(res->module);

	return is_true(res, "force") && resource_absent(res) == folder;
}

/*
 * A folder with purge removes what is in it and not managed, with all below
 * that; with recurse, also of folders below it that are managed, but for what
 * is in one that is spared.
 */
static const struct resource *remover(struct things *t, const char *path)
{
	size_t n = strlen(path);
	bool strays = !map_get(&t->kept, path), stray = strays;
	bool spared = false;

	for (n = path_parent_of(path, n); n > 1; n = path_parent_of(path, n)) {
		const char *folder = arena_strndup(t->arena, path, n);
		const struct resource *res = catalog_at(t->catalog, folder);

		if (res && clears(res))
			return res;
		if (res && !spared && !resource_absent(res) &&
		    is_true(res, "purge") &&
		    (stray || (strays && is_true(res, "recurse"))))
			return res;
		stray = stray && !map_get(&t->kept, folder);
		spared = spared || map_get(&t->spared, folder);
	}
	return NULL;
}

struct fate fate_of(struct things *t, const struct resource *res)
{
	const struct resource *by = things_find(t, res);
	const char *path = resource_path(res);

	if (by)
		return (struct fate){ FATE_CLAIMED, by };
	if (!path || resource_absent(res))
		return (struct fate){ FATE_STAYS, NULL };
	look_through(t);
	by = remover(t, path);
	return (struct fate){ by ? FATE_REMOVED : FATE_STAYS, by };
}

bool fate_is_whole(const struct fate *fate)
{
	return fate->kind == FATE_REMOVED && clears(fate->by);
}

const char *fate_text(const struct fate *fate, struct arena *a)
{
	static const char *const words[] = {
		[FATE_CLAIMED] = "now managed by",
		[FATE_REMOVED] = "removed by",
	};

	return fate->kind == FATE_STAYS
		       ? "managed no more; what is there stays"
		       : arena_printf(a, "%s %s", words[fate->kind],
				      fate->by->id);
}
