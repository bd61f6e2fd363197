/* SPDX-License-Identifier: MIT */
/* What lint says of worlds: what nothing has a use for, what changes nothing,
 * and what comments and settings make of findings. */
#include "lib/lint/linting_test.h"

#include "lib/lint/parts.h"

static struct linting t;

static void put_host(const char *name, const char *rest)
{
	world_put(&t.r, arena_printf(&t.r.arena, "hosts/%s.json", name),
		  arena_printf(&t.r.arena, "{'version': 1, 'host': '%s'%s}",
			       name, rest));
}

/* A role that says what it is for. */
static void put_role(const char *name, const char *rest)
{
	world_put(&t.r, arena_printf(&t.r.arena, "roles/%s.json", name),
		  arena_printf(&t.r.arena, "{'description': 'x'%s}", rest));
}

/* By one process, and by three, lint says the same. */
static void expect(const char *text)
{
	lint_world(&t, 1);
	ck_assert_str_eq(lint_said(&t, 1), text);
	lint_world(&t, 3);
	ck_assert_str_eq(lint_said(&t, 3), text);
	lint_end(&t);
}

/* --- what nothing has a use for --- */

START_TEST(a_role_that_nobody_includes)
{
	put_host("h", ", 'roles': ['a']");
	put_role("a", ", 'include': ['b'], 'rules': [{'when': {'host': 'h'}, "
		      "'include': ['c']}]");
	put_role("b", "");
	put_role("c", "");
	put_role("d/e", "");
	expect("unused-role roles/d/e.json:1:1: no host and no role includes "
	       "role 'd/e'");
}
END_TEST

START_TEST(a_role_without_description)
{
	put_host("h", ", 'roles': ['a', 'b']");
	put_role("a", "");
	world_put(&t.r, "roles/b.json", "{}");
	expect("undescribed-role roles/b.json:1:1: role 'b' does not say what "
	       "it is for");
}
END_TEST

START_TEST(vars_that_nothing_names)
{
	world_put(&t.r, "converge.json",
		  "{'version': 1, 'vars': {'a': 1, 'b': '${vars.c}', 'c': 2}}");
	put_host("h", ", 'roles': ['r'], 'vars': {'d': 1, 'e': 2}");
	put_role("r", ", 'resources': {'file:/etc/f': {'template': "
		      "'templates/t'}, 'file:/etc/g': {'when': {'vars.e.x': "
		      "'y'}}}, 'rules': [{'when': {}, 'vars': {'f': 1}}]");
	world_put(&t.r, "templates/t", "{{vars.b}} {{>p}}");
	world_put(&t.r, "templates/p", "{{#vars.d}}x{{/vars.d}}");
	lint_world(&t, 1);
	ck_assert_str_eq(lint_said(&t, 1), "'vars.e.x' is not defined");
	put_host("h", ", 'roles': ['r'], 'vars': {'d': 1, 'e': {'x': 2}}");
	expect("unused-var converge.json:1:25: no manifest and no template "
	       "names 'vars.a'\n"
	       "unused-var roles/r.json:1:157: no manifest and no template "
	       "names 'vars.f'");
}
END_TEST

/* What is left out by the facts that are assumed is there on other hosts. */
START_TEST(what_is_left_out_names_too)
{
	put_host("h", ", 'roles': ['a', 'b']");
	put_role("a", ", 'rules': [{'when': {'facts.os.id': 'none'}, "
		      "'include': ['c']}]");
	put_role("b", ", 'vars': {'x': 1}, 'resources': {'file:/etc/f': "
		      "{'template': 'templates/b', 'when': {'facts.os.id': "
		      "'none'}}}");
	put_role("c", ", 'vars': {'y': 1, 'z': 2}, 'resources': "
		      "{'file:/etc/g': {'template': 'templates/c'}}");
	world_put(&t.r, "templates/b", "{{vars.x}} {{> p}}");
	world_put(&t.r, "templates/c", "{{vars.y}}");
	world_put(&t.r, "templates/p", "x");
	expect("unused-var roles/c.json:1:39: no manifest and no template "
	       "names 'vars.z'");
}
END_TEST

