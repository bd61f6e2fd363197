/* SPDX-License-Identifier: MIT */
#include "modules/parts/account.h"

#include <stdlib.h>
#include <string.h>

const char *const account_memberships[] = { "minimum", "inclusive", NULL };

enum { DEFAULTS_MAX = 256 * 1024 };

/* --- defaults --- */

/* The value in a line "KEY value" or "KEY=value", ended where it ends. */
static char *value_in(char *line, const char *key)
{
	size_t n = strlen(key);

	line += strspn(line, " \t");
	if (strncmp(line, key, n) != 0 || !strchr(" \t=", line[n]) || !line[n])
		return NULL;
	line += n + strspn(line + n, " \t=\"");
	line[strcspn(line, " \t\"#")] = '\0';
	return line;
}

static const char *find_default(const struct host *h, const char *path,
				const char *key, const char *otherwise,
				struct arena *a)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO_BUF struct buf file = { 0 };
	const char *found = NULL;
	bool whole;

	if (!host_read(h, path, DEFAULTS_MAX, &file, &whole, &ignored) ||
	    !file.text)
		return otherwise;
	for (char *line = file.text, *next; *line; line = next) {
		const char *value;

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		value = value_in(line, key);
		if (value && *value)
			found = value;
	}
	return found ? arena_strdup(a, found) : otherwise;
}

const char *account_login_default(const struct host *h, const char *key,
				  const char *otherwise, struct arena *a)
{
	return find_default(h, "/etc/login.defs", key, otherwise, a);
}

const char *account_useradd_default(const struct host *h, const char *key,
				    const char *otherwise, struct arena *a)
{
	return find_default(h, "/etc/default/useradd", key, otherwise, a);
}

bool account_own_groups(const struct host *h, bool otherwise, struct arena *a)
{
	const char *value =
		account_login_default(h, "USERGROUPS_ENAB", NULL, a);

	return value ? strcmp(value, "yes") == 0 : otherwise;
}

/* --- numbers --- */

struct numbers {
	uint32_t *v; /* used ones, sorted */
	size_t n;
	uint32_t min, max;
};

static uint32_t number(const struct host *h, const char *key,
		       uint32_t otherwise, struct arena *a)
{
	const char *text = account_login_default(h, key, NULL, a);
	char *end;
	unsigned long value = text ? strtoul(text, &end, 0) : 0;

	return text && !*end && value < UINT32_MAX ? (uint32_t)value
						   : otherwise;
}

/* As find_new_uid(3) of shadow-utils has them; see login.defs(5). */
static void find_range(const struct host *h, bool system, bool users,
		       struct numbers *n, struct arena *a)
{
	uint32_t first = number(h, users ? "UID_MIN" : "GID_MIN", 1000, a);

	n->min = first;
	n->max = number(h, users ? "UID_MAX" : "GID_MAX", 60000, a);
	if (!system)
		return;
	n->min = number(h, users ? "SYS_UID_MIN" : "SYS_GID_MIN", 101, a);
	n->max = number(h, users ? "SYS_UID_MAX" : "SYS_GID_MAX",
			first ? first - 1 : 0, a);
}

static int compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool find_used(const struct host *h, bool users, struct numbers *n,
		      struct arena *a, struct diags *d)
{
	struct strings names;

	if (!(users ? host_users(h, a, &names, d)
		    : host_groups(h, a, &names, d)))
		return false;
	n->v = arena_array(a, uint32_t, names.n + 1);
	for (size_t i = 0; i < names.n; i++)
		if (users ? host_user_id(h, names.v[i], &n->v[n->n])
			  : host_group_id(h, names.v[i], &n->v[n->n]))
			n->n++;
	qsort(n->v, n->n, sizeof(*n->v), compare);
	return true;
}

static bool is_used(const struct numbers *n, uint32_t id)
{
	return bsearch(&id, n->v, n->n, sizeof(*n->v), compare);
}

static bool in_range(const struct numbers *n, uint32_t id)
{
	return id >= n->min && id <= n->max;
}

