/* SPDX-License-Identifier: MIT */
/* The files of accounts, as they were read; see accounts_file.c. */
#ifndef CONVERGE_HOST_LINUX_ACCOUNTS_ACCOUNTS_H
#define CONVERGE_HOST_LINUX_ACCOUNTS_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/map.h"
#include "lib/host/linux/files/walk.h"

/* Fields of a line: passwd(5), group(5), shadow(5). */
enum {
	PASSWD_PASSWORD = 1,
	PASSWD_UID = 2,
	PASSWD_GID = 3,
	PASSWD_COMMENT = 4,
	PASSWD_HOME = 5,
	PASSWD_SHELL = 6,
	GROUP_FILE_GID = 2,
	GROUP_FILE_MEMBERS = 3,
	SHADOW_PASSWORD = 1,
	SHADOW_EXPIRES = 7,
	FIELDS_MAX = 9,
};

struct account {
	const char *name;
	uint32_t id;
	uint32_t group;                 /* of a user: the primary one */
	const char *members;            /* of a group: names with ',' between */
	const char *fields[FIELDS_MAX]; /* "" where there are no more */
	struct account *next;
};

/* What one file holds. */
struct database {
	const char *path;
	size_t fields;             /* a line has at least so many */
	size_t id, group, members; /* which field they are; 0: none */
	struct node file;          /* as it was read */
	bool unread;               /* it is there, and cannot be read */
	struct arena arena;
	struct map names, ids;
	struct account *first, **end;
};

struct accounts {
	bool fresh;  /* nothing changed since they were looked at */
	bool shaded; /* the same, of shadow */
	bool busy;   /* a walk to the files asks for an owner's name */
	struct database users, groups, shadow;
};

/* Reads users and groups where they may have changed, or (again) also if not.
 * False: nothing can be newer than what was last seen. */
bool accounts_load(const struct linux_host *, bool again);
/* Reads shadow too; only who asks for passwords needs it. */
void accounts_load_shadow(const struct linux_host *);
const struct account *accounts_named(const struct linux_host *,
				     const struct database *, const char *name);
const struct account *accounts_numbered(const struct linux_host *,
					const struct database *, uint32_t id);
/* Whether user is among the members of the group. */
bool accounts_member(const struct account *group, const char *user);

#endif
