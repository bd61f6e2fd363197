/* SPDX-License-Identifier: MIT */
/* Whether a unit starts with the host: true, false or "masked". */
#include "lib/kinds/kinds.h"

#include <string.h>

#include "lib/host/unit.h"

static bool read_enable(const struct reading *r, const struct attr *attr,
			const json_t *value, void *field)
{
	const char *text = json_string_value(value);

	if (json_is_boolean(value))
		*(int *)field =
			json_is_true(value) ? UNIT_ENABLED : UNIT_DISABLED;
	else if (text && strcmp(text, "masked") == 0)
		*(int *)field = UNIT_MASKED;
	else
		return wrong_type(r, attr, "true, false or \"masked\"", value);
	return true;
}

/*
 * Nobody can enable or disable what has no [Install] section, or no file of its
 * own: that is as good as it gets, either way. What is enabled until the next
 * boot alone is not enabled.
 */
static bool equal_enable(const void *want, const void *have)
{
	int wanted = *(const int *)want;

	if (wanted == *(const int *)have)
		return true;
	switch (*(const int *)have) {
	case UNIT_STATIC:
	case UNIT_INDIRECT:
	case UNIT_GENERATED:
	case UNIT_TRANSIENT:
		return wanted != UNIT_MASKED;
	case UNIT_LINKED:
	case UNIT_LINKED_RUNTIME:
	case UNIT_NO_FILE:
		return wanted == UNIT_DISABLED;
	default:
		return false;
	}
}

static json_t *show_enable(const struct attr *attr, const void *field)
{
	int enabled = *(const int *)field;

	(void)attr;
	if (enabled == UNIT_ENABLED || enabled == UNIT_DISABLED)
		return json_boolean(enabled == UNIT_ENABLED);
	return json_string(unit_enabled_name((enum unit_enabled)enabled));
}

static json_t *schema_enable(const struct attr *attr)
{
	(void)attr;
	return json_pack("{s:[b, b, s]}", "enum", 1, 0, "masked");
}

static void pack_enable(struct pack *p, const struct attr *attr, void *field,
			bool set)
{
	const int *enabled = field;

	(void)attr;
	(void)set;
	pack_expect(p, *enabled >= UNIT_DISABLED && *enabled <= UNIT_MASKED);
}

const struct kind kind_enable = { "true, false or masked",
				  sizeof(int),
				  read_enable,
				  equal_enable,
				  show_enable,
				  schema_enable,
				  pack_enable };
