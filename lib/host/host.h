/* SPDX-License-Identifier: MIT */
/*
 * A host: what it is, and what may be done to it. Three implementations: the
 * real one (host_linux), a picture over another that takes writes in memory
 * (host_overlay), and a recorded one (host_snapshot). A plan is an apply on a
 * picture, so a resource type is written once, against this interface.
 *
 * Looking takes a const struct host *, which has no writers: that observing
 * never writes is checked by the compiler. Paths are absolute within the host
 * (path.h); under --root they stay below it. The last component of a path is
 * never followed. Every function returns false with a diagnostic when it
 * could not do its work; what merely is not there is no error.
 */
#ifndef CONVERGE_HOST_HOST_H
#define CONVERGE_HOST_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/diag.h"
#include "lib/base/strings.h"
#include "lib/host/account.h"
#include "lib/host/content.h"
#include "lib/host/mounts.h"
#include "lib/host/repository.h"
#include "lib/host/tarball.h"
#include "lib/host/unit.h"
#include "lib/host/package.h"

enum node_type {
	NODE_ABSENT,
	NODE_FILE,
	NODE_DIRECTORY,
	NODE_LINK,
	NODE_FIFO,
	NODE_SOCKET,
	NODE_CHARACTER_DEVICE,
	NODE_BLOCK_DEVICE,
	NODE_UNKNOWN, /* cannot be known on this picture: see because */
};

/* What stands at a path (inode(7)). */
struct node {
	enum node_type type;
	uint32_t mode; /* 07777 */
	uint32_t uid, gid;
	uint64_t size;
	uint64_t device, inode; /* inode 0: not a real one (a picture's) */
	uint64_t links;
	int64_t mtime, ctime;        /* nanoseconds since the epoch */
	bool mounted;                /* something is mounted on it */
	bool immutable, append_only; /* chattr(1) made it so */
	const char *because;         /* NODE_UNKNOWN: why */
	/* A picture's directory: why what is in it is not known, or NULL. */
	const char *inside;
};

/* "file", "directory", "link", "FIFO", ... */
const char *node_type_name(enum node_type);
/* Whether both are the same inode in the same state: what a writer expects
 * to find. A node without an inode equals any of its type. */
bool node_same(const struct node *expected, const struct node *found);
/* Whether nobody has put another there, or written to it: its owner and mode
 * may differ. A node without an inode equals any of its type. */
bool node_unwritten(const struct node *expected, const struct node *found);

enum match { MATCH_SAME, MATCH_DIFFERENT, MATCH_UNKNOWN };

enum perm { PERM_MODE = 1, PERM_UID = 2, PERM_GID = 4, PERM_ALL = 7 };

struct perms {
	unsigned set; /* enum perm */
	uint32_t mode, uid, gid;
};

/* Bytes of a file that a copy is kept of. Whoever owns it decides how large it
 * is (truncate(2)); that must not fill the disk, nor hold up the run. */
enum { HOST_KEEP_MAX = 1024 * 1024 * 1024 };

/* Whether a copy can be kept of what is at path; false with a diagnostic. */
bool host_keeps(const char *path, const struct node *, struct diags *);

/* A file in whole, new or in place of what is there. */
struct file_write {
	const char *path;
	const struct content *content;
	struct perms perms; /* mode set; no uid or gid: the writer's own */
	const struct node *expect; /* what the change was decided on */
	bool backup;               /* keep what was there */
	bool force;                /* also in place of a directory or device */
	/* A command that must accept the new content first, or NULL; an
	 * argument "%" or a "%" in one is the new file's path. */
	const struct strings *validate;
	int64_t validate_timeout; /* milliseconds */
};

/* A folder in whole, with all that an archive or a commit holds, new or in
 * place of what is there. */
struct folder_write {
	const char *path;
	const struct table *table;
	/* Why it is not known what it will hold, for a picture; else NULL. */
	const char *unknown;
	const struct tarball *tarball;       /* that the table is of; or NULL */
	const struct git_source *repository; /* or this one */
	uint32_t uid, gid;                   /* of all in it */
	unsigned set;                        /* PERM_UID, PERM_GID; else the
					      * writer's own */
	const struct node *expect; /* what the change was decided on */
	bool backup;               /* keep what was there */
};

