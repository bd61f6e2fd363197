/* SPDX-License-Identifier: MIT */
#include "lib/store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/buf.h"

enum {
	NOFOLLOW = AT_SYMLINK_NOFOLLOW,
	PARENT = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
	FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
	HOLDER_MAX = 512, /* bytes of the lock file that are looked at */
	POLL = 100,       /* milliseconds between two tries */
};

static const struct folder none = FOLDER_NONE;

/* One component of the walk, and where it stands. */
struct pass {
	char name[NAME_MAX + 1];
	const char *path; /* whole; the first upto bytes name the component */
	size_t upto;
	bool last, writable;
};

#define SHOWN(pass) (int)(pass)->upto, (pass)->path

static bool refuse_type(int at, const struct pass *p, int error,
			struct diags *d)
{
	struct stat st;

	if (fstatat(at, p->name, &st, NOFOLLOW) == 0) {
		if (S_ISLNK(st.st_mode)) {
			diag_error(d, "state folder: '%.*s' is a symbolic link",
				   SHOWN(p));
			diag_hint(d, "give its real path with --state-dir");
			return false;
		}
		if (!S_ISDIR(st.st_mode))
			return diag_error(
				d, "state folder: '%.*s' is not a directory",
				SHOWN(p));
	}
	return diag_errno(d, error, "state folder: cannot open '%.*s'",
			  SHOWN(p));
}

/* A plan that is not run by root may look at a host that root converges: it
 * goes on without what root's runs have written down. */
static bool not_for_us(uid_t owner, bool writable)
{
	return !writable && owner == 0 && geteuid() != 0;
}

static bool do_without(const char *path, size_t n, struct diags *d)
{
	diag_warning(d,
		     "cannot look into root's state folder '%.*s': what "
		     "earlier runs left to do is not known",
		     (int)n, path);
	return true;
}

/* A new name is only as lasting as the folder that holds it. */
static bool sync_folder(int at)
{
	AUTO_FD int fd = openat(at, ".", FOLDER);
	int r;

	if (fd < 0)
		return false;
	do {
		r = fsync(fd);
	} while (r < 0 && errno == EINTR);
	return r == 0;
}

/* No umask must decide what mode a folder gets. */
static int make_private(int at, const char *name)
{
	mode_t old = umask(077);
	int r = mkdirat(at, name, 0700);

	umask(old);
	return r;
}

static bool make(int at, const struct pass *p, struct diags *d)
{
	mode_t mode = p->last ? 0700 : 0755;
	AUTO_FD int fd = -1;

	if (make_private(at, p->name) < 0)
		return errno == EEXIST || /* made by another run just now */
		       diag_errno(d, errno, "state folder: cannot make '%.*s'",
				  SHOWN(p));
	fd = openat(at, p->name, FOLDER);
	if (fd < 0 || fchmod(fd, mode) < 0 || !sync_folder(at))
		return diag_errno(d, errno, "state folder: cannot make '%.*s'",
				  SHOWN(p));
	return true;
}

/* Opens the next component; *fd is -1 when it is missing and only read. */
static bool enter(int at, const struct pass *p, int *fd, struct diags *d)
{
	int flags = p->last ? FOLDER : PARENT, error;
	struct stat st;

	*fd = openat(at, p->name, flags);
	if (*fd < 0 && errno == ENOENT && p->writable) {
		if (!make(at, p, d))
			return false;
		*fd = openat(at, p->name, flags);
	}
	if (*fd >= 0 || (errno == ENOENT && !p->writable))
		return true;
	error = errno;
	if (error == EACCES && fstatat(at, p->name, &st, NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode) && not_for_us(st.st_uid, p->writable))
		return do_without(p->path, p->upto, d);
	return refuse_type(at, p, error, d);
}

/* With an access control list the group's mode is that of all whom it names
 * (acl(5)). What cannot be told is not trusted. */
static bool has_list(int at)
{
	AUTO_FD int fd = openat(at, ".", FOLDER);

	return fd < 0 || fgetxattr(fd, "system.posix_acl_access", NULL, 0) > 0;
}

/*
 * Whoever owns a parent, or may write to it, can put another folder in the
 * place of ours; not so when it is sticky and what it holds is ours.
 */
