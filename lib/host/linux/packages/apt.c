/* SPDX-License-Identifier: MIT */
/*
 * apt-get(8) and dpkg(1). A transaction is first simulated: what it would
 * remove, or take in place of what was named, is refused before anything is
 * changed; and what cannot be had is told of by name, while the rest goes on.
 */
#include "lib/host/linux/packages/packages.h"

#include <string.h>

#include "lib/host/linux/packages/dpkg.h"

#define STATUS "/var/lib/dpkg/status"
#define UPDATES "/var/lib/dpkg/updates"
#define LISTS "/var/lib/apt/lists"
#define SOURCES "/etc/apt/sources.list"

enum { STATUS_MAX = 256 << 20, QUERY_TIMEOUT = 60000, LOCK_SECONDS = 60 };

struct apt {
	bool fresh;         /* nothing was changed since it was looked at */
	struct node status; /* as it was read */
	struct strings updates;
	struct arena arena;
	struct dpkg db;
};

/* --- looking --- */

static bool apt_is_there(const struct linux_host *h)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct node n;

	return host_look(&h->host, STATUS, &n, &ignored) && n.type == NODE_FILE;
}

static void apt_clear(struct apt *apt)
{
	dpkg_release(&apt->db);
	arena_release(&apt->arena);
	*apt = (struct apt){ 0 };
}

void apt_release(struct packages *p)
{
	if (p->apt)
		apt_clear(p->apt);
	free(p->apt);
	p->apt = NULL;
}

static void apt_forget(const struct linux_host *h)
{
	if (h->packages->apt)
		h->packages->apt->fresh = false;
}

static bool parse_file(const struct linux_host *h, struct apt *apt,
		       const char *path, struct diags *d)
{
	AUTO_BUF struct buf file = { 0 };
	bool whole;

	if (!host_read(&h->host, path, STATUS_MAX, &file, &whole, d))
		return false;
	if (!whole)
		return diag_error(d, "'%s' is larger than %d MiB", path,
				  STATUS_MAX >> 20);
	dpkg_parse(&apt->db,
		   arena_strndup(&apt->arena, buf_text(&file), file.size),
		   file.size);
	return true;
}

/* dpkg's journal: what it has done since it wrote the file last, each a number
 * and a stanza (dpkg's dbmodify.c). It is there when dpkg was killed. */
static bool list_updates(const struct linux_host *h, struct arena *a,
			 struct strings *names, struct diags *d)
{
	struct strings all;
	struct node n;

	*names = (struct strings){ 0 };
	if (!host_look(&h->host, UPDATES, &n, d))
		return false;
	if (n.type != NODE_DIRECTORY)
		return true;
	if (!host_list(&h->host, UPDATES, a, &all, d))
		return false;
	for (size_t i = 0; i < all.n; i++)
		if (!all.v[i][strspn(all.v[i], "0123456789")])
			strings_add(names, a, all.v[i]);
	return true;
}

static bool load_all(const struct linux_host *h, struct apt *apt,
		     struct diags *d)
{
	if (!parse_file(h, apt, STATUS, d))
		return false;
	for (size_t i = 0; i < apt->updates.n; i++)
		if (!parse_file(h, apt,
				arena_printf(&apt->arena, UPDATES "/%s",
					     apt->updates.v[i]),
				d))
			return false;
	return true;
}

/* What dpkg knows; read once, and again when it has changed. */
static const struct dpkg *load(const struct linux_host *h, struct diags *d)
{
	struct packages *p = h->packages;
	struct apt *apt = p->apt, next = { .fresh = true };

	if (apt && apt->fresh)
		return &apt->db;
	if (!host_look(&h->host, STATUS, &next.status, d) ||
	    !list_updates(h, &next.arena, &next.updates, d)) {
		apt_clear(&next);
		return NULL;
	}
	if (apt && node_same(&apt->status, &next.status) && !next.updates.n &&
	    !apt->updates.n) {
		apt_clear(&next);
		apt->fresh = true;
		return &apt->db;
	}
	apt_release(p);
	if (!load_all(h, &next, d)) {
		apt_clear(&next);
		return NULL;
	}
	p->apt = xrealloc(NULL, sizeof(*p->apt));
	*p->apt = next;
	return &p->apt->db;
}

