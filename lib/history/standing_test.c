/* SPDX-License-Identifier: MIT */
#include "lib/history/standing.h"

#include <string.h>

#include "lib/doc/doc.h"
#include "lib/test.h"

#define HOLDER "42 2023-11-14T22:14:00Z apply"

enum { NOW = 1700000100 };

/* A host where all is well, and what a test makes of it. */
struct stand {
	struct run_record v[2];
	struct runs runs;
	struct change_record changes[4];
	struct changes current, last;
	struct debt debts[3];
	struct remembered remembered;
	struct look_record look;
	struct standing standing;
};

static void set_up(struct stand *h)
{
	*h = (struct stand){
		.v = { { .id = 2,
			 .host = "web-1",
			 .source = "/w",
			 .command = "apply",
			 .pid = 42,
			 .started = 1700000000,
			 .ended = true,
			 .finished = 1700000001 },
		       { .id = 1,
			 .host = "web-1",
			 .source = "/w",
			 .command = "apply",
			 .pid = 41,
			 .started = 1600000000,
			 .ended = true,
			 .finished = 1600000001 } },
		.look = { .ruling = LOOK_TAKEN, .times = 1, .last = NOW },
	};
	h->runs = (struct runs){ .v = h->v, .n = 2 };
	h->current.v = h->last.v = h->changes;
	h->remembered.debts = h->debts;
	for (size_t i = 0; i < 4; i++)
		h->changes[i] = (struct change_record){
			.id = (int64_t)i,
			.resource = i % 2 ? "file:/b" : "file:/a",
			.action = "create",
			.result = RESULT_DONE,
		};
	h->standing = (struct standing){
		.state = "/s",
		.runs = &h->runs,
		.current = &h->current,
		.last = &h->last,
		.look = &h->look,
		.remembered = &h->remembered,
		.now = NOW,
	};
}

/* The kinds of problems, "a b"; well says the same. */
static const char *problems(const struct stand *h)
{
	static char kinds[200];
	json_t *j = standing_document(&h->standing), *problem;
	size_t i;

	kinds[0] = '\0';
	json_array_foreach (json_object_get(j, "problems"), i, problem) {
		if (i)
			strcat(kinds, " ");
		strcat(kinds,
		       json_string_value(json_object_get(problem, "kind")));
		ck_assert_ptr_nonnull(json_object_get(problem, "text"));
	}
	ck_assert(json_is_true(json_object_get(j, "well")) == !*kinds);
	json_decref(j);
	return kinds;
}

static json_t *part(const struct stand *h, const char *key)
{
	json_t *j = standing_document(&h->standing);
	json_t *found = json_incref(json_object_get(j, key));

	json_decref(j);
	return found;
}

static json_int_t number(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

START_TEST(all_is_well)
{
	struct stand h;

	set_up(&h);
	ck_assert_str_eq(problems(&h), "");
	/* it did what it may */
	h.v[0].code = 3;
	ck_assert_str_eq(problems(&h), "");
	/* it has an earlier commit to go on with */
	h.look.ruling = LOOK_KEPT;
	ck_assert_str_eq(problems(&h), "");
	h.standing.look = NULL;
	ck_assert_str_eq(problems(&h), "");
	/* what was before the last run does not count */
	h.v[1].ended = false;
	ck_assert_str_eq(problems(&h), "");
}
END_TEST

START_TEST(what_is_not_well)
{
	struct stand h;

	set_up(&h);
	h.v[0].code = 4;
	ck_assert_str_eq(problems(&h), "failed");
	h.v[0].code = 143;
	ck_assert_str_eq(problems(&h), "stopped");
	h.v[0].ended = false;
	ck_assert_str_eq(problems(&h), "interrupted");
	h.look.ruling = LOOK_REFUSED;
	ck_assert_str_eq(problems(&h), "interrupted refused");
	h.debts[0] =
		(struct debt){ "service:a", "file:/a", NULL, 2, NULL, false };
	h.remembered.ndebts = 1;
	ck_assert_str_eq(problems(&h), "interrupted refused owed");
	h.standing.is_unknown = true;
	ck_assert_str_eq(problems(&h), "unknown");
}
END_TEST

START_TEST(a_host_without_a_run)
{
	struct stand h;

	set_up(&h);
	h.runs.n = 0;
	h.standing.look = NULL;
	ck_assert_str_eq(problems(&h), "never");
	/* the first one is at work */
	h.standing.holder = HOLDER;
	ck_assert_str_eq(problems(&h), "");
	h.standing.holder = NULL;
	/* and one that could not begin */
	h.standing.look = &h.look;
	h.look.ruling = LOOK_REFUSED;
	ck_assert_str_eq(problems(&h), "refused");
}
END_TEST

START_TEST(a_target_is_owed_once)
{
	struct stand h;
	json_t *owed;

	set_up(&h);
	h.debts[0] =
		(struct debt){ "service:a", "file:/a", NULL, 1, NULL, false };
	h.debts[1] =
		(struct debt){ "service:a", "file:/b", NULL, 2, NULL, false };
	h.debts[2] =
		(struct debt){ "service:b", "file:/b", NULL, 2, NULL, false };
	h.remembered.ndebts = 3;
	ck_assert_str_eq(problems(&h), "owed owed");
	owed = part(&h, "owed");
	ck_assert_uint_eq(json_array_size(owed), 3);
	json_decref(owed);
	/* the run at work owes what it is about to do */
	h.v[0].ended = false;
	h.standing.holder = HOLDER;
	ck_assert_str_eq(problems(&h), "owed");
}
END_TEST

START_TEST(who_is_at_work)
{
	struct stand h;
	json_t *running, *last;

	set_up(&h);
	h.standing.holder = HOLDER;
	/* it has not begun: the last run is another one */
	ck_assert_uint_eq(standing_at_work(&h.runs, HOLDER), 0);
	running = part(&h, "running");
	ck_assert_int_eq(number(running, "pid"), 42);
	ck_assert_ptr_null(json_object_get(running, "run"));
	json_decref(running);

	h.v[0].ended = false;
	h.current.n = 4;
	h.changes[1].result = RESULT_PLANNED;
	h.changes[3].result = RESULT_PLANNED;
	ck_assert_uint_eq(standing_at_work(&h.runs, HOLDER), 1);
	running = part(&h, "running");
	ck_assert_int_eq(number(running, "run"), 2);
	ck_assert_int_eq(number(running, "changes"), 4);
	ck_assert_int_eq(number(running, "done"), 2);
	ck_assert_str_eq(json_string_value(json_object_get(running, "next")),
			 "file:/b");
	json_decref(running);
	last = part(&h, "last");
	ck_assert_int_eq(number(last, "run"), 1);
	json_decref(last);
}
END_TEST

START_TEST(another_holder_is_not_the_run)
{
	struct stand h;

	set_up(&h);
	h.v[0].ended = false;
	h.standing.holder = "43 2023-11-14T22:14:00Z apply";
	ck_assert_uint_eq(standing_at_work(&h.runs, h.standing.holder), 0);
	ck_assert_str_eq(problems(&h), "interrupted");
	h.standing.holder = NULL;
	ck_assert_uint_eq(standing_at_work(&h.runs, NULL), 0);
	ck_assert_str_eq(problems(&h), "interrupted");
}
END_TEST

START_TEST(whatever_the_lock_says)
{
	static const char *const texts[] = {
		"",
		" ",
		"x",
		"42",
		"42 ",
		"42 x",
		"99999999999999999999 x y",
		"-1 a b",
		"\xff\x1b[2J \xff \xff",
		"42 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b",
	};
	struct stand h;
	json_t *running;

	set_up(&h);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		h.standing.holder = texts[i];
		running = part(&h, "running");
		ck_assert(json_is_string(json_object_get(running, "command")));
		json_decref(running);
	}
}
END_TEST

