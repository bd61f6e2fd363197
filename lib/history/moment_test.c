/* SPDX-License-Identifier: MIT */
#include "lib/history/moment.h"

#include <time.h>

#include "lib/test.h"

enum { NOW = 1700000000 };

static void in_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static void is(const char *text, int64_t want)
{
	int64_t moment = -1;

	ck_assert_msg(moment_parse(text, NOW, &moment), "%s", text);
	ck_assert_msg(moment == want, "%s is %lld", text, (long long)moment);
}

START_TEST(so_long_ago)
{
	is("0", NOW);
	is("90", NOW - 90);
	is("90s", NOW - 90);
	is("15m", NOW - 900);
	is("12h", NOW - 43200);
	is("7d", NOW - 604800);
	is("2w", NOW - 1209600);
	is("36600d", NOW - INT64_C(36600) * 86400);
}
END_TEST

START_TEST(days_and_times_where_one_is)
{
	in_zone("UTC");
	is("2023-11-14", 1699920000);
	is("2023-11-14T22:13:20", NOW);
	is("2023-11-14T22:13", NOW - 20);
	in_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	is("2023-11-14", 1699920000 - 3600);
	is("2023-11-14T22:13:20", NOW - 3600);
	is("2023-07-14T22:13:20", 1689372800 - 7200);
	is("2023-11-14T22:13:20Z", NOW);
	is("2023-11-14Z", 1699920000);
	is("1970-01-02", 86400 - 3600);
}
END_TEST

START_TEST(what_is_no_moment)
{
	static const char *const texts[] = {
		"",
		"x",
		"-1",
		"+1",
		" 1",
		"1 ",
		"1x",
		"1dd",
		"d",
		"36601d",
		"99999999999999999999",
		"99999999999999999999w",
		"2023-11",
		"2023-11-31",
		"2023-13-01",
		"1969-12-31",
		"2023-11-14T",
		"2023-11-14T2",
		"2023-11-14T22",
		"2023-11-14T24:00",
		"2023-11-14T22:60",
		"2023-11-14T22:13:60",
		"2023-11-14T22.13",
		"2023-11-14T22:13.20",
		"2023-11-14T22:1x",
		"2023-11-14T22:13:",
		"2023-11-14T22:13:20ZZ",
		"2023-11-14T22:13:20+01:00",
		"2023-11-14 22:13",
		"2023-11-14TZ",
		"Z",
	};
	int64_t moment;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(!moment_parse(texts[i], NOW, &moment), "%s",
			      texts[i]);
}
END_TEST

static void shown(const char *utc, const char *want)
{
	AUTO_BUF struct buf b = { 0 };

	ck_assert(moment_here(utc, &b));
	ck_assert_str_eq(buf_text(&b), want);
}

START_TEST(shown_with_the_offset_of_here)
{
	in_zone("UTC");
	shown("2023-11-14T22:13:20Z", "2023-11-14T22:13:20+00:00");
	in_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	shown("2023-11-14T22:13:20Z", "2023-11-14T23:13:20+01:00");
	shown("2023-07-14T22:13:20Z", "2023-07-15T00:13:20+02:00");
	in_zone("NST3:30");
	shown("2023-11-14T22:13:20Z", "2023-11-14T18:43:20-03:30");
	shown("1970-01-01T00:00:00Z", "1969-12-31T20:30:00-03:30");
}
END_TEST

START_TEST(only_a_time_in_utc_is_shown)
{
	AUTO_BUF struct buf b = { 0 };

	ck_assert(!moment_here("2023-11-14T22:13:20", &b));
	ck_assert(!moment_here("\x1b[2J", &b));
	ck_assert(!moment_here("", &b));
	ck_assert_uint_eq(b.size, 0);
}
END_TEST

TEST_SUITE("moment", so_long_ago, days_and_times_where_one_is,
	   what_is_no_moment, shown_with_the_offset_of_here,
	   only_a_time_in_utc_is_shown)
