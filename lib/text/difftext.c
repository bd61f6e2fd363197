/* SPDX-License-Identifier: MIT */
#include "lib/text/difftext.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/map.h"
#include "lib/text/escape.h"

/*
 * The bounds past which two texts are too different to be worth comparing
 * line by line: half the edits between them, and steps taken in all.
 */
enum {
	MAX_ROUNDS = 2000,
	MAX_STEPS = 32 * 1024 * 1024,
};

/* A text is its lines; a line holds its newline, which the last may lack. */
struct line {
	const char *text;
	size_t size;
	size_t id; /* the same for equal lines, of both texts */
};

struct side {
	struct line *lines;
	size_t n;
	bool *changed; /* by line, and one more that is never set */
	/* Lines that may have a partner, by their ids, and where they are. */
	size_t *ids, *where;
	size_t kept;
};

/* Lines that are equal; their id - 1 is its index. */
struct class
{
	uint64_t hash;
	const struct line *line;
	bool in_old, in_new;
};

struct diff {
	struct arena arena;
	struct side old, new;
	size_t prefix, suffix; /* lines that are the same at either end */
	struct class *classes;
	size_t n_classes;
	/* ids by hash, open addressing; 0: free */
	size_t *slots, mask;
	size_t steps;
	size_t context; /* lines around a change */
};

bool diff_is_text(const char *bytes, size_t size)
{
	return !size || (!memchr(bytes, '\0', size) && utf8_valid(bytes, size));
}

static size_t line_size(const char *text, size_t size)
{
	const char *end = memchr(text, '\n', size);

	return end ? (size_t)(end - text) + 1 : size;
}

static void split(struct diff *d, struct side *s, const char *text, size_t size)
{
	size_t at, n = 0;

	for (at = 0; at < size; at += line_size(text + at, size - at))
		n++;
	s->lines = arena_array(&d->arena, struct line, n + 1);
	s->changed = arena_array(&d->arena, bool, n + 1);
	s->ids = arena_array(&d->arena, size_t, n + 1);
	s->where = arena_array(&d->arena, size_t, n + 1);
	for (at = 0; s->n < n; s->n++) {
		struct line *line = &s->lines[s->n];

		line->text = text + at;
		line->size = line_size(text + at, size - at);
		at += line->size;
	}
}

static bool same_text(const struct line *a, const struct line *b)
{
	return a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
}

static void trim(struct diff *d)
{
	const struct side *old = &d->old, *new = &d->new;
	size_t n = old->n < new->n ? old->n : new->n;

	while (d->prefix < n &&
	       same_text(&old->lines[d->prefix], &new->lines[d->prefix]))
		d->prefix++;
	while (d->suffix < n - d->prefix &&
	       same_text(&old->lines[old->n - d->suffix - 1],
			 &new->lines[new->n - d->suffix - 1]))
		d->suffix++;
}

static struct class *classify(struct diff *d, struct line *line)
{
	uint64_t hash = map_hash(line->text, line->size);
	size_t i = (size_t)hash & d->mask;
	struct class *c;

	for (; d->slots[i]; i = (i + 1) & d->mask) {
		c = &d->classes[d->slots[i] - 1];
		if (c->hash == hash && same_text(c->line, line))
			break;
	}
	if (!d->slots[i]) {
		d->slots[i] = ++d->n_classes;
		d->classes[d->n_classes - 1].hash = hash;
		d->classes[d->n_classes - 1].line = line;
	}
	line->id = d->slots[i];
	return &d->classes[line->id - 1];
}

static void classify_lines(struct diff *d)
{
	size_t old_end = d->old.n - d->suffix, new_end = d->new.n - d->suffix;
	size_t n = old_end - d->prefix + new_end - d->prefix, capacity = 16;

	while (capacity < n * 2)
		capacity *= 2;
	d->mask = capacity - 1;
	d->slots = arena_array(&d->arena, size_t, capacity);
	d->classes = arena_array(&d->arena, struct class, n);
	for (size_t i = d->prefix; i < old_end; i++)
		classify(d, &d->old.lines[i])->in_old = true;
	for (size_t i = d->prefix; i < new_end; i++)
		classify(d, &d->new.lines[i])->in_new = true;
}

/*
 * Lines that the other text has nowhere are changes for certain. Without them
 * the rest is no less exact and, where much was rewritten, much shorter.
 */
static void keep_shared(struct diff *d, struct side *s)
{
	for (size_t i = d->prefix; i < s->n - d->suffix; i++) {
		const struct class *c = &d->classes[s->lines[i].id - 1];

		if (!c->in_old || !c->in_new) {
			s->changed[i] = true;
			continue;
		}
		s->where[s->kept] = i;
		s->ids[s->kept++] = s->lines[i].id;
	}
}

/* Part of the edit graph: old lines x0 to x1 against new lines y0 to y1. */
struct box {
	ptrdiff_t x0, x1, y0, y1;
};

