/* SPDX-License-Identifier: MIT */
/*
 * Stops a command at one of its system calls, to kill it there, to let an
 * attacker act there, or to make that one call fail: each instant of a run
 * becomes a test that can be repeated.
 *
 *	stopat [-defIqvxz] [-k | -K | -s SIGNAL] [-c CALL,...] [-h HOOK]
 *	       [-i [CALL=]ERROR] [-o FILE] [CALL:]N COMMAND [ARGUMENT...]
 *
 * COMMAND's system calls are numbered from 1, the first being the one after
 * the execve(2) that started it. At call N, or at the Nth of those named CALL,
 * before the kernel acts on it:
 *
 *	-h HOOK    runs HOOK (sh -c) with STOPAT_PID, STOPAT_N, STOPAT_CALL set
 *	-k -K -s   then kills the process, kills COMMAND's process group, or
 *	           sends SIGNAL (a name or a number) to the process
 *	-i ERROR   the call is not made, and fails with ERROR (a name or a
 *	           number; with 0 it is not made and seems to succeed)
 *	-I         so do all later calls of the same name
 *	-x         all of this after the call: it was made, whatever -i reports
 *	-f         children and threads are followed, and their calls count
 *	-d         then COMMAND goes on unseen, uncounted, unlisted; not with -I
 *	-z         sleeps of 10 ms and more end at once
 *	-c CALLS   only these calls count; -i CALL=ERROR is -c CALL -i ERROR
 *	-e         HOOK runs after every call instead; its failures are counted
 *	-o FILE -v lists each call as "number name" in FILE, on standard error
 *	-q         no closing line
 *
 * N = 0 only counts. The closing line on standard error is
 *
 *	stopat CALLS calls [at N NAME] [failures F] status S
 *
 * where "at" tells that the call was reached, and F how often HOOK failed. exit
 * and rt_sigreturn do not return, so -i leaves them alone; close lets go of the
 * descriptor whatever it says (close(2)), so it is made all the same. The exit
 * status is COMMAND's, 128 + n when signal n ended it, 127 when it could not be
 * started, 125 when stopat itself failed.
 *
 * COMMAND shares a processor with stopat, for they wait for each other at each
 * call, and leads a process group of its own. With -f stopat waits for all that
 * it follows; when stopat dies, they are killed. Other processes go on while
 * one of them is held. x86_64 only, for -i writes registers. See ptrace(2).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/auto.h"

enum { FAILED = 125, NOT_STARTED = 127, CALLS_MAX = 1024 };
enum { SLEEP_MIN = 10000000 }; /* ns: what -z ends at once */

struct word {
	const char *name;
	long number;
};

