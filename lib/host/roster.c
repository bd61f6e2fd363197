/* SPDX-License-Identifier: MIT */
#include "lib/host/roster.h"

#include <string.h>

/* --- lists --- */

void roster_init(struct roster *r)
{
	*r = (struct roster){ 0 };
	r->users.end = &r->users.first;
	r->groups.end = &r->groups.first;
}

void roster_release(struct roster *r)
{
	arena_release(&r->arena);
}

static struct roster_entry *entry_at(const struct roster_list *l,
				     const char *name)
{
	return map_get(&l->names, name);
}

static struct roster_entry *entry_there(const struct roster_list *l,
					const char *name)
{
	struct roster_entry *e = entry_at(l, name);

	return e && !e->gone ? e : NULL;
}

/* That of the name, new or not, and not gone. */
static struct roster_entry *entry_make(struct roster *r, struct roster_list *l,
				       const char *name)
{
	struct roster_entry *e = entry_at(l, name);

	if (!e) {
		e = arena_new(&r->arena, struct roster_entry);
		e->name = arena_strdup(&r->arena, name);
		map_put(&l->names, &r->arena, e->name, e);
		*l->end = e;
		l->end = &e->next;
	}
	e->gone = false;
	e->user = (struct user){ .name = e->name, .expires = NEVER_EXPIRES };
	e->group = (struct user_group){ .name = e->name };
	return e;
}

static const char *copy(struct arena *a, const char *text)
{
	return text ? arena_strdup(a, text) : NULL;
}

static void copy_strings(struct arena *a, const struct strings *from,
			 struct strings *to)
{
	*to = (struct strings){ 0 };
	for (size_t i = 0; i < from->n; i++)
		strings_add(to, a, arena_strdup(a, from->v[i]));
}

/* Of the parts set. */
static void copy_user(struct arena *a, const struct user *from, unsigned set,
		      struct user *to)
{
	to->known |= set;
	if (set & USER_UID)
		to->uid = from->uid;
	if (set & USER_GID)
		to->gid = from->gid;
	if (set & USER_COMMENT)
		to->comment = copy(a, from->comment);
	if (set & USER_HOME)
		to->home = copy(a, from->home);
	if (set & USER_SHELL)
		to->shell = copy(a, from->shell);
	if (set & USER_PASSWORD)
		to->password = copy(a, from->password);
	/* a secret is not known here */
	if ((set & USER_PASSWORD) && from->sealed)
		to->known &= ~(unsigned)USER_PASSWORD;
	if (set & USER_LOCKED)
		to->locked = from->locked;
	if (set & USER_EXPIRES)
		to->expires = from->expires;
}

void roster_add_user(struct roster *r, const struct user *u)
{
	struct roster_entry *e = entry_make(r, &r->users, u->name);

	copy_user(&r->arena, u, u->known & ~(unsigned)USER_GROUPS, &e->user);
}

void roster_add_group(struct roster *r, const struct user_group *g)
{
	struct roster_entry *e = entry_make(r, &r->groups, g->name);

	e->group.known = g->known;
	e->group.gid = g->gid;
	copy_strings(&r->arena, &g->members, &e->group.members);
	strings_sort(&e->group.members);
}

bool roster_load(struct roster *r, const struct host *base, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct strings users, groups;
	struct user_group group;
	struct user user;
	bool there;

	if (!host_users(base, &a, &users, d) ||
	    !host_groups(base, &a, &groups, d))
		return false;
	for (size_t i = 0; i < users.n; i++) {
		if (!host_user(base, users.v[i], &a, &user, &there, d))
			return false;
		if (there)
			roster_add_user(r, &user);
	}
	for (size_t i = 0; i < groups.n; i++) {
		if (!host_group(base, groups.v[i], &a, &group, &there, d))
			return false;
		if (there)
			roster_add_group(r, &group);
	}
	r->loaded = true;
	return true;
}

/* --- looking --- */

const struct user *roster_user(const struct roster *r, const char *name)
{
	const struct roster_entry *e = entry_there(&r->users, name);

	return e ? &e->user : NULL;
}

