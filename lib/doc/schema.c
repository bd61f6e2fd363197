/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "lib/catalog.h"
#include "lib/doc/doc.h"

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

/* Some attributes of a type, of which none must be there. */
static json_t *part_schema(const struct module *m)
{
	json_t *properties = json_object();

	add_attributes(properties, m->attrs, m->nattrs);
	add_attributes(properties, common_attrs, common_attrs_n);
	json_object_set_new(properties, "//", json_object());
	return json_pack("{s:s, s:s, s:o, s:b}", "type", "object",
			 "description", m->summary, "properties", properties,
			 "additionalProperties", 0);
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
	json_t *schema = part_schema(m), *required = json_array();
	json_t *properties = json_object_get(schema, "properties");
	json_t *rules = json_array();

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
	json_object_set_new(schema, "required", required);
	if (json_array_size(rules))
		json_object_set(schema, "allOf", rules);
	json_decref(rules);
	return schema;
}

/* {"^file:.": {"$ref": "#/definitions/file"}, ...} */
static json_t *by_id(const struct module *const *list, const char *suffix)
{
	json_t *patterns = json_object();

	for (size_t i = 0; list[i]; i++) {
		AUTO_BUF struct buf pattern = { 0 };

		buf_printf(&pattern, "^%s:.", list[i]->name);
		json_object_set_new(
			patterns, pattern.text,
			json_pack("{s:o}", "$ref",
				  json_sprintf("#/definitions/%s%s",
					       list[i]->name, suffix)));
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

/* See scope_when. */
#define PLAIN_VALUE "{\"type\":[\"string\",\"number\",\"boolean\",\"null\"]}"
#define PLAIN_VALUES               \
	"{\"anyOf\":[" PLAIN_VALUE \
	",{\"type\":\"array\",\"items\":" PLAIN_VALUE "}]}"
#define ORDERED "{\"type\":[\"string\",\"number\"]}"
static const char when_schema[] =
	"{\"type\":\"object\",\"properties\":{"
	"\"//\":{},"
	"\"not\":{\"$ref\":\"#/definitions/when\"},"
	"\"any\":{\"type\":\"array\",\"items\":"
	"{\"$ref\":\"#/definitions/when\"}}},"
	"\"propertyNames\":{\"pattern\":"
	"\"^(//$|not$|any$|host$|tags$|tags\\\\.|(vars|facts|each)\\\\..)\"},"
	"\"additionalProperties\":{\"anyOf\":[" PLAIN_VALUES ","
	"{\"type\":\"object\",\"minProperties\":1,"
	"\"additionalProperties\":false,\"properties\":{"
	"\"eq\":" PLAIN_VALUES ",\"ne\":" PLAIN_VALUES ",\"lt\":" ORDERED
	",\"le\":" ORDERED ",\"gt\":" ORDERED ",\"ge\":" ORDERED "}}]}}";
static const char for_each_schema[] =
	"{\"anyOf\":[{\"type\":[\"array\",\"object\"]},"
	"{\"type\":\"string\",\"pattern\":\"^\\\\$\\\\{[^}]+\\\\}$\"}]}";

/* An override gives some attributes of a resource, never needs to give all. */
static json_t *definitions(const struct module *const *list)
{
	json_t *all = json_object();

	for (size_t i = 0; list[i]; i++) {
		AUTO_BUF struct buf name = { 0 };

		buf_printf(&name, "%s-override", list[i]->name);
		json_object_set_new(all, list[i]->name, type_schema(list[i]));
		json_object_set_new(all, name.text, part_schema(list[i]));
	}
	json_object_set_new(all, "when", json_loads(when_schema, 0, NULL));
	json_object_set_new(all, "for_each",
			    json_loads(for_each_schema, 0, NULL));
	return all;
}

/* Keys of a manifest, but for those that name types. */
static const struct {
	const char *name, *schema, *doc;
} keys[] = {
	{ "$schema", "{\"type\":\"string\"}",
	  "Where an editor finds the schema of this file." },
	{ "//", "{}", "A comment." },
	{ "version", "{\"const\":1}", "The version of this format." },
	{ "host", "{\"type\":\"string\",\"minLength\":1}",
	  "The one host that this manifest is for." },
	{ "roles", "{\"type\":\"array\",\"maxItems\":0}",
	  "Roles need a world; a lone manifest has none." },
	{ "tags", "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
	  "Words for this host, for when and ${tags}." },
	{ "vars", "{\"type\":\"object\"}", "Values for ${vars.NAME}." },
	{ "policy",
	  "{\"type\":\"object\",\"additionalProperties\":false,"
	  "\"properties\":{\"//\":{},\"max_disruption\":{\"enum\":[\"none\","
	  "\"reload\",\"restart\",\"reboot\",\"data\"],\"description\":"
	  "\"Withhold changes that disturb more.\"},\"max_removals\":{"
	  "\"anyOf\":[{\"type\":\"integer\",\"minimum\":0},{\"type\":"
	  "\"string\",\"pattern\":\"^[0-9]+%$\"}],\"description\":"
	  "\"Withhold all removals when there are more: a count or a "
	  "percentage.\"}}}",
	  "When a change may happen." },
	{ "templates",
	  "{\"type\":\"object\",\"additionalProperties\":false,"
	  "\"properties\":{\"//\":{},\"escape\":{\"enum\":[\"none\",\"html\"],"
	  "\"default\":\"none\",\"description\":\"What {{name}} escapes a "
	  "value for.\"}}}",
	  "How templates are filled in." },
};

json_t *doc_manifest_schema(const struct module *const *list)
{
	json_t *properties = json_object(), *schema;

	for (size_t i = 0; i < COUNT(keys); i++) {
		schema = json_loads(keys[i].schema, 0, NULL);
		set_new(schema, "description", keys[i].doc);
		json_object_set_new(properties, keys[i].name, schema);
	}
	schema = resources(list);
	set_new(schema, "description", "What this host must be, by TYPE:NAME.");
	json_object_set_new(properties, "resources", schema);
	schema = by_id(list, "-override");
	set_new(schema, "description",
		"Attributes that replace those of a resource.");
	json_object_set_new(properties, "overrides", schema);
	return json_pack("{s:s, s:s, s:s, s:o, s:[s], s:b, s:o}", "$schema",
			 DRAFT, "title", "A converge manifest", "type",
			 "object", "properties", properties, "required",
			 "version", "additionalProperties", 0, "definitions",
			 definitions(list));
}

/* --- what converge prints --- */

#define TEXT "{\"type\":\"string\"}"
#define TEXTS "{\"type\":\"array\",\"items\":" TEXT "}"
#define YES_OR_NO "{\"type\":\"boolean\"}"
#define COUNT_OF "{\"type\":\"integer\",\"minimum\":0}"
#define CLASS "{\"enum\":[\"none\",\"reload\",\"restart\",\"reboot\",\"data\"]}"
#define CLOSED "\"additionalProperties\":false"
#define HEADER "{\"$schema\":\"" DRAFT "\",\"type\":\"object\","
#define COMMIT_ID "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{40}$\"}"
#define COMMIT_PROPERTIES                                                      \
	"\"revision\":" COMMIT_ID ",\"commit\":{\"type\":\"object\","          \
	"\"required\":[\"author\",\"subject\"],\"properties\":{\"date\":" TEXT \
	",\"author\":" TEXT ",\"subject\":" TEXT ",\"name\":" TEXT "}," CLOSED \
	"}"
/* Which commit changed something last. */
#define PAST_PROPERTIES                                               \
	"\"commit\":" COMMIT_ID ",\"date\":" TEXT ",\"author\":" TEXT \
	",\"subject\":" TEXT ",\"tickets\":" TEXTS                    \
	",\"bound\":{\"enum\":[\"end\","                              \
	"\"limit\"]}"
#define PAST                                                        \
	"{\"type\":\"object\",\"required\":[\"commit\",\"author\"," \
	"\"subject\","                                              \
	"\"tickets\"],\"properties\":{" PAST_PROPERTIES "}," CLOSED "}"
#define PLACE_PROPERTIES                                               \
	"\"file\":" TEXT ",\"line\":" COUNT_OF ",\"column\":" COUNT_OF \
	",\"role\":" TEXT
#define ORIGIN                                                   \
	"{\"type\":\"object\",\"required\":[\"file\",\"line\"]," \
	"\"properties\":{\"file\":" TEXT ",\"line\":" COUNT_OF   \
	"," PAST_PROPERTIES "}," CLOSED "}"
#define NEIGHBOURS                                                          \
	"{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[" \
	"\"id\",\"reason\",\"stated\",\"notifies\"],\"properties\":{"       \
	"\"id\":" TEXT ",\"reason\":" TEXT ",\"stated\":" YES_OR_NO         \
	",\"notifies\":" YES_OR_NO "}," CLOSED "}}"
#define CHANGE_PROPERTIES                                                  \
	"\"id\":" TEXT ",\"action\":{\"enum\":[\"none\",\"create\","       \
	"\"update\",\"remove\",\"refresh\",\"unknown\"]},"                 \
	"\"attributes\":{\"type\":\"object\",\"additionalProperties\":"    \
	"{\"type\":\"object\",\"minProperties\":1,\"properties\":{"        \
	"\"before\":{},\"after\":{},\"sensitive\":{\"const\":true}},"      \
	"\"dependencies\":{\"before\":[\"after\"],\"after\":[\"before\"]}" \
	"," CLOSED "}},"                                                   \
	"\"origin\":" ORIGIN ","                                           \
	"\"change\":{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{16}$\"}," \
	"\"disruption\":" CLASS ",\"undoable\":" YES_OR_NO ","             \
	"\"because\":" TEXT ",\"reason\":" TEXT ",\"diff\":" TEXT ","      \
	"\"withheld\":" TEXT ",\"failed\":" TEXT ",\"skipped\":" TEXT ","  \
	"\"owed\":" TEXT ",\"seal\":" TEXT ",\"causes\":" TEXTS
#define TERMS                                                                  \
	"{\"type\":\"object\",\"required\":[\"root\",\"only\",\"tags\"],"      \
	"\"properties\":{\"root\":" TEXT ",\"only\":" TEXTS ",\"tags\":" TEXTS \
	",\"max_disruption\":" CLASS "}," CLOSED "}"
#define CHANGE_REQUIRED                                           \
	"\"id\",\"action\",\"attributes\",\"origin\",\"change\"," \
	"\"disruption\",\"undoable\""
/* An event of that kind has at least these. */
#define EVENT_NEEDS(kind, names)                                         \
	"{\"if\":{\"properties\":{\"event\":{\"const\":\"" kind "\"}}}," \
	"\"then\":{\"required\":[" names "]}}"
#define EVENT_RULES                                                            \
	EVENT_NEEDS("start", "\"host\",\"source\",\"run\"")                    \
	"," EVENT_NEEDS("change", CHANGE_REQUIRED                              \
			",\"result\"") "," EVENT_NEEDS("end",                  \
						       "\"host\",\"summary\"," \
						       "\"exit\"")

static const struct {
	const char *format, *schema;
} outputs[] = {
	{ "converge.plan/1", HEADER
	  "\"required\":[\"format\",\"host\",\"source\",\"digest\","
	  "\"summary\",\"changes\"],\"properties\":{"
	  "\"format\":{\"const\":\"converge.plan/1\"},\"host\":" TEXT ","
	  "\"source\":" TEXT "," COMMIT_PROPERTIES ",\"path\":" TEXT
	  ",\"key\":" TEXT ","
	  "\"terms\":" TERMS ",\"digest\":{\"type\":"
	  "\"string\",\"pattern\":\"^[0-9a-f]{64}$\"},"
	  "\"summary\":{\"type\":\"object\",\"required\":[\"create\","
	  "\"update\",\"remove\",\"refresh\",\"unknown\",\"withheld\","
	  "\"unchanged\",\"failed\",\"disruption\"],\"properties\":{"
	  "\"disruption\":" CLASS "},\"additionalProperties\":" COUNT_OF "},"
	  "\"changes\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[" CHANGE_REQUIRED "],"
	  "\"properties\":{" CHANGE_PROPERTIES "}," CLOSED "}}}," CLOSED "}" },
	{ "converge.event/1",
	  HEADER "\"required\":[\"format\",\"event\"],\"properties\":{"
		 "\"format\":"
		 "{\"const\":\"converge.event/"
		 "1\"},\"event\":{\"enum\":[\"start\","
		 "\"change\",\"end\"]},\"host\":" TEXT ",\"source\":" TEXT
		 "," COMMIT_PROPERTIES ",\"run\":" COUNT_OF
		 ",\"result\":{\"enum\":[\"done\",\"unchanged\",\"failed\","
		 "\"skipped\",\"withheld\",\"left\"]},\"text\":" TEXT
		 ",\"exit\":" COUNT_OF ",\"summary\":{\"type\":\"object\","
		 "\"required\":[\"created\",\"updated\",\"removed\","
		 "\"refreshed\","
		 "\"failed\",\"skipped\",\"withheld\",\"left\",\"unchanged\"],"
		 "\"additionalProperties\":" COUNT_OF "}," CHANGE_PROPERTIES
		 "},\"allOf\":[" EVENT_RULES "]," CLOSED "}" },
	{ "converge.graph/1", HEADER
	  "\"required\":[\"format\",\"host\",\"resources\",\"edges\"],"
	  "\"properties\":{"
	  "\"format\":{\"const\":\"converge.graph/1\"},\"host\":" TEXT ","
	  "\"resources\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[\"id\",\"type\",\"name\",\"origin\"],"
	  "\"properties\":{\"id\":" TEXT ",\"type\":" TEXT ",\"name\":" TEXT
	  ",\"origin\":" ORIGIN "}," CLOSED "}},\"edges\":{\"type\":\"array\","
	  "\"items\":{\"type\":\"object\",\"required\":[\"from\",\"to\","
	  "\"reason\",\"stated\",\"notifies\"],\"properties\":{"
	  "\"from\":" TEXT ",\"to\":" TEXT ",\"reason\":" TEXT ","
	  "\"stated\":" YES_OR_NO ",\"notifies\":" YES_OR_NO "}," CLOSED
	  "}}}," CLOSED "}" },
	{ "converge.check/1", HEADER
	  "\"required\":[\"format\",\"findings\",\"summary\"],"
	  "\"properties\":{"
	  "\"format\":{\"const\":\"converge.check/1\"},"
	  "\"findings\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[\"severity\",\"text\"],\"properties\":{"
	  "\"severity\":{\"enum\":[\"error\",\"warning\"]},"
	  "\"file\":" TEXT ",\"line\":" COUNT_OF ",\"column\":" COUNT_OF
	  ",\"subject\":" TEXT ",\"text\":" TEXT ",\"hint\":" TEXT "}," CLOSED
	  "}},\"summary\":{\"type\":\"object\",\"required\":[\"hosts\","
	  "\"roles\",\"resources\",\"errors\",\"warnings\",\"more\"],"
	  "\"additionalProperties\":" COUNT_OF "}}," CLOSED "}" },
	/* there will be more facts */
	{ "converge.facts/1", HEADER
	  "\"required\":[\"format\",\"hostname\",\"os\"],\"properties\":{"
	  "\"format\":{\"const\":\"converge.facts/1\"},\"hostname\":" TEXT ","
	  "\"fqdn\":" TEXT ","
	  "\"domain\":" TEXT ","
	  "\"timezone\":" TEXT ","
	  "\"package_manager\":" TEXT ","
	  "\"init\":" TEXT ","
	  "\"architecture\":" TEXT ","
	  "\"os\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"id\":" TEXT ","
	  "\"version\":" TEXT ","
	  "\"codename\":" TEXT ","
	  "\"variant\":" TEXT ","
	  "\"name\":" TEXT ","
	  "\"like\":" TEXTS "}}"
	  ","
	  "\"kernel\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"name\":" TEXT ","
	  "\"release\":" TEXT ","
	  "\"version\":" TEXT "}}"
	  ","
	  "\"cpu\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"count\":" COUNT_OF ","
	  "\"model\":" TEXT ","
	  "\"cores\":" COUNT_OF ","
	  "\"sockets\":" COUNT_OF "}}"
	  ","
	  "\"memory\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"mib\":" COUNT_OF ","
	  "\"swap_mib\":" COUNT_OF "}}"
	  ","
	  "\"hardware\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"vendor\":" TEXT ","
	  "\"product\":" TEXT ","
	  "\"bios\":" TEXT ","
	  "\"chassis\":" TEXT ","
	  "\"uefi\":" YES_OR_NO "}}"
	  ","
	  "\"virtualization\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"kind\":"
	  "{\"enum\":[\"none\",\"vm\",\"container\"]}"
	  ","
	  "\"name\":" TEXT "}}"
	  ","
	  "\"disks\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"names\":" TEXTS ","
	  "\"list\":"
	  "{\"type\":\"array\",\"items\":{\"type\":\"object\"}}"
	  "}}"
	  ","
	  "\"mounts\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"paths\":" TEXTS ","
	  "\"list\":"
	  "{\"type\":\"array\",\"items\":{\"type\":\"object\"}}"
	  "}}"
	  ","
	  "\"network\":"
	  "{\"type\":\"object\",\"properties\":{"
	  "\"names\":" TEXTS ","
	  "\"interfaces\":"
	  "{\"type\":\"array\",\"items\":{\"type\":\"object\"}}"
	  ","
	  "\"ipv4\":" TEXTS ","
	  "\"ipv6\":" TEXTS ","
	  "\"interface\":" TEXT ","
	  "\"gateway\":" TEXT ","
	  "\"address\":" TEXT "}}"
	  ","
	  "\"local\":"
	  "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"object\"}}"
	  "}}" },
	{ "converge.secrets/1",
	  HEADER "\"required\":[\"format\",\"secrets\"],\"properties\":{"
		 "\"format\":{\"const\":\"converge.secrets/1\"},\"secrets\":"
		 "{\"type\":\"array\",\"items\":{\"type\":\"object\","
		 "\"required\":[\"secret\",\"hosts\",\"people\",\"unknown\","
		 "\"used_by\"],\"additionalProperties\":false,\"properties\":{"
		 "\"secret\":" TEXT ",\"hosts\":" TEXTS ",\"people\":" TEXTS
		 ",\"unknown\":" COUNT_OF ",\"used_by\":" TEXTS "}}}}}" },
	{ "converge.why/1", HEADER
	  "\"required\":[\"format\",\"host\",\"source\",\"id\",\"origin\","
	  "\"parts\",\"requires\",\"required_by\",\"runs\"],\"properties\":{"
	  "\"format\":{\"const\":\"converge.why/1\"},\"host\":" TEXT
	  ",\"source\":" TEXT "," COMMIT_PROPERTIES ",\"work_tree\":" YES_OR_NO
	  ",\"unread\":" TEXT ",\"id\":" TEXT
	  ",\"origin\":{\"type\":\"object\",\"required\":[\"file\"],"
	  "\"properties\":{" PLACE_PROPERTIES "}," CLOSED "},\"from\":" TEXT
	  ",\"reason\":" TEXT ",\"each\":{\"type\":[\"string\",\"integer\"]},"
	  "\"description\":" TEXT ",\"changed\":" PAST
	  ",\"uncommitted\":" YES_OR_NO
	  ",\"parts\":{\"type\":\"array\",\"items\":{"
	  "\"type\":\"object\",\"required\":[\"kind\",\"file\"],\"properties\":"
	  "{"
	  "\"kind\":{\"enum\":[\"resource\",\"include\",\"default\","
	  "\"override\","
	  "\"var\",\"file\"]},\"name\":" TEXT "," PLACE_PROPERTIES
	  ",\"when\":{\"type\":\"object\"},\"changed\":" PAST
	  ",\"uncommitted\":" YES_OR_NO "}," CLOSED
	  "}},\"requires\":" NEIGHBOURS ",\"required_by\":" NEIGHBOURS
	  ",\"runs\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	  "\"required\":[\"run\",\"action\",\"result\"],\"properties\":{"
	  "\"run\":" COUNT_OF ",\"action\":" TEXT ",\"result\":{\"enum\":["
	  "\"planned\",\"done\",\"failed\",\"skipped\",\"withheld\"]},"
	  "\"time\":" TEXT ",\"command\":" TEXT ",\"revision\":" TEXT
	  "}," CLOSED "}}}," CLOSED "}" },
	{ "converge.version/1", HEADER
	  "\"required\":[\"format\",\"converge\",\"jansson\"],"
	  "\"properties\":{\"format\":{\"const\":\"converge.version/1\"}},"
	  "\"additionalProperties\":" TEXT "}" },
};

json_t *doc_format_schema(const char *format)
{
	for (size_t i = 0; i < COUNT(outputs); i++)
		if (strcmp(outputs[i].format, format) == 0)
			return json_loads(outputs[i].schema, 0, NULL);
	return NULL;
}

const char *const *doc_formats(void)
{
	static const char *names[COUNT(outputs) + 1];

	for (size_t i = 0; i < COUNT(outputs); i++)
		names[i] = outputs[i].format;
	return names;
}
