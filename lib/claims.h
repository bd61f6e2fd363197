/* SPDX-License-Identifier: MIT */
/*
 * What of a host the catalog manages, wherever its paths lead: a file in a
 * directory is managed by each path that leads there, by links of the manifest
 * or of the host.
 */
#ifndef CONVERGE_CLAIMS_H
#define CONVERGE_CLAIMS_H

#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/base/map.h"
#include "lib/base/strings.h"

struct catalog;
struct host;
struct resource;

/* What a resource has beside the path of its rows. */
struct owned {
	struct arena *arena;
	struct strings files, edits, folders;
};

/* Of the host, or, if that is NULL, of any. */
struct owned claims_owned(const struct resource *, const struct host *,
			  struct arena *);

struct claims {
	bool ready;
	struct map links;     /* target, or "" for what is none, by path */
	struct map others;    /* resources whose paths lead elsewhere, by where
			       * they lead */
	struct strings paths; /* that are managed, and links on the way; sorted.
			       * No component but the last is a link. */
	struct strings promises; /* those of them that commands create */
	struct strings folders;  /* those of them that are some type's own */
};

/* Whether path, or anything below it, is managed. The first call finds out
 * where paths lead, for all later ones. */
bool claims_have(struct catalog *, const struct host *, const char *path);
/* Whether a command creates path, or something below it. */
bool claims_promise(struct catalog *, const struct host *, const char *path);
/* Whether path is a folder whose content is a resource's own. */
bool claims_folder(struct catalog *, const struct host *, const char *path);
/* After what may have changed where paths lead: the next call finds out anew.
 */
void claims_forget(struct catalog *);
/* What manages the very path, or NULL. */
const struct resource *claims_at(struct catalog *, const struct host *,
				 const char *path);

/* Another that manages the same thing by another path, or, where one of them
 * edits it, leaves nothing to edit. */
struct rival {
	const struct resource *other; /* NULL: there is none */
	const char *at; /* where the own path leads; NULL: nowhere else */
};

/* Of each resource by its index: by links of the manifest, and, unless the host
 * is NULL, by those of the host that it follows. NULL: nobody has one. */
struct rival *claims_rivals(struct catalog *, const struct host *);
/* "'/lnk/x' leads to '/real/x', which is managed twice: also by ..." */
const char *claims_told(const struct catalog *, const struct resource *,
			const struct rival *);

#endif
