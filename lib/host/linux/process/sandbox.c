/* SPDX-License-Identifier: MIT */
/* The sandboxes from inside: what a process gives up as it enters one. */
#include "lib/host/linux/process/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/auto.h"
#include "lib/base/buf.h"
#include "lib/host/linux/process/sandbox_filters.h"
#include "lib/host/linux/process/trial.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define WITH_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(WITH_SANITIZER)
#define WITH_SANITIZER 1
#endif
#ifdef WITH_SANITIZER
#include <sanitizer/lsan_interface.h>
#endif

enum {
	NOBODY = 65534,
	PATCHED_MAX = 256, /* instructions of the plan filter */
	RULES_MAX = 64,
	RELAY_STACK = 16384,
};

/*
 * Landlock.
 */

/* The rights of each ABI, as the headers at hand may be older than the kernel
 * (linux/landlock.h). */
enum {
	MAY_EXECUTE = 1 << 0,
	MAY_WRITE = 1 << 1,
	MAY_READ = 1 << 2,
	MAY_LIST = 1 << 3,
	ABI_1_RIGHTS = (1 << 13) - 1,
	MAY_REFER = 1 << 13,    /* ABI 2 */
	MAY_TRUNCATE = 1 << 14, /* ABI 3 */
	MAY_IOCTL = 1 << 15,    /* ABI 5 */
	ALL_RIGHTS = (1 << 16) - 1,
	OF_FILES =
		MAY_EXECUTE | MAY_WRITE | MAY_READ | MAY_TRUNCATE | MAY_IOCTL,
	MAY_REMOVE_FILE = 1 << 5,
	MAY_MAKE_FILE = 1 << 8,
	NET_RIGHTS = 3, /* ABI 4: bind and connect by TCP */
	MAY_CONNECT = 2,
	RULE_PORT = 2, /* LANDLOCK_RULE_NET_PORT */
	DNS = 53,
	SCOPE_RIGHTS = 3 /* ABI 6: abstract sockets, signals */
};

/* struct landlock_ruleset_attr of ABI 6. Older kernels take it as long as
 * what they do not know is zero. */
struct handled {
	uint64_t files, net, scope;
};

/* What may be done with a file, or with all below a folder. */
struct rule {
	int fd;
	uint64_t rights;
};

static struct handled handled_by(int abi)
{
	struct handled h = { .files = ABI_1_RIGHTS };

	if (abi >= 2)
		h.files |= MAY_REFER;
	if (abi >= 3)
		h.files |= MAY_TRUNCATE;
	if (abi >= 4)
		h.net = NET_RIGHTS;
	if (abi >= 5)
		h.files |= MAY_IOCTL;
	if (abi >= 6)
		h.scope = SCOPE_RIGHTS;
	return h;
}

/* struct landlock_net_port_attr of ABI 4. */
struct port_rule {
	uint64_t rights, port;
};

static bool add_port(int ruleset, unsigned port, uint64_t known)
{
	const struct port_rule rule = { MAY_CONNECT, port };

	return !(known & MAY_CONNECT) || !port ||
	       syscall(SYS_landlock_add_rule, ruleset, RULE_PORT, &rule, 0) ==
		       0;
}

