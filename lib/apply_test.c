/* SPDX-License-Identifier: MIT */
#include "lib/apply.h"

#include "lib/fixture_test.h"

#define ON_NOTICE(name) \
	"'exec:" name "': {'command': ['" name "'], 'refreshonly': true}"

static struct fixture f;
static struct book book;
static struct watched *w;
static struct applied applied;
static struct strings events; /* "done file:/a", "failed file:/b: why" */
static unsigned stop_after;   /* questions; 0: never */

static void event(void *context, const struct change *c, enum verdict verdict,
		  const char *text)
{
	(void)context;
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

/* A plan, and a host to apply it to. */
static void setup(const char *manifest, const char *host)
{
	struct owed owed[BOOK_DEBTS];
	struct plan_options o = { .owed = owed,
				  .nowed = book_owed(&book, owed),
				  .max_disruption = -1 };

	fixture_begin(&f, manifest, host);
	fixture_plan(&f, &o);
	book_begin(&book);
	w = watched_new(f.host, &book);
	events = (struct strings){ 0 };
	applied = (struct applied){ 0 };
}

static void apply(void)
{
	struct apply_options o = { .ledger = book_ledger(&book),
				   .event = event,
				   .stopped = stopped };

	ck_assert(apply_plan(&applied, &f.plan, &w->host, &o, &f.diags));
}

static const char *told(void)
{
	return strings_join(&events, "\n", &book.arena);
}

static const char *logged(void)
{
	return strings_join(&book.log, "\n", &book.arena);
}

/* What the ledger still has: "exec:x file:/a". */
static const char *owed(void)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < book.durable.n; i++)
		buf_printf(&b, "%s%s %s", i ? "\n" : "",
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
	stop_after = 0;
}

static void run(const char *manifest, const char *host)
{
	setup(manifest, host);
	apply();
}

START_TEST(nothing_is_written_for_nothing)
{
	run("'file:/a': {}", "'/a': {'type': 'file', 'content': ''}");
	ck_assert_str_eq(logged(), "sync\nsync");
	ck_assert_str_eq(told(), "");
	ck_assert_uint_eq(w->writes, 0);
	teardown();
}
END_TEST

START_TEST(changes_are_made_in_order)
{
	run("'file:/d/f': {'content': 'x'}, 'directory:/d': {}, 'link:/l': "
	    "{'target': 'x'}, 'file:/m': {'mode': '0600'}, 'file:/r': "
	    "{'ensure': 'absent'}, 'exec:go': {'command': ['go']}",
	    "'/m': {'type': 'file', 'content': ''}, '/r': {'type': 'file', "
	    "'content': ''}");
	ck_assert_str_eq(told(), "done directory:/d\ndone file:/d/f\n"
				 "done link:/l\ndone file:/m\ndone file:/r\n"
				 "done exec:go");
	ck_assert_uint_eq(book_find(&book, "mkdir /d", 0) <
				  book_find(&book, "replace /d/f", 0),
			  1);
	ck_assert_uint_eq(w->writes, 6);
	ck_assert_uint_eq(applied.done[ACTION_CREATE], 3);
	ck_assert_uint_eq(applied.done[ACTION_UPDATE], 2);
	ck_assert_uint_eq(applied.done[ACTION_REMOVE], 1);
	ck_assert_uint_eq(applied.counts[VERDICT_DONE], 6);
	ck_assert(!applied.stopped);
	teardown();
}
END_TEST

START_TEST(what_is_owed_is_on_disk_before_the_first_write)
{
	run("'file:/a': {'notify': ['exec:x', 'exec:y']}, " ON_NOTICE(
		    "x") "," ON_NOTICE("y"),
	    "");
	ck_assert_str_eq(logged(), "planned file:/a\n"
				   "owe exec:x file:/a\n"
				   "owe exec:y file:/a\n"
				   "planned exec:x refresh\n"
				   "planned exec:y refresh\n"
				   "sync\n"
				   "replace /a\n"
				   "ended done\n"
				   "run x\n"
				   "paid exec:x\n"
				   "sync\n"
				   "ended done\n"
				   "run y\n"
				   "paid exec:y\n"
				   "sync\n"
				   "ended done\n"
				   "sync");
	ck_assert_str_eq(owed(), "");
	teardown();
}
END_TEST

