/* SPDX-License-Identifier: MIT */
/*
 * The private repository of a host: "world.git" in the state folder, root's,
 * with all of the world that runs have taken, and one reference,
 * refs/heads/world, to the newest. What is fetched lies in a quarantine beside
 * it until it is taken; its bytes are copied, and never looked into here.
 */
#ifndef CONVERGE_HOST_LINUX_CLONE_H
#define CONVERGE_HOST_LINUX_CLONE_H

#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/diag.h"
#include "lib/host/repository.h"

struct clone {
	int folder;                /* -1: there is none */
	const char *path;          /* absolute; in the arena */
	char last[OBJECT_HEX + 1]; /* "": there is none */
	bool is_full; /* it has so many packs that one should replace them */
	bool is_part; /* some came in a bundle, without files of other hosts */
};

/*
 * Opens that of the state folder at path (open as state). When it is missing
 * it is made if writable, and else folder is -1, which is true too. A
 * reference that cannot be read is a warning, and none. False with a
 * diagnostic when it must not be used.
 */
bool clone_open(struct clone *, int state, const char *path, bool writable,
		struct arena *, struct diags *);
/* Takes the packs of a quarantine, or of another clone; all is on the disk when
 * it is true. With replace there must be one at most, and the others go. */
bool clone_take(struct clone *, int from, bool replace, struct diags *);
/* Has the reference name a commit, and makes it last. */
bool clone_point(struct clone *, const char *id, struct diags *);
void clone_close(struct clone *);

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
