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

json_t *format_gitlab(const json_t *found)
{
	json_t *issues = json_array(), *finding;
	size_t i;

	json_array_foreach (FINDINGS(found), i, finding) {
		size_t line = format_number(finding, "line");
		AUTO_BUF struct buf text = { 0 };

		format_message(finding, &text);
		json_array_append_new(
			issues,
			json_pack("{s:s, s:s, s:s, s:s, s:{s:o, s:{s:I}}}",
				  "description", buf_text(&text), "check_name",
				  format_text(finding, "rule"), "fingerprint",
				  format_text(finding, "fingerprint"),
				  "severity",
				  severity_of(format_text(finding, "severity")),
				  "location", "path",
				  format_clean(format_file(finding)), "lines",
				  "begin", (json_int_t)(line ? line : 1)));
	}
	return issues;
}
