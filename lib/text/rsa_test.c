/* SPDX-License-Identifier: MIT */
#include "lib/text/rsa.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/test.h"

static void add(struct buf *b, const void *bytes, size_t n)
{
	const unsigned char size[] = { 0, 0, (unsigned char)(n >> 8),
				       (unsigned char)n };

	buf_add(b, size, sizeof(size));
	buf_add(b, bytes, n);
}

/* n bytes of modulus, of which this is the first that is not 0. */
static void make(struct buf *b, const char *type, unsigned char first, size_t n)
{
	unsigned char modulus[1024] = { 0, first };

	add(b, type, strlen(type));
	add(b, "\1\0\1", 3);
	add(b, modulus, n + 1);
}

START_TEST(bits_are_counted_from_the_first_that_is_set)
{
	static const struct {
		unsigned char first;
		size_t n, bits;
	} rows[] = {
		{ 0x80, 256, 2048 }, { 0xff, 256, 2048 }, { 0x7f, 256, 2047 },
		{ 0x01, 256, 2041 }, { 0x80, 128, 1024 }, { 0x80, 512, 4096 },
		{ 0, 256, 0 },       { 0x01, 1, 1 },      { 0, 0, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_BUF struct buf b = { 0 };

		make(&b, "ssh-rsa", rows[i].first, rows[i].n);
		ck_assert_uint_eq(rsa_bits(b.text, b.size), rows[i].bits);
	}
}
END_TEST

START_TEST(what_is_no_whole_key_of_rsa_has_none)
{
	static const char *const types[] = { "", "ssh-rs", "ssh-dss",
					     "ssh-rsa-cert-v01@openssh.com" };
	AUTO_BUF struct buf whole = { 0 };

	for (size_t i = 0; i < COUNT(types); i++) {
		AUTO_BUF struct buf b = { 0 };

		make(&b, types[i], 0x80, 256);
		ck_assert_uint_eq(rsa_bits(b.text, b.size), 0);
	}
	make(&whole, "ssh-rsa", 0x80, 256);
	for (size_t n = 0; n < whole.size; n++) {
		char *copy = malloc(n ? n : 1);

		memcpy(copy, whole.text, n);
		ck_assert_uint_eq(rsa_bits(copy, n), 0);
		free(copy);
	}
}
END_TEST

TEST_SUITE("rsa", bits_are_counted_from_the_first_that_is_set,
	   what_is_no_whole_key_of_rsa_has_none)
