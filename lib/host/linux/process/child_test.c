/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/process/child.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/host/linux/process/inherit.h"
#include "lib/test.h"

static struct arena arena;
static struct outcome outcome;

static void forget(void)
{
	outcome_release(&outcome);
	arena_release(&arena);
}

static int64_t run(const struct child *c)
{
	int64_t start = child_now();

	forget();
	child_run(c, &arena, &outcome);
	return child_now() - start;
}

/* As sh -c text; other says how. Milliseconds that it took. */
static int64_t shell(const char *text, struct child other)
{
	const char *const argv[] = { "sh", "-c", text, NULL };

	other.argv = argv;
	if (!other.timeout)
		other.timeout = 20000;
	return run(&other);
}

static int64_t program(const char *path)
{
	const char *const argv[] = { path, NULL };
	const struct child c = { .argv = argv, .timeout = 20000 };

	return run(&c);
}

static void exits(int code)
{
	ck_assert_msg(outcome.ending == ENDED_EXIT && outcome.code == code,
		      "ending %d code %d because %s: %s%s", outcome.ending,
		      outcome.code, outcome.because ? outcome.because : "-",
		      buf_text(&outcome.output), buf_text(&outcome.errors));
	ck_assert_ptr_null(outcome.because);
}

static void says(const char *text)
{
	ck_assert_str_eq(buf_text(&outcome.output), text);
}

static void contains(const char *text)
{
	ck_assert_msg(strstr(buf_text(&outcome.output), text) != NULL,
		      "no '%s' in: %s", text, buf_text(&outcome.output));
}

static void is_not_started(int code, const char *because)
{
	ck_assert_int_eq(outcome.ending, ENDED_NOT_STARTED);
	ck_assert_str_eq(outcome.because, because);
	ck_assert_int_eq(outcome.code, code);
}

/* Processes with that argument; a zombie has none. */
static size_t processes(const char *argument)
{
	const struct dirent *entry;
	DIR *folder = opendir("/proc");
	size_t found = 0;

	ck_assert_ptr_nonnull(folder);
	while ((entry = readdir(folder))) {
		char path[300], text[512];
		ssize_t n;
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/cmdline", entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		if (fd >= 0)
			close(fd);
		if (n <= 0)
			continue;
		text[n] = '\0';
		for (ssize_t at = 0; at < n;
		     at += (ssize_t)strlen(text + at) + 1)
			found += strcmp(text + at, argument) == 0;
	}
	closedir(folder);
	return found;
}

static void no_children(void)
{
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

/* A folder of its own, and a file in it. */
static char folder[64];

static const char *make_file(const char *name, const char *text, mode_t mode)
{
	static char path[128];
	FILE *file;

	if (!folder[0]) {
		snprintf(folder, sizeof(folder), "/tmp/converge-child-XXXXXX");
		ck_assert_ptr_nonnull(mkdtemp(folder));
	}
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
	ck_assert_int_eq(chmod(path, mode), 0);
	return path;
}

static void remove_folder(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
	folder[0] = '\0';
}

/* In a process of its own, which exits 0 when all went well. */
static void apart(void (*body)(void))
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		body();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		      "status %#x", (unsigned)status);
}

START_TEST(exit_status_and_both_streams_are_kept)
{
	shell("echo out; echo err >&2; exit 3", (struct child){ 0 });
	exits(3);
	says("out\n");
	ck_assert_str_eq(buf_text(&outcome.errors), "err\n");
	shell(":", (struct child){ 0 });
	exits(0);
	says("");
	no_children();
	forget();
}
END_TEST

START_TEST(no_program_is_named)
{
	program(NULL);
	is_not_started(ENOENT, "no program is named");
	program("");
	is_not_started(ENOENT, "no program is named");
	forget();
}
END_TEST