START_TEST(the_world_has_its_age)
{
	struct stand h;
	json_t *world;

	set_up(&h);
	world = part(&h, "world");
	ck_assert_ptr_null(world);
	h.remembered.world = (struct world_record){ "abcd", NOW - 60, NOW - 5 };
	world = part(&h, "world");
	ck_assert_int_eq(number(world, "age"), 60);
	json_decref(world);
	h.remembered.world.time = NOW + 60;
	world = part(&h, "world");
	ck_assert_int_eq(number(world, "age"), 0);
	json_decref(world);
}
END_TEST

START_TEST(what_failed_and_what_was_withheld)
{
	struct stand h;
	json_t *failed, *withheld, *left;

	set_up(&h);
	h.last.n = 4;
	h.changes[0].result = RESULT_FAILED;
	h.changes[1].result = RESULT_SKIPPED;
	h.changes[1].reason = "it needs another";
	h.changes[2].result = RESULT_WITHHELD;
	h.changes[3].result = RESULT_SKIPPED; /* its turn did not come */
	failed = part(&h, "failed");
	withheld = part(&h, "withheld");
	left = part(&h, "left");
	ck_assert_uint_eq(json_array_size(failed), 2);
	ck_assert_uint_eq(json_array_size(withheld), 1);
	ck_assert_int_eq(json_integer_value(left), 1);
	json_decref(failed);
	json_decref(withheld);
	json_decref(left);
}
END_TEST

static void check_keys(const json_t *schema, json_t *document)
{
	const json_t *properties = json_object_get(schema, "properties");
	const char *key;
	json_t *value;

	ck_assert(json_is_object(properties));
	json_object_foreach (document, key, value)
		ck_assert_msg(json_object_get(properties, key) != NULL, "%s",
			      key);
}

START_TEST(it_keeps_to_its_schema)
{
	json_t *schema = doc_output_schema("converge.status/1"), *j, *value;
	const char *key;
	struct stand h;

	set_up(&h);
	h.v[0].ended = false;
	h.current.n = h.last.n = 4;
	h.changes[0].result = RESULT_PLANNED;
	h.changes[1].result = RESULT_FAILED;
	h.changes[2].result = RESULT_WITHHELD;
	h.debts[0] =
		(struct debt){ "service:a", "file:/a", NULL, 1, NULL, false };
	h.remembered.ndebts = 1;
	h.remembered.world = (struct world_record){ "abcd", NOW - 60, NOW - 5 };
	h.look.reason = h.look.source = h.look.revision = "x";
	h.standing.refused = &h.look;
	h.standing.holder = HOLDER;
	j = standing_document(&h.standing);
	check_keys(schema, j);
	json_object_foreach (j, key, value) {
		const json_t *part = json_object_get(
			json_object_get(schema, "properties"), key);

		if (json_is_object(value))
			check_keys(part, value);
		if (json_is_array(value))
			check_keys(json_object_get(part, "items"),
				   json_array_get(value, 0));
	}
	/* there was something of everything */
	ck_assert_uint_eq(json_object_size(j), json_object_size(json_object_get(
						       schema, "properties")));
	json_decref(j);
	json_decref(schema);
}
END_TEST

TEST_SUITE("standing", all_is_well, what_is_not_well, a_host_without_a_run,
	   a_target_is_owed_once, who_is_at_work, another_holder_is_not_the_run,
	   whatever_the_lock_says, the_world_has_its_age,
	   what_failed_and_what_was_withheld, it_keeps_to_its_schema)
