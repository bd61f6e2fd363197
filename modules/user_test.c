/* SPDX-License-Identifier: MIT */
#include "modules/parts/account_fixture_test.h"

#define ROOT "'root': {'uid': 0, 'gid': 0, 'home': '/root'}"
#define GROUPS \
	"'root': {'gid': 0, 'members': []}, 'adm': {'gid': 4, 'members': []}"
#define FRESH "'locked': true, 'expires': 'never', 'comment': ''"
#define LOGIN_DEFS(text) \
	"'/etc/login.defs': {'type': 'file', 'content': '" text "'}"

START_TEST(names_are_as_useradd_takes_them)
{
	static const char words[] =
		"'name' must be at most 32 lower-case letters, digits, '_' and "
		"'-', and begin with a letter or '_', not '%s'";
	static const char *const bad[] = {
		"-R/",
		"a:b",
		"a b",
		"1000",
		"A",
		"a.b",
		"../a",
		"a/b",
		"$",
		"a$b",
		"aaaaaaaaaabbbbbbbbbbccccccccccddd",
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		AUTO_BUF struct buf manifest = { 0 };
		AUTO_BUF struct buf want = { 0 };

		buf_printf(&manifest, "'user:x': {'name': '%s'}", bad[i]);
		buf_printf(&want, words, bad[i]);
		REFUSES(buf_text(&manifest), buf_text(&want));
	}
	PLANS("'user:_a-1': {}, 'user:host$': {},"
	      "'user:aaaaaaaaaabbbbbbbbbbccccccccccdd': {}",
	      HOST("", "", ""),
	      "+ user:_a-1\n+ user:host$\n"
	      "+ user:aaaaaaaaaabbbbbbbbbbccccccccccdd");
}
END_TEST

START_TEST(root_is_root)
{
	REFUSES("'user:root': {'ensure': 'absent'}",
		"user 'root' is never removed");
	REFUSES("'user:root': {'uid': 1}", "the uid of 'root' is always 0");
	REFUSES("'user:toor': {'uid': 0}", "uid 0 is for 'root' alone");
	REFUSES("'user:a': {'uid': -1}",
		"'uid' must be from 0 to 4294967294, not -1");
	REFUSES("'user:a': {'uid': 4294967295}",
		"'uid' must be from 0 to 4294967294, not 4294967295");
	PLANS("'user:root': {'uid': 0}", HOST("", "", ""), "");
}
END_TEST

START_TEST(no_field_breaks_the_line)
{
	REFUSES("'user:a': {'comment': 'a:b'}",
		"'comment' must not hold ':' or control characters");
	REFUSES("'user:a': {'comment': 'a\\nroot::0:0'}",
		"'comment' must not hold ':' or control characters");
	REFUSES("'user:a': {'home': '/a:b'}",
		"'home' must not hold ':' or control characters");
	REFUSES("'user:a': {'shell': '/a:b'}",
		"'shell' must not hold ':' or control characters");
	REFUSES("'user:a': {'groups': ['a,b']}",
		"'groups' must be names such as \"adm\", not 'a,b'");
}
END_TEST

START_TEST(a_password_in_plain_text_is_in_no_message)
{
	static const char *const bad[] = {
		"hunter2",
		"",
		"$6$abc$short",
		"$6$abc$"
		"x:y",
		"!" HASH,
		"$9$a$b",
		HASH "\\n",
		"$6$a b$c",
		"**",
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		AUTO_BUF struct buf manifest = { 0 };

		buf_printf(&manifest, "'user:a': {'password_hash': '%s'}",
			   bad[i]);
		REFUSES(buf_text(&manifest),
			"'password_hash' must be a hash as crypt(5) has it, "
			"such as \"$y$...\" or \"$6$...\", or \"*\"; a "
			"password "
			"in plain text is never taken");
	}
	PLANS("'user:a': {'password_hash': '" HASH "'},"
	      "'user:b': {'password_hash': '*'}",
	      HOST("", "", ""), "+ user:a\n+ user:b");
}
END_TEST

