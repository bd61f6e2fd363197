/* SPDX-License-Identifier: MIT */
#include "lib/text/scope.h"

#include <string.h>
#include <time.h>

#include "lib/test.h"

#define LITERAL " (a literal ${ is written $${)"

struct world {
	struct scope scope;
	json_t *facts;
	unsigned asked; /* times that facts were gathered */
	struct arena arena;
};

static json_t *gather(void *context, const char *name, size_t size)
{
	struct world *w = context;

	(void)name;
	(void)size;
	w->asked++;
	return w->facts;
}

static json_t *read_json(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_DECODE_ANY, &error);

	ck_assert_msg(value, "%s in %s", error.text, text);
	return value;
}

static void set_up(struct world *w)
{
	*w = (struct world){ 0 };
	w->facts =
		read_json("{\"os\":{\"id\":\"debian\",\"version\":\"12.5\","
			  "\"like\":[]},\"memory\":{\"mib\":8192},\"load\":0.5,"
			  "\"virtual\":true,\"disk\":null,"
			  "\"nets\":[{\"name\":\"eth0\"},{\"name\":\"lo\"}],"
			  "\"sizes\":[10,20,30]}");
	w->scope = (struct scope){
		.host = json_string("web1.example.org"),
		.tags = read_json("[\"canary\",\"eu-west\"]"),
		.vars = read_json(
			"{\"name\":\"shop\",\"port\":8080,\"ratio\":0.25,"
			"\"on\":true,\"off\":false,\"none\":null,\"e\":\"\","
			"\"list\":[\"a\",\"b\",[1]],\"deep\":{\"a\":{\"b\":"
			"\"c\"}},\"0\":\"zero\",\"my-key_2\":\"k\","
			"\"tricky\":\"${vars.name}\",\"gr\xc3\xb6\xc3\x9f\":1,"
			"\"a.b\":\"dot\",\"not\":\"n\"}"),
		.each = read_json("{\"key\":\"k1\",\"value\":{\"x\":7}}"),
		.facts = gather,
		.context = w,
	};
}

static void tear_down(struct world *w)
{
	json_decref(w->scope.host);
	json_decref(w->scope.tags);
	json_decref(w->scope.vars);
	json_decref(w->scope.each);
	json_decref(w->facts);
	arena_release(&w->arena);
}

#define AUTO_WORLD AUTO(tear_down)

static json_t *get(const struct world *w, const char *name)
{
	return scope_get(&w->scope, name, strlen(name));
}

START_TEST(names_lead_to_values)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "host", "\"web1.example.org\"" },
		{ "tags", "[\"canary\",\"eu-west\"]" },
		{ "tags.1", "\"eu-west\"" },
		{ "vars.name", "\"shop\"" },
		{ "vars.none", "null" },
		{ "vars.deep.a.b", "\"c\"" },
		{ "vars.list.2.0", "1" },
		{ "vars.0", "\"zero\"" },
		{ "vars.my-key_2", "\"k\"" },
		{ "vars.gr\xc3\xb6\xc3\x9f", "1" },
		{ "each", "{\"key\":\"k1\",\"value\":{\"x\":7}}" },
		{ "each.key", "\"k1\"" },
		{ "each.value.x", "7" },
		{ "facts.os.id", "\"debian\"" },
		{ "facts.nets.1.name", "\"lo\"" },
		{ "facts.os.like", "[]" },
	};
	AUTO_WORLD struct world w;

	set_up(&w);
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *want = read_json(cases[i].want);

		ck_assert_msg(json_equal(get(&w, cases[i].name), want), "%s",
			      cases[i].name);
		json_decref(want);
	}
}
END_TEST

