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

TEST_SUITE("remote", takes_addresses_of_two_kinds, takes_no_others)
