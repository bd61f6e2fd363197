/* SPDX-License-Identifier: MIT */
/* group: an entry of group(5), and its members. */
#include <stdio.h>
#include <string.h>

#include "modules/parts/account.h"
#include "modules/parts/rows.h"

struct group_record {
	struct record r;
	const char *name;
	int ensure;
	int64_t gid;
	bool system;
	struct strings members;
	int membership;
	struct user_group group; /* in have: if it is there */
};

enum row { NAME, ENSURE, GID, SYSTEM, MEMBERS, MEMBERSHIP, ROWS };

#define AT(member) offsetof(struct group_record, member)

static const struct attr attrs[ROWS] = {
	[NAME] = { .name = "name",
		   .kind = &kind_account,
		   .flags = ATTR_NAME,
		   .offset = AT(name),
		   .doc = "Its name." },
	ROW_ENSURE(AT(ensure)),
	ACCOUNT_ROW_NUMBER(GID, "gid", AT(gid)),
	ACCOUNT_ROW_SYSTEM(AT(system)),
	[MEMBERS] = { .name = "members",
		      .kind = &kind_accounts,
		      .flags = ATTR_STATE,
		      .offset = AT(members),
		      .doc = "Users that are its members; those that this host "
			     "does not have are left out, with a warning." },
	[MEMBERSHIP] = { .name = "membership",
			 .kind = &kind_choice,
			 .offset = AT(membership),
			 .choices = account_memberships,
			 .fallback = "\"minimum\"",
			 .doc = "Whether it may have more members than these, "
				"or they are taken out of it (inclusive): then "
				"no user may name it that is not among "
				"these." },
};

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct group_record *want = record;
	bool is_root = strcmp(want->name, "root") == 0;

	account_sort(&want->members, a);
	if (is_root && want->ensure == ABSENT)
		return diag_error(d, "group 'root' is never removed");
	if (!(want->r.set & BIT(GID)) || is_root == (want->gid == 0))
		return true;
	return is_root ? diag_error(d, "the gid of 'root' is always 0")
		       : diag_error(d, "gid 0 is for 'root' alone");
}

/* That its members are in it. */
static void demands(const void *record, struct arena *a, struct demands *all)
{
	const struct group_record *want = record;

	for (size_t i = 0; want->ensure == PRESENT && i < want->members.n; i++)
		demands_add(all,
			    arena_printf(a, "user '%s'", want->members.v[i]),
			    want->name);
}

static const char *denies(const void *record, const char *user, struct arena *a)
{
	const struct group_record *want = record;

	if (want->ensure == ABSENT || want->membership == MINIMUM ||
	    !(want->r.set & BIT(MEMBERS)) || strings_have(&want->members, user))
		return NULL;
	return arena_printf(a, "'%s' is kept out of group '%s'", user,
			    want->name);
}

/* A user that is to be in this group comes after it, and makes itself a
 * member: then this waits for nobody. */
static void edges(const void *record, struct edges *e)
{
	const struct group_record *want = record;
	char id[300];

	for (size_t i = 0; want->ensure == PRESENT && i < want->members.n;
	     i++) {
		snprintf(id, sizeof(id), "user:%s", want->members.v[i]);
		edges_rather_after(e, id, "its member");
	}
}

/* Members that have an account. */
static struct strings existing(const struct host *h,
			       const struct strings *members, struct arena *a)
{
	struct strings there = { 0 };
	uint32_t uid;

	for (size_t i = 0; i < members->n; i++)
		if (host_user_id(h, members->v[i], &uid))
			strings_add(&there, a, members->v[i]);
	return there;
}

static void observe_members(const struct host *h,
			    const struct group_record *want,
			    struct group_record *have, struct arena *a,
			    struct diags *d)
{
	struct strings there = existing(h, &want->members, a);

