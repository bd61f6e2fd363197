/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/process/confined.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/output.h"
#include "lib/test.h"

static struct diags diags;
static int out = -1, status;

static void lost(void *context, const struct diags *d)
{
	(void)context;
	for (size_t i = 0; i < d->n; i++)
		fprintf(stderr, "%s\n", d->v[i].text);
}

static bool never(void *context)
{
	(void)context;
	return false;
}

static bool always(void *context)
{
	(void)context;
	return true;
}

static size_t descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t n = 0;

	while (readdir(folder))
		n++;
	closedir(folder);
	return n;
}

static bool run(int (*work)(void *, int), bool (*stopped)(void *),
		void *context)
{
	const struct confined c = { .work = work,
				    .lost = lost,
				    .stopped = stopped,
				    .context = context };
	size_t before;
	bool ok;

	if (out >= 0)
		close(out);
	diags_release(&diags);
	before = descriptors();
	ok = confined_run(&c, &out, &status, &diags);
	ck_assert_int_ge(out, 0);
	ck_assert_uint_eq(descriptors(), before + 1);
	/* it was waited for */
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	return ok;
}

static void finish(void)
{
	close(out);
	out = -1;
	diags_release(&diags);
}

/* The exit status of work that ends by itself. */
static int done(int (*work)(void *, int), void *context)
{
	ck_assert_msg(run(work, never, context), "%s",
		      diags.n ? diags.v[0].text : "?");
	ck_assert_uint_eq(diags.n, 0);
	ck_assert_msg(WIFEXITED(status), "status %#x", (unsigned)status);
	return WEXITSTATUS(status);
}

/* --- what comes of it --- */

static int exit_with(void *context, int fd)
{
	(void)fd;
	return *(int *)context;
}

START_TEST(the_exit_status_is_told)
{
	int codes[] = { 0, 1, 10, 77, 255 };

	for (size_t i = 0; i < COUNT(codes); i++)
		ck_assert_int_eq(done(exit_with, &codes[i]), codes[i]);
	finish();
}
END_TEST

static int say(void *context, int fd)
{
	const struct buf *b = context;

	for (size_t i = 0; i < 1000; i++)
		if (!write_all(fd, b->text, b->size))
			return 1;
	return 0;
}

START_TEST(what_it_writes_is_there)
{
	AUTO_BUF struct buf b = { 0 };
	const char *bytes;
	size_t size;

	for (int i = 0; i < 1021; i++)
		buf_putc(&b, (char)i);
	ck_assert_int_eq(done(say, &b), 0);
	bytes = linux_map(out, &size);
	ck_assert_ptr_nonnull(bytes);
	ck_assert_uint_eq(size, 1000 * b.size);
	for (size_t i = 0; i < 1000; i++)
		ck_assert(memcmp(bytes + i * b.size, b.text, b.size) == 0);
	finish();
}
END_TEST

START_TEST(nothing_said_is_an_empty_file)
{
	int code = 0;
	size_t size;

	ck_assert_int_eq(done(exit_with, &code), 0);
	ck_assert_ptr_null(linux_map(out, &size));
	finish();
}
END_TEST

static int change_memory(void *context, int fd)
{
	*(int *)context = 5;
	return write_all(fd, "x", 1) ? 0 : 1;
}

START_TEST(its_memory_is_its_own)
{
	int value = 4;

	ck_assert_int_eq(done(change_memory, &value), 0);
	ck_assert_int_eq(value, 4);
	finish();
}
END_TEST

/* --- how it ends --- */

static int tell_and_wait(void *context, int fd)
{
	pid_t self = getpid();

	(void)context;
	if (!write_all(fd, &self, sizeof(self)))
		return 1;
	for (;;)
		poll(NULL, 0, -1);
}

/* Its number, once it has told. */
static pid_t told(void)
{
	pid_t pid;

	return pread(out, &pid, sizeof(pid), 0) == (ssize_t)sizeof(pid) ? pid
									: 0;
}

static bool kill_it(void *context)
{
	if (told())
		kill(told(), *(int *)context);
	return false;
}

