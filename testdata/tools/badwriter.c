/* SPDX-License-Identifier: MIT */
/*
 * badwriter [DEFECT...] NEW ROOT STATE makes the tree ROOT what the tree NEW
 * is, and runs /bin/tick /log/ticks in it when it changed anything: what
 * converge is asked to do in the fault tests, done in a few lines. Without a
 * defect it does it well enough to pass them. Each defect is one that a test
 * must find, or the test is worth nothing:
 *
 *	--no-fsync     new files are not synced before they get their names
 *	--in-place     files are truncated and written where they are
 *	--create-0644  new files get their mode after their content
 *	--by-path      folders are walked to by path, through links
 *	--no-owe       that tick must run is remembered by the process alone
 *	--litter       temporary names of an earlier run stay
 *	--deaf         errors are passed over
 *	--brittle      an interrupted call is an error
 *	--always       what is right already is written again
 *	--clobber      what others wrote meanwhile is lost
 *
 * ROOT/log is not touched. STATE is made when it is not there.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/auto.h"

enum { DEPTH = 16, CHUNK = 65536 };

enum { PREFIX_MAX = 32 };

/* In the order of names. */
static struct {
	bool no_fsync, in_place, create_0644, by_path, no_owe, litter, deaf,
		brittle, always, clobber;
} defects;

static const struct {
	const char *name;
	bool *defect;
} names[] = {
	{ "--no-fsync", &defects.no_fsync },
	{ "--in-place", &defects.in_place },
	{ "--create-0644", &defects.create_0644 },
	{ "--by-path", &defects.by_path },
	{ "--no-owe", &defects.no_owe },
	{ "--litter", &defects.litter },
	{ "--deaf", &defects.deaf },
	{ "--brittle", &defects.brittle },
	{ "--always", &defects.always },
	{ "--clobber", &defects.clobber },
};

/* nftw(3) hands nothing on. */
static struct {
	const char *new, *root;
	int root_fd, state_fd;
	bool owed;
	unsigned nkept;
} job;

static void must(bool good, const char *act, const char *path)
{
	if (good || defects.deaf)
		return;
	fprintf(stderr, "badwriter: cannot %s '%s': %s\n", act, path,
		strerror(errno));
	exit(EXIT_FAILURE);
}

static bool interrupted(void)
{
	return errno == EINTR && !defects.brittle;
}

static int open_again(int folder, const char *name, int flags, mode_t mode)
{
	int fd;

	do {
		fd = openat(folder, name, flags | O_CLOEXEC, mode);
	} while (fd < 0 && interrupted());
	return fd;
}

static bool sync_again(int fd)
{
	int r;

	do {
		r = fsync(fd);
	} while (r < 0 && interrupted());
	return r == 0;
}

static ssize_t read_again(int fd, char *bytes, size_t n)
{
	ssize_t done;

	do {
		done = read(fd, bytes, n);
	} while (done < 0 && interrupted());
	return done;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && interrupted())
			continue;
		if (done <= 0)
			return false;
		bytes += done;
		n -= (size_t)done;
	}
	return true;
}

/* What the temporary names of this run begin with. */
static void make_prefix(char prefix[PREFIX_MAX])
{
	snprintf(prefix, PREFIX_MAX, ".converge-%ld-", (long)getpid());
}

static bool is_litter(const char *name)
{
	char prefix[PREFIX_MAX];

	make_prefix(prefix);
	return strncmp(name, ".converge-", 10) == 0 &&
	       strncmp(name, prefix, strlen(prefix)) != 0;
}

/* The path of entry, below the tree that it is in. */
static const char *below(const char *entry, const char *tree)
{
	const char *path = entry + strlen(tree);

	return *path == '/' ? path + 1 : path;
}

