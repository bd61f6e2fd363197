/* SPDX-License-Identifier: MIT */
#include "lib/store/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/test.h"

enum { NOBODY = 65534, SUM = 8, LARGE = 1024 * 1024, SMALL = 3 + SUM };

static char base[64];
static struct folder folder;
static struct arena arena;
static struct diags diags;

static void set_up(void)
{
	memcpy(base, "/tmp/converge-XXXXXX", sizeof("/tmp/converge-XXXXXX"));
	ck_assert_ptr_nonnull(mkdtemp(base));
	folder = (struct folder)FOLDER_NONE;
	ck_assert(folder_open(&folder, arena_printf(&arena, "%s/s", base), true,
			      &arena, &diags));
}

static void tear_down(void)
{
	char command[128];

	folder_close(&folder);
	arena_release(&arena);
	diags_release(&diags);
	snprintf(command, sizeof(command), "rm -rf '%s'", base);
	ck_assert_int_eq(system(command), 0);
}

static bool there_is_one(void)
{
	int fd = cache_open(&folder);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* What is kept; "-": nothing that can be believed. */
static const char *kept(void)
{
	int fd = cache_open(&folder);
	char bytes[64];
	size_t size;
	ssize_t n;

	if (fd < 0)
		return "-";
	n = read(fd, bytes, sizeof(bytes));
	ck_assert_int_ge(n, 0);
	close(fd);
	size = (size_t)n;
	if (!cache_is_whole(bytes, &size))
		return "damaged";
	return arena_strndup(&arena, bytes, size);
}

static struct stat look(void)
{
	struct stat st;

	ck_assert_int_eq(
		fstatat(folder.fd, "catalog", &st, AT_SYMLINK_NOFOLLOW), 0);
	return st;
}

static bool exists(void)
{
	return faccessat(folder.fd, "catalog", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void keep(const char *text)
{
	cache_keep(&folder, text, strlen(text));
}

static void plant(const char *name, const char *text, mode_t mode)
{
	int fd = openat(folder.fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), strlen(text));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

/* --- keeping --- */

START_TEST(what_is_kept_is_there)
{
	set_up();
	ck_assert_str_eq(kept(), "-");
	keep("one");
	ck_assert_str_eq(kept(), "one");
	keep("another");
	ck_assert_str_eq(kept(), "another");
	keep("1");
	ck_assert_str_eq(kept(), "1");
	cache_drop(&folder);
	ck_assert_str_eq(kept(), "-");
	cache_drop(&folder);
	ck_assert_str_eq(kept(), "-");
	tear_down();
}
END_TEST

START_TEST(it_is_for_nobody_else)
{
	static const mode_t masks[] = { 0, 022, 077 };

	set_up();
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		mode_t before = umask(masks[i]);

		keep("x");
		umask(before);
		ck_assert_uint_eq(look().st_mode, S_IFREG | 0600);
		ck_assert_uint_eq(look().st_uid, geteuid());
		ck_assert_uint_eq(look().st_nlink, 1);
	}
	tear_down();
}
END_TEST

/* Who has read half of the old one reads the other half of it. */
START_TEST(the_old_one_stays_as_it_was_for_its_reader)
{
	char bytes[4] = "";
	int fd;

	set_up();
	keep("old");
	fd = cache_open(&folder);
	keep("new");
	ck_assert_int_eq(read(fd, bytes, 3), 3);
	ck_assert_str_eq(bytes, "old");
	/* and nobody writes through it */
	ck_assert_int_eq(write(fd, "x", 1), -1);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	tear_down();
}
END_TEST

START_TEST(nothing_else_is_left_in_the_folder)
{
	char command[160];

	set_up();
	keep("one");
	keep("two");
	snprintf(command, sizeof(command),
		 "[ \"$(ls -A '%s/s' | tr '\\n' ' ')\" = 'backup catalog ' ]",
		 base);
	ck_assert_int_eq(system(command), 0);
	tear_down();
}
END_TEST

START_TEST(no_folder_has_none)
{
	const struct folder none = FOLDER_NONE;

	ck_assert_int_eq(cache_open(&none), -1);
	cache_keep(&none, "x", 1);
	cache_drop(&none);
	ck_assert_int_ne(access("catalog", F_OK), 0);
}
END_TEST

START_TEST(a_reader_of_the_folder_keeps_nothing)
{
	struct folder reader = FOLDER_NONE;

	set_up();
	keep("x");
	ck_assert(folder_open(&reader, arena_printf(&arena, "%s/s", base),
			      false, &arena, &diags));
	ck_assert_int_ge(close(cache_open(&reader)), 0);
	folder_close(&reader);
	tear_down();
}
END_TEST

/* --- what is not believed --- */

/* Neither is it a hindrance: what is kept next takes its place. */
static void check_planted(const char *what)
{
	ck_assert_msg(!there_is_one(), "%s", what);
	keep("mine");
	ck_assert_msg(strcmp(kept(), "mine") == 0, "%s", what);
	cache_drop(&folder);
}

START_TEST(links_are_not_followed)
{
	struct stat st;

	set_up();
	plant("real", "planted", 0600);
	ck_assert_int_eq(symlinkat("real", folder.fd, "catalog"), 0);
	check_planted("link");
	/* what it led to is as it was */
	ck_assert_int_eq(fstatat(folder.fd, "real", &st, 0), 0);
	ck_assert_int_eq(st.st_size, 7);
	ck_assert_int_eq(symlinkat("/nowhere", folder.fd, "catalog"), 0);
	check_planted("dangling link");
	ck_assert_int_eq(symlinkat("catalog", folder.fd, "catalog"), 0);
	check_planted("link to itself");
	tear_down();
}
END_TEST

START_TEST(a_hard_link_is_not_believed)
{
	set_up();
	plant("real", "planted", 0600);
	ck_assert_int_eq(linkat(folder.fd, "real", folder.fd, "catalog", 0), 0);
	check_planted("hard link");
	tear_down();
}
END_TEST

/* Nor does it wait for a writer. */
START_TEST(a_fifo_is_not_waited_for)
{
	set_up();
	ck_assert_int_eq(mkfifoat(folder.fd, "catalog", 0600), 0);
	alarm(20);
	check_planted("fifo");
	alarm(0);
	tear_down();
}
END_TEST

/* A folder is left alone: nothing is removed that is not a file of ours. */
START_TEST(a_folder_stays_and_nothing_is_kept)
{
	set_up();
	ck_assert_int_eq(mkdirat(folder.fd, "catalog", 0700), 0);
	plant("catalog/f", "x", 0600);
	ck_assert(!there_is_one());
	keep("mine");
	ck_assert(!there_is_one());
	cache_drop(&folder);
	ck_assert(S_ISDIR(look().st_mode));
	ck_assert_int_eq(faccessat(folder.fd, "catalog/f", F_OK, 0), 0);
	tear_down();
}
END_TEST

START_TEST(what_others_may_touch_is_not_believed)
{
	static const mode_t modes[] = { 0640, 0620, 0610, 0604, 0602,
					0601, 0666, 0644, 02660 };

	set_up();
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		char what[16];

		plant("catalog", "planted", modes[i]);
		snprintf(what, sizeof(what), "%o", (unsigned)modes[i]);
		check_planted(what);
	}
	for (size_t i = 0; i < 2; i++) {
		plant("catalog", "mine", i ? 0400 : 0600);
		ck_assert(there_is_one());
	}
	tear_down();
}
END_TEST

START_TEST(a_file_of_another_is_not_believed)
{
	if (geteuid() != 0)
		return;
	set_up();
	plant("catalog", "planted", 0600);
	ck_assert_int_eq(fchownat(folder.fd, "catalog", NOBODY, 0, 0), 0);
	check_planted("another's");
	/* a group may have nothing of it, whichever it is */
	plant("catalog", "mine", 0600);
	ck_assert_int_eq(fchownat(folder.fd, "catalog", 0, NOBODY, 0), 0);
	ck_assert(there_is_one());
	tear_down();
}
END_TEST

START_TEST(a_device_is_not_believed)
{
	if (geteuid() != 0)
		return;
	set_up();
	/* /dev/zero; some containers have none to give */
	if (mknodat(folder.fd, "catalog", S_IFCHR | 0600, 0x105) == 0)
		check_planted("device");
	tear_down();
}
END_TEST

/* --- damage --- */

/* The bytes of a catalog of n bytes as it is kept; freed by the caller. */
static char *kept_of(size_t n, size_t *size)
{
	AUTO_FREE char *bytes = xrealloc(NULL, n);
	char *all;
	int fd;

	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * i);
	cache_keep(&folder, bytes, n);
	*size = n + SUM;
	all = xrealloc(NULL, *size);
	fd = cache_open(&folder);
	ck_assert_int_eq(read(fd, all, *size), *size);
	ck_assert_int_eq(memcmp(all, bytes, n), 0);
	close(fd);
	return all;
}

