/* SPDX-License-Identifier: MIT */
#include "lib/manifest/reading_test.h"

static struct reading_world r;

static const char *resource(const char *id)
{
	for (size_t i = 0; i < r.manifest.n; i++)
		if (strcmp(r.manifest.v[i].id, id) == 0)
			return world_text(&r, r.manifest.v[i].attributes);
	return "";
}

#define IS(id, want)                                                 \
	do {                                                         \
		ck_assert_msg(world_read(&r), "%s", world_said(&r)); \
		ck_assert_str_eq(resource(id), want);                \
		world_end(&r);                                       \
	} while (0)

#define REFUSED(want)                                   \
	do {                                            \
		ck_assert(!world_read(&r));             \
		ck_assert_str_eq(world_said(&r), want); \
		world_end(&r);                          \
	} while (0)

static void put_base(void)
{
	world_put(&r, "roles/d.json",
		  "{'resources': {'file:/f': {'mode': '1', 'owner': 'd', "
		  "'group': 'd'}}}");
}

START_TEST(what_includes_has_the_last_word)
{
	put_base();
	world_put(&r, "roles/b.json",
		  "{'include': ['d'], 'overrides': {'file:/f': {'mode': '2', "
		  "'owner': 'b'}}}");
	world_put(&r, "roles/a.json",
		  "{'include': ['b'], 'overrides': {'file:/f': {'mode': "
		  "'3'}}}");
	IS("file:/f", "{'group':'d','mode':'3','owner':'b'}");
}
END_TEST

START_TEST(null_takes_away_and_may_be_taken_back)
{
	put_base();
	world_put(&r, "roles/b.json",
		  "{'include': ['d'], 'overrides': {'file:/f': {'mode': null, "
		  "'owner': null, 'no': null}}}");
	world_put(&r, "roles/a.json",
		  "{'include': ['b'], 'overrides': {'file:/f': {'mode': "
		  "'3'}}}");
	IS("file:/f", "{'group':'d','mode':'3'}");
}
END_TEST

START_TEST(the_host_settles_what_roles_disagree_on)
{
	put_base();
	world_put(&r, "roles/a.json",
		  "{'include': ['d'], 'overrides': {'file:/f': {'mode': "
		  "'2'}}}");
	world_put(&r, "roles/b.json",
		  "{'include': ['d'], 'overrides': {'file:/f': {'mode': "
		  "'3'}}}");
	REFUSED("roles/b.json:1:46: 'mode' is overridden differently at "
		"roles/a.json:1:46, and neither of the two gives way to the "
		"other");
	put_base();
	world_put(&r, "roles/a.json",
		  "{'include': ['d'], 'overrides': {'file:/f': {'mode': "
		  "'2'}}}");
	world_put(&r, "roles/b.json",
		  "{'include': ['d'], 'overrides': {'file:/f': {'mode': "
		  "'3'}}}");
	world_put(&r, "hosts/h.json",
		  "{'version': 1, 'host': 'h', 'roles': ['a', 'b'], "
		  "'overrides': {'file:/f': {'mode': '4'}}}");
	IS("file:/f", "{'group':'d','mode':'4','owner':'d'}");
}
END_TEST

/* In every order of the three that say it, 1 and 2 disagree, 1 and 1 do not. */
START_TEST(the_order_of_roles_does_not_matter)
{
	static const char *const orders[] = {
		"'a', 'b', 'c'", "'a', 'c', 'b'", "'b', 'a', 'c'",
		"'b', 'c', 'a'", "'c', 'a', 'b'", "'c', 'b', 'a'"
	};

	for (size_t i = 0; i < COUNT(orders); i++)
		for (int last = 1; last <= 2; last++) {
			put_base();
			world_put(&r, "hosts/h.json",
				  arena_printf(&r.arena,
					       "{'version': 1, 'host': 'h', "
					       "'roles': [%s]}",
					       orders[i]));
			world_put(&r, "roles/a.json",
				  "{'include': ['d'], 'overrides': {'file:/f': "
				  "{'mode': '1'}}}");
			world_put(&r, "roles/b.json",
				  "{'include': ['d'], 'overrides': {'file:/f': "
				  "{'mode': '1'}}}");
			world_put(&r, "roles/c.json",
				  arena_printf(&r.arena,
					       "{'include': ['a'], "
					       "'overrides': {'file:/f': "
					       "{'mode': '%d'}}}",
					       last));
			ck_assert_msg(world_read(&r) == (last == 1), "%s %d",
				      orders[i], last);
			ck_assert_uint_eq(r.diags.n, last == 1 ? 0 : 1);
			world_end(&r);
		}
}
END_TEST

START_TEST(an_override_of_nothing_is_wrong)
{
	world_put(&r, "roles/a.json", "{'overrides': {'file:/no': {}}}");
	REFUSED("roles/a.json:1:16: there is no resource 'file:/no' to "
		"override");
	world_put(&r, "roles/a.json",
		  "{'resources': {'file:/f': {'when': {'tags': 'u'}}}, "
		  "'overrides': {'file:/f': {'mode': '1'}}}");
	IS("file:/f", "");
}
END_TEST

START_TEST(a_host_overrides_as_a_role_does)
{
	world_put(&r, "roles/a.json",
		  "{'resources': {'file:/f': {'when': {'tags': 'u'}}, "
		  "'file:/${each.value}': {'for_each': ['g', 'h'], 'when': "
		  "{'each.value': 'x'}}}}");
	world_put(&r, "hosts/h.json",
		  "{'version': 1, 'host': 'h', 'roles': ['a'], 'overrides': "
		  "{'file:/f': {'mode': '1'}, 'file:/g': {'mode': '2'}, "
		  "'file:/h': {'mode': '3'}}}");
	IS("file:/h", "");
	world_put(&r, "hosts/h.json",
		  "{'version': 1, 'host': 'h', 'roles': ['a'], 'resources': "
		  "{'file:/known': {}}, 'overrides': {'file:/konwn': {}}}");
	REFUSED("hosts/h.json:1:93: there is no resource 'file:/konwn' to "
		"override; did you mean \"file:/known\"?");
}
END_TEST

TEST_SUITE("overrides", what_includes_has_the_last_word,
	   null_takes_away_and_may_be_taken_back,
	   the_host_settles_what_roles_disagree_on,
	   the_order_of_roles_does_not_matter, an_override_of_nothing_is_wrong,
	   a_host_overrides_as_a_role_does)
