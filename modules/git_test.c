/* SPDX-License-Identifier: MIT */
/* What needs no repository; the rest is testdata/archives. */
#include "lib/fixture_test.h"

static struct fixture f;

#define REFUSES(attributes, words)                                            \
	do {                                                                  \
		f = (struct fixture){ 0 };                                    \
		ck_assert_msg(                                                \
			!fixture_graph(&f, "'git:/srv/a': {" attributes "}"), \
			"%s", attributes);                                    \
		ck_assert_uint_eq(f.diags.n, 1);                              \
		ck_assert_str_eq(f.diags.v[0].text, words);                   \
		fixture_release(&f);                                          \
	} while (0)

static const char *planned(const char *manifest, const char *host)
{
	fixture_begin(&f, manifest, host);
	fixture_plan(&f, NULL);
	return fixture_shown(&f);
}

START_TEST(both_are_needed)
{
	REFUSES("", "'repository' and 'revision' must be given");
	REFUSES("'revision': 'main'",
		"'repository' and 'revision' must be given");
	REFUSES("'repository': '/r'",
		"'repository' and 'revision' must be given");
}
END_TEST

#define NO_ADDRESS                                                \
	"must be https://SERVER/PATH, ssh://USER@SERVER/PATH or " \
	"USER@SERVER:PATH"

START_TEST(a_repository_is_a_path_or_an_address_without_a_password)
{
	REFUSES("'repository': 'https://u:hunter2@h/r', 'revision': 'm'",
		"'repository': 'https://***@h/r' has a user in it: what opens "
		"a server is no part of its address");
	REFUSES("'repository': 'u:hunter2@h:r', 'revision': 'm'",
		"'repository': '***@h:r' " NO_ADDRESS);
	REFUSES("'repository': 'ssh://-oProxyCommand=x/r', 'revision': 'm'",
		"'repository': 'ssh://-oProxyCommand=x/r' has no name of a "
		"server that is one");
	REFUSES("'repository': 'ext::sh -c true', 'revision': 'm'",
		"'repository': 'ext::sh -c true' " NO_ADDRESS);
	REFUSES("'repository': 'file:///r', 'revision': 'm'",
		"'repository': 'file:///r' " NO_ADDRESS);
	REFUSES("'repository': 'http://h/r', 'revision': 'm'",
		"'repository': 'http://h/r' " NO_ADDRESS);
	REFUSES("'repository': '-u/x', 'revision': 'm'",
		"'repository': '-u/x' " NO_ADDRESS);
	REFUSES("'repository': '/r/../s', 'revision': 'm'",
		"'repository' must be the absolute path of a repository on "
		"this machine");
}
END_TEST

#define REMOTE                                             \
	"'git:/srv/a': {'repository': 'https://h/r.git', " \
	"'revision': 'main', 'force': true}, "             \
	"'file:/srv/a/f': {'content': ''}, "               \
	"'file:/srv/b': {'content': ''}"

/* Nor what is in it, in a plan, which asks nobody. */
START_TEST(what_is_on_a_server_is_unknown_until_it_is_fetched)
{
	static const char *const hosts[] = {
		"'/srv/a': {'type': 'directory'}",
		"'/srv/a': {'type': 'file', 'content': ''}",
		"'/srv': {'type': 'directory'}",
	};

	for (size_t i = 0; i < COUNT(hosts); i++) {
		planned(REMOTE, hosts[i]);
		ck_assert_uint_eq(f.diags.n, 0);
		ck_assert_uint_eq(f.plan.n, 3);
		for (size_t k = 0; k < f.plan.n; k++) {
			const struct change *c = f.plan.v[k];

			if (strcmp(c->res->id, "file:/srv/b") == 0) {
				ck_assert_int_eq(c->action, ACTION_CREATE);
				continue;
			}
			ck_assert_int_eq(c->action, ACTION_UNKNOWN);
			ck_assert_str_eq(c->because,
					 "until 'https://h/r.git' is fetched");
		}
		fixture_release(&f);
	}
	ck_assert_str_eq(planned("'git:/srv/a': {'ensure': 'absent', "
				 "'repository': 'https://h/r.git', "
				 "'revision': 'main'}",
				 ""),
			 "");
	fixture_release(&f);
}
END_TEST

/* What comes with a package may change where it goes. */
START_TEST(what_is_below_waits_for_what_comes_before)
{
	planned("'package:p': {}, 'git:/srv/a': {'repository': '/r', "
		"'revision': 'main', 'require': 'package:p'}, "
		"'file:/srv/a/f': {'content': ''}",
		"{'files': {'/srv': {'type': 'directory'}}, 'packages': {}}");
	ck_assert_uint_eq(f.plan.n, 3);
	ck_assert_int_eq(f.plan.v[1]->action, ACTION_UNKNOWN);
	ck_assert_str_eq(f.plan.v[1]->because, "until package:p is installed");
	ck_assert_int_eq(f.plan.v[2]->action, ACTION_UNKNOWN);
	fixture_release(&f);
}
END_TEST

/* A host that cannot fetch, as a recorded one. */
START_TEST(what_was_not_fetched_is_not_done)
{
	planned(REMOTE, "'/srv': {'type': 'directory'}");
	ck_assert_str_eq(
		fixture_apply(&f),
		"failed git:/srv/a\n"
		"skipped file:/srv/a/f\n"
		"done file:/srv/b\n"
		"it cannot be known: until 'https://h/r.git' is fetched");
	fixture_release(&f);
}
END_TEST

START_TEST(revisions)
{
	REFUSES("'repository': '/r', 'revision': '-x'",
		"'revision' begins with '-'");
	REFUSES("'repository': '/r', 'revision': '../x'",
		"'revision' leads out of it");
	REFUSES("'repository': '/r', 'revision': ''", "'revision' is empty");
	REFUSES("'repository': '/r', 'revision': 'a..b'",
		"'revision' is no branch, tag or commit");
	REFUSES("'repository': '/r', 'revision': 'a~1'",
		"'revision' is no branch, tag or commit");
}
END_TEST

START_TEST(some_folders_are_never_replaced)
{
	f = (struct fixture){ 0 };
	ck_assert(!fixture_graph(&f, "'git:/etc': {'ensure': 'absent'}"));
	ck_assert_str_eq(f.diags.v[0].text, "'/etc' is never replaced");
	fixture_release(&f);
}
END_TEST

START_TEST(absent_takes_what_is_there_only_by_force)
{
	static const char host[] =
		"'/srv/a/b': {'type': 'file', 'content': ''}";

	ck_assert_str_eq(planned("'git:/srv/a': {'ensure': 'absent'}", ""), "");
	fixture_release(&f);
	planned("'git:/srv/a': {'ensure': 'absent'}", host);
	ck_assert_ptr_nonnull(
		strstr(f.diags.v[0].text, "it is removed only with 'force'"));
	fixture_release(&f);
	planned("'git:/srv/a': {'ensure': 'absent', 'force': true}", host);
	ck_assert_str_eq(fixture_apply(&f), "done git:/srv/a");
	fixture_release(&f);
}
END_TEST

TEST_SUITE("git", both_are_needed,
	   a_repository_is_a_path_or_an_address_without_a_password,
	   what_is_on_a_server_is_unknown_until_it_is_fetched,
	   what_was_not_fetched_is_not_done,
	   what_is_below_waits_for_what_comes_before, revisions,
	   some_folders_are_never_replaced,
	   absent_takes_what_is_there_only_by_force)
