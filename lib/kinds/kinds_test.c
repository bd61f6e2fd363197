/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "lib/kinds/attr.h"
#include "lib/base/mode.h"
#include "lib/fixture_test.h"

/*
 * What a kind makes of a JSON value: what it shows again, or "! " and what it
 * says against it, with " (hint)".
 */
static const char *const choices[] = { "present", "absent", NULL };

static struct arena arena;
static struct fixture world;

static const char *take(struct attr attr, const char *text)
{
	_Alignas(max_align_t) char field[512] = { 0 };
	struct reading r = { .arena = &arena,
			     .tree = &world.tree,
			     .scope = &world.manifest.scope };
	AUTO_DIAGS struct diags d = { 0 };
	json_t *value = fixture_json(text), *shown;
	const char *result;
	char *dumped;

	ck_assert_uint_le(attr.kind->size, sizeof(field));
	attr.name = "x";
	r.diags = &d;
	if (!attr.kind->read(&r, &attr, value, field)) {
		ck_assert_uint_gt(d.errors, 0);
		result = "!";
		for (size_t i = 0; i < d.n; i++)
			result = arena_printf(&arena, "%s %s%s%s%s", result,
					      d.v[i].text,
					      d.v[i].hint ? " (" : "",
					      d.v[i].hint ? d.v[i].hint : "",
					      d.v[i].hint ? ")" : "");
		json_decref(value);
		return result;
	}
	ck_assert_uint_eq(d.n, 0);
	shown = attr.kind->show(&attr, field);
	dumped = json_dumps(shown, JSON_ENCODE_ANY | JSON_COMPACT);
	for (char *at = dumped; *at; at++)
		*at = *at == '"' ? '\'' : *at;
	result = arena_strdup(&arena, dumped);
	free(dumped);
	json_decref(shown);
	json_decref(value);
	return result;
}

struct example {
	const char *json, *want;
};

static void setup(void)
{
	world = (struct fixture){ 0 };
	ck_assert(fixture_read(&world, "{'version': 1, 'vars': {'workers': "
				       "4}}"));
}

static void check(struct attr attr, const struct example *v, size_t n)
{
	setup();
	for (size_t i = 0; i < n; i++) {
		const char *have = take(attr, v[i].json);

		ck_assert_msg(strcmp(have, v[i].want) == 0,
			      "%s of %.200s:\n%s\nnot\n%s", attr.kind->name,
			      v[i].json, have, v[i].want);
	}
	fixture_release(&world);
	arena_release(&arena);
}

/* Examples are a JSON value and what becomes of it. */
#define CHECK(attr_kind, ...)                                              \
	do {                                                               \
		static const struct example examples_[] = { __VA_ARGS__ }; \
		check((struct attr){ .kind = &(attr_kind) }, examples_,    \
		      sizeof(examples_) / sizeof(examples_[0]));           \
	} while (0)

START_TEST(paths)
{
	CHECK(kind_path, { "'/'", "'/'" }, { "'/etc/motd'", "'/etc/motd'" },
	      { "'/a b/ü'", "'/a b/ü'" }, { "'etc'", "! 'x' must be absolute" },
	      { "''", "! 'x' must not be empty" },
	      { "'/a/'", "! 'x' must not hold '//' or end in '/'" },
	      { "'/a//b'", "! 'x' must not hold '//' or end in '/'" },
	      { "'/a/../b'", "! 'x' must not have '.' or '..' as a component" },
	      { "'/.'", "! 'x' must not have '.' or '..' as a component" },
	      { "'/...'", "'/...'" },
	      { "'/a\\nb'", "! 'x' must not hold control characters" },
	      { "'/a\\u007f'", "! 'x' must not hold control characters" },
	      { "7", "! 'x' must be a string, not an integer" },
	      { "['/a']", "! 'x' must be a string, not a list" },
	      { "{}", "! 'x' must be a string, not an object" },
	      { "null", "! 'x' must be a string, not null" });
}
END_TEST

