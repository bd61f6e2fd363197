/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/source/open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/base/path.h"
#include "lib/host/commit.h"

/* Takes "." and ".." off the begin of a path below a folder, which no link is
 * part of: its parents are those that it names. */
static const char *climb(char *folder, const char *path)
{
	while (path[0] == '.') {
		size_t dots = path[1] == '.' ? 2 : 1;

		if (path[dots] && path[dots] != '/')
			break;
		if (dots == 2) {
			char *last = strrchr(folder, '/');

			last[last == folder] = '\0';
		}
		path += dots;
		path += strspn(path, "/");
	}
	return path;
}

const char *linux_absolute(int cwd, const char *path, struct arena *a,
			   struct diags *d)
{
	char link[64], folder[PATH_MAX];
	ssize_t n;

	if (*path == '/')
		return arena_strdup(a, path);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", cwd);
	n = readlink(link, folder, sizeof(folder) - 1);
	if (n < 0 || folder[0] != '/') {
		diag_errno(d, n < 0 ? errno : ENOENT,
			   "cannot tell the current folder, for '%s'", path);
		return NULL;
	}
	folder[n] = '\0';
	path = climb(folder, path);
	if (!*path)
		return arena_strdup(a, folder);
	return arena_printf(a, "%s/%s", folder[1] ? folder : "", path);
}

const char *linux_follow(const char *path, struct arena *a)
{
	AUTO_FD int fd = open(path, O_PATH | O_CLOEXEC);
	char link[64], target[PATH_MAX];
	struct stat at, there;
	ssize_t n;

	if (fd < 0 || lstat(path, &at) < 0 || !S_ISLNK(at.st_mode))
		return path;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, target, sizeof(target) - 1);
	if (n < 0)
		return path;
	target[n] = '\0';
	/* "pipe:[7]" and "/gone (deleted)" are no paths */
	if (fstat(fd, &at) < 0 || lstat(target, &there) < 0 ||
	    at.st_dev != there.st_dev || at.st_ino != there.st_ino)
		return path;
	return arena_strdup(a, target);
}

/* SCHEME://..., and USER@SERVER:PATH, as git takes it */
static bool is_address(const char *path)
{
	size_t user = strcspn(path, "@/:");
	size_t server = path[user] == '@' ? strcspn(path + user, "/:") : 0;

	return strstr(path, "://") || (server && path[user + server] == ':');
}

bool linux_may_be_source(const char *path, const char *whole, struct diags *d)
{
	struct stat link, at;

	if (lstat(whole, &link) == 0) {
		if (!S_ISLNK(link.st_mode) || stat(whole, &at) < 0 ||
		    S_ISREG(at.st_mode) || S_ISDIR(at.st_mode))
			return true;
		diag_error(d, "'%s' leads to no file", path);
	} else if (strcmp(path, "-") == 0) {
		diag_error(d, "standard input is not read");
	} else if (is_address(path)) {
		/* which may have a password in it */
		diag_error(d, "SOURCE is an address, not a file");
		diag_hint(d,
			  "name a clone of it; what /etc/converge/agent.json "
			  "names is fetched when no SOURCE is given");
		return false;
	} else {
		return true;
	}
	diag_hint(d, "save the manifest, and name that file");
	return false;
}

struct tree *linux_open_folder(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 ? tree_of_folder(fd, path) : NULL;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* What the state folder has; see FILES in converge(1). */
#define DATABASE "state.db"
#define STATE_FILES "lock", "catalog"
#define STATE_FOLDERS "backup", "world.git", "git", "archives"

/* Whether one of those folders is that of the file, or above it. */
static bool is_below(const char *path, const struct stat *folders, size_t n)
{
	AUTO(arena_release) struct arena a = { 0 };
	const char *folder = arena_strndup(&a, path, path_parent(path));
	int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat at, before = { 0 };
	bool found = false;

	while (fd >= 0 && !found && fstat(fd, &at) == 0 &&
	       !is_same(&at, &before)) {
		int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		for (size_t i = 0; i < n; i++)
			found |= is_same(&at, &folders[i]);
		before = at;
		close(fd);
		fd = up;
	}
	if (fd >= 0)
		close(fd);
	return found;
}

/* The database has "-wal", ".new" and the like beside it. */
static bool is_state_name(const char *name)
{
	static const char *const names[] = { STATE_FILES, STATE_FOLDERS };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return strncmp(name, DATABASE, strlen(DATABASE)) == 0;
}

bool linux_is_of_state(const char *path, const char *state)
{
	static const char *const names[] = { STATE_FOLDERS };
	AUTO(arena_release) struct arena a = { 0 };
	const char *folder = arena_strndup(&a, path, path_parent(path));
	struct stat at, of, folders[COUNT(names)];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(names); i++)
		n += stat(arena_printf(&a, "%s/%s", state, names[i]),
			  &folders[n]) == 0;
	return is_below(path, folders, n) ||
	       (stat(folder, &at) == 0 && stat(state, &of) == 0 &&
		is_same(&at, &of) && is_state_name(path_name(path)));
}

