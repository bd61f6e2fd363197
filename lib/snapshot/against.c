/* SPDX-License-Identifier: MIT */
#include "lib/snapshot/recorded.h"

#include <string.h>

#include "lib/facts/facts.h"
#include "lib/snapshot/settled.h"

static json_t *give_facts(void *context, const char *name, size_t size)
{
	const struct against *a = context;

	(void)name;
	(void)size;
	return a->recorded->facts;
}

/* All that is wrong is told in one run. */
static bool compile(struct against *a, struct diags *d)
{
	struct manifest *m = &a->manifest;
	bool ok = external_read(&m->types, a->tree, &m->arena, d);

	ok &= catalog_build(&a->catalog, m, m->types.modules, d);
	return graph_build(&a->graph, &a->catalog, d) && ok;
}

static bool was_settled(void *context, const struct resource *res)
{
	const struct recorded *r = context;
	const json_t *settled = json_object_get(r->json, "settled");
	const char *then = json_string_value(json_object_get(settled, res->id));
	char now[SETTLED_SIZE];

	return then && settled_digest(res, now) && strcmp(then, now) == 0;
}

/* What the host's own runs had left undone. */
static const struct owed *owed(struct against *a, const struct recorded *r,
			       size_t *n)
{
	json_t *all = json_object_get(r->json, "owed"), *since;
	struct owed *v =
		arena_array(&a->arena, struct owed, json_object_size(all));
	const char *target;

	*n = 0;
	json_object_foreach (all, target, since)
		if (json_is_string(since))
			v[(*n)++] = (struct owed){
				.target = target,
				.since = json_string_value(since),
				.ours = true,
			};
	return v;
}

bool against_plan(struct against *a, const struct recorded *r, struct diags *d)
{
	const struct manifest_options o = {
		.host = a->host ? a->host : r->host,
		.host_is_given = a->host != NULL,
		.facts = give_facts,
		.context = a,
		.fact_names = &a->fact_names,
		.shown = a->shown,
		.is_world = a->is_world,
		.documents = a->documents,
	};
	bool ok;

	a->options.settled = was_settled;
	a->options.settled_context = (void *)(uintptr_t)r;
	a->options.owed = owed(a, r, &a->options.nowed);
	a->recorded = r;
	facts_list(&a->fact_names, &a->arena);
	ok = manifest_read(&a->manifest, a->tree, a->file, &o, d);
	a->manifest.own = r->state;
	a->manifest.commit = a->commit;
	if (!a->manifest.main)
		return false;
	return compile(a, d) && ok &&
	       plan_build(&a->plan, &a->graph, r->picture, &a->options, d);
}

void against_release(struct against *a)
{
	manifest_release(&a->manifest);
	arena_release(&a->arena);
}
