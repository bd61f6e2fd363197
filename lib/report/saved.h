/* SPDX-License-Identifier: MIT */
/*
 * Saved plans: the document of plan --out, which apply does exactly, or not at
 * all. Applying one plans again and compares: a plan that moved is stale.
 */
#ifndef CONVERGE_REPORT_SAVED_H
#define CONVERGE_REPORT_SAVED_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/base/pack.h"
#include "lib/base/strings.h"

enum { SAVED_MAX_BYTES = 256 * 1024 * 1024 };

/* What a plan was made with, beside the manifest. */
struct terms {
	const char *root; /* absolute */
	struct strings only, tags;
	const char *max_disruption; /* or NULL */
};

/* What must be known of a saved plan to make it again. */
struct saved_head {
	const char *path;     /* of the manifest, absolute */
	const char *revision; /* the commit that it is in, or NULL */
	const char *host;
	struct terms terms;
};

/* The saved plan that text is, a new reference; NULL: it is none. */
json_t *saved_parse(const char *text, size_t size);
/* False with a diagnostic: it does not say. Texts live as long as the plan. */
bool saved_read_head(const json_t *saved, struct arena *, struct saved_head *,
		     struct diags *);
/* As a part of what is packed. */
void saved_pack_head(struct pack *, struct saved_head *);
/* The key of its seals: see report_seals; or NULL. */
const char *saved_key(const json_t *saved);
/* The same as they stand in the document, a new reference. */
json_t *saved_terms_json(const struct terms *);
/* Whether it is for that host and that root; diagnostics say what not. */
bool saved_is_for(const struct saved_head *, const char *host, const char *root,
		  struct diags *);
/* Whether the plan made now is the saved one; diagnostics name all that
 * moved. */
bool saved_matches(const json_t *saved, const json_t *now, struct diags *);

#endif
