/* SPDX-License-Identifier: MIT */
#include "lib/fixture_test.h"

static struct fixture f;

static const char *planned(const char *manifest, const char *host)
{
	fixture_begin(&f, manifest, host);
	fixture_plan(&f, NULL);
	return fixture_shown(&f);
}

static void becomes(const char *manifest, const char *host, const char *told,
		    const char *files)
{
	planned(manifest, host);
	ck_assert_str_eq(fixture_apply(&f), told);
	fixture_check_files(&f, files);
	fixture_release(&f);
}

#define PLANS(manifest, host, lines)                              \
	do {                                                      \
		ck_assert_str_eq(planned(manifest, host), lines); \
		fixture_release(&f);                              \
	} while (0)

#define REFUSES(manifest, words)                                             \
	do {                                                                 \
		f = (struct fixture){ 0 };                                   \
		ck_assert_msg(!fixture_graph(&f, manifest), "%s", manifest); \
		ck_assert_uint_eq(f.diags.n, 1);                             \
		ck_assert_str_eq(f.diags.v[0].text, words);                  \
		fixture_release(&f);                                         \
	} while (0)

#define FILE(path, text) "'" path "': {'type': 'file', 'content': '" text "'}"

#define HOSTS(text) FILE("/etc/hosts", text)
#define WEB "'host_entry:web': {'ip': '10.0.0.1'}"

START_TEST(a_name_has_a_line)
{
	becomes(WEB, "'/etc': {'type': 'directory'}", "done host_entry:web",
		HOSTS("10.0.0.1 web\\n"));
	becomes("'host_entry:x': {'name': 'web', 'ip': '::1', 'aliases': 'w'}",
		HOSTS("10.0.0.1 web\\n"), "done host_entry:x",
		HOSTS("10.0.0.1 web\\n::1 web w\\n"));
	becomes("'host_entry:web': {'ensure': 'absent'}",
		HOSTS("10.0.0.1 web w # x\\n::1 web\\n"), "done host_entry:web",
		HOSTS("10.0.0.1 w # x\\n"));
	becomes("'host_entry:web': {'ensure': 'absent'}",
		HOSTS("fe80::1%eth0 web\\n10.0.0.1%a web\\n"),
		"done host_entry:web", HOSTS("10.0.0.1%a web\\n"));
	becomes("'host_entry:web': {'ip': 'fe80::1'}",
		HOSTS("fe80::1%eth0 web\\n"), "done host_entry:web",
		HOSTS("fe80::1 web\\n"));
	PLANS("'host_entry:web': {'ensure': 'absent', 'ip': 'fe80::1'}",
	      HOSTS("fe80::1%eth0 web\\n"), "");
	PLANS(WEB, HOSTS("10.0.0.1 web w\\n"), "");
	PLANS("'host_entry:web': {'ensure': 'absent'}", "", "");
}
END_TEST

/* Also where address and aliases are right. */
START_TEST(its_line_is_its_own)
{
	PLANS(WEB, HOSTS("10.0.0.2 web\\n"), "~ host_entry:web ip");
	PLANS(WEB, HOSTS("10.0.0.1 db web\\n"), "~ host_entry:web entry");
	PLANS(WEB, HOSTS("10.0.0.1 web\\n10.0.0.2 web\\n"),
	      "~ host_entry:web entry");
	PLANS(WEB, HOSTS("10.0.0.1 web web\\n"), "~ host_entry:web entry");
	becomes(WEB, HOSTS("10.0.0.1 web web\\n"), "done host_entry:web",
		HOSTS("10.0.0.1 web\\n"));
}
END_TEST

START_TEST(names_and_addresses_are_checked)
{
	REFUSES("'host_entry:web': {}", "'ip' is missing");
	REFUSES("'host_entry:web': {'ip': '10.0.0.256'}",
		"'ip' must be an IPv4 or IPv6 address");
	REFUSES("'host_entry:-x': {'ip': '::1'}",
		"'name' must be made of letters, digits and, inside, '-'");
	REFUSES("'host_entry:web': {'ip': '::1', 'aliases': 'WEB'}",
		"'aliases' has the name itself");
	REFUSES("'host_entry:web': {'ip': '::1', 'aliases': ['a', 'b c']}",
		"'aliases' must be made of letters, digits and, inside, '-'");
	REFUSES("'host_entry:web': {'ip': '::1', 'aliases': ['a', 1]}",
		"'aliases' must be a name or a list of names; item 2 is an "
		"integer");
}
END_TEST

/* Each would take the other's line away. */
START_TEST(no_alias_is_the_name_of_another)
{
#define TWO(more)                                                          \
	"'host_entry:db.x': {'ip': '10.0.0.5', 'aliases': ['a', 'DB']},\n" \
	"'host_entry:db': {" more "}"
#define NAMED                                                              \
	"the alias 'DB' is a name managed by 'host_entry:db' at m.json:3:" \
	"1"
	REFUSES(TWO("'ip': '10.0.0.6'"), NAMED);
	REFUSES(TWO("'ip': '10.0.0.5'"), NAMED);
	REFUSES(TWO("'ensure': 'absent'"), NAMED);
	REFUSES(TWO("'ensure': 'absent', 'ip': '10.0.0.5'"), NAMED);
	becomes(TWO("'ip': '::1', 'aliases': 'a'"), HOSTS(""),
		"done host_entry:db.x\ndone host_entry:db",
		HOSTS("10.0.0.5 db.x a DB\\n::1 db a\\n"));
	becomes(TWO("'ensure': 'absent', 'ip': '10.0.0.6'"),
		HOSTS("10.0.0.6 db\\n"),
		"done host_entry:db.x\ndone host_entry:db",
		HOSTS("10.0.0.5 db.x a DB\\n"));
	becomes("'host_entry:x': {'ip': '10.0.0.1', 'aliases': 'a'}, "
		"'host_entry:y': {'ip': '10.0.0.2', 'aliases': 'a'}",
		HOSTS(""), "done host_entry:x\ndone host_entry:y",
		HOSTS("10.0.0.1 x a\\n10.0.0.2 y a\\n"));
}
END_TEST

TEST_SUITE("host_entry", a_name_has_a_line, its_line_is_its_own,
	   names_and_addresses_are_checked, no_alias_is_the_name_of_another)
