/* SPDX-License-Identifier: MIT */
#include "lib/apply.h"

#include <string.h>

enum { LOOKS_MAX = 1024 * 1024 };

/* What a resource stands for, as far as it was applied. */
struct below {
	const struct resource *failed; /* the first, or NULL */
	bool done;
	size_t staged; /* of its changes */
};

/* An apply under way. */
struct applying {
	const struct plan *plan;
	struct host *host;
	const struct apply_options *options;
	struct arena *arena;
	struct arena scratch; /* until the next commit */
	struct arena looks;   /* of verify, which needs nothing for long */
	struct diags *diags;
	struct applied *applied;
	enum verdict *of_resource; /* by index in the catalog */
	struct below *below;       /* the same */
	bool *renewed;       /* by index: it did what a refresh would do */
	const void **before; /* by change: what was there, once it is tried */
	const char **texts;  /* by change: why it failed */
	const char **told;   /* by change: what its event says */
	size_t next;         /* the first change that was not told of */
	enum action *action; /* by change: as found at its turn */
	size_t *staged;      /* changes that wait for a commit */
	size_t nstaged;
	struct edge *notifying; /* edges that notify, by where they start */
	size_t nnotifying;
	bool opaque; /* a command has run: anything may differ */
};

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

static size_t index_of(const struct applying *p, const struct change *c)
{
	return plan_index(p->plan->graph, c->res);
}

/* Whether it is of what a resource stands for on this host. */
static bool is_part(const struct applying *p, const struct change *c)
{
	return p->plan->graph->catalog->v[index_of(p, c)] != c->res;
}

/* --- the ledger --- */

