/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lib/host/host.h"
#include "lib/host/picture.h"
#include "lib/test.h"

/* JSON is written with ' here. */
static json_t *parse(const char *text)
{
	AUTO_FREE char *copy = strdup(text);
	json_error_t error;
	json_t *json;

	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	json = json_loads(copy, JSON_ALLOW_NUL, &error);
	ck_assert_msg(json, "%s: %s", error.text, text);
	return json;
}

static json_t *json;
static struct host *h;
static struct diags d;
static struct arena a;

static void setup(const char *text)
{
	json = parse(text);
	d = (struct diags){ 0 };
	a = (struct arena){ 0 };
	h = host_snapshot(json, &d);
	ck_assert_msg(h, "%s", d.n ? d.v[0].text : "no reason");
	ck_assert_uint_eq(d.n, 0);
}

static void teardown(void)
{
	host_close(h);
	json_decref(json);
	arena_release(&a);
	diags_release(&d);
}

static struct node look(const char *path)
{
	struct node n;

	ck_assert(host_look(h, path, &n, &d));
	return n;
}

static bool put(const char *path, const char *bytes, size_t size)
{
	const struct content c = content_of(bytes, size);
	const struct file_write w = { .path = path,
				      .content = &c,
				      .perms = { .set = PERM_MODE,
						 .mode = 0644 } };

	return host_replace(h, &w, &d);
}

static const char *said(void)
{
	return d.n ? d.v[d.n - 1].text : "";
}

/* What it is now, with ' again. */
static const char *shown(void)
{
	json_t *now = host_snapshot_json(h);
	AUTO_FREE char *text = json_dumps(now, JSON_COMPACT);

	json_decref(now);
	for (char *at = text; *at; at++)
		*at = *at == '"' ? '\'' : *at;
	return arena_strdup(&a, text);
}

START_TEST(each_kind_of_node_is_read)
{
	const char *target;
	struct node n;

	setup("{'format': 'converge.snapshot/1', 'files': {"
	      "'/f': {'type': 'file', 'mode': '4711', 'uid': 1, 'gid': 2,"
	      " 'content': 'abc'},"
	      "'/d': {'type': 'directory', 'mode': '1777'},"
	      "'/l': {'type': 'link', 'target': '../x', 'uid': 3},"
	      "'/p': {'type': 'FIFO'}, '/s': {'type': 'socket'},"
	      "'/c': {'type': 'character device', 'mode': '0666'},"
	      "'/b': {'type': 'block device', 'gid': 6}}}");
	n = look("/f");
	ck_assert_int_eq(n.type, NODE_FILE);
	ck_assert_uint_eq(n.mode, 04711);
	ck_assert_uint_eq(n.uid, 1);
	ck_assert_uint_eq(n.gid, 2);
	ck_assert_uint_eq(n.size, 3);
	ck_assert_uint_eq(n.inode, 0);
	ck_assert_uint_eq(look("/d").mode, 01777);
	ck_assert_int_eq(look("/l").type, NODE_LINK);
	ck_assert_uint_eq(look("/l").size, 4);
	ck_assert(host_read_link(h, "/l", &a, &target, &d));
	ck_assert_str_eq(target, "../x");
	ck_assert_int_eq(look("/p").type, NODE_FIFO);
	ck_assert_int_eq(look("/s").type, NODE_SOCKET);
	ck_assert_int_eq(look("/c").type, NODE_CHARACTER_DEVICE);
	ck_assert_int_eq(look("/b").type, NODE_BLOCK_DEVICE);
	ck_assert_uint_eq(look("/b").gid, 6);
	ck_assert_int_eq(look("/none").type, NODE_ABSENT);
	teardown();
}
END_TEST