START_TEST(a_ledger_that_cannot_be_written_stops_all)
{
	struct apply_options o = { 0 };

	setup("'file:/a': {}", "");
	book.kill_at = 1;
	o.ledger = book_ledger(&book);
	ck_assert(!apply_plan(&applied, &f.plan, &w->host, &o, &f.diags));
	ck_assert_uint_eq(w->writes, 0);
	ck_assert_uint_eq(f.diags.errors, 1);
	teardown();
}
END_TEST

START_TEST(no_ledger_is_no_hindrance)
{
	struct apply_options o = { 0 };

	setup("'file:/a': {'notify': 'exec:x'}, " ON_NOTICE("x"), "");
	ck_assert(apply_plan(&applied, &f.plan, &w->host, &o, &f.diags));
	ck_assert_uint_eq(applied.counts[VERDICT_DONE], 2);
	teardown();
}
END_TEST

/* --- failures --- */

START_TEST(what_needs_a_failure_is_skipped_and_the_rest_goes_on)
{
	setup("'file:/a': {}, 'file:/b': {'require': 'file:/a'}, 'file:/c': "
	      "{'require': 'file:/b'}, 'file:/d': {}",
	      "");
	w->fault_at = 1;
	apply();
	ck_assert_str_eq(told(),
			 "failed file:/a: write refused (fault injected)\n"
			 "skipped file:/b: it needs file:/a, which failed\n"
			 "skipped file:/c: it needs file:/b, which failed\n"
			 "done file:/d");
	ck_assert_str_eq(fixture_said(&f), "m.json:2:1: file:/a: write "
					   "refused (fault injected)");
	teardown();
}
END_TEST

START_TEST(what_failed_in_the_plan_fails)
{
	run("'file:/no/a': {}, 'file:/b': {'require': 'file:/no/a'}, "
	    "'file:/c': {}",
	    "");
	ck_assert_str_eq(told(),
			 "failed file:/no/a: the folder '/no' does not exist\n"
			 "skipped file:/b: it needs file:/no/a, which failed\n"
			 "done file:/c");
	teardown();
}
END_TEST

static bool refuses(void *context, struct diags *d)
{
	(void)context;
	return diag_error(d, "the ledger is full");
}

/* What cannot be written down is not begun, and is not kept quiet either. */
START_TEST(a_ledger_that_is_full_leaves_all_undone)
{
	struct apply_options o = { .event = event };

	setup("'file:/a': {'notify': 'exec:x'}, 'file:/b': {'noop': "
	      "true}, " ON_NOTICE("x"),
	      "");
	o.ledger = book_ledger(&book);
	o.ledger.sync = refuses;
	ck_assert(!apply_plan(&applied, &f.plan, &w->host, &o, &f.diags));
	ck_assert_str_eq(told(),
			 "left file:/a\nleft file:/b\nleft refresh exec:x");
	ck_assert_uint_eq(applied.counts[VERDICT_LEFT], 3);
	ck_assert_uint_eq(f.diags.errors, 1);
	fixture_check_files(&f, "");
	teardown();
}
END_TEST

START_TEST(what_was_not_done_is_not_owed)
{
	setup("'file:/a': {'notify': 'exec:x'}, " ON_NOTICE("x"), "");
	w->fault_at = 1;
	apply();
	ck_assert_str_eq(owed(), "");
	ck_assert_uint_eq(book_count(&book, "forgive exec:x file:/a"), 1);
	ck_assert_uint_eq(book_count(&book, "run x"), 0);
	teardown();
}
END_TEST

START_TEST(what_was_done_and_failed_stays_owed)
{
	setup("'file:/a': {'content': '1', 'notify': 'exec:x'}, " ON_NOTICE(
		      "x"),
	      "");
	w->fault_at = 1;
	w->fault = FAULT_LATE;
	apply();
	ck_assert_uint_eq(applied.counts[VERDICT_FAILED], 1);
	ck_assert_str_eq(events.v[1], "skipped refresh exec:x: file:/a failed; "
				      "the refresh stays owed");
	ck_assert_str_eq(owed(), "exec:x file:/a");
	teardown();
}
END_TEST

START_TEST(what_cannot_be_made_durable_has_failed_and_is_owed)
{
	setup("'file:/a': {'notify': 'exec:x'}, 'directory:/d': {}, " ON_NOTICE(
		      "x"),
	      "");
	w->commit_fails = true;
	apply();
	ck_assert_str_eq(events.v[0], "failed file:/a: it could not be synced");
	ck_assert_str_eq(owed(), "exec:x file:/a");
	ck_assert_uint_eq(book_count(&book, "run x"), 0);
	teardown();
}
END_TEST

