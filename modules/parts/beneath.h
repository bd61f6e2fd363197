/* SPDX-License-Identifier: MIT */
/*
 * What is below a directory that something else is to take the place of, or
 * that is to be absent: it goes with it. How much that is, and a digest of the
 * names and types of it, is a row: so a plan tells of it, and is stale when
 * that has changed.
 */
#ifndef CONVERGE_MODULES_PARTS_BENEATH_H
#define CONVERGE_MODULES_PARTS_BENEATH_H

#include "lib/module.h"

/* The row of a record with a struct takes at that offset: the last of the
 * table's, so that rows_unknown can leave it out. */
#define ROW_BELOW(at)                                                 \
	[BELOW] = { .name = "below",                                  \
		    .kind = &kind_text,                               \
		    .flags = ATTR_STATE | ATTR_INTERNAL | ATTR_GOING, \
		    .offset = (at) + offsetof(struct takes, text),    \
		    .fallback = "\"nothing\"",                        \
		    .doc = "What is below it, and goes with it." }

/* That nothing goes: says so in the row. */
void beneath_none(struct record *have, unsigned row, struct takes *);
/*
 * Looks at all that is below path, where top stands, and says in the row what
 * of it there is, or why that is not known; nothing, of what is no directory,
 * or is never removed. False with diagnostics when it cannot be looked at. What
 * is said lives in the arena.
 */
bool beneath_look(const struct host *, const char *path, const struct node *top,
		  struct record *have, unsigned row, struct takes *,
		  struct arena *, struct diags *);
/* What is removed or replaced with nothing below it that is told of, or NULL.
 */
const struct node *beneath_stands(const struct node *);

/* Names of what is below, relative, that do not count: they are told of by
 * other means. */
struct beneath_own {
	bool (*is_own)(void *context, const char *relative);
	void *context;
};

/* The same of all else that is below path: what is in a folder that is own is
 * looked at too. */
bool beneath_look_else(const struct host *, const char *path,
		       const struct node *top, const struct beneath_own *,
		       struct record *have, unsigned row, struct takes *,
		       struct arena *, struct diags *);
/* Whether it may go, a copy of it being kept if backup; false with a
 * diagnostic: something is mounted in it, cannot go, or cannot be kept. */
bool beneath_may_go(const char *path, const struct takes *, bool backup,
		    struct diags *);

#endif