START_TEST(whoever_takes_all_vars_uses_each)
{
	put_host("h", ", 'vars': {'a': 1}, 'resources': {'file:/etc/f': "
		      "{'template': 'templates/t'}}");
	world_put(&t.r, "templates/t", "{{#vars}}{{a}}{{/vars}}");
	expect("");
}
END_TEST

START_TEST(files_that_nothing_names)
{
	put_host("h",
		 ", 'vars': {'v': 'files/e', 'n': 'g'}, 'resources': "
		 "{'file:/etc/a': {'source': 'files/a'}, 'file:/etc/b': "
		 "{'source': 'files/dir/${vars.n}.x'}, 'directory:/srv/c': "
		 "{'source': 'files/c'}, 'file:/etc/e': {'source': "
		 "'${vars.v}'}}");
	world_put(&t.r, "files/a", "x");
	world_put(&t.r, "files/dir/g.x", "x");
	world_put(&t.r, "files/dir/h.y", "x");
	world_put(&t.r, "files/c/deep/x", "x");
	world_put(&t.r, "files/e", "x");
	world_put(&t.r, "files/README.md", "x");
	world_put(&t.r, "files/.keep", "x");
	world_put(&t.r, "templates/t", "x");
	world_put(&t.r, "secrets/s.age", "x");
	expect("unused-file files/dir/h.y:0:0: no manifest and no template "
	       "names it\n"
	       "unused-file templates/t:0:0: no manifest and no template "
	       "names it\n"
	       "unused-file secrets/s.age:0:0: no manifest and no template "
	       "names it");
}
END_TEST

/* Beside secrets lies whom they are for, which no manifest names. */
START_TEST(what_secrets_are_sealed_by_is_used)
{
	put_host("h", ", 'resources': {'file:/etc/a': {'content': {'secret': "
		      "'secrets/in/s.age'}}}");
	world_put(&t.r, "secrets/recipients.json", "{}");
	world_put(&t.r, "secrets/in/recipients.json", "{}");
	world_put(&t.r, "secrets/in/s.age", "age-encryption.org/v1\n");
	world_put(&t.r, "secrets/in/s.age.json", "{}");
	world_put(&t.r, "secrets/gone.age.json", "{}");
	world_put(&t.r, "secrets/other.json", "{}");
	expect("unused-file secrets/gone.age.json:0:0: no manifest and no "
	       "template names it\n"
	       "unused-file secrets/in/recipients.json:0:0: no manifest and no "
	       "template names it\n"
	       "unused-file secrets/other.json:0:0: no manifest and no "
	       "template "
	       "names it");
}
END_TEST

START_TEST(credentials_in_files)
{
	put_host("h", ", 'resources': {'file:/etc/a': {'source': 'files/a'}}");
	world_put(&t.r, "files/a",
		  "token: ghp_0123456789abcdef0123456789"
		  "abcdef0123\n");
	expect("plain-credential files/a:0:0: it holds what looks like a token "
	       "of GitHub");
}
END_TEST

START_TEST(rules_that_hold_nowhere)
{
	put_host("h", ", 'roles': ['a'], 'tags': ['x']");
	put_host("i", ", 'roles': ['a'], 'tags': ['y']");
	put_role("a", ", 'rules': [{'when': {'tags': 'x'}}, {'when': {'tags': "
		      "'z'}}, {'when': {'not': {'tags': 'y'}, 'host': 'i'}}, "
		      "{'when': {'facts.os.id': 'none'}}, {'when': {'any': "
		      "[{'tags': 'w'}, {'facts.os.id': 'none'}]}}, {'when': "
		      "{'host': ['${facts.os.id}']}}]");
	expect("rule-never-holds roles/a.json:1:58: this rule holds for none "
	       "of the hosts with role 'a'\n"
	       "rule-never-holds roles/a.json:1:83: this rule holds for none "
	       "of the hosts with role 'a'");
}
END_TEST

START_TEST(rules_of_an_unused_role_are_that_alone)
{
	put_host("h", "");
	put_role("a", ", 'rules': [{'when': {'tags': 'x'}}]");
	expect("unused-role roles/a.json:1:1: no host and no role includes "
	       "role 'a'");
}
END_TEST

