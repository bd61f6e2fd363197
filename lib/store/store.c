/* SPDX-License-Identifier: MIT */
#include "lib/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/store/sqlite.h"

#define NAME "state.db"
#define FRESH "state.db.new"

enum {
	VERSION = 1,
	/* Versions come one at a time: what is beyond is no version. */
	NEWEST = 10000,
	BUSY_TIMEOUT = 5000, /* milliseconds, for someone's sqlite3(1) */
	LOG_MAX = 1024 * 1024,
	LOOKS = 50,
	NAME_SIZE = 128,  /* of a file in the folder */
	ASIDE_MAX = 1000, /* databases that were moved aside in one second */
	CHUNK = 16 * 1024,
};

/*
 * The tables. "sum" is a checksum of the row's other columns: SQLite's log
 * keeps a torn write out, but does not see a bit that turned on the disk, and
 * by these rows things are removed, restarted and put back.
 */
static const struct {
	const char *name, *sql;
} tables[] = {
	{ "runs", "CREATE TABLE runs (id INTEGER PRIMARY KEY, "
		  "host TEXT NOT NULL, source TEXT NOT NULL, revision TEXT, "
		  "command TEXT NOT NULL, pid INTEGER NOT NULL, "
		  "started INTEGER NOT NULL, finished INTEGER, code INTEGER, "
		  "created INTEGER, updated INTEGER, removed INTEGER, "
		  "refreshed INTEGER, failed INTEGER, withheld INTEGER, "
		  "unchanged INTEGER)" },
	{ "changes", "CREATE TABLE changes (id INTEGER PRIMARY KEY, "
		     "run INTEGER NOT NULL, resource TEXT NOT NULL, "
		     "action TEXT NOT NULL, digest TEXT, attributes TEXT, "
		     "result TEXT NOT NULL, reason TEXT)" },
	{ "changes_run", "CREATE INDEX changes_run ON changes (run)" },
	{ "changes_resource",
	  "CREATE INDEX changes_resource ON changes (resource)" },
	{ "owed", "CREATE TABLE owed (target TEXT NOT NULL, "
		  "cause TEXT NOT NULL, reason TEXT, run INTEGER NOT NULL, "
		  "sum INTEGER NOT NULL, PRIMARY KEY (target, cause)) "
		  "WITHOUT ROWID" },
	{ "intents", "CREATE TABLE intents (directory TEXT NOT NULL, "
		     "name TEXT NOT NULL, run INTEGER NOT NULL, "
		     "sum INTEGER NOT NULL, PRIMARY KEY (directory, name)) "
		     "WITHOUT ROWID" },
	{ "created", "CREATE TABLE created (id TEXT NOT NULL PRIMARY KEY, "
		     "path TEXT, run INTEGER NOT NULL, sum INTEGER NOT NULL) "
		     "WITHOUT ROWID" },
	{ "backups", "CREATE TABLE backups (id INTEGER PRIMARY KEY, "
		     "run INTEGER NOT NULL, resource TEXT NOT NULL, "
		     "path TEXT NOT NULL, type TEXT NOT NULL, digest TEXT, "
		     "target TEXT, mode INTEGER NOT NULL, "
		     "uid INTEGER NOT NULL, gid INTEGER NOT NULL, "
		     "size INTEGER NOT NULL, mtime INTEGER NOT NULL, "
		     "time INTEGER NOT NULL, sum INTEGER NOT NULL)" },
	{ "backups_run", "CREATE INDEX backups_run ON backups (run)" },
};

/* What is written, and how: see put(). */
enum statement {
	PUT_RUN,
	PUT_END,
	DROP_RUNS,
	DROP_CHANGES,
	PUT_CHANGE,
	PUT_OUTCOME,
	PUT_DEBT,
	DROP_TARGET,
	DROP_DEBT,
	PUT_INTENT,
	DROP_INTENT,
	DROP_INTENTS,
	PUT_CREATED,
	DROP_CREATED,
	PUT_BACKUP,
	STATEMENTS,
};

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
	[PUT_OUTCOME] = "UPDATE changes SET result = ?, reason = ? "
			"WHERE id = ?",
	[PUT_DEBT] = "INSERT INTO owed VALUES (?, ?, ?, ?, ?) ON CONFLICT DO "
		     "NOTHING",
	[DROP_TARGET] = "DELETE FROM owed WHERE target = ?",
	[DROP_DEBT] = "DELETE FROM owed WHERE target = ? AND cause = ? "
		      "AND run = ?",
	[PUT_INTENT] = "INSERT OR REPLACE INTO intents VALUES (?, ?, ?, ?)",
	[DROP_INTENT] = "DELETE FROM intents WHERE directory = ? AND name = ?",
	[DROP_INTENTS] = "DELETE FROM intents WHERE run = ?",
	[PUT_CREATED] = "INSERT OR REPLACE INTO created VALUES (?, ?, ?, ?)",
	[DROP_CREATED] = "DELETE FROM created WHERE id = ?",
	[PUT_BACKUP] =
		"INSERT INTO backups (run, resource, path, type, digest, "
		"target, mode, uid, gid, size, mtime, time, sum) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

