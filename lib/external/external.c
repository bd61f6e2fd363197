/* SPDX-License-Identifier: MIT */
/* Types of a world as tables: from their files, from a compiled catalog. */
#include "lib/external/external.h"

#include <string.h>

#include "lib/catalog.h"
#include "lib/doc/doc.h"
#include "lib/text/source.h"

enum {
	FILE_MAX = 64 * 1024,
	NAME_SIZE = 32,
	TEXT_SIZE = 1000,
	ROWS = 48,
	CHOICES = 64,
	TIMEOUT = 60, /* seconds, unless the file says another */
	TIMEOUT_MAX = 3600,
};

/* --- kinds --- */

static void keep_text(void *field, struct arena *a)
{
	const char **text = field;

	*text = arena_strdup(a, *text);
}

static void keep_texts(void *field, struct arena *a)
{
	struct strings *list = field;

	for (size_t i = 0; i < list->n; i++)
		list->v[i] = arena_strdup(a, list->v[i]);
}

static void keep_mode(void *field, struct arena *a)
{
	struct mode *mode = field;

	if (mode->text)
		mode->text = arena_strdup(a, mode->text);
}

static const struct external_kind {
	const char *name;
	const struct kind *kind;
	void (*keep)(void *field, struct arena *); /* NULL: no need */
} external_kinds[] = {
	{ "text", &kind_text, keep_text },
	{ "texts", &kind_texts, keep_texts },
	{ "integer", &kind_integer, NULL },
	{ "bool", &kind_bool, NULL },
	{ "choice", &kind_choice, NULL },
	{ "path", &kind_path, keep_text },
	{ "paths", &kind_paths, keep_texts },
	{ "mode", &kind_mode, keep_mode },
	{ "duration", &kind_duration, NULL },
	{ "owner", &kind_owner, keep_text },
	{ "group", &kind_group, keep_text },
};

static int kind_named(const char *name)
{
	for (size_t i = 0; i < COUNT(external_kinds); i++)
		if (strcmp(external_kinds[i].name, name) == 0)
			return (int)i;
	return -1;
}

static const struct kind *kind_of(const struct external_row *row)
{
	return external_kinds[row->kind].kind;
}

void external_keep(const struct attr *attr, void *field, struct arena *a)
{
	for (size_t i = 0; i < COUNT(external_kinds); i++)
		if (external_kinds[i].kind == attr->kind &&
		    external_kinds[i].keep)
			external_kinds[i].keep(field, a);
}

/* --- the row that takes a record to its type --- */

static const struct external *external_of(const struct attr *attr)
{
	return (const struct external *)(const void *)((const char *)attr -
						       offsetof(struct external,
								attrs));
}

static bool read_self(const struct reading *r, const struct attr *attr,
		      const json_t *value, void *field)
{
	(void)r;
	(void)value;
	*(const struct external **)field = external_of(attr);
	return true;
}

static json_t *show_self(const struct attr *attr, const void *field)
{
	(void)field;
	return json_string(external_of(attr)->module.name);
}

/* A pointer of this process is nobody's business. */
static void pack_self(struct pack *p, const struct attr *attr, void *field,
		      bool set)
{
	pack_expect(p, set);
	*(const struct external **)field = p->out ? NULL : external_of(attr);
}

static json_t *schema_self(const struct attr *attr)
{
	(void)attr;
	return json_false();
}

static const struct kind kind_self = {
	.name = "type",
	.size = sizeof(struct external *),
	.read = read_self,
	.show = show_self,
	.schema = schema_self,
	.pack = pack_self,
};

const struct external_type *external_type_of(const struct module *m)
{
	return m->nattrs && m->attrs[0].kind == &kind_self
		       ? external_of(&m->attrs[0])->type
		       : NULL;
}

/* --- what a type may be: of a file, and of a block --- */

static bool is_name(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t n = name ? strlen(name) : 0;

	return n && n <= NAME_SIZE && name[0] >= 'a' && name[0] <= 'z' &&
	       strspn(name, plain) == n;
}

static bool is_taken(const char *name)
{
	if (strcmp(name, "for_each") == 0 || strcmp(name, "when") == 0)
		return true;
	for (size_t i = 0; i < common_attrs_n; i++)
		if (strcmp(common_attrs[i].name, name) == 0)
			return true;
	return false;
}

/* It stands in help and in the manual. */
static bool is_sentence(const char *text)
{
	size_t n = text ? strlen(text) : 0;

	return n && n <= TEXT_SIZE && !text[strcspn(text, "\n\r\t\x1b")];
}

