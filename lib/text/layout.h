/* SPDX-License-Identifier: MIT */
/*
 * The one layout of JSON text: two spaces a level; a list or an object on one
 * line where it fits into LAYOUT_WIDTH columns and nothing in it asks for more,
 * else a line for each member; strings with no escapes but those that they
 * need; numbers as they are written; and of blank lines between members one.
 *
 * What always asks for lines: an object that has members, within something
 * else; and a comment (the key "//") that has company, or is a list itself. So
 * what nests can be read, and one more member is one more line in a review.
 */
#ifndef CONVERGE_TEXT_LAYOUT_H
#define CONVERGE_TEXT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/text/walk.h"

enum { LAYOUT_WIDTH = 80 };

/* A value, and the key that it has in an object. */
struct laid {
	enum event type;
	struct laid *parent, *next;  /* next: in the same container */
	struct laid *first, *last;   /* of a container */
	const char *key;             /* decoded; NULL: it has none */
	const char *key_text, *text; /* as written; text: of a scalar */
	size_t key_width, width;     /* in columns, on one line */
	size_t rank;                 /* see layout_sort */
	bool blank;                  /* a blank line was before it */
	bool spread;                 /* its members get a line each */
};

/* A zeroed struct is an empty one; all lives in the arena. */
struct layout {
	struct arena arena;
	struct laid **v; /* each before what is in it */
	size_t n, capacity;
};

/* Reads a text as walk.h does: false, without a word, when that refuses it. */
bool layout_read(struct layout *, const char *text, size_t size);
bool layout_is_comment(const struct laid *);
/*
 * Puts the members of an object in the order of their ranks; those of one rank
 * stay as they are. A comment stays with what it precedes, and at the end if
 * that is nothing; one that comes first is of the whole object, and has a rank
 * of its own.
 */
void layout_sort(struct layout *, struct laid *object);
/* Appends the text, which ends with a newline. */
void layout_write(struct layout *, struct buf *out);
void layout_release(struct layout *);

/* All of it, in the order that is there. */
bool layout_text(const char *text, size_t size, struct buf *out);

#endif
