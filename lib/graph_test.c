/* SPDX-License-Identifier: MIT */
#include "lib/graph.h"

#include <pthread.h>

#include "lib/fixture_test.h"

static struct fixture f;

static void setup(const char *manifest)
{
	f = (struct fixture){ 0 };
	ck_assert_msg(fixture_graph(&f, manifest), "%s", fixture_said(&f));
	ck_assert_uint_eq(f.diags.n, 0);
}

/* Says no, and why. */
static const char *refused(const char *manifest)
{
	f = (struct fixture){ 0 };
	ck_assert(!fixture_graph(&f, manifest));
	ck_assert_uint_gt(f.diags.errors, 0);
	return fixture_said(&f);
}

/* The names in order: "/a /b". */
static const char *order(void)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < f.catalog.n; i++)
		buf_printf(&b, "%s%s", i ? " " : "",
			   f.catalog.v[f.graph.order[i]]->name);
	return arena_strdup(&f.diags.arena, buf_text(&b));
}

/* What leads to a resource: "file:/a (require), directory:/b (its folder)". */
static const char *leads_to(const char *id)
{
	const struct graph *g = &f.graph;
	size_t to = fixture_resource(&f, id)->index;
	AUTO_BUF struct buf b = { 0 };

	for (size_t e = g->first[to]; e < g->first[to + 1]; e++) {
		const struct edge *edge = &g->edges[e];

		ck_assert_uint_eq(edge->to, to);
		buf_printf(&b, "%s%s (%s%s)", b.size ? ", " : "",
			   f.catalog.v[edge->from]->id, edge->reason,
			   edge->notifies ? "!" : "");
	}
	return arena_strdup(&f.diags.arena, buf_text(&b));
}

/* Each comes after what it needs, and stands once in the order. */
static void check_order(void)
{
	const struct graph *g = &f.graph;

	for (size_t i = 0; i < f.catalog.n; i++)
		ck_assert_uint_eq(g->position[g->order[i]], i);
	for (size_t e = 0; e < g->n; e++)
		ck_assert_uint_lt(g->position[g->edges[e].from],
				  g->position[g->edges[e].to]);
}

START_TEST(nothing_has_an_order_too)
{
	setup("");
	ck_assert_uint_eq(f.graph.n, 0);
	ck_assert_str_eq(order(), "");
	fixture_release(&f);
}
END_TEST

START_TEST(ties_keep_the_order_of_the_manifest)
{
	setup("'file:/z': {}, 'link:/m': {'target': 'x'}, 'file:/a': {}, "
	      "'exec:b': {'command': ['b']}, 'directory:/c': {}");
	ck_assert_str_eq(order(), "/z /m /a b /c");
	fixture_release(&f);
}
END_TEST

START_TEST(a_tie_that_comes_free_late_keeps_its_place)
{
	setup("'file:/late': {'require': 'file:/d'}, 'file:/a': {}, "
	      "'file:/d': {}, 'file:/e': {}");
	ck_assert_str_eq(order(), "/a /d /late /e");
	fixture_release(&f);
}
END_TEST

START_TEST(the_four_words_order)
{
	setup("'file:/4': {'subscribe': ['file:/3']},"
	      "'file:/3': {'require': 'file:/2'},"
	      "'file:/1': {'before': ['file:/2', 'file:/3']},"
	      "'file:/2': {'notify': 'file:/4'}");
	ck_assert_str_eq(order(), "/1 /2 /3 /4");
	ck_assert_str_eq(leads_to("file:/4"),
			 "file:/3 (subscribe!), file:/2 (notify!)");
	ck_assert_str_eq(leads_to("file:/3"),
			 "file:/2 (require), file:/1 (before)");
	ck_assert_str_eq(leads_to("file:/1"), "");
	check_order();
	fixture_release(&f);
}
END_TEST

