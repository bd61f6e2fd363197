/* SPDX-License-Identifier: MIT */
#include "lib/fixture_test.h"

static struct fixture f;

static const char *planned(const char *manifest, const char *host)
{
	fixture_begin(&f, manifest, host);
	fixture_plan(&f, NULL);
	return fixture_shown(&f);
}

static void becomes(const char *manifest, const char *host, const char *told,
		    const char *files)
{
	planned(manifest, host);
	ck_assert_str_eq(fixture_apply(&f), told);
	fixture_check_files(&f, files);
	fixture_release(&f);
}

#define PLANS(manifest, host, lines)                              \
	do {                                                      \
		ck_assert_str_eq(planned(manifest, host), lines); \
		fixture_release(&f);                              \
	} while (0)

#define REFUSES(manifest, words)                                             \
	do {                                                                 \
		f = (struct fixture){ 0 };                                   \
		ck_assert_msg(!fixture_graph(&f, manifest), "%s", manifest); \
		ck_assert_uint_eq(f.diags.n, 1);                             \
		ck_assert_str_eq(f.diags.v[0].text, words);                  \
		fixture_release(&f);                                         \
	} while (0)

#define FILE(path, text) "'" path "': {'type': 'file', 'content': '" text "'}"

#define BEGIN "# BEGIN CONVERGE MANAGED BLOCK x\\n"
#define END "# END CONVERGE MANAGED BLOCK x\\n"

START_TEST(a_block_has_markers_of_its_own)
{
	becomes("'block:x': {'path': '/f', 'content': 'a'}", FILE("/f", "1\\n"),
		"done block:x", FILE("/f", "1\\n" BEGIN "a\\n" END));
	becomes("'block:x': {'path': '/f', 'content': 'a', 'marker': '{mark}'}",
		FILE("/f", ""), "done block:x",
		FILE("/f", "BEGIN\\na\\nEND\\n"));
	PLANS("'block:x': {'path': '/f', 'content': 'a'}",
	      FILE("/f", BEGIN "b\\n" END), "~ block:x content");
	PLANS("'block:x': {'path': '/f', 'content': 'a'}",
	      FILE("/f", BEGIN "a\\n" END), "");
}
END_TEST

START_TEST(a_block_goes_with_its_markers)
{
	becomes("'block:x': {'path': '/f', 'ensure': 'absent'}",
		FILE("/f", "1\\n" BEGIN "a\\n" END "2"), "done block:x",
		FILE("/f", "1\\n2"));
	PLANS("'block:x': {'path': '/f', 'ensure': 'absent'}", FILE("/f", "1"),
	      "");
}
END_TEST

START_TEST(a_block_that_cannot_be_is_refused)
{
	REFUSES("'block:x': {'path': '/f'}", "'content' is missing");
	REFUSES("'block:x': {'path': '/f', 'content': 'a', 'marker': '#'}",
		"'marker' must have {mark}, for BEGIN and END");
	REFUSES("'block:x': {'path': '/f', 'content': '" BEGIN "'}",
		"'content' has a line that is its marker");
	REFUSES("'block:x\\ny': {'path': '/f', 'content': 'a'}",
		"its name is not one line: give 'marker'");
	REFUSES("'block:x': {'path': '/f', 'content': 'a', 'insert_after': "
		"'a', 'insert_before': 'a'}",
		"only one of 'insert_after' and 'insert_before' can be given");
}
END_TEST

TEST_SUITE("block", a_block_has_markers_of_its_own,
	   a_block_goes_with_its_markers, a_block_that_cannot_be_is_refused)
