/* SPDX-License-Identifier: MIT */
/* The commits of changes, and what came of looking for newer ones. */
#include <stdio.h>
#include <string.h>

#include "lib/store/fixture_test.h"

static const struct look_record unsigned_one = {
	.last = 1700000100,
	.source = "https://git.example.org/world.git",
	.ruling = LOOK_REFUSED,
	.revision = "abcd",
	.reason = "commit abcd is not signed",
};

static void put(const struct look_record *look)
{
	struct store *s = opened();

	MUST(store_look(s, look, &diags));
	MUST(store_sync(s, &diags));
	closed(s);
}

static void put_at(int64_t when, const struct look_record *look)
{
	struct look_record l = *look;

	l.last = when;
	put(&l);
}

static struct looks looks(void)
{
	struct looks looks;

	MUST(store_looks(&folder, 100, &arena, &looks, &diags));
	return looks;
}

START_TEST(a_look_is_read_as_it_was_written)
{
	const struct look_record taken = { .last = 5, .revision = "ef" };
	struct looks have;

	set_up();
	put(&unsigned_one);
	put(&taken);
	have = looks();
	ck_assert_uint_eq(have.n, 2);
	ck_assert_int_eq(have.v[0].ruling, LOOK_TAKEN);
	ck_assert_ptr_null(have.v[0].source);
	ck_assert_ptr_null(have.v[0].reason);
	ck_assert_str_eq(have.v[0].revision, "ef");
	ck_assert_int_eq(have.v[1].ruling, LOOK_REFUSED);
	ck_assert_str_eq(have.v[1].source, unsigned_one.source);
	ck_assert_str_eq(have.v[1].revision, "abcd");
	ck_assert_str_eq(have.v[1].reason, unsigned_one.reason);
	ck_assert_int_eq(have.v[1].first, 1700000100);
	ck_assert_int_eq(have.v[1].last, 1700000100);
	ck_assert_int_eq(have.v[1].times, 1);
	tear_down();
}
END_TEST

START_TEST(the_same_again_is_the_same_look)
{
	struct looks have;

	set_up();
	for (int i = 0; i < 3; i++)
		put_at(100 + i, &unsigned_one);
	have = looks();
	ck_assert_uint_eq(have.n, 1);
	ck_assert_int_eq(have.v[0].first, 100);
	ck_assert_int_eq(have.v[0].last, 102);
	ck_assert_int_eq(have.v[0].times, 3);
	tear_down();
}
END_TEST

START_TEST(whatever_differs_is_another_look)
{
	struct look_record other[5];
	struct looks have;

	set_up();
	put(&unsigned_one);
	for (size_t i = 0; i < COUNT(other); i++)
		other[i] = unsigned_one;
	other[0].source = NULL;
	other[1].ruling = LOOK_KEPT;
	other[2].revision = NULL;
	other[3].reason = NULL;
	other[4].reason = "commit abcd is not signed, again";
	for (size_t i = 0; i < COUNT(other); i++) {
		put(&other[i]);
		ck_assert_uint_eq(looks().n, i + 2);
		/* of what is not there too */
		put(&other[i]);
		ck_assert_uint_eq(looks().n, i + 2);
	}
	/* and the first one after others */
	put(&unsigned_one);
	have = looks();
	ck_assert_uint_eq(have.n, COUNT(other) + 2);
	ck_assert_int_eq(have.v[0].times, 1);
	tear_down();
}
END_TEST

START_TEST(the_last_that_was_refused_is_found)
{
	const struct look_record taken = { .last = 5, .revision = "ef" };
	struct looks refused;

	set_up();
	MUST(store_refused(&folder, &arena, &refused, &diags));
	ck_assert_uint_eq(refused.n, 0);
	put(&unsigned_one);
	put(&taken);
	MUST(store_refused(&folder, &arena, &refused, &diags));
	ck_assert_uint_eq(refused.n, 1);
	ck_assert_str_eq(refused.v[0].reason, unsigned_one.reason);
	tear_down();
}
END_TEST

START_TEST(old_looks_go)
{
	struct look_record look = unsigned_one;
	struct store *s;
	struct looks have;

	set_up();
	s = opened();
	for (int i = 0; i < STORE_LOOKS + 5; i++) {
		look.reason = arena_printf(&arena, "reason %d", i);
		MUST(store_look(s, &look, &diags));
	}
	MUST(store_sync(s, &diags));
	closed(s);
	MUST(store_looks(&folder, SIZE_MAX, &arena, &have, &diags));
	ck_assert_uint_eq(have.n, STORE_LOOKS);
	ck_assert_str_eq(have.v[0].reason,
			 arena_printf(&arena, "reason %d", STORE_LOOKS + 4));
	tear_down();
}
END_TEST

