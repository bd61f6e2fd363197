/* SPDX-License-Identifier: MIT */
/*
 * Saved plans: the document of plan --out, which apply does exactly, or not at
 * all. Applying one plans again and compares: a plan that moved is stale.
 */
#ifndef CONVERGE_SAVED_H
#define CONVERGE_SAVED_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/base/diag.h"

/* The saved plan that text is, a new reference; NULL: it is none. */
json_t *saved_parse(const char *text, size_t size);
/* The manifest that it was made from, an absolute path; NULL with a
 * diagnostic. Lives as long as the plan. */
const char *saved_path(const json_t *saved, struct diags *);
/* Whether the plan made now is the saved one; diagnostics name all that
 * moved. */
bool saved_matches(const json_t *saved, const json_t *now, struct diags *);

#endif
