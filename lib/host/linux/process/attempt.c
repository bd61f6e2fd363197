/* SPDX-License-Identifier: MIT */
/* The look sandbox from outside: what a guard attempts is refused, and noticed.
 */
#include "lib/host/linux/process/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/auto.h"
#include "lib/host/linux/process/sandbox_filters.h"

enum { NEWEST_CALL = 451 }; /* later ones have older ones to fall back on */

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
		 n > room ? "..." : "", n > room ? folder + (n - room) : folder,
		 n && m && strcmp(folder, "/") != 0 ? "/" : "",
		 m > room ? "..." : "", m > room ? path + (m - room) : path);
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
