/* SPDX-License-Identifier: MIT */
/* Steps 5 to 9 of the write protocol, for all that is staged at once. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/host/linux/files/write.h"

/* Where a batch stands: the files of one folder share its walk. */
struct footing {
	const struct touched *folder;
	struct walked walked;
};

bool place_conflict(struct diags *d, const char *path)
{
	diag_error(d, "'%s' changed since it was looked at", path);
	diag_hint(d, "run again, to see what is there now");
	return false;
}

bool node_stays(const struct node *expect, struct node found)
{
	found.ctime = expect->ctime;
	found.links = expect->links;
	if (expect->type == NODE_DIRECTORY) {
		found.size = expect->size;
		found.mtime = expect->mtime;
		found.mode = expect->mode;
		found.uid = expect->uid;
		found.gid = expect->gid;
	}
	return node_same(expect, &found);
}

static bool is_special(enum node_type type)
{
	return type != NODE_ABSENT && type != NODE_FILE && type != NODE_LINK;
}

bool place_allowed(const struct walked *w, const char *path,
		   const struct node *expect, bool force, struct diags *d)
{
	if (w->fd < 0)
		return diag_error(d, "the folder of '%s' is not there", path);
	if (is_special(expect->type) && !force) {
		diag_error(d, "'%s' is a %s", path,
			   node_type_name(expect->type));
		diag_hint(d, "\"force\": true would replace it");
		return false;
	}
	return expect->type != NODE_DIRECTORY ||
	       tree_removable(w, w->name, path, d);
}

/* Whether just what was expected is still there, by its ctime as well, before
 * anything of the batch is in place: links to one file may be in it. What is
 * to be removed may have got or lost a link since. */
static bool still_there(const struct walked *w, const struct staged *s,
			struct diags *d)
{
	struct node found;
	int error = walk_stat(w->fd, w->name, &found);

	if (error < 0)
		return diag_errno(d, -error, "cannot look at '%s'",
				  s->write.path);
	return (s->removal ? node_stays(&s->expect, found)
			   : node_same(&s->expect, &found)) ||
	       place_conflict(d, s->write.path);
}

bool place_keep(struct linux_host *h, const struct walked *w, struct staged *s,
		struct diags *d)
{
	const char *path = s->write.path;

	if (!still_there(w, s, d))
		return false;
	if (!s->write.backup || s->expect.type == NODE_ABSENT)
		return true;
	if (s->expect.type == NODE_DIRECTORY)
		return tree_keep(h, w, w->name, path, s->mark, &s->kept, d);
	return keep_name(h, w, w->fd, w->name, path, &s->expect, s->mark, d);
}

/* Drops what was staged at the temporary name, if it still is there. */
static void discard(struct linux_host *h, const struct walked *w,
		    struct staged *s)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	AUTO_GROUND struct ground g = { 0 };
	struct node n;

	if (!s->temp[0] || !ground_enter(h, w, &g, &ignored))
		return;
	if (walk_stat(w->fd, s->temp, &n) == 0 && n.inode == s->inode &&
	    n.device == s->device && n.type != NODE_ABSENT)
		unlinkat(w->fd, s->temp, 0);
}

/* Gives a held descriptor a name. 0 or -errno. */
static int link_fd(int fd, int folder, const char *name)
{
	char path[32];

	if (linkat(fd, "", folder, name, AT_EMPTY_PATH) == 0)
		return 0;
	/* open(2): without CAP_DAC_READ_SEARCH it says ENOENT. */
	if (errno != ENOENT && errno != EINVAL && errno != EPERM)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, path, folder, name, AT_SYMLINK_FOLLOW) < 0
		       ? -errno
		       : 0;
}

