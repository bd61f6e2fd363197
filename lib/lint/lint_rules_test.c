/* SPDX-License-Identifier: MIT */
/* Every rule: what it finds, and what is nearly that and is right. */
#include "lib/lint/linting_test.h"

#include "lib/lint/parts.h"

static struct linting t;

#define KEY                                                            \
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8Q" \
	"ERITFBUWFxgZGhscHR4f"

/* Of lone manifests: both without errors. */
static const struct {
	const char *rule, *bad, *good;
} rows[] = {
	/* files */
	{ "unmanaged-parent", "'file:/etc/app/x': {}",
	  "'file:/etc/x': {}, 'file:/usr/local/bin/x': {}" },
	{ "unmanaged-parent", "'directory:/etc/app/a/b': {}",
	  "'directory:/etc/app': {}, 'directory:/etc/app/a': {}" },
	{ "unmanaged-parent", "'package:app': {}, 'file:/etc/app/x': {}",
	  "'package:app': {}, 'file:/etc/app/x': {'require': 'package:app'}" },
	{ "unmanaged-parent", "'file:/home/u/x': {'owner': 'v'}, 'user:v': {}",
	  "'file:/home/u/x': {'owner': 'u'}, 'user:u': {'manage_home': true}" },
	{ "unmanaged-parent",
	  "'ini:a': {'path': '/etc/app/x', 'section': 's', 'key': 'k', "
	  "'value': 'v', 'create': true}",
	  "'ini:a': {'path': '/etc/app/x', 'section': 's', 'key': 'k', "
	  "'value': 'v'}" },
	{ "unmanaged-parent", "'link:/srv/a/b': {'target': 'x'}",
	  "'link:/srv/a/b': {'ensure': 'absent'}" },
	{ "unmanaged-parent",
	  "'directory:/etc/app': {'ensure': 'absent'}, 'file:/etc/apq/x': {}",
	  "'exec:x': {'command': ['mkdir', '/etc/app'], 'creates': "
	  "'/etc/app'}, 'file:/etc/app/x': {'require': 'exec:x'}" },
	{ "world-writable", "'file:/etc/x': {'mode': '0666'}",
	  "'file:/etc/x': {'mode': '0664'}" },
	{ "world-writable", "'file:/etc/x': {'mode': 'a+w'}",
	  "'file:/etc/x': {'mode': 'o-w'}" },
	{ "world-writable", "'directory:/srv/x': {'mode': '0777'}",
	  "'directory:/srv/x': {'mode': '1777'}" },
	{ "world-writable", "'directory:/srv/x': {'file_mode': '0666'}",
	  "'directory:/srv/x': {'file_mode': '0660'}" },
	{ "setuid-without-reason", "'file:/usr/local/bin/x': {'mode': '4755'}",
	  "'file:/usr/local/bin/x': {'mode': '4755', 'description': 'why'}" },
	{ "setuid-without-reason", "'file:/usr/local/bin/x': {'mode': '2755'}",
	  "'file:/usr/local/bin/x': {'mode': '2755', '//': 'why'}, "
	  "'directory:/srv/x': {'mode': '2775'}" },
	{ "wide-purge", "'directory:/etc/cron.d': {'purge': true}",
	  "'directory:/etc/apt/sources.list.d': {'purge': true}" },
	{ "wide-purge", "'directory:/etc/logrotate.d': {'purge': true}",
	  "'directory:/etc/logrotate.d': {'purge': false}" },
	{ "inside-unpacked",
	  "'git:/opt/a': {'repository': 'https://e.org/r', 'revision': "
	  "'main'}, 'file:/opt/a/etc/x': {'content': 'x'}",
	  "'git:/opt/a': {'repository': 'https://e.org/r', 'revision': "
	  "'main', 'ignore': ['log', 'etc']}, 'file:/opt/a/etc/x': "
	  "{'content': 'x'}, 'file:/opt/ab': {}" },
	{ "inside-unpacked",
	  "'git:/opt/a': {'repository': 'https://e.org/r', 'revision': "
	  "'main', 'ignore': 'x'}, 'line:x': {'path': '/opt/a/xy', 'line': "
	  "'x'}",
	  "'git:/opt/a': {'repository': 'https://e.org/r', 'revision': "
	  "'main', 'ignore': 'x'}, 'line:x': {'path': '/opt/a/x', 'line': "
	  "'x'}" },
	{ "inside-unpacked",
	  "'git:/opt/a': {'repository': 'https://e.org/r', 'revision': "
	  "'main', 'ignore': 'var/x'}, 'directory:/opt/a/var': {'mode': "
	  "'0700'}",
	  "'git:/opt/a': {'ensure': 'absent'}, 'file:/opt/a/x': {'ensure': "
	  "'absent'}" },
	{ "edited-twice",
	  "'ini:a': {'path': '/etc/x', 'section': 's', 'key': 'k', 'value': "
	  "'1'}, 'ini:b': {'path': '/etc/x', 'section': 's', 'key': 'k', "
	  "'value': '2'}",
	  "'ini:a': {'path': '/etc/x', 'section': 's', 'key': 'k', 'value': "
	  "'1'}, 'ini:b': {'path': '/etc/x', 'section': 't', 'key': 'k', "
	  "'value': '2'}" },
	{ "edited-twice",
	  "'json:a': {'path': '/etc/x', 'pointer': '/a', 'value': 1}, "
	  "'json:b': {'path': '/etc/x', 'pointer': '/a', 'value': 2}",
	  "'json:a': {'path': '/etc/x', 'pointer': '/a', 'value': 1}, "
	  "'json:b': {'path': '/etc/y', 'pointer': '/a', 'value': 2}" },
	{ "edited-twice",
	  "'json:a': {'path': '/etc/x', 'pointer': '/a/b', 'value': {}}, "
	  "'json:b': {'path': '/etc/x', 'pointer': '/a/b/c/d', 'value': 2}",
	  "'json:a': {'path': '/etc/x', 'pointer': '/a/b', 'value': {}}, "
	  "'json:b': {'path': '/etc/x', 'pointer': '/a/bc', 'value': 2}, "
	  "'json:c': {'path': '/etc/y', 'pointer': '/a/b/c', 'value': 2}" },
	{ "edited-twice",
	  "'json:a': {'path': '/etc/x', 'pointer': '/a~1b/c', 'ensure': "
	  "'absent'}, "
	  "'json:b': {'path': '/etc/x', 'pointer': '', 'value': {}}",
	  "'json:a': {'path': '/etc/x', 'pointer': '/a~1b', 'value': 1}, "
	  "'json:b': {'path': '/etc/x', 'pointer': '/a', 'value': 1}" },
	{ "edited-twice",
	  "'json:a': {'path': '/etc/x', 'pointer': '/a', 'value': []}, "
	  "'json:b': {'path': '/etc/x', 'pointer': '/a/-', 'value': '/'}",
	  "'json:a': {'path': '/etc/x', 'pointer': '/a/-', 'value': 'x/y'}, "
	  "'json:b': {'path': '/etc/x', 'pointer': '/a/-', 'value': 'x'}" },
	{ "edited-twice",
	  "'json:a': {'path': '/etc/x', 'pointer': '/-', 'value': {'a': 1, "
	  "'b': 2}}, "
	  "'json:b': {'path': '/etc/x', 'pointer': '/-', 'ensure': 'absent', "
	  "'value': {'b': 2, 'a': 1}}",
	  "'json:a': {'path': '/etc/x', 'pointer': '/a', 'value': 1}, "
	  "'json:b': {'path': '/etc/x', 'pointer': '/b', 'value': 1}" },
	{ "edited-twice",
	  "'block:a': {'path': '/etc/x', 'marker': '# {mark}', 'content': "
	  "'a'}, "
	  "'block:b': {'path': '/etc/x', 'marker': '# {mark}', 'content': "
	  "'b'}",
	  "'block:a': {'path': '/etc/x', 'content': 'a'}, "
	  "'block:b': {'path': '/etc/x', 'content': 'b'}" },
	{ "edited-twice",
	  "'line:a': {'path': '/etc/x', 'match': '^a', 'line': 'a1'}, "
	  "'line:b': {'path': '/etc/x', 'match': '^a', 'line': 'a2'}",
	  "'line:a': {'path': '/etc/x', 'line': 'a'}, "
	  "'line:b': {'path': '/etc/x', 'line': 'b'}" },
	{ "edited-twice",
	  "'line:a': {'path': '/etc/x', 'line': 'PermitRootLogin no'}, "
	  "'line:b': {'path': '/etc/x', 'match': '^PermitRoot', 'ensure': "
	  "'absent'}",
	  "'line:a': {'path': '/etc/x', 'line': 'PermitRootLogin no'}, "
	  "'line:b': {'path': '/etc/x', 'match': 'yes$', 'ensure': "
	  "'absent'}, "
	  "'line:c': {'path': '/etc/y', 'match': '^PermitRoot', 'ensure': "
	  "'absent'}" },
	{ "edited-twice",
	  "'line:a': {'path': '/etc/x', 'line': 'a', 'ensure': 'absent'}, "
	  "'line:b': {'path': '/etc/x', 'line': 'a', 'match': '^b'}",
	  "'line:a': {'path': '/etc/x', 'line': 'a', 'ensure': 'absent'}, "
	  "'line:b': {'path': '/etc/x', 'line': 'ab', 'match': '^b'}" },
	{ "edited-twice",
	  "'ini:a': {'path': '/etc/x', 'section': 's', 'key': 'k', 'value': "
	  "1}, 'ini:b': {'path': '/etc/x', 'section': 's', 'ensure': "
	  "'absent'}",
	  "'ini:a': {'path': '/etc/x', 'section': 's', 'key': 'k', 'value': "
	  "1}, 'ini:b': {'path': '/etc/x', 'section': 't', 'ensure': "
	  "'absent'}, 'ini:c': {'path': '/etc/x', 'section': 's', 'key': "
	  "'l', 'ensure': 'absent'}" },
	{ "unchecked-sudoers", "'file:/etc/sudoers.d/x': {'content': 'x'}",
	  "'file:/etc/sudoers.d/x': {'content': 'x', 'validate': ['visudo', "
	  "'-c', '-f', '%']}" },
	{ "unchecked-sudoers",
	  "'line:x': {'path': '/etc/sudoers', 'line': "
	  "'x'}",
	  "'file:/etc/sudoers.d/x': {'ensure': 'absent'}" },
	{ "unstable-device",
	  "'mount:/srv': {'device': '/dev/sdb1', 'fstype': 'ext4'}",
	  "'mount:/srv': {'device': '/dev/disk/by-id/x', 'fstype': 'ext4'}" },
	{ "unstable-device",
	  "'mount:/srv': {'device': '/dev/nvme0n1p1', 'fstype': 'ext4'}",
	  "'mount:/srv': {'device': 'UUID=1', 'fstype': 'ext4'}" },
	/* commands */
	{ "exec-without-guard", "'exec:x': {'command': ['true']}",
	  "'exec:x': {'command': ['true'], 'creates': '/x'}" },
	{ "exec-without-guard",
	  "'exec:x': {'command': ['true'], 'refreshonly': false}",
	  "'exec:x': {'command': ['true'], 'unless': ['false']}" },
	{ "shell-string",
	  "'exec:x': {'command': 'true', 'shell': true, 'creates': '/x'}",
	  "'exec:x': {'command': ['true'], 'creates': '/x'}" },
	{ "shell-interpolation",
	  "'exec:x': {'command': 'rm ${vars.v}', 'shell': true}",
	  "'exec:x': {'command': ['rm', '${vars.v}']}" },
	{ "shell-interpolation",
	  "'exec:x': {'command': ['/bin/sh', '-c', 'rm ${vars.v}']}",
	  "'exec:x': {'command': ['/bin/sh', '-c', 'rm $${HOME}']}" },
	{ "shell-interpolation",
	  "'exec:x': {'command': ['bash', '-ec', 'rm ${vars.v}']}",
	  "'exec:x': {'command': ['sh', '-c', 'rm $V'], 'env': {'V': "
	  "'${vars.v}'}}" },
	{ "pipe-to-shell",
	  "'exec:x': {'command': 'curl -s https://x/y | sudo bash', "
	  "'shell': true}",
	  "'exec:x': {'command': 'curl -s https://x/y | grep sh', "
	  "'shell': true}" },
	{ "pipe-to-shell",
	  "'exec:x': {'command': ['bash', '-c', 'wget -O- x|sh']}",
	  "'exec:x': {'command': ['bash', '-c', 'wget -O x y || sh z']}" },
	{ "pipe-to-shell",
	  "'exec:x': {'command': 'sh -c \\'$(curl https://x)\\'', "
	  "'shell': true}",
	  "'exec:x': {'command': ['curl', 'https://x', '|', 'sh']}" },
	{ "pipe-to-shell",
	  "'cron:x': {'schedule': '@daily', 'command': 'curl x | sh'}",
	  "'cron:x': {'schedule': '@daily', 'command': 'curl x'}" },
	{ "cron-path",
	  "'cron:x': {'schedule': '@daily', 'command': 'fstrim -a'}",
	  "'cron:x': {'schedule': '@daily', 'command': '/sbin/fstrim -a'}" },
	{ "cron-path",
	  "'cron:x': {'schedule': '@daily', 'command': 'logrotate; true'}",
	  "'cron:x': {'schedule': '@daily', 'command': 'logrotate', 'env': "
	  "{'PATH': '/usr/sbin'}}" },
	/* where things come from */
	{ "latest-without-window", "'package:x': {'ensure': 'latest'}",
	  "'package:x': {'ensure': '1.2'}" },
	{ "http-without-digest",
	  "'apt_repository:x': {'uris': ['https://x/', 'http://x/'], "
	  "'suites': 'x', 'components': 'main'}",
	  "'apt_repository:x': {'uris': 'http://x/', 'suites': 'x', "
	  "'components': 'main', 'signed_by': '/x.gpg'}" },
	{ "http-without-digest",
	  "'exec:x': {'command': ['curl', '-o', '/x', 'http://x/y']}",
	  "'exec:x': {'command': ['curl', '-o', '/x', 'http://localhost/y']}" },
	{ "unauthenticated-packages",
	  "'exec:x': {'command': ['apt-get', 'install', '--force-yes', 'x']}",
	  "'exec:x': {'command': ['apt-get', 'install', '--yes', 'x']}" },
	{ "floating-revision",
	  "'git:/srv/x': {'repository': 'https://x/y', 'revision': 'main'}",
	  "'git:/srv/x': {'repository': 'https://x/y', 'revision': 'v1.2'}" },
	{ "floating-revision",
	  "'git:/srv/x': {'repository': 'https://x/y', 'revision': "
	  "'refs/heads/x'}",
	  "'git:/srv/x': {'repository': 'https://x/y', 'revision': "
	  "'0123456789012345678901234567890123456789'}" },
	/* services */
	{ "service-without-check",
	  "'service:nginx': {'ensure': 'running'}, 'file:/etc/nginx/x': "
	  "{'notify': 'service:nginx'}",
	  "'service:nginx': {'ensure': 'running', 'check': ['nginx', '-t']}, "
	  "'file:/etc/nginx/x': {'notify': 'service:nginx'}" },
	{ "service-without-check",
	  "'service:ssh.service': {'ensure': 'running'}, "
	  "'file:/etc/ssh/sshd_config.d/x': {'notify': "
	  "'service:ssh.service'}",
	  "'service:ssh': {'ensure': 'running'}, "
	  "'file:/etc/ssh/sshd_config.d/x': {'notify': 'service:ssh', "
	  "'validate': ['sshd', '-t', '-f', '%']}" },
	{ "service-without-check",
	  "'service:named': {'ensure': 'running'}, 'file:/etc/bind/x': "
	  "{'notify': 'service:named'}",
	  "'service:app': {'ensure': 'running'}, 'file:/etc/app/x': "
	  "{'notify': 'service:app'}" },
	{ "orphan-notification",
	  "'file:/etc/a': {'notify': 'file:/etc/b'}, 'file:/etc/b': {}",
	  "'file:/etc/a': {'before': 'file:/etc/b'}, 'file:/etc/b': {}" },
	{ "orphan-notification",
	  "'file:/etc/a': {'subscribe': 'file:/etc/b'}, 'file:/etc/b': {}",
	  "'service:a': {'subscribe': 'file:/etc/b'}, 'file:/etc/b': {}" },
	{ "unnotified-exec",
	  "'exec:x': {'command': ['true'], 'refreshonly': true}",
	  "'exec:x': {'command': ['true'], 'refreshonly': true}, "
	  "'file:/etc/x': {'notify': 'exec:x'}" },
	/* credentials and accounts */
	{ "mode-wider-than-secret",
	  "'file:/etc/x': {'content': 'x', 'sensitive': 'content', 'mode': "
	  "'0644'}",
	  "'file:/etc/x': {'content': 'x', 'sensitive': 'content', 'mode': "
	  "'0640'}" },
	{ "mode-wider-than-secret",
	  "'file:/etc/x': {'content': 'x', 'sensitive': true}",
	  "'file:/etc/x': {'content': 'x', 'sensitive': 'owner'}" },
	{ "mode-wider-than-secret",
	  "'file:/etc/x': {'mode': '0644'}, 'line:x': {'path': '/etc/x', "
	  "'line': 'x', 'sensitive': 'line'}",
	  "'file:/etc/x': {'mode': '0600'}, 'line:x': {'path': '/etc/x', "
	  "'line': 'x', 'sensitive': 'line'}" },
	{ "plain-credential",
	  "'file:/etc/x': {'content': '-----BEGIN RSA PRIVATE KEY-----\\n"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "'}",
	  "'file:/etc/x': {'content': 'it begins -----BEGIN RSA PRIVATE "
	  "KEY-----'}" },
	{ "plain-credential",
	  "'exec:x': {'command': ['true'], 'env': {'API_TOKEN': 'ghp_"
	  "0123456789abcdef0123456789abcdef0123'}}",
	  "'exec:x': {'command': ['true'], 'env': {'API_TOKEN': "
	  "'ghp_short'}}" },
	{ "plain-credential",
	  "'exec:x': {'command': ['true'], 'env': {'db_password': "
	  "'tr0ub4dor&3'}}",
	  "'exec:x': {'command': ['true'], 'env': {'db_password': "
	  "'/run/secrets/x1', 'password': '${vars.v}', 'secret': 'changes', "
	  "'token_url': 'abcdef12'}}" },
	{ "plain-credential",
	  "'exec:x': {'command': ['curl', 'https://me:s3cret@x/y']}",
	  "'exec:x': {'command': ['curl', 'https://me:${vars.v}@x/y', "
	  "'https://x:8080/a@b']}" },
	{ "weak-password-hash",
	  "'user:x': {'password_hash': '$1$saltsalt$0123456789abcdefghijkl'}",
	  "'user:x': {'password_hash': '$6$saltsalt$01234567890123456789"
	  "012345678901234567890123456789012345678901234567890123456789012345"
	  "'}" },
	{ "same-key",
	  "'authorized_key:a': {'user': 'a', 'key': '" KEY "'}, "
	  "'authorized_key:b': {'user': 'b', 'key': '" KEY " b'}",
	  "'authorized_key:a': {'user': 'a', 'key': '" KEY "'}, "
	  "'authorized_key:b': {'user': 'b', 'ensure': 'absent', 'key': '" KEY
	  " b'}" },
	{ "same-number", "'user:a': {'uid': 7}, 'user:b': {'uid': 7}",
	  "'user:a': {'uid': 7}, 'group:b': {'gid': 7}, 'user:c': {'uid': 7, "
	  "'ensure': 'absent'}" },
	{ "same-number", "'group:a': {'gid': 7}, 'group:b': {'gid': 7}",
	  "'group:a': {'gid': 7}, 'group:b': {'gid': 8}" },
};

