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
		"'line:l': {'path': '/f', 'line': 'pw=${vars.s}', "
		"'match': '^pw='}",
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

#define GATE(size, rest)                                                       \
	"{'format': 'converge.type/1', 'summary': 'A gate.', 'attributes': "   \
	"{'name': {'type': 'text', 'name': true, 'doc': 'N.'}, 'size': {" size \
	"'type': 'integer', 'doc': 'S.'}}" rest "}"

/* A type of the world's own is a part of what its resources are. */
START_TEST(a_type_that_is_another_is_told_of)
{
	static const struct {
		const char *before, *after, *changes, *because;
	} types[] = {
		{ GATE("", ""), GATE("'state': false, ", ""), "manage gate:g",
		  "its type is another" },
		{ GATE("'state': false, ", ""), GATE("", ""),
		  "unknown gate:g, unknown exec:n",
		  "its type is another, and what that changes only the host "
		  "can tell" },
		{ GATE("", ""), GATE("", ", 'disruption': 'reboot'"),
		  "manage gate:g", "its type is another" },
		{ GATE("", ""), GATE("", ", 'timeout': 5"), "manage gate:g",
		  "its type is another" },
		{ GATE("", ""), GATE("", ", 'refresh': true"), "manage gate:g",
		  "its type is another" },
		{ GATE("", ""), GATE("", ", 'effects': 'own'"), "manage gate:g",
		  "its type is another" },
	};

	for (size_t i = 0; i < COUNT(types); i++) {
		put_hosts();
		put_both("modules.d/gate.json", types[i].before,
			 types[i].after);
		put("roles/r.json",
		    "{'resources': {'gate:g': {'size': 3, 'notify': 'exec:n'}, "
		    "'exec:n': {'command': ['n'], 'refreshonly': true}}}");
		review();
		ck_assert_uint_eq(groups(), 1);
		ck_assert_str_eq(changes(0), types[i].changes);
		ck_assert_str_eq(because(0), types[i].because);
		ck_assert_str_eq(
			world_text(&old,
				   json_array_get(change_of(0, 0, "trail"), 1)),
			"['modules.d/gate.json']");
		end();
		found = NULL;
	}
}
END_TEST

/* What only people read makes no difference. */
START_TEST(a_type_that_is_described_anew_is_the_same)
{
	put_hosts();
	put_both("modules.d/gate.json", GATE("", ""),
		 GATE("'required': true, ", ", '//': 'x'"));
	put("roles/r.json", "{'resources': {'gate:g': {'size': 3}}}");
	review();
	ck_assert_int_eq(sum("unchanged"), 2);
	end();
}
END_TEST

/* A reference may lead to any file, also beside documents. */
START_TEST(a_file_that_is_named_by_reference_counts_wherever_it_is)
{
	static const struct {
		const char *source, *var, *file;
	} named[] = {
		{ "'source': 'files/${vars.f}'", "x", "files/x" },
		{ "'template': 'roles/web/${vars.f}.conf'", "big",
		  "roles/web/big.conf" },
		{ "'source': '${vars.f}'", "roles/x.txt", "roles/x.txt" },
		{ "'source': 'hosts/${vars.f}'", "x", "hosts/x" },
		{ "'source': '${vars.f}.json'", "roles/o", "roles/o.json" },
		{ "'template': 'files/${vars.f}'", "t", "templates/p" },
	};

	for (size_t i = 0; i < COUNT(named); i++) {
		put_hosts();
		put("files/t", "{{> p}}");
		put("roles/r.json",
		    arena_printf(&old.arena,
				 "{'vars': {'f': '%s'}, 'resources': "
				 "{'file:/f': {%s}}}",
				 named[i].var, named[i].source));
		put_both(named[i].file, "{}", "{ }");
		review();
		ck_assert_uint_eq(groups(), 1);
		ck_assert_str_eq(changes(0), "update file:/f");
		end();
		found = NULL;
	}
}
END_TEST

