/* SPDX-License-Identifier: MIT */
/* The checksum of gzip (RFC 1952), which packs of git have too. */
#ifndef CONVERGE_BASE_CRC32_H
#define CONVERGE_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Of what sum is of and these bytes behind it; it begins with 0. */
uint32_t crc32_add(uint32_t sum, const void *bytes, size_t n);

#endif
