/* SPDX-License-Identifier: MIT */
/* The kinds of value that attributes take. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/attr.h"
#include "lib/base/mode.h"
#include "lib/base/path.h"
#include "lib/host/content.h"
#include "lib/text/escape.h"
#include "lib/text/template.h"

static const char *json_type_name(const json_t *value)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "an object",   [JSON_ARRAY] = "a list",
		[JSON_STRING] = "a string",    [JSON_INTEGER] = "an integer",
		[JSON_REAL] = "a real number", [JSON_TRUE] = "true",
		[JSON_FALSE] = "false",        [JSON_NULL] = "null",
	};

	return names[json_typeof(value)];
}

static bool wrong_type(const struct reading *r, const struct attr *attr,
		       const char *expected, const json_t *value)
{
	return diag_error(r->diags, "'%s' must be %s, not %s", attr->name,
			  expected, json_type_name(value));
}

/* A string of the manifest, or NULL with a diagnostic. */
static const char *string_of(const struct reading *r, const struct attr *attr,
			     const json_t *value)
{
	if (!json_is_string(value)) {
		wrong_type(r, attr, "a string", value);
		return NULL;
	}
	return json_string_value(value);
}

static json_t *show_string(const struct attr *attr, const void *field)
{
	const char *const *text = field;

	(void)attr;
	return escape_json(*text ? *text : "");
}

static bool equal_string(const void *want, const void *have)
{
	const char *const *w = want, *const *h = have;

	return *w && *h && strcmp(*w, *h) == 0;
}

static json_t *schema_string(const struct attr *attr)
{
	(void)attr;
	return json_pack("{s:s}", "type", "string");
}

static json_t *schema_pattern(const char *pattern)
{
	return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);
}

/* The `${` of a reference; that of `$${` is text. */
json_t *schema_or_reference(json_t *schema)
{
	return json_pack("{s:[o, {s:s, s:s}]}", "anyOf", schema, "type",
			 "string", "pattern", "(^|[^$])\\$\\{");
}

/* --- path --- */

static bool read_path(const struct reading *r, const struct attr *attr,
		      const json_t *value, void *field)
{
	const char *path = string_of(r, attr, value), *wrong;

	if (!path)
		return false;
	wrong = path_wrong(path);
	if (wrong)
		return diag_error(r->diags, "'%s' %s", attr->name, wrong);
	*(const char **)field = path;
	return true;
}

/* A component of a path: not empty, not "." or "..", no control character.
 * Without lookahead, which not every validator has. */
#define PLAIN(not_these) "[^" not_these "/\\x00-\\x1f\\x7f-\\x9f]"
#define COMPONENT                                       \
	"(" PLAIN("\\.") PLAIN("") "*|\\." PLAIN("\\.") \
		PLAIN("") "*|\\.\\." PLAIN("") "+)"

static json_t *schema_path(const struct attr *attr)
{
	(void)attr;
	return json_pack("{s:s, s:s, s:i}", "type", "string", "pattern",
			 "^(/|(/" COMPONENT ")+)$", "maxLength", 4095);
}

const struct kind kind_path = { "path",       sizeof(char *), read_path,
				equal_string, show_string,    schema_path };

/* --- paths: one or a list --- */

static bool read_strings(const struct reading *r, const struct attr *attr,
			 const json_t *value, const char *expected,
			 struct strings *to)
{
	const json_t *item;
	size_t i;

	*to = (struct strings){ 0 };
	if (json_is_string(value)) {
		strings_add(to, r->arena, json_string_value(value));
		return true;
	}
	if (!json_is_array(value))
		return wrong_type(r, attr, expected, value);
	json_array_foreach (value, i, item) {
		if (!json_is_string(item))
			return diag_error(r->diags,
					  "'%s' must be %s; item %zu is %s",
					  attr->name, expected, i + 1,
					  json_type_name(item));
		strings_add(to, r->arena, json_string_value(item));
	}
	return true;
}

