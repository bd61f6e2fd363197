/* SPDX-License-Identifier: MIT */
/*
 * Acting as the user whose ground it is. In a folder of user X nothing that
 * root checks stays true until root acts on it; so there every change is made
 * as X, who can harm nobody but X (seteuid(2), credentials(7)). But for one: a
 * group that X is not in is given by root, by the descriptor of an inode that
 * is X's, and so can become nobody else's (perms.c).
 */
#ifndef CONVERGE_HOST_LINUX_FILES_GROUND_H
#define CONVERGE_HOST_LINUX_FILES_GROUND_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/host/linux/files/walk.h"

enum { GROUND_GROUPS = 64 };

struct identity {
	uid_t uid;
	gid_t gid;
	bool has_account;
	size_t n;
	gid_t groups[GROUND_GROUPS];
	struct identity *next;
};

/* Who the process was: zeroed, or what ground_leave goes back to. */
struct ground {
	bool entered;
	uid_t uid;
	gid_t gid;
	size_t n;
	gid_t groups[GROUND_GROUPS];
};

/* Walks as walk_parent does, and learns who the ground's owner is, so that
 * ground_enter needs no walk. */
bool ground_walk(struct linux_host *, const char *path, struct walked *,
		 struct diags *);
/* Whether changes in the folder are made as another user than the process. */
bool ground_is_foreign(const struct walked *);
/* Whether others than the ground's owner may add names to the folder. */
bool ground_is_shared(const struct walked *);
/* Whether X is in that group. */
bool ground_has_group(struct linux_host *, const struct walked *, gid_t);
/* What is made there, as it is at first: without a mode. */
struct node ground_new(struct linux_host *, const struct walked *,
		       enum node_type);
/*
 * Gives perms without a group the writer's, on his own ground, where a folder
 * with the set-gid bit would give what is made there its own (inode(7)); X's
 * things are as X makes them.
 */
void ground_own_group(const struct walked *, struct perms *);
/* Whether perms can be given to have on that ground: see owning.h. */
bool ground_allows(struct linux_host *, const struct walked *, const char *path,
		   const struct node *have, const struct perms *,
		   struct diags *);
/*
 * Becomes the ground's owner until ground_leave, which must come before
 * anything else is done. Where nothing needs changing both do nothing. False
 * with a diagnostic when it is not possible; the process is then as before.
 */
bool ground_enter(struct linux_host *, const struct walked *, struct ground *,
		  struct diags *);
/* Ends the process when it cannot become itself again; keeps errno. */
void ground_leave(struct ground *);

#define AUTO_GROUND AUTO(ground_leave)

#endif