const struct user_group *roster_group(const struct roster *r, const char *name)
{
	const struct roster_entry *e = entry_there(&r->groups, name);

	return e ? &e->group : NULL;
}

bool roster_has_user(const struct roster *r, const char *name)
{
	return entry_at(&r->users, name);
}

bool roster_has_group(const struct roster *r, const char *name)
{
	return entry_at(&r->groups, name);
}

const char *roster_user_name(const struct roster *r, uint32_t id)
{
	for (const struct roster_entry *e = r->users.first; e; e = e->next)
		if (!e->gone && e->user.uid == id)
			return e->name;
	return NULL;
}

static const struct roster_entry *group_of_gid(const struct roster *r,
					       uint32_t gid)
{
	for (const struct roster_entry *e = r->groups.first; e; e = e->next)
		if (!e->gone && e->group.gid == gid)
			return e;
	return NULL;
}

const char *roster_group_name(const struct roster *r, uint32_t id)
{
	const struct roster_entry *e = group_of_gid(r, id);

	return e ? e->name : NULL;
}

static void look_groups(const struct roster *r, struct arena *a, struct user *u)
{
	u->groups = (struct strings){ 0 };
	u->known |= USER_GROUPS;
	for (const struct roster_entry *e = r->groups.first; e; e = e->next) {
		if (e->gone)
			continue;
		if (!(e->group.known & GROUP_MEMBERS))
			u->known &= ~(unsigned)USER_GROUPS;
		if (strings_have(&e->group.members, u->name))
			strings_add(&u->groups, a, arena_strdup(a, e->name));
	}
	strings_sort(&u->groups);
}

void roster_look_user(const struct roster *r, const char *name, struct arena *a,
		      struct user *u, bool *there)
{
	const struct user *found = roster_user(r, name);

	*there = found != NULL;
	if (!found)
		return;
	*u = (struct user){ .name = arena_strdup(a, name),
			    .expires = NEVER_EXPIRES };
	copy_user(a, found, found->known, u);
	look_groups(r, a, u);
}

void roster_look_group(const struct roster *r, const char *name,
		       struct arena *a, struct user_group *g, bool *there)
{
	const struct user_group *found = roster_group(r, name);

	*there = found != NULL;
	if (!found)
		return;
	*g = *found;
	g->name = arena_strdup(a, name);
	copy_strings(a, &found->members, &g->members);
}

static void list(const struct roster_list *l, struct arena *a,
		 struct strings *names)
{
	*names = (struct strings){ 0 };
	for (const struct roster_entry *e = l->first; e; e = e->next)
		if (!e->gone)
			strings_add(names, a, arena_strdup(a, e->name));
}

void roster_list_users(const struct roster *r, struct arena *a,
		       struct strings *names)
{
	list(&r->users, a, names);
}

void roster_list_groups(const struct roster *r, struct arena *a,
			struct strings *names)
{
	list(&r->groups, a, names);
}

/* --- changing --- */

static void set_member(struct roster *r, struct user_group *g, const char *user,
		       bool is_member)
{
	struct strings members = { 0 };

	for (size_t i = 0; i < g->members.n; i++)
		if (strcmp(g->members.v[i], user) != 0)
			strings_add(&members, &r->arena, g->members.v[i]);
	if (is_member)
		strings_add(&members, &r->arena, arena_strdup(&r->arena, user));
	strings_sort(&members);
	g->members = members;
}

static void set_groups(struct roster *r, const char *user,
		       const struct strings *groups)
{
	for (struct roster_entry *e = r->groups.first; e; e = e->next)
		set_member(r, &e->group, user, strings_have(groups, e->name));
}

static bool groups_exist(const struct roster *r, const struct user_change *c,
			 struct diags *d)
{
	const struct strings *groups = &c->after->groups;

