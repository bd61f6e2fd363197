/* SPDX-License-Identifier: MIT */
/*
 * Rules about the tests that a world brings along: whose they are, and what
 * they name. A test may give facts, and check knows none of real hosts: what
 * depends on facts counts as being there.
 */
#include <string.h>

#include "lib/base/path.h"
#include "lib/lint/parts.h"
#include "lib/lint/verdict.h"
#include "lib/simulate/spec.h"

static const char unknown[] = "unknown-in-test", unused[] = "unused-test",
		  empty[] = "empty-test";

enum name_kind { NAME_ID, NAME_TAG, NAME_FACT };

/* A name that a test has: something of its hosts must be like it. */
struct test_name {
	enum name_kind kind;
	const char *name;
	const char *pointer; /* see struct lint_finding */
	enum source_at at;
	bool is_found;
};

struct lint_test {
	const struct spec *spec;
	struct test_name *v;
	size_t n, capacity;
	size_t left;    /* that are not found */
	bool has_hosts; /* some host is meant */
	/* Ids of its hosts that names were compared with: most hosts have the
	 * same. */
	struct map seen;
	size_t nseen;
};

enum { SEEN_MAX = 100000 };

static bool is_comment(const char *key)
{
	return strcmp(key, "//") == 0;
}

static bool is_glob(const char *name)
{
	return name[strcspn(name, "*?[")] != '\0';
}

static bool is_like(const char *glob, const char *text)
{
	return strcmp(glob, text) == 0 || spec_glob(glob, text);
}

/* --- the names of a test --- */

static void add_name(struct lint *l, struct lint_test *t, enum name_kind kind,
		     const char *name, const char *pointer, enum source_at at)
{
	t->v = arena_grow(l->arena, t->v, t->n, &t->capacity, sizeof(*t->v));
	t->v[t->n++] = (struct test_name){
		.kind = kind,
		.name = arena_strdup(l->arena, name),
		.pointer =
			arena_printf(l->arena, "%s#%s", t->spec->file, pointer),
		.at = at,
	};
	t->left++;
}

/* A text, or a list of them. */
static void add_list(struct lint *l, struct lint_test *t, enum name_kind kind,
		     const json_t *list, const char *pointer)
{
	const json_t *item;
	size_t i;

	if (json_is_string(list))
		add_name(l, t, kind, json_string_value(list), pointer,
			 SOURCE_AT_VALUE);
	json_array_foreach (list, i, item)
		if (json_is_string(item))
			add_name(l, t, kind, json_string_value(item),
				 pointer_index(l->arena, pointer, i),
				 SOURCE_AT_VALUE);
}

/* Whether what is expected is that there is none: of a glob that is all there
 * is to say, of an id nobody would say it but by a slip. */
static bool expects_none(const char *key, const char *id, const json_t *value)
{
	const char *word = json_string_value(value);

	if (strcmp(key, "resources") == 0)
		return word && strcmp(word, "absent") == 0;
	return is_glob(id) &&
	       (json_is_false(value) || (word && strcmp(word, "none") == 0));
}

static void add_ids(struct lint *l, struct lint_test *t)
{
	static const char *const keys[] = { "resources", "changes", "refreshes",
					    "withheld", "unknown" };
	const json_t *expect = json_object_get(t->spec->doc->root, "expect");

	for (size_t i = 0; i < COUNT(keys); i++) {
		json_t *part = json_object_get(expect, keys[i]), *value;
		const char *at = pointer_join(l->arena, "/expect", keys[i]);
		const char *id;

		if (!json_is_object(part))
			add_list(l, t, NAME_ID, part, at);
		json_object_foreach (part, id, value)
			if (!is_comment(id) && strchr(id, ':') &&
			    !expects_none(keys[i], id, value))
				add_name(l, t, NAME_ID, id,
					 pointer_join(l->arena, at, id),
					 SOURCE_AT_KEY);
	}
}

/* By their first part: the rest of what there may be nobody knows. */
static void add_facts(struct lint *l, struct lint_test *t)
{
	const char *name;
	json_t *value;

	json_object_foreach (json_object_get(t->spec->doc->root, "facts"), name,
			     value)
		if (!is_comment(name))
			add_name(l, t, NAME_FACT,
				 arena_strndup(l->arena, name,
					       strcspn(name, ".")),
				 pointer_join(l->arena, "/facts", name),
				 SOURCE_AT_KEY);
}

/* --- what is found without a host --- */

static struct lint_finding *find(struct lint *l, const char *rule,
				 const char *pointer, enum source_at at,
				 const char *text)
{
	struct look k = { .lint = l, .rule = lint_rule_find(rule) };

	return look_find(&k, pointer, at, "%s", text);
}

