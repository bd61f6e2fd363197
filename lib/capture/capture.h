/* SPDX-License-Identifier: MIT */
/*
 * What a host is, as a manifest: what was made of it since it was installed,
 * for a team that starts from a running machine. It only looks, by the host
 * interface, so it works on a picture or a recorded host too.
 */
#ifndef CONVERGE_CAPTURE_CAPTURE_H
#define CONVERGE_CAPTURE_CAPTURE_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"
#include "lib/capture/installed.h"
#include "lib/host/host.h"

struct capture {
	const struct host *host;
	struct arena *arena;
	struct diags *diags;
	struct installed installed;
	json_t *resources; /* of the manifest, by id */
};

/* The manifest of the host called name, a new reference; NULL with a
 * diagnostic. What was seen and cannot be told is a warning each. */
json_t *capture_host(const struct host *, const char *name, struct arena *,
		     struct diags *);

/* For the files of this folder: a resource, its attributes taken over. */
void capture_add(struct capture *, const char *type, const char *name,
		 json_t *attributes);
bool capture_has(const struct capture *, const char *type, const char *name);
/* Text as a manifest spells it: "${" would be a reference. */
json_t *capture_text(const char *text, size_t size);

/* Something that was seen and cannot be told. */
void capture_warn(struct capture *, const char *subject, const char *why);

/* The parts of a host; each adds to what is there, and may look at it. */
bool capture_packages(struct capture *);
bool capture_accounts(struct capture *);
bool capture_files(struct capture *);
bool capture_mounts(struct capture *);
bool capture_timezone(struct capture *);
bool capture_units(struct capture *);

#endif
