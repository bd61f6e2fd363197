/* SPDX-License-Identifier: MIT */
#include "lib/fixture_test.h"

static struct fixture f;

static void setup(const char *manifest, const char *host)
{
	fixture_begin(&f, manifest, host);
	fixture_plan(&f, NULL);
}

/* A manifest on a host, what it comes to, and the files after. */
static void becomes(const char *manifest, const char *host, const char *told,
		    const char *files)
{
	setup(manifest, host);
	ck_assert_str_eq(fixture_apply(&f), told);
	fixture_check_files(&f, files);
	fixture_release(&f);
}

#define REFUSES(manifest, words)                                             \
	do {                                                                 \
		f = (struct fixture){ 0 };                                   \
		ck_assert_msg(!fixture_graph(&f, manifest), "%s", manifest); \
		ck_assert_uint_eq(f.diags.n, 1);                             \
		ck_assert_str_eq(f.diags.v[0].text, words);                  \
		fixture_release(&f);                                         \
	} while (0)

START_TEST(one_content_is_enough)
{
	static const char text[] = "only one of 'content', 'source' and "
				   "'template' can be given";

	REFUSES("'file:/a': {'content': '', 'source': 'files/motd'}", text);
	REFUSES("'file:/a': {'content': '', 'template': 'templates/inner'}",
		text);
	REFUSES("'file:/a': {'template': 'templates/inner', 'source': "
		"'files/motd'}",
		text);
}
END_TEST

START_TEST(a_wrong_content_is_not_also_one_too_many)
{
	f = (struct fixture){ 0 };
	ck_assert(!fixture_graph(&f, "'file:/a': {'content': 1, 'source': "
				     "'files/motd'}"));
	ck_assert_str_eq(f.diags.v[0].text,
			 "'content' must be a string, not an integer");
	ck_assert_uint_eq(f.diags.n, 1);
	fixture_release(&f);
}
END_TEST

START_TEST(a_validator_needs_the_path)
{
	REFUSES("'file:/a': {'validate': ['lint']}",
		"'validate' must have % where the new file's path goes");
	setup("'file:/a': {'validate': ['lint', '--file=%']}", "");
	fixture_release(&f);
}
END_TEST

START_TEST(some_files_are_never_removed)
{
	REFUSES("'file:/etc/passwd': {'ensure': 'absent'}",
		"'/etc/passwd' is never removed");
	REFUSES("'file:/etc': {'ensure': 'absent', 'force': true}",
		"'/etc' is never removed");
	REFUSES("'file:/': {'ensure': 'absent'}", "'/' is never removed");
	setup("'file:/etc/passwd': {'mode': '0644'}", "");
	fixture_release(&f);
}
END_TEST

START_TEST(a_new_file_is_roots_and_0644)
{
	becomes("'file:/a': {'content': 'x'}", "", "done file:/a",
		"'/a': {'type': 'file', 'content': 'x', 'mode': '0644', 'uid': "
		"0, 'gid': 0}");
}
END_TEST

START_TEST(a_file_keeps_what_is_not_managed)
{
	becomes("'file:/a': {'content': 'n'}",
		"'/a': {'type': 'file', 'content': 'o', 'mode': '4711', "
		"'uid': 1, 'gid': 2}",
		"done file:/a",
		"'/a': {'type': 'file', 'content': 'n', 'mode': '4711', "
		"'uid': 1, 'gid': 2}");
	becomes("'file:/a': {'group': '9'}",
		"'/a': {'type': 'file', 'content': 'o', 'mode': '0640', "
		"'uid': 1, 'gid': 2}",
		"done file:/a",
		"'/a': {'type': 'file', 'content': 'o', 'mode': '0640', "
		"'uid': 1, 'gid': 9}");
}
END_TEST

/* What replaces a link has nothing of the link's owner. */
START_TEST(what_replaces_a_link_is_new)
{
	becomes("'file:/a': {'content': 'x'}",
		"'/a': {'type': 'link', 'target': '/etc/shadow', 'uid': 7}, "
		"'/etc/shadow': {'type': 'file', 'content': 's', 'mode': "
		"'0600'}",
		"done file:/a",
		"'/a': {'type': 'file', 'content': 'x'}, '/etc/shadow': "
		"{'type': 'file', 'content': 's', 'mode': '0600'}");
}
END_TEST

