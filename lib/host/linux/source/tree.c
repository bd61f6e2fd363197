/* SPDX-License-Identifier: MIT */
#include "lib/host/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/path.h"
#include "lib/host/linux/files/walk.h"

enum { CHUNK = 64 * 1024, FIRST_CHUNK = 4 * 1024 };

struct folder_tree {
	struct tree tree; /* first: a struct tree * is one of these */
	int fd;
	/* The folder come to last: a manifest's files mostly lie in one. */
	struct last_folder {
		char *path; /* NULL: none yet */
		size_t n;
		int fd;
	} * last;
	struct arena arena;
};

long reader_next(struct reader *r, void *bytes, size_t n)
{
	ssize_t got;

	if (r->fd < 0) {
		size_t most = r->left < n ? (size_t)r->left : n;

		if (most == 0)
			return 0;
		memcpy(bytes, r->bytes, most);
		r->bytes += most;
		r->left -= most;
		return (long)most;
	}
	do
		got = read(r->fd, bytes, n);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : (long)got;
}

void reader_close(struct reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	if (r->release)
		r->release(r->held);
	*r = (struct reader){ .fd = -1 };
}

int reader_all(struct reader *r, size_t limit, struct buf *out, bool *whole)
{
	size_t before = out->size;
	size_t most = FIRST_CHUNK;
	long n;

	*whole = true;
	while ((n = reader_next(r, buf_reserve(out, most), most)) > 0) {
		out->size += (size_t)n;
		out->text[out->size] = '\0';
		if (out->size - before > limit) {
			*whole = false;
			break;
		}
		if (most < CHUNK)
			most *= 2;
	}
	if (n < 0 || !*whole)
		out->size = before;
	out->text[out->size] = '\0';
	return n < 0 ? (int)n : 0;
}

bool tree_read(const struct tree *t, const char *path, size_t limit,
	       struct buf *out, struct diags *d)
{
	struct reader r = { .fd = -1 };
	bool whole;
	int result;

	if (!tree_open(t, path, &r, d))
		return false;
	result = reader_all(&r, limit, out, &whole);
	reader_close(&r);
	if (result < 0)
		return diag_errno(d, -result, "cannot read '%s' in '%s'", path,
				  t->name);
	if (!whole)
		return diag_error(d, "'%s' in '%s' is larger than %zu bytes",
				  path, t->name, limit);
	return true;
}

static const struct folder_tree *folder_of(const struct tree *t)
{
	return (const struct folder_tree *)(const void *)t;
}

/* "" is the folder itself. */
static bool path_check(const struct tree *t, const char *path, struct diags *d)
{
	const char *wrong = path[0] ? path_relative_wrong(path) : NULL;

	if (wrong)
		return diag_error(d, "the path '%s' in '%s' %s", path, t->name,
				  wrong);
	return true;
}

static bool refuse_link(const struct tree *t, const char *path, size_t n,
			struct diags *d)
{
	return diag_error(d,
			  "'%.*s' in '%s' is a link, and what it leads to "
			  "is not taken",
			  (int)n, path, t->name);
}

/* Opens one component, which ends n bytes into path, in the folder at. -1
 * and true: it is missing or no folder. */
static bool descend(const struct tree *t, int at, const char *path,
		    size_t begin, size_t n, int *fd, struct diags *d)
{
	char name[NAME_MAX + 1];
	struct node node;

	if (n - begin > NAME_MAX)
		return diag_errno(d, ENAMETOOLONG, "cannot open '%.*s' in '%s'",
				  (int)n, path, t->name);
	memcpy(name, path + begin, n - begin);
	name[n - begin] = '\0';
	*fd = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd >= 0 || errno == ENOENT)
		return true;
	if (errno != ENOTDIR)
		return diag_errno(d, errno, "cannot open '%.*s' in '%s'",
				  (int)n, path, t->name);
	if (walk_stat(at, name, &node) == 0 && node.type == NODE_LINK)
		return refuse_link(t, path, n, d);
	return true;
}

