/* SPDX-License-Identifier: MIT */
#include "lib/provenance.h"

#include <string.h>

#include "lib/host/content.h"

void provenance_begin(struct provenance *p, struct manifest *m,
		      const char *folder, struct arena *a)
{
	*p = (struct provenance){ .folder = folder, .arena = a };
	trails_begin(&p->trails, m);
}

size_t provenance_ask(struct provenance *p, const struct trail_item *item)
{
	struct arena *a = p->arena;
	struct history_item asked = {
		.path = arena_printf(a, "%s%s%s", p->folder,
				     *p->folder ? "/" : "", item->path),
		.pointer =
			item->pointer ? arena_strdup(a, item->pointer) : NULL,
		.member = item->member ? arena_strdup(a, item->member) : NULL,
	};
	const char *key = arena_printf(
		a, "%s#%s%s%s", asked.path, asked.pointer ? asked.pointer : "",
		asked.member ? "#" : "", asked.member ? asked.member : "");
	size_t known = (size_t)(uintptr_t)map_get(&p->known, key);

	if (known)
		return known - 1;
	p->v = arena_grow(a, p->v, p->n, &p->capacity, sizeof(*p->v));
	p->v[p->n++] = asked;
	map_put(&p->known, a, key, (void *)(uintptr_t)p->n);
	return p->n - 1;
}

bool provenance_find(struct provenance *p, const char *repository,
		     const struct commit *commit, bool (*enough)(void *context),
		     void *context, struct diags *d)
{
	const struct history_limits limits = { HISTORY_COMMITS, HISTORY_CPU,
					       enough, context };

	return history_walk(repository, commit, &limits, p->v, p->n, p->arena,
			    d);
}

bool trail_counts(const struct trail_item *item)
{
	return item->kind != TRAIL_INCLUDE;
}

const struct past *past_newer(const struct past *a, const struct past *b)
{
	if (!a || !b)
		return a ? a : b;
	return a->rank <= b->rank ? a : b;
}

/* --- of a resource --- */

/* The file of the world that a resource which stands for another has its
 * content from, or NULL. */
static const char *own_file(const struct resource *res)
{
	const struct record *want = res->want;

	for (size_t i = 0; res->from && i < res->module->nattrs; i++) {
		const struct attr *attr = &res->module->attrs[i];
		const struct content *content =
			(const void *)((const char *)res->want + attr->offset);

		if (attr->kind == &kind_source && (want->set & BIT(i)) &&
		    content->tree)
			return content->path;
	}
	return NULL;
}

/* Of a folder only that file counts. */
static void take_file(struct trails *t, const char *path, struct trail *trail)
{
	size_t n = 0;

	for (size_t i = 0; i < trail->n; i++)
		if (trail->v[i].kind != TRAIL_FILE)
			trail->v[n++] = trail->v[i];
	trail->n = n;
	trail_add_file(t, path, trail);
}

bool provenance_trail(struct trails *t, const struct resource *res,
		      struct trail *trail)
{
	const char *file = own_file(res);

	while (res->from)
		res = res->from;
	if (!trail_find(t, res->id, trail))
		return false;
	if (file)
		take_file(t, file, trail);
	return true;
}

/* --- of a plan --- */

/* Items of a change. */
struct asked {
	size_t *v;
	size_t n;
};

struct plan_asked {
	const struct plan *plan;
	struct asked *v; /* by index in the plan */
	size_t done;     /* what is before it has been found */
	struct provenance provenance;
};

static struct asked ask(struct provenance *p, const struct resource *res)
{
	struct asked asked = { 0 };
	struct trail trail;

	if (!provenance_trail(&p->trails, res, &trail))
		return asked;
	asked.v = arena_array(p->arena, size_t, trail.n);
	for (size_t i = 0; i < trail.n; i++)
		if (trail_counts(&trail.v[i]))
			asked.v[asked.n++] = provenance_ask(p, &trail.v[i]);
	return asked;
}

static const struct past *newest(const struct plan_asked *p, size_t i)
{
	const struct past *past = NULL;

	for (size_t j = 0; j < p->v[i].n; j++)
		past = past_newer(past, p->provenance.v[p->v[i].v[j]].past);
	return past;
}

/* What is found first is the newest, so one item of each change will do. */
static bool has_all(void *context)
{
	struct plan_asked *p = context;

	while (p->done < p->plan->n && (!p->v[p->done].n || newest(p, p->done)))
		p->done++;
	return p->done == p->plan->n;
}

bool provenance_of_plan(const struct plan *plan, struct manifest *m,
			const struct commit_place *place,
			const struct commit *commit, struct arena *a,
			struct diags *d)
{
	struct plan_asked p = {
		.plan = plan, .v = arena_array(a, struct asked, plan->n + 1)
	};

	provenance_begin(&p.provenance, m, place->path, a);
	for (size_t i = 0; i < plan->n; i++)
		p.v[i] = ask(&p.provenance, plan->v[i]->res);
	if (!provenance_find(&p.provenance, place->repository, commit, has_all,
			     &p, d))
		return false;
	for (size_t i = 0; i < plan->n; i++)
		plan->v[i]->past = newest(&p, i);
	return true;
}