START_TEST(killed_by_a_signal)
{
	int signals[] = { SIGKILL, SIGTERM };

	for (size_t i = 0; i < COUNT(signals); i++) {
		char number[32];

		ck_assert(!run(tell_and_wait, kill_it, &signals[i]));
		ck_assert_uint_eq(diags.n, 1);
		snprintf(number, sizeof(number), "by signal %d (", signals[i]);
		ck_assert_msg(strstr(diags.v[0].text, number), "%s",
			      diags.v[0].text);
		ck_assert(WIFSIGNALED(status));
		ck_assert_int_eq(WTERMSIG(status), signals[i]);
	}
	finish();
}
END_TEST

static bool when_told(void *context)
{
	++*(int *)context;
	return told() != 0;
}

START_TEST(stopped_is_killed_and_says_nothing)
{
	time_t start = time(NULL);
	int asked = 0;

	ck_assert(!run(tell_and_wait, when_told, &asked));
	ck_assert_uint_eq(diags.n, 0);
	ck_assert_int_gt(asked, 0);
	ck_assert_int_eq(kill(told(), 0), -1);
	ck_assert(!run(tell_and_wait, always, NULL));
	ck_assert_uint_eq(diags.n, 0);
	ck_assert_int_lt(time(NULL) - start, 10);
	finish();
}
END_TEST

/* 'Z': nobody has waited for it yet, but it is dead. */
static bool is_alive(pid_t pid)
{
	char path[64], state = 'Z';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 'Z';
	fclose(f);
	return state != 'Z' && state != 'X';
}

static bool pass_on(void *context)
{
	pid_t pid = told();

	return pid && write(*(int *)context, &pid, sizeof(pid)) < 0;
}

static void be_parent(int ends[2])
{
	const struct confined c = { .work = tell_and_wait,
				    .lost = lost,
				    .stopped = pass_on,
				    .context = &ends[1] };

	close(ends[0]);
	confined_run(&c, &out, &status, &diags);
	_exit(0);
}

START_TEST(it_dies_with_its_parent)
{
	const struct timespec moment = { 0, 10000000 };
	int ends[2];
	pid_t parent, pid = 0;

	ck_assert_int_eq(pipe(ends), 0);
	parent = fork();
	if (parent == 0)
		be_parent(ends);
	ck_assert_int_eq(read(ends[0], &pid, sizeof(pid)), sizeof(pid));
	ck_assert(is_alive(pid));
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	for (int i = 0; i < 1000 && is_alive(pid); i++)
		nanosleep(&moment, NULL);
	ck_assert(!is_alive(pid));
	close(ends[0]);
	close(ends[1]);
}
END_TEST

/* --- what it cannot --- */

static char path[64]; /* of a file that was there before */
static int writable, readable;
static char *shared, *shared_file;

enum { SIZE = 4096 };

static void make_things(void)
{
	snprintf(path, sizeof(path), "/tmp/converge-confined-XXXXXX");
	writable = mkstemp(path);
	ck_assert_int_ge(writable, 0);
	ck_assert_int_eq(ftruncate(writable, SIZE), 0);
	ck_assert_int_eq(chmod(path, 0666), 0);
	readable = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(readable, 0);
	shared = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	shared_file = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
			   writable, 0);
	ck_assert(shared != MAP_FAILED && shared_file != MAP_FAILED);
}

static void remove_things(void)
{
	munmap(shared, SIZE);
	munmap(shared_file, SIZE);
	close(writable);
	close(readable);
	unlink(path);
}

/* Each: whether it got through. */

static bool has_descriptor(int fd)
{
	(void)fd;
	return fcntl(writable, F_GETFD) >= 0;
}

static bool writes_it(int fd)
{
	(void)fd;
	return write(writable, "x", 1) == 1;
}

static bool opens_it(int fd)
{
	(void)fd;
	return open(path, O_WRONLY) >= 0;
}

static bool opens_both_ways(int fd)
{
	(void)fd;
	return open(path, O_RDWR) >= 0;
}

static bool makes_file(int fd)
{
	(void)fd;
	return open("/tmp/converge-confined", O_WRONLY | O_CREAT, 0600) >= 0;
}

static bool makes_folder(int fd)
{
	(void)fd;
	return mkdir("/tmp/converge-confined", 0700) == 0;
}

static bool opens_by_descriptor(int fd)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return open(name, O_RDWR) >= 0;
}

static bool writes_standard_input(int fd)
{
	(void)fd;
	return write(0, "x", 1) == 1;
}

static bool removes_it(int fd)
{
	(void)fd;
	return unlink(path) == 0;
}

