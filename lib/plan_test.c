/* SPDX-License-Identifier: MIT */
#include "lib/plan.h"

#include "lib/fixture_test.h"

static struct fixture f;

#define ON_NOTICE(name) \
	"'exec:" name "': {'command': ['" name "'], 'refreshonly': true}"

/* The plan of a manifest on a host, as lines. */
static const char *planned(const char *manifest, const char *host)
{
	fixture_begin(&f, manifest, host);
	fixture_plan(&f, NULL);
	return fixture_shown(&f);
}

static const char *planned_with(const char *manifest, const char *host,
				struct plan_options *o)
{
	fixture_begin(&f, manifest, host);
	fixture_plan(&f, o);
	return fixture_shown(&f);
}

#define PLANS(manifest, host, lines)                              \
	do {                                                      \
		ck_assert_str_eq(planned(manifest, host), lines); \
		fixture_release(&f);                              \
	} while (0)

static struct strings words(struct arena *a, const char *text)
{
	struct strings s = { 0 };

	for (size_t n; *text; text += n + (text[n] == ' ')) {
		n = strcspn(text, " ");
		strings_add(&s, a, arena_strndup(a, text, n));
	}
	return s;
}

/* With --only and --tags. */
static const char *chosen(const char *manifest, const char *only,
			  const char *tags)
{
	static struct arena a;
	struct plan_options o = { .max_disruption = -1 };
	const char *shown;

	arena_release(&a);
	o.only = words(&a, only);
	o.tags = words(&a, tags);
	shown = planned_with(manifest, "", &o);
	shown = arena_strdup(&a, shown);
	fixture_release(&f);
	return shown;
}

/* --- actions --- */

START_TEST(there_is_nothing_to_do)
{
	ck_assert_str_eq(planned("'file:/a': {'content': 'x'}",
				 "'/a': {'type': 'file', 'content': 'x'}"),
			 "");
	ck_assert_uint_eq(f.plan.unchanged, 1);
	ck_assert_uint_eq(f.plan.looked_at, 1);
	ck_assert(!f.plan.failed);
	fixture_release(&f);
}
END_TEST

START_TEST(create_update_and_remove)
{
	PLANS("'file:/a': {}, 'file:/b': {'content': 'n', 'mode': '0600'}, "
	      "'file:/c': {'ensure': 'absent'}",
	      "'/b': {'type': 'file', 'content': 'o'}, '/c': {'type': 'file', "
	      "'content': ''}",
	      "+ file:/a\n~ file:/b content mode\n- file:/c");
}
END_TEST

START_TEST(another_type_is_an_update)
{
	PLANS("'file:/a': {}, 'directory:/d': {'force': true}",
	      "'/a': {'type': 'link', 'target': 'x'}, '/d': {'type': 'file', "
	      "'content': ''}",
	      "~ file:/a type\n~ directory:/d type");
}
END_TEST

/* Each step is planned on what the steps before it will have done. */
START_TEST(a_plan_sees_its_own_changes)
{
	PLANS("'directory:/a': {}, 'directory:/a/b': {}, 'file:/a/b/c': {}, "
	      "'link:/l': {'target': '/a/b'}, 'exec:x': {'command': ['x'], "
	      "'creates': '/a/b/c', 'require': 'file:/a/b/c'}",
	      "", "+ directory:/a\n+ directory:/a/b\n+ file:/a/b/c\n+ link:/l");
}
END_TEST

START_TEST(a_plan_writes_nothing)
{
	json_t *before, *after;

	fixture_begin(&f,
		      "'file:/a': {'content': '1'}, 'directory:/d': {'ensure': "
		      "'absent', 'force': true}, 'exec:x': {'command': ['x'], "
		      "'creates': '/y'}",
		      "'/d/e': {'type': 'file', 'content': 'x'}");
	before = host_snapshot_json(f.host);
	fixture_plan(&f, NULL);
	ck_assert_uint_eq(f.plan.n, 3);
	after = host_snapshot_json(f.host);
	ck_assert(json_equal(before, after));
	json_decref(before);
	json_decref(after);
	fixture_release(&f);
}
END_TEST

/* --- failures --- */

START_TEST(what_cannot_be_changed_has_failed)
{
	ck_assert_str_eq(planned("'file:/no/where': {}", ""),
			 "x file:/no/where (the folder '/no' does not exist)");
	ck_assert(f.plan.failed);
	ck_assert_str_eq(fixture_said(&f),
			 "m.json:2:1: file:/no/where: the folder '/no' does "
			 "not exist");
	fixture_release(&f);
}
END_TEST

START_TEST(what_needs_it_is_skipped_and_says_why)
{
	PLANS("'file:/no/where': {}, 'file:/b': {'require': "
	      "'file:/no/where'}, 'file:/c': {'require': 'file:/b'}, "
	      "'file:/d': {}",
	      "",
	      "x file:/no/where (the folder '/no' does not exist)\n"
	      "s file:/b (file:/no/where)\n"
	      "s file:/c (file:/b)\n"
	      "+ file:/d");
}
END_TEST

START_TEST(an_owner_that_is_not_there)
{
	PLANS("'file:/a': {'owner': 'nobody-here'}, 'file:/b': {'group': "
	      "'none'}",
	      "",
	      "x file:/a (there is no user 'nobody-here' on this host)\n"
	      "x file:/b (there is no group 'none' on this host)");
}
END_TEST

START_TEST(only_force_takes_things_away)
{
	PLANS("'file:/a': {}, 'directory:/b': {}, 'link:/c': {'target': 'x'},"
	      "'directory:/d': {'ensure': 'absent'}",
	      "'/a/x': {'type': 'file', 'content': ''}, '/b': {'type': 'FIFO'},"
	      "'/c': {'type': 'file', 'content': ''}, '/d/x': {'type': 'file',"
	      "'content': ''}",
	      "x file:/a ('/a' is a directory; it is replaced only with "
	      "'force')\n"
	      "x directory:/b ('/b' is a FIFO; it is replaced only with "
	      "'force')\n"
	      "x link:/c ('/c' is a file; it is replaced or removed only with "
	      "'force')\n"
	      "x directory:/d ('/d' is not empty; it is removed only with "
	      "'force')");
}
END_TEST