START_TEST(failure_to_execute_is_named_exactly)
{
	const char *path;
	char text[256], copy[128];

	program("converge-no-such");
	is_not_started(ENOENT, "no such program 'converge-no-such'");
	program("/converge/no/such");
	is_not_started(ENOENT, "no such program '/converge/no/such'");
	program("/etc/passwd/below");
	is_not_started(ENOTDIR, "no such program '/etc/passwd/below'");
	program("/usr");
	is_not_started(EACCES, "'/usr' is not executable");
	path = make_file("p", "#!/bin/sh\n", 0644);
	program(path);
	snprintf(text, sizeof(text), "'%s' is not executable", path);
	is_not_started(EACCES, text);
	path = make_file("p", "echo hello\n", 0755);
	program(path);
	snprintf(text, sizeof(text), "'%s' is not a program (no #! line?)",
		 path);
	is_not_started(ENOEXEC, text);
	path = make_file("p", "#! /no/such/sh -e\n", 0755);
	program(path);
	is_not_started(ENOENT, "no such interpreter '/no/such/sh'");
	snprintf(copy, sizeof(copy), "%s", path);
	remove_folder("p");
	forget();
}
END_TEST

START_TEST(text_busy_is_named)
{
	char text[256];
	const char *path = make_file("p", "", 0755);
	int fd;

	snprintf(text, sizeof(text), "cp /bin/true %s", path);
	shell(text, (struct child){ .umask = 022 });
	exits(0);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	program(path);
	close(fd);
	snprintf(text, sizeof(text), "'%s' is being written to", path);
	is_not_started(ETXTBSY, text);
	program(path);
	exits(0);
	remove_folder("p");
	forget();
}
END_TEST

START_TEST(name_is_looked_for_in_the_fixed_path_only)
{
	const char *const argv[] = { "converge-p", NULL };
	const char *path = make_file("converge-p", "#!/bin/sh\n", 0755);
	char env[128];
	const char *const envs[] = { env };
	struct child c = { .argv = argv, .env = envs, .nenv = 1 };

	snprintf(env, sizeof(env), "PATH=%s", folder);
	ck_assert_int_eq(setenv("PATH", folder, 1), 0);
	c.cwd = folder;
	run(&c);
	is_not_started(ENOENT, "no such program 'converge-p'");
	program(path);
	exits(0);
	setenv("PATH", INHERIT_PATH, 1);
	remove_folder("converge-p");
	forget();
}
END_TEST

START_TEST(name_too_long_is_no_program)
{
	char name[600];

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	program(name);
	ck_assert_int_eq(outcome.ending, ENDED_NOT_STARTED);
	ck_assert_int_eq(outcome.code, ENOENT);
	forget();
}
END_TEST

/* F40 */
START_TEST(ignoring_term_and_leaving_the_group_does_not_help)
{
	int64_t took = shell("trap '' TERM; (setsid sleep 98761 &); "
			     "(setsid sh -c 'setsid sleep 98761 & sleep "
			     "98761' &); sleep 98761",
			     (struct child){ .timeout = 500, .grace = 300 });

	ck_assert_int_eq(outcome.ending, ENDED_TIMEOUT);
	ck_assert_int_ge(took, 800);
	ck_assert_int_le(took, 2800);
	ck_assert_msg(strstr(outcome.because, "it ran longer than 500 ms; ") ==
			      outcome.because,
		      "%s", outcome.because);
	ck_assert_ptr_nonnull(strstr(outcome.because, "had left its group"));
	ck_assert_uint_eq(processes("98761"), 0);
	no_children();
	forget();
}
END_TEST

START_TEST(term_is_enough_for_who_heeds_it)
{
	int64_t took = shell("trap 'echo bye; exit 7' TERM; sleep 98764 & wait",
			     (struct child){ .timeout = 1000, .grace = 9000 });

	ck_assert_int_eq(outcome.ending, ENDED_TIMEOUT);
	ck_assert_str_eq(outcome.because, "it ran longer than 1 s");
	says("bye\n");
	ck_assert_int_le(took, 4000);
	ck_assert_uint_eq(processes("98764"), 0);
	no_children();
	forget();
}
END_TEST

