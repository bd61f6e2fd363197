/* SPDX-License-Identifier: MIT */
#include "modules/parts/beneath.h"

#include <string.h>

#include "lib/text/escape.h"

/* As many lines as a diff shows, and as much as people read of paths that are
 * long; as much of a digest as tells two apart; what is digested at once. */
enum { LISTED = 200, LIST_SIZE = 32 * 1024, DIGEST_SHOWN = 16 };
enum { CHUNK = 64 * 1024 };

/* A folder on the way to where the walk is. */
struct level {
	const char *folder; /* relative to top; "" is itself */
	struct strings names;
	size_t next;
	struct arena arena; /* of both */
};

/* A walk over all that is below top, each folder before what is in it. */
struct beneath {
	const struct host *host;
	const char *top;
	const struct beneath_own *own;
	struct level *levels;
	size_t n, capacity;
	/* The digest of all so far but for the chunk: of the digest before, and
	 * a chunk. */
	unsigned char digest[DIGEST_SIZE];
	struct buf chunk, list;
	size_t listed; /* entries in list */
	const char *unknown;
	struct takes *takes;
	struct arena *arena; /* of takes */
	struct arena walk;   /* of levels */
	struct diags *diags;
};

static void beneath_release(struct beneath *b)
{
	while (b->n)
		arena_release(&b->levels[--b->n].arena);
	arena_release(&b->walk);
	buf_release(&b->chunk);
	buf_release(&b->list);
}

void beneath_none(struct record *have, unsigned row, struct takes *takes)
{
	*takes = (struct takes){ .text = "nothing" };
	have->set |= BIT(row);
}

static bool digest_chunk(struct beneath *b)
{
	AUTO_BUF struct buf all = { 0 };
	struct content content;

	buf_add(&all, (const char *)b->digest, sizeof(b->digest));
	buf_add(&all, buf_text(&b->chunk), b->chunk.size);
	content = content_of(buf_text(&all), all.size);
	if (!content_digest(&content, b->diags))
		return false;
	memcpy(b->digest, content.digest, sizeof(b->digest));
	buf_clear(&b->chunk);
	return true;
}

static bool note_entry(struct beneath *b, const char *relative,
		       enum node_type type)
{
	if (b->own && b->own->is_own(b->own->context, relative))
		return true;
	buf_printf(&b->chunk, "%s %s", node_type_name(type), relative);
	buf_putc(&b->chunk, '\0');
	b->takes->entries++;
	if (b->listed < LISTED && b->list.size < LIST_SIZE) {
		b->listed++;
		buf_putc(&b->list, '-');
		escape_text(&b->list, relative, strlen(relative), false);
		buf_puts(&b->list, type == NODE_DIRECTORY ? "/\n" : "\n");
	}
	return b->chunk.size < CHUNK || digest_chunk(b);
}

/* Goes into a folder, whose relative path is copied. */
static bool enter(struct beneath *b, const char *relative, const char *path)
{
	size_t before = b->diags->n;
	struct level *level;

	b->levels = arena_grow(&b->walk, b->levels, b->n, &b->capacity,
			       sizeof(*level));
	level = &b->levels[b->n++];
	*level = (struct level){ .next = 0 };
	level->folder = arena_strdup(&level->arena, relative);
	if (host_list(b->host, path, &level->arena, &level->names, b->diags))
		return true;
	b->unknown = "what is in it is not known";
	return b->diags->n == before;
}

/* The first reason counts; it is copied. */
static void keep_reason(const struct beneath *b, const struct diags *said,
			const struct diag **reason)
{
	struct diag *copy;

	if (*reason || !said->n)
		return;
	copy = arena_memdup(b->arena, &said->v[0], sizeof(said->v[0]));
	copy->text = arena_strdup(b->arena, copy->text);
	copy->hint = arena_strdup(b->arena, copy->hint);
	*reason = copy;
}