static bool check_parent(int fd, const struct pass *p, struct diags *d)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return diag_errno(d, errno, "state folder: cannot read '%.*s'",
				  SHOWN(p));
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return diag_error(d,
				  "state folder: '%.*s' belongs to user %u, "
				  "who could replace what is below it",
				  SHOWN(p), (unsigned)st.st_uid);
	if (st.st_mode & S_ISVTX)
		return true;
	if (st.st_mode & S_IWOTH)
		return diag_error(
			d, "state folder: '%.*s' may be written to by all",
			SHOWN(p));
	if (!(st.st_mode & S_IWGRP))
		return true;
	if (st.st_gid != 0 && st.st_gid != getegid())
		return diag_error(d,
				  "state folder: '%.*s' may be written to by "
				  "group %u",
				  SHOWN(p), (unsigned)st.st_gid);
	return !has_list(fd) ||
	       diag_error(d,
			  "state folder: '%.*s' may be written to by others, "
			  "by its access control list",
			  SHOWN(p));
}

/* Takes the next component off rest; false at the end or with *bad. */
static bool next_name(const char **rest, struct pass *p, const char **bad)
{
	const char *start = *rest + (**rest == '/');
	size_t n = strcspn(start, "/");

	if (!n)
		return false;
	if (n > NAME_MAX || (n == 2 && memcmp(start, "..", 2) == 0)) {
		*bad = n > NAME_MAX ? "has a name that is too long"
				    : "must not have '..' in it";
		return false;
	}
	memcpy(p->name, start, n);
	p->name[n] = '\0';
	p->upto = (size_t)(start - p->path) + n;
	*rest = start + n;
	p->last = **rest == '\0';
	return true;
}

/* Walks to path, following no link. *out is -1 when it is not there. */
static bool walk(const char *path, bool writable, int *out, struct diags *d)
{
	struct pass p = { .path = path, .writable = writable };
	int fd = open("/", PARENT), next;
	const char *rest = path, *bad = NULL;

	if (fd < 0)
		return diag_errno(d, errno, "cannot open '/'");
	while (next_name(&rest, &p, &bad)) {
		bool good = enter(fd, &p, &next, d);

		close(fd);
		fd = next;
		if (!good)
			return false;
		if (fd < 0 || p.last)
			break;
		if (check_parent(fd, &p, d))
			continue;
		close(fd);
		return false;
	}
	if (!bad && p.upto) {
		*out = fd;
		return true;
	}
	close(fd);
	return diag_error(d, "state folder: '%s' %s", path,
			  bad ? bad : "is the root folder");
}

/* Makes sure that it is closed to others. */
static bool close_to_others(int fd, uint32_t mode, const char *path,
			    bool writable, struct diags *d)
{
	if (mode == 0700)
		return true;
	if (writable)
		return fchmod(fd, 0700) == 0 ||
		       diag_errno(d, errno,
				  "state folder: cannot make '%s' private",
				  path);
	if (mode & 0077)
		diag_warning(d,
			     "state folder: '%s' is open to others (mode "
			     "%04o); apply will close it",
			     path, (unsigned)mode);
	return true;
}

static void drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Ours, and closed to others. */
static bool check_folder(int *fd, const char *path, bool writable,
			 struct diags *d)
{
	struct stat st;

	if (fstat(*fd, &st) < 0)
		return diag_errno(d, errno, "state folder: cannot read '%s'",
				  path);
	if (st.st_uid == geteuid())
		return close_to_others(*fd, st.st_mode & 07777, path, writable,
				       d);
	if (not_for_us(st.st_uid, writable)) {
		drop(fd);
		return do_without(path, strlen(path), d);
	}
	return diag_error(
		d, "state folder: '%s' belongs to user %u, not to user %u",
		path, (unsigned)st.st_uid, (unsigned)geteuid());
}

static bool open_backup(struct folder *f, bool writable, struct arena *a,
			struct diags *d)
{
	struct pass p = { .name = "backup", .last = true };

	p.path = arena_printf(a, "%s/backup", f->path);
	p.upto = strlen(p.path);
	p.writable = writable;
	return enter(f->fd, &p, &f->backup, d) &&
	       (f->backup < 0 || check_folder(&f->backup, p.path, writable, d));
}

