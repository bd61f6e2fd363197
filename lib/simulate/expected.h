/* SPDX-License-Identifier: MIT */
#ifndef CONVERGE_SIMULATE_EXPECTED_H
#define CONVERGE_SIMULATE_EXPECTED_H

#include "lib/catalog.h"
#include "lib/simulate/spec.h"

/* Whether the resources that a test expects can be: attributes that their types
 * take, with values that these can have. Of the catalog only its types count,
 * and the documents of its manifest, among which the test is. False with
 * diagnostics. */
bool expected_check(const struct spec *, struct catalog *, struct diags *);

#endif
