/* SPDX-License-Identifier: MIT */
/*
 * A look at a commit before anybody believes it, by a process in the sandbox
 * for plans: what it comes from, its signature, and whether all of its files
 * are there.
 */
#ifndef CONVERGE_HOST_LINUX_GIT_TIP_H
#define CONVERGE_HOST_LINUX_GIT_TIP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/text/signed.h"

enum { TIP_LAST = 2, TIP_ENTRIES = 1000 * 1000 };

struct tip_question {
	int quarantine;             /* a folder with "objects", or -1 */
	int clone;                  /* the same, or -1 */
	const char *tip;            /* 40 hex digits */
	const char *last[TIP_LAST]; /* commits that it must come from; NULL */
	bool is_part; /* of the commit: its files need not all be there */
	bool (*stopped)(void *context); /* may be NULL */
	void *context;
};

struct tip {
	/* To be believed only if signature_wrong says NULL of it. */
	struct signed_commit commit;
	const char *wrong; /* with its signature, or its files; or NULL */
	bool descends;     /* is each of last, or comes from it */
	int64_t last_time; /* of the newest of them; 0: not known */
};

/*
 * Everything but commit's buffers (signed_release) lives in the arena. False
 * with a diagnostic when nothing can be said of it; without one when the run
 * was told to stop.
 */
bool tip_look(const struct tip_question *, struct tip *, struct arena *,
	      struct diags *);

#endif
