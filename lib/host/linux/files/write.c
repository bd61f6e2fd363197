/* SPDX-License-Identifier: MIT */
/*
 * The write protocol. A file is old or new in whole at every instant:
 *
 *  1. Walk to its folder (walk.c); all after that is by descriptor.
 *  2. Stage: content, owner, mode last, in an inode that has no name
 *     (O_TMPFILE). A batch holds BATCH_HELD of them open; the rest of it is
 *     "late": staged under temporary names when the batch is put in place.
 *  3. Put in place: keep the old contents; tell intend() of all temporary
 *     names of the batch, then intended() once; stage what is late; sync all
 *     new files. So a batch costs one intended() and one sync, however large,
 *     and no name ever exists that the next run would not clean up.
 *  4. A new name: linkat(2) of the descriptor, or renameat2(2) that replaces
 *     nothing. EEXIST is a conflict: somebody else was here.
 *  5. A name in use: RENAME_EXCHANGE, then see what came out. Not what the
 *     change was decided on? Exchange back, conflict: no edit is ever lost.
 *  6. The commit syncs each folder once (durable.c).
 *
 * A file that is removed goes through the same batch: its copy is kept with
 * those of the contents that are replaced, and is as durable as they are
 * before the first name of the batch changes. So many removals cost as few
 * syncs as many writes. See remove.c.
 *
 * What several changes edit waits until it is staged: see edit.c.
 *
 * On another user's ground each change is made as that user (ground.c). In a
 * sticky folder that all may write to (/tmp) root's changes are safe too: no
 * staged inode has a name that could be guessed, none but root can rename or
 * remove root's names there, the exchange shows what it displaced; and what
 * has hard links there keeps its owner and mode, for they may be anyone's.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host/linux/packages/packages.h"

static struct linux_host *writable(struct host *h)
{
	return (struct linux_host *)(void *)h;
}

struct pending_batch *batch_of(struct linux_host *h)
{
	if (!h->pending) {
		h->pending = xrealloc(NULL, sizeof(*h->pending));
		*h->pending = (struct pending_batch){ .keep_fd = -1 };
		h->pending->buffer = xrealloc(NULL, COPY_SIZE);
	}
	return h->pending;
}

void batch_fail(struct linux_host *h, size_t mark, const struct diags *d)
{
	struct pending_batch *b = batch_of(h);
	const struct diag *said = d->n ? &d->v[d->n - 1] : NULL;
	const char *text = said ? said->text : "failed";

	b->failures = arena_grow(&b->arena, b->failures, b->nfailures,
				 &b->failures_capacity, sizeof(*b->failures));
	b->failures[b->nfailures++] = (struct failure){
		.mark = mark,
		.text = said && said->hint ? arena_printf(&b->arena, "%s (%s)",
							  text, said->hint)
					   : arena_strdup(&b->arena, text),
	};
}

static bool batch_has(const struct pending_batch *b, const char *path,
		      bool below)
{
	if (map_get(&b->paths, path))
		return true;
	for (size_t i = 0; below && i < b->n; i++)
		if (path_below(b->staged[i].write.path, path, true))
			return true;
	return false;
}

void batch_settle(struct linux_host *h, const char *path, bool below)
{
	if (!h->pending)
		return;
	if (edit_waits(h->pending, path, below))
		edits_stage(h);
	if (h->pending->n && batch_has(h->pending, path, below))
		place_all(h);
}

void batch_settle_links(struct linux_host *h, const struct node *node)
{
	if (!h->pending || !node || node->type != NODE_FILE || node->links < 2)
		return;
	edits_stage(h);
	if (h->pending->n)
		place_all(h);
}

void batch_room(struct linux_host *h, uint64_t bytes)
{
	const struct pending_batch *b = h->pending;

	if (b && b->n &&
	    (b->n == BATCH_FILES || b->bytes + bytes > BATCH_BYTES))
		place_all(h);
}

struct staged *batch_next(struct linux_host *h, const struct file_write *w)
{
	struct pending_batch *b = batch_of(h);
	struct staged *s;

	b->staged = arena_grow(&b->arena, b->staged, b->n, &b->capacity,
			       sizeof(*s));
	s = &b->staged[b->n];
	*s = (struct staged){
		.write = *w,
		.content = *w->content,
		.mark = h->host.mark,
		.hush = h->host.hush,
		.fd = -1,
	};
	if (w->expect)
		s->expect = *w->expect;
	return s;
}

void batch_add(struct linux_host *h, struct staged *s)
{
	struct pending_batch *b = h->pending;

	b->n++;
	b->removals += s->removal;
	b->held += s->fd >= 0;
	b->bytes += s->content.size;
	s->folder->filesystem->staged += !s->removal;
	map_put(&b->paths, &b->arena, s->write.path, s);
}

bool stage_file(struct linux_host *h, const struct file_write *w,
		const struct edit *e, struct diags *d)
{
	bool possible = false;
	struct walked walked;
	struct staged *s;
	struct node new;

	batch_room(h, w->content->size);
	s = batch_next(h, w);
	if (e) {
		s->edit = e;
		s->mark = e->parts[0].mark;
		s->hush = e->hush;
	}
	if (!ground_walk(h, w->path, &walked, d) ||
	    !place_allowed(&walked, w->path, &s->expect, w->force, d))
		return false;
	ground_own_group(&walked, &s->write.perms);
	new = ground_new(h, &walked, NODE_FILE);
	if (!ground_allows(h, &walked, w->path, &new, &w->perms, d))
		return false;
	s->folder = touched_at(h, w->path, &walked);
	if (h->pending->held < BATCH_HELD &&
	    !stage_unnamed(h, s, &walked, &possible, d))
		return false;
	s->late = !possible;
	batch_add(h, s);
	return true;
}

bool linux_replace(struct host *host, const struct file_write *w,
		   struct diags *d)
{
	struct linux_host *h = writable(host);

	batch_settle(h, w->path, w->force);
	return stage_file(h, w, NULL, d);
}

/* Owner and mode of a folder that was just made, if it is that one. */
static bool directory_dress(struct linux_host *h, const struct walked *w,
			    struct ground *g, int fd, const struct perms *p,
			    struct node *n)
{
	struct node want;
	int error;

