/* SPDX-License-Identifier: MIT */
/* Rows of cells in columns that are as wide as they need, for people to read
 * and for awk(1) to take apart. */
#ifndef CONVERGE_CMD_GRID_H
#define CONVERGE_CMD_GRID_H

#include "cmd/view.h"

struct grid {
	size_t columns;
	struct arena arena;
	const char **cells; /* row by row */
	size_t n, capacity; /* of cells */
};

/* The next cell; text must be fit for a terminal. "" and NULL are shown as "-",
 * so that each row has as many words as there are columns; blanks are for the
 * last one. */
void grid_add(struct grid *, const char *text);
/* The same of text from outside, without blanks. */
void grid_add_word(struct grid *, const char *text);
/* Appends all, each line cut after so many characters; 0: none is. */
void grid_print(const struct grid *, size_t width, struct buf *);
void grid_release(struct grid *);

#define AUTO_GRID AUTO(grid_release)

#endif
