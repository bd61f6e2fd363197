/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/process/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

/* open(2) takes the lowest free number, so each gap is filled in its turn. */
static bool open_standard(struct diags *d)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (open("/dev/null", O_RDWR) != fd)
			return diag_errno(d, errno, "cannot open '/dev/null'");
	}
	return true;
}

static bool close_others(struct diags *d)
{
	if (close_range(3, ~0U, 0) < 0)
		return diag_errno(d, errno,
				  "cannot close inherited descriptors");
	return true;
}

static bool leave_folder(int *cwd, struct diags *d)
{
	*cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (chdir("/") < 0)
		return diag_errno(d, errno, "cannot change to '/'");
	return true;
}

/*
 * execve(2) leaves a signal ignored or at its default. Only what is ignored
 * is touched, so that the handlers of a sanitizer stay.
 */
static void reset_signals(void)
{
	struct sigaction action;
	sigset_t none;

	for (int n = 1; n <= SIGRTMAX; n++)
		if (sigaction(n, NULL, &action) == 0 &&
		    action.sa_handler == SIG_IGN)
			signal(n, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* alarm(2) is ITIMER_REAL; timer_create(2) ones do not outlive execve(2). */
static void clear_timers(void)
{
	const struct itimerval none = { 0 };

	setitimer(ITIMER_REAL, &none, NULL);
	setitimer(ITIMER_VIRTUAL, &none, NULL);
	setitimer(ITIMER_PROF, &none, NULL);
}

static bool set_limits(struct diags *d)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit size;

	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return diag_errno(d, errno, "cannot forbid core dumps");
	if (getrlimit(RLIMIT_FSIZE, &size) < 0)
		return diag_errno(d, errno, "cannot read the file size limit");
	size.rlim_cur = size.rlim_max;
	if (setrlimit(RLIMIT_FSIZE, &size) < 0)
		return diag_errno(d, errno, "cannot raise the file size limit");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return diag_errno(d, errno, "cannot forbid core dumps");
	return true;
}

static bool made_of(const char *text, const char *others, size_t max)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if (!strchr(letters, text[i]) && !strchr(others, text[i]))
			return false;
	return n > 0 && n <= max;
}

static bool term_is_harmless(const char *text)
{
	return made_of(text, "_+-.", 64);
}

/* no-color.org: what counts is that it is there and not empty. */
static bool no_color_is_harmless(const char *text)
{
	return made_of(text, "", 16);
}

/*
 * A name below /usr/share/zoneinfo, or a plain rule ("CET-1CEST"). tzset(3)
 * opens, as root, what follows a ':', begins with '/' or climbs with "..".
 */
static bool zone_is_harmless(const char *text)
{
	return made_of(text, "_+-/", 128) && text[0] != '/';
}

static const struct {
	const char *name;
	bool (*is_harmless)(const char *);
} kept[] = {
	{ "TERM", term_is_harmless },
	{ "NO_COLOR", no_color_is_harmless },
	{ "TZ", zone_is_harmless },
};

static bool rebuild_environment(struct diags *d)
{
	char *values[COUNT(kept)] = { NULL };
	bool done;

	for (size_t i = 0; i < COUNT(kept); i++) {
		const char *value = getenv(kept[i].name);

		if (value && kept[i].is_harmless(value))
			values[i] = strdup(value);
	}
	done = clearenv() == 0 && setenv("PATH", INHERIT_PATH, 1) == 0 &&
	       setenv("HOME", "/root", 1) == 0 &&
	       setenv("LANG", "C.UTF-8", 1) == 0;
	for (size_t i = 0; i < COUNT(kept); i++) {
		if (values[i] && setenv(kept[i].name, values[i], 1) < 0)
			done = false;
		free(values[i]);
	}
	return done || diag_errno(d, ENOMEM, "cannot set the environment");
}

bool inherit_clean(int *cwd, struct diags *d)
{
	*cwd = -1;
	umask(077);
	reset_signals();
	clear_timers();
	return open_standard(d) && close_others(d) && leave_folder(cwd, d) &&
	       set_limits(d) && rebuild_environment(d);
}

bool inherit_catch_stop(struct stop *s, struct diags *d)
{
	sigset_t set;

	*s = (struct stop){ 0 };
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return diag_errno(d, errno, "cannot block signals");
	s->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->fd < 0)
		return diag_errno(d, errno, "cannot wait for signals");
	s->caught = true;
	return true;
}

int stop_signal(struct stop *s)
{
	struct signalfd_siginfo info;

	while (s->caught &&
	       read(s->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (s->signal)
			s->twice = true;
		else
			s->signal = (int)info.ssi_signo;
	}
	return s->signal;
}

void stop_release(struct stop *s)
{
	if (s->caught)
		close(s->fd);
	s->caught = false;
}