START_TEST(what_an_earlier_run_owes_is_not_forgiven)
{
	setup("'file:/a': {'content': '1', 'notify': 'exec:x'}, " ON_NOTICE(
		      "x"),
	      "");
	w->fault_at = 2; /* the refresh */
	apply();
	ck_assert_str_eq(owed(), "exec:x file:/a");
	end();
	/* the file is to change again; neither that nor the refresh succeeds */
	setup("'file:/a': {'content': '2', 'notify': 'exec:x'}, " ON_NOTICE(
		      "x"),
	      "'/a': {'type': 'file', 'content': '1'}");
	w->fault_at = 1;
	w->fault_lasts = true;
	apply();
	ck_assert_str_eq(owed(), "exec:x file:/a");
	teardown();
}
END_TEST

START_TEST(a_refresh_that_failed_stays_owed_until_it_is_done)
{
	static const char manifest[] =
		"'file:/a': {'notify': 'exec:x'}, " ON_NOTICE("x");
	static const char host[] = "'/a': {'type': 'file', 'content': ''}";

	setup(manifest, "");
	w->fault_at = 2;
	apply();
	ck_assert_str_eq(told(), "done file:/a\nfailed refresh exec:x: write "
				 "refused (fault injected)");
	ck_assert_uint_eq(book_count(&book, "paid exec:x"), 0);
	end();
	for (int i = 0; i < 3; i++) {
		setup(manifest, host);
		w->fault_at = 1;
		apply();
		ck_assert_str_eq(owed(), "exec:x file:/a");
		ck_assert_uint_eq(applied.counts[VERDICT_FAILED], 1);
		end();
	}
	run(manifest, host);
	ck_assert_str_eq(told(), "done refresh exec:x");
	ck_assert_str_eq(owed(), "");
	end();
	run(manifest, host);
	ck_assert_str_eq(told(), "");
	teardown();
}
END_TEST

START_TEST(a_refresh_waits_for_what_it_needs)
{
	setup("'file:/a': {'notify': 'exec:x'}, 'file:/b': {'before': "
	      "'exec:x'}, " ON_NOTICE("x"),
	      "");
	w->fault_at = 2;
	apply();
	ck_assert_str_eq(events.v[2], "skipped refresh exec:x: file:/b "
				      "failed; the refresh stays owed");
	ck_assert_str_eq(owed(), "exec:x file:/a");
	teardown();
}
END_TEST

START_TEST(a_refresh_whose_causes_all_failed_is_not_asked_for)
{
	setup("'exec:one': {'command': ['one'], 'notify': "
	      "'exec:x'}, " ON_NOTICE("x"),
	      "{'files': {}, 'commands': {'one': 1}}");
	apply();
	ck_assert_str_eq(told(), "failed exec:one: 'one' exited with 1\n"
				 "unchanged refresh exec:x");
	ck_assert_str_eq(owed(), "");
	teardown();
}
END_TEST

/* --- parts of a folder --- */

START_TEST(one_part_that_fails_does_not_keep_the_others)
{
	setup("'directory:/d': {'purge': true, 'notify': 'exec:x'}, 'file:/e': "
	      "{'require': 'directory:/d'}, " ON_NOTICE("x"),
	      "'/d/a': {'type': 'file', 'content': ''}, '/d/b': {'type': "
	      "'file', 'content': ''}, '/d/c': {'type': 'file', 'content': "
	      "''}");
	w->fault_at = 2;
	apply();
	ck_assert_uint_eq(applied.done[ACTION_REMOVE], 2);
	ck_assert_uint_eq(applied.counts[VERDICT_FAILED], 1);
	/* what needs the folder needs all of it */
	ck_assert_ptr_nonnull(
		strstr(told(), "skipped file:/e: it needs directory:/d"));
	/* what changed is owed, for the refresh needs the folder too */
	ck_assert_uint_eq(book.durable.n, 2);
	teardown();
}
END_TEST

START_TEST(a_folder_is_not_given_away_before_all_in_it_is)
{
	setup("'directory:/d': {'recurse': true, 'owner': '5'}",
	      "'/d/a': {'type': 'directory'}, '/d/b': {'type': 'directory'}");
	w->fault_at = 1;
	apply();
	ck_assert_str_eq(events.v[0], "failed directory:/d/b: write refused "
				      "(fault injected)");
	ck_assert_str_eq(events.v[1], "done directory:/d/a");
	ck_assert_str_eq(events.v[2], "skipped directory:/d: it needs "
				      "directory:/d/b, which failed");
	teardown();
}
END_TEST

