/* SPDX-License-Identifier: MIT */
/* Rules about credentials and accounts. */
#include <ctype.h>
#include <string.h>

#include "lib/base/mode.h"
#include "lib/lint/parts.h"

enum { NEW_FILE = 0644, OTHERS = 07, GUESSABLE = 8 /* bytes of a password */ };

/* --- modes --- */

/* The bits that others have of a file, as its resource says. */
static uint32_t others(const char *text, uint32_t unsaid)
{
	struct mode mode;

	if (!text)
		return unsaid & OTHERS;
	return mode_parse(text, &mode) ? 0
				       : mode_apply(&mode, 0, false) & OTHERS;
}

static bool hides_content(const struct resource *res)
{
	static const char *const names[] = { "content", "source", "template",
					     "line",    "value",  "*" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strings_have(&res->common.sensitive, names[i]))
			return true;
	return false;
}

/* The mode that the file's own resource gives, as text; NULL: none. */
static const char *mode_of(const struct look *k, const struct resource *file)
{
	const struct manifest *m = k->manifest;

	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->v[i].id, file->id) == 0)
			return json_string_value(
				json_object_get(m->v[i].attributes, "mode"));
	return NULL;
}

void lint_wider_than_secret(struct look *k)
{
	const struct record *r = k->res->want;
	const char *edits = resource_edits(k->res);
	const struct resource *file =
		edits ? catalog_at(k->catalog, edits) : k->res;
	const char *mode;

	if (resource_absent(k->res) || !file ||
	    !(r->secret || hides_content(k->res)))
		return;
	mode = file == k->res ? look_text(k, "mode") : mode_of(k, file);
	/* of its own secrets a file sees to it itself */
	if (!others(mode, r->secret || file != k->res ? 0 : NEW_FILE))
		return;
	if (file != k->res)
		look_attribute(k, NULL, "'%s' lets everybody read '%s'",
			       file->id, edits);
	else if (mode)
		look_attribute(k, "mode",
			       "'mode' %s lets everybody read what is "
			       "sensitive",
			       mode);
	else
		look_attribute(k, NULL,
			       "it has no 'mode': a new file is 0644, and "
			       "everybody reads what is sensitive");
}

/* --- credentials in clear text --- */

struct pattern {
	const char *prefix; /* of a word */
	size_t least, most; /* of these bytes behind it */
	const char *of;     /* characters behind it; NULL: any */
	const char *what;
};

#define DIGITS "0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LETTERS UPPER "abcdefghijklmnopqrstuvwxyz"

/* As those who give them out describe them, so that they can be found. */
static const struct pattern patterns[] = {
	{ "AKIA", 16, 16, UPPER DIGITS, "a key of AWS" },
	{ "ASIA", 16, 16, UPPER DIGITS, "a key of AWS" },
	{ "ghp_", 36, 255, LETTERS DIGITS, "a token of GitHub" },
	{ "gho_", 36, 255, LETTERS DIGITS, "a token of GitHub" },
	{ "ghs_", 36, 255, LETTERS DIGITS, "a token of GitHub" },
	{ "github_pat_", 22, 255, LETTERS DIGITS "_", "a token of GitHub" },
	{ "glpat-", 20, 255, LETTERS DIGITS "_-.", "a token of GitLab" },
	{ "xoxb-", 20, 255, LETTERS DIGITS "-", "a token of Slack" },
	{ "xoxp-", 20, 255, LETTERS DIGITS "-", "a token of Slack" },
	{ "npm_", 36, 36, LETTERS DIGITS, "a token of npm" },
	{ "hvs.", 24, 255, LETTERS DIGITS "_-", "a token of Vault" },
	{ "AGE-SECRET-KEY-1", 58, 58, UPPER DIGITS, "a private key of age" },
};

static bool is_word(char c)
{
	return c && strchr(LETTERS DIGITS "_-", c);
}

static const char *token_at(const char *text, size_t size)
{
	for (size_t i = 0; i < COUNT(patterns); i++) {
		const struct pattern *p = &patterns[i];
		size_t n = strlen(p->prefix), behind = 0;

		if (size < n || memcmp(text, p->prefix, n) != 0)
			continue;
		while (n + behind < size && text[n + behind] &&
		       strchr(p->of, text[n + behind]))
			behind++;
		if (behind >= p->least && behind <= p->most)
			return p->what;
	}
	return NULL;
}

static bool has(const char *text, size_t size, const char *part)
{
	size_t n = strlen(part);

	return size >= n && memcmp(text, part, n) == 0;
}

/* "-----BEGIN ... PRIVATE KEY" (RFC 7468, RFC 4880), and key after it. */
static bool is_private_key(const char *text, size_t size)
{
	static const char begin[] = "-----BEGIN ", key[] = "PRIVATE KEY";

	if (!has(text, size, begin))
		return false;
	for (size_t i = sizeof(begin) - 1; i < size && i < 60; i++)
		if (has(text + i, size - i, key))
			/* the mere name of it, in a manual, has no body */
			return size - i > 64;
	return false;
}

const char *lint_credential(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		const char *found = NULL;

		if (text[i] == '-') {
			if (is_private_key(text + i, size - i))
				return "a private key";
			continue;
		}
		if (i && is_word(text[i - 1]))
			continue;
		if (text[i] && strchr("AagGxnh", text[i]))
			found = token_at(text + i, size - i);
		if (found)
			return found;
	}
	return NULL;
}

void lint_credential_file(struct lint *l, const char *path, const char *text,
			  size_t size)
{
	const char *what = lint_credential(text, size);

	if (what)
		lint_find_file(l, "plain-credential", path, 0,
			       "it holds what looks like %s", what);
}

