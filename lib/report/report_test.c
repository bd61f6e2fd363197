/* SPDX-License-Identifier: MIT */
#include "lib/report/report.h"

#include "lib/fixture_test.h"

static struct fixture f;

#define ON_NOTICE(name) \
	"'exec:" name "': {'command': ['" name "'], 'refreshonly': true}"

static void setup(const char *manifest, const char *host)
{
	fixture_begin(&f, manifest, host);
	fixture_plan(&f, NULL);
}

/* The document of a change; the caller's. */
static json_t *document(const char *id, bool refresh)
{
	const struct change *c = fixture_change(&f, id, refresh);

	ck_assert_msg(c != NULL, "no change of %s", id);
	return report_change(&f.plan, c);
}

static void check_json(json_t *taken, const char *expected)
{
	json_t *want = fixture_json(expected);
	AUTO_FREE char *text = json_dumps(taken, JSON_ENCODE_ANY);

	ck_assert_msg(json_equal(taken, want), "%s\nnot\n%s", text, expected);
	json_decref(want);
	json_decref(taken);
}

/* One member of a change's document. */
static void check_member(const char *id, const char *key, const char *expected)
{
	json_t *j = document(id, false);
	json_t *value = json_object_get(j, key);

	ck_assert_msg(value != NULL, "%s has no %s", id, key);
	check_json(json_incref(value), expected);
	json_decref(j);
}

/* The id of the change of file:/a that a manifest makes on a host. */
static const char *id_of(const char *manifest, const char *host)
{
	static struct arena a;
	json_t *j;
	const char *id;

	setup(manifest, host);
	j = document("file:/a", false);
	id = arena_strdup(&a, json_string_value(json_object_get(j, "change")));
	json_decref(j);
	fixture_release(&f);
	return id;
}

#define HAS(text) "'/a': {'type': 'file', 'content': '" text "'}"

START_TEST(a_change_from_what_to_what)
{
	setup("'file:/a': {'mode': 'g+w', 'owner': 'app'}, 'file:/b': "
	      "{'mode': '0600'}, 'file:/c': {'ensure': 'absent'}, "
	      "'directory:/d': {'force': true}",
	      "{'files': {'/a': {'type': 'file', 'content': '', 'uid': 7}, "
	      "'/c': {'type': 'link', 'target': 'x'}, '/d': {'type': 'FIFO'}},"
	      " 'users': {'app': 1000}}");
	check_member("file:/a", "attributes",
		     "{'mode': {'before': '0644', 'after': '0664'}, 'owner': "
		     "{'before': '7', 'after': 'app'}}");
	check_member("file:/b", "attributes",
		     "{'ensure': {'before': 'absent', 'after': 'present'}, "
		     "'type': {'before': null, 'after': 'file'}, 'mode': "
		     "{'before': null, 'after': '0600'}}");
	check_member("file:/c", "attributes",
		     "{'ensure': {'before': 'present', 'after': 'absent'}}");
	check_member("directory:/d", "attributes",
		     "{'type': {'before': 'FIFO', 'after': 'directory'}}");
	check_member("file:/a", "action", "'update'");
	check_member("file:/b", "action", "'create'");
	check_member("file:/c", "action", "'remove'");
	fixture_release(&f);
}
END_TEST

START_TEST(a_change_has_its_place_and_class)
{
	setup("'file:/a': {'disruption': 'restart'},\n'exec:x': {'command': "
	      "['x']}",
	      "");
	check_member("file:/a", "origin", "{'file': 'm.json', 'line': 2}");
	check_member("exec:x", "origin", "{'file': 'm.json', 'line': 3}");
	check_member("file:/a", "disruption", "'restart'");
	check_member("exec:x", "disruption", "'none'");
	check_member("file:/a", "undoable", "true");
	check_member("exec:x", "undoable", "false");
	fixture_release(&f);
}
END_TEST

START_TEST(only_what_applies_is_there)
{
	static const char *const absent[] = { "because",  "reason", "diff",
					      "withheld", "failed", "skipped",
					      "owed",     "causes" };
	json_t *j;

	setup("'file:/a': {}", "");
	j = document("file:/a", false);
	for (size_t i = 0; i < COUNT(absent); i++)
		ck_assert_msg(!json_object_get(j, absent[i]), "%s", absent[i]);
	json_decref(j);
	fixture_release(&f);
}
END_TEST

