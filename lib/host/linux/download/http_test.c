/* SPDX-License-Identifier: MIT */
/* Against real servers. */
#include "lib/host/linux/download/http.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host/linux/process/child.h"
#include "lib/host/linux/servers.h"
#include "lib/test.h"

enum { SIZE = 300000 };

/* One request, and what came of it. */
struct trial_of {
	const char *server, *kind; /* "good", "ok" */
	const char *machine;       /* NULL: 127.0.0.1 */
	const char *ca;            /* a file of the folder; NULL: ca.pem */
	const char *body;
	bool system; /* in place of ca: what it trusts */
	unsigned tries;
	uint64_t most;
	int64_t timeout;
	bool (*stopped)(void *context);
	bool good;
	struct http_answer answer;
	const char *because;
	char text[SIZE];
	ssize_t n; /* bytes of it */
};

static struct arena arena;
static char contents[SIZE];

static void make_file(void)
{
	char path[128];
	FILE *file;

	for (size_t i = 0; i < SIZE; i++)
		contents[i] = (char)(i * 7 + i / 251);
	snprintf(path, sizeof(path), "%s/web/f", folder);
	file = fopen(path, "w");
	ck_assert_uint_eq(fwrite(contents, 1, SIZE, file), SIZE);
	fclose(file);
}

static void try(struct trial_of *t)
{
	char url[256], ca[128];
	bool is_plain = strcmp(t->server, "plain") == 0;
	AUTO_FD int out = memfd_create("body", MFD_CLOEXEC);
	struct http_request r = { .url = url,
				  .ca_file = t->system ? NULL : ca,
				  .body = t->body,
				  .type = "text/x",
				  .size = t->body ? strlen(t->body) : 0,
				  .redirects = t->body ? 0 : HTTP_REDIRECTS,
				  .tries = t->tries,
				  .most = t->most ? t->most : SIZE,
				  .timeout = t->timeout ? t->timeout : 30000,
				  .stopped = t->stopped };

	snprintf(ca, sizeof(ca), "%s/%s", folder, t->ca ? t->ca : "ca.pem");
	snprintf(url, sizeof(url), "%s://%s:%s/web/%s/f?key=secret",
		 is_plain ? "http" : "https",
		 t->machine ? t->machine : "127.0.0.1",
		 t->server[0] >= '0' && t->server[0] <= '9'
			 ? t->server
			 : value_of(t->server),
		 t->kind);
	t->because = NULL;
	t->good = http_run(&r, out, &t->answer, &t->because, &arena);
	t->n = pread(out, t->text, sizeof(t->text), 0);
	if (t->because)
		ck_assert_msg(!strstr(t->because, "secret"), "%s", t->because);
}

static void gets(struct trial_of t)
{
	try(&t);
	ck_assert_msg(t.good, "%s: %s", t.kind, t.because);
	ck_assert_msg(t.answer.status == 200, "%s: %s", t.kind, t.answer.line);
	ck_assert_msg(t.n == SIZE, "%s: %zd", t.kind, t.n);
	ck_assert_int_eq(memcmp(t.text, contents, SIZE), 0);
}

static void fails(struct trial_of t, const char *because)
{
	try(&t);
	ck_assert_msg(!t.good && t.because, "%s/%s", t.server, t.kind);
	ck_assert_msg(strstr(t.because, because), "%s/%s: '%s', not '%s'",
		      t.server, t.kind, t.because, because);
}

START_TEST(gets_what_is_there)
{
	gets((struct trial_of){ .server = "good", .kind = "ok" });
	gets((struct trial_of){ .server = "tls12", .kind = "ok" });
	gets((struct trial_of){ .server = "plain", .kind = "ok" });
	gets((struct trial_of){
		.server = "good", .kind = "ok", .machine = "localhost" });
}
END_TEST

