/* SPDX-License-Identifier: MIT */
/*
 * What a type of a world does, by its program: "NAME observe" and "NAME
 * apply" are given an object on their standard input, and answer by one. In a
 * plan the program is in the sandbox of guards, where it can change nothing.
 */
#include <string.h>

#include "lib/external/external.h"
#include "lib/host/program.h"

static const struct external *external_of(const void *want)
{
	return ((const struct external_record *)want)->external;
}

static const char *program_of(const struct external *e, struct arena *a)
{
	return arena_printf(a, "%s/%s", EXTERNAL_PROGRAMS, e->module.name);
}

static bool kind_is(const struct attr *attr, const struct kind *kind)
{
	return attr->kind == kind;
}

/* --- what comes first --- */

static void edges_of(const struct attr *attr, const void *field,
		     struct arena *a, struct edges *e)
{
	if (kind_is(attr, &kind_path))
		edges_after_path(e, *(const char *const *)field,
				 !(attr->flags & ATTR_PATH),
				 "a path that it names");
	else if (kind_is(attr, &kind_owner))
		edges_after(
			e,
			arena_printf(a, "user:%s", *(const char *const *)field),
			"its user");
	else if (kind_is(attr, &kind_group))
		edges_after(e,
			    arena_printf(a, "group:%s",
					 *(const char *const *)field),
			    "its group");
}

void external_edges(const void *want, struct edges *edges)
{
	const struct external *e = external_of(want);
	const struct record *r = want;
	struct arena a = { 0 };

	edges_after_path(edges, program_of(e, &a), true, "its program");
	for (size_t i = EXTERNAL_SELF; i < e->module.nattrs; i++)
		if (r->set & BIT(i))
			edges_of(&e->attrs[i],
				 (const char *)want + e->attrs[i].offset, &a,
				 edges);
	arena_release(&a);
}

/* --- asking --- */

static json_t *values(const struct external *e, const void *record)
{
	const struct record *r = record;
	json_t *object = json_object();

	for (size_t i = EXTERNAL_SELF; r && i < e->module.nattrs; i++) {
		const struct attr *attr = &e->attrs[i];

		if ((r->set & BIT(i)) && !(r->unknown & BIT(i)))
			json_object_set_new(
				object, attr->name,
				attr->kind->show(attr, (const char *)record +
							       attr->offset));
	}
	return object;
}

static struct command command_of(const struct external *e, const char *verb,
				 json_t *request, struct arena *a)
{
	struct command c = { .umask = -1, .timeout = e->type->timeout };
	char *text = json_dumps(request, JSON_COMPACT);

	strings_add(&c.argv, a, program_of(e, a));
	strings_add(&c.argv, a, verb);
	/* values are its input, not its arguments: those anybody can see */
	c.input = arena_printf(a, "%s\n", text);
	c.input_size = strlen(c.input);
	free(text);
	json_decref(request);
	return c;
}

/* What is said of what a program said may hold what nobody shall see. */
static void take_diags(const struct host *h, const struct diags *said,
		       const char *program, struct diags *d)
{
	if (!h->hush)
		diags_append(d, said);
	else if (said->n)
		diag_error(d,
			   "'%s' failed; it was told what is sensitive, so "
			   "no more is said",
			   program);
}

static bool only_keys(json_t *answer, const char *const *keys, size_t n,
		      const char *program, struct diags *d)
{
	const char *key;
	json_t *value;

	json_object_foreach (answer, key, value) {
		size_t i = 0;

		while (i < n && strcmp(keys[i], key) != 0)
			i++;
		if (i == n)
			return diag_error(d,
					  "'%s' answers with an unknown key "
					  "\"%s\"",
					  program, key);
	}
	return true;
}

/* --- observe --- */

static const struct attr *attr_named(const struct external *e, const char *name)
{
	for (size_t i = EXTERNAL_SELF; i < e->module.nattrs; i++)
		if (strcmp(e->attrs[i].name, name) == 0)
			return &e->attrs[i];
	return NULL;
}

static unsigned row_of(const struct external *e, const struct attr *attr)
{
	return (unsigned)(attr - e->attrs);
}

static bool unknown_name(const char *program, const char *name, struct diags *d)
{
	return diag_error(d, "'%s' tells of '%s', which is no attribute",
			  program, name);
}

static bool take_have(const struct external *e, json_t *have, void *record,
		      const char *program, struct arena *a, struct diags *d)
{
	AUTO_DIAGS struct diags wrong = { 0 };
	struct reading reading = { .arena = a, .diags = &wrong };
	struct record *r = record;
	const char *name;
	json_t *value;

	json_object_foreach (have, name, value) {
		const struct attr *attr = attr_named(e, name);
		void *field;

		if (!attr)
			return unknown_name(program, name, d);
		field = (char *)record + attr->offset;
		if (!attr->kind->read(&reading, attr, value, field))
			return diag_error(d, "'%s' answers wrongly: %s",
					  program, wrong.v[0].text);
		external_keep(attr, field, a);
		r->set |= BIT(row_of(e, attr));
	}
	return true;
}

static bool take_unknown(const struct external *e, json_t *unknown,
			 struct record *have, const char *program,
			 struct arena *a, struct diags *d)
{
	const char *name;
	json_t *why;

	json_object_foreach (unknown, name, why) {
		const struct attr *attr = attr_named(e, name);

		if (!attr)
			return unknown_name(program, name, d);
		if (!json_is_string(why))
			return diag_error(d,
					  "'%s' must say in a string why "
					  "'%s' is unknown",
					  program, name);
		record_unknown(have, row_of(e, attr),
			       arena_strdup(a, json_string_value(why)));
	}
	return true;
}