START_TEST(the_nearest_managed_folder_comes_first)
{
	setup("'file:/a/b/c/d': {}, 'directory:/a': {}, 'file:/x/y': {}");
	ck_assert_str_eq(order(), "/a /a/b/c/d /x/y");
	ck_assert_str_eq(leads_to("file:/a/b/c/d"),
			 "directory:/a (its folder)");
	fixture_release(&f);
	setup("'file:/a/b/c/d': {}, 'directory:/a': {}, 'directory:/a/b': {}");
	ck_assert_str_eq(order(), "/a /a/b /a/b/c/d");
	ck_assert_str_eq(leads_to("file:/a/b/c/d"),
			 "directory:/a/b (its folder)");
	fixture_release(&f);
	setup("'file:/ab/c': {}, 'directory:/a': {}");
	ck_assert_str_eq(leads_to("file:/ab/c"), "");
	fixture_release(&f);
}
END_TEST

START_TEST(what_is_on_a_mount_comes_after_it)
{
	setup("'file:/m/a/f': {}, 'mount:/m/a': {'device': 'x', 'fstype': "
	      "'y'}, 'mount:/m': {'device': 'x', 'fstype': 'y'}, 'file:/mm': "
	      "{}");
	ck_assert_str_eq(leads_to("file:/m/a/f"),
			 "mount:/m/a (it is on what is mounted), mount:/m (it "
			 "is on what is mounted)");
	ck_assert_str_eq(leads_to("mount:/m/a"), "mount:/m (it is on it)");
	ck_assert_str_eq(leads_to("file:/mm"), "");
	check_order();
	fixture_release(&f);
	setup("'mount:/m': {'ensure': 'absent'}, 'mount:/m/a': {'ensure': "
	      "'absent'}");
	ck_assert_str_eq(leads_to("mount:/m"), "mount:/m/a (it is on it)");
	fixture_release(&f);
}
END_TEST

START_TEST(the_root_is_a_folder_too)
{
	setup("'file:/a': {}, 'directory:/': {'mode': '0755'}");
	ck_assert_str_eq(order(), "/ /a");
	fixture_release(&f);
}
END_TEST

START_TEST(a_link_on_the_way_comes_first)
{
	setup("'file:/a/b': {}, 'link:/a': {'target': '/c'}, 'directory:/c': "
	      "{}");
	ck_assert_str_eq(order(), "/c /a /a/b");
	fixture_release(&f);
}
END_TEST

START_TEST(a_link_comes_after_its_target)
{
	setup("'link:/l': {'target': '/d/x/y'}, 'directory:/d': {}");
	ck_assert_str_eq(leads_to("link:/l"), "directory:/d (its target)");
	fixture_release(&f);
	setup("'link:/l': {'target': '/f'}, 'file:/f': {}");
	ck_assert_str_eq(order(), "/f /l");
	fixture_release(&f);
	setup("'link:/d/l': {'target': '../f'}, 'file:/f': {}");
	ck_assert_str_eq(order(), "/f /d/l");
	fixture_release(&f);
	setup("'link:/l': {'ensure': 'absent', 'target': '/f'}, 'file:/f': {}");
	ck_assert_str_eq(order(), "/l /f");
	fixture_release(&f);
}
END_TEST

START_TEST(a_command_comes_after_what_it_needs)
{
	setup("'exec:x': {'command': ['/opt/bin/x'], 'cwd': '/srv/app', "
	      "'creates': ['/var/x/y', '/opt/z']},"
	      "'directory:/var/x': {}, 'directory:/srv/app': {},"
	      "'file:/opt/bin/x': {}");
	ck_assert_str_eq(leads_to("exec:x"),
			 "directory:/srv/app (its cwd), "
			 "file:/opt/bin/x (its program), "
			 "directory:/var/x (the folder of what it creates)");
	fixture_release(&f);
}
END_TEST

START_TEST(a_shell_is_no_program_of_the_manifest)
{
	setup("'exec:x': {'command': 'a | b', 'shell': true}, 'file:/a': {}");
	ck_assert_str_eq(leads_to("exec:x"), "");
	fixture_release(&f);
}
END_TEST

START_TEST(what_goes_lets_go_of_what_is_below_first)
{
	setup("'directory:/a': {'ensure': 'absent'},"
	      "'directory:/a/b': {'ensure': 'absent'},"
	      "'file:/a/b/c': {'ensure': 'absent'},"
	      "'link:/a/d': {'ensure': 'absent'}");
	ck_assert_str_eq(order(), "/a/b/c /a/b /a/d /a");
	ck_assert_str_eq(leads_to("directory:/a"),
			 "directory:/a/b (it is below), "
			 "link:/a/d (it is below)");
	check_order();
	fixture_release(&f);
}
END_TEST