bool linux_is_of_source(const char *path, const char *source)
{
	static const char *const names[] = { "hosts",     "roles",
					     "tests",     "files",
					     "templates", "secrets",
					     "approvals", "modules.d" };
	AUTO(arena_release) struct arena a = { 0 };
	struct stat at, of, folders[COUNT(names)];
	size_t n = 0;

	if (stat(path, &at) < 0 || stat(source, &of) < 0)
		return false;
	if (!S_ISDIR(of.st_mode))
		return is_same(&at, &of);
	if (stat(arena_printf(&a, "%s/converge.json", source), &of) < 0)
		return false;
	for (size_t i = 0; i < COUNT(names); i++)
		n += stat(arena_printf(&a, "%s/%s", source, names[i]),
			  &folders[n]) == 0;
	return is_same(&at, &of) || is_below(path, folders, n);
}

/* A bundle, the folder of a repository, or what cannot be looked at. */
static bool may_have_commits(const char *path, struct arena *a)
{
	struct stat at;

	if (stat(path, &at) < 0)
		return errno != ENOENT && errno != ENOTDIR;
	return !S_ISDIR(at.st_mode) || commit_is_bare(path) ||
	       lstat(arena_printf(a, "%s/.git", path), &at) == 0;
}

bool linux_is_source_gone(const char *path, bool is_commit)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct stat at;

	if (path[0] != '/')
		return false;
	if (!is_commit)
		return lstat(path, &at) < 0 &&
		       (errno == ENOENT || errno == ENOTDIR);
	for (size_t n = strlen(path); n > 1; n = path_parent_of(path, n))
		if (may_have_commits(arena_strndup(&a, path, n), &a))
			return false;
	return !may_have_commits("/", &a);
}

/* A device is not written to, and not replaced (/dev/null, /dev/stdout). */
static bool is_replaceable(const char *path, struct diags *d)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ||
		       diag_errno(d, errno, "cannot save '%s'", path);
	return S_ISREG(st.st_mode) ||
	       diag_error(d, "'%s' is not a regular file", path);
}

bool linux_save_begin(struct saving *s, const char *path, struct arena *a,
		      struct diags *d)
{
	const char *slash = strrchr(path, '/');
	const char *folder = arena_strndup(a, path, (size_t)(slash - path));

	*s = (struct saving){ .path = path, .fd = -1 };
	if (!is_replaceable(path, d))
		return false;
	s->temp = arena_printf(a, "%s/.converge-XXXXXX", folder);
	if (*folder && mkdir(folder, 0777) < 0 && errno != EEXIST)
		return diag_errno(d, errno, "cannot make the folder '%s'",
				  folder);
	s->fd = mkostemp(s->temp, O_CLOEXEC);
	return s->fd >= 0 || diag_errno(d, errno, "cannot save '%s'", path);
}

bool linux_save_end(struct saving *s, bool good, unsigned mode, struct diags *d)
{
	bool saved;
	int error;

	if (s->fd < 0)
		return false;
	saved = good && fchmod(s->fd, mode) == 0 && fsync(s->fd) == 0 &&
		rename(s->temp, s->path) == 0;
	error = errno;
	if (!saved)
		unlink(s->temp);
	close(s->fd);
	s->fd = -1;
	return saved ||
	       (good && diag_errno(d, error, "cannot save '%s'", s->path));
}

bool linux_save(const char *path, const void *bytes, size_t n, unsigned mode,
		struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct saving s;
	bool good;

	if (!linux_save_begin(&s, path, &a, d))
		return false;
	good = write_all(s.fd, bytes, n) ||
	       diag_errno(d, errno, "cannot save '%s'", path);
	return linux_save_end(&s, good, mode, d);
}

struct tree *linux_open_beside(const char *path, const char *shown,
			       struct diags *d)
{
	const char *slash = strrchr(path, '/');
	struct arena a = { 0 };
	const char *folder = arena_strndup(&a, path, (size_t)(slash - path));
	struct tree *tree = NULL;
	int fd;

	if (!*folder)
		folder = "/";
	fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		tree = tree_of_folder(fd, folder);
	else
		diag_errno(d, errno, "cannot open the folder of '%s'", shown);
	arena_release(&a);
	return tree;
}
