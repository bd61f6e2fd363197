/* SPDX-License-Identifier: MIT */
/* What is refreshed once all changes are planned: what those ask for, and what
 * earlier runs left owed. */
#include "lib/planning.h"

static void add_cause(struct planning *p, struct change *refresh,
		      struct change *cause)
{
	refresh->causes =
		arena_grow(p->arena, refresh->causes, refresh->ncauses,
			   &refresh->causes_capacity, sizeof(struct change *));
	refresh->causes[refresh->ncauses++] = cause;
}

static void describe_refresh(struct planning *p, struct change *c, bool sure)
{
	const struct change *cause = c->ncauses ? c->causes[0] : NULL;
	const char *changes =
		cause && cause->refresh ? "is refreshed" : "changes";
	const struct module *m = c->res->module;

	if (!cause)
		c->because = arena_printf(p->arena, "owed since %s", c->owed);
	else if (!sure || c->ncauses == 1)
		c->because = arena_printf(p->arena, "%s %s %s",
					  sure ? "because" : "whether",
					  cause->res->id, changes);
	else
		c->because =
			arena_printf(p->arena, "because %s and %zu more change",
				     cause->res->id, c->ncauses - 1);
	c->action = sure || c->owed ? ACTION_REFRESH : ACTION_UNKNOWN;
	if (c->owed && cause)
		c->because = arena_printf(p->arena, "%s; owed since %s",
					  c->because, c->owed);
	if (m->guarded && m->guarded(c->res->want)) {
		c->action = ACTION_UNKNOWN;
		c->because = arena_printf(
			p->arena, "%s, if its guards ask for it", c->because);
	}
	c->undoable = false;
}

/* Nobody shall wonder why a service still runs with its old configuration. */
static void warn_excluded(struct planning *p, size_t i)
{
	const struct graph *g = p->graph;

	for (size_t e = g->first[i]; e < g->first[i + 1]; e++) {
		size_t from = g->edges[e].from;

		if (!g->edges[e].notifies || !p->spans[from].changes)
			continue;
		p->diags->subject = g->catalog->v[i]->id;
		diag_warning(p->diags,
			     "it is not chosen, so its refresh for %s stays "
			     "owed",
			     g->catalog->v[from]->id);
		p->diags->subject = NULL;
		return;
	}
}

static struct change *ask_for(struct planning *p, struct change *c,
			      const struct resource *res, struct change *cause,
			      bool *sure)
{
	if (!planning_is_made(cause))
		return c;
	if (!c)
		c = planning_add(p, res);
	*sure |= cause->action != ACTION_UNKNOWN;
	add_cause(p, c, cause);
	return c;
}

/*
 * Every change of a resource, or of what it stands for, is a cause; and that
 * it is refreshed itself. What runs anyway does so after all changes: that is
 * its refresh. Refreshes come last.
 */
static struct change *add_causes(struct planning *p, struct change *c,
				 const struct resource *res, size_t from,
				 bool *sure)
{
	const struct span *span = &p->spans[from];
	bool again = p->asked[from] == res->index + 1;
	bool runs = p->renewed[res->index];

	/* notify here and subscribe there are one wish */
	p->asked[from] = res->index + 1;
	if (again)
		return c;
	for (size_t i = span->from; !runs && span->changes && i < span->to; i++)
		c = ask_for(p, c, res, p->plan->v[i], sure);
	if (p->refreshes[from])
		c = ask_for(p, c, res, p->refreshes[from], sure);
	return c;
}

void planning_refresh(struct planning *p, size_t i)
{
	const struct graph *g = p->graph;
	const struct resource *res = g->catalog->v[i];
	const struct owed *owed = map_get(&p->owed, res->id);
	const struct resource *other;
	size_t before = p->diags->n;
	struct change *c = NULL;
	bool sure = false;

	if (!resource_heeds(res))
		return;
	if (p->status[i] == STATUS_EXCLUDED) {
		warn_excluded(p, i);
		return;
	}
	if (p->renewed[i])
		owed = NULL;
	for (size_t e = g->first[i]; e < g->first[i + 1]; e++)
		if (g->edges[e].notifies)
			c = add_causes(p, c, res, g->edges[e].from, &sure);
	if (!c && !owed)
		return;
	if (!c)
		c = planning_add(p, res);
	c->refresh = true;
	c->owed = owed ? owed->since : NULL;
	describe_refresh(p, c, sure);
	c->disruption = planning_disruption(c, NULL);
	other = plan_needs(g, res, planning_has_failed, p);
	if (p->status[i] == STATUS_FAILED)
		c->skipped = other ? other->id : res->id;
	else if (c->action == ACTION_REFRESH &&
		 !plan_opens(p->picture, res, p->diags))
		p->status[i] = planning_fail(p, c, before);
	else
		c->withheld = planning_policy(p, c);
	if (c->withheld && p->status[i] == STATUS_UNCHANGED)
		p->status[i] = STATUS_WITHHELD;
	p->refreshes[i] = c;
}

static void warn_forgotten(const struct owed *owed, struct diags *d)
{
	d->subject = owed->target;
	if (owed->gone)
		diag_warning(d,
			     "its refresh is owed since %s, by '%s', which is "
			     "there no more: apply forgets it",
			     owed->since, owed->gone);
	else
		diag_warning(d,
			     "its refresh is owed since %s, but the manifest "
			     "has it no more: apply forgets it",
			     owed->since);
	d->subject = NULL;
}

struct strings planning_note_owed(struct planning *p)
{
	struct strings forgotten = { 0 };

	for (size_t i = 0; i < p->options->nowed; i++) {
		const struct owed *owed = &p->options->owed[i];
		const struct resource *res =
			catalog_find(p->graph->catalog, owed->target);

		map_put(&p->owed, p->arena, owed->target,
			(void *)(uintptr_t)owed);
		if ((res && resource_heeds(res)) || !owed->ours)
			continue;
		strings_add(&forgotten, p->arena, owed->target);
		warn_forgotten(owed, p->diags);
	}
	return forgotten;
}
