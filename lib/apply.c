/* SPDX-License-Identifier: MIT */
#include "lib/apply.h"

#include <stdint.h>

#include "lib/apply/parts.h"

enum { LOOKS_MAX = 1024 * 1024 };

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_NONE] = "none",
		[VERDICT_STAGED] = "staged",
		[VERDICT_DONE] = "done",
		[VERDICT_UNCHANGED] = "unchanged",
		[VERDICT_FAILED] = "failed",
		[VERDICT_SKIPPED] = "skipped",
		[VERDICT_WITHHELD] = "withheld",
		[VERDICT_LEFT] = "left",
	};

	return names[verdict];
}

/* Events come in the order of the plan, whatever waits for a commit. */
static void tell(struct applying *p)
{
	const enum verdict *v = p->applied->verdicts;

	for (; p->next < p->applied->n && v[p->next] != VERDICT_NONE &&
	       v[p->next] != VERDICT_STAGED;
	     p->next = p->follow[p->next])
		if (p->options->event)
			p->options->event(p->options->context,
					  p->applied->v[p->next], v[p->next],
					  p->told[p->next]);
}

/* Whether a change that failed has left all as it was. */
static bool is_untouched(struct applying *p, size_t i)
{
	const struct resource *res = p->applied->v[i]->res;
	const struct module *m = res->module;
	struct diags ignored = { 0 };
	void *now;
	bool same;

	if (!p->before[i])
		return true;
	same = plan_observe(p->host, res, &p->looks, &now, &ignored) &&
	       record_same(m->attrs, m->nattrs, p->before[i], now);
	diags_release(&ignored);
	return same;
}

/* What was not done asks for nothing. What failed and may have been done all
 * the same does: the next run would see no difference, and forget it. */
static void forgive(struct applying *p, size_t i, enum verdict verdict)
{
	const struct change *c = p->applied->v[i];

	/* it is owed what the resource's own change did */
	if (is_second(p, c) || verdict == VERDICT_DONE || c->refresh)
		return;
	if (verdict == VERDICT_FAILED && !is_untouched(p, i))
		p->owing[index_of(p, c)] = true;
	else
		applying_each_notified(p, c, p->options->ledger.forgive);
}

static void note_below(struct below *b, struct arena *a,
		       const struct resource *res, enum verdict old,
		       enum verdict verdict, bool is_found)
{
	bool failed = verdict == VERDICT_FAILED || verdict == VERDICT_SKIPPED ||
		      verdict == VERDICT_LEFT;

	if (failed)
		plan_note_failed(&b->above, a, res);
	if (failed && !b->failed)
		b->failed = res;
	b->done |= verdict == VERDICT_DONE;
	b->held |= verdict == VERDICT_WITHHELD && is_found;
	b->staged -= old == VERDICT_STAGED;
}

static void note_resource(struct applying *p, const struct change *c,
			  enum verdict verdict)
{
	enum verdict *own = &p->of_resource[index_of(p, c)];

	if (c->refresh ? verdict == VERDICT_FAILED || verdict == VERDICT_SKIPPED
		       : !is_second(p, c) || verdict != VERDICT_UNCHANGED)
		*own = verdict;
}

void applying_end(struct applying *p, size_t i, enum verdict verdict,
		  const char *text)
{
	const struct change *c = p->applied->v[i];
	const struct ledger *l = &p->options->ledger;
	enum verdict old = p->applied->verdicts[i];

	p->applied->verdicts[i] = verdict;
	/* that nothing was found below it is told of its resource once */
	p->applied->counts[verdict] +=
		verdict != VERDICT_UNCHANGED || !is_second(p, c);
	if (verdict == VERDICT_DONE) {
		p->applied->done[p->applied->actions[i]]++;
		p->applied->done[ACTION_REMOVE] += p->taken[i];
	}
	forgive(p, i, verdict);
	if (is_part(p, c))
		note_below(&p->below[index_of(p, c)], p->arena, c->res, old,
			   verdict, i >= p->plan->n);
	else
		note_resource(p, c, verdict);
	if (l->ended)
		l->ended(l->context, i, verdict, text, p->diags);
	p->told[i] = text;
	tell(p);
}

