/* SPDX-License-Identifier: MIT */
/* The fetch sandbox: what a process that fetches can do, and cannot. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/host/linux/process/sandbox.h"
#include "lib/test.h"

enum { NOBODY = 65534 };

static char scratch[64];
static int folder = -1, readable = -1, out = -1; /* O_PATH; O_PATH; memfd */
static int server = -1, stranger = -1;           /* that listen */
static unsigned port, other_port;

static int listen_on(unsigned *number)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, n), 0);
	ck_assert_int_eq(listen(fd, 8), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	*number = ntohs(at.sin_port);
	return fd;
}

static void set_up(void)
{
	char path[128];
	int fd;

	snprintf(scratch, sizeof(scratch), "/tmp/sandbox-fetch-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(scratch));
	ck_assert_int_eq(chmod(scratch, 0711), 0);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", scratch, i ? "r" : "w");
		ck_assert_int_eq(mkdir(path, 0755), 0);
	}
	readable = open(path, O_PATH | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s/r/f", scratch);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	ck_assert_int_eq(fchmod(fd, 0666), 0);
	close(fd);
	snprintf(path, sizeof(path), "%s/w", scratch);
	folder = open(path, O_PATH | O_CLOEXEC);
	if (geteuid() == 0)
		ck_assert_int_eq(chown(path, NOBODY, NOBODY), 0);
	out = memfd_create("out", MFD_CLOEXEC);
	server = listen_on(&port);
	stranger = listen_on(&other_port);
}

static void tear_down(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", scratch);
	ck_assert_int_eq(system(command), 0);
}

/* Whether probe got through, in the sandbox with a folder to make files in. */
static bool gets_through_with(int at, bool (*probe)(void))
{
	const struct fetch_box box = { .folder = at,
				       .reads = &readable,
				       .nreads = 1,
				       .writes = &out,
				       .nwrites = 1,
				       .port = port };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct diags d = { 0 };

		if (!sandbox_enter_fetch(&box, &d))
			_exit(99);
		_exit(probe() ? 1 : 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) != 99, "%x",
		      status);
	return WEXITSTATUS(status) == 1;
}

static bool gets_through(bool (*probe)(void))
{
	return gets_through_with(folder, probe);
}

static bool makes_a_file(void)
{
	return openat(folder, "new", O_RDWR | O_CREAT | O_EXCL, 0600) >= 0 &&
	       renameat(folder, "new", folder, "newer") == 0 &&
	       unlinkat(folder, "newer", 0) == 0;
}

static bool reads_what_it_may(void)
{
	return openat(readable, "f", O_RDONLY) >= 0;
}

static bool reaches(unsigned number)
{
	const struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)number),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd >= 0 &&
	       connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0;
}

static bool reaches_the_server(void)
{
	return reaches(port);
}

static bool speaks(void)
{
	return write(out, "x", 1) == 1;
}

START_TEST(does_its_work)
{
	ck_assert(gets_through(makes_a_file));
	ck_assert(gets_through(reads_what_it_may));
	ck_assert(gets_through(reaches_the_server));
	ck_assert(gets_through(speaks));
}
END_TEST

START_TEST(needs_no_folder)
{
	ck_assert(!gets_through_with(-1, makes_a_file));
	ck_assert(gets_through_with(-1, reads_what_it_may));
	ck_assert(gets_through_with(-1, reaches_the_server));
	ck_assert(gets_through_with(-1, speaks));
}
END_TEST

static bool reaches_another(void)
{
	return reaches(other_port);
}

static bool makes_a_folder(void)
{
	return mkdirat(folder, "d", 0700) == 0;
}

static bool makes_a_link(void)
{
	return symlinkat("/etc/shadow", folder, "l") == 0;
}

static bool makes_a_pipe(void)
{
	return mkfifoat(folder, "p", 0600) == 0;
}

static bool writes_elsewhere(void)
{
	return openat(readable, "f", O_WRONLY) >= 0 ||
	       openat(readable, "f", O_RDONLY | O_TRUNC) >= 0 ||
	       openat(readable, "g", O_WRONLY | O_CREAT, 0600) >= 0 ||
	       open("/tmp/sandbox-fetch", O_WRONLY | O_CREAT, 0600) >= 0;
}

static bool reads_elsewhere(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0 ||
	       open("/etc/shadow", O_RDONLY) >= 0 ||
	       open("/proc/self/environ", O_RDONLY) >= 0;
}

static bool starts_a_process(void)
{
	return syscall(SYS_fork) >= 0 || vfork() > 0;
}

static bool executes(void)
{
	execl("/bin/true", "true", NULL);
	return false;
}

static bool maps_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool kills(void)
{
	return kill(getppid(), 0) == 0;
}

static bool traces(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool becomes_root(void)
{
	return setuid(0) == 0 || setresuid(0, 0, 0) == 0;
}

static bool mounts(void)
{
	return mount("none", scratch, "tmpfs", 0, NULL) == 0;
}

static bool listens(void)
{
	const struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 ||
	       listen(fd, 1) == 0;
}

static bool speaks_to_the_machine(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ||
	       socket(AF_NETLINK, SOCK_RAW, 0) >= 0 ||
	       socket(AF_PACKET, SOCK_RAW, 0) >= 0;
}

static bool uses_the_ring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL) >= 0 || errno != ENOSYS;
}

/* It is told that it did, so that libgit2 is content. */
static bool changes_modes(void)
{
	struct stat st;

	return chmod(scratch, 0777) == 0 && stat(scratch, &st) == 0 &&
	       (st.st_mode & 0777) == 0777;
}

START_TEST(does_nothing_else)
{
	static const struct {
		const char *name;
		bool (*probe)(void);
	} probes[] = {
		{ "makes_a_folder", makes_a_folder },
		{ "makes_a_link", makes_a_link },
		{ "makes_a_pipe", makes_a_pipe },
		{ "writes_elsewhere", writes_elsewhere },
		{ "reads_elsewhere", reads_elsewhere },
		{ "starts_a_process", starts_a_process },
		{ "executes", executes },
		{ "maps_code", maps_code },
		{ "kills", kills },
		{ "traces", traces },
		{ "becomes_root", becomes_root },
		{ "mounts", mounts },
		{ "listens", listens },
		{ "speaks_to_the_machine", speaks_to_the_machine },
		{ "uses_the_ring", uses_the_ring },
		{ "changes_modes", changes_modes },
	};

	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		/* who is not root already is nobody's better */
		if (geteuid() != 0 && probes[i].probe == becomes_root)
			continue;
		ck_assert_msg(!gets_through(probes[i].probe), "%s",
			      probes[i].name);
	}
}
END_TEST

START_TEST(reaches_no_other_port)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
			   LANDLOCK_CREATE_RULESET_VERSION);

	if (abi >= 4)
		ck_assert(!gets_through(reaches_another));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sandbox_fetch");
	TCase *tcase = tcase_create("sandbox_fetch");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, does_its_work);
	tcase_add_test(tcase, needs_no_folder);
	tcase_add_test(tcase, does_nothing_else);
	tcase_add_test(tcase, reaches_no_other_port);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
