/* SPDX-License-Identifier: MIT */
/* Two revisions of a world in memory, compared. */
#include "lib/review/reviewing_test.h"

START_TEST(what_is_the_same_is_unchanged)
{
	put_hosts();
	put_both("roles/r.json", "{'resources': {'file:/f': {'mode': '0600'}}}",
		 "{'//': 'x', 'resources': {'file:/f': {'mode': '0600'}}}");
	review();
	ck_assert_uint_eq(groups(), 0);
	ck_assert_int_eq(sum("unchanged"), 2);
	end();
}
END_TEST

START_TEST(each_kind_of_change_has_its_name)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'file:/p': {'content': 'x'}, 'file:/q': {}, "
		 "'file:/c': {'mode': '0600'}, 'exec:d': {'command': ['d']}, "
		 "'file:/e': {'backup': false}, 'exec:n': {'command': ['n'], "
		 "'refreshonly': true}}}",
		 "{'resources': {'file:/p': {'ensure': 'absent'}, "
		 "'file:/c': {'mode': '0644', 'notify': 'exec:n'}, "
		 "'exec:d': {'command': ['d', 'd']}, "
		 "'file:/e': {'backup': true}, 'link:/l': {'target': 'x'}, "
		 "'exec:n': {'command': ['n'], 'refreshonly': true}}}");
	review();
	ck_assert_uint_eq(groups(), 1);
	ck_assert_str_eq(changes(0), "remove file:/p, update file:/c, "
				     "unknown exec:d, manage file:/e, "
				     "create link:/l, refresh exec:n, "
				     "release file:/q");
	end();
}
END_TEST

START_TEST(a_change_that_differs_by_the_hosts_name_is_one)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'file:/f': {'content': 'x\\n'}}}",
		 "{'resources': {'file:/f': {'content': 'x ${host}.\\n'}}}");
	review();
	ck_assert_uint_eq(groups(), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(group(0), "hosts")),
			  2);
	end();
}
END_TEST

/* Only as a word of its own: "a" stands in many. */
START_TEST(a_name_within_a_word_is_none)
{
	put_hosts();
	put_both("hosts/b.json",
		 "{'version': 1, 'host': 'b', 'resources': {'file:/f': "
		 "{'content': 'x'}}}",
		 "{'version': 1, 'host': 'b', 'resources': {'file:/f': "
		 "{'content': 'xbx'}}}");
	put_both("hosts/a.json",
		 "{'version': 1, 'host': 'a', 'resources': {'file:/f': "
		 "{'content': 'x'}}}",
		 "{'version': 1, 'host': 'a', 'resources': {'file:/f': "
		 "{'content': 'xax'}}}");
	review();
	ck_assert_uint_eq(groups(), 2);
	end();
}
END_TEST

/* The word for what happens to the one must not pass for the other's name. */
START_TEST(hosts_that_are_called_as_changes_are_kept_apart)
{
	put("converge.json", "{'version': 1}");
	put_both("hosts/create.json", "{'version': 1, 'host': 'create'}",
		 "{'version': 1, 'host': 'create', 'resources': {'file:/f': "
		 "{}}}");
	put_both("hosts/release.json",
		 "{'version': 1, 'host': 'release', 'resources': {'file:/f': "
		 "{}}}",
		 "{'version': 1, 'host': 'release'}");
	review();
	ck_assert_uint_eq(groups(), 2);
	end();
}
END_TEST

/* What stands beside them counts for nothing. */
START_TEST(contents_are_the_same_change_by_their_lines)
{
	put("converge.json", "{'version': 1}");
	put_both("roles/r.json",
		 "{'resources': {'file:/f': {'content': "
		 "'${vars.x}\\nold\\n'}}}",
		 "{'resources': {'file:/f': {'content': "
		 "'${vars.x}\\nnew\\n'}}}");
	for (size_t i = 0; i < 2; i++)
		put(i ? "hosts/q.json" : "hosts/p.json",
		    i ? "{'version': 1, 'host': 'q', 'roles': ['r'], 'vars': "
			"{'x': 'one'}}"
		      : "{'version': 1, 'host': 'p', 'roles': ['r'], 'vars': "
			"{'x': 'two'}}");
	review();
	ck_assert_uint_eq(groups(), 1);
	ck_assert_str_eq(json_string_value(change_of(0, 0, "diff")),
			 "@@ -1,2 +1,2 @@\n two\n-old\n+new\n");
	end();
}
END_TEST

