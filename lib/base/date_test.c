/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "lib/base/auto.h"
#include "lib/base/date.h"
#include "lib/test.h"

START_TEST(days_are_as_the_c_library_counts_them)
{
	char text[DATE_SIZE];
	int64_t days;

	for (int64_t day = 0; day < 400000; day += 97) {
		const time_t seconds = day * 86400;
		char want[32];
		struct tm tm;

		ck_assert_ptr_nonnull(gmtime_r(&seconds, &tm));
		ck_assert_uint_eq(strftime(want, sizeof(want), "%Y-%m-%d", &tm),
				  10);
		ck_assert_str_eq(date_text(day, text), want);
		ck_assert(date_parse(want, &days));
		ck_assert_int_eq(days, day);
	}
}
END_TEST

START_TEST(what_is_no_day_is_refused)
{
	static const char *const bad[] = {
		"",           "2027",       "2027-1-1",    "2027-00-01",
		"2027-01-00", "2027-13-01", "2027-02-29",  "1900-01-01",
		"1969-12-31", "2027/01/01", "2027-01-01 ", " 2027-01-0",
		"20a7-01-01", "2027-+1-01", "2100-02-29",
	};
	int64_t days;

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(!date_parse(bad[i], &days), "%s", bad[i]);
	ck_assert(date_parse("2000-02-29", &days));
	ck_assert(date_parse("9999-12-31", &days));
	ck_assert(date_parse("1970-01-01", &days));
	ck_assert_int_eq(days, 0);
}
END_TEST

TEST_SUITE("date", days_are_as_the_c_library_counts_them,
	   what_is_no_day_is_refused)
