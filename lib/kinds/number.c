/* SPDX-License-Identifier: MIT */
/* Integers, one or a list, and durations: 90, "90s", "5m", "2h", "1d". */
#include "lib/kinds/kinds.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_within(const struct attr *attr, int64_t n)
{
	return (!attr->min && !attr->max) || (n >= attr->min && n <= attr->max);
}

static bool integer_fits(const struct reading *r, const struct attr *attr,
			 const json_t *value)
{
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value))
		return wrong_type(r, attr, "an integer", value);
	if (!is_within(attr, n))
		return diag_error(r->diags,
				  "'%s' must be from %" PRId64 " to %" PRId64
				  ", not %" JSON_INTEGER_FORMAT,
				  attr->name, attr->min, attr->max, n);
	return true;
}

static bool read_integer(const struct reading *r, const struct attr *attr,
			 const json_t *value, void *field)
{
	*(int64_t *)field = json_integer_value(value);
	return integer_fits(r, attr, value);
}

static bool equal_integer(const void *want, const void *have)
{
	return *(const int64_t *)want == *(const int64_t *)have;
}

static json_t *show_integer(const struct attr *attr, const void *field)
{
	(void)attr;
	return json_integer(*(const int64_t *)field);
}

static json_t *schema_integer(const struct attr *attr)
{
	json_t *schema = json_pack("{s:s}", "type", "integer");

	if (attr->min || attr->max) {
		json_object_set_new(schema, "minimum", json_integer(attr->min));
		json_object_set_new(schema, "maximum", json_integer(attr->max));
	}
	return schema;
}

static void pack_integer(struct pack *p, const struct attr *attr, void *field,
			 bool set)
{
	const int64_t *n = field;

	pack_expect(p, !set || is_within(attr, *n));
}

const struct kind kind_integer = { "integer",    sizeof(int64_t),
				   read_integer, equal_integer,
				   show_integer, schema_integer,
				   pack_integer };

static bool read_integers(const struct reading *r, const struct attr *attr,
			  const json_t *value, void *field)
{
	struct integers *list = field;
	size_t n = json_is_array(value) ? json_array_size(value) : 1;

	if (!n)
		return diag_error(r->diags, "'%s' must not be empty",
				  attr->name);
	*list = (struct integers){ arena_array(r->arena, int64_t, n), n };
	for (size_t i = 0; i < n; i++) {
		const json_t *item =
			json_is_array(value) ? json_array_get(value, i) : value;

		if (!integer_fits(r, attr, item))
			return false;
		list->v[i] = json_integer_value(item);
	}
	return true;
}

static json_t *show_integers(const struct attr *attr, const void *field)
{
	const struct integers *s = field;
	json_t *list = json_array();

	(void)attr;
	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(list, json_integer(s->v[i]));
	return list;
}

static json_t *schema_integers(const struct attr *attr)
{
	json_t *schema = one_or_list(schema_integer(attr));
	json_t *list = json_array_get(json_object_get(schema, "anyOf"), 1);

	json_object_set_new(list, "minItems", json_integer(1));
	return schema;
}

static void pack_integers(struct pack *p, const struct attr *attr, void *field,
			  bool set)
{
	struct integers *list = field;
	const int64_t *v = pack_array(p, &list->v, list->n, sizeof(*v));

	(void)set;
	if (!v)
		list->n = 0;
	for (size_t i = 0; i < list->n; i++)
		pack_expect(p, is_within(attr, v[i]));
}

const struct kind kind_integers = { "integer or list", sizeof(struct integers),
				    read_integers,     NULL,
				    show_integers,     schema_integers,
				    pack_integers };

enum { DURATION_MAX = 7 * 24 * 3600 };

static bool read_duration(const struct reading *r, const struct attr *attr,
			  const json_t *value, void *field)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = { { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };
	int64_t n = json_integer_value(value), seconds = n;

	if (json_is_string(value)) {
		const char *text = json_string_value(value);
		size_t digits = strspn(text, "0123456789");

		n = digits && digits < 10 ? strtoll(text, NULL, 10) : -1;
		seconds = -1;
		for (size_t i = 0; i < COUNT(units); i++)
			if (strcmp(text + digits, units[i].unit) == 0)
				seconds = n * units[i].seconds;
	} else if (!json_is_integer(value)) {
		return wrong_type(r, attr,
				  "seconds, or a string such as \"5m\"", value);
	}
	if (n < 1 || seconds < 1 || seconds > DURATION_MAX)
		return diag_error(r->diags,
				  "'%s' must be from 1 second to 7 days: "
				  "seconds, or a string such as \"90s\", "
				  "\"5m\", \"2h\", \"1d\"",
				  attr->name);
	*(int64_t *)field = seconds * 1000;
	return true;
}

static json_t *show_duration(const struct attr *attr, const void *field)
{
	char text[32];

	(void)attr;
	snprintf(text, sizeof(text), "%" PRId64 "s",
		 *(const int64_t *)field / 1000);
	return json_string(text);
}

static json_t *schema_duration(const struct attr *attr)
{
	(void)attr;
	return json_pack("{s:[{s:s, s:i, s:i}, o]}", "anyOf", "type", "integer",
			 "minimum", 1, "maximum", DURATION_MAX,
			 schema_pattern("^0*[1-9][0-9]{0,8}[smhd]$"));
}

/* A sum of times must not overflow. */
static void pack_duration(struct pack *p, const struct attr *attr, void *field,
			  bool set)
{
	const int64_t *ms = field;

	(void)attr;
	pack_expect(p, !set || (*ms >= 1000 &&
				*ms <= (int64_t)DURATION_MAX * 1000));
}

const struct kind kind_duration = { "duration",    sizeof(int64_t),
				    read_duration, equal_integer,
				    show_duration, schema_duration,
				    pack_duration };
