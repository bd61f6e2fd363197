/* SPDX-License-Identifier: MIT */
#include "lib/lint/parts.h"

#include <stdlib.h>
#include <string.h>

#include "lib/catalog/parts.h"

/* Which rules are for the resources of a type. */
struct lint_types {
	const struct module *module;
	uint64_t rules; /* bits */
	struct lint_types *next;
};

void lint_begin(struct lint *l, struct linted *out, struct documents *docs,
		struct arena *a)
{
	*l = (struct lint){ .arena = a, .out = out, .documents = docs };
	*out = (struct linted){ 0 };
}

/* --- what was found --- */

static void mark(struct lint *l, const char *name)
{
	if (map_get(&l->marked, name))
		return;
	name = arena_strdup(l->arena, name);
	map_put(&l->marked, l->arena, name, l);
	strings_add(&l->out->marks, l->arena, name);
}

const char *lint_mark_name(struct lint *l, const char *kind, const char *name)
{
	return arena_printf(l->arena, "%s %s", kind, name);
}

void lint_mark(struct lint *l, const char *kind, const char *name)
{
	AUTO_BUF struct buf b = { 0 };

	buf_printf(&b, "%s %s", kind, name);
	mark(l, buf_text(&b));
}

void lint_name(struct lint *l, const char *path)
{
	if (map_get(&l->named, path))
		return;
	path = arena_strdup(l->arena, path);
	map_put(&l->named, l->arena, path, l);
	strings_add(&l->out->named, l->arena, path);
}

static bool is_seen(struct lint *l, const char *rule, const char *pointer)
{
	AUTO_BUF struct buf b = { 0 };
	const char *name;

	buf_printf(&b, "%s\n%s", rule, pointer);
	if (map_get(&l->seen, buf_text(&b)))
		return true;
	name = arena_strdup(l->arena, buf_text(&b));
	map_put(&l->seen, l->arena, name, l);
	return false;
}

static struct lint_finding *add(struct lint *l, const char *rule,
				const char *pointer)
{
	struct linted *out = l->out;

	if (is_seen(l, rule, pointer))
		return NULL;
	if (out->n == LINT_MAX) {
		out->dropped++;
		return NULL;
	}
	out->v = arena_grow(l->arena, out->v, out->n, &out->capacity,
			    sizeof(*out->v));
	out->v[out->n] = (struct lint_finding){
		.rule = rule, .pointer = arena_strdup(l->arena, pointer)
	};
	return &out->v[out->n++];
}

static struct place place_of(const struct lint *l, const char *pointer,
			     enum source_at at)
{
	size_t n = strcspn(pointer, "#");
	struct document *doc = map_getn(&l->documents->by_name, pointer, n);
	struct place place = { .file = pointer };

	if (!doc || !pointer[n])
		return place;
	place.file = doc->name;
	pointer += n + 1;
	if (!source_locate(&doc->source, pointer, at, &place)) {
		AUTO(arena_release) struct arena a = { 0 };
		const char *last = strrchr(pointer, '/');

		/* of what is not written there, the place of what would hold
		 * it */
		if (last)
			source_locate(&doc->source,
				      arena_strndup(&a, pointer,
						    (size_t)(last - pointer)),
				      SOURCE_AT_KEY, &place);
	}
	return place;
}

const char *look_pointer(const struct look *k, const char *pointer)
{
	if (*pointer && *pointer != '/')
		return pointer;
	return arena_printf(k->lint->arena, "%s#%s", k->manifest->main->name,
			    pointer);
}

struct lint_finding *look_find(struct look *k, const char *pointer,
			       enum source_at at, const char *format, ...)
{
	struct lint *l = k->lint;
	struct lint_finding *f;
	va_list list;