/* What the host is told of the change that it is going to look at and make. */
static void attend(struct applying *p, size_t i)
{
	p->host->mark = i;
	p->host->hush = resource_hushes(p->applied->v[i]->res) ||
			p->applied->v[i]->veiled;
	p->host->batched = p->applied->v[i]->res->module->batched;
}

const char *applying_blame(struct applying *p, const struct resource *res,
			   size_t from)
{
	struct diags *d = p->diags;

	catalog_blame(p->plan->graph->catalog, d, from, res);
	return d->n > from ? arena_strdup(p->arena, d->v[from].text)
			   : "it failed";
}

/* --- staged changes --- */

static void note_failure(void *context, size_t mark, const char *text)
{
	struct applying *p = context;

	if (!p->texts[mark])
		p->texts[mark] = arena_strdup(p->arena, text);
}

static const char *rows_text(struct applying *p, const struct resource *res,
			     uint64_t rows)
{
	struct strings names = { 0 };

	for (size_t i = 0; i < res->module->nattrs; i++)
		if (rows & BIT(i))
			strings_add(&names, p->arena,
				    res->module->attrs[i].name);
	return strings_join(&names, ", ", p->arena);
}

/* Rows of the type's own that say no more than whether it is right: why it is
 * not says all of them. */
static uint64_t explained(const struct module *m)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < m->nattrs; i++)
		if ((m->attrs[i].flags & ATTR_INTERNAL) &&
		    m->attrs[i].kind == &kind_bool)
			rows |= BIT(i);
	return rows;
}

/* "/var/lib/app/db is missing", "options (it is mounted with ro)": the names of
 * what differs, and what its type says of it. */
static const char *differs_because(struct applying *p,
				   const struct resource *res, const void *have,
				   uint64_t differ)
{
	const struct module *m = res->module;
	struct step step = { res->want, have, differ, ACTION_UPDATE };
	const char *because = NULL, *rows;

	if (m->because)
		because = m->because(&step, &p->looks);
	if (!because)
		return rows_text(p, res, differ);
	rows = rows_text(p, res, differ & ~explained(m));
	return *rows ? arena_printf(p->arena, "%s (%s)", rows, because)
		     : because;
}

/* What a simulation cannot know, it takes to be right. */
static uint64_t still_differs(const struct applying *p,
			      const struct resource *res, const void *have)
{
	const struct record *r = have;
	uint64_t differ = plan_differ(res, have);

	return p->options->assume ? differ & ~r->unknown : differ;
}

/* Looks again: what still differs has failed. */
static bool verify(struct applying *p, const struct resource *res)
{
	uint64_t differ;
	void *have;
	bool ok;

	if (res->module->verified && !res->module->verified(res->want))
		return true;
	ok = plan_observe(p->host, res, &p->looks, &have, p->diags);
	differ = ok ? still_differs(p, res, have) : 0;
	if (differ)
		ok = diag_error(p->diags,
				"it still differs after the change: %s",
				differs_because(p, res, have, differ));
	if (p->looks.total > LOOKS_MAX)
		arena_release(&p->looks);
	return ok;
}

/* Whether a failure, whose diagnostics are those from number from on, is none
 * in a simulation. */
static bool is_assumed(struct applying *p, const struct change *c, size_t from)
{
	struct diags *d = p->diags;

	if (!p->options->assume || c->action != ACTION_UNKNOWN ||
	    !p->options->assume(p->options->context, c,
				d->n > from ? d->v[from].text : c->because))
		return false;
	for (; d->n > from; d->n--)
		d->errors -= d->v[d->n - 1].severity == SEVERITY_ERROR;
	return true;
}

