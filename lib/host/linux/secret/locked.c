/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/secret/locked.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { KIB = 1024 };

bool locked_new(struct locked *l, size_t size, struct diags *d)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t mapped = (size / page + 1) * page;
	void *bytes = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*l = (struct locked){ 0 };
	if (bytes == MAP_FAILED)
		return diag_errno(d, errno, "no memory for a secret");
	if (mlock(bytes, mapped) < 0 ||
	    madvise(bytes, mapped, MADV_DONTDUMP) < 0 ||
	    madvise(bytes, mapped, MADV_DONTFORK) < 0) {
		diag_errno(d, errno, "cannot keep a secret in memory alone");
		diag_hint(d, "let it lock memory (ulimit -l)");
		munmap(bytes, mapped);
		return false;
	}
	l->bytes = bytes;
	l->mapped = mapped;
	return true;
}

bool locked_read(struct locked *l, int fd, size_t most, const char *what,
		 struct diags *d)
{
	ssize_t n = 1;

	if (!locked_new(l, most + 1, d))
		return false;
	while (n != 0 && l->size <= most) {
		n = read(fd, l->bytes + l->size, most + 1 - l->size);
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			l->size += (size_t)n;
	}
	if (n == 0 && l->size)
		return true;
	if (n < 0)
		diag_errno(d, errno, "cannot read %s", what);
	else if (n == 0)
		diag_error(d, "%s is empty", what);
	else
		diag_error(d, "%s is too large: it has more than %zu KiB", what,
			   most / KIB);
	locked_release(l);
	return false;
}

void locked_release(struct locked *l)
{
	if (!l->bytes)
		return;
	explicit_bzero(l->bytes, l->mapped);
	munmap(l->bytes, l->mapped);
	*l = (struct locked){ 0 };
}
