/* SPDX-License-Identifier: MIT */
/* What lint says of the tests that a world brings along. */
#include "lib/lint/linting_test.h"

static struct linting t;

static void put_host(const char *name, const char *more)
{
	world_put(&t.r, arena_printf(&t.r.arena, "hosts/%s.json", name),
		  arena_printf(&t.r.arena, "{'version': 1, 'host': '%s'%s}",
			       name, more));
}

static void put_role(const char *more)
{
	world_put(&t.r, "roles/r.json",
		  arena_printf(&t.r.arena, "{'description': 'x'%s}", more));
}

static void put_test(const char *text)
{
	world_put(&t.r, "tests/t.json",
		  arena_printf(&t.r.arena, "{'version': 1, %s}", text));
}

/* Whatever it is shared between. */
static void expect(const char *said)
{
	for (size_t n = 1; n <= 3; n++) {
		lint_world(&t, n);
		ck_assert_str_eq(lint_said(&t, n), said);
		t.verdicts = (struct lint_verdicts){ 0 };
	}
	lint_end(&t);
}

START_TEST(names_that_are_there)
{
	put_host("a", ", 'tags': ['x', 'y'], 'roles': ['r']");
	put_host("b", ", 'resources': {'exec:e': {'command': 'e', 'creates': "
		      "'/e'}}");
	put_role(", 'resources': {'file:/etc/f': {}}");
	put_test("'host': ['a', 'b*'], 'tags': ['?'], 'facts': {'os.id': 'x', "
		 "'os': {}}, 'expect': {'resources': {'file:/etc/f': "
		 "'present', 'package:*': 'absent', 'package:p': 'absent'}, "
		 "'changes': {'file:/etc/*': 'create', 'package:*': 'none'}, "
		 "'refreshes': {'service:*': false}, 'withheld': 0}");
	expect("");
}
END_TEST

START_TEST(names_that_are_not)
{
	put_host("web-1", ", 'tags': ['africa'], 'resources': "
			  "{'file:/etc/f': {}}");
	put_host("web-2", ", 'tags': ['europe'], 'resources': "
			  "{'file:/etc/g': {}}");
	put_host("x", ", 'resources': {'file:/etc/zz': {}}");
	put_test("'host': ['web-*', 'wbe-1'], 'tags': ['africa', 'europ', "
		 "'europe'], 'expect': {'resources': {'file:/etc/zz': "
		 "'present'}, 'changes': ['file:/etc/gg', 'file:/etc/g']}");
	expect("unknown-in-test tests/t.json:1:34: there is no host 'wbe-1'; "
	       "did you mean 'web-1'?\n"
	       "unknown-in-test tests/t.json:1:63: no host has the tag "
	       "'europ'; did you mean 'europe'?\n"
	       "unknown-in-test tests/t.json:1:108: no host that this test is "
	       "of has 'file:/etc/zz'; did you mean 'file:/etc/f'?\n"
	       "unknown-in-test tests/t.json:1:148: no host that this test is "
	       "of has 'file:/etc/gg'; did you mean 'file:/etc/g'?");
}
END_TEST

START_TEST(what_depends_on_facts_may_be_there)
{
	put_host("a", ", 'roles': ['r']");
	put_role(", 'vars': {'v': 1}, 'resources': {'file:/etc/${facts.os.id}':"
		 " {}, 'file:/etc/w': {'when': {'facts.os.id': 'x'}}, "
		 "'file:/srv/${vars.v}': {}}, 'rules': ["
		 "{'when': {'facts.os.id': 'x'}, 'include': ['s'], "
		 "'resources': {'file:/etc/x': {}}}]");
	world_put(&t.r, "roles/s.json",
		  "{'description': 'x', 'include': ['u'], 'resources': "
		  "{'file:/etc/s': {}}, 'rules': [{'when': {'tags': 't'}, "
		  "'resources': {'file:/etc/t': {}}}]}");
	world_put(&t.r, "roles/u.json",
		  "{'description': 'x', 'resources': {'file:/etc/u': {}}}");
	put_test("'facts': {'os.id': 'x'}, 'expect': {'changes': ["
		 "'file:/etc/w', 'file:/etc/x', 'file:/etc/s', 'file:/etc/t', "
		 "'file:/etc/u', 'file:/etc/alpine', 'file:/srv/2']}");
	expect("");
	/* the control: of what host and tags decide it is known */
	put_host("a", ", 'roles': ['r']");
	put_role(", 'rules': [{'when': {'tags': 'y'}, 'resources': "
		 "{'file:/etc/x': {}}}, {'when': {'host': 'a'}, 'resources': "
		 "{'file:/etc/y': {}}}]");
	put_test("'expect': {'changes': ['file:/etc/x']}");
	expect("unknown-in-test tests/t.json:1:39: no host that this test is "
	       "of has 'file:/etc/x'; did you mean 'file:/etc/y'?\n"
	       "rule-never-holds roles/r.json:1:33: this rule holds for none "
	       "of the hosts with role 'r'");
}
END_TEST

