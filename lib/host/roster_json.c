/* SPDX-License-Identifier: MIT */
/* Users and groups of a recorded host. */
#include <string.h>

#include "lib/base/date.h"
#include "lib/host/recorded.h"
#include "lib/host/roster.h"

/* (uid_t)-1 means none to chown(2): it is nobody's. */
static const json_int_t id_max = (json_int_t)UINT32_MAX - 1;

/* One of "users" or "groups", while it is read. */
struct member_reader {
	const char *part, *name;
	struct arena *arena;
	struct diags *diags;
	struct user user;
	struct user_group group;
};

static bool wrong(const struct member_reader *r, const char *field,
		  const char *must)
{
	return diag_error(r->diags, "'%s' of '%s' of '%s' must be %s", field,
			  r->name, r->part, must);
}

static bool is_id(const json_t *value)
{
	json_int_t n = json_integer_value(value);

	return json_is_integer(value) && n >= 0 && n <= id_max;
}

static bool read_id(struct member_reader *r, const char *field,
		    const json_t *value, uint32_t *id)
{
	if (!is_id(value))
		return wrong(r, field, "a whole number from 0 to 4294967294");
	*id = (uint32_t)json_integer_value(value);
	return true;
}

static bool read_text(struct member_reader *r, const char *field,
		      const json_t *value, const char **text)
{
	if (!json_is_string(value))
		return wrong(r, field, "a string");
	*text = json_string_value(value);
	return true;
}

static bool read_uid(struct member_reader *r, const json_t *value)
{
	r->user.known |= USER_UID;
	return read_id(r, "uid", value, &r->user.uid);
}

static bool read_user_gid(struct member_reader *r, const json_t *value)
{
	r->user.known |= USER_GID;
	return read_id(r, "gid", value, &r->user.gid);
}

static bool read_comment(struct member_reader *r, const json_t *value)
{
	r->user.known |= USER_COMMENT;
	return read_text(r, "comment", value, &r->user.comment);
}

static bool read_home(struct member_reader *r, const json_t *value)
{
	r->user.known |= USER_HOME;
	return read_text(r, "home", value, &r->user.home);
}

static bool read_shell(struct member_reader *r, const json_t *value)
{
	r->user.known |= USER_SHELL;
	return read_text(r, "shell", value, &r->user.shell);
}

static bool read_password(struct member_reader *r, const json_t *value)
{
	r->user.known |= USER_PASSWORD;
	return read_text(r, "password", value, &r->user.password);
}

static bool read_locked(struct member_reader *r, const json_t *value)
{
	r->user.known |= USER_LOCKED;
	r->user.locked = json_is_true(value);
	return json_is_boolean(value) || wrong(r, "locked", "true or false");
}

static bool read_expires(struct member_reader *r, const json_t *value)
{
	const char *text = json_string_value(value);

	r->user.known |= USER_EXPIRES;
	return (text && strcmp(text, "never") == 0) ||
	       (text && date_parse(text, &r->user.expires)) ||
	       wrong(r, "expires",
		     "a date such as \"2027-01-31\" or "
		     "\"never\"");
}

static bool read_gid(struct member_reader *r, const json_t *value)
{
	r->group.known |= GROUP_GID;
	return read_id(r, "gid", value, &r->group.gid);
}

static bool read_members(struct member_reader *r, const json_t *value)
{
	const json_t *item;
	size_t i;

	r->group.known |= GROUP_MEMBERS;
	if (!json_is_array(value))
		return wrong(r, "members", "a list of names");
	json_array_foreach (value, i, item) {
		const char *name = json_string_value(item);

		if (!name || !*name)
			return wrong(r, "members", "a list of names");
		strings_add(&r->group.members, r->arena, name);
	}
	return true;
}

struct field {
	const char *name;
	bool (*read)(struct member_reader *, const json_t *);
};

static const struct field user_fields[] = {
	{ "uid", read_uid },         { "gid", read_user_gid },
	{ "comment", read_comment }, { "home", read_home },
	{ "shell", read_shell },     { "password", read_password },
	{ "locked", read_locked },   { "expires", read_expires },
};

