/* SPDX-License-Identifier: MIT */
/* What is below a directory when what comes before it makes what no plan can
 * know: what the plan says, and what an apply finds at its turn. */
#include "lib/apply.h"

#include "lib/fixture_test.h"

#define FILE_AT(path) "'" path "': {'type': 'file', 'content': ''}"
#define D "'/d': {'type': 'directory'}"
#define HOST(files) "{'files': {" files "}, 'packages': {}}"
#define PURGE "'directory:/d': {'purge': true, 'require': 'package:p'}"
#define GO "'exec:go': {'command': ['go'], 'refreshonly': true}"
#define NOTIFIES                                                   \
	"'directory:/d': {'purge': true, 'require': 'package:p', " \
	"'notify': 'exec:go'}, " GO

static struct fixture f;
static struct book book;
static struct watched *w;
static struct applied applied;
static struct strings events; /* "done file:/a", "failed file:/b: why" */
static unsigned stop_after;   /* questions; 0: never */
static unsigned refuse_at;    /* syncs of the ledger; 0: never */
static size_t fault_at;       /* writes; 0: never */

static void event(void *context, const struct change *c, enum verdict verdict,
		  const char *text)
{
	(void)context;
	ck_assert_ptr_eq(applied.v[c->index], c);
	strings_add(&events, &book.arena,
		    arena_printf(&book.arena, "%s%s %s%s%s",
				 verdict_name(verdict),
				 c->refresh ? " refresh" : "", c->res->id,
				 text ? ": " : "", text ? text : ""));
}

static bool stopped(void *context)
{
	(void)context;
	return stop_after && --stop_after == 0;
}

static void end(void)
{
	if (w)
		host_close(&w->host);
	w = NULL;
	if (f.host)
		fixture_release(&f);
	arena_release(&book.arena);
	book = (struct book){ 0 };
	stop_after = refuse_at = 0;
	fault_at = 0;
}

static bool sync_book(void *context, struct diags *d)
{
	if (refuse_at && --refuse_at == 0)
		return diag_error(d, "the disk is full");
	return book_sync(context, d);
}

static const char *planned(const char *manifest, const char *host)
{
	end();
	fixture_begin(&f, manifest, host);
	fixture_plan(&f, NULL);
	return fixture_shown(&f);
}

/* The plan is applied on a host where commands and packages bring that. */
static const char *applies(const char *brings)
{
	struct apply_options o = { .event = event, .stopped = stopped };

	book_begin(&book);
	o.ledger = book_ledger(&book);
	o.ledger.sync = sync_book;
	w = watched_new(f.host, &book);
	w->brings = brings;
	w->fault_at = fault_at;
	events = (struct strings){ 0 };
	ck_assert(apply_plan(&applied, &f.plan, &w->host, &o, &f.diags));
	ck_assert_uint_eq(events.n, applied.n);
	return strings_join(&events, "\n", &book.arena);
}

static const char *becomes(const char *manifest, const char *host,
			   const char *brings)
{
	planned(manifest, host);
	return applies(brings);
}

/* A second plan on what is there now. */
static const char *again(void)
{
	struct plan_options o = { .max_disruption = -1 };
	struct plan second;

	ck_assert(plan_build(&second, &f.graph, f.host, &o, &f.diags));
	f.plan = second;
	return fixture_shown(&f);
}

#define PLANS(manifest, host, lines) \
	ck_assert_str_eq(planned(manifest, host), lines)

/* --- what the plan says --- */

START_TEST(what_a_package_brings_below_is_unknown)
{
	PLANS("'package:p': {}, " PURGE, HOST(D),
	      "+ package:p\n? directory:/d (what is below it until package:p "
	      "is installed)");
	ck_assert_uint_eq(f.plan.unchanged, 0);
	ck_assert_uint_eq(f.plan.looked_at, 2);
	PLANS("'package:p': {}, 'directory:/d': {'recurse': true, 'owner': "
	      "'0', 'require': 'package:p'}",
	      HOST(D),
	      "+ package:p\n? directory:/d (what is below it until package:p "
	      "is installed)");
	/* one that is not there yet is unknown itself, and that is enough */
	PLANS("'package:p': {}, " PURGE, HOST(""),
	      "+ package:p\n? directory:/d (until package:p is installed)");
	/* also who does not say what it needs comes after it */
	PLANS("'directory:/d': {'purge': true}, 'package:p': {}", HOST(D),
	      "+ package:p\n? directory:/d (what is below it until package:p "
	      "is installed)");
	/* a newer one may bring more */
	PLANS("'package:p': {'ensure': '2'}, " PURGE,
	      "{'files': {" D "}, 'packages': {'p': '1'}}",
	      "~ package:p version\n? directory:/d (what is below it until "
	      "package:p has changed)");
	end();
}
END_TEST

