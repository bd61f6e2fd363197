/* SPDX-License-Identifier: MIT */
/*
 * plan --against: one process that is confined reads the world and the
 * snapshot, which was opened before, and plans. It can open nothing else,
 * start nothing, and has no socket; nor is one opened before.
 */
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/host/linux/process/confined.h"
#include "lib/host/linux/source/open.h"
#include "lib/host/linux/process/sandbox.h"
#include "lib/provenance.h"
#include "lib/report/report.h"
#include "lib/session/session.h"
#include "lib/snapshot/recorded.h"
#include "lib/text/source.h"

/* An exit status of the process: again, with a library that it wants. */
enum { WANTS_LIBRARY = 12 };

struct review {
	struct session session;
	struct buf snapshot; /* the file's bytes */
};

static struct session *session_of(void *review)
{
	return &((struct review *)review)->session;
}

/* --- in the process --- */

/* The world, the repository that it is a commit of, or a manifest's folder. */
static const char *folder_of(struct session *s)
{
	size_t n;

	if (s->rev)
		return s->place.repository;
	if (s->world)
		return s->world;
	n = path_parent(s->path);
	return arena_strndup(&s->arena, s->path, n);
}

/* Nothing else can be opened in it. */
static bool enter(void *review, int out, struct diags *d)
{
	struct session *s = session_of(review);
	const char *from = folder_of(s);
	const struct sandbox sandbox = { .at = -1,
					 .reads = &from,
					 .nreads = 1,
					 .writes = &out,
					 .nwrites = 1,
					 .closes = true,
					 .seconds = s->seconds };

	return sandbox_enter(&sandbox, d);
}

static json_t *head_of(const struct recorded *r)
{
	return json_pack("{s:s, s:s, s:s*}", "host", r->host, "time",
			 json_string_value(json_object_get(
				 json_object_get(r->json, "recorded"), "time")),
			 "revision", r->revision);
}

static void show(struct session *s, struct against *a, const struct recorded *r)
{
	json_t *head = head_of(r);

	/* for people: a document is the same whenever it is made */
	if (!s->view->plan)
		json_object_set_new(head, "age",
				    json_integer((json_int_t)time(NULL) -
						 (json_int_t)r->time));

	session_show_plan(s, &a->plan, head);
	json_decref(head);
}

static int plan(struct session *s, const struct recorded *r)
{
	struct against a = { .shown = s->shown,
			     .host = s->options->host,
			     .options = session_plan_options(s) };
	int status = CONVERGE_CANNOT_RUN;

	s->host_name = a.host ? a.host : r->host;
	if (s->rev && !session_find_here(s))
		return status;
	session_path(s);
	a.tree = s->tree;
	a.file = s->file;
	a.is_world = s->world != NULL;
	a.commit = session_commit(s);
	if (s->world &&
	    !recorded_trust(r, s->tree, s->options->against, &s->diags)) {
		session_show_diags(s);
		return status;
	}
	if (against_plan(&a, r, &s->diags) && !session_wants()) {
		show(s, &a, r);
		status = session_plan_status(&a.plan);
	} else if (session_wants() && !s->seconds) {
		diags_release(&s->diags);
		status = WANTS_LIBRARY;
	}
	session_show_diags(s);
	against_release(&a);
	return status;
}

static int work(void *review, int out)
{
	struct review *v = review;
	struct session *s = &v->session;
	struct recorded r;
	int status = CONVERGE_CANNOT_RUN;

	(void)out;
	if (recorded_read(&r, buf_text(&v->snapshot), v->snapshot.size,
			  s->options->against, &s->diags))
		status = plan(s, &r);
	session_show_diags(s);
	recorded_release(&r);
	return status;
}

/* --- outside --- */

static void show_lost(void *review, const struct diags *d)
{
	const struct session *s = session_of(review);

	s->view->diags(s->view->context, d);
}

static bool told_to_stop(void *review)
{
	return stop_signal(&session_of(review)->stop) != 0;
}

static bool stopped(void *session)
{
	return stop_signal(&((struct session *)session)->stop) != 0;
}

static bool open_snapshot(struct review *v)
{
	struct session *s = &v->session;
	const char *path = linux_absolute(s->options->cwd, s->options->against,
					  &s->arena, &s->diags);
	struct tree *folder =
		path ? linux_open_beside(path, s->options->against, &s->diags)
		     : NULL;
	bool ok =
		folder && tree_read(folder, strrchr(path, '/') + 1,
				    SOURCE_MAX_BYTES, &v->snapshot, &s->diags);

	tree_close(folder);
	return ok;
}

static bool open_source(struct session *s)
{
	const struct converge_options *o = s->options;

	if (!o->source)
		return session_open_origin(s, false, stopped);
	return session_open_source(s, o->source, o->rev) &&
	       (!s->bundle || session_open_bundle(s, false, true, stopped));
}

static int run(struct review *v)
{
	struct session *s = &v->session;
	const struct confined c = { .work = work,
				    .lost = show_lost,
				    .stopped = told_to_stop,
				    .enter = enter,
				    .context = v };
	int status = WANTS_LIBRARY;

	if (!recorded_load(buf_text(&v->snapshot), v->snapshot.size, &s->diags))
		return CONVERGE_CANNOT_RUN;
	while (status == WANTS_LIBRARY) {
		AUTO_FD int out = -1;

		session_show_diags(s);
		if (!confined_run(&c, &out, &status, &s->diags))
			return CONVERGE_CANNOT_RUN;
		status = WEXITSTATUS(status);
		if (status == WANTS_LIBRARY && !session_load(s))
			return CONVERGE_CANNOT_RUN;
	}
	return status;
}

int converge_against(const struct converge_options *options,
		     const struct converge_view *view)
{
	struct review v = { 0 };
	struct session *s = &v.session;
	int status = CONVERGE_CANNOT_RUN;

	if (session_begin(s, options, view) &&
	    inherit_catch_stop(&s->stop, &s->diags) && open_snapshot(&v) &&
	    open_source(s))
		status = run(&v);
	if (s->stop.signal)
		status = CONVERGE_SIGNAL + s->stop.signal;
	session_end(s);
	buf_release(&v.snapshot);
	return status;
}
