/* SPDX-License-Identifier: MIT */
#include "lib/origin/trust.h"

#include <string.h>

#include "lib/test.h"

#define OLD "1111111111111111111111111111111111111111"
#define NEW "2222222222222222222222222222222222222222"
#define NOW 1700000000

static const struct claims fine = {
	.last = OLD,
	.last_time = NOW - 3 * 86400,
	.tip = NEW,
	.tip_time = NOW - 3600,
	.descends = true,
	.now = NOW,
};

static void expect(const struct claims *c, enum ruling ruling,
		   const char *commit, const char *text)
{
	struct arena a = { 0 };
	struct verdict_on v = trust_decide(c, &a);

	ck_assert_int_eq(v.ruling, ruling);
	if (commit)
		ck_assert_str_eq(v.commit, commit);
	else
		ck_assert_ptr_null(v.commit);
	if (text)
		ck_assert_msg(v.text && strstr(v.text, text), "'%s', not '%s'",
			      v.text ? v.text : "", text);
	else
		ck_assert_ptr_null(v.text);
	arena_release(&a);
}

START_TEST(follows_a_signed_descendant)
{
	struct claims first = fine;

	expect(&fine, RULING_TAKE, NEW, NULL);
	first.last = NULL;
	expect(&first, RULING_TAKE, NEW, NULL);
}
END_TEST

START_TEST(refuses_what_nobody_signed)
{
	struct claims c = fine;

	c.unsigned_because = "is not signed";
	expect(&c, RULING_REFUSED, NULL, NEW " is not signed");
	/* neither is there a way round, nor is an excuse looked for first */
	c.allow_rollback = NEW;
	c.descends = false;
	c.max_age = 1;
	expect(&c, RULING_REFUSED, NULL, NEW " is not signed");
}
END_TEST

START_TEST(refuses_to_go_back)
{
	struct claims c = fine;
	struct arena a = { 0 };
	struct verdict_on v;

	c.descends = false;
	expect(&c, RULING_REFUSED, NULL, "not a descendant of 111111111111");
	v = trust_decide(&c, &a);
	ck_assert_ptr_nonnull(strstr(v.hint, "--allow-rollback=" NEW));
	arena_release(&a);

	c.allow_rollback = OLD;
	expect(&c, RULING_REFUSED, NULL, "not a descendant");
	c.allow_rollback = "222222222222";
	expect(&c, RULING_REFUSED, NULL, "not a descendant");
	c.allow_rollback = "";
	expect(&c, RULING_REFUSED, NULL, "not a descendant");
	c.allow_rollback = NEW;
	expect(&c, RULING_TAKE, NEW, NULL);
}
END_TEST

START_TEST(is_not_frozen)
{
	struct claims c = fine;

	c.max_age = 3600;
	expect(&c, RULING_TAKE, NEW, NULL);
	c.max_age = 3599;
	expect(&c, RULING_KEEP, OLD,
	       "stale: the newest commit, 222222222222, "
	       "is 1 hour old");
	c.last = NULL;
	expect(&c, RULING_REFUSED, NULL, "no earlier run");
}
END_TEST

START_TEST(believes_no_date_to_come)
{
	struct claims c = fine;

	c.tip_time = NOW + TRUST_SKEW;
	expect(&c, RULING_TAKE, NEW, NULL);
	c.tip_time = NOW + TRUST_SKEW + 1;
	expect(&c, RULING_KEEP, OLD, "1 hour from now");
	/* a clock that stands at 1970 */
	c = fine;
	c.now = 10;
	expect(&c, RULING_KEEP, OLD, "its clock is wrong, or this one");
}
END_TEST

START_TEST(goes_on_without_a_network)
{
	struct claims c = fine;

	c.tip = NULL;
	c.not_fetched = "cannot fetch";
	expect(&c, RULING_KEEP, OLD,
	       "cannot fetch; going on with commit 111111111111, which is 3 "
	       "days old");
	c.last_time = 0;
	expect(&c, RULING_KEEP, OLD, "not known how old");
	c.last = NULL;
	expect(&c, RULING_REFUSED, NULL, "cannot fetch; and no earlier run");
}
END_TEST

/* There is no going on with the last one when one was brought by hand. */
START_TEST(takes_what_is_given_or_nothing)
{
	struct claims c = fine;

	c.is_given = true;
	expect(&c, RULING_TAKE, NEW, NULL);
	c.max_age = 3599;
	expect(&c, RULING_REFUSED, NULL,
	       "stale: the commit given, 222222222222, is 1 hour old");
	c.tip_time = NOW + TRUST_SKEW + 1;
	expect(&c, RULING_REFUSED, NULL, "1 hour from now");
	c.descends = false;
	expect(&c, RULING_REFUSED, NULL, "it goes back, or does not tell");
	c.unsigned_because = "is not signed";
	expect(&c, RULING_REFUSED, NULL, NEW " is not signed");
}
END_TEST

START_TEST(tells_ages)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} ages[] = {
		{ -5, "0 seconds" },         { 1, "1 second" },
		{ 59, "59 seconds" },        { 60, "1 minute" },
		{ 7199, "1 hour" },          { 7200, "2 hours" },
		{ 400 * 86400, "400 days" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++)
		ck_assert_str_eq(trust_age(ages[i].seconds, &a), ages[i].text);
	arena_release(&a);
}
END_TEST

/* Who counts how often it is said takes no age for another reason. */
START_TEST(the_reason_is_the_same_on_another_day)
{
	struct claims c = fine;
	struct arena a = { 0 };
	struct verdict_on v;

	v = trust_decide(&c, &a);
	ck_assert_ptr_null(v.because);
	c.tip = NULL;
	c.not_fetched = "no server";
	v = trust_decide(&c, &a);
	ck_assert_str_eq(v.because, "no server");
	ck_assert_ptr_nonnull(strstr(v.text, "3 days old"));
	c = fine;
	c.unsigned_because = "is not signed";
	v = trust_decide(&c, &a);
	ck_assert_str_eq(v.because, v.text);
	arena_release(&a);
}
END_TEST

TEST_SUITE("trust", follows_a_signed_descendant, refuses_what_nobody_signed,
	   refuses_to_go_back, is_not_frozen, believes_no_date_to_come,
	   goes_on_without_a_network, takes_what_is_given_or_nothing,
	   tells_ages, the_reason_is_the_same_on_another_day)
