/* SPDX-License-Identifier: MIT */
/*
 * Packages of the real host. A package manager is a row of a table; what it
 * knows is read once, and again after something was changed. Changes wait for
 * the commit, and go to it as one transaction.
 */
#ifndef CONVERGE_HOST_LINUX_PACKAGES_PACKAGES_H
#define CONVERGE_HOST_LINUX_PACKAGES_PACKAGES_H

#include "lib/host/linux/files/write.h"

enum {
	PACKAGES_TIMEOUT = 30 * 60 * 1000, /* milliseconds: a transaction */
	/* From TERM to KILL: who kills dpkg(1) leaves a broken host behind. */
	PACKAGES_GRACE = 5 * 60 * 1000,
	PACKAGES_LOCK_WAIT = 5 * 60 * 1000,
	PACKAGES_OUTPUT = 16 << 20, /* bytes of a simulation that are kept */
};

/* A change that waits for the commit. */
struct package_job {
	struct package_change change;
	size_t mark;
	bool failed; /* and was told of */
};

/* Jobs of one manager and the same options. */
struct package_jobs {
	struct package_job **v;
	size_t n;
};

struct package_manager {
	const char *name;
	/* Whether the host has its database. */
	bool (*is_there)(const struct linux_host *);
	bool (*is_name)(const char *);
	bool (*is_version)(const char *);
	bool (*look)(const struct linux_host *, const char *name,
		     struct arena *, struct package *, struct diags *);
	/* The names of all that are there; *known as in host_packages. */
	bool (*list)(const struct linux_host *, struct arena *,
		     struct strings *, bool *known, struct diags *);
	bool (*candidate)(const struct linux_host *, const char *name,
			  struct arena *, const char **version,
			  const char **because, struct diags *);
	/* One transaction. What fails is told by job_fail; of what is not as
	 * it should be afterwards the caller says *because. */
	void (*transact)(struct linux_host *, const struct package_jobs *,
			 struct arena *, const char **because);
	/* Forgets what was read. */
	void (*forget)(const struct linux_host *);
};

extern const struct package_manager apt_manager, dnf_manager;

/* What the managers remember of the host. */
struct packages {
	const struct package_manager *own; /* NULL: not looked for yet */
	struct apt *apt;
	struct dnf *dnf;
	struct package_job *jobs;
	size_t n, capacity;
};

/* Made when first asked for. */
struct packages *packages_of(const struct linux_host *);
/* Looks again before the next answer: a command ran, which may have installed
 * something. */
void packages_forget(const struct linux_host *);
/* Makes all changes that wait; failures are kept for the commit. */
void packages_commit(struct linux_host *);
void packages_release(struct linux_host *);
void apt_release(struct packages *);
void dnf_release(struct packages *);

bool linux_package(const struct host *, const char *provider, const char *name,
		   struct arena *, struct package *, struct diags *);
bool linux_packages(const struct host *, struct arena *, struct strings *,
		    bool *known, struct diags *);
bool linux_package_candidate(const struct host *, const char *provider,
			     const char *name, struct arena *,
			     const char **version, const char **because,
			     struct diags *);
bool linux_package_change(struct host *, const struct package_change *,
			  struct diags *);

void job_fail(struct linux_host *, struct package_job *, const char *text);
/* Whether the change has come to what it should. */
bool job_is_done(const struct package_change *, const struct package *);

/* Runs a tool of a package manager; while another process holds its lock, as
 * *is_locked tells of what it said, it is tried again for a while. argv and
 * env end with NULL; env and input may be NULL. */
void packages_run(const struct linux_host *, const struct command *,
		  bool (*is_locked)(const struct outcome *), struct arena *,
		  struct outcome *);
/* What an outcome said, on one line, the end of it. */
const char *packages_said(const struct outcome *, const char *tool,
			  struct arena *);

/* policy.c: while it stands, scripts of packages start none of the services
 * that are managed and do not run yet. False: nothing may be installed. */
bool policy_begin(struct linux_host *, struct arena *, bool *made,
		  struct diags *);
void policy_end(struct linux_host *);
/* Removes what a killed transaction left of it. */
bool policy_clean(struct linux_host *, struct diags *);

/* run.c: runs a command as linux_run does, keeping so many bytes of the
 * beginning of its output. */
void linux_tool(const struct linux_host *, const struct command *, size_t keep,
		struct arena *, struct outcome *);

#endif
