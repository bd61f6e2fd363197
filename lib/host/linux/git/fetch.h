/* SPDX-License-Identifier: MIT */
/*
 * Fetches the newest commit of a branch, or another: libgit2 in a process of
 * its own, that is nobody, writes to one folder, and connects to one server,
 * which must be the one that is known. What it leaves is anybody's: to be
 * looked at in a sandbox before it is believed.
 */
#ifndef CONVERGE_HOST_LINUX_GIT_FETCH_H
#define CONVERGE_HOST_LINUX_GIT_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/diag.h"
#include "lib/host/repository.h"

/* When nothing else is said. */
enum {
	FETCH_SECONDS = 120,
	FETCH_MOST = 512 * 1024 * 1024, /* bytes of all that a server sends */
	FETCH_OBJECTS = 2 * 1000 * 1000,
};

enum fetched {
	FETCH_BRANCH,
	FETCH_TAG,
	FETCH_NAME,   /* a branch or a tag, of which there must not be both */
	FETCH_COMMIT, /* all branches and tags, among which it must be */
};

struct fetch {
	const char *url, *name;
	enum fetched what; /* that the name is of */
	bool is_https;
	const char *ca_file;       /* or NULL: what the system trusts */
	const struct buf *ssh_key; /* a private key; NULL with https */
	/* A folder with objects/pack, in which nobody but the process may make
	 * files, and .ssh/known_hosts (quarantine_make). */
	int home;
	int clone;        /* the repository with what is there already, or -1 */
	const char *have; /* a commit in it, or NULL */
	int64_t seconds;  /* 0: FETCH_SECONDS */
	uint64_t most;    /* 0: FETCH_MOST */
	bool (*stopped)(void *context); /* may be NULL */
	void *context;
};

/*
 * What the branch or tag leads to (of a tag that may be an object of its own),
 * all of whose history is in home or clone when the server is honest; *what
 * (may be NULL) is what the name is of. False with *because, in the arena, when
 * it was not to be had; NULL when the run was told to stop.
 */
bool fetch_run(const struct fetch *, char tip[OBJECT_HEX + 1],
	       enum fetched *what, const char **because, struct arena *);

#endif