START_TEST(a_file_counts_for_whom_names_it)
{
	put_hosts();
	put("hosts/b.json", "{'version': 1, 'host': 'b'}");
	put("roles/r.json",
	    "{'resources': {'file:/f': {'template': 'templates/t'}}}");
	put("templates/t", "{{> p}}");
	put_both("templates/p", "one", "two");
	put_both("files/nobodys", "one", "two");
	review();
	ck_assert_uint_eq(groups(), 1);
	ck_assert_str_eq(changes(0), "update file:/f");
	ck_assert_int_eq(sum("unchanged"), 1);
	end();
}
END_TEST

START_TEST(what_is_hidden_is_not_shown)
{
	AUTO_FREE char *text = NULL;

	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'file:/f': {'content': 'hush\\nbefore', "
		 "'sensitive': ['content']}}}",
		 "{'resources': {'file:/f': {'content': 'hush\\nafter', "
		 "'sensitive': ['content']}}}");
	review();
	ck_assert_uint_eq(groups(), 1);
	text = json_dumps(found, 0);
	ck_assert_ptr_null(strstr(text, "hush"));
	ck_assert_ptr_null(strstr(text, "sha256"));
	end();
}
END_TEST

START_TEST(what_is_withheld_asks_for_nothing)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'file:/f': {'mode': '0600', 'noop': true, "
		 "'notify': 'exec:n'}, 'exec:n': {'command': ['n'], "
		 "'refreshonly': true}, 'file:/g': {'mode': '0600', "
		 "'require': 'file:/f'}}}",
		 "{'resources': {'file:/f': {'mode': '0644', 'noop': true, "
		 "'notify': 'exec:n'}, 'exec:n': {'command': ['n'], "
		 "'refreshonly': true}, 'file:/g': {'mode': '0644', "
		 "'require': 'file:/f'}}}");
	review();
	ck_assert_str_eq(changes(0), "update file:/f, update file:/g");
	ck_assert_str_eq(json_string_value(change_of(0, 0, "withheld")),
			 "noop");
	ck_assert_str_eq(json_string_value(change_of(0, 1, "withheld")),
			 "it waits for file:/f");
	end();
}
END_TEST

START_TEST(a_refresh_goes_on_to_what_it_notifies)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'file:/f': {'mode': '0600', 'notify': "
		 "'exec:m'}, 'exec:m': {'command': ['m'], 'refreshonly': "
		 "true, 'notify': 'exec:n'}, 'exec:n': {'command': ['n'], "
		 "'refreshonly': true}}}",
		 "{'resources': {'file:/f': {'mode': '0644', 'notify': "
		 "'exec:m'}, 'exec:m': {'command': ['m'], 'refreshonly': "
		 "true, 'notify': 'exec:n'}, 'exec:n': {'command': ['n'], "
		 "'refreshonly': true}}}");
	review();
	ck_assert_str_eq(changes(0), "update file:/f, refresh exec:m, "
				     "refresh exec:n");
	ck_assert_str_eq(json_string_value(change_of(0, 2, "because")),
			 "because exec:m is refreshed");
	end();
}
END_TEST

