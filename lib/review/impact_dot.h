/* SPDX-License-Identifier: MIT */
/* What a change touches (impact.h), for Graphviz. Pure. */
#ifndef CONVERGE_REVIEW_IMPACT_DOT_H
#define CONVERGE_REVIEW_IMPACT_DOT_H

#include <jansson.h>

#include "lib/base/buf.h"

/* A "converge.impact/1" in DOT: a cluster a group. Nothing that stands in it is
 * believed. */
void impact_dot(const json_t *document, struct buf *);

#endif
