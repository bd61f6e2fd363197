/* SPDX-License-Identifier: MIT */
/* user: an account of passwd(5), with its password, groups and home. */
#include <stdio.h>
#include <string.h>

#include "modules/parts/account.h"
#include "modules/parts/beneath.h"
#include "modules/parts/perms.h"
#include "modules/parts/rows.h"
#include "modules/parts/tool.h"

struct user_record {
	struct record r;
	const char *name;
	int ensure;
	int64_t uid;
	const char *group;
	struct strings groups;
	int membership;
	const char *home;
	bool manage_home;
	const char *shell, *comment;
	struct content password;
	bool system, locked;
	int64_t expires;
	struct user user;   /* in have: all that is known, if it is there */
	struct takes below; /* its home, if that goes with it */
};

enum row {
	NAME,
	ENSURE,
	UID,
	GROUP,
	GROUPS,
	MEMBERSHIP,
	HOME,
	MANAGE_HOME,
	SHELL,
	COMMENT,
	PASSWORD,
	SYSTEM,
	LOCKED,
	EXPIRES,
	BELOW,
	ROWS,
};

#define AT(member) offsetof(struct user_record, member)

static const struct attr attrs[ROWS] = {
	[NAME] = { .name = "name",
		   .kind = &kind_account,
		   .flags = ATTR_NAME,
		   .offset = AT(name),
		   .doc = "Its login name." },
	ROW_ENSURE(AT(ensure)),
	ACCOUNT_ROW_NUMBER(UID, "uid", AT(uid)),
	[GROUP] = { .name = "group",
		    .kind = &kind_group,
		    .flags = ATTR_STATE,
		    .offset = AT(group),
		    .doc = "Its primary group; a new one gets the group of its "
			   "own name, which is made if it is missing." },
	[GROUPS] = { .name = "groups",
		     .kind = &kind_accounts,
		     .flags = ATTR_STATE,
		     .offset = AT(groups),
		     .doc = "Other groups that it is a member of." },
	[MEMBERSHIP] = { .name = "membership",
			 .kind = &kind_choice,
			 .offset = AT(membership),
			 .choices = account_memberships,
			 .fallback = "\"minimum\"",
			 .doc = "Whether it may be in more groups than these, "
				"or is taken out of them (inclusive): then no "
				"group may list it that is not among these." },
	[HOME] = { .name = "home",
		   .kind = &kind_path,
		   .flags = ATTR_STATE,
		   .offset = AT(home),
		   .doc = "Its home; that of a new one is below /home." },
	[MANAGE_HOME] = { .name = "manage_home",
			  .kind = &kind_bool,
			  .flags = ATTR_STATE,
			  .offset = AT(manage_home),
			  .fallback = "false",
			  .doc = "Whether the home is made, with what is in "
				 "/etc/skel, moved, and removed with its "
				 "user: the plan lists what is in it then, and "
				 "counts it as removals." },
	[SHELL] = { .name = "shell",
		    .kind = &kind_path,
		    .flags = ATTR_STATE,
		    .offset = AT(shell),
		    .doc = "Its login shell; a new one gets useradd's." },
	[COMMENT] = { .name = "comment",
		      .kind = &kind_text,
		      .flags = ATTR_STATE,
		      .offset = AT(comment),
		      .doc = "Who it is: the GECOS field." },
	[PASSWORD] = { .name = "password_hash",
		       .kind = &kind_hash,
		       .flags = ATTR_STATE | ATTR_SENSITIVE | ATTR_SECRET,
		       .offset = AT(password),
		       .doc = "The hash of its password as crypt(5) has it, or "
			      "\"*\" for none that fits, or a secret that is "
			      "one; no output shows it." },
	ACCOUNT_ROW_SYSTEM(AT(system)),
	[LOCKED] = { .name = "locked",
		     .kind = &kind_bool,
		     .flags = ATTR_STATE,
		     .offset = AT(locked),
		     .doc = "Whether its password is locked, as usermod -L "
			    "does; other ways to log in, such as keys, stay." },
	[EXPIRES] = { .name = "expires",
		      .kind = &kind_date,
		      .flags = ATTR_STATE,
		      .offset = AT(expires),
		      .doc = "The day from which it cannot log in any more, or "
			     "\"never\"." },
	ROW_BELOW(AT(below)),
};