START_TEST(a_mirrored_file_needs_its_mirrored_folder)
{
	setup("'directory:/app': {'source': 'files/app'}", "");
	w->fault_at = 3; /* mkdir /app/etc */
	apply();
	ck_assert_uint_lt(book_find(&book, "mkdir /app/etc", 0), book.log.n);
	ck_assert_ptr_nonnull(strstr(told(), "failed directory:/app/etc"));
	ck_assert_ptr_nonnull(strstr(told(),
				     "skipped file:/app/etc/app.conf: it needs "
				     "directory:/app/etc, which failed"));
	ck_assert_ptr_nonnull(strstr(told(), "done file:/app/bin/run"));
	teardown();
}
END_TEST

/* --- what moved since the plan --- */

static void meddle(const char *path, const char *text)
{
	const struct content c = content_of(text, strlen(text));
	const struct file_write write = { .path = path,
					  .content = &c,
					  .force = true,
					  .perms = { .set = PERM_MODE,
						     .mode = 0644 } };

	ck_assert(host_replace(f.host, &write, &f.diags));
}

START_TEST(what_has_moved_since_the_plan_is_left_alone)
{
	struct node n;

	setup("'file:/a': {'content': 'new'}, 'file:/b': {'ensure': "
	      "'absent'}, 'file:/c': {'content': 'new'}",
	      "'/a': {'type': 'file', 'content': 'old'}, '/b': {'type': "
	      "'file', 'content': ''}");
	meddle("/a", "edited");
	meddle("/c", "made");
	apply();
	ck_assert_str_eq(told(),
			 "failed file:/a: it has changed since it was planned; "
			 "nothing was done to it\n"
			 "done file:/b\n"
			 "failed file:/c: it has changed since it was planned; "
			 "nothing was done to it");
	ck_assert(host_look(f.host, "/a", &n, &f.diags));
	ck_assert_uint_eq(n.size, strlen("edited"));
	teardown();
}
END_TEST

START_TEST(what_has_moved_owes_nothing)
{
	setup("'file:/a': {'content': 'new', 'notify': 'exec:x'}, " ON_NOTICE(
		      "x"),
	      "'/a': {'type': 'file', 'content': 'old'}");
	meddle("/a", "new");
	apply();
	ck_assert_str_eq(owed(), "");
	ck_assert_uint_eq(book_count(&book, "run x"), 0);
	teardown();
}
END_TEST

/* --- commands, after which anything may differ --- */

static const char *command_makes; /* what "make" makes beside its promise */

static bool run_and_make(struct host *h, const struct command *c,
			 const struct strings *makes, struct arena *a,
			 struct outcome *o, struct diags *d)
{
	if (strcmp(c->argv.v[0], "make") == 0)
		meddle(command_makes, "made");
	return watched_run(h, c, makes, a, o, d);
}

static void run_making(const char *path)
{
	static struct host_writes writes;

	writes = watched_writes;
	writes.run = run_and_make;
	w->host.writes = &writes;
	command_makes = path;
	apply();
}

START_TEST(after_a_command_what_is_there_decides)
{
	setup("'exec:make': {'command': ['make']}, 'file:/a': {'content': "
	      "'made'}, 'file:/b': {'content': 'b'}",
	      "");
	run_making("/a");
	ck_assert_str_eq(told(), "done exec:make\nunchanged file:/a\n"
				 "done file:/b");
	teardown();
}
END_TEST

START_TEST(after_a_command_a_change_may_be_another)
{
	setup("'exec:make': {'command': ['make']}, 'file:/a': {'content': 'x'}",
	      "");
	run_making("/a");
	ck_assert_str_eq(told(), "done exec:make\ndone file:/a");
	ck_assert_uint_eq(applied.done[ACTION_CREATE], 0);
	ck_assert_uint_eq(applied.done[ACTION_UPDATE], 2);
	teardown();
}
END_TEST

/* It was to run itself, which would have been its refresh; a command before it
 * did its work. */
