/* SPDX-License-Identifier: MIT */
#include "lib/store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/store/sqlite.h"
#include "lib/test.h"

enum { NOBODY = 65534 };

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

static const char *at(const char *name)
{
	return arena_printf(&arena, "%s/%s", base, name);
}

static const char *said(void)
{
	return diags.n ? diags.v[diags.n - 1].text : "";
}

static void assert_said(const char *part)
{
	ck_assert_msg(strstr(said(), part), "'%s' does not say '%s'", said(),
		      part);
}

static void reopen_folder(void)
{
	const struct lock_wait wait = { .timeout = 10000 };

	folder_close(&folder);
	ck_assert_msg(folder_open(&folder, at("s"), true, &arena, &diags), "%s",
		      said());
	ck_assert_int_eq(folder_lock(&folder, &wait, "test", &diags),
			 LOCK_TAKEN);
}

static void set_up(void)
{
	memcpy(base, "/tmp/converge-XXXXXX", 21);
	ck_assert_ptr_nonnull(mkdtemp(base));
	folder = (struct folder)FOLDER_NONE;
	reopen_folder();
}

static void shell(const char *command)
{
	ck_assert_int_eq(system(command), 0);
}

static void tear_down(void)
{
	folder_close(&folder);
	shell(arena_printf(&arena, "rm -rf '%s'", base));
	arena_release(&arena);
	diags_release(&diags);
}

static struct store *opened(void)
{
	struct store *s = store_open(&folder, &arena, &r, &diags);

	ck_assert_msg(s != NULL, "%s", said());
	return s;
}

static void closed(struct store *s)
{
	store_close(s, &diags);
}

#define MUST(call) ck_assert_msg((call), "%s", said())

static void begin(struct store *s)
{
	MUST(store_begin(s, &run, &diags));
}

static void end(struct store *s)
{
	static const struct run_counts counts = { 1, 2, 3, 4, 5, 6, 7 };

	MUST(store_end(s, 1700000060, 4, &counts, &diags));
}

/* One run with something of everything. */
static void fill_store(bool ended)
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
	if (ended)
		end(s);
	MUST(store_sync(s, &diags));
	closed(s);
}

/* Whether r is what fill_store left. */
static bool is_filled(void)
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
	       !r.creations[1].path;
}

static bool is_empty(void)
{
	return !r.ndebts && !r.nleftovers && !r.ncreations;
}

static void load(void)
{
	MUST(store_load(&folder, &arena, &r, &diags));
}