/* --- what cannot be known --- */

START_TEST(what_a_command_makes_is_unknown)
{
	PLANS("'exec:x': {'command': ['x'], 'creates': '/y'}, 'file:/y': "
	      "{'content': 'z', 'require': 'exec:x'}, 'link:/l': {'target': "
	      "'x', 'require': 'exec:x'}",
	      "",
	      "~ exec:x done (/y is missing)\n"
	      "? file:/y (made by a command that has not run)\n"
	      "+ link:/l");
}
END_TEST

START_TEST(a_guard_is_not_asked_before_what_it_needs_has_changed)
{
	PLANS("'file:/a': {}, 'exec:x': {'command': ['x'], 'onlyif': ['ask'], "
	      "'require': 'file:/a'}",
	      "{'files': {}, 'commands': {'ask': 1}}",
	      "+ file:/a\n"
	      "? exec:x (its guards until file:/a has changed)");
	PLANS("'file:/a': {}, 'file:/b': {'require': 'file:/a'}, 'exec:x': "
	      "{'command': ['x'], 'unless': ['ask'], 'require': 'file:/b'}",
	      "{'files': {'/b': {'type': 'file', 'content': ''}}, 'commands': "
	      "{'ask': 0}}",
	      "+ file:/a\n"
	      "? exec:x (its guards until file:/a has changed)");
	PLANS("'file:/a': {}, 'exec:x': {'command': ['x'], 'onlyif': ['ask'], "
	      "'require': 'file:/a'}",
	      "{'files': {'/a': {'type': 'file', 'content': ''}}, 'commands': "
	      "{'ask': 1}}",
	      "");
}
END_TEST

START_TEST(what_is_withheld_keeps_no_guard_from_being_asked)
{
	PLANS("'file:/a': {'noop': true}, 'file:/b': {'before': 'exec:x'}, "
	      "'exec:x': {'command': ['x'], 'unless': ['ask']}",
	      "{'files': {'/b': {'type': 'file', 'content': ''}}, 'commands': "
	      "{'ask': 0}}",
	      "= file:/a (withheld: noop)");
}
END_TEST

START_TEST(a_guard_that_has_no_answer_makes_it_unknown)
{
	PLANS("'exec:x': {'command': ['x'], 'onlyif': ['ask', 'me']}", "",
	      "? exec:x (its guard 'ask': a recorded host runs nothing)");
}
END_TEST

START_TEST(guards_of_a_refresh_are_asked_when_it_is_due)
{
	PLANS("'file:/a': {'notify': 'exec:x'}, 'exec:x': {'command': ['x'], "
	      "'refreshonly': true, 'onlyif': ['ask']}",
	      "",
	      "+ file:/a\n? exec:x (because file:/a changes, if its guards "
	      "ask for it)");
}
END_TEST

START_TEST(codes_other_than_0_can_be_planned)
{
	PLANS("'exec:x': {'command': ['x'], 'returns': [2, 3], 'tries': 3}", "",
	      "~ exec:x done");
}
END_TEST

START_TEST(content_that_is_not_recorded_is_unknown)
{
	PLANS("'file:/a': {'content': 'four'}, 'file:/b': {'content': 'x'}",
	      "'/a': {'type': 'file', 'size': 4}, '/b': {'type': 'file', "
	      "'size': 4}",
	      "? file:/a (its content is not known)\n~ file:/b content");
}
END_TEST

START_TEST(what_needs_the_unknown_is_planned_all_the_same)
{
	PLANS("'exec:x': {'command': ['x'], 'onlyif': ['ask']}, 'file:/a': "
	      "{'require': 'exec:x'}",
	      "",
	      "? exec:x (its guard 'ask': a recorded host runs nothing)\n"
	      "+ file:/a");
}
END_TEST

/* --- refreshes --- */

START_TEST(two_notifiers_are_one_refresh)
{
	const struct change *c;

	ck_assert_str_eq(planned("'file:/a': {'notify': 'exec:x'}, 'file:/b': "
				 "{'notify': 'exec:x'}, 'file:/c': {'notify': "
				 "'exec:x'}, " ON_NOTICE("x"),
				 "'/b': {'type': 'file', 'content': ''}"),
			 "+ file:/a\n+ file:/c\n"
			 "! exec:x (because file:/a and 1 more change)");
	c = fixture_change(&f, "exec:x", true);
	ck_assert_uint_eq(c->ncauses, 2);
	ck_assert_str_eq(c->causes[1]->res->id, "file:/c");
	ck_assert(!c->undoable);
	ck_assert(!c->owed);
	fixture_release(&f);
}
END_TEST

START_TEST(notify_and_subscribe_are_one_cause)
{
	PLANS("'file:/a': {'notify': 'exec:x'}, 'exec:x': {'command': ['x'], "
	      "'refreshonly': true, 'subscribe': 'file:/a'}",
	      "", "+ file:/a\n! exec:x (because file:/a changes)");
}
END_TEST

START_TEST(what_runs_itself_is_not_refreshed)
{
	PLANS("'file:/a': {'notify': 'exec:x'}, 'exec:x': {'command': ['x'], "
	      "'creates': '/y'}",
	      "", "+ file:/a\n~ exec:x done (/y is missing)");
}
END_TEST