static void settle(struct applying *p, size_t i)
{
	const struct resource *res = p->applied->v[i]->res;
	size_t before = p->diags->n;

	if (p->texts[i]) {
		diag_error(p->diags, "%s", p->texts[i]);
		applying_blame(p, res, before);
		applying_end(p, i, VERDICT_FAILED, p->texts[i]);
	} else if (!verify(p, res) &&
		   !is_assumed(p, p->applied->v[i], before)) {
		applying_end(p, i, VERDICT_FAILED,
			     applying_blame(p, res, before));
	} else {
		applying_end(p, i, VERDICT_DONE, NULL);
	}
}

void applying_commit(struct applying *p)
{
	size_t before = p->diags->n;
	const char *text = NULL;

	if (!host_commit(p->host, note_failure, p, p->diags))
		text = p->diags->n > before ? p->diags->v[before].text
					    : "it could not be made durable";
	for (size_t k = 0; k < p->nstaged; k++) {
		size_t i = p->staged[k];

		if (text && !p->texts[i])
			p->texts[i] = arena_strdup(p->arena, text);
		settle(p, i);
	}
	p->nstaged = 0;
	arena_release(&p->scratch);
}

/* --- one change --- */

bool applying_has_failed(const struct applying *p, size_t i)
{
	enum verdict r = p->of_resource[i];

	return r == VERDICT_FAILED || r == VERDICT_SKIPPED || r == VERDICT_LEFT;
}

static bool has_failed(void *context, size_t i)
{
	const struct applying *p = context;

	return p->below[i].failed || applying_has_failed(p, i);
}

static bool is_staged(void *context, size_t i)
{
	const struct applying *p = context;

	return p->below[i].staged || p->of_resource[i] == VERDICT_STAGED;
}

static bool is_held(void *context, size_t i)
{
	const struct applying *p = context;

	return p->below[i].held;
}

/* The plan told what waits for what is withheld; this waits for what was found
 * since. NULL: it does not. */
static const char *why_held(struct applying *p, const struct change *c)
{
	const struct resource *other =
		plan_needs(p->plan->graph, c->res, is_held, p);

	return other && other != c->res->from
		       ? arena_printf(p->arena, "it waits for %s", other->id)
		       : NULL;
}

static void hold(struct applying *p, size_t i, const char *held)
{
	p->below[index_of(p, p->applied->v[i])].held = true;
	applying_end(p, i, VERDICT_WITHHELD, held);
}

/* What a change needs and what failed, or NULL. The parts of one folder need
 * each other only where it is given away: see plan_note_failed. */
static const struct resource *failed_need(struct applying *p,
					  const struct change *c)
{
	const struct resource *other =
		plan_needs(p->plan->graph, c->res, has_failed, p);

	if (other && is_part(p, c) && other == c->res->from &&
	    !applying_has_failed(p, other->index))
		return plan_failed_below(&p->below[other->index].above, c->res);
	if (other || is_part(p, c))
		return other;
	if (is_second(p, c) && applying_has_failed(p, index_of(p, c)))
		return p->plan->graph->catalog->v[index_of(p, c)];
	/* parts that come before it must be right */
	return c->below && !applying_precedes(p, c)
		       ? NULL
		       : p->below[index_of(p, c)].failed;
}

/* A file's staged neighbours need not be in place for it. */
static bool must_commit(struct applying *p, const struct change *c)
{
	const struct module *m = c->res->module;
	const struct resource *other =
		plan_needs(p->plan->graph, c->res, is_staged, p);

	if (m->opaque || m->alone)
		return true;
	return other && !(m->batched && is_part(p, c) && other == c->res->from);
}

static bool refuse_moved(struct applying *p)
{
	return diag_error(p->diags,
			  "it has changed since it was planned; nothing was "
			  "done to it");
}

/* What goes, and of which no row tells what it holds, is what the plan saw.
 * What is kept can be put back. */
