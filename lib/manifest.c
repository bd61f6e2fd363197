/* SPDX-License-Identifier: MIT */
#include "lib/manifest.h"

#include <string.h>

#include "lib/host/content.h"
#include "lib/manifest/parts.h"

const char *pointer_join(struct arena *a, const char *pointer, const char *key)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, pointer);
	buf_putc(&b, '/');
	for (; *key; key++) {
		if (*key == '~')
			buf_puts(&b, "~0");
		else if (*key == '/')
			buf_puts(&b, "~1");
		else
			buf_putc(&b, *key);
	}
	return arena_strdup(a, b.text);
}

const char *pointer_index(struct arena *a, const char *pointer, size_t i)
{
	return arena_printf(a, "%s/%zu", pointer, i);
}

/* The document that a pointer leads into, and the JSON Pointer within. */
static struct document *document_of(struct manifest *m, const char **pointer)
{
	size_t n = strcspn(*pointer, "#");
	struct document *doc;

	if (!**pointer || **pointer == '/' || !m->documents)
		return m->main;
	doc = map_getn(&m->documents->by_name, *pointer, n);
	*pointer += n + ((*pointer)[n] == '#');
	return doc;
}

struct place manifest_place(struct manifest *m, const char *pointer,
			    enum source_at at)
{
	struct place place = { .file = m->name };
	struct document *doc = pointer ? document_of(m, &pointer) : NULL;
	const char *last;

	if (!doc || source_locate(&doc->source, pointer, at, &place))
		return place;
	/* what a type made up for something that the resource stands for */
	last = strrchr(pointer, '/');
	if (last)
		source_locate(&doc->source,
			      arena_strndup(&m->arena, pointer,
					    (size_t)(last - pointer)),
			      SOURCE_AT_KEY, &place);
	return place;
}

struct place manifest_error_place(struct manifest *m, const struct diags *d,
				  const char *pointer, enum source_at at)
{
	return d->n < DIAGS_MAX ? manifest_place(m, pointer, at)
				: (struct place){ 0 };
}

bool manifest_is_from(const struct manifest *m, const char *file)
{
	return strcmp(file, m->name) == 0 ||
	       (m->documents && map_get(&m->documents->by_name, file));
}

void manifest_blame(struct manifest *m, struct diags *d, size_t from,
		    const char *pointer, enum source_at at, const char *subject)
{
	struct place place = { 0 };

	for (size_t i = from; i < d->n; i++) {
		if (subject && !d->v[i].subject)
			d->v[i].subject = diag_keep(d, subject);
		if (d->v[i].place.file)
			continue;
		if (!place.file) {
			place = manifest_place(m, pointer, at);
			place.file = arena_strdup(&d->arena, place.file);
		}
		d->v[i].place = place;
	}
}

/* What converge itself writes: a saved plan, say. */
static bool is_output(const struct manifest *m)
{
	const char *format =
		json_string_value(json_object_get(m->main->root, "format"));

	return format && strncmp(format, "converge.", 9) == 0;
}

/* It may come from the host's own file, and goes into every report. */
bool manifest_is_host(const char *name)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789.-_";
	size_t n = strlen(name);

	return n && n <= 255 && *name != '.' && *name != '-' &&
	       strspn(name, plain) == n;
}

/* A file that is there is named so, whoever asks for the host. */
static bool check_host(const struct manifest *m, struct diags *d)
{
	bool there = m->is_world && !strchr(m->host, '/') &&
		     documents_have(m->documents, m->name);

	if (manifest_is_host(m->host))
		return true;
	diag_error_at(d, (struct place){ .file = there ? m->name : NULL },
		      "'%s' is not a host's name", m->host);
	diag_hint(d, there ? "a host's file is named for it: letters, digits, "
			     "'-', '_' and '.'"
			   : "give this host's name with --host");
	return false;
}

/* The value of a JSON file with the host's name; to be owned. */
static json_t *keep(struct manifest *m, json_t *value)
{
	json_array_append_new(m->owned, value);
	return value;
}