static bool apt_look(const struct linux_host *h, const char *name,
		     struct arena *a, struct package *p, struct diags *d)
{
	const struct dpkg *db = load(h, d);
	const struct dpkg_entry *e = db ? dpkg_find(db, name) : NULL;

	if (!e)
		return db != NULL;
	p->state = e->state;
	p->hold = e->hold;
	if (e->state != PACKAGE_ABSENT && e->state != PACKAGE_CONFIG_FILES)
		p->version = arena_strdup(a, e->version);
	return true;
}

/* One of another architecture, beside the one that its bare name stands for. */
static const char *full_name(const struct dpkg *db, const struct dpkg_entry *e,
			     struct arena *a)
{
	if (dpkg_find(db, e->name) == e)
		return arena_strdup(a, e->name);
	return arena_printf(a, "%s:%s", e->name, e->architecture);
}

static bool apt_list(const struct linux_host *h, struct arena *a,
		     struct strings *names, bool *known, struct diags *d)
{
	const struct dpkg *db = load(h, d);

	*known = db;
	for (const struct dpkg_entry *e = db ? db->first : NULL; e; e = e->next)
		if (e->state != PACKAGE_ABSENT || e->hold)
			strings_add(names, a, full_name(db, e, a));
	return db;
}

/* --- commands --- */

static const char *const environment[] = {
	"LC_ALL=C.UTF-8",
	"APT_LISTCHANGES_FRONTEND=none",
	"APT_LISTBUGS_FRONTEND=none",
	"NEEDRESTART_MODE=l",
	"NEEDRESTART_SUSPEND=1",
	"UCF_FORCE_CONFFOLD=1",
};

static void add_words(struct strings *to, struct arena *a,
		      const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		strings_add(to, a, words[i]);
}

static struct command tool(struct arena *a, int64_t timeout)
{
	struct command c = { .umask = -1,
			     .timeout = timeout,
			     .grace = PACKAGES_GRACE };

	add_words(&c.env, a, environment, COUNT(environment));
	return c;
}

/* Old configuration stays where it was changed; no name is a pattern; nobody
 * is asked. */
static struct command apt_get(struct arena *a)
{
	static const char *const words[] = {
		"apt-get",
		"-y",
		"-q",
		"-o",
		"APT::Cmd::Pattern-Only=true",
		"-o",
		"Dpkg::Use-Pty=false",
		"-o",
		"Dpkg::Options::=--force-confdef",
		"-o",
		"Dpkg::Options::=--force-confold",
	};
	struct command c = tool(a, PACKAGES_TIMEOUT);

	add_words(&c.argv, a, words, COUNT(words));
	strings_add(&c.argv, a, "-o");
	strings_add(&c.argv, a,
		    arena_printf(a, "DPkg::Lock::Timeout=%d", LOCK_SECONDS));
	return c;
}

static bool says(const struct outcome *o, const char *text)
{
	return strstr(buf_text(&o->errors), text) ||
	       strstr(buf_text(&o->output), text);
}

static bool is_locked(const struct outcome *o)
{
	return says(o, "E: Could not get lock") ||
	       says(o, "E: Unable to lock") ||
	       says(o, "is locked by another process") ||
	       says(o, "was locked by another process");
}

static bool went_well(const struct outcome *o)
{
	return o->ending == ENDED_EXIT && o->code == 0;
}

/* What a command says, if it goes well; else NULL and *because. */
static const char *run_for(const struct linux_host *h, const struct command *c,
			   struct arena *a, const char **because)
{
	struct outcome o;
	const char *said = NULL;

	packages_run(h, c, is_locked, a, &o);
	if (went_well(&o))
		said = arena_strndup(a, buf_text(&o.output), o.output.size);
	else
		*because = packages_said(&o, c->argv.v[0], a);
	outcome_release(&o);
	return said;
}

/* --- what it would install --- */

/* Nothing may be written when it only looks: the cache of the lists, which is
 * there since they were fetched, is read, and the other one left alone. */
static struct command apt_cache(struct arena *a, const char *verb,
				const char *name)
{
	const char *words[] = { "apt-cache", "-q",
				"-o",        "Dir::Cache::pkgcache=",
				"-o",        "Dir::Cache::srcpkgcache=",
				verb,        "--",
				name };
	struct command c = tool(a, QUERY_TIMEOUT);

	add_words(&c.argv, a, words, COUNT(words));
	return c;
}