static const char *choices_wrong(const struct external_row *row)
{
	if ((kind_of(row) == &kind_choice) != (row->choices.n > 0))
		return "'choices' belong to the type \"choice\", which needs "
		       "them";
	if (row->choices.n > CHOICES)
		return "there are too many 'choices'";
	for (size_t i = 0; i < row->choices.n; i++)
		if (!is_name(row->choices.v[i]))
			return "a choice must be of small letters, digits, '_' "
			       "and '-'";
	if ((row->flags & ATTR_ENSURE) &&
	    (!strings_have(&row->choices, "absent") ||
	     strcmp(row->choices.v[0], "absent") == 0))
		return "'ensure' must be a choice that has \"absent\", and "
		       "not as its first";
	return NULL;
}

static const char *row_wrong(const struct external_row *row)
{
	const unsigned known = ATTR_NAME | ATTR_REQUIRED | ATTR_STATE |
			       ATTR_ENSURE | ATTR_PATH;
	bool is_ensure = row->name && strcmp(row->name, "ensure") == 0;

	if (!is_name(row->name))
		return "an attribute's name must be of small letters, digits, "
		       "'_' and '-', at most 32";
	if (is_taken(row->name))
		return "every resource has an attribute of this name";
	if (row->kind < 0 || (size_t)row->kind >= COUNT(external_kinds))
		return "the type of an attribute must be text, texts, integer, "
		       "bool, choice, path, paths, mode, duration, owner or "
		       "group";
	if (!is_sentence(row->doc))
		return "'doc' must be a sentence of at most 1000 bytes";
	if ((row->flags & ~known) || is_ensure != !!(row->flags & ATTR_ENSURE))
		return "its flags are wrong";
	if ((row->flags & ATTR_NAME) && kind_of(row) != &kind_text &&
	    kind_of(row) != &kind_path)
		return "the name must be a text or a path";
	if ((row->flags & ATTR_PATH) && kind_of(row) != &kind_path)
		return "what is managed must be a path";
	return choices_wrong(row);
}

static const char *rows_wrong(const struct external_type *t)
{
	size_t names = 0, paths = 0;

	for (size_t i = 0; i < t->nrows; i++) {
		names += !!(t->rows[i].flags & ATTR_NAME);
		paths += !!(t->rows[i].flags & ATTR_PATH);
	}
	if (names != 1)
		return "just one attribute must be the \"name\"";
	return paths > 1 ? "at most one attribute can be what is \"managed\""
			 : NULL;
}

static const char *type_wrong(const struct external_type *t)
{
	if (!is_name(t->name))
		return "a type's name must be of small letters, digits, '_' "
		       "and '-', at most 32";
	if (module_find(modules, t->name, strlen(t->name)))
		return "converge has a type of this name";
	if (!is_sentence(t->summary))
		return "'summary' must be a sentence of at most 1000 bytes";
	if (t->timeout < 1000 || t->timeout > TIMEOUT_MAX * 1000)
		return "'timeout' must be from 1 to 3600 seconds";
	if (t->disruption < 0 || t->disruption > DISRUPTION_DATA)
		return "'disruption' must be none, reload, restart, reboot or "
		       "data";
	if (!t->nrows || t->nrows > ROWS)
		return "there must be from 1 to 48 'attributes'";
	return NULL;
}

/* --- a module of a type --- */

static struct attr attr_of(const struct external_row *row, size_t offset)
{
	return (struct attr){
		.name = row->name,
		.kind = kind_of(row),
		.flags = row->flags,
		.offset = offset,
		.choices = row->choices.n ? row->choices.v : NULL,
		.fallback = row->fallback,
		.doc = row->doc,
		.min = row->min,
		.max = row->max,
	};
}

static bool always(const void *want)
{
	(void)want;
	return true;
}

static bool never_undone(const struct step *step)
{
	(void)step;
	return false;
}

/* Fields one after the other, each aligned for any. */
static size_t lay_out(struct external *e, const struct external_type *t)
{
	const size_t unit = 16;
	size_t at = (sizeof(struct external_record) + unit - 1) / unit * unit;

	e->attrs[0] = (struct attr){ .name = "",
				     .kind = &kind_self,
				     .flags = ATTR_INTERNAL,
				     .offset = offsetof(struct external_record,
							external),
				     .fallback = "true",
				     .doc = "The type." };
	for (size_t i = 0; i < t->nrows; i++) {
		e->attrs[i + EXTERNAL_SELF] = attr_of(&t->rows[i], at);
		at += (kind_of(&t->rows[i])->size + unit - 1) / unit * unit;
	}
	return at;
}

