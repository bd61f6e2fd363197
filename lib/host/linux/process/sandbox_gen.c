/* SPDX-License-Identifier: MIT */
/*
 * Prints sandbox_filters.h: the seccomp filters of sandbox.c as arrays, so
 * that neither libseccomp nor the time to make them is needed at run time.
 * For the machine that it runs on.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/auto.h"
#include "lib/host/linux/process/sandbox.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define WITH_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(WITH_SANITIZER)
#define WITH_SANITIZER 1
#endif

enum {
	/* without O_DIRECTORY, which is part of it and harmless */
	TMPFILE = O_TMPFILE & ~O_DIRECTORY,
	WRITING = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND | TMPFILE,
	NEW_NAMESPACES = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
			 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |
			 CLONE_NEWCGROUP,
	LAST_NAME = 511,
};

static scmp_filter_ctx filter;

static void check(int error, const char *what)
{
	if (error >= 0)
		return;
	fprintf(stderr, "sandbox_gen: %s: %s\n", what, strerror(-error));
	exit(EXIT_FAILURE);
}

/* The number of a system call, or -1 where this machine has it not. */
static int number(const char *name)
{
	int nr = seccomp_syscall_resolve_name(name);

	return nr < 0 ? -1 : nr;
}

static void act(uint32_t action, const char *name, unsigned n,
		const struct scmp_arg_cmp *arguments)
{
	int nr = number(name);

	if (nr >= 0)
		check(seccomp_rule_add_exact_array(filter, action, nr, n,
						   arguments),
		      name);
}

static void allow(const char *name)
{
	act(SCMP_ACT_ALLOW, name, 0, NULL);
}

static void allow_if(const char *name, struct scmp_arg_cmp one)
{
	act(SCMP_ACT_ALLOW, name, 1, &one);
}

static void allow_if_both(const char *name, struct scmp_arg_cmp one,
			  struct scmp_arg_cmp other)
{
	const struct scmp_arg_cmp both[] = { one, other };

	act(SCMP_ACT_ALLOW, name, 2, both);
}

static struct scmp_arg_cmp equal(unsigned argument, uint64_t value)
{
	return (struct scmp_arg_cmp){ .arg = argument,
				      .op = SCMP_CMP_MASKED_EQ,
				      .datum_a = UINT32_MAX,
				      .datum_b = value & UINT32_MAX };
}

static struct scmp_arg_cmp is_null(unsigned argument)
{
	return (struct scmp_arg_cmp){ .arg = argument, .op = SCMP_CMP_EQ };
}

static struct scmp_arg_cmp masked(unsigned argument, uint64_t mask,
				  uint64_t value)
{
	return (struct scmp_arg_cmp){ .arg = argument,
				      .op = SCMP_CMP_MASKED_EQ,
				      .datum_a = mask,
				      .datum_b = value };
}

/* What only looks, at files and at the process itself. */
static const char *const looks[] = {
	"read",
	"readv",
	"pread64",
	"preadv",
	"close",
	"fstat",
	"fstat64",
	"newfstatat",
	"fstatat64",
	"stat",
	"stat64",
	"lstat",
	"lstat64",
	"statx",
	"statfs",
	"statfs64",
	"fstatfs",
	"fstatfs64",
	"lseek",
	"_llseek",
	"getdents",
	"getdents64",
	"readlink",
	"readlinkat",
	"access",
	"faccessat",
	"faccessat2",
	"getxattr",
	"lgetxattr",
	"fgetxattr",
	"listxattr",
	"llistxattr",
	"flistxattr",
	"getcwd",
	"munmap",
	"brk",
	"mremap",
	"madvise",
	"futex",
	"futex_time64",
	"getrandom",
	"clock_gettime",
	"clock_gettime64",
	"clock_getres",
	"clock_getres_time64",
	"gettimeofday",
	"time",
	"poll",
	"ppoll",
	"ppoll_time64",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigpending",
	"rt_sigreturn",
	"sigreturn",
	"rt_sigtimedwait",
	"rt_sigtimedwait_time64",
	"restart_syscall",
	"exit",
	"exit_group",
	"getuid",
	"geteuid",
	"getgid",
	"getegid",
	"getresuid",
	"getresgid",
	"getuid32",
	"geteuid32",
	"getgid32",
	"getegid32",
	"getgroups",
	"getgroups32",
	"getpid",
	"getppid",
	"gettid",
	"getpgrp",
	"getpgid",
	"getsid",
	"uname",
	"sysinfo",
	"getrusage",
	"getrlimit",
	"ugetrlimit",
};