START_TEST(other_names_lead_nowhere)
{
	static const char *const names[] = {
		"",
		".",
		"..",
		"hosts",
		"hos",
		"Host",
		"HOME",
		"host.x",
		"host.0",
		"vars.",
		".vars",
		"vars..name",
		"vars.nam",
		"vars.names",
		"vars.name.x",
		"vars.port.0",
		"vars.none.x",
		"tags.2",
		"tags.-1",
		"tags.+1",
		"tags.01",
		"tags.00",
		"tags.x",
		"tags.0x0",
		"tags. 0",
		"tags.4294967296",
		"tags.18446744073709551616",
		"tags.99999999999999999999999999",
		"vars.list.2.1",
		"vars.a.b",
		"vars name",
		"facts.x",
		"each.index",
		"facts.os.like.0",
		"vars.list.",
	};
	AUTO_WORLD struct world w;

	set_up(&w);
	for (size_t i = 0; i < COUNT(names); i++)
		ck_assert_msg(!get(&w, names[i]), "'%s'", names[i]);
}
END_TEST

START_TEST(size_ends_a_name)
{
	AUTO_WORLD struct world w;

	set_up(&w);
	ck_assert_ptr_eq(scope_get(&w.scope, "hostname", 4), w.scope.host);
	ck_assert_ptr_eq(scope_get(&w.scope, "vars.name.x", 4), w.scope.vars);
	ck_assert_ptr_null(scope_get(&w.scope, "host\0x", 6));
	ck_assert_ptr_null(scope_get(&w.scope, "vars.name\0", 10));
}
END_TEST

START_TEST(facts_are_gathered_only_when_asked_for)
{
	AUTO_WORLD struct world w;

	set_up(&w);
	get(&w, "host");
	get(&w, "vars.facts");
	get(&w, "factsy");
	ck_assert_uint_eq(w.asked, 0);
	ck_assert_ptr_eq(get(&w, "facts"), w.facts);
	ck_assert_uint_eq(w.asked, 1);
}
END_TEST

START_TEST(empty_scope_has_no_names)
{
	struct world w = { 0 };

	ck_assert_ptr_null(get(&w, "host"));
	ck_assert_ptr_null(get(&w, "tags.0"));
	ck_assert_ptr_null(get(&w, "vars.x"));
	ck_assert_ptr_null(get(&w, "each.key"));
	ck_assert_ptr_null(get(&w, "facts.os"));
	w.scope.facts = gather;
	w.scope.context = &w;
	ck_assert_ptr_null(get(&w, "facts.os"));
}
END_TEST

START_TEST(long_names_lead_nowhere)
{
	AUTO_BUF struct buf name = { 0 };
	struct world w = { 0 };
	json_t *want = json_integer(1);

	buf_puts(&name, "vars.");
	while (name.size < 1024)
		buf_putc(&name, 'x');
	w.scope.vars = json_object();
	json_object_set_new(w.scope.vars, name.text + 5, want);
	ck_assert_ptr_eq(get(&w, name.text), want);
	buf_putc(&name, 'x');
	json_object_set_new(w.scope.vars, name.text + 5, json_integer(2));
	ck_assert_ptr_null(get(&w, name.text));
	json_decref(w.scope.vars);
}
END_TEST

START_TEST(names_go_on_inside_a_value)
{
	AUTO_WORLD struct world w;

	set_up(&w);
	ck_assert_str_eq(
		json_string_value(scope_inside(w.facts, "nets.0.name", 11)),
		"eth0");
	ck_assert_ptr_null(scope_inside(w.facts, "facts.os", 8));
	ck_assert_ptr_null(scope_inside(w.scope.host, "x", 1));
	ck_assert_ptr_null(scope_inside(w.facts, "", 0));
	ck_assert_ptr_null(scope_inside(NULL, "x", 1));
}
END_TEST

static json_t *expand(struct world *w, const char *text, const char **error)
{
	return scope_expand(&w->scope, text, strlen(text), &w->arena, error);
}

static void check_expand(const char *text, const char *want_json)
{
	AUTO_WORLD struct world w;
	const char *error;
	json_t *want = read_json(want_json), *have;

	set_up(&w);
	have = expand(&w, text, &error);
	ck_assert_msg(have, "%s: %s", text, error);
	ck_assert_ptr_null(error);
	ck_assert_msg(json_equal(have, want), "%s: want %s", text, want_json);
	json_decref(want);
	json_decref(have);
}

