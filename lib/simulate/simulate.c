/* SPDX-License-Identifier: MIT */
#include "lib/simulate/simulate.h"

#include <string.h>

#include "lib/base/path.h"
#include "lib/text/escape.h"

static struct arena *arena_of(struct simulation *s)
{
	return s->against.catalog.arena;
}

/* --- failures --- */

void simulate_place(json_t *failure, struct place at)
{
	json_object_set_new(failure, "file", escape_json(at.file));
	json_object_set_new(failure, "line", json_integer((json_int_t)at.line));
	json_object_set_new(failure, "column",
			    json_integer((json_int_t)at.column));
}

json_t *simulate_fail(struct simulation *s, const char *rule,
		      const struct resource *res, const char *format, ...)
{
	json_t *failure = json_pack("{s:s}", "rule", rule);
	va_list list;

	va_start(list, format);
	json_object_set_new(
		failure, "text",
		escape_json(arena_vprintf(&s->diags.arena, format, list)));
	va_end(list);
	if (res) {
		struct place at = resource_place(&s->against.catalog, res);

		json_object_set_new(failure, "id", escape_json(res->id));
		json_object_set_new(failure, "origin",
				    json_pack("{s:o, s:I}", "file",
					      escape_json(at.file), "line",
					      (json_int_t)at.line));
		simulate_place(failure, at);
	}
	json_array_append_new(s->failures, failure);
	return failure;
}

/* --- what is taken for granted --- */

static bool was_granted(void *simulation, const struct resource *res)
{
	const struct simulation *s = simulation;

	return map_get(&s->granted, res->id);
}

static bool assume(void *pass, const struct change *c, const char *because)
{
	struct pass *p = pass;
	struct simulation *s = p->simulation;
	struct arena *a = &s->against.manifest.arena;

	if (p->tally->killed)
		return false;
	if (map_get(&s->granted, c->res->id))
		return true;
	strings_add(&s->granted_ids, a, arena_strdup(a, c->res->id));
	map_put(&s->granted, a, s->granted_ids.v[s->granted_ids.n - 1],
		arena_strdup(a, because ? because : "it cannot be known"));
	return true;
}

/* --- a pass --- */

static bool is_killed(void *pass)
{
	return ((struct pass *)pass)->tally->killed;
}

static bool does_as_much(const struct change *c)
{
	const struct module *m = c->res->module;
	const struct step step = { .want = c->res->want,
				   .have = c->have,
				   .differ = c->differ,
				   .action = c->action };

	return c->refresh ||
	       (m->refresh && c->have && (!m->renews || m->renews(&step)));
}

static void ended(void *pass, const struct change *c, enum verdict verdict,
		  const char *text)
{
	struct pass *p = pass;

	(void)text;
	p->ended[c->index] = p->tally->steps;
	if (verdict == VERDICT_DONE && does_as_much(c))
		map_put(&p->renewed, arena_of(p->simulation), c->res->id,
			(void *)(uintptr_t)c);
}

void pass_run(struct pass *p, const struct plan *plan, struct host *h,
	      struct tally *t)
{
	const struct apply_options o = { .ledger = tally_ledger(t),
					 .event = ended,
					 .context = p,
					 .stopped = is_killed,
					 .assume = assume };
	struct simulation *s = p->simulation;

	p->plan = plan;
	p->tally = t;
	p->ended = arena_array(arena_of(s), size_t, plan->n);
	host_snapshot_assume(h, &s->needs);
	apply_plan(&p->applied, plan, h, &o, &s->diags);
	host_snapshot_assume(h, NULL);
	host_snapshot_watch(h, NULL, NULL);
	h->acting = false;
	s->passes += !t->killed;
}

bool pass_plan(struct simulation *s, struct plan *plan, const struct host *h,
	       const struct tally *t, struct diags *d)
{
	struct plan_options o = s->against.options;

	o.owed = tally_owed(t, arena_of(s), &o.nowed);
	o.diffs = DIFFS_NONE;
	o.granted = was_granted;
	o.granted_context = s;
	return plan_build(plan, &s->against.graph, h, &o, d);
}

/* --- one after the other --- */

static void note_name(struct simulation *s, struct strings *names,
		      const char *type, const char *name)
{
	struct catalog *c = &s->against.catalog;

	if (name[strspn(name, "0123456789")] && !strings_have(names, name) &&
	    !catalog_find(c, arena_printf(c->arena, "%s:%s", type, name)))
		strings_add(names, c->arena, name);
}

/* Accounts that it names, in attributes of the kinds that take any. */
static void note_accounts(struct simulation *s, const struct resource *res)
{
	const struct record *want = res->want;

	for (size_t i = 0; i < res->module->nattrs; i++) {
		const struct attr *attr = &res->module->attrs[i];
		const void *field = (const char *)res->want + attr->offset;

		if (!(want->set & BIT(i)))
			continue;
		if (attr->kind == &kind_owner)
			note_name(s, &s->needs.users, "user",
				  *(const char *const *)field);
		else if (attr->kind == &kind_group)
			note_name(s, &s->needs.groups, "group",
				  *(const char *const *)field);
	}
}