static bool add_rule(int ruleset, const struct rule *r, uint64_t known)
{
	struct landlock_path_beneath_attr beneath = { .parent_fd = r->fd };
	struct stat st;

	if (fstat(r->fd, &st) < 0)
		return false;
	beneath.allowed_access = r->rights & known;
	if (!S_ISDIR(st.st_mode))
		beneath.allowed_access &= OF_FILES;
	return syscall(SYS_landlock_add_rule, ruleset,
		       LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
}

/* Everything is forbidden but what rules say, and to connect to a port, if it
 * is not 0; 0 or an errno. For this and all that follows up to the filters:
 * only what signal-safety(7) allows. */
static int restrict_all(const struct rule *rules, size_t n, unsigned port)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
			   LANDLOCK_CREATE_RULESET_VERSION);
	struct handled handled = handled_by((int)abi);
	AUTO_FD int fd = -1;

	if (abi < 1)
		return abi < 0 ? errno : ENOSYS;
	fd = (int)syscall(SYS_landlock_create_ruleset, &handled,
			  sizeof(handled), 0);
	if (fd < 0)
		return errno;
	for (size_t i = 0; i < n; i++)
		if (!add_rule(fd, &rules[i], handled.files))
			return errno;
	if (!add_port(fd, port, handled.net) ||
	    !add_port(fd, port ? DNS : 0, handled.net))
		return errno;
	return syscall(SYS_landlock_restrict_self, fd, 0) < 0 ? errno : 0;
}

static int restrict_files(const struct rule *rules, size_t n)
{
	return restrict_all(rules, n, 0);
}

/*
 * Privileges.
 */

/*
 * Keeps the capability to read everything and no other. Containers are mostly
 * not given CAP_DAC_READ_SEARCH; there it is CAP_DAC_OVERRIDE, whose right to
 * write Landlock takes back, or none.
 */
static bool keep_reading(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2] = { { 0 } };
	uint32_t kept;

	if (syscall(SYS_capget, &header, data) != 0)
		return false;
	kept = data[0].permitted & (1U << CAP_DAC_READ_SEARCH);
	if (!kept)
		kept = data[0].permitted & (1U << CAP_DAC_OVERRIDE);
	memset(data, 0, sizeof(data));
	data[0].effective = data[0].permitted = kept;
	return syscall(SYS_capset, &header, data) == 0;
}

static bool become_nobody(bool keeps_reading)
{
	return prctl(PR_SET_KEEPCAPS, keeps_reading, 0, 0, 0) == 0 &&
	       setgroups(0, NULL) == 0 &&
	       setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	       setresuid(NOBODY, NOBODY, NOBODY) == 0 &&
	       (!keeps_reading || keep_reading()) &&
	       prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) == 0;
}

static bool give_up_privileges(bool keeps_reading)
{
	int signal = 0;

	return prctl(PR_GET_PDEATHSIG, &signal) == 0 &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       (geteuid() != 0 || become_nobody(keeps_reading)) &&
	       /* a change of user sets both to other values */
	       prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	       prctl(PR_SET_PDEATHSIG, signal) == 0;
}

/*
 * Filters.
 */

/* The descriptor of the listener, 0 without one, or -1 with errno. */
static int load(const struct sock_filter *filter, size_t n, unsigned flags)
{
	union {
		const struct sock_filter *given;
		struct sock_filter *taken;
	} code = { .given = filter };
	const struct sock_fprog program = { .len = (unsigned short)n,
					    .filter = code.taken };

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags,
			    &program);
}

/* Puts descriptors in place of the slots; what is left names none. */
static int load_plan(const struct sandbox *s)
{
	struct sock_filter code[PATCHED_MAX];

	_Static_assert(COUNT(plan_filter) <= PATCHED_MAX, "filter too long");
	memcpy(code, plan_filter, sizeof(plan_filter));
	for (size_t i = 0; i < COUNT(plan_filter); i++)
		for (size_t n = 0; n < s->nwrites; n++)
			if (code[i].code == (BPF_JMP | BPF_JEQ | BPF_K) &&
			    code[i].k == SANDBOX_SLOT(n))
				code[i].k = (uint32_t)s->writes[n];
	return load(code, COUNT(plan_filter), 0);
}

/*
 * The plan sandbox.
 */

static bool is_writable(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	if (flags < 0 || (flags & O_PATH) || (flags & O_ACCMODE) == O_RDONLY ||
	    fstat(fd, &st) < 0)
		return false;
	return S_ISREG(st.st_mode) || S_ISBLK(st.st_mode);
}

