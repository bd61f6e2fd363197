/* SPDX-License-Identifier: MIT */
/*
 * The keys that each kind of part takes, and what their values must be. What
 * is below resources and overrides is for those who read it.
 */
#include "lib/manifest/shape.h"

#include <limits.h>
#include <string.h>

#include "lib/module.h"

static bool fits_version(struct manifest *m, json_t *value, const char *pointer,
			 struct diags *d)
{
	if (json_is_integer(value) && json_integer_value(value) == 1)
		return true;
	return FAIL(m, d, pointer, SOURCE_AT_VALUE,
		    "'version' must be 1, the only one that this converge "
		    "knows");
}

static bool fits_host(struct manifest *m, json_t *value, const char *pointer,
		      struct diags *d)
{
	if (!json_is_string(value) || !json_string_length(value))
		return FAIL(m, d, pointer, SOURCE_AT_VALUE,
			    "'host' must be a host's name");
	if (strcmp(json_string_value(value), m->host) == 0)
		return true;
	FAIL(m, d, pointer, SOURCE_AT_VALUE,
	     "this manifest is for host '%s', not for '%s'",
	     json_string_value(value), m->host);
	diag_hint(d, "say --host %s to mean that host",
		  json_string_value(value));
	return false;
}

static const char *key_of(const char *pointer)
{
	return strrchr(pointer, '/') + 1;
}

static bool fits_object(struct manifest *m, json_t *value, const char *pointer,
			struct diags *d)
{
	if (json_is_object(value))
		return true;
	return FAIL(m, d, pointer, SOURCE_AT_VALUE, "'%s' must be an object",
		    key_of(pointer));
}

static bool fits_text(struct manifest *m, json_t *value, const char *pointer,
		      struct diags *d)
{
	if (json_is_string(value))
		return true;
	return FAIL(m, d, pointer, SOURCE_AT_VALUE, "'%s' must be a string",
		    key_of(pointer));
}

static bool fits_tags(struct manifest *m, json_t *value, const char *pointer,
		      struct diags *d)
{
	const json_t *tag;
	size_t i;

	if (!json_is_array(value))
		return FAIL(m, d, pointer, SOURCE_AT_VALUE,
			    "'tags' must be a list of strings");
	json_array_foreach (value, i, tag) {
		bool is_text = json_is_string(tag);

		if (!is_text || strstr(json_string_value(tag), "${"))
			return FAIL(m, d, pointer_index(&m->arena, pointer, i),
				    SOURCE_AT_VALUE,
				    is_text ? "a tag cannot have '${': tags "
					      "are taken as they are written"
					    : "a tag must be a string");
	}
	return true;
}

bool shape_is_role(const char *name)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789_-./";
	size_t n = strlen(name);

	return n && n <= 200 && strspn(name, plain) == n && *name != '/' &&
	       *name != '.' && *name != '-' && name[n - 1] != '/' &&
	       !strstr(name, "//") && !strstr(name, "/.");
}

static bool fits_roles(struct manifest *m, json_t *value, const char *pointer,
		       struct diags *d)
{
	const json_t *item;
	size_t i;
	bool ok = true;

	if (!m->is_world && (!json_is_array(value) || json_array_size(value)))
		return FAIL(m, d, pointer, SOURCE_AT_VALUE,
			    "roles need a world; a lone manifest has none");
	if (!json_is_array(value))
		return FAIL(m, d, pointer, SOURCE_AT_VALUE,
			    "'%s' must be a list of roles' names",
			    key_of(pointer));
	json_array_foreach (value, i, item)
		if (!json_is_string(item) ||
		    !shape_is_role(json_string_value(item)))
			ok = FAIL(m, d, pointer_index(&m->arena, pointer, i),
				  SOURCE_AT_VALUE,
				  "a role's name is letters, digits, '_', '-', "
				  "'.' and '/', as in \"web/tls\"");
	return ok;
}

/* --- policies --- */

static bool read_removals(const json_t *value, struct policy *policy)
{
	const char *text = json_string_value(value);
	char *end = NULL;

	if (json_is_integer(value)) {
		json_int_t n = json_integer_value(value);

		policy->max_removals = n > INT_MAX ? INT_MAX : (long)n;
	} else if (text && *text >= '0' && *text <= '9') {
		policy->max_removals = strtol(text, &end, 10);
		policy->removals_percent = true;
	}
	if (end && policy->max_removals > 100)
		policy->max_removals = 100;
	return policy->max_removals >= 0 && (!end || strcmp(end, "%") == 0);
}