START_TEST(what_goes_from_a_folder_that_stays_comes_after_it)
{
	setup("'file:/a/b': {'ensure': 'absent'}, 'directory:/a': {}");
	ck_assert_str_eq(order(), "/a /a/b");
	fixture_release(&f);
}
END_TEST

START_TEST(a_command_uses_a_folder_before_it_goes)
{
	setup("'directory:/a': {'ensure': 'absent'}, 'exec:x': {'command': "
	      "['x'], 'cwd': '/a'}");
	ck_assert_str_eq(order(), "x /a");
	fixture_release(&f);
}
END_TEST

START_TEST(a_stated_edge_beats_an_implied_one)
{
	setup("'directory:/d': {}, 'file:/d/f': {'before': 'directory:/d'}");
	ck_assert_str_eq(order(), "/d/f /d");
	ck_assert_str_eq(leads_to("file:/d/f"), "");
	ck_assert_str_eq(leads_to("directory:/d"), "file:/d/f (before)");
	check_order();
	fixture_release(&f);
}
END_TEST

START_TEST(a_stated_way_round_beats_an_implied_edge)
{
	setup("'directory:/d': {'require': 'exec:m'}, 'exec:m': {'command': "
	      "['m'], 'require': 'file:/d/f'}, 'file:/d/f': {}");
	ck_assert_str_eq(order(), "/d/f m /d");
	check_order();
	fixture_release(&f);
}
END_TEST

START_TEST(other_implied_edges_stay)
{
	setup("'directory:/d': {}, 'file:/d/f': {'before': 'directory:/d'},"
	      "'file:/d/g': {}");
	ck_assert_str_eq(order(), "/d/f /d /d/g");
	ck_assert_str_eq(leads_to("file:/d/g"), "directory:/d (its folder)");
	fixture_release(&f);
}
END_TEST

START_TEST(implied_edges_that_contradict_each_other_give_way)
{
	setup("'link:/a': {'target': '/b/x'}, 'link:/b': {'target': '/a/x'}");
	ck_assert_uint_eq(f.graph.n, 1);
	check_order();
	fixture_release(&f);
}
END_TEST

START_TEST(dropping_edges_leaves_ties_in_place)
{
	setup("'file:/d/f': {}, 'directory:/d': {'require': 'file:/d/f'}, "
	      "'file:/0': {}");
	ck_assert_str_eq(order(), "/d/f /d /0");
	fixture_release(&f);
}
END_TEST

/* Each file contradicts its folder: work and memory stay linear. */
START_TEST(many_contradictions_are_as_cheap_as_one)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "'directory:/d': {}");
	for (int i = 0; i < 20000; i++)
		buf_printf(&b, ",'file:/d/%d': {'before': 'directory:/d'}", i);
	setup(buf_text(&b));
	ck_assert_uint_eq(f.graph.order[20000], 0);
	ck_assert_uint_eq(f.graph.n, 20000);
	ck_assert_uint_lt(f.manifest.arena.total, 64 * 1024 * 1024);
	check_order();
	fixture_release(&f);
}
END_TEST

START_TEST(a_cycle_is_spelled_out)
{
	ck_assert_str_eq(
		refused("'file:/a': {'require': 'file:/c'},\n"
			"'file:/b': {'require': 'file:/a'},\n"
			"'file:/c': {'content': '', 'subscribe': "
			"['file:/b']}"),
		"m.json:2:1: dependency cycle: file:/a -> file:/b (require, "
		"m.json:3:13) -> file:/c (subscribe, m.json:4:28) -> file:/a "
		"(require, m.json:2:13)");
	fixture_release(&f);
}
END_TEST

START_TEST(a_cycle_among_others_names_only_its_own)
{
	const char *said =
		refused("'file:/0': {}, 'file:/1': {'require': 'file:/2'}, "
			"'file:/2': {'require': 'file:/3'}, 'file:/3': "
			"{'require': 'file:/2'}, 'file:/4': {'require': "
			"'file:/1'}");

	ck_assert(strstr(said, "file:/2 -> file:/3"));
	ck_assert(!strstr(said, "file:/0"));
	ck_assert(!strstr(said, "file:/1"));
	ck_assert(!strstr(said, "file:/4"));
	fixture_release(&f);
}
END_TEST

