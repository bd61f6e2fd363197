/* SPDX-License-Identifier: MIT */
#include "lib/text/when.h"

#include <string.h>
#include <time.h>

#include "lib/text/scope_test.h"

static bool judged(const char *when, bool *holds, struct buf *error)
{
	AUTO_WORLD struct world w;
	json_t *value = read_json(when);
	const char *text;
	bool good;

	set_up(&w);
	good = when_judge(&w.scope, value, &w.arena, holds, &text);
	ck_assert_int_eq(good, !text);
	if (text)
		buf_puts(error, text);
	json_decref(value);
	return good;
}

static void check_when(const char *when, bool want)
{
	AUTO_BUF struct buf error = { 0 };
	bool holds = !want;

	ck_assert_msg(judged(when, &holds, &error), "%s: %s", when,
		      buf_text(&error));
	ck_assert_msg(holds == want, "%s: want %d", when, want);
}

static void holds(const char *when)
{
	check_when(when, true);
}

static void fails(const char *when)
{
	check_when(when, false);
}

START_TEST(all_keys_must_hold)
{
	holds("{}");
	holds("{\"host\":\"web1.example.org\"}");
	fails("{\"host\":\"web2.example.org\"}");
	holds("{\"host\":\"web1.example.org\",\"tags\":\"canary\"}");
	fails("{\"host\":\"web1.example.org\",\"tags\":\"no\"}");
	fails("{\"host\":\"no\",\"tags\":\"canary\"}");
	fails("{\"host\":\"no\",\"tags\":\"no\"}");
}
END_TEST

START_TEST(values_are_equal_by_type_and_value)
{
	holds("{\"vars.port\":8080}");
	holds("{\"vars.port\":8080.0}");
	fails("{\"vars.port\":8081}");
	fails("{\"vars.port\":\"8080\"}");
	holds("{\"vars.ratio\":0.25}");
	holds("{\"vars.on\":true,\"vars.off\":false}");
	fails("{\"vars.on\":false}");
	fails("{\"vars.on\":\"true\"}");
	fails("{\"vars.on\":1}");
	holds("{\"vars.none\":null}");
	fails("{\"vars.off\":null}");
	fails("{\"vars.none\":false}");
	holds("{\"vars.e\":\"\"}");
	fails("{\"vars.name\":\"\"}");
	fails("{\"vars.name\":\"SHOP\"}");
	fails("{\"vars.none\":\"*\"}");
}
END_TEST

START_TEST(a_list_wants_any_of_it)
{
	holds("{\"facts.os.id\":[\"debian\",\"ubuntu\"]}");
	holds("{\"facts.os.id\":[\"ubuntu\",\"debian\"]}");
	fails("{\"facts.os.id\":[\"ubuntu\",\"fedora\"]}");
	fails("{\"facts.os.id\":[]}");
	holds("{\"vars.port\":[80,8080,\"x\",null]}");
	holds("{\"facts.os.id\":[\"ub*\",\"deb*\"]}");
}
END_TEST

START_TEST(a_list_value_holds_when_any_member_does)
{
	holds("{\"tags\":\"canary\"}");
	holds("{\"tags\":\"eu-*\"}");
	fails("{\"tags\":\"us-*\"}");
	holds("{\"tags\":[\"x\",\"eu-west\"]}");
	fails("{\"tags\":[\"x\",\"y\"]}");
	fails("{\"facts.os.like\":\"*\"}");
	holds("{\"facts.sizes\":20}");
	holds("{\"facts.sizes\":{\"gt\":20}}");
	fails("{\"facts.sizes\":{\"gt\":30}}");
	fails("{\"facts.os.like\":{\"gt\":1}}");
	/* members that are no values match nothing */
	fails("{\"facts.nets\":\"*\"}");
	fails("{\"vars.list\":1}");
}
END_TEST

START_TEST(numbers_are_compared)
{
	holds("{\"facts.memory.mib\":{\"ge\":4096}}");
	holds("{\"facts.memory.mib\":{\"ge\":8192,\"le\":8192}}");
	fails("{\"facts.memory.mib\":{\"gt\":8192}}");
	fails("{\"facts.memory.mib\":{\"lt\":8192}}");
	holds("{\"facts.memory.mib\":{\"lt\":8192.5}}");
	holds("{\"facts.memory.mib\":{\"gt\":8191.5}}");
	fails("{\"facts.memory.mib\":{\"gt\":1,\"lt\":100}}");
	holds("{\"facts.memory.mib\":{\"eq\":8192}}");
	fails("{\"facts.memory.mib\":{\"ne\":8192}}");
	holds("{\"facts.memory.mib\":{\"ne\":1}}");
	holds("{\"facts.load\":{\"le\":0.5}}");
	fails("{\"facts.load\":{\"lt\":0}}");
}
END_TEST

