/* SPDX-License-Identifier: MIT */
/*
 * What a manifest is put together from, seen by the files of its stage alone:
 * the host's own file, the roles it includes, and their rules that hold.
 */
#ifndef CONVERGE_MANIFEST_PARTS_H
#define CONVERGE_MANIFEST_PARTS_H

#include "lib/manifest.h"
#include "lib/manifest/documents.h"

enum {
	ROLES_MAX = 1000, /* that one host may include */
	PARTS_MAX = 4096,
	INCLUDES_DEEP = 64,
};

/* converge.json, a role, a rule of one, or the host's own file. */
struct part {
	json_t *object;      /* with "vars", "resources" and the like */
	const char *pointer; /* to it; see manifest_place */
	const char *role;    /* its name; NULL: of no role */
	json_t *defaults;
	const char *defaults_at; /* the pointer to them */
	size_t index;            /* a part is below later ones alone */
	uint64_t *above;    /* bits: the parts that this one is above; itself */
	int max_disruption; /* see struct entry */
};

/* Whether lower gives way to upper: it is included by it, or so on. */
bool part_is_below(const struct part *lower, const struct part *upper);
/*
 * Fills m->parts, converge.json first, the host last; included before
 * including, a role before its rules. What is not an object where one is due
 * was told, and is not in a part's object any more. False with diagnostics.
 */
bool parts_collect(struct manifest *m, struct diags *d);
/* The host's own part. */
const struct part *parts_host(const struct manifest *m);
/* The part of the role that comes by that name, with all that is below it in
 * *all (bits); NULL: the host does not include it. */
bool parts_of_role(const struct manifest *m, const char *name,
		   const uint64_t **all);
bool part_is_in(const struct part *, const uint64_t *all);
/* Always false: there is no such role, though pointer includes it. */
bool parts_no_role(struct manifest *m, const char *name, const char *pointer,
		   struct diags *d);

/* --- who has the last word --- */

/* A value that a part gives to something; in a list of such none of the parts
 * is below another. */
struct word {
	json_t *value;
	const struct part *part;
	const char *pointer;
	struct word *next;
};

/* Adds what a part says, in the place of what parts below it said. */
void word_take(struct arena *, struct word **words, const struct word *);
/* The first that says something else than the first of all, or NULL: they
 * agree. */
const struct word *word_differs(const struct word *words);

/* Of two max_disruptions; -1 is any. */
int disruption_stricter(int a, int b);

/* Sets m->scope.vars. */
bool vars_merge(struct manifest *m, struct diags *d);
/* Whether the var that stands at pointer does without itself. */
bool var_check(struct manifest *m, const char *name, json_t *value,
	       const char *pointer, struct diags *d);
/* The resources of all parts as entries. */
bool entries_read(struct manifest *m, struct diags *d);
/* whole: every resource could be read, so that what is not there is wrong. */
bool overrides_apply(struct manifest *m, bool whole, struct diags *d);
/* Whether the override at pointer is one, but for its attributes. */
bool override_check(struct manifest *m, const char *pointer,
		    const json_t *attributes, struct diags *d);
/* Puts the ids of their resources in the place of "role:NAME". */
bool references_resolve(struct manifest *m, struct diags *d);

/* --- ${...}, and limits (expand.c) --- */

/* About what a value in a list or an object costs, in bytes. */
enum { NODE = 32 };

/* Always false. The first limit that is passed is told. */
bool manifest_stop(struct manifest *m, const char *pointer, enum source_at,
		   const char *why, struct diags *d);
bool manifest_spend(struct manifest *m, size_t bytes, const char *pointer,
		    enum source_at, struct diags *d);
/* How many values there are in all that a value holds; no more than limit are
 * looked at. */
size_t manifest_nodes(json_t *value, size_t limit);
bool manifest_has_reference(json_t *value);
/* value with every string expanded: a new reference, NULL after errors. What
 * has no reference in it is shared. */
json_t *manifest_expand(struct manifest *m, const struct scope *, json_t *value,
			const char *pointer, struct diags *d);

/* Looking for a place takes time: of what is only counted it is not looked
 * for. */
struct place manifest_error_place(struct manifest *m, const struct diags *d,
				  const char *pointer, enum source_at);

/* An error at pointer. */
#define FAIL(m, d, pointer, at, ...)                                        \
	diag_error_at((d), manifest_error_place((m), (d), (pointer), (at)), \
		      __VA_ARGS__)

#endif
