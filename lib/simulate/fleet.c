/* SPDX-License-Identifier: MIT */
#include "lib/simulate/fleet.h"

#include <string.h>

#include "lib/base/utf8.h"
#include "lib/facts/picture.h"
#include "lib/simulate/debian.h"
#include "lib/simulate/given.h"
#include "lib/simulate/judge.h"
#include "lib/simulate/simulate.h"
#include "lib/simulate/spec.h"
#include "lib/text/escape.h"

static const char suffix[] = ".json", settings[] = "converge.json";

/* While it is done. */
struct touring {
	const struct fleet *fleet;
	struct arena arena;
	struct documents documents;
	struct specs specs;
	json_t *world_facts; /* borrowed */
	json_t *hosts, *errors;
};

/* --- diagnostics --- */

static void tell(struct touring *t, const struct diags *d)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct diag *of = &d->v[i];
		json_t *j;

		if (of->severity != SEVERITY_ERROR)
			continue;
		j = json_pack("{s:o}", "text", escape_json(of->text));
		if (of->place.file)
			json_object_set_new(j, "file",
					    escape_json(of->place.file));
		if (of->place.line) {
			json_object_set_new(
				j, "line",
				json_integer((json_int_t)of->place.line));
			json_object_set_new(
				j, "column",
				json_integer((json_int_t)of->place.column));
		}
		if (of->subject)
			json_object_set_new(j, "subject",
					    escape_json(of->subject));
		if (of->hint)
			json_object_set_new(j, "hint", escape_json(of->hint));
		json_array_append_new(t->errors, j);
	}
}

/* --- the record that a host is simulated on --- */

static const char *snapshot_of(struct touring *t, const char *host)
{
	static const char *const ends[] = { ".json.zst", ".json" };
	AUTO_DIAGS struct diags ignored = { 0 };
	struct tree_entry e;

	for (size_t i = 0; t->fleet->snapshots && i < COUNT(ends); i++) {
		const char *file =
			arena_printf(&t->arena, "%s%s", host, ends[i]);

		if (tree_entry(t->fleet->snapshots, file, &t->arena, &e,
			       &ignored) &&
		    e.type == TREE_FILE)
			return file;
	}
	return NULL;
}

/* One host, and what it is like before. */
struct host_at {
	const char *name, *file;
	struct recorded record; /* its picture is not written to */
	struct buf bytes;       /* of a snapshot */
	json_t *facts;
	bool recorded;
};

static bool read_snapshot(struct touring *t, struct host_at *at,
			  const char *file, struct diags *d)
{
	struct recorded *r = &at->record;

	at->recorded = true;
	if (!tree_read(t->fleet->snapshots, file, SOURCE_MAX_BYTES, &at->bytes,
		       d) ||
	    !recorded_read(r, buf_text(&at->bytes), at->bytes.size, file, d) ||
	    !recorded_trust(r, t->fleet->tree, file, d))
		return false;
	at->facts = json_incref(r->facts);
	return strcmp(r->host, at->name) == 0 ||
	       diag_error(d, "'%s' is of the host '%s'", file, r->host);
}

static bool imagine(struct touring *t, struct host_at *at, struct diags *d)
{
	struct document *doc = documents_read(&t->documents, at->file, NULL, d);

	at->record = (struct recorded){ .json = debian_picture(at->name),
					.host = at->name };
	at->facts =
		facts_picture(t->world_facts, at->name,
			      doc ? json_object_get(doc->root, "facts") : NULL);
	return doc;
}

static void host_release(struct host_at *at)
{
	recorded_release(&at->record);
	buf_release(&at->bytes);
	json_decref(at->facts);
}

/* --- one simulation --- */

/* What it is made from. */
struct scene {
	struct recorded record;
	json_t *json, *facts; /* owned */
	struct simulation simulation;
};

/* spec NULL: nothing is given. */
static bool scene_set(struct touring *t, const struct host_at *at,
		      const struct spec *spec, struct scene *scene,
		      struct diags *d)
{
	json_t *facts = spec ? json_object_get(spec->doc->root, "facts") : NULL;

	*scene = (struct scene){ .record = at->record };
	scene->json = spec ? given_commands(spec, at->record.json)
			   : json_incref(at->record.json);
	scene->facts =
		facts ? json_deep_copy(at->facts) : json_incref(at->facts);
	facts_lay_over(scene->facts, facts);
	scene->record.json = scene->json;
	scene->record.facts = scene->facts;
	scene->record.picture = host_snapshot(scene->json, d);
	scene->simulation = (struct simulation){
		.record = &scene->record,
		.thorough = t->fleet->thorough,
		.against = { .tree = t->fleet->tree,
			     .file = at->file,
			     .is_world = t->fleet->is_world,
			     .host = at->name,
			     .commit = t->fleet->commit,
			     .documents = &t->documents },
	};
	return scene->record.picture;
}

static void scene_release(struct scene *scene)
{
	simulate_release(&scene->simulation);
	host_close(scene->record.picture);
	json_decref(scene->json);
	json_decref(scene->facts);
}

/* --- the tests of the world --- */

