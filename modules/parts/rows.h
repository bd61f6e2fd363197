/* SPDX-License-Identifier: MIT */
/*
 * Rows that many types have, word for word. A type writes them into its table
 * as its own, by the names of its enum: at is the field's offset.
 */
#ifndef CONVERGE_MODULES_PARTS_ROWS_H
#define CONVERGE_MODULES_PARTS_ROWS_H

#include "lib/module.h"

/* What ensure says: an index into its choices. */
enum { PRESENT, ABSENT };
extern const char *const row_states[];

#define ROW_ENSURE(at)                                  \
	[ENSURE] = { .name = "ensure",                  \
		     .kind = &kind_choice,              \
		     .flags = ATTR_STATE | ATTR_ENSURE, \
		     .offset = (at),                    \
		     .choices = row_states,             \
		     .fallback = "\"present\"",         \
		     .doc = "Whether it is there." }

/* type: "file", or what else a node_type_name says. */
#define ROW_TYPE(at, type)                              \
	[TYPE] = { .name = "type",                      \
		   .kind = &kind_text,                  \
		   .flags = ATTR_STATE | ATTR_INTERNAL, \
		   .offset = (at),                      \
		   .fallback = "\"" type "\"",          \
		   .doc = "What stands there." }

/* Of a type whose file is not what it is called by. */
#define ROW_ITS_PATH(at)                               \
	[PATH] = { .name = "path",                     \
		   .kind = &kind_path,                 \
		   .flags = ATTR_PATH | ATTR_INTERNAL, \
		   .offset = (at),                     \
		   .doc = "Its file." }
#define ROW_ITS_CONTENT(at)                                \
	[CONTENT] = { .name = "content",                   \
		      .kind = &kind_content,               \
		      .flags = ATTR_STATE | ATTR_INTERNAL, \
		      .offset = (at),                      \
		      .doc = "What its file holds." }

/* Marks the rows from that one on, of so many, as unknown. */
void rows_unknown(struct record *have, unsigned from, unsigned rows,
		  const char *because);

#endif
