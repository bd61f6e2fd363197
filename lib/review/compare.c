/* SPDX-License-Identifier: MIT */
#include "lib/review/comparing.h"

#include <stdio.h>
#include <string.h>

#include "lib/host/tarball.h"
#include "lib/plan.h"
#include "lib/review/policies.h"
#include "lib/review/rows.h"

const char *effect_name(enum effect effect)
{
	static const char *const names[EFFECTS] = {
		[EFFECT_CREATE] = "create",   [EFFECT_UPDATE] = "update",
		[EFFECT_REMOVE] = "remove",   [EFFECT_REFRESH] = "refresh",
		[EFFECT_UNKNOWN] = "unknown", [EFFECT_MANAGE] = "manage",
		[EFFECT_RELEASE] = "release",
	};

	return names[effect];
}

static const void *field(const struct attr *attr, const void *record)
{
	return (const char *)record + attr->offset;
}

/* --- rows --- */

static uint64_t differ(struct comparing *c, const struct resource *old,
		       const struct resource *new, const struct attr *attrs,
		       size_t n, const void *a, const void *b)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < n; i++)
		if (!row_is_same(c->pair, old, new, attrs, a, b, i))
			rows |= BIT(i);
	return rows;
}

/* --- whether a resource is quite the same, found out quickly --- */

/* As the manifest has it; NULL: it stands for another. */
static const struct entry *entry_of(const struct host_at *h,
				    const struct resource *res)
{
	const struct manifest *m = &h->manifest;

	return res->index < m->n && strcmp(m->v[res->index].id, res->id) == 0
		       ? &m->v[res->index]
		       : NULL;
}

/* What it has from files of the world, or made of them. */
static bool same_contents(struct comparing *c, const struct resource *old,
			  const struct resource *new)
{
	const struct record *a = old->want;

	for (size_t i = 0; i < new->module->nattrs; i++) {
		const struct attr *attr = &new->module->attrs[i];
		const void *x = field(attr, old->want),
			   *y = field(attr, new->want);

		if (!(a->set & BIT(i)) || (attr->flags & ATTR_INTERNAL))
			continue;
		if ((row_is_content(attr) || (a->secret & BIT(i))) &&
		    !content_is_same(c->pair, x, y))
			return false;
		if (attr->kind == &kind_tarball &&
		    !content_is_same(c->pair,
				     &((const struct tarball *)x)->content,
				     &((const struct tarball *)y)->content))
			return false;
	}
	return true;
}

static bool is_same(struct comparing *c, const struct resource *old,
		    const struct resource *new)
{
	const struct entry *a = entry_of(c->old, old),
			   *b = entry_of(c->new, new);

	return a && b &&
	       old->module ==
		       new->module &&json_equal(a->attributes, b->attributes) &&
	       same_contents(c, old, new);
}

/* --- differences --- */

struct difference *comparing_add(struct comparing *c,
				 const struct difference *d)
{
	struct comparison *out = c->out;

	out->v = arena_grow(c->arena, out->v, out->n, &out->capacity,
			    sizeof(*out->v));
	out->v[out->n++] = *d;
	if (d->new)
		c->found[d->new->index] = out->n;
	return &out->v[out->n - 1];
}

static uint64_t rows_with(const struct module *m, unsigned flag)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < m->nattrs; i++)
		if (m->attrs[i].flags & flag)
			rows |= BIT(i);
	return rows;
}

static bool is_reshaped(const struct difference *d)
{
	return d->retyped == RETYPED_WHOLE;
}

const void *comparing_have(struct comparing *c, const struct difference *d)
{
	return d->old && !is_reshaped(d) && !d->moved
		       ? d->old->want
		       : arena_alloc(c->arena, d->new->module->size);
}

/* Of what is absent nothing else counts. */
static uint64_t state_rows(const struct resource *res)
{
	const struct record *want = res->want;
	unsigned counts = resource_absent(res) ? ATTR_ENSURE : ATTR_STATE;

	return want->set & rows_with(res->module, counts);
}

static bool is_off(const struct resource *res, size_t row)
{
	const struct attr *attr = &res->module->attrs[row];

	return attr->kind == &kind_bool &&
	       !*(const bool *)field(attr, res->want);
}