START_TEST(of_a_world_with_errors_less_is_said)
{
	put_host("h", ", 'roles': ['a'], 'resources': {'exec:x': {'command': "
		      "['true']}}");
	put_host("i", ", 'resources': {'exec:x': {'command': 7}}");
	put_role("a", ", 'vars': {'v': 1}");
	put_role("b", "");
	expect("'command' must be a list of strings, not an integer\n"
	       "exec-without-guard hosts/h.json:1:59: exec:x: it runs on every "
	       "run: it has none of creates, onlyif, unless, refreshonly");
}
END_TEST

/* --- values that change nothing --- */

START_TEST(attributes_that_the_defaults_give)
{
	put_host("h", ", 'defaults': {'file': {'mode': '0640', 'owner': 'a'}}, "
		      "'resources': {'file:/etc/f': {'mode': '0640', 'owner': "
		      "'b'}, 'directory:/etc/d': {'mode': '0640'}}");
	expect("shadowed-default hosts/h.json:1:113: file:/etc/f: 'mode' is "
	       "what the defaults of file in this file say too");
}
END_TEST

START_TEST(vars_that_are_the_same_without)
{
	world_put(&t.r, "converge.json",
		  "{'version': 1, 'vars': {'a': 1, 'b': 1}, '//': '${vars}'}");
	put_host("h", ", 'roles': ['r'], 'vars': {'a': 2, 'c': 3}");
	put_host("i", ", 'roles': ['r', 's'], 'vars': {'c': 4}");
	put_role("r", ", 'vars': {'a': 1, 'b': 2, 'c': 3}");
	put_role("s", ", 'include': ['r'], 'vars': {'b': 1}");
	expect("shadowed-var roles/r.json:1:31: 'vars.a' has this value from "
	       "converge.json too\n"
	       "shadowed-var hosts/h.json:1:62: 'vars.c' has this value from "
	       "role r too");
}
END_TEST

START_TEST(what_differs_on_one_host_is_not_idle)
{
	put_host("h", ", 'roles': ['r', 's'], '//': '${vars}'");
	put_host("i", ", 'roles': ['q', 's']");
	put_role("q", ", 'vars': {'a': 1}");
	put_role("r", ", 'vars': {'a': 2}");
	put_role("s", ", 'rules': [{'when': {'host': 'h'}, 'include': ['r']}, "
		      "{'when': {'host': 'i'}, 'include': ['q']}], 'vars': "
		      "{'a': 2}");
	expect("");
}
END_TEST

START_TEST(overrides_that_change_nothing)
{
	put_host("h", ", 'roles': ['r'], 'overrides': {'file:/etc/f': {'mode': "
		      "'0640', 'owner': 'b', 'ensure': 'present', 'group': "
		      "null}}");
	put_role("r", ", 'resources': {'file:/etc/f': {'mode': '0640', 'owner':"
		      " 'a'}}");
	expect("idle-override hosts/h.json:1:75: file:/etc/f: 'mode' is the "
	       "same without this override\n"
	       "idle-override hosts/h.json:1:105: file:/etc/f: 'ensure' is the "
	       "same without this override\n"
	       "idle-override hosts/h.json:1:126: file:/etc/f: 'group' is the "
	       "same without this override");
}
END_TEST

START_TEST(an_override_of_a_role_may_matter_to_one_host)
{
	put_host("h", ", 'roles': ['r'], 'vars': {'m': '0640'}");
	put_host("i", ", 'roles': ['s'], 'resources': {'file:/etc/f': {'mode': "
		      "'0600'}}");
	put_host("j", ", 'roles': ['s'], 'resources': {'file:/etc/f': {'mode': "
		      "'0640'}}");
	put_role("r", ", 'resources': {'file:/etc/g': {'mode': '${vars.m}'}}");
	put_role("s", "");
	world_put(&t.r, "hosts/i.json",
		  "{'version': 1, 'host': 'i', 'roles': ['u']}");
	world_put(&t.r, "hosts/j.json",
		  "{'version': 1, 'host': 'j', 'roles': ['v']}");
	put_role("u", ", 'include': ['s'], 'resources': {'file:/etc/f': "
		      "{'mode': '0600'}}, 'overrides': {'file:/etc/f': "
		      "{'mode': '0640'}}");
	put_role("v", ", 'include': ['s'], 'resources': {'file:/etc/f': "
		      "{'mode': '0640'}}");
	expect("");
}
END_TEST