START_TEST(a_hash_is_shown_nowhere)
{
	json_t *report;
	char *text;

	planned("'user:ada': {'password_hash': '" HASH "'}",
		HOST("", ADA, ADAS));
	report = report_plan(&f.plan);
	text = json_dumps(report, 0);
	ck_assert_ptr_null(strstr(text, "abc$K4v3"));
	ck_assert_ptr_nonnull(
		strstr(text, "\"password_hash\": {\"sensitive\": true}"));
	free(text);
	json_decref(report);
	fixture_apply(&f);
	report = host_snapshot_json(f.host);
	text = json_dumps(report, 0);
	ck_assert_ptr_null(strstr(text, "abc$K4v3"));
	free(text);
	json_decref(report);
	fixture_release(&f);
}
END_TEST

START_TEST(dates_are_days)
{
	static const char words[] = "'expires' must be a date such as "
				    "\"2027-01-31\", or \"never\", not ";
	static const char *const bad[] = {
		"2027-02-29", "2027-13-01", "2027-1-1",    "1969-12-31",
		"1970-01-01", "tomorrow",   "2027-01-311", "2027-00-10",
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		AUTO_BUF struct buf manifest = { 0 };
		AUTO_BUF struct buf want = { 0 };

		buf_printf(&manifest, "'user:a': {'expires': '%s'}", bad[i]);
		buf_printf(&want, "%s'%s'", words, bad[i]);
		REFUSES(buf_text(&manifest), buf_text(&want));
	}
	PLANS("'user:ada': {'expires': '2028-02-29'}", HOST("", ADA, ADAS),
	      "~ user:ada expires");
	PLANS("'user:ada': {'expires': 'never'}", HOST("", ADA, ADAS), "");
}
END_TEST

START_TEST(a_new_user_is_as_useradd_makes_it)
{
	becomes("'user:app': {}", HOST("", "", ""),
		"{" ROOT ", 'app': {'uid': 1000, 'gid': 1000, 'home': "
		"'/home/app', 'shell': '/bin/sh', " FRESH "}}",
		"{" GROUPS ", 'app': {'gid': 1000, 'members': []}}");
	/* one above the highest; the group takes the same, if it is free */
	becomes("'user:b': {}, 'user:c': {'group': 'adm'}",
		HOST("", ADA, ADAS ", 'x': {'gid': 1001, 'members': []}"),
		"{" ROOT ", 'ada': {'uid': 1000, 'gid': 1000, 'home': "
		"'/home/ada', 'shell': '/bin/sh', " FRESH "},"
		"'b': {'uid': 1001, 'gid': 1002, 'home': '/home/b', 'shell': "
		"'/bin/sh', " FRESH "}, 'c': {'uid': 1002, 'gid': 4, 'home': "
		"'/home/c', 'shell': '/bin/sh', " FRESH "}}",
		"{" GROUPS ", 'ada': {'gid': 1000, 'members': []}, 'x': {'gid':"
		" 1001, 'members': []}, 'b': {'gid': 1002, 'members': []}}");
}
END_TEST

START_TEST(a_system_user_has_a_low_number)
{
	becomes("'user:app': {'system': true, 'home': '/srv', 'shell': "
		"'/usr/sbin/nologin'}, 'user:two': {'system': true}",
		HOST("", "", ""),
		"{" ROOT ", 'app': {'uid': 999, 'gid': 999, 'home': '/srv', "
		"'shell': '/usr/sbin/nologin', " FRESH "}, 'two': {'uid': 998,"
		" 'gid': 998, 'home': '/home/two', 'shell': '/bin/sh', " FRESH
		"}}",
		"{" GROUPS ", 'app': {'gid': 999, 'members': []}, 'two': "
		"{'gid': 998, 'members': []}}");
}
END_TEST

START_TEST(the_host_has_its_own_defaults)
{
	becomes("'user:app': {}",
		HOST(LOGIN_DEFS(
			     "# UID_MIN 7\\nUID_MIN\\t\\t500\\nGID_MIN 600"
			     "\\nUID_MAX 70000 # many\\n") ", "
							   "'/etc/default/"
							   "useradd': {'type': "
							   "'file', 'content': "
							   "'# "
							   "SHELL=/no\\nSHELL=/"
							   "bin/bash\\nHOME=/"
							   "srv/home\\n'}",
		     "", ""),
		"{" ROOT ", 'app': {'uid': 500, 'gid': 600, 'home': "
		"'/srv/home/app', 'shell': '/bin/bash', " FRESH "}}",
		"{" GROUPS ", 'app': {'gid': 600, 'members': []}}");
	becomes("'user:app': {}",
		HOST(LOGIN_DEFS("USERGROUPS_ENAB no\\n") ", "
							 "'/etc/default/"
							 "useradd': {'type': "
							 "'file', 'content': "
							 "'GROUP=4\\n'}",
		     "", ""),
		"{" ROOT ", 'app': {'uid': 1000, 'gid': 4, 'home': "
		"'/home/app', 'shell': '/bin/sh', " FRESH "}}",
		"{" GROUPS "}");
}
END_TEST

