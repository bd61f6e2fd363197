/* SPDX-License-Identifier: MIT */
/* The apply command: the pipeline on the real host, under the lock. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/host/linux/process/child.h"
#include "lib/host/linux/process/confined.h"
#include "lib/host/linux/source/open.h"
#include "lib/host/history.h"
#include "lib/host/recorder.h"
#include "lib/report/report.h"
#include "lib/report/saved.h"
#include "lib/session/session.h"
#include "lib/store/cache.h"

enum { HEAD = 4096 }; /* bytes of a plan that hold its format */

/* --- stopping --- */

static bool stopped(void *context)
{
	struct session *s = context;

	if (child_now() > s->deadline)
		s->overdue = true;
	return s->overdue || stop_signal(&s->stop) != 0;
}

/* Of a process that did not come to its end, or told why not. */
static int not_confined(struct session *s)
{
	if (s->stop.signal)
		return CONVERGE_SIGNAL + s->stop.signal;
	if (s->overdue)
		diag_error(&s->diags, "the deadline has passed; nothing was "
				      "done");
	return CONVERGE_CANNOT_RUN;
}

/* --- what the host tells the store --- */

static bool intend(void *context, const char *directory, const char *name,
		   struct diags *d)
{
	struct session *s = context;

	return store_intend(s->store, directory, name, d);
}

static bool intended(void *context, struct diags *d)
{
	struct session *s = context;

	return store_sync(s->store, d);
}

static bool disown(void *context, const char *directory, const char *name,
		   struct diags *d)
{
	struct session *s = context;

	return store_cleaned(s->store, directory, name, d);
}

static void kept(void *context, size_t mark, const char *path,
		 const struct node *node, const char *digest,
		 const char *target)
{
	struct session *s = context;

	/* While it cleans up there is no plan yet, and no run. */
	if (!s->plan.n) {
		s->kept += digest != NULL;
		return;
	}

	struct backup b = {
		.resource = s->applied.v[mark]->res->id,
		.path = path,
		.type = node->type == NODE_LINK ? "link" : "file",
		.digest = digest,
		.target = target,
		.mode = node->mode,
		.uid = node->uid,
		.gid = node->gid,
		.size = (int64_t)node->size,
		.mtime = node->mtime,
		.time = time(NULL),
	};

	store_backup(s->store, &b, &s->diags);
}

/* --- what apply tells the store --- */

static bool note_past(struct session *s, int64_t id, const struct past *past,
		      struct diags *d)
{
	const struct commit *c = &past->commit;
	const struct past_record record = {
		.change = id,
		.revision = c->id,
		.date = c->date,
		.author = c->author ? c->author : "",
		.subject = c->subject ? c->subject : "",
	};

	return store_past(s->store, &record, d);
}

/* A change as the store has it, and what its texts live in. */
struct change_note {
	json_t *report;
	char *attributes;
	struct change_record record;
};

static struct change_note note(const struct session *s, const struct change *c)
{
	json_t *j = report_change(&s->plan, c);
	char *attributes =
		json_dumps(json_object_get(j, "attributes"), JSON_COMPACT);
	const struct change_record record = {
		.resource = c->res->id,
		.action = action_name(c->action),
		.digest = json_string_value(json_object_get(j, "change")),
		.attributes = attributes,
		.result = RESULT_PLANNED,
	};

	return (struct change_note){ j, attributes, record };
}

static void change_note_release(struct change_note *n)
{
	free(n->attributes);
	json_decref(n->report);
}

static bool planned(void *context, size_t i, const struct change *c,
		    struct diags *d)
{
	struct session *s = context;
	AUTO(change_note_release) struct change_note n = note(s, c);

	s->ids = arena_grow(&s->arena, s->ids, i, &s->nids, sizeof(*s->ids));
	return store_change(s->store, &n.record, &s->ids[i], d) &&
	       (!c->past || note_past(s, s->ids[i], c->past, d));
}

static bool became(void *context, size_t i, const struct change *c,
		   struct diags *d)
{
	struct session *s = context;
	AUTO(change_note_release) struct change_note n = note(s, c);

	return store_became(s->store, s->ids[i], &n.record, d);
}

static bool owe(void *context, const char *target, const char *cause,
		struct diags *d)
{
	struct session *s = context;

