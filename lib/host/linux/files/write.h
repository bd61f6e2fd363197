/* SPDX-License-Identifier: MIT */
/* What the files of the write protocol share; its story is in write.c. */
#ifndef CONVERGE_HOST_LINUX_FILES_WRITE_H
#define CONVERGE_HOST_LINUX_FILES_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/map.h"
#include "lib/base/path.h"
#include "lib/host/linux/files/ground.h"
#include "lib/host/linux/files/walk.h"

enum {
	BATCH_FILES = 4096,
	BATCH_BYTES = 64 * 1024 * 1024,
	BATCH_HELD = 16,       /* files staged without a name */
	BATCH_FILESYSTEMS = 4, /* descriptors for syncfs(2) */
	SYNC_EACH_MAX = 8,     /* more: one syncfs(2) for all */
	TEMP_SIZE = 48,
	COPY_SIZE = 64 * 1024,
};

/* A file system that was written to since the last commit. */
struct filesystem {
	uint64_t device;
	int fd; /* opened before any write, so that syncfs(2) tells of all
		 * errors since; -1: sync each file by itself */
	size_t staged; /* files of this batch */
	size_t dirty;  /* folders and files to sync at the commit */
	bool whole;    /* has what cannot be synced by itself */
	int error;     /* of syncfs(2) */
	struct filesystem *next;
};

/* A folder where something was changed since the last commit. */
struct touched {
	const char *path;
	uint64_t device, inode;
	struct filesystem *filesystem;
	bool dirty;            /* its names changed */
	bool gone;             /* removed since */
	int error;             /* of its sync; -ESTALE: another is there now */
	char spare[TEMP_SIZE]; /* told to intend, and free again; or "" */
	struct touched *next;
};

/* A change whose success is only known at the commit. */
struct change {
	size_t mark;
	struct touched *folder;
	const char *path; /* NULL, or the node whose own state changed */
	uint64_t device, inode;
	enum node_type type;
};

struct failure {
	size_t mark;
	const char *text;
};

/* One of the changes that edit a file. */
struct edit_part {
	size_t mark;
	const struct strings *validate; /* or NULL */
	int64_t timeout;
};

/* A file that waits to be edited by others too, until it is staged. */
struct edit {
	struct file_write write; /* all of theirs, as one */
	struct content content;  /* that the last of them made */
	struct node expect;      /* what the first found */
	struct node shown;       /* what looking finds meanwhile */
	uint32_t uid, gid;       /* whose it is, unless perms say so */
	bool hush;
	struct edit_part *parts;
	size_t n, capacity;
	struct edit *next;
};

/* A new file, or a link, on its way to its place; or a file on its way out. */
struct staged {
	struct file_write write;
	struct node expect;
	struct content content;
	uint64_t size; /* of the content, with its secrets; once it is staged */
	size_t mark;
	const struct edit
		*edit; /* whose parts it is of, all of them; or NULL */
	bool hush;     /* of the change: see struct host */
	struct touched *folder;
	int fd;               /* held; -1: named, or not yet staged */
	bool late;            /* is staged when the batch is put in place */
	bool removal;         /* of what is expected, once it is kept */
	bool shared;          /* of a removal: others may make names there */
	char temp[TEMP_SIZE]; /* "": has no name yet */
	uint64_t device, inode;
	struct map *kept; /* of a folder in the way: see remove.c */
	bool failed;
};

struct pending_batch {
	struct arena arena; /* until the commit */
	struct staged *staged;
	size_t n, capacity;
	size_t removals; /* among them */
	uint64_t bytes;
	size_t held;
	struct map paths;   /* of staged */
	struct edit *edits; /* not staged yet; the last one first */
	struct map edited;  /* the same, by folder and name */
	struct map folders; /* path to struct touched */
	struct touched *touched;
	struct filesystem *filesystems;
	size_t nfilesystems;
	struct change *changes;
	size_t nchanges, changes_capacity;
	size_t nnodes; /* of the changes, those of a node's own state */
	struct failure *failures;
	size_t nfailures, failures_capacity;
	struct identity *identities;
	const char *validate_folder; /* told to intend; NULL: not yet */
	size_t nkept;                /* copies made since keep_sync */
	struct buf made;             /* names of those that are new, each NUL */
	bool keep_many;              /* they are synced by one syncfs(2) */
	int keep_fd;                 /* opened before the first of them */
	char *buffer;                /* COPY_SIZE, for copying */
};