START_TEST(a_full_range_has_gaps_or_an_end)
{
	planned("'user:b': {'group': 'adm'}, 'user:c': {'group': 'adm'}",
		HOST(LOGIN_DEFS("UID_MAX 1002\\n"),
		     ", 'x': {'uid': 1002, 'gid': 4}", ""));
	ck_assert_str_eq(fixture_apply(&f), "done user:b\ndone user:c");
	ck_assert_str_eq(host_user_name(f.host, 1000, &f.diags.arena), "b");
	ck_assert_str_eq(host_user_name(f.host, 1001, &f.diags.arena), "c");
	fixture_release(&f);
	PLANS("'user:b': {'group': 'adm'}",
	      HOST(LOGIN_DEFS("UID_MAX 1000\\n"),
		   ", 'x': {'uid': 1000, 'gid': 4}", ""),
	      "x user:b (no uid from 1000 to 1000 is free (login.defs))");
	planned("'user:b': {'group': 'adm', 'system': true}",
		HOST(LOGIN_DEFS("SYS_UID_MIN 998\\n"),
		     ", 'x': {'uid': 998, 'gid': 4}", ""));
	ck_assert_str_eq(fixture_apply(&f), "done user:b");
	ck_assert_str_eq(host_user_name(f.host, 999, &f.diags.arena), "b");
	fixture_release(&f);
}
END_TEST

START_TEST(only_what_is_given_is_managed)
{
	PLANS("'user:ada': {}", HOST("", ADA, ADAS), "");
	PLANS("'user:ada': {'uid': 7, 'group': 'adm', 'groups': 'adm', "
	      "'home': '/x', 'shell': '/x', 'comment': 'x', 'locked': false, "
	      "'password_hash': '*', 'expires': '2030-01-01'}",
	      HOST("", ADA, ADAS),
	      "~ user:ada uid group groups home shell comment password_hash "
	      "locked expires");
	becomes("'user:ada': {'uid': 7, 'group': '4', 'groups': 'adm', "
		"'home': '/x', 'shell': '/y', 'comment': 'z', "
		"'password_hash': '*', 'expires': '2030-01-01'}",
		HOST("", ADA, ADAS),
		"{" ROOT ", 'ada': {'uid': 7, 'gid': 4, 'home': '/x', 'shell': "
		"'/y', 'comment': 'z', 'locked': false, 'expires': "
		"'2030-01-01'}}",
		"{'root': {'gid': 0, 'members': []}, 'adm': {'gid': 4, "
		"'members': ['ada']}, 'ada': {'gid': 1000, 'members': []}}");
}
END_TEST

START_TEST(what_is_not_known_is_unknown)
{
	PLANS("'user:ada': {'uid': 1000}",
	      "{'files': {}, 'users': {'ada': "
	      "1000}}",
	      "");
	PLANS("'user:ada': {'shell': '/bin/sh'}",
	      "{'files': {}, 'users': {'ada': 1000}}",
	      "? user:ada (it is not known of this host)");
	PLANS("'user:ada': {'groups': 'adm'}",
	      "{'files': {}, 'users': {'ada': 1000}, 'groups': {'adm': 4}}",
	      "? user:ada (it is not known of this host)");
}
END_TEST