static bool truncates_it(int fd)
{
	(void)fd;
	return truncate(path, 0) == 0;
}

static bool changes_mode(int fd)
{
	(void)fd;
	return chmod(path, 0600) == 0;
}

static bool renames_it(int fd)
{
	(void)fd;
	return rename(path, "/tmp/converge-confined") == 0;
}

static bool links_it(int fd)
{
	(void)fd;
	return link(path, "/tmp/converge-confined") == 0;
}

/* What would live on could still write when it has ended. */
static bool forks(int fd)
{
	pid_t pid = fork();

	(void)fd;
	if (pid == 0)
		_exit(0);
	return pid >= 0;
}

static bool clones(int fd)
{
	(void)fd;
	return syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) >= 0;
}

static bool runs_program(int fd)
{
	char *const argv[] = { (char *)(uintptr_t) "true", NULL };

	(void)fd;
	return execv("/bin/true", argv) == 0;
}

static bool signals_parent(int fd)
{
	(void)fd;
	return kill(getppid(), 0) == 0;
}

static bool traces_parent(int fd)
{
	(void)fd;
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0;
}

static bool opens_memory_of_parent(int fd)
{
	char name[64];

	(void)fd;
	snprintf(name, sizeof(name), "/proc/%d/mem", (int)getppid());
	return open(name, O_RDWR) >= 0;
}

static bool connects(int fd)
{
	(void)fd;
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ||
	       socket(AF_INET, SOCK_DGRAM, 0) >= 0;
}

static bool maps_output_shared(int fd)
{
	return write_all(fd, "x", 1) && mmap(NULL, SIZE, PROT_READ | PROT_EXEC,
					     MAP_SHARED, fd, 0) != MAP_FAILED;
}

