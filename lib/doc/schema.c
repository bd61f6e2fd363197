/* SPDX-License-Identifier: MIT */
/* The files that converge reads, as JSON Schema: from the tables of types. */
#include <string.h>

#include "lib/catalog.h"
#include "lib/doc/doc.h"
#include "lib/lint/rules.h"

#define DRAFT "http://json-schema.org/draft-07/schema#"

static void set_new(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key, json_string(text));
}

static json_t *attribute(const struct attr *attr)
{
	json_t *schema = schema_or_reference(attr->kind->schema(attr)),
	       *fallback;

	set_new(schema, "description", attr->doc);
	if (attr->fallback) {
		fallback = json_loads(attr->fallback, JSON_DECODE_ANY, NULL);
		json_object_set_new(schema, "default", fallback);
	}
	if (attr->flags & ATTR_DEPRECATED)
		json_object_set_new(schema, "deprecated", json_true());
	return schema;
}

static void add_attributes(json_t *properties, const struct attr *attrs,
			   size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(attrs[i].flags & ATTR_INTERNAL))
			json_object_set_new(properties, attrs[i].name,
					    attribute(&attrs[i]));
}

/* Takes properties. */
static json_t *closed_object(const char *description, json_t *properties)
{
	json_object_set_new(properties, "//", json_object());
	return json_pack("{s:s, s:s, s:o, s:b}", "type", "object",
			 "description", description, "properties", properties,
			 "additionalProperties", 0);
}

/* An attribute's schema, as it stands with its type. */
static json_t *attribute_of(const struct module *m, const char *name)
{
	return json_pack(
		"{s:o}", "$ref",
		json_sprintf("#/definitions/%s/properties/%s", m->name, name));
}

static void add_parts(json_t *properties, const struct module *m,
		      const struct attr *attrs, size_t n, bool nullable)
{
	for (size_t i = 0; i < n; i++) {
		json_t *part;

		if (attrs[i].flags & ATTR_INTERNAL)
			continue;
		part = attribute_of(m, attrs[i].name);
		if (nullable)
			part = json_pack("{s:s, s:[o, {s:s}]}", "description",
					 attrs[i].doc, "anyOf", part, "type",
					 "null");
		json_object_set_new(properties, attrs[i].name, part);
	}
}

/* Some attributes of a type, of which none must be there. nullable: or null,
 * which takes one away. */
static json_t *part_schema(const struct module *m, bool nullable)
{
	json_t *properties = json_object();

	add_parts(properties, m, m->attrs, m->nattrs, nullable);
	add_parts(properties, m, common_attrs, common_attrs_n, nullable);
	return closed_object(m->summary, properties);
}

/* "target" must be there, or "ensure" say something else than "present". */
static json_t *required_there(const struct attr *attr)
{
	return json_pack("{s:[{s:[s]}, {s:[s], s:{s:{s:{s:s}}}}]}", "anyOf",
			 "required", attr->name, "required", "ensure",
			 "properties", "ensure", "not", "const", "present");
}

static json_t *type_schema(const struct module *m)
{
	json_t *properties = json_object(), *required = json_array();
	json_t *rules = json_array(), *schema;

	add_attributes(properties, m->attrs, m->nattrs);
	add_attributes(properties, common_attrs, common_attrs_n);
	for (size_t i = 0; i < m->nattrs; i++) {
		const struct attr *attr = &m->attrs[i];

		if (attr->flags & ATTR_REQUIRED)
			json_array_append_new(required,
					      json_string(attr->name));
		if (attr->flags & ATTR_REQUIRED_THERE)
			json_array_append_new(rules, required_there(attr));
	}
	for (size_t i = 0; i < meta_attrs_n; i++)
		json_object_set_new(
			properties, meta_attrs[i].name,
			json_pack("{s:s, s:[{s:o}]}", "description",
				  meta_attrs[i].doc, "allOf", "$ref",
				  json_sprintf("#/definitions/%s",
					       meta_attrs[i].name)));
	schema = closed_object(m->summary, properties);
	json_object_set_new(schema, "required", required);
	if (json_array_size(rules))
		json_object_set(schema, "allOf", rules);
	json_decref(rules);
	return schema;
}

static json_t *definition(const char *type, const char *suffix)
{
	return json_pack("{s:o}", "$ref",
			 json_sprintf("#/definitions/%s%s", type, suffix));
}

