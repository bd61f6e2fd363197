/* SPDX-License-Identifier: MIT */
/*
 * Texts that secrets are part of, before anybody knows what these say. A
 * manifest writes {"secret": "secrets/db.age"} where a string may stand; what
 * ${...} makes of one within a text is {"secret": ["user:", {"secret": ...}]},
 * which a manifest may write too. Neither is a string, so that nothing that
 * wants one can take it by mistake.
 */
#ifndef CONVERGE_TEXT_SECRET_H
#define CONVERGE_TEXT_SECRET_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"

/* How the value of a secret is written where it belongs. */
enum spelling {
	SPELL_PLAIN, /* as it is */
	SPELL_LINE,  /* part of one line: without a newline at its end, and
		      * there must be no other */
	SPELL_JSON,  /* within a string of JSON (RFC 8259, 7) */
	SPELL_HASH,  /* the same as SPELL_LINE; what the text comes to must be
		      * the hash of a password */
};

/* A place in a text where the value of a secret belongs. That value is known
 * to no stage before the host, and has no place in any structure of theirs. */
struct cut {
	size_t at;          /* bytes of the text before it */
	const char *secret; /* its path in the world: "secrets/db.age" */
	enum spelling spelling;
};

/* Where secrets belong in a text that is being made. */
struct cuts {
	struct arena *arena; /* of the list, and of its paths */
	struct cut *v;
	size_t n, capacity;
	enum spelling spelling; /* of those that are added */
};

/* Whether value means to be a secret, or a text with some: an object with the
 * one key "secret". */
bool secret_is(const json_t *value);
/* Whether there is one in a value, however deep. */
bool secret_within(json_t *value);
/* What is wrong with the path of a secret in a world, to follow "'PATH' "; or
 * NULL. */
const char *secret_path_wrong(const char *path);
/* Appends the text of a value for which secret_is, and the places of its
 * secrets. NULL, or what is wrong with it, in the arena of cuts. */
const char *secret_text(struct buf *out, struct cuts *, const json_t *value);
/* The text with its secrets as a value: a new reference, or NULL when it is not
 * UTF-8. */
json_t *secret_value(const struct buf *text, const struct cuts *);

/*
 * A text with marks in the places of its secrets, for what edits texts: each
 * is a word of letters, '/', '.', '_' and '-' between two U+10FFFD, which is
 * for private use (Unicode 23.5). False: the text itself has that character.
 */
bool secret_mark(struct buf *out, const char *text, size_t size,
		 const struct cut *cuts, size_t ncuts);
/* The way back: appends a marked text, and the places of its secrets. */
void secret_unmark(struct buf *out, struct cuts *, const char *marked,
		   size_t size);
/* Whether there is a mark in it. */
bool secret_is_marked(const char *marked, size_t size);

#endif
