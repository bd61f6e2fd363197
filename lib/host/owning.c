/* SPDX-License-Identifier: MIT */
#include "lib/host/owning.h"

#include "lib/base/path.h"

enum { SET_GID = 02000, GROUP_RUNS = 010 };

/* A folder with that bit only gives its group to what is made in it, and a
 * file that its group cannot run gives it to nobody. */
bool owning_asks_group(const struct node *have, const struct perms *p)
{
	const uint32_t both = SET_GID | GROUP_RUNS;
	uint32_t mode = p->set & PERM_MODE ? p->mode : have->mode;

	return have->type == NODE_FILE && (mode & both) == both;
}

uint32_t owning_group(const struct node *have, const struct perms *p)
{
	return p->set & PERM_GID ? p->gid : have->gid;
}

static bool refuse_owner(const struct owning *o, const char *owner,
			 struct diags *d)
{
	diag_error(d, "'%.*s' belongs to %s: what is in it can be no other's",
		   (int)path_parent(o->path), o->path, owner);
	diag_hint(d, "give owner \"%s\"", owner);
	return false;
}

static bool refuse_have(const struct host *h, const struct owning *o,
			const char *owner, struct diags *d)
{
	diag_error(d,
		   "'%s' belongs to %s, in a folder of %s, who may have put it "
		   "there: it is left as it is",
		   o->path, host_user_name(h, o->have->uid, &d->arena), owner);
	diag_hint(d, "if it is to be %s's: chown -h %s '%s'", owner, owner,
		  o->path);
	return false;
}

static bool refuse_program(const struct owning *o, const char *owner,
			   struct diags *d)
{
	diag_error(d,
		   "'%s' would run as a group that %s, who may change it, is "
		   "not in",
		   o->path, owner);
	diag_hint(d, "give a mode without the set-gid bit");
	return false;
}

bool owning_allows(const struct host *h, const struct owning *o,
		   struct diags *d)
{
	const struct perms *p = o->perms;
	bool other = (p->set & PERM_UID) && p->uid != o->owner;
	bool others = o->have->uid != o->owner;
	bool program = !o->member && owning_asks_group(o->have, p);
	const char *owner;

	if (!other && !others && !program)
		return true;
	owner = host_user_name(h, o->owner, &d->arena);
	if (other)
		return refuse_owner(o, owner, d);
	return others ? refuse_have(h, o, owner, d)
		      : refuse_program(o, owner, d);
}
