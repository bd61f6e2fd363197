/* SPDX-License-Identifier: MIT */
#include "lib/fixture_test.h"

#include "lib/doc/doc.h"

static json_t *schema;

static void setup(void)
{
	schema = doc_input_schema("converge.manifest/1", modules);
	ck_assert_ptr_nonnull(schema);
}

/* The part that a path of keys leads to. */
static json_t *part(const char *path)
{
	AUTO_FREE char *copy = strdup(path);
	json_t *at = schema;
	char *rest = copy, *key;

	while (at && (key = strsep(&rest, " ")))
		at = json_object_get(at, key);
	return at;
}

START_TEST(every_attribute_has_its_schema)
{
	AUTO_BUF struct buf b = { 0 };

	setup();
	for (size_t i = 0; modules[i]; i++) {
		const struct module *m = modules[i];

		for (size_t j = 0; j < m->nattrs; j++) {
			bool internal = m->attrs[j].flags & ATTR_INTERNAL;
			json_t *of;

			buf_clear(&b);
			buf_printf(&b, "definitions %s properties %s", m->name,
				   m->attrs[j].name);
			of = part(b.text);
			ck_assert_msg(!of == internal, "%s", b.text);
			if (of)
				ck_assert_str_eq(
					json_string_value(json_object_get(
						of, "description")),
					m->attrs[j].doc);
		}
	}
	json_decref(schema);
}
END_TEST

START_TEST(every_resource_takes_the_common_ones)
{
	AUTO_BUF struct buf b = { 0 };

	setup();
	for (size_t i = 0; modules[i]; i++) {
		for (size_t j = 0; j < common_attrs_n + meta_attrs_n; j++) {
			bool common = j < common_attrs_n;

			buf_clear(&b);
			buf_printf(
				&b, "definitions %s properties %s",
				modules[i]->name,
				common ? common_attrs[j].name
				       : meta_attrs[j - common_attrs_n].name);
			ck_assert_msg(part(b.text) != NULL, "%s", b.text);
		}
	}
	json_decref(schema);
}
END_TEST

START_TEST(defaults_are_told)
{
	setup();
	ck_assert_str_eq(json_string_value(part("definitions file properties "
						"ensure default")),
			 "present");
	ck_assert(json_is_true(
		part("definitions file properties replace default")));
	ck_assert_ptr_null(part("definitions file properties mode default"));
	json_decref(schema);
}
END_TEST

START_TEST(nothing_else_is_allowed)
{
	setup();
	ck_assert(json_is_false(part("additionalProperties")));
	ck_assert(json_is_false(
		part("properties resources additionalProperties")));
	ck_assert(json_is_false(part("definitions file additionalProperties")));
	ck_assert(
		json_is_false(part("properties policy additionalProperties")));
	json_decref(schema);
}
END_TEST

START_TEST(what_is_required)
{
	setup();
	ck_assert_str_eq(json_string_value(json_array_get(part("required"), 0)),
			 "version");
	ck_assert_str_eq(json_string_value(json_array_get(
				 part("definitions exec required"), 0)),
			 "command");
	ck_assert_uint_eq(json_array_size(part("definitions file required")),
			  0);
	/* an override gives a part of a resource */
	ck_assert_ptr_null(part("definitions exec-override required"));
	ck_assert_ptr_null(part("definitions exec-override properties when"));
	json_decref(schema);
}
END_TEST

START_TEST(ids_lead_to_types)
{
	json_t *of;

	setup();
	of = json_object_get(part("properties resources patternProperties"),
			     "^file:.");
	ck_assert_str_eq(json_string_value(json_object_get(of, "$ref")),
			 "#/definitions/file");
	of = json_object_get(part("properties overrides patternProperties"),
			     "^file:.");
	ck_assert_str_eq(json_string_value(json_object_get(of, "$ref")),
			 "#/definitions/file-override");
	json_decref(schema);
}
END_TEST