struct policy policy_of(const json_t *part)
{
	const json_t *value = json_object_get(part, "policy");
	struct policy policy = { .max_removals = -1 };

	read_removals(json_object_get(value, "max_removals"), &policy);
	policy.max_disruption = disruption_parse(
		json_string_value(json_object_get(value, "max_disruption")));
	return policy;
}

static bool unknown_key(struct manifest *m, const char *pointer,
			const char *key, const char *what,
			const struct strings *known, struct diags *d)
{
	const char *near = strings_nearest(key, known);

	return FAIL(m, d, pointer_join(&m->arena, pointer, key), SOURCE_AT_KEY,
		    "unknown %s \"%s\"%s%s%s", what, key,
		    near ? "; did you mean \"" : "", near ? near : "",
		    near ? "\"?" : "");
}

static bool fits_max_disruption(struct manifest *m, const json_t *value,
				const char *pointer, struct diags *d)
{
	return disruption_parse(json_string_value(value)) >= 0 ||
	       FAIL(m, d, pointer, SOURCE_AT_VALUE,
		    "'max_disruption' must be none, reload, restart, reboot or "
		    "data");
}

static bool fits_max_removals(struct manifest *m, const json_t *value,
			      const char *pointer, struct diags *d)
{
	struct policy policy = { .max_removals = -1 };

	return read_removals(value, &policy) ||
	       FAIL(m, d, pointer, SOURCE_AT_VALUE,
		    "'max_removals' must be a count or a string such as "
		    "\"10%%\"");
}

/* host: it is of the whole host, not of some of its resources. */
static bool fits_policy_of(struct manifest *m, json_t *value,
			   const char *pointer, bool host, struct diags *d)
{
	static const char disruption[] = "max_disruption",
			  removals[] = "max_removals";
	struct strings known = { 0 };
	const char *key;
	json_t *item;
	bool ok = true;

	if (!fits_object(m, value, pointer, d))
		return false;
	strings_add(&known, &m->arena, disruption);
	if (host)
		strings_add(&known, &m->arena, removals);
	json_object_foreach (value, key, item) {
		const char *at = pointer_join(&m->arena, pointer, key);

		if (strcmp(key, "//") == 0)
			continue;
		if (strcmp(key, disruption) == 0)
			ok &= fits_max_disruption(m, item, at, d);
		else if (strcmp(key, removals) == 0 && host)
			ok &= fits_max_removals(m, item, at, d);
		else if (strcmp(key, removals) == 0)
			ok = FAIL(
				m, d, at, SOURCE_AT_KEY,
				"'max_removals' is of a whole host: it stands "
				"in its own file or in converge.json");
		else
			ok &= unknown_key(m, pointer, key, "policy", &known, d);
	}
	return ok;
}

static bool fits_policy(struct manifest *m, json_t *value, const char *pointer,
			struct diags *d)
{
	return fits_policy_of(m, value, pointer, true, d);
}

static bool fits_part_policy(struct manifest *m, json_t *value,
			     const char *pointer, struct diags *d)
{
	return fits_policy_of(m, value, pointer, false, d);
}

static bool fits_defaults(struct manifest *m, json_t *value,
			  const char *pointer, struct diags *d)
{
	const char *type, *key;
	json_t *attributes, *item;
	bool ok = true;

	if (!fits_object(m, value, pointer, d))
		return false;
	json_object_foreach (value, type, attributes) {
		const char *at = pointer_join(&m->arena, pointer, type);

		if (strcmp(type, "//") == 0)
			continue;
		if (!fits_object(m, attributes, at, d)) {
			ok = false;
			continue;
		}
		json_object_foreach (attributes, key, item)
			if (strcmp(key, "when") == 0 ||
			    strcmp(key, "for_each") == 0)
				ok = FAIL(m, d,
					  pointer_join(&m->arena, at, key),
					  SOURCE_AT_KEY,
					  "defaults take no '%s'", key);
	}
	return ok;
}