	f = add(l, k->rule->id, look_pointer(k, pointer));
	if (!f)
		return NULL;
	f->place = place_of(l, f->pointer, at);
	f->place.file = arena_strdup(l->arena, f->place.file);
	if (k->res)
		f->subject = arena_strdup(l->arena, k->res->id);
	va_start(list, format);
	f->text = arena_vprintf(l->arena, format, list);
	va_end(list);
	return f;
}

struct lint_finding *look_attribute(struct look *k, const char *attribute,
				    const char *format, ...)
{
	const char *pointer = k->entry->pointer;
	struct lint_finding *f;
	va_list list;

	if (attribute)
		pointer = manifest_attribute(k->manifest, pointer, k->res->id,
					     attribute);
	/* the text may be long: it is made of new ones alone */
	f = look_find(k, pointer, attribute ? SOURCE_AT_VALUE : SOURCE_AT_KEY,
		      "%s", "");
	if (!f)
		return NULL;
	va_start(list, format);
	f->text = arena_vprintf(k->lint->arena, format, list);
	va_end(list);
	return f;
}

struct lint_finding *lint_find_file(struct lint *l, const char *rule,
				    const char *path, size_t line,
				    const char *format, ...)
{
	struct lint_finding *f = add(l, rule, path);
	va_list list;

	if (!f)
		return NULL;
	f->place = (struct place){ .file = f->pointer,
				   .line = line,
				   .column = line ? 1 : 0 };
	va_start(list, format);
	f->text = arena_vprintf(l->arena, format, list);
	va_end(list);
	return f;
}

/* --- what resources say --- */

const char *look_text(const struct look *k, const char *attribute)
{
	return json_string_value(json_object_get(k->attributes, attribute));
}

bool look_is_true(const struct look *k, const char *attribute)
{
	return json_is_true(json_object_get(k->attributes, attribute));
}

bool look_has(const struct look *k, const char *attribute)
{
	return json_object_get(k->attributes, attribute) != NULL;
}

/* The member or element of value that a pointer's component names. */
static json_t *step(json_t *value, const char *text, size_t n)
{
	AUTO_BUF struct buf key = { 0 };

	for (size_t i = 0; i < n; i++) {
		bool escape = text[i] == '~' && i + 1 < n;

		buf_putc(&key, !escape              ? text[i]
			       : text[i + 1] == '1' ? '/'
						    : '~');
		i += escape;
	}
	if (json_is_array(value))
		return json_array_get(value, strtoul(buf_text(&key), NULL, 10));
	return json_object_get(value, buf_text(&key));
}

json_t *lint_value(const struct documents *docs, const char *pointer)
{
	size_t n = strcspn(pointer, "#");
	const struct document *doc = map_getn(&docs->by_name, pointer, n);
	json_t *value = doc ? doc->root : NULL;

	if (!pointer[n])
		return NULL;
	for (pointer += n + 1; *pointer && value; pointer += n) {
		pointer++;
		n = strcspn(pointer, "/");
		value = step(value, pointer, n);
	}
	return value;
}

json_t *look_raw(struct look *k)
{
	return lint_value(k->lint->documents,
			  look_pointer(k, k->entry->pointer));
}

json_t *look_raw_attribute(struct look *k, const char *attribute)
{
	return lint_value(
		k->lint->documents,
		look_pointer(k,
			     manifest_attribute(k->manifest, k->entry->pointer,
						k->res->id, attribute)));
}

bool lint_refers(const char *text)
{
	const char *start = text;

	while ((text = strstr(text, "${"))) {
		if (text == start || text[-1] != '$')
			return true;
		text += 2;
	}
	return false;
}

