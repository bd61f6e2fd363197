/* SPDX-License-Identifier: MIT */
/* A look at a whole tree before it is removed: may it be, and what of it must
 * be kept. Nothing is changed in it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/host/linux/files/write.h"

/* All of a file of proc(5), which tells no size. */
static bool read_all(const char *path, struct buf *out)
{
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0) {
		n = read(fd, buf_reserve(out, COPY_SIZE), COPY_SIZE - 1);
		if (n > 0)
			out->size += (size_t)n;
	}
	buf_puts(out, "");
	return n == 0;
}

/* The mount point of a line of mountinfo (proc_pid_mountinfo(5)): the fifth
 * field, with blanks and backslashes as three octal digits. */
static void mount_point(const char *line, struct buf *out)
{
	buf_clear(out);
	for (int field = 1; field < 5 && *line; field++) {
		line += strcspn(line, " \n");
		line += *line == ' ';
	}
	for (; *line && !strchr(" \n", *line); line++) {
		if (*line == '\\' && strspn(line + 1, "01234567") >= 3) {
			buf_putc(out,
				 (char)((line[1] - '0') * 64 +
					(line[2] - '0') * 8 + (line[3] - '0')));
			line += 3;
		} else {
			buf_putc(out, *line);
		}
	}
}

/* Whether something is mounted at or below the folder. Where /proc is missing
 * the removal itself finds out, but only when it comes there. */
static bool has_mount(int fd, struct buf *where)
{
	AUTO_BUF struct buf mounts = { 0 };
	char link[32], real[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, real, sizeof(real) - 1);
	if (n <= 0 || !read_all("/proc/self/mountinfo", &mounts))
		return false;
	real[n] = '\0';
	for (const char *line = buf_text(&mounts); *line;) {
		mount_point(line, where);
		if (path_below(buf_text(where), real, true))
			return true;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return false;
}

static uint64_t mount_of(int fd, uint64_t *device)
{
	struct statx s;

	*device = 0;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &s) <
	    0)
		return 0;
	*device = makedev(s.stx_dev_major, s.stx_dev_minor);
	return s.stx_mask & STATX_MNT_ID ? s.stx_mnt_id : *device;
}

bool may_remove(const struct walked *w, const char *path, struct diags *d)
{
	const char *real = walk_real(w, &d->arena);

	if (path_is_protected(path))
		return diag_error(d, "'%s' is never removed", path);
	return !path_is_protected(real) ||
	       diag_error(d, "'%s' is '%s', which is never removed", path,
			  real);
}

bool tree_removable(const struct walked *w, const char *name, const char *path,
		    struct diags *d)
{
	AUTO_FD int fd = openat(w->fd, name,
				O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_BUF struct buf where = { 0 };
	uint64_t device;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? place_conflict(d, path)
			       : diag_errno(d, errno, "cannot open '%s'", path);
	if (!may_remove(w, path, d))
		return false;
	if (mount_of(fd, &device) != w->mount || device != w->device)
		return diag_error(d, "'%s' is a mount point", path);
	if (has_mount(fd, &where))
		return diag_error(d, "'%s' has a mount in it, at '%s'", path,
				  buf_text(&where));
	return true;
}

/* A tree being kept: its folders, in the order they were found. */
struct survey {
	struct linux_host *host;
	const struct walked *walked;
	int top;
	const char *path;
	size_t mark;
	struct map *kept;
	struct arena arena;
	struct strings folders; /* relative to top, "" for itself */
	struct diags *diags;
};

/* Down to a folder by each component of its path, as none is a link. */
static int open_relative(const struct survey *s, const char *relative)
{
	char name[NAME_MAX + 1];
	int fd = openat(s->top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && *relative) {
		size_t n = strcspn(relative, "/");
		int next;

		memcpy(name, relative, n);
		name[n] = '\0';
		next = openat(fd, name,
			      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(fd);
		fd = next;
		relative += n + (relative[n] == '/');
	}
	return fd;
}

static const char *join(struct arena *a, const char *folder, const char *name)
{
	return *folder ? arena_printf(a, "%s/%s", folder, name)
		       : arena_strdup(a, name);
}

static bool survey_entry(struct survey *s, int fd, const char *folder,
			 const char *name)
{
	struct arena *a = &batch_of(s->host)->arena;
	const char *relative = join(&s->arena, folder, name);
	const char *path = arena_printf(a, "%s/%s", s->path, relative);
	struct node *n = arena_new(a, struct node);

	if (strlen(path) >= PATH_MAX)
		return diag_error(s->diags,
				  "'%s' is too deep to keep a copy of it",
				  s->path);
	if (walk_stat(fd, name, n) < 0 || n->type == NODE_ABSENT)
		return place_conflict(s->diags, path);
	if (n->type == NODE_DIRECTORY)
		strings_add(&s->folders, &s->arena, relative);
	map_put(s->kept, a, node_key(a, n), n);
	return keep_name(s->host, s->walked, fd, name, path, n, s->mark,
			 s->diags);
}

static bool survey_folder(struct survey *s, const char *folder)
{
	AUTO_FD int fd = open_relative(s, folder);
	struct strings names = { 0 };
	uint64_t device;
	int error = fd < 0 ? -errno : walk_names(fd, &s->arena, &names);

	if (error < 0)
		return diag_errno(s->diags, -error, "cannot read '%s/%s'",
				  s->path, folder);
	if (mount_of(fd, &device) != s->walked->mount ||
	    device != s->walked->device)
		return diag_error(s->diags, "'%s/%s' is a mount point", s->path,
				  folder);
	for (size_t i = 0; i < names.n; i++)
		if (!survey_entry(s, fd, folder, names.v[i]))
			return false;
	return true;
}

static bool survey_all(struct survey *s)
{
	struct node n;

	if (walk_stat(s->top, "", &n) < 0)
		return diag_errno(s->diags, errno, "cannot look at '%s'",
				  s->path);
	keep_node(s->host, s->path, &n, s->mark, NULL);
	strings_add(&s->folders, &s->arena, "");
	for (size_t i = 0; i < s->folders.n; i++)
		if (!survey_folder(s, s->folders.v[i]))
			return false;
	return true;
}

bool tree_keep(struct linux_host *h, const struct walked *w, const char *name,
	       const char *path, size_t mark, struct map **kept,
	       struct diags *d)
{
	AUTO_FD int top = openat(
		w->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct survey s = { .host = h,
			    .walked = w,
			    .top = top,
			    .path = path,
			    .mark = mark,
			    .diags = d };
	bool ok;

	if (h->options.backup_fd < 0)
		return true;
	if (top < 0)
		return diag_errno(d, errno, "cannot open '%s'", path);
	s.kept = arena_new(&batch_of(h)->arena, struct map);
	ok = survey_all(&s);
	arena_release(&s.arena);
	*kept = s.kept;
	return ok;
}