/* It was made when all that it is to see had changed, but a refresh. */
START_TEST(what_runs_itself_is_refreshed_for_a_refresh)
{
	PLANS("'file:/a': {'notify': ['exec:x', 'exec:y']}, "
	      "'exec:x': {'command': ['x'], 'onlyif': ['ask'], 'refreshonly': "
	      "true, 'notify': 'exec:y'}, 'exec:y': {'command': ['y'], "
	      "'creates': '/y'}",
	      "",
	      "+ file:/a\n~ exec:y done (/y is missing)\n"
	      "? exec:x (because file:/a changes, if its guards ask for it)\n"
	      "? exec:y (whether exec:x is refreshed)");
}
END_TEST

START_TEST(a_file_has_nothing_to_refresh)
{
	PLANS("'file:/a': {'notify': 'file:/b'}, 'file:/b': {}",
	      "'/b': {'type': 'file', 'content': ''}", "+ file:/a");
}
END_TEST

START_TEST(a_refresh_may_be_unknown)
{
	PLANS("'exec:x': {'command': ['x'], 'onlyif': ['ask'], 'notify': "
	      "'exec:y'}, " ON_NOTICE("y"),
	      "",
	      "? exec:x (its guard 'ask': a recorded host runs nothing)\n"
	      "? exec:y (whether exec:x changes)");
}
END_TEST

START_TEST(one_sure_cause_is_enough)
{
	PLANS("'exec:x': {'command': ['x'], 'onlyif': ['ask'], 'notify': "
	      "'exec:y'}, 'file:/a': {'notify': 'exec:y'}, " ON_NOTICE("y"),
	      "",
	      "? exec:x (its guard 'ask': a recorded host runs nothing)\n"
	      "+ file:/a\n"
	      "! exec:y (because exec:x and 1 more change)");
}
END_TEST

START_TEST(what_is_withheld_or_failed_refreshes_nobody)
{
	PLANS("'file:/a': {'noop': true, 'notify': 'exec:x'}, 'file:/b': "
	      "{'notify': 'exec:y', 'ensure': 'absent'}, "
	      "'file:/no/c': {}, " ON_NOTICE("x") "," ON_NOTICE("y"),
	      "",
	      "= file:/a (withheld: noop)\n"
	      "x file:/no/c (the folder '/no' does not exist)");
}
END_TEST

START_TEST(parts_refresh_even_when_others_fail)
{
	const struct change *c;

	ck_assert_str_eq(
		planned("'directory:/d': {'recurse': true, 'file_mode': "
			"'0600', 'notify': 'exec:x'}, " ON_NOTICE("x"),
			"'/d/a': {'type': 'file', 'content': ''}, '/d/b': "
			"{'type': 'file', 'content': ''}"),
		"~ file:/d/a mode\n~ file:/d/b mode\n"
		"! exec:x (because file:/d/a and 1 more change)");
	c = fixture_change(&f, "exec:x", true);
	ck_assert_uint_eq(c->ncauses, 2);
	fixture_release(&f);
}
END_TEST

START_TEST(what_is_owed_is_refreshed)
{
	static const struct owed owed[] = {
		{ .target = "exec:x", .since = "run 12", .ours = true },
		{ .target = "exec:theirs", .since = "run 13" }
	};
	struct plan_options o = { .owed = owed,
				  .nowed = 2,
				  .max_disruption = -1 };
	const struct change *c;

	ck_assert_str_eq(planned_with(ON_NOTICE("x"), "", &o),
			 "! exec:x (owed since run 12)");
	c = fixture_change(&f, "exec:x", true);
	ck_assert_str_eq(c->owed, "run 12");
	ck_assert_uint_eq(c->ncauses, 0);
	fixture_release(&f);
	ck_assert_str_eq(
		planned_with("'file:/a': {'notify': 'exec:x'}, " ON_NOTICE("x"),
			     "", &o),
		"+ file:/a\n! exec:x (because file:/a changes; owed "
		"since run 12)");
	fixture_release(&f);
	ck_assert_str_eq(planned_with("'exec:x': {'command': ['x'], "
				      "'creates': '/y'}",
				      "", &o),
			 "~ exec:x done (/y is missing)");
	fixture_release(&f);
}
END_TEST

START_TEST(an_owed_refresh_of_what_failed_is_skipped)
{
	static const struct owed owed[] = {
		{ .target = "exec:x", .since = "run 12", .ours = true }
	};
	struct plan_options o = { .owed = owed,
				  .nowed = 1,
				  .max_disruption = -1 };
	const struct change *c;

	planned_with("'file:/no/a': {'before': 'exec:x'}, " ON_NOTICE("x"), "",
		     &o);
	c = fixture_change(&f, "exec:x", true);
	ck_assert_ptr_nonnull(c);
	ck_assert_ptr_nonnull(c->skipped);
	fixture_release(&f);
}
END_TEST

START_TEST(refreshes_stand_last)
{
	PLANS("'file:/a': {'notify': 'exec:x'}, 'exec:x': {'command': ['x'], "
	      "'refreshonly': true, 'before': 'file:/b'}, 'file:/b': {}",
	      "", "+ file:/a\n+ file:/b\n! exec:x (because file:/a changes)");
}
END_TEST

/* --- policies --- */

START_TEST(noop_is_withheld_and_what_needs_it_waits)
{
	PLANS("'file:/a': {'noop': true}, 'file:/b': {'require': 'file:/a'}, "
	      "'file:/c': {'require': 'file:/b'}, 'file:/d': {'require': "
	      "'file:/a'}",
	      "'/d': {'type': 'file', 'content': ''}",
	      "= file:/a (withheld: noop)\n"
	      "= file:/b (withheld: it waits for file:/a)\n"
	      "= file:/c (withheld: it waits for file:/b)");
}
END_TEST

START_TEST(noop_holds_for_what_a_directory_stands_for)
{
	PLANS("'directory:/d': {'purge': true, 'noop': true}, 'file:/x': "
	      "{'require': 'directory:/d'}",
	      "'/d/a': {'type': 'file', 'content': ''}",
	      "= file:/d/a (withheld: noop)\n"
	      "= file:/x (withheld: it waits for directory:/d)");
}
END_TEST