START_TEST(a_path_has_limits)
{
	AUTO_BUF struct buf b = { 0 };

	setup();
	buf_puts(&b, "'/");
	for (int i = 0; i < 255; i++)
		buf_putc(&b, 'a');
	buf_puts(&b, "'");
	ck_assert_int_eq(*take((struct attr){ .kind = &kind_path }, b.text),
			 '\'');
	b.size--;
	buf_puts(&b, "a'");
	ck_assert_str_eq(take((struct attr){ .kind = &kind_path }, b.text),
			 "! 'x' must not have a component of more than 255 "
			 "bytes");
	fixture_release(&world);
	arena_release(&arena);
}
END_TEST

START_TEST(paths_one_or_many)
{
	CHECK(kind_paths, { "'/a'", "['/a']" },
	      { "['/a', '/b']", "['/a','/b']" },
	      { "[]", "! 'x' must not be empty" },
	      { "['/a', 'b']", "! 'x' must be absolute" },
	      { "['/a', 1]", "! 'x' must be a path or a list of paths; item 2 "
			     "is an integer" },
	      { "true", "! 'x' must be a path or a list of paths, not true" });
}
END_TEST

START_TEST(texts)
{
	CHECK(kind_text, { "''", "''" }, { "'a\\nb'", "'a\\nb'" },
	      { "1.5", "! 'x' must be a string, not a real number" },
	      { "false", "! 'x' must be a string, not false" });
	CHECK(kind_scalar, { "'a'", "'a'" }, { "-5", "'-5'" },
	      { "1.5", "! 'x' must be a string or an integer, not a real "
		       "number" },
	      { "[1]", "! 'x' must be a string or an integer, not a list" });
	CHECK(kind_texts, { "'a'", "['a']" }, { "['a', '']", "['a','']" },
	      { "[['a']]", "! 'x' must be a string or a list of strings; item "
			   "1 is a list" },
	      { "{}", "! 'x' must be a string or a list of strings, not an "
		      "object" });
}
END_TEST

START_TEST(choices_are_words)
{
	static const struct example v[] = {
		{ "'present'", "'present'" },
		{ "'absent'", "'absent'" },
		{ "'absen'", "! 'x' must be one of present, absent, not "
			     "'absen' (did you mean 'absent'?)" },
		{ "'Present'", "! 'x' must be one of present, absent, not "
			       "'Present' (did you mean 'present'?)" },
		{ "'gone'", "! 'x' must be one of present, absent, not "
			    "'gone'" },
		{ "''", "! 'x' must be one of present, absent, not ''" },
		{ "true", "! 'x' must be a string, not true" },
	};

	check((struct attr){ .kind = &kind_choice, .choices = choices }, v,
	      COUNT(v));
}
END_TEST

START_TEST(true_and_false)
{
	CHECK(kind_bool, { "true", "true" }, { "false", "false" },
	      { "'true'", "! 'x' must be true or false, not a string" },
	      { "1", "! 'x' must be true or false, not an integer" },
	      { "null", "! 'x' must be true or false, not null" });
}
END_TEST

START_TEST(integers)
{
	static const struct example ranged[] = {
		{ "1", "1" },
		{ "100", "100" },
		{ "0", "! 'x' must be from 1 to 100, not 0" },
		{ "101", "! 'x' must be from 1 to 100, not 101" },
		{ "-1", "! 'x' must be from 1 to 100, not -1" },
	};

	CHECK(kind_integer, { "0", "0" },
	      { "-9223372036854775808", "-9223372036854775808" },
	      { "9223372036854775807", "9223372036854775807" },
	      { "1.0", "! 'x' must be an integer, not a real number" },
	      { "'1'", "! 'x' must be an integer, not a string" });
	check((struct attr){ .kind = &kind_integer, .min = 1, .max = 100 },
	      ranged, COUNT(ranged));
}
END_TEST