static void note_stays(const struct beneath *b, const char *path,
		       const struct node *node)
{
	AUTO_DIAGS struct diags stays = { 0 };
	AUTO_DIAGS struct diags large = { 0 };

	if (!pinned_changes(path, node, &stays))
		keep_reason(b, &stays, &b->takes->stays);
	if (!host_keeps(path, node, &large))
		keep_reason(b, &large, &b->takes->large);
}

/* What is mounted there stays, so all does: there is no need to go in. */
static bool look_at(struct beneath *b, const char *relative, const char *path)
{
	struct node node;

	if (!host_look(b->host, path, &node, b->diags))
		return false;
	if (node.type == NODE_ABSENT)
		return true;
	if (node.type == NODE_UNKNOWN || node.inside)
		b->unknown = node.inside ? node.inside : node.because;
	if (node.mounted && !b->takes->mount)
		b->takes->mount = arena_strdup(b->arena, path);
	note_stays(b, path, &node);
	return note_entry(b, relative, node.type) &&
	       (node.type != NODE_DIRECTORY || node.mounted || node.inside ||
		enter(b, relative, path));
}

static bool look_at_next(struct beneath *b)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct level *level = &b->levels[b->n - 1];
	const char *relative;

	if (level->next == level->names.n) {
		arena_release(&level->arena);
		b->n--;
		return true;
	}
	relative = arena_printf(&a, "%s%s%s", level->folder,
				*level->folder ? "/" : "",
				level->names.v[level->next++]);
	return look_at(b, relative,
		       arena_printf(&a, "%s/%s", b->top, relative));
}

static bool tell(struct beneath *b)
{
	struct takes *takes = b->takes;
	char hex[DIGEST_HEX];

	if (!digest_chunk(b))
		return false;
	if (takes->entries > b->listed)
		buf_printf(&b->list, "... %zu more\n",
			   takes->entries - b->listed);
	takes->list = arena_strdup(b->arena, buf_text(&b->list));
	takes->text =
		arena_printf(b->arena, "%zu %s (%.*s)", takes->entries,
			     takes->entries == 1 ? "entry" : "entries",
			     (int)DIGEST_SHOWN, digest_hex(b->digest, hex));
	return true;
}

bool beneath_look(const struct host *h, const char *path,
		  const struct node *top, struct record *have, unsigned row,
		  struct takes *takes, struct arena *a, struct diags *d)
{
	return beneath_look_else(h, path, top, NULL, have, row, takes, a, d);
}

bool beneath_look_else(const struct host *h, const char *path,
		       const struct node *top, const struct beneath_own *own,
		       struct record *have, unsigned row, struct takes *takes,
		       struct arena *a, struct diags *d)
{
	AUTO(beneath_release)
	struct beneath b = {
		.host = h,
		.top = path,
		.own = own,
		.takes = takes,
		.arena = a,
		.diags = d,
	};

	beneath_none(have, row, takes);
	if (top->type != NODE_DIRECTORY || top->mounted ||
	    path_is_protected(path))
		return true;
	if (!enter(&b, "", path))
		return false;
	while (b.n && !b.unknown)
		if (!look_at_next(&b))
			return false;
	if (!b.unknown)
		return !takes->entries || tell(&b);
	record_unknown(have, row, arena_strdup(a, b.unknown));
	return true;
}

const struct node *beneath_stands(const struct node *node)
{
	return node->type == NODE_ABSENT || node->type == NODE_DIRECTORY ||
			       node->type == NODE_UNKNOWN
		       ? NULL
		       : node;
}

static bool refuse(const struct diag *reason, struct diags *d)
{
	diag_error(d, "%s", reason->text);
	diag_hint(d, "%s", reason->hint);
	return false;
}

bool beneath_may_go(const char *path, const struct takes *takes, bool backup,
		    struct diags *d)
{
	if (takes->mount)
		return diag_error(d, "'%s' has a mount in it, at '%s'", path,
				  takes->mount);
	if (takes->stays)
		return refuse(takes->stays, d);
	return !backup || !takes->large || refuse(takes->large, d);
}
