/* SPDX-License-Identifier: MIT */
/*
 * The files that a manifest may name: a folder now, a commit later. Paths are
 * relative ("templates/motd") and cannot leave it: no "..", no links.
 */
#ifndef CONVERGE_HOST_TREE_H
#define CONVERGE_HOST_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/diag.h"

enum tree_type { TREE_ABSENT, TREE_FILE, TREE_DIRECTORY, TREE_LINK };

struct tree_entry {
	const char *name;
	enum tree_type type;
	bool executable;
	uint64_t size;
	const char *target; /* of a link */
};

/* What changes when a file's content does (inode(7)). */
struct tree_stamp {
	uint64_t device, inode, size;
	int64_t mtime, ctime; /* nanoseconds since the epoch */
};

/* Bytes in order, of a tree's file or of memory. */
struct reader {
	int fd;            /* -1: memory */
	const char *bytes; /* what is left of them */
	uint64_t left;
	/* Of memory that is the reader's own; or NULL. */
	void (*release)(void *held);
	void *held;
};

struct tree;

struct tree_ops {
	bool (*entry)(const struct tree *, const char *path, struct arena *,
		      struct tree_entry *, struct diags *);
	/* Entries sorted by name. */
	bool (*list)(const struct tree *, const char *path, struct arena *,
		     struct tree_entry **, size_t *n, struct diags *);
	bool (*open)(const struct tree *, const char *path, struct reader *,
		     struct diags *);
	bool (*stamp)(const struct tree *, const char *path,
		      struct tree_stamp *);
	void (*close)(struct tree *);
};

struct tree {
	const struct tree_ops *ops;
	const char *name; /* as diagnostics print it */
};

/* What stands at path; type TREE_ABSENT, and true, when nothing does. */
static inline bool tree_entry(const struct tree *t, const char *path,
			      struct arena *a, struct tree_entry *e,
			      struct diags *d)
{
	return t->ops->entry(t, path, a, e, d);
}

static inline bool tree_list(const struct tree *t, const char *path,
			     struct arena *a, struct tree_entry **v, size_t *n,
			     struct diags *d)
{
	return t->ops->list(t, path, a, v, n, d);
}

static inline bool tree_open(const struct tree *t, const char *path,
			     struct reader *r, struct diags *d)
{
	return t->ops->open(t, path, r, d);
}

/* Of the file at path; false: there is none, or it has no stamp. */
static inline bool tree_stamp(const struct tree *t, const char *path,
			      struct tree_stamp *stamp)
{
	return t->ops->stamp && t->ops->stamp(t, path, stamp);
}

static inline void tree_close(struct tree *t)
{
	if (t)
		t->ops->close(t);
}

/* The next bytes, at most n: how many, 0 at the end, or -errno. */
long reader_next(struct reader *, void *bytes, size_t n);
void reader_close(struct reader *);
/* Adds what is left to out, or nothing when that is more than limit; *whole
 * says whether. 0 or -errno. */
int reader_all(struct reader *, size_t limit, struct buf *out, bool *whole);

/* All of a file into out; false (with a diagnostic) when larger than limit. */
bool tree_read(const struct tree *, const char *path, size_t limit,
	       struct buf *out, struct diags *);

/*
 * A folder of the real file system. dirfd is taken over. Owners are not
 * looked at: the folder is the user's own choice. Freed by tree_close.
 */
struct tree *tree_of_folder(int dirfd, const char *name);

#endif
