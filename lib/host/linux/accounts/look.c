/* SPDX-License-Identifier: MIT */
/* Users and groups of the tree, with all that the files say of them. */
#include <string.h>

#include "lib/host/linux/accounts/accounts.h"

/* Plain digits; shadow(5) counts days. */
static int64_t parse_days(const char *text)
{
	size_t n = strspn(text, "0123456789");
	int64_t days = 0;

	if (n == 0 || n > 9 || text[n])
		return NEVER_EXPIRES;
	for (size_t i = 0; i < n; i++)
		days = days * 10 + (text[i] - '0');
	return days;
}

/* Without a line of shadow(5) the password is that of passwd(5). */
static void add_secrets(const struct linux_host *h, const struct account *a,
			struct arena *arena, struct user *u)
{
	const struct database *shadow = &h->accounts->shadow;
	const struct account *line;
	const char *password = a->fields[PASSWD_PASSWORD];

	accounts_load_shadow(h);
	if (shadow->unread)
		return;
	line = map_get(&shadow->names, a->name);
	if (line)
		password = line->fields[SHADOW_PASSWORD];
	u->locked = password[0] == '!';
	u->password = arena_strdup(arena, password + strspn(password, "!"));
	u->expires =
		line ? parse_days(line->fields[SHADOW_EXPIRES]) : NEVER_EXPIRES;
	u->known |= USER_PASSWORD | USER_LOCKED | USER_EXPIRES;
}

static void add_groups(const struct linux_host *h, struct arena *arena,
		       struct user *u)
{
	const struct database *groups = &h->accounts->groups;

	if (groups->unread)
		return;
	for (const struct account *g = groups->first; g; g = g->next)
		if (accounts_member(g, u->name))
			strings_add(&u->groups, arena,
				    arena_strdup(arena, g->name));
	strings_sort(&u->groups);
	u->known |= USER_GROUPS;
}

static bool readable(const struct database *b, struct diags *d)
{
	return !b->unread || diag_error(d, "cannot read '%s'", b->path);
}

bool linux_user(const struct host *host, const char *name, struct arena *arena,
		struct user *u, bool *there, struct diags *d)
{
	const struct linux_host *h = linux_of(host);
	const struct account *a = accounts_named(h, &h->accounts->users, name);

	*there = a != NULL;
	if (!a)
		return readable(&h->accounts->users, d);
	*u = (struct user){
		.name = arena_strdup(arena, a->name),
		.known = USER_UID | USER_GID | USER_COMMENT | USER_HOME |
			 USER_SHELL,
		.uid = a->id,
		.gid = a->group,
		.comment = arena_strdup(arena, a->fields[PASSWD_COMMENT]),
		.home = arena_strdup(arena, a->fields[PASSWD_HOME]),
		.shell = arena_strdup(arena, a->fields[PASSWD_SHELL]),
		.expires = NEVER_EXPIRES,
	};
	add_secrets(h, a, arena, u);
	add_groups(h, arena, u);
	return true;
}

static void add_members(const char *text, struct arena *arena,
			struct strings *members)
{
	struct strings all = { 0 };

	while (*text) {
		size_t n = strcspn(text, ",");

		if (n)
			strings_add(&all, arena, arena_strndup(arena, text, n));
		text += n + (text[n] == ',');
	}
	strings_sort(&all);
	for (size_t i = 0; i < all.n; i++)
		if (i == 0 || strcmp(all.v[i], all.v[i - 1]) != 0)
			strings_add(members, arena, all.v[i]);
}

bool linux_group(const struct host *host, const char *name, struct arena *arena,
		 struct user_group *g, bool *there, struct diags *d)
{
	const struct linux_host *h = linux_of(host);
	const struct account *a = accounts_named(h, &h->accounts->groups, name);

	*there = a != NULL;
	if (!a)
		return readable(&h->accounts->groups, d);
	*g = (struct user_group){ .name = arena_strdup(arena, a->name),
				  .known = GROUP_ALL,
				  .gid = a->id };
	add_members(a->members, arena, &g->members);
	return true;
}

static bool names_of(const struct linux_host *h, const struct database *b,
		     struct arena *arena, struct strings *names,
		     struct diags *d)
{
	*names = (struct strings){ 0 };
	accounts_load(h, false);
	for (const struct account *a = b->first; a; a = a->next)
		strings_add(names, arena, arena_strdup(arena, a->name));
	return readable(b, d);
}

bool linux_users(const struct host *host, struct arena *arena,
		 struct strings *names, struct diags *d)
{
	const struct linux_host *h = linux_of(host);

	return names_of(h, &h->accounts->users, arena, names, d);
}

bool linux_groups(const struct host *host, struct arena *arena,
		  struct strings *names, struct diags *d)
{
	const struct linux_host *h = linux_of(host);

	return names_of(h, &h->accounts->groups, arena, names, d);
}
