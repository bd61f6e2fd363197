/* SPDX-License-Identifier: MIT */
/* Addresses of repositories on other machines: text alone. */
#ifndef CONVERGE_TEXT_REMOTE_H
#define CONVERGE_TEXT_REMOTE_H

#include <stdbool.h>

#include "lib/base/arena.h"

enum transport { TRANSPORT_HTTPS, TRANSPORT_SSH };

/*
 * NULL, or what is wrong with a URL, to follow it; *transport is set. It is
 * https://SERVER/PATH, ssh://USER@SERVER/PATH or USER@SERVER:PATH, with no
 * secret in it, and nothing that a shell could take for more than a name.
 */
const char *remote_wrong(const char *url, enum transport *);
/*
 * The same of a URL that is asked for by HTTP: https://SERVER/PATH, or http,
 * with a query or without one; *is_tls is set. Nobody's password is in it,
 * though its query may hold what opens the server (RFC 3986).
 */
const char *remote_http_wrong(const char *url, bool *is_tls);
/* The port that a URL leads to in which nothing is wrong; otherwise when it
 * names none. */
unsigned remote_port(const char *url, unsigned otherwise);
/* The URL with what may be a secret in it, also its query, as "***", in the
 * arena. */
const char *remote_masked(const char *url, struct arena *);

#endif