/* packed by hand */
/* clang-format off */
#define CALL(word) { .name = #word, .number = SYS_##word }
static const struct word call_names[] = {
	CALL(accept), CALL(accept4), CALL(access), CALL(acct), CALL(add_key),
	CALL(adjtimex), CALL(alarm), CALL(arch_prctl), CALL(bind), CALL(bpf),
	CALL(brk), CALL(capget), CALL(capset), CALL(chdir), CALL(chmod),
	CALL(chown), CALL(chroot), CALL(clock_adjtime), CALL(clock_getres),
	CALL(clock_gettime), CALL(clock_nanosleep), CALL(clock_settime),
	CALL(clone), CALL(clone3), CALL(close), CALL(close_range),
	CALL(connect), CALL(copy_file_range), CALL(creat), CALL(delete_module),
	CALL(dup), CALL(dup2), CALL(dup3), CALL(epoll_create),
	CALL(epoll_create1), CALL(epoll_ctl), CALL(epoll_pwait),
	CALL(epoll_pwait2), CALL(epoll_wait), CALL(eventfd), CALL(eventfd2),
	CALL(execve), CALL(execveat), CALL(exit), CALL(exit_group),
	CALL(faccessat), CALL(faccessat2), CALL(fadvise64), CALL(fallocate),
	CALL(fanotify_init), CALL(fanotify_mark), CALL(fchdir), CALL(fchmod),
	CALL(fchmodat), CALL(fchown), CALL(fchownat), CALL(fcntl),
	CALL(fdatasync), CALL(fgetxattr), CALL(finit_module), CALL(flistxattr),
	CALL(flock), CALL(fork), CALL(fremovexattr), CALL(fsconfig),
	CALL(fsetxattr), CALL(fsmount), CALL(fsopen), CALL(fspick),
	CALL(fstat), CALL(fstatfs), CALL(fsync), CALL(ftruncate), CALL(futex),
	CALL(futex_waitv), CALL(futimesat), CALL(get_robust_list),
	CALL(getcpu), CALL(getcwd), CALL(getdents), CALL(getdents64),
	CALL(getegid), CALL(geteuid), CALL(getgid), CALL(getgroups),
	CALL(getitimer), CALL(getpeername), CALL(getpgid), CALL(getpgrp),
	CALL(getpid), CALL(getppid), CALL(getpriority), CALL(getrandom),
	CALL(getresgid), CALL(getresuid), CALL(getrlimit), CALL(getrusage),
	CALL(getsid), CALL(getsockname), CALL(getsockopt), CALL(gettid),
	CALL(gettimeofday), CALL(getuid), CALL(getxattr), CALL(init_module),
	CALL(inotify_add_watch), CALL(inotify_init), CALL(inotify_init1),
	CALL(inotify_rm_watch), CALL(io_uring_enter), CALL(io_uring_register),
	CALL(io_uring_setup), CALL(ioctl), CALL(ioprio_get), CALL(ioprio_set),
	CALL(kcmp), CALL(keyctl), CALL(kill), CALL(landlock_add_rule),
	CALL(landlock_create_ruleset), CALL(landlock_restrict_self),
	CALL(lchown), CALL(lgetxattr), CALL(link), CALL(linkat), CALL(listen),
	CALL(listxattr), CALL(llistxattr), CALL(lremovexattr), CALL(lseek),
	CALL(lsetxattr), CALL(lstat), CALL(madvise), CALL(membarrier),
	CALL(memfd_create), CALL(memfd_secret), CALL(mincore), CALL(mkdir),
	CALL(mkdirat), CALL(mknod), CALL(mknodat), CALL(mlock), CALL(mlock2),
	CALL(mlockall), CALL(mmap), CALL(mount), CALL(mount_setattr),
	CALL(move_mount), CALL(mprotect), CALL(mremap), CALL(msync),
	CALL(munlock), CALL(munlockall), CALL(munmap), CALL(name_to_handle_at),
	CALL(nanosleep), CALL(newfstatat), CALL(open), CALL(open_by_handle_at),
	CALL(open_tree), CALL(openat), CALL(openat2), CALL(pause),
	CALL(personality), CALL(pidfd_getfd), CALL(pidfd_open),
	CALL(pidfd_send_signal), CALL(pipe), CALL(pipe2), CALL(pivot_root),
	CALL(poll), CALL(ppoll), CALL(prctl), CALL(pread64), CALL(preadv),
	CALL(preadv2), CALL(prlimit64), CALL(process_madvise),
	CALL(process_mrelease), CALL(process_vm_readv),
	CALL(process_vm_writev), CALL(pselect6), CALL(ptrace), CALL(pwrite64),
	CALL(pwritev), CALL(pwritev2), CALL(read), CALL(readahead),
	CALL(readlink), CALL(readlinkat), CALL(readv), CALL(reboot),
	CALL(recvfrom), CALL(recvmmsg), CALL(recvmsg), CALL(removexattr),
	CALL(rename), CALL(renameat), CALL(renameat2), CALL(request_key),
	CALL(restart_syscall), CALL(rmdir), CALL(rseq), CALL(rt_sigaction),
	CALL(rt_sigpending), CALL(rt_sigprocmask), CALL(rt_sigqueueinfo),
	CALL(rt_sigreturn), CALL(rt_sigsuspend), CALL(rt_sigtimedwait),
	CALL(sched_get_priority_max), CALL(sched_get_priority_min),
	CALL(sched_getaffinity), CALL(sched_getattr), CALL(sched_getparam),
	CALL(sched_getscheduler), CALL(sched_rr_get_interval),
	CALL(sched_setaffinity), CALL(sched_setattr), CALL(sched_setparam),
	CALL(sched_setscheduler), CALL(sched_yield), CALL(seccomp),
	CALL(select), CALL(sendfile), CALL(sendmmsg), CALL(sendmsg),
	CALL(sendto), CALL(set_robust_list), CALL(set_tid_address),
	CALL(setdomainname), CALL(setfsgid), CALL(setfsuid), CALL(setgid),
	CALL(setgroups), CALL(sethostname), CALL(setitimer), CALL(setns),
	CALL(setpgid), CALL(setpriority), CALL(setregid), CALL(setresgid),
	CALL(setresuid), CALL(setreuid), CALL(setrlimit), CALL(setsid),
	CALL(setsockopt), CALL(settimeofday), CALL(setuid), CALL(setxattr),
	CALL(shutdown), CALL(sigaltstack), CALL(signalfd), CALL(signalfd4),
	CALL(socket), CALL(socketpair), CALL(splice), CALL(stat), CALL(statfs),
	CALL(statx), CALL(symlink), CALL(symlinkat), CALL(sync),
	CALL(sync_file_range), CALL(syncfs), CALL(sysinfo), CALL(syslog),
	CALL(tgkill), CALL(time), CALL(timer_create), CALL(timer_delete),
	CALL(timer_getoverrun), CALL(timer_gettime), CALL(timer_settime),
	CALL(timerfd_create), CALL(timerfd_gettime), CALL(timerfd_settime),
	CALL(times), CALL(tkill), CALL(truncate), CALL(umask), CALL(umount2),
	CALL(uname), CALL(unlink), CALL(unlinkat), CALL(unshare),
	CALL(userfaultfd), CALL(utime), CALL(utimensat), CALL(utimes),
	CALL(vfork), CALL(vhangup), CALL(wait4), CALL(waitid), CALL(write),
	CALL(writev),
};

