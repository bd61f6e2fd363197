/* SPDX-License-Identifier: MIT */
/*
 * What was as it should be when a host was recorded, though the record does not
 * say how it is: a file that not everybody may read, the answer of a guard. A
 * resource is known again by a digest of all that it asks for. Secrets count in
 * their sealed form; of what else is sensitive there is no digest.
 */
#ifndef CONVERGE_SNAPSHOT_SETTLED_H
#define CONVERGE_SNAPSHOT_SETTLED_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/plan.h"

enum { SETTLED_SIZE = 17 };

/* False: what it asks for cannot be told. */
bool settled_digest(const struct resource *, char digest[SETTLED_SIZE]);
/* The digests of all that a plan leaves alone, by id; a new reference. */
json_t *settled_json(const struct plan *);

#endif
