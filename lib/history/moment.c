/* SPDX-License-Identifier: MIT */
#include "lib/history/moment.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/date.h"

enum {
	DAY = 24 * 60 * 60,
	MOST = 100 * 366, /* days that are looked back */
};

static bool parse_ago(const char *text, int64_t *seconds)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = { { "", 1 },     { "s", 1 },   { "m", 60 },
		      { "h", 3600 }, { "d", DAY }, { "w", (int64_t)7 * DAY } };
	char *end;
	long n;

	if (*text < '0' || *text > '9')
		return false;
	n = strtol(text, &end, 10);
	for (size_t i = 0; i < COUNT(units); i++) {
		if (strcmp(end, units[i].unit) != 0)
			continue;
		if (n > (int64_t)MOST * DAY / units[i].seconds)
			return false;
		*seconds = n * units[i].seconds;
		return true;
	}
	return false;
}

/* Two digits, if they are no more than most. */
static bool parse_two(const char *text, int most, int64_t *value)
{
	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return false;
	*value = (text[0] - '0') * 10 + (text[1] - '0');
	return *value <= most;
}

/* "09:30:00", of which the last part may be missing, in n bytes. */
static bool parse_clock(const char *text, size_t n, int64_t *seconds)
{
	static const int most[] = { 23, 59, 59 };
	int64_t part;

	*seconds = 0;
	if (n != strlen("09:30") && n != strlen("09:30:00"))
		return false;
	for (size_t i = 0; i < COUNT(most); i++) {
		part = 0;
		if (3 * i < n && (!parse_two(text + 3 * i, most[i], &part) ||
				  (i > 0 && text[3 * i - 1] != ':')))
			return false;
		*seconds = *seconds * 60 + part;
	}
	return true;
}

/* What clocks show, as if they were in UTC. */
static bool parse_shown(const char *text, int64_t *shown, bool *is_utc)
{
	size_t n = strlen(text);
	char day[DATE_SIZE];
	int64_t days, seconds = 0;

	if (n < DATE_SIZE - 1)
		return false;
	memcpy(day, text, DATE_SIZE - 1);
	day[DATE_SIZE - 1] = '\0';
	*is_utc = text[n - 1] == 'Z';
	n -= *is_utc;
	if (!date_parse(day, &days) ||
	    (n > DATE_SIZE - 1 &&
	     (text[DATE_SIZE - 1] != 'T' ||
	      !parse_clock(text + DATE_SIZE, n - DATE_SIZE, &seconds))))
		return false;
	*shown = days * DAY + seconds;
	return true;
}

bool moment_parse(const char *text, int64_t now, int64_t *moment)
{
	int64_t ago, shown;
	bool is_utc;
	struct tm tm;
	time_t t;

	if (parse_ago(text, &ago)) {
		*moment = now - ago;
		return true;
	}
	if (!parse_shown(text, &shown, &is_utc))
		return false;
	*moment = t = shown;
	if (is_utc)
		return true;
	if (!gmtime_r(&t, &tm))
		return false;
	tm.tm_isdst = -1;
	*moment = mktime(&tm);
	return true;
}

bool moment_here(const char *utc, struct buf *b)
{
	char text[64], offset[8];
	int64_t shown;
	bool is_utc;
	struct tm tm;
	time_t t;

	if (!parse_shown(utc, &shown, &is_utc) || !is_utc)
		return false;
	t = shown;
	if (!localtime_r(&t, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) ||
	    strftime(offset, sizeof(offset), "%z", &tm) != strlen("+0100"))
		return false;
	buf_printf(b, "%s%.3s:%s", text, offset, offset + 3);
	return true;
}