/* A field of passwd(5) that breaks its line would make another account. */
static bool fits_field(const char *attribute, const char *text, struct diags *d)
{
	for (const char *p = text; p && *p; p++)
		if (*p == ':' || (unsigned char)*p < ' ' || *p == 0x7f)
			return diag_error(d,
					  "'%s' must not hold ':' or control "
					  "characters",
					  attribute);
	return true;
}

static bool check_root(const struct user_record *want, struct diags *d)
{
	bool is_root = strcmp(want->name, "root") == 0;

	if (is_root && want->ensure == ABSENT)
		return diag_error(d, "user 'root' is never removed");
	if (!(want->r.set & BIT(UID)) || is_root == (want->uid == 0))
		return true;
	return is_root ? diag_error(d, "the uid of 'root' is always 0")
		       : diag_error(d, "uid 0 is for 'root' alone");
}

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct user_record *want = record;

	account_sort(&want->groups, a);
	return check_root(want, d) && fits_field("comment", want->comment, d) &&
	       fits_field("home", want->home, d) &&
	       fits_field("shell", want->shell, d);
}

/* That its groups have it. */
static void demands(const void *record, struct arena *a, struct demands *all)
{
	const struct user_record *want = record;

	for (size_t i = 0; want->ensure == PRESENT && i < want->groups.n; i++)
		demands_add(all,
			    arena_printf(a, "group '%s'", want->groups.v[i]),
			    want->name);
}

static const char *denies(const void *record, const char *group,
			  struct arena *a)
{
	const struct user_record *want = record;

	if (want->ensure == ABSENT || want->membership == MINIMUM ||
	    !(want->r.set & BIT(GROUPS)) || strings_have(&want->groups, group))
		return NULL;
	return arena_printf(a, "'%s' is kept out of group '%s'", want->name,
			    group);
}

static void edge_group(const struct user_record *want, const char *group,
		       const char *reason, struct edges *e)
{
	char id[300];

	snprintf(id, sizeof(id), "group:%s", group);
	if (want->ensure == ABSENT)
		edges_before(e, id, "it was its group");
	else
		edges_after(e, id, reason);
}

static void edges(const void *record, struct edges *e)
{
	const struct user_record *want = record;

	edge_group(want, want->r.set & BIT(GROUP) ? want->group : want->name,
		   "its group", e);
	for (size_t i = 0; i < want->groups.n; i++)
		edge_group(want, want->groups.v[i], "one of its groups", e);
	if (want->ensure == PRESENT && want->manage_home && want->home)
		edges_after_path(e, want->home, false,
				 "the folder of its home");
}

/* Where the home of a new one is that the manifest does not say. */
static const char *new_home(const struct host *h,
			    const struct user_record *want, struct arena *a)
{
	return arena_printf(a, "%s/%s",
			    account_useradd_default(h, "HOME", "/home", a),
			    want->name);
}

/* Its home, wherever it is and is to be. */
static void owns(const struct host *h, const void *record, struct arena *a,
		 struct owned *o)
{
	const struct user_record *want = record;
	AUTO_DIAGS struct diags ignored = { 0 };
	struct user user;
	bool there = false;

	if (!want->manage_home || want->ensure == ABSENT)
		return;
	if (want->r.set & BIT(HOME))
		owned_folder(o, want->home);
	if (!h || !host_user(h, want->name, a, &user, &there, &ignored))
		return;
	if (there && (user.known & USER_HOME) && !path_wrong(user.home))
		owned_folder(o, user.home);
	if (!there && !(want->r.set & BIT(HOME)))
		owned_folder(o, new_home(h, want, a));
}

/* --- looking --- */

static const struct {
	unsigned part; /* enum user_part */
	enum row row;
} parts[] = {
	{ USER_UID, UID },         { USER_GID, GROUP },
	{ USER_COMMENT, COMMENT }, { USER_HOME, HOME },
	{ USER_SHELL, SHELL },     { USER_PASSWORD, PASSWORD },
	{ USER_LOCKED, LOCKED },   { USER_EXPIRES, EXPIRES },
	{ USER_GROUPS, GROUPS },
};

static void note_known(const struct user *u, struct record *have)
{
	for (size_t i = 0; i < COUNT(parts); i++) {
		if (u->known & parts[i].part)
			have->set |= BIT(parts[i].row);
		else
			record_unknown(have, parts[i].row,
				       "it is not known of this host");
	}
}

