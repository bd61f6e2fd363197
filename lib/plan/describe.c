/* SPDX-License-Identifier: MIT */
/* What is told of a change: what goes with it, what it disturbs, its diff. */
#include "lib/planning.h"

/* Names are as hidden as their digest is. */
static const char *describe_list(const struct planning *p,
				 const struct change *c,
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

void planning_describe(struct planning *p, struct change *c,
		       const struct step *step)
{
	const struct module *m = c->res->module;
	const struct record *want = c->res->want;
	const struct takes *takes = plan_takes(c->res, step);

	c->takes = takes ? takes->entries : 0;
	c->disruption = planning_disruption(c, step);
	c->undoable = !m->undoable || m->undoable(step);
	c->diff = takes && takes->list ? describe_list(p, c, takes)
				       : planning_diff(p, c);
	c->because = NULL;
	if (c->diff && !*c->diff && c->action == ACTION_UPDATE && want->secret)
		c->because = "the value of a secret in it changes";
	if (m->because && !c->because && c->action != ACTION_UNKNOWN)
		c->because = m->because(step, p->arena);
}

struct change *plan_again(const struct plan *whole, const struct change *c,
			  struct host *now, void *have)
{
	struct arena *a = whole->graph->catalog->arena;
	const struct plan_options o = { .diffs = whole->diffs,
					.veiled = whole->veiled,
					.max_disruption =
						whole->max_disruption };
	struct planning p = {
		.graph = whole->graph, .picture = now, .options = &o, .arena = a
	};
	struct change *again = arena_memdup(a, c, sizeof(*c));
	struct step step = { c->res->want, have, plan_differ(c->res, have),
			     ACTION_NONE };

	step.action = plan_action(c->res, have, step.differ);
	again->have = have;
	again->differ = step.differ;
	again->action = step.action;
	planning_describe(&p, again, &step);
	again->withheld = planning_exceeds(&p, again);
	/* what was within the budget is what the plan saw */
	again->takes = c->takes;
	return again;
}