static const char *value_after(const char *text, const char *label,
			       struct arena *a)
{
	const char *at = strstr(text, label);

	if (!at)
		return NULL;
	at += strlen(label);
	return arena_strndup(a, at, strcspn(at, " \n"));
}

static bool apt_candidate(const struct linux_host *h, const char *name,
			  struct arena *a, const char **version,
			  const char **because, struct diags *d)
{
	struct command c = apt_cache(a, "policy", name);
	struct outcome o = { 0 };

	if (!host_ask(&h->host, &c, a, &o, d)) {
		outcome_release(&o);
		return false;
	}
	if (went_well(&o))
		*version = value_after(buf_text(&o.output), "  Candidate: ", a);
	else if (o.ending == ENDED_UNKNOWN)
		*because = arena_printf(a,
					"apt keeps no cache of its lists here, "
					"and %s",
					o.because);
	else
		*because = packages_said(&o, "apt-cache", a);
	if (!*version && !*because)
		*because = "no repository has it";
	if (*version && strcmp(*version, "(none)") == 0) {
		*version = NULL;
		*because = "no repository has it";
	}
	outcome_release(&o);
	return true;
}

/* --- lists of the repositories --- */

static void later(const struct linux_host *h, const char *path, int64_t *time)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct node n;

	if (host_look(&h->host, path, &n, &ignored) && n.type != NODE_ABSENT &&
	    n.mtime > *time)
		*time = n.mtime;
}

static bool have_lists(const struct linux_host *h, struct arena *a)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct strings names;

	if (!host_list(&h->host, LISTS, a, &names, &ignored))
		return false;
	for (size_t i = 0; i < names.n; i++)
		if (strstr(names.v[i], "Packages"))
			return true;
	return false;
}

/* Whether the repositories were changed since their lists were fetched, by
 * whomever. */
static bool lists_are_old(const struct linux_host *h, struct arena *a)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	int64_t sources = 0, lists = 0;
	struct strings names = { 0 };

	later(h, LISTS, &lists);
	later(h, SOURCES, &sources);
	later(h, SOURCES ".d", &sources);
	host_list(&h->host, SOURCES ".d", a, &names, &ignored);
	for (size_t i = 0; i < names.n; i++)
		later(h, arena_printf(a, SOURCES ".d/%s", names.v[i]),
		      &sources);
	return sources > lists || !have_lists(h, a);
}

/* A transaction under way. */
struct apt_run {
	struct linux_host *h;
	struct arena *a;
	const struct package_jobs *jobs;
	bool updated;
	const char *update_failed; /* why, or NULL */
};

static void update(struct apt_run *r)
{
	struct command c = apt_get(r->a);

	strings_add(&c.argv, r->a, "update");
	r->updated = true;
	r->update_failed = NULL;
	run_for(r->h, &c, r->a, &r->update_failed);
}

/* --- the plan of apt itself --- */

static bool is_waiting(const struct package_job *job)
{
	return !job->failed && job->change.wish != PACKAGE_KEEP;
}

static bool removes(const struct package_job *job)
{
	return job->change.wish == PACKAGE_REMOVE ||
	       job->change.wish == PACKAGE_PURGE;
}

/* Which jobs a command is for: one, or all that wait when that is NULL. */
static bool is_for(const struct package_job *job,
		   const struct package_job *only)
{
	return only ? job == only : is_waiting(job);
}

static bool any(const struct apt_run *r, const struct package_job *only,
		bool (*test)(const struct package_job *))
{
	for (size_t i = 0; i < r->jobs->n; i++)
		if (is_for(r->jobs->v[i], only) && test(r->jobs->v[i]))
			return true;
	return false;
}

static bool installs(const struct package_job *job)
{
	return job->change.wish == PACKAGE_INSTALL;
}

static bool removes_only(const struct package_job *job)
{
	return job->change.wish == PACKAGE_REMOVE;
}

static bool has_version(const struct package_job *job)
{
	return job->change.version != NULL;
}

static bool has_hold(const struct package_job *job)
{
	return job->change.set_hold;
}

