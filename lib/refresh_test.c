/* SPDX-License-Identifier: MIT */
/* Notifications from the plan to the ledger, across runs. */
#include "lib/apply.h"

#include "lib/fixture_test.h"

#define ON_NOTICE(name, more)                                                 \
	"'exec:" name "': {'command': ['" name "'], 'refreshonly': true" more \
	"}"
#define CHAIN                                                            \
	"'file:/a': {'content': '1', 'notify': 'exec:one'}, " ON_NOTICE( \
		"one", ", 'notify': 'exec:two'") ", "

static struct fixture f;
static struct book book;
static struct watched *w;
static struct applied applied;

/* A plan that knows of what the last run left owed. */
static const char *planned(const char *manifest, const char *host)
{
	struct owed owed[BOOK_DEBTS];
	struct plan_options o = { .owed = owed,
				  .nowed = book_owed(&book, owed),
				  .max_disruption = -1 };

	fixture_begin(&f, manifest, host);
	fixture_plan(&f, &o);
	book_begin(&book);
	w = watched_new(f.host, &book);
	return fixture_shown(&f);
}

static void apply(void)
{
	struct apply_options o = { .ledger = book_ledger(&book) };

	ck_assert(apply_plan(&applied, &f.plan, &w->host, &o, &f.diags));
}

/* "done file:/a", a line each, "refresh" for one. */
static const char *came(void)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < f.plan.n; i++)
		buf_printf(&b, "%s%s %s%s", i ? "\n" : "",
			   verdict_name(applied.verdicts[i]),
			   f.plan.v[i]->refresh ? "refresh " : "",
			   f.plan.v[i]->res->id);
	return arena_strdup(&book.arena, buf_text(&b));
}

static const char *owed(void)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < book.durable.n; i++)
		buf_printf(&b, "%s%s for %s", i ? "\n" : "",
			   book.durable.v[i].target, book.durable.v[i].cause);
	return arena_strdup(&book.arena, buf_text(&b));
}

static void end(void)
{
	host_close(&w->host);
	fixture_release(&f);
}

static void teardown(void)
{
	end();
	arena_release(&book.arena);
	book = (struct book){ 0 };
}

START_TEST(a_refresh_notifies_in_its_turn)
{
	ck_assert_str_eq(planned(CHAIN ON_NOTICE("two", ""), ""),
			 "+ file:/a\n"
			 "! exec:one (because file:/a changes)\n"
			 "! exec:two (because exec:one is refreshed)");
	apply();
	ck_assert_str_eq(came(), "done file:/a\ndone refresh exec:one\n"
				 "done refresh exec:two");
	ck_assert_str_eq(owed(), "");
	teardown();
}
END_TEST

/* A kill between the two must not lose the second. */
START_TEST(what_a_refresh_notifies_is_owed_before_it_runs)
{
	size_t at;

	planned(CHAIN ON_NOTICE("two", ""), "");
	apply();
	at = book_find(&book, "owe exec:two exec:one", 0);
	at = book_find(&book, "sync", at);
	at = book_find(&book, "run one", at);
	at = book_find(&book, "paid exec:one", at);
	ck_assert_uint_lt(book_find(&book, "run two", at), book.log.n);
	teardown();
}
END_TEST

START_TEST(a_refresh_that_fails_holds_back_what_it_notifies)
{
	planned(CHAIN ON_NOTICE("two", ""), "");
	w->fault_at = 2;
	w->fault = FAULT_REFUSED;
	apply();
	ck_assert_str_eq(came(), "done file:/a\nfailed refresh exec:one\n"
				 "skipped refresh exec:two");
	ck_assert_str_eq(owed(), "exec:one for file:/a\nexec:two for exec:one");
	end();
	planned(CHAIN ON_NOTICE("two", ""),
		"'/a': {'type': 'file', 'content': '1'}");
	apply();
	ck_assert_str_eq(came(),
			 "done refresh exec:one\ndone refresh exec:two");
	ck_assert_str_eq(owed(), "");
	teardown();
}
END_TEST

