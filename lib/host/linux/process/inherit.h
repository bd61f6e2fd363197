/* SPDX-License-Identifier: MIT */
/*
 * What a process inherits from whoever started it, and what it keeps of that:
 * next to nothing. cron, sudo and a careless shell leave open descriptors,
 * ignored signals, timers, limits and variables behind.
 */
#ifndef CONVERGE_HOST_LINUX_PROCESS_INHERIT_H
#define CONVERGE_HOST_LINUX_PROCESS_INHERIT_H

#include <stdbool.h>

#include "lib/base/diag.h"

/* Where a program is looked for, whatever PATH says. */
#define INHERIT_PATH \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/*
 * The first thing that main does. Descriptors 0 to 2 are open afterwards and
 * no other is, the folder is "/", the umask 077, every signal has its default
 * action but SIGPIPE and SIGXFSZ, which are ignored; there are no timers, no
 * core dumps, and an environment of PATH, HOME, LANG and at most TERM,
 * NO_COLOR and TZ. *cwd is an O_PATH descriptor of the folder that the
 * process was started in, for paths given on the command line; -1 when that
 * cannot be opened.
 */
bool inherit_clean(int *cwd, struct diags *);

/* The signals that ask a run to stop: TERM, INT, HUP, QUIT. */
struct stop {
	bool caught; /* fd is open */
	int fd;      /* a signalfd(2); readable when one came */
	int signal;  /* the first that came; 0: none */
	bool twice;  /* a second one came */
};

/* From now on those signals wait to be asked for, and end nothing. */
bool inherit_catch_stop(struct stop *, struct diags *);
/* The first of them that came so far, or 0; never waits. */
int stop_signal(struct stop *);
void stop_release(struct stop *);

#endif