START_TEST(what_is_not_said_is_roots_and_usual)
{
	setup("{'files': {'/a/b/c': {'type': 'file', 'content': ''},"
	      "'/x/y': {'type': 'directory'}}}");
	ck_assert_uint_eq(look("/a/b/c").mode, 0644);
	ck_assert_uint_eq(look("/a/b/c").uid, 0);
	ck_assert_int_eq(look("/a").type, NODE_DIRECTORY);
	ck_assert_uint_eq(look("/a").mode, 0755);
	ck_assert_uint_eq(look("/x/y").mode, 0755);
	ck_assert_uint_eq(look("/").mode, 0755);
	teardown();
}
END_TEST

START_TEST(implied_folders_do_not_take_after_the_root)
{
	setup("{'files': {'/': {'type': 'directory', 'mode': '0700', 'uid': 5},"
	      "'/a/b': {'type': 'file', 'content': ''}}}");
	ck_assert_uint_eq(look("/").mode, 0700);
	ck_assert_uint_eq(look("/").uid, 5);
	ck_assert_uint_eq(look("/a").mode, 0755);
	teardown();
}
END_TEST

static const struct {
	const char *json, *text;
} wrong[] = {
	{ "[]", "a snapshot must be an object" },
	{ "{}", "a snapshot must have 'files'" },
	{ "{'format': 'converge.snapshot/2', 'files': {}}",
	  "'format' must be \"converge.snapshot/1\"" },
	{ "{'format': 1, 'files': {}}",
	  "'format' must be \"converge.snapshot/1\"" },
	{ "{'files': []}", "'files' must be an object" },
	{ "{'files': {}, 'user': {}}", "'user' is no part of a snapshot" },
	{ "{'files': {}, 'users': 1}", "'users' must be an object" },
	{ "{'files': {}, 'users': {'x': -1}}",
	  "'x' of 'users' must be a whole number from 0 to 4294967294" },
	{ "{'files': {}, 'groups': {'x': '1'}}",
	  "'x' of 'groups' must be a whole number from 0 to 4294967294" },
	{ "{'files': {}, 'commands': {'true': 256}}",
	  "'true' of 'commands' must be a whole number from 0 to 255" },
	{ "{'files': {}, 'units': {'cron': {}}}",
	  "'cron' of 'units' is not the full name of a unit" },
	{ "{'files': {}, 'units': {'a.service': {'active': 'active'}}}",
	  "'a.service' of 'units' must have 'active' and 'enabled', as "
	  "systemctl shows them" },
	{ "{'files': {}, 'units': {'a.service': 1}}",
	  "'a.service' of 'units' must have 'active' and 'enabled', as "
	  "systemctl shows them" },
	{ "{'files': {'etc': {'type': 'directory'}}}",
	  "path 'etc' must be absolute" },
	{ "{'files': {'/a//b': {'type': 'directory'}}}",
	  "path '/a//b' must not hold '//' or end in '/'" },
	{ "{'files': {'/a/../b': {'type': 'directory'}}}",
	  "path '/a/../b' must not have '.' or '..' as a component" },
	{ "{'files': {'/a': 1}}", "'/a' must be an object" },
	{ "{'files': {'/a': {}}}",
	  "'type' of '/a' must be one of absent, file, directory, link, "
	  "FIFO, socket, character device, block device" },
	{ "{'files': {'/a': {'type': 'unknown'}}}",
	  "'type' of '/a' must be one of absent, file, directory, link, "
	  "FIFO, socket, character device, block device" },
	{ "{'files': {'/a': {'type': 'file'}}}",
	  "'/a' has neither 'content' nor 'size'" },
	{ "{'files': {'/a': {'type': 'file', 'sha256': 'x'}}}",
	  "'/a' has neither 'content' nor 'size'" },
	{ "{'files': {'/a': {'type': 'file', 'content': '', 'size': 0}}}",
	  "'/a' has both 'content' and what stands for it, 'size' or "
	  "'sha256'" },
	{ "{'files': {'/a': {'type': 'file', 'content': 1}}}",
	  "'content' of '/a' must be a string" },
	{ "{'files': {'/a': {'type': 'file', 'size': -1}}}",
	  "'size' of '/a' must be a whole number from 0 to "
	  "9223372036854775807" },
	{ "{'files': {'/a': {'type': 'file', 'size': 1, 'sha256': 'AB'}}}",
	  "'sha256' of '/a' must be 64 lower-case hex digits" },
	{ "{'files': {'/a': {'type': 'file', 'size': 1, 'sha256': "
	  "'000000000000000000000000000000000000000000000000000000000000000G"
	  "'}}}",
	  "'sha256' of '/a' must be 64 lower-case hex digits" },
	{ "{'files': {'/a': {'type': 'directory', 'mode': '0999'}}}",
	  "'mode' of '/a' must be an octal string such as \"0644\"" },
	{ "{'files': {'/a': {'type': 'directory', 'mode': 'u+x'}}}",
	  "'mode' of '/a' must be an octal string such as \"0644\"" },
	{ "{'files': {'/a': {'type': 'directory', 'mode': 493}}}",
	  "'mode' of '/a' must be an octal string such as \"0644\"" },
	{ "{'files': {'/a': {'type': 'directory', 'uid': 4294967295}}}",
	  "'uid' of '/a' must be a whole number from 0 to 4294967294" },
	{ "{'files': {'/a': {'type': 'directory', 'gid': 0.5}}}",
	  "'gid' of '/a' must be a whole number from 0 to 4294967294" },
	{ "{'files': {'/a': {'type': 'directory', 'ower': 1}}}",
	  "'ower' of '/a' is not known" },
	{ "{'files': {'/a': {'type': 'directory', 'mod': '0755'}}}",
	  "'mod' of '/a' is not known (did you mean 'mode'?)" },
	{ "{'files': {'/a': {'type': 'directory', 'content': ''}}}",
	  "'content' of '/a' is not for a directory" },
	{ "{'files': {'/a': {'type': 'link', 'target': 'x', 'mode': '0777'}}}",
	  "'mode' of '/a' is not for a link" },
	{ "{'files': {'/a': {'type': 'link'}}}", "'/a' has no 'target'" },
	{ "{'files': {'/a': {'type': 'link', 'target': ''}}}",
	  "'target' of '/a' must be a string that is not empty" },
	{ "{'files': {'/': {'type': 'file', 'content': ''}}}",
	  "'/' must be a directory" },
	{ "{'files': {'/a': {'type': 'link', 'target': 'b'},"
	  "'/a/x': {'type': 'directory'}}}",
	  "'/a' is a link, but '/a/x' lies below" },
	{ "{'files': {'/a/x': {'type': 'directory'},"
	  "'/a': {'type': 'file', 'size': 3}}}",
	  "'/a' is a file, but '/a/x' lies below" },
};

