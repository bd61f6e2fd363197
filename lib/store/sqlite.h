/* SPDX-License-Identifier: MIT */
/*
 * The SQLite library, loaded when it is first needed: a run that has nothing
 * to remember does not pay for linking it. And a way to look into a database
 * that another process may be writing, which takes no lock and can write
 * nothing.
 */
#ifndef CONVERGE_STORE_SQLITE_H
#define CONVERGE_STORE_SQLITE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/diag.h"

/* The functions in use, as sqlite3.h declares them without the prefix. */
struct sqlite {
	int (*open_v2)(const char *, sqlite3 **, int, const char *);
	int (*close_v2)(sqlite3 *);
	int (*db_readonly)(sqlite3 *, const char *);
	int (*exec)(sqlite3 *, const char *,
		    int (*)(void *, int, char **, char **), void *, char **);
	int (*prepare_v2)(sqlite3 *, const char *, int, sqlite3_stmt **,
			  const char **);
	int (*step)(sqlite3_stmt *);
	int (*reset)(sqlite3_stmt *);
	int (*finalize)(sqlite3_stmt *);
	int (*bind_text)(sqlite3_stmt *, int, const char *, int,
			 void (*)(void *));
	int (*bind_int64)(sqlite3_stmt *, int, sqlite3_int64);
	int (*bind_null)(sqlite3_stmt *, int);
	int (*column_type)(sqlite3_stmt *, int);
	const unsigned char *(*column_text)(sqlite3_stmt *, int);
	sqlite3_int64 (*column_int64)(sqlite3_stmt *, int);
	sqlite3_int64 (*last_insert_rowid)(sqlite3 *);
	int (*extended_errcode)(sqlite3 *);
	const char *(*errmsg)(sqlite3 *);
	const char *(*errstr)(int);
	int (*system_errno)(sqlite3 *);
	int (*extended_result_codes)(sqlite3 *, int);
	int (*busy_timeout)(sqlite3 *, int);
	int (*db_config)(sqlite3 *, int, ...);
	int (*wal_checkpoint_v2)(sqlite3 *, const char *, int, int *, int *);
	sqlite3_vfs *(*vfs_find)(const char *);
	int (*vfs_register)(sqlite3_vfs *, int);
};

/* The library, or NULL with a diagnostic. Loaded once a process. */
const struct sqlite *sqlite_load(struct diags *);

/*
 * Opens the database name in folder for looking. It and its write-ahead log
 * ("name-wal") are opened O_RDONLY and without locks, so that a reader never
 * holds up a writer, nor a stopped reader for ever. What is read is therefore
 * only good if sqlite_mark gives the same before the opening and after all is
 * read. One at a time. An SQLite result code; *db is to be closed in any case.
 */
int sqlite_look(const struct sqlite *, int folder, const char *name,
		sqlite3 **db);

/*
 * What changes when a look goes wrong: the log grows only at its end, and has
 * other salts (bytes 16 to 23) once it is begun anew; the database is written
 * only from the log (https://sqlite.org/fileformat2.html#walformat).
 */
struct sqlite_mark {
	uint64_t device, inode, size;
	int64_t mtime; /* nanoseconds */
	uint64_t log_inode;
	unsigned char log[32]; /* its header */
};

void sqlite_mark(int folder, const char *name, struct sqlite_mark *);

#endif