static bool fits_templates(struct manifest *m, json_t *value,
			   const char *pointer, struct diags *d)
{
	static const char escape[] = "escape";
	struct strings known = { 0 };
	const char *key, *text;
	json_t *item;
	bool ok = true;

	if (!fits_object(m, value, pointer, d))
		return false;
	strings_add(&known, &m->arena, escape);
	json_object_foreach (value, key, item) {
		text = json_string_value(item);
		if (strcmp(key, "//") == 0)
			continue;
		if (strcmp(key, escape) != 0)
			ok &= unknown_key(m, pointer, key, "key", &known, d);
		else if (!text || (strcmp(text, "none") != 0 &&
				   strcmp(text, "html") != 0))
			ok = FAIL(m, d, pointer_join(&m->arena, pointer, key),
				  SOURCE_AT_VALUE,
				  "'escape' must be none or html");
	}
	return ok;
}

static bool fits_own_templates(struct manifest *m, json_t *value,
			       const char *pointer, struct diags *d)
{
	if (m->is_world)
		return FAIL(m, d, pointer, SOURCE_AT_KEY,
			    "'templates' is of the whole world: it stands in "
			    "converge.json");
	return fits_templates(m, value, pointer, d);
}

bool escapes_html(const json_t *part)
{
	const json_t *templates = json_object_get(part, "templates");
	const char *escape =
		json_string_value(json_object_get(templates, "escape"));

	return escape && strcmp(escape, "html") == 0;
}

/* The ids of rules are for whoever knows them: check. */
static bool fits_lint(struct manifest *m, json_t *value, const char *pointer,
		      struct diags *d)
{
	static const char *const levels[] = { "off", "info", "warning",
					      "error" };
	const char *key, *text;
	json_t *item;
	bool ok = true;

	if (!fits_object(m, value, pointer, d))
		return false;
	json_object_foreach (value, key, item) {
		size_t i = 0;

		text = json_string_value(item);
		while (text && i < COUNT(levels) &&
		       strcmp(levels[i], text) != 0)
			i++;
		if (strcmp(key, "//") != 0 && (!text || i == COUNT(levels)))
			ok = FAIL(m, d, pointer_join(&m->arena, pointer, key),
				  SOURCE_AT_VALUE,
				  "a rule of lint is off, info, warning or "
				  "error");
	}
	return ok;
}

static bool fits_own_lint(struct manifest *m, json_t *value,
			  const char *pointer, struct diags *d)
{
	if (m->is_world)
		return FAIL(m, d, pointer, SOURCE_AT_KEY,
			    "'lint' is of the whole world: it stands in "
			    "converge.json");
	return fits_lint(m, value, pointer, d);
}

/* --- rules --- */

static bool refers_to_vars(const char *text)
{
	const char *at = text;

	for (; at && (at = strstr(at, "${vars")); at++)
		if ((at == text || at[-1] != '$') && strchr(".}", at[6]))
			return true;
	return false;
}

/* Recursion is as deep as the text: at most SOURCE_MAX_DEPTH. */
const char *shape_names_vars(json_t *when)
{
	const char *key, *found;
	json_t *item;
	size_t i;

	if (refers_to_vars(json_string_value(when)))
		return json_string_value(when);
	if (json_is_array(when)) {
		json_array_foreach (when, i, item)
			if ((found = shape_names_vars(item)))
				return found;
		return NULL;
	}
	json_object_foreach (when, key, item) {
		if (strcmp(key, "vars") == 0 || strncmp(key, "vars.", 5) == 0)
			return key;
		if (strcmp(key, "//") != 0 && (found = shape_names_vars(item)))
			return found;
	}
	return NULL;
}

static bool fits_snapshots(struct manifest *m, json_t *value,
			   const char *pointer, struct diags *d)
{
	const char *key;
	json_t *item;
	bool ok = fits_object(m, value, pointer, d);

	json_object_foreach (value, key, item) {
		const char *at = pointer_join(&m->arena, pointer, key);

		if (strcmp(key, "//") == 0)
			continue;
		if (strcmp(key, "signed") != 0)
			ok = FAIL(m, d, at, SOURCE_AT_KEY, "unknown key '%s'",
				  key);
		else if (!json_is_boolean(item))
			ok = FAIL(m, d, at, SOURCE_AT_VALUE,
				  "'signed' must be true or false");
	}
	return ok;
}

static bool fits_when(struct manifest *m, json_t *value, const char *pointer,
		      struct diags *d)
{
	const char *var;

	if (!fits_object(m, value, pointer, d))
		return false;
	var = shape_names_vars(value);
	return !var ||
	       FAIL(m, d, pointer_join(&m->arena, pointer, var), SOURCE_AT_KEY,
		    "a rule's 'when' cannot name '%s': rules are "
		    "decided before vars are known, by host, tags and "
		    "facts",
		    var);
}

