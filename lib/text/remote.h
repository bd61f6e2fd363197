/* SPDX-License-Identifier: MIT */
/* Addresses of repositories on other machines: text alone. */
#ifndef CONVERGE_TEXT_REMOTE_H
#define CONVERGE_TEXT_REMOTE_H

#include "lib/base/arena.h"

enum transport { TRANSPORT_HTTPS, TRANSPORT_SSH };

/*
 * NULL, or what is wrong with a URL, to follow it; *transport is set. It is
 * https://SERVER/PATH, ssh://USER@SERVER/PATH or USER@SERVER:PATH, with no
 * secret in it, and nothing that a shell could take for more than a name.
 */
const char *remote_wrong(const char *url, enum transport *);
/* The URL with what may be a secret in it as "***", in the arena. */
const char *remote_masked(const char *url, struct arena *);

#endif
