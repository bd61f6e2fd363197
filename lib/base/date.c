/* SPDX-License-Identifier: MIT */
#include "lib/base/date.h"

#include <string.h>

enum { FIRST_YEAR = 1970, LAST_YEAR = 9999 };

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_year(int year)
{
	return is_leap(year) ? 366 : 365;
}

/* month counts from 1. */
static int days_of_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* n plain digits. */
static bool number(const char *text, int n, int *value)
{
	*value = 0;
	for (int i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*value = *value * 10 + (text[i] - '0');
	}
	return true;
}

bool date_parse(const char *text, int64_t *days)
{
	int year, month, day;

	if (strlen(text) != DATE_SIZE - 1 || text[4] != '-' || text[7] != '-' ||
	    !number(text, 4, &year) || !number(text + 5, 2, &month) ||
	    !number(text + 8, 2, &day))
		return false;
	if (year < FIRST_YEAR || month < 1 || month > 12 || day < 1 ||
	    day > days_of_month(year, month))
		return false;
	*days = day - 1;
	for (int y = FIRST_YEAR; y < year; y++)
		*days += days_of_year(y);
	for (int m = 1; m < month; m++)
		*days += days_of_month(year, m);
	return true;
}

/* value in n digits, and what comes after them. */
static char *digits(char *to, int n, int64_t value, char after)
{
	for (int i = n; i-- > 0; value /= 10)
		to[i] = (char)('0' + value % 10);
	to[n] = after;
	return to + n + 1;
}

const char *date_text(int64_t days, char text[DATE_SIZE])
{
	int year = FIRST_YEAR, month = 1;

	for (; year < LAST_YEAR && days >= days_of_year(year); year++)
		days -= days_of_year(year);
	for (; month < 12 && days >= days_of_month(year, month); month++)
		days -= days_of_month(year, month);
	digits(digits(digits(text, 4, year, '-'), 2, month, '-'), 2, days + 1,
	       '\0');
	return text;
}