/* The host is found to differ in rows that no manifest has. */
START_TEST(what_a_type_makes_of_attributes_notifies)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'git:/srv/app': {'repository': "
		 "'https://x/y', 'revision': 'v1', 'notify': 'service:app'}, "
		 "'package:nginx': {'ensure': '1.0', 'notify': "
		 "'service:nginx'}, 'service:app': {'ensure': 'running'}, "
		 "'service:nginx': {'ensure': 'running'}}}",
		 "{'resources': {'git:/srv/app': {'repository': "
		 "'https://x/y', 'revision': 'v2', 'notify': 'service:app'}, "
		 "'package:nginx': {'ensure': '1.1', 'notify': "
		 "'service:nginx'}, 'service:app': {'ensure': 'running'}, "
		 "'service:nginx': {'ensure': 'running'}}}");
	review();
	ck_assert_str_eq(changes(0), "update package:nginx, "
				     "unknown git:/srv/app, "
				     "unknown service:app, "
				     "refresh service:nginx");
	ck_assert_str_eq(disruption(), "restart");
	ck_assert_str_eq(json_string_value(change_of(0, 2, "because")),
			 "whether git:/srv/app changes");
	end();
}
END_TEST

START_TEST(a_package_that_is_to_go_is_removed)
{
	json_t *attributes;

	put_hosts();
	put_both("roles/r.json", "{'resources': {'package:nginx': {}}}",
		 "{'resources': {'package:nginx': {'ensure': 'absent'}}}");
	review();
	ck_assert_str_eq(changes(0), "remove package:nginx");
	ck_assert_str_eq(disruption(), "restart");
	attributes = change_of(0, 0, "attributes");
	ck_assert_uint_eq(json_object_size(attributes), 1);
	ck_assert_ptr_nonnull(json_object_get(attributes, "ensure"));
	end();
}
END_TEST

START_TEST(what_a_policy_would_not_let_through_is_withheld)
{
	put_hosts();
	put("converge.json",
	    "{'version': 1, 'policy': {'max_disruption': 'reload'}}");
	put_both("roles/r.json",
		 "{'resources': {'package:nginx': {'ensure': '1.0'}}}",
		 "{'resources': {'package:nginx': {'ensure': '1.1'}}}");
	review();
	ck_assert_str_eq(changes(0), "update package:nginx");
	ck_assert_str_eq(json_string_value(change_of(0, 0, "withheld")),
			 "its disruption is restart, and reload is allowed");
	end();
}
END_TEST

/* What the old revision pins, and the new does not, stays as it is. */
START_TEST(what_is_asked_for_no_more_is_no_change)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'package:nginx': {'ensure': '1.0'}, "
		 "'directory:/d': {'purge': true}, 'file:/f': {'ensure': "
		 "'absent', 'content': 'x'}}}",
		 "{'resources': {'package:nginx': {}, 'directory:/d': {}, "
		 "'file:/f': {'ensure': 'absent', 'content': 'y'}}}");
	review();
	ck_assert_str_eq(changes(0), "manage package:nginx, "
				     "manage directory:/d, manage file:/f");
	end();
}
END_TEST

/* By what they make of a mode, as far as that is known. */
START_TEST(a_mode_in_other_words_is_no_change)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'file:/a': {'mode': '0644'}, "
		 "'file:/b': {'mode': 'u=rw,go=r,a-st'}, "
		 "'file:/c': {'mode': '0644'}, 'file:/d': {'mode': 'u+x'}, "
		 "'directory:/e': {'mode': '0755', 'recurse': true, "
		 "'file_mode': '0644'}, 'file:/f': {'mode': '0644'}}}",
		 "{'resources': {'file:/a': {'mode': 'u=rw,go=r'}, "
		 "'file:/b': {'mode': '0644'}, "
		 "'file:/c': {'mode': 'u+x'}, 'file:/d': {'mode': '0744'}, "
		 "'directory:/e': {'mode': '0755', 'recurse': true, "
		 "'file_mode': 'g-w'}, 'file:/f': {'mode': 'a=rX'}}}");
	review();
	ck_assert_str_eq(changes(0), "manage file:/a, manage file:/b, "
				     "update file:/c, update file:/d, "
				     "manage directory:/e, update file:/f");
	end();
}
END_TEST

START_TEST(what_a_resource_is_of_makes_another_of_it)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'package:web': {'name': 'nginx'}}}",
		 "{'resources': {'package:web': {'name': 'apache2'}}}");
	review();
	ck_assert_str_eq(changes(0), "create package:web");
	ck_assert_str_eq(json_string_value(change_of(0, 0, "because")),
			 "nginx is managed no more; what is there stays");
	end();
}
END_TEST

