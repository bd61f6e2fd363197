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
#define FOLDER(path) "'" path "': {'type': 'directory'}"

START_TEST(some_folders_are_never_removed_or_purged)
{
	REFUSES("'directory:/usr': {'ensure': 'absent'}",
		"'/usr' is never removed");
	REFUSES("'directory:/': {'ensure': 'absent', 'force': true}",
		"'/' is never removed");
	REFUSES("'directory:/etc': {'purge': true}", "'/etc' is never purged");
	REFUSES("'directory:/home': {'purge': true, 'recurse': true}",
		"'/home' is never purged");
	PLANS("'directory:/etc': {'mode': '0755'}", FILE("/etc/x"), "");
}
END_TEST

START_TEST(a_new_folder_is_roots_and_0755)
{
	becomes("'directory:/a': {}", "", "done directory:/a",
		"'/a': {'type': 'directory', 'mode': '0755'}");
	becomes("'directory:/a': {'mode': '2750', 'owner': '5', 'group': '6'}",
		"", "done directory:/a",
		"'/a': {'type': 'directory', 'mode': '2750', 'uid': 5, 'gid': "
		"6}");
}
END_TEST

START_TEST(a_folder_keeps_what_is_not_managed)
{
	becomes("'directory:/a': {'group': '9'}",
		"'/a': {'type': 'directory', 'mode': '0700', 'uid': 4}",
		"done directory:/a",
		"'/a': {'type': 'directory', 'mode': '0700', 'uid': 4, 'gid': "
		"9}");
}
END_TEST

START_TEST(other_things_give_way_to_force)
{
	PLANS("'directory:/a': {}", FILE("/a"),
	      "x directory:/a ('/a' is a file; it is replaced only with "
	      "'force')");
	PLANS("'directory:/a': {}", "'/a': {'type': 'link', 'target': '/b'}",
	      "x directory:/a ('/a' is a link; it is replaced only with "
	      "'force')");
	becomes("'directory:/a': {'force': true}",
		"'/a': {'type': 'link', 'target': '/b'}, " FILE("/b/c"),
		"done directory:/a", FOLDER("/a") ", " FILE("/b/c"));
}
END_TEST

START_TEST(absent_takes_an_empty_folder)
{
	becomes("'directory:/a': {'ensure': 'absent'}", FOLDER("/a"),
		"done directory:/a", "");
	PLANS("'directory:/a': {'ensure': 'absent'}", FILE("/a"),
	      "x directory:/a ('/a' is a file; it is removed only with "
	      "'force')");
	PLANS("'directory:/a': {'ensure': 'absent'}", FILE("/a/b"),
	      "x directory:/a ('/a' is not empty; it is removed only with "
	      "'force')");
	becomes("'directory:/a': {'ensure': 'absent', 'force': true}",
		FILE("/a/b/c"), "done directory:/a", "");
}
END_TEST

/* What is removed by the plan before counts as gone. */
START_TEST(absent_takes_a_folder_that_was_emptied)
{
	becomes("'directory:/a': {'ensure': 'absent'}, 'file:/a/b': {'ensure': "
		"'absent'}",
		FILE("/a/b"), "done file:/a/b\ndone directory:/a", "");
}
END_TEST

/* --- recurse --- */

START_TEST(recurse_leaves_links_and_devices_alone)
{
	PLANS("'directory:/a': {'recurse': true, 'owner': '5', 'file_mode': "
	      "'0600'}",
	      "'/a': {'type': 'directory', 'uid': 5}, '/a/l': {'type': 'link', "
	      "'target': '/etc', 'uid': 5}, '/a/p': {'type': 'FIFO', 'uid': "
	      "5}, '/etc/x': {'type': 'file', 'content': ''}",
	      "");
}
END_TEST

