/* SPDX-License-Identifier: MIT */
/* What force takes along: that it is told of, and counts. */
#include "lib/fixture_test.h"

#define FILE_AT(path) "'" path "': {'type': 'file', 'content': ''}"
#define FOLDER(path) "'" path "': {'type': 'directory'}"
#define LINK_AT(path) "'" path "': {'type': 'link', 'target': '/other'}"
#define ABSENT "{'ensure': 'absent', 'force': true}"
#define TREE FILE_AT("/d/a") ", " FILE_AT("/d/s/b") ", " FOLDER("/d/s/c")

static struct fixture f;

static const struct change *planned(const char *manifest, const char *host)
{
	struct plan_options o = { .diffs = DIFFS_UPDATES,
				  .max_disruption = -1 };

	fixture_begin(&f, manifest, host);
	fixture_plan(&f, &o);
	ck_assert_uint_ge(f.plan.n, 1);
	return f.plan.v[f.plan.n - 1];
}

/* What the plan has in the row: a copy; NULL: it does not differ. */
static char *told(const char *manifest, const char *host)
{
	planned(manifest, host);

	json_t *j = report_plan(&f.plan),
	       *changes = json_object_get(j, "changes"),
	       *change = json_array_get(changes, json_array_size(changes) - 1),
	       *below = json_object_get(json_object_get(change, "attributes"),
					"below");
	const char *before =
		json_string_value(json_object_get(below, "before"));
	char *copy = before ? strdup(before) : NULL;

	json_decref(j);
	fixture_release(&f);
	return copy;
}

static void takes(const char *manifest, const char *host, size_t entries,
		  size_t removed, const char *list)
{
	const struct change *c = planned(manifest, host);
	json_t *j = report_summary(&f.plan);

	ck_assert_msg(!c->withheld && !c->failed, "%s", fixture_shown(&f));
	ck_assert_uint_eq(c->takes, entries);
	ck_assert_uint_eq(f.plan.removed, removed);
	ck_assert_int_eq(json_integer_value(json_object_get(j, "remove")),
			 (json_int_t)removed);
	if (list)
		ck_assert_str_eq(c->diff, list);
	else
		ck_assert_ptr_null(c->diff);
	json_decref(j);
	fixture_release(&f);
}

START_TEST(what_force_takes_along_is_listed_and_counts)
{
	const char *list = "-a\n-s/\n-s/b\n-s/c/\n";

	takes("'directory:/d': " ABSENT, TREE, 4, 5, list);
	takes("'file:/d': " ABSENT, TREE, 4, 5, list);
	takes("'link:/d': " ABSENT, TREE, 4, 5, list);
	takes("'file:/d': {'force': true}", TREE, 4, 4, list);
	takes("'file:/d': {'force': true, 'content': 'x'}", TREE, 4, 4, list);
	takes("'link:/d': {'target': 'x', 'force': true}", TREE, 4, 4, list);
}
END_TEST

static void stays(const char *manifest, const char *why)
{
	const char *host = "'/d/s/b': {'type': 'file', 'size': 1073741825}";
	const struct change *c = planned(manifest, host);

	if (why)
		ck_assert_msg(c->failed && strstr(c->failed, why), "%s",
			      fixture_shown(&f));
	else
		ck_assert_msg(!c->failed, "%s", fixture_shown(&f));
	fixture_release(&f);
}

START_TEST(what_is_too_large_to_keep_does_not_go)
{
	const char *why = "'/d/s/b' is larger than 1024 MiB";

	stays("'directory:/d': " ABSENT, why);
	stays("'file:/d': {'content': 'x', 'force': true}", why);
	stays("'link:/d': {'target': 'x', 'force': true}", why);
	stays("'directory:/d/s': {'purge': true}", why);
	stays("'file:/d/s/b': {'ensure': 'absent'}", why);
	stays("'file:/d/s/b': {'content': 'x'}", why);
	stays("'file:/d': {'content': 'x', 'force': true, 'backup': false}",
	      NULL);
	stays("'file:/d/s/b': {'ensure': 'absent', 'backup': false}", NULL);
}
END_TEST

