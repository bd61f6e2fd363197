/* SPDX-License-Identifier: MIT */
/* Owner and group: a name that is there, or a number. */
#include "lib/kinds/kinds.h"

#include <stdlib.h>
#include <string.h>

#define NAME_BEGINS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"

enum { ACCOUNT_MAX = 254 };

/*
 * useradd(8) would not make some of these, but they exist: Debian-exim is
 * Debian's own, samba has host$, directories have user@realm and DOMAIN\user.
 */
static bool is_account_name(const char *text)
{
	size_t n = strspn(text, NAME_BEGINS "0123456789_.@\\-");

	if (!*text || !strchr(NAME_BEGINS, text[0]) || n > ACCOUNT_MAX)
		return false;
	return !text[n] || strcmp(text + n, "$") == 0;
}

/* 4294967295 is (uid_t)-1, which means "leave it" to chown(2). */
static bool is_account_number(const char *text)
{
	size_t n = strlen(text);

	if (!n || n > 10 || strspn(text, "0123456789") != n)
		return false;
	return strtoull(text, NULL, 10) < UINT32_MAX;
}

static bool read_account(const struct reading *r, const struct attr *attr,
			 const json_t *value, void *field)
{
	const char *text = string_of(r, attr, value);

	if (!text)
		return false;
	if (!*text || (!is_account_name(text) && !is_account_number(text)))
		return diag_error(r->diags,
				  "'%s' must be a name such as \"root\" or a "
				  "number such as \"0\", not '%s'",
				  attr->name, text);
	*(const char **)field = text;
	return true;
}

static json_t *schema_account(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^([A-Za-z_][A-Za-z0-9_.@\\\\-]{0,253}\\$?|"
			      "[0-9]{1,10})$");
}

const struct kind kind_owner = { "user",       sizeof(char *), read_account,
				 equal_string, show_string,    schema_account,
				 pack_string };
const struct kind kind_group = { "group",      sizeof(char *), read_account,
				 equal_string, show_string,    schema_account,
				 pack_string };

/* --- accounts that are managed themselves --- */

enum { NEW_MAX = 32 };

/* Portable names, as useradd(8) takes them: so never an option, a path, a
 * number, or more than one field of passwd(5). */
static bool is_new_name(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz_0123456789-");

	if (!strchr("abcdefghijklmnopqrstuvwxyz_", text[0]) || !text[0])
		return false;
	return strlen(text) <= NEW_MAX &&
	       (!text[n] || strcmp(text + n, "$") == 0);
}

static bool read_new(const struct reading *r, const struct attr *attr,
		     const json_t *value, void *field)
{
	const char *text = string_of(r, attr, value);

	if (!text)
		return false;
	*(const char **)field = text;
	if (is_new_name(text))
		return true;
	return diag_error(r->diags,
			  "'%s' must be at most 32 lower-case letters, digits, "
			  "'_' and '-', and begin with a letter or '_', not "
			  "'%s'",
			  attr->name, text);
}

static json_t *schema_new(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^[a-z_][a-z0-9_-]{0,31}\\$?$");
}

const struct kind kind_account = { "account name", sizeof(char *), read_new,
				   equal_string,   show_string,    schema_new,
				   pack_string };

static bool read_accounts(const struct reading *r, const struct attr *attr,
			  const json_t *value, void *field)
{
	struct strings *names = field;

	if (!read_strings(r, attr, value, "a name or a list of names", names))
		return false;
	for (size_t i = 0; i < names->n; i++)
		if (!is_account_name(names->v[i]))
			return diag_error(r->diags,
					  "'%s' must be names such as "
					  "\"adm\", not '%s'",
					  attr->name, names->v[i]);
	return true;
}

static json_t *schema_accounts(const struct attr *attr)
{
	(void)attr;
	return one_or_list(
		schema_pattern("^[A-Za-z_][A-Za-z0-9_.@\\\\-]{0,253}\\$?$"));
}

const struct kind kind_accounts = { "name or list",  sizeof(struct strings),
				    read_accounts,   equal_strings,
				    show_strings,    schema_accounts,
				    pack_string_list };