START_TEST(text_without_references_stays)
{
	check_expand("", "\"\"");
	check_expand("plain", "\"plain\"");
	check_expand("$", "\"$\"");
	check_expand("$$", "\"$$\"");
	check_expand("a$b $1 $(x) $ {y} {z}", "\"a$b $1 $(x) $ {y} {z}\"");
	check_expand("100 $", "\"100 $\"");
	check_expand("}{", "\"}{\"");
	check_expand("gr\xc3\xb6\xc3\x9f"
		     "e",
		     "\"gr\xc3\xb6\xc3\x9f"
		     "e\"");
	check_expand("{{vars.name}}", "\"{{vars.name}}\"");
}
END_TEST

START_TEST(references_are_replaced)
{
	check_expand("<${vars.name}>", "\"<shop>\"");
	check_expand("${vars.name}:${vars.port}", "\"shop:8080\"");
	check_expand("${vars.name}${vars.name}", "\"shopshop\"");
	check_expand("${host} ${vars.on} ${vars.off}",
		     "\"web1.example.org true false\"");
	check_expand("x${vars.ratio}", "\"x0.25\"");
	check_expand("[${vars.e}]", "\"[]\"");
	check_expand("${each.key}=${each.value.x}", "\"k1=7\"");
	check_expand("${tags.0} ", "\"canary \"");
	check_expand("${vars.gr\xc3\xb6\xc3\x9f}.", "\"1.\"");
	check_expand("$${vars.name}}", "\"${vars.name}}\"");
	check_expand("${vars.name}}", "\"shop}\"");
	check_expand("{${vars.name}", "\"{shop\"");
	check_expand("$ ${vars.name}$", "\"$ shop$\"");
}
END_TEST

START_TEST(two_dollars_stand_for_one_before_a_brace)
{
	check_expand("$${vars.name}", "\"${vars.name}\"");
	check_expand("$${", "\"${\"");
	check_expand("$${}", "\"${}\"");
	check_expand("$$${x}", "\"$${x}\"");
	check_expand("$$$${", "\"$$${\"");
	check_expand("a $${HOME} ${vars.name}", "\"a ${HOME} shop\"");
	check_expand("$${a${vars.port}", "\"${a8080\"");
	check_expand("$$ ${vars.port}", "\"$$ 8080\"");
}
END_TEST

START_TEST(values_are_not_expanded_again)
{
	check_expand("${vars.tricky}", "\"${vars.name}\"");
	check_expand("<${vars.tricky}>", "\"<${vars.name}>\"");
}
END_TEST

START_TEST(text_of_one_reference_is_that_value)
{
	static const char *const names[] = {
		"host",      "tags",      "vars.port", "vars.ratio", "vars.on",
		"vars.none", "vars.list", "vars.deep", "each",       "facts",
	};
	AUTO_WORLD struct world w;

	set_up(&w);
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *text = arena_printf(&w.arena, "${%s}", names[i]);
		json_t *want = get(&w, names[i]);
		size_t references = want->refcount;
		const char *error;
		json_t *have = expand(&w, text, &error);

		ck_assert_ptr_eq(have, want);
		if (references != (size_t)-1) /* not true, false or null */
			ck_assert_uint_eq(have->refcount, references + 1);
		json_decref(have);
	}
}
END_TEST

static void check_expand_error(const char *text, const char *want)
{
	AUTO_WORLD struct world w;
	const char *error = "nothing";

	set_up(&w);
	ck_assert_msg(!expand(&w, text, &error), "'%s' is taken", text);
	ck_assert_str_eq(error, want);
}

START_TEST(undefined_references_are_errors)
{
	check_expand_error("${vars.x}", "'vars.x' is not defined");
	check_expand_error("a${vars.x}b", "'vars.x' is not defined");
	check_expand_error("${vars.name} ${vars.name.x}",
			   "'vars.name.x' is not defined");
	check_expand_error("${vars.prot}", "'vars.prot' is not defined; did "
					   "you mean 'vars.port'?");
	check_expand_error("${vars.prot.x}", "'vars.prot.x' is not defined; "
					     "did you mean 'vars.port.x'?");
	check_expand_error("${facts.local.x}",
			   "'facts.local.x' is not defined");
	check_expand_error("${facts.cpu}", "'facts.cpu' is not defined");
	check_expand_error("${HOME}", "'HOME' is not defined" LITERAL);
	check_expand_error("echo ${1}", "'1' is not defined" LITERAL);
}
END_TEST

