/* SPDX-License-Identifier: MIT */
/* What needs no archive; the rest is testdata/archives. */
#include "lib/fixture_test.h"

static struct fixture f;

#define REFUSES(manifest, words)                                             \
	do {                                                                 \
		f = (struct fixture){ 0 };                                   \
		ck_assert_msg(!fixture_graph(&f, manifest), "%s", manifest); \
		ck_assert_uint_eq(f.diags.n, 1);                             \
		ck_assert_str_eq(f.diags.v[0].text, words);                  \
		fixture_release(&f);                                         \
	} while (0)

static const char *planned(const char *manifest, const char *host)
{
	fixture_begin(&f, manifest, host);
	fixture_plan(&f, NULL);
	return fixture_shown(&f);
}

START_TEST(a_source_is_needed)
{
	REFUSES("'archive:/opt/a': {}", "'source' is missing");
	REFUSES("'archive:/opt/a': {'source': '../a.tar'}",
		"'source' must not have '.' or '..' as a component");
}
END_TEST

START_TEST(some_folders_are_never_replaced)
{
	REFUSES("'archive:/etc': {'ensure': 'absent'}",
		"'/etc' is never replaced");
	REFUSES("'archive:/opt': {'ensure': 'absent'}",
		"'/opt' is never replaced");
}
END_TEST

START_TEST(a_digest_is_hex)
{
	REFUSES("'archive:/opt/a': {'ensure': 'absent', 'sha256': 'ab'}",
		"'sha256' must be 64 hex digits, in small letters");
}
END_TEST

START_TEST(ignored_names_stay_inside)
{
	REFUSES("'archive:/opt/a': {'ensure': 'absent', 'ignore': '../b'}",
		"'ignore': '../b' leads out of it");
	REFUSES("'archive:/opt/a': {'ensure': 'absent', 'ignore': ['b', '/']}",
		"'ignore': '/' is absolute");
}
END_TEST

START_TEST(absent_takes_what_is_there_only_by_force)
{
	static const char host[] =
		"'/opt/a/b': {'type': 'file', 'content': ''}";

	ck_assert_str_eq(planned("'archive:/opt/a': {'ensure': 'absent'}", ""),
			 "");
	fixture_release(&f);
	planned("'archive:/opt/a': {'ensure': 'absent'}", host);
	ck_assert_ptr_nonnull(
		strstr(f.diags.v[0].text,
		       "holds 'b', which is not of its source; it is removed"));
	fixture_release(&f);
	planned("'archive:/opt/a': {'ensure': 'absent', 'force': true}", host);
	ck_assert_str_eq(fixture_apply(&f), "done archive:/opt/a");
	fixture_release(&f);
}
END_TEST

TEST_SUITE("archive", a_source_is_needed, some_folders_are_never_replaced,
	   a_digest_is_hex, ignored_names_stay_inside,
	   absent_takes_what_is_there_only_by_force)