	if (walk_stat(fd, "", n) < 0)
		return false;
	/* As made by mkdirat(2), so not one that took its place. Its mode says
	 * nothing: some file systems have none (vfat). */
	if (n->uid != geteuid() || n->links > 2) {
		errno = EEXIST;
		return false;
	}
	want = perms_over(n, p);
	if (!(p->set & PERM_MODE))
		want.mode = 0700;
	error = perms_change(h, w, g, fd, n, &want);
	if (error == 0)
		error = walk_stat(fd, "", n);
	errno = error < 0 ? -error : EPERM;
	return error == 0 && n->mode == want.mode && n->uid == want.uid &&
	       n->gid == want.gid;
}

/* 0 or -errno. On failure the folder is gone again. */
static int directory_make(struct linux_host *h, const struct walked *w,
			  struct ground *g, const struct perms *p,
			  struct node *n)
{
	mode_t mask = umask(0);
	int r = mkdirat(w->fd, w->name, 0700);
	int error = r < 0 ? -errno : 0;

	umask(mask);
	if (error < 0)
		return error;

	AUTO_FD int fd =
		openat(w->fd, w->name,
		       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && directory_dress(h, w, g, fd, p, n))
		return 0;
	error = -errno;
	if (error != -EEXIST)
		unlinkat(w->fd, w->name, AT_REMOVEDIR);
	return error;
}

bool linux_make_directory(struct host *host, const char *path,
			  const struct perms *p, struct diags *d)
{
	struct linux_host *h = writable(host);
	struct perms perms = *p;
	struct walked w;
	struct ground g;
	struct node n;
	struct touched *folder;
	int error;

	batch_settle(h, path, false);
	if (!ground_walk(h, path, &w, d))
		return false;
	if (w.fd < 0)
		return diag_error(d, "the folder of '%s' is not there", path);
	ground_own_group(&w, &perms);
	n = ground_new(h, &w, NODE_DIRECTORY);
	if (!ground_allows(h, &w, path, &n, &perms, d))
		return false;
	folder = touched_at(h, path, &w);
	if (!ground_enter(h, &w, &g, d))
		return false;
	error = directory_make(h, &w, &g, &perms, &n);
	ground_leave(&g);
	if (error == -EEXIST)
		place_conflict(d, path);
	else if (error < 0)
		refused_move(&w, path, -error, "cannot make the directory", d);
	walk_forget(h);
	if (error < 0)
		return false;
	touched_names(h, folder, host->mark);
	touched_node(h, folder, host->mark, path, &n);
	return true;
}

