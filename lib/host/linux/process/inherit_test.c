/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/process/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/test.h"

extern char **environ;

/* All of it changes the process, so each test is in one of its own, whose
 * exit status is the line that went wrong, or 0. */
#define NEED(what)                                 \
	do {                                       \
		if (!(what))                       \
			_exit(__LINE__ % 251 + 1); \
	} while (0)

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
	ck_assert_msg(status == 0, "status %#x", (unsigned)status);
}

static int clean(void)
{
	AUTO_DIAGS struct diags d = { 0 };
	int cwd;

	NEED(inherit_clean(&cwd, &d));
	NEED(d.n == 0);
	return cwd;
}

/* F25: all combinations of closed standard descriptors. */
static unsigned closed;

static void without_descriptors(void)
{
	struct stat st, null;

	for (int fd = 0; fd <= 2; fd++)
		if (closed & (1U << fd))
			close(fd);
	clean();
	NEED(stat("/dev/null", &null) == 0);
	for (int fd = 0; fd <= 2; fd++) {
		NEED(fstat(fd, &st) == 0);
		if (closed & (1U << fd))
			NEED(st.st_rdev == null.st_rdev);
	}
	/* what is opened next is not one of them */
	NEED(open("/etc/passwd", O_RDONLY) > 2);
}

START_TEST(closed_descriptors_are_filled)
{
	for (closed = 0; closed < 8; closed++)
		apart(without_descriptors);
}
END_TEST

static void with_descriptors(void)
{
	int low = open("/etc/passwd", O_RDONLY), cwd;

	NEED(dup2(low, 200) == 200);
	cwd = clean();
	NEED(cwd > 2);
	for (int fd = 3; fd < 256; fd++)
		NEED(fd == cwd || fcntl(fd, F_GETFD) < 0);
	NEED(fcntl(cwd, F_GETFD) & FD_CLOEXEC);
}

START_TEST(other_descriptors_are_closed)
{
	apart(with_descriptors);
}
END_TEST

static void in_folder(void)
{
	struct stat etc, st;
	char path[64];
	int cwd;

	NEED(chdir("/etc") == 0);
	cwd = clean();
	NEED(getcwd(path, sizeof(path)) && strcmp(path, "/") == 0);
	NEED(stat("/etc", &etc) == 0 && fstat(cwd, &st) == 0);
	NEED(etc.st_ino == st.st_ino && etc.st_dev == st.st_dev);
	NEED(fcntl(cwd, F_GETFL) & O_PATH);
}

static void in_deleted_folder(void)
{
	char path[] = "/tmp/converge-inherit-XXXXXX";

	NEED(mkdtemp(path) && chdir(path) == 0 && rmdir(path) == 0);
	clean();
	NEED(getcwd(path, sizeof(path)) && strcmp(path, "/") == 0);
}

START_TEST(old_folder_is_left_and_handed_over)
{
	apart(in_folder);
	apart(in_deleted_folder);
}
END_TEST

static bool is_default(int n)
{
	struct sigaction action;

	return sigaction(n, NULL, &action) == 0 && action.sa_handler == SIG_DFL;
}