/* Whether there is a home, where it is to be managed. */
static bool observe_home(const struct host *h, const struct user_record *want,
			 struct user_record *have, struct diags *d)
{
	const char *home = want->r.set & BIT(HOME) ? want->home : have->home;
	struct node node = { .type = NODE_DIRECTORY };

	have->r.set |= BIT(MANAGE_HOME);
	if (!want->manage_home || !home || path_wrong(home))
		have->manage_home = want->manage_home;
	else if (!host_look(h, home, &node, d))
		return false;
	else
		have->manage_home = node.type != NODE_ABSENT;
	if (node.type == NODE_UNKNOWN && have->r.set & BIT(HOME) &&
	    !(want->r.set & BIT(HOME)))
		record_unknown(&have->r, MANAGE_HOME, node.because);
	return true;
}

/* What a secret comes to only the host can tell. */
static bool observe_password(const struct host *h,
			     const struct user_record *want,
			     struct user_record *have, struct diags *d)
{
	const char *text = have->user.password;
	enum match match;

	if (!(have->r.set & BIT(PASSWORD)) || !text)
		return true;
	have->password = content_of(text, strlen(text));
	if (!(want->r.set & BIT(PASSWORD)) || !want->password.ncuts)
		return true;
	have->password.hidden = true;
	if (!host_same(h, &have->password, &want->password, &match, d))
		return false;
	if (match == MATCH_SAME)
		have->password.same_as = &want->password;
	if (match == MATCH_UNKNOWN)
		record_unknown(&have->r, PASSWORD,
			       "it is a secret that cannot be opened here");
	return true;
}

/* What is in the home, if that goes with it. Whose home it may be, and why it
 * then stays, is told of by who removes it. */
static bool look_below(const struct host *h, const struct user_record *want,
		       struct user_record *have, struct arena *a,
		       struct diags *d)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct node node;
	bool home = false;

	if (want->ensure == PRESENT || !want->manage_home ||
	    !home_is_own(h, &have->user, &home, a, &ignored) || !home)
		return true;
	return host_look(h, have->user.home, &node, d) &&
	       beneath_look(h, have->user.home, &node, &have->r, BELOW,
			    &have->below, a, d);
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	const struct user_record *want = want_record;
	struct user_record *have = have_record;
	struct user *u = &have->user;
	bool there;

	have->r.set = BIT(ENSURE);
	beneath_none(&have->r, BELOW, &have->below);
	have->ensure = ABSENT;
	if (!host_user(h, want->name, a, u, &there, d))
		return false;
	if (!there)
		return true;
	have->ensure = PRESENT;
	note_known(u, &have->r);
	have->uid = u->uid;
	if (u->known & USER_GID)
		have->group = perms_show_group(h, want->group, u->gid, a);
	have->groups = account_counted(&want->groups, &u->groups,
				       want->membership == MINIMUM, a);
	have->home = u->home;
	have->shell = u->shell;
	have->comment = u->comment;
	have->locked = u->locked;
	have->expires = u->expires;
	return observe_password(h, want, have, d) &&
	       observe_home(h, want, have, d) &&
	       look_below(h, want, have, a, d);
}

/* --- removing --- */

/* The last account of uid 0 is never removed, whatever its name is. */
static bool is_needed(const struct host *h, const struct user *u, bool *needed,
		      struct arena *a, struct diags *d)
{
	struct strings names;
	uint32_t uid;

	*needed = u->uid == 0;
	if (!host_users(h, a, &names, d))
		return false;
	for (size_t i = 0; i < names.n && *needed; i++)
		*needed = strcmp(names.v[i], u->name) == 0 ||
			  !host_user_id(h, names.v[i], &uid) || uid != 0;
	return true;
}

/* Whether userdel(8) takes the group of its name with it. */
static bool takes_group(const struct host *h, const struct user *u, bool *takes,
			struct arena *a, struct diags *d)
{
	struct user_group group;

	*takes = false;
	if (!account_own_groups(h, false, a))
		return true;
	if (!host_group(h, u->name, a, &group, takes, d))
		return false;
	*takes = *takes && group.gid == u->gid &&
		 (group.members.n == 0 ||
		  (group.members.n == 1 &&
		   strcmp(group.members.v[0], u->name) == 0));
	return true;
}

static bool remove_home(struct host *h, const char *home, struct diags *d)
{
	struct node node;

	return host_look(h, home, &node, d) &&
	       host_remove(h, home, true, false, &node, d);
}