static bool may_write(const struct sandbox *s, int fd)
{
	if (fd == 1 || fd == 2)
		return true;
	for (size_t i = 0; i < s->nwrites; i++)
		if (s->writes[i] == fd)
			return true;
	return false;
}

/* A descriptor opened before could still be written to, through mmap(2). */
static bool settle_descriptors(const struct sandbox *s, struct diags *d)
{
	const struct dirent *entry;
	DIR *folder = opendir("/proc/self/fd");
	bool good = true;

	if (!folder)
		return diag_errno(d, errno, "cannot read '/proc/self/fd'");
	for (errno = 0; (entry = readdir(folder)); errno = 0) {
		long fd = strtol(entry->d_name, NULL, 10);

		if (may_write(s, (int)fd) || !is_writable((int)fd))
			continue;
		if (s->closes)
			close((int)fd);
		else
			good = diag_error(d,
					  "descriptor %ld is open for writing "
					  "where only reading is allowed",
					  fd);
	}
	if (errno)
		good = diag_errno(d, errno, "cannot read '/proc/self/fd'");
	closedir(folder);
	return good;
}

/* A line of proc_pid_maps(5): "55d0-55d4 rw-s ...", in hexadecimal. */
static bool unmap_if_shared(const char *line)
{
	char *end;
	uintptr_t from = strtoul(line, &end, 16), to;

	if (*end != '-')
		return false;
	to = strtoul(end + 1, &end, 16);
	if (strnlen(end, 5) < 5)
		return false;
	return end[4] != 's' || munmap((void *)from, to - from) == 0;
}

/* All of it before any is given back, which changes it. */
static bool read_maps(struct buf *maps, struct diags *d)
{
	static const char name[] = "/proc/self/maps";
	AUTO_FD int fd = open(name, O_RDONLY | O_CLOEXEC);
	char part[4096];
	ssize_t n;

	if (fd < 0)
		return diag_errno(d, errno, "cannot read '%s'", name);
	while ((n = read(fd, part, sizeof(part))) != 0) {
		if (n > 0)
			buf_add(maps, part, (size_t)n);
		else if (errno != EINTR)
			return diag_errno(d, errno, "cannot read '%s'", name);
	}
	return true;
}

/* What was opened for writing may still be mapped when it is closed: SQLite
 * has an index that all who use a database share. */
static bool unmap_shared(struct diags *d)
{
	AUTO_BUF struct buf maps = { 0 };
	const char *line;

	if (!read_maps(&maps, d))
		return false;
	for (line = buf_text(&maps); *line; line += *line == '\n') {
		if (!unmap_if_shared(line))
			return diag_error(d, "cannot give back memory that is "
					     "shared");
		line += strcspn(line, "\n");
	}
	return true;
}

/* Opens what may be read; how many descriptors there are now. */
static size_t open_reads(const struct sandbox *s, struct rule *rules,
			 struct diags *d)
{
	size_t n = 0;

	for (; n < s->nreads; n++) {
		int fd = openat(s->at, s->reads[n], O_PATH | O_CLOEXEC);

		if (fd < 0) {
			diag_errno(d, errno, "cannot open '%s'", s->reads[n]);
			break;
		}
		rules[n] = (struct rule){ fd, MAY_READ | MAY_LIST };
	}
	return n;
}

static void close_rules(const struct rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(rules[i].fd);
}

static void refuse_landlock(int error, struct diags *d)
{
	diag_errno(d, error, "cannot enter the sandbox: Landlock");
	if (error == EPERM)
		diag_hint(d, "a container that filters system calls must allow "
			     "those of landlock(7)");
	else if (error == ENOSYS || error == EOPNOTSUPP)
		diag_hint(d, "boot a kernel of 5.13 or newer with landlock "
			     "among its lsm=");
}