/* Nobody is told that there was nothing to do. */
START_TEST(what_waits_for_a_refresh_that_failed_is_skipped)
{
	static const char manifest[] = CHAIN ON_NOTICE(
		"two", ", 'notify': 'exec:three'") ", " ON_NOTICE("three", "");

	planned(manifest, "");
	w->fault_at = 2;
	w->fault = FAULT_REFUSED;
	apply();
	ck_assert_str_eq(came(), "done file:/a\nfailed refresh exec:one\n"
				 "skipped refresh exec:two\n"
				 "skipped refresh exec:three");
	ck_assert_str_eq(owed(), "exec:one for file:/a\nexec:two for exec:one");
	end();
	planned(manifest, "'/a': {'type': 'file', 'content': '1'}");
	apply();
	ck_assert_str_eq(came(), "done refresh exec:one\n"
				 "done refresh exec:two\n"
				 "done refresh exec:three");
	ck_assert_str_eq(owed(), "");
	teardown();
}
END_TEST

START_TEST(what_has_run_is_refreshed_after_a_refresh_that_notifies_it)
{
	ck_assert_str_eq(planned(CHAIN
				 "'exec:two': {'command': ['two'], 'creates': "
				 "'/y'}",
				 ""),
			 "+ file:/a\n~ exec:two done (/y is missing)\n"
			 "! exec:one (because file:/a changes)\n"
			 "! exec:two (because exec:one is refreshed)");
	apply();
	ck_assert_str_eq(came(), "done file:/a\ndone exec:two\n"
				 "done refresh exec:one\n"
				 "done refresh exec:two");
	ck_assert_str_eq(owed(), "");
	teardown();
}
END_TEST

/* A kill after it must not make it run again. */
START_TEST(what_has_run_is_paid_at_once)
{
	size_t at;

	planned("'file:/a': {'notify': 'exec:x'}, 'exec:x': {'command': ['x'], "
		"'creates': '/y'}, 'file:/b': {'require': 'exec:x'}",
		"");
	apply();
	at = book_find(&book, "run x", 0);
	at = book_find(&book, "paid exec:x", at);
	at = book_find(&book, "sync", at);
	ck_assert_uint_lt(book_find(&book, "replace /b", at), book.log.n);
	teardown();
}
END_TEST

START_TEST(what_waits_for_a_refresh_that_is_withheld_waits)
{
	ck_assert_str_eq(
		planned("'file:/a': {'notify': ['exec:one', "
			"'exec:two']}, " ON_NOTICE(
				"one", ", 'noop': true, 'notify': "
				       "'exec:two'") ", " ON_NOTICE("two", ""),
			""),
		"+ file:/a\n= exec:one (withheld: noop)\n"
		"= exec:two (withheld: it waits for exec:one)");
	apply();
	ck_assert_str_eq(owed(), "exec:one for file:/a\nexec:two for file:/a");
	teardown();
}
END_TEST

START_TEST(what_cannot_be_refreshed_is_owed_nothing)
{
	planned("'file:/a': {'notify': 'file:/b'}, 'file:/b': {}", "");
	apply();
	ck_assert_uint_eq(book_count(&book, "owe file:/b file:/a"), 0);
	ck_assert_str_eq(owed(), "");
	teardown();
}
END_TEST

START_TEST(what_the_manifest_has_no_more_is_forgotten_and_said)
{
	planned("'file:/a': {'notify': 'exec:x'}, " ON_NOTICE("x", ""), "");
	w->fault_at = 2;
	w->fault = FAULT_REFUSED;
	apply();
	end();
	ck_assert_str_eq(planned("'file:/a': {}",
				 "'/a': {'type': 'file', 'content': ''}"),
			 "");
	ck_assert_str_eq(
		fixture_said(&f),
		"exec:x: its refresh is owed since an earlier run, but "
		"the manifest has it no more: apply forgets it");
	ck_assert_uint_eq(f.diags.errors, 0);
	ck_assert_str_eq(owed(), "exec:x for file:/a");
	apply();
	ck_assert_str_eq(owed(), "");
	teardown();
}
END_TEST

