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

#define AT(pointer) "'json:x': {'path': '/f', 'pointer': '" pointer "', "
#define DOC(text) "'/f': {'type': 'file', 'content': '" text "'}"

START_TEST(a_value_is_set_added_or_removed)
{
	becomes(AT("/0") "'value': {'a': [2]}}", DOC("[1]"), "done json:x",
		DOC("[{\\\"a\\\":[2]}]"));
	becomes(AT("/-") "'value': 2}", DOC("[1]"), "done json:x",
		DOC("[1,2]"));
	becomes(AT("/-") "'value': 1, 'ensure': 'absent'}", DOC("[1, 2, 1]"),
		"done json:x", DOC("[ 2]"));
	PLANS(AT("/0") "'value': 2}", DOC("[1]"), "~ json:x value");
	PLANS(AT("/0") "'value': 1}", DOC("[1]"), "");
	PLANS(AT("/a") "'ensure': 'absent'}", DOC("{}"), "");
}
END_TEST

START_TEST(a_document_is_made_only_when_asked_for)
{
	PLANS(AT("/a") "'value': 1}", "",
	      "x json:x (there is no '/f' to edit)");
	PLANS(AT("/a") "'value': 1}", DOC(""),
	      "x json:x ('/f' is not JSON: line 1, column 1: expected a value, "
	      "not the end of the text)");
	becomes(AT("") "'value': 1, 'create': true}", "", "done json:x",
		DOC("1\\n"));
	becomes(AT("") "'value': 1, 'create': true}", DOC(" "), "done json:x",
		DOC("1\\n"));
	PLANS(AT("/a") "'ensure': 'absent'}", "", "");
}
END_TEST

START_TEST(a_value_that_cannot_be_is_refused)
{
	REFUSES("'json:x': {'path': '/f', 'value': 1}", "'pointer' is missing");
	REFUSES("'json:x': {'path': '/f', 'pointer': '/a'}",
		"'value' is missing");
	REFUSES(AT("a") "'value': 1}",
		"'pointer' must be empty or begin with '/' (RFC 6901)");
	REFUSES(AT("/a/-") "'ensure': 'absent'}", "'value' is missing");
	REFUSES(AT("") "'ensure': 'absent'}",
		"'pointer' names the whole document: remove the file");
}
END_TEST

TEST_SUITE("json", a_value_is_set_added_or_removed,
	   a_document_is_made_only_when_asked_for,
	   a_value_that_cannot_be_is_refused)