/* Modes of what is unpacked: whoever packed it has no say in more. */
enum { UNPACKED_FILE = 0644, UNPACKED_PROGRAM = 0755, UNPACKED_FOLDER = 0755 };

struct command {
	struct strings argv;
	struct strings env; /* "NAME=value", beside the fixed ones */
	const char *cwd;    /* NULL: "/" */
	const char *user;   /* name or number; NULL: as converge itself */
	const char *group;
	int32_t umask;     /* -1: 022 */
	const char *input; /* for its standard input; NULL: none */
	size_t input_size;
	/* In place of input, for host_run: what holds secrets; or NULL. */
	const struct content *sealed;
	int64_t timeout; /* milliseconds */
	int64_t grace;   /* milliseconds from TERM to KILL; 0: 10,000 */
	/* For host_run: it may change no more than a private copy of /run, /tmp
	 * and most of /var, as a validator may. */
	bool trial;
};

enum ending {
	ENDED_EXIT,        /* code: its exit status */
	ENDED_SIGNAL,      /* code: the signal that killed it */
	ENDED_TIMEOUT,     /* its process group was killed */
	ENDED_NOT_STARTED, /* because: why (no such program, ...) */
	ENDED_UNKNOWN,     /* because: why its answer cannot be believed */
	ENDED_INTERRUPTED, /* the run was told to stop; the group is dead */
	ENDED_ASSUMED,     /* a picture runs nothing: it is taken to go well */
};

/* How a command ended, and what it said: first and last 64 KiB of each. */
struct outcome {
	enum ending ending;
	int code;
	const char *because; /* in the arena given */
	struct buf output, errors;
};

void outcome_release(struct outcome *);

struct host;
struct json_t; /* jansson */

/* Reports of a commit: the change (host_mark) whose write failed. */
typedef void host_failed(void *context, size_t mark, const char *text);
/* Before content is replaced or removed, when it was asked to be kept. */
typedef void host_kept(void *context, size_t mark, const char *path,
		       const struct node *, const char *digest,
		       const char *target);

struct host_looks {
	bool (*look)(const struct host *, const char *path, struct node *,
		     struct diags *);
	bool (*read_link)(const struct host *, const char *path, struct arena *,
			  const char **target, struct diags *);
	bool (*list)(const struct host *, const char *path, struct arena *,
		     struct strings *, struct diags *);
	bool (*compare)(const struct host *, const char *path,
			const struct content *, enum match *, struct diags *);
	bool (*read)(const struct host *, const char *path, size_t limit,
		     struct buf *, bool *whole, struct diags *);
	bool (*read_marked)(const struct host *, const char *path, size_t limit,
			    struct buf *, const struct tree **world,
			    bool *whole, struct diags *);
	bool (*same)(const struct host *, const struct content *,
		     const struct content *, enum match *, struct diags *);
	bool (*digest)(const struct host *, const char *path, struct content *,
		       struct diags *);
	bool (*capable)(const struct host *, const char *path);
	bool (*user_id)(const struct host *, const char *name, uint32_t *id);
	bool (*group_id)(const struct host *, const char *name, uint32_t *id);
	const char *(*user_name)(const struct host *, uint32_t id,
				 struct arena *);
	const char *(*group_name)(const struct host *, uint32_t id,
				  struct arena *);
	bool (*user)(const struct host *, const char *name, struct arena *,
		     struct user *, bool *there, struct diags *);
	bool (*group)(const struct host *, const char *name, struct arena *,
		      struct user_group *, bool *there, struct diags *);
	bool (*users)(const struct host *, struct arena *, struct strings *,
		      struct diags *);
	bool (*groups)(const struct host *, struct arena *, struct strings *,
		       struct diags *);
	bool (*ask)(const struct host *, const struct command *, struct arena *,
		    struct outcome *, struct diags *);
	bool (*unit_known)(const struct host *, const char *id,
			   enum unit_enabled *);
	bool (*unit_install)(const struct host *, const char *id,
			     enum unit_enabled *);
	bool (*unit_state)(const struct host *, struct unit *, struct arena *,
			   struct diags *);
	bool (*package)(const struct host *, const char *provider,
			const char *name, struct arena *, struct package *,
			struct diags *);
	bool (*package_candidate)(const struct host *, const char *provider,
				  const char *name, struct arena *,
				  const char **version, const char **because,
				  struct diags *);
	bool (*unit_age)(const struct host *, const struct unit *,
			 const struct strings *paths, struct arena *,
			 struct unit_age *, struct diags *);
	bool (*units)(const struct host *, struct arena *, struct strings *,
		      struct diags *);
	bool (*packages)(const struct host *, struct arena *, struct strings *,
			 bool *known, struct diags *);
	bool (*runs)(const struct host *);
	bool (*fetch)(const struct host *, const struct git_request *,
		      struct git_source *, struct arena *, struct diags *);
	bool (*recall)(const struct host *, const struct tarball_request *,
		       struct tarball *, struct arena *, struct diags *);
	bool (*download)(const struct host *, const struct tarball_request *,
			 struct tarball *, struct arena *, struct diags *);
};

