/* SPDX-License-Identifier: MIT */
#include "lib/manifest.h"

#include "lib/fixture_test.h"

static struct fixture f;

/* A manifest that is right. */
static void read_good(const char *text)
{
	f = (struct fixture){ 0 };
	ck_assert_msg(fixture_read(&f, text), "%s", fixture_said(&f));
	ck_assert_uint_eq(f.diags.n, 0);
}

/* What is said against one that is not. */
#define REFUSES(text, lines)                                        \
	do {                                                        \
		f = (struct fixture){ 0 };                          \
		ck_assert_msg(!fixture_read(&f, text), "%s", text); \
		ck_assert_str_eq(fixture_said(&f), lines);          \
		ck_assert_uint_gt(f.diags.errors, 0);               \
		fixture_release(&f);                                \
	} while (0)

/* The resources: "file:/a={...};file:/b={}", with ' for ". */
static const char *entries(void)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < f.manifest.n; i++) {
		AUTO_FREE char *text =
			json_dumps(f.manifest.v[i].attributes, JSON_COMPACT);

		buf_printf(&b, "%s%s=%s", i ? ";" : "", f.manifest.v[i].id,
			   text);
	}
	for (size_t i = 0; i < b.size; i++)
		b.text[i] = b.text[i] == '"' ? '\'' : b.text[i];
	return arena_strdup(&f.diags.arena, buf_text(&b));
}

#define READS(text, result)                          \
	do {                                         \
		read_good(text);                     \
		ck_assert_str_eq(entries(), result); \
		fixture_release(&f);                 \
	} while (0)

START_TEST(the_least_manifest)
{
	read_good("{'version': 1}");
	ck_assert_uint_eq(f.manifest.n, 0);
	ck_assert_str_eq(f.manifest.host, "web-1");
	ck_assert_int_eq(f.manifest.policy.max_disruption, -1);
	ck_assert_int_eq(f.manifest.policy.max_removals, -1);
	ck_assert(!f.manifest.html);
	fixture_release(&f);
}
END_TEST

START_TEST(all_keys_of_the_top)
{
	read_good("{'$schema': 'x', '//': ['why'], 'version': 1, 'host': "
		  "'web-1', 'roles': [], 'tags': ['eu'], 'vars': {'a': 1}, "
		  "'policy': {'//': '', 'max_disruption': 'restart', "
		  "'max_removals': '5%'}, 'templates': {'//': '', 'escape': "
		  "'html'}, 'resources': {'//': 'x', 'file:/a': "
		  "{}}, 'overrides': {'//': 'x'}}");
	ck_assert_int_eq(f.manifest.policy.max_disruption, 2);
	ck_assert_int_eq(f.manifest.policy.max_removals, 5);
	ck_assert(f.manifest.policy.removals_percent);
	ck_assert(f.manifest.html);
	ck_assert_str_eq(entries(), "file:/a={}");
	fixture_release(&f);
}
END_TEST

START_TEST(all_that_is_wrong_is_told)
{
	REFUSES("{'version': 2,\n'hots': 1,\n'tags': 'x',\n'vars': [],\n"
		"'resources': [],\n'policy': {'max_disruption': 'huge',\n"
		"'max_removals': '5', 'max_removal': 1},\n'roles': ['a'],\n"
		"'overrides': 1, 'host': ''}",
		"m.json:1:13: 'version' must be 1, the only one that this "
		"converge knows\n"
		"m.json:2:1: unknown key \"hots\"; did you mean \"host\"?\n"
		"m.json:3:9: 'tags' must be a list of strings\n"
		"m.json:4:9: 'vars' must be an object\n"
		"m.json:5:14: 'resources' must be an object\n"
		"m.json:6:30: 'max_disruption' must be none, reload, restart, "
		"reboot or data\n"
		"m.json:7:17: 'max_removals' must be a count or a string such "
		"as \"10%\"\n"
		"m.json:7:22: unknown policy \"max_removal\"; did you mean "
		"\"max_removals\"?\n"
		"m.json:8:10: roles need a world; a lone manifest has none\n"
		"m.json:9:14: 'overrides' must be an object\n"
		"m.json:9:25: 'host' must be a host's name");
}
END_TEST

