/* SPDX-License-Identifier: MIT */
/* What roles bring, together: resources, references to them, policies. */
#include "lib/manifest/reading_test.h"

static struct reading_world r;

#define REFUSED(want)                                   \
	do {                                            \
		ck_assert(!world_read(&r));             \
		ck_assert_str_eq(world_said(&r), want); \
		world_end(&r);                          \
	} while (0)

static const char *attribute(size_t i, const char *key)
{
	return world_text(&r, json_object_get(r.manifest.v[i].attributes, key));
}

static const char *ids(void)
{
	const char *text = "";

	for (size_t i = 0; i < r.manifest.n; i++)
		text = arena_printf(&r.arena, "%s%s%s", text, i ? " " : "",
				    r.manifest.v[i].id);
	return text;
}

START_TEST(included_roles_come_first_and_once)
{
	world_put(&r, "roles/a.json",
		  "{'include': ['c'], 'resources': {'file:/a': {}}, 'rules': "
		  "[{'when': {}, 'include': ['b'], 'resources': {'file:/r': "
		  "{}}}]}");
	world_put(&r, "roles/b.json",
		  "{'include': ['c'], 'resources': {'file:/b': {}}}");
	world_put(&r, "roles/c.json", "{'resources': {'file:/c': {}}}");
	ck_assert_msg(world_read(&r), "%s", world_said(&r));
	ck_assert_str_eq(ids(), "file:/c file:/b file:/a file:/r");
	world_end(&r);
}
END_TEST

START_TEST(a_role_stands_for_all_that_it_brings)
{
	world_put(&r, "roles/a.json",
		  "{'include': ['b'], 'resources': {'file:/a': {}, 'file:/s': "
		  "{}}, 'rules': [{'when': {}, 'resources': {'file:/r': "
		  "{}}}]}");
	world_put(&r, "roles/b.json", "{'resources': {'file:/b': {}}}");
	world_put(&r, "roles/c.json",
		  "{'resources': {'file:/s': {}, 'file:/c': {'require': "
		  "['file:/x', 'role:a'], 'notify': 'role:b', 'before': "
		  "'role:c'}}}");
	ck_assert_msg(world_read(&r), "%s", world_said(&r));
	ck_assert_str_eq(ids(), "file:/b file:/a file:/s file:/r file:/c");
	ck_assert_str_eq(attribute(4, "require"),
			 "['file:/x','file:/b','file:/a','file:/s','file:/"
			 "r']");
	ck_assert_str_eq(attribute(4, "notify"), "['file:/b']");
	/* without itself; what another role gives too is its as well */
	ck_assert_str_eq(attribute(4, "before"), "['file:/s']");
	world_end(&r);
}
END_TEST

START_TEST(a_role_that_the_host_has_not_is_told)
{
	world_put(&r, "roles/a.json",
		  "{'resources': {'file:/a': {'require': 'role:bb'}}}");
	REFUSED("roles/a.json:1:39: 'require' names role 'bb', which this "
		"host does not have");
}
END_TEST

START_TEST(defaults_are_of_their_file_alone)
{
	world_put(&r, "roles/a.json",
		  "{'include': ['b'], 'defaults': {'file': {'mode': '1'}}, "
		  "'resources': {'file:/a': {}, 'file:/m': {'mode': '2'}, "
		  "'exec:x': {}}, 'rules': [{'when': {}, 'resources': "
		  "{'file:/r': {}}}]}");
	world_put(&r, "roles/b.json", "{'resources': {'file:/b': {}}}");
	ck_assert_msg(world_read(&r), "%s", world_said(&r));
	ck_assert_str_eq(ids(), "file:/b file:/a file:/m exec:x file:/r");
	ck_assert_str_eq(attribute(0, "mode"), "");
	ck_assert_str_eq(attribute(1, "mode"), "'1'");
	ck_assert_str_eq(attribute(2, "mode"), "'2'");
	ck_assert_str_eq(attribute(3, "mode"), "");
	ck_assert_str_eq(attribute(4, "mode"), "'1'");
	ck_assert_str_eq(manifest_attribute(&r.manifest,
					    r.manifest.v[1].pointer, "file:/a",
					    "mode"),
			 "roles/a.json#/defaults/file/mode");
	world_end(&r);
}
END_TEST

/* 1: reload; also of what another role without a policy gives first. */
START_TEST(the_strictest_policy_of_all_roles_counts)
{
	for (int turn = 0; turn < 2; turn++) {
		world_put(&r, "hosts/h.json",
			  turn ? "{'version': 1, 'host': 'h', 'roles': ['b', "
				 "'a']}"
			       : "{'version': 1, 'host': 'h', 'roles': ['a', "
				 "'b']}");
		world_put(&r, "roles/a.json",
			  "{'include': ['c'], 'policy': {'max_disruption': "
			  "'reload'}, 'resources': {'file:/f': {}}}");
		world_put(&r, "roles/b.json", "{'resources': {'file:/f': {}}}");
		world_put(&r, "roles/c.json",
			  "{'policy': {'max_disruption': 'reboot'}, "
			  "'resources': {'file:/c': {}}}");
		ck_assert_msg(world_read(&r), "%s", world_said(&r));
		ck_assert_uint_eq(r.manifest.n, 2);
		ck_assert_int_eq(r.manifest.v[0].max_disruption, 1);
		ck_assert_int_eq(r.manifest.v[1].max_disruption, 1);
		world_end(&r);
	}
}
END_TEST

/* A template shows more than attributes say. */
START_TEST(repeated_for_something_else_is_something_else)
{
	static const char text[] = "{'resources': {'file:/${each.key}': "
				   "{'for_each': {'f': %d}%s}}}";

	world_put(&r, "roles/a.json", arena_printf(&r.arena, text, 1, ""));
	world_put(&r, "roles/b.json", arena_printf(&r.arena, text, 2, ""));
	ck_assert_msg(world_read(&r), "%s", world_said(&r));
	world_end(&r);
	world_put(&r, "roles/a.json",
		  arena_printf(&r.arena, text, 1, ", 'template': 't'"));
	world_put(&r, "roles/b.json",
		  arena_printf(&r.arena, text, 2, ", 'template': 't'"));
	REFUSED("roles/b.json:1:16: it is given other attributes at "
		"roles/a.json:1:16, such as 'template'");
}
END_TEST

TEST_SUITE("roles", included_roles_come_first_and_once,
	   a_role_stands_for_all_that_it_brings,
	   a_role_that_the_host_has_not_is_told,
	   defaults_are_of_their_file_alone,
	   the_strictest_policy_of_all_roles_counts,
	   repeated_for_something_else_is_something_else)