START_TEST(uses_no_proxy)
{
	static const char *const names[] = { "https_proxy", "http_proxy",
					     "ALL_PROXY" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_int_eq(setenv(names[i], "http://127.0.0.1:1", 1), 0);
	gets((struct trial_of){ .server = "good", .kind = "ok" });
	gets((struct trial_of){ .server = "plain", .kind = "ok" });
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
}
END_TEST

START_TEST(talks_to_no_other_server)
{
	static const char certificate[] = "certificate is refused";

	fails((struct trial_of){ .server = "self", .kind = "ok" }, certificate);
	fails((struct trial_of){ .server = "name", .kind = "ok" }, certificate);
	fails((struct trial_of){ .server = "expired", .kind = "ok" },
	      certificate);
	fails((struct trial_of){ .server = "good",
				 .kind = "ok",
				 .ca = "self.pem" },
	      certificate);
	fails((struct trial_of){ .server = "good",
				 .kind = "ok",
				 .system = true },
	      certificate);
	fails((struct trial_of){ .server = "good", .kind = "ok", .ca = "none" },
	      "none");
	fails((struct trial_of){ .server = "tls11", .kind = "ok" },
	      "no safe connection");
	fails((struct trial_of){ .server = "1", .kind = "ok" },
	      "cannot reach the server");
	fails((struct trial_of){ .server = "good",
				 .kind = "ok",
				 .machine = "no-such-name.invalid" },
	      "cannot find the server");
}
END_TEST

START_TEST(follows_redirects_to_https)
{
	gets((struct trial_of){ .server = "good", .kind = "redirect" });
	gets((struct trial_of){ .server = "plain", .kind = "redirect" });
	gets((struct trial_of){ .server = "good", .kind = "far,5" });
	fails((struct trial_of){ .server = "good", .kind = "far,6" },
	      "redirected more than 5 times, to 'https://127.0.0.1:");
	fails((struct trial_of){ .server = "good", .kind = "loop" },
	      "redirected more than 5 times");
	fails((struct trial_of){ .server = "good", .kind = "plainly" },
	      "which is not https");
	fails((struct trial_of){ .server = "plain", .kind = "far,1" },
	      "which is not https");
	fails((struct trial_of){ .server = "good", .kind = "file" },
	      "which must be https://");
}
END_TEST

START_TEST(tells_the_status)
{
	struct trial_of t = { .server = "good", .kind = "status,404" };

	try(&t);
	ck_assert(t.good);
	ck_assert_uint_eq(t.answer.status, 404);
	ck_assert_str_eq(t.answer.line, "HTTP/1.1 404 Not Found");
	ck_assert_int_eq(t.n, 4);
	t.kind = "odd";
	try(&t);
	ck_assert(t.good);
	ck_assert_str_eq(t.answer.line, "HTTP/1.1 404 \\x1b[2Jgone");
}
END_TEST

START_TEST(tries_again)
{
	struct trial_of t = { .server = "good", .kind = "status,500" };

	gets((struct trial_of){
		.server = "good", .kind = "flaky,1", .tries = 2 });
	gets((struct trial_of){
		.server = "good", .kind = "broken,1", .tries = 2 });
	fails((struct trial_of){ .server = "good",
				 .kind = "broken,9",
				 .tries = 2 },
	      "the connection broke off");
	try(&t);
	ck_assert(t.good);
	ck_assert_uint_eq(t.answer.status, 500);
}
END_TEST

START_TEST(takes_no_more_than_it_may)
{
	fails((struct trial_of){ .server = "good", .kind = "endless" },
	      "the server sends more than 300000 bytes");
	fails((struct trial_of){ .server = "good", .kind = "large" },
	      "it is larger than 300000 bytes");
	fails((struct trial_of){ .server = "good",
				 .kind = "ok",
				 .most = SIZE - 1 },
	      "it is larger than 299999 bytes");
	fails((struct trial_of){ .server = "good", .kind = "half" },
	      "the connection broke off");
}
END_TEST

static bool yes(void *context)
{
	(void)context;
	return true;
}

START_TEST(ends_in_time)
{
	struct trial_of t = { .server = "good",
			      .kind = "stall",
			      .stopped = yes };
	int64_t begun = child_now();

	fails((struct trial_of){ .server = "good",
				 .kind = "stall",
				 .timeout = 1000 },
	      "it took more than 1 seconds");
	fails((struct trial_of){ .server = "good",
				 .kind = "silent",
				 .timeout = 1000 },
	      "it took more than 1 seconds");
	fails((struct trial_of){ .server = "good",
				 .kind = "flaky,99",
				 .tries = 99,
				 .timeout = 1000 },
	      "it took more than 1 seconds");
	try(&t);
	ck_assert(!t.good && !t.because);
	/* the server would wait for a minute each time */
	ck_assert_int_lt(child_now() - begun, 30000);
}
END_TEST

START_TEST(sends_a_body)
{
	struct trial_of t = { .server = "good", .kind = "echo", .body = "hi" };

	try(&t);
	ck_assert_msg(t.good, "%s", t.because);
	ck_assert_int_eq(t.n, 8);
	ck_assert_int_eq(memcmp(t.text, "hitext/x", 8), 0);
}
END_TEST

static void set_up(void)
{
	START_SERVERS;
	make_file();
}

static void tear_down(void)
{
	stop_servers();
	arena_release(&arena);
}

int main(void)
{
	Suite *suite = suite_create("http");
	TCase *tcase = tcase_create("http");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_unchecked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, gets_what_is_there);
	tcase_add_test(tcase, uses_no_proxy);
	tcase_add_test(tcase, talks_to_no_other_server);
	tcase_add_test(tcase, follows_redirects_to_https);
	tcase_add_test(tcase, tells_the_status);
	tcase_add_test(tcase, tries_again);
	tcase_add_test(tcase, takes_no_more_than_it_may);
	tcase_add_test(tcase, ends_in_time);
	tcase_add_test(tcase, sends_a_body);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