START_TEST(an_octal_mode_is_not_for_files)
{
	PLANS("'directory:/a': {'recurse': true, 'mode': '0750'}",
	      FILE("/a/f") ", " FOLDER("/a/d"),
	      "~ directory:/a mode\n~ directory:/a/d mode");
	PLANS("'directory:/a': {'recurse': true, 'mode': 'o='}",
	      FILE("/a/f") ", " FOLDER("/a/d"),
	      "~ directory:/a mode\n~ directory:/a/d mode\n~ file:/a/f mode");
	PLANS("'directory:/a': {'recurse': true, 'mode': '0755', 'file_mode': "
	      "'go='}",
	      FILE("/a/f") ", " FOLDER("/a/d"), "~ file:/a/f mode");
}
END_TEST

START_TEST(file_mode_without_recurse_is_for_copies_alone)
{
	PLANS("'directory:/a': {'file_mode': '0600'}", FILE("/a/f"), "");
}
END_TEST

START_TEST(recurse_stops_at_what_others_manage)
{
	PLANS("'directory:/a': {'recurse': true, 'mode': '0700'}, "
	      "'directory:/a/b': {'mode': '0755'}",
	      FOLDER("/a/b/c"), "~ directory:/a mode\n~ directory:/a/b/c mode");
}
END_TEST

/* Root enters no folder of its own in one of another's; the rest goes on. */
START_TEST(what_cannot_be_listed_fails_and_the_rest_is_done)
{
	ck_assert_str_eq(
		planned("'directory:/a': {'recurse': true, 'file_mode': "
			"'0600'}",
			"'/a': {'type': 'directory', 'uid': 5}, '/a/f': "
			"{'type': 'file', 'content': '', 'uid': 5}, "
			"'/a/roots': {'type': 'directory'}, '/a/roots/x': "
			"{'type': 'file', 'content': ''}, '/a/sub': {'type': "
			"'directory', 'uid': 5}, '/a/sub/g': {'type': 'file', "
			"'content': '', 'uid': 5}"),
		"~ file:/a/f mode\n~ file:/a/sub/g mode\n"
		"x directory:/a ('/a/roots' is a folder that 0 owns, in one "
		"of 5)");
	ck_assert(f.plan.failed);
	ck_assert_uint_eq(f.diags.n, 1);
	ck_assert_str_eq(f.diags.v[0].subject, "directory:/a");
	fixture_release(&f);
}
END_TEST

/* --- purge --- */

START_TEST(purge_does_not_look_through_links)
{
	becomes("'directory:/a': {'purge': true}",
		"'/a/l': {'type': 'link', 'target': '/keep'}, " FILE("/keep/x"),
		"done file:/a/l", FOLDER("/a") ", " FILE("/keep/x"));
}
END_TEST

START_TEST(purge_takes_all_kinds_of_things)
{
	becomes("'directory:/a': {'purge': true}",
		"'/a/p': {'type': 'FIFO'}, '/a/s': {'type': 'socket'}, " FILE(
			"/a/.hidden"),
		"done file:/a/s\ndone file:/a/p\ndone file:/a/.hidden",
		FOLDER("/a"));
}
END_TEST

START_TEST(purge_keeps_what_the_manifest_knows)
{
	PLANS("'directory:/a': {'purge': true}, 'file:/a/f': {}, 'link:/a/l': "
	      "{'target': 'x'}, 'directory:/a/d': {}, 'file:named': {'path': "
	      "'/a/n'}, 'file:/a/gone': {'ensure': 'absent'}",
	      FILE("/a/f") ", '/a/l': {'type': 'link', 'target': 'x'}, " FILE(
		      "/a/d/in") ", " FILE("/a/n") ", " FILE("/a/gone"),
	      "- file:/a/gone");
}
END_TEST

START_TEST(purge_is_for_one_level_unless_recurse)
{
	PLANS("'directory:/a': {'purge': true}, 'directory:/a/d': {}",
	      FILE("/a/d/in") ", " FILE("/a/x"), "- file:/a/x");
	PLANS("'directory:/a': {'purge': true, 'recurse': true}, "
	      "'directory:/a/d': {}",
	      FILE("/a/d/in") ", " FILE("/a/x"), "- file:/a/d/in\n- file:/a/x");
}
END_TEST

