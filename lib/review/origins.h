/* SPDX-License-Identifier: MIT */
/* Where one resource comes from on all hosts of a world that have it, for who
 * sits on none of them ("converge.origins/1"). Pure, but for reading the tree.
 */
#ifndef CONVERGE_REVIEW_ORIGINS_H
#define CONVERGE_REVIEW_ORIGINS_H

#include "lib/why.h"

/*
 * Hosts are read with the facts that check takes for them; those to which the
 * resource comes from the same place are one group, the largest first. tree is
 * that of the world, whose history is asked as why says; source is how the user
 * called it. A new reference; NULL with a diagnostic: no host has it.
 */
json_t *origins_document(const struct why *, const struct tree *,
			 const struct strings *fact_names, const char *source,
			 struct diags *);

#endif