START_TEST(what_a_directory_stands_for_may_be_there)
{
	put_host("a", ", 'resources': {'directory:/srv/d': {'purge': true}, "
		      "'directory:/srv/e': {}}");
	put_test("'expect': {'changes': ['file:/srv/d/x/y', 'link:/srv/e/z']}");
	expect("unknown-in-test tests/t.json:1:58: no host that this test is "
	       "of has 'link:/srv/e/z'");
}
END_TEST

START_TEST(a_test_of_no_host)
{
	put_host("a", ", 'tags': ['x']");
	put_host("b", ", 'tags': ['y']");
	put_test("'host': 'a', 'tags': 'y', 'expect': {'changes': "
		 "['file:/x']}");
	expect("unused-test tests/t.json:1:1: no host of the world is as its "
	       "'host' and 'tags' say");
	put_host("a", "");
	put_test("'host': [], 'expect': {'unchanged': true}");
	expect("unused-test tests/t.json:1:1: no host of the world is as its "
	       "'host' and 'tags' say");
}
END_TEST

START_TEST(parts_that_say_nothing)
{
	put_host("a", ", 'resources': {'file:/etc/f': {}}");
	put_test("'given': {'commands': {'//': 'x'}}, 'expect': {'resources': "
		 "{'file:/etc/f': {}}, 'changes': []}");
	expect("empty-test tests/t.json:1:77: 'file:/etc/f' expects nothing\n"
	       "empty-test tests/t.json:1:26: 'commands' gives nothing");
}
END_TEST

START_TEST(an_error_of_a_test_hides_nothing)
{
	put_host("a", "");
	put_role("");
	put_test("'expect': {'chnages': [], 'changes': 'file:/x'}");
	expect("unknown key \"chnages\"; did you mean \"changes\"?\n"
	       "unknown-in-test tests/t.json:1:53: no host that this test is "
	       "of has 'file:/x'\n"
	       "unused-role roles/r.json:1:1: no host and no role includes "
	       "role 'r'");
}
END_TEST

START_TEST(a_comment_allows)
{
	put_host("a", "");
	put_test("'expect': {'//': 'lint: allow unknown-in-test: to come', "
		 "'changes': 'file:/x'}, '//': 'lint: allow empty-test: why'");
	expect("unused-allow tests/t.json:1:102: there is no finding of "
	       "'empty-test' to allow here");
}
END_TEST

START_TEST(a_manifest_alone_has_tests_beside_it)
{
	put_test("'host': 'g', 'expect': {'changes': 'file:/x'}, '//': "
		 "'lint: allow unused-test: why'");
	lint_resources(&t, "'file:/etc/f': {}");
	ck_assert_str_eq(lint_said(&t, 1),
			 "unknown-in-test tests/t.json:1:24: there is no host "
			 "'g'\n"
			 "unused-allow tests/t.json:1:69: there is no finding "
			 "of 'unused-test' to allow here");
	lint_end(&t);
}
END_TEST

TEST_SUITE("lint_tests", names_that_are_there, names_that_are_not,
	   what_depends_on_facts_may_be_there,
	   what_a_directory_stands_for_may_be_there, a_test_of_no_host,
	   parts_that_say_nothing, an_error_of_a_test_hides_nothing,
	   a_comment_allows, a_manifest_alone_has_tests_beside_it)
