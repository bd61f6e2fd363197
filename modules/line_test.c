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

START_TEST(a_line_is_replaced_added_or_removed)
{
	becomes("'line:x': {'path': '/f', 'line': 'b=2', 'match': '^b='}",
		FILE("/f", "a\\nb=1\\n"), "done line:x",
		FILE("/f", "a\\nb=2\\n"));
	becomes("'line:x': {'path': '/f', 'line': 'b'}", FILE("/f", "a"),
		"done line:x", FILE("/f", "a\\nb\\n"));
	becomes("'line:x': {'path': '/f', 'match': 'a', 'ensure': 'absent'}",
		FILE("/f", "a\\nb\\na\\n"), "done line:x", FILE("/f", "b\\n"));
	PLANS("'line:x': {'path': '/f', 'line': 'b=2', 'match': '^b='}",
	      FILE("/f", "b=1\\n"), "~ line:x line");
	PLANS("'line:x': {'path': '/f', 'line': 'a'}", FILE("/f", "a\\n"), "");
}
END_TEST

START_TEST(a_line_says_what_it_is_of)
{
	REFUSES("'line:x': {'line': 'a'}", "'path' is missing");
	REFUSES("'line:x': {'path': '/f'}", "'line' is missing");
	REFUSES("'line:x': {'path': '/f', 'ensure': 'absent'}",
		"'line' or 'match' is missing");
	REFUSES("'line:x': {'path': '/f', 'line': 'a\\nb'}",
		"'line' must be one line");
	REFUSES("'line:x': {'path': '/f', 'line': '\\ufeffa'}",
		"'line' begins with a byte order mark");
	REFUSES("'line:x': {'path': '/f', 'line': 'a', 'match': 'a++'}",
		"'match' has a repetition of a repetition");
	REFUSES("'line:x': {'path': '/f', 'line': 'a', 'insert_after': 'a', "
		"'insert_before': 'a'}",
		"only one of 'insert_after' and 'insert_before' can be given");
	REFUSES("'line:x': {'path': '/f', 'line': 'a', 'validate': 'true'}",
		"'validate' must be a list of arguments, not a string");
	REFUSES("'line:x': {'path': '/f', 'line': 'a', 'validate': ['true']}",
		"'validate' must have % where the new file's path goes");
}
END_TEST

START_TEST(a_file_is_made_only_when_asked_for)
{
	PLANS("'line:x': {'path': '/f', 'line': 'a'}", "",
	      "x line:x (there is no '/f' to edit)");
	PLANS("'line:x': {'path': '/f', 'line': 'a', 'ensure': 'absent'}", "",
	      "");
	becomes("'line:x': {'path': '/f', 'line': 'a', 'create': true}", "",
		"done line:x", FILE("/f", "a\\n"));
}
END_TEST

START_TEST(only_files_are_edited)
{
	PLANS("'line:x': {'path': '/f', 'line': 'a'}",
	      "'/f': {'type': 'directory'}",
	      "x line:x ('/f' is a directory, not a file)");
	PLANS("'line:x': {'path': '/f', 'line': 'a', 'ensure': 'absent'}",
	      "'/f': {'type': 'link', 'target': 'g'}",
	      "x line:x ('/f' is a link, which is not followed)");
}
END_TEST

START_TEST(edits_of_one_file_see_each_other)
{
	becomes("'line:1': {'path': '/f', 'line': '1', 'create': true}, "
		"'line:2': {'path': '/f', 'line': '2', 'insert_before': '^1'}, "
		"'line:3': {'path': '/f', 'line': '3'}",
		"", "done line:1\ndone line:2\ndone line:3",
		FILE("/f", "2\\n1\\n3\\n"));
}
END_TEST

START_TEST(what_is_managed_in_whole_is_not_edited)
{
	REFUSES("'file:/f': {'content': 'a'}, 'line:x': {'path': '/f', 'line': "
		"'a'}",
		"'/f' is managed in whole by 'file:/f' at m.json:2:1, "
		"which leaves nothing to edit");
	becomes("'line:x': {'path': '/f', 'line': 'a'}, 'file:/f': {}", "",
		"done file:/f\ndone line:x", FILE("/f", "a\\n"));
}
END_TEST

START_TEST(what_is_not_known_is_unknown)
{
	PLANS("'exec:x': {'command': ['x'], 'creates': '/f'}, 'line:x': "
	      "{'path': '/f', 'line': 'a', 'require': 'exec:x'}",
	      "",
	      "~ exec:x done (/f is missing)\n"
	      "? line:x (made by a command that has not run)");
	PLANS("'line:x': {'path': '/f', 'line': 'a'}",
	      "'/f': {'type': 'file', 'size': 3}",
	      "? line:x (its content is not known)");
}
END_TEST

TEST_SUITE("line", a_line_is_replaced_added_or_removed,
	   a_line_says_what_it_is_of, a_file_is_made_only_when_asked_for,
	   only_files_are_edited, edits_of_one_file_see_each_other,
	   what_is_managed_in_whole_is_not_edited, what_is_not_known_is_unknown)
