/* SPDX-License-Identifier: MIT */
/*
 * A role by itself, for check: what is wrong with it whichever hosts take it.
 * What hosts alone can tell (values of vars and facts, conditions) is left to
 * them, and so is what is not there and overrides may give.
 */
#ifndef CONVERGE_MANIFEST_ROLE_H
#define CONVERGE_MANIFEST_ROLE_H

#include "lib/manifest.h"

/*
 * Its shape, the roles that it and its rules include, conditions, and how
 * references are written. m is one that was begun, with the documents of the
 * world. False with diagnostics.
 */
bool role_check(struct manifest *m, struct document *role, struct diags *);
/* Whether no roles include each other on a host: rules that ask for different
 * things may exclude each other. roles are the names of all that there are. */
bool roles_check_circles(struct manifest *m, const struct strings *roles,
			 struct diags *);

#endif
