/* SPDX-License-Identifier: MIT */
/*
 * What a host has already, as libgit2 asks for it: the references of a
 * repository, of which there is one or none, in memory alone.
 */
#ifndef CONVERGE_HOST_LINUX_GIT_HAVES_H
#define CONVERGE_HOST_LINUX_GIT_HAVES_H

#include "lib/host/linux/git/git.h"

#define HAVES_LAST "refs/heads/last"

/* Gives the repository one reference, to that commit; NULL: none. It lives in
 * the arena. False: libgit2 says why. */
bool haves_use(const struct git *, git_repository *, const char *commit,
	       struct arena *);

#endif