static const struct module *module_of(const struct external_type *t,
				      struct arena *a)
{
	struct external *e = arena_new(a, struct external);

	*e = (struct external){ .type = t };
	e->module = (struct module){
		.name = t->name,
		.summary = t->summary,
		.example = t->example,
		.size = lay_out(e, t),
		.attrs = e->attrs,
		.nattrs = t->nrows + EXTERNAL_SELF,
		.edges = external_edges,
		.observe = external_observe,
		.apply = external_apply,
		.refresh = t->refresh ? external_refresh : NULL,
		.disruption = external_disruption,
		.undoable = never_undone,
		.asks = always,
		.opaque = t->opaque,
		.alone = true,
	};
	return &e->module;
}

/* --- from a file --- */

struct reader_of_types {
	struct source source;
	struct arena *arena;
	struct diags *diags;
	bool ok;
};

static void say(struct reader_of_types *r, const char *pointer,
		const char *wrong)
{
	struct place place = { .file = r->source.name };

	r->ok = false;
	source_locate(&r->source, pointer, SOURCE_AT_VALUE, &place);
	diag_error_at(r->diags, place, "%s", wrong);
}

/* A member that must be a string, if it is there. */
static const char *text_at(struct reader_of_types *r, const json_t *object,
			   const char *pointer, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (value && !json_is_string(value))
		say(r, arena_printf(r->arena, "%s/%s", pointer, key),
		    "this must be a string");
	return json_is_string(value)
		       ? arena_strdup(r->arena, json_string_value(value))
		       : NULL;
}

static bool truth_at(struct reader_of_types *r, const json_t *object,
		     const char *pointer, const char *key, bool otherwise)
{
	const json_t *value = json_object_get(object, key);

	if (value && !json_is_boolean(value))
		say(r, arena_printf(r->arena, "%s/%s", pointer, key),
		    "this must be true or false");
	return value ? json_is_true(value) : otherwise;
}

static int64_t number_at(struct reader_of_types *r, const json_t *object,
			 const char *pointer, const char *key,
			 int64_t otherwise)
{
	const json_t *value = json_object_get(object, key);

	if (value && !json_is_integer(value))
		say(r, arena_printf(r->arena, "%s/%s", pointer, key),
		    "this must be an integer");
	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

/* A comment, "//", goes anywhere. */
static void check_keys(struct reader_of_types *r, json_t *object,
		       const char *pointer, const char *const *known, size_t n)
{
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value) {
		size_t i = 0;

		while (i < n && strcmp(known[i], key) != 0)
			i++;
		if (i == n && strcmp(key, "//") != 0)
			say(r, pointer,
			    arena_printf(r->arena, "unknown key \"%s\"", key));
	}
}

static void read_choices(struct reader_of_types *r, const json_t *object,
			 const char *pointer, struct strings *choices)
{
	const json_t *list = json_object_get(object, "choices"), *item;
	size_t i;

	if (list && !json_is_array(list))
		say(r, pointer, "'choices' must be a list of strings");
	json_array_foreach (list, i, item)
		strings_add(
			choices, r->arena,
			arena_strdup(r->arena, json_is_string(item)
						       ? json_string_value(item)
						       : ""));
}

/* A default is a value like any other. */
static void check_default(struct reader_of_types *r, const char *pointer,
			  const struct external_row *row, const json_t *value)
{
	struct attr attr = attr_of(row, 0);
	struct reading reading = { .arena = r->arena, .diags = r->diags };
	struct place was = r->diags->place;
	void *field = arena_alloc(r->arena, attr.kind->size);

	r->diags->place = (struct place){ .file = r->source.name };
	source_locate(&r->source, pointer, SOURCE_AT_VALUE, &r->diags->place);
	r->ok &= attr.kind->read(&reading, &attr, value, field);
	r->diags->place = was;
}

static void read_default(struct reader_of_types *r, const json_t *object,
			 const char *pointer, struct external_row *row)
{
	const json_t *value = json_object_get(object, "default");
	char *text;

	if (!value && (row->flags & ATTR_ENSURE))
		row->fallback =
			arena_printf(r->arena, "\"%s\"", row->choices.v[0]);
	if (!value)
		return;
	check_default(r, pointer, row, value);
	text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	row->fallback = arena_strdup(r->arena, text);
	free(text);
}

