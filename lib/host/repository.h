/* SPDX-License-Identifier: MIT */
/*
 * What a commit of a git repository holds, straight from its object database
 * (libgit2, loaded only by runs that have one): there is no work tree, and
 * neither configuration nor hooks, filters, attributes or submodules are
 * looked at. As with archives, only processes that are confined read it.
 */
#ifndef CONVERGE_HOST_REPOSITORY_H
#define CONVERGE_HOST_REPOSITORY_H

#include "lib/host/table.h"
#include "lib/text/object.h"

enum { REPOSITORY_FILE = 128 * 1024 * 1024 /* bytes of one file */ };

struct git_source {
	const char *path;            /* of this machine: bare, or with a .git */
	char commit[OBJECT_HEX + 1]; /* that the revision led to */
	struct table table;
	bool unread; /* the library is not there: the rest is not known */
};

/* NULL, or what is wrong with a revision, to follow its name: it is a branch, a
 * tag, or the 40 hex digits of a commit. */
const char *revision_wrong(const char *revision);
/* Loads the library; to be done before the process is confined. */
bool repository_load(struct diags *);
/* Whether a table was asked for while the library was not there. */
bool repository_is_wanted(void);
/* Whether one was asked for what a name leads to: the next run must ask again.
 */
bool repository_was_read(void);
/* Fills in commit and table. Without the library it only sets unread, and is
 * true. */
bool repository_read(struct git_source *, const char *revision, struct arena *,
		     struct diags *);
/* Writes the contents of the table's files, in their order and with nothing
 * between, to the descriptor. */
bool repository_pour(const struct git_source *, int out, struct diags *);

#endif
