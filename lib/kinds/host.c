/* SPDX-License-Identifier: MIT */
/* Addresses and names of hosts. */
#include "lib/kinds/kinds.h"

#include "lib/text/edit/edit.h"

static bool read_checked(const struct reading *r, const struct attr *attr,
			 const json_t *value,
			 const char *(*wrong)(const char *), void *field)
{
	const char *text = string_of(r, attr, value);

	if (!text)
		return false;
	if (wrong(text))
		return diag_error(r->diags, "'%s' %s", attr->name, wrong(text));
	*(const char **)field = text;
	return true;
}

static bool read_address(const struct reading *r, const struct attr *attr,
			 const json_t *value, void *field)
{
	return read_checked(r, attr, value, edit_address_wrong, field);
}

static bool equal_address(const void *want, const void *have)
{
	const char *const *w = want, *const *h = have;

	return *w && *h && edit_same_address(*w, *h);
}

static json_t *schema_address(const struct attr *attr)
{
	(void)attr;
	return json_pack("{s:s, s:[{s:s}, {s:s}]}", "type", "string", "anyOf",
			 "pattern", "^[0-9]{1,3}([.][0-9]{1,3}){3}$", "pattern",
			 "^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$");
}

const struct kind kind_address = { "IP address", sizeof(char *),
				   read_address, equal_address,
				   show_string,  schema_address,
				   pack_string };

static bool read_name(const struct reading *r, const struct attr *attr,
		      const json_t *value, void *field)
{
	return read_checked(r, attr, value, edit_host_name_wrong, field);
}

static json_t *schema_name(const struct attr *attr)
{
	(void)attr;
	return json_pack("{s:s, s:s, s:i}", "type", "string", "pattern",
			 "^[0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?"
			 "([.][0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?)*$",
			 "maxLength", 253);
}

const struct kind kind_host_name = { "host name",  sizeof(char *), read_name,
				     equal_string, show_string,    schema_name,
				     pack_string };

static bool read_names(const struct reading *r, const struct attr *attr,
		       const json_t *value, void *field)
{
	struct strings *names = field;

	if (!read_strings(r, attr, value, "a name or a list of names", names))
		return false;
	for (size_t i = 0; i < names->n; i++)
		if (edit_host_name_wrong(names->v[i]))
			return diag_error(r->diags, "'%s' %s", attr->name,
					  edit_host_name_wrong(names->v[i]));
	return true;
}

static bool equal_names(const void *want, const void *have)
{
	return edit_same_names(want, have);
}

static json_t *schema_names(const struct attr *attr)
{
	json_t *one = schema_name(attr), *both = one_or_list(one);

	return both;
}

const struct kind kind_host_names = {
	"host name or list", sizeof(struct strings), read_names,
	equal_names,         show_strings,           schema_names,
	pack_string_list
};
