/* SPDX-License-Identifier: MIT */
#include "lib/text/scope.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/utf8.h"

enum {
	MAX_NAME = 1024,
	MAX_EXPANDED = 16 * 1024 * 1024,
	MAX_GLOB = 255,
	MAX_NESTING = 64,
	SHOWN = 80, /* bytes of a name that an error shows */
	NEAR_MAX = 64,
};

static int shown(size_t size)
{
	return size < SHOWN ? (int)size : SHOWN;
}

static json_t *array_element(const json_t *array, const char *digits)
{
	size_t n = strlen(digits), index = 0;

	if (n > 9 || strspn(digits, "0123456789") != n)
		return NULL;
	if (n > 1 && digits[0] == '0')
		return NULL;
	for (; *digits; digits++)
		index = index * 10 + (size_t)(*digits - '0');
	return json_array_get(array, index);
}

static json_t *member(const json_t *value, const char *key)
{
	if (!*key)
		return NULL;
	if (json_is_array(value))
		return array_element(value, key);
	return json_object_get(value, key);
}

/* Copies what stands before the next '.' and steps over it. */
static const char *next_part(const char *at, const char *end, char *part)
{
	const char *dot = memchr(at, '.', (size_t)(end - at));
	size_t n = (size_t)((dot ? dot : end) - at);

	memcpy(part, at, n);
	part[n] = '\0';
	return dot ? dot + 1 : NULL;
}

static bool is_readable(const char *name, size_t size)
{
	return size && size <= MAX_NAME && !memchr(name, '\0', size);
}

json_t *scope_inside(json_t *value, const char *name, size_t size)
{
	const char *end = name + size;
	char part[MAX_NAME + 1];

	if (!is_readable(name, size))
		return NULL;
	while (value && name) {
		name = next_part(name, end, part);
		value = member(value, part);
	}
	return value;
}

/* rest: what is asked of it, up to end; NULL: all. */
static json_t *root_of(const struct scope *s, const char *name,
		       const char *rest, const char *end)
{
	const struct {
		const char *name;
		json_t *value;
	} roots[] = {
		{ "host", s->host },
		{ "tags", s->tags },
		{ "vars", s->vars },
		{ "each", s->each },
	};

	for (size_t i = 0; i < COUNT(roots); i++)
		if (strcmp(name, roots[i].name) == 0)
			return roots[i].value;
	if (strcmp(name, "facts") != 0 || !s->facts)
		return NULL;
	return s->facts(s->context, rest ? rest : end,
			rest ? (size_t)(end - rest) : 0);
}

bool scope_spend(const struct scope *s, size_t bytes)
{
	bool enough = !s->left || bytes <= *s->left;

	if (s->left)
		*s->left = enough ? *s->left - bytes : 0;
	return enough;
}

json_t *scope_get(const struct scope *s, const char *name, size_t size)
{
	const char *end = name + size, *rest;
	char part[MAX_NAME + 1];
	json_t *root;

	if (!is_readable(name, size))
		return NULL;
	rest = next_part(name, end, part);
	root = root_of(s, part, rest, end);
	if (!root || !rest)
		return root;
	return scope_inside(root, rest, (size_t)(end - rest));
}

/* As few digits as read back as the same number. */
static void add_real(struct buf *out, double value)
{
	char text[40];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	buf_puts(out, text);
}

bool scope_text(struct buf *out, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		buf_add(out, json_string_value(value),
			json_string_length(value));
		return true;
	case JSON_INTEGER:
		buf_printf(out, "%" JSON_INTEGER_FORMAT,
			   json_integer_value(value));
		return true;
	case JSON_REAL:
		add_real(out, json_real_value(value));
		return true;
	case JSON_TRUE:
	case JSON_FALSE:
		buf_puts(out, json_is_true(value) ? "true" : "false");
		return true;
	default:
		return false;
	}
}

const char *scope_kind(const json_t *value)
{
	static const char *const kinds[] = {
		[JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list",
		[JSON_STRING] = "a string",  [JSON_INTEGER] = "a number",
		[JSON_REAL] = "a number",    [JSON_TRUE] = "a boolean",
		[JSON_FALSE] = "a boolean",  [JSON_NULL] = "null",
	};

	return kinds[json_typeof(value)];
}

/* A text being expanded, from at on. */
struct expansion {
	const struct scope *scope;
	const char *at, *end;
	struct arena *arena;
	const char **error;
	struct cuts cuts;
};

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-' ||
	       (unsigned char)c >= 0x80;
}