struct host_writes {
	bool (*replace)(struct host *, const struct file_write *,
			struct diags *);
	bool (*edit)(struct host *, const struct file_write *, struct diags *);
	bool (*make_directory)(struct host *, const char *path,
			       const struct perms *, struct diags *);
	bool (*make_link)(struct host *, const char *path, const char *target,
			  const struct node *expect, bool force,
			  struct diags *);
	bool (*set_perms)(struct host *, const char *path, const struct perms *,
			  const struct node *expect, struct diags *);
	bool (*remove)(struct host *, const char *path, bool recursive,
		       bool backup, const struct node *expect, struct diags *);
	bool (*set_user)(struct host *, const struct user_change *,
			 struct diags *);
	bool (*set_group)(struct host *, const struct group_change *,
			  struct diags *);
	bool (*unpack)(struct host *, const struct folder_write *,
		       struct diags *);
	bool (*run)(struct host *, const struct command *,
		    const struct strings *makes, struct arena *,
		    struct outcome *, struct diags *);
	bool (*pause)(struct host *, int64_t milliseconds);
	bool (*unit_change)(struct host *, const struct unit_change *,
			    struct arena *, struct diags *);
	bool (*package_change)(struct host *, const struct package_change *,
			       struct diags *);
	bool (*set_kernel)(struct host *, const char *path, const char *value,
			   struct diags *);
	bool (*mount)(struct host *, const struct mount_change *,
		      struct arena *, struct outcome *, struct diags *);
	bool (*commit)(struct host *, host_failed *, void *context,
		       struct diags *);
	void (*close)(struct host *);
};

struct host {
	const struct host_looks *looks;
	const struct host_writes *writes;
	size_t mark; /* the change that writes belong to; set by the engine */
	/* What commands say may hold what nobody shall see; the engine's too.
	 */
	bool hush;
	/* The change in hand is ended by a commit, and nothing looks at what
	 * it removes before that: the removal may wait, as what it writes. */
	bool batched;
	/* Changes are under way, or their turn has come as far as this guard
	 * is concerned: it may do what the command itself may. */
	bool acting;
	/* What may have changed on other machines is fetched at its turn, and
	 * not known before; else what was fetched last counts. */
	bool fetches;
	/* Services that the catalog manages, set by the engine; or NULL. What
	 * is installed must not start them before they are configured. */
	const struct strings *services;
};

/* What stands at path; NODE_ABSENT when nothing does, also when a parent is
 * missing or is no directory. */
static inline bool host_look(const struct host *h, const char *path,
			     struct node *n, struct diags *d)
{
	return h->looks->look(h, path, n, d);
}

