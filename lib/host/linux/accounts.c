/* SPDX-License-Identifier: MIT */
/*
 * Users and groups of the tree: passwd(5) and group(5), read when first asked
 * for. They are looked at again after something was changed, and before a name
 * is said to be unknown: a command may just have added it.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/map.h"
#include "lib/host/linux/walk.h"

enum {
	FILE_MAX = 64 * 1024 * 1024,
	FIELDS_MAX = 7,
	ID_SIZE = 12, /* a uint32_t as text */
	NSS_FIRST = 1024,
	NSS_MAX = 1024 * 1024,
	NSS_GROUPS = 256
};

struct account {
	const char *name;
	uint32_t id;
	uint32_t group;      /* of a user: the primary one */
	const char *members; /* of a group: names with ',' between */
	struct account *next;
};

/* What one file holds. */
struct database {
	const char *path;
	size_t fields;         /* a line has at least so many */
	size_t group, members; /* which field they are; 0: none */
	struct node file;      /* as it was read */
	struct arena arena;
	struct map names, ids;
	struct account *first, **end;
};

struct accounts {
	bool fresh; /* nothing changed since they were looked at */
	bool busy;  /* a walk to the files asks for an owner's name */
	struct database users, groups;
};

void accounts_init(struct linux_host *h)
{
	struct accounts *a = arena_new(&h->arena, struct accounts);

	a->users = (struct database){ .path = "/etc/passwd",
				      .fields = 4,
				      .group = 3 };
	a->groups = (struct database){ .path = "/etc/group",
				       .fields = 3,
				       .members = 3 };
	h->accounts = a;
}

void accounts_forget(const struct linux_host *h)
{
	h->accounts->fresh = false;
}

void accounts_release(struct linux_host *h)
{
	arena_release(&h->accounts->users.arena);
	arena_release(&h->accounts->groups.arena);
}

/* (uint32_t)-1 means "none" to chown(2) and setresuid(2): it is nobody's. */
static bool parse_id(const char *text, uint32_t *id)
{
	uint64_t value = 0;
	size_t n = strspn(text, "0123456789");

	if (n == 0 || n > 10 || text[n])
		return false;
	for (size_t i = 0; i < n; i++)
		value = value * 10 + (uint64_t)(text[i] - '0');
	*id = (uint32_t)value;
	return value < UINT32_MAX;
}

/* Cuts line at its ':'s; how many fields there are. */
static size_t split(char *line, const char *fields[FIELDS_MAX])
{
	size_t n = 0;

	while (line && n < FIELDS_MAX) {
		fields[n++] = line;
		line = strchr(line, ':');
		if (line)
			*line++ = '\0';
	}
	return n;
}

static const char *id_text(uint32_t id, char text[ID_SIZE])
{
	snprintf(text, ID_SIZE, "%u", (unsigned)id);
	return text;
}

/* As with getpwnam(3), the first of a name, or of an id, is the one. */
static void database_add(struct database *b, const struct account *account)
{
	struct account *a;
	char id[ID_SIZE];

	if (map_get(&b->names, account->name))
		return;
	a = arena_memdup(&b->arena, account, sizeof(*a));
	map_put(&b->names, &b->arena, a->name, a);
	id_text(a->id, id);
	if (!map_get(&b->ids, id))
		map_put(&b->ids, &b->arena, arena_strdup(&b->arena, id), a);
	*b->end = a;
	b->end = &a->next;
}

/* A line that is none is passed over, as the C library does: empty, comments,
 * "+" and "-" of NIS, too few fields, no number. */
static void database_line(struct database *b, char *line)
{
	const char *fields[FIELDS_MAX] = { "", "", "", "", "", "", "" };
	struct account a = { 0 };
	size_t n = split(line, fields);

	if (n < b->fields || !fields[0][0] || strchr("#+-", fields[0][0]))
		return;
	a.name = fields[0];
	if (!parse_id(fields[2], &a.id))
		return;
	if (b->group && !parse_id(fields[b->group], &a.group))
		return;
	if (b->members)
		a.members = n > b->members ? fields[b->members] : "";
	database_add(b, &a);
}