/* F41 */
START_TEST(grandchild_that_holds_the_pipe_does_not_block)
{
	int64_t took =
		shell("sleep 98762 & echo done; exit 0", (struct child){ 0 });

	exits(0);
	says("done\n");
	ck_assert_int_le(took, 2000);
	ck_assert_uint_eq(processes("98762"), 0);
	took = shell("(trap '' TERM; sleep 98762; sleep 98762) & exit 0",
		     (struct child){ 0 });
	exits(0);
	ck_assert_int_le(took, 2000);
	ck_assert_uint_eq(processes("98762"), 0);
	no_children();
	forget();
}
END_TEST

START_TEST(quiet_rest_of_the_group_is_ended_at_once)
{
	int64_t took = shell("sleep 98765 >/dev/null 2>&1 & exit 0",
			     (struct child){ 0 });

	exits(0);
	ck_assert_int_le(took, 800);
	ck_assert_uint_eq(processes("98765"), 0);
	no_children();
	forget();
}
END_TEST

START_TEST(late_output_of_a_grandchild_is_read)
{
	shell("(sleep 0.3; echo late) & exit 0", (struct child){ 0 });
	exits(0);
	says("late\n");
	forget();
}
END_TEST

static const char daemonize[] =
	"setsid sleep 98763 >/dev/null 2>&1 </dev/null & sleep 0.2";

START_TEST(daemon_outlives_a_command_that_succeeds)
{
	shell(daemonize, (struct child){ 0 });
	exits(0);
	ck_assert_uint_eq(processes("98763"), 1);
	/* and one that runs after it, and is ended */
	shell("sleep 98766", (struct child){ .timeout = 200, .grace = 100 });
	ck_assert_int_eq(outcome.ending, ENDED_TIMEOUT);
	ck_assert_uint_eq(processes("98763"), 1);
	shell("kill $(pgrep -f '^sleep 98763$')", (struct child){ 0 });
	exits(0);
	ck_assert_int_gt(waitpid(-1, NULL, 0), 0);
	no_children();
	forget();
}
END_TEST

START_TEST(daemon_does_not_outlive_one_that_leaves_nothing)
{
	shell(daemonize, (struct child){ .leaves_nothing = true });
	exits(0);
	ck_assert_uint_eq(processes("98763"), 0);
	no_children();
	forget();
}
END_TEST

START_TEST(children_of_others_are_left_alone)
{
	pid_t pid = fork(), dead;
	int status;

	if (pid == 0) {
		pause();
		_exit(0);
	}
	dead = fork();
	if (dead == 0)
		_exit(5);
	shell("sleep 98767", (struct child){ .timeout = 200,
					     .grace = 100,
					     .leaves_nothing = true });
	ck_assert_int_eq(outcome.ending, ENDED_TIMEOUT);
	ck_assert_int_eq(waitpid(pid, &status, WNOHANG), 0);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(waitpid(dead, &status, 0), dead);
	ck_assert_int_eq(WEXITSTATUS(status), 5);
	no_children();
	forget();
}
END_TEST

/* F42 */
START_TEST(death_by_signal_is_reported)
{
	shell("kill -SEGV $$", (struct child){ 0 });
	ck_assert_int_eq(outcome.ending, ENDED_SIGNAL);
	ck_assert_int_eq(outcome.code, SIGSEGV);
	ck_assert_str_eq(outcome.because,
			 "killed by signal 11 (Segmentation fault)");
	shell("kill -KILL $$", (struct child){ 0 });
	ck_assert_int_eq(outcome.ending, ENDED_SIGNAL);
	ck_assert_int_eq(outcome.code, SIGKILL);
	forget();
}
END_TEST

START_TEST(stopped_is_a_timeout)
{
	int64_t took = shell("kill -STOP $$",
			     (struct child){ .timeout = 300, .grace = 300 });

	ck_assert_int_eq(outcome.ending, ENDED_TIMEOUT);
	ck_assert_int_le(took, 2600);
	no_children();
	forget();
}
END_TEST