/* The target of the link at path, in the arena. */
static inline bool host_read_link(const struct host *h, const char *path,
				  struct arena *a, const char **target,
				  struct diags *d)
{
	return h->looks->read_link(h, path, a, target, d);
}

/* The names in the directory at path, sorted, in the arena. False without a
 * diagnostic: they are not known on this picture. */
static inline bool host_list(const struct host *h, const char *path,
			     struct arena *a, struct strings *names,
			     struct diags *d)
{
	return h->looks->list(h, path, a, names, d);
}

/* Whether the regular file at path holds just that content. */
static inline bool host_compare(const struct host *h, const char *path,
				const struct content *c, enum match *m,
				struct diags *d)
{
	return h->looks->compare(h, path, c, m, d);
}

/* The bytes of the file at path, if at most limit; *whole says whether. False
 * without a diagnostic: its content is not known on this picture. */
static inline bool host_read(const struct host *h, const char *path,
			     size_t limit, struct buf *out, bool *whole,
			     struct diags *d)
{
	return h->looks->read(h, path, limit, out, whole, d);
}

/* The same of a file that secrets are still to be put into: it has marks
 * (secret_mark) in their places, and *world is what they are sealed in; else
 * *world is NULL, and the bytes are as they are. */
static inline bool host_read_marked(const struct host *h, const char *path,
				    size_t limit, struct buf *out,
				    const struct tree **world, bool *whole,
				    struct diags *d)
{
	return h->looks->read_marked(h, path, limit, out, world, whole, d);
}

/* Whether both, which have bytes, come to the same with their secrets in their
 * places: MATCH_UNKNOWN where these cannot be opened. */
static inline bool host_same(const struct host *h, const struct content *x,
			     const struct content *y, enum match *m,
			     struct diags *d)
{
	return h->looks->same(h, x, y, m, d);
}

/* Size and digest of the file at path; has_digest false: not known. */
static inline bool host_digest(const struct host *h, const char *path,
			       struct content *c, struct diags *d)
{
	return h->looks->digest(h, path, c, d);
}

/* Whether the file at path has capabilities (capabilities(7)), which it loses
 * with its owner or group (chown(2)); false also where nobody knows. */
static inline bool host_capable(const struct host *h, const char *path)
{
	return h->looks->capable(h, path);
}

/* The numeric id of a user or group of this host; false: there is none. Names
 * that are numbers stand for themselves and are not looked up here. */
static inline bool host_user_id(const struct host *h, const char *name,
				uint32_t *id)
{
	return h->looks->user_id(h, name, id);
}

static inline bool host_group_id(const struct host *h, const char *name,
				 uint32_t *id)
{
	return h->looks->group_id(h, name, id);
}

/* The name of an id, or the number as text; in the arena or static. */
static inline const char *host_user_name(const struct host *h, uint32_t id,
					 struct arena *a)
{
	return h->looks->user_name(h, id, a);
}

static inline const char *host_group_name(const struct host *h, uint32_t id,
					  struct arena *a)
{
	return h->looks->group_name(h, id, a);
}

/* What passwd(5), shadow(5) and group(5) say of a user, in the arena. */
static inline bool host_user(const struct host *h, const char *name,
			     struct arena *a, struct user *u, bool *there,
			     struct diags *d)
{
	return h->looks->user(h, name, a, u, there, d);
}

static inline bool host_group(const struct host *h, const char *name,
			      struct arena *a, struct user_group *g,
			      bool *there, struct diags *d)
{
	return h->looks->group(h, name, a, g, there, d);
}

/* The names of all users of passwd(5), or groups of group(5), in its order. */
static inline bool host_users(const struct host *h, struct arena *a,
			      struct strings *names, struct diags *d)
{
	return h->looks->users(h, a, names, d);
}

static inline bool host_groups(const struct host *h, struct arena *a,
			       struct strings *names, struct diags *d)
{
	return h->looks->groups(h, a, names, d);
}

/* Runs a command that may only look: the kernel refuses it every change, and
 * one that tried to change something ends ENDED_UNKNOWN (but see acting). */
