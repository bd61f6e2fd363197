/* SPDX-License-Identifier: MIT */
/* A world from text with ' for ", read for the host h; what comes of it. */
#ifndef CONVERGE_MANIFEST_READING_TEST_H
#define CONVERGE_MANIFEST_READING_TEST_H

#include "lib/manifest/parts.h"
#include "lib/manifest/world_test.h"
#include "lib/test.h"

/* Zero it first. */
struct reading_world {
	struct world world;
	struct manifest manifest;
	struct diags diags;
	struct arena arena;
};

static inline void world_put(struct reading_world *r, const char *name,
			     const char *text)
{
	struct world_file *f = world_find(&r->world.tree, name);
	char *copy = arena_strdup(&r->arena, text);

	if (!f)
		f = &r->world.files[r->world.n++];
	r->world.tree = (struct tree){ &world_ops, "world" };
	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	strcpy(f->name, name);
	f->text = copy;
	f->size = strlen(copy);
}

static inline json_t *world_facts(void *context, const char *name, size_t size)
{
	(void)context;
	(void)name;
	(void)size;
	return NULL;
}

/* Where a test says no other: a converge.json that says nothing, and a host
 * that has the roles a, b and c. */
static inline bool world_read(struct reading_world *r)
{
	struct manifest_options o = { .host = "h",
				      .facts = world_facts,
				      .is_world = true };

	if (!world_find(&r->world.tree, "converge.json"))
		world_put(r, "converge.json", "{'version': 1}");
	if (!world_find(&r->world.tree, "hosts/h.json"))
		world_put(r, "hosts/h.json",
			  "{'version': 1, 'host': 'h', 'tags': ['t'], 'roles': "
			  "['a', 'b', 'c']}");
	for (const char *name = "abc"; *name; name++) {
		const char *file =
			arena_printf(&r->arena, "roles/%c.json", *name);

		if (!world_find(&r->world.tree, file))
			world_put(r, file, "{}");
	}
	return manifest_read(&r->manifest, &r->world.tree, "hosts/h.json", &o,
			     &r->diags);
}

static inline const char *world_text(struct reading_world *r, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS |
					       JSON_ENCODE_ANY);
	char *copy = arena_strdup(&r->arena, text ? text : "");

	for (char *at = copy; *at; at++)
		*at = *at == '"' ? '\'' : *at;
	free(text);
	return copy;
}

static inline const char *world_said(struct reading_world *r)
{
	const char *text = "";

	for (size_t i = 0; i < r->diags.n; i++)
		text = arena_printf(
			&r->arena, "%s%s%s:%zu:%zu: %s", text, i ? "\n" : "",
			r->diags.v[i].place.file, r->diags.v[i].place.line,
			r->diags.v[i].place.column, r->diags.v[i].text);
	return text;
}

static inline void world_end(struct reading_world *r)
{
	manifest_release(&r->manifest);
	diags_release(&r->diags);
	arena_release(&r->arena);
	*r = (struct reading_world){ 0 };
}

#endif
