/* SPDX-License-Identifier: MIT */
/*
 * The objects and references of a repository on this machine: whose it may be,
 * and how libgit2 is made to look at its object database and at nothing else.
 */
#ifndef CONVERGE_HOST_LINUX_GIT_OBJECTS_H
#define CONVERGE_HOST_LINUX_GIT_OBJECTS_H

#include <git2.h>
#include <git2/sys/alloc.h>
#include <time.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/text/object.h"

enum {
	OBJECT_COMMIT_MAX = 1024 * 1024, /* bytes of a commit or tag */
	OBJECT_TREE_MAX = 16 * 1024 * 1024,
};

/* All of libgit2 that is used. */
#define GIT_FUNCTIONS(X)         \
	X(git_error_last)        \
	X(git_error_set_oom)     \
	X(git_error_set_str)     \
	X(git_libgit2_init)      \
	X(git_libgit2_opts)      \
	X(git_odb_exists_prefix) \
	X(git_odb_free)          \
	X(git_odb_object_data)   \
	X(git_odb_object_free)   \
	X(git_odb_object_size)   \
	X(git_odb_object_type)   \
	X(git_odb_open)          \
	X(git_odb_read)          \
	X(git_odb_read_header)   \
	X(git_oid_fromstr)       \
	X(git_oid_tostr)

#define GIT_DECLARE(name) __typeof__(name) *(name);
/* Filled in by repository_load; handle NULL: it is not loaded. */
extern struct git_library {
	void *handle;
	GIT_FUNCTIONS(GIT_DECLARE)
} git;

struct objects {
	const char *path; /* of the repository, absolute */
	int folder;       /* where its objects are: path, or the .git in it */
	git_odb *db;
	clock_t end; /* of the processor time that reading may take */
};

/* Opens it unless it is not to be trusted. False with a diagnostic; either way
 * it must be closed. */
bool objects_open(struct objects *, const char *path, struct diags *);
void objects_close(struct objects *);

/* "'name' in the repository '/srv/site.git' WHY"; always false. */
bool objects_refuse(const struct objects *, const char *name, const char *why,
		    struct diags *);
/* The same of an object, with what libgit2 said last. */
bool objects_failed(const struct objects *, const git_oid *, struct diags *);

/* Type and size of an object, without its content. */
bool objects_header(const struct objects *, const git_oid *, git_object_t type,
		    size_t *size, struct diags *);
/* An object of that type and at most so many bytes: its header is read before
 * its content. NULL with a diagnostic. */
git_odb_object *objects_get(const struct objects *, const git_oid *,
			    git_object_t type, size_t most, struct diags *);
/*
 * The same for who reads very many, and has a clock of its own: the object
 * itself is the first that is looked at, so that one that is too large may
 * take as much memory as the library is allowed before it is refused. NULL, if
 * it cannot be read or is not what it should be.
 */
git_odb_object *objects_read(const struct objects *, const git_oid *,
			     git_object_t type, size_t most);
/* For AUTO: gives it back. */
void object_free(git_odb_object **);
#define AUTO_OBJECT AUTO(object_free)

/* On from a tag to the commit that it is of. */
bool objects_peel(const struct objects *, git_oid *, struct diags *);
/* The commit, whose texts live as long as *object. */
bool objects_commit(const struct objects *, const git_oid *, git_odb_object **,
		    struct commit_text *, struct diags *);
/* The id that OBJECT_HEX digits at text are. */
bool object_id(const char *text, git_oid *);

/* refs.c: references are read here, so that no configuration is. */

/* A branch or tag of that name. False with a diagnostic. */
bool refs_find(const struct objects *, const char *name, struct arena *,
	       git_oid *, struct diags *);
/*
 * What a revision leads to (rev_wrong); *branch is the branch that its base
 * stands for if that is HEAD, or NULL. False with a diagnostic.
 */
bool refs_find_revision(const struct objects *, const char *rev, struct arena *,
			git_oid *, const char **branch, struct diags *);

#endif