START_TEST(what_holds_nothing_takes_nothing_along)
{
	takes("'directory:/d': " ABSENT, FOLDER("/d"), 0, 1, NULL);
	takes("'link:/d': {'target': 'x', 'force': true}", FOLDER("/d"), 0, 0,
	      NULL);
	takes("'directory:/d': " ABSENT, FILE_AT("/d"), 0, 1, NULL);
	takes("'directory:/d': " ABSENT, LINK_AT("/d") ", " FILE_AT("/other/x"),
	      0, 1, NULL);
	takes("'directory:/d': {'force': true}", FILE_AT("/d"), 0, 0, NULL);
}
END_TEST

START_TEST(links_below_are_not_followed)
{
	takes("'directory:/d': " ABSENT,
	      LINK_AT("/d/l") ", " FILE_AT("/other/x"), 1, 2, "-l\n");
}
END_TEST

START_TEST(what_the_plan_removes_before_is_not_counted_twice)
{
	takes("'directory:/d': " ABSENT ", 'file:/d/a': {'ensure': 'absent'}",
	      TREE, 3, 5, "-s/\n-s/b\n-s/c/\n");
	takes("'directory:/d': " ABSENT ", 'directory:/d/s': " ABSENT, TREE, 1,
	      5, "-a\n");
	/* each folder that purge removes is empty by then */
	takes("'directory:/d': {'purge': true}", TREE, 0, 4, NULL);
}
END_TEST

START_TEST(over_the_budget_all_of_it_stays)
{
	planned("{'version': 1, 'policy': {'max_removals': 3}, 'resources': "
		"{'link:/d': {'target': 'x', 'force': true}}}",
		TREE);
	ck_assert_str_eq(fixture_shown(&f),
			 "= link:/d (withheld: 4 removals are over the budget "
			 "of 3)");
	ck_assert_uint_eq(f.plan.removed, 0);
	ck_assert_str_eq(fixture_apply(&f), "withheld link:/d");
	fixture_check_files(&f, TREE);
	fixture_release(&f);
}
END_TEST

/* Names and types, wherever they are, and no more. */
START_TEST(the_digest_is_of_what_is_below)
{
	const char *remove = "'directory:/d': " ABSENT;
	AUTO_FREE char *tree = told(remove, TREE);
	static const char *const same[][2] = {
		{ "'directory:/e': " ABSENT,
		  FOLDER("/e/s/c") ", " FILE_AT("/e/s/b") ", " FILE_AT(
			  "/e/a") },
		{ "'link:/d': {'target': 'x', 'force': true}",
		  "'/d/a': {'type': 'file', 'content': 'other', 'mode': "
		  "'0600'}, " FILE_AT("/d/s/b") ", " FOLDER("/d/s/c") },
	};
	static const char *const other[] = {
		FILE_AT("/d/b") ", " FILE_AT("/d/s/b") ", " FOLDER("/d/s/c"),
		FOLDER("/d/a") ", " FILE_AT("/d/s/b") ", " FOLDER("/d/s/c"),
		LINK_AT("/d/a") ", " FILE_AT("/d/s/b") ", " FOLDER("/d/s/c"),
		FILE_AT("/d/a") ", " FILE_AT("/d/b") ", " FOLDER("/d/s/c"),
		FILE_AT("/d/a") ", " FILE_AT("/d/s/b") ", " FOLDER("/d/c"),
		FILE_AT("/d/a") ", " FOLDER("/d/s/b") ", " FILE_AT("/d/s/c"),
	};

	ck_assert_uint_eq(strlen(tree), strlen("4 entries (0123456789abcdef)"));
	ck_assert(strncmp(tree, "4 entries (", 11) == 0);
	for (size_t i = 0; i < COUNT(same); i++) {
		AUTO_FREE char *text = told(same[i][0], same[i][1]);

		ck_assert_str_eq(text, tree);
	}
	for (size_t i = 0; i < COUNT(other); i++) {
		AUTO_FREE char *text = told(remove, other[i]);

		ck_assert(strncmp(text, "4 entries (", 11) == 0);
		ck_assert_str_ne(text, tree);
	}
	ck_assert_ptr_null(told(remove, FOLDER("/d")));
}
END_TEST

