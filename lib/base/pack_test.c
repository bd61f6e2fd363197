/* SPDX-License-Identifier: MIT */
#include "lib/base/pack.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/test.h"

/* One of each. */
struct top {
	const char *text, *other;
	const char *bytes;
	size_t size;
	struct strings list;
	uint64_t *numbers;
	size_t n;
	const struct tree *tree;
	bool flag, no_padding[7]; /* which would have any value */
};

static void walk(struct pack *p, struct top *t)
{
	pack_text(p, &t->text);
	pack_text(p, &t->other);
	pack_bytes(p, &t->bytes, t->size);
	pack_strings(p, &t->list);
	pack_array(p, &t->numbers, t->n, sizeof(*t->numbers));
	pack_tree(p, &t->tree);
	pack_bool(p, &t->flag);
}

static bool take(void *block, const void *bytes, size_t n)
{
	buf_add(block, bytes, n);
	return true;
}

/* A block of its exact size, which AddressSanitizer watches. */
struct block {
	char *bytes;
	size_t size;
};

static struct block packed(const struct top *t)
{
	struct buf b = { 0 };
	struct block block;
	struct pack p;

	walk(&p, pack_begin(&p, t, sizeof(*t)));
	ck_assert(!p.wrong && pack_write(&p, take, &b));
	pack_release(&p);
	block = (struct block){ xrealloc(NULL, b.size), b.size };
	memcpy(block.bytes, b.text, b.size);
	buf_release(&b);
	return block;
}

/* Stands for the tree of the world: nobody looks into it. */
static const struct tree *const world = (const struct tree *)(const void *)"w";

static struct top *unpacked(struct block b, bool *good)
{
	struct pack p;
	struct top *t = unpack_begin(&p, b.bytes, b.size, sizeof(*t));

	p.tree = world;
	if (t)
		walk(&p, t);
	*good = unpack_end(&p);
	return t;
}

static struct top *accepted(struct block b)
{
	bool good;
	struct top *t = unpacked(b, &good);

	ck_assert(good);
	ck_assert_ptr_eq(t, b.bytes);
	return t;
}

static bool is_refused(struct block b)
{
	bool good;

	unpacked(b, &good);
	return !good;
}

static const char *words[] = { "one", "", "three", NULL };
static uint64_t numbers[] = { 1, UINT64_MAX, 3 };

static struct top full(void)
{
	return (struct top){ .text = "text",
			     .other = "",
			     .bytes = "a\0b\0",
			     .size = 4,
			     .list = { words, 3, 4 },
			     .numbers = numbers,
			     .n = 3,
			     .tree = world,
			     .flag = true };
}

static void put(struct block b, size_t at, size_t value)
{
	memcpy(b.bytes + at, &value, sizeof(value));
}

static size_t get(struct block b, size_t at)
{
	size_t value;

	memcpy(&value, b.bytes + at, sizeof(value));
	return value;
}

/* --- there and back --- */

START_TEST(all_comes_back)
{
	const struct top from = full();
	struct block b = packed(&from);
	const struct top *t = accepted(b);

	ck_assert_str_eq(t->text, "text");
	ck_assert_str_eq(t->other, "");
	ck_assert_int_eq(memcmp(t->bytes, "a\0b\0\0", 5), 0);
	ck_assert_uint_eq(t->list.n, 3);
	ck_assert_uint_eq(t->list.capacity, 4);
	for (size_t i = 0; i < 3; i++)
		ck_assert_str_eq(t->list.v[i], words[i]);
	ck_assert_ptr_null(t->list.v[3]);
	ck_assert_int_eq(memcmp(t->numbers, numbers, sizeof(numbers)), 0);
	ck_assert_ptr_eq(t->tree, world);
	ck_assert(t->flag);
	/* all of it lies in the block, and what was packed is as it was */
	ck_assert(t->text > b.bytes && t->text < b.bytes + b.size);
	ck_assert_ptr_eq(from.list.v, words);
	ck_assert_str_eq(words[0], "one");
	free(b.bytes);
}
END_TEST

