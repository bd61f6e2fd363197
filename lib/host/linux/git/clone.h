/* SPDX-License-Identifier: MIT */
/*
 * The private repositories of a host, root's, with all that runs have taken of
 * another's: "world.git" in the state folder, with one reference,
 * refs/heads/world, to the newest commit; and those in "git", with the branches
 * and tags that were asked for. What is fetched lies in a quarantine beside
 * them until it is taken; its bytes are copied, and never looked into here.
 */
#ifndef CONVERGE_HOST_LINUX_GIT_CLONE_H
#define CONVERGE_HOST_LINUX_GIT_CLONE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/diag.h"
#include "lib/base/strings.h"
#include "lib/host/repository.h"

struct clone {
	int folder;                /* -1: there is none */
	const char *path;          /* absolute; in the arena */
	char last[OBJECT_HEX + 1]; /* "": there is none */
	bool is_unread;            /* there is one, and it cannot be read */
	bool is_full;   /* it has so many packs that one should replace them */
	bool is_part;   /* some came in a bundle, without files of others */
	uint64_t bytes; /* of all packs */
};

#define CLONE_WORLD "world.git"
/* To the commit that was taken last, where that is not the world's. */
#define CLONE_LAST "refs/converge/last"

/*
 * Opens the one of that name in the folder at path (open as at). When it is
 * missing it is made if writable, and else folder is -1, which is true too. A
 * reference that cannot be read is a warning, and none. False with a
 * diagnostic when it must not be used.
 */
bool clone_open(struct clone *, int at, const char *path, const char *name,
		bool writable, struct arena *, struct diags *);
/* Takes the packs of a quarantine, or of another clone; all is on the disk when
 * it is true. With replace there must be one at most, and the others go. */
bool clone_take(struct clone *, int from, bool replace, struct diags *);
/* Has the reference name a commit, and makes it last. */
bool clone_point(struct clone *, const char *id, struct diags *);
/*
 * Has it know a commit as the one that was taken last, and that a branch, or
 * tag, of that name (NULL: none) is id. Of other names it forgets the oldest,
 * or with alone all.
 */
bool clone_name(struct clone *, const char *commit, const char *name,
		bool is_tag, const char *id, bool alone, struct diags *);
void clone_close(struct clone *);
/* Removes the clones in the folder at which are not among names, and which no
 * run has opened for writing since that time. */
bool clone_tidy(int at, const struct strings *names, int64_t since,
		struct diags *);

/* An empty quarantine in the folder at, for fetch_run; -1 with a diagnostic.
 * The lines of known_hosts (may be NULL) are for it. */
int quarantine_make(int at, const struct buf *known_hosts, struct diags *);
/* Removes it, and what is left of an earlier one. */
bool quarantine_remove(int at, struct diags *);

/* A folder for a run that keeps nothing, which may have both in it, and its
 * path, in the arena; -1 with a diagnostic. */
int scratch_make(const char **path, struct arena *, struct diags *);
bool scratch_remove(int fd, const char *path, struct diags *);

/*
 * The lines of a known_hosts(5) as libssh2 takes them, best keys first: it
 * asks for the key that comes first, and of RSA it knows SHA-1 alone. False
 * with a diagnostic when there are markers in it, whose meaning would be lost.
 */
bool known_hosts_sort(const struct buf *all, struct buf *out, struct diags *);

#endif
