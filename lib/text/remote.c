/* SPDX-License-Identifier: MIT */
#include "lib/text/remote.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/text/escape.h"

enum { URL_MAX = 2000 };

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* What a shell at the other end, or a log, could take for more than a name is
 * in no part of it. */
static const char in_path[] = LETTERS DIGITS "-._~/+@%=,:";
static const char in_user[] = LETTERS DIGITS "-._";
static const char in_server[] = LETTERS DIGITS "-.";
static const char in_address[] = DIGITS "abcdefABCDEF:.";

static bool consists_of(const char *text, size_t n, const char *set)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr(set, text[i]))
			return false;
	return n > 0 && text[0] != '-';
}

static const char *server_wrong(const char *text, size_t n)
{
	if (n > 2 && text[0] == '[' && text[n - 1] == ']')
		return consists_of(text + 1, n - 2, in_address)
			       ? NULL
			       : "has no address between its brackets";
	return consists_of(text, n, in_server)
		       ? NULL
		       : "has no name of a server that is one";
}

static const char *port_wrong(const char *text, size_t n)
{
	unsigned port = 0;

	for (size_t i = 0; i < n && n <= 5; i++) {
		if (!strchr(DIGITS, text[i]))
			return "has a port that is no number";
		port = port * 10 + (unsigned)(text[i] - '0');
	}
	return port > 0 && port < 65536 ? NULL : "has a port that is none";
}

static const char *path_wrong(const char *path)
{
	if (!consists_of(path, strlen(path), in_path))
		return "has a path with other than letters, digits and "
		       "-._~/+@%=,:";
	return strstr(path, "/../") ? "has '..' in its path" : NULL;
}

static const char *user_wrong(const char *text, size_t n, enum transport t)
{
	if (t == TRANSPORT_HTTPS)
		return "has a user in it: what opens a server is no part of "
		       "its address";
	if (memchr(text, ':', n))
		return "has a password in it: use ssh_key";
	return consists_of(text, n, in_user) ? NULL : "has a user that is none";
}

/* "[user@]server[:port]" of a URL. */
static const char *authority_wrong(const char *text, size_t n, enum transport t)
{
	const char *end = text + n, *at = end, *colon;
	const char *wrong = NULL;

	while (at > text && at[-1] != '@')
		at--;
	if (at > text)
		wrong = user_wrong(text, (size_t)(at - 1 - text), t);
	colon = end;
	while (colon > at && colon[-1] != ':' && colon[-1] != ']')
		colon--;
	if (wrong)
		return wrong;
	if (colon == at || colon[-1] == ']')
		return server_wrong(at, (size_t)(end - at));
	wrong = server_wrong(at, (size_t)(colon - 1 - at));
	return wrong ? wrong : port_wrong(colon, (size_t)(end - colon));
}

/* "user@server:path", as git takes it. */
static const char *short_wrong(const char *url)
{
	const char *at = strchr(url, '@'), *colon = strchr(url, ':');
	const char *wrong;

	if (!at || !colon || colon < at || strcspn(url, "/") < 1 ||
	    url + strcspn(url, "/") < colon || colon[1] == ':')
		return "must be https://SERVER/PATH, ssh://USER@SERVER/PATH or "
		       "USER@SERVER:PATH";
	wrong = user_wrong(url, (size_t)(at - url), TRANSPORT_SSH);
	if (!wrong)
		wrong = server_wrong(at + 1, (size_t)(colon - at - 1));
	return wrong ? wrong : path_wrong(colon + 1);
}

const char *remote_wrong(const char *url, enum transport *transport)
{
	static const struct {
		const char *scheme;
		enum transport transport;
	} schemes[] = { { "https://", TRANSPORT_HTTPS },
			{ "ssh://", TRANSPORT_SSH } };

	*transport = TRANSPORT_SSH;
	if (strlen(url) > URL_MAX)
		return "is too long";
	for (size_t i = 0; i < COUNT(schemes); i++) {
		size_t n = strlen(schemes[i].scheme), authority;
		const char *wrong;

		if (strncmp(url, schemes[i].scheme, n) != 0)
			continue;
		*transport = schemes[i].transport;
		authority = strcspn(url + n, "/");
		wrong = authority_wrong(url + n, authority, *transport);
		if (!wrong && !url[n + authority])
			wrong = "has no path";
		return wrong ? wrong : path_wrong(url + n + authority);
	}
	return short_wrong(url);
}

/* What RFC 3986 has in a path and a query, and brackets, which browsers leave
 * in the latter. */
static const char in_request[] = LETTERS DIGITS "-._~/+@%=,:?&;!$'()*[]";

const char *remote_http_wrong(const char *url, bool *is_tls)
{
	static const char plain[] = "http://", tls[] = "https://";
	const char *server, *path, *wrong;

	*is_tls = strncmp(url, tls, sizeof(tls) - 1) == 0;
	if (strlen(url) > URL_MAX)
		return "is too long";
	if (!*is_tls && strncmp(url, plain, sizeof(plain) - 1) != 0)
		return "must be https://SERVER/PATH, or http://SERVER/PATH";
	server = strstr(url, "://") + 3;
	path = server + strcspn(server, "/?");
	wrong = authority_wrong(server, (size_t)(path - server),
				TRANSPORT_HTTPS);
	if (wrong)
		return wrong;
	if (*path != '/')
		return "has no path";
	if (!consists_of(path, strlen(path), in_request))
		return "has a path with a character that must be written as "
		       "%XX";
	return strstr(path, "/../") ? "has '..' in its path" : NULL;
}

unsigned remote_port(const char *url, unsigned otherwise)
{
	const char *scheme = strstr(url, "://"), *end, *colon;
	unsigned port = 0;

	if (!scheme)
		return otherwise;
	end = scheme + 3 + strcspn(scheme + 3, "/");
	for (colon = end;
	     colon > scheme + 3 && colon[-1] != ':' && colon[-1] != ']';)
		colon--;
	if (colon == scheme + 3 || colon[-1] != ':')
		return otherwise;
	for (; colon < end; colon++)
		port = port * 10 + (unsigned)(*colon - '0');
	return port;
}

const char *remote_masked(const char *url, struct arena *a)
{
	AUTO_BUF struct buf safe = { 0 };
	const char *from = strstr(url, "://");
	const char *at = NULL, *query;
	size_t n;

	from = from ? from + 3 : url;
	for (const char *p = from; *p && *p != '/'; p++)
		if (*p == '@')
			at = p;
	if (at) {
		buf_add(&safe, url, (size_t)(from - url));
		buf_puts(&safe, "***");
		from = at;
	} else {
		from = url;
	}
	n = strnlen(from, URL_MAX);
	query = memchr(from, '?', n);
	escape_text(&safe, from, query ? (size_t)(query - from) : n, false);
	if (query)
		buf_puts(&safe, "?***");
	return arena_strdup(a, buf_text(&safe));
}
