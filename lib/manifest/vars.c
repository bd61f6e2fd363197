/* SPDX-License-Identifier: MIT */
/*
 * The vars of all parts as one object: what is above gives the value; of two
 * parts of which neither is above the other, the values must be the same. Then
 * the references in them are filled in, which may be to one another.
 */
#include "lib/manifest/parts.h"

#include <string.h>

enum { DEEP = 64 };

#define DEFINED_BY_ITSELF "'vars.%s' is defined by itself"

enum state { UNRESOLVED, RESOLVING, RESOLVED };

struct var {
	const char *name;
	struct word *words;
	enum state state;
};

struct vars {
	struct manifest *m;
	struct map by_name;
	struct var **v;
	size_t n, capacity;
	struct diags *diags;
};

static const char *pointer_of(struct manifest *m, const struct part *part,
			      const char *name)
{
	return pointer_join(&m->arena,
			    pointer_join(&m->arena, part->pointer, "vars"),
			    name);
}

static void take(struct vars *vars, const struct part *part, const char *name,
		 json_t *value)
{
	struct arena *a = &vars->m->arena;
	struct var *var = map_get(&vars->by_name, name);

	if (!var) {
		var = arena_new(a, struct var);
		*var = (struct var){ .name = name };
		vars->v = arena_grow(a, vars->v, vars->n, &vars->capacity,
				     sizeof(struct var *));
		vars->v[vars->n++] = var;
		map_put(&vars->by_name, a, name, var);
	}
	word_take(a, &var->words, &(struct word){ value, part, NULL, NULL });
}

static bool check_agreed(struct vars *vars, const struct var *var)
{
	struct manifest *m = vars->m;
	const struct word *other = word_differs(var->words);
	struct place at;

	if (!other)
		return true;
	at = manifest_place(m, pointer_of(m, var->words->part, var->name),
			    SOURCE_AT_KEY);
	FAIL(m, vars->diags, pointer_of(m, other->part, var->name),
	     SOURCE_AT_KEY,
	     "'vars.%s' has another value at %s:%zu:%zu, and neither of the "
	     "two gives way to the other",
	     var->name, at.file, at.line, at.column);
	diag_hint(vars->diags, "set it in the host's file, or in a role that "
			       "includes both");
	return false;
}

/* --- references --- */

static bool resolve(struct vars *vars, struct var *var, size_t depth);

/* The vars that ${vars.NAME...} in a text names. */
static bool resolve_named(struct vars *vars, const char *text, size_t depth)
{
	static const char start[] = "${vars.";
	bool ok = true;

	while ((text = strstr(text, start))) {
		struct var *var;

		text += sizeof(start) - 1;
		var = map_getn(&vars->by_name, text, strcspn(text, ".}"));
		if (var)
			ok &= resolve(vars, var, depth + 1);
	}
	return ok;
}

/* Recursion is as deep as the text: at most SOURCE_MAX_DEPTH. */
static bool resolve_within(struct vars *vars, json_t *value, size_t depth)
{
	const char *key;
	json_t *item;
	size_t i;
	bool ok = true;

	if (json_is_object(value)) {
		json_object_foreach (value, key, item)
			ok &= resolve_within(vars, item, depth);
	} else if (json_is_array(value)) {
		json_array_foreach (value, i, item)
			ok &= resolve_within(vars, item, depth);
	} else if (json_is_string(value)) {
		ok = resolve_named(vars, json_string_value(value), depth);
	}
	return ok;
}

static bool resolve(struct vars *vars, struct var *var, size_t depth)
{
	struct manifest *m = vars->m;
	const char *pointer;
	json_t *made;

	if (var->state == RESOLVED)
		return true;
	pointer = pointer_of(m, var->words->part, var->name);
	if (var->state == RESOLVING || depth > DEEP)
		return FAIL(m, vars->diags, pointer, SOURCE_AT_VALUE,
			    var->state == RESOLVING
				    ? DEFINED_BY_ITSELF
				    : "'vars.%s' refers to vars that refer to "
				      "others more than 64 deep",
			    var->name);
	var->state = RESOLVING;
	if (!resolve_within(vars, var->words->value, depth)) {
		var->state = RESOLVED;
		return false;
	}
	made = manifest_expand(m, &m->scope, var->words->value, pointer,
			       vars->diags);
	var->state = RESOLVED;
	return made && json_object_set_new(m->scope.vars, var->name, made) == 0;
}

static bool resolve_all(struct vars *vars)
{
	bool ok = true;

	for (size_t i = 0; i < vars->n; i++)
		if (!manifest_has_reference(vars->v[i]->words->value))
			vars->v[i]->state = RESOLVED;
	for (size_t i = 0; i < vars->n && !vars->m->stopped; i++)
		ok &= resolve(vars, vars->v[i], 0);
	return ok;
}

/* Recursion is as deep as the text: at most SOURCE_MAX_DEPTH. */
static bool names_var(json_t *value, const char *reference)
{
	const char *key, *at = json_string_value(value);
	size_t n = strlen(reference), i;
	json_t *item;

	for (; at && (at = strstr(at, reference)); at += n)
		if (at[n] == '.' || at[n] == '}')
			return true;
	json_object_foreach (value, key, item)
		if (names_var(item, reference))
			return true;
	json_array_foreach (value, i, item)
		if (names_var(item, reference))
			return true;
	return false;
}

bool var_check(struct manifest *m, const char *name, json_t *value,
	       const char *pointer, struct diags *d)
{
	return !names_var(value, arena_printf(&m->arena, "${vars.%s", name)) ||
	       FAIL(m, d, pointer, SOURCE_AT_VALUE, DEFINED_BY_ITSELF, name);
}

bool vars_merge(struct manifest *m, struct diags *d)
{
	struct vars vars = { .m = m, .diags = d };
	json_t *own = json_object_get(parts_host(m)->object, "vars");
	const char *name;
	json_t *value;
	bool ok = true;

	/* the usual lone manifest's are taken as they are */
	if (m->nparts == 1 && !manifest_has_reference(own)) {
		if (json_is_object(own))
			m->scope.vars = own;
		return true;
	}
	for (size_t i = 0; i < m->nparts; i++) {
		json_t *set = json_object_get(m->parts[i]->object, "vars");

		json_object_foreach (set, name, value)
			if (strcmp(name, "//") != 0)
				take(&vars, m->parts[i], name, value);
	}
	for (size_t i = 0; i < vars.n; i++) {
		ok &= check_agreed(&vars, vars.v[i]);
		/* what is wrong is there all the same: one error is enough */
		json_object_set(m->scope.vars, vars.v[i]->name,
				vars.v[i]->words->value);
	}
	return resolve_all(&vars) && ok;
}
