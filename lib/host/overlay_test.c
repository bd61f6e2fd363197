/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lib/host/host.h"
#include "lib/test.h"

/* A host that counts what it is asked, and has what no snapshot has. */
struct base {
	struct host host; /* first */
	struct host *under;
	size_t *asked;
	const char *mount;   /* a path on another device */
	const char *linked;  /* a file of two names */
	const char *capable; /* a file with capabilities */
};

static struct host *under(const struct host *h)
{
	const struct base *b = (const struct base *)(const void *)h;

	++*b->asked;
	return b->under;
}

static bool base_look(const struct host *h, const char *path, struct node *n,
		      struct diags *d)
{
	const struct base *b = (const struct base *)(const void *)h;

	if (!host_look(under(h), path, n, d))
		return false;
	n->inode = 7;
	n->device = b->mount && strcmp(path, b->mount) == 0 ? 2 : 1;
	n->links = b->linked && strcmp(path, b->linked) == 0 ? 2 : 1;
	return true;
}

static bool base_read_link(const struct host *h, const char *path,
			   struct arena *a, const char **target,
			   struct diags *d)
{
	return host_read_link(under(h), path, a, target, d);
}

static bool base_list(const struct host *h, const char *path, struct arena *a,
		      struct strings *names, struct diags *d)
{
	return host_list(under(h), path, a, names, d);
}

static bool base_compare(const struct host *h, const char *path,
			 const struct content *c, enum match *m,
			 struct diags *d)
{
	return host_compare(under(h), path, c, m, d);
}

static bool base_read(const struct host *h, const char *path, size_t limit,
		      struct buf *out, bool *whole, struct diags *d)
{
	return host_read(under(h), path, limit, out, whole, d);
}

static bool base_digest(const struct host *h, const char *path,
			struct content *c, struct diags *d)
{
	return host_digest(under(h), path, c, d);
}

static bool base_user_id(const struct host *h, const char *name, uint32_t *id)
{
	return host_user_id(under(h), name, id);
}

static bool base_group_id(const struct host *h, const char *name, uint32_t *id)
{
	return host_group_id(under(h), name, id);
}

static const char *base_user_name(const struct host *h, uint32_t id,
				  struct arena *a)
{
	return host_user_name(under(h), id, a);
}

static const char *base_group_name(const struct host *h, uint32_t id,
				   struct arena *a)
{
	return host_group_name(under(h), id, a);
}

static bool base_ask(const struct host *h, const struct command *c,
		     struct arena *a, struct outcome *o, struct diags *d)
{
	return host_ask(under(h), c, a, o, d);
}

static bool base_unit_known(const struct host *h, const char *id,
			    enum unit_enabled *enabled)
{
	return host_unit_known(under(h), id, enabled);
}

static bool base_unit_state(const struct host *h, struct unit *unit,
			    struct arena *a, struct diags *d)
{
	return host_unit_state(under(h), unit, a, d);
}

static bool base_unit_age(const struct host *h, const struct unit *unit,
			  const struct strings *paths, struct arena *arena,
			  struct unit_age *age, struct diags *diags)
{
	return host_unit_age(under(h), unit, paths, arena, age, diags);
}

static bool base_user(const struct host *h, const char *name, struct arena *a,
		      struct user *u, bool *there, struct diags *d)
{
	return host_user(under(h), name, a, u, there, d);
}

static bool base_group(const struct host *h, const char *name, struct arena *a,
		       struct user_group *g, bool *there, struct diags *d)
{
	return host_group(under(h), name, a, g, there, d);
}

static bool base_users(const struct host *h, struct arena *a,
		       struct strings *names, struct diags *d)
{
	return host_users(under(h), a, names, d);
}

static bool base_groups(const struct host *h, struct arena *a,
			struct strings *names, struct diags *d)
{
	return host_groups(under(h), a, names, d);
}

