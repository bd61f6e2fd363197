/* SPDX-License-Identifier: MIT */
/* Commands, and the environment that they run in. */
#include "lib/kinds/kinds.h"

#include <string.h>

/* One argument can be no longer: execve(2), MAX_ARG_STRLEN. */
enum { ARGV_MAX = 128 * 1024 };

static bool check_argv(const struct reading *r, const struct attr *attr,
		       const struct strings *argv)
{
	size_t total = 0;

	if (!argv->n || !argv->v[0][0])
		return diag_error(r->diags, "'%s' must name a program first",
				  attr->name);
	if (argv->v[0][0] != '/' && strchr(argv->v[0], '/'))
		return diag_error(
			r->diags,
			"'%s': the program must be a plain name or an "
			"absolute path, not '%s'",
			attr->name, argv->v[0]);
	if (argv->v[0][0] == '-')
		return diag_error(r->diags,
				  "'%s': '%s' is an option, not a program",
				  attr->name, argv->v[0]);
	for (size_t i = 0; i < argv->n; i++)
		total += strlen(argv->v[i]) + 1;
	if (total > ARGV_MAX)
		return diag_error(r->diags,
				  "'%s' is longer than 128 KiB in all",
				  attr->name);
	return true;
}

static bool read_argv(const struct reading *r, const struct attr *attr,
		      const json_t *value, void *field)
{
	if (json_is_string(value)) {
		diag_error(r->diags,
			   "'%s' must be a list of arguments, not a string",
			   attr->name);
		diag_hint(r->diags, "write [\"program\", \"argument\"]");
		return false;
	}
	return read_strings(r, attr, value, "a list of strings", field) &&
	       check_argv(r, attr, field);
}

static json_t *schema_argv(const struct attr *attr)
{
	(void)attr;
	return json_pack(
		"{s:s, s:[o], s:{s:s}, s:i}", "type", "array", "items",
		schema_or_reference(schema_pattern("^(/|[^-/][^/]*$)")),
		"additionalItems", "type", "string", "minItems", 1);
}

/* A command has a program. */
static void pack_argv(struct pack *p, const struct attr *attr, void *field,
		      bool set)
{
	const struct strings *argv = field;

	(void)attr;
	pack_expect(p, argv->n || !set);
	pack_strings(p, field);
}

const struct kind kind_argv = { "command",    sizeof(struct strings),
				read_argv,    equal_strings,
				show_strings, schema_argv,
				pack_argv };

/* One string is left for the type's check, which knows of "shell". */
static bool read_command(const struct reading *r, const struct attr *attr,
			 const json_t *value, void *field)
{
	struct strings *argv = field;

	if (!json_is_string(value))
		return read_argv(r, attr, value, field);
	*argv = (struct strings){ 0 };
	if (!json_string_length(value))
		return diag_error(r->diags, "'%s' must not be empty",
				  attr->name);
	if (json_string_length(value) >= ARGV_MAX)
		return diag_error(r->diags, "'%s' is longer than 128 KiB",
				  attr->name);
	strings_add(argv, r->arena, json_string_value(value));
	return true;
}

static json_t *schema_command(const struct attr *attr)
{
	return json_pack("{s:[{s:s, s:i}, o]}", "anyOf", "type", "string",
			 "minLength", 1, schema_argv(attr));
}

const struct kind kind_command = { "command",    sizeof(struct strings),
				   read_command, equal_strings,
				   show_strings, schema_command,
				   pack_argv };

/* A command is a list of strings; commands are a list of such lists. */
static bool read_commands(const struct reading *r, const struct attr *attr,
			  const json_t *value, void *field)
{
	struct commands *commands = field;
	bool many = json_is_array(json_array_get(value, 0));
	size_t n = many ? json_array_size(value) : 1;

	*commands = (struct commands){ arena_array(r->arena, struct strings, n),
				       n };
	for (size_t i = 0; i < n; i++)
		if (!read_argv(r, attr, many ? json_array_get(value, i) : value,
			       &commands->v[i]))
			return false;
	return true;
}

static json_t *show_commands(const struct attr *attr, const void *field)
{
	const struct commands *c = field;
	json_t *list = json_array();

	for (size_t i = 0; i < c->n; i++)
		json_array_append_new(list, show_strings(attr, &c->v[i]));
	return list;
}

static json_t *schema_commands(const struct attr *attr)
{
	return json_pack("{s:[o, {s:s, s:o, s:i}]}", "anyOf", schema_argv(attr),
			 "type", "array", "items", schema_argv(attr),
			 "minItems", 1);
}

static void pack_commands(struct pack *p, const struct attr *attr, void *field,
			  bool set)
{
	struct commands *commands = field;
	struct strings *v =
		pack_array(p, &commands->v, commands->n, sizeof(*v));

	(void)set;
	if (!v)
		commands->n = 0;
	for (size_t i = 0; i < commands->n; i++)
		pack_argv(p, attr, &v[i], true);
}

const struct kind kind_commands = { "command or list of commands",
				    sizeof(struct commands),
				    read_commands,
				    NULL,
				    show_commands,
				    schema_commands,
				    pack_commands };

/* The environment: {"NAME": "value"}. */

static bool is_variable_name(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz_0123456789";

	return *name && strspn(name, letters) == strlen(name) &&
	       !strchr("0123456789", *name);
}

static bool read_env(const struct reading *r, const struct attr *attr,
		     const json_t *value, void *field)
{
	struct strings *env = field;
	json_t *object = (json_t *)(uintptr_t)value, *item;
	const char *name;

	*env = (struct strings){ 0 };
	if (!json_is_object(value))
		return wrong_type(r, attr, "an object of strings", value);
	json_object_foreach (object, name, item) {
		if (strcmp(name, "//") == 0)
			continue;
		if (!is_variable_name(name))
			return diag_error(r->diags,
					  "'%s': '%s' is not a variable's name",
					  attr->name, name);
		if (!json_is_string(item))
			return diag_error(
				r->diags, "'%s': '%s' must be a string, not %s",
				attr->name, name, json_type_name(item));
		strings_add(env, r->arena,
			    arena_printf(r->arena, "%s=%s", name,
					 json_string_value(item)));
	}
	return true;
}

static json_t *schema_env(const struct attr *attr)
{
	(void)attr;
	return json_pack("{s:s, s:{s:{}}, s:{s:s}, s:{s:s}}", "type", "object",
			 "properties", "//", "propertyNames", "pattern",
			 "^([A-Za-z_][A-Za-z0-9_]*|//)$",
			 "additionalProperties", "type", "string");
}

const struct kind kind_env = { "environment",   sizeof(struct strings),
			       read_env,        equal_strings,
			       show_strings,    schema_env,
			       pack_string_list };
