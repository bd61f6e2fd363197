/* SPDX-License-Identifier: MIT */
/* What lies between two commits of histories that git(1) made; it says itself
 * what is right. */
#include "lib/host/between.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/host/repository.h"
#include "lib/test.h"

static char folder[64];
static struct arena arena;
static struct diags diags;
static struct between between;
static int date;

/* What a script in the repository's folder says, its first line. */
static const char *sh(const char *script)
{
	AUTO_BUF struct buf b = { 0 };
	char line[256] = "";
	FILE *f;

	buf_printf(&b,
		   "cd %s && export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 "
		   "GIT_AUTHOR_DATE='%d +0000' GIT_COMMITTER_DATE='%d +0000' "
		   "GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org "
		   "GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=a && umask 022 "
		   "&& %s",
		   folder, date, date, script);
	f = popen(b.text, "r"); /* NOLINT(cert-env33-c) */
	ck_assert_ptr_nonnull(f);
	if (fgets(line, sizeof(line), f))
		line[strcspn(line, "\n")] = '\0';
	ck_assert_int_eq(pclose(f), 0);
	return arena_strdup(&arena, line);
}

/* One commit on the branch, step seconds after the one before. */
static void commit_at(const char *branch, int step)
{
	date += step;
	sh(arena_printf(&arena,
			"git checkout -q %s && git commit -q --allow-empty -m "
			"%d",
			branch, date));
}

static void commit(const char *branch)
{
	commit_at(branch, 60);
}

static void branch(const char *name, const char *from)
{
	sh(arena_printf(&arena, "git branch %s %s", name, from));
}

static void merge(const char *into, const char *other)
{
	date += 60;
	sh(arena_printf(&arena,
			"git checkout -q %s && git merge -q --no-ff -m m %s",
			into, other));
}

static void set_up(void)
{
	snprintf(folder, sizeof(folder), "/tmp/converge-between-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert(repository_load(&diags));
	date = 1000000000;
	sh("git init -q -b main . && git commit -q --allow-empty -m root");
	branch("topic", "main");
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
	arena_release(&arena);
	diags_release(&diags);
}

static void find(const char *old, const char *new)
{
	struct commit a, b;

	if (!commit_find(folder, old, &arena, &a, &diags) ||
	    !commit_find(folder, new, &arena, &b, &diags) ||
	    !between_find(folder, &a, &b, &arena, &between, &diags))
		ck_abort_msg("%s", diags.v[0].text);
}

/* As git(1) has it. */
static void check(const char *old, const char *new)
{
	const char *base, *count;

	find(old, new);
	base = sh(arena_printf(&arena, "git merge-base %s %s", old, new));
	count = sh(
		arena_printf(&arena, "git rev-list --count %s..%s", old, new));
	ck_assert_str_eq(between.base.id, base);
	ck_assert_uint_eq(between.n, strtoul(count, NULL, 10));
	for (size_t i = 1; i < between.n; i++)
		ck_assert_int_ge(between.v[i - 1].date, between.v[i].date);
	ck_assert(!between.ends);
}

START_TEST(the_base_is_where_both_parted)
{
	set_up();
	check("main", "topic");
	commit("topic");
	check("main", "topic");
	check("topic", "main");
	commit("main");
	commit("topic");
	commit("main");
	check("main", "topic");
	check("main~", "topic~");
	tear_down();
}
END_TEST

START_TEST(a_merge_moves_it)
{
	set_up();
	commit("main");
	commit("topic");
	merge("topic", "main");
	commit("main");
	commit("topic");
	check("main", "topic");
	check("topic", "main");
	merge("main", "topic");
	check("main", "topic");
	check("topic", "main");
	tear_down();
}
END_TEST

/* Of two that are as good the newest is taken, and how many there are is
 * known. */
START_TEST(crossed_merges_have_two)
{
	set_up();
	commit("main");
	commit("topic");
	branch("other", "main");
	merge("main", "topic");
	merge("topic", "other");
	commit("main");
	commit("topic");
	find("main", "topic");
	ck_assert_uint_eq(between.nbases, 2);
	check("main", "topic");
	tear_down();
}
END_TEST

/* Whose clock was wrong. */
START_TEST(dates_need_not_grow)
{
	set_up();
	commit_at("main", 100000);
	commit_at("main", -200000);
	branch("late", "main");
	commit_at("main", 50000);
	commit_at("late", -50000);
	commit_at("late", 300000);
	commit_at("main", -400000);
	check("main", "late");
	check("late", "main");
	tear_down();
}
END_TEST

START_TEST(histories_may_have_nothing_in_common)
{
	set_up();
	sh("git checkout -q --orphan alone && git commit -q --allow-empty -m "
	   "alone");
	commit("alone");
	find("main", "alone");
	ck_assert_ptr_null(between.base.id);
	ck_assert_uint_eq(between.n, 2);
	ck_assert(!between.ends);
	tear_down();
}
END_TEST

START_TEST(a_shallow_history_ends)
{
	set_up();
	commit("topic");
	commit("topic");
	commit("main");
	sh("git clone -q --depth 1 --no-single-branch \"file://$PWD\" clone && "
	   "chmod -R go-w clone && mv .git full && mv clone/.git .git");
	find("origin/main", "origin/topic");
	ck_assert_ptr_null(between.base.id);
	ck_assert_uint_eq(between.n, 1);
	ck_assert(between.ends);
	tear_down();
}
END_TEST

TEST_SUITE("between", the_base_is_where_both_parted, a_merge_moves_it,
	   crossed_merges_have_two, dates_need_not_grow,
	   histories_may_have_nothing_in_common, a_shallow_history_ends)
