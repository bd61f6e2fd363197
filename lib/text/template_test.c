/* SPDX-License-Identifier: MIT */
/*
 * The tables go through what the Mustache spec
 * (https://github.com/mustache/spec, v1.4) has cases for, one by one;
 * docs.mustache-spec runs those themselves. What is not there is an error.
 */
#include "lib/text/template.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/test.h"

struct mustache {
	const char *about, *data, *text, *want;
	const char *partials; /* an object, or NULL */
};

static const struct template_options plain;

static bool find_partial(void *context, const char **name, const char **text,
			 size_t *size)
{
	const json_t *value = json_object_get(context, *name);

	if (!value)
		return false;
	*text = json_string_value(value);
	*size = json_string_length(value);
	return true;
}

static json_t *read_json(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_DECODE_ANY, &error);

	ck_assert_msg(value, "%s in %s", error.text, text);
	return value;
}

static bool render(const struct mustache *m, struct buf *out, struct diags *d)
{
	json_t *partials = read_json(m->partials ? m->partials : "{}");
	json_t *vars = read_json(m->data);
	struct scope scope = { .vars = vars };
	struct template_options options = { .partial = find_partial,
					    .context = partials };
	bool good = template_render("page", m->text, strlen(m->text), &scope,
				    &options, out, d);

	json_decref(vars);
	json_decref(partials);
	return good;
}

/* The scope has no place for the spec's bare names: its data become the
 * context of a section that the text stands in, as a partial. */
static bool render_inside(const struct mustache *m, bool html, struct buf *out,
			  struct diags *d)
{
	static const char page[] = "{{#vars.data}}{{>text}}{{/vars.data}}";
	json_t *partials = read_json(m->partials ? m->partials : "{}");
	json_t *vars = json_pack("{s:[o]}", "data", read_json(m->data));
	struct scope scope = { .vars = vars };
	struct template_options options = { find_partial, partials, html };
	bool good;

	json_object_set_new(partials, "text", json_string(m->text));
	good = template_render("page", page, strlen(page), &scope, &options,
			       out, d);
	json_decref(vars);
	json_decref(partials);
	return good;
}

static void check_cases(const struct mustache *cases, size_t n, bool html)
{
	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf out = { 0 };
		AUTO_DIAGS struct diags d = { 0 };
		bool good = render_inside(&cases[i], html, &out, &d);

		ck_assert_msg(good, "%s: %s", cases[i].about,
			      d.n ? d.v[0].text : "false without a word");
		ck_assert_msg(strcmp(buf_text(&out), cases[i].want) == 0,
			      "%s: have '%s', want '%s'", cases[i].about,
			      buf_text(&out), cases[i].want);
		ck_assert_uint_eq(d.n, 0);
	}
}

/* Checks the one diagnostic of a template that does not render. */
static void check_error_of(const struct mustache *m, const char *file,
			   size_t line, size_t column)
{
	AUTO_BUF struct buf out = { 0 };
	AUTO_DIAGS struct diags d = { 0 };

	buf_puts(&out, "kept");
	ck_assert_msg(!render(m, &out, &d), "'%s' renders", m->text);
	ck_assert_str_eq(out.text, "kept");
	ck_assert_uint_eq(d.errors, 1);
	ck_assert_str_eq(d.v[0].text, m->want);
	ck_assert_str_eq(d.v[0].place.file, file);
	ck_assert_uint_eq(d.v[0].place.line, line);
	ck_assert_uint_eq(d.v[0].place.column, column);
}

static void check_error(const char *text, size_t line, size_t column,
			const char *want)
{
	struct mustache m = { .data = "{\"x\":\"X\",\"yes\":true}",
			      .text = text,
			      .want = want };

	check_error_of(&m, "page", line, column);
}

static const struct mustache interpolation[] = {
	{ "no tag at all", "{}", "Plain {text} of }} one { line\n",
	  "Plain {text} of }} one { line\n", NULL },
	{ "empty text", "{}", "", "", NULL },
	{ "a name", "{\"name\":\"web1\"}", "I am {{name}}.\n", "I am web1.\n",
	  NULL },
	{ "values are not read again",
	  "{\"a\":\"{{b}} {{{b}}} {{#b}}\",\"b\":\"B\"}", "{{a}}|{{b}}",
	  "{{b}} {{{b}}} {{#b}}|B", NULL },
	{ "nothing is escaped", "{\"x\":\"<a href=\\\"'&\\\">\"}", "{{x}}",
	  "<a href=\"'&\">", NULL },
	{ "three braces", "{\"x\":\"<&\\\">\"}", "[{{{x}}}]", "[<&\">]", NULL },
	{ "ampersand", "{\"x\":\"<&\\\">\"}", "[{{&x}}]", "[<&\">]", NULL },
	{ "integer", "{\"n\":22}", "port {{n}}, {{{n}}}, {{&n}}",
	  "port 22, 22, 22", NULL },
	{ "large and negative integers",
	  "{\"a\":-1,\"b\":9223372036854775807,\"c\":0}", "{{a}} {{b}} {{c}}",
	  "-1 9223372036854775807 0", NULL },
	{ "real", "{\"n\":2.75}", "{{n}}, {{{n}}}, {{&n}}", "2.75, 2.75, 2.75",
	  NULL },
	{ "reals keep their digits and no more",
	  "{\"a\":0.1,\"b\":1.0,\"c\":0.30000000000000004,\"d\":1e300}",
	  "{{a}} {{b}} {{c}} {{d}}", "0.1 1 0.30000000000000004 1e+300", NULL },
	{ "booleans", "{\"a\":true,\"b\":false}", "{{a}} {{{b}}} {{&a}}",
	  "true false true", NULL },
	{ "empty string", "{\"x\":\"\"}", "[{{x}}]", "[]", NULL },
	{ "beyond ASCII",
	  "{\"grö\xc3\x9f"
	  "e\":\"\xe2\x82\xac\"}",
	  "{{grö\xc3\x9f"
	  "e}}",
	  "\xe2\x82\xac", NULL },
	{ "dotted name is a section in short", "{\"os\":{\"id\":\"debian\"}}",
	  "{{os.id}} {{#os}}{{id}}{{/os}}", "debian debian", NULL },
	{ "dotted name in three braces", "{\"os\":{\"id\":\"debian\"}}",
	  "{{{os.id}}} {{#os}}{{{id}}}{{/os}}", "debian debian", NULL },
	{ "dotted name after an ampersand", "{\"os\":{\"id\":\"debian\"}}",
	  "{{&os.id}} {{#os}}{{&id}}{{/os}}", "debian debian", NULL },
	{ "many dots", "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":6}}}}}}",
	  "{{a.b.c.d.e.f}}", "6", NULL },
	{ "first word is resolved as any other",
	  "{\"a\":{\"b\":{\"c\":\"inner\"}},\"b\":{\"c\":\"outer\"}}",
	  "{{#a}}{{b.c}}{{/a}} {{b.c}}", "inner outer", NULL },
	{ "key with a dot does not hide what the dots mean",
	  "{\"a.b\":\"key\",\"a\":{\"b\":\"path\"}}", "{{a.b}}", "path", NULL },
	{ "digits index a list", "{\"l\":[\"a\",{\"k\":\"b\"}]}",
	  "{{l.0}}{{l.1.k}}", "ab", NULL },
	{ "dot is the context", "\"whole\"", "[{{.}}]", "[whole]", NULL },
	{ "dot is not escaped", "\"<&\\\">\"", "{{.}}{{{.}}}{{&.}}",
	  "<&\"><&\"><&\">", NULL },
	{ "dot that is a number", "85", "{{.}} {{{.}}} {{&.}}", "85 85 85",
	  NULL },
	{ "space around stays", "{\"x\":\"-\"}",
	  "| {{x}} |\t{{{x}}}\t| {{&x}} |", "| - |\t-\t| - |", NULL },
	{ "a line of its own stays", "{\"x\":\"-\"}",
	  "  {{x}}\n  {{{x}}}\n  {{&x}}\n", "  -\n  -\n  -\n", NULL },
	{ "space inside is dropped", "{\"x\":\"-\"}",
	  "{{ x }}{{{ x }}}{{& x }}{{\tx\n}}{{ & x }}", "-----", NULL },
	{ "braces about a tag", "{\"x\":\"-\"}", "{ {{x}} } }{{x}}{",
	  "{ - } }-{", NULL },
};

