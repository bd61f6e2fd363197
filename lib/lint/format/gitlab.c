/* SPDX-License-Identifier: MIT */
#include "lib/lint/format/format.h"

#include <string.h>

/* Of info, minor, major, critical and blocker. */
static const char *severity_of(const char *severity)
{
	if (strcmp(severity, "error") == 0)
		return "critical";
	return strcmp(severity, "warning") == 0 ? "minor" : "info";
}

/* One of those that Code Climate has. */
static const char *category_of(const char *severity)
{
	return strcmp(severity, "info") == 0 ? "Clarity" : "Bug Risk";
}

static json_t *location_of(const json_t *finding)
{
	size_t line = format_number(finding, "line");
	json_int_t at = (json_int_t)(line ? line : 1);

	return json_pack("{s:o, s:{s:I, s:I}}", "path",
			 format_clean(format_file(finding)), "lines", "begin",
			 at, "end", at);
}

/* Issues as Code Climate's are, of which GitLab reads a part. */
json_t *format_gitlab(const json_t *found)
{
	json_t *issues = json_array(), *finding;
	size_t i;

	json_array_foreach (FINDINGS(found), i, finding) {
		const char *severity = format_text(finding, "severity");
		AUTO_BUF struct buf text = { 0 };

		format_message(finding, &text);
		json_array_append_new(
			issues,
			json_pack("{s:s, s:s, s:s, s:[s], s:s, s:s, s:o}",
				  "type", "issue", "description",
				  buf_text(&text), "check_name",
				  format_text(finding, "rule"), "categories",
				  category_of(severity), "fingerprint",
				  format_text(finding, "fingerprint"),
				  "severity", severity_of(severity), "location",
				  location_of(finding)));
	}
	return issues;
}