/* {"^file:.": {"$ref": "#/definitions/file"}, ...} */
static json_t *by_id(const struct module *const *list, const char *suffix)
{
	json_t *patterns = json_object();

	for (size_t i = 0; list[i]; i++) {
		AUTO_BUF struct buf pattern = { 0 };

		buf_printf(&pattern, "^%s:.", list[i]->name);
		json_object_set_new(patterns, pattern.text,
				    definition(list[i]->name, suffix));
	}
	json_object_set_new(patterns, "^//$", json_object());
	return json_pack("{s:s, s:o, s:b}", "type", "object",
			 "patternProperties", patterns, "additionalProperties",
			 0);
}

/* What a resource is whose very type is a reference cannot be said. */
static json_t *resources(const struct module *const *list)
{
	json_t *schema = by_id(list, "");

	json_object_set_new(json_object_get(schema, "patternProperties"),
			    "^[^:]*\\$\\{",
			    json_pack("{s:s}", "type", "object"));
	return schema;
}

static json_t *overrides(const struct module *const *list)
{
	return by_id(list, "-override");
}

static json_t *defaults(const struct module *const *list)
{
	json_t *properties = json_object();

	for (size_t i = 0; list[i]; i++)
		json_object_set_new(properties, list[i]->name,
				    definition(list[i]->name, "-defaults"));
	json_object_set_new(properties, "//", json_object());
	return json_pack("{s:s, s:o, s:b}", "type", "object", "properties",
			 properties, "additionalProperties", 0);
}

/* See when_judge. */
#define PLAIN_VALUE "{\"type\":[\"string\",\"number\",\"boolean\",\"null\"]}"
#define PLAIN_VALUES               \
	"{\"anyOf\":[" PLAIN_VALUE \
	",{\"type\":\"array\",\"items\":" PLAIN_VALUE "}]}"
#define ORDERED "{\"type\":[\"string\",\"number\"]}"
/* A rule's may not name all that a resource's may. */
#define WHEN(itself, scopes)                                                  \
	"{\"type\":\"object\",\"properties\":{\"//\":{},\"not\":{\"$ref\":\"" \
	"#/definitions/" itself "\"},\"any\":{\"type\":\"array\",\"items\":"  \
	"{\"$ref\":\"#/definitions/" itself "\"}}},\"propertyNames\":{"       \
	"\"pattern\":\"^(//$|not$|any$|host$|tags$|tags\\\\.|(" scopes        \
	")\\\\..)\"},\"additionalProperties\":{\"anyOf\":[" PLAIN_VALUES ","  \
	"{\"type\":\"object\",\"minProperties\":1,"                           \
	"\"additionalProperties\":false,\"properties\":{\"//\":{},"           \
	"\"eq\":" PLAIN_VALUES ",\"ne\":" PLAIN_VALUES ",\"lt\":" ORDERED     \
	",\"le\":" ORDERED ",\"gt\":" ORDERED ",\"ge\":" ORDERED "}}]}}"
static const char when_schema[] = WHEN("when", "vars|facts|each");
static const char rule_when_schema[] = WHEN("rule-when", "facts");
static const char for_each_schema[] =
	"{\"anyOf\":[{\"type\":[\"array\",\"object\"]},"
	"{\"type\":\"string\",\"pattern\":\"^\\\\$\\\\{[^}]+\\\\}$\"}]}";

static void add_definitions(json_t *all, const struct module *const *list)
{
	for (size_t i = 0; list[i]; i++) {
		AUTO_BUF struct buf name = { 0 };

		json_object_set_new(all, list[i]->name, type_schema(list[i]));
		buf_printf(&name, "%s-override", list[i]->name);
		json_object_set_new(all, name.text, part_schema(list[i], true));
		buf_clear(&name);
		buf_printf(&name, "%s-defaults", list[i]->name);
		json_object_set_new(all, name.text,
				    part_schema(list[i], false));
	}
	json_object_set_new(all, "when", json_loads(when_schema, 0, NULL));
	json_object_set_new(all, "for_each",
			    json_loads(for_each_schema, 0, NULL));
}

/* --- the keys of each file --- */

