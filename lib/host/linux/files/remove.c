/* SPDX-License-Identifier: MIT */
/*
 * Removing, also of whole trees, whatever others do to them meanwhile. What is
 * to go gets a temporary name first, under which nobody else can reach it to
 * edit it. Is it not what was expected? It gets its own name back. A tree
 * is taken down from its top: a folder in it is emptied of files, the folders
 * in that are moved up to the top, and it is removed. So there is no depth, at
 * most two folders are open, no ".." is ever followed, and what is removed was
 * found in the tree by its descriptor.
 *
 * A copy that is kept is durable before anything goes. A tree's are synced at
 * once; so are those of all the files that a batch removes, which wait for it
 * (remove_later).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/host/linux/files/write.h"

enum { ENTRIES_SIZE = 32 * 1024 };

/* A tree being removed. */
struct removal {
	struct linux_host *host;
	int top;
	uint64_t mount, device;
	const char *path; /* of top, for diagnostics */
	struct map *kept; /* NULL, or all that may be removed */
	bool shared;
	struct diags *diags;
	char *entries[2]; /* of top and of a folder in it */
};

int drop_name(int folder, const char *name, const struct node *n, bool shared)
{
	bool is_program = n->type == NODE_FILE && (n->mode & 06111);

	/* Where others may make names, a link to any program may be one. */
	if (is_program && !(shared && n->links > 1)) {
		AUTO_FD int fd =
			openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		struct node found = { 0 };
		int error = fd < 0 ? -errno : walk_stat(fd, "", &found);

		if (error == 0 && found.inode == n->inode &&
		    ((n->mode & 06000) || has_capabilities(fd)))
			error = change_mode(fd, 0);
		/* As X, what another owns is not X's to spoil. */
		if (error < 0 && (geteuid() == 0 || geteuid() == n->uid))
			return error;
	}
	return unlinkat(folder, name, 0) < 0 ? -errno : 0;
}

static bool tell(const struct removal *r, int error, const char *name)
{
	if (error == EXDEV)
		return diag_error(r->diags,
				  "'%s' in '%s' is on another file system",
				  name, r->path);
	if (error == EBUSY)
		return diag_error(r->diags,
				  "'%s' in '%s' is in use, or a mount point",
				  name, r->path);
	return diag_errno(r->diags, error, "cannot remove '%s' in '%s'", name,
			  r->path);
}

/* -errno when it is no longer in the tree that was asked for. */
static int same_mount(int fd, uint64_t mount, uint64_t device)
{
	struct statx s;
	uint64_t found;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &s) <
	    0)
		return -errno;
	found = makedev(s.stx_dev_major, s.stx_dev_minor);
	if (found != device)
		return -EXDEV;
	if (s.stx_mask & STATX_MNT_ID)
		found = s.stx_mnt_id;
	return found == mount ? 0 : -EXDEV;
}

