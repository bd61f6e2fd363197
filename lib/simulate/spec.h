/* SPDX-License-Identifier: MIT */
/*
 * The tests that a world brings along, tests/NAME.json ("converge.test/1"):
 * which hosts, what is given, and what must come of it.
 */
#ifndef CONVERGE_SIMULATE_SPEC_H
#define CONVERGE_SIMULATE_SPEC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/base/strings.h"
#include "lib/manifest/documents.h"

/* One of them; everything is borrowed from its document. */
struct spec {
	struct document *doc;
	const char *file; /* "tests/web.json" */
	bool right;       /* nothing is wrong with it */
	bool matched;     /* some host that was looked at */
};

struct specs {
	struct spec *v;
	size_t n;
};

/* All of a tree that are JSON objects, in the order of their names, with
 * diagnostics of what is wrong with them; false if anything is. Lives in the
 * arena. */
bool specs_read(struct specs *, struct documents *, struct arena *,
		struct diags *);
/* Whether a host of that name and those tags (an array) is meant. */
bool spec_is_for(const struct spec *, const char *host, const json_t *tags);
/* Where the value at a JSON Pointer of its file stands. */
struct place spec_place(const struct spec *, const char *pointer,
			enum source_at);
/* Whether text is as the glob (fnmatch(3)) says. */
bool spec_glob(const char *glob, const char *text);

#endif