static unsigned flags_at(struct reader_of_types *r, const json_t *object,
			 const char *pointer, bool is_ensure)
{
	bool is_name_of = truth_at(r, object, pointer, "name", false);
	bool is_state = truth_at(r, object, pointer, "state", !is_name_of);
	unsigned flags = is_ensure ? ATTR_ENSURE | ATTR_STATE : 0;

	if (is_name_of)
		flags |= ATTR_NAME;
	else if (is_state)
		flags |= ATTR_STATE;
	if (truth_at(r, object, pointer, "required", false))
		flags |= ATTR_REQUIRED;
	if (truth_at(r, object, pointer, "managed", false))
		flags |= ATTR_PATH;
	return flags;
}

static void read_row(struct reader_of_types *r, const char *name,
		     json_t *object, struct external_row *row)
{
	static const char *const keys[] = { "type",    "doc",   "default",
					    "choices", "min",   "max",
					    "name",    "state", "required",
					    "managed" };
	const char *pointer = arena_printf(r->arena, "/attributes/%s", name);
	const char *type, *wrong;

	if (!json_is_object(object)) {
		say(r, pointer, "an attribute must be an object");
		return;
	}
	check_keys(r, object, pointer, keys, COUNT(keys));
	type = text_at(r, object, pointer, "type");
	*row = (struct external_row){
		.name = arena_strdup(r->arena, name),
		.doc = text_at(r, object, pointer, "doc"),
		.kind = type ? kind_named(type) : -1,
		.flags = flags_at(r, object, pointer,
				  strcmp(name, "ensure") == 0),
		.min = number_at(r, object, pointer, "min", 0),
		.max = number_at(r, object, pointer, "max", 0),
	};
	if (!row->max && json_object_get(object, "min"))
		row->max = INT64_MAX;
	read_choices(r, object, pointer, &row->choices);
	wrong = row_wrong(row);
	if (wrong)
		say(r, pointer, wrong);
	else
		read_default(r, object, pointer, row);
}

static void read_rows(struct reader_of_types *r, json_t *top,
		      struct external_type *t)
{
	json_t *list = json_object_get(top, "attributes"), *value;
	size_t n = json_object_size(list);
	const char *name;

	if (!json_is_object(list) || !n || n > ROWS)
		return;
	t->rows = arena_array(r->arena, struct external_row, n);
	json_object_foreach (list, name, value)
		read_row(r, name, value, &t->rows[t->nrows++]);
}

/* As it would stand in "resources". */
static const char *example_of(struct reader_of_types *r, json_t *top)
{
	json_t *example = json_object_get(top, "example");
	char *text;
	const char *kept;
	size_t n;

	if (!example)
		return NULL;
	if (!json_is_object(example) || !json_object_size(example)) {
		say(r, "/example", "'example' must be an object of resources");
		return NULL;
	}
	text = json_dumps(example, JSON_INDENT(2));
	n = strlen(text);
	/* without the braces around it and what they move to the right */
	kept = n > 4 ? arena_strndup(r->arena, text + 2, n - 3) : "";
	free(text);
	return kept;
}

static int disruption_at(struct reader_of_types *r, const json_t *top)
{
	const char *text = text_at(r, top, "", "disruption");

	return text ? disruption_parse(text) : DISRUPTION_NONE;
}

static void read_type(struct reader_of_types *r, json_t *top,
		      struct external_type *t)
{
	static const char *const keys[] = { "format",  "summary",    "example",
					    "timeout", "disruption", "effects",
					    "refresh", "attributes" };
	const char *format = text_at(r, top, "", "format");
	const char *effects = text_at(r, top, "", "effects"), *wrong;

	check_keys(r, top, "", keys, COUNT(keys));
	if (!format || strcmp(format, "converge.type/1") != 0)
		say(r, "/format", "'format' must be \"converge.type/1\"");
	if (effects && strcmp(effects, "own") != 0 &&
	    strcmp(effects, "any") != 0)
		say(r, "/effects", "'effects' must be own or any");
	t->opaque = !effects || strcmp(effects, "own") != 0;
	t->summary = text_at(r, top, "", "summary");
	t->example = example_of(r, top);
	t->timeout = number_at(r, top, "", "timeout", TIMEOUT);
	t->timeout = t->timeout > 0 && t->timeout <= TIMEOUT_MAX
			     ? t->timeout * 1000
			     : 0;
	t->disruption = disruption_at(r, top);
	t->refresh = truth_at(r, top, "", "refresh", false);
	read_rows(r, top, t);
	wrong = type_wrong(t);
	if (!wrong && r->ok)
		wrong = rows_wrong(t);
	if (wrong)
		say(r, "", wrong);
}

