/* SPDX-License-Identifier: MIT */
#ifndef CONVERGE_SIMULATE_GIVEN_H
#define CONVERGE_SIMULATE_GIVEN_H

#include "lib/host/host.h"
#include "lib/simulate/spec.h"

/* Makes a recorded host what a test gives: its files, packages and units. False
 * with a diagnostic, at the place in the test. */
bool given_set(const struct spec *, struct host *, struct diags *);
/* The record with what commands end with; a new reference. */
json_t *given_commands(const struct spec *, json_t *record);

#endif
