/* SPDX-License-Identifier: MIT */
/*
 * The canonical text of a document of converge: in the layout of layout.h, and
 * in one order where order means nothing. What means something by its order
 * (resources, rules, lists, vars, what for_each may go over) keeps it.
 */
#ifndef CONVERGE_REVIEW_FMT_H
#define CONVERGE_REVIEW_FMT_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/text/source.h"

/*
 * Appends it. The keys of a manifest, a role, a rule or converge.json come in
 * the order of the manual, if it knows all of them; in a resource description,
 * when and for_each come first, then what its type takes in the order of its
 * table, then what all resources take. Pure: no file but this one counts, so a
 * type of the world's own keeps its order. False with the diagnostic of
 * source_parse.
 */
bool fmt_text(struct source *, struct buf *out, struct diags *);

#endif