/* renameat2(2), to a name that must not be there. */
static int rename_new(int folder, const char *temp, const char *name)
{
	if (renameat2(folder, temp, folder, name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (linkat(folder, temp, folder, name, 0) < 0)
		return -errno;
	return unlinkat(folder, temp, 0) < 0 ? -errno : 0;
}

static bool place_new(const struct walked *w, const struct staged *s,
		      struct diags *d)
{
	int error = s->fd >= 0 ? link_fd(s->fd, w->fd, w->name)
			       : rename_new(w->fd, s->temp, w->name);

	if (error == -EEXIST)
		return place_conflict(d, s->write.path);
	return error == 0 ||
	       refused_move(w, s->write.path, -error, "cannot create", d);
}

/* Where names cannot be exchanged: the last look, then rename(2), and a
 * moment between in which another's change would be lost. */
static bool rename_over(const struct walked *w, const struct staged *s,
			bool shared, struct diags *d)
{
	AUTO_FD int old = -1;

	if (s->expect.type == NODE_DIRECTORY)
		return diag_error(d,
				  "'%s' is a directory, and its file system "
				  "cannot exchange it",
				  s->write.path);
	if (s->expect.type == NODE_FILE && (s->expect.mode & 06000) && !shared)
		old = openat(w->fd, w->name,
			     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (!still_there(w, s, d))
		return false;
	if (renameat(w->fd, s->temp, w->fd, w->name) < 0)
		return refused_move(w, s->write.path, errno, "cannot replace",
				    d);
	if (old >= 0 && fchmod(old, 0) < 0)
		return diag_errno(
			d, errno,
			"cannot take the set-id bits of what '%s' was",
			s->write.path);
	return true;
}

bool place_left(struct linux_host *h, const char *path, const char *temp,
		int error, struct diags *d)
{
	/* The only one there is of what somebody wrote meanwhile. */
	batch_disown(h, path, temp, d);
	return diag_errno(d, error,
			  "'%s' changed since it was looked at; what was there "
			  "is '%s' now",
			  path, temp);
}

static bool exchange_back(struct linux_host *h, const struct walked *w,
			  const struct staged *s, struct diags *d)
{
	if (renameat2(w->fd, s->temp, w->fd, w->name, RENAME_EXCHANGE) == 0)
		return place_conflict(d, s->write.path);
	return place_left(h, s->write.path, s->temp, errno, d);
}

/* On overlayfs a rename first copies what a lower layer has, and of a hard
 * link that copy is another inode: "Inode properties" in the kernel's
 * overlayfs.rst. It has the times of the original. */
static bool was_copied_up(const struct walked *w, const struct node *expect,
			  struct node found)
{
	struct statfs f;

	found.device = expect->device;
	found.inode = expect->inode;
	return expect->type == NODE_FILE && expect->links > 1 &&
	       found.links == 1 && fstatfs(w->fd, &f) == 0 &&
	       f.f_type == OVERLAYFS_SUPER_MAGIC && node_stays(expect, found);
}

bool place_moved(const struct walked *w, const struct node *expect,
		 const struct node *found)
{
	return node_stays(expect, *found) || was_copied_up(w, expect, *found);
}

static bool exchange(struct linux_host *h, const struct walked *w,
		     const struct staged *s, bool shared, bool *dropped,
		     struct diags *d)
{
	struct node displaced;
	int error;

	*dropped = false;
	if (renameat2(w->fd, s->temp, w->fd, w->name, RENAME_EXCHANGE) < 0) {
		if (errno == ENOENT)
			return place_conflict(d, s->write.path);
		if (errno != EINVAL && errno != ENOSYS)
			return refused_move(w, s->write.path, errno,
					    "cannot replace", d);
		*dropped = true;
		return rename_over(w, s, shared, d);
	}
	error = walk_stat(w->fd, s->temp, &displaced);
	if (error == 0 && displaced.inode == s->inode &&
	    displaced.device == s->device)
		return diag_error(d,
				  "'%s' was not replaced, although the "
				  "kernel said so",
				  s->write.path);
	if (error < 0 || !place_moved(w, &s->expect, &displaced))
		return exchange_back(h, w, s, d);
	if (displaced.type == NODE_DIRECTORY)
		return true;
	*dropped = true;
	error = drop_name(w->fd, s->temp, &displaced, shared);
	return error == 0 || diag_errno(d, -error,
					"cannot remove what '%s' was: it is "
					"'%s' now",
					s->write.path, s->temp);
}

bool place_over(struct linux_host *h, const struct walked *w, struct staged *s,
		struct diags *d)
{
	bool shared = ground_is_shared(w);
	bool ok, dropped;
	struct ground g;

	if (!ground_enter(h, w, &g, d))
		return false;
	ok = exchange(h, w, s, shared, &dropped, d);
	ground_leave(&g);
	if (ok && !dropped)
		ok = tree_remove(h, w, s->temp, s->write.path, s->kept, d);
	return ok;
}

/* Whether the name leads to what was staged: someone may have swapped it. */
static bool is_placed(const struct walked *w, const struct staged *s,
		      struct diags *d)
{
	struct node n;
	int error = walk_stat(w->fd, w->name, &n);

	if (error < 0)
		return diag_errno(d, -error, "cannot look at '%s'",
				  s->write.path);
	if (n.inode != s->inode || n.device != s->device)
		return diag_error(d, "'%s' was swapped as it was put in place",
				  s->write.path);
	return true;
}

static bool place(struct linux_host *h, const struct walked *w,
		  struct staged *s, struct diags *d)
{
	struct ground g;
	bool ok;

	/* Also when it fails: what was done by then must be durable too. */
	touched_names(h, s->folder, s->mark);
	for (size_t i = 1; s->edit && i < s->edit->n; i++)
		touched_names(h, s->folder, s->edit->parts[i].mark);
	if (s->expect.type != NODE_ABSENT) {
		ok = place_over(h, w, s, d);
	} else {
		if (!ground_enter(h, w, &g, d))
			return false;
		ok = place_new(w, s, d);
		ground_leave(&g);
	}
	return ok;
}

static bool stand(struct linux_host *h, struct footing *f,
		  const struct staged *s, struct diags *d)
{
	if (f->folder == s->folder) {
		f->walked.name = path_name(s->write.path);
		return true;
	}
	f->folder = NULL;
	if (!ground_walk(h, s->write.path, &f->walked, d))
		return false;
	if (f->walked.fd < 0 || f->walked.device != s->folder->device ||
	    f->walked.inode != s->folder->inode)
		return diag_error(d,
				  "the folder of '%s' changed since it was "
				  "looked at",
				  s->write.path);
	f->folder = s->folder;
	return true;
}

/* One step of the batch, done for one file. */
typedef bool batch_step(struct linux_host *, struct footing *, struct staged *,
			struct diags *);

static void staged_fail(struct linux_host *h, struct staged *s,
			const struct diags *d)
{
	s->failed = true;
	if (s->edit)
		edit_fail(h, s->edit, d);
	else
		batch_fail(h, s->mark, d);
}

static void each(struct linux_host *h, batch_step *step)
{
	struct pending_batch *b = h->pending;
	struct footing f = { 0 };

	for (size_t i = 0; i < b->n; i++) {
		AUTO_DIAGS struct diags d = { 0 };
		struct staged *s = &b->staged[i];

		if (s->failed || step(h, &f, s, &d))
			continue;
		staged_fail(h, s, &d);
	}
}

static void fail_all(struct linux_host *h, const struct filesystem *f,
		     const struct diags *d)
{
	struct pending_batch *b = h->pending;

	for (size_t i = 0; i < b->n; i++) {
		struct staged *s = &b->staged[i];

		if (!s->failed && (!f || s->folder->filesystem == f))
			staged_fail(h, s, d);
	}
}

static bool step_keep(struct linux_host *h, struct footing *f, struct staged *s,
		      struct diags *d)
{
	struct node found;

	if (s->expect.type == NODE_ABSENT)
		return true;
	if (!stand(h, f, s, d))
		return false;
	/* Another was faster: nothing is left to be kept or removed. */
	if (s->removal &&
	    walk_stat(f->walked.fd, f->walked.name, &found) == 0 &&
	    found.type == NODE_ABSENT) {
		s->expect = found;
		return true;
	}
	return place_keep(h, &f->walked, s, d);
}

static void keep_all(struct linux_host *h)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct pending_batch *b = h->pending;
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct staged *s = &b->staged[i];

		if (s->write.backup && s->expect.type != NODE_ABSENT)
			n += s->expect.type == NODE_DIRECTORY ? SYNC_EACH_MAX
							      : 1;
	}
	if (!keep_begin(h, n > SYNC_EACH_MAX, &d)) {
		fail_all(h, NULL, &d);
		return;
	}
	each(h, step_keep);
	if (!keep_sync(h, &d))
		fail_all(h, NULL, &d);
}

/* Only what replaces something, or is not held, needs a name for a while; and
 * what is removed, but the next one can have that. */
static bool needs_name(const struct staged *s)
{
	if (s->failed || (s->removal && !s->shared && s->folder->spare[0]))
		return false;
	return s->late || s->expect.type != NODE_ABSENT;
}

static bool name_one(struct linux_host *h, struct staged *s, struct diags *d)
{
	if (!temp_name(".converge-", s->temp, d) ||
	    !batch_intend(h, s->write.path, s->temp, d))
		return false;
	if (s->removal && !s->shared) {
		memcpy(s->folder->spare, s->temp, sizeof(s->temp));
		s->temp[0] = '\0';
	}
	return true;
}

static bool name_each(struct linux_host *h, size_t *n, struct diags *d)
{
	struct pending_batch *b = h->pending;

	for (size_t i = 0; i < b->n; i++) {
		struct staged *s = &b->staged[i];

		/* a removal is not to come before the note of its copy */
		*n += s->removal;
		if (!needs_name(s))
			continue;
		if (!name_one(h, s, d))
			return false;
		++*n;
	}
	return true;
}

/* Names that nobody may have been told of for good. */
static void unname_all(struct linux_host *h)
{
	struct pending_batch *b = h->pending;

	for (size_t i = 0; i < b->n; i++)
		b->staged[i].folder->spare[0] = '\0';
}

static void name_all(struct linux_host *h)
{
	AUTO_DIAGS struct diags d = { 0 };
	size_t n = 0;

	if (name_each(h, &n, &d) && (!n || batch_intended(h, &d)))
		return;
	unname_all(h);
	fail_all(h, NULL, &d);
}

static bool step_stage(struct linux_host *h, struct footing *f,
		       struct staged *s, struct diags *d)
{
	bool ok;

	if (!s->late)
		return true;
	if (!stand(h, f, s, d))
		return false;
	ok = stage_named(h, s, &f->walked, d);
	/* A validator's folder was walked to meanwhile. */
	if (s->write.validate)
		f->folder = NULL;
	return ok;
}

static bool step_sync(struct linux_host *h, struct footing *f, struct staged *s,
		      struct diags *d)
{
	const struct filesystem *fs = s->folder->filesystem;
	int error = 0;

	(void)h;
	(void)f;
	if (s->fd >= 0 && (fs->fd < 0 || fs->staged <= SYNC_EACH_MAX))
		error = sync_fd(s->fd);
	return error == 0 ||
	       diag_errno(d, -error, "cannot sync '%s'", s->write.path);
}

static void sync_all(struct linux_host *h)
{
	struct filesystem *f = h->pending->filesystems;

	each(h, step_sync);
	for (; f; f = f->next) {
		AUTO_DIAGS struct diags d = { 0 };
		int error;

		if (f->fd < 0 || f->staged <= SYNC_EACH_MAX ||
		    (error = sync_whole(f->fd)) == 0)
			continue;
		diag_errno(&d, -error, "cannot sync the new files");
		fail_all(h, f, &d);
	}
}

/* The held file that replaces something gets its temporary name as late as
 * can be, with all its data on disk. */
static bool step_place(struct linux_host *h, struct footing *f,
		       struct staged *s, struct diags *d)
{
	const struct walked *w = &f->walked;
	struct ground g;
	int error;

	if (!stand(h, f, s, d))
		return false;
	if (s->removal)
		return remove_staged(h, w, s, d);
	if (!s->late && s->temp[0]) {
		if (!ground_enter(h, w, &g, d))
			return false;
		error = link_fd(s->fd, w->fd, s->temp);
		ground_leave(&g);
		if (error < 0)
			return diag_errno(d, -error, "cannot replace '%s'",
					  s->write.path);
	}
	return place(h, w, s, d) && is_placed(w, s, d);
}

/* Where a link or folder went away, no walk may lead through it any more. */
static bool step_place_forget(struct linux_host *h, struct footing *f,
			      struct staged *s, struct diags *d)
{
	bool ok = step_place(h, f, s, d);

	if (s->expect.type == NODE_LINK || s->expect.type == NODE_DIRECTORY) {
		walk_forget(h);
		f->folder = NULL;
	}
	return ok;
}

static void clear(struct linux_host *h)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct pending_batch *b = h->pending;
	struct footing f = { 0 };

	for (size_t i = 0; i < b->n; i++) {
		struct staged *s = &b->staged[i];

		if (s->failed && s->temp[0] && s->inode &&
		    stand(h, &f, s, &ignored)) {
			discard(h, &f.walked, s);
			touched_names(h, s->folder, s->mark);
		}
		if (s->fd >= 0)
			close(s->fd);
		s->folder->filesystem->staged = 0;
	}
	b->n = 0;
	b->removals = 0;
	b->held = 0;
	b->bytes = 0;
	b->paths = (struct map){ 0 };
}

void place_all(struct linux_host *h)
{
	if (!h->pending || !h->pending->n)
		return;
	walk_forget(h);
	keep_all(h);
	name_all(h);
	each(h, step_stage);
	sync_all(h);
	each(h, step_place_forget);
	clear(h);
}
