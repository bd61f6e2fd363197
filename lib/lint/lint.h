/* SPDX-License-Identifier: MIT */
/*
 * Lint: what is valid, and likely to bite all the same. One table of rules
 * (rules.h) over hosts as they are read, and over the files of a world. A world
 * is looked at by several processes, each with its share; what they found is
 * judged together (verdict.h). Pure, but for reading the tree.
 */
#ifndef CONVERGE_LINT_LINT_H
#define CONVERGE_LINT_LINT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/diag.h"
#include "lib/base/pack.h"
#include "lib/graph.h"
#include "lib/lint/rules.h"
#include "lib/simulate/spec.h"

/* What a rule found. */
struct lint_finding {
	const char *rule;    /* its id */
	const char *pointer; /* "roles/web.json#/resources/exec:x/command", or
			      * a file's path alone */
	struct place place;
	const char *subject; /* "exec:x", or NULL */
	const char *text;
	const char *hint;  /* or NULL */
	const char *mark;  /* it falls where anybody made this mark; or NULL */
	const char *needs; /* it falls where nobody made this one; or NULL */
	/* What is not there; or NULL. What is nearest to it, of what marks of
	 * the kind lint_near say of the pointer, is told with the text. */
	const char *name;
};

extern const char lint_near[];

/* A comment that allows what a rule finds in the value it stands in. */
struct lint_allow {
	const char *rule;
	const char *pointer; /* to that value; see struct lint_finding */
	struct place place;
};

/* Of converge.json. */
struct lint_setting {
	const char *rule;
	int level; /* enum lint_level */
};

/* What one process found. */
struct linted {
	struct lint_finding *v;
	size_t n, capacity;
	size_t dropped; /* findings beyond LINT_MAX */
	struct lint_allow *allows;
	size_t nallows, allows_capacity;
	struct lint_setting *settings;
	size_t nsettings, settings_capacity;
	struct strings marks;
	/* Paths in the world that something names; '*' stands for anything. */
	struct strings named;
};

enum { LINT_MAX = 20000 };

void linted_pack(struct pack *, struct linted *);

/* While it is done. */
struct lint {
	struct arena *arena; /* where the findings live */
	struct linted *out;
	struct documents *documents;
	bool whole; /* all hosts and roles of a world are looked at */
	struct map seen, marked, named, templates;
	struct lint_types *types;
	struct lint_test *tests; /* of the world: see lint_tests */
	size_t ntests;
};

/* docs are those that hosts are read from; they and the arena outlive it. */
void lint_begin(struct lint *, struct linted *, struct documents *docs,
		struct arena *);
/* A host without errors, and all that it is made of. */
void lint_host(struct lint *, struct manifest *, const struct catalog *,
	       const struct graph *);
/* The file of a host, a role, or the settings, each once; root of it is an
 * object. What is wrong with comments for lint is told in d. */
void lint_document(struct lint *, const struct document *, struct diags *d);
/* Of a file that is not looked at itself: its comments alone. */
void lint_comments(struct lint *, const struct document *, struct diags *d);
/* The files of a world that are no manifests. */
void lint_files(struct lint *, const struct tree *);
/*
 * The tests of a world, before its hosts: names of what there is are compared
 * with what they name. tell: what is found of them all is told here, and by no
 * other share.
 */
void lint_tests(struct lint *, const struct specs *,
		const struct strings *hosts, bool tell);
/* What a host has of what tests of it name; facts are those it was read with.
 */
void lint_tests_of_host(struct lint *, struct manifest *,
			const struct catalog *, const json_t *facts,
			const struct strings *fact_names);
/* The levels that a file sets, with what is wrong about them in d. */
void lint_settings(struct lint *, struct document *, struct diags *d);

#endif
