/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/git/clone.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/host/linux/git/fetch.h"

#define QUARANTINE "fetched"
#define WORLD "refs/heads/world"
#define NAMES_FILE "packed-refs"
#define HEADS "refs/heads/"
#define TAGS "refs/tags/"
#define HEAD "ref: " WORLD "\n"
/* Beside a pack that leaves objects out, gitrepository-layout(5). */
#define PART ".promisor"

enum {
	NOBODY = 65534,
	FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
	PACKS = 60, /* of which one is made again */
	HEX = OBJECT_HEX,
	NAMES = 64, /* references that are remembered */
	NAMES_MAX = 64 * 1024,
	CHUNK = 64 * 1024,
};

static int sync_fd(int fd)
{
	int r;

	do {
		r = fsync(fd);
	} while (r < 0 && errno == EINTR);
	return r;
}

static bool failed(const char *act, const char *name, struct diags *d)
{
	return diag_errno(d, errno, "cannot %s '%s'", act, name);
}

/* --- folders --- */

static bool make_folder(int at, const char *name, mode_t mode, struct diags *d)
{
	AUTO_FD int fd = -1;

	if (mkdirat(at, name, 0700) < 0 && errno != EEXIST)
		return failed("make", name, d);
	fd = openat(at, name, FOLDER);
	return (fd >= 0 && fchmod(fd, mode) == 0 && sync_fd(fd) == 0) ||
	       failed("make", name, d);
}

/* Whole, or not at all. */
static bool put_file(int at, const char *name, const void *bytes, size_t n,
		     struct diags *d)
{
	static const char temporary[] = "new";
	AUTO_FD int fd = -1;

	unlinkat(at, temporary, 0);
	fd = openat(at, temporary,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0 || fchmod(fd, 0644) < 0 || !write_all(fd, bytes, n) ||
	    sync_fd(fd) < 0 || renameat(at, temporary, at, name) < 0)
		return failed("write", name, d);
	return true;
}

/* --- opening --- */

static bool make_vault(int at, const char *name, struct diags *d)
{
	static const char *const folders[] = { "objects", "objects/pack",
					       "objects/info", "refs",
					       "refs/heads" };
	AUTO_FD int fd = -1;

	if (!make_folder(at, name, 0755, d))
		return false;
	fd = openat(at, name, FOLDER);
	if (fd < 0)
		return failed("open", name, d);
	for (size_t i = 0; i < COUNT(folders); i++)
		if (!make_folder(fd, folders[i], 0755, d))
			return false;
	return put_file(fd, "HEAD", HEAD, strlen(HEAD), d) &&
	       (sync_fd(fd) == 0 || failed("make", name, d)) &&
	       (sync_fd(at) == 0 || failed("make", name, d));
}

static bool is_id(const char *text)
{
	return strspn(text, "0123456789abcdef") == HEX;
}

/* Whether a reference, of n bytes, is of that kind and name. */
static bool is_of(const char *reference, size_t n, const char *kind,
		  const char *name)
{
	size_t k = strlen(kind);

	return n == k + strlen(name) && strncmp(reference, kind, k) == 0 &&
	       strncmp(reference + k, name, n - k) == 0;
}

/* All but the lines of what has that name, and of CLONE_LAST. */
static void keep_lines(const char *all, const char *name, struct buf *out)
{
	size_t n;

	for (size_t i = 2; *all && i < NAMES; all += n + (all[n] == '\n')) {
		const char *reference = all + HEX + 1;
		size_t length;

		n = strcspn(all, "\n");
		if (!all[n] || n <= HEX + 1 || !is_id(all) || all[HEX] != ' ')
			continue;
		length = n - HEX - 1;
		if (is_of(reference, length, CLONE_LAST, "") ||
		    (name && (is_of(reference, length, HEADS, name) ||
			      is_of(reference, length, TAGS, name))))
			continue;
		buf_add(out, all, n + 1);
		i++;
	}
}