START_TEST(what_is_no_snapshot_is_refused)
{
	for (size_t i = 0; i < COUNT(wrong); i++) {
		AUTO_DIAGS struct diags found = { 0 };
		json_t *given = parse(wrong[i].json);

		ck_assert_msg(!host_snapshot(given, &found), "%s",
			      wrong[i].json);
		ck_assert_uint_ge(found.n, 1);
		ck_assert_str_eq(found.v[0].text, wrong[i].text);
		json_decref(given);
	}
}
END_TEST

START_TEST(all_that_is_wrong_is_reported)
{
	AUTO_DIAGS struct diags found = { 0 };
	json_t *given = parse("{'files': {"
			      "'/a': {'type': 'directory', 'uid': -1,"
			      " 'gid': -1}, 'b': {},"
			      "'/c': {'type': 'x'}}, 'users': {'y': true}}");

	ck_assert_ptr_null(host_snapshot(given, &found));
	ck_assert_uint_eq(found.n, 5);
	json_decref(given);
}
END_TEST

/* Canonical ones: each comes back as it went in. */
static const char *const canonical[] = {
	"{'format':'converge.snapshot/1','files':{}}",
	"{'format':'converge.snapshot/1','files':{"
	"'/':{'type':'directory','mode':'0700','uid':0,'gid':0}}}",
	"{'format':'converge.snapshot/1','files':{"
	"'/a/b':{'type':'directory','mode':'0755','uid':0,'gid':0},"
	"'/a/f':{'type':'file','mode':'0644','uid':0,'gid':7,'content':'x'},"
	"'/b':{'type':'directory','mode':'0750','uid':0,'gid':0},"
	"'/b/big':{'type':'file','mode':'0644','uid':0,'gid':0,'size':9,"
	"'sha256':'00112233445566778899aabbccddeeff"
	"00112233445566778899aabbccddeeff'},"
	"'/b/secret':{'type':'file','mode':'0600','uid':0,'gid':0,'size':3},"
	"'/l':{'type':'link','uid':0,'gid':0,'target':'/a'},"
	"'/p':{'type':'FIFO','mode':'0622','uid':0,'gid':0}},"
	"'users':{'a':1,'root':0},'groups':{'root':0},"
	"'commands':{'false':1,'true':0},'units':{"
	"'a.timer':{'active':'inactive','enabled':'static'},"
	"'cron.service':{'active':'active','enabled':'enabled'}},"
	"'facts':{'os':{'id':'debian'}}}",
};

