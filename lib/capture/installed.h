/* SPDX-License-Identifier: MIT */
/*
 * Which files came with packages, and how: dpkg(1)'s database, read once. Only
 * what lies below /etc is kept, for that is where a host differs from another.
 */
#ifndef CONVERGE_CAPTURE_INSTALLED_H
#define CONVERGE_CAPTURE_INSTALLED_H

#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/base/map.h"
#include "lib/base/strings.h"
#include "lib/host/host.h"

struct installed_file {
	const char *path;
	const char *package;
	const char *md5; /* of a conffile, as it came, in hex; else NULL */
};

struct installed {
	struct map files;         /* struct installed_file by path */
	struct strings conffiles; /* sorted */
};

/* A host without dpkg has no such files. */
bool installed_read(struct installed *, const struct host *, struct arena *,
		    struct diags *);
/* NULL: it came with no package. */
const struct installed_file *installed_file(const struct installed *,
					    const char *path);

#endif
