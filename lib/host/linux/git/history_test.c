/* SPDX-License-Identifier: MIT */
/* Histories that git(1) made, walked back. */
#include "lib/host/history.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/host/repository.h"
#include "lib/test.h"

static char folder[64];
static struct arena arena;
static struct diags diags;
static struct commit commit;
static struct history_limits limits;
static int date;

/* Runs a script in the repository's folder. */
static void sh(const char *script)
{
	AUTO_BUF struct buf b = { 0 };

	buf_printf(&b,
		   "cd %s && export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 "
		   "GIT_AUTHOR_DATE='%d +0000' GIT_COMMITTER_DATE='%d +0000' "
		   "GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org "
		   "GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=a && umask 022 "
		   "&& %s",
		   folder, date, date, script);
	ck_assert_int_eq(system(b.text), 0); /* NOLINT(cert-env33-c) */
}

/* Does it, and commits all there is then, a minute after the one before. */
static void commits(const char *message, const char *script)
{
	AUTO_BUF struct buf b = { 0 };

	date += 60;
	buf_printf(&b, "%s && git add -A . && git commit -qm '%s'", script,
		   message);
	sh(b.text);
}

static void set_up(void)
{
	snprintf(folder, sizeof(folder), "/tmp/converge-history-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert(repository_load(&diags));
	date = 1000000000;
	limits = (struct history_limits){ HISTORY_COMMITS, HISTORY_CPU, NULL,
					  NULL };
	sh("git init -q -b main .");
}

static int remove_one(const char *path, const struct stat *s, int flag,
		      struct FTW *ftw)
{
	(void)s;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void tear_down(void)
{
	ck_assert_int_eq(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	ck_assert_uint_eq(diags.n, 0);
	arena_release(&arena);
	diags_release(&diags);
}

static void walk(const char *rev, struct history_item *items, size_t n)
{
	if (!commit_find(folder, rev, &arena, &commit, &diags) ||
	    !history_walk(folder, &commit, &limits, items, n, &arena, &diags))
		ck_abort_msg("%s", diags.v[0].text);
}

static const struct past *past_of(const char *path, const char *pointer,
				  const char *member)
{
	struct history_item item = { path, pointer, member, NULL };

	walk("main", &item, 1);
	return item.past;
}

/* The subject of the commit that last changed it, or "". */
static const char *last(const char *path, const char *pointer)
{
	const struct past *past = past_of(path, pointer, NULL);

	return past ? past->commit.subject : "";
}

START_TEST(finds_what_changed_a_path)
{
	const struct past *past;

	set_up();
	commits("one (OPS-1)\n\nRefs: #2", "mkdir -p a/b && echo 1 >a/b/f && "
					   "echo 1 >a/g && echo 1 >h");
	commits("two", "echo 2 >a/g");
	commits("three", "echo 2 >h");
	past = past_of("a/b/f", NULL, NULL);
	ck_assert_str_eq(past->commit.subject, "one (OPS-1)");
	ck_assert_str_eq(past->commit.author, "Ada <ada@example.org>");
	ck_assert_int_eq(past->commit.date, 1000000060);
	ck_assert_uint_eq(strlen(past->commit.id), OBJECT_HEX);
	ck_assert_int_eq(past->since, SINCE_COMMIT);
	ck_assert_uint_eq(past->tickets.n, 2);
	ck_assert_str_eq(past->tickets.v[0], "OPS-1");
	ck_assert_str_eq(past->tickets.v[1], "#2");
	ck_assert_str_eq(last("a/b", NULL), "one (OPS-1)");
	ck_assert_str_eq(last("a/g", NULL), "two");
	ck_assert_str_eq(last("a", NULL), "two");
	ck_assert_str_eq(last("h", NULL), "three");
	ck_assert_str_eq(last("none", NULL), "");
	ck_assert_str_eq(last("a/none/x", NULL), "");
	ck_assert_str_eq(last("h/x", NULL), "");
	ck_assert_str_eq(last("", NULL), "");
	tear_down();
}
END_TEST

START_TEST(a_mode_is_a_change_and_a_name_is_new)
{
	set_up();
	commits("one", "echo 1 >f && echo 1 >g");
	commits("mode", "chmod 755 f");
	commits("name", "git mv g h");
	commits("gone", "rm f");
	commits("again", "echo 1 >f");
	commits("else", "echo 1 >x");
	ck_assert_str_eq(last("h", NULL), "name");
	ck_assert_str_eq(last("g", NULL), "");
	ck_assert_str_eq(last("f", NULL), "again");
	sh("git reset -q --hard HEAD~3");
	ck_assert_str_eq(last("f", NULL), "mode");
	tear_down();
}
END_TEST

START_TEST(only_the_value_counts)
{
	set_up();
	commits("one", "echo '{\"a\": {\"b/c\": 1, \"d\": [1]}, \"x\": 1}' >f");
	commits("x", "echo '{\"a\": {\"b/c\": 1, \"d\": [1]}, \"x\": 2}' >f");
	commits("d", "echo '{\"a\": {\"b/c\": 1, \"d\": [1, 2]}}' >f");
	commits("layout", "echo '{\"a\": {\"d\":[1,2],\"b/c\":1}}' >f");
	ck_assert_str_eq(last("f", "/a/b~1c"), "one");
	ck_assert_str_eq(last("f", "/a/d"), "d");
	ck_assert_str_eq(last("f", "/a/d/0"), "one");
	ck_assert_str_eq(last("f", "/a"), "d");
	ck_assert_str_eq(last("f", "/x"), "");
	ck_assert_str_eq(last("f", NULL), "layout");
	commits("broken", "echo '{' >f");
	commits("whole", "echo '{\"a\": {\"b/c\": 1}}' >f");
	ck_assert_str_eq(last("f", "/a/b~1c"), "whole");
	tear_down();
}
END_TEST

START_TEST(rules_and_members_have_no_number)
{
	const struct past *past;

	set_up();
	commits("one", "echo '{\"rules\": [{\"resources\": {\"a\": 1}}], "
		       "\"roles\": [\"x\"]}' >f");
	commits("before", "echo '{\"rules\": [{\"include\": [\"y\"]}, "
			  "{\"resources\": {\"a\": 1}}], "
			  "\"roles\": [\"w\", \"x\"]}' >f");
	ck_assert_str_eq(last("f", "/rules/1/resources/a"), "one");
	past = past_of("f", "/roles", "x");
	ck_assert_str_eq(past->commit.subject, "one");
	past = past_of("f", "/roles", "w");
	ck_assert_str_eq(past->commit.subject, "before");
	past = past_of("f", "/rules/0/include", "y");
	ck_assert_str_eq(past->commit.subject, "before");
	ck_assert_ptr_null(past_of("f", "/roles", "z"));
	ck_assert_str_eq(last("f", "/roles"), "before");
	tear_down();
}
END_TEST

START_TEST(merges_lead_to_who_has_it_the_same)
{
	struct history_item items[] = {
		{ "f", NULL, NULL, NULL }, { "g", NULL, NULL, NULL },
		{ "h", "/a", NULL, NULL }, { "h", "/b", NULL, NULL },
		{ "i", NULL, NULL, NULL },
	};
	static const char *const want[] = { "main", "side", "main", "side",
					    "merge" };

	set_up();
	commits("base", "echo 1 >f && echo 1 >g && echo 1 >i && "
			"printf '{\"a\": 1,\n\n\n\"b\": 1}\n' >h");
	sh("git checkout -qb side");
	commits("side", "echo 2 >g && printf '{\"a\": 1,\n\n\n\"b\": 2}\n' >h");
	sh("git checkout -q main");
	commits("main", "echo 2 >f && printf '{\"a\": 2,\n\n\n\"b\": 1}\n' >h");
	date += 60;
	sh("git merge -q --no-commit side >/dev/null 2>&1; "
	   "printf '{\"a\": 2,\n\n\n\"b\": 2}\n' >h && echo 3 >i && "
	   "git add . && git commit -qm merge");
	commits("after", "echo 1 >x");
	walk("main", items, COUNT(items));
	for (size_t i = 0; i < COUNT(items); i++)
		ck_assert_str_eq(items[i].past->commit.subject, want[i]);
	ck_assert_uint_eq(items[4].past->rank, 0);
	ck_assert_uint_eq(items[0].past->rank, 1);
	ck_assert_uint_eq(items[1].past->rank, 2);
	/* on both sides of a merge, and nowhere changed since */
	ck_assert_str_eq(last("x", NULL), "after");
	sh("git checkout -q side~1 && git checkout -qB main && echo 1 >y && "
	   "git add . && git commit -qm y && git merge -q side");
	ck_assert_str_eq(last("f", NULL), "base");
	ck_assert_str_eq(last("i", NULL), "base");
	tear_down();
}
END_TEST

START_TEST(a_limit_is_told)
{
	const struct past *past;

	set_up();
	commits("one", "echo 1 >f");
	for (int i = 0; i < 5; i++)
		commits("more", "date +%N >g");
	limits.commits = 3;
	past = past_of("f", NULL, NULL);
	ck_assert_int_eq(past->since, SINCE_LIMIT);
	ck_assert_str_eq(past->commit.subject, "more");
	past = past_of("g", NULL, NULL);
	ck_assert_int_eq(past->since, SINCE_COMMIT);
	limits.commits = 6;
	past = past_of("f", NULL, NULL);
	ck_assert_int_eq(past->since, SINCE_COMMIT);
	ck_assert_str_eq(past->commit.subject, "one");
	tear_down();
}
END_TEST

START_TEST(a_shallow_history_ends)
{
	const struct past *past;

	set_up();
	commits("one", "echo 1 >f");
	commits("two", "echo 1 >g");
	commits("three", "echo 1 >h");
	sh("git clone -q --depth 2 file://$PWD s && rm -rf .git && "
	   "mv s/.git .git && rm -rf s");
	past = past_of("f", NULL, NULL);
	ck_assert_int_eq(past->since, SINCE_END);
	ck_assert_str_eq(past->commit.subject, "two");
	past = past_of("h", NULL, NULL);
	ck_assert_int_eq(past->since, SINCE_COMMIT);
	tear_down();
}
END_TEST

/* Commits are there, and what they hold is not. */
START_TEST(a_history_without_trees_ends)
{
	const struct past *past;

	set_up();
	commits("one", "echo 1 >f");
	commits("two", "echo 1 >g");
	commits("three", "echo 1 >h");
	sh("tree=$(git rev-parse HEAD~1:) && rm -f .git/objects/$(echo $tree | "
	   "cut -c -2)/$(echo $tree | cut -c 3-)");
	past = past_of("f", NULL, NULL);
	ck_assert_int_eq(past->since, SINCE_END);
	ck_assert_str_eq(past->commit.subject, "three");
	tear_down();
}
END_TEST

static bool always(void *context)
{
	++*(int *)context;
	return true;
}

START_TEST(goes_no_further_than_needed)
{
	struct history_item items[] = { { "f", NULL, NULL, NULL },
					{ "g", NULL, NULL, NULL } };
	int asked = 0;

	set_up();
	commits("one", "echo 1 >f");
	commits("two", "echo 1 >g");
	limits.enough = always;
	limits.context = &asked;
	walk("main", items, 2);
	ck_assert_int_eq(asked, 1);
	ck_assert_ptr_null(items[0].past);
	ck_assert_str_eq(items[1].past->commit.subject, "two");
	tear_down();
}
END_TEST

START_TEST(a_large_document_counts_as_a_whole)
{
	set_up();
	commits("one", "printf '{\"a\": 1, \"x\": \"%01100000d\"}' 0 >f");
	commits("two", "printf '{\"a\": 1, \"x\": \"%01100000d\"}' 1 >f");
	ck_assert_str_eq(last("f", "/a"), "two");
	tear_down();
}
END_TEST

TEST_SUITE("history", finds_what_changed_a_path,
	   a_mode_is_a_change_and_a_name_is_new, only_the_value_counts,
	   rules_and_members_have_no_number, merges_lead_to_who_has_it_the_same,
	   a_limit_is_told, a_shallow_history_ends,
	   a_history_without_trees_ends, goes_no_further_than_needed,
	   a_large_document_counts_as_a_whole)