START_TEST(a_purge_removes_what_is_managed_no_more)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'directory:/c': {'purge': true, 'notify': "
		 "'exec:n'}, 'file:/c/a': {}, 'file:/c/b': {}, 'exec:n': "
		 "{'command': ['n'], 'refreshonly': true}}}",
		 "{'resources': {'directory:/c': {'purge': true, 'notify': "
		 "'exec:n'}, 'file:/c/a': {}, 'exec:n': {'command': ['n'], "
		 "'refreshonly': true}}}");
	review();
	ck_assert_str_eq(changes(0), "refresh exec:n, remove file:/c/b");
	ck_assert_str_eq(because(0), "because file:/c/b changes");
	ck_assert_str_eq(because(1), "removed by directory:/c");
	end();
}
END_TEST

START_TEST(a_mirror_that_purges_removes_what_the_world_has_no_more)
{
	put_hosts();
	put("roles/r.json", "{'resources': {'directory:/c': {'source': "
			    "'files', 'purge': true}}}");
	put("files/a", "a");
	put("files/s/a", "a");
	world_put(&old, "files/b", "b");
	world_put(&old, "files/s/b", "b");
	review();
	ck_assert_str_eq(changes(0), "remove file:/c/b, remove file:/c/s/b");
	ck_assert_str_eq(because(0), "removed by directory:/c");
	ck_assert_str_eq(because(1), "removed by directory:/c/s");
	end();
}
END_TEST

/* Folders that are managed are purged with recurse alone; what a command
 * creates, and what is above what is managed, is no stray. */
START_TEST(a_purge_reaches_no_further_than_it_says)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'directory:/c': {'purge': true}, "
		 "'directory:/c/d': {}, 'file:/c/d/f': {}, 'file:/c/m': {}, "
		 "'directory:/c/k': {}, 'file:/c/k/f': {}, 'file:/c/k/g': {}, "
		 "'exec:m': {'command': ['m'], 'creates': '/c/m'}, "
		 "'directory:/r': {'purge': true, 'recurse': true}, "
		 "'directory:/r/d': {}, 'file:/r/d/f': {}, 'file:/c/x': "
		 "{'ensure': 'absent'}}}",
		 "{'resources': {'directory:/c': {'purge': true}, "
		 "'directory:/c/d': {}, 'file:/c/k/f': {}, 'exec:m': "
		 "{'command': ['m'], 'creates': '/c/m'}, 'directory:/r': "
		 "{'purge': true, 'recurse': true}, 'directory:/r/d': {}}}");
	review();
	ck_assert_str_eq(changes(0),
			 "release file:/c/d/f, release file:/c/m, "
			 "release directory:/c/k, release file:/c/k/g, "
			 "remove file:/r/d/f, release file:/c/x");
	ck_assert_str_eq(because(4), "removed by directory:/r");
	end();
}
END_TEST

START_TEST(a_purge_spares_what_is_anothers_own)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'directory:/r': {'purge': true, 'recurse': "
		 "true}, 'user:u': {'home': '/r/h/u', 'manage_home': true}, "
		 "'file:/r/h/u/f': {}, 'file:/r/h/g': {}, "
		 "'directory:/etc/modprobe.d': {'purge': true}, "
		 "'file:/etc/modprobe.d/converge-m.conf': {}}}",
		 "{'resources': {'directory:/r': {'purge': true, 'recurse': "
		 "true}, 'user:u': {'home': '/r/h/u', 'manage_home': true}, "
		 "'directory:/etc/modprobe.d': {'purge': true}, "
		 "'kernel_module:m': {'options': 'x=1'}}}");
	review();
	ck_assert_str_eq(changes(0),
			 "create kernel_module:m, release file:/r/h/u/f, "
			 "remove file:/r/h/g, "
			 "release file:/etc/modprobe.d/converge-m.conf");
	ck_assert_str_eq(because(3), "now managed by kernel_module:m");
	end();
}
END_TEST