/*
 * How far paths from one corner of a box get, by diagonal x - y. Diagonals
 * that leave the box are not followed.
 */
struct front {
	ptrdiff_t *reach; /* may be indexed from min - 1 to max + 1 */
	ptrdiff_t min, max;
};

struct search {
	struct diff *d;
	struct front forward, backward;
	struct box box;
	ptrdiff_t x, y; /* where the box is to be split */
};

/* One more edit: one more diagonal on each side, if the box has it. */
static void widen(struct front *f, const struct box *b, ptrdiff_t worst)
{
	if (f->min > b->x0 - b->y1)
		f->reach[--f->min - 1] = worst;
	else
		f->min++;
	if (f->max < b->x1 - b->y0)
		f->reach[++f->max + 1] = worst;
	else
		f->max--;
}

static bool within(const struct front *f, ptrdiff_t k)
{
	return f->min <= k && k <= f->max;
}

static bool meet(struct search *s, ptrdiff_t x, ptrdiff_t k)
{
	s->x = x;
	s->y = x - k;
	return true;
}

static bool advance(struct search *s, bool may_meet)
{
	const size_t *a = s->d->old.ids, *b = s->d->new.ids;
	ptrdiff_t *reach = s->forward.reach;

	widen(&s->forward, &s->box, -1);
	for (ptrdiff_t k = s->forward.max; k >= s->forward.min; k -= 2) {
		ptrdiff_t x = reach[k - 1] >= reach[k + 1] ? reach[k - 1] + 1
							   : reach[k + 1];
		ptrdiff_t from = x;

		while (x < s->box.x1 && x - k < s->box.y1 && a[x] == b[x - k])
			x++;
		reach[k] = x;
		s->d->steps += (size_t)(x - from) + 1;
		if (may_meet && within(&s->backward, k) &&
		    s->backward.reach[k] <= x)
			return meet(s, x, k);
	}
	return false;
}

static bool retreat(struct search *s, bool may_meet)
{
	const size_t *a = s->d->old.ids, *b = s->d->new.ids;
	ptrdiff_t *reach = s->backward.reach;

	widen(&s->backward, &s->box, PTRDIFF_MAX);
	for (ptrdiff_t k = s->backward.max; k >= s->backward.min; k -= 2) {
		ptrdiff_t x = reach[k - 1] < reach[k + 1] ? reach[k - 1]
							  : reach[k + 1] - 1;
		ptrdiff_t from = x;

		while (x > s->box.x0 && x - k > s->box.y0 &&
		       a[x - 1] == b[x - k - 1])
			x--;
		reach[k] = x;
		s->d->steps += (size_t)(from - x) + 1;
		if (may_meet && within(&s->forward, k) &&
		    x <= s->forward.reach[k])
			return meet(s, x, k);
	}
	return false;
}

/*
 * Finds a point in the middle of a shortest path through the box, walking
 * from both ends: Myers' section 4b. False when that takes too long.
 */
static bool find_middle(struct search *s)
{
	const struct box *b = &s->box;
	ptrdiff_t start = b->x0 - b->y0, end = b->x1 - b->y1;
	bool odd = (start - end) & 1;

	s->forward.min = s->forward.max = start;
	s->forward.reach[start] = b->x0;
	s->backward.min = s->backward.max = end;
	s->backward.reach[end] = b->x1;
	for (int round = 0; round < MAX_ROUNDS; round++) {
		if (advance(s, odd) || retreat(s, !odd))
			return true;
		if (s->d->steps > MAX_STEPS)
			return false;
	}
	return false;
}

static void mark(struct side *s, ptrdiff_t from, ptrdiff_t to)
{
	for (; from < to; from++)
		s->changed[s->where[from]] = true;
}

static void shrink(const struct diff *d, struct box *b)
{
	const size_t *old = d->old.ids, *new = d->new.ids;

	while (b->x0 < b->x1 && b->y0 < b->y1 && old[b->x0] == new[b->y0])
		b->x0++, b->y0++;
	while (b->x0 < b->x1 && b->y0 < b->y1 &&
	       old[b->x1 - 1] == new[b->y1 - 1])
		b->x1--, b->y1--;
}

/*
 * Splits boxes until one side of each is empty. A split halves the edits, so
 * that no more boxes wait than a size_t has bits.
 */
static bool compare(struct search *s)
{
	struct box stack[64] = { s->box };

	for (size_t n = 1; n > 0;) {
		struct box b = stack[--n];

		shrink(s->d, &b);
		if (b.x0 == b.x1 || b.y0 == b.y1) {
			mark(&s->d->old, b.x0, b.x1);
			mark(&s->d->new, b.y0, b.y1);
			continue;
		}
		s->box = b;
		if (!find_middle(s))
			return false;
		stack[n++] = (struct box){ b.x0, s->x, b.y0, s->y };
		stack[n++] = (struct box){ s->x, b.x1, s->y, b.y1 };
	}
	return true;
}