static json_t *show_strings(const struct attr *attr, const void *field)
{
	const struct strings *s = field;
	json_t *list = json_array();

	(void)attr;
	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(list, escape_json(s->v[i]));
	return list;
}

static bool equal_strings(const void *want, const void *have)
{
	return strings_equal(want, have);
}

static bool read_paths(const struct reading *r, const struct attr *attr,
		       const json_t *value, void *field)
{
	struct strings *paths = field;

	if (!read_strings(r, attr, value, "a path or a list of paths", paths))
		return false;
	for (size_t i = 0; i < paths->n; i++) {
		const char *wrong = path_wrong(paths->v[i]);

		if (wrong)
			return diag_error(r->diags, "'%s' %s", attr->name,
					  wrong);
	}
	return true;
}

static json_t *one_or_list(json_t *one)
{
	return json_pack("{s:[O, {s:s, s:o}]}", "anyOf", one, "type", "array",
			 "items", schema_or_reference(one));
}

static json_t *schema_paths(const struct attr *attr)
{
	json_t *one = schema_path(attr), *both = one_or_list(one);

	return both;
}

const struct kind kind_paths = { "path or list", sizeof(struct strings),
				 read_paths,     equal_strings,
				 show_strings,   schema_paths };

/* --- text --- */

static bool read_text(const struct reading *r, const struct attr *attr,
		      const json_t *value, void *field)
{
	const char *text = string_of(r, attr, value);

	*(const char **)field = text;
	return text != NULL;
}

const struct kind kind_text = { "text",       sizeof(char *), read_text,
				equal_string, show_string,    schema_string };

static bool read_texts(const struct reading *r, const struct attr *attr,
		       const json_t *value, void *field)
{
	return read_strings(r, attr, value, "a string or a list of strings",
			    field);
}

static json_t *schema_texts(const struct attr *attr)
{
	return one_or_list(schema_string(attr));
}

const struct kind kind_texts = { "text or list", sizeof(struct strings),
				 read_texts,     equal_strings,
				 show_strings,   schema_texts };

/* --- choice --- */

static bool read_choice(const struct reading *r, const struct attr *attr,
			const json_t *value, void *field)
{
	const char *text = string_of(r, attr, value), *near;
	struct strings choices = { 0 };

	if (!text)
		return false;
	for (int i = 0; attr->choices[i]; i++) {
		if (strcmp(attr->choices[i], text) == 0) {
			*(int *)field = i;
			return true;
		}
		strings_add(&choices, r->arena, attr->choices[i]);
	}
	diag_error(r->diags, "'%s' must be one of %s, not '%s'", attr->name,
		   strings_join(&choices, ", ", r->arena), text);
	near = strings_nearest(text, &choices);
	if (near)
		diag_hint(r->diags, "did you mean '%s'?", near);
	return false;
}

static bool equal_choice(const void *want, const void *have)
{
	return *(const int *)want == *(const int *)have;
}

static json_t *show_choice(const struct attr *attr, const void *field)
{
	return json_string(attr->choices[*(const int *)field]);
}

static json_t *schema_choice(const struct attr *attr)
{
	json_t *list = json_array();

	for (size_t i = 0; attr->choices[i]; i++)
		json_array_append_new(list, json_string(attr->choices[i]));
	return json_pack("{s:o}", "enum", list);
}

const struct kind kind_choice = { "choice",     sizeof(int), read_choice,
				  equal_choice, show_choice, schema_choice };

/* --- bool --- */

static bool read_bool(const struct reading *r, const struct attr *attr,
		      const json_t *value, void *field)
{
	if (!json_is_boolean(value))
		return wrong_type(r, attr, "true or false", value);
	*(bool *)field = json_is_true(value);
	return true;
}

static bool equal_bool(const void *want, const void *have)
{
	return *(const bool *)want == *(const bool *)have;
}

static json_t *show_bool(const struct attr *attr, const void *field)
{
	(void)attr;
	return json_boolean(*(const bool *)field);
}

