/* SPDX-License-Identifier: MIT */
/*
 * A private copy of what programs write to when they only check something:
 * their logs, pid files and caches. The process gets a mount namespace of its
 * own (mount_namespaces(7)), in which everything is read-only; over a few
 * folders lies an overlay in memory, that is gone with the process.
 */
#ifndef CONVERGE_HOST_LINUX_PROCESS_TRIAL_H
#define CONVERGE_HOST_LINUX_PROCESS_TRIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"

enum { TRIAL_COVERS = 8 };

struct trial_cover {
	const char *target;       /* "/var/log" */
	const char *upper, *work; /* folders of the scratch */
	const char *options;      /* for the overlay */
};

struct trial {
	const char *room;    /* a folder that may be written to; or NULL */
	const char *scratch; /* where a file system in memory goes: in the room,
			      * else /tmp */
	struct trial_cover covers[TRIAL_COVERS];
	size_t n;
};

/* Makes what trial_enter needs, in the arena. room may be NULL. */
void trial_prepare(struct trial *, const char *room, struct arena *);
/*
 * In a new process, as root: enters the copy. Descriptors of the n folders
 * that may be written to come into folders. False: it cannot be had here, and
 * nothing may be written but to the room as it was; signal-safety(7) holds.
 */
bool trial_enter(const struct trial *, int folders[TRIAL_COVERS], size_t *n);

#endif
