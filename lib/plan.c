/* SPDX-License-Identifier: MIT */
#include "lib/plan.h"

#include <string.h>

#include "lib/base/path.h"
#include "lib/planning.h"

/* --- what plan and apply share --- */

bool plan_observe(const struct host *h, const struct resource *res,
		  struct arena *a, void **have, struct diags *d)
{
	*have = arena_alloc(a, res->module->size);
	return res->module->observe(h, res->want, *have, a, d);
}

uint64_t plan_differ(const struct resource *res, const void *have)
{
	return record_differ(res->module->attrs, res->module->nattrs, res->want,
			     have);
}

const struct takes *plan_takes(const struct resource *res,
			       const struct step *step)
{
	return res->module->takes && step->have ? res->module->takes(step)
						: NULL;
}

static const struct attr *ensure_of(const struct module *m)
{
	for (size_t i = 0; i < m->nattrs; i++)
		if (m->attrs[i].flags & ATTR_ENSURE)
			return &m->attrs[i];
	return NULL;
}

enum action plan_action(const struct resource *res, const void *have,
			uint64_t differ)
{
	const struct attr *ensure = ensure_of(res->module);
	const struct record *h = have;

	if (!differ)
		return ACTION_NONE;
	if (h->unknown & differ)
		return ACTION_UNKNOWN;
	if (!ensure)
		return ACTION_UPDATE;
	if (attr_absent(ensure, res->want))
		return ACTION_REMOVE;
	return attr_absent(ensure, have) ? ACTION_CREATE : ACTION_UPDATE;
}

size_t plan_index(const struct graph *g, const struct resource *res)
{
	const struct catalog *c = g->catalog;

	return c->v[res->index] == res ? res->index : res->from->index;
}

const struct resource *plan_needs(const struct graph *g,
				  const struct resource *res,
				  bool (*test)(void *context, size_t index),
				  void *context)
{
	/* what a directory stands for needs what the directory needs */
	size_t i = plan_index(g, res);

	for (size_t e = g->first[i]; e < g->first[i + 1]; e++)
		if (!g->edges[e].loose && test(context, g->edges[e].from))
			return g->catalog->v[g->edges[e].from];
	if (g->catalog->v[i] != res && test(context, i))
		return res->from;
	return NULL;
}

/* --- which resources --- */

static bool is_chosen(const struct planning *p, const struct resource *res)
{
	const struct plan_options *o = p->options;

	if (strings_have(&o->only, res->id) ||
	    (res->from && strings_have(&o->only, res->from->id)))
		return true;
	for (size_t i = 0; i < res->common.tags.n; i++)
		if (strings_have(&o->tags, res->common.tags.v[i]))
			return true;
	return false;
}

static bool check_only(const struct planning *p)
{
	const struct catalog *c = p->graph->catalog;
	const struct strings *only = &p->options->only;
	struct strings ids = { 0 };
	const char *near;
	bool ok = true;

	for (size_t i = 0; i < only->n; i++) {
		if (catalog_find(c, only->v[i]))
			continue;
		for (size_t k = ids.n; k < c->n; k++)
			strings_add(&ids, p->arena, c->v[k]->id);
		near = strings_nearest(only->v[i], &ids);
		ok = diag_error(p->diags,
				"--only names '%s', which is not there%s%s%s",
				only->v[i], near ? "; did you mean '" : "",
				near ? near : "", near ? "'?" : "");
	}
	return ok;
}

/* A tag that is misspelt would do nothing, and say that all is well. */
static void check_tags(const struct planning *p)
{
	const struct catalog *c = p->graph->catalog;
	const struct strings *tags = &p->options->tags;

	for (size_t i = 0; i < tags->n; i++) {
		size_t k = 0;

		while (k < c->n &&
		       !strings_have(&c->v[k]->common.tags, tags->v[i]))
			k++;
		if (k == c->n)
			diag_warning(p->diags, "no resource has the tag '%s'",
				     tags->v[i]);
	}
}

