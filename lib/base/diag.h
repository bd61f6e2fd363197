/* SPDX-License-Identifier: MIT */
/*
 * What went wrong, and where in the user's own file. Stages report all they
 * find into a struct diags, then return false; nobody prints here.
 */
#ifndef CONVERGE_BASE_DIAG_H
#define CONVERGE_BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"

/* line and column count from 1, column in bytes; line 0: no place in file. */
struct place {
	const char *file; /* NULL: no place at all */
	size_t line, column;
};

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_INFO };

struct diag {
	enum severity severity;
	struct place place;
	const char *subject; /* "file:/etc/motd", or NULL */
	const char *text;
	const char *hint; /* something to do, or NULL */
};

/* A zeroed struct is empty. Everything in it lives in its arena. */
struct diags {
	struct arena arena;
	struct diag *v;
	size_t n, capacity;
	size_t errors;  /* among them */
	size_t dropped; /* reported after DIAGS_MAX */
	/* What is being worked on: stands in for a place or subject not given.
	 */
	struct place place;
	const char *subject;
};

enum {
	DIAGS_MAX = 1000,
	/* Bytes of a text; of a longer one the middle is left out. */
	DIAG_MAX_TEXT = 16 * 1024,
};

/* Always false, so that a stage can write: return diag_error(...). */
bool diag_error(struct diags *, const char *format, ...) PRINTF(2, 3);
bool diag_error_at(struct diags *, struct place, const char *format, ...)
	PRINTF(3, 4);
/* As diag_error, with ": " and strerror(error) added. */
bool diag_errno(struct diags *, int error, const char *format, ...)
	PRINTF(3, 4);
void diag_warning(struct diags *, const char *format, ...) PRINTF(2, 3);
/* Adds a hint to the newest diagnostic. */
void diag_hint(struct diags *, const char *format, ...) PRINTF(2, 3);
/* Copies all diagnostics of from to the end of to. */
void diags_append(struct diags *to, const struct diags *from);
/* A copy of text as a diagnostic keeps it; NULL stays NULL. */
const char *diag_keep(struct diags *, const char *text);
/* Forgets everything, keeps nothing. */
void diags_release(struct diags *);

#define AUTO_DIAGS AUTO(diags_release)

#endif
