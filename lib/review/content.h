/* SPDX-License-Identifier: MIT */
/* The texts that a change replaces one by the other. Pure, but for reading the
 * trees. */
#ifndef CONVERGE_REVIEW_CONTENT_H
#define CONVERGE_REVIEW_CONTENT_H

#include "lib/base/buf.h"
#include "lib/review/compare.h"

/*
 * What the difference changes, as texts: contents that may be shown, with
 * secrets as "<secret PATH>"; or a value of several lines. *row is where it
 * stands in the type's table. False: there is none, or it is no text, or too
 * large, or must not be shown.
 */
bool difference_texts(const struct difference *, size_t *row, struct buf *old,
		      struct buf *new);
/* Adds the lines that one has and the other has not, with '-' and '+', and
 * "@" between those that are not next to each other. */
void texts_changed(const struct buf *old, const struct buf *new,
		   struct buf *out);

#endif
