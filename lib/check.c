/* SPDX-License-Identifier: MIT */
#include "lib/check.h"

#include <string.h>

#include "lib/catalog.h"
#include "lib/facts/picture.h"
#include "lib/graph.h"
#include "lib/lint/lint.h"
#include "lib/manifest/role.h"
#include "lib/manifest/shape.h"
#include "lib/simulate/expected.h"

static const char suffix[] = ".json", settings[] = "converge.json";

/* While it is done. */
struct checking {
	const struct check *check;
	struct documents documents;
	json_t *world_facts; /* owned */
	json_t *facts;       /* of the host at hand; borrowed */
	struct map seen;     /* findings, as text */
	struct lint lint;
	struct specs tests;
	struct diags found;
	struct checked *counts;
};

/* Roles are read once, but what is wrong with them shows on each host. */
static void keep_new(struct checking *c, const struct diags *d)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct diag *of = &d->v[i];
		const char *text = arena_printf(
			&c->found.arena, "%s:%zu:%zu: %s",
			of->place.file ? of->place.file : "", of->place.line,
			of->place.column, of->text);

		if (map_put(&c->seen, &c->found.arena, text, c))
			continue;
		c->found.place = (struct place){ 0 };
		diags_append(&c->found,
			     &(struct diags){ .v = &d->v[i],
					      .n = 1,
					      .errors = of->severity ==
							SEVERITY_ERROR });
	}
	c->found.dropped += d->dropped;
}

static json_t *give_facts(void *context, const char *name, size_t size)
{
	const struct checking *c = context;

	(void)name;
	(void)size;
	return c->facts;
}

/* --- one host --- */

/* Whose a lone manifest is. */
static const char *host_of(struct checking *c, const char *file,
			   struct diags *d)
{
	const struct document *doc;
	const char *host;

	if (c->check->host)
		return c->check->host;
	doc = documents_read(&c->documents, file, NULL, d);
	host = doc ? json_string_value(json_object_get(doc->root, "host"))
		   : NULL;
	return host && *host ? host : "host";
}

/* ok: the manifest has no errors. */
static void build(struct checking *c, struct manifest *m, bool ok,
		  struct diags *d)
{
	struct catalog catalog;
	struct graph graph;

	ok &= external_read(&m->types, m->tree, &m->arena, d);
	ok &= catalog_build(&catalog, m, m->types.modules, d);
	ok &= catalog_check_defaults(&catalog,
				     json_object_get(m->main->root, "defaults"),
				     "/defaults", true, d);
	ok &= graph_build(&graph, &catalog, d);
	c->counts->resources += catalog.n;
	if (!ok)
		return;
	lint_host(&c->lint, m, &catalog, &graph);
	lint_tests_of_host(&c->lint, m, &catalog, c->facts,
			   c->check->fact_names);
}

static void check_file(struct checking *c, const char *file, const char *host,
		       struct diags *d)
{
	struct manifest m;
	struct manifest_options o = { .host = host,
				      .host_is_given = true,
				      .facts = give_facts,
				      .context = c,
				      .fact_names = c->check->fact_names,
				      .is_world = c->check->is_world,
				      .sealed = true,
				      .documents = &c->documents };
	struct document *doc = documents_read(&c->documents, file, NULL, d);
	json_t *facts =
		facts_picture(c->world_facts, host,
			      doc ? json_object_get(doc->root, "facts") : NULL);

	bool ok;

	c->facts = facts;
	ok = manifest_read(&m, c->check->tree, file, &o, d);
	/* else all roles are */
	if (c->check->host)
		c->counts->roles += m.nroles;
	if (m.main)
		build(c, &m, ok, d);
	manifest_release(&m);
	if (doc)
		lint_document(&c->lint, doc, d);
	json_decref(facts);
	c->counts->hosts++;
}