static const char *const results[] = {
	[RESULT_PLANNED] = "planned",   [RESULT_DONE] = "done",
	[RESULT_FAILED] = "failed",     [RESULT_SKIPPED] = "skipped",
	[RESULT_WITHHELD] = "withheld",
};

const char *result_name(enum result result)
{
	return results[result];
}

/* How a database turned out. */
enum verdict {
	GOOD,
	DAMAGED, /* cannot be believed: to be moved aside */
	NEWER,   /* to be left alone */
	TROUBLE, /* the system's: to be left alone too */
};

struct store {
	const struct sqlite *api;
	sqlite3 *db;
	sqlite3_stmt *prepared[STATEMENTS];
	const struct folder *folder;
	int64_t run;
	bool begun;    /* a transaction is open */
	bool unsynced; /* committed, but not known to be on the disk */
	bool broken;   /* a write failed: no further one is tried */
	bool damaged;  /* because of what stands in the database */
	bool doubtful; /* or the disk could not read it for a moment */
};

/* A database that is being read: by a look, or by its writer. */
struct view {
	const struct sqlite *api;
	sqlite3 *db;
	struct arena *arena;
	const char *why; /* when a verdict is not GOOD; in the arena */
};

/* CRC-32C (RFC 3720, appendix B.4), four bits at a time. */
static uint32_t crc_add(uint32_t crc, const void *bytes, size_t n)
{
	static const uint32_t nibble[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1,
		0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
		0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		crc = crc >> 4 ^ nibble[crc & 15];
		crc = crc >> 4 ^ nibble[crc & 15];
	}
	return crc;
}

static uint32_t crc_text(uint32_t crc, const char *text)
{
	return text ? crc_add(crc_add(crc, "t", 1), text, strlen(text) + 1)
		    : crc_add(crc, "n", 1);
}

static uint32_t crc_int(uint32_t crc, int64_t value)
{
	unsigned char bytes[9] = { 'i' };

	for (size_t i = 0; i < 8; i++)
		bytes[i + 1] = (unsigned char)((uint64_t)value >> (8 * i));
	return crc_add(crc, bytes, sizeof(bytes));
}

/* Over the columns from..to-1 of a row. */
static uint32_t crc_row(const struct sqlite *api, sqlite3_stmt *row, int from,
			int to)
{
	uint32_t crc = UINT32_MAX;

	for (int i = from; i < to; i++)
		switch (api->column_type(row, i)) {
		case SQLITE_INTEGER:
			crc = crc_int(crc, api->column_int64(row, i));
			break;
		case SQLITE_NULL:
			crc = crc_text(crc, NULL);
			break;
		default:
			crc = crc_text(crc,
				       (const char *)api->column_text(row, i));
		}
	return crc;
}

static enum verdict judge(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return GOOD;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_NOMEM:
	case SQLITE_IOERR:
	case SQLITE_FULL:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_PROTOCOL:
	case SQLITE_INTERRUPT:
	case SQLITE_TOOBIG:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISUSE:
		return TROUBLE;
	default: /* no database, corrupt, a table that is not there, ... */
		return DAMAGED;
	}
}

static enum verdict doubt(struct view *v, const char *format, ...) PRINTF(2, 3);

static enum verdict doubt(struct view *v, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	v->why = arena_vprintf(v->arena, format, args);
	va_end(args);
	return DAMAGED;
}

/* SQLite's own words, and the system's where it has any. */
static const char *reason(const struct sqlite *api, sqlite3 *db,
			  struct arena *a)
{
	int rc = db ? api->extended_errcode(db) : SQLITE_NOMEM;
	int error = db ? api->system_errno(db) : 0;

	if ((rc & 0xff) == SQLITE_BUSY)
		return "another program is using it";
	if (judge(rc) == TROUBLE && error &&
	    ((rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN))
		return arena_printf(a, "%s: %s", api->errstr(rc),
				    strerror(error));
	return arena_strdup(a, db ? api->errmsg(db) : api->errstr(rc));
}

static enum verdict verdict(struct view *v, int rc)
{
	enum verdict is = judge(rc);

	if (is != GOOD)
		v->why = v->db ? reason(v->api, v->db, v->arena)
			       : v->api->errstr(rc);
	return is;
}

/* Calls each for every row of sql, whose ? (at most two) are bound to text or,
 * when that is NULL, number, and to limit. */
struct query {
	const char *sql, *text;
	int64_t number, limit;
	enum verdict (*each)(struct view *, sqlite3_stmt *row, void *out);
	void *out;
};

static enum verdict query(struct view *v, const struct query *q)
{
	const struct sqlite *api = v->api;
	enum verdict is = GOOD;
	sqlite3_stmt *row = NULL;
	int rc;

