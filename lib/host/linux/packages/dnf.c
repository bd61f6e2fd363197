/* SPDX-License-Identifier: MIT */
/*
 * dnf(8) and rpm(8). What is installed is asked of rpm, once for all packages;
 * a transaction is what a shell of dnf is told to do before it runs it.
 */
#include "lib/host/linux/packages/packages.h"

#include <string.h>

#define PROGRAM "/usr/bin/rpm"

enum { QUERY_TIMEOUT = 60000, ANSWER_MAX = 2 * 64 * 1024, LOCKED = 200 };

struct dnf {
	bool fresh;
	struct arena arena;
	struct map versions; /* const char * by name */
	struct strings names;
};

static void dnf_clear(struct dnf *dnf)
{
	arena_release(&dnf->arena);
	*dnf = (struct dnf){ 0 };
}

void dnf_release(struct packages *p)
{
	if (p->dnf)
		dnf_clear(p->dnf);
	free(p->dnf);
	p->dnf = NULL;
}

static bool dnf_is_there(const struct linux_host *h)
{
	static const char *const databases[] = { "/usr/lib/sysimage/rpm",
						 "/var/lib/rpm" };
	AUTO_DIAGS struct diags ignored = { 0 };
	struct node n;

	if (!host_look(&h->host, PROGRAM, &n, &ignored) ||
	    n.type == NODE_ABSENT)
		return false;
	for (size_t i = 0; i < COUNT(databases); i++)
		if (host_look(&h->host, databases[i], &n, &ignored) &&
		    n.type != NODE_ABSENT)
			return true;
	return false;
}

static void dnf_forget(const struct linux_host *h)
{
	if (h->packages->dnf)
		h->packages->dnf->fresh = false;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool dnf_is_name(const char *name)
{
	return name[0] && strchr(LETTERS DIGITS, name[0]) &&
	       !name[strspn(name, LETTERS DIGITS "+._-")];
}

/* [EPOCH:]VERSION-RELEASE */
static bool dnf_is_version(const char *version)
{
	return version[0] && strchr(LETTERS DIGITS, version[0]) &&
	       !version[strspn(version, LETTERS DIGITS "+._-~^:")];
}

/* --- looking --- */

static struct command command_of(struct arena *a, const char *const *words,
				 int64_t timeout)
{
	struct command c = { .umask = -1,
			     .timeout = timeout,
			     .grace = PACKAGES_GRACE };

	for (size_t i = 0; words[i]; i++)
		strings_add(&c.argv, a, words[i]);
	strings_add(&c.env, a, "LC_ALL=C.UTF-8");
	return c;
}

static bool went_well(const struct outcome *o)
{
	return o->ending == ENDED_EXIT && o->code == 0;
}

#define FORMAT "%{NAME} %|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\\n"

static void take_package(struct dnf *dnf, const char *name, char *version)
{
	if (!map_put(&dnf->versions, &dnf->arena, name, version))
		strings_add(&dnf->names, &dnf->arena, name);
}

/* Lines of a name and a version; the newest of those installed side by side
 * (kernels) comes last. */
static void take_lines(struct dnf *dnf, const char *said)
{
	for (const char *line = said; *line;) {
		size_t n = strcspn(line, "\n"), name = strcspn(line, " \n");

		if (name && name < n)
			take_package(dnf,
				     arena_strndup(&dnf->arena, line, name),
				     arena_strndup(&dnf->arena, line + name + 1,
						   n - name - 1));
		line += n + (line[n] == '\n');
	}
}

/* Who may only look is refused the log of the database, which SQLite then does
 * without: what rpm says is right all the same. */
static bool has_answered(const struct outcome *o)
{
	return went_well(o) || (o->ending == ENDED_UNKNOWN && o->output.size &&
				strstr(o->because, "/rpmdb.sqlite-"));
}

/* The database, or NULL and *because, or a diagnostic. */
static bool load(const struct linux_host *h, struct dnf **dnf, struct arena *a,
		 const char **because, struct diags *d)
{
	static const char *const words[] = { "rpm", "-qa", "--qf", FORMAT,
					     NULL };
	struct command c = command_of(a, words, QUERY_TIMEOUT);
	struct outcome o = { 0 };
	bool ok;

	*dnf = h->packages->dnf;
	if (*dnf && (*dnf)->fresh)
		return true;
	dnf_release(h->packages);
	*dnf = NULL;
	ok = host_ask(&h->host, &c, a, &o, d);
	if (ok && o.output.size >= ANSWER_MAX)
		ok = diag_error(d, "rpm names more packages than can be read");
	if (ok && has_answered(&o)) {
		*dnf = h->packages->dnf = xrealloc(NULL, sizeof(**dnf));
		**dnf = (struct dnf){ .fresh = true };
		take_lines(*dnf, buf_text(&o.output));
	} else if (ok && o.ending == ENDED_UNKNOWN) {
		*because = arena_printf(a, "rpm: %s", o.because);
	} else if (ok) {
		ok = diag_error(d, "cannot ask rpm: %s",
				packages_said(&o, "rpm", a));
	}
	outcome_release(&o);
	return ok;
}

static bool dnf_look(const struct linux_host *h, const char *name,
		     struct arena *a, struct package *p, struct diags *d)
{
	const char *version;
	struct dnf *dnf;

	if (!load(h, &dnf, a, &p->because, d))
		return false;
	if (!dnf) {
		p->state = PACKAGE_UNKNOWN;
		return true;
	}
	version = map_get(&dnf->versions, name);
	if (!version)
		return true;
	p->state = PACKAGE_INSTALLED;
	p->version = arena_strdup(a, version);
	return true;
}

static bool dnf_list(const struct linux_host *h, struct arena *a,
		     struct strings *names, bool *known, struct diags *d)
{
	const char *because;
	struct dnf *dnf;

	if (!load(h, &dnf, a, &because, d))
		return false;
	*known = dnf;
	for (size_t i = 0; dnf && i < dnf->names.n; i++)
		strings_add(names, a, arena_strdup(a, dnf->names.v[i]));
	return true;
}

static bool dnf_candidate(const struct linux_host *h, const char *name,
			  struct arena *a, const char **version,
			  const char **because, struct diags *d)
{
	const char *const words[] = {
		"dnf",           "-q", "repoquery", "--latest-limit=1",
		"--qf=%{evr}\n", name, NULL
	};
	struct command c = command_of(a, words, QUERY_TIMEOUT);
	struct outcome o = { 0 };
	bool ok = host_ask(&h->host, &c, a, &o, d);
	const char *said = buf_text(&o.output);

	if (!ok || !went_well(&o))
		*because = o.ending == ENDED_UNKNOWN
				   ? arena_strdup(a, o.because)
				   : packages_said(&o, "dnf", a);
	else if (!*said)
		*because = "no repository has it";
	else
		*version = arena_strndup(a, said, strcspn(said, " \n"));
	outcome_release(&o);
	return ok;
}

/* --- changing --- */

static bool is_locked(const struct outcome *o)
{
	return o->code == LOCKED;
}

static bool removes(const struct package_job *job)
{
	return job->change.wish == PACKAGE_REMOVE ||
	       job->change.wish == PACKAGE_PURGE;
}

/* rpm(8), --test: what others need is refused, and they are named. dnf would
 * remove them too. */
static void check_removals(struct linux_host *h,
			   const struct package_jobs *jobs, struct arena *a)
{
	static const char *const words[] = { "rpm", "-e", "--test", "--",
					     NULL };
	struct command c = command_of(a, words, QUERY_TIMEOUT);
	struct outcome o = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < jobs->n; i++) {
		if (jobs->v[i]->failed || !removes(jobs->v[i]))
			continue;
		strings_add(&c.argv, a, jobs->v[i]->change.name);
		n++;
	}
	if (!n)
		return;
	linux_tool(h, &c, 0, a, &o);
	for (size_t i = 0; i < jobs->n && !went_well(&o); i++)
		if (removes(jobs->v[i]))
			job_fail(h, jobs->v[i], packages_said(&o, "rpm", a));
	outcome_release(&o);
}

