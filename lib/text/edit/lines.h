/* SPDX-License-Identifier: MIT */
/* Lines of a text, and patterns that are looked for in them. */
#ifndef CONVERGE_TEXT_EDIT_LINES_H
#define CONVERGE_TEXT_EDIT_LINES_H

#include <regex.h>

#include "lib/text/edit/edit.h"

struct line {
	const char *text;
	size_t size;   /* without its ending: "\n", "\r\n", none, or "\r" of
			* the last */
	size_t whole;  /* with it */
	size_t mark;   /* of a byte order mark before the text */
	size_t number; /* from 1 */
};

struct lines {
	const char *at, *end;
	size_t number;
};

/*
 * From the first line on, which is behind a byte order mark. One may stand
 * before any other line too, where files were put together, and is none of its
 * text either: that line may come to be the first.
 */
struct lines lines_of(const struct edit_text *);
/* False after the last. */
bool lines_next(struct lines *, struct line *);
/* Adds the line as it stands, with its mark and its ending. */
void line_add(struct buf *, const struct line *);
bool line_is(const struct line *, const char *text);
/* Whether n bytes that were found are the m that are wished for; see struct
 * edit_text. */
bool text_same(const struct edit_text *, const char *found, size_t n,
	       const char *wished, size_t m);
/* Where the first line begins: after a byte order mark, if there is one. */
size_t lines_start(const struct edit_text *);
/* How lines of the text end: as its first does. */
const char *lines_ending(const struct edit_text *);

struct pattern {
	regex_t regex;
	bool compiled;
	struct buf line; /* with a NUL, as regexec(3) wants it */
};

/* text may be NULL: then it matches nothing. It is right, as
 * edit_pattern_wrong has it; false with a diagnostic all the same. */
bool pattern_begin(struct pattern *, const char *text, struct diags *);
void pattern_release(struct pattern *);
#define AUTO_PATTERN AUTO(pattern_release)
/* Whether it is somewhere in the line; false with a diagnostic when the line
 * is too long to be looked at. */
bool pattern_find(struct pattern *, const struct edit_text *,
		  const struct line *, bool *found, struct diags *);

/* The offset at which the anchor has new lines begin. */
bool anchor_find(const struct edit_anchor *, const struct edit_text *,
		 size_t *offset, struct diags *);

/* Makes out the text with size bytes of it, at the offset, replaced. */
void edited_splice(struct edited *, const struct edit_text *, size_t offset,
		   size_t size, const char *by, size_t n);
/* The same for lines, which end as they should, that come in at an offset
 * where one begins, or behind a last line that has no ending yet. */
void edited_insert(struct edited *, const struct edit_text *, size_t offset,
		   const char *lines, size_t n);

#endif