START_TEST(disruption_is_limited)
{
	static const char manifest[] =
		"{'version': 1, 'policy': {'max_disruption': 'reload'}, "
		"'resources': {'file:/a': {}, 'file:/b': {'disruption': "
		"'reload'}, 'file:/c': {'disruption': 'restart'}, 'file:/d': "
		"{'require': 'file:/c'}}}";
	struct plan_options o = { .max_disruption = DISRUPTION_NONE };

	PLANS(manifest, "",
	      "+ file:/a\n+ file:/b\n"
	      "= file:/c (withheld: its disruption is restart, and reload is "
	      "allowed)\n"
	      "= file:/d (withheld: it waits for file:/c)");
	ck_assert_str_eq(
		planned_with(manifest, "", &o),
		"+ file:/a\n"
		"= file:/b (withheld: its disruption is reload, and none is "
		"allowed)\n"
		"= file:/c (withheld: its disruption is restart, and none is "
		"allowed)\n"
		"= file:/d (withheld: it waits for file:/c)");
	fixture_release(&f);
	o.max_disruption = DISRUPTION_DATA;
	planned_with(manifest, "", &o);
	ck_assert_ptr_nonnull(fixture_change(&f, "file:/c", false)->withheld);
	fixture_release(&f);
}
END_TEST

START_TEST(a_refresh_has_a_disruption_too)
{
	PLANS("{'version': 1, 'policy': {'max_disruption': 'none'}, "
	      "'resources': {'file:/a': {'notify': 'exec:x'}, 'exec:x': "
	      "{'command': ['x'], 'refreshonly': true, 'disruption': "
	      "'restart'}}}",
	      "",
	      "+ file:/a\n"
	      "= exec:x (withheld: its disruption is restart, and none is "
	      "allowed)");
}
END_TEST

START_TEST(parts_disturb_as_their_folder_does)
{
	PLANS("{'version': 1, 'policy': {'max_disruption': 'none'}, "
	      "'resources': {'directory:/d': {'purge': true, 'disruption': "
	      "'data'}}}",
	      "'/d/a': {'type': 'file', 'content': ''}",
	      "= file:/d/a (withheld: its disruption is data, and none is "
	      "allowed)");
}
END_TEST

/* A folder of n files, all to be purged. */
static const char *full(struct buf *b, size_t n)
{
	buf_clear(b);
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s'/d/%zu': {'type': 'file', 'content': ''}",
			   i ? "," : "", i);
	return buf_text(b);
}

static size_t count_withheld(void)
{
	size_t n = 0;

	for (size_t i = 0; i < f.plan.n; i++)
		n += f.plan.v[i]->withheld != NULL;
	return n;
}

START_TEST(fifty_removals_are_in_the_budget)
{
	AUTO_BUF struct buf b = { 0 };

	planned("'directory:/d': {'purge': true}", full(&b, 50));
	ck_assert_uint_eq(f.plan.n, 50);
	ck_assert_uint_eq(count_withheld(), 0);
	ck_assert_ptr_null(f.plan.removals);
	fixture_release(&f);
}
END_TEST

START_TEST(over_the_budget_nothing_is_removed)
{
	AUTO_BUF struct buf b = { 0 };

	planned("'directory:/d': {'purge': true}, 'file:/x': {}", full(&b, 51));
	ck_assert_uint_eq(f.plan.n, 52);
	ck_assert_uint_eq(count_withheld(), 51);
	ck_assert_str_eq(f.plan.removals,
			 "51 removals are over the budget of 50");
	ck_assert_str_eq(fixture_change(&f, "file:/d/0", false)->withheld,
			 f.plan.removals);
	ck_assert_ptr_null(fixture_change(&f, "file:/x", false)->withheld);
	ck_assert_uint_eq(f.diags.n, 0);
	fixture_release(&f);
}
END_TEST

START_TEST(what_is_never_removed_costs_no_budget)
{
	AUTO_BUF struct buf b = { 0 };

	full(&b, 60);
	buf_puts(&b, ", '/x': {'type': 'file', 'content': ''}");
	planned("'directory:/d': {'purge': true, 'noop': true}, 'file:/x': "
		"{'ensure': 'absent'}",
		b.text);
	ck_assert_ptr_null(f.plan.removals);
	ck_assert_ptr_null(fixture_change(&f, "file:/x", false)->withheld);
	ck_assert_uint_eq(count_withheld(), 60);
	fixture_release(&f);
}
END_TEST

START_TEST(the_budget_may_be_a_count_or_a_share)
{
	static const char *const budgets[] = { "3", "'75%'" };
	static const char *const small[] = { "2", "'74%'", "0", "'0%'" };
	AUTO_BUF struct buf b = { 0 };
	AUTO_BUF struct buf m = { 0 };

	for (size_t i = 0; i < COUNT(budgets) + COUNT(small); i++) {
		bool fits = i < COUNT(budgets);

		buf_clear(&m);
		buf_printf(&m,
			   "{'version': 1, 'policy': {'max_removals': %s}, "
			   "'resources': {'directory:/d': {'purge': true}}}",
			   fits ? budgets[i] : small[i - COUNT(budgets)]);
		planned(m.text, full(&b, 3));
		ck_assert_uint_eq(f.plan.looked_at, 4);
		ck_assert_msg(count_withheld() == (fits ? 0 : 3), "%s", m.text);
		fixture_release(&f);
	}
}
END_TEST

