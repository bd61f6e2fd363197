/* SPDX-License-Identifier: MIT */
#include "lib/base/buf.h"

#include <string.h>

#include "lib/test.h"

START_TEST(an_empty_buffer_has_empty_text)
{
	AUTO_BUF struct buf b = { 0 };

	ck_assert_str_eq(buf_text(&b), "");
	buf_clear(&b);
	ck_assert_uint_eq(b.size, 0);
	buf_release(&b);
	ck_assert_str_eq(buf_text(&b), "");
}
END_TEST

START_TEST(adding_nothing_still_ends_the_text)
{
	AUTO_BUF struct buf b = { 0 };

	buf_add(&b, NULL, 0);
	ck_assert_ptr_nonnull(b.text);
	ck_assert_str_eq(b.text, "");
	buf_puts(&b, "");
	buf_printf(&b, "%s", "");
	ck_assert_uint_eq(b.size, 0);
	ck_assert_str_eq(b.text, "");
}
END_TEST

START_TEST(adds_at_the_end)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "one");
	buf_putc(&b, ' ');
	buf_add(&b, "two!", 3);
	buf_printf(&b, " %d%s", 3, ".");
	ck_assert_str_eq(buf_text(&b), "one two 3.");
	ck_assert_uint_eq(b.size, strlen("one two 3."));
}
END_TEST

START_TEST(keeps_nul_bytes)
{
	AUTO_BUF struct buf b = { 0 };

	buf_add(&b, "a\0b", 3);
	buf_putc(&b, '\0');
	ck_assert_uint_eq(b.size, 4);
	ck_assert_mem_eq(b.text, "a\0b\0", 5);
}
END_TEST

START_TEST(grows_by_any_step)
{
	/* around the first capacity and its doubles */
	for (size_t step = 1; step < 600; step++) {
		AUTO_BUF struct buf b = { 0 };
		char piece[600];

		memset(piece, (int)('a' + step % 26), step);
		piece[step] = '\0';
		for (int i = 0; i < 5; i++) {
			if (i % 2)
				buf_puts(&b, piece);
			else
				buf_printf(&b, "%s", piece);
			ck_assert_uint_eq(b.size, step * (size_t)(i + 1));
			ck_assert_uint_eq(strlen(b.text), b.size);
			ck_assert_uint_gt(b.capacity, b.size);
		}
		ck_assert_mem_eq(b.text + 4 * step, piece, step);
	}
}
END_TEST

START_TEST(grows_large)
{
	AUTO_BUF struct buf b = { 0 };

	for (int i = 0; i < 1000000; i++)
		buf_putc(&b, (char)('a' + i % 26));
	ck_assert_uint_eq(b.size, 1000000);
	for (size_t i = 0; i < b.size; i++)
		if (b.text[i] != (char)('a' + i % 26))
			ck_abort_msg("byte %zu", i);
}
END_TEST

START_TEST(reserve_gives_room_at_the_end)
{
	AUTO_BUF struct buf b = { 0 };
	char *to;

	buf_puts(&b, "ab");
	to = buf_reserve(&b, 1000);
	ck_assert_ptr_eq(to, b.text + 2);
	ck_assert_uint_ge(b.capacity, 1003);
	ck_assert_uint_eq(b.size, 2);
	ck_assert_mem_eq(b.text, "ab", 2);
	memset(to, 'x', 1000);
	b.size += 1000;
	buf_putc(&b, '!');
	ck_assert_uint_eq(strlen(b.text), 1003);
}
END_TEST

START_TEST(clear_keeps_the_memory_release_does_not)
{
	struct buf b = { 0 };
	size_t capacity;

	buf_printf(&b, "%500d", 1);
	capacity = b.capacity;
	buf_clear(&b);
	ck_assert_str_eq(buf_text(&b), "");
	ck_assert_uint_eq(b.size, 0);
	ck_assert_uint_eq(b.capacity, capacity);
	buf_puts(&b, "again");
	ck_assert_str_eq(b.text, "again");
	buf_release(&b);
	ck_assert_ptr_null(b.text);
	ck_assert_uint_eq(b.capacity, 0);
}
END_TEST

TEST_SUITE("buf", an_empty_buffer_has_empty_text,
	   adding_nothing_still_ends_the_text, adds_at_the_end, keeps_nul_bytes,
	   grows_by_any_step, grows_large, reserve_gives_room_at_the_end,
	   clear_keeps_the_memory_release_does_not)
