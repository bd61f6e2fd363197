/* SPDX-License-Identifier: MIT */
/*
 * Work that is not trusted, since it reads what anybody may have written: it
 * is done by a process of its own, in the sandbox for plans (sandbox.h), and
 * what it writes to one descriptor is all that can come of it.
 */
#ifndef CONVERGE_HOST_LINUX_PROCESS_CONFINED_H
#define CONVERGE_HOST_LINUX_PROCESS_CONFINED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/buf.h"
#include "lib/base/diag.h"

struct confined {
	/* In the sandbox: returns its exit status. out takes what it has to
	 * say, in any number of writes. */
	int (*work)(void *context, int out);
	/* Diagnostics of entering the sandbox, in the process that could not;
	 * NULL: nobody asks why. */
	void (*lost)(void *context, const struct diags *);
	/* Whether the run was told to stop: the process is killed then. */
	bool (*stopped)(void *context);
	/* Another sandbox than that for plans, or NULL. */
	bool (*enter)(void *context, int out, struct diags *);
	void *context;
	unsigned seconds; /* of processor time that it may take; 0: any */
	/* Other descriptors that it may write to, and how many bytes to each;
	 * not with enter. */
	const int *writes;
	size_t nwrites;
	uint64_t most;    /* 0: as many as it may have in memory */
	const char *name; /* of the process; NULL: of that for manifests */
};

/*
 * Does the work, and waits for its end. *out is then a file of what it wrote,
 * which nobody can change any more, to be closed by the caller; *status its
 * wait status. False with a diagnostic when it could not be started, was killed
 * by a signal, or was stopped (without a diagnostic).
 */
bool confined_run(const struct confined *, int *out, int *status,
		  struct diags *);

/* The same in two steps, so that several can run at once. confined_end is to be
 * called for each that was started. */
bool confined_begin(const struct confined *, int *out, pid_t *child,
		    struct diags *);
bool confined_end(const struct confined *, pid_t child, int *status,
		  struct diags *);

/*
 * Starts the work, and returns at once: *from, to be closed by the caller, is
 * the end of a pipe from which what it writes is read. *child is to be waited
 * for (confined_wait). False with a diagnostic when it could not be started.
 */
bool confined_stream(const struct confined *, int *from, pid_t *child,
		     struct diags *);

/* For work that hands over a block: what pack_write (pack.h) writes with, given
 * a pointer to out. */
bool confined_put(void *out, const void *bytes, size_t n);
/* For work that has nothing to hand over: says why, and returns its exit
 * status. */
int confined_say(int out, const char *text);
/* What it said then, safe to be shown. */
void confined_reason(int out, struct buf *safe);

/* Waits for a child process, and kills it as soon as stopped (may be NULL)
 * says so, or at once. Its wait status. */
int confined_wait(pid_t, bool at_once, bool (*stopped)(void *context),
		  void *context);

/* A new file in memory, to be closed by the caller; -1 with a diagnostic. */
int linux_memory(const char *name, struct diags *);
/* The bytes of a file, as memory of ours that can be written to without
 * changing it; lives until the process ends. NULL: there are none. */
void *linux_map(int fd, size_t *size);
/* What the linker calls this very build of the program, as hex digits; NULL
 * when it was not asked to call it anything. Lives for ever. */
const char *linux_build(void);

#endif
