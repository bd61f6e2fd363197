/* SPDX-License-Identifier: MIT */
#include "modules/parts/perms.h"

#include <stdio.h>
#include <string.h>

static const uint32_t SET_ID = 06000;

static bool is_number(const char *name, uint32_t *id)
{
	if (!*name || strspn(name, "0123456789") != strlen(name))
		return false;
	*id = (uint32_t)strtoul(name, NULL, 10);
	return true;
}

/* root is 0 also in a tree that has no passwd(5) yet. */
static bool is_root(const char *name, uint32_t *id)
{
	*id = 0;
	return strcmp(name, "root") == 0;
}

bool perms_user(const struct host *h, const char *name, uint32_t *id,
		struct diags *d)
{
	if (is_number(name, id) || is_root(name, id) ||
	    host_user_id(h, name, id))
		return true;
	return diag_error(d, "there is no user '%s' on this host", name);
}

bool perms_group(const struct host *h, const char *name, uint32_t *id,
		 struct diags *d)
{
	if (is_number(name, id) || is_root(name, id) ||
	    host_group_id(h, name, id))
		return true;
	return diag_error(d, "there is no group '%s' on this host", name);
}

const char *perms_show_user(const struct host *h, const char *want, uint32_t id,
			    struct arena *a)
{
	uint32_t wanted;

	if (want &&
	    (is_number(want, &wanted) || is_root(want, &wanted) ||
	     host_user_id(h, want, &wanted)) &&
	    wanted == id)
		return want;
	return host_user_name(h, id, a);
}

const char *perms_show_group(const struct host *h, const char *want,
			     uint32_t id, struct arena *a)
{
	uint32_t wanted;

	if (want &&
	    (is_number(want, &wanted) || is_root(want, &wanted) ||
	     host_group_id(h, want, &wanted)) &&
	    wanted == id)
		return want;
	return host_group_name(h, id, a);
}

struct mode perms_mode(const struct node *node)
{
	return (struct mode){ .octal = (uint16_t)node->mode,
			      .is_directory = node->type == NODE_DIRECTORY };
}

uint32_t perms_without_set_id(const struct mode *mode, const struct node *have)
{
	uint32_t without = have->mode & ~SET_ID;

	return mode ? mode_apply(mode, without, false) : without;
}

/* Whether set-id bits stay with their owner, or are asked for of the new one.
 */
static bool may_have_set_id(const struct node *have, const struct perms *p,
			    const struct mode *mode, struct diags *d)
{
	bool moves = have->uid != p->uid || have->gid != p->gid;
	char text[8];

	if (!moves || !(p->mode & SET_ID & ~perms_without_set_id(mode, have)))
		return true;
	diag_error(d,
		   "it has mode %s, and would run as another with a new owner "
		   "or group",
		   mode_text(have->mode, text));
	diag_hint(d, "give 'mode': in octal, or with 's' if it shall be so");
	return false;
}

bool perms_wanted(const struct host *h, const char *owner, const char *group,
		  const struct mode *mode, const struct node *have,
		  uint32_t new_mode, bool is_directory, struct perms *p,
		  struct diags *d)
{
	*p = (struct perms){ .set = PERM_MODE, .mode = new_mode };
	if (have)
		*p = (struct perms){ .set = PERM_ALL,
				     .mode = have->mode,
				     .uid = have->uid,
				     .gid = have->gid };
	if (owner) {
		if (!perms_user(h, owner, &p->uid, d))
			return false;
		p->set |= PERM_UID;
	}
	if (group) {
		if (!perms_group(h, group, &p->gid, d))
			return false;
		p->set |= PERM_GID;
	}
	if (mode)
		p->mode = mode_apply(mode, p->mode, is_directory);
	return !have || is_directory || may_have_set_id(have, p, mode, d);
}

bool perms_may_inherit(const struct host *h, const char *path,
		       const struct node *node, struct arena *a,
		       struct diags *d)
{
	const char *above = arena_strndup(a, path, path_parent(path));
	struct node folder;

	if (node->type != NODE_FILE || node->uid == 0)
		return true;
	if (!host_look(h, above, &folder, d))
		return false;
	return !(folder.mode & 02) || folder.uid == node->uid ||
	       diag_error(d,
			  "'%s' is a file of %s, in a folder that all may "
			  "write to",
			  path, host_user_name(h, node->uid, a));
}

static void edge_after(const char *type, const char *name, const char *reason,
		       struct edges *e)
{
	char id[300];

	if (!name)
		return;
	snprintf(id, sizeof(id), "%s:%s", type, name);
	edges_after(e, id, reason);
}

void perms_edges(const char *owner, const char *group, struct edges *e)
{
	edge_after("user", owner, "its owner", e);
	edge_after("group", group, "its group", e);
}

void perms_edges_as(const char *user, const char *group, struct edges *e)
{
	edge_after("user", user, "the user that it runs as", e);
	edge_after("group", group, "the group that it runs as", e);
}
