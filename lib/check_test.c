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

/* What check says of a world whose host has nothing, and of a role beside. */
static const char *said_of_role(const char *role)
{
	AUTO_BUF struct buf copy = { 0 };

	buf_puts(&copy, role);
	world_end(&r);
	world_put(&r, "converge.json", "{'version': 1}");
	world_put(&r, "hosts/h.json", "{'version': 1, 'host': 'h'}");
	world_put(&r, "roles/r.json", buf_text(&copy));
	world_put(&r, "roles/s.json", "{'include': ['t']}");
	world_put(&r, "roles/t.json",
		  "{'rules': [{'when': {'tags': 'x'}, 'include': ['t2']}]}");
	world_put(&r, "roles/t2.json", "{}");
	world_put(&r, "files/f", "f");
	world_put(&r, "templates/good", "{{#vars.x}}{{y}}{{/vars.x}}");
	world_put(&r, "templates/bad", "{{#x}}");
	run((struct check){ .is_world = true });
	return said();
}

START_TEST(what_is_wrong_with_a_role_needs_no_host)
{
	static const struct {
		const char *role, *said;
	} wrong[] = {
		{ "{'include': ['s1']}",
		  "roles/r.json:1:14: there is no role 's1': no file "
		  "roles/s1.json" },
		{ "{'rules': [{'when': {'tags': 'x'}, 'include': ['s1']}]}",
		  "roles/r.json:1:48: there is no role 's1': no file "
		  "roles/s1.json" },
		{ "{'rules': [{'when': {'host': {'near': 3}}}]}",
		  "roles/r.json:1:21: 'near' is not a comparison: must be eq, "
		  "ne, lt, le, gt or ge" },
		{ "{'rules': [{'when': {'facts.os.id': {'ge': [3]}}}]}",
		  "roles/r.json:1:21: 'facts.os.id' cannot be compared with a "
		  "list by 'ge'" },
		{ "{'rules': [{'when': {'facts.os.id': 'a['}}]}",
		  "roles/r.json:1:21: 'facts.os.id' wants a pattern with a "
		  "'[' that no ']' closes (a literal one is written \\[)" },
		{ "{'rules': [{'when': {'fact.os.id': 'a'}}]}",
		  "roles/r.json:1:21: 'fact.os.id' is not defined" },
		{ "{'vars': {'v': ['${vars.v.x}']}}",
		  "roles/r.json:1:16: 'vars.v' is defined by itself" },
		{ "{'vars': {'v': {'w': '${vars.}'}}}",
		  "roles/r.json:1:22: '${vars.}' must be a reference such as "
		  "${vars.name} (a literal ${ is written $${)" },
		{ "{'overrides': {'file:/a': {'modee': '0600'}}}",
		  "roles/r.json:1:28: unknown attribute \"modee\"; did you "
		  "mean \"mode\"?" },
		{ "{'overrides': {'file:/a': {'when': {}}}}",
		  "roles/r.json:1:28: an override takes no 'when'" },
		{ "{'overrides': {'file:/a': {'content': '${bad'}}}",
		  "roles/r.json:1:39: '${bad' has no closing '}'" },
		{ "{'overrides': {'file:/a': {'force': 'yes'}}}",
		  "roles/r.json:1:37: 'force' must be true or false, not a "
		  "string" },
		{ "{'defaults': {'file': {'mode': '0999'}}}",
		  "roles/r.json:1:32: 'mode' must be an octal string such as "
		  "\"0644\" or symbolic such as \"u=rw,go=r\"" },
		{ "{'defaults': {'file': {'content': '${x'}}}",
		  "roles/r.json:1:35: '${x' has no closing '}'" },
	};

	for (size_t i = 0; i < COUNT(wrong); i++)
		ck_assert_str_eq(said_of_role(wrong[i].role), wrong[i].said);
	world_end(&r);
}
END_TEST

START_TEST(what_is_wrong_with_a_resource_needs_no_host)
{
	static const struct {
		const char *resource, *said;
	} wrong[] = {
		{ "'file:/a': 1",
		  "27: a resource must be an object of attributes" },
		{ "'file:/a': {'mode': '0999'}",
		  "36: 'mode' must be an octal string such as \"0644\" or "
		  "symbolic such as \"u=rw,go=r\"" },
		{ "'file:/a': {'content': '${vars.x} ${bad'}",
		  "39: '${bad' has no closing '}'" },
		{ "'file:/a': {'content': '${each.key}'}",
		  "39: 'each.key' is not defined" },
		{ "'file:/a': {'source': '../f'}",
		  "38: 'source' must not have '.' or '..' as a component" },
		{ "'file:/a': {'source': 'files/g'}",
		  "38: there is no 'files/g' in 'world'" },
		{ "'file:/a': {'content': 'x', 'source': 'files/f'}",
		  "16: only one of 'content', 'source' and 'template' can be "
		  "given" },
		{ "'file:a': {}", "16: 'path' must be absolute" },
		{ "'file:/a': {'for_each': ['b']}",
		  "16: a resource with 'for_each' needs ${each.key} or "
		  "${each.value} in its name" },
		{ "'file:/$${each.key}': {'for_each': ['b']}",
		  "16: a resource with 'for_each' needs ${each.key} or "
		  "${each.value} in its name" },
		{ "'file:/${each.key}': {'for_each': 'b'}",
		  "50: 'for_each' must be a list or an object of at most "
		  "100000, or a reference to one" },
		{ "'file:/${each.kye}': {'for_each': ['b']}",
		  "16: 'each.kye' is not defined" },
		{ "'file:/a': {'when': {'any': {}}}",
		  "36: 'any' must be a list of conditions, not an object" },
	};

	for (size_t i = 0; i < COUNT(wrong); i++)
		ck_assert_str_eq(said_of_role(arena_printf(
					 &r.arena, "{'resources': {%s}}",
					 wrong[i].resource)),
				 arena_printf(&r.arena, "roles/r.json:1:%s",
					      wrong[i].said));
	ck_assert_str_eq(said_of_role("{'resources': {'file:/a': {'template': "
				      "'templates/bad'}}}"),
			 "templates/bad:1:1: the section 'x' is not closed");
	world_end(&r);
}
END_TEST