START_TEST(membership_is_a_minimum_unless_it_is_inclusive)
{
	static const char two[] =
		HOST("", ADA,
		     ADAS ", 'a': {'gid': 10, 'members': ['ada']}, "
			  "'b': {'gid': 11, 'members': ['root', "
			  "'ada']}");

	PLANS("'user:ada': {'groups': ['a']}", two, "");
	PLANS("'user:ada': {'groups': []}", two, "");
	PLANS("'user:ada': {'groups': ['b', 'a', 'b'], 'membership': "
	      "'inclusive'}",
	      two, "");
	PLANS("'user:ada': {'groups': 'nothing'}", two,
	      "x user:ada (there is no group 'nothing' on this host)");
	becomes("'user:ada': {'groups': ['adm'], 'membership': 'inclusive'}",
		two,
		"{" ROOT ", 'ada': {'uid': 1000, 'gid': 1000, 'home': "
		"'/home/ada', 'shell': '/bin/sh', " FRESH "}}",
		"{'root': {'gid': 0, 'members': []}, 'adm': {'gid': 4, "
		"'members': ['ada']}, 'ada': {'gid': 1000, 'members': []}, "
		"'a': {'gid': 10, 'members': []}, 'b': {'gid': 11, 'members': "
		"['root']}}");
	becomes("'user:ada': {'groups': ['adm']}", two,
		"{" ROOT ", 'ada': {'uid': 1000, 'gid': 1000, 'home': "
		"'/home/ada', 'shell': '/bin/sh', " FRESH "}}",
		"{'root': {'gid': 0, 'members': []}, 'adm': {'gid': 4, "
		"'members': ['ada']}, 'ada': {'gid': 1000, 'members': []}, "
		"'a': {'gid': 10, 'members': ['ada']}, 'b': {'gid': 11, "
		"'members': ['ada', 'root']}}");
}
END_TEST

START_TEST(numbers_are_not_shared)
{
	PLANS("'user:eve': {'uid': 1000}", HOST("", ADA, ADAS),
	      "x user:eve (uid 1000 is that of user 'ada')");
	PLANS("'user:root': {}, 'user:ada': {'uid': 5}",
	      HOST("", ADA ", 'x': 5", ADAS),
	      "x user:ada (uid 5 is that of user 'x')");
}
END_TEST

static void locks(const char *manifest, const char *password, bool locked,
		  const char *want, bool want_locked)
{
	AUTO_BUF struct buf host = { 0 };
	struct user u;
	bool there;

	buf_printf(&host,
		   "{'files': {}, 'groups': {}, 'users': {'a': {'uid': 9, "
		   "'password': '%s', 'locked': %s}}}",
		   password, locked ? "true" : "false");
	planned(manifest, buf_text(&host));
	ck_assert_str_eq(fixture_apply(&f), "done user:a");
	ck_assert(host_user(f.host, "a", &f.diags.arena, &u, &there, &f.diags));
	ck_assert_str_eq(u.password, want);
	ck_assert_int_eq(u.locked, want_locked);
	fixture_release(&f);
}

START_TEST(a_new_hash_leaves_a_lock)
{
	locks("'user:a': {'locked': true}", "*", false, "*", true);
	locks("'user:a': {'locked': false}", "*", true, "*", false);
	locks("'user:a': {'password_hash': '*'}", "x", true, "*", true);
	locks("'user:a': {'password_hash': '*'}", "x", false, "*", false);
	/* useradd's "!" is no lock of a password */
	locks("'user:a': {'password_hash': '*'}", "", true, "*", false);
	locks("'user:a': {'password_hash': '*', 'locked': false}", "x", true,
	      "*", false);
	locks("'user:a': {'password_hash': '*', 'locked': true}", "x", false,
	      "*", true);
	PLANS("'user:ada': {'locked': false}", HOST("", ADA, ADAS),
	      "x user:ada (user 'ada' has no password: without one it stays "
	      "locked)");
	PLANS("'user:new': {'locked': false}", HOST("", ADA, ADAS),
	      "x user:new (user 'new' has no password: without one it stays "
	      "locked)");
	PLANS("'user:new': {'locked': true}", HOST("", ADA, ADAS),
	      "+ user:new");
}
END_TEST

#define SKEL                                                                \
	"'/etc/skel/.profile': {'type': 'file', 'content': 'p', 'mode': "   \
	"'0640'}, '/etc/skel/d': {'type': 'directory', 'mode': '0700'}, "   \
	"'/etc/skel/d/l': {'type': 'link', 'target': 'x'}, '/etc/skel/f': " \
	"{'type': 'FIFO'}"