/* In the digest of more than fits a chunk each name counts too. */
START_TEST(of_many_each_counts)
{
	enum { MANY = 3000 };
	AUTO_BUF struct buf host = { 0 };
	AUTO_FREE char *first = NULL, *second = NULL;
	char *at;

	for (int i = 0; i < MANY; i++)
		buf_printf(&host,
			   "%s'/d/a-name-that-is-not-so-short-%04d': {'type': "
			   "'file', 'content': ''}",
			   i ? ", " : "", i);
	first = told("{'version': 1, 'policy': {'max_removals': 3001}, "
		     "'resources': {'directory:/d': " ABSENT "}}",
		     buf_text(&host));
	ck_assert(strncmp(first, "3000 entries (", 14) == 0);
	at = strstr(host.text, "-0001'");
	at[1] = 'x';
	second = told("'directory:/d': " ABSENT, buf_text(&host));
	ck_assert(strncmp(second, "3000 entries (", 14) == 0);
	ck_assert_str_ne(first, second);
	/* the list is cut */
	planned("'directory:/d': " ABSENT, buf_text(&host));
	ck_assert_ptr_nonnull(
		strstr(f.plan.v[0]->diff, "-0200\n... 2800 more\n"));
	fixture_release(&f);
}
END_TEST

START_TEST(a_list_of_long_paths_is_cut_sooner)
{
	enum { DEEP = 10, NAME = 200, FILES = 40 };
	AUTO_BUF struct buf folder = { 0 };
	AUTO_BUF struct buf host = { 0 };
	const struct change *c;

	buf_puts(&folder, "/d");
	for (int i = 0; i < DEEP; i++)
		buf_printf(&folder, "/%0*d", NAME, i);
	for (int i = 0; i < FILES; i++)
		buf_printf(&host, "%s'%s/%02d': {'type': 'directory'}",
			   i ? ", " : "", buf_text(&folder), i);
	c = planned("'directory:/d': " ABSENT, buf_text(&host));
	ck_assert_uint_eq(c->takes, DEEP + FILES);
	ck_assert_uint_lt(strlen(c->diff), 36 * 1024);
	ck_assert_ptr_nonnull(strstr(c->diff, "/10/\n... 29 more\n"));
	fixture_release(&f);
}
END_TEST

START_TEST(what_is_not_kept_is_lost)
{
	const struct change *c =
		planned("'directory:/d': {'ensure': 'absent', 'force': true, "
			"'backup': false}",
			TREE);

	ck_assert_int_eq(c->disruption, DISRUPTION_DATA);
	ck_assert(!c->undoable);
	fixture_release(&f);
	c = planned("'file:/d': {'force': true, 'backup': false}", TREE);
	ck_assert_int_eq(c->disruption, DISRUPTION_DATA);
	ck_assert(!c->undoable);
	fixture_release(&f);
	c = planned("'directory:/d': " ABSENT, TREE);
	ck_assert_int_eq(c->disruption, DISRUPTION_NONE);
	ck_assert(c->undoable);
	fixture_release(&f);
	c = planned("'directory:/d': {'ensure': 'absent', 'force': true, "
		    "'backup': false}",
		    FOLDER("/d"));
	ck_assert_int_eq(c->disruption, DISRUPTION_NONE);
	ck_assert(c->undoable);
	fixture_release(&f);
}
END_TEST

static void loses(const char *manifest, const char *host, bool lost)
{
	const struct change *c = planned(manifest, host);

	ck_assert_int_eq(c->disruption,
			 lost ? DISRUPTION_DATA : DISRUPTION_NONE);
	ck_assert(c->undoable == !lost);
	fixture_release(&f);
}

