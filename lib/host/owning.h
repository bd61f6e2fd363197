/* SPDX-License-Identifier: MIT */
/*
 * What root does not do in a folder of another user's, who can put there what
 * is not his under any name: the same rules for the real host and for pictures
 * of it, so that a plan says what an apply would refuse.
 */
#ifndef CONVERGE_HOST_OWNING_H
#define CONVERGE_HOST_OWNING_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/host/host.h"

/* A change in a folder of another user's. */
struct owning {
	const char *path;
	uint32_t owner;          /* whose ground it is */
	const struct node *have; /* what is changed, or as it is made */
	const struct perms *perms;
	bool member; /* the ground's owner is in the group that it will have */
};

/*
 * False with a diagnostic when it would be another's, is another's now, or
 * would be a program that runs as a group that its owner is not in, and could
 * write to.
 */
bool owning_allows(const struct host *, const struct owning *, struct diags *);
/* Whether it matters for that if the ground's owner is in that group. */
bool owning_asks_group(const struct node *have, const struct perms *);
/* The group that it will have. */
uint32_t owning_group(const struct node *have, const struct perms *);

#endif