START_TEST(what_need_not_run_any_more_is_refreshed_all_the_same)
{
	setup("'exec:make': {'command': ['make']}, 'file:/f': {'notify': "
	      "'exec:x'}, 'exec:x': {'command': ['x'], 'creates': '/y'}",
	      "");
	run_making("/y");
	ck_assert_str_eq(told(), "done exec:make\ndone file:/f\ndone exec:x");
	ck_assert_uint_eq(book_count(&book, "run x"), 1);
	ck_assert_uint_eq(applied.done[ACTION_REFRESH], 1);
	ck_assert_str_eq(owed(), "");
	teardown();
}
END_TEST

START_TEST(what_need_not_run_and_was_not_notified_does_not)
{
	setup("'exec:make': {'command': ['make']}, 'exec:x': {'command': "
	      "['x'], 'creates': '/y'}",
	      "");
	run_making("/y");
	ck_assert_str_eq(told(), "done exec:make\nunchanged exec:x");
	ck_assert_uint_eq(book_count(&book, "run x"), 0);
	teardown();
}
END_TEST

START_TEST(staged_files_are_in_place_before_a_command_runs)
{
	run("'file:/a': {'content': '1'}, 'file:/b': {'content': '2'}, "
	    "'exec:x': {'command': ['x']}",
	    "");
	ck_assert_str_eq(told(), "done file:/a\ndone file:/b\ndone exec:x");
	ck_assert_uint_gt(book_find(&book, "run x", 0),
			  book_find(&book, "ended done", 0));
	teardown();
}
END_TEST

START_TEST(a_promise_that_is_not_kept_is_a_failure)
{
	setup("'exec:x': {'command': ['x'], 'creates': '/y', 'returns': [0, "
	      "1]}",
	      "{'files': {}, 'commands': {'x': 1}}");
	apply();
	ck_assert_uint_eq(applied.counts[VERDICT_FAILED], 1);
	ck_assert_ptr_nonnull(strstr(told(), "it still differs after the "
					     "change"));
	teardown();
}
END_TEST

static bool write_nothing(struct host *h, const struct file_write *write,
			  struct diags *d)
{
	(void)h;
	(void)write;
	(void)d;
	return true;
}

/* What its type says of it hides no names. */
START_TEST(what_still_differs_is_named)
{
	static struct host_writes writes;

	setup("'sysctl:vm.swappiness': {'value': 1}",
	      "'/etc/sysctl.d/99-converge-vm.swappiness.conf': {'type': "
	      "'file', 'content': '', 'mode': '0666'}");
	writes = watched_writes;
	writes.replace = write_nothing;
	w->host.writes = &writes;
	apply();
	ck_assert_str_eq(told(), "failed sysctl:vm.swappiness: it still "
				 "differs after the change: content, mode "
				 "(only its file: no kernel runs this tree)");
	teardown();
}
END_TEST

START_TEST(a_command_is_tried_again)
{
	setup("'exec:x': {'command': ['x'], 'tries': 3}",
	      "{'files': {}, 'commands': {'x': 1}}");
	apply();
	ck_assert_uint_eq(book_count(&book, "run x"), 3);
	ck_assert_str_eq(told(), "failed exec:x: 'x' exited with 1");
	teardown();
}
END_TEST

START_TEST(what_is_owed_late_is_synced_before_the_command)
{
	run("'file:/a': {}, 'exec:x': {'command': ['x'], 'onlyif': ['ask'], "
	    "'require': 'file:/a', 'notify': 'exec:y'}, " ON_NOTICE("y"),
	    "{'files': {}, 'commands': {'ask': 0}}");
	ck_assert_uint_lt(book_find(&book, "owe exec:y exec:x", 0),
			  book_find(&book, "run x", 0));
	ck_assert_uint_lt(book_find(&book, "sync",
				    book_find(&book, "owe exec:y exec:x", 0)),
			  book_find(&book, "run x", 0));
	ck_assert_uint_lt(book_find(&book, "run x", 0),
			  book_find(&book, "run y", 0));
	teardown();
}
END_TEST

START_TEST(what_stays_unknown_fails)
{
	run("'exec:x': {'command': ['x'], 'onlyif': ['ask']}", "");
	ck_assert_str_eq(told(), "failed exec:x: it cannot be known: its guard "
				 "'ask': a recorded host runs nothing");
	ck_assert_uint_eq(w->writes, 0);
	teardown();
}
END_TEST

/* --- withheld, stopped --- */