static void database_parse(struct database *b, const struct buf *file)
{
	char *text = arena_strndup(&b->arena, buf_text(file), file->size);
	char *end = text + file->size;

	while (text < end) {
		size_t left = (size_t)(end - text);
		char *newline = memchr(text, '\n', left);
		size_t n = newline ? (size_t)(newline - text) : left;

		text[n] = '\0';
		if (!memchr(text, '\0', n))
			database_line(b, text);
		text += n + 1;
	}
}

static void database_clear(struct database *b)
{
	arena_release(&b->arena);
	b->names = (struct map){ 0 };
	b->ids = (struct map){ 0 };
	b->first = NULL;
	b->end = &b->first;
}

/* Reads the file unless it is the one that was read. One that cannot be read
 * has no accounts: whoever asks says that the name is not known. */
static void database_load(const struct linux_host *h, struct database *b)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO_BUF struct buf file = { 0 };
	struct node now = { 0 };
	bool whole;

	host_look(&h->host, b->path, &now, &ignored);
	if (b->end && node_same(&b->file, &now))
		return;
	database_clear(b);
	b->file = now;
	if (host_read(&h->host, b->path, FILE_MAX, &file, &whole, &ignored) &&
	    whole)
		database_parse(b, &file);
}

/* False: nothing can be newer than what was last seen. */
static bool accounts_load(const struct linux_host *h, bool again)
{
	struct accounts *a = h->accounts;

	if (a->busy || (a->fresh && !again))
		return false;
	a->busy = true;
	a->fresh = true;
	database_load(h, &a->users);
	database_load(h, &a->groups);
	a->busy = false;
	return true;
}

static const struct account *find_name(const struct linux_host *h,
				       const struct database *b,
				       const char *name)
{
	const struct account *found;
	bool loaded = accounts_load(h, false);

	found = map_get(&b->names, name);
	if (!found && !loaded && accounts_load(h, true))
		found = map_get(&b->names, name);
	return found;
}

static const struct account *find_id(const struct linux_host *h,
				     const struct database *b, uint32_t id)
{
	const struct account *found;
	char text[ID_SIZE];
	bool loaded = accounts_load(h, false);

	id_text(id, text);
	found = map_get(&b->ids, text);
	if (!found && !loaded && accounts_load(h, true))
		found = map_get(&b->ids, text);
	return found;
}

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
	const struct account *found = find_name(h, &h->accounts->users, name);
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
	const struct account *found = find_name(h, &h->accounts->groups, name);
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
	const struct account *found = find_id(h, &h->accounts->users, id);
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
	const struct account *found = find_id(h, &h->accounts->groups, id);
	AUTO(answer_release) struct answer answer = { 0 };

	if (found)
		return arena_strdup(arena, found->name);
	if (may_ask(h) && ask_group(&answer, NULL, id))
		return arena_strdup(arena, answer.group.gr_name);
	return arena_printf(arena, "%u", (unsigned)id);
}

static bool is_member(const struct account *group, const char *user)
{
	size_t size = strlen(user);

	for (const char *at = group->members; *at;) {
		size_t n = strcspn(at, ",");

		if (n == size && memcmp(at, user, n) == 0)
			return true;
		at += n + (at[n] == ',');
	}
	return false;
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
	const struct account *found = find_name(h, &h->accounts->users, user);
	size_t n = 0;

	if (max == 0)
		return 0;
	if (!found)
		return may_ask(h) ? ask_groups(user, groups, max) : 0;
	groups[n++] = found->group;
	for (const struct account *g = h->accounts->groups.first; g && n < max;
	     g = g->next)
		if (g->id != found->group && is_member(g, user))
			groups[n++] = g->id;
	return n;
}
