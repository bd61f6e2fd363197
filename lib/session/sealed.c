/* SPDX-License-Identifier: MIT */
/* Which files secrets were put into: what is left of one must not be shown once
 * the manifest does not call it a secret any more. */
#include <stdlib.h>
#include <string.h>

#include "lib/session/session.h"

/* Whether the catalog, too, has the resource put a secret there. */
static bool is_sealed_now(const struct session *s, const struct sealing *old)
{
	const struct resource *res = catalog_find(&s->catalog, old->resource);
	const char *path = res ? resource_seals(res) : NULL;

	return path && strcmp(path, old->path) == 0;
}

struct veiled session_veiled(struct session *s)
{
	const struct remembered *r = &s->remembered;
	struct veiled veiled = { .unknown = !r->knows_sealed };
	struct strings *paths = &veiled.paths;

	for (size_t i = 0; i < r->nsealed; i++)
		if (!is_sealed_now(s, &r->sealed[i]) &&
		    (!paths->n ||
		     strcmp(paths->v[paths->n - 1], r->sealed[i].path) != 0))
			strings_add(paths, &s->arena, r->sealed[i].path);
	return veiled;
}

static int compare_sealing(const void *key, const void *element)
{
	const struct sealing *a = key, *b = element;
	int by_path = strcmp(a->path, b->path);

	return by_path ? by_path : strcmp(a->resource, b->resource);
}

/* What is remembered stays so, with the run that wrote it first. */
static bool note(struct session *s, const char *path, const char *id,
		 struct diags *d)
{
	const struct remembered *r = &s->remembered;
	const struct sealing key = { path, id };

	return (r->nsealed && bsearch(&key, r->sealed, r->nsealed, sizeof(key),
				      compare_sealing)) ||
	       store_sealed(s->store, path, id, d);
}

/* The file that a resource is about. */
static const char *file_of(const struct resource *res)
{
	const char *path = resource_path(res);

	return path ? path : resource_edits(res);
}

bool session_note_sealed(struct session *s, struct diags *d)
{
	bool ok = true;

	for (size_t i = 0; ok && i < s->catalog.n; i++) {
		const struct resource *res = s->catalog.v[i];
		const char *path = resource_seals(res);

		if (path)
			ok = note(s, path, res->id, d);
	}
	/* what was lost is told by who may read it, and that may change */
	for (size_t i = 0; ok && s->remembered.forgotten && i < s->plan.n; i++)
		if (s->plan.v[i]->veiled)
			ok = note(s, file_of(s->plan.v[i]->res), "", d);
	return ok;
}

/* Whether a change makes all that a file holds. An edit may leave what it does
 * not know of, and nobody can tell what a file holds that is not managed. */
static bool makes_whole(const struct change *c)
{
	const struct record *want = c->res->want;

	for (size_t i = 0; i < c->res->module->nattrs; i++)
		if ((c->differ & BIT(i)) &&
		    c->res->module->attrs[i].kind == &kind_content)
			return !want->secret;
	return false;
}

bool session_note_made(struct session *s, const struct change *c,
		       enum action action, struct diags *d)
{
	const char *path = resource_path(c->res);

	if (!path || (action != ACTION_REMOVE && !makes_whole(c)))
		return true;
	return store_unsealed(s->store, path, d);
}
