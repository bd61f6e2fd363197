/* SPDX-License-Identifier: MIT */
/* Writes that are refused. */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/store/fixture_test.h"

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

/* As SQLite itself does when the file refuses to be opened for writing. */
static int open_for_reading(const char *path, sqlite3 **db, int flags,
			    const char *vfs)
{
	return sqlite3_open_v2(
		path, db, SQLITE_OPEN_READONLY | (flags & SQLITE_OPEN_NOFOLLOW),
		vfs);
}

START_TEST(database_opened_for_reading_is_an_error_and_no_damage)
{
	const struct sqlite *loaded;
	struct sqlite *api;

	set_up();
	fill_store(true);
	loaded = sqlite_load(&diags);
	memcpy(&api, &loaded, sizeof(api));
	api->open_v2 = open_for_reading;
	ck_assert_ptr_null(store_open(&folder, &arena, &r, &diags));
	api->open_v2 = sqlite3_open_v2;
	assert_said("could not be opened for writing");
	ck_assert_uint_eq(count("state.db.damaged"), 0);
	load();
	ck_assert(is_filled());
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

TEST_SUITE("refused", file_size_limit_is_an_error_and_no_damage,
	   full_disk_is_an_error_and_no_damage,
	   read_only_folder_can_be_looked_into,
	   database_opened_for_reading_is_an_error_and_no_damage,
	   missing_value_is_an_error_and_no_damage)
