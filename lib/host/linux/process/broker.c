/* SPDX-License-Identifier: MIT */
/* The two processes, and the messages between them. */
#include "lib/host/linux/process/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/host/linux/process/broker_parts.h"
#include "lib/host/linux/process/child.h"

enum { TICK = 200 }; /* ms between two looks at stopped */

/*
 * Messages.
 */

/* The broker never waits for the planner alone. False: told to stop. */
static bool is_ready(const struct broker *b, short events)
{
	struct pollfd p = { .fd = b->fd, .events = events };

	for (;;) {
		if (b->stopped && b->stopped(b->context))
			return false;
		if (child_poll(&p, 1, TICK) > 0)
			return true;
	}
}

/* All n bytes, or false: the other side is gone, or it is time to stop. */
bool broker_receive(const struct broker *b, void *to, size_t n)
{
	char *at = to;

	while (n) {
		ssize_t did;

		if (b->planner && !is_ready(b, POLLIN))
			return false;
		did = read(b->fd, at, n);
		if (did == 0 || (did < 0 && errno != EINTR))
			return false;
		if (did > 0) {
			at += did;
			n -= (size_t)did;
		}
	}
	return true;
}

/* In the sandbox there is no send(2); SIGPIPE is ignored (inherit.h). */
static bool push(const struct broker *b, const char *bytes, size_t n)
{
	if (!b->planner)
		return write_all(b->fd, bytes, n);
	while (n) {
		ssize_t did;

		if (!is_ready(b, POLLOUT))
			return false;
		did = send(b->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (did < 0 && errno != EINTR && errno != EAGAIN)
			return false;
		if (did > 0) {
			bytes += did;
			n -= (size_t)did;
		}
	}
	return true;
}

bool broker_send(const struct broker *b, enum broker_kind kind,
		 const char *bytes, size_t n)
{
	const struct header header = { .kind = kind, .size = n };
	char packed[sizeof(header)];

	memcpy(packed, &header, sizeof(header));
	return push(b, packed, sizeof(packed)) && push(b, bytes, n);
}

/* As much as is really there, so that a false size takes no memory. */
bool broker_receive_body(const struct broker *b, size_t n, struct buf *body)
{
	while (n) {
		size_t part = n < (1 << 20) ? n : 1 << 20;

		if (!broker_receive(b, buf_reserve(body, part), part))
			return false;
		body->size += part;
		n -= part;
	}
	return true;
}

/*
 * Starting.
 */

/* The folder now, as the planner is not there yet. */
static bool open_folder(struct broker *b, int at, const char *save,
			struct diags *d)
{
	const char *slash;

	b->folder = -1;
	if (!save)
		return true;
	slash = strrchr(save, '/');
	b->path = arena_strdup(&b->arena, save);
	b->name = arena_strdup(&b->arena, slash ? slash + 1 : save);
	if (!b->name[0] || strcmp(b->name, ".") == 0 ||
	    strcmp(b->name, "..") == 0)
		return diag_error(d, "'%s' is not the name of a file", save);
	b->folder =
		openat(at,
		       !slash          ? "."
		       : slash == save ? "/"
				       : arena_strndup(&b->arena, save,
						       (size_t)(slash - save)),
		       O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return b->folder >= 0 ||
	       diag_errno(d, errno, "cannot open the folder of '%s'", save);
}

/* The planner does not outlive its broker. */
static void become_planner(struct broker *b, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	if (b->folder >= 0)
		close(b->folder);
	b->folder = -1;
}

static bool start(struct broker *b, struct diags *d)
{
	pid_t parent = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return diag_errno(d, errno, "cannot make a socket");
	fflush(NULL);
	b->planner = fork();
	if (b->planner < 0) {
		diag_errno(d, errno, "cannot start the planner");
		close(ends[0]);
		close(ends[1]);
		return false;
	}
	b->fd = ends[b->planner ? 0 : 1];
	close(ends[b->planner ? 1 : 0]);
	if (b->planner == 0)
		become_planner(b, parent);
	return true;
}

struct broker *broker_start(int at, const char *save, struct diags *d)
{
	struct broker *b = xrealloc(NULL, sizeof(*b));

	*b = (struct broker){ .fd = -1 };
	if (open_folder(b, at, save, d) && start(b, d))
		return b;
	broker_free(b);
	return NULL;
}

void broker_give(struct broker *b, broker_world *world)
{
	b->world = world;
}

bool broker_is_planner(const struct broker *b)
{
	return b->planner == 0;
}

int broker_fd(const struct broker *b)
{
	return b->fd;
}

void broker_free(struct broker *b)
{
	if (!b)
		return;
	if (b->fd >= 0)
		close(b->fd);
	if (b->folder >= 0)
		close(b->folder);
	arena_release(&b->arena);
	free(b);
}