/* The folders above a path that nothing makes. A home comes with its user. */
static void note_folders(struct simulation *s, const char *path)
{
	const struct catalog *c = &s->against.catalog;
	struct strings above = { 0 };

	if (!path || path_below(path, "/home", false))
		return;
	for (size_t end = 1;; end++) {
		const char *folder;

		end += strcspn(path + end, "/");
		if (!path[end])
			break;
		folder = arena_strndup(c->arena, path, end);
		if (catalog_at(c, folder))
			return;
		strings_add(&above, c->arena, folder);
	}
	for (size_t i = 0; i < above.n; i++)
		if (!strings_have(&s->needs.folders, above.v[i]))
			strings_add(&s->needs.folders, c->arena, above.v[i]);
}

static void note_needs(struct simulation *s)
{
	const struct catalog *c = &s->against.catalog;

	for (size_t i = 0; i < c->n; i++) {
		if (!resource_absent(c->v[i])) {
			note_folders(s, resource_path(c->v[i]));
			note_folders(s, resource_edits(c->v[i]));
		}
		if (strcmp(c->v[i]->module->name, "service") == 0)
			strings_add(&s->needs.services, c->arena,
				    resource_name(c->v[i]));
		else if (!resource_absent(c->v[i]))
			note_accounts(s, c->v[i]);
	}
}

bool simulate_plan(struct simulation *s, struct diags *d)
{
	AUTO_DIAGS struct diags told = { 0 };
	bool ok;

	s->failures = json_array();
	s->against.options.max_disruption = -1;
	s->against.options.diffs = DIFFS_ALL;
	ok = against_plan(&s->against, s->record, &told);
	/* of a plan that could be made, failures are its own */
	if (!ok)
		diags_append(d, &told);
	else
		note_needs(s);
	return ok;
}

static void tell_failures(struct simulation *s, const struct pass *p)
{
	for (size_t i = 0; i < p->plan->n; i++) {
		const struct change *c = p->plan->v[i];
		enum verdict verdict = p->applied.verdicts[i];
		const char *text = c->failed;

		if (verdict == VERDICT_FAILED || verdict == VERDICT_SKIPPED)
			map_put(&s->undone, arena_of(s), c->res->id, s);
		if (verdict != VERDICT_FAILED)
			continue;
		for (size_t k = 0; !text && k < s->diags.n; k++)
			if (s->diags.v[k].subject &&
			    strcmp(s->diags.v[k].subject, c->res->id) == 0)
				text = s->diags.v[k].text;
		simulate_fail(s, c->failed ? "plan" : "apply", c->res, "%s",
			      text ? text : "it fails");
	}
}

void simulate_apply(struct simulation *s)
{
	struct host *h = s->record->picture;

	s->tally.forgets = s->forgets;
	tally_begin(&s->tally, h, 0);
	s->first = (struct pass){ .simulation = s };
	pass_run(&s->first, &s->against.plan, h, &s->tally);
	tell_failures(s, &s->first);
}

bool simulate_plan_again(struct simulation *s, struct diags *d)
{
	return pass_plan(s, &s->against.plan, s->record->picture, &s->tally, d);
}

static const char *rows_of(struct simulation *s, const struct change *c)
{
	struct strings names = { 0 };

	for (size_t i = 0; i < c->res->module->nattrs; i++)
		if ((c->differ & BIT(i)) &&
		    !(c->res->module->attrs[i].flags & ATTR_INTERNAL))
			strings_add(&names, arena_of(s),
				    c->res->module->attrs[i].name);
	return strings_join(&names, ", ", arena_of(s));
}

static void tell_second(struct simulation *s, const struct change *c)
{
	static const char *const verbs[] = {
		[ACTION_CREATE] = "creates",
		[ACTION_UPDATE] = "changes",
		[ACTION_REMOVE] = "removes",
		[ACTION_REFRESH] = "refreshes",
	};
	const char *rows = rows_of(s, c);

	if (c->withheld || c->skipped || c->action == ACTION_UNKNOWN ||
	    map_get(&s->granted, c->res->id) || map_get(&s->undone, c->res->id))
		return;
	if (c->failed)
		simulate_fail(s, "second pass", c->res,
			      "a second pass fails: %s", c->failed);
	else if (c->res->module->opaque && !c->refresh)
		simulate_fail(s, "second pass", c->res,
			      "a second pass runs it again: nothing tells that "
			      "it was done");
	else
		simulate_fail(s, "second pass", c->res,
			      "a second pass %s it again%s%s%s",
			      verbs[c->action], *rows ? " (" : "", rows,
			      *rows ? ")" : "");
}

void simulate_second(struct simulation *s)
{
	AUTO_DIAGS struct diags ignored = { 0 };

	s->passes++;
	if (!pass_plan(s, &s->second, s->record->picture, &s->tally, &ignored))
		return;
	for (size_t i = 0; i < s->second.n; i++)
		tell_second(s, s->second.v[i]);
}

void simulate_release(struct simulation *s)
{
	tally_release(&s->tally);
	against_release(&s->against);
	diags_release(&s->diags);
	json_decref(s->failures);
	s->failures = NULL;
}
