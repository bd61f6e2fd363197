/* SPDX-License-Identifier: MIT */
/* The tables: what they are, whether they are there, and a new database. */
#include "lib/store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FRESH DATABASE ".new"
#define SET_VERSION "PRAGMA user_version = 4;"

enum {
	VERSION = 4,
	/* Versions come one at a time: what is beyond is no version. */
	NEWEST = 10000,
};
_Static_assert(VERSION == 4, "SET_VERSION writes it");

/*
 * The tables. "sum" is a checksum of the row's other columns: SQLite's log
 * keeps a torn write out, but does not see a bit that turned on the disk, and
 * by these rows things are removed, restarted and put back.
 */
static const struct {
	const char *name, *sql;
	int since; /* the version that brought it */
} tables[] = {
	{ "runs",
	  "CREATE TABLE runs (id INTEGER PRIMARY KEY, "
	  "host TEXT NOT NULL, source TEXT NOT NULL, revision TEXT, "
	  "command TEXT NOT NULL, pid INTEGER NOT NULL, "
	  "started INTEGER NOT NULL, finished INTEGER, code INTEGER, "
	  "created INTEGER, updated INTEGER, removed INTEGER, "
	  "refreshed INTEGER, failed INTEGER, withheld INTEGER, "
	  "unchanged INTEGER)",
	  1 },
	{ "changes",
	  "CREATE TABLE changes (id INTEGER PRIMARY KEY, "
	  "run INTEGER NOT NULL, resource TEXT NOT NULL, "
	  "action TEXT NOT NULL, digest TEXT, attributes TEXT, "
	  "result TEXT NOT NULL, reason TEXT)",
	  1 },
	{ "changes_run", "CREATE INDEX changes_run ON changes (run)", 1 },
	{ "changes_resource",
	  "CREATE INDEX changes_resource ON changes (resource)", 1 },
	{ "owed",
	  "CREATE TABLE owed (target TEXT NOT NULL, "
	  "cause TEXT NOT NULL, reason TEXT, run INTEGER NOT NULL, "
	  "sum INTEGER NOT NULL, PRIMARY KEY (target, cause)) "
	  "WITHOUT ROWID",
	  1 },
	{ "intents",
	  "CREATE TABLE intents (directory TEXT NOT NULL, "
	  "name TEXT NOT NULL, run INTEGER NOT NULL, "
	  "sum INTEGER NOT NULL, PRIMARY KEY (directory, name)) "
	  "WITHOUT ROWID",
	  1 },
	{ "created",
	  "CREATE TABLE created (id TEXT NOT NULL PRIMARY KEY, "
	  "path TEXT, run INTEGER NOT NULL, sum INTEGER NOT NULL) "
	  "WITHOUT ROWID",
	  1 },
	{ "backups",
	  "CREATE TABLE backups (id INTEGER PRIMARY KEY, "
	  "run INTEGER NOT NULL, resource TEXT NOT NULL, "
	  "path TEXT NOT NULL, type TEXT NOT NULL, digest TEXT, "
	  "target TEXT, mode INTEGER NOT NULL, "
	  "uid INTEGER NOT NULL, gid INTEGER NOT NULL, "
	  "size INTEGER NOT NULL, mtime INTEGER NOT NULL, "
	  "time INTEGER NOT NULL, sum INTEGER NOT NULL)",
	  1 },
	{ "backups_run", "CREATE INDEX backups_run ON backups (run)", 1 },
	{ "world",
	  "CREATE TABLE world (id INTEGER PRIMARY KEY, "
	  "revision TEXT NOT NULL, time INTEGER NOT NULL, "
	  "taken INTEGER NOT NULL, sum INTEGER NOT NULL)",
	  2 },
	{ "past",
	  "CREATE TABLE past (change INTEGER PRIMARY KEY, "
	  "revision TEXT NOT NULL, date INTEGER NOT NULL, "
	  "author TEXT NOT NULL, subject TEXT NOT NULL)",
	  3 },
	{ "looks",
	  "CREATE TABLE looks (id INTEGER PRIMARY KEY, "
	  "first INTEGER NOT NULL, last INTEGER NOT NULL, "
	  "times INTEGER NOT NULL, source TEXT, ruling TEXT NOT NULL, "
	  "revision TEXT, reason TEXT)",
	  3 },
	{ "sealed",
	  "CREATE TABLE sealed (path TEXT NOT NULL, "
	  "resource TEXT NOT NULL, run INTEGER NOT NULL, "
	  "sum INTEGER NOT NULL, PRIMARY KEY (path, resource)) "
	  "WITHOUT ROWID",
	  SEALED_SINCE },
};

