/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/process/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <jansson.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/host/linux/process/child.h"
#include "lib/host/linux/process/sandbox_filters.h"
#include "lib/host/linux/process/trial.h"
#include "lib/test.h"

enum { NOBODY = 65534 };

/*
 * Scratch: a file "f", its link "l", a folder "d", all the current user's.
 */

static char scratch[64];

static void make_scratch(void)
{
	int fd;

	snprintf(scratch, sizeof(scratch), "/tmp/converge-sandbox-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(scratch));
	ck_assert_int_eq(chdir(scratch), 0);
	fd = open("f", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "content\n", 8), 8);
	fsetxattr(fd, "user.probe", "x", 1, 0);
	close(fd);
	ck_assert_int_eq(mkdir("d", 0700), 0);
}

static void remove_scratch(void)
{
	const char *const argv[] = { "rm", "-rf", scratch, NULL };
	const struct child c = { .argv = argv };
	struct arena a = { 0 };
	struct outcome o;

	ck_assert_int_eq(chdir("/"), 0);
	child_run(&c, &a, &o);
	ck_assert_int_eq(o.code, 0);
	outcome_release(&o);
	arena_release(&a);
}

/*
 * The probes: true when one got through.
 */

static int old_fd; /* of f, O_RDONLY, from before the sandbox */

static bool opens(const char *path, int flags)
{
	return open(path, flags | O_CLOEXEC, 0600) >= 0;
}

static bool open_for_writing(void)
{
	return opens("f", O_WRONLY);
}

static bool open_new(void)
{
	return opens("new", O_WRONLY | O_CREAT);
}

static bool open_nameless(void)
{
	return opens(".", O_WRONLY | O_TMPFILE);
}

static bool open_emptied(void)
{
	return opens("f", O_RDONLY | O_TRUNC);
}

static bool open_new_to_read(void)
{
	return opens("new", O_RDONLY | O_CREAT);
}

static bool open_hidden_flags(void)
{
	struct open_how how = { .flags = O_WRONLY };

	return syscall(SYS_openat2, AT_FDCWD, "f", &how, sizeof(how)) >= 0;
}

static bool truncate_it(void)
{
	return truncate("f", 1) == 0;
}

static bool unlink_it(void)
{
	return unlink("f") == 0;
}

static bool rename_it(void)
{
	return rename("f", "g") == 0;
}

static bool make_folder(void)
{
	return mkdir("e", 0700) == 0;
}

static bool make_symlink(void)
{
	return symlink("f", "s") == 0;
}

static bool make_link(void)
{
	return link("f", "h") == 0;
}

static bool make_fifo(void)
{
	return mkfifo("p", 0600) == 0;
}

static bool change_mode(void)
{
	return chmod("f", 0666) == 0;
}

static bool change_mode_of_descriptor(void)
{
	return fchmod(old_fd, 0666) == 0;
}

static bool change_owner(void)
{
	return chown("f", (uid_t)-1, getegid()) == 0;
}

static bool change_times(void)
{
	return utimensat(AT_FDCWD, "f", NULL, 0) == 0;
}

static bool set_attribute(void)
{
	return setxattr("f", "user.other", "x", 1, 0) == 0;
}

static bool remove_attribute(void)
{
	return removexattr("f", "user.probe") == 0;
}

static bool set_flags(void)
{
	int flags = FS_NODUMP_FL;

	return ioctl(old_fd, FS_IOC_SETFLAGS, &flags) == 0;
}

static bool lock_it(void)
{
	return flock(old_fd, LOCK_EX | LOCK_NB) == 0;
}

