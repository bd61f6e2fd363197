/* SPDX-License-Identifier: MIT */
#include "lib/manifest.h"

#include <limits.h>
#include <string.h>

#include "lib/base/strings.h"
#include "lib/host/content.h"
#include "lib/module.h"
#include "lib/text/escape.h"

enum { EACH_MAX = 100000, ID_MAX = 8192 };

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

struct place manifest_place(struct manifest *m, const char *pointer,
			    enum source_at at)
{
	struct place place = { .file = m->source.name };
	const char *last = pointer ? strrchr(pointer, '/') : NULL;

	if (!pointer || source_locate(&m->source, pointer, at, &place) || !last)
		return place;
	/* what a type made up for something that the resource stands for */
	source_locate(
		&m->source,
		arena_strndup(&m->arena, pointer, (size_t)(last - pointer)),
		SOURCE_AT_KEY, &place);
	return place;
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

/* Looking for one takes time: of what is only counted it is not looked for. */
static struct place error_place(struct manifest *m, const struct diags *d,
				const char *pointer, enum source_at at)
{
	return d->n < DIAGS_MAX ? manifest_place(m, pointer, at)
				: (struct place){ 0 };
}

/* An error at pointer. */
#define FAIL(m, d, pointer, at, ...) \
	diag_error_at((d), error_place((m), (d), (pointer), (at)), __VA_ARGS__)

/* --- the top level --- */

static bool read_version(struct manifest *m, json_t *value, struct diags *d)
{
	if (json_is_integer(value) && json_integer_value(value) == 1)
		return true;
	return FAIL(m, d, "/version", SOURCE_AT_VALUE,
		    "'version' must be 1, the only one that this converge "
		    "knows");
}

static bool read_host(struct manifest *m, json_t *value, struct diags *d)
{
	if (!json_is_string(value) || !json_string_length(value))
		return FAIL(m, d, "/host", SOURCE_AT_VALUE,
			    "'host' must be a host's name");
	if (strcmp(json_string_value(value), m->host) == 0)
		return true;
	FAIL(m, d, "/host", SOURCE_AT_VALUE,
	     "this manifest is for host '%s', not for '%s'",
	     json_string_value(value), m->host);
	diag_hint(d, "say --host %s to mean that host",
		  json_string_value(value));
	return false;
}

static bool read_tags(struct manifest *m, json_t *value, struct diags *d)
{
	const json_t *tag;
	size_t i;

	if (!json_is_array(value))
		return FAIL(m, d, "/tags", SOURCE_AT_VALUE,
			    "'tags' must be a list of strings");
	json_array_foreach (value, i, tag)
		if (!json_is_string(tag))
			return FAIL(m, d, pointer_index(&m->arena, "/tags", i),
				    SOURCE_AT_VALUE, "a tag must be a string");
	m->scope.tags = value;
	return true;
}

static bool read_vars(struct manifest *m, json_t *value, struct diags *d)
{
	if (!json_is_object(value))
		return FAIL(m, d, "/vars", SOURCE_AT_VALUE,
			    "'vars' must be an object");
	m->scope.vars = value;
	return true;
}

static bool read_roles(struct manifest *m, json_t *value, struct diags *d)
{
	if (json_is_array(value) && !json_array_size(value))
		return true;
	return FAIL(m, d, "/roles", SOURCE_AT_VALUE,
		    "roles need a world; a lone manifest has none");
}

static bool read_object(struct manifest *m, const char *pointer, json_t *value,
			struct diags *d)
{
	if (json_is_object(value))
		return true;
	return FAIL(m, d, pointer, SOURCE_AT_VALUE, "'%s' must be an object",
		    pointer + 1);
}

static bool read_resources(struct manifest *m, json_t *value, struct diags *d)
{
	return read_object(m, "/resources", value, d);
}

static bool read_overrides(struct manifest *m, json_t *value, struct diags *d)
{
	return read_object(m, "/overrides", value, d);
}

static bool read_removals(struct manifest *m, const json_t *value,
			  struct diags *d)
{
	const char *text = json_string_value(value);
	char *end = NULL;