START_TEST(a_manifest_needs_a_version)
{
	REFUSES("{'resources': {}}", "m.json:1:1: 'version' is missing (add "
				     "\"version\": 1)");
	REFUSES("{'version': '1'}",
		"m.json:1:13: 'version' must be 1, the only one that this "
		"converge knows");
	REFUSES("{'version': 1.0}",
		"m.json:1:13: 'version' must be 1, the only one that this "
		"converge knows");
}
END_TEST

START_TEST(a_manifest_for_another_host)
{
	REFUSES("{'version': 1, 'host': 'web-2'}",
		"m.json:1:24: this manifest is for host 'web-2', not for "
		"'web-1' (say --host web-2 to mean that host)");
}
END_TEST

START_TEST(tags_are_strings)
{
	REFUSES("{'version': 1, 'tags': ['a', 1]}",
		"m.json:1:30: a tag must be a string");
}
END_TEST

START_TEST(removals_are_a_count_or_a_share)
{
	static const char *const bad[] = { "-1",   "1.5",   "'10'",
					   "'%'",  "'-5%'", "'5%x'",
					   "true", "' 5%'", "null" };
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < COUNT(bad); i++) {
		buf_clear(&b);
		buf_printf(&b, "{'version': 1, 'policy': {'max_removals': %s}}",
			   bad[i]);
		f = (struct fixture){ 0 };
		ck_assert_msg(!fixture_read(&f, b.text), "%s", bad[i]);
		ck_assert_uint_eq(f.diags.n, 1);
		fixture_release(&f);
	}
	read_good("{'version': 1, 'policy': {'max_removals': 0}}");
	ck_assert_int_eq(f.manifest.policy.max_removals, 0);
	ck_assert(!f.manifest.policy.removals_percent);
	fixture_release(&f);
	read_good("{'version': 1, 'policy': {'max_removals': "
		  "9223372036854775807}}");
	ck_assert_int_gt(f.manifest.policy.max_removals, 1000000);
	fixture_release(&f);
}
END_TEST

START_TEST(what_is_no_json_has_one_place)
{
	REFUSES("{'version': 1,}", "m.json:1:14: trailing comma");
}
END_TEST

START_TEST(a_manifest_that_is_not_there)
{
	struct manifest_options o = { .host = "h" };

	f = (struct fixture){ .tree = { &fixture_ops, "world" } };
	ck_assert(
		!manifest_read(&f.manifest, &f.tree, "no.json", &o, &f.diags));
	ck_assert_str_eq(f.diags.v[0].text, "there is no such file");
	ck_assert_str_eq(f.diags.v[0].place.file, "no.json");
	fixture_release(&f);
	f = (struct fixture){ .tree = { &fixture_ops, "world" } };
	ck_assert(!manifest_read(&f.manifest, &f.tree, "files", &o, &f.diags));
	ck_assert_str_eq(f.diags.v[0].text, "it is a folder, not a manifest");
	fixture_release(&f);
	f = (struct fixture){ .tree = { &fixture_ops, "world" } };
	ck_assert(!manifest_read(&f.manifest, &f.tree, "files/app/current", &o,
				 &f.diags));
	ck_assert_str_eq(f.diags.v[0].text,
			 "it is a symbolic link, and what it leads to is not "
			 "taken");
	fixture_release(&f);
}
END_TEST

START_TEST(a_resource_is_an_object)
{
	REFUSES("'file:/a': [],\n'file:/b': 1, 'file:/c': {}",
		"m.json:2:12: a resource must be an object of attributes\n"
		"m.json:3:12: a resource must be an object of attributes");
}
END_TEST

/* --- ${...} --- */

START_TEST(references_are_filled_in)
{
	READS("{'version': 1, 'tags': ['a', 'b'], 'vars': {'n': 4, 'l': [1, "
	      "{'x': 'y'}], 's': 'text', 'b': true}, 'resources': {'file:/x': "
	      "{'1': '${vars.s}', '2': '<${vars.n}>', '3': '${vars.n}', '4': "
	      "['${vars.l}', {'k': '${tags}'}], '5': '$${vars.s}', '6': "
	      "'${host}', '7': '${facts.os.id}', '8': '${vars.l.1.x}', '9': "
	      "'${vars.b}'}}}",
	      "file:/x={'1':'text','2':'<4>','3':4,'4':[[1,{'x':'y'}],{'k':"
	      "['a','b']}],'5':'${vars.s}','6':'web-1','7':'debian','8':'y',"
	      "'9':true}");
}
END_TEST