START_TEST(a_cycle_with_implied_edges_that_remains_is_a_cycle)
{
	const char *said =
		refused("'file:/a': {'require': 'file:/b', 'notify': "
			"'file:/b'}, 'file:/b': {}");

	ck_assert(strstr(said, "dependency cycle"));
	ck_assert(strstr(said, "notify"));
	ck_assert_uint_eq(f.diags.n, 1);
	fixture_release(&f);
}
END_TEST

START_TEST(a_long_cycle_is_cut)
{
	AUTO_BUF struct buf b = { 0 };
	const char *said;

	for (int i = 0; i < 30; i++)
		buf_printf(&b, "%s'file:/%d': {'require': 'file:/%d'}",
			   i ? "," : "", i, (i + 1) % 30);
	said = refused(buf_text(&b));
	ck_assert(strstr(said, " -> ... (30 in all) -> "));
	ck_assert_uint_lt(strlen(said), 1000);
	fixture_release(&f);
}
END_TEST

START_TEST(nothing_comes_before_itself)
{
	ck_assert_str_eq(refused("'file:/a': {'before': 'file:/a'},\n"
				 "'file:/b': {'require': ['file:/b']}"),
			 "m.json:2:23: file:/a: 'before' names the resource "
			 "itself\n"
			 "m.json:3:24: file:/b: 'require' names the resource "
			 "itself");
	fixture_release(&f);
}
END_TEST

START_TEST(all_unknown_names_are_told)
{
	ck_assert_str_eq(
		refused("'file:/etc/motd': {},\n'file:/a': {'require': "
			"['file:/etc/mtod', 'x'], 'notify': 'exec:nothing'}"),
		"m.json:3:24: file:/a: 'require' names 'file:/etc/mtod', "
		"which is not there; did you mean \"file:/etc/motd\"?\n"
		"m.json:3:24: file:/a: 'require' names 'x', which is not "
		"there\n"
		"m.json:3:59: file:/a: 'notify' names 'exec:nothing', which "
		"is not there");
	fixture_release(&f);
}
END_TEST

START_TEST(a_name_in_an_override_is_placed_there)
{
	ck_assert_str_eq(
		refused("{'version': 1, 'resources': {'file:/a': {}},\n"
			"'overrides': {'file:/a': {'require': 'no'}}}"),
		"m.json:2:38: file:/a: 'require' names 'no', which is not "
		"there");
	fixture_release(&f);
}
END_TEST

START_TEST(what_when_leaves_out_is_not_there)
{
	const char *said = refused("'file:/a': {'when': {'tags': 'no'}}, "
				   "'file:/b': {'require': 'file:/a'}");

	ck_assert(strstr(said, "'require' names 'file:/a', which its 'when' "
			       "leaves out of this host"));
	fixture_release(&f);
}
END_TEST

/* --- folders that are copied --- */

START_TEST(parts_of_a_mirror_come_after_it)
{
	setup("'file:/app/etc/mine': {}, 'directory:/app': {'source': "
	      "'files/app'}");
	ck_assert_str_eq(leads_to("file:/app/etc/app.conf"),
			 "directory:/app (it is part of), "
			 "directory:/app/etc (its folder)");
	ck_assert_str_eq(leads_to("file:/app/etc/mine"),
			 "directory:/app/etc (its folder)");
	check_order();
	fixture_release(&f);
}
END_TEST

START_TEST(what_needs_a_mirror_needs_all_of_it)
{
	setup("'exec:go': {'command': ['go'], 'require': 'directory:/app'}, "
	      "'directory:/app': {'source': 'files/one'}");
	ck_assert_str_eq(leads_to("exec:go"),
			 "directory:/app (require), file:/app/only (require)");
	ck_assert_str_eq(order(), "/app /app/only go");
	fixture_release(&f);
}
END_TEST