static bool has_own_scene(const struct spec *spec)
{
	return json_object_get(spec->doc->root, "facts") ||
	       json_object_get(spec->doc->root, "given");
}

static bool begins_converged(const struct spec *spec)
{
	return json_is_true(json_object_get(
		json_object_get(spec->doc->root, "given"), "converged"));
}

static json_t *spec_json(const struct spec *spec, size_t expectations,
			 json_t *failures)
{
	json_t *j = json_pack("{s:o, s:I, s:O}", "file",
			      escape_json(spec->file), "expectations",
			      (json_int_t)expectations, "failures", failures);
	const char *description = json_string_value(
		json_object_get(spec->doc->root, "description"));

	if (description)
		json_object_set_new(j, "description", escape_json(description));
	return j;
}

/* Judges with a fresh list of failures. */
static json_t *judge_scene(struct simulation *s, const struct spec *spec)
{
	json_t *before = s->failures, *told;
	size_t n;

	s->failures = json_array();
	n = judge(s, spec);
	told = spec_json(spec, n, s->failures);
	json_decref(s->failures);
	s->failures = before;
	return told;
}

/* What could not be set is a failure of the test. */
static json_t *cannot_set(struct simulation *s, const struct spec *spec,
			  const struct diags *d)
{
	json_t *failures = json_array(), *failure;
	const struct diag *first = d->n ? &d->v[0] : NULL;
	struct place at = first && first->place.line
				  ? first->place
				  : spec_place(spec, "", SOURCE_AT_VALUE);

	(void)s;
	failure = json_pack(
		"{s:s, s:o, s:o, s:I, s:I}", "rule", "expectation", "text",
		escape_json(first ? first->text : "it cannot be simulated"),
		"file", escape_json(at.file), "line", (json_int_t)at.line,
		"column", (json_int_t)at.column);
	json_array_append_new(failures, failure);
	failure = spec_json(spec, 1, failures);
	json_decref(failures);
	return failure;
}

static json_t *run_scene(struct touring *t, const struct host_at *at,
			 const struct spec *spec, size_t *passes)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct scene scene;
	struct simulation *s = &scene.simulation;
	bool converged = begins_converged(spec), ok;
	json_t *told;

	ok = scene_set(t, at, spec, &scene, &d);
	if (ok && !converged)
		ok = given_set(spec, scene.record.picture, &d);
	ok = ok && simulate_plan(s, &d);
	if (ok && converged) {
		simulate_apply(s);
		ok = given_set(spec, scene.record.picture, &d) &&
		     simulate_plan_again(s, &d);
	}
	if (ok)
		simulate_apply(s);
	told = ok ? judge_scene(s, spec) : cannot_set(s, spec, &d);
	*passes += s->passes;
	scene_release(&scene);
	return told;
}

static json_t *run_specs(struct touring *t, const struct host_at *at,
			 struct simulation *s, size_t *passes)
{
	json_t *tests = json_array();

	for (size_t i = 0; i < t->specs.n; i++) {
		struct spec *spec = &t->specs.v[i];

		if (!spec->right ||
		    !spec_is_for(spec, at->name,
				 s->against.manifest.scope.tags))
			continue;
		spec->matched = true;
		json_array_append_new(tests,
				      has_own_scene(spec)
					      ? run_scene(t, at, spec, passes)
					      : judge_scene(s, spec));
	}
	return tests;
}

/* --- one host --- */

static json_t *unknown_json(struct simulation *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->granted_ids.n; i++) {
		const char *id = s->granted_ids.v[i];
		const struct resource *res =
			catalog_find(&s->against.catalog, id);
		json_t *j = json_pack("{s:o, s:o}", "id", escape_json(id),
				      "because",
				      escape_json(map_get(&s->granted, id)));

		if (res) {
			struct place place =
				resource_place(&s->against.catalog, res);

			json_object_set_new(j, "origin",
					    json_pack("{s:o, s:I}", "file",
						      escape_json(place.file),
						      "line",
						      (json_int_t)place.line));
		}
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *assumed_json(const struct host *h)
{
	const struct strings *what = host_snapshot_assumed(h);
	json_t *list = json_array();

	for (size_t i = 0; i < what->n; i++)
		json_array_append_new(list, escape_json(what->v[i]));
	return list;
}

static json_t *host_json(const struct host_at *at, struct simulation *s,
			 json_t *tests, size_t passes)
{
	const struct plan *plan = &s->against.plan;
	size_t withheld = 0;

	for (size_t i = 0; i < plan->n; i++)
		withheld += plan->v[i]->withheld != NULL;
	return json_pack(
		"{s:o, s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:O, s:o}",
		"host", escape_json(at->name), "picture",
		at->recorded ? "snapshot" : "debian", "resources",
		(json_int_t)s->against.catalog.n, "changes",
		(json_int_t)plan->n, "withheld", (json_int_t)withheld, "passes",
		(json_int_t)passes, "kills", (json_int_t)s->kills, "unknown",
		unknown_json(s), "assumed", assumed_json(s->record->picture),
		"failures", s->failures, "tests", tests);
}

static void simulate_host(struct touring *t, const struct host_at *at)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct scene scene;
	struct simulation *s = &scene.simulation;
	size_t passes;
	json_t *tests;

	if (!scene_set(t, at, NULL, &scene, &d) || !simulate_plan(s, &d)) {
		tell(t, &d);
		scene_release(&scene);
		return;
	}
	simulate_leaks(s);
	simulate_apply(s);
	simulate_second(s);
	simulate_kills(s);
	passes = s->passes;
	tests = run_specs(t, at, s, &passes);
	json_array_append_new(t->hosts, host_json(at, s, tests, passes));
	scene_release(&scene);
}