/* "modules.d/app.json" is app. */
static const char *name_of(const char *path, struct arena *a)
{
	const char *name = path_name(path);

	return arena_strndup(a, name, strcspn(name, "."));
}

static bool read_file(const struct tree *tree, const char *path,
		      struct external_type *t, struct arena *a, struct diags *d)
{
	AUTO_BUF struct buf b = { 0 };
	struct reader_of_types r = { .arena = a, .diags = d, .ok = true };
	json_t *top;

	*t = (struct external_type){ .name = name_of(path, a) };
	if (!tree_read(tree, path, FILE_MAX, &b, d))
		return false;
	r.source = (struct source){ .name = path,
				    .text = buf_text(&b),
				    .size = b.size };
	top = source_parse(&r.source, d);
	if (top)
		read_type(&r, top, t);
	source_release(&r.source);
	json_decref(top);
	return top && r.ok;
}

static void list_modules(struct external_types *types, struct arena *a)
{
	const struct module **list;
	size_t n = 0;

	while (modules[n])
		n++;
	list = arena_array(a, const struct module *, n + types->n + 1);
	memcpy(list, modules, n * sizeof(struct module *));
	for (size_t i = 0; i < types->n; i++)
		list[n + i] = module_of(&types->v[i], a);
	list[n + types->n] = NULL;
	types->modules = list;
}

static bool is_schema(const struct tree_entry *e)
{
	static const char end[] = ".json";
	size_t n = strlen(e->name), m = strlen(end);

	return e->type == TREE_FILE && n > m && e->name[0] != '.' &&
	       strcmp(e->name + n - m, end) == 0;
}

static bool read_folder(struct external_types *types, const struct tree *tree,
			struct arena *a, struct diags *d)
{
	struct tree_entry *v;
	size_t n;
	bool ok = true;

	if (!tree_list(tree, "modules.d", a, &v, &n, d))
		return false;
	types->v = arena_array(a, struct external_type, n + 1);
	for (size_t i = 0; i < n; i++) {
		const char *path = arena_printf(a, "modules.d/%s", v[i].name);

		if (!is_schema(&v[i]))
			continue;
		if (types->n == EXTERNAL_TYPES)
			return diag_error(d,
					  "there are more than %d types in "
					  "'modules.d'",
					  EXTERNAL_TYPES);
		if (read_file(tree, path, &types->v[types->n], a, d))
			types->n++;
		else
			ok = false;
	}
	return ok;
}

bool external_read(struct external_types *types, const struct tree *tree,
		   struct arena *a, struct diags *d)
{
	struct tree_entry e;
	bool ok = true;

	*types = (struct external_types){ .modules = modules };
	if (!tree_entry(tree, "modules.d", a, &e, d))
		return false;
	if (e.type == TREE_DIRECTORY)
		ok = read_folder(types, tree, a, d);
	if (types->n)
		list_modules(types, a);
	return ok;
}

const struct module *external_read_one(const struct tree *tree,
				       const char *path, struct arena *a,
				       struct diags *d)
{
	struct external_type *t = arena_new(a, struct external_type);

	return read_file(tree, path, t, a, d) ? module_of(t, a) : NULL;
}

/* --- packed --- */

static void pack_row(struct pack *p, struct external_row *row)
{
	pack_text(p, &row->name);
	pack_text(p, &row->doc);
	pack_text(p, &row->fallback);
	pack_strings(p, &row->choices);
	if (!p->out && !p->wrong)
		pack_expect(p, !row_wrong(row));
}

static void pack_type(struct pack *p, struct external_type *t)
{
	struct external_row *rows;

	pack_text(p, &t->name);
	pack_text(p, &t->summary);
	pack_text(p, &t->example);
	pack_bool(p, &t->opaque);
	pack_bool(p, &t->refresh);
	pack_expect(p, t->nrows <= ROWS);
	rows = pack_array(p, &t->rows, t->nrows, sizeof(*rows));
	for (size_t i = 0; rows && i < t->nrows; i++)
		pack_row(p, &rows[i]);
	if (!p->out && !p->wrong)
		pack_expect(p, rows && !type_wrong(t) && !rows_wrong(t));
}

void external_pack(struct pack *p, struct external_types *types,
		   struct arena *a)
{
	struct external_type *v;

	pack_expect(p, types->n <= EXTERNAL_TYPES);
	v = pack_array(p, &types->v, types->n, sizeof(*v));
	for (size_t i = 0; v && i < types->n; i++)
		pack_type(p, &v[i]);
	types->modules = p->out ? NULL : modules;
	if (!p->out && !p->wrong && types->n)
		list_modules(types, a);
}