	if (json_is_integer(value)) {
		json_int_t n = json_integer_value(value);

		m->policy.max_removals = n > INT_MAX ? INT_MAX : (long)n;
	} else if (text && *text >= '0' && *text <= '9') {
		m->policy.max_removals = strtol(text, &end, 10);
		m->policy.removals_percent = true;
	}
	if (end && m->policy.max_removals > 100)
		m->policy.max_removals = 100;
	if (m->policy.max_removals >= 0 && (!end || strcmp(end, "%") == 0))
		return true;
	return FAIL(m, d, "/policy/max_removals", SOURCE_AT_VALUE,
		    "'max_removals' must be a count or a string such as "
		    "\"10%%\"");
}

static bool read_disruption(struct manifest *m, const json_t *value,
			    struct diags *d)
{
	int class = disruption_parse(json_string_value(value));

	m->policy.max_disruption = class;
	if (class >= 0)
		return true;
	return FAIL(m, d, "/policy/max_disruption", SOURCE_AT_VALUE,
		    "'max_disruption' must be none, reload, restart, reboot or "
		    "data");
}

static bool unknown_key(struct manifest *m, const char *pointer,
			const char *key, const char *what,
			const struct strings *known, struct diags *d)
{
	const char *near = strings_nearest(key, known);

	FAIL(m, d, pointer_join(&m->arena, pointer, key), SOURCE_AT_KEY,
	     "unknown %s \"%s\"%s%s%s", what, key,
	     near ? "; did you mean \"" : "", near ? near : "",
	     near ? "\"?" : "");
	return false;
}

static bool read_policy(struct manifest *m, json_t *value, struct diags *d)
{
	static const char *const names[] = { "max_disruption", "max_removals" };
	struct strings known = { 0 };
	const char *key;
	json_t *item;
	bool ok = true;

	if (!read_object(m, "/policy", value, d))
		return false;
	for (size_t i = 0; i < COUNT(names); i++)
		strings_add(&known, &m->arena, names[i]);
	json_object_foreach (value, key, item) {
		if (strcmp(key, "//") == 0)
			continue;
		if (strcmp(key, names[0]) == 0)
			ok &= read_disruption(m, item, d);
		else if (strcmp(key, names[1]) == 0)
			ok &= read_removals(m, item, d);
		else
			ok &= unknown_key(m, "/policy", key, "policy", &known,
					  d);
	}
	return ok;
}

static bool read_schema(struct manifest *m, json_t *value, struct diags *d)
{
	return json_is_string(value) || FAIL(m, d, "/$schema", SOURCE_AT_VALUE,
					     "'$schema' must be a string");
}

static bool read_comment(struct manifest *m, json_t *value, struct diags *d)
{
	(void)m;
	(void)value;
	(void)d;
	return true;
}

static const struct {
	const char *key;
	bool (*read)(struct manifest *, json_t *, struct diags *);
} top[] = {
	{ "version", read_version },     { "host", read_host },
	{ "tags", read_tags },           { "vars", read_vars },
	{ "roles", read_roles },         { "resources", read_resources },
	{ "overrides", read_overrides }, { "policy", read_policy },
	{ "$schema", read_schema },      { "//", read_comment },
};

static bool read_top(struct manifest *m, struct diags *d)
{
	struct strings known = { 0 };
	const char *key;
	json_t *value;
	bool ok = true;

	for (size_t i = 0; i < COUNT(top); i++)
		strings_add(&known, &m->arena, top[i].key);
	json_object_foreach (m->root, key, value) {
		size_t i = 0;

		while (i < COUNT(top) && strcmp(top[i].key, key) != 0)
			i++;
		ok &= i < COUNT(top)
			      ? top[i].read(m, value, d)
			      : unknown_key(m, "", key, "key", &known, d);
	}
	if (!json_object_get(m->root, "version")) {
		FAIL(m, d, "", SOURCE_AT_VALUE, "'version' is missing");
		diag_hint(d, "add \"version\": 1");
		ok = false;
	}
	return ok;
}

/* --- limits --- */

/* About what a value in a list or an object costs, in bytes. */
enum { NODE = 32 };

#define TOO_MANY "more than 100000 resources"

/* Always false. The first limit that is passed is told. */
static bool stop(struct manifest *m, const char *pointer, enum source_at at,
		 const char *why, struct diags *d)
{
	if (!m->stopped)
		FAIL(m, d, pointer, at, "%s", why);
	m->stopped = true;
	m->left = 0;
	return false;
}

static bool spend(struct manifest *m, size_t bytes, const char *pointer,
		  enum source_at at, struct diags *d)
{
	return scope_spend(&m->scope, bytes) ||
	       stop(m, pointer, at, SCOPE_TOO_MUCH, d);
}

/* Of all that a value holds; no more than what is left is looked at. */
static size_t nodes(json_t *value, size_t limit)
{
	size_t n = 1, i;
	const char *key;
	json_t *item;

	if (json_is_object(value)) {
		json_object_foreach (value, key, item) {
			if (n > limit)
				break;
			n += nodes(item, limit - n);
		}
	} else if (json_is_array(value)) {
		json_array_foreach (value, i, item) {
			if (n > limit)
				break;
			n += nodes(item, limit - n);
		}
	}
	return n;
}

/* --- ${...} --- */

static bool is_reference(const json_t *value)
{
	return json_is_string(value) &&
	       memchr(json_string_value(value), '$',
		      json_string_length(value)) &&
	       strstr(json_string_value(value), "${");
}

/* Recursion is as deep as the text: at most SOURCE_MAX_DEPTH. */
static bool has_reference(json_t *value)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_object(value)) {
		json_object_foreach (value, key, item)
			if (has_reference(item))
				return true;
	} else if (json_is_array(value)) {
		json_array_foreach (value, i, item)
			if (has_reference(item))
				return true;
	}
	return is_reference(value);
}

