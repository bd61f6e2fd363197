/* SPDX-License-Identifier: MIT */
/* What archive and git share: a folder that holds what a table says. */
#ifndef CONVERGE_MODULES_PARTS_UNPACKED_H
#define CONVERGE_MODULES_PARTS_UNPACKED_H

#include "lib/module.h"

struct unpacked {
	const char *path;
	const struct table *table;
	const struct strings *ignore; /* names that may change */
	const char *owner, *group;    /* of all of it; NULL: any */
};

struct unpacked_state {
	const char *owner, *group; /* as wanted, or one that is not */
	const char *differs; /* what of it is not as it should be; or NULL */
	const char *unknown; /* why not all can be known; or NULL */
};

/* Looks at all entries; node is what stands at path, a directory. */
bool unpacked_look(const struct host *, const struct unpacked *,
		   const struct node *, struct unpacked_state *, struct arena *,
		   struct diags *);
/* Whether what stands there holds nothing else, so that it may be done away
 * with without being asked for by force. done: "replaced". */
bool unpacked_may_go(const struct host *, const struct unpacked *,
		     const struct node *, const char *done, struct arena *,
		     struct diags *);
/* Puts the folder in place; the write says where its contents come from, and
 * what else is not in struct unpacked. */
bool unpacked_put(struct host *, const struct unpacked *, struct folder_write *,
		  struct diags *);

#endif
