/* SPDX-License-Identifier: MIT */
/* What is written is what is read. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/store/fixture_test.h"

/* The compiler compares the table with sqlite3.h. */
START_TEST(function_table_is_as_declared)
{
	const struct sqlite want = {
		.open_v2 = sqlite3_open_v2,
		.close_v2 = sqlite3_close_v2,
		.db_readonly = sqlite3_db_readonly,
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

START_TEST(what_an_older_one_wrote_is_kept)
{
	const struct world_record world = { "ef01", 1, 2 };
	struct store *s;

	set_up();
	fill_store(true);
	carry_over();
	sql("DROP TABLE sealed; DROP TABLE looks; DROP TABLE past; "
	    "DROP TABLE world; PRAGMA user_version = 1");
	carry_over();
	load();
	ck_assert(!r.forgotten && r.ndebts == 2 && !r.world.revision);
	s = opened();
	ck_assert(!r.forgotten && r.ndebts == 2 && !r.world.revision);
	MUST(store_world(s, &world, &diags));
	MUST(store_sync(s, &diags));
	closed(s);
	load();
	ck_assert(!r.forgotten && r.ndebts == 2 && r.ncreations == 2);
	ck_assert_str_eq(r.world.revision, "ef01");
	ck_assert_uint_eq(diags.n, 0);
	tear_down();
}
END_TEST

/* Which files have secrets is known once a run could write them down. */
START_TEST(what_is_sealed_is_known_after_a_run)
{
	struct store *s;

	set_up();
	load();
	ck_assert(!r.knows_sealed);
	fill_store(true);
	load();
	ck_assert(has_sealed());
	carry_over();
	sql("DROP TABLE sealed; PRAGMA user_version = 3");
	carry_over();
	load();
	ck_assert(is_filled_but_sealed() && !r.nsealed && !r.knows_sealed);
	s = opened();
	ck_assert(is_filled_but_sealed() && !r.nsealed && !r.knows_sealed);
	begin(s);
	MUST(store_sealed(s, "/etc/key", "line:key", &diags));
	MUST(store_sealed(s, "/etc/key", "line:key", &diags));
	end(s);
	MUST(store_sync(s, &diags));
	closed(s);
	load();
	ck_assert(r.knows_sealed && r.nsealed == 1);
	ck_assert_str_eq(r.sealed[0].path, "/etc/key");
	ck_assert_uint_eq(diags.n, 0);
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
	ck_assert_int_eq(changes.v[0].result, RESULT_UNCHANGED);
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
	ck_assert(r.debts[0].is_commit);
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

START_TEST(a_debt_that_still_stands_is_taken_over)
{
	struct store *s;

	set_up();
	fill_store(true);
	load();
	s = opened();
	begin(s);
	MUST(store_paid(s, r.debts[0].target, &diags));
	MUST(store_adopt(s, &r.debts[0], &diags));
	MUST(store_adopt(s, &r.debts[1], &diags));
	MUST(store_sync(s, &diags));
	closed(s);
	load();
	ck_assert_uint_eq(r.ndebts, 1);
	ck_assert_str_eq(r.debts[0].target, "service:nginx");
	ck_assert_str_eq(r.debts[0].reason, "it changes");
	ck_assert_int_eq(r.debts[0].run, 2);
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
	ck_assert_int_lt(now.tv_sec - start.tv_sec, 20);
	MUST(store_changes(&folder, 1, &arena, &changes, &diags));
	ck_assert_uint_eq(changes.n, 10000);
	ck_assert_int_eq(changes.v[9999].result, RESULT_DONE);
	load();
	ck_assert_uint_eq(r.nleftovers, 0);
	tear_down();
}
END_TEST

TEST_SUITE("store", function_table_is_as_declared,
	   no_folder_and_no_database_are_an_empty_store,
	   what_an_older_one_wrote_is_kept, what_is_sealed_is_known_after_a_run,
	   what_was_synced_is_remembered, run_without_an_end_was_killed,
	   history_is_as_it_was_written,
	   changes_of_a_resource_come_newest_first,
	   debts_are_paid_forgiven_and_owed_once,
	   a_debt_that_still_stands_is_taken_over,
	   intents_and_creations_may_be_written_twice,
	   what_was_not_synced_is_dropped, any_text_comes_back_as_it_was,
	   all_files_are_private, writing_needs_the_lock,
	   sqlite_shell_left_open_is_no_trouble, old_runs_and_changes_make_room,
	   log_does_not_grow_for_ever, ten_thousand_changes_cost_little)
