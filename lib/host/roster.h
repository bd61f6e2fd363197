/* SPDX-License-Identifier: MIT */
/*
 * Users and groups in memory: all of a recorded host's, and of an overlay what
 * they will be once a plan changes one. The functions that change it refuse
 * what shadow-utils refuse.
 */
#ifndef CONVERGE_HOST_ROSTER_H
#define CONVERGE_HOST_ROSTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/base/map.h"
#include "lib/host/host.h"

struct roster_entry {
	struct user user;        /* its groups are not kept: the members are */
	struct user_group group; /* the one or the other */
	const char *name;
	bool gone;
	struct roster_entry *next;
};

/* In order; those that are gone stay, and are known to be. */
struct roster_list {
	struct roster_entry *first, **end;
	struct map names;
};

struct roster {
	struct arena arena;
	struct roster_list users, groups;
	bool loaded; /* of an overlay: it has taken over what the base has */
};

void roster_init(struct roster *);
void roster_release(struct roster *);
/* Copies; one of that name is replaced. */
void roster_add_user(struct roster *, const struct user *);
void roster_add_group(struct roster *, const struct user_group *);
/* Takes over all that base has. */
bool roster_load(struct roster *, const struct host *base, struct diags *);

/* "users" and "groups" of a snapshot; false with diagnostics. The JSON may be
 * NULL, and is not needed any more afterwards. */
bool roster_read(struct roster *, const json_t *users, const json_t *groups,
		 struct diags *);
/* The same, sorted by name, without passwords; new references. */
json_t *roster_users_json(const struct roster *);
json_t *roster_groups_json(const struct roster *);

/* Not gone; or NULL. */
const struct user *roster_user(const struct roster *, const char *name);
const struct user_group *roster_group(const struct roster *, const char *name);
/* Whether the roster speaks for that name, also to say that it is gone. */
bool roster_has_user(const struct roster *, const char *name);
bool roster_has_group(const struct roster *, const char *name);
const char *roster_user_name(const struct roster *, uint32_t id);
const char *roster_group_name(const struct roster *, uint32_t id);

/* As the functions of struct host_looks. */
void roster_look_user(const struct roster *, const char *name, struct arena *,
		      struct user *, bool *there);
void roster_look_group(const struct roster *, const char *name, struct arena *,
		       struct user_group *, bool *there);
void roster_list_users(const struct roster *, struct arena *, struct strings *);
void roster_list_groups(const struct roster *, struct arena *,
			struct strings *);

bool roster_set_user(struct roster *, const struct user_change *,
		     struct diags *);
bool roster_set_group(struct roster *, const struct group_change *,
		      struct diags *);

#endif
