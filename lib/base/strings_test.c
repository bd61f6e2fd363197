/* SPDX-License-Identifier: MIT */
#include "lib/base/strings.h"

#include <string.h>
#include <time.h>

#include "lib/base/buf.h"
#include "lib/test.h"

static struct arena arena;

/* A list of the words of text. */
static struct strings list_of(const char *text)
{
	struct strings list = { 0 };

	while (*text) {
		size_t n = strcspn(text, " ");

		strings_add(&list, &arena, arena_strndup(&arena, text, n));
		text += n + (text[n] == ' ');
	}
	return list;
}

START_TEST(an_empty_list_is_empty)
{
	struct strings list = { 0 };

	strings_sort(&list);
	ck_assert(!strings_have(&list, ""));
	ck_assert(strings_equal(&list, &(struct strings){ 0 }));
	ck_assert_ptr_null(strings_nearest("a", &list));
}
END_TEST

START_TEST(add_keeps_pointers_order_and_end)
{
	static const char a[] = "a", b[] = "b";
	struct strings list = { 0 };

	for (size_t i = 0; i < 1000; i++) {
		strings_add(&list, &arena, i % 3 ? a : b);
		ck_assert_uint_eq(list.n, i + 1);
		ck_assert_uint_gt(list.capacity, list.n);
		ck_assert_ptr_null(list.v[list.n]);
		ck_assert_ptr_eq(list.v[i / 2], i / 2 % 3 ? a : b);
	}
	arena_release(&arena);
}
END_TEST

START_TEST(sorts_by_bytes)
{
	struct strings list = list_of("b a \xc3\xa9 B ab a _ 10 9");
	struct strings want = list_of("10 9 B _ a a ab b \xc3\xa9");

	strings_sort(&list);
	ck_assert(strings_equal(&list, &want));
	ck_assert_ptr_null(list.v[list.n]);
	arena_release(&arena);
}
END_TEST

START_TEST(equal_means_same_order_and_length)
{
	struct strings ab = list_of("a b"), ba = list_of("b a");
	struct strings again = list_of("a b"), a = list_of("a");

	ck_assert(strings_equal(&ab, &again));
	ck_assert(!strings_equal(&ab, &ba));
	ck_assert(!strings_equal(&ab, &a));
	ck_assert(!strings_equal(&a, &ab));
	arena_release(&arena);
}
END_TEST

START_TEST(have_compares_whole_strings)
{
	struct strings list = list_of("owner group mode");

	ck_assert(strings_have(&list, "owner"));
	ck_assert(strings_have(&list, "mode"));
	ck_assert(!strings_have(&list, "own"));
	ck_assert(!strings_have(&list, "owners"));
	ck_assert(!strings_have(&list, "Owner"));
	ck_assert(!strings_have(&list, ""));
	arena_release(&arena);
}
END_TEST

static void nearest_is(const char *word, const char *words, const char *want)
{
	struct strings list = list_of(words);
	const char *have = strings_nearest(word, &list);

	ck_assert_msg(!want == !have && (!want || strcmp(want, have) == 0),
		      "'%s' among '%s': have '%s', want '%s'", word, words,
		      have ? have : "none", want ? want : "none");
	arena_release(&arena);
}

START_TEST(nearest_finds_slips)
{
	static const char words[] =
		"ensure owner group mode content source template password_hash";

	nearest_is("onwer", words, "owner");  /* swapped */
	nearest_is("ower", words, "owner");   /* missing */
	nearest_is("ownner", words, "owner"); /* too many */
	nearest_is("owmer", words, "owner");  /* wrong */
	nearest_is("mdoe", words, "mode");
	nearest_is("mod", words, "mode");
	nearest_is("wner", words, "owner");
	nearest_is("owners", words, "owner");
	nearest_is("tmplaet", words, "template"); /* two of them */
	nearest_is("contnets", words, "content");
	nearest_is("password-hash", words, "password_hash");
	nearest_is("PASSWORD-HASH", words, "password_hash");
	nearest_is("passwordHash", words, "password_hash");
	nearest_is("Owner", words, "owner");
	nearest_is("MODE", words, "mode");
	nearest_is("owner", words, "owner");
}
END_TEST

