/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/packages/packages.h"

#include <string.h>

#include "lib/host/linux/process/child.h"

enum { LOCK_PAUSE = 1000, SAID_MAX = 600 };

static const struct package_manager *const managers[] = { &apt_manager,
							  &dnf_manager };

struct packages *packages_of(const struct linux_host *h)
{
	return h->packages;
}

void packages_forget(const struct linux_host *h)
{
	h->packages->own = NULL;
	for (size_t i = 0; i < COUNT(managers); i++)
		managers[i]->forget(h);
}

void packages_release(struct linux_host *h)
{
	apt_release(h->packages);
	dnf_release(h->packages);
	free(h->packages->jobs);
	free(h->packages);
}

/* --- which manager --- */

static const struct package_manager *own_manager(const struct linux_host *h)
{
	struct packages *p = packages_of(h);

	for (size_t i = 0; !p->own && i < COUNT(managers); i++)
		if (managers[i]->is_there(h))
			p->own = managers[i];
	return p->own;
}

/* NULL with a diagnostic. */
static const struct package_manager *manager_of(const struct linux_host *h,
						const char *provider,
						struct diags *d)
{
	const struct package_manager *m = provider ? NULL : own_manager(h);

	for (size_t i = 0; provider && i < COUNT(managers); i++)
		if (strcmp(managers[i]->name, provider) == 0)
			m = managers[i];
	if (!m)
		diag_error(d, "this host has no package manager that is known: "
			      "apt or dnf");
	else if (!m->is_there(h))
		diag_error(d, "this host has no packages of %s", m->name);
	else
		return m;
	return NULL;
}

static bool takes_name(const struct package_manager *m, const char *name,
		       struct diags *d)
{
	return m->is_name(name) ||
	       diag_error(d, "'%s' is no name of a package of %s", name,
			  m->name);
}

bool linux_package(const struct host *host, const char *provider,
		   const char *name, struct arena *a, struct package *p,
		   struct diags *d)
{
	const struct linux_host *h = linux_of(host);
	const struct package_manager *m = manager_of(h, provider, d);

	*p = (struct package){ .state = PACKAGE_ABSENT };
	return m && takes_name(m, name, d) && m->look(h, name, a, p, d);
}

bool linux_packages(const struct host *host, struct arena *a,
		    struct strings *names, bool *known, struct diags *d)
{
	const struct linux_host *h = linux_of(host);
	const struct package_manager *m = own_manager(h);

	*known = false;
	return !m || m->list(h, a, names, known, d);
}

bool linux_package_candidate(const struct host *host, const char *provider,
			     const char *name, struct arena *a,
			     const char **version, const char **because,
			     struct diags *d)
{
	const struct linux_host *h = linux_of(host);
	const struct package_manager *m = manager_of(h, provider, d);

	*version = *because = NULL;
	return m && takes_name(m, name, d) &&
	       m->candidate(h, name, a, version, because, d);
}

/* --- changes --- */

bool linux_package_change(struct host *host, const struct package_change *c,
			  struct diags *d)
{
	struct linux_host *h = (struct linux_host *)(void *)host;
	struct packages *p = packages_of(h);
	const struct package_manager *m = manager_of(h, c->provider, d);

	if (!m || !takes_name(m, c->name, d))
		return false;
	if (c->version && !m->is_version(c->version))
		return diag_error(d, "'%s' is no version of a package of %s",
				  c->version, m->name);
	if (p->n == p->capacity) {
		p->capacity = p->capacity ? p->capacity * 2 : 16;
		p->jobs = xrealloc(p->jobs, p->capacity * sizeof(*p->jobs));
	}
	p->jobs[p->n] =
		(struct package_job){ .change = *c, .mark = host->mark };
	p->jobs[p->n++].change.provider = m->name;
	return true;
}

void job_fail(struct linux_host *h, struct package_job *job, const char *text)
{
	AUTO_DIAGS struct diags d = { 0 };

	if (job->failed)
		return;
	job->failed = true;
	diag_error(&d, "%s", text);
	batch_fail(h, job->mark, &d);
}

bool job_is_done(const struct package_change *c, const struct package *p)
{
	bool there = p->state == PACKAGE_INSTALLED;
	bool gone =
		p->state == PACKAGE_ABSENT || p->state == PACKAGE_CONFIG_FILES;

	switch (c->wish) {
	case PACKAGE_REMOVE:
		return gone;
	case PACKAGE_PURGE:
		return p->state == PACKAGE_ABSENT;
	case PACKAGE_KEEP:
	case PACKAGE_INSTALL:
		break;
	}
	return there && (!c->set_hold || c->hold == p->hold) &&
	       (!c->version ||
		(p->version && strcmp(c->version, p->version) == 0));
}

