/* SPDX-License-Identifier: MIT */
/*
 * The inside of host_linux: its state, and the path walk that everything in
 * this folder goes through. A path is resolved once, component by component,
 * with openat(2) O_PATH|O_NOFOLLOW; all further work is *at() on the
 * descriptor that the walk gives.
 */
#ifndef CONVERGE_HOST_LINUX_FILES_WALK_H
#define CONVERGE_HOST_LINUX_FILES_WALK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/host/linux/linux.h"
#include "lib/host/linux/systemd/units.h"

struct units;         /* units.c: what the manager has told */
struct accounts;      /* accounts.c: users and groups of the tree */
struct walk_cache;    /* walk.c: descriptors of folders walked lately */
struct pending_batch; /* write.c: what is staged for the next commit */
struct packages;      /* packages.c: what package managers know */
struct vault;         /* vault.c: secrets that were opened */
struct remotes;       /* remote.c: what was fetched */
struct download;      /* download.c: what was downloaded */

struct linux_host {
	struct host host; /* first: a struct host * is one of these */
	struct linux_options options;
	int root_fd; /* O_PATH of options.root */
	struct arena arena;
	struct accounts *accounts;
	struct units *units;
	struct walk_cache *cache;
	struct pending_batch *pending;
	struct packages *packages;
	struct vault *vault;
	struct remotes *remotes;
	struct download *download;
};

static inline const struct linux_host *linux_of(const struct host *h)
{
	return (const struct linux_host *)(const void *)h;
}

/* The folder that holds a path. */
struct walked {
	int fd;      /* O_PATH|O_DIRECTORY, borrowed from the cache: valid
		      * until the next walk; -1: there is none */
	uid_t owner; /* whose ground it is: 0 (or this process's own user),
		      * or the user X below whose folder it lies: all that
		      * changes there is done as X */
	gid_t group;
	bool own;  /* root's ground */
	bool safe; /* and none but root can add or change names there */
	uint64_t device, inode, mount; /* mount: stx_mnt_id of statx(2) */
	const char *real; /* its path without links, "" for the root; borrowed
			   * as fd is */
	const char *name; /* last component of the path asked for */
};

/*
 * Walks to the folder of path. True with fd -1 when a component is missing or
 * is no directory. False with a diagnostic that names the component and its
 * owner when one must not be passed: a link that others than root could have
 * planted, a folder that others may write to, a second owner. A folder that
 * is sticky and writable by all (/tmp) may be passed for looking; writing in
 * it is decided by the writer (ground_is_shared).
 */
bool walk_parent(const struct linux_host *, const char *path, struct walked *,
		 struct diags *);
/* Makes the cache, which begins with the root; once, when the host is opened:
 * whoever the process is then counts as root. */
bool walk_init(struct linux_host *, struct diags *);
/* Forgets cached folders: after a folder or link was made, removed, turned,
 * or a folder got another owner or mode, or a command ran. */
void walk_forget(const struct linux_host *);
void walk_release(struct linux_host *);

/* The path of what was walked for, without links; in the arena. */
const char *walk_real(const struct walked *, struct arena *);
/* Whether an access control list says more of the folder fd than its mode
 * does (acl(5)). */
bool walk_has_list(int fd);

/* stat of name in the folder fd, links not followed; a missing one is
 * NODE_ABSENT; 0 or -errno. */
int walk_stat(int fd, const char *name, struct node *);
/* The names in the folder fd (not O_PATH), sorted; 0 or -errno. */
int walk_names(int fd, struct arena *, struct strings *names);

/* Users and groups of <root>/etc/passwd and group; for the real root also of
 * whatever nsswitch.conf(5) names, when the files do not have them. */
void accounts_init(struct linux_host *);
/* Looks at the files again, before the next answer, and reads what changed. */
void accounts_forget(const struct linux_host *);
/* primary_group may be NULL. */
bool accounts_user_id(const struct linux_host *, const char *name, uint32_t *id,
		      uint32_t *primary_group);
bool accounts_group_id(const struct linux_host *, const char *name,
		       uint32_t *id);
const char *accounts_user_name(const struct linux_host *, uint32_t id,
			       struct arena *);
const char *accounts_group_name(const struct linux_host *, uint32_t id,
				struct arena *);
/* Groups that the user is a member of, its primary one first. */
size_t accounts_groups(const struct linux_host *, const char *user,
		       gid_t *groups, size_t max);
void accounts_release(struct linux_host *);

/* accounts_look.c */
bool linux_user(const struct host *, const char *name, struct arena *,
		struct user *, bool *there, struct diags *);
bool linux_group(const struct host *, const char *name, struct arena *,
		 struct user_group *, bool *there, struct diags *);
bool linux_users(const struct host *, struct arena *, struct strings *,
		 struct diags *);
bool linux_groups(const struct host *, struct arena *, struct strings *,
		  struct diags *);
/* accounts_set.c */
bool linux_set_user(struct host *, const struct user_change *, struct diags *);
bool linux_set_group(struct host *, const struct group_change *,
		     struct diags *);

/* The parts of the interface, each in a file of its own. */
extern const struct host_looks linux_looks; /* look.c */

/* write.c; linux_edit: edit.c */
bool linux_replace(struct host *, const struct file_write *, struct diags *);
bool linux_edit(struct host *, const struct file_write *, struct diags *);
bool linux_make_directory(struct host *, const char *path, const struct perms *,
			  struct diags *);
bool linux_make_link(struct host *, const char *path, const char *target,
		     const struct node *expect, bool force, struct diags *);
bool linux_set_perms(struct host *, const char *path, const struct perms *,
		     const struct node *expect, struct diags *);
bool linux_commit(struct host *, host_failed *, void *context, struct diags *);
void linux_write_release(struct linux_host *);
/* remove.c */
bool linux_remove(struct host *, const char *path, bool recursive, bool backup,
		  const struct node *expect, struct diags *);
/* unpack.c */
bool linux_unpack(struct host *, const struct folder_write *, struct diags *);
/* backup.c: copies the content of fd into the backup folder, synced, and
 * tells options.kept; content already there is not written again. */
bool linux_keep(struct linux_host *, int fd, const char *path,
		const struct node *, struct diags *);
/* kernel.c */
bool linux_set_kernel(struct host *, const char *path, const char *value,
		      struct diags *);
/* mount.c */
bool linux_mount(struct host *, const struct mount_change *, struct arena *,
		 struct outcome *, struct diags *);
/* run.c */
bool linux_ask(const struct host *, const struct command *, struct arena *,
	       struct outcome *, struct diags *);
bool linux_pause(struct host *, int64_t milliseconds);
bool linux_run(struct host *, const struct command *,
	       const struct strings *makes, struct arena *, struct outcome *,
	       struct diags *);
/* Runs a program of this host itself, that is told of the tree by an option.
 */
void linux_run_outside(struct linux_host *, const struct command *,
		       struct arena *, struct outcome *);
/* Runs a validator where it can write nowhere but below folder (a path of the
 * real file system; the run happens inside the host's root). */
bool linux_validate(struct linux_host *, const struct command *,
		    const char *folder, struct arena *, struct outcome *,
		    struct diags *);

#endif
