/* SPDX-License-Identifier: MIT */
#ifndef CONVERGE_BASE_UTF8_H
#define CONVERGE_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Length in bytes of the character that bytes begin with, and its code point
 * in *rune; 0 when they are not valid UTF-8 (RFC 3629) or size cuts it.
 */
size_t utf8_decode(const char *bytes, size_t size, uint32_t *rune);
/* Whether all of them are. */
bool utf8_valid(const char *bytes, size_t size);

#endif
