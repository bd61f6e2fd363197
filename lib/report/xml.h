/* SPDX-License-Identifier: MIT */
/*
 * Text in XML 1.0. What is from outside is escaped as for a terminal (escape.h)
 * first, so that no control character is left, and a log that obeys "##[" finds
 * none. What was escaped so before comes out the same.
 */
#ifndef CONVERGE_REPORT_XML_H
#define CONVERGE_REPORT_XML_H

#include "lib/base/buf.h"

extern const char xml_prolog[];

/* Appends text as the content of an attribute, or one line of an element. */
void xml_line(struct buf *, const char *text);
/* The same as the content of an element: its lines stay lines. */
void xml_lines(struct buf *, const char *text);
/* Appends " name="value"". */
void xml_attribute(struct buf *, const char *name, const char *value);

#endif