static json_t *schema_bool(const struct attr *attr)
{
	(void)attr;
	return json_pack("{s:s}", "type", "boolean");
}

const struct kind kind_bool = { "true or false", sizeof(bool), read_bool,
				equal_bool,      show_bool,    schema_bool };

/* --- integer, integers --- */

static bool integer_fits(const struct reading *r, const struct attr *attr,
			 const json_t *value)
{
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value))
		return wrong_type(r, attr, "an integer", value);
	if ((attr->min || attr->max) && (n < attr->min || n > attr->max))
		return diag_error(r->diags,
				  "'%s' must be from %" PRId64 " to %" PRId64
				  ", not %" JSON_INTEGER_FORMAT,
				  attr->name, attr->min, attr->max, n);
	return true;
}

static bool read_integer(const struct reading *r, const struct attr *attr,
			 const json_t *value, void *field)
{
	*(int64_t *)field = json_integer_value(value);
	return integer_fits(r, attr, value);
}

static bool equal_integer(const void *want, const void *have)
{
	return *(const int64_t *)want == *(const int64_t *)have;
}

static json_t *show_integer(const struct attr *attr, const void *field)
{
	(void)attr;
	return json_integer(*(const int64_t *)field);
}

static json_t *schema_integer(const struct attr *attr)
{
	json_t *schema = json_pack("{s:s}", "type", "integer");

	if (attr->min || attr->max) {
		json_object_set_new(schema, "minimum", json_integer(attr->min));
		json_object_set_new(schema, "maximum", json_integer(attr->max));
	}
	return schema;
}

const struct kind kind_integer = { "integer",    sizeof(int64_t),
				   read_integer, equal_integer,
				   show_integer, schema_integer };

static bool read_integers(const struct reading *r, const struct attr *attr,
			  const json_t *value, void *field)
{
	struct integers *list = field;
	size_t n = json_is_array(value) ? json_array_size(value) : 1;

	if (!n)
		return diag_error(r->diags, "'%s' must not be empty",
				  attr->name);
	*list = (struct integers){ arena_array(r->arena, int64_t, n), n };
	for (size_t i = 0; i < n; i++) {
		const json_t *item =
			json_is_array(value) ? json_array_get(value, i) : value;

		if (!integer_fits(r, attr, item))
			return false;
		list->v[i] = json_integer_value(item);
	}
	return true;
}

static json_t *show_integers(const struct attr *attr, const void *field)
{
	const struct integers *s = field;
	json_t *list = json_array();

	(void)attr;
	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(list, json_integer(s->v[i]));
	return list;
}

static json_t *schema_integers(const struct attr *attr)
{
	json_t *schema = one_or_list(schema_integer(attr));
	json_t *list = json_array_get(json_object_get(schema, "anyOf"), 1);

	json_object_set_new(list, "minItems", json_integer(1));
	return schema;
}

const struct kind kind_integers = { "integer or list", sizeof(struct integers),
				    read_integers,     NULL,
				    show_integers,     schema_integers };

/* --- mode, umask --- */

static bool read_mode(const struct reading *r, const struct attr *attr,
		      const json_t *value, void *field)
{
	const char *text, *wrong;
	struct mode *mode = field;

	if (json_is_integer(value))
		return diag_error(
			r->diags,
			"'%s' must be a string: write \"%04" JSON_INTEGER_FORMAT
			"\", with the quotes",
			attr->name, json_integer_value(value));
	text = string_of(r, attr, value);
	if (!text)
		return false;
	wrong = mode_parse(text, mode);
	if (wrong)
		return diag_error(r->diags, "'%s' %s", attr->name, wrong);
	mode->text = mode->n ? text : NULL;
	return true;
}

/* have is what mode_apply made of it: see kind_mode in attr.h. */
static bool equal_mode(const void *want, const void *have)
{
	const struct mode *w = want, *h = have;

	return mode_apply(w, h->octal, h->is_directory) == h->octal;
}

