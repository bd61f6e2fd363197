/* SPDX-License-Identifier: MIT */
/* What lint says of a world from text with ' for ". */
#ifndef CONVERGE_LINT_LINTING_TEST_H
#define CONVERGE_LINT_LINTING_TEST_H

#include "lib/check.h"
#include "lib/lint/verdict.h"
#include "lib/manifest/reading_test.h"

/* Zero it first. */
struct linting {
	struct reading_world r;
	struct checked found[3];
	struct lint_verdicts verdicts;
};

static inline void lint_share(struct linting *t, struct check check)
{
	struct strings names = { 0 };

	check.tree = &t->r.world.tree;
	check.fact_names = &names;
	check_run(&check, &t->r.arena, &t->found[check.share]);
}

static inline void lint_judge_all(struct linting *t, size_t n)
{
	struct linted *linted[3];
	bool broken = false;

	for (size_t i = 0; i < n; i++) {
		linted[i] = &t->found[i].lint;
		broken |= t->found[i].n > t->found[i].ntests ||
			  !t->found[i].whole;
	}
	lint_judge(linted, n, broken, &t->r.arena, &t->verdicts);
}

/* The world that was put, looked at by n processes. */
static inline void lint_world(struct linting *t, size_t n)
{
	if (!world_find(&t->r.world.tree, "converge.json"))
		world_put(&t->r, "converge.json", "{'version': 1}");
	for (size_t i = 0; i < n; i++)
		lint_share(t, (struct check){ .is_world = true,
					      .share = i,
					      .shares = n });
	lint_judge_all(t, n);
}

/* A manifest of resources alone. */
static inline void lint_resources(struct linting *t, const char *resources)
{
	world_put(&t->r, "m.json",
		  arena_printf(&t->r.arena,
			       "{'version': 1, 'vars': {'v': 'x'}, "
			       "'resources': {%s}, '//': '${vars.v}'}",
			       resources));
	lint_share(t, (struct check){ .file = "m.json", .shares = 1 });
	lint_judge_all(t, 1);
}

/* "RULE FILE:LINE:COLUMN: SUBJECT: TEXT" a line; of errors the text alone. */
static inline const char *lint_said(struct linting *t, size_t n)
{
	const char *text = "";

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < t->found[i].n; j++)
			text = arena_printf(&t->r.arena, "%s%s%s", text,
					    *text ? "\n" : "",
					    t->found[i].v[j].text);
	for (size_t i = 0; i < t->verdicts.n; i++) {
		const struct lint_finding *f = t->verdicts.v[i].finding;

		text = arena_printf(&t->r.arena, "%s%s%s %s:%zu:%zu: %s%s%s",
				    text, *text ? "\n" : "", f->rule,
				    f->place.file, f->place.line,
				    f->place.column,
				    f->subject ? f->subject : "",
				    f->subject ? ": " : "", f->text);
	}
	return text;
}

static inline void lint_end(struct linting *t)
{
	world_end(&t->r);
	*t = (struct linting){ 0 };
}

#endif