#define ALONE (1U << 0)
#define HOST (1U << 1)
#define ROLE (1U << 2)
#define WORLD (1U << 3)
#define RULE (1U << 4) /* of a role */

#define OBJECT "{\"type\":\"object\"}"
#define TEXT "{\"type\":\"string\"}"
/* See shape_is_role. */
#define ROLE_NAMES                                                     \
	"{\"type\":\"array\",\"items\":{\"type\":\"string\","          \
	"\"maxLength\":200,\"pattern\":\"^[A-Za-z0-9_][A-Za-z0-9_.-]*" \
	"(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$\"}}"
#define MAX_DISRUPTION                                                   \
	"\"max_disruption\":{\"enum\":[\"none\",\"reload\",\"restart\"," \
	"\"reboot\",\"data\"],\"description\":"                          \
	"\"Withhold changes that disturb more.\"}"
#define MAX_REMOVALS                                                     \
	"\"max_removals\":{\"anyOf\":[{\"type\":\"integer\",\"minimum\"" \
	":0},{\"type\":\"string\",\"pattern\":\"^[0-9]+%$\"}],"          \
	"\"description\":\"Withhold all removals when there are more: a" \
	" count or a percentage.\"}"
#define CLOSED(properties)                                    \
	"{\"type\":\"object\",\"additionalProperties\":false" \
	",\"properties\":{\"//\":{}," properties "}}"

/* A level for each rule of lint. */
static json_t *lint_levels(const struct module *const *list)
{
	json_t *rules = json_object();

	(void)list;
	for (size_t i = 0; i < lint_rules_n; i++)
		if (strcmp(lint_rules[i].id, lint_invalid) != 0)
			json_object_set_new(
				rules, lint_rules[i].id,
				json_pack("{s:[s,s,s,s], s:s, s:s}", "enum",
					  "off", "info", "warning", "error",
					  "default",
					  lint_level_name(lint_rules[i].level),
					  "description",
					  lint_rules[i].summary));
	json_object_set_new(rules, "//", json_object());
	return json_pack("{s:s, s:b, s:o}", "type", "object",
			 "additionalProperties", 0, "properties", rules);
}

static const struct {
	const char *name;
	unsigned of;
	const char *schema;
	json_t *(*by_type)(const struct module *const *); /* in its place */
	const char *doc;
} keys[] = {
	{ "$schema", ALONE | HOST | ROLE | WORLD, TEXT, NULL,
	  "Where an editor finds the schema of this file." },
	{ "//", ALONE | HOST | ROLE | WORLD | RULE, "{}", NULL, "A comment." },
	{ "version", ALONE | HOST | ROLE | WORLD, "{\"const\":1}", NULL,
	  "The version of this format." },
	{ "host", ALONE | HOST, "{\"type\":\"string\",\"minLength\":1}", NULL,
	  "The one host that this manifest is for." },
	{ "description", ROLE | RULE, TEXT, NULL,
	  "What it is for, for people." },
	{ "when", RULE, "{\"$ref\":\"#/definitions/rule-when\"}", NULL,
	  "Which hosts it is for." },
	{ "roles", ALONE, "{\"type\":\"array\",\"maxItems\":0}", NULL,
	  "Roles need a world; a lone manifest has none." },
	{ "roles", HOST, ROLE_NAMES, NULL, "What the host is, by names." },
	{ "include", ROLE | RULE, ROLE_NAMES, NULL,
	  "Roles that are part of this one, by names." },
	{ "tags", ALONE | HOST,
	  "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"not\":{"
	  "\"pattern\":\"[$][{]\"}}}",
	  NULL, "Words for this host, for when and ${tags}." },
	{ "vars", ALONE | HOST | ROLE | WORLD | RULE, OBJECT, NULL,
	  "Values for ${vars.NAME}." },
	{ "facts", ALONE | HOST | WORLD, OBJECT, NULL,
	  "What check takes for facts: \"os.id\", or objects in objects." },
	{ "defaults", ALONE | HOST | ROLE, NULL, defaults,
	  "By type, attributes of the resources in this file that do not give "
	  "them." },
	{ "resources", ALONE | HOST | ROLE | RULE, NULL, resources,
	  "What the host must be, by TYPE:NAME." },
	{ "rules", ROLE,
	  "{\"type\":\"array\",\"items\":{\"$ref\":"
	  "\"#/definitions/role-rule\"}}",
	  NULL, "Parts that are for some hosts alone." },
	{ "overrides", ALONE | HOST | ROLE | RULE, NULL, overrides,
	  "Attributes that replace those of a resource; null takes one away." },
	{ "policy", ALONE | HOST | WORLD,
	  CLOSED(MAX_DISRUPTION "," MAX_REMOVALS), NULL,
	  "When a change may happen." },
	{ "policy", ROLE | RULE, CLOSED(MAX_DISRUPTION), NULL,
	  "When a change of these resources may happen." },
	{ "templates", ALONE | WORLD,
	  CLOSED("\"escape\":{\"enum\":[\"none\",\"html\"],"
		 "\"default\":\"none\",\"description\":\"What {{name}} escapes "
		 "a value for.\"}"),
	  NULL, "How templates are filled in." },
	{ "snapshots", WORLD,
	  CLOSED("\"signed\":{\"type\":\"boolean\",\"default\":false,"
		 "\"description\":\"Whether plans are made only against those "
		 "that their hosts have signed.\"}"),
	  NULL, "Which recorded hosts count." },
	{ "lint", ALONE | WORLD, NULL, lint_levels,
	  "How bad what a rule of lint finds is: off, info, warning or error; "
	  "see converge-lint(7)." },
};

