/* SPDX-License-Identifier: MIT */
#include "lib/history/reading.h"

#include <unistd.h>

#include "lib/history/standing.h"
#include "lib/store/fixture_test.h"

static struct runs runs;
static const char *holder;

/* A run of that process, which the test holds the lock for. */
static void put_run(pid_t pid, bool ended)
{
	struct run_record record = run;
	struct store *s = opened();

	record.pid = pid;
	MUST(store_begin(s, &record, &diags));
	if (ended)
		end(s);
	MUST(store_sync(s, &diags));
	closed(s);
}

static void read_newest(void)
{
	MUST(reading_runs(&folder, 2, 0, &arena, &runs, &holder, &diags));
}

START_TEST(without_a_run_there_is_still_a_holder)
{
	set_up();
	read_newest();
	ck_assert_uint_eq(runs.n, 0);
	ck_assert_ptr_nonnull(holder);
	ck_assert_int_eq(strtol(holder, NULL, 10), getpid());
	tear_down();
}
END_TEST

START_TEST(the_run_of_the_holder_is_at_work)
{
	set_up();
	put_run(41, true);
	put_run(getpid(), false);
	read_newest();
	ck_assert_uint_eq(runs.n, 2);
	ck_assert_uint_eq(standing_at_work(&runs, holder), 1);
	MUST(reading_runs(&folder, 1, 1, &arena, &runs, &holder, &diags));
	ck_assert_uint_eq(runs.n, 1);
	ck_assert_int_eq(runs.v[0].pid, 41);
	tear_down();
}
END_TEST

START_TEST(another_run_without_an_end_is_not)
{
	set_up();
	put_run(getpid() + 1, false);
	read_newest();
	ck_assert_uint_eq(runs.n, 1);
	ck_assert_ptr_nonnull(holder);
	ck_assert_uint_eq(standing_at_work(&runs, holder), 0);
	tear_down();
}
END_TEST

START_TEST(nobody_is_at_work_where_nobody_holds_the_lock)
{
	set_up();
	put_run(getpid(), false);
	folder_close(&folder);
	MUST(folder_open(&folder, at("s"), false, &arena, &diags));
	read_newest();
	ck_assert_ptr_null(holder);
	ck_assert_uint_eq(standing_at_work(&runs, holder), 0);
	tear_down();
}
END_TEST

TEST_SUITE("reading", without_a_run_there_is_still_a_holder,
	   the_run_of_the_holder_is_at_work, another_run_without_an_end_is_not,
	   nobody_is_at_work_where_nobody_holds_the_lock)