	if ((c->set & USER_GID) && !group_of_gid(r, c->after->gid))
		return diag_error(d, "group '%u' does not exist",
				  (unsigned)c->after->gid);
	for (size_t i = 0; (c->set & USER_GROUPS) && i < groups->n; i++)
		if (!roster_group(r, groups->v[i]))
			return diag_error(d, "group '%s' does not exist",
					  groups->v[i]);
	return true;
}

static bool remove_user(struct roster *r, const struct user_change *c)
{
	const char *name = c->before->name;
	struct roster_entry *e = entry_there(&r->users, name);
	struct roster_entry *own = entry_there(&r->groups, name);
	const struct strings none = { 0 };

	if (e)
		e->gone = true;
	set_groups(r, name, &none);
	if (own && c->takes_group)
		own->gone = true;
	return true;
}

/* What useradd(8) says of one of whom nobody said more. */
static const struct user fresh = { .known = USER_COMMENT | USER_PASSWORD |
					    USER_LOCKED | USER_EXPIRES,
				   .comment = "",
				   .password = "",
				   .locked = true,
				   .expires = NEVER_EXPIRES };

bool roster_set_user(struct roster *r, const struct user_change *c,
		     struct diags *d)
{
	struct roster_entry *e;

	if (!c->after)
		return remove_user(r, c);
	e = entry_there(&r->users, c->after->name);
	if (e && !c->before)
		return diag_error(d, "user '%s' already exists", e->name);
	if (!e && c->before)
		return diag_error(d, "user '%s' does not exist",
				  c->before->name);
	if (!groups_exist(r, c, d))
		return false;
	if (!e) {
		e = entry_make(r, &r->users, c->after->name);
		copy_user(&r->arena, &fresh, fresh.known, &e->user);
	}
	copy_user(&r->arena, c->after, c->set & ~(unsigned)USER_GROUPS,
		  &e->user);
	if (c->set & USER_GROUPS)
		set_groups(r, e->name, &c->after->groups);
	return true;
}

/* As groupmod(8): whose primary group it is keeps it. */
static void move_users(struct roster *r, uint32_t from, uint32_t to)
{
	for (struct roster_entry *e = r->users.first; e; e = e->next)
		if (!e->gone && (e->user.known & USER_GID) &&
		    e->user.gid == from)
			e->user.gid = to;
}

static bool remove_group(struct roster *r, const struct user_group *g,
			 struct diags *d)
{
	struct roster_entry *e = entry_there(&r->groups, g->name);

	for (const struct roster_entry *u = r->users.first; e && u; u = u->next)
		if (!u->gone && (u->user.known & USER_GID) &&
		    u->user.gid == e->group.gid)
			return diag_error(d,
					  "group '%s' is the primary group of "
					  "user '%s'",
					  g->name, u->name);
	if (e)
		e->gone = true;
	return true;
}

static bool members_exist(const struct roster *r, const struct strings *members,
			  struct diags *d)
{
	for (size_t i = 0; i < members->n; i++)
		if (!roster_user(r, members->v[i]))
			return diag_error(d, "user '%s' does not exist",
					  members->v[i]);
	return true;
}

bool roster_set_group(struct roster *r, const struct group_change *c,
		      struct diags *d)
{
	struct roster_entry *e;

	if (!c->after)
		return remove_group(r, c->before, d);
	e = entry_there(&r->groups, c->after->name);
	if (e && !c->before)
		return diag_error(d, "group '%s' already exists", e->name);
	if (!e && c->before)
		return diag_error(d, "group '%s' does not exist",
				  c->before->name);
	if ((c->set & GROUP_MEMBERS) &&
	    !members_exist(r, &c->after->members, d))
		return false;
	if (!e) {
		e = entry_make(r, &r->groups, c->after->name);
		e->group.known = GROUP_MEMBERS;
	} else if (c->set & GROUP_GID) {
		move_users(r, e->group.gid, c->after->gid);
	}
	e->group.known |= c->set;
	if (c->set & GROUP_GID)
		e->group.gid = c->after->gid;
	if (c->set & GROUP_MEMBERS)
		copy_strings(&r->arena, &c->after->members, &e->group.members);
	strings_sort(&e->group.members);
	return true;
}
