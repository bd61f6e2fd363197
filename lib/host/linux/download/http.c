/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/download/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <nss.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* its macros that look at types take calls by a pointer for their own */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "lib/base/output.h"
#include "lib/host/linux/process/child.h"
#include "lib/host/linux/process/confined.h"
#include "lib/host/linux/library.h"
#include "lib/host/linux/process/sandbox.h"
#include "lib/host/linux/trust/trusted.h"
#include "lib/text/escape.h"
#include "lib/text/remote.h"

enum {
	TEXT_SIZE = 512,
	URL_SIZE = 2048,
	HOST_SIZE = 256,
	CONNECT_SECONDS = 30,
	PAUSE = 500, /* ms before the second try; twice as long each time */
	TICK = 100,  /* ms between two looks at stopped */
};

#define FUNCTIONS(X)          \
	X(curl_easy_getinfo)  \
	X(curl_easy_init)     \
	X(curl_easy_perform)  \
	X(curl_easy_setopt)   \
	X(curl_easy_strerror) \
	X(curl_global_init)   \
	X(curl_slist_append)  \
	X(curl_version_info)

#define DECLARE(name) __typeof__(name) *(name);
static struct {
	FUNCTIONS(DECLARE)
} lib;

static bool load(struct diags *d)
{
	static bool loaded;
	const struct library_function functions[] = {
#define FUNCTION(name) LIBRARY_FUNCTION(&lib, name),
		FUNCTIONS(FUNCTION)
	};
	const struct library library = { .name = "libcurl",
					 .file = "libcurl.so.4",
					 .package = "libcurl4",
					 .functions = functions,
					 .n = COUNT(functions) };

	loaded = loaded || library_load(&library, d);
	return loaded;
}

/* What came of one request to one server. */
enum end {
	END_FAILED,   /* and would again */
	END_LOST,     /* but may not the next time */
	END_ANSWERED, /* status, location */
};

/* What the process says, which nobody believes more than the server. */
struct said {
	enum end end;
	unsigned status;
	char text[TEXT_SIZE];    /* the status line, or why there is none */
	char location[URL_SIZE]; /* that it redirects to, or "" */
};

/* One request to one server. */
struct exchange {
	const struct http_request *request;
	const char *url;
	bool is_tls;
	int out;
	int64_t deadline;
	bool overdue;
	struct buf ca;
	/* in the process */
	CURL *curl;
	uint64_t received;
	char error[CURL_ERROR_SIZE];
	struct said said;
};

/* --- in the process --- */

static bool fail(struct exchange *x, enum end end, const char *what,
		 const char *detail)
{
	x->said.end = end;
	snprintf(x->said.text, sizeof(x->said.text), "%s%s%s", what,
		 detail && *detail ? ": " : "", detail ? detail : "");
	return false;
}

static bool is_redirect(long status)
{
	return status == 301 || status == 302 || status == 303 ||
	       status == 307 || status == 308;
}

/* What is said with a redirect is not kept. */
static size_t take(char *bytes, size_t one, size_t n, void *context)
{
	struct exchange *x = context;
	long status = 0;

	(void)one;
	lib.curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status);
	x->received += n;
	if (x->received > x->request->most) {
		snprintf(x->said.text, sizeof(x->said.text),
			 "the server sends more than %llu bytes",
			 (unsigned long long)x->request->most);
		return 0;
	}
	if (is_redirect(status) || write_all(x->out, bytes, n))
		return n;
	fail(x, END_FAILED, "cannot keep it", strerror(errno));
	return 0;
}

/* The last line of status: there may be more than one, RFC 9110, 15.2. */
static size_t take_header(char *bytes, size_t one, size_t n, void *context)
{
	struct exchange *x = context;
	size_t length = n;

	(void)one;
	while (length &&
	       (bytes[length - 1] == '\n' || bytes[length - 1] == '\r'))
		length--;
	if (length >= 5 && memcmp(bytes, "HTTP/", 5) == 0)
		snprintf(x->said.text, sizeof(x->said.text), "%.*s",
			 (int)length, bytes);
	return n;
}

/* The name of the server, without brackets. */
static void find_host(const char *url, char host[HOST_SIZE])
{
	const char *from = strstr(url, "://") + 3;
	size_t n = strcspn(from, "/");

	if (*from == '[')
		n = strcspn(++from, "]");
	else
		n = n < strcspn(from, ":") ? n : strcspn(from, ":");
	snprintf(host, HOST_SIZE, "%.*s", (int)n, from);
}

static bool is_address(const char *host)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, bytes) == 1 ||
	       inet_pton(AF_INET6, host, bytes) == 1;
}

