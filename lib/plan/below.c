/* SPDX-License-Identifier: MIT */
/* What a resource stands for on a host: planned with it, or, when what comes
 * before it makes what nobody can know yet, at its turn. */
#include "lib/planning.h"

/* What of it could be found is planned also when that was not all. */
static bool find_below(struct planning *p, const struct resource *res,
		       struct expansion *e, struct diags *d)
{
	bool ok;

	*e = (struct expansion){
		.catalog = (struct catalog *)(uintptr_t)p->graph->catalog,
		.from = res,
		.diags = d
	};
	diags_release(d);
	if (!res->module->expand ||
	    plan_needs(p->graph, res, planning_has_failed, p))
		return true;
	ok = catalog_expand(e, p->picture);
	if (!ok && !d->n) {
		expansion_unknown(e, "it cannot be seen");
		ok = true;
	}
	catalog_blame(p->graph->catalog, d, 0, res);
	return ok;
}

static enum status plan_part(struct planning *p, const struct map *above,
			     const struct resource *res)
{
	const struct resource *failed = plan_failed_below(above, res);
	enum status status;

	if (failed) {
		planning_add(p, res)->skipped = failed->id;
		return STATUS_FAILED;
	}
	status = planning_one(p, res);
	if (status != STATUS_UNCHANGED)
		return status;
	p->plan->unchanged--;
	p->plan->looked_at--;
	return status;
}

/* The worst status; the first that failed in *failed. */
static enum status plan_parts(struct planning *p, const struct expansion *e,
			      const struct resource **failed)
{
	enum status worst = STATUS_UNCHANGED;
	struct map above = { 0 };

	for (size_t i = 0; i < e->n; i++) {
		enum status status = plan_part(p, &above, e->v[i]);

		if (status > worst)
			worst = status;
		if (status != STATUS_FAILED)
			continue;
		plan_note_failed(&above, p->arena, e->v[i]);
		if (!*failed)
			*failed = e->v[i];
	}
	return worst;
}

/* Why there may be other things below it at its turn than there are now; NULL:
 * nothing before it makes any. */
static const char *why_unknown(struct planning *p, const struct resource *res)
{
	size_t from = p->delivered[plan_index(p->graph, res)];
	const char *command = planning_command(p, res);
	const struct change *c;

	if (!res->module->expand || !res->module->expands(res->want))
		return NULL;
	if (!from && !command)
		from = p->delivery;
	if (!from && !command)
		return NULL;
	if (!from)
		return arena_printf(p->arena,
				    "what is below it until %s has changed",
				    command);
	c = p->plan->v[p->spans[from - 1].from];
	return arena_printf(
		p->arena, "what is below it until %s %s", c->res->id,
		c->action == ACTION_CREATE ? "is installed" : "has changed");
}

/* What an apply looks for at its turn is said once: by the resource's own
 * change, if that is not known either. */
static enum status plan_rest(struct planning *p, const struct resource *res,
			     struct change *own, const char *because,
			     const struct expansion *e)
{
	struct change *c = own;

	if (!because && e->unknown)
		because = arena_printf(p->arena, "what is below it: %s",
				       e->unknown);
	if (!because || !planning_is_tried(p, res))
		return STATUS_NONE;
	if (!own)
		p->plan->unchanged--;
	if (!own || own->action != ACTION_UNKNOWN) {
		c = planning_add(p, res);
		c->action = ACTION_UNKNOWN;
		c->because = because;
		c->disruption = planning_disruption(c, NULL);
	}
	c->below = true;
	return STATUS_UNKNOWN;
}

static enum status worst_of(enum status a, enum status b)
{
	return a > b ? a : b;
}

/* Each of two that manage one thing would undo what the other did, on every
 * run: neither is changed. */
static enum status refuse(struct planning *p, const struct resource *res)
{
	size_t before = p->diags->n;

	p->plan->looked_at++;
	diag_error(p->diags, "%s",
		   claims_told(p->graph->catalog, res, &p->rivals[res->index]));
	return planning_fail(p, planning_add(p, res), before);
}

/*
 * What is below is looked for before the resource itself changes: a folder
 * that is to have a new owner is passed now, and may be refused when it is one
 * user's in another's.
 */
enum status planning_all(struct planning *p, const struct resource *res)
{
	AUTO_DIAGS struct diags d = { 0 };
	const char *because = why_unknown(p, res);
	const struct resource *failed = NULL;
	enum status status, parts = STATUS_UNCHANGED;
	struct expansion e;
	size_t first, before;
	bool whole;

