/* SPDX-License-Identifier: MIT */
#include "lib/text/rsa.h"

#include <stdbool.h>
#include <string.h>

struct bytes {
	const unsigned char *at;
	size_t left;
};

/* RFC 4251, 5: its size, in four bytes, and a string. */
static bool take(struct bytes *b, struct bytes *string)
{
	size_t n;

	if (b->left < 4)
		return false;
	n = (size_t)b->at[0] << 24 | (size_t)b->at[1] << 16 |
	    (size_t)b->at[2] << 8 | b->at[3];
	b->at += 4;
	b->left -= 4;
	if (n > b->left)
		return false;
	*string = (struct bytes){ b->at, n };
	b->at += n;
	b->left -= n;
	return true;
}

static size_t bits_of(struct bytes n)
{
	size_t bits;

	while (n.left && !*n.at) {
		n.at++;
		n.left--;
	}
	bits = n.left * 8;
	for (unsigned top = bits ? *n.at : 0x80; !(top & 0x80); top <<= 1)
		bits--;
	return bits;
}

size_t rsa_bits(const void *blob, size_t size)
{
	static const char name[] = "ssh-rsa";
	struct bytes all = { blob, size }, type, exponent, modulus;

	if (!take(&all, &type) || type.left != sizeof(name) - 1 ||
	    memcmp(type.at, name, type.left) != 0 || !take(&all, &exponent) ||
	    !take(&all, &modulus))
		return 0;
	return bits_of(modulus);
}
