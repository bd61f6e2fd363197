/* SPDX-License-Identifier: MIT */
/*
 * The real host. The only folder that may call open(2), rename(2), execve(2)
 * and their like; everything here works on descriptors, by the path walk and
 * the write protocol.
 */
#ifndef CONVERGE_HOST_LINUX_LINUX_H
#define CONVERGE_HOST_LINUX_LINUX_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/host/host.h"

struct linux_options {
	/* The state folder, which is root's; NULL: nothing can be kept. */
	const char *state;
	const char *root; /* "/" or the folder that stands for it */
	/* The following are for a host that is written to. */
	bool writable;
	int backup_fd;   /* folder of kept contents, 0700; -1: none */
	host_kept *kept; /* told of every content that was kept */
	/* Told of the temporary names before any of them exists, so that the
	 * next run can clean up after a kill; false: nothing is written. */
	bool (*intend)(void *context, const char *directory, const char *name,
		       struct diags *);
	/* Makes what intend was told durable (once a batch). */
	bool (*intended)(void *context, struct diags *);
	/* Told that what is at such a name is not to be cleaned up, for it is
	 * somebody else's by now; may be NULL. */
	bool (*disown)(void *context, const char *directory, const char *name,
		       struct diags *);
	void *context;
	/* Whether the run was told to stop: a child is then ended. */
	bool (*stopped)(void *context);
	/* Whether it was told so twice: a child is then killed; may be NULL. */
	bool (*hurried)(void *context);
	/* Answers guards where this process may not start them; NULL: here. */
	struct broker *broker;
};

/* Opens the tree; NULL with a diagnostic when that fails. */
struct host *host_linux(const struct linux_options *, struct diags *);

/*
 * Removes what a killed run left: the temporary name in directory, as intend
 * was told of it. It may be a staged file that has got its owner already, or
 * what that was exchanged with, also a folder; so it is kept first, as far as
 * there is a folder of kept contents. Any other name is refused; what is not
 * there is no error.
 */
bool host_linux_clean(struct host *, const char *directory, const char *name,
		      struct diags *);
/* Removes what a killed run left that kept package scripts from starting
 * services; it does nothing any more, but is a riddle to who finds it. */
bool host_linux_clean_policy(struct host *, struct diags *);

#endif