#define ERROR(word) { .name = #word, .number = (word) }
static const struct word error_names[] = {
	ERROR(E2BIG), ERROR(EACCES), ERROR(EAGAIN), ERROR(EBADF), ERROR(EBUSY),
	ERROR(ECHILD), ERROR(EDQUOT), ERROR(EEXIST), ERROR(EFAULT),
	ERROR(EFBIG), ERROR(EINTR), ERROR(EINVAL), ERROR(EIO), ERROR(EISDIR),
	ERROR(ELOOP), ERROR(EMFILE), ERROR(EMLINK), ERROR(ENAMETOOLONG),
	ERROR(ENFILE), ERROR(ENODATA), ERROR(ENODEV), ERROR(ENOENT),
	ERROR(ENOEXEC), ERROR(ENOLCK), ERROR(ENOMEM), ERROR(ENOSPC),
	ERROR(ENOSYS), ERROR(ENOTDIR), ERROR(ENOTEMPTY), ERROR(ENOTSUP),
	ERROR(ENXIO), ERROR(EOPNOTSUPP), ERROR(EOVERFLOW), ERROR(EPERM),
	ERROR(EPIPE), ERROR(ERANGE), ERROR(EROFS), ERROR(ESRCH), ERROR(ESTALE),
	ERROR(ETIMEDOUT), ERROR(ETXTBSY), ERROR(EXDEV),
};

#define SIGNAL(word) { .name = #word, .number = SIG##word }
static const struct word signal_names[] = {
	SIGNAL(ABRT), SIGNAL(ALRM), SIGNAL(BUS), SIGNAL(CHLD), SIGNAL(CONT),
	SIGNAL(FPE), SIGNAL(HUP), SIGNAL(ILL), SIGNAL(INT), SIGNAL(KILL),
	SIGNAL(PIPE), SIGNAL(QUIT), SIGNAL(SEGV), SIGNAL(STOP), SIGNAL(TERM),
	SIGNAL(TSTP), SIGNAL(USR1), SIGNAL(USR2), SIGNAL(XCPU), SIGNAL(XFSZ),
};
/* clang-format on */

struct options {
	bool follows, is_after, is_every, is_sticky, is_quiet, is_verbose;
	bool kills_group, fails_call, counts_some, is_awake, lets_go;
	bool counts[CALLS_MAX];
	int signal;
	long error;
	unsigned long point;
	long point_call; /* the only ones that count for it; or -1 */
	const char *hook;
	FILE *list;
	char **command;
};

