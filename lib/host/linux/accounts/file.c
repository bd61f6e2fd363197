/* SPDX-License-Identifier: MIT */
/*
 * The files of users and groups of the tree: passwd(5), group(5), shadow(5),
 * read when first asked for. They are looked at again after something was
 * changed, and before a name is said to be unknown: a command may just have
 * added it.
 */
#include <stdio.h>
#include <string.h>

#include "lib/host/linux/accounts/accounts.h"

enum {
	FILE_MAX = 64 * 1024 * 1024,
	ID_SIZE = 12, /* a uint32_t as text */
};

void accounts_init(struct linux_host *h)
{
	struct accounts *a = arena_new(&h->arena, struct accounts);

	a->users = (struct database){ .path = "/etc/passwd",
				      .fields = 4,
				      .id = PASSWD_UID,
				      .group = PASSWD_GID };
	a->groups = (struct database){ .path = "/etc/group",
				       .fields = 3,
				       .id = GROUP_FILE_GID,
				       .members = GROUP_FILE_MEMBERS };
	a->shadow = (struct database){ .path = "/etc/shadow", .fields = 2 };
	h->accounts = a;
}

void accounts_forget(const struct linux_host *h)
{
	h->accounts->fresh = h->accounts->shaded = false;
}

void accounts_release(struct linux_host *h)
{
	arena_release(&h->accounts->users.arena);
	arena_release(&h->accounts->groups.arena);
	arena_release(&h->accounts->shadow.arena);
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
	if (b->id && !map_get(&b->ids, id))
		map_put(&b->ids, &b->arena, arena_strdup(&b->arena, id), a);
	*b->end = a;
	b->end = &a->next;
}

/* A line that is none is passed over, as the C library does: empty, comments,
 * "+" and "-" of NIS, too few fields, no number. */
static void database_line(struct database *b, char *line)
{
	struct account a = { 0 };
	size_t n = split(line, a.fields);

	if (n == 0 || n < b->fields || !a.fields[0][0] ||
	    strchr("#+-", a.fields[0][0]))
		return;
	for (size_t i = n; i < FIELDS_MAX; i++)
		a.fields[i] = "";
	a.name = a.fields[0];
	if (b->id && !parse_id(a.fields[b->id], &a.id))
		return;
	if (b->group && !parse_id(a.fields[b->group], &a.group))
		return;
	if (b->members)
		a.members = a.fields[b->members];
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
	bool whole, seen = host_look(&h->host, b->path, &now, &ignored);

	if (b->end && node_same(&b->file, &now))
		return;
	database_clear(b);
	b->file = now;
	b->unread = !seen || (now.type != NODE_ABSENT &&
			      !(host_read(&h->host, b->path, FILE_MAX, &file,
					  &whole, &ignored) &&
				whole));
	if (!b->unread)
		database_parse(b, &file);
}

bool accounts_load(const struct linux_host *h, bool again)
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

void accounts_load_shadow(const struct linux_host *h)
{
	if (h->accounts->shaded)
		return;
	database_load(h, &h->accounts->shadow);
	h->accounts->shaded = true;
}

const struct account *accounts_named(const struct linux_host *h,
				     const struct database *b, const char *name)
{
	const struct account *found;
	bool loaded = accounts_load(h, false);

	found = map_get(&b->names, name);
	if (!found && !loaded && accounts_load(h, true))
		found = map_get(&b->names, name);
	return found;
}

const struct account *accounts_numbered(const struct linux_host *h,
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

bool accounts_member(const struct account *group, const char *user)
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
