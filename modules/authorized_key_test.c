/* SPDX-License-Identifier: MIT */
#include "modules/parts/account_fixture_test.h"
#include "modules/parts/key_line.h"

#define K1                                                                 \
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERIT" \
	"FBUWFxgZGhscHR4f"
#define K2                                                                 \
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0M" \
	"CwoJCAcGBQQDAgEA"
#define SSH "'/home/ada/.ssh': {'type': 'directory', 'mode': '0700', " OWN "}"
#define OWN "'uid': 1000, 'gid': 1000"
#define HOME "'/home/ada': {'type': 'directory', " OWN "}"
#define KEYS(text)                                                           \
	HOME ", " SSH ", '/home/ada/.ssh/authorized_keys': {'type': 'file'," \
	     " 'mode': '0600', " OWN ", 'content': '" text "'}"
#define KEY(more) \
	"'authorized_key:a@b': {'user': 'ada', 'key': '" K1 "'" more "}"

/* A file of keys, and what a manifest makes of it; a second plan is empty. */
static void turns(const char *manifest, const char *before, const char *after)
{
	struct plan_options none = { .max_disruption = -1 };
	AUTO_BUF struct buf host = { 0 };
	AUTO_BUF struct buf have = { 0 };
	struct diags ignored = { 0 };
	struct plan again;
	const char *said;
	bool whole;

	buf_printf(&host, HOST("%s", ADA, ADAS), before);
	planned(manifest, buf_text(&host));
	said = fixture_apply(&f);
	ck_assert(plan_build(&again, &f.graph, f.host, &none, &ignored));
	ck_assert_msg(again.n == 0, "%s", said);
	diags_release(&ignored);
	ck_assert_msg(host_read(f.host, "/home/ada/.ssh/authorized_keys", 9999,
				&have, &whole, &f.diags),
		      "%s", said);
	ck_assert_str_eq(buf_text(&have), after);
	fixture_release(&f);
}