START_TEST(only_force_removes_other_things)
{
	static const char *const others[] = {
		"'/a': {'type': 'FIFO'}",
		"'/a': {'type': 'socket'}",
		"'/a': {'type': 'character device'}",
		"'/a/b': {'type': 'file', 'content': ''}",
	};

	for (size_t i = 0; i < COUNT(others); i++) {
		setup("'file:/a': {'content': 'x'}", others[i]);
		ck_assert_msg(fixture_change(&f, "file:/a", false)->failed,
			      "%s", others[i]);
		fixture_release(&f);
		becomes("'file:/a': {'content': 'x', 'force': true}", others[i],
			"done file:/a",
			"'/a': {'type': 'file', 'content': 'x'}");
	}
}
END_TEST

START_TEST(absent_removes_what_is_no_directory)
{
	static const char *const others[] = {
		"'/a': {'type': 'file', 'content': ''}",
		"'/a': {'type': 'link', 'target': 'x'}",
		"'/a': {'type': 'FIFO'}",
	};

	for (size_t i = 0; i < COUNT(others); i++)
		becomes("'file:/a': {'ensure': 'absent'}", others[i],
			"done file:/a", "");
	setup("'file:/a': {'ensure': 'absent'}", "'/a': {'type': 'directory'}");
	ck_assert_str_eq(fixture_change(&f, "file:/a", false)->failed,
			 "'/a' is a directory; it is removed only with "
			 "'force'");
	fixture_release(&f);
}
END_TEST

START_TEST(replace_false_manages_the_rest)
{
	setup("'file:/a': {'content': 'n', 'replace': false}",
	      "'/a': {'type': 'file', 'content': 'mine'}");
	ck_assert_uint_eq(f.plan.n, 0);
	fixture_release(&f);
	becomes("'file:/a': {'content': 'n', 'replace': false, 'mode': "
		"'0600'}",
		"'/a': {'type': 'file', 'content': 'mine'}", "done file:/a",
		"'/a': {'type': 'file', 'content': 'mine', 'mode': '0600'}");
	becomes("'file:/a': {'content': 'n', 'replace': false}",
		"'/a': {'type': 'link', 'target': 'x'}", "done file:/a",
		"'/a': {'type': 'file', 'content': 'n'}");
}
END_TEST

START_TEST(a_file_without_content_in_place_of_another_thing)
{
	becomes("'file:/a': {'mode': '0600'}",
		"'/a': {'type': 'link', 'target': 'x'}", "done file:/a",
		"'/a': {'type': 'file', 'content': '', 'mode': '0600'}");
}
END_TEST

START_TEST(a_validator_may_refuse)
{
	becomes("'file:/a': {'content': 'n', 'validate': ['lint', '%']}, "
		"'file:/b': {'require': 'file:/a'}",
		"{'files': {'/a': {'type': 'file', 'content': 'o'}}, "
		"'commands': {'lint %': 1}}",
		"failed file:/a\nskipped file:/b\n'lint' refuses the new "
		"content of '/a'",
		"'/a': {'type': 'file', 'content': 'o'}");
}
END_TEST

START_TEST(the_folder_must_be_there)
{
	setup("'file:/no/a': {}, 'file:/f/a': {}",
	      "'/f': {'type': 'file', 'content': ''}");
	ck_assert_str_eq(fixture_change(&f, "file:/no/a", false)->failed,
			 "the folder '/no' does not exist");
	ck_assert_str_eq(fixture_change(&f, "file:/f/a", false)->failed,
			 "'/f' is not a directory");
	fixture_release(&f);
}
END_TEST

/* --- what the host is asked for --- */

static struct file_write written;
static struct content content; /* it lives no longer than the commit */