START_TEST(integers_one_or_many)
{
	static const struct example ranged[] = {
		{ "0", "[0]" },
		{ "[0, 255]", "[0,255]" },
		{ "[0, 256]", "! 'x' must be from 0 to 255, not 256" },
		{ "[0, '1']", "! 'x' must be an integer, not a string" },
		{ "{}", "! 'x' must be an integer, not an object" },
	};

	check((struct attr){ .kind = &kind_integers, .max = 255 }, ranged,
	      COUNT(ranged));
}
END_TEST

#define MODE_WRONG                                                    \
	"! 'x' must be an octal string such as \"0644\" or symbolic " \
	"such as \"u=rw,go=r\""

START_TEST(modes)
{
	CHECK(kind_mode, { "'0644'", "'0644'" }, { "'644'", "'0644'" },
	      { "'04755'", "'4755'" }, { "'u+x,go-w'", "'u+x,go-w'" },
	      { "'a=rX'", "'a=rX'" }, { "'='", "'='" }, { "''", MODE_WRONG },
	      { "'7'", MODE_WRONG }, { "'0888'", MODE_WRONG },
	      { "'rw'", MODE_WRONG }, { "'u+'", MODE_WRONG },
	      { "'u+x,'", MODE_WRONG }, { "'14755'", MODE_WRONG },
	      { "644", "! 'x' must be a string: write \"0644\", with the "
		       "quotes" },
	      { "0", "! 'x' must be a string: write \"0000\", with the "
		     "quotes" },
	      { "true", "! 'x' must be a string, not true" });
}
END_TEST

START_TEST(umasks)
{
	CHECK(kind_umask, { "'022'", "'0022'" }, { "'0077'", "'0077'" },
	      { "'777'", "'0777'" },
	      { "'1022'", "! 'x' must be an octal string from \"000\" to "
			  "\"0777\"" },
	      { "'u=rwx'", "! 'x' must be an octal string from \"000\" to "
			   "\"0777\"" },
	      { "22", "! 'x' must be a string: write \"0022\", with the "
		      "quotes" });
}
END_TEST

#define ACCOUNT_WRONG(text)                                               \
	"! 'x' must be a name such as \"root\" or a number such as \"0\"" \
	", not '" text "'"

START_TEST(accounts)
{
	CHECK(kind_owner, { "'root'", "'root'" }, { "'0'", "'0'" },
	      { "'4294967294'", "'4294967294'" },
	      { "'4294967295'", ACCOUNT_WRONG("4294967295") },
	      { "'99999999999'", ACCOUNT_WRONG("99999999999") },
	      { "'_apt'", "'_apt'" }, { "'Debian-exim'", "'Debian-exim'" },
	      { "'host$'", "'host$'" }, { "'a@b.c'", "'a@b.c'" },
	      { "'DOM\\\\user'", "'DOM\\\\user'" }, { "''", ACCOUNT_WRONG("") },
	      { "'-1'", ACCOUNT_WRONG("-1") }, { "'1a'", ACCOUNT_WRONG("1a") },
	      { "'a:b'", ACCOUNT_WRONG("a:b") },
	      { "'a b'", ACCOUNT_WRONG("a b") }, { "'$'", ACCOUNT_WRONG("$") },
	      { "'a$b'", ACCOUNT_WRONG("a$b") },
	      { "'a/b'", ACCOUNT_WRONG("a/b") },
	      { "0", "! 'x' must be a string, not an integer" });
	CHECK(kind_group, { "'www-data'", "'www-data'" },
	      { "'+x'", ACCOUNT_WRONG("+x") });
}
END_TEST

#define DIGEST_OF_ABC \
	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define DIGEST_OF_NOTHING \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