START_TEST(what_another_manifest_left_is_left)
{
	struct owed owed = { .target = "exec:x", .since = "run 1" };
	struct plan_options o = { .owed = &owed,
				  .nowed = 1,
				  .max_disruption = -1 };

	fixture_begin(&f, "'file:/a': {}", "");
	fixture_plan(&f, &o);
	ck_assert_uint_eq(f.plan.forgotten.n, 0);
	ck_assert_str_eq(fixture_said(&f), "");
	fixture_release(&f);
}
END_TEST

START_TEST(what_a_manifest_left_that_is_gone_is_forgotten_and_said)
{
	struct owed owed = { .target = "exec:x",
			     .since = "run 1",
			     .ours = true,
			     .gone = "/srv/old.json" };
	struct plan_options o = { .owed = &owed,
				  .nowed = 1,
				  .max_disruption = -1 };

	fixture_begin(&f, "'file:/a': {}", "");
	fixture_plan(&f, &o);
	ck_assert_uint_eq(f.plan.forgotten.n, 1);
	ck_assert_str_eq(fixture_said(&f),
			 "exec:x: its refresh is owed since run 1, by "
			 "'/srv/old.json', which is there no more: apply "
			 "forgets it");
	fixture_release(&f);
}
END_TEST

#define GUARDED(answer)                                                           \
	planned("'file:/a': {'notify': 'exec:x'}, " ON_NOTICE(                    \
			"x",                                                      \
			", 'onlyif': ['ask'], 'notify': 'exec:y'") ","            \
								   " " ON_NOTICE( \
									   "y",   \
									   ""),   \
		"{'files': {}, 'commands': {'ask': " answer "}}")

START_TEST(a_guard_may_say_no_to_a_refresh)
{
	ck_assert_str_eq(GUARDED("1"),
			 "+ file:/a\n? exec:x (because file:/a changes, if its "
			 "guards ask for it)\n? exec:y (whether exec:x "
			 "is refreshed)");
	apply();
	ck_assert_str_eq(came(), "done file:/a\nunchanged refresh exec:x\n"
				 "unchanged refresh exec:y");
	ck_assert_uint_eq(book_count(&book, "run x"), 0);
	ck_assert_str_eq(owed(), "");
	teardown();
}
END_TEST

START_TEST(a_guard_may_say_yes_to_a_refresh)
{
	GUARDED("0");
	apply();
	ck_assert_str_eq(came(), "done file:/a\ndone refresh exec:x\n"
				 "done refresh exec:y");
	ck_assert_uint_eq(book_count(&book, "run x"), 1);
	teardown();
}
END_TEST

/* "creates" is what a refresh makes anew. */
START_TEST(what_is_created_already_is_no_reason_not_to_refresh)
{
	ck_assert_str_eq(planned("'file:/a': {'notify': 'exec:x'}, 'exec:x': "
				 "{'command': ['x'], 'creates': '/y'}",
				 "'/y': {'type': 'file', 'content': ''}"),
			 "+ file:/a\n! exec:x (because file:/a changes)");
	apply();
	ck_assert_uint_eq(book_count(&book, "run x"), 1);
	teardown();
}
END_TEST

TEST_SUITE("refresh", a_refresh_notifies_in_its_turn,
	   what_a_refresh_notifies_is_owed_before_it_runs,
	   a_refresh_that_fails_holds_back_what_it_notifies,
	   what_waits_for_a_refresh_that_failed_is_skipped,
	   what_has_run_is_refreshed_after_a_refresh_that_notifies_it,
	   what_has_run_is_paid_at_once,
	   what_waits_for_a_refresh_that_is_withheld_waits,
	   what_cannot_be_refreshed_is_owed_nothing,
	   what_the_manifest_has_no_more_is_forgotten_and_said,
	   what_another_manifest_left_is_left,
	   what_a_manifest_left_that_is_gone_is_forgotten_and_said,
	   a_guard_may_say_no_to_a_refresh, a_guard_may_say_yes_to_a_refresh,
	   what_is_created_already_is_no_reason_not_to_refresh)
