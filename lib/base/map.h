/* SPDX-License-Identifier: MIT */
/*
 * Strings to pointers. Hashed by SipHash-1-3 under a key of getrandom(2), so
 * that nobody can choose keys that collide (Aumasson and Bernstein, "SipHash:
 * a fast short-input PRF", 2012). A zeroed struct is an empty map. Keys are
 * not copied and must outlive the map; memory lives in the arena.
 */
#ifndef CONVERGE_BASE_MAP_H
#define CONVERGE_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"

struct map_slot;

struct map {
	struct map_slot *slots;
	size_t n, capacity;
};

/* The value of key, or NULL. */
void *map_get(const struct map *, const char *key);
void *map_getn(const struct map *, const char *key, size_t n);
/* Sets it, and returns the value that stood there before, or NULL. */
void *map_put(struct map *, struct arena *, const char *key, void *value);
/* A keyed 64-bit hash; differs from process to process. */
uint64_t map_hash(const void *bytes, size_t n);

#endif
