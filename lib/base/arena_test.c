/* SPDX-License-Identifier: MIT */
#include "lib/base/arena.h"

#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/test.h"

START_TEST(memory_is_zeroed_aligned_and_apart)
{
	struct arena a = { 0 };
	char *before = NULL;

	for (size_t size = 1; size < 300; size++) {
		char *p = arena_alloc(&a, size);

		ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			ck_assert_int_eq(p[i], 0);
		memset(p, 0xff, size);
		if (before)
			ck_assert_int_eq(before[size - 2], (char)0xff);
		ck_assert_ptr_ne(p, before);
		before = p;
	}
	arena_release(&a);
}
END_TEST

START_TEST(an_empty_arena_gives_no_bytes)
{
	struct arena a = { 0 };
	char *none = arena_alloc(&a, 0);

	ck_assert_ptr_nonnull(none);
	ck_assert_ptr_nonnull(a.blocks);
	ck_assert_ptr_nonnull(arena_array(&a, int, 0));
	ck_assert_uint_eq(a.total, 0);
	arena_release(&a);
}
END_TEST

START_TEST(what_it_gave_stays_while_it_grows)
{
	struct arena a = { 0 };
	uint64_t *v[5000];

	for (uint64_t i = 0; i < COUNT(v); i++) {
		v[i] = arena_array(&a, uint64_t, 1 + i % 40);
		v[i][0] = i;
		v[i][i % 40] = i;
	}
	for (uint64_t i = 0; i < COUNT(v); i++) {
		ck_assert_uint_eq(v[i][0], i);
		ck_assert_uint_eq(v[i][i % 40], i);
	}
	arena_release(&a);
}
END_TEST

START_TEST(large_pieces_fit)
{
	enum { LARGE = 10 * 1024 * 1024 };
	struct arena a = { 0 };
	char *small = arena_strdup(&a, "small"), *large, *next;

	large = arena_alloc(&a, LARGE);
	memset(large, 'x', LARGE);
	next = arena_strdup(&a, "next");
	ck_assert_str_eq(small, "small");
	ck_assert_str_eq(next, "next");
	ck_assert_int_eq(large[LARGE - 1], 'x');
	arena_release(&a);
}
END_TEST

START_TEST(total_counts_what_was_handed_out)
{
	struct arena a = { 0 };

	ck_assert_uint_eq(a.total, 0);
	arena_alloc(&a, 100);
	ck_assert_uint_ge(a.total, 100);
	ck_assert_uint_lt(a.total, 128);
	arena_alloc(&a, 100000);
	ck_assert_uint_ge(a.total, 100100);
	ck_assert_uint_lt(a.total, 100200);
	arena_release(&a);
	ck_assert_uint_eq(a.total, 0);
}
END_TEST

START_TEST(copies_text)
{
	struct arena a = { 0 };
	char text[] = "hello";
	char *all = arena_strdup(&a, text), *part = arena_strndup(&a, text, 3);
	char *none = arena_strndup(&a, text, 0), *raw;

	raw = arena_memdup(&a, "a\0b", 3);
	text[0] = 'j';
	ck_assert_str_eq(all, "hello");
	ck_assert_str_eq(part, "hel");
	ck_assert_str_eq(none, "");
	ck_assert_str_eq(arena_strdup(&a, ""), "");
	ck_assert_mem_eq(raw, "a\0b", 3);
	ck_assert_ptr_nonnull(arena_memdup(&a, NULL, 0));
	arena_release(&a);
}
END_TEST

START_TEST(prints_text_of_any_length)
{
	struct arena a = { 0 };
	char *p;

	ck_assert_str_eq(arena_printf(&a, "%s-%d", "x", 7), "x-7");
	ck_assert_str_eq(arena_printf(&a, "%s", ""), "");
	p = arena_printf(&a, "%*d", 200000, 1);
	ck_assert_uint_eq(strlen(p), 200000);
	ck_assert_int_eq(p[199999], '1');
	arena_release(&a);
}
END_TEST

START_TEST(arrays_grow_and_keep_what_is_in_them)
{
	struct arena a = { 0 };
	size_t capacity = 0, grown = 0;
	int *v = NULL;

	for (int i = 0; i < 10000; i++) {
		const int *before = v;

		v = arena_grow(&a, v, (size_t)i, &capacity, sizeof(*v));
		grown += v != before;
		ck_assert_uint_gt(capacity, i);
		ck_assert_int_eq(v[i], 0);
		v[i] = i;
	}
	for (int i = 0; i < 10000; i++)
		ck_assert_int_eq(v[i], i);
	/* doubling, not one by one */
	ck_assert_uint_lt(grown, 20);
	arena_release(&a);
}
END_TEST

START_TEST(release_leaves_an_empty_arena)
{
	struct arena a = { 0 };

	arena_release(&a);
	for (int i = 0; i < 3; i++) {
		ck_assert_str_eq(arena_strdup(&a, "again"), "again");
		arena_release(&a);
		ck_assert_ptr_null(a.blocks);
		ck_assert_uint_eq(a.size, 0);
	}
}
END_TEST

static void ask_too_much(int how)
{
	struct arena a = { 0 };
	volatile size_t huge = SIZE_MAX;

	if (how == 0)
		arena_alloc(&a, huge);
	else if (how == 1)
		arena_alloc(&a, huge - 20);
	else if (how == 2)
		arena_calloc(&a, huge / 2, 3);
	else
		memory_exhausted();
}

/* The exit status of asking for it, with standard error thrown away. */
static int status_of(int how)
{
	pid_t child = fork();
	int status = 0;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		close(STDERR_FILENO);
		ask_too_much(how);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(too_much_ends_the_process_with_4)
{
	for (int how = 0; how < 4; how++)
		ck_assert_int_eq(status_of(how), 4);
}
END_TEST

START_TEST(xrealloc_grows_and_takes_zero)
{
	char *p = xrealloc(NULL, 0);

	ck_assert_ptr_nonnull(p);
	p = xrealloc(p, 3);
	memcpy(p, "ab", 3);
	p = xrealloc(p, 100000);
	ck_assert_str_eq(p, "ab");
	free(p);
}
END_TEST

TEST_SUITE("arena", memory_is_zeroed_aligned_and_apart,
	   an_empty_arena_gives_no_bytes, what_it_gave_stays_while_it_grows,
	   large_pieces_fit, total_counts_what_was_handed_out, copies_text,
	   prints_text_of_any_length, arrays_grow_and_keep_what_is_in_them,
	   release_leaves_an_empty_arena, too_much_ends_the_process_with_4,
	   xrealloc_grows_and_takes_zero)
