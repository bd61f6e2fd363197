/* SPDX-License-Identifier: MIT */
/*
 * Which commit last changed what a world holds: a walk back over the history
 * of a commit, from one to those before it, for any number of things at once.
 * Like commit.h, only for processes that are confined.
 */
#ifndef CONVERGE_HOST_HISTORY_H
#define CONVERGE_HOST_HISTORY_H

#include "lib/base/strings.h"
#include "lib/host/commit.h"

enum {
	HISTORY_COMMITS = 1000000, /* that are looked at, */
	HISTORY_CPU = 10,          /* and seconds of processor time */
	/* Bytes of a JSON file whose values are compared; of a larger one any
	 * change counts. */
	HISTORY_DOCUMENT = 1024 * 1024,
};

enum since {
	SINCE_COMMIT, /* that commit made it what it is */
	/* That one or one before it: more of the history cannot be read, as
	 * that of a shallow clone, */
	SINCE_END,
	SINCE_LIMIT, /* or was not, for it is too long. */
};

struct past {
	enum since since;
	struct commit commit;
	struct strings tickets; /* see tickets_find */
	size_t rank;            /* 0 is the newest of those that were found */
};

struct history_item {
	const char *path; /* from the root of the commit */
	/*
	 * A JSON Pointer (RFC 6901) to a value in the file, which nothing else
	 * in that file has to do with; NULL: all of the file or folder.
	 * "/rules/N/" stands for those of all rules: one that is put before
	 * another does not change that.
	 */
	const char *pointer;
	/* Of a list there: whether this text is one of it is all that counts;
	 * or NULL. */
	const char *member;
	/* What was found; NULL: the commit does not have it. */
	const struct past *past;
};

struct history_limits {
	size_t commits;
	unsigned seconds;
	/* Asked when something was found: whether that is all there is need of;
	 * the rest has no past then. NULL: all is. */
	bool (*enough)(void *context);
	void *context;
};

/*
 * Fills in what each item was last changed by: the newest commit on the way
 * back from this one where it is not what it was in any of its parents. Of
 * several parents the first that has it the same leads on, as in
 * git-blame(1); what a file was called before is not asked. The library is
 * loaded (repository_load). False with a diagnostic when the commit itself
 * cannot be read.
 */
bool history_walk(const char *repository, const struct commit *,
		  const struct history_limits *, struct history_item *,
		  size_t n, struct arena *, struct diags *);

#endif