START_TEST(managed_accounts)
{
	static const char name[] =
		"! 'x' must be at most 32 lower-case letters, digits, '_' and "
		"'-', and begin with a letter or '_', not '1a'";

	CHECK(kind_account, { "'a'", "'a'" }, { "'_a-1'", "'_a-1'" },
	      { "'host$'", "'host$'" }, { "'1a'", name },
	      { "1", "! 'x' must be a string, not an integer" });
	CHECK(kind_accounts, { "'a'", "['a']" }, { "[]", "[]" },
	      { "['Debian-exim', 'a']", "['Debian-exim','a']" },
	      { "['0']", "! 'x' must be names such as \"adm\", not '0'" },
	      { "['a,b']", "! 'x' must be names such as \"adm\", not 'a,b'" },
	      { "['']", "! 'x' must be names such as \"adm\", not ''" },
	      { "1", "! 'x' must be a name or a list of names, not an "
		     "integer" });
}
END_TEST

#define DIGEST43 "K4v3HcZ8yAmpRfxML6S46NCcqy9r4/KdbQpFvqSWsBf"
#define NO_HASH                                                           \
	"! 'x' must be a hash as crypt(5) has it, such as \"$y$...\" or " \
	"\"$6$...\", or \"*\"; a password in plain text is never taken "  \
	"(mkpasswd, or openssl passwd -6, makes one)"

START_TEST(hashes)
{
	CHECK(kind_hash, { "'*'", "'*'" },
	      { "'$5$s$" DIGEST43 "'", "'$5$s$" DIGEST43 "'" },
	      { "'$5$rounds=5000$s$" DIGEST43 "'",
		"'$5$rounds=5000$s$" DIGEST43 "'" },
	      { "'$y$j9T$s$" DIGEST43 "'", "'$y$j9T$s$" DIGEST43 "'" },
	      { "'$2b$12$" DIGEST43 "0123456789'",
		"'$2b$12$" DIGEST43 "0123456789'" },
	      { "'$5$" DIGEST43 "'", NO_HASH },
	      { "'$5$$" DIGEST43 "'", NO_HASH },
	      { "'$5$s$" DIGEST43 "x'", NO_HASH },
	      { "'$5$s$" DIGEST43 "\\n'", NO_HASH },
	      { "'$5$:$" DIGEST43 "'", NO_HASH },
	      { "'$8$s$" DIGEST43 "'", NO_HASH },
	      { "'!$5$s$" DIGEST43 "'", NO_HASH }, { "'$5$'", NO_HASH },
	      { "'secret'", NO_HASH }, { "''", NO_HASH }, { "'!'", NO_HASH },
	      { "1", "! 'x' must be a string, not an integer" });
}
END_TEST

START_TEST(dates)
{
	CHECK(kind_date, { "'never'", "'never'" },
	      { "'1970-01-02'", "'1970-01-02'" },
	      { "'2028-02-29'", "'2028-02-29'" },
	      { "'2027-02-29'", "! 'x' must be a date such as \"2027-01-31\", "
				"or \"never\", not '2027-02-29'" },
	      { "'1970-01-01'", "! 'x' must be a date such as \"2027-01-31\", "
				"or \"never\", not '1970-01-01'" },
	      { "0", "! 'x' must be a string, not an integer" });
}
END_TEST

START_TEST(public_keys)
{
	static const char damaged[] =
		"! 'x' is damaged: what follows the type is no key of that "
		"type";

	/* of RSA: three strings; of a certificate no more than the type is
	 * looked at */
	CHECK(kind_public_key,
	      { "'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAgCx a b'",
		"'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAgCx a b'" },
	      { "'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAgCxAA=='", damaged },
	      { "'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAg=='", damaged },
	      { "'ssh-rsa AAAAB3NzaC1yc2E='", damaged },
	      { "'ssh-rsa'", "! 'x' must be a public key such as "
			     "\"ssh-ed25519 AAAA... comment\"; options have an "
			     "attribute of their own" },
	      { "'ssh-rsa -'", damaged },
	      { "1", "! 'x' must be a string, not an integer" });
}
END_TEST