/* What a program needs that may start others, talk to them and wait. */
static const char *const works[] = {
	"write",
	"writev",
	"pwrite64",
	"pwritev",
	"pwritev2",
	"preadv2",
	"mmap",
	"mmap2",
	"mprotect",
	"pkey_mprotect",
	"pkey_alloc",
	"pkey_free",
	"msync",
	"mincore",
	"mlock",
	"mlock2",
	"mlockall",
	"munlock",
	"munlockall",
	"mbind",
	"get_mempolicy",
	"set_mempolicy",
	"dup",
	"dup2",
	"dup3",
	"pipe",
	"pipe2",
	"select",
	"_newselect",
	"pselect6",
	"pselect6_time64",
	"epoll_create",
	"epoll_create1",
	"epoll_ctl",
	"epoll_wait",
	"epoll_pwait",
	"epoll_pwait2",
	"eventfd",
	"eventfd2",
	"timerfd_create",
	"timerfd_settime",
	"timerfd_gettime",
	"timerfd_settime64",
	"timerfd_gettime64",
	"signalfd",
	"signalfd4",
	"inotify_init",
	"inotify_init1",
	"inotify_add_watch",
	"inotify_rm_watch",
	"fork",
	"vfork",
	"execve",
	"execveat",
	"wait4",
	"waitid",
	"waitpid",
	"set_tid_address",
	"set_robust_list",
	"get_robust_list",
	"rseq",
	"arch_prctl",
	"prctl",
	"personality",
	"sigaltstack",
	"rt_sigsuspend",
	"sched_yield",
	"sched_getaffinity",
	"sched_getattr",
	"sched_getparam",
	"sched_getscheduler",
	"sched_get_priority_max",
	"sched_get_priority_min",
	"sched_rr_get_interval",
	"nanosleep",
	"clock_nanosleep",
	"clock_nanosleep_time64",
	"alarm",
	"pause",
	"getitimer",
	"setitimer",
	"timer_create",
	"timer_delete",
	"timer_getoverrun",
	"timer_gettime",
	"timer_settime",
	"timer_gettime64",
	"timer_settime64",
	"setsid",
	"setpgid",
	"umask",
	"chdir",
	"fchdir",
	"getpriority",
	"ioprio_get",
	"capget",
	"capset",
	"times",
	"sendfile",
	"sendfile64",
	"splice",
	"tee",
	"vmsplice",
	"copy_file_range",
	"readahead",
	"fadvise64",
	"fadvise64_64",
	"sync",
	"fsync",
	"fdatasync",
	"syncfs",
	"sync_file_range",
	"ftruncate",
	"ftruncate64",
	"fallocate",
	"memfd_create",
	"socketpair",
	"getsockopt",
	"getsockname",
	"getpeername",
	"recvfrom",
	"recvmsg",
	"recvmmsg",
	"recvmmsg_time64",
	"shutdown",
	"membarrier",
	"getcpu",
	"seccomp",
	"landlock_create_ruleset",
	"landlock_add_rule",
	"landlock_restrict_self",
	"pidfd_open",
	"kcmp",
	"close_range",
	"name_to_handle_at",
	"futex_waitv",
	"set_thread_area",
	"get_thread_area",
	"riscv_flush_icache",
	"cacheflush",
};

