/* SPDX-License-Identifier: MIT */
/* What a recorded host is taken to be where nobody can know it. */
#include "lib/host/snapshot.h"

#include <string.h>

/* Of accounts that packages make: beyond all ids that adduser(8) gives. */
enum { FIRST_ID = 70000 };

void host_snapshot_assume(struct host *h, const struct host_needs *needs)
{
	struct snapshot *s = snapshot_of(h);

	s->assumed.needs = needs;
	s->host.picture->closed = needs;
}

const struct strings *host_snapshot_assumed(const struct host *h)
{
	return &const_snapshot(h)->assumed.what;
}

static uint32_t note(struct snapshot *s, const char *kind, const char *name)
{
	struct arena *a = &s->host.picture->arena;

	strings_add(&s->assumed.what, a, arena_printf(a, "%s %s", kind, name));
	return FIRST_ID + (uint32_t)s->assumed.what.n;
}

/* A unit of that name, stopped and not enabled, unless there is one. */
static bool bring_unit(struct snapshot *s, const char *name, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct host *h = &s->host.host;
	const char *wrong, *full = unit_full_name(name, &a, &wrong);
	struct unit unit;

	if (!full)
		return true;
	if (!host_unit_find(h, full, &a, &unit, d) ||
	    (!unit.because && !host_unit_state(h, &unit, &a, d)))
		return false;
	if (unit.enabled != UNIT_NO_FILE || unit.loaded)
		return true;
	host_snapshot_unit(h, full, UNIT_INACTIVE, UNIT_DISABLED);
	note(s, "unit", full);
	return true;
}

static void bring_user(struct snapshot *s, const char *name)
{
	struct user user = { .name = name, .known = USER_UID };

	if (roster_user(&s->roster, name))
		return;
	user.uid = note(s, "user", name);
	roster_add_user(&s->roster, &user);
}

static void bring_group(struct snapshot *s, const char *name)
{
	struct user_group group = { .name = name,
				    .known = GROUP_GID | GROUP_MEMBERS };

	if (roster_group(&s->roster, name))
		return;
	group.gid = note(s, "group", name);
	roster_add_group(&s->roster, &group);
}

static bool bring_folder(struct snapshot *s, const char *path, struct diags *d)
{
	static const struct perms perms = { .set = PERM_ALL, .mode = 0755 };
	struct host *h = &s->host.host;
	struct node n;

	if (!picture_look(h, path, &n, d))
		return false;
	if (n.type != NODE_ABSENT)
		return true;
	note(s, "folder", path);
	return picture_make_directory(h, path, &perms, d);
}

bool assume_brought(struct snapshot *s, struct diags *d)
{
	const struct host_needs *needs = s->assumed.needs;
	bool ok = true;

	if (!needs)
		return true;
	for (size_t i = 0; i < needs->groups.n; i++)
		bring_group(s, needs->groups.v[i]);
	for (size_t i = 0; i < needs->users.n; i++)
		bring_user(s, needs->users.v[i]);
	for (size_t i = 0; ok && i < needs->folders.n; i++)
		ok = bring_folder(s, needs->folders.v[i], d);
	for (size_t i = 0; ok && i < needs->services.n; i++)
		ok = bring_unit(s, needs->services.v[i], d);
	return ok;
}
