/* SPDX-License-Identifier: MIT */
/*
 * What may be shown of a live file that is to hold secrets. Nobody here knows
 * what they say, and what the file holds may be older secrets still; so of it
 * only such lines are shown as they are that the wanted text has too, without
 * a secret in them.
 */
#ifndef CONVERGE_TEXT_VEIL_H
#define CONVERGE_TEXT_VEIL_H

#include "lib/base/buf.h"
#include "lib/text/secret.h"

/* What stands in the place of lines that are not shown. */
#define VEILED "<not shown, as it may be a secret>"

/*
 * Appends what may be shown of live, a text of n bytes: lines that want (of
 * size bytes) has; lines that are as one of want but for its secrets, with
 * "<secret PATH>" in their places; and VEILED for any number of others.
 */
void veil(struct buf *out, const char *live, size_t n, const char *want,
	  size_t size, const struct cut *cuts, size_t ncuts);
/*
 * The same where want has lines of the live text that nobody asked for, as an
 * edit leaves them: one of them that is as a line with secrets but for these
 * may be an older one, and is shown as that.
 */
void veil_edited(struct buf *out, const char *live, size_t n, const char *want,
		 size_t size, const struct cut *cuts, size_t ncuts);
/*
 * Of the changes that an edit makes to live, a text of size bytes: appends
 * diff, n bytes of what diff_changes gave, with VEILED for all that was there
 * before.
 */
void veil_changes(struct buf *out, const char *diff, size_t n, const char *live,
		  size_t size);

#endif