static bool base_package(const struct host *h, const char *provider,
			 const char *name, struct arena *a, struct package *p,
			 struct diags *d)
{
	return host_package(under(h), provider, name, a, p, d);
}

static bool base_package_candidate(const struct host *h, const char *provider,
				   const char *name, struct arena *a,
				   const char **version, const char **because,
				   struct diags *d)
{
	return host_package_candidate(under(h), provider, name, a, version,
				      because, d);
}

static bool base_runs(const struct host *h)
{
	return host_runs(under(h));
}

static bool base_capable(const struct host *h, const char *path)
{
	const struct base *b = (const struct base *)(const void *)h;

	++*b->asked;
	return b->capable && strcmp(path, b->capable) == 0;
}

static const struct host_looks base_looks = {
	.look = base_look,
	.read_link = base_read_link,
	.list = base_list,
	.compare = base_compare,
	.read = base_read,
	.digest = base_digest,
	.capable = base_capable,
	.user_id = base_user_id,
	.group_id = base_group_id,
	.user_name = base_user_name,
	.group_name = base_group_name,
	.user = base_user,
	.group = base_group,
	.users = base_users,
	.groups = base_groups,
	.ask = base_ask,
	.unit_known = base_unit_known,
	.unit_install = base_unit_known,
	.unit_state = base_unit_state,
	.package = base_package,
	.package_candidate = base_package_candidate,
	.unit_age = base_unit_age,
	.runs = base_runs,
};

static const char recorded[] =
	"{'files': {"
	"'/etc/motd': {'type': 'file', 'content': 'hello'},"
	"'/etc/secret': {'type': 'file', 'mode': '0600', 'size': 5},"
	"'/run/pid': {'type': 'file', 'content': '1'},"
	"'/var/run': {'type': 'link', 'target': '/run'},"
	"'/var/lib/app/data': {'type': 'file', 'content': 'data'},"
	"'/open': {'type': 'directory', 'mode': '0777'},"
	"'/open/file': {'type': 'file', 'content': 'any'},"
	"'/open/sub/x': {'type': 'file', 'content': 'any'},"
	"'/tmp': {'type': 'directory', 'mode': '1777'},"
	"'/tmp/etc': {'type': 'link', 'target': '/etc'},"
	"'/tmp/two': {'type': 'file', 'content': 'two'},"
	"'/planted': {'type': 'link', 'uid': 1000, 'target': '/etc'},"
	"'/v': {'type': 'link', 'target': 'var'},"
	"'/mnt/disk/file': {'type': 'file', 'content': 'far'}},"
	"'users': {'root': 0, 'web': 33}, 'groups': {'www': 34},"
	"'commands': {'test -f /etc/motd': 3}}";

/* What each test works on. */
static size_t asked;
static struct base base;
static json_t *json;
static struct host *h;
static struct diags d;
static struct arena a;

