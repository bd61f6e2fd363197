/* SPDX-License-Identifier: MIT */
/* Waiting for a program, and ending it. */
#include "lib/host/linux/process/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/host/linux/process/start.h"
#include "lib/host/linux/process/stream.h"

enum {
	TICK = 200,     /* the longest that stopped is not asked, in ms */
	DRAIN = 1000,   /* for output after the exit, while others hold it */
	LEFTOVER = 500, /* between TERM and KILL for the rest of the group */
	GIVE_UP = 2000, /* for a killed process to be gone */
};

struct pids {
	pid_t *v;
	size_t n, capacity;
};

struct running {
	const struct child *child;
	struct arena *arena;
	struct outcome *outcome;
	struct pids before; /* children that are not ours to touch */
	pid_t pid;
	int pid_fd, report_fd;
	struct stream output, errors;
	struct report report;
	bool reported;
	bool ended, killed; /* TERM, KILL was sent */
	bool exited;
	bool lost;           /* it exited, and somebody else waited for it */
	enum ending reason;  /* of ended */
	int64_t deadline;    /* for the next step: TERM, KILL, giving up */
	int64_t drain_until; /* once exited */
	siginfo_t info;      /* how it exited */
	size_t escaped;      /* processes killed outside its group */
};

int64_t child_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int child_poll(struct pollfd *p, size_t n, int milliseconds)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	int ready = poll(p, n, milliseconds);

	if (ready < 0 && errno != EINTR)
		nanosleep(&moment, NULL);
	return ready;
}

/*
 * Processes that left the group. As the subreaper this process becomes the
 * parent of each whose own parent died (prctl(2)).
 */

static bool pids_have(const struct pids *p, pid_t pid)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i] == pid)
			return true;
	return false;
}

/* The children of this process; none are found without /proc. */
static void list_children(struct arena *a, struct pids *p)
{
	AUTO_FD int fd =
		open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	AUTO_BUF struct buf text = { 0 };
	ssize_t n = 0;
	char *from, *end;

	do {
		text.size += (size_t)n;
		n = fd < 0 ? 0 : read(fd, buf_reserve(&text, 4096), 4096);
	} while (n > 0);
	buf_add(&text, "", 0);
	for (from = text.text;; from = end) {
		long pid = strtol(from, &end, 10);

		if (end == from)
			return;
		p->v = arena_grow(a, p->v, p->n, &p->capacity, sizeof(*p->v));
		p->v[p->n++] = (pid_t)pid;
	}
}

static void sleep_ms(long ms)
{
	const struct timespec time = { .tv_nsec = ms * 1000000 };

	nanosleep(&time, NULL);
}

/* Ends, or only buries, children that came to us; how many there were. */
static size_t take_escaped(struct running *r, bool end)
{
	struct pids now = { 0 };
	size_t n = 0;

	list_children(r->arena, &now);
	for (size_t i = 0; i < now.n; i++) {
		if (now.v[i] == r->pid || pids_have(&r->before, now.v[i]) ||
		    waitpid(now.v[i], NULL, WNOHANG) != 0)
			continue;
		n++;
		if (end && kill(now.v[i], SIGKILL) == 0)
			r->escaped++;
	}
	return n;
}

static void end_escaped(struct running *r)
{
	int64_t until = child_now() + GIVE_UP;

	/* each that dies may leave children of its own to us */
	while (take_escaped(r, true) && child_now() < until)
		sleep_ms(2);
}

/*
 * The group.
 */

static void signal_group(const struct running *r, int signal)
{
	/* before its setsid(2) there is no such group */
	if (kill(-r->pid, signal) < 0)
		kill(r->pid, signal);
	if (signal == SIGTERM)
		kill(-r->pid, SIGCONT);
}

static bool group_is_gone(const struct running *r, int64_t wait)
{
	int64_t until = child_now() + wait;

	for (;;) {
		while (waitpid(-r->pid, NULL, WNOHANG) > 0)
			;
		if (kill(-r->pid, 0) < 0 && errno == ESRCH)
			return true;
		if (child_now() >= until)
			return false;
		sleep_ms(2);
	}
}

/*
 * The leader is a zombie until it is waited for, so that until then its
 * number is no one else's; and while its group has members it stays taken.
 */
static void end_group(struct running *r)
{
	if (r->lost || !r->exited) {
		group_is_gone(r, 0);
		return;
	}
	signal_group(r, r->killed ? SIGKILL : SIGTERM);
	waitpid(r->pid, NULL, 0);
	if (group_is_gone(r, LEFTOVER))
		return;
	kill(-r->pid, SIGKILL);
	group_is_gone(r, GIVE_UP);
}

/*
 * The time while it runs.
 */

