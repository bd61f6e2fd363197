/* SPDX-License-Identifier: MIT */
#include "lib/session/session.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/base/path.h"
#include "lib/host/bundle.h"
#include "lib/host/recorder.h"
#include "lib/report/report.h"
#include "lib/host/linux/process/confined.h"
#include "lib/host/linux/source/open.h"

/* Where the root is a folder, the kernel's facts are those of the host that it
 * is on. */
static const struct host *machine_of(struct session *s)
{
	struct linux_options o = { .root = "/", .backup_fd = -1 };

	if (!s->root[1])
		return s->host;
	s->machine = host_linux(&o, &s->diags);
	return s->machine ? s->machine : s->host;
}

static struct facts *facts_of(struct session *s)
{
	if (!s->facts.tree) {
		s->facts.tree = s->host;
		s->facts.machine = machine_of(s);
		s->facts.diags = &s->diags;
	}
	return &s->facts;
}

json_t *session_facts(struct session *s, const char *name, size_t size)
{
	return facts_get(facts_of(s), name, size);
}

bool session_facts_hold(struct session *s, const json_t *asked)
{
	return facts_hold(facts_of(s), asked);
}

static json_t *gather(void *context, const char *name, size_t size)
{
	return session_facts(context, name, size);
}

static struct strings list(struct arena *a, const char *const *v, size_t n)
{
	struct strings s = { 0 };

	for (size_t i = 0; i < n; i++)
		strings_add(&s, a, v[i]);
	return s;
}

bool session_begin(struct session *s, const struct converge_options *options,
		   const struct converge_view *view)
{
	/* before a sandbox makes it nobody */
	*s = (struct session){ .facts.user = geteuid(),
			       .options = options,
			       .view = view,
			       .folder = FOLDER_NONE,
			       .origin = ORIGIN_NONE,
			       .saves = options->out,
			       .cache = -1,
			       .record = -1 };
	s->root = "/";
	if (options->root)
		s->root = linux_absolute(options->cwd, options->root, &s->arena,
					 &s->diags);
	if (!s->root)
		return false;
	if (options->state)
		s->state = linux_absolute(options->cwd, options->state,
					  &s->arena, &s->diags);
	else
		s->state = arena_printf(&s->arena, "%s/var/lib/converge",
					s->root[1] ? s->root : "");
	repository_clones_in(s->state);
	s->terms = (struct terms){
		.root = s->root,
		.only = list(&s->arena, options->only, options->nonly),
		.tags = list(&s->arena, options->tags, options->ntags),
		.max_disruption = options->max_disruption,
	};
	return s->state != NULL;
}

const char *session_own_path(const struct session *s)
{
	size_t n = strlen(s->root);

	if (!path_below(s->state, s->root, false))
		return NULL;
	return s->state + (s->root[n - 1] == '/' ? n - 1 : n);
}

/* The folder of that path, if it is a world. */
static bool open_world_at(struct session *s, const char *path)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct tree *tree = linux_open_folder(path);
	struct tree_entry entry = { 0 };

	if (tree &&
	    tree_entry(tree, "converge.json", &s->arena, &entry, &ignored) &&
	    entry.type == TREE_FILE) {
		s->tree = tree;
		s->world = path;
		return true;
	}
	tree_close(tree);
	return false;
}

/* The settings of a world: hosts stand beside the file. */
static bool open_world_of(struct session *s, const char *path)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	const char *folder = arena_strndup(&s->arena, path, path_parent(path));
	struct tree_entry entry = { 0 };

	if (strcmp(path_name(path), "converge.json") != 0 ||
	    !open_world_at(s, folder))
		return false;
	if (tree_entry(s->tree, "hosts", &s->arena, &entry, &ignored) &&
	    entry.type == TREE_DIRECTORY)
		return true;
	tree_close(s->tree);
	s->tree = NULL;
	s->world = NULL;
	return false;
}