static void check_host(struct checking *c, const char *name)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO(arena_release) struct arena a = { 0 };
	const char *file = arena_printf(&a, "hosts/%s%s", name, suffix);

	if (manifest_is_host(name)) {
		check_file(c, file, name, &d);
	} else {
		diag_error_at(&d, (struct place){ .file = file },
			      "'%s' is not a host's name", name);
		diag_hint(&d, "a host's file is named for it: letters, digits, "
			      "'-', '_' and '.'");
	}
	keep_new(c, &d);
	documents_drop(&c->documents, file);
}

/* --- what is of no host --- */

static void begin(struct checking *c, struct manifest *m)
{
	manifest_begin(
		m, c->check->tree, settings,
		&(struct manifest_options){ .host = "host",
					    .is_world = true,
					    .sealed = true,
					    .documents = &c->documents });
}

/* All shares read them, and one tells what is wrong. */
static void check_tests(struct checking *c, const struct strings *hosts)
{
	AUTO_DIAGS struct diags d = { 0 }, ignored = { 0 };
	bool tell = !c->check->share;
	size_t before = c->found.n;
	struct catalog catalog;
	struct manifest m;

	begin(c, &m);
	specs_read(&c->tests, &c->documents, c->lint.arena, &d);
	/* whoever has a resource of them tells what is wrong */
	external_read(&m.types, m.tree, &m.arena, &ignored);
	catalog_begin(&catalog, &m, m.types.modules);
	for (size_t i = 0; tell && i < c->tests.n; i++) {
		expected_check(&c->tests.v[i], &catalog, &d);
		if (c->check->is_world)
			lint_comments(&c->lint, c->tests.v[i].doc, &d);
	}
	lint_tests(&c->lint, &c->tests, hosts, tell);
	if (tell)
		keep_new(c, &d);
	c->counts->ntests = c->found.n - before;
	manifest_release(&m);
}

static void check_settings(struct checking *c)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct document *doc =
		documents_read(&c->documents, settings, NULL, &d);
	struct manifest m;

	begin(c, &m);
	if (doc) {
		c->world_facts = json_object_get(doc->root, "facts");
		doc->checked = true;
		doc->right = shape_check(&m, SHAPE_WORLD, doc->root,
					 "converge.json#", &d);
		lint_settings(&c->lint, doc, &d);
		if (!c->check->share)
			lint_document(&c->lint, doc, &d);
	}
	keep_new(c, &d);
	manifest_release(&m);
}

static void judge_defaults(struct catalog *c, json_t *defaults,
			   const char *pointer, struct diags *d)
{
	const char *type;
	json_t *attributes;

	catalog_check_defaults(c, defaults, pointer, false, d);
	json_object_foreach (defaults, type, attributes)
		if (module_find(c->modules, type, strlen(type)) &&
		    json_is_object(attributes))
			catalog_judge_patch(
				c, arena_printf(c->arena, "%s:*", type),
				attributes,
				pointer_join(c->arena, pointer, type), d);
}

/* Of a role or a rule. */
static void judge_part(struct catalog *c, const json_t *part, json_t *defaults,
		       const char *pointer, struct diags *d)
{
	json_t *resources = json_object_get(part, "resources"),
	       *overrides = json_object_get(part, "overrides"), *attributes;
	const char *at = pointer_join(c->arena, pointer, "resources"), *id;

	json_object_foreach (resources, id, attributes)
		if (strcmp(id, "//") != 0 && json_is_object(attributes))
			catalog_judge(c, id, attributes, defaults,
				      pointer_join(c->arena, at, id), d);
	at = pointer_join(c->arena, pointer, "overrides");
	json_object_foreach (overrides, id, attributes)
		if (strcmp(id, "//") != 0 && json_is_object(attributes))
			catalog_judge_patch(c, id, attributes,
					    pointer_join(c->arena, at, id), d);
}