START_TEST(malformed_references_are_errors)
{
	static const char *const names[] = {
		"",           " ",           " vars.name", "vars.name ",
		"vars..name", ".vars",       "vars.",      ".",
		"x:-y",       "#x",          "vars[0]",    "a b",
		"$x",         "${vars.name", "a\tb",       "a\nb",
		"vars/name",  "vars.\"x\"",  "a{b",        "\x7f",
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		AUTO_BUF struct buf text = { 0 };
		AUTO_BUF struct buf want = { 0 };

		buf_printf(&text, "${%s}", names[i]);
		buf_printf(&want,
			   "'${%s}' must be a reference such as "
			   "${vars.name}%s",
			   names[i], LITERAL);
		check_expand_error(text.text, want.text);
		buf_puts(&text, " and more");
		check_expand_error(text.text, want.text);
	}
}
END_TEST

START_TEST(unclosed_references_are_errors)
{
	check_expand_error("${", "'${' has no closing '}'");
	check_expand_error("${vars.name", "'${vars.name' has no closing '}'");
	check_expand_error("a ${vars.name and more",
			   "'${vars.name and more' has no closing '}'");
	check_expand_error("}${vars.name", "'${vars.name' has no closing '}'");
	check_expand_error("$${${", "'${' has no closing '}'");
}
END_TEST

START_TEST(values_that_are_no_text_cannot_be_part_of_one)
{
	check_expand_error(
		" ${vars.list}",
		"'vars.list' is a list, which cannot be part of a text");
	check_expand_error(
		"${vars.deep} ",
		"'vars.deep' is an object, which cannot be part of a text");
	check_expand_error(
		"${vars.none}${vars.none}",
		"'vars.none' is null, which cannot be part of a text");
}
END_TEST

START_TEST(errors_show_the_beginning_of_long_names)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_WORLD struct world w;
	const char *error;

	set_up(&w);
	buf_puts(&text, "${vars.");
	for (int i = 0; i < 5000; i++)
		buf_putc(&text, 'x');
	ck_assert_ptr_null(expand(&w, text.text, &error));
	ck_assert_uint_lt(strlen(error), 200);
	buf_puts(&text, "}");
	ck_assert_ptr_null(expand(&w, text.text, &error));
	ck_assert_uint_lt(strlen(error), 200);
}
END_TEST

START_TEST(expanded_text_ends_at_16_mib)
{
	enum { MIB = 1024 * 1024 };
	AUTO_BUF struct buf big = { 0 };
	AUTO_BUF struct buf text = { 0 };
	struct world w = { 0 };
	const char *error;
	json_t *value;

	memset(buf_reserve(&big, MIB), 'x', MIB);
	big.size = MIB;
	w.scope.vars = json_object();
	json_object_set_new(w.scope.vars, "big",
			    json_stringn(big.text, big.size));
	for (int i = 0; i < 16; i++)
		buf_puts(&text, "${vars.big}");
	value = expand(&w, text.text, &error);
	ck_assert_uint_eq(json_string_length(value), 16 * MIB);
	json_decref(value);
	buf_puts(&text, "y");
	ck_assert_ptr_null(expand(&w, text.text, &error));
	ck_assert_str_eq(error, "the text is longer than 16 MiB when expanded");
	json_decref(w.scope.vars);
	arena_release(&w.arena);
}
END_TEST

START_TEST(text_that_is_no_utf8_is_an_error)
{
	check_expand_error("\xff", "the text is not valid UTF-8");
	check_expand_error("${vars.name}\xc3", "the text is not valid UTF-8");
}
END_TEST

