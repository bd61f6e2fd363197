/* SPDX-License-Identifier: MIT */
/* Rows of resources at two revisions, one against the other. Pure, but for
 * reading the trees. */
#ifndef CONVERGE_REVIEW_ROWS_H
#define CONVERGE_REVIEW_ROWS_H

#include "lib/review/pair.h"

/* Whether the row of the type's table is one that is told of: not one of the
 * type's own, nor another name of one that is compared with the host. */
bool row_is_told(const struct module *, size_t row);
/* Its value in a resource that may be NULL; a new reference. */
json_t *row_value(const struct resource *, const struct attr *attrs,
		  const void *record, size_t row);
/* Whether its value is a text, or a file of the world. */
bool row_is_content(const struct attr *);
/* Files of the world that are the same in both need not be read. False: perhaps
 * they are not the same. */
bool content_is_same(struct pair *, const struct content *,
		     const struct content *);
/* Whether both say the same by that row, of the records a and b of attrs. */
bool row_is_same(struct pair *, const struct resource *old,
		 const struct resource *new, const struct attr *attrs,
		 const void *a, const void *b, size_t row);
/* The same of a row that says what it is of (place of struct module), for
 * comparing: a public key without its comment. */
json_t *row_place(const struct resource *, size_t row);
/* Whether what is as the old value says is as the new one asks: "0644" and
 * "u=rw,go=r". False: perhaps not. */
bool row_is_met(const struct attr *, const void *old, const void *new);

#endif
