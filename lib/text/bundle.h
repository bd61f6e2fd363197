/* SPDX-License-Identifier: MIT */
/*
 * What a bundle says of itself: its first member, bundle.json. Whoever made
 * the bundle may have written anything there.
 */
#ifndef CONVERGE_TEXT_BUNDLE_H
#define CONVERGE_TEXT_BUNDLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/base/pack.h"
#include "lib/base/strings.h"

#define BUNDLE_FILE "bundle.json"
#define BUNDLE_OBJECTS "objects" /* the folder of all other members */

enum {
	BUNDLE_HEAD_MAX = 4 * 1024 * 1024, /* bytes of bundle.json */
	BUNDLE_DIGEST = 64,                /* hex digits of SHA-256 */
};

struct bundle_head {
	const char *commit;   /* OBJECT_HEX digits */
	const char *path;     /* of the world in it; "": all of it */
	struct strings hosts; /* that it has all for, sorted */
	uint64_t objects;     /* how many */
	const char *sha256;   /* of all their bytes, in their order */
};

/* A "converge.bundle/1", a new reference. */
json_t *bundle_head_json(const struct bundle_head *);
/* All of it lives in the arena; name is how diagnostics call the file. False
 * with a diagnostic. */
bool bundle_head_read(struct bundle_head *, const char *text, size_t size,
		      const char *name, struct arena *, struct diags *);
/* NULL, or what is wrong with the name of a host, to follow it. */
const char *bundle_host_wrong(const char *name);

/* As a part of what is packed. */
void bundle_head_pack(struct pack *, struct bundle_head *);

#endif
