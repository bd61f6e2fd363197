/* SPDX-License-Identifier: MIT */
/* Rules about the world as a whole: what nothing has a use for. */
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/lint/parts.h"
#include "lib/manifest/shape.h"
#include "lib/secret/world.h"
#include "lib/text/secret.h"
#include "lib/text/template.h"

enum {
	TEMPLATE_MAX = 16 * 1024 * 1024,
	LOOKED_AT = 64 * 1024, /* bytes of a file that is searched */
	DEEP = 16,             /* folders in folders */
};

static const char *const folders[] = { "files", "templates", "secrets" };

/* --- vars that are named --- */

static void use_var(struct lint *l, const char *name, size_t n)
{
	AUTO_BUF struct buf b = { 0 };

	buf_add(&b, name, n);
	lint_mark(l, "var", buf_text(&b));
}

/* Vars by the text alone: an id, a condition, a comment, all are as good. */
static void use_vars(struct lint *l, const char *text, size_t size)
{
	static const char prefix[] = "vars.", all[] = "${vars}";
	const char *end = text + size, *at = text;

	while ((at = memchr(at, 'v', (size_t)(end - at)))) {
		size_t left = (size_t)(end - at), n = sizeof(prefix) - 1;

		if (left > n && memcmp(at, prefix, n) == 0) {
			const char *name = at + n;

			for (at = name; at < end && !strchr(".}\"\\ ", *at);)
				at++;
			use_var(l, name, (size_t)(at - name));
		} else if (at - text >= 2 && left > 4 &&
			   memcmp(at - 2, all, sizeof(all) - 1) == 0) {
			use_var(l, "*", 1);
			at++;
		} else {
			at++;
		}
	}
}

/* --- what a template names --- */

static void use_names(struct lint *l, const struct strings *values)
{
	for (size_t i = 0; i < values->n; i++) {
		const char *name = values->v[i];

		if (strcmp(name, "vars") == 0)
			use_var(l, "*", 1);
		else if (strncmp(name, "vars.", 5) == 0 &&
			 utf8_valid(name, strlen(name)))
			use_var(l, name + 5, strcspn(name + 5, "."));
	}
}

/* A template and its partials, and theirs, each once. */
static void use_template(struct lint *l, const struct tree *tree,
			 const char *path)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO(arena_release) struct arena a = { 0 };
	struct strings paths = { 0 }, values = { 0 };

	strings_add(&paths, &a, path);
	for (size_t i = 0; i < paths.n; i++) {
		AUTO_BUF struct buf text = { 0 };
		struct strings partials = { 0 };

		path = paths.v[i];
		if (map_get(&l->templates, path) ||
		    !utf8_valid(path, strlen(path)))
			continue;
		path = arena_strdup(l->arena, path);
		map_put(&l->templates, l->arena, path, l);
		lint_name(l, path);
		if (tree_read(tree, path, TEMPLATE_MAX, &text, &ignored))
			template_names(buf_text(&text), text.size, &a, &values,
				       &partials);
		/* see kind_template */
		for (size_t j = 0; j < partials.n; j++)
			strings_add(&paths, &a,
				    arena_printf(&a, "templates/%s",
						 partials.v[j]));
	}
	use_names(l, &values);
}

/* --- what a document names --- */

/* A path with '*' for each reference; what begins with one is known from hosts
 * alone. */
static void use_path(struct lint *l, const char *text)
{
	AUTO_BUF struct buf b = { 0 };
	bool within = false;

	for (size_t i = 0; !within && i < COUNT(folders); i++) {
		size_t n = strlen(folders[i]);

		within = strncmp(text, folders[i], n) == 0 &&
			 (!text[n] || text[n] == '/');
	}
	if (!within)
		return;
	while (*text) {
		size_t n = strcspn(text, "$");

		buf_add(&b, text, n);
		text += n;
		if (strncmp(text, "${", 2) == 0) {
			buf_putc(&b, '*');
			text += strcspn(text, "}");
			text += *text == '}';
		} else if (*text) {
			buf_putc(&b, *text++);
		}
	}
	lint_name(l, buf_text(&b));
}

