/* SPDX-License-Identifier: MIT */
#include "lib/text/value.h"

#include <string.h>

#include "lib/base/auto.h"
#include "lib/test.h"

static json_t *parsed(const char *text)
{
	json_t *j = json_loads(text, JSON_DECODE_ANY, NULL);

	ck_assert_ptr_nonnull(j);
	return j;
}

static bool is(json_t *value, const char *want)
{
	json_t *wanted = want ? parsed(want) : NULL;
	bool same =
		wanted && value ? json_equal(value, wanted) : value == wanted;

	json_decref(wanted);
	return same;
}

START_TEST(follows_pointers)
{
	/* those of RFC 6901, section 5, and some that lead nowhere */
	static const struct {
		const char *pointer, *value;
	} table[] = {
		{ "/foo", "[\"bar\", \"baz\"]" },
		{ "/foo/0", "\"bar\"" },
		{ "/", "0" },
		{ "/a~1b", "1" },
		{ "/c%d", "2" },
		{ "/m~0n", "8" },
		{ "/foo/2", NULL },
		{ "/foo/-", NULL },
		{ "/foo/x", NULL },
		{ "/foo/0/x", NULL },
		{ "/none/x", NULL },
	};
	json_t *root = parsed("{\"foo\": [\"bar\", \"baz\"], \"\": 0, "
			      "\"a/b\": 1, \"c%d\": 2, \"m~n\": 8}");

	ck_assert_ptr_eq(value_at(root, ""), root);
	for (size_t i = 0; i < COUNT(table); i++)
		ck_assert(is(value_at(root, table[i].pointer), table[i].value));
	json_decref(root);
}
END_TEST

static bool everywhere(json_t *root, const char *pointer, const char *want)
{
	json_t *value = value_everywhere(root, pointer);
	bool same = is(value, want);

	json_decref(value);
	return same;
}

START_TEST(takes_rules_together)
{
	json_t *root = parsed("{\"rules\": [{\"vars\": {\"a\": 1}}, {}, "
			      "{\"vars\": {\"a\": 2}}], \"vars\": {\"a\": 3}}");

	ck_assert(everywhere(root, "/rules/7/vars/a", "[1, 2]"));
	ck_assert(everywhere(root, "/rules/0/vars/b", NULL));
	ck_assert(everywhere(root, "/vars/a", "3"));
	ck_assert(everywhere(root, "/vars/b", NULL));
	json_decref(root);
}
END_TEST

START_TEST(knows_members)
{
	json_t *list = parsed("[\"a\", [\"b\"], 1]");

	ck_assert(value_has(list, "a"));
	ck_assert(value_has(list, "b"));
	ck_assert(!value_has(list, "c"));
	ck_assert(!value_has(NULL, "a"));
	json_decref(list);
}
END_TEST

TEST_SUITE("value", follows_pointers, takes_rules_together, knows_members)