static bool restrict_reads(const struct sandbox *s, struct diags *d)
{
	struct rule rules[RULES_MAX] = { { 0 } };
	size_t n;
	int error;

	if (s->nreads > RULES_MAX)
		return diag_error(d, "more than %d folders to read",
				  (int)RULES_MAX);
	n = open_reads(s, rules, d);
	error = n == s->nreads ? restrict_files(rules, n) : 0;
	close_rules(rules, n);
	if (error)
		refuse_landlock(error, d);
	return !error && n == s->nreads;
}

/* LeakSanitizer traces the process at its end, which no sandbox allows; it
 * looks once, so it looks now. */
static void look_for_leaks(void)
{
#ifdef WITH_SANITIZER
	__lsan_do_leak_check();
#endif
}

static void limit_memory(void)
{
#ifndef WITH_SANITIZER /* which maps terabytes */
	const struct rlimit limit = { SANDBOX_MEMORY, SANDBOX_MEMORY };

	setrlimit(RLIMIT_AS, &limit);
#endif
}

/* What a library does with what it reads may have no end. */
static void limit_time(rlim_t seconds)
{
	const struct rlimit limit = { seconds, seconds };

	if (seconds)
		setrlimit(RLIMIT_CPU, &limit);
}

bool sandbox_enter(const struct sandbox *s, struct diags *d)
{
	if (s->nwrites > SANDBOX_WRITES)
		return diag_error(d, "more than %d descriptors to write to",
				  (int)SANDBOX_WRITES);
	if (!settle_descriptors(s, d) || (s->closes && !unmap_shared(d)))
		return false;
	look_for_leaks();
	limit_memory();
	limit_time(s->seconds);
	if (!give_up_privileges(true))
		return diag_errno(d, errno,
				  "cannot enter the sandbox: privileges");
	if (!restrict_reads(s, d))
		return false;
	if (load_plan(s) < 0)
		return diag_errno(d, errno,
				  "cannot enter the sandbox: seccomp");
	return true;
}

/*
 * The fetch sandbox.
 */

/* What getaddrinfo(3) reads, where it is there. */
static size_t open_names(struct rule *rules)
{
	static const char *const names[] = { "/etc/resolv.conf", "/etc/hosts",
					     "/etc/host.conf", "/etc/gai.conf",
					     "/etc/services" };
	size_t n = 0;

	for (size_t i = 0; i < COUNT(names); i++) {
		int fd = open(names[i], O_PATH | O_CLOEXEC);

		if (fd >= 0)
			rules[n++] = (struct rule){ fd, MAY_READ };
	}
	return n;
}

static int restrict_fetch(const struct fetch_box *b)
{
	struct rule rules[RULES_MAX];
	size_t opened = open_names(rules), n = opened;
	int error;

	for (size_t i = 0; i < b->nreads && i < SANDBOX_FETCH_READS; i++)
		rules[n++] = (struct rule){ b->reads[i], MAY_READ | MAY_LIST };
	if (b->folder >= 0)
		rules[n++] =
			(struct rule){ b->folder,
				       MAY_READ | MAY_LIST | MAY_WRITE |
					       MAY_TRUNCATE | MAY_MAKE_FILE |
					       MAY_REMOVE_FILE };
	error = restrict_all(rules, n, b->port);
	close_rules(rules, opened);
	return error;
}

bool sandbox_enter_fetch(const struct fetch_box *b, struct diags *d)
{
	const struct sandbox s = { .writes = b->writes,
				   .nwrites = b->nwrites,
				   .closes = true };
	int error;

	if (!settle_descriptors(&s, d) || !unmap_shared(d))
		return false;
	look_for_leaks();
	limit_memory();
	if (!give_up_privileges(false))
		return diag_errno(d, errno,
				  "cannot enter the sandbox: privileges");
	error = restrict_fetch(b);
	if (error) {
		refuse_landlock(error, d);
		return false;
	}
	return load(fetch_filter, COUNT(fetch_filter), 0) == 0 ||
	       diag_errno(d, errno, "cannot enter the sandbox: seccomp");
}