START_TEST(interpolation_is_as_the_spec_says)
{
	check_cases(interpolation, COUNT(interpolation), false);
}
END_TEST

static const struct mustache escaped[] = {
	{ "two braces", "{\"x\":\"<a href=\\\"'&\\\">\"}", "{{x}}",
	  "&lt;a href=&quot;&#39;&amp;&quot;&gt;", NULL },
	{ "three braces and ampersand", "{\"x\":\"<&>\\\"'\"}",
	  "{{{x}}} {{&x}}", "<&>\"' <&>\"'", NULL },
	{ "entities are text too", "{\"x\":\"&amp;\"}", "{{x}} {{{x}}}",
	  "&amp;amp; &amp;", NULL },
	{ "the template's own text is not", "{\"x\":\"&\"}",
	  "<b title='\"'>{{x}}</b> &", "<b title='\"'>&amp;</b> &", NULL },
	{ "members of a list", "{\"l\":[\"<\",\">\"]}",
	  "{{#l}}{{.}}{{{.}}}{{&.}}{{/l}}", "&lt;<<&gt;>>", NULL },
	{ "in a partial", "{\"x\":\"<\"}", "  {{>p}}\n", "  &lt;<\n",
	  "{\"p\":\"{{x}}{{{x}}}\\n\"}" },
	{ "with other delimiters", "{\"x\":\"<\"}",
	  "{{=<% %>=}}<%x%><%&x%><%{x}%>", "&lt;<<", NULL },
	{ "numbers and booleans", "{\"n\":-1.5,\"b\":true}", "{{n}} {{b}}",
	  "-1.5 true", NULL },
	{ "beyond ASCII", "{\"x\":\"\xe2\x82\xac\xc2\xa0/`=\"}", "{{x}}",
	  "\xe2\x82\xac\xc2\xa0/`=", NULL },
	{ "empty string", "{\"x\":\"\"}", "[{{x}}]", "[]", NULL },
};

START_TEST(html_escapes_what_two_braces_put_in)
{
	check_cases(escaped, COUNT(escaped), true);
}
END_TEST