START_TEST(what_is_withheld_is_not_made)
{
	run("'file:/a': {'noop': true, 'notify': 'exec:x'}, 'file:/b': "
	    "{'require': 'file:/a'}, " ON_NOTICE("x"),
	    "");
	ck_assert_str_eq(told(), "withheld file:/a: noop\n"
				 "withheld file:/b: it waits for file:/a");
	ck_assert_uint_eq(w->writes, 0);
	ck_assert_str_eq(owed(), "");
	teardown();
}
END_TEST

START_TEST(a_withheld_refresh_stays_owed)
{
	run("{'version': 1, 'policy': {'max_disruption': 'none'}, "
	    "'resources': {'file:/a': {'notify': 'exec:x'}, 'exec:x': "
	    "{'command': ['x'], 'refreshonly': true, 'disruption': "
	    "'restart'}}}",
	    "");
	ck_assert_str_eq(told(),
			 "done file:/a\n"
			 "withheld refresh exec:x: its disruption is restart, "
			 "and none is allowed");
	ck_assert_str_eq(owed(), "exec:x file:/a");
	teardown();
}
END_TEST

START_TEST(a_run_that_is_stopped_leaves_the_rest)
{
	setup("'directory:/a': {'notify': 'exec:x'}, 'file:/b': {'notify': "
	      "'exec:y'}, " ON_NOTICE("x") "," ON_NOTICE("y"),
	      "");
	stop_after = 2;
	apply();
	ck_assert(applied.stopped);
	ck_assert_str_eq(told(), "done directory:/a\nleft file:/b\n"
				 "left refresh exec:x\nleft refresh exec:y");
	ck_assert_str_eq(owed(), "exec:x directory:/a");
	ck_assert_uint_eq(applied.counts[VERDICT_LEFT], 3);
	teardown();
}
END_TEST

START_TEST(what_was_staged_when_it_stopped_is_finished)
{
	setup("'file:/a': {'content': '1'}, 'file:/b': {}", "");
	stop_after = 2;
	apply();
	ck_assert_str_eq(told(), "done file:/a\nleft file:/b");
	ck_assert_uint_eq(book_count(&book, "replace /a"), 1);
	ck_assert_uint_eq(book_count(&book, "replace /b"), 0);
	teardown();
}
END_TEST

START_TEST(verdicts_have_names)
{
	ck_assert_str_eq(verdict_name(VERDICT_NONE), "none");
	ck_assert_str_eq(verdict_name(VERDICT_STAGED), "staged");
	ck_assert_str_eq(verdict_name(VERDICT_DONE), "done");
	ck_assert_str_eq(verdict_name(VERDICT_LEFT), "left");
}
END_TEST

TEST_SUITE("apply", nothing_is_written_for_nothing, changes_are_made_in_order,
	   what_is_owed_is_on_disk_before_the_first_write,
	   a_ledger_that_cannot_be_written_stops_all, no_ledger_is_no_hindrance,
	   what_needs_a_failure_is_skipped_and_the_rest_goes_on,
	   what_failed_in_the_plan_fails,
	   a_ledger_that_is_full_leaves_all_undone,
	   what_was_not_done_is_not_owed, what_was_done_and_failed_stays_owed,
	   what_cannot_be_made_durable_has_failed_and_is_owed,
	   what_an_earlier_run_owes_is_not_forgiven,
	   a_refresh_that_failed_stays_owed_until_it_is_done,
	   a_refresh_waits_for_what_it_needs,
	   a_refresh_whose_causes_all_failed_is_not_asked_for,
	   one_part_that_fails_does_not_keep_the_others,
	   a_folder_is_not_given_away_before_all_in_it_is,
	   a_mirrored_file_needs_its_mirrored_folder,
	   what_has_moved_since_the_plan_is_left_alone,
	   what_has_moved_owes_nothing, after_a_command_what_is_there_decides,
	   after_a_command_a_change_may_be_another,
	   what_need_not_run_any_more_is_refreshed_all_the_same,
	   what_need_not_run_and_was_not_notified_does_not,
	   staged_files_are_in_place_before_a_command_runs,
	   a_promise_that_is_not_kept_is_a_failure, what_still_differs_is_named,
	   a_command_is_tried_again,
	   what_is_owed_late_is_synced_before_the_command,
	   what_stays_unknown_fails, what_is_withheld_is_not_made,
	   a_withheld_refresh_stays_owed, a_run_that_is_stopped_leaves_the_rest,
	   what_was_staged_when_it_stopped_is_finished, verdicts_have_names)
