/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/process/confined.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/host/linux/process/child.h"
#include "lib/host/linux/process/sandbox.h"
#include "lib/text/escape.h"

enum {
	TICK = 200,    /* ms between two looks at stopped */
	REASON = 2000, /* bytes */
};

static void limit_output(const struct confined *c)
{
	rlim_t most = c->most ? c->most : SANDBOX_MEMORY;
	const struct rlimit limit = { most, most };

	setrlimit(RLIMIT_FSIZE, &limit);
}

static bool enter(const struct confined *c, int out, struct diags *d)
{
	const char *everything = "/";
	int writes[SANDBOX_WRITES] = { out };
	const struct sandbox sandbox = { .at = -1,
					 .reads = &everything,
					 .nreads = 1,
					 .writes = writes,
					 .nwrites = 1 + c->nwrites,
					 .closes = true,
					 .seconds = c->seconds };

	for (size_t i = 0; i < c->nwrites; i++)
		writes[1 + i] = c->writes[i];
	limit_output(c);
	return sandbox_enter(&sandbox, d);
}

static NORETURN void be_confined(const struct confined *c, int out,
				 pid_t parent)
{
	struct diags d = { 0 };
	int status = EXIT_FAILURE;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	if (c->enter ? c->enter(c->context, out, &d) : enter(c, out, &d))
		status = c->work(c->context, out);
	else if (c->lost)
		c->lost(c->context, &d);
	fflush(NULL);
	_exit(status);
}

static pid_t wait_for(pid_t child, int *status, int how)
{
	pid_t r;

	do {
		r = waitpid(child, status, how);
	} while (r < 0 && errno == EINTR);
	return r;
}

int confined_wait(pid_t child, bool at_once, bool (*stopped)(void *context),
		  void *context)
{
	/* its end of a pipe may close before it ends: this tells when */
	AUTO_FD int fd = (int)syscall(SYS_pidfd_open, child, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int status = 0;

	while (!at_once && wait_for(child, &status, WNOHANG) == 0) {
		if (stopped && stopped(context))
			at_once = true;
		else
			child_poll(&p, 1, fd < 0 ? 1 : TICK);
	}
	if (!at_once)
		return status;
	kill(child, SIGKILL);
	wait_for(child, &status, 0);
	return status;
}

static bool start(const struct confined *c, int out, pid_t *child,
		  struct diags *d)
{
	pid_t parent = getpid();

	fflush(NULL);
	*child = fork();
	if (*child == 0)
		be_confined(c, out, parent);
	return *child > 0 || diag_errno(d, errno, "cannot start a process");
}

int linux_memory(const char *name, struct diags *d)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0)
		diag_errno(d, errno, "cannot make a file in memory");
	return fd;
}

bool confined_begin(const struct confined *c, int *out, pid_t *child,
		    struct diags *d)
{
	*out = linux_memory("compiled", d);
	return *out >= 0 && start(c, *out, child, d);
}

bool confined_end(const struct confined *c, pid_t child, int *status,
		  struct diags *d)
{
	*status = confined_wait(child, false, c->stopped, c->context);
	if (!WIFSIGNALED(*status))
		return true;
	if (!c->stopped || !c->stopped(c->context))
		diag_error(d, "%s was killed by signal %d (%s)",
			   c->name ? c->name
				   : "the process that reads the manifest",
			   WTERMSIG(*status), strsignal(WTERMSIG(*status)));
	return false;
}

bool confined_run(const struct confined *c, int *out, int *status,
		  struct diags *d)
{
	pid_t child = -1;

	return confined_begin(c, out, &child, d) &&
	       confined_end(c, child, status, d);
}

bool confined_stream(const struct confined *c, int *from, pid_t *child,
		     struct diags *d)
{
	int ends[2];
	bool ok;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return diag_errno(d, errno, "cannot make a pipe");
	ok = start(c, ends[1], child, d);
	close(ends[1]);
	*from = ends[0];
	if (!ok)
		close(ends[0]);
	return ok;
}

bool confined_put(void *out, const void *bytes, size_t n)
{
	return write_all(*(const int *)out, bytes, n);
}

int confined_say(int out, const char *text)
{
	write_all(out, text, strlen(text));
	return EXIT_FAILURE;
}

void confined_reason(int out, struct buf *safe)
{
	char text[REASON];
	ssize_t n = pread(out, text, sizeof(text), 0);

	escape_text(safe, text, n > 0 ? (size_t)n : 0, false);
	if (!safe->size)
		buf_puts(safe, "it does not say why");
}

void *linux_map(int fd, size_t *size)
{
	struct stat st;
	void *bytes;

	if (fstat(fd, &st) < 0 || st.st_size <= 0)
		return NULL;
	*size = (size_t)st.st_size;
	bytes = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	return bytes == MAP_FAILED ? NULL : bytes;
}

/* --- the build --- */

enum { BUILD_MAX = 32 }; /* bytes; SHA-1 has 20 */

/* elf(5), "Notes": a header, the owner's name, and what is noted, the latter
 * two filled up to 4 bytes. */
static const unsigned char *find_note(const unsigned char *at,
				      const unsigned char *end, size_t *n)
{
	ElfW(Nhdr) note;

	while ((size_t)(end - at) >= sizeof(note)) {
		size_t name, size;

		memcpy(&note, at, sizeof(note));
		at += sizeof(note);
		name = ((size_t)note.n_namesz + 3) & ~(size_t)3;
		size = ((size_t)note.n_descsz + 3) & ~(size_t)3;
		if (name > (size_t)(end - at) ||
		    size > (size_t)(end - at) - name)
			return NULL;
		*n = note.n_descsz;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
		    memcmp(at, "GNU", 4) == 0)
			return at + name;
		at += name + size;
	}
	return NULL;
}

/* The first object that is told of is the program itself. */
static int note_build(struct dl_phdr_info *info, size_t size, void *text)
{
	const unsigned char *id = NULL;
	size_t n = 0;
	char *to = text;

	(void)size;
	for (size_t i = 0; !id && i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		const unsigned char *at =
			(const unsigned char *)(uintptr_t)(info->dlpi_addr +
							   h->p_vaddr);

		if (h->p_type == PT_NOTE)
			id = find_note(at, at + h->p_memsz, &n);
	}
	for (size_t i = 0; id && i < n && i < BUILD_MAX; i++)
		to += snprintf(to, 3, "%02x", id[i]);
	return 1;
}

const char *linux_build(void)
{
	static char text[2 * BUILD_MAX + 1];

	if (!text[0])
		dl_iterate_phdr(note_build, text);
	return text[0] ? text : NULL;
}