static int compare_from(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

static void index_notifying(struct applying *p)
{
	const struct graph *g = p->plan->graph;
	struct resource *const *v = g->catalog->v;

	/* to what cannot be refreshed nobody could ever pay */
	p->notifying = arena_array(p->arena, struct edge, g->n);
	for (size_t e = 0; e < g->n; e++)
		if (g->edges[e].notifies && resource_heeds(v[g->edges[e].to]))
			p->notifying[p->nnotifying++] = g->edges[e];
	qsort(p->notifying, p->nnotifying, sizeof(*p->notifying), compare_from);
}

static size_t first_notifying(const struct applying *p, size_t from)
{
	size_t low = 0, high = p->nnotifying;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->notifying[middle].from < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Calls f(target, cause) for everything that change c notifies. */
static bool each_notified(struct applying *p, const struct change *c,
			  bool (*f)(void *, const char *, const char *,
				    struct diags *))
{
	const struct catalog *catalog = p->plan->graph->catalog;
	size_t from = index_of(p, c);
	bool ok = true;

	if (!f)
		return true;
	for (size_t e = first_notifying(p, from);
	     ok && e < p->nnotifying && p->notifying[e].from == from; e++)
		ok = f(p->options->ledger.context,
		       catalog->v[p->notifying[e].to]->id, c->res->id,
		       p->diags);
	return ok;
}

static bool sync(struct applying *p)
{
	const struct ledger *l = &p->options->ledger;

	return !l->sync || l->sync(l->context, p->diags);
}

/* Everything that may come to be owed is written down before the first change:
 * a kill at any later moment loses none of it. */
static bool write_intents(struct applying *p)
{
	const struct ledger *l = &p->options->ledger;
	bool ok = true;

	for (size_t i = 0; ok && i < p->plan->n; i++) {
		const struct change *c = p->plan->v[i];

		if (l->planned)
			ok = l->planned(l->context, i, c, p->diags);
		if (ok && !c->withheld && !c->failed && !c->skipped &&
		    !c->refresh && c->action != ACTION_UNKNOWN)
			ok = each_notified(p, c, l->owe);
	}
	return ok && sync(p);
}

/* What the manifest does not have any more is owed nothing. */
static bool forget(struct applying *p)
{
	const struct ledger *l = &p->options->ledger;
	bool ok = true;

	for (size_t i = 0; ok && l->paid && i < p->plan->forgotten.n; i++)
		ok = l->paid(l->context, p->plan->forgotten.v[i], p->diags);
	return ok;
}

/* Events come in the order of the plan, whatever waits for a commit. */
static void tell(struct applying *p)
{
	const enum verdict *v = p->applied->verdicts;

	for (; p->next < p->plan->n && v[p->next] != VERDICT_NONE &&
	       v[p->next] != VERDICT_STAGED;
	     p->next++)
		if (p->options->event)
			p->options->event(p->options->context,
					  p->plan->v[p->next], v[p->next],
					  p->told[p->next]);
}

/* Whether a change that failed has left all as it was. */
static bool is_untouched(struct applying *p, size_t i)
{
	const struct resource *res = p->plan->v[i]->res;
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
	if (verdict == VERDICT_DONE || p->plan->v[i]->refresh ||
	    (verdict == VERDICT_FAILED && !is_untouched(p, i)))
		return;
	each_notified(p, p->plan->v[i], p->options->ledger.forgive);
}

static void note_below(struct below *b, const struct resource *res,
		       enum verdict old, enum verdict verdict)
{
	if (!b->failed &&
	    (verdict == VERDICT_FAILED || verdict == VERDICT_SKIPPED ||
	     verdict == VERDICT_LEFT))
		b->failed = res;
	b->done |= verdict == VERDICT_DONE;
	b->staged -= old == VERDICT_STAGED;
}

static void end_change(struct applying *p, size_t i, enum verdict verdict,
		       const char *text)
{
	const struct change *c = p->plan->v[i];
	const struct ledger *l = &p->options->ledger;
	enum verdict old = p->applied->verdicts[i];

	p->applied->verdicts[i] = verdict;
	p->applied->counts[verdict]++;
	if (verdict == VERDICT_DONE)
		p->applied->done[p->action[i]]++;
	if (is_part(p, c))
		note_below(&p->below[index_of(p, c)], c->res, old, verdict);
	else if (!c->refresh || verdict == VERDICT_FAILED)
		p->of_resource[index_of(p, c)] = verdict;
	forgive(p, i, verdict);
	if (l->ended)
		l->ended(l->context, i, verdict, text, p->diags);
	p->told[i] = text;
	tell(p);
}

/* What the host is told of the change that it is going to look at and make. */
static void attend(struct applying *p, size_t i)
{
	p->host->mark = i;
	p->host->hush = resource_hushes(p->plan->v[i]->res);
}

/* The first diagnostic from number from on, after placing all of them. */
static const char *blame(struct applying *p, const struct resource *res,
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

/* "/var/lib/app/db is missing", or the names of what differs. */
static const char *differs_because(struct applying *p,
				   const struct resource *res, const void *have,
				   uint64_t differ)
{
	struct step step = { res->want, have, differ, ACTION_UPDATE };
	const char *because = NULL;

	if (res->module->because)
		because = res->module->because(&step, &p->looks);
	return because ? because : rows_text(p, res, differ);
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
	const struct resource *res = p->plan->v[i]->res;
	size_t before = p->diags->n;

	if (p->texts[i]) {
		diag_error(p->diags, "%s", p->texts[i]);
		blame(p, res, before);
		end_change(p, i, VERDICT_FAILED, p->texts[i]);
	} else if (!verify(p, res) && !is_assumed(p, p->plan->v[i], before)) {
		end_change(p, i, VERDICT_FAILED, blame(p, res, before));
	} else {
		end_change(p, i, VERDICT_DONE, NULL);
	}
}

static void commit(struct applying *p)
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

static bool has_failed_itself(const struct applying *p, size_t i)
{
	enum verdict r = p->of_resource[i];

	return r == VERDICT_FAILED || r == VERDICT_SKIPPED || r == VERDICT_LEFT;
}

static bool has_failed(void *context, size_t i)
{
	const struct applying *p = context;

	return p->below[i].failed || has_failed_itself(p, i);
}

static bool is_staged(void *context, size_t i)
{
	const struct applying *p = context;

	return p->below[i].staged || p->of_resource[i] == VERDICT_STAGED;
}

/* What a change needs and what failed, or NULL. The parts of one folder do not
 * need each other. */
static const struct resource *failed_need(struct applying *p,
					  const struct change *c)
{
	const struct resource *other =
		plan_needs(p->plan->graph, c->res, has_failed, p);

	if (other && is_part(p, c) && other == c->res->from &&
	    !has_failed_itself(p, other->index))
		return NULL;
	/* parts that come before it must be right */
	if (!other && !is_part(p, c))
		return p->below[index_of(p, c)].failed;
	return other;
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

/*
 * Compares with what the plan saw. After a command has run the host may
 * rightly be another than the picture was: then what is there now decides.
 */
static bool check_moved(struct applying *p, size_t i, const void *have)
{
	const struct change *c = p->plan->v[i];
	const struct module *m = c->res->module;

	if (!c->have || c->action == ACTION_UNKNOWN || p->opaque ||
	    record_same(m->attrs, m->nattrs, c->have, have))
		return true;
	return diag_error(p->diags,
			  "it has changed since it was planned; nothing was "
			  "done to it");
}

static bool owe_now(struct applying *p, const struct change *c)
{
	return c->action != ACTION_UNKNOWN ||
	       (each_notified(p, c, p->options->ledger.owe) && sync(p));
}

static bool pay(struct applying *p, const char *target)
{
	const struct ledger *l = &p->options->ledger;

	return !l->paid || (l->paid(l->context, target, p->diags) && sync(p));
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
	const struct change *c = p->plan->v[i];
	const struct module *m = c->res->module;
	bool agreed = true;

	if (!resource_heeds(c->res) || c->action == ACTION_UNKNOWN ||
	    !is_notified(p, c))
		return VERDICT_UNCHANGED;
	if (!ask_guards(p, c, &agreed))
		return VERDICT_FAILED;
	if (!agreed)
		return pay(p, c->res->id) ? VERDICT_UNCHANGED : VERDICT_FAILED;
	p->action[i] = ACTION_REFRESH;
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

/* Makes the change; what it returns is not final for batched types. */
static enum verdict make(struct applying *p, size_t i)
{
	const struct change *c = p->plan->v[i];
	const struct module *m = c->res->module;
	struct step step = { .want = c->res->want };
	void *have;

	attend(p, i);
	if (!plan_observe(p->host, c->res, &p->scratch, &have, p->diags) ||
	    !check_moved(p, i, have))
		return VERDICT_FAILED;
	step.have = have;
	step.differ = plan_differ(c->res, have);
	step.action = p->action[i] = plan_action(c->res, have, step.differ);
	/* what was found below a folder, and is gone since a command ran, is
	 * not to be made */
	if (step.action == ACTION_CREATE && is_part(p, c))
		return VERDICT_UNCHANGED;
	if (step.action == ACTION_NONE)
		return unneeded(p, i);
	if (step.action == ACTION_UNKNOWN && !try_all_the_same(p, c, &step)) {
		diag_error(p->diags, "it cannot be known: %s",
			   ((const struct record *)have)->because);
		return VERDICT_FAILED;
	}
	if (!owe_now(p, c))
		return VERDICT_FAILED;
	p->before[i] = have;
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

static void apply_one(struct applying *p, size_t i)
{
	const struct change *c = p->plan->v[i];
	const struct resource *other;
	size_t before = p->diags->n;
	enum verdict verdict;

	if (c->failed) {
		end_change(p, i, VERDICT_FAILED, c->failed);
		return;
	}
	if (c->withheld) {
		end_change(p, i, VERDICT_WITHHELD, c->withheld);
		return;
	}
	if (must_commit(p, c))
		commit(p);
	other = failed_need(p, c);
	if (c->skipped || other) {
		end_change(p, i, VERDICT_SKIPPED,
			   arena_printf(p->arena, "it needs %s, which failed",
					other ? other->id : c->skipped));
		return;
	}
	verdict = make(p, i);
	if (verdict == VERDICT_FAILED && is_assumed(p, c, before))
		verdict = VERDICT_DONE;
	if (verdict == VERDICT_STAGED) {
		p->applied->verdicts[i] = VERDICT_STAGED;
		if (is_part(p, c))
			p->below[index_of(p, c)].staged++;
		else
			p->of_resource[index_of(p, c)] = VERDICT_STAGED;
		p->staged[p->nstaged++] = i;
		return;
	}
	end_change(p, i, verdict,
		   verdict == VERDICT_FAILED ? blame(p, c->res, before) : NULL);
	if (verdict == VERDICT_DONE && p->renewed[index_of(p, c)])
		pay_what_ran(p, c);
}

/* --- refreshes --- */

static bool is_asked_for(const struct applying *p, const struct change *c)
{
	for (size_t i = 0; i < c->ncauses; i++)
		if (p->applied->verdicts[c->causes[i]->index] == VERDICT_DONE)
			return true;
	return c->owed != NULL;
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

static bool owe_next(struct applying *p, const struct change *c)
{
	size_t e = first_notifying(p, index_of(p, c));

	return e == p->nnotifying || p->notifying[e].from != index_of(p, c) ||
	       (each_notified(p, c, p->options->ledger.owe) && sync(p));
}

static enum verdict refresh(struct applying *p, size_t i)
{
	const struct change *c = p->plan->v[i];
	bool agreed = true;

	attend(p, i);
	if (!ask_guards(p, c, &agreed))
		return VERDICT_FAILED;
	if (!agreed)
		return pay(p, c->res->id) ? VERDICT_UNCHANGED : VERDICT_FAILED;
	return owe_next(p, c) &&
			       c->res->module->refresh(p->host, c->res->want,
						       p->arena, p->diags) &&
			       pay(p, c->res->id)
		       ? VERDICT_DONE
		       : VERDICT_FAILED;
}

static void refresh_one(struct applying *p, size_t i)
{
	const struct change *c = p->plan->v[i];
	const struct resource *other =
		plan_needs(p->plan->graph, c->res, has_failed, p);
	size_t before = p->diags->n;

	p->action[i] = ACTION_REFRESH;
	if (!is_asked_for(p, c)) {
		end_change(p, i, VERDICT_UNCHANGED, NULL);
	} else if (c->withheld) {
		end_change(p, i, VERDICT_WITHHELD, c->withheld);
	} else if (p->renewed[c->res->index] &&
		   p->of_resource[c->res->index] == VERDICT_DONE &&
		   !is_asked_again(p, c)) {
		/* it ran itself, after all that asked */
		pay(p, c->res->id);
		end_change(p, i, VERDICT_UNCHANGED, NULL);
	} else if (other || has_failed(p, c->res->index)) {
		end_change(p, i, VERDICT_SKIPPED,
			   arena_printf(p->arena,
					"%s failed; the refresh stays owed",
					other ? other->id : c->res->id));
	} else {
		enum verdict verdict = refresh(p, i);

		if (verdict == VERDICT_FAILED && is_assumed(p, c, before) &&
		    pay(p, c->res->id))
			verdict = VERDICT_DONE;
		end_change(p, i, verdict,
			   verdict == VERDICT_FAILED ? blame(p, c->res, before)
						     : NULL);
	}
}

static bool stop(struct applying *p)
{
	if (!p->applied->stopped && p->options->stopped)
		p->applied->stopped = p->options->stopped(p->options->context);
	return p->applied->stopped;
}

static void each(struct applying *p, bool refreshes,
		 void (*f)(struct applying *, size_t))
{
	for (size_t i = 0; i < p->plan->n; i++) {
		if (p->plan->v[i]->refresh != refreshes)
			continue;
		if (stop(p))
			end_change(p, i, VERDICT_LEFT, NULL);
		else
			f(p, i);
	}
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

	*applied = (struct applied){ .verdicts = arena_array(a, enum verdict,
							     plan->n) };
	p.of_resource = arena_array(a, enum verdict, plan->graph->catalog->n);
	p.below = arena_array(a, struct below, plan->graph->catalog->n);
	p.renewed = arena_array(a, bool, plan->graph->catalog->n);
	p.before = arena_array(a, const void *, plan->n);
	p.texts = arena_array(a, const char *, plan->n);
	p.told = arena_array(a, const char *, plan->n);
	p.staged = arena_array(a, size_t, plan->n);
	p.action = arena_array(a, enum action, plan->n);
	for (size_t i = 0; i < plan->n; i++)
		p.action[i] = plan->v[i]->action;
	applied->actions = p.action;
	index_notifying(&p);
	host->acting = true;
	if (!forget(&p) || !write_intents(&p))
		return false;
	each(&p, false, apply_one);
	commit(&p);
	each(&p, true, refresh_one);
	commit(&p);
	arena_release(&p.looks);
	return sync(&p);
}
