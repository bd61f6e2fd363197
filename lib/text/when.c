/* SPDX-License-Identifier: MIT */
#include "lib/text/when.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/utf8.h"

enum {
	MAX_GLOB = 255,
	MAX_NESTING = 64,
	SHOWN = 80, /* bytes of a name that an error shows */
};

static int shown(size_t size)
{
	return size < SHOWN ? (int)size : SHOWN;
}

/* A condition being judged. */
struct test {
	const struct scope *scope;
	struct arena *arena;
	const char **error;
	const char *name;   /* "facts.os.id" */
	const json_t *have; /* what it stands for; NULL: not known */
	bool apart;         /* there is no host: see when_wrong */
	bool repeated;
};

static bool refuse(struct test *t, const char *format, ...) PRINTF(2, 3);

/* Only the first error counts. Always false. */
static bool refuse(struct test *t, const char *format, ...)
{
	va_list args;

	if (*t->error)
		return false;
	va_start(args, format);
	*t->error = arena_vprintf(t->arena, format, args);
	va_end(args);
	return false;
}

/* That of n simple comparisons. */
static bool take_time(struct test *t, size_t n)
{
	return scope_spend(t->scope, n) ||
	       refuse(t, "conditions compare too much in all");
}

static size_t decode(const char *at, const char *end, uint32_t *rune)
{
	size_t n = utf8_decode(at, (size_t)(end - at), rune);

	if (n)
		return n;
	*rune = (unsigned char)*at;
	return 1;
}

/* A character of a set, which a backslash makes literal. */
static const char *set_rune(const char *p, const char *end, uint32_t *rune)
{
	if (*p == '\\' && p + 1 < end)
		p++;
	return p + decode(p, end, rune);
}

/*
 * Whether the set that begins at p, after its '[', has the rune; *after is
 * then what follows its ']', or NULL when there is none.
 */
static bool in_set(const char *p, const char *end, uint32_t rune,
		   const char **after)
{
	bool negated = p < end && (*p == '!' || *p == '^'), found = false;
	const char *first = p += negated;
	uint32_t from, to;

	while (p < end && (*p != ']' || p == first)) {
		p = set_rune(p, end, &from);
		to = from;
		if (end - p >= 2 && *p == '-' && p[1] != ']')
			p = set_rune(p + 1, end, &to);
		found |= from <= rune && rune <= to;
	}
	*after = p < end ? p + 1 : NULL;
	return found != negated;
}

static bool sets_are_closed(const char *p, const char *end)
{
	while (p && p < end) {
		char c = *p++;

		if (c == '[')
			in_set(p, end, 0, &p);
		else if (c == '\\' && p < end)
			p++;
	}
	return p;
}

/* What follows the one character that p stands for, if text begins with one
 * that it stands for; else NULL. */
static const char *match_one(const char *p, const char *end, uint32_t rune)
{
	const char *after;
	uint32_t want;

	if (*p == '?')
		return p + 1;
	if (*p == '[')
		return in_set(p + 1, end, rune, &after) ? after : NULL;
	if (*p == '\\' && p + 1 < end)
		p++;
	p += decode(p, end, &want);
	return want == rune ? p : NULL;
}

/*
 * Glob of the whole text. When it fails, only the last '*' need take one more
 * character: the time is at most the product of both lengths.
 */
static bool glob(const char *p, const char *p_end, const char *t,
		 const char *t_end)
{
	const char *star = NULL, *retry = NULL, *next;
	uint32_t rune;

	while (t < t_end) {
		size_t n = decode(t, t_end, &rune);

		if (p < p_end && *p == '*') {
			star = ++p;
			retry = t;
			continue;
		}
		next = p < p_end ? match_one(p, p_end, rune) : NULL;
		if (next) {
			p = next;
			t += n;
			continue;
		}
		if (!star)
			return false;
		retry += decode(retry, t_end, &rune);
		p = star;
		t = retry;
	}
	while (p < p_end && *p == '*')
		p++;
	return p == p_end;
}

