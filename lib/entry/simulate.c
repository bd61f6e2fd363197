/* SPDX-License-Identifier: MIT */
/*
 * The test command: processes that are confined, each with its share of the
 * hosts. They can open nothing but the world and the snapshots, start nothing,
 * and have no socket.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/host/linux/process/confined.h"
#include "lib/host/linux/source/open.h"
#include "lib/host/linux/process/sandbox.h"
#include "lib/host/squeeze.h"
#include "lib/host/sshsig.h"
#include "lib/session/session.h"
#include "lib/simulate/fleet.h"

enum { SHARES_MAX = 16 };

/* An exit status of a process: again, with a library that it wants. */
enum { WANTS_LIBRARY = 12 };

struct testing {
	struct session *session;
	const char *folder; /* that of snapshots, absolute; or NULL */
	struct tree *snapshots;
};

/* One process, and what it is to do. */
struct share {
	struct testing *testing;
	struct fleet fleet;
	pid_t child;
	int out;
	json_t *found;
};

static struct session *session_of(void *share)
{
	return ((struct share *)share)->testing->session;
}

/* --- in the process --- */

/* The world, the repository that it is a commit of, or a manifest's folder. */
static const char *world_of(struct session *s)
{
	if (s->rev)
		return s->place.repository;
	if (s->world)
		return s->world;
	return arena_strndup(&s->arena, s->path, path_parent(s->path));
}

static bool enter(void *share, int out, struct diags *d)
{
	const struct testing *t = ((struct share *)share)->testing;
	const char *reads[] = { world_of(t->session), t->folder };
	const struct sandbox sandbox = { .at = -1,
					 .reads = reads,
					 .nreads = t->folder ? 2 : 1,
					 .writes = &out,
					 .nwrites = 1,
					 .closes = true };

	return sandbox_enter(&sandbox, d);
}

static int work(void *context, int out)
{
	struct share *share = context;
	struct session *s = session_of(share);
	json_t *found = fleet_simulate(&share->fleet);
	char *text = json_dumps(found, JSON_COMPACT | JSON_SORT_KEYS);
	int status = CONVERGE_CANNOT_RUN;

	if (session_wants() && !s->seconds)
		status = WANTS_LIBRARY;
	else if (text && session_write(&out, text, strlen(text)))
		status = CONVERGE_OK;
	free(text);
	json_decref(found);
	return status;
}

/* --- outside --- */

static void show_lost(void *share, const struct diags *d)
{
	const struct converge_view *view = session_of(share)->view;

	view->diags(view->context, d);
}

static bool told_to_stop(void *share)
{
	return stop_signal(&session_of(share)->stop) != 0;
}

static struct confined confined_of(struct share *share)
{
	return (struct confined){ .work = work,
				  .lost = show_lost,
				  .stopped = told_to_stop,
				  .enter = enter,
				  .context = share,
				  .name = "the process that simulates" };
}

static bool take(struct share *share)
{
	size_t size;
	const char *text = linux_map(share->out, &size);

	share->found = text ? json_loadb(text, size, 0, NULL) : NULL;
	return share->found ||
	       diag_error(&session_of(share)->diags,
			  "the process that simulates gave no answer");
}

static int end(struct share *share)
{
	struct confined c = confined_of(share);
	int status;

	if (!confined_end(&c, share->child, &status, &session_of(share)->diags))
		return CONVERGE_CANNOT_RUN;
	status = WEXITSTATUS(status);
	return status == CONVERGE_OK && !take(share) ? CONVERGE_CANNOT_RUN
						     : status;
}

/* All that were started are waited for. The worst status. */
static int run_shares(struct share *v, size_t n, struct diags *d)
{
	int worst = CONVERGE_OK;
	size_t started = 0;

	for (; started < n && worst == CONVERGE_OK; started++) {
		struct confined c = confined_of(&v[started]);

		if (!confined_begin(&c, &v[started].out, &v[started].child, d))
			worst = CONVERGE_CANNOT_RUN;
	}
	if (worst != CONVERGE_OK)
		started--;
	for (size_t i = 0; i < started; i++) {
		int status = end(&v[i]);

		close(v[i].out);
		if (status != CONVERGE_OK && worst != CONVERGE_CANNOT_RUN)
			worst = status;
	}
	return worst;
}

