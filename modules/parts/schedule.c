/* SPDX-License-Identifier: MIT */
#include "modules/parts/schedule.h"

#include <string.h>
#include <strings.h>

static const char *const words[] = {
	"@reboot", "@yearly", "@annually", "@monthly",
	"@weekly", "@daily",  "@midnight", "@hourly",
};

static const char *const months[] = { "jan", "feb", "mar", "apr", "may",
				      "jun", "jul", "aug", "sep", "oct",
				      "nov", "dec", NULL };
static const char *const days[] = { "sun", "mon", "tue", "wed",
				    "thu", "fri", "sat", NULL };

static const struct field {
	const char *name;
	unsigned low, high;
	const char *const *names; /* of its values from low on; or NULL */
} fields[] = {
	{ "minute", 0, 59, NULL }, { "hour", 0, 23, NULL },
	{ "day", 1, 31, NULL },    { "month", 1, 12, months },
	{ "weekday", 0, 7, days },
};

#define BLANKS " \t"

/* One field, as far as it was read. */
struct reading_field {
	const struct field *field;
	const char *at, *end;
	struct diags *diags;
};

static bool refuse(const struct reading_field *r, const char *why)
{
	return diag_error(r->diags, "'schedule': %s '%.*s' %s", r->field->name,
			  (int)strcspn(r->at, BLANKS), r->at, why);
}

static bool read_digits(struct reading_field *r, unsigned *value)
{
	const char *from = r->at;

	*value = 0;
	while (r->at < r->end && *r->at >= '0' && *r->at <= '9' &&
	       r->at - from < 4)
		*value = *value * 10 + (unsigned)(*r->at++ - '0');
	return r->at > from;
}

static bool read_name(struct reading_field *r, unsigned *value)
{
	const char *const *names = r->field->names;

	for (unsigned i = 0; names && names[i] && r->end - r->at >= 3; i++) {
		if (strncasecmp(r->at, names[i], 3) != 0)
			continue;
		r->at += 3;
		*value = r->field->low + i;
		return true;
	}
	return false;
}

static bool out_of_range(const struct reading_field *r, unsigned value)
{
	return diag_error(r->diags, "'schedule': %s %u is not in %u to %u",
			  r->field->name, value, r->field->low, r->field->high);
}

static bool read_value(struct reading_field *r, unsigned *value)
{
	if (!read_digits(r, value) && !read_name(r, value))
		return refuse(r,
			      r->field->names
				      ? "must be a number or a name of three "
					"letters"
				      : "must be a number");
	if (*value < r->field->low || *value > r->field->high)
		return out_of_range(r, *value);
	return true;
}

/* "-5", or nothing. */
static bool read_to(struct reading_field *r, unsigned from, bool *is_range)
{
	unsigned to;

	*is_range = r->at < r->end && *r->at == '-';
	if (!*is_range)
		return true;
	r->at++;
	if (!read_value(r, &to))
		return false;
	if (from <= to)
		return true;
	diag_error(r->diags, "'schedule': %s %u-%u runs backwards",
		   r->field->name, from, to);
	diag_hint(r->diags, r->field->names == days
				    ? "Sunday is also 7"
				    : "write two ranges, with a comma between");
	return false;
}

/* "/5", or nothing. */
static bool read_step(struct reading_field *r, bool is_range)
{
	unsigned step;

	if (r->at == r->end || *r->at != '/')
		return true;
	if (!is_range) {
		diag_error(r->diags,
			   "'schedule': a step of %s needs a range before '/'",
			   r->field->name);
		diag_hint(r->diags, "write */N or FROM-TO/N");
		return false;
	}
	r->at++;
	if (!read_digits(r, &step))
		return refuse(r, "must be a number after '/'");
	return (step > 0 && step <= r->field->high) || out_of_range(r, step);
}

static bool read_part(struct reading_field *r)
{
	bool is_range = *r->at == '*' && r->at < r->end;
	unsigned from = 0;

	if (is_range)
		r->at++;
	else if (!read_value(r, &from) || !read_to(r, from, &is_range))
		return false;
	return read_step(r, is_range);
}

static bool read_field(struct reading_field *r)
{
	for (;;) {
		if (!read_part(r))
			return false;
		if (r->at == r->end)
			return true;
		if (*r->at != ',')
			return refuse(r, "is not expected there");
		r->at++;
	}
}

static bool check_word(const char *text, struct diags *d)
{
	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(text, words[i]) == 0)
			return true;
	diag_error(d, "'schedule': '%s' is not a word that cron knows", text);
	diag_hint(d, "they are @reboot, @yearly, @monthly, @weekly, @daily and "
		     "@hourly");
	return false;
}

static size_t count_fields(const char *text)
{
	size_t n = 0;

	for (text += strspn(text, BLANKS); *text;
	     text += strspn(text, BLANKS), n++)
		text += strcspn(text, BLANKS);
	return n;
}

static bool check_count(const char *text, struct diags *d)
{
	size_t n = count_fields(text);

	if (n == COUNT(fields))
		return true;
	diag_error(d,
		   "'schedule' has %zu field%s; cron takes 5: minute, hour, "
		   "day, month, weekday",
		   n, n == 1 ? "" : "s");
	if (n == COUNT(fields) + 1)
		diag_hint(d, "there are no seconds, and the user is an "
			     "attribute of its own");
	return false;
}

bool schedule_check(const char *text, struct diags *d)
{
	struct reading_field r = { .at = text, .diags = d };

	if (text[0] == '@')
		return check_word(text, d);
	if (!check_count(text, d))
		return false;
	for (size_t i = 0; i < COUNT(fields); i++) {
		r.field = &fields[i];
		r.at += strspn(r.at, BLANKS);
		r.end = r.at + strcspn(r.at, BLANKS);
		if (!read_field(&r))
			return false;
	}
	return true;
}