/* Adds the components of path, without empty ones and ".". */
static void add_names(struct buf *out, const char *path)
{
	while (*path) {
		size_t n = strcspn(path, "/");

		if (n && !(n == 1 && path[0] == '.')) {
			buf_putc(out, '/');
			buf_add(out, path, n);
		}
		path += n + (path[n] == '/');
	}
}

/* "" when the current directory is gone. */
static const char *absolute(const char *path, struct arena *a)
{
	AUTO_BUF struct buf out = { 0 };
	char cwd[PATH_MAX];

	if (path[0] != '/') {
		if (!getcwd(cwd, sizeof(cwd)) || cwd[0] != '/')
			return "";
		add_names(&out, cwd);
	}
	add_names(&out, path);
	return arena_strdup(a, out.size ? buf_text(&out) : "/");
}

static bool open_parts(struct folder *f, bool writable, struct arena *a,
		       struct diags *d)
{
	if (!walk(f->path, writable, &f->fd, d))
		return false;
	if (f->fd >= 0 && !check_folder(&f->fd, f->path, writable, d))
		return false;
	return f->fd < 0 || open_backup(f, writable, a, d);
}

bool folder_open(struct folder *f, const char *path, bool writable,
		 struct arena *a, struct diags *d)
{
	*f = none;
	if (!path[0])
		return diag_error(d, "state folder: its path is empty");
	f->path = absolute(path, a);
	if (!f->path[0]) {
		*f = none;
		return diag_error(d,
				  "state folder: '%s' has no place: the "
				  "current directory is gone",
				  path);
	}
	if (open_parts(f, writable, a, d))
		return true;
	folder_close(f);
	return false;
}

void folder_close(struct folder *f)
{
	drop(&f->lock);
	drop(&f->backup);
	drop(&f->fd);
	*f = none;
}

/* Anything but a private file of ours with one name was put there by someone
 * else, while the folder was open to others: it may lead anywhere. */
static const char *lock_wrong(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "is not a regular file";
	if (st->st_uid != geteuid())
		return "belongs to another user";
	if (st->st_nlink > 1)
		return "has more than one name";
	return NULL;
}

static bool refuse_lock(const struct folder *f, const char *wrong,
			struct diags *d)
{
	diag_error(d, "'%s/lock' %s", f->path, wrong);
	diag_hint(d, "see who put it there, then remove it");
	return false;
}

static bool open_lock(const struct folder *f, int *fd, struct stat *st,
		      struct diags *d)
{
	const char *wrong;

	*fd = openat(f->fd, "lock",
		     O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK |
			     O_NOCTTY,
		     0600);
	if (*fd < 0 && errno == ELOOP)
		return refuse_lock(f, "is a symbolic link", d);
	if (*fd < 0 && errno == EISDIR)
		return refuse_lock(f, "is a directory", d);
	if (*fd < 0 || fstat(*fd, st) < 0)
		return diag_errno(d, errno, "cannot open '%s/lock'", f->path);
	wrong = lock_wrong(st);
	if (wrong)
		return refuse_lock(f, wrong, d);
	if ((st->st_mode & 07777) != 0600 && fchmod(*fd, 0600) < 0)
		return diag_errno(d, errno, "cannot make '%s/lock' private",
				  f->path);
	return true;
}

/* Whether the name still leads to what was locked: someone may have removed
 * the file, and then two could hold "the" lock. */
static bool still_named(const struct folder *f, const struct stat *have)
{
	struct stat st;

	return fstatat(f->fd, "lock", &st, NOFOLLOW) == 0 &&
	       st.st_dev == have->st_dev && st.st_ino == have->st_ino;
}

/* 0 or an errno. */
static int flock_now(int fd)
{
	while (flock(fd, LOCK_EX | LOCK_NB) < 0)
		if (errno != EINTR)
			return errno;
	return 0;
}

/* Text from the lock file in one line without control characters. */
static void read_holder(int fd, char text[HOLDER_MAX])
{
	ssize_t n = pread(fd, text, HOLDER_MAX - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == '\177')
			*c = '?';
}

