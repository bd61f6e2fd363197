/* SPDX-License-Identifier: MIT */
/* Reading what runs did: runs, changes, backups. */
#include "lib/store/database.h"

#include <string.h>

static const char *const results[] = {
	[RESULT_PLANNED] = "planned",   [RESULT_DONE] = "done",
	[RESULT_FAILED] = "failed",     [RESULT_SKIPPED] = "skipped",
	[RESULT_WITHHELD] = "withheld", [RESULT_UNCHANGED] = "unchanged",
};

const char *result_name(enum result result)
{
	return results[result];
}

bool change_is_left(const struct change_record *c)
{
	return c->result == RESULT_SKIPPED && !c->reason;
}

const char *change_result(const struct change_record *c)
{
	return change_is_left(c) ? "left" : result_name(c->result);
}

static enum verdict ask_rows(struct view *v, const struct asking *asking)
{
	enum verdict is = tables_check(v);

	*asking->n = 0;
	if (is != GOOD || v->version < asking->query->since)
		return is;
	return view_query(v, asking->query);
}

bool look_rows(const struct folder *f, struct arena *a, struct query *q,
	       size_t *n, struct diags *d)
{
	struct asking asking = { .ask = ask_rows, .query = q, .n = n };
	bool forgotten = false, good;

	*n = 0;
	good = look_into(f, a, &asking, &forgotten, d);
	if (!good || forgotten)
		*n = 0;
	return good;
}

static enum verdict read_run(struct view *v, sqlite3_stmt *row, void *out)
{
	struct runs *runs = out;
	struct run_record *r;

	runs->v = arena_grow(v->arena, runs->v, runs->n, &runs->capacity,
			     sizeof(*runs->v));
	r = &runs->v[runs->n++];
	*r = (struct run_record){
		.id = row_number(v, row, 0),
		.host = row_some(v, row, 1),
		.source = row_some(v, row, 2),
		.revision = row_text(v, row, 3),
		.command = row_some(v, row, 4),
		.pid = row_number(v, row, 5),
		.started = row_number(v, row, 6),
		.ended = v->api->column_type(row, 7) != SQLITE_NULL,
		.finished = row_number(v, row, 7),
		.code = (int)row_number(v, row, 8),
		.counts = { .created = row_number(v, row, 9),
			    .updated = row_number(v, row, 10),
			    .removed = row_number(v, row, 11),
			    .refreshed = row_number(v, row, 12),
			    .failed = row_number(v, row, 13),
			    .withheld = row_number(v, row, 14),
			    .unchanged = row_number(v, row, 15) },
	};
	return GOOD;
}

int64_t look_limit(size_t limit)
{
	return limit > INT32_MAX ? INT32_MAX : (int64_t)limit;
}

#define RUN_COLUMNS                                                            \
	"SELECT id, host, source, revision, command, pid, started, finished, " \
	"code, created, updated, removed, refreshed, failed, withheld, "       \
	"unchanged "

bool store_runs(const struct folder *f, size_t limit, struct arena *a,
		struct runs *out, struct diags *d)
{
	struct query q = { .sql = RUN_COLUMNS "FROM runs WHERE id > ? "
					      "ORDER BY id DESC LIMIT ?",
			   .limit = look_limit(limit),
			   .each = read_run,
			   .out = out };

	*out = (struct runs){ 0 };
	return look_rows(f, a, &q, &out->n, d);
}

bool store_run_of(const struct folder *f, int64_t id, struct arena *a,
		  struct runs *out, struct diags *d)
{
	struct query q = { .sql = RUN_COLUMNS "FROM runs WHERE id = ? LIMIT ?",
			   .number = id,
			   .limit = 1,
			   .each = read_run,
			   .out = out };

	*out = (struct runs){ 0 };
	return look_rows(f, a, &q, &out->n, d);
}

static enum result result_of(const char *name)
{
	for (size_t i = 0; i < COUNT(results); i++)
		if (strcmp(results[i], name) == 0)
			return (enum result)i;
	return RESULT_PLANNED;
}

static enum verdict read_change(struct view *v, sqlite3_stmt *row, void *out)
{
	struct changes *changes = out;

	changes->v = arena_grow(v->arena, changes->v, changes->n,
				&changes->capacity, sizeof(*changes->v));
	changes->v[changes->n++] = (struct change_record){
		.id = row_number(v, row, 0),
		.run = row_number(v, row, 1),
		.resource = row_some(v, row, 2),
		.action = row_some(v, row, 3),
		.digest = row_text(v, row, 4),
		.attributes = row_text(v, row, 5),
		.result = result_of(row_some(v, row, 6)),
		.reason = row_text(v, row, 7),
	};
	return GOOD;
}

#define CHANGE_COLUMNS                                                   \
	"SELECT id, run, resource, action, digest, attributes, result, " \
	"reason "

bool store_changes(const struct folder *f, int64_t run, struct arena *a,
		   struct changes *out, struct diags *d)
{
	struct query q = { .sql = CHANGE_COLUMNS "FROM changes WHERE run = ? "
						 "ORDER BY id LIMIT ?",
			   .number = run,
			   .limit = INT32_MAX,
			   .each = read_change,
			   .out = out };

	*out = (struct changes){ 0 };
	return look_rows(f, a, &q, &out->n, d);
}

bool store_changes_of(const struct folder *f, const char *resource,
		      size_t limit, struct arena *a, struct changes *out,
		      struct diags *d)
{
	struct query q = { .sql = CHANGE_COLUMNS
			   "FROM changes WHERE resource = ? "
			   "ORDER BY id DESC LIMIT ?",
			   .text = resource,
			   .limit = look_limit(limit),
			   .each = read_change,
			   .out = out };

	*out = (struct changes){ 0 };
	return look_rows(f, a, &q, &out->n, d);
}

static enum verdict read_backup(struct view *v, sqlite3_stmt *row, void *out)
{
	struct backups *backups = out;

	if (!row_whole(v, row, 1, 13))
		return view_doubt(v,
				  "a record of what was replaced has a wrong "
				  "checksum");
	backups->v = arena_grow(v->arena, backups->v, backups->n,
				&backups->capacity, sizeof(*backups->v));
	backups->v[backups->n++] = (struct backup){
		.id = row_number(v, row, 0),
		.run = row_number(v, row, 1),
		.resource = row_some(v, row, 2),
		.path = row_some(v, row, 3),
		.type = row_some(v, row, 4),
		.digest = row_text(v, row, 5),
		.target = row_text(v, row, 6),
		.mode = row_number(v, row, 7),
		.uid = row_number(v, row, 8),
		.gid = row_number(v, row, 9),
		.size = row_number(v, row, 10),
		.mtime = row_number(v, row, 11),
		.time = row_number(v, row, 12),
	};
	return GOOD;
}

bool store_backups(const struct folder *f, int64_t run, struct arena *a,
		   struct backups *out, struct diags *d)
{
	struct query q = { .sql = "SELECT id, run, resource, path, type, "
				  "digest, target, mode, uid, gid, size, "
				  "mtime, time, sum FROM backups "
				  "WHERE run = ? ORDER BY id LIMIT ?",
			   .number = run,
			   .limit = INT32_MAX,
			   .each = read_backup,
			   .out = out };

	*out = (struct backups){ 0 };
	return look_rows(f, a, &q, &out->n, d);
}
