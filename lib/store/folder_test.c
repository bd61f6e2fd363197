/* SPDX-License-Identifier: MIT */
#include "lib/store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "lib/test.h"

enum { NOBODY = 65534 };

/* Everything of a test stands below one folder; its frame knows it. */
static char base[64];
static struct arena arena;
static struct diags diags;

static void set_up(void)
{
	memcpy(base, "/tmp/converge-XXXXXX", sizeof("/tmp/converge-XXXXXX"));
	ck_assert_ptr_nonnull(mkdtemp(base));
}

static void tear_down(void)
{
	char command[128];

	arena_release(&arena);
	diags_release(&diags);
	snprintf(command, sizeof(command), "rm -rf '%s'", base);
	ck_assert_int_eq(system(command), 0);
}

static const char *at(const char *name)
{
	return arena_printf(&arena, "%s/%s", base, name);
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
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

static void assert_none(const struct folder *f)
{
	ck_assert_int_eq(f->fd, -1);
	ck_assert_int_eq(f->backup, -1);
	ck_assert_int_eq(f->lock, -1);
}

static void assert_refused(const char *path, bool writable, const char *part)
{
	struct folder f = FOLDER_NONE;

	ck_assert(!folder_open(&f, path, writable, &arena, &diags));
	assert_said(part);
	assert_none(&f);
}

static struct folder opened(const char *path)
{
	struct folder f = FOLDER_NONE;

	ck_assert_msg(folder_open(&f, path, true, &arena, &diags), "%s",
		      said());
	return f;
}

static const struct lock_wait once = { 0 };

static enum lock_answer lock(struct folder *f, const char *command)
{
	return folder_lock(f, &once, command, &diags);
}

/* Does what it is told in a process of its own and waits for it. */
static int in_child(int (*act)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(act());
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(missing_folder_is_nothing_to_a_reader)
{
	struct folder f;

	set_up();
	ck_assert(folder_open(&f, at("a/b"), false, &arena, &diags));
	assert_none(&f);
	ck_assert_uint_eq(diags.n, 0);
	ck_assert(!exists(at("a")));
	folder_close(&f);
	tear_down();
}
END_TEST

START_TEST(missing_folder_is_made_for_a_writer)
{
	mode_t old = umask(077);
	struct folder f;

	set_up();
	f = opened(at("var/lib/converge"));
	ck_assert_uint_eq(mode_of(at("var")), 0755);
	ck_assert_uint_eq(mode_of(at("var/lib")), 0755);
	ck_assert_uint_eq(mode_of(at("var/lib/converge")), 0700);
	ck_assert_uint_eq(mode_of(at("var/lib/converge/backup")), 0700);
	ck_assert_int_ge(f.fd, 0);
	ck_assert_int_ge(f.backup, 0);
	folder_close(&f);
	assert_none(&f);
	umask(old);
	tear_down();
}
END_TEST

START_TEST(any_umask_makes_the_same_folder)
{
	static const mode_t masks[] = { 0, 022, 0777 };

	set_up();
	for (size_t i = 0; i < COUNT(masks); i++) {
		const char *path = at(arena_printf(&arena, "p%zu/s", i));
		mode_t old = umask(masks[i]);
		struct folder f = opened(path);

		umask(old);
		ck_assert_uint_eq(mode_of(path), 0700);
		ck_assert_uint_eq(mode_of(at(arena_printf(&arena, "p%zu", i))),
				  0755);
		folder_close(&f);
	}
	tear_down();
}
END_TEST

START_TEST(descriptors_are_not_inherited)
{
	struct folder f;

	set_up();
	f = opened(at("s"));
	ck_assert_int_eq(lock(&f, "apply"), LOCK_TAKEN);
	ck_assert_int_eq(fcntl(f.fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fcntl(f.backup, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fcntl(f.lock, F_GETFD), FD_CLOEXEC);
	folder_close(&f);
	tear_down();
}
END_TEST

START_TEST(looser_mode_is_repaired_by_a_writer_only)
{
	static const unsigned loose[] = {
		0777, 0755, 0710, 01777, 02770, 0500
	};
	struct folder f;

	set_up();
	for (size_t i = 0; i < COUNT(loose); i++) {
		f = opened(at("s"));
		folder_close(&f);
		ck_assert_int_eq(chmod(at("s"), loose[i]), 0);
		ck_assert_int_eq(chmod(at("s/backup"), loose[i]), 0);
		ck_assert(folder_open(&f, at("s"), false, &arena, &diags));
		ck_assert_int_ge(f.fd, 0);
		ck_assert_uint_eq(diags.n, loose[i] & 077 ? 2 : 0);
		ck_assert_uint_eq(diags.errors, 0);
		ck_assert_uint_eq(mode_of(at("s")), loose[i]);
		folder_close(&f);
		diags_release(&diags);
		f = opened(at("s"));
		ck_assert_uint_eq(mode_of(at("s")), 0700);
		ck_assert_uint_eq(mode_of(at("s/backup")), 0700);
		ck_assert_uint_eq(diags.n, 0);
		folder_close(&f);
	}
	tear_down();
}
END_TEST

START_TEST(link_in_its_place_is_refused)
{
	set_up();
	ck_assert_int_eq(mkdir(at("real"), 0755), 0);
	ck_assert_int_eq(symlink(at("real"), at("s")), 0);
	assert_refused(at("s"), true, "is a symbolic link");
	assert_refused(at("s"), false, "is a symbolic link");
	ck_assert_uint_eq(mode_of(at("real")), 0755);
	ck_assert(!exists(at("real/backup")));
	tear_down();
}
END_TEST

START_TEST(link_on_the_way_is_refused_and_named)
{
	set_up();
	ck_assert_int_eq(mkdir(at("real"), 0755), 0);
	ck_assert_int_eq(symlink("real", at("way")), 0);
	assert_refused(at("way/s"), true, "/way' is a symbolic link");
	assert_refused(at("way/s/t"), false, "/way' is a symbolic link");
	ck_assert(!exists(at("real/s")));
	ck_assert_ptr_nonnull(diags.v[0].hint);
	tear_down();
}
END_TEST

START_TEST(dangling_link_is_refused)
{
	set_up();
	ck_assert_int_eq(symlink("nowhere", at("s")), 0);
	assert_refused(at("s"), true, "is a symbolic link");
	ck_assert(!exists(at("nowhere")));
	tear_down();
}
END_TEST

START_TEST(link_in_place_of_backup_is_refused)
{
	struct folder f;

	set_up();
	f = opened(at("s"));
	folder_close(&f);
	ck_assert_int_eq(rmdir(at("s/backup")), 0);
	ck_assert_int_eq(symlink("/", at("s/backup")), 0);
	assert_refused(at("s"), true, "/s/backup' is a symbolic link");
	tear_down();
}
END_TEST

START_TEST(what_is_no_directory_is_refused)
{
	set_up();
	ck_assert_int_eq(mknod(at("file"), S_IFREG | 0600, 0), 0);
	ck_assert_int_eq(mkfifo(at("fifo"), 0600), 0);
	assert_refused(at("file"), true, "is not a directory");
	assert_refused(at("fifo"), true, "is not a directory");
	assert_refused(at("file/s"), true, "/file' is not a directory");
	assert_refused(at("fifo"), false, "is not a directory");
	tear_down();
}
END_TEST

START_TEST(odd_paths_are_refused)
{
	char *deep, *name;
	struct folder f;

	set_up();
	name = arena_alloc(&arena, NAME_MAX + 2);
	memset(name, 'n', NAME_MAX + 1);
	deep = arena_alloc(&arena, 5001);
	for (size_t i = 0; i < 5000; i += 2)
		memcpy(deep + i, i ? "d/" : "//", 2);
	assert_refused("", true, "is empty");
	/* However deep, it is walked, not taken for a name. */
	ck_assert(folder_open(&f, deep, false, &arena, &diags));
	assert_none(&f);
	assert_refused("/", true, "is the root folder");
	assert_refused("//.//", true, "is the root folder");
	assert_refused(at("a/../s"), true, "must not have '..'");
	assert_refused("..", true, "must not have '..'");
	assert_refused(at(name), true, "too long");
	ck_assert(!exists(at("s")));
	tear_down();
}
END_TEST

START_TEST(slashes_do_not_matter)
{
	struct folder f;

	set_up();
	f = opened(arena_printf(&arena, "/%s/.//s/./", base));
	ck_assert_str_eq(f.path, at("s"));
	ck_assert_uint_eq(mode_of(at("s")), 0700);
	folder_close(&f);
	tear_down();
}
END_TEST

START_TEST(relative_path_is_made_absolute)
{
	char *cwd = getcwd(NULL, 0);
	struct folder f;

	set_up();
	ck_assert_int_eq(chdir(base), 0);
	f = opened("s/t");
	ck_assert_int_eq(chdir(cwd), 0);
	ck_assert_str_eq(f.path, at("s/t"));
	ck_assert_uint_eq(mode_of(f.path), 0700);
	folder_close(&f);
	free(cwd);
	tear_down();
}
END_TEST

/* setfacl -m u:12345:rwx */
START_TEST(parent_with_an_access_control_list_is_refused)
{
	static const unsigned char list[] = { 2,   0,   0,   0,   1,  0, 7, 0,
					      255, 255, 255, 255, 2,  0, 7, 0,
					      57,  48,  0,   0,   4,  0, 5, 0,
					      255, 255, 255, 255, 16, 0, 7, 0,
					      255, 255, 255, 255, 32, 0, 5, 0,
					      255, 255, 255, 255 };
	struct folder f;

	set_up();
	ck_assert_int_eq(mkdir(at("open"), 0755), 0);
	if (setxattr(at("open"), "system.posix_acl_access", list, sizeof(list),
		     0) == 0) {
		assert_refused(at("open/s"), true,
			       "/open' may be written to by others");
		/* A mode that takes the list its rights is enough. */
		ck_assert_int_eq(chmod(at("open"), 0755), 0);
		ck_assert(folder_open(&f, at("open/s"), true, &arena, &diags));
		folder_close(&f);
	} else {
		ck_assert_int_eq(errno, EOPNOTSUPP);
	}
	tear_down();
}
END_TEST

START_TEST(parent_that_others_may_write_to_is_refused)
{
	struct folder f;

	set_up();
	ck_assert_int_eq(mkdir(at("open"), 0755), 0);
	ck_assert_int_eq(chmod(at("open"), 0777), 0);
	assert_refused(at("open/s"), true, "/open' may be written to by all");
	assert_refused(at("open/s"), false, "/open' may be written to by all");
	ck_assert(!exists(at("open/s")));
	/* In a sticky one nobody can take away what is ours: /tmp. */
	ck_assert_int_eq(chmod(at("open"), 01777), 0);
	f = opened(at("open/s"));
	folder_close(&f);
	tear_down();
}
END_TEST

START_TEST(foreign_folder_is_refused_by_root)
{
	set_up();
	if (geteuid() == 0) {
		ck_assert_int_eq(mkdir(at("s"), 0700), 0);
		ck_assert_int_eq(chown(at("s"), NOBODY, NOBODY), 0);
		assert_refused(at("s"), true, "belongs to user 65534");
		assert_refused(at("s"), false, "belongs to user 65534");
		assert_refused(at("s/t"), true, "belongs to user 65534");
		ck_assert(!exists(at("s/t")));
		/* A sticky parent of theirs is no better. */
		ck_assert_int_eq(chmod(at("s"), 01777), 0);
		assert_refused(at("s/t"), true, "belongs to user 65534");
	}
	tear_down();
}
END_TEST

START_TEST(group_that_is_not_ours_may_not_write_to_a_parent)
{
	set_up();
	if (geteuid() == 0) {
		ck_assert_int_eq(mkdir(at("g"), 0755), 0);
		ck_assert_int_eq(chown(at("g"), 0, 50), 0);
		ck_assert_int_eq(chmod(at("g"), 0775), 0);
		assert_refused(at("g/s"), true, "by group 50");
	}
	tear_down();
}
END_TEST

static const char *shared_path;

static int look_as_nobody(void)
{
	struct folder f;

	if (setgid(NOBODY) || setuid(NOBODY))
		return 10;
	if (!folder_open(&f, shared_path, false, &arena, &diags))
		return 11;
	if (f.fd >= 0)
		return 12;
	if (diags.n != 1 || diags.errors)
		return 13;
	return folder_open(&f, shared_path, true, &arena, &diags) ? 14 : 0;
}

START_TEST(reader_that_is_not_root_does_without_roots_folder)
{
	static const unsigned modes[] = { 0700, 0755 };
	struct folder f;

	set_up();
	if (geteuid() == 0) {
		f = opened(at("s"));
		folder_close(&f);
		ck_assert_int_eq(chmod(base, 0755), 0);
		shared_path = at("s");
		for (size_t i = 0; i < COUNT(modes); i++) {
			ck_assert_int_eq(chmod(at("s"), modes[i]), 0);
			ck_assert_int_eq(in_child(look_as_nobody), 0);
		}
	}
	tear_down();
}
END_TEST

START_TEST(lock_says_who_holds_it)
{
	struct folder a, b;
	const char *holder;

	set_up();
	a = opened(at("s"));
	b = opened(at("s"));
	ck_assert(!folder_held(&a, &arena, &holder));
	ck_assert_int_eq(lock(&a, "apply web\n\033[31m"), LOCK_TAKEN);
	ck_assert_uint_eq(mode_of(at("s/lock")), 0600);
	ck_assert_int_eq(lock(&b, "apply"), LOCK_BUSY);
	ck_assert_int_eq(b.lock, -1);
	assert_said("another run holds the lock");
	assert_said(arena_printf(&arena, "pid %ld ", (long)getpid()));
	assert_said("Z apply web??[31m");
	ck_assert(folder_held(&b, &arena, &holder));
	ck_assert_ptr_nonnull(strstr(holder, "apply web"));
	folder_close(&a);
	ck_assert(!folder_held(&b, &arena, &holder));
	ck_assert(exists(at("s/lock")));
	ck_assert_int_eq(lock(&b, "plan"), LOCK_TAKEN);
	folder_close(&b);
	tear_down();
}
END_TEST

START_TEST(long_command_is_cut)
{
	char *command;
	struct folder f;
	struct stat st;

	set_up();
	command = arena_alloc(&arena, 100001);
	memset(command, 'c', 100000);
	f = opened(at("s"));
	ck_assert_int_eq(lock(&f, command), LOCK_TAKEN);
	ck_assert_int_eq(fstat(f.lock, &st), 0);
	ck_assert_int_le(st.st_size, 512);
	folder_close(&f);
	f = opened(at("s"));
	ck_assert_int_eq(lock(&f, "x"), LOCK_TAKEN);
	ck_assert_int_eq(fstat(f.lock, &st), 0);
	ck_assert_int_lt(st.st_size, 64);
	folder_close(&f);
	tear_down();
}
END_TEST

START_TEST(lock_file_of_any_content_is_no_trouble)
{
	struct folder a, b;
	char junk[4096];
	int fd;

	set_up();
	memset(junk, 0xff, sizeof(junk));
	a = opened(at("s"));
	b = opened(at("s"));
	fd = openat(a.fd, "lock", O_CREAT | O_RDWR, 0666);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert_int_eq(write(fd, junk, sizeof(junk)), sizeof(junk));
	ck_assert_int_eq(lock(&a, "apply"), LOCK_BUSY);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_int_eq(lock(&a, "apply"), LOCK_BUSY);
	ck_assert_str_eq(strchr(said(), '\0') - 1, "'");
	close(fd);
	ck_assert_int_eq(lock(&b, "apply"), LOCK_TAKEN);
	ck_assert_uint_eq(mode_of(at("s/lock")), 0600);
	folder_close(&a);
	folder_close(&b);
	tear_down();
}
END_TEST

static struct folder *shared;
static int tell[2];

/* Takes the lock, says so, and stays until it is killed. */
static pid_t holder_process(void)
{
	pid_t pid;
	char c;

	ck_assert_int_eq(pipe2(tell, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		if (lock(shared, "holder") == LOCK_TAKEN &&
		    write(tell[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(tell[1]);
	ck_assert_int_eq(read(tell[0], &c, 1), 1);
	close(tell[0]);
	return pid;
}

static void kill_and_reap(pid_t pid)
{
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(killed_holder_gives_the_lock_up)
{
	struct folder f;
	pid_t pid;

	set_up();
	f = opened(at("s"));
	shared = &f;
	pid = holder_process();
	ck_assert_int_eq(lock(&f, "apply"), LOCK_BUSY);
	assert_said(arena_printf(&arena, "pid %ld ", (long)pid));
	kill_and_reap(pid);
	ck_assert_int_eq(lock(&f, "apply"), LOCK_TAKEN);
	folder_close(&f);
	tear_down();
}
END_TEST

/* As holder_process, with a command and a forked child that closed the folder,
 * both of which outlive it. */
static pid_t holder_with_children(pid_t children[2])
{
	int ready[2];
	pid_t pid;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		if (lock(shared, "holder") != LOCK_TAKEN)
			_exit(1);
		children[0] = fork();
		if (children[0] == 0) {
			execlp("sleep", "sleep", "1000", (char *)NULL);
			_exit(1);
		}
		children[1] = fork();
		if (children[1] == 0) {
			folder_close(shared);
			/* By now the other has long been executed: its
			 * descriptors are gone with it. */
			pause();
			_exit(1);
		}
		usleep(200 * 1000);
		if (write(ready[1], children, 2 * sizeof(pid_t)) > 0)
			pause();
		_exit(1);
	}
	ck_assert_int_eq(read(ready[0], children, 2 * sizeof(pid_t)),
			 2 * sizeof(pid_t));
	close(ready[0]);
	close(ready[1]);
	return pid;
}

START_TEST(children_of_a_killed_holder_do_not_keep_the_lock)
{
	struct folder f;
	pid_t pid, children[2];

	set_up();
	f = opened(at("s"));
	shared = &f;
	pid = holder_with_children(children);
	ck_assert_int_eq(lock(&f, "apply"), LOCK_BUSY);
	kill_and_reap(pid);
	ck_assert_int_eq(kill(children[0], 0), 0);
	ck_assert_int_eq(kill(children[1], 0), 0);
	ck_assert_int_eq(lock(&f, "apply"), LOCK_TAKEN);
	kill(children[0], SIGKILL);
	kill(children[1], SIGKILL);
	folder_close(&f);
	tear_down();
}
END_TEST

START_TEST(closing_in_a_forked_child_does_not_unlock_the_parent)
{
	struct folder a, b;
	pid_t pid;

	set_up();
	a = opened(at("s"));
	b = opened(at("s"));
	ck_assert_int_eq(lock(&a, "apply"), LOCK_TAKEN);
	pid = fork();
	if (pid == 0) {
		folder_close(&a);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_int_eq(lock(&b, "apply"), LOCK_BUSY);
	folder_close(&a);
	folder_close(&b);
	tear_down();
}
END_TEST

static int64_t elapsed_ms(struct timespec since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - since.tv_sec) * 1000 +
	       (now.tv_nsec - since.tv_nsec) / 1000000;
}

static bool stop_at_third(void *context)
{
	return ++*(int *)context == 3;
}

START_TEST(waiting_ends_in_time_or_when_told)
{
	struct lock_wait wait = { .timeout = 250 };
	struct timespec start;
	struct folder a, b;
	int asked = 0;

	set_up();
	a = opened(at("s"));
	b = opened(at("s"));
	ck_assert_int_eq(lock(&a, "apply"), LOCK_TAKEN);
	clock_gettime(CLOCK_MONOTONIC, &start);
	ck_assert_int_eq(lock(&b, "x"), LOCK_BUSY);
	ck_assert_int_lt(elapsed_ms(start), 100);
	ck_assert_int_eq(folder_lock(&b, &wait, "x", &diags), LOCK_BUSY);
	ck_assert_int_ge(elapsed_ms(start), 250);
	ck_assert_uint_eq(diags.n, 2);
	wait = (struct lock_wait){ .timeout = -1,
				   .stopped = stop_at_third,
				   .context = &asked };
	ck_assert_int_eq(folder_lock(&b, &wait, "x", &diags), LOCK_STOPPED);
	ck_assert_int_eq(asked, 3);
	ck_assert_uint_eq(diags.n, 2);
	folder_close(&a);
	folder_close(&b);
	tear_down();
}
END_TEST

START_TEST(waiting_gets_the_lock_when_it_is_given_up)
{
	struct lock_wait wait = { .timeout = 20000 };
	struct folder f;
	pid_t pid, killer;

	set_up();
	f = opened(at("s"));
	shared = &f;
	pid = holder_process();
	killer = fork();
	if (killer == 0) {
		usleep(300 * 1000);
		_exit(kill(pid, SIGKILL));
	}
	ck_assert_int_eq(folder_lock(&f, &wait, "x", &diags), LOCK_TAKEN);
	ck_assert_uint_eq(diags.n, 0);
	waitpid(pid, NULL, 0);
	waitpid(killer, NULL, 0);
	folder_close(&f);
	tear_down();
}
END_TEST

static int fight(void)
{
	struct folder f;
	int n = 0;

	for (int i = 0; i < 50; i++) {
		struct lock_wait wait = { .timeout = 30000 };
		int fd;

		if (!folder_open(&f, shared_path, true, &arena, &diags) ||
		    folder_lock(&f, &wait, "fight", &diags) != LOCK_TAKEN)
			return 1;
		/* Two at once would find each other's file. */
		fd = openat(f.fd, "alone", O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 || unlinkat(f.fd, "alone", 0) < 0)
			return 2;
		close(fd);
		/* Somebody tidies up: the name must not split the lock. */
		if (i % 10 == 3)
			unlinkat(f.fd, "lock", 0);
		folder_close(&f);
		n++;
	}
	return n == 50 ? 0 : 3;
}

START_TEST(only_one_at_a_time_even_when_the_file_is_removed)
{
	pid_t pids[4];
	int status;

	set_up();
	shared_path = at("s");
	for (size_t i = 0; i < COUNT(pids); i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(fight());
	}
	for (size_t i = 0; i < COUNT(pids); i++) {
		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert_int_eq(status, 0);
	}
	tear_down();
}
END_TEST

START_TEST(planted_lock_is_refused_and_left)
{
	struct folder f;

	set_up();
	f = opened(at("s"));
	ck_assert_int_eq(mknod(at("victim"), S_IFREG | 0644, 0), 0);
	ck_assert_int_eq(truncate(at("victim"), 10), 0);

	ck_assert_int_eq(symlink(at("victim"), at("s/lock")), 0);
	ck_assert_int_eq(lock(&f, "x"), LOCK_FAILED);
	assert_said("/lock' is a symbolic link");
	ck_assert_int_eq(unlink(at("s/lock")), 0);

	ck_assert_int_eq(symlink(at("nowhere"), at("s/lock")), 0);
	ck_assert_int_eq(lock(&f, "x"), LOCK_FAILED);
	ck_assert(!exists(at("nowhere")));
	ck_assert_int_eq(unlink(at("s/lock")), 0);

	ck_assert_int_eq(link(at("victim"), at("s/lock")), 0);
	ck_assert_int_eq(lock(&f, "x"), LOCK_FAILED);
	assert_said("more than one name");
	ck_assert_uint_eq(mode_of(at("victim")), 0644);
	ck_assert_int_eq(unlink(at("s/lock")), 0);

	ck_assert_int_eq(mkfifo(at("s/lock"), 0666), 0);
	ck_assert_int_eq(lock(&f, "x"), LOCK_FAILED);
	assert_said("not a regular file");
	ck_assert_int_eq(unlink(at("s/lock")), 0);

	ck_assert_int_eq(mkdir(at("s/lock"), 0777), 0);
	ck_assert_int_eq(lock(&f, "x"), LOCK_FAILED);
	assert_said("is a directory");
	ck_assert_int_eq(rmdir(at("s/lock")), 0);

	if (geteuid() == 0) {
		ck_assert_int_eq(mknod(at("s/lock"), S_IFREG | 0666, 0), 0);
		ck_assert_int_eq(chown(at("s/lock"), NOBODY, NOBODY), 0);
		ck_assert_int_eq(lock(&f, "x"), LOCK_FAILED);
		assert_said("belongs to another user");
		ck_assert_int_eq(unlink(at("s/lock")), 0);
	}
	ck_assert_int_eq(lock(&f, "x"), LOCK_TAKEN);
	folder_close(&f);
	tear_down();
}
END_TEST

static int grab_as_nobody(void)
{
	if (setgid(NOBODY) || setuid(NOBODY))
		return 10;
	if (open(shared_path, O_RDONLY) >= 0)
		return 11;
	return errno == EACCES ? 0 : 12;
}

START_TEST(nobody_cannot_open_the_lock)
{
	struct folder f;

	set_up();
	if (geteuid() == 0) {
		f = opened(at("s"));
		ck_assert_int_eq(lock(&f, "x"), LOCK_TAKEN);
		shared_path = at("s/lock");
		ck_assert_int_eq(chmod(base, 0777), 0);
		ck_assert_int_eq(in_child(grab_as_nobody), 0);
		/* Nor by the file's own mode, were the folder open. */
		ck_assert_int_eq(chmod(at("s"), 0777), 0);
		ck_assert_int_eq(in_child(grab_as_nobody), 0);
		folder_close(&f);
	}
	tear_down();
}
END_TEST

TEST_SUITE("folder", missing_folder_is_nothing_to_a_reader,
	   missing_folder_is_made_for_a_writer, any_umask_makes_the_same_folder,
	   descriptors_are_not_inherited,
	   looser_mode_is_repaired_by_a_writer_only,
	   link_in_its_place_is_refused, link_on_the_way_is_refused_and_named,
	   dangling_link_is_refused, link_in_place_of_backup_is_refused,
	   what_is_no_directory_is_refused, odd_paths_are_refused,
	   slashes_do_not_matter, relative_path_is_made_absolute,
	   parent_that_others_may_write_to_is_refused,
	   parent_with_an_access_control_list_is_refused,
	   foreign_folder_is_refused_by_root,
	   group_that_is_not_ours_may_not_write_to_a_parent,
	   reader_that_is_not_root_does_without_roots_folder,
	   lock_says_who_holds_it, long_command_is_cut,
	   lock_file_of_any_content_is_no_trouble,
	   killed_holder_gives_the_lock_up,
	   children_of_a_killed_holder_do_not_keep_the_lock,
	   closing_in_a_forked_child_does_not_unlock_the_parent,
	   waiting_ends_in_time_or_when_told,
	   waiting_gets_the_lock_when_it_is_given_up,
	   only_one_at_a_time_even_when_the_file_is_removed,
	   planted_lock_is_refused_and_left, nobody_cannot_open_the_lock)