static int open_folder(int at, const char *name, uint64_t mount,
		       uint64_t device)
{
	int fd = openat(at, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	error = same_mount(fd, mount, device);
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

char *node_key(struct arena *a, const struct node *n)
{
	return arena_printf(a, "%llx:%llx", (unsigned long long)n->device,
			    (unsigned long long)n->inode);
}

static bool was_kept(const struct removal *r, const struct node *n)
{
	struct arena a = { 0 };
	const struct node *kept = map_get(r->kept, node_key(&a, n));
	bool same = kept && node_stays(kept, *n);

	arena_release(&a);
	return same;
}

static bool remove_file(const struct removal *r, int folder, const char *name,
			const struct node *n)
{
	int error;

	if (r->kept && !was_kept(r, n))
		return place_conflict(r->diags, r->path);
	error = drop_name(folder, name, n, r->shared);
	return error == 0 || error == -ENOENT || tell(r, -error, name);
}

/* An empty folder is removed, any other moved to the top, under a new name. */
static bool hoist(const struct removal *r, int folder, const char *name)
{
	char new[TEMP_SIZE];

	if (unlinkat(folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return true;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return tell(r, errno, name);
	if (!temp_name(".converge-", new, r->diags))
		return false;
	if (renameat(folder, name, r->top, new) == 0 || errno == ENOENT)
		return true;
	return tell(r, errno, name);
}

typedef bool on_folder(const struct removal *, int folder, const char *name);

static bool sweep_entry(const struct removal *r, int folder, const char *name,
			on_folder *descend)
{
	struct node n;
	int error = walk_stat(folder, name, &n);

	if (error < 0)
		return tell(r, -error, name);
	if (n.type == NODE_ABSENT)
		return true;
	return n.type == NODE_DIRECTORY ? descend(r, folder, name)
					: remove_file(r, folder, name, &n);
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* One pass over a folder; *n counts what was in it. */
static bool sweep(const struct removal *r, int folder, char *entries,
		  on_folder *descend, size_t *n)
{
	ssize_t size;

	*n = 0;
	while ((size = getdents64(folder, entries, ENTRIES_SIZE)) > 0) {
		for (ssize_t at = 0; at < size;) {
			const struct dirent64 *e = (const void *)(entries + at);

			at += e->d_reclen;
			if (is_dots(e->d_name))
				continue;
			++*n;
			if (!sweep_entry(r, folder, e->d_name, descend))
				return false;
		}
	}
	return size == 0 || tell(r, errno, ".");
}

/* Empties and removes a folder in the top. One pass does, as a rule: what it
 * left, or what others put there since, is for the next pass over the top. */
static bool remove_folder(const struct removal *r, int top, const char *name)
{
	AUTO_FD int fd = open_folder(top, name, r->mount, r->device);
	size_t n;

	if (fd == -ENOENT)
		return true;
	if (fd < 0)
		return tell(r, -fd, name);
	if (!sweep(r, fd, r->entries[1], hoist, &n))
		return false;
	if (unlinkat(top, name, AT_REMOVEDIR) == 0 || errno == ENOENT ||
	    errno == ENOTEMPTY || errno == EEXIST)
		return true;
	return tell(r, errno, name);
}

static bool remove_all(const struct removal *r)
{
	const struct linux_options *o = &r->host->options;
	size_t n;

	do {
		if (o->stopped && o->stopped(o->context))
			return diag_error(r->diags,
					  "'%s' is not yet wholly removed: "
					  "the run was told to stop",
					  r->path);
		if (lseek(r->top, 0, SEEK_SET) < 0)
			return tell(r, errno, ".");
		if (!sweep(r, r->top, r->entries[0], remove_folder, &n))
			return false;
	} while (n);
	return true;
}

static bool remove_top(struct removal *r, const struct walked *w,
		       const char *name)
{
	bool ok;

	r->top = open_folder(w->fd, name, w->mount, w->device);
	if (r->top < 0)
		return tell(r, -r->top, name);
	ok = remove_all(r);
	close(r->top);
	if (ok && unlinkat(w->fd, name, AT_REMOVEDIR) < 0)
		ok = tell(r, errno, name);
	return ok;
}

bool tree_remove(struct linux_host *h, const struct walked *w, const char *name,
		 const char *path, struct map *kept, struct diags *d)
{
	struct removal r = {
		.host = h,
		.mount = w->mount,
		.device = w->device,
		.path = path,
		.kept = kept,
		.shared = ground_is_shared(w),
		.diags = d,
	};
	struct ground g;
	bool ok;

	if (!ground_enter(h, w, &g, d))
		return false;
	r.entries[0] = xrealloc(NULL, ENTRIES_SIZE);
	r.entries[1] = xrealloc(NULL, ENTRIES_SIZE);
	ok = remove_top(&r, w, name);
	free(r.entries[0]);
	free(r.entries[1]);
	ground_leave(&g);
	return ok;
}

/* A temporary name in the folder, told of. What was removed leaves it free for
 * the next one, but where others may have seen it, and make such a name. */
static bool spare_name(struct linux_host *h, const struct walked *w,
		       struct touched *folder, const char *path,
		       struct diags *d)
{
	if (folder->spare[0] && !ground_is_shared(w))
		return true;
	if (temp_name(".converge-", folder->spare, d) &&
	    batch_intend(h, path, folder->spare, d) && batch_intended(h, d))
		return true;
	folder->spare[0] = '\0';
	return false;
}

static int rename_free(int folder, const char *from, const char *to)
{
	return renameat2(folder, from, folder, to, RENAME_NOREPLACE) < 0
		       ? -errno
		       : 0;
}

/* What can be removed all the same, with a moment in which an edit is lost:
 * the file system knows no RENAME_NOREPLACE, is full, or is overlayfs and has
 * a folder in a lower layer. */
static bool cannot_move(int error)
{
	return error == -EINVAL || error == -ENOSYS || error == -ENOSPC ||
	       error == -EDQUOT || error == -EXDEV;
}

/* Why something is not removed. */
struct refusal {
	int error; /* 0: it is; -ESTALE: another is there than expected */
	int stuck; /* why it could not go back to its name, either */
};

static void go_back(const struct walked *w, const char *temp,
		    struct refusal *no)
{
	no->stuck = rename_free(w->fd, temp, w->name);
	if (no->stuck == -ENOENT)
		no->stuck = 0;
}

/* Gives what is expected at the name the temporary one. False with a refusal,
 * and without an error in it when it must be removed where it is. */
static bool move_aside(const struct walked *w, const struct node *expect,
		       const char *temp, struct node *found, struct refusal *no)
{
	no->error = walk_stat(w->fd, w->name, found);
	if (no->error == 0 && !node_stays(expect, *found))
		no->error = -ESTALE;
	if (no->error < 0)
		return false;
	no->error = rename_free(w->fd, w->name, temp);
	if (no->error < 0) {
		if (no->error == -ENOENT)
			no->error = -ESTALE;
		else if (cannot_move(no->error))
			no->error = 0;
		return false;
	}
	no->error = walk_stat(w->fd, temp, found);
	if (no->error == 0 && !place_moved(w, expect, found))
		no->error = -ESTALE;
	if (no->error < 0)
		go_back(w, temp, no);
	return no->error == 0;
}

static void move_and_drop(const struct walked *w, const struct node *expect,
			  const char *temp, struct refusal *no)
{
	bool shared = ground_is_shared(w);
	struct node found;
	bool moved = move_aside(w, expect, temp, &found, no);

	if (!moved && no->error < 0)
		return;
	no->error = drop_name(w->fd, moved ? temp : w->name, &found, shared);
	if (moved && no->error < 0)
		go_back(w, temp, no);
}

static bool refuse(struct linux_host *h, const struct walked *w,
		   struct touched *folder, const char *path,
		   const struct refusal *no, struct diags *d)
{
	char temp[TEMP_SIZE];

	/* It may be taken. */
	memcpy(temp, folder->spare, sizeof(temp));
	folder->spare[0] = '\0';
	if (no->stuck < 0)
		return place_left(h, path, temp, -no->stuck, d);
	if (no->error == -ESTALE)
		return place_conflict(d, path);
	return refused_move(w, path, -no->error, "cannot remove", d);
}

/* What could not be removed of a tree goes back to its name. */
static bool put_back(struct linux_host *h, const struct walked *w,
		     struct touched *folder, const char *path, struct diags *d)
{
	struct refusal no = { 0 };
	struct ground g;

	if (!ground_enter(h, w, &g, d))
		return false;
	go_back(w, folder->spare, &no);
	ground_leave(&g);
	return no.stuck == 0 || refuse(h, w, folder, path, &no, d);
}

static bool remove_tree(struct linux_host *h, const struct walked *w,
			struct touched *folder, const char *path,
			const struct node *expect, struct map *kept,
			struct diags *d)
{
	struct refusal no = { 0 };
	struct node found;
	struct ground g;
	bool moved;

	if (!spare_name(h, w, folder, path, d) || !ground_enter(h, w, &g, d))
		return false;
	moved = move_aside(w, expect, folder->spare, &found, &no);
	ground_leave(&g);
	if (no.error < 0)
		return refuse(h, w, folder, path, &no, d);
	if (tree_remove(h, w, moved ? folder->spare : w->name, path, kept, d))
		return true;
	if (moved)
		put_back(h, w, folder, path, d);
	return false;
}

static bool remove_directory(struct linux_host *h, const struct walked *w,
			     struct touched *folder, const char *path,
			     bool recursive, bool backup, const struct node *n,
			     struct diags *d)
{
	struct map *kept = NULL;
	struct ground g;
	int error;

	if (!tree_removable(w, w->name, path, d))
		return false;
	if (!keep_begin(h, true, d))
		return false;
	if (backup && !tree_keep(h, w, w->name, path, h->host.mark, &kept, d))
		return false;
	if (!keep_sync(h, d))
		return false;
	if (!ground_enter(h, w, &g, d))
		return false;
	error = unlinkat(w->fd, w->name, AT_REMOVEDIR) < 0 ? errno : 0;
	ground_leave(&g);
	if (error == 0 || error == ENOENT)
		return true;
	if (recursive && (error == ENOTEMPTY || error == EEXIST))
		return remove_tree(h, w, folder, path, n, kept, d);
	return refused_move(w, path, error, "cannot remove", d);
}

/* The folder's spare name is told of. */
static bool remove_named(struct linux_host *h, const struct walked *w,
			 struct touched *folder, const char *path,
			 const struct node *n, struct diags *d)
{
	struct refusal no = { 0 };
	struct ground g;

	if (!ground_enter(h, w, &g, d))
		return false;
	move_and_drop(w, n, folder->spare, &no);
	ground_leave(&g);
	return no.error == 0 || refuse(h, w, folder, path, &no, d);
}

static bool remove_one(struct linux_host *h, const struct walked *w,
		       struct touched *folder, const char *path, bool backup,
		       const struct node *n, struct diags *d)
{
	if (!keep_begin(h, false, d))
		return false;
	if (backup &&
	    !keep_name(h, w, w->fd, w->name, path, n, h->host.mark, d))
		return false;
	return keep_sync(h, d) && spare_name(h, w, folder, path, d) &&
	       remove_named(h, w, folder, path, n, d);
}

/* Only what has content has a copy that must be synced first. */
static bool may_wait(const struct linux_host *h, const struct node *n,
		     bool backup)
{
	return h->host.batched && backup && h->options.backup_fd >= 0 && n &&
	       n->type == NODE_FILE;
}

static bool remove_later(struct linux_host *h, const struct walked *w,
			 const char *path, const struct node *n)
{
	static const struct content nothing;
	struct file_write gone = { .content = &nothing, .backup = true };
	struct staged *s;

	gone.path = arena_strdup(&batch_of(h)->arena, path);
	s = batch_next(h, &gone);
	s->removal = true;
	s->shared = ground_is_shared(w);
	s->expect = *n;
	s->folder = touched_at(h, path, w);
	batch_add(h, s);
	return true;
}

bool remove_staged(struct linux_host *h, const struct walked *w,
		   struct staged *s, struct diags *d)
{
	const char *path = s->write.path;

	if (s->expect.type == NODE_ABSENT)
		return true;
	touched_names(h, s->folder, s->mark);
	if (s->temp[0])
		memcpy(s->folder->spare, s->temp, sizeof(s->temp));
	else if (!spare_name(h, w, s->folder, path, d))
		return false;
	if (!remove_named(h, w, s->folder, path, &s->expect, d))
		return false;
	touched_gone(h, path);
	return true;
}

/* Makes room for it, and for what it may be another name of. A removal asks
 * less of its links than a write does. */
static void remove_settle(struct linux_host *h, const char *path,
			  const struct node *expect, bool later)
{
	const struct pending_batch *b = batch_of(h);

	batch_settle(h, path, !expect || expect->type == NODE_DIRECTORY);
	if (!later || b->edits || b->n > b->removals)
		batch_settle_links(h, expect);
	if (later)
		batch_room(h, 0);
}

bool linux_remove(struct host *host, const char *path, bool recursive,
		  bool backup, const struct node *expect, struct diags *d)
{
	struct linux_host *h = (struct linux_host *)(void *)host;
	struct touched *folder;
	struct walked w;
	struct node n;
	int error;
	bool later = may_wait(h, expect, backup);
	bool ok;

	if (path_is_protected(path))
		return diag_error(d, "'%s' is never removed", path);
	remove_settle(h, path, expect, later);
	if (!ground_walk(h, path, &w, d))
		return false;
	error = w.fd < 0 ? 0 : walk_stat(w.fd, w.name, &n);
	if (error < 0)
		return diag_errno(d, -error, "cannot look at '%s'", path);
	if (w.fd < 0 || n.type == NODE_ABSENT)
		return true;
	if (!may_remove(&w, path, d))
		return false;
	if (expect && !node_stays(expect, n))
		return place_conflict(d, path);
	if (later)
		return remove_later(h, &w, path, &n);
	folder = touched_at(h, path, &w);
	touched_names(h, folder, host->mark);
	ok = n.type == NODE_DIRECTORY
		     ? remove_directory(h, &w, folder, path, recursive, backup,
					&n, d)
		     : remove_one(h, &w, folder, path, backup, &n, d);
	if (ok)
		touched_gone(h, path);
	walk_forget(h);
	return ok;
}