/* The path of a world, of its settings, or of a host's file in one. */
static bool open_world(struct session *s, const char *path)
{
	size_t n = path_parent(path);
	const char *folder = arena_strndup(&s->arena, path, n);
	const char *file = arena_printf(&s->arena, "hosts/%s", path_name(path));

	if (open_world_at(s, path) || open_world_of(s, path))
		return true;
	if (n < 2 || strcmp(path_name(folder), "hosts") != 0 ||
	    !open_world_at(
		    s, arena_strndup(&s->arena, folder, path_parent(folder))))
		return false;
	s->file = file;
	s->path = path;
	return true;
}

/* Whether what the run saves replaces nothing that it reads, and nothing of
 * what runs remember. */
static bool spares(struct session *s, const char *source)
{
	const struct converge_options *o = s->options;
	const char *shown = s->saves ? s->saves : o->snapshot;
	const char *path =
		shown ? linux_absolute(o->cwd, shown, &s->arena, &s->diags)
		      : NULL;

	if (!path)
		return !shown;
	if (linux_is_of_source(path, source) ||
	    (s->world && linux_is_of_source(path, s->world)))
		return diag_error(&s->diags,
				  "'%s' is part of the source, and is not "
				  "replaced",
				  shown);
	return !linux_is_of_state(path, s->state) ||
	       diag_error(&s->diags,
			  "'%s' is part of the state folder, and is not "
			  "replaced",
			  shown);
}

static bool open_source(struct session *s, const char *whole, const char *path,
			const char *rev)
{
	if (bundle_is(whole)) {
		s->bundle = whole;
		s->shown = path;
		s->rev = rev;
		return true;
	}
	if (rev || commit_is_bare(whole))
		return session_open_commit(s, whole, path, rev ? rev : "HEAD");
	if (open_world(s, whole))
		return true;
	s->path = whole;
	s->shown = path;
	s->tree = linux_open_beside(whole, path, &s->diags);
	s->file = arena_strdup(&s->arena, path_name(whole));
	return s->tree != NULL;
}

bool session_open_source(struct session *s, const char *path, const char *rev)
{
	const char *whole =
		linux_absolute(s->options->cwd, path, &s->arena, &s->diags);

	if (!whole)
		return false;
	/* its folder is the world: that of the file, not of a link to it */
	whole = linux_follow(whole, &s->arena);
	return linux_may_be_source(path, whole, &s->diags) &&
	       open_source(s, whole, path, rev) && spares(s, whole);
}

const char *session_path(struct session *s)
{
	if (s->world && !s->path) {
		s->file = arena_printf(&s->arena, "hosts/%s.json",
				       session_host(s));
		s->path = arena_printf(&s->arena, "%s/%s", s->world, s->file);
	}
	return s->path;
}

const char *session_host(struct session *s)
{
	if (!s->host_name)
		s->host_name = s->options->host
				       ? s->options->host
				       : facts_host_name(s->host, &s->arena);
	return s->host_name;
}

bool session_read_manifest(struct session *s, struct manifest *m,
			   struct diags *d)
{
	struct strings *names = arena_new(&s->arena, struct strings);
	struct manifest_options o = { .host = session_host(s),
				      .host_is_given = s->options->host != NULL,
				      .facts = gather,
				      .context = s,
				      .fact_names = names,
				      .shown = s->shown,
				      .is_world = s->world != NULL };

	session_path(s);
	facts_list(names, &s->arena);
	return manifest_read(m, s->tree, s->file, &o, d);
}

bool session_read(struct session *s)
{
	bool ok = session_read_manifest(s, &s->manifest, &s->diags);

	s->manifest.own = session_own_path(s);
	s->manifest.commit = session_commit(s);
	ok &= !s->facts.wrong;
	if (!s->manifest.main)
		return false;
	/* all that is wrong is told in one run */
	ok &= external_read(&s->manifest.types, s->tree, &s->manifest.arena,
			    &s->diags);
	ok &= catalog_build(&s->catalog, &s->manifest,
			    s->manifest.types.modules, &s->diags);
	return graph_build(&s->graph, &s->catalog, &s->diags) && ok;
}