START_TEST(a_snapshot_comes_back_as_it_went_in)
{
	for (size_t i = 0; i < COUNT(canonical); i++) {
		setup(canonical[i]);
		ck_assert_str_eq(shown(), canonical[i]);
		teardown();
	}
}
END_TEST

START_TEST(what_comes_back_is_sorted_and_whole)
{
	setup("{'files': {'/z': {'type': 'file', 'content': 'q'},"
	      "'/a': {'type': 'link', 'target': 'z'},"
	      "'/d': {'type': 'directory'}, '/d/e': {'type': 'directory'}},"
	      "'users': {'root': 0, 'a': 1}}");
	ck_assert_str_eq(
		shown(),
		"{'format':'converge.snapshot/1','files':{"
		"'/a':{'type':'link','uid':0,'gid':0,'target':'z'},"
		"'/d/e':{'type':'directory','mode':'0755','uid':0,'gid':0},"
		"'/z':{'type':'file','mode':'0644','uid':0,'gid':0,"
		"'content':'q'}},'users':{'a':1,'root':0}}");
	teardown();
}
END_TEST

START_TEST(writes_show_in_what_comes_back)
{
	const struct perms p = { .set = PERM_MODE | PERM_UID,
				 .mode = 0700,
				 .uid = 9 };

	setup("{'files': {'/etc/motd': {'type': 'file', 'content': 'old'},"
	      "'/x/old': {'type': 'file', 'content': ''}}}");
	ck_assert(put("/etc/motd", "new", 3));
	ck_assert(host_make_link(h, "/etc/l", "motd", NULL, false, &d));
	ck_assert(host_make_directory(h, "/e", &p, &d));
	ck_assert(host_remove(h, "/x", true, false, NULL, &d));
	ck_assert_str_eq(
		shown(),
		"{'format':'converge.snapshot/1','files':{"
		"'/e':{'type':'directory','mode':'0700','uid':9,'gid':0},"
		"'/etc/l':{'type':'link','uid':0,'gid':0,'target':'motd'},"
		"'/etc/motd':{'type':'file','mode':'0644','uid':0,'gid':0,"
		"'content':'new'}}}");
	ck_assert(host_remove(h, "/etc/motd", true, false, NULL, &d));
	ck_assert(host_remove(h, "/etc/l", true, false, NULL, &d));
	ck_assert(host_remove(h, "/e", true, false, NULL, &d));
	ck_assert_str_eq(shown(),
			 "{'format':'converge.snapshot/1','files':{"
			 "'/etc':{'type':'directory','mode':'0755','uid':0,"
			 "'gid':0}}}");
	teardown();
}
END_TEST