/* Recursion is as deep as the text: at most SOURCE_MAX_DEPTH. */
static void use_paths(struct lint *l, json_t *value)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_string(value))
		use_path(l, json_string_value(value));
	json_array_foreach (value, i, item)
		use_paths(l, item);
	json_object_foreach (value, key, item) {
		const char *text = json_string_value(item);

		use_path(l, key);
		use_paths(l, item);
		/* no host may have it with the facts that check takes */
		if (text && strcmp(key, "template") == 0 && !lint_refers(text))
			use_template(l, l->documents->tree, text);
	}
}

static void use_roles(struct lint *l, const json_t *names)
{
	const json_t *name;
	size_t i;

	json_array_foreach (names, i, name)
		if (json_is_string(name))
			lint_mark(l, "role", json_string_value(name));
}

void lint_uses(struct lint *l, const struct document *doc)
{
	const json_t *rule;
	size_t i;

	if (doc->source.text)
		use_vars(l, doc->source.text, doc->source.size);
	use_paths(l, doc->root);
	use_roles(l, json_object_get(doc->root, "roles"));
	use_roles(l, json_object_get(doc->root, "include"));
	json_array_foreach (json_object_get(doc->root, "rules"), i, rule)
		use_roles(l, json_object_get(rule, "include"));
}

/* --- what a host has --- */

void lint_uses_of_host(struct lint *l, const struct manifest *m)
{
	static const char *const takers[] = { "source", "template" };

	for (size_t i = 0; i < m->nparts; i++) {
		const char *pointer = m->parts[i]->pointer;

		if (!m->parts[i]->role)
			continue;
		lint_mark(l, "host-of", m->parts[i]->role);
		if (strstr(pointer, "#/rules/"))
			lint_mark(l, "rule", pointer);
	}
	for (size_t i = 0; i < m->n; i++)
		for (size_t j = 0; j < COUNT(takers); j++) {
			const char *path = json_string_value(
				json_object_get(m->v[i].attributes, takers[j]));

			if (path && j)
				use_template(l, m->tree, path);
			else if (path)
				lint_name(l, path);
		}
}

/* --- roles and their rules --- */

/* "web/tls" of "roles/web/tls.json"; NULL: it is no role. */
static const char *role_of(struct lint *l, const struct document *doc)
{
	static const char folder[] = "roles/", suffix[] = ".json";
	size_t n = strlen(doc->name), above = sizeof(folder) - 1,
	       below = sizeof(suffix) - 1;

	if (strncmp(doc->name, folder, above) != 0 || n < above + below)
		return NULL;
	return arena_strndup(l->arena, doc->name + above, n - above - below);
}

static const char *root_of(struct look *k)
{
	return arena_printf(k->lint->arena, "%s#", k->doc->name);
}

void lint_unused_roles(struct look *k)
{
	const char *role = role_of(k->lint, k->doc);
	struct lint_finding *f;

	if (!role)
		return;
	f = look_find(k, root_of(k), SOURCE_AT_VALUE,
		      "no host and no role includes role '%s'", role);
	if (f)
		f->mark = lint_mark_name(k->lint, "role", role);
}

void lint_undescribed_role(struct look *k)
{
	const char *role = role_of(k->lint, k->doc);
	const char *text =
		json_string_value(json_object_get(k->doc->root, "description"));

	if (role && (!text || !*text))
		look_find(k, root_of(k), SOURCE_AT_VALUE,
			  "role '%s' does not say what it is for", role);
}