static json_t *expand_string(struct manifest *m, const struct scope *scope,
			     const json_t *value, const char *pointer,
			     struct diags *d)
{
	const char *error = NULL;
	size_t cost;
	json_t *result =
		scope_expand(scope, json_string_value(value),
			     json_string_length(value), &m->arena, &error);

	if (!result) {
		FAIL(m, d, pointer, SOURCE_AT_VALUE, "%s", error);
		return NULL;
	}
	cost = NODE * nodes(result, m->left / NODE);
	/* a text that is one reference is shared, others are made */
	if (result->refcount == 1)
		cost += json_string_length(result);
	if (spend(m, cost, pointer, SOURCE_AT_VALUE, d))
		return result;
	json_decref(result);
	return NULL;
}

static json_t *expand(struct manifest *m, const struct scope *scope,
		      json_t *value, const char *pointer, struct diags *d);

/* The same of what stands under key, or without one at i. What has no
 * reference in it is shared, and no pointers into it are made. */
static json_t *expand_item(struct manifest *m, const struct scope *scope,
			   json_t *item, const char *pointer, const char *key,
			   size_t i, struct diags *d)
{
	if (m->stopped)
		return NULL;
	if (!has_reference(item))
		return json_incref(item);
	pointer = key ? pointer_join(&m->arena, pointer, key)
		      : pointer_index(&m->arena, pointer, i);
	return expand(m, scope, item, pointer, d);
}

/* value with every string expanded: a new reference, NULL after errors. */
static json_t *expand(struct manifest *m, const struct scope *scope,
		      json_t *value, const char *pointer, struct diags *d)
{
	size_t n = json_object_size(value) + json_array_size(value), i;
	json_t *copy, *item, *made;
	const char *key;
	bool ok = true;

	if (!spend(m, strlen(pointer) + NODE * (1 + n), pointer,
		   SOURCE_AT_VALUE, d))
		return NULL;
	if (json_is_object(value)) {
		copy = json_object();
		json_object_foreach (value, key, item) {
			if (strcmp(key, "//") == 0)
				continue;
			made = expand_item(m, scope, item, pointer, key, 0, d);
			ok &= made && json_object_set_new(copy, key, made) == 0;
		}
	} else if (json_is_array(value)) {
		copy = json_array();
		json_array_foreach (value, i, item) {
			made = expand_item(m, scope, item, pointer, NULL, i, d);
			ok &= made && json_array_append_new(copy, made) == 0;
		}
	} else {
		return is_reference(value)
			       ? expand_string(m, scope, value, pointer, d)
			       : json_incref(value);
	}
	if (ok)
		return copy;
	json_decref(copy);
	return NULL;
}

/* --- resources --- */

static void add_entry(struct manifest *m, const struct entry *entry)
{
	m->v = arena_grow(&m->arena, m->v, m->n, &m->capacity, sizeof(*m->v));
	m->v[m->n++] = *entry;
}

static bool when_holds(struct manifest *m, const struct scope *scope,
		       json_t *attributes, const char *pointer, bool *holds,
		       struct diags *d)
{
	const json_t *when = json_object_get(attributes, "when");
	const char *error = NULL;

