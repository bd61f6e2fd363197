/* SPDX-License-Identifier: MIT */
/* How strong a key of RSA is, by its public part. */
#ifndef CONVERGE_TEXT_RSA_H
#define CONVERGE_TEXT_RSA_H

#include <stddef.h>

enum { RSA_BITS = 2048 }; /* fewer do not count, for whatever */

/* The bits of the modulus of a public key of SSH, as the bytes that base64 is
 * of (RFC 4253, 6.6); 0: it is no key of RSA, or not whole. */
size_t rsa_bits(const void *blob, size_t size);

#endif