static void read_names(int folder, struct buf *out)
{
	AUTO_FD int fd = openat(folder, NAMES_FILE,
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char text[NAMES_MAX];
	ssize_t n;

	n = fd < 0 ? 0 : read(fd, text, sizeof(text));
	buf_add(out, text, n > 0 ? (size_t)n : 0);
}

static void read_last_name(struct clone *v)
{
	static const char name[] = " " CLONE_LAST "\n";
	AUTO_BUF struct buf all = { 0 };

	read_names(v->folder, &all);
	if (all.size < HEX + sizeof(name) - 1 || !is_id(all.text) ||
	    strncmp(all.text + HEX, name, sizeof(name) - 1) != 0)
		return;
	memcpy(v->last, all.text, HEX);
	v->last[HEX] = '\0';
}

static void read_last(struct clone *v, struct diags *d)
{
	AUTO_FD int fd = openat(v->folder, WORLD,
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char text[HEX + 2] = "";

	if (fd < 0 && errno == ENOENT) {
		read_last_name(v);
		return;
	}
	if (fd < 0 || read(fd, text, HEX + 1) != HEX + 1 || !is_id(text) ||
	    text[HEX] != '\n') {
		v->is_unread = true;
		diag_warning(d, "cannot believe '%s/" WORLD "'", v->path);
		return;
	}
	memcpy(v->last, text, HEX);
	v->last[HEX] = '\0';
}

static bool has_end(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && strcmp(name + n - m, end) == 0;
}

/* Calls each for the files of objects/pack whose names end so, but keep's. */
static bool each_pack(int folder, const char *end, const char *keep,
		      bool (*each)(int at, const char *name, void *context),
		      void *context)
{
	int fd = openat(folder, "objects/pack", FOLDER);
	DIR *all = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	bool good = all != NULL;

	if (!all && fd >= 0)
		close(fd);
	while (good && (entry = readdir(all)))
		if (entry->d_name[0] != '.' && has_end(entry->d_name, end) &&
		    (!keep || strncmp(entry->d_name, keep, strlen(keep)) != 0))
			good = each(fd, entry->d_name, context);
	if (all)
		closedir(all);
	return good;
}

struct counting {
	size_t packs;
	uint64_t bytes;
};

static bool count(int at, const char *name, void *context)
{
	struct counting *c = context;
	struct stat st;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	c->packs++;
	c->bytes += (uint64_t)st.st_size;
	return true;
}

bool clone_open(struct clone *v, int at, const char *path, const char *name,
		bool writable, struct arena *a, struct diags *d)
{
	struct counting all = { 0 }, parts = { 0 };

	*v = (struct clone){ .folder = -1,
			     .path = arena_printf(a, "%s/%s", path, name) };
	if (writable && !make_vault(at, name, d))
		return false;
	v->folder = openat(at, name, FOLDER);
	if (v->folder < 0)
		return errno == ENOENT || failed("open", v->path, d);
	read_last(v, d);
	if (!each_pack(v->folder, ".pack", NULL, count, &all) ||
	    !each_pack(v->folder, PART, NULL, count, &parts))
		return failed("read", v->path, d);
	v->is_full = all.packs >= PACKS;
	v->is_part = parts.packs > 0;
	v->bytes = all.bytes;
	return true;
}

void clone_close(struct clone *v)
{
	if (v->folder >= 0)
		close(v->folder);
	v->folder = -1;
}

/* --- taking --- */

/* "pack-" and 40 hex digits. */
enum { STEM = 5 + HEX };

static bool is_pack(const char *name)
{
	return strncmp(name, "pack-", 5) == 0 && is_id(name + 5) &&
	       (strcmp(name + STEM, ".pack") == 0 ||
		strcmp(name + STEM, PART) == 0 ||
		strcmp(name + STEM, ".idx") == 0);
}

static bool pour(int from, int to, uint64_t most)
{
	char bytes[CHUNK];
	ssize_t n;

	while ((n = read(from, bytes, sizeof(bytes))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || (uint64_t)n > most)
			return false;
		most -= (uint64_t)n;
		if (!write_all(to, bytes, (size_t)n))
			return false;
	}
	return sync_fd(to) == 0;
}

struct taking {
	int to;
	char stem[STEM + 1]; /* of what was taken; "": nothing */
	const char *end;
	struct diags *diags;
};

/* Under a name that libgit2 does not look at until it is whole. */
static bool copy(int at, const char *name, struct taking *t)
{
	AUTO_FD int from = openat(at, name,
				  O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
					  O_NOCTTY | O_CLOEXEC);
	AUTO_FD int to = -1;
	struct stat st;

	if (from < 0 || fstat(from, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	unlinkat(t->to, "new", 0);
	to = openat(t->to, "new",
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
	return to >= 0 && fchmod(to, 0444) == 0 && pour(from, to, FETCH_MOST) &&
	       renameat(t->to, "new", t->to, name) == 0;
}

static bool take(int at, const char *name, void *context)
{
	struct taking *t = context;

	if (!is_pack(name))
		return diag_error(t->diags, "what was fetched is no pack");
	errno = 0;
	if (!copy(at, name, t))
		return diag_errno(t->diags, errno ? errno : EINVAL,
				  "cannot keep what was fetched");
	memcpy(t->stem, name, STEM);
	return true;
}

static bool drop(int at, const char *name, void *context)
{
	(void)context;
	return unlinkat(at, name, 0) == 0;
}

/* A pack is found by its index: that comes last, and goes first. */
bool clone_take(struct clone *v, int from, bool replace, struct diags *d)
{
	AUTO_FD int pack = openat(v->folder, "objects/pack", FOLDER);
	struct taking t = { .to = pack, .diags = d };
	bool good = pack >= 0 || failed("open", v->path, d);

	if (!good)
		return false;
	good = each_pack(from, PART, NULL, take, &t) &&
	       each_pack(from, ".pack", NULL, take, &t) &&
	       each_pack(from, ".idx", NULL, take, &t);
	if (!good)
		return d->errors || diag_error(d, "cannot read what was "
						  "fetched");
	if (sync_fd(pack) < 0)
		return failed("write to", v->path, d);
	if (!replace || !t.stem[0])
		return true;
	return (each_pack(v->folder, ".idx", t.stem, drop, NULL) &&
		each_pack(v->folder, ".pack", t.stem, drop, NULL) &&
		each_pack(v->folder, PART, t.stem, drop, NULL)) ||
	       failed("tidy", v->path, d);
}

bool clone_point(struct clone *v, const char *id, struct diags *d)
{
	AUTO_FD int heads = openat(v->folder, "refs/heads", FOLDER);
	char line[HEX + 2];

	if (strcmp(v->last, id) == 0)
		return true;
	snprintf(line, sizeof(line), "%.40s\n", id);
	if (heads < 0 || !put_file(heads, "world", line, HEX + 1, d))
		return failed("write to", v->path, d);
	memcpy(v->last, line, HEX);
	v->last[HEX] = '\0';
	return sync_fd(heads) == 0 || failed("write to", v->path, d);
}

/* --- naming --- */

bool clone_name(struct clone *v, const char *commit, const char *name,
		bool is_tag, const char *id, bool alone, struct diags *d)
{
	AUTO_BUF struct buf old = { 0 };
	AUTO_BUF struct buf new = { 0 };

	read_names(v->folder, &old);
	buf_printf(&new, "%.40s " CLONE_LAST "\n", commit);
	if (name)
		buf_printf(&new, "%.40s %s%s\n", id, is_tag ? TAGS : HEADS,
			   name);
	if (!alone)
		keep_lines(buf_text(&old), name, &new);
	if (new.size == old.size &&
	    memcmp(buf_text(&new), buf_text(&old), new.size) == 0)
		return true;
	return (put_file(v->folder, NAMES_FILE, new.text, new.size, d) &&
		sync_fd(v->folder) == 0) ||
	       failed("write to", v->path, d);
}

static bool is_gone(int at, const char *name, int flags)
{
	return unlinkat(at, name, flags) == 0 || errno == ENOENT;
}

/* --- scratch --- */

int scratch_make(const char **path, struct arena *a, struct diags *d)
{
	char name[] = "/tmp/converge-XXXXXX";
	int fd;

	if (!mkdtemp(name)) {
		diag_errno(d, errno, "cannot make a folder in '/tmp'");
		return -1;
	}
	*path = arena_strdup(a, name);
	fd = open(name, FOLDER);
	if (fd < 0)
		failed("open", name, d);
	return fd;
}

static bool remove_vault(int at, const char *name, struct diags *d)
{
	static const struct {
		const char *name;
		int flags;
	} parts[] = { { "objects/pack", AT_REMOVEDIR },
		      { "objects/info", AT_REMOVEDIR },
		      { "objects", AT_REMOVEDIR },
		      { "refs/heads/world", 0 },
		      { "refs/heads", AT_REMOVEDIR },
		      { "refs", AT_REMOVEDIR },
		      { NAMES_FILE, 0 },
		      { "new", 0 },
		      { "HEAD", 0 } };
	AUTO_FD int fd = openat(at, name, FOLDER);

	if (fd < 0)
		return errno == ENOENT || failed("remove", name, d);
	if (!each_pack(fd, "", NULL, drop, NULL))
		return failed("remove", name, d);
	for (size_t i = 0; i < COUNT(parts); i++)
		if (!is_gone(fd, parts[i].name, parts[i].flags))
			return failed("remove", name, d);
	return is_gone(at, name, AT_REMOVEDIR) || failed("remove", name, d);
}

static bool is_old(int at, const char *name, int64_t since)
{
	AUTO_FD int fd = openat(at, name, FOLDER);
	struct stat st;

	return fd >= 0 && fstatat(fd, "HEAD", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_mtime < since;
}

bool clone_tidy(int at, const struct strings *names, int64_t since,
		struct diags *d)
{
	int fd = dup(at);
	DIR *all = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	bool good = true;

	if (!all && fd >= 0)
		close(fd);
	if (!all)
		return failed("read", "git", d);
	while (good && (entry = readdir(all)))
		if (has_end(entry->d_name, ".git") &&
		    !strings_have(names, entry->d_name) &&
		    is_old(at, entry->d_name, since))
			good = remove_vault(at, entry->d_name, d);
	closedir(all);
	return good;
}

bool scratch_remove(int fd, const char *path, struct diags *d)
{
	return quarantine_remove(fd, d) && remove_vault(fd, CLONE_WORLD, d) &&
	       (rmdir(path) == 0 || failed("remove", path, d));
}

/* --- quarantine --- */

static int open_quarantine(int at)
{
	return openat(at, QUARANTINE, FOLDER);
}

/* What is in it nobody can have made a folder of: it has one level. */
static bool empty_pack(int at)
{
	int fd = openat(at, "objects/pack", FOLDER);
	DIR *all = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	bool good = true;

	if (!all)
		return errno == ENOENT;
	while ((entry = readdir(all)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			good &= unlinkat(fd, entry->d_name, 0) == 0;
	closedir(all);
	return good;
}

bool quarantine_remove(int at, struct diags *d)
{
	static const struct {
		const char *name;
		int flags;
	} parts[] = { { "objects/pack", AT_REMOVEDIR },
		      { "objects", AT_REMOVEDIR },
		      { ".ssh/known_hosts", 0 },
		      { ".ssh/new", 0 },
		      { ".ssh", AT_REMOVEDIR } };
	AUTO_FD int fd = open_quarantine(at);

	if (fd < 0)
		return errno == ENOENT || failed("remove", QUARANTINE, d);
	if (!empty_pack(fd))
		return failed("remove", QUARANTINE, d);
	for (size_t i = 0; i < COUNT(parts); i++)
		if (!is_gone(fd, parts[i].name, parts[i].flags))
			return failed("remove", QUARANTINE, d);
	return unlinkat(at, QUARANTINE, AT_REMOVEDIR) == 0 ||
	       failed("remove", QUARANTINE, d);
}

static bool fill(int fd, const struct buf *known_hosts, struct diags *d)
{
	static const struct buf none = { 0 };
	const struct buf *lines = known_hosts ? known_hosts : &none;
	AUTO_FD int pack = -1;
	AUTO_FD int ssh = -1;

	if (!make_folder(fd, "objects", 0755, d) ||
	    !make_folder(fd, "objects/pack", 0700, d) ||
	    !make_folder(fd, ".ssh", 0755, d))
		return false;
	pack = openat(fd, "objects/pack", FOLDER);
	ssh = openat(fd, ".ssh", FOLDER);
	if (pack < 0 || ssh < 0 ||
	    (geteuid() == 0 && fchown(pack, NOBODY, NOBODY) < 0))
		return failed("make", QUARANTINE, d);
	return put_file(ssh, "known_hosts", buf_text(lines), lines->size, d);
}

int quarantine_make(int at, const struct buf *known_hosts, struct diags *d)
{
	int fd;

	if (!quarantine_remove(at, d) || !make_folder(at, QUARANTINE, 0755, d))
		return -1;
	fd = open_quarantine(at);
	if (fd >= 0 && fill(fd, known_hosts, d))
		return fd;
	if (fd < 0)
		failed("open", QUARANTINE, d);
	else
		close(fd);
	return -1;
}

/* --- known hosts --- */

static bool has_key_of(const char *line, size_t n, const char *type)
{
	const char *space = memchr(line, ' ', n);

	return space && (size_t)(line + n - space) > strlen(type) + 1 &&
	       strncmp(space + 1, type, strlen(type)) == 0;
}

bool known_hosts_sort(const struct buf *all, struct buf *out, struct diags *d)
{
	static const char *const types[] = { "ssh-ed25519 ",
					     "ecdsa-sha2-nistp" };

	for (size_t i = 0; i < COUNT(types); i++) {
		const char *line = buf_text(all);

		while (*line) {
			size_t n = strcspn(line, "\n");

			if (*line == '@')
				return diag_error(d,
						  "a known_hosts with markers "
						  "('@') is not taken");
			if (has_key_of(line, n, types[i])) {
				buf_add(out, line, n);
				buf_putc(out, '\n');
			}
			line += n + (line[n] == '\n');
		}
	}
	return true;
}
