/* SPDX-License-Identifier: MIT */
#include "lib/inputs.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

/* Seconds: the coarsest clock of a file system (FAT has 2). */
enum { CLOCK_STEP = 2 };

/* --- what was found, as text --- */

static void put_entry(struct buf *b, const struct tree_entry *e)
{
	buf_printf(b, "%d %d %" PRIu64 " %zu:%s %s\n", (int)e->type,
		   (int)e->executable, e->size, strlen(e->name), e->name,
		   e->target ? e->target : "");
}

static void put_stamp(struct buf *b, const struct tree_stamp *s)
{
	buf_printf(b,
		   "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64,
		   s->device, s->inode, s->size, s->mtime, s->ctime);
}

static bool find_entry(const struct tree *t, const char *path, struct arena *a,
		       struct tree_entry *e, struct buf *found, struct diags *d)
{
	if (!tree_entry(t, path, a, e, d))
		return false;
	put_entry(found, e);
	return true;
}

static bool find_list(const struct tree *t, const char *path, struct arena *a,
		      struct tree_entry **v, size_t *n, struct buf *found,
		      struct diags *d)
{
	if (!tree_list(t, path, a, v, n, d))
		return false;
	for (size_t i = 0; i < *n; i++)
		put_entry(found, &(*v)[i]);
	return true;
}

/* --- noting --- */

struct noting {
	struct tree tree; /* first: a struct tree * is one of these */
	const struct tree *base;
	struct inputs *inputs;
};

static const struct noting *noting_of(const struct tree *t)
{
	return (const struct noting *)(const void *)t;
}

static void note(const struct tree *t, enum input_kind kind, const char *path,
		 const struct buf *found)
{
	struct inputs *in = noting_of(t)->inputs;

	in->v = arena_grow(in->arena, in->v, in->n, &in->capacity,
			   sizeof(*in->v));
	in->v[in->n++] = (struct input){
		.kind = (int)kind,
		.path = arena_strdup(in->arena, path),
		.found = arena_strdup(in->arena, buf_text(found)),
	};
}

static bool note_entry(const struct tree *t, const char *path, struct arena *a,
		       struct tree_entry *e, struct diags *d)
{
	AUTO_BUF struct buf found = { 0 };

	if (!find_entry(noting_of(t)->base, path, a, e, &found, d))
		return false;
	note(t, INPUT_ENTRY, path, &found);
	return true;
}

static bool note_list(const struct tree *t, const char *path, struct arena *a,
		      struct tree_entry **v, size_t *n, struct diags *d)
{
	AUTO_BUF struct buf found = { 0 };

	if (!find_list(noting_of(t)->base, path, a, v, n, &found, d))
		return false;
	note(t, INPUT_LIST, path, &found);
	return true;
}

/* A file that changes again within one step of the clock, after it was read,
 * has the same stamp then. */
static bool is_fresh(const struct tree_stamp *s)
{
	int64_t settled = ((int64_t)time(NULL) - CLOCK_STEP) * 1000000000;

	return s->mtime >= settled || s->ctime >= settled;
}

static bool note_open(const struct tree *t, const char *path, struct reader *r,
		      struct diags *d)
{
	const struct noting *n = noting_of(t);
	AUTO_BUF struct buf found = { 0 };
	struct tree_stamp stamp = { 0 };

	/* first, so that what changes meanwhile is seen to have changed */
	n->inputs->fresh |=
		!tree_stamp(n->base, path, &stamp) || is_fresh(&stamp);
	if (!tree_open(n->base, path, r, d))
		return false;
	put_stamp(&found, &stamp);
	note(t, INPUT_OPEN, path, &found);
	return true;
}

static bool pass_stamp(const struct tree *t, const char *path,
		       struct tree_stamp *stamp)
{
	return tree_stamp(noting_of(t)->base, path, stamp);
}

static void note_close(struct tree *t)
{
	free(t);
}

struct tree *inputs_of(struct inputs *in, const struct tree *base)
{
	static const struct tree_ops ops = {
		.entry = note_entry,
		.list = note_list,
		.open = note_open,
		.stamp = pass_stamp,
		.close = note_close,
	};
	struct noting *n = xrealloc(NULL, sizeof(*n));

	*n = (struct noting){ .tree = { .ops = &ops, .name = base->name },
			      .base = base,
			      .inputs = in };
	return &n->tree;
}

/* --- looking again --- */

static bool find_again(const struct tree *t, const struct input *in,
		       struct arena *a, struct buf *found, struct diags *d)
{
	struct tree_stamp stamp;
	struct tree_entry e, *v;
	size_t n;

	switch (in->kind) {
	case INPUT_ENTRY:
		return find_entry(t, in->path, a, &e, found, d);
	case INPUT_LIST:
		return find_list(t, in->path, a, &v, &n, found, d);
	case INPUT_OPEN:
		if (!tree_stamp(t, in->path, &stamp))
			return false;
		put_stamp(found, &stamp);
		return true;
	default:
		return false;
	}
}

bool inputs_hold(const struct inputs *in, const struct tree *t)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO_BUF struct buf found = { 0 };
	struct arena a = { 0 };
	bool same = true;

	for (size_t i = 0; same && i < in->n; i++) {
		buf_clear(&found);
		same = find_again(t, &in->v[i], &a, &found, &ignored) &&
		       strcmp(buf_text(&found), in->v[i].found) == 0;
	}
	arena_release(&a);
	return same;
}

void inputs_pack(struct pack *p, struct inputs *in)
{
	struct input *v;

	pack_raw(p, &in->file);
	pack_raw(p, &in->commit);
	pack_raw(p, &in->host);
	pack_raw(p, &in->own);
	pack_raw(p, &in->facts);
	pack_bool(p, &in->fresh);
	pack_expect(p, in->file && in->host);
	v = pack_array(p, &in->v, in->n, sizeof(*v));
	in->n = in->capacity = v ? in->n : 0;
	in->arena = NULL;
	for (size_t i = 0; i < in->n; i++) {
		pack_expect(p, v[i].path && v[i].found);
		pack_raw(p, &v[i].path);
		pack_raw(p, &v[i].found);
	}
}