struct old {
	struct record r;
	const char *name, *text;
};

START_TEST(attributes_that_will_go)
{
	static const struct attr attrs[] = {
		{ .name = "name",
		  .kind = &kind_text,
		  .flags = ATTR_NAME,
		  .offset = offsetof(struct old, name) },
		{ .name = "text",
		  .kind = &kind_text,
		  .flags = ATTR_DEPRECATED,
		  .offset = offsetof(struct old, text) },
	};
	static const struct module old = { .name = "old",
					   .size = sizeof(struct old),
					   .attrs = attrs,
					   .nattrs = 2 };
	static const struct module *const list[] = { &old, NULL };
	struct reading_world *r = &t.r;
	struct catalog catalog;
	struct graph graph;
	struct lint lint;

	world_put(r, "roles/a.json",
		  "{'resources': {'old:a': {'text': 'x'}, 'old:b': {}}}");
	ck_assert(world_read(r));
	ck_assert(catalog_build(&catalog, &r->manifest, list, &r->diags));
	ck_assert(graph_build(&graph, &catalog, &r->diags));
	lint_begin(&lint, &t.found[0].lint, r->manifest.documents, &r->arena);
	lint_host(&lint, &r->manifest, &catalog, &graph);
	t.found[0].whole = true;
	lint_judge_all(&t, 1);
	ck_assert_str_eq(lint_said(&t, 1),
			 "deprecated-attribute roles/a.json:1:34: old:a: "
			 "'text' of old is deprecated");
	lint_end(&t);
}
END_TEST

/* --- comments and settings --- */

#define EXEC "'command': ['true']"
#define FOUND                                                            \
	"it runs on every run: it has none of creates, onlyif, unless, " \
	"refreshonly"

START_TEST(a_comment_allows_what_it_stands_beside)
{
	put_host("h", ", 'resources': {'exec:x': {'//': 'lint: allow "
		      "exec-without-guard: it is cheap', " EXEC "}, 'exec:y': "
		      "{" EXEC ", '//': 'no lint'}}");
	expect("exec-without-guard hosts/h.json:1:129: exec:y: " FOUND);
}
END_TEST

START_TEST(a_comment_at_the_top_is_for_the_file)
{
	put_host("h",
		 ", '//': ['x', 'lint: allow exec-without-guard: cheap', "
		 "'lint: allow shell-string: old'], 'resources': "
		 "{'exec:x': {'shell': true, 'command': 'x'}, 'exec:y': {" EXEC
		 "}}");
	put_host("i", ", 'resources': {'exec:x': {" EXEC "}}");
	expect("exec-without-guard hosts/i.json:1:43: exec:x: " FOUND);
}
END_TEST

START_TEST(a_comment_allows_by_the_path_of_a_file)
{
	put_host("h", ", '//': 'lint: allow unused-file in files/a: for all'");
	world_put(&t.r, "files/a", "x");
	world_put(&t.r, "files/b", "x");
	expect("unused-file files/b:0:0: no manifest and no template names it");
}
END_TEST

START_TEST(a_comment_that_allows_nothing_is_found)
{
	put_host("h", ", '//': 'lint: allow exec-without-guard: x'");
	expect("unused-allow hosts/h.json:1:35: there is no finding of "
	       "'exec-without-guard' to allow here");
}
END_TEST

START_TEST(comments_that_say_nothing_are_errors)
{
	put_host("h", ", '//': ['lint: allow exec-without-gaurd: x', 'lint: "
		      "allow unused-var', 'lint: off', 'lint: allow invalid: "
		      "x', 7]");
	expect("there is no rule \"exec-without-gaurd\"; did you mean "
	       "\"exec-without-guard\"?\n"
	       "a comment for lint is \"lint: allow RULE: REASON\"\n"
	       "a comment for lint is \"lint: allow RULE: REASON\"\n"
	       "an error cannot be switched off");
}
END_TEST

static enum lint_level level_of(const char *setting)
{
	enum lint_level level = LINT_OFF;