START_TEST(a_home_is_made_as_its_user)
{
	planned("'user:ada': {'manage_home': true, 'uid': 7, 'group': 'adm'}",
		HOST(HOMES ", " SKEL ", " LOGIN_DEFS("HOME_MODE 0700\\n"), "",
		     ""));
	ck_assert_str_eq(fixture_apply(&f), "done user:ada");
	fixture_check_files(
		&f,
		"'/home/ada': {'type': 'directory', 'mode': '0700', 'uid': 7, "
		"'gid': 4}, '/home/ada/.profile': {'type': 'file', 'content': "
		"'p', 'mode': '0640', 'uid': 7, 'gid': 4}, '/home/ada/d': "
		"{'type': 'directory', 'mode': '0700', 'uid': 7, 'gid': 4}, "
		"'/home/ada/d/l': {'type': 'link', 'target': 'x', 'uid': 7, "
		"'gid': 4}, " SKEL ", " LOGIN_DEFS("HOME_MODE 0700\\n"));
	fixture_release(&f);
	PLANS("'user:ada': {'manage_home': true}", HOST(HOMES, ADA, ADAS),
	      "~ user:ada manage_home");
	PLANS("'user:ada': {'manage_home': true}",
	      HOST("'/home/ada': {'type': 'directory'}", ADA, ADAS), "");
	PLANS("'user:ada': {'manage_home': true}", HOST("", ADA, ADAS),
	      "x user:ada (the folder '/home' does not exist)");
}
END_TEST

#define OWN_HOME                                                         \
	"'/home/ada': {'type': 'directory', 'uid': 1000, 'gid': 1000}, " \
	"'/home/ada/f': {'type': 'file', 'content': '', 'uid': 1000, "   \
	"'gid': 1000}"

START_TEST(a_home_goes_with_its_user_only_when_it_is_managed)
{
	planned("'user:ada': {'ensure': 'absent'}", HOST(OWN_HOME, ADA, ADAS));
	ck_assert_int_eq(f.plan.v[0]->disruption, DISRUPTION_NONE);
	ck_assert(f.plan.v[0]->undoable);
	ck_assert_str_eq(fixture_apply(&f), "done user:ada");
	fixture_check_files(&f, OWN_HOME);
	fixture_release(&f);
	planned("'user:ada': {'ensure': 'absent', 'manage_home': true}",
		HOST(OWN_HOME ", '/home/b': {'type': 'directory'}", ADA, ADAS));
	ck_assert_int_eq(f.plan.v[0]->disruption, DISRUPTION_DATA);
	ck_assert(!f.plan.v[0]->undoable);
	ck_assert_str_eq(fixture_apply(&f), "done user:ada");
	fixture_check_files(&f, "'/home/b': {'type': 'directory'}");
	fixture_release(&f);
}
END_TEST

START_TEST(what_is_in_a_home_that_goes_is_listed_and_counts)
{
	const char *host = HOST(
		OWN_HOME
		", '/home/ada/g': {'type': 'file', 'content': '', 'uid': 1000}",
		ADA, ADAS);

	planned("'user:ada': {'ensure': 'absent', 'manage_home': true}", host);
	ck_assert_uint_eq(f.plan.v[0]->takes, 2);
	ck_assert_uint_eq(f.plan.removed, 3);
	fixture_release(&f);
	PLANS("{'version': 1, 'policy': {'max_removals': 2}, 'resources': {"
	      "'user:ada': {'ensure': 'absent', 'manage_home': true}}}",
	      host,
	      "= user:ada (withheld: 3 removals are over the budget of 2)");
	planned("'user:ada': {'ensure': 'absent'}", host);
	ck_assert_uint_eq(f.plan.removed, 1);
	fixture_release(&f);
}
END_TEST

START_TEST(a_home_that_is_not_its_own_alone_stays)
{
	static const char absent[] =
		"'user:ada': {'ensure': 'absent', 'manage_home': true}";

	PLANS(absent, HOST("'/home/ada': {'type': 'directory'}", ADA, ADAS),
	      "x user:ada (its home '/home/ada' belongs to root)");
	PLANS(absent,
	      HOST(OWN_HOME, ADA ", 'b': {'uid': 5, 'home': '/home/ada/b'}",
		   ADAS),
	      "x user:ada (its home '/home/ada' has that of 'b' in it)");
	PLANS(absent,
	      HOST("'/home/ada': {'type': 'link', 'target': '/etc'}", ADA,
		   ADAS),
	      "x user:ada (its home '/home/ada' is a link)");
	PLANS("'user:d': {'ensure': 'absent', 'manage_home': true}",
	      HOST("'/usr': {'type': 'directory', 'uid': 5}",
		   ", 'd': {'uid': 5, 'home': '/usr'}", ""),
	      "x user:d (its home '/usr' is never removed)");
	PLANS(absent, HOST(HOMES, ADA, ADAS), "- user:ada");
}
END_TEST

