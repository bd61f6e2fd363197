/* SPDX-License-Identifier: MIT */
/*
 * Users and groups of all hosts: a change of the real one (in a tree of its
 * own, by shadow-utils) and of pictures of it looks the same afterwards, and
 * what one refuses the others refuse.
 */
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host/linux/linux.h"
#include "lib/host/roster.h"
#include "lib/test.h"

enum { HOSTS = 4, TREES = 2 };

static const char *const host_names[HOSTS] = {
	"the real host",
	"a snapshot",
	"an overlay on the real host",
	"an overlay on a snapshot",
};

static const char *const files[][2] = {
	{ "passwd", "root:x:0:0:root:/root:/bin/sh\n"
		    "ada:x:1000:1000:Ada:/home/ada:/bin/bash\n"
		    "app:x:999:999::/srv:/bin/sh\n" },
	{ "shadow", "root:*:19000:0:99999:7:::\n"
		    "ada:!$1$x$y:19000:0:99999:7::20000:\n"
		    "app:!:19000::::::\n" },
	{ "group", "root:x:0:\nadm:x:4:ada,app\nada:x:1000:\napp:x:999:\n"
		   "empty:x:50:\n" },
	{ "gshadow", "root:*::\nadm:*::ada,app\nada:!::\napp:!::\n"
		     "empty:!::\n" },
	{ "login.defs", "USERGROUPS_ENAB yes\n" },
};

static const char recorded[] =
	"{\"files\": {}, \"users\": {"
	"\"root\": {\"uid\": 0, \"gid\": 0, \"comment\": \"root\", \"home\": "
	"\"/root\", \"shell\": \"/bin/sh\", \"password\": \"*\", \"locked\": "
	"false, \"expires\": \"never\"},"
	"\"ada\": {\"uid\": 1000, \"gid\": 1000, \"comment\": \"Ada\", "
	"\"home\": \"/home/ada\", \"shell\": \"/bin/bash\", \"password\": "
	"\"$1$x$y\", \"locked\": true, \"expires\": \"2024-10-04\"},"
	"\"app\": {\"uid\": 999, \"gid\": 999, \"comment\": \"\", \"home\": "
	"\"/srv\", \"shell\": \"/bin/sh\", \"password\": \"\", \"locked\": "
	"true, \"expires\": \"never\"}}, \"groups\": {"
	"\"root\": {\"gid\": 0, \"members\": []}, \"adm\": {\"gid\": 4, "
	"\"members\": [\"app\", \"ada\"]}, \"ada\": {\"gid\": 1000, "
	"\"members\": []}, \"app\": {\"gid\": 999, \"members\": []}, "
	"\"empty\": {\"gid\": 50, \"members\": []}}}";

static char roots[TREES][40];
static struct host *hosts[HOSTS], *below[2];
static json_t *json;
static struct arena arena;

static void make_tree(char root[40])
{
	char path[80];

	snprintf(root, 40, "/tmp/converge-roster-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/etc", root);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	for (size_t i = 0; i < COUNT(files); i++) {
		FILE *f;

		snprintf(path, sizeof(path), "%s/etc/%s", root, files[i][0]);
		f = fopen(path, "w");
		ck_assert_ptr_nonnull(f);
		fputs(files[i][1], f);
		fclose(f);
	}
}

static int remove_one(const char *path, const struct stat *s, int flag,
		      struct FTW *ftw)
{
	(void)s;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static struct host *real(const char *root, bool writable)
{
	struct linux_options o = { .root = root,
				   .backup_fd = -1,
				   .writable = writable };
	AUTO_DIAGS struct diags d = { 0 };
	struct host *h = host_linux(&o, &d);

	ck_assert_ptr_nonnull(h);
	return h;
}

static struct host *snapshot(void)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct host *h = host_snapshot(json, &d);

	ck_assert_msg(h != NULL, "%s", d.n ? d.v[0].text : "?");
	return h;
}

static void set_up(void)
{
	make_tree(roots[0]);
	make_tree(roots[1]);
	json = json_loads(recorded, 0, NULL);
	ck_assert_ptr_nonnull(json);
	hosts[0] = real(roots[0], true);
	hosts[1] = snapshot();
	below[0] = real(roots[1], false);
	below[1] = snapshot();
	hosts[2] = host_overlay(below[0]);
	hosts[3] = host_overlay(below[1]);
}