START_TEST(what_no_reference_can_lead_to_does_not_count)
{
	put_hosts();
	put("files/f", "f");
	put("roles/r.json", "{'vars': {'f': 'f'}, 'resources': {'file:/f': "
			    "{'source': 'files/${vars.f}'}}}");
	put_both("roles/other.json", "{}", "{'resources': {}}");
	review();
	ck_assert_uint_eq(groups(), 0);
	ck_assert_int_eq(sum("unchanged"), 2);
	end();
}
END_TEST

#define OF_KEY(c, comment)                                               \
	"'user': 'ada', 'key': 'ssh-ed25519 "                            \
	"AAAAC3NzaC1lZDI1NTE5AAAAI" c "ABAgMEBQYHCAkKCwwNDg8QERITFBUWFx" \
	"gZGhscHR4f " comment "'"

/* What stood in the other place stays there. */
START_TEST(an_edit_of_another_place_is_another)
{
	static const struct {
		const char *type, *before, *after;
	} edits[] = {
		{ "line", "'path': '/f', 'line': 'p yes'",
		  "'path': '/f', 'line': 'p no'" },
		{ "line", "'path': '/f', 'line': 'p 1', 'match': '^p'",
		  "'path': '/g', 'line': 'p 2', 'match': '^p'" },
		{ "line", "'path': '/f', 'line': 'p 1', 'match': '^p'",
		  "'path': '/f', 'line': 'p 2'" },
		{ "line", "'path': '/f', 'line': '${vars.s}'",
		  "'path': '/f', 'line': '${vars.t}'" },
		{ "ini", "'path': '/f', 'section': 's', 'key': 'k', 'value': 1",
		  "'path': '/g', 'section': 's', 'key': 'k', 'value': 2" },
		{ "ini", "'path': '/f', 'section': 's', 'key': 'k', 'value': 1",
		  "'path': '/f', 'section': 't', 'key': 'k', 'value': 2" },
		{ "ini", "'path': '/f', 'section': 's', 'key': 'k', 'value': 1",
		  "'path': '/f', 'section': 's', 'key': 'l', 'value': 1" },
		{ "json", "'path': '/f', 'pointer': '/p', 'value': 1",
		  "'path': '/f', 'pointer': '/q', 'value': 2" },
		{ "json", "'path': '/f', 'pointer': '/p/-', 'value': 1",
		  "'path': '/f', 'pointer': '/p/-', 'value': 2" },
		{ "block", "'path': '/f', 'content': '1'",
		  "'path': '/g', 'content': '2'" },
		{ "block", "'path': '/f', 'content': '1'",
		  "'path': '/f', 'content': '2', 'marker': '# {mark} x'" },
		{ "authorized_key", OF_KEY("A", "x"), OF_KEY("B", "x") },
	};

	for (size_t i = 0; i < COUNT(edits); i++) {
		put_hosts();
		put("secrets/s.age", "s");
		put("secrets/t.age", "t");
		for (size_t k = 0; k < 2; k++)
			world_put(
				k ? &new : &old, "roles/r.json",
				arena_printf(
					&old.arena,
					"{'vars': {'s': {'secret': "
					"'secrets/s.age'}, 't': {'secret': "
					"'secrets/t.age'}}, 'resources': "
					"{'%s:x': {%s}}}",
					edits[i].type,
					k ? edits[i].after : edits[i].before));
		review();
		ck_assert_str_eq(
			changes(0),
			arena_printf(&old.arena, "create %s:x", edits[i].type));
		ck_assert_str_eq(because(0), "what it was of is managed no "
					     "more; what is there stays");
		end();
		found = NULL;
	}
}
END_TEST