START_TEST(why_not_is_told)
{
	setup("'file:/a': {'noop': true}, 'file:/no/b': {}, 'file:/c': "
	      "{'require': 'file:/no/b'}, 'exec:x': {'command': ['x'], "
	      "'creates': '/y'}, 'directory:/d': {'purge': true}",
	      "'/d/e': {'type': 'file', 'content': ''}");
	check_member("file:/a", "withheld", "'noop'");
	check_member("file:/no/b", "failed",
		     "'the folder \\u0027/no\\u0027 does not exist'");
	check_member("file:/c", "skipped", "'file:/no/b'");
	check_member("exec:x", "because", "'/y is missing'");
	check_member("file:/d/e", "reason", "'not managed'");
	fixture_release(&f);
}
END_TEST

START_TEST(a_refresh_has_causes)
{
	json_t *j;

	setup("'file:/a': {'notify': 'exec:x'}, 'file:/b': {'notify': "
	      "'exec:x'}, " ON_NOTICE("x"),
	      "");
	j = document("exec:x", true);
	check_json(json_incref(json_object_get(j, "causes")),
		   "['file:/a', 'file:/b']");
	check_json(json_incref(json_object_get(j, "attributes")), "{}");
	check_json(json_incref(json_object_get(j, "action")), "'refresh'");
	json_decref(j);
	fixture_release(&f);
}
END_TEST

/* --- the id of a change --- */

START_TEST(an_id_is_the_same_for_the_same_change)
{
	const char *id = id_of("'file:/a': {'content': 'n'}", HAS("o"));

	ck_assert_uint_eq(strlen(id), 16);
	ck_assert_uint_eq(strspn(id, "0123456789abcdef"), 16);
	ck_assert_str_eq(id, id_of("'file:/a': {'content': 'n'}", HAS("o")));
	/* nothing beside the change itself counts */
	ck_assert_str_eq(
		id,
		id_of("'file:/z': {}, 'file:/a': {'content': 'n', 'tags': "
		      "'x', 'description': 'y', 'require': 'file:/z', "
		      "'backup': true}",
		      HAS("o") ", '/other': {'type': 'file', 'content': ''}"));
}
END_TEST

START_TEST(an_id_does_not_name_the_host)
{
	struct manifest_options o = { .host = "another",
				      .facts = fixture_facts,
				      .context = &f };
	const char *id = id_of("'file:/a': {'content': 'n'}", HAS("o"));
	json_t *j;

	f = (struct fixture){ .tree = { &fixture_ops, "world" } };
	f.text = fixture_text("{'version': 1, 'resources': {'file:/a': "
			      "{'content': 'n'}}}");
	ck_assert(manifest_read(&f.manifest, &f.tree, "m.json", &o, &f.diags));
	ck_assert(catalog_build(&f.catalog, &f.manifest, modules, &f.diags));
	ck_assert(graph_build(&f.graph, &f.catalog, &f.diags));
	f.host = fixture_host("{'files': {" HAS("o") "}, 'users': {'x': 1}}",
			      &f.snapshot);
	fixture_plan(&f, NULL);
	j = document("file:/a", false);
	ck_assert_str_eq(json_string_value(json_object_get(j, "change")), id);
	json_decref(j);
	fixture_release(&f);
}
END_TEST

START_TEST(an_id_depends_on_what_changes)
{
	static const struct {
		const char *manifest, *host;
	} others[] = {
		{ "'file:/a': {'content': 'm'}", HAS("o") },
		{ "'file:/a': {'content': 'n'}", HAS("p") },
		{ "'file:/a': {'content': 'n', 'mode': '0600'}", HAS("o") },
		{ "'file:/a': {'content': 'n'}", "" },
		{ "'file:/a': {'ensure': 'absent'}", HAS("o") },
		{ "'file:/a': {'mode': '0600'}", HAS("o") },
	};
	const char *ids[COUNT(others) + 1];

	ids[COUNT(others)] = id_of("'file:/a': {'content': 'n'}", HAS("o"));
	for (size_t i = 0; i < COUNT(others); i++)
		ids[i] = id_of(others[i].manifest, others[i].host);
	for (size_t i = 0; i < COUNT(ids); i++)
		for (size_t j = i + 1; j < COUNT(ids); j++)
			ck_assert_str_ne(ids[i], ids[j]);
}
END_TEST