START_TEST(names_are_filled_in_too)
{
	READS("{'version': 1, 'vars': {'p': '/etc/x', 't': 'link'}, "
	      "'resources': {'file:${vars.p}': {}, '${vars.t}:/y': {}}}",
	      "file:/etc/x={};link:/y={}");
}
END_TEST

START_TEST(every_undefined_reference_is_told)
{
	f = (struct fixture){ 0 };
	ck_assert(!fixture_read(&f, "'file:/a': {'content': '${vars.x}',\n"
				    "'list': ['ok', '${nothing}']},\n"
				    "'file:/${vars.y}': {}"));
	ck_assert_uint_eq(f.diags.n, 3);
	ck_assert_uint_eq(f.diags.v[0].place.line, 2);
	ck_assert_uint_eq(f.diags.v[1].place.line, 3);
	ck_assert_uint_eq(f.diags.v[1].place.column, 16);
	ck_assert_uint_eq(f.diags.v[2].place.line, 4);
	ck_assert_uint_eq(f.manifest.n, 0);
	fixture_release(&f);
}
END_TEST

START_TEST(each_is_nothing_outside_of_for_each)
{
	f = (struct fixture){ 0 };
	ck_assert(!fixture_read(&f, "'file:/a': {'content': '${each.key}'}"));
	ck_assert_ptr_nonnull(strstr(fixture_said(&f), "each.key"));
	fixture_release(&f);
}
END_TEST

START_TEST(facts_are_gathered_when_asked_for)
{
	read_good("'file:/a': {'content': '${host}'}");
	ck_assert_ptr_null(f.facts);
	fixture_release(&f);
	read_good("'file:/a': {'content': '${facts.memory.mib}'}");
	ck_assert_ptr_nonnull(f.facts);
	ck_assert_str_eq(entries(), "file:/a={'content':2048}");
	fixture_release(&f);
}
END_TEST

/* --- when --- */

START_TEST(when_leaves_out)
{
	READS("{'version': 1, 'tags': ['canary'], 'resources': {'file:/a': "
	      "{'when': {'tags': 'canary'}}, 'file:/b': {'when': {'not': "
	      "{'tags': 'canary'}}}, 'file:/c': {'when': {'facts.memory.mib': "
	      "{'ge': 4096}}}, 'file:/d': {'when': {'any': [{'host': "
	      "'web-*'}]}}}}",
	      "file:/a={'when':{'tags':'canary'}};"
	      "file:/d={'when':{'any':[{'host':'web-*'}]}}");
}
END_TEST

START_TEST(references_in_a_when)
{
	static const char wrong[] =
		"{'version': 1, 'tags': ['a',\n'${host}'], 'resources': "
		"{'file:/a': {\n'when': {'not': {'tags': '${vars.no}'}}}}}";

	READS("{'version': 1, 'vars': {'h': '${host}', 'l': ['no', 'web-*']}, "
	      "'resources': {'file:/a': {'when': {'host': '${vars.h}'}}, "
	      "'file:/b': {'when': {'host': {'ne': '${vars.l}'}}}, "
	      "'file:/${each.key}': {'for_each': ['no', 'web-1'], 'when': "
	      "{'host': '${each.value}'}, 'owner': 'a'}}}",
	      "file:/a={'when':{'host':'${vars.h}'}};"
	      "file:/1={'for_each':['no','web-1'],'when':{'host':"
	      "'${each.value}'},'owner':'a'}");
	f = (struct fixture){ 0 };
	ck_assert(!fixture_read(&f, wrong));
	ck_assert_uint_eq(f.diags.n, 2);
	ck_assert_uint_eq(f.diags.v[0].place.line, 2);
	ck_assert_str_eq(f.diags.v[0].text,
			 "a tag cannot have '${': tags are taken as they are "
			 "written");
	ck_assert_uint_eq(f.diags.v[1].place.line, 3);
	ck_assert_str_eq(f.diags.v[1].text, "'vars.no' is not defined");
	fixture_release(&f);
}
END_TEST

START_TEST(what_is_left_out_may_be_wrong)
{
	READS("'file:/a': {'when': {'tags': 'no'}, 'content': '${vars.no}'}",
	      "");
}
END_TEST

