/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/sandbox.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/auto.h"
#include "lib/host/linux/sandbox_filters.h"

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
	NEWEST_CALL = 451, /* later ones have older ones to fall back on */
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
	NET_RIGHTS = 3,  /* ABI 4: bind and connect by TCP */
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

/* Everything is forbidden but what rules say; 0 or an errno. For this and all
 * that follows up to the filters: only what signal-safety(7) allows. */
static int restrict_files(const struct rule *rules, size_t n)
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
	return syscall(SYS_landlock_restrict_self, fd, 0) < 0 ? errno : 0;
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

static bool become_nobody(void)
{
	return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 &&
	       setgroups(0, NULL) == 0 &&
	       setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	       setresuid(NOBODY, NOBODY, NOBODY) == 0 && keep_reading() &&
	       prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) == 0;
}

static bool give_up_privileges(void)
{
	int signal = 0;

	return prctl(PR_GET_PDEATHSIG, &signal) == 0 &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       (geteuid() != 0 || become_nobody()) &&
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
static bool check_descriptors(const struct sandbox *s, struct diags *d)
{
	const struct dirent *entry;
	DIR *folder = opendir("/proc/self/fd");
	bool good = true;

	if (!folder)
		return diag_errno(d, errno, "cannot read '/proc/self/fd'");
	while ((entry = readdir(folder))) {
		long fd = strtol(entry->d_name, NULL, 10);

		if (!may_write(s, (int)fd) && is_writable((int)fd))
			good = diag_error(d,
					  "descriptor %ld is open for writing "
					  "where only reading is allowed",
					  fd);
	}
	closedir(folder);
	return good;
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
		diag_errno(d, error, "cannot enter the sandbox: Landlock");
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

bool sandbox_enter(const struct sandbox *s, struct diags *d)
{
	if (s->nwrites > SANDBOX_WRITES)
		return diag_error(d, "more than %d descriptors to write to",
				  (int)SANDBOX_WRITES);
	if (!check_descriptors(s, d))
		return false;
	look_for_leaks();
	if (!give_up_privileges())
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

/* Reading and executing everywhere, all rights below folder (or -1). */
static int restrict_writes(int folder)
{
	struct rule rules[3];
	AUTO_FD int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_FD int null = open_null();
	size_t n = 0;

	if (root < 0)
		return errno;
	rules[n++] = (struct rule){ root, MAY_EXECUTE | MAY_READ | MAY_LIST |
						  MAY_IOCTL };
	if (null >= 0)
		rules[n++] = (struct rule){ null, MAY_READ | MAY_WRITE };
	if (folder >= 0)
		rules[n++] = (struct rule){ folder, ALL_RIGHTS };
	return restrict_files(rules, n);
}

static int confine(int folder, bool keeps_reading)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return errno;
	/* with no new privileges execve(2) gives root none back */
	if (keeps_reading && geteuid() == 0 && !keep_reading())
		return errno;
	return restrict_writes(folder);
}

int validate_enter(void *folder)
{
	int error = confine(*(const int *)folder, false);

	if (error)
		return error;
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
	int error = confine(-1, true);

	return error ? error : load_look(look);
}

/*
 * The look sandbox, from outside.
 */

bool look_init(struct look *l, struct diags *d)
{
	*l = (struct look){ .watch = -1 };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, l->channel) <
	    0)
		return diag_errno(d, errno, "cannot make a socket");
	l->watch = l->channel[0];
	return true;
}

void look_release(struct look *l)
{
	if (l->entered && l->watch >= 0)
		close(l->watch);
	close(l->channel[0]);
	close(l->channel[1]);
	l->watch = -1;
}

static int receive_descriptor(int socket)
{
	char byte;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	const struct cmsghdr *c;
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) != 1)
		return -1;
	c = CMSG_FIRSTHDR(&message);
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* What the answer is. */
struct verdict {
	int error;
	bool goes_on;     /* the call is let through */
	const char *verb; /* remembered as tried; NULL: it does not matter */
	char object[256]; /* "'/etc/motd'" */
};

struct request {
	const struct seccomp_notif *notif;
	int listener;
	int memory; /* /proc/PID/mem, or -1 */
};

/* How many bytes of its memory at address could be read, at most size. */
static size_t peek(const struct request *r, uint64_t address, void *to,
		   size_t size)
{
	ssize_t n =
		r->memory < 0 ? -1 : pread(r->memory, to, size, (off_t)address);

	return n < 0 ? 0 : (size_t)n;
}

