/* SPDX-License-Identifier: MIT */
/* What usermod(8) does to the home of a user. */
#include <string.h>

#include "lib/host/picture_spot.h"

enum { HOME_MAX = 100000 }; /* files of a home that are gone through */

/* The owner that a thing in the home gets. */
static struct perms owned(const struct user_change *c, const struct node *n)
{
	struct perms perms = { 0 };

	if ((c->set & USER_UID) && n->uid == c->before->uid) {
		perms.set |= PERM_UID;
		perms.uid = c->after->uid;
	}
	if ((c->set & USER_GID) && n->gid == c->before->gid) {
		perms.set |= PERM_GID;
		perms.gid = c->after->gid;
	}
	return perms;
}

/* A folder comes before what is in it, which must be its owner's. */
static void own_one(struct host *h, const struct user_change *c,
		    const char *path, struct arena *a, struct strings *below,
		    struct diags *d)
{
	AUTO_DIAGS struct diags refused = { 0 };
	struct strings names = { 0 };
	struct perms perms;
	struct node node;

	if (!host_look(h, path, &node, d))
		return;
	perms = owned(c, &node);
	/* what is not to be changed, such as a hard link, stays as it is */
	if (perms.set && node.type != NODE_LINK)
		picture_own(h, path, &perms, &refused);
	if (node.type != NODE_DIRECTORY || !host_list(h, path, a, &names, d))
		return;
	for (size_t i = 0; i < names.n && below->n < HOME_MAX; i++)
		strings_add(below, a,
			    arena_printf(a, "%s/%s", path, names.v[i]));
}

/* As usermod(8): all that is the user's, if the home itself is. */
static void own_home(struct host *h, const struct user_change *c)
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags ignored = { 0 };
	struct strings paths = { 0 };
	struct node node;

	if (!host_look(h, c->before->home, &node, &ignored) ||
	    node.type != NODE_DIRECTORY || node.uid != c->before->uid)
		return;
	strings_add(&paths, &a, c->before->home);
	for (size_t i = 0; i < paths.n; i++)
		own_one(h, c, paths.v[i], &a, &paths, &ignored);
}

static bool move_home(struct host *h, const char *from, const char *to,
		      struct diags *d)
{
	struct picture *p = ((struct picture_host *)(void *)h)->picture;
	struct node node;

	if (!host_look(h, from, &node, d))
		return false;
	if (node.type != NODE_DIRECTORY)
		return true;
	return picture_promise(p, to, "moved here from its old home", d) &&
	       picture_remove(h, from, true, false, &node, d);
}

bool picture_follow_user(struct host *h, const struct user_change *c,
			 struct diags *d)
{
	if (!c->before || !c->after || !(c->before->known & USER_HOME) ||
	    c->before->home[0] != '/')
		return true;
	if (c->set & (USER_UID | USER_GID))
		own_home(h, c);
	return !(c->set & USER_HOME) || !c->move_home ||
	       move_home(h, c->before->home, c->after->home, d);
}
