/* SPDX-License-Identifier: MIT */
/* Lines of authorized_keys (sshd(8), AUTHORIZED_KEYS FILE FORMAT). */
#ifndef CONVERGE_MODULES_PARTS_KEY_LINE_H
#define CONVERGE_MODULES_PARTS_KEY_LINE_H

#include "lib/module.h"

/* A line that holds a key; its parts, borrowed from the text. */
struct key_line {
	const char *text; /* the whole line, without its newline */
	size_t size;
	const char *options; /* as they stand; size 0: none */
	size_t options_size;
	const char *key; /* type and blob */
	size_t key_size;
	const char *comment;
	size_t comment_size;
};

/* What is on the line of size bytes; false: no key (a comment, say). */
bool key_line_parse(const char *line, size_t size, struct key_line *);
/* Cuts options at the commas that stand outside quotes. NULL, or what is
 * wrong with them. */
const char *key_options_split(const char *text, size_t size, struct arena *,
			      struct strings *);
/* Whether both are of the same type and blob, whatever the comment. */
bool key_same(const struct key_line *, const struct key_line *);
/* The line, with a newline, from options joined already (or ""), a key and a
 * comment. */
void key_line_write(struct buf *, const char *options,
		    const struct key_line *key);

#endif
