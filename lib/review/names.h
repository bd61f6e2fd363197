/* SPDX-License-Identifier: MIT */
/* Names of hosts for people: in the order that they count in, and in few
 * words. Pure. */
#ifndef CONVERGE_REVIEW_NAMES_H
#define CONVERGE_REVIEW_NAMES_H

#include "lib/base/strings.h"

/* As strcmp(3), but "web-9" comes before "web-10": digits count as numbers.
 * Names that differ are never equal. */
int names_compare(const char *a, const char *b);
/* Sorts so. */
void names_sort(struct strings *);
/*
 * "web-1 … web-41, db": of three and more that count on by one only the first
 * and the last. Of more than most such pieces the rest is counted ("and 7
 * more"); 0: any number. names are sorted; in the arena.
 */
const char *names_short(const struct strings *, size_t most, struct arena *);

#endif