START_TEST(what_a_command_makes_below_is_unknown)
{
	PLANS("'exec:make': {'command': ['make'], 'creates': '/y'}, "
	      "'directory:/d': {'purge': true, 'require': 'exec:make'}, "
	      "'directory:/e': {'purge': true}",
	      D ", " FILE_AT("/e/a"),
	      "~ exec:make done (/y is missing)\n"
	      "? directory:/d (whether exec:make leaves it as it is)\n"
	      "- file:/e/a");
	ck_assert(f.plan.v[1]->below);
	PLANS("'exec:make': {'command': ['make'], 'creates': '/d'}, "
	      "'directory:/d': {'recurse': true, 'require': 'exec:make'}",
	      "",
	      "~ exec:make done (/d is missing)\n"
	      "? directory:/d (made by a command that has not run)");
	ck_assert(f.plan.v[1]->below);
	end();
}
END_TEST

START_TEST(what_is_mounted_over_it_is_unknown)
{
	PLANS("'mount:/d': {'device': 'tmpfs', 'fstype': 'tmpfs'}, "
	      "'directory:/d': {'recurse': true, 'file_mode': '0600', "
	      "'require': 'mount:/d'}",
	      FILE_AT("/d/a") ", '/etc': {'type': 'directory'}, "
			      "'/proc/sys': {'type': 'directory'}, "
			      "'/proc/self/mountinfo': {'type': 'file', "
			      "'content': '1 1 8:1 / / rw - ext4 /dev/sda1 "
			      "rw\\n'}",
	      "+ mount:/d\n? directory:/d (what is below it: it is on what is "
	      "not mounted yet)");
	end();
}
END_TEST

START_TEST(nothing_is_unknown_needlessly)
{
	/* nothing before it makes anything */
	PLANS("'package:p': {}, " PURGE,
	      "{'files': {" FILE_AT("/d/a") "}, 'packages': {'p': '1'}}",
	      "- file:/d/a");
	PLANS("'package:p': {'hold': true}, " PURGE,
	      "{'files': {" FILE_AT("/d/a") "}, 'packages': {'p': '1'}}",
	      "~ package:p hold\n- file:/d/a");
	PLANS("'package:p': {'ensure': 'absent'}, " PURGE,
	      "{'files': {" FILE_AT("/d/a") "}, 'packages': {'p': '1'}}",
	      "- package:p\n- file:/d/a");
	PLANS("'package:p': {'noop': true}, 'directory:/d': {'purge': true}",
	      HOST(FILE_AT("/d/a")),
	      "= package:p (withheld: noop)\n- file:/d/a");
	/* nothing is looked for below it */
	PLANS("'package:p': {}, 'directory:/d': {'require': 'package:p'}",
	      HOST(FILE_AT("/d/a")), "+ package:p");
	/* what the picture knows */
	PLANS("'file:/d/a': {}, 'directory:/d': {'purge': true}",
	      FILE_AT("/d/b"), "- file:/d/b\n+ file:/d/a");
	/* what may not change is not looked for */
	PLANS("'package:p': {}, 'directory:/d': {'purge': true, 'noop': true}",
	      HOST(D), "+ package:p");
	end();
}
END_TEST

START_TEST(what_is_known_of_it_is_still_said)
{
	PLANS("'package:p': {}, 'directory:/d': {'purge': true, 'mode': "
	      "'0700', 'require': 'package:p'}",
	      HOST(FILE_AT("/d/a")),
	      "+ package:p\n~ directory:/d mode\n- file:/d/a\n"
	      "? directory:/d (what is below it until package:p is "
	      "installed)");
	ck_assert_uint_eq(f.plan.removed, 1);
	end();
}
END_TEST