static bool is_certain_name(const char *name)
{
	static const char *const names[] = {
		"host", "tags", "not", "any", "eq", "ne", "lt", "le", "gt", "ge"
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Recursion is as deep as the text. */
bool lint_is_certain(json_t *when)
{
	const char *key, *text = json_string_value(when);
	json_t *item;
	size_t i;

	if (text && strstr(text, "${facts"))
		return false;
	json_array_foreach (when, i, item)
		if (!lint_is_certain(item))
			return false;
	json_object_foreach (when, key, item)
		if (strcmp(key, "//") != 0 &&
		    (!is_certain_name(key) || !lint_is_certain(item)))
			return false;
	return true;
}

void lint_rule_conditions(struct look *k)
{
	const char *role = role_of(k->lint, k->doc), *at;
	struct lint *l = k->lint;
	struct lint_finding *f;
	json_t *rule;
	size_t i;

	if (!role)
		return;
	at = pointer_join(l->arena, root_of(k), "rules");
	json_array_foreach (json_object_get(k->doc->root, "rules"), i, rule) {
		const char *pointer = pointer_index(l->arena, at, i);
		json_t *when = json_object_get(rule, "when");

		if (!json_is_object(when) || !lint_is_certain(when))
			continue;
		f = look_find(k, pointer_join(l->arena, pointer, "when"),
			      SOURCE_AT_KEY,
			      "this rule holds for none of the hosts with "
			      "role '%s'",
			      role);
		if (!f)
			continue;
		f->mark = lint_mark_name(l, "rule", pointer);
		f->needs = lint_mark_name(l, "host-of", role);
	}
}

/* --- vars --- */

static void find_vars(struct look *k, json_t *part, const char *pointer)
{
	struct lint *l = k->lint;
	const char *at = pointer_join(l->arena, pointer, "vars"), *name;
	struct lint_finding *f;
	json_t *value;

	json_object_foreach (json_object_get(part, "vars"), name, value) {
		if (strcmp(name, "//") == 0)
			continue;
		f = look_find(
			k, pointer_join(l->arena, at, name), SOURCE_AT_KEY,
			"no manifest and no template names 'vars.%s'", name);
		if (f)
			f->mark = lint_mark_name(l, "var", name);
	}
}

void lint_unused_vars(struct look *k)
{
	const char *root = root_of(k), *at;
	json_t *rule;
	size_t i;

	find_vars(k, k->doc->root, root);
	at = pointer_join(k->lint->arena, root, "rules");
	json_array_foreach (json_object_get(k->doc->root, "rules"), i, rule)
		find_vars(k, rule, pointer_index(k->lint->arena, at, i));
}

/* --- files --- */

/* What people put beside files for people. */
static bool is_aside(const char *name)
{
	return *name == '.' || strncmp(name, "README", 6) == 0 ||
	       strncmp(name, "LICENSE", 7) == 0;
}

static void look_into(struct lint *l, const struct tree *tree, const char *path)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	char text[LOOKED_AT];
	struct reader r;
	size_t size = 0;
	long n = 0;

	if (!tree_open(tree, path, &r, &ignored))
		return;
	while (size < sizeof(text) &&
	       (n = reader_next(&r, text + size, sizeof(text) - size)) > 0)
		size += (size_t)n;
	reader_close(&r);
	lint_credential_file(l, path, text, size);
}

/* What secrets are sealed by: who can be sealed to, and whom each is for, of
 * one that is there. */
static bool is_of_secrets(struct lint *l, const struct tree *tree,
			  const char *path)
{
	static const char end[] = ".json";
	AUTO_DIAGS struct diags ignored = { 0 };
	size_t n = strlen(path), m = sizeof(end) - 1;
	struct tree_entry entry;
	const char *secret;

	if (strcmp(path, RECIPIENTS_FILE) == 0)
		return true;
	if (n <= m || strcmp(path + n - m, end) != 0)
		return false;
	secret = arena_strndup(l->arena, path, n - m);
	return !secret_path_wrong(secret) &&
	       tree_entry(tree, secret, l->arena, &entry, &ignored) &&
	       entry.type == TREE_FILE;
}

static void find_file(struct lint *l, const struct tree *tree, const char *path,
		      const char *name, bool secret)
{
	struct lint_finding *f;

	if (is_aside(name) || (secret && is_of_secrets(l, tree, path)))
		return;
	if (!secret)
		look_into(l, tree, path);
	f = lint_find_file(l, "unused-file", path, 0,
			   "no manifest and no template names it");
	if (f)
		f->mark = lint_mark_name(l, "file", path);
}

static void find_files(struct lint *l, const struct tree *tree,
		       const char *path, size_t deep, bool secret)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO(arena_release) struct arena a = { 0 };
	struct tree_entry *v;
	size_t n = 0;

	if (!tree_list(tree, path, &a, &v, &n, &ignored))
		n = 0;
	for (size_t i = 0; i < n; i++) {
		const char *at = arena_printf(&a, "%s/%s", path, v[i].name);

		if (v[i].type == TREE_DIRECTORY && deep)
			find_files(l, tree, at, deep - 1, secret);
		else if (v[i].type == TREE_FILE)
			find_file(l, tree, at, v[i].name, secret);
	}
}

void lint_files(struct lint *l, const struct tree *tree)
{
	for (size_t i = 0; i < COUNT(folders); i++)
		if (documents_have(l->documents, folders[i]))
			find_files(l, tree, folders[i], DEEP,
				   strcmp(folders[i], "secrets") == 0);
}
