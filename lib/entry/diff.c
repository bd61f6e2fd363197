/* SPDX-License-Identifier: MIT */
/*
 * The diff command: the revisions are found, the hosts compared, and the
 * history walked by processes that are confined; this one puts together what
 * they say.
 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/facts/facts.h"
#include "lib/host/between.h"
#include "lib/host/linux/process/confined.h"
#include "lib/host/linux/source/open.h"
#include "lib/host/linux/process/sandbox.h"
#include "lib/host/repository.h"
#include "lib/host/squeeze.h"
#include "lib/host/sshsig.h"
#include "lib/host/tarball.h"
#include "lib/report/report.h"
#include "lib/review/impact_dot.h"
#include "lib/review/names.h"
#include "lib/review/review.h"
#include "lib/session/session.h"
#include "lib/text/escape.h"

enum { SHARES_MAX = 16 };

/* The two revisions, as a confined process found them. */
struct revisions {
	struct commit old; /* that was asked for */
	struct commit new; /* the same; of a work tree what HEAD leads to */
	struct between between;
};

struct diffing {
	struct session *session;
	struct revisions *found;
	/* What is compared: what both come from, or just the old one. */
	const struct commit *base;
	struct tree *work_tree; /* NULL: two commits are compared */
	bool impact;            /* what the change touches is asked */
	const char *folder;     /* that of snapshots, absolute; or NULL */
	struct tree *snapshots; /* the same */
	json_t *document;
};

/* --- processes --- */

/* One that is confined, and what it is to do. */
struct process {
	struct diffing *diffing;
	int (*work)(struct process *, int out);
	/* of one that compares hosts: one of so many shares */
	size_t share, shares;
	pid_t child;
	int out;
	json_t *found;
};

static struct session *session_of(void *process)
{
	return ((struct process *)process)->diffing->session;
}

static bool told_to_stop(void *process)
{
	return stop_signal(&session_of(process)->stop) != 0;
}

static void show_lost(void *process, const struct diags *d)
{
	const struct converge_view *view = session_of(process)->view;

	view->diags(view->context, d);
}

static int work(void *process, int out)
{
	struct process *p = process;

	repository_are_elsewhere();
	return p->work(p, out);
}

/* The repository, with the work tree in it, and the snapshots: nothing else
 * can be opened. */
static bool enter(void *process, int out, struct diags *d)
{
	const struct diffing *f = ((struct process *)process)->diffing;
	const char *reads[] = { f->session->place.repository, f->folder };
	const struct sandbox sandbox = { .at = -1,
					 .reads = reads,
					 .nreads = f->folder ? 2 : 1,
					 .writes = &out,
					 .nwrites = 1,
					 .closes = true };

	return sandbox_enter(&sandbox, d);
}

static struct confined confined_of(struct process *process)
{
	return (struct confined){ .work = work,
				  .lost = show_lost,
				  .stopped = told_to_stop,
				  .enter = enter,
				  .context = process };
}

static bool begin(struct process *p)
{
	struct diags *d = &session_of(p)->diags;
	struct confined c = confined_of(p);

	return confined_begin(&c, &p->out, &p->child, d);
}

/* Whether it came to its end, and did its work. */
static bool end(struct process *p)
{
	struct confined c = confined_of(p);
	int status;

	return confined_end(&c, p->child, &status, &session_of(p)->diags) &&
	       WEXITSTATUS(status) == EXIT_SUCCESS;
}

static bool run(struct process *p)
{
	session_show_diags(session_of(p));
	return begin(p) && end(p);
}

/* --- the revisions --- */

static void revisions_pack(struct pack *p, struct revisions *r)
{
	commit_pack(p, &r->old);
	commit_pack(p, &r->new);
	between_pack(p, &r->between);
}

