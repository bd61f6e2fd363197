/* SPDX-License-Identifier: MIT */
/*
 * The start of a program, as child.c does it: what it is given, and the new
 * process, which tells what went wrong before it was the program.
 */
#ifndef CONVERGE_HOST_LINUX_PROCESS_START_H
#define CONVERGE_HOST_LINUX_PROCESS_START_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/base/auto.h"
#include "lib/host/linux/process/child.h"

/* What the new process does before it is the program. */
enum stage {
	STAGE_EXECUTE,
	STAGE_INTERPRETER,
	STAGE_SESSION,
	STAGE_DESCRIPTORS,
	STAGE_ROOT,
	STAGE_FOLDER,
	STAGE_USER,
	STAGE_PRIVILEGES,
	STAGE_ENTER,
};

/* Comes through a pipe when one of them failed; less than PIPE_BUF. */
struct report {
	enum stage stage;
	int error;
	char detail[PATH_MAX / 4];
};

/* All that the new process needs, made before it is. */
struct start {
	const struct child *child;
	char **argv, **env;
	int input, output, errors, report;
	pid_t parent;
};

/* A copy that execve(2) takes: the n strings and NULL. */
char **start_strings(struct arena *, const char *const *v, size_t n);
char **start_environment(const struct child *, struct arena *);
/* Both ends close on exec and are no descriptor that the new process puts its
 * own to; reading does not wait. */
bool start_pipe(int ends[2]);
/*
 * Standard input as a file in memory, so that nobody waits for anybody. Where
 * vm.memfd_noexec is 2 it must be sealed against execution.
 */
int start_input(const struct child *);
/* In the new process: only what signal-safety(7) allows. */
NORETURN void start_become(const struct start *);

#endif