/* Nothing at all is what is not there. */
static void settle_ensure(const struct external *e, void *record)
{
	struct record *have = record;
	const struct attr *attr = attr_named(e, "ensure");
	int choice = 0;

	if (!attr || ((have->set | have->unknown) & BIT(row_of(e, attr))))
		return;
	while (!have->set && strcmp(attr->choices[choice], "absent") != 0)
		choice++;
	*(int *)(void *)((char *)record + attr->offset) = choice;
	have->set |= BIT(row_of(e, attr));
}

static bool take_answer(const struct external *e, json_t *answer, void *have,
			const char *program, struct arena *a, struct diags *d)
{
	static const char *const keys[] = { "have", "unknown" };
	json_t *values_of = json_object_get(answer, "have");
	json_t *unknown = json_object_get(answer, "unknown");

	if (!only_keys(answer, keys, COUNT(keys), program, d))
		return false;
	if ((!values_of && !unknown) ||
	    (values_of && !json_is_object(values_of)) ||
	    (unknown && !json_is_object(unknown)))
		return diag_error(d,
				  "'%s' must answer with the objects "
				  "\"have\" or \"unknown\"",
				  program);
	if (!take_have(e, values_of, have, program, a, d) ||
	    !take_unknown(e, unknown, have, program, a, d))
		return false;
	settle_ensure(e, have);
	return true;
}

static void all_unknown(const struct external *e, struct record *have,
			const char *because)
{
	for (unsigned i = EXTERNAL_SELF; i < e->module.nattrs; i++)
		record_unknown(have, i, because);
}

static bool observe(const struct host *h, const void *want, void *have,
		    const char *program, struct arena *a, struct diags *d)
{
	const struct external *e = external_of(want);
	struct command c = command_of(
		e, "observe", json_pack("{s:o}", "want", values(e, want)), a);
	struct outcome o = { 0 };
	json_t *answer = NULL;
	bool ok;

	ok = program_is_safe(h, program, 0, d) && host_ask(h, &c, a, &o, d);
	if (ok && o.ending == ENDED_UNKNOWN) {
		all_unknown(e, have,
			    arena_printf(a, "its program '%s': %s", program,
					 o.because));
	} else if (ok) {
		answer = program_answer(program, &o, a, d);
		ok = answer && take_answer(e, answer, have, program, a, d);
	}
	outcome_release(&o);
	json_decref(answer);
	return ok;
}

bool external_observe(const struct host *h, const void *want, void *have,
		      struct arena *a, struct diags *d)
{
	const char *program = program_of(external_of(want), a);
	AUTO_DIAGS struct diags said = { 0 };
	bool ok = observe(h, want, have, program, a, &said);

	((struct external_record *)have)->external = external_of(want);
	take_diags(h, &said, program, d);
	return ok;
}

/* --- apply --- */

static const char *action_name(enum action action)
{
	switch (action) {
	case ACTION_CREATE:
		return "create";
	case ACTION_REMOVE:
		return "remove";
	default:
		return "update";
	}
}

static json_t *differing(const struct external *e, uint64_t differ)
{
	json_t *names = json_array();

	for (size_t i = EXTERNAL_SELF; i < e->module.nattrs; i++)
		if (differ & BIT(i))
			json_array_append_new(names,
					      json_string(e->attrs[i].name));
	return names;
}

/* {} or {"error": "..."} */
static bool take_verdict(const char *program, const struct outcome *o,
			 struct arena *a, struct diags *d)
{
	static const char *const keys[] = { "error" };
	json_t *answer = program_answer(program, o, a, d);
	const json_t *error = json_object_get(answer, "error");
	bool ok = answer && only_keys(answer, keys, COUNT(keys), program, d);

	if (ok && error)
		ok = diag_error(d, "'%s': %.1000s", program,
				json_is_string(error)
					? json_string_value(error)
					: "an error that is no string");
	json_decref(answer);
	return ok;
}

static bool act(struct host *h, const struct external *e, const char *verb,
		json_t *request, struct arena *a, struct diags *d)
{
	AUTO_DIAGS struct diags said = { 0 };
	const char *program = program_of(e, a);
	struct command c = command_of(e, verb, request, a);
	struct outcome o = { 0 };
	bool ok = program_is_safe(h, program, 0, &said) &&
		  host_run(h, &c, NULL, a, &o, &said);

	/* of a picture, which runs nothing */
	if (ok && o.ending != ENDED_ASSUMED)
		ok = take_verdict(program, &o, a, &said);
	outcome_release(&o);
	take_diags(h, &said, program, d);
	return ok;
}

bool external_apply(struct host *h, const struct step *step, struct arena *a,
		    struct diags *d)
{
	const struct external *e = external_of(step->want);
	json_t *request = json_pack(
		"{s:s, s:o, s:o, s:o}", "action", action_name(step->action),
		"differ", differing(e, step->differ), "want",
		values(e, step->want), "have", values(e, step->have));

	return act(h, e, "apply", request, a, d);
}

bool external_refresh(struct host *h, const void *want, struct arena *a,
		      struct diags *d)
{
	const struct external *e = external_of(want);

	return act(h, e, "refresh", json_pack("{s:o}", "want", values(e, want)),
		   a, d);
}

enum disruption external_disruption(const struct step *step)
{
	return (enum disruption)external_of(step->want)->type->disruption;
}