static bool maps_code(int fd)
{
	(void)fd;
	return mmap(NULL, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool passes_descriptor_on(int fd)
{
	return dup2(fd, 1) >= 0 || dup(fd) >= 0 || fcntl(fd, F_DUPFD, 3) >= 0;
}

/* Whoever reads it would have to hold all of it. */
static bool makes_output_huge(int fd)
{
	return lseek(fd, (off_t)1 << 40, SEEK_SET) >= 0 &&
	       write(fd, "x", 1) == 1;
}

static bool cuts_output(int fd)
{
	return write_all(fd, "x", 1) && ftruncate(fd, 0) == 0;
}

#define ONE(name)           \
	{                   \
#name, name \
	}

static const struct {
	const char *name;
	bool (*act)(int fd);
} acts[] = {
	ONE(has_descriptor),
	ONE(writes_it),
	ONE(opens_it),
	ONE(opens_both_ways),
	ONE(makes_file),
	ONE(makes_folder),
	ONE(opens_by_descriptor),
	ONE(writes_standard_input),
	ONE(removes_it),
	ONE(truncates_it),
	ONE(changes_mode),
	ONE(renames_it),
	ONE(links_it),
	ONE(forks),
	ONE(clones),
	ONE(runs_program),
	ONE(signals_parent),
	ONE(traces_parent),
	ONE(connects),
	ONE(opens_memory_of_parent),
	ONE(maps_output_shared),
	ONE(maps_code),
	ONE(passes_descriptor_on),
	ONE(makes_output_huge),
	ONE(cuts_output),
};

static int attempt(void *context, int fd)
{
	return acts[*(size_t *)context].act(fd) ? 1 : 0;
}

START_TEST(it_can_do_nothing_else)
{
	make_things();
	signal(SIGXFSZ, SIG_IGN);
	for (size_t i = 0; i < COUNT(acts); i++)
		ck_assert_msg(done(attempt, &i) == 0, "%s", acts[i].name);
	ck_assert_int_eq(access(path, F_OK), 0);
	ck_assert_int_eq(access("/tmp/converge-confined", F_OK), -1);
	/* it is closed there, and here it is not */
	ck_assert_int_eq(fcntl(writable, F_GETFD) >= 0, 1);
	finish();
	remove_things();
}
END_TEST

static int read_things(void *context, int fd)
{
	char byte;

	(void)context;
	if (read(readable, &byte, 1) != 1 || open(path, O_RDONLY) < 0)
		return 1;
	return write_all(fd, "x", 1) ? 0 : 2;
}

START_TEST(it_can_read)
{
	make_things();
	ck_assert_int_eq(done(read_things, NULL), 0);
	finish();
	remove_things();
}
END_TEST

/* SQLite maps a file that all its users share, so apply has one. The kernel
 * tries to write to it. */
static int write_shared(void *context, int fd)
{
	char **memory = context;

	(void)fd;
	return syscall(SYS_getrandom, *memory, 16, 0) == -1 ? 0 : 1;
}

START_TEST(memory_that_was_shared_is_not_its)
{
	make_things();
	ck_assert_int_eq(done(write_shared, &shared), 0);
	ck_assert_int_eq(done(write_shared, &shared_file), 0);
	ck_assert_int_eq(shared[0], '\0');
	ck_assert_int_eq(shared_file[0], '\0');
	finish();
	remove_things();
}
END_TEST

static int take_memory(void *context, int fd)
{
	size_t taken = 0;

	(void)context;
	(void)fd;
	for (size_t i = 0; i < 64; i++)
		if (mmap(NULL, (size_t)64 << 20, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			 0) != MAP_FAILED)
			taken++;
	/* of 4 GiB it gets some, and less than one */
	return taken > 4 && taken <= 16 ? 0 : (int)taken + 1;
}

START_TEST(memory_is_limited)
{
#ifdef CONVERGE_FREES_ALL
	(void)take_memory; /* AddressSanitizer maps terabytes */
#else
	ck_assert_int_eq(done(take_memory, NULL), 0);
	finish();
#endif
}
END_TEST

/* --- the rest --- */

START_TEST(a_map_is_ours_to_write_to)
{
	char *bytes, now[4];
	size_t size;
	int ends[2];

	make_things();
	ck_assert_int_eq(pwrite(writable, "abc", 3, 0), 3);
	bytes = linux_map(readable, &size);
	ck_assert_ptr_nonnull(bytes);
	ck_assert_uint_eq(size, SIZE);
	ck_assert_int_eq(bytes[1], 'b');
	bytes[1] = 'x';
	ck_assert_int_eq(pread(readable, now, 3, 0), 3);
	ck_assert_int_eq(memcmp(now, "abc", 3), 0);
	munmap(bytes, size);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_ptr_null(linux_map(ends[0], &size));
	ck_assert_ptr_null(linux_map(-1, &size));
	close(ends[0]);
	close(ends[1]);
	remove_things();
}
END_TEST

START_TEST(writing_tells_when_it_fails)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(full, 0);
	ck_assert(!write_all(full, "x", 1));
	ck_assert_int_eq(errno, ENOSPC);
	ck_assert(write_all(full, "", 0));
	ck_assert(!write_all(-1, "x", 1));
	close(full);
}
END_TEST

START_TEST(this_build_has_a_name)
{
	const char *build = linux_build();

	ck_assert_ptr_nonnull(build);
	ck_assert_uint_eq(strlen(build), 40);
	ck_assert_uint_eq(strspn(build, "0123456789abcdef"), 40);
	ck_assert_ptr_eq(linux_build(), build);
}
END_TEST

/* Told by the linker, not by chance: it is what others read in the file. */
START_TEST(it_is_the_name_that_the_linker_gave)
{
	char told_by_file[64] = "";
	FILE *f = popen("readelf -n /proc/self/exe >/dev/null 2>&1 && "
			"readelf -n /proc/$PPID/exe 2>/dev/null | "
			"sed -n 's/.*Build ID: //p'",
			"r");

	ck_assert_ptr_nonnull(f);
	if (fgets(told_by_file, sizeof(told_by_file), f)) {
		told_by_file[strcspn(told_by_file, "\n")] = '\0';
		ck_assert_str_eq(linux_build(), told_by_file);
	}
	pclose(f);
}
END_TEST

TEST_SUITE("confined", the_exit_status_is_told, what_it_writes_is_there,
	   nothing_said_is_an_empty_file, its_memory_is_its_own,
	   killed_by_a_signal, stopped_is_killed_and_says_nothing,
	   it_dies_with_its_parent, it_can_do_nothing_else, it_can_read,
	   memory_that_was_shared_is_not_its, memory_is_limited,
	   a_map_is_ours_to_write_to, writing_tells_when_it_fails,
	   this_build_has_a_name, it_is_the_name_that_the_linker_gave)