	return store_owe(s->store, target, cause, "changed", d);
}

static bool forgive(void *context, const char *target, const char *cause,
		    struct diags *d)
{
	struct session *s = context;

	return !store_failed(s->store) &&
	       store_forgive(s->store, target, cause, d);
}

static bool paid(void *context, const char *target, struct diags *d)
{
	struct session *s = context;

	return store_paid(s->store, target, d);
}

/* Once the store has failed, that was said. */
static bool ended(void *context, size_t i, enum verdict verdict,
		  const char *text, struct diags *d)
{
	static const enum result results[] = {
		[VERDICT_NONE] = RESULT_PLANNED,
		[VERDICT_STAGED] = RESULT_PLANNED,
		[VERDICT_DONE] = RESULT_DONE,
		[VERDICT_UNCHANGED] = RESULT_UNCHANGED,
		[VERDICT_FAILED] = RESULT_FAILED,
		[VERDICT_SKIPPED] = RESULT_SKIPPED,
		[VERDICT_WITHHELD] = RESULT_WITHHELD,
		[VERDICT_LEFT] = RESULT_SKIPPED,
	};
	struct session *s = context;
	const struct change *c = s->applied.v[i];
	enum action action = s->applied.actions[i];
	bool ok = !store_failed(s->store) &&
		  store_outcome(s->store, s->ids[i], results[verdict], text, d);

	if (ok && verdict == VERDICT_DONE && action == ACTION_CREATE)
		ok = store_created(s->store, c->res->id, resource_path(c->res),
				   d);
	if (ok && verdict == VERDICT_DONE && action == ACTION_REMOVE)
		ok = store_gone(s->store, c->res->id, d);
	if (ok && verdict == VERDICT_DONE)
		ok = session_note_made(s, c, action, d);
	return ok;
}

static bool sync_store(void *context, struct diags *d)
{
	struct session *s = context;

	return store_sync(s->store, d);
}

static void event(void *context, const struct change *c, enum verdict verdict,
		  const char *text)
{
	struct session *s = context;
	json_t *j = report_event(&s->plan, c, verdict, text);

	s->view->event(s->view->context, j);
	json_decref(j);
}

/* --- saved plans: their JSON is read by processes that are confined --- */

/* A plan names its format first. */
static bool begins_as_saved(struct session *s)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	char begin[HEAD + 1] = "";
	struct reader r;
	long n;

	if (!s->file || !tree_open(s->tree, s->file, &r, &ignored))
		return false;
	n = reader_next(&r, begin, HEAD);
	reader_close(&r);
	return n > 0 && strstr(begin, "\"converge.plan/");
}

enum { IS_NONE = 10 };

static int tell_head(void *context, int out)
{
	struct session *s = context;
	json_t *saved = saved_parse(s->saved_text.text, s->saved_text.size);
	struct saved_head head;
	struct pack p;
	bool ok;

	if (!saved)
		return IS_NONE;
	ok = saved_read_head(saved, &s->arena, &head, &s->diags);
	if (ok) {
		saved_pack_head(&p, pack_begin(&p, &head, sizeof(head)));
		ok = pack_write(&p, session_write, &out);
		pack_release(&p);
	}
	session_show_diags(s);
	json_decref(saved);
	return ok ? CONVERGE_OK : CONVERGE_CANNOT_RUN;
}

static bool take_head(struct session *s, int fd)
{
	size_t size;
	void *block = linux_map(fd, &size);
	struct saved_head *head;
	struct pack p;

	head = block ? unpack_begin(&p, block, size, sizeof(*head)) : NULL;
	if (head)
		saved_pack_head(&p, head);
	s->saved = head;
	return (head && unpack_end(&p)) ||
	       diag_error(&s->diags, "the saved plan cannot be read");
}

/* Whether the source could be read; saved stays NULL if it is a manifest. */
static bool read_saved(struct session *s)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO_FD int fd = -1;
	int status;

	if (s->rev || !begins_as_saved(s) ||
	    !tree_read(s->tree, s->file, SAVED_MAX_BYTES, &s->saved_text,
		       &ignored))
		return true;
	if (!session_confined(s, tell_head, stopped, &fd, &status))
		return false;
	if (status == IS_NONE)
		return true;
	return status == CONVERGE_OK && take_head(s, fd);
}

