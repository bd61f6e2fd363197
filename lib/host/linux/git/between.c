/* SPDX-License-Identifier: MIT */
/*
 * Two commits are walked back at once, the newest of all that is left first;
 * each commit on the way is marked with where it is reached from. What both
 * reach is stale: so is all that it leads to. When only such are left, those
 * that were not stale when both first met there are the bases.
 */
#include "lib/host/between.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/map.h"
#include "lib/host/linux/git/objects.h"
#include "lib/text/escape.h"

enum mark { OLD = 1, NEW = 2, STALE = 4, BASE = 8, QUEUED = 16 };

struct node {
	char hex[OBJECT_HEX + 1];
	unsigned marks;
	int64_t date;
	size_t order; /* in which it was found */
	struct node **parents;
	size_t nparents;
	bool read;
};

struct walk {
	struct objects objects;
	struct arena *arena;
	struct map nodes;
	struct node **all; /* in the order in which they were found */
	size_t n, capacity;
	struct node **heap; /* the newest on top */
	size_t nheap, heap_capacity;
	size_t fresh; /* of them, not stale */
	bool ends;
	clock_t end;
};

/* --- the heap --- */

/* Of one date, what was found first comes first. */
static bool is_before(const struct node *a, const struct node *b)
{
	return a->date != b->date ? a->date > b->date : a->order < b->order;
}

static void heap_push(struct walk *w, struct node *node)
{
	size_t i = w->nheap;

	w->heap = arena_grow(w->arena, w->heap, w->nheap, &w->heap_capacity,
			     sizeof(struct node *));
	w->nheap++;
	for (; i && is_before(node, w->heap[(i - 1) / 2]); i = (i - 1) / 2)
		w->heap[i] = w->heap[(i - 1) / 2];
	w->heap[i] = node;
}

static struct node *heap_pop(struct walk *w)
{
	struct node *top = w->heap[0], *last = w->heap[--w->nheap];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < w->nheap &&
		    is_before(w->heap[child + 1], w->heap[child]))
			child++;
		if (child >= w->nheap || is_before(last, w->heap[child]))
			break;
		w->heap[i] = w->heap[child];
		i = child;
	}
	w->heap[i] = last;
	return top;
}

/* --- nodes --- */

static struct node *node_of(struct walk *w, const char *hex)
{
	struct node *node = map_getn(&w->nodes, hex, OBJECT_HEX);

	if (node)
		return node;
	node = arena_new(w->arena, struct node);
	memcpy(node->hex, hex, OBJECT_HEX);
	node->order = w->n;
	w->all = arena_grow(w->arena, w->all, w->n, &w->capacity,
			    sizeof(struct node *));
	w->all[w->n++] = node;
	map_put(&w->nodes, w->arena, node->hex, node);
	return node;
}

/* Its date and parents. What is missing has none: there a shallow history
 * ends. */
static void read_node(struct walk *w, struct node *node)
{
	git_odb_object *o AUTO_OBJECT = NULL;
	struct commit_text text;
	git_oid id;

	node->read = true;
	if (object_id(node->hex, &id))
		o = objects_read(&w->objects, &id, GIT_OBJECT_COMMIT,
				 OBJECT_COMMIT_MAX);
	if (!o || !commit_read(git.git_odb_object_data(o),
			       git.git_odb_object_size(o), &text)) {
		w->ends = true;
		return;
	}
	node->date = text.date;
	node->parents = arena_array(w->arena, struct node *, text.nparents + 1);
	for (size_t i = 1; i <= text.nparents; i++)
		node->parents[node->nparents++] =
			node_of(w, commit_parent(&text, i));
}

/* Marks it, and has it looked at (again) when that is news. */
static void mark(struct walk *w, struct node *node, unsigned marks)
{
	bool was_fresh = (node->marks & (QUEUED | STALE)) == QUEUED, is_fresh;

	if ((node->marks & marks) == marks)
		return;
	node->marks |= marks;
	if (!node->read)
		read_node(w, node);
	if (!(node->marks & QUEUED))
		heap_push(w, node);
	node->marks |= QUEUED;
	is_fresh = !(node->marks & STALE);
	w->fresh += (size_t)is_fresh - (size_t)was_fresh;
}

static void look_at(struct walk *w, struct node *node)
{
	unsigned marks = node->marks & (OLD | NEW | STALE);

	node->marks &= ~(unsigned)QUEUED;
	w->fresh -= !(marks & STALE);
	if ((marks & (OLD | NEW)) == (OLD | NEW)) {
		if (!(marks & STALE))
			node->marks |= BASE;
		marks |= STALE;
	}
	for (size_t i = 0; i < node->nparents; i++)
		mark(w, node->parents[i], marks);
}