bool doc_key_rank(const char *key, size_t *rank)
{
	for (*rank = 0; *rank < COUNT(keys); ++*rank)
		if (strcmp(keys[*rank].name, key) == 0)
			return true;
	return false;
}

static json_t *keys_of(unsigned file, const struct module *const *list)
{
	json_t *properties = json_object(), *schema;

	for (size_t i = 0; i < COUNT(keys); i++) {
		if (!(keys[i].of & file))
			continue;
		schema = keys[i].by_type ? keys[i].by_type(list)
					 : json_loads(keys[i].schema, 0, NULL);
		/* beside $ref it would not count */
		if (json_object_get(schema, "$ref"))
			schema = json_pack("{s:[o]}", "allOf", schema);
		set_new(schema, "description", keys[i].doc);
		json_object_set_new(properties, keys[i].name, schema);
	}
	return properties;
}

static json_t *definitions(unsigned file, const struct module *const *list)
{
	json_t *all = json_object();

	if (file == WORLD)
		return all;
	add_definitions(all, list);
	if (file != ROLE)
		return all;
	json_object_set_new(all, "rule-when",
			    json_loads(rule_when_schema, 0, NULL));
	json_object_set_new(all, "role-rule",
			    json_pack("{s:s, s:o, s:[s], s:b}", "type",
				      "object", "properties",
				      keys_of(RULE, list), "required", "when",
				      "additionalProperties", 0));
	return all;
}

static const struct {
	const char *format;
	unsigned file;
	const char *title, *required;
} files[] = {
	{ "converge.manifest/1", ALONE, "A manifest of converge",
	  "[\"version\"]" },
	{ "converge.world/1", WORLD, "converge.json of a world of converge",
	  "[\"version\"]" },
	{ "converge.host/1", HOST, "A host in a world of converge",
	  "[\"version\",\"host\"]" },
	{ "converge.role/1", ROLE, "A role in a world of converge", "[]" },
};

static const char agent[] = "converge.agent/1";
static const char test_format[] = "converge.test/1";

json_t *doc_input_schema(const char *format, const struct module *const *list)
{
	size_t i = 0;

	if (strcmp(format, agent) == 0)
		return doc_agent_schema();
	if (strcmp(format, test_format) == 0)
		return doc_test_schema();
	while (i < COUNT(files) && strcmp(files[i].format, format) != 0)
		i++;
	if (i == COUNT(files))
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:b, s:o}", "$schema",
			 DRAFT, "title", files[i].title, "type", "object",
			 "properties", keys_of(files[i].file, list), "required",
			 json_loads(files[i].required, 0, NULL),
			 "additionalProperties", 0, "definitions",
			 definitions(files[i].file, list));
}

const char *const *doc_inputs(void)
{
	static const char *names[COUNT(files) + 3];

	for (size_t i = 0; i < COUNT(files); i++)
		names[i] = files[i].format;
	names[COUNT(files)] = agent;
	names[COUNT(files) + 1] = test_format;
	return names;
}
