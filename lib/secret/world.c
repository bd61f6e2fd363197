/* SPDX-License-Identifier: MIT */
#include "lib/secret/world.h"

#include <jansson.h>
#include <string.h>

#include "lib/base/path.h"
#include "lib/text/layout.h"
#include "lib/text/sealed.h"
#include "lib/text/secret.h"
#include "lib/text/source.h"

enum { FILES_MAX = 100000, FOLDERS_MAX = 16 };

static const char suffix[] = ".age", folder[] = "secrets", role[] = "role:";

/* A JSON file of the world. */
struct file {
	struct source source;
	json_t *root; /* NULL: there is none, or it is wrong */
};

static void file_release(struct file *f)
{
	json_decref(f->root);
	source_release(&f->source);
}

#define AUTO_FILE AUTO(file_release)

/* True without a root when there is no such file. */
static bool file_read(struct file *f, const struct tree *world,
		      const char *path, struct arena *a, struct diags *d)
{
	AUTO_BUF struct buf text = { 0 };
	struct tree_entry entry;

	*f = (struct file){ .source.name = arena_strdup(a, path) };
	if (!tree_entry(world, path, a, &entry, d))
		return false;
	if (entry.type == TREE_ABSENT)
		return true;
	if (entry.type != TREE_FILE)
		return diag_error(d, "'%s' is not a file", path);
	if (!tree_read(world, path, SOURCE_MAX_BYTES, &text, d))
		return false;
	f->source.text = arena_memdup(a, buf_text(&text), text.size + 1);
	f->source.size = text.size;
	f->root = source_parse(&f->source, d);
	return f->root != NULL;
}

static bool wrong(struct file *f, const char *pointer, struct diags *d,
		  const char *text)
{
	struct place place = { .file = f->source.name };

	source_locate(&f->source, pointer, SOURCE_AT_VALUE, &place);
	return diag_error_at(d, place, "%s", text);
}

static bool is_name(const char *name)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789.-_";
	size_t n = strlen(name);

	return n && n <= 255 && *name != '.' && *name != '-' &&
	       strspn(name, plain) == n;
}

/* --- recipients --- */

static bool read_recipient(struct file *f, const char *pointer,
			   const char *name, const json_t *value, bool is_host,
			   struct arena *a, struct recipients *to,
			   struct diags *d)
{
	const char *key = json_string_value(value), *why = "must be a string";
	const char *stanza = key ? recipient_stanza(key, a, &why) : NULL;

	pointer = arena_printf(a, "%s/%s", pointer, name);
	if (!is_name(name))
		return wrong(f, pointer, d, "that is no name");
	if (!stanza)
		return wrong(f, pointer, d,
			     arena_printf(a, "a recipient %s", why));
	if (is_host && strcmp(stanza, "X25519") == 0)
		return wrong(f, pointer, d,
			     "a host opens with its key of SSH: give that");
	to->v = arena_grow(a, to->v, to->n, &to->capacity, sizeof(*to->v));
	to->v[to->n++] =
		(struct recipient){ arena_strdup(a, name), arena_strdup(a, key),
				    stanza, is_host };
	return true;
}

static bool read_group(struct file *f, const char *group, bool is_host,
		       struct arena *a, struct recipients *to, struct diags *d)
{
	const char *pointer = arena_printf(a, "/%s", group), *name;
	json_t *all = json_object_get(f->root, group), *value;
	bool ok = true;

	if (all && !json_is_object(all))
		return wrong(f, pointer, d,
			     arena_printf(a, "'%s' must be an object", group));
	json_object_foreach (all, name, value)
		if (strcmp(name, "//") != 0)
			ok &= read_recipient(f, pointer, name, value, is_host,
					     a, to, d);
	return ok;
}

static bool is_known(const char *key, const char *const *known, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(known[i], key) == 0)
			return true;
	return false;
}

/* The version, and no key that nobody knows. */
static bool check_keys(struct file *f, const char *const *known, size_t n,
		       struct arena *a, struct diags *d)
{
	const char *key;
	json_t *value;
	bool ok = true;

	json_object_foreach (f->root, key, value)
		if (!is_known(key, known, n))
			ok = wrong(f, arena_printf(a, "/%s", key), d,
				   arena_printf(a, "unknown key \"%s\"", key));
	value = json_object_get(f->root, "version");
	if (json_integer_value(value) == 1)
		return ok;
	return wrong(f, "/version", d, "'version' must be 1");
}

bool recipients_read(const struct tree *world, struct arena *a,
		     struct recipients *to, struct diags *d)
{
	static const char *const known[] = { "version", "hosts", "people",
					     "$schema", "//" };
	AUTO_FILE struct file f;
	bool ok;

	*to = (struct recipients){ 0 };
	if (!file_read(&f, world, RECIPIENTS_FILE, a, d))
		return false;
	if (!f.root) {
		diag_error(d, "there is no '%s' in '%s'", RECIPIENTS_FILE,
			   world->name);
		diag_hint(d, "write the hosts' public keys into it: "
			     "{\"version\": 1, \"hosts\": {\"NAME\": "
			     "\"ssh-ed25519 AAAA...\"}, \"people\": {}}");
		return false;
	}
	ok = check_keys(&f, known, COUNT(known), a, d);
	ok &= read_group(&f, "hosts", true, a, to, d);
	return read_group(&f, "people", false, a, to, d) && ok;
}