static bool peek_text(const struct request *r, uint64_t address, char *to,
		      size_t size)
{
	size_t n;

	to[0] = '\0';
	n = peek(r, address, to, size);
	return memchr(to, '\0', n);
}

/* Its working folder, or that of the descriptor at. */
static bool find_folder(const struct request *r, int at, char *to, size_t size)
{
	char link[64];
	ssize_t n;

	if (at == AT_FDCWD)
		snprintf(link, sizeof(link), "/proc/%u/cwd", r->notif->pid);
	else
		snprintf(link, sizeof(link), "/proc/%u/fd/%d", r->notif->pid,
			 at);
	n = readlink(link, to, size - 1);
	if (n <= 0)
		return false;
	to[n] = '\0';
	return true;
}

/* The path as it was given; "" when it cannot be read. */
static void read_path(const struct request *r, int argument,
		      char path[PATH_MAX])
{
	if (argument < 0 ||
	    !peek_text(r, r->notif->data.args[argument], path, PATH_MAX))
		path[0] = '\0';
}

/* Writes no more than fits; the end of a long path is what tells. */
static void quote(struct verdict *v, const char *folder, const char *path)
{
	size_t room = sizeof(v->object) / 2 - 8;
	size_t n = strlen(folder), m = strlen(path);

	snprintf(v->object, sizeof(v->object), "'%s%s%s%s%s'",
		 n > room ? "..." : "", n > room ? folder + n - room : folder,
		 n && m && strcmp(folder, "/") != 0 ? "/" : "",
		 m > room ? "..." : "", m > room ? path + m - room : path);
}

/* at: the argument that is the folder's descriptor; -1: there is none. */
static void name_path(const struct request *r, struct verdict *v,
		      const char *path, int at)
{
	char folder[PATH_MAX] = "";
	int fd = at < 0 ? AT_FDCWD : (int)r->notif->data.args[at];

	if (path[0] != '/' && !find_folder(r, fd, folder, sizeof(folder)))
		folder[0] = '\0';
	if (folder[0] || path[0])
		quote(v, folder, path);
}

/* Calls by name, and which arguments are a path and the folder that it starts
 * from; -1: there is none. */
struct attempt {
	const char *call;
	const char *verb;
	int path, at;
	void (*judge)(const struct request *, const struct attempt *,
		      struct verdict *);
};

static bool is_one_of(const char *text, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(text, list[i]) == 0)
			return true;
	return false;
}

/*
 * What leads nowhere may be opened for writing: Landlock still stands guard
 * when the path is another by the time that the kernel reads it. The flags
 * cannot change, and a mere O_RDONLY|O_TRUNC is not let through.
 */
static void judge_open(const struct request *r, const struct attempt *a,
		       struct verdict *v)
{
	static const char *const harmless[] = {
		"/dev/null", "/dev/stdout",     "/dev/stderr",     "/dev/fd/1",
		"/dev/fd/2", "/proc/self/fd/1", "/proc/self/fd/2",
	};
	uint64_t flags = r->notif->data.args[a->path + 1];
	char path[PATH_MAX];

	read_path(r, a->path, path);
	if ((flags & O_ACCMODE) != O_RDONLY &&
	    is_one_of(path, harmless, COUNT(harmless))) {
		v->goes_on = true;
	} else if (strcmp(path, "/dev/tty") == 0) {
		v->error = ENXIO; /* its session has none */
	} else {
		v->verb = a->verb;
		name_path(r, v, path, a->at);
	}
}

static void judge_path(const struct request *r, const struct attempt *a,
		       struct verdict *v)
{
	char path[PATH_MAX];

	read_path(r, a->path, path);
	v->verb = a->verb;
	name_path(r, v, path, a->at);
}

static void judge_descriptor(const struct request *r, const struct attempt *a,
			     struct verdict *v)
{
	char path[PATH_MAX];

	v->verb = a->verb;
	if (find_folder(r, (int)r->notif->data.args[0], path, sizeof(path)))
		quote(v, path, "");
}

/* Sockets of services that libc asks for names. Without them it reads the
 * files, and so it goes on hosts that do not have them. */
static bool is_name_service(const char *path)
{
	static const char *const sockets[] = { "/var/run/nscd/socket",
					       "/run/nscd/socket" };
	static const char userdb[] = "/run/systemd/userdb/";

	return is_one_of(path, sockets, COUNT(sockets)) ||
	       strncmp(path, userdb, sizeof(userdb) - 1) == 0;
}