static struct command install(const struct apt_run *r,
			      const struct package_job *only, bool simulate)
{
	struct arena *a = r->a;
	struct command c = apt_get(a);
	const struct strings *options = r->jobs->v[0]->change.options;

	if (simulate)
		strings_add(&c.argv, a, "-s");
	strings_add(&c.argv, a, "-f");
	/* the simulation must show what it would remove */
	if (!simulate && !any(r, only, removes))
		strings_add(&c.argv, a, "--no-remove");
	if (any(r, only, removes) && !any(r, only, removes_only))
		strings_add(&c.argv, a, "--purge");
	if (any(r, only, has_version))
		strings_add(&c.argv, a, "--allow-downgrades");
	if (any(r, only, has_hold))
		strings_add(&c.argv, a, "--allow-change-held-packages");
	for (size_t i = 0; options && i < options->n; i++)
		strings_add(&c.argv, a, options->v[i]);
	strings_add(&c.argv, a, "install");
	strings_add(&c.argv, a, "--");
	for (size_t i = 0; i < r->jobs->n; i++) {
		const struct package_change *p = &r->jobs->v[i]->change;

		if (!is_for(r->jobs->v[i], only))
			continue;
		strings_add(
			&c.argv, a,
			removes(r->jobs->v[i]) ? arena_printf(a, "%s-", p->name)
			: p->version
				? arena_printf(a, "%s=%s", p->name, p->version)
				: p->name);
	}
	return c;
}

/* Whether the name that apt uses ("libc6:i386", native ones plain) is the one
 * of the manifest. */
static bool is_same(const struct dpkg *db, const char *theirs, const char *ours)
{
	const char *colon = strchr(ours, ':');
	size_t n = colon ? (size_t)(colon - ours) : strlen(ours);

	if (strcmp(theirs, ours) == 0)
		return true;
	return colon && strcmp(colon + 1, dpkg_native(db)) == 0 &&
	       strlen(theirs) == n && memcmp(theirs, ours, n) == 0;
}

static const struct package_job *job_of(const struct apt_run *r,
					const struct dpkg *db, const char *name)
{
	for (size_t i = 0; i < r->jobs->n; i++)
		if (is_waiting(r->jobs->v[i]) &&
		    is_same(db, name, r->jobs->v[i]->change.name))
			return r->jobs->v[i];
	return NULL;
}

/* What it would do: names by "Inst", "Remv" and "Purg". */
struct simulation {
	struct strings installed, removed;
};

static void read_simulation(struct simulation *s, struct arena *a,
			    const char *said)
{
	for (const char *line = said; *line;) {
		size_t n = strcspn(line, "\n");
		size_t name = n > 5 ? strcspn(line + 5, " \n") : 0;

		if (name && strncmp(line, "Inst ", 5) == 0)
			strings_add(&s->installed, a,
				    arena_strndup(a, line + 5, name));
		if (name && (strncmp(line, "Remv ", 5) == 0 ||
			     strncmp(line, "Purg ", 5) == 0))
			strings_add(&s->removed, a,
				    arena_strndup(a, line + 5, name));
		line += n + (line[n] == '\n');
	}
}

/* Names of packages that provide name, from apt-cache(8) showpkg; "": none, or
 * it is a package itself. */
static const char *providers_of(const struct apt_run *r, const char *name)
{
	struct command c = apt_cache(r->a, "showpkg", name);
	const char *because, *said = run_for(r->h, &c, r->a, &because);
	const char *versions = said ? strstr(said, "\nVersions: ") : NULL;
	const char *line = said ? strstr(said, "\nReverse Provides: ") : NULL;
	struct strings names = { 0 };

	if (!versions || !line || versions[strlen("\nVersions: ")] != '\n' ||
	    versions[strlen("\nVersions: ") + 1] != '\n')
		return "";
	for (line = strchr(line + 1, '\n'); line && line[1];
	     line = strchr(line + 1, '\n')) {
		const char *one =
			arena_strndup(r->a, line + 1, strcspn(line + 1, " \n"));

		if (*one && !strings_have(&names, one))
			strings_add(&names, r->a, one);
	}
	return names.n ? strings_join(&names, ", ", r->a) : "";
}