START_TEST(what_comes_after_it_knows)
{
	PLANS("'package:p': {}, " NOTIFIES
	      ", 'exec:x': {'command': ['x'], 'onlyif': ['ask'], 'require': "
	      "'directory:/d'}",
	      HOST(D),
	      "+ package:p\n"
	      "? directory:/d (what is below it until package:p is "
	      "installed)\n"
	      "? exec:x (its guards until directory:/d has changed)\n"
	      "? exec:go (whether directory:/d changes)");
	end();
}
END_TEST

/* --- what an apply finds --- */

START_TEST(what_was_brought_is_purged)
{
	ck_assert_str_eq(becomes("'package:p': {}, " PURGE
				 ", 'file:/d/keep': {}",
				 HOST(D), "p:/d/a p:/d/b/c p:/d/keep"),
			 "done package:p\nunchanged directory:/d\n"
			 "done file:/d/b/c\ndone directory:/d/b\n"
			 "done file:/d/a\nunchanged file:/d/keep");
	ck_assert_str_eq(again(), "");
	fixture_check_files(&f, FILE_AT("/d/keep"));
	ck_assert_uint_eq(applied.done[ACTION_REMOVE], 3);
	/* the folder itself came with it */
	ck_assert_str_eq(becomes("'package:p': {}, " PURGE, HOST(""), "p:/d/a"),
			 "done package:p\nunchanged directory:/d\n"
			 "done file:/d/a");
	ck_assert_str_eq(again(), "");
	/* or did not */
	ck_assert_str_eq(becomes("'package:p': {}, " PURGE, HOST(""), ""),
			 "done package:p\ndone directory:/d");
	ck_assert_str_eq(again(), "");
	end();
}
END_TEST

START_TEST(what_a_command_made_is_purged)
{
	ck_assert_str_eq(
		becomes("'exec:make': {'command': ['make'], 'creates': '/y'}, "
			"'directory:/d': {'purge': true, 'require': "
			"'exec:make'}",
			D, "make:/d/a"),
		"done exec:make\nunchanged directory:/d\ndone file:/d/a");
	ck_assert_str_eq(again(), "");
	end();
}
END_TEST

START_TEST(what_was_brought_is_owned)
{
	const char *const manifest =
		"'package:p': {}, 'directory:/d': {'recurse': true, 'owner': "
		"'5', 'file_mode': '0600', 'require': 'package:p'}";

	/* from the inside out: see a_folder_is_given_away_last */
	ck_assert_str_eq(planned(manifest, HOST(D)),
			 "+ package:p\n~ directory:/d owner\n"
			 "? directory:/d (what is below it until package:p is "
			 "installed)");
	ck_assert_str_eq(applies("p:/d/a p:/d/b/c"),
			 "done package:p\ndone directory:/d\n"
			 "unchanged directory:/d\ndone file:/d/b/c\n"
			 "done directory:/d/b\ndone file:/d/a");
	ck_assert_uint_lt(book_find(&book, "perms /d/b/c", 0),
			  book_find(&book, "perms /d/b", 0));
	ck_assert_uint_lt(book_find(&book, "perms /d/a", 0),
			  book_find(&book, "perms /d", 0));
	ck_assert_str_eq(again(), "");
	ck_assert_str_eq(becomes(manifest, HOST(""), "p:/d/a"),
			 "done package:p\ndone directory:/d\ndone file:/d/a");
	ck_assert_uint_lt(book_find(&book, "perms /d/a", 0),
			  book_find(&book, "perms /d", 0));
	ck_assert_str_eq(again(), "");
	end();
}
END_TEST

START_TEST(a_mirror_is_purged_too)
{
	ck_assert_str_eq(
		becomes("'package:p': {}, 'directory:/d': {'source': "
			"'files/app', 'purge': true, 'require': 'package:p'}",
			HOST("'/d/etc': {'type': 'directory'}"),
			"p:/d/a p:/d/etc/b p:/d/bin/c"),
		"done package:p\nunchanged directory:/d\ndone file:/d/a\n"
		"unchanged directory:/d/bin\ndone file:/d/bin/c\n"
		"unchanged directory:/d/etc\ndone file:/d/etc/b\n"
		"done file:/d/bin/run\ndone file:/d/etc/app.conf\n"
		"done link:/d/current\ndone directory:/d/etc/extra\n"
		"done file:/d/etc/extra/more.conf");
	ck_assert_str_eq(again(), "");
	end();
}
END_TEST

