/* SPDX-License-Identifier: MIT */
#include "lib/catalog.h"

#include <string.h>

#include "lib/base/path.h"
#include "lib/catalog/parts.h"

void catalog_settle(struct catalog *c)
{
	for (size_t i = 0; i < c->n; i++) {
		c->v[i]->place = resource_place(c, c->v[i]);
		/* the usual one is not kept again and again */
		if (c->v[i]->place.file == c->manifest->name)
			c->v[i]->place.file = NULL;
	}
	manifest_digest(c->manifest);
	manifest_forget_text(c->manifest);
}

void catalog_blame(const struct catalog *c, struct diags *d, size_t from,
		   const struct resource *res)
{
	struct place place = { 0 };

	for (size_t i = from; i < d->n; i++) {
		if (!d->v[i].subject)
			d->v[i].subject = arena_strdup(&d->arena, res->id);
		if (d->v[i].place.file)
			continue;
		if (!place.file) {
			place = resource_place(c, res);
			place.file = arena_strdup(&d->arena, place.file);
		}
		d->v[i].place = place;
	}
}

const struct resource *catalog_find(const struct catalog *c, const char *id)
{
	return map_get(&c->by_id, id);
}

const struct resource *catalog_at(const struct catalog *c, const char *path)
{
	return map_get(&c->by_path, path);
}

static void miss(struct catalog *c, const char *id)
{
	map_put(&c->missed, c->arena, id, c);
}

/* Notes an id that has errors; false. */
static bool miss_resource(struct catalog *c, struct resource *res)
{
	miss(c, res->id);
	/* what it would stand for */
	if (res->module->mirror)
		miss(c, res->name);
	c->broken = arena_grow(c->arena, c->broken, c->nbroken,
			       &c->broken_capacity, sizeof(struct resource *));
	c->broken[c->nbroken++] = res;
	return false;
}

/* Whether id may be one of those that the pattern would have made. */
static bool is_made_by(const char *id, const char *pattern)
{
	const char *reference = strstr(pattern, "${");

	return reference ? strncmp(id, pattern,
				   (size_t)(reference - pattern)) == 0
			 : strcmp(id, pattern) == 0;
}

bool catalog_misses(const struct catalog *c, const char *id)
{
	const struct strings *unread = &c->manifest->unread;
	const char *path = strchr(id, ':');

	if (map_get(&c->missed, id))
		return true;
	for (size_t n = path && path[1] == '/' ? strlen(++path) : 0; n > 1;
	     n = path_parent_of(path, n))
		if (map_getn(&c->missed, path, n))
			return true;
	/* with so many nobody asks which */
	if (unread->n > DIAGS_MAX)
		return true;
	for (size_t i = 0; i < unread->n; i++)
		if (is_made_by(id, unread->v[i]))
			return true;
	return false;
}

const char *catalog_twice(const struct catalog *c, const char *what,
			  const struct resource *other)
{
	struct place at = resource_place(c, other);

	return arena_printf(c->arena,
			    "%s is managed twice: also by '%s' at %s:%zu:%zu",
			    what, other->id, at.file, at.line, at.column);
}

/* Says of it what catalog_twice made; false. */
static bool twice(struct catalog *c, const struct resource *res,
		  const char *text, struct diags *d)
{
	d->subject = res->id;
	diag_error_at(d, resource_place(c, res), "%s", text);
	d->subject = NULL;
	return false;
}

/* Nothing may take converge's memory, or the kernel's files, from under it. */
static bool check_own(struct catalog *c, const struct resource *res,
		      struct diags *d)
{
	const char *path = resource_text(res, ATTR_PATH | ATTR_EDITS);
	const char *own = c->manifest->own;
	const char *wrong = NULL;

	if (!path)
		return true;
	if (path_is_foreign(path))
		wrong = "is the kernel's or converge's own, and not managed";
	else if (own && path_below(path, own, true))
		wrong = "is converge's own state, and not managed";
	else if (own && path_below(own, path, false) && resource_absent(res))
		wrong = "holds converge's own state, and is never removed";
	else if (own && path_below(own, path, false) && res->module->leaf)
		wrong = "holds converge's own state, and is no file";
	if (!wrong)
		return true;
	d->subject = res->id;
	diag_error_at(d, resource_place(c, res), "'%s' %s", path, wrong);
	d->subject = NULL;
	return false;
}

