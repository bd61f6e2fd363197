/* SPDX-License-Identifier: MIT */
/* Starting a program: what it is given, and the process that becomes it. */
#include "lib/host/linux/process/start.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/host/linux/process/inherit.h"

enum {
	HEAD = 128,      /* bytes of a script that may name its interpreter */
	NOEXEC_SEAL = 8, /* MFD_NOEXEC_SEAL, since Linux 6.3 */
};

/*
 * In the new process: only what signal-safety(7) allows.
 */

NORETURN static void fail(const struct start *s, enum stage stage, int error,
			  const char *detail)
{
	struct report report = { .stage = stage, .error = error };
	size_t n = 0;

	while (detail && detail[n] && n < sizeof(report.detail) - 1) {
		report.detail[n] = detail[n];
		n++;
	}
	if (write(s->report, &report, sizeof(report)) < 0)
		_exit(126);
	_exit(127);
}

static void default_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int n = 1; n <= SIGRTMAX; n++)
		sigaction(n, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void take_descriptors(const struct start *s)
{
	if (dup2(s->input, 0) < 0 || dup2(s->output, 1) < 0 ||
	    dup2(s->errors, 2) < 0 ||
	    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		fail(s, STAGE_DESCRIPTORS, errno, NULL);
}

static void enter_root(const struct start *s)
{
	if (fchdir(s->child->root_fd) < 0 || chroot(".") < 0)
		fail(s, STAGE_ROOT, errno, NULL);
}

static bool is_user(const struct child_user *u)
{
	uid_t uid[3];
	gid_t gid[3];

	if (getresuid(&uid[0], &uid[1], &uid[2]) < 0 ||
	    getresgid(&gid[0], &gid[1], &gid[2]) < 0)
		return false;
	for (size_t i = 0; i < 3; i++)
		if (uid[i] != u->uid || gid[i] != u->gid)
			return false;
	return true;
}

/* Who is not root can only stay what he is, with the groups that he has. */
static void become_user(const struct start *s, const struct child_user *u)
{
	if (geteuid() != 0 && is_user(u))
		return;
	if (setgroups(u->ngroups, u->groups) < 0 ||
	    setresgid(u->gid, u->gid, u->gid) < 0 ||
	    setresuid(u->uid, u->uid, u->uid) < 0)
		fail(s, STAGE_USER, errno, u->name);
	if (!is_user(u) || (u->uid != 0 && setuid(0) == 0))
		fail(s, STAGE_USER, EPERM, u->name);
}

/* A session keyring of its own: root's keys are not the user's. A kernel
 * without keyrings has none to leak. */
static void drop_privileges(const struct start *s)
{
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		fail(s, STAGE_PRIVILEGES, errno, NULL);
}

/* The program is there, yet execve(2) says ENOENT: what is not there? */
static void find_interpreter(const char *path, char head[HEAD])
{
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, head, HEAD - 1);
	size_t from = 2, to = 0;

	head[n < 0 ? 0 : n] = '\0';
	if (head[0] != '#' || head[1] != '!') {
		head[0] = '\0';
		return;
	}
	while (head[from] == ' ' || head[from] == '\t')
		from++;
	while (head[from] && !strchr(" \t\r\n", head[from]))
		head[to++] = head[from++];
	head[to] = '\0';
}

/* Returns with errno when path is not there. */
static void execute(const struct start *s, const char *path)
{
	char head[HEAD];

	execve(path, s->argv, s->env);
	if (errno == ENOENT && faccessat(AT_FDCWD, path, F_OK, 0) == 0) {
		find_interpreter(path, head);
		fail(s, STAGE_INTERPRETER, ENOENT, head);
	}
	if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
		fail(s, STAGE_EXECUTE, errno, path);
}

/* As execvp(3), which would look at the PATH of this process. */
NORETURN static void search(const struct start *s, const char *name)
{
	const char *from = INHERIT_PATH;
	size_t length = strlen(name);
	bool denied = false;
	char path[PATH_MAX];

	if (length > NAME_MAX)
		fail(s, STAGE_EXECUTE, ENOENT, name);
	while (*from) {
		size_t n = strcspn(from, ":");

		memcpy(path, from, n);
		path[n] = '/';
		memcpy(path + n + 1, name, length + 1);
		execute(s, path);
		denied = denied || errno == EACCES;
		from += n + (from[n] == ':');
	}
	fail(s, STAGE_EXECUTE, denied ? EACCES : ENOENT, name);
}

NORETURN void start_become(const struct start *s)
{
	const struct child *c = s->child;
	const char *folder = c->cwd ? c->cwd : "/";
	int error;

	if (setsid() < 0)
		fail(s, STAGE_SESSION, errno, NULL);
	default_signals();
	take_descriptors(s);
	umask(c->umask);
	if (c->has_root)
		enter_root(s);
	if (c->user)
		become_user(s, c->user);
	if (chdir(folder) < 0)
		fail(s, STAGE_FOLDER, errno, folder);
	if (c->user)
		drop_privileges(s);
	/* a change of user clears it, so it comes after */
	if (c->leaves_nothing &&
	    (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != s->parent))
		_exit(126);
	error = c->enter ? c->enter(c->enter_context) : 0;
	if (error)
		fail(s, STAGE_ENTER, error, NULL);
	if (!strchr(s->argv[0], '/'))
		search(s, s->argv[0]);
	execute(s, s->argv[0]);
	fail(s, STAGE_EXECUTE, errno, s->argv[0]);
}

/*
 * Before it: descriptors and arguments.
 */

char **start_strings(struct arena *a, const char *const *v, size_t n)
{
	char **copy = arena_array(a, char *, n + 1);

	for (size_t i = 0; i < n; i++)
		copy[i] = arena_strdup(a, v[i]);
	return copy;
}

static bool same_name(const char *one, const char *other)
{
	size_t n = strcspn(one, "=");

	return strncmp(one, other, n) == 0 && other[n] == '=';
}

static void put_variable(struct strings *env, struct arena *a, const char *text)
{
	for (size_t i = 0; i < env->n; i++) {
		if (same_name(text, env->v[i])) {
			env->v[i] = text;
			return;
		}
	}
	strings_add(env, a, text);
}

char **start_environment(const struct child *c, struct arena *a)
{
	const struct child_user *u = c->user;
	struct strings env = { 0 };

	put_variable(&env, a, "PATH=" INHERIT_PATH);
	put_variable(&env, a, "LANG=C.UTF-8");
	put_variable(&env, a, "DEBIAN_FRONTEND=noninteractive");
	put_variable(&env, a,
		     arena_printf(a, "HOME=%s", u ? u->home : "/root"));
	if (u) {
		put_variable(&env, a, arena_printf(a, "USER=%s", u->name));
		put_variable(&env, a, arena_printf(a, "LOGNAME=%s", u->name));
	}
	for (size_t i = 0; i < c->nenv; i++)
		put_variable(&env, a, c->env[i]);
	return start_strings(a, env.v, env.n);
}

/* Away from 0 to 2, where the new process puts its own. */
static int high(int fd)
{
	int moved;

	if (fd < 0 || fd > 2)
		return fd;
	moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	close(fd);
	return moved;
}

bool start_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	ends[0] = high(ends[0]);
	ends[1] = high(ends[1]);
	return ends[0] >= 0 && ends[1] >= 0 &&
	       fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

int start_input(const struct child *c)
{
	int fd;

	if (!c->input)
		return high(open("/dev/null", O_RDONLY | O_CLOEXEC));
	fd = memfd_create("input", MFD_CLOEXEC | NOEXEC_SEAL);
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("input", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	fd = high(fd);
	if (fd < 0)
		return -1;
	if (write_all(fd, c->input, c->input_size) &&
	    lseek(fd, 0, SEEK_SET) == 0 &&
	    fcntl(fd, F_ADD_SEALS,
		  F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW) == 0)
		return fd;
	close(fd);
	return -1;
}