START_TEST(what_is_in_the_home_follows_its_user)
{
	planned("'user:ada': {'uid': 7, 'group': 'adm'}, 'file:/home/ada/f': "
		"{'content': 'x', 'owner': 'ada', 'group': 'adm'}, "
		"'file:/home/ada/d/g': {'content': 'y', 'owner': 'ada'}",
		HOST(OWN_HOME ", '/home/ada/d': {'type': 'directory', 'uid': "
			      "1000, 'gid': 5}, '/home/ada/d/g': {'type': "
			      "'file', 'content': '', 'uid': 1000}",
		     ADA, ADAS));
	ck_assert_str_eq(fixture_shown(&f),
			 "~ user:ada uid group\n~ file:/home/ada/f content\n"
			 "~ file:/home/ada/d/g content");
	ck_assert_str_eq(fixture_apply(&f),
			 "done user:ada\ndone file:/home/ada/f\n"
			 "done file:/home/ada/d/g");
	fixture_check_files(
		&f, "'/home/ada': {'type': 'directory', 'uid': 7, 'gid': 4}, "
		    "'/home/ada/f': {'type': 'file', 'content': 'x', 'uid': 7, "
		    "'gid': 4}, '/home/ada/d': {'type': 'directory', 'uid': 7, "
		    "'gid': 5}, '/home/ada/d/g': {'type': 'file', 'content': "
		    "'y', 'uid': 7}");
	fixture_release(&f);
}
END_TEST

START_TEST(a_home_is_moved)
{
	planned("'user:ada': {'home': '/home/b', 'manage_home': true}",
		HOST(OWN_HOME, ADA, ADAS));
	ck_assert_str_eq(fixture_shown(&f), "~ user:ada home manage_home");
	fixture_release(&f);
	/* one that belongs to the system stays where it is */
	planned("'user:d': {'home': '/srv/d', 'manage_home': true}",
		HOST("'/usr/x': {'type': 'directory'}, '/srv': {'type': "
		     "'directory'}",
		     ", 'd': {'uid': 5, 'gid': 4, 'home': '/usr'}", ""));
	ck_assert_str_eq(fixture_apply(&f), "done user:d");
	fixture_check_files(&f, "'/usr/x': {'type': 'directory'}, '/srv/d': "
				"{'type': 'directory', 'uid': 5, 'gid': 4}");
	fixture_release(&f);
}
END_TEST

START_TEST(the_last_of_uid_0_stays)
{
	PLANS("'user:toor': {'ensure': 'absent'}",
	      "{'files': {}, 'users': {'toor': 0, 'a': 5}}",
	      "x user:toor (user 'toor' is the last one of uid 0)");
	PLANS("'user:toor': {'ensure': 'absent'}",
	      "{'files': {}, 'users': {'toor': 0, 'root': 0}}", "- user:toor");
}
END_TEST

START_TEST(the_group_of_its_name_goes_with_a_user)
{
	becomes("'user:ada': {'ensure': 'absent'}, 'group:ada': {'ensure': "
		"'absent'}",
		HOST(LOGIN_DEFS("USERGROUPS_ENAB yes\\n"), ADA, ADAS),
		"{" ROOT "}", "{" GROUPS "}");
	becomes("'user:ada': {'ensure': 'absent'}", HOST("", ADA, ADAS),
		"{" ROOT "}",
		"{" GROUPS ", 'ada': {'gid': 1000, 'members': []}}");
	/* whoever wants it gets it back in the same run */
	becomes("'group:ada': {}, 'user:ada': {'ensure': 'absent'}",
		HOST(LOGIN_DEFS("USERGROUPS_ENAB yes\\n"), ADA, ADAS),
		"{" ROOT "}",
		"{" GROUPS ", 'ada': {'gid': 1000, 'members': []}}");
	becomes("'user:ada': {'ensure': 'absent'}",
		HOST(LOGIN_DEFS("USERGROUPS_ENAB yes\\n"), ADA,
		     ", 'ada': {'gid': 1000, 'members': ['root', 'ada']}"),
		"{" ROOT "}",
		"{" GROUPS ", 'ada': {'gid': 1000, 'members': ['root']}}");
}
END_TEST