/* A process or thread that is followed, and the call that it is in. */
struct tracee {
	pid_t id;
	bool is_in_call, is_counted, is_failing, is_awake;
	unsigned long nth;
	unsigned long nth_for_point;
	long call;
};

struct run {
	struct options options;
	struct tracee *tracees;
	size_t n, capacity;
	pid_t command;
	bool has_started, has_ended, has_acted, has_let_go;
	unsigned long calls, calls_for_point, failures;
	unsigned long acted_at;
	long acted_on;
	int status;
};

static NORETURN PRINTF(1, 2) void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("stopat: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(FAILED);
}

static bool number_parse(const char *text, long *number)
{
	char *end;

	errno = 0;
	*number = strtol(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && !*end && !errno;
}

static long word_number(const struct word *words, size_t n, const char *text,
			const char *what)
{
	long number;

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(words[i].name, text))
			return words[i].number;
	}
	if (!number_parse(text, &number))
		fail("unknown %s '%s'", what, text);
	return number;
}

/* The name of a call, or its number; valid until the next time. */
static const char *call_name(long call)
{
	static char number[32];

	for (size_t i = 0; i < COUNT(call_names); i++) {
		if (call_names[i].number == call)
			return call_names[i].name;
	}
	snprintf(number, sizeof(number), "%ld", call);
	return number;
}

static bool call_returns(long call)
{
	return call != SYS_exit && call != SYS_exit_group &&
	       call != SYS_rt_sigreturn;
}

static struct tracee *tracee_find(struct run *run, pid_t id)
{
	for (size_t i = 0; i < run->n; i++) {
		if (run->tracees[i].id == id)
			return &run->tracees[i];
	}
	return NULL;
}

static struct tracee *tracee_add(struct run *run, pid_t id)
{
	struct tracee *tracee = tracee_find(run, id);

	if (tracee)
		return tracee;
	if (run->n == run->capacity) {
		run->capacity = run->capacity ? run->capacity * 2 : 16;
		run->tracees = realloc(run->tracees,
				       run->capacity * sizeof(*run->tracees));
		if (!run->tracees)
			fail("out of memory");
	}
	tracee = &run->tracees[run->n++];
	*tracee = (struct tracee){ .id = id };
	return tracee;
}

static void tracee_remove(struct run *run, pid_t id)
{
	struct tracee *tracee = tracee_find(run, id);

	if (tracee)
		*tracee = run->tracees[--run->n];
}

/* A tracee that was killed meanwhile is gone (ESRCH): wait will tell. */
static void tracee_go(const struct run *run, pid_t id, int signal)
{
	bool stops = run->has_started && !run->has_let_go;

	ptrace(stops ? PTRACE_SYSCALL : PTRACE_CONT, id, NULL,
	       (void *)(intptr_t)signal);
}

static void tracee_poke(pid_t id, size_t offset, long value)
{
	ptrace(PTRACE_POKEUSER, id, (void *)(uintptr_t)offset,
	       (void *)(intptr_t)value);
}

static void hook_environment(const struct tracee *tracee)
{
	char number[32];

	snprintf(number, sizeof(number), "%ld", (long)tracee->id);
	setenv("STOPAT_PID", number, 1);
	snprintf(number, sizeof(number), "%lu", tracee->nth);
	setenv("STOPAT_N", number, 1);
	setenv("STOPAT_CALL", call_name(tracee->call), 1);
}