static void name_address(const struct sockaddr_storage *address,
			 struct verdict *v)
{
	const void *any = address;
	const struct sockaddr_un *un = any;
	const struct sockaddr_in *in = any;
	const struct sockaddr_in6 *in6 = any;
	char text[INET6_ADDRSTRLEN];

	if (address->ss_family == AF_UNIX)
		snprintf(v->object, sizeof(v->object), "'%s%.100s'",
			 un->sun_path[0] ? "" : "@",
			 un->sun_path + !un->sun_path[0]);
	else if (address->ss_family == AF_INET &&
		 inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text)))
		snprintf(v->object, sizeof(v->object), "%s port %u", text,
			 ntohs(in->sin_port));
	else if (address->ss_family == AF_INET6 &&
		 inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text)))
		snprintf(v->object, sizeof(v->object), "%s port %u", text,
			 ntohs(in6->sin6_port));
}

static void judge_address(const struct request *r, const struct attempt *a,
			  struct verdict *v)
{
	union {
		struct sockaddr_storage storage;
		struct sockaddr_un un;
	} address = { 0 };
	uint64_t size = r->notif->data.args[a->path + 1];

	if (size > sizeof(address.un))
		size = sizeof(address.un);
	peek(r, r->notif->data.args[a->path], &address, (size_t)size);
	/* what follows needs an end */
	address.un.sun_path[sizeof(address.un.sun_path) - 1] = '\0';
	if (address.storage.ss_family == AF_UNIX &&
	    is_name_service(address.un.sun_path)) {
		v->error = ENOENT;
		return;
	}
	v->verb = a->verb;
	name_address(&address.storage, v);
}

/*
 * Signals stay within the session, which holds nothing but what the guard
 * started. As arguments are no memory, nothing can change after this look;
 * and since ABI 6 Landlock keeps to that as well.
 */
static void judge_signal(const struct request *r, const struct attempt *a,
			 struct verdict *v)
{
	pid_t to = (pid_t)r->notif->data.args[0];
	pid_t leader = to < 0 && to != -1 ? -to : to;
	pid_t own = getsid((pid_t)r->notif->pid);

	if (to == 0 || (leader > 0 && own > 0 && getsid(leader) == own)) {
		v->goes_on = true;
		return;
	}
	if (to > 0 && getsid(to) < 0) {
		v->error = ESRCH;
		return;
	}
	v->verb = a->verb;
	snprintf(v->object, sizeof(v->object), "%s %d",
		 to < 0 ? "processes" : "process", to);
}

static void judge_socket(const struct request *r, const struct attempt *a,
			 struct verdict *v)
{
	v->verb = a->verb;
	snprintf(v->object, sizeof(v->object), "of family %d",
		 (int)r->notif->data.args[0]);
}

