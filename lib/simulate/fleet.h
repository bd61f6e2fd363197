/* SPDX-License-Identifier: MIT */
/* All hosts of a world in simulation, with the tests that it brings along. */
#ifndef CONVERGE_SIMULATE_FLEET_H
#define CONVERGE_SIMULATE_FLEET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/host/commit.h"
#include "lib/host/tree.h"

struct fleet {
	const struct tree *tree;
	bool is_world;
	const char *file;            /* the lone manifest; NULL: all hosts */
	const struct commit *commit; /* that the tree is of, or NULL */
	/* These alone; n 0: all. Of a lone manifest the name of its host. */
	const char *const *hosts;
	size_t nhosts;
	const struct tree *snapshots; /* NULL: there are none */
	bool thorough;
	size_t share, shares; /* of the hosts, one of so many equal ones */
};

/*
 * {"hosts": [...], "errors": [...], "tests": {FILE: ran}}: what of a
 * "converge.tests/1" is about these hosts, in their order; a new reference.
 */
json_t *fleet_simulate(const struct fleet *);
/* Puts together what the shares gave, in their order (borrowed): a
 * "converge.tests/1", a new reference. */
json_t *fleet_join(const json_t *const *shares, size_t n);

#endif
