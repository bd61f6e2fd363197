/* SPDX-License-Identifier: MIT */
/*
 * A compiled catalog: what the stages from manifest to graph made, as one
 * block. The process that reads manifests makes it and can do nothing else;
 * the process that changes the host takes it, and never sees the JSON. Kept on
 * disk it saves the parsing, by far the dearest part of a run that has nothing
 * to do, as long as all that went into it is as it was.
 */
#ifndef CONVERGE_COMPILED_H
#define CONVERGE_COMPILED_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/pack.h"
#include "lib/graph.h"
#include "lib/inputs.h"

/* Packs the graph, its catalog, which is settled (catalog_settle), and what
 * they were made from. The pack is to be written and released. */
void compiled_pack(struct pack *, const struct graph *, const struct inputs *);

/*
 * The stages' values from a block that compiled_pack made, in this build of
 * converge; the block must be writable, and outlive them all. tree is the
 * folder of the manifest. False, without a diagnostic, when the block is not
 * such a one.
 */
bool compiled_unpack(void *block, size_t size, const struct tree *tree,
		     struct manifest *, struct catalog *, struct graph *,
		     struct inputs *);

#endif