static bool is_unwritten(const struct applying *p, const struct change *c,
			 const struct step *step)
{
	const struct module *m = c->res->module;
	const struct step planned = { c->res->want, c->have, c->differ,
				      c->action };
	const struct node *was, *is;

	if (!m->stands || (c->undoable && !p->options->exact))
		return true;
	was = m->stands(&planned);
	is = m->stands(step);
	return !was || !is || node_unwritten(was, is);
}

/* Whether it may be another than the plan saw. */
static bool may_meet(const struct applying *p, const struct change *c)
{
	return p->opaque || c->action == ACTION_UNKNOWN;
}

/* The change becomes what it is now. False also when that is withheld. */
static bool meet(struct applying *p, size_t i, const struct step *step)
{
	const struct change *c = p->applied->v[i];
	const struct ledger *l = &p->options->ledger;
	struct change *again =
		plan_again(p->plan, c, p->host, (void *)(uintptr_t)step->have);

	/* what was let through was something else */
	if (c->action != ACTION_UNKNOWN && again->disruption > c->disruption)
		return refuse_moved(p);
	p->texts[i] = again->withheld;
	if (again->withheld)
		return false;
	p->applied->v[i] = again;
	return !l->became || l->became(l->context, i, again, p->diags);
}

/*
 * Compares with what the plan saw, if it saw it. After a command has run the
 * host may rightly be another than the picture was: then what is there now
 * decides, and is what is told of.
 */
static bool check_moved(struct applying *p, size_t i, const struct step *step)
{
	const struct change *c = p->applied->v[i];
	const struct module *m = c->res->module;
	bool unknown = !c->have || c->action == ACTION_UNKNOWN;

	if (!unknown && record_same(m->attrs, m->nattrs, c->have, step->have))
		return is_unwritten(p, c, step) || refuse_moved(p);
	if (!unknown && !p->opaque)
		return refuse_moved(p);
	if (step->action == ACTION_NONE || step->action == ACTION_UNKNOWN ||
	    p->options->assume)
		return true;
	return !unknown && p->options->exact ? refuse_moved(p)
					     : meet(p, i, step);
}

/* What was unknown owed nothing until now. */
static bool owe_now(struct applying *p, const struct change *planned)
{
	return planned->action != ACTION_UNKNOWN ||
	       (applying_each_notified(p, planned, p->options->ledger.owe) &&
		applying_sync(p));
}

static bool pay(struct applying *p, const char *target)
{
	const struct ledger *l = &p->options->ledger;

	return !l->paid ||
	       (l->paid(l->context, target, p->diags) && applying_sync(p));
}

static bool ask_guards(struct applying *p, const struct change *c, bool *yes)
{
	const struct module *m = c->res->module;

	return !m->agrees ||
	       m->agrees(p->host, c->res->want, yes, &p->looks, p->diags);
}

/* Whether something that notifies it has changed. */
static bool is_notified(const struct applying *p, const struct change *c)
{
	const struct graph *g = p->plan->graph;
	size_t i = index_of(p, c);

	for (size_t e = g->first[i]; e < g->first[i + 1]; e++) {
		size_t from = g->edges[e].from;

		if (g->edges[e].notifies &&
		    (p->below[from].done ||
		     p->of_resource[from] == VERDICT_DONE))
			return true;
	}
	return false;
}

/*
 * It need not change any more, after what a command did. The plan has no
 * refresh for what was to run itself: it is due now, for all that asked for
 * it comes before.
 */
static enum verdict unneeded(struct applying *p, size_t i)
{
	const struct change *c = p->applied->v[i];
	const struct module *m = c->res->module;
	bool agreed = true;

	if (!resource_heeds(c->res) || c->action == ACTION_UNKNOWN ||
	    !is_notified(p, c))
		return VERDICT_UNCHANGED;
	if (!ask_guards(p, c, &agreed))
		return VERDICT_FAILED;
	if (!agreed)
		return pay(p, c->res->id) ? VERDICT_UNCHANGED : VERDICT_FAILED;
	p->applied->actions[i] = ACTION_REFRESH;
	p->renewed[index_of(p, c)] = true;
	return m->refresh(p->host, c->res->want, &p->scratch, p->diags)
		       ? VERDICT_DONE
		       : VERDICT_FAILED;
}