	rc = api->prepare_v2(v->db, q->sql, -1, &row, NULL);
	if (rc != SQLITE_OK)
		return verdict(v, rc);
	/* A ? that is not there is refused, and was not meant. */
	if (q->text)
		api->bind_text(row, 1, q->text, -1, NULL);
	else
		api->bind_int64(row, 1, q->number);
	api->bind_int64(row, 2, q->limit);
	while (is == GOOD && (rc = api->step(row)) == SQLITE_ROW)
		is = q->each(v, row, q->out);
	if (is == GOOD)
		is = verdict(v, rc);
	api->finalize(row);
	return is;
}

static int64_t number(struct view *v, sqlite3_stmt *row, int i)
{
	return v->api->column_int64(row, i);
}

/* NULL for NULL. */
static const char *text(struct view *v, sqlite3_stmt *row, int i)
{
	const char *t = (const char *)v->api->column_text(row, i);

	return t ? arena_strdup(v->arena, t) : NULL;
}

/* NULL is "": for what was never written as NULL. */
static const char *some(struct view *v, sqlite3_stmt *row, int i)
{
	const char *t = text(v, row, i);

	return t ? t : "";
}

static bool whole(struct view *v, sqlite3_stmt *row, int from, int to)
{
	return v->api->column_int64(row, to) == crc_row(v->api, row, from, to);
}

static enum verdict read_number(struct view *v, sqlite3_stmt *row, void *out)
{
	*(int64_t *)out = number(v, row, 0);
	return GOOD;
}

static enum verdict read_check(struct view *v, sqlite3_stmt *row, void *out)
{
	const char *said = some(v, row, 0);

	(void)out;
	return strcmp(said, "ok") == 0 ? GOOD : doubt(v, "%s", said);
}

static enum verdict read_text(struct view *v, sqlite3_stmt *row, void *out)
{
	*(const char **)out = some(v, row, 0);
	return GOOD;
}

/* A table of another shape would be read as something else. */
static enum verdict check_tables(struct view *v)
{
	for (size_t i = 0; i < COUNT(tables); i++) {
		const char *sql = "";
		struct query q = { .sql = "SELECT sql FROM sqlite_master "
					  "WHERE name = ?",
				   .text = tables[i].name,
				   .each = read_text,
				   .out = &sql };
		enum verdict is = query(v, &q);

		if (is != GOOD)
			return is;
		if (strcmp(sql, tables[i].sql) != 0)
			return doubt(v, "its table %s is not as it was made",
				     tables[i].name);
	}
	return GOOD;
}

static enum verdict check_version(struct view *v)
{
	int64_t version = 0;
	struct query q = { .sql = "PRAGMA user_version",
			   .each = read_number,
			   .out = &version };
	enum verdict is = query(v, &q);

	if (is != GOOD || version == VERSION)
		return is;
	if (version > VERSION && version < NEWEST) {
		v->why = arena_printf(v->arena,
				      "a newer converge wrote it (version %lld "
				      "of its tables, here %d)",
				      (long long)version, VERSION);
		return NEWER;
	}
	return doubt(v, "it has no version");
}

static enum verdict read_last(struct view *v, sqlite3_stmt *row, void *out)
{
	struct remembered *r = out;

	r->last_run = number(v, row, 0);
	r->killed = number(v, row, 1) != 0;
	return GOOD;
}

/*
 * SQLite's own check of its pages: of the whole file when the last run was
 * killed, otherwise of those tables that decide anything.
 */
static enum verdict check_pages(struct view *v, bool killed)
{
	static const char *const some_pages[] = {
		"PRAGMA quick_check(owed)",
		"PRAGMA quick_check(intents)",
		"PRAGMA quick_check(created)",
	};
	static const char *const all_pages[] = { "PRAGMA quick_check(1)" };
	const char *const *checks = killed ? all_pages : some_pages;
	size_t n = killed ? COUNT(all_pages) : COUNT(some_pages);

	for (size_t i = 0; i < n; i++) {
		struct query q = { .sql = checks[i], .each = read_check };
		enum verdict is = query(v, &q);

		if (is != GOOD)
			return is;
	}
	return GOOD;
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

	if (!whole(v, row, 0, 4))
		return doubt(v, "a refresh that is owed has a wrong checksum");
	r->debts = arena_grow(v->arena, r->debts, r->ndebts, &g->capacity,
			      sizeof(*r->debts));
	r->debts[r->ndebts++] = (struct debt){ .target = some(v, row, 0),
					       .cause = some(v, row, 1),
					       .reason = some(v, row, 2),
					       .run = number(v, row, 3),
					       .source = text(v, row, 5) };
	return GOOD;
}

static enum verdict read_leftover(struct view *v, sqlite3_stmt *row, void *out)
{
	struct growing *g = out;
	struct remembered *r = g->r;

