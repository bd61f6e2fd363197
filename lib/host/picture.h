/* SPDX-License-Identifier: MIT */
/*
 * A tree of nodes in memory: what host_overlay knows beyond its base, and all
 * that host_snapshot is. A node that is not known lets the base show through;
 * without a base there is nothing behind. Nothing here touches a disk.
 *
 * The functions below the tree have the signatures of struct host_looks and
 * struct host_writes, for a host that begins with a struct picture_host.
 */
#ifndef CONVERGE_HOST_PICTURE_H
#define CONVERGE_HOST_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/map.h"
#include "lib/host/host.h"

struct picture_node {
	const char *path; /* canonical: no component of it is a link */
	struct picture_node *parent;
	struct picture_node *first, *next; /* child, sibling */
	bool known;  /* by the picture; else the base's node shows through */
	bool bare;   /* nothing of the base shows below it */
	bool own;    /* content and target are the picture's, not the base's */
	bool probed; /* whether veil is known */
	bool open;   /* of a folder: what else is in it nobody has recorded */
	bool passed; /* it is not known, and was only on the way to something */
	struct node node;
	struct content content;
	const char *target;
	/* Why the base lets nobody pass this folder, which the picture has
	 * changed so that an apply will pass it; or NULL. What is in it stays
	 * unknown until then. */
	const char *veil;
};

struct picture {
	const struct host *self; /* that it is the picture of */
	const struct host *base; /* borrowed; or NULL */
	bool written;            /* false: all answers are the base's */
	bool copies;             /* content is copied, not borrowed */
	bool partial; /* a folder is open unless it is said not to be */
	bool closed;  /* what is open holds nothing else, for now */
	struct arena arena;
	struct map nodes; /* by canonical path */
	struct picture_node *root;
	struct arena folder_arena;
	struct map folders; /* struct folder of a path as it was asked for */
	struct buf path;    /* scratch of the walk */
	/* Of files of many names whose perms were changed by one of them:
	 * struct node by device and inode. */
	struct map linked;
	struct map units; /* struct picture_unit by id */
	struct picture_unit *first_unit;
};

/* What the picture says of a unit; the rest is its base's and its files'. */
struct picture_unit {
	const char *id;
	bool has_active, has_enabled, has_install;
	enum unit_active active;
	enum unit_enabled enabled;
	enum unit_enabled install; /* see host_unit_install */
	/* What it runs with is older than this file; NULL: nobody says so. */
	const char *newer;
	int64_t since; /* see struct unit_age */
	struct picture_unit *next;
};

struct picture_host {
	struct host host; /* first */
	struct picture *picture;
};

/* Content above this is kept by its digest alone when it is copied. */
enum { PICTURE_COPY_MAX = 1 << 20 };

struct picture *picture_new(const struct host *self, const struct host *base);
void picture_free(struct picture *);
/* The known node at a canonical path. It is absent if it is new; folders above
 * it that are not known become directories, 0755 and root's. */
struct picture_node *picture_plant(struct picture *, const char *path);
/* All nodes, each after its parent; NULL after the last, the first for NULL. */
struct picture_node *picture_next(const struct picture *,
				  const struct picture_node *);
/* path and what of its parents is missing become unknown. */
bool picture_promise(struct picture *, const char *path, const char *because,
		     struct diags *);

/* As picture_set_perms, by a command that is root wherever it works. */
bool picture_own(struct host *, const char *path, const struct perms *,
		 struct diags *);
/* What a change of a user does to its home. */
bool picture_follow_user(struct host *, const struct user_change *,
			 struct diags *);

bool picture_look(const struct host *, const char *path, struct node *,
		  struct diags *);
bool picture_read_link(const struct host *, const char *path, struct arena *,
		       const char **target, struct diags *);
bool picture_list(const struct host *, const char *path, struct arena *,
		  struct strings *, struct diags *);
bool picture_compare(const struct host *, const char *path,
		     const struct content *, enum match *, struct diags *);
bool picture_read(const struct host *, const char *path, size_t limit,
		  struct buf *, bool *whole, struct diags *);
/* Nothing that only a picture has is. */
bool picture_capable(const struct host *, const char *path);
/* No picture asks anybody. */
bool picture_fetch(const struct host *, const struct git_request *,
		   struct git_source *, struct arena *, struct diags *);
/* As the host behind it does. */
bool picture_recall(const struct host *, const struct tarball_request *,
		    struct tarball *, struct arena *, struct diags *);
bool picture_download(const struct host *, const struct tarball_request *,
		      struct tarball *, struct arena *, struct diags *);
bool picture_read_marked(const struct host *, const char *path, size_t limit,
			 struct buf *, const struct tree **world, bool *whole,
			 struct diags *);
bool picture_same(const struct host *, const struct content *,
		  const struct content *, enum match *, struct diags *);
bool picture_digest(const struct host *, const char *path, struct content *,
		    struct diags *);

/* picture_unit.c: made when it is not there. */
struct picture_unit *picture_unit(struct picture *, const char *id);
bool picture_unit_known(const struct host *, const char *id,
			enum unit_enabled *);
bool picture_unit_install(const struct host *, const char *id,
			  enum unit_enabled *);
bool picture_unit_state(const struct host *, struct unit *, struct arena *,
			struct diags *);
bool picture_unit_age(const struct host *, const struct unit *,
		      const struct strings *paths, struct arena *,
		      struct unit_age *, struct diags *);
bool picture_unit_change(struct host *, const struct unit_change *,
			 struct arena *, struct diags *);

bool picture_replace(struct host *, const struct file_write *, struct diags *);
bool picture_make_directory(struct host *, const char *path,
			    const struct perms *, struct diags *);
bool picture_make_link(struct host *, const char *path, const char *target,
		       const struct node *expect, bool force, struct diags *);
bool picture_set_perms(struct host *, const char *path, const struct perms *,
		       const struct node *expect, struct diags *);
bool picture_remove(struct host *, const char *path, bool recursive,
		    bool backup, const struct node *expect, struct diags *);
bool picture_set_kernel(struct host *, const char *path, const char *value,
			struct diags *);
bool picture_mount(struct host *, const struct mount_change *, struct arena *,
		   struct outcome *, struct diags *);
bool picture_unpack(struct host *, const struct folder_write *, struct diags *);
bool picture_commit(struct host *, host_failed *, void *context,
		    struct diags *);

#endif