static const struct mustache sections[] = {
	{ "true", "{\"on\":true}", "[{{#on}}yes{{/on}}]", "[yes]", NULL },
	{ "false", "{\"on\":false}", "[{{#on}}yes{{/on}}]", "[]", NULL },
	{ "null", "{\"on\":null}", "[{{#on}}yes{{/on}}]", "[]", NULL },
	{ "object becomes the context", "{\"db\":{\"host\":\"db1\"}}",
	  "{{#db}}host={{host}}{{/db}}", "host=db1", NULL },
	{ "what a context lacks is in those around it",
	  "{\"a\":\"A\",\"b\":\"wrong\",\"in\":{\"b\":\"B\"},"
	  "\"c\":{\"d\":\"D\"}}",
	  "{{#in}}{{a}}{{b}}{{c.d}}{{/in}}", "ABD", NULL },
	{ "string becomes the context", "{\"proxy\":\"p:3128\"}",
	  "{{#proxy}}{{.}} is {{proxy}}{{/proxy}}", "p:3128 is p:3128", NULL },
	{ "number becomes the context", "{\"n\":0}", "{{#n}}{{.}}{{/n}}", "0",
	  NULL },
	{ "empty string and empty object are something",
	  "{\"s\":\"\",\"o\":{}}", "{{#s}}s{{.}}{{/s}}{{#o}}o{{/o}}", "so",
	  NULL },
	{ "true is the context too", "{\"on\":true}", "{{#on}}{{.}}{{/on}}",
	  "true", NULL },
	{ "lists see every context around them",
	  "{\"up\":[{\"u\":{\"big\":\"A\",\"small\":\"a\"},\"mid\":[{\"m\":1,"
	  "\"low\":[{\"l\":\"x\"},{\"l\":\"y\"}]}]}]}",
	  "{{#up}}{{#mid}}{{u.small}}{{m}}:{{#low}}{{u.big}}{{m}}{{l}} "
	  "{{/low}}{{/mid}}{{/up}}",
	  "a1:A1x A1y ", NULL },
	{ "deep contexts",
	  "{\"a\":{\"p\":1},\"b\":{\"q\":2},\"c\":{\"r\":3,"
	  "\"d\":{\"s\":4,\"t\":5}}}",
	  "{{#a}}\n{{p}}\n{{#b}}\n{{p}}{{q}}\n{{#c}}\n{{p}}{{q}}{{r}}\n"
	  "{{#d}}\n{{p}}{{q}}{{r}}{{s}}\n{{#t}}\n{{p}}{{q}}{{r}}{{s}}{{.}}"
	  "{{t}}\n{{/t}}\n{{r}}{{s}}\n{{/d}}\n{{q}}{{r}}\n{{/c}}\n{{p}}{{q}}\n"
	  "{{/b}}\n{{p}}\n{{/a}}\n",
	  "1\n12\n123\n1234\n123455\n34\n23\n12\n1\n", NULL },
	{ "list of objects", "{\"l\":[{\"n\":1},{\"n\":2},{\"n\":3}]}",
	  "[{{#l}}{{n}},{{/l}}]", "[1,2,3,]", NULL },
	{ "empty list", "{\"l\":[]}", "[{{#l}}yes{{/l}}]", "[]", NULL },
	{ "list with false and null members", "{\"l\":[false,null,1]}",
	  "{{#l}}x{{/l}}", "xxx", NULL },
	{ "same section twice", "{\"on\":true,\"x\":\"two\"}",
	  "{{#on}}\n- one\n{{/on}}\n- {{x}}\n{{#on}}\n- three\n{{/on}}\n",
	  "- one\n- two\n- three\n", NULL },
	{ "same section inside itself", "{\"on\":true}",
	  "a{{#on}} b {{#on}}c{{/on}} d{{/on}} e", "a b c d e", NULL },
	{ "same section inside itself that is off", "{\"on\":false}",
	  "a{{#on}} b {{#on}}c{{/on}} d{{/on}} e", "a e", NULL },
	{ "undefined", "{}", "[{{#nothing}}yes{{/nothing}}]", "[]", NULL },
	{ "list of strings", "{\"l\":[\"a\",\"b\",\"c\"]}",
	  "{{#l}}({{.}}){{/l}}", "(a)(b)(c)", NULL },
	{ "list of integers", "{\"l\":[1,2,3]}", "{{#l}}({{.}}){{/l}}",
	  "(1)(2)(3)", NULL },
	{ "list of reals", "{\"l\":[1.5,2.25]}", "{{#l}}({{.}}){{/l}}",
	  "(1.5)(2.25)", NULL },
	{ "list of lists", "{\"l\":[[1,2],[\"a\",\"b\"],[]]}",
	  "{{#l}}({{#.}}{{.}}{{/.}}){{/l}}", "(12)(ab)()", NULL },
	{ "members are not escaped", "{\"l\":[\"&\",\"<\"]}",
	  "{{#l}}{{.}}{{{.}}}{{&.}}{{/l}}", "&&&<<<", NULL },
	{ "list as the whole context", "[{\"n\":\"a\"},{\"n\":\"b\"}]",
	  "{{#.}}({{n}}){{/.}}", "(a)(b)", NULL },
	{ "dotted name that is true", "{\"a\":{\"b\":{\"c\":true}}}",
	  "[{{#a.b.c}}yes{{/a.b.c}}]", "[yes]", NULL },
	{ "dotted name that is false", "{\"a\":{\"b\":{\"c\":false}}}",
	  "[{{#a.b.c}}yes{{/a.b.c}}]", "[]", NULL },
	{ "dotted name that leads nowhere", "{\"a\":{}}",
	  "[{{#a.b.c}}yes{{/a.b.c}}]", "[]", NULL },
	{ "space around stays", "{\"on\":true}", " | {{#on}}\t|\t{{/on}} | \n",
	  " | \t|\t | \n", NULL },
	{ "space within stays", "{\"on\":true}",
	  " | {{#on}} {{! a word }}\n {{/on}} | \n", " |  \n  | \n", NULL },
	{ "two tags on a line do not stand alone", "{\"on\":true}",
	  " {{#on}}A{{/on}}\n {{#on}}{{/on}}\n", " A\n \n", NULL },
	{ "lines of tags vanish", "{\"on\":true}",
	  "one\n{{#on}}\ntwo\n{{/on}}\nthree\n", "one\ntwo\nthree\n", NULL },
	{ "indented lines of tags vanish", "{\"on\":true}",
	  "one\n  {{#on}}\ntwo\n\t{{/on}} \t\nthree\n", "one\ntwo\nthree\n",
	  NULL },
	{ "lines that end in CR LF", "{\"on\":true}",
	  "one\r\n{{#on}}\r\n{{/on}}\r\ntwo", "one\r\ntwo", NULL },
	{ "tag on the first line", "{\"on\":true}", "  {{#on}}\n#{{/on}}\n/",
	  "#\n/", NULL },
	{ "tag on a last line without an end", "{\"on\":true}",
	  "#{{#on}}\n/\n  {{/on}}", "#\n/\n", NULL },
	{ "a lone CR is no end of a line", "{\"on\":true}", "{{#on}}\rx{{/on}}",
	  "\rx", NULL },
	{ "space inside is dropped", "{\"on\":true}",
	  "{{# on }}={{/ on }}{{ #on }}={{ /on }}", "==", NULL },
};

START_TEST(sections_are_as_the_spec_says)
{
	check_cases(sections, COUNT(sections), false);
}
END_TEST

static const struct mustache inverted[] = {
	{ "false", "{\"on\":false}", "[{{^on}}no{{/on}}]", "[no]", NULL },
	{ "true", "{\"on\":true}", "[{{^on}}no{{/on}}]", "[]", NULL },
	{ "null", "{\"on\":null}", "[{{^on}}no{{/on}}]", "[no]", NULL },
	{ "object", "{\"db\":{\"host\":\"db1\"}}", "[{{^db}}no{{/db}}]", "[]",
	  NULL },
	{ "string and number", "{\"s\":\"\",\"n\":0}",
	  "[{{^s}}no{{/s}}{{^n}}no{{/n}}]", "[]", NULL },
	{ "list", "{\"l\":[{\"n\":1}]}", "[{{^l}}no{{/l}}]", "[]", NULL },
	{ "empty list", "{\"l\":[]}", "[{{^l}}no{{/l}}]", "[no]", NULL },
	{ "context stays what it was", "{\"in\":{\"x\":1}}",
	  "{{#in}}{{^y}}{{x}}{{/y}}{{/in}}", "1", NULL },
	{ "same twice", "{\"on\":false,\"x\":\"two\"}",
	  "{{^on}}\n- one\n{{/on}}\n- {{x}}\n{{^on}}\n- three\n{{/on}}\n",
	  "- one\n- two\n- three\n", NULL },
	{ "same inside itself", "{\"on\":false}",
	  "a{{^on}} b {{^on}}c{{/on}} d{{/on}} e", "a b c d e", NULL },
	{ "same inside itself that is on", "{\"on\":true}",
	  "a{{^on}} b {{^on}}c{{/on}} d{{/on}} e", "a e", NULL },
	{ "undefined", "{}", "[{{^nothing}}no{{/nothing}}]", "[no]", NULL },
	{ "dotted name that is true", "{\"a\":{\"b\":{\"c\":true}}}",
	  "[{{^a.b.c}}no{{/a.b.c}}]", "[]", NULL },
	{ "dotted name that is false", "{\"a\":{\"b\":{\"c\":false}}}",
	  "[{{^a.b.c}}no{{/a.b.c}}]", "[no]", NULL },
	{ "dotted name that leads nowhere", "{\"a\":{}}",
	  "[{{^a.b.c}}no{{/a.b.c}}]", "[no]", NULL },
	{ "space around stays", "{\"on\":false}", " | {{^on}}\t|\t{{/on}} | \n",
	  " | \t|\t | \n", NULL },
	{ "space within stays", "{\"on\":false}",
	  " | {{^on}} {{! a word }}\n {{/on}} | \n", " |  \n  | \n", NULL },
	{ "two tags on a line do not stand alone", "{\"on\":false}",
	  " {{^on}}A{{/on}}\n {{^on}}B{{/on}}\n", " A\n B\n", NULL },
	{ "lines of tags vanish", "{\"on\":false}",
	  "one\n{{^on}}\ntwo\n{{/on}}\nthree\n", "one\ntwo\nthree\n", NULL },
	{ "indented lines of tags vanish", "{\"on\":false}",
	  "one\n  {{^on}}\ntwo\n  {{/on}}\nthree\n", "one\ntwo\nthree\n",
	  NULL },
	{ "lines that end in CR LF", "{\"on\":false}",
	  "one\r\n{{^on}}\r\n{{/on}}\r\ntwo", "one\r\ntwo", NULL },
	{ "tag on the first line", "{\"on\":false}", "  {{^on}}\n^{{/on}}\n/",
	  "^\n/", NULL },
	{ "tag on a last line without an end", "{\"on\":false}",
	  "^{{^on}}\n/\n  {{/on}}", "^\n/\n", NULL },
	{ "space inside is dropped", "{\"on\":false}", "{{^ on }}={{/ on }}",
	  "=", NULL },
};