/* Else it could be guessed from the id. */
START_TEST(an_id_does_not_depend_on_what_is_hidden)
{
	const char *id = id_of("'file:/a': {'content': 'secret', 'sensitive': "
			       "'content'}",
			       HAS("o"));

	ck_assert_str_eq(id, id_of("'file:/a': {'content': 'other', "
				   "'sensitive': 'content'}",
				   HAS("p")));
	ck_assert_str_eq(id, id_of("'file:/a': {'source': 'files/motd', "
				   "'sensitive': 'source'}",
				   HAS("p")));
	ck_assert_str_ne(id,
			 id_of("'file:/a': {'content': 'secret'}", HAS("o")));
}
END_TEST

START_TEST(hidden_values_are_not_shown)
{
	json_t *j;
	char *text;

	setup("'file:/a': {'content': 'geheim', 'mode': '0600', 'sensitive': "
	      "'content'}",
	      HAS("alt"));
	check_member("file:/a", "attributes",
		     "{'content': {'sensitive': true}, 'mode': {'before': "
		     "'0644', 'after': '0600'}}");
	j = report_plan(&f.plan);
	/* of the manifest's own digest, and of nothing else of it */
	json_object_del(j, "digest");
	text = json_dumps(j, 0);
	ck_assert_ptr_null(strstr(text, "geheim"));
	ck_assert_ptr_null(strstr(text, "sha256"));
	free(text);
	json_decref(j);
	fixture_release(&f);
}
END_TEST

START_TEST(content_is_shown_by_its_digest)
{
	setup("'file:/a': {'content': 'abc'}", HAS(""));
	check_member(
		"file:/a", "attributes",
		"{'content': {'before': {'size': 0, 'sha256': "
		"'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852"
		"b855'}, 'after': {'size': 3, 'sha256': "
		"'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f200"
		"15ad'}}}");
	fixture_release(&f);
}
END_TEST

/* --- the plan --- */

START_TEST(the_summary_counts_each_change_once)
{
	setup("'file:/new': {}, 'file:/old': {'content': 'x'}, 'file:/gone': "
	      "{'ensure': 'absent'}, 'file:/same': {}, 'file:/no/where': {}, "
	      "'file:/after': {'require': 'file:/no/where'}, 'file:/noop': "
	      "{'noop': true, 'disruption': 'reboot'}, 'exec:ask': "
	      "{'command': ['a'], 'onlyif': ['b'], 'disruption': 'reload'}, "
	      "'exec:go': {'command': ['go'], 'refreshonly': true, "
	      "'subscribe': 'file:/new'}",
	      "'/old': {'type': 'file', 'content': ''}, '/gone': {'type': "
	      "'file', 'content': ''}, '/same': {'type': 'file', 'content': "
	      "''}");
	check_json(report_summary(&f.plan),
		   "{'create': 1, 'update': 1, 'remove': 1, 'refresh': 1, "
		   "'unknown': 1, 'withheld': 1, 'unchanged': 2, 'failed': 2, "
		   "'disruption': 'reload'}");
	fixture_release(&f);
}
END_TEST

START_TEST(a_plan_is_a_document)
{
	json_t *j, *changes;

	setup("'file:/b': {}, 'file:/a': {}", "");
	j = report_plan(&f.plan);
	check_json(json_incref(json_object_get(j, "format")),
		   "'converge.plan/1'");
	check_json(json_incref(json_object_get(j, "host")), "'web-1'");
	check_json(json_incref(json_object_get(j, "source")), "'m.json'");
	ck_assert_uint_eq(
		strlen(json_string_value(json_object_get(j, "digest"))), 64);
	changes = json_object_get(j, "changes");
	ck_assert_uint_eq(json_array_size(changes), 2);
	check_json(
		json_incref(json_object_get(json_array_get(changes, 0), "id")),
		"'file:/b'");
	json_decref(j);
	fixture_release(&f);
}
END_TEST

/* The digest of the plan of that manifest. */
static const char *digest_of(const char *manifest)
{
	static struct arena a;
	const char *digest;
	json_t *j;

	setup(manifest, "");
	j = report_plan(&f.plan);
	digest = arena_strdup(&a,
			      json_string_value(json_object_get(j, "digest")));
	json_decref(j);
	fixture_release(&f);
	return digest;
}

START_TEST(the_digest_tells_manifests_apart)
{
	const char *digest = digest_of("'file:/a': {}");

	ck_assert_str_eq(digest, digest_of("'file:/a': {}"));
	ck_assert_str_ne(digest, digest_of("'file:/b': {}"));
}
END_TEST