START_TEST(a_comparison_may_have_a_comment)
{
	holds("{\"host\":{\"ne\":\"x\",\"//\":{\"is\":\"why\"}}}");
	fails("{\"host\":{\"//\":\"web1.example.org\",\"eq\":\"x\"}}");
}
END_TEST

static const char *wrong(struct world *w, const char *when, bool repeated)
{
	json_t *value = read_json(when);
	const char *text = when_wrong(&w->scope, value, repeated, &w->arena);

	json_decref(value);
	return text ? text : "";
}

START_TEST(what_no_host_can_judge_is_wrong_without_one)
{
	AUTO_WORLD struct world w;

	set_up(&w);
	ck_assert_str_eq(wrong(&w,
			       "{\"vars.no\":{\"ge\":1},\"facts.no\":[1,"
			       "\"a*\",null],\"tags\":\"no\"}",
			       false),
			 "");
	ck_assert_str_eq(wrong(&w, "{\"each.value.x\":1}", true), "");
	ck_assert_str_eq(wrong(&w, "{\"each.value\":1}", false),
			 "'each.value' is not defined");
	ck_assert_str_eq(
		wrong(&w, "{\"any\":[{\"not\":{\"tags\":\"[\"}}]}", false),
		"'tags' wants a pattern with a '[' that no ']' closes "
		"(a literal one is written \\[)");
	ck_assert_str_eq(wrong(&w, "{\"vars.no\":{\"ge\":true}}", false),
			 "'vars.no' cannot be compared with a boolean by 'ge'");
	ck_assert_str_eq(wrong(&w, "{\"vars.no\":{\"near\":1}}", false),
			 "'near' is not a comparison: must be eq, ne, lt, le, "
			 "gt or ge");
	ck_assert_str_eq(wrong(&w, "{\"host\":{\"ge\":1}}", false),
			 "'host' is a string, which 'ge' cannot compare with a "
			 "number");
}
END_TEST

/* Also where there is no host: then how they are written is wrong or right. */
START_TEST(references_are_filled_in)
{
	static const struct {
		const char *when, *apart;
	} bad[] = {
		{ "{\"host\":\"${vars.no}\"}", "" },
		{ "{\"host\":\"no\",\"not\":{\"tags\":[\"${vars.no}\"]}}", "" },
		{ "{\"vars.port\":{\"ge\":\"${vars.no}\"}}", "" },
		{ "{\"host\":\"${vars.deep}\"}", "" },
		{ "{\"host\":\"x${vars.list}\"}", "" },
		{ "{\"host\":\"${var.name}\"}", "'var.name' is not defined" },
		{ "{\"host\":{\"ne\":\"${vars.name\"}}",
		  "'${vars.name' has no closing '}'" },
	};
	AUTO_WORLD struct world w;

	holds("{\"vars.name\":\"${vars.name}\"}");
	holds("{\"vars.name\":{\"eq\":[\"x\",\"s${vars.my-key_2}*\","
	      "\"${vars.name}\"]}}");
	holds("{\"host\":\"${host}\",\"not\":{\"host\":"
	      "\"web${each.value.x}.*\"}}");
	fails("{\"vars.name\":\"x${vars.name}\"}");
	fails("{\"vars.name\":{\"ne\":\"${vars.name}\"}}");
	holds("{\"vars.port\":{\"ge\":\"${vars.port}\",\"lt\":"
	      "\"${facts.memory.mib}\"}}");
	/* a list stands for its members, a text is not filled in twice */
	holds("{\"tags\":\"${tags}\",\"facts.sizes\":[5,"
	      "\"${facts.sizes}\"]}");
	holds("{\"vars.tricky\":\"$${vars.name}\"}");
	holds("{\"vars.tricky\":\"${vars.tricky}\"}");
	set_up(&w);
	ck_assert_str_eq(wrong(&w,
			       "{\"host\":\"${facts.no}\",\"vars.n\":"
			       "{\"ge\":\"${vars.no}\"}}",
			       false),
			 "");
	for (size_t i = 0; i < COUNT(bad); i++) {
		AUTO_BUF struct buf error = { 0 };
		bool result;

		ck_assert_msg(!judged(bad[i].when, &result, &error), "%s",
			      bad[i].when);
		ck_assert_str_eq(wrong(&w, bad[i].when, false), bad[i].apart);
	}
}
END_TEST