/* A table of another shape would be read as something else. */
static enum verdict check_shapes(struct view *v)
{
	for (size_t i = 0; i < COUNT(tables); i++) {
		const char *sql = "";
		struct query q = { .sql = "SELECT sql FROM sqlite_master "
					  "WHERE name = ?",
				   .text = tables[i].name,
				   .each = read_text,
				   .out = &sql };
		enum verdict is = view_query(v, &q);
		bool due = tables[i].since <= v->version;

		if (is != GOOD)
			return is;
		if (strcmp(sql, due ? tables[i].sql : "") != 0)
			return view_doubt(v,
					  "its table %s is not as it was made",
					  tables[i].name);
	}
	return GOOD;
}

enum verdict tables_version(struct view *v)
{
	int64_t version = 0;
	struct query q = { .sql = "PRAGMA user_version",
			   .each = read_number,
			   .out = &version };
	enum verdict is = view_query(v, &q);

	v->version = (int)version;
	if (is != GOOD || (version >= 1 && version <= VERSION))
		return is;
	if (version > VERSION && version < NEWEST) {
		v->why = arena_printf(v->arena,
				      "a newer converge wrote it (version %lld "
				      "of its tables, here %d)",
				      (long long)version, VERSION);
		return NEWER;
	}
	return view_doubt(v, "it has no version");
}

enum verdict tables_check(struct view *v)
{
	enum verdict is = tables_version(v);

	return is == GOOD ? check_shapes(v) : is;
}

static int make_since(const struct sqlite *api, sqlite3 *db, int version)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; rc == SQLITE_OK && i < COUNT(tables); i++)
		if (tables[i].since > version)
			rc = api->exec(db, tables[i].sql, NULL, NULL, NULL);
	return rc;
}

/* One step, all or nothing: what an older one wrote stays. */
enum verdict tables_upgrade(struct view *v)
{
	enum verdict is = tables_check(v);
	int rc;

	if (is != GOOD || v->version == VERSION)
		return is;
	rc = v->api->exec(v->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = make_since(v->api, v->db, v->version);
	if (rc == SQLITE_OK)
		rc = v->api->exec(v->db, SET_VERSION "COMMIT", NULL, NULL,
				  NULL);
	return view_judge(v, rc);
}

static bool remove_fresh(const struct folder *f, struct diags *d)
{
	for (size_t i = 0; i < PARTS; i++) {
		char name[NAME_SIZE];

		snprintf(name, sizeof(name), FRESH "%s", database_parts[i]);
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

	if (rc == SQLITE_OK)
		rc = make_since(api, db, 0);
	if (rc != SQLITE_OK)
		return rc;
	return api->exec(db,
			 SET_VERSION "COMMIT;"
				     "PRAGMA journal_mode = WAL",
			 NULL, NULL, NULL);
}

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
			   sqlite_reason(api, db, &a));
	api->close_v2(db);
	return rc == SQLITE_OK;
}

bool database_create(const struct folder *f, const struct sqlite *api,
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
	if (!sync_by(fsync, fd) ||
	    renameat(f->fd, FRESH, f->fd, DATABASE) < 0 ||
	    !sync_by(fsync, f->fd))
		return diag_errno(d, errno, "cannot make '%s/" DATABASE "'",
				  f->path);
	return true;
}