	*holds = true;
	if (!when || scope_when(scope, when, &m->arena, holds, &error))
		return true;
	pointer = pointer_join(&m->arena, pointer, "when");
	if (m->left == 0)
		return stop(m, pointer, SOURCE_AT_VALUE, error, d);
	return FAIL(m, d, pointer, SOURCE_AT_VALUE, "%s", error);
}

static bool needs_filling(json_t *attributes)
{
	const char *key;
	json_t *item;

	json_object_foreach (attributes, key, item)
		if (strcmp(key, "when") != 0 && strcmp(key, "for_each") != 0 &&
		    has_reference(item))
			return true;
	return false;
}

/* `when` and `for_each` are read as they are, the rest is expanded. */
static json_t *filled_in(struct manifest *m, const struct scope *scope,
			 json_t *attributes, const char *pointer,
			 struct diags *d)
{
	json_t *rest, *result;

	if (!needs_filling(attributes))
		return attributes;
	rest = json_copy(attributes);
	json_object_del(rest, "when");
	json_object_del(rest, "for_each");
	result = expand(m, scope, rest, pointer, d);
	json_decref(rest);
	if (result)
		json_array_append_new(m->owned, result);
	return result;
}

static bool check_id(struct manifest *m, const char *id, const char *pointer,
		     struct diags *d)
{
	return strlen(id) <= ID_MAX ||
	       FAIL(m, d, pointer, SOURCE_AT_KEY,
		    "a resource's id must be at most %d bytes long", ID_MAX);
}

static bool add_resource(struct manifest *m, const char *id, json_t *attributes,
			 const char *pointer, json_t *each, struct diags *d)
{
	struct scope scope = m->scope;
	const char *error = NULL;
	json_t *name;
	bool holds;

	scope.each = each;
	if (!when_holds(m, &scope, attributes, pointer, &holds, d))
		return false;
	if (!holds)
		return true;
	if (m->n == MANIFEST_MAX_RESOURCES)
		return stop(m, pointer, SOURCE_AT_KEY, TOO_MANY, d);
	if (strstr(id, "${")) {
		name = scope_expand(&scope, id, strlen(id), &m->arena, &error);
		if (!name || !json_is_string(name)) {
			json_decref(name);
			return FAIL(m, d, pointer, SOURCE_AT_KEY, "%s",
				    error ? error
					  : "a resource's id must be text");
		}
		id = arena_strdup(&m->arena, json_string_value(name));
		json_decref(name);
		if (!check_id(m, id, pointer, d))
			return false;
	}
	attributes = filled_in(m, &scope, attributes, pointer, d);
	if (!attributes)
		return false;
	add_entry(m, &(struct entry){ id, attributes, pointer, each });
	return true;
}

static json_t *each_of(struct manifest *m, json_t *key, json_t *value)
{
	json_t *each = json_pack("{s:o, s:O}", "key", key, "value", value);

	json_array_append_new(m->owned, each);
	return each;
}

/* Takes key. */
static bool repeat_once(struct manifest *m, const char *id, json_t *attributes,
			const char *pointer, json_t *key, json_t *value,
			struct diags *d)
{
	return add_resource(m, id, attributes, pointer, each_of(m, key, value),
			    d);
}

/* What each repetition costs: a few nodes, and what the attributes hold. */
static size_t repeat_cost(json_t *attributes)
{
	return NODE *
	       (8 + nodes(attributes, SIZE_MAX) -
		nodes(json_object_get(attributes, "for_each"), SIZE_MAX));
}

static bool repeat(struct manifest *m, const char *id, json_t *attributes,
		   json_t *list, const char *pointer, struct diags *d)
{
	size_t cost = repeat_cost(attributes), i;
	const char *key;
	json_t *item;
	bool ok = true;

	if (json_is_array(list) && json_array_size(list) <= EACH_MAX) {
		json_array_foreach (list, i, item)
			ok &= spend(m, cost, pointer, SOURCE_AT_KEY, d) &&
			      repeat_once(m, id, attributes, pointer,
					  json_integer((json_int_t)i), item, d);
	} else if (json_is_object(list) && json_object_size(list) <= EACH_MAX) {
		json_object_foreach (list, key, item)
			ok &= strcmp(key, "//") == 0 ||
			      (spend(m, cost, pointer, SOURCE_AT_KEY, d) &&
			       repeat_once(m, id, attributes, pointer,
					   json_string(key), item, d));
	} else {
		ok = FAIL(m, d, pointer_join(&m->arena, pointer, "for_each"),
			  SOURCE_AT_VALUE,
			  "'for_each' must be a list or an object of at most "
			  "%d, or a reference to one",
			  EACH_MAX);
	}
	return ok;
}

