/* SPDX-License-Identifier: MIT */
#include "lib/review/rows.h"

#include <string.h>

#include "lib/base/mode.h"
#include "lib/host/content.h"
#include "lib/host/tarball.h"

static const void *field(const struct attr *attr, const void *record)
{
	return (const char *)record + attr->offset;
}

bool row_is_told(const struct module *m, size_t row)
{
	const struct attr *attr = &m->attrs[row];

	if (attr->flags & ATTR_INTERNAL)
		return false;
	for (size_t i = 0; i < m->nattrs; i++)
		if (i != row && m->attrs[i].offset == attr->offset &&
		    (m->attrs[i].flags & ATTR_STATE))
			return false;
	return true;
}

static json_t *tarball_value(const struct tarball *t)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct content content = t->content;
	char hex[DIGEST_HEX] = "";

	if (content_digest(&content, &ignored))
		digest_hex(content.digest, hex);
	return json_pack("{s:s, s:s}", "path", content.path, "sha256", hex);
}

json_t *row_value(const struct resource *res, const struct attr *attrs,
		  const void *record, size_t row)
{
	const struct record *r = record;
	const struct attr *attr = &attrs[row];

	if (!res || !(r->set & BIT(row)))
		return json_null();
	if (attr->kind == &kind_tarball)
		return tarball_value(field(attr, record));
	return attr->kind->show(attr, field(attr, record));
}

bool row_is_content(const struct attr *attr)
{
	return attr->kind == &kind_content || attr->kind == &kind_source ||
	       attr->kind == &kind_template;
}

static bool same_cuts(struct pair *p, const struct content *a,
		      const struct content *b)
{
	if (a->ncuts != b->ncuts)
		return false;
	for (size_t i = 0; i < a->ncuts; i++)
		if (a->cuts[i].at != b->cuts[i].at ||
		    strcmp(a->cuts[i].secret, b->cuts[i].secret) != 0 ||
		    !pair_same(p, a->cuts[i].secret))
			return false;
	return true;
}

/* Files of the world that are the same in both need not be read. False:
 * perhaps not. */
bool content_is_same(struct pair *p, const struct content *a,
		     const struct content *b)
{
	if (a->tree && b->tree)
		return strcmp(a->path, b->path) == 0 && pair_same(p, a->path);
	return a->bytes && b->bytes && a->size == b->size &&
	       memcmp(a->bytes, b->bytes, a->size) == 0 && same_cuts(p, a, b);
}

bool row_is_same(struct pair *p, const struct resource *old,
		 const struct resource *new, const struct attr *attrs,
		 const void *a, const void *b, size_t row)
{
	const struct record *x = a, *y = b;
	const struct attr *attr = &attrs[row];
	json_t *before, *after;
	bool same;

	if ((x->set ^ y->set) & BIT(row))
		return false;
	if (!(x->set & BIT(row)))
		return true;
	if (row_is_content(attr) &&
	    content_is_same(p, field(attr, a), field(attr, b)))
		return true;
	before = row_value(old, attrs, a, row);
	after = row_value(new, attrs, b, row);
	same = json_equal(before, after);
	json_decref(before);
	json_decref(after);
	return same;
}

json_t *row_place(const struct resource *res, size_t row)
{
	const struct attr *attrs = res->module->attrs;
	json_t *value = row_value(res, attrs, res->want, row), *bare;
	const char *text = json_string_value(value), *end;

	if (attrs[row].kind != &kind_public_key || !text)
		return value;
	/* "ssh-ed25519 AAAA... comment" */
	end = strchr(text, ' ');
	bare = json_stringn(text, end ? (size_t)(end + 1 - text) +
						  strcspn(end + 1, " ")
				      : strlen(text));
	json_decref(value);
	return bare;
}

enum { MODES = 010000 };

/* What it makes of any that is there; MODES: that depends on it. */
static uint32_t mode_made(const struct mode *mode, bool is_directory)
{
	uint32_t made = mode_apply(mode, 0, is_directory);

	for (uint32_t have = 1; mode->n && have < MODES; have++)
		if (mode_apply(mode, have, is_directory) != made)
			return MODES;
	return made;
}

bool row_is_met(const struct attr *attr, const void *old, const void *new)
{
	if (attr->kind != &kind_mode)
		return false;
	for (int directory = 0; directory < 2; directory++) {
		uint32_t made = mode_made(field(attr, old), directory);

		if (made == MODES ||
		    mode_apply(field(attr, new), made, directory) != made)
			return false;
	}
	return true;
}
