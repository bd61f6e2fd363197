/* SPDX-License-Identifier: MIT */
/* Where a resource of a world in memory comes from, without history. */
#include "lib/review/origins.h"

#include "lib/manifest/reading_test.h"

static struct reading_world world;
static struct diags diags;
static json_t *found;

static void put_host(const char *name, const char *rest)
{
	world_put(&world, arena_printf(&world.arena, "hosts/%s.json", name),
		  arena_printf(&world.arena, "{'version': 1, 'host': '%s', %s}",
			       name, rest));
}

static bool ask(const char *id)
{
	struct commit_place place = { .path = "" };
	struct strings names = { 0 };
	struct why why = { .id = id, .place = &place, .arena = &world.arena };

	if (!world_find(&world.world.tree, "converge.json"))
		world_put(&world, "converge.json", "{'version': 1}");
	found = origins_document(&why, &world.world.tree, &names, "site",
				 &diags);
	return found;
}

/* 'text' of group i, with ' for ". */
static const char *of_group(size_t i, const char *key)
{
	return world_text(
		&world,
		json_object_get(
			json_array_get(json_object_get(found, "groups"), i),
			key));
}

static const char *of_all(const char *key)
{
	return world_text(&world, json_object_get(found, key));
}

static void end(void)
{
	json_decref(found);
	diags_release(&diags);
	world_end(&world);
}

START_TEST(hosts_with_one_origin_are_one_group)
{
	put_host("a", "'roles': ['r']");
	put_host("b", "'roles': ['r']");
	put_host("c", "'resources': {'file:/f': {}}");
	put_host("d", "'resources': {}");
	world_put(&world, "roles/r.json", "{'resources': {'file:/f': {}}}");
	ck_assert(ask("file:/f"));
	ck_assert_str_eq(of_all("summary"),
			 "{'hosts':4,'with':3,'without':1,'wrong':0}");
	ck_assert_str_eq(of_all("without"), "['d']");
	ck_assert_str_eq(of_group(0, "hosts"), "['a','b']");
	ck_assert_str_eq(of_group(0, "origin"),
			 "{'column':16,'file':'roles/r.json','line':1,"
			 "'role':'r'}");
	ck_assert_str_eq(of_group(1, "hosts"), "['c']");
	ck_assert_str_eq(of_group(1, "origin"),
			 "{'column':43,'file':'hosts/c.json','line':1}");
	end();
}
END_TEST

/* Includes of hosts are one part, wherever they stand in each. */
START_TEST(what_hosts_say_themselves_is_one)
{
	put_host("a", "'roles': ['r']");
	put_host("b", "'tags': ['t'], 'roles': ['r']");
	world_put(&world, "roles/r.json", "{'resources': {'file:/f': {}}}");
	ck_assert(ask("file:/f"));
	ck_assert_str_eq(of_group(0, "parts"),
			 "[{'column':16,'file':'roles/r.json','kind':"
			 "'resource','line':1,'role':'r'},"
			 "{'kind':'include','name':'r','own':true}]");
	end();
}
END_TEST

START_TEST(what_not_all_have_says_who_does)
{
	put_host("a", "'roles': ['r']");
	put_host("b", "'roles': ['r'], 'overrides': {'file:/f': {'mode': "
		      "'0600'}}, 'resources': {'exec:x': {'command': ['x'], "
		      "'require': 'file:/f'}}");
	world_put(&world, "roles/r.json",
		  "{'resources': {'file:/f': {'require': 'file:/g'}, "
		  "'file:/g': {}}}");
	ck_assert(ask("file:/f"));
	ck_assert_ptr_nonnull(strstr(of_group(0, "parts"),
				     "{'kind':'override','name':'mode',"
				     "'only':['b'],'own':true}"));
	ck_assert_str_eq(of_group(0, "requires"),
			 "[{'id':'file:/g','notifies':false,'reason':"
			 "'require','stated':true}]");
	ck_assert_str_eq(of_group(0, "required_by"),
			 "[{'id':'exec:x','notifies':false,'only':['b'],"
			 "'reason':'require','stated':true}]");
	end();
}
END_TEST

START_TEST(the_larger_group_comes_first)
{
	put_host("a", "'resources': {'file:/f': {}}");
	put_host("b", "'roles': ['r']");
	put_host("c", "'roles': ['r']");
	world_put(&world, "roles/r.json", "{'resources': {'file:/f': {}}}");
	ck_assert(ask("file:/f"));
	ck_assert_str_eq(of_group(0, "hosts"), "['b','c']");
	ck_assert_str_eq(of_group(1, "hosts"), "['a']");
	end();
}
END_TEST

START_TEST(hosts_that_are_wrong_are_told_of)
{
	put_host("a", "'roles': ['r']");
	put_host("b", "'roles': ['q']");
	world_put(&world, "roles/r.json", "{'resources': {'file:/f': {}}}");
	ck_assert(ask("file:/f"));
	ck_assert_str_eq(of_group(0, "hosts"), "['a']");
	ck_assert_ptr_nonnull(strstr(of_all("wrong"), "'host':'b'"));
	ck_assert_ptr_nonnull(strstr(of_all("wrong"), "there is no role 'q'"));
	end();
}
END_TEST

START_TEST(what_no_host_has_is_an_error)
{
	put_host("a", "'resources': {'file:/ff': {}}");
	ck_assert(!ask("file:/fg"));
	ck_assert_str_eq(diags.v[0].text,
			 "'file:/fg' is not a resource of any host; did you "
			 "mean \"file:/ff\"?");
	end();
}
END_TEST

START_TEST(a_condition_that_holds_nowhere_is_named)
{
	put_host("a", "'resources': {'file:/f': {'when': {'tags': 'x'}}}");
	ck_assert(!ask("file:/f"));
	ck_assert_str_eq(diags.v[0].text, "'file:/f' is not a resource of any "
					  "host: its 'when' does not hold");
	end();
}
END_TEST

TEST_SUITE("origins", hosts_with_one_origin_are_one_group,
	   what_hosts_say_themselves_is_one, what_not_all_have_says_who_does,
	   the_larger_group_comes_first, hosts_that_are_wrong_are_told_of,
	   what_no_host_has_is_an_error,
	   a_condition_that_holds_nowhere_is_named)