static void judge_role(struct manifest *m, const struct document *doc,
		       struct diags *d)
{
	const char *at = arena_printf(&m->arena, "%s#", doc->name);
	json_t *defaults = json_object_get(doc->root, "defaults"), *rule;
	struct catalog catalog;
	size_t i;

	external_read(&m->types, m->tree, &m->arena, d);
	catalog_begin(&catalog, m, m->types.modules);
	catalog.check_only = true;
	judge_defaults(&catalog, defaults,
		       pointer_join(&m->arena, at, "defaults"), d);
	judge_part(&catalog, doc->root, defaults, at, d);
	at = pointer_join(&m->arena, at, "rules");
	json_array_foreach (json_object_get(doc->root, "rules"), i, rule)
		judge_part(&catalog, rule, defaults,
			   pointer_index(&m->arena, at, i), d);
}

/* Whether or not any host has it, and whatever its rules ask for. */
static void check_role(struct checking *c, const char *name)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct document *doc;
	struct manifest m;

	begin(c, &m);
	doc = documents_read(&c->documents,
			     arena_printf(&m.arena, "roles/%s%s", name, suffix),
			     NULL, &d);
	if (doc) {
		role_check(&m, doc, &d);
		judge_role(&m, doc, &d);
		lint_document(&c->lint, doc, &d);
	}
	keep_new(c, &d);
	manifest_release(&m);
	c->counts->roles++;
}

static void check_circles(struct checking *c, const struct strings *roles)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct manifest m;

	begin(c, &m);
	roles_check_circles(&m, roles, &d);
	keep_new(c, &d);
	manifest_release(&m);
}

/* --- a manifest alone --- */

static bool is_test(const struct checking *c, const struct document *doc)
{
	for (size_t i = 0; i < c->tests.n; i++)
		if (c->tests.v[i].doc == doc)
			return true;
	return false;
}

/* What is found in the other documents of a host may be allowed there; those of
 * the settings, and of a world's tests, were looked at. */
static void comment_on_others(struct checking *c, const char *file,
			      struct diags *d)
{
	for (size_t i = 0; i < c->documents.n; i++) {
		const struct document *doc = c->documents.v[i];

		if (doc->root && strcmp(doc->name, file) != 0 &&
		    strcmp(doc->name, settings) != 0 &&
		    !(c->check->is_world && is_test(c, doc)))
			lint_comments(&c->lint, doc, d);
	}
}

static void check_alone(struct checking *c)
{
	AUTO_DIAGS struct diags d = { 0 };
	const char *file = c->check->file;
	struct strings hosts = { 0 };
	struct document *doc;

	strings_add(&hosts, c->lint.arena, host_of(c, file, &d));
	if (c->check->is_world)
		check_settings(c);
	else
		check_tests(c, &hosts);
	check_file(c, file, hosts.v[0], &d);
	doc = c->check->is_world
		      ? NULL
		      : documents_read(&c->documents, file, NULL, &d);
	if (doc)
		lint_settings(&c->lint, doc, &d);
	comment_on_others(c, file, &d);
	keep_new(c, &d);
}

/* --- all of them --- */

static void list(struct checking *c, struct arena *a, const char *folder,
		 const char *below, size_t deep, struct strings *names)
{
	AUTO_DIAGS struct diags d = { 0 };
	const char *path =
		*below ? arena_printf(a, "%s/%s", folder, below) : folder;
	struct tree_entry *v;
	size_t n = 0;

	/* a world need not have the folder */
	if (!*below && !documents_have(&c->documents, folder))
		return;
	if (!tree_list(c->check->tree, path, a, &v, &n, &d))
		keep_new(c, &d);
	for (size_t i = 0; i < n; i++) {
		const char *name =
			*below ? arena_printf(a, "%s/%s", below, v[i].name)
			       : v[i].name;
		size_t size = strlen(name), end = sizeof(suffix) - 1;

		if (v[i].type == TREE_DIRECTORY && deep)
			list(c, a, folder, name, deep - 1, names);
		else if (size > end && strcmp(name + size - end, suffix) == 0)
			strings_add(names, a,
				    arena_strndup(a, name, size - end));
	}
}

