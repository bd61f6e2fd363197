/* SPDX-License-Identifier: MIT */
/*
 * A host as a "converge.snapshot/1": what manifests can touch, by what it is
 * and not by what it holds. Digests stand for contents, and none is told of
 * what not everybody may read.
 */
#ifndef CONVERGE_SNAPSHOT_RECORD_H
#define CONVERGE_SNAPSHOT_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/diag.h"
#include "lib/host/recorder.h"
#include "lib/plan.h"

struct record_options {
	const char *host;
	const char *revision; /* of the commit that the host is at; or NULL */
	const char *own; /* path of converge's state on the host; or NULL */
	int64_t time;    /* seconds since the epoch */
	json_t *facts;   /* borrowed */
	const struct plan *plan;
	struct noted *noted;     /* what was asked to make that plan */
	const struct owed *owed; /* refreshes that earlier runs left */
	size_t nowed;
	struct veiled veiled; /* files that may hold earlier secrets */
	bool contents;        /* of files that everybody may read */
};

/* A new reference; NULL with diagnostics. */
json_t *record_host(const struct host *, const struct record_options *,
		    struct diags *);

#endif