static bool remove_user(struct host *h, const struct user_record *want,
			const struct user_record *have, struct arena *a,
			struct diags *d)
{
	const struct user *u = &have->user;
	struct user_change change = { .before = u };
	bool home = false, needed;

	if (!is_needed(h, u, &needed, a, d))
		return false;
	if (needed)
		return diag_error(d, "user '%s' is the last one of uid 0",
				  u->name);
	if (want->manage_home && !home_is_own(h, u, &home, a, d)) {
		diag_hint(d, "leave 'manage_home' out: then the home stays");
		return false;
	}
	return (!home || beneath_may_go(u->home, &have->below, false, d)) &&
	       takes_group(h, u, &change.takes_group, a, d) &&
	       host_set_user(h, &change, d) &&
	       (!home || remove_home(h, u->home, d));
}

/* --- creating and changing --- */

/* The group of its own name, made if there is none; or that of useradd(8). */
static bool own_group(struct host *h, const struct user_record *want,
		      struct user *u, struct arena *a, struct diags *d)
{
	struct user_group group = { .name = want->name, .known = GROUP_GID };
	const struct group_change change = { .after = &group,
					     .set = GROUP_GID,
					     .system = want->system };

	if (host_group_id(h, want->name, &u->gid))
		return true;
	if (!account_own_groups(h, true, a))
		return perms_group(
			h, account_useradd_default(h, "GROUP", "100", a),
			&u->gid, d);
	if (!account_pick_gid(h, want->system, u->uid, a, &group.gid, d))
		return false;
	u->gid = group.gid;
	return host_set_group(h, &change, d);
}

/* What a new one has that the manifest does not say. */
static bool fill_in(struct host *h, const struct user_record *want,
		    struct user_change *c, struct user *u, struct arena *a,
		    struct diags *d)
{
	c->set |= USER_UID | USER_GID | USER_HOME | USER_SHELL;
	if (!(want->r.set & BIT(UID)) &&
	    !account_pick_uid(h, want->system, a, &u->uid, d))
		return false;
	if (!(want->r.set & BIT(HOME)))
		u->home = new_home(h, want, a);
	if (!(want->r.set & BIT(SHELL)))
		u->shell = account_useradd_default(h, "SHELL", "/bin/sh", a);
	return (want->r.set & BIT(GROUP)) || own_group(h, want, u, a, d);
}

static bool groups_exist(const struct host *h, const struct strings *groups,
			 struct diags *d)
{
	uint32_t gid;

	for (size_t i = 0; i < groups->n; i++)
		if (!perms_group(h, groups->v[i], &gid, d))
			return false;
	return true;
}

/* A hash is set as locked as the account was, unless the manifest says. */
static bool set_password(const struct user_record *want,
			 const struct user_record *have, uint64_t differ,
			 struct user_change *c, struct user *u, struct diags *d)
{
	bool had = have->user.password && *have->user.password;

	if (!(differ & (BIT(PASSWORD) | BIT(LOCKED))))
		return true;
	if (want->r.set & BIT(LOCKED))
		u->locked = want->locked;
	else
		u->locked = have->user.locked && had;
	if (differ & BIT(PASSWORD)) {
		u->password = want->password.bytes;
		u->sealed = want->password.ncuts ? &want->password : NULL;
		c->set |= USER_PASSWORD;
	} else if (!u->locked && !had) {
		diag_error(d,
			   "user '%s' has no password: without one it "
			   "stays locked",
			   want->name);
		diag_hint(d, "give 'password_hash'");
		return false;
	}
	c->set |= USER_LOCKED;
	return true;
}

/* What of want is to be done, as values of the account. */
static bool set_parts(struct host *h, const struct user_record *want,
		      const struct user_record *have, uint64_t differ,
		      struct user_change *c, struct user *u, struct arena *a,
		      struct diags *d)
{
	for (size_t i = 0; i < COUNT(parts); i++)
		if ((differ & BIT(parts[i].row)) &&
		    !(parts[i].part & (USER_PASSWORD | USER_LOCKED)))
			c->set |= parts[i].part;
	if (c->set & USER_UID) {
		u->uid = (uint32_t)want->uid;
		if (!account_uid_free(h, u->uid, want->name, a, d))
			return false;
	}
	if ((c->set & USER_GID) && !perms_group(h, want->group, &u->gid, d))
		return false;
	if (c->set & USER_GROUPS)
		u->groups = account_wanted(&want->groups, &have->user.groups,
					   want->membership == MINIMUM, a);
	if (c->set & USER_COMMENT)
		u->comment = want->comment;
	if (c->set & USER_HOME)
		u->home = want->home;
	if (c->set & USER_SHELL)
		u->shell = want->shell;
	if (c->set & USER_EXPIRES)
		u->expires = want->expires;
	return groups_exist(h, &want->groups, d) &&
	       set_password(want, have, differ, c, u, d);
}