static inline bool host_ask(const struct host *h, const struct command *c,
			    struct arena *a, struct outcome *o, struct diags *d)
{
	return h->looks->ask(h, c, a, o, d);
}

/* Whether this host knows better than its files do whether the unit is
 * enabled: a picture in which that was changed. For host_unit_file. */
static inline bool host_unit_known(const struct host *h, const char *id,
				   enum unit_enabled *enabled)
{
	return h->looks->unit_known(h, id, enabled);
}

/* Of a recorded host, which may not have the content of the unit's files: what
 * they asked for, as host_unit_install tells it. For host_unit_file. */
static inline bool host_unit_recorded(const struct host *h, const char *id,
				      enum unit_enabled *install)
{
	return h->looks->unit_install(h, id, install);
}

/* What the manager says of a unit that host_unit_file has told of: loaded,
 * active, sub. One call to the manager answers for all units, until something
 * is changed. False with a diagnostic when there is no manager to ask. */
static inline bool host_unit_state(const struct host *h, struct unit *unit,
				   struct arena *a, struct diags *d)
{
	return h->looks->unit_state(h, unit, a, d);
}

/* Whether it is the host that runs here, so that /proc and /sys tell of it: a
 * tree below another root may have them too, but they tell of another. */
static inline bool host_runs(const struct host *h)
{
	return h->looks->runs(h);
}

/*
 * Fills in path, commit and table of a repository on another machine, which is
 * asked once in a run, and only by a host that is written to: it keeps a clone
 * of its own. On a picture, or with no state folder, all it does is to set
 * unfetched. It may take as long as the request says. False with a diagnostic
 * when it was not to be had.
 */
static inline bool host_fetch(const struct host *h, const struct git_request *r,
			      struct git_source *source, struct arena *a,
			      struct diags *d)
{
	return h->looks->fetch(h, r, source, a, d);
}

/*
 * The table of an archive on a server, if it was the last that was unpacked at
 * the target; else before, if anything was. Nobody is asked.
 */
static inline bool host_recall(const struct host *h,
			       const struct tarball_request *r,
			       struct tarball *t, struct arena *a,
			       struct diags *d)
{
	return h->looks->recall(h, r, t, a, d);
}

/*
 * Downloads the archive, unless it was the last that this run downloaded, and
 * fills in its table if that is not known. A picture does neither. It may take
 * as long as the request says. False with a diagnostic when it was not to be
 * had, or is another than was asked for.
 */
static inline bool host_download(const struct host *h,
				 const struct tarball_request *r,
				 struct tarball *t, struct arena *a,
				 struct diags *d)
{
	return h->looks->download(h, r, t, a, d);
}

/*
 * What is known of a package. provider: the package manager, "apt"; NULL: the
 * host's own. False when there is no such manager, or it can have no package
 * of that name; one that nobody has heard of is PACKAGE_ABSENT.
 */
static inline bool host_package(const struct host *h, const char *provider,
				const char *name, struct arena *a,
				struct package *p, struct diags *d)
{
	return h->looks->package(h, provider, name, a, p, d);
}

/* The names of all packages that are on the host, in no order: those that are
 * removed but for their configuration too. *known false: nobody can tell. */
static inline bool host_packages(const struct host *h, struct arena *a,
				 struct strings *names, bool *known,
				 struct diags *d)
{
	return h->looks->packages(h, a, names, known, d);
}

/* The names of all units that the manager has loaded, in no order. False with a
 * diagnostic when there is no manager to ask. */
static inline bool host_units(const struct host *h, struct arena *a,
			      struct strings *ids, struct diags *d)
{
	return h->looks->units(h, a, ids, d);
}

/* The version that the package manager would install now; it may take a while.
 * NULL: it is not known, *because says why. */
static inline bool host_package_candidate(const struct host *h,
					  const char *provider,
					  const char *name, struct arena *a,
					  const char **version,
					  const char **because, struct diags *d)
{
	return h->looks->package_candidate(h, provider, name, a, version,
					   because, d);
}

