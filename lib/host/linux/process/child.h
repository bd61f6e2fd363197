/* SPDX-License-Identifier: MIT */
/*
 * Runs a program and waits for it, whatever it does: it may hang, fork away,
 * flood its output, ignore signals or never start. child_run always comes
 * back, in bounded time, and leaves no zombie and nobody in the group.
 */
#ifndef CONVERGE_HOST_LINUX_PROCESS_CHILD_H
#define CONVERGE_HOST_LINUX_PROCESS_CHILD_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/host/host.h"

enum {
	CHILD_KEEP = 64 * 1024, /* bytes kept of each end of a stream */
	CHILD_GRACE = 10000,    /* milliseconds between TERM and KILL */
	CHILD_TIMEOUT = 300000, /* when none is given */
};

/* Who the program runs as. */
struct child_user {
	const char *name; /* for messages, USER and LOGNAME */
	const char *home;
	uid_t uid;
	gid_t gid;
	const gid_t *groups; /* all others, instead of inherited ones */
	size_t ngroups;
};

struct child {
	/* The program; without a '/' it is looked for in INHERIT_PATH, inside
	 * the root. Ended by NULL. */
	const char *const *argv;
	/* "NAME=value", in place of the fixed ones of that name: PATH, HOME,
	 * LANG, DEBIAN_FRONTEND, and for a user USER and LOGNAME. */
	const char *const *env;
	size_t nenv;
	const char *cwd;               /* NULL: "/" */
	bool has_root;                 /* chroot(2) into root_fd */
	int root_fd;                   /* O_PATH */
	const struct child_user *user; /* NULL: as this process */
	mode_t umask;
	const void *input; /* for its standard input; NULL: /dev/null */
	size_t input_size;
	size_t keep; /* first bytes of its output that are kept; 0: CHILD_KEEP
		      */
	int64_t timeout; /* milliseconds; 0: CHILD_TIMEOUT */
	int64_t grace;   /* milliseconds; 0: CHILD_GRACE */
	/* Nothing that it started may outlive it, not even what made a session
	 * of its own, as a daemon does. */
	bool leaves_nothing;
	/* Whether the run was told to stop: TERM, and KILL after the grace.
	 * Asked every 200 ms or more often; may be NULL. */
	bool (*stopped)(void *context);
	/* Whether it was told so a second time: KILL at once; may be NULL. */
	bool (*hurried)(void *context);
	void *context;
	/*
	 * Runs in the new process, last before the program, as its user and in
	 * its root: 0 or an errno, which means that the program is not run.
	 * Only what signal-safety(7) allows. May be NULL.
	 */
	int (*enter)(void *enter_context);
	void *enter_context;
	/* Descriptor that watched is called for when it is readable or hung
	 * up, as long as the program runs; watched may replace it, -1: none
	 * (any more). NULL: there is nothing to watch. */
	int *watch;
	void (*watched)(void *enter_context);
};

/*
 * Runs it and says how it ended. The outcome's buffers are the caller's
 * (outcome_release), its because lives in the arena. ENDED_NOT_STARTED has
 * errno as its code.
 */
void child_run(const struct child *, struct arena *, struct outcome *);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t child_now(void);

/*
 * poll(2), for a loop around it. Where it fails, it takes a moment all the
 * same: who does not know what it waits for must not keep the processor from
 * it.
 */
int child_poll(struct pollfd *, size_t n, int milliseconds);

#endif
