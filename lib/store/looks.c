/* SPDX-License-Identifier: MIT */
/* Reading where things came from: the commits of changes, and what came of
 * looking for newer ones. */
#include "lib/store/database.h"

#include <string.h>

enum { SINCE = 3 /* the version of the tables */ };

static const char *const rulings[] = {
	[LOOK_TAKEN] = "taken",
	[LOOK_KEPT] = "kept",
	[LOOK_REFUSED] = "refused",
};

const char *ruling_of_look_name(enum ruling_of_look ruling)
{
	return rulings[ruling];
}

static enum verdict read_past(struct view *v, sqlite3_stmt *row, void *out)
{
	struct pasts *pasts = out;

	pasts->v = arena_grow(v->arena, pasts->v, pasts->n, &pasts->capacity,
			      sizeof(*pasts->v));
	pasts->v[pasts->n++] = (struct past_record){
		.change = row_number(v, row, 0),
		.revision = row_some(v, row, 1),
		.date = row_number(v, row, 2),
		.author = row_some(v, row, 3),
		.subject = row_some(v, row, 4),
	};
	return GOOD;
}

bool store_pasts(const struct folder *f, int64_t change, struct arena *a,
		 struct pasts *out, struct diags *d)
{
	struct query q = { .sql = "SELECT change, revision, date, author, "
				  "subject FROM past WHERE change >= ? "
				  "ORDER BY change LIMIT ?",
			   .number = change,
			   .limit = INT32_MAX,
			   .since = SINCE,
			   .each = read_past,
			   .out = out };

	*out = (struct pasts){ 0 };
	return look_rows(f, a, &q, &out->n, d);
}

/* What is none that is known was not good. */
static enum ruling_of_look ruling_of(const char *name)
{
	for (size_t i = 0; i < COUNT(rulings); i++)
		if (strcmp(rulings[i], name) == 0)
			return (enum ruling_of_look)i;
	return LOOK_REFUSED;
}

static enum verdict read_look(struct view *v, sqlite3_stmt *row, void *out)
{
	struct looks *looks = out;

	looks->v = arena_grow(v->arena, looks->v, looks->n, &looks->capacity,
			      sizeof(*looks->v));
	looks->v[looks->n++] = (struct look_record){
		.id = row_number(v, row, 0),
		.first = row_number(v, row, 1),
		.last = row_number(v, row, 2),
		.times = row_number(v, row, 3),
		.source = row_text(v, row, 4),
		.ruling = ruling_of(row_some(v, row, 5)),
		.revision = row_text(v, row, 6),
		.reason = row_text(v, row, 7),
	};
	return GOOD;
}

#define LOOK_COLUMNS                                                       \
	"SELECT id, first, last, times, source, ruling, revision, reason " \
	"FROM looks "

bool store_looks(const struct folder *f, size_t limit, struct arena *a,
		 struct looks *out, struct diags *d)
{
	struct query q = { .sql = LOOK_COLUMNS "WHERE id > ? "
					       "ORDER BY id DESC LIMIT ?",
			   .limit = look_limit(limit),
			   .since = SINCE,
			   .each = read_look,
			   .out = out };

	*out = (struct looks){ 0 };
	return look_rows(f, a, &q, &out->n, d);
}

bool store_refused(const struct folder *f, struct arena *a, struct looks *out,
		   struct diags *d)
{
	struct query q = { .sql = LOOK_COLUMNS "WHERE ruling = ? "
					       "ORDER BY id DESC LIMIT ?",
			   .text = rulings[LOOK_REFUSED],
			   .limit = 1,
			   .since = SINCE,
			   .each = read_look,
			   .out = out };

	*out = (struct looks){ 0 };
	return look_rows(f, a, &q, &out->n, d);
}