START_TEST(a_when_that_is_wrong_is_placed)
{
	f = (struct fixture){ 0 };
	ck_assert(!fixture_read(&f, "'file:/a': {\n'when': {'vars.x': 1}},\n"
				    "'file:/b': {'when': 'no'}"));
	ck_assert_uint_eq(f.diags.n, 2);
	ck_assert_uint_eq(f.diags.v[0].place.line, 3);
	ck_assert_uint_eq(f.diags.v[1].place.line, 4);
	fixture_release(&f);
}
END_TEST

/* --- for_each --- */

START_TEST(one_for_each_of_a_list)
{
	READS("'file:/${each.value}': {'for_each': ['a', 'b'], 'content': "
	      "'${each.key}'}",
	      "file:/a={'content':0};file:/b={'content':1}");
}
END_TEST

START_TEST(one_for_each_of_an_object)
{
	READS("'file:/${each.key}': {'for_each': {'//': 'x', 'b': {'mode': "
	      "'0600'}, 'a': {'mode': '0644'}}, 'mode': "
	      "'${each.value.mode}'}",
	      "file:/b={'mode':'0600'};file:/a={'mode':'0644'}");
}
END_TEST

START_TEST(one_for_each_of_a_reference)
{
	READS("{'version': 1, 'vars': {'l': ['x', 'y']}, 'resources': "
	      "{'file:/${each.value}': {'for_each': '${vars.l}'}}}",
	      "file:/x={'for_each':'${vars.l}'};"
	      "file:/y={'for_each':'${vars.l}'}");
}
END_TEST

START_TEST(when_sees_each)
{
	READS("'file:/${each.key}': {'for_each': {'a': 1, 'b': 2}, 'when': "
	      "{'each.value': {'gt': 1}}, 'content': 'x${each.key}'}",
	      "file:/b={'content':'xb'}");
}
END_TEST

START_TEST(nothing_for_each_of_nothing)
{
	READS("'file:/${each.key}': {'for_each': []}, 'file:/z': {}",
	      "file:/z={}");
}
END_TEST

START_TEST(for_each_that_is_wrong)
{
	REFUSES("'file:/a': {'for_each': ['a']}",
		"m.json:2:1: a resource with 'for_each' needs ${each.key} or "
		"${each.value} in its name");
	REFUSES("'file:/${each.key}': {'for_each': 3}",
		"m.json:2:35: 'for_each' must be a list or an object of at "
		"most 100000, or a reference to one");
	REFUSES("'file:/${each.key}': {'for_each': '${host}'}",
		"m.json:2:35: 'for_each' must be a list or an object of at "
		"most 100000, or a reference to one");
}
END_TEST

/* --- overrides --- */

START_TEST(overrides_replace_attribute_by_attribute)
{
	READS("{'version': 1, 'vars': {'m': '0600'}, 'resources': {'file:/a': "
	      "{'mode': '0644', 'owner': 'root'}, 'file:/b': {}}, "
	      "'overrides': {'file:/a': {'mode': '${vars.m}', 'group': "
	      "'0'}}}",
	      "file:/a={'mode':'0600','owner':'root','group':'0'};file:/b={}");
}
END_TEST

START_TEST(overrides_reach_one_of_each)
{
	READS("{'version': 1, 'resources': {'file:/${each.key}': {'for_each': "
	      "{'a': 1, 'b': 2}, 'mode': '0644'}}, 'overrides': {'file:/b': "
	      "{'mode': '0600'}}}",
	      "file:/a={'for_each':{'a':1,'b':2},'mode':'0644'};"
	      "file:/b={'for_each':{'a':1,'b':2},'mode':'0600'}");
}
END_TEST

START_TEST(overrides_that_are_wrong)
{
	REFUSES("{'version': 1, 'resources': {'file:/a': {}}, 'overrides': {\n"
		"'file:/b': {},\n'file:/a': {'when': {}, 'for_each': []},\n"
		"'file:/c': 1}}",
		"m.json:2:1: there is no resource 'file:/b' to override; did "
		"you mean \"file:/a\"?\n"
		"m.json:3:13: an override takes no 'when'\n"
		"m.json:3:25: an override takes no 'for_each'\n"
		"m.json:4:12: an override must be an object of attributes");
}
END_TEST

/* --- pointers and places --- */

