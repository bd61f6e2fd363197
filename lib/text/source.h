/* SPDX-License-Identifier: MIT */
/*
 * A JSON file with the places of what is in it. jansson parses; where it says
 * no, or where a place is asked for, the text is walked again by a scanner of
 * our own, which sees exactly the values that jansson sees.
 */
#ifndef CONVERGE_TEXT_SOURCE_H
#define CONVERGE_TEXT_SOURCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/diag.h"

enum {
	SOURCE_MAX_BYTES = 16 * 1024 * 1024,
	SOURCE_MAX_DEPTH = 64,
	SOURCE_MAX_STRING = 1024 * 1024,
	/* Bounds memory: jansson makes some 300 bytes of each "{}". */
	SOURCE_MAX_VALUES = 1000000,
};

struct source {
	const char *name; /* as diagnostics print it */
	const char *text; /* outlives the source; not ended by NUL */
	size_t size;
	struct source_index *index; /* made on first use; see source_locate */
	struct arena arena;
};

/*
 * Strict RFC 8259: an object at the top, no BOM, no duplicate keys (both
 * places are named), valid UTF-8, no NUL, no lone surrogates, integers of 64
 * bits, depth, string length, number of values and size within the limits
 * above. NULL with one diagnostic at the very byte otherwise. The caller owns
 * the json_t.
 */
json_t *source_parse(struct source *, struct diags *);

enum source_at { SOURCE_AT_VALUE, SOURCE_AT_KEY };

/*
 * Where the value that a JSON Pointer (RFC 6901) names stands, or the key it
 * stands under (what has no key, such as an array's element: the value). False
 * when there is none; place is then the file alone. Any number of look-ups of
 * "/resources/ID" and what is below it cost no more than one walk over the
 * text and one over that resource each.
 */
bool source_locate(struct source *, const char *pointer, enum source_at,
		   struct place *);
void source_release(struct source *);

#endif
