/* SPDX-License-Identifier: MIT */
/* Changes that a host makes and that a comparison must not be silent about. */
#include "lib/review/reviewing_test.h"

/* A sealed file that is another, under a manifest that is the same. */
START_TEST(a_secret_that_is_sealed_anew_changes_what_holds_it)
{
	static const char *const holders[] = {
		"'file:/f': {'content': 'x ${vars.s}'}",
		"'block:x': {'path': '/f', 'content': '${vars.s}'}",
		"'ini:i': {'path': '/f', 'section': 's', 'key': 'k', 'value': "
		"'${vars.s}'}",
		"'json:j': {'path': '/f', 'pointer': '/p', 'value': {'x': "
		"'${vars.s}'}}",
		"'line:l': {'path': '/f', 'line': 'pw=${vars.s}'}",
		"'user:u': {'password_hash': '${vars.s}'}",
	};

	for (size_t i = 0; i < COUNT(holders); i++) {
		put_hosts();
		put_both("secrets/s.age", "a", "b");
		put("roles/r.json",
		    arena_printf(&old.arena,
				 "{'vars': {'s': {'secret': 'secrets/s.age'}}, "
				 "'resources': {%s}}",
				 holders[i]));
		review();
		ck_assert_uint_eq(groups(), 1);
		ck_assert_str_eq(changes(0),
				 arena_printf(&old.arena, "update %.*s",
					      (int)strcspn(holders[i] + 1, "'"),
					      holders[i] + 1));
		ck_assert_str_eq(world_text(&old, change_of(0, 0, "secrets")),
				 "['secrets/s.age']");
		end();
		found = NULL;
	}
}
END_TEST

/* Where it is written says nothing of who uses it. */
START_TEST(a_secret_of_the_whole_world_counts_for_its_hosts)
{
	put_hosts();
	put("converge.json", "{'version': 1, 'vars': {'s': {'secret': "
			     "'secrets/s.age'}}}");
	put_both("secrets/s.age", "1", "2");
	put("roles/r.json",
	    "{'resources': {'file:/f': {'content': '${vars.s}'}}}");
	review();
	ck_assert_uint_eq(groups(), 1);
	ck_assert_str_eq(changes(0), "update file:/f");
	end();
}
END_TEST

TEST_SUITE("compare", a_secret_that_is_sealed_anew_changes_what_holds_it,
	   a_secret_of_the_whole_world_counts_for_its_hosts)