/* Not F_SETOWN and F_SETSIG, which send signals, nor leases. */
static const int descriptor_commands[] = {
	F_DUPFD,      F_DUPFD_CLOEXEC, F_GETFD,     F_SETFD,    F_GETFL,
	F_SETFL,      F_GETLK,         F_SETLK,     F_SETLKW,   F_OFD_GETLK,
	F_OFD_SETLK,  F_OFD_SETLKW,    F_GETOWN,    F_GETSIG,   F_GETPIPE_SZ,
	F_SETPIPE_SZ, F_ADD_SEALS,     F_GET_SEALS, F_GETLEASE,
};

/* Requests of ioctl(2) that only ask. */
static const unsigned long requests[] = {
	TCGETS,
	TIOCGWINSZ,
	TIOCGPGRP,
	TIOCGSID,
	FIONREAD,
	FIOCLEX,
	FIONCLEX,
	FIONBIO,
	FS_IOC_GETFLAGS,
	FS_IOC_GETVERSION,
	FIGETBSZ,
	FS_IOC_FSGETXATTR,
	BLKGETSIZE,
	BLKGETSIZE64,
	BLKSSZGET,
	BLKBSZGET,
	BLKPBSZGET,
	BLKROGET,
	BLKRAGET,
	BLKIOMIN,
	BLKIOOPT,
	BLKALIGNOFF,
	0x8910 /* SIOCGIFNAME */,
	0x8912 /* SIOCGIFCONF */,
	0x8913 /* SIOCGIFFLAGS */,
	0x8915 /* SIOCGIFADDR */,
	0x8919 /* SIOCGIFBRDADDR */,
	0x891b /* SIOCGIFNETMASK */,
	0x8921 /* SIOCGIFMTU */,
	0x8927 /* SIOCGIFHWADDR */,
	0x8933 /* SIOCGIFINDEX */,
};

/* Of this process: 0 names it. */
static const char *const own_first[] = {
	"sched_setaffinity",
	"sched_setattr",
	"sched_setparam",
	"sched_setscheduler",
};

static void allow_all(const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		allow(names[i]);
}

static void allow_reading(void)
{
	allow_all(looks, COUNT(looks));
	allow_if("open", masked(1, WRITING, 0));
	allow_if("openat", masked(2, WRITING, 0));
}

/* Their arguments lie in memory, where no filter sees them. libc has others
 * for when the kernel has them not. */
static void hide_new_calls(void)
{
	static const char *const hidden[] = {
		"clone3",         "openat2",           "io_uring_setup",
		"io_uring_enter", "io_uring_register",
	};

	for (size_t i = 0; i < COUNT(hidden); i++)
		act(SCMP_ACT_ERRNO(ENOSYS), hidden[i], 0, NULL);
}

/* A file that is open for writing could be changed by a shared mapping; that
 * none is, sandbox_enter sees to. */
static void allow_mapping(const char *name)
{
	allow_if_both(name, masked(2, PROT_EXEC, 0), masked(3, MAP_SHARED, 0));
	allow_if(name, masked(2, PROT_EXEC | PROT_WRITE, 0));
}

static void allow_writing(const char *name)
{
	allow_if(name, equal(0, 1));
	allow_if(name, equal(0, 2));
	for (unsigned i = 0; i < SANDBOX_WRITES; i++)
		allow_if(name, equal(0, SANDBOX_SLOT(i)));
}

/* The runtime of AddressSanitizer; it is no build for use. */
static void allow_sanitizer(void)
{
#ifdef WITH_SANITIZER
	allow("sigaltstack");
	allow("sched_yield");
#endif
}

static void make_plan(void)
{
	allow_reading();
	allow_mapping("mmap");
	allow_mapping("mmap2");
	allow_if("mprotect", masked(2, PROT_EXEC, 0));
	allow_writing("write");
	allow_writing("writev");
	allow_if("fcntl", equal(1, F_GETFD));
	allow_if("fcntl", equal(1, F_GETFL));
	allow_if_both("prlimit64", equal(0, 0), is_null(2));
	allow_sanitizer();
}

/* Unix, IPv4 and IPv6, streams and datagrams: to no one, connect(2) being
 * refused. A netlink socket would need no address. */
