/* SPDX-License-Identifier: MIT */
/* Users and groups that no package made. */
#include <string.h>

#include "lib/capture/capture.h"

/* Debian Policy 9.2.2: below, base-passwd has made them; from UID_MIN on,
 * people have. */
enum { STATIC_MAX = 99, SYSTEM_MAX = 999, NOBODY = 65534 };

static bool is_own(const struct capture *c, const char *name, uint32_t id)
{
	return id > STATIC_MAX && id != NOBODY &&
	       (id > SYSTEM_MAX || !installed_account(&c->installed, name));
}

static void set_text(json_t *o, const char *key, const char *text)
{
	if (text && *text)
		json_object_set_new(o, key, capture_text(text, strlen(text)));
}

static json_t *list_of(const struct strings *names)
{
	json_t *list = json_array();

	for (size_t i = 0; i < names->n; i++)
		json_array_append_new(list, json_string(names->v[i]));
	return list;
}

static bool has_home(struct capture *c, const struct user *u, bool *yes)
{
	struct node node;

	*yes = false;
	if (!u->home || u->home[0] != '/')
		return true;
	if (!host_look(c->host, u->home, &node, c->diags))
		return false;
	*yes = node.type == NODE_DIRECTORY && node.uid == u->uid;
	return true;
}

static bool add_user(struct capture *c, const struct user *u)
{
	json_t *o;
	bool home;

	if (!has_home(c, u, &home))
		return false;
	o = json_pack("{s:I}", "uid", (json_int_t)u->uid);
	set_text(o, "group", host_group_name(c->host, u->gid, c->arena));
	if (u->groups.n)
		json_object_set_new(o, "groups", list_of(&u->groups));
	set_text(o, "home", u->home);
	set_text(o, "shell", u->shell);
	set_text(o, "comment", u->comment);
	if (u->uid <= SYSTEM_MAX)
		json_object_set_new(o, "system", json_true());
	if (home)
		json_object_set_new(o, "manage_home", json_true());
	if (u->password && strchr(u->password, '$'))
		capture_warn(c, arena_printf(c->arena, "user:%s", u->name),
			     "its password is left out; give it a secret");
	capture_add(c, "user", u->name, o);
	return true;
}

static void add_group(struct capture *c, const struct user_group *g)
{
	json_t *o = json_pack("{s:I}", "gid", (json_int_t)g->gid);

	if (g->gid <= SYSTEM_MAX)
		json_object_set_new(o, "system", json_true());
	capture_add(c, "group", g->name, o);
}

static bool capture_groups(struct capture *c)
{
	struct strings names;

	if (!host_groups(c->host, c->arena, &names, c->diags))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		struct user_group g;
		bool there;

		if (!host_group(c->host, names.v[i], c->arena, &g, &there,
				c->diags))
			return false;
		if (there && is_own(c, g.name, g.gid))
			add_group(c, &g);
	}
	return true;
}

bool capture_accounts(struct capture *c)
{
	struct strings names;

	if (!capture_groups(c) ||
	    !host_users(c->host, c->arena, &names, c->diags))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		struct user u;
		bool there;

		if (!host_user(c->host, names.v[i], c->arena, &u, &there,
			       c->diags))
			return false;
		if (there && is_own(c, u.name, u.uid) && !add_user(c, &u))
			return false;
	}
	return true;
}
