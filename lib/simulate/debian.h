/* SPDX-License-Identifier: MIT */
#ifndef CONVERGE_SIMULATE_DEBIAN_H
#define CONVERGE_SIMULATE_DEBIAN_H

#include <jansson.h>

/*
 * A "converge.snapshot/1" of a small Debian 12 machine of that name, as the
 * installer leaves it: what hosts are simulated on that nobody has recorded.
 * Its facts are those of facts_picture. Of folders that only packages fill, as
 * /usr/bin, it does not say all that is in them. A new reference.
 */
json_t *debian_picture(const char *host);

#endif
