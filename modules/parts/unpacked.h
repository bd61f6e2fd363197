/* SPDX-License-Identifier: MIT */
/* What archive and git share: a folder that holds what a table says. */
#ifndef CONVERGE_MODULES_PARTS_UNPACKED_H
#define CONVERGE_MODULES_PARTS_UNPACKED_H

#include "lib/module.h"

#define UNPACKED_ROW_GROUP(at)           \
	[GROUP] = { .name = "group",     \
		    .kind = &kind_group, \
		    .flags = ATTR_STATE, \
		    .offset = (at),      \
		    .doc = "The group that owns all of it; root's when new." }

struct unpacked {
	const char *path;
	const struct table *table;
	const struct strings *ignore; /* names that may change */
	const char *owner, *group;    /* of all of it; NULL: any */
};

/* For a type's check: names of entries. */
bool unpacked_check_ignore(const struct strings *ignore, struct diags *);
void unpacked_edges(const struct unpacked *, struct edges *);

struct unpacked_state {
	const char *owner, *group; /* as wanted, or one that is not */
	const char *differs; /* what of it is not as it should be; or NULL */
	const char *unknown; /* why not all can be known; or NULL */
};

/* Looks at all entries; node is what stands at path, a directory. */
bool unpacked_look(const struct host *, const struct unpacked *,
		   const struct node *, struct unpacked_state *, struct arena *,
		   struct diags *);
/*
 * Says in the row what goes with the folder when it is replaced or removed:
 * what stands there and is not of the table (see beneath_look). It is nothing
 * where force is needed and not given, for then nothing is done.
 */
bool unpacked_look_beside(const struct host *, const struct unpacked *,
			  const struct node *, bool force, struct record *have,
			  unsigned row, struct takes *, struct arena *,
			  struct diags *);
/*
 * Puts the folder in place, or, absent, removes it. What stands there and
 * holds more gives way only by force. The write says where the contents come
 * from, what is expected there, and whether that is kept.
 */
bool unpacked_change(struct host *, const struct unpacked *, bool absent,
		     bool force, struct folder_write *, struct arena *,
		     struct diags *);

#endif