	if (!whole(v, row, 0, 3))
		return doubt(v, "a temporary name has a wrong checksum");
	r->leftovers = arena_grow(v->arena, r->leftovers, r->nleftovers,
				  &g->capacity, sizeof(*r->leftovers));
	r->leftovers[r->nleftovers++] =
		(struct leftover){ .directory = some(v, row, 0),
				   .name = some(v, row, 1),
				   .run = number(v, row, 2) };
	return GOOD;
}

static enum verdict read_creation(struct view *v, sqlite3_stmt *row, void *out)
{
	struct growing *g = out;
	struct remembered *r = g->r;

	if (!whole(v, row, 0, 3))
		return doubt(v, "a created resource has a wrong checksum");
	r->creations = arena_grow(v->arena, r->creations, r->ncreations,
				  &g->capacity, sizeof(*r->creations));
	r->creations[r->ncreations++] =
		(struct creation){ .id = some(v, row, 0),
				   .path = text(v, row, 1),
				   .run = number(v, row, 2) };
	return GOOD;
}

static enum verdict read_remembered(struct view *v, struct remembered *r)
{
	const struct {
		const char *sql;
		enum verdict (*each)(struct view *, sqlite3_stmt *, void *);
	} parts[] = {
		{ "SELECT target, cause, reason, run, sum, "
		  "(SELECT source FROM runs WHERE id = owed.run) FROM owed "
		  "ORDER BY target, cause",
		  read_debt },
		{ "SELECT directory, name, run, sum FROM intents "
		  "ORDER BY directory, name",
		  read_leftover },
		{ "SELECT id, path, run, sum FROM created ORDER BY id",
		  read_creation },
	};
	enum verdict is = GOOD;

	for (size_t i = 0; is == GOOD && i < COUNT(parts); i++) {
		struct growing g = { .r = r };
		struct query q = { .sql = parts[i].sql,
				   .each = parts[i].each,
				   .out = &g };

		is = query(v, &q);
	}
	return is;
}

/* Settings that hold for readers and the writer: nothing in the file may make
 * SQLite run anything, and its cells are checked as they are read. */
static enum verdict set_up(struct view *v)
{
	const struct sqlite *api = v->api;

	api->extended_result_codes(v->db, 1);
	api->busy_timeout(v->db, BUSY_TIMEOUT);
	api->db_config(v->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	api->db_config(v->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return verdict(v, api->exec(v->db,
				    "PRAGMA trusted_schema = OFF;"
				    "PRAGMA cell_size_check = ON;"
				    "PRAGMA mmap_size = 0;"
				    "PRAGMA temp_store = MEMORY",
				    NULL, NULL, NULL));
}

static enum verdict check(struct view *v)
{
	enum verdict is = check_version(v);

	return is == GOOD ? check_tables(v) : is;
}

/* All that a plan needs, or nothing. */
static enum verdict recall(struct view *v, struct remembered *r)
{
	struct query last = { .sql = "SELECT id, finished IS NULL FROM runs "
				     "ORDER BY id DESC LIMIT 1",
			      .each = read_last,
			      .out = r };
	enum verdict is;

	*r = (struct remembered){ 0 };
	is = check(v);
	if (is == GOOD)
		is = query(v, &last);
	if (is == GOOD)
		is = check_pages(v, r->killed);
	if (is == GOOD)
		is = read_remembered(v, r);
	if (is != GOOD)
		*r = (struct remembered){ 0 };
	return is;
}

static bool newer(const struct folder *f, const char *why, struct diags *d)
{
	diag_error(d, "will not use '%s/" NAME "': %s", f->path, why);
	diag_hint(d, "run the newer converge");
	return false;
}

/* Why the name cannot be read as a database at all; NULL: it can. */
static const char *wrong_file(const struct stat *st)
{
	if (S_ISLNK(st->st_mode))
		return "it is a symbolic link";
	if (!S_ISREG(st->st_mode))
		return S_ISDIR(st->st_mode) ? "it is a directory"
					    : "it is not a regular file";
	if (st->st_uid != geteuid())
		return "it belongs to another user";
	if (st->st_nlink > 1)
		return "it has more than one name";
	return NULL;
}

/* The database is more than one file; the log alone would be played into
 * whatever database comes to stand beside it. */
static const char *const parts[] = { "", "-wal", "-journal", "-shm" };

/* The same for all its files. It is made under another name, so that one that
 * is empty has lost what it held; the others begin so. *there: whether there
 * is a database at all; *error: an errno when that cannot be said. */
static const char *wrong_files(const struct folder *f, bool *there, int *error)
{
	*there = true;
	*error = 0;
	for (size_t i = 0; i < COUNT(parts); i++) {
		char name[NAME_SIZE];
		const char *wrong;
		struct stat st;

		snprintf(name, sizeof(name), NAME "%s", parts[i]);
		if (fstatat(f->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			wrong = wrong_file(&st);
			if (wrong)
				return wrong;
			if (i == 0 && st.st_size == 0)
				return "it is empty";
			continue;
		}
		if (errno != ENOENT)
			*error = errno;
		if (i == 0) {
			*there = false;
			return NULL;
		}
	}
	return NULL;
}

/* What a look is for: fills what ask is given, from nothing each time. */
struct asking {
	enum verdict (*ask)(struct view *, const struct asking *);
	struct query *query;
	size_t *n; /* of the array that query fills */
	struct remembered *remembered;
};

static enum verdict look_once(const struct folder *f, struct view *v,
			      const struct asking *asking)
{
	enum verdict is;

	is = verdict(v, sqlite_look(v->api, f->fd, NAME, &v->db));
	if (is == GOOD)
		is = set_up(v);
	if (is == GOOD)
		is = asking->ask(v, asking);
	v->api->close_v2(v->db);
	v->db = NULL;
	return is;
}

static void pause_a_little(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 10 * 1000 * 1000 }, NULL);
}

/* Again while a writer changes what was looked at. */
static enum verdict look(const struct folder *f, struct view *v,
			 const struct asking *asking)
{
	enum verdict is = TROUBLE;

	for (int i = 0; i < LOOKS; i++) {
		struct sqlite_mark before, after;

		sqlite_mark(f->fd, NAME, &before);
		is = look_once(f, v, asking);
		sqlite_mark(f->fd, NAME, &after);
		if (memcmp(&before, &after, sizeof(before)) == 0)
			return is;
		pause_a_little();
	}
	v->why = "it is being written to all the time";
	return TROUBLE;
}

static void disbelieve(const struct folder *f, const char *why, struct diags *d)
{
	diag_warning(d,
		     "cannot believe '%s/" NAME "': %s; what earlier runs "
		     "left to do is not known",
		     f->path, why);
}

/* True with *forgotten when nothing can be known. */
static bool look_into(const struct folder *f, struct arena *a,
		      const struct asking *asking, bool *forgotten,
		      struct diags *d)
{
	struct view v = { .arena = a };
	enum verdict is = DAMAGED;
	bool there;
	int error;

