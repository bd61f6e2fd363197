/* SPDX-License-Identifier: MIT */
/*
 * Goes over JSON text (RFC 8259) an event at a time, strictly, and knows the
 * place of each. It needs no stack: the limits of source.h hold, so one bit a
 * container is enough. Duplicate keys and the type of the top are the caller's
 * to judge.
 */
#ifndef CONVERGE_TEXT_WALK_H
#define CONVERGE_TEXT_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"

/* A place that the walk has passed. */
struct mark {
	size_t offset, line, column;
};

enum event {
	EVENT_BAD, /* with a problem */
	EVENT_END,
	EVENT_CLOSE,
	EVENT_KEY,
	EVENT_OBJECT, /* from here on: a value begins */
	EVENT_ARRAY,
	EVENT_SCALAR,
};

enum expect {
	EXPECT_VALUE,   /* at the top, or after ':' */
	EXPECT_MEMBER,  /* after '{': a key, or the end */
	EXPECT_KEY,     /* after ',' in an object */
	EXPECT_ELEMENT, /* after '[': a value, or the end */
	EXPECT_ITEM,    /* after ',' in an array */
	EXPECT_NEXT,    /* after a value: ',' or the end */
	EXPECT_END,
};

struct walk {
	const char *text;
	size_t size, at;
	size_t line, line_start;
	unsigned depth;
	uint64_t objects; /* bit n: container n is an object */
	enum expect expect;
	struct mark token, comma;
	size_t token_end;
	bool escaped;        /* the string has escapes */
	struct arena *arena; /* for the problem; NULL: nobody asks */
	const char *problem;
	bool beyond; /* it is a limit of what is taken here, not of JSON */
	struct mark bad;
};

/* At the start of the text; problems are written into the arena, if any. */
struct walk walk_begin(const char *text, size_t size, struct arena *);
/*
 * The next event; token is then the mark of the key, value or bracket. After
 * EVENT_BAD, which comes with a problem and where it is, and after EVENT_END
 * there is no next one.
 */
enum event walk_next(struct walk *);
bool event_is_value(enum event);
bool event_is_container(enum event);

/* Appends the string that was the last key, or value, decoded. */
void walk_add_string(struct buf *out, const struct walk *);
/* Whether the last key is this one. */
bool walk_string_is(const struct walk *, const char *text, size_t size);

/* For a caller with rules of its own. Where the walk is: */
struct mark walk_here(const struct walk *);
void walk_space(struct walk *);
/* Sets the problem. Always false, to the walk also EVENT_BAD, or no bytes. */
bool walk_refuse(struct walk *, struct mark bad, const char *format, ...)
	PRINTF(3, 4);
/* "expected WANT, not ..." for what stands where the walk is. */
bool walk_unexpected(struct walk *, const char *want);

#endif
