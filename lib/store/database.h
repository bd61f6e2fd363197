/* SPDX-License-Identifier: MIT */
/*
 * What the files of the store share, and nobody else: a database that is read
 * or written, and how far it can be believed.
 */
#ifndef CONVERGE_STORE_DATABASE_H
#define CONVERGE_STORE_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/store/sqlite.h"
#include "lib/store/store.h"

#define DATABASE "state.db"

enum {
	BUSY_TIMEOUT = 5000, /* milliseconds, for someone's sqlite3(1) */
	NAME_SIZE = 128,     /* of a file in the folder */
	SEALED_SINCE = 4,    /* the version that brought what is sealed */
};

/* How a database turned out. */
enum verdict {
	GOOD,
	DAMAGED, /* cannot be believed: to be moved aside */
	NEWER,   /* to be left alone */
	TROUBLE, /* the system's: to be left alone too */
};

/* A database that is being read: by a look, or by its writer. */
struct view {
	const struct sqlite *api;
	sqlite3 *db;
	struct arena *arena;
	const char *why; /* when a verdict is not GOOD; in the arena */
	int version;     /* of its tables, once tables_version was asked */
};

/* What is written, and how: see write.c. */
enum statement {
	PUT_RUN,
	PUT_END,
	DROP_RUNS,
	DROP_CHANGES,
	PUT_CHANGE,
	PUT_BECAME,
	PUT_OUTCOME,
	PUT_DEBT,
	DROP_TARGET,
	DROP_DEBT,
	TAKE_DEBT,
	PUT_INTENT,
	DROP_INTENT,
	DROP_INTENTS,
	PUT_CREATED,
	DROP_CREATED,
	PUT_SEALED,
	DROP_SEALED,
	PUT_BACKUP,
	PUT_WORLD,
	PUT_PAST,
	DROP_PASTS,
	PUT_LOOK,
	DROP_LOOKS,
	STATEMENTS,
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

/* query.c: what an SQLite result code means. */
enum verdict verdict_of(int rc);
/* SQLite's own words, and the system's where it has any. */
const char *sqlite_reason(const struct sqlite *, sqlite3 *, struct arena *);
/* As verdict_of, and says why. */
enum verdict view_judge(struct view *, int rc);
/* DAMAGED, for that reason. */
enum verdict view_doubt(struct view *, const char *format, ...) PRINTF(2, 3);
/* Settings that hold for readers and the writer: nothing in the file may make
 * SQLite run anything, and its cells are checked as they are read. */
enum verdict view_set_up(struct view *);

/* Calls each for every row of sql, whose ? (at most two) are bound to text or,
 * when that is NULL, number, and to limit. */
struct query {
	const char *sql, *text;
	int64_t number, limit;
	int since; /* the version that brought its tables; 0: all have them */
	enum verdict (*each)(struct view *, sqlite3_stmt *row, void *out);
	void *out;
};

enum verdict view_query(struct view *, const struct query *);
int64_t row_number(struct view *, sqlite3_stmt *row, int i);
/* NULL for NULL. */
const char *row_text(struct view *, sqlite3_stmt *row, int i);
/* NULL is "": for what was never written as NULL. */
const char *row_some(struct view *, sqlite3_stmt *row, int i);
/* Whether column to holds the checksum of the columns from..to-1. */
bool row_whole(struct view *, sqlite3_stmt *row, int from, int to);
/* For query.each: the first column, into out. */
enum verdict read_number(struct view *, sqlite3_stmt *row, void *out);
enum verdict read_text(struct view *, sqlite3_stmt *row, void *out);
/* The same for SQLite's own checks, which say "ok" or what is wrong. */
enum verdict read_check(struct view *, sqlite3_stmt *row, void *out);
/* The checksum of a row, which begins with UINT32_MAX, goes on with these. */
uint32_t crc_text(uint32_t crc, const char *text);
uint32_t crc_int(uint32_t crc, int64_t value);

/* tables.c: whether they have a version that this converge knows. */
enum verdict tables_version(struct view *);
/* And are as they were made. */
enum verdict tables_check(struct view *);
/* Brings a database that is open for writing to this converge's version. */
enum verdict tables_upgrade(struct view *);
/* Made whole under another name, so that a state.db never is half a one. */
bool database_create(const struct folder *, const struct sqlite *,
		     struct diags *);

/* parts.c: what the names of its files end in: the database is more than one,
 * and the log alone would be played into whatever database comes to stand
 * beside it. */
enum { PARTS = 4 };
extern const char *const database_parts[PARTS];
/* Why its files cannot be read as a database at all; NULL: they can. *there:
 * whether there is a database at all; *error: an errno when that cannot be
 * said. */
const char *parts_wrong(const struct folder *, bool *there, int *error);
bool part_stands(const struct folder *, const char *name, const char *part);
bool parts_stand(const struct folder *, const char *name);
/* Moves all of them to a name that says that it is damaged, with a warning. */
bool parts_put_aside(const struct folder *, const char *why, struct diags *);
/* SQLite takes what it cannot read for damaged, as it checks its pages; but
 * what stands there may be good, and is for the next run. */
enum verdict blame_disk(const struct store *, struct view *);
/* Never tried again, but for EINTR: what failed once may be lost though the
 * next one says otherwise, fsync(2). */
bool sync_by(int (*how)(int), int fd);

/* remembered.c: all that a plan needs, or nothing. */
enum verdict recall(struct view *, struct remembered *);

/* What a look is for: fills what ask is given, from nothing each time. */
struct asking {
	enum verdict (*ask)(struct view *, const struct asking *);
	struct query *query;
	size_t *n; /* of the array that query fills */
	struct remembered *remembered;
};

/* history.c: rows into an array whose number of elements is *n. */
bool look_rows(const struct folder *, struct arena *, struct query *, size_t *n,
	       struct diags *);
int64_t look_limit(size_t limit);

/* look.c: true with *forgotten when nothing can be known. */
bool look_into(const struct folder *, struct arena *, const struct asking *,
	       bool *forgotten, struct diags *);
/* False, and says that a newer converge wrote it. */
bool refuse_newer(const struct folder *, const char *why, struct diags *);

#endif
