/* SPDX-License-Identifier: MIT */
#include "lib/check.h"

#include "lib/manifest/reading_test.h"

static struct reading_world r;
static struct checked found;

static void run(struct check check)
{
	struct strings names = { 0 };

	check.tree = &r.world.tree;
	check.fact_names = &names;
	if (!check.shares)
		check.shares = 1;
	check_run(&check, &r.arena, &found);
}

static const char *said(void)
{
	const char *text = "";

	for (size_t i = 0; i < found.n; i++)
		text = arena_printf(&r.arena, "%s%s%s:%zu:%zu: %s", text,
				    i ? "\n" : "", found.v[i].place.file,
				    found.v[i].place.line,
				    found.v[i].place.column, found.v[i].text);
	return text;
}

static void put_two_hosts(void)
{
	world_put(&r, "converge.json", "{'version': 1, 'facts': {'x': 'w'}}");
	world_put(&r, "hosts/a.json",
		  "{'version': 1, 'host': 'a', 'roles': ['r'], 'facts': {'x': "
		  "'a'}}");
	world_put(&r, "hosts/b.json",
		  "{'version': 1, 'host': 'b', 'roles': ['r']}");
}

START_TEST(hosts_and_roles_are_counted)
{
	put_two_hosts();
	world_put(&r, "roles/r.json", "{'resources': {'file:/f': {}}}");
	world_put(&r, "roles/deep/s.json", "{}");
	world_put(&r, "roles/README", "no role");
	run((struct check){ .is_world = true });
	ck_assert_str_eq(said(), "");
	ck_assert_uint_eq(found.hosts, 2);
	ck_assert_uint_eq(found.roles, 2);
	ck_assert_uint_eq(found.resources, 2);
	world_end(&r);
}
END_TEST

START_TEST(what_is_wrong_with_a_role_is_told_once)
{
	put_two_hosts();
	world_put(&r, "roles/r.json",
		  "{'vras': {}, 'resources': {'file:/f': {'mode': 7}}}");
	run((struct check){ .is_world = true });
	ck_assert_str_eq(said(),
			 "roles/r.json:1:2: unknown key \"vras\"; did you mean "
			 "\"vars\"?\n"
			 "roles/r.json:1:48: 'mode' must be a string: write "
			 "\"0007\", with the quotes");
	world_end(&r);
}
END_TEST

START_TEST(facts_are_what_the_world_and_the_host_say)
{
	put_two_hosts();
	world_put(&r, "roles/r.json",
		  "{'resources': {'file:/f': {'mode': '${facts.x}', 'when': "
		  "{'facts.x': 'w', 'facts.os.id': 'debian'}}}}");
	run((struct check){ .is_world = true });
	/* of b alone: a has another x */
	ck_assert_uint_eq(found.n, 1);
	ck_assert_uint_eq(found.resources, 0);
	world_put(&r, "hosts/b.json",
		  "{'version': 1, 'host': 'b', 'roles': ['r'], 'facts': "
		  "{'os.id': 'x'}}");
	run((struct check){ .is_world = true });
	ck_assert_str_eq(said(), "");
	world_end(&r);
}
END_TEST

START_TEST(a_role_that_nobody_includes_is_looked_at)
{
	put_two_hosts();
	world_put(&r, "roles/r.json", "{}");
	world_put(&r, "roles/deep/s.json",
		  "{'defaults': {'fil': {}}, 'rules': [{'when': {'tags': 'x'}, "
		  "'resources': {'file:/f': {'mod': 1}}}]}");
	run((struct check){ .is_world = true });
	ck_assert_str_eq(said(),
			 "roles/deep/s.json:1:15: unknown resource type "
			 "\"fil\"; did you mean \"file\"?\n"
			 "roles/deep/s.json:1:87: unknown attribute \"mod\"; "
			 "did you mean \"mode\"?");
	world_end(&r);
}
END_TEST

START_TEST(shares_are_all_of_it)
{
	size_t hosts = 0, roles = 0;

	put_two_hosts();
	world_put(&r, "roles/r.json", "{}");
	for (size_t i = 0; i < 3; i++) {
		run((struct check){
			.is_world = true, .share = i, .shares = 3 });
		hosts += found.hosts;
		roles += found.roles;
	}
	ck_assert_uint_eq(hosts, 2);
	ck_assert_uint_eq(roles, 1);
	world_end(&r);
}
END_TEST

START_TEST(a_lone_manifest_is_whosever_it_says)
{
	world_put(&r, "m.json",
		  "{'version': 1, 'host': 'other', 'resources': {'file:/f': "
		  "{'content': '${host}'}}}");
	run((struct check){ .file = "m.json" });
	ck_assert_str_eq(said(), "");
	ck_assert_uint_eq(found.hosts, 1);
	ck_assert_uint_eq(found.resources, 1);
	run((struct check){ .file = "m.json", .host = "h" });
	ck_assert_str_eq(said(), "m.json:1:24: this manifest is for host "
				 "'other', not for 'h'");
	world_end(&r);
}
END_TEST

TEST_SUITE("check", hosts_and_roles_are_counted,
	   what_is_wrong_with_a_role_is_told_once,
	   facts_are_what_the_world_and_the_host_say,
	   a_role_that_nobody_includes_is_looked_at, shares_are_all_of_it,
	   a_lone_manifest_is_whosever_it_says)
