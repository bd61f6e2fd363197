/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/secret/age.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/host/linux/process/sandbox.h"
#include "lib/host/linux/process/start.h"
#include "lib/host/linux/process/stream.h"

enum { NOBODY = 65534, SECONDS = 30, SAID = 400, NAME = 32 };

/* What is said to age, and what it says. */
struct talk {
	int given;         /* a file that it opens by name */
	const char *input; /* for its standard input */
	size_t left;
	char *room; /* for its output */
	size_t size, most;
	char said[SAID + 1]; /* its first words on standard error */
	int to, from, errors, report;
	pid_t pid;
	bool late, flooded;
};

static int enter(void *context)
{
	const struct talk *t = context;
	struct validation nothing = { .folder = -1 };

	if (fcntl(t->given, F_SETFD, 0) < 0)
		return errno;
	return validate_enter(&nothing);
}

static bool start(struct talk *t, const char *const *argv)
{
	static const struct child_user nobody = { .name = "nobody",
						  .home = "/nonexistent",
						  .uid = NOBODY,
						  .gid = NOBODY };
	const struct child child = {
		.argv = argv,
		.umask = 077,
		.user = geteuid() == 0 ? &nobody : NULL,
		.leaves_nothing = true,
		.enter = enter,
		.enter_context = t,
	};
	AUTO(arena_release) struct arena a = { 0 };
	int input[2] = { -1, -1 }, output[2] = { -1, -1 };
	int errors[2] = { -1, -1 }, report[2] = { -1, -1 };
	struct start s = { .child = &child, .parent = getpid() };
	bool ok = start_pipe(input) && start_pipe(output) &&
		  start_pipe(errors) && start_pipe(report) &&
		  fcntl(input[0], F_SETFL, 0) == 0 &&
		  fcntl(input[1], F_SETFL, O_NONBLOCK) == 0;

	s.argv = start_strings(&a, argv, 6);
	s.env = start_environment(&child, &a);
	s.input = input[0];
	s.output = output[1];
	s.errors = errors[1];
	s.report = report[1];
	t->to = input[1];
	t->from = output[0];
	t->errors = errors[0];
	t->report = report[0];
	t->pid = ok ? fork() : -1;
	if (t->pid == 0)
		start_become(&s);
	close_fd(&s.input);
	close_fd(&s.output);
	close_fd(&s.errors);
	close_fd(&s.report);
	return t->pid > 0;
}

static void feed(struct talk *t)
{
	ssize_t n = t->left ? write(t->to, t->input, t->left) : 0;

	if (n > 0) {
		t->input += n;
		t->left -= (size_t)n;
	}
	if (!t->left || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(&t->to);
}

/* One byte more than there is room for is too much. */
static void hear(struct talk *t)
{
	ssize_t n = read(t->from, t->room + t->size, t->most - t->size);

	if (n > 0)
		t->size += (size_t)n;
	t->flooded = t->size == t->most;
	if (n == 0 || t->flooded ||
	    (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(&t->from);
}

static void attend(struct talk *t)
{
	int64_t deadline = child_now() + SECONDS * 1000;
	bool late = false;

	while (t->from >= 0 && !late) {
		struct pollfd p[] = { { .fd = t->from, .events = POLLIN },
				      { .fd = t->to, .events = POLLOUT } };

		child_poll(p, COUNT(p), 1000);
		if (p[0].revents)
			hear(t);
		if (t->to >= 0 && p[1].revents)
			feed(t);
		late = child_now() > deadline;
	}
	t->late = late;
}

/* Its exit status is 0. */
static bool end(struct talk *t)
{
	ssize_t n;
	int status;

	if (t->late || t->flooded)
		kill(t->pid, SIGKILL);
	close_fd(&t->to);
	close_fd(&t->from);
	while (waitpid(t->pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	n = read(t->errors, t->said, SAID);
	t->said[n > 0 ? n : 0] = '\0';
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* It never came to be age. */
static bool not_started(struct talk *t, struct diags *d)
{
	struct report report;

	if (read(t->report, &report, sizeof(report)) != (ssize_t)sizeof(report))
		return false;
	diag_errno(d, report.error, "cannot run age(1)");
	if (report.stage == STAGE_EXECUTE)
		diag_hint(d, "install age");
	return true;
}

static bool run(struct talk *t, const char *const *argv, struct diags *d)
{
	bool ok;

	t->to = t->from = t->errors = t->report = -1;
	ok = start(t, argv);
	if (!ok)
		diag_errno(d, errno, "cannot start age(1)");
	if (ok) {
		attend(t);
		ok = end(t);
		if (t->late)
			ok = diag_error(d, "age(1) took too long");
		else if (!ok && !not_started(t, d))
			t->said[strcspn(t->said, "\n")] = '\0';
	}
	close_fd(&t->to);
	close_fd(&t->from);
	close_fd(&t->errors);
	close_fd(&t->report);
	return ok;
}

/* A file in memory that the child, who is nobody, may open by name. */
static int given(const struct buf *text)
{
	int fd = memfd_create("converge", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && write_all(fd, buf_text(text), text->size) &&
	    fcntl(fd, F_ADD_SEALS,
		  F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

bool age_open(const struct buf *sealed, const struct locked *key,
	      struct locked *out, bool *is_for, struct diags *d)
{
	static const char none[] = "no identity matched";
	char name[NAME];
	const char *const argv[] = { "age", "--decrypt", "-i", "-",
				     "--",  name,        NULL };
	AUTO_FD int fd = given(sealed);
	struct talk t = { .given = fd, .input = key->bytes, .left = key->size };
	size_t before = d->n;

	*out = (struct locked){ 0 };
	if (is_for)
		*is_for = true;
	if (fd < 0)
		return diag_errno(d, errno, "cannot give it to age(1)");
	/* age would start a program for it */
	if (memmem(key->bytes, key->size, "AGE-PLUGIN-", 11))
		return diag_error(d, "the key is one of a plugin");
	/* what is sealed is larger than what it holds */
	if (!locked_new(out, sealed->size, d))
		return false;
	t.room = out->bytes;
	t.most = sealed->size;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (run(&t, argv, d) && !t.flooded) {
		out->size = t.size;
		return true;
	}
	locked_release(out);
	if (d->n > before)
		return false;
	if (is_for && strstr(t.said, none))
		return *is_for = false;
	if (strstr(t.said, none))
		return diag_error(d, "it is not sealed to the key that is "
				     "here");
	if (strstr(t.said, "passphrase"))
		return diag_error(d, "the key is protected by a passphrase");
	return diag_error(d, "it or the key is damaged (%s)", t.said);
}

bool age_seal(const struct locked *plain, const struct buf *recipients,
	      struct buf *sealed, struct diags *d)
{
	char name[NAME];
	const char *const argv[] = { "age", "--encrypt", "-R", name,
				     "--",  "-",         NULL };
	AUTO_FD int fd = given(recipients);
	struct talk t = { .given = fd,
			  .input = plain->bytes,
			  .left = plain->size };
	size_t before = d->n;

	if (fd < 0)
		return diag_errno(d, errno, "cannot give it to age(1)");
	t.most = AGE_MAX_SEALED;
	t.room = buf_reserve(sealed, t.most);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (run(&t, argv, d) && !t.flooded) {
		sealed->size = t.size;
		return true;
	}
	return d->n > before ? false
			     : diag_error(d, "age(1) failed (%s)", t.said);
}
