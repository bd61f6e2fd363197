/* SPDX-License-Identifier: MIT */
#include "lib/report/saved.h"

#include "lib/fixture_test.h"

static struct diags d;

static const char *said(void)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < d.n; i++)
		buf_printf(&b, "%s%s", i ? "\n" : "", d.v[i].text);
	return arena_strdup(&d.arena, buf_text(&b));
}

/* Whether a plan made now is the saved one. */
static bool matches(const char *saved, const char *now)
{
	json_t *was = fixture_json(saved), *is = fixture_json(now);
	bool ok;

	diags_release(&d);
	ok = saved_matches(was, is, &d);
	ck_assert(ok == !d.errors);
	json_decref(was);
	json_decref(is);
	return ok;
}

#define HEAD "'host': 'h', 'digest': 'abc', 'changes': "
#define CHANGE(id, change)                                        \
	"{'id': '" id "', 'action': 'update', 'change': '" change \
	"', 'attributes': {}}"
#define REFRESH(id)                                             \
	"{'id': '" id "', 'action': 'refresh', 'change': '1', " \
	"'attributes': {}, 'causes': ['file:/a']}"

START_TEST(a_saved_plan_is_known_by_its_format)
{
	static const char plan[] = "{\"format\": \"converge.plan/1\"}";
	static const char other[] = "{\"format\": \"converge.plan/2\"}";
	static const char manifest[] = "{\"version\": 1}";
	json_t *j = saved_parse(plan, sizeof(plan) - 1);

	ck_assert_ptr_nonnull(j);
	json_decref(j);
	ck_assert_ptr_null(saved_parse(other, sizeof(other) - 1));
	ck_assert_ptr_null(saved_parse(manifest, sizeof(manifest) - 1));
	ck_assert_ptr_null(saved_parse(plan, sizeof(plan) - 2));
	ck_assert_ptr_null(saved_parse("", 0));
	ck_assert_ptr_null(saved_parse("[]", 2));
	ck_assert_ptr_null(saved_parse("{\"format\": 1}", 13));
}
END_TEST

START_TEST(a_saved_plan_says_what_it_was_made_from)
{
	static const char *const bad[] = {
		"{}",
		"{'path': 1}",
		"{'path': 'm.json'}",
		"{'path': ''}",
		"{'path': '/m', 'host': 'h'}",
		"{'path': '/m', 'terms': {'root': '/', 'only': [], 'tags': "
		"[]}}",
		"{'path': '/m', 'host': 'h', 'terms': {'root': '/'}}",
		"{'path': '/m', 'host': 'h', "
		"'terms': {'root': '/', 'only': [1], 'tags': []}}",
	};
	json_t *j = fixture_json("{'path': '/w/m.json', 'host': 'h', 'terms': "
				 "{'root': '/r', 'only': ['file:/a'], "
				 "'tags': [], 'max_disruption': 'none'}}");
	struct arena a = { 0 };
	struct saved_head head;

	ck_assert(saved_read_head(j, &a, &head, &d));
	ck_assert_str_eq(head.path, "/w/m.json");
	ck_assert_str_eq(head.host, "h");
	ck_assert_str_eq(head.terms.root, "/r");
	ck_assert(strings_have(&head.terms.only, "file:/a"));
	ck_assert_str_eq(head.terms.max_disruption, "none");
	ck_assert_uint_eq(d.n, 0);
	ck_assert(saved_is_for(&head, "h", "/r", &d));
	ck_assert(!saved_is_for(&head, "h2", "/r", &d));
	ck_assert(!saved_is_for(&head, "h", "/", &d));
	ck_assert_uint_eq(d.errors, 2);
	json_decref(j);
	for (size_t i = 0; i < COUNT(bad); i++) {
		j = fixture_json(bad[i]);
		ck_assert_msg(!saved_read_head(j, &a, &head, &d), "%s", bad[i]);
		ck_assert_uint_eq(d.errors, i + 3);
		json_decref(j);
	}
	arena_release(&a);
	diags_release(&d);
}
END_TEST

START_TEST(the_same_plan_matches)
{
	ck_assert(matches("{" HEAD "[]}", "{" HEAD "[]}"));
	ck_assert(matches(
		"{" HEAD "[" CHANGE("file:/a", "1") ", " REFRESH("exec:x") "]}",
		"{" HEAD
		"[" CHANGE("file:/a", "1") ", " REFRESH("exec:x") "]}"));
}
END_TEST

