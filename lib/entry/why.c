/* SPDX-License-Identifier: MIT */
/*
 * The why command: a process that is confined reads the manifest and, if there
 * is one, the history of its repository; this one knows what runs did.
 */
#include <string.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/host/linux/process/confined.h"
#include "lib/host/repository.h"
#include "lib/report/report.h"
#include "lib/review/origins.h"
#include "lib/session/session.h"
#include "lib/why.h"

enum { CHANGES_SHOWN = 5 };

static bool told_to_stop(void *context)
{
	struct session *s = context;

	return stop_signal(&s->stop) != 0;
}

/* --- in the process that is confined --- */

static bool write_document(struct session *s, const json_t *document, int out)
{
	char *text = json_dumps(document, JSON_COMPACT);
	bool ok = text && session_write(&out, text, strlen(text));

	free(text);
	return ok || diag_error(&s->diags, "the answer cannot be handed over");
}

/* Of a work tree the history is that of what HEAD leads to; what is wrong with
 * it is no reason to say nothing of the rest. */
static void find_head(struct session *s, struct why *why)
{
	AUTO_DIAGS struct diags wrong = { 0 };

	if (s->commit.id) {
		why->commit = &s->commit;
	} else if (s->place.repository) {
		if (commit_find(s->place.repository, "HEAD", &s->arena,
				&why->head, &wrong))
			why->committed =
				tree_of_commit(&s->place, &why->head, &wrong);
		if (why->committed)
			why->commit = &why->head;
		else
			why->unread = arena_strdup(&s->arena, wrong.v[0].text);
	}
}

/* Whether all hosts of the world are asked, or none of them is this machine:
 * then who asks reviews, and means all. */
static bool is_of_world(struct session *s)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	const struct converge_options *o = s->options;
	struct tree_entry e;
	const char *file;

	if (o->all || o->host || !o->source || !s->world || s->file)
		return o->all;
	file = arena_printf(&s->arena, "hosts/%s.json", session_host(s));
	return path_relative_wrong(file) ||
	       (tree_entry(s->tree, file, &s->arena, &e, &ignored) &&
		e.type == TREE_ABSENT);
}

/* As they are checked: nothing of this machine has to do with it. */
static json_t *find_origins(struct session *s, const struct why *why)
{
	struct strings *names = arena_new(&s->arena, struct strings);
	const char *source = s->options->source;

	repository_are_elsewhere();
	if (s->commit.id)
		commit_keep_files();
	facts_list(names, &s->arena);
	return origins_document(why, s->tree, names, source ? source : s->world,
				&s->diags);
}

static int work_for_all(struct session *s, struct why *why, int out)
{
	int status = CONVERGE_CANNOT_RUN;
	json_t *document;

	find_head(s, why);
	document = find_origins(s, why);
	if (document && write_document(s, document, out))
		status = CONVERGE_OK;
	json_decref(document);
	tree_close(why->committed);
	session_show_diags(s);
	return status;
}

static int work(void *context, int out)
{
	struct session *s = context;
	struct why why = { .graph = &s->graph,
			   .place = &s->place,
			   .id = s->options->id,
			   .arena = &s->arena };
	json_t *document;
	int status;

	if (is_of_world(s)) {
		why.graph = NULL;
		return work_for_all(s, &why, out);
	}
	if (session_read_confined(s, out, &status)) {
		find_head(s, &why);
		document = why_document(&why, &s->diags);
		if (document && write_document(s, document, out))
			status = CONVERGE_OK;
		json_decref(document);
		tree_close(why.committed);
	}
	session_show_diags(s);
	return status;
}

/* --- what runs did --- */

static bool run_json(struct session *s, const struct change_record *c,
		     json_t *list)
{
	struct runs runs;
	json_t *j;

	if (!store_run_of(&s->folder, c->run, &s->arena, &runs, &s->diags))
		return false;
	j = json_pack("{s:I, s:s, s:s}", "run", (json_int_t)c->run, "action",
		      c->action, "result", change_result(c));
	if (runs.n) {
		report_time(j, "time", runs.v[0].started);
		json_object_set_new(j, "command",
				    json_string(runs.v[0].command));
	}
	if (runs.n && runs.v[0].revision)
		json_object_set_new(j, "revision",
				    json_string(runs.v[0].revision));
	json_array_append_new(list, j);
	return true;
}

