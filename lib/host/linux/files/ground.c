/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/files/ground.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host/linux/files/write.h"
#include "lib/host/owning.h"

enum { NO_GROUP = 65534 };

bool ground_is_foreign(const struct walked *w)
{
	return w->owner != 0 && geteuid() == 0;
}

bool ground_is_shared(const struct walked *w)
{
	struct stat s;

	if ((w->own && !w->safe) || fstat(w->fd, &s) < 0)
		return true;
	return (s.st_mode & S_IWOTH) ||
	       ((s.st_mode & S_IWGRP) && s.st_gid != 0);
}

/* Of a user without an account: never root's, even where root gave it a folder
 * of group root. */
static gid_t group_of(const struct walked *w)
{
	return w->group ? w->group : NO_GROUP;
}

static struct identity *identity_find(const struct pending_batch *b,
				      const struct walked *w)
{
	struct identity *who = b->identities;

	while (who && (who->uid != w->owner ||
		       (!who->has_account && who->gid != group_of(w))))
		who = who->next;
	return who;
}

static void identity_learn(struct linux_host *h, const struct walked *w)
{
	struct pending_batch *b = batch_of(h);
	struct identity *who = arena_new(&b->arena, struct identity);
	const char *name = accounts_user_name(h, w->owner, &b->arena);
	uint32_t uid, primary;

	who->uid = w->owner;
	who->gid = group_of(w);
	if (accounts_user_id(h, name, &uid, &primary) && uid == w->owner) {
		who->has_account = true;
		who->gid = primary;
		who->n = accounts_groups(h, name, who->groups, GROUND_GROUPS);
	}
	who->next = b->identities;
	b->identities = who;
}

/* A path that was asked for is never one of these (path.h), but a link may
 * lead there. */
static bool is_of_host(const struct walked *w, const char *path,
		       struct diags *d)
{
	const char *real = walk_real(w, &d->arena);

	if (!path_is_foreign(real) || strcmp(real, path) == 0)
		return true;
	return diag_error(d, "'%s' is '%s', where nothing is managed", path,
			  real);
}

bool ground_walk(struct linux_host *h, const char *path, struct walked *w,
		 struct diags *d)
{
	if (!walk_parent(h, path, w, d) ||
	    (w->fd >= 0 && !is_of_host(w, path, d)))
		return false;
	if (w->fd < 0 || !ground_is_foreign(w) || identity_find(batch_of(h), w))
		return true;
	/* Accounts are read by walking, which ends what w borrows. */
	identity_learn(h, w);
	return walk_parent(h, path, w, d);
}

bool ground_has_group(struct linux_host *h, const struct walked *w, gid_t group)
{
	const struct identity *who = identity_find(batch_of(h), w);

	for (size_t i = 0; who && i < who->n; i++)
		if (who->groups[i] == group)
			return true;
	return who && who->gid == group;
}

struct node ground_new(struct linux_host *h, const struct walked *w,
		       enum node_type type)
{
	struct node n = { .type = type, .uid = w->owner, .gid = w->group };
	const struct identity *who;
	struct stat s;

	/* inode(7): the folder's group, if that has the set-gid bit */
	if (!ground_is_foreign(w) ||
	    (fstat(w->fd, &s) == 0 && (s.st_mode & S_ISGID)))
		return n;
	who = identity_find(batch_of(h), w);
	if (who)
		n.gid = who->gid;
	return n;
}

void ground_own_group(const struct walked *w, struct perms *p)
{
	struct stat s;

	if ((p->set & PERM_GID) || ground_is_foreign(w) ||
	    fstat(w->fd, &s) < 0 || !(s.st_mode & S_ISGID))
		return;
	p->set |= PERM_GID;
	p->gid = getegid();
}

bool ground_allows(struct linux_host *h, const struct walked *w,
		   const char *path, const struct node *have,
		   const struct perms *p, struct diags *d)
{
	const struct owning o = {
		.path = path,
		.owner = w->owner,
		.have = have,
		.perms = p,
		.member = ground_has_group(h, w, owning_group(have, p)),
	};

	return !ground_is_foreign(w) || owning_allows(&h->host, &o, d);
}

bool ground_enter(struct linux_host *h, const struct walked *w,
		  struct ground *g, struct diags *d)
{
	const struct identity *who;
	int error, n;

	*g = (struct ground){ 0 };
	if (!ground_is_foreign(w))
		return true;
	who = identity_find(batch_of(h), w);
	if (!who)
		return diag_error(d, "user %u is not known", w->owner);
	n = getgroups(GROUND_GROUPS, g->groups);
	if (n < 0)
		return diag_errno(d, errno,
				  "cannot read this process's groups");
	g->n = (size_t)n;
	g->uid = geteuid();
	g->gid = getegid();
	g->entered = true;
	/* The user last: without root the groups could not be set. */
	if (setgroups(who->n, who->groups) == 0 && setegid(who->gid) == 0 &&
	    seteuid(who->uid) == 0 && geteuid() == who->uid &&
	    getegid() == who->gid)
		return true;
	error = errno;
	ground_leave(g);
	return diag_errno(d, error, "cannot act as user %u", w->owner);
}

static bool groups_are(const struct ground *g)
{
	gid_t groups[GROUND_GROUPS];
	int n = getgroups(GROUND_GROUPS, groups);

	return n >= 0 && (size_t)n == g->n &&
	       memcmp(groups, g->groups, g->n * sizeof(*groups)) == 0;
}

void ground_leave(struct ground *g)
{
	static const char text[] =
		"converge: cannot become itself again after acting as another "
		"user\n";
	int error = errno;

	if (!g->entered)
		return;
	g->entered = false;
	if (seteuid(g->uid) == 0 && setegid(g->gid) == 0 &&
	    setgroups(g->n, g->groups) == 0 && geteuid() == g->uid &&
	    getegid() == g->gid && groups_are(g)) {
		errno = error;
		return;
	}
	/* Going on as somebody else would spoil everything after this. */
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(4);
	_exit(4);
}
