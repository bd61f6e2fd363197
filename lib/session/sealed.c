/* SPDX-License-Identifier: MIT */
/* Which files secrets were put into: what is left of one must not be shown once
 * the manifest does not call it a secret any more. */
#include <stdlib.h>
#include <string.h>

#include "lib/session/session.h"

enum { FORM = 16 /* hexadecimal digits */ };

/* Rows that say where it puts what. */
static bool says_where(const struct attr *attr)
{
	const struct kind *const others[] = { &kind_choice, &kind_bool,
					      &kind_argv, &kind_duration };

	for (size_t i = 0; i < COUNT(others); i++)
		if (attr->kind == others[i])
			return false;
	return true;
}

/* Where and between what a resource puts its secrets; what they are counts for
 * nothing. */
static json_t *rows_of(const struct resource *res)
{
	const struct record *want = res->want;
	json_t *rows = json_object(), *value;

	for (size_t i = 0; i < res->module->nattrs; i++) {
		const struct attr *attr = &res->module->attrs[i];

		if (!(want->set & BIT(i)) || !says_where(attr))
			continue;
		value = attr->kind->show(attr, (const char *)res->want +
						       attr->offset);
		if (want->secret & BIT(i))
			json_object_del(value, "secrets");
		json_object_set_new(rows, attr->name, value);
	}
	return rows;
}

/*
 * The resource, as it is remembered: an edit of another form leaves what it put
 * elsewhere, and is then another one. A file is made in whole.
 */
static const char *sealer(const struct resource *res, struct arena *a)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	char hex[DIGEST_HEX] = "";
	struct content c;
	json_t *rows;
	char *text;

	if (!resource_edits(res))
		return res->id;
	rows = rows_of(res);
	text = json_dumps(rows, JSON_COMPACT | JSON_SORT_KEYS);
	c = content_of(text, text ? strlen(text) : 0);
	if (content_digest(&c, &ignored))
		digest_hex(c.digest, hex);
	free(text);
	json_decref(rows);
	return arena_printf(a, "%s %.*s", res->id, FORM, hex);
}

/* What puts secrets into which file now. */
static struct map sealers(struct session *s)
{
	struct map now = { 0 };

	for (size_t i = 0; i < s->catalog.n; i++) {
		const char *path = resource_seals(s->catalog.v[i]);

		if (path)
			map_put(&now, &s->arena,
				arena_printf(
					&s->arena, "%s\n%s", path,
					sealer(s->catalog.v[i], &s->arena)),
				s);
	}
	return now;
}

struct veiled session_veiled(struct session *s)
{
	const struct remembered *r = &s->remembered;
	struct veiled veiled = { .unknown = !r->knows_sealed };
	struct strings *paths = &veiled.paths;
	struct map now = { 0 };

	if (r->nsealed)
		now = sealers(s);
	for (size_t i = 0; i < r->nsealed; i++) {
		const struct sealing *old = &r->sealed[i];
		const char *key = arena_printf(&s->arena, "%s\n%s", old->path,
					       old->resource);

		if (!map_get(&now, key) &&
		    (!paths->n ||
		     strcmp(paths->v[paths->n - 1], old->path) != 0))
			strings_add(paths, &s->arena, old->path);
	}
	return veiled;
}

static int compare_sealing(const void *key, const void *element)
{
	const struct sealing *a = key, *b = element;
	int by_path = strcmp(a->path, b->path);

	return by_path ? by_path : strcmp(a->resource, b->resource);
}

/* What is remembered stays so, with the run that wrote it first. */
static bool note(struct session *s, const char *path, const char *resource,
		 struct diags *d)
{
	const struct remembered *r = &s->remembered;
	const struct sealing key = { path, resource };

	return (r->nsealed && bsearch(&key, r->sealed, r->nsealed, sizeof(key),
				      compare_sealing)) ||
	       store_sealed(s->store, path, resource, d);
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
			ok = note(s, path, sealer(res, &s->arena), d);
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