static bool change_folder(void)
{
	int fd = open("d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && fchdir(fd) == 0;
}

static bool mount_it(void)
{
	return mount("none", "d", "tmpfs", 0, NULL) == 0 && umount("d") == 0;
}

static bool send_signal(void)
{
	return kill(getpid(), SIGWINCH) == 0;
}

static bool unix_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool inet_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool memory_file(void)
{
	return memfd_create("x", MFD_CLOEXEC) >= 0;
}

static bool io_uring(void)
{
	struct io_uring_params parameters = { 0 };

	return syscall(SYS_io_uring_setup, 1, &parameters) >= 0;
}

static bool fork_it(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

/* With the status of a probe that got through. */
static bool execute(void)
{
	execl("/bin/sh", "sh", "-c", "exit 1", (char *)NULL);
	return false;
}

static bool trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool set_user(void)
{
	return setuid(getuid()) == 0;
}

typedef bool probe(void);

static probe *const probes[] = {
	open_for_writing,
	open_new,
	open_nameless,
	open_emptied,
	open_new_to_read,
	open_hidden_flags,
	truncate_it,
	unlink_it,
	rename_it,
	make_folder,
	make_symlink,
	make_link,
	make_fifo,
	change_mode,
	change_mode_of_descriptor,
	change_owner,
	change_times,
	set_attribute,
	remove_attribute,
	set_flags,
	lock_it,
	change_folder,
	mount_it,
	send_signal,
	unix_socket,
	inet_socket,
	memory_file,
	io_uring,
	fork_it,
	execute,
	trace,
	set_user,
};

_Static_assert(COUNT(probes) == 32, "the 32 probes");

/* More of the same kind. */

static bool write_elsewhere(void)
{
	return write(0, "x", 1) == 1 || write(3, "x", 1) == 1 || errno != EPERM;
}

static bool write_at(void)
{
	return pwrite(1, "x", 1, 0) >= 0 || errno != EPERM;
}

static bool map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool make_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ||
	       mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool map_shared(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool duplicate(void)
{
	return dup(old_fd) >= 0 || dup2(old_fd, 1) >= 0 ||
	       dup3(old_fd, 1, 0) >= 0 ||
	       fcntl(old_fd, F_DUPFD_CLOEXEC, 3) >= 0;
}

static bool set_descriptor_flags(void)
{
	return fcntl(1, F_SETFL, O_APPEND) == 0 ||
	       fcntl(old_fd, F_SETOWN, getpid()) == 0;
}

static bool set_limit(void)
{
	const struct rlimit limit = { 64, 64 };

	return prlimit(0, RLIMIT_NOFILE, &limit, NULL) == 0 ||
	       prlimit(getppid(), RLIMIT_NOFILE, NULL, NULL) == 0;
}

static bool queue_signal(void)
{
	const union sigval none = { 0 };

	return sigqueue(getpid(), SIGWINCH, none) == 0 ||
	       syscall(SYS_tgkill, getpid(), getpid(), SIGWINCH) == 0;
}

static bool open_again(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", old_fd);
	return opens(path, O_RDWR) || opens("/proc/self/oom_score_adj", O_RDWR);
}

static bool more_calls(void)
{
	static const long calls[] = {
		SYS_clone3,
		SYS_unshare,
		SYS_setns,
		SYS_bpf,
		SYS_keyctl,
		SYS_perf_event_open,
		SYS_socketpair,
		SYS_sendmsg,
		SYS_sendto,
		SYS_vfork,
		SYS_chroot,
		SYS_pivot_root,
		SYS_reboot,
		SYS_sethostname,
		SYS_init_module,
		SYS_umask,
		SYS_shmget,
		SYS_msgget,
		SYS_semget,
		SYS_pidfd_open,
		SYS_pidfd_send_signal,
		SYS_prctl,
		SYS_seccomp,
		SYS_setgroups,
		SYS_capset,
		SYS_setpriority,
		SYS_fallocate,
		SYS_sendfile,
		SYS_splice,
		SYS_copy_file_range,
		SYS_name_to_handle_at,
		SYS_open_by_handle_at,
		SYS_inotify_init1,
		SYS_setsid,
		SYS_execveat,
		SYS_process_vm_writev,
		SYS_userfaultfd,
		SYS_mknodat,
	};

	for (size_t i = 0; i < COUNT(calls); i++)
		if (syscall(calls[i], 0, 0, 0, 0, 0, 0) >= 0 || errno != EPERM)
			return true;
	return false;
}

static probe *const others[] = {
	write_elsewhere,
	write_at,
	map_code,
	make_code,
	map_shared,
	duplicate,
	set_descriptor_flags,
	set_limit,
	queue_signal,
	open_again,
	more_calls,
};

/*
 * Who tries them: in a process each, as most cannot be undone.
 */

typedef bool enter(void);

static bool enter_plan(void)
{
	static const char *const reads[] = { "/" };
	const struct sandbox s = { .at = AT_FDCWD,
				   .reads = reads,
				   .nreads = 1 };
	AUTO_DIAGS struct diags d = { 0 };

	if (sandbox_enter(&s, &d))
		return true;
	dprintf(2, "%s\n", d.v[0].text);
	return false;
}

/* As root in a container, which mostly has no CAP_DAC_READ_SEARCH. */
static bool lose_reading(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) != 0)
		return false;
	data[0].permitted &= ~(1U << CAP_DAC_READ_SEARCH);
	data[0].effective &= ~(1U << CAP_DAC_READ_SEARCH);
	return syscall(SYS_capset, &header, data) == 0;
}

static bool enter_plan_in_container(void)
{
	return lose_reading() && enter_plan();
}

static bool enter_nothing(void)
{
	return true;
}

/* As Landlock would be if it could do nothing: what holds with it too holds
 * for each of its ABIs. */
static bool enter_filter(void)
{
	struct sock_filter code[COUNT(plan_filter)];
	const struct sock_fprog program = { COUNT(code), code };

	(void)look_filter;
	(void)call_names;
	memcpy(code, plan_filter, sizeof(code));
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

static bool become(uid_t user)
{
	return user == geteuid() ||
	       (setgroups(0, NULL) == 0 && setresgid(user, user, user) == 0 &&
		setresuid(user, user, user) == 0);
}

static bool one_gets_through(probe *p, enter *entering, uid_t user)
{
	int status;
	pid_t pid;

	make_scratch();
	if (user != geteuid()) {
		ck_assert_int_eq(chown(".", user, user), 0);
		ck_assert_int_eq(chown("f", user, user), 0);
		ck_assert_int_eq(chown("d", user, user), 0);
	}
	pid = fork();
	if (pid == 0) {
		close_range(3, ~0U, 0);
		old_fd = open("f", O_RDONLY | O_CLOEXEC);
		if (!become(user) || old_fd < 0 || !entering())
			_exit(2);
		_exit(p() ? 1 : 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	remove_scratch();
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) < 2,
		      "status %#x", (unsigned)status);
	return WEXITSTATUS(status) == 1;
}

static size_t get_through(enter *entering, uid_t user)
{
	size_t n = 0;

	for (size_t i = 0; i < COUNT(probes); i++) {
		bool does = one_gets_through(probes[i], entering, user);

		if (does && entering != enter_nothing)
			fprintf(stderr, "probe %zu gets through\n", i + 1);
		n += does;
	}
	return n;
}

/* F70 */
START_TEST(no_probe_gets_out_of_the_plan_sandbox)
{
	ck_assert_uint_eq(get_through(enter_plan, geteuid()), 0);
}
END_TEST

START_TEST(no_probe_of_nobody_gets_out_either)
{
	if (geteuid() == 0)
		ck_assert_uint_eq(get_through(enter_plan, NOBODY), 0);
}
END_TEST

START_TEST(no_probe_gets_out_in_a_container_either)
{
	if (geteuid() == 0)
		ck_assert_uint_eq(get_through(enter_plan_in_container, 0), 0);
}
END_TEST

START_TEST(no_probe_gets_out_when_landlock_does_nothing)
{
	ck_assert_uint_eq(get_through(enter_filter, geteuid()), 0);
}
END_TEST

/* The probes are worth something: io_uring and mounts may be forbidden to a
 * container, and attributes to a file system. */
START_TEST(most_probes_get_through_without_a_sandbox)
{
	ck_assert_uint_ge(get_through(enter_nothing, geteuid()),
			  geteuid() == 0 ? 28 : 25);
	if (geteuid() == 0)
		ck_assert_uint_ge(get_through(enter_nothing, NOBODY), 25);
}
END_TEST

START_TEST(nothing_else_gets_out_of_the_plan_sandbox)
{
	for (size_t i = 0; i < COUNT(others); i++)
		ck_assert_msg(
			!one_gets_through(others[i], enter_plan, geteuid()),
			"probe %zu", i);
}
END_TEST

/*
 * What must work in it. In the child, whose exit status tells; 0 is good.
 */

static int channel[2];

static int in_child(int (*body)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		/* Check has a file of its own open */
		if (channel[1] > 0)
			channel[1] = dup2(channel[1], 3);
		close_range(channel[1] > 0 ? 4 : 3, ~0U, 0);
		_exit(body());
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

static const char *kept_capability = "CapEff:\t0000000000000004\n";

static int work(void)
{
	static const char *const reads[] = { "/" };
	const int writes[] = { channel[1] };
	const struct sandbox s = { .at = AT_FDCWD,
				   .reads = reads,
				   .nreads = 1,
				   .writes = writes,
				   .nwrites = 1 };
	AUTO_DIAGS struct diags d = { 0 };
	char text[4096], *big;
	json_t *json;
	FILE *file;
	DIR *folder;
	uid_t was = geteuid();

	if (!sandbox_enter(&s, &d))
		return 1;
	if (was == 0 && (getuid() != NOBODY || getegid() != NOBODY ||
			 getgroups(0, NULL) != 0))
		return 2;
	/* a file of root's that no one else may read */
	file = fopen("secret/f", "r");
	if (!file || !fgets(text, sizeof(text), file) ||
	    strcmp(text, "content\n") != 0)
		return 3;
	fclose(file);
	folder = opendir("secret");
	if (!folder || !readdir(folder))
		return 4;
	closedir(folder);
	json = json_loads("{\"a\": [1, 2.5, \"x\"], \"b\": null}", 0, NULL);
	if (!json || json_object_size(json) != 2)
		return 5;
	json_decref(json);
	big = malloc(64 << 20);
	if (!big)
		return 6;
	memset(big, 1, 64 << 20);
	free(big);
	if (write(channel[1], "hello", 5) != 5 || dprintf(1, "%s", "") < 0)
		return 7;
	if (access("secret/f", R_OK) < 0 && was != 0)
		return 8;
	file = fopen("/proc/self/status", "r");
	if (!file)
		return 9;
	while (fgets(text, sizeof(text), file))
		if (was == 0 && strncmp(text, "CapEff:", 7) == 0 &&
		    strcmp(text, kept_capability) != 0)
			return 10;
	fclose(file);
	return prctl(PR_GET_DUMPABLE) == 1 ? 11 : 0;
}

static int work_in_container(void)
{
	kept_capability = "CapEff:\t0000000000000002\n";
	return lose_reading() ? work() : 20;
}

START_TEST(reading_works_in_the_plan_sandbox)
{
	char text[8] = "";

	make_scratch();
	ck_assert_int_eq(mkdir("secret", 0700), 0);
	ck_assert_int_eq(rename("f", "secret/f"), 0);
	ck_assert_int_eq(pipe2(channel, O_CLOEXEC), 0);
	ck_assert_int_eq(in_child(work), 0);
	ck_assert_int_eq(read(channel[0], text, sizeof(text)), 5);
	ck_assert_str_eq(text, "hello");
	if (geteuid() == 0)
		ck_assert_int_eq(in_child(work_in_container), 0);
	close(channel[0]);
	close(channel[1]);
	channel[1] = 0;
	remove_scratch();
}
END_TEST

/* Its parent is gone as soon as it is in. */
NORETURN static void linger(int out, pid_t parent)
{
	const struct sandbox s = { .writes = &out, .nwrites = 1 };
	AUTO_DIAGS struct diags d = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent && sandbox_enter(&s, &d) &&
	    write(out, "x", 1) == 1)
		poll(NULL, 0, 20000);
	_exit(0);
}

START_TEST(who_is_in_the_sandbox_dies_with_its_parent)
{
	struct pollfd p = { .events = POLLIN };
	int ends[2], leave[2];
	char text[2];
	pid_t pid;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(leave, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		pid = getpid();
		dup2(leave[0], 0);
		dup2(ends[1], 3);
		close_range(4, ~0U, 0);
		if (fork() == 0)
			linger(3, pid);
		close(3);
		_exit(read(0, text, 1) == 1 ? 0 : 1);
	}
	close(ends[1]);
	ck_assert_int_eq(read(ends[0], text, 1), 1);
	ck_assert_int_eq(write(leave[1], "x", 1), 1);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	p.fd = ends[0];
	ck_assert_int_eq(poll(&p, 1, 10000), 1);
	ck_assert_int_eq(read(ends[0], text, 1), 0);
	close(ends[0]);
	close(leave[0]);
	close(leave[1]);
}
END_TEST

static int look_below(void)
{
	static const char *const reads[] = { "d", "f" };
	struct sandbox s = { .reads = reads, .nreads = 2 };
	AUTO_DIAGS struct diags d = { 0 };

	s.at = open(scratch, O_PATH | O_CLOEXEC);
	if (!sandbox_enter(&s, &d))
		return 1;
	if (opens("/etc/passwd", O_RDONLY) || opens("/", O_RDONLY) ||
	    opens("/proc/self/environ", O_RDONLY) || opens("x", O_RDONLY))
		return 2;
	return opens("d", O_RDONLY) && opens("d/in", O_RDONLY) &&
			       opens("f", O_RDONLY)
		       ? 0
		       : 3;
}

START_TEST(nothing_is_read_but_what_is_given)
{
	int fd;

	make_scratch();
	fd = open("d/in", O_CREAT | O_WRONLY, 0600);
	close(fd);
	fd = open("x", O_CREAT | O_WRONLY, 0600);
	close(fd);
	ck_assert_int_eq(in_child(look_below), 0);
	remove_scratch();
}
END_TEST

static bool fails_with(const struct sandbox *s, const char *text)
{
	AUTO_DIAGS struct diags d = { 0 };

	return !sandbox_enter(s, &d) && d.n && strstr(d.v[0].text, text);
}

static int with_descriptor(void)
{
	int fd = open("f", O_RDWR);
	const struct sandbox s = { .writes = &fd, .nwrites = 1 };
	AUTO_DIAGS struct diags d = { 0 };
	char text[64];

	snprintf(text, sizeof(text), "descriptor %d is open for writing", fd);
	if (!fails_with(&(struct sandbox){ 0 }, text))
		return 1;
	if (!sandbox_enter(&s, &d))
		return 2;
	return write(fd, "x", 1) == 1 ? 0 : 3;
}

static int with_missing(void)
{
	static const char *const reads[] = { "/no/such" };
	const int writes[SANDBOX_WRITES + 1] = { 0 };

	if (!fails_with(&(struct sandbox){ .writes = writes,
					   .nwrites = COUNT(writes) },
			"more than 4"))
		return 1;
	return fails_with(&(struct sandbox){ .at = AT_FDCWD,
					     .reads = reads,
					     .nreads = 1 },
			  "cannot open '/no/such'")
		       ? 0
		       : 2;
}

START_TEST(what_cannot_hold_is_refused)
{
	make_scratch();
	ck_assert_int_eq(in_child(with_descriptor), 0);
	ck_assert_int_eq(in_child(with_missing), 0);
	remove_scratch();
}
END_TEST

/* A kernel that has not what the sandbox is made of. */
static bool without(long call, int error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { COUNT(code), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int without_landlock(void)
{
	return without(SYS_landlock_create_ruleset, ENOSYS) &&
			       fails_with(&(struct sandbox){ 0 },
					  "Landlock: Function not implemented")
		       ? 0
		       : 1;
}

static int with_landlock_off(void)
{
	return without(SYS_landlock_restrict_self, EOPNOTSUPP) &&
			       fails_with(&(struct sandbox){ 0 }, "Landlock: ")
		       ? 0
		       : 1;
}

static int without_seccomp(void)
{
	return without(SYS_seccomp, EINVAL) &&
			       fails_with(&(struct sandbox){ 0 }, "seccomp: ")
		       ? 0
		       : 1;
}

/* Not that of this process: the sandbox would say so. */
static int without_change_of_user(void)
{
	if (geteuid() != 0)
		return 0;
	return without(SYS_setresuid, EPERM) &&
			       fails_with(&(struct sandbox){ 0 }, "privileges")
		       ? 0
		       : 1;
}

/* F75 */
START_TEST(kernel_without_a_sandbox_is_refused)
{
	ck_assert_int_eq(in_child(without_landlock), 0);
	ck_assert_int_eq(in_child(with_landlock_off), 0);
	ck_assert_int_eq(in_child(without_seccomp), 0);
	ck_assert_int_eq(in_child(without_change_of_user), 0);
}
END_TEST

/*
 * Guards.
 */

static struct arena arena;
static struct outcome outcome;
static struct look look;

static void forget(void)
{
	outcome_release(&outcome);
	arena_release(&arena);
}

static void guard(const char *text, const struct child_user *user)
{
	const char *const argv[] = { "sh", "-c", text, NULL };
	AUTO_DIAGS struct diags d = { 0 };
	const struct child c = { .argv = argv,
				 .cwd = scratch,
				 .user = user,
				 .timeout = 10000,
				 .leaves_nothing = true,
				 .enter = look_enter,
				 .enter_context = &look,
				 .watch = &look.watch,
				 .watched = look_watched };

	forget();
	ck_assert(look_init(&look, &d));
	child_run(&c, &arena, &outcome);
	ck_assert_msg(look.entered, "%s", outcome.because);
	look_release(&look);
}

/* A guard that only looks, and what it says. */
static void looks_only(const char *text, int code)
{
	guard(text, NULL);
	ck_assert_msg(!look.tried[0], "%s: tried to %s", text, look.tried);
	ck_assert_msg(outcome.ending == ENDED_EXIT && outcome.code == code,
		      "%s: ending %d code %d because %s: %s", text,
		      outcome.ending, outcome.code,
		      outcome.because ? outcome.because : "-",
		      buf_text(&outcome.errors));
}

static void tries(const char *text, const char *what)
{
	guard(text, NULL);
	ck_assert_msg(strcmp(look.tried, what) == 0, "%s: tried to %s", text,
		      look.tried);
}

START_TEST(guards_that_look_work)
{
	make_scratch();
	looks_only("test -f f", 0);
	looks_only("test -f missing", 1);
	looks_only("test -r /etc/shadow && test -w f && test -x /bin/sh", 0);
	looks_only("grep -q content f >/dev/null 2>&1", 0);
	looks_only("grep -q x f > /dev/null 2>&1", 1);
	looks_only("sh -c 'id root | grep -q uid'", 0);
	looks_only("[ \"$(cat f)\" = content ]", 0);
	looks_only("cat f | tr a-z A-Z | grep -q CONTENT", 0);
	looks_only("sh -c 'echo x > /dev/null'", 0);
	looks_only("echo x > /dev/stdout; echo y > /dev/stderr; "
		   "echo z >> /proc/self/fd/1",
		   0);
	ck_assert_str_eq(buf_text(&outcome.output), "x\nz\n");
	looks_only("getent passwd root >/dev/null", 0);
	looks_only("find / -maxdepth 2 >/dev/null 2>&1; true", 0);
	looks_only("ls -la / >/dev/null && stat / >/dev/null && df / "
		   ">/dev/null",
		   0);
	looks_only("ps ax >/dev/null && pgrep -f sh >/dev/null", 0);
	looks_only("sleep 100 & kill $!; wait $!; kill -0 $$", 0);
	looks_only("timeout 0.2 sleep 10", 124);
	looks_only("cat <<END | sort | uniq -c | awk '{print $2}' | grep -q b"
		   "\na\nb\nEND",
		   0);
	looks_only("command -v sh >/dev/null && dpkg-query -W -f '${Status}' "
		   "libc6 | grep -q installed",
		   0);
	looks_only("date +%s >/dev/null; uname -a; hostname; nproc", 0);
	looks_only("(echo x > /dev/tty) 2>/dev/null; true", 0);
	guard("kill -ABRT $$", NULL);
	ck_assert_int_eq(outcome.ending, ENDED_SIGNAL);
	ck_assert_str_eq(look.tried, "");
	remove_scratch();
	forget();
}
END_TEST

START_TEST(guards_that_change_are_seen)
{
	char text[256];

	make_scratch();
	tries("touch /tmp/converge-x", "write '/tmp/converge-x'");
	ck_assert_int_ne(access("/tmp/converge-x", F_OK), 0);
	snprintf(text, sizeof(text), "write '%s/f'", scratch);
	tries("echo x > f", text);
	tries("echo x 2>/dev/null >> f; exit 0", text);
	snprintf(text, sizeof(text), "write '%s/d/../f'", scratch);
	tries("cd d && echo x > ../f", text);
	snprintf(text, sizeof(text), "remove '%s/f'", scratch);
	tries("rm f", text);
	snprintf(text, sizeof(text), "rename '%s/f'", scratch);
	tries("mv f g", text);
	snprintf(text, sizeof(text), "make the directory '%s/e'", scratch);
	tries("mkdir e", text);
	tries("ln -s f /converge-s", "make the link '/converge-s'");
	snprintf(text, sizeof(text), "change the mode of '%s/f'", scratch);
	tries("chmod 600 f", text);
	snprintf(text, sizeof(text), "change the owner of '%s/f'", scratch);
	tries("chown 1:1 f", text);
	tries("mkfifo /converge-p", "make the special file '/converge-p'");
	tries("kill -TERM 1", "send a signal to process 1");
	tries("kill -TERM -1", "send a signal to processes -1");
	snprintf(text, sizeof(text),
		 "perl -e '$p = \"/mnt\"; $t = \"tmpfs\"; "
		 "syscall(%d, $t, $p, $t, 0, 0)'",
		 (int)SYS_mount);
	tries(text, "mount on '/mnt'");
	tries("hostname other", "call sethostname");
	tries("nice -n 5 true; unshare -m true", "call unshare");
	tries("chroot / true", "change its root to '/'");
	tries("echo 1 > /proc/sys/kernel/sysrq",
	      "write '/proc/sys/kernel/sysrq'");
	tries("setpriv --reuid 65534 --clear-groups true", "call setresuid");
	guard("test -f f", NULL);
	ck_assert_int_eq(outcome.code, 0);
	remove_scratch();
	forget();
}
END_TEST

START_TEST(sockets_of_guards_lead_nowhere)
{
	make_scratch();
	tries("bash -c 'exec 3<>/dev/tcp/127.0.0.1/9'",
	      "connect to 127.0.0.1 port 9");
	tries("bash -c 'echo x > /dev/udp/127.0.0.1/9'",
	      "connect to 127.0.0.1 port 9");
	tries("perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) or die; "
	      "connect(S, sockaddr_un(\"/run/x\"))'",
	      "connect to '/run/x'");
	tries("perl -MSocket -e 'socket(S, AF_INET, SOCK_DGRAM, 0) or die; "
	      "send(S, \"x\", 0, sockaddr_in(7, INADDR_LOOPBACK))'",
	      "send to 127.0.0.1 port 7");
	tries("perl -MSocket -e 'socket(S, AF_INET, SOCK_STREAM, 0) or die; "
	      "bind(S, sockaddr_in(7, INADDR_LOOPBACK))'",
	      "bind to 127.0.0.1 port 7");
	tries("perl -MSocket -e 'socket(S, 16, SOCK_RAW, 0)'",
	      "make a socket of family 16");
	looks_only("perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) or "
		   "die; connect(S, sockaddr_un(\"/var/run/nscd/socket\")) and "
		   "die; exit($!{ENOENT} ? 0 : 1)'",
		   0);
	looks_only("perl -MSocket -e 'socketpair(A, B, AF_UNIX, SOCK_STREAM, "
		   "0) or die; syswrite(A, \"x\"); sysread(B, $x, 1); "
		   "exit($x eq \"x\" ? 0 : 1)'",
		   0);
	remove_scratch();
	forget();
}
END_TEST

START_TEST(guards_have_no_privileges)
{
	const struct child_user user = {
		.name = "nobody", .home = "/", .uid = NOBODY, .gid = NOBODY
	};

	if (geteuid() != 0)
		return;
	make_scratch();
	looks_only("grep -q '^CapEff:.0000000000000004$' /proc/self/status && "
		   "grep -q '^NoNewPrivs:.1$' /proc/self/status && id -u",
		   0);
	ck_assert_str_eq(buf_text(&outcome.output), "0\n");
	ck_assert_int_eq(chmod(scratch, 0755), 0);
	guard("id -u; cat f", &user);
	ck_assert_str_eq(buf_text(&outcome.output), "65534\n");
	ck_assert_int_eq(outcome.code, 1);
	ck_assert_str_eq(look.tried, "");
	guard("echo x > /dev/null; touch /tmp/converge-y", &user);
	ck_assert_str_eq(look.tried, "write '/tmp/converge-y'");
	remove_scratch();
	forget();
}
END_TEST

START_TEST(guards_that_linger_die_at_the_deadline)
{
	const char *const argv[] = { "sh", "-c",
				     "(setsid sh -c 'sleep 97531; sleep 97531' "
				     "&); sleep 97531",
				     NULL };
	AUTO_DIAGS struct diags d = { 0 };
	const struct child c = { .argv = argv,
				 .timeout = 500,
				 .grace = 300,
				 .leaves_nothing = true,
				 .enter = look_enter,
				 .enter_context = &look,
				 .watch = &look.watch,
				 .watched = look_watched };

	ck_assert(look_init(&look, &d));
	child_run(&c, &arena, &outcome);
	look_release(&look);
	ck_assert_int_eq(outcome.ending, ENDED_TIMEOUT);
	make_scratch();
	looks_only("pgrep -f '^sleep 97531$'", 1);
	looks_only("setsid sleep 97531 >/dev/null 2>&1 & sleep 0.2", 0);
	looks_only("pgrep -f '^sleep 97531$'", 1);
	remove_scratch();
	forget();
}
END_TEST

/* Every mutator among the probes, from a program that a guard starts. */
static int look_probes(void)
{
	int bad = 0;

	for (size_t i = 0; i < COUNT(probes); i++) {
		if (probes[i] == change_folder || probes[i] == unix_socket ||
		    probes[i] == inet_socket || probes[i] == memory_file ||
		    probes[i] == send_signal || probes[i] == fork_it ||
		    probes[i] == execute)
			continue;
		if (probes[i]()) {
			dprintf(2, "probe %zu gets through\n", i + 1);
			bad++;
		}
	}
	return bad;
}

static int probing_enter(void *context)
{
	int error = look_enter(context);

	if (error)
		return error;
	if (chdir(scratch) < 0)
		_exit(100);
	old_fd = open("f", O_RDONLY | O_CLOEXEC);
	_exit(look_probes());
}

START_TEST(no_probe_gets_out_of_the_look_sandbox)
{
	const char *const argv[] = { "true", NULL };
	AUTO_DIAGS struct diags d = { 0 };
	const struct child c = { .argv = argv,
				 .enter = probing_enter,
				 .enter_context = &look,
				 .watch = &look.watch,
				 .watched = look_watched };

	make_scratch();
	forget();
	ck_assert(look_init(&look, &d));
	child_run(&c, &arena, &outcome);
	look_release(&look);
	ck_assert_int_eq(outcome.ending, ENDED_EXIT);
	ck_assert_msg(outcome.code == 0, "%s", buf_text(&outcome.errors));
	remove_scratch();
	forget();
}
END_TEST

/*
 * Validators.
 */

static void validator(const char *text, int code)
{
	const char *const argv[] = { "sh", "-c", text, NULL };
	int fd = open("d", O_PATH | O_CLOEXEC);
	struct validation validation = { .folder = fd };
	const struct child c = { .argv = argv,
				 .cwd = scratch,
				 .timeout = 10000,
				 .leaves_nothing = true,
				 .enter = validate_enter,
				 .enter_context = &validation };

	ck_assert_int_ge(fd, 0);
	forget();
	child_run(&c, &arena, &outcome);
	close(fd);
	ck_assert_msg(outcome.ending == ENDED_EXIT &&
			      (outcome.code == 0) == (code == 0),
		      "%s: ending %d code %d because %s: %s", text,
		      outcome.ending, outcome.code,
		      outcome.because ? outcome.because : "-",
		      buf_text(&outcome.errors));
}

/* With a copy of what lies around; code 0: it succeeds. */
static void trier(const char *text, int code)
{
	const char *const argv[] = { "sh", "-c", text, NULL };
	struct trial trial;
	struct validation validation = { .folder = -1, .trial = &trial };
	const struct child c = { .argv = argv,
				 .timeout = 10000,
				 .leaves_nothing = true,
				 .enter = validate_enter,
				 .enter_context = &validation };

	forget();
	trial_prepare(&trial, NULL, &arena);
	child_run(&c, &arena, &outcome);
	ck_assert_msg(outcome.ending == ENDED_EXIT &&
			      (outcome.code == 0) == (code == 0),
		      "%s: ending %d code %d because %s: %s", text,
		      outcome.ending, outcome.code,
		      outcome.because ? outcome.because : "-",
		      buf_text(&outcome.errors));
}

START_TEST(validators_change_a_copy)
{
	static const char name[] = "/var/log/converge-sandbox-test";

	if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0)
		return; /* needs namespaces */
	trier("echo x >/var/log/converge-sandbox-test && "
	      "chown 1:1 /var/log/converge-sandbox-test && "
	      "chmod 600 /var/log/converge-sandbox-test && "
	      "cat /var/log/converge-sandbox-test && "
	      "mkdir /run/converge-sandbox-test && "
	      "rmdir /run/converge-sandbox-test && "
	      "echo x >/tmp/converge-sandbox-test",
	      0);
	ck_assert_str_eq(buf_text(&outcome.output), "x\n");
	ck_assert_int_ne(access(name, F_OK), 0);
	ck_assert_int_ne(access("/tmp/converge-sandbox-test", F_OK), 0);
	trier("touch /etc/converge-sandbox-test", 1);
	trier("chmod 0700 /etc", 1);
	trier("chown 1 /etc/passwd", 1);
	trier("mount -t tmpfs none /mnt", 1);
	trier("mount -o remount,rw /", 1);
	trier("umount /run", 1);
	trier("mknod /tmp/disk b 8 0", 1);
	trier("echo 0 >/proc/sys/kernel/panic", 1);
	forget();
}
END_TEST

START_TEST(validators_write_in_their_folder_only)
{
	make_scratch();
	validator("grep -q content f && cat /etc/passwd >/dev/null", 0);
	validator("echo x > d/new && echo y >> d/new && mkdir d/e && "
		  "mv d/new d/e/new && rm d/e/new && rmdir d/e && "
		  "ln -s x d/l && : > d/t",
		  0);
	validator("echo x > f", 1);
	validator("rm f", 1);
	validator("mkdir e", 1);
	validator("ln f d/f", 1);
	validator("mv f d/f", 1);
	validator("truncate -s 0 f", 1);
	validator("chmod 600 f", 1);
	validator("chmod 600 d", 1);
	validator("chown 1:1 f", 1);
	validator("touch -d @0 f", 1);
	validator("kill -TERM $PPID", 1);
	validator("mount -t tmpfs none d", 1);
	validator("bash -c 'exec 3<>/dev/tcp/127.0.0.1/9'", 1);
	validator("perl -e 'sysopen(F, \"f\", 01000) or exit 1'", 1);
	validator("grep -q content f", 0);
	remove_scratch();
	forget();
}
END_TEST

TEST_SUITE("sandbox", no_probe_gets_out_of_the_plan_sandbox,
	   no_probe_of_nobody_gets_out_either,
	   no_probe_gets_out_in_a_container_either,
	   no_probe_gets_out_when_landlock_does_nothing,
	   most_probes_get_through_without_a_sandbox,
	   nothing_else_gets_out_of_the_plan_sandbox,
	   reading_works_in_the_plan_sandbox,
	   who_is_in_the_sandbox_dies_with_its_parent,
	   nothing_is_read_but_what_is_given, what_cannot_hold_is_refused,
	   kernel_without_a_sandbox_is_refused, guards_that_look_work,
	   guards_that_change_are_seen, sockets_of_guards_lead_nowhere,
	   guards_have_no_privileges, guards_that_linger_die_at_the_deadline,
	   no_probe_gets_out_of_the_look_sandbox, validators_change_a_copy,
	   validators_write_in_their_folder_only)
