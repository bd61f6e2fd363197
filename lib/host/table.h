/* SPDX-License-Identifier: MIT */
/*
 * What an archive or a commit holds: its entries, by name, with what each must
 * be. Whoever made it read what anybody may have written, so it is checked
 * wherever it comes in.
 */
#ifndef CONVERGE_HOST_TABLE_H
#define CONVERGE_HOST_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/base/map.h"
#include "lib/base/pack.h"
#include "lib/host/content.h"
#include "lib/host/tree.h"

enum {
	TABLE_ENTRIES = 200000,
	TABLE_DEPTH = 100,     /* components of a name */
	TABLE_RATIO = 200,     /* bytes that one byte may come to, */
	TABLE_FREE = 16 << 20, /* after so many */
	TABLE_CPU = 60,        /* seconds of reading */
};
#define TABLE_BYTES (UINT64_C(4) << 30) /* of all files together */

struct table_entry {
	const char *name; /* "bin/app"; its folder is an earlier entry */
	int type;         /* enum tree_type, but not TREE_ABSENT */
	bool executable;
	uint64_t size;      /* of a file */
	const char *target; /* of a link; relative, and stays inside */
	size_t copy;        /* 1 + index of an earlier file that it is the same
			     * as (a hard link); 0: it has content of its own */
	unsigned char digest[DIGEST_SIZE]; /* of a file's content */
};

struct table {
	struct table_entry *v;
	size_t n, capacity;
};

/* A table in the making: what no two entries may share. */
struct table_maker {
	struct table *table;
	struct arena *arena;
	struct map names; /* to 1 + index, as a pointer */
	struct map folded;
	uint64_t bytes;
};

/* NULL, or what is wrong with the name of an entry, to follow it: "leads out
 * of it". It is n bytes, and may hold any. */
const char *table_name_wrong(const char *name, size_t n);
/* Whether a link called name may have that target: one that stays inside. */
bool table_target_stays(const char *name, const char *target);
/*
 * Adds a copy of the entry, and the folders above it that are not there yet;
 * the entry is NULL when it is one that is there already as it should be (a
 * folder that was implied). False with a diagnostic that names it.
 */
bool table_add(struct table_maker *, const struct table_entry *,
	       struct table_entry **, struct diags *);
/* The entry of that name, or NULL. */
struct table_entry *table_find(const struct table_maker *, const char *name);
/* Walks over the entries (pack.h); what comes in is checked as table_add does.
 */
void table_pack(struct pack *, struct table *);

#endif
