/* SPDX-License-Identifier: MIT */
#include "lib/review/side.h"

#include <string.h>

#include "lib/facts/picture.h"
#include "lib/manifest/parts.h"

static const char settings[] = "converge.json";

void side_begin(struct side *s, const struct tree *tree,
		const struct strings *fact_names)
{
	struct document *doc;

	*s = (struct side){ .tree = tree, .fact_names = fact_names };
	documents_begin(&s->documents, tree);
	doc = documents_read(&s->documents, settings, NULL, &s->diags);
	if (doc)
		s->world_facts = json_object_get(doc->root, "facts");
}

void side_release(struct side *s)
{
	documents_release(&s->documents);
	diags_release(&s->diags);
}

static json_t *give_facts(void *context, const char *name, size_t size)
{
	struct host_at *h = context;
	struct arena *a = &h->manifest.arena;
	const char *copy;

	if (map_getn(&h->known, name, size))
		return h->facts;
	copy = arena_strndup(a, name, size);
	map_put(&h->known, a, copy, h);
	strings_add(&h->asked, a, copy);
	return h->facts;
}

static bool build(struct host_at *h)
{
	struct manifest *m = &h->manifest;
	struct diags *d = &h->diags;
	bool ok = external_read(&m->types, m->tree, &m->arena, d);

	ok &= catalog_build(&h->catalog, m, m->types.modules, d);
	return graph_build(&h->graph, &h->catalog, d) && ok;
}

void host_at_read(struct host_at *h, struct side *side, const char *name)
{
	struct manifest_options o = { .host = name,
				      .host_is_given = true,
				      .facts = give_facts,
				      .context = h,
				      .fact_names = side->fact_names,
				      .is_world = true,
				      .documents = &side->documents };
	struct document *doc;
	bool ok;

	*h = (struct host_at){ .side = side, .name = name };
	h->file = arena_printf(&side->documents.arena, "hosts/%s.json", name);
	doc = documents_read(&side->documents, h->file, NULL, &h->diags);
	h->facts =
		facts_picture(side->world_facts, name,
			      doc ? json_object_get(doc->root, "facts") : NULL);
	ok = manifest_read(&h->manifest, side->tree, h->file, &o, &h->diags);
	h->whole = h->manifest.main && build(h) && ok;
}

/* Each is read once, and what is wrong with it told once. */
void host_at_wrong(struct host_at *h, struct arena *a, struct strings *wrong)
{
	struct manifest *m = &h->manifest;
	struct strings roles = { 0 };

	strings_add(wrong, a, settings);
	manifest_roles(m, &roles);
	for (size_t i = 0; i < roles.n; i++)
		strings_add(wrong, a,
			    arena_printf(a, "roles/%s.json", roles.v[i]));
	roles = *wrong;
	wrong->n = 0;
	for (size_t i = 0; i < roles.n; i++) {
		const struct document *doc =
			map_get(&h->side->documents.by_name, roles.v[i]);

		if (doc && (!doc->root || (doc->checked && !doc->right)))
			wrong->v[wrong->n++] = roles.v[i];
	}
}

void host_at_release(struct host_at *h)
{
	manifest_release(&h->manifest);
	diags_release(&h->diags);
	json_decref(h->facts);
	documents_drop(&h->side->documents, h->file);
	*h = (struct host_at){ 0 };
}

json_t *host_at_assumed(const struct host_at *h)
{
	json_t *told =
		facts_told(h->side->world_facts,
			   json_object_get(h->manifest.main->root, "facts"));
	json_t *assumed = json_object();

	for (size_t i = 0; i < h->asked.n; i++) {
		const char *name = h->asked.v[i];
		json_t *value;

		/* its name is what it is called by */
		if (strcmp(name, "hostname") == 0 ||
		    scope_inside(told, name, strlen(name)))
			continue;
		value = scope_inside(h->facts, name, strlen(name));
		json_object_set(assumed, name, value ? value : json_null());
	}
	json_decref(told);
	return assumed;
}
