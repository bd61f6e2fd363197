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
	/* Of this machine: bare, or with a .git; of another's the clone here,
	 * or NULL when there can be none. */
	const char *path;
	const char *url;             /* NULL: it is on this machine */
	char commit[OBJECT_HEX + 1]; /* that the revision led to */
	struct table table;
	bool unread;    /* the library is not there: the rest is not known */
	bool unfetched; /* the clone does not have it: neither */
};

/* What is asked of a repository on another machine. */
struct git_request {
	const char *url, *revision;
	/* Paths of this machine; of https the last alone counts, NULL: what the
	 * system trusts. */
	const char *ssh_key, *known_hosts, *ca_file;
	int64_t timeout; /* milliseconds */
};

/* NULL, or what is wrong with a revision, to follow its name: it is a branch, a
 * tag, or the 40 hex digits of a commit. */
const char *revision_wrong(const char *revision);
/* Whether it is the id of a commit, which is the same for ever. */
bool repository_is_commit(const char *revision);
/* Walks over what it points to (pack.h). */
void git_source_pack(struct pack *, struct git_source *);
/* The state folder that clones of other machines' repositories are in, which
 * must live as long as the process; NULL: there are none. */
void repository_clones_in(const char *state);
/* The path of the clone of that URL there, in the arena. */
const char *repository_clone(const char *state, const char *url,
			     struct arena *);
/* Loads the library; to be done before the process is confined. */
bool repository_load(struct diags *);
/* For a process that reviews what is for other machines: theirs are not on
 * this one, and none is read, as if there were no library. */
void repository_are_elsewhere(void);
/* Whether a table was asked for while the library was not there. */
bool repository_is_wanted(void);
/* Whether one was asked for what a name leads to: the next run must ask again.
 */
bool repository_was_read(void);
/* Fills in commit and table. Without the library it only sets unread, and is
 * true; of another machine's repository so is unfetched. */
bool repository_read(struct git_source *, const char *revision, struct arena *,
		     struct diags *);
/* The same of the path alone, by a process that is confined and has the
 * library. */
bool repository_scan(struct git_source *, const char *revision, struct arena *,
		     struct diags *);
/* Writes the contents of the table's files, in their order and with nothing
 * between, to the descriptor. */
bool repository_pour(const struct git_source *, int out, struct diags *);

#endif