static bool pick_above(const struct numbers *n, uint32_t *id)
{
	uint64_t next = n->min;

	for (size_t i = 0; i < n->n; i++)
		if (in_range(n, n->v[i]))
			next = (uint64_t)n->v[i] + 1;
	if (next > n->max)
		for (next = n->min;
		     next <= n->max && is_used(n, (uint32_t)next);)
			next++;
	*id = (uint32_t)next;
	return next <= n->max;
}

static bool pick_below(const struct numbers *n, uint32_t *id)
{
	int64_t next = n->max;

	for (size_t i = n->n; i-- > 0;)
		if (in_range(n, n->v[i]))
			next = (int64_t)n->v[i] - 1;
	if (next < n->min)
		for (next = n->max;
		     next >= n->min && is_used(n, (uint32_t)next);)
			next--;
	*id = (uint32_t)next;
	return next >= n->min;
}

static bool pick(const struct numbers *n, bool system, const char *what,
		 uint32_t *id, struct diags *d)
{
	if (n->min <= n->max &&
	    (system ? pick_below(n, id) : pick_above(n, id)))
		return true;
	return diag_error(d, "no %s from %u to %u is free (login.defs)", what,
			  (unsigned)n->min, (unsigned)n->max);
}

bool account_pick_uid(const struct host *h, bool system, struct arena *a,
		      uint32_t *uid, struct diags *d)
{
	struct numbers n = { 0 };

	find_range(h, system, true, &n, a);
	return find_used(h, true, &n, a, d) && pick(&n, system, "uid", uid, d);
}

bool account_pick_gid(const struct host *h, bool system, int64_t prefer,
		      struct arena *a, uint32_t *gid, struct diags *d)
{
	struct numbers n = { 0 };

	find_range(h, system, false, &n, a);
	if (!find_used(h, false, &n, a, d))
		return false;
	*gid = (uint32_t)prefer;
	return (prefer >= 0 && in_range(&n, *gid) && !is_used(&n, *gid)) ||
	       pick(&n, system, "gid", gid, d);
}

/* The name that a number has, or NULL: it has none, and stands for itself. */
static const char *named(const char *name, uint32_t id, struct arena *a)
{
	return strcmp(name, arena_printf(a, "%u", (unsigned)id)) == 0 ? NULL
								      : name;
}

bool account_uid_free(const struct host *h, uint32_t uid, const char *name,
		      struct arena *a, struct diags *d)
{
	const char *other = named(host_user_name(h, uid, a), uid, a);

	return !other || strcmp(other, name) == 0 ||
	       diag_error(d, "uid %u is that of user '%s'", (unsigned)uid,
			  other);
}

bool account_gid_free(const struct host *h, uint32_t gid, const char *name,
		      struct arena *a, struct diags *d)
{
	const char *other = named(host_group_name(h, gid, a), gid, a);

	return !other || strcmp(other, name) == 0 ||
	       diag_error(d, "gid %u is that of group '%s'", (unsigned)gid,
			  other);
}

/* --- memberships --- */

void account_sort(struct strings *names, struct arena *a)
{
	struct strings once = { 0 };

	strings_sort(names);
	for (size_t i = 0; i < names->n; i++)
		if (i == 0 || strcmp(names->v[i], names->v[i - 1]) != 0)
			strings_add(&once, a, names->v[i]);
	*names = once;
}

struct strings account_counted(const struct strings *want,
			       const struct strings *have, bool minimum,
			       struct arena *a)
{
	struct strings counted = { 0 };

	for (size_t i = 0; i < have->n; i++)
		if (!minimum || strings_have(want, have->v[i]))
			strings_add(&counted, a, have->v[i]);
	return counted;
}

struct strings account_wanted(const struct strings *want,
			      const struct strings *have, bool minimum,
			      struct arena *a)
{
	struct strings all = { 0 };

	for (size_t i = 0; i < want->n; i++)
		strings_add(&all, a, want->v[i]);
	for (size_t i = 0; minimum && i < have->n; i++)
		strings_add(&all, a, have->v[i]);
	account_sort(&all, a);
	return all;
}