static void allow_sockets(void)
{
	static const int families[] = { AF_UNIX, AF_INET, AF_INET6 };
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	static const uint64_t protocols[] = { 0, 6, 17 };
	const uint64_t kind =
		UINT32_MAX & ~(uint64_t)(SOCK_CLOEXEC | SOCK_NONBLOCK);

	for (size_t f = 0; f < COUNT(families); f++) {
		for (size_t t = 0; t < COUNT(types); t++) {
			for (size_t p = 0; p < COUNT(protocols); p++) {
				const struct scmp_arg_cmp all[] = {
					equal(0, (uint64_t)families[f]),
					masked(1, kind, (uint64_t)types[t]),
					equal(2, protocols[p]),
				};

				act(SCMP_ACT_ALLOW, "socket", 3, all);
			}
		}
	}
	allow_if("sendto", is_null(4));
	allow_if("setsockopt", equal(1, SOL_SOCKET));
	allow_if("setsockopt", equal(1, 6));
}

static void allow_working(void)
{
	hide_new_calls();
	allow_all(works, COUNT(works));
	allow_if("clone", masked(0, NEW_NAMESPACES, 0));
	for (size_t i = 0; i < COUNT(descriptor_commands); i++) {
		allow_if("fcntl", equal(1, (uint64_t)descriptor_commands[i]));
		allow_if("fcntl64", equal(1, (uint64_t)descriptor_commands[i]));
	}
	for (size_t i = 0; i < COUNT(requests); i++)
		allow_if("ioctl", equal(1, requests[i]));
	for (size_t i = 0; i < COUNT(own_first); i++)
		allow_if(own_first[i], equal(0, 0));
	allow_if("prlimit64", equal(0, 0));
	allow_if("prlimit64", is_null(2));
	allow("setrlimit");
	allow_if_both("setpriority", equal(0, PRIO_PROCESS), equal(1, 0));
	allow_if_both("ioprio_set", equal(0, 1), equal(1, 0));
	allow_if("kill", equal(1, 0));
	allow_if("tkill", equal(1, 0));
	allow_if("tgkill", equal(2, 0));
	allow_if("syslog", equal(0, 3));
	allow_if("syslog", equal(0, 9));
	allow_if("syslog", equal(0, 10));
	allow_sockets();
}

static void make_look(void)
{
	allow_reading();
	allow_working();
}

/* Where Landlock lets it. A file that is opened for reading only can still
 * be emptied by O_TRUNC before Landlock's ABI 3. */
static void allow_opening(void)
{
	static const uint64_t ways[] = { O_WRONLY, O_RDWR, O_WRONLY | O_TRUNC,
					 O_RDWR | O_TRUNC };

	allow_if("open", masked(1, O_ACCMODE | O_TRUNC, O_RDONLY));
	allow_if("openat", masked(2, O_ACCMODE | O_TRUNC, O_RDONLY));
	for (size_t i = 0; i < COUNT(ways); i++) {
		allow_if("open", masked(1, O_ACCMODE | O_TRUNC, ways[i]));
		allow_if("openat", masked(2, O_ACCMODE | O_TRUNC, ways[i]));
	}
}

static void allow_changing(void)
{
	static const char *const changes[] = {
		"creat",    "mkdir",   "mkdirat",   "rmdir",     "unlink",
		"unlinkat", "rename",  "renameat",  "renameat2", "link",
		"linkat",   "symlink", "symlinkat", "flock",
	};

	allow_all(changes, COUNT(changes));
	allow_opening();
}

static void make_validate(void)
{
	allow_all(looks, COUNT(looks));
	allow_working();
	allow_changing();
}

/* In a private copy of what programs keep their logs and state in; all else
 * can only be read there. nginx -t opens its logs, gives its folders to their
 * owner, and tries its addresses: that they are taken is no error to it. */
static void make_trial(void)
{
	static const char *const perms[] = {
		"chmod",  "fchmod",    "fchmodat",  "chown",
		"lchown", "fchown",    "fchownat",  "utime",
		"utimes", "futimesat", "utimensat", "truncate",
	};

	make_validate();
	allow_all(perms, COUNT(perms));
	act(SCMP_ACT_ERRNO(EADDRINUSE), "bind", 0, NULL);
}