static bool walk(struct walk *w, struct diags *d)
{
	while (w->nheap && w->fresh) {
		if (w->n > BETWEEN_COMMITS || clock() > w->end)
			return diag_error(d, "the history between the two "
					     "revisions is too long");
		look_at(w, heap_pop(w));
	}
	return true;
}

/*
 * Where dates do not grow from parent to child the walk may have ended before
 * all marks reached what it had seen: they are led on through that, but it is
 * not left.
 */
static void lead_on(struct walk *w)
{
	struct node **todo = arena_array(w->arena, struct node *, w->n);
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		todo[n++] = w->all[i];
		w->all[i]->marks |= QUEUED;
	}
	while (n) {
		struct node *node = todo[--n];
		unsigned marks = node->marks & (OLD | NEW | STALE);

		node->marks &= ~(unsigned)QUEUED;
		if ((marks & (OLD | NEW)) == (OLD | NEW))
			marks |= STALE;
		for (size_t i = 0; i < node->nparents; i++) {
			struct node *parent = node->parents[i];
			bool is_news = (parent->marks & marks) != marks;

			parent->marks |= marks;
			if (!is_news || (parent->marks & QUEUED))
				continue;
			parent->marks |= QUEUED;
			todo[n++] = parent;
		}
	}
}

/* --- what is found --- */

static const char *escaped(struct arena *a, const char *text, size_t n)
{
	AUTO_BUF struct buf safe = { 0 };

	escape_text(&safe, text, n, false);
	return arena_strdup(a, buf_text(&safe));
}

/* False: it is missing. */
static bool describe(struct walk *w, const struct node *node,
		     struct commit *commit)
{
	git_odb_object *o AUTO_OBJECT = NULL;
	struct commit_text text;
	git_oid id;

	if (object_id(node->hex, &id))
		o = objects_read(&w->objects, &id, GIT_OBJECT_COMMIT,
				 OBJECT_COMMIT_MAX);
	if (!o || !commit_read(git.git_odb_object_data(o),
			       git.git_odb_object_size(o), &text))
		return false;
	*commit = (struct commit){
		.id = node->hex,
		.date = node->date,
		.author = escaped(w->arena, text.author, text.author_size),
		.subject = escaped(w->arena, text.subject, text.subject_size),
	};
	return true;
}

static int compare_nodes(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a,
			  *y = *(struct node *const *)b;

	return is_before(x, y) ? -1 : is_before(y, x);
}

static void collect(struct walk *w, struct between *b)
{
	const struct node *best = NULL;

	b->v = arena_array(w->arena, struct commit, BETWEEN_SHOWN);
	qsort(w->all, w->n, sizeof(struct node *), compare_nodes);
	for (size_t i = 0; i < w->n; i++) {
		const struct node *node = w->all[i];

		if ((node->marks & (BASE | STALE)) == BASE) {
			best = best ? best : node;
			b->nbases++;
		}
		if ((node->marks & (OLD | NEW)) != NEW)
			continue;
		if (b->n < BETWEEN_SHOWN)
			b->n += describe(w, node, &b->v[b->n]);
		else
			b->more++;
	}
	b->ends = w->ends;
	if (best)
		describe(w, best, &b->base);
}

static bool begin(struct walk *w, const struct commit *old,
		  const struct commit *new, struct diags *d)
{
	const struct commit *ends[] = { old, new };

	for (size_t i = 0; i < COUNT(ends); i++) {
		mark(w, node_of(w, ends[i]->id), i ? NEW : OLD);
		if (w->ends)
			return objects_refuse(&w->objects, ends[i]->id,
					      "cannot be read", d);
	}
	return true;
}

bool between_find(const char *repository, const struct commit *old,
		  const struct commit *new, struct arena *a, struct between *b,
		  struct diags *d)
{
	struct walk w = { .arena = a,
			  .end = clock() +
				 (clock_t)BETWEEN_CPU * CLOCKS_PER_SEC };
	bool ok;

	*b = (struct between){ 0 };
	ok = objects_open(&w.objects, repository, d) &&
	     begin(&w, old, new, d) && walk(&w, d);
	if (ok) {
		lead_on(&w);
		collect(&w, b);
	}
	objects_close(&w.objects);
	return ok;
}

void between_pack(struct pack *p, struct between *b)
{
	struct commit *v = pack_array(p, &b->v, b->n, sizeof(*v));

	for (size_t i = 0; v && i < b->n && !p->wrong; i++)
		commit_pack(p, &v[i]);
	pack_bool(p, &b->ends);
	if (b->base.id)
		commit_pack(p, &b->base);
}