static bool read_resource(struct manifest *m, const char *id,
			  json_t *attributes, const char *pointer,
			  struct diags *d)
{
	json_t *list, *expanded;
	bool ok;

	if (!check_id(m, id, pointer, d))
		return false;
	if (!json_is_object(attributes))
		return FAIL(m, d, pointer, SOURCE_AT_VALUE,
			    "a resource must be an object of attributes");
	list = json_object_get(attributes, "for_each");
	if (!list)
		return add_resource(m, id, attributes, pointer, NULL, d);
	if (!strstr(id, "${"))
		return FAIL(m, d, pointer, SOURCE_AT_KEY,
			    "a resource with 'for_each' needs ${each.key} or "
			    "${each.value} in its name");
	expanded = expand(m, &m->scope, list,
			  pointer_join(&m->arena, pointer, "for_each"), d);
	if (!expanded)
		return false;
	ok = repeat(m, id, attributes, expanded, pointer, d);
	json_array_append_new(m->owned, expanded);
	return ok;
}

/* --- overrides --- */

const char *manifest_attribute(struct manifest *m, const char *pointer,
			       const char *id, const char *key)
{
	const json_t *overrides = json_object_get(m->root, "overrides");

	if (!pointer)
		return NULL;
	if (json_object_get(json_object_get(overrides, id), key))
		pointer = pointer_join(&m->arena, "/overrides", id);
	return pointer_join(&m->arena, pointer, key);
}

/* They have done their work when overrides come. */
static bool check_override(struct manifest *m, const char *pointer,
			   const json_t *attributes, struct diags *d)
{
	static const char *const names[] = { "when", "for_each" };
	bool ok = true;

	for (size_t i = 0; i < COUNT(names); i++)
		if (json_object_get(attributes, names[i]))
			ok = FAIL(m, d,
				  pointer_join(&m->arena, pointer, names[i]),
				  SOURCE_AT_KEY, "an override takes no '%s'",
				  names[i]);
	return ok;
}

/* whole: every resource could be read, so that what is not there is wrong. */
static bool override(struct manifest *m, const struct map *ids, bool whole,
		     const char *id, json_t *attributes, struct diags *d)
{
	const char *pointer = pointer_join(&m->arena, "/overrides", id);
	struct entry *entry = map_get(ids, id);
	json_t *merged;

	if (!json_is_object(attributes))
		return FAIL(m, d, pointer, SOURCE_AT_VALUE,
			    "an override must be an object of attributes");
	if (!entry)
		return whole &&
		       FAIL(m, d, pointer, SOURCE_AT_KEY,
			    "there is no resource '%s' to override", id);
	if (!check_override(m, pointer, attributes, d))
		return false;
	attributes = filled_in(m, &m->scope, attributes, pointer, d);
	if (!attributes)
		return false;
	merged = json_copy(entry->attributes);
	json_object_update(merged, attributes);
	json_array_append_new(m->owned, merged);
	entry->attributes = merged;
	return true;
}

static bool apply_overrides(struct manifest *m, bool whole, struct diags *d)
{
	json_t *overrides = json_object_get(m->root, "overrides"), *attributes;
	struct map ids = { 0 };
	const char *id;
	bool ok = true;

	if (!json_object_size(overrides))
		return true;
	for (size_t i = 0; i < m->n; i++)
		map_put(&ids, &m->arena, m->v[i].id, &m->v[i]);
	json_object_foreach (overrides, id, attributes)
		if (strcmp(id, "//") != 0)
			ok &= override(m, &ids, whole, id, attributes, d);
	return ok;
}

static bool read_entries(struct manifest *m, struct diags *d)
{
	json_t *resources = json_object_get(m->root, "resources"), *attributes;
	const char *id;
	bool ok = true;

	json_object_foreach (resources, id, attributes) {
		if (m->stopped)
			break;
		if (strcmp(id, "//") == 0 ||
		    read_resource(m, id, attributes,
				  pointer_join(&m->arena, "/resources", id), d))
			continue;
		strings_add(&m->unread, &m->arena, id);
		ok = false;
	}
	ok &= apply_overrides(m, ok, d);
	/* what was read is not all: nothing can be said of it */
	if (m->stopped)
		m->n = 0;
	return ok;
}

