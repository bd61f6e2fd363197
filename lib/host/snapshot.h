/* SPDX-License-Identifier: MIT */
/* What the files of host_snapshot share, and nobody else. */
#ifndef CONVERGE_HOST_SNAPSHOT_H
#define CONVERGE_HOST_SNAPSHOT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/host/picture.h"
#include "lib/host/recorded.h"
#include "lib/host/roster.h"

/* What is taken for granted. */
struct assumed {
	const struct host_needs *needs; /* NULL: nothing is, for now */
	struct strings what;
};

struct snapshot {
	struct picture_host host; /* first */
	size_t failing;           /* writes until they fail, from 1; 0: never */
	/* borrowed; NULL: not given */
	const json_t *files, *users, *groups, *commands, *facts, *units,
		*packages;
	/* Where and when it was recorded. Then what it does not hold is not
	 * known; else it is not there. */
	const json_t *recorded;
	/* For whoever plans, and kept as they are. */
	const json_t *settled, *owed;
	struct roster roster;
	json_t *changed;            /* packages that were written to; or NULL */
	bool (*may)(void *context); /* write; or NULL: always */
	void *context;
	struct assumed assumed;
};

static inline struct snapshot *snapshot_of(struct host *h)
{
	return (struct snapshot *)(void *)h;
}

static inline const struct snapshot *const_snapshot(const struct host *h)
{
	return (const struct snapshot *)(const void *)h;
}

/* snapshot_assume.c. Something is installed. */
bool assume_brought(struct snapshot *, struct diags *);

/* snapshot_json.c. Reads the whole document, which must outlive the snapshot:
 * false with all that is wrong with it. */
bool snapshot_read(struct snapshot *, const json_t *, struct diags *);
/* A copy with its keys sorted, a new reference. */
json_t *snapshot_sorted(const json_t *object);

/* snapshot_files.c: "files" into the picture, and back: a new reference. */
bool snapshot_read_files(struct snapshot *, struct diags *);
json_t *snapshot_show_files(const struct picture *);

/* snapshot_packages.c: what "packages" may be, and what they have become, a
 * new reference. */
bool snapshot_check_packages(const json_t *packages, struct diags *);
json_t *snapshot_show_packages(const struct snapshot *);
/* For struct host_looks. */
bool snapshot_package(const struct host *, const char *provider,
		      const char *name, struct arena *, struct package *,
		      struct diags *);
bool snapshot_package_candidate(const struct host *, const char *provider,
				const char *name, struct arena *,
				const char **version, const char **because,
				struct diags *);
bool snapshot_packages(const struct host *, struct arena *, struct strings *,
		       bool *known, struct diags *);
/* What a change makes of a package. */
bool snapshot_change_package(struct host *, const struct package_change *,
			     struct diags *);

#endif
