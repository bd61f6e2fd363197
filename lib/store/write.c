/* SPDX-License-Identifier: MIT */
/* Writing: all that a run notes, and making it last. */
#include "lib/store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

static const char *const statements[STATEMENTS] = {
	[PUT_RUN] = "INSERT INTO runs (host, source, revision, command, pid, "
		    "started) VALUES (?, ?, ?, ?, ?, ?)",
	[PUT_END] = "UPDATE runs SET finished = ?, code = ?, created = ?, "
		    "updated = ?, removed = ?, refreshed = ?, failed = ?, "
		    "withheld = ?, unchanged = ? WHERE id = ?",
	[DROP_RUNS] = "DELETE FROM runs WHERE id <= ?",
	[DROP_CHANGES] = "DELETE FROM changes WHERE run < ? AND id <= "
			 "(SELECT max(id) FROM changes) - ?",
	[PUT_CHANGE] = "INSERT INTO changes (run, resource, action, digest, "
		       "attributes, result, reason) "
		       "VALUES (?, ?, ?, ?, ?, ?, ?)",
	[PUT_BECAME] = "UPDATE changes SET action = ?, digest = ?, "
		       "attributes = ? WHERE id = ?",
	[PUT_OUTCOME] = "UPDATE changes SET result = ?, reason = ? "
			"WHERE id = ?",
	[PUT_DEBT] = "INSERT INTO owed VALUES (?, ?, ?, ?, ?) ON CONFLICT DO "
		     "NOTHING",
	[DROP_TARGET] = "DELETE FROM owed WHERE target = ?",
	[DROP_DEBT] = "DELETE FROM owed WHERE target = ? AND cause = ? "
		      "AND run = ?",
	[TAKE_DEBT] = "INSERT OR REPLACE INTO owed SELECT ?1, ?2, ?3, ?4, ?5 "
		      "WHERE EXISTS (SELECT 1 FROM owed WHERE target = ?1 AND "
		      "cause = ?2 AND run = ?6)",
	[PUT_INTENT] = "INSERT OR REPLACE INTO intents VALUES (?, ?, ?, ?)",
	[DROP_INTENT] = "DELETE FROM intents WHERE directory = ? AND name = ?",
	[DROP_INTENTS] = "DELETE FROM intents WHERE run = ?",
	[PUT_CREATED] = "INSERT OR REPLACE INTO created VALUES (?, ?, ?, ?)",
	[DROP_CREATED] = "DELETE FROM created WHERE id = ?",
	[PUT_SEALED] = "INSERT OR REPLACE INTO sealed VALUES (?, ?, ?, ?)",
	[DROP_SEALED] = "DELETE FROM sealed WHERE path = ?",
	[PUT_BACKUP] =
		"INSERT INTO backups (run, resource, path, type, digest, "
		"target, mode, uid, gid, size, mtime, time, sum) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[PUT_WORLD] = "INSERT OR REPLACE INTO world VALUES (?, ?, ?, ?, ?)",
	[PUT_PAST] = "INSERT OR REPLACE INTO past VALUES (?, ?, ?, ?, ?)",
	[DROP_PASTS] = "DELETE FROM past WHERE change <= ?",
	/* Over the last one, if that saw the same. */
	[PUT_LOOK] = "WITH new (last, source, ruling, revision, reason) AS "
		     "(VALUES (?, ?, ?, ?, ?)), old AS (SELECT looks.* FROM "
		     "looks, new WHERE id = (SELECT max(id) FROM looks) AND "
		     "looks.source IS new.source AND "
		     "looks.ruling = new.ruling AND "
		     "looks.revision IS new.revision AND "
		     "looks.reason IS new.reason) "
		     "INSERT OR REPLACE INTO looks SELECT old.id, "
		     "ifnull(old.first, new.last), new.last, "
		     "ifnull(old.times, 0) + 1, new.source, new.ruling, "
		     "new.revision, new.reason FROM new LEFT JOIN old",
	[DROP_LOOKS] = "DELETE FROM looks WHERE id <= "
		       "(SELECT max(id) FROM looks) - ?",
};