/* In a simulation a command whose guards nobody can ask is run, and what is not
 * known is made. */
static bool try_all_the_same(const struct applying *p, const struct change *c,
			     struct step *step)
{
	const struct record *have = step->have;

	step->action = ACTION_UPDATE;
	return p->options->assume &&
	       p->options->assume(p->options->context, c, have->because);
}

/* There may be more below it than the plan saw: that is within the budget too,
 * or the change waits. */
static const char *why_over(struct applying *p, const struct change *c,
			    const struct step *step)
{
	const struct takes *takes = plan_takes(c->res, step);
	size_t more;
	const char *over;

	if (!takes || takes->entries <= c->takes)
		return NULL;
	more = takes->entries - c->takes;
	over = plan_over(p->plan, &p->sofar, more);
	p->sofar.removed += over ? 0 : more;
	return over;
}

/* Makes the change; what it returns is not final for batched types. */
static enum verdict make(struct applying *p, size_t i)
{
	const struct change *planned = p->applied->v[i], *c = planned;
	const struct module *m = c->res->module;
	struct step step = { .want = c->res->want };
	const struct takes *takes;
	void *have;

	attend(p, i);
	if (!plan_observe(p->host, c->res,
			  may_meet(p, c) ? p->arena : &p->scratch, &have,
			  p->diags))
		return VERDICT_FAILED;
	step.have = have;
	step.differ = plan_differ(c->res, have);
	step.action = plan_action(c->res, have, step.differ);
	/* what was found below a folder, and is gone since a command ran, is
	 * not to be made */
	if (may_meet(p, c) && step.action == ACTION_CREATE && is_part(p, c))
		return VERDICT_UNCHANGED;
	if (!check_moved(p, i, &step))
		return p->texts[i] ? VERDICT_WITHHELD : VERDICT_FAILED;
	c = p->applied->v[i];
	p->applied->actions[i] = step.action;
	if (step.action == ACTION_NONE)
		return unneeded(p, i);
	if (step.action == ACTION_UNKNOWN && !try_all_the_same(p, c, &step)) {
		diag_error(p->diags, "it cannot be known: %s",
			   ((const struct record *)step.have)->because);
		return VERDICT_FAILED;
	}
	p->texts[i] = why_over(p, c, &step);
	if (p->texts[i])
		return VERDICT_WITHHELD;
	if (!owe_now(p, planned))
		return VERDICT_FAILED;
	p->before[i] = step.have;
	takes = plan_takes(c->res, &step);
	p->taken[i] = takes ? takes->entries : 0;
	if (!m->apply(p->host, &step, &p->scratch, p->diags))
		return VERDICT_FAILED;
	p->opaque |= m->opaque || m->brings;
	if (!is_part(p, c))
		p->renewed[index_of(p, c)] = !m->renews || m->renews(&step);
	if (m->batched)
		return VERDICT_STAGED;
	return verify(p, c->res) ? VERDICT_DONE : VERDICT_FAILED;
}

/* What ran itself is not owed a refresh by what came before it: at once, so
 * that a kill does not make it run again. */
static void pay_what_ran(struct applying *p, const struct change *c)
{
	const struct ledger *l = &p->options->ledger;

	if (!resource_heeds(c->res))
		return;
	if (is_notified(p, c))
		pay(p, c->res->id);
	else if (l->paid)
		l->paid(l->context, c->res->id, p->diags);
}

static bool is_refused(struct applying *p, size_t i)
{
	const struct change *c = p->applied->v[i];

	if (c->failed)
		applying_end(p, i, VERDICT_FAILED, c->failed);
	else if (c->withheld)
		applying_end(p, i, VERDICT_WITHHELD, c->withheld);
	return c->failed || c->withheld;
}