/* What it would do that nobody asked for, or NULL. */
static const char *too_much(const struct apt_run *r, const struct dpkg *db,
			    const struct simulation *s)
{
	struct strings more = { 0 };

	for (size_t i = 0; i < s->removed.n; i++) {
		const struct package_job *job = job_of(r, db, s->removed.v[i]);

		if (!job || !removes(job))
			strings_add(&more, r->a, s->removed.v[i]);
	}
	if (more.n)
		return arena_printf(r->a,
				    "it would remove %s too, which nobody "
				    "named; give them 'ensure': \"absent\" if "
				    "they may go",
				    strings_join(&more, ", ", r->a));
	for (size_t i = 0; i < s->installed.n; i++) {
		const struct dpkg_entry *e = dpkg_find(db, s->installed.v[i]);

		if (e && e->hold && !job_of(r, db, s->installed.v[i]))
			return arena_printf(r->a,
					    "it would move %s, which is on "
					    "hold",
					    s->installed.v[i]);
	}
	return NULL;
}

/* Whether it would take something else for what was named, or NULL. */
static const char *another(const struct apt_run *r, const struct dpkg *db,
			   const struct simulation *s,
			   const struct package_change *c)
{
	const struct dpkg_entry *e = dpkg_find(db, c->name);
	const char *providers;

	if (c->wish != PACKAGE_INSTALL || (e && e->state == PACKAGE_INSTALLED))
		return NULL;
	for (size_t i = 0; i < s->installed.n; i++)
		if (is_same(db, s->installed.v[i], c->name))
			return NULL;
	/* what was cut short is finished without being installed anew */
	if (e && e->state != PACKAGE_ABSENT && e->state != PACKAGE_CONFIG_FILES)
		return NULL;
	providers = providers_of(r, c->name);
	return *providers
		       ? arena_printf(r->a,
				      "'%s' is a virtual package; name one "
				      "that provides it: %s",
				      c->name, providers)
		       : arena_printf(r->a, "apt takes '%s' for something else",
				      c->name);
}

/* NULL when apt can do it, and will do nothing else. */
static const char *simulate(const struct apt_run *r,
			    const struct package_job *only)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct command c = install(r, only, true);
	const struct dpkg *db = load(r->h, &d);
	const char *because = NULL, *said = run_for(r->h, &c, r->a, &because);
	struct simulation s = { 0 };

	if (!db)
		return arena_strdup(r->a, d.v[0].text);
	if (!said) {
		const char *providers =
			only && only->change.wish == PACKAGE_INSTALL
				? providers_of(r, only->change.name)
				: "";

		return *providers
			       ? arena_printf(r->a,
					      "'%s' is a virtual package; name "
					      "one that provides it: %s",
					      only->change.name, providers)
			       : because;
	}
	read_simulation(&s, r->a, said);
	because = too_much(r, db, &s);
	for (size_t i = 0; i < r->jobs->n && !because; i++)
		if (is_for(r->jobs->v[i], only))
			because = another(r, db, &s, &r->jobs->v[i]->change);
	return because;
}

static const char *with_update(const struct apt_run *r, const char *text)
{
	return r->update_failed ? arena_printf(r->a, "%s; and before: %s", text,
					       r->update_failed)
				: text;
}

/* Leaves those out that cannot be done by themselves, so that they do not keep
 * back the rest. */
static void leave_out(struct apt_run *r)
{
	for (size_t i = 0; i < r->jobs->n; i++) {
		struct package_job *job = r->jobs->v[i];
		const char *wrong = is_waiting(job) ? simulate(r, job) : NULL;

		if (wrong)
			job_fail(r->h, job, with_update(r, wrong));
	}
}

static void fail_all(struct apt_run *r, const char *text)
{
	for (size_t i = 0; i < r->jobs->n; i++)
		if (is_waiting(r->jobs->v[i]))
			job_fail(r->h, r->jobs->v[i], with_update(r, text));
}

static bool waits(const struct package_job *job)
{
	(void)job;
	return true;
}

/* Whether something is left that can be done. */
static bool settle(struct apt_run *r)
{
	const char *wrong = simulate(r, NULL);

	if (wrong && !r->updated && any(r, NULL, installs)) {
		update(r);
		wrong = simulate(r, NULL);
	}
	if (!wrong)
		return true;
	if (r->jobs->n > 1)
		leave_out(r);
	if (!any(r, NULL, waits))
		return false;
	if (r->jobs->n > 1)
		wrong = simulate(r, NULL);
	if (wrong && r->jobs->n == 1)
		leave_out(r);
	if (wrong)
		fail_all(r, wrong);
	return !wrong;
}

