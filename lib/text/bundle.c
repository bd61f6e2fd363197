/* SPDX-License-Identifier: MIT */
#include "lib/text/bundle.h"

#include <string.h>

#include "lib/base/path.h"
#include "lib/text/object.h"
#include "lib/text/source.h"

static const char format[] = "converge.bundle/1";

json_t *bundle_head_json(const struct bundle_head *h)
{
	json_t *hosts = json_array();
	json_t *j = json_pack("{s:s, s:s}", "format", format, "revision",
			      h->commit);

	if (*h->path)
		json_object_set_new(j, "path", json_string(h->path));
	for (size_t i = 0; i < h->hosts.n; i++)
		json_array_append_new(hosts, json_string(h->hosts.v[i]));
	json_object_set_new(j, "hosts", hosts);
	json_object_set_new(j, "objects", json_integer((json_int_t)h->objects));
	json_object_set_new(j, "sha256", json_string(h->sha256));
	return j;
}

/* --- reading --- */

const char *bundle_host_wrong(const char *name)
{
	return strchr(name, '/') ? "must be the name of a host"
				 : path_relative_wrong(name);
}

static const char *text_of(const json_t *value)
{
	const char *text = json_string_value(value);

	return text ? text : "";
}

static const char *format_wrong(struct bundle_head *h, const json_t *value,
				struct arena *a)
{
	(void)h;
	(void)a;
	return strcmp(text_of(value), format) == 0 ? NULL
						   : "is not one that is known";
}

static const char *revision_wrong(struct bundle_head *h, const json_t *value,
				  struct arena *a)
{
	h->commit = arena_strdup(a, text_of(value));
	return object_is_hex(h->commit, OBJECT_HEX)
		       ? NULL
		       : "must be 40 hexadecimal digits";
}

static const char *path_given_wrong(struct bundle_head *h, const json_t *value,
				    struct arena *a)
{
	h->path = arena_strdup(a, text_of(value));
	return path_relative_wrong(h->path);
}

static const char *hosts_wrong(struct bundle_head *h, const json_t *value,
			       struct arena *a)
{
	const json_t *host;
	size_t i;

	json_array_foreach (value, i, host) {
		const char *name = arena_strdup(a, text_of(host));

		if (bundle_host_wrong(name))
			return "must be names of hosts";
		if (i && strcmp(h->hosts.v[i - 1], name) >= 0)
			return "must be sorted, and none there twice";
		strings_add(&h->hosts, a, name);
	}
	return h->hosts.n ? NULL : "must be a list of hosts";
}

static const char *objects_wrong(struct bundle_head *h, const json_t *value,
				 struct arena *a)
{
	(void)a;
	h->objects = (uint64_t)json_integer_value(value);
	return json_integer_value(value) > 0 ? NULL : "must be how many";
}

static const char *sha256_wrong(struct bundle_head *h, const json_t *value,
				struct arena *a)
{
	h->sha256 = arena_strdup(a, text_of(value));
	return object_is_hex(h->sha256, BUNDLE_DIGEST)
		       ? NULL
		       : "must be 64 hexadecimal digits";
}

static const struct row {
	const char *key;
	bool optional;
	const char *(*wrong)(struct bundle_head *, const json_t *,
			     struct arena *);
} rows[] = {
	{ "format", false, format_wrong },
	{ "revision", false, revision_wrong },
	{ "path", true, path_given_wrong },
	{ "hosts", false, hosts_wrong },
	{ "objects", false, objects_wrong },
	{ "sha256", false, sha256_wrong },
};

static bool read_all(struct bundle_head *h, const json_t *object,
		     struct arena *a, struct diags *d)
{
	size_t taken = 0;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const json_t *value = json_object_get(object, rows[i].key);
		const char *wrong =
			value ? rows[i].wrong(h, value, a) : "is missing";

		if (!value && rows[i].optional)
			continue;
		if (wrong)
			return diag_error(d, "'%s' %s", rows[i].key, wrong);
		taken++;
	}
	return taken == json_object_size(object) ||
	       diag_error(d, "it has a key that is not known");
}

bool bundle_head_read(struct bundle_head *h, const char *text, size_t size,
		      const char *name, struct arena *a, struct diags *d)
{
	struct source source = { .name = name, .text = text, .size = size };
	struct place before = d->place;
	json_t *object = source_parse(&source, d);
	bool ok;

	*h = (struct bundle_head){ .path = "" };
	d->place = (struct place){ .file = name };
	ok = object && read_all(h, object, a, d);
	d->place = before;
	json_decref(object);
	source_release(&source);
	return ok;
}

void bundle_head_pack(struct pack *p, struct bundle_head *h)
{
	pack_text(p, &h->commit);
	pack_text(p, &h->path);
	pack_strings(p, &h->hosts);
	pack_text(p, &h->sha256);
	if (p->out || p->wrong)
		return;
	pack_expect(p, h->commit && object_is_hex(h->commit, OBJECT_HEX) &&
			       h->sha256 &&
			       object_is_hex(h->sha256, BUNDLE_DIGEST) &&
			       h->path && h->hosts.n &&
			       (!*h->path || !path_relative_wrong(h->path)));
	for (size_t i = 0; i < h->hosts.n && !p->wrong; i++)
		pack_expect(p, !bundle_host_wrong(h->hosts.v[i]));
}