START_TEST(large_integers_are_compared_exactly)
{
	struct world w = { 0 };
	json_t *when = read_json("{\"vars.n\":{\"lt\":9223372036854775807}}");
	const char *error;
	bool result;

	w.scope.vars = read_json("{\"n\":9223372036854775806}");
	ck_assert(when_judge(&w.scope, when, &w.arena, &result, &error));
	ck_assert(result);
	json_decref(when);
	json_decref(w.scope.vars);
	arena_release(&w.arena);
}
END_TEST

START_TEST(strings_are_ordered_as_versions)
{
	static const char *const ascending[] = {
		"",
		"1",
		"1.2",
		"1.2.3",
		"1.10",
		"2",
		"9",
		"12",
		"12.4",
		"12.5a",
		"22.04",
		"22.10",
		"100",
		"100000000000000000000",
		"100000000000000000001",
		"a",
		"a2b",
		"a10b",
		"a10c",
		"b",
	};
	AUTO_WORLD struct world w;

	set_up(&w);
	for (size_t i = 0; i < COUNT(ascending); i++) {
		for (size_t k = 0; k < COUNT(ascending); k++) {
			json_t *when = json_pack("{s:{s:s}}", "vars.v", "lt",
						 ascending[k]);
			const char *error;
			bool less;

			json_object_set_new(w.scope.vars, "v",
					    json_string(ascending[i]));
			ck_assert(when_judge(&w.scope, when, &w.arena, &less,
					     &error));
			ck_assert_msg(less == (i < k), "%s < %s: %d",
				      ascending[i], ascending[k], less);
			json_decref(when);
		}
	}
	holds("{\"facts.os.version\":{\"ge\":\"12\",\"lt\":\"13\"}}");
	holds("{\"facts.os.version\":{\"le\":\"12.05\",\"ge\":\"12.05\"}}");
}
END_TEST

START_TEST(not_equal_means_no_member_is)
{
	holds("{\"facts.os.id\":{\"ne\":\"ubuntu\"}}");
	fails("{\"facts.os.id\":{\"ne\":\"deb*\"}}");
	holds("{\"facts.os.id\":{\"ne\":[\"ubuntu\",\"fedora\"]}}");
	fails("{\"facts.os.id\":{\"ne\":[\"ubuntu\",\"debian\"]}}");
	fails("{\"tags\":{\"ne\":\"canary\"}}");
	holds("{\"tags\":{\"ne\":\"prod\"}}");
	holds("{\"facts.os.like\":{\"ne\":\"x\"}}");
	holds("{\"tags\":{\"eq\":\"canary\",\"ne\":\"prod\"}}");
	holds("{\"facts.os.id\":{\"eq\":[\"x\",\"d*\"]}}");
	holds("{\"vars.none\":{\"ne\":\"x\"}}");
}
END_TEST

START_TEST(not_and_any_nest)
{
	fails("{\"not\":{}}");
	fails("{\"not\":{\"tags\":\"canary\"}}");
	holds("{\"not\":{\"tags\":\"prod\"}}");
	holds("{\"not\":{\"tags\":\"canary\",\"vars.port\":1}}");
	holds("{\"not\":{\"not\":{\"tags\":\"canary\"}}}");
	fails("{\"not\":{\"not\":{\"tags\":\"prod\"}}}");
	fails("{\"any\":[]}");
	holds("{\"any\":[{}]}");
	holds("{\"any\":[{\"tags\":\"prod\"},{\"tags\":\"canary\"}]}");
	holds("{\"any\":[{\"tags\":\"canary\"},{\"tags\":\"prod\"}]}");
	fails("{\"any\":[{\"tags\":\"prod\"},{\"tags\":\"test\"}]}");
	fails("{\"any\":[{\"tags\":\"canary\"}],\"vars.port\":1}");
	holds("{\"vars.port\":8080,\"any\":[{\"tags\":\"canary\"}]}");
	fails("{\"any\":[{\"tags\":\"canary\",\"vars.port\":1},"
	      "{\"not\":{\"vars.port\":8080}}]}");
	holds("{\"not\":{\"any\":[{\"tags\":\"a\"},{\"tags\":\"b\"}]}}");
	holds("{\"any\":[{\"any\":[{\"tags\":\"a\"}]},"
	      "{\"any\":[{\"tags\":\"canary\"}]}],"
	      "\"not\":{\"any\":[{\"not\":{}}]}}");
	/* only alone do they mean more than a key */
	holds("{\"vars.not\":\"n\"}");
}
END_TEST

