/* SPDX-License-Identifier: MIT */
/*
 * What was last unpacked at a target, of an archive that is not here any more:
 * "archives" in the state folder, with a file for each target. What it says is
 * what the archive holds, and not what is at the target by now. Losing it costs
 * a download.
 */
#ifndef CONVERGE_HOST_LINUX_DOWNLOAD_KEPT_TABLE_H
#define CONVERGE_HOST_LINUX_DOWNLOAD_KEPT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/strings.h"
#include "lib/host/table.h"

struct kept_table {
	char sha256[DIGEST_HEX]; /* of the archive */
	int64_t strip;           /* components of names that went */
	struct table table;      /* lives until the process ends */
};

/* Whether there is such a table, and it is whole. */
bool kept_table_read(const char *state, const char *target,
		     struct kept_table *);
/* Keeps it; on the disk when it is true. */
bool kept_table_write(const char *state, const char *target,
		      const struct kept_table *, struct diags *);
/* Removes all but those of the targets, and those written since then. */
bool kept_table_tidy(const char *state, const struct strings *targets,
		     int64_t since, struct diags *);

#endif