static void do_share(struct checking *c, const struct strings *names,
		     void (*one)(struct checking *, const char *name))
{
	size_t from = names->n * c->check->share / c->check->shares;
	size_t to = names->n * (c->check->share + 1) / c->check->shares;

	for (size_t i = from; i < to; i++)
		one(c, names->v[i]);
}

enum { DEEP = 8 /* folders of roles */ };

/* Whether the world has the host that is asked for; if not, that is found. */
static bool has_host(struct checking *c, const struct strings *hosts)
{
	AUTO_DIAGS struct diags d = { 0 };
	const char *host = c->check->host, *near;

	if (strings_have(hosts, host))
		return true;
	near = strings_nearest(host, hosts);
	diag_error(&d, "the world has no host '%s'%s%s%s", host,
		   near ? "; did you mean '" : "", near ? near : "",
		   near ? "'?" : "");
	keep_new(c, &d);
	return false;
}

/* One host of a world, with the roles that it includes. */
static void check_one(struct checking *c, const struct strings *hosts)
{
	AUTO_DIAGS struct diags d = { 0 };

	check_tests(c, hosts);
	check_host(c, c->check->host);
	comment_on_others(c, settings, &d);
	keep_new(c, &d);
}

static void check_all(struct checking *c)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct strings hosts = { 0 }, roles = { 0 };

	check_settings(c);
	list(c, &a, "hosts", "", 0, &hosts);
	if (c->check->host) {
		if (has_host(c, &hosts))
			check_one(c, &hosts);
		return;
	}
	if (!c->check->share)
		lint_files(&c->lint, c->check->tree);
	list(c, &a, "roles", "", DEEP, &roles);
	check_tests(c, &hosts);
	do_share(c, &hosts, check_host);
	do_share(c, &roles, check_role);
	if (!c->check->share)
		check_circles(c, &roles);
}

static void take_found(struct checking *c, struct arena *a)
{
	struct checked *to = c->counts;

	to->v = arena_array(a, struct diag, c->found.n);
	to->n = c->found.n;
	to->dropped = c->found.dropped;
	for (size_t i = 0; i < to->n; i++) {
		const struct diag *from = &c->found.v[i];
		struct diag *d = &to->v[i];

		*d = *from;
		d->text = arena_strdup(a, from->text);
		if (from->place.file)
			d->place.file = arena_strdup(a, from->place.file);
		if (from->subject)
			d->subject = arena_strdup(a, from->subject);
		if (from->hint)
			d->hint = arena_strdup(a, from->hint);
	}
}

void check_run(const struct check *check, struct arena *a,
	       struct checked *checked)
{
	struct checking c = { .check = check, .counts = checked };

	*checked = (struct checked){ 0 };
	documents_begin(&c.documents, check->tree);
	lint_begin(&c.lint, &checked->lint, &c.documents, a);
	checked->whole = !check->is_world || (!check->file && !check->host);
	c.lint.whole = checked->whole;
	if (check->file)
		check_alone(&c);
	else
		check_all(&c);
	take_found(&c, a);
	diags_release(&c.found);
	documents_release(&c.documents);
}

void checked_pack(struct pack *p, struct checked *checked)
{
	struct diag *v = pack_array(p, &checked->v, checked->n, sizeof(*v));

	for (size_t i = 0; v && i < checked->n && !p->wrong; i++) {
		pack_raw(p, &v[i].place.file);
		pack_raw(p, &v[i].subject);
		pack_raw(p, &v[i].text);
		pack_raw(p, &v[i].hint);
		pack_expect(p,
			    v[i].text && (v[i].severity == SEVERITY_ERROR ||
					  v[i].severity == SEVERITY_WARNING));
	}
	linted_pack(p, &checked->lint);
	pack_bool(p, &checked->whole);
}
