/* SPDX-License-Identifier: MIT */
#include "modules/parts/account_fixture_test.h"

#define ROOT "'root': {'uid': 0, 'gid': 0, 'home': '/root'}"
#define USERS "{" ROOT ", 'a': 5, 'b': 6}"
#define AB ", 'a': 5, 'b': 6"
#define GROUPS \
	"'root': {'gid': 0, 'members': []}, 'adm': {'gid': 4, 'members': []}"

START_TEST(root_is_root)
{
	REFUSES("'group:root': {'ensure': 'absent'}",
		"group 'root' is never removed");
	REFUSES("'group:root': {'gid': 5}", "the gid of 'root' is always 0");
	REFUSES("'group:wheel': {'gid': 0}", "gid 0 is for 'root' alone");
	REFUSES("'group:-x': {}",
		"'name' must be at most 32 lower-case letters, digits, '_' and "
		"'-', and begin with a letter or '_', not '-x'");
	REFUSES("'group:x': {'members': ['a:b']}",
		"'members' must be names such as \"adm\", not 'a:b'");
	REFUSES("'group:x': {'members': ['5']}",
		"'members' must be names such as \"adm\", not '5'");
	PLANS("'group:root': {'gid': 0}", HOST("", "", ""), "");
}
END_TEST

START_TEST(a_new_group_has_the_next_number)
{
	becomes("'group:g': {}, 'group:h': {}", HOST("", "", ""), "{" ROOT "}",
		"{" GROUPS ", 'g': {'gid': 1000, 'members': []}, 'h': {'gid': "
		"1001, 'members': []}}");
	becomes("'group:g': {'system': true}, 'group:h': {'gid': 70}",
		HOST("", "", ", 'x': {'gid': 500, 'members': []}"),
		"{" ROOT "}",
		"{" GROUPS ", 'g': {'gid': 499, 'members': []}, 'h': {'gid': "
		"70, 'members': []}, 'x': {'gid': 500, 'members': []}}");
}
END_TEST

START_TEST(numbers_are_not_shared)
{
	PLANS("'group:g': {'gid': 4}", HOST("", "", ""),
	      "x group:g (gid 4 is that of group 'adm')");
}
END_TEST

START_TEST(who_has_it_as_primary_group_keeps_it)
{
	becomes("'group:ada': {'gid': 7}", HOST("", ADA, ADAS),
		"{" ROOT ", 'ada': {'uid': 1000, 'gid': 7, 'home': '/home/ada',"
		" 'shell': '/bin/sh', 'comment': '', 'locked': true, "
		"'expires': 'never'}}",
		"{" GROUPS ", 'ada': {'gid': 7, 'members': []}}");
}
END_TEST

START_TEST(members_are_a_minimum_unless_they_are_inclusive)
{
	static const char two[] =
		HOST("", AB, ", 'g': {'gid': 10, 'members': ['a']}");

	becomes("'group:g': {'members': 'b'}", two, USERS,
		"{" GROUPS ", 'g': {'gid': 10, 'members': ['a', 'b']}}");
	becomes("'group:g': {'members': 'b', 'membership': 'inclusive'}", two,
		USERS, "{" GROUPS ", 'g': {'gid': 10, 'members': ['b']}}");
	becomes("'group:g': {'members': [], 'membership': 'inclusive'}", two,
		USERS, "{" GROUPS ", 'g': {'gid': 10, 'members': []}}");
	becomes("'group:n': {'members': ['b', 'a', 'b']}", two, USERS,
		"{" GROUPS ", 'g': {'gid': 10, 'members': ['a']}, 'n': {'gid': "
		"1000, 'members': ['a', 'b']}}");
	PLANS("'group:g': {'members': 'a'}", two, "");
	PLANS("'group:g': {'members': []}", two, "");
	PLANS("'group:g': {'members': 'a', 'membership': 'inclusive'}", two,
	      "");
}
END_TEST

START_TEST(a_member_without_an_account_is_left_out)
{
	planned("'group:adm': {'members': ['a', 'nobody']}", HOST("", AB, ""));
	ck_assert_str_eq(fixture_shown(&f), "~ group:adm members");
	ck_assert_str_eq(f.diags.v[0].text,
			 "group 'adm': 'nobody' has no account on this host "
			 "yet, and is no member");
	ck_assert_int_eq(f.diags.v[0].severity, SEVERITY_WARNING);
	ck_assert_str_eq(fixture_apply(&f),
			 "done group:adm\n"
			 "group 'adm': 'nobody' has no account on this host "
			 "yet, and is no member\n"
			 "group 'adm': 'nobody' has no account on this host "
			 "yet, and is no member");
	fixture_release(&f);
}
END_TEST

