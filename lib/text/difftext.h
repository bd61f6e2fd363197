/* SPDX-License-Identifier: MIT */
/*
 * Unified diffs (POSIX diff -u, without the file header) of two texts, by
 * Myers' algorithm ("An O(ND) Difference Algorithm and Its Variations", 1986).
 */
#ifndef CONVERGE_TEXT_DIFFTEXT_H
#define CONVERGE_TEXT_DIFFTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"

enum { DIFF_CONTEXT = 3 };

/* Whether bytes look like text: no NUL and valid UTF-8. */
bool diff_is_text(const char *bytes, size_t size);

/*
 * Appends the hunks that turn old into new, each with its "@@" line and
 * "\ No newline at end of file" where it applies; nothing when they are equal.
 * Work is bounded: texts too different are shown as one hunk that removes all
 * and adds all. Output is cut after whole hunks once max_lines lines were
 * written, with a last line "... N more hunks".
 */
void diff_unified(struct buf *out, const char *old, size_t old_size,
		  const char *new, size_t new_size, size_t max_lines);

/* The same without the lines around what changes. */
void diff_changes(struct buf *out, const char *old, size_t old_size,
		  const char *new, size_t new_size, size_t max_lines);

#endif