/* {"version": 1, "vars": {"list": [0, ..., n - 1]}, "resources": {rest}} */
static const char *with_list(size_t n, const char *rest)
{
	static struct buf b;

	buf_clear(&b);
	buf_puts(&b, "{'version': 1,\n'vars': {'list': [0");
	for (size_t i = 1; i < n; i++)
		buf_printf(&b, ",%zu", i);
	buf_printf(&b, "]},\n'resources': {\n%s}}", rest);
	return buf_text(&b);
}

START_TEST(no_more_than_100000_resources)
{
	static const char two[] = "'exec:a${each.key}': {'for_each': "
				  "'${vars.list}'},\n'exec:b${each.key}': "
				  "{'for_each': '${vars.list}'}";

	read_good(with_list(MANIFEST_MAX_RESOURCES / 2, two));
	ck_assert_uint_eq(f.manifest.n, MANIFEST_MAX_RESOURCES);
	fixture_release(&f);
	REFUSES(with_list(MANIFEST_MAX_RESOURCES / 2 + 1, two),
		"m.json:5:1: more than 100000 resources");
}
END_TEST

START_TEST(what_when_leaves_out_is_not_counted)
{
	read_good(with_list(
		MANIFEST_MAX_RESOURCES / 2 + 1,
		"'exec:a${each.key}': {'for_each': '${vars.list}', 'when': "
		"{'host': 'other'}}, 'exec:b${each.key}': {'for_each': "
		"'${vars.list}'}"));
	ck_assert_uint_eq(f.manifest.n, MANIFEST_MAX_RESOURCES / 2 + 1);
	fixture_release(&f);
}
END_TEST

/* {'a': ["xxx...", "xxx...", ...]}, as many as there may be in all */
static const char *with_long_text(size_t references)
{
	static struct buf b;

	buf_clear(&b);
	buf_puts(&b, "{'version': 1, 'vars': {'long': '");
	for (size_t i = 0; i < 1024 * 1024; i++)
		buf_putc(&b, 'x');
	buf_puts(&b, "'},\n'resources': {'exec:a': {\n'one': "
		     "'${vars.long}', 'list': [\n'y'");
	for (size_t i = 0; i < references; i++)
		buf_puts(&b, ",\n'z${vars.long}'");
	buf_puts(&b, "]}, 'exec:b': {'two': '${vars.nothing}'}}}");
	return buf_text(&b);
}

START_TEST(references_make_no_more_than_128_mib)
{
	REFUSES(with_long_text(127),
		"m.json:131:38: 'vars.nothing' is not defined");
	/* and nothing more is said */
	REFUSES(with_long_text(200), "m.json:132:1: " SCOPE_TOO_MUCH);
}
END_TEST

START_TEST(what_is_repeated_is_bounded_too)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "'exec:${each.key}': {'for_each': '${vars.list}', "
		     "'require': [");
	for (int i = 0; i < 100; i++)
		buf_printf(&b, "%s'exec:%d'", i ? "," : "", i);
	buf_puts(&b, "]}");
	REFUSES(with_list(100000, buf_text(&b)), "m.json:4:1: " SCOPE_TOO_MUCH);
}
END_TEST

START_TEST(an_id_has_at_most_8192_bytes)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "'exec:");
	for (int i = 0; i < 8187; i++)
		buf_putc(&b, 'x');
	buf_puts(&b, "': {}");
	read_good(buf_text(&b));
	fixture_release(&f);
	b.size -= strlen("': {}");
	buf_puts(&b, "x': {}");
	REFUSES(buf_text(&b),
		"m.json:2:1: a resource's id must be at most 8192 bytes long");
	b.size -= strlen("xx': {}");
	buf_puts(&b, "${each.key}': {'for_each': [1]}");
	REFUSES(buf_text(&b),
		"m.json:2:1: a resource's id must be at most 8192 bytes long");
	b.size -= 20 + strlen("${each.key}': {'for_each': [1]}");
	buf_puts(&b, "${each.value}': {'for_each': ["
		     "'0123456789012345678901234567', "
		     "'abcdefghijklmnopqrstuvwxyzab']}");
	REFUSES(buf_text(&b),
		"m.json:2:1: a resource's id must be at most 8192 bytes long\n"
		"m.json:2:1: a resource's id must be at most 8192 bytes long");
}
END_TEST