/* By way of a link that was brought too. */
START_TEST(what_is_managed_by_another_path_is_spared)
{
	ck_assert_str_eq(becomes("'package:p': {}, " PURGE ", 'file:/l/a': "
				 "{'content': 'x', 'require': "
				 "'directory:/d'}",
				 HOST(FILE_AT("/d/old")),
				 "p:/l>/d p:/d/a p:/d/b"),
			 "done package:p\ndone file:/d/old\n"
			 "unchanged directory:/d\ndone file:/d/b\n"
			 "done file:/l/a");
	ck_assert_str_eq(again(), "");
	end();
}
END_TEST

/* --- notifications --- */

START_TEST(what_was_found_notifies)
{
	ck_assert_str_eq(
		becomes("'package:p': {}, " NOTIFIES, HOST(D), "p:/d/a p:/d/b"),
		"done package:p\nunchanged directory:/d\n"
		"done file:/d/b\ndone file:/d/a\n"
		"done refresh exec:go");
	/* written down before the first is removed, and paid */
	ck_assert_uint_lt(book_find(&book, "owe exec:go file:/d/a", 0),
			  book_find(&book, "remove /d/b", 0));
	ck_assert_uint_lt(book_find(&book, "planned file:/d/a", 0),
			  book_find(&book, "remove /d/b", 0));
	ck_assert_uint_eq(book.durable.n, 0);
	/* nothing was found: nobody asks for it */
	ck_assert_str_eq(becomes("'package:p': {}, " NOTIFIES, HOST(D), ""),
			 "done package:p\nunchanged directory:/d\n"
			 "unchanged refresh exec:go");
	ck_assert_uint_eq(book.durable.n, 0);
	end();
}
END_TEST

START_TEST(what_changed_itself_is_not_forgotten)
{
	ck_assert_str_eq(
		becomes("'package:p': {}, 'directory:/d': {'purge': true, "
			"'mode': '0700', 'require': 'package:p', 'notify': "
			"'exec:go'}, " GO,
			HOST(D), ""),
		"done package:p\ndone directory:/d\nunchanged directory:/d\n"
		"done refresh exec:go");
	ck_assert_uint_eq(book_count(&book, "forgive exec:go directory:/d"), 0);
	end();
}
END_TEST

/* --- what may not be removed --- */

#define BUDGET(resources)                                             \
	"{'version': 1, 'policy': {'max_removals': 1}, 'resources': " \
	"{" resources "}}"

START_TEST(over_the_budget_nothing_that_was_found_goes)
{
	ck_assert_str_eq(
		becomes(BUDGET("'package:p': {}, " NOTIFIES
			       ", 'file:/d/keep': {}, 'file:/after': "
			       "{'require': 'file:/d/keep'}, 'file:/z': {}"),
			HOST(D), "p:/d/a p:/d/b"),
		"done package:p\nunchanged directory:/d\n"
		"withheld file:/d/b: 2 removals are over the budget of 1\n"
		"withheld file:/d/a: 2 removals are over the budget of 1\n"
		"withheld file:/d/keep: it waits for directory:/d\n"
		"withheld file:/after: it waits for file:/d/keep\n"
		"done file:/z\nunchanged refresh exec:go");
	ck_assert_uint_eq(book.durable.n, 0);
	/* as the next run has it */
	ck_assert_str_eq(again(),
			 "= file:/d/b (withheld: 2 removals are over the "
			 "budget of 1)\n"
			 "= file:/d/a (withheld: 2 removals are over the "
			 "budget of 1)\n"
			 "= file:/d/keep (withheld: it waits for "
			 "directory:/d)\n"
			 "= file:/after (withheld: it waits for "
			 "file:/d/keep)");
	end();
}
END_TEST

#define FORCED                                                          \
	BUDGET("'package:p': {}, 'directory:/d': {'ensure': 'absent', " \
	       "'force': true, 'require': 'package:p'}, 'link:/e': "    \
	       "{'target': 'x', 'force': true, 'require': 'package:p'}")

