/* SPDX-License-Identifier: MIT */
/*
 * Bundles: the objects of one commit that some hosts need, in one archive (tar,
 * packed with zstd), always the same bytes for the same commit and hosts. The
 * first member is bundle.json; of the others each is an object as git hashes
 * it, "TYPE SIZE", NUL and its content, called objects/ID, and comes after one
 * that names it: the commit, what it comes from, its folders and files. So
 * whoever believes the commit can believe all of it.
 */
#ifndef CONVERGE_HOST_BUNDLE_H
#define CONVERGE_HOST_BUNDLE_H

#include "lib/host/commit.h"
#include "lib/text/bundle.h"

#define BUNDLE_MOST (UINT64_C(3) << 29) /* bytes of all objects together */

/* --- reading --- */

/* Whether the file at path means to be one: it is packed with zstd. */
bool bundle_is(const char *path);

struct bundle_source {
	const char *path;               /* absolute */
	const char *shown;              /* as the user called it */
	int quarantine;                 /* of clone.h */
	bool (*stopped)(void *context); /* may be NULL */
	void *context;
};

/*
 * Puts the objects of a bundle into a quarantine, by a process that is
 * confined. The head lives in the arena. False with a diagnostic when there is
 * anything about it that is not as it must be; without one when the run was
 * told to stop.
 */
bool bundle_unpack(const struct bundle_source *, struct bundle_head *,
		   struct arena *, struct diags *);

/* --- making; for a process that is confined --- */

struct bundle_contents {
	const struct commit_place *place; /* the world */
	const struct commit *commit;
	/* Files of the world that stay out. */
	const struct strings *without;
};

/* Loads what is needed; to be done before the process is confined. */
bool bundle_load(struct diags *);
/* Writes it to a descriptor. The head's commit, path, objects and sha256 are
 * filled in, its hosts are given. */
bool bundle_write(const struct bundle_contents *, struct bundle_head *, int out,
		  struct arena *, struct diags *);

#endif
