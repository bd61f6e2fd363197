/* SPDX-License-Identifier: MIT */
/* The small commands, and what the big ones share with callers. */
#include "lib/converge.h"

#include <nettle/version.h>
#include <string.h>

#include "lib/capture/capture.h"
#include "lib/base/path.h"
#include "lib/doc/doc.h"
#include "lib/external/external.h"
#include "lib/facts/facts.h"
#include "lib/host/linux/process/child.h"
#include "lib/host/linux/process/inherit.h"
#include "lib/host/linux/process/sandbox.h"
#include "lib/host/linux/source/open.h"
#include "lib/host/linux/versions.h"
#include "lib/session/session.h"
#include "lib/session/world.h"
#include "lib/text/escape.h"

enum { DRAWING_MAX = 256 * 1024 * 1024 };

bool converge_start(int *cwd, struct diags *d)
{
	/* a manifest of anybody's, applied as root, is what it would be */
	if (getuid() != geteuid() || getgid() != getegid())
		return diag_error(d, "converge must not be set-uid or set-gid");
	return inherit_clean(cwd, d);
}

static bool look_only(struct session *s)
{
	struct linux_options o = { .root = s->root, .backup_fd = -1 };

	s->host = host_linux(&o, &s->diags);
	return s->host != NULL;
}

int converge_facts(const struct converge_options *options,
		   const struct converge_view *view, json_t **facts)
{
	int status = CONVERGE_CANNOT_RUN;
	struct session s;

	if (session_begin(&s, options, view) && look_only(&s)) {
		*facts = json_incref(session_facts(&s, "", 0));
		json_object_set_new(*facts, "format",
				    json_string("converge.facts/1"));
		if (!s.facts.wrong)
			status = CONVERGE_OK;
	}
	session_end(&s);
	return status;
}

/* What runs is asked for while there are sockets. A host without a manager is
 * captured too. */
static void ask_units(struct session *s)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct unit unit = { .id = "-.slice" };

	host_unit_state(s->host, &unit, &s->arena, &ignored);
}

/* What lies in /etc is anybody's. */
static bool enter_sandbox(struct session *s)
{
	const char *everything = "/";
	const struct sandbox sandbox = { .at = -1,
					 .reads = &everything,
					 .nreads = 1 };

	return sandbox_enter(&sandbox, &s->diags);
}

int converge_capture(const struct converge_options *options,
		     const struct converge_view *view, json_t **manifest)
{
	struct session s;

	*manifest = NULL;
	if (!session_begin(&s, options, view) || !look_only(&s)) {
		session_end(&s);
		return CONVERGE_CANNOT_RUN;
	}
	ask_units(&s);
	if (enter_sandbox(&s))
		*manifest = capture_host(s.host, session_host(&s), &s.arena,
					 &s.diags);
	session_end(&s);
	return *manifest ? CONVERGE_OK : CONVERGE_CANNOT_RUN;
}

/* What is in a repository is read by a process that is confined. */
static bool read_graph(struct session *s)
{
	if (!s->rev)
		return session_read(s);
	return session_find_commit(s, NULL) && session_compile(s, NULL);
}

int converge_graph(const struct converge_options *options,
		   const struct converge_view *view, json_t **graph,
		   struct buf *dot)
{
	int status = CONVERGE_CANNOT_RUN;
	struct session s;

	if (session_begin(&s, options, view) && look_only(&s) &&
	    session_open_source(&s, options->source, options->rev) &&
	    (!s.bundle || session_open_bundle(&s, false, true, NULL)) &&
	    read_graph(&s)) {
		*graph = graph_json(&s.graph);
		if (dot)
			graph_dot(&s.graph, dot);
		status = CONVERGE_OK;
	}
	session_end(&s);
	return status;
}

bool converge_draw(const struct buf *dot, struct buf *svg, struct diags *d)
{
	static const char *const argv[] = { "dot", "-Tsvg", NULL };
	struct child child = { .argv = argv,
			       .input = buf_text(dot),
			       .input_size = dot->size,
			       .keep = DRAWING_MAX };
	struct arena a = { 0 };
	struct outcome o = { 0 };
	bool ok;

	child_run(&child, &a, &o);
	ok = o.ending == ENDED_EXIT && o.code == 0 &&
	     o.output.size < DRAWING_MAX;
	if (ok)
		buf_add(svg, o.output.text, o.output.size);
	if (o.ending == ENDED_NOT_STARTED) {
		diag_error(d, "cannot run dot(1): %s", o.because);
		diag_hint(d, "install graphviz, or say --format dot");
	} else if (!ok) {
		diag_error(d, "dot(1) failed: %.500s", buf_text(&o.errors));
	}
	outcome_release(&o);
	arena_release(&a);
	return ok;
}