START_TEST(nothing_comes_back_as_nothing)
{
	const struct top from = { 0 };
	struct block b = packed(&from);
	const struct top *t = accepted(b);

	ck_assert_ptr_null(t->text);
	ck_assert_ptr_null(t->bytes);
	ck_assert_ptr_null(t->list.v);
	ck_assert_uint_eq(t->list.n, 0);
	ck_assert_ptr_null(t->numbers);
	ck_assert_ptr_null(t->tree);
	free(b.bytes);
}
END_TEST

START_TEST(empty_is_not_null)
{
	uint64_t one = 1;
	const char *none[] = { NULL };
	const struct top from = { .bytes = "x",
				  .list = { none, 0, 1 },
				  .numbers = &one };
	struct block b = packed(&from);
	const struct top *t = accepted(b);

	/* no bytes end with a NUL all the same */
	ck_assert_str_eq(t->bytes, "");
	ck_assert_uint_eq(t->list.n, 0);
	ck_assert_ptr_null(t->list.v);
	ck_assert_ptr_null(t->numbers);
	free(b.bytes);
}
END_TEST

START_TEST(the_same_makes_the_same_block)
{
	const struct top from = full();
	struct block a = packed(&from), b = packed(&from);

	ck_assert_uint_eq(a.size, b.size);
	ck_assert_int_eq(memcmp(a.bytes, b.bytes, a.size), 0);
	free(a.bytes);
	free(b.bytes);
}
END_TEST

/* Pieces that fill what is left of a chunk, leave some of it, or are larger
 * than one: the offsets go on where the next chunk begins. */
START_TEST(more_than_one_chunk)
{
	enum { MIB = 1024 * 1024 };
	static const size_t sizes[] = { 1,   MIB - 200, MIB - 8, MIB - 1,
					MIB, MIB + 1,   3 * MIB };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t n = sizes[i];
		struct top from = full();
		char *bytes = malloc(n), *text = malloc(n + 1);
		const struct top *t;
		struct block b;

		memset(bytes, '\x81', n);
		memset(text, 'y', n);
		text[n] = '\0';
		from.bytes = bytes;
		from.size = n;
		from.other = text;
		b = packed(&from);
		t = accepted(b);
		ck_assert_str_eq(t->text, "text");
		ck_assert(strcmp(t->other, text) == 0);
		ck_assert(memcmp(t->bytes, bytes, n) == 0);
		ck_assert_int_eq(t->bytes[n], '\0');
		ck_assert_str_eq(t->list.v[2], "three");
		ck_assert_uint_eq(t->numbers[2], 3);
		free(bytes);
		free(text);
		free(b.bytes);
	}
}
END_TEST

static bool refuse_second(void *count, const void *bytes, size_t n)
{
	(void)bytes;
	(void)n;
	return ++*(int *)count < 2;
}

START_TEST(a_writer_that_fails_is_asked_no_more)
{
	const struct top from = full();
	struct pack p;
	int count = 0;

	walk(&p, pack_begin(&p, &from, sizeof(from)));
	ck_assert(!pack_write(&p, refuse_second, &count));
	ck_assert_int_eq(count, 2);
	pack_release(&p);
	ck_assert_ptr_null(p.first);
}
END_TEST

/* --- what is no such block --- */

/* The zeroes at its end are nobody's. */
START_TEST(too_small)
{
	const struct top from = full();
	struct block b = packed(&from);
	size_t whole = b.size;
	struct pack p;

	for (b.size = 0; b.size < whole - 8; b.size++) {
		struct block part = { xrealloc(NULL, b.size), b.size };

		memcpy(part.bytes, b.bytes, b.size);
		ck_assert_msg(is_refused(part), "%zu bytes", b.size);
		free(part.bytes);
	}
	ck_assert_ptr_null(
		unpack_begin(&p, b.bytes, sizeof(from), sizeof(from)));
	ck_assert_ptr_null(unpack_begin(&p, b.bytes, whole, SIZE_MAX));
	ck_assert_ptr_null(unpack_begin(&p, b.bytes, whole, SIZE_MAX - 7));
	ck_assert_ptr_null(unpack_begin(&p, b.bytes, whole, whole));
	ck_assert(!unpack_end(&p));
	free(b.bytes);
}
END_TEST

