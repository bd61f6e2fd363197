/* SPDX-License-Identifier: MIT */
/*
 * The check stage: every host and every role of a world, read as far as the
 * graph, and every test. No host is looked at: facts are what the world says of
 * them, over a picture of Debian. Pure, but for reading the tree.
 */
#ifndef CONVERGE_CHECK_H
#define CONVERGE_CHECK_H

#include <stddef.h>

#include "lib/base/pack.h"
#include "lib/lint/lint.h"
#include "lib/manifest.h"

struct check {
	const struct tree *tree;
	bool is_world;
	const char *file; /* the one manifest to look at; NULL: all hosts */
	/* Of file its name, NULL: as it says; of a world the one host to look
	 * at, with the roles that it includes, by one share; NULL: all. */
	const char *host;
	const struct strings *fact_names;
	/* Of a world's hosts and roles, one of so many equal shares. */
	size_t share, shares;
};

/* What was found: errors, and what lint says. */
struct checked {
	size_t hosts, roles, resources;
	struct diag *v;
	size_t n;
	size_t ntests;  /* of them are of tests: hosts are right without */
	size_t dropped; /* findings beyond DIAGS_MAX */
	struct linted lint;
	bool whole; /* all of the world was looked at, by all shares */
};

/* Errors come in the order of the hosts, each once. Lives in the arena. */
void check_run(const struct check *, struct arena *, struct checked *);
void checked_pack(struct pack *, struct checked *);

#endif