static void tear_down(void)
{
	for (size_t i = 0; i < HOSTS; i++)
		host_close(hosts[i]);
	for (size_t i = 0; i < COUNT(below); i++)
		host_close(below[i]);
	for (size_t i = 0; i < TREES; i++)
		ck_assert_int_eq(
			nftw(roots[i], remove_one, 16, FTW_DEPTH | FTW_PHYS),
			0);
	json_decref(json);
	arena_release(&arena);
}

static void show_user(const struct host *h, const char *name, struct buf *b)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct user u = { 0 };
	uint32_t id = 0;
	bool there;

	ck_assert(host_user(h, name, &arena, &u, &there, &d));
	ck_assert_int_eq(there, host_user_id(h, name, &id));
	buf_printf(b, "%s: ", name);
	if (!there) {
		buf_puts(b, "none\n");
		return;
	}
	ck_assert_uint_eq(id, u.uid);
	buf_printf(b, "%x %u:%u '%s' %s %s '%s' %d %lld [%s] %s\n", u.known,
		   u.uid, u.gid, u.comment, u.home, u.shell, u.password,
		   u.locked, (long long)u.expires,
		   u.groups.n ? strings_join(&u.groups, ",", &arena) : "",
		   host_user_name(h, u.uid, &arena));
}

static void show_group(const struct host *h, const char *name, struct buf *b)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct user_group g = { 0 };
	uint32_t id = 0;
	bool there;

	ck_assert(host_group(h, name, &arena, &g, &there, &d));
	ck_assert_int_eq(there, host_group_id(h, name, &id));
	buf_printf(b, "%s: ", name);
	if (!there) {
		buf_puts(b, "none\n");
		return;
	}
	ck_assert_uint_eq(id, g.gid);
	buf_printf(b, "%u [%s] %s\n", g.gid,
		   g.members.n ? strings_join(&g.members, ",", &arena) : "",
		   host_group_name(h, g.gid, &arena));
}

/* All that there is, and names and numbers that were, in some order. */
static char *dump(const struct host *h)
{
	static const uint32_t ids[] = { 0, 4, 50, 999, 1000, 1001, 1002, 2000 };
	AUTO_DIAGS struct diags d = { 0 };
	struct buf b = { 0 };
	struct strings names;

	ck_assert(host_users(h, &arena, &names, &d));
	strings_sort(&names);
	strings_add(&names, &arena, "new");
	for (size_t i = 0; i < names.n; i++)
		show_user(h, names.v[i], &b);
	ck_assert(host_groups(h, &arena, &names, &d));
	strings_sort(&names);
	strings_add(&names, &arena, "new");
	for (size_t i = 0; i < names.n; i++)
		show_group(h, names.v[i], &b);
	for (size_t i = 0; i < COUNT(ids); i++)
		buf_printf(&b, "%u %s %s\n", ids[i],
			   host_user_name(h, ids[i], &arena),
			   host_group_name(h, ids[i], &arena));
	return b.text;
}

static bool can_write(void)
{
	return geteuid() == 0 && access("/usr/sbin/useradd", X_OK) == 0;
}

static void compare(const char *what)
{
	size_t first = can_write() ? 0 : 1;
	AUTO_FREE char *want = dump(hosts[first]);

	for (size_t i = first + 1; i < HOSTS; i++) {
		AUTO_FREE char *have = dump(hosts[i]);

		ck_assert_msg(strcmp(want, have) == 0, "%s: %s\n%s\n%s\n%s",
			      what, host_names[first], want, host_names[i],
			      have);
	}
}

static struct strings list(const char *text)
{
	struct strings names = { 0 };

	while (*text) {
		size_t n = strcspn(text, ",");

		strings_add(&names, &arena, arena_strndup(&arena, text, n));
		text += n + (text[n] == ',');
	}
	return names;
}

static struct user before_of(struct host *h, const char *name)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct user u = { 0 };
	bool there;

	ck_assert(host_user(h, name, &arena, &u, &there, &d));
	return u;
}

/* after is changed on all hosts; NULL: name is removed. */
static void set_user(const char *what, const char *name, bool is_new,
		     const struct user *after, unsigned set, bool takes_group,
		     bool good)
{
	for (size_t i = can_write() ? 0 : 1; i < HOSTS; i++) {
		AUTO_DIAGS struct diags d = { 0 };
		struct user before = before_of(hosts[i], name);
		struct user_change c = { .before = is_new ? NULL : &before,
					 .after = after,
					 .set = set,
					 .takes_group = takes_group };
		bool done;

		before.name = name;
		done = host_set_user(hosts[i], &c, &d);
		ck_assert_msg(done == good, "%s: %s: %s", what, host_names[i],
			      d.n ? d.v[0].text : "done");
		ck_assert_uint_eq(d.n > 0, !good);
	}
	compare(what);
}