START_TEST(all_of_a_mirror_notifies)
{
	setup("'exec:go': {'command': ['go'], 'refreshonly': true}, "
	      "'directory:/app': {'source': 'files/one', 'notify': "
	      "'exec:go'}");
	ck_assert_str_eq(leads_to("exec:go"),
			 "directory:/app (notify!), file:/app/only (notify!)");
	fixture_release(&f);
	setup("'exec:go': {'command': ['go'], 'refreshonly': true, "
	      "'subscribe': 'directory:/app'}, 'directory:/app': {'source': "
	      "'files/one'}");
	ck_assert_str_eq(
		leads_to("exec:go"),
		"directory:/app (subscribe!), file:/app/only (subscribe!)");
	fixture_release(&f);
}
END_TEST

START_TEST(what_is_put_into_a_mirror_does_not_wait_for_it)
{
	setup("'directory:/app/etc': {'require': 'directory:/app'}, "
	      "'directory:/app': {'source': 'files/app'}");
	ck_assert_str_eq(leads_to("directory:/app/etc"),
			 "directory:/app (require), "
			 "directory:/app (its folder)");
	ck_assert_str_eq(leads_to("file:/app/etc/app.conf"),
			 "directory:/app (it is part of), "
			 "directory:/app/etc (its folder)");
	check_order();
	fixture_release(&f);
}
END_TEST

/* --- what goes first --- */

START_TEST(packages_go_first_and_what_they_need)
{
	setup("'file:/a': {}, 'package:p': {}, 'file:/b': {}, 'package:q': "
	      "{'require': 'file:/k'}, 'file:/k': {'require': 'exec:x'}, "
	      "'exec:x': {'command': ['x']}, 'file:/l': {'require': "
	      "'package:p'}");
	ck_assert_str_eq(order(), "p x /k q /a /b /l");
	fixture_release(&f);
	/* but never before what it needs by another's word */
	setup("'file:/a': {'before': 'package:p'}, 'package:p': {}");
	ck_assert_str_eq(order(), "/a p");
	fixture_release(&f);
}
END_TEST

START_TEST(packages_come_after_all_repositories)
{
	setup("'package:p': {}, 'package:q': {}, 'apt_repository:r': {'uris': "
	      "'file:/r', 'suites': './'}, 'apt_repository:s': {'uris': "
	      "'file:/s', 'suites': './', 'require': 'package:q'}");
	ck_assert_str_eq(leads_to("package:p"),
			 "apt_repository:r (its repositories), "
			 "apt_repository:s (its repositories)");
	/* what a repository itself needs comes before it */
	ck_assert_str_eq(leads_to("package:q"),
			 "apt_repository:r (its repositories)");
	ck_assert_str_eq(order(), "r q s p");
	fixture_release(&f);
}
END_TEST

/* --- owners --- */

struct account {
	struct record r;
	const char *name;
};

static const struct attr account_attrs[] = {
	{ .name = "name",
	  .kind = &kind_text,
	  .flags = ATTR_NAME,
	  .offset = offsetof(struct account, name) },
};
static const struct module user_module = { .name = "user",
					   .size = sizeof(struct account),
					   .attrs = account_attrs,
					   .nattrs = 1 };
static const struct module group_module = { .name = "group",
					    .size = sizeof(struct account),
					    .attrs = account_attrs,
					    .nattrs = 1 };

START_TEST(owners_come_before_what_they_own)
{
	const struct module *list[] = { modules[0], modules[1], &user_module,
					&group_module, NULL };

	f = (struct fixture){ 0 };
	ck_assert(fixture_read(&f, "'file:/a': {'owner': 'app', 'group': "
				   "'www'}, 'directory:/b': {'owner': 'app'}, "
				   "'file:/c': {'owner': 'other'}, 'user:app': "
				   "{}, 'group:www': {}"));
	ck_assert(catalog_build(&f.catalog, &f.manifest, list, &f.diags));
	ck_assert(graph_build(&f.graph, &f.catalog, &f.diags));
	ck_assert_str_eq(leads_to("file:/a"),
			 "user:app (its owner), group:www (its group)");
	ck_assert_str_eq(leads_to("directory:/b"), "user:app (its owner)");
	ck_assert_str_eq(leads_to("file:/c"), "");
	ck_assert_str_eq(order(), "/c app /b www /a");
	fixture_release(&f);
}
END_TEST

