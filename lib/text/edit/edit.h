/* SPDX-License-Identifier: MIT */
/*
 * Edits of text: the text and a wish in, the new text out. What is not wished
 * for stays as it is, byte for byte; the same wish again changes nothing.
 */
#ifndef CONVERGE_TEXT_EDIT_EDIT_H
#define CONVERGE_TEXT_EDIT_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/diag.h"
#include "lib/base/strings.h"

enum {
	EDIT_MAX_BYTES = 16 * 1024 * 1024, /* of a text */
	EDIT_MAX_LINE = 64 * 1024,         /* that a pattern is tried on */
	EDIT_MAX_PATTERN = 1024,
};

struct edit_text {
	const char *path; /* as diagnostics print it */
	const char *bytes;
	size_t size;
	/* Whether what was found is what is wished for, where other bytes may
	 * still say the same: text with marks of secrets. NULL: never. */
	bool (*same)(void *context, const char *found, size_t n,
		     const char *wished, size_t m);
	void *context;
};

enum edit_state {
	EDIT_MISSING, /* nothing of what is wished for is there */
	EDIT_OTHER,   /* it is there, and not as wished */
	EDIT_SAME,
};

/* What was found, and what became of it. */
struct edited {
	enum edit_state state;
	const char *old; /* EDIT_OTHER: what is there, in the text; or NULL */
	size_t old_size;
	bool changed;   /* out has the new text; else nothing is to be done */
	struct buf out; /* to be released */
};

void edited_release(struct edited *);
#define AUTO_EDITED AUTO(edited_release)

/* Where something new goes: after or before the last line that matches, a
 * pattern or "BOF" or "EOF". At most one of both; none matches: at the end. */
struct edit_anchor {
	const char *after, *before; /* or NULL */
};

/* Why text is no POSIX extended regular expression (regex(7)) that is taken
 * here: not one with back-references, or with repetitions of repetitions. NULL
 * when it is one. */
const char *edit_pattern_wrong(const char *text, struct arena *);

/*
 * One line. The last one that match matches is replaced by it; where there is
 * none, or the line is there already and is not what match looks for, the line
 * is added unless it is there. absent: all lines that match, or without match
 * all equal ones, are removed.
 */
struct line_wish {
	const char *line;  /* without its ending; NULL: absent, with match */
	const char *match; /* or NULL */
	struct edit_anchor at;
	bool absent;
};

/* False with a diagnostic that names the path, as all of these. */
bool edit_line(const struct line_wish *, const struct edit_text *,
	       struct edited *, struct diags *);

/*
 * Lines between two lines that are marker with BEGIN and END for its {mark}.
 * Of several such blocks the last one counts; absent: all are removed.
 */
struct block_wish {
	const char *marker;
	const char *content; /* ends with a newline, or is given one */
	size_t size;
	struct edit_anchor at;
	bool absent;
};

bool edit_block(const struct block_wish *, const struct edit_text *,
		struct edited *, struct diags *);
/* What is wrong with marker or content, or NULL. */
const char *edit_block_wrong(const struct block_wish *, struct arena *);

/*
 * A key of a section, with just that value, once. A new one is written as the
 * keys around it are, at the end of the section; a new section at the end of
 * the text. Without a key: the section itself.
 */
struct ini_wish {
	const char *section; /* NULL: before the first */
	const char *key;
	const char *value;
	bool absent;
};

bool edit_ini(const struct ini_wish *, const struct edit_text *,
	      struct edited *, struct diags *);

/*
 * The value that a JSON Pointer (RFC 6901) names. "-" for an element of a list
 * is any that is equal: it is added at the end, and if absent all such are
 * removed. Objects that are missing on the way are made.
 */
struct json_wish {
	const char *pointer;
	const char *value; /* JSON; NULL: absent, but for "-" */
	bool from_nothing; /* an empty text is taken, as a document to be made
			    */
	bool absent;
};

bool edit_json(const struct json_wish *, const struct edit_text *,
	       struct edited *, struct diags *);
/* What is wrong with a pointer, or NULL. */
const char *edit_pointer_wrong(const char *pointer);

/*
 * A line of hosts(5): the name comes first in just one line of the address's
 * family, and nowhere else in it. Without an address: absent, of all families.
 */
struct host_wish {
	const char *name;
	const char *ip;                /* as inet_pton(3) takes it */
	const struct strings *aliases; /* NULL: those there are stay */
	bool absent;
};

/* The line that was found, for EDIT_OTHER; all else as of edit_line. */
struct host_found {
	const char *ip; /* in the arena, or NULL */
	struct strings aliases;
	bool first; /* the name comes first in it */
	size_t n;   /* lines that have the name */
};

bool edit_host(const struct host_wish *, const struct edit_text *,
	       struct edited *, struct host_found *, struct arena *,
	       struct diags *);
/* What is wrong with an address, or a name (RFC 1123, 2.1); or NULL. */
const char *edit_address_wrong(const char *text);
const char *edit_host_name_wrong(const char *text);
bool edit_same_address(const char *, const char *);
bool edit_same_names(const struct strings *, const struct strings *);

#endif
