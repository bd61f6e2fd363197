/* SPDX-License-Identifier: MIT */
/*
 * The command line: one table of options and one of commands, from which
 * parsing, usage, --help and completion are made.
 */
#ifndef CONVERGE_CMD_OPTIONS_H
#define CONVERGE_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/converge.h"

enum option {
	OPTION_HELP,
	OPTION_REV,
	OPTION_HOST,
	OPTION_ROOT,
	OPTION_STATE_DIR,
	OPTION_JSON,
	OPTION_COLOR,
	OPTION_QUIET,
	OPTION_VERBOSE,
	OPTION_ONLY,
	OPTION_TAGS,
	OPTION_OUT,
	OPTION_DRY_RUN,
	OPTION_WAIT,
	OPTION_DEADLINE,
	OPTION_MAX_DISRUPTION,
	OPTION_DETAILED_EXITCODE,
	OPTION_ALLOW_ROLLBACK,
	OPTION_FORMAT,
	OPTION_MDOC,
	OPTION_COMPLETION,
	OPTION_TO,
	OPTION_IDENTITY,
	OPTION_WORLD,
	OPTION_ALL,
	OPTION_SNAPSHOTS,
	OPTION_THOROUGH,
	OPTION_EXACT,
	OPTION_MAX_BYTES,
	OPTION_AGAINST,
	OPTION_SNAPSHOT,
	OPTION_CONTENTS,
	OPTION_CHECK,
	OPTION_DIFF,
	OPTION_LINES,
	OPTION_SINCE,
	OPTION_CHANGED_SINCE,
	OPTIONS,
};

struct option_row {
	const char *name;     /* "--host" */
	const char *letter;   /* "-q", or NULL */
	const char *argument; /* "NAME", or NULL: it takes none */
	bool optional;        /* its argument may be left out: --wait[=T] */
	bool many;            /* may be given again */
	const char *help;
	const char *const *words; /* for completion: what it takes */
};

extern const struct option_row option_rows[OPTIONS];
/* completion.c: those that there is completion for, NULL-ended. */
extern const char *const completion_shells[];

/* A command line that was understood. */
struct invocation {
	const struct command *command;
	struct converge_options options;
	const char *values[OPTIONS]; /* "" for one without argument */
	const char **only, **tags, **to, **names, **hosts;
	const char *verb;    /* of a command that has them */
	const char *subject; /* the same */
	const char *operand; /* SOURCE, or a topic; NULL: none */
};

struct command {
	const char *name;
	const char *operand; /* "SOURCE", "[TYPE]", or NULL: takes none */
	bool many;           /* any number of it */
	bool files;          /* these are files */
	/* Words, one of which comes before the operand; NULL: none does. */
	const char *const *verbs;
	/* "ID": a word of the user's own that comes before the operand; NULL:
	 * none does. */
	const char *subject;
	const char *missing; /* what to call that when it is missing */
	bool words;          /* neither operand is a file */
	/* What --format takes; the first is what it is without. */
	const char *const *formats;
	bool hosts; /* --host may be given again */
	const char *summary;
	uint64_t options; /* BIT(enum option) */
	int (*run)(const struct invocation *);
};

extern const struct command *const commands[];

/* False after saying on standard error what is wrong and a usage line. */
bool options_parse(int argc, char **argv, struct invocation *);
/* Says what is wrong, with the word if it is one, and a usage line; false. */
bool options_wrong(const struct command *, const char *text, const char *word);
/* Appends the word in quotes, and the candidate (NULL-ended) that is near. */
void options_unknown(struct buf *, const char *word,
		     const char *const *candidates);
/* The names of all commands, NULL-ended. */
const char *const *options_commands(void);
void options_release(struct invocation *);
void options_usage(const struct command *, struct buf *);
/* --help of a command. */
void options_help(const struct command *, struct buf *);
/* Appends text in lines of at most 79 columns; those after the first begin at
 * margin. */
void options_wrap(const char *text, size_t margin, struct buf *);
/* Whether a command takes that option. */
bool options_take(const struct command *, size_t option);
/* What an option of that command takes; NULL: any word. */
const char *const *options_words(const struct command *, size_t option);
/* Appends what an option of that command is for: "Print dot, json or svg." */
void options_help_of(const struct command *, size_t option, struct buf *);
/* completion.c: completion for "bash", "zsh" or "fish"; false: for no other. */
bool options_completion(const char *shell, struct buf *);
bool options_have(const struct invocation *, enum option);

#endif