/* On to the manifest that a saved plan was made from, on its terms. */
static bool follow_saved(struct session *s)
{
	const struct converge_options *o = s->options;

	if (!s->saved)
		return true;
	tree_close(s->tree);
	s->tree = NULL;
	s->file = s->path = s->shown = NULL;
	if (o->nonly || o->ntags || o->max_disruption)
		return diag_error(&s->diags,
				  "a saved plan is done as it was made: "
				  "--only, --tags and --max-disruption are for "
				  "plan");
	s->terms = s->saved->terms;
	return session_open_source(s, s->saved->path, s->saved->revision);
}

static int compare(void *context, int out)
{
	struct session *s = context;
	json_t *saved = saved_parse(s->saved_text.text, s->saved_text.size);
	json_t *now = report_plan(&s->plan);
	const char *key = saved_key(saved);
	bool ok;

	(void)out;
	report_seals(&s->plan, now, key ? key : "");
	ok = saved_matches(saved, now, &s->diags);
	session_show_diags(s);
	json_decref(now);
	json_decref(saved);
	return ok ? CONVERGE_OK : CONVERGE_STALE;
}

/* The status of a plan that is not the saved one, or 0. */
static int compare_saved(struct session *s)
{
	AUTO_FD int fd = -1;
	int status;

	if (!session_confined(s, compare, stopped, &fd, &status))
		return not_confined(s);
	return status == CONVERGE_OK || status == CONVERGE_STALE
		       ? status
		       : CONVERGE_CANNOT_RUN;
}

/* --- the run --- */

static bool told_to_stop(void *context)
{
	struct session *s = context;

	return stop_signal(&s->stop) != 0;
}

/* Until the deadline at most: past it, as past any other time, it is told who
 * holds the lock. */
static int take_lock(struct session *s)
{
	const struct converge_options *o = s->options;
	int64_t left = s->deadline - child_now();
	struct lock_wait wait = { .timeout = left > 0 ? left : 0,
				  .stopped = told_to_stop,
				  .context = s };

	if (o->wait >= 0 && o->wait < wait.timeout)
		wait.timeout = o->wait;

	if (!folder_open(&s->folder, s->state, true, &s->arena, &s->diags))
		return CONVERGE_CANNOT_RUN;
	switch (folder_lock(&s->folder, &wait, o->command, &s->diags)) {
	case LOCK_TAKEN:
		return CONVERGE_OK;
	case LOCK_BUSY:
		return CONVERGE_BUSY;
	case LOCK_STOPPED:
		return CONVERGE_SIGNAL + s->stop.signal;
	case LOCK_FAILED:
		break;
	}
	return CONVERGE_CANNOT_RUN;
}

static bool open_host(struct session *s)
{
	struct linux_options o = { .root = s->root,
				   .writable = true,
				   .state = s->folder.path,
				   .backup_fd = s->folder.backup,
				   .kept = kept,
				   .intend = intend,
				   .intended = intended,
				   .disown = disown,
				   .stopped = stopped,
				   .context = s };

	s->store = store_open(&s->folder, &s->arena, &s->remembered, &s->diags);
	if (!s->store)
		return false;
	s->host = host_linux(&o, &s->diags);
	return s->host != NULL;
}

/* What cannot be cleaned now stays on the list: whoever can cause that, in a
 * folder of his own, must not stop all runs by it. */
static bool clean(struct session *s, const struct leftover *l)
{
	AUTO_DIAGS struct diags d = { 0 };

	if (host_linux_clean(s->host, l->directory, l->name, &d))
		return store_cleaned(s->store, l->directory, l->name,
				     &s->diags);
	diag_warning(&s->diags, "run %lld left '%s' in '%s': %s",
		     (long long)l->run, l->name, l->directory, d.v[0].text);
	return true;
}

/* The first act of a run: what an earlier one left behind goes. */
static bool recover(struct session *s)
{
	const struct remembered *r = &s->remembered;

	for (size_t i = 0; i < r->nleftovers; i++)
		if (!clean(s, &r->leftovers[i]))
			return false;
	if (!host_linux_clean_policy(s->host, &s->diags))
		return false;
	if (s->kept)
		diag_warning(&s->diags,
			     "an earlier run was cut short; the content that "
			     "it left aside is kept in '%s/backup'",
			     s->state);
	return true;
}

