/* SPDX-License-Identifier: MIT */
/* What shadow(5) holds of an account: the day it ends. */
#include <string.h>

#include "lib/base/date.h"
#include "lib/host/account.h"
#include "lib/kinds/kinds.h"

static bool read_date(const struct reading *r, const struct attr *attr,
		      const json_t *value, void *field)
{
	const char *text = string_of(r, attr, value);
	int64_t *days = field;

	*days = NEVER_EXPIRES;
	if (!text)
		return false;
	/* shadow(5): nobody agrees on what day 0 is */
	if (strcmp(text, "never") == 0 || (date_parse(text, days) && *days > 0))
		return true;
	return diag_error(r->diags,
			  "'%s' must be a date such as \"2027-01-31\", or "
			  "\"never\", not '%s'",
			  attr->name, text);
}

static bool equal_date(const void *want, const void *have)
{
	return *(const int64_t *)want == *(const int64_t *)have;
}

static json_t *show_date(const struct attr *attr, const void *field)
{
	const int64_t *days = field;
	char text[DATE_SIZE];

	(void)attr;
	return json_string(*days < 0 ? "never" : date_text(*days, text));
}

static json_t *schema_date(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^(never|[0-9]{4}-[0-9]{2}-[0-9]{2})$");
}

static void pack_date(struct pack *p, const struct attr *attr, void *field,
		      bool set)
{
	const int64_t *days = field;

	(void)attr;
	pack_expect(p, !set || *days >= NEVER_EXPIRES);
}

const struct kind kind_date = { "date",     sizeof(int64_t), read_date,
				equal_date, show_date,       schema_date,
				pack_date };