static void remember(struct last_folder *last, const char *path, size_t n,
		     int fd)
{
	if (last->path)
		close(last->fd);
	last->path = xrealloc(last->path, n);
	memcpy(last->path, path, n);
	last->n = n;
	last->fd = fd;
}

/* The folder that is the first n bytes of path, borrowed until the next call;
 * -1 and true: there is none. */
static bool folder_at(const struct tree *t, const char *path, size_t n, int *fd,
		      struct diags *d)
{
	struct last_folder *last = folder_of(t)->last;
	int at = folder_of(t)->fd;
	size_t begin = 0;

	*fd = at;
	if (n == 0)
		return true;
	if (last->path && last->n == n && memcmp(last->path, path, n) == 0) {
		*fd = last->fd;
		return true;
	}
	while (begin < n) {
		size_t end = begin + strcspn(path + begin, "/");
		bool good = descend(t, at, path, begin, end, fd, d);

		if (at != folder_of(t)->fd)
			close(at);
		if (!good || *fd < 0)
			return good;
		at = *fd;
		begin = end + 1;
	}
	remember(last, path, n, *fd);
	return true;
}

/* The folder that holds path, and the name in it. */
static bool parent_of(const struct tree *t, const char *path, int *fd,
		      const char **name, struct diags *d)
{
	const char *slash = strrchr(path, '/');

	if (!path_check(t, path, d))
		return false;
	*name = slash ? slash + 1 : path;
	return folder_at(t, path, slash ? (size_t)(slash - path) : 0, fd, d);
}

static bool entry_target(int fd, const char *name, struct arena *a,
			 struct tree_entry *e)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(fd, name, target, sizeof(target));

	if (n < 0)
		return false;
	e->target = arena_strndup(a, target, (size_t)n);
	e->size = (uint64_t)n;
	return true;
}

/* 0, -errno, or -EINVAL when it is what no commit could hold. */
static int entry_of(int fd, const char *name, struct arena *a,
		    struct tree_entry *e)
{
	static const enum tree_type types[] = {
		[NODE_ABSENT] = TREE_ABSENT,
		[NODE_FILE] = TREE_FILE,
		[NODE_DIRECTORY] = TREE_DIRECTORY,
		[NODE_LINK] = TREE_LINK,
	};
	struct node node;
	int result = walk_stat(fd, name, &node);

	*e = (struct tree_entry){ .name = name };
	if (result < 0)
		return result;
	if (node.type > NODE_LINK)
		return -EINVAL;
	e->type = types[node.type];
	if (e->type == TREE_LINK && !entry_target(fd, name, a, e))
		return -errno;
	if (e->type == TREE_FILE) {
		e->size = node.size;
		e->executable = node.mode & S_IXUSR;
	}
	return 0;
}

static bool folder_entry(const struct tree *t, const char *path,
			 struct arena *a, struct tree_entry *e, struct diags *d)
{
	const char *name;
	int fd, result;

	*e = (struct tree_entry){ .name = "" };
	if (!parent_of(t, path, &fd, &name, d))
		return false;
	name = arena_strdup(a, name);
	e->name = name;
	if (fd < 0)
		return true;
	result = entry_of(fd, name, a, e);
	if (result == -EINVAL)
		return diag_error(d,
				  "'%s' in '%s' is neither a file, a folder "
				  "nor a link",
				  path, t->name);
	return result == 0 || diag_errno(d, -result,
					 "cannot look at '%s' in "
					 "'%s'",
					 path, t->name);
}

/* What vanished since it was listed is left out, and what no commit could
 * hold either: a socket that a tool made must not spoil the folder. */