START_TEST(what_is_in_a_folder_that_goes_goes)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'directory:/c': {}, 'file:/c/a': {}, "
		 "'directory:/d': {}, 'file:/d/a': {}, 'directory:/e': {}, "
		 "'file:/e/a': {}}}",
		 "{'resources': {'directory:/c': {'ensure': 'absent', 'force': "
		 "true}, 'directory:/d': {'ensure': 'absent', 'force': true, "
		 "'noop': true}, 'link:/e': {'target': 'c', 'force': true}}}");
	review();
	ck_assert_str_eq(changes(0), "remove directory:/d, update link:/e, "
				     "remove directory:/c, remove file:/c/a, "
				     "remove file:/d/a, release directory:/e, "
				     "remove file:/e/a");
	ck_assert_str_eq(because(5), "now managed by link:/e");
	ck_assert_str_eq(because(3), "removed by directory:/c");
	ck_assert_str_eq(withheld(4), "noop");
	ck_assert_str_eq(because(6), "removed by link:/e");
	end();
}
END_TEST

START_TEST(what_another_id_is_of_is_compared_with_that)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'package:nginx': {}, 'file:/i': {'mode': "
		 "'0600'}, 'link:/l': {'target': 'x'}, 'line:a': {'path': "
		 "'/x', 'line': 'a'}}}",
		 "{'resources': {'package:web': {'name': 'nginx'}, 'file:i': "
		 "{'path': '/i', 'mode': '0644'}, 'file:/l': {'force': true}, "
		 "'line:b': {'path': '/x', 'line': 'a'}}}");
	review();
	ck_assert_str_eq(changes(0), "update file:i, update file:/l, "
				     "release package:nginx, release file:/i, "
				     "release link:/l, release line:a");
	ck_assert_str_eq(because(2), "now managed by package:web");
	ck_assert_str_eq(because(3), "now managed by file:i");
	ck_assert_str_eq(because(4), "now managed by file:/l");
	ck_assert_str_eq(because(5), "now managed by line:b");
	end();
}
END_TEST

/* Not one group, though to both it is managed no more. */
START_TEST(what_becomes_of_it_tells_hosts_apart)
{
	put("converge.json", "{'version': 1}");
	put_both("hosts/p.json",
		 "{'version': 1, 'host': 'p', 'resources': {'file:/f': {}}}",
		 "{'version': 1, 'host': 'p', 'resources': {'file:f': "
		 "{'path': '/f'}}}");
	put_both("hosts/q.json",
		 "{'version': 1, 'host': 'q', 'resources': {'file:/f': {}}}",
		 "{'version': 1, 'host': 'q'}");
	review();
	ck_assert_uint_eq(groups(), 2);
	ck_assert_str_eq(changes(0), "release file:/f");
	ck_assert_str_eq(changes(1), "release file:/f");
	end();
}
END_TEST

/* Whether it runs by itself is not known, but that it is notified is. */
START_TEST(what_is_unknown_is_refreshed_all_the_same)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'file:/f': {'mode': '0600', 'notify': "
		 "'exec:n'}, 'exec:n': {'command': ['n'], 'creates': '/n'}}}",
		 "{'resources': {'file:/f': {'mode': '0644', 'notify': "
		 "'exec:n'}, 'exec:n': {'command': ['n', 'n'], 'creates': "
		 "'/n'}}}");
	review();
	ck_assert_str_eq(changes(0), "update file:/f, unknown exec:n, "
				     "refresh exec:n");
	end();
}
END_TEST

START_TEST(names_that_are_exchanged_change_nothing)
{
	put_hosts();
	put_both("roles/r.json",
		 "{'resources': {'package:a': {'name': 'x'}, 'package:b': "
		 "{'name': 'y'}}}",
		 "{'resources': {'package:a': {'name': 'y'}, 'package:b': "
		 "{'name': 'x'}}}");
	review();
	ck_assert_uint_eq(json_array_size(json_object_get(group(0), "changes")),
			  0);
	end();
}
END_TEST

