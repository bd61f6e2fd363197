/* SPDX-License-Identifier: MIT */
/* What can be asked of one resource. */
#include <string.h>

#include "lib/catalog/parts.h"

const char *resource_text(const struct resource *res, unsigned flag)
{
	const struct record *r = res->want;

	for (size_t i = 0; i < res->module->nattrs; i++) {
		const struct attr *attr = &res->module->attrs[i];

		if ((attr->flags & flag) && (r->set & BIT(i)))
			return *(const char *const
					 *)(const void *)((const char *)
								  res->want +
							  attr->offset);
	}
	return NULL;
}

const char *resource_path(const struct resource *res)
{
	return resource_text(res, ATTR_PATH);
}

const char *resource_edits(const struct resource *res)
{
	return resource_text(res, ATTR_EDITS);
}

const char *resource_name(const struct resource *res)
{
	const char *name = resource_text(res, ATTR_NAME);

	return name ? name : res->name;
}

bool resource_absent(const struct resource *res)
{
	for (size_t i = 0; i < res->module->nattrs; i++)
		if (res->module->attrs[i].flags & ATTR_ENSURE)
			return attr_absent(&res->module->attrs[i], res->want);
	return false;
}

bool resource_heeds(const struct resource *res)
{
	const struct module *m = res->module;

	return m->refresh && !(m->ignores && m->ignores(res->want));
}

bool resource_hides(const struct resource *res, size_t row)
{
	const struct strings *names = &res->common.sensitive;
	const struct attr *attrs = res->module->attrs;

	if (attrs[row].flags & ATTR_SENSITIVE)
		return true;
	/* "source" and "template" are other names of "content" */
	for (size_t i = 0; i < res->module->nattrs; i++)
		if (attrs[i].offset == attrs[row].offset &&
		    strings_have(names, attrs[i].name))
			return true;
	/* what a type makes of its rows may hold any of them */
	if (names->n && (attrs[row].flags & ATTR_INTERNAL) &&
	    attrs[row].kind == &kind_content)
		return true;
	return strings_have(names, "*");
}

bool resource_hides_some(const struct resource *res)
{
	const struct record *r = res->want;

	for (size_t i = 0; i < res->module->nattrs; i++)
		if ((res->module->attrs[i].flags & ATTR_SENSITIVE) &&
		    (r->set & BIT(i)))
			return true;
	return res->common.sensitive.n > 0;
}

bool resource_hushes(const struct resource *res)
{
	const struct record *r = res->want;

	return res->common.sensitive.n > 0 || r->secret;
}

const char *resource_seals(const struct resource *res)
{
	const struct record *r = res->want;
	const char *path = resource_path(res);

	if (!r->secret || resource_absent(res))
		return NULL;
	return path ? path : resource_edits(res);
}

static bool has_secret(const struct resource *res)
{
	const struct record *r = res->want;

	return r->secret != 0;
}

bool catalog_has_secret_beside(const struct catalog *c,
			       const struct resource *res)
{
	const char *path = resource_edits(res), *other;

	for (size_t i = 0; path && i < c->n; i++) {
		if (c->v[i] == res || !has_secret(c->v[i]))
			continue;
		other = resource_edits(c->v[i]);
		if (!other)
			other = resource_path(c->v[i]);
		if (other && strcmp(path, other) == 0)
			return true;
	}
	return false;
}

struct place resource_place(const struct catalog *c, const struct resource *res)
{
	if (res->place.line)
		return (struct place){ res->place.file ? res->place.file
						       : c->manifest->name,
				       res->place.line, res->place.column };
	return manifest_place(c->manifest, res->pointer, SOURCE_AT_KEY);
}

json_t *resource_origin(const struct catalog *c, const struct resource *res)
{
	struct place at = resource_place(c, res);
	json_t *origin = json_pack("{s:s, s:I}", "file", at.file, "line",
				   (json_int_t)at.line);

	if (res->role)
		json_object_set_new(origin, "role", json_string(res->role));
	return origin;
}