START_TEST(inverted_sections_are_as_the_spec_says)
{
	check_cases(inverted, COUNT(inverted), false);
}
END_TEST

static const struct mustache comments[] = {
	{ "inside a line", "{}", "ab{{! not shown }}cd", "abcd", NULL },
	{ "over several lines", "{}", "ab{{!\n not\n  shown\n}}cd\n", "abcd\n",
	  NULL },
	{ "on a line alone", "{}", "one\n{{! not shown }}\ntwo\n", "one\ntwo\n",
	  NULL },
	{ "indented on a line alone", "{}", "one\n  {{! not }}\ntwo\n",
	  "one\ntwo\n", NULL },
	{ "lines that end in CR LF", "{}", "|\r\n{{! not }}\r\n|", "|\r\n|",
	  NULL },
	{ "on the first line", "{}", "  {{! not }}\n!", "!", NULL },
	{ "on a last line without an end", "{}", "!\n  {{! not }}", "!\n",
	  NULL },
	{ "several lines alone", "{}", "one\n{{!\nnot\n}}\ntwo\n", "one\ntwo\n",
	  NULL },
	{ "several indented lines alone", "{}",
	  "one\n  {{!\n    not\n  }}\ntwo\n", "one\ntwo\n", NULL },
	{ "space before stays", "{}", "  12 {{! 34 }}\n", "  12 \n", NULL },
	{ "space around stays", "{}", "12 {{! 34 }} 56", "12  56", NULL },
	{ "a name like a comment", "{\"! x\":1,\"!x\":2,\"x\":3}", ">{{! x }}<",
	  "><", NULL },
	/* the first "}}" ends a comment, wherever it stands */
	{ "tags inside", "{}", "[{{! {{#a}} ]", "[ ]", NULL },
	{ "empty", "{}", "[{{!}}]", "[]", NULL },
};

START_TEST(comments_are_as_the_spec_says)
{
	check_cases(comments, COUNT(comments), false);
}
END_TEST

static const struct mustache delimiters[] = {
	{ "a pair", "{\"x\":\"X\"}", "{{=<% %>=}}[<%x%>]{{x}}", "[X]{{x}}",
	  NULL },
	{ "characters special elsewhere", "{\"x\":\"X\"}",
	  "({{=[ ]=}}[x])[=( )=](x)(=^$ .*=)^$x.*", "(X)XX", NULL },
	{ "last beyond sections", "{\"on\":true,\"x\":\"X\"}",
	  "[\n{{#on}}\n  {{x}}\n  |x|\n{{/on}}\n\n{{= | | =}}\n|#on|\n  {{x}}\n"
	  "  |x|\n|/on|\n]\n",
	  "[\n  X\n  |x|\n\n  {{x}}\n  X\n]\n", NULL },
	{ "last beyond inverted sections", "{\"on\":false,\"x\":\"X\"}",
	  "[\n{{^on}}\n  {{x}}\n  |x|\n{{/on}}\n\n{{= | | =}}\n|^on|\n  {{x}}\n"
	  "  |x|\n|/on|\n]\n",
	  "[\n  X\n  |x|\n\n  {{x}}\n  X\n]\n", NULL },
	{ "a partial begins with its own", "{\"x\":\"X\"}",
	  "[ {{>p}} ]\n{{= | | =}}\n[ |>p| ]\n", "[ .X. ]\n[ .X. ]\n",
	  "{\"p\":\".{{x}}.\"}" },
	{ "a partial's stay in it", "{\"x\":\"X\"}",
	  "[ {{>p}} ]\n[ .{{x}}. .|x|. ]\n", "[ .X.  .X. ]\n[ .X. .|x|. ]\n",
	  "{\"p\":\".{{x}}. {{= | | =}} .|x|.\"}" },
	{ "space around stays", "{}", "| {{=@ @=}} |", "|  |", NULL },
	{ "space before stays", "{}", " | {{=@ @=}}\n", " | \n", NULL },
	{ "on a line alone", "{}", "one\n{{=@ @=}}\ntwo\n", "one\ntwo\n",
	  NULL },
	{ "indented on a line alone", "{}", "one\n  {{=@ @=}}\ntwo\n",
	  "one\ntwo\n", NULL },
	{ "lines that end in CR LF", "{}", "|\r\n{{= @ @ =}}\r\n|", "|\r\n|",
	  NULL },
	{ "on the first line", "{}", "  {{=@ @=}}\n=", "=", NULL },
	{ "on a last line without an end", "{}", "=\n  {{=@ @=}}", "=\n",
	  NULL },
	{ "space inside", "{\"x\":\"X\"}", "|{{=  @   %\n=}}@x%|", "|X|",
	  NULL },
	{ "back again", "{\"x\":\"X\"}",
	  "{{=<% %>=}}<%x%><%={{ }}=%>{{x}}<%x%>", "XX<%x%>", NULL },
	{ "braces with other delimiters", "{\"x\":\"X\"}",
	  "{{=<% %>=}}<%{x}%><%&x%>", "XX", NULL },
	{ "literal braces", "{}", "{{=<% %>=}}{{x}} {{{y}}}", "{{x}} {{{y}}}",
	  NULL },
	{ "sixteen bytes", "{\"x\":\"X\"}",
	  "{{=0123456789abcdef fedcba9876543210=}}"
	  "0123456789abcdefxfedcba9876543210",
	  "X", NULL },
};