/* What talks to a server by TCP, and keeps what it says in files. It starts
 * nothing, and makes no memory executable. */
static void make_fetch(void)
{
	static const char *const calls[] = {
		"write",       "writev",          "pwrite64",
		"ftruncate",   "fallocate",       "fsync",
		"fdatasync",   "unlink",          "unlinkat",
		"rename",      "renameat",        "renameat2",
		"connect",     "sendto",          "sendmsg",
		"sendmmsg",    "recvfrom",        "recvmsg",
		"getsockopt",  "setsockopt",      "getsockname",
		"getpeername", "shutdown",        "select",
		"_newselect",  "pselect6",        "pselect6_time64",
		"nanosleep",   "clock_nanosleep", "clock_nanosleep_time64",
		"umask",       "msync",
	};
	static const int families[] = { AF_INET, AF_INET6 };

	hide_new_calls();
	allow_all(looks, COUNT(looks));
	allow_all(calls, COUNT(calls));
	allow_opening();
	allow_if("mmap", masked(2, PROT_EXEC, 0));
	allow_if("mmap2", masked(2, PROT_EXEC, 0));
	allow_if("mprotect", masked(2, PROT_EXEC, 0));
	for (size_t i = 0; i < COUNT(families); i++)
		allow_if("socket", equal(0, (uint64_t)families[i]));
	for (size_t i = 0; i < COUNT(descriptor_commands); i++) {
		allow_if("fcntl", equal(1, (uint64_t)descriptor_commands[i]));
		allow_if("fcntl64", equal(1, (uint64_t)descriptor_commands[i]));
	}
	allow_if("ioctl", equal(1, FIONREAD));
	allow_if("ioctl", equal(1, FIONBIO));
	allow_if_both("prlimit64", equal(0, 0), is_null(2));
	/* libgit2 gives its files modes, which no one asks for */
	act(SCMP_ACT_ERRNO(0), "chmod", 0, NULL);
	act(SCMP_ACT_ERRNO(0), "fchmod", 0, NULL);
	act(SCMP_ACT_ERRNO(0), "fchmodat", 0, NULL);
	allow_sanitizer();
}

static void print(const char *name)
{
	struct sock_filter code;
	FILE *file = tmpfile();

	if (!file) {
		check(-errno, "tmpfile");
		return;
	}
	check(seccomp_export_bpf(filter, fileno(file)), name);
	rewind(file);
	printf("\nstatic const struct sock_filter %s_filter[] = {\n", name);
	while (fread(&code, sizeof(code), 1, file) == 1)
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", code.code, code.jt,
		       code.jf, code.k);
	printf("};\n");
	fclose(file);
}

static void print_names(void)
{
	printf("\nstatic const char *const call_names[] = {\n");
	for (int i = 0; i <= LAST_NAME; i++) {
		char *name =
			seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);

		if (name)
			printf("\t[%d] = \"%s\",\n", i, name);
		free(name);
	}
	printf("};\n");
}

int main(void)
{
	static const struct {
		const char *name;
		uint32_t otherwise;
		void (*make)(void);
	} filters[] = {
		{ "plan", SCMP_ACT_ERRNO(EPERM), make_plan },
		{ "look", SCMP_ACT_NOTIFY, make_look },
		{ "validate", SCMP_ACT_ERRNO(EPERM), make_validate },
		{ "trial", SCMP_ACT_ERRNO(EPERM), make_trial },
		{ "fetch", SCMP_ACT_ERRNO(EPERM), make_fetch },
	};

	printf("/* Made by sandbox_gen.c. */\n#include <linux/filter.h>\n");
	for (size_t i = 0; i < COUNT(filters); i++) {
		filter = seccomp_init(filters[i].otherwise);
		if (!filter)
			check(-ENOMEM, filters[i].name);
		check(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
				       SCMP_ACT_KILL_PROCESS),
		      "architecture");
		check(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2),
		      "order");
		filters[i].make();
		print(filters[i].name);
		seccomp_release(filter);
	}
	print_names();
	return ferror(stdout) || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