static void run_hook(struct run *run, const struct tracee *tracee)
{
	int status = 0;
	pid_t child;

	hook_environment(tracee);
	child = fork();
	if (child < 0)
		fail("cannot run the hook: %s", strerror(errno));
	if (!child) {
		execl("/bin/sh", "sh", "-c", run->options.hook, (char *)NULL);
		_exit(NOT_STARTED);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		run->failures++;
}

/* What is to happen at the point, but for making the call fail. */
static void run_act(struct run *run, const struct tracee *tracee)
{
	const struct options *options = &run->options;

	run->has_acted = true;
	run->acted_at = tracee->nth;
	run->acted_on = tracee->call;
	if (options->hook && !options->is_every)
		run_hook(run, tracee);
	if (options->signal)
		kill(options->kills_group ? -run->command : tracee->id,
		     options->signal);
}

static bool is_point(const struct run *run, const struct tracee *tracee)
{
	return tracee->is_counted && run->options.point &&
	       tracee->nth_for_point == run->options.point;
}

static bool is_to_fail(const struct run *run, const struct tracee *tracee)
{
	if (!run->options.fails_call || !call_returns(tracee->call))
		return false;
	if (is_point(run, tracee))
		return true;
	return run->options.is_sticky && run->has_acted &&
	       tracee->call == run->acted_on;
}

/* Whether it is a sleep for a time that is not to be slept. */
static bool is_long_sleep(pid_t id, long call, const uint64_t *arguments)
{
	uint64_t at = arguments[0];
	long seconds, nanoseconds;

	if (call == SYS_clock_nanosleep && arguments[1] == 0)
		at = arguments[2];
	else if (call != SYS_nanosleep)
		return false;
	errno = 0;
	seconds = ptrace(PTRACE_PEEKDATA, id, (void *)(uintptr_t)at, NULL);
	nanoseconds = ptrace(PTRACE_PEEKDATA, id,
			     (void *)(uintptr_t)(at + sizeof(long)), NULL);
	return !errno && (seconds > 0 || nanoseconds >= SLEEP_MIN);
}

static void call_list(const struct run *run, const struct tracee *tracee)
{
	const struct options *options = &run->options;

	if (options->is_verbose)
		fprintf(stderr, "%lu %s\n", tracee->nth,
			call_name(tracee->call));
	if (options->list)
		fprintf(options->list, "%lu %s\n", tracee->nth,
			call_name(tracee->call));
}

static bool call_counts(const struct options *options, long call)
{
	if (!options->counts_some)
		return true;
	return call >= 0 && call < CALLS_MAX && options->counts[call];
}

static void call_skip(const struct tracee *tracee)
{
	tracee_poke(tracee->id, offsetof(struct user_regs_struct, orig_rax),
		    -1);
}

static void call_answer(const struct tracee *tracee, long answer)
{
	tracee_poke(tracee->id, offsetof(struct user_regs_struct, rax), answer);
}

static void call_entered(struct run *run, struct tracee *tracee, long call,
			 const uint64_t *arguments)
{
	tracee->is_in_call = true;
	tracee->call = call;
	tracee->is_counted = call_counts(&run->options, call);
	if (tracee->is_counted) {
		tracee->nth = ++run->calls;
		tracee->nth_for_point = 0;
		if (run->options.point_call < 0 ||
		    run->options.point_call == call)
			tracee->nth_for_point = ++run->calls_for_point;
		call_list(run, tracee);
	}
	tracee->is_failing = is_to_fail(run, tracee);
	tracee->is_awake = run->options.is_awake && !tracee->is_failing &&
			   is_long_sleep(tracee->id, call, arguments);
	if (tracee->is_awake ||
	    (tracee->is_failing && call != SYS_close && !run->options.is_after))
		call_skip(tracee);
	if (is_point(run, tracee) && !run->options.is_after)
		run_act(run, tracee);
}

static void call_left(struct run *run, struct tracee *tracee)
{
	tracee->is_in_call = false;
	if (tracee->is_failing)
		call_answer(tracee, -run->options.error);
	else if (tracee->is_awake)
		call_answer(tracee, 0);
	if (run->options.is_every && tracee->is_counted)
		run_hook(run, tracee);
	if (!is_point(run, tracee))
		return;
	if (run->options.is_after)
		run_act(run, tracee);
	run->has_let_go = run->options.lets_go && !run->options.is_sticky;
}

static void on_call(struct run *run, pid_t id)
{
	struct tracee *tracee = tracee_add(run, id);
	struct __ptrace_syscall_info info = { 0 };

	if (ptrace(PTRACE_GET_SYSCALL_INFO, id, (void *)sizeof(info), &info) <=
	    0)
		return;
	/* the call numbers of 32-bit programs mean something else */
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		call_entered(run, tracee,
			     info.arch == AUDIT_ARCH_X86_64
				     ? (long)info.entry.nr
				     : -1,
			     info.entry.args);
	else if (tracee->is_in_call)
		call_left(run, tracee);
}

static pid_t tracee_message(pid_t id)
{
	unsigned long message = 0;

	ptrace(PTRACE_GETEVENTMSG, id, NULL, &message);
	return (pid_t)message;
}

/* A thread that calls execve(2) takes over the id of its process. */
static void on_exec(struct run *run, pid_t id)
{
	pid_t former = tracee_message(id);
	struct tracee *tracee;

	run->has_started = true;
	if (former == id || !tracee_find(run, former))
		return;
	tracee_remove(run, id);
	/* it may have moved to the place of the one removed */
	tracee = tracee_find(run, former);
	if (tracee)
		tracee->id = id;
}

static bool stops_group(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN ||
	       signal == SIGTTOU;
}

static void on_event(struct run *run, pid_t id, int event)
{
	if (event == PTRACE_EVENT_EXEC)
		on_exec(run, id);
	else if (event != PTRACE_EVENT_STOP)
		tracee_add(run, tracee_message(id));
}

static void on_stop(struct run *run, pid_t id, int status)
{
	int signal = WSTOPSIG(status), event = status >> 16;

	if (event == PTRACE_EVENT_STOP && stops_group(signal)) {
		ptrace(PTRACE_LISTEN, id, NULL, NULL);
		return;
	}
	if (event)
		on_event(run, id, event);
	else if (signal == (SIGTRAP | 0x80))
		on_call(run, id);
	tracee_go(run, id, event || signal == (SIGTRAP | 0x80) ? 0 : signal);
}

static void on_end(struct run *run, pid_t id, int status)
{
	tracee_remove(run, id);
	if (id != run->command)
		return;
	run->has_ended = true;
	run->status = WIFEXITED(status) ? WEXITSTATUS(status)
					: 128 + WTERMSIG(status);
}

static void run_follow(struct run *run)
{
	int status;
	pid_t id;

	while (run->n || !run->has_ended) {
		id = waitpid(-1, &status, __WALL);
		if (id < 0 && errno == EINTR)
			continue;
		if (id < 0)
			break;
		if (!WIFSTOPPED(status)) {
			on_end(run, id, status);
			continue;
		}
		tracee_add(run, id);
		on_stop(run, id, status);
	}
}

static NORETURN void command_exec(char **command, int gate,
				  const struct sigaction *child_action)
{
	char byte;

	setpgid(0, 0);
	sigaction(SIGCHLD, child_action, NULL);
	if (read(gate, &byte, 1) < 0)
		_exit(FAILED);
	execvp(command[0], command);
	fprintf(stderr, "stopat: cannot run '%s': %s\n", command[0],
		strerror(errno));
	_exit(NOT_STARTED);
}

static long ptrace_options(const struct options *options)
{
	long bits =
		PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;

	if (options->follows)
		bits |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			PTRACE_O_TRACECLONE;
	return bits;
}

/* Half the time of a run would be waking another processor up. */
static void share_processor(void)
{
	int here = sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(&set);
	if (here < 0 || here >= CPU_SETSIZE)
		return;
	CPU_SET((size_t)here, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* COMMAND waits at the gate until it is seized. */
static void run_start(struct run *run)
{
	struct sigaction child_action;
	int gate[2];

	share_processor();
	/* children of one who ignores SIGCHLD leave no status, wait(2) */
	sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = SIG_DFL },
		  &child_action);
	if (pipe2(gate, O_CLOEXEC) < 0)
		fail("cannot make a pipe: %s", strerror(errno));
	run->command = fork();
	if (run->command < 0)
		fail("cannot fork: %s", strerror(errno));
	if (!run->command) {
		close(gate[1]);
		command_exec(run->options.command, gate[0], &child_action);
	}
	setpgid(run->command, run->command);
	if (ptrace(PTRACE_SEIZE, run->command, NULL,
		   (void *)(intptr_t)ptrace_options(&run->options)) < 0) {
		kill(run->command, SIGKILL);
		fail("cannot trace: %s", strerror(errno));
	}
	tracee_add(run, run->command);
	close(gate[0]);
	close(gate[1]);
}

static void run_report(const struct run *run)
{
	const struct options *options = &run->options;

	if (options->list && fclose(options->list))
		fail("cannot write the list: %s", strerror(errno));
	if (options->is_quiet || !run->has_started)
		return;
	fprintf(stderr, "stopat %lu calls", run->calls);
	if (run->has_acted)
		fprintf(stderr, " at %lu %s", run->acted_at,
			call_name(run->acted_on));
	if (options->hook)
		fprintf(stderr, " failures %lu", run->failures);
	fprintf(stderr, " status %d\n", run->status);
}

static void options_count(struct options *options, char *names)
{
	long call;

	options->counts_some = true;
	for (char *rest = NULL, *name = strtok_r(names, ",", &rest); name;
	     name = strtok_r(NULL, ",", &rest)) {
		call = word_number(call_names, COUNT(call_names), name, "call");
		if (call >= CALLS_MAX)
			fail("unknown call '%s'", name);
		options->counts[call] = true;
	}
}

static void options_error(struct options *options, char *text)
{
	char *equals = strchr(text, '=');

	if (equals) {
		*equals = '\0';
		options_count(options, text);
		text = equals + 1;
	}
	options->fails_call = true;
	options->error =
		word_number(error_names, COUNT(error_names), text, "error");
}

static void options_list(struct options *options, const char *path)
{
	options->list = fopen(path, "we");
	if (!options->list)
		fail("cannot write '%s': %s", path, strerror(errno));
}

static void options_signal(struct options *options, const char *text)
{
	options->signal = (int)word_number(signal_names, COUNT(signal_names),
					   text, "signal");
}

static NORETURN void usage(void)
{
	fputs("usage: stopat [-defIqvxz] [-k | -K | -s SIGNAL] [-c CALL,...]\n"
	      "              [-h HOOK] [-i [CALL=]ERROR] [-o FILE] [CALL:]N\n"
	      "              COMMAND [ARGUMENT...]\n",
	      stderr);
	exit(FAILED);
}

static void options_flag(struct options *options, int letter)
{
	switch (letter) {
	case 'f':
		options->follows = true;
		return;
	case 'x':
		options->is_after = true;
		return;
	case 'e':
		options->is_every = true;
		return;
	case 'I':
		options->is_sticky = true;
		return;
	case 'q':
		options->is_quiet = true;
		return;
	case 'd':
		options->lets_go = true;
		return;
	case 'z':
		options->is_awake = true;
		return;
	case 'v':
		options->is_verbose = true;
		return;
	case 'k':
	case 'K':
		options->signal = SIGKILL;
		options->kills_group = letter == 'K';
		return;
	default:
		usage();
	}
}

static void options_point(struct options *options, char *text)
{
	char *colon = strchr(text, ':');
	long point;

	options->point_call = -1;
	if (colon) {
		*colon = '\0';
		options->point_call = word_number(call_names, COUNT(call_names),
						  text, "call");
		text = colon + 1;
	}
	if (!number_parse(text, &point))
		usage();
	options->point = (unsigned long)point;
}

static void options_parse(struct options *options, int n, char **arguments)
{
	int letter;

	while ((letter = getopt(n, arguments, "+defIqvxzkKs:c:h:i:o:")) != -1) {
		if (letter == 's')
			options_signal(options, optarg);
		else if (letter == 'c')
			options_count(options, optarg);
		else if (letter == 'h')
			options->hook = optarg;
		else if (letter == 'i')
			options_error(options, optarg);
		else if (letter == 'o')
			options_list(options, optarg);
		else
			options_flag(options, letter);
	}
	if (n - optind < 2)
		usage();
	if (options->is_every && !options->hook)
		fail("-e needs a hook");
	options_point(options, arguments[optind]);
	options->command = arguments + optind + 1;
}

int main(int n, char **arguments)
{
	struct run run = { .status = FAILED };

	options_parse(&run.options, n, arguments);
	run_start(&run);
	run_follow(&run);
	run_report(&run);
	free(run.tracees);
	return run.status;
}