START_TEST(what_is_edited_in_its_place_is_an_update)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'line:l': {'path': '/f', 'line': 'p 1', "
		 "'match': '^p'}, 'line:m': {'path': '/f', 'line': 'q 1', "
		 "'match': '^q'}, 'line:n': {'path': '/f', 'line': 'r 1'}, "
		 "'ini:i': {'path': '/f', 'section': 's', 'key': 'k', 'value': "
		 "1}, 'authorized_key:k': {" OF_KEY("A", "x") "}}}",
		 "{'resources': {'line:l': {'path': '/f', 'line': 'p 2', "
		 "'match': '^p'}, 'line:m': {'path': '/f', 'line': 'q 2', "
		 "'match': '^ *q'}, 'line:n': {'path': '/f', 'line': 'r 2', "
		 "'match': '^r'}, 'ini:i': {'path': '/f', 'section': 's', "
		 "'key': 'k', 'value': 2}, 'authorized_key:k': "
		 "{" OF_KEY("A", "y") "}}}");
	review();
	ck_assert_str_eq(changes(0), "update line:l, unknown line:m, "
				     "unknown line:n, update ini:i, "
				     "update authorized_key:k");
	end();
}
END_TEST

/* Nobody knows what is there. */
START_TEST(what_is_absent_from_another_place_is_unknown)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'ini:i': {'path': '/f', 'key': 'k', 'value': "
		 "1}, 'file:f': {'path': '/f'}, 'line:l': {'path': '/f', "
		 "'line': 'p'}}}",
		 "{'resources': {'ini:i': {'path': '/f', 'key': 'l', 'ensure': "
		 "'absent'}, 'file:f': {'path': '/g', 'ensure': 'absent'}, "
		 "'line:l': {'path': '/f', 'line': 'p', 'ensure': "
		 "'absent'}}}");
	review();
	ck_assert_str_eq(changes(0),
			 "unknown ini:i, unknown file:f, remove line:l");
	ck_assert_str_eq(because(0),
			 "what it was of is managed no more; what is there "
			 "stays; whether this is there only the host can tell");
	end();
}
END_TEST

START_TEST(edits_that_exchange_their_places_change_nothing)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'ini:x': {'path': '/f', 'key': 'k', 'value': "
		 "1}, 'ini:y': {'path': '/f', 'key': 'l', 'value': 2}}}",
		 "{'resources': {'ini:x': {'path': '/f', 'key': 'l', 'value': "
		 "2}, 'ini:y': {'path': '/f', 'key': 'k', 'value': 1}}}");
	review();
	ck_assert_uint_eq(json_array_size(json_object_get(group(0), "changes")),
			  0);
	end();
}
END_TEST

/* All removals, as of a plan; what they notify is not. */
START_TEST(removals_over_the_budget_are_withheld)
{
	static const char over[] = "3 removals are over the budget of 2";

	put_hosts();
	put("converge.json", "{'version': 1, 'policy': {'max_removals': 2}}");
	put_both("roles/r.json",
		 "{'resources': {'file:/a': {'notify': 'exec:n'}, 'file:/b': "
		 "{}, 'directory:/c': {'purge': true, 'notify': 'exec:n'}, "
		 "'file:/c/f': {}, 'file:/d': {'mode': '0600'}, 'file:/e': {}, "
		 "'exec:n': {'command': ['n'], 'refreshonly': true}}}",
		 "{'resources': {'file:/a': {'ensure': 'absent', 'notify': "
		 "'exec:n'}, 'file:/b': {'ensure': 'absent'}, 'directory:/c': "
		 "{'purge': true, 'notify': 'exec:n'}, 'file:/d': {'mode': "
		 "'0644', 'require': 'file:/b'}, 'exec:n': {'command': ['n'], "
		 "'refreshonly': true}, 'file:/e': {'ensure': 'absent', "
		 "'noop': true}}}");
	review();
	ck_assert_str_eq(changes(0),
			 "remove file:/a, remove file:/b, update file:/d, "
			 "remove file:/e, remove file:/c/f");
	ck_assert_str_eq(withheld(0), over);
	ck_assert_str_eq(withheld(1), over);
	ck_assert_str_eq(withheld(2), "it waits for file:/b");
	ck_assert_str_eq(withheld(3), "noop");
	ck_assert_str_eq(withheld(4), over);
	end();
}
END_TEST