static const char *mark_of(struct lint *l, const struct lint_test *t)
{
	return lint_mark_name(l, "test", t->spec->file);
}

static const char *text_of(struct lint *l, const struct test_name *n)
{
	static const char *const texts[] = {
		[NAME_ID] = "no host that this test is of has '%s'",
		[NAME_TAG] = "no host has the tag '%s'",
		[NAME_FACT] = "there is no fact '%s'",
	};
	const char *format = texts[n->kind], *at = strstr(format, "%s");

	return arena_printf(l->arena, "%.*s%s%s", (int)(at - format), format,
			    n->name, at + 2);
}

static void find_names(struct lint *l, const struct lint_test *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct test_name *n = &t->v[i];
		struct lint_finding *f =
			find(l, unknown, n->pointer, n->at, text_of(l, n));

		if (!f)
			continue;
		f->mark = lint_mark_name(l, "in-test", n->pointer);
		if (n->kind != NAME_TAG)
			f->needs = mark_of(l, t);
		if (!is_glob(n->name))
			f->name = n->name;
	}
}

/* Whether some host is like it. */
static bool find_host(struct lint *l, const struct lint_test *t,
		      const char *glob, const char *pointer,
		      const struct strings *hosts)
{
	const char *near;

	for (size_t i = 0; i < hosts->n; i++)
		if (is_like(glob, hosts->v[i]))
			return true;
	near = is_glob(glob) ? NULL : strings_nearest(glob, hosts);
	find(l, unknown,
	     arena_printf(l->arena, "%s#%s", t->spec->file, pointer),
	     SOURCE_AT_VALUE,
	     arena_printf(l->arena, "there is no host '%s'%s%s%s", glob,
			  near ? "; did you mean '" : "", near ? near : "",
			  near ? "'?" : ""));
	return false;
}

/* Whether each that it names is there. */
static bool find_hosts(struct lint *l, const struct lint_test *t,
		       const struct strings *hosts)
{
	const json_t *list = json_object_get(t->spec->doc->root, "host"), *item;
	bool all = true;
	size_t i;

	if (json_is_string(list))
		return find_host(l, t, json_string_value(list), "/host", hosts);
	json_array_foreach (list, i, item)
		if (json_is_string(item))
			all &= find_host(l, t, json_string_value(item),
					 pointer_index(l->arena, "/host", i),
					 hosts);
	return all;
}

static void find_unused(struct lint *l, const struct lint_test *t)
{
	struct lint_finding *f =
		find(l, unused, arena_printf(l->arena, "%s#", t->spec->file),
		     SOURCE_AT_VALUE,
		     "no host of the world is as its 'host' and 'tags' say");

	if (!f)
		return;
	f->mark = mark_of(l, t);
	/* else each tag is told of */
	if (json_object_get(t->spec->doc->root, "tags"))
		f->needs = lint_mark_name(l, "test-tag", t->spec->file);
}

/* --- what is empty --- */

static bool is_empty(const json_t *value)
{
	size_t n = json_object_size(value);

	return json_is_object(value) &&
	       (!n || (n == 1 && json_object_get(value, "//")));
}

static void find_empty(struct lint *l, const char *pointer, const char *name,
		       const char *verb)
{
	find(l, empty, pointer, SOURCE_AT_KEY,
	     arena_printf(l->arena, "'%s' %s nothing", name, verb));
}

static const struct part_of_test {
	const char *in, *name;
	const char *verb; /* what it is there for */
	bool names;       /* its members are names, with what is said of each */
} parts_of_test[] = {
	{ "expect", "resources", "expects", true },
	{ "expect", "files", "expects", true },
	{ "expect", "packages", "expects", false },
	{ "expect", "units", "expects", true },
	{ "expect", "changes", "expects", false },
	{ "expect", "refreshes", "expects", false },
	{ "given", "files", "gives", false },
	{ "given", "packages", "gives", false },
	{ "given", "units", "gives", false },
	{ "given", "commands", "gives", false },
};

static void find_empty_part(struct lint *l, const struct lint_test *t,
			    const struct part_of_test *p)
{
	json_t *part = json_object_get(
		json_object_get(t->spec->doc->root, p->in), p->name);
	const char *at = arena_printf(l->arena, "%s#/%s/%s", t->spec->file,
				      p->in, p->name);
	const char *name;
	json_t *item;

	if (is_empty(part))
		find_empty(l, at, p->name, p->verb);
	json_object_foreach (p->names ? part : NULL, name, item)
		if (!is_comment(name) && is_empty(item))
			find_empty(l, pointer_join(l->arena, at, name), name,
				   p->verb);
}

