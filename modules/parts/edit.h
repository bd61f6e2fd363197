/* SPDX-License-Identifier: MIT */
/* Edits of a part of a file: what line, block, ini, json and host_entry share.
 * The rest of the file, its owner and its mode stay as they are. */
#ifndef CONVERGE_MODULES_PARTS_EDIT_H
#define CONVERGE_MODULES_PARTS_EDIT_H

#include "lib/module.h"
#include "lib/text/edit/edit.h"
#include "modules/parts/no_secret.h"
#include "modules/parts/rows.h"

/* A type's record begins with this. */
struct edit {
	struct record r;
	const char *path;
	int ensure;
	bool create, backup;
	struct strings validate;
	int64_t timeout;
	/* in have */
	struct node node;
	struct content before, after; /* of the file; no bytes: not known */
	bool sealed;                  /* it is to hold a secret */
};

/* Rows of the type's table, by names of its own enum. */
#define EDIT_ROW_PATH                                     \
	[PATH] = { .name = "path",                        \
		   .kind = &kind_path,                    \
		   .flags = ATTR_REQUIRED | ATTR_EDITS,   \
		   .offset = offsetof(struct edit, path), \
		   .doc = "The absolute path of the file." }
/* at: the offset of a struct edit_anchor; what: "line" */
#define EDIT_ROWS_ANCHOR(at, what)                                          \
	[INSERT_AFTER] = { .name = "insert_after",                          \
			   .kind = &kind_pattern,                           \
			   .flags = ATTR_MANNER,                            \
			   .offset = EDIT_ANCHOR(at, after),                \
			   .doc = "Where a new " what " goes: after the "   \
				  "last line in which this expression is "  \
				  "found, or at the end (\"EOF\", also "    \
				  "when it is not found)." },               \
	[INSERT_BEFORE] = { .name = "insert_before",                        \
			    .kind = &kind_pattern,                          \
			    .flags = ATTR_MANNER,                           \
			    .offset = EDIT_ANCHOR(at, before),              \
			    .doc = "Where a new " what " goes: before the " \
				   "last line in which this expression is " \
				   "found, or first of all (\"BOF\")." }
#define EDIT_ANCHOR(at, member) ((at) + offsetof(struct edit_anchor, member))
#define EDIT_ROW_ENSURE ROW_ENSURE(offsetof(struct edit, ensure))
#define EDIT_ROW_CREATE                                                \
	[CREATE] = { .name = "create",                                 \
		     .kind = &kind_bool,                               \
		     .flags = ATTR_MANNER,                             \
		     .offset = offsetof(struct edit, create),          \
		     .fallback = "false",                              \
		     .doc = "Whether a file that is missing is made, " \
			    "root's and 0644, or 0600 for a secret." }
#define EDIT_ROWS_WRITE                                                      \
	[BACKUP] = { .name = "backup",                                       \
		     .kind = &kind_bool,                                     \
		     .flags = ATTR_MANNER,                                   \
		     .offset = offsetof(struct edit, backup),                \
		     .fallback = "true",                                     \
		     .doc = "Whether the file's old content is kept in "     \
			    "the backup store; else it is lost, and the "    \
			    "change of class data." },                       \
	[VALIDATE] = { .name = "validate",                                   \
		       .kind = &kind_argv,                                   \
		       .flags = ATTR_MANNER,                                 \
		       .offset = offsetof(struct edit, validate),            \
		       .no_secret = NO_SECRET_IN_ARGUMENTS,                  \
		       .doc = "A command that must accept the new file "     \
			      "before it is put in place; % is its path." }, \
	[TIMEOUT] = { .name = "validate_timeout",                            \
		      .kind = &kind_duration,                                \
		      .flags = ATTR_MANNER,                                  \
		      .offset = offsetof(struct edit, timeout),              \
		      .fallback = "\"1m\"",                                  \
		      .doc = "How long the validator may take." }

/* What the type makes of the text; want is its record, wish what it puts there,
 * with marks in the places of secrets: no bytes where it has none. */
typedef bool edit_make(const void *want, const struct content *wish,
		       const struct edit_text *, struct edited *,
		       struct diags *);

/* What edit_observe has to know of a type. */
struct edit_type {
	edit_make *make;
	uint64_t rows; /* that it looks at */
};

/* For a type's check: what the shared rows must be like. */
bool edit_check(const struct edit *want, struct diags *);
/* "only one of 'insert_after' and 'insert_before' can be given", if not so. */
bool edit_check_anchor(const struct edit_anchor *, struct diags *);
/*
 * Looks at the file, and what the type would make of it; found->old is in the
 * arena, or NULL. wish: the value that may hold secrets; NULL: none may. The
 * type's rows of have become unknown when that cannot be told, and *known is
 * false. Sets ensure, and what the functions below need. False with a
 * diagnostic also when others could read a secret in that file.
 */
bool edit_observe(const struct host *h, const struct edit *want,
		  struct edit *have, const struct edit_type *,
		  const struct content *wish, struct edited *found, bool *known,
		  struct arena *a, struct diags *d);
/* What stands in the place of the wish, for the row of that: nothing is said of
 * what may be a secret. */
struct content edit_found(const struct edited *, const struct content *wish);
/* The same for a row that is shown as one text: NULs in it are spelled out, as
 * it would end there. */
struct content edit_found_text(const struct edited *,
			       const struct content *wish, struct arena *);

/* For struct module. */
void edit_edges(const void *want, struct edges *);
bool edit_apply(struct host *, const struct step *, struct arena *,
		struct diags *);
/* What was there is lost when it is not kept. */
enum disruption edit_disruption(const struct step *);
bool edit_undoable(const struct step *);
bool edit_contents(const struct step *, struct content *before,
		   struct content *after);

#endif