START_TEST(what_a_new_user_owns_is_planned)
{
	planned("'file:/etc/a': {'content': '', 'owner': 'app', 'group': "
		"'www'}, 'user:app': {'groups': 'www'}, 'group:www': {}",
		HOST("'/etc': {'type': 'directory'}", "", ""));
	ck_assert_str_eq(fixture_shown(&f),
			 "+ group:www\n+ user:app\n+ file:/etc/a");
	ck_assert_str_eq(fixture_apply(&f),
			 "done group:www\ndone user:app\ndone file:/etc/a");
	fixture_check_files(&f, "'/etc/a': {'type': 'file', 'content': '', "
				"'uid': 1000, 'gid': 1000}");
	fixture_release(&f);
}
END_TEST

#define HOMED(home)                                                        \
	HOST("'/srv/homes/stray': {'type': 'file', 'content': ''}, '" home \
	     "': {'type': 'directory', 'uid': 1000, 'gid': 1000}, '" home  \
	     "/x': {'type': 'file', 'content': '', 'uid': 1000}",          \
	     ", 'ada': {'uid': 1000, 'gid': 1000, 'home': '" home          \
	     "', 'shell': '/bin/sh', 'comment': '', 'locked': true, "      \
	     "'password': '', 'expires': 'never'}",                        \
	     ADAS)
#define ABOVE                                                                \
	"'directory:/srv/homes': {'purge': true, 'recurse': true, 'owner': " \
	"'root'}, "

START_TEST(a_home_is_not_purged_from_above)
{
	const char *host = HOMED("/srv/homes/ada");

	PLANS(ABOVE "'user:ada': {'manage_home': true}", host,
	      "- file:/srv/homes/stray");
	PLANS(ABOVE "'user:ada': {'manage_home': true, 'home': "
		    "'/srv/homes/ada'}",
	      host, "- file:/srv/homes/stray");
	/* one that is going to move is still there */
	PLANS(ABOVE "'user:ada': {'manage_home': true, 'home': '/srv/a'}", host,
	      "- file:/srv/homes/stray\n~ user:ada home manage_home");
	/* what nobody manages goes */
	PLANS(ABOVE "'user:ada': {'home': '/srv/homes/ada'}", host,
	      "- file:/srv/homes/ada/x\n- file:/srv/homes/stray\n"
	      "- directory:/srv/homes/ada");
}
END_TEST

START_TEST(a_home_may_have_a_directory_of_its_own)
{
	PLANS("'user:ada': {'manage_home': true}, 'directory:/srv/homes/ada': "
	      "{'purge': true, 'recurse': true, 'mode': '0700'}",
	      HOMED("/srv/homes/ada"),
	      "~ directory:/srv/homes/ada mode\n- file:/srv/homes/ada/x");
}
END_TEST

TEST_SUITE("user", names_are_as_useradd_takes_them, root_is_root,
	   no_field_breaks_the_line, a_password_in_plain_text_is_in_no_message,
	   a_hash_is_shown_nowhere, dates_are_days,
	   a_new_user_is_as_useradd_makes_it, a_system_user_has_a_low_number,
	   the_host_has_its_own_defaults, a_full_range_has_gaps_or_an_end,
	   only_what_is_given_is_managed, what_is_not_known_is_unknown,
	   membership_is_a_minimum_unless_it_is_inclusive,
	   numbers_are_not_shared, a_new_hash_leaves_a_lock,
	   a_home_is_made_as_its_user,
	   a_home_goes_with_its_user_only_when_it_is_managed,
	   what_is_in_a_home_that_goes_is_listed_and_counts,
	   a_home_that_is_not_its_own_alone_stays,
	   what_is_in_the_home_follows_its_user, a_home_is_moved,
	   the_last_of_uid_0_stays, the_group_of_its_name_goes_with_a_user,
	   what_a_new_user_owns_is_planned, a_home_is_not_purged_from_above,
	   a_home_may_have_a_directory_of_its_own)
