/* SPDX-License-Identifier: MIT */
#include "lib/store/sqlite.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/auto.h"

/* The one that SQLite has promised to keep compatible since 2004. */
#define LIBRARY "libsqlite3.so.0"

#define ROW(name)                                               \
	{                                                       \
		"sqlite3_" #name, offsetof(struct sqlite, name) \
	}

static const struct {
	const char *symbol;
	size_t offset;
} functions[] = {
	ROW(open_v2),
	ROW(close_v2),
	ROW(db_readonly),
	ROW(exec),
	ROW(prepare_v2),
	ROW(step),
	ROW(reset),
	ROW(finalize),
	ROW(bind_text),
	ROW(bind_int64),
	ROW(bind_null),
	ROW(column_type),
	ROW(column_text),
	ROW(column_int64),
	ROW(last_insert_rowid),
	ROW(extended_errcode),
	ROW(errmsg),
	ROW(errstr),
	ROW(system_errno),
	ROW(extended_result_codes),
	ROW(busy_timeout),
	ROW(db_config),
	ROW(wal_checkpoint_v2),
	ROW(vfs_find),
	ROW(vfs_register),
};

/* Through memory: ISO C has no cast from a data to a function pointer, and
 * dlsym(3) promises that the bits are the same. */
static const char *fill(void *library, struct sqlite *api)
{
	for (size_t i = 0; i < COUNT(functions); i++) {
		void *symbol = dlsym(library, functions[i].symbol);

		if (!symbol)
			return functions[i].symbol;
		memcpy((char *)api + functions[i].offset, &symbol,
		       sizeof(symbol));
	}
	return NULL;
}

const struct sqlite *sqlite_load(struct diags *d)
{
	static struct sqlite api;
	static void *library;
	const char *missing;

	if (library)
		return &api;
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		diag_error(d,
			   "cannot load SQLite, which the state is kept "
			   "with: %s",
			   dlerror());
		diag_hint(d, "install the package that has " LIBRARY
			     " (libsqlite3-0, sqlite-libs)");
		return NULL;
	}
	missing = fill(library, &api);
	if (!missing)
		return &api;
	dlclose(library);
	library = NULL;
	diag_error(d, "cannot use " LIBRARY ": it has no %s", missing);
	return NULL;
}

/*
 * The rest is a virtual file system of SQLite (https://sqlite.org/vfs.html)
 * that knows two files of one folder, and only reads.
 */

struct looked {
	sqlite3_file file; /* first: SQLite's part */
	int fd;            /* -1: not there, read as an empty file */
};

static struct looked *looked(sqlite3_file *file)
{
	return (struct looked *)(void *)file;
}

static int look_close(sqlite3_file *file)
{
	struct looked *l = looked(file);

	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	return SQLITE_OK;
}

static int look_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
	struct looked *l = looked(file);
	size_t have = 0, want = (size_t)n;

	while (l->fd >= 0 && have < want) {
		ssize_t r = pread(l->fd, (char *)to + have, want - have,
				  (off_t)at + (off_t)have);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return SQLITE_IOERR_READ;
		if (r == 0)
			break;
		have += (size_t)r;
	}
	if (have == want)
		return SQLITE_OK;
	memset((char *)to + have, 0, want - have);
	return SQLITE_IOERR_SHORT_READ;
}

static int look_write(sqlite3_file *file, const void *from, int n,
		      sqlite3_int64 at)
{
	(void)file;
	(void)from;
	(void)n;
	(void)at;
	return SQLITE_READONLY;
}

static int look_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	(void)file;
	(void)size;
	return SQLITE_READONLY;
}

/* Of syncing, locking and unlocking there is nothing to do. */
static int look_nothing(sqlite3_file *file, int how)
{
	(void)file;
	(void)how;
	return SQLITE_OK;
}

static int look_size(sqlite3_file *file, sqlite3_int64 *size)
{
	struct looked *l = looked(file);
	struct stat st = { .st_size = 0 };

	if (l->fd >= 0 && fstat(l->fd, &st) < 0)
		return SQLITE_IOERR_FSTAT;
	*size = st.st_size;
	return SQLITE_OK;
}

static int look_reserved(sqlite3_file *file, int *reserved)
{
	(void)file;
	*reserved = 0;
	return SQLITE_OK;
}

