/* SPDX-License-Identifier: MIT */
#include "lib/lint/format/format.h"
#include "lib/report/xml.h"

static void checkstyle_error(struct buf *b, const json_t *finding)
{
	size_t line = format_number(finding, "line");
	AUTO_BUF struct buf message = { 0 };

	buf_printf(b, "    <error line=\"%zu\"", line ? line : 1);
	if (line)
		buf_printf(b, " column=\"%zu\"",
			   format_number(finding, "column"));
	xml_attribute(b, "severity", format_text(finding, "severity"));
	format_message(finding, &message);
	xml_attribute(b, "message", buf_text(&message));
	buf_puts(b, " source=\"converge.");
	xml_line(b, format_text(finding, "rule"));
	buf_puts(b, "\"/>\n");
}

void format_checkstyle(const json_t *found, struct buf *b)
{
	const json_t *findings = FINDINGS(found), *finding, *before = NULL;
	size_t i;

	buf_puts(b, xml_prolog);
	buf_puts(b, "<checkstyle version=\"4.3\">\n");
	json_array_foreach (findings, i, finding) {
		if (!before || !format_same_file(before, finding)) {
			buf_puts(b, before ? "  </file>\n  <file" : "  <file");
			xml_attribute(b, "name", format_file(finding));
			buf_puts(b, ">\n");
		}
		checkstyle_error(b, finding);
		before = finding;
	}
	buf_puts(b, before ? "  </file>\n</checkstyle>\n" : "</checkstyle>\n");
}
