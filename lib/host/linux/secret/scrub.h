/* SPDX-License-Identifier: MIT */
/* Takes a secret out of what a program said. */
#ifndef CONVERGE_HOST_LINUX_SECRET_SCRUB_H
#define CONVERGE_HOST_LINUX_SECRET_SCRUB_H

#include <stddef.h>

#include "lib/base/buf.h"

enum { SCRUB_LEAST = 6 /* bytes: less might be anything */ };

/*
 * Puts "<secret NAME>" in the place of the n bytes of a secret, of each of its
 * lines, and of what they come to in hexadecimal, in a URL (RFC 3986, 2.1), in
 * JSON (RFC 8259, 7) and in base64 (RFC 4648), there wherever they begin.
 */
void scrub(struct buf *text, const char *name, const char *secret, size_t n);

#endif