START_TEST(what_waits_for_a_removal_over_the_budget)
{
	PLANS("{'version': 1, 'policy': {'max_removals': 0}, 'resources': "
	      "{'file:/a': {'ensure': 'absent', 'notify': 'exec:x'}, "
	      "'file:/b': {'require': 'file:/a'}, " ON_NOTICE("x") "}}",
	      "'/a': {'type': 'file', 'content': ''}",
	      "= file:/a (withheld: 1 removal is over the budget of 0)\n"
	      "= file:/b (withheld: it waits for file:/a)");
}
END_TEST

/* --- what is chosen --- */

static const char some[] =
	"'file:/a': {'tags': 'red'}, 'file:/b': {'tags': ['blue', 'red'], "
	"'require': 'directory:/need'}, 'directory:/need': {}, 'file:/need/x': "
	"{'tags': 'green'}, 'file:/c': {'notify': 'exec:x'}, " ON_NOTICE("x");

START_TEST(only_picks_a_resource_and_what_it_needs)
{
	ck_assert_str_eq(chosen(some, "file:/a", ""), "+ file:/a");
	ck_assert_str_eq(chosen(some, "file:/b", ""),
			 "+ directory:/need\n+ file:/b");
	ck_assert_str_eq(chosen(some, "file:/need/x file:/a", ""),
			 "+ file:/a\n+ directory:/need\n+ file:/need/x");
}
END_TEST

START_TEST(what_comes_after_is_not_picked)
{
	ck_assert_str_eq(chosen(some, "directory:/need", ""),
			 "+ directory:/need");
	ck_assert_str_eq(chosen(some, "file:/c", ""), "+ file:/c");
	ck_assert_str_eq(chosen(some, "exec:x", ""),
			 "+ file:/c\n! exec:x (because file:/c changes)");
}
END_TEST

START_TEST(tags_pick_too)
{
	ck_assert_str_eq(chosen(some, "", "red"),
			 "+ file:/a\n+ directory:/need\n+ file:/b");
	ck_assert_str_eq(chosen(some, "", "blue green"),
			 "+ directory:/need\n+ file:/b\n+ file:/need/x");
	ck_assert_str_eq(chosen(some, "file:/a", "green"),
			 "+ file:/a\n+ directory:/need\n+ file:/need/x");
	ck_assert_str_eq(chosen(some, "", "nothing"), "");
}
END_TEST

START_TEST(only_knows_its_resources)
{
	struct arena a = { 0 };
	struct plan_options o = { .max_disruption = -1 };

	o.only = words(&a, "file:/a nothing file:/z");
	fixture_begin(&f, some, "");
	ck_assert(!plan_build(&f.plan, &f.graph, f.host, &o, &f.diags));
	ck_assert_uint_eq(f.diags.errors, 2);
	ck_assert_str_eq(f.diags.v[0].text,
			 "--only names 'nothing', which is not there");
	ck_assert_uint_eq(f.plan.n, 0);
	fixture_release(&f);
	arena_release(&a);
}
END_TEST

/* --- what a directory stands for --- */

START_TEST(purge_lists_one_by_one)
{
	PLANS("'directory:/d': {'purge': true}, 'file:/d/keep': {}",
	      "'/d/keep': {'type': 'file', 'content': ''}, '/d/a/b/c': "
	      "{'type': 'file', 'content': ''}, '/d/l': {'type': 'link', "
	      "'target': '/etc'}, '/etc/x': {'type': 'file', 'content': ''}",
	      "- file:/d/a/b/c\n- directory:/d/a/b\n- file:/d/l\n"
	      "- directory:/d/a");
}
END_TEST

/* By whatever links its path leads there: of the host, of the manifest, of the
 * manifest's by way of each other. */
START_TEST(purge_spares_what_is_managed_by_another_path)
{
	PLANS("'directory:/d': {'purge': true}, 'file:/l/a': {'mode': '0644'}",
	      "'/l': {'type': 'link', 'target': 'd'}, '/d/a': {'type': 'file', "
	      "'content': ''}, '/d/b': {'type': 'file', 'content': ''}",
	      "- file:/d/b");
	PLANS("'directory:/d': {'purge': true}, 'link:/l': {'target': '/d'}, "
	      "'file:/l/a': {'mode': '0644'}",
	      "'/d/a': {'type': 'file', 'content': ''}", "+ link:/l");
	PLANS("'directory:/d': {'purge': true}, 'link:/l': {'target': '/k'}, "
	      "'link:/k': {'target': './/y'}, 'link:/l/m': {'target': "
	      "'../d'}, 'file:/l/m/a': {'mode': '0644'}, 'directory:/y': {}",
	      "'/d/a': {'type': 'file', 'content': ''}",
	      "+ directory:/y\n+ link:/k\n+ link:/l\n+ link:/l/m");
	/* a loop leads nowhere, and that is said */
	PLANS("'directory:/d': {'purge': true}, 'link:/d/l': {'target': 'l'}, "
	      "'file:/d/l/a': {'ensure': 'absent'}",
	      "'/d/l': {'type': 'link', 'target': 'l'}",
	      "x file:/d/l/a ('/d/l' leads through more than 8 links)");
}
END_TEST

#define LED "'/l': {'type': 'link', 'target': 'd'}"
#define TWICE(path) "('" path "' is managed twice: also by "
#define LED_TWICE(path, at) \
	"('" path "' leads to '" at "', which is managed twice: also by "