static bool matches(const char *pattern, const char *text)
{
	struct world w = { 0 };
	json_t *when = json_pack("{s:s}", "host", pattern);
	const char *error;
	bool result;

	w.scope.host = json_string(text);
	ck_assert_msg(when_judge(&w.scope, when, &w.arena, &result, &error),
		      "%s: %s", pattern, error);
	json_decref(when);
	json_decref(w.scope.host);
	arena_release(&w.arena);
	return result;
}

static const struct {
	const char *pattern, *text;
	bool want;
} globs[] = {
	{ "*", "", true },
	{ "*", "abc", true },
	{ "**", "abc", true },
	{ "", "", true },
	{ "?", "", false },
	{ "?", "a", true },
	{ "?", "ab", false },
	{ "??", "ab", true },
	{ "a*", "abc", true },
	{ "a*", "bc", false },
	{ "*c", "abc", true },
	{ "*c", "abcd", false },
	{ "a*c", "ac", true },
	{ "a*c", "abbbc", true },
	{ "a*c", "abbb", false },
	{ "*b*", "abc", true },
	{ "*b*b*", "abc", false },
	{ "a*b*c*d", "axxbxxbcxcd", true },
	{ "*ab", "aab", true },
	{ "*aab", "aaab", true },
	{ "web?.*", "web1.example.org", true },
	{ "web?.*", "web12.example.org", false },
	{ "*.example.org", "web1.example.org", true },
	{ "*.org", "web1.example.org.evil", false },
	{ "A*", "abc", false },
	/* sets */
	{ "[a-c]", "b", true },
	{ "[a-c]", "d", false },
	{ "[abc]", "c", true },
	{ "[a-cx-z]", "y", true },
	{ "[!a-c]", "d", true },
	{ "[!a-c]", "b", false },
	{ "[^a-c]", "b", false },
	{ "[!a]", "", false },
	{ "[a-]", "-", true },
	{ "[-a]", "-", true },
	{ "[]a]", "]", true },
	{ "[]a]", "a", true },
	{ "[!]a]", "b", true },
	{ "[!]a]", "]", false },
	{ "[a!]", "!", true },
	{ "[[]", "[", true },
	{ "[\\]]", "]", true },
	{ "[\\]]x", "]x", true },
	{ "[a\\-z]", "-", true },
	{ "[a\\-z]", "m", false },
	{ "[c-a]", "b", false },
	{ "[*?]", "*", true },
	{ "[*?]", "x", false },
	{ "web[0-9]*", "web1.example.org", true },
	{ "web[0-9][0-9]", "web1", false },
	{ "*[0-9]", "abc7", true },
	{ "*[0-9]x", "a1b2x", true },
	/* literal */
	{ "\\*", "*", true },
	{ "\\*", "a", false },
	{ "\\?\\[", "?[", true },
	{ "\\a", "a", true },
	{ "\\\\", "\\", true },
	{ "a\\", "a\\", true },
	{ "a\\", "a", false },
	{ "]", "]", true },
	{ "a-z", "a-z", true },
	/* a character is one however many bytes it has */
	{ "?", "\xc3\xb6", true },
	{ "??", "\xc3\xb6", false },
	{ "*\xc3\xb6*", "sch\xc3\xb6n", true },
	{ "[\xc3\xa4-\xc3\xbc]", "\xc3\xb6", true },
	{ "[\xc3\xa4-\xc3\xb5]", "\xc3\xb6", false },
	{ "[!a]\xe2\x82\xac", "\xf0\x9f\x98\x80\xe2\x82\xac", true },
};

START_TEST(strings_may_be_globs)
{
	for (size_t i = 0; i < COUNT(globs); i++)
		ck_assert_msg(matches(globs[i].pattern, globs[i].text) ==
				      globs[i].want,
			      "'%s' on '%s'", globs[i].pattern, globs[i].text);
}
END_TEST