/*
 * Whether something differs of which the catalogs do not say what it makes on
 * the host: a revision of git that is yet to be looked up. What the type has
 * made rows of its own of is known by those.
 */
static bool is_vague(const struct difference *d, uint64_t differ)
{
	const struct module *m = d->new->module;
	uint64_t own = rows_with(m, ATTR_INTERNAL),
		 state = rows_with(m, ATTR_STATE);
	uint64_t rows = differ & ~(own | state | rows_with(m, ATTR_MANNER));

	if (differ & own & state)
		return false;
	/* where nothing is to be, what it would be is all the same */
	if (resource_absent(d->old) && resource_absent(d->new)) {
		if (resource_path(d->new))
			return false;
		rows |= differ & state & ~own;
	}
	for (size_t i = 0; i < m->nattrs; i++)
		if ((rows & BIT(i)) && row_is_told(m, i) && !is_off(d->new, i))
			return true;
	return false;
}

static enum effect effect_of(struct comparing *c, const struct difference *d)
{
	static const enum effect effects[] = {
		[ACTION_NONE] = EFFECT_MANAGE,
		[ACTION_CREATE] = EFFECT_CREATE,
		[ACTION_UPDATE] = EFFECT_UPDATE,
		[ACTION_REMOVE] = EFFECT_REMOVE,
		[ACTION_REFRESH] = EFFECT_REFRESH,
		[ACTION_UNKNOWN] = EFFECT_UNKNOWN,
	};
	if (d->new->module->opaque)
		return d->rows || d->retyped == RETYPED_STATE ? EFFECT_UNKNOWN
							      : EFFECT_MANAGE;
	if (!d->old)
		return resource_absent(d->new) ? EFFECT_REMOVE : EFFECT_CREATE;
	if (d->moved)
		return resource_absent(d->new) ? EFFECT_UNKNOWN : EFFECT_CREATE;
	if (d->vague && (!d->state || (d->rows & d->new->module->finds)))
		return EFFECT_UNKNOWN;
	return effects[plan_action(d->new, comparing_have(c, d), d->state)];
}

static enum disruption disruption_of(struct comparing *c,
				     const struct difference *d)
{
	static const enum action actions[EFFECTS] = {
		[EFFECT_CREATE] = ACTION_CREATE,
		[EFFECT_UPDATE] = ACTION_UPDATE,
		/* what is there only the host could say */
		[EFFECT_REMOVE] = ACTION_UNKNOWN,
		[EFFECT_REFRESH] = ACTION_REFRESH,
		[EFFECT_UNKNOWN] = ACTION_UNKNOWN,
	};
	const struct module *m = d->new->module;
	struct step step = { .want = d->new->want,
			     .action = actions[d->effect] };

	if (d->effect == EFFECT_MANAGE)
		return DISRUPTION_NONE;
	if (d->new->common.disruption >= 0)
		return (enum disruption)d->new->common.disruption;
	if (d->effect == EFFECT_CREATE || d->effect == EFFECT_UPDATE) {
		step.have = comparing_have(c, d);
		step.differ = d->state;
	}
	return m->disruption ? m->disruption(&step) : DISRUPTION_NONE;
}

