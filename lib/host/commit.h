/* SPDX-License-Identifier: MIT */
/*
 * A world read straight from the objects of a git repository, at one commit
 * (libgit2, loaded only by runs that have one): there is no work tree, and
 * neither configuration nor hooks, filters, attributes or submodules are
 * looked at. Only processes that are confined read it.
 */
#ifndef CONVERGE_HOST_COMMIT_H
#define CONVERGE_HOST_COMMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/base/pack.h"
#include "lib/host/tree.h"
#include "lib/text/object.h"

enum { COMMIT_SHORT = 7 /* digits of its id, for people */ };

/* What is known of a commit; texts of others' making are escaped. */
struct commit {
	const char *id;      /* OBJECT_HEX digits; NULL: there is none */
	int64_t date;        /* of the committer, seconds since the epoch */
	const char *author;  /* "Ada <ada@example.org>" */
	const char *subject; /* the first line of its message, or "" */
	/* The branch, or how else the user called it; NULL: by its id. */
	const char *name;
};

/* A place in a repository. */
struct commit_place {
	const char *repository; /* absolute: it is bare, or has a .git */
	const char *path;       /* in its commits; "": all of it */
	const char *shown;      /* how diagnostics call it; NULL: by its path */
	/* It has what a bundle brought: manifests of hosts may be missing. */
	bool is_part;
};

/*
 * The repository that an absolute path lies in, which is looked for upwards
 * from there; what the path names need not be in the work tree any more. False
 * with a diagnostic; shown is how the user called it.
 */
bool commit_locate(const char *path, const char *shown, struct arena *,
		   struct commit_place *, struct diags *);
/* Whether the folder at path is a bare repository. */
bool commit_is_bare(const char *path);

/* What rev (rev_wrong) leads to in that repository; the library is loaded
 * (repository_load). False with a diagnostic. */
bool commit_find(const char *repository, const char *rev, struct arena *,
		 struct commit *, struct diags *);
/* Its tree, from the folder at place.path on. NULL with a diagnostic. Each
 * object is looked up by its id, beginning at that of the commit. */
struct tree *tree_of_commit(const struct commit_place *, const struct commit *,
			    struct diags *);
/*
 * The same for a process that must not read it: of this tree it can only open
 * files, for which it asks another, confined process, which is started when
 * there is need of it, and is killed when stopped (may be NULL) says so. In
 * processes that fork from this one it is as tree_of_commit gives it. What it
 * is given is borrowed.
 */
struct tree *tree_of_commit_outside(const struct commit_place *,
				    const struct commit *,
				    bool (*stopped)(void *context),
				    void *context);

/* For a process that reads the same files of commits again and again: has the
 * small ones kept in memory. The library is loaded. */
void commit_keep_files(void);

/* As a part of what is packed. */
void commit_pack(struct pack *, struct commit *);

#endif