/* --- doing it --- */

/* dpkg(1), --configure: what was cut short is brought to its end. Whether that
 * has worked shows in what comes after it. */
static void mend(struct apt_run *r)
{
	static const char *const words[] = { "dpkg", "--force-confdef",
					     "--force-confold", "--configure",
					     "-a" };
	AUTO_DIAGS struct diags ignored = { 0 };
	const struct dpkg *db = load(r->h, &ignored);
	struct command c = tool(r->a, PACKAGES_TIMEOUT);
	const char *because;

	if (!db || (!dpkg_is_broken(db) && !r->h->packages->apt->updates.n))
		return;
	add_words(&c.argv, r->a, words, COUNT(words));
	run_for(r->h, &c, r->a, &because);
	apt_forget(r->h);
}

/* What is on hold, or no longer: dpkg(1), --set-selections. */
static const char *select_holds(struct apt_run *r)
{
	static const char *const words[] = { "dpkg", "--set-selections" };
	AUTO_BUF struct buf input = { 0 };
	struct command c = tool(r->a, QUERY_TIMEOUT);
	const char *because = NULL;

	for (size_t i = 0; i < r->jobs->n; i++) {
		const struct package_change *p = &r->jobs->v[i]->change;

		if (p->set_hold && !r->jobs->v[i]->failed)
			buf_printf(&input, "%s %s\n", p->name,
				   p->hold ? "hold" : "install");
	}
	if (!input.size)
		return NULL;
	add_words(&c.argv, r->a, words, COUNT(words));
	c.input = input.text;
	c.input_size = input.size;
	run_for(r->h, &c, r->a, &because);
	return because;
}

/* Those whose configuration goes too, after they are gone. */
static const char *purge(struct apt_run *r)
{
	struct command c = apt_get(r->a);
	const char *because = NULL;
	bool some = false;

	strings_add(&c.argv, r->a, "--purge");
	strings_add(&c.argv, r->a, "remove");
	strings_add(&c.argv, r->a, "--");
	for (size_t i = 0; i < r->jobs->n; i++) {
		const struct package_job *job = r->jobs->v[i];

		if (job->failed || job->change.wish != PACKAGE_PURGE)
			continue;
		strings_add(&c.argv, r->a, job->change.name);
		some = true;
	}
	if (some)
		run_for(r->h, &c, r->a, &because);
	return because;
}

/* The lists may name files that the repository has no more. */
static bool is_outdated(const char *because)
{
	return because && (strstr(because, "Failed to fetch") ||
			   strstr(because, "Unable to fetch"));
}

static const char *install_all(struct apt_run *r)
{
	struct command c = install(r, NULL, false);
	const char *because = NULL;

	if (run_for(r->h, &c, r->a, &because))
		return NULL;
	if (r->updated || !is_outdated(because))
		return because;
	update(r);
	because = NULL;
	run_for(r->h, &c, r->a, &because);
	return because;
}

static const char *change_all(struct apt_run *r)
{
	const char *because;

	mend(r);
	if (any(r, NULL, installs) && lists_are_old(r->h, r->a))
		update(r);
	if (!settle(r))
		return NULL;
	because = install_all(r);
	if (!because && any(r, NULL, removes_only))
		because = purge(r);
	return because ? with_update(r, because) : NULL;
}

static void apt_transact(struct linux_host *h, const struct package_jobs *jobs,
			 struct arena *a, const char **because)
{
	struct apt_run r = { .h = h, .a = a, .jobs = jobs };
	AUTO_DIAGS struct diags d = { 0 };
	bool made = false;

	if (any(&r, NULL, waits)) {
		if (policy_begin(h, a, &made, &d))
			*because = change_all(&r);
		else
			fail_all(&r, d.v[0].text);
		if (made)
			policy_end(h);
	}
	if (!*because)
		*because = select_holds(&r);
	else
		select_holds(&r);
}

const struct package_manager apt_manager = {
	.name = "apt",
	.is_there = apt_is_there,
	.is_name = dpkg_is_name,
	.is_version = dpkg_is_version,
	.look = apt_look,
	.list = apt_list,
	.candidate = apt_candidate,
	.transact = apt_transact,
	.forget = apt_forget,
};
