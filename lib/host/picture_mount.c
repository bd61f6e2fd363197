/* SPDX-License-Identifier: MIT */
/* Mounting on a picture: it remembers what is mounted, and knows that it does
 * not know what is on it. */
#include <string.h>

#include "lib/host/picture_spot.h"

#define MOUNTINFO "/proc/self/mountinfo"

enum { MOUNTINFO_MAX = 16 * 1024 * 1024 };

static bool note_mount(struct host *h, const struct mount_change *c,
		       struct diags *d)
{
	struct picture *p = picture_of(h);
	AUTO_BUF struct buf old = { 0 };
	AUTO_BUF struct buf new = { 0 };
	struct node have;
	struct spot s;
	bool whole;

	if (!picture_read(h, MOUNTINFO, MOUNTINFO_MAX, &old, &whole, d) ||
	    !spot_resolve(p, MOUNTINFO, &s, d) || !spot_look(p, &s, &have, d))
		return false;
	mounts_apply(&new, buf_text(&old), c);
	have.inode = 0;
	have.size = new.size;
	picture_put(p, &s, &have, &have)->content = content_of(
		arena_memdup(&p->arena, buf_text(&new), new.size + 1),
		new.size);
	return true;
}

static bool note_target(struct host *h, const struct mount_change *c,
			struct diags *d)
{
	struct picture *p = picture_of(h);
	struct picture_node *n;
	struct node have;
	struct spot s;

	if (!spot_resolve(p, c->mount.target, &s, d) ||
	    !spot_look(p, &s, &have, d))
		return false;
	if (have.type == NODE_UNKNOWN)
		return true;
	if (have.type != NODE_DIRECTORY)
		return diag_error(d, "there is no folder '%s' to mount on",
				  c->mount.target);
	have.inode = 0;
	have.mounted = c->what == MOUNT_NEW;
	n = picture_put(p, &s, &have, &have);
	/* a walk that comes by heeds the veil of what is not bare */
	n->bare = false;
	n->probed = true;
	n->veil = c->what == MOUNT_NEW ? "it is on what is not mounted yet"
				       : "it is below what is still mounted";
	n->node.inside = n->veil;
	picture_forget_folders(p);
	return true;
}

bool picture_mount(struct host *h, const struct mount_change *c,
		   struct arena *a, struct outcome *o, struct diags *d)
{
	(void)a;
	*o = (struct outcome){ .ending = ENDED_ASSUMED };
	return (c->what == MOUNT_AGAIN || note_target(h, c, d)) &&
	       note_mount(h, c, d);
}