START_TEST(delimiters_are_as_the_spec_says)
{
	check_cases(delimiters, COUNT(delimiters), false);
}
END_TEST

static const struct mustache partials[] = {
	{ "a name", "{}", "[{{>p}}]", "[from p]", "{\"p\":\"from p\"}" },
	{ "sees the context", "{\"x\":\"X\"}", "[{{>p}}]", "[*X*]",
	  "{\"p\":\"*{{x}}*\"}" },
	{ "includes itself",
	  "{\"v\":1,\"l\":[{\"v\":2,\"l\":[{\"v\":3,"
	  "\"l\":[]}]},{\"v\":4,\"l\":[]}]}",
	  "{{>tree}}", "1<2<3<>>4<>>",
	  "{\"tree\":\"{{v}}<{{#l}}{{>tree}}{{/l}}>\"}" },
	{ "includes another", "{\"a\":\"A\",\"b\":\"B\"}", "{{>out}}", "*A B!*",
	  "{\"out\":\"*{{a}} {{>in}}*\",\"in\":\"{{b}}!\"}" },
	{ "space around stays", "{}", "| {{>p}} |", "| \t|\t |",
	  "{\"p\":\"\\t|\\t\"}" },
	{ "inside a line does not indent", "{\"x\":\"|\"}",
	  "  {{x}}  {{> p}}\n", "  |  >\n>\n", "{\"p\":\">\\n>\"}" },
	{ "lines that end in CR LF", "{}", "|\r\n{{>p}}\r\n|", "|\r\n>|",
	  "{\"p\":\">\"}" },
	{ "on the first line", "{}", "  {{>p}}\n>", "  >\n  >>",
	  "{\"p\":\">\\n>\"}" },
	{ "on a last line without an end", "{}", ">\n  {{>p}}", ">\n  >\n  >",
	  "{\"p\":\">\\n>\"}" },
	{ "indents its lines but not those of values", "{\"x\":\"<\\n->\"}",
	  "(\n {{>p}}\n)\n", "(\n |\n <\n->\n |\n)\n",
	  "{\"p\":\"|\\n{{{x}}}\\n|\\n\"}" },
	{ "space inside is dropped", "{}", "|{{> p }}|", "|[]|",
	  "{\"p\":\"[]\"}" },
	{ "indents add up", "{}", "a\n  {{>one}}\nb\n",
	  "a\n  1\n  \t2\n  \t2\n  1\nb\n",
	  "{\"one\":\"1\\n\\t{{>two}}\\n1\\n\",\"two\":\"2\\n2\\n\"}" },
	{ "same one with and without an indent", "{}",
	  "{{>p}}\n  {{>p}}\n{{>p}}\n", "1\n2\n  1\n  2\n1\n2\n",
	  "{\"p\":\"1\\n2\\n\"}" },
	{ "lines of tags vanish in an indented one", "{\"on\":true}",
	  " {{>p}}\n", " a\n b\n", "{\"p\":\"a\\n{{#on}}\\nb\\n{{/on}}\\n\"}" },
	{ "empty", "{}", "a\n  {{>p}}\nb\n", "a\nb\n", "{\"p\":\"\"}" },
	{ "in a list", "{\"l\":[1,2,3]}", "{{#l}}\n  {{>p}}\n{{/l}}\n",
	  "  - 1\n  - 2\n  - 3\n", "{\"p\":\"- {{.}}\\n\"}" },
	{ "names like paths", "{}", "{{>nginx/server.conf}}", "s",
	  "{\"nginx/server.conf\":\"s\"}" },
	{ "not used where a section is off", "{}", "{{#no}}{{>missing}}{{/no}}",
	  "", NULL },
};

START_TEST(partials_are_as_the_spec_says)
{
	check_cases(partials, COUNT(partials), false);
}
END_TEST

static json_t *facts(void *context, const char *name, size_t size)
{
	(void)name;
	(void)size;
	++*(unsigned *)context;
	return NULL;
}

START_TEST(names_outside_sections_are_those_of_the_scope)
{
	struct mustache m = { .data = "{\"x\":\"X\",\"l\":[1,2],"
				      "\"o\":{\"x\":\"inner\"}}",
			      .text = "{{vars.x}}{{vars.l.1}}"
				      "{{#vars.l}}{{.}}{{vars.x}}{{/vars.l}}"
				      "{{#vars.o}}{{x}}{{vars.x}}{{/vars.o}}" };
	AUTO_BUF struct buf out = { 0 };
	AUTO_DIAGS struct diags d = { 0 };

	ck_assert(render(&m, &out, &d));
	ck_assert_str_eq(out.text, "X21X2XinnerX");
}
END_TEST

START_TEST(every_part_of_the_scope_is_seen)
{
	static const char text[] = "{{host}} {{#tags}}<{{.}}>{{/tags}} "
				   "{{each.key}}={{each.value}} {{vars.v}}";
	json_t *host = json_string("web1"), *tags = json_pack("[ss]", "a", "b");
	json_t *each = json_pack("{s:s,s:i}", "key", "k", "value", 5);
	json_t *vars = json_pack("{s:b}", "v", 1);
	unsigned asked = 0;
	struct scope scope = { .host = host,
			       .tags = tags,
			       .vars = vars,
			       .each = each,
			       .facts = facts,
			       .context = &asked };
	AUTO_BUF struct buf out = { 0 };
	AUTO_DIAGS struct diags d = { 0 };

	ck_assert(template_render("t", text, strlen(text), &scope, &plain, &out,
				  &d));
	ck_assert_str_eq(out.text, "web1 <a><b> k=5 true");
	ck_assert_uint_eq(asked, 0);
	ck_assert(!template_render("t", "{{facts.os}}", 12, &scope, &plain,
				   &out, &d));
	ck_assert_uint_eq(asked, 1);
	json_decref(host);
	json_decref(tags);
	json_decref(each);
	json_decref(vars);
}
END_TEST

START_TEST(undefined_names_are_errors_with_their_place)
{
	check_error("{{vars.y}}", 1, 1, "'vars.y' is not defined");
	check_error("a\nbc {{vars.y}}", 2, 4, "'vars.y' is not defined");
	check_error("{{{ y }}}", 1, 1, "'y' is not defined");
	check_error("\n\n  {{&y}}\n", 3, 3, "'y' is not defined");
	check_error("\xc3\xa9{{y}}", 1, 3, "'y' is not defined");
	check_error("{{vars.x.y}}", 1, 1, "'vars.x.y' is not defined");
	check_error("{{facts.os}}", 1, 1, "'facts.os' is not defined");
	check_error("{{.}}", 1, 1, "'.' is not defined");
	check_error("{{#vars.yes}}\n{{z}}\n{{/vars.yes}}", 2, 1,
		    "'z' is not defined");
}
END_TEST

