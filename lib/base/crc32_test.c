/* SPDX-License-Identifier: MIT */
#include "lib/base/crc32.h"

#include <string.h>

#include "lib/test.h"

START_TEST(is_that_of_gzip)
{
	ck_assert_uint_eq(crc32_add(0, "", 0), 0);
	ck_assert_uint_eq(crc32_add(0, "123456789", 9), 0xcbf43926);
	ck_assert_uint_eq(crc32_add(0, "\0", 1), 0xd202ef8d);
}
END_TEST

START_TEST(goes_on)
{
	static const char text[] =
		"The quick brown fox jumps over the lazy dog";
	size_t n = strlen(text);

	for (size_t i = 0; i <= n; i++)
		ck_assert_uint_eq(
			crc32_add(crc32_add(0, text, i), text + i, n - i),
			0x414fa339);
}
END_TEST

TEST_SUITE("crc32", is_that_of_gzip, goes_on)