/* Against the order: what a chosen resource needs is chosen too. */
static bool choose(struct planning *p)
{
	const struct graph *g = p->graph;
	size_t n = g->catalog->n;

	if (!p->options->only.n && !p->options->tags.n)
		return true;
	if (!check_only(p))
		return false;
	check_tags(p);
	for (size_t i = 0; i < n; i++)
		if (!is_chosen(p, g->catalog->v[i]))
			p->status[i] = STATUS_EXCLUDED;
	for (size_t k = n; k-- > 0;) {
		size_t i = g->order[k];

		for (size_t e = g->first[i];
		     p->status[i] != STATUS_EXCLUDED && e < g->first[i + 1];
		     e++)
			if (!g->edges[e].loose)
				p->status[g->edges[e].from] = STATUS_NONE;
	}
	return true;
}

/* --- one resource --- */

struct change *planning_add(struct planning *p, const struct resource *res)
{
	struct plan *plan = p->plan;
	struct change *c = arena_new(p->arena, struct change);

	*c = (struct change){ .res = res, .index = plan->n, .undoable = true };
	c->veiled = planning_veils(p, res);
	plan->v = arena_grow(p->arena, plan->v, plan->n, &plan->capacity,
			     sizeof(struct change *));
	plan->v[plan->n++] = c;
	return c;
}

bool planning_has_failed(void *context, size_t i)
{
	const struct planning *p = context;

	return p->status[i] == STATUS_FAILED;
}

static bool is_withheld(void *context, size_t i)
{
	const struct planning *p = context;

	return p->status[i] == STATUS_WITHHELD;
}

enum status planning_fail(struct planning *p, struct change *c, size_t from)
{
	struct diags *d = p->diags;

	catalog_blame(p->graph->catalog, d, from, c->res);
	c->failed = d->n > from ? arena_strdup(p->arena, d->v[from].text)
				: "it could not be planned";
	p->plan->failed = true;
	return STATUS_FAILED;
}

/* "until package:nginx is installed", when something new that res needs may
 * make it; or NULL. */
static const char *until_brought(struct planning *p, const struct resource *res)
{
	size_t from = p->brought[plan_index(p->graph, res)];

	return from ? arena_printf(p->arena, "until %s is installed",
				   p->graph->catalog->v[from - 1]->id)
		    : NULL;
}

/* Names are as hidden as their digest is. */
static const char *describe_list(struct planning *p, const struct change *c,
				 const struct takes *takes)
{
	return p->options->diffs == DIFFS_NONE || c->res->common.sensitive.n
		       ? NULL
		       : takes->list;
}

enum disruption planning_disruption(const struct change *c,
				    const struct step *step)
{
	const struct step unseen = { .want = c->res->want,
				     .action = c->action };

	if (c->res->common.disruption >= 0)
		return (enum disruption)c->res->common.disruption;
	return c->res->module->disruption
		       ? c->res->module->disruption(step ? step : &unseen)
		       : DISRUPTION_NONE;
}