/*
 * Whether a unit that runs was last started or reloaded before one of the files
 * at paths was changed. What is changed while converge runs, or on a picture,
 * does not count: whoever does that tells the unit.
 */
static inline bool host_unit_age(const struct host *h, const struct unit *unit,
				 const struct strings *paths, struct arena *a,
				 struct unit_age *age, struct diags *d)
{
	return h->looks->unit_age(h, unit, paths, a, age, d);
}

/*
 * Replaces or creates a file. The real host stages it now and puts it in place
 * at the next commit, in one batch; the arguments must live until then.
 */
static inline bool host_replace(struct host *h, const struct file_write *w,
				struct diags *d)
{
	return h->writes->replace(h, w, d);
}

/*
 * The same, for a file that others may edit before the next commit: each has
 * read what the one before made of it, so the last content counts, and is
 * written once. Until then looking at the path shows that content (listing its
 * folder does not). What was expected is what the first expected; the content
 * that is kept is what was there before the first. Every validator is asked of
 * the last content, and a failure is one of each edit.
 */
static inline bool host_edit(struct host *h, const struct file_write *w,
			     struct diags *d)
{
	return h->writes->edit(h, w, d);
}

/* Makes a directory; its parent must be there. perms as in file_write. */
static inline bool host_make_directory(struct host *h, const char *path,
				       const struct perms *p, struct diags *d)
{
	return h->writes->make_directory(h, path, p, d);
}

/* Makes a link, or turns the one that expect is. */
static inline bool host_make_link(struct host *h, const char *path,
				  const char *target, const struct node *expect,
				  bool force, struct diags *d)
{
	return h->writes->make_link(h, path, target, expect, force, d);
}

static inline bool host_set_perms(struct host *h, const char *path,
				  const struct perms *p,
				  const struct node *expect, struct diags *d)
{
	return h->writes->set_perms(h, path, p, expect, d);
}

/* Removes what expect is; a directory that is not empty only if recursive,
 * never across a mount. */
static inline bool host_remove(struct host *h, const char *path, bool recursive,
			       bool backup, const struct node *expect,
			       struct diags *d)
{
	return h->writes->remove(h, path, recursive, backup, expect, d);
}

/* Makes, changes or removes a user, with shadow-utils: passwd(5), shadow(5),
 * group(5) and gshadow(5) stay consistent. It acts at once. */
static inline bool host_set_user(struct host *h, const struct user_change *c,
				 struct diags *d)
{
	return h->writes->set_user(h, c, d);
}

static inline bool host_set_group(struct host *h, const struct group_change *c,
				  struct diags *d)
{
	return h->writes->set_group(h, c, d);
}

/* Puts a folder in place: old or new in whole. All contents must be what the
 * table says. */
static inline bool host_unpack(struct host *h, const struct folder_write *w,
			       struct diags *d)
{
	return h->writes->unpack(h, w, d);
}

/* Runs a command that may change things. makes: paths that it promises to
 * create, which a picture then shows as unknown. */
static inline bool host_run(struct host *h, const struct command *c,
			    const struct strings *makes, struct arena *a,
			    struct outcome *o, struct diags *d)
{
	return h->writes->run(h, c, makes, a, o, d);
}

/* Waits, as long as the run is not told to stop: then false. A picture does
 * not wait. */
static inline bool host_pause(struct host *h, int64_t milliseconds)
{
	return h->writes->pause(h, milliseconds);
}

/*
 * Does what it says to a unit, by its own name (id), and waits until that is
 * done: a unit that is started must still run a moment later. The manager
 * reads files of units that have changed first. What a service that did not
 * start has put into its journal is quoted. Source: org.freedesktop.systemd1(5)
 */
static inline bool host_unit_change(struct host *h, const struct unit_change *c,
				    struct arena *a, struct diags *d)
{
	return h->writes->unit_change(h, c, a, d);
}

/*
 * Installs, removes or holds a package. The real host does that at the next
 * commit: all such changes in one transaction of the package manager, after
 * the files that are staged; what the change points to must live until then.
 */
