/* SPDX-License-Identifier: MIT */
#include "lib/text/scope_test.h"

#include <string.h>
#include <time.h>

#define LITERAL " (a literal ${ is written $${)"

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

START_TEST(what_no_value_puts_right_is_wrong_without_any)
{
	static const struct {
		const char *text, *wrong;
		bool repeated;
	} cases[] = {
		{ "", "", false },
		{ "$ $$ $${vars ${vars.x}${facts.y.z}${host}${tags.0}", "",
		  false },
		{ "${each.key}${each.value.x}${each}", "", true },
		{ "${vars.x} ${each.key}", "'each.key' is not defined", false },
		{ "${each.kye}",
		  "'each.kye' is not defined; did you mean 'each.key'?", true },
		{ "${vras.x}", "'vras.x' is not defined", true },
		{ "${host.name}", "'host.name' is not defined", true },
		{ "${HOME}",
		  "'HOME' is not defined (a literal ${ is written $${)",
		  false },
		{ "${vars.x} ${bad", "'${bad' has no closing '}'", false },
		{ "${vars.}",
		  "'${vars.}' must be a reference such as ${vars.name} (a "
		  "literal ${ is written $${)",
		  false },
	};
	AUTO_WORLD struct world w;

	set_up(&w);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *wrong = scope_wrong(&w.scope, cases[i].text,
						strlen(cases[i].text),
						cases[i].repeated, &w.arena);

		ck_assert_str_eq(wrong ? wrong : "", cases[i].wrong);
	}
	ck_assert(scope_refers("a $${b} ${c}"));
	ck_assert(!scope_refers("a $${b} $c $"));
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
	   values_become_text, other_values_do_not_become_text,
	   what_is_spent_is_gone, what_no_value_puts_right_is_wrong_without_any)
