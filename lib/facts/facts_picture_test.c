/* SPDX-License-Identifier: MIT */
#include "lib/facts/picture.h"

#include "lib/fixture_test.h"

static json_t *facts;

static void lay(const char *world, const char *own)
{
	json_t *w = world ? fixture_json(world) : NULL;
	json_t *o = own ? fixture_json(own) : NULL;

	facts = facts_picture(w, "h", o);
	json_decref(w);
	json_decref(o);
}

static const char *text(const char *object, const char *key)
{
	return json_string_value(
		json_object_get(json_object_get(facts, object), key));
}

START_TEST(it_is_a_small_debian_of_that_name)
{
	lay(NULL, NULL);
	ck_assert_str_eq(json_string_value(json_object_get(facts, "hostname")),
			 "h");
	ck_assert_str_eq(text("os", "id"), "debian");
	ck_assert_str_eq(text("os", "version"), "12");
	json_decref(facts);
}
END_TEST

START_TEST(a_host_says_more_than_its_world)
{
	lay("{'os': {'id': 'w', 'version': 'w'}, 'site': {'name': 'w'}, '//': "
	    "1}",
	    "{'os.version': 'o', 'site.rack': 'o', 'hostname': 'o'}");
	ck_assert_str_eq(text("os", "id"), "w");
	ck_assert_str_eq(text("os", "version"), "o");
	ck_assert_str_eq(text("os", "codename"), "bookworm");
	ck_assert_str_eq(text("site", "name"), "w");
	ck_assert_str_eq(text("site", "rack"), "o");
	ck_assert_str_eq(json_string_value(json_object_get(facts, "hostname")),
			 "o");
	ck_assert_ptr_null(json_object_get(facts, "//"));
	json_decref(facts);
}
END_TEST

START_TEST(what_is_no_object_gives_way_to_one)
{
	lay("{'site': 1}", "{'site.name.first': 'o', 'os': null}");
	ck_assert(json_is_object(
		json_object_get(json_object_get(facts, "site"), "name")));
	ck_assert(json_is_null(json_object_get(facts, "os")));
	json_decref(facts);
	lay("[]", "7");
	ck_assert_str_eq(text("os", "id"), "debian");
	json_decref(facts);
}
END_TEST

/* What one host says is not taken for what the world says of the next. */
START_TEST(a_host_does_not_change_what_its_world_says)
{
	json_t *world = json_pack("{s:{s:s}}", "site", "name", "w");
	json_t *own = json_pack("{s:{s:s}}", "site", "name", "h");

	facts = facts_picture(world, "h", own);
	ck_assert_str_eq(text("site", "name"), "h");
	json_decref(facts);
	facts = facts_told(world, own);
	ck_assert_uint_eq(json_object_size(facts), 1);
	json_decref(facts);
	facts = facts_picture(world, "i", NULL);
	ck_assert_str_eq(text("site", "name"), "w");
	json_decref(facts);
	json_decref(own);
	json_decref(world);
}
END_TEST

/* A name of a MiB of dots must not exhaust the stack. */
START_TEST(names_do_not_go_down_for_ever)
{
	AUTO_FREE char *dots = malloc(1 << 20);
	json_t *world = json_object();

	memset(dots, '.', (1 << 20) - 1);
	dots[(1 << 20) - 1] = '\0';
	json_object_set_new(world, dots, json_true());
	facts = facts_picture(world, "h", NULL);
	ck_assert_str_eq(text("os", "id"), "debian");
	json_decref(facts);
	json_decref(world);
}
END_TEST

TEST_SUITE("facts_picture", it_is_a_small_debian_of_that_name,
	   a_host_says_more_than_its_world, what_is_no_object_gives_way_to_one,
	   a_host_does_not_change_what_its_world_says,
	   names_do_not_go_down_for_ever)
