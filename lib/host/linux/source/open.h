/* SPDX-License-Identifier: MIT */
/*
 * Files that the command line names. They are the caller's own choice, so
 * they are opened as they are, links and all.
 */
#ifndef CONVERGE_HOST_LINUX_SOURCE_OPEN_H
#define CONVERGE_HOST_LINUX_SOURCE_OPEN_H

#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/host/tree.h"

/* path, or if it is relative below the folder cwd (O_PATH), as an absolute
 * path in the arena; NULL with a diagnostic when cwd cannot be told. */
const char *linux_absolute(int cwd, const char *path, struct arena *,
			   struct diags *);
/* The file that the link at an absolute path leads to, in the arena; the path
 * itself when it is no link, or leads to none. */
const char *linux_follow(const char *path, struct arena *);
/* Whether a SOURCE may be one; path is how the user called it, whole what that
 * is. Of what leads to no file a diagnostic says so: standard input, and what
 * is on a server. That a file is not there is not told here. */
bool linux_may_be_source(const char *path, const char *whole, struct diags *);
/* The folder that holds the file at an absolute path, as a tree; shown is how
 * the user called it. NULL with a diagnostic. */
struct tree *linux_open_beside(const char *path, const char *shown,
			       struct diags *);

/* Whether the file at an absolute path, if it is there, is the source at
 * another, or a document of the world that this is the folder of: what a save
 * must not replace. */
bool linux_is_of_source(const char *path, const char *source);

/* Whether an absolute path is, or would be, that of something that converge
 * keeps in the state folder at another: its database, say. */
bool linux_is_of_state(const char *path, const char *state);

/* Whether what was a source at that path is certainly not there any more: of a
 * commit, neither its repository nor its bundle. False of an address. */
bool linux_is_source_gone(const char *path, bool is_commit);

/* The folder at an absolute path as a tree; NULL: it is none. */
struct tree *linux_open_folder(const char *path);
/* Puts bytes at an absolute path, as a file of that mode: whole, synced, in
 * place of what was there, or not at all. Its folder is made. */
bool linux_save(const char *path, const void *bytes, size_t n, unsigned mode,
		struct diags *);

/* The same of what is written to fd meanwhile. */
struct saving {
	const char *path;
	char *temp;
	int fd; /* also for reading; -1: it has not begun */
};
bool linux_save_begin(struct saving *, const char *path, struct arena *,
		      struct diags *);
/* Puts it in its place if it is good, and else takes it away; closes fd. */
bool linux_save_end(struct saving *, bool good, unsigned mode, struct diags *);

#endif