/* --- large --- */

enum { LARGE = 100000, SMALL_STACK = 256 * 1024 };

static void *build_large(void *text)
{
	setup(text);
	check_order();
	return NULL;
}

/* In a thread of a small stack: the depth of a graph costs none. */
static void build_small_stack(const struct buf *b)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	ck_assert_int_eq(pthread_attr_setstacksize(&attr, SMALL_STACK), 0);
	ck_assert_int_eq(pthread_create(&thread, &attr, build_large, b->text),
			 0);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attr);
}

START_TEST(users_come_after_their_groups_and_leave_before_them)
{
	setup("'user:u': {'groups': ['g']}, 'group:g': {}, 'group:u': {}");
	ck_assert_str_eq(order(), "g u u");
	ck_assert_str_eq(leads_to("user:u"),
			 "group:u (its group), group:g (one of its groups)");
	fixture_release(&f);
	setup("'group:u': {'ensure': 'absent'}, 'user:u': {'ensure': "
	      "'absent'}");
	ck_assert_str_eq(leads_to("group:u"), "user:u (it was its group)");
	ck_assert_str_eq(leads_to("user:u"), "");
	fixture_release(&f);
}
END_TEST

START_TEST(of_a_cycle_the_weak_edge_goes)
{
	setup("'group:g': {'members': ['u']}, 'user:u': {}");
	ck_assert_str_eq(leads_to("group:g"), "user:u (its member)");
	fixture_release(&f);
	setup("'group:g': {'members': ['u']}, 'user:u': {'groups': 'g'}");
	ck_assert_str_eq(leads_to("group:g"), "");
	ck_assert_str_eq(leads_to("user:u"), "group:g (one of its groups)");
	fixture_release(&f);
	/* wherever the walk along the cycle begins */
	setup("'user:u': {'group': 'g'}, 'group:h': {'members': 'u'}, "
	      "'group:g': {'require': 'group:h'}");
	ck_assert_str_eq(leads_to("group:h"), "");
	ck_assert_str_eq(leads_to("user:u"), "group:g (its group)");
	ck_assert_str_eq(leads_to("group:g"), "group:h (require)");
	fixture_release(&f);
}
END_TEST

START_TEST(a_chain_of_100000_against_the_manifest)
{
	const int last = LARGE - 1;
	AUTO_BUF struct buf b = { 0 };

	for (int i = 0; i < last; i++)
		buf_printf(&b, "'file:/%d': {'require': 'file:/%d'},", i,
			   i + 1);
	buf_printf(&b, "'file:/%d': {}", last);
	build_small_stack(&b);
	ck_assert_uint_eq(f.graph.order[0], last);
	ck_assert_uint_eq(f.graph.order[last], 0);
	fixture_release(&f);
}
END_TEST

START_TEST(a_star_of_100000)
{
	const int around = LARGE - 2;
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "'file:/last': {'require': [");
	for (int i = 0; i < around; i++)
		buf_printf(&b, "%s'file:/%d'", i ? "," : "", i);
	buf_puts(&b, "]}");
	for (int i = 0; i < around; i++)
		buf_printf(&b, ",'file:/%d': {'require': 'file:/first'}", i);
	buf_puts(&b, ",'file:/first': {}");
	build_small_stack(&b);
	ck_assert_uint_eq(f.graph.order[0], around + 1);
	ck_assert_uint_eq(f.graph.order[1], 1);
	ck_assert_uint_eq(f.graph.order[around + 1], 0);
	fixture_release(&f);
}
END_TEST

/* Two layers of 1000, all of the one required by all of the other. */
static void dense(struct buf *b, const char *more)
{
	buf_puts(b, "{'version': 1, 'vars': {'all': [");
	for (int i = 0; i < 1000; i++)
		buf_printf(b, "%s'exec:a%d'", i ? "," : "", i);
	buf_puts(b, "]}, 'resources': {");
	for (int i = 0; i < 1000; i++)
		buf_printf(b,
			   "'exec:a%d': {'command': ['x']}, 'exec:b%d': "
			   "{'command': ['x'], 'require': '${vars.all}'},",
			   i, i);
	buf_printf(b, "%s}}", more);
}