static struct run_counts counts_of(const struct session *s,
				   const struct applied *a)
{
	return (struct run_counts){
		.created = (int64_t)a->done[ACTION_CREATE],
		.updated = (int64_t)a->done[ACTION_UPDATE],
		.removed = (int64_t)a->done[ACTION_REMOVE],
		.refreshed = (int64_t)a->done[ACTION_REFRESH],
		.failed = (int64_t)(a->counts[VERDICT_FAILED] +
				    a->counts[VERDICT_SKIPPED]),
		.withheld = (int64_t)a->counts[VERDICT_WITHHELD],
		.unchanged = (int64_t)(s->plan.unchanged +
				       a->counts[VERDICT_UNCHANGED]),
	};
}

static bool has_changed(const struct applied *a)
{
	return a->counts[VERDICT_DONE] > 0;
}

static int apply_status(struct session *s, const struct applied *a)
{
	bool failed = a->counts[VERDICT_FAILED] || a->counts[VERDICT_SKIPPED] ||
		      s->overdue;
	bool told = s->options->detailed && has_changed(a);

	if (s->stop.signal)
		return CONVERGE_SIGNAL + s->stop.signal;
	if (failed)
		return CONVERGE_FAILED | (told ? CONVERGE_DRIFT : 0);
	if (a->counts[VERDICT_WITHHELD])
		return CONVERGE_WITHHELD;
	return told ? CONVERGE_DRIFT : CONVERGE_OK;
}

static void show_start(struct session *s)
{
	json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:I}", "format",
			      "converge.event/1", "event", "start", "host",
			      s->manifest.host, "source", s->manifest.name,
			      "run", (json_int_t)store_run(s->store));

	report_commit(j, session_commit(s));
	s->view->event(s->view->context, j);
	json_decref(j);
}

static void show_end(struct session *s, const struct applied *a, int status)
{
	json_t *j = report_end(&s->plan, a, status);

	s->view->event(s->view->context, j);
	json_decref(j);
}

/* What failed may have left a temporary name: the next run sees to it. */
static bool settle(struct session *s, const struct applied *a)
{
	return a->counts[VERDICT_FAILED] || store_settled(s->store, &s->diags);
}

/* A store that failed has said so, and would say nothing else. */
static bool finish(struct session *s, int status)
{
	const struct run_counts counts = counts_of(s, &s->applied);

	if (store_failed(s->store) && s->diags.errors)
		return false;
	return settle(s, &s->applied) && session_adopt(s) && session_tidy(s) &&
	       store_end(s->store, time(NULL), status, &counts, &s->diags) &&
	       (s->plan.n ? store_sync(s->store, &s->diags)
			  : store_flush(s->store, &s->diags));
}

static int run(struct session *s)
{
	struct apply_options o = {
		.ledger = { s, planned, became, owe, forgive, paid, ended,
			    sync_store },
		.event = event,
		.context = s,
		.stopped = stopped,
		.exact = s->saved != NULL,
	};
	struct run_record record = { .host = s->manifest.host,
				     .source = session_path(s),
				     .revision = s->commit.id,
				     .command = s->options->command,
				     .pid = getpid(),
				     .started = time(NULL) };
	int status;
	bool ok = true;

	if (!store_begin(s->store, &record, &s->diags))
		return CONVERGE_CANNOT_RUN;
	if (!session_note_sealed(s, &s->diags))
		return CONVERGE_CANNOT_RUN;
	show_start(s);
	if (s->plan.n || s->plan.forgotten.n)
		ok = apply_plan(&s->applied, &s->plan, s->host, &o, &s->diags);
	status = ok ? apply_status(s, &s->applied) : CONVERGE_FAILED;
	if (!finish(s, status))
		status = converge_failed(status);
	if (s->overdue)
		diag_error(&s->diags, "the deadline has passed; the rest was "
				      "left undone");
	show_end(s, &s->applied, status);
	return status;
}

/* Services that are managed: what is installed shall not start them before
 * their configuration is there. */
static const struct strings *services(struct session *s)
{
	struct strings *names = arena_new(&s->arena, struct strings);

	for (size_t i = 0; i < s->catalog.n; i++)
		if (strcmp(s->catalog.v[i]->module->name, "service") == 0)
			strings_add(names, &s->arena,
				    resource_name(s->catalog.v[i]));
	return names;
}