static void add_address(const struct addrinfo *at, struct buf *line)
{
	char text[NI_MAXHOST];

	if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof(text), NULL,
			0, NI_NUMERICHOST) == 0)
		buf_printf(line, "%s%s",
			   line->text[line->size - 1] == ':' ? "" : ",", text);
}

/* libcurl would start a thread for it, which nothing may here. */
static bool resolve(struct exchange *x)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	unsigned port = remote_port(x->url, x->is_tls ? 443 : 80);
	AUTO_BUF struct buf line = { 0 };
	struct addrinfo *all;
	char host[HOST_SIZE];
	int error;

	find_host(x->url, host);
	if (is_address(host))
		return true;
	error = getaddrinfo(host, NULL, &hints, &all);
	if (error)
		return fail(x, END_LOST, "cannot find the server",
			    gai_strerror(error));
	buf_printf(&line, "%s:%u:", host, port);
	for (const struct addrinfo *at = all; at; at = at->ai_next)
		add_address(at, &line);
	freeaddrinfo(all);
	lib.curl_easy_setopt(x->curl, CURLOPT_RESOLVE,
			     lib.curl_slist_append(NULL, buf_text(&line)));
	return true;
}

static bool set_tls(struct exchange *x)
{
	struct curl_blob ca = { .data = x->ca.text,
				.len = x->ca.size,
				.flags = CURL_BLOB_NOCOPY };
	CURL *c = x->curl;

	return !x->is_tls ||
	       (lib.curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) == 0 &&
		lib.curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L) == 0 &&
		lib.curl_easy_setopt(c, CURLOPT_SSLVERSION,
				     (long)CURL_SSLVERSION_TLSv1_2) == 0 &&
		lib.curl_easy_setopt(c, CURLOPT_CAPATH, NULL) == 0 &&
		lib.curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &ca) == 0);
}

static bool set_body(struct exchange *x)
{
	const struct http_request *r = x->request;
	struct curl_slist *headers = NULL;
	char type[TEXT_SIZE];

	if (!r->body)
		return true;
	snprintf(type, sizeof(type), "Content-Type: %s", r->type);
	headers = lib.curl_slist_append(headers, type);
	headers = lib.curl_slist_append(headers, "Expect:");
	return lib.curl_easy_setopt(x->curl, CURLOPT_POSTFIELDSIZE_LARGE,
				    (curl_off_t)r->size) == 0 &&
	       lib.curl_easy_setopt(x->curl, CURLOPT_POSTFIELDS, r->body) ==
		       0 &&
	       lib.curl_easy_setopt(x->curl, CURLOPT_HTTPHEADER, headers) == 0;
}

static bool set_up(struct exchange *x)
{
	CURL *c = x->curl;

	return lib.curl_easy_setopt(c, CURLOPT_URL, x->url) == 0 &&
	       lib.curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR,
				    x->is_tls ? "https" : "http") == 0 &&
	       lib.curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
				    (long)CURL_HTTP_VERSION_1_1) == 0 &&
	       lib.curl_easy_setopt(c, CURLOPT_PROXY, "") == 0 &&
	       lib.curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == 0 &&
	       lib.curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == 0 &&
	       lib.curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT,
				    (long)CONNECT_SECONDS) == 0 &&
	       lib.curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE,
				    (curl_off_t)x->request->most) == 0 &&
	       lib.curl_easy_setopt(c, CURLOPT_USERAGENT, "converge") == 0 &&
	       lib.curl_easy_setopt(c, CURLOPT_ERRORBUFFER, x->error) == 0 &&
	       lib.curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take) == 0 &&
	       lib.curl_easy_setopt(c, CURLOPT_WRITEDATA, x) == 0 &&
	       lib.curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header) ==
		       0 &&
	       lib.curl_easy_setopt(c, CURLOPT_HEADERDATA, x) == 0 &&
	       set_tls(x) && set_body(x);
}