static void put_order(const struct package_change *c, bool is_there,
		      struct buf *orders)
{
	if (c->wish == PACKAGE_REMOVE || c->wish == PACKAGE_PURGE)
		buf_printf(orders, "remove-n %s\n", c->name);
	else if (c->wish == PACKAGE_INSTALL && c->version)
		buf_printf(orders, "install %s-%s\n", c->name, c->version);
	else if (c->wish == PACKAGE_INSTALL)
		buf_printf(orders, "%s %s\n",
			   is_there ? "upgrade" : "install-n", c->name);
}

static void run_orders(struct linux_host *h, const struct package_jobs *jobs,
		       const struct buf *orders, struct arena *a,
		       const char **because)
{
	static const char *const words[] = {
		"dnf",
		"-y",
		"--setopt=exit_on_lock=True",
		"--setopt=clean_requirements_on_remove=False",
		NULL,
	};
	struct command c = command_of(a, words, PACKAGES_TIMEOUT);
	const struct strings *options = jobs->v[0]->change.options;
	struct outcome o;

	for (size_t i = 0; options && i < options->n; i++)
		strings_add(&c.argv, a, options->v[i]);
	strings_add(&c.argv, a, "shell");
	c.input = orders->text;
	c.input_size = orders->size;
	packages_run(h, &c, is_locked, a, &o);
	/* the shell ends well also when the transaction did not */
	*because = packages_said(&o, "dnf", a);
	outcome_release(&o);
}

static void dnf_transact(struct linux_host *h, const struct package_jobs *jobs,
			 struct arena *a, const char **because)
{
	AUTO_BUF struct buf orders = { 0 };

	for (size_t i = 0; i < jobs->n; i++)
		if (jobs->v[i]->change.set_hold && jobs->v[i]->change.hold)
			job_fail(h, jobs->v[i],
				 "'hold' cannot be had with dnf");
	check_removals(h, jobs, a);
	for (size_t i = 0; i < jobs->n; i++) {
		AUTO_DIAGS struct diags ignored = { 0 };
		struct package have = { .state = PACKAGE_ABSENT };

		if (jobs->v[i]->failed)
			continue;
		dnf_look(h, jobs->v[i]->change.name, a, &have, &ignored);
		put_order(&jobs->v[i]->change, have.state == PACKAGE_INSTALLED,
			  &orders);
	}
	if (!orders.size)
		return;
	buf_puts(&orders, "run\nexit\n");
	run_orders(h, jobs, &orders, a, because);
}

const struct package_manager dnf_manager = {
	.name = "dnf",
	.is_there = dnf_is_there,
	.is_name = dnf_is_name,
	.is_version = dnf_is_version,
	.look = dnf_look,
	.list = dnf_list,
	.candidate = dnf_candidate,
	.transact = dnf_transact,
	.forget = dnf_forget,
};