void catalog_add(struct catalog *c, struct resource *res)
{
	const char *path = resource_path(res);
	struct owned owned;

	res->index = c->n;
	c->v = arena_grow(c->arena, c->v, c->n, &c->capacity,
			  sizeof(struct resource *));
	c->v[c->n++] = res;
	map_put(&c->by_id, c->arena, res->id, res);
	if (path)
		map_put(&c->by_path, c->arena, path, res);
	if (!res->module->owns)
		return;
	owned = claims_owned(res, NULL, c->arena);
	for (size_t i = 0; i < owned.files.n; i++)
		map_put(&c->by_path, c->arena, owned.files.v[i], res);
}

/* Of most types, "user 'app'": whatever the id, it is the same one. */
static void add_name(struct catalog *c, const struct resource *res,
		     struct strings *things)
{
	for (size_t i = 0; i < res->module->nattrs; i++) {
		unsigned flags = res->module->attrs[i].flags;

		if ((flags & ATTR_NAME) &&
		    !(flags & (ATTR_PATH | ATTR_INTERNAL)))
			strings_add(things, c->arena,
				    arena_printf(c->arena, "%s '%s'",
						 res->module->name,
						 resource_name(res)));
	}
}

/* Notes what it manages beside a path, unless another does. */
static bool add_things(struct catalog *c, struct resource *res, struct diags *d)
{
	struct strings things = { 0 };

	if (res->module->things)
		res->module->things(res->want, c->arena, &things);
	else
		add_name(c, res, &things);
	for (size_t i = 0; i < things.n; i++) {
		const char *thing = things.v[i];
		const struct resource *other = map_get(&c->by_thing, thing);

		if (other)
			return twice(
				c, res,
				catalog_twice(
					c,
					arena_strndup(c->arena, thing,
						      strcspn(thing, "\n")),
					other),
				d);
	}
	for (size_t i = 0; i < things.n; i++)
		map_put(&c->by_thing, c->arena, things.v[i], res);
	return true;
}

/* Whether nothing else manages that path. */
static bool check_path(struct catalog *c, const struct resource *res,
		       const char *path, struct diags *d)
{
	const struct resource *other = catalog_at(c, path);

	return !other ||
	       twice(c, res,
		     catalog_twice(c, arena_printf(c->arena, "'%s'", path),
				   other),
		     d);
}

static bool check_paths(struct catalog *c, const struct resource *res,
			struct diags *d)
{
	const char *path = resource_path(res);
	struct owned owned;

	if (path && !check_path(c, res, path, d))
		return false;
	owned = claims_owned(res, NULL, c->arena);
	for (size_t i = 0; i < owned.files.n; i++)
		if (!check_path(c, res, owned.files.v[i], d))
			return false;
	return true;
}

static bool add(struct catalog *c, struct resource *res, struct diags *d)
{
	const struct resource *other = catalog_find(c, res->id);

	if (!check_own(c, res, d))
		return false;
	if (other)
		return twice(c, res, catalog_twice(c, "it", other), d);
	if (!check_paths(c, res, d) || !add_things(c, res, d))
		return false;
	catalog_add(c, res);
	return true;
}

static bool read_entry(struct catalog *c, const struct entry *entry,
		       const struct module *const *list, struct diags *d)
{
	const struct module *module =
		catalog_type(c, entry->id, entry->pointer, list, d);
	struct resource *res;

	if (!module) {
		miss(c, entry->id);
		return false;
	}
	res = resource_new(c, module, entry->id, entry->pointer);
	res->each = entry->each;
	res->role = entry_role(entry);
	res->max_disruption = entry->max_disruption;
	return (resource_read(c, res, entry->attributes, d) &&
		add(c, res, d)) ||
	       miss_resource(c, res);
}

/* --- what lies above a path must be able to hold it --- */