START_TEST(facts_that_nobody_told_are_assumed)
{
	const json_t *assumed;

	put_hosts();
	put("hosts/b.json", "{'version': 1, 'host': 'b'}");
	put("hosts/a.json", "{'version': 1, 'host': 'a', 'roles': ['r'], "
			    "'facts': {'cpu.count': 8}}");
	put_both("roles/r.json", "{'vars': {'x': '1'}}",
		 "{'resources': {'file:/f': {'content': "
		 "'${facts.os.id} ${facts.cpu.count}'}}}");
	review();
	assumed = json_object_get(group(0), "assumed");
	ck_assert_uint_eq(json_object_size(assumed), 1);
	ck_assert_str_eq(json_string_value(json_object_get(assumed, "os.id")),
			 "debian");
	end();
}
END_TEST

/* The change is in a rule that they exclude. */
START_TEST(facts_are_assumed_of_unchanged_hosts_too)
{
	const json_t *assumed;

	put_hosts();
	put("hosts/b.json", "{'version': 1, 'host': 'b'}");
	put("hosts/c.json", "{'version': 1, 'host': 'c', 'roles': ['r'], "
			    "'facts': {'virtualization.kind': 'kvm'}}");
	put("hosts/d.json", "{'version': 1, 'host': 'd', 'roles': ['r']}");
	put_both("roles/r.json",
		 "{'rules': [{'when': {'facts.virtualization.kind': 'none'}, "
		 "'resources': {'directory:/srv': {}}}]}",
		 "{'rules': [{'when': {'facts.virtualization.kind': 'none'}, "
		 "'resources': {'directory:/srv/x': {'ensure': 'absent', "
		 "'force': true}}}]}");
	found = review_in(3);
	ck_assert_uint_eq(groups(), 0);
	ck_assert_int_eq(sum("unchanged"), 4);
	assumed = json_object_get(found, "assumed");
	ck_assert_str_eq(world_text(&old, json_object_get(assumed, "hosts")),
			 "['a','d']");
	ck_assert_uint_eq(json_object_size(json_object_get(assumed, "facts")),
			  1);
	ck_assert(json_is_string(json_object_get(
		json_object_get(assumed, "facts"), "virtualization.kind")));
	end();
}
END_TEST

START_TEST(what_nobody_changed_needs_no_facts)
{
	put_hosts();
	put("roles/r.json",
	    "{'rules': [{'when': {'facts.virtualization.kind': 'none'}, "
	    "'resources': {'directory:/srv': {}}}]}");
	put_both("roles/other.json", "{}", "{'resources': {}}");
	review();
	ck_assert_int_eq(sum("unchanged"), 2);
	ck_assert_ptr_null(json_object_get(found, "assumed"));
	end();
}
END_TEST

START_TEST(all_that_is_wrong_with_hosts_is_one_group)
{
	const char *finding;

	put_hosts();
	put_both("roles/r.json", "{}", "{'resources': {'fil:/f': {}}, 'x': 1}");
	review();
	ck_assert_uint_eq(groups(), 1);
	ck_assert_int_eq(sum("wrong"), 2);
	ck_assert_uint_eq(
		json_array_size(json_object_get(group(0), "findings")), 2);
	finding = json_string_value(json_object_get(
		json_array_get(json_object_get(group(0), "findings"), 0),
		"text"));
	ck_assert_str_eq(finding, "unknown key \"x\"");
	end();
}
END_TEST

START_TEST(a_world_whose_settings_are_no_json_says_why)
{
	const json_t *findings;

	put_hosts();
	put("roles/r.json", "{}");
	world_put(&new, "converge.json", "{'version': 1,}");
	review();
	ck_assert_uint_eq(groups(), 1);
	ck_assert_int_eq(sum("wrong"), 2);
	findings = json_object_get(group(0), "findings");
	ck_assert_uint_eq(json_array_size(findings), 1);
	ck_assert_str_eq(world_text(&old, json_array_get(findings, 0)),
			 "{'column':14,'file':'converge.json','line':1,"
			 "'severity':'error','text':'trailing comma'}");
	end();
}
END_TEST