START_TEST(contents_are_shown_by_size_and_digest)
{
	CHECK(kind_content,
	      { "'abc'", "{'size':3,'sha256':'" DIGEST_OF_ABC "'}" },
	      { "''", "{'size':0,'sha256':'" DIGEST_OF_NOTHING "'}" },
	      { "['abc']", "! 'x' must be a string, not a list" },
	      { "1", "! 'x' must be a string, not an integer" });
}
END_TEST

START_TEST(files_of_the_world)
{
	CHECK(kind_source,
	      { "'files/motd'",
		"{'size':6,'sha256':'5891b5b522d5df086d0ff0b110fbd9d21bb4fc71"
		"63af34d08286a2e846f6be03'}" },
	      { "'files/none'", "! there is no 'files/none' in 'world'" },
	      { "'files/app'", "! 'files/app' is not a file" },
	      { "'files/app/current'",
		"! 'files/app/current' is a link, and what it leads to is not "
		"taken" },
	      { "'/etc/passwd'", "! 'x' must be relative" },
	      { "'../x'", "! 'x' must not have '.' or '..' as a component" },
	      { "'.git/config'", "! 'x' must not lead into '.git'" },
	      { "''", "! 'x' must not be empty" },
	      { "7", "! 'x' must be a string, not an integer" });
	CHECK(kind_folder, { "'files/app'", "'files/app'" },
	      { "'files/motd'", "! 'files/motd' is not a folder" },
	      { "'nothing'", "! there is no 'nothing' in 'world'" },
	      { "'files/'", "! 'x' must not hold '//' or end in '/'" });
}
END_TEST

START_TEST(without_a_world_there_are_no_files)
{
	struct attr attr = { .name = "x", .kind = &kind_source };
	AUTO_DIAGS struct diags d = { 0 };
	struct reading r = { .arena = &arena, .diags = &d };
	json_t *value = json_string("files/motd");
	struct content c;

	ck_assert(!kind_source.read(&r, &attr, value, &c));
	ck_assert_str_eq(d.v[0].text, "'x' needs files beside the manifest");
	json_decref(value);
	arena_release(&arena);
}
END_TEST

START_TEST(templates)
{
	CHECK(kind_template,
	      { "'templates/motd'",
		"{'size':12,'sha256':'57095e7d1a4be3e871f41139e5eeed0c0091295b"
		"e9466f227fc2b94b9e79eac9'}" },
	      { "'templates/outer'", "{'size':10,'sha256':'"
				     "bfb60aabe6d3bc87248d2706bb8a0465476929ea8"
				     "cbcb8b74fb9238b63e3d407'}" },
	      { "'templates/wrong'", "! 'vars.nothing' is not defined" },
	      { "'templates/each'",
		"! 'each.key' is not defined 'each.value' is not defined" },
	      { "'templates'", "! 'templates' is not a file" },
	      { "'templates/none'",
		"! there is no 'templates/none' in 'world'" },
	      { "{}", "! 'x' must be a string, not an object" });
}
END_TEST

START_TEST(what_templates_make_in_all_has_a_limit)
{
	struct attr attr = { .kind = &kind_template };

	setup();
	world.manifest.left = 20;
	ck_assert_str_eq(take(attr, "'templates/outer'"),
			 "{'size':10,'sha256':'bfb60aabe6d3bc87248d2706bb8a046"
			 "5476929ea8cbcb8b74fb9238b63e3d407'}");
	ck_assert_str_eq(take(attr, "'templates/motd'"), "! " SCOPE_TOO_MUCH);
	fixture_release(&world);
	arena_release(&arena);
}
END_TEST

START_TEST(targets)
{
	CHECK(kind_target, { "'../a'", "'../a'" }, { "'/'", "'/'" },
	      { "'a//b/'", "'a//b/'" },
	      { "''", "! 'x' must have from 1 to 4095 bytes" },
	      { "'a\\nb'", "! 'x' must be one line" },
	      { "null", "! 'x' must be a string, not null" });
}
END_TEST

