/* SPDX-License-Identifier: MIT */
/* "converge.test/1", as JSON Schema: see lib/simulate/spec.c. */
#include "lib/doc/doc.h"

/* All but what is given and expected. */
static const char frame[] =
	"{\"$schema\":\"http://json-schema.org/draft-07/schema#\","
	"\"title\":\"A test of a world of converge\","
	"\"type\":\"object\",\"additionalProperties\":false,"
	"\"required\":[\"version\",\"expect\"],"
	"\"definitions\":{\"texts\":{\"anyOf\":[{\"type\":\"string\"},"
	"{\"type\":\"array\",\"items\":{\"type\":\"string\"}}]},"
	"\"there\":{\"enum\":[\"present\",\"absent\"]},"
	"\"count\":{\"anyOf\":[{\"$ref\":\"#/definitions/texts\"},"
	"{\"type\":\"integer\",\"minimum\":0}]},"
	"\"units\":{\"type\":\"object\",\"properties\":{\"//\":{}},"
	"\"additionalProperties\":{\"type\":\"object\","
	"\"additionalProperties\":false,\"properties\":{\"//\":{},"
	"\"active\":{},\"enabled\":{}}}},"
	"\"packages\":{\"type\":\"object\","
	"\"properties\":{\"//\":{}},"
	"\"additionalProperties\":{\"type\":\"string\",\"minLength\":1}},"
	"\"matcher\":{\"description\":\"The value itself,"
	" or how it compares.\",\"anyOf\":[{\"type\":[\"string\","
	"\"number\",\"boolean\",\"null\",\"array\"]},"
	"{\"type\":\"object\",\"additionalProperties\":false,"
	"\"minProperties\":1,\"properties\":{\"//\":{},"
	"\"is\":{\"description\":\"It is this value.\"},"
	"\"contains\":{\"description\":\"All of these are in the "
	"text, or among the values.\","
	"\"allOf\":[{\"$ref\":\"#/definitions/texts\"}]},"
	"\"lacks\":{\"description\":\"None of these is.\","
	"\"allOf\":[{\"$ref\":\"#/definitions/texts\"}]},"
	"\"matches\":{\"type\":\"string\","
	"\"description\":\"An extended regular expression; ^ and $ "
	"are of a line.\"}}}]},\"file\":{\"type\":\"object\","
	"\"additionalProperties\":false,\"properties\":{\"//\":{},"
	"\"ensure\":{\"enum\":[\"file\",\"directory\",\"link\","
	"\"absent\"]},\"content\":{\"type\":\"string\"},"
	"\"target\":{\"type\":\"string\"},"
	"\"mode\":{\"type\":\"string\",\"pattern\":\"^[0-7]{1,5}$\"},"
	"\"owner\":{\"type\":\"string\"},"
	"\"group\":{\"type\":\"string\"}}},"
	"\"end\":{\"type\":\"object\",\"additionalProperties\":false,"
	"\"properties\":{\"//\":{},"
	"\"content\":{\"$ref\":\"#/definitions/matcher\"},"
	"\"mode\":{\"$ref\":\"#/definitions/matcher\"},"
	"\"owner\":{\"$ref\":\"#/definitions/matcher\"},"
	"\"group\":{\"$ref\":\"#/definitions/matcher\"},"
	"\"type\":{\"$ref\":\"#/definitions/matcher\"},"
	"\"target\":{\"$ref\":\"#/definitions/matcher\"}}}},"
	"\"properties\":{\"//\":{\"description\":\"A comment.\"},"
	"\"$schema\":{\"type\":\"string\","
	"\"description\":\"Where an editor finds the schema of this "
	"file.\"},\"version\":{\"const\":1,"
	"\"description\":\"The version of this format.\"},"
	"\"description\":{\"type\":\"string\","
	"\"description\":\"What must stay so, for people.\"},"
	"\"host\":{\"description\":\"Globs: the hosts that it is "
	"of.\",\"allOf\":[{\"$ref\":\"#/definitions/texts\"}]},"
	"\"tags\":{\"description\":\"Globs: it is of hosts with such "
	"a tag.\",\"allOf\":[{\"$ref\":\"#/definitions/texts\"}]},"
	"\"facts\":{\"type\":\"object\","
	"\"description\":\"Facts over those that the host has.\"}}}";

