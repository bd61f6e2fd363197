/* SPDX-License-Identifier: MIT */
#ifndef CONVERGE_SIMULATE_JUDGE_H
#define CONVERGE_SIMULATE_JUDGE_H

#include "lib/simulate/simulate.h"
#include "lib/simulate/spec.h"

/* Compares what a test expects with what came of the first pass, whose record
 * is the host as it is afterwards. Each thing that is not so is a failure of
 * the simulation. Returns how many expectations there were. */
size_t judge(struct simulation *, const struct spec *);

#endif