START_TEST(commands_are_lists)
{
	CHECK(kind_argv, { "['a']", "['a']" },
	      { "['/bin/a', '-x', '', 'b c']", "['/bin/a','-x','','b c']" },
	      { "[]", "! 'x' must name a program first" },
	      { "['', 'a']", "! 'x' must name a program first" },
	      { "['./a']", "! 'x': the program must be a plain name or an "
			   "absolute path, not './a'" },
	      { "['-a']", "! 'x': '-a' is an option, not a program" },
	      { "'a b'", "! 'x' must be a list of arguments, not a string "
			 "(write [\"program\", \"argument\"])" },
	      { "['a', 1]",
		"! 'x' must be a list of strings; item 2 is an integer" },
	      { "true", "! 'x' must be a list of strings, not true" });
	CHECK(kind_command, { "['a']", "['a']" }, { "'a b'", "['a b']" },
	      { "''", "! 'x' must not be empty" },
	      { "[]", "! 'x' must name a program first" },
	      { "1", "! 'x' must be a list of strings, not an integer" });
	CHECK(kind_commands, { "['a', 'b']", "[['a','b']]" },
	      { "[['a'], ['b', 'c']]", "[['a'],['b','c']]" },
	      { "[]", "! 'x' must name a program first" },
	      { "[[]]", "! 'x' must name a program first" },
	      { "[['a'], 'b']",
		"! 'x' must be a list of arguments, not a string (write "
		"[\"program\", \"argument\"])" },
	      { "'a'", "! 'x' must be a list of arguments, not a string (write "
		       "[\"program\", \"argument\"])" });
}
END_TEST

START_TEST(a_command_has_a_limit)
{
	AUTO_BUF struct buf b = { 0 };

	setup();
	buf_puts(&b, "['a','");
	for (int i = 0; i < 128 * 1024 - 3; i++)
		buf_putc(&b, 'x');
	buf_puts(&b, "']");
	ck_assert_int_eq(*take((struct attr){ .kind = &kind_argv }, b.text),
			 '[');
	b.size -= 2;
	buf_puts(&b, "x']");
	ck_assert_str_eq(take((struct attr){ .kind = &kind_argv }, b.text),
			 "! 'x' is longer than 128 KiB in all");
	fixture_release(&world);
	arena_release(&arena);
}
END_TEST

START_TEST(environments)
{
	CHECK(kind_env, { "{}", "[]" },
	      { "{'A': 'b', '_c1': ''}", "['A=b','_c1=']" },
	      { "{'//': 'why', 'A': '1=2'}", "['A=1=2']" },
	      { "{'1A': ''}", "! 'x': '1A' is not a variable's name" },
	      { "{'': ''}", "! 'x': '' is not a variable's name" },
	      { "{'A-B': ''}", "! 'x': 'A-B' is not a variable's name" },
	      { "{'A=B': ''}", "! 'x': 'A=B' is not a variable's name" },
	      { "{'A': 1}", "! 'x': 'A' must be a string, not an integer" },
	      { "['A=b']", "! 'x' must be an object of strings, not a list" });
}
END_TEST

START_TEST(enablements)
{
	CHECK(kind_enable, { "true", "true" }, { "false", "false" },
	      { "'masked'", "'masked'" },
	      { "'enabled'", "! 'x' must be true, false or \"masked\", not a "
			     "string" },
	      { "1", "! 'x' must be true, false or \"masked\", not an "
		     "integer" });
}
END_TEST