/*
 * The look and validate sandboxes, from inside. No libc call here may take
 * memory or a lock: the process was just forked.
 */

/* /dev/null if it is that; a tree below another root may have anything. */
static int open_null(void)
{
	int fd = open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	    st.st_rdev == makedev(1, 3))
		return fd;
	close(fd);
	return -1;
}

/* Reading and executing everywhere, all rights below the folders. */
static int restrict_writes(const int *folders, size_t nfolders)
{
	struct rule rules[TRIAL_COVERS + 3];
	AUTO_FD int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_FD int null = open_null();
	size_t n = 0;

	if (root < 0)
		return errno;
	rules[n++] = (struct rule){ root, MAY_EXECUTE | MAY_READ | MAY_LIST |
						  MAY_IOCTL };
	if (null >= 0)
		rules[n++] = (struct rule){ null, MAY_READ | MAY_WRITE };
	for (size_t i = 0; i < nfolders; i++)
		rules[n++] = (struct rule){ folders[i], ALL_RIGHTS };
	return restrict_files(rules, n);
}

static int confine(const int *folders, size_t n, bool keeps_reading)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return errno;
	/* with no new privileges execve(2) gives root none back */
	if (keeps_reading && geteuid() == 0 && !keep_reading())
		return errno;
	return restrict_writes(folders, n);
}

int validate_enter(void *context)
{
	const struct validation *v = context;
	int folders[TRIAL_COVERS + 1];
	size_t n = 0;
	bool copied = v->trial && geteuid() == 0 &&
		      trial_enter(v->trial, folders, &n);
	int error;

	if (v->folder >= 0)
		folders[n++] = v->folder;
	error = confine(folders, n, false);
	if (error)
		return error;
	if (copied)
		return load(trial_filter, COUNT(trial_filter), 0) < 0 ? errno
								      : 0;
	return load(validate_filter, COUNT(validate_filter), 0) < 0 ? errno : 0;
}

/* The number of a descriptor comes through the pipe, the descriptor itself
 * goes out by the socket (unix(7), SCM_RIGHTS). */
struct relay {
	int pipe, socket;
};

static bool send_descriptor(int socket, int fd)
{
	char byte = 0;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	const struct msghdr message = { .msg_iov = &data,
					.msg_iovlen = 1,
					.msg_control = &control,
					.msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(socket, &message, MSG_NOSIGNAL) == 1;
}

static int relay(void *context)
{
	const struct relay *r = context;
	int fd = -1;

	if (read(r->pipe, &fd, sizeof(fd)) != (ssize_t)sizeof(fd) || fd < 0)
		_exit(1);
	_exit(send_descriptor(r->socket, fd) ? 0 : 1);
}

/*
 * The filter refuses sendmsg(2) from its first moment on, so the listener
 * that comes with it is sent by a process that shares the descriptors and is
 * not filtered. (pidfd_getfd(2) needs what Yama may have taken away.)
 */
static int load_look(const struct look *l)
{
	_Alignas(16) char stack[RELAY_STACK];
	struct relay r = { .socket = l->channel[1] };
	int ends[2], fd, error, status = 1;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	r.pipe = ends[0];
	pid = clone(relay, stack + sizeof(stack), CLONE_FILES | SIGCHLD, &r);
	if (pid < 0)
		return errno;
	fd = load(look_filter, COUNT(look_filter),
		  SECCOMP_FILTER_FLAG_NEW_LISTENER);
	error = fd < 0 ? errno : 0;
	if (write(ends[1], &fd, sizeof(fd)) != (ssize_t)sizeof(fd) ||
	    waitpid(pid, &status, 0) != pid || (!error && status != 0))
		return error ? error : EPIPE;
	return error;
}

int look_enter(void *look)
{
	int error = confine(NULL, 0, true);

	return error ? error : load_look(look);
}
