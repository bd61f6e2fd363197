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

#define FILE(path) "'" path "': {'type': 'file', 'content': ''}"
#define LINK(path, target) \
	"'" path "': {'type': 'link', 'target': '" target "'}"

START_TEST(a_link_that_is_there_has_a_target)
{
	REFUSES("'link:/l': {}", "'target' is missing");
	REFUSES("'link:/l': {'ensure': 'present'}", "'target' is missing");
	REFUSES("'link:/l': {'target': 1}",
		"'target' must be a string, not an integer");
	PLANS("'link:/l': {'ensure': 'absent'}", "", "");
}
END_TEST

START_TEST(some_links_are_never_removed)
{
	REFUSES("'link:/bin': {'ensure': 'absent'}", "'/bin' is never removed");
	PLANS("'link:/bin': {'target': 'usr/bin'}", LINK("/bin", "usr/bin"),
	      "");
}
END_TEST

START_TEST(a_link_is_as_it_was_written)
{
	becomes("'link:/l': {'target': './a//b/../c'}", "", "done link:/l",
		LINK("/l", "./a//b/../c"));
	PLANS("'link:/l': {'target': 'a'}", LINK("/l", "./a"),
	      "~ link:/l target");
}
END_TEST

START_TEST(a_link_may_lead_nowhere)
{
	becomes("'link:/l': {'target': '/nowhere'}", "", "done link:/l",
		LINK("/l", "/nowhere"));
	PLANS("'link:/l': {'target': '/nowhere'}", LINK("/l", "/nowhere"), "");
}
END_TEST

START_TEST(a_link_may_lead_to_itself)
{
	becomes("'link:/l': {'target': 'l'}", "", "done link:/l",
		LINK("/l", "l"));
}
END_TEST

START_TEST(a_link_is_turned_without_force)
{
	becomes("'link:/l': {'target': 'new'}", LINK("/l", "old"),
		"done link:/l", LINK("/l", "new"));
}
END_TEST

START_TEST(other_things_give_way_to_force)
{
	static const char *const others[] = {
		FILE("/l"),
		"'/l': {'type': 'directory'}",
		FILE("/l/in"),
		"'/l': {'type': 'FIFO'}",
	};

	for (size_t i = 0; i < COUNT(others); i++) {
		planned("'link:/l': {'target': 'x'}", others[i]);
		ck_assert_ptr_nonnull(
			strstr(fixture_change(&f, "link:/l", false)->failed,
			       "it is replaced or removed only with 'force'"));
		fixture_release(&f);
		becomes("'link:/l': {'target': 'x', 'force': true}", others[i],
			"done link:/l", LINK("/l", "x"));
	}
}
END_TEST

START_TEST(absent_takes_links_and_with_force_all)
{
	becomes("'link:/l': {'ensure': 'absent'}",
		LINK("/l", "/d") ", " FILE("/d/x"), "done link:/l",
		FILE("/d/x"));
	PLANS("'link:/l': {'ensure': 'absent'}", FILE("/l"),
	      "x link:/l ('/l' is a file; it is replaced or removed only with "
	      "'force')");
	becomes("'link:/l': {'ensure': 'absent', 'force': true}", FILE("/l/x"),
		"done link:/l", "");
}
END_TEST

START_TEST(what_is_not_known_is_unknown)
{
	PLANS("'exec:x': {'command': ['x'], 'creates': '/l'}, 'link:/l': "
	      "{'target': 'a', 'force': true, 'require': 'exec:x'}",
	      "",
	      "~ exec:x done (/l is missing)\n"
	      "? link:/l (made by a command that has not run)");
}
END_TEST

START_TEST(the_next_resource_goes_through_the_link)
{
	becomes("'link:/l': {'target': 'd'}, 'file:/l/f': {'content': 'x'}, "
		"'directory:/d': {}",
		"", "done directory:/d\ndone link:/l\ndone file:/l/f",
		LINK("/l", "d") ", '/d/f': {'type': 'file', 'content': 'x'}");
}
END_TEST

TEST_SUITE("link", a_link_that_is_there_has_a_target,
	   some_links_are_never_removed, a_link_is_as_it_was_written,
	   a_link_may_lead_nowhere, a_link_may_lead_to_itself,
	   a_link_is_turned_without_force, other_things_give_way_to_force,
	   absent_takes_links_and_with_force_all, what_is_not_known_is_unknown,
	   the_next_resource_goes_through_the_link)
