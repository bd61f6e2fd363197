/* SPDX-License-Identifier: MIT */
/* What a plan says, and an apply does, of what comes after a command, which
 * may do anything. */
#include "lib/apply.h"

#include "lib/fixture_test.h"

#define MAKE "'exec:make': {'command': ['make'], 'creates': '/y'}"
#define EMPTY "{'type': 'file', 'content': ''}"

static struct fixture f;

static const char *planned(const char *manifest, const char *host)
{
	fixture_release(&f);
	fixture_begin(&f, manifest, host);
	fixture_plan(&f, NULL);
	return fixture_shown(&f);
}

START_TEST(what_fails_now_may_work_then)
{
	ck_assert_str_eq(
		planned(MAKE ", 'file:/d/a': {'require': 'exec:make'}", ""),
		"~ exec:make done (/y is missing)\n"
		"? file:/d/a (the folder '/d' does not exist, but "
		"exec:make comes first)");
	ck_assert_uint_eq(f.diags.errors, 0);
	ck_assert(!f.plan.failed);
	fixture_release(&f);
}
END_TEST

START_TEST(what_does_not_come_after_it_fails_now)
{
	ck_assert_str_eq(planned(MAKE ", 'file:/d/a': {}", ""),
			 "~ exec:make done (/y is missing)\n"
			 "x file:/d/a (the folder '/d' does not exist)");
	ck_assert(f.plan.failed);
	fixture_release(&f);
}
END_TEST

START_TEST(what_is_right_may_not_stay_so)
{
	ck_assert_str_eq(
		planned(MAKE
			", 'file:/a': {'require': 'exec:make'}, 'file:/b': "
			"{'require': 'file:/a'}, 'file:/c': {}",
			"'/a': " EMPTY ", '/b': " EMPTY ", '/c': " EMPTY),
		"~ exec:make done (/y is missing)\n"
		"? file:/a (whether exec:make leaves it as it is)\n"
		"? file:/b (whether exec:make leaves it as it is)");
	ck_assert_str_eq(fixture_apply(&f),
			 "done exec:make\nunchanged file:/a\n"
			 "unchanged file:/b");
	fixture_release(&f);
}
END_TEST

START_TEST(what_is_right_and_never_touched_is_unchanged)
{
	ck_assert_str_eq(
		planned(MAKE ", 'file:/a': {'require': 'exec:make', 'noop': "
			     "true}, 'exec:b': {'command': ['b'], "
			     "'refreshonly': true, 'require': 'exec:make'}",
			"'/a': " EMPTY),
		"~ exec:make done (/y is missing)");
	ck_assert_uint_eq(f.plan.unchanged, 2);
	fixture_release(&f);
}
END_TEST

START_TEST(a_command_that_does_not_run_changes_nothing)
{
	ck_assert_str_eq(planned(MAKE ", 'file:/a': {'require': 'exec:make'}",
				 "'/a': " EMPTY ", '/y': " EMPTY),
			 "");
	fixture_release(&f);
}
END_TEST

START_TEST(what_may_not_change_waits)
{
	ck_assert_str_eq(
		planned(MAKE ", 'file:/d/a': {'require': 'exec:make', 'noop': "
			     "true}",
			""),
		"~ exec:make done (/y is missing)\n= file:/d/a (withheld: "
		"noop)");
	fixture_release(&f);
}
END_TEST

/* Why something is unknown was the picture's word, which is gone. */
START_TEST(reasons_outlive_the_picture)
{
	ck_assert_str_eq(
		planned("'directory:/d': {'mode': '0755'}, 'file:/d/a': {}",
			"'/d': {'type': 'directory', 'mode': '0777'}"),
		"~ directory:/d mode\n? file:/d/a ('/d' is a folder that 0 "
		"owns "
		"and all may write to)");
	fixture_release(&f);
}
END_TEST

TEST_SUITE("after_command", what_fails_now_may_work_then,
	   what_does_not_come_after_it_fails_now, what_is_right_may_not_stay_so,
	   what_is_right_and_never_touched_is_unchanged,
	   a_command_that_does_not_run_changes_nothing,
	   what_may_not_change_waits, reasons_outlive_the_picture)