/* The batch of the host, made when first asked for. */
struct pending_batch *batch_of(struct linux_host *);
/* Keeps what d says as the failure of that change, for the commit. */
void batch_fail(struct linux_host *, size_t mark, const struct diags *);
/* Puts in place what is staged when path, or (below) anything under it, is
 * among it: what comes next must find it there. */
void batch_settle(struct linux_host *, const char *path, bool below);

/* The same for a file with other names, each of which may be among it: it
 * changes for all of them. */
void batch_settle_links(struct linux_host *, const struct node *);

/* write.c: a place in the batch, that counts only once it is added; all that
 * is staged is put in place first if there is no room for so many bytes more.
 * To be called before the walk, which is forgotten then. */
void batch_room(struct linux_host *, uint64_t bytes);
struct staged *batch_next(struct linux_host *, const struct file_write *);
void batch_add(struct linux_host *, struct staged *);
/* Stages a file, with all that e says if it is an edit's. */
bool stage_file(struct linux_host *, const struct file_write *,
		const struct edit *e, struct diags *);
/* edit.c: the edit that waits for what was walked to, or NULL. */
const struct edit *edit_at(const struct linux_host *, const struct walked *);
/* Whether an edit waits for path, or (below) anything under it. */
bool edit_waits(const struct pending_batch *, const char *path, bool below);
/* Stages all that wait. */
void edits_stage(struct linux_host *);
/* Keeps what d says as the failure of every change that had a part in it. */
void edit_fail(struct linux_host *, const struct edit *, const struct diags *);
/* Asks all of its validators. */
bool edit_validate(struct linux_host *, const struct staged *, int fd,
		   struct diags *);

/* names.c: 96 random bits after the prefix; false with a diagnostic. */
bool temp_name(const char *prefix, char name[TEMP_SIZE], struct diags *);
bool is_temp_name(const char *name);
/* Tells options.intend of a name in the folder that path is in, or is. */
bool batch_intend(struct linux_host *, const char *path, const char *name,
		  struct diags *);
bool batch_intended(struct linux_host *, struct diags *);
/* Tells options.disown of such a name. */
bool batch_disown(struct linux_host *, const char *path, const char *name,
		  struct diags *);

/* Whether found is expect but for what rename(2) and link(2) themselves
 * change; of a folder only which one it is. */
bool node_stays(const struct node *expect, struct node found);
bool place_conflict(struct diags *, const char *path);

/* stage.c: writes the content, with its owner and mode, into a new inode: an
 * unnamed one, or one at s->temp. False with a diagnostic; *unnamed false:
 * the file system has no unnamed files, nothing was done. */
bool stage_unnamed(struct linux_host *, struct staged *, const struct walked *,
		   bool *possible, struct diags *);
bool stage_named(struct linux_host *, struct staged *, const struct walked *,
		 struct diags *);
/* Copies all of one descriptor, at most so many bytes, to another; 0 or
 * -errno. */
int stage_copy(struct linux_host *, int from, int to, uint64_t most);
int stage_write(int fd, const char *bytes, size_t n);
/* validate.c */
bool stage_validate(struct linux_host *, const struct staged *, int fd,
		    struct diags *);

/* place.c: puts all that is staged in place; failures are kept. */
void place_all(struct linux_host *);
/* Whether what is there may be replaced (a folder or device only by force). */
bool place_allowed(const struct walked *, const char *path,
		   const struct node *expect, bool force, struct diags *);
/* Whether what came to another name is what was expected at its own. */
bool place_moved(const struct walked *, const struct node *expect,
		 const struct node *found);
/* Says that what was at path has to stay at the temporary name; false. */
bool place_left(struct linux_host *, const char *path, const char *temp,
		int error, struct diags *);
/* Keeps what stands in the way, if it is to be kept. */
bool place_keep(struct linux_host *, const struct walked *, struct staged *,
		struct diags *);
/* Exchanges what stands at s->temp with what is expected at its path, and
 * drops that. */
bool place_over(struct linux_host *, const struct walked *, struct staged *,
		struct diags *);

