/* SPDX-License-Identifier: MIT */
/* Moments as people say and read them, where they are. */
#ifndef CONVERGE_HISTORY_MOMENT_H
#define CONVERGE_HISTORY_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"

/*
 * The moment that text means, in seconds since the epoch: so long before now
 * ("90", "15m", "12h", "7d", "2w"), or a day, or a time of it ("2026-11-28",
 * "2026-11-28T09:30", "2026-11-28T09:30:00"), as clocks show it here or, with
 * "Z" after it, in UTC. False: it is none.
 */
bool moment_parse(const char *text, int64_t now, int64_t *moment);

/* "2026-11-28T09:30:00Z" as it is called here, "2026-11-28T10:30:00+01:00"
 * (ISO 8601). False: it is no such text. */
bool moment_here(const char *utc, struct buf *);

#endif
