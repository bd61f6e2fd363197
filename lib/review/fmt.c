/* SPDX-License-Identifier: MIT */
#include "lib/review/fmt.h"

#include <string.h>

#include "lib/catalog.h"
#include "lib/doc/doc.h"
#include "lib/text/layout.h"

/* Where attributes come, by what they are; the row of a table is added. */
enum {
	RANK_FIRST = 0,
	RANK_OWN = 100,
	RANK_UNKNOWN = 200, /* of a type that no table is of */
	RANK_COMMON = 300,
};

/* What says at the head of a resource whether and how often it is there. */
static const char *const first[] = { "//", "description", "when", "for_each" };

static bool find_row(const struct attr *attrs, size_t n, const char *name,
		     size_t *row)
{
	for (*row = 0; *row < n; ++*row)
		if (strcmp(attrs[*row].name, name) == 0)
			return true;
	return false;
}

static size_t attribute_rank(const struct module *type, const char *name)
{
	size_t row;

	for (size_t i = 0; i < COUNT(first); i++)
		if (strcmp(first[i], name) == 0)
			return RANK_FIRST + i;
	if (type && find_row(type->attrs, type->nattrs, name, &row))
		return RANK_OWN + row;
	if (find_row(common_attrs, common_attrs_n, name, &row))
		return RANK_COMMON + row;
	return RANK_UNKNOWN;
}

/* type: the n bytes of its name. */
static void sort_attributes(struct layout *l, struct laid *resource,
			    const char *type, size_t n)
{
	const struct module *module = module_find(modules, type, n);

	if (resource->type != EVENT_OBJECT)
		return;
	for (struct laid *m = resource->first; m; m = m->next)
		m->rank = attribute_rank(module, m->key);
	layout_sort(l, resource);
}

/* The members of "resources" and the like, which keep their order. */
static void sort_resources(struct layout *l, struct laid *all)
{
	for (struct laid *m = all->first; m; m = m->next)
		if (m->key && !layout_is_comment(m))
			sort_attributes(l, m, m->key, strcspn(m->key, ":"));
}

static void sort_keys(struct layout *l, struct laid *document)
{
	for (struct laid *m = document->first; m; m = m->next)
		if (!doc_key_rank(m->key, &m->rank))
			return;
	layout_sort(l, document);
}

/* A document, or a rule of one. */
static void sort_part(struct layout *l, struct laid *part)
{
	static const char *const of_resources[] = { "resources", "overrides",
						    "defaults" };

	if (part->type != EVENT_OBJECT)
		return;
	sort_keys(l, part);
	for (struct laid *m = part->first; m; m = m->next)
		for (size_t i = 0; i < COUNT(of_resources); i++)
			if (strcmp(m->key, of_resources[i]) == 0)
				sort_resources(l, m);
}

static void sort_document(struct layout *l, struct laid *document)
{
	sort_part(l, document);
	for (struct laid *m = document->first; m; m = m->next)
		if (strcmp(m->key, "rules") == 0)
			for (struct laid *rule = m->first; rule;
			     rule = rule->next)
				sort_part(l, rule);
}

bool fmt_text(struct source *source, struct buf *out, struct diags *d)
{
	struct layout l = { 0 };
	json_t *root = source_parse(source, d);

	if (!root)
		return false;
	json_decref(root);
	/* source_parse takes nothing that this refuses */
	if (!layout_read(&l, source->text, source->size)) {
		layout_release(&l);
		return diag_error_at(d, (struct place){ .file = source->name },
				     "cannot be laid out");
	}
	sort_document(&l, l.v[0]);
	layout_write(&l, out);
	layout_release(&l);
	return true;
}