enum { SECONDS = 2 * TABLE_CPU /* for all archives and repositories */ };

bool session_wants(void)
{
	return tarball_is_wanted() || repository_is_wanted();
}

/* Which of them it is only the process knows that may not load it. */
bool session_load(struct session *s)
{
	s->seconds = SECONDS;
	return tarball_load(&s->diags) && repository_load(&s->diags);
}

static bool is_ours(struct session *s, const struct debt *debt)
{
	return !debt->source || strcmp(debt->source, session_path(s)) == 0;
}

static bool is_gone(struct session *s, const struct debt *debt)
{
	return !is_ours(s, debt) &&
	       linux_is_source_gone(debt->source, debt->is_commit);
}

/* What a manifest that is not there any more owes can only be forgotten, by
 * any other. */
struct owed *session_owed(struct session *s, size_t *n)
{
	const struct remembered *r = &s->remembered;
	struct owed *v = arena_array(&s->arena, struct owed, r->ndebts);

	*n = 0;
	for (size_t i = 0; i < r->ndebts; i++) {
		const struct debt *debt = &r->debts[i];
		bool gone = is_gone(s, debt);

		if (!*n || strcmp(v[*n - 1].target, debt->target) != 0)
			v[(*n)++] = (struct owed){
				.target = debt->target,
				.since = arena_printf(
					&s->arena, "run %lld, for %s",
					(long long)debt->run, debt->cause),
				.ours = true,
				.gone = gone ? debt->source : NULL,
			};
		v[*n - 1].ours &= gone || is_ours(s, debt);
	}
	return v;
}

bool session_adopt(struct session *s)
{
	const struct remembered *r = &s->remembered;
	bool ok = true;

	for (size_t i = 0; ok && i < r->ndebts; i++) {
		const struct debt *debt = &r->debts[i];

		if (catalog_find(&s->catalog, debt->target) && is_gone(s, debt))
			ok = store_adopt(s->store, debt, &s->diags);
	}
	return ok;
}

struct plan_options session_plan_options(const struct session *s)
{
	const struct converge_options *o = s->options;

	return (struct plan_options){
		.only = s->terms.only,
		.tags = s->terms.tags,
		.diffs = o->no_diffs    ? DIFFS_NONE
			 : o->all_diffs ? DIFFS_ALL
					: DIFFS_UPDATES,
		.max_disruption = disruption_parse(s->terms.max_disruption),
	};
}

/* A command may say what others in the catalog keep secret, whatever of it is
 * chosen: only what is opened is known, and not shown. */
static void open_secrets(struct session *s)
{
	for (size_t i = 0; i < s->catalog.n; i++) {
		AUTO_DIAGS struct diags ignored = { 0 };

		plan_opens(s->host, s->catalog.v[i], &ignored);
	}
}

bool session_plan(struct session *s, struct host *acting)
{
	struct plan_options p = session_plan_options(s);
	struct host *recorder =
		s->noted ? host_recorder(s->host, s->noted) : NULL;
	bool ok;

	open_secrets(s);
	p.acting = acting;
	p.owed = session_owed(s, &p.nowed);
	p.veiled = session_veiled(s);
	ok = plan_build(&s->plan, &s->graph, recorder ? recorder : s->host, &p,
			&s->diags);
	host_close(recorder);
	return ok;
}

static void show(void (*view)(void *, const json_t *), void *context,
		 json_t *piece)
{
	view(context, piece);
	json_decref(piece);
}

static json_t *with_snapshot(json_t *head, json_t *snapshot)
{
	if (snapshot)
		json_object_set(head, "snapshot", snapshot);
	return head;
}

void session_show_plan(const struct session *s, const struct plan *plan,
		       json_t *snapshot)
{
	const struct converge_view *v = s->view;

	if (v->plan) {
		show(v->plan, v->context,
		     with_snapshot(report_plan(plan), snapshot));
		return;
	}
	show(v->plan_head, v->context,
	     with_snapshot(report_head(plan), snapshot));
	for (size_t i = 0; v->plan_change && i < plan->n; i++)
		show(v->plan_change, v->context,
		     report_change(plan, plan->v[i]));
	show(v->plan_summary, v->context, report_summary(plan));
}

