/* SPDX-License-Identifier: MIT */
#include "lib/simulate/simulate.h"

#include <stdio.h>
#include <string.h>

#include "lib/fixture_test.h"

/* A manifest's resources on a snapshot, as far as a test takes it. */
struct stage {
	struct fixture f; /* of the tree alone */
	struct recorded record;
	struct simulation s;
	struct diags diags;
};

static void set(struct stage *t, const char *resources, const char *snapshot)
{
	AUTO_BUF struct buf text = { 0 };
	struct fixture *f = &t->f;

	*t = (struct stage){ 0 };
	buf_printf(&text, "{'version': 1, 'resources': {\n%s}}", resources);
	f->tree = (struct tree){ &fixture_ops, "world" };
	f->text = fixture_text(buf_text(&text));
	t->record.json = fixture_json(snapshot);
	t->record.facts = fixture_json("{'os': {'id': 'debian'}}");
	t->record.host = "web-1";
	t->record.picture = host_snapshot(t->record.json, &t->diags);
	ck_assert_msg(t->record.picture != NULL, "%s", snapshot);
	t->s.record = &t->record;
	t->s.against.tree = &f->tree;
	t->s.against.file = "m.json";
	t->s.against.host = "web-1";
}

static void plan(struct stage *t)
{
	ck_assert_msg(simulate_plan(&t->s, &t->diags), "%s",
		      t->diags.n ? t->diags.v[0].text : "?");
}

/* All that is done for a host. */
static void run(struct stage *t)
{
	plan(t);
	simulate_leaks(&t->s);
	simulate_apply(&t->s);
	simulate_second(&t->s);
	simulate_kills(&t->s);
}

/* "rule id: text", a line each. */
static const char *failures(struct stage *t)
{
	AUTO_BUF struct buf b = { 0 };
	const json_t *failure;
	size_t i;

	json_array_foreach (t->s.failures, i, failure) {
		const char *id =
			json_string_value(json_object_get(failure, "id"));

		buf_printf(&b, "%s%s %s: %s", i ? "\n" : "",
			   json_string_value(json_object_get(failure, "rule")),
			   id ? id : "-",
			   json_string_value(json_object_get(failure, "text")));
	}
	return arena_strdup(&t->diags.arena, buf_text(&b));
}

static void clear(struct stage *t)
{
	json_t *facts = t->record.facts;

	simulate_release(&t->s);
	recorded_release(&t->record);
	json_decref(facts);
	diags_release(&t->diags);
	free(t->f.text);
}

static void fails(const char *resources, const char *snapshot, const char *want)
{
	struct stage t;

	set(&t, resources, snapshot);
	run(&t);
	ck_assert_str_eq(failures(&t), want);
	clear(&t);
}

#define BARE "{'files': {'/etc': {'type': 'directory'}}}"

START_TEST(what_converges_has_no_failure)
{
	struct stage t;

	set(&t,
	    "'file:/etc/a': {'content': '1', 'notify': 'exec:told'},"
	    "'directory:/etc/d': {'mode': '0700'},"
	    "'exec:told': {'command': ['told'], 'refreshonly': true},"
	    "'exec:make': {'command': ['make'], 'creates': '/etc/made'}",
	    BARE);
	t.s.thorough = true;
	run(&t);
	ck_assert_str_eq(failures(&t), "");
	ck_assert_uint_eq(t.s.kills, t.s.tally.steps);
	ck_assert_uint_gt(t.s.kills, 6);
	ck_assert_uint_eq(t.s.granted_ids.n, 0);
	clear(&t);
}
END_TEST

START_TEST(what_never_converges_is_found_by_the_second_pass)
{
	fails("'exec:a': {'command': ['a']}", BARE,
	      "second pass exec:a: a second pass runs it again: nothing tells "
	      "that it was done");
	fails("'exec:a': {'command': ['a'], 'onlyif': ['ask']}",
	      "{'files': {}, 'commands': {'ask': 0}}",
	      "second pass exec:a: a second pass runs it again: nothing tells "
	      "that it was done");
	/* the command takes away what the file resource makes, each time */
	fails("'file:/etc/a': {'ensure': 'absent'},"
	      "'exec:a': {'command': ['a'], 'creates': '/etc/a', 'require': "
	      "'file:/etc/a'}",
	      BARE,
	      "second pass file:/etc/a: a second pass removes it again "
	      "(ensure)\n"
	      "second pass exec:a: a second pass runs it again: nothing tells "
	      "that it was done");
}
END_TEST