START_TEST(what_cannot_be_enabled_is_as_wanted)
{
	static const struct {
		enum unit_enabled want, have;
		bool equal;
	} rows[] = {
		{ UNIT_ENABLED, UNIT_ENABLED, true },
		{ UNIT_ENABLED, UNIT_DISABLED, false },
		{ UNIT_ENABLED, UNIT_MASKED, false },
		{ UNIT_ENABLED, UNIT_ENABLED_RUNTIME, false },
		{ UNIT_ENABLED, UNIT_STATIC, true },
		{ UNIT_ENABLED, UNIT_LINKED, false },
		{ UNIT_ENABLED, UNIT_NO_FILE, false },
		{ UNIT_DISABLED, UNIT_ENABLED, false },
		{ UNIT_DISABLED, UNIT_ENABLED_RUNTIME, false },
		{ UNIT_DISABLED, UNIT_MASKED, false },
		{ UNIT_DISABLED, UNIT_STATIC, true },
		{ UNIT_DISABLED, UNIT_LINKED, true },
		{ UNIT_DISABLED, UNIT_NO_FILE, true },
		{ UNIT_MASKED, UNIT_MASKED, true },
		{ UNIT_MASKED, UNIT_MASKED_RUNTIME, false },
		{ UNIT_MASKED, UNIT_STATIC, false },
		{ UNIT_MASKED, UNIT_NO_FILE, false },
		{ UNIT_ENABLED_RUNTIME, UNIT_ENABLED_RUNTIME, true },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int want = (int)rows[i].want, have = (int)rows[i].have;

		ck_assert_msg(kind_enable.equal(&want, &have) == rows[i].equal,
			      "%s for %s", unit_enabled_name(rows[i].have),
			      unit_enabled_name(rows[i].want));
	}
}
END_TEST

#define DURATION_WRONG                                                 \
	"! 'x' must be from 1 second to 7 days: seconds, or a string " \
	"such as \"90s\", \"5m\", \"2h\", \"1d\""

START_TEST(durations)
{
	CHECK(kind_duration, { "1", "'1s'" }, { "90", "'90s'" },
	      { "'90s'", "'90s'" }, { "'5m'", "'300s'" }, { "'2h'", "'7200s'" },
	      { "'7d'", "'604800s'" }, { "604800", "'604800s'" },
	      { "604801", DURATION_WRONG }, { "'8d'", DURATION_WRONG },
	      { "0", DURATION_WRONG }, { "-5", DURATION_WRONG },
	      { "'0s'", DURATION_WRONG }, { "'5'", DURATION_WRONG },
	      { "'m'", DURATION_WRONG }, { "''", DURATION_WRONG },
	      { "'5 m'", DURATION_WRONG }, { "'5m '", DURATION_WRONG },
	      { "'-5m'", DURATION_WRONG }, { "'1.5h'", DURATION_WRONG },
	      { "'5M'", DURATION_WRONG }, { "'9999999999s'", DURATION_WRONG },
	      { "'999999999d'", DURATION_WRONG },
	      { "9223372036854775807", DURATION_WRONG },
	      { "1.5", "! 'x' must be seconds, or a string such as \"5m\", "
		       "not a real number" },
	      { "true", "! 'x' must be seconds, or a string such as \"5m\", "
			"not true" });
}
END_TEST

/* --- whether have is as want asks --- */

static bool equal(const struct kind *kind, const char *a, const char *b)
{
	_Alignas(max_align_t) char x[512] = { 0 }, y[512] = { 0 };
	struct attr attr = { .name = "x", .kind = kind, .choices = choices };
	AUTO_DIAGS struct diags d = { 0 };
	struct reading r = { .arena = &arena, .diags = &d };
	json_t *ja = fixture_json(a), *jb = fixture_json(b);
	bool same;

	ck_assert(kind->read(&r, &attr, ja, x));
	ck_assert(kind->read(&r, &attr, jb, y));
	same = kind->equal(x, y);
	ck_assert(same == kind->equal(y, x) || kind == &kind_mode);
	json_decref(ja);
	json_decref(jb);
	return same;
}