static int lower(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

/* How many things go. Also of what is not known yet, and is to go whatever it
 * is. */
static size_t removes(const struct change *c)
{
	bool itself = c->action == ACTION_REMOVE ||
		      (c->action == ACTION_UNKNOWN && resource_absent(c->res));

	return c->takes + itself;
}

const char *planning_policy(struct planning *p, const struct change *c)
{
	int max = lower(p->graph->catalog->manifest->policy.max_disruption,
			p->options->max_disruption);
	const struct resource *other;

	max = lower(max, c->res->max_disruption);
	if (c->res->common.noop)
		return "noop";
	if (max >= 0 && (int)c->disruption > max)
		return arena_printf(p->arena,
				    "its disruption is %s, and %s is allowed",
				    disruption_name(c->disruption),
				    disruption_name((enum disruption)max));
	if (removes(c) && p->withhold_removals)
		return p->plan->removals;
	other = plan_needs(p->graph, c->res, is_withheld, p);
	if (other)
		return arena_printf(p->arena, "it waits for %s", other->id);
	return NULL;
}

/* A copy: the picture, which said why, is gone before the plan is. */
static const char *unknown_because(struct planning *p, const void *have)
{
	const struct record *h = have;

	return arena_strdup(p->arena,
			    h->because ? h->because : "it cannot be known");
}

/* What may be done, or not: what it makes is not known from here on. */
static void foresee(struct planning *p, const struct resource *res)
{
	struct step step = { .want = res->want, .action = ACTION_UNKNOWN };
	AUTO_DIAGS struct diags ignored = { 0 };

	if (res->module->opaque || res->module->foreseen)
		res->module->apply(p->picture, &step, p->arena, &ignored);
}

/* What is missing may come with what is installed before. */
static const char *may_be_brought(struct planning *p, const struct change *c)
{
	const struct module *m = c->res->module;

	return c->action == ACTION_CREATE || m->opaque
		       ? until_brought(p, c->res)
		       : NULL;
}

/* What is planned for a resource that differs. */
static enum status decide(struct planning *p, struct change *c)
{
	const struct module *module = c->res->module;
	const struct record *want = c->res->want;
	struct step step = { want, c->have, c->differ, c->action };
	const char *until = module->brings ? NULL : may_be_brought(p, c);
	const struct takes *takes = plan_takes(c->res, &step);
	size_t before = p->diags->n;

	if (c->action != ACTION_REMOVE && c->action != ACTION_UNKNOWN &&
	    !plan_opens(p->picture, c->res, p->diags)) {
		c->action = ACTION_NONE;
		c->differ = 0;
		return planning_fail(p, c, before);
	}
	c->takes = takes ? takes->entries : 0;
	c->disruption = planning_disruption(c, &step);
	c->undoable = !module->undoable || module->undoable(&step);
	c->diff = takes && takes->list ? describe_list(p, c, takes)
				       : planning_diff(p, c);
	if (c->diff && !*c->diff && c->action == ACTION_UPDATE && want->secret)
		c->because = "the value of a secret in it changes";
	if (until)
		c->action = ACTION_UNKNOWN;
	if (until)
		c->because = until;
	else if (c->action == ACTION_UNKNOWN)
		c->because = unknown_because(p, c->have);
	else if (module->because && !c->because)
		c->because = module->because(&step, p->arena);
	c->withheld = planning_policy(p, c);
	p->removals += c->withheld ? 0 : removes(c);
	if (c->withheld)
		return STATUS_WITHHELD;
	if (c->action == ACTION_UNKNOWN) {
		foresee(p, c->res);
		return STATUS_UNKNOWN;
	}
	if (!module->apply(p->picture, &step, p->arena, p->diags))
		return planning_fail(p, c, before);
	if (p->graph->catalog->v[c->res->index] == c->res)
		p->renewed[c->res->index] =
			!module->renews || module->renews(&step);
	return STATUS_CHANGES;
}

static enum status cannot_ask(struct planning *p, const struct resource *res,
			      size_t pending)
{
	struct change *c = planning_add(p, res);

	c->action = ACTION_UNKNOWN;
	c->undoable = false;
	c->because = arena_printf(p->arena, "%suntil %s has changed",
				  res->module->guarded ? "its guards " : "",
				  p->graph->catalog->v[pending]->id);
	c->disruption = planning_disruption(c, NULL);
	c->withheld = planning_policy(p, c);
	if (c->withheld)
		return STATUS_WITHHELD;
	foresee(p, res);
	return STATUS_UNKNOWN;
}

const char *planning_command(const struct planning *p,
			     const struct resource *res)
{
	size_t command = p->commands[plan_index(p->graph, res)];

	return command ? p->graph->catalog->v[command - 1]->id : NULL;
}

bool planning_is_tried(struct planning *p, const struct resource *res)
{
	struct change then = { .res = res, .action = ACTION_UNKNOWN };

	then.disruption = planning_disruption(&then, NULL);
	return !planning_policy(p, &then);
}

/* It is right now, but a command that comes first may change that: an apply
 * looks again. What could not be changed then is left alone. */
static enum status unchanged(struct planning *p, const struct resource *res)
{
	const char *command = planning_command(p, res);
	struct change *c;

	if (!command || res->module->opaque ||
	    p->graph->catalog->v[res->index] != res ||
	    !planning_is_tried(p, res)) {
		p->plan->unchanged++;
		return STATUS_UNCHANGED;
	}
	c = planning_add(p, res);
	c->action = ACTION_UNKNOWN;
	c->disruption = planning_disruption(c, NULL);
	c->because = arena_printf(p->arena, "whether %s leaves it as it is",
				  command);
	return STATUS_UNKNOWN;
}

static enum status may_work(struct planning *p, struct change *c,
			    const char *because)
{
	c->because = because;
	c->failed = NULL;
	c->action = ACTION_UNKNOWN;
	c->disruption = planning_disruption(c, NULL);
	c->withheld = planning_policy(p, c);
	return c->withheld ? STATUS_WITHHELD : STATUS_UNKNOWN;
}

/* What is not there, as it should be, may come with what is installed before:
 * it is looked at again. */
static const char *may_come(struct planning *p, const struct resource *res)
{
	const struct attr *ensure = ensure_of(res->module);

	return ensure && !res->module->brings && attr_absent(ensure, res->want)
		       ? until_brought(p, res)
		       : NULL;
}

/*
 * All that a guard's resource needs is as it should be, so at its turn a guard
 * would find the host as it is now. What the sandbox refuses it would then be
 * asked once more, for real.
 */
static bool is_asked_now(struct planning *p, const struct resource *res)
{
	const struct module *m = res->module;

	return p->options->acting && m->guarded && m->guarded(res->want) &&
	       m->asks && m->asks(res->want) && planning_is_tried(p, res);
}

static bool look(struct planning *p, const struct resource *res, void **have)
{
	bool now = is_asked_now(p, res), ok;

	if (now)
		p->options->acting->acting = true;
	ok = plan_observe(p->picture, res, p->arena, have, p->diags);
	if (now)
		p->options->acting->acting = false;
	return ok;
}

static bool is_one_place(const char *a, const char *b)
{
	return a && b && (path_below(a, b, true) || path_below(b, a, true));
}

/* Whether something that is planned already changes what res is about. */
static bool is_touched(const struct planning *p, const struct resource *res)
{
	const char *path = resource_path(res);

	if (!path)
		path = resource_edits(res);
	for (size_t i = 0; path && i < p->plan->n; i++) {
		const struct resource *other = p->plan->v[i]->res;

		if (planning_is_made(p->plan->v[i]) &&
		    (is_one_place(path, resource_path(other)) ||
		     is_one_place(path, resource_edits(other))))
			return true;
	}
	return false;
}

/* Nothing is known of it but that it was right, and still is. */
static bool was_settled(const struct planning *p, const struct resource *res,
			const void *have, uint64_t differ)
{
	const struct plan_options *o = p->options;
	const struct record *h = have;

	return o->settled && !(differ & h->set & ~h->unknown) &&
	       !p->pending[plan_index(p->graph, res)] && !is_touched(p, res) &&
	       o->settled(o->settled_context, res);
}

/* Looks at a resource and plans what it needs. */
static enum status look_and_plan(struct planning *p, const struct resource *res)
{
	const struct resource *other =
		plan_needs(p->graph, res, planning_has_failed, p);
	size_t before = p->diags->n;
	size_t pending = p->pending[plan_index(p->graph, res)];
	const char *until;
	enum action action;
	uint64_t differ;
	struct change *c;
	void *have;

	p->plan->looked_at++;
	p->picture->hush = resource_hushes(res) || planning_veils(p, res);
	if (other) {
		planning_add(p, res)->skipped = other->id;
		return STATUS_FAILED;
	}
	if (pending && res->module->asks && res->module->asks(res->want))
		return cannot_ask(p, res, pending - 1);
	if (!look(p, res, &have))
		return planning_fail(p, planning_add(p, res), before);
	differ = plan_differ(res, have);
	action = plan_action(res, have, differ);
	until = may_come(p, res);
	if (action == ACTION_NONE && until)
		return may_work(p, planning_add(p, res), until);
	if (action == ACTION_NONE ||
	    (action == ACTION_UNKNOWN && was_settled(p, res, have, differ)))
		return unchanged(p, res);
	c = planning_add(p, res);
	c->have = have;
	c->differ = differ;
	c->action = action;
	return decide(p, c);
}

/* Why what fails now may work when it is its turn: something that it needs is
 * installed by then, or a command has run, or something else is installed. */
static const char *better_then(struct planning *p, const struct change *c)
{
	const struct plan_options *o = p->options;
	const char *until = until_brought(p, c->res);
	const char *first = planning_command(p, c->res);

	if (until)
		return until;
	if (o->granted && o->granted(o->granted_context, c->res))
		return c->failed;
	if (!first && p->installed)
		first = p->graph->catalog->v[p->installed - 1]->id;
	return first ? arena_printf(p->arena, "%s, but %s comes first",
				    c->failed, first)
		     : NULL;
}

enum status planning_one(struct planning *p, const struct resource *res)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct diags *all = p->diags;
	const char *because = NULL;
	size_t n = p->plan->n;
	bool failed = p->plan->failed;
	enum status status;

	p->diags = &d;
	status = look_and_plan(p, res);
	p->diags = all;
	if (status == STATUS_FAILED && p->plan->v[n]->failed)
		because = better_then(p, p->plan->v[n]);
	if (because) {
		p->plan->failed = failed;
		return may_work(p, p->plan->v[n], because);
	}
	diags_append(p->diags, &d);
	return status;
}