/* A ruling that is none that is known was not good. */
START_TEST(a_ruling_that_is_not_known_is_a_refusal)
{
	set_up();
	put(&unsigned_one);
	sql("UPDATE looks SET ruling = '\x1b[2J'");
	ck_assert_int_eq(looks().v[0].ruling, LOOK_REFUSED);
	tear_down();
}
END_TEST

START_TEST(the_commit_of_a_change_is_kept_with_it)
{
	const struct past_record past = { .revision = "0123",
					  .date = 1600000000,
					  .author = "Ada <ada@example.org>",
					  .subject = "raise worker limit" };
	struct past_record second = past;
	struct pasts have;
	struct store *s;

	set_up();
	s = opened();
	begin(s);
	second.change = 7;
	MUST(store_past(s, &second, &diags));
	second.change = 5;
	second.revision = "4567";
	MUST(store_past(s, &second, &diags));
	end(s);
	MUST(store_sync(s, &diags));
	closed(s);
	MUST(store_pasts(&folder, 0, &arena, &have, &diags));
	ck_assert_uint_eq(have.n, 2);
	ck_assert_int_eq(have.v[0].change, 5);
	ck_assert_str_eq(have.v[0].revision, "4567");
	ck_assert_int_eq(have.v[1].date, 1600000000);
	ck_assert_str_eq(have.v[1].author, past.author);
	ck_assert_str_eq(have.v[1].subject, past.subject);
	MUST(store_pasts(&folder, 6, &arena, &have, &diags));
	ck_assert_uint_eq(have.n, 1);
	ck_assert_str_eq(have.v[0].revision, "0123");
	tear_down();
}
END_TEST

START_TEST(commits_of_old_changes_go)
{
	struct past_record past = { 1, "0123", 1, "", "" };
	struct pasts have;
	struct store *s;

	set_up();
	s = opened();
	MUST(store_past(s, &past, &diags));
	past.change = STORE_CHANGES;
	MUST(store_past(s, &past, &diags));
	MUST(store_sync(s, &diags));
	MUST(store_pasts(&folder, 0, &arena, &have, &diags));
	ck_assert_uint_eq(have.n, 2);
	past.change++;
	MUST(store_past(s, &past, &diags));
	MUST(store_sync(s, &diags));
	closed(s);
	MUST(store_pasts(&folder, 0, &arena, &have, &diags));
	ck_assert_uint_eq(have.n, 2);
	ck_assert_int_eq(have.v[0].change, STORE_CHANGES);
	tear_down();
}
END_TEST

/* Of version 2: the tables are not there, and then they are. */
START_TEST(what_an_older_one_wrote_has_none)
{
	struct pasts pasts;
	struct store *s;
	struct looks have;

	set_up();
	fill_store(true);
	carry_over();
	sql("DROP TABLE sealed; DROP TABLE looks; DROP TABLE past; "
	    "PRAGMA user_version = 2");
	carry_over();
	load();
	ck_assert(is_filled_but_sealed() && !r.forgotten);
	MUST(store_pasts(&folder, 0, &arena, &pasts, &diags));
	MUST(store_refused(&folder, &arena, &have, &diags));
	ck_assert_uint_eq(looks().n + pasts.n + have.n, 0);
	s = opened();
	ck_assert(is_filled_but_sealed() && !r.forgotten);
	MUST(store_look(s, &unsigned_one, &diags));
	MUST(store_sync(s, &diags));
	closed(s);
	load();
	ck_assert(is_filled_but_sealed() && !r.forgotten);
	ck_assert_uint_eq(looks().n, 1);
	ck_assert_uint_eq(diags.n, 0);
	tear_down();
}
END_TEST

TEST_SUITE("looks", a_look_is_read_as_it_was_written,
	   the_same_again_is_the_same_look, whatever_differs_is_another_look,
	   the_last_that_was_refused_is_found, old_looks_go,
	   a_ruling_that_is_not_known_is_a_refusal,
	   the_commit_of_a_change_is_kept_with_it, commits_of_old_changes_go,
	   what_an_older_one_wrote_has_none)
