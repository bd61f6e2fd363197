/* SPDX-License-Identifier: MIT */
/*
 * Users and groups as values: what passwd(5), shadow(5) and group(5) hold of
 * them, and how one is to be changed.
 */
#ifndef CONVERGE_HOST_ACCOUNT_H
#define CONVERGE_HOST_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/strings.h"

struct content;

enum user_part {
	USER_UID = 1,
	USER_GID = 2,
	USER_COMMENT = 4,
	USER_HOME = 8,
	USER_SHELL = 16,
	USER_PASSWORD = 32,
	USER_LOCKED = 64,
	USER_EXPIRES = 128,
	USER_GROUPS = 256,
	USER_ALL = 511,
};

enum { NEVER_EXPIRES = -1 };

struct user {
	const char *name;
	unsigned known; /* enum user_part: others cannot be known */
	uint32_t uid, gid;
	const char *comment, *home, *shell;
	/* The hash, without the "!" of usermod -L; "": none was ever set, or
	 * (not locked) none is asked for. No output may show it. */
	const char *password;
	const struct content *sealed; /* a secret that is one, in its place:
					 not known here */
	bool locked;                  /* the hash has a "!" before it */
	int64_t expires;       /* days since 1970-01-01, or NEVER_EXPIRES */
	struct strings groups; /* that have it as a member, sorted */
};

enum group_part { GROUP_GID = 1, GROUP_MEMBERS = 2, GROUP_ALL = 3 };

/* Not struct group, which grp.h(0p) has. */
struct user_group {
	const char *name;
	unsigned known; /* enum group_part */
	uint32_t gid;
	struct strings members; /* sorted; not those whose primary group it is
				 */
};

/* The name is that of before, or of after where there is no before. */
struct user_change {
	const struct user *before; /* NULL: create it */
	const struct user *after;  /* NULL: remove it; its home stays */
	unsigned set;              /* enum user_part: what of after counts */
	bool system;               /* of a new one: useradd -r */
	bool move_home; /* what is in the old home goes to the new one */
	/* userdel(8) removes the group of its name too (USERGROUPS_ENAB) */
	bool takes_group;
};

struct group_change {
	const struct user_group *before, *after;
	unsigned set; /* enum group_part */
	bool system;
};

#endif