static size_t count_shares(const struct session *s)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = s->world && processors > 1 ? (size_t)processors : 1;

	return n > SHARES_MAX ? SHARES_MAX : n;
}

static int simulate(struct testing *t, json_t **tests)
{
	struct session *s = t->session;
	const struct converge_options *o = s->options;
	const json_t *found[SHARES_MAX];
	struct share v[SHARES_MAX];
	size_t n = count_shares(s);
	int status;

	for (size_t i = 0; i < n; i++)
		v[i] = (struct share){ .testing = t,
				       .out = -1,
				       .fleet = { .tree = s->tree,
						  .is_world = s->world != NULL,
						  .file = s->file,
						  .commit = session_commit(s),
						  .hosts = o->hosts,
						  .nhosts = o->nhosts,
						  .snapshots = t->snapshots,
						  .thorough = o->thorough,
						  .share = i,
						  .shares = n } };
	status = run_shares(v, n, &s->diags);
	for (size_t i = 0; i < n; i++)
		found[i] = v[i].found;
	if (status == CONVERGE_OK)
		*tests = fleet_join(found, n);
	for (size_t i = 0; i < n; i++)
		json_decref(v[i].found);
	return status;
}

/* What it comes to: errors of the world outweigh what fails. */
static int judge(const json_t *tests)
{
	const json_t *summary = json_object_get(tests, "summary");

	if (json_integer_value(json_object_get(summary, "errors")))
		return CONVERGE_CANNOT_RUN;
	return json_integer_value(json_object_get(summary, "failures"))
		       ? CONVERGE_DRIFT
		       : CONVERGE_OK;
}

static int run(struct testing *t, json_t **tests)
{
	struct session *s = t->session;

	/* what snapshots may be: compressed, and signed */
	if (t->snapshots &&
	    (!squeeze_load(&s->diags) || !sshsig_load(&s->diags)))
		return CONVERGE_CANNOT_RUN;
	session_show_diags(s);
	if (simulate(t, tests) == WANTS_LIBRARY && session_load(s))
		simulate(t, tests);
	return *tests ? judge(*tests) : CONVERGE_CANNOT_RUN;
}

static bool open_snapshots(struct testing *t)
{
	struct session *s = t->session;
	const char *path = s->options->snapshots;

	if (!path)
		return true;
	t->folder = linux_absolute(s->options->cwd, path, &s->arena, &s->diags);
	if (!t->folder)
		return false;
	t->snapshots = linux_open_folder(t->folder);
	return t->snapshots ||
	       diag_error(&s->diags, "'%s' is no folder of snapshots", path);
}

static bool stopped(void *session)
{
	return stop_signal(&((struct session *)session)->stop) != 0;
}

static bool open_source(struct session *s)
{
	const struct converge_options *o = s->options;

	if (!o->source)
		return session_open_origin(s, false, stopped) &&
		       (!s->rev || session_find_commit(s, stopped));
	return session_open_source(s, o->source, o->rev) &&
	       (!s->bundle || session_open_bundle(s, false, true, stopped)) &&
	       (!s->rev || session_find_commit(s, stopped));
}

int converge_test(const struct converge_options *options,
		  const struct converge_view *view, json_t **tests)
{
	int status = CONVERGE_CANNOT_RUN;
	struct testing t = { 0 };
	struct session s;

	*tests = NULL;
	t.session = &s;
	if (session_begin(&s, options, view) &&
	    inherit_catch_stop(&s.stop, &s.diags) && open_snapshots(&t) &&
	    open_source(&s))
		status = run(&t, tests);
	if (s.stop.signal)
		status = CONVERGE_SIGNAL + s.stop.signal;
	tree_close(t.snapshots);
	session_end(&s);
	return status;
}
