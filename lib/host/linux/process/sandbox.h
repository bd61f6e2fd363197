/* SPDX-License-Identifier: MIT */
/*
 * Four sandboxes of Landlock (landlock(7)) and seccomp (seccomp(2)). None can
 * be left again, and all that a process starts in one is in it too.
 *
 * plan: for the process that reads manifests. It reads, and writes to a few
 * descriptors that it has; it starts nothing, and changes nothing.
 * look: for a guard (onlyif, unless). It starts programs, but whatever would
 * change anything is refused, and noticed.
 * validate: for a validator. As look, but it may write below one folder, and
 * to a private copy of logs and the like.
 * fetch: for the process that talks to a server. It may connect, and make
 * files in one folder.
 */
#ifndef CONVERGE_HOST_LINUX_PROCESS_SANDBOX_H
#define CONVERGE_HOST_LINUX_PROCESS_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

#include "lib/base/diag.h"

enum { SANDBOX_WRITES = 4 };

/* Bytes that may be mapped in the plan sandbox: a manifest within its limits
 * needs far less. */
#define SANDBOX_MEMORY ((rlim_t)1 << 30)

/* The filters are made when converge is built (sandbox_gen.c). In place of
 * descriptors that are known only now they name these. */
#define SANDBOX_SLOT(n) (0x7fffff00 + (n))

struct sandbox {
	int at;                   /* relative reads start here */
	const char *const *reads; /* folders and files that may be read */
	size_t nreads;
	const int *writes; /* descriptors, beside 1 and 2 */
	size_t nwrites;    /* at most SANDBOX_WRITES */
	/* Files that are open for writing and that are not among writes, and
	 * memory that others have too; else the former are an error. */
	bool closes;
	rlim_t seconds; /* of processor time that it may take; 0: any */
};

/*
 * Enters the plan sandbox. Root becomes nobody, who may read everything that
 * reads lets him. False with a diagnostic when that is not possible, or when
 * a file is open for writing that is not one of writes: the caller ends the
 * process then, which may be in the sandbox by half.
 */
bool sandbox_enter(const struct sandbox *, struct diags *);

enum { SANDBOX_FETCH_READS = 8 };

/* What a process may do that fetches. */
struct fetch_box {
	/* Where it makes files, and nothing else, O_PATH; -1: nowhere. */
	int folder;
	const int *reads;  /* folders and files that it may read, O_PATH */
	size_t nreads;     /* at most SANDBOX_FETCH_READS */
	const int *writes; /* as in struct sandbox */
	size_t nwrites;
	unsigned port; /* that it may connect to, beside that of DNS */
};

/*
 * Enters the fetch sandbox: root becomes nobody, with no privilege left. What
 * it needs to find a server it may read too. False with a diagnostic, as
 * sandbox_enter.
 */
bool sandbox_enter_fetch(const struct fetch_box *, struct diags *);

/* A guard in the look sandbox, and what it was seen to try. */
struct look {
	int channel[2];  /* the new process sends the listener through it */
	int watch;       /* for child.watch: the channel, then the listener */
	bool entered;    /* the sandbox stands */
	char tried[512]; /* "write '/etc/motd'"; "": nothing that matters */
};

bool look_init(struct look *, struct diags *);
/* child.enter: in the new process, just before the program. */
int look_enter(void *look);
/* child.watched: refuses what the guard asks for, and remembers it. */
void look_watched(void *look);
void look_release(struct look *);

/* Where a validator runs. */
struct validation {
	int folder; /* that it may write to, O_PATH */
	/* A copy of what else it may write to, where that can be had; NULL:
	 * nothing (trial.h). */
	const struct trial *trial;
};

/* child.enter for a validator: a struct validation. */
int validate_enter(void *validation);

#endif
