/* SPDX-License-Identifier: MIT */
#include "lib/origin/agent.h"

#include <jansson.h>
#include <string.h>

#include "lib/host/repository.h"
#include "lib/text/escape.h"
#include "lib/text/source.h"

enum {
	FINGERPRINT = 40,
	AGE_MAX = 10 * 365, /* days */
};

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static const char in_host[] = LETTERS DIGITS "-.";

struct reader_of {
	struct source *source;
	struct agent *agent;
	struct arena *arena;
	struct diags *diags;
	bool good;
};

/* Sets the place of what is told next. */
static void place_at(struct reader_of *r, const char *key, enum source_at at)
{
	AUTO_BUF struct buf pointer = { 0 };

	buf_putc(&pointer, '/');
	for (; *key; key++) {
		if (*key == '~' || *key == '/')
			buf_puts(&pointer, *key == '~' ? "~0" : "~1");
		else
			buf_putc(&pointer, *key);
	}
	source_locate(r->source, buf_text(&pointer), at, &r->diags->place);
}

static const char *text_of(struct reader_of *r, const char *key,
			   const json_t *value)
{
	if (json_is_string(value) && json_string_length(value))
		return arena_strdup(r->arena, json_string_value(value));
	r->good = diag_error(r->diags, "'%s' must be text", key);
	return NULL;
}

static void read_version(struct reader_of *r, const char *key,
			 const json_t *value, void *field)
{
	(void)field;
	if (json_integer_value(value) != 1)
		r->good = diag_error(
			r->diags, "'%s' must be 1, the only one there is", key);
}

static void read_url(struct reader_of *r, const char *key, const json_t *value,
		     void *field)
{
	const char *url = text_of(r, key, value), *wrong;

	if (!url)
		return;
	wrong = remote_wrong(url, &r->agent->transport);
	if (wrong)
		r->good = diag_error(r->diags, "'%s' %s",
				     remote_masked(url, r->arena), wrong);
	*(const char **)field = url;
}

static void read_branch(struct reader_of *r, const char *key,
			const json_t *value, void *field)
{
	const char *branch = text_of(r, key, value), *wrong;

	wrong = branch ? revision_wrong(branch) : NULL;
	if (wrong)
		r->good = diag_error(r->diags, "the branch '%s' %s", branch,
				     wrong);
	*(const char **)field = branch;
}

static void read_path(struct reader_of *r, const char *key, const json_t *value,
		      void *field)
{
	const char *path = text_of(r, key, value);

	if (path && (path[0] != '/' || strstr(path, "/../")))
		r->good = diag_error(r->diags,
				     "'%s' must be an absolute path without "
				     "'..'",
				     key);
	*(const char **)field = path;
}

static void read_host(struct reader_of *r, const char *key, const json_t *value,
		      void *field)
{
	const char *host = text_of(r, key, value);

	if (host && (host[0] == '-' || host[strspn(host, in_host)]))
		r->good = diag_error(r->diags,
				     "'%s' must be the name of a host, of "
				     "letters, digits, '-' and '.'",
				     key);
	*(const char **)field = host;
}

static void read_age(struct reader_of *r, const char *key, const json_t *value,
		     void *field)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = { { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };
	const char *text =
		json_is_string(value) ? json_string_value(value) : "";
	size_t digits = strspn(text, DIGITS);
	int64_t n = 0, seconds = 0;

	for (size_t i = 0; i < digits && digits < 10; i++)
		n = n * 10 + (text[i] - '0');
	for (size_t i = 0; i < COUNT(units); i++)
		if (strcmp(text + digits, units[i].unit) == 0)
			seconds = n * units[i].seconds;
	if (json_is_integer(value))
		seconds = json_integer_value(value);
	if (seconds < 1 || seconds > (int64_t)AGE_MAX * 86400)
		r->good = diag_error(r->diags,
				     "'%s' must be from 1 second to %d days: "
				     "seconds, or a string such as \"90m\", "
				     "\"48h\", \"14d\"",
				     key, AGE_MAX);
	*(int64_t *)field = seconds;
}

static const char *fingerprint_of(struct reader_of *r, const json_t *value)
{
	char *text = arena_strdup(r->arena, json_is_string(value)
						    ? json_string_value(value)
						    : "");
	size_t n = 0;

	for (const char *from = text; *from; from++)
		if (*from != ' ')
			text[n++] = *from >= 'a' && *from <= 'f'
					    ? (char)(*from - 'a' + 'A')
					    : *from;
	text[n] = '\0';
	return n == FINGERPRINT && strspn(text, DIGITS "ABCDEF") == n ? text
								      : NULL;
}