START_TEST(both_sides_may_tell_of_a_membership)
{
	static const char fresh[] =
		"'locked': true, 'expires': 'never', 'comment': ''";
	AUTO_BUF struct buf users = { 0 };

	buf_printf(&users,
		   "{" ROOT ", 'u': {'uid': 1000, 'gid': 1001, 'home': "
		   "'/home/u', 'shell': '/bin/sh', %s}}",
		   fresh);
	becomes("'group:g': {'members': ['u'], 'membership': 'inclusive'}, "
		"'user:u': {'groups': ['g'], 'membership': 'inclusive'}",
		HOST("", "", ""), buf_text(&users),
		"{" GROUPS ", 'g': {'gid': 1000, 'members': ['u']}, 'u': "
		"{'gid': 1001, 'members': []}}");
	/* only the group tells of it: it waits for the user */
	becomes("'group:g': {'members': ['u'], 'gid': 1000}, 'user:u': {}, "
		"'group:u': {'gid': 1001}",
		HOST("", "", ""), buf_text(&users),
		"{" GROUPS ", 'g': {'gid': 1000, 'members': ['u']}, 'u': "
		"{'gid': 1001, 'members': []}}");
}
END_TEST

/* They would undo each other's work on each run. */
START_TEST(both_sides_may_not_disagree)
{
	REFUSES("'group:adm': {'members': ['root'], 'membership': "
		"'inclusive'},\n'user:ada': {'groups': ['adm']}",
		"'ada' is kept out of group 'adm' by 'group:adm' at "
		"m.json:2:1");
	REFUSES("'group:x': {'name': 'adm', 'members': [], 'membership': "
		"'inclusive'},\n'user:ada': {'groups': ['adm']}",
		"'ada' is kept out of group 'adm' by 'group:x' at m.json:2:1");
	REFUSES("'user:ada': {'groups': ['adm'], 'membership': 'inclusive'},"
		"\n'group:staff': {'members': ['ada']}",
		"'ada' is kept out of group 'staff' by 'user:ada' at m.json:2:"
		"1");
	f = (struct fixture){ 0 };
	ck_assert(fixture_graph(
		&f, "'group:adm': {'members': ['ada'], 'membership': "
		    "'inclusive'}, 'user:ada': {'groups': ['adm'], "
		    "'membership': 'inclusive'}, 'group:x': {'membership': "
		    "'inclusive'}, 'user:bob': {'groups': ['x'], 'ensure': "
		    "'present'}, 'user:eve': {'ensure': 'absent', 'groups': "
		    "['adm']}, 'group:y': {'members': ['bob']}"));
	fixture_release(&f);
}
END_TEST

START_TEST(a_primary_group_is_never_removed)
{
	PLANS("'group:ada': {'ensure': 'absent'}", HOST("", ADA, ADAS),
	      "x group:ada (group 'ada' is the primary group of user 'ada')");
	PLANS("'group:adm': {'ensure': 'absent'}, 'group:none': {'ensure': "
	      "'absent'}",
	      HOST("", ADA, ADAS), "- group:adm");
	/* its user goes first, whatever the manifest has first */
	PLANS("'group:ada': {'ensure': 'absent'}, 'user:ada': {'ensure': "
	      "'absent'}",
	      HOST("", ADA, ADAS), "- user:ada\n- group:ada");
}
END_TEST

START_TEST(what_is_not_known_is_unknown)
{
	PLANS("'group:adm': {'members': 'a'}",
	      "{'files': {}, 'groups': {'adm': 4}, 'users': {'a': 5}}",
	      "? group:adm (it is not known of this host)");
	PLANS("'group:adm': {'gid': 4}", "{'files': {}, 'groups': {'adm': 4}}",
	      "");
}
END_TEST

TEST_SUITE("group", root_is_root, a_new_group_has_the_next_number,
	   numbers_are_not_shared, who_has_it_as_primary_group_keeps_it,
	   members_are_a_minimum_unless_they_are_inclusive,
	   a_member_without_an_account_is_left_out,
	   both_sides_may_tell_of_a_membership, both_sides_may_not_disagree,
	   a_primary_group_is_never_removed, what_is_not_known_is_unknown)
