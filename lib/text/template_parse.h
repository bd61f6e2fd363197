/* SPDX-License-Identifier: MIT */
/* What template.c renders: a text cut into its tags and what is between. */
#ifndef CONVERGE_TEXT_TEMPLATE_PARSE_H
#define CONVERGE_TEXT_TEMPLATE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/diag.h"

enum {
	TEMPLATE_MAX_BYTES = 16 * 1024 * 1024, /* and of what it gives */
	TEMPLATE_MAX_SECTIONS = 64,
	TEMPLATE_SHOWN = 80,
};

struct span {
	const char *at;
	size_t size;
};

enum token_kind {
	TOKEN_TEXT,
	TOKEN_VARIABLE,
	TOKEN_SECTION,
	TOKEN_INVERTED,
	TOKEN_CLOSE,
	TOKEN_PARTIAL,
};

/* Offsets into the unit's text. */
struct token {
	uint8_t kind;
	bool raw;             /* {{{x}}} or {{&x}}: a value as it is */
	bool reported;        /* its error was, in an earlier pass */
	uint32_t place;       /* where its tag begins */
	uint32_t start, size; /* of the text or name */
	uint32_t close;       /* a section's end, among the tokens */
	uint32_t indent;      /* of a partial: bytes before its tag */
	struct unit *partial; /* once it was needed */
};

/* The template or a partial, with its indentation put before each line. */
struct unit {
	const char *name;
	const char *text;
	size_t size;
	size_t indent;
	struct token *tokens;
	size_t n, capacity;
};

/* How many bytes of a name an error shows. */
static inline int shown(size_t size)
{
	return size < TEMPLATE_SHOWN ? (int)size : TEMPLATE_SHOWN;
}

/* Fills in the unit's tokens; false, with an error at its place, when a tag or
 * a section is not as it must be. */
bool unit_parse(struct unit *, struct arena *, struct diags *);
/* Where an offset into the unit's text is in the file that it is of. */
struct place unit_place(const struct unit *, size_t offset);

#endif
