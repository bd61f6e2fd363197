/* SPDX-License-Identifier: MIT */
/* Resources that others stand for: what is in a mirrored folder, or what a
 * host has below one. */
#include <string.h>

#include "lib/base/path.h"
#include "lib/catalog/parts.h"
#include "lib/text/escape.h"

/* The state of converge, or on the way there. */
static bool is_own(const struct expansion *e, const char *path)
{
	const char *own = e->catalog->manifest->own;

	return own &&
	       (path_below(path, own, true) || path_below(own, path, true));
}

bool expansion_claims(const struct expansion *e, const char *path)
{
	return claims_have(e->catalog, e->host, path) || is_own(e, path);
}

bool expansion_manages(const struct expansion *e, const char *path)
{
	return claims_at(e->catalog, e->host, path) ||
	       claims_promise(e->catalog, e->host, path) || is_own(e, path);
}

bool expansion_spares(const struct expansion *e, const char *path)
{
	return claims_folder(e->catalog, e->host, path);
}

const void *expansion_peer(const struct expansion *e, const char *path)
{
	const struct resource *res = claims_at(e->catalog, e->host, path);

	return res && res->module == e->from->module ? res->want : NULL;
}

/* Names on the host are what they are: no rule can wish them away. */
static void take_path(struct resource *res, const char *path)
{
	struct record *r = res->want;

	for (size_t i = 0; i < res->module->nattrs; i++) {
		const struct attr *attr = &res->module->attrs[i];

		if (!(attr->flags & ATTR_PATH))
			continue;
		*(const char **)(void *)((char *)res->want + attr->offset) =
			path;
		r->set |= BIT(i);
		r->written |= BIT(i);
	}
}

static const char *shown_id(struct arena *a, const char *type, const char *name)
{
	AUTO_BUF struct buf b = { 0 };

	escape_text(&b, name, strlen(name), false);
	return arena_printf(a, "%s:%s", type, buf_text(&b));
}

void expansion_add(struct expansion *e, const char *type, const char *name,
		   json_t *attributes, const char *reason)
{
	struct catalog *c = e->catalog;
	const char *id = e->from_host
				 ? shown_id(c->arena, type, name)
				 : arena_printf(c->arena, "%s:%s", type, name);
	const struct module *module = module_find(modules, type, strlen(type));
	struct resource *res;

	json_array_append_new(c->manifest->owned, attributes);
	if (!module || catalog_find(c, id) || catalog_at(c, name))
		return;
	res = resource_new(c, module, id, e->from->pointer);
	res->place = e->from->place;
	res->from = e->from;
	res->reason = arena_strdup(c->arena, reason);
	if (e->from_host)
		take_path(res, name);
	if (!resource_read(c, res, attributes, e->diags)) {
		e->failed = true;
		return;
	}
	res->common.noop = e->from->common.noop;
	res->common.sensitive = e->from->common.sensitive;
	res->common.tags = e->from->common.tags;
	res->common.disruption = e->from->common.disruption;
	res->role = e->from->role;
	res->max_disruption = e->from->max_disruption;
	e->v = arena_grow(c->arena, e->v, e->n, &e->capacity,
			  sizeof(struct resource *));
	e->v[e->n++] = res;
}

void expansion_precedes(struct expansion *e)
{
	e->precedes = true;
}

void expansion_unknown(struct expansion *e, const char *because)
{
	if (!e->unknown)
		e->unknown = arena_strdup(e->catalog->arena, because);
}

bool catalog_expand(struct expansion *e, const struct host *h)
{
	const struct module *module = e->from->module;

	e->from_host = true;
	e->host = h;
	if (!module->expand || !module->expands(e->from->want))
		return true;
	return module->expand(h, e->from->want, e->catalog->arena, e,
			      e->diags) &&
	       !e->failed;
}
