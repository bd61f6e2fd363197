/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/git/tls.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FUNCTIONS(X)                        \
	X(ERR_error_string_n)               \
	X(ERR_get_error)                    \
	X(SSL_CTX_ctrl)                     \
	X(SSL_CTX_load_verify_file)         \
	X(SSL_CTX_new)                      \
	X(SSL_CTX_set_default_verify_paths) \
	X(SSL_CTX_set_verify)               \
	X(SSL_connect)                      \
	X(SSL_ctrl)                         \
	X(SSL_free)                         \
	X(SSL_get0_param)                   \
	X(SSL_get_error)                    \
	X(SSL_get_verify_result)            \
	X(SSL_new)                          \
	X(SSL_read)                         \
	X(SSL_set1_host)                    \
	X(SSL_set_fd)                       \
	X(SSL_write)                        \
	X(TLS_client_method)                \
	X(X509_VERIFY_PARAM_set1_ip_asc)    \
	X(X509_verify_cert_error_string)

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

static const char library[] = "libssl.so." TEXT(OPENSSL_SHLIB_VERSION);

#define DECLARE(name) __typeof__(name) *(name);
static struct {
	FUNCTIONS(DECLARE)
} ssl;

/* Of this process, which fetches once. */
static const struct git *git;
static SSL_CTX *context;
static uint64_t most;

struct stream {
	git_stream parent;
	char *host, *port;
	int fd;
	SSL *ssl;
	uint64_t left; /* bytes that may come */
	git_cert_x509 certificate;
};

/* Always -1; detail may be NULL. */
static int fail(const char *what, const char *detail)
{
	char text[512];

	snprintf(text, sizeof(text), "%s%s%s", what, detail ? ": " : "",
		 detail ? detail : "");
	git->git_error_set_str(GIT_ERROR_SSL, text);
	return -1;
}

/* --- connecting --- */

static int reach(const struct stream *s)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *all, *at;
	int error = getaddrinfo(s->host, s->port, &hints, &all), fd = -1;

	if (error)
		return fail("cannot find the server", gai_strerror(error));
	error = ENOENT;
	for (at = all; at && fd < 0; at = at->ai_next) {
		fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0 || connect(fd, at->ai_addr, at->ai_addrlen) == 0)
			continue;
		error = errno;
		close(fd);
		fd = -1;
	}
	freeaddrinfo(all);
	return fd >= 0 ? fd : fail("cannot reach the server", strerror(error));
}

static bool is_address(const char *host)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, bytes) == 1 ||
	       inet_pton(AF_INET6, host, bytes) == 1;
}

/* What the certificate must be for. */
static bool set_name(struct stream *s)
{
	if (is_address(s->host))
		return ssl.X509_VERIFY_PARAM_set1_ip_asc(
			ssl.SSL_get0_param(s->ssl), s->host);
	return ssl.SSL_set1_host(s->ssl, s->host) &&
	       ssl.SSL_ctrl(s->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
			    TLSEXT_NAMETYPE_host_name, s->host);
}

static int refuse(const struct stream *s)
{
	long verified = ssl.SSL_get_verify_result(s->ssl);
	char text[256] = "the connection ended";
	unsigned long error = ssl.ERR_get_error();

	if (verified != X509_V_OK)
		return fail("the server's certificate is refused",
			    ssl.X509_verify_cert_error_string(verified));
	if (error)
		ssl.ERR_error_string_n(error, text, sizeof(text));
	return fail("no safe connection", text);
}

static int stream_connect(git_stream *stream)
{
	struct stream *s = (struct stream *)stream;

	s->fd = reach(s);
	if (s->fd < 0)
		return -1;
	s->ssl = ssl.SSL_new(context);
	if (!s->ssl || !set_name(s) || !ssl.SSL_set_fd(s->ssl, s->fd))
		return fail("cannot use OpenSSL", NULL);
	if (ssl.SSL_connect(s->ssl) != 1 ||
	    ssl.SSL_get_verify_result(s->ssl) != X509_V_OK)
		return refuse(s);
	return 0;
}

/* --- as libgit2 uses it --- */

/* It was looked at, whoever asks. */
static int stream_certificate(git_cert **out, git_stream *stream)
{
	struct stream *s = (struct stream *)stream;

	s->certificate.parent.cert_type = GIT_CERT_X509;
	*out = &s->certificate.parent;
	return 0;
}

