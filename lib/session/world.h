/* SPDX-License-Identifier: MIT */
/* What a file is in a world, by where it lies. */
#ifndef CONVERGE_SESSION_WORLD_H
#define CONVERGE_SESSION_WORLD_H

#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/host/tree.h"

/* A folder of a world. */
struct world_folder {
	const char *name;   /* "roles" */
	const char *format; /* of what it holds; NULL: it has no schema */
	bool deep;          /* it has folders */
};

/* The one that the file at an absolute path lies in, in a world above it, which
 * is opened, by its absolute path; NULL: there is none. The file need not be
 * there. */
const struct world_folder *world_folder_of(const char *path, struct arena *,
					   struct tree **world);

#endif