static void judge(struct linux_host *h, const struct package_manager *m,
		  const struct package_jobs *jobs, struct arena *a,
		  const char *because)
{
	for (size_t i = 0; i < jobs->n; i++) {
		AUTO_DIAGS struct diags d = { 0 };
		struct package_job *job = jobs->v[i];
		struct package p = { 0 };

		if (!m->look(h, job->change.name, a, &p, &d))
			job_fail(h, job, d.v[0].text);
		else if (because && !job_is_done(&job->change, &p))
			job_fail(h, job, because);
	}
}

static bool same_options(const struct package_change *x,
			 const struct package_change *y)
{
	static const struct strings none = { 0 };

	return strcmp(x->provider, y->provider) == 0 &&
	       strings_equal(x->options ? x->options : &none,
			     y->options ? y->options : &none);
}

/* Those that go with the first that is left, and takes them off the list. */
static struct package_jobs take_jobs(struct packages *p, bool *taken,
				     struct arena *a)
{
	struct package_jobs jobs = { arena_array(a, struct package_job *, p->n),
				     0 };

	for (size_t i = 0; i < p->n; i++) {
		if (taken[i] || (jobs.n && !same_options(&jobs.v[0]->change,
							 &p->jobs[i].change)))
			continue;
		taken[i] = true;
		jobs.v[jobs.n++] = &p->jobs[i];
	}
	return jobs;
}

static void run_jobs(struct linux_host *h, const struct package_jobs *jobs,
		     struct arena *a)
{
	AUTO_DIAGS struct diags d = { 0 };
	const struct package_manager *m =
		manager_of(h, jobs->v[0]->change.provider, &d);
	const char *because = NULL;

	if (!m) {
		for (size_t i = 0; i < jobs->n; i++)
			job_fail(h, jobs->v[i], d.v[0].text);
		return;
	}
	h->host.mark = jobs->v[0]->mark;
	m->transact(h, jobs, a, &because);
	packages_forget(h);
	accounts_forget(h);
	units_forget(h);
	walk_forget(h);
	judge(h, m, jobs, a, because);
}

void packages_commit(struct linux_host *h)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct packages *p = packages_of(h);
	bool *taken = arena_array(&a, bool, p->n);

	for (;;) {
		struct package_jobs jobs = take_jobs(p, taken, &a);

		if (!jobs.n)
			break;
		run_jobs(h, &jobs, &a);
	}
	p->n = 0;
}

/* --- running its tools --- */

void packages_run(const struct linux_host *h, const struct command *c,
		  bool (*is_locked)(const struct outcome *), struct arena *a,
		  struct outcome *o)
{
	int64_t until = child_now() + PACKAGES_LOCK_WAIT;

	for (;;) {
		linux_tool(h, c, PACKAGES_OUTPUT, a, o);
		if (o->ending != ENDED_EXIT || o->code == 0 || !is_locked(o) ||
		    child_now() >= until)
			return;
		if (!linux_pause((struct host *)(uintptr_t)&h->host,
				 LOCK_PAUSE))
			return;
		outcome_release(o);
	}
}

static const char *ending(const struct outcome *o, struct arena *a)
{
	const char *because = o->because ? o->because : "no reason is known";

	if (o->ending == ENDED_EXIT)
		return arena_printf(a, "exited with %d", o->code);
	if (o->ending == ENDED_NOT_STARTED)
		return arena_printf(a, "could not be run: %s", because);
	return arena_printf(a, "was ended: %s", because);
}

const char *packages_said(const struct outcome *o, const char *tool,
			  struct arena *a)
{
	const struct buf *b = o->errors.size ? &o->errors : &o->output;
	size_t from = b->size > SAID_MAX ? b->size - SAID_MAX : 0;
	AUTO_BUF struct buf line = { 0 };

	for (size_t i = from; i < b->size; i++) {
		char c = b->text[i];

		if (c != '\n')
			buf_putc(&line, c == '\r' || c == '\t' ? ' ' : c);
		else if (line.size && i + 1 < b->size)
			buf_puts(&line, "; ");
	}
	return arena_printf(a, "'%s' %s%s%s", tool, ending(o, a),
			    line.size ? ": " : "", buf_text(&line));
}