START_TEST(equals)
{
	ck_assert(equal(&kind_text, "'a'", "'a'"));
	ck_assert(!equal(&kind_text, "'a'", "'A'"));
	ck_assert(equal(&kind_paths, "['/a', '/b']", "['/a', '/b']"));
	ck_assert(!equal(&kind_paths, "['/a', '/b']", "['/b', '/a']"));
	ck_assert(!equal(&kind_paths, "['/a', '/b']", "['/a']"));
	ck_assert(equal(&kind_choice, "'absent'", "'absent'"));
	ck_assert(!equal(&kind_choice, "'absent'", "'present'"));
	ck_assert(equal(&kind_bool, "true", "true"));
	ck_assert(!equal(&kind_bool, "true", "false"));
	ck_assert(equal(&kind_integer, "5", "5"));
	ck_assert(!equal(&kind_integer, "5", "-5"));
	ck_assert(equal(&kind_duration, "'5m'", "300"));
	ck_assert(equal(&kind_mode, "'0644'", "'644'"));
	ck_assert(!equal(&kind_mode, "'0644'", "'0645'"));
	ck_assert(equal(&kind_mode, "'u+r'", "'0644'"));
	ck_assert(equal(&kind_argv, "['a', 'b']", "['a', 'b']"));
	ck_assert(!equal(&kind_argv, "['a b']", "['a', 'b']"));
	ck_assert(equal(&kind_target, "'a'", "'a'"));
	ck_assert(!equal(&kind_target, "'a'", "'./a'"));
	arena_release(&arena);
}
END_TEST

/* --- schemas --- */

static const struct kind *const kinds[] = {
	&kind_account,        &kind_accounts,   &kind_hash,
	&kind_date,           &kind_public_key, &kind_path,
	&kind_paths,          &kind_text,       &kind_texts,
	&kind_choice,         &kind_bool,       &kind_integer,
	&kind_mode,           &kind_owner,      &kind_group,
	&kind_content,        &kind_source,     &kind_template,
	&kind_folder,         &kind_argv,       &kind_command,
	&kind_commands,       &kind_env,        &kind_duration,
	&kind_integers,       &kind_target,     &kind_umask,
	&kind_enable,         &kind_scalar,     &kind_secret_line,
	&kind_secret_setting,
};

START_TEST(every_kind_has_a_schema_and_a_name)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct attr attr = { .name = "x",
				     .kind = kinds[i],
				     .choices = choices };
		json_t *schema = kinds[i]->schema(&attr);

		ck_assert_msg(json_is_object(schema), "%s", kinds[i]->name);
		ck_assert_uint_gt(json_object_size(schema), 0);
		ck_assert_uint_gt(kinds[i]->size, 0);
		ck_assert(*kinds[i]->name);
		json_decref(schema);
	}
}
END_TEST

START_TEST(a_reference_stands_for_any_value)
{
	json_t *schema =
		schema_or_reference(json_pack("{s:s}", "type", "boolean"));
	json_t *want = fixture_json("{'anyOf': [{'type': 'boolean'}, {'type': "
				    "'string', 'pattern': "
				    "'(^|[^$])\\\\$\\\\{'}]}");

	ck_assert(json_equal(schema, want));
	json_decref(schema);
	json_decref(want);
}
END_TEST

START_TEST(a_range_is_in_the_schema)
{
	struct attr attr = {
		.name = "x", .kind = &kind_integer, .min = 1, .max = 9
	};
	json_t *schema = kind_integer.schema(&attr);

	ck_assert_int_eq(json_integer_value(json_object_get(schema, "minimum")),
			 1);
	ck_assert_int_eq(json_integer_value(json_object_get(schema, "maximum")),
			 9);
	json_decref(schema);
}
END_TEST

TEST_SUITE("kinds", managed_accounts, hashes, dates, public_keys, paths,
	   a_path_has_limits, paths_one_or_many, texts, choices_are_words,
	   true_and_false, integers, integers_one_or_many, modes, umasks,
	   accounts, contents_are_shown_by_size_and_digest, files_of_the_world,
	   without_a_world_there_are_no_files, templates,
	   what_templates_make_in_all_has_a_limit, targets, commands_are_lists,
	   a_command_has_a_limit, environments, enablements,
	   what_cannot_be_enabled_is_as_wanted, durations, equals,
	   every_kind_has_a_schema_and_a_name, a_reference_stands_for_any_value,
	   a_range_is_in_the_schema)
