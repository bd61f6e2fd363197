/* SPDX-License-Identifier: MIT */
#include "lib/text/scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_NAME = 1024,
	MAX_EXPANDED = 16 * 1024 * 1024,
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

const char *scope_undefined(const struct scope *s, const char *name,
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
	const char *text = scope_undefined(e->scope, name, size, e->arena);

	*e->error = memchr(name, '.', size)
			    ? text
			    : arena_printf(e->arena, "%s %s", text, literal);
	return NULL;
}

/* The name in the "${name}" at e->at; NULL on error. */
static const char *read_name(struct expansion *e, size_t *size)
{
	const char *name = e->at + 2;
	const char *close = memchr(name, '}', (size_t)(e->end - name));

	if (!close) {
		*e->error =
			arena_printf(e->arena, "'%.*s' has no closing '}'",
				     shown((size_t)(e->end - e->at)), e->at);
		return NULL;
	}
	*size = (size_t)(close - name);
	if (is_name(name, *size))
		return name;
	bad_reference(e, name, *size);
	return NULL;
}

/* The value of the "${name}" at e->at, stepping over it; NULL on error. */
static json_t *take_reference(struct expansion *e)
{
	size_t size;
	const char *name = read_name(e, &size);
	json_t *value;

	if (!name)
		return NULL;
	value = scope_get(e->scope, name, size);
	if (!value)
		return undefined(e, name, size);
	e->at = name + size + 1;
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

/* --- without a host --- */

bool scope_may_have(const char *name, size_t size, bool repeated)
{
	char root[MAX_NAME + 1], part[MAX_NAME + 1] = "";
	const char *rest, *end = name + size;

	if (!is_readable(name, size))
		return false;
	rest = next_part(name, end, root);
	if (rest)
		next_part(rest, end, part);
	if (strcmp(root, "host") == 0)
		return !rest;
	if (strcmp(root, "each") == 0)
		return repeated && (!rest || strcmp(part, "key") == 0 ||
				    strcmp(part, "value") == 0);
	return strcmp(root, "vars") == 0 || strcmp(root, "tags") == 0 ||
	       strcmp(root, "facts") == 0;
}

const char *scope_wrong(const struct scope *s, const char *text, size_t size,
			bool repeated, struct arena *arena)
{
	const char *error = NULL, *name;
	struct expansion e = { .scope = s,
			       .at = text,
			       .end = text + size,
			       .arena = arena,
			       .error = &error };

	while (e.at < e.end) {
		if (begins(&e, "$${")) {
			e.at += 3;
			continue;
		}
		if (!begins(&e, "${")) {
			e.at++;
			continue;
		}
		name = read_name(&e, &size);
		if (name && !scope_may_have(name, size, repeated))
			undefined(&e, name, size);
		if (error)
			return error;
		e.at = name + size + 1;
	}
	return NULL;
}

bool scope_refers(const char *text)
{
	for (; (text = strchr(text, '$')); text++) {
		if (strncmp(text, "${", 2) == 0)
			return true;
		if (strncmp(text, "$${", 3) == 0)
			text += 2;
	}
	return false;
}
