/* SPDX-License-Identifier: MIT */
/*
 * A snapshot that was read, and what a plan against it takes. Many hosts can
 * be planned in one process, one after the other: nothing is shared but what
 * the caller gives, and nothing outside of the snapshot and the world's tree is
 * looked at.
 */
#ifndef CONVERGE_SNAPSHOT_RECORDED_H
#define CONVERGE_SNAPSHOT_RECORDED_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/diag.h"
#include "lib/graph.h"
#include "lib/host/host.h"
#include "lib/manifest.h"
#include "lib/plan.h"

/* A recorded host. */
struct recorded {
	json_t *json;         /* the whole document; owned */
	struct host *picture; /* of it; takes writes */
	json_t *facts;        /* borrowed, as what follows */
	const char *host;     /* its name */
	const char *state; /* its state folder as a path of its own, or NULL */
	const char *revision; /* that it was at, or NULL */
	int64_t time;         /* seconds since the epoch */
	/* What was signed, and the signature; borrowed from the bytes. size 0:
	 * there is none. */
	const char *bytes, *signature;
	size_t n, size;
};

#define RECORDED_PURPOSE "converge-snapshot"

/* Loads the libraries that are needed to read and to trust a file of those
 * bytes, unless they are there: by a process that may. False with a diagnostic.
 */
bool recorded_load(const char *bytes, size_t n, struct diags *);
/* Reads a file's n bytes: JSON of at most SOURCE_MAX_BYTES, as it is or
 * compressed (squeeze.h); name is what diagnostics call it. False with
 * diagnostics; to be released all the same.
 */
bool recorded_read(struct recorded *, const char *bytes, size_t n,
		   const char *name, struct diags *);
/*
 * Whether the host that the snapshot names has signed it, as far as the world
 * knows the host's key (secrets/recipients.json). One that is not signed, or of
 * which that cannot be told, is a warning, or where converge.json wants
 * signatures an error; a wrong signature is an error. False after an error.
 */
bool recorded_trust(const struct recorded *, const struct tree *world,
		    const char *name, struct diags *);
void recorded_release(struct recorded *);

/* What is planned, and what came of it. */
struct against {
	const struct tree *tree;     /* of the world, or beside the manifest */
	const char *file;            /* in it: "hosts/web-1.json" */
	bool is_world;               /* it has a converge.json */
	const char *host;            /* NULL: that of the snapshot */
	const struct commit *commit; /* that the tree is of, or NULL */
	const char *shown; /* the file as the user named it, or NULL */
	struct documents *documents; /* of the tree, to be shared; or NULL */
	struct plan_options options;

	const struct recorded *recorded;
	struct strings fact_names;
	struct arena arena;
	struct manifest manifest;
	struct catalog catalog;
	struct graph graph;
	struct plan plan;
};

/*
 * The plan that the recorded host would make. False with diagnostics when there
 * is none; against_release all the same. Archives and git repositories need
 * their libraries: where session_wants() says so afterwards, they must be
 * loaded (session_load), and it must be made again.
 */
bool against_plan(struct against *, const struct recorded *, struct diags *);
void against_release(struct against *);

#endif
