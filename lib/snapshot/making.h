/* SPDX-License-Identifier: MIT */
/* A snapshot in the making: what the files that record it share. */
#ifndef CONVERGE_SNAPSHOT_MAKING_H
#define CONVERGE_SNAPSHOT_MAKING_H

#include "lib/snapshot/record.h"

struct making {
	const struct host *host;
	const struct record_options *options;
	struct arena *arena;
	struct diags *diags;
	json_t *files;
	struct map seen;   /* struct seen by canonical path */
	struct map veiled; /* paths of what is sensitive */
};

/* A path that is in it. */
struct seen {
	const char *path;
	struct node node;
	json_t *json;
	bool listed, told;
};

/* record_files.c */
enum detail {
	DETAIL_NODE,   /* owner, mode, size, target */
	DETAIL_DIGEST, /* and the digest, if all may read it */
	DETAIL_TEXT,   /* and the content itself */
};
/* The path, and all that leads to it. */
bool record_path(struct making *, const char *path, enum detail,
		 struct seen **);
/* All that is in a folder, so deep below. */
bool record_folder(struct making *, const char *path, size_t deep, enum detail);
bool record_noted(struct making *);
/* record_parts.c: new references; NULL: it is not known. */
json_t *record_accounts(struct making *, bool groups);
json_t *record_packages(struct making *);
json_t *record_units(struct making *);

#endif