START_TEST(globs_of_many_stars_are_quick)
{
	AUTO_BUF struct buf pattern = { 0 };
	AUTO_BUF struct buf text = { 0 };
	clock_t start = clock();

	for (int i = 0; i < 100; i++)
		buf_puts(&pattern, "*a");
	buf_puts(&pattern, "*b");
	for (int i = 0; i < 20000; i++)
		buf_putc(&text, 'a');
	ck_assert(!matches(pattern.text, text.text));
	buf_putc(&text, 'b');
	ck_assert(matches(pattern.text, text.text));
	ck_assert_int_lt(clock() - start, 5 * CLOCKS_PER_SEC);
}
END_TEST

START_TEST(long_strings_without_globs_are_compared)
{
	AUTO_BUF struct buf text = { 0 };

	for (int i = 0; i < 1000; i++)
		buf_putc(&text, 'x');
	ck_assert(matches(text.text, text.text));
	ck_assert(!matches(text.text, text.text + 1));
}
END_TEST

static const struct {
	const char *when, *want;
} malformed[] = {
	{ "1", "'when' must be an object of conditions, not a number" },
	{ "[]", "'when' must be an object of conditions, not a list" },
	{ "null", "'when' must be an object of conditions, not null" },
	{ "{\"vars.x\":1}", "'vars.x' is not defined" },
	{ "{\"os\":1}", "'os' is not defined" },
	{ "{\"\":1}", "'' is not defined" },
	{ "{\"Not\":{}}", "'Not' is not defined" },
	{ "{\"facts.os\":\"debian\"}",
	  "'facts.os' is an object, name a member of it" },
	{ "{\"host\":{}}", "'host' has no comparison" },
	{ "{\"host\":{\"//\":\"x\"}}", "'host' has no comparison" },
	{ "{\"host\":{\"is\":\"x\"}}",
	  "'is' is not a comparison: must be eq, ne, lt, le, gt or ge" },
	{ "{\"host\":[[\"x\"]]}",
	  "'host' can be compared with strings, numbers, booleans and null, "
	  "not with a list" },
	{ "{\"host\":[{\"eq\":\"x\"}]}",
	  "'host' can be compared with strings, numbers, booleans and null, "
	  "not with an object" },
	{ "{\"host\":{\"ne\":{}}}",
	  "'host' can be compared with strings, numbers, booleans and null, "
	  "not with an object" },
	{ "{\"vars.port\":{\"ge\":\"80\"}}",
	  "'vars.port' is a number, which 'ge' cannot compare with a string" },
	{ "{\"host\":{\"lt\":5}}",
	  "'host' is a string, which 'lt' cannot compare with a number" },
	{ "{\"vars.on\":{\"gt\":false}}",
	  "'vars.on' is a boolean, which 'gt' cannot compare with a boolean" },
	{ "{\"vars.none\":{\"le\":1}}",
	  "'vars.none' is null, which 'le' cannot compare with a number" },
	{ "{\"vars.port\":{\"ge\":[1]}}",
	  "'vars.port' is a number, which 'ge' cannot compare with a list" },
	{ "{\"tags\":{\"ge\":1}}",
	  "'tags' is a string, which 'ge' cannot compare with a number" },
	{ "{\"not\":[]}", "'not' must be an object of conditions, not a list" },
	{ "{\"not\":true}",
	  "'not' must be an object of conditions, not a boolean" },
	{ "{\"any\":{}}", "'any' must be a list of conditions, not an object" },
	{ "{\"any\":[\"x\"]}",
	  "a member of 'any' must be an object of conditions, not a string" },
	{ "{\"host\":\"[a\"}",
	  "'host' wants a pattern with a '[' that no ']' closes "
	  "(a literal one is written \\[)" },
	{ "{\"host\":\"x[]\"}",
	  "'host' wants a pattern with a '[' that no ']' closes "
	  "(a literal one is written \\[)" },
};

START_TEST(malformed_conditions_are_errors)
{
	for (size_t i = 0; i < COUNT(malformed); i++) {
		AUTO_BUF struct buf error = { 0 };
		bool result = true;

		ck_assert_msg(!judged(malformed[i].when, &result, &error),
			      "%s is taken", malformed[i].when);
		ck_assert_str_eq(error.text, malformed[i].want);
		ck_assert(!result);
	}
}
END_TEST