static void read_fingerprints(struct reader_of *r, const char *key,
			      const json_t *value, void *field)
{
	const json_t *element;
	size_t i;

	if (json_is_string(value)) {
		const char *one = fingerprint_of(r, value);

		if (one)
			strings_add(field, r->arena, one);
	}
	json_array_foreach (value, i, element) {
		const char *one = fingerprint_of(r, element);

		if (one)
			strings_add(field, r->arena, one);
	}
	i = json_is_array(value) ? json_array_size(value) : 1;
	if (!i || i != ((struct strings *)field)->n)
		r->good = diag_error(r->diags,
				     "'%s' must be one or a list of whole "
				     "fingerprints, of 40 hexadecimal digits",
				     key);
}

#define FIELD(name) offsetof(struct agent, name)

static const struct row {
	const char *key;
	void (*read)(struct reader_of *, const char *key, const json_t *,
		     void *field);
	size_t offset;
} rows[] = {
	{ "version", read_version, 0 },
	{ "url", read_url, FIELD(url) },
	{ "branch", read_branch, FIELD(branch) },
	{ "allowed_signers", read_path, FIELD(allowed_signers) },
	{ "revoked_keys", read_path, FIELD(revoked_keys) },
	{ "gpg_keyring", read_path, FIELD(gpg_keyring) },
	{ "gpg_signers", read_fingerprints, FIELD(gpg_signers) },
	{ "max_age", read_age, FIELD(max_age) },
	{ "known_hosts", read_path, FIELD(known_hosts) },
	{ "ssh_key", read_path, FIELD(ssh_key) },
	{ "ca_file", read_path, FIELD(ca_file) },
	{ "host", read_host, FIELD(host) },
};

static const struct row *row_of(const char *key)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(rows[i].key, key) == 0)
			return &rows[i];
	return NULL;
}

static void unknown(struct reader_of *r, const char *key)
{
	AUTO_BUF struct buf safe = { 0 };
	struct strings known = { 0 };
	const char *near;

	for (size_t i = 0; i < COUNT(rows); i++)
		strings_add(&known, r->arena, rows[i].key);
	near = strings_nearest(key, &known);
	escape_text(&safe, key, strlen(key), false);
	place_at(r, key, SOURCE_AT_KEY);
	r->good = diag_error(r->diags, "unknown key '%s'%s%s%s",
			     buf_text(&safe), near ? " (did you mean '" : "",
			     near ? near : "", near ? "'?)" : "");
}

static bool has(const json_t *object, const char *key)
{
	return json_object_get(object, key) != NULL;
}

/* What one key asks of another: that it is there, whatever is wrong with it. */
static void check_whole(struct reader_of *r, const json_t *object)
{
	r->diags->place = (struct place){ .file = r->source->name };
	if (!has(object, "version"))
		r->good = diag_error(r->diags, "'version' is missing");
	if (!has(object, "url"))
		r->good = diag_error(r->diags, "'url' is missing");
	if (has(object, "gpg_keyring") != has(object, "gpg_signers"))
		r->good = diag_error(r->diags,
				     "'gpg_keyring' and 'gpg_signers' go "
				     "together");
	if (has(object, "allowed_signers"))
		return;
	if (!has(object, "gpg_keyring"))
		r->agent->allowed_signers = "/etc/converge/allowed_signers";
	else if (has(object, "revoked_keys"))
		r->good = diag_error(r->diags, "'revoked_keys' goes with "
					       "'allowed_signers'");
}

static void read_all(struct reader_of *r, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value) {
		const struct row *row = row_of(key);

		if (row) {
			place_at(r, key, SOURCE_AT_VALUE);
			row->read(r, key, value,
				  (char *)r->agent + row->offset);
		} else if (strcmp(key, "//") != 0 &&
			   strcmp(key, "$schema") != 0) {
			unknown(r, key);
		}
	}
	check_whole(r, object);
}

bool agent_read(struct agent *agent, const char *text, size_t size,
		const char *name, struct arena *a, struct diags *d)
{
	struct source source = { .name = name, .text = text, .size = size };
	struct reader_of r = { &source, agent, a, d, true };
	struct place before = d->place;
	json_t *object;

	*agent = (struct agent){
		.branch = "main",
		.known_hosts = "/etc/converge/known_hosts",
		.ssh_key = "/etc/ssh/ssh_host_ed25519_key",
	};
	object = source_parse(&source, d);
	if (object)
		read_all(&r, object);
	d->place = before;
	r.good &= object != NULL;
	json_decref(object);
	source_release(&source);
	return r.good;
}
