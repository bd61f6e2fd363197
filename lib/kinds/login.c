/* SPDX-License-Identifier: MIT */
/* What shadow(5) holds: hashes of passwords, and the day an account ends. */
#include <string.h>

#include "lib/base/date.h"
#include "lib/host/account.h"
#include "lib/kinds/kinds.h"

#define HASH64 \
	"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* crypt(5): what a hash begins with, and how many characters its last part,
 * the digest, has. */
static const struct {
	const char *prefix;
	size_t digest;
} methods[] = {
	{ "$y$", 43 },  { "$gy$", 43 },   { "$7$", 43 }, { "$2b$", 53 },
	{ "$2a$", 53 }, { "$2y$", 53 },   { "$6$", 86 }, { "$5$", 43 },
	{ "$1$", 22 },  { "$sha1$", 40 },
};

static bool is_hash(const char *text)
{
	const char *digest = strrchr(text, '$');

	/* no password at all, which is not a secret */
	if (strcmp(text, "*") == 0)
		return true;
	for (const char *p = text; *p; p++)
		if (*p <= ' ' || *p > '~' || strchr(":;!*\\", *p))
			return false;
	for (size_t i = 0; i < COUNT(methods); i++) {
		size_t n = strlen(methods[i].prefix);

		if (strncmp(text, methods[i].prefix, n) != 0)
			continue;
		return digest >= text + n && digest[-1] != '$' &&
		       strspn(digest + 1, HASH64) == methods[i].digest &&
		       strlen(digest + 1) == methods[i].digest;
	}
	return false;
}

/* What is wrong may be the password itself: it is in no message. */
static bool read_hash(const struct reading *r, const struct attr *attr,
		      const json_t *value, void *field)
{
	const char *text = string_of(r, attr, value);

	if (!text)
		return false;
	*(const char **)field = text;
	if (is_hash(text))
		return true;
	diag_error(r->diags,
		   "'%s' must be a hash as crypt(5) has it, such as \"$y$...\" "
		   "or \"$6$...\", or \"*\"; a password in plain text is "
		   "never taken",
		   attr->name);
	diag_hint(r->diags, "mkpasswd, or openssl passwd -6, makes one");
	return false;
}

static json_t *schema_hash(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^(\\*|\\$[a-z0-9]+\\$[!-~]+)$");
}

/* No output shows it: its rows are ATTR_SENSITIVE. */
const struct kind kind_hash = { "password hash", sizeof(char *), read_hash,
				equal_string,    show_string,    schema_hash,
				pack_string };

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
