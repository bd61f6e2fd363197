/* SPDX-License-Identifier: MIT */
/*
 * Where a host has its world from when no SOURCE is given: agent.json names a
 * branch; it is fetched, looked at, verified, and followed or not. What comes
 * of it is one commit of one repository of root's. Or that commit comes in a
 * bundle, and the same is asked of it.
 */
#ifndef CONVERGE_ORIGIN_ORIGIN_H
#define CONVERGE_ORIGIN_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/origin/agent.h"
#include "lib/host/repository.h"
#include "lib/store/store.h"
#include "lib/text/bundle.h"

struct origin;

struct origin_options {
	const char *root; /* whose AGENT_FILE it is: "/", or a folder */
	int state;        /* the state folder, open; -1: there is none */
	const char *path; /* and where it is */
	bool keeps;       /* what is fetched: else nothing is changed */
	const struct world_record *last; /* of the store */
	const char *allow_rollback;      /* a whole id, or NULL */
	int64_t now;
	/* The path of a bundle, absolute, and as the user called it; NULL: it
	 * is fetched. Where there is no agent.json, who runs this vouches for
	 * it: then it is not kept. */
	const char *bundle, *shown;
	bool review; /* of a bundle: nothing is made of it, nobody vouches */
	/* Of a bundle: whether this host may have it; or NULL. Before anything
	 * of it is kept. */
	bool (*is_for)(void *context, const struct origin *);
	bool (*stopped)(void *context); /* may be NULL */
	void *context;
};

struct origin {
	bool is_asked; /* agent.json decides: else who runs it vouches */
	struct agent agent;
	const char *repository; /* its path; world.git, or a copy of it */
	char commit[OBJECT_HEX + 1];
	int64_t time;    /* of the commit's making */
	const char *who; /* signed it */
	bool is_newest;  /* it is where the branch is now, or was brought */
	/* Where the branch is, or what was brought, and why that is not what it
	 * is; both NULL where not known. */
	const char *seen, *because;
	struct bundle_head bundle; /* commit NULL: it came in none */
	/* A folder of this run's own, with the copy; -1: there is none. */
	int scratch;
	const char *scratch_path;
};

#define ORIGIN_NONE           \
	{                     \
		.scratch = -1 \
	}

/*
 * Text lives in the arena. With warnings when it goes on with an earlier
 * commit. False with diagnostics when there is none to be trusted; without
 * errors when the run was told to stop. origin_release in any case.
 */
bool origin_get(const struct origin_options *, struct origin *, struct arena *,
		struct diags *);
/* When what it found is taken for good, after the store has it (store_world):
 * has the repository name it too. */
bool origin_keep(const struct origin_options *, const struct origin *,
		 struct arena *, struct diags *);
void origin_release(struct origin *, struct diags *);

#endif