static json_t *show_mode(const struct attr *attr, const void *field)
{
	const struct mode *m = field;
	char text[8];

	(void)attr;
	return json_string(m->text ? m->text : mode_text(m->octal, text));
}

/* See mode_parse: "go=" takes all away, "go+" says nothing. */
#define CLAUSE "[ugoa]*(=([ugo]|[rwxXst]*)|[+-]([ugo]|[rwxXst]+))+"

static json_t *schema_mode(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^([0-7]{3,4}|0[0-7]{4}|" CLAUSE "(," CLAUSE
			      ")*)$");
}

const struct kind kind_mode = { "mode",     sizeof(struct mode), read_mode,
				equal_mode, show_mode,           schema_mode };

static bool read_umask(const struct reading *r, const struct attr *attr,
		       const json_t *value, void *field)
{
	const char *text = json_string_value(value);
	struct mode mode;

	if (!text)
		return read_mode(r, attr, value, &mode);
	if (mode_parse(text, &mode) || mode.n || mode.octal > 0777)
		return diag_error(
			r->diags,
			"'%s' must be an octal string from \"000\" to "
			"\"0777\"",
			attr->name);
	*(int32_t *)field = mode.octal;
	return true;
}

static json_t *show_umask(const struct attr *attr, const void *field)
{
	char text[8];

	(void)attr;
	return json_string(
		mode_text((uint32_t) * (const int32_t *)field, text));
}

static json_t *schema_umask(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^0?[0-7]{3}$");
}

const struct kind kind_umask = { "umask", sizeof(int32_t), read_umask,
				 NULL,    show_umask,      schema_umask };

/* --- owner, group: a name that is there, or a number --- */

#define NAME_BEGINS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"

enum { ACCOUNT_MAX = 254 };

/*
 * useradd(8) would not make some of these, but they exist: Debian-exim is
 * Debian's own, samba has host$, directories have user@realm and DOMAIN\user.
 */
static bool is_account_name(const char *text)
{
	size_t n = strspn(text, NAME_BEGINS "0123456789_.@\\-");

	if (!*text || !strchr(NAME_BEGINS, text[0]) || n > ACCOUNT_MAX)
		return false;
	return !text[n] || strcmp(text + n, "$") == 0;
}

/* 4294967295 is (uid_t)-1, which means "leave it" to chown(2). */
static bool is_account_number(const char *text)
{
	size_t n = strlen(text);

	if (!n || n > 10 || strspn(text, "0123456789") != n)
		return false;
	return strtoull(text, NULL, 10) < UINT32_MAX;
}

static bool read_account(const struct reading *r, const struct attr *attr,
			 const json_t *value, void *field)
{
	const char *text = string_of(r, attr, value);

	if (!text)
		return false;
	if (!*text || (!is_account_name(text) && !is_account_number(text)))
		return diag_error(r->diags,
				  "'%s' must be a name such as \"root\" or a "
				  "number such as \"0\", not '%s'",
				  attr->name, text);
	*(const char **)field = text;
	return true;
}

static json_t *schema_account(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^([A-Za-z_][A-Za-z0-9_.@\\\\-]{0,253}\\$?|"
			      "[0-9]{1,10})$");
}

const struct kind kind_owner = { "user",       sizeof(char *), read_account,
				 equal_string, show_string,    schema_account };
const struct kind kind_group = { "group",      sizeof(char *), read_account,
				 equal_string, show_string,    schema_account };

/* --- content, source, template, folder --- */

static bool read_content(const struct reading *r, const struct attr *attr,
			 const json_t *value, void *field)
{
	if (!string_of(r, attr, value))
		return false;
	*(struct content *)field =
		content_of(json_string_value(value), json_string_length(value));
	return true;
}

static bool equal_content(const void *want, const void *have)
{
	const struct content *w = want, *h = have;

	if (w->same_as == h || h->same_as == w)
		return true;
	return w->size == h->size && w->has_digest && h->has_digest &&
	       memcmp(w->digest, h->digest, DIGEST_SIZE) == 0;
}

static json_t *show_content(const struct attr *attr, const void *field)
{
	struct content c = *(const struct content *)field;
	struct diags ignored = { 0 };
	char hex[DIGEST_HEX] = "";

	(void)attr;
	if (c.same_as)
		c = *c.same_as;
	if (content_digest(&c, &ignored))
		digest_hex(c.digest, hex);
	diags_release(&ignored);
	return json_pack("{s:I, s:s}", "size", (json_int_t)c.size, "sha256",
			 hex);
}

const struct kind kind_content = { "text",       sizeof(struct content),
				   read_content, equal_content,
				   show_content, schema_string };

/* A path inside the world, and what stands there. */
static const char *world_path(const struct reading *r, const struct attr *attr,
			      const json_t *value, enum tree_type type,
			      struct tree_entry *entry)
{
	const char *path = string_of(r, attr, value), *wrong;

	if (!path)
		return NULL;
	wrong = path_relative_wrong(path);
	if (wrong) {
		diag_error(r->diags, "'%s' %s", attr->name, wrong);
		return NULL;
	}
	if (!r->tree) {
		diag_error(r->diags, "'%s' needs files beside the manifest",
			   attr->name);
		return NULL;
	}
	if (!tree_entry(r->tree, path, r->arena, entry, r->diags))
		return NULL;
	if (entry->type == type)
		return path;
	if (entry->type == TREE_ABSENT)
		diag_error(r->diags, "there is no '%s' in '%s'", path,
			   r->tree->name);
	else if (entry->type == TREE_LINK)
		diag_error(r->diags,
			   "'%s' is a link, and what it leads to is not taken",
			   path);
	else
		diag_error(r->diags, "'%s' is not a %s", path,
			   type == TREE_FILE ? "file" : "folder");
	return NULL;
}

static bool read_source(const struct reading *r, const struct attr *attr,
			const json_t *value, void *field)
{
	struct tree_entry entry;
	const char *path = world_path(r, attr, value, TREE_FILE, &entry);

	if (!path)
		return false;
	*(struct content *)field = (struct content){ .tree = r->tree,
						     .path = path,
						     .size = entry.size };
	return true;
}

static json_t *schema_world_path(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^" COMPONENT "(/" COMPONENT ")*$");
}

const struct kind kind_source = { "file of the world", sizeof(struct content),
				  read_source,         equal_content,
				  show_content,        schema_world_path };

enum { TEMPLATE_MAX = 4 * 1024 * 1024 };

/* {{> name}} is templates/name. */
static bool find_partial(void *context, const char **name, const char **text,
			 size_t *size)
{
	const struct reading *r = context;
	struct buf b = { 0 };
	const char *path = arena_printf(r->arena, "templates/%s", *name);
	struct tree_entry entry;
	bool found = !path_relative_wrong(path) &&
		     tree_entry(r->tree, path, r->arena, &entry, r->diags) &&
		     entry.type == TREE_FILE &&
		     tree_read(r->tree, path, TEMPLATE_MAX, &b, r->diags);

	if (found) {
		*name = path;
		*text = arena_memdup(r->arena, buf_text(&b), b.size + 1);
		*size = b.size;
	}
	buf_release(&b);
	return found;
}

static bool read_template(const struct reading *r, const struct attr *attr,
			  const json_t *value, void *field)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_BUF struct buf out = { 0 };
	struct tree_entry entry;
	const char *path = world_path(r, attr, value, TREE_FILE, &entry);
	struct reading copy = *r;

	if (!path || !tree_read(r->tree, path, TEMPLATE_MAX, &text, r->diags))
		return false;
	if (!template_render(path, buf_text(&text), text.size, r->scope,
			     find_partial, &copy, &out, r->diags))
		return false;
	*(struct content *)field = content_of(
		arena_memdup(r->arena, buf_text(&out), out.size + 1), out.size);
	return true;
}