static bool broken(struct store *s, const char *act, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	int rc = s->api->extended_errcode(s->db);

	s->broken = true;
	s->damaged = verdict_of(rc) == DAMAGED;
	s->doubtful = (rc & 0xff) == SQLITE_CORRUPT;
	return diag_error(d, "cannot %s '%s/" DATABASE "': %s", act,
			  s->folder->path, sqlite_reason(s->api, s->db, &a));
}

static bool ready(struct store *s, enum statement which, struct diags *d)
{
	const struct sqlite *api = s->api;

	if (s->broken)
		return diag_error(d,
				  "cannot write to '%s/" DATABASE
				  "': it failed before",
				  s->folder->path);
	if (!s->begun &&
	    api->exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		return broken(s, "write to", d);
	s->begun = true;
	if (!s->prepared[which] &&
	    api->prepare_v2(s->db, statements[which], -1, &s->prepared[which],
			    NULL) != SQLITE_OK)
		return broken(s, "write to", d);
	return true;
}

/* Binds the arguments as types says: 't' const char *, 'i' int64_t, 's' the
 * checksum of all before it (no argument). */
static int bind(const struct sqlite *api, sqlite3_stmt *row, const char *types,
		va_list args)
{
	uint32_t crc = UINT32_MAX;
	int rc = SQLITE_OK;

	for (int i = 0; rc == SQLITE_OK && types[i]; i++) {
		if (types[i] == 't') {
			const char *value = va_arg(args, const char *);

			crc = crc_text(crc, value);
			rc = value ? api->bind_text(row, i + 1, value, -1, NULL)
				   : api->bind_null(row, i + 1);
		} else {
			int64_t value = types[i] == 'i' ? va_arg(args, int64_t)
							: (int64_t)crc;

			crc = crc_int(crc, value);
			rc = api->bind_int64(row, i + 1, value);
		}
	}
	return rc;
}

static bool put(struct store *s, struct diags *d, enum statement which,
		const char *types, ...)
{
	sqlite3_stmt *row;
	va_list args;
	int rc;

	if (!ready(s, which, d))
		return false;
	row = s->prepared[which];
	va_start(args, types);
	rc = bind(s->api, row, types, args);
	va_end(args);
	if (rc == SQLITE_OK)
		rc = s->api->step(row);
	if (rc != SQLITE_DONE) {
		broken(s, "write to", d);
		s->api->reset(row);
		return false;
	}
	s->api->reset(row);
	return true;
}

bool store_flush(struct store *s, struct diags *d)
{
	if (s->broken)
		return diag_error(d,
				  "cannot write to '%s/" DATABASE
				  "': it failed before",
				  s->folder->path);
	if (!s->begun)
		return true;
	if (s->api->exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		return broken(s, "write to", d);
	s->begun = false;
	s->unsynced = true;
	return true;
}

static bool sync_log(struct store *s, struct diags *d)
{
	AUTO_FD int fd = openat(s->folder->fd, DATABASE "-wal",
				O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && sync_by(fdatasync, fd))
		return true;
	s->broken = true;
	return diag_errno(d, errno, "cannot sync '%s/" DATABASE "-wal'",
			  s->folder->path);
}

bool store_sync(struct store *s, struct diags *d)
{
	if (!store_flush(s, d))
		return false;
	if (s->unsynced && !sync_log(s, d))
		return false;
	s->unsynced = false;
	return true;
}

bool store_begin(struct store *s, const struct run_record *r, struct diags *d)
{
	if (!put(s, d, PUT_RUN, "ttttii", r->host, r->source, r->revision,
		 r->command, r->pid, r->started))
		return false;
	s->run = s->api->last_insert_rowid(s->db);
	return true;
}

bool store_failed(const struct store *s)
{
	return s->broken;
}

int64_t store_run(const struct store *s)
{
	return s->run;
}

bool store_end(struct store *s, int64_t finished, int code,
	       const struct run_counts *c, struct diags *d)
{
	return put(s, d, PUT_END, "iiiiiiiiii", finished, (int64_t)code,
		   c->created, c->updated, c->removed, c->refreshed, c->failed,
		   c->withheld, c->unchanged, s->run) &&
	       put(s, d, DROP_RUNS, "i", s->run - STORE_RUNS) &&
	       put(s, d, DROP_CHANGES, "ii", s->run, (int64_t)STORE_CHANGES);
}

bool store_change(struct store *s, const struct change_record *c, int64_t *id,
		  struct diags *d)
{
	if (!put(s, d, PUT_CHANGE, "itttttt", s->run, c->resource, c->action,
		 c->digest, c->attributes, result_name(c->result), c->reason))
		return false;
	*id = s->api->last_insert_rowid(s->db);
	return true;
}

bool store_became(struct store *s, int64_t id, const struct change_record *c,
		  struct diags *d)
{
	return put(s, d, PUT_BECAME, "ttti", c->action, c->digest,
		   c->attributes, id);
}

bool store_outcome(struct store *s, int64_t id, enum result result,
		   const char *why, struct diags *d)
{
	return put(s, d, PUT_OUTCOME, "tti", result_name(result), why, id);
}

bool store_owe(struct store *s, const char *target, const char *cause,
	       const char *why, struct diags *d)
{
	return put(s, d, PUT_DEBT, "tttis", target, cause, why, s->run);
}

bool store_paid(struct store *s, const char *target, struct diags *d)
{
	return put(s, d, DROP_TARGET, "t", target);
}

bool store_forgive(struct store *s, const char *target, const char *cause,
		   struct diags *d)
{
	return put(s, d, DROP_DEBT, "tti", target, cause, s->run);
}

bool store_adopt(struct store *s, const struct debt *debt, struct diags *d)
{
	return put(s, d, TAKE_DEBT, "tttisi", debt->target, debt->cause,
		   debt->reason, s->run, debt->run);
}

bool store_intend(struct store *s, const char *directory, const char *name,
		  struct diags *d)
{
	return put(s, d, PUT_INTENT, "ttis", directory, name, s->run);
}

bool store_cleaned(struct store *s, const char *directory, const char *name,
		   struct diags *d)
{
	return put(s, d, DROP_INTENT, "tt", directory, name);
}

bool store_settled(struct store *s, struct diags *d)
{
	return put(s, d, DROP_INTENTS, "i", s->run);
}

bool store_created(struct store *s, const char *id, const char *path,
		   struct diags *d)
{
	return put(s, d, PUT_CREATED, "ttis", id, path, s->run);
}

bool store_gone(struct store *s, const char *id, struct diags *d)
{
	return put(s, d, DROP_CREATED, "t", id);
}

bool store_sealed(struct store *s, const char *path, const char *resource,
		  struct diags *d)
{
	return put(s, d, PUT_SEALED, "ttis", path, resource, s->run);
}

bool store_unsealed(struct store *s, const char *path, struct diags *d)
{
	return put(s, d, DROP_SEALED, "t", path);
}

bool store_backup(struct store *s, const struct backup *b, struct diags *d)
{
	return put(s, d, PUT_BACKUP, "itttttiiiiiis", s->run, b->resource,
		   b->path, b->type, b->digest, b->target, b->mode, b->uid,
		   b->gid, b->size, b->mtime, b->time);
}

bool store_world(struct store *s, const struct world_record *w, struct diags *d)
{
	return put(s, d, PUT_WORLD, "itiis", (int64_t)1, w->revision, w->time,
		   w->taken);
}

bool store_past(struct store *s, const struct past_record *p, struct diags *d)
{
	return put(s, d, PUT_PAST, "ititt", p->change, p->revision, p->date,
		   p->author, p->subject) &&
	       put(s, d, DROP_PASTS, "i", p->change - STORE_CHANGES);
}

bool store_look(struct store *s, const struct look_record *l, struct diags *d)
{
	return put(s, d, PUT_LOOK, "itttt", l->last, l->source,
		   ruling_of_look_name(l->ruling), l->revision, l->reason) &&
	       put(s, d, DROP_LOOKS, "i", (int64_t)STORE_LOOKS);
}