	if (f->fd < 0)
		return true;
	v.why = wrong_files(f, &there, &error);
	if (error)
		return diag_errno(d, error, "cannot read '%s/" NAME "'",
				  f->path);
	if (!there)
		return true;
	if (!v.why) {
		v.api = sqlite_load(d);
		if (!v.api)
			return false;
		is = look(f, &v, asking);
	}
	if (is == GOOD)
		return true;
	if (is == NEWER)
		return newer(f, v.why, d);
	if (is == TROUBLE)
		return diag_error(d, "cannot read '%s/" NAME "': %s", f->path,
				  v.why);
	*forgotten = true;
	disbelieve(f, v.why, d);
	return true;
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

static enum verdict ask_rows(struct view *v, const struct asking *asking)
{
	enum verdict is = check(v);

	*asking->n = 0;
	return is == GOOD ? query(v, asking->query) : is;
}

/* Rows into an array whose number of elements is *n. */
static bool look_rows(const struct folder *f, struct arena *a, struct query *q,
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
		.id = number(v, row, 0),
		.host = some(v, row, 1),
		.source = some(v, row, 2),
		.revision = text(v, row, 3),
		.command = some(v, row, 4),
		.pid = number(v, row, 5),
		.started = number(v, row, 6),
		.ended = v->api->column_type(row, 7) != SQLITE_NULL,
		.finished = number(v, row, 7),
		.code = (int)number(v, row, 8),
		.counts = { .created = number(v, row, 9),
			    .updated = number(v, row, 10),
			    .removed = number(v, row, 11),
			    .refreshed = number(v, row, 12),
			    .failed = number(v, row, 13),
			    .withheld = number(v, row, 14),
			    .unchanged = number(v, row, 15) },
	};
	return GOOD;
}

static int64_t limited(size_t limit)
{
	return limit > INT32_MAX ? INT32_MAX : (int64_t)limit;
}

bool store_runs(const struct folder *f, size_t limit, struct arena *a,
		struct runs *out, struct diags *d)
{
	struct query q = { .sql = "SELECT id, host, source, revision, command, "
				  "pid, started, finished, code, created, "
				  "updated, removed, refreshed, failed, "
				  "withheld, unchanged FROM runs "
				  "WHERE id > ? ORDER BY id DESC LIMIT ?",
			   .limit = limited(limit),
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
		.id = number(v, row, 0),
		.run = number(v, row, 1),
		.resource = some(v, row, 2),
		.action = some(v, row, 3),
		.digest = text(v, row, 4),
		.attributes = text(v, row, 5),
		.result = result_of(some(v, row, 6)),
		.reason = text(v, row, 7),
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
			   .limit = limited(limit),
			   .each = read_change,
			   .out = out };

