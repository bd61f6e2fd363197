/* SPDX-License-Identifier: MIT */
#include "lib/lint/format/format.h"

#include <string.h>

#include "lib/text/escape.h"

/* What the runner turns back in a message, and with special in a property; and
 * "##", which older ones obey wherever it is. */
static void add(struct buf *b, const char *text, const char *special)
{
	AUTO_BUF struct buf clean = { 0 };

	escape_text(&clean, text, strlen(text), false);
	for (text = buf_text(&clean); *text; text++) {
		if (*text == '%' || strchr(special, *text))
			buf_printf(b, "%%%02X", (unsigned char)*text);
		else if (text[0] == '#' && text[1] == '#')
			buf_puts(b, "\\x23");
		else
			buf_putc(b, *text);
	}
}

static void command(struct buf *b, const char *name, const json_t *finding)
{
	const char *file = format_text(finding, "file"),
		   *hint = format_text(finding, "hint");
	AUTO_BUF struct buf text = { 0 };

	buf_printf(b, "::%s ", name);
	if (file) {
		buf_puts(b, "file=");
		add(b, file, ":,");
		if (format_number(finding, "line"))
			buf_printf(b, ",line=%zu,col=%zu",
				   format_number(finding, "line"),
				   format_number(finding, "column"));
		buf_putc(b, ',');
	}
	buf_puts(b, "title=");
	add(b, format_text(finding, "rule"), ":,");
	buf_puts(b, "::");
	format_message(finding, &text);
	add(b, buf_text(&text), "");
	if (hint) {
		buf_puts(b, "%0Ahint: ");
		add(b, hint, "");
	}
	buf_putc(b, '\n');
}

void format_github(const json_t *found, struct buf *b)
{
	/* of each kind few are shown: the worst come first */
	static const struct {
		const char *severity, *command;
	} kinds[] = { { "error", "error" },
		      { "warning", "warning" },
		      { "info", "notice" } };
	const json_t *finding;
	size_t j;

	for (size_t i = 0; i < COUNT(kinds); i++)
		json_array_foreach (FINDINGS(found), j, finding)
			if (strcmp(format_text(finding, "severity"),
				   kinds[i].severity) == 0)
				command(b, kinds[i].command, finding);
}