/* The newest first. */
static bool add_runs(struct session *s, json_t *document)
{
	json_t *list = json_array();
	struct changes changes;

	json_object_set_new(document, "runs", list);
	if (!store_changes_of(&s->folder, s->options->id, CHANGES_SHOWN,
			      &s->arena, &changes, &s->diags))
		return false;
	for (size_t i = 0; i < changes.n; i++)
		if (!run_json(s, &changes.v[i], list))
			return false;
	return true;
}

/* --- the whole --- */

static bool open_source(struct session *s)
{
	const struct converge_options *o = s->options;

	if (!o->source)
		return session_open_origin(s, false, told_to_stop);
	return session_open_source(s, o->source, o->rev) &&
	       (!s->bundle ||
		session_open_bundle(s, false, true, told_to_stop));
}

/* Once a commit is found it is known what the source is. */
static bool check_world(struct session *s)
{
	return !s->options->all || (s->world && !s->file) ||
	       diag_error(&s->diags, "'%s' is not a world: --all is for those",
			  s->options->source);
}

/* A folder may be the work tree of a repository; if not, there is no history.
 */
static bool find_history(struct session *s)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	const char *path = s->world;

	if (s->rev)
		return session_find_commit(s, told_to_stop);
	if (!path)
		path = arena_strndup(&s->arena, s->path, path_parent(s->path));
	if (commit_locate(*path ? path : "/", path, &s->arena, &s->place,
			  &ignored) &&
	    !repository_load(&ignored))
		s->place = (struct commit_place){ 0 };
	return true;
}

static json_t *read_document(struct session *s)
{
	AUTO_FD int fd = -1;
	json_t *document;
	const char *text;
	size_t size;
	int status;

	if (!session_make(s, work, told_to_stop, &fd, &status) ||
	    status != CONVERGE_OK)
		return NULL;
	text = linux_map(fd, &size);
	document = text ? json_loadb(text, size, 0, NULL) : NULL;
	if (!document)
		diag_error(&s->diags, "the process that reads the manifest "
				      "gave no answer");
	return document;
}

/* Who asks for all hosts need not be on one. */
static bool look(struct session *s)
{
	struct linux_options o = { .root = s->root, .backup_fd = -1 };

	if (s->options->all && s->options->source)
		return true;
	s->host = host_linux(&o, &s->diags);
	return s->host &&
	       folder_open(&s->folder, s->state, false, &s->arena, &s->diags) &&
	       store_load(&s->folder, &s->arena, &s->remembered, &s->diags);
}

static bool is_origins(const json_t *document)
{
	const char *format =
		json_string_value(json_object_get(document, "format"));

	return format && strcmp(format, "converge.origins/1") == 0;
}

/* Of the hosts that are wrong nobody can tell. */
static int status_of_origins(struct session *s, const json_t *document)
{
	json_int_t wrong = json_integer_value(
		json_object_get(json_object_get(document, "summary"), "wrong"));

	if (!wrong)
		return CONVERGE_OK;
	diag_error(&s->diags,
		   "%lld host%s errors, and %s not looked into: see converge "
		   "check",
		   (long long)wrong, wrong == 1 ? " has" : "s have",
		   wrong == 1 ? "was" : "were");
	return CONVERGE_CANNOT_RUN;
}

int converge_why(const struct converge_options *options,
		 const struct converge_view *view, json_t **why)
{
	int status = CONVERGE_CANNOT_RUN;
	struct session s;

	*why = NULL;
	if (session_begin(&s, options, view) &&
	    inherit_catch_stop(&s.stop, &s.diags) && look(&s) &&
	    open_source(&s) && find_history(&s) && check_world(&s)) {
		*why = read_document(&s);
		if (*why && is_origins(*why))
			status = status_of_origins(&s, *why);
		else if (*why && add_runs(&s, *why))
			status = CONVERGE_OK;
	}
	if (s.stop.signal)
		status = CONVERGE_SIGNAL + s.stop.signal;
	session_end(&s);
	return status;
}
