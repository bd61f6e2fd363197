/* SPDX-License-Identifier: MIT */
/* What documents and diagnostics look like: as text for people, or as JSON. */
#ifndef CONVERGE_CMD_VIEW_H
#define CONVERGE_CMD_VIEW_H

#include <stdbool.h>

#include "cmd/options.h"

struct view {
	bool json, quiet, verbose, color;
	bool lost;      /* something could not be written */
	struct buf out; /* not written yet */
};

/* The view that an invocation asks for. */
void view_init(struct view *, const struct invocation *,
	       struct converge_view *);

/* Takes the sting out of what systems that run jobs obey in their logs; what
 * is printed is, so that only who counts bytes need do it. */
void view_disarm(struct buf *);
/* Writes to standard output or error; all of it, or lost is set. */
void view_print(struct view *, const struct buf *);
void view_error(const struct buf *);
/* The same, as they are, for a program to read or a CI system to obey: what is
 * from outside was made safe before. */
void view_bytes(struct view *, const struct buf *);
/* The string that a document has there, or NULL. */
const char *view_string(const json_t *, const char *key);
/* Adds a text from outside, escaped, after one of ours; without one, nothing.
 */
void view_put(struct buf *, const char *before, const char *text);
/* As view_diags prints it. */
void view_diag(const struct diag *, struct buf *);
void view_diags(const struct diags *);
void view_json(struct view *, const json_t *, bool one_line);

/* Whether an operand is a file, rather than one of converge's own words. */
bool view_is_file(const char *operand);
/* The status, with failure in it when output was lost. */
int view_status(struct view *, int status);

/* view_text.c */
/* Adds a string as JSON has it, escaped. False, and nothing: it is none, or is
 * told from the other value without that, as "1" is from "2", not from 1. */
bool view_text_quoted(const json_t *value, const json_t *other, struct buf *);
/* A commit that changed something last, without the line's end. */
void view_text_past(const json_t *past, struct buf *);
/* 3f2c1ab */
void view_text_revision(const char *revision, struct buf *);
void view_text_head(const json_t *head, struct buf *);
void view_text_change(const struct view *, const json_t *change, struct buf *);
void view_text_summary(const json_t *summary, struct buf *);
/* 3f2c1ab "raise worker limit" (main): of what is at "revision", "commit". */
void view_text_commit(const json_t *head, struct buf *);
/* apply: 1 created, ... */
void view_text_done(const json_t *summary, struct buf *);
/* A change of a "converge.history/1": as lines, and in one without its id. */
void view_text_recorded(const struct view *, const json_t *change,
			bool is_running, struct buf *);
void view_text_recorded_line(const json_t *change, struct buf *);
/* "3 hours" */
void view_text_age(json_int_t seconds, struct buf *);
void view_text_event(const struct view *, const json_t *event, struct buf *);

/* view_diff.c */
/* A group of a "converge.diff/1" in pieces, each of which begins a line: its
 * heading, and what it counts; what is wrong; and each change. */
void view_diff_hosts(const json_t *group, size_t most, struct buf *);
void view_diff_counts(const json_t *group, struct buf *);
void view_diff_notes(const json_t *group, struct buf *);
void view_diff_findings(const json_t *group, struct buf *);
void view_diff_change(const struct view *, const json_t *group,
		      const json_t *change, struct buf *);
void view_diff_added(const json_t *document, size_t most, struct buf *);
void view_diff_removed(const json_t *document, size_t most, struct buf *);
void view_diff_snapshots(const json_t *document, size_t most, struct buf *);
void view_diff_assumed(const json_t *document, size_t most, struct buf *);
void view_diff_summary(const json_t *document, struct buf *);
void view_diff_text(struct view *, const json_t *document);
/* view_markdown.c: the same in at most that many bytes. */
void view_diff_markdown(struct view *, const json_t *document, size_t most);

#endif