/* What force takes along may be more at its turn than the plan saw. */
START_TEST(over_the_budget_nothing_goes_with_what_is_forced)
{
	ck_assert_str_eq(
		becomes(FORCED, HOST(D), "p:/d/a p:/e/b"),
		"done package:p\n"
		"withheld directory:/d: 2 removals are over the budget of 1\n"
		"withheld link:/e: 2 removals are over the budget of 1");
	ck_assert_uint_eq(applied.done[ACTION_REMOVE], 0);
	ck_assert_str_eq(
		again(),
		"= directory:/d (withheld: 3 removals are over the budget of "
		"1)\n= link:/e (withheld: 3 removals are over the budget of "
		"1)");
	/* within it what came since goes too, and counts */
	ck_assert_str_eq(
		becomes(BUDGET("'package:p': {}, 'link:/e': {'target': 'x', "
			       "'force': true, 'require': 'package:p'}, "
			       "'link:/f': {'target': 'x', 'force': true, "
			       "'require': 'package:p'}"),
			HOST(""), "p:/e/b p:/f/b"),
		"done package:p\ndone link:/e\n"
		"withheld link:/f: 2 removals are over the budget of 1");
	ck_assert_uint_eq(applied.done[ACTION_REMOVE], 1);
	end();
}
END_TEST

START_TEST(removals_of_the_plan_count)
{
	ck_assert_str_eq(
		becomes(BUDGET("'package:p': {}, 'file:/e': {'ensure': "
			       "'absent'}, " PURGE),
			HOST(D ", " FILE_AT("/e")), "p:/d/a"),
		"done package:p\ndone file:/e\nunchanged directory:/d\n"
		"withheld file:/d/a: 2 removals are over the budget of 1");
	/* and those that were found before, in another folder */
	ck_assert_str_eq(
		becomes(BUDGET("'package:p': {}, 'directory:/e': {'purge': "
			       "true}, " PURGE),
			HOST(D ", '/e': {'type': 'directory'}"),
			"p:/e/a p:/d/a"),
		"done package:p\nunchanged directory:/e\ndone file:/e/a\n"
		"unchanged directory:/d\n"
		"withheld file:/d/a: 2 removals are over the budget of 1");
	/* and when it had too many already */
	ck_assert_str_eq(
		becomes(BUDGET("'package:p': {}, 'file:/e': {'ensure': "
			       "'absent'}, 'file:/f': {'ensure': "
			       "'absent'}, " PURGE),
			HOST(D ", " FILE_AT("/e") ", " FILE_AT("/f")),
			"p:/d/a"),
		"done package:p\n"
		"withheld file:/e: 2 removals are over the budget of 1\n"
		"withheld file:/f: 2 removals are over the budget of 1\n"
		"unchanged directory:/d\n"
		"withheld file:/d/a: 2 removals are over the budget of 1");
	end();
}
END_TEST

/* A refresh of what needs it waits too, and stays owed. */
START_TEST(a_refresh_waits_for_what_was_found)
{
	ck_assert_str_eq(
		becomes(BUDGET("'package:p': {}, " PURGE ", 'file:/a': "
			       "{'notify': 'exec:go'}, 'exec:go': {'command': "
			       "['go'], 'refreshonly': true, 'require': "
			       "'directory:/d'}"),
			HOST(D), "p:/d/a p:/d/b"),
		"done package:p\nunchanged directory:/d\n"
		"withheld file:/d/b: 2 removals are over the budget of 1\n"
		"withheld file:/d/a: 2 removals are over the budget of 1\n"
		"done file:/a\n"
		"withheld refresh exec:go: it waits for directory:/d");
	ck_assert(book_owes(&book, "exec:go"));
	end();
}
END_TEST

/* --- what goes wrong --- */

START_TEST(one_that_fails_does_not_keep_the_others)
{
	planned("'package:p': {}, " NOTIFIES ", 'file:/d/keep': {}", HOST(D));
	fault_at = 2;
	ck_assert_str_eq(applies("p:/d/a p:/d/b"),
			 "done package:p\nunchanged directory:/d\n"
			 "failed file:/d/b: write refused (fault injected)\n"
			 "done file:/d/a\n"
			 "skipped file:/d/keep: it needs directory:/d, which "
			 "failed\n"
			 "skipped refresh exec:go: directory:/d failed; the "
			 "refresh stays owed");
	ck_assert(book_owes(&book, "exec:go"));
	end();
}
END_TEST

