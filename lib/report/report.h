/* SPDX-License-Identifier: MIT */
/*
 * The report stage: plans and verdicts as documents. What people read is
 * rendered from the same documents by cmd/.
 */
#ifndef CONVERGE_REPORT_REPORT_H
#define CONVERGE_REPORT_REPORT_H

#include <jansson.h>

#include "lib/apply.h"
#include "lib/plan.h"

const char *action_name(enum action);

/* One change: id, action, attributes, origin, change, disruption, undoable,
 * and where they apply diff, because, withheld, failed, skipped, owed. "change"
 * is the change's id, a digest without the host. A new reference, as all here.
 */
json_t *report_change(const struct plan *, const struct change *);

/* "converge.plan/1": head (host, source, revision and commit), digest,
 * summary, changes. */
json_t *report_plan(const struct plan *);
/* Adds to the changes of what report_plan gave what a saved plan is compared
 * by: of what they hide a digest, which only those can compare that know it and
 * the key; and of what they remove how it stands. */
void report_seals(const struct plan *, json_t *document, const char *key);
json_t *report_head(const struct plan *);
/* Adds to a head the commit that all is from; NULL: it is from none. */
void report_commit(json_t *head, const struct commit *);
json_t *report_summary(const struct plan *);
/* Adds which commit changed something last: commit, date, author, subject,
 * tickets; and bound, if it was that one or one before it. */
void report_past(json_t *object, const struct past *);
/* Adds "2026-11-22T09:30:00Z" (ISO 8601), as far as years have four digits. */
void report_time(json_t *object, const char *key, int64_t time);

/* "converge.event/1": one change of an apply as it ended. */
json_t *report_event(const struct plan *, const struct change *, enum verdict,
		     const char *text);

/* "converge.event/1", event "end": the summary of an apply. */
json_t *report_end(const struct plan *, const struct applied *, int status);

#endif
