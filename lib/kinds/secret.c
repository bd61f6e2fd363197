/* SPDX-License-Identifier: MIT */
/* Secrets in the values of attributes. */
#include "lib/kinds/kinds.h"

#include "lib/host/content.h"

bool attr_is_secret(const struct attr *attr, const void *field)
{
	const struct content *c = field;

	return (attr->kind == &kind_content || attr->kind == &kind_template) &&
	       c->ncuts > 0;
}

json_t *schema_secret(void)
{
	return json_pack("{s:s, s:{s:{}}, s:[s], s:b}", "type", "object",
			 "properties", "secret", "required", "secret",
			 "additionalProperties", 0);
}