static bool note_replace(struct host *h, const struct file_write *w,
			 struct diags *d)
{
	content = *w->content;
	written = *w;
	written.content = &content;
	return watched_replace(h, w, d);
}

static struct file_write replaced(const char *manifest, const char *host)
{
	static struct host_writes writes;
	struct apply_options o = { 0 };
	struct book book = { 0 };
	struct applied applied;
	struct watched *w;

	setup(manifest, host);
	w = watched_new(f.host, &book);
	writes = watched_writes;
	writes.replace = note_replace;
	w->host.writes = &writes;
	written = (struct file_write){ 0 };
	ck_assert(apply_plan(&applied, &f.plan, &w->host, &o, &f.diags));
	ck_assert_str_eq(written.path, "/a");
	host_close(&w->host);
	arena_release(&book.arena);
	return written;
}

START_TEST(the_host_is_told_what_was_decided_on)
{
	struct file_write w =
		replaced("'file:/a': {'content': 'abc'}",
			 "'/a': {'type': 'file', 'content': 'o', 'mode': "
			 "'0640', 'uid': 3}");

	ck_assert_uint_eq(w.content->size, 3);
	ck_assert(w.backup);
	ck_assert(!w.force);
	ck_assert_ptr_null(w.validate);
	ck_assert_uint_eq(w.perms.set, PERM_ALL);
	ck_assert_uint_eq(w.perms.mode, 0640);
	ck_assert_uint_eq(w.perms.uid, 3);
	fixture_release(&f);
}
END_TEST

START_TEST(a_new_file_leaves_its_owner_to_the_host)
{
	struct file_write w = replaced("'file:/a': {'mode': 'u=rw,go='}", "");

	ck_assert_uint_eq(w.perms.set, PERM_MODE);
	ck_assert_uint_eq(w.perms.mode, 0600);
	ck_assert_uint_eq(w.content->size, 0);
	fixture_release(&f);
}
END_TEST

START_TEST(backup_force_and_validator_are_passed_on)
{
	struct file_write w =
		replaced("'file:/a': {'content': 'x', 'backup': false, "
			 "'force': true, 'validate': ['lint', '%'], "
			 "'validate_timeout': '5m', 'owner': 'app'}",
			 "{'files': {}, 'users': {'app': 1000}}");

	ck_assert(!w.backup);
	ck_assert(w.force);
	ck_assert_uint_eq(w.validate->n, 2);
	ck_assert_int_eq(w.validate_timeout, 300 * 1000);
	ck_assert_uint_eq(w.perms.set, PERM_MODE | PERM_UID);
	ck_assert_uint_eq(w.perms.uid, 1000);
	fixture_release(&f);
}
END_TEST

START_TEST(a_mode_alone_replaces_nothing)
{
	struct applied applied;
	struct apply_options o = { 0 };
	struct book book = { 0 };
	struct watched *w;

	setup("'file:/a': {'content': 'x', 'mode': '0600'}",
	      "'/a': {'type': 'file', 'content': 'x'}");
	w = watched_new(f.host, &book);
	ck_assert(apply_plan(&applied, &f.plan, &w->host, &o, &f.diags));
	ck_assert_uint_eq(book_count(&book, "perms /a"), 1);
	ck_assert_uint_eq(w->writes, 1);
	host_close(&w->host);
	arena_release(&book.arena);
	fixture_release(&f);
}
END_TEST

TEST_SUITE("file", one_content_is_enough,
	   a_wrong_content_is_not_also_one_too_many, a_validator_needs_the_path,
	   some_files_are_never_removed, a_new_file_is_roots_and_0644,
	   a_file_keeps_what_is_not_managed, what_replaces_a_link_is_new,
	   only_force_removes_other_things, absent_removes_what_is_no_directory,
	   replace_false_manages_the_rest,
	   a_file_without_content_in_place_of_another_thing,
	   a_validator_may_refuse, the_folder_must_be_there,
	   the_host_is_told_what_was_decided_on,
	   a_new_file_leaves_its_owner_to_the_host,
	   backup_force_and_validator_are_passed_on,
	   a_mode_alone_replaces_nothing)
