/* SPDX-License-Identifier: MIT */
#include "lib/text/remote.h"

#include "lib/test.h"

START_TEST(takes_addresses_of_two_kinds)
{
	static const struct {
		const char *url;
		enum transport transport;
	} good[] = {
		{ "https://git.example/world.git", TRANSPORT_HTTPS },
		{ "https://git.example:8443/a/b_c.d-e/~f", TRANSPORT_HTTPS },
		{ "https://[::1]:8443/w", TRANSPORT_HTTPS },
		{ "https://192.0.2.1/w", TRANSPORT_HTTPS },
		{ "ssh://git@git.example/world.git", TRANSPORT_SSH },
		{ "ssh://git.example:2222/srv/world", TRANSPORT_SSH },
		{ "git@git.example:team/world.git", TRANSPORT_SSH },
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		enum transport t;
		const char *wrong = remote_wrong(good[i].url, &t);

		ck_assert_msg(!wrong, "%s %s", good[i].url, wrong);
		ck_assert_int_eq(t, good[i].transport);
	}
}
END_TEST

START_TEST(takes_no_others)
{
	static const char *const bad[] = {
		"",
		"/srv/world",
		"world",
		"file:///srv/world",
		"git://git.example/w",
		"http://git.example/w",
		"HTTPS://git.example/w",
		"ftp://git.example/w",
		"ext::sh -c touch% /tmp/x",
		"ext::ssh@host:w",
		"-u./x@host:w",
		"--upload-pack=x@host:w",
		"ssh://-oProxyCommand=x/w",
		"ssh://u@-oProxyCommand=x/w",
		"git@-oProxyCommand=x:w",
		"git@host:-x",
		"git@host:",
		"git@host:a'b",
		"git@host:$(x)",
		"https://git.example",
		"https:///w",
		"https://git.example:0/w",
		"https://git.example:65536/w",
		"https://git.example:x/w",
		"https://git.example:/w",
		"https://git.example/a b",
		"https://git.example/a/../b",
		"https://git.example/w?x",
		"https://git.example/w\n",
		"https://user@git.example/w",
		"https://user:pw@git.example/w",
		"ssh://user:pw@git.example/w",
		"https://[g]/w",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		enum transport t;

		ck_assert_msg(remote_wrong(bad[i], &t) != NULL,
			      "accepted: '%s'", bad[i]);
	}
}
END_TEST

START_TEST(takes_addresses_of_the_web)
{
	static const struct {
		const char *url;
		bool is_tls;
	} good[] = {
		{ "https://a.example/app-1.2.tar.gz", true },
		{ "http://a.example:8080/", false },
		{ "https://[::1]:8443/a?v=[1]&t=x%20y'", true },
		{ "https://192.0.2.1/a/@b/?c:d", true },
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		bool is_tls;
		const char *wrong = remote_http_wrong(good[i].url, &is_tls);

		ck_assert_msg(!wrong, "%s %s", good[i].url, wrong);
		ck_assert_int_eq(is_tls, good[i].is_tls);
	}
}
END_TEST

START_TEST(takes_no_others_of_the_web)
{
	static const char *const bad[] = {
		"",
		"ftp://a.example/x",
		"file:///etc/passwd",
		"HTTPS://a.example/x",
		"https:/a.example/x",
		"https://a.example",
		"https://a.example?x",
		"https:///x",
		"https://u@a.example/x",
		"https://u:p@a.example/x",
		"https://a.example:99999/x",
		"https://a.example/x y",
		"https://a.example/x#y",
		"https://a.example/\x1b[2J",
		"https://a.example/x\r\nHost: b",
		"https://a.example/a/../b",
		"https://-a/x",
		"https://a_b/x",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		bool is_tls;

		ck_assert_msg(remote_http_wrong(bad[i], &is_tls) != NULL,
			      "accepted: '%s'", bad[i]);
	}
}
END_TEST

START_TEST(hides_what_may_be_secret)
{
	static const char *const pairs[][2] = {
		{ "https://u:p@a/x", "https://***@a/x" },
		{ "https://a/x?token=1&u=a@b", "https://a/x?***" },
		{ "https://u@a?x", "https://***@a?***" },
		{ "https://a/x@y", "https://a/x@y" },
		{ "ssh://git@a/w", "ssh://***@a/w" },
		{ "https://a/\x1b", "https://a/\\x1b" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		ck_assert_str_eq(remote_masked(pairs[i][0], &a), pairs[i][1]);
	arena_release(&a);
}
END_TEST

START_TEST(knows_the_port)
{
	ck_assert_uint_eq(remote_port("https://a/b", 443), 443);
	ck_assert_uint_eq(remote_port("https://a:8443/b:9", 443), 8443);
	ck_assert_uint_eq(remote_port("https://[::1]/b", 443), 443);
	ck_assert_uint_eq(remote_port("https://[::1]:77/b", 443), 77);
	ck_assert_uint_eq(remote_port("http://a/b?c:9", 80), 80);
	ck_assert_uint_eq(remote_port("ssh://u@a/b", 22), 22);
	ck_assert_uint_eq(remote_port("u@a:b", 22), 22);
}
END_TEST

TEST_SUITE("remote", takes_addresses_of_two_kinds, takes_no_others,
	   takes_addresses_of_the_web, takes_no_others_of_the_web,
	   hides_what_may_be_secret, knows_the_port)
