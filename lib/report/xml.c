/* SPDX-License-Identifier: MIT */
#include "lib/report/xml.h"

#include <string.h>

#include "lib/text/escape.h"

const char xml_prolog[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

static void put(struct buf *b, const char *text, bool lines)
{
	static const char *const entities[] = {
		['&'] = "&amp;",
		['<'] = "&lt;",
		['>'] = "&gt;",
		['"'] = "&quot;",
		['\''] = "&apos;",
		/* a log obeys "##[" wherever it is */
		['#'] = "&#35;",
	};
	AUTO_BUF struct buf clean = { 0 };
	const unsigned char *at;

	escape_text(&clean, text, strlen(text), lines);
	for (at = (const void *)buf_text(&clean); *at; at++) {
		/* U+FFFE and U+FFFF are no characters of XML */
		if (at[0] == 0xef && at[1] == 0xbf && at[2] >= 0xbe) {
			buf_printf(b, "\\xef\\xbf\\x%02x", at[2]);
			at += 2;
		} else if (*at < COUNT(entities) && entities[*at]) {
			buf_puts(b, entities[*at]);
		} else {
			buf_putc(b, (char)*at);
		}
	}
}

void xml_line(struct buf *b, const char *text)
{
	put(b, text, false);
}

void xml_lines(struct buf *b, const char *text)
{
	put(b, text, true);
}

void xml_attribute(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, " %s=\"", name);
	xml_line(b, value);
	buf_putc(b, '"');
}
