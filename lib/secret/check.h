/* SPDX-License-Identifier: MIT */
/* What there is to say of the secrets of a world without opening any. */
#ifndef CONVERGE_SECRET_CHECK_H
#define CONVERGE_SECRET_CHECK_H

#include <jansson.h>

#include "lib/secret/fleet.h"

/* Who can open a secret, by what its header says. */
struct openers {
	struct strings hosts, people; /* that recipients.json has */
	size_t strangers;             /* keys that it has not */
	size_t missing_people;        /* age keys that it has too many of */
};

/* False with a diagnostic: it is not a sealed file. */
bool openers_read(const struct tree *world, const char *secret,
		  const struct recipients *, struct arena *, struct openers *,
		  struct diags *);
/* Whether those are just the hosts, and all people. */
bool openers_are(const struct openers *, const struct strings *hosts,
		 const struct recipients *);

/*
 * Findings, as diagnostics: secrets that are used and not there, hosts that use
 * one and cannot open it, keys that can open one and should not, and what lies
 * unsealed among them. name: only what there is to say of that secret; NULL: of
 * all. False: it could not be checked, or there is no such secret.
 */
bool secrets_check(const struct tree *world, const char *name, struct diags *);
/* A "converge.secrets/1": who can open what, or that one secret; a new
 * reference, or NULL. Of what is not sealed among others a diagnostic tells. */
json_t *secrets_who(const struct tree *world, const char *name, struct diags *);

#endif