/* F43 */
START_TEST(flood_is_read_in_flat_memory)
{
	struct rusage before, after;
	int64_t took;

	getrusage(RUSAGE_SELF, &before);
	took = shell("cat /dev/zero & cat /dev/zero >&2",
		     (struct child){ .timeout = 1000, .grace = 300 });
	getrusage(RUSAGE_SELF, &after);
	ck_assert_int_eq(outcome.ending, ENDED_TIMEOUT);
	ck_assert_int_le(took, 3500);
	ck_assert_int_le(after.ru_maxrss - before.ru_maxrss, 4096);
	ck_assert_uint_gt(outcome.output.size, 2 * CHILD_KEEP);
	ck_assert_uint_lt(outcome.output.size, 2 * CHILD_KEEP + 80);
	ck_assert_uint_gt(outcome.errors.size, 2 * CHILD_KEEP);
	ck_assert_mem_eq(outcome.output.text + CHILD_KEEP, "\n... ", 5);
	forget();
}
END_TEST

START_TEST(first_and_last_of_long_output_are_kept)
{
	shell("head -c 131072 /dev/zero | tr '\\0' a", (struct child){ 0 });
	exits(0);
	ck_assert_uint_eq(outcome.output.size, 131072);
	ck_assert_ptr_null(strstr(outcome.output.text, "left out"));
	shell("head -c 65536 /dev/zero | tr '\\0' a; printf xy; "
	      "head -c 65535 /dev/zero | tr '\\0' b",
	      (struct child){ 0 });
	exits(0);
	ck_assert_mem_eq(outcome.output.text + 65536,
			 "\n... 1 bytes left out ...\nyb", 28);
	ck_assert_int_eq(outcome.output.text[65535], 'a');
	ck_assert_uint_eq(outcome.output.size, 131072 + 26);
	shell("seq 100000", (struct child){ 0 });
	exits(0);
	ck_assert_int_eq(strncmp(outcome.output.text, "1\n2\n3\n", 6), 0);
	contains("\n... 457823 bytes left out ...\n");
	ck_assert_str_eq(outcome.output.text + outcome.output.size - 14,
			 "\n99999\n100000\n");
	forget();
}
END_TEST

START_TEST(output_is_taken_as_it_is)
{
	shell("printf 'a\\000b\\377'", (struct child){ 0 });
	exits(0);
	ck_assert_uint_eq(outcome.output.size, 4);
	ck_assert_mem_eq(outcome.output.text, "a\0b\377", 5);
	forget();
}
END_TEST

START_TEST(slow_output_does_not_move_the_deadline)
{
	int64_t took = shell("while :; do printf x; sleep 0.1; done",
			     (struct child){ .timeout = 600, .grace = 300 });

	ck_assert_int_eq(outcome.ending, ENDED_TIMEOUT);
	ck_assert_int_le(took, 2800);
	ck_assert_uint_ge(outcome.output.size, 2);
	forget();
}
END_TEST

START_TEST(closing_output_early_is_not_the_end)
{
	int64_t took =
		shell("exec >&- 2>&-; sleep 0.5; exit 4", (struct child){ 0 });

	exits(4);
	ck_assert_int_ge(took, 480);
	forget();
}
END_TEST