START_TEST(content_that_json_cannot_hold_is_told_by_its_digest)
{
	setup("{'files': {}}");
	ck_assert(put("/f", "\xff", 1));
	ck_assert_str_eq(
		shown(),
		"{'format':'converge.snapshot/1','files':{"
		"'/f':{'type':'file','mode':'0644','uid':0,'gid':0,'size':1,"
		"'sha256':'a8100ae6aa1940d0b663bb31cd466142"
		"ebbdbd5187131b92d93818987832eb89'}}}");
	teardown();
}
END_TEST

START_TEST(content_may_hold_any_byte)
{
	AUTO_BUF struct buf text = { 0 };
	bool whole;

	setup("{'files': {'/f': {'type': 'file', 'content': 'a\\u0000b'}}}");
	ck_assert_uint_eq(look("/f").size, 3);
	ck_assert(host_read(h, "/f", 3, &text, &whole, &d));
	ck_assert(whole);
	ck_assert_mem_eq(text.text, "a\0b", 3);
	teardown();
}
END_TEST

START_TEST(links_lead_as_on_a_real_host)
{
	setup("{'files': {'/run/pid': {'type': 'file', 'content': '1'},"
	      "'/var/run': {'type': 'link', 'target': '../run'}}}");
	ck_assert_int_eq(look("/var/run/pid").type, NODE_FILE);
	ck_assert(put("/var/run/new", "x", 1));
	ck_assert_int_eq(look("/run/new").type, NODE_FILE);
	teardown();
}
END_TEST

START_TEST(content_of_which_only_the_size_is_known_is_not_known)
{
	AUTO_BUF struct buf text = { 0 };
	const struct content same = content_of("12345", 5);
	const struct content other = content_of("1", 1);
	struct content c;
	enum match m;
	bool whole;

	setup("{'files': {'/f': {'type': 'file', 'size': 5}}}");
	ck_assert(host_compare(h, "/f", &same, &m, &d));
	ck_assert_int_eq(m, MATCH_UNKNOWN);
	ck_assert(host_compare(h, "/f", &other, &m, &d));
	ck_assert_int_eq(m, MATCH_DIFFERENT);
	ck_assert(!host_read(h, "/f", 10, &text, &whole, &d));
	ck_assert(host_digest(h, "/f", &c, &d));
	ck_assert(!c.has_digest);
	ck_assert_uint_eq(c.size, 5);
	ck_assert_uint_eq(d.n, 0);
	teardown();
}
END_TEST

START_TEST(content_is_copied_as_it_is_written)
{
	char bytes[] = "one";
	const struct content one = content_of("one", 3);
	enum match m;

	setup("{'files': {}}");
	ck_assert(put("/f", bytes, 3));
	memcpy(bytes, "two", 3);
	ck_assert(host_compare(h, "/f", &one, &m, &d));
	ck_assert_int_eq(m, MATCH_SAME);
	teardown();
}
END_TEST

START_TEST(large_content_is_kept_by_its_digest)
{
	size_t size = PICTURE_COPY_MAX + 1;
	AUTO_FREE char *bytes = calloc(1, size);
	struct content c = content_of(bytes, size);
	enum match m;

	setup("{'files': {}}");
	ck_assert(put("/f", bytes, size));
	ck_assert_uint_eq(look("/f").size, size);
	ck_assert(host_compare(h, "/f", &c, &m, &d));
	ck_assert_int_eq(m, MATCH_SAME);
	bytes[size - 1] = 1;
	ck_assert(host_compare(h, "/f", &c, &m, &d));
	ck_assert_int_eq(m, MATCH_DIFFERENT);
	teardown();
}
END_TEST