/* 0 or -errno: then it is not there. */
static int link_dressed(const struct walked *w, const char *target,
			const char *name)
{
	struct perms p = { 0 };
	int error;

	if (symlinkat(target, w->fd, name) < 0)
		return -errno;
	ground_own_group(w, &p);
	if (!(p.set & PERM_GID) ||
	    fchownat(w->fd, name, (uid_t)-1, p.gid, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	error = -errno;
	unlinkat(w->fd, name, 0);
	return error;
}

static int link_new(struct linux_host *h, const struct walked *w,
		    const char *target, const char *name, struct diags *d)
{
	struct ground g;
	int error;

	if (!ground_enter(h, w, &g, d))
		return -EPERM;
	error = link_dressed(w, target, name);
	ground_leave(&g);
	return error;
}

static void link_drop(struct linux_host *h, const struct walked *w,
		      const struct staged *s)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct ground g;
	struct node n;

	if (!ground_enter(h, w, &g, &ignored))
		return;
	if (walk_stat(w->fd, s->temp, &n) == 0 && n.type == NODE_LINK &&
	    n.inode == s->inode && n.device == s->device)
		unlinkat(w->fd, s->temp, 0);
	ground_leave(&g);
}

/* Exchanges a new link, at a temporary name, with what is there. */
static bool link_over(struct linux_host *h, const struct walked *w,
		      struct staged *s, const char *target, struct diags *d)
{
	struct node n;
	int error;

	if (!keep_begin(h, s->expect.type == NODE_DIRECTORY, d))
		return false;
	if (!place_keep(h, w, s, d) || !keep_sync(h, d) ||
	    !temp_name(".converge-", s->temp, d) ||
	    !batch_intend(h, s->write.path, s->temp, d) ||
	    !batch_intended(h, d))
		return false;
	error = link_new(h, w, target, s->temp, d);
	if (error == 0)
		error = walk_stat(w->fd, s->temp, &n);
	if (error)
		return refused_move(w, s->write.path, -error,
				    "cannot make the link", d);
	s->device = n.device;
	s->inode = n.inode;
	touched_names(h, s->folder, s->mark);
	if (place_over(h, w, s, d))
		return true;
	link_drop(h, w, s);
	return false;
}

static bool link_make(struct linux_host *h, struct staged *s,
		      const char *target, struct diags *d)
{
	const char *path = s->write.path;
	struct walked w;
	struct node now;
	int error;

	if (!ground_walk(h, path, &w, d))
		return false;
	/* its other names may have been settled */
	if (s->expect.links > 1 && w.fd >= 0 &&
	    walk_stat(w.fd, w.name, &now) == 0 && node_stays(&s->expect, now))
		s->expect = now;
	if (!place_allowed(&w, path, &s->expect, s->write.force, d))
		return false;
	s->folder = touched_at(h, path, &w);
	if (s->expect.type != NODE_ABSENT)
		return link_over(h, &w, s, target, d);
	error = link_new(h, &w, target, w.name, d);
	if (error == -EEXIST)
		return place_conflict(d, path);
	if (error < 0)
		return refused_move(&w, path, -error, "cannot make the link",
				    d);
	touched_names(h, s->folder, s->mark);
	return true;
}

bool linux_make_link(struct host *host, const char *path, const char *target,
		     const struct node *expect, bool force, struct diags *d)
{
	struct linux_host *h = writable(host);
	struct staged s = { .write = { .path = path, .force = force },
			    .mark = host->mark,
			    .fd = -1 };
	bool ok;

	if (expect)
		s.expect = *expect;
	if (s.expect.type == NODE_FILE && !force) {
		diag_error(d, "'%s' is a file", path);
		diag_hint(d, "\"force\": true would replace it");
		return false;
	}
	/* What a link displaces by force cannot be made again from it. */
	s.write.backup = s.expect.type != NODE_LINK;
	batch_settle(h, path, force);
	batch_settle_links(h, &s.expect);
	ok = link_make(h, &s, target, d);
	walk_forget(h);
	return ok;
}

static void batch_release(struct linux_host *h)
{
	struct pending_batch *b = h->pending;

	for (size_t i = 0; i < b->n; i++)
		if (b->staged[i].fd >= 0)
			close(b->staged[i].fd);
	keep_end(b);
	durable_release(h);
	buf_release(&b->made);
	arena_release(&b->arena);
	/* files were copied by it that may hold secrets */
	explicit_bzero(b->buffer, COPY_SIZE);
	free(b->buffer);
	free(b);
	h->pending = NULL;
}

static bool finish(struct linux_host *h, host_failed *failed, void *context,
		   struct diags *d)
{
	bool ok = true;

	if (!h->pending)
		return true;
	edits_stage(h);
	place_all(h);
	durable_sync(h);
	for (size_t i = 0; i < h->pending->nfailures; i++) {
		const struct failure *f = &h->pending->failures[i];

		if (failed)
			failed(context, f->mark, f->text);
		else
			ok = diag_error(d, "%s", f->text);
	}
	batch_release(h);
	return ok;
}

/* True also when changes failed: then failed was told of each. Packages come
 * after all files: among those may be where packages come from. */
bool linux_commit(struct host *host, host_failed *failed, void *context,
		  struct diags *d)
{
	struct linux_host *h = writable(host);
	bool ok = finish(h, failed, context, d);

	if (!h->packages->n)
		return ok;
	packages_commit(h);
	return finish(h, failed, context, d) && ok;
}

void linux_write_release(struct linux_host *h)
{
	if (h->pending)
		batch_release(h);
}