	have->r.set |= BIT(MEMBERS);
	have->members = account_counted(&want->members, &have->group.members,
					want->membership == MINIMUM, a);
	for (size_t i = 0; i < want->members.n; i++) {
		const char *name = want->members.v[i];

		if (strings_have(&there, name) ||
		    strings_have(&have->members, name))
			continue;
		strings_add(&have->members, a, name);
		diag_warning(d,
			     "group '%s': '%s' has no account on this host "
			     "yet, and is no member",
			     want->name, name);
	}
	strings_sort(&have->members);
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct group_record *want = want_record;
	struct group_record *have = have_record;
	struct user_group *g = &have->group;
	bool there;

	have->r.set = BIT(ENSURE);
	have->ensure = ABSENT;
	if (!host_group(h, want->name, a, g, &there, d))
		return false;
	if (!there)
		return true;
	have->ensure = PRESENT;
	have->r.set |= BIT(GID);
	have->gid = g->gid;
	if (!(g->known & GROUP_MEMBERS))
		record_unknown(&have->r, MEMBERS,
			       "it is not known of this host");
	else if (want->ensure == PRESENT && (want->r.set & BIT(MEMBERS)))
		observe_members(h, want, have, a, d);
	return true;
}

/* groupdel(8) would refuse it too, after the plan. */
static bool is_unused(const struct host *h, const struct user_group *g,
		      struct arena *a, struct diags *d)
{
	struct strings names;

	if (!host_users(h, a, &names, d))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		struct user user;
		bool there;

		if (!host_user(h, names.v[i], a, &user, &there, d))
			return false;
		if (there && (user.known & USER_GID) && user.gid == g->gid)
			return diag_error(d,
					  "group '%s' is the primary group of "
					  "user '%s'",
					  g->name, user.name);
	}
	return true;
}

static bool remove_group(struct host *h, const struct user_group *g,
			 struct arena *a, struct diags *d)
{
	const struct group_change change = { .before = g };

	return is_unused(h, g, a, d) && host_set_group(h, &change, d);
}

static bool put(struct host *h, const struct step *step, struct arena *a,
		struct diags *d)
{
	const struct group_record *want = step->want, *have = step->have;
	bool new = have->ensure == ABSENT;
	uint64_t differ = new ? want->r.set : step->differ;
	struct user_group g = have->group;
	struct group_change change = { .before = new ? NULL : &have->group,
				       .after = &g,
				       .system = want->system };
	struct strings members = existing(h, &want->members, a);

	g.name = want->name;
	if (differ & BIT(GID)) {
		change.set |= GROUP_GID;
		g.gid = (uint32_t)want->gid;
		if (!account_gid_free(h, g.gid, want->name, a, d))
			return false;
	} else if (new) {
		change.set |= GROUP_GID;
		if (!account_pick_gid(h, want->system, -1, a, &g.gid, d))
			return false;
	}
	if (differ & BIT(MEMBERS)) {
		/* gpasswd(1) takes no list with one that has no account */
		struct strings others = existing(h, &have->group.members, a);

		change.set |= GROUP_MEMBERS;
		g.members = account_wanted(&members, &others,
					   want->membership == MINIMUM, a);
	}
	return host_set_group(h, &change, d);
}

static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct group_record *want = step->want, *have = step->have;

	return want->ensure == ABSENT ? remove_group(h, &have->group, a, d)
				      : put(h, step, a, d);
}

const struct module group_module = {
	.name = "group",
	.summary = "A group, and its members. One that is some user's primary "
		   "group is never removed.",
	.example = "\"group:deploy\": {\n"
		   "  \"gid\": 1500,\n"
		   "  \"members\": [\"ada\", \"grace\"]\n"
		   "},\n"
		   "\"group:sudo\": {\n"
		   "  \"members\": \"ada\",\n"
		   "  \"membership\": \"inclusive\"\n"
		   "},\n"
		   "\"group:old\": {\n"
		   "  \"ensure\": \"absent\"\n"
		   "}\n",
	.size = sizeof(struct group_record),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.demands = demands,
	.denies = denies,
	.edges = edges,
	.observe = observe,
	.apply = apply,
	.alone = true,
};