/* Whether a key names what must not be read by all. */
static bool names_credential(const char *key)
{
	static const char *const endings[] = {
		"password",    "passwd",     "passphrase", "secret",
		"api_key",     "apikey",     "token",      "secret_key",
		"private_key", "access_key", NULL
	};
	size_t n = strlen(key);

	for (size_t i = 0; endings[i]; i++) {
		size_t end = strlen(endings[i]);

		if (n >= end && strcmp(key + n - end, endings[i]) == 0 &&
		    (n == end || !isalnum((unsigned char)key[n - end - 1])))
			return true;
	}
	return false;
}

/* Whether text can be a credential itself, not where one is or how it is made:
 * no path, address, reference or hash, no words. */
static bool may_be_credential(const char *text)
{
	size_t n = strlen(text), digits = 0, letters = 0;

	if (n < GUESSABLE || strpbrk(text, " \t\n{}<>") || *text == '$' ||
	    *text == '/' || strstr(text, "://") || strstr(text, ".age") ||
	    strstr(text, "/run/") || strstr(text, "/etc/"))
		return false;
	for (size_t i = 0; i < n; i++) {
		digits += isdigit((unsigned char)text[i]) != 0;
		letters += isalpha((unsigned char)text[i]) != 0;
	}
	return digits && letters;
}

/* "scheme://user:password@host". */
static bool has_password(const char *text)
{
	const char *at = strstr(text, "://"), *colon, *end;

	if (!at)
		return false;
	at += 3;
	end = at + strcspn(at, "@/?# \t\n");
	colon = memchr(at, ':', (size_t)(end - at));
	return *end == '@' && colon && end - colon > 3 &&
	       !memchr(colon, '{', (size_t)(end - colon)) &&
	       !memchr(colon, '$', (size_t)(end - colon));
}

static void look_at_text(struct look *k, const char *key, const char *text,
			 const char *pointer)
{
	const char *what = lint_credential(text, strlen(text));

	if (!what && has_password(text))
		what = "a password within an address";
	if (!what && names_credential(key) && may_be_credential(text))
		what = "a credential, by its name,";
	if (what)
		look_find(k, pointer, SOURCE_AT_VALUE,
			  "it looks like %s in clear text", what);
}

/* Recursion is as deep as the text: at most SOURCE_MAX_DEPTH. */
static void look_within(struct look *k, const char *key, json_t *value,
			const char *pointer, struct arena *a)
{
	const char *name;
	json_t *member;
	size_t i;

	if (json_is_string(value))
		look_at_text(k, key, json_string_value(value), pointer);
	json_array_foreach (value, i, member)
		look_within(k, key, member, pointer_index(a, pointer, i), a);
	json_object_foreach (value, name, member)
		if (strcmp(name, "//") != 0)
			look_within(k, name, member,
				    pointer_join(a, pointer, name), a);
}

void lint_credentials(struct look *k)
{
	AUTO(arena_release) struct arena a = { 0 };

	look_within(k, "", k->doc->root, arena_printf(&a, "%s#", k->doc->name),
		    &a);
}

/* --- accounts --- */

/* crypt(5). */
void lint_weak_hash(struct look *k)
{
	static const char *const weak[] = { "$1$", "$3$", "$md5", "$sha1$",
					    "_" };
	const char *hash = look_text(k, "password_hash");
	bool is_weak = hash && strlen(hash) == 13 && !strpbrk(hash, "$!*");

	for (size_t i = 0; hash && i < COUNT(weak); i++)
		is_weak |= strncmp(hash, weak[i], strlen(weak[i])) == 0;
	if (is_weak)
		look_attribute(k, "password_hash",
			       "this kind of hash is guessed in hours");
}

/* Goes over the resources of a type that want to be there. */
static bool next_of(struct look *k, const char *type, size_t *i)
{
	const struct manifest *m = k->manifest;
	size_t n = strlen(type);

	for (; *i < m->n; ++*i) {
		k->entry = &m->v[*i];
		if (strncmp(k->entry->id, type, n) != 0 ||
		    k->entry->id[n] != ':')
			continue;
		k->res = catalog_find(k->catalog, k->entry->id);
		k->attributes = k->entry->attributes;
		++*i;
		if (k->res && !resource_absent(k->res))
			return true;
		--*i;
	}
	k->res = NULL;
	return false;
}

void lint_same_key(struct look *k)
{
	struct arena *a = &k->manifest->arena;
	struct map seen = { 0 };

	for (size_t i = 0; next_of(k, "authorized_key", &i);) {
		const char *key = look_text(k, "key"),
			   *user = look_text(k, "user"), *other;

		if (!key || !user)
			continue;
		key += strcspn(key, " ");
		key += strspn(key, " ");
		key = arena_strndup(a, key, strcspn(key, " "));
		other = map_get(&seen, key);
		if (!other)
			map_put(&seen, a, key, (void *)(uintptr_t)user);
		else if (strcmp(other, user) != 0)
			look_attribute(k, "key", "user '%s' has the same key",
				       other);
	}
}

static void look_at_numbers(struct look *k, const char *type,
			    const char *attribute)
{
	struct arena *a = &k->manifest->arena;
	struct map seen = { 0 };

	for (size_t i = 0; next_of(k, type, &i);) {
		const json_t *number =
			json_object_get(k->attributes, attribute);
		const struct resource *other;

		if (!json_is_integer(number))
			continue;
		other = map_put(
			&seen, a,
			arena_printf(a, "%lld",
				     (long long)json_integer_value(number)),
			(void *)(uintptr_t)k->res);
		if (other)
			look_attribute(k, attribute, "'%s' has the same number",
				       other->id);
	}
}

void lint_same_id(struct look *k)
{
	look_at_numbers(k, "user", "uid");
	look_at_numbers(k, "group", "gid");
}