static size_t findings_of(const char *rule)
{
	size_t n = 0;

	for (size_t i = 0; i < t.verdicts.n; i++)
		n += strcmp(t.verdicts.v[i].finding->rule, rule) == 0;
	return n;
}

static void expect(const char *rule, const char *resources, size_t n)
{
	lint_resources(&t, resources);
	ck_assert_msg(!t.found[0].n, "%s: %s", resources, lint_said(&t, 1));
	ck_assert_msg(findings_of(rule) == n, "%s, %zu times, of %s:\n%s", rule,
		      n, resources, lint_said(&t, 1));
	lint_end(&t);
}

START_TEST(each_finds_what_it_is_for_and_no_more)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		expect(rows[i].rule, rows[i].bad, 1);
		expect(rows[i].rule, rows[i].good, 0);
	}
}
END_TEST

/* Those whose tests stand in the table, or in others beside this. */
START_TEST(each_has_a_test)
{
	static const char *const elsewhere[] = {
		"invalid",          "unused-role",          "unused-var",
		"unused-file",      "unused-allow",         "rule-never-holds",
		"undescribed-role", "shadowed-default",     "shadowed-var",
		"idle-override",    "deprecated-attribute", "unknown-in-test",
		"unused-test",      "empty-test",           NULL
	};

	for (size_t i = 0; i < lint_rules_n; i++) {
		bool tested = lint_listed(lint_rules[i].id, elsewhere);

		for (size_t j = 0; j < COUNT(rows); j++)
			tested |= strcmp(rows[j].rule, lint_rules[i].id) == 0;
		ck_assert_msg(tested, "%s", lint_rules[i].id);
	}
}
END_TEST

