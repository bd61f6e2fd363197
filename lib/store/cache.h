/* SPDX-License-Identifier: MIT */
/*
 * The compiled catalog (compiled.h) as the last apply kept it, in the file
 * "catalog" of the state folder. It can be removed at any time: then the next
 * run compiles it anew.
 */
#ifndef CONVERGE_STORE_CACHE_H
#define CONVERGE_STORE_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/store/folder.h"

/* Opens it for reading; -1: there is none that can be believed. */
int cache_open(const struct folder *);
/* Whether what was read of it is as it was written; *size is then that of what
 * was kept. A disk that forgets a bit must not change a catalog. */
bool cache_is_whole(const void *bytes, size_t *size);
/*
 * Keeps these bytes in its place, whole and synced, or nothing at all, whatever
 * happens; whether they are kept matters to nobody but the clock. The folder's
 * lock is held.
 */
void cache_keep(const struct folder *, const void *bytes, size_t size);
/* From now on there is none. */
void cache_drop(const struct folder *);

#endif
