/* SPDX-License-Identifier: MIT */
/*
 * What a change of a world does to its hosts: those with the same change are
 * one group. Hosts are looked at in shares, each by a process of its own; what
 * comes of them is put together afterwards. Pure, but for reading the trees.
 */
#ifndef CONVERGE_REVIEW_REVIEW_H
#define CONVERGE_REVIEW_REVIEW_H

#include <jansson.h>

#include "lib/base/diag.h"
#include "lib/base/strings.h"
#include "lib/host/tree.h"

struct review {
	const struct tree *old, *new;
	bool begins; /* the old one is no world yet: all hosts are new */
	const struct strings *fact_names;
	/* Of snapshots, "web-1.json" or "web-1.json.zst" of the host web-1:
	 * those hosts are planned for; NULL: there are none. */
	const struct tree *snapshots;
	/* The only host to look at; NULL: all. */
	const char *host;
	/* Groups are told as what the change touches (impact.h). */
	bool impact;
	/* One of so many equal shares. */
	size_t share, shares;
};

/*
 * The share as a document, for review_join: "groups", of hosts that change, and
 * of those that are wrong; "added" and "removed" ones; how many there are; and
 * of "snapshots" how many, the oldest, and whom there is none of; and as
 * "assumed" the facts that hosts which are the same were given, as nobody told
 * them, if anything that those hosts read is another. A new reference; NULL
 * with diagnostics.
 */
json_t *review_share(const struct review *, struct diags *);
/*
 * All shares as one "converge.diff/1", but for its head: the largest groups
 * first. Each share is borrowed. A new reference; NULL with a diagnostic: one
 * of them is no such document.
 */
json_t *review_join(json_t *const *shares, size_t n, struct diags *);

/* Adds assumed facts to others; of two values of a fact the one that sorts
 * first stays. */
void assumed_merge(json_t *facts, const json_t *more);

/* --- what made the changes (history.c) --- */

struct commit;
struct between;

/*
 * Adds to each change of the document the newest commit among those of between
 * that it comes from, and to each group all of those, looked for in the history
 * of a commit; folder is that of the world in it. Takes "trail" away. False
 * with a diagnostic: then there are none.
 */
bool review_trace(json_t *document, const char *repository, const char *folder,
		  const struct commit *, const struct between *,
		  struct diags *);

#endif