START_TEST(the_last_byte_is_zero)
{
	const struct top from = full();
	struct block b = packed(&from);

	b.bytes[b.size - 1] = 'x';
	ck_assert(is_refused(b));
	free(b.bytes);
}
END_TEST

static const size_t pointers[] = { offsetof(struct top, text),
				   offsetof(struct top, other),
				   offsetof(struct top, bytes),
				   offsetof(struct top, list.v),
				   offsetof(struct top, numbers) };

/* Each pointer with each value that leads outside, between the grains, into
 * what is taken, or back. */
START_TEST(an_offset_must_be_right)
{
	const struct top from = full();

	for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
		struct block good = packed(&from);
		size_t at = get(good, pointers[i]);
		const size_t wrong[] = {
			1,
			8,
			at + 1,
			at + 4,
			at - 8,
			sizeof(from) - 8,
			good.size,
			good.size - 1,
			good.size + 8,
			SIZE_MAX,
			SIZE_MAX - 7,
			(size_t)1 << 63,
			(size_t)(uintptr_t)good.bytes,
			(size_t)(uintptr_t)good.bytes + at,
			(size_t)0 - (size_t)(uintptr_t)good.bytes,
		};

		for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
			struct block b = packed(&from);

			put(b, pointers[i], wrong[k]);
			ck_assert_msg(is_refused(b), "pointer %zu: %#zx", i,
				      wrong[k]);
			free(b.bytes);
		}
		free(good.bytes);
	}
}
END_TEST

START_TEST(nothing_overlaps_and_nothing_leads_back)
{
	const struct top from = full();
	struct block b = packed(&from);
	size_t text = get(b, offsetof(struct top, text));

	put(b, offsetof(struct top, other), text);
	ck_assert(is_refused(b));
	free(b.bytes);
	/* in order, but the first takes what is the second's */
	b = packed(&from);
	b.bytes[text + 4] = 'x';
	b.bytes[text + 5] = b.bytes[text + 6] = b.bytes[text + 7] = 'x';
	ck_assert_uint_eq(get(b, offsetof(struct top, other)), text + 8);
	ck_assert(is_refused(b));
	free(b.bytes);
}
END_TEST

/* The first that is wrong is the end of all. */
START_TEST(what_comes_after_is_empty)
{
	const struct top from = full();
	struct block b = packed(&from);
	const struct top *t;
	bool good;

	put(b, offsetof(struct top, other), 1);
	t = unpacked(b, &good);
	ck_assert(!good);
	ck_assert_str_eq(t->text, "text");
	ck_assert_ptr_null(t->other);
	ck_assert_ptr_null(t->bytes);
	ck_assert_ptr_null(t->list.v);
	ck_assert_uint_eq(t->list.n, 0);
	ck_assert_ptr_null(t->numbers);
	free(b.bytes);
}
END_TEST

START_TEST(a_number_of_elements_must_be_right)
{
	static const size_t counts[] = { offsetof(struct top, size),
					 offsetof(struct top, list.n),
					 offsetof(struct top, n) };
	static const size_t wrong[] = { 1000,
					SIZE_MAX,
					SIZE_MAX - 1,
					SIZE_MAX / 8,
					SIZE_MAX / 8 + 1,
					SIZE_MAX / 8 + 2,
					SIZE_MAX / 2 + 1,
					(size_t)1 << 61,
					((size_t)1 << 61) - 1 };
	const struct top from = full();

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
			struct block b = packed(&from);

			put(b, counts[i], wrong[k]);
			ck_assert_msg(is_refused(b), "count %zu: %#zx", i,
				      wrong[k]);
			free(b.bytes);
		}
	}
}
END_TEST