static void find_empties(struct lint *l, const struct lint_test *t)
{
	static const char *const keys[] = { "given", "facts" };

	for (size_t i = 0; i < COUNT(parts_of_test); i++)
		find_empty_part(l, t, &parts_of_test[i]);
	for (size_t i = 0; i < COUNT(keys); i++)
		if (is_empty(json_object_get(t->spec->doc->root, keys[i])))
			find_empty(l,
				   arena_printf(l->arena, "%s#/%s",
						t->spec->file, keys[i]),
				   keys[i], "gives");
}

void lint_tests(struct lint *l, const struct specs *specs,
		const struct strings *hosts, bool tell)
{
	l->tests = arena_array(l->arena, struct lint_test, specs->n);
	l->ntests = specs->n;
	for (size_t i = 0; i < specs->n; i++) {
		struct lint_test *t = &l->tests[i];

		t->spec = &specs->v[i];
		add_list(l, t, NAME_TAG,
			 json_object_get(t->spec->doc->root, "tags"), "/tags");
		add_facts(l, t);
		add_ids(l, t);
		if (!tell)
			continue;
		if (find_hosts(l, t, hosts))
			find_unused(l, t);
		find_names(l, t);
		find_empties(l, t);
	}
}

/* --- what a host has --- */

struct having {
	struct lint *lint;
	struct manifest *manifest;
	const struct catalog *catalog;
	const json_t *facts;
	const struct strings *fact_names;
	struct strings fresh; /* ids that the test at hand has not seen */
};

static void take_fresh(struct having *h, struct lint_test *t, struct arena *a)
{
	const struct catalog *c = h->catalog;

	h->fresh = (struct strings){ 0 };
	for (size_t i = 0; i < c->n; i++) {
		const char *id = c->v[i]->id;

		if (map_get(&t->seen, id))
			continue;
		strings_add(&h->fresh, a, id);
		if (t->nseen == SEEN_MAX)
			continue;
		map_put(&t->seen, h->lint->arena,
			arena_strdup(h->lint->arena, id), t);
		t->nseen++;
	}
}

/* What a directory stands for besides itself. */
static bool is_below(const struct catalog *c, const char *id)
{
	const char *path = strstr(id, ":/");

	for (size_t i = 0; path && i < c->n; i++) {
		const struct resource *res = c->v[i];
		const char *folder =
			res->module->expands ? resource_path(res) : NULL;

		if (folder && res->module->expands(res->want) &&
		    path_below(path + 1, folder, false))
			return true;
	}
	return false;
}

/* Whether an id as it is written may come to name: references are anything. */
static bool may_be(const char *written, const char *name)
{
	AUTO_BUF struct buf b = { 0 };
	const char *at = written;

	while (*at) {
		bool refers = at[0] == '$' && at[1] == '{';

		buf_putc(&b, refers ? '*' : *at);
		at += refers ? strcspn(at, "}") : 1;
		at += refers && *at == '}';
	}
	return lint_is_like(buf_text(&b), name) || is_like(name, written);
}

/* Whether an id that is written in a role that the host has, or may have, may
 * be it, only depending on what is not known: facts, and what comes of them. */
static bool may_name(const json_t *part, bool is_certain, const char *name)
{
	const char *id;
	json_t *value;

	json_object_foreach (json_object_get(part, "resources"), id, value) {
		bool each = json_is_string(json_object_get(value, "for_each"));

		if (is_comment(id) ||
		    (is_certain && !strstr(id, "${facts") &&
		     !strstr(id, "${vars") && !(each && strstr(id, "${each"))))
			continue;
		if (may_be(id, name))
			return true;
	}
	return false;
}

static void add_roles(struct arena *a, struct strings *roles,
		      const json_t *names)
{
	const json_t *name;
	size_t i;

	json_array_foreach (names, i, name)
		if (json_is_string(name) &&
		    !strings_have(roles, json_string_value(name)))
			strings_add(roles, a, json_string_value(name));
}

/* The roles of the host, and those that it would have with other facts. */
static bool may_have(struct having *h, const char *name)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO(arena_release) struct arena a = { 0 };
	struct strings roles = { 0 };
	size_t certain;

	if (may_name(h->manifest->main->root, true, name))
		return true;
	manifest_roles(h->manifest, &roles);
	certain = roles.n;
	for (size_t i = 0; i < roles.n; i++) {
		const struct document *doc = documents_read(
			h->lint->documents,
			arena_printf(&a, "roles/%s.json", roles.v[i]), NULL,
			&ignored);
		const json_t *rule;
		size_t k;

		if (!doc)
			continue;
		if (may_name(doc->root, i < certain, name))
			return true;
		if (i >= certain)
			add_roles(&a, &roles,
				  json_object_get(doc->root, "include"));
		json_array_foreach (json_object_get(doc->root, "rules"), k,
				    rule) {
			bool sure =
				i < certain &&
				lint_is_certain(json_object_get(rule, "when"));

			if (may_name(rule, sure, name))
				return true;
			if (!sure)
				add_roles(&a, &roles,
					  json_object_get(rule, "include"));
		}
	}
	return false;
}