START_TEST(ids_are_words_and_say_why)
{
	ck_assert_uint_le(lint_rules_n, 64);
	for (size_t i = 0; i < lint_rules_n; i++) {
		const struct lint_rule *rule = &lint_rules[i];
		size_t n = strlen(rule->id);

		ck_assert_uint_eq(strspn(rule->id, "abcdefghijklmnopqrstuvwxyz"
						   "-"),
				  n);
		ck_assert_ptr_eq(lint_rule_find(rule->id), rule);
		ck_assert_uint_gt(rule->level, LINT_OFF);
		ck_assert_int_eq(rule->summary[strlen(rule->summary) - 1], '.');
		ck_assert_int_eq(rule->reason[strlen(rule->reason) - 1], '.');
	}
	ck_assert_ptr_null(lint_rule_find("no-such"));
}
END_TEST

START_TEST(the_value_of_a_credential_is_not_told)
{
	lint_resources(&t, "'exec:x': {'command': ['true'], 'creates': '/x', "
			   "'env': {'password': 'tr0ub4dor'}}");
	ck_assert_str_eq(lint_said(&t, 1),
			 "plain-credential m.json:1:119: it looks like a "
			 "credential, by its name, in clear text");
	lint_end(&t);
}
END_TEST

START_TEST(credentials_are_whole_words)
{
	static const char key[] = "AKIA0123456789ABCDEF";

	ck_assert_str_eq(lint_credential(key, strlen(key)), "a key of AWS");
	ck_assert_ptr_null(lint_credential("xAKIA0123456789ABCDEF", 21));
	ck_assert_ptr_null(lint_credential("AKIA0123456789ABCDEFG", 21));
	ck_assert_ptr_null(lint_credential("AKIA0123456789ABCDE", 19));
	ck_assert_ptr_null(lint_credential("", 0));
	/* what is no text is looked at all the same */
	ck_assert_ptr_nonnull(lint_credential("\0AKIA0123456789ABCDEF\0", 22));
}
END_TEST

START_TEST(what_a_host_has_by_repetition_is_told_once)
{
	lint_resources(&t, "'exec:${each.value}': {'for_each': ['a', 'b'], "
			   "'command': ['true']}");
	ck_assert_str_eq(lint_said(&t, 1),
			 "exec-without-guard m.json:1:50: exec:a: it runs on "
			 "every run: it has none of creates, onlyif, unless, "
			 "refreshonly");
	lint_end(&t);
}
END_TEST

TEST_SUITE("lint rules", each_finds_what_it_is_for_and_no_more, each_has_a_test,
	   ids_are_words_and_say_why, the_value_of_a_credential_is_not_told,
	   credentials_are_whole_words,
	   what_a_host_has_by_repetition_is_told_once)