static bool compare_kept(struct diff *d)
{
	struct search s = { .d = d };
	size_t diagonals = d->old.kept + d->new.kept + 3;

	s.box.x1 = (ptrdiff_t)d->old.kept;
	s.box.y1 = (ptrdiff_t)d->new.kept;
	s.forward.reach = arena_array(&d->arena, ptrdiff_t, diagonals);
	s.backward.reach = arena_array(&d->arena, ptrdiff_t, diagonals);
	s.forward.reach += d->new.kept + 1;
	s.backward.reach += d->new.kept + 1;
	return compare(&s);
}

static void mark_all(const struct diff *d, struct side *s)
{
	for (size_t i = d->prefix; i < s->n - d->suffix; i++)
		s->changed[i] = true;
}

static void find_changes(struct diff *d)
{
	trim(d);
	classify_lines(d);
	keep_shared(d, &d->old);
	keep_shared(d, &d->new);
	if (compare_kept(d))
		return;
	mark_all(d, &d->old);
	mark_all(d, &d->new);
}

/* A range of lines of each text. */
struct span {
	size_t old, old_end, new, new_end;
};

/* The next run of changed lines, at or after where s ends. */
static bool next_change(const struct diff *d, struct span *s)
{
	size_t x = s->old_end, y = s->new_end;

	while (x < d->old.n && !d->old.changed[x] && !d->new.changed[y])
		x++, y++;
	s->old = x;
	s->new = y;
	while (d->old.changed[x])
		x++;
	while (d->new.changed[y])
		y++;
	s->old_end = x;
	s->new_end = y;
	return s->old < x || s->new < y;
}

/* Joins changes whose context would touch; then adds the context itself. */
static bool next_hunk(const struct diff *d, struct span *hunk)
{
	struct span next;
	size_t floor = hunk->old_end, n;

	if (!next_change(d, hunk))
		return false;
	for (next = *hunk; next_change(d, &next);) {
		if (next.old - hunk->old_end > 2 * d->context)
			break;
		hunk->old_end = next.old_end;
		hunk->new_end = next.new_end;
	}
	n = hunk->old - floor;
	n = n < d->context ? n : d->context;
	hunk->old -= n;
	hunk->new -= n;
	n = d->old.n - hunk->old_end;
	n = n < d->context ? n : d->context;
	hunk->old_end += n;
	hunk->new_end += n;
	return true;
}

/* An empty range is named by the line before it, see diff(1p). */
static void print_range(struct buf *out, char sign, size_t from, size_t to)
{
	buf_printf(out, "%c%zu", sign, from == to ? from : from + 1);
	if (to - from != 1)
		buf_printf(out, ",%zu", to - from);
}

static void print_line(struct buf *out, char mark, const struct line *line)
{
	buf_putc(out, mark);
	buf_add(out, line->text, line->size);
	if (line->text[line->size - 1] != '\n')
		buf_puts(out, "\n\\ No newline at end of file\n");
}

/* Returns how many lines it wrote. */
static size_t print_hunk(struct buf *out, const struct diff *d, struct span s)
{
	size_t n = 1;

	buf_puts(out, "@@ ");
	print_range(out, '-', s.old, s.old_end);
	buf_putc(out, ' ');
	print_range(out, '+', s.new, s.new_end);
	buf_puts(out, " @@\n");
	for (; s.old < s.old_end || s.new < s.new_end; n++) {
		if (d->old.changed[s.old]) {
			print_line(out, '-', &d->old.lines[s.old++]);
		} else if (d->new.changed[s.new]) {
			print_line(out, '+', &d->new.lines[s.new ++]);
		} else {
			print_line(out, ' ', &d->old.lines[s.old++]);
			s.new ++;
		}
	}
	return n;
}

static void print_hunks(struct buf *out, const struct diff *d, size_t max_lines)
{
	struct span hunk = { 0 };
	size_t lines = 0, left = 0;

	while (next_hunk(d, &hunk)) {
		if (lines < max_lines)
			lines += print_hunk(out, d, hunk);
		else
			left++;
	}
	if (left)
		buf_printf(out, "... %zu more hunk%s\n", left,
			   left == 1 ? "" : "s");
}

static void show(struct buf *out, struct diff *d, const char *old,
		 size_t old_size, const char *new, size_t new_size,
		 size_t max_lines)
{
	split(d, &d->old, old, old_size);
	split(d, &d->new, new, new_size);
	find_changes(d);
	print_hunks(out, d, max_lines);
	arena_release(&d->arena);
}

void diff_unified(struct buf *out, const char *old, size_t old_size,
		  const char *new, size_t new_size, size_t max_lines)
{
	struct diff d = { .context = DIFF_CONTEXT };

	show(out, &d, old, old_size, new, new_size, max_lines);
}

void diff_changes(struct buf *out, const char *old, size_t old_size,
		  const char *new, size_t new_size, size_t max_lines)
{
	struct diff d = { 0 };

	show(out, &d, old, old_size, new, new_size, max_lines);
}