static bool read_text(struct manifest *m, const struct tree *tree,
		      const char *name, const char *shown, struct diags *d)
{
	static const char *const wrong[] = {
		[TREE_ABSENT] = "there is no such file",
		[TREE_DIRECTORY] = "it is a folder, not a manifest",
		[TREE_LINK] = "it is a symbolic link that leads nowhere",
	};
	AUTO_BUF struct buf b = { 0 };
	struct tree_entry entry;

	d->place = (struct place){ .file = shown ? shown : name };
	if (!utf8_valid(name, strlen(name)))
		return diag_error(d, "its name is not valid UTF-8");
	if (!tree_entry(tree, name, &m->arena, &entry, d))
		return false;
	if (entry.type != TREE_FILE)
		return diag_error(d, "%s", wrong[entry.type]);
	if (entry.size > SOURCE_MAX_BYTES)
		return diag_error(d, "larger than 16 MiB");
	/* in one piece: growing by halves would copy it again and again */
	buf_reserve(&b, entry.size);
	if (!tree_read(tree, name, SOURCE_MAX_BYTES, &b, d))
		return false;
	m->source.name = name;
	m->source.size = b.size;
	m->source.text = b.text;
	b = (struct buf){ 0 };
	return true;
}

/* What converge itself writes: a saved plan, say. */
static bool is_output(const struct manifest *m)
{
	const char *format =
		json_string_value(json_object_get(m->root, "format"));

	return format && strncmp(format, "converge.", 9) == 0;
}

/* It may come from the host's own file, and goes into every report. */
static bool check_host(const struct manifest *m, struct diags *d)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789.-_";
	size_t n = strlen(m->host);

	if (n && n <= 255 && *m->host != '.' && *m->host != '-' &&
	    strspn(m->host, plain) == n)
		return true;
	diag_error(d, "'%s' is not a host's name", m->host);
	diag_hint(d, "give this host's name with --host");
	return false;
}

bool manifest_read(struct manifest *m, const struct tree *tree,
		   const char *name, const struct manifest_options *options,
		   struct diags *d)
{
	const json_t *resources;
	bool ok;

	*m = (struct manifest){ .host = options->host, .tree = tree };
	if (!check_host(m, d))
		return false;
	m->policy = (struct policy){ .max_disruption = -1, .max_removals = -1 };
	m->scope.facts = options->facts;
	m->scope.context = options->context;
	m->scope.fact_names = options->fact_names;
	m->left = SCOPE_MAX_MADE;
	m->scope.left = &m->left;
	m->owned = json_array();
	json_array_append_new(m->owned, m->scope.host = json_string(m->host));
	json_array_append_new(m->owned, m->scope.tags = json_array());
	json_array_append_new(m->owned, m->scope.vars = json_object());
	ok = read_text(m, tree, name, options->shown, d);
	d->place = (struct place){ 0 };
	if (!ok)
		return false;
	m->root = source_parse(&m->source, d);
	if (!m->root)
		return false;
	if (is_output(m))
		return FAIL(
			m, d, "/format", SOURCE_AT_VALUE,
			"this is a '%s', not a manifest",
			json_string_value(json_object_get(m->root, "format")));
	ok = read_top(m, d);
	resources = json_object_get(m->root, "resources");
	/* that is told; without any, overrides are wrong all the same */
	if (resources && !json_is_object(resources))
		return ok;
	return read_entries(m, d) && ok;
}

const char *manifest_digest(struct manifest *m)
{
	struct content text = content_of(m->source.text, m->source.size);
	struct diags ignored = { 0 };
	char hex[DIGEST_HEX];

	if (!m->digest && content_digest(&text, &ignored))
		m->digest =
			arena_strdup(&m->arena, digest_hex(text.digest, hex));
	return m->digest;
}

void manifest_forget_text(struct manifest *m)
{
	source_release(&m->source);
	free((void *)(uintptr_t)m->source.text);
	m->source.text = NULL;
	m->source.size = 0;
}

void manifest_release(struct manifest *m)
{
	json_decref(m->root);
	json_decref(m->owned);
	manifest_forget_text(m);
	arena_release(&m->arena);
	*m = (struct manifest){ 0 };
}