/* F45 */
START_TEST(nothing_is_inherited)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old[3];
	static const int signals[] = { SIGPIPE, SIGTERM, SIGXFSZ };
	sigset_t blocked, mask;
	int leaked[8];

	for (size_t i = 0; i < COUNT(leaked); i++)
		leaked[i] = open("/etc/passwd", O_RDONLY);
	for (size_t i = 0; i < COUNT(signals); i++)
		sigaction(signals[i], &ignore, &old[i]);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, &mask);
	setenv("LD_PRELOAD_X", "secret", 1);
	shell("for i in 3 4 5 6 7 8 9; do (echo x >&$i) 2>/dev/null && exit 9; "
	      "done; cat <&3 2>/dev/null; for f in /proc/$$/fd/*; do "
	      "echo fd ${f##*/}; done; grep -E 'Sig(Ign|Blk|Cgt)' "
	      "/proc/self/status; env | sort; "
	      "[ $(ps -o sid= -p $$) = $$ ] && echo session; umask; pwd",
	      (struct child){ .umask = 027 });
	exits(0);
	contains("fd 0\nfd 1\nfd 2\n");
	ck_assert_ptr_null(strstr(outcome.output.text, "root:"));
	contains("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
	contains("\nDEBIAN_FRONTEND=noninteractive\nHOME=/root\n"
		 "LANG=C.UTF-8\n");
	contains("\nPATH=" INHERIT_PATH "\nPWD=/\n");
	ck_assert_ptr_null(strstr(outcome.output.text, "secret"));
	contains("\nsession\n0027\n/\n");
	for (size_t i = 0; i < COUNT(signals); i++)
		sigaction(signals[i], &old[i], NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	for (size_t i = 0; i < COUNT(leaked); i++)
		close(leaked[i]);
	unsetenv("LD_PRELOAD_X");
	/* the shell adds OLDPWD and the like to what it is given */
	{
		const char *const argv[] = { "env", NULL };
		const char *const env[] = { "A=1", "HOME=/h", "A=2", "PATH=/x",
					    "B=" };
		const struct child c = { .argv = argv, .env = env, .nenv = 5 };

		run(&c);
		exits(0);
		says("PATH=/x\nLANG=C.UTF-8\nDEBIAN_FRONTEND=noninteractive\n"
		     "HOME=/h\nA=2\nB=\n");
	}
	forget();
}
END_TEST

START_TEST(standard_input_is_what_was_given)
{
	size_t size = 1 << 20;
	char *text = malloc(size);

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', size);
	shell("wc -c", (struct child){ .input = text, .input_size = size });
	exits(0);
	says("1048576\n");
	/* who does not read it gets on as well */
	shell(":", (struct child){ .input = text, .input_size = size });
	exits(0);
	shell("cat; cat /dev/stdin; echo x 2>/dev/null >&0 || echo sealed",
	      (struct child){ .input = "one\n", .input_size = 4 });
	contains("one\n");
	shell("cat; readlink /proc/self/fd/0", (struct child){ 0 });
	exits(0);
	says("/dev/null\n");
	shell("wc -c", (struct child){ .input = "", .input_size = 0 });
	exits(0);
	says("0\n");
	free(text);
	forget();
}
END_TEST

START_TEST(folder_is_changed_to)
{
	shell("pwd", (struct child){ .cwd = "/usr/bin" });
	exits(0);
	says("/usr/bin\n");
	shell("pwd", (struct child){ .cwd = "/no/such" });
	is_not_started(ENOENT, "cannot change to the folder '/no/such': No "
			       "such file or directory");
	forget();
}
END_TEST

/* F46 */
static const gid_t groups[] = { 4, 24 };
static const struct child_user nobody = { .name = "nobody",
					  .home = "/nonexistent",
					  .uid = 65534,
					  .gid = 65534,
					  .groups = groups,
					  .ngroups = 2 };

START_TEST(user_is_become_for_good)
{
	if (geteuid() != 0)
		return;
	shell("id -u; id -g; cat /proc/self/status; echo $USER $LOGNAME $HOME; "
	      "cat /etc/shadow; exit 0",
	      (struct child){ .user = &nobody });
	exits(0);
	contains("65534\n65534\n");
	contains("Uid:\t65534\t65534\t65534\t65534\n"
		 "Gid:\t65534\t65534\t65534\t65534\n");
	contains("Groups:\t4 24 \n");
	contains("CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\n"
		 "CapEff:\t0000000000000000\n");
	contains("NoNewPrivs:\t1\n");
	contains("nobody nobody /nonexistent\n");
	ck_assert_ptr_null(strstr(outcome.output.text, "root:"));
	/* the folder is entered as that user */
	make_file("p", "", 0600);
	shell(":", (struct child){ .user = &nobody, .cwd = folder });
	ck_assert_int_eq(outcome.ending, ENDED_NOT_STARTED);
	ck_assert_int_eq(outcome.code, EACCES);
	remove_folder("p");
	forget();
}
END_TEST

static void as_nobody(void)
{
	const struct child_user root = { .name = "root", .home = "/root" };
	const struct child_user self = {
		.name = "nobody", .home = "/", .uid = 65534, .gid = 65534
	};

	if (setgroups(0, NULL) < 0 || setresgid(65534, 65534, 65534) < 0 ||
	    setresuid(65534, 65534, 65534) < 0)
		_exit(1);
	shell("id -u", (struct child){ .user = &self });
	if (outcome.ending != ENDED_EXIT ||
	    strcmp(buf_text(&outcome.output), "65534\n") != 0)
		_exit(2);
	shell("id -u", (struct child){ .user = &root });
	if (outcome.ending != ENDED_NOT_STARTED ||
	    strcmp(outcome.because, "cannot become the user 'root': Operation "
				    "not permitted") != 0)
		_exit(3);
	forget();
}

START_TEST(who_is_not_root_becomes_no_one_else)
{
	if (geteuid() == 0)
		apart(as_nobody);
}
END_TEST

START_TEST(root_is_changed_to)
{
	int fd;

	if (geteuid() != 0 || access("/usr/lib64/ld-linux-x86-64.so.2", F_OK))
		return;
	fd = open("/usr", O_PATH | O_CLOEXEC);
	shell("test -x /bin/sh && ! test -e /usr/bin/sh && pwd",
	      (struct child){
		      .has_root = true, .root_fd = fd, .cwd = "/share" });
	close(fd);
	exits(0);
	says("/share\n");
	forget();
}
END_TEST

static int asked;

static bool stop_soon(void *context)
{
	return ++asked > *(const int *)context;
}

static bool always(void *context)
{
	(void)context;
	return true;
}

START_TEST(run_that_stops_ends_it)
{
	int after = 2;
	int64_t took;

	asked = 0;
	took = shell("sleep 98768",
		     (struct child){ .stopped = stop_soon, .context = &after });
	ck_assert_int_eq(outcome.ending, ENDED_INTERRUPTED);
	ck_assert_str_eq(outcome.because, "the run was told to stop");
	ck_assert_int_le(took, 2000);
	asked = 0;
	took = shell("trap '' TERM; echo on; sleep 98768; sleep 98768",
		     (struct child){ .stopped = stop_soon,
				     .context = &after,
				     .grace = 700 });
	ck_assert_int_eq(outcome.ending, ENDED_INTERRUPTED);
	ck_assert_int_ge(took, 700);
	ck_assert_int_le(took, 3000);
	ck_assert_uint_eq(processes("98768"), 0);
	no_children();
	forget();
}
END_TEST

START_TEST(second_signal_kills_at_once)
{
	int64_t took =
		shell("trap '' TERM; sleep 98769; sleep 98769",
		      (struct child){ .stopped = always, .hurried = always });

	ck_assert_int_eq(outcome.ending, ENDED_INTERRUPTED);
	ck_assert_int_le(took, 2000);
	ck_assert_uint_eq(processes("98769"), 0);
	forget();
}
END_TEST

static int refuse(void *context)
{
	return *(const int *)context;
}

START_TEST(program_does_not_run_unless_it_is_entered)
{
	int error = EPERM;

	shell("echo ran",
	      (struct child){ .enter = refuse, .enter_context = &error });
	is_not_started(EPERM,
		       "cannot enter its sandbox: Operation not permitted");
	says("");
	error = 0;
	shell("echo ran",
	      (struct child){ .enter = refuse, .enter_context = &error });
	exits(0);
	says("ran\n");
	forget();
}
END_TEST

/* F48 */
static void without_clone(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { COUNT(code), code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(1);
	shell(":", (struct child){ 0 });
	if (outcome.ending != ENDED_NOT_STARTED || outcome.code != EAGAIN ||
	    strcmp(outcome.because, "cannot start a process: Resource "
				    "temporarily unavailable") != 0)
		_exit(2);
	forget();
}

static void without_descriptors(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	for (rlim_t n = 3; n < 11; n++) {
		limit.rlim_cur = n;
		setrlimit(RLIMIT_NOFILE, &limit);
		shell(":", (struct child){ 0 });
		if (outcome.ending != ENDED_NOT_STARTED ||
		    outcome.code != EMFILE)
			_exit((int)n);
	}
	limit.rlim_cur = 64;
	setrlimit(RLIMIT_NOFILE, &limit);
	shell(":", (struct child){ 0 });
	if (outcome.ending != ENDED_EXIT)
		_exit(2);
	forget();
}

/* The lowest free number must be what it was: nothing leaks. */
START_TEST(failure_to_start_is_reported)
{
	int before = dup(0), after;

	close(before);
	apart(without_clone);
	apart(without_descriptors);
	shell(":", (struct child){ 0 });
	program("/no/such");
	after = dup(0);
	close(after);
	ck_assert_int_eq(before, after);
	forget();
}
END_TEST

static void without_standard_descriptors(void)
{
	close_range(0, ~0U, 0);
	shell("echo out; echo err >&2; cat", (struct child){ 0 });
	if (outcome.ending != ENDED_EXIT || outcome.code != 0 ||
	    strcmp(buf_text(&outcome.output), "out\n") != 0 ||
	    strcmp(buf_text(&outcome.errors), "err\n") != 0)
		_exit(1);
	forget();
}

static void with_lost_children(void)
{
	int64_t took;

	signal(SIGCHLD, SIG_IGN);
	took = shell("echo out", (struct child){ 0 });
	if (outcome.ending != ENDED_UNKNOWN || took > 5000)
		_exit(1);
	forget();
}

START_TEST(odd_callers_are_survived)
{
	apart(without_standard_descriptors);
	apart(with_lost_children);
}
END_TEST

/* A voluntary switch tells that others had the processor, getrusage(2). */
static void polled_in_vain(void)
{
	const struct rlimit none = { 0 };
	struct pollfd p = { .fd = 0, .events = POLLIN };
	struct rusage before, after;

	setrlimit(RLIMIT_NOFILE, &none);
	getrusage(RUSAGE_SELF, &before);
	if (child_poll(&p, 1, 0) != -1 || errno != EINVAL)
		_exit(1);
	getrusage(RUSAGE_SELF, &after);
	if (after.ru_nvcsw <= before.ru_nvcsw)
		_exit(2);
}

START_TEST(failing_poll_leaves_the_processor)
{
	apart(polled_in_vain);
}
END_TEST

TEST_SUITE("child", exit_status_and_both_streams_are_kept, no_program_is_named,
	   failure_to_execute_is_named_exactly, text_busy_is_named,
	   name_is_looked_for_in_the_fixed_path_only,
	   name_too_long_is_no_program,
	   ignoring_term_and_leaving_the_group_does_not_help,
	   term_is_enough_for_who_heeds_it,
	   grandchild_that_holds_the_pipe_does_not_block,
	   quiet_rest_of_the_group_is_ended_at_once,
	   late_output_of_a_grandchild_is_read,
	   daemon_outlives_a_command_that_succeeds,
	   daemon_does_not_outlive_one_that_leaves_nothing,
	   children_of_others_are_left_alone, death_by_signal_is_reported,
	   stopped_is_a_timeout, flood_is_read_in_flat_memory,
	   first_and_last_of_long_output_are_kept, output_is_taken_as_it_is,
	   slow_output_does_not_move_the_deadline,
	   closing_output_early_is_not_the_end, nothing_is_inherited,
	   standard_input_is_what_was_given, folder_is_changed_to,
	   user_is_become_for_good, who_is_not_root_becomes_no_one_else,
	   root_is_changed_to, run_that_stops_ends_it,
	   second_signal_kills_at_once,
	   program_does_not_run_unless_it_is_entered,
	   failure_to_start_is_reported, odd_callers_are_survived,
	   failing_poll_leaves_the_processor)
