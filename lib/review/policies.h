/* SPDX-License-Identifier: MIT */
/* The policies of one host at two revisions. Pure. */
#ifndef CONVERGE_REVIEW_POLICIES_H
#define CONVERGE_REVIEW_POLICIES_H

#include "lib/review/compare.h"

/* Adds those that are another. match: by index in the new catalog, 1 + that in
 * the old one, or 0. */
void compare_policies(const struct host_at *old_host,
		      const struct host_at *new_host, const size_t *match,
		      struct arena *, struct comparison *);

#endif
