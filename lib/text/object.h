/* SPDX-License-Identifier: MIT */
/*
 * What stands in a git repository, as text: revisions, commits, trees and
 * references (gitrevisions(7), git-check-ref-format(1), gitformat-index(5)).
 * Whoever made them may have written anything; nothing here looks anything up.
 */
#ifndef CONVERGE_TEXT_OBJECT_H
#define CONVERGE_TEXT_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OBJECT_RAW = 20, /* bytes of an id (SHA-1) */
	OBJECT_HEX = 40, /* and of its digits */
	OBJECT_SHORT = 4 /* the fewest that may stand for it */
};

/* Whether text is n small hex digits and no more. */
bool object_is_hex(const char *text, size_t n);

/* NULL, or what is wrong with the name of a reference ("main",
 * "refs/tags/v1"), to follow it. It is n bytes. */
const char *reference_wrong(const char *name, size_t n);

/* --- revisions: "main~2^1" --- */

enum { STEPS_MAX = 100000 /* back from a commit */ };

struct step_back {
	char how;   /* '~': along the first parents; '^': to one of them */
	unsigned n; /* how far, or which (0: the commit itself) */
};

/* What it begins at is the first size bytes of it. */
size_t rev_base(const char *rev);
/* The next step, and what follows; NULL: there is none. at must be within a
 * revision of which rev_wrong said nothing. */
const char *rev_step(const char *at, struct step_back *);
/* NULL, or what is wrong with it, to follow it: "begins with '-'". */
const char *rev_wrong(const char *rev);

/* --- commits --- */

struct commit_text {
	const char *tree;    /* OBJECT_HEX digits, like those below */
	const char *parents; /* lines "parent DIGITS\n" */
	size_t nparents;
	const char *author; /* "Ada <ada@example.org>" */
	size_t author_size;
	int64_t date;        /* of the committer, in seconds since the epoch */
	const char *subject; /* the first line of its message */
	size_t subject_size;
	const char *message; /* from the subject on */
	size_t message_size;
};

/* False: it is no commit. All it points to is in the text. */
bool commit_read(const char *text, size_t n, struct commit_text *);
/* The digits of a parent, which counts from 1; NULL: it has not so many. */
const char *commit_parent(const struct commit_text *, size_t i);

/* --- trees --- */

enum {
	MODE_FOLDER = 040000,
	MODE_FILE = 0100644,
	MODE_PROGRAM = 0100755,
	MODE_LINK = 0120000,
};

/* An entry: "100644 name", NUL and a raw id. */
struct tree_item {
	unsigned mode;
	const char *name;
	const unsigned char *id; /* OBJECT_RAW bytes */
};

/* The first one of n bytes, and what follows it; NULL: it is none. */
const char *tree_item_read(struct tree_item *, const char *at, size_t n);
/* NULL, or why it is not taken, to follow its name. Of its name only what
 * only git can tell: table_name_wrong tells the rest. */
const char *tree_item_wrong(const struct tree_item *);
/* Whether a may stand just before b: git sorts folders as if their names
 * ended in '/'. */
bool tree_item_before(const struct tree_item *a, const struct tree_item *b);

#endif
