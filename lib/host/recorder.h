/* SPDX-License-Identifier: MIT */
/*
 * A host over another that passes all questions on, and notes what was asked:
 * what a snapshot must hold, so that the same can be asked of it.
 */
#ifndef CONVERGE_HOST_RECORDER_H
#define CONVERGE_HOST_RECORDER_H

#include "lib/base/arena.h"
#include "lib/base/map.h"
#include "lib/host/host.h"

/* What was asked of one path. */
struct noted_path {
	const char *path;
	bool listed; /* its entries were asked for */
	bool read;   /* its content was */
	/* It holds just what a manifest has, and no secret: nothing is told by
	 * its digest. */
	bool plain;
};

struct noted {
	struct arena arena;
	struct map paths;     /* struct noted_path */
	struct strings order; /* of paths, as they were asked for */
	struct map candidates;
	struct strings candidate_names;
	struct map ages; /* struct unit_age by id: of those that are old */
};

/* Borrows both; it takes no writes. */
struct host *host_recorder(const struct host *base, struct noted *);
void noted_release(struct noted *);

#endif
