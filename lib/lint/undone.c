/* SPDX-License-Identifier: MIT */
/* Edits of one file of which one removes what another puts there: found by
 * making both on a text of their own. */
#include <string.h>

#include "lib/lint/parts.h"
#include "lib/text/edit/edit.h"

/* Of one host: few files have more than a few edits. */
enum { TRIES_MAX = 10000 };

/* A resource that edits a line, or a key or a section. */
struct edit {
	const struct entry *entry;
	const struct resource *res;
	bool absent;
	struct edit *next; /* the one before it of the same kind */
};

/* Those of one file. */
struct edits {
	struct edit *present, *absent;
};

static const char *text_of(const struct edit *e, const char *attribute)
{
	return json_string_value(
		json_object_get(e->entry->attributes, attribute));
}

static bool is_line(const struct edit *e)
{
	return strcmp(e->res->module->name, "line") == 0;
}

static bool make_line(const struct edit *e, const struct edit_text *t,
		      struct edited *out, struct diags *d)
{
	const struct line_wish wish = { .line = text_of(e, "line"),
					.match = text_of(e, "match"),
					.absent = e->absent };

	/* a secret is known to no one here */
	if (!wish.line && !(wish.absent && wish.match))
		return false;
	return edit_line(&wish, t, out, d);
}

static bool make_key(const struct edit *e, const struct edit_text *t,
		     struct edited *out, struct diags *d)
{
	const char *value = text_of(e, "value");
	const struct ini_wish wish = { .section = text_of(e, "section"),
				       .key = text_of(e, "key"),
				       .value = value ? value : "",
				       .absent = e->absent };

	return (wish.section || wish.key) && edit_ini(&wish, t, out, d);
}

/* Whether it would change the text, and to what. */
static bool changes(const struct edit *e, const char *bytes, size_t size,
		    struct edited *out)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	const struct edit_text t = { .path = "", .bytes = bytes, .size = size };

	*out = (struct edited){ 0 };
	return (is_line(e) ? make_line : make_key)(e, &t, out, &ignored) &&
	       out->changed;
}

static bool undoes(const struct edit *absent, const struct edit *present)
{
	AUTO_EDITED struct edited put = { 0 };
	AUTO_EDITED struct edited left = { 0 };

	return changes(present, "", 0, &put) &&
	       changes(absent, buf_text(&put.out), put.out.size, &left);
}

/* Told of the later one. */
static void look_at(struct look *k, const struct edit *e,
		    const struct edit *other)
{
	if (!(e->absent ? undoes(e, other) : undoes(other, e)))
		return;
	k->entry = e->entry;
	k->res = e->res;
	k->attributes = e->entry->attributes;
	look_attribute(k, NULL,
		       e->absent ? "it removes from '%s' what '%s' puts there"
				 : "it puts into '%s' what '%s' removes",
		       resource_edits(e->res), other->res->id);
}

static bool is_edit(const struct resource *res)
{
	return res && resource_edits(res) &&
	       (strcmp(res->module->name, "line") == 0 ||
		strcmp(res->module->name, "ini") == 0);
}

/* Adds it to those of its file; the others, which it may undo or be undone by.
 */
static struct edit *take(struct arena *a, struct map *by_path, struct edit *e)
{
	const char *path = resource_edits(e->res);
	struct edits *all = map_get(by_path, path);
	struct edit **same;

	if (!all) {
		all = arena_new(a, struct edits);
		*all = (struct edits){ 0 };
		map_put(by_path, a, path, all);
	}
	same = e->absent ? &all->absent : &all->present;
	e->next = *same;
	*same = e;
	return e->absent ? all->present : all->absent;
}

void lint_undone_edits(struct look *k)
{
	struct manifest *m = k->manifest;
	struct map by_path = { 0 };
	size_t left = TRIES_MAX;

	for (size_t i = 0; i < m->n; i++) {
		const struct resource *res =
			catalog_find(k->catalog, m->v[i].id);
		const struct edit *other;
		struct edit *e;

		if (!is_edit(res))
			continue;
		e = arena_new(&m->arena, struct edit);
		*e = (struct edit){ &m->v[i], res, resource_absent(res), NULL };
		other = take(&m->arena, &by_path, e);
		for (; other && left; other = other->next, left--)
			look_at(k, e, other);
	}
	k->res = NULL;
}