static void setup_on(const char *snapshot)
{
	AUTO_FREE char *text = strdup(snapshot);

	for (char *at = text; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	json = json_loads(text, 0, NULL);
	ck_assert_ptr_nonnull(json);
	asked = 0;
	d = (struct diags){ 0 };
	a = (struct arena){ 0 };
	base = (struct base){ .host = { .looks = &base_looks },
			      .under = host_snapshot(json, &d),
			      .asked = &asked };
	ck_assert_ptr_nonnull(base.under);
	h = host_overlay(&base.host);
}

static void setup(void)
{
	setup_on(recorded);
}

/* No test may have changed what is below. */
static void teardown(void)
{
	json_t *now = host_snapshot_json(base.under);
	struct host *fresh = host_snapshot(json, &d);
	json_t *before = host_snapshot_json(fresh);

	ck_assert(json_equal(now, before));
	json_decref(now);
	json_decref(before);
	host_close(fresh);
	host_close(h);
	host_close(base.under);
	json_decref(json);
	arena_release(&a);
	diags_release(&d);
}

static struct node look(const char *path)
{
	struct node n;

	ck_assert_msg(host_look(h, path, &n, &d), "%s: %s", path,
		      d.n ? d.v[d.n - 1].text : "");
	return n;
}

static bool put(const char *path, const char *text)
{
	static struct content kept[64];
	static size_t n;
	struct content *c = &kept[n++ % COUNT(kept)];
	const struct file_write w = { .path = path,
				      .content = c,
				      .perms = { .set = PERM_MODE,
						 .mode = 0644 } };

	*c = content_of(text, strlen(text));
	return host_replace(h, &w, &d);
}

static bool mkdir_at(const char *path)
{
	const struct perms p = { .set = PERM_MODE, .mode = 0755 };

	return host_make_directory(h, path, &p, &d);
}

static bool set_mode(const char *path, uint32_t mode)
{
	const struct perms p = { .set = PERM_MODE, .mode = mode };

	return host_set_perms(h, path, &p, NULL, &d);
}

static bool drop(const char *path)
{
	return host_remove(h, path, true, false, NULL, &d);
}

static bool run(const char *makes)
{
	const struct command c = { 0 };
	struct strings s = { 0 };
	struct outcome o;
	bool ok;

	strings_add(&s, &a, makes);
	ok = host_run(h, &c, &s, &a, &o, &d);
	ck_assert_int_eq(o.ending, ENDED_ASSUMED);
	return ok;
}

static enum match match(const char *path, const char *text)
{
	const struct content c = content_of(text, strlen(text));
	enum match m;

	ck_assert(host_compare(h, path, &c, &m, &d));
	return m;
}

static const char *names(const char *path)
{
	struct strings list;
	const char *text = "";

	ck_assert(host_list(h, path, &a, &list, &d));
	for (size_t i = 0; i < list.n; i++)
		text = arena_printf(&a, "%s%s%s", text, i ? " " : "",
				    list.v[i]);
	return text;
}

static const char *said(void)
{
	return d.n ? d.v[d.n - 1].text : "";
}

#define ck_type(path, expected) ck_assert_int_eq(look(path).type, expected)

START_TEST(an_empty_picture_asks_nothing_more_than_it_is_asked)
{
	setup();
	for (size_t i = 0; i < 10000; i++)
		ck_type("/var/lib/app/data", NODE_FILE);
	ck_assert_uint_eq(asked, 10000);
	ck_assert_int_eq(match("/etc/motd", "hello"), MATCH_SAME);
	ck_assert_str_eq(names("/var/lib"), "app");
	ck_assert_uint_eq(asked, 10002);
	teardown();
}
END_TEST

START_TEST(a_folder_is_walked_to_once)
{
	setup();
	ck_assert(put("/etc/new", "x"));
	look("/var/lib/app/data");
	asked = 0;
	for (size_t i = 0; i < 1000; i++)
		ck_type("/var/lib/app/data", NODE_FILE);
	ck_assert_uint_eq(asked, 1000);
	/* making files and folders forgets no walk */
	ck_assert(put("/etc/newer", "x") && mkdir_at("/etc/dir"));
	asked = 0;
	ck_type("/var/lib/app/data", NODE_FILE);
	ck_assert_uint_eq(asked, 1);
	teardown();
}
END_TEST

START_TEST(what_the_picture_made_is_not_asked_of_the_base)
{
	setup();
	ck_assert(mkdir_at("/etc/dir") && put("/etc/dir/f", "one"));
	asked = 0;
	ck_type("/etc/dir/f", NODE_FILE);
	ck_type("/etc/dir/g", NODE_ABSENT);
	ck_assert_int_eq(match("/etc/dir/f", "one"), MATCH_SAME);
	ck_assert_str_eq(names("/etc/dir"), "f");
	ck_assert_uint_eq(asked, 0);
	ck_assert_uint_eq(look("/etc/dir/f").inode, 0);
	ck_assert_uint_eq(look("/etc/dir/f").size, 3);
	teardown();
}
END_TEST

START_TEST(a_link_of_the_base_leads_to_what_the_picture_knows)
{
	setup();
	ck_assert(put("/run/foo", "one"));
	ck_type("/var/run/foo", NODE_FILE);
	ck_type("/v/run/foo", NODE_FILE);
	ck_assert(put("/v/run/bar", "two"));
	ck_assert_str_eq(names("/run"), "bar foo pid");
	teardown();
}
END_TEST

START_TEST(a_link_that_anyone_may_have_planted_is_refused_all_the_same)
{
	struct node n;

	setup();
	ck_assert(put("/etc/new", "one"));
	ck_assert(!host_look(h, "/planted/new", &n, &d));
	ck_assert_uint_eq(d.n, 1);
	ck_assert_str_eq(said(), "'/planted' is a link that 1000 owns");
	ck_assert(!host_look(h, "/planted/motd", &n, &d));
	ck_assert_uint_eq(d.n, 2);
	ck_assert(!put("/planted/other", "one"));
	/* until the plan turns it into one of root's */
	ck_assert(host_make_link(h, "/planted", "/run", NULL, false, &d));
	ck_assert_uint_eq(look("/planted").uid, 0);
	ck_type("/planted/pid", NODE_FILE);
	teardown();
}
END_TEST

START_TEST(what_a_command_makes_is_unknown)
{
	AUTO_BUF struct buf text = { 0 };
	struct content c;
	struct node n;
	bool whole;

	setup();
	ck_assert(run("/etc/made"));
	n = look("/etc/made");
	ck_assert_int_eq(n.type, NODE_UNKNOWN);
	ck_assert_str_eq(n.because, "made by a command that has not run");
	ck_assert_int_eq(match("/etc/made", "x"), MATCH_UNKNOWN);
	ck_assert(!host_read(h, "/etc/made", 10, &text, &whole, &d));
	ck_assert(!whole);
	ck_assert(host_digest(h, "/etc/made", &c, &d));
	ck_assert(!c.has_digest);
	ck_assert_uint_eq(d.n, 0);
	ck_assert_str_eq(names("/etc"), "made motd secret");
	teardown();
}
END_TEST

START_TEST(below_the_unknown_all_is_unknown)
{
	struct strings list;

	setup();
	ck_assert(run("/opt/app/bin/tool"));
	ck_type("/opt", NODE_UNKNOWN);
	ck_type("/opt/app/bin", NODE_UNKNOWN);
	ck_type("/opt/app/bin/tool", NODE_UNKNOWN);
	ck_type("/opt/other/file", NODE_UNKNOWN);
	ck_type("/opt/app/bin/tool/x/y/z", NODE_UNKNOWN);
	ck_assert(!host_list(h, "/opt/app", &a, &list, &d));
	ck_assert_str_eq(said(), "cannot list '/opt/app': made by a command "
				 "that has not run");
	/* what is there already is no less there */
	ck_type("/etc", NODE_DIRECTORY);
	teardown();
}
END_TEST

START_TEST(a_write_makes_the_unknown_known)
{
	setup();
	ck_assert(run("/prog/app"));
	ck_assert(put("/prog/app/conf", "one"));
	ck_assert_int_eq(match("/prog/app/conf", "one"), MATCH_SAME);
	ck_type("/prog/app/other", NODE_UNKNOWN);
	ck_assert(set_mode("/prog/app", 0700));
	ck_type("/prog/app", NODE_UNKNOWN);
	ck_assert(mkdir_at("/prog/app"));
	ck_type("/prog/app", NODE_DIRECTORY);
	ck_type("/prog/app/conf", NODE_ABSENT);
	ck_type("/prog/app/other", NODE_ABSENT);
	ck_assert(drop("/prog"));
	ck_type("/prog/app", NODE_ABSENT);
	teardown();
}
END_TEST

START_TEST(a_command_that_makes_what_is_there_makes_it_unknown)
{
	setup();
	ck_assert(put("/var/lib/app/new", "one"));
	ck_assert(run("/var/lib/app"));
	ck_type("/var/lib/app", NODE_UNKNOWN);
	ck_type("/var/lib/app/new", NODE_UNKNOWN);
	ck_type("/var/lib/app/data", NODE_UNKNOWN);
	ck_assert_int_eq(match("/var/lib/app/new", "one"), MATCH_UNKNOWN);
	teardown();
}
END_TEST

START_TEST(a_promise_follows_links)
{
	setup();
	ck_assert(run("/var/run/sock"));
	ck_type("/run/sock", NODE_UNKNOWN);
	ck_type("/var/run", NODE_LINK);
	teardown();
}
END_TEST

START_TEST(a_run_does_nothing_else)
{
	const struct command c = { 0 };
	struct outcome o;

	setup();
	ck_assert(host_run(h, &c, NULL, &a, &o, &d));
	ck_assert_int_eq(o.ending, ENDED_ASSUMED);
	ck_assert_uint_eq(asked, 0);
	outcome_release(&o);
	teardown();
}
END_TEST

START_TEST(questions_and_accounts_are_the_bases)
{
	struct command c = { 0 };
	struct outcome o;
	uint32_t id;

	setup();
	strings_add(&c.argv, &a, "test");
	strings_add(&c.argv, &a, "-f");
	strings_add(&c.argv, &a, "/etc/motd");
	ck_assert(host_ask(h, &c, &a, &o, &d));
	ck_assert_int_eq(o.code, 3);
	ck_assert(host_user_id(h, "web", &id));
	ck_assert_uint_eq(id, 33);
	ck_assert(!host_user_id(h, "nobody", &id));
	ck_assert(host_group_id(h, "www", &id));
	ck_assert_uint_eq(id, 34);
	ck_assert_str_eq(host_user_name(h, 33, &a), "web");
	ck_assert_str_eq(host_group_name(h, 35, &a), "35");
	teardown();
}
END_TEST

START_TEST(changed_perms_leave_content_to_the_base)
{
	AUTO_BUF struct buf text = { 0 };
	struct content c;
	bool whole;

	setup();
	ck_assert(set_mode("/etc/motd", 0600));
	ck_assert_uint_eq(look("/etc/motd").mode, 0600);
	ck_assert_uint_eq(look("/etc/motd").inode, 0);
	ck_assert_uint_eq(look("/etc/motd").size, 5);
	ck_assert_int_eq(match("/etc/motd", "hello"), MATCH_SAME);
	ck_assert_int_eq(match("/etc/motd", "other"), MATCH_DIFFERENT);
	ck_assert(host_read(h, "/etc/motd", 10, &text, &whole, &d));
	ck_assert_str_eq(buf_text(&text), "hello");
	ck_assert(host_digest(h, "/etc/motd", &c, &d));
	ck_assert(c.has_digest);
	teardown();
}
END_TEST

/* What root may pass after the plan, but the base may not pass today. */
START_TEST(what_is_in_a_folder_that_is_closed_only_now_is_unknown)
{
	struct node n;

	setup();
	ck_assert(put("/etc/new", "x"));
	ck_assert(!host_look(h, "/open/file", &n, &d));
	ck_assert_str_eq(said(),
			 "'/open' is a folder that root owns and all may "
			 "write to");
	d.n = 0;
	ck_assert(set_mode("/open", 0755));
	n = look("/open/file");
	ck_assert_int_eq(n.type, NODE_UNKNOWN);
	ck_assert_str_eq(n.because,
			 "'/open' is a folder that root owns and all may "
			 "write to");
	ck_type("/open/sub/x", NODE_UNKNOWN);
	ck_type("/open/none", NODE_UNKNOWN);
	ck_assert_int_eq(match("/open/file", "any"), MATCH_UNKNOWN);
	ck_assert(put("/open/file", "mine"));
	ck_assert_int_eq(match("/open/file", "mine"), MATCH_SAME);
	ck_assert_str_eq(names("/open"), "file sub");
	/* of what the plan makes there, nothing is unknown */
	ck_assert(mkdir_at("/open/new"));
	ck_type("/open/new/x", NODE_ABSENT);
	ck_assert(put("/open/new/x", "one"));
	ck_assert_str_eq(names("/open/new"), "x");
	ck_type("/open/none", NODE_UNKNOWN);
	ck_assert_uint_eq(d.n, 0);
	teardown();
}
END_TEST

START_TEST(a_folder_that_the_plan_opens_to_all_is_not_passed)
{
	struct node n;

	setup();
	ck_type("/var/lib/app/data", NODE_FILE);
	ck_assert(set_mode("/var/lib/app", 0777));
	ck_assert(!host_look(h, "/var/lib/app/data", &n, &d));
	ck_assert(!put("/var/lib/app/new", "x"));
	teardown();
}
END_TEST

START_TEST(a_link_in_a_folder_that_is_closed_now_is_followed)
{
	struct node n;

	setup();
	ck_assert(put("/etc/new", "x"));
	ck_assert(!host_look(h, "/tmp/etc/motd", &n, &d));
	ck_assert(set_mode("/tmp", 0755));
	ck_type("/tmp/etc/motd", NODE_FILE);
	ck_type("/tmp/etc/new", NODE_FILE);
	ck_type("/tmp/etc/none", NODE_ABSENT);
	teardown();
}
END_TEST

START_TEST(missing_folders_are_named)
{
	setup();
	ck_assert(!put("/a/b/c", "x"));
	ck_assert_str_eq(said(), "the folder '/a/b' does not exist");
	ck_assert(!mkdir_at("/a/b"));
	ck_assert_str_eq(said(), "the folder '/a' does not exist");
	ck_assert(!put("/etc/motd/x", "x"));
	ck_assert_str_eq(said(), "'/etc/motd' is not a directory");
	ck_assert(!host_make_link(h, "/a/l", "x", NULL, true, &d));
	ck_assert_str_eq(said(), "the folder '/a' does not exist");
	ck_assert(!put("/etc", "x"));
	ck_assert_str_eq(said(), "'/etc' is a directory");
	ck_assert_uint_eq(d.n, 5);
	teardown();
}
END_TEST

START_TEST(expectations_are_not_a_pictures_business)
{
	const struct node other = { .type = NODE_FIFO, .inode = 99 };
	const struct content c = content_of("x", 1);
	const struct file_write w = { .path = "/etc/motd",
				      .content = &c,
				      .expect = &other };

	setup();
	ck_assert(host_replace(h, &w, &d));
	ck_assert(host_remove(h, "/etc/motd", false, true, &other, &d));
	ck_assert(host_commit(h, NULL, NULL, &d));
	teardown();
}
END_TEST

START_TEST(capabilities_are_those_of_the_base)
{
	setup();
	base.capable = "/etc/motd";
	ck_assert(host_capable(h, "/etc/motd"));
	ck_assert(!host_capable(h, "/etc/secret"));
	ck_assert(set_mode("/etc/motd", 0600));
	ck_assert(host_capable(h, "/etc/motd"));
	ck_assert(put("/etc/motd", "new"));
	ck_assert(!host_capable(h, "/etc/motd"));
	teardown();
}
END_TEST

START_TEST(mount_points_and_protected_paths_stay)
{
	setup();
	base.mount = "/mnt/disk";
	ck_assert(!drop("/mnt/disk"));
	ck_assert_str_eq(said(), "'/mnt/disk' is a mount point");
	ck_assert(!drop("/v/lib"));
	ck_assert_str_eq(said(), "'/v/lib' is never removed");
	ck_assert(!drop("/"));
	ck_type("/mnt/disk/file", NODE_FILE);
	base.mount = NULL;
	ck_assert(drop("/mnt/disk"));
	ck_type("/mnt/disk/file", NODE_ABSENT);
	teardown();
}
END_TEST

START_TEST(a_file_of_many_names_in_a_shared_folder_keeps_its_perms)
{
	setup();
	base.linked = "/tmp/two";
	ck_assert(!set_mode("/tmp/two", 0600));
	base.linked = "/etc/motd";
	ck_assert(set_mode("/etc/motd", 0600));
	ck_assert(set_mode("/tmp/two", 0600));
	teardown();
}
END_TEST

START_TEST(all_names_of_a_file_share_its_perms)
{
	setup();
	base.linked = "/etc/motd";
	ck_assert(set_mode("/etc/motd", 0600));
	ck_assert_uint_ne(look("/tmp/two").mode, 0600);
	base.linked = "/tmp/two";
	ck_assert_uint_eq(look("/tmp/two").mode, 0600);
	/* one that is made anew is another file */
	ck_assert(put("/tmp/two", "new"));
	ck_assert_uint_eq(look("/tmp/two").mode, 0644);
	ck_assert_uint_eq(look("/etc/motd").mode, 0600);
	teardown();
}
END_TEST

START_TEST(contents_are_compared_by_what_is_known_of_them)
{
	struct content digest = content_of("hello", 5), nothing = { .size = 5 };
	enum match m;

	setup();
	ck_assert(content_digest(&digest, &d));
	digest.bytes = NULL;
	ck_assert(put("/etc/new", "hello"));
	ck_assert(host_compare(h, "/etc/new", &digest, &m, &d));
	ck_assert_int_eq(m, MATCH_SAME);
	digest.digest[0] ^= 1;
	ck_assert(host_compare(h, "/etc/new", &digest, &m, &d));
	ck_assert_int_eq(m, MATCH_DIFFERENT);
	ck_assert(host_compare(h, "/etc/new", &nothing, &m, &d));
	ck_assert_int_eq(m, MATCH_UNKNOWN);
	ck_assert_int_eq(match("/etc/secret", "12345"), MATCH_UNKNOWN);
	ck_assert_int_eq(match("/etc/secret", "123"), MATCH_DIFFERENT);
	ck_assert_int_eq(match("/etc/none", "123"), MATCH_DIFFERENT);
	teardown();
}
END_TEST

START_TEST(a_removed_tree_stays_removed)
{
	setup();
	ck_assert(put("/var/lib/app/new", "x"));
	ck_assert(drop("/var/lib/app"));
	ck_type("/var/lib/app/data", NODE_ABSENT);
	ck_type("/var/lib/app/new", NODE_ABSENT);
	ck_assert(mkdir_at("/var/lib/app"));
	ck_type("/var/lib/app/data", NODE_ABSENT);
	ck_type("/var/lib/app/new", NODE_ABSENT);
	ck_assert_str_eq(names("/var/lib/app"), "");
	ck_assert(host_remove(h, "/var/lib/app", false, false, NULL, &d));
	teardown();
}
END_TEST

START_TEST(depth_costs_no_stack)
{
	AUTO_BUF struct buf path = { 0 };

	setup();
	buf_puts(&path, "/etc/deep");
	for (size_t i = 0; i < 2000; i++) {
		ck_assert(mkdir_at(buf_text(&path)));
		buf_puts(&path, "/d");
	}
	ck_assert(drop("/etc/deep"));
	ck_assert(mkdir_at("/etc/deep"));
	ck_assert_str_eq(names("/etc/deep"), "");
	teardown();
}
END_TEST

START_TEST(a_picture_of_a_picture_leaves_it_alone)
{
	struct host *below;

	setup();
	ck_assert(put("/etc/new", "one"));
	below = h;
	h = host_overlay(below);
	ck_assert_int_eq(match("/etc/new", "one"), MATCH_SAME);
	ck_assert(put("/etc/new", "two") && drop("/etc/motd"));
	ck_assert_str_eq(names("/etc"), "new secret");
	host_close(h);
	h = below;
	ck_assert_int_eq(match("/etc/new", "one"), MATCH_SAME);
	ck_assert_str_eq(names("/etc"), "motd new secret");
	teardown();
}
END_TEST

static bool change_unit(enum unit_action action, const char *name)
{
	const struct unit_change c = { .name = name, .action = action };

	return host_unit_change(h, &c, &a, &d);
}

/* "masked inactive": what the picture shows of a unit. */
static const char *unit_shown(const struct host *on, const char *name)
{
	struct unit unit;

	ck_assert(host_unit_file(on, name, &a, &unit, &d) &&
		  host_unit_state(on, &unit, &a, &d));
	return arena_printf(&a, "%s %s", unit_enabled_name(unit.enabled),
			    unit_active_name(unit.active));
}

START_TEST(units_change_in_the_picture_alone)
{
	static const char units[] =
		"{'files': {"
		"'/etc/systemd/system/m.service': {'type': 'link', 'target': "
		"'/dev/null'}, '/usr/lib/systemd/system/m.service': {'type': "
		"'file', 'content': '[Service]'}}, 'units': {'r.service': "
		"{'active': 'active', 'enabled': 'masked'}}}";
	struct host *below;

	setup_on(units);
	below = base.under;
	ck_assert_str_eq(unit_shown(h, "m.service"), "masked inactive");
	ck_assert_str_eq(unit_shown(h, "r.service"), "masked active");
	ck_assert(change_unit(UNIT_UNMASK, "m.service"));
	ck_assert(change_unit(UNIT_START, "m.service"));
	ck_assert(change_unit(UNIT_UNMASK, "r.service"));
	ck_assert(change_unit(UNIT_STOP, "r.service"));
	ck_assert_str_eq(unit_shown(h, "m.service"), "static active");
	ck_assert_str_eq(unit_shown(h, "r.service"), "disabled inactive");
	ck_assert_str_eq(unit_shown(below, "m.service"), "masked inactive");
	ck_assert_str_eq(unit_shown(below, "r.service"), "masked active");
	teardown();
}
END_TEST

TEST_SUITE("overlay", an_empty_picture_asks_nothing_more_than_it_is_asked,
	   a_folder_is_walked_to_once,
	   what_the_picture_made_is_not_asked_of_the_base,
	   a_link_of_the_base_leads_to_what_the_picture_knows,
	   a_link_that_anyone_may_have_planted_is_refused_all_the_same,
	   what_a_command_makes_is_unknown, below_the_unknown_all_is_unknown,
	   a_write_makes_the_unknown_known,
	   a_command_that_makes_what_is_there_makes_it_unknown,
	   a_promise_follows_links, a_run_does_nothing_else,
	   questions_and_accounts_are_the_bases,
	   changed_perms_leave_content_to_the_base,
	   what_is_in_a_folder_that_is_closed_only_now_is_unknown,
	   a_folder_that_the_plan_opens_to_all_is_not_passed,
	   a_link_in_a_folder_that_is_closed_now_is_followed,
	   missing_folders_are_named, expectations_are_not_a_pictures_business,
	   capabilities_are_those_of_the_base,
	   mount_points_and_protected_paths_stay,
	   a_file_of_many_names_in_a_shared_folder_keeps_its_perms,
	   all_names_of_a_file_share_its_perms,
	   contents_are_compared_by_what_is_known_of_them,
	   a_removed_tree_stays_removed, depth_costs_no_stack,
	   a_picture_of_a_picture_leaves_it_alone,
	   units_change_in_the_picture_alone)
