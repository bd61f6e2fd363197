/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/packages/dpkg.h"

#include <string.h>

#include "lib/base/auto.h"

/* What a stanza says, as far as it was read. */
struct stanza {
	const char *name, *version, *architecture, *status;
};

static const struct {
	const char *name;
	size_t size, offset;
} fields[] = {
	{ "Package:", 8, offsetof(struct stanza, name) },
	{ "Version:", 8, offsetof(struct stanza, version) },
	{ "Status:", 7, offsetof(struct stanza, status) },
	{ "Architecture:", 13, offsetof(struct stanza, architecture) },
};

/* Ends the value at its last character that is no blank. */
static const char *value_of(char *from, char *end)
{
	while (from < end && (*from == ' ' || *from == '\t'))
		from++;
	while (end > from && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	return from;
}

static void take_line(struct stanza *s, char *line, char *end)
{
	size_t n = (size_t)(end - line);

	for (size_t i = 0; i < COUNT(fields); i++)
		if (n >= fields[i].size &&
		    memcmp(line, fields[i].name, fields[i].size) == 0)
			*(const char **)(void *)((char *)s + fields[i].offset) =
				value_of(line + fields[i].size, end);
}

/* "hold ok installed": what is wanted, whether it is sound, what it is. */
static void take_status(struct dpkg_entry *e, const char *status)
{
	const char *flag = strchr(status, ' ');
	const char *state = flag ? strchr(flag + 1, ' ') : NULL;

	e->hold = strncmp(status, "hold ", 5) == 0;
	e->state = PACKAGE_ABSENT;
	if (state)
		package_state_parse(state + 1, &e->state);
	/* dpkg(1), reinst-required: it is broken, and is to be installed anew
	 */
	if (flag && strncmp(flag, " reinstreq ", 11) == 0)
		e->state = PACKAGE_HALF_INSTALLED;
}

static struct dpkg_entry *entry_of(struct dpkg *db, const struct stanza *s)
{
	struct dpkg_entry *first = map_get(&db->names, s->name);
	struct dpkg_entry *e = first;

	while (e && strcmp(e->architecture, s->architecture) != 0)
		e = e->other;
	if (e)
		return e;
	e = arena_new(&db->arena, struct dpkg_entry);
	e->name = s->name;
	e->architecture = s->architecture;
	if (first) {
		e->other = first->other;
		first->other = e;
	} else {
		map_put(&db->names, &db->arena, s->name, e);
	}
	if (!db->end)
		db->end = &db->first;
	*db->end = e;
	db->end = &e->next;
	return e;
}

static void take_stanza(struct dpkg *db, struct stanza *s)
{
	struct dpkg_entry *e;

	if (!s->name || !s->name[0] || !s->status)
		return;
	if (!s->architecture)
		s->architecture = "";
	e = entry_of(db, s);
	e->version = s->version ? s->version : "";
	take_status(e, s->status);
}

void dpkg_parse(struct dpkg *db, char *text, size_t n)
{
	struct stanza s = { 0 };
	char *end = text + n, *next;

	for (char *line = text; line < end; line = next + 1) {
		next = memchr(line, '\n', (size_t)(end - line));
		/* a line that is cut off is not believed */
		if (!next)
			break;
		switch (*line) {
		case '\n':
			take_stanza(db, &s);
			s = (struct stanza){ 0 };
			break;
		case 'P':
		case 'V':
		case 'S':
		case 'A':
			take_line(&s, line, next);
			break;
		default:
			break;
		}
	}
	take_stanza(db, &s);
}

static bool is_there(const struct dpkg_entry *e)
{
	return e->state != PACKAGE_ABSENT && e->state != PACKAGE_CONFIG_FILES;
}

const char *dpkg_native(const struct dpkg *db)
{
	const struct dpkg_entry *e = map_get(&db->names, "dpkg");

	return e ? e->architecture : "";
}

static bool is_native(const struct dpkg *db, const struct dpkg_entry *e)
{
	return strcmp(e->architecture, "all") == 0 ||
	       strcmp(e->architecture, dpkg_native(db)) == 0;
}

/* The native one, or, where that is not known, one that is there. */
static const struct dpkg_entry *best_of(const struct dpkg *db,
					const struct dpkg_entry *e)
{
	bool known = *dpkg_native(db) != '\0';
	const struct dpkg_entry *best = NULL;

	for (; e; e = e->other)
		if ((!known || is_native(db, e)) &&
		    (!best || (!is_there(best) && is_there(e))))
			best = e;
	return best;
}

const struct dpkg_entry *dpkg_find(const struct dpkg *db, const char *name)
{
	const char *colon = strchr(name, ':');
	const struct dpkg_entry *e;

	if (!colon)
		return best_of(db, map_get(&db->names, name));
	e = map_getn(&db->names, name, (size_t)(colon - name));
	while (e && strcmp(e->architecture, colon + 1) != 0)
		e = e->other;
	return e;
}

bool dpkg_is_broken(const struct dpkg *db)
{
	for (const struct dpkg_entry *e = db->first; e; e = e->next)
		if (is_there(e) && e->state != PACKAGE_INSTALLED)
			return true;
	return false;
}

void dpkg_release(struct dpkg *db)
{
	arena_release(&db->arena);
	*db = (struct dpkg){ 0 };
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

bool dpkg_is_name(const char *name)
{
	size_t n = strspn(name, LOWER DIGITS "+-.");
	const char *architecture = name + n;

	if (n < 2 || !strchr(LOWER DIGITS, name[0]) || name[n - 1] == '-')
		return false;
	if (!*architecture)
		return true;
	n = strspn(architecture + 1, LOWER DIGITS "-");
	return *architecture == ':' && n && architecture[1] != '-' &&
	       architecture[n] != '-' && !architecture[n + 1];
}

bool dpkg_is_version(const char *version)
{
	return version[0] >= '0' && version[0] <= '9' &&
	       !version[strspn(version, LOWER
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS ".+-~:")];
}