static bool is_whole(const char *bytes, size_t size)
{
	return cache_is_whole(bytes, &size);
}

static void flip_each_bit(char *bytes, size_t size)
{
	for (size_t i = 0; i < 8 * size; i++) {
		bytes[i / 8] ^= (char)(1 << i % 8);
		ck_assert(!is_whole(bytes, size));
		bytes[i / 8] ^= (char)(1 << i % 8);
	}
}

START_TEST(damage_shows)
{
	set_up();
	for (size_t n = 0; n < 200; n += n < 70 ? 1 : 13) {
		size_t size, whole;
		char *bytes = kept_of(n, &size);

		whole = size;
		ck_assert(cache_is_whole(bytes, &whole));
		ck_assert_uint_eq(whole, n);
		flip_each_bit(bytes, size);
		for (size_t i = 0; i < size; i++)
			ck_assert_msg(!is_whole(bytes, i), "%zu of %zu", i,
				      size);
		memset(bytes, 0, size);
		ck_assert(!is_whole(bytes, size));
		free(bytes);
	}
	tear_down();
}
END_TEST

START_TEST(words_in_another_order_show)
{
	size_t size;
	char *bytes, word[8];

	set_up();
	bytes = kept_of(128, &size);
	for (size_t i = 8; i < 64; i += 8) {
		if (memcmp(bytes, bytes + i, 8) == 0)
			continue;
		memcpy(word, bytes, 8);
		memcpy(bytes, bytes + i, 8);
		memcpy(bytes + i, word, 8);
		ck_assert_msg(!is_whole(bytes, size), "%zu", i);
		memcpy(bytes + i, bytes, 8);
		memcpy(bytes, word, 8);
	}
	ck_assert(is_whole(bytes, size));
	free(bytes);
	tear_down();
}
END_TEST