/* Whatever comes before: on no run is either changed. */
START_TEST(what_two_manage_by_a_link_is_left_alone)
{
	PLANS("'file:/l/x': {'content': 'a'},\n'file:/d/x': {'content': 'b'},"
	      "\n'file:/d/y': {}",
	      LED ", '/d': {'type': 'directory'}",
	      "x file:/l/x " LED_TWICE(
		      "/l/x",
		      "/d/x") "'file:/d/x' at "
			      "m.json:3:1)\n"
			      "x file:/d/x " TWICE(
				      "/d/x") "'file:/l/x' at m.json:2:1)\n"
					      "+ file:/d/y");
	/* nor by what comes after a command, which could mend it */
	PLANS("'exec:c': {'command': ['c']},\n'file:/l/x': {'require': "
	      "'exec:c'},\n'file:/d/x': {'require': 'exec:c'}",
	      LED,
	      "~ exec:c done\n"
	      "x file:/l/x " LED_TWICE(
		      "/l/x",
		      "/d/x") "'file:/d/x' at "
			      "m.json:4:1)\n"
			      "x file:/d/x " TWICE(
				      "/d/x") "'file:/l/x' at m.json:3:1)");
	/* a folder, and all that it stands for */
	PLANS("'directory:/l/x': {'purge': true},\n'directory:/d/x': {}",
	      LED ", '/d/x/y': {'type': 'file', 'content': ''}",
	      "x directory:/l/x " LED_TWICE(
		      "/l/x", "/d/x") "'directory:/d/x' "
				      "at m.json:3:1)\n"
				      "x directory:/d/x " TWICE(
					      "/d/x") "'directory:/l/x' at "
						      "m.json:2:1)");
	PLANS("'line:x': {'path': '/d/x', 'line': 'x'},\n'file:/l/x': "
	      "{'content': 'y'}",
	      LED ", '/d/x': {'type': 'file', 'content': 'x'}",
	      "x line:x " TWICE("/d/x") "'file:/l/x' at m.json:3:1)\n"
					"x file:/l/x " LED_TWICE(
						"/l/x", "/d/x") "'line:x' at "
								"m.json:2:1)");
	PLANS("'line:x': {'path': '/d/x', 'line': 'x'}, 'line:y': {'path': "
	      "'/l/x', 'line': 'y'}",
	      LED ", '/d/x': {'type': 'file', 'content': 'x\\ny\\n'}", "");
}
END_TEST

/* A link on the way of what is managed is no stray either. */
START_TEST(purge_spares_links_that_lead_to_what_is_managed)
{
	PLANS("'directory:/d': {'purge': true}, 'file:/k/l/a': {}",
	      "'/k': {'type': 'link', 'target': 'd'}, '/d/l': {'type': 'link', "
	      "'target': '/e'}, '/d/m': {'type': 'link', 'target': '/e'}, "
	      "'/e/a': {'type': 'file', 'content': ''}",
	      "- file:/d/m");
}
END_TEST

START_TEST(purge_spares_what_commands_create)
{
	PLANS("'directory:/d': {'purge': true}, 'exec:x': {'command': ['x'], "
	      "'creates': ['/d/a', '/d/b/c']}",
	      "'/d/a': {'type': 'file', 'content': ''}, '/d/b/c': {'type': "
	      "'file', 'content': ''}, '/d/b/d': {'type': 'file', 'content': "
	      "''}, '/d/e': {'type': 'file', 'content': ''}",
	      "- file:/d/e");
}
END_TEST

START_TEST(the_nearer_of_two_that_recurse_counts)
{
	PLANS("'directory:/d': {'recurse': true, 'file_mode': '0600'}, "
	      "'directory:/d/e': {'recurse': true, 'file_mode': '0640'}, "
	      "'directory:/d/f': {}",
	      "'/d/e/a': {'type': 'file', 'content': ''}, '/d/e/g/a': {'type': "
	      "'file', 'content': '', 'mode': '0640'}, '/d/f/a': {'type': "
	      "'file', 'content': ''}",
	      "~ file:/d/f/a mode\n~ file:/d/e/a mode");
	/* but not for what is no part of it */
	PLANS("'directory:/d': {'recurse': true, 'purge': true}, "
	      "'directory:/d/e': {'recurse': true}",
	      "'/d/e/a': {'type': 'file', 'content': ''}", "- file:/d/e/a");
}
END_TEST

START_TEST(a_link_comes_after_its_target)
{
	PLANS("'file:/a/l/f': {}, 'link:/a/l': {'target': './/../a/d'}, "
	      "'directory:/a/d': {}, 'directory:/a': {}",
	      "",
	      "+ directory:/a\n+ directory:/a/d\n+ link:/a/l\n+ file:/a/l/f");
	PLANS("'link:/a': {'target': 'b'}, 'link:/b': {'target': 'a'}, "
	      "'link:/c': {'target': '../../c/x'}, 'link:/e': {'target': '..'}",
	      "", "+ link:/a\n+ link:/b\n+ link:/c\n+ link:/e");
}
END_TEST

START_TEST(a_new_folder_stands_for_nothing)
{
	PLANS("'directory:/d': {'purge': true, 'recurse': true, 'mode': "
	      "'0700'}",
	      "", "+ directory:/d");
	PLANS("'directory:/d': {'purge': true, 'force': true}",
	      "'/d': {'type': 'link', 'target': '/e'}, '/e/f': {'type': "
	      "'file', 'content': ''}",
	      "~ directory:/d type");
}
END_TEST

START_TEST(recurse_names_what_differs)
{
	const struct change *c;

	ck_assert_str_eq(
		planned("'directory:/d': {'recurse': true, 'mode': "
			"'u=rwX,go=rX'}",
			"'/d': {'type': 'directory', 'mode': '0700'}, "
			"'/d/a': {'type': 'file', 'content': ''}, '/d/b': "
			"{'type': 'file', 'content': '', 'mode': '0600'}, "
			"'/d/c/e': {'type': 'file', 'content': '', 'mode': "
			"'0744'}"),
		"~ directory:/d mode\n~ file:/d/b mode\n~ file:/d/c/e mode");
	c = fixture_change(&f, "file:/d/b", false);
	ck_assert_str_eq(c->res->reason, "below it");
	ck_assert_str_eq(c->res->from->id, "directory:/d");
	ck_assert_uint_eq(f.plan.looked_at, 3);
	ck_assert_uint_eq(f.plan.unchanged, 0);
	fixture_release(&f);
}
END_TEST

