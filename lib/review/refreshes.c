/* SPDX-License-Identifier: MIT */
#include "lib/review/comparing.h"

static bool is_change(const struct difference *d)
{
	return !d->withheld && d->effect != EFFECT_MANAGE &&
	       d->effect != EFFECT_RELEASE;
}

/* Whether its own change does what a refresh would. */
static bool renews(struct comparing *c, const struct difference *d)
{
	const struct module *m = d->new->module;
	struct step step = { .want = d->new->want,
			     .have = comparing_have(c, d),
			     .differ = d->state,
			     .action = d->effect == EFFECT_CREATE
					       ? ACTION_CREATE
					       : ACTION_UPDATE };

	return is_change(d) && d->effect != EFFECT_UNKNOWN &&
	       (!m->renews || m->renews(&step));
}

static const char *because(struct comparing *c, const struct difference *d,
			   bool sure, bool again)
{
	const char *changes = again ? "is refreshed" : "changes";

	if (!sure || d->causes.n == 1)
		return arena_printf(c->arena, "%s %s %s",
				    sure ? "because" : "whether",
				    d->causes.v[0], changes);
	return arena_printf(c->arena, "because %s and %zu more change",
			    d->causes.v[0], d->causes.n - 1);
}

/* What notifies it; *sure: it does so whatever the host is. */
static void add_cause(struct comparing *c, struct difference *d, size_t from,
		      bool *sure, bool *again)
{
	const struct difference *cause =
		c->found[from] ? &c->out->v[c->found[from] - 1] : NULL;
	const struct resource *by = c->new->catalog.v[from], *removed = NULL;

	if (c->removes[from] && !comparing_left(c, by))
		removed = c->removes[from];
	if (cause && is_change(cause) &&
	    !strings_have(&d->causes, cause->new->id)) {
		if (!d->causes.n)
			*again = cause->effect == EFFECT_REFRESH;
		*sure |= cause->effect != EFFECT_UNKNOWN;
		strings_add(&d->causes, c->arena, cause->new->id);
	}
	if (removed && !strings_have(&d->causes, removed->id)) {
		*sure = true;
		strings_add(&d->causes, c->arena, removed->id);
	}
}

void comparing_refresh(struct comparing *c, const struct resource *res)
{
	const struct graph *g = &c->new->graph;
	struct difference d = { .new = res, .old = res };
	const struct difference *own = NULL;
	bool sure = false, again = false;

	if (c->found[res->index])
		own = &c->out->v[c->found[res->index] - 1];
	if (!resource_heeds(res) || (own && renews(c, own)))
		return;
	for (size_t e = g->first[res->index]; e < g->first[res->index + 1]; e++)
		if (g->edges[e].notifies)
			add_cause(c, &d, g->edges[e].from, &sure, &again);
	if (!d.causes.n)
		return;
	d.effect = sure ? EFFECT_REFRESH : EFFECT_UNKNOWN;
	d.because = because(c, &d, sure, again);
	if (res->module->guarded && res->module->guarded(res->want)) {
		d.effect = EFFECT_UNKNOWN;
		d.because = arena_printf(
			c->arena, "%s, if its guards ask for it", d.because);
	}
	comparing_settle(c, comparing_add(c, &d));
}