static int64_t or_default(int64_t value, int64_t otherwise)
{
	return value > 0 ? value : otherwise;
}

static void end(struct running *r, enum ending reason)
{
	r->ended = true;
	r->reason = reason;
	r->deadline = child_now() + or_default(r->child->grace, CHILD_GRACE);
	signal_group(r, SIGTERM);
}

static void end_at_once(struct running *r)
{
	r->killed = true;
	r->deadline = child_now() + GIVE_UP;
	signal_group(r, SIGKILL);
}

static void look_at_clock(struct running *r)
{
	const struct child *c = r->child;
	int64_t now = child_now();

	if (r->exited || r->killed)
		return;
	if (!r->ended && c->stopped && c->stopped(c->context))
		end(r, ENDED_INTERRUPTED);
	else if (!r->ended && now >= r->deadline)
		end(r, ENDED_TIMEOUT);
	else if (r->ended &&
		 (now >= r->deadline || (c->hurried && c->hurried(c->context))))
		end_at_once(r);
}

static void look_at_exit(struct running *r)
{
	int wrong;

	if (r->exited)
		return;
	wrong = waitid(P_PID, (id_t)r->pid, &r->info,
		       WEXITED | WNOHANG | WNOWAIT);
	/* not to be known, most likely as somebody else has waited for it */
	if ((wrong && errno == EINTR) || (!wrong && r->info.si_pid == 0))
		return;
	r->lost = wrong;
	r->exited = true;
	r->drain_until = child_now() + DRAIN;
}

static void read_report(struct running *r)
{
	ssize_t n;

	if (r->report_fd < 0)
		return;
	n = read(r->report_fd, &r->report, sizeof(r->report));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	r->reported = n == (ssize_t)sizeof(r->report);
	close_fd(&r->report_fd);
}

static int patience(const struct running *r)
{
	int64_t until = r->exited ? r->drain_until : r->deadline;
	int64_t left = until - child_now();
	int64_t most = r->pid_fd < 0 ? TICK / 10 : TICK;

	return left < 0 ? 0 : (int)(left < most ? left : most);
}

static void wait_for_more(struct running *r)
{
	const struct child *c = r->child;
	struct pollfd fds[] = {
		{ .fd = r->output.fd, .events = POLLIN },
		{ .fd = r->errors.fd, .events = POLLIN },
		{ .fd = r->report_fd, .events = POLLIN },
		{ .fd = r->exited ? -1 : r->pid_fd, .events = POLLIN },
		{ .fd = c->watch ? *c->watch : -1, .events = POLLIN },
	};

	if (child_poll(fds, COUNT(fds), patience(r)) <= 0)
		return;
	if (fds[0].revents)
		stream_read(&r->output);
	if (fds[1].revents)
		stream_read(&r->errors);
	if (fds[2].revents)
		read_report(r);
	if (fds[4].revents)
		c->watched(c->enter_context);
}

static bool is_over(const struct running *r)
{
	if (r->exited)
		return (r->output.fd < 0 && r->errors.fd < 0) ||
		       child_now() >= r->drain_until;
	return r->killed && child_now() >= r->deadline;
}

static void attend(struct running *r)
{
	while (!is_over(r)) {
		wait_for_more(r);
		look_at_exit(r);
		look_at_clock(r);
	}
	read_report(r);
}

/*
 * What to say about it.
 */

static const char *say_not_executed(struct arena *a, const struct report *p)
{
	switch (p->error) {
	case ENOENT:
	case ENOTDIR:
		return arena_printf(a, "no such program '%s'", p->detail);
	case EACCES:
		return arena_printf(a, "'%s' is not executable", p->detail);
	case ENOEXEC:
		return arena_printf(a, "'%s' is not a program (no #! line?)",
				    p->detail);
	case ETXTBSY:
		return arena_printf(a, "'%s' is being written to", p->detail);
	default:
		return arena_printf(a, "cannot execute '%s': %s", p->detail,
				    strerror(p->error));
	}
}

static const char *say_not_started(struct arena *a, const struct report *p)
{
	static const char *const what[] = {
		[STAGE_SESSION] = "cannot start a session",
		[STAGE_DESCRIPTORS] = "cannot set its descriptors",
		[STAGE_ROOT] = "cannot enter the root",
		[STAGE_FOLDER] = "cannot change to the folder",
		[STAGE_USER] = "cannot become the user",
		[STAGE_PRIVILEGES] = "cannot drop privileges",
		[STAGE_ENTER] = "cannot enter its sandbox",
	};

	if (p->stage == STAGE_EXECUTE)
		return say_not_executed(a, p);
	if (p->stage == STAGE_INTERPRETER)
		return p->detail[0]
			       ? arena_printf(a, "no such interpreter '%s'",
					      p->detail)
			       : "the loader that it names is missing";
	if (p->detail[0])
		return arena_printf(a, "%s '%s': %s", what[p->stage], p->detail,
				    strerror(p->error));
	return arena_printf(a, "%s: %s", what[p->stage], strerror(p->error));
}