bool planning_is_made(const struct change *c)
{
	return !c->withheld && !c->failed && !c->skipped;
}

/* Whether a resource is installed anew, as far as the plan can tell. */
static bool is_installed_now(const struct planning *p, size_t i)
{
	const struct span *span = &p->spans[i];

	return p->graph->catalog->v[i]->module->brings && span->changes &&
	       p->plan->v[span->from]->action == ACTION_CREATE;
}

/* Whether it may make files that are not there now. */
static bool delivers(const struct planning *p, size_t i)
{
	const struct span *span = &p->spans[i];
	const struct module *m = p->graph->catalog->v[i]->module;
	const struct change *c = span->changes ? p->plan->v[span->from] : NULL;
	struct step step;

	if (!c || !m->brings || !m->delivers || c->action == ACTION_UNKNOWN)
		return c && m->brings && !resource_absent(c->res);
	step = (struct step){ c->res->want, c->have, c->differ, c->action };
	return m->delivers(&step);
}

/* Whether something changes before it, or a command runs, directly or not. */
static void inherit_pending(struct planning *p, size_t i)
{
	const struct graph *g = p->graph;

	for (size_t e = g->first[i]; e < g->first[i + 1]; e++) {
		size_t from = g->edges[e].from;
		bool changes = p->spans[from].changes;

		if (!p->pending[i])
			p->pending[i] = changes ? from + 1 : p->pending[from];
		if (!p->commands[i])
			p->commands[i] =
				changes && g->catalog->v[from]->module->opaque
					? from + 1
					: p->commands[from];
		if (!p->brought[i])
			p->brought[i] = is_installed_now(p, from)
						? from + 1
						: p->brought[from];
		if (!p->delivered[i])
			p->delivered[i] = delivers(p, from)
						  ? from + 1
						  : p->delivered[from];
	}
}