/* Whether it is not its turn after all. */
static bool is_skipped(struct applying *p, size_t i)
{
	const struct change *c = p->applied->v[i];
	const struct resource *other = failed_need(p, c);
	const char *held;

	if (c->skipped || other) {
		applying_end(p, i, VERDICT_SKIPPED,
			     arena_printf(p->arena, "it needs %s, which failed",
					  other ? other->id : c->skipped));
		return true;
	}
	held = why_held(p, c);
	if (held)
		hold(p, i, held);
	return held != NULL;
}

static void stage(struct applying *p, size_t i)
{
	const struct change *c = p->applied->v[i];

	p->applied->verdicts[i] = VERDICT_STAGED;
	if (is_part(p, c))
		p->below[index_of(p, c)].staged++;
	else
		p->of_resource[index_of(p, c)] = VERDICT_STAGED;
	p->staged[p->nstaged++] = i;
}

void applying_one(struct applying *p, size_t i)
{
	const struct change *c = p->applied->v[i];
	const char *wrong = NULL;
	size_t before;
	enum verdict verdict;

	if (is_refused(p, i))
		return;
	if (must_commit(p, c))
		applying_commit(p);
	if (is_skipped(p, i))
		return;
	if (applying_looks(p, c) && is_skipped(p, i))
		return;
	before = p->diags->n;
	verdict = is_second(p, c) ? VERDICT_UNCHANGED : make(p, i);
	if (verdict == VERDICT_FAILED && is_assumed(p, c, before))
		verdict = VERDICT_DONE;
	if (verdict == VERDICT_STAGED) {
		stage(p, i);
		return;
	}
	if (verdict == VERDICT_WITHHELD) {
		hold(p, i, p->texts[i]);
		return;
	}
	if (verdict == VERDICT_FAILED)
		wrong = applying_blame(p, c->res, before);
	else if (c->below)
		wrong = applying_below(p, c);
	applying_end(p, i, wrong ? VERDICT_FAILED : verdict, wrong);
	if (wrong)
		return;
	if (verdict == VERDICT_DONE && p->renewed[index_of(p, c)])
		pay_what_ran(p, c);
}

/* --- refreshes --- */

static bool has_happened(const struct applying *p, const struct change *c)
{
	return p->applied->verdicts[c->index] == VERDICT_DONE ||
	       (c->below && p->below[index_of(p, c)].done);
}

static bool is_owed(const struct applying *p, const struct change *c)
{
	for (size_t i = 0; i < c->ncauses; i++)
		if (has_happened(p, c->causes[i]) ||
		    p->owing[index_of(p, c->causes[i])])
			return true;
	return c->owed != NULL;
}

/* Whether a refresh that asks for it is still to be done, by a later run. */
static bool is_asked_for_later(const struct applying *p, const struct change *c)
{
	for (size_t i = 0; i < c->ncauses; i++) {
		enum verdict v = p->applied->verdicts[c->causes[i]->index];

		if (c->causes[i]->refresh &&
		    (v == VERDICT_FAILED || v == VERDICT_SKIPPED ||
		     v == VERDICT_WITHHELD))
			return true;
	}
	return false;
}

/* A command that was refreshed has run, for those that it notifies. */
static bool is_asked_again(const struct applying *p, const struct change *c)
{
	for (size_t i = 0; i < c->ncauses; i++)
		if (c->causes[i]->refresh &&
		    p->applied->verdicts[c->causes[i]->index] == VERDICT_DONE)
			return true;
	return false;
}

static enum verdict refresh(struct applying *p, size_t i)
{
	const struct change *c = p->applied->v[i];
	bool agreed = true;

