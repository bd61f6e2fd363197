/* SPDX-License-Identifier: MIT */
/*
 * What is known of a host without asking its services: the first stage. A fact
 * is gathered when it is first asked for, and then once.
 */
#ifndef CONVERGE_FACTS_FACTS_H
#define CONVERGE_FACTS_FACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/base/strings.h"
#include "lib/host/host.h"

#define FACTS_FOLDER "/etc/converge/facts.d"

struct facts {
	const struct host *tree; /* what is managed, maybe below a --root */
	/* What runs: the same, or the host that the root is a folder of. */
	const struct host *machine;
	uint32_t user; /* who runs this: trusted as root is */
	/* Facts are wanted where no program can be run: the names of those
	 * that need one are put in pending. */
	bool confined;
	struct strings pending; /* "local.app" */
	/* Something in facts.d that was asked for cannot be used: told of in
	 * diags, and the run must not go on. */
	bool wrong;
	json_t *known; /* those that are defined */
	json_t *asked; /* by name, as they were found; null: not defined */
	struct arena arena;
	struct diags *diags;
};

/* The host's own name: <root>/etc/hostname, or what the kernel calls it. */
const char *facts_host_name(const struct host *, struct arena *);

/*
 * An object in which the fact is that a name begins with ("os.id",
 * "local.app.port"); size 0: all of them. What cannot be known is not in it.
 * Borrowed, until facts_release.
 */
json_t *facts_get(struct facts *, const char *name, size_t size);
/* Whether each of asked (see above) is now as it was then. */
bool facts_hold(struct facts *, const json_t *asked);
/* Adds the names that facts have at their top. */
void facts_list(struct strings *, struct arena *);
void facts_release(struct facts *);

#endif