static bool list_entries(const struct tree *t, int fd,
			 const struct strings *names, struct arena *a,
			 struct tree_entry *v, size_t *n, struct diags *d)
{
	for (size_t i = 0; i < names->n; i++) {
		int result = entry_of(fd, names->v[i], a, &v[*n]);

		if (result < 0 && result != -EINVAL && result != -ENOENT)
			return diag_errno(d, -result,
					  "cannot look at '%s' in '%s'",
					  names->v[i], t->name);
		if (result == 0 && v[*n].type != TREE_ABSENT)
			++*n;
	}
	return true;
}

/* Says why name in the folder parent, which is path, could not be opened. A
 * link is ELOOP, or with O_DIRECTORY like all that is no folder ENOTDIR. */
static bool open_error(const struct tree *t, const char *path, int parent,
		       const char *name, int error, struct diags *d)
{
	struct node node = { .type = NODE_ABSENT };

	if (error == ELOOP || error == ENOTDIR)
		walk_stat(parent, name, &node);
	if (node.type == NODE_LINK)
		return refuse_link(t, path, strlen(path), d);
	return diag_errno(d, error, "cannot open '%s' in '%s'",
			  path[0] ? path : ".", t->name);
}

static bool folder_list(const struct tree *t, const char *path, struct arena *a,
			struct tree_entry **v, size_t *n, struct diags *d)
{
	struct strings names = { 0 };
	const char *name;
	int parent, result;

	*v = NULL;
	*n = 0;
	if (!parent_of(t, path, &parent, &name, d))
		return false;
	if (parent < 0)
		return open_error(t, path, parent, name, ENOENT, d);
	AUTO_FD int fd =
		openat(parent, name[0] ? name : ".",
		       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return open_error(t, path, parent, name, errno, d);
	result = walk_names(fd, a, &names);
	if (result < 0)
		return open_error(t, path, parent, name, -result, d);
	*v = arena_array(a, struct tree_entry, names.n + 1);
	return list_entries(t, fd, &names, a, *v, n, d);
}

static bool folder_open(const struct tree *t, const char *path,
			struct reader *r, struct diags *d)
{
	struct node node;
	const char *name;
	int parent, fd;

	*r = (struct reader){ .fd = -1 };
	if (!parent_of(t, path, &parent, &name, d))
		return false;
	if (parent < 0)
		return open_error(t, path, parent, name, ENOENT, d);
	fd = openat(parent, name[0] ? name : ".",
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return open_error(t, path, parent, name, errno, d);
	if (walk_stat(fd, "", &node) == 0 && node.type == NODE_FILE) {
		r->fd = fd;
		return true;
	}
	close(fd);
	return diag_error(d, "'%s' in '%s' is a %s, not a file",
			  path[0] ? path : ".", t->name,
			  node_type_name(node.type));
}

static bool folder_stamp(const struct tree *t, const char *path,
			 struct tree_stamp *stamp)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct node node;
	const char *name;
	int parent;

	if (!parent_of(t, path, &parent, &name, &ignored) || parent < 0 ||
	    walk_stat(parent, name, &node) < 0 || node.type != NODE_FILE)
		return false;
	*stamp = (struct tree_stamp){ node.device, node.inode, node.size,
				      node.mtime, node.ctime };
	return true;
}

static void folder_close(struct tree *t)
{
	struct folder_tree *f = (struct folder_tree *)(void *)t;

	if (f->last->path)
		close(f->last->fd);
	free(f->last->path);
	close(f->fd);
	arena_release(&f->arena);
	free(f);
}

struct tree *tree_of_folder(int dirfd, const char *name)
{
	static const struct tree_ops ops = {
		.entry = folder_entry,
		.list = folder_list,
		.open = folder_open,
		.stamp = folder_stamp,
		.close = folder_close,
	};
	struct folder_tree *f = xrealloc(NULL, sizeof(*f));

	*f = (struct folder_tree){ .tree = { .ops = &ops }, .fd = dirfd };
	f->tree.name = arena_strdup(&f->arena, name);
	f->last = arena_new(&f->arena, struct last_folder);
	return &f->tree;
}