/* Words with dots between them. */
static bool is_name(const char *name, size_t size)
{
	bool in_word = false;

	if (size > MAX_NAME)
		return false;
	for (size_t i = 0; i < size; i++) {
		bool is_dot = name[i] == '.';

		if (is_dot ? !in_word : !is_name_byte(name[i]))
			return false;
		in_word = !is_dot;
	}
	return in_word;
}

static const char literal[] = "(a literal ${ is written $${)";

static json_t *bad_reference(struct expansion *e, const char *name, size_t size)
{
	*e->error = arena_printf(
		e->arena,
		"'${%.*s}' must be a reference such as ${vars.name} %s",
		shown(size), name, literal);
	return NULL;
}

static void keys_of(json_t *object, struct arena *a, struct strings *keys)
{
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value)
		strings_add(keys, a, key);
}

/* What a part of a name could be, after what is defined. The facts are not
 * asked for: all of them would be gathered for a mistake. */
static struct strings next_parts(const struct scope *s, const char *above,
				 struct arena *a)
{
	struct strings known = { 0 };
	json_t *object;

	if (strcmp(above, "facts") == 0)
		return s->fact_names ? *s->fact_names : known;
	object = scope_get(s, above, strlen(above));
	/* nobody reads that many */
	if (json_object_size(object) <= NEAR_MAX)
		keys_of(object, a, &known);
	return known;
}

/* The same name with its first part that is not defined put right; or NULL. */
static const char *near_name(const struct scope *s, const char *name,
			     size_t size, struct arena *a)
{
	const char *whole = arena_strndup(a, name, size), *at = whole;

	/* a program of the host's may have to be run to know any */
	if (size > SHOWN || strncmp(whole, "facts.local", 11) == 0)
		return NULL;
	while ((at = strchr(at, '.'))) {
		const char *above =
			arena_strndup(a, whole, (size_t)(at - whole));
		struct strings known;
		const char *part, *near;
		size_t n = strcspn(++at, ".");

		part = arena_strndup(a, at, n);
		known = next_parts(s, above, a);
		if (strings_have(&known, part))
			continue;
		near = strings_nearest(part, &known);
		return near ? arena_printf(a, "%s.%s%s", above, near, at + n)
			    : NULL;
	}
	return NULL;
}

static const char *not_defined(const struct scope *s, const char *name,
			       size_t size, struct arena *a)
{
	const char *near = near_name(s, name, size, a);

	return arena_printf(a, "'%.*s' is not defined%s%s%s", shown(size), name,
			    near ? "; did you mean '" : "", near ? near : "",
			    near ? "'?" : "");
}

/* A word alone is likely a shell's variable. */
static json_t *undefined(struct expansion *e, const char *name, size_t size)
{
	const char *text = not_defined(e->scope, name, size, e->arena);

	*e->error = memchr(name, '.', size)
			    ? text
			    : arena_printf(e->arena, "%s %s", text, literal);
	return NULL;
}

/* The value of the "${name}" at e->at, stepping over it; NULL on error. */
static json_t *take_reference(struct expansion *e)
{
	const char *name = e->at + 2;
	const char *close = memchr(name, '}', (size_t)(e->end - name));
	json_t *value;
	size_t size;

	if (!close) {
		*e->error =
			arena_printf(e->arena, "'%.*s' has no closing '}'",
				     shown((size_t)(e->end - e->at)), e->at);
		return NULL;
	}
	size = (size_t)(close - name);
	if (!is_name(name, size))
		return bad_reference(e, name, size);
	value = scope_get(e->scope, name, size);
	if (!value)
		return undefined(e, name, size);
	e->at = close + 1;
	return value;
}

static bool begins(const struct expansion *e, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(e->end - e->at) >= n && memcmp(e->at, text, n) == 0;
}

static bool expand_reference(struct expansion *e, struct buf *out)
{
	const char *name = e->at + 2;
	const json_t *value = take_reference(e);

	if (!value)
		return false;
	if (scope_text(out, value))
		return true;
	if (secret_is(value)) {
		*e->error = secret_text(out, &e->cuts, value);
		return !*e->error;
	}
	*e->error = arena_printf(
		e->arena, "'%.*s' is %s, which cannot be part of a text",
		shown((size_t)(e->at - 1 - name)), name, scope_kind(value));
	return false;
}