static bool may_change(struct session *s)
{
	if (s->root[1] || geteuid() == 0)
		return true;
	diag_error(&s->diags, "only root can apply to this host");
	diag_hint(&s->diags, "use sudo, or --root DIR to try it on a folder");
	return false;
}

static int prepared(struct session *s)
{
	int status = CONVERGE_CANNOT_RUN;

	if (!may_change(s))
		return status;
	status = take_lock(s);
	if (status != CONVERGE_OK)
		return status;
	if (!open_host(s) || !recover(s))
		return CONVERGE_CANNOT_RUN;
	/* of a bundle, agent.json may tell which host this is */
	if (!s->bundle && session_is_elsewhere(s))
		return CONVERGE_STALE;
	if (!s->options->source && !session_open_origin(s, true, stopped))
		return not_confined(s);
	if (s->bundle && !session_open_bundle(s, true, false, stopped))
		return s->is_elsewhere ? CONVERGE_STALE : not_confined(s);
	if (s->rev && !session_find_commit(s, stopped))
		return not_confined(s);
	s->cache = cache_open(&s->folder);
	if (!session_recall(s) && !session_compile(s, stopped))
		return not_confined(s);
	if (!session_keep_origin(s))
		return CONVERGE_CANNOT_RUN;
	s->host->services = services(s);
	s->host->fetches = !s->saved;
	/* what a saved plan does not know is not known here either */
	if (!session_plan(s, s->saved ? NULL : s->host))
		return CONVERGE_CANNOT_RUN;
	if (s->saved)
		status = compare_saved(s);
	if (status != CONVERGE_OK)
		return status;
	session_trace(s, stopped);
	if (session_is_followed(s) && !session_note_look(s, true))
		return CONVERGE_CANNOT_RUN;
	return run(s);
}

/* A run that cannot begin is told by no run: of what the host follows it is
 * told as a look. */
static int attempt(struct session *s)
{
	int status = prepared(s);

	if (status == CONVERGE_CANNOT_RUN && session_is_followed(s) &&
	    s->store && !store_run(s->store) && !s->stop.signal)
		session_note_look(s, false);
	return status;
}

/* What the host is now, for plans that are made elsewhere. A plan was made
 * already, and still holds if nothing was changed. */
static bool leave_snapshot(struct session *s)
{
	AUTO_FREE char *text = NULL;

	s->host->acting = false; /* guards may only look again */
	if (has_changed(&s->applied)) {
		noted_release(s->noted);
		if (!session_plan(s, NULL))
			return false;
	}
	if (!store_load(&s->folder, &s->arena, &s->remembered, &s->diags))
		return false;
	text = session_record(s);
	return text &&
	       session_save_record(s, text, strlen(text), s->options->snapshot);
}

static int with_snapshot(struct session *s, int status)
{
	if (!s->noted || !s->store || !store_run(s->store))
		return status;
	if (s->stop.signal || s->overdue) {
		diag_warning(&s->diags,
			     "no snapshot was left in '%s', since "
			     "the run did not come to its end",
			     s->options->snapshot);
		return status;
	}
	return leave_snapshot(s) ? status : converge_failed(status);
}

static int with_source(struct session *s)
{
	const struct converge_options *o = s->options;

	if (!session_open_source(s, o->source, o->rev))
		return CONVERGE_CANNOT_RUN;
	if (!read_saved(s))
		return not_confined(s);
	return follow_saved(s) && session_may_go_back(s) ? attempt(s)
							 : CONVERGE_CANNOT_RUN;
}

int converge_apply(const struct converge_options *options,
		   const struct converge_view *view)
{
	int status = CONVERGE_CANNOT_RUN;
	struct noted noted = { 0 };
	struct session s;

	if (session_begin(&s, options, view) &&
	    inherit_catch_stop(&s.stop, &s.diags)) {
		s.deadline = child_now() + options->deadline;
		if (options->snapshot)
			s.noted = &noted;
		status = options->source ? with_source(&s) : attempt(&s);
		status = with_snapshot(&s, status);
	}
	session_end(&s);
	noted_release(&noted);
	return status;
}