/* Whether what is in the old home is to go to the new one, which is not there
 * yet. An old home that is not its own alone stays. */
static bool moves_home(const struct host *h, const struct user_record *want,
		       const struct user *before, struct arena *a,
		       struct diags *d, bool *moves)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct node node;

	*moves = false;
	if (!want->manage_home)
		return true;
	if (!host_look(h, want->home, &node, d))
		return false;
	if (node.type == NODE_ABSENT &&
	    !home_is_own(h, before, moves, a, &ignored))
		*moves = false;
	return true;
}

static bool ensure_home(struct host *h, const struct user_record *want,
			const struct user *u, struct arena *a, struct diags *d)
{
	struct node node;

	if (!want->manage_home || !u->home || path_wrong(u->home))
		return true;
	return host_look(h, u->home, &node, d) &&
	       (node.type != NODE_ABSENT || home_make(h, u, a, d));
}

static bool put(struct host *h, const struct step *step, struct arena *a,
		struct diags *d)
{
	const struct user_record *want = step->want, *have = step->have;
	bool new = have->ensure == ABSENT;
	uint64_t differ = new ? want->r.set : step->differ;
	struct user u = have->user;
	struct user_change change = { .before = new ? NULL : &have->user,
				      .after = &u,
				      .system = want->system };

	u.name = want->name;
	if (new)
		u.locked = true;
	if (!set_parts(h, want, have, differ, &change, &u, a, d))
		return false;
	if (new && !fill_in(h, want, &change, &u, a, d))
		return false;
	if (!new && (change.set & USER_HOME) &&
	    !moves_home(h, want, &have->user, a, d, &change.move_home))
		return false;
	return (!change.set || host_set_user(h, &change, d)) &&
	       ensure_home(h, want, &u, a, d);
}

static bool apply(struct host *h, const struct step *step, struct arena *a,
		  struct diags *d)
{
	const struct user_record *want = step->want, *have = step->have;

	return want->ensure == ABSENT ? remove_user(h, want, have, a, d)
				      : put(h, step, a, d);
}

static const struct takes *takes(const struct step *step)
{
	const struct user_record *have = step->have;

	return &have->below;
}

static bool removes_home(const struct step *step)
{
	const struct user_record *want = step->want;

	return want->ensure == ABSENT && want->manage_home;
}

static enum disruption disruption(const struct step *step)
{
	return removes_home(step) ? DISRUPTION_DATA : DISRUPTION_NONE;
}

/* Nobody keeps the hash that was there. */
static bool undoable(const struct step *step)
{
	return !removes_home(step) && !(step->differ & BIT(PASSWORD));
}

const struct module user_module = {
	.name = "user",
	.summary = "A user, with its groups, home, password and expiry. Only "
		   "what is given is managed; shadow-utils do the work.",
	.example = "\"user:app\": {\n"
		   "  \"system\": true,\n"
		   "  \"home\": \"/var/lib/app\",\n"
		   "  \"shell\": \"/usr/sbin/nologin\"\n"
		   "},\n"
		   "\"user:ada\": {\n"
		   "  \"uid\": 1815,\n"
		   "  \"comment\": \"Ada Lovelace\",\n"
		   "  \"groups\": [\"adm\", \"staff\"],\n"
		   "  \"manage_home\": true,\n"
		   "  \"shell\": \"/bin/bash\",\n"
		   "  \"expires\": \"2027-01-31\"\n"
		   "},\n"
		   "\"user:mallory\": {\n"
		   "  \"ensure\": \"absent\"\n"
		   "}\n",
	.size = sizeof(struct user_record),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.demands = demands,
	.denies = denies,
	.owns = owns,
	.edges = edges,
	.observe = observe,
	.apply = apply,
	.takes = takes,
	.disruption = disruption,
	.undoable = undoable,
	.alone = true,
};
