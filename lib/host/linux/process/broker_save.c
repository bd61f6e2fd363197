/* SPDX-License-Identifier: MIT */
/* The broker's side: a plan is saved. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/host/linux/process/broker_parts.h"

static bool make_temporary(const struct broker *b, char name[64], int *fd)
{
	uint32_t random[3];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return false;
	snprintf(name, 64, ".converge-%08x%08x%08x", random[0], random[1],
		 random[2]);
	*fd = openat(b->folder, name,
		     O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC,
		     0600);
	return *fd >= 0;
}

static bool fill_and_rename(const struct broker *b, int fd, const char *name,
			    const struct buf *plan)
{
	return write_all(fd, buf_text(plan), plan->size) && fsync(fd) == 0 &&
	       renameat(b->folder, name, b->folder, b->name) == 0;
}

/* A device is not written to, and not replaced (/dev/stdout). */
static bool is_replaceable(const struct broker *b)
{
	struct stat st;

	if (fstatat(b->folder, b->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT;
	return S_ISREG(st.st_mode);
}

bool broker_write_plan(const struct broker *b, const struct buf *plan,
		       struct diags *d)
{
	AUTO_FD int fd = -1;
	char name[64];
	int error;

	if (b->folder < 0)
		return diag_error(d, "there is no plan to be saved");
	if (!is_replaceable(b))
		return diag_error(d, "'%s' is not a regular file", b->path);
	if (!make_temporary(b, name, &fd))
		return diag_errno(d, errno, "cannot save '%s'", b->path);
	if (!fill_and_rename(b, fd, name, plan)) {
		error = errno;
		unlinkat(b->folder, name, 0);
		return diag_errno(d, error, "cannot save '%s'", b->path);
	}
	if (fsync(b->folder) < 0)
		return diag_errno(d, errno, "cannot sync the folder of '%s'",
				  b->path);
	return true;
}
