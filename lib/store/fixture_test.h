/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the store share: a state folder of their own, a store with
 * something of everything in it, and what lies in the folder.
 */
#ifndef CONVERGE_STORE_FIXTURE_TEST_H
#define CONVERGE_STORE_FIXTURE_TEST_H

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/store/sqlite.h"
#include "lib/store/store.h"
#include "lib/test.h"

static char base[64];
static struct arena arena;
static struct diags diags;
static struct folder folder;
static struct remembered r;

static const struct run_record run = { .host = "web-1",
				       .source = "/etc/world",
				       .revision = "3f2c1ab",
				       .command = "apply --quiet",
				       .pid = 42,
				       .started = 1700000000 };

static inline const char *at(const char *name)
{
	return arena_printf(&arena, "%s/%s", base, name);
}

static inline const char *said(void)
{
	return diags.n ? diags.v[diags.n - 1].text : "";
}

static inline void assert_said(const char *part)
{
	ck_assert_msg(strstr(said(), part), "'%s' does not say '%s'", said(),
		      part);
}

static inline void reopen_folder(void)
{
	const struct lock_wait wait = { .timeout = 10000 };

	folder_close(&folder);
	ck_assert_msg(folder_open(&folder, at("s"), true, &arena, &diags), "%s",
		      said());
	ck_assert_int_eq(folder_lock(&folder, &wait, "test", &diags),
			 LOCK_TAKEN);
}

static inline void set_up(void)
{
	memcpy(base, "/tmp/converge-XXXXXX", 21);
	ck_assert_ptr_nonnull(mkdtemp(base));
	folder = (struct folder)FOLDER_NONE;
	reopen_folder();
}

static inline void shell(const char *command)
{
	ck_assert_int_eq(system(command), 0);
}

static inline void tear_down(void)
{
	folder_close(&folder);
	shell(arena_printf(&arena, "rm -rf '%s'", base));
	arena_release(&arena);
	diags_release(&diags);
}

static inline struct store *opened(void)
{
	struct store *s = store_open(&folder, &arena, &r, &diags);

	ck_assert_msg(s != NULL, "%s", said());
	return s;
}

static inline void closed(struct store *s)
{
	store_close(s, &diags);
}

#define MUST(call) ck_assert_msg((call), "%s", said())

static inline void begin(struct store *s)
{
	MUST(store_begin(s, &run, &diags));
}

static inline void end(struct store *s)
{
	static const struct run_counts counts = { 1, 2, 3, 4, 5, 6, 7 };

	MUST(store_end(s, 1700000060, 4, &counts, &diags));
}

/* One run with something of everything. */
static inline void fill_store(bool ended)
{
	struct store *s = opened();
	struct change_record c = { .resource = "file:/etc/motd",
				   .action = "create",
				   .digest = "abcd",
				   .attributes = "{\"mode\":\"0644\"}" };
	struct backup b = { .resource = "file:/etc/motd",
			    .path = "/etc/motd",
			    .type = "file",
			    .digest = "e3b0",
			    .mode = 0644,
			    .uid = 7,
			    .gid = 8,
			    .size = 9,
			    .mtime = INT64_C(1700000000123456789),
			    .time = 1700000001 };
	const struct world_record world = { "0123abcd", 1700000002,
					    1700000003 };
	int64_t id;

	begin(s);
	MUST(store_change(s, &c, &id, &diags));
	MUST(store_backup(s, &b, &diags));
	MUST(store_intend(s, "/etc", ".converge-1", &diags));
	MUST(store_intend(s, "/etc", ".converge-2", &diags));
	MUST(store_owe(s, "service:nginx", "file:/etc/nginx/nginx.conf",
		       "it changes", &diags));
	MUST(store_owe(s, "service:cron", "file:/etc/crontab", NULL, &diags));
	MUST(store_sync(s, &diags));
	MUST(store_outcome(s, id, RESULT_DONE, NULL, &diags));
	MUST(store_created(s, "file:/etc/motd", "/etc/motd", &diags));
	MUST(store_created(s, "user:app", NULL, &diags));
	MUST(store_cleaned(s, "/etc", ".converge-1", &diags));
	MUST(store_sealed(s, "/etc/key", "line:key", &diags));
	MUST(store_sealed(s, "/etc/gone", "line:gone", &diags));
	MUST(store_sealed(s, "/etc/app.conf", "ini:app", &diags));
	MUST(store_unsealed(s, "/etc/gone", &diags));
	MUST(store_world(s, &world, &diags));
	if (ended)
		end(s);
	MUST(store_sync(s, &diags));
	closed(s);
}