static bool has_id(struct having *h, const char *name)
{
	const struct catalog *c = h->catalog;
	const struct strings *elsewhere = &h->manifest->elsewhere;

	if (catalog_find(c, name))
		return true;
	for (size_t i = 0; i < h->fresh.n; i++)
		if (spec_glob(name, h->fresh.v[i]))
			return true;
	/* what another fact would bring */
	for (size_t i = 0; i < elsewhere->n; i++)
		if (may_be(elsewhere->v[i], name))
			return true;
	return is_below(c, name) || may_have(h, name);
}

static bool has_tag(const struct having *h, const char *name)
{
	const json_t *tag;
	size_t i;

	json_array_foreach (h->manifest->scope.tags, i, tag)
		if (json_is_string(tag) &&
		    is_like(name, json_string_value(tag)))
			return true;
	return false;
}

static bool has_fact(struct having *h, const char *name)
{
	const char *first =
		arena_strndup(h->lint->arena, name, strcspn(name, "."));

	return strings_have(h->fact_names, first) ||
	       json_object_get(h->facts, first);
}

static bool has(struct having *h, const struct test_name *n)
{
	if (n->kind == NAME_ID)
		return has_id(h, n->name);
	return n->kind == NAME_TAG ? has_tag(h, n->name) : has_fact(h, n->name);
}

/* What of the host is nearest to a name that it has not. */
static const char *nearest(struct having *h, const struct test_name *n,
			   struct arena *a)
{
	struct strings known = { 0 };
	const json_t *tag;
	json_t *value;
	const char *key;
	size_t i;

	if (n->kind == NAME_ID)
		for (i = 0; i < h->fresh.n; i++)
			strings_add(&known, a, h->fresh.v[i]);
	if (n->kind == NAME_TAG)
		json_array_foreach (h->manifest->scope.tags, i, tag)
			if (json_is_string(tag))
				strings_add(&known, a, json_string_value(tag));
	if (n->kind == NAME_FACT) {
		for (i = 0; i < h->fact_names->n; i++)
			strings_add(&known, a, h->fact_names->v[i]);
		json_object_foreach ((json_t *)(uintptr_t)h->facts, key, value)
			strings_add(&known, a, key);
	}
	strings_sort(&known);
	return strings_nearest(n->name, &known);
}

static void find_name(struct having *h, struct lint_test *t,
		      struct test_name *n)
{
	AUTO(arena_release) struct arena a = { 0 };
	const char *near;

	n->is_found = has(h, n);
	t->left -= n->is_found;
	if (n->is_found) {
		lint_mark(h->lint, "in-test", n->pointer);
		return;
	}
	near = is_glob(n->name) ? NULL : nearest(h, n, &a);
	if (near)
		lint_mark(h->lint, lint_near,
			  arena_printf(&a, "%s\n%s", n->pointer, near));
}

static void look_for(struct having *h, struct lint_test *t)
{
	AUTO(arena_release) struct arena a = { 0 };
	bool is_of = spec_is_for(t->spec, h->manifest->host,
				 h->manifest->scope.tags);

	if (is_of && !t->has_hosts)
		lint_mark(h->lint, "test", t->spec->file);
	t->has_hosts |= is_of;
	if (is_of && t->left)
		take_fresh(h, t, &a);
	for (size_t i = 0; t->left && i < t->n; i++) {
		struct test_name *n = &t->v[i];

		if (n->is_found || (!is_of && n->kind != NAME_TAG))
			continue;
		find_name(h, t, n);
		if (n->is_found && n->kind == NAME_TAG)
			lint_mark(h->lint, "test-tag", t->spec->file);
	}
}

void lint_tests_of_host(struct lint *l, struct manifest *m,
			const struct catalog *c, const json_t *facts,
			const struct strings *fact_names)
{
	struct having h = { .lint = l,
			    .manifest = m,
			    .catalog = c,
			    .facts = facts,
			    .fact_names = fact_names };

	for (size_t i = 0; i < l->ntests; i++)
		look_for(&h, &l->tests[i]);
}
