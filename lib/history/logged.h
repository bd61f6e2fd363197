/* SPDX-License-Identifier: MIT */
/*
 * What the store has of past runs, as documents. Pure: what is read elsewhere
 * comes in. Whatever the store says is text from outside.
 */
#ifndef CONVERGE_HISTORY_LOGGED_H
#define CONVERGE_HISTORY_LOGGED_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/store/store.h"

/* How it ended: "ok", "withheld", "failed", "stopped" (by a signal), or
 * "interrupted" without an end; is_running: "running". */
const char *logged_result(const struct run_record *, bool is_running);

/* A run: run, host, source, revision, command, started, finished, seconds,
 * exit, result, summary. A new reference, as all here. */
json_t *logged_run(const struct run_record *, bool is_running);

/* A change: id, action, attributes, change, result, reason; and commit, if that
 * is among the pasts, which are sorted. */
json_t *logged_change(const struct change_record *, const struct pasts *);

/* A look: source, ruling, revision, reason, first, last, times. */
json_t *logged_look(const struct look_record *);

/* Adds text, or nothing when there is none. */
void logged_text(json_t *object, const char *key, const char *text);
/* Adds a time (report_time), if it is one. */
void logged_time(json_t *object, const char *key, int64_t time);

#endif