START_TEST(pointers_are_escaped)
{
	struct arena a = { 0 };

	ck_assert_str_eq(pointer_join(&a, "", "a"), "/a");
	ck_assert_str_eq(pointer_join(&a, "/x", "b/c~d"), "/x/b~1c~0d");
	ck_assert_str_eq(pointer_join(&a, "/x", ""), "/x/");
	ck_assert_str_eq(pointer_index(&a, "/x", 12), "/x/12");
	arena_release(&a);
}
END_TEST

START_TEST(an_overridden_attribute_stands_in_the_override)
{
	struct place place;

	read_good("{'version': 1, 'resources': {'file:/a': {'mode': '0644'}},"
		  "\n'overrides': {'file:/a': {'mode': '0600'}}}");
	place = manifest_place(&f.manifest,
			       manifest_attribute(&f.manifest,
						  f.manifest.v[0].pointer,
						  "file:/a", "mode"),
			       SOURCE_AT_KEY);
	ck_assert_uint_eq(place.line, 2);
	ck_assert_uint_eq(place.column, 27);
	place = manifest_place(&f.manifest, f.manifest.v[0].pointer,
			       SOURCE_AT_KEY);
	ck_assert_uint_eq(place.line, 1);
	fixture_release(&f);
}
END_TEST

START_TEST(a_place_that_is_nowhere_is_the_file)
{
	struct place place;

	read_good("{'version': 1}");
	place = manifest_place(&f.manifest, "/nothing/at/all", SOURCE_AT_KEY);
	ck_assert_str_eq(place.file, "m.json");
	ck_assert_uint_eq(place.line, 0);
	fixture_release(&f);
}
END_TEST

START_TEST(blame_fills_in_what_is_not_given)
{
	struct place known = { "other.json", 7, 8 };

	read_good("'file:/a': {}");
	diag_error(&f.diags, "before");
	diag_error(&f.diags, "one");
	diag_error_at(&f.diags, known, "two");
	manifest_blame(&f.manifest, &f.diags, 1, f.manifest.v[0].pointer,
		       SOURCE_AT_KEY, "file:/a");
	ck_assert_str_eq(fixture_said(&f), "before\n"
					   "m.json:2:1: file:/a: one\n"
					   "other.json:7:8: file:/a: two");
	fixture_release(&f);
}
END_TEST

START_TEST(a_name_of_a_host_is_plain)
{
	static const char *const bad[] = { "",    "a b",  "-a",  ".a",
					   "a/b", "\xff", "a\nb" };
	struct manifest_options o = { 0 };

	for (size_t i = 0; i < COUNT(bad); i++) {
		f = (struct fixture){ .tree = { &fixture_ops, "world" } };
		f.text = fixture_text("{'version': 1}");
		o.host = bad[i];
		ck_assert_msg(!manifest_read(&f.manifest, &f.tree, "m.json", &o,
					     &f.diags),
			      "%s", bad[i]);
		fixture_release(&f);
	}
}
END_TEST

TEST_SUITE("manifest", the_least_manifest, all_keys_of_the_top,
	   all_that_is_wrong_is_told, a_manifest_needs_a_version,
	   a_manifest_for_another_host, tags_are_strings,
	   removals_are_a_count_or_a_share, what_is_no_json_has_one_place,
	   a_manifest_that_is_not_there, a_resource_is_an_object,
	   references_are_filled_in, names_are_filled_in_too,
	   every_undefined_reference_is_told,
	   each_is_nothing_outside_of_for_each,
	   facts_are_gathered_when_asked_for, when_leaves_out,
	   references_in_a_when, what_is_left_out_may_be_wrong,
	   a_when_that_is_wrong_is_placed, one_for_each_of_a_list,
	   one_for_each_of_an_object, one_for_each_of_a_reference,
	   when_sees_each, nothing_for_each_of_nothing, for_each_that_is_wrong,
	   overrides_replace_attribute_by_attribute,
	   overrides_reach_one_of_each, overrides_that_are_wrong,
	   no_more_than_100000_resources, what_when_leaves_out_is_not_counted,
	   references_make_no_more_than_128_mib,
	   what_is_repeated_is_bounded_too, an_id_has_at_most_8192_bytes,
	   pointers_are_escaped, an_overridden_attribute_stands_in_the_override,
	   a_place_that_is_nowhere_is_the_file,
	   blame_fills_in_what_is_not_given, a_name_of_a_host_is_plain)
