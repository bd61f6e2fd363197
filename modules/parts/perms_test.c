/* SPDX-License-Identifier: MIT */
#include "modules/parts/perms.h"

#include "lib/fixture_test.h"

static struct host *h;
static json_t *json;
static struct arena a;
static struct diags d;

static void setup(void)
{
	h = fixture_host("{'files': {}, 'users': {'app': 1000, 'other': 1000, "
			 "'7up': 7}, 'groups': {'www': 33, 'root': 0}}",
			 &json);
	a = (struct arena){ 0 };
	d = (struct diags){ 0 };
}

static void teardown(void)
{
	host_close(h);
	json_decref(json);
	arena_release(&a);
	diags_release(&d);
}

static struct mode mode(const char *text)
{
	struct mode m = { 0 };

	ck_assert_ptr_null(mode_parse(text, &m));
	return m;
}

START_TEST(names_and_numbers_of_accounts)
{
	uint32_t id;

	setup();
	ck_assert(perms_user(h, "app", &id, &d));
	ck_assert_uint_eq(id, 1000);
	ck_assert(perms_user(h, "4294967294", &id, &d));
	ck_assert_uint_eq(id, 4294967294U);
	ck_assert(perms_user(h, "007", &id, &d));
	ck_assert_uint_eq(id, 7);
	ck_assert(perms_group(h, "www", &id, &d));
	ck_assert_uint_eq(id, 33);
	ck_assert_uint_eq(d.n, 0);
	teardown();
}
END_TEST

START_TEST(root_is_root_everywhere)
{
	uint32_t id = 5;

	setup();
	ck_assert(perms_user(h, "root", &id, &d));
	ck_assert_uint_eq(id, 0);
	ck_assert(perms_group(h, "root", &id, &d));
	ck_assert_uint_eq(id, 0);
	teardown();
}
END_TEST

START_TEST(accounts_that_are_not_there)
{
	uint32_t id;

	setup();
	ck_assert(!perms_user(h, "www", &id, &d));
	ck_assert_str_eq(d.v[0].text, "there is no user 'www' on this host");
	ck_assert(!perms_group(h, "app", &id, &d));
	ck_assert_str_eq(d.v[1].text, "there is no group 'app' on this host");
	ck_assert(!perms_user(h, "", &id, &d));
	teardown();
}
END_TEST

/* So that what is right is never shown as a change of spelling. */
START_TEST(an_id_is_shown_as_it_was_wished)
{
	setup();
	ck_assert_str_eq(perms_show_user(h, "other", 1000, &a), "other");
	ck_assert_str_eq(perms_show_user(h, "1000", 1000, &a), "1000");
	ck_assert_str_eq(perms_show_user(h, "root", 0, &a), "root");
	ck_assert_str_eq(perms_show_user(h, "other", 7, &a), "7up");
	ck_assert_str_eq(perms_show_user(h, NULL, 7, &a), "7up");
	ck_assert_str_eq(perms_show_user(h, "nobody", 12, &a), "12");
	ck_assert_str_eq(perms_show_group(h, "33", 33, &a), "33");
	ck_assert_str_eq(perms_show_group(h, "www", 34, &a), "34");
	teardown();
}
END_TEST

START_TEST(modes_of_nodes)
{
	struct node n = { .type = NODE_DIRECTORY, .mode = 02755 };
	struct mode m = perms_mode(&n);

	ck_assert_uint_eq(m.octal, 02755);
	ck_assert(m.is_directory);
	ck_assert_uint_eq(m.n, 0);
	n.type = NODE_FILE;
	ck_assert(!perms_mode(&n).is_directory);
}
END_TEST