START_TEST(in_any_number_of_shares_it_is_the_same)
{
	put_hosts();
	put("hosts/c.json", "{'version': 1, 'host': 'c'}");
	put_both("hosts/d.json", "{'version': 1, 'host': 'd'}",
		 "{'version': 1, 'host': 'd', 'resources': {'file:/d': {}}}");
	world_put(&old, "hosts/gone.json", "{'version': 1, 'host': 'gone'}");
	world_put(&new, "hosts/new.json", "{'version': 1, 'host': 'new'}");
	put_both("roles/r.json", "{'resources': {'file:/f': {}}}",
		 "{'resources': {'file:/f': {'content': '${host}'}}}");
	found = review_in(1);
	ck_assert_int_eq(sum("hosts"), 6);
	ck_assert_int_eq(sum("added"), 1);
	ck_assert_int_eq(sum("removed"), 1);
	for (size_t n = 2; n <= 4; n++) {
		json_t *other = review_in(n);

		ck_assert(json_equal(found, other));
		json_decref(other);
	}
	end();
}
END_TEST

START_TEST(a_share_that_is_none_is_refused)
{
	static const char *const wrong[] = {
		"{}",
		"[]",
		"{\"groups\": [{}], \"added\": [], \"removed\": []}",
		"{\"groups\": [], \"added\": [1], \"removed\": []}",
		"{\"groups\": [], \"added\": [], \"removed\": [{}]}",
		("{\"groups\": [{\"id\": \"x\", \"kind\": \"wrong\", "
		 "\"shown\": \"a\", \"hosts\": [1]}], \"added\": [], "
		 "\"removed\": []}"),
		("{\"groups\": [], \"added\": [], \"removed\": [], "
		 "\"snapshots\": {\"planned\": 1, \"without\": []}}"),
		("{\"groups\": [], \"added\": [], \"removed\": [], "
		 "\"assumed\": {\"hosts\": [1], \"facts\": {}}}"),
		("{\"groups\": [], \"added\": [], \"removed\": [], "
		 "\"assumed\": {\"hosts\": []}}"),
	};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		json_t *share = json_loads(wrong[i], 0, NULL);

		ck_assert_ptr_nonnull(share);
		ck_assert_ptr_null(review_join(&share, 1, &diags));
		ck_assert_uint_eq(diags.n, i + 1);
		json_decref(share);
	}
	diags_release(&diags);
}
END_TEST

TEST_SUITE("review", what_is_the_same_is_unchanged,
	   each_kind_of_change_has_its_name,
	   a_change_that_differs_by_the_hosts_name_is_one,
	   a_name_within_a_word_is_none,
	   hosts_that_are_called_as_changes_are_kept_apart,
	   contents_are_the_same_change_by_their_lines,
	   a_file_counts_for_whom_names_it, what_is_hidden_is_not_shown,
	   what_is_withheld_asks_for_nothing,
	   a_refresh_goes_on_to_what_it_notifies,
	   what_a_type_makes_of_attributes_notifies,
	   a_package_that_is_to_go_is_removed,
	   what_a_policy_would_not_let_through_is_withheld,
	   what_is_asked_for_no_more_is_no_change,
	   a_mode_in_other_words_is_no_change,
	   what_a_resource_is_of_makes_another_of_it,
	   a_purge_removes_what_is_managed_no_more,
	   a_mirror_that_purges_removes_what_the_world_has_no_more,
	   a_purge_reaches_no_further_than_it_says,
	   a_purge_spares_what_is_anothers_own,
	   what_is_in_a_folder_that_goes_goes,
	   what_another_id_is_of_is_compared_with_that,
	   what_becomes_of_it_tells_hosts_apart,
	   what_is_unknown_is_refreshed_all_the_same,
	   names_that_are_exchanged_change_nothing,
	   facts_that_nobody_told_are_assumed,
	   facts_are_assumed_of_unchanged_hosts_too,
	   what_nobody_changed_needs_no_facts,
	   all_that_is_wrong_with_hosts_is_one_group,
	   a_world_whose_settings_are_no_json_says_why,
	   in_any_number_of_shares_it_is_the_same,
	   a_share_that_is_none_is_refused)