enum { FORMATS_MAX = 32, RULES_MAX = 128 };

const char *const *converge_types(void)
{
	static const char *names[64];

	for (size_t i = 0; i < COUNT(names) - 1 && modules[i]; i++)
		names[i] = modules[i]->name;
	return names;
}

const char *const *converge_rules(void)
{
	static const char *ids[RULES_MAX + 1];

	for (size_t i = 0; i < lint_rules_n && i < RULES_MAX; i++)
		ids[i] = lint_rules[i].id;
	return ids;
}

const char *converge_nearest(const char *word, const char *const *candidates)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct strings all = { 0 };

	while (*candidates)
		strings_add(&all, &a, *candidates++);
	return strings_nearest(word, &all);
}

const char *const *converge_formats(void)
{
	static const char *all[FORMATS_MAX + 1];
	size_t n = 0;

	for (const char *const *v = doc_inputs(); *v && n < FORMATS_MAX; v++)
		all[n++] = *v;
	for (const char *const *v = doc_outputs(); *v && n < FORMATS_MAX; v++)
		all[n++] = *v;
	return all;
}

json_t *converge_schema(const char *format)
{
	json_t *schema = doc_input_schema(format, modules);

	return schema ? schema : doc_output_schema(format);
}

bool converge_describe_type(const char *type, struct buf *b)
{
	const struct module *module = module_find(modules, type, strlen(type));

	if (module)
		doc_describe(module, b);
	return module != NULL;
}

/* The folder of a file, and its name there. */
static struct tree *open_beside(int cwd, const char *path, struct arena *a,
				const char **name, struct diags *d)
{
	const char *whole = linux_absolute(cwd, path, a, d);

	if (!whole)
		return NULL;
	whole = linux_follow(whole, a);
	*name = path_name(whole);
	return linux_open_beside(whole, path, d);
}

json_t *converge_file_schema(int cwd, const char *path, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	const char *whole = linux_absolute(cwd, path, &a, d), *format;
	const struct world_folder *kind;
	struct external_types types;
	struct tree *tree = NULL;
	json_t *schema = NULL;

	if (!whole)
		return NULL;
	whole = linux_follow(whole, &a);
	kind = world_folder_of(whole, &a, &tree);
	format = kind ? kind->format : NULL;
	if (kind && !format)
		diag_error(d,
			   "there is no schema of what is in '%s' of a world",
			   kind->name);
	if (!kind) {
		format = strcmp(path_name(whole), "converge.json") == 0
				 ? "converge.world/1"
				 : "converge.manifest/1";
		tree = linux_open_beside(whole, path, d);
	}
	if (tree && format && external_read(&types, tree, &a, d))
		schema = doc_input_schema(format, types.modules);
	tree_close(tree);
	return schema;
}

bool converge_describe_file(int cwd, const char *path, struct buf *b,
			    struct diags *d)
{
	struct arena a = { 0 };
	const struct module *module = NULL;
	const char *name;
	struct tree *tree = open_beside(cwd, path, &a, &name, d);

	if (tree)
		module = external_read_one(tree, name, &a, d);
	if (module)
		doc_describe(module, b);
	tree_close(tree);
	arena_release(&a);
	return module != NULL;
}

void converge_lint_mdoc(struct buf *b)
{
	doc_lint_mdoc(b);
}

bool converge_describe_rule(const char *id, struct buf *b)
{
	const struct lint_rule *rule = id ? lint_rule_find(id) : NULL;

	if (rule)
		doc_describe_rule(rule, b);
	else if (!id)
		doc_list_rules(b);
	return rule || !id;
}

void converge_types_mdoc(struct buf *b)
{
	doc_mdoc(modules, b);
}

json_t *converge_version(void)
{
	AUTO(arena_release) struct arena a = { 0 };
	json_t *version =
		json_pack("{s:s, s:s, s:s, s:o}", "format",
			  "converge.version/1", "converge", CONVERGE_VERSION,
			  "jansson", jansson_version_str(), "nettle",
			  json_sprintf("%d.%d", nettle_version_major(),
				       nettle_version_minor()));
	json_t *missing = json_object();
	const struct library_version *v;
	size_t n;

	v = library_versions(&a, &n);
	for (size_t i = 0; i < n; i++)
		if (v[i].version)
			json_object_set_new(version, v[i].name,
					    escape_json(v[i].version));
		else
			json_object_set_new(missing, v[i].name,
					    escape_json(v[i].wrong));
	if (json_object_size(missing))
		json_object_set(version, "missing", missing);
	json_decref(missing);
	return version;
}

void converge_escape(struct buf *b, const char *text, size_t size,
		     bool multiline)
{
	escape_text(b, text, size, multiline);
}
