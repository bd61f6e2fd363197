/* SPDX-License-Identifier: MIT */
/* Owner, group and mode: what file, directory and link share. */
#ifndef CONVERGE_MODULES_PARTS_PERMS_H
#define CONVERGE_MODULES_PARTS_PERMS_H

#include "lib/module.h"

/* The number of an account's name, which may be a number itself. False, with
 * a diagnostic, when this host has no such account. */
bool perms_user(const struct host *, const char *name, uint32_t *id,
		struct diags *);
bool perms_group(const struct host *, const char *name, uint32_t *id,
		 struct diags *);
/* An id for people, spelled as want spells it when it is the same. */
const char *perms_show_user(const struct host *, const char *want, uint32_t id,
			    struct arena *);
const char *perms_show_group(const struct host *, const char *want, uint32_t id,
			     struct arena *);
/* The mode of a node as a value. */
struct mode perms_mode(const struct node *);

/*
 * The perms that a thing shall have: as wanted where that is given (owner,
 * group, mode may be NULL), as have says otherwise, new_mode for a new one.
 * False with a diagnostic for an account that is not there, and for a file
 * that has set-id bits which mode does not ask for and gets another owner or
 * group: chown(2) clears them, so that no user's program becomes one of root's.
 */
bool perms_wanted(const struct host *, const char *owner, const char *group,
		  const struct mode *mode, const struct node *have,
		  uint32_t new_mode, bool is_directory, struct perms *,
		  struct diags *);

/* The mode of a file with a new owner or group: what mode (or NULL) makes of
 * that of the node without its set-id bits. */
uint32_t perms_without_set_id(const struct mode *, const struct node *);

/*
 * Whether what is written to path may keep owner and mode of the node there.
 * In a folder that all may write to, such as /tmp, whoever was there first
 * would decide who may read and change what is written now: false with a
 * diagnostic.
 */
bool perms_may_inherit(const struct host *, const char *path,
		       const struct node *, struct arena *, struct diags *);

/* Edges after the user and the group that own it. */
void perms_edges(const char *owner, const char *group, struct edges *);
/* The same of those that something runs as; each may be NULL. */
void perms_edges_as(const char *user, const char *group, struct edges *);

#endif
