/* SPDX-License-Identifier: MIT */
/* Owner and mode of what is there: never looser, on the way, than the looser
 * of old and new. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host/linux/files/write.h"

/* Only a file or folder is opened: opening a device may do something. */
static int open_node(const struct walked *w, const struct node *n)
{
	/* the root of the host has no name in a folder */
	const char *name = w->name[0] ? w->name : ".";

	if (n->type == NODE_FILE || n->type == NODE_DIRECTORY) {
		int fd = openat(w->fd, name,
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
					O_CLOEXEC);

		if (fd >= 0 || errno != EACCES)
			return fd;
	}
	return openat(w->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

int change_mode(int fd, mode_t mode)
{
	char path[32];

	if (fchmod(fd, mode) == 0)
		return 0;
	if (errno != EBADF)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return fchmodat(AT_FDCWD, path, mode, 0) < 0 ? -errno : 0;
}

struct node perms_over(const struct node *have, const struct perms *p)
{
	struct node n = *have;

	if (p->set & PERM_MODE)
		n.mode = p->mode & 07777;
	if (p->set & PERM_UID)
		n.uid = p->uid;
	if (p->set & PERM_GID)
		n.gid = p->gid;
	return n;
}

/* A new owner gets the old mode for a moment, and the old one the new mode,
 * whichever comes first: so first what both allow. */
static int change(int fd, const struct node *have, const struct node *want)
{
	bool moves = have->uid != want->uid || have->gid != want->gid;
	uint32_t both = have->mode & want->mode;
	int error = 0;

	if (moves && both != have->mode)
		error = change_mode(fd, both);
	/* "": the descriptor itself, of O_PATH or not. */
	if (error == 0 && moves &&
	    fchownat(fd, "", want->uid, want->gid, AT_EMPTY_PATH) < 0)
		error = -errno;
	if (error == 0 && (moves || have->mode != want->mode))
		return change_mode(fd, want->mode);
	/* nothing is done by halves */
	if (error < 0 && both != have->mode)
		change_mode(fd, have->mode);
	return error;
}

/*
 * Whether X cannot do it, and root may: a group that X is not in, for what is
 * X's own and stays X's. Whatever X does meanwhile, it does to that inode.
 */
static bool is_roots_to_give(struct linux_host *h, const struct walked *w,
			     const struct node *have, const struct node *want)
{
	bool moves = have->gid != want->gid || (want->mode & S_ISGID);
	bool plain = have->type == NODE_DIRECTORY ||
		     (have->type == NODE_FILE && have->links < 2);

	return moves && plain && have->uid == w->owner &&
	       want->uid == w->owner && !ground_has_group(h, w, want->gid);
}

int perms_change(struct linux_host *h, const struct walked *w, struct ground *g,
		 int fd, const struct node *have, const struct node *want)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	int error;

	if (!g->entered || !is_roots_to_give(h, w, have, want))
		return change(fd, have, want);
	ground_leave(g);
	error = change(fd, have, want);
	/* what comes after it is X's again */
	return ground_enter(h, w, g, &ignored) ? error : -EPERM;
}

static bool may_change(bool own, const char *path, const struct node *n,
		       struct diags *d)
{
	if (n->type == NODE_LINK)
		return diag_error(d, "'%s' is a link, which has no mode", path);
	if (own || n->type == NODE_DIRECTORY || n->links < 2)
		return true;
	diag_error(d,
		   "'%s' has %llu hard links, in a folder that others than "
		   "root may write to: it may be anyone's file",
		   path, (unsigned long long)n->links);
	diag_hint(d, "remove it, and let it be made anew");
	return false;
}

static bool change_open(struct linux_host *h, const struct walked *w, int fd,
			const char *path, const struct node *have,
			const struct perms *p, struct diags *d)
{
	struct node want = perms_over(have, p);
	struct ground g;
	struct node now;
	int error;

	if (!ground_enter(h, w, &g, d))
		return false;
	error = perms_change(h, w, &g, fd, have, &want);
	ground_leave(&g);
	if (error == 0)
		error = walk_stat(fd, "", &now);
	if (error)
		return refused_change(fd, path, -error, d);
	if (now.mode != want.mode || now.uid != want.uid || now.gid != want.gid)
		return diag_error(d, "'%s' did not take its owner and mode",
				  path);
	return true;
}

/* Opened as X would. 0 or -errno; -ENOENT: it is not there. */
static int open_there(struct linux_host *h, const struct walked *w, int *fd,
		      struct node *have, struct diags *d)
{
	struct ground g;
	int error;

	if (!ground_enter(h, w, &g, d))
		return -EPERM;
	error = walk_stat(w->fd, w->name, have);
	if (error == 0 && have->type == NODE_ABSENT)
		error = -ENOENT;
	if (error == 0) {
		*fd = open_node(w, have);
		error = *fd < 0 ? -errno : walk_stat(*fd, "", have);
	}
	ground_leave(&g);
	return error;
}

static bool set_perms(struct linux_host *h, const struct walked *w,
		      const char *path, const struct perms *p,
		      const struct node *expect, struct node *have,
		      struct diags *d)
{
	bool own = !ground_is_foreign(w) && !ground_is_shared(w);
	AUTO_FD int fd = -1;
	int error = open_there(h, w, &fd, have, d);

	if (error == -ENOENT)
		return place_conflict(d, path);
	if (error < 0)
		return diag_errno(d, -error, "cannot open '%s'", path);
	if (expect && !node_stays(expect, *have))
		return place_conflict(d, path);
	return may_change(own, path, have, d) &&
	       ground_allows(h, w, path, have, p, d) &&
	       change_open(h, w, fd, path, have, p, d);
}

bool linux_set_perms(struct host *host, const char *path, const struct perms *p,
		     const struct node *expect, struct diags *d)
{
	struct linux_host *h = (struct linux_host *)(void *)host;
	struct touched *folder;
	struct walked w;
	struct node n = { 0 };

	batch_settle(h, path, false);
	batch_settle_links(h, expect);
	if (!ground_walk(h, path, &w, d))
		return false;
	if (w.fd < 0)
		return place_conflict(d, path);
	folder = touched_at(h, path, &w);
	if (!set_perms(h, &w, path, p, expect, &n, d))
		return false;
	touched_node(h, folder, host->mark, path, &n);
	/* A folder's owner and mode decide who may walk through it. */
	if (n.type == NODE_DIRECTORY)
		walk_forget(h);
	return true;
}
