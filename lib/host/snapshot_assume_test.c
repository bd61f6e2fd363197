/* SPDX-License-Identifier: MIT */
/* Simulated applies: what is taken for granted, watched and compared. */
#include <jansson.h>

#include "lib/host/host.h"
#include "lib/test.h"

static json_t *json_of(const char *text)
{
	json_error_t error;
	json_t *json = json_loads(text, 0, &error);

	ck_assert_msg(json != NULL, "%s: %s", error.text, text);
	return json;
}

static struct host *host_of(const json_t *json, struct diags *d)
{
	struct host *h = host_snapshot(json, d);

	ck_assert_msg(h != NULL, "%s", d->n ? d->v[0].text : "?");
	return h;
}

static enum node_type type_at(const struct host *h, const char *path)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct node n;

	ck_assert(host_look(h, path, &n, &d));
	return n.type;
}

#define OPEN                                                         \
	"{\"files\": {\"/usr\": {\"type\": \"directory\", \"all\": " \
	"false}}, \"units\": {}, \"users\": {}, \"groups\": {}}"

START_TEST(what_is_not_held_is_not_there_for_a_while)
{
	static const struct host_needs nothing;
	AUTO_DIAGS struct diags d = { 0 };
	json_t *json = json_of(OPEN);
	struct host *h = host_of(json, &d);

	ck_assert_int_eq(type_at(h, "/usr/a"), NODE_UNKNOWN);
	ck_assert_int_eq(type_at(h, "/usr/b/c"), NODE_UNKNOWN);
	host_snapshot_assume(h, &nothing);
	ck_assert_int_eq(type_at(h, "/usr/a"), NODE_ABSENT);
	ck_assert_int_eq(type_at(h, "/usr/b/c"), NODE_ABSENT);
	host_snapshot_assume(h, NULL);
	ck_assert_int_eq(type_at(h, "/usr/a"), NODE_UNKNOWN);
	ck_assert_int_eq(type_at(h, "/usr/b/c"), NODE_UNKNOWN);
	host_close(h);
	json_decref(json);
}
END_TEST

static void install(struct host *h, struct diags *d)
{
	const struct package_change c = { .name = "app",
					  .wish = PACKAGE_INSTALL };

	ck_assert(host_package_change(h, &c, d));
}

START_TEST(only_what_is_installed_brings_anything)
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	json_t *json = json_of("{\"files\": {}, \"units\": {}}");
	struct host *h = host_of(json, &d);
	struct host_needs needs = { 0 };
	struct unit unit;
	uint32_t id;

	strings_add(&needs.services, &a, "app");
	strings_add(&needs.users, &a, "app");
	strings_add(&needs.groups, &a, "app");
	strings_add(&needs.folders, &a, "/etc");
	install(h, &d);
	ck_assert(!host_user_id(h, "app", &id));
	host_snapshot_assume(h, &needs);
	ck_assert(!host_user_id(h, "app", &id));
	install(h, &d);
	install(h, &d);
	host_snapshot_assume(h, NULL);
	ck_assert(host_user_id(h, "app", &id));
	ck_assert(host_group_id(h, "app", &id));
	ck_assert_int_eq(type_at(h, "/etc"), NODE_DIRECTORY);
	ck_assert(host_unit_file(h, "app.service", &a, &unit, &d));
	ck_assert_int_eq(unit.enabled, UNIT_DISABLED);
	ck_assert_str_eq(strings_join(host_snapshot_assumed(h), ", ", &a),
			 "group app, user app, folder /etc, unit app.service");
	host_close(h);
	json_decref(json);
}
END_TEST

static bool count_down(void *left)
{
	size_t *n = left;

	return *n > 0 && (*n)--;
}

static bool make(struct host *h, const char *path)
{
	AUTO_DIAGS struct diags d = { 0 };
	const struct perms perms = { .set = PERM_ALL, .mode = 0755 };

	return host_make_directory(h, path, &perms, &d);
}