static bool contradicts(struct catalog *c, const struct resource *res,
			const char *path, size_t n, const char *why,
			struct diags *d)
{
	const struct resource *above = map_getn(&c->by_path, path, n);
	struct place at = resource_place(c, above);

	return diag_error_at(d, resource_place(c, res),
			     "'%s' lies below '%.*s', which %s (%s:%zu:%zu)",
			     path, (int)n, path, why, at.file, at.line,
			     at.column);
}

static bool check_above(struct catalog *c, const struct resource *res,
			struct diags *d)
{
	const char *path = resource_text(res, ATTR_PATH | ATTR_EDITS);

	if (!path || resource_absent(res))
		return true;
	for (size_t n = path_parent(path); n > 1; n = path_parent_of(path, n)) {
		const struct resource *above = map_getn(&c->by_path, path, n);

		if (above && resource_absent(above))
			return contradicts(c, res, path, n, "is to be absent",
					   d);
		if (above && above->module->leaf)
			return contradicts(c, res, path, n, "is to be a file",
					   d);
	}
	return true;
}

/* What is right in whole needs no edit, and would undo it. */
static bool check_edited(struct catalog *c, const struct resource *res,
			 struct diags *d)
{
	const char *path = resource_edits(res);
	const struct resource *other = path ? catalog_at(c, path) : NULL;
	struct place at;

	if (!other ||
	    (other->module->shares && other->module->shares(other->want)))
		return true;
	at = resource_place(c, other);
	d->subject = res->id;
	diag_error_at(d, resource_place(c, res),
		      "'%s' is managed in whole by '%s' at %s:%zu:%zu, which "
		      "leaves nothing to edit",
		      path, other->id, at.file, at.line, at.column);
	d->subject = NULL;
	return false;
}

/* One of two is told of: the later one. */
static bool check_rivals(struct catalog *c, struct diags *d)
{
	const struct rival *v = claims_rivals(c, NULL);
	bool ok = true;

	for (size_t i = 0; v && i < c->n; i++) {
		const struct resource *other = v[i].other;

		if (other &&
		    (other->index < i || v[other->index].other != c->v[i]))
			ok = twice(c, c->v[i], claims_told(c, c->v[i], &v[i]),
				   d);
	}
	return ok;
}

static bool mirror(struct catalog *c, const struct resource *res,
		   struct diags *d)
{
	struct expansion e = { .catalog = c, .from = res, .diags = d };
	size_t before = d->n;
	bool ok = !c->full &&
		  res->module->mirror(res->want, c->manifest->tree, c->arena,
				      &e, d) &&
		  !e.failed;

	c->full = c->full || c->n + e.n > MANIFEST_MAX_RESOURCES;
	if (c->full && e.n)
		ok = diag_error(d,
				"more than %d resources, with what is in its "
				"'source'",
				MANIFEST_MAX_RESOURCES);
	for (size_t i = 0; i < e.n && !c->full; i++)
		ok &= add(c, e.v[i], d);
	if (!ok)
		miss(c, res->name);
	if (d->n > before)
		catalog_blame(c, d, before, res);
	return ok;
}

void catalog_begin(struct catalog *c, struct manifest *m,
		   const struct module *const *list)
{
	*c = (struct catalog){ .manifest = m,
			       .arena = &m->arena,
			       .modules = list };
}

bool catalog_build(struct catalog *c, struct manifest *m,
		   const struct module *const *list, struct diags *d)
{
	size_t n;
	bool ok;

	catalog_begin(c, m, list);
	ok = catalog_read_defaults(c, d);
	for (size_t i = 0; i < m->n; i++)
		ok &= read_entry(c, &m->v[i], list, d);
	n = c->n;
	for (size_t i = 0; i < n; i++)
		if (c->v[i]->module->mirror)
			ok &= mirror(c, c->v[i], d);
	for (size_t i = 0; i < c->n; i++) {
		ok &= check_above(c, c->v[i], d);
		ok &= check_edited(c, c->v[i], d);
		ok &= catalog_check_demands(c, c->v[i], d);
	}
	return check_rivals(c, d) && ok;
}
