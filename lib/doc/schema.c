/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "lib/catalog.h"
#include "lib/doc/doc.h"

#define DRAFT "http://json-schema.org/draft-07/schema#"

/* In place of any value may stand a string with a reference. */
static json_t *or_reference(json_t *schema)
{
	return json_pack("{s:[o, {s:s, s:s}]}", "anyOf", schema, "type",
			 "string", "pattern", "\\$\\{");
}

static void set_new(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key, json_string(text));
}

static json_t *attribute(const struct attr *attr)
{
	json_t *schema = or_reference(attr->kind->schema(attr)), *fallback;

	set_new(schema, "description", attr->doc);
	if (attr->fallback) {
		fallback = json_loads(attr->fallback, JSON_DECODE_ANY, NULL);
		json_object_set_new(schema, "default", fallback);
	}
	if (attr->flags & ATTR_DEPRECATED)
		json_object_set_new(schema, "deprecated", json_true());
	return schema;
}

static void add_attributes(json_t *properties, json_t *required,
			   const struct attr *attrs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (attrs[i].flags & ATTR_INTERNAL)
			continue;
		json_object_set_new(properties, attrs[i].name,
				    attribute(&attrs[i]));
		if (attrs[i].flags & ATTR_REQUIRED)
			json_array_append_new(required,
					      json_string(attrs[i].name));
	}
}

static json_t *type_schema(const struct module *m)
{
	json_t *properties = json_object(), *required = json_array();

	add_attributes(properties, required, m->attrs, m->nattrs);
	add_attributes(properties, required, common_attrs, common_attrs_n);
	json_object_set_new(properties, "//", json_object());
	json_object_set_new(properties, "when",
			    json_pack("{s:s}", "type", "object"));
	json_object_set_new(properties, "for_each",
			    or_reference(json_pack("{s:[s,s]}", "type", "array",
						   "object")));
	return json_pack("{s:s, s:s, s:o, s:o, s:b}", "type", "object",
			 "description", m->summary, "properties", properties,
			 "required", required, "additionalProperties", 0);
}

/* {"^file:.": {"$ref": "#/definitions/file"}, ...} */
static json_t *by_id(const struct module *const *list, const char *suffix)
{
	json_t *patterns = json_object();

	for (size_t i = 0; list[i]; i++) {
		AUTO_BUF struct buf pattern = { 0 };
		AUTO_BUF struct buf ref = { 0 };

		buf_printf(&pattern, "^%s:.", list[i]->name);
		buf_printf(&ref, "#/definitions/%s%s", list[i]->name, suffix);
		json_object_set_new(patterns, pattern.text,
				    json_pack("{s:s}", "$ref", ref.text));
	}
	json_object_set_new(patterns, "^//$", json_object());
	return json_pack("{s:s, s:o, s:b}", "type", "object",
			 "patternProperties", patterns, "additionalProperties",
			 0);
}

/* An override gives some attributes of a resource, never needs to give all. */
static json_t *definitions(const struct module *const *list)
{
	json_t *all = json_object();

	for (size_t i = 0; list[i]; i++) {
		json_t *type = type_schema(list[i]), *part = json_copy(type);
		AUTO_BUF struct buf name = { 0 };

		buf_printf(&name, "%s-override", list[i]->name);
		json_object_del(part, "required");
		json_object_set_new(all, list[i]->name, type);
		json_object_set_new(all, name.text, part);
	}
	return all;
}

static json_t *policy(void)
{
	return json_pack("{s:s, s:b, s:{s:{s:[s,s,s,s,s]}, s:{s:[{s:s,s:i}, "
			 "{s:s,s:s}]}, s:{}}}",
			 "type", "object", "additionalProperties", 0,
			 "properties", "max_disruption", "enum", "none",
			 "reload", "restart", "reboot", "data", "max_removals",
			 "anyOf", "type", "integer", "minimum", 0, "type",
			 "string", "pattern", "^[0-9]+%$", "//");
}

json_t *doc_manifest_schema(const struct module *const *list)
{
	json_t *properties = json_pack(
		"{s:{s:i}, s:{s:s,s:i}, s:{s:s,s:{s:s}}, s:{s:s}, "
		"s:{s:s,s:i}, s:o, s:o, s:o, s:{s:s}, s:{}}",
		"version", "const", 1, "host", "type", "string", "minLength", 1,
		"tags", "type", "array", "items", "type", "string", "vars",
		"type", "object", "roles", "type", "array", "maxItems", 0,
		"resources", by_id(list, ""), "overrides",
		by_id(list, "-override"), "policy", policy(), "$schema", "type",
		"string", "//");

	return json_pack("{s:s, s:s, s:s, s:o, s:[s], s:b, s:o}", "$schema",
			 DRAFT, "title", "A converge manifest", "type",
			 "object", "properties", properties, "required",
			 "version", "additionalProperties", 0, "definitions",
			 definitions(list));
}

/* --- what converge prints --- */