static bool is_log(const char *path)
{
	return strncmp(path, "log", 3) == 0 && (!path[3] || path[3] == '/');
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The folder of path, by descriptors: no link is followed. */
static int folder_walk(const char *path)
{
	int fd = open_again(job.root_fd, ".", O_PATH | O_DIRECTORY, 0);
	char name[NAME_MAX + 1];

	for (const char *end; fd >= 0 && (end = strchr(path, '/'));
	     path = end + 1) {
		int next;

		snprintf(name, sizeof(name), "%.*s", (int)(end - path), path);
		next = open_again(fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW,
				  0);
		close(fd);
		fd = next;
	}
	return fd;
}

static int folder_open(const char *path)
{
	char whole[PATH_MAX];

	if (!defects.by_path)
		return folder_walk(path);
	snprintf(whole, sizeof(whole), "%s/%.*s", job.root,
		 (int)(name_of(path) - path), path);
	return open_again(AT_FDCWD, whole, O_PATH | O_DIRECTORY, 0);
}

static bool folder_sync(int folder)
{
	AUTO_FD int fd = open_again(folder, ".", O_RDONLY | O_DIRECTORY, 0);

	return fd >= 0 && sync_again(fd);
}

/* --- what differs --- */

static bool same_content(int one, int other)
{
	char a[CHUNK], b[CHUNK];
	ssize_t n;

	do {
		n = read_again(one, a, sizeof(a));
		if (n < 0 || read_again(other, b, sizeof(b)) != n ||
		    memcmp(a, b, (size_t)n) != 0)
			return false;
	} while (n);
	return true;
}

static bool same_file(const char *entry, int folder, const char *name)
{
	AUTO_FD int want = open_again(AT_FDCWD, entry, O_RDONLY, 0);
	AUTO_FD int have = open_again(folder, name, O_RDONLY | O_NOFOLLOW, 0);

	return want >= 0 && have >= 0 && same_content(want, have);
}

static bool same_link(const char *entry, int folder, const char *name)
{
	char want[PATH_MAX], have[PATH_MAX];
	ssize_t n = readlink(entry, want, sizeof(want));

	return n >= 0 && readlinkat(folder, name, have, sizeof(have)) == n &&
	       memcmp(want, have, (size_t)n) == 0;
}

static bool same(const char *entry, const struct stat *want, int folder,
		 const char *name)
{
	struct stat have;

	if (fstatat(folder, name, &have, AT_SYMLINK_NOFOLLOW) < 0 ||
	    have.st_mode != want->st_mode || have.st_uid != want->st_uid ||
	    have.st_gid != want->st_gid)
		return false;
	if (S_ISDIR(want->st_mode))
		return true;
	if (defects.always)
		return false;
	return S_ISLNK(want->st_mode) ? same_link(entry, folder, name)
				      : same_file(entry, folder, name);
}

/* --- the debt: a file in STATE --- */

static void owe(void)
{
	if (job.owed)
		return;
	job.owed = true;
	if (defects.no_owe)
		return;

	AUTO_FD int fd = open_again(job.state_fd, "owed",
				    O_WRONLY | O_CREAT | O_NOFOLLOW, 0600);

	must(fd >= 0 && sync_again(fd) && sync_again(job.state_fd), "write",
	     "owed");
}

static bool is_owed(void)
{
	return job.owed || faccessat(job.state_fd, "owed", F_OK, 0) == 0;
}

static NORETURN void become_tick(void)
{
	if (fchdir(job.root_fd) == 0 && chroot(".") == 0)
		execl("/bin/tick", "tick", "/log/ticks", (char *)NULL);
	_exit(127);
}

static bool tick(void)
{
	pid_t child = fork(), r;
	int status = -1;

	if (child == 0)
		become_tick();
	do {
		r = waitpid(child, &status, 0);
	} while (r < 0 && interrupted());
	return child > 0 && r == child && status == 0;
}

static void pay(void)
{
	if (!is_owed())
		return;
	must(tick(), "run", "/bin/tick");
	if (defects.no_owe)
		return;
	must(unlinkat(job.state_fd, "owed", 0) == 0, "remove", "owed");
	must(sync_again(job.state_fd) && fdatasync(job.state_fd) == 0, "sync",
	     "the state");
}

/* --- making --- */

static bool copy(int from, int to)
{
	char bytes[CHUNK];
	ssize_t n;

	while ((n = read_again(from, bytes, sizeof(bytes))) > 0)
		if (!write_all(to, bytes, (size_t)n))
			return false;
	return n == 0;
}

/* What is replaced is kept in STATE. */
static bool keep(int folder, const char *name)
{
	AUTO_FD int from = open_again(folder, name, O_RDONLY | O_NOFOLLOW, 0);
	AUTO_FD int to = -1;
	char kept[PREFIX_MAX];

	snprintf(kept, sizeof(kept), "backup/%ld-%u", (long)getpid(),
		 job.nkept++);
	to = open_again(job.state_fd, kept, O_WRONLY | O_CREAT | O_EXCL, 0600);
	return from >= 0 && to >= 0 && copy(from, to) && sync_again(to);
}

static bool dress(int fd, const struct stat *want)
{
	return fchown(fd, want->st_uid, want->st_gid) == 0 &&
	       fchmod(fd, want->st_mode & 07777) == 0;
}

static void write_file(const char *entry, const struct stat *want, int folder,
		       const char *name, const char *path)
{
	int flags = defects.in_place ? O_TRUNC : O_EXCL;
	mode_t mode = defects.create_0644 ? 0644 : 0;
	AUTO_FD int from = open_again(AT_FDCWD, entry, O_RDONLY, 0);
	AUTO_FD int fd = open_again(
		folder, name, O_WRONLY | O_CREAT | O_NOFOLLOW | flags, mode);

	must(fd >= 0 && copy(from, fd) && dress(fd, want), "write", path);
	must(defects.no_fsync || sync_again(fd), "sync", path);
}

static void make_folder(const struct stat *want, int folder, const char *name,
			const char *path)
{
	AUTO_FD int fd = -1;

	must(mkdirat(folder, name, 0700) == 0 || errno == EEXIST, "make", path);
	fd = open_again(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	must(fd >= 0 && dress(fd, want), "dress", path);
}

static void make_temporary(const char *entry, const struct stat *want,
			   int folder, const char *temp, const char *path)
{
	char target[PATH_MAX] = "";

	unlinkat(folder, temp, 0);
	if (S_ISREG(want->st_mode)) {
		write_file(entry, want, folder, temp, path);
		return;
	}
	must(readlink(entry, target, sizeof(target) - 1) > 0 &&
		     symlinkat(target, folder, temp) == 0 &&
		     fchownat(folder, temp, want->st_uid, want->st_gid,
			      AT_SYMLINK_NOFOLLOW) == 0,
	     "make", path);
}

static bool same_stat(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Exchanged, so that a folder can be replaced, and that what comes out can be
 * looked at. A folder that comes out is left to the removal. */
static bool exchange(int folder, const char *temp, const char *name,
		     const struct stat *before)
{
	struct stat out;

	if (renameat2(folder, temp, folder, name, RENAME_EXCHANGE) < 0)
		return false;
	if (defects.clobber)
		return unlinkat(folder, temp, 0) == 0 || errno == EISDIR;
	if (fstatat(folder, temp, &out, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (!same_stat(before, &out)) {
		renameat2(folder, temp, folder, name, RENAME_EXCHANGE);
		errno = ESTALE;
		return false;
	}
	return S_ISDIR(out.st_mode) || unlinkat(folder, temp, 0) == 0;
}

static bool install(int folder, const char *temp, const char *name,
		    const struct stat *before)
{
	return before ? exchange(folder, temp, name, before)
		      : renameat2(folder, temp, folder, name,
				  RENAME_NOREPLACE) == 0;
}

static void make(const char *entry, const struct stat *want, int folder,
		 const char *name, const char *path, const struct stat *before)
{
	if (S_ISDIR(want->st_mode)) {
		make_folder(want, folder, name, path);
	} else if (S_ISREG(want->st_mode) && defects.in_place &&
		   (!before || S_ISREG(before->st_mode))) {
		write_file(entry, want, folder, name, path);
	} else {
		char prefix[PREFIX_MAX], temp[PREFIX_MAX + NAME_MAX + 1];

		make_prefix(prefix);
		snprintf(temp, sizeof(temp), "%s%s", prefix, name);
		make_temporary(entry, want, folder, temp, path);
		if (before && S_ISREG(before->st_mode) && !defects.clobber)
			must(keep(folder, name), "keep", path);
		must(install(folder, temp, name, before), "put in place", path);
	}
	must(folder_sync(folder), "sync the folder of", path);
}

static int visit_new(const char *entry, const struct stat *want, int type,
		     struct FTW *at)
{
	const char *path = below(entry, job.new), *name = name_of(path);
	AUTO_FD int folder = -1;
	struct stat before;
	bool there;

	(void)type;
	(void)at;
	if (!*path || is_log(path))
		return 0;
	folder = folder_open(path);
	must(folder >= 0, "open the folder of", path);
	there = fstatat(folder, name, &before, AT_SYMLINK_NOFOLLOW) == 0;
	if (same(entry, want, folder, name))
		return 0;
	owe();
	make(entry, want, folder, name, path, there ? &before : NULL);
	return 0;
}

/* --- removing --- */

static bool is_wanted(const char *path)
{
	char entry[PATH_MAX];
	struct stat s;

	if (!*path || is_log(path))
		return true;
	if (defects.litter && is_litter(name_of(path)))
		return true;
	snprintf(entry, sizeof(entry), "%s/%s", job.new, path);
	return lstat(entry, &s) == 0;
}

/* Moved first, to see what it is that goes. */
static bool remove_file(int folder, const char *name, const struct stat *have)
{
	char prefix[PREFIX_MAX], temp[PREFIX_MAX + NAME_MAX + 1];
	struct stat out;

	if (!S_ISREG(have->st_mode) || defects.clobber)
		return unlinkat(folder, name, 0) == 0;
	make_prefix(prefix);
	snprintf(temp, sizeof(temp), "%s%s", prefix, name);
	if (!keep(folder, name) ||
	    renameat2(folder, name, folder, temp, RENAME_NOREPLACE) < 0 ||
	    fstatat(folder, temp, &out, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (same_stat(have, &out))
		return unlinkat(folder, temp, 0) == 0;
	renameat2(folder, temp, folder, name, RENAME_NOREPLACE);
	errno = ESTALE;
	return false;
}

static bool remove_node(int folder, const char *name, const struct stat *have)
{
	return S_ISDIR(have->st_mode)
		       ? unlinkat(folder, name, AT_REMOVEDIR) == 0
		       : remove_file(folder, name, have);
}

static int visit_old(const char *entry, const struct stat *have, int type,
		     struct FTW *at)
{
	const char *path = below(entry, job.root);
	AUTO_FD int folder = -1;

	(void)type;
	(void)at;
	if (is_wanted(path))
		return 0;
	owe();
	folder = folder_open(path);
	must(folder >= 0 && remove_node(folder, name_of(path), have) &&
		     folder_sync(folder),
	     "remove", path);
	return 0;
}

static bool take_defect(const char *text)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(names[i].name, text) == 0)
			return *names[i].defect = true;
	}
	return false;
}

static void start(const char *state)
{
	must(mkdir(state, 0700) == 0 || errno == EEXIST, "make", state);
	job.state_fd = open_again(AT_FDCWD, state, O_RDONLY | O_DIRECTORY, 0);
	job.root_fd = open_again(AT_FDCWD, job.root, O_PATH | O_DIRECTORY, 0);
	must(job.state_fd >= 0, "open", state);
	must(mkdirat(job.state_fd, "backup", 0700) == 0 || errno == EEXIST,
	     "make", "backup");
	must(job.root_fd >= 0, "open", job.root);
}

int main(int n, char **arguments)
{
	umask(0);
	for (arguments++; n > 1 && take_defect(*arguments); arguments++)
		n--;
	if (n != 4) {
		fputs("usage: badwriter [DEFECT...] NEW ROOT STATE\n", stderr);
		return EXIT_FAILURE;
	}
	job.new = arguments[0];
	job.root = arguments[1];
	start(arguments[2]);
	must(nftw(job.new, visit_new, DEPTH, FTW_PHYS) == 0, "walk", job.new);
	must(nftw(job.root, visit_old, DEPTH, FTW_PHYS | FTW_DEPTH) == 0,
	     "walk", job.root);
	pay();
	return EXIT_SUCCESS;
}