static const char given[] =
	"{\"type\":\"object\",\"additionalProperties\":false,"
	"\"description\":\"What is so before,"
	" over the snapshot or an empty Debian.\","
	"\"properties\":{\"//\":{},"
	"\"converged\":{\"type\":\"boolean\","
	"\"description\":\"Whether the host has been converged "
	"before, and all else that is given happened since.\"},"
	"\"files\":{\"type\":\"object\","
	"\"additionalProperties\":false,"
	"\"description\":\"Files by their paths: a text,"
	" or an object.\",\"patternProperties\":{\"^//$\":{},"
	"\"^/([^/]|$)\":{\"anyOf\":[{\"type\":\"string\"},"
	"{\"$ref\":\"#/definitions/file\"}]}}},"
	"\"packages\":{\"description\":\"A version,"
	" installed or absent, by the package's name.\","
	"\"allOf\":[{\"$ref\":\"#/definitions/packages\"}]},"
	"\"units\":{\"description\":\"What units are,"
	" as systemctl(1) shows it.\","
	"\"allOf\":[{\"$ref\":\"#/definitions/units\"}]},"
	"\"commands\":{\"type\":\"object\","
	"\"properties\":{\"//\":{}},"
	"\"description\":\"What commands end with, by their words,"
	" which spaces join.\","
	"\"additionalProperties\":{\"type\":\"integer\","
	"\"minimum\":0,\"maximum\":255}}}}";

static const char expect[] =
	"{\"type\":\"object\",\"additionalProperties\":false,"
	"\"minProperties\":1,"
	"\"description\":\"What must come of it.\","
	"\"properties\":{\"//\":{},"
	"\"resources\":{\"type\":\"object\","
	"\"additionalProperties\":false,"
	"\"description\":\"Resources of the host by their ids,"
	" which may be globs.\",\"patternProperties\":{\"^//$\":{},"
	"\":\":{\"anyOf\":[{\"$ref\":\"#/definitions/there\"},"
	"{\"type\":\"object\",\"description\":\"Attributes,"
	" as the manifest wants them.\",\"properties\":{\"//\":{}},"
	"\"additionalProperties\":{\"$ref\":\"#/definitions/matcher\"}}]}}},"
	"\"files\":{\"type\":\"object\","
	"\"additionalProperties\":false,"
	"\"description\":\"Files of the host in the end.\","
	"\"patternProperties\":{\"^//$\":{},"
	"\"^/([^/]|$)\":{\"anyOf\":[{\"$ref\":\"#/definitions/there\"},"
	"{\"$ref\":\"#/definitions/end\"}]}}},"
	"\"packages\":{\"description\":\"Packages in the end: a "
	"version, installed or absent.\","
	"\"allOf\":[{\"$ref\":\"#/definitions/packages\"}]},"
	"\"units\":{\"description\":\"Units in the end,"
	" as systemctl(1) shows them.\","
	"\"allOf\":[{\"$ref\":\"#/definitions/units\"}]},"
	"\"changes\":{\"description\":\"A list of all resources that "
	"change, or what is done to some.\","
	"\"anyOf\":[{\"$ref\":\"#/definitions/texts\"},"
	"{\"type\":\"object\",\"properties\":{\"//\":{}},"
	"\"additionalProperties\":{\"enum\":[\"create\",\"update\","
	"\"remove\",\"unknown\",\"none\"]}}]},"
	"\"refreshes\":{\"description\":\"A list of all resources "
	"that are refreshed, or whether some are.\","
	"\"anyOf\":[{\"$ref\":\"#/definitions/texts\"},"
	"{\"type\":\"object\",\"properties\":{\"//\":{}},"
	"\"additionalProperties\":{\"type\":\"boolean\"}}]},"
	"\"withheld\":{\"description\":\"How many changes are "
	"withheld, or a list of all of them.\","
	"\"allOf\":[{\"$ref\":\"#/definitions/count\"}]},"
	"\"unknown\":{\"description\":\"How many changes are unknown,"
	" or a list of all of them.\","
	"\"allOf\":[{\"$ref\":\"#/definitions/count\"}]},"
	"\"unchanged\":{\"type\":\"boolean\","
	"\"description\":\"Whether nothing changes.\"}}}";

/* The words of systemctl(1). */
static void add_states(json_t *definitions)
{
	json_t *unit = json_object_get(json_object_get(definitions, "units"),
				       "additionalProperties");
	json_t *active = json_array(), *enabled = json_array();

	for (int i = 0; i < UNIT_ACTIVE_STATES; i++)
		json_array_append_new(active, json_string(unit_active_name(
						      (enum unit_active)i)));
	for (int i = 0; i < UNIT_ENABLED_STATES; i++)
		json_array_append_new(enabled, json_string(unit_enabled_name(
						       (enum unit_enabled)i)));
	unit = json_object_get(unit, "properties");
	json_object_set_new(unit, "active", json_pack("{s:o}", "enum", active));
	json_object_set_new(unit, "enabled",
			    json_pack("{s:o}", "enum", enabled));
}

json_t *doc_test_schema(void)
{
	json_t *schema = json_loads(frame, 0, NULL);
	json_t *properties = json_object_get(schema, "properties");

	add_states(json_object_get(schema, "definitions"));

	json_object_set_new(properties, "given", json_loads(given, 0, NULL));
	json_object_set_new(properties, "expect", json_loads(expect, 0, NULL));
	return schema;
}