static const struct field group_fields[] = {
	{ "gid", read_gid },
	{ "members", read_members },
};

static bool read_fields(struct member_reader *r, const json_t *json,
			const struct field *fields, size_t n)
{
	bool good = true;
	const char *key;
	json_t *value;

	json_object_foreach (iterable(json), key, value) {
		size_t i = 0;

		while (i < n && strcmp(fields[i].name, key) != 0)
			i++;
		if (i < n)
			good = fields[i].read(r, value) && good;
		else
			good = diag_error(r->diags,
					  "'%s' of '%s' of '%s' is not known",
					  key, r->name, r->part);
	}
	/* the first is the id */
	if (!json_object_get(json, fields[0].name))
		good = diag_error(r->diags, "'%s' of '%s' has no '%s'", r->name,
				  r->part, fields[0].name);
	return good;
}

static bool read_entry(struct member_reader *r, const json_t *value,
		       const struct field *fields, size_t n)
{
	r->user = (struct user){ .name = r->name, .expires = NEVER_EXPIRES };
	r->group = (struct user_group){ .name = r->name };
	if (*r->name && is_id(value))
		return fields[0].read(r, value);
	if (*r->name && json_is_object(value))
		return read_fields(r, value, fields, n);
	return diag_error(r->diags,
			  "'%s' of '%s' must be a whole number from 0 to "
			  "%" JSON_INTEGER_FORMAT,
			  r->name, r->part, id_max);
}

bool roster_read(struct roster *roster, const json_t *users,
		 const json_t *groups, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct member_reader r = { .part = "users", .arena = &a, .diags = d };
	bool good = true;
	json_t *value;

	json_object_foreach (iterable(users), r.name, value) {
		if (read_entry(&r, value, user_fields, COUNT(user_fields)))
			roster_add_user(roster, &r.user);
		else
			good = false;
	}
	r.part = "groups";
	json_object_foreach (iterable(groups), r.name, value) {
		if (read_entry(&r, value, group_fields, COUNT(group_fields)))
			roster_add_group(roster, &r.group);
		else
			good = false;
	}
	roster->loaded = true;
	return good;
}

/* Of one of whom no more is known, the number alone. */
static json_t *show_user(const struct user *u)
{
	char date[DATE_SIZE];
	json_t *o;

	if (u->known == USER_UID)
		return json_integer(u->uid);
	o = json_pack("{s:I}", "uid", (json_int_t)u->uid);
	if (u->known & USER_GID)
		set_new(o, "gid", json_integer(u->gid));
	if (u->known & USER_COMMENT)
		set_new(o, "comment", json_string(u->comment));
	if (u->known & USER_HOME)
		set_new(o, "home", json_string(u->home));
	if (u->known & USER_SHELL)
		set_new(o, "shell", json_string(u->shell));
	if (u->known & USER_LOCKED)
		set_new(o, "locked", json_boolean(u->locked));
	if (u->known & USER_EXPIRES)
		set_new(o, "expires",
			json_string(u->expires == NEVER_EXPIRES
					    ? "never"
					    : date_text(u->expires, date)));
	return o;
}

static json_t *show_group(const struct user_group *g)
{
	json_t *o, *members;

	if (g->known == GROUP_GID && !g->members.n)
		return json_integer(g->gid);
	o = json_pack("{s:I}", "gid", (json_int_t)g->gid);
	members = json_array();
	for (size_t i = 0; i < g->members.n; i++)
		json_array_append_new(members, json_string(g->members.v[i]));
	set_new(o, "members", members);
	return o;
}

json_t *roster_users_json(const struct roster *r)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct strings names;
	json_t *all = json_object();

	roster_list_users(r, &a, &names);
	strings_sort(&names);
	for (size_t i = 0; i < names.n; i++)
		set_new(all, names.v[i], show_user(roster_user(r, names.v[i])));
	return all;
}

json_t *roster_groups_json(const struct roster *r)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct strings names;
	json_t *all = json_object();

	roster_list_groups(r, &a, &names);
	strings_sort(&names);
	for (size_t i = 0; i < names.n; i++)
		set_new(all, names.v[i],
			show_group(roster_group(r, names.v[i])));
	return all;
}
