/* SPDX-License-Identifier: MIT */
/* What files say of units, on a snapshot; systemctl is asked the same on a
 * host with a real systemd (testdata/host/service_test.py). */
#include "lib/fixture_test.h"

static struct host *h;
static json_t *json;
static struct arena a;
static struct diags d;

static void setup(const char *files)
{
	h = fixture_host(files, &json);
}

static void teardown(void)
{
	host_close(h);
	json_decref(json);
	arena_release(&a);
	diags_release(&d);
}

#define FILE(path, text) "'" path "': {'type': 'file', 'content': '" text "'}"
#define LINK(path, target) \
	"'" path "': {'type': 'link', 'target': '" target "'}"
#define ETC "/etc/systemd/system/"
#define USR "/usr/lib/systemd/system/"
#define INSTALL "[Install]\\nWantedBy = multi-user.target\\n"

/* The unit's own name, ' ' and its state. */
static const char *state(const char *name)
{
	struct unit unit;

	ck_assert_msg(host_unit_file(h, name, &a, &unit, &d), "%s",
		      d.n ? d.v[0].text : "?");
	return arena_printf(&a, "%s %s", unit.id,
			    unit_enabled_name(unit.enabled));
}

#define IS(files, name, want)                        \
	do {                                         \
		setup(files);                        \
		ck_assert_str_eq(state(name), want); \
		teardown();                          \
	} while (0)

START_TEST(a_file_may_ask_to_be_enabled)
{
	IS("", "x.service", "x.service not-found");
	IS(FILE(USR "x.service", INSTALL), "x.service", "x.service disabled");
	IS(FILE("/lib/systemd/system/x.socket", INSTALL), "x.socket",
	   "x.socket disabled");
	IS(FILE(USR "x.service", "[Service]\\nWantedBy=a\\n"), "x.service",
	   "x.service static");
	IS(FILE(USR "x.service", "[Install]\\nWantedBy=\\n# Alias=y\\n"),
	   "x.service", "x.service static");
	IS(FILE(USR "x.service", " [Install] \\n Also=y.service"), "x.service",
	   "x.service indirect");
	IS(FILE(USR "x.service", "[Install]\\n[Unit]\\nAlias=y.service"),
	   "x.service", "x.service static");
	IS(FILE(USR "x.service",
		"[Service]\\n") ", " FILE(ETC "x.service.d/a.conf", INSTALL),
	   "x.service", "x.service disabled");
	IS(FILE(USR "x.service",
		"[Service]\\n") ", " FILE(ETC "x.service.d/a.txt", INSTALL),
	   "x.service", "x.service static");
}
END_TEST

START_TEST(links_enable_it)
{
	IS(FILE(USR "x.service", INSTALL) ", " LINK(
		   ETC "multi-user.target.wants/x.service", USR "x.service"),
	   "x.service", "x.service enabled");
	IS(FILE(USR "x.service", INSTALL) ", " LINK(ETC "a.target.requires/y",
						    "../x.service"),
	   "x.service", "x.service enabled");
	IS(FILE(USR "x.service", INSTALL) ", " LINK(
		   ETC "multi-user.target.d/x.service", USR "x.service"),
	   "x.service", "x.service disabled");
	IS(FILE(USR "x.service", INSTALL) ", " LINK(
		   "/run/systemd/system/a.target.wants/x.service",
		   USR "x.service"),
	   "x.service", "x.service enabled-runtime");
	/* what the vendor wants is not for anybody to enable */
	IS(FILE(USR "x.service", INSTALL) ", " LINK(
		   USR "a.target.wants/x.service", "../x.service"),
	   "x.service", "x.service disabled");
}
END_TEST

START_TEST(an_alias_stands_for_another)
{
	IS(FILE(USR "ssh.service", INSTALL) ", " LINK(ETC "sshd.service",
						      USR "ssh.service"),
	   "sshd.service", "ssh.service enabled");
	IS(LINK(ETC "a.service", "b.service") ", " LINK(ETC "b.service",
							"a.service"),
	   "a.service", "a.service not-found");
	IS(LINK(ETC "a.service", "gone.service"), "a.service",
	   "gone.service not-found");
}
END_TEST

START_TEST(masks_are_empty)
{
	IS(FILE(USR "x.service", INSTALL) ", " LINK(ETC "x.service",
						    "/dev/null"),
	   "x.service", "x.service masked");
	IS(FILE(USR "x.service", INSTALL) ", " LINK(
		   "/run/systemd/system/x.service", "/dev/null"),
	   "x.service", "x.service masked-runtime");
	IS(FILE(ETC "x.service", ""), "x.service", "x.service masked");
	/* the administrator's own comes first */
	IS(FILE(ETC "x.service", INSTALL) ", " LINK(
		   "/run/systemd/system/x.service", "/dev/null"),
	   "x.service", "x.service disabled");
}
END_TEST

/* The unit's own name and its state, as far as no links are looked at. */
static const char *found(const char *files, const char *name)
{
	struct unit unit;
	const char *text;

	setup(files);
	ck_assert_msg(host_unit_find(h, name, &a, &unit, &d), "%s",
		      d.n ? d.v[0].text : "?");
	text = arena_printf(&a, "%s %s", unit.id,
			    unit_enabled_name(unit.enabled));
	host_close(h);
	json_decref(json);
	return text;
}

