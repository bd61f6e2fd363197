/* SPDX-License-Identifier: MIT */
/*
 * What lies between two commits: the one that both come from, and what one of
 * them has beyond the other. Like commit.h, only for processes that are
 * confined.
 */
#ifndef CONVERGE_HOST_BETWEEN_H
#define CONVERGE_HOST_BETWEEN_H

#include "lib/host/commit.h"

enum {
	BETWEEN_COMMITS = 1000000, /* that are looked at, */
	BETWEEN_CPU = 10,          /* and seconds of processor time */
	BETWEEN_SHOWN = 1000,      /* that are told of */
};

struct between {
	/* The newest that both come from, as git-merge-base(1) has it; id NULL:
	 * there is none. */
	struct commit base;
	size_t nbases; /* how many there are, none of which leads to another */
	struct commit *v; /* that new has, and old has not; the newest first */
	size_t n;
	size_t more; /* those after BETWEEN_SHOWN */
	/* Something on the way cannot be read: the history is shallow. */
	bool ends;
};

/* Lives in the arena. The library is loaded (repository_load). False with a
 * diagnostic: they cannot be read, or the way is too long. */
bool between_find(const char *repository, const struct commit *old,
		  const struct commit *new, struct arena *, struct between *,
		  struct diags *);
/* As a part of what is packed. */
void between_pack(struct pack *, struct between *);

#endif