const struct kind kind_template = {
	"template of the world", sizeof(struct content), read_template,
	equal_content,           show_content,           schema_world_path
};

static bool read_folder(const struct reading *r, const struct attr *attr,
			const json_t *value, void *field)
{
	struct tree_entry entry;
	const char *path = world_path(r, attr, value, TREE_DIRECTORY, &entry);

	*(const char **)field = path;
	return path != NULL;
}

const struct kind kind_folder = { "folder of the world", sizeof(char *),
				  read_folder,           NULL,
				  show_string,           schema_world_path };

/* --- link target --- */

static bool read_target(const struct reading *r, const struct attr *attr,
			const json_t *value, void *field)
{
	const char *text = string_of(r, attr, value);

	if (!text)
		return false;
	if (!*text || strlen(text) > 4095)
		return diag_error(r->diags,
				  "'%s' must have from 1 to 4095 bytes",
				  attr->name);
	if (text[strcspn(text, "\n\r")])
		return diag_error(r->diags, "'%s' must be one line",
				  attr->name);
	*(const char **)field = text;
	return true;
}

static json_t *schema_target(const struct attr *attr)
{
	(void)attr;
	return json_pack("{s:s, s:s, s:i}", "type", "string", "pattern",
			 "^[^\\n\\r]+$", "maxLength", 4095);
}