static void set_group(const char *what, const char *name, bool is_new,
		      const struct user_group *after, unsigned set, bool good)
{
	for (size_t i = can_write() ? 0 : 1; i < HOSTS; i++) {
		AUTO_DIAGS struct diags d = { 0 };
		struct user_group before = { .name = name };
		struct group_change c = { .before = is_new ? NULL : &before,
					  .after = after,
					  .set = set };
		bool done, there;

		ck_assert(host_group(hosts[i], name, &arena, &before, &there,
				     &d));
		done = host_set_group(hosts[i], &c, &d);
		ck_assert_msg(done == good, "%s: %s: %s", what, host_names[i],
			      d.n ? d.v[0].text : "done");
	}
	compare(what);
}

START_TEST(all_hosts_see_the_same)
{
	set_up();
	compare("at first");
	tear_down();
}
END_TEST

START_TEST(users_are_made_changed_and_removed)
{
	struct user new = { .name = "new",
			    .uid = 1001,
			    .gid = 4,
			    .comment = "Nü",
			    .home = "/home/new",
			    .shell = "/bin/sh",
			    .password = "$1$a$b",
			    .expires = NEVER_EXPIRES,
			    .locked = true };

	set_up();
	new.groups = list("empty,adm");
	set_user("made", "new", true, &new,
		 USER_UID | USER_GID | USER_COMMENT | USER_HOME | USER_SHELL |
			 USER_GROUPS,
		 false, true);
	set_user("made again", "new", true, &new, USER_UID | USER_GID, false,
		 false);
	set_user("password", "new", false, &new, USER_PASSWORD | USER_LOCKED,
		 false, true);
	new.locked = false;
	set_user("unlocked", "new", false, &new, USER_LOCKED, false, true);
	new.locked = true;
	set_user("locked", "new", false, &new, USER_LOCKED, false, true);
	new.expires = 20000;
	new.shell = "/bin/bash";
	new.groups = list("ada");
	set_user("changed", "new", false, &new,
		 USER_EXPIRES | USER_SHELL | USER_GROUPS, false, true);
	new.expires = NEVER_EXPIRES;
	new.comment = "";
	new.gid = 50;
	new.uid = 2000;
	new.groups = list("");
	set_user("changed back", "new", false, &new,
		 USER_EXPIRES | USER_COMMENT | USER_GID | USER_UID |
			 USER_GROUPS,
		 false, true);
	new.groups = list("nothing");
	set_user("no such group", "new", false, &new, USER_GROUPS, false,
		 false);
	new.gid = 12345;
	set_user("no such gid", "new", false, &new, USER_GID, false, false);
	set_user("removed", "new", false, NULL, 0, false, true);
	set_user("with its group", "app", false, NULL, 0, true, true);
	tear_down();
}
END_TEST

START_TEST(one_without_a_password_or_with_an_end)
{
	struct user new = { .name = "new",
			    .uid = 1001,
			    .gid = 4,
			    .home = "/",
			    .shell = "/bin/sh",
			    .expires = 30000,
			    .password = "*" };

	set_up();
	set_user("made", "new", true, &new,
		 USER_UID | USER_GID | USER_HOME | USER_SHELL | USER_EXPIRES |
			 USER_PASSWORD | USER_LOCKED,
		 false, true);
	tear_down();
}
END_TEST

START_TEST(groups_are_made_changed_and_removed)
{
	struct user_group new = { .name = "new", .gid = 1001 };

	set_up();
	set_group("made", "new", true, &new, GROUP_GID, true);
	set_group("made again", "new", true, &new, GROUP_GID, false);
	new.members = list("app,ada");
	set_group("members", "new", false, &new, GROUP_MEMBERS, true);
	new.members = list("app");
	new.gid = 1002;
	set_group("both", "new", false, &new, GROUP_ALL, true);
	new.members = list("nobody-there");
	set_group("no such member", "new", false, &new, GROUP_MEMBERS, false);
	new.members = list("");
	set_group("nobody", "new", false, &new, GROUP_MEMBERS, true);
	set_group("removed", "new", false, NULL, 0, true);
	new.members = list("ada");
	set_group("made with members", "new", true, &new, GROUP_ALL, true);
	/* whose primary group it is keeps it */
	new = (struct user_group){ .name = "ada", .gid = 2000 };
	set_group("moved", "ada", false, &new, GROUP_GID, true);
	set_group("a primary group", "ada", false, NULL, 0, false);
	tear_down();
}
END_TEST