START_TEST(the_nth_write_fails_and_all_after_it)
{
	const struct perms p = { .set = PERM_MODE, .mode = 0755 };
	const struct command c = { 0 };
	struct outcome o;

	setup("{'files': {}}");
	host_snapshot_fail(h, 3);
	ck_assert(put("/a", "", 0));
	ck_assert(host_make_directory(h, "/b", &p, &d));
	ck_assert(!put("/c", "", 0));
	ck_assert_str_eq(said(), "write refused (fault injected)");
	ck_assert(!host_make_directory(h, "/d", &p, &d));
	ck_assert(!host_make_link(h, "/l", "x", NULL, false, &d));
	ck_assert(!host_set_perms(h, "/a", &p, NULL, &d));
	ck_assert(!host_remove(h, "/a", false, false, NULL, &d));
	ck_assert(!host_run(h, &c, NULL, &a, &o, &d));
	ck_assert_int_eq(look("/c").type, NODE_ABSENT);
	ck_assert_uint_eq(look("/a").mode, 0644);
	host_snapshot_fail(h, 1);
	ck_assert(!put("/c", "", 0));
	host_snapshot_fail(h, 0);
	ck_assert(put("/c", "", 0));
	teardown();
}
END_TEST

static struct command command(const char *first, const char *second)
{
	struct command c = { 0 };

	strings_add(&c.argv, &a, first);
	if (second)
		strings_add(&c.argv, &a, second);
	return c;
}

START_TEST(commands_end_as_recorded)
{
	struct command known, unknown;
	struct outcome o;

	setup("{'files': {}, 'commands': {'test x': 1}}");
	known = command("test", "x");
	unknown = command("test", "y");
	ck_assert(host_ask(h, &known, &a, &o, &d));
	ck_assert_int_eq(o.ending, ENDED_EXIT);
	ck_assert_int_eq(o.code, 1);
	ck_assert(host_ask(h, &unknown, &a, &o, &d));
	ck_assert_int_eq(o.ending, ENDED_UNKNOWN);
	ck_assert_str_eq(o.because, "a recorded host runs nothing");
	ck_assert(host_run(h, &known, NULL, &a, &o, &d));
	ck_assert_int_eq(o.code, 1);
	ck_assert(host_run(h, &unknown, NULL, &a, &o, &d));
	ck_assert_int_eq(o.ending, ENDED_EXIT);
	ck_assert_int_eq(o.code, 0);
	teardown();
}
END_TEST

static bool change(enum unit_action action, const char *name)
{
	const struct unit_change c = { .name = name, .action = action };

	return host_unit_change(h, &c, &a, &d);
}

START_TEST(units_change_and_come_back)
{
	struct unit unit;

	setup("{'files': {}, 'units': {'cron.service': {'active': 'failed', "
	      "'enabled': 'masked'}}}");
	ck_assert(!change(UNIT_START, "cron.service"));
	ck_assert_str_eq(d.v[0].text, "'cron.service' is masked");
	ck_assert(!change(UNIT_START, "none.service"));
	ck_assert_str_eq(d.v[1].text, "there is no unit 'none.service'");
	ck_assert(change(UNIT_UNMASK, "cron.service"));
	ck_assert(change(UNIT_ENABLE, "cron.service"));
	ck_assert(change(UNIT_START, "cron.service"));
	ck_assert_str_eq(shown(), "{'format':'converge.snapshot/1','files':{},"
				  "'units':{'cron.service':{'active':'active',"
				  "'enabled':'enabled'}}}");
	ck_assert(host_unit_file(h, "cron.service", &a, &unit, &d) &&
		  host_unit_state(h, &unit, &a, &d));
	ck_assert_int_eq(unit.active, UNIT_ACTIVE);
	host_snapshot_fail(h, 1);
	ck_assert(!change(UNIT_STOP, "cron.service"));
	teardown();
}
END_TEST