	world_put(&t.r, "converge.json",
		  arena_printf(&t.r.arena, "{'version': 1, 'lint': {%s}}",
			       setting));
	put_host("h", ", 'resources': {'exec:x': {" EXEC "}}");
	lint_world(&t, 2);
	if (t.verdicts.n)
		level = t.verdicts.v[0].level;
	lint_end(&t);
	return level;
}

START_TEST(settings_say_how_bad_it_is)
{
	ck_assert_int_eq(level_of(""), LINT_WARNING);
	ck_assert_int_eq(level_of("'exec-without-guard': 'off'"), LINT_OFF);
	ck_assert_int_eq(level_of("'exec-without-guard': 'info'"), LINT_INFO);
	ck_assert_int_eq(level_of("'//': 'x', 'exec-without-guard': 'error'"),
			 LINT_ERROR);
	ck_assert_int_eq(level_of("'shell-string': 'off'"), LINT_WARNING);
}
END_TEST

START_TEST(settings_that_say_nothing_are_errors)
{
	world_put(&t.r, "converge.json",
		  "{'version': 1, 'lint': {'unused-vra': 'off', 'invalid': "
		  "'off', 'unused-var': 'of'}}");
	/* each process says so */
	lint_world(&t, 1);
	ck_assert_str_eq(lint_said(&t, 1),
			 "a rule of lint is off, info, warning or error\n"
			 "there is no rule \"unused-vra\"; did you mean "
			 "\"unused-var\"?\n"
			 "an error cannot be switched off");
	lint_end(&t);
}
END_TEST

START_TEST(a_lone_manifest_has_settings_of_its_own)
{
	world_put(&t.r, "m.json",
		  "{'version': 1, 'lint': {'exec-without-guard': 'off', "
		  "'unused-var': 'info'}, 'vars': {'v': 1}, 'resources': "
		  "{'exec:x': {" EXEC "}}}");
	lint_share(&t, (struct check){ .file = "m.json", .shares = 1 });
	lint_judge_all(&t, 1);
	ck_assert_str_eq(lint_said(&t, 1),
			 "unused-var m.json:1:86: no manifest and no template "
			 "names 'vars.v'");
	ck_assert_int_eq(t.verdicts.v[0].level, LINT_INFO);
	lint_end(&t);
}
END_TEST

START_TEST(of_one_file_of_a_world_nothing_is_said_of_others)
{
	world_put(&t.r, "converge.json",
		  "{'version': 1, 'lint': {'shell-string': 'off'}, 'vars': "
		  "{'a': 1}}");
	put_host("h", ", 'roles': ['a'], 'vars': {'b': 1}, '//': 'lint: allow "
		      "unused-var: x', 'resources': {'exec:x': {'shell': true, "
		      "'command': 'x'}}");
	put_role("a", "");
	put_role("b", "");
	lint_share(&t, (struct check){ .is_world = true,
				       .file = "hosts/h.json",
				       .host = "h",
				       .shares = 1 });
	lint_judge_all(&t, 1);
	ck_assert_str_eq(
		lint_said(&t, 1),
		"exec-without-guard hosts/h.json:1:112: exec:x: " FOUND);
	lint_end(&t);
}
END_TEST

TEST_SUITE("lint of worlds", a_role_that_nobody_includes,
	   a_role_without_description, vars_that_nothing_names,
	   what_is_left_out_names_too, whoever_takes_all_vars_uses_each,
	   files_that_nothing_names, what_secrets_are_sealed_by_is_used,
	   credentials_in_files, rules_that_hold_nowhere,
	   rules_of_an_unused_role_are_that_alone,
	   of_a_world_with_errors_less_is_said,
	   attributes_that_the_defaults_give, vars_that_are_the_same_without,
	   what_differs_on_one_host_is_not_idle, overrides_that_change_nothing,
	   an_override_of_a_role_may_matter_to_one_host,
	   attributes_that_will_go, a_comment_allows_what_it_stands_beside,
	   a_comment_at_the_top_is_for_the_file,
	   a_comment_allows_by_the_path_of_a_file,
	   a_comment_that_allows_nothing_is_found,
	   comments_that_say_nothing_are_errors, settings_say_how_bad_it_is,
	   settings_that_say_nothing_are_errors,
	   a_lone_manifest_has_settings_of_its_own,
	   of_one_file_of_a_world_nothing_is_said_of_others)