START_TEST(what_is_replaced_or_removed_and_not_kept_is_lost)
{
	const char *host = FILE_AT("/d") ", " LINK_AT("/l");

	loses("'file:/d': {'ensure': 'absent', 'backup': false}", host, true);
	loses("'file:/d': {'content': 'x', 'backup': false}", host, true);
	loses("'file:/l': {'content': 'x', 'backup': false}", host, true);
	loses("'directory:/d': {'force': true, 'backup': false}", host, true);
	loses("'directory:/d': {'ensure': 'absent', 'force': true, 'backup': "
	      "false}",
	      host, true);
	loses("'directory:/p': {'purge': true, 'backup': false}",
	      FILE_AT("/p/f"), true);
	loses("'line:x': {'path': '/d', 'line': 'x', 'backup': false}", host,
	      true);
	loses("'json:x': {'path': '/d', 'pointer': '/x', 'value': 1, 'backup': "
	      "false}",
	      "'/d': {'type': 'file', 'content': '{}'}", true);
	loses("'file:/d': {'mode': '0600', 'backup': false}", host, false);
	loses("'file:/e': {'content': 'x', 'backup': false}", host, false);
	loses("'line:x': {'path': '/e', 'line': 'x', 'create': true, 'backup': "
	      "false}",
	      host, false);
	loses("'directory:/d': {'force': true}", host, false);
	loses("'file:/d': {'content': 'x'}", host, false);
	loses("'line:x': {'path': '/d', 'line': 'x'}", host, false);
}
END_TEST

START_TEST(what_is_sensitive_is_not_listed)
{
	AUTO_FREE char *text = NULL;
	const struct change *c =
		planned("'link:/d': {'target': 'x', 'force': true, "
			"'sensitive': true}",
			TREE);

	ck_assert_uint_eq(c->takes, 4);
	ck_assert_ptr_null(c->diff);
	fixture_release(&f);
	text = told("'link:/d': {'target': 'x', 'force': true, 'sensitive': "
		    "true}",
		    TREE);
	ck_assert_ptr_null(text);
}
END_TEST

START_TEST(what_is_never_removed_is_not_looked_at)
{
	const struct change *c =
		planned("'link:/usr': {'target': 'x', 'force': true}",
			FILE_AT("/usr/a"));

	ck_assert_str_eq(fixture_shown(&f),
			 "x link:/usr ('/usr' is never removed)");
	ck_assert_uint_eq(c->takes, 0);
	fixture_release(&f);
}
END_TEST

START_TEST(what_cannot_be_looked_at_is_not_removed)
{
	planned("'directory:/d': " ABSENT,
		"'/d': {'type': 'directory', 'uid': 5}, '/d/roots': {'type': "
		"'directory'}, '/d/roots/x': {'type': 'file', 'content': ''}");
	ck_assert_str_eq(fixture_shown(&f),
			 "x directory:/d ('/d/roots' is a folder that 0 owns, "
			 "in one of 5)");
	fixture_release(&f);
}
END_TEST

START_TEST(what_is_not_known_below_is_unknown)
{
	planned("'exec:make': {'command': ['make'], 'creates': '/d/x'}, "
		"'directory:/d': {'ensure': 'absent', 'force': true, "
		"'require': 'exec:make'}",
		FOLDER("/d"));
	ck_assert_str_eq(fixture_shown(&f),
			 "~ exec:make done (/d/x is missing)\n"
			 "? directory:/d (made by a command that has not run)");
	fixture_release(&f);
}
END_TEST

TEST_SUITE("beneath", what_force_takes_along_is_listed_and_counts,
	   what_is_too_large_to_keep_does_not_go,
	   what_holds_nothing_takes_nothing_along, links_below_are_not_followed,
	   what_the_plan_removes_before_is_not_counted_twice,
	   over_the_budget_all_of_it_stays, the_digest_is_of_what_is_below,
	   of_many_each_counts, a_list_of_long_paths_is_cut_sooner,
	   what_is_not_kept_is_lost,
	   what_is_replaced_or_removed_and_not_kept_is_lost,
	   what_is_sensitive_is_not_listed,
	   what_is_never_removed_is_not_looked_at,
	   what_cannot_be_looked_at_is_not_removed,
	   what_is_not_known_below_is_unknown)