static bool same_string(struct test *t, const json_t *have, const json_t *want)
{
	const char *pattern = json_string_value(want);
	size_t size = json_string_length(want);
	const char *text = json_string_value(have);
	size_t length = json_string_length(have);

	if (!pattern[strcspn(pattern, "*?[\\")])
		return size == length && memcmp(pattern, text, size) == 0;
	if (size > MAX_GLOB)
		return refuse(t, "'%s' wants a pattern longer than %d bytes",
			      t->name, MAX_GLOB);
	if (!sets_are_closed(pattern, pattern + size))
		return refuse(t,
			      "'%s' wants a pattern with a '[' that no ']' "
			      "closes (a literal one is written \\[)",
			      t->name);
	return take_time(t, size * length / 4) &&
	       glob(pattern, pattern + size, text, text + length);
}

static int order(double a, double b)
{
	return (a > b) - (a < b);
}

/* 64-bit integers do not all fit a double. */
static int compare_numbers(const json_t *a, const json_t *b)
{
	json_int_t x = json_integer_value(a), y = json_integer_value(b);

	if (json_is_integer(a) && json_is_integer(b))
		return (x > y) - (x < y);
	return order(json_number_value(a), json_number_value(b));
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Runs of digits as numbers, of any length: -1, 0 or 1, past both runs. */
static int compare_runs(const char **a, const char **b)
{
	size_t n, m;
	int differ;

	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	n = strspn(*a, "0123456789");
	m = strspn(*b, "0123456789");
	differ = n != m ? (n > m) - (n < m) : strncmp(*a, *b, n);
	*a += n;
	*b += m;
	return (differ > 0) - (differ < 0);
}

/* As versions are ordered: "9" before "12", "22.04" before "22.10". */
static int compare_strings(const char *a, const char *b)
{
	while (*a && *b) {
		int differ = (unsigned char)*a - (unsigned char)*b;

		if (is_digit(*a) && is_digit(*b)) {
			differ = compare_runs(&a, &b);
		} else {
			a++;
			b++;
		}
		if (differ)
			return differ;
	}
	return (*a != '\0') - (*b != '\0');
}

/* "ge" and its like, as what the order of have and want may be. */
static const struct comparison {
	char name[3];
	bool less, equal, greater;
} comparisons[] = {
	{ "lt", .less = true },
	{ "le", .less = true, .equal = true },
	{ "gt", .greater = true },
	{ "ge", .greater = true, .equal = true },
};

/* What is not known may be just what is wanted. */
static const json_t *have_for(const struct test *t, const json_t *want)
{
	return t->have ? t->have : want;
}

static bool compare_one(struct test *t, const json_t *have, const json_t *want,
			const struct comparison *c)
{
	int differ;

	if (json_is_number(have) && json_is_number(want))
		differ = compare_numbers(have, want);
	else if (json_is_string(have) && json_is_string(want))
		differ = compare_strings(json_string_value(have),
					 json_string_value(want));
	else
		return t->have ? refuse(t,
					"'%s' is %s, which '%s' cannot compare "
					"with %s",
					t->name, scope_kind(have), c->name,
					scope_kind(want))
			       : refuse(t,
					"'%s' cannot be compared with %s by "
					"'%s'",
					t->name, scope_kind(want), c->name);
	return differ < 0 ? c->less : differ > 0 ? c->greater : c->equal;
}

static bool compare_each(struct test *t, const json_t *want,
			 const struct comparison *c)
{
	const json_t *have;
	bool holds = false;
	size_t i;

	if (!json_is_array(t->have))
		return compare_one(t, have_for(t, want), want, c);
	if (!take_time(t, json_array_size(t->have)))
		return false;
	json_array_foreach (t->have, i, have)
		holds |= compare_one(t, have, want, c);
	return holds;
}

static bool same_one(struct test *t, const json_t *have, const json_t *want)
{
	if (json_is_string(have) && json_is_string(want))
		return same_string(t, have, want);
	if (json_is_number(have) && json_is_number(want))
		return compare_numbers(have, want) == 0;
	return json_typeof(have) == json_typeof(want) &&
	       (json_is_boolean(want) || json_is_null(want));
}

/* jansson's iterators want an object to be theirs that they do not change. */
static json_t *iterable(const json_t *object)
{
	return (json_t *)(uintptr_t)object;
}

/*
 * What is wanted, with its references filled in: a new reference. NULL with an
 * error, or without one where there is no host and it may be anything.
 */
static json_t *fill(struct test *t, const json_t *want)
{
	const char *text = json_string_value(want), *error = NULL;
	size_t size = json_string_length(want);
	json_t *made;

	if (!text || !strstr(text, "${"))
		return json_incref(iterable(want));
	if (t->apart && scope_refers(text)) {
		error = scope_wrong(t->scope, text, size, t->repeated,
				    t->arena);
		if (error)
			refuse(t, "%s", error);
		return NULL;
	}
	made = scope_expand(t->scope, text, size, t->arena, &error);
	if (!made)
		refuse(t, "%s", error);
	else if (take_time(t, json_array_size(made) + json_string_length(made)))
		return made;
	json_decref(made);
	return NULL;
}

/* have, or any member of it, is the one value that is wanted. */
static bool same_value(struct test *t, const json_t *want)
{
	const json_t *have;
	bool holds = false;
	size_t i;

	if (json_is_object(want) || json_is_array(want))
		return refuse(t,
			      "'%s' can be compared with strings, numbers, "
			      "booleans and null, not with %s",
			      t->name, scope_kind(want));
	if (!json_is_array(t->have))
		return same_one(t, have_for(t, want), want);
	if (!take_time(t, json_array_size(t->have)))
		return false;
	json_array_foreach (t->have, i, have)
		holds |= same_one(t, have, want);
	return holds;
}

/* A reference to a list stands for its members. */
static bool same_filled(struct test *t, const json_t *want)
{
	json_t *made = fill(t, want);
	const json_t *value;
	bool holds = false;
	size_t i;

	if (!made)
		return !*t->error;
	if (made == want || !json_is_array(made))
		holds = same_value(t, made);
	else
		json_array_foreach (made, i, value)
			holds |= same_value(t, value);
	json_decref(made);
	return holds;
}

static bool same_any(struct test *t, const json_t *want)
{
	const json_t *value;
	bool holds = false;
	size_t i;

	if (!json_is_array(want))
		return same_filled(t, want);
	json_array_foreach (want, i, value)
		holds |= same_filled(t, value);
	return holds;
}

static bool compare_any(struct test *t, const json_t *want,
			const struct comparison *c)
{
	json_t *made = fill(t, want);
	bool holds = made ? compare_each(t, made, c) : !*t->error;

	json_decref(made);
	return holds;
}

static bool compare(struct test *t, const char *name, const json_t *want)
{
	if (strcmp(name, "eq") == 0)
		return same_any(t, want);
	if (strcmp(name, "ne") == 0)
		return !same_any(t, want);
	for (size_t i = 0; i < COUNT(comparisons); i++)
		if (strcmp(name, comparisons[i].name) == 0)
			return compare_any(t, want, &comparisons[i]);
	return refuse(t,
		      "'%.*s' is not a comparison: "
		      "must be eq, ne, lt, le, gt or ge",
		      shown(strlen(name)), name);
}

static bool compare_all(struct test *t, const json_t *want)
{
	void *i = json_object_iter(iterable(want));
	bool holds = true, any = false;

	for (; i; i = json_object_iter_next(iterable(want), i)) {
		const char *name = json_object_iter_key(i);

		if (strcmp(name, "//") == 0)
			continue;
		any = true;
		holds &= compare(t, name, json_object_iter_value(i));
	}
	return any ? holds : refuse(t, "'%s' has no comparison", t->name);
}

/* Every key and value is looked at, so that an error does not depend on what
 * else holds on this host. */
static bool judge(struct test *t, const char *name, const json_t *want)
{
	size_t size = strlen(name);
	bool known = !t->apart || strcmp(name, "host") == 0;

	t->name = name;
	t->have = known ? scope_get(t->scope, name, size) : NULL;
	if (known ? !t->have : !scope_may_have(name, size, t->repeated))
		return refuse(t, "%s",
			      scope_undefined(t->scope, name, size, t->arena));
	if (json_is_object(t->have))
		return refuse(t, "'%s' is an object, name a member of it",
			      name);
	if (json_is_object(want))
		return compare_all(t, want);
	return same_any(t, want);
}

/* An object of which all keys must hold, or a list of which any member. */
struct group {
	const json_t *value;
	void *key;    /* the next one of an object */
	size_t index; /* the next one of a list */
	bool any, negated, holds;
};

struct groups {
	struct test test;
	struct group stack[MAX_NESTING];
	size_t n;
};

static bool push_all(struct groups *g, const char *what, const json_t *value,
		     bool negated)
{
	if (!json_is_object(value))
		return refuse(&g->test,
			      "%s must be an object of conditions, not %s",
			      what, scope_kind(value));
	if (g->n == MAX_NESTING)
		return refuse(&g->test,
			      "conditions are nested more than %d deep",
			      MAX_NESTING);
	g->stack[g->n++] = (struct group){
		.value = value,
		.key = json_object_iter(iterable(value)),
		.negated = negated,
		.holds = true,
	};
	return true;
}

static bool push_any(struct groups *g, const json_t *value)
{
	if (!json_is_array(value))
		return refuse(&g->test,
			      "'any' must be a list of conditions, not %s",
			      scope_kind(value));
	if (g->n == MAX_NESTING)
		return refuse(&g->test,
			      "conditions are nested more than %d deep",
			      MAX_NESTING);
	g->stack[g->n++] = (struct group){ .value = value, .any = true };
	return true;
}

static void add_result(struct group *group, bool holds)
{
	group->holds =
		group->any ? group->holds || holds : group->holds && holds;
}

static bool step_list(struct groups *g, struct group *group)
{
	return push_all(g, "a member of 'any'",
			json_array_get(group->value, group->index++), false);
}

static bool step_object(struct groups *g, struct group *group)
{
	const char *name = json_object_iter_key(group->key);
	const json_t *value = json_object_iter_value(group->key);

	group->key = json_object_iter_next(iterable(group->value), group->key);
	if (strcmp(name, "//") == 0)
		return true;
	if (strcmp(name, "not") == 0)
		return push_all(g, "'not'", value, true);
	if (strcmp(name, "any") == 0)
		return push_any(g, value);
	add_result(group, judge(&g->test, name, value));
	return !*g->test.error;
}

/* Hands the result of the innermost group to the one around it. */
static void pop_group(struct groups *g, bool *holds)
{
	const struct group *done = &g->stack[--g->n];

	*holds = done->holds != done->negated;
	if (g->n)
		add_result(&g->stack[g->n - 1], *holds);
}

static bool run(struct groups *g, bool *holds)
{
	while (g->n) {
		struct group *top = &g->stack[g->n - 1];

		if (top->key) {
			if (!step_object(g, top))
				return false;
		} else if (top->index < json_array_size(top->value)) {
			if (!step_list(g, top))
				return false;
		} else {
			pop_group(g, holds);
		}
	}
	return true;
}

bool when_judge(const struct scope *s, const json_t *when, struct arena *arena,
		bool *holds, const char **error)
{
	struct groups g = {
		.test = { .scope = s, .arena = arena, .error = error }
	};

	*error = NULL;
	*holds = false;
	if (push_all(&g, "'when'", when, false) && run(&g, holds))
		return true;
	/* what a part of it came to is no answer */
	*holds = false;
	return false;
}

const char *when_wrong(const struct scope *s, const json_t *when, bool repeated,
		       struct arena *arena)
{
	const char *error = NULL;
	struct groups g = { .test = { .scope = s,
				      .arena = arena,
				      .error = &error,
				      .apart = true,
				      .repeated = repeated } };
	bool holds;

	if (push_all(&g, "'when'", when, false))
		run(&g, &holds);
	return error;
}
