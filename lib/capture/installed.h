/* SPDX-License-Identifier: MIT */
/*
 * What dpkg(1) and apt(8) have written down of a host, read once: which
 * packages there are, and which files of /etc and unit files came with them.
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

struct installed_package {
	const char *name;
	bool basic;     /* every Debian has it */
	bool helps;     /* what others need, such as a library */
	bool automatic; /* another one needed it */
	bool held;
};

struct installed {
	struct map files;         /* struct installed_file by path */
	struct strings conffiles; /* sorted */
	struct map packages;      /* struct installed_package by name */
	struct strings names;     /* of packages, sorted */
	struct map needed;        /* struct strings: who depends on that name */
	struct buf scripts;       /* all that make accounts on installation */
};

/* A host without dpkg has none. */
bool installed_read(struct installed *, const struct host *, struct arena *,
		    struct diags *);
/* NULL: it came with no package. */
const struct installed_file *installed_file(const struct installed *,
					    const char *path);
/* Whether the scripts of some package name the account. */
bool installed_account(const struct installed *, const char *name);
void installed_release(struct installed *);

#endif