static void show_lost(void *context, const struct diags *d)
{
	struct session *s = context;

	s->view->diags(s->view->context, d);
}

bool session_confined(struct session *s, int (*work)(void *session, int out),
		      bool (*stopped)(void *session), int *out, int *status)
{
	const struct confined c = { .work = work,
				    .lost = show_lost,
				    .stopped = stopped,
				    .context = s,
				    .seconds = s->seconds };
	int ended;

	/* in the order of their making */
	session_show_diags(s);
	if (!confined_run(&c, out, &ended, &s->diags))
		return false;
	*status = WEXITSTATUS(ended);
	return true;
}

bool session_write(void *context, const void *bytes, size_t n)
{
	return write_all(*(const int *)context, bytes, n);
}

/* A file of a commit is not the one of that name that lies there. */
static void name_commit(const struct session *s, struct diags *d)
{
	const char *folder = s->place.path;

	for (size_t i = 0; i < d->n; i++) {
		struct place *at = &d->v[i].place;

		if (at->file && at->file[0] != '/')
			at->file =
				arena_printf(&d->arena, "%.*s:%s%s%s",
					     COMMIT_SHORT, s->commit.id, folder,
					     *folder ? "/" : "", at->file);
	}
}

static void note_wrong(struct session *s)
{
	for (size_t i = 0; !s->wrong && i < s->diags.n; i++) {
		const struct diag *d = &s->diags.v[i];
		const struct place *at = &d->place;
		AUTO_BUF struct buf b = { 0 };

		if (d->severity != SEVERITY_ERROR)
			continue;
		if (at->file)
			buf_puts(&b, at->file);
		if (at->file && at->line)
			buf_printf(&b, ":%zu:%zu", at->line, at->column);
		buf_printf(&b, "%s%s%s%s", at->file ? ": " : "",
			   d->subject ? d->subject : "", d->subject ? ": " : "",
			   d->text);
		s->wrong = arena_strdup(&s->arena, buf_text(&b));
	}
}

void session_show_diags(struct session *s)
{
	if (s->commit.id)
		name_commit(s, &s->diags);
	note_wrong(s);
	s->view->diags(s->view->context, &s->diags);
	diags_release(&s->diags);
}

enum { WRONG_MAX = 1000 /* bytes */ };

void session_hand_wrong(struct session *s, int out)
{
	if (session_is_followed(s) && s->wrong)
		session_write(&out, s->wrong, strlen(s->wrong));
}

void session_take_wrong(struct session *s, int fd)
{
	const char *text;
	size_t size = 0;

	if (!session_is_followed(s) || s->wrong || fd < 0)
		return;
	text = linux_map(fd, &size);
	if (text)
		s->wrong = arena_strndup(&s->arena, text,
					 size < WRONG_MAX ? size : WRONG_MAX);
}

void session_end(struct session *s)
{
	session_show_diags(s);
	host_close(s->host);
	host_close(s->machine);
	store_close(s->store, &s->diags);
	folder_close(&s->folder);
	if (s->cache >= 0)
		close(s->cache);
	session_show_diags(s);
#ifdef CONVERGE_FREES_ALL
	manifest_release(&s->manifest);
#endif
	tree_close(s->tree);
	if (!s->is_planner) /* the other process does */
		origin_release(&s->origin, &s->diags);
	session_show_diags(s);
	buf_release(&s->saved_text);
	facts_release(&s->facts);
	stop_release(&s->stop);
	arena_release(&s->arena);
}

int session_plan_status(const struct plan *plan)
{
	int status = CONVERGE_OK;

	for (size_t i = 0; i < plan->n; i++)
		status |= plan->v[i]->failed || plan->v[i]->skipped
				  ? CONVERGE_FAILED
				  : CONVERGE_DRIFT;
	return status;
}
