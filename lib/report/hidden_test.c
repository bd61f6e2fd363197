/* SPDX-License-Identifier: MIT */
/* What is sensitive decides whether a saved plan has moved, and is in none. */
#include "lib/report/report.h"
#include "lib/report/saved.h"

#include "lib/fixture_test.h"

static struct fixture f;

/* The document of a plan, sealed; a new reference. */
static json_t *document(const char *manifest, const char *key)
{
	json_t *j;

	fixture_begin(&f, manifest, "'/a': {'type': 'file', 'content': 'old'}");
	fixture_plan(&f, NULL);
	j = report_plan(&f.plan);
	report_seals(&f.plan, j, key);
	/* only the changes are of interest */
	json_object_set_new(j, "digest", json_string("x"));
	fixture_release(&f);
	return j;
}

/* Whether the plan of one manifest is that of the other. */
static bool same(const char *a, const char *b)
{
	json_t *was = document(a, "key"), *is = document(b, "key");
	AUTO_DIAGS struct diags d = { 0 };
	bool ok = saved_matches(was, is, &d);

	json_decref(was);
	json_decref(is);
	return ok;
}

static const char *change_of(json_t *document, const char *key)
{
	json_t *change =
		json_array_get(json_object_get(document, "changes"), 0);

	return json_string_value(json_object_get(change, key));
}

#define SECRET(text) \
	"'file:/a': {'content': '" text "', 'sensitive': 'content'}"

START_TEST(what_is_hidden_must_be_as_it_was)
{
	ck_assert(same(SECRET("hunter2"), SECRET("hunter2")));
	ck_assert(!same(SECRET("hunter2"), SECRET("hunter3")));
	ck_assert(!same("'file:/b': {'source': 'files/motd', 'sensitive': "
			"['source']}",
			"'file:/b': {'source': 'files/one/only', 'sensitive': "
			"['source']}"));
	ck_assert(!same("'exec:x': {'command': ['a'], 'sensitive': true}",
			"'exec:x': {'command': ['b'], 'sensitive': true}"));
	ck_assert(!same("'exec:x': {'command': ['a'], 'env': {'P': '1'}, "
			"'sensitive': 'env'}",
			"'exec:x': {'command': ['a'], 'env': {'P': '2'}, "
			"'sensitive': 'env'}"));
}
END_TEST

/* Who has two plans shall not learn that they hide the same. */
START_TEST(a_seal_depends_on_its_key)
{
	json_t *one = document(SECRET("hunter2"), "1"),
	       *two = document(SECRET("hunter2"), "2");

	ck_assert_ptr_nonnull(change_of(one, "seal"));
	ck_assert_str_ne(change_of(one, "seal"), change_of(two, "seal"));
	ck_assert_str_eq(change_of(one, "change"), change_of(two, "change"));
	json_decref(one);
	json_decref(two);
}
END_TEST

START_TEST(what_hides_nothing_has_no_seal)
{
	json_t *j = document("'file:/a': {'content': 'x'}", "1");

	ck_assert_ptr_null(change_of(j, "seal"));
	json_decref(j);
}
END_TEST

/* The id of a change must not tell what is hidden. */
START_TEST(an_id_does_not_depend_on_what_is_hidden)
{
	json_t *one = document(SECRET("hunter2"), "1"),
	       *two = document(SECRET("hunter3"), "1");

	ck_assert_str_eq(change_of(one, "change"), change_of(two, "change"));
	json_decref(one);
	json_decref(two);
}
END_TEST

/* An approval of one command is not one of another. */
START_TEST(the_id_of_a_command_depends_on_all_that_it_does)
{
	static const char *const more[] = {
		"'command': ['a']",
		"'command': ['b']",
		"'command': ['a', 'b']",
		"'command': ['a'], 'user': 'app'",
		"'command': ['a'], 'env': {'A': 'b'}",
		"'command': ['a'], 'cwd': '/srv'",
		"'command': ['a'], 'stdin': 'b'",
	};
	json_t *seen = json_object();

	for (size_t i = 0; i < COUNT(more); i++) {
		AUTO_BUF struct buf b = { 0 };
		json_t *j;

		buf_printf(&b, "'exec:x': {%s}", more[i]);
		j = document(buf_text(&b), "1");
		ck_assert_ptr_null(
			json_object_get(seen, change_of(j, "change")));
		json_object_set_new(seen, change_of(j, "change"), json_true());
		json_decref(j);
	}
	json_decref(seen);
}
END_TEST

TEST_SUITE("hidden", what_is_hidden_must_be_as_it_was,
	   a_seal_depends_on_its_key, what_hides_nothing_has_no_seal,
	   an_id_does_not_depend_on_what_is_hidden,
	   the_id_of_a_command_depends_on_all_that_it_does)
