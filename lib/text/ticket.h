/* SPDX-License-Identifier: MIT */
/* References to tickets in the message of a commit: "OPS-123", "#123". */
#ifndef CONVERGE_TEXT_TICKET_H
#define CONVERGE_TEXT_TICKET_H

#include "lib/base/strings.h"

enum { TICKETS_MAX = 16 /* that are taken of one message */ };

/*
 * Adds those of n bytes of text, each once and in their order: "#" and digits;
 * or two capital letters or more (digits may follow), "-" and digits. What
 * looks like it and is none ("UTF-8", "CVE-2026-1") is left out.
 */
void tickets_find(const char *text, size_t n, struct arena *, struct strings *);

#endif