START_TEST(two_plans_of_one_host_are_the_same_bytes)
{
	char *text[2];

	for (int i = 0; i < 2; i++) {
		json_t *j;

		setup("'file:/${each.key}': {'for_each': {'z': 1, 'a': 2, "
		      "'m': 3}, 'content': 'x', 'notify': 'exec:go'}, "
		      "'directory:/d': {'purge': true, 'notify': "
		      "'exec:go'}, " ON_NOTICE("go"),
		      "'/d/3': {'type': 'file', 'content': ''}, '/d/1': "
		      "{'type': 'file', 'content': ''}, '/d/2': {'type': "
		      "'file', 'content': ''}");
		j = report_plan(&f.plan);
		text[i] = json_dumps(j, JSON_COMPACT);
		json_decref(j);
		fixture_release(&f);
	}
	ck_assert_str_eq(text[0], text[1]);
	free(text[0]);
	free(text[1]);
}
END_TEST

/* --- events --- */

START_TEST(an_event_is_a_change_and_its_end)
{
	const struct change *c;
	json_t *j;

	setup("'file:/a': {}", "");
	c = fixture_change(&f, "file:/a", false);
	j = report_event(&f.plan, c, VERDICT_FAILED, "why");
	check_json(json_incref(json_object_get(j, "format")),
		   "'converge.event/1'");
	check_json(json_incref(json_object_get(j, "event")), "'change'");
	check_json(json_incref(json_object_get(j, "result")), "'failed'");
	check_json(json_incref(json_object_get(j, "text")), "'why'");
	check_json(json_incref(json_object_get(j, "id")), "'file:/a'");
	json_decref(j);
	j = report_event(&f.plan, c, VERDICT_DONE, NULL);
	ck_assert_ptr_null(json_object_get(j, "text"));
	json_decref(j);
	fixture_release(&f);
}
END_TEST

START_TEST(text_that_is_no_text_is_escaped)
{
	json_t *j;

	setup("'file:/a': {}", "");
	j = report_event(&f.plan, fixture_change(&f, "file:/a", false),
			 VERDICT_FAILED,
			 "a\xff"
			 "b");
	check_json(json_incref(json_object_get(j, "text")), "'a\\\\xffb'");
	json_decref(j);
	fixture_release(&f);
}
END_TEST

START_TEST(the_end_counts_what_was_done)
{
	struct applied applied = { 0 };
	json_t *j;

	setup("'file:/a': {}, 'file:/b': {}", "'/b': {'type': 'file', "
					      "'content': ''}");
	applied.done[ACTION_CREATE] = 1;
	applied.done[ACTION_UPDATE] = 2;
	applied.done[ACTION_REMOVE] = 3;
	applied.done[ACTION_REFRESH] = 4;
	applied.counts[VERDICT_FAILED] = 5;
	applied.counts[VERDICT_SKIPPED] = 6;
	applied.counts[VERDICT_WITHHELD] = 7;
	applied.counts[VERDICT_LEFT] = 8;
	applied.counts[VERDICT_UNCHANGED] = 9;
	j = report_end(&f.plan, &applied, 4);
	check_json(json_incref(json_object_get(j, "summary")),
		   "{'created': 1, 'updated': 2, 'removed': 3, 'refreshed': 4,"
		   " 'failed': 5, 'skipped': 6, 'withheld': 7, 'left': 8, "
		   "'unchanged': 10}");
	check_json(json_incref(json_object_get(j, "exit")), "4");
	check_json(json_incref(json_object_get(j, "event")), "'end'");
	json_decref(j);
	fixture_release(&f);
}
END_TEST

START_TEST(actions_have_names)
{
	ck_assert_str_eq(action_name(ACTION_NONE), "none");
	ck_assert_str_eq(action_name(ACTION_CREATE), "create");
	ck_assert_str_eq(action_name(ACTION_UNKNOWN), "unknown");
}
END_TEST

TEST_SUITE("report", a_change_from_what_to_what,
	   a_change_has_its_place_and_class, only_what_applies_is_there,
	   why_not_is_told, a_refresh_has_causes,
	   an_id_is_the_same_for_the_same_change, an_id_does_not_name_the_host,
	   an_id_depends_on_what_changes,
	   an_id_does_not_depend_on_what_is_hidden, hidden_values_are_not_shown,
	   content_is_shown_by_its_digest, the_summary_counts_each_change_once,
	   a_plan_is_a_document, the_digest_tells_manifests_apart,
	   two_plans_of_one_host_are_the_same_bytes,
	   an_event_is_a_change_and_its_end, text_that_is_no_text_is_escaped,
	   the_end_counts_what_was_done, actions_have_names)