static void not_started(struct outcome *o, int error, const char *because)
{
	o->ending = ENDED_NOT_STARTED;
	o->code = error;
	o->because = because;
}

static const char *say_ended(struct running *r)
{
	int64_t ms = or_default(r->child->timeout, CHILD_TIMEOUT);
	struct arena *a = r->arena;
	const char *text = "the run was told to stop";

	if (r->reason == ENDED_TIMEOUT)
		text = ms % 1000 ? arena_printf(a, "it ran longer than %lld ms",
						(long long)ms)
				 : arena_printf(a, "it ran longer than %lld s",
						(long long)ms / 1000);
	if (!r->exited)
		text = arena_printf(a, "%s; it could not be killed", text);
	if (r->escaped)
		text = arena_printf(a,
				    "%s; %zu process%s that had left its group "
				    "%s killed",
				    text, r->escaped,
				    r->escaped == 1 ? "" : "es",
				    r->escaped == 1 ? "was" : "were");
	return text;
}

static void judge(struct running *r)
{
	struct outcome *o = r->outcome;

	if (r->ended) {
		o->ending = r->reason;
		o->because = say_ended(r);
	} else if (r->reported) {
		not_started(o, r->report.error,
			    say_not_started(r->arena, &r->report));
	} else if (r->lost) {
		o->ending = ENDED_UNKNOWN;
		o->because = "its exit status was lost";
	} else if (r->info.si_code == CLD_EXITED) {
		o->ending = ENDED_EXIT;
		o->code = r->info.si_status;
	} else {
		o->ending = ENDED_SIGNAL;
		o->code = r->info.si_status;
		o->because = arena_printf(r->arena, "killed by signal %d (%s)",
					  o->code, strsignal(o->code));
	}
}

static void finish(struct running *r)
{
	bool everyone = r->ended || r->child->leaves_nothing;

	end_group(r);
	if (everyone)
		end_escaped(r);
	else
		take_escaped(r, false);
	/* what the rest of the group said last */
	stream_read(&r->output);
	stream_read(&r->errors);
	judge(r);
}

/*
 * The whole of it.
 */

static bool launch(struct running *r, struct start *s)
{
	r->pid = fork();
	if (r->pid == 0)
		start_become(s);
	if (r->pid < 0)
		return false;
	r->pid_fd = (int)syscall(SYS_pidfd_open, r->pid, 0);
	r->deadline =
		child_now() + or_default(r->child->timeout, CHILD_TIMEOUT);
	return true;
}

static bool open_all(struct running *r, struct start *s)
{
	int output[2] = { -1, -1 }, errors[2] = { -1, -1 };
	int report[2] = { -1, -1 };
	bool done;

	s->input = start_input(s->child);
	done = s->input >= 0 && start_pipe(output) && start_pipe(errors) &&
	       start_pipe(report);
	r->output.fd = output[0];
	r->output.first = r->child->keep ? r->child->keep : CHILD_KEEP;
	r->errors.first = CHILD_KEEP;
	r->errors.fd = errors[0];
	r->report_fd = report[0];
	s->output = output[1];
	s->errors = errors[1];
	s->report = report[1];
	return done;
}

static void close_ours(struct start *s)
{
	close_fd(&s->input);
	close_fd(&s->output);
	close_fd(&s->errors);
	close_fd(&s->report);
}

static size_t count(const char *const *v)
{
	size_t n = 0;

	while (v[n])
		n++;
	return n;
}

void child_run(const struct child *c, struct arena *a, struct outcome *o)
{
	struct start s = { .child = c, .parent = getpid() };
	struct running r = {
		.child = c, .arena = a, .outcome = o, .pid_fd = -1
	};
	bool launched;

	*o = (struct outcome){ 0 };
	if (!c->argv[0] || !c->argv[0][0]) {
		not_started(o, ENOENT, "no program is named");
		return;
	}
	s.argv = start_strings(a, c->argv, count(c->argv));
	s.env = start_environment(c, a);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	list_children(a, &r.before);
	launched = open_all(&r, &s) && launch(&r, &s);
	if (!launched)
		not_started(o, errno,
			    arena_printf(a, "cannot start a process: %s",
					 strerror(errno)));
	close_ours(&s);
	if (launched) {
		attend(&r);
		finish(&r);
	}
	stream_finish(&r.output, &o->output);
	stream_finish(&r.errors, &o->errors);
	close_fd(&r.report_fd);
	close_fd(&r.pid_fd);
}