/* Always false. */
static bool explain(struct exchange *x, CURLcode code)
{
	static const struct {
		CURLcode code;
		enum end end;
		const char *what;
	} known[] = {
		{ CURLE_COULDNT_RESOLVE_HOST, END_LOST,
		  "cannot find the server" },
		{ CURLE_COULDNT_CONNECT, END_LOST, "cannot reach the server" },
		{ CURLE_OPERATION_TIMEDOUT, END_LOST,
		  "cannot reach the server" },
		{ CURLE_SSL_CONNECT_ERROR, END_LOST, "no safe connection" },
		{ CURLE_PEER_FAILED_VERIFICATION, END_FAILED,
		  "the server's certificate is refused" },
		{ CURLE_SSL_CACERT_BADFILE, END_FAILED,
		  "cannot read certificates" },
		{ CURLE_PARTIAL_FILE, END_LOST, "the connection broke off" },
		{ CURLE_GOT_NOTHING, END_LOST, "the connection broke off" },
		{ CURLE_SEND_ERROR, END_LOST, "the connection broke off" },
		{ CURLE_RECV_ERROR, END_LOST, "the connection broke off" },
	};
	const char *detail =
		x->error[0] ? x->error : lib.curl_easy_strerror(code);

	/* take has told it */
	if (code == CURLE_WRITE_ERROR && x->received)
		return false;
	for (size_t i = 0; i < COUNT(known); i++)
		if (known[i].code == code)
			return fail(x, known[i].end, known[i].what, detail);
	if (code != CURLE_FILESIZE_EXCEEDED)
		return fail(x, END_FAILED, "no answer that is one", detail);
	x->said.end = END_FAILED;
	snprintf(x->said.text, sizeof(x->said.text),
		 "it is larger than %llu bytes",
		 (unsigned long long)x->request->most);
	return false;
}

static void note_answer(struct exchange *x)
{
	const char *location = NULL;
	long status = 0;

	lib.curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status);
	lib.curl_easy_getinfo(x->curl, CURLINFO_REDIRECT_URL, &location);
	x->said.end = END_ANSWERED;
	x->said.status = (unsigned)status;
	if (location)
		snprintf(x->said.location, sizeof(x->said.location), "%s",
			 location);
}

static int work(void *context, int out)
{
	struct exchange *x = context;
	CURLcode code;

	x->curl = lib.curl_easy_init();
	if (!x->curl || !set_up(x))
		fail(x, END_FAILED, "cannot use libcurl", NULL);
	else if (resolve(x)) {
		code = lib.curl_easy_perform(x->curl);
		if (code == CURLE_OK)
			note_answer(x);
		else
			explain(x, code);
	}
	return write_all(out, &x->said, sizeof(x->said)) ? EXIT_SUCCESS
							 : EXIT_FAILURE;
}

/* As libcurl was told when it was built. */
static bool read_system_ca(struct buf *ca, struct diags *d)
{
	const curl_version_info_data *v =
		lib.curl_version_info(CURLVERSION_NOW);
	struct reader r = { .fd = -1 };
	bool whole = false;

	if (v->age >= CURLVERSION_SEVENTH && v->cainfo)
		r.fd = open(v->cainfo, O_RDONLY | O_CLOEXEC);
	if (r.fd >= 0) {
		reader_all(&r, TRUSTED_MAX, ca, &whole);
		close(r.fd);
	}
	if (whole && ca->size)
		return true;
	diag_error(d, "cannot read the certificates that the system trusts");
	diag_hint(d, "install ca-certificates");
	return false;
}

