/* SPDX-License-Identifier: MIT */
/*
 * What nobody can change, root neither, as long as it is so: a mount point is
 * not removed or replaced (EBUSY in rename(2), unlink(2)), and what chattr(1)
 * made immutable or append-only is not changed at all (EPERM; in a folder the
 * names). The same words for the real host and for pictures of it, so that a
 * plan says what an apply would refuse.
 */
#ifndef CONVERGE_HOST_PINNED_H
#define CONVERGE_HOST_PINNED_H

#include <stdbool.h>

#include "lib/host/host.h"

/* Whether owner and mode of what is at path can be changed; false with a
 * diagnostic. */
bool pinned_changes(const char *path, const struct node *have, struct diags *);
/* Whether what is at path can be removed from the folder, or replaced; have of
 * type NODE_ABSENT: whether something can be made there. */
bool pinned_moves(const char *path, const struct node *folder,
		  const struct node *have, struct diags *);

#endif