static int look_control(sqlite3_file *file, int operation, void *argument)
{
	(void)file;
	(void)operation;
	(void)argument;
	return SQLITE_NOTFOUND;
}

static int look_sector(sqlite3_file *file)
{
	(void)file;
	return 4096;
}

static int look_traits(sqlite3_file *file)
{
	(void)file;
	return 0;
}

/* Version 1 has no shared memory, which in exclusive locking mode none needs:
 * the index of the log is then made in this process's memory. */
static const sqlite3_io_methods look_methods = {
	.iVersion = 1,
	.xClose = look_close,
	.xRead = look_read,
	.xWrite = look_write,
	.xTruncate = look_truncate,
	.xSync = look_nothing,
	.xFileSize = look_size,
	.xLock = look_nothing,
	.xUnlock = look_nothing,
	.xCheckReservedLock = look_reserved,
	.xFileControl = look_control,
	.xSectorSize = look_sector,
	.xDeviceCharacteristics = look_traits,
};

/* Only what converge itself may have written is parsed. */
static int open_ours(int folder, const char *name)
{
	int fd = openat(folder, name,
			O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK |
				O_NOCTTY);
	struct stat st;

	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		       st.st_uid == geteuid()))
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

static int look_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
		     int flags, int *out)
{
	const int *folder = vfs->pAppData;
	struct looked *l = looked(file);

	*l = (struct looked){ .fd = -1 };
	if (!name || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
		return SQLITE_CANTOPEN;
	l->fd = open_ours(*folder, name);
	if (l->fd < 0 && (errno != ENOENT || !(flags & SQLITE_OPEN_WAL)))
		return SQLITE_CANTOPEN;
	l->file.pMethods = &look_methods;
	if (out)
		*out = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) |
		       SQLITE_OPEN_READONLY;
	return SQLITE_OK;
}

static int look_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs;
	(void)name;
	(void)sync;
	return SQLITE_READONLY;
}

static int look_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	const int *folder = vfs->pAppData;
	struct stat st;

	*out = flags != SQLITE_ACCESS_READWRITE &&
	       fstatat(*folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	return SQLITE_OK;
}

static int look_path(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	(void)vfs;
	return snprintf(out, (size_t)size, "%s", name) < size ? SQLITE_OK
							      : SQLITE_CANTOPEN;
}

int sqlite_look(const struct sqlite *api, int folder, const char *name,
		sqlite3 **db)
{
	static sqlite3_vfs vfs;
	static int looked_into;
	int rc;

	*db = NULL;
	looked_into = folder;
	if (!vfs.zName) {
		const sqlite3_vfs *usual = api->vfs_find(NULL);

		if (!usual)
			return SQLITE_ERROR;
		/* Time, sleep and randomness are the system's. */
		vfs = *usual;
		vfs.iVersion = 1;
		vfs.szOsFile = (int)sizeof(struct looked);
		vfs.pNext = NULL;
		vfs.zName = "converge-look";
		vfs.pAppData = &looked_into;
		vfs.xOpen = look_open;
		vfs.xDelete = look_delete;
		vfs.xAccess = look_access;
		vfs.xFullPathname = look_path;
		rc = api->vfs_register(&vfs, 0);
		if (rc != SQLITE_OK) {
			vfs.zName = NULL;
			return rc;
		}
	}
	rc = api->open_v2(name, db, SQLITE_OPEN_READONLY, vfs.zName);
	if (rc != SQLITE_OK)
		return rc;
	return api->exec(*db, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL,
			 NULL);
}

void sqlite_mark(int folder, const char *name, struct sqlite_mark *mark)
{
	AUTO_FD int fd = -1;
	struct stat st;
	char log[64];
	ssize_t n;

	memset(mark, 0, sizeof(*mark));
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		mark->device = st.st_dev;
		mark->inode = st.st_ino;
		mark->size = (uint64_t)st.st_size;
		mark->mtime = (int64_t)st.st_mtim.tv_sec * 1000000000 +
			      st.st_mtim.tv_nsec;
	}
	snprintf(log, sizeof(log), "%s-wal", name);
	fd = open_ours(folder, log);
	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	mark->log_inode = st.st_ino;
	n = pread(fd, mark->log, sizeof(mark->log), 0);
	if (n < (ssize_t)sizeof(mark->log))
		memset(mark->log, 0, sizeof(mark->log));
}
