/* SPDX-License-Identifier: MIT */
/* Lines of fstab(5): the one of a mount point, and all others as they are. */
#ifndef CONVERGE_MODULES_PARTS_FSTAB_H
#define CONVERGE_MODULES_PARTS_FSTAB_H

#include "lib/module.h"

struct fstab {
	const char *device, *path, *type, *options;
	int64_t dump, pass;
	const char *comment; /* found: what follows the fields, or "" */
};

/* The first line for path; false: there is none. */
bool fstab_find(const char *text, const char *path, struct arena *,
		struct fstab *);
/* The text with one line for path: what the entry says, in place of the first
 * there was, with the comment of that, else at the end. NULL: with none. */
void fstab_edit(struct buf *, const char *text, const char *path,
		const struct fstab *entry);

#endif
