/* SPDX-License-Identifier: MIT */
/* Names and numbers of users and groups of the tree. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "lib/host/linux/accounts/accounts.h"

enum { NSS_FIRST = 1024, NSS_MAX = 1024 * 1024, NSS_GROUPS = 256 };

/*
 * nsswitch.conf(5) may name whatever source, with plug-ins and sockets: those
 * of this host only, and not where the process may only look, for there they
 * are not allowed.
 */
static bool may_ask(const struct linux_host *h)
{
	return h->options.writable && strcmp(h->options.root, "/") == 0;
}

/* An answer of the C library, in memory that grows until it fits. */
struct answer {
	char *memory;
	size_t size;
	struct passwd passwd;
	struct group group;
};

static void answer_release(struct answer *a)
{
	free(a->memory);
}

/* Whether to ask once more, with more memory, after that error. */
static bool answer_grow(struct answer *a, int error)
{
	if (a->size && error != ERANGE && error != EINTR)
		return false;
	if (a->size == NSS_MAX && error == ERANGE)
		return false;
	if (error != EINTR)
		a->size = a->size ? a->size * 2 : NSS_FIRST;
	a->memory = xrealloc(a->memory, a->size);
	return true;
}

/* By name, or by id where name is NULL. */
static bool ask_user(struct answer *a, const char *name, uint32_t id)
{
	struct passwd *found = NULL;
	int error = 0;

	while (answer_grow(a, error))
		error = name ? getpwnam_r(name, &a->passwd, a->memory, a->size,
					  &found)
			     : getpwuid_r(id, &a->passwd, a->memory, a->size,
					  &found);
	return found;
}

static bool ask_group(struct answer *a, const char *name, uint32_t id)
{
	struct group *found = NULL;
	int error = 0;

	while (answer_grow(a, error))
		error = name ? getgrnam_r(name, &a->group, a->memory, a->size,
					  &found)
			     : getgrgid_r(id, &a->group, a->memory, a->size,
					  &found);
	return found;
}

bool accounts_user_id(const struct linux_host *h, const char *name,
		      uint32_t *id, uint32_t *primary_group)
{
	const struct account *found =
		accounts_named(h, &h->accounts->users, name);
	AUTO(answer_release) struct answer answer = { 0 };
	uint32_t group;

	if (found) {
		*id = found->id;
		group = found->group;
	} else if (may_ask(h) && ask_user(&answer, name, 0)) {
		*id = answer.passwd.pw_uid;
		group = answer.passwd.pw_gid;
	} else {
		return false;
	}
	if (primary_group)
		*primary_group = group;
	return true;
}

bool accounts_group_id(const struct linux_host *h, const char *name,
		       uint32_t *id)
{
	const struct account *found =
		accounts_named(h, &h->accounts->groups, name);
	AUTO(answer_release) struct answer answer = { 0 };

	if (found)
		*id = found->id;
	else if (may_ask(h) && ask_group(&answer, name, 0))
		*id = answer.group.gr_gid;
	else
		return false;
	return true;
}

const char *accounts_user_name(const struct linux_host *h, uint32_t id,
			       struct arena *arena)
{
	const struct account *found =
		accounts_numbered(h, &h->accounts->users, id);
	AUTO(answer_release) struct answer answer = { 0 };

	if (found)
		return arena_strdup(arena, found->name);
	if (may_ask(h) && ask_user(&answer, NULL, id))
		return arena_strdup(arena, answer.passwd.pw_name);
	return arena_printf(arena, "%u", (unsigned)id);
}

const char *accounts_group_name(const struct linux_host *h, uint32_t id,
				struct arena *arena)
{
	const struct account *found =
		accounts_numbered(h, &h->accounts->groups, id);
	AUTO(answer_release) struct answer answer = { 0 };

	if (found)
		return arena_strdup(arena, found->name);
	if (may_ask(h) && ask_group(&answer, NULL, id))
		return arena_strdup(arena, answer.group.gr_name);
	return arena_printf(arena, "%u", (unsigned)id);
}

/* Groups of a user whom the files do not have. */
static size_t ask_groups(const char *user, gid_t *groups, size_t max)
{
	AUTO(answer_release) struct answer answer = { 0 };
	gid_t found[NSS_GROUPS];
	int n = NSS_GROUPS;

	if (!ask_user(&answer, user, 0))
		return 0;
	/* Too many: as many as there is room for are in found (NSS_GROUPS). */
	if (getgrouplist(user, answer.passwd.pw_gid, found, &n) < 0)
		n = NSS_GROUPS;
	for (size_t i = 0; i < (size_t)n && i < max; i++)
		groups[i] = found[i];
	return (size_t)n < max ? (size_t)n : max;
}

size_t accounts_groups(const struct linux_host *h, const char *user,
		       gid_t *groups, size_t max)
{
	const struct account *found =
		accounts_named(h, &h->accounts->users, user);
	size_t n = 0;

	if (max == 0)
		return 0;
	if (!found)
		return may_ask(h) ? ask_groups(user, groups, max) : 0;
	groups[n++] = found->group;
	for (const struct account *g = h->accounts->groups.first; g && n < max;
	     g = g->next)
		if (g->id != found->group && accounts_member(g, user))
			groups[n++] = g->id;
	return n;
}