static void write_holder(int fd, const char *command)
{
	AUTO_BUF struct buf text = { 0 };
	time_t now = time(NULL);
	char when[32] = "?";
	struct tm tm;

	if (gmtime_r(&now, &tm))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	buf_printf(&text, "%ld %s ", (long)getpid(), when);
	for (size_t i = 0; command[i] && text.size < HOLDER_MAX - 2; i++)
		buf_putc(&text,
			 (unsigned char)command[i] < ' ' ? '?' : command[i]);
	buf_putc(&text, '\n');
	/* On a full disk the lock is as good without it. */
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text.text, text.size, 0) < 0)
		return;
}

/* Tries once. LOCK_BUSY leaves what the holder wrote in holder. */
static enum lock_answer try_lock(struct folder *f, char holder[HOLDER_MAX],
				 struct diags *d)
{
	struct stat st = { 0 };
	int fd = -1, error;

	while (open_lock(f, &fd, &st, d)) {
		error = flock_now(fd);
		if (!error && still_named(f, &st)) {
			f->lock = fd;
			return LOCK_TAKEN;
		}
		if (error == EWOULDBLOCK)
			read_holder(fd, holder);
		drop(&fd);
		if (error == EWOULDBLOCK)
			return LOCK_BUSY;
		if (!error)
			continue;
		diag_errno(d, error, "cannot lock '%s/lock'", f->path);
		return LOCK_FAILED;
	}
	drop(&fd);
	return LOCK_FAILED;
}

/* Whole milliseconds since a moment, never more than have passed. */
static int64_t passed_ms(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((int64_t)(now.tv_sec - since->tv_sec) * 1000000000 +
		now.tv_nsec - since->tv_nsec) /
	       1000000;
}

static void pause_ms(int64_t ms)
{
	struct timespec t = { .tv_sec = ms / 1000,
			      .tv_nsec = (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

static enum lock_answer busy(const struct folder *f, const char *holder,
			     struct diags *d)
{
	if (holder[0])
		diag_error(d, "another run holds the lock of '%s': pid %s",
			   f->path, holder);
	else
		diag_error(d, "another run holds the lock of '%s'", f->path);
	return LOCK_BUSY;
}

enum lock_answer folder_lock(struct folder *f, const struct lock_wait *wait,
			     const char *command, struct diags *d)
{
	char holder[HOLDER_MAX] = "";
	struct timespec start;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		enum lock_answer answer = try_lock(f, holder, d);
		int64_t left = POLL;

		if (answer == LOCK_TAKEN)
			write_holder(f->lock, command);
		if (answer != LOCK_BUSY)
			return answer;
		if (wait->timeout >= 0)
			left = wait->timeout - passed_ms(&start);
		if (left <= 0)
			return busy(f, holder, d);
		if (wait->stopped && wait->stopped(wait->context))
			return LOCK_STOPPED;
		pause_ms(left < POLL ? left : POLL);
	}
}

/* Whether a line of /proc/locks (proc_locks(5)) is a flock(2) of the file; the
 * device there is the file system's, which st_dev is not on all of them. */
static bool locks_file(const char *line, const struct stat *st, long pid)
{
	unsigned major_id, minor_id;
	uintmax_t inode;
	long by;

	/* NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers fit */
	if (sscanf(line, "%*d: FLOCK ADVISORY WRITE %ld %x:%x:%ju", &by,
		   &major_id, &minor_id, &inode) != 4)
		return false;
	return inode == st->st_ino &&
	       (by == pid || makedev(major_id, minor_id) == st->st_dev);
}

bool folder_held(const struct folder *f, struct arena *a, const char **holder)
{
	AUTO_FD int fd = -1;
	char text[HOLDER_MAX], line[256];
	bool held = false;
	struct stat st;
	FILE *locks;
	long pid;

	if (f->fd < 0)
		return false;
	fd = openat(f->fd, "lock",
		    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0 || lock_wrong(&st))
		return false;
	read_holder(fd, text);
	pid = strtol(text, NULL, 10);
	locks = fopen("/proc/locks", "re");
	while (locks && !held && fgets(line, sizeof(line), locks))
		held = locks_file(line, &st, pid);
	if (locks)
		fclose(locks);
	if (held)
		*holder = arena_strdup(a, text);
	return held;
}