START_TEST(what_is_for_people_may_differ)
{
	ck_assert(matches("{" HEAD "[{'id': 'a', 'diff': '-x', 'because': "
			  "'y', 'origin': {'line': 1}}], 'path': '/x'}",
			  "{" HEAD "[{'id': 'a'}]}"));
}
END_TEST

START_TEST(another_host_or_manifest_is_stale)
{
	ck_assert(!matches("{" HEAD "[]}", "{'host': 'other', 'digest': 'abc', "
					   "'changes': []}"));
	ck_assert_str_eq(said(), "the plan is stale: it is for another host");
	ck_assert(!matches("{" HEAD "[]}",
			   "{'host': 'h', 'digest': 'abd', 'changes': []}"));
	ck_assert_str_eq(said(),
			 "the plan is stale: the manifest has changed since");
	ck_assert(!matches("{'changes': []}", "{'changes': []}"));
	ck_assert(!matches("{'host': 'h', 'changes': []}", "{" HEAD "[]}"));
	diags_release(&d);
}
END_TEST

START_TEST(all_that_moved_is_named)
{
	ck_assert(!matches(
		"{" HEAD "[" CHANGE("file:/gone", "1") ", " CHANGE(
			"file:/other", "1") ", " CHANGE("file:/same", "1") "]}",
		"{" HEAD "[" CHANGE("file:/same", "1") ", " CHANGE(
			"file:/other", "2") ", " CHANGE("file:/new",
							"1") "]}"));
	ck_assert_str_eq(
		said(),
		"the plan is stale: file:/gone need not change any more\n"
		"the plan is stale: file:/other is not as it was\n"
		"the plan is stale: file:/new must change now");
	diags_release(&d);
}
END_TEST

#define SEALED(digest, sha256)                                              \
	"{" HEAD "[{'id': 'file:/b', 'change': '" digest                    \
	"', 'attributes': {'mode': {'before': '0600', 'after': '0640'}, "   \
	"'content': {'before': {'hidden': true}, 'after': {'sha256': '0', " \
	"'secrets': {'secrets/a.age': '1', 'secrets/b.age': '" sha256       \
	"'}}}}}]}"

START_TEST(a_secret_that_was_sealed_anew_is_named)
{
	ck_assert(matches(SEALED("1", "2"), SEALED("1", "2")));
	ck_assert(!matches(SEALED("1", "2"), SEALED("2", "3")));
	ck_assert_str_eq(said(),
			 "the plan is stale: the secret 'secrets/b.age' "
			 "of file:/b was sealed anew since");
	ck_assert(!matches(SEALED("1", "2"), SEALED("2", "2")));
	ck_assert_str_eq(said(), "the plan is stale: file:/b is not as it was");
	diags_release(&d);
}
END_TEST

START_TEST(another_order_is_another_plan)
{
	ck_assert(!matches(
		"{" HEAD
		"[" CHANGE("file:/a", "1") ", " CHANGE("file:/b", "1") "]}",
		"{" HEAD
		"[" CHANGE("file:/b", "1") ", " CHANGE("file:/a", "1") "]}"));
	ck_assert_str_eq(said(), "the plan is stale: its order is another now");
	diags_release(&d);
}
END_TEST

START_TEST(a_refresh_is_not_the_change_of_the_same_resource)
{
	ck_assert(!matches("{" HEAD "[" CHANGE("exec:x", "1") "]}",
			   "{" HEAD "[" CHANGE("exec:x", "1") ", " REFRESH(
				   "exec:x") "]}"));
	ck_assert_str_eq(said(), "the plan is stale: exec:x must change now");
	ck_assert(!matches("{" HEAD "[" REFRESH("exec:x") "]}",
			   "{" HEAD "[" CHANGE("exec:x", "1") "]}"));
	ck_assert_str_eq(said(), "the plan is stale: exec:x is not as it was");
	diags_release(&d);
}
END_TEST

#define WITH(id, key, value)                                                 \
	"{'id': '" id "', 'action': 'update', 'change': '1', 'attributes': " \
	"{}, '" key "': '" value "'}"

