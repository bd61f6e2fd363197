/* SPDX-License-Identifier: MIT */
/* Values in JSON by their pointers (RFC 6901). */
#ifndef CONVERGE_TEXT_VALUE_H
#define CONVERGE_TEXT_VALUE_H

#include <jansson.h>
#include <stdbool.h>

/* The value at a pointer, borrowed; NULL: there is none. */
json_t *value_at(json_t *root, const char *pointer);
/*
 * The same as a new reference. "/rules/N/REST" is a list of what stands at
 * REST in any of the rules: which of them it is counts for nothing.
 */
json_t *value_everywhere(json_t *root, const char *pointer);
/* Whether a list, or one of those in it, has the text. NULL has none. */
bool value_has(const json_t *list, const char *text);

#endif