/* Else a slip would show only on the host where the rest holds. */
START_TEST(errors_do_not_hide_behind_what_fails)
{
	static const char *const whens[] = {
		"{\"host\":\"no\",\"vars.x\":1}",
		"{\"any\":[{\"host\":\"*\"},{\"vars.x\":1}]}",
		"{\"not\":{\"host\":\"no\",\"vars.x\":1}}",
		"{\"host\":\"no\",\"not\":{\"vars.x\":1}}",
	};

	for (size_t i = 0; i < COUNT(whens); i++) {
		AUTO_BUF struct buf error = { 0 };
		bool result;

		ck_assert(!judged(whens[i], &result, &error));
		ck_assert_str_eq(error.text, "'vars.x' is not defined");
	}
}
END_TEST

static void nested_not(struct buf *b, int depth)
{
	for (int i = 0; i < depth; i++)
		buf_puts(b, "{\"not\":");
	buf_puts(b, "{}");
	for (int i = 0; i < depth; i++)
		buf_putc(b, '}');
}

START_TEST(conditions_nest_64_deep)
{
	AUTO_BUF struct buf when = { 0 };
	AUTO_BUF struct buf error = { 0 };
	bool result;

	nested_not(&when, 63);
	check_when(when.text, false);
	buf_clear(&when);
	nested_not(&when, 62);
	check_when(when.text, true);
	buf_clear(&when);
	nested_not(&when, 64);
	ck_assert(!judged(when.text, &result, &error));
	ck_assert_str_eq(error.text, "conditions are nested more than 64 deep");
}
END_TEST

START_TEST(long_globs_are_errors)
{
	AUTO_BUF struct buf pattern = { 0 };
	struct world w = { 0 };
	const char *error;
	json_t *when;
	bool result;

	for (int i = 0; i < 255; i++)
		buf_putc(&pattern, '*');
	ck_assert(matches(pattern.text, "x"));
	buf_putc(&pattern, '*');
	w.scope.host = json_string("x");
	when = json_pack("{s:s}", "host", pattern.text);
	ck_assert(!when_judge(&w.scope, when, &w.arena, &result, &error));
	ck_assert_str_eq(error, "'host' wants a pattern longer than 255 bytes");
	json_decref(when);
	json_decref(w.scope.host);
	arena_release(&w.arena);
}
END_TEST

/* Of a list of 1000 numbers and one of n, or of short texts and patterns. */
static bool compares(size_t left, size_t n, bool pattern)
{
	const char *error = NULL;
	json_t *list = json_array(), *want = json_array(), *when;
	struct scope scope = { .left = &left };
	struct arena a = { 0 };
	bool holds, ok;

	for (int i = 0; i < 1000; i++)
		json_array_append_new(list, pattern ? json_string("xxxx")
						    : json_integer(i));
	for (size_t i = 0; i < n; i++)
		json_array_append_new(want, pattern ? json_string("*y*")
						    : json_integer(-1));
	scope.vars = json_pack("{s:o}", "list", list);
	when = json_pack("{s:o}", "vars.list", want);
	ok = when_judge(&scope, when, &a, &holds, &error);
	if (!ok)
		ck_assert_str_eq(error, "conditions compare too much in all");
	json_decref(scope.vars);
	json_decref(when);
	arena_release(&a);
	return ok;
}

START_TEST(comparisons_have_an_end)
{
	ck_assert(compares(10000, 10, false));
	ck_assert(!compares(10000, 11, false));
	ck_assert(!compares(9999, 10, false));
	/* three quarters of four, for each */
	ck_assert(compares(4000, 1, true));
	ck_assert(!compares(3999, 1, true));
}
END_TEST

TEST_SUITE("when", all_keys_must_hold, values_are_equal_by_type_and_value,
	   a_list_wants_any_of_it, a_list_value_holds_when_any_member_does,
	   numbers_are_compared, a_comparison_may_have_a_comment,
	   what_no_host_can_judge_is_wrong_without_one,
	   references_are_filled_in, large_integers_are_compared_exactly,
	   strings_are_ordered_as_versions, not_equal_means_no_member_is,
	   not_and_any_nest, strings_may_be_globs,
	   globs_of_many_stars_are_quick,
	   long_strings_without_globs_are_compared,
	   malformed_conditions_are_errors,
	   errors_do_not_hide_behind_what_fails, conditions_nest_64_deep,
	   long_globs_are_errors, comparisons_have_an_end)