START_TEST(a_write_that_may_not_be_made_changes_nothing)
{
	AUTO_DIAGS struct diags d = { 0 };
	json_t *json = json_of("{\"files\": {}}");
	struct host *h = host_of(json, &d);
	size_t left = 1;

	host_snapshot_watch(h, count_down, &left);
	ck_assert(make(h, "/a"));
	ck_assert(!make(h, "/b"));
	ck_assert_int_eq(type_at(h, "/b"), NODE_ABSENT);
	host_snapshot_watch(h, NULL, NULL);
	ck_assert(make(h, "/b"));
	host_close(h);
	json_decref(json);
}
END_TEST

/* One is as before says, and becomes what after says. */
static void differs(const char *before, const char *after, const char *want)
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags d = { 0 };
	json_t *x = json_of(before), *y = json_of(after);
	struct host *h = host_of(x, &d), *i = host_of(y, &d);
	const char *said = host_snapshot_difference(h, i, &a);
	const char *back = host_snapshot_difference(i, h, &a);

	ck_assert_str_eq(said ? said : "", want);
	ck_assert_str_eq(back ? back : "", want);
	host_close(h);
	host_close(i);
	json_decref(x);
	json_decref(y);
}

#define FILE_A(more) "{\"files\": {\"/a\": {\"type\": \"file\", " more "}}}"
#define PARTS(parts) "{\"files\": {}, " parts "}"

START_TEST(a_difference_is_named)
{
	differs(FILE_A("\"content\": \"1\""), FILE_A("\"content\": \"1\""), "");
	differs(FILE_A("\"content\": \"1\""), FILE_A("\"content\": \"2\""),
		"/a: its content");
	differs(FILE_A("\"content\": \"1\""),
		FILE_A("\"content\": \"1\", \"mode\": \"0600\""),
		"/a: its mode");
	differs(FILE_A("\"content\": \"1\""),
		FILE_A("\"content\": \"1\", \"uid\": 1"), "/a: its owner");
	differs(FILE_A("\"content\": \"1\""), "{\"files\": {}}",
		"/a: whether it is there");
	differs(FILE_A("\"content\": \"1\""),
		"{\"files\": {\"/a\": {\"type\": \"directory\"}}}",
		"/a: its type");
	/* the digest of "1" */
	differs(FILE_A("\"content\": \"1\""),
		FILE_A("\"size\": 1, \"sha256\": "
		       "\"6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e"
		       "52ddb7875b4b\""),
		"");
	differs("{\"files\": {\"/l\": {\"type\": \"link\", \"target\": "
		"\"x\"}}}",
		"{\"files\": {\"/l\": {\"type\": \"link\", \"target\": "
		"\"y\"}}}",
		"/l: its target");
	differs(PARTS("\"users\": {\"u\": 1}"), PARTS("\"users\": {\"u\": 2}"),
		"user u");
	differs(PARTS("\"groups\": {\"g\": 1}"), PARTS("\"groups\": {}"),
		"group g");
	differs(PARTS("\"packages\": {\"p\": \"1\"}"),
		PARTS("\"packages\": {\"p\": \"2\"}"), "package p");
	differs(PARTS("\"units\": {\"a.service\": {\"active\": \"active\", "
		      "\"enabled\": \"enabled\"}}"),
		PARTS("\"units\": {\"a.service\": {\"active\": \"inactive\", "
		      "\"enabled\": \"enabled\"}}"),
		"unit a.service");
	differs(PARTS("\"units\": {\"a.service\": {\"active\": \"active\", "
		      "\"enabled\": \"enabled\"}}"),
		PARTS("\"units\": {}"), "unit a.service");
}
END_TEST

TEST_SUITE("snapshot assume", what_is_not_held_is_not_there_for_a_while,
	   only_what_is_installed_brings_anything,
	   a_write_that_may_not_be_made_changes_nothing, a_difference_is_named)
