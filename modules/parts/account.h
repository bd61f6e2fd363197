/* SPDX-License-Identifier: MIT */
/* What user and group share: the numbers and defaults that useradd(8) and
 * groupadd(8) choose, so that a plan knows them too. */
#ifndef CONVERGE_MODULES_PARTS_ACCOUNT_H
#define CONVERGE_MODULES_PARTS_ACCOUNT_H

#include "lib/module.h"

/* What membership says: an index into its choices. */
enum { MINIMUM, INCLUSIVE };
extern const char *const account_memberships[];

#define ACCOUNT_ROW_NUMBER(row, its_name, at)                                \
	[row] = { .name = (its_name),                                        \
		  .kind = &kind_integer,                                     \
		  .flags = ATTR_STATE,                                       \
		  .offset = (at),                                            \
		  .max = UINT32_MAX - 1LL,                                   \
		  .doc = "Its number; a new one gets the next that is free " \
			 "in the range of login.defs." }
#define ACCOUNT_ROW_SYSTEM(at)                                            \
	[SYSTEM] = { .name = "system",                                    \
		     .kind = &kind_bool,                                  \
		     .flags = ATTR_MANNER,                                \
		     .offset = (at),                                      \
		     .fallback = "false",                                 \
		     .doc = "Whether a new one gets a number for system " \
			    "accounts." }

/* A free number, from the range of login.defs(5): for a system account one
 * below the lowest that is used, else one above the highest. */
bool account_pick_uid(const struct host *, bool system, struct arena *,
		      uint32_t *uid, struct diags *);
/* The same of a group; prefer (of a user's own group: its uid) if it is free,
 * or -1. */
bool account_pick_gid(const struct host *, bool system, int64_t prefer,
		      struct arena *, uint32_t *gid, struct diags *);
/* False, with a diagnostic that names it, when another has that number. */
bool account_uid_free(const struct host *, uint32_t uid, const char *name,
		      struct arena *, struct diags *);
bool account_gid_free(const struct host *, uint32_t gid, const char *name,
		      struct arena *, struct diags *);

/* What login.defs(5), or /etc/default/useradd, says of key; or otherwise. */
const char *account_login_default(const struct host *, const char *key,
				  const char *otherwise, struct arena *);
const char *account_useradd_default(const struct host *, const char *key,
				    const char *otherwise, struct arena *);
/* Whether users have a group of their own (USERGROUPS_ENAB), or otherwise. */
bool account_own_groups(const struct host *, bool otherwise, struct arena *);

/* Sorted, each once. */
void account_sort(struct strings *, struct arena *);
/* What counts of have beside want: all of it, or (minimum) what is in want. */
struct strings account_counted(const struct strings *want,
			       const struct strings *have, bool minimum,
			       struct arena *);
/* What there will be: want, and (minimum) all of have. */
struct strings account_wanted(const struct strings *want,
			      const struct strings *have, bool minimum,
			      struct arena *);

/* home.c: makes the home of a user, with what is in /etc/skel, as it. */
bool home_make(struct host *, const struct user *, struct arena *,
	       struct diags *);
/* Whether the home may be moved or removed with its user: it is theirs, and
 * nobody else's is in it. False with a diagnostic; *there: there is one. */
bool home_is_own(const struct host *, const struct user *, bool *there,
		 struct arena *, struct diags *);

#endif