static bool fits_rules(struct manifest *m, json_t *value, const char *pointer,
		       struct diags *d)
{
	json_t *rule;
	size_t i;
	bool ok = true;

	if (!json_is_array(value))
		return FAIL(m, d, pointer, SOURCE_AT_VALUE,
			    "'rules' must be a list of objects");
	json_array_foreach (value, i, rule) {
		const char *at = pointer_index(&m->arena, pointer, i);

		if (json_is_object(rule))
			ok &= shape_check(m, SHAPE_RULE, rule, at, d);
		else
			ok = FAIL(m, d, at, SOURCE_AT_VALUE,
				  "a rule must be an object");
	}
	return ok;
}

/* --- the kinds of parts --- */

#define HOST (1U << SHAPE_HOST)
#define ROLE (1U << SHAPE_ROLE)
#define RULE (1U << SHAPE_RULE)
#define WORLD (1U << SHAPE_WORLD)

static const struct {
	const char *key;
	unsigned kinds;
	bool (*fits)(struct manifest *, json_t *, const char *pointer,
		     struct diags *); /* NULL: anything does */
} keys[] = {
	{ "version", HOST | ROLE | WORLD, fits_version },
	{ "host", HOST, fits_host },
	{ "description", ROLE | RULE, fits_text },
	{ "when", RULE, fits_when },
	{ "roles", HOST, fits_roles },
	{ "include", ROLE | RULE, fits_roles },
	{ "tags", HOST, fits_tags },
	{ "vars", HOST | ROLE | RULE | WORLD, fits_object },
	{ "facts", HOST | WORLD, fits_object },
	{ "defaults", HOST | ROLE, fits_defaults },
	{ "resources", HOST | ROLE | RULE, fits_object },
	{ "rules", ROLE, fits_rules },
	{ "overrides", HOST | ROLE | RULE, fits_object },
	{ "policy", HOST | WORLD, fits_policy },
	{ "policy", ROLE | RULE, fits_part_policy },
	{ "templates", WORLD, fits_templates },
	{ "templates", HOST, fits_own_templates },
	{ "snapshots", WORLD, fits_snapshots },
	{ "lint", WORLD, fits_lint },
	{ "lint", HOST, fits_own_lint },
	{ "$schema", HOST | ROLE | WORLD, fits_text },
	{ "//", HOST | ROLE | RULE | WORLD, NULL },
};

static bool is_there(struct manifest *m, json_t *part, const char *key,
		     const char *pointer, const char *hint, struct diags *d)
{
	if (json_object_get(part, key))
		return true;
	FAIL(m, d, pointer, SOURCE_AT_VALUE, "'%s' is missing", key);
	diag_hint(d, "%s", hint);
	return false;
}

static bool has_all(struct manifest *m, enum shape kind, json_t *part,
		    const char *pointer, struct diags *d)
{
	bool ok = true;

	if (kind == SHAPE_HOST || kind == SHAPE_WORLD)
		ok &= is_there(m, part, "version", pointer,
			       "add \"version\": 1", d);
	if (kind == SHAPE_HOST && m->is_world)
		ok &= is_there(m, part, "host", pointer,
			       "add \"host\", with the name of this file", d);
	if (kind == SHAPE_RULE)
		ok &= is_there(m, part, "when", pointer,
			       "say which hosts it is for; {} means all", d);
	return ok;
}

bool shape_check(struct manifest *m, enum shape kind, json_t *part,
		 const char *pointer, struct diags *d)
{
	struct strings known = { 0 };
	const char *key;
	json_t *value;
	bool ok = true;

	for (size_t i = 0; i < COUNT(keys); i++)
		if (keys[i].kinds & (1U << kind))
			strings_add(&known, &m->arena, keys[i].key);
	json_object_foreach (part, key, value) {
		size_t i = 0;

		while (i < COUNT(keys) && (!(keys[i].kinds & (1U << kind)) ||
					   strcmp(keys[i].key, key) != 0))
			i++;
		if (i == COUNT(keys))
			ok &= unknown_key(m, pointer, key, "key", &known, d);
		else if (keys[i].fits)
			ok &= keys[i].fits(
				m, value, pointer_join(&m->arena, pointer, key),
				d);
	}
	return has_all(m, kind, part, pointer, d) && ok;
}
