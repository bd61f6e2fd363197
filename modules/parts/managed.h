/* SPDX-License-Identifier: MIT */
/* Small files that a type renders in whole, beside what else it does. */
#ifndef CONVERGE_MODULES_PARTS_MANAGED_H
#define CONVERGE_MODULES_PARTS_MANAGED_H

#include "lib/module.h"

/* What stands where such a file is to be. */
struct managed {
	const char *path;
	struct node node;
	struct content content; /* of a file that is not as it is wanted */
	enum match match;
};

/* Whose such a file is, and its mode, for rows of the type's table. */
struct managed_perms {
	const char *owner;
	struct mode mode;
};

/* Rows by names of the type's own enum; at: the offset of a struct
 * managed_perms; called: its name. */
#define MANAGED_ROW_MODE(row, at, called)                                \
	[row] = { .name = (called),                                      \
		  .kind = &kind_mode,                                    \
		  .flags = ATTR_STATE | ATTR_INTERNAL,                   \
		  .offset = (at) + offsetof(struct managed_perms, mode), \
		  .fallback = "\"0644\"",                                \
		  .doc = "The mode of its file." }
#define MANAGED_ROW_OWNER(row, at, called)                                \
	[row] = { .name = (called),                                       \
		  .kind = &kind_owner,                                    \
		  .flags = ATTR_STATE | ATTR_INTERNAL,                    \
		  .offset = (at) + offsetof(struct managed_perms, owner), \
		  .fallback = "\"root\"",                                 \
		  .doc = "Whose its file is." }

/* "# Managed by converge: TYPE:NAME. Changes made here are lost.\n" */
void managed_header(struct buf *, const char *type, const char *name);
/* A copy of what is in the buffer, as content. */
struct content managed_content(const struct buf *, struct arena *);
/* Looks at path, and compares what it holds with want. */
bool managed_look(const struct host *, const char *path,
		  const struct content *want, struct managed *, struct diags *);
/* Sets the row of have that is the content of the file, if it is one. */
void managed_show(const struct managed *, struct record *have, unsigned row,
		  struct content *);
/*
 * Sets the rows of have that are mode and owner of the file; one that is not
 * there, or not wanted, lacks nothing. Where the folder is somebody's, below
 * another root, what he has there counts as root's: so it is written, too.
 */
bool managed_show_perms(const struct host *, const struct managed *,
			bool wanted, struct record *have, uint64_t rows,
			struct managed_perms *, struct arena *, struct diags *);
/* Puts content there, 0644 and root's; what was there is kept. A link gives
 * way, a folder or device does not. */
bool managed_put(struct host *, const struct managed *,
		 const struct content *want, struct arena *, struct diags *);
/* Removes it, if it is there; what was there is kept. */
bool managed_remove(struct host *, const struct managed *, struct diags *);
/* Makes the folder of path, 0755 and root's, if it is not there. */
bool managed_folder(struct host *, const char *path, struct arena *,
		    struct diags *);

#endif
