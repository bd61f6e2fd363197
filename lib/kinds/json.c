/* SPDX-License-Identifier: MIT */
/* Any JSON value, kept as its text, and pointers to one. */
#include "lib/kinds/kinds.h"

#include <stdlib.h>
#include <string.h>

#include "lib/text/edit/edit.h"

static bool read_json(const struct reading *r, const struct attr *attr,
		      const json_t *value, void *field)
{
	AUTO_FREE char *text =
		json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

	if (!text)
		return diag_error(r->diags, "'%s' is not a JSON value",
				  attr->name);
	*(const char **)field = arena_strdup(r->arena, text);
	return true;
}

static json_t *load(const void *field)
{
	const char *const *text = field;

	return *text ? json_loads(*text, JSON_DECODE_ANY, NULL) : NULL;
}

/* The order of an object's keys says nothing (RFC 8259, 4). */
static bool equal_json(const void *want, const void *have)
{
	json_t *w = load(want), *h = load(have);
	bool equal = w && h && json_equal(w, h);

	json_decref(w);
	json_decref(h);
	return equal;
}

static json_t *show_json(const struct attr *attr, const void *field)
{
	json_t *value = load(field);

	(void)attr;
	return value ? value : json_null();
}

static json_t *schema_json(const struct attr *attr)
{
	(void)attr;
	return json_object();
}

static void pack_json(struct pack *p, const struct attr *attr, void *field,
		      bool set)
{
	json_t *value;

	pack_string(p, attr, field, set);
	if (p->out || !set || p->wrong)
		return;
	value = load(field);
	pack_expect(p, value != NULL);
	json_decref(value);
}

const struct kind kind_json = { "any value", sizeof(char *), read_json,
				equal_json,  show_json,      schema_json,
				pack_json };

static bool read_pointer(const struct reading *r, const struct attr *attr,
			 const json_t *value, void *field)
{
	const char *text = string_of(r, attr, value), *wrong;

	if (!text)
		return false;
	wrong = edit_pointer_wrong(text);
	if (wrong)
		return diag_error(r->diags, "'%s' %s", attr->name, wrong);
	*(const char **)field = text;
	return true;
}

static json_t *schema_pointer(const struct attr *attr)
{
	(void)attr;
	return schema_pattern("^(/([^~/]|~[01])*)*$");
}

static void pack_pointer(struct pack *p, const struct attr *attr, void *field,
			 bool set)
{
	const char *const *text = field;

	pack_string(p, attr, field, set);
	pack_expect(p,
		    p->out || p->wrong || !*text || !edit_pointer_wrong(*text));
}

const struct kind kind_pointer = { "JSON pointer", sizeof(char *),
				   read_pointer,   equal_string,
				   show_string,    schema_pointer,
				   pack_pointer };