/* The first word decides, though an outer context has the whole name. */
START_TEST(a_dotted_name_that_breaks_does_not_look_further_out)
{
	static const struct mustache cases[] = {
		{ "", "{\"o\":{\"vars\":{}},\"x\":1}",
		  "{{#vars.o}}{{vars.x}}{{/vars.o}}", "'vars.x' is not defined",
		  NULL },
		{ "", "{\"o\":{\"a\":{\"b\":{}}},\"b\":{\"c\":1}}",
		  "{{#vars.o}}{{a.b.c}}{{/vars.o}}", "'a.b.c' is not defined",
		  NULL },
		{ "", "{\"o\":{\"a.b\":\"key\"}}",
		  "{{#vars.o}}{{a.b}}{{/vars.o}}", "'a.b' is not defined",
		  NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_error_of(&cases[i], "page", 1, 12);
}
END_TEST

START_TEST(what_is_no_text_is_an_error)
{
	static const struct mustache cases[] = {
		{ "", "{\"x\":null}", "{{vars.x}}",
		  "'vars.x' is null, not text", NULL },
		{ "", "{\"x\":{}}", "{{{vars.x}}}",
		  "'vars.x' is an object, not text", NULL },
		{ "", "{\"x\":[1]}", "{{&vars.x}}",
		  "'vars.x' is a list, not text", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_error_of(&cases[i], "page", 1, 1);
}
END_TEST

START_TEST(every_undefined_name_is_told_once)
{
	struct mustache m = {
		.data = "{\"l\":[1,2,3]}",
		.text = "{{a}}\n{{#vars.l}}{{b}}{{.}}{{/vars.l}}\n{{c}}{{a}}"
	};
	static const size_t want[][2] = {
		{ 1, 1 }, { 2, 12 }, { 3, 1 }, { 3, 6 }
	};
	AUTO_BUF struct buf out = { 0 };
	AUTO_DIAGS struct diags d = { 0 };

	ck_assert(!render(&m, &out, &d));
	ck_assert_uint_eq(out.size, 0);
	ck_assert_uint_eq(d.n, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++) {
		ck_assert_uint_eq(d.v[i].place.line, want[i][0]);
		ck_assert_uint_eq(d.v[i].place.column, want[i][1]);
	}
}
END_TEST

START_TEST(after_a_hundred_undefined_names_it_stops)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_BUF struct buf out = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	struct scope scope = { 0 };

	for (int i = 0; i < 1000; i++)
		buf_puts(&text, "{{x}}\n");
	ck_assert(!template_render("t", text.text, text.size, &scope, &plain,
				   &out, &d));
	ck_assert_uint_eq(d.n, 100);
	ck_assert_uint_eq(d.v[99].place.line, 100);
}
END_TEST

START_TEST(tags_must_be_closed)
{
	check_error("{{x", 1, 1, "the tag is not closed: '}}' is missing");
	check_error("{{", 1, 1, "the tag is not closed: '}}' is missing");
	check_error("a\n {{x}", 2, 2, "the tag is not closed: '}}' is missing");
	check_error("{{{x}}", 1, 1, "the tag is not closed: '}}}' is missing");
	check_error("{{=<% %>}}", 1, 1,
		    "the tag is not closed: '=}}' is missing");
	check_error("{{=<% %>=}}<%x}}", 1, 12,
		    "the tag is not closed: '%>' is missing");
	check_error("{{! x", 1, 1, "the tag is not closed: '}}' is missing");
	check_error("{{=<% %>=}}<%{x%>", 1, 12,
		    "the tag is not closed: '}%>' is missing");
}
END_TEST

START_TEST(sections_must_be_closed_by_their_name)
{
	check_error("\n {{#a}}", 2, 2, "the section 'a' is not closed");
	check_error("{{#a}}{{^b}}", 1, 7, "the section 'b' is not closed");
	check_error("{{#a}}{{#b}}{{/b}}", 1, 1,
		    "the section 'a' is not closed");
	check_error("x{{/a}}", 1, 2, "'a' closes a section that is not open");
	check_error("{{#a}}{{/a}}{{/a}}", 1, 13,
		    "'a' closes a section that is not open");
	check_error("\n{{#a}}\n{{/b}}", 3, 1,
		    "'b' does not close the section 'a' of line 2");
	check_error("{{#a}}{{#b}}{{/a}}{{/b}}", 1, 13,
		    "'a' does not close the section 'b' of line 1");
	check_error("{{#a}}{{/aa}}{{/a}}", 1, 7,
		    "'aa' does not close the section 'a' of line 1");
	check_error("{{#a}}{{/}}", 1, 7,
		    "'' does not close the section 'a' of line 1");
}
END_TEST

START_TEST(a_partial_cannot_close_a_section_around_it)
{
	struct mustache m = { .data = "{\"on\":true}",
			      .text = "{{#vars.on}}{{>p}}",
			      .partials = "{\"p\":\"{{/vars.on}}\"}" };

	m.want = "the section 'vars.on' is not closed";
	check_error_of(&m, "page", 1, 1);
	m.text = "{{#vars.on}}{{>p}}{{/vars.on}}";
	m.want = "'vars.on' closes a section that is not open";
	check_error_of(&m, "p", 1, 1);
}
END_TEST

START_TEST(names_must_be_names)
{
	check_error("{{}}", 1, 1, "the tag has no name");
	check_error("{{ }}", 1, 1, "the tag has no name");
	check_error("{{{}}}", 1, 1, "the tag has no name");
	check_error("{{&}}", 1, 1, "the tag has no name");
	check_error("{{#}}{{/}}", 1, 1, "the tag has no name");
	check_error("{{a b}}", 1, 1, "'a b' must be a name such as vars.name");
	check_error("{{a..b}}", 1, 1,
		    "'a..b' must be a name such as vars.name");
	check_error("{{.a}}", 1, 1, "'.a' must be a name such as vars.name");
	check_error("{{a.}}", 1, 1, "'a.' must be a name such as vars.name");
	check_error("{{..}}", 1, 1, "'..' must be a name such as vars.name");
	check_error("{{#a\x01}}{{/a\x01}}", 1, 1,
		    "'a\x01' must be a name such as vars.name");
	check_error("{{>}}", 1, 1,
		    "'' must be the name of a partial, without spaces");
	check_error("{{>a b}}", 1, 1,
		    "'a b' must be the name of a partial, without spaces");
}
END_TEST

START_TEST(long_names_are_refused)
{
	AUTO_BUF struct buf x = { 0 };
	struct scope scope = { 0 };

	for (size_t n = 1; n <= 1025; n++) {
		AUTO_BUF struct buf text = { 0 };
		AUTO_BUF struct buf out = { 0 };
		AUTO_DIAGS struct diags d = { 0 };

		buf_putc(&x, 'x');
		if (n < 1024)
			continue;
		buf_printf(&text, "{{^%s}}yes{{/%s}}", x.text, x.text);
		ck_assert_int_eq(template_render("t", text.text, text.size,
						 &scope, &plain, &out, &d),
				 n == 1024);
	}
}
END_TEST

START_TEST(delimiters_must_be_two_words)
{
	static const char want[] = " must be two delimiters such as '<% %>', "
				   "of up to 16 bytes without '='";
	static const char *const texts[] = {
		"",
		"x",
		"x y z",
		"x= y",
		"= =",
		"x",
		"01234567890123456 x",
		"x 01234567890123456",
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		AUTO_BUF struct buf text = { 0 };
		AUTO_BUF struct buf error = { 0 };

		buf_printf(&text, "{{=%s=}}", texts[i]);
		buf_printf(&error, "'%s'%s", texts[i], want);
		check_error(text.text, 1, 1, error.text);
	}
}
END_TEST

START_TEST(partials_must_be_there)
{
	struct scope scope = { 0 };
	AUTO_BUF struct buf out = { 0 };
	AUTO_DIAGS struct diags d = { 0 };

	check_error("a\n {{>b}}", 2, 2, "the partial 'b' is not found");
	ck_assert(!template_render("t", "{{>p}}", 6, &scope, &plain, &out, &d));
	ck_assert_str_eq(d.v[0].text, "the partial 'p' is not found");
}
END_TEST

/* Its errors have no place of their own. */
static bool refuse_partial(void *context, const char **name, const char **text,
			   size_t *size)
{
	*text = NULL;
	*size = 0;
	return diag_error(context, "'%s' is not for you", *name);
}

START_TEST(what_is_wrong_with_a_partial_has_the_place_of_its_tag)
{
	static const char text[] = "a\n  {{> p }}";
	struct scope scope = { 0 };
	AUTO_BUF struct buf out = { 0 };
	AUTO_DIAGS struct diags d = { .place = { "m.json", 7, 8 } };
	struct template_options options = { .partial = refuse_partial,
					    .context = &d };

	ck_assert(!template_render("page", text, strlen(text), &scope, &options,
				   &out, &d));
	ck_assert_uint_eq(d.n, 1);
	ck_assert_str_eq(d.v[0].text, "'p' is not for you");
	ck_assert_str_eq(d.v[0].place.file, "page");
	ck_assert_uint_eq(d.v[0].place.line, 2);
	ck_assert_uint_eq(d.v[0].place.column, 3);
	ck_assert_str_eq(d.place.file, "m.json");
	ck_assert_uint_eq(d.place.line, 7);
}
END_TEST

START_TEST(errors_in_a_partial_have_their_place_in_it)
{
	static const struct mustache cases[] = {
		{ "", "{}", "\n\n{{>part}}", "'y' is not defined",
		  "{\"part\":\"one\\ntwo {{y}}\"}" },
		/* columns are those of the file, without the indentation */
		{ "", "{}", "\n\n    {{>part}}", "'y' is not defined",
		  "{\"part\":\"one\\ntwo {{y}}\"}" },
		{ "", "{}", "  {{>part}}\n", "the section 'a' is not closed",
		  "{\"part\":\"one\\ntwo {{#a}}\"}" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_error_of(&cases[i], "part", 2, 5);
}
END_TEST

static void nest(struct buf *b, unsigned depth, const char *name)
{
	for (unsigned i = 0; i < depth; i++)
		buf_printf(b, "{{#%s}}", name);
	buf_puts(b, "x");
	for (unsigned i = 0; i < depth; i++)
		buf_printf(b, "{{/%s}}", name);
}

START_TEST(sections_nest_64_deep)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_BUF struct buf out = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	struct mustache m = { .data = "{\"on\":true}" };

	nest(&text, 64, "vars.on");
	m.text = text.text;
	ck_assert(render(&m, &out, &d));
	ck_assert_str_eq(out.text, "x");

	buf_clear(&text);
	nest(&text, 65, "vars.on");
	check_error(text.text, 1, 64 * strlen("{{#vars.on}}") + 1,
		    "sections are nested more than 64 deep");
}
END_TEST

START_TEST(sections_of_partials_count_too)
{
	AUTO_BUF struct buf part = { 0 };
	AUTO_BUF struct buf partials_json = { 0 };
	AUTO_BUF struct buf text = { 0 };
	struct mustache m = {
		.data = "{\"on\":true}",
		.want = "sections are nested more than 64 deep",
	};

	nest(&part, 40, "vars.on");
	buf_printf(&partials_json, "{\"p\":\"%s\"}", part.text);
	for (int i = 0; i < 25; i++)
		buf_puts(&text, "{{#vars.on}}");
	buf_puts(&text, "{{>p}}");
	for (int i = 0; i < 25; i++)
		buf_puts(&text, "{{/vars.on}}");
	m.text = text.text;
	m.partials = partials_json.text;
	check_error_of(&m, "p", 1, 39 * strlen("{{#vars.on}}") + 1);
}
END_TEST

START_TEST(partials_nest_32_deep)
{
	AUTO_BUF struct buf partials_json = { 0 };
	AUTO_BUF struct buf out = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	struct mustache m = { .data = "{}", .text = "{{>1}}" };

	for (int i = 1; i < 32; i++)
		buf_printf(&partials_json, "%s\"%d\":\"{{>%d}}\"",
			   i == 1 ? "{" : ",", i, i + 1);
	buf_puts(&partials_json, ",\"32\":\"bottom\"}");
	m.partials = partials_json.text;
	ck_assert(render(&m, &out, &d));
	ck_assert_str_eq(out.text, "bottom");
}
END_TEST

START_TEST(partials_that_never_end_are_errors)
{
	static const struct mustache cases[] = {
		{ "", "{}", "{{>p}}", "partials are nested more than 32 deep",
		  "{\"p\":\"{{>p}}\"}" },
		{ "", "{}", "{{>q}}", "partials are nested more than 32 deep",
		  "{\"p\":\"{{>q}}\",\"q\":\"{{>p}}\"}" },
		/* each with more indentation than the last */
		{ "", "{}", "{{>p}}", "partials are nested more than 32 deep",
		  "{\"p\":\"  {{>p}}\\n\"}" },
	};

	check_error_of(&cases[0], "p", 1, 1);
	check_error_of(&cases[1], "p", 1, 1);
	check_error_of(&cases[2], "p", 1, 3);
}
END_TEST

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A list of n times value. */
static json_t *many(int n, json_t *value)
{
	json_t *list = json_array();

	for (int i = 0; i < n; i++)
		json_array_append(list, value);
	json_decref(value);
	return list;
}

/* Gives the first error's text; the time it took must be short. */
static void check_bounded(const char *text, json_t *vars, json_t *partials_map,
			  const char *want)
{
	struct scope scope = { .vars = vars };
	struct template_options options = { .partial = find_partial,
					    .context = partials_map };
	AUTO_BUF struct buf out = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	double start = now();

	ck_assert(!template_render("page", text, strlen(text), &scope, &options,
				   &out, &d));
	ck_assert_double_lt(now() - start, 30.0);
	ck_assert_uint_eq(out.size, 0);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_str_eq(d.v[0].text, want);
	json_decref(vars);
	json_decref(partials_map);
}

START_TEST(output_ends_at_16_mib)
{
	check_bounded("{{#vars.l}}{{#vars.l}}0123456789{{/vars.l}}{{/vars.l}}",
		      json_pack("{s:o}", "l", many(2000, json_true())), NULL,
		      "the output is larger than 16 MiB");
}
END_TEST

START_TEST(output_of_16_mib_is_rendered)
{
	static const char text[] = "{{#vars.l}}0123456789abcdef{{/vars.l}}";
	json_t *vars = json_pack("{s:o}", "l", many(1 << 20, json_true()));
	struct scope scope = { .vars = vars };
	AUTO_BUF struct buf out = { 0 };
	AUTO_DIAGS struct diags d = { 0 };

	ck_assert(template_render("page", text, strlen(text), &scope, &plain,
				  &out, &d));
	ck_assert_uint_eq(out.size, 16 * 1024 * 1024);
	json_decref(vars);
}
END_TEST

START_TEST(loops_without_output_end)
{
	check_bounded("{{#vars.l}}{{#vars.l}}{{#vars.l}}{{/vars.l}}{{/vars.l}}"
		      "{{/vars.l}}",
		      json_pack("{s:o}", "l", many(2000, json_true())), NULL,
		      "the template takes too many steps");
	check_bounded("{{#vars.l}}{{#vars.l}}{{>c}}{{/vars.l}}{{/vars.l}}",
		      json_pack("{s:o}", "l", many(6000, json_true())),
		      json_pack("{s:s}", "c", "{{! nothing }}"),
		      "the template takes too many steps");
}
END_TEST

START_TEST(partials_that_double_end)
{
	json_t *map = json_object();
	char name[16], text[48];

	for (int i = 0; i < 31; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		snprintf(text, sizeof(text), "{{>p%d}}{{>p%d}}", i + 1, i + 1);
		json_object_set_new(map, name, json_string(text));
	}
	json_object_set_new(map, "p31", json_string(""));
	check_bounded("{{>p0}}", json_object(), map,
		      "the template takes too many steps");
}
END_TEST

START_TEST(indentation_is_bounded)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_BUF struct buf lines = { 0 };

	for (int i = 0; i < 100000; i++) {
		buf_putc(&text, ' ');
		buf_putc(&lines, '\n');
	}
	buf_puts(&text, "{{>p}}\n");
	check_bounded(text.text, json_object(),
		      json_pack("{s:s}", "p", lines.text),
		      "the template is larger than 16 MiB");
}
END_TEST

START_TEST(long_lines_of_tags_are_quick)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_BUF struct buf out = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	struct scope scope = { 0 };
	double start = now();

	for (int i = 0; i < 100000; i++)
		buf_puts(&text, "   {{! x }}   {{#y}}{{/y}}");
	ck_assert(template_render("t", text.text, text.size, &scope, &plain,
				  &out, &d));
	ck_assert_uint_eq(out.size, 600000);
	ck_assert_double_lt(now() - start, 5.0);
}
END_TEST

START_TEST(bytes_of_the_text_are_not_looked_at)
{
	static const char text[] = "a\0\xff\x80{{^x}}\0{{/x}}";
	struct scope scope = { 0 };
	AUTO_BUF struct buf out = { 0 };
	AUTO_DIAGS struct diags d = { 0 };

	ck_assert(template_render("t", text, sizeof(text) - 1, &scope, &plain,
				  &out, &d));
	ck_assert_uint_eq(out.size, 5);
	ck_assert_mem_eq(out.text, "a\0\xff\x80\0", 5);
}
END_TEST

START_TEST(empty_text_may_be_null)
{
	struct scope scope = { 0 };
	AUTO_BUF struct buf out = { 0 };
	AUTO_DIAGS struct diags d = { 0 };

	ck_assert(template_render("t", NULL, 0, &scope, &plain, &out, &d));
	ck_assert_uint_eq(out.size, 0);
}
END_TEST

START_TEST(output_is_appended)
{
	struct scope scope = { 0 };
	AUTO_BUF struct buf out = { 0 };
	AUTO_DIAGS struct diags d = { 0 };

	buf_puts(&out, "head ");
	ck_assert(template_render("t", "body", 4, &scope, &plain, &out, &d));
	ck_assert_str_eq(out.text, "head body");
}
END_TEST

TEST_SUITE("template", interpolation_is_as_the_spec_says,
	   html_escapes_what_two_braces_put_in, sections_are_as_the_spec_says,
	   inverted_sections_are_as_the_spec_says,
	   comments_are_as_the_spec_says, delimiters_are_as_the_spec_says,
	   partials_are_as_the_spec_says,
	   names_outside_sections_are_those_of_the_scope,
	   every_part_of_the_scope_is_seen,
	   undefined_names_are_errors_with_their_place,
	   a_dotted_name_that_breaks_does_not_look_further_out,
	   what_is_no_text_is_an_error, every_undefined_name_is_told_once,
	   after_a_hundred_undefined_names_it_stops, tags_must_be_closed,
	   sections_must_be_closed_by_their_name,
	   a_partial_cannot_close_a_section_around_it, names_must_be_names,
	   long_names_are_refused, delimiters_must_be_two_words,
	   partials_must_be_there,
	   what_is_wrong_with_a_partial_has_the_place_of_its_tag,
	   errors_in_a_partial_have_their_place_in_it, sections_nest_64_deep,
	   sections_of_partials_count_too, partials_nest_32_deep,
	   partials_that_never_end_are_errors, output_ends_at_16_mib,
	   output_of_16_mib_is_rendered, loops_without_output_end,
	   partials_that_double_end, indentation_is_bounded,
	   long_lines_of_tags_are_quick, bytes_of_the_text_are_not_looked_at,
	   empty_text_may_be_null, output_is_appended)
