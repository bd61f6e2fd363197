/* SPDX-License-Identifier: MIT */
/*
 * Edits of text: the text and a wish in, the new text out. What is not wished
 * for stays as it is, byte for byte; the same wish again changes nothing.
 */
#ifndef CONVERGE_TEXT_EDIT_EDIT_H
#define CONVERGE_TEXT_EDIT_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/diag.h"

enum {
	EDIT_MAX_BYTES = 16 * 1024 * 1024, /* of a text */
	EDIT_MAX_LINE = 64 * 1024,         /* that a pattern is tried on */
	EDIT_MAX_PATTERN = 1024,
};

struct edit_text {
	const char *path; /* as diagnostics print it */
	const char *bytes;
	size_t size;
};

enum edit_state {
	EDIT_MISSING, /* nothing of what is wished for is there */
	EDIT_OTHER,   /* it is there, and not as wished */
	EDIT_SAME,
};

/* What was found, and what became of it. */
struct edited {
	enum edit_state state;
	const char *old; /* EDIT_OTHER: what is there, in the text; or NULL */
	size_t old_size;
	bool changed;   /* out has the new text; else nothing is to be done */
	struct buf out; /* to be released */
};

void edited_release(struct edited *);
#define AUTO_EDITED AUTO(edited_release)

/* Where something new goes: after or before the last line that matches, a
 * pattern or "BOF" or "EOF". At most one of both; none matches: at the end. */
struct edit_anchor {
	const char *after, *before; /* or NULL */
};

/* Why text is no POSIX extended regular expression (regex(7)) that is taken
 * here: back-references are none. NULL when it is one. */
const char *edit_pattern_wrong(const char *text, struct arena *);

/*
 * One line. The last one that match matches is replaced by it; where there is
 * none, or the line is there already and is not what match looks for, the line
 * is added unless it is there. absent: all lines that match, or without match
 * all equal ones, are removed.
 */
struct line_wish {
	const char *line;  /* without its ending; NULL: absent, with match */
	const char *match; /* or NULL */
	struct edit_anchor at;
	bool absent;
};

/* False with a diagnostic that names the path, as all of these. */
bool edit_line(const struct line_wish *, const struct edit_text *,
	       struct edited *, struct diags *);

#endif