const struct kind kind_target = {
	"link target", sizeof(char *), read_target,
	equal_string,  show_string,    schema_target
};

/* --- commands --- */

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

const struct kind kind_argv = { "command",    sizeof(struct strings),
				read_argv,    equal_strings,
				show_strings, schema_argv };

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
				   show_strings, schema_command };

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

const struct kind kind_commands = { "command or list of commands",
				    sizeof(struct commands),
				    read_commands,
				    NULL,
				    show_commands,
				    schema_commands };

/* --- environment: {"NAME": "value"} --- */

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

const struct kind kind_env = {
	"environment", sizeof(struct strings), read_env,
	equal_strings, show_strings,           schema_env
};

/* --- duration: 90, "90s", "5m", "2h", "1d" --- */

enum { DURATION_MAX = 7 * 24 * 3600 };

static bool read_duration(const struct reading *r, const struct attr *attr,
			  const json_t *value, void *field)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = { { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };
	int64_t n = json_integer_value(value), seconds = n;

	if (json_is_string(value)) {
		const char *text = json_string_value(value);
		size_t digits = strspn(text, "0123456789");

		n = digits && digits < 10 ? strtoll(text, NULL, 10) : -1;
		seconds = -1;
		for (size_t i = 0; i < COUNT(units); i++)
			if (strcmp(text + digits, units[i].unit) == 0)
				seconds = n * units[i].seconds;
	} else if (!json_is_integer(value)) {
		return wrong_type(r, attr,
				  "seconds, or a string such as \"5m\"", value);
	}
	if (n < 1 || seconds < 1 || seconds > DURATION_MAX)
		return diag_error(r->diags,
				  "'%s' must be from 1 second to 7 days: "
				  "seconds, or a string such as \"90s\", "
				  "\"5m\", \"2h\", \"1d\"",
				  attr->name);
	*(int64_t *)field = seconds * 1000;
	return true;
}

static json_t *show_duration(const struct attr *attr, const void *field)
{
	char text[32];

	(void)attr;
	snprintf(text, sizeof(text), "%" PRId64 "s",
		 *(const int64_t *)field / 1000);
	return json_string(text);
}

static json_t *schema_duration(const struct attr *attr)
{
	(void)attr;
	return json_pack("{s:[{s:s, s:i, s:i}, o]}", "anyOf", "type", "integer",
			 "minimum", 1, "maximum", DURATION_MAX,
			 schema_pattern("^0*[1-9][0-9]{0,8}[smhd]$"));
}

const struct kind kind_duration = { "duration",    sizeof(int64_t),
				    read_duration, equal_integer,
				    show_duration, schema_duration };
