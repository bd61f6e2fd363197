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

/* Writes to standard output or error; all of it, or lost is set. */
void view_print(struct view *, const struct buf *);
void view_error(const struct buf *);
/* The same of what is for a CI system to obey: what is from outside was made
 * safe before. */
void view_commands(struct view *, const struct buf *);
/* As view_diags prints it. */
void view_diag(const struct diag *, struct buf *);
void view_diags(const struct diags *);
void view_json(struct view *, const json_t *, bool one_line);

/* Whether an operand is a file, rather than one of converge's own words. */
bool view_is_file(const char *operand);
/* The status, with failure in it when output was lost. */
int view_status(struct view *, int status);

/* view_text.c */
/* A commit that changed something last, without the line's end. */
void view_text_past(const json_t *past, struct buf *);
void view_text_head(const json_t *head, struct buf *);
void view_text_change(const struct view *, const json_t *change, struct buf *);
void view_text_summary(const json_t *summary, struct buf *);
void view_text_event(const struct view *, const json_t *event, struct buf *);

#endif