static bool confine(struct exchange *x, int out, struct diags *d)
{
	const struct rlimit size = { x->request->most + sizeof(x->said),
				     x->request->most + sizeof(x->said) };
	const int writes[] = { out, x->out };
	const struct fetch_box box = {
		.folder = -1,
		.writes = writes,
		.nwrites = COUNT(writes),
		.port = remote_port(x->url, x->is_tls ? 443 : 80),
	};

	setrlimit(RLIMIT_FSIZE, &size);
	/* others are libraries of their own, nss(5) */
	__nss_configure_lookup("hosts", "files dns");
	if (lib.curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return diag_error(d, "cannot use libcurl");
	if (x->is_tls && !x->ca.size && !read_system_ca(&x->ca, d))
		return false;
	return sandbox_enter_fetch(&box, d);
}

static bool enter(void *context, int out, struct diags *d)
{
	struct exchange *x = context;

	if (confine(x, out, d))
		return true;
	fail(x, END_FAILED, d->n ? d->v[0].text : "it cannot be confined",
	     NULL);
	write_all(out, &x->said, sizeof(x->said));
	return false;
}

/* --- outside of it --- */

static bool is_stopped(struct exchange *x)
{
	const struct http_request *r = x->request;

	x->overdue = child_now() >= x->deadline;
	return x->overdue || (r->stopped && r->stopped(r->context));
}

static bool stopped(void *context)
{
	return is_stopped(context);
}

/* Whether the process came to an end; said is what it says, in whole. */
static bool run_process(struct exchange *x, struct diags *d)
{
	const struct confined c = { .work = work,
				    .stopped = stopped,
				    .enter = enter,
				    .context = x,
				    .name = "the process that downloads" };
	AUTO_FD int out = -1;
	int status;

	x->said = (struct said){ .end = END_FAILED };
	if (ftruncate(x->out, 0) < 0 || lseek(x->out, 0, SEEK_SET) < 0)
		return diag_errno(d, errno, "cannot write what is downloaded");
	if (!confined_run(&c, &out, &status, d))
		return false;
	if (pread(out, &x->said, sizeof(x->said), 0) !=
	    (ssize_t)sizeof(x->said))
		return diag_error(d, "the process that downloads does not say "
				     "what came of it");
	x->said.text[sizeof(x->said.text) - 1] = '\0';
	x->said.location[sizeof(x->said.location) - 1] = '\0';
	return true;
}

/* A run of requests that a redirect leads from one to the next. */
struct asking {
	struct exchange exchange;
	struct http_answer *answer;
	const char *because;
	struct arena *arena;
};

static const char *safe(struct asking *a, const char *text)
{
	AUTO_BUF struct buf out = { 0 };

	escape_text(&out, text, strlen(text), false);
	return arena_strdup(a->arena, buf_text(&out));
}

static bool follow(struct asking *a, unsigned redirects)
{
	const struct http_request *r = a->exchange.request;
	const char *to = arena_strdup(a->arena, a->exchange.said.location);
	const char *shown = remote_masked(to, a->arena);
	const char *wrong;
	bool is_tls;

	if (redirects >= r->redirects) {
		a->because = arena_printf(
			a->arena,
			"it is redirected more than %u times, to '%s'",
			r->redirects, shown);
		return false;
	}
	wrong = remote_http_wrong(to, &is_tls);
	if (wrong || !is_tls) {
		a->because = arena_printf(
			a->arena, "it is redirected to '%s', which %s", shown,
			wrong ? wrong : "is not https");
		return false;
	}
	a->exchange.url = to;
	a->exchange.is_tls = true;
	return true;
}

/* From the URL to what is no redirect; how it ended. */
static enum end ask(struct asking *a)
{
	struct exchange *x = &a->exchange;

	x->url = x->request->url;
	x->is_tls = strncmp(x->url, "https:", 6) == 0;
	for (unsigned redirects = 0;; redirects++) {
		AUTO_DIAGS struct diags d = { 0 };

		if (!run_process(x, &d)) {
			a->because = d.n ? safe(a, d.v[0].text) : NULL;
			return END_FAILED;
		}
		if (x->said.end != END_ANSWERED) {
			a->because = safe(a, x->said.text);
			return x->said.end == END_LOST ? END_LOST : END_FAILED;
		}
		if (!is_redirect(x->said.status) || !x->said.location[0] ||
		    !x->request->redirects)
			return END_ANSWERED;
		if (!follow(a, redirects))
			return END_FAILED;
	}
}

/* Whether the server says that it is so for now. */
static bool is_passing(unsigned status)
{
	return status == 408 || status == 429 || status >= 500;
}

/* Not when the run is told to stop, or time is over. */
static bool pause_before(struct exchange *x, unsigned tries)
{
	int64_t end = child_now() + ((int64_t)PAUSE << (tries - 1));
	const struct timespec tick = { .tv_nsec = TICK * 1000000L };

	while (!is_stopped(x)) {
		if (child_now() >= end)
			return true;
		nanosleep(&tick, NULL);
	}
	return false;
}

static enum end ask_often(struct asking *a)
{
	for (unsigned tries = 1;; tries++) {
		enum end end = ask(a);

		if (end == END_FAILED || tries >= a->exchange.request->tries ||
		    (end == END_ANSWERED &&
		     !is_passing(a->exchange.said.status)))
			return end;
		if (!pause_before(&a->exchange, tries))
			return END_FAILED;
	}
}

bool http_run(const struct http_request *r, int out, struct http_answer *answer,
	      const char **because, struct arena *arena)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct asking a = { .exchange = { .request = r,
					  .out = out,
					  .deadline =
						  child_now() + r->timeout },
			    .arena = arena };
	enum end end = END_FAILED;

	if (!load(&d) ||
	    (r->ca_file &&
	     !trusted_read(r->ca_file, TRUSTED_TO_WRITE, &a.exchange.ca, &d)))
		a.because = arena_strdup(arena, d.v[0].text);
	else
		end = ask_often(&a);
	buf_release(&a.exchange.ca);
	if (end == END_ANSWERED) {
		answer->status = a.exchange.said.status;
		answer->line = safe(&a, a.exchange.said.text);
		return true;
	}
	*because = a.because;
	if (a.exchange.overdue)
		*because = arena_printf(arena, "it took more than %lld seconds",
					(long long)(r->timeout + 999) / 1000);
	else if (r->stopped && r->stopped(r->context))
		*because = NULL;
	return false;
}