#define TEXT "{\"type\":\"string\"}"
#define COUNT_OF "{\"type\":\"integer\",\"minimum\":0}"
#define ORIGIN                                                   \
	"{\"type\":\"object\",\"required\":[\"file\",\"line\"]," \
	"\"properties\":{\"file\":" TEXT ",\"line\":" COUNT_OF "}}"
#define CHANGE_PROPERTIES                                                   \
	"\"id\":" TEXT ",\"action\":{\"enum\":[\"none\",\"create\","        \
	"\"update\",\"remove\",\"refresh\",\"unknown\"]},"                  \
	"\"attributes\":{\"type\":\"object\",\"additionalProperties\":"     \
	"{\"type\":\"object\",\"properties\":{\"before\":{},\"after\":{},"  \
	"\"sensitive\":{\"const\":true}},\"additionalProperties\":false}}," \
	"\"origin\":" ORIGIN ","                                            \
	"\"change\":{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{16}$\"},"  \
	"\"disruption\":{\"enum\":[\"none\",\"reload\",\"restart\","        \
	"\"reboot\",\"data\"]},\"undoable\":{\"type\":\"boolean\"},"        \
	"\"because\":" TEXT ",\"reason\":" TEXT ",\"diff\":" TEXT ","       \
	"\"withheld\":" TEXT ",\"failed\":" TEXT ",\"skipped\":" TEXT ","   \
	"\"owed\":" TEXT ",\"causes\":{\"type\":\"array\",\"items\":" TEXT "}"
#define CHANGE_REQUIRED                                            \
	"[\"id\",\"action\",\"attributes\",\"origin\",\"change\"," \
	"\"disruption\",\"undoable\"]"

static const struct {
	const char *format, *schema;
} outputs[] = {
	{ "converge.plan/1",
	  "{\"$schema\":\"" DRAFT "\",\"type\":\"object\",\"required\":"
	  "[\"format\",\"host\",\"source\",\"digest\",\"summary\","
	  "\"changes\"],\"properties\":{"
	  "\"format\":{\"const\":\"converge.plan/1\"},\"host\":" TEXT ","
	  "\"source\":" TEXT ",\"path\":" TEXT ",\"digest\":" TEXT ","
	  "\"summary\":{\"type\":\"object\",\"required\":[\"create\","
	  "\"update\",\"remove\",\"refresh\",\"unknown\",\"withheld\","
	  "\"unchanged\",\"failed\"]},\"changes\":{\"type\":\"array\","
	  "\"items\":{\"type\":\"object\",\"required\":" CHANGE_REQUIRED ","
	  "\"properties\":{" CHANGE_PROPERTIES "},"
	  "\"additionalProperties\":false}}}}" },
	{ "converge.event/1",
	  "{\"$schema\":\"" DRAFT "\",\"type\":\"object\",\"required\":"
	  "[\"format\",\"event\"],\"properties\":{\"format\":{\"const\":"
	  "\"converge.event/1\"},\"event\":{\"enum\":[\"start\",\"change\","
	  "\"end\"]},\"host\":" TEXT ",\"source\":" TEXT ",\"run\":" COUNT_OF
	  ",\"result\":{\"enum\":[\"done\",\"unchanged\",\"failed\","
	  "\"skipped\",\"withheld\",\"left\"]},\"text\":" TEXT ","
	  "\"exit\":" COUNT_OF
	  ",\"summary\":{\"type\":\"object\"}," CHANGE_PROPERTIES
	  "},\"additionalProperties\":false}" },
	{ "converge.graph/1",
	  "{\"$schema\":\"" DRAFT "\",\"type\":\"object\",\"required\":"
	  "[\"format\",\"host\",\"resources\",\"edges\"],\"properties\":{"
	  "\"format\":{\"const\":\"converge.graph/1\"},\"host\":" TEXT ","
	  "\"resources\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[\"id\",\"type\",\"name\",\"origin\"],"
	  "\"properties\":{\"id\":" TEXT ",\"type\":" TEXT ",\"name\":" TEXT
	  ",\"origin\":" ORIGIN "}}},\"edges\":{\"type\":\"array\","
	  "\"items\":{\"type\":\"object\",\"required\":[\"from\",\"to\","
	  "\"reason\",\"stated\",\"notifies\"],\"properties\":{"
	  "\"from\":" TEXT ",\"to\":" TEXT ",\"reason\":" TEXT ","
	  "\"stated\":{\"type\":\"boolean\"},\"notifies\":{\"type\":"
	  "\"boolean\"}}}}}}" },
	{ "converge.facts/1",
	  "{\"$schema\":\"" DRAFT "\",\"type\":\"object\",\"required\":"
	  "[\"format\",\"hostname\",\"os\"],\"properties\":{\"format\":"
	  "{\"const\":\"converge.facts/1\"},\"hostname\":" TEXT ","
	  "\"os\":{\"type\":\"object\"}}}" },
};

json_t *doc_format_schema(const char *format)
{
	for (size_t i = 0; i < COUNT(outputs); i++)
		if (strcmp(outputs[i].format, format) == 0)
			return json_loads(outputs[i].schema, 0, NULL);
	return NULL;
}
