/* SPDX-License-Identifier: MIT */
/*
 * Requests to servers of HTTP (RFC 9110), by libcurl(3), which is loaded on
 * first use. Each is made by a process of its own that is nobody, connects to
 * one port, and writes to one file. No proxy is used, no password is sent, and
 * a server of TLS must be the one that is meant, by TLS 1.2 or newer.
 */
#ifndef CONVERGE_HOST_LINUX_DOWNLOAD_HTTP_H
#define CONVERGE_HOST_LINUX_DOWNLOAD_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"

enum {
	HTTP_REDIRECTS = 5,
	HTTP_TRIES = 4, /* the first of them is one */
};

struct http_request {
	const char *url; /* in which nothing is wrong (remote_http_wrong) */
	/* A file of certificates whose word counts, read as trusted.h says;
	 * NULL: what the system trusts. */
	const char *ca_file;
	/* What is sent, by POST, and its media type; NULL: nothing, by GET. */
	const char *body, *type;
	size_t size;
	/* How many redirects are followed, to https alone. */
	unsigned redirects;
	/* How often it is tried, from the start, while the connection fails or
	 * the server says that it cannot now (408, 429, 5xx); 0: once. */
	unsigned tries;
	uint64_t most;                  /* bytes of an answer that are taken */
	int64_t timeout;                /* milliseconds, of all that */
	bool (*stopped)(void *context); /* the run was told to; may be NULL */
	void *context;
};

struct http_answer {
	unsigned status;
	const char *line; /* "HTTP/1.1 404 Not Found", safe to be shown */
};

/*
 * Makes the request, and writes the body of the answer, whatever its status,
 * to the file out, which is empty before; what is in it has been looked at by
 * nobody. Strings are in the arena. False with *because, safe to be shown, and
 * without a query that is a secret, when no answer was to be had; NULL when
 * the run was told to stop.
 */
bool http_run(const struct http_request *, int out, struct http_answer *,
	      const char **because, struct arena *);

#endif