START_TEST(new_things_get_what_is_wanted_and_no_more)
{
	struct perms p;
	struct mode m = mode("0600");

	setup();
	ck_assert(perms_wanted(h, NULL, NULL, NULL, NULL, 0644, false, &p, &d));
	ck_assert_uint_eq(p.set, PERM_MODE);
	ck_assert_uint_eq(p.mode, 0644);
	ck_assert(perms_wanted(h, "app", NULL, &m, NULL, 0644, false, &p, &d));
	ck_assert_uint_eq(p.set, PERM_MODE | PERM_UID);
	ck_assert_uint_eq(p.mode, 0600);
	ck_assert_uint_eq(p.uid, 1000);
	ck_assert(perms_wanted(h, NULL, "www", NULL, NULL, 0755, true, &p, &d));
	ck_assert_uint_eq(p.set, PERM_MODE | PERM_GID);
	ck_assert_uint_eq(p.gid, 33);
	teardown();
}
END_TEST

START_TEST(old_things_keep_what_is_not_wanted)
{
	struct node have = { .mode = 04711, .uid = 1, .gid = 2 };
	struct mode m = mode("go=");
	struct perms p;

	setup();
	ck_assert(
		perms_wanted(h, NULL, NULL, NULL, &have, 0644, false, &p, &d));
	ck_assert_uint_eq(p.set, PERM_ALL);
	ck_assert_uint_eq(p.mode, 04711);
	ck_assert_uint_eq(p.uid, 1);
	ck_assert_uint_eq(p.gid, 2);
	have.mode = 0711;
	ck_assert(perms_wanted(h, "app", NULL, &m, &have, 0644, false, &p, &d));
	ck_assert_uint_eq(p.mode, 0700);
	ck_assert_uint_eq(p.uid, 1000);
	ck_assert_uint_eq(p.gid, 2);
	teardown();
}
END_TEST

/* Whether a file of that mode may become app's, with mode, if any. */
static bool may_give(uint32_t have_mode, const char *mode_given,
		     bool is_directory)
{
	struct node have = { .mode = have_mode, .uid = 1, .gid = 2 };
	struct mode m = { 0 };
	struct perms p;

	if (mode_given)
		m = mode(mode_given);
	return perms_wanted(h, "app", NULL, mode_given ? &m : NULL, &have, 0644,
			    is_directory, &p, &d);
}

START_TEST(no_program_runs_as_another_by_a_new_owner)
{
	setup();
	ck_assert(may_give(0755, NULL, false));
	ck_assert(!may_give(04755, NULL, false));
	ck_assert(!may_give(02755, "go-w", false));
	ck_assert(may_give(06755, "a-s", false));
	ck_assert(may_give(04755, "u+s", false));
	ck_assert(!may_give(06755, "u+s", false));
	ck_assert(may_give(06755, "06711", false));
	ck_assert(may_give(02755, NULL, true));
	teardown();
}
END_TEST

START_TEST(a_symbolic_mode_of_a_new_thing)
{
	struct mode x = mode("a=rX");
	struct perms p;

	setup();
	ck_assert(perms_wanted(h, NULL, NULL, &x, NULL, 0644, false, &p, &d));
	ck_assert_uint_eq(p.mode, 0444);
	ck_assert(perms_wanted(h, NULL, NULL, &x, NULL, 0755, true, &p, &d));
	ck_assert_uint_eq(p.mode, 0555);
	teardown();
}
END_TEST

START_TEST(what_is_wanted_must_be_there)
{
	struct perms p;

	setup();
	ck_assert(!perms_wanted(h, "none", NULL, NULL, NULL, 0644, false, &p,
				&d));
	ck_assert(!perms_wanted(h, "app", "none", NULL, NULL, 0644, false, &p,
				&d));
	ck_assert_uint_eq(d.n, 2);
	teardown();
}
END_TEST

TEST_SUITE("perms", names_and_numbers_of_accounts, root_is_root_everywhere,
	   accounts_that_are_not_there, an_id_is_shown_as_it_was_wished,
	   modes_of_nodes, new_things_get_what_is_wanted_and_no_more,
	   old_things_keep_what_is_not_wanted,
	   no_program_runs_as_another_by_a_new_owner,
	   a_symbolic_mode_of_a_new_thing, what_is_wanted_must_be_there)