START_TEST(a_million_edges_and_no_more)
{
	AUTO_BUF struct buf b = { 0 };

	dense(&b, "\n'exec:c': {'command': ['x']}");
	build_small_stack(&b);
	ck_assert_uint_eq(f.graph.n, 1000000);
	fixture_release(&f);
	buf_clear(&b);
	dense(&b, "\n'exec:c': {'command': ['x'], 'before': 'exec:a0'}");
	ck_assert_str_eq(refused(buf_text(&b)),
			 "m.json:2:1: more than 1000000 edges between "
			 "resources");
	fixture_release(&f);
}
END_TEST

START_TEST(a_cycle_of_100000)
{
	AUTO_BUF struct buf b = { 0 };
	const char *said;

	for (int i = 0; i < LARGE; i++)
		buf_printf(&b, "%s'file:/%d': {'require': 'file:/%d'}",
			   i ? "," : "", i, (i + 1) % LARGE);
	said = refused(buf_text(&b));
	ck_assert(strstr(said, "(100000 in all)"));
	fixture_release(&f);
}
END_TEST

/* --- as documents --- */

START_TEST(a_graph_is_a_document)
{
	json_t *j, *want;

	setup("'file:/d/f': {'notify': 'exec:x'},\n"
	      "'directory:/d': {},\n"
	      "'exec:x': {'command': ['x']}");
	j = graph_json(&f.graph);
	want = fixture_json(
		"{'format': 'converge.graph/1', 'host': 'web-1', 'resources': "
		"[{'id': 'directory:/d', 'type': 'directory', 'name': '/d', "
		"'origin': {'file': 'm.json', 'line': 3}}, {'id': 'file:/d/f', "
		"'type': 'file', 'name': '/d/f', 'origin': {'file': 'm.json', "
		"'line': 2}}, {'id': 'exec:x', 'type': 'exec', 'name': 'x', "
		"'origin': {'file': 'm.json', 'line': 4}}], 'edges': [{'from': "
		"'directory:/d', 'to': 'file:/d/f', 'reason': 'its folder', "
		"'stated': false, 'notifies': false}, {'from': 'file:/d/f', "
		"'to': 'exec:x', 'reason': 'notify', 'stated': true, "
		"'notifies': true}]}");
	ck_assert(json_equal(j, want));
	json_decref(j);
	json_decref(want);
	fixture_release(&f);
}
END_TEST

START_TEST(dot_quotes_what_it_must)
{
	AUTO_BUF struct buf b = { 0 };

	setup("'file:/d/\\u0022\\\\x': {'notify': 'exec:a\\nb'},"
	      "'directory:/d': {}, 'exec:a\\nb': {'command': ['x']}");
	graph_dot(&f.graph, &b);
	ck_assert_str_eq(buf_text(&b),
			 "digraph \"web-1\" {\n"
			 "\trankdir=LR;\n"
			 "\tnode [shape=box, fontname=\"sans-serif\"];\n"
			 "\t\"directory:/d\";\n"
			 "\t\"file:/d/\\\"\\\\x\";\n"
			 "\t\"exec:a\\\\x0ab\";\n"
			 "\t\"directory:/d\" -> \"file:/d/\\\"\\\\x\" "
			 "[label=\"its folder\", style=dashed];\n"
			 "\t\"file:/d/\\\"\\\\x\" -> \"exec:a\\\\x0ab\" "
			 "[label=\"notify\", color=blue];\n"
			 "}\n");
	fixture_release(&f);
}
END_TEST

/* Turns what leads from one to another. */
static void turn(const char *const pairs[][2], size_t n)
{
	bool *turns = arena_array(&f.diags.arena, bool, f.graph.n);
	struct graph *turned = arena_new(&f.diags.arena, struct graph);

	for (size_t e = 0; e < f.graph.n; e++)
		for (size_t i = 0; i < n; i++)
			turns[e] |=
				!f.graph.edges[e].stated &&
				strcmp(f.catalog.v[f.graph.edges[e].from]->id,
				       pairs[i][0]) == 0 &&
				strcmp(f.catalog.v[f.graph.edges[e].to]->id,
				       pairs[i][1]) == 0;
	graph_turn(turned, &f.graph, turns, "first");
	f.graph = *turned;
}