START_TEST(elements_without_an_array)
{
	const struct top from = full();
	struct block b = packed(&from);

	put(b, offsetof(struct top, numbers), 0);
	ck_assert(is_refused(b));
	free(b.bytes);
	b = packed(&from);
	put(b, offsetof(struct top, list.v), 0);
	ck_assert(is_refused(b));
	free(b.bytes);
}
END_TEST

START_TEST(strings_are_all_there_and_end_with_null)
{
	const struct top from = full();
	struct block b = packed(&from);
	size_t list = get(b, offsetof(struct top, list.v));

	put(b, list + sizeof(char *), 0);
	ck_assert(is_refused(b));
	free(b.bytes);
	b = packed(&from);
	put(b, list + 3 * sizeof(char *), list);
	ck_assert(is_refused(b));
	free(b.bytes);
	b = packed(&from);
	put(b, offsetof(struct top, list.n), 2);
	ck_assert(is_refused(b));
	free(b.bytes);
}
END_TEST

START_TEST(text_is_utf8_and_raw_is_not)
{
	const struct top from = full();
	struct block b = packed(&from);
	struct pack p;
	const char *const *text = (const char *const *)(const void *)b.bytes;

	b.bytes[get(b, offsetof(struct top, text))] = '\xff';
	ck_assert(is_refused(b));
	free(b.bytes);
	b = packed(&from);
	b.bytes[get(b, offsetof(struct top, text))] = '\xff';
	text = unpack_begin(&p, b.bytes, b.size, sizeof(from));
	pack_raw(&p, (const char **)(uintptr_t)text);
	ck_assert(unpack_end(&p));
	ck_assert_str_eq(*text, "\xff"
				"ext");
	free(b.bytes);
}
END_TEST

START_TEST(a_bool_is_true_or_false)
{
	const struct top from = full();

	for (int value = 0; value < 256; value++) {
		struct block b = packed(&from);

		b.bytes[offsetof(struct top, flag)] = (char)value;
		ck_assert_int_eq(is_refused(b), value > 1);
		free(b.bytes);
	}
}
END_TEST

START_TEST(any_word_for_the_tree_is_the_tree)
{
	const struct top from = full();
	struct block b = packed(&from);

	put(b, offsetof(struct top, tree), SIZE_MAX);
	ck_assert_ptr_eq(accepted(b)->tree, world);
	free(b.bytes);
}
END_TEST

/* Whatever is changed: no, or what can be read to its end. */
START_TEST(every_byte_with_every_bit_changed)
{
	const struct top from = full();
	struct block good = packed(&from);
	size_t sum = 0;

	for (size_t i = 0; i < good.size * 8; i++) {
		struct block b = { xrealloc(NULL, good.size), good.size };
		const struct top *t;
		bool is_good;

		memcpy(b.bytes, good.bytes, b.size);
		b.bytes[i / 8] ^= (char)(1 << i % 8);
		t = unpacked(b, &is_good);
		if (is_good) {
			sum += t->text ? strlen(t->text) : 0;
			for (size_t k = 0; t->bytes && k <= t->size; k++)
				sum += (size_t)t->bytes[k];
			for (size_t k = 0; k < t->list.n; k++)
				sum += strlen(t->list.v[k]);
			for (size_t k = 0; k < t->n; k++)
				sum += t->numbers[k];
		}
		free(b.bytes);
	}
	ck_assert_uint_ne(sum, 0);
	free(good.bytes);
}
END_TEST

TEST_SUITE("pack", all_comes_back, nothing_comes_back_as_nothing,
	   empty_is_not_null, the_same_makes_the_same_block,
	   more_than_one_chunk, a_writer_that_fails_is_asked_no_more, too_small,
	   the_last_byte_is_zero, an_offset_must_be_right,
	   nothing_overlaps_and_nothing_leads_back, what_comes_after_is_empty,
	   a_number_of_elements_must_be_right, elements_without_an_array,
	   strings_are_all_there_and_end_with_null, text_is_utf8_and_raw_is_not,
	   a_bool_is_true_or_false, any_word_for_the_tree_is_the_tree,
	   every_byte_with_every_bit_changed)