START_TEST(an_overlay_leaves_what_is_below_alone)
{
	AUTO_FREE char *before = NULL;
	AUTO_FREE char *after = NULL;
	AUTO_DIAGS struct diags d = { 0 };
	struct user_change c = { 0 };
	struct user u;

	set_up();
	before = dump(below[0]);
	u = before_of(hosts[2], "ada");
	c.before = &u;
	ck_assert(host_set_user(hosts[2], &c, &d));
	after = dump(below[0]);
	ck_assert_str_eq(before, after);
	ck_assert_str_eq(host_user_name(hosts[2], 1000, &arena), "1000");
	ck_assert_str_eq(host_user_name(below[0], 1000, &arena), "ada");
	tear_down();
}
END_TEST

START_TEST(files_that_cannot_be_read_are_no_empty_ones)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct strings names;
	struct user u;
	char path[80];
	bool there;

	set_up();
	snprintf(path, sizeof(path), "%s/etc/passwd", roots[0]);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	ck_assert(!host_user(hosts[0], "ada", &arena, &u, &there, &d));
	ck_assert_str_eq(d.v[0].text, "cannot read '/etc/passwd'");
	ck_assert(!host_users(hosts[0], &arena, &names, &d));
	tear_down();
}
END_TEST

static void wrong(const char *text, const char *words)
{
	AUTO_DIAGS struct diags d = { 0 };
	json_t *bad = json_loads(text, 0, NULL);

	ck_assert_ptr_nonnull(bad);
	ck_assert_ptr_null(host_snapshot(bad, &d));
	ck_assert_str_eq(d.v[0].text, words);
	json_decref(bad);
}

START_TEST(what_is_recorded_is_checked)
{
#define USER(text) "{\"files\": {}, \"users\": {\"a\": " text "}}"
#define GROUP(text) "{\"files\": {}, \"groups\": {\"a\": " text "}}"
	wrong(USER("[]"), "'a' of 'users' must be a whole number from 0 to "
			  "4294967294");
	wrong(USER("{}"), "'a' of 'users' has no 'uid'");
	wrong(USER("{\"uid\": -1}"),
	      "'uid' of 'a' of 'users' must be a whole number from 0 to "
	      "4294967294");
	wrong(USER("{\"uid\": 1, \"gid\": \"x\"}"),
	      "'gid' of 'a' of 'users' must be a whole number from 0 to "
	      "4294967294");
	wrong(USER("{\"uid\": 1, \"home\": 1}"),
	      "'home' of 'a' of 'users' must be a string");
	wrong(USER("{\"uid\": 1, \"locked\": 1}"),
	      "'locked' of 'a' of 'users' must be true or false");
	wrong(USER("{\"uid\": 1, \"expires\": 5}"),
	      "'expires' of 'a' of 'users' must be a date such as "
	      "\"2027-01-31\" or \"never\"");
	wrong(USER("{\"uid\": 1, \"shel\": \"/\"}"),
	      "'shel' of 'a' of 'users' is not known");
	wrong(GROUP("{\"members\": []}"), "'a' of 'groups' has no 'gid'");
	wrong(GROUP("{\"gid\": 1, \"members\": \"a\"}"),
	      "'members' of 'a' of 'groups' must be a list of names");
	wrong(GROUP("{\"gid\": 1, \"members\": [1]}"),
	      "'members' of 'a' of 'groups' must be a list of names");
}
END_TEST

START_TEST(what_is_recorded_is_told_again_but_for_passwords)
{
	json_t *told, *user;
	const char *name;

	set_up();
	told = host_snapshot_json(hosts[1]);
	json_object_foreach (json_object_get(json, "users"), name, user) {
		ck_assert_int_eq(json_object_del(user, "password"), 0);
		ck_assert(json_equal(
			user,
			json_object_get(json_object_get(told, "users"), name)));
	}
	json_decref(told);
	tear_down();
}
END_TEST

TEST_SUITE("roster", all_hosts_see_the_same, users_are_made_changed_and_removed,
	   one_without_a_password_or_with_an_end,
	   groups_are_made_changed_and_removed,
	   an_overlay_leaves_what_is_below_alone,
	   files_that_cannot_be_read_are_no_empty_ones,
	   what_is_recorded_is_checked,
	   what_is_recorded_is_told_again_but_for_passwords)