	attend(p, i);
	if (!ask_guards(p, c, &agreed))
		return VERDICT_FAILED;
	if (!agreed)
		return pay(p, c->res->id) ? VERDICT_UNCHANGED : VERDICT_FAILED;
	if (!applying_owes(p, c))
		return VERDICT_FAILED;
	if (c->res->module->refresh(p->host, c->res->want, p->arena,
				    p->diags) &&
	    pay(p, c->res->id))
		return VERDICT_DONE;
	p->owing[index_of(p, c)] = true;
	return VERDICT_FAILED;
}

static void refresh_one(struct applying *p, size_t i)
{
	const struct change *c = p->applied->v[i];
	const struct resource *other =
		plan_needs(p->plan->graph, c->res, has_failed, p);
	const char *held = why_held(p, c);
	bool owed = is_owed(p, c);
	size_t before = p->diags->n;

	p->applied->actions[i] = ACTION_REFRESH;
	if (!owed && !is_asked_for_later(p, c)) {
		applying_end(p, i, VERDICT_UNCHANGED, NULL);
	} else if (c->withheld) {
		applying_end(p, i, VERDICT_WITHHELD, c->withheld);
	} else if (c->failed) {
		applying_end(p, i, VERDICT_FAILED, c->failed);
	} else if (held && !other) {
		hold(p, i, held);
	} else if (p->renewed[c->res->index] &&
		   p->of_resource[c->res->index] == VERDICT_DONE &&
		   !is_asked_again(p, c)) {
		/* it ran itself, after all that asked */
		pay(p, c->res->id);
		applying_end(p, i, VERDICT_UNCHANGED, NULL);
	} else if (other || has_failed(p, c->res->index)) {
		applying_end(p, i, VERDICT_SKIPPED,
			     arena_printf(p->arena,
					  owed ? "%s failed; the refresh stays "
						 "owed"
					       : "it needs %s, which failed",
					  other ? other->id : c->res->id));
	} else {
		enum verdict verdict = refresh(p, i);

		if (verdict == VERDICT_FAILED && is_assumed(p, c, before) &&
		    pay(p, c->res->id))
			verdict = VERDICT_DONE;
		applying_end(p, i, verdict,
			     verdict == VERDICT_FAILED
				     ? applying_blame(p, c->res, before)
				     : NULL);
	}
}

bool applying_stops(struct applying *p)
{
	if (!p->applied->stopped && p->options->stopped)
		p->applied->stopped = p->options->stopped(p->options->context);
	return p->applied->stopped;
}

static void each(struct applying *p, bool refreshes,
		 void (*f)(struct applying *, size_t))
{
	for (size_t i = 0; i < p->plan->n; i++) {
		if (p->applied->v[i]->refresh != refreshes)
			continue;
		if (applying_stops(p))
			applying_end(p, i, VERDICT_LEFT, NULL);
		else
			f(p, i);
	}
}

static bool leave_all(struct applying *p)
{
	for (size_t i = 0; i < p->plan->n; i++)
		applying_end(p, i, VERDICT_LEFT, NULL);
	return false;
}

bool apply_plan(struct applied *applied, const struct plan *plan,
		struct host *host, const struct apply_options *options,
		struct diags *d)
{
	struct arena *a = plan->graph->catalog->arena;
	struct applying p = { .plan = plan,
			      .host = host,
			      .options = options,
			      .arena = a,
			      .diags = d,
			      .applied = applied };

	*applied = (struct applied){ .n = 0 };
	p.of_resource = arena_array(a, enum verdict, plan->graph->catalog->n);
	p.below = arena_array(a, struct below, plan->graph->catalog->n);
	p.renewed = arena_array(a, bool, plan->graph->catalog->n);
	p.owing = arena_array(a, bool, plan->graph->catalog->n);
	applying_take(&p, plan);
	applying_index(&p);
	host->acting = true;
	if (!applying_forget(&p) || !applying_intends(&p, 0))
		return leave_all(&p);
	each(&p, false, applying_one);
	applying_commit(&p);
	each(&p, true, refresh_one);
	applying_commit(&p);
	arena_release(&p.looks);
	return applying_sync(&p);
}
