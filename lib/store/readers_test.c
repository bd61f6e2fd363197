/* SPDX-License-Identifier: MIT */
/* Who looks while another writes, or is killed. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/store/fixture_test.h"

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

TEST_SUITE("readers", looking_changes_nothing,
	   looking_leaves_no_descriptor_open,
	   reader_goes_on_during_a_transaction,
	   readers_see_whole_transactions_only, killed_writer_leaves_old_or_new,
	   kill_while_it_is_made_leaves_none_or_a_whole_one)