static inline bool has_sealed(void)
{
	return r.knows_sealed && r.nsealed == 2 &&
	       strcmp(r.sealed[0].path, "/etc/app.conf") == 0 &&
	       strcmp(r.sealed[0].resource, "ini:app") == 0 &&
	       strcmp(r.sealed[1].path, "/etc/key") == 0 &&
	       strcmp(r.sealed[1].resource, "line:key") == 0;
}

/* Whether r is what fill_store left, but for what older ones did not know. */
static inline bool is_filled_but_sealed(void)
{
	return r.ndebts == 2 && r.nleftovers == 1 && r.ncreations == 2 &&
	       strcmp(r.debts[0].target, "service:cron") == 0 &&
	       strcmp(r.debts[0].cause, "file:/etc/crontab") == 0 &&
	       strcmp(r.debts[0].reason, "") == 0 && r.debts[0].run == 1 &&
	       strcmp(r.debts[1].target, "service:nginx") == 0 &&
	       strcmp(r.debts[1].cause, "file:/etc/nginx/nginx.conf") == 0 &&
	       strcmp(r.debts[1].reason, "it changes") == 0 &&
	       strcmp(r.leftovers[0].directory, "/etc") == 0 &&
	       strcmp(r.leftovers[0].name, ".converge-2") == 0 &&
	       r.leftovers[0].run == 1 &&
	       strcmp(r.creations[0].id, "file:/etc/motd") == 0 &&
	       strcmp(r.creations[0].path, "/etc/motd") == 0 &&
	       strcmp(r.creations[1].id, "user:app") == 0 &&
	       !r.creations[1].path && r.world.revision &&
	       strcmp(r.world.revision, "0123abcd") == 0 &&
	       r.world.time == 1700000002 && r.world.taken == 1700000003;
}

static inline bool is_filled(void)
{
	return is_filled_but_sealed() && has_sealed();
}

static inline bool is_empty(void)
{
	return !r.ndebts && !r.nleftovers && !r.ncreations &&
	       !r.world.revision && !r.nsealed && !r.knows_sealed;
}

static inline void load(void)
{
	MUST(store_load(&folder, &arena, &r, &diags));
}

static inline const char *db(void)
{
	return at("s/state.db");
}

/* Calls act for each name in the state folder that begins so; how many. */
static inline size_t each_name(const char *prefix,
			       void (*act)(const char *path))
{
	DIR *dir = opendir(at("s"));
	struct dirent *entry;
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
			continue;
		n++;
		if (act)
			act(arena_printf(&arena, "%s/s/%s", base,
					 entry->d_name));
	}
	closedir(dir);
	return n;
}

static inline size_t count(const char *prefix)
{
	return each_name(prefix, NULL);
}

/* Leaves all in the database itself, and no log. */
static inline void carry_over(void)
{
	sqlite3 *d;

	ck_assert_int_eq(sqlite3_open(db(), &d), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(d, "PRAGMA wal_checkpoint(TRUNCATE)",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(d);
}

static inline void sql(const char *text)
{
	sqlite3 *d;

	ck_assert_int_eq(sqlite3_open(db(), &d), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(d, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(d);
}

/* What a look leaves behind: names, sizes and times of the folder. */
static inline const char *listing(void)
{
	struct buf out = { 0 };
	char line[256];
	FILE *f = popen(arena_printf(&arena,
				     "find '%s' -printf '%%f %%y %%m %%s %%T@ "
				     "%%C@ %%i\\n' | sort",
				     at("s")),
			"r");
	const char *text;

	while (fgets(line, sizeof(line), f))
		buf_puts(&out, line);
	pclose(f);
	text = arena_strdup(&arena, buf_text(&out));
	buf_release(&out);
	return text;
}

#endif