static ssize_t stream_read(git_stream *stream, void *bytes, size_t n)
{
	struct stream *s = (struct stream *)stream;
	int want = n > 1 << 20 ? 1 << 20 : (int)n;
	int got = ssl.SSL_read(s->ssl, bytes, want);

	if (got <= 0)
		return ssl.SSL_get_error(s->ssl, got) == SSL_ERROR_ZERO_RETURN
			       ? 0
			       : fail("the connection broke off", NULL);
	if ((uint64_t)got > s->left)
		return fail("the server sends more than is taken", NULL);
	s->left -= (uint64_t)got;
	return got;
}

static ssize_t stream_write(git_stream *stream, const char *bytes, size_t n,
			    int flags)
{
	struct stream *s = (struct stream *)stream;
	int put = ssl.SSL_write(s->ssl, bytes, n > 1 << 20 ? 1 << 20 : (int)n);

	(void)flags;
	return put > 0 ? put : fail("the connection broke off", NULL);
}

static int stream_close(git_stream *stream)
{
	struct stream *s = (struct stream *)stream;

	if (s->ssl)
		ssl.SSL_free(s->ssl);
	if (s->fd >= 0)
		close(s->fd);
	s->ssl = NULL;
	s->fd = -1;
	return 0;
}

static void stream_free(git_stream *stream)
{
	struct stream *s = (struct stream *)stream;

	stream_close(stream);
	free(s->host);
	free(s->port);
	free(s);
}

/* "[::1]" is an address to a URL alone. */
static char *bare(const char *host)
{
	size_t n = strlen(host);

	return host[0] == '[' && n > 2 ? strndup(host + 1, n - 2)
				       : strdup(host);
}

static int stream_new(git_stream **out, const char *host, const char *port)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (!s)
		return -1;
	s->parent = (git_stream){ .version = GIT_STREAM_VERSION,
				  .encrypted = 1,
				  .connect = stream_connect,
				  .certificate = stream_certificate,
				  .read = stream_read,
				  .write = stream_write,
				  .close = stream_close,
				  .free = stream_free };
	s->fd = -1;
	s->left = most;
	s->host = bare(host);
	s->port = strdup(port);
	*out = &s->parent;
	return s->host && s->port ? 0 : -1;
}

/* Of a proxy, which is not used. */
static int stream_wrap(git_stream **out, git_stream *in, const char *host)
{
	(void)out;
	(void)in;
	return fail("no proxy is used", host);
}

/* --- setting up --- */

static bool find(void *handle, const char *name, void *function)
{
	void *found = dlsym(handle, name);

	memcpy(function, &found, sizeof(found));
	return found != NULL;
}

static bool load(struct diags *d)
{
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	bool found = true;

	if (!handle) {
		diag_error(d, "cannot load OpenSSL: %s", dlerror());
		diag_hint(d, "install the package of %s", library);
		return false;
	}
#define FIND(name) found = found && find(handle, #name, &ssl.name);
	FUNCTIONS(FIND)
	return found || diag_error(d, "OpenSSL is not one that can be used");
}

bool tls_use(const struct git *library_git, const char *ca, uint64_t bytes,
	     struct diags *d)
{
	git_stream_registration streams = { .version = GIT_STREAM_VERSION,
					    .init = stream_new,
					    .wrap = stream_wrap };
	bool good;

	if (!load(d))
		return false;
	git = library_git;
	most = bytes;
	context = ssl.SSL_CTX_new(ssl.TLS_client_method());
	if (!context ||
	    !ssl.SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION,
			      TLS1_2_VERSION, NULL))
		return diag_error(d, "cannot use OpenSSL");
	ssl.SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	good = ca ? ssl.SSL_CTX_load_verify_file(context, ca)
		  : ssl.SSL_CTX_set_default_verify_paths(context);
	if (!good)
		return diag_error(d, "cannot read certificates%s%s%s",
				  ca ? " from '" : "", ca ? ca : "",
				  ca ? "'" : "");
	return git->git_stream_register(GIT_STREAM_TLS, &streams) == 0 ||
	       diag_error(d, "libgit2 takes no other TLS");
}
