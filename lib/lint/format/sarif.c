/* SPDX-License-Identifier: MIT */
#include "lib/lint/format/format.h"

#include <string.h>

#include "lib/lint/rules.h"

/* Of the standard itself. */
#define SCHEMA                                                                \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/" \
	"sarif-schema-2.1.0.json"

static json_t *message(const char *text)
{
	return json_pack("{s:s}", "text", text);
}

static const char *level_of(const char *severity)
{
	return strcmp(severity, "info") == 0 ? "note" : severity;
}

static json_t *rules(void)
{
	json_t *all = json_array();

	for (size_t i = 0; i < lint_rules_n; i++) {
		const struct lint_rule *rule = &lint_rules[i];

		json_array_append_new(
			all,
			json_pack("{s:s, s:o, s:o, s:o, s:{s:s}}", "id",
				  rule->id, "shortDescription",
				  message(rule->summary), "fullDescription",
				  message(rule->summary), "help",
				  message(rule->reason), "defaultConfiguration",
				  "level",
				  level_of(lint_level_name(rule->level))));
	}
	return all;
}

/* A relative reference (RFC 3986, section 4.2). */
static json_t *uri_of(const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789-._~/";
	AUTO_BUF struct buf b = { 0 };

	for (; *path; path++) {
		if (strchr(plain, *path))
			buf_putc(&b, *path);
		else
			buf_printf(&b, "%%%02X", (unsigned char)*path);
	}
	return json_string(buf_text(&b));
}

static json_t *location(const json_t *finding)
{
	const char *file = format_text(finding, "file"),
		   *subject = format_text(finding, "subject");
	size_t line = format_number(finding, "line");
	json_t *at = json_object(), *physical;

	if (file) {
		physical =
			json_pack("{s:{s:o, s:s}}", "artifactLocation", "uri",
				  uri_of(file), "uriBaseId", "%SRCROOT%");
		/* readers want a line, also of a file that is no text */
		json_object_set_new(
			physical, "region",
			json_pack("{s:I, s:I}", "startLine",
				  (json_int_t)(line ? line : 1), "startColumn",
				  (json_int_t)(line ? format_number(finding,
								    "column")
						    : 1)));
		json_object_set_new(at, "physicalLocation", physical);
	}
	if (subject)
		json_object_set_new(
			at, "logicalLocations",
			json_pack("[{s:o, s:s}]", "fullyQualifiedName",
				  format_clean(subject), "kind", "resource"));
	return at;
}

static size_t index_of(const char *id)
{
	size_t i = 0;

	while (i < lint_rules_n && strcmp(lint_rules[i].id, id) != 0)
		i++;
	return i < lint_rules_n ? i : 0;
}

static json_t *result(const json_t *finding)
{
	const char *rule = format_text(finding, "rule"),
		   *hint = format_text(finding, "hint");
	AUTO_BUF struct buf text = { 0 };

	format_message(finding, &text);
	if (hint) {
		json_t *clean = format_clean(hint);

		buf_printf(&text, ". Hint: %s", json_string_value(clean));
		json_decref(clean);
	}
	return json_pack("{s:s, s:I, s:s, s:{s:s}, s:[o], s:{s:s}}", "ruleId",
			 lint_rules[index_of(rule)].id, "ruleIndex",
			 (json_int_t)index_of(rule), "level",
			 level_of(format_text(finding, "severity")), "message",
			 "text", buf_text(&text), "locations",
			 location(finding), "partialFingerprints",
			 "converge/v1", format_text(finding, "fingerprint"));
}

/* How many of each severity there is room for, the worst first. */
static void share_out(const json_t *found, size_t room[LINT_ERROR + 1])
{
	size_t left = SARIF_MAX, counts[LINT_ERROR + 1] = { 0 }, i;
	json_t *finding;

	json_array_foreach (FINDINGS(found), i, finding)
		counts[lint_level_parse(format_text(finding, "severity"))]++;
	for (int level = LINT_ERROR; level > LINT_OFF; level--) {
		room[level] = counts[level] < left ? counts[level] : left;
		left -= room[level];
	}
}

static json_t *invocation(size_t cut)
{
	AUTO_BUF struct buf b = { 0 };
	json_t *notifications = json_array();

	if (cut) {
		buf_printf(&b, "%zu more findings are left out", cut);
		json_array_append_new(notifications,
				      json_pack("{s:s, s:o}", "level",
						"warning", "message",
						message(buf_text(&b))));
	}
	return json_pack("{s:b, s:o}", "executionSuccessful", 1,
			 "toolExecutionNotifications", notifications);
}

json_t *format_sarif(const json_t *found)
{
	size_t room[LINT_ERROR + 1] = { 0 }, i, cut;
	json_t *results = json_array(), *finding;

	share_out(found, room);
	cut = format_number(json_object_get(found, "summary"), "more");
	json_array_foreach (FINDINGS(found), i, finding) {
		int level = lint_level_parse(format_text(finding, "severity"));

		if (room[level]) {
			room[level]--;
			json_array_append_new(results, result(finding));
		} else {
			cut++;
		}
	}
	return json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:[o], s:o}]}",
			 "$schema", SCHEMA, "version", "2.1.0", "runs", "tool",
			 "driver", "name", "converge", "version",
			 CONVERGE_VERSION, "rules", rules(), "invocations",
			 invocation(cut), "results", results);
}