/* durable.c: what must be on disk before a commit is done. */
struct touched *touched_at(struct linux_host *, const char *path,
			   const struct walked *);
/* The names in the folder changed, for the change in hand (mark). */
void touched_names(struct linux_host *, struct touched *, size_t mark);
/* The state of the node at path changed. */
void touched_node(struct linux_host *, struct touched *, size_t mark,
		  const char *path, const struct node *);
/* What is at or below path is no more. */
void touched_gone(struct linux_host *, const char *path);
void durable_sync(struct linux_host *);
void durable_release(struct linux_host *);
/* fsync(2) and syncfs(2), but for EINTR never twice; 0 or -errno. */
int sync_fd(int fd);
int sync_folder(int fd);
int sync_whole(int fd);

/* backup.c: as linux_keep, for that mark. The copies made between keep_begin
 * and keep_sync are durable after that; many: there may be more than a few. */
bool keep_begin(struct linux_host *, bool many, struct diags *);
bool keep_content(struct linux_host *, int fd, const char *path,
		  const struct node *, size_t mark, struct diags *);
bool keep_sync(struct linux_host *, struct diags *);
/* Closes what keep_begin opened, when keep_sync will not come. */
void keep_end(struct pending_batch *);
/* Tells of what has no content: a link with its target, a folder, a device. */
void keep_node(struct linux_host *, const char *path, const struct node *,
	       size_t mark, const char *target);
/* Keeps the file, link or other node name of that folder; on another user's
 * ground only what that user may read. */
bool keep_name(struct linux_host *, const struct walked *, int folder,
	       const char *name, const char *path, const struct node *,
	       size_t mark, struct diags *);

/* xattr.c: gives a staged file the attributes of the one that it replaces. To
 * be called on entered ground, between its owner and its mode. */
bool attributes_carry(struct linux_host *, const struct walked *,
		      const struct staged *, int to, struct diags *);
/* Whether who executes the file gets capabilities; of O_PATH or not. */
bool has_capabilities(int fd);

/* perms.c: fchmod(2) for any descriptor, also of O_PATH; 0 or -errno. */
int change_mode(int fd, mode_t mode);
/* What have is with these perms. */
struct node perms_over(const struct node *have, const struct perms *);
/*
 * Makes have, which fd holds and showed, want: never looser, on the way, than
 * the looser of both, and as it was when that fails. On entered ground as X,
 * but for a group that X is not in, which only root can give to what is X's. 0
 * or -errno.
 */
int perms_change(struct linux_host *, const struct walked *, struct ground *,
		 int fd, const struct node *have, const struct node *want);

/*
 * refused.c: say why the kernel refused, with errno error, to make, move or
 * remove what is at path, or to change the open fd's owner or mode; cannot:
 * "cannot replace". Always false.
 */
bool refused_move(const struct walked *, const char *path, int error,
		  const char *cannot, struct diags *);
bool refused_change(int fd, const char *path, int error, struct diags *);

/* survey.c: false with a diagnostic when path is protected, itself or by what
 * links make of it. */
bool may_remove(const struct walked *, const char *path, struct diags *);
/* False with a diagnostic when the folder name must not be removed:
 * a protected path, a mount point, or one below it. */
bool tree_removable(const struct walked *, const char *name, const char *path,
		    struct diags *);
/* Keeps all that is in the folder name; *kept is what was. */
bool tree_keep(struct linux_host *, const struct walked *, const char *name,
	       const char *path, size_t mark, struct map **kept,
	       struct diags *);
/* What a map of kept nodes has them under. */
char *node_key(struct arena *, const struct node *);
/* remove.c: removes the folder name and all in it; but nothing that is not
 * among what was kept, unless that is NULL. */
bool tree_remove(struct linux_host *, const struct walked *, const char *name,
		 const char *path, struct map *kept, struct diags *);
/* Removes what was staged as a removal, of which a copy is kept by now. */
bool remove_staged(struct linux_host *, const struct walked *, struct staged *,
		   struct diags *);
/* unlinkat(2); a program of set-id bits or capabilities loses its mode first,
 * so that no hard link to it keeps them. 0 or -errno. To be called on entered
 * ground. */
int drop_name(int folder, const char *name, const struct node *, bool shared);

#endif