	if (p->rivals && p->rivals[res->index].other)
		return refuse(p, res);
	whole = find_below(p, res, &e, &d);
	if (e.precedes)
		parts = plan_parts(p, &e, &failed);
	if (failed) {
		planning_add(p, res)->skipped = failed->id;
		diags_append(p->diags, &d);
		return STATUS_FAILED;
	}
	first = p->plan->n;
	status = p->status[res->index] = planning_one(p, res);
	/* what nobody may pass now may be open when it has changed */
	if (!whole && !e.precedes && status == STATUS_CHANGES)
		whole = find_below(p, res, &e, &d);
	if (!whole && because) {
		/* it is looked for again */
		diags_release(&d);
		whole = true;
	}
	before = p->diags->n;
	diags_append(p->diags, &d);
	if (status == STATUS_FAILED)
		return status;
	if (!e.precedes)
		parts = plan_parts(p, &e, &failed);
	if (!whole)
		return planning_fail(p, planning_add(p, res), before);
	return worst_of(
		worst_of(parts, status),
		plan_rest(p, res,
			  status == STATUS_UNCHANGED ? NULL : p->plan->v[first],
			  because, &e));
}

/* --- at its turn --- */

/* What the whole plan has a change for is made by that. */
static void leave_out_known(struct expansion *e, const struct plan *whole)
{
	struct arena *a = e->catalog->arena;
	struct map known = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < whole->n; i++)
		if (whole->v[i]->res->from == e->from)
			map_put(&known, a, whole->v[i]->res->id, e);
	for (size_t i = 0; i < e->n; i++)
		if (!map_get(&known, e->v[i]->id))
			e->v[n++] = e->v[i];
	e->n = n;
}

/* Why no removals are made now, or NULL. */
static const char *plan_found(struct planning *p, const struct expansion *e,
			      const struct host *base,
			      const struct sofar *sofar)
{
	const struct resource *failed = NULL;

	p->plan->n = p->plan->looked_at = p->plan->unchanged = 0;
	p->removals = 0;
	p->base = base;
	p->picture = host_overlay(base);
	plan_parts(p, e, &failed);
	host_close(p->picture);
	return plan_over_budget(
		sofar->removed + p->removals,
		plan_budget(&p->graph->catalog->manifest->policy,
			    sofar->looked_at + p->plan->looked_at),
		p->arena);
}

static bool find_now(struct planning *p, const struct resource *res,
		     const struct host *base, struct expansion *e,
		     struct diags *d)
{
	AUTO_DIAGS struct diags why = { 0 };
	bool whole;

	/* links may lead elsewhere by now */
	claims_forget((struct catalog *)(uintptr_t)p->graph->catalog);
	p->picture = host_overlay(base);
	whole = find_below(p, res, e, &why);
	host_close(p->picture);
	if (whole && e->unknown)
		whole = diag_error(&why, "it cannot be known: %s", e->unknown);
	catalog_blame(p->graph->catalog, &why, 0, res);
	diags_append(d, &why);
	return whole;
}

void plan_below(struct found_below *found, const struct plan *whole,
		const struct change *c, const struct host *base,
		const struct sofar *sofar, struct diags *d)
{
	AUTO(arena_release) struct arena zeros = { 0 };
	AUTO_DIAGS struct diags first = { 0 };
	size_t n = whole->graph->catalog->n;
	size_t *none = arena_array(&zeros, size_t, n);
	const struct plan_options o = { .diffs = whole->diffs,
					.veiled = whole->veiled,
					.max_disruption =
						whole->max_disruption };
	struct planning p = { .plan = &found->plan,
			      .graph = whole->graph,
			      .options = &o,
			      .arena = whole->graph->catalog->arena,
			      .diags = &first,
			      .status = arena_array(&zeros, enum status, n),
			      .pending = none,
			      .commands = none,
			      .brought = none,
			      .delivered = none };
	struct expansion e;
	const char *over;

	*found = (struct found_below){ .plan.graph = whole->graph };
	found->whole = find_now(&p, c->res, base, &e, d);
	found->precedes = e.precedes;
	leave_out_known(&e, whole);
	found->plan.removals = whole->removals;
	p.withhold_removals = whole->removals != NULL;
	over = plan_found(&p, &e, base, sofar);
	if (over) {
		found->plan.removals = over;
		p.withhold_removals = true;
		diags_release(&first);
		plan_found(&p, &e, base, sofar);
	}
	found->plan.removed = p.removals;
	for (size_t i = 0; i < found->plan.n; i++)
		found->plan.v[i]->past = c->past;
	diags_append(d, &first);
}