static int stricter(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

/* Also what is not known yet, and is to go whatever it is. */
static bool removes(const struct comparing *c, const struct difference *d)
{
	return d->effect == EFFECT_REMOVE || c->taken[d->new->index] ||
	       (d->effect == EFFECT_UNKNOWN && resource_absent(d->new));
}

/* See planning_policy; what it needs and is withheld is known by then, for it
 * comes earlier in the order. */
static const char *withheld(struct comparing *c, const struct difference *d)
{
	const struct graph *g = &c->new->graph;
	int max = stricter(c->new->manifest.policy.max_disruption,
			   d->new->max_disruption);
	size_t i = d->new->index;

	if (d->effect == EFFECT_MANAGE)
		return NULL;
	if (d->new->common.noop)
		return "noop";
	if (max >= 0 && (int)d->disruption > max)
		return arena_printf(c->arena,
				    "its disruption is %s, and %s is allowed",
				    disruption_name(d->disruption),
				    disruption_name((enum disruption)max));
	if (c->over && removes(c, d))
		return c->over;
	for (size_t e = g->first[i]; e < g->first[i + 1]; e++) {
		size_t from = g->edges[e].from;

		if (!g->edges[e].loose && c->found[from] &&
		    c->out->v[c->found[from] - 1].withheld)
			return arena_printf(c->arena, "it waits for %s",
					    g->catalog->v[from]->id);
	}
	return NULL;
}

void comparing_settle(struct comparing *c, struct difference *d)
{
	d->disruption = disruption_of(c, d);
	d->withheld = withheld(c, d);
}

static void find_secrets(struct comparing *c, struct difference *d)
{
	const struct record *want = d->new->want;

	for (size_t i = 0; i < d->new->module->nattrs; i++) {
		const struct content *content =
			field(&d->new->module->attrs[i], d->new->want);

		if (!(want->secret & BIT(i)))
			continue;
		for (size_t j = 0; j < content->ncuts; j++) {
			const char *path = content->cuts[j].secret;

			if (!pair_same(c->pair, path) &&
			    !strings_have(&d->secrets, path))
				strings_add(&d->secrets, c->arena, path);
		}
	}
}

/* What it was counts no more, but for what says that it is to go. */
static uint64_t rows_of_removal(const struct difference *d)
{
	const struct module *m = d->new->module;
	const struct record *want = d->new->want;
	uint64_t rows = d->rows & want->set & ~rows_with(m, ATTR_MANNER),
		 state = rows & rows_with(m, ATTR_STATE);

	return state ? state : rows;
}

/* What becomes of what it was of. */
static const char *fate_words(struct comparing *c, const struct resource *old)
{
	const struct fate fate = fate_of(&c->will, old);

	return fate_text(&fate, c->arena);
}

/* Those that do not count, as it is there. */
static uint64_t rows_initial(const struct difference *d)
{
	const struct module *m = d->new->module;

	return m->initial && !resource_absent(d->old) ? m->initial(d->new->want)
						      : 0;
}

/* What its name, or where it was, is of no more. */
static const char *moved_words(struct comparing *c, const struct difference *d)
{
	bool named = !d->old->module->place && !resource_hides_some(d->old);
	const char *what = named ? resource_name(d->old) : "what it was of",
		   *fate = fate_words(c, d->old);

	return arena_printf(c->arena,
			    d->effect == EFFECT_UNKNOWN
				    ? "%s is %s; whether this is there only "
				      "the host can tell"
				    : "%s is %s",
			    what, fate);
}

/* What is there to say of it beside its rows; or NULL. */
static const char *reason_of(struct comparing *c, const struct difference *d)
{
	if (d->moved && !d->new->module->opaque)
		return moved_words(c, d);
	if (d->effect == EFFECT_MANAGE && d->retyped)
		return "its type is another";
	if (d->effect == EFFECT_MANAGE && d->old && (d->rows & rows_initial(d)))
		return "for new ones alone: what is there stays";
	if (d->effect != EFFECT_UNKNOWN)
		return NULL;
	if (d->retyped == RETYPED_STATE)
		return "its type is another, and what that changes only the "
		       "host can tell";
	return d->new->module->opaque
		       ? "whether it runs only the host can tell"
		       : "whether it changes only the host can tell";
}

static void tell(struct comparing *c, struct difference *d)
{
	struct difference *kept;

	d->effect = effect_of(c, d);
	if (d->effect == EFFECT_REMOVE)
		d->rows = rows_of_removal(d);
	d->because = reason_of(c, d);
	kept = comparing_add(c, d);
	find_secrets(c, kept);
	comparing_settle(c, kept);
}

/* Those that ask, in other words, for what is there. */
static uint64_t rows_met(const struct difference *d, uint64_t differ)
{
	const struct module *m = d->new->module;
	const struct record *old = d->old->want, *new = d->new->want;
	uint64_t met = 0;

	for (size_t i = 0; i < m->nattrs; i++)
		if ((differ & old->set & new->set &BIT(i)) &&
		    row_is_met(&m->attrs[i], d->old->want, d->new->want))
			met |= BIT(i);
	return met;
}

static void compare_rows(struct comparing *c, struct difference *d)
{
	const struct module *m = d->new->module;
	uint64_t rows = differ(c, d->old, d->new, m->attrs, m->nattrs,
			       d->old->want, d->new->want);

	d->rows = rows & ~rows_with(m, ATTR_INTERNAL);
	rows &= ~rows_met(d, rows);
	d->moved = !is_same_thing(d->old, d->new);
	if (!d->moved)
		rows &= ~rows_initial(d);
	d->state = state_rows(d->new) & (d->moved ? ~UINT64_C(0) : rows);
	d->vague = d->retyped == RETYPED_STATE || is_vague(d, rows);
}

static enum retyped retyped_of(const struct resource *old,
			       const struct resource *new)
{
	const struct record *a = old->want, *b = new->want;

	return retyped(old->module, new->module, a->set | b->set);
}

static void compare_resource(struct comparing *c, const struct resource *new)
{
	struct difference d = { .new = new };
	const struct record *want = new->want, *common = &new->common.record;
	size_t match = c->match[new->index];

	if (match)
		d.old = c->old->catalog.v[match - 1];
	if (d.old && is_same(c, d.old, new))
		return;
	if (d.old)
		d.retyped = retyped_of(d.old, new);
	if (!d.old || is_reshaped(&d)) {
		/* what stands there by default is not told of */
		d.rows = want->set &
			 (want->written | rows_with(new->module, ATTR_STATE));
		d.state = state_rows(new);
		d.common = d.old ? 0 : common->set;
	} else {
		compare_rows(c, &d);
		d.common = differ(c, d.old, new, common_attrs, common_attrs_n,
				  &d.old->common, &new->common);
	}
	if (!d.old || d.rows || d.state || d.common || d.retyped)
		tell(c, &d);
}

/* --- the catalogs --- */

/* Most stand where they stood. */
static void match_ids(struct comparing *c)
{
	const struct catalog *old = &c->old->catalog, *new = &c->new->catalog;
	size_t next = 0;

	for (size_t i = 0; i < new->n; i++) {
		const struct resource *res =
			next < old->n && strcmp(old->v[next]->id,
						new->v[i]->id) == 0
				? old->v[next]
				: catalog_find(old, new->v[i]->id);

		if (!res)
			continue;
		next = res->index + 1;
		c->match[i] = next;
		if (res->module == new->v[i]->module &&
		    !is_same_thing(res, new->v[i]))
			c->is_named_so[res->index] = true;
		else
			c->is_kept[res->index] = true;
	}
}

/* What is of the same thing by another id is compared with that. */
static void match_things(struct comparing *c)
{
	const struct catalog *new = &c->new->catalog;

	for (size_t i = 0; i < new->n; i++) {
		const struct resource *res;

		if (c->match[i] && c->is_kept[c->match[i] - 1])
			continue;
		res = things_find(&c->was, new->v[i]);
		if (res && !c->is_kept[res->index] &&
		    !(resource_absent(res) &&
		      retyped_of(res, new->v[i]) == RETYPED_WHOLE))
			c->match[i] = res->index + 1;
	}
}

static bool is_released(const struct comparing *c, const struct resource *old)
{
	return !c->is_kept[old->index] && !c->is_named_so[old->index];
}

/* What goes with the folder that it is in. */
static void find_removed(struct comparing *c)
{
	const struct catalog *old = &c->old->catalog;

	for (size_t i = 0; i < old->n; i++) {
		struct fate fate;
		size_t by;

		if (!is_released(c, old->v[i]))
			continue;
		fate = fate_of(&c->will, old->v[i]);
		if (fate.kind != FATE_REMOVED || fate.by->common.noop)
			continue;
		by = fate.by->index;
		if (!c->removes[by])
			c->removes[by] = old->v[i];
		if (fate_is_whole(&fate))
			c->taken[by]++;
		else
			c->npurged++;
	}
}

struct difference difference_released(const struct resource *old,
				      const struct fate *fate, struct arena *a)
{
	bool goes = fate->kind == FATE_REMOVED;

	return (struct difference){
		.effect = goes ? EFFECT_REMOVE : EFFECT_RELEASE,
		.old = old,
		.because = fate_text(fate, a),
		.withheld = goes && fate->by->common.noop ? "noop" : NULL
	};
}

const char *comparing_left(const struct comparing *c, const struct resource *by)
{
	size_t found = c->found[by->index];

	if (!c->taken[by->index])
		return c->over;
	return found ? c->out->v[found - 1].withheld : NULL;
}

static void find_released(struct comparing *c)
{
	const struct graph *g = &c->old->graph;

	for (size_t i = 0; i < g->catalog->n; i++) {
		const struct resource *res = g->catalog->v[g->order[i]];
		struct difference released;
		struct fate fate;

		if (!is_released(c, res))
			continue;
		fate = fate_of(&c->will, res);
		released = difference_released(res, &fate, c->arena);
		if (fate.kind == FATE_REMOVED && !released.withheld)
			released.withheld = comparing_left(c, fate.by);
		comparing_add(c, &released);
	}
}

/* Whether those that both have would be looked at in another order. */
static bool is_reordered(const struct comparing *c)
{
	const struct graph *old = &c->old->graph, *new = &c->new->graph;
	size_t last = 0;

	for (size_t i = 0; i < new->catalog->n; i++) {
		size_t there = c->match[new->order[i]], position;

		if (!there)
			continue;
		position = old->position[there - 1];
		if (position < last)
			return true;
		last = position;
	}
	return false;
}

/* --- the budget of removals --- */

/* See plan_build. What a folder takes along counts, and goes or stays with it;
 * what nobody managed need not be there to be removed. */
static size_t count_removals(const struct comparing *c)
{
	size_t n = c->npurged;

	for (size_t i = 0; i < c->out->n; i++) {
		const struct difference *d = &c->out->v[i];

		if (!d->withheld)
			n += (d->old && d->effect == EFFECT_REMOVE) +
			     c->taken[d->new->index];
	}
	return n;
}

static void compare_resources(struct comparing *c)
{
	const struct graph *g = &c->new->graph;
	const struct policy *policy = &c->new->manifest.policy;
	size_t n = g->catalog->n;

	for (size_t i = 0; i < n; i++)
		compare_resource(c, g->catalog->v[g->order[i]]);
	if (c->over)
		return;
	c->over =
		plan_over_budget(count_removals(c),
				 plan_budget(policy, n + c->npurged), c->arena);
	if (!c->over)
		return;
	c->out->n = 0;
	memset(c->found, 0, n * sizeof(*c->found));
	for (size_t i = 0; i < n; i++)
		compare_resource(c, g->catalog->v[g->order[i]]);
}

/* --- the whole --- */

void compare(struct pair *p, struct host_at *old, struct host_at *new,
	     struct arena *a, struct comparison *out)
{
	struct comparing c = {
		.pair = p, .old = old, .new = new, .arena = a, .out = out
	};
	const struct graph *g = &new->graph;
	size_t n = g->catalog->n;

	*out = (struct comparison){ 0 };
	c.match = arena_array(a, size_t, n + 1);
	c.found = arena_array(a, size_t, n + 1);
	c.removes = arena_array(a, const struct resource *, n + 1);
	c.taken = arena_array(a, size_t, n + 1);
	c.is_kept = arena_array(a, bool, old->catalog.n + 1);
	c.is_named_so = arena_array(a, bool, old->catalog.n + 1);
	things_begin(&c.was, &old->catalog, a);
	things_begin(&c.will, &new->catalog, a);
	match_ids(&c);
	match_things(&c);
	find_removed(&c);
	compare_resources(&c);
	/* refreshes come last */
	for (size_t i = 0; i < n; i++)
		comparing_refresh(&c, g->catalog->v[g->order[i]]);
	find_released(&c);
	compare_policies(old, new, c.match, a, out);
	out->reordered = is_reordered(&c);
}

bool comparison_differs(const struct comparison *c)
{
	return c->n || c->npolicies || c->reordered;
}