static bool judged(const char *when, bool *holds, struct buf *error)
{
	AUTO_WORLD struct world w;
	json_t *value = read_json(when);
	const char *text;
	bool good;

	set_up(&w);
	good = scope_when(&w.scope, value, &w.arena, holds, &text);
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

START_TEST(large_integers_are_compared_exactly)
{
	struct world w = { 0 };
	json_t *when = read_json("{\"vars.n\":{\"lt\":9223372036854775807}}");
	const char *error;
	bool result;

	w.scope.vars = read_json("{\"n\":9223372036854775806}");
	ck_assert(scope_when(&w.scope, when, &w.arena, &result, &error));
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
			ck_assert(scope_when(&w.scope, when, &w.arena, &less,
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
	ck_assert_msg(scope_when(&w.scope, when, &w.arena, &result, &error),
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
	ck_assert(!scope_when(&w.scope, when, &w.arena, &result, &error));
	ck_assert_str_eq(error, "'host' wants a pattern longer than 255 bytes");
	json_decref(when);
	json_decref(w.scope.host);
	arena_release(&w.arena);
}
END_TEST

START_TEST(values_become_text)
{
	static const struct {
		const char *json, *want;
	} cases[] = {
		{ "\"\"", "" },
		{ "\"a b\"", "a b" },
		{ "0", "0" },
		{ "-9223372036854775808", "-9223372036854775808" },
		{ "true", "true" },
		{ "false", "false" },
		{ "0.1", "0.1" },
		{ "1.0", "1" },
		{ "-2.5e-3", "-0.0025" },
		{ "1e21", "1e+21" },
		{ "123456.789", "123456.789" },
		{ "0.30000000000000004", "0.30000000000000004" },
		{ "5e-324", "4.94065645841247e-324" },
		{ "1.7976931348623157e308", "1.7976931348623157e+308" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO_BUF struct buf out = { 0 };
		json_t *value = read_json(cases[i].json);

		buf_puts(&out, "=");
		ck_assert(scope_text(&out, value));
		ck_assert_str_eq(out.text + 1, cases[i].want);
		json_decref(value);
	}
}
END_TEST

START_TEST(other_values_do_not_become_text)
{
	static const struct {
		const char *json, *kind;
	} cases[] = { { "null", "null" },
		      { "{}", "an object" },
		      { "[]", "a list" } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO_BUF struct buf out = { 0 };
		json_t *value = read_json(cases[i].json);

		ck_assert(!scope_text(&out, value));
		ck_assert_uint_eq(out.size, 0);
		ck_assert_str_eq(scope_kind(value), cases[i].kind);
		json_decref(value);
	}
}
END_TEST

START_TEST(what_is_spent_is_gone)
{
	struct scope any = { 0 }, scope = { 0 };
	size_t left = 10;

	scope.left = &left;
	ck_assert(scope_spend(&scope, 4));
	ck_assert(scope_spend(&scope, 6));
	ck_assert(scope_spend(&scope, 0));
	ck_assert(!scope_spend(&scope, 1));
	left = 10;
	ck_assert(!scope_spend(&scope, 11));
	ck_assert_uint_eq(left, 0);
	ck_assert(scope_spend(&any, SIZE_MAX));
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
	ok = scope_when(&scope, when, &a, &holds, &error);
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

TEST_SUITE("scope", names_lead_to_values, other_names_lead_nowhere,
	   size_ends_a_name, facts_are_gathered_only_when_asked_for,
	   empty_scope_has_no_names, long_names_lead_nowhere,
	   names_go_on_inside_a_value, text_without_references_stays,
	   references_are_replaced, two_dollars_stand_for_one_before_a_brace,
	   values_are_not_expanded_again, text_of_one_reference_is_that_value,
	   undefined_references_are_errors, malformed_references_are_errors,
	   unclosed_references_are_errors,
	   values_that_are_no_text_cannot_be_part_of_one,
	   errors_show_the_beginning_of_long_names,
	   expanded_text_ends_at_16_mib, text_that_is_no_utf8_is_an_error,
	   all_keys_must_hold, values_are_equal_by_type_and_value,
	   a_list_wants_any_of_it, a_list_value_holds_when_any_member_does,
	   numbers_are_compared, large_integers_are_compared_exactly,
	   strings_are_ordered_as_versions, not_equal_means_no_member_is,
	   not_and_any_nest, strings_may_be_globs,
	   globs_of_many_stars_are_quick,
	   long_strings_without_globs_are_compared,
	   malformed_conditions_are_errors,
	   errors_do_not_hide_behind_what_fails, conditions_nest_64_deep,
	   long_globs_are_errors, values_become_text,
	   other_values_do_not_become_text, what_is_spent_is_gone,
	   comparisons_have_an_end)