static void plan_resources(struct planning *p)
{
	const struct graph *g = p->graph;

	for (size_t k = 0; k < g->catalog->n; k++) {
		size_t i = g->order[k];
		struct span *span = &p->spans[i];

		if (p->status[i] == STATUS_EXCLUDED)
			continue;
		inherit_pending(p, i);
		span->from = p->plan->n;
		p->status[i] = planning_all(p, g->catalog->v[i]);
		span->to = p->plan->n;
		for (size_t j = span->from; j < span->to; j++)
			span->changes |= planning_is_made(p->plan->v[j]);
		if (is_installed_now(p, i))
			p->installed = i + 1;
		if (delivers(p, i))
			p->delivery = i + 1;
	}
}

/* --- the whole --- */

static bool make(struct planning *p, const struct host *base)
{
	size_t n = p->graph->catalog->n;

	*p->plan =
		(struct plan){ .graph = p->graph,
			       .removals = p->plan->removals,
			       .diffs = p->options->diffs,
			       .veiled = p->options->veiled,
			       .max_disruption = p->options->max_disruption };
	p->status = arena_array(p->arena, enum status, n);
	p->pending = arena_array(p->arena, size_t, n);
	p->commands = arena_array(p->arena, size_t, n);
	p->brought = arena_array(p->arena, size_t, n);
	p->delivered = arena_array(p->arena, size_t, n);
	p->spans = arena_array(p->arena, struct span, n);
	p->renewed = arena_array(p->arena, bool, n);
	p->asked = arena_array(p->arena, size_t, n);
	p->refreshes = arena_array(p->arena, struct change *, n);
	p->removals = p->installed = p->delivery = 0;
	if (!choose(p))
		return false;
	p->base = base;
	p->picture = host_overlay(base);
	p->picture->fetches = p->options->acting != NULL;
	p->rivals = claims_rivals(
		(struct catalog *)(uintptr_t)p->graph->catalog, p->picture);
	plan_resources(p);
	for (size_t k = 0; k < n; k++)
		planning_refresh(p, p->graph->order[k]);
	host_close(p->picture);
	return true;
}

