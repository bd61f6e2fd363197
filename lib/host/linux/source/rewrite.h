/* SPDX-License-Identifier: MIT */
/* Files of the user's own that converge puts in order: manifests, not what a
 * host is made of. */
#ifndef CONVERGE_HOST_LINUX_SOURCE_REWRITE_H
#define CONVERGE_HOST_LINUX_SOURCE_REWRITE_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/diag.h"
#include "lib/host/tree.h"

/*
 * Gives the file at path, below the folder (absolute, and opened as it is,
 * links and all), new content, and leaves it its owner and mode. Below the
 * folder no link is followed. It is old or new in whole, at every instant; and
 * if it is not any more what has the stamp, an edit by somebody else is not
 * lost: false with a diagnostic. shown is how the user calls the file.
 */
bool linux_rewrite(const char *folder, const char *path, const char *shown,
		   const struct tree_stamp *, const struct buf *,
		   struct diags *);

#endif