/* What the plan knew is tried once. */
START_TEST(what_failed_is_not_found_again)
{
	planned("'package:p': {}, " PURGE, HOST(FILE_AT("/d/old")));
	fault_at = 2;
	ck_assert_str_eq(applies("p:/d/a"),
			 "done package:p\n"
			 "failed file:/d/old: write refused (fault "
			 "injected)\n"
			 "unchanged directory:/d\ndone file:/d/a");
	end();
}
END_TEST

START_TEST(a_folder_waits_for_what_comes_before_it)
{
	planned("'package:p': {}, 'directory:/d': {'recurse': true, 'owner': "
		"'5', 'require': 'package:p'}",
		HOST(D));
	fault_at = 2;
	ck_assert_str_eq(applies("p:/d/a p:/d/b"),
			 "done package:p\n"
			 "skipped directory:/d: it needs file:/d/b, which "
			 "failed\n"
			 "skipped directory:/d: it needs directory:/d, which "
			 "failed\n"
			 "failed file:/d/b: write refused (fault injected)\n"
			 "done file:/d/a");
	end();
}
END_TEST

START_TEST(a_folder_that_failed_is_not_looked_into)
{
	planned("'package:p': {}, 'directory:/d': {'purge': true, 'mode': "
		"'0700', 'require': 'package:p'}",
		HOST(D));
	fault_at = 2;
	ck_assert_str_eq(applies("p:/d/a"),
			 "done package:p\n"
			 "failed directory:/d: write refused (fault "
			 "injected)\n"
			 "skipped directory:/d: it needs directory:/d, which "
			 "failed");
	planned("'package:p': {}, " PURGE, HOST(""));
	fault_at = 1;
	ck_assert_str_eq(applies("p:/d/a"),
			 "failed package:p: write refused (fault injected)\n"
			 "skipped directory:/d: it needs package:p, which "
			 "failed");
	end();
}
END_TEST

START_TEST(a_run_that_is_stopped_leaves_what_was_found)
{
	planned("'package:p': {}, " NOTIFIES ", 'file:/d/keep': {}", HOST(D));
	stop_after = 4;
	ck_assert_str_eq(applies("p:/d/a p:/d/b"),
			 "done package:p\nunchanged directory:/d\n"
			 "done file:/d/b\nleft file:/d/a\n"
			 "left file:/d/keep\nleft refresh exec:go");
	ck_assert(book_owes(&book, "exec:go"));
	end();
}
END_TEST

/* No change that is not written down. */
START_TEST(a_ledger_that_cannot_be_written_stops_it)
{
	planned("'package:p': {}, " NOTIFIES, HOST(D));
	refuse_at = 2;
	ck_assert_str_eq(applies("p:/d/a"),
			 "done package:p\n"
			 "failed directory:/d: what is to be done below it "
			 "could not be written down\n"
			 "unchanged refresh exec:go");
	fixture_check_files(&f, FILE_AT("/d/a"));
	end();
}
END_TEST

TEST_SUITE("below", what_a_package_brings_below_is_unknown,
	   what_a_command_makes_below_is_unknown,
	   what_is_mounted_over_it_is_unknown, nothing_is_unknown_needlessly,
	   what_is_known_of_it_is_still_said, what_comes_after_it_knows,
	   what_was_brought_is_purged, what_a_command_made_is_purged,
	   what_was_brought_is_owned, a_mirror_is_purged_too,
	   what_is_managed_by_another_path_is_spared, what_was_found_notifies,
	   what_changed_itself_is_not_forgotten,
	   over_the_budget_nothing_that_was_found_goes,
	   over_the_budget_nothing_goes_with_what_is_forced,
	   removals_of_the_plan_count, a_refresh_waits_for_what_was_found,
	   one_that_fails_does_not_keep_the_others,
	   what_failed_is_not_found_again,
	   a_folder_waits_for_what_comes_before_it,
	   a_folder_that_failed_is_not_looked_into,
	   a_run_that_is_stopped_leaves_what_was_found,
	   a_ledger_that_cannot_be_written_stops_it)