static const char *db(void)
{
	return at("s/state.db");
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* Calls act for each name in the state folder that begins so; how many. */
static size_t each_name(const char *prefix, void (*act)(const char *path))
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

static size_t count(const char *prefix)
{
	return each_name(prefix, NULL);
}

static void remove_any(const char *path)
{
	if (unlink(path) < 0)
		shell(arena_printf(&arena, "rm -rf '%s'", path));
}

static void remove_database(void)
{
	each_name("state.db", remove_any);
}

/* Leaves all in the database itself, and no log. */
static void carry_over(void)
{
	sqlite3 *d;

	ck_assert_int_eq(sqlite3_open(db(), &d), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(d, "PRAGMA wal_checkpoint(TRUNCATE)",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(d);
}

static void sql(const char *text)
{
	sqlite3 *d;

	ck_assert_int_eq(sqlite3_open(db(), &d), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(d, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(d);
}

static void copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct stat st;

	ck_assert_int_eq(fstat(in, &st), 0);
	while (st.st_size > 0) {
		ssize_t n = sendfile(out, in, NULL, (size_t)st.st_size);

		ck_assert_int_gt(n, 0);
		st.st_size -= n;
	}
	close(in);
	close(out);
}

static int in_child(int (*act)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(act());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The compiler compares the table with sqlite3.h. */
START_TEST(function_table_is_as_declared)
{
	const struct sqlite want = {
		.open_v2 = sqlite3_open_v2,
		.close_v2 = sqlite3_close_v2,
		.exec = sqlite3_exec,
		.prepare_v2 = sqlite3_prepare_v2,
		.step = sqlite3_step,
		.reset = sqlite3_reset,
		.finalize = sqlite3_finalize,
		.bind_text = sqlite3_bind_text,
		.bind_int64 = sqlite3_bind_int64,
		.bind_null = sqlite3_bind_null,
		.column_type = sqlite3_column_type,
		.column_text = sqlite3_column_text,
		.column_int64 = sqlite3_column_int64,
		.last_insert_rowid = sqlite3_last_insert_rowid,
		.extended_errcode = sqlite3_extended_errcode,
		.errmsg = sqlite3_errmsg,
		.errstr = sqlite3_errstr,
		.system_errno = sqlite3_system_errno,
		.extended_result_codes = sqlite3_extended_result_codes,
		.busy_timeout = sqlite3_busy_timeout,
		.db_config = sqlite3_db_config,
		.wal_checkpoint_v2 = sqlite3_wal_checkpoint_v2,
		.vfs_find = sqlite3_vfs_find,
		.vfs_register = sqlite3_vfs_register,
	};

	ck_assert_ptr_nonnull(sqlite_load(&diags));
	ck_assert_int_eq(memcmp(sqlite_load(&diags), &want, sizeof(want)), 0);
}
END_TEST

START_TEST(no_folder_and_no_database_are_an_empty_store)
{
	struct folder none = FOLDER_NONE;
	struct runs runs;

	set_up();
	MUST(store_load(&none, &arena, &r, &diags));
	ck_assert(is_empty() && !r.last_run && !r.killed && !r.forgotten);
	load();
	ck_assert(is_empty() && !r.last_run && !r.killed && !r.forgotten);
	MUST(store_runs(&folder, 10, &arena, &runs, &diags));
	ck_assert_uint_eq(runs.n, 0);
	ck_assert_uint_eq(diags.n, 0);
	ck_assert_uint_eq(count("state"), 0);
	tear_down();
}
END_TEST

START_TEST(what_was_synced_is_remembered)
{
	struct store *s;

	set_up();
	fill_store(true);
	load();
	ck_assert(is_filled());
	ck_assert_int_eq(r.last_run, 1);
	ck_assert(!r.killed && !r.forgotten);
	r = (struct remembered){ 0 };
	s = opened();
	ck_assert(is_filled() && !r.killed && !r.forgotten);
	closed(s);
	ck_assert_uint_eq(diags.n, 0);
	tear_down();
}
END_TEST

START_TEST(run_without_an_end_was_killed)
{
	struct runs runs;
	struct store *s;

	set_up();
	fill_store(false);
	load();
	ck_assert(is_filled() && r.killed);
	MUST(store_runs(&folder, 10, &arena, &runs, &diags));
	ck_assert_uint_eq(runs.n, 1);
	ck_assert(!runs.v[0].ended);
	s = opened();
	ck_assert(r.killed && r.last_run == 1);
	begin(s);
	ck_assert_int_eq(store_run(s), 2);
	end(s);
	MUST(store_flush(s, &diags));
	closed(s);
	load();
	ck_assert(!r.killed && r.last_run == 2);
	tear_down();
}
END_TEST

START_TEST(history_is_as_it_was_written)
{
	struct changes changes;
	struct backups backups;
	struct runs runs;

	set_up();
	fill_store(true);
	MUST(store_runs(&folder, 10, &arena, &runs, &diags));
	ck_assert_uint_eq(runs.n, 1);
	ck_assert_int_eq(runs.v[0].id, 1);
	ck_assert_str_eq(runs.v[0].host, "web-1");
	ck_assert_str_eq(runs.v[0].source, "/etc/world");
	ck_assert_str_eq(runs.v[0].revision, "3f2c1ab");
	ck_assert_str_eq(runs.v[0].command, "apply --quiet");
	ck_assert_int_eq(runs.v[0].pid, 42);
	ck_assert_int_eq(runs.v[0].started, 1700000000);
	ck_assert(runs.v[0].ended);
	ck_assert_int_eq(runs.v[0].finished, 1700000060);
	ck_assert_int_eq(runs.v[0].code, 4);
	ck_assert_int_eq(runs.v[0].counts.created, 1);
	ck_assert_int_eq(runs.v[0].counts.unchanged, 7);

	MUST(store_changes(&folder, 1, &arena, &changes, &diags));
	ck_assert_uint_eq(changes.n, 1);
	ck_assert_str_eq(changes.v[0].resource, "file:/etc/motd");
	ck_assert_str_eq(changes.v[0].action, "create");
	ck_assert_str_eq(changes.v[0].digest, "abcd");
	ck_assert_str_eq(changes.v[0].attributes, "{\"mode\":\"0644\"}");
	ck_assert_int_eq(changes.v[0].result, RESULT_DONE);
	ck_assert_ptr_null(changes.v[0].reason);
	MUST(store_changes(&folder, 2, &arena, &changes, &diags));
	ck_assert_uint_eq(changes.n, 0);

	MUST(store_backups(&folder, 1, &arena, &backups, &diags));
	ck_assert_uint_eq(backups.n, 1);
	ck_assert_str_eq(backups.v[0].path, "/etc/motd");
	ck_assert_str_eq(backups.v[0].type, "file");
	ck_assert_str_eq(backups.v[0].digest, "e3b0");
	ck_assert_ptr_null(backups.v[0].target);
	ck_assert_int_eq(backups.v[0].mode, 0644);
	ck_assert_int_eq(backups.v[0].uid, 7);
	ck_assert_int_eq(backups.v[0].gid, 8);
	ck_assert_int_eq(backups.v[0].size, 9);
	ck_assert_int_eq(backups.v[0].mtime, INT64_C(1700000000123456789));
	ck_assert_int_eq(backups.v[0].time, 1700000001);
	tear_down();
}
END_TEST

START_TEST(changes_of_a_resource_come_newest_first)
{
	struct change_record c = { .resource = "file:/a", .action = "update" };
	struct changes changes;
	struct store *s;
	int64_t id;

	set_up();
	for (int i = 0; i < 3; i++) {
		s = opened();
		begin(s);
		MUST(store_change(s, &c, &id, &diags));
		MUST(store_outcome(s, id, (enum result)i, "why", &diags));
		MUST(store_sync(s, &diags));
		closed(s);
	}
	MUST(store_changes_of(&folder, "file:/a", 2, &arena, &changes, &diags));
	ck_assert_uint_eq(changes.n, 2);
	ck_assert_int_eq(changes.v[0].run, 3);
	ck_assert_int_eq(changes.v[0].result, RESULT_FAILED);
	ck_assert_str_eq(changes.v[0].reason, "why");
	ck_assert_int_eq(changes.v[1].run, 2);
	MUST(store_changes_of(&folder, "file:/b", 9, &arena, &changes, &diags));
	ck_assert_uint_eq(changes.n, 0);
	tear_down();
}
END_TEST

START_TEST(debts_are_paid_forgiven_and_owed_once)
{
	struct store *s;

	set_up();
	fill_store(true);
	s = opened();
	begin(s);
	MUST(store_owe(s, "service:nginx", "file:/etc/nginx/nginx.conf", "new",
		       &diags));
	MUST(store_owe(s, "service:nginx", "package:nginx", "x", &diags));
	MUST(store_owe(s, "service:nginx", "file:/not", "x", &diags));
	MUST(store_forgive(s, "service:nginx", "file:/not", &diags));
	MUST(store_forgive(s, "service:cron", "nothing", &diags));
	/* an earlier run's */
	MUST(store_forgive(s, "service:cron", "file:/etc/crontab", &diags));
	MUST(store_sync(s, &diags));
	closed(s);
	load();
	ck_assert_uint_eq(r.ndebts, 3);
	ck_assert_str_eq(r.debts[1].reason, "it changes");
	ck_assert_int_eq(r.debts[1].run, 1);
	ck_assert_int_eq(r.debts[2].run, 2);
	s = opened();
	MUST(store_paid(s, "service:nginx", &diags));
	MUST(store_paid(s, "service:cron", &diags));
	MUST(store_paid(s, "service:nginx", &diags));
	MUST(store_sync(s, &diags));
	closed(s);
	load();
	ck_assert_uint_eq(r.ndebts, 0);
	tear_down();
}
END_TEST

START_TEST(intents_and_creations_may_be_written_twice)
{
	struct store *s;

	set_up();
	fill_store(true);
	s = opened();
	begin(s);
	MUST(store_intend(s, "/etc", ".converge-2", &diags));
	MUST(store_intend(s, "/etc", ".converge-3", &diags));
	MUST(store_created(s, "user:app", "/home/app", &diags));
	MUST(store_gone(s, "file:/etc/motd", &diags));
	MUST(store_gone(s, "file:/etc/motd", &diags));
	MUST(store_sync(s, &diags));
	closed(s);
	load();
	ck_assert_uint_eq(r.nleftovers, 2);
	ck_assert_int_eq(r.leftovers[0].run, 2);
	ck_assert_uint_eq(r.ncreations, 1);
	ck_assert_str_eq(r.creations[0].path, "/home/app");
	s = opened();
	begin(s);
	MUST(store_intend(s, "/etc", ".converge-4", &diags));
	MUST(store_settled(s, &diags));
	MUST(store_cleaned(s, "/etc", ".converge-2", &diags));
	MUST(store_cleaned(s, "/etc", ".converge-9", &diags));
	MUST(store_sync(s, &diags));
	closed(s);
	load();
	ck_assert_uint_eq(r.nleftovers, 1);
	ck_assert_str_eq(r.leftovers[0].name, ".converge-3");
	tear_down();
}
END_TEST

START_TEST(what_was_not_synced_is_dropped)
{
	struct store *s;

	set_up();
	fill_store(true);
	s = opened();
	begin(s);
	MUST(store_paid(s, "service:nginx", &diags));
	MUST(store_gone(s, "user:app", &diags));
	closed(s);
	load();
	ck_assert(is_filled());
	ck_assert_int_eq(r.last_run, 1);
	tear_down();
}
END_TEST

START_TEST(any_text_comes_back_as_it_was)
{
	static const char odd[] = "a'b\"c\n\033[31m\xff\xfe%s;--\xe2\x82\xac";
	struct store *s;
	char *large;

	set_up();
	large = arena_alloc(&arena, 3 * 1024 * 1024 + 1);
	memset(large, 'x', 3 * 1024 * 1024);
	s = opened();
	begin(s);
	MUST(store_owe(s, odd, "", odd, &diags));
	MUST(store_created(s, "", large, &diags));
	MUST(store_sync(s, &diags));
	closed(s);
	load();
	ck_assert_str_eq(r.debts[0].target, odd);
	ck_assert_str_eq(r.debts[0].cause, "");
	ck_assert_str_eq(r.creations[0].path, large);
	tear_down();
}
END_TEST

START_TEST(all_files_are_private)
{
	mode_t old = umask(0);
	struct store *s;
	struct stat st;

	set_up();
	s = opened();
	begin(s);
	MUST(store_sync(s, &diags));
	ck_assert_int_eq(stat(db(), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(stat(at("s/state.db-wal"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(stat(at("s/state.db-shm"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	closed(s);
	ck_assert_int_eq(chmod(db(), 0644), 0);
	closed(opened());
	ck_assert_int_eq(stat(db(), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	umask(old);
	tear_down();
}
END_TEST

START_TEST(writing_needs_the_lock)
{
	set_up();
	folder_close(&folder);
	MUST(folder_open(&folder, at("s"), true, &arena, &diags));
	ck_assert_ptr_null(store_open(&folder, &arena, &r, &diags));
	assert_said("without holding its lock");
	ck_assert_uint_eq(count("state"), 0);
	store_close(NULL, &diags);
	tear_down();
}
END_TEST

/* What a look leaves behind: names, sizes and times of the folder. */
static const char *listing(void)
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

START_TEST(looking_changes_nothing)
{
	const char *before;
	struct runs runs;

	set_up();
	fill_store(true);
	before = listing();
	load();
	MUST(store_runs(&folder, 1, &arena, &runs, &diags));
	ck_assert_str_eq(listing(), before);
	/* Without a log and its index, none is made. */
	carry_over();
	unlink(at("s/state.db-wal"));
	unlink(at("s/state.db-shm"));
	before = listing();
	load();
	ck_assert(is_filled());
	ck_assert_str_eq(listing(), before);
	ck_assert_uint_eq(count("state"), 1);
	tear_down();
}
END_TEST

START_TEST(looking_leaves_no_descriptor_open)
{
	int before, after;

	set_up();
	fill_store(true);
	load();
	before = dup(0);
	close(before);
	for (int i = 0; i < 5; i++)
		load();
	after = dup(0);
	close(after);
	ck_assert_int_eq(after, before);
	tear_down();
}
END_TEST

static int tell[2], answer[2];

static int look_when_told(void)
{
	char c;
	/* A folder of its own: the parent's lock is the parent's. */
	struct folder f;
	size_t want[] = { 2, 3 };

	if (!folder_open(&f, at("s"), false, &arena, &diags))
		return 2;
	for (size_t i = 0; i < COUNT(want); i++) {
		if (read(tell[0], &c, 1) != 1)
			return 3;
		if (!store_load(&f, &arena, &r, &diags) || diags.n)
			return 4;
		if (r.ndebts != want[i])
			return 5;
		if (write(answer[1], "x", 1) != 1)
			return 6;
	}
	return 0;
}

START_TEST(reader_goes_on_during_a_transaction)
{
	struct store *s;
	int status;
	pid_t pid;
	char c;

	set_up();
	fill_store(true);
	ck_assert_int_eq(pipe2(tell, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(answer, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0)
		_exit(look_when_told());
	s = opened();
	begin(s);
	MUST(store_owe(s, "a", "b", "c", &diags));
	ck_assert_int_eq(write(tell[1], "x", 1), 1);
	ck_assert_int_eq(read(answer[0], &c, 1), 1);
	MUST(store_sync(s, &diags));
	ck_assert_int_eq(write(tell[1], "x", 1), 1);
	ck_assert_int_eq(read(answer[0], &c, 1), 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	closed(s);
	tear_down();
}
END_TEST

/* Debts come and go in pairs: whoever sees one of a pair has seen half a
 * transaction. */
static int read_pairs(void)
{
	struct folder f;

	if (!folder_open(&f, at("s"), false, &arena, &diags))
		return 2;
	for (int i = 0; i < 300; i++) {
		struct arena a = { 0 };

		if (!store_load(&f, &a, &r, &diags) || diags.n)
			return 3;
		if (r.ndebts % 2 || r.ncreations % 2)
			return 4;
		arena_release(&a);
	}
	return 0;
}

static void write_pairs(struct store *s, int i)
{
	char *filler = arena_alloc(&arena, 3000);
	char *id = arena_printf(&arena, "id%d", i % 7);

	memset(filler, 'f', 2999);
	MUST(store_owe(s, id, "one", filler, &diags));
	MUST(store_owe(s, id, "two", filler, &diags));
	MUST(store_created(s, id, filler, &diags));
	MUST(store_created(s, arena_printf(&arena, "%s-2", id), filler,
			   &diags));
	if (i % 3 == 0)
		MUST(store_paid(s, id, &diags));
	MUST(store_flush(s, &diags));
}

START_TEST(readers_see_whole_transactions_only)
{
	pid_t pids[2];
	int status, left = 2;
	struct store *s;
	int64_t syncs = 0;

	set_up();
	closed(opened());
	for (int i = 0; i < 2; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(read_pairs());
	}
	/* Long logs and short ones, carried over while they look. */
	while (left && syncs < 20000) {
		s = opened();
		for (int i = 0; i < 60; i++, syncs++)
			write_pairs(s, i);
		closed(s);
		while (left && waitpid(-1, &status, WNOHANG) > 0) {
			ck_assert_int_eq(status, 0);
			left--;
		}
	}
	ck_assert_int_eq(left, 0);
	tear_down();
}
END_TEST

static int write_until_killed(void)
{
	struct store *s;

	reopen_folder();
	s = opened();
	for (int i = 0; i < 1000000; i++)
		write_pairs(s, i);
	return 0;
}

/* In a process of its own until a moment, then not at all. */
static void kill_after(int (*act)(void), long microseconds)
{
	struct folder mine = folder;
	pid_t pid = fork();

	if (pid == 0)
		_exit(act());
	(void)mine;
	usleep((useconds_t)microseconds);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(killed_writer_leaves_old_or_new)
{
	set_up();
	fill_store(true);
	for (int i = 0; i < 40; i++) {
		struct store *s;

		folder_close(&folder);
		kill_after(write_until_killed, 3000 + i * 700);
		reopen_folder();
		load();
		ck_assert_uint_eq(r.ndebts % 2, 0);
		ck_assert_uint_eq(r.ncreations % 2, 0);
		ck_assert_uint_ge(r.ncreations, 2);
		s = opened();
		ck_assert(!r.forgotten);
		ck_assert_uint_eq(r.ncreations % 2, 0);
		closed(s);
	}
	ck_assert_uint_eq(diags.n, 0);
	ck_assert_uint_eq(count("state.db.damaged"), 0);
	tear_down();
}
END_TEST

static int create_until_killed(void)
{
	reopen_folder();
	fill_store(true);
	return 0;
}

START_TEST(kill_while_it_is_made_leaves_none_or_a_whole_one)
{
	set_up();
	for (int i = 0; i < 40; i++) {
		folder_close(&folder);
		shell(arena_printf(&arena, "rm -rf '%s'", at("s")));
		kill_after(create_until_killed, 200 + i * 400);
		reopen_folder();
		load();
		ck_assert(is_empty() || r.ndebts == 2);
		closed(opened());
		ck_assert(!r.forgotten);
		ck_assert_uint_eq(count("state.db.new"), 0);
	}
	ck_assert_uint_eq(diags.n, 0);
	tear_down();
}
END_TEST

/* After damage: a reader knows all or nothing; a writer too, it goes on, and
 * at the latest the run after the next is as if nothing had been. */
static void assert_survives(const char *what)
{
	struct store *s;

	MUST(store_load(&folder, &arena, &r, &diags));
	ck_assert_msg(is_filled() || (is_empty() && r.forgotten),
		      "%s: a reader believes it", what);
	ck_assert_msg(!r.forgotten || diags.n, "%s: no warning", what);
	s = store_open(&folder, &arena, &r, &diags);
	ck_assert_msg(s != NULL, "%s: %s", what, said());
	ck_assert_msg(is_filled() || (is_empty() && r.forgotten),
		      "%s: the writer believes it", what);
	ck_assert_msg(r.forgotten == (count("state.db.damaged") > 0),
		      "%s: not moved aside", what);
	if (store_begin(s, &run, &diags) && store_owe(s, "a", "b", "c", &diags))
		store_flush(s, &diags);
	closed(s);
	s = store_open(&folder, &arena, &r, &diags);
	ck_assert_msg(s != NULL, "%s: %s", what, said());
	ck_assert_msg(store_begin(s, &run, &diags) &&
			      store_owe(s, "d", "e", "f", &diags) &&
			      store_flush(s, &diags),
		      "%s: %s", what, said());
	closed(s);
	diags_release(&diags);
	load();
	ck_assert_msg(r.ndebts >= 1 && !r.forgotten && diags.n == 0,
		      "%s: not good after it", what);
}

/* A good database to spoil again and again. */
static off_t make_good(void)
{
	struct stat st;

	fill_store(true);
	carry_over();
	copy(db(), at("good"));
	ck_assert_int_eq(stat(at("good"), &st), 0);
	return st.st_size;
}

static void put_good(void)
{
	remove_database();
	copy(at("good"), db());
}

static void assert_truncated(off_t size)
{
	char what[64];

	put_good();
	ck_assert_int_eq(truncate(db(), size), 0);
	snprintf(what, sizeof(what), "cut to %ld bytes", (long)size);
	assert_survives(what);
}

START_TEST(database_cut_anywhere_means_know_nothing)
{
	off_t size;

	set_up();
	size = make_good();
	for (off_t i = 0; i <= 100; i++)
		assert_truncated(i);
	for (off_t i = 512; i < size; i += 512)
		assert_truncated(i);
	assert_truncated(size - 1);
	tear_down();
}
END_TEST

static void spoil(const char *path, off_t where, unsigned char mask)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	unsigned char c;

	ck_assert_int_eq(pread(fd, &c, 1, where), 1);
	c ^= mask;
	ck_assert_int_eq(pwrite(fd, &c, 1, where), 1);
	close(fd);
}

/* The version is the one thing that makes a database be left alone. */
static bool is_version(off_t where)
{
	return where >= 60 && where < 64;
}

static void assert_spoiled(off_t where, unsigned char mask)
{
	char what[64];

	put_good();
	spoil(db(), where, mask);
	snprintf(what, sizeof(what), "byte %ld, mask %02x", (long)where, mask);
	assert_survives(what);
}

START_TEST(header_with_any_byte_turned_means_know_all_or_nothing)
{
	static const unsigned char masks[] = { 0x01, 0xff };

	set_up();
	make_good();
	for (off_t i = 0; i < 100; i++)
		for (size_t j = 0; j < COUNT(masks) && !is_version(i); j++)
			assert_spoiled(i, masks[j]);
	tear_down();
}
END_TEST

START_TEST(database_with_bits_turned_means_know_all_or_nothing)
{
	unsigned seed = 12345;
	off_t size;

	set_up();
	size = make_good();
	for (int i = 0; i < 300; i++) {
		off_t where;

		seed = seed * 1103515245 + 12345;
		where = (off_t)((seed >> 4) % (unsigned)size);
		if (!is_version(where))
			assert_spoiled(where,
				       (unsigned char)(1 << (seed >> 28 & 7)));
	}
	tear_down();
}
END_TEST

/* Where the rows are, a random byte seldom falls. */
START_TEST(every_byte_of_a_debt_counts)
{
	char *bytes, *found;
	struct stat st;
	int fd;

	set_up();
	make_good();
	fd = open(at("good"), O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(fstat(fd, &st), 0);
	bytes = arena_alloc(&arena, (size_t)st.st_size);
	ck_assert_int_eq(read(fd, bytes, (size_t)st.st_size), st.st_size);
	close(fd);
	found = memmem(bytes, (size_t)st.st_size, "service:nginxfile:", 18);
	ck_assert_ptr_nonnull(found);
	for (off_t i = -10; i < 60; i++)
		assert_spoiled(found - bytes + i, 0x04);
	tear_down();
}
END_TEST

/* The page that a table begins on. */
static off_t page_of(const char *table)
{
	sqlite3_stmt *row;
	sqlite3 *d;
	off_t page;

	ck_assert_int_eq(sqlite3_open(db(), &d), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(d,
					    "SELECT rootpage FROM "
					    "sqlite_master WHERE name = ?",
					    -1, &row, NULL),
			 SQLITE_OK);
	sqlite3_bind_text(row, 1, table, -1, NULL);
	ck_assert_int_eq(sqlite3_step(row), SQLITE_ROW);
	page = (sqlite3_column_int64(row, 0) - 1) * 4096;
	sqlite3_finalize(row);
	sqlite3_close(d);
	return page;
}

/* The number of a page's rows is in its bytes 3 and 4: a row that is gone has
 * no checksum to be wrong. */
START_TEST(rows_that_vanished_are_missed)
{
	static const char *const names[] = { "owed", "intents", "created" };

	set_up();
	make_good();
	for (size_t i = 0; i < COUNT(names); i++) {
		off_t page;

		put_good();
		page = page_of(names[i]);
		put_good();
		spoil(db(), page + 4, i == 1 ? 0x01 : 0x03);
		load();
		ck_assert_msg(r.forgotten && is_empty(), "%s", names[i]);
		assert_survives(names[i]);
	}
	tear_down();
}
END_TEST

START_TEST(log_cut_or_turned_means_an_older_state)
{
	struct stat st;

	set_up();
	fill_store(true);
	carry_over();
	copy(db(), at("good"));
	closed(opened());
	sql("PRAGMA wal_autocheckpoint = 0; PRAGMA user_version");
	{
		struct store *s = opened();

		MUST(store_gone(s, "user:app", &diags));
		MUST(store_sync(s, &diags));
		MUST(store_gone(s, "file:/etc/motd", &diags));
		MUST(store_sync(s, &diags));
		closed(s);
	}
	copy(at("s/state.db-wal"), at("good-wal"));
	ck_assert_int_eq(stat(at("good-wal"), &st), 0);
	ck_assert_int_gt(st.st_size, 2 * 4096);
	for (off_t i = 0; i < st.st_size; i += 97) {
		put_good();
		copy(at("good-wal"), at("s/state.db-wal"));
		if (i % 2)
			spoil(at("s/state.db-wal"), i, 0x10);
		else
			ck_assert_int_eq(truncate(at("s/state.db-wal"), i), 0);
		load();
		ck_assert(!r.forgotten);
		ck_assert_uint_eq(r.ndebts, 2);
		ck_assert_uint_le(r.ncreations, 2);
		closed(opened());
		ck_assert_uint_eq(r.ndebts, 2);
		ck_assert(!r.forgotten);
	}
	tear_down();
}
END_TEST

START_TEST(other_things_in_its_place_are_moved_aside)
{
	static const char *const scripts[] = {
		"head -c 20000 /dev/zero > '%s'",
		"head -c 20000 /dev/urandom > '%s'",
		"echo '{\"version\": 1}' > '%s'",
		": > '%s'",
		"mkdir '%s'",
		"mkdir -p '%s/a/b'",
		"mkfifo '%s'",
		"ln -s /dev/null '%s'",
		"ln -s nowhere '%s'",
		"ln -s state.db '%s'",
		"cp '%s-x' /nowhere 2>/dev/null; mknod '%s' p",
	};

	set_up();
	for (size_t i = 0; i < COUNT(scripts); i++) {
		char *command = arena_strdup(&arena, "");
		const char *rest = scripts[i], *hit;

		while ((hit = strstr(rest, "%s"))) {
			command = arena_printf(&arena, "%s%.*s%s", command,
					       (int)(hit - rest), rest, db());
			rest = hit + 2;
		}
		remove_database();
		shell(arena_printf(&arena, "%s%s", command, rest));
		assert_survives(scripts[i]);
		ck_assert_uint_eq(count("state.db.damaged"), 1);
	}
	tear_down();
}
END_TEST

START_TEST(link_in_its_place_leaves_its_target_alone)
{
	char target[64];
	ssize_t n;

	set_up();
	fill_store(true);
	carry_over();
	ck_assert_int_eq(rename(db(), at("elsewhere")), 0);
	copy(at("elsewhere"), at("same"));
	shell(arena_printf(&arena, "rm -f '%s'*; ln -s ../elsewhere '%s'", db(),
			   db()));
	assert_survives("link");
	shell(arena_printf(&arena, "cmp '%s' '%s'", at("elsewhere"),
			   at("same")));
	ck_assert(!exists(at("elsewhere-wal")));
	/* The link itself is what was moved. */
	shell(arena_printf(&arena, "test -L '%s'/state.db.damaged-*Z",
			   at("s")));
	n = readlink(db(), target, sizeof(target));
	ck_assert_int_eq(n, -1);
	tear_down();
}
END_TEST

START_TEST(foreign_database_is_not_believed)
{
	set_up();
	make_good();
	if (geteuid() == 0) {
		put_good();
		ck_assert_int_eq(chown(db(), NOBODY, NOBODY), 0);
		load();
		ck_assert(r.forgotten && is_empty());
		assert_said("belongs to another user");
		assert_survives("foreign");
		put_good();
		closed(opened());
		ck_assert_int_eq(chown(at("s/state.db-wal"), NOBODY, NOBODY),
				 0);
		assert_survives("foreign log");
		ck_assert_uint_eq(count("state.db.damaged"), 3);
	}
	put_good();
	ck_assert_int_eq(link(db(), at("second-name")), 0);
	load();
	ck_assert(r.forgotten && is_empty());
	assert_survives("second name");
	tear_down();
}
END_TEST

START_TEST(log_without_its_database_is_not_played_into_a_new_one)
{
	set_up();
	fill_store(true);
	ck_assert(exists(at("s/state.db-wal")));
	ck_assert_int_eq(unlink(db()), 0);
	load();
	ck_assert(is_empty());
	closed(opened());
	ck_assert(is_empty() && r.forgotten);
	assert_said("parts of it are missing");
	ck_assert_uint_eq(count("state.db.damaged"), 2);
	load();
	ck_assert(is_empty() && !r.forgotten);
	tear_down();
}
END_TEST

START_TEST(what_was_moved_aside_is_never_overwritten)
{
	set_up();
	for (int i = 0; i < 5; i++) {
		fill_store(true);
		ck_assert_int_eq(truncate(db(), 100), 0);
		unlink(at("s/state.db-wal"));
		closed(opened());
		ck_assert(r.forgotten);
		unlink(at("s/state.db-shm"));
	}
	shell(arena_printf(&arena,
			   "test $(find '%s' -name 'state.db.damaged-*' -size "
			   "100c | wc -l) = 5",
			   at("s")));
	tear_down();
}
END_TEST

START_TEST(newer_version_is_refused_and_untouched)
{
	static const int versions[] = { 2, 3, 99, 9999 };
	const char *before;
	struct runs runs;

	set_up();
	make_good();
	for (size_t i = 0; i < COUNT(versions); i++) {
		put_good();
		sql(arena_printf(&arena,
				 "PRAGMA user_version = %d; CREATE TABLE new "
				 "(x); PRAGMA wal_checkpoint(TRUNCATE)",
				 versions[i]));
		before = listing();
		ck_assert(!store_load(&folder, &arena, &r, &diags));
		assert_said("a newer converge wrote it");
		ck_assert(is_empty());
		ck_assert(!store_runs(&folder, 1, &arena, &runs, &diags));
		ck_assert_str_eq(listing(), before);
		copy(db(), at("before"));
		ck_assert_ptr_null(store_open(&folder, &arena, &r, &diags));
		assert_said("a newer converge wrote it");
		ck_assert_ptr_nonnull(diags.v[diags.n - 1].hint);
		shell(arena_printf(&arena, "cmp '%s' '%s'", db(),
				   at("before")));
		ck_assert_uint_eq(count("state.db.damaged"), 0);
	}
	tear_down();
}
END_TEST

START_TEST(absurd_or_missing_version_is_damage)
{
	static const char *const versions[] = { "0", "-1", "10000",
						"2147483647" };

	set_up();
	make_good();
	for (size_t i = 0; i < COUNT(versions); i++) {
		put_good();
		sql(arena_printf(&arena, "PRAGMA user_version = %s",
				 versions[i]));
		assert_survives(versions[i]);
		ck_assert_uint_ge(count("state.db.damaged"), 1);
	}
	tear_down();
}
END_TEST

START_TEST(rows_that_were_edited_are_not_believed)
{
	static const char *const edits[] = {
		"UPDATE created SET id = 'file:/etc/motf' WHERE path NOTNULL",
		"UPDATE owed SET run = run + 1",
		"UPDATE intents SET directory = '/'",
		"UPDATE owed SET reason = NULL WHERE reason NOTNULL",
		"DROP TABLE intents",
		"ALTER TABLE owed ADD COLUMN x",
		"DROP INDEX backups_run",
	};

	set_up();
	make_good();
	for (size_t i = 0; i < COUNT(edits); i++) {
		put_good();
		sql(edits[i]);
		load();
		ck_assert_msg(r.forgotten, "%s", edits[i]);
		assert_survives(edits[i]);
	}
	tear_down();
}
END_TEST

START_TEST(sqlite_shell_left_open_is_no_trouble)
{
	sqlite3 *other;

	set_up();
	fill_store(true);
	ck_assert_int_eq(sqlite3_open(db(), &other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(other, "BEGIN; SELECT * FROM owed", NULL,
				      NULL, NULL),
			 SQLITE_OK);
	{
		struct store *s = opened();

		begin(s);
		end(s);
		MUST(store_sync(s, &diags));
		closed(s);
	}
	sqlite3_close(other);
	load();
	ck_assert(is_filled() && r.last_run == 2);
	ck_assert_uint_eq(diags.n, 0);
	tear_down();
}
END_TEST

START_TEST(old_runs_and_changes_make_room)
{
	struct run_counts none = { 0 };
	struct changes changes;
	struct runs runs;
	struct store *s;

	set_up();
	closed(opened());
	sql("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n "
	    "WHERE i < 20010) INSERT INTO runs (id, host, source, command, "
	    "pid, started, finished) SELECT i, 'h', 's', 'c', 1, 1, 2 FROM n");
	sql("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n "
	    "WHERE i < 50010) INSERT INTO changes (id, run, resource, action, "
	    "result) SELECT i, 20010, 'r', 'a', 'done' FROM n");
	s = opened();
	begin(s);
	MUST(store_end(s, 1, 0, &none, &diags));
	MUST(store_sync(s, &diags));
	closed(s);
	MUST(store_runs(&folder, SIZE_MAX, &arena, &runs, &diags));
	ck_assert_uint_eq(runs.n, STORE_RUNS);
	ck_assert_int_eq(runs.v[0].id, 20011);
	MUST(store_changes(&folder, 20010, &arena, &changes, &diags));
	ck_assert_uint_eq(changes.n, STORE_CHANGES);
	ck_assert_int_eq(changes.v[0].id, 11);
	tear_down();
}
END_TEST

START_TEST(log_does_not_grow_for_ever)
{
	struct stat st;

	set_up();
	for (int i = 0; i < 30; i++) {
		struct store *s = opened();
		char *text = arena_alloc(&arena, 100001);

		memset(text, 'a' + i % 20, 100000);
		begin(s);
		MUST(store_owe(s, "t", "c", text, &diags));
		MUST(store_sync(s, &diags));
		MUST(store_paid(s, "t", &diags));
		MUST(store_flush(s, &diags));
		closed(s);
		ck_assert_int_eq(stat(at("s/state.db-wal"), &st), 0);
		ck_assert_int_le(st.st_size, 1024 * 1024);
	}
	load();
	ck_assert_uint_eq(r.ndebts, 0);
	tear_down();
}
END_TEST

START_TEST(ten_thousand_changes_cost_little)
{
	struct change_record c = { .action = "update",
				   .attributes = "{\"content\":{}}" };
	struct timespec start, now;
	struct changes changes;
	struct store *s;
	int64_t id;

	set_up();
	s = opened();
	begin(s);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 0; i < 10000; i++) {
		c.resource = arena_printf(&arena, "file:/etc/f%d", i);
		MUST(store_change(s, &c, &id, &diags));
		MUST(store_intend(s, "/etc", c.resource, &diags));
	}
	MUST(store_sync(s, &diags));
	for (int i = 0; i < 10000; i++)
		MUST(store_outcome(s, i + 1, RESULT_DONE, NULL, &diags));
	MUST(store_settled(s, &diags));
	MUST(store_sync(s, &diags));
	closed(s);
	clock_gettime(CLOCK_MONOTONIC, &now);
	/* A sync each would take tens of seconds. */
	ck_assert_int_lt(now.tv_sec - start.tv_sec, 8);
	MUST(store_changes(&folder, 1, &arena, &changes, &diags));
	ck_assert_uint_eq(changes.n, 10000);
	ck_assert_int_eq(changes.v[9999].result, RESULT_DONE);
	load();
	ck_assert_uint_eq(r.nleftovers, 0);
	tear_down();
}
END_TEST

/* Fills a small file system, or runs into a limit, at each size in turn. */
static int write_until_refused(void)
{
	char *text = arena_alloc(&arena, 20001);
	bool refused = false;
	struct store *s;

	memset(text, 'x', 20000);
	s = store_open(&folder, &arena, &r, &diags);
	if (!s)
		return diags.errors ? 0 : 2;
	for (int i = 0; i < 500 && !refused; i++)
		refused = !store_owe(s, arena_printf(&arena, "t%d", i), "c",
				     text, &diags) ||
			  !store_sync(s, &diags);
	if (!refused || !diags.errors)
		return 3;
	/* Once refused, always refused. */
	if (store_owe(s, "late", "c", "r", &diags) || store_flush(s, &diags) ||
	    store_sync(s, &diags))
		return 4;
	closed(s);
	return count("state.db.damaged") ? 5 : 0;
}

static rlim_t file_limit;

static int write_under_a_limit(void)
{
	struct rlimit limit = { .rlim_cur = file_limit,
				.rlim_max = file_limit };

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
		return 1;
	return write_until_refused();
}

START_TEST(file_size_limit_is_an_error_and_no_damage)
{
	set_up();
	fill_store(true);
	carry_over();
	for (file_limit = 0; file_limit < 400000; file_limit += 9999) {
		ck_assert_int_eq(in_child(write_under_a_limit), 0);
		load();
		ck_assert(!r.forgotten);
		ck_assert_uint_eq(r.nleftovers, 1);
	}
	closed(opened());
	ck_assert(!r.forgotten);
	tear_down();
}
END_TEST

static int fill_small_disk(void)
{
	static const char *const sizes[] = { "size=16k", "size=100k",
					     "size=300k", "size=1m" };

	folder_close(&folder);
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 77;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		int code;

		if (mount("none", base, "tmpfs", 0, sizes[i]) < 0)
			return 77;
		reopen_folder();
		code = write_until_refused();
		if (code)
			return code;
		if (!store_load(&folder, &arena, &r, &diags) || r.forgotten)
			return 6;
		folder_close(&folder);
		if (umount(base) < 0)
			return 7;
		diags_release(&diags);
	}
	return 0;
}

START_TEST(full_disk_is_an_error_and_no_damage)
{
	int code;

	set_up();
	code = in_child(fill_small_disk);
	ck_assert(code == 0 || code == 77);
	tear_down();
}
END_TEST

static int use_read_only(void)
{
	struct folder f = FOLDER_NONE;

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(base, base, NULL, MS_BIND, NULL) < 0 ||
	    mount(NULL, base, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) < 0)
		return 77;
	/* Descriptors from before the mount still write: a new folder. */
	if (!folder_open(&f, at("s"), false, &arena, &diags))
		return 1;
	if (!store_load(&f, &arena, &r, &diags) || !is_filled() || diags.n)
		return 2;
	f.lock = dup(f.fd); /* as if: to get at the database */
	if (store_open(&f, &arena, &r, &diags) || !diags.errors)
		return 3;
	if (!strstr(said(), "Read-only file system"))
		return 4;
	folder_close(&f);
	if (!folder_open(&f, at("s"), true, &arena, &diags))
		return strstr(said(), "Read-only file system") ? 0 : 5;
	if (folder_lock(&f, &(struct lock_wait){ 0 }, "x", &diags) !=
	    LOCK_FAILED)
		return 6;
	return strstr(said(), "Read-only file system") ? 0 : 7;
}

START_TEST(read_only_folder_can_be_looked_into)
{
	int code;

	set_up();
	fill_store(true);
	code = in_child(use_read_only);
	ck_assert_msg(code == 0 || code == 77, "%d", code);
	tear_down();
}
END_TEST

START_TEST(missing_value_is_an_error_and_no_damage)
{
	struct store *s;

	set_up();
	fill_store(true);
	s = opened();
	ck_assert(!store_owe(s, NULL, "c", "r", &diags));
	assert_said("NOT NULL");
	ck_assert(!store_sync(s, &diags));
	closed(s);
	ck_assert_uint_eq(count("state.db.damaged"), 0);
	load();
	ck_assert(is_filled());
	tear_down();
}
END_TEST

TEST_SUITE("store", function_table_is_as_declared,
	   no_folder_and_no_database_are_an_empty_store,
	   what_was_synced_is_remembered, run_without_an_end_was_killed,
	   history_is_as_it_was_written,
	   changes_of_a_resource_come_newest_first,
	   debts_are_paid_forgiven_and_owed_once,
	   intents_and_creations_may_be_written_twice,
	   what_was_not_synced_is_dropped, any_text_comes_back_as_it_was,
	   all_files_are_private, writing_needs_the_lock,
	   looking_changes_nothing, looking_leaves_no_descriptor_open,
	   reader_goes_on_during_a_transaction,
	   readers_see_whole_transactions_only, killed_writer_leaves_old_or_new,
	   kill_while_it_is_made_leaves_none_or_a_whole_one,
	   database_cut_anywhere_means_know_nothing,
	   header_with_any_byte_turned_means_know_all_or_nothing,
	   database_with_bits_turned_means_know_all_or_nothing,
	   every_byte_of_a_debt_counts, rows_that_vanished_are_missed,
	   log_cut_or_turned_means_an_older_state,
	   other_things_in_its_place_are_moved_aside,
	   link_in_its_place_leaves_its_target_alone,
	   foreign_database_is_not_believed,
	   log_without_its_database_is_not_played_into_a_new_one,
	   what_was_moved_aside_is_never_overwritten,
	   newer_version_is_refused_and_untouched,
	   absurd_or_missing_version_is_damage,
	   rows_that_were_edited_are_not_believed,
	   sqlite_shell_left_open_is_no_trouble, old_runs_and_changes_make_room,
	   log_does_not_grow_for_ever, ten_thousand_changes_cost_little,
	   file_size_limit_is_an_error_and_no_damage,
	   full_disk_is_an_error_and_no_damage,
	   read_only_folder_can_be_looked_into,
	   missing_value_is_an_error_and_no_damage)