START_TEST(what_a_rule_has_for_other_hosts_is_looked_at)
{
	put_two_hosts();
	world_put(&r, "roles/r.json",
		  "{'rules': [{'when': {'facts.os.id': 'ubuntu'}, 'include': "
		  "['s'], 'resources': {'file:/f': {'mode': '0999'}}}]}");
	run((struct check){ .is_world = true });
	ck_assert_str_eq(said(),
			 "roles/r.json:1:60: there is no role 's': no file "
			 "roles/s.json\n"
			 "roles/r.json:1:100: 'mode' must be an octal string "
			 "such as \"0644\" or symbolic such as \"u=rw,go=r\"");
	world_end(&r);
}
END_TEST

/* t includes t2 where the tag is x. */
START_TEST(a_circle_of_roles_is_found_once)
{
	ck_assert_str_eq(said_of_role("{'include': ['r']}"),
			 "roles/r.json:1:14: roles include each other: r "
			 "includes r");
	world_end(&r);
	said_of_role("{}");
	world_put(&r, "roles/t2.json", "{'include': ['s']}");
	run((struct check){ .is_world = true });
	ck_assert_str_eq(said(), "roles/t2.json:1:14: roles include each "
				 "other: s includes t includes t2 includes s");
	/* whoever comes into it, and wherever */
	world_put(&r, "hosts/h.json",
		  "{'version': 1, 'host': 'h', 'roles': ['t'], 'tags': "
		  "['x']}");
	run((struct check){ .is_world = true });
	ck_assert_str_eq(said(), "roles/t2.json:1:14: roles include each "
				 "other: s includes t includes t2 includes s");
	world_end(&r);
}
END_TEST

START_TEST(rules_that_exclude_each_other_are_no_circle)
{
	said_of_role("{}");
	world_put(&r, "roles/t2.json",
		  "{'rules': [{'when': {'tags': 'y'}, 'include': ['t']}]}");
	run((struct check){ .is_world = true });
	ck_assert_str_eq(said(), "");
	world_put(&r, "roles/t2.json",
		  "{'rules': [{'when': {'tags': 'x'}, 'include': ['t']}]}");
	run((struct check){ .is_world = true });
	ck_assert_str_eq(said(), "roles/t2.json:1:48: roles include each "
				 "other: t includes t2 includes t");
	world_end(&r);
}
END_TEST

START_TEST(what_hosts_give_to_a_role_is_not_missed)
{
	static const char *const right[] = {
		"{'resources': {'link:/a': {}, 'cron:c': {'user': 'u'}}}",
		"{'resources': {'${vars.t}:/c': {'content': ''}}}",
		"{'resources': {'${each.value}': {'for_each': ['file:/a', "
		"'directory:/b']}}}",
		"{'resources': {'file:${vars.a}': {'mode': '${vars.m}', "
		"'content': 'x', 'source': '${vars.s}', 'template': "
		"'templates/${host}'}}}",
		"{'resources': {'file:/a': {'content': '$${', 'when': "
		"{'vars.x.y': {'ne': null, 'ge': 3}, 'facts.x': true}}}}",
		"{'resources': {'file:/${each.key}': {'for_each': "
		"'${vars.l}', 'content': '${each.value.x}', 'when': "
		"{'each.value.y': 'z'}}}}",
		"{'resources': {'file:/a': {'template': 'templates/good'}}}",
		"{'overrides': {'file:/a': {'mode': null, 'owner': "
		"'${vars.o}'}, '${vars.x}': {'y': 1}}}",
		"{'defaults': {'file': {'mode': '0600', 'content': "
		"'${each.key}'}}, 'vars': {'v': '${vars.w}', 'w': "
		"'${vars.v}'}}",
		"{'include': ['s'], 'rules': [{'when': {}, 'include': "
		"['t']}]}",
	};

	for (size_t i = 0; i < COUNT(right); i++)
		ck_assert_msg(!*said_of_role(right[i]), "%s: %s", right[i],
			      said());
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
	   a_role_that_nobody_includes_is_looked_at,
	   what_is_wrong_with_a_role_needs_no_host,
	   what_is_wrong_with_a_resource_needs_no_host,
	   what_a_rule_has_for_other_hosts_is_looked_at,
	   a_circle_of_roles_is_found_once,
	   rules_that_exclude_each_other_are_no_circle,
	   what_hosts_give_to_a_role_is_not_missed, shares_are_all_of_it,
	   a_lone_manifest_is_whosever_it_says)