/* Root's folder is given away from the inside out. */
START_TEST(a_folder_is_given_away_last)
{
	PLANS("'directory:/d': {'recurse': true, 'owner': '5'}",
	      "'/d/a/b': {'type': 'file', 'content': ''}",
	      "~ file:/d/a/b owner\n~ directory:/d/a owner\n"
	      "~ directory:/d owner");
	PLANS("'directory:/d': {'recurse': true, 'owner': '0'}",
	      "'/d': {'type': 'directory', 'uid': 5}, '/d/a': {'type': "
	      "'directory', 'uid': 5}",
	      "~ directory:/d owner\n~ directory:/d/a owner");
}
END_TEST

START_TEST(what_a_failed_folder_stands_for_is_not_looked_for)
{
	PLANS("'file:/no/x': {'before': 'directory:/d'}, 'directory:/d': "
	      "{'purge': true}",
	      "'/d/a': {'type': 'file', 'content': ''}",
	      "x file:/no/x (the folder '/no' does not exist)\n"
	      "s directory:/d (file:/no/x)");
}
END_TEST

START_TEST(a_mirror_is_planned_entry_by_entry)
{
	PLANS("'directory:/app': {'source': 'files/app'}",
	      "'/app/current': {'type': 'link', 'target': 'etc/app.conf'}",
	      "+ directory:/app/bin\n+ directory:/app/etc\n"
	      "+ file:/app/bin/run\n+ file:/app/etc/app.conf\n"
	      "+ directory:/app/etc/extra\n"
	      "+ file:/app/etc/extra/more.conf");
}
END_TEST

/* --- what a change says --- */

START_TEST(diffs_are_of_changes_unless_all_are_asked_for)
{
	static const char manifest[] = "'file:/a': {'content': 'new\\n'}, "
				       "'file:/b': {'content': 'x\\n'}, "
				       "'file:/c': {'mode': '0600'}";
	static const char host[] =
		"'/a': {'type': 'file', 'content': 'old\\n'}, '/c': {'type': "
		"'file', 'content': 'c'}";
	static const char changed[] = "@@ -1 +1 @@\n-old\n+new\n";
	struct plan_options o = { .max_disruption = -1,
				  .diffs = DIFFS_UPDATES };

	planned_with(manifest, host, &o);
	ck_assert_str_eq(fixture_change(&f, "file:/a", false)->diff, changed);
	ck_assert_ptr_null(fixture_change(&f, "file:/b", false)->diff);
	ck_assert_ptr_null(fixture_change(&f, "file:/c", false)->diff);
	fixture_release(&f);
	o.diffs = DIFFS_ALL;
	planned_with(manifest, host, &o);
	ck_assert_str_eq(fixture_change(&f, "file:/a", false)->diff, changed);
	ck_assert_ptr_nonnull(
		strstr(fixture_change(&f, "file:/b", false)->diff, "+x\n"));
	fixture_release(&f);
	o.diffs = DIFFS_NONE;
	planned_with(manifest, host, &o);
	ck_assert_ptr_null(fixture_change(&f, "file:/a", false)->diff);
	fixture_release(&f);
}
END_TEST

START_TEST(nothing_shows_what_is_hidden)
{
	static const char *const hidden[] = {
		"'content': 'new', 'sensitive': true",
		"'content': 'new', 'sensitive': ['content']",
		"'source': 'files/motd', 'sensitive': 'source'",
		"'template': 'templates/inner', 'sensitive': ['template']",
		"'source': 'files/motd', 'sensitive': 'content'",
	};
	struct plan_options o = { .max_disruption = -1, .diffs = DIFFS_ALL };
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < COUNT(hidden); i++) {
		buf_clear(&b);
		buf_printf(&b, "'file:/a': {%s}", hidden[i]);
		planned_with(b.text, "'/a': {'type': 'file', 'content': 'o'}",
			     &o);
		ck_assert_msg(!fixture_change(&f, "file:/a", false)->diff, "%s",
			      hidden[i]);
		fixture_release(&f);
	}
}
END_TEST

START_TEST(bytes_have_no_diff)
{
	struct plan_options o = { .max_disruption = -1, .diffs = DIFFS_ALL };

	planned_with("'file:/a': {'content': 'text'}",
		     "'/a': {'type': 'file', 'size': 3}", &o);
	ck_assert_ptr_null(fixture_change(&f, "file:/a", false)->diff);
	fixture_release(&f);
}
END_TEST

START_TEST(some_changes_cannot_be_undone)
{
	planned("'file:/a': {'content': 'n', 'backup': false}, 'file:/b': "
		"{'content': 'n'}, 'file:/c': {'backup': false}, 'exec:x': "
		"{'command': ['x']}",
		"'/a': {'type': 'file', 'content': 'o'}, '/b': {'type': "
		"'file', 'content': 'o'}");
	ck_assert(!fixture_change(&f, "file:/a", false)->undoable);
	ck_assert(fixture_change(&f, "file:/b", false)->undoable);
	ck_assert(fixture_change(&f, "file:/c", false)->undoable);
	ck_assert(!fixture_change(&f, "exec:x", false)->undoable);
	ck_assert_int_eq(fixture_change(&f, "file:/a", false)->disruption,
			 DISRUPTION_DATA);
	ck_assert_int_eq(fixture_change(&f, "file:/b", false)->disruption,
			 DISRUPTION_NONE);
	ck_assert_int_eq(fixture_change(&f, "file:/c", false)->disruption,
			 DISRUPTION_NONE);
	fixture_release(&f);
}
END_TEST

#define NO_PACKAGES                                            \
	"{'files': {'/f': {'type': 'file', 'content': 'x'}}, " \
	"'packages': {}}"

