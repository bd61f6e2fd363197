/* SPDX-License-Identifier: MIT */
#include "lib/manifest/reading_test.h"

static struct reading_world r;

#define VARS(want)                                                             \
	do {                                                                   \
		ck_assert_msg(world_read(&r), "%s", world_said(&r));           \
		ck_assert_str_eq(world_text(&r, r.manifest.scope.vars), want); \
		world_end(&r);                                                 \
	} while (0)

#define REFUSED(want)                                   \
	do {                                            \
		ck_assert(!world_read(&r));             \
		ck_assert_str_eq(world_said(&r), want); \
		world_end(&r);                          \
	} while (0)

START_TEST(each_level_is_above_the_one_before)
{
	world_put(&r, "converge.json",
		  "{'version': 1, 'vars': {'a': 0, 'b': 0, 'c': 0, 'd': 0, "
		  "'e': 0}}");
	world_put(&r, "roles/b.json",
		  "{'vars': {'b': 1, 'c': 1, 'd': 1, 'e': 1}}");
	world_put(&r, "roles/a.json",
		  "{'include': ['b'], 'vars': {'c': 2, 'd': 2, 'e': 2}, "
		  "'rules': [{'when': {'tags': 't'}, 'vars': {'d': 3, 'e': "
		  "3}}, {'when': {'tags': 'u'}, 'vars': {'e': 9}}]}");
	world_put(&r, "hosts/h.json",
		  "{'version': 1, 'host': 'h', 'tags': ['t'], 'roles': ['a'], "
		  "'vars': {'e': 4}}");
	VARS("{'a':0,'b':1,'c':2,'d':3,'e':4}");
}
END_TEST

START_TEST(two_that_are_not_above_each_other_must_agree)
{
	world_put(&r, "roles/a.json", "{'vars': {'x': [1]}}");
	world_put(&r, "roles/b.json", "{'vars': {'x': [1]}}");
	VARS("{'x':[1]}");
	world_put(&r, "roles/a.json", "{'vars': {'x': 1}}");
	world_put(&r, "roles/b.json", "{'vars': {'x': 2}}");
	REFUSED("roles/b.json:1:11: 'vars.x' has another value at "
		"roles/a.json:1:11, and neither of the two gives way to the "
		"other");
	world_put(&r, "roles/a.json",
		  "{'rules': [{'when': {}, 'vars': {'x': 1}}, {'when': {}, "
		  "'vars': {'x': 2}}]}");
	REFUSED("roles/a.json:1:66: 'vars.x' has another value at "
		"roles/a.json:1:34, and neither of the two gives way to the "
		"other");
}
END_TEST

START_TEST(a_diamond_is_settled_by_its_top)
{
	world_put(&r, "roles/a.json",
		  "{'include': ['b', 'c'], 'vars': {'x': 1}}");
	world_put(&r, "roles/b.json", "{'include': ['d'], 'vars': {'x': 2}}");
	world_put(&r, "roles/c.json", "{'include': ['d'], 'vars': {'x': 3}}");
	world_put(&r, "roles/d.json", "{'vars': {'x': 4}}");
	VARS("{'x':1}");
}
END_TEST

START_TEST(a_diamond_without_a_top_is_not)
{
	world_put(&r, "roles/b.json", "{'include': ['d'], 'vars': {'x': 2}}");
	world_put(&r, "roles/c.json", "{'include': ['d'], 'vars': {'x': 3}}");
	world_put(&r, "roles/d.json", "{'vars': {'x': 4}}");
	REFUSED("roles/c.json:1:29: 'vars.x' has another value at "
		"roles/b.json:1:29, and neither of the two gives way to the "
		"other");
}
END_TEST

START_TEST(one_side_of_a_diamond_is_above_its_bottom)
{
	world_put(&r, "roles/b.json", "{'include': ['d'], 'vars': {'x': 2}}");
	world_put(&r, "roles/c.json", "{'include': ['d']}");
	world_put(&r, "roles/d.json", "{'vars': {'x': 4}}");
	VARS("{'x':2}");
}
END_TEST

START_TEST(what_a_rule_includes_is_below_its_role)
{
	world_put(&r, "roles/a.json",
		  "{'vars': {'x': 1}, 'rules': [{'when': {}, 'include': ['b'], "
		  "'vars': {'y': 1}}]}");
	world_put(&r, "roles/b.json", "{'vars': {'x': 2, 'y': 2, 'z': 2}}");
	VARS("{'x':1,'y':1,'z':2}");
}
END_TEST

START_TEST(references_are_filled_in_when_all_is_merged)
{
	world_put(&r, "converge.json",
		  "{'version': 1, 'vars': {'url': 'http://${vars.name}', "
		  "'all': ['${vars.n}', {'in': '${vars.url}'}]}}");
	world_put(&r, "roles/a.json",
		  "{'vars': {'name': '${host}.${vars.n}', 'n': 1}}");
	world_put(&r, "hosts/h.json",
		  "{'version': 1, 'host': 'h', 'roles': ['a'], 'vars': {'n': "
		  "2, '//': 3}}");
	VARS("{'all':[2,{'in':'http://h.2'}],'n':2,'name':'h.2','url':'http://"
	     "h.2'}");
}
END_TEST

START_TEST(a_circle_is_told_once)
{
	world_put(&r, "roles/a.json",
		  "{'vars': {'x': '${vars.y}', 'y': ['${vars.x}']}}");
	REFUSED("roles/a.json:1:16: 'vars.x' is defined by itself");
}
END_TEST

TEST_SUITE("vars", each_level_is_above_the_one_before,
	   two_that_are_not_above_each_other_must_agree,
	   a_diamond_is_settled_by_its_top, a_diamond_without_a_top_is_not,
	   one_side_of_a_diamond_is_above_its_bottom,
	   what_a_rule_includes_is_below_its_role,
	   references_are_filled_in_when_all_is_merged, a_circle_is_told_once)
