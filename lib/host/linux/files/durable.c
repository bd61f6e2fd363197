/* SPDX-License-Identifier: MIT */
/*
 * What must be on disk before a commit is done. Each folder is synced once,
 * however much changed in it; where much changed on one file system, one
 * syncfs(2) does for all. A sync that failed is never tried again: the kernel
 * then calls pages clean that never were written (fsync(2), NOTES).
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/host/linux/files/write.h"

int sync_fd(int fd)
{
	int r;

	do {
		r = fsync(fd);
	} while (r < 0 && errno == EINTR);
	/* EINVAL: what has no storage to sync, as on some FUSE mounts. */
	return r < 0 && errno != EINVAL ? -errno : 0;
}

int sync_whole(int fd)
{
	int r;

	do {
		r = syncfs(fd);
	} while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

int sync_folder(int fd)
{
	AUTO_FD int open = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return open < 0 ? -errno : sync_fd(open);
}

static struct filesystem *filesystem_at(struct linux_host *h,
					const struct walked *w)
{
	struct pending_batch *b = batch_of(h);
	struct filesystem *f = b->filesystems;

	while (f && f->device != w->device)
		f = f->next;
	if (f)
		return f;
	f = arena_new(&b->arena, struct filesystem);
	f->device = w->device;
	f->fd = -1;
	if (b->nfilesystems++ < BATCH_FILESYSTEMS)
		f->fd = openat(w->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	f->next = b->filesystems;
	b->filesystems = f;
	return f;
}

struct touched *touched_at(struct linux_host *h, const char *path,
			   const struct walked *w)
{
	struct pending_batch *b = batch_of(h);
	struct touched *t = map_getn(&b->folders, path, path_parent(path));

	if (t && t->device == w->device && t->inode == w->inode && !t->gone)
		return t;
	t = arena_new(&b->arena, struct touched);
	t->path = arena_strndup(&b->arena, path, path_parent(path));
	t->device = w->device;
	t->inode = w->inode;
	t->filesystem = filesystem_at(h, w);
	t->next = b->touched;
	b->touched = t;
	map_put(&b->folders, &b->arena, t->path, t);
	return t;
}

static struct change *change_add(struct linux_host *h, struct touched *t,
				 size_t mark)
{
	struct pending_batch *b = batch_of(h);
	struct change *c;

	b->changes = arena_grow(&b->arena, b->changes, b->nchanges,
				&b->changes_capacity, sizeof(*c));
	c = &b->changes[b->nchanges++];
	*c = (struct change){ .mark = mark, .folder = t };
	return c;
}

void touched_names(struct linux_host *h, struct touched *t, size_t mark)
{
	change_add(h, t, mark);
	if (!t->dirty)
		t->filesystem->dirty++;
	t->dirty = true;
}

void touched_node(struct linux_host *h, struct touched *t, size_t mark,
		  const char *path, const struct node *n)
{
	struct change *c = change_add(h, t, mark);

	batch_of(h)->nnodes++;
	c->path = arena_strdup(&batch_of(h)->arena, path);
	c->device = n->device;
	c->inode = n->inode;
	c->type = n->type;
	t->filesystem->dirty++;
	/* Opening a device or a FIFO, only to sync it, may do something. */
	if (n->type != NODE_FILE && n->type != NODE_DIRECTORY)
		t->filesystem->whole = true;
}

void touched_gone(struct linux_host *h, const char *path)
{
	struct pending_batch *b = batch_of(h);

	for (struct touched *t = b->touched; t; t = t->next)
		if (path_below(t->path, path, true))
			t->gone = true;
	for (size_t i = 0; b->nnodes && i < b->nchanges; i++) {
		struct change *c = &b->changes[i];

		if (c->path && path_below(c->path, path, true))
			c->path = NULL;
	}
}

/* The folder again, by a fresh walk: what was done to one that was moved away
 * meanwhile was done somewhere else. */
static int touched_walk(struct linux_host *h, const struct touched *t,
			struct walked *w)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_BUF struct buf path = { 0 };

	buf_puts(&path, strcmp(t->path, "/") == 0 ? "" : t->path);
	buf_puts(&path, "/x");
	if (!walk_parent(h, buf_text(&path), w, &d))
		return -EPERM;
	if (w->fd < 0 || w->device != t->device || w->inode != t->inode)
		return -ESTALE;
	return 0;
}

static bool sync_each(const struct filesystem *f)
{
	return f->fd < 0 || (f->dirty <= SYNC_EACH_MAX && !f->whole);
}

static void filesystem_sync(struct filesystem *f)
{
	if (f->dirty && !sync_each(f))
		f->error = sync_whole(f->fd);
}

static void touched_sync(struct linux_host *h, struct touched *t)
{
	struct walked w;

	if (!t->dirty || t->gone)
		return;
	t->error = touched_walk(h, t, &w);
	if (t->error == 0)
		t->error = sync_each(t->filesystem) ? sync_folder(w.fd)
						    : t->filesystem->error;
}

static int node_open(const struct walked *w, const struct change *c)
{
	struct node n;
	int fd = openat(w->fd, path_name(c->path),
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
				O_CLOEXEC);

	if (fd >= 0 && walk_stat(fd, "", &n) == 0 && n.device == c->device &&
	    n.inode == c->inode)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* A node that cannot be opened, or that another took the place of, is synced
 * with its file system. */
static int node_sync(struct linux_host *h, const struct change *c)
{
	AUTO_FD int fd = -1;
	AUTO_FD int whole = -1;
	struct walked w;
	int error = touched_walk(h, c->folder, &w);

	if (error < 0)
		return error;
	if (c->type == NODE_FILE || c->type == NODE_DIRECTORY)
		fd = node_open(&w, c);
	if (fd >= 0)
		return sync_fd(fd);
	whole = openat(w.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return whole < 0 ? -errno : sync_whole(whole);
}

static void change_fail(struct linux_host *h, const struct change *c, int error)
{
	AUTO_DIAGS struct diags d = { 0 };

	if (error == -ESTALE)
		diag_error(&d, "'%s' was moved away while it was written to",
			   c->folder->path);
	else if (error == -EPERM)
		diag_error(&d,
			   "'%s' can no longer be walked to safely: what was "
			   "written there may not be durable",
			   c->folder->path);
	else
		diag_errno(&d, -error, "cannot make '%s' durable",
			   c->path ? c->path : c->folder->path);
	batch_fail(h, c->mark, &d);
}

static void change_sync(struct linux_host *h, const struct change *c)
{
	const struct touched *t = c->folder;
	int error = t->error;

	if (t->gone)
		return;
	if (error == 0 && c->path)
		error = sync_each(t->filesystem) ? node_sync(h, c)
						 : t->filesystem->error;
	if (error < 0)
		change_fail(h, c, error);
}

void durable_sync(struct linux_host *h)
{
	struct pending_batch *b = batch_of(h);

	if (!b->nchanges)
		return;
	walk_forget(h);
	for (struct filesystem *f = b->filesystems; f; f = f->next)
		filesystem_sync(f);
	for (struct touched *t = b->touched; t; t = t->next)
		touched_sync(h, t);
	for (size_t i = 0; i < b->nchanges; i++)
		change_sync(h, &b->changes[i]);
}

void durable_release(struct linux_host *h)
{
	for (struct filesystem *f = h->pending->filesystems; f; f = f->next)
		if (f->fd >= 0)
			close(f->fd);
}
