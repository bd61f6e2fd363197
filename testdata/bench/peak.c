/* SPDX-License-Identifier: MIT */
/*
 * peak FILE COMMAND [ARGUMENT...] runs COMMAND and writes one line to FILE:
 * how long it took in seconds, and the most memory that it, or one of the
 * children it waited for, had resident, in KiB (getrusage(2)). The exit status
 * is COMMAND's, or 128 + n when signal n ended it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/auto.h"

enum { NOT_STARTED = 127 };

static NORETURN void fail(const char *what)
{
	fprintf(stderr, "peak: cannot %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static NORETURN void command_exec(char **command)
{
	execvp(command[0], command);
	fprintf(stderr, "peak: cannot run '%s': %s\n", command[0],
		strerror(errno));
	_exit(NOT_STARTED);
}

static int command_run(char **command, struct rusage *usage)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		fail("fork");
	if (!child)
		command_exec(command);
	while (wait4(child, &status, 0, usage) < 0) {
		if (errno != EINTR)
			fail("wait");
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void figures_write(const char *path, double took, long memory)
{
	FILE *file = fopen(path, "we");

	if (!file)
		fail("write the figures");
	fprintf(file, "%.4f %ld\n", took, memory);
	if (fclose(file))
		fail("write the figures");
}

int main(int n, char **arguments)
{
	struct rusage usage;
	double start;
	int status;

	if (n < 3) {
		fputs("usage: peak FILE COMMAND [ARGUMENT...]\n", stderr);
		return EXIT_FAILURE;
	}
	start = seconds();
	status = command_run(arguments + 2, &usage);
	figures_write(arguments[1], seconds() - start, usage.ru_maxrss);
	return status;
}