size_t planning_budget(const struct planning *p, size_t looked_at)
{
	const struct policy *policy = &p->graph->catalog->manifest->policy;
	size_t tenth = looked_at / 10;

	if (policy->max_removals < 0)
		return tenth > 50 ? tenth : 50;
	if (policy->removals_percent)
		return looked_at * (size_t)policy->max_removals / 100;
	return (size_t)policy->max_removals;
}

const char *planning_over(struct planning *p, size_t removals, size_t budget)
{
	if (removals <= budget)
		return NULL;
	return arena_printf(p->arena, "%zu %s over the budget of %zu", removals,
			    removals == 1 ? "removal is" : "removals are",
			    budget);
}

const char *plan_over(const struct plan *plan, const struct sofar *sofar,
		      size_t more)
{
	struct planning p = { .graph = plan->graph,
			      .arena = plan->graph->catalog->arena };

	if (plan->removals || !more)
		return more ? plan->removals : NULL;
	return planning_over(&p, sofar->removed + more,
			     planning_budget(&p, sofar->looked_at));
}

bool plan_build(struct plan *plan, const struct graph *g,
		const struct host *base, const struct plan_options *options,
		struct diags *d)
{
	struct planning p = { .plan = plan,
			      .graph = planning_give(g, base),
			      .options = options,
			      .arena = g->catalog->arena,
			      .diags = d };
	struct diags first = { 0 };
	struct strings forgotten;
	bool ok;

	*plan = (struct plan){ .graph = p.graph };
	forgotten = planning_note_owed(&p);
	p.diags = &first;
	ok = make(&p, base);
	if (ok)
		plan->removals = planning_over(
			&p, p.removals, planning_budget(&p, plan->looked_at));
	if (ok && plan->removals) {
		p.withhold_removals = true;
		diags_release(&first);
		ok = make(&p, base);
	}
	plan->removed = p.removals;
	plan->forgotten = forgotten;
	diags_append(d, &first);
	diags_release(&first);
	return ok;
}
