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

#define NOT_A_PATH                                                        \
	"'repository' must be the absolute path of a repository on this " \
	"machine"

START_TEST(a_repository_is_a_path_and_is_not_quoted)
{
	REFUSES("'repository': 'https://u:hunter2@h/r', 'revision': 'm'",
		NOT_A_PATH);
	REFUSES("'repository': 'ext::sh -c true', 'revision': 'm'", NOT_A_PATH);
	REFUSES("'repository': 'file:///r', 'revision': 'm'", NOT_A_PATH);
	REFUSES("'repository': '-u/x', 'revision': 'm'", NOT_A_PATH);
	REFUSES("'repository': '/r/../s', 'revision': 'm'", NOT_A_PATH);
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

TEST_SUITE("git", both_are_needed, a_repository_is_a_path_and_is_not_quoted,
	   revisions, some_folders_are_never_replaced,
	   absent_takes_what_is_there_only_by_force)
