/* SPDX-License-Identifier: MIT */
/* Opening the store for writing, and closing it. */
#include "lib/store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOG_MAX = 1024 * 1024 };

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

	v->why = parts_wrong(f, &there, &error);
	if (v->why)
		return DAMAGED;
	fd = openat(f->fd, DATABASE, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
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
	enum verdict is = view_query(v, &q);

	if (is == GOOD && strcmp(mode, "wal") != 0) {
		v->why = "it cannot have a write-ahead log here";
		return TROUBLE;
	}
	if (is != GOOD)
		return is;
	return view_judge(v, v->api->exec(v->db,
					  "PRAGMA synchronous = NORMAL;"
					  "PRAGMA wal_autocheckpoint = 0;"
					  "PRAGMA secure_delete = OFF;"
					  "BEGIN IMMEDIATE; COMMIT",
					  NULL, NULL, NULL));
}

/* What cannot be opened for writing SQLite opens for reading, and says so at
 * the first write: by then it would seem damaged. */
static enum verdict open_writable(struct store *s, struct view *v)
{
	const char *path =
		arena_printf(v->arena, "%s/" DATABASE, s->folder->path);
	enum verdict is = view_judge(
		v, s->api->open_v2(path, &s->db,
				   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW,
				   NULL));

	v->db = s->db;
	if (is != GOOD || s->api->db_readonly(s->db, "main") == 0)
		return is;
	v->why = "it could not be opened for writing";
	return TROUBLE;
}

static enum verdict attach(struct store *s, struct view *v,
			   struct remembered *r)
{
	enum verdict is = check_files(s->folder, v);
	int version = 0;

	if (is == GOOD)
		is = open_writable(s, v);
	if (is == GOOD)
		is = view_set_up(v);
	if (is == GOOD)
		is = tables_version(v);
	version = v->version;
	if (is == GOOD)
		is = set_log(v);
	if (is == GOOD)
		is = tables_upgrade(v);
	if (is == GOOD)
		is = recall(v, r);
	/* an older one did not write them down */
	if (version < SEALED_SINCE)
		r->knows_sealed = false;
	return is;
}

/* A database and nothing else that would be taken for a part of it. */
static bool provide(struct store *s, struct diags *d)
{
	if (part_stands(s->folder, DATABASE, ""))
		return true;
	if (parts_stand(s->folder, DATABASE) &&
	    !parts_put_aside(s->folder, "parts of it are missing", d))
		return false;
	return database_create(s->folder, s->api, d);
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

		forgotten |= !part_stands(s->folder, DATABASE, "") &&
			     parts_stand(s->folder, DATABASE);
		if (!provide(s, d))
			return false;
		is = attach_again(s, &v, r);
		if (is == GOOD) {
			r->forgotten = forgotten;
			return true;
		}
		let_go(s);
		if (is == NEWER)
			return refuse_newer(s->folder, v.why, d);
		if (is == TROUBLE)
			break;
		if (!parts_put_aside(s->folder, v.why, d))
			return false;
		forgotten = true;
		v.db = NULL;
	}
	return diag_error(d, "cannot use '%s/" DATABASE "': %s",
			  s->folder->path, v.why);
}

/* Carries the log over into the database once it has grown long: that costs
 * syncs, and readers go through all of it. Whatever fails, the log is good. */
static void tidy(struct store *s)
{
	struct stat st;

	if (fstatat(s->folder->fd, DATABASE "-wal", &st, AT_SYMLINK_NOFOLLOW) ||
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
		is = view_query(&v, &all);
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
		parts_put_aside(s->folder, "writing to it failed", d);
	free(s);
}
