/* SPDX-License-Identifier: MIT */
/*
 * The state folder: what must outlive a run, and the lock that lets one run
 * at a time work. It holds "lock", the database (store.h) and "backup".
 *
 * It is a real directory of ours (the effective user's, so root's), mode 0700.
 * No component of its path may be a link, or a folder that others could swap
 * for one.
 */
#ifndef CONVERGE_STORE_FOLDER_H
#define CONVERGE_STORE_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"

struct folder {
	int fd;           /* -1: there is none, and nothing to remember */
	int backup;       /* its folder "backup"; -1: there is none */
	int lock;         /* -1: not held */
	const char *path; /* absolute; in the arena */
};

#define FOLDER_NONE                                \
	{                                          \
		.fd = -1, .backup = -1, .lock = -1 \
	}

/*
 * Opens the folder at path. For writing it is made when it is missing
 * (parents 0755), and chmod(2)ed to 0700 when it is ours but looser. For
 * reading nothing is changed: a missing one is fd -1, a looser one a warning,
 * and root's own, seen by another user, a warning and fd -1. False with a
 * diagnostic when it must not be used; the struct is then FOLDER_NONE.
 */
bool folder_open(struct folder *, const char *path, bool writable,
		 struct arena *, struct diags *);
/*
 * Closes it, and with the lock's last descriptor gives the lock up. A child
 * that was forked without execve(2) shares the lock: it must call this first,
 * or the lock outlives a killed parent.
 */
void folder_close(struct folder *);

#define AUTO_FOLDER AUTO(folder_close)

enum lock_answer {
	LOCK_FAILED,  /* with a diagnostic */
	LOCK_TAKEN,   /* held until folder_close, or death */
	LOCK_BUSY,    /* another holds it; with a diagnostic that says who */
	LOCK_STOPPED, /* the run was told to stop while it waited */
};

/* How long to wait for the lock. A zeroed struct: try once. */
struct lock_wait {
	int64_t timeout;                /* milliseconds; below 0: for ever */
	bool (*stopped)(void *context); /* NULL: never */
	void *context;
};

/*
 * Takes the lock of a folder opened for writing. command is written into the
 * file with our pid and the time, to tell the next one who is at work; nothing
 * is ever decided by it.
 */
enum lock_answer folder_lock(struct folder *, const struct lock_wait *,
			     const char *command, struct diags *);
/*
 * Whether a run holds the lock now, and what it wrote about itself ("1234
 * 2026-11-22T10:00:00Z apply"); never takes the lock. Reads /proc/locks, and
 * says no where that cannot be read.
 */
bool folder_held(const struct folder *, struct arena *, const char **holder);

#endif
