/* SPDX-License-Identifier: MIT */
/* Text from outside, made safe for a terminal or a CI log. */
#ifndef CONVERGE_TEXT_ESCAPE_H
#define CONVERGE_TEXT_ESCAPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/utf8.h"

/*
 * Appends text with C0 and C1 controls, DEL, bidi controls, zero-width
 * characters, line separators and invalid bytes written as \xNN (each byte of
 * theirs) and '\' as it is; '\n' and '\t' are kept when multiline.
 */
void escape_text(struct buf *out, const char *text, size_t size,
		 bool multiline);
/* Whether a character is shown as what it is: none of those above. */
bool escape_is_safe(uint32_t rune);
/* The same for what stands within quotes in Graphviz' DOT: it is shown as it
 * is, neither as an escape of DOT's (escString) nor as an entity of HTML. */
void escape_dot(struct buf *out, const char *text);
/* text as a JSON string, a new reference: escaped if it is not valid UTF-8. */
json_t *escape_json(const char *text);

#endif
