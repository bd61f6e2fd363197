/* SPDX-License-Identifier: MIT */
#include "lib/host/table.h"

#include <limits.h>
#include <string.h>

#include "lib/base/path.h"
#include "lib/base/utf8.h"
#include "lib/text/escape.h"

/* --- names --- */

/* What people cannot see, or cannot tell from something else. */
static bool is_plain(uint32_t rune)
{
	return rune >= 0x20 && !(rune >= 0x7f && rune < 0xa0) &&
	       !(rune >= 0x200b && rune <= 0x200f) &&
	       !(rune >= 0x2028 && rune <= 0x202e) &&
	       !(rune >= 0x2060 && rune <= 0x206f) && rune != 0xfeff;
}

/* U+0300 to U+036F: with the letter before them they are another letter. */
static bool combines(uint32_t rune)
{
	return rune >= 0x300 && rune <= 0x36f;
}

static const char *runes_wrong(const char *name, size_t n)
{
	uint32_t rune;
	size_t length;

	for (size_t i = 0; i < n; i += length) {
		length = utf8_decode(name + i, n - i, &rune);
		if (!length)
			return "is not UTF-8";
		if (!is_plain(rune))
			return "has a character that cannot be seen";
		if (combines(rune))
			return "has a letter in two parts, which may be equal "
			       "to another name";
		if (rune == '\\')
			return "has a backslash";
	}
	return NULL;
}

static const char *component_wrong(const char *name, size_t n)
{
	if (n == 0)
		return "has an empty component";
	if (n > NAME_MAX)
		return "has a component of more than 255 bytes";
	if (n == 1 && name[0] == '.')
		return "has a '.' in it";
	if (n == 2 && name[0] == '.' && name[1] == '.')
		return "leads out of it";
	return NULL;
}

const char *table_name_wrong(const char *name, size_t n)
{
	const char *wrong = NULL;
	size_t depth = 0;

	if (n == 0)
		return "is empty";
	if (name[0] == '/')
		return "is absolute";
	if (n >= PATH_MAX)
		return "is longer than 4,095 bytes";
	/* also of a folder, which is a name of its own when it is implied */
	if (n > 1 && name[1] == ':' && (n == 2 || strchr("/\\", name[2])))
		return "begins with a drive";
	for (size_t i = 0; !wrong && i <= n; depth++) {
		const char *slash = memchr(name + i, '/', n - i);
		size_t end = slash ? (size_t)(slash - name) : n;

		wrong = component_wrong(name + i, end - i);
		i = end + 1;
	}
	if (!wrong && depth > TABLE_DEPTH)
		wrong = "is deeper than 100 folders";
	return wrong ? wrong : runes_wrong(name, n);
}

bool table_target_stays(const char *name, const char *target)
{
	size_t depth = 0, n = strlen(target);

	if (!n || n >= PATH_MAX || target[0] == '/' || runes_wrong(target, n))
		return false;
	for (const char *c = name; *c; c++)
		depth += *c == '/';
	for (const char *at = target; *at;) {
		size_t length = strcspn(at, "/");

		if (length == 2 && memcmp(at, "..", 2) == 0) {
			if (depth-- == 0)
				return false;
		} else if (length && !(length == 1 && *at == '.')) {
			depth++;
		}
		at += length;
		at += *at == '/';
	}
	return true;
}

/* Of the letters that have two cases the small one: ASCII, Latin-1, Greek and
 * Cyrillic. */
static uint32_t fold(uint32_t rune)
{
	if ((rune >= 'A' && rune <= 'Z') ||
	    (rune >= 0xc0 && rune <= 0xde && rune != 0xd7) ||
	    (rune >= 0x391 && rune <= 0x3a9) ||
	    (rune >= 0x410 && rune <= 0x42f))
		return rune + 0x20;
	if (rune >= 0x400 && rune <= 0x40f)
		return rune + 0x50;
	if (rune >= 0x100 && rune <= 0x17f)
		return rune | 1;
	return rune;
}

/* For comparison alone: a code point is four bytes, none of them 0. */
static const char *folded(struct arena *a, const char *name)
{
	size_t n = strlen(name), length, used = 0;
	char *text = arena_alloc(a, 4 * n + 1);
	uint32_t rune;

	for (size_t i = 0; i < n; i += length) {
		length = utf8_decode(name + i, n - i, &rune);
		rune = fold(rune);
		if (rune < 0x80)
			text[used++] = (char)rune;
		else
			for (int k = 3; k >= 0; k--)
				text[used++] =
					(char)(0x80 | ((rune >> 6 * k) & 0x3f));
	}
	text[used] = '\0';
	return text;
}

/* --- making one --- */

static bool refuse(struct diags *d, const char *name, const char *why)
{
	AUTO_BUF struct buf safe = { 0 };

	escape_text(&safe, name, strlen(name), false);
	return diag_error(d, "its entry '%s' %s", buf_text(&safe), why);
}

struct table_entry *table_find(const struct table_maker *m, const char *name)
{
	size_t index = (uintptr_t)map_get(&m->names, name);

	return index ? &m->table->v[index - 1] : NULL;
}