static void visit(struct touring *t, const char *name, const char *file)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct host_at at = { .name = name, .file = file };
	const char *snapshot = snapshot_of(t, name);
	bool ok = true;

	if (!utf8_valid(name, strlen(name))) {
		d.place.file = file;
		ok = diag_error(&d, "'%s' is not a host's name", name);
	} else if (snapshot) {
		ok = read_snapshot(t, &at, snapshot, &d);
	} else {
		ok = imagine(t, &at, &d);
	}
	if (ok)
		simulate_host(t, &at);
	else
		tell(t, &d);
	host_release(&at);
}

/* --- all of them --- */

static const char *lone_host(struct touring *t)
{
	AUTO_DIAGS struct diags d = { 0 };
	const struct document *doc =
		documents_read(&t->documents, t->fleet->file, NULL, &d);
	const char *host =
		doc ? json_string_value(json_object_get(doc->root, "host"))
		    : NULL;

	tell(t, &d);
	if (t->fleet->nhosts)
		return t->fleet->hosts[0];
	return host && *host ? host : "host";
}

static bool is_chosen(const struct fleet *f, const char *name)
{
	for (size_t i = 0; i < f->nhosts; i++)
		if (strcmp(f->hosts[i], name) == 0)
			return true;
	return f->nhosts == 0;
}

static void list_hosts(struct touring *t, struct strings *names)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct tree_entry *v = NULL;
	size_t n = 0, end = sizeof(suffix) - 1;

	if (!documents_have(&t->documents, "hosts"))
		return;
	if (!tree_list(t->fleet->tree, "hosts", &t->arena, &v, &n, &d))
		tell(t, &d);
	for (size_t i = 0; i < n; i++) {
		size_t size = strlen(v[i].name);

		if (size > end && strcmp(v[i].name + size - end, suffix) == 0)
			strings_add(names, &t->arena,
				    arena_strndup(&t->arena, v[i].name,
						  size - end));
	}
}

static void check_chosen(struct touring *t, const struct strings *all)
{
	AUTO_DIAGS struct diags d = { 0 };

	for (size_t i = 0; i < t->fleet->nhosts; i++) {
		const char *host = t->fleet->hosts[i], *near;

		if (strings_have(all, host))
			continue;
		near = strings_nearest(host, all);
		diag_error(&d, "the world has no host '%s'%s%s%s", host,
			   near ? "; did you mean '" : "", near ? near : "",
			   near ? "'?" : "");
	}
	tell(t, &d);
}

static void visit_share(struct touring *t)
{
	const struct fleet *f = t->fleet;
	struct strings all = { 0 }, names = { 0 };

	list_hosts(t, &all);
	check_chosen(t, &all);
	for (size_t i = 0; i < all.n; i++)
		if (is_chosen(f, all.v[i]))
			strings_add(&names, &t->arena, all.v[i]);
	/* dealt out, for neighbours have much in common */
	for (size_t i = f->share; i < names.n; i += f->shares) {
		const char *file = arena_printf(&t->arena, "hosts/%s%s",
						names.v[i], suffix);

		visit(t, names.v[i], file);
		documents_drop(&t->documents, file);
	}
}

static void read_settings(struct touring *t)
{
	AUTO_DIAGS struct diags d = { 0 };
	const struct document *doc =
		documents_read(&t->documents, settings, NULL, &d);

	tell(t, &d);
	if (doc)
		t->world_facts = json_object_get(doc->root, "facts");
}

/* Which tests there are, and whether they were of any of these hosts. */
static json_t *ran(const struct touring *t)
{
	json_t *tests = json_object();

	for (size_t i = 0; i < t->specs.n; i++)
		json_object_set_new(tests, t->specs.v[i].file,
				    json_boolean(t->specs.v[i].matched));
	return tests;
}

json_t *fleet_simulate(const struct fleet *f)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct touring t = { .fleet = f,
			     .hosts = json_array(),
			     .errors = json_array() };
	json_t *told;

	documents_begin(&t.documents, f->tree);
	if (!specs_read(&t.specs, &t.documents, &t.arena, &d))
		tell(&t, &d);
	if (f->is_world)
		read_settings(&t);
	if (f->file)
		visit(&t, lone_host(&t), f->file);
	else
		visit_share(&t);
	told = json_pack("{s:o, s:o, s:o, s:b}", "hosts", t.hosts, "errors",
			 t.errors, "tests", ran(&t), "all", f->nhosts == 0);
	documents_release(&t.documents);
	arena_release(&t.arena);
	return told;
}