static bool find_revisions(struct session *s, struct revisions *r)
{
	const struct converge_options *o = s->options;
	const char *repository = s->place.repository;

	return commit_find(repository, o->old, &s->arena, &r->old, &s->diags) &&
	       commit_find(repository, o->new ? o->new : "HEAD", &s->arena,
			   &r->new, &s->diags) &&
	       between_find(repository, &r->old, &r->new, &s->arena,
			    &r->between, &s->diags);
}

static int find(struct process *process, int out)
{
	struct session *s = session_of(process);
	struct revisions r = { 0 };
	bool ok = find_revisions(s, &r);
	struct pack p;

	if (ok) {
		revisions_pack(&p, pack_begin(&p, &r, sizeof(r)));
		ok = pack_write(&p, session_write, &out);
		pack_release(&p);
	}
	session_show_diags(s);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool take_revisions(struct diffing *f)
{
	struct process process = { .diffing = f, .work = find, .out = -1 };
	struct pack p;
	size_t size;
	void *block;

	if (!run(&process))
		return false;
	block = linux_map(process.out, &size);
	close(process.out);
	f->found =
		block ? unpack_begin(&p, block, size, sizeof(*f->found)) : NULL;
	if (f->found) {
		revisions_pack(&p, f->found);
		if (unpack_end(&p))
			return true;
	}
	diag_error(&f->session->diags,
		   "the process that looks for the revisions gave none");
	return false;
}

static bool choose_base(struct diffing *f)
{
	struct session *s = f->session;
	const struct between *between = &f->found->between;
	bool exact = s->options->exact;

	f->base = exact ? &f->found->old : &between->base;
	if (exact || between->base.id)
		return true;
	diag_error(&s->diags, "'%s' and '%s' have no commit in common",
		   s->options->old, s->options->new ? s->options->new : "HEAD");
	if (between->ends)
		diag_hint(&s->diags,
			  "the repository is shallow: \"git fetch "
			  "--unshallow\" gets the rest of its history");
	else
		diag_hint(&s->diags, "--exact compares them all the same");
	return false;
}

/* --- hosts --- */

static bool open_trees(struct diffing *f, struct review *r, struct diags *d)
{
	struct session *s = f->session;
	struct tree *old = tree_of_commit(&s->place, f->base, d);
	struct tree *new = f->work_tree;

	if (old && !new)
		new = tree_of_commit(&s->place, &f->found->new, d);
	r->old = old;
	r->new = new;
	return old && new;
}

static bool find_settings(const struct tree *tree, enum tree_type *type,
			  struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct tree_entry e = { 0 };
	bool ok = tree_entry(tree, "converge.json", &a, &e, d);

	*type = e.type;
	return ok;
}

static bool no_world(const struct tree *tree, struct diags *d)
{
	return diag_error(d, "there is no converge.json in '%s'", tree->name);
}

/* A world may begin with the change: without any of it before. */
static bool are_worlds(struct review *r, struct diags *d)
{
	enum tree_type old, new;

	if (!find_settings(r->old, &old, d) || !find_settings(r->new, &new, d))
		return false;
	r->begins = old == TREE_ABSENT;
	if (new != TREE_FILE)
		return no_world(r->new, d);
	return old == TREE_FILE || r->begins || no_world(r->old, d);
}

static bool write_document(int out, const json_t *document)
{
	AUTO_FREE char *text = json_dumps(document, JSON_COMPACT);

	return text && session_write(&out, text, strlen(text));
}

static int compare(struct process *process, int out)
{
	struct session *s = session_of(process);
	struct strings *names = arena_new(&s->arena, struct strings);
	struct review r = { .fact_names = names,
			    .snapshots = process->diffing->snapshots,
			    .host = s->options->host,
			    .impact = process->diffing->impact,
			    .share = process->share,
			    .shares = process->shares };
	json_t *document = NULL;
	bool ok;

	facts_list(names, &s->arena);
	commit_keep_files();
	if (open_trees(process->diffing, &r, &s->diags) &&
	    are_worlds(&r, &s->diags))
		document = review_share(&r, &s->diags);
	ok = document && write_document(out, document);
	/* what is wrong with all is wrong with each */
	if (process->share == 0)
		session_show_diags(s);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

static json_t *read_document(int fd)
{
	size_t size;
	const char *text = linux_map(fd, &size);

	return text ? json_loadb(text, size, 0, NULL) : NULL;
}

static bool take_share(struct process *p)
{
	if (!end(p))
		return false;
	p->found = read_document(p->out);
	return p->found || diag_error(&session_of(p)->diags,
				      "a process that compares hosts gave no "
				      "answer");
}

/* All that were started are waited for. */
static bool run_shares(struct process *v, size_t n)
{
	size_t started = 0;
	bool ok = true;

	while (started < n && ok) {
		ok = begin(&v[started]);
		started += ok;
	}
	for (size_t i = 0; i < started; i++) {
		ok &= take_share(&v[i]);
		close(v[i].out);
	}
	return ok;
}

static bool compare_hosts(struct diffing *f)
{
	struct session *s = f->session;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = processors > 1 ? (size_t)processors : 1;
	json_t *found[SHARES_MAX];
	struct process v[SHARES_MAX];

	n = n < SHARES_MAX ? n : SHARES_MAX;
	for (size_t i = 0; i < n; i++)
		v[i] = (struct process){
			.diffing = f, .work = compare, .share = i, .shares = n
		};
	session_show_diags(s);
	if (run_shares(v, n)) {
		for (size_t i = 0; i < n; i++)
			found[i] = v[i].found;
		f->document = review_join(found, n, &s->diags);
	}
	for (size_t i = 0; i < n; i++)
		json_decref(v[i].found);
	return f->document != NULL;
}

/* --- the history of what changes --- */

static int trace(struct process *process, int out)
{
	struct diffing *f = process->diffing;
	struct session *s = f->session;
	AUTO_DIAGS struct diags wrong = { 0 };
	bool ok;

	if (!review_trace(f->document, s->place.repository, s->place.path,
			  &f->found->new, &f->found->between, &wrong))
		diag_warning(&s->diags,
			     "the history of the changes is not known%s%s",
			     wrong.n ? ": " : "",
			     wrong.n ? wrong.v[0].text : "");
	session_show_diags(s);
	ok = write_document(out, f->document);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool trace_changes(struct diffing *f)
{
	struct process process = { .diffing = f, .work = trace, .out = -1 };
	json_t *traced;

	if (!json_array_size(json_object_get(f->document, "groups")))
		return true;
	if (!run(&process))
		return false;
	traced = read_document(process.out);
	close(process.out);
	if (!traced)
		return diag_error(&f->session->diags,
				  "the process that walks the history gave no "
				  "answer");
	json_decref(f->document);
	f->document = traced;
	return true;
}

/* --- the head --- */

static json_t *commit_json(const struct commit *c)
{
	json_t *j = json_object();

	report_commit(j, c);
	return j;
}

static void add_head(struct diffing *f)
{
	const struct revisions *r = f->found;
	json_t *d = f->document;
	json_t *new = commit_json(&r->new);

	if (f->work_tree)
		json_object_set_new(new, "work_tree", json_true());
	json_object_set_new(d, "old", commit_json(f->base));
	json_object_set_new(d, "new", new);
	/* what was asked for, if it is not what all is compared with */
	if (strcmp(f->base->id, r->old.id) != 0)
		json_object_set_new(d, "asked", commit_json(&r->old));
}

/* --- the whole --- */

static bool open_world(struct diffing *f)
{
	struct session *s = f->session;
	const struct converge_options *o = s->options;
	const char *world = o->world ? o->world : ".";
	const char *path = linux_absolute(o->cwd, world, &s->arena, &s->diags);

	if (!path)
		return false;
	path = linux_follow(path, &s->arena);
	if (!session_open_commit(s, path, world, o->new ? o->new : "HEAD"))
		return false;
	s->place.shown = world;
	if (rev_wrong(o->old))
		return diag_error(&s->diags, "the revision '%s' %s", o->old,
				  rev_wrong(o->old));
	/* of what has no work tree HEAD is compared */
	if (o->new || commit_is_bare(path))
		return true;
	f->work_tree = linux_open_folder(path);
	return f->work_tree ||
	       diag_error(&s->diags, "'%s' is no folder", world);
}

/* The libraries that they may need are loaded before anybody is confined. */
static bool open_snapshots(struct diffing *f)
{
	struct session *s = f->session;
	const char *path = s->options->snapshots;

	if (!path)
		return true;
	f->folder = linux_absolute(s->options->cwd, path, &s->arena, &s->diags);
	if (!f->folder)
		return false;
	f->folder = linux_follow(f->folder, &s->arena);
	f->snapshots = linux_open_folder(f->folder);
	if (!f->snapshots)
		return diag_error(&s->diags, "'%s' is no folder", path);
	return squeeze_load(&s->diags) && sshsig_load(&s->diags) &&
	       tarball_load(&s->diags);
}

static int status_of(const json_t *document)
{
	const json_t *summary = json_object_get(document, "summary");
	const json_t *hosts = json_object_get(summary, "hosts"),
		     *unchanged = json_object_get(summary, "unchanged");

	if (json_integer_value(json_object_get(summary, "wrong")))
		return CONVERGE_CANNOT_RUN;
	return json_integer_value(hosts) == json_integer_value(unchanged)
		       ? CONVERGE_OK
		       : CONVERGE_DRIFT;
}

/* That something is touched is no finding, as that a host is wrong. */
static int status_of_impact(struct diffing *f)
{
	const json_t *summary = json_object_get(f->document, "summary");
	json_int_t wrong =
		json_integer_value(json_object_get(summary, "wrong"));

	json_object_set_new(f->document, "format",
			    json_string("converge.impact/1"));
	if (!wrong)
		return CONVERGE_OK;
	diag_error(&f->session->diags,
		   "%lld host%s wrong at the new revision: what the change "
		   "touches there is not known",
		   (long long)wrong, wrong == 1 ? " is" : "s are");
	return CONVERGE_CANNOT_RUN;
}

static int review(const struct converge_options *options,
		  const struct converge_view *view, bool impact, json_t **found)
{
	int status = CONVERGE_CANNOT_RUN;
	struct session s;
	struct diffing f = { .session = &s, .impact = impact };

	*found = NULL;
	if (session_begin(&s, options, view) &&
	    inherit_catch_stop(&s.stop, &s.diags) && open_world(&f) &&
	    open_snapshots(&f) && take_revisions(&f) && choose_base(&f) &&
	    compare_hosts(&f) && (impact || trace_changes(&f))) {
		add_head(&f);
		*found = json_incref(f.document);
		status = impact ? status_of_impact(&f) : status_of(*found);
	}
	json_decref(f.document);
	tree_close(f.work_tree);
	tree_close(f.snapshots);
	if (s.stop.signal)
		status = CONVERGE_SIGNAL + s.stop.signal;
	session_end(&s);
	return status;
}

int converge_diff(const struct converge_options *options,
		  const struct converge_view *view, json_t **diff)
{
	return review(options, view, false, diff);
}

int converge_impact(const struct converge_options *options,
		    const struct converge_view *view, json_t **impact,
		    struct buf *dot)
{
	int status = review(options, view, true, impact);

	if (*impact)
		impact_dot(*impact, dot);
	return status;
}

void converge_names(const json_t *names, size_t most, struct buf *out)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct strings list = { 0 };
	const json_t *name;
	const char *text;
	size_t i;

	json_array_foreach (names, i, name)
		strings_add(&list, &a, json_string_value(name));
	text = names_short(&list, most, &a);
	escape_text(out, text, strlen(text), false);
}