START_TEST(a_unit_is_found_without_its_links)
{
	ck_assert_str_eq(found("", "x.service"), "x.service not-found");
	ck_assert_str_eq(found(LINK(ETC "x.service", "/dev/null"), "x.service"),
			 "x.service masked");
	ck_assert_str_eq(
		found(LINK("/run/systemd/system/x.service", "/dev/null"),
		      "x.service"),
		"x.service masked-runtime");
	ck_assert_str_eq(found(FILE(USR "x.service", INSTALL) "," LINK(
				       ETC "multi-user.target.wants/x.service",
				       USR "x.service"),
			       "x.service"),
			 "x.service disabled");
	ck_assert_str_eq(found(FILE(USR "x.service", INSTALL) "," LINK(
				       ETC "y.service", USR "x.service"),
			       "y.service"),
			 "x.service disabled");
	ck_assert_str_eq(found(FILE("/etc/init.d/x", ""), "x.service"),
			 "x.service disabled");
	arena_release(&a);
	diags_release(&d);
}
END_TEST

START_TEST(some_files_are_elsewhere)
{
	IS(FILE("/opt/x.service", INSTALL) ", " LINK(ETC "x.service",
						     "/opt/x.service"),
	   "x.service", "x.service linked");
	IS(FILE("/opt/x.service", INSTALL) ", " LINK(
		   "/run/systemd/system/x.service", "/opt/x.service"),
	   "x.service", "x.service linked-runtime");
	IS(FILE("/opt/x.service", INSTALL) ", " LINK(
		   ETC "x.service",
		   "/opt/x.service") ", " LINK(ETC "a.target.wants/x.service",
					       "../x.service"),
	   "x.service", "x.service enabled");
	IS(FILE("/run/systemd/generator/x.mount", "[Mount]\\n"), "x.mount",
	   "x.mount generated");
	IS(FILE("/run/systemd/transient/x.service", "[Service]\\n"),
	   "x.service", "x.service transient");
}
END_TEST

START_TEST(an_instance_has_its_templates_file)
{
	const char *both = FILE(USR "g@.service", INSTALL) ", " LINK(
		ETC "getty.target.wants/g@1.service", USR "g@.service");

	IS(both, "g@1.service", "g@1.service enabled");
	IS(both, "g@2.service", "g@2.service disabled");
}
END_TEST

START_TEST(scripts_have_links_of_their_own)
{
	const char *script = FILE("/etc/init.d/old", "#!/bin/sh");
	const char *linked = FILE("/etc/init.d/old", "#!/bin/sh") ", " LINK(
		"/etc/rc5.d/S01old", "../init.d/old");

	IS(script, "old.service", "old.service disabled");
	IS(linked, "old.service", "old.service enabled");
	IS(linked, "old.socket", "old.socket not-found");
	IS(FILE("/etc/init.d/old", "") ", " LINK("/etc/rc5.d/K01old",
						 "../init.d/old"),
	   "old.service", "old.service disabled");
}
END_TEST

START_TEST(drop_ins_are_found)
{
	struct strings paths;

	setup(FILE(ETC "g@1.service.d/a.conf", "") ", " FILE(
		ETC "g@.service.d/b.conf",
		"") ", " FILE(USR "service.d/c.conf",
			      "") ", " FILE(ETC "g@1.service.d/a.bak", ""));
	ck_assert(host_unit_drop_ins(h, "g@1.service", &a, &paths, &d));
	ck_assert_str_eq(strings_join(&paths, " ", &a),
			 ETC "g@1.service.d/a.conf " ETC
			     "g@.service.d/b.conf " USR "service.d/c.conf");
	teardown();
}
END_TEST

static void named(const char *name, const char *want)
{
	const char *wrong, *full = unit_full_name(name, &a, &wrong);

	ck_assert_str_eq(full ? full : wrong, want);
	ck_assert((full == NULL) == (wrong != NULL));
}

START_TEST(names_are_made_full)
{
	char long_name[UNIT_NAME_MAX + 2] = { 0 };

	named("nginx", "nginx.service");
	named("php8.2-fpm", "php8.2-fpm.service");
	named("a.timer", "a.timer");
	named("getty@tty1", "getty@tty1.service");
	named("dev-disk\\x2d1.mount", "dev-disk\\x2d1.mount");
	named("", "must not be empty");
	named("getty@.service", "must name an instance: it is a template");
	named("a.swap",
	      "must be a service, socket, timer, target, path or mount");
	named("-x", "must begin with a letter, a digit, ':', '_' or '\\'");
	named("@x", "must begin with a letter, a digit, ':', '_' or '\\'");
	named(".service", "must begin with a letter, a digit, ':', '_' or "
			  "'\\'");
	named("a/b", "must consist of letters, digits and :-_.\\@");
	named("a\n", "must consist of letters, digits and :-_.\\@");
	memset(long_name, 'x', UNIT_NAME_MAX - 8);
	named(long_name, arena_printf(&a, "%s.service", long_name));
	long_name[UNIT_NAME_MAX - 8] = 'x';
	named(long_name, "must have at most 255 bytes");
	arena_release(&a);
}
END_TEST

START_TEST(words_come_back)
{
	for (int i = 0; i < UNIT_ENABLED_STATES; i++)
		ck_assert_int_eq(unit_enabled_parse(unit_enabled_name(
					 (enum unit_enabled)i)),
				 i);
	for (int i = 0; i < UNIT_ACTIVE_STATES; i++)
		ck_assert_int_eq(unit_active_parse(
					 unit_active_name((enum unit_active)i)),
				 i);
	ck_assert_int_eq(unit_enabled_parse("x"), -1);
	ck_assert_int_eq(unit_active_parse(NULL), -1);
}
END_TEST

TEST_SUITE("unit", a_file_may_ask_to_be_enabled, links_enable_it,
	   an_alias_stands_for_another, masks_are_empty,
	   a_unit_is_found_without_its_links, some_files_are_elsewhere,
	   an_instance_has_its_templates_file, scripts_have_links_of_their_own,
	   drop_ins_are_found, names_are_made_full, words_come_back)