START_TEST(a_key_is_checked)
{
	static const char kind[] =
		"'key' must be a public key such as \"ssh-ed25519 AAAA... "
		"comment\"; options have an attribute of their own";
	static const char damaged[] =
		"'key' is damaged: what follows the type is no key of that "
		"type";
	static const struct {
		const char *key, *words;
	} bad[] = {
		{ "", kind },
		{ "ssh-ed25519", kind },
		{ "AAAAC3NzaC1lZDI1NTE5", kind },
		{ "no-pty " K1, kind },
		{ "ssh-ed25519 AAAA", damaged },
		{ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", damaged },
		{ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA", damaged },
		{ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgME", damaged },
		{ "ssh-ed25519 " K2, damaged },
		{ "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg"
		  "0MCwoJCAcGBQQDAgEA",
		  damaged },
		{ K1 "=", damaged },
		{ "ssh-ed25519  " K1, damaged },
		{ K1 "\\nssh-rsa x",
		  "'key' must be one line without control characters" },
		{ "-----BEGIN OPENSSH PRIVATE KEY-----",
		  "'key' must be the public key, not the private one" },
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		AUTO_BUF struct buf manifest = { 0 };

		buf_printf(&manifest,
			   "'authorized_key:x': {'user': 'ada', 'key': '%s'}",
			   bad[i].key);
		REFUSES(buf_text(&manifest), bad[i].words);
	}
	REFUSES("'authorized_key:x': {'user': 'ada'}", "'key' is missing");
	REFUSES("'authorized_key:x': {'key': '" K1 "'}", "'user' is missing");
	REFUSES("'authorized_key:a\\nb': {'user': 'ada', 'key': '" K1 "'}",
		"'name' must not hold control characters");
}
END_TEST

static void takes(const char *manifest)
{
	f = (struct fixture){ 0 };
	ck_assert_msg(fixture_graph(&f, manifest), "%s", fixture_said(&f));
	ck_assert_uint_eq(f.catalog.n, 2);
	fixture_release(&f);
}

START_TEST(a_key_is_managed_once_in_a_file)
{
#define TWO(user, first, second)                                           \
	"'authorized_key:x': {'user': 'ada', 'key': '" K1 "'" first "},\n" \
	"'authorized_key:y': {'user': '" user "', 'key': '" second "}"
#define ONCE                                                                \
	"its key is managed twice: also by 'authorized_key:x' at m.json:2:" \
	"1"
	REFUSES(TWO("ada", "", K1 " other'"), ONCE);
	REFUSES(TWO("ada", "", K1 "', 'ensure': 'absent'"), ONCE);
	REFUSES(TWO("bob", ", 'path': '/etc/keys'",
		    K1 "', 'path': '/etc/keys'"),
		ONCE);
	REFUSES(TWO("bob", "",
		    K1 "', 'path': '/home/ada/.ssh/authorized_keys'"),
		ONCE);
	/* another key, user or file */
	takes(TWO("ada", "", K2 "', 'name': 'x'"));
	takes(TWO("root", "", K1 "'"));
	takes(TWO("ada", ", 'path': '/etc/keys'", K1 "'"));
}
END_TEST

START_TEST(options_are_checked)
{
	static const struct {
		const char *option, *words;
	} bad[] = {
		{ "", "must not be empty, and begin with a name" },
		{ "a,,b", "must not be empty, and begin with a name" },
		{ "a,", "must not be empty, and begin with a name" },
		{ "no pty", "must be a name, or name=\"value\"" },
		{ "a=b c", "must have quotes around what has a blank" },
		{ "a=\\\"b", "must have a second quote" },
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		AUTO_BUF struct buf manifest = { 0 };
		AUTO_BUF struct buf want = { 0 };
		AUTO_FREE char *option = strdup(bad[i].option);
		char *quote = strstr(option, "\\\"");

		buf_printf(&manifest, KEY(", 'options': '%s'"), option);
		if (quote)
			memmove(quote, quote + 1, strlen(quote));
		buf_printf(&want, "'options': '%s' %s", option, bad[i].words);
		REFUSES(buf_text(&manifest), buf_text(&want));
	}
	REFUSES(KEY(", 'options': 'command=\\\"a\\nb\\\"'"),
		"'options': 'command=\"a\nb\"' must not hold control "
		"characters");
}
END_TEST

START_TEST(the_first_key_makes_the_file)
{
	planned(KEY(""), HOST(HOME, ADA, ADAS));
	ck_assert_str_eq(fixture_apply(&f), "done authorized_key:a@b");
	fixture_check_files(&f, KEYS(K1 " a@b\\n"));
	fixture_release(&f);
}
END_TEST

START_TEST(other_lines_stay_as_they_are)
{
	turns(KEY(""), KEYS("# x\\n\\n\\tssh-rsa y\\r\\nno-pty " K2 "\\n"),
	      "# x\n\n\tssh-rsa y\r\nno-pty " K2 "\n" K1 " a@b\n");
	turns(KEY(""), KEYS("# without an end"),
	      "# without an end\n" K1 " a@b\n");
	turns(KEY(""), KEYS("# x\\n" K1 " old comment\\n" K2),
	      "# x\n" K1 " a@b\n" K2);
	turns(KEY(""), KEYS(K1 " a@b"), K1 " a@b");
	turns(KEY(", 'ensure': 'absent'"),
	      KEYS(K1 "\\n# x\\nno-pty " K1 " b\\n" K2), "# x\n" K2);
	turns(KEY(", 'ensure': 'absent'"), KEYS("# " K1 "\\n"), "# " K1 "\n");
}
END_TEST

/* What sshd takes for the key is the key. */
START_TEST(control_characters_hide_no_key)
{
	static const char absent[] = KEY(", 'ensure': 'absent'");

	turns(absent, KEYS("# x\\r\\n" K1 "\\r\\n" K2 "\\r\\n"),
	      "# x\r\n" K2 "\r\n");
	turns(absent, KEYS(K1 "\\r"), "");
	turns(absent, KEYS(K1 "\\r\\nno-pty " K1 "\\r\\r\\n"), "");
	turns(absent,
	      KEYS("ssh-ed25519 AAAAC3Nz\\u000baC1lZDI1NTE5AAAAIAABAgMEBQYHCA"
		   "kKCwwNDg8QERIT\\u000cFBUWF\\rxgZGhscHR4f\\n"),
	      "");
	turns(KEY(""), KEYS(K1 "\\r\\n" K2 "\\r\\n"), K1 " a@b\n" K2 "\r\n");
	PLANS(KEY(""), HOST(KEYS(K1 " a@b\\r\\n"), ADA, ADAS), "");
}
END_TEST

START_TEST(options_are_kept_unless_they_are_given)
{
	turns(KEY(""), KEYS("no-pty,command=\\\"a, b\\\" " K1 " x\\n"),
	      "no-pty,command=\"a, b\" " K1 " a@b\n");
	turns(KEY(", 'options': []"), KEYS("no-pty " K1 " a@b\\n"),
	      K1 " a@b\n");
	turns(KEY(", 'options': ['no-pty', 'command=\\\"say \\\\\\\"a, "
		  "b\\\\\\\"\\\"']"),
	      KEYS(K1 " a@b\\n"),
	      "no-pty,command=\"say \\\"a, b\\\"\" " K1 " a@b\n");
	/* written as one, they are the same */
	PLANS(KEY(", 'options': 'no-pty,from=\\\"a,b\\\"'"),
	      HOST(KEYS("no-pty,from=\\\"a,b\\\" " K1 " a@b\\n"), ADA, ADAS),
	      "");
	PLANS(KEY(", 'options': 'no-pty'"),
	      HOST(KEYS("no-x11 " K1 " a@b\\n"), ADA, ADAS),
	      "~ authorized_key:a@b options");
	PLANS(KEY(""), HOST(KEYS(K1 " b@c\\n"), ADA, ADAS),
	      "~ authorized_key:a@b key");
}
END_TEST

/* sshd lets in by any line of a key: the second would not heed the first's
 * options. */
START_TEST(a_key_has_one_line)
{
	static const char options[] = KEY(", 'options': 'from=\\\"10.*\\\"'");

	turns(options,
	      KEYS("from=\\\"10.*\\\" " K1 " a@b\\n" K2 "\\n" K1 " y\\n"),
	      "from=\"10.*\" " K1 " a@b\n" K2 "\n");
	turns(KEY(""), KEYS(K1 "\\n" K1 " a@b\\r\\nno-pty " K1), K1 " a@b\n");
	PLANS(options,
	      HOST(KEYS("from=\\\"10.*\\\" " K1 " a@b\\n" K1 " y\\n"), ADA,
		   ADAS),
	      "~ authorized_key:a@b lines");
	PLANS(KEY(", 'ensure': 'absent'"),
	      HOST(KEYS(K1 "\\n" K1 "\\n"), ADA, ADAS), "- authorized_key:a@b");
}
END_TEST

START_TEST(two_keys_of_one_file_get_along)
{
	turns(KEY("") ", 'authorized_key:c': {'user': 'ada', 'key': '" K2
		      " own'}",
	      KEYS("# x\\n"), "# x\n" K1 " a@b\n" K2 " own\n");
}
END_TEST

START_TEST(a_new_user_gets_a_key)
{
	planned(KEY("") ", 'user:ada': {'manage_home': true}",
		HOST(HOMES, "", ""));
	ck_assert_str_eq(fixture_shown(&f), "+ user:ada\n+ authorized_key:a@b");
	ck_assert_str_eq(fixture_apply(&f),
			 "done user:ada\ndone authorized_key:a@b");
	fixture_check_files(&f, KEYS(K1 " a@b\\n"));
	fixture_release(&f);
}
END_TEST

START_TEST(what_stands_in_the_way_is_told)
{
	PLANS(KEY(""), HOST("", "", ""),
	      "x authorized_key:a@b (there is no user 'ada' on this host)");
	PLANS(KEY(", 'ensure': 'absent'"), HOST("", "", ""), "");
	PLANS(KEY(""), HOST("", ADA, ADAS),
	      "x authorized_key:a@b (the folder '/home/ada' does not exist)");
	PLANS(KEY(""),
	      HOST(HOME ", " SSH ", '/home/ada/.ssh/authorized_keys': {'type': "
			"'link', 'target': '/etc/shadow', " OWN "}",
		   ADA, ADAS),
	      "x authorized_key:a@b ('/home/ada/.ssh/authorized_keys' is a "
	      "link, not a file)");
	PLANS(KEY(""),
	      HOST(HOME ", " SSH ", '/home/ada/.ssh/authorized_keys': {'type': "
			"'file', 'content': 'x', 'uid': 5}",
		   ADA, ADAS),
	      "x authorized_key:a@b ('/home/ada/.ssh/authorized_keys' belongs "
	      "to 5)");
	PLANS(KEY(""), "{'files': {}, 'users': {'ada': 1000}}",
	      "? authorized_key:a@b (the home of its user is not known)");
	PLANS(KEY(""), HOST("", ", 'ada': {'uid': 7, 'home': ''}", ""),
	      "x authorized_key:a@b (the home of 'ada' is no path: '')");
	PLANS(KEY(""),
	      HOST(HOME ", " SSH ", '/home/ada/.ssh/authorized_keys': {'type': "
			"'file', 'size': 5, " OWN "}",
		   ADA, ADAS),
	      "? authorized_key:a@b (the file is not known)");
}
END_TEST

START_TEST(the_file_may_be_elsewhere)
{
	planned(KEY(", 'path': '/etc/keys/ada'"),
		HOST("'/etc/keys': {'type': 'directory'}", ADA, ADAS));
	ck_assert_str_eq(fixture_apply(&f), "done authorized_key:a@b");
	fixture_check_files(&f, "'/etc/keys/ada': {'type': 'file', 'mode': "
				"'0600', " OWN ", 'content': '" K1 " a@b\\n'}");
	fixture_release(&f);
}
END_TEST

#define OF(mode, owner, text)                                          \
	"'/etc/keys/ada': {'type': 'file', 'mode': '" mode "', " owner \
	", 'content': '" text "'}"

static void keeps(const char *more, const char *before, const char *after)
{
	AUTO_BUF struct buf manifest = { 0 };
	AUTO_BUF struct buf host = { 0 };

	buf_printf(&manifest, KEY(", 'path': '/etc/keys/ada'%s"), more);
	buf_printf(&host,
		   HOST("'/etc/keys': {'type': 'directory'}, %s", ADA, ADAS),
		   before);
	planned(buf_text(&manifest), buf_text(&host));
	ck_assert_str_eq(fixture_apply(&f), "done authorized_key:a@b");
	fixture_check_files(&f, after);
	fixture_release(&f);
}

START_TEST(a_file_keeps_its_owner_and_mode)
{
	static const char absent[] = ", 'ensure': 'absent'";

	keeps("", OF("0644", "'uid': 0, 'gid': 0", "# x\\n"),
	      OF("0644", "'uid': 0, 'gid': 0", "# x\\n" K1 " a@b\\n"));
	keeps("", OF("0640", "'uid': 1000, 'gid': 0", ""),
	      OF("0640", "'uid': 1000, 'gid': 0", K1 " a@b\\n"));
	keeps(absent, OF("0666", "'uid': 0, 'gid': 4", K1 "\\n"),
	      OF("0666", "'uid': 0, 'gid': 4", ""));
	/* what sshd would not take is told of */
	PLANS(KEY(", 'path': '/etc/keys/ada'"),
	      HOST("'/etc/keys': {'type': 'directory'}, " OF("0664", "'uid': 0",
							     K1 " a@b\\n"),
		   ADA, ADAS),
	      "~ authorized_key:a@b mode");
	keeps("", OF("0664", "'uid': 0, 'gid': 4", K1 " a@b\\n"),
	      OF("0644", "'uid': 0, 'gid': 4", K1 " a@b\\n"));
}
END_TEST

START_TEST(lines_have_parts)
{
	static const struct {
		const char *line, *options, *key, *comment;
	} lines[] = {
		{ "ssh-rsa x", "", "ssh-rsa x", "" },
		{ " \tssh-rsa \t x \t a b ", "", "ssh-rsa \t x", "a b " },
		{ "a=\"b \\\" c\",d ssh-rsa x y", "a=\"b \\\" c\",d",
		  "ssh-rsa x", "y" },
		{ "a=\"b ssh-rsa x", NULL, NULL, NULL },
		{ "no-pty", NULL, NULL, NULL },
		{ "ssh-rsa", NULL, NULL, NULL },
		{ "ssh-rsa x\r", "", "ssh-rsa x", "" },
		{ "ssh-rsa x y\r", "", "ssh-rsa x", "y" },
		{ "ssh-rsa \r", NULL, NULL, NULL },
		{ "# ssh-rsa x", NULL, NULL, NULL },
		{ "", NULL, NULL, NULL },
		{ "a\\", NULL, NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(lines); i++) {
		struct key_line k;
		bool good = key_line_parse(lines[i].line, strlen(lines[i].line),
					   &k);

		ck_assert_int_eq(good, lines[i].key != NULL);
		if (!good)
			continue;
		ck_assert_mem_eq(k.options, lines[i].options, k.options_size);
		ck_assert_uint_eq(k.options_size, strlen(lines[i].options));
		ck_assert_mem_eq(k.key, lines[i].key, k.key_size);
		ck_assert_uint_eq(k.key_size, strlen(lines[i].key));
		ck_assert_mem_eq(k.comment, lines[i].comment, k.comment_size);
		ck_assert_uint_eq(k.comment_size, strlen(lines[i].comment));
	}
}
END_TEST

#define FOLDER(path) "'directory:" path "': {'purge': true, 'recurse': true}, "

START_TEST(its_file_is_not_purged)
{
	const char *host = HOST(KEYS(K1 " a@b\\n"), ADA, ADAS);

	PLANS(FOLDER("/home/ada/.ssh") KEY(""), host, "");
	PLANS(FOLDER("/home/ada/.ssh") KEY(", 'ensure': 'absent'"), host,
	      "- authorized_key:a@b");
	/* of another user it is a stray */
	PLANS(FOLDER("/home/ada/.ssh") "'authorized_key:a@b': {'user': "
				       "'root', 'key': '" K1
				       "', 'ensure': 'absent'}",
	      host, "- file:/home/ada/.ssh/authorized_keys");
}
END_TEST

START_TEST(its_file_is_not_managed_in_whole)
{
	REFUSES("'file:/etc/keys': {'content': ''}, " KEY(
			", 'path': '/etc/keys'"),
		"'/etc/keys' is managed in whole by 'file:/etc/keys' at "
		"m.json:2:1, which leaves nothing to edit");
	f = (struct fixture){ 0 };
	ck_assert(fixture_graph(&f, "'file:/etc/keys': {'mode': '0600'}, " KEY(
					    ", 'path': '/etc/keys'")));
	fixture_release(&f);
}
END_TEST

TEST_SUITE("authorized_key", a_key_is_checked, a_key_is_managed_once_in_a_file,
	   options_are_checked, the_first_key_makes_the_file,
	   other_lines_stay_as_they_are, control_characters_hide_no_key,
	   options_are_kept_unless_they_are_given, a_key_has_one_line,
	   two_keys_of_one_file_get_along, a_new_user_gets_a_key,
	   what_stands_in_the_way_is_told, the_file_may_be_elsewhere,
	   a_file_keeps_its_owner_and_mode, lines_have_parts,
	   its_file_is_not_purged, its_file_is_not_managed_in_whole)
