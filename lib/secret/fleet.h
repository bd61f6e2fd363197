/* SPDX-License-Identifier: MIT */
/*
 * What the hosts of a world have to do with its secrets: the roles that each
 * has, and the secrets that it uses, as its catalog has them. Facts are those
 * that check takes: what the world says of them, over a picture of Debian.
 */
#ifndef CONVERGE_SECRET_FLEET_H
#define CONVERGE_SECRET_FLEET_H

#include "lib/secret/world.h"

struct member {
	const char *host, *file;
	struct strings roles, secrets;
	bool has_roles;        /* these are all */
	const char *wrong;     /* why what it uses is not all; or NULL */
	struct place wrong_at; /* file NULL: nowhere in particular */
};

struct fleet {
	const struct tree *world;
	struct arena *arena;
	struct member *v; /* sorted by host */
	size_t n;
	bool is_read;
};

/* Nothing is read yet; tree and arena outlive it. */
void fleet_begin(struct fleet *, const struct tree *, struct arena *);
/* Reads all hosts, unless that was done. What is wrong with one is in it. */
bool fleet_read(struct fleet *, struct diags *);
/* Reads these hosts, sorted, alone. */
void fleet_read_of(struct fleet *, const struct strings *hosts);
const struct member *fleet_member(const struct fleet *, const char *host);

/* Whom a secret is for, as hosts that have keys, sorted; the fleet is read if
 * there is a role among them. */
bool fleet_audience(struct fleet *, const struct strings *to,
		    const struct recipients *, struct strings *hosts,
		    struct diags *);

#endif