START_TEST(what_is_purged_says_why_and_keeps_backups)
{
	const struct change *c;

	planned("'directory:/a': {'purge': true, 'backup': false}, "
		"'directory:/b': {'purge': true}",
		FILE("/a/x") ", " FILE("/b/x"));
	c = fixture_change(&f, "file:/a/x", false);
	ck_assert_str_eq(c->res->reason, "not managed");
	ck_assert(!c->undoable);
	ck_assert(fixture_change(&f, "file:/b/x", false)->undoable);
	fixture_release(&f);
}
END_TEST

START_TEST(a_doomed_folder_that_cannot_be_seen_stays)
{
	const char *shown =
		planned("'directory:/a': {'purge': true}",
			"'/a/b': {'type': 'directory', 'uid': 5}, '/a/b/c': "
			"{'type': 'directory'}, '/a/b/c/d': {'type': 'file', "
			"'content': ''}");

	ck_assert_str_eq(shown, "x directory:/a ('/a/b/c' is a folder that 0 "
				"owns, in one of 5)");
	fixture_release(&f);
}
END_TEST

/* --- copies of folders of the world --- */

START_TEST(a_copy_has_the_worlds_types)
{
	becomes("'directory:/app': {'source': 'files/app'}",
		"'/app/bin': {'type': 'directory', 'mode': '0700'}",
		"done directory:/app/etc\ndone file:/app/bin/run\n"
		"done file:/app/etc/app.conf\ndone link:/app/current\n"
		"done directory:/app/etc/extra\n"
		"done file:/app/etc/extra/more.conf",
		"'/app/bin': {'type': 'directory', 'mode': '0700'}, "
		"'/app/bin/run': {'type': 'file', 'content': '#!/bin/sh\\n', "
		"'mode': '0755'}, '/app/current': {'type': 'link', 'target': "
		"'etc/app.conf'}, '/app/etc/app.conf': {'type': 'file', "
		"'content': 'workers = 4\\n'}, '/app/etc/extra/more.conf': "
		"{'type': 'file', 'content': 'more = yes\\n'}");
}
END_TEST

START_TEST(a_copy_with_purge_is_all_there_is)
{
	PLANS("'directory:/app': {'source': 'files/app', 'purge': true}",
	      FILE("/app/etc/extra/old") ", " FILE(
		      "/app/etc/app.conf/x") ", " FOLDER("/app/etc/extra/dir"),
	      "+ directory:/app/bin\n+ file:/app/bin/run\n"
	      "x file:/app/etc/app.conf ('/app/etc/app.conf' is a directory; "
	      "it is replaced only with 'force')\n"
	      "s link:/app/current (file:/app/etc/app.conf)\n"
	      "- file:/app/etc/extra/old\n- directory:/app/etc/extra/dir\n"
	      "+ file:/app/etc/extra/more.conf");
}
END_TEST

TEST_SUITE("directory", some_folders_are_never_removed_or_purged,
	   a_new_folder_is_roots_and_0755, a_folder_keeps_what_is_not_managed,
	   other_things_give_way_to_force, absent_takes_an_empty_folder,
	   absent_takes_a_folder_that_was_emptied,
	   recurse_leaves_links_and_devices_alone,
	   an_octal_mode_is_not_for_files,
	   file_mode_without_recurse_is_for_copies_alone,
	   recurse_stops_at_what_others_manage,
	   what_cannot_be_listed_fails_and_the_rest_is_done,
	   purge_does_not_look_through_links, purge_takes_all_kinds_of_things,
	   purge_keeps_what_the_manifest_knows,
	   purge_is_for_one_level_unless_recurse,
	   what_is_purged_says_why_and_keeps_backups,
	   a_doomed_folder_that_cannot_be_seen_stays,
	   a_copy_has_the_worlds_types, a_copy_with_purge_is_all_there_is)