	*out = (struct changes){ 0 };
	return look_rows(f, a, &q, &out->n, d);
}

static enum verdict read_backup(struct view *v, sqlite3_stmt *row, void *out)
{
	struct backups *backups = out;

	if (!whole(v, row, 1, 13))
		return doubt(v, "a record of what was replaced has a wrong "
				"checksum");
	backups->v = arena_grow(v->arena, backups->v, backups->n,
				&backups->capacity, sizeof(*backups->v));
	backups->v[backups->n++] = (struct backup){
		.id = number(v, row, 0),
		.run = number(v, row, 1),
		.resource = some(v, row, 2),
		.path = some(v, row, 3),
		.type = some(v, row, 4),
		.digest = text(v, row, 5),
		.target = text(v, row, 6),
		.mode = number(v, row, 7),
		.uid = number(v, row, 8),
		.gid = number(v, row, 9),
		.size = number(v, row, 10),
		.mtime = number(v, row, 11),
		.time = number(v, row, 12),
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

static bool stands(const struct folder *f, const char *name, const char *part)
{
	char whole_name[NAME_SIZE];
	struct stat st;

	snprintf(whole_name, sizeof(whole_name), "%s%s", name, part);
	/* What cannot be looked at is not to be replaced by something new. */
	return fstatat(f->fd, whole_name, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	       errno != ENOENT;
}

static bool any_stands(const struct folder *f, const char *name)
{
	for (size_t i = 0; i < COUNT(parts); i++)
		if (stands(f, name, parts[i]))
			return true;
	return false;
}

/* A name that nothing has yet: what was kept once is never overwritten. */
static void pick_name(const struct folder *f, char name[NAME_SIZE / 2])
{
	time_t now = time(NULL);
	char when[32] = "then";
	struct tm tm;

	if (gmtime_r(&now, &tm))
		strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(name, NAME_SIZE / 2, NAME ".damaged-%s", when);
	for (int i = 2; i < ASIDE_MAX && any_stands(f, name); i++)
		snprintf(name, NAME_SIZE / 2, NAME ".damaged-%s-%d", when, i);
}

/* Never tried again, but for EINTR: what failed once may be lost though the
 * next one says otherwise, fsync(2). */
static bool sync_by(int (*how)(int), int fd)
{
	int r;

	do {
		r = how(fd);
	} while (r < 0 && errno == EINTR);
	return r == 0;
}

/* The database first: killed after it, the rest is moved by the next run. */
static bool move_parts(const struct folder *f, const char *name,
		       struct diags *d)
{
	for (size_t i = 0; i < COUNT(parts); i++) {
		char from[NAME_SIZE], to[NAME_SIZE];

		snprintf(from, sizeof(from), NAME "%s", parts[i]);
		snprintf(to, sizeof(to), "%s%s", name, parts[i]);
		if (renameat(f->fd, from, f->fd, to) < 0 && errno != ENOENT)
			return diag_errno(d, errno, "cannot move '%s/%s' aside",
					  f->path, from);
	}
	if (!sync_by(fsync, f->fd))
		return diag_errno(d, errno, "cannot sync '%s'", f->path);
	return true;
}

static bool put_aside(const struct folder *f, const char *why, struct diags *d)
{
	char name[NAME_SIZE / 2];

	pick_name(f, name);
	if (!move_parts(f, name, d))
		return false;
	diag_warning(d,
		     "cannot believe '%s/" NAME "': %s; moved it to '%s': what "
		     "earlier runs left to do is not known",
		     f->path, why, name);
	return true;
}

static bool remove_fresh(const struct folder *f, struct diags *d)
{
	for (size_t i = 0; i < COUNT(parts); i++) {
		char name[NAME_SIZE];

		snprintf(name, sizeof(name), FRESH "%s", parts[i]);
		if (unlinkat(f->fd, name, 0) < 0 && errno != ENOENT)
			return diag_errno(d, errno, "cannot remove '%s/%s'",
					  f->path, name);
	}
	return true;
}

static int make_tables(const struct sqlite *api, sqlite3 *db)
{
	int rc = api->exec(db,
			   "PRAGMA journal_mode = OFF;"
			   "PRAGMA synchronous = OFF;"
			   "BEGIN",
			   NULL, NULL, NULL);

	for (size_t i = 0; rc == SQLITE_OK && i < COUNT(tables); i++)
		rc = api->exec(db, tables[i].sql, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return rc;
	return api->exec(db,
			 "PRAGMA user_version = 1;"
			 "COMMIT;"
			 "PRAGMA journal_mode = WAL",
			 NULL, NULL, NULL);
}
_Static_assert(VERSION == 1, "make_tables writes the version");

static bool fill_fresh(const struct folder *f, const struct sqlite *api,
		       struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	const char *path = arena_printf(&a, "%s/" FRESH, f->path);
	sqlite3 *db = NULL;
	int rc;

	rc = api->open_v2(path, &db,
			  SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL);
	if (rc == SQLITE_OK)
		rc = make_tables(api, db);
	if (rc != SQLITE_OK)
		diag_error(d, "cannot make '%s': %s", path,
			   reason(api, db, &a));
	api->close_v2(db);
	return rc == SQLITE_OK;
}

/* Made whole under another name, so that a state.db never is half a one. */
static bool create(const struct folder *f, const struct sqlite *api,
		   struct diags *d)
{
	AUTO_FD int fd = -1;

	if (!remove_fresh(f, d))
		return false;
	fd = openat(f->fd, FRESH,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || fchmod(fd, 0600) < 0)
		return diag_errno(d, errno, "cannot make '%s/" FRESH "'",
				  f->path);
	if (!fill_fresh(f, api, d))
		return false;
	if (!sync_by(fsync, fd) || renameat(f->fd, FRESH, f->fd, NAME) < 0 ||
	    !sync_by(fsync, f->fd))
		return diag_errno(d, errno, "cannot make '%s/" NAME "'",
				  f->path);
	return true;
}

static void let_go(struct store *s)
{
	for (size_t i = 0; i < STATEMENTS; i++) {
		s->api->finalize(s->prepared[i]);
		s->prepared[i] = NULL;
	}
	s->api->close_v2(s->db);
	s->db = NULL;
	s->begun = false;
}

/* Looks at the names before SQLite opens them; makes the database private,
 * which its other files then are too. */
static enum verdict check_files(const struct folder *f, struct view *v)
{
	AUTO_FD int fd = -1;
	bool there;
	int error;

	v->why = wrong_files(f, &there, &error);
	if (v->why)
		return DAMAGED;
	fd = openat(f->fd, NAME, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (!error && fd >= 0 && fchmod(fd, 0600) == 0)
		return GOOD;
	v->why = arena_strdup(v->arena, strerror(error ? error : errno));
	return TROUBLE;
}

/* Commits go to a write-ahead log: one sync each, no torn database however a
 * run ends, and readers go on meanwhile. The sync is store_sync's. */
static enum verdict set_log(struct view *v)
{
	const char *mode = "";
	struct query q = { .sql = "PRAGMA journal_mode = WAL",
			   .each = read_text,
			   .out = &mode };
	enum verdict is = query(v, &q);

	if (is == GOOD && strcmp(mode, "wal") != 0) {
		v->why = "it cannot have a write-ahead log here";
		return TROUBLE;
	}
	if (is != GOOD)
		return is;
	return verdict(v, v->api->exec(v->db,
				       "PRAGMA synchronous = NORMAL;"
				       "PRAGMA wal_autocheckpoint = 0;"
				       "PRAGMA secure_delete = OFF;"
				       "BEGIN IMMEDIATE; COMMIT",
				       NULL, NULL, NULL));
}

static enum verdict attach(struct store *s, struct view *v,
			   struct remembered *r)
{
	const char *path = arena_printf(v->arena, "%s/" NAME, s->folder->path);
	enum verdict is = check_files(s->folder, v);

	if (is != GOOD)
		return is;
	is = verdict(
		v, s->api->open_v2(path, &s->db,
				   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW,
				   NULL));
	v->db = s->db;
	if (is == GOOD)
		is = set_up(v);
	if (is == GOOD)
		is = check_version(v);
	if (is == GOOD)
		is = set_log(v);
	if (is == GOOD)
		is = recall(v, r);
	return is;
}

/* A database and nothing else that would be taken for a part of it. */
static bool provide(struct store *s, struct diags *d)
{
	if (stands(s->folder, NAME, ""))
		return true;
	if (any_stands(s->folder, NAME) &&
	    !put_aside(s->folder, "parts of it are missing", d))
		return false;
	return create(s->folder, s->api, d);
}

/* Whether a part of the database can be read to its end, or is not there. */
static bool can_read(const struct folder *f, const char *part)
{
	char name[NAME_SIZE], chunk[CHUNK];
	ssize_t n;

	snprintf(name, sizeof(name), NAME "%s", part);

	AUTO_FD int fd = openat(f->fd, name,
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return errno != EIO;
	do {
		n = read(fd, chunk, sizeof(chunk));
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n == 0 || errno != EIO;
}

/* SQLite takes what it cannot read for damaged, as it checks its pages; but
 * what stands there may be good, and is for the next run. */
static enum verdict blame_disk(const struct store *s, struct view *v)
{
	for (size_t i = 0; i < COUNT(parts); i++) {
		if (can_read(s->folder, parts[i]))
			continue;
		v->why = arena_strdup(v->arena, strerror(EIO));
		return TROUBLE;
	}
	return DAMAGED;
}

static enum verdict attach_or_blame(struct store *s, struct view *v,
				    struct remembered *r)
{
	enum verdict is = attach(s, v, r);

	if (is != DAMAGED)
		return is;
	/* First: to close a file drops SQLite's locks on it, fcntl(2). */
	let_go(s);
	v->db = NULL;
	return blame_disk(s, v);
}

/* What is there: looked at once more when it seems damaged, for the disk may
 * have been in trouble for a moment alone. */
static enum verdict attach_again(struct store *s, struct view *v,
				 struct remembered *r)
{
	enum verdict is = attach_or_blame(s, v, r);

	return is == DAMAGED ? attach_or_blame(s, v, r) : is;
}

/* Once with what is there, once more with a new one. */
static bool open_any(struct store *s, struct arena *a, struct remembered *r,
		     struct diags *d)
{
	struct view v = { .api = s->api, .arena = a };
	bool forgotten = false;

	for (int i = 0; i < 2; i++) {
		enum verdict is;

		forgotten |= !stands(s->folder, NAME, "") &&
			     any_stands(s->folder, NAME);
		if (!provide(s, d))
			return false;
		is = attach_again(s, &v, r);
		if (is == GOOD) {
			r->forgotten = forgotten;
			return true;
		}
		let_go(s);
		if (is == NEWER)
			return newer(s->folder, v.why, d);
		if (is == TROUBLE)
			break;
		if (!put_aside(s->folder, v.why, d))
			return false;
		forgotten = true;
		v.db = NULL;
	}
	return diag_error(d, "cannot use '%s/" NAME "': %s", s->folder->path,
			  v.why);
}

/* Carries the log over into the database once it has grown long: that costs
 * syncs, and readers go through all of it. Whatever fails, the log is good. */
static void tidy(struct store *s)
{
	struct stat st;

	if (fstatat(s->folder->fd, NAME "-wal", &st, AT_SYMLINK_NOFOLLOW) ||
	    st.st_size <= LOG_MAX)
		return;
	/* Not worth waiting for someone who reads. */
	s->api->busy_timeout(s->db, 0);
	s->api->wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL,
				  NULL);
	s->api->busy_timeout(s->db, BUSY_TIMEOUT);
}

struct store *store_open(const struct folder *f, struct arena *a,
			 struct remembered *r, struct diags *d)
{
	const struct sqlite *api;
	struct store *s;

	*r = (struct remembered){ 0 };
	if (f->fd < 0 || f->lock < 0) {
		diag_error(d, "cannot write state without holding its lock");
		return NULL;
	}
	api = sqlite_load(d);
	if (!api)
		return NULL;
	s = xrealloc(NULL, sizeof(*s));
	*s = (struct store){ .api = api, .folder = f };
	if (open_any(s, a, r, d)) {
		tidy(s);
		return s;
	}
	*r = (struct remembered){ 0 };
	free(s);
	return NULL;
}

/* Looks at all of it once more, where that decides. */
static bool is_damaged(struct store *s)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct query all = { .sql = "PRAGMA integrity_check(1)",
			     .each = read_check };
	struct view v = { .api = s->api, .arena = &a };
	struct remembered ignored;
	enum verdict is;

	if (!s->doubtful)
		return true;
	is = attach(s, &v, &ignored);
	if (is == GOOD)
		is = query(&v, &all);
	let_go(s);
	return is == DAMAGED && blame_disk(s, &v) == DAMAGED;
}

void store_close(struct store *s, struct diags *d)
{
	if (!s)
		return;
	if (!s->begun && !s->broken)
		tidy(s);
	let_go(s);
	if (s->damaged && is_damaged(s))
		put_aside(s->folder, "writing to it failed", d);
	free(s);
}

static bool broken(struct store *s, const char *act, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	int rc = s->api->extended_errcode(s->db);

	s->broken = true;
	s->damaged = judge(rc) == DAMAGED;
	s->doubtful = (rc & 0xff) == SQLITE_CORRUPT;
	return diag_error(d, "cannot %s '%s/" NAME "': %s", act,
			  s->folder->path, reason(s->api, s->db, &a));
}

static bool ready(struct store *s, enum statement which, struct diags *d)
{
	const struct sqlite *api = s->api;

	if (s->broken)
		return diag_error(d,
				  "cannot write to '%s/" NAME "': it failed "
				  "before",
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
				  "cannot write to '%s/" NAME "': it failed "
				  "before",
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
	AUTO_FD int fd = openat(s->folder->fd, NAME "-wal",
				O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && sync_by(fdatasync, fd))
		return true;
	s->broken = true;
	return diag_errno(d, errno, "cannot sync '%s/" NAME "-wal'",
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

bool store_backup(struct store *s, const struct backup *b, struct diags *d)
{
	return put(s, d, PUT_BACKUP, "itttttiiiiiis", s->run, b->resource,
		   b->path, b->type, b->digest, b->target, b->mode, b->uid,
		   b->gid, b->size, b->mtime, b->time);
}
