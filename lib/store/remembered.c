/* SPDX-License-Identifier: MIT */
/* What a plan must know of earlier runs. */
#include "lib/store/database.h"

static enum verdict read_last(struct view *v, sqlite3_stmt *row, void *out)
{
	struct remembered *r = out;

	r->last_run = row_number(v, row, 0);
	r->killed = row_number(v, row, 1) != 0;
	return GOOD;
}

/*
 * SQLite's own check of its pages: of the whole file when the last run was
 * killed, otherwise of those tables that decide anything.
 */
static enum verdict check_pages(struct view *v, bool killed)
{
	static const struct {
		const char *sql;
		int since;
	} some_pages[] = {
		{ "PRAGMA quick_check(owed)", 1 },
		{ "PRAGMA quick_check(intents)", 1 },
		{ "PRAGMA quick_check(created)", 1 },
		{ "PRAGMA quick_check(world)", 2 },
		{ "PRAGMA quick_check(sealed)", SEALED_SINCE },
	};
	struct query q = { .sql = "PRAGMA quick_check(1)", .each = read_check };
	enum verdict is = GOOD;

	if (killed)
		return view_query(v, &q);
	for (size_t i = 0; is == GOOD && i < COUNT(some_pages); i++) {
		q.sql = some_pages[i].sql;
		if (some_pages[i].since <= v->version)
			is = view_query(v, &q);
	}
	return is;
}

/* The array in out that a row is added to. */
struct growing {
	struct remembered *r;
	size_t capacity;
};

static enum verdict read_debt(struct view *v, sqlite3_stmt *row, void *out)
{
	struct growing *g = out;
	struct remembered *r = g->r;

	if (!row_whole(v, row, 0, 4))
		return view_doubt(
			v, "a refresh that is owed has a wrong checksum");
	r->debts = arena_grow(v->arena, r->debts, r->ndebts, &g->capacity,
			      sizeof(*r->debts));
	r->debts[r->ndebts++] =
		(struct debt){ .target = row_some(v, row, 0),
			       .cause = row_some(v, row, 1),
			       .reason = row_some(v, row, 2),
			       .run = row_number(v, row, 3),
			       .source = row_text(v, row, 5),
			       .is_commit = row_number(v, row, 6) };
	return GOOD;
}

static enum verdict read_leftover(struct view *v, sqlite3_stmt *row, void *out)
{
	struct growing *g = out;
	struct remembered *r = g->r;

	if (!row_whole(v, row, 0, 3))
		return view_doubt(v, "a temporary name has a wrong checksum");
	r->leftovers = arena_grow(v->arena, r->leftovers, r->nleftovers,
				  &g->capacity, sizeof(*r->leftovers));
	r->leftovers[r->nleftovers++] =
		(struct leftover){ .directory = row_some(v, row, 0),
				   .name = row_some(v, row, 1),
				   .run = row_number(v, row, 2) };
	return GOOD;
}

static enum verdict read_creation(struct view *v, sqlite3_stmt *row, void *out)
{
	struct growing *g = out;
	struct remembered *r = g->r;

	if (!row_whole(v, row, 0, 3))
		return view_doubt(v, "a created resource has a wrong checksum");
	r->creations = arena_grow(v->arena, r->creations, r->ncreations,
				  &g->capacity, sizeof(*r->creations));
	r->creations[r->ncreations++] =
		(struct creation){ .id = row_some(v, row, 0),
				   .path = row_text(v, row, 1),
				   .run = row_number(v, row, 2) };
	return GOOD;
}

static enum verdict read_world(struct view *v, sqlite3_stmt *row, void *out)
{
	struct growing *g = out;

	if (!row_whole(v, row, 0, 4))
		return view_doubt(v, "the world's commit has a wrong checksum");
	g->r->world = (struct world_record){ row_some(v, row, 1),
					     row_number(v, row, 2),
					     row_number(v, row, 3) };
	return GOOD;
}

static enum verdict read_sealed(struct view *v, sqlite3_stmt *row, void *out)
{
	struct growing *g = out;

	struct remembered *r = g->r;

	if (!row_whole(v, row, 0, 3))
		return view_doubt(v, "the path of a secret has a wrong "
				     "checksum");
	r->sealed = arena_grow(v->arena, r->sealed, r->nsealed, &g->capacity,
			       sizeof(*r->sealed));
	r->sealed[r->nsealed++] =
		(struct sealing){ .path = row_some(v, row, 0),
				  .resource = row_some(v, row, 1) };
	return GOOD;
}

static enum verdict read_remembered(struct view *v, struct remembered *r)
{
	const struct {
		const char *sql;
		enum verdict (*each)(struct view *, sqlite3_stmt *, void *);
		int since;
	} parts[] = {
		{ "SELECT target, cause, reason, run, sum, "
		  "(SELECT source FROM runs WHERE id = owed.run), "
		  "(SELECT revision NOT NULL FROM runs WHERE id = owed.run) "
		  "FROM owed "
		  "ORDER BY target, cause",
		  read_debt, 1 },
		{ "SELECT directory, name, run, sum FROM intents "
		  "ORDER BY directory, name",
		  read_leftover, 1 },
		{ "SELECT id, path, run, sum FROM created ORDER BY id",
		  read_creation, 1 },
		{ "SELECT id, revision, time, taken, sum FROM world",
		  read_world, 2 },
		{ "SELECT path, resource, run, sum FROM sealed "
		  "ORDER BY path, resource",
		  read_sealed, SEALED_SINCE },
	};
	enum verdict is = GOOD;

	for (size_t i = 0; is == GOOD && i < COUNT(parts); i++) {
		struct growing g = { .r = r };
		struct query q = { .sql = parts[i].sql,
				   .each = parts[i].each,
				   .out = &g };

		if (parts[i].since <= v->version)
			is = view_query(v, &q);
	}
	return is;
}

enum verdict recall(struct view *v, struct remembered *r)
{
	struct query last = { .sql = "SELECT id, finished IS NULL FROM runs "
				     "ORDER BY id DESC LIMIT 1",
			      .each = read_last,
			      .out = r };
	enum verdict is;

	*r = (struct remembered){ 0 };
	is = tables_check(v);
	if (is == GOOD)
		is = view_query(v, &last);
	if (is == GOOD)
		is = check_pages(v, r->killed);
	if (is == GOOD)
		is = read_remembered(v, r);
	r->knows_sealed = r->last_run && v->version >= SEALED_SINCE;
	if (is != GOOD)
		*r = (struct remembered){ 0 };
	return is;
}

static enum verdict ask_remembered(struct view *v, const struct asking *asking)
{
	return recall(v, asking->remembered);
}

bool store_load(const struct folder *f, struct arena *a, struct remembered *r,
		struct diags *d)
{
	struct asking asking = { .ask = ask_remembered, .remembered = r };
	bool forgotten = false, good;

	*r = (struct remembered){ 0 };
	good = look_into(f, a, &asking, &forgotten, d);
	if (!good || forgotten)
		*r = (struct remembered){ .forgotten = forgotten };
	return good;
}