static bool is_ignored(int n)
{
	struct sigaction action;

	return sigaction(n, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* F26 */
static void with_signals(void)
{
	sigset_t all, left;

	signal(SIGCHLD, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGRTMIN, SIG_IGN);
	signal(SIGPIPE, SIG_DFL);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	clean();
	NEED(is_default(SIGCHLD) && is_default(SIGTERM));
	NEED(is_default(SIGRTMIN));
	NEED(is_ignored(SIGPIPE) && is_ignored(SIGXFSZ));
	sigprocmask(SIG_SETMASK, NULL, &left);
	for (int n = 1; n <= SIGRTMAX; n++)
		NEED(sigismember(&left, n) <= 0);
}

static void with_timer(void)
{
	const struct itimerval soon = { .it_value = { .tv_usec = 50000 } };
	struct itimerval left;

	setitimer(ITIMER_REAL, &soon, NULL);
	setitimer(ITIMER_PROF, &soon, NULL);
	clean();
	poll(NULL, 0, 120);
	getitimer(ITIMER_PROF, &left);
	NEED(left.it_value.tv_usec == 0 && left.it_value.tv_sec == 0);
}

START_TEST(signals_and_timers_are_reset)
{
	apart(with_signals);
	apart(with_timer);
}
END_TEST

static void with_limits(void)
{
	struct rlimit limit = { 4096, 1 << 20 };

	NEED(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	umask(0);
	clean();
	NEED(getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur == 1 << 20);
	NEED(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 &&
	     limit.rlim_max == 0);
	NEED(prctl(PR_GET_DUMPABLE) == 0);
	NEED(umask(0) == 077);
}

START_TEST(limits_and_mask_are_set)
{
	apart(with_limits);
}
END_TEST

static size_t count_variables(void)
{
	size_t n = 0;

	while (environ[n])
		n++;
	return n;
}

static bool is_set(const char *name, const char *value)
{
	const char *have = getenv(name);

	return have && strcmp(have, value) == 0;
}

static char *big;

/* F27 */
static void with_environment(void)
{
	setenv("PATH", ".:/tmp", 1);
	setenv("HOME", "/tmp", 1);
	setenv("LD_PRELOAD", "x.so", 1);
	setenv("GIT_DIR", "/tmp", 1);
	setenv("LANG", "../../x", 1);
	setenv("TERM", "xterm-256color", 1);
	setenv("NO_COLOR", "1", 1);
	setenv("TZ", "Europe/Berlin", 1);
	setenv("BIG", big, 1);
	clean();
	NEED(is_set("PATH", INHERIT_PATH) && is_set("HOME", "/root"));
	NEED(is_set("LANG", "C.UTF-8") && is_set("TERM", "xterm-256color"));
	NEED(is_set("NO_COLOR", "1") && is_set("TZ", "Europe/Berlin"));
	NEED(count_variables() == 6);
}

static const char *bad;

static void with_bad_zone(void)
{
	setenv("TZ", bad, 1);
	setenv("TERM", bad, 1);
	setenv("NO_COLOR", bad, 1);
	clean();
	NEED(!getenv("TZ"));
	NEED(count_variables() <= 5);
}

static void with_nothing(void)
{
	clearenv();
	clean();
	NEED(count_variables() == 3);
}

START_TEST(environment_is_rebuilt)
{
	static const char *const zones[] = {
		":/etc/shadow",
		"/etc/shadow",
		"../../../etc/shadow",
		"a/../b",
		"",
		"a b",
		"a\nb",
		"\x1b[2J",
		":UTC",
		"UTC\xff",
	};

	big = malloc(1 << 20);
	ck_assert_ptr_nonnull(big);
	memset(big, 'x', (1 << 20) - 1);
	big[(1 << 20) - 1] = '\0';
	apart(with_environment);
	for (size_t i = 0; i < COUNT(zones); i++) {
		bad = zones[i];
		apart(with_bad_zone);
	}
	bad = big;
	apart(with_bad_zone);
	apart(with_nothing);
	free(big);
}
END_TEST

static void catch_stop(struct stop *s)
{
	AUTO_DIAGS struct diags d = { 0 };

	NEED(inherit_catch_stop(s, &d));
}

static void stop_with_each(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };

	for (size_t i = 0; i < COUNT(signals); i++) {
		struct stop s;
		struct pollfd p;

		catch_stop(&s);
		NEED(stop_signal(&s) == 0 && !s.twice);
		raise(signals[i]);
		p = (struct pollfd){ .fd = s.fd, .events = POLLIN };
		NEED(poll(&p, 1, 0) == 1);
		NEED(stop_signal(&s) == signals[i] && !s.twice);
		NEED(stop_signal(&s) == signals[i] && !s.twice);
		raise(SIGTERM);
		NEED(stop_signal(&s) == signals[i] && s.twice);
		stop_release(&s);
		stop_release(&s);
	}
}

static void stop_with_two_at_once(void)
{
	struct stop s;

	catch_stop(&s);
	raise(SIGINT);
	raise(SIGTERM);
	NEED(stop_signal(&s) != 0 && s.twice);
}

/* Nothing is caught yet: it must not read from descriptor 0. */
static void stop_unset(void)
{
	struct stop s = { 0 };
	int ends[2];
	char byte;

	NEED(pipe(ends) == 0 && dup2(ends[0], 0) == 0);
	NEED(write(ends[1], "x", 1) == 1);
	NEED(stop_signal(&s) == 0);
	stop_release(&s);
	NEED(read(0, &byte, 1) == 1);
}

START_TEST(stop_signals_wait_to_be_asked_for)
{
	apart(stop_with_each);
	apart(stop_with_two_at_once);
	apart(stop_unset);
}
END_TEST

TEST_SUITE("inherit", closed_descriptors_are_filled,
	   other_descriptors_are_closed, old_folder_is_left_and_handed_over,
	   signals_and_timers_are_reset, limits_and_mask_are_set,
	   environment_is_rebuilt, stop_signals_wait_to_be_asked_for)