START_TEST(nearest_makes_no_wild_guesses)
{
	static const char words[] = "uid gid home ensure owner group";

	nearest_is("", words, NULL);
	nearest_is("", "a", NULL);
	nearest_is("x", "y a b", NULL);
	nearest_is("ab", "cd ac", NULL);
	nearest_is("pid", "home", NULL);
	nearest_is("own", "owner", NULL);
	nearest_is("colour", words, NULL);
	nearest_is("ens", words, NULL);
	nearest_is("insurance", words, NULL);
	nearest_is("abcdefgh", "abcdexyz", NULL); /* three letters */
	nearest_is("abcdefghijkl", "abcdefghi", NULL);
	nearest_is("abcdefghi", "abcdefghijkl", NULL);
}
END_TEST

START_TEST(nearest_takes_the_nearest)
{
	nearest_is("contents", "contest content contexts", "content");
	nearest_is("Mode", "node mode", "mode"); /* case is a small slip */
	nearest_is("a-b-c", "a_b_d a_b_c", "a_b_c");
	nearest_is("group", "grouq group groups", "group");
	/* the first of equals */
	nearest_is("bats", "cats hats", "cats");
	nearest_is("a", "A", "A");
	nearest_is("Id", "id", "id");
}
END_TEST

/* What a table of all cells says, for words of one case. */
static unsigned slow_distance(const char *a, const char *b)
{
	unsigned d[8][8];
	size_t n = strlen(a), m = strlen(b);

	for (size_t i = 0; i <= n; i++) {
		for (size_t j = 0; j <= m; j++) {
			unsigned best = i + j;

			if (i && j) {
				best = d[i - 1][j] + 1;
				if (d[i][j - 1] + 1 < best)
					best = d[i][j - 1] + 1;
				if (d[i - 1][j - 1] + (a[i - 1] != b[j - 1]) <
				    best)
					best = d[i - 1][j - 1] +
					       (a[i - 1] != b[j - 1]);
			}
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	}
	return d[n][m];
}

/* The n-th word over "xyz", shortest first, of at most six letters. */
static void word_of(unsigned n, char word[8])
{
	size_t size = 0;

	for (; n; n = (n - 1) / 3)
		word[size++] = (char)('x' + (n - 1) % 3);
	word[size] = '\0';
}

START_TEST(nearest_agrees_with_the_whole_table)
{
	const char *candidate;
	struct strings one = { &candidate, 1, 1 };
	char a[8], b[8];

	candidate = b;
	for (unsigned i = 0; i < 1092; i += 3) {
		word_of(i, a);
		for (unsigned j = 0; j < 1092; j++) {
			unsigned distance;
			bool near;

			word_of(j, b);
			distance = slow_distance(a, b);
			near = distance <= 2 && 2 * distance < strlen(a);
			if (near != (strings_nearest(a, &one) != NULL))
				ck_abort_msg("'%s' and '%s': %u", a, b,
					     distance);
		}
	}
}
END_TEST

START_TEST(nearest_is_fast_on_long_words)
{
	AUTO_BUF struct buf a = { 0 }, b = { 0 };
	struct strings list = { 0 };
	struct timespec start, end;

	memset(buf_reserve(&a, 1000000), 'a', 1000000);
	a.size = 1000000;
	buf_putc(&a, 'x');
	buf_add(&b, a.text, a.size);
	b.text[500000] = 'b';
	for (int i = 0; i < 5; i++)
		strings_add(&list, &arena, b.text);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	ck_assert_ptr_eq(strings_nearest(a.text, &list), b.text);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	ck_assert_int_lt(end.tv_sec - start.tv_sec, 5);
	arena_release(&arena);
}
END_TEST

TEST_SUITE("strings", an_empty_list_is_empty, add_keeps_pointers_order_and_end,
	   sorts_by_bytes, equal_means_same_order_and_length,
	   have_compares_whole_strings, nearest_finds_slips,
	   nearest_makes_no_wild_guesses, nearest_takes_the_nearest,
	   nearest_agrees_with_the_whole_table, nearest_is_fast_on_long_words)
