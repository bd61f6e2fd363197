/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/trust/trusted.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/auto.h"
#include "lib/host/tree.h"

static bool is_ours(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

/* In a sticky folder nobody can rename what is ours, unlink(2). */
static bool check_folder(int fd, const char *path, size_t upto, struct diags *d)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return diag_errno(d, errno, "cannot read '%.*s'", (int)upto,
				  path);
	if (is_ours(&st) &&
	    (!(st.st_mode & TRUSTED_TO_WRITE) || (st.st_mode & S_ISVTX)))
		return true;
	return diag_error(d,
			  "'%s' is not trusted: others than root can write to "
			  "'%.*s'",
			  path, upto ? (int)upto : 1, path);
}

static bool check_file(int fd, const char *path, unsigned not_theirs,
		       struct diags *d)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return diag_errno(d, errno, "cannot read '%s'", path);
	if (!S_ISREG(st.st_mode))
		return diag_error(d, "'%s' is not trusted: it is no file",
				  path);
	if (!is_ours(&st))
		return diag_error(d,
				  "'%s' is not trusted: it belongs to user %u",
				  path, (unsigned)st.st_uid);
	if (!(st.st_mode & not_theirs))
		return true;
	return diag_error(
		d, "'%s' is not trusted: others may %s it (mode %04o)", path,
		st.st_mode & not_theirs & TRUSTED_TO_WRITE ? "write to"
							   : "read",
		(unsigned)(st.st_mode & 07777));
}

static bool refuse(const char *path, size_t upto, int error, struct diags *d)
{
	if (error == ELOOP || error == ENOTDIR)
		return diag_error(d,
				  "'%s' is not trusted: '%.*s' is a link, or "
				  "no folder",
				  path, (int)upto, path);
	return diag_errno(d, error, "cannot read '%s'", path);
}

/* One step on the way, or the file at its end; -1 with a diagnostic. */
static int step(int at, const char *path, size_t from, size_t upto,
		struct diags *d)
{
	const int folder = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	const int file =
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	char name[NAME_MAX + 1];
	int fd;

	if (upto - from > NAME_MAX) {
		refuse(path, upto, ENAMETOOLONG, d);
		return -1;
	}
	memcpy(name, path + from, upto - from);
	name[upto - from] = '\0';
	fd = openat(at, name, path[upto] ? folder : file);
	if (fd < 0)
		refuse(path, upto, errno, d);
	return fd;
}

static int walk(const char *path, struct diags *d)
{
	int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t upto = 0;

	if (at < 0)
		refuse(path, 0, errno, d);
	while (at >= 0 && path[upto]) {
		size_t from = upto + strspn(path + upto, "/");
		int next = -1;

		if (check_folder(at, path, upto, d)) {
			upto = from + strcspn(path + from, "/");
			next = step(at, path, from, upto, d);
		}
		close(at);
		at = next;
	}
	return at;
}

bool trusted_read(const char *path, unsigned not_theirs, struct buf *out,
		  struct diags *d)
{
	AUTO_FD int fd = walk(path, d);
	struct reader r = { .fd = fd };
	bool whole = true;
	int error;

	if (fd < 0 || !check_file(fd, path, not_theirs, d))
		return false;
	error = reader_all(&r, TRUSTED_MAX, out, &whole);
	if (error < 0)
		return diag_errno(d, -error, "cannot read '%s'", path);
	return whole || diag_error(d, "'%s' is too large", path);
}

bool trusted_is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 || errno != ENOENT;
}
