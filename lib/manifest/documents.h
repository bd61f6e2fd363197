/* SPDX-License-Identifier: MIT */
/*
 * The JSON files that say what hosts are: a lone manifest, or those of a world
 * (converge.json, hosts/NAME.json, roles/NAME.json). Each is read once, however
 * many hosts have to do with it.
 */
#ifndef CONVERGE_MANIFEST_DOCUMENTS_H
#define CONVERGE_MANIFEST_DOCUMENTS_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/base/map.h"
#include "lib/host/tree.h"
#include "lib/text/source.h"

struct document {
	const char *name; /* in the tree: "roles/web.json" */
	struct source source;
	json_t *root; /* NULL: it cannot be read, which was told */
	/* Whether its keys and the shapes of their values were looked at, and
	 * what came of it; see parts_collect. */
	bool checked, right;
};

struct documents {
	const struct tree *tree; /* borrowed */
	struct map by_name;
	struct document **v;
	size_t n, capacity;
	struct arena arena;
};

/* The documents of a tree, which outlives them; none is read yet. */
void documents_begin(struct documents *, const struct tree *);
/*
 * The document of that name, read now if it was not. NULL: it is not there, or
 * is no good; of the first time there are diagnostics, at *from if that has a
 * file and there is none of that name. shown is how diagnostics name the file
 * when it cannot be read; NULL: as it is named in the tree.
 */
struct document *documents_read(struct documents *, const char *name,
				const char *shown, struct diags *);
/* Whether the tree has anything of that name, or cannot tell: why not is told
 * by reading it. */
bool documents_have(const struct documents *, const char *name);
/* Frees what one holds, when it is not needed again. */
void documents_drop(struct documents *, const char *name);
/* Frees the texts of all: no place can be found any more. */
void documents_forget_texts(struct documents *);
void documents_release(struct documents *);

#endif
