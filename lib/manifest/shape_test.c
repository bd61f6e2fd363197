/* SPDX-License-Identifier: MIT */
#include "lib/manifest/shape.h"

#include "lib/fixture_test.h"

START_TEST(names_of_roles)
{
	static const char *const good[] = { "a", "web/tls", "a.b",  "a_b-c",
					    "0", "a/-b",    "A/b/c" };
	static const char *const bad[] = { "",         ".",    "..",   "/a",
					   "a/",       "a//b", "a/.b", "a/../b",
					   ".a",       "-a",   "a b",  "a\n",
					   "\xc3\xa4", "a:b" };
	char longest[202];

	for (size_t i = 0; i < COUNT(good); i++)
		ck_assert_msg(shape_is_role(good[i]), "%s", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(!shape_is_role(bad[i]), "%s", bad[i]);
	memset(longest, 'a', sizeof(longest));
	longest[201] = '\0';
	ck_assert(!shape_is_role(longest));
	longest[200] = '\0';
	ck_assert(shape_is_role(longest));
}
END_TEST

START_TEST(vars_are_found_wherever_they_are_named)
{
	static const struct {
		const char *when, *found;
	} rows[] = {
		{ "{'host': 'a', 'facts.vars.x': 1}", NULL },
		{ "{'vars.x': 1}", "vars.x" },
		{ "{'vars': 1}", "vars" },
		{ "{'variant': 1}", NULL },
		{ "{'not': {'not': {'vars.x': 1}}}", "vars.x" },
		{ "{'any': [{'host': 'a'}, {'vars.y': 1}]}", "vars.y" },
		{ "{'tags': ['vars.x'], 'facts.x': {'eq': 'vars.y'}}", NULL },
		{ "{'tags': ['a', 'x${vars.x}']}", "x${vars.x}" },
		{ "{'not': {'facts.x': {'ne': '${vars}'}}}", "${vars}" },
		{ "{'tags': ['$${vars.x}', '${host}'], '//': '${vars.x}'}",
		  NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *when = fixture_json(rows[i].when);
		const char *found = shape_names_vars(when);

		ck_assert_pstr_eq(found, rows[i].found);
		json_decref(when);
	}
}
END_TEST

START_TEST(policies)
{
	static const struct {
		const char *part;
		int disruption;
		long removals;
		bool percent;
	} rows[] = {
		{ "{}", -1, -1, false },
		{ "{'policy': 7}", -1, -1, false },
		{ "{'policy': {'max_disruption': 'none'}}", 0, -1, false },
		{ "{'policy': {'max_disruption': 'much'}}", -1, -1, false },
		{ "{'policy': {'max_removals': 0}}", -1, 0, false },
		{ "{'policy': {'max_removals': '200%'}}", -1, 100, true },
		{ "{'policy': {'max_removals': 9223372036854775807}}", -1,
		  2147483647, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *part = fixture_json(rows[i].part);
		struct policy policy = policy_of(part);

		ck_assert_int_eq(policy.max_disruption, rows[i].disruption);
		ck_assert_int_eq(policy.max_removals, rows[i].removals);
		ck_assert_int_eq(policy.removals_percent, rows[i].percent);
		json_decref(part);
	}
}
END_TEST

/* Keys that each kind of part takes, as many as it has in all. */
START_TEST(each_kind_has_its_keys)
{
	static const struct {
		enum shape kind;
		const char *part;
		size_t wrong;
	} rows[] = {
		{ SHAPE_WORLD,
		  "{'version': 1, 'vars': {}, 'facts': {}, 'policy': {}, "
		  "'templates': {}, '$schema': '', '//': 1}",
		  0 },
		{ SHAPE_WORLD, "{}", 1 },
		{ SHAPE_WORLD,
		  "{'version': 1, 'host': 'h', 'roles': [], 'tags': [], "
		  "'resources': {}, 'overrides': {}, 'defaults': {}, 'rules': "
		  "[], 'include': [], 'when': {}, 'description': ''}",
		  10 },
		{ SHAPE_HOST,
		  "{'version': 1, 'host': 'h', 'roles': [], 'tags': [], "
		  "'vars': {}, 'facts': {}, 'defaults': {}, 'resources': {}, "
		  "'overrides': {}, 'policy': {}, '$schema': '', '//': 1}",
		  0 },
		{ SHAPE_HOST, "{}", 2 },
		{ SHAPE_HOST,
		  "{'version': 1, 'host': 'h', 'templates': {}, 'rules': [], "
		  "'include': [], 'when': {}, 'description': ''}",
		  5 },
		{ SHAPE_ROLE,
		  "{'version': 1, 'description': '', 'include': [], 'vars': "
		  "{}, 'defaults': {}, 'resources': {}, 'rules': [], "
		  "'overrides': {}, 'policy': {}, '$schema': '', '//': 1}",
		  0 },
		{ SHAPE_ROLE, "{}", 0 },
		{ SHAPE_ROLE,
		  "{'host': 'h', 'roles': [], 'tags': [], 'facts': {}, "
		  "'templates': {}, 'when': {}}",
		  6 },
		{ SHAPE_RULE,
		  "{'when': {}, 'description': '', 'include': [], 'vars': {}, "
		  "'resources': {}, 'overrides': {}, 'policy': {}, '//': 1}",
		  0 },
		{ SHAPE_RULE, "{}", 1 },
		{ SHAPE_RULE,
		  "{'when': {}, 'version': 1, 'defaults': {}, 'rules': [], "
		  "'$schema': ''}",
		  4 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_DIAGS struct diags d = { 0 };
		json_t *part = fixture_json(rows[i].part);
		struct manifest m;

		manifest_begin(&m, NULL, "x",
			       &(struct manifest_options){ .host = "h",
							   .is_world = true });
		ck_assert(shape_check(&m, rows[i].kind, part, "", &d) ==
			  !rows[i].wrong);
		ck_assert_msg(d.n == rows[i].wrong, "%zu errors: %s", d.n,
			      rows[i].part);
		manifest_release(&m);
		json_decref(part);
	}
}
END_TEST

TEST_SUITE("shape", names_of_roles, vars_are_found_wherever_they_are_named,
	   policies, each_kind_has_its_keys)