START_TEST(turned_edges_keep_what_came_before)
{
	static const char *const pairs[][2] = {
		{ "directory:/a", "directory:/a/b" },
		{ "directory:/a/b", "file:/a/b/c" },
	};

	setup("'directory:/a': {'require': 'exec:x'}, 'directory:/a/b': {}, "
	      "'file:/a/b/c': {}, 'file:/a/b/d': {}, "
	      "'exec:x': {'command': ['x']}, "
	      "'exec:y': {'command': ['y'], 'require': 'directory:/a'}");
	turn(pairs, COUNT(pairs));
	check_order();
	ck_assert_str_eq(order(), "x /a/b/c /a/b /a /a/b/d y");
	ck_assert_str_eq(leads_to("directory:/a"),
			 "exec:x (require), directory:/a/b (first)");
	ck_assert_str_eq(leads_to("directory:/a/b"),
			 "exec:x (require), file:/a/b/c (first)");
	ck_assert_str_eq(leads_to("file:/a/b/c"), "exec:x (require)");
	ck_assert_str_eq(leads_to("file:/a/b/d"),
			 "directory:/a/b (its folder)");
	fixture_release(&f);
}
END_TEST

START_TEST(what_is_stated_beats_a_turned_edge)
{
	static const char *const pairs[][2] = {
		{ "directory:/a", "file:/a/b" },
		{ "directory:/a", "file:/a/c" },
		{ "directory:/a", "file:/a/d" },
	};

	setup("'directory:/a': {'before': 'exec:x'}, "
	      "'file:/a/b': {'require': 'directory:/a'}, 'file:/a/c': {}, "
	      "'file:/a/d': {'require': 'exec:x'}, "
	      "'exec:x': {'command': ['x']}");
	turn(pairs, COUNT(pairs));
	check_order();
	ck_assert_str_eq(order(), "/a/c /a /a/b x /a/d");
	fixture_release(&f);
}
END_TEST

TEST_SUITE("graph", turned_edges_keep_what_came_before,
	   what_is_stated_beats_a_turned_edge, nothing_has_an_order_too,
	   ties_keep_the_order_of_the_manifest,
	   a_tie_that_comes_free_late_keeps_its_place, the_four_words_order,
	   the_nearest_managed_folder_comes_first, the_root_is_a_folder_too,
	   what_is_on_a_mount_comes_after_it, a_link_on_the_way_comes_first,
	   a_link_comes_after_its_target, a_command_comes_after_what_it_needs,
	   a_shell_is_no_program_of_the_manifest,
	   what_goes_lets_go_of_what_is_below_first,
	   what_goes_from_a_folder_that_stays_comes_after_it,
	   a_command_uses_a_folder_before_it_goes,
	   a_stated_edge_beats_an_implied_one,
	   a_stated_way_round_beats_an_implied_edge, other_implied_edges_stay,
	   implied_edges_that_contradict_each_other_give_way,
	   dropping_edges_leaves_ties_in_place,
	   many_contradictions_are_as_cheap_as_one, a_cycle_is_spelled_out,
	   a_cycle_among_others_names_only_its_own,
	   a_cycle_with_implied_edges_that_remains_is_a_cycle,
	   a_long_cycle_is_cut, nothing_comes_before_itself,
	   all_unknown_names_are_told, a_name_in_an_override_is_placed_there,
	   what_when_leaves_out_is_not_there, parts_of_a_mirror_come_after_it,
	   what_needs_a_mirror_needs_all_of_it, all_of_a_mirror_notifies,
	   what_is_put_into_a_mirror_does_not_wait_for_it,
	   packages_go_first_and_what_they_need,
	   packages_come_after_all_repositories,
	   owners_come_before_what_they_own,
	   users_come_after_their_groups_and_leave_before_them,
	   of_a_cycle_the_weak_edge_goes,
	   a_chain_of_100000_against_the_manifest, a_star_of_100000,
	   a_million_edges_and_no_more, a_cycle_of_100000,
	   a_graph_is_a_document, dot_quotes_what_it_must)