START_TEST(a_command_that_ends_well_keeps_its_promise)
{
	struct strings makes = { 0 };
	struct command good, bad;
	struct outcome o;

	setup("{'files': {'/old': {'type': 'file', 'content': 'old'}},"
	      "'commands': {'false': 1}}");
	good = command("make", NULL);
	bad = command("false", NULL);
	strings_add(&makes, &a, "/opt/app/done");
	strings_add(&makes, &a, "/old");
	ck_assert(host_run(h, &bad, &makes, &a, &o, &d));
	ck_assert_int_eq(look("/opt").type, NODE_ABSENT);
	ck_assert(host_run(h, &good, &makes, &a, &o, &d));
	ck_assert_int_eq(look("/opt/app").type, NODE_DIRECTORY);
	ck_assert_int_eq(look("/opt/app/done").type, NODE_FILE);
	ck_assert_uint_eq(look("/opt/app/done").size, 0);
	ck_assert_uint_eq(look("/old").size, 3);
	teardown();
}
END_TEST

START_TEST(a_validator_may_refuse)
{
	const struct content c = content_of("x", 1);
	struct command validator;
	struct file_write w = { .path = "/f", .content = &c };

	setup("{'files': {}, 'commands': {'visudo %': 1}}");
	validator = command("visudo", "%");
	w.validate = &validator.argv;
	ck_assert(!host_replace(h, &w, &d));
	ck_assert_str_eq(said(), "'visudo' refuses the new content of '/f'");
	ck_assert_int_eq(look("/f").type, NODE_ABSENT);
	validator = command("sshd", "%");
	w.validate = &validator.argv;
	ck_assert(host_replace(h, &w, &d));
	teardown();
}
END_TEST

START_TEST(users_and_groups_have_names)
{
	uint32_t id;

	setup("{'files': {}, 'users': {'root': 0, 'web': 33},"
	      "'groups': {'www': 33}}");
	ck_assert(host_user_id(h, "web", &id));
	ck_assert_uint_eq(id, 33);
	ck_assert(!host_user_id(h, "www", &id));
	ck_assert(host_group_id(h, "www", &id));
	ck_assert_uint_eq(id, 33);
	ck_assert_str_eq(host_user_name(h, 33, &a), "web");
	ck_assert_str_eq(host_group_name(h, 33, &a), "www");
	ck_assert_str_eq(host_group_name(h, 0, &a), "0");
	teardown();
}
END_TEST

START_TEST(a_host_without_accounts_has_none)
{
	uint32_t id;

	setup("{'files': {}}");
	ck_assert(!host_user_id(h, "root", &id));
	ck_assert_str_eq(host_user_name(h, 4000000000u, &a), "4000000000");
	teardown();
}
END_TEST

START_TEST(a_target_that_json_cannot_hold_is_refused)
{
	setup("{'files': {}}");
	ck_assert(!host_make_link(h, "/l", "x\xff", NULL, false, &d));
	ck_assert_str_eq(said(), "the target of '/l' is not UTF-8");
	ck_assert(host_make_link(h, "/l", "x\xc3\xa9", NULL, false, &d));
	ck_assert_ptr_nonnull(strstr(shown(), "x\xc3\xa9"));
	teardown();
}
END_TEST

TEST_SUITE("snapshot", each_kind_of_node_is_read,
	   what_is_not_said_is_roots_and_usual,
	   implied_folders_do_not_take_after_the_root,
	   what_is_no_snapshot_is_refused, all_that_is_wrong_is_reported,
	   a_snapshot_comes_back_as_it_went_in,
	   what_comes_back_is_sorted_and_whole, writes_show_in_what_comes_back,
	   content_that_json_cannot_hold_is_told_by_its_digest,
	   content_may_hold_any_byte, links_lead_as_on_a_real_host,
	   content_of_which_only_the_size_is_known_is_not_known,
	   content_is_copied_as_it_is_written,
	   large_content_is_kept_by_its_digest,
	   the_nth_write_fails_and_all_after_it, commands_end_as_recorded,
	   units_change_and_come_back,
	   a_command_that_ends_well_keeps_its_promise, a_validator_may_refuse,
	   users_and_groups_have_names, a_host_without_accounts_has_none,
	   a_target_that_json_cannot_hold_is_refused)