const struct recipient *recipients_host(const struct recipients *r,
					const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].is_host && strcmp(r->v[i].name, name) == 0)
			return &r->v[i];
	return NULL;
}

/* --- secrets --- */

static bool ends(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n > m && strcmp(text + n - m, end) == 0;
}

static bool list(const struct tree *world, const char *path, unsigned depth,
		 struct arena *a, struct strings *secrets,
		 struct strings *others, struct diags *d)
{
	struct tree_entry *v;
	size_t n;

	if (!tree_list(world, path, a, &v, &n, d))
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *at = arena_printf(a, "%s/%s", path, v[i].name);

		if (secrets->n + others->n > FILES_MAX || depth > FOLDERS_MAX)
			return diag_error(d, "too many files in '%s'", path);
		if (v[i].type == TREE_DIRECTORY) {
			if (!list(world, at, depth + 1, a, secrets, others, d))
				return false;
		} else if (v[i].type == TREE_FILE && !secret_path_wrong(at)) {
			strings_add(secrets, a, at);
		} else if (strcmp(at, RECIPIENTS_FILE) != 0 &&
			   !ends(at, ".age.json")) {
			strings_add(others, a, at);
		}
	}
	return true;
}

bool secrets_list(const struct tree *world, struct arena *a,
		  struct strings *secrets, struct strings *others,
		  struct diags *d)
{
	struct tree_entry entry;

	*secrets = *others = (struct strings){ 0 };
	if (!tree_entry(world, folder, a, &entry, d))
		return false;
	if (entry.type == TREE_ABSENT)
		return true;
	if (!list(world, folder, 0, a, secrets, others, d))
		return false;
	strings_sort(secrets);
	strings_sort(others);
	return true;
}

const char *secret_named(const char *name, struct arena *a, struct diags *d)
{
	const char *path = arena_printf(
		a, "%s%s%s",
		strncmp(name, "secrets/", 8) == 0 ? "" : "secrets/", name,
		ends(name, suffix) ? "" : suffix);
	const char *why = secret_path_wrong(path);

	if (!why)
		return path;
	diag_error(d, "'%s' %s", name, why);
	return NULL;
}

/* --- whom it is for --- */

static bool read_audience(struct file *f, struct arena *a, struct strings *to,
			  struct diags *d)
{
	const json_t *all = json_object_get(f->root, "for"), *item;
	size_t i;

	if (!json_array_size(all))
		return wrong(f, "/for", d,
			     "'for' must be a list of hosts and \"role:NAME\"");
	json_array_foreach (all, i, item) {
		const char *name = json_string_value(item);
		bool is_role = name && strncmp(name, role, 5) == 0;

		if (!name || (is_role ? path_relative_wrong(name + 5) != NULL
				      : !is_name(name)))
			return wrong(f, arena_printf(a, "/for/%zu", i), d,
				     "must be a host's name or \"role:NAME\"");
		strings_add(to, a, arena_strdup(a, name));
	}
	return true;
}

bool audience_read(const struct tree *world, const char *secret,
		   struct arena *a, struct strings *to, struct diags *d)
{
	static const char *const known[] = { "version", "for", "description",
					     "$schema", "//" };
	const char *path = arena_printf(a, "%s.json", secret);
	AUTO_FILE struct file f;

	*to = (struct strings){ 0 };
	if (!file_read(&f, world, path, a, d))
		return false;
	if (!f.root) {
		diag_error_at(d, (struct place){ .file = secret },
			      "there is no '%s' to say whom it is for", path);
		diag_hint(d, "seal it with --to, or write "
			     "{\"version\": 1, \"for\": [\"HOST\"]} there");
		return false;
	}
	return check_keys(&f, known, COUNT(known), a, d) &&
	       read_audience(&f, a, to, d);
}

bool audience_write(const struct tree *world, const char *secret,
		    const struct strings *to, struct buf *text, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_FILE struct file f;
	json_t *names = json_array();
	char *dump;

	if (!file_read(&f, world, arena_printf(&a, "%s.json", secret), &a, d)) {
		json_decref(names);
		return false;
	}
	if (!f.root)
		f.root = json_pack("{s:i}", "version", 1);
	for (size_t i = 0; i < to->n; i++)
		json_array_append_new(names, json_string(to->v[i]));
	json_object_set_new(f.root, "for", names);
	dump = json_dumps(f.root, 0);
	if (dump)
		layout_text(dump, strlen(dump), text);
	free(dump);
	return true;
}

/* --- hosts --- */

bool hosts_list(const struct tree *world, struct arena *a,
		struct strings *hosts, struct diags *d)
{
	struct tree_entry entry, *v;
	size_t n;

	*hosts = (struct strings){ 0 };
	if (!tree_entry(world, "hosts", a, &entry, d))
		return false;
	if (entry.type == TREE_ABSENT)
		return true;
	if (!tree_list(world, "hosts", a, &v, &n, d))
		return false;
	for (size_t i = 0; i < n; i++)
		if (ends(v[i].name, ".json"))
			strings_add(hosts, a,
				    arena_strndup(a, v[i].name,
						  strlen(v[i].name) - 5));
	strings_sort(hosts);
	return true;
}
