/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/git/haves.h"

#include <stdlib.h>
#include <string.h>

struct haves {
	git_refdb_backend parent;
	const struct git *git;
	const char *commit; /* or NULL: there is no reference */
};

struct iterator {
	git_reference_iterator parent;
	struct haves *haves;
	bool done;
};

static int exists(int *found, git_refdb_backend *backend, const char *name)
{
	const struct haves *h = (const struct haves *)backend;

	*found = h->commit && strcmp(name, HAVES_LAST) == 0;
	return 0;
}

static int look(git_reference **out, git_refdb_backend *backend,
		const char *name)
{
	const struct haves *h = (const struct haves *)backend;
	git_oid id;

	if (!h->commit || strcmp(name, HAVES_LAST) != 0 ||
	    h->git->git_oid_fromstr(&id, h->commit) < 0)
		return GIT_ENOTFOUND;
	*out = h->git->git_reference__alloc(HAVES_LAST, &id, NULL);
	return *out ? 0 : -1;
}

static int next_name(const char **name, git_reference_iterator *iterator)
{
	struct iterator *i = (struct iterator *)iterator;

	if (i->done || !i->haves->commit)
		return GIT_ITEROVER;
	i->done = true;
	*name = HAVES_LAST;
	return 0;
}

static int next(git_reference **out, git_reference_iterator *iterator)
{
	struct iterator *i = (struct iterator *)iterator;
	const char *name;
	int error = next_name(&name, iterator);

	return error ? error : look(out, &i->haves->parent, name);
}

static void free_iterator(git_reference_iterator *iterator)
{
	free(iterator);
}

static int iterate(git_reference_iterator **out, git_refdb_backend *backend,
		   const char *glob)
{
	struct iterator *i = calloc(1, sizeof(*i));

	(void)glob;
	if (!i)
		return -1;
	i->haves = (struct haves *)backend;
	i->parent.next = next;
	i->parent.next_name = next_name;
	i->parent.free = free_iterator;
	*out = &i->parent;
	return 0;
}

/* --- what must be there, and is not called: nothing is ever written --- */

static int refuse_write(git_refdb_backend *backend, const git_reference *ref,
			int force, const git_signature *who,
			const char *message, const git_oid *old,
			const char *old_target)
{
	(void)backend;
	(void)ref;
	(void)force;
	(void)who;
	(void)message;
	(void)old;
	(void)old_target;
	return GIT_EINVALID;
}

static int refuse_rename(git_reference **out, git_refdb_backend *backend,
			 const char *old, const char *new, int force,
			 const git_signature *who, const char *message)
{
	(void)out;
	(void)backend;
	(void)old;
	(void)new;
	(void)force;
	(void)who;
	(void)message;
	return GIT_EINVALID;
}

static int refuse_delete(git_refdb_backend *backend, const char *name,
			 const git_oid *old, const char *old_target)
{
	(void)backend;
	(void)name;
	(void)old;
	(void)old_target;
	return GIT_EINVALID;
}

static int no_log(git_refdb_backend *backend, const char *name)
{
	(void)backend;
	(void)name;
	return 0;
}

static int refuse_log_read(git_reflog **out, git_refdb_backend *backend,
			   const char *name)
{
	(void)out;
	(void)backend;
	(void)name;
	return GIT_EINVALID;
}

static int refuse_log_write(git_refdb_backend *backend, git_reflog *log)
{
	(void)backend;
	(void)log;
	return GIT_EINVALID;
}

static int refuse_log_rename(git_refdb_backend *backend, const char *old,
			     const char *new)
{
	(void)backend;
	(void)old;
	(void)new;
	return GIT_EINVALID;
}

/* It is the arena's. */
static void leave(git_refdb_backend *backend)
{
	(void)backend;
}

bool haves_use(const struct git *git, git_repository *repository,
	       const char *commit, struct arena *a)
{
	struct haves *h = arena_new(a, struct haves);
	git_refdb *db;

	if (git->git_refdb_init_backend(&h->parent, GIT_REFDB_BACKEND_VERSION))
		return false;
	h->git = git;
	h->commit = commit;
	h->parent.exists = exists;
	h->parent.lookup = look;
	h->parent.iterator = iterate;
	h->parent.write = refuse_write;
	h->parent.rename = refuse_rename;
	h->parent.del = refuse_delete;
	h->parent.has_log = no_log;
	h->parent.ensure_log = no_log;
	h->parent.reflog_read = refuse_log_read;
	h->parent.reflog_write = refuse_log_write;
	h->parent.reflog_rename = refuse_log_rename;
	h->parent.reflog_delete = no_log;
	h->parent.free = leave;
	return git->git_refdb_new(&db, repository) == 0 &&
	       git->git_refdb_set_backend(db, &h->parent) == 0 &&
	       git->git_repository_set_refdb(repository, db) == 0;
}