static const struct attempt attempts[] = {
	{ "open", "write", 0, -1, judge_open },
	{ "openat", "write", 1, 0, judge_open },
	{ "creat", "write", 0, -1, judge_path },
	{ "truncate", "truncate", 0, -1, judge_path },
	{ "unlink", "remove", 0, -1, judge_path },
	{ "unlinkat", "remove", 1, 0, judge_path },
	{ "rmdir", "remove", 0, -1, judge_path },
	{ "rename", "rename", 0, -1, judge_path },
	{ "renameat", "rename", 1, 0, judge_path },
	{ "renameat2", "rename", 1, 0, judge_path },
	{ "mkdir", "make the directory", 0, -1, judge_path },
	{ "mkdirat", "make the directory", 1, 0, judge_path },
	{ "symlink", "make the link", 1, -1, judge_path },
	{ "symlinkat", "make the link", 2, 1, judge_path },
	{ "link", "make the link", 1, -1, judge_path },
	{ "linkat", "make the link", 3, 2, judge_path },
	{ "mknod", "make the special file", 0, -1, judge_path },
	{ "mknodat", "make the special file", 1, 0, judge_path },
	{ "chmod", "change the mode of", 0, -1, judge_path },
	{ "fchmodat", "change the mode of", 1, 0, judge_path },
	{ "fchmod", "change the mode of", -1, -1, judge_descriptor },
	{ "chown", "change the owner of", 0, -1, judge_path },
	{ "lchown", "change the owner of", 0, -1, judge_path },
	{ "fchownat", "change the owner of", 1, 0, judge_path },
	{ "fchown", "change the owner of", -1, -1, judge_descriptor },
	{ "utime", "change the times of", 0, -1, judge_path },
	{ "utimes", "change the times of", 0, -1, judge_path },
	{ "futimesat", "change the times of", 1, 0, judge_path },
	{ "utimensat", "change the times of", 1, 0, judge_path },
	{ "setxattr", "change an attribute of", 0, -1, judge_path },
	{ "lsetxattr", "change an attribute of", 0, -1, judge_path },
	{ "fsetxattr", "change an attribute of", -1, -1, judge_descriptor },
	{ "removexattr", "remove an attribute of", 0, -1, judge_path },
	{ "lremovexattr", "remove an attribute of", 0, -1, judge_path },
	{ "fremovexattr", "remove an attribute of", -1, -1, judge_descriptor },
	{ "ioctl", "send a request to", -1, -1, judge_descriptor },
	{ "fcntl", "send a request to", -1, -1, judge_descriptor },
	{ "flock", "lock", -1, -1, judge_descriptor },
	{ "mount", "mount on", 1, -1, judge_path },
	{ "umount2", "unmount", 0, -1, judge_path },
	{ "chroot", "change its root to", 0, -1, judge_path },
	{ "connect", "connect to", 1, -1, judge_address },
	{ "bind", "bind to", 1, -1, judge_address },
	{ "sendto", "send to", 4, -1, judge_address },
	{ "socket", "make a socket", -1, -1, judge_socket },
	{ "kill", "send a signal to", -1, -1, judge_signal },
	{ "tkill", "send a signal to", -1, -1, judge_signal },
	{ "tgkill", "send a signal to", -1, -1, judge_signal },
};

static const char *call_name(int nr)
{
	const char *name = nr >= 0 && (size_t)nr < COUNT(call_names)
				   ? call_names[nr]
				   : NULL;

	return name ? name : "an unknown system call";
}

static void judge(const struct request *r, struct verdict *v)
{
	const char *call = call_name(r->notif->data.nr);

	v->error = EPERM;
	if (r->notif->data.nr > NEWEST_CALL) {
		v->error = ENOSYS;
		return;
	}
	for (size_t i = 0; i < COUNT(attempts); i++) {
		if (strcmp(call, attempts[i].call) == 0) {
			attempts[i].judge(r, &attempts[i], v);
			return;
		}
	}
	v->verb = "call";
	snprintf(v->object, sizeof(v->object), "%s", call);
}

static int open_memory(uint32_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u/mem", pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* While the call waits the process is the same one (seccomp_unotify(2)). */
static bool is_waiting(const struct request *r)
{
	return ioctl(r->listener, SECCOMP_IOCTL_NOTIF_ID_VALID,
		     &r->notif->id) == 0;
}

static void remember(struct look *l, const struct verdict *v)
{
	if (!v->verb || l->tried[0])
		return;
	snprintf(l->tried, sizeof(l->tried), "%s%s%s", v->verb,
		 v->object[0] ? " " : "",
		 v->object[0] ? v->object : "something");
}

static void answer(struct look *l, const struct seccomp_notif *notif)
{
	AUTO_FD int memory = open_memory(notif->pid);
	const struct request r = { notif, l->watch, memory };
	struct verdict v = { 0 };
	/* the kernel's may have grown: it writes to what it reads */
	union {
		struct seccomp_notif_resp response;
		char room[256];
	} out = { 0 };

	if (!is_waiting(&r))
		return;
	judge(&r, &v);
	remember(l, &v);
	out.response.id = notif->id;
	if (v.goes_on)
		out.response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		out.response.error = -v.error;
	/* ENOENT: it was killed while it waited */
	(void)ioctl(l->watch, SECCOMP_IOCTL_NOTIF_SEND, &out.response);
}

/* Receiving waits when nothing is there, also when nobody is left. */
static bool has_request(int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLIN);
}

void look_watched(void *look)
{
	struct look *l = look;
	union {
		struct seccomp_notif notif;
		char room[512];
	} in = { 0 };
	int fd;

	if (!l->entered) {
		fd = receive_descriptor(l->channel[0]);
		l->entered = fd >= 0;
		l->watch = fd;
		return;
	}
	if (!has_request(l->watch)) {
		close(l->watch);
		l->watch = -1;
	} else if (ioctl(l->watch, SECCOMP_IOCTL_NOTIF_RECV, &in.notif) == 0) {
		answer(l, &in.notif);
	}
}