void manifest_begin(struct manifest *m, const struct tree *tree,
		    const char *name, const struct manifest_options *options)
{
	*m = (struct manifest){ .host = options->host,
				.name = name,
				.tree = tree,
				.is_world = options->is_world,
				.unsealed = options->unsealed,
				.sealed = options->sealed,
				.policy = { .max_disruption = -1,
					    .max_removals = -1 },
				.left = SCOPE_MAX_MADE,
				.owned = json_array() };
	m->scope = (struct scope){ .facts = options->facts,
				   .context = options->context,
				   .fact_names = options->fact_names,
				   .left = &m->left,
				   .host = keep(m, json_string(m->host)),
				   .tags = keep(m, json_array()),
				   .vars = keep(m, json_object()) };
	m->documents = options->documents;
	if (m->documents)
		return;
	m->documents = &m->own_documents;
	documents_begin(m->documents, tree);
}

/* whole: all parts could be read. */
static bool read_entries(struct manifest *m, bool whole, struct diags *d)
{
	bool ok = entries_read(m, d);

	ok &= overrides_apply(m, ok && whole, d);
	ok &= references_resolve(m, d);
	/* what was read is not all: nothing can be said of it */
	if (m->stopped)
		m->n = 0;
	return ok;
}

static bool no_such_host(struct manifest *m, struct diags *d)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct strings known = { 0 };
	struct tree_entry *v;
	const char *near;
	size_t n = 0;

	if (!tree_list(m->tree, "hosts", &m->arena, &v, &n, &ignored))
		n = 0;
	for (size_t i = 0; i < n; i++)
		strings_add(&known, &m->arena,
			    arena_strndup(&m->arena, v[i].name,
					  strcspn(v[i].name, ".")));
	near = strings_nearest(m->host, &known);
	d->place = (struct place){ .file = m->name };
	/* its file is there, and another was named */
	if (strings_have(&known, m->host)) {
		diag_error(d, "there is no such file");
	} else {
		diag_error(d, "this world has no host '%s'%s%s%s", m->host,
			   near ? "; did you mean \"" : "", near ? near : "",
			   near ? "\"?" : "");
		diag_hint(d, "say --host to mean another than this one");
	}
	d->place = (struct place){ 0 };
	return false;
}

static bool refuse_output(struct manifest *m, struct diags *d)
{
	const char *format =
		json_string_value(json_object_get(m->main->root, "format"));

	FAIL(m, d, "/format", SOURCE_AT_VALUE, "this is a '%s', not a manifest",
	     format);
	if (strcmp(format, "converge.plan/1") == 0)
		diag_hint(d, "a saved plan is for apply without --dry-run");
	return false;
}

bool manifest_read(struct manifest *m, const struct tree *tree,
		   const char *name, const struct manifest_options *options,
		   struct diags *d)
{
	const json_t *resources;
	bool ok;

	manifest_begin(m, tree, name, options);
	if (!check_host(m, d))
		return false;
	if (m->is_world && !documents_have(m->documents, name))
		return no_such_host(m, d);
	m->main = documents_read(m->documents, name, options->shown, d);
	if (!m->main)
		return false;
	if (is_output(m))
		return refuse_output(m, d);
	ok = parts_collect(m, d);
	ok &= vars_merge(m, d);
	resources = json_object_get(m->main->root, "resources");
	/* that is told; without any, overrides are wrong all the same */
	if (resources && !json_is_object(resources))
		return ok;
	return read_entries(m, ok, d) && ok;
}

static const char *keep_digest(struct manifest *m, const char *text,
			       size_t size)
{
	struct content content = content_of(text, size);
	AUTO_DIAGS struct diags ignored = { 0 };
	char hex[DIGEST_HEX];

	if (!content_digest(&content, &ignored))
		return NULL;
	return arena_strdup(&m->arena, digest_hex(content.digest, hex));
}

const char *manifest_digest(struct manifest *m)
{
	AUTO_BUF struct buf all = { 0 };

	if (m->digest || !m->main)
		return m->digest;
	if (!m->is_world)
		return m->digest = keep_digest(m, m->main->source.text,
					       m->main->source.size);
	for (size_t i = 0; i < m->documents->n; i++) {
		const struct document *doc = m->documents->v[i];
		const char *digest =
			keep_digest(m, doc->source.text, doc->source.size);

		buf_printf(&all, "%s %s\n", digest ? digest : "-", doc->name);
	}
	return m->digest = keep_digest(m, buf_text(&all), all.size);
}

void manifest_forget_text(struct manifest *m)
{
	documents_forget_texts(&m->own_documents);
}

void manifest_release(struct manifest *m)
{
	json_decref(m->owned);
	documents_release(&m->own_documents);
	arena_release(&m->arena);
	*m = (struct manifest){ 0 };
}
