/* SPDX-License-Identifier: MIT */
/* The files of a database: what is wrong with them, and moving them aside. */
#include "lib/store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

const char *const database_parts[PARTS] = { "", "-wal", "-journal", "-shm" };

enum {
	ASIDE_MAX = 1000, /* databases that were moved aside in one second */
	CHUNK = 16 * 1024,
};

/* Why the name cannot be read as a database at all; NULL: it can. */
static const char *wrong_file(const struct stat *st)
{
	if (S_ISLNK(st->st_mode))
		return "it is a symbolic link";
	if (!S_ISREG(st->st_mode))
		return S_ISDIR(st->st_mode) ? "it is a directory"
					    : "it is not a regular file";
	if (st->st_uid != geteuid())
		return "it belongs to another user";
	if (st->st_nlink > 1)
		return "it has more than one name";
	return NULL;
}

/* It is made under another name, so that a database that is empty has lost
 * what it held; its other files begin so. */
const char *parts_wrong(const struct folder *f, bool *there, int *error)
{
	*there = true;
	*error = 0;
	for (size_t i = 0; i < PARTS; i++) {
		char name[NAME_SIZE];
		const char *wrong;
		struct stat st;

		snprintf(name, sizeof(name), DATABASE "%s", database_parts[i]);
		if (fstatat(f->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			wrong = wrong_file(&st);
			if (wrong)
				return wrong;
			if (i == 0 && st.st_size == 0)
				return "it is empty";
			continue;
		}
		if (errno != ENOENT)
			*error = errno;
		if (i == 0) {
			*there = false;
			return NULL;
		}
	}
	return NULL;
}

bool part_stands(const struct folder *f, const char *name, const char *part)
{
	char whole_name[NAME_SIZE];
	struct stat st;

	snprintf(whole_name, sizeof(whole_name), "%s%s", name, part);
	/* What cannot be looked at is not to be replaced by something new. */
	return fstatat(f->fd, whole_name, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	       errno != ENOENT;
}

bool parts_stand(const struct folder *f, const char *name)
{
	for (size_t i = 0; i < PARTS; i++)
		if (part_stands(f, name, database_parts[i]))
			return true;
	return false;
}

/* A name that nothing has yet: what was kept once is never overwritten. */
static void pick_name(const struct folder *f, char name[NAME_SIZE / 2])
{
	time_t now = time(NULL);
	char when[32] = "then";
	struct tm tm;

	if (gmtime_r(&now, &tm))
		strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(name, NAME_SIZE / 2, DATABASE ".damaged-%s", when);
	for (int i = 2; i < ASIDE_MAX && parts_stand(f, name); i++)
		snprintf(name, NAME_SIZE / 2, DATABASE ".damaged-%s-%d", when,
			 i);
}

bool sync_by(int (*how)(int), int fd)
{
	int r;

	do {
		r = how(fd);
	} while (r < 0 && errno == EINTR);
	return r == 0;
}

/* The database first: killed after it, the rest is moved by the next run. */
static bool move_parts(const struct folder *f, const char *name,
		       struct diags *d)
{
	for (size_t i = 0; i < PARTS; i++) {
		char from[NAME_SIZE], to[NAME_SIZE];

		snprintf(from, sizeof(from), DATABASE "%s", database_parts[i]);
		snprintf(to, sizeof(to), "%s%s", name, database_parts[i]);
		if (renameat(f->fd, from, f->fd, to) < 0 && errno != ENOENT)
			return diag_errno(d, errno, "cannot move '%s/%s' aside",
					  f->path, from);
	}
	if (!sync_by(fsync, f->fd))
		return diag_errno(d, errno, "cannot sync '%s'", f->path);
	return true;
}

bool parts_put_aside(const struct folder *f, const char *why, struct diags *d)
{
	char name[NAME_SIZE / 2];

	pick_name(f, name);
	if (!move_parts(f, name, d))
		return false;
	diag_warning(d,
		     "cannot believe '%s/" DATABASE
		     "': %s; moved it to '%s': what earlier "
		     "runs left to do is not known",
		     f->path, why, name);
	return true;
}

/* Whether a part of the database can be read to its end, or is not there. */
static bool can_read(const struct folder *f, const char *part)
{
	char name[NAME_SIZE], chunk[CHUNK];
	ssize_t n;

	snprintf(name, sizeof(name), DATABASE "%s", part);

	AUTO_FD int fd = openat(f->fd, name,
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return errno != EIO;
	do {
		n = read(fd, chunk, sizeof(chunk));
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n == 0 || errno != EIO;
}

enum verdict blame_disk(const struct store *s, struct view *v)
{
	for (size_t i = 0; i < PARTS; i++) {
		if (can_read(s->folder, database_parts[i]))
			continue;
		v->why = arena_strdup(v->arena, strerror(EIO));
		return TROUBLE;
	}
	return DAMAGED;
}