bool lint_listed(const char *word, const char *const list[])
{
	for (size_t i = 0; list[i]; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}

/* --- the rules, one after the other --- */

static bool is_for(const struct lint_rule *rule, const char *type)
{
	size_t n = strlen(type);
	const char *at = rule->types;

	if (!rule->resource)
		return false;
	for (; at && (at = strstr(at, type)); at += n)
		if ((at == rule->types || at[-1] == ' ') &&
		    (at[n] == ' ' || !at[n]))
			return true;
	return !rule->types;
}

static uint64_t rules_of(struct lint *l, const struct module *module)
{
	struct lint_types *t = l->types;
	uint64_t rules = 0;

	while (t && t->module != module)
		t = t->next;
	if (t)
		return t->rules;
	for (size_t i = 0; i < lint_rules_n; i++)
		if (is_for(&lint_rules[i], module->name))
			rules |= UINT64_C(1) << i;
	/* types of a world live no longer than a host of it */
	if (module_find(modules, module->name, strlen(module->name)) != module)
		return rules;
	t = arena_new(l->arena, struct lint_types);
	*t = (struct lint_types){ module, rules, l->types };
	l->types = t;
	return rules;
}

static void look_at_resource(struct look *k)
{
	uint64_t left = rules_of(k->lint, k->res->module);

	for (size_t i = 0; left; i++, left >>= 1) {
		if (!(left & 1))
			continue;
		k->rule = &lint_rules[i];
		k->rule->resource(k);
	}
}

void lint_host(struct lint *l, struct manifest *m, const struct catalog *c,
	       const struct graph *g)
{
	struct look k = { .lint = l, .manifest = m, .catalog = c, .graph = g };

	lint_uses_of_host(l, m);
	for (size_t i = 0; i < lint_rules_n; i++) {
		k.rule = &lint_rules[i];
		if (k.rule->host)
			k.rule->host(&k);
	}
	for (size_t i = 0; i < m->n; i++) {
		k.entry = &m->v[i];
		k.res = catalog_find(c, k.entry->id);
		k.attributes = k.entry->attributes;
		if (k.res)
			look_at_resource(&k);
	}
}

void lint_document(struct lint *l, const struct document *doc, struct diags *d)
{
	struct look k = { .lint = l, .doc = doc };

	lint_uses(l, doc);
	lint_comments(l, doc, d);
	for (size_t i = 0; i < lint_rules_n; i++) {
		k.rule = &lint_rules[i];
		if (k.rule->document && (l->whole || !k.rule->whole))
			k.rule->document(&k);
	}
}

/* --- as a block --- */

void linted_pack(struct pack *p, struct linted *linted)
{
	struct lint_finding *v =
		pack_array(p, &linted->v, linted->n, sizeof(*v));
	struct lint_allow *allows;
	struct lint_setting *settings;

	for (size_t i = 0; v && i < linted->n && !p->wrong; i++) {
		pack_raw(p, &v[i].rule);
		pack_raw(p, &v[i].pointer);
		pack_raw(p, &v[i].place.file);
		pack_raw(p, &v[i].subject);
		pack_raw(p, &v[i].text);
		pack_raw(p, &v[i].hint);
		pack_raw(p, &v[i].mark);
		pack_raw(p, &v[i].needs);
		pack_raw(p, &v[i].name);
		pack_expect(p, v[i].rule && v[i].pointer && v[i].text);
	}
	allows = pack_array(p, &linted->allows, linted->nallows,
			    sizeof(*allows));
	for (size_t i = 0; allows && i < linted->nallows && !p->wrong; i++) {
		pack_raw(p, &allows[i].rule);
		pack_raw(p, &allows[i].pointer);
		pack_raw(p, &allows[i].place.file);
		pack_expect(p, allows[i].rule && allows[i].pointer);
	}
	settings = pack_array(p, &linted->settings, linted->nsettings,
			      sizeof(*settings));
	for (size_t i = 0; settings && i < linted->nsettings && !p->wrong;
	     i++) {
		pack_raw(p, &settings[i].rule);
		pack_expect(p, settings[i].rule &&
				       settings[i].level >= LINT_OFF &&
				       settings[i].level <= LINT_ERROR);
	}
	pack_strings(p, &linted->marks);
	pack_strings(p, &linted->named);
}