static void copy_plain(struct expansion *e, struct buf *out)
{
	const char *next = memchr(e->at + 1, '$', (size_t)(e->end - e->at - 1));

	if (!next)
		next = e->end;
	buf_add(out, e->at, (size_t)(next - e->at));
	e->at = next;
}

static bool expand_text(struct expansion *e, struct buf *out)
{
	while (e->at < e->end) {
		if (begins(e, "$${")) {
			buf_puts(out, "${");
			e->at += 3;
		} else if (!begins(e, "${")) {
			copy_plain(e, out);
		} else if (!expand_reference(e, out)) {
			return false;
		}
		if (out->size > MAX_EXPANDED) {
			*e->error =
				"the text is longer than 16 MiB when expanded";
			return false;
		}
	}
	return true;
}

/* Whether all of the text is one "${...}". */
static bool is_reference(const struct expansion *e)
{
	return begins(e, "${") &&
	       memchr(e->at, '}', (size_t)(e->end - e->at)) == e->end - 1;
}

json_t *scope_expand(const struct scope *s, const char *text, size_t size,
		     struct arena *arena, const char **error)
{
	struct expansion e = { .scope = s,
			       .at = text,
			       .end = text + size,
			       .arena = arena,
			       .error = error,
			       .cuts = { .arena = arena } };
	AUTO_BUF struct buf out = { 0 };
	json_t *value;

	*error = NULL;
	if (size && is_reference(&e))
		return json_incref(take_reference(&e));
	if (size && !expand_text(&e, &out))
		return NULL;
	value = e.cuts.n ? secret_value(&out, &e.cuts)
			 : json_stringn(buf_text(&out), out.size);
	if (!value)
		*error = "the text is not valid UTF-8";
	return value;
}

/* A condition being judged. */
struct test {
	const struct scope *scope;
	struct arena *arena;
	const char **error;
	const char *name;   /* "facts.os.id" */
	const json_t *have; /* what it stands for */
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
		return refuse(
			t, "'%s' is %s, which '%s' cannot compare with %s",
			t->name, scope_kind(have), c->name, scope_kind(want));
	return differ < 0 ? c->less : differ > 0 ? c->greater : c->equal;
}

static bool compare_any(struct test *t, const json_t *want,
			const struct comparison *c)
{
	const json_t *have;
	bool holds = false;
	size_t i;

	if (!json_is_array(t->have))
		return compare_one(t, t->have, want, c);
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
		return same_one(t, t->have, want);
	if (!take_time(t, json_array_size(t->have)))
		return false;
	json_array_foreach (t->have, i, have)
		holds |= same_one(t, have, want);
	return holds;
}

static bool same_any(struct test *t, const json_t *want)
{
	const json_t *value;
	bool holds = false;
	size_t i;

	if (!json_is_array(want))
		return same_value(t, want);
	json_array_foreach (want, i, value)
		holds |= same_value(t, value);
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

/* jansson's iterators want an object to be theirs that they do not change. */
static json_t *iterable(const json_t *object)
{
	return (json_t *)(uintptr_t)object;
}

static bool compare_all(struct test *t, const json_t *want)
{
	void *i = json_object_iter(iterable(want));
	bool holds = true;

	if (!i)
		return refuse(t, "'%s' has no comparison", t->name);
	for (; i; i = json_object_iter_next(iterable(want), i))
		holds &= compare(t, json_object_iter_key(i),
				 json_object_iter_value(i));
	return holds;
}

/* Every key and value is looked at, so that an error does not depend on what
 * else holds on this host. */
static bool judge(struct test *t, const char *name, const json_t *want)
{
	t->name = name;
	t->have = scope_get(t->scope, name, strlen(name));
	if (!t->have)
		return refuse(
			t, "%s",
			not_defined(t->scope, name, strlen(name), t->arena));
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

bool scope_when(const struct scope *s, const json_t *when, struct arena *arena,
		bool *holds, const char **error)
{
	struct groups g = { .test = { s, arena, error, NULL, NULL } };

	*error = NULL;
	*holds = false;
	if (push_all(&g, "'when'", when, false) && run(&g, holds))
		return true;
	/* what a part of it came to is no answer */
	*holds = false;
	return false;
}