START_TEST(what_a_package_brings_is_unknown_until_it_is_installed)
{
	/* new ones may come with it, also by way of others */
	PLANS("'package:p': {}, 'file:/a': {'require': 'package:p'}, "
	      "'directory:/d': {'require': 'file:/a'}, 'file:/b': {}",
	      NO_PACKAGES,
	      "+ package:p\n"
	      "? file:/a (until package:p is installed)\n"
	      "? directory:/d (until package:p is installed)\n"
	      "+ file:/b");
	/* what is there already is changed as ever, commands are not run */
	PLANS("'package:p': {}, 'file:/f': {'content': 'y', 'require': "
	      "'package:p'}, 'exec:x': {'command': ['x'], 'require': "
	      "'package:p'}, 'package:q': {'require': 'package:p'}",
	      NO_PACKAGES,
	      "+ package:p\n+ package:q\n~ file:/f content\n"
	      "? exec:x (until package:p is installed)");
}
END_TEST

START_TEST(what_fails_may_work_once_a_package_is_installed)
{
	PLANS("'package:p': {}, 'file:/a': {'owner': 'app', 'require': "
	      "'package:p'}",
	      NO_PACKAGES,
	      "+ package:p\n? file:/a (until package:p is installed)");
	/* who does not say what it needs is told so */
	PLANS("'file:/a': {'owner': 'app'}, 'package:p': {}", NO_PACKAGES,
	      "+ package:p\n? file:/a (there is no user 'app' on this host, "
	      "but package:p comes first)");
	ck_assert_int_eq(f.plan.failed, false);
}
END_TEST

START_TEST(what_is_to_be_absent_may_come_with_a_package)
{
	PLANS("'package:p': {}, 'file:/a': {'ensure': 'absent', 'require': "
	      "'package:p'}, 'file:/b': {'ensure': 'absent'}, 'package:q': "
	      "{'ensure': 'absent', 'require': 'package:p'}",
	      NO_PACKAGES,
	      "+ package:p\n? file:/a (until package:p is installed)");
	PLANS("'package:p': {}, 'file:/a': {'ensure': 'absent', 'require': "
	      "'package:p'}",
	      "{'files': {}, 'packages': {'p': '1'}}", "");
}
END_TEST

START_TEST(what_is_installed_brings_nothing)
{
	PLANS("'package:p': {}, 'file:/a': {'require': 'package:p'}",
	      "{'files': {}, 'packages': {'p': '1'}}", "+ file:/a");
	PLANS("'package:p': {'ensure': '2'}, 'file:/a': {'require': "
	      "'package:p'}",
	      "{'files': {}, 'packages': {'p': '1'}}",
	      "~ package:p version\n+ file:/a");
	PLANS("'package:p': {'noop': true}, 'file:/a': {'owner': 'app'}",
	      NO_PACKAGES,
	      "= package:p (withheld: noop)\n"
	      "x file:/a (there is no user 'app' on this host)");
}
END_TEST

TEST_SUITE("plan", what_a_package_brings_is_unknown_until_it_is_installed,
	   what_fails_may_work_once_a_package_is_installed,
	   what_is_to_be_absent_may_come_with_a_package,
	   what_is_installed_brings_nothing, there_is_nothing_to_do,
	   create_update_and_remove, another_type_is_an_update,
	   a_plan_sees_its_own_changes, a_plan_writes_nothing,
	   what_cannot_be_changed_has_failed,
	   what_needs_it_is_skipped_and_says_why, an_owner_that_is_not_there,
	   only_force_takes_things_away, what_a_command_makes_is_unknown,
	   a_guard_is_not_asked_before_what_it_needs_has_changed,
	   what_is_withheld_keeps_no_guard_from_being_asked,
	   a_guard_that_has_no_answer_makes_it_unknown,
	   guards_of_a_refresh_are_asked_when_it_is_due,
	   codes_other_than_0_can_be_planned,
	   content_that_is_not_recorded_is_unknown,
	   what_needs_the_unknown_is_planned_all_the_same,
	   two_notifiers_are_one_refresh, notify_and_subscribe_are_one_cause,
	   what_runs_itself_is_not_refreshed,
	   what_runs_itself_is_refreshed_for_a_refresh,
	   a_file_has_nothing_to_refresh, a_refresh_may_be_unknown,
	   one_sure_cause_is_enough,
	   what_is_withheld_or_failed_refreshes_nobody,
	   parts_refresh_even_when_others_fail, what_is_owed_is_refreshed,
	   an_owed_refresh_of_what_failed_is_skipped, refreshes_stand_last,
	   noop_is_withheld_and_what_needs_it_waits,
	   noop_holds_for_what_a_directory_stands_for, disruption_is_limited,
	   a_refresh_has_a_disruption_too, parts_disturb_as_their_folder_does,
	   fifty_removals_are_in_the_budget, over_the_budget_nothing_is_removed,
	   what_is_never_removed_costs_no_budget,
	   the_budget_may_be_a_count_or_a_share,
	   what_waits_for_a_removal_over_the_budget,
	   only_picks_a_resource_and_what_it_needs,
	   what_comes_after_is_not_picked, tags_pick_too,
	   only_knows_its_resources, purge_lists_one_by_one,
	   purge_spares_what_is_managed_by_another_path,
	   what_two_manage_by_a_link_is_left_alone,
	   purge_spares_links_that_lead_to_what_is_managed,
	   purge_spares_what_commands_create,
	   the_nearer_of_two_that_recurse_counts, a_link_comes_after_its_target,
	   a_new_folder_stands_for_nothing, recurse_names_what_differs,
	   a_folder_is_given_away_last,
	   what_a_failed_folder_stands_for_is_not_looked_for,
	   a_mirror_is_planned_entry_by_entry,
	   diffs_are_of_changes_unless_all_are_asked_for,
	   nothing_shows_what_is_hidden, bytes_have_no_diff,
	   some_changes_cannot_be_undone)
