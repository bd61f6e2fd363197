/* SPDX-License-Identifier: MIT */
/* Paths, one or a list, and what a link leads to. */
#include "lib/kinds/kinds.h"

#include <string.h>

#include "lib/base/path.h"

static bool read_path(const struct reading *r, const struct attr *attr,
		      const json_t *value, void *field)
{
	const char *path = string_of(r, attr, value), *wrong;

	if (!path)
		return false;
	wrong = path_wrong(path);
	if (wrong)
		return diag_error(r->diags, "'%s' %s", attr->name, wrong);
	*(const char **)field = path;
	return true;
}

static json_t *schema_path(const struct attr *attr)
{
	(void)attr;
	return json_pack("{s:s, s:s, s:i}", "type", "string", "pattern",
			 "^(/|(/" COMPONENT ")+)$", "maxLength", 4095);
}

/* It leads nowhere but where it says. */
static void pack_path(struct pack *p, const struct attr *attr, void *field,
		      bool set)
{
	const char *const *path = field;

	pack_string(p, attr, field, set);
	pack_expect(p, !*path || (!p->out && !path_wrong(*path)));
}

const struct kind kind_path = { "path",       sizeof(char *), read_path,
				equal_string, show_string,    schema_path,
				pack_path };

static bool read_paths(const struct reading *r, const struct attr *attr,
		       const json_t *value, void *field)
{
	struct strings *paths = field;

	if (!read_strings(r, attr, value, "a path or a list of paths", paths))
		return false;
	if (!paths->n)
		return diag_error(r->diags, "'%s' must not be empty",
				  attr->name);
	for (size_t i = 0; i < paths->n; i++) {
		const char *wrong = path_wrong(paths->v[i]);

		if (wrong)
			return diag_error(r->diags, "'%s' %s", attr->name,
					  wrong);
	}
	return true;
}

static json_t *schema_paths(const struct attr *attr)
{
	json_t *both = one_or_list(schema_path(attr));
	json_t *list = json_array_get(json_object_get(both, "anyOf"), 1);

	json_object_set_new(list, "minItems", json_integer(1));
	return both;
}

static void pack_paths(struct pack *p, const struct attr *attr, void *field,
		       bool set)
{
	const struct strings *paths = field;

	pack_string_list(p, attr, field, set);
	for (size_t i = 0; !p->out && !p->wrong && i < paths->n; i++)
		pack_expect(p, !path_wrong(paths->v[i]));
}

const struct kind kind_paths = { "path or list", sizeof(struct strings),
				 read_paths,     equal_strings,
				 show_strings,   schema_paths,
				 pack_paths };

static bool read_target(const struct reading *r, const struct attr *attr,
			const json_t *value, void *field)
{
	const char *text = string_of(r, attr, value);

	if (!text)
		return false;
	if (!*text || strlen(text) > 4095)
		return diag_error(r->diags,
				  "'%s' must have from 1 to 4095 bytes",
				  attr->name);
	if (text[strcspn(text, "\n\r")])
		return diag_error(r->diags, "'%s' must be one line",
				  attr->name);
	*(const char **)field = text;
	return true;
}

static json_t *schema_target(const struct attr *attr)
{
	(void)attr;
	return json_pack("{s:s, s:s, s:i}", "type", "string", "pattern",
			 "^[^\\n\\r]+$", "maxLength", 4095);
}

const struct kind kind_target = { "link target", sizeof(char *), read_target,
				  equal_string,  show_string,    schema_target,
				  pack_string };