START_TEST(removals_within_the_budget_are_told)
{
	put_hosts();
	put("converge.json",
	    "{'version': 1, 'policy': {'max_removals': '20%'}}");
	put_both("roles/r.json",
		 "{'resources': {'file:/a': {'notify': 'exec:n'}, 'file:/b': "
		 "{}, 'exec:n': {'command': ['n'], 'refreshonly': true}}}",
		 "{'resources': {'file:/a': {'ensure': 'absent', 'notify': "
		 "'exec:n'}, 'file:/b': {}, 'exec:n': {'command': ['n'], "
		 "'refreshonly': true}, 'file:/y': {'ensure': 'absent'}, "
		 "'file:/z': {'ensure': 'absent'}}}");
	review();
	ck_assert_str_eq(changes(0), "remove file:/a, remove file:/y, "
				     "remove file:/z, refresh exec:n");
	ck_assert_ptr_null(withheld(0));
	end();
}
END_TEST

/* What a folder takes along goes with it, or stays with it. */
START_TEST(a_folder_that_takes_much_along_is_withheld)
{
	put_hosts();
	put("converge.json", "{'version': 1, 'policy': {'max_removals': 2}}");
	put_both("roles/r.json",
		 "{'resources': {'directory:/c': {}, 'file:/c/a': {}, "
		 "'file:/c/b': {}}}",
		 "{'resources': {'directory:/c': {'ensure': 'absent', 'force': "
		 "true, 'notify': 'exec:n'}, 'exec:n': {'command': ['n'], "
		 "'refreshonly': true}}}");
	review();
	ck_assert_str_eq(changes(0), "remove directory:/c, unknown exec:n, "
				     "remove file:/c/a, remove file:/c/b");
	ck_assert_str_eq(withheld(0), "3 removals are over the budget of 2");
	ck_assert_str_eq(withheld(1), "it waits for directory:/c");
	ck_assert_str_eq(withheld(2), withheld(0));
	ck_assert_str_eq(withheld(3), withheld(0));
	end();
}
END_TEST

/* What is there keeps its content; what is not there, or is there as something
 * else, gets it. */
START_TEST(content_that_replaces_none_is_for_new_files)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'file:/a': {'content': '1', 'replace': false, "
		 "'notify': 'exec:n'}, 'file:/b': {'ensure': 'absent'}, "
		 "'link:/c': {'target': 'x'}, 'file:/d': {'content': '1', "
		 "'replace': false, 'mode': '0600'}, 'file:/e': {'content': "
		 "'1', 'replace': false}, 'file:f': {'path': '/f', 'content': "
		 "'1', 'replace': false}, 'exec:n': {'command': ['n'], "
		 "'refreshonly': true}}}",
		 "{'resources': {'file:/a': {'content': '2', 'replace': false, "
		 "'notify': 'exec:n'}, 'file:/b': {'content': '2', 'replace': "
		 "false}, 'file:/c': {'content': '2', 'replace': false, "
		 "'force': true}, 'file:/d': {'content': '2', 'replace': "
		 "false, 'mode': '0644'}, 'file:/e': {'content': '2'}, "
		 "'file:f': {'path': '/g', 'content': '2', 'replace': false}, "
		 "'exec:n': {'command': ['n'], 'refreshonly': true}}}");
	review();
	ck_assert_str_eq(changes(0),
			 "manage file:/a, create file:/b, update file:/c, "
			 "update file:/d, update file:/e, create file:f, "
			 "release link:/c");
	ck_assert_str_eq(because(0), "for new ones alone: what is there stays");
	end();
}
END_TEST

TEST_SUITE("compare", a_secret_that_is_sealed_anew_changes_what_holds_it,
	   a_secret_of_the_whole_world_counts_for_its_hosts,
	   a_type_that_is_another_is_told_of,
	   a_type_that_is_described_anew_is_the_same,
	   a_file_that_is_named_by_reference_counts_wherever_it_is,
	   what_no_reference_can_lead_to_does_not_count,
	   an_edit_of_another_place_is_another,
	   what_is_edited_in_its_place_is_an_update,
	   what_is_absent_from_another_place_is_unknown,
	   edits_that_exchange_their_places_change_nothing,
	   removals_over_the_budget_are_withheld,
	   removals_within_the_budget_are_told,
	   a_folder_that_takes_much_along_is_withheld,
	   content_that_replaces_none_is_for_new_files)