START_TEST(every_file_of_a_world_has_its_keys)
{
	schema = doc_input_schema("converge.host/1", modules);
	ck_assert_ptr_nonnull(part("properties roles items pattern"));
	ck_assert_ptr_nonnull(part("properties facts"));
	ck_assert_ptr_null(part("properties templates"));
	ck_assert_str_eq(json_string_value(json_array_get(part("required"), 1)),
			 "host");
	json_decref(schema);
	schema = doc_input_schema("converge.role/1", modules);
	ck_assert_ptr_nonnull(part("properties include"));
	ck_assert_ptr_nonnull(part("properties policy properties"));
	ck_assert_ptr_null(part("properties policy properties max_removals"));
	ck_assert_str_eq(json_string_value(part("properties rules items $ref")),
			 "#/definitions/role-rule");
	ck_assert_ptr_nonnull(part("definitions role-rule properties when"));
	ck_assert_ptr_null(part("definitions role-rule properties rules"));
	json_decref(schema);
	schema = doc_input_schema("converge.world/1", modules);
	ck_assert_ptr_nonnull(part("properties templates"));
	ck_assert_ptr_null(part("properties resources"));
	ck_assert_ptr_null(part("definitions file"));
	json_decref(schema);
}
END_TEST

START_TEST(an_override_may_be_null_and_a_default_not)
{
	setup();
	ck_assert_str_eq(
		json_string_value(json_object_get(
			json_array_get(part("definitions file-override "
					    "properties mode anyOf"),
				       1),
			"type")),
		"null");
	ck_assert_str_eq(json_string_value(part("definitions file-defaults "
						"properties mode $ref")),
			 "#/definitions/file/properties/mode");
	ck_assert_ptr_null(part("definitions file-defaults properties when"));
	json_decref(schema);
}
END_TEST

START_TEST(every_format_has_a_schema)
{
	const char *const *formats = doc_outputs();

	for (size_t i = 0; formats[i]; i++) {
		schema = doc_output_schema(formats[i]);
		ck_assert_msg(json_is_object(schema), "%s", formats[i]);
		ck_assert_str_eq(
			json_string_value(part("properties format const")),
			formats[i]);
		json_decref(schema);
	}
	ck_assert_ptr_null(doc_output_schema("converge.plan/2"));
	ck_assert_ptr_null(doc_output_schema(""));
	for (formats = doc_inputs(); *formats; formats++) {
		schema = doc_input_schema(*formats, modules);
		ck_assert_msg(json_is_object(part("properties $schema")), "%s",
			      *formats);
		json_decref(schema);
	}
	ck_assert_ptr_null(doc_input_schema("converge.role/2", modules));
}
END_TEST

/* Every key of a document is in the properties of its schema. */
static void check_keys(const json_t *properties, json_t *document)
{
	const char *key;
	json_t *value;

	json_object_foreach (document, key, value)
		ck_assert_msg(json_object_get(properties, key) != NULL, "%s",
			      key);
}

START_TEST(plans_and_events_keep_to_theirs)
{
	struct fixture f;
	json_t *j;

	fixture_begin(&f,
		      "'file:/a': {'notify': 'exec:x', 'noop': true}, "
		      "'directory:/d': {'purge': true, 'notify': 'exec:x'}, "
		      "'file:/no/b': {}, 'exec:x': {'command': ['x'], "
		      "'refreshonly': true}",
		      "'/d/a': {'type': 'file', 'content': ''}");
	fixture_plan(&f, NULL);
	schema = doc_output_schema("converge.plan/1");
	j = report_plan(&f.plan);
	check_keys(part("properties"), j);
	check_keys(part("properties summary properties"),
		   json_object_get(j, "nothing"));
	json_decref(j);
	for (size_t i = 0; i < f.plan.n; i++) {
		j = report_change(&f.plan, f.plan.v[i]);
		check_keys(part("properties changes items properties"), j);
		json_decref(j);
	}
	json_decref(schema);
	schema = doc_output_schema("converge.event/1");
	for (size_t i = 0; i < f.plan.n; i++) {
		j = report_event(&f.plan, f.plan.v[i], VERDICT_DONE, "x");
		check_keys(part("properties"), j);
		json_decref(j);
	}
	json_decref(schema);
	fixture_release(&f);
}
END_TEST

TEST_SUITE("schema", every_attribute_has_its_schema,
	   every_resource_takes_the_common_ones, defaults_are_told,
	   nothing_else_is_allowed, what_is_required, ids_lead_to_types,
	   every_file_of_a_world_has_its_keys,
	   an_override_may_be_null_and_a_default_not, every_format_has_a_schema,
	   plans_and_events_keep_to_theirs)
