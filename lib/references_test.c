/* SPDX-License-Identifier: MIT */
/* References between resources of which some have errors. */
#include "lib/graph.h"

#include "lib/fixture_test.h"

static struct fixture f;

/* All that is wrong, by the stages that a run goes through. */
static const char *said(const char *manifest)
{
	bool ok;

	fixture_release(&f);
	ok = fixture_read(&f, manifest);
	ok &= catalog_build(&f.catalog, &f.manifest, modules, &f.diags);
	ok &= graph_build(&f.graph, &f.catalog, &f.diags);
	ck_assert_int_eq(ok, !f.diags.errors);
	for (size_t i = 0; i < f.diags.n; i++)
		f.diags.v[i].place.file = f.diags.v[i].hint = NULL;
	return fixture_said(&f);
}

#define WRONG "'mode': '9'"
#define WRONG_TEXT                                                             \
	"'mode' must be an octal string such as \"0644\" or symbolic such as " \
	"\"u=rw,go=r\""

START_TEST(what_has_errors_is_not_missing)
{
	ck_assert_str_eq(
		said("'file:/a': {'require': 'file:/b'}, 'file:/b': {" WRONG
		     "}, 'file:/c': {'require': ['fool:/d', "
		     "'file:/e']}, 'fool:/d': {}"),
		"file:/b: " WRONG_TEXT "\n"
		"unknown resource type \"fool\"\n"
		"file:/c: 'require' names 'file:/e', which is not "
		"there; did you mean \"file:/a\"?");
	fixture_release(&f);
}
END_TEST

START_TEST(what_has_errors_has_its_references_checked)
{
	ck_assert_str_eq(
		said("'file:/a': {" WRONG ", 'before': ['file:/a', 'file:/b', "
		     "'exec:nothing']}, 'file:/b': {'notify': 'file:/b'}"),
		"file:/a: " WRONG_TEXT "\n"
		"file:/a: 'before' names 'exec:nothing', which is not there\n"
		"file:/b: 'notify' names the resource itself");
	fixture_release(&f);
}
END_TEST

START_TEST(what_a_pattern_might_have_made_is_not_missing)
{
	ck_assert_str_eq(
		said("'file:/a-${each.value}': {'for_each': '${vars.none}'}, "
		     "'file:/b': {'require': ['file:/a-1', 'file:/a', "
		     "'link:/a-1']}"),
		"'vars.none' is not defined\n"
		"file:/b: 'require' names 'file:/a', which is not there; did "
		"you mean \"file:/b\"?\n"
		"file:/b: 'require' names 'link:/a-1', which is not there");
	fixture_release(&f);
}
END_TEST

START_TEST(what_a_folder_with_errors_would_stand_for_is_not_missing)
{
	ck_assert_str_eq(
		said("'directory:/d': {" WRONG
		     ", 'source': 'files'}, 'file:/b': "
		     "{'require': ['file:/d/x/y', 'file:/dx']}"),
		"directory:/d: " WRONG_TEXT "\n"
		"file:/b: 'require' names 'file:/dx', which is not there; did "
		"you mean \"file:/b\"?");
	fixture_release(&f);
}
END_TEST

/* One more than can be told of must not change what is. */
START_TEST(more_than_can_be_told_are_counted)
{
	AUTO_BUF struct buf b = { 0 };

	for (int i = 0; i < DIAGS_MAX + 5; i++)
		buf_printf(&b, "%s'file:/%d': {'require': 'file:/none'}",
			   i ? ", " : "", i);
	said(buf_text(&b));
	ck_assert_uint_eq(f.diags.n, DIAGS_MAX);
	ck_assert_uint_eq(f.diags.dropped, 5);
	ck_assert_str_eq(f.diags.v[DIAGS_MAX - 1].subject, "file:/999");
	fixture_release(&f);
}
END_TEST

TEST_SUITE("references", what_has_errors_is_not_missing,
	   what_has_errors_has_its_references_checked,
	   what_a_pattern_might_have_made_is_not_missing,
	   what_a_folder_with_errors_would_stand_for_is_not_missing,
	   more_than_can_be_told_are_counted)
