/* SPDX-License-Identifier: MIT */
/* What usermod(8) does to the home of a user. */
#include <string.h>

#include "lib/host/picture_spot.h"

/* What is in the home is not gone through: only the folder itself. */
static bool own_home(struct host *h, const struct user_change *c,
		     struct diags *d)
{
	const struct user *before = c->before;
	struct perms perms = { .set = PERM_UID, .uid = c->after->uid };
	struct node node;

	if (!host_look(h, before->home, &node, d))
		return false;
	if (node.type != NODE_DIRECTORY || node.uid != before->uid)
		return true;
	return picture_set_perms(h, before->home, &perms, &node, d);
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
	if ((c->set & USER_UID) && !own_home(h, c, d))
		return false;
	return !(c->set & USER_HOME) || !c->move_home ||
	       move_home(h, c->before->home, c->after->home, d);
}
