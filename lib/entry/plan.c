/* SPDX-License-Identifier: MIT */
/* The plan command: the pipeline up to the plan, in a sandbox. */
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>

#include "lib/host/linux/process/broker.h"
#include "lib/host/linux/source/open.h"
#include "lib/host/linux/process/sandbox.h"
#include "lib/report/report.h"
#include "lib/report/saved.h"
#include "lib/session/session.h"
#include "lib/store/cache.h"
#include "lib/text/escape.h"

/* What earlier runs left is opened before the sandbox closes. */
static bool remember(struct session *s)
{
	if (!folder_open(&s->folder, s->state, false, &s->arena, &s->diags))
		return false;
	s->cache = cache_open(&s->folder);
	return store_load(&s->folder, &s->arena, &s->remembered, &s->diags);
}

static bool enter_sandbox(struct session *s, const struct broker *broker)
{
	const char *everything = "/";
	const int writes[] = { broker_fd(broker), s->record };
	struct sandbox sandbox = { .at = -1,
				   .reads = &everything,
				   .nreads = 1,
				   .writes = writes,
				   .nwrites = s->record < 0 ? 1 : 2,
				   .seconds = s->seconds };

	return sandbox_enter(&sandbox, &s->diags);
}

/* Of the seals: see report_seals. */
static const char *new_key(struct arena *a)
{
	unsigned char bytes[DIGEST_SIZE];
	char hex[DIGEST_HEX];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return NULL;
	return arena_strdup(a, digest_hex(bytes, hex));
}

/* What apply needs to make the same plan again. */
static json_t *saved_document(struct session *s, const char *path,
			      const char *key)
{
	json_t *document = report_plan(&s->plan);

	json_object_set_new(document, "path", json_string(path));
	json_object_set_new(document, "terms", saved_terms_json(&s->terms));
	json_object_set_new(document, "key", json_string(key));
	report_seals(&s->plan, document, key);
	return document;
}

static bool save(struct session *s, struct broker *broker)
{
	const char *key = new_key(&s->arena);
	const char *path = linux_absolute(s->options->cwd, s->options->source,
					  &s->arena, &s->diags);
	json_t *document;
	char *text;
	bool ok;

	if (!path || !key)
		return path && diag_error(&s->diags, "no random numbers");
	if (!utf8_valid(path, strlen(path)) ||
	    !utf8_valid(s->root, strlen(s->root)))
		return diag_error(&s->diags, "a plan cannot be saved that is "
					     "made in a folder whose name is "
					     "not UTF-8");
	document = saved_document(s, path, key);
	text = json_dumps(document, JSON_INDENT(1) | JSON_ENSURE_ASCII);
	ok = strlen(text) <= SAVED_MAX_BYTES
		     ? broker_save(broker, text, strlen(text), &s->diags)
		     : diag_error(&s->diags, "the plan is too large to be "
					     "saved");
	free(text);
	json_decref(document);
	return ok;
}

static bool record(struct session *s)
{
	AUTO_FREE char *text = session_record(s);

	return text && (session_write(&s->record, text, strlen(text)) ||
			diag_error(&s->diags, "the snapshot is too large"));
}

/* An exit status of the planner: again, with a library that it wants. */
enum { WANTS_LIBRARY = 12 };

/* In the sandbox: everything that reads the manifest. */
static int planner(struct session *s, struct broker *broker)
{
	int status;

	if (!enter_sandbox(s, broker))
		return CONVERGE_CANNOT_RUN;
	if (s->rev && !session_find_here(s))
		return CONVERGE_CANNOT_RUN;
	if (!session_recall(s) && !session_read(s))
		return CONVERGE_CANNOT_RUN;
	if (session_wants()) {
		diags_release(&s->diags);
		return WANTS_LIBRARY;
	}
	if (!session_plan(s, NULL))
		return CONVERGE_CANNOT_RUN;
	if (s->record >= 0)
		return record(s) ? CONVERGE_OK : CONVERGE_CANNOT_RUN;
	session_trace_here(s);
	session_show_plan(s, &s->plan, NULL);
	status = session_plan_status(&s->plan);
	if (s->options->out && !save(s, broker))
		status = CONVERGE_CANNOT_RUN;
	return status;
}

static bool told_to_stop(void *context)
{
	struct session *s = context;

	return stop_signal(&s->stop) != 0;
}

/* That of a commit is opened by the planner, and here only to open secrets. */
static const struct tree *world(void *context)
{
	struct session *s = context;

	if (!s->tree && s->rev)
		session_find_commit(s, told_to_stop);
	return s->tree;
}

/* Outside of it: runs guards for the planner, and waits for its end. */
static int broker(struct session *s, struct broker *b, const struct host *host)
{
	int status;

	broker_give(b, world);
	status = broker_serve(b, host, told_to_stop, s, &s->diags);

	if (s->stop.signal)
		return CONVERGE_SIGNAL + s->stop.signal;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return CONVERGE_CANNOT_RUN;
}

static int fork_planner(struct session *s)
{
	const char *out = s->options->out;
	struct broker *b = broker_start(s->options->cwd, out, &s->diags);
	struct linux_options o = { .root = s->root,
				   .state = s->state,
				   .backup_fd = -1 };
	int status = CONVERGE_CANNOT_RUN;

	if (!b)
		return status;
	s->is_planner = broker_is_planner(b);
	if (s->is_planner)
		o.broker = b;
	o.stopped = told_to_stop;
	o.context = s;
	s->host = host_linux(&o, &s->diags);
	/* both sides open it, and one tells why it cannot */
	if (!s->host && broker_is_planner(b))
		diags_release(&s->diags);
	if (s->host)
		status = broker_is_planner(b) ? planner(s, b)
					      : broker(s, b, s->host);
	broker_free(b);
	return status;
}

/* The planner can load nothing, and only it knows what there is need of. */
static int plan(struct session *s)
{
	int status = fork_planner(s);

	if (status != WANTS_LIBRARY || s->is_planner)
		return status;
	host_close(s->host);
	s->host = NULL;
	return session_load(s) ? fork_planner(s) : CONVERGE_CANNOT_RUN;
}

static bool open_source(struct session *s)
{
	const struct converge_options *o = s->options;

	if (o->source)
		return session_open_source(s, o->source, o->rev) &&
		       session_may_go_back(s) &&
		       (!s->bundle ||
			session_open_bundle(s, false, false, told_to_stop));
	if (!o->out)
		return session_open_origin(s, false, told_to_stop);
	return diag_error(&s->diags, "to be saved, a plan must have a SOURCE");
}

int session_open_and_plan(struct session *s)
{
	if (!inherit_catch_stop(&s->stop, &s->diags) || !remember(s))
		return CONVERGE_CANNOT_RUN;
	if (open_source(s)) {
		session_show_diags(s);
		return plan(s);
	}
	return s->stop.signal ? CONVERGE_SIGNAL + s->stop.signal
			      : CONVERGE_CANNOT_RUN;
}

int converge_plan(const struct converge_options *options,
		  const struct converge_view *view)
{
	int status = CONVERGE_CANNOT_RUN;
	struct session s;

	if (session_begin(&s, options, view))
		status = session_open_and_plan(&s);
	session_end(&s);
	return status;
}