static struct table_entry *append(struct table_maker *m,
				  const struct table_entry *e)
{
	struct table *t = m->table;
	struct table_entry *new;

	t->v = arena_grow(m->arena, t->v, t->n, &t->capacity, sizeof(*t->v));
	new = &t->v[t->n++];
	*new = *e;
	new->name = arena_strdup(m->arena, e->name);
	if (e->target)
		new->target = arena_strdup(m->arena, e->target);
	map_put(&m->names, m->arena, new->name, (void *)(uintptr_t)t->n);
	map_put(&m->folded, m->arena, folded(m->arena, new->name), new);
	return new;
}

static bool may_append(struct table_maker *m, const char *name, struct diags *d)
{
	if (m->table->n >= TABLE_ENTRIES)
		return refuse(d, name, "is one of more than 200,000");
	if (map_get(&m->folded, folded(m->arena, name)))
		return refuse(d, name, "differs from another one only by case");
	return true;
}

/* What is above it must be folders, and is made so. */
static bool add_parents(struct table_maker *m, const char *name,
			struct diags *d)
{
	for (const char *slash = strchr(name, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		struct table_entry folder = {
			.name = arena_strndup(m->arena, name,
					      (size_t)(slash - name)),
			.type = TREE_DIRECTORY,
		};
		const struct table_entry *there = table_find(m, folder.name);

		if (there && there->type != TREE_DIRECTORY)
			return refuse(d, name,
				      "is below one that is no folder");
		if (there)
			continue;
		if (!may_append(m, folder.name, d))
			return false;
		folder.copy = 1; /* implied: it may still be named */
		append(m, &folder);
	}
	return true;
}

static const char *type_wrong(const struct table_entry *e)
{
	switch (e->type) {
	case TREE_FILE:
		return e->target ? "has a target" : NULL;
	case TREE_DIRECTORY:
		return e->target || e->size ? "is a folder with content" : NULL;
	case TREE_LINK:
		if (e->target && table_target_stays(e->name, e->target))
			return NULL;
		return "is a link that leads out of it";
	default:
		return "is of a type that is not taken";
	}
}

static bool check_size(struct table_maker *m, const struct table_entry *e,
		       struct diags *d)
{
	if (e->size > TABLE_BYTES || m->bytes + e->size > TABLE_BYTES)
		return refuse(d, e->name, "makes it larger than 4 GiB");
	m->bytes += e->size;
	return true;
}

bool table_add(struct table_maker *m, const struct table_entry *e,
	       struct table_entry **added, struct diags *d)
{
	const char *wrong = table_name_wrong(e->name, strlen(e->name));
	struct table_entry *there;

	*added = NULL;
	if (!wrong)
		wrong = type_wrong(e);
	if (wrong)
		return refuse(d, e->name, wrong);
	there = table_find(m, e->name);
	if (there && there->type == TREE_DIRECTORY && there->copy &&
	    e->type == TREE_DIRECTORY) {
		there->copy = 0;
		return true;
	}
	if (there)
		return refuse(d, e->name, "is there twice");
	if (!add_parents(m, e->name, d) || !may_append(m, e->name, d) ||
	    !check_size(m, e, d))
		return false;
	*added = append(m, e);
	return true;
}

/* --- handing it over --- */

static bool is_parent_there(const struct map *names, const struct table *t,
			    const char *name)
{
	size_t n = path_parent_of(name, strlen(name));
	size_t index = n ? (uintptr_t)map_getn(names, name, n) : 0;

	return n == 0 || (index && t->v[index - 1].type == TREE_DIRECTORY);
}

static bool is_copy_right(const struct table *t, size_t i)
{
	const struct table_entry *e = &t->v[i], *of;

	if (!e->copy || e->type == TREE_DIRECTORY)
		return e->copy <= 1;
	of = e->copy <= i ? &t->v[e->copy - 1] : NULL;
	return of && e->type == TREE_FILE && of->type == TREE_FILE &&
	       !of->copy && of->size == e->size;
}

static bool is_sound(const struct table *t)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct map names = { 0 }, all = { 0 };
	uint64_t bytes = 0;

	if (t->n > TABLE_ENTRIES)
		return false;
	for (size_t i = 0; i < t->n; i++) {
		const struct table_entry *e = &t->v[i];

		if (!e->name || table_name_wrong(e->name, strlen(e->name)) ||
		    type_wrong(e) || !is_copy_right(t, i) ||
		    !is_parent_there(&names, t, e->name) ||
		    e->size > TABLE_BYTES || bytes + e->size > TABLE_BYTES ||
		    map_put(&all, &a, folded(&a, e->name), &a))
			return false;
		bytes += e->size;
		map_put(&names, &a, e->name, (void *)(uintptr_t)(i + 1));
	}
	return true;
}

void table_pack(struct pack *p, struct table *t)
{
	struct table_entry *v = pack_array(p, &t->v, t->n, sizeof(*v));

	t->n = t->capacity = v ? t->n : 0;
	for (size_t i = 0; i < t->n && !p->wrong; i++) {
		pack_text(p, &v[i].name);
		pack_text(p, &v[i].target);
		pack_bool(p, &v[i].executable);
	}
	if (!p->out && !p->wrong)
		pack_expect(p, is_sound(t));
}