START_TEST(a_lost_notification_is_found_by_a_kill)
{
	static const char resources[] =
		"'file:/etc/a': {'content': '1', 'notify': 'exec:told'},"
		"'exec:told': {'command': ['told'], 'refreshonly': true}";
	struct stage t;

	for (int thorough = 0; thorough < 2; thorough++) {
		set(&t, resources, BARE);
		t.s.thorough = thorough;
		t.s.forgets = true;
		run(&t);
		ck_assert_msg(strstr(failures(&t),
				     "kill exec:told: its notification is lost "
				     "when the run is killed at step ") != NULL,
			      "%s", failures(&t));
		clear(&t);
	}
	fails(resources, BARE, "");
}
END_TEST

START_TEST(what_fails_is_told_with_its_reason)
{
	fails("'file:/etc/a': {'owner': 'nobody-here'}", BARE,
	      "plan file:/etc/a: there is no user 'nobody-here' on this host");
	fails("'file:/etc/a': {'content': 'x', 'validate': ['lint', '%']}",
	      "{'files': {'/etc': {'type': 'directory'}}, 'commands': {'lint "
	      "%': 1}}",
	      "apply file:/etc/a: 'lint' refuses the new content of "
	      "'/etc/a'");
}
END_TEST

START_TEST(what_nobody_can_know_is_taken_for_granted)
{
	struct stage t;

	set(&t,
	    "'exec:a': {'command': ['a'], 'unless': ['ask'], 'notify': "
	    "'exec:told'},"
	    "'exec:told': {'command': ['told'], 'refreshonly': true}",
	    BARE);
	run(&t);
	ck_assert_str_eq(failures(&t), "");
	ck_assert_uint_eq(t.s.granted_ids.n, 1);
	ck_assert_str_eq(t.s.granted_ids.v[0], "exec:a");
	ck_assert_str_eq(map_get(&t.s.granted, "exec:a"),
			 "its guard 'ask': a recorded host runs nothing");
	clear(&t);
}
END_TEST

#define WITH_PACKAGE                                                          \
	"'package:app': {},"                                                  \
	"'file:/etc/app/conf.d/a': {'content': '1', 'owner': 'app', 'group':" \
	" 'adm', 'require': 'package:app'},"                                  \
	"'service:app': {'ensure': 'running', 'enable': true, 'require': "    \
	"'package:app'}"
#define NO_APP                                                              \
	"{'files': {'/etc': {'type': 'directory'}}, 'users': {'root': 0}, " \
	"'groups': {'adm': 4}, 'units': {}, 'packages': {"

START_TEST(what_is_installed_brings_what_is_needed)
{
	struct stage t;
	const struct strings *what;

	set(&t, WITH_PACKAGE, NO_APP "}}");
	t.s.thorough = true;
	run(&t);
	ck_assert_str_eq(failures(&t), "");
	what = host_snapshot_assumed(t.record.picture);
	ck_assert_str_eq(strings_join(what, ", ", &t.diags.arena),
			 "user app, folder /etc/app, folder /etc/app/conf.d, "
			 "unit app.service");
	clear(&t);
	/* nothing is installed: then nobody brings it */
	fails(WITH_PACKAGE, NO_APP "'app': '1'}}",
	      "plan file:/etc/app/conf.d/a: there is no user 'app' on this "
	      "host\n"
	      "plan service:app: there is no unit 'app.service' on this "
	      "host");
}
END_TEST

START_TEST(what_is_sensitive_in_a_plan_is_found)
{
	static const char resources[] =
		"'file:/etc/a': {'content': 'first\\nvery secret\\n', "
		"'sensitive': ['content']}";
	struct stage t;

	fails(resources, BARE, "");
	/* the control */
	set(&t, resources, BARE);
	plan(&t);
	t.s.against.plan.v[0]->because = "it is very secret";
	simulate_leaks(&t.s);
	ck_assert_str_eq(failures(&t),
			 "secret file:/etc/a: the plan shows its 'content', "
			 "which is sensitive");
	clear(&t);
}
END_TEST

START_TEST(a_wrong_manifest_is_no_simulation)
{
	struct stage t;

	set(&t, "'fil:/etc/a': {}", BARE);
	ck_assert(!simulate_plan(&t.s, &t.diags));
	ck_assert_uint_gt(t.diags.errors, 0);
	clear(&t);
}
END_TEST

TEST_SUITE("simulate", what_converges_has_no_failure,
	   what_never_converges_is_found_by_the_second_pass,
	   a_lost_notification_is_found_by_a_kill,
	   what_fails_is_told_with_its_reason,
	   what_nobody_can_know_is_taken_for_granted,
	   what_is_installed_brings_what_is_needed,
	   what_is_sensitive_in_a_plan_is_found,
	   a_wrong_manifest_is_no_simulation)