/* What only waits for something else, or is refreshed for it, is as it was. */
START_TEST(what_follows_from_what_moved_is_not_named)
{
	ck_assert(!matches("{" HEAD "[" CHANGE("file:/a", "1") ", " CHANGE(
				   "link:/l", "1") ", " REFRESH("exec:x") "]}",
			   "{" HEAD
			   "[" WITH("file:/a", "failed", "no user") ", " WITH(
				   "link:/l", "skipped",
				   "file:/a") ", " WITH("exec:x", "skipped",
							"file:/a") "]}"));
	ck_assert_str_eq(said(), "the plan is stale: file:/a would fail now");
	/* and back */
	ck_assert(!matches(
		"{" HEAD "[" WITH("file:/a", "failed", "no user") ", " WITH(
			"exec:x", "skipped", "file:/a") "]}",
		"{" HEAD
		"[" CHANGE("file:/a", "1") ", " REFRESH("exec:x") "]}"));
	ck_assert_str_eq(said(), "the plan is stale: file:/a is not as it was");
	ck_assert(!matches(
		"{" HEAD "[" CHANGE("file:/a", "1") ", " REFRESH("exec:x") "]}",
		"{" HEAD "[]}"));
	ck_assert_str_eq(said(), "the plan is stale: file:/a need not change "
				 "any more");
	/* but where there is nothing else, it is */
	ck_assert(!matches("{" HEAD "[" CHANGE("link:/l", "1") "]}",
			   "{" HEAD
			   "[" WITH("link:/l", "skipped", "file:/a") "]}"));
	ck_assert_str_eq(said(), "the plan is stale: link:/l is not as it was");
	diags_release(&d);
}
END_TEST

START_TEST(what_is_withheld_now_was_not_planned_so)
{
	static const char *const keys[] = { "withheld", "failed", "skipped",
					    "action", "attributes" };

	for (size_t i = 0; i < COUNT(keys); i++) {
		AUTO_BUF struct buf b = { 0 };

		buf_printf(&b, "{" HEAD "[{'id': 'file:/a', '%s': 'x'}]}",
			   keys[i]);
		ck_assert_msg(!matches("{" HEAD "[{'id': 'file:/a'}]}", b.text),
			      "%s", keys[i]);
		ck_assert_str_eq(said(),
				 i == 1 ? "the plan is stale: file:/a would "
					  "fail now"
					: "the plan is stale: file:/a is not "
					  "as it was");
	}
	diags_release(&d);
}
END_TEST

START_TEST(nonsense_is_stale_not_fatal)
{
	ck_assert(!matches("{" HEAD "7}", "{" HEAD "[{}]}"));
	ck_assert(!matches("{" HEAD "[1, null, {'id': 2}]}", "{" HEAD "[]}"));
	ck_assert_uint_eq(d.n, 3);
	ck_assert_str_eq(d.v[0].text,
			 "the plan is stale: a change need not change any "
			 "more");
	diags_release(&d);
}
END_TEST

/* A plan of the library, saved and read again. */
START_TEST(a_plan_survives_its_file)
{
	struct fixture f;
	json_t *document, *saved;
	char *text;

	fixture_begin(&f,
		      "'file:/a': {'content': 'x', 'notify': 'exec:go'}, "
		      "'exec:go': {'command': ['go'], 'refreshonly': true}",
		      "");
	fixture_plan(&f, NULL);
	document = report_plan(&f.plan);
	text = json_dumps(document, JSON_INDENT(1) | JSON_ENSURE_ASCII);
	saved = saved_parse(text, strlen(text));
	ck_assert_ptr_nonnull(saved);
	ck_assert(saved_matches(saved, document, &d));
	free(text);
	json_decref(saved);
	json_decref(document);
	fixture_release(&f);
}
END_TEST

TEST_SUITE("saved", a_saved_plan_is_known_by_its_format,
	   a_saved_plan_says_what_it_was_made_from, the_same_plan_matches,
	   what_is_for_people_may_differ, another_host_or_manifest_is_stale,
	   all_that_moved_is_named, a_secret_that_was_sealed_anew_is_named,
	   another_order_is_another_plan,
	   a_refresh_is_not_the_change_of_the_same_resource,
	   what_follows_from_what_moved_is_not_named,
	   what_is_withheld_now_was_not_planned_so, nonsense_is_stale_not_fatal,
	   a_plan_survives_its_file)
