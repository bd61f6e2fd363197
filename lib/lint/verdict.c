/* SPDX-License-Identifier: MIT */
#include "lib/lint/verdict.h"

#include <string.h>

#include "lib/base/path.h"

const char lint_near[] = "near";

struct judging {
	struct arena *arena;
	struct linted *const *shares;
	size_t n;
	struct map marks, named, seen;
	struct strings patterns; /* of what is named */
	struct map allows;       /* the first of each pointer, as allowed */
	struct map levels;       /* 1 + level, by rule */
	struct lint_verdicts *out;
};

/* An allowance, and whether it was of use. */
struct allowed {
	const struct lint_allow *allow;
	bool used;
	struct allowed *next;
};

/* --- what is known --- */

static void take_allow(struct judging *j, const struct lint_allow *allow)
{
	struct allowed *a = arena_new(j->arena, struct allowed);

	*a = (struct allowed){ .allow = allow };
	a->next = map_put(&j->allows, j->arena, allow->pointer, a);
}

static void take(struct judging *j, const struct linted *share)
{
	for (size_t i = 0; i < share->marks.n; i++)
		map_put(&j->marks, j->arena, share->marks.v[i], j);
	for (size_t i = 0; i < share->named.n; i++) {
		const char *path = share->named.v[i];

		if (!map_put(&j->named, j->arena, path, j) && strchr(path, '*'))
			strings_add(&j->patterns, j->arena, path);
	}
	for (size_t i = 0; i < share->nallows; i++)
		take_allow(j, &share->allows[i]);
	for (size_t i = 0; i < share->nsettings; i++)
		map_put(&j->levels, j->arena, share->settings[i].rule,
			(void *)(uintptr_t)(share->settings[i].level + 1));
}

/* --- files --- */

bool lint_is_like(const char *pattern, const char *text)
{
	const char *star = NULL, *again = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			again = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++again;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

static bool is_named(const struct judging *j, const char *path)
{
	for (size_t n = strlen(path); n; n = path_parent_of(path, n)) {
		AUTO_BUF struct buf above = { 0 };

		if (map_getn(&j->named, path, n))
			return true;
		buf_add(&above, path, n);
		for (size_t i = 0; i < j->patterns.n; i++)
			if (lint_is_like(j->patterns.v[i], buf_text(&above)))
				return true;
	}
	return false;
}

/* --- findings --- */

static bool stands(struct judging *j, const struct lint_finding *f)
{
	if (f->needs && !map_get(&j->marks, f->needs))
		return false;
	if (!f->mark)
		return true;
	if (strncmp(f->mark, "file ", 5) == 0)
		return !is_named(j, f->mark + 5);
	if (strncmp(f->mark, "var ", 4) == 0 && map_get(&j->marks, "var *"))
		return false;
	return !map_get(&j->marks, f->mark);
}

/* The comment of the innermost value around that allows it; all around it are
 * of use. */
static bool is_allowed(struct judging *j, const struct lint_finding *f)
{
	size_t root = strcspn(f->pointer, "#"), n = strlen(f->pointer);
	bool found = false;

	for (;;) {
		struct allowed *a = map_getn(&j->allows, f->pointer, n);

		for (; a; a = a->next)
			if (strcmp(a->allow->rule, f->rule) == 0)
				a->used = found = true;
		if (n <= root + 1 || !f->pointer[root])
			return found;
		while (f->pointer[--n] != '/')
			;
	}
}

static bool is_again(struct judging *j, const struct lint_finding *f)
{
	return map_put(&j->seen, j->arena,
		       arena_printf(j->arena, "%s\n%s", f->rule, f->pointer),
		       j) != NULL;
}

/* What is near to a name, as any of the shares found. */
static const char *nearest(const struct judging *j,
			   const struct lint_finding *f)
{
	const char *mark =
		arena_printf(j->arena, "%s %s\n", lint_near, f->pointer);
	struct strings known = { 0 };
	size_t n = strlen(mark);

	for (size_t i = 0; i < j->n; i++)
		for (size_t k = 0; k < j->shares[i]->marks.n; k++) {
			const char *text = j->shares[i]->marks.v[k];

			if (strncmp(text, mark, n) == 0)
				strings_add(&known, j->arena, text + n);
		}
	strings_sort(&known);
	return strings_nearest(f->name, &known);
}

/* The finding with what is near in its text. */
static const struct lint_finding *with_near(struct judging *j,
					    const struct lint_finding *f)
{
	const char *near = f->name ? nearest(j, f) : NULL;
	struct lint_finding *told;

	if (!near)
		return f;
	told = arena_new(j->arena, struct lint_finding);
	*told = *f;
	told->text =
		arena_printf(j->arena, "%s; did you mean '%s'?", f->text, near);
	return told;
}

static void add(struct judging *j, const struct lint_finding *f)
{
	struct lint_verdicts *out = j->out;
	const struct lint_rule *rule = lint_rule_find(f->rule);
	size_t level = (size_t)(uintptr_t)map_get(&j->levels, f->rule);

	level = level ? level - 1 : rule->level;
	if (level == LINT_OFF)
		return;
	out->v = arena_grow(j->arena, out->v, out->n, &out->capacity,
			    sizeof(*out->v));
	out->v[out->n++] = (struct lint_verdict){ with_near(j, f),
						  (enum lint_level)level };
}

static void judge(struct judging *j, const struct lint_finding *f, bool broken)
{
	const struct lint_rule *rule = lint_rule_find(f->rule);

	if (!rule || (rule->whole && broken) || !stands(j, f) || is_again(j, f))
		return;
	if (is_allowed(j, f))
		j->out->allowed++;
	else
		add(j, f);
}

static void find_unused(struct judging *j, const struct lint_allow *allow)
{
	const struct allowed *a = map_get(&j->allows, allow->pointer);
	struct lint_finding *f;

	while (a->allow != allow)
		a = a->next;
	if (a->used)
		return;
	f = arena_new(j->arena, struct lint_finding);
	*f = (struct lint_finding){
		.rule = "unused-allow",
		.pointer = arena_printf(j->arena, "%s/~1~1/%s", allow->pointer,
					allow->rule),
		.place = allow->place,
		.text = arena_printf(j->arena,
				     "there is no finding of '%s' to allow "
				     "here",
				     allow->rule),
	};
	add(j, f);
}

void lint_judge(struct linted *const *shares, size_t n, bool broken,
		struct arena *a, struct lint_verdicts *out)
{
	struct judging j = { .arena = a, .shares = shares, .n = n, .out = out };

	*out = (struct lint_verdicts){ 0 };
	for (size_t i = 0; i < n; i++) {
		take(&j, shares[i]);
		out->dropped += shares[i]->dropped;
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < shares[i]->n; k++)
			judge(&j, &shares[i]->v[k], broken);
	for (size_t i = 0; i < n && !broken; i++)
		for (size_t k = 0; k < shares[i]->nallows; k++)
			find_unused(&j, &shares[i]->allows[k]);
}