static inline bool host_package_change(struct host *h,
				       const struct package_change *c,
				       struct diags *d)
{
	return h->writes->package_change(h, c, d);
}

/* Writes one line to a file below /proc/sys, at once; what the kernel makes of
 * it is seen by reading it again (proc(5)). Only of a host that runs. */
static inline bool host_set_kernel(struct host *h, const char *path,
				   const char *value, struct diags *d)
{
	return h->writes->set_kernel(h, path, value, d);
}

/* Mounts what fstab(5) has for the target, mounts it again with other options,
 * or takes it away, by mount(8) and umount(8): how that ended is in the
 * outcome. Only of a host that runs; the target must be root's, and no link. */
static inline bool host_mount(struct host *h, const struct mount_change *c,
			      struct arena *a, struct outcome *o,
			      struct diags *d)
{
	return h->writes->mount(h, c, a, o, d);
}

/* Puts everything staged in place and makes all that was done since the last
 * commit durable. failed is called for each change that did not succeed. */
static inline bool host_commit(struct host *h, host_failed *failed,
			       void *context, struct diags *d)
{
	return h->writes->commit(h, failed, context, d);
}

static inline void host_close(struct host *h)
{
	if (h)
		h->writes->close(h);
}

/* An empty picture over base, which it borrows and only looks at. */
struct host *host_overlay(const struct host *base);

/*
 * A recorded host, from JSON (format "converge.snapshot/1"):
 * {"files": {"/etc/motd": {"type": "file", "mode": "0644", "uid": 0, "gid": 0,
 * "content": "..." | "size": n, "sha256": "..."}, "/l": {"type": "link",
 * "target": "..."}}, "users": {"root": 0}, "groups": {"root": 0}, "units":
 * {"cron.service": {"active": "active", "enabled": "enabled"}}, "packages":
 * {"nginx": "1.22.1-9"}}. Directories not named but implied are 0755, root's.
 * Of a user or group more than its number may be recorded: {"uid": 0, "gid": 0,
 * "comment": "", "home": "/root", "shell": "/bin/sh", "password": "*",
 * "locked": false, "expires": "never" | "2027-01-31"}, {"gid": 0, "members":
 * ["root"]}; what is not is unknown. A package may be an object of "version",
 * "state", "hold" and "candidate" in place of the version; without "packages"
 * nothing is known of them. It takes writes, in memory. The json is borrowed.
 * NULL with diagnostics when it is not a snapshot.
 */
struct host *host_snapshot(const struct json_t *, struct diags *);
/* Makes the nth write from now (1: the next) and all after it fail; 0: none. */
void host_snapshot_fail(struct host *, size_t nth);
/* What it is now, in the same format, without passwords; a new reference. */
struct json_t *host_snapshot_json(const struct host *);
/* Asks before every write from now on whether it may be made: one that may not
 * fails, and nothing is changed. may NULL: asks nobody. */
void host_snapshot_watch(struct host *, bool (*may)(void *context),
			 void *context);
/* What the manifest counts on, and does not make. */
struct host_needs {
	struct strings services, users, groups; /* names */
	struct strings folders;                 /* paths, outer ones first */
};
/*
 * For a simulated apply: what the record does not hold is taken not to be
 * there, rather than not known; and what is installed is taken to bring what is
 * needed and not there. needs, which is borrowed, NULL: from now on it is as
 * before, and what was taken for granted stays.
 */
void host_snapshot_assume(struct host *, const struct host_needs *needs);
/* What was, in order: "unit nginx.service", "user postgres". */
const struct strings *host_snapshot_assumed(const struct host *);
/* Sets what a unit is, whatever it was. */
void host_snapshot_unit(struct host *, const char *id, enum unit_active,
			enum unit_enabled);
/* The first thing that is not the same on both, as text in the arena; NULL:
 * there is none. */
const char *host_snapshot_difference(const struct host *, const struct host *,
				     struct arena *);

#endif