/* --- when it cannot be kept --- */

/* The exit status of a process of its own; 77: it could not be tried. */
static int in_child(int (*act)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(act());
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int on_a_small_disk(void)
{
	AUTO_FREE char *large = calloc(1, LARGE);
	struct folder small = FOLDER_NONE;
	struct stat st;
	int fd;

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount("", "/", "", MS_REC | MS_PRIVATE, "") < 0 ||
	    mount("tmpfs", base, "tmpfs", 0, "size=128k,mode=0755") < 0)
		return 77;
	if (!folder_open(&small, arena_printf(&arena, "%s/s", base), true,
			 &arena, &diags))
		return 1;
	cache_keep(&small, large, LARGE);
	if (faccessat(small.fd, "catalog", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 2;
	cache_keep(&small, "old", 3);
	if (fstatat(small.fd, "catalog", &st, 0) < 0 || st.st_size != SMALL)
		return 3;
	/* what cannot be kept is not there by half */
	cache_keep(&small, large, LARGE);
	if (fstatat(small.fd, "catalog", &st, 0) == 0 && st.st_size != SMALL)
		return 4;
	fd = cache_open(&small);
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size != SMALL)
		return 5;
	/* and took no room for good */
	cache_keep(&small, large, 64 * 1024);
	if (fstatat(small.fd, "catalog", &st, 0) < 0 ||
	    st.st_size != 64 * 1024 + SUM)
		return 6;
	return 0;
}

START_TEST(a_full_disk_leaves_nothing)
{
	int status;

	set_up();
	status = geteuid() == 0 ? in_child(on_a_small_disk) : 77;
	ck_assert_msg(status == 0 || status == 77, "%d", status);
	tear_down();
}
END_TEST

static int with_a_limit(void)
{
	const struct rlimit limit = { 4096, 4096 };
	AUTO_FREE char *large = calloc(1, LARGE);

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	cache_keep(&folder, large, LARGE);
	return exists() ? 1 : 0;
}

START_TEST(a_file_that_may_not_be_that_large_leaves_nothing)
{
	set_up();
	ck_assert_int_eq(in_child(with_a_limit), 0);
	tear_down();
}
END_TEST

static int without_a_folder(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s/s'", base);
	if (system(command) != 0)
		return 1;
	keep("x");
	cache_drop(&folder);
	return there_is_one() ? 2 : 0;
}

START_TEST(a_folder_that_is_gone)
{
	set_up();
	ck_assert_int_eq(in_child(without_a_folder), 0);
	tear_down();
}
END_TEST

TEST_SUITE("cache", what_is_kept_is_there, it_is_for_nobody_else,
	   the_old_one_stays_as_it_was_for_its_reader,
	   nothing_else_is_left_in_the_folder, no_folder_has_none,
	   a_reader_of_the_folder_keeps_nothing, links_are_not_followed,
	   a_hard_link_is_not_believed, a_fifo_is_not_waited_for,
	   a_folder_stays_and_nothing_is_kept,
	   what_others_may_touch_is_not_believed,
	   a_file_of_another_is_not_believed, a_device_is_not_believed,
	   damage_shows, words_in_another_order_show,
	   a_full_disk_leaves_nothing,
	   a_file_that_may_not_be_that_large_leaves_nothing,
	   a_folder_that_is_gone)
