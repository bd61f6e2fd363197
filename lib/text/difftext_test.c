/* SPDX-License-Identifier: MIT */
#include "lib/text/difftext.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "lib/base/arena.h"
#include "lib/test.h"

#define NO_NEWLINE "\\ No newline at end of file\n"

enum { EVERYTHING = 1000000 };

/* A text read line by line. */
struct reader {
	const char *text;
	size_t size, at, line;
};

static size_t next_size(const struct reader *r)
{
	const char *from = r->text + r->at;
	const char *end = memchr(from, '\n', r->size - r->at);

	return end ? (size_t)(end - from) + 1 : r->size - r->at;
}

/* Collected, since an assertion for each of a million lines takes minutes. */
static bool is_sound;

static void claim(bool holds)
{
	is_sound = is_sound && holds;
}

static void copy_line(struct buf *out, struct reader *r)
{
	size_t n = next_size(r);

	claim(n > 0);
	buf_add(out, r->text + r->at, n);
	r->at += n;
	r->line++;
}

static void expect(struct reader *diff, const char *text)
{
	size_t n = strlen(text);

	claim(diff->size - diff->at >= n &&
	      memcmp(diff->text + diff->at, text, n) == 0);
	if (is_sound)
		diff->at += n;
}

/* Reads "-12,3" with its sign; *start is then what line it means, from 0. */
static void read_range(struct reader *diff, const char *sign, size_t *start,
		       size_t *n)
{
	const char *p;
	char *end;

	expect(diff, sign);
	p = diff->text + diff->at;
	*start = strtoul(p, &end, 10);
	*n = 1;
	if (*end == ',') {
		*n = strtoul(end + 1, &end, 10);
		claim(*n != 1);
	}
	claim(*start || !*n);
	*start -= *n != 0;
	diff->at += (size_t)(end - p);
}

/* The line of a hunk after its mark, less the newline that it may not have. */
static size_t hunk_line(struct reader *diff, const char **text)
{
	size_t n = next_size(diff);

	*text = diff->text + diff->at;
	diff->at += n;
	if (diff->size > diff->at && diff->text[diff->at] == '\\') {
		expect(diff, NO_NEWLINE);
		n--;
	}
	return n;
}

static void skip_old(struct reader *old, const char *text, size_t n)
{
	claim(next_size(old) == n && memcmp(old->text + old->at, text, n) == 0);
	if (is_sound)
		old->at += n;
	old->line++;
}

struct counts {
	size_t old, new, context, changes;
};

static void apply_line(struct reader *old, struct reader *diff, struct buf *out,
		       struct counts *have)
{
	char mark = diff->text[diff->at++];
	const char *text;
	size_t n = hunk_line(diff, &text);

	claim(mark == ' ' || mark == '+' || mark == '-');
	if (mark != '+') {
		skip_old(old, text, n);
		have->old++;
	}
	if (mark != '-') {
		buf_add(out, text, n);
		have->new ++;
	}
	have->changes += mark != ' ';
	have->context = mark == ' ' ? have->context + 1 : 0;
	claim(have->context <= 2 * DIFF_CONTEXT);
}

static void apply_hunk(struct reader *old, struct reader *diff, struct buf *out,
		       size_t *line)
{
	size_t old_start, old_n, new_start, new_n;
	struct counts have = { 0 };

	expect(diff, "@@ ");
	read_range(diff, "-", &old_start, &old_n);
	expect(diff, " ");
	read_range(diff, "+", &new_start, &new_n);
	expect(diff, " @@\n");
	for (; is_sound && old->line < old_start; ++*line)
		copy_line(out, old);
	claim(*line == new_start && old->line == old_start);
	while (is_sound && diff->at < diff->size &&
	       (have.old < old_n || have.new < new_n))
		apply_line(old, diff, out, &have);
	claim(have.old == old_n && have.new == new_n);
	claim(have.changes > 0 && have.context <= DIFF_CONTEXT);
	*line += have.new;
}

/* As patch(1) does it, but without any leniency. */
static void check_patch(const struct buf *old, const struct buf *new,
			const struct buf *hunks)
{
	struct reader from = { buf_text(old), old->size, 0, 0 };
	struct reader diff = { buf_text(hunks), hunks->size, 0, 0 };
	AUTO_BUF struct buf out = { 0 };
	size_t line = 0;

	is_sound = true;
	while (is_sound && diff.at < diff.size)
		apply_hunk(&from, &diff, &out, &line);
	ck_assert_msg(is_sound, "at byte %zu of:\n%s", diff.at,
		      buf_text(hunks));
	buf_add(&out, from.text + from.at, from.size - from.at);
	ck_assert_uint_eq(out.size, new->size);
	ck_assert_mem_eq(buf_text(&out), buf_text(new), out.size);
}

static void check_both_ways(const struct buf *old, const struct buf *new)
{
	AUTO_BUF struct buf there = { 0 };
	AUTO_BUF struct buf back = { 0 };

	diff_unified(&there, buf_text(old), old->size, buf_text(new), new->size,
		     EVERYTHING);
	diff_unified(&back, buf_text(new), new->size, buf_text(old), old->size,
		     EVERYTHING);
	check_patch(old, new, &there);
	check_patch(new, old, &back);
}

static void check_diff(const char *old, const char *new, const char *want)
{
	AUTO_BUF struct buf out = { 0 };

	diff_unified(&out, old, strlen(old), new, strlen(new), EVERYTHING);
	ck_assert_str_eq(buf_text(&out), want);
}

START_TEST(equal_texts_have_no_hunks)
{
	check_diff("", "", "");
	check_diff("a", "a", "");
	check_diff("a\n", "a\n", "");
	check_diff("a\nb\nc\n", "a\nb\nc\n", "");
	check_diff("\n\n\n", "\n\n\n", "");
}
END_TEST

START_TEST(one_line_has_no_count)
{
	check_diff("a\n", "b\n", "@@ -1 +1 @@\n-a\n+b\n");
	check_diff("a\n", "b\nc\n", "@@ -1 +1,2 @@\n-a\n+b\n+c\n");
	check_diff("a\nb\n", "c\n", "@@ -1,2 +1 @@\n-a\n-b\n+c\n");
}
END_TEST

START_TEST(empty_side_is_line_0)
{
	check_diff("", "a\n", "@@ -0,0 +1 @@\n+a\n");
	check_diff("", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n");
	check_diff("a\n", "", "@@ -1 +0,0 @@\n-a\n");
	check_diff("a\nb\n", "", "@@ -1,2 +0,0 @@\n-a\n-b\n");
	check_diff("", "\n", "@@ -0,0 +1 @@\n+\n");
}
END_TEST

START_TEST(change_stands_between_three_lines_of_context)
{
	check_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n",
		   "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
		   "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
	check_diff("1\n2\n3\n4\n5\n", "one\n2\n3\n4\n5\n",
		   "@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n");
	check_diff("1\n2\n3\n4\n5\n", "1\n2\n3\n4\nfive\n",
		   "@@ -2,4 +2,4 @@\n 2\n 3\n 4\n-5\n+five\n");
}
END_TEST

START_TEST(insertions_and_deletions_shift_the_new_lines)
{
	check_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n",
		   "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n12\n",
		   "@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n"
		   "@@ -8,5 +9,4 @@\n 8\n 9\n 10\n-11\n 12\n");
}
END_TEST

START_TEST(changes_with_six_lines_between_share_a_hunk)
{
	check_diff("a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
		   "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n"
		   "-b\n+B\n");
}
END_TEST

START_TEST(changes_with_seven_lines_between_do_not)
{
	check_diff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
		   "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n"
		   "@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
}
END_TEST

START_TEST(missing_last_newline_is_marked)
{
	check_diff("", "a", "@@ -0,0 +1 @@\n+a\n" NO_NEWLINE);
	check_diff("a", "", "@@ -1 +0,0 @@\n-a\n" NO_NEWLINE);
	check_diff("a", "a\n", "@@ -1 +1 @@\n-a\n" NO_NEWLINE "+a\n");
	check_diff("a\n", "a", "@@ -1 +1 @@\n-a\n+a\n" NO_NEWLINE);
	check_diff("a", "b", "@@ -1 +1 @@\n-a\n" NO_NEWLINE "+b\n" NO_NEWLINE);
	check_diff("a\nz", "b\nz", "@@ -1,2 +1,2 @@\n-a\n+b\n z\n" NO_NEWLINE);
	check_diff("a", "a\nb",
		   "@@ -1 +1,2 @@\n-a\n" NO_NEWLINE "+a\n+b\n" NO_NEWLINE);
}
END_TEST

START_TEST(carriage_returns_and_controls_are_part_of_the_line)
{
	check_diff("a\r\n", "a\n", "@@ -1 +1 @@\n-a\r\n+a\n");
	check_diff("a\x1b[0m\n", "a\n", "@@ -1 +1 @@\n-a\x1b[0m\n+a\n");
}
END_TEST

START_TEST(nul_bytes_do_not_end_a_line)
{
	static const char old[] = "a\0b\n", new[] = "a\0c\n";
	AUTO_BUF struct buf out = { 0 };

	diff_unified(&out, old, 4, new, 4, EVERYTHING);
	ck_assert_uint_eq(out.size, strlen("@@ -1 +1 @@\n") + 10);
	ck_assert_mem_eq(out.text, "@@ -1 +1 @@\n-a\0b\n+a\0c\n", out.size);
}
END_TEST

START_TEST(lines_that_moved_are_found)
{
	check_diff("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n",
		   "@@ -1,7 +1,6 @@\n-a\n-b\n c\n-a\n b\n+a\n b\n a\n+c\n");
}
END_TEST

START_TEST(output_is_appended)
{
	AUTO_BUF struct buf out = { 0 };

	buf_puts(&out, "head\n");
	diff_unified(&out, "a\n", 2, "b\n", 2, EVERYTHING);
	ck_assert_str_eq(out.text, "head\n@@ -1 +1 @@\n-a\n+b\n");
}
END_TEST

/* n changes, each in a hunk of its own: 8 lines, 5 for the first. */
static void many_hunks(struct buf *old, struct buf *new, size_t n)
{
	for (size_t i = 0; i < n * 10; i++) {
		buf_printf(old, "line %zu\n", i);
		buf_printf(new, "%s %zu\n", i % 10 ? "line" : "LINE", i);
	}
}

static size_t count_of(const struct buf *out, const char *text)
{
	const char *p = buf_text(out);
	size_t n = 0;

	for (; (p = strstr(p, text)); p++)
		n++;
	return n;
}

static void cut_after(size_t max_lines, size_t want_hunks, const char *want_end)
{
	AUTO_BUF struct buf old = { 0 };
	AUTO_BUF struct buf new = { 0 };
	AUTO_BUF struct buf out = { 0 };

	many_hunks(&old, &new, 5);
	diff_unified(&out, old.text, old.size, new.text, new.size, max_lines);
	ck_assert_uint_eq(count_of(&out, "@@ -"), want_hunks);
	ck_assert_uint_ge(out.size, strlen(want_end));
	ck_assert_str_eq(out.text + out.size - strlen(want_end), want_end);
}

START_TEST(output_is_cut_after_whole_hunks)
{
	cut_after(EVERYTHING, 5, " line 43\n");
	cut_after(0, 0, "... 5 more hunks\n");
	cut_after(1, 1, " line 3\n... 4 more hunks\n");
	/* the first has a head, two changed lines and three of context */
	cut_after(6, 1, " line 3\n... 4 more hunks\n");
	cut_after(7, 2, " line 13\n... 3 more hunks\n");
	cut_after(6 + 9, 2, " line 13\n... 3 more hunks\n");
	cut_after(6 + 9 * 3, 4, " line 33\n... 1 more hunk\n");
	cut_after(6 + 9 * 3 + 1, 5, " line 43\n");
	cut_after(6 + 9 * 4, 5, " line 43\n");
}
END_TEST

START_TEST(equal_texts_are_never_cut)
{
	AUTO_BUF struct buf out = { 0 };

	diff_unified(&out, "a\n", 2, "a\n", 2, 0);
	ck_assert_str_eq(buf_text(&out), "");
}
END_TEST

static unsigned seed;

static unsigned dice(unsigned sides)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % sides;
}

static void random_text(struct buf *b, unsigned lines, unsigned alphabet)
{
	for (unsigned i = 0; i < lines; i++)
		buf_printf(b, "%u\n", dice(alphabet));
	if (b->size && dice(4) == 0)
		b->text[--b->size] = '\0';
}

START_TEST(hunks_of_random_texts_give_the_new_text)
{
	seed = 1;
	for (unsigned i = 0; i < 3000; i++) {
		AUTO_BUF struct buf old = { 0 };
		AUTO_BUF struct buf new = { 0 };
		unsigned alphabet = 1 + dice(1 + i % 20);

		random_text(&old, dice(60), alphabet);
		random_text(&new, dice(60), alphabet);
		check_both_ways(&old, &new);
	}
}
END_TEST

/* new is old with some lines replaced, dropped and added. */
static void edit(struct buf *new, const struct buf *old, unsigned rarity)
{
	struct reader r = { buf_text(old), old->size, 0, 0 };

	while (r.at < r.size) {
		switch (dice(rarity)) {
		case 0:
			buf_printf(new, "new %u\n", dice(5));
			break;
		case 1:
			buf_printf(new, "%u\n", dice(5));
			r.at += next_size(&r);
			break;
		case 2:
			r.at += next_size(&r);
			break;
		default:
			copy_line(new, &r);
		}
	}
}

START_TEST(hunks_of_edited_texts_give_the_new_text)
{
	seed = 2;
	for (unsigned i = 0; i < 1000; i++) {
		AUTO_BUF struct buf old = { 0 };
		AUTO_BUF struct buf new = { 0 };

		random_text(&old, 50 + dice(200), 2 + dice(100));
		edit(&new, &old, 5 + dice(60));
		check_both_ways(&old, &new);
	}
}
END_TEST

/* The length of a longest common subsequence, by the textbook's table. */
static size_t common_lines(const char *a, size_t n, const char *b, size_t m)
{
	size_t best[16][16] = { 0 };

	for (size_t i = 1; i <= n; i++) {
		for (size_t j = 1; j <= m; j++) {
			size_t left = best[i][j - 1], up = best[i - 1][j];

			best[i][j] = left > up ? left : up;
			if (a[i - 1] == b[j - 1])
				best[i][j] = best[i - 1][j - 1] + 1;
		}
	}
	return best[n][m];
}

static void short_text(char *word, size_t n, struct buf *text)
{
	buf_clear(text);
	for (size_t i = 0; i < n; i++) {
		word[i] = (char)('a' + dice(3));
		buf_printf(text, "%c\n", word[i]);
	}
}

START_TEST(no_shorter_edit_exists)
{
	AUTO_BUF struct buf old = { 0 };
	AUTO_BUF struct buf new = { 0 };
	AUTO_BUF struct buf out = { 0 };

	seed = 3;
	for (unsigned i = 0; i < 5000; i++) {
		size_t n = dice(15), m = dice(15);
		char a[15], b[15];
		size_t edits;

		short_text(a, n, &old);
		short_text(b, m, &new);
		buf_clear(&out);
		diff_unified(&out, buf_text(&old), old.size, buf_text(&new),
			     new.size, EVERYTHING);
		edits = count_of(&out, "\n-") + count_of(&out, "\n+");
		ck_assert_uint_eq(edits, n + m - 2 * common_lines(a, n, b, m));
	}
}
END_TEST

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

enum { LONG = 20000 };

static void add_long_line(struct buf *b, const char *word, unsigned n)
{
	buf_printf(b, "%s %045u\n", word, n);
}

static void check_quick(const struct buf *old, const struct buf *new)
{
	AUTO_BUF struct buf out = { 0 };
	double start = now();

	diff_unified(&out, old->text, old->size, new->text, new->size,
		     EVERYTHING);
	/* hundredths of a second, but for sanitizers and valgrind */
	ck_assert_double_lt(now() - start, 5.0);
	check_patch(old, new, &out);
}

START_TEST(long_texts_without_a_common_line_are_quick)
{
	AUTO_BUF struct buf old = { 0 };
	AUTO_BUF struct buf new = { 0 };

	for (unsigned i = 0; i < LONG; i++) {
		add_long_line(&old, "old", i);
		add_long_line(&new, "new", i);
	}
	check_quick(&old, &new);
}
END_TEST

START_TEST(long_texts_of_the_same_lines_in_reverse_are_quick)
{
	AUTO_BUF struct buf old = { 0 };
	AUTO_BUF struct buf new = { 0 };

	for (unsigned i = 0; i < LONG; i++) {
		add_long_line(&old, "line", i);
		add_long_line(&new, "line", LONG - i);
	}
	check_quick(&old, &new);
}
END_TEST

START_TEST(long_texts_of_random_lines_are_quick)
{
	static const unsigned alphabets[] = { 2, 30, 1000, LONG };

	seed = 4;
	for (size_t k = 0; k < sizeof(alphabets) / sizeof(*alphabets); k++) {
		AUTO_BUF struct buf old = { 0 };
		AUTO_BUF struct buf new = { 0 };

		for (unsigned i = 0; i < LONG; i++) {
			add_long_line(&old, "line", dice(alphabets[k]));
			add_long_line(&new, "line", dice(alphabets[k]));
		}
		check_quick(&old, &new);
	}
}
END_TEST

START_TEST(many_small_changes_stay_small_hunks)
{
	AUTO_BUF struct buf old = { 0 };
	AUTO_BUF struct buf new = { 0 };
	AUTO_BUF struct buf out = { 0 };

	/* 8,000 edits: more than would be searched for among shared lines */
	many_hunks(&old, &new, 4000);
	diff_unified(&out, old.text, old.size, new.text, new.size, EVERYTHING);
	check_patch(&old, &new, &out);
	ck_assert_uint_eq(count_of(&out, "@@ -"), 4000);
}
END_TEST

START_TEST(texts_too_different_become_one_hunk)
{
	AUTO_BUF struct buf old = { 0 };
	AUTO_BUF struct buf new = { 0 };
	AUTO_BUF struct buf out = { 0 };

	for (unsigned i = 0; i < LONG; i++) {
		add_long_line(&old, "line", i);
		add_long_line(&new, "line", LONG - 1 - i);
	}
	diff_unified(&out, old.text, old.size, new.text, new.size, EVERYTHING);
	ck_assert_uint_eq(count_of(&out, "@@ -1,20000 +1,20000 @@\n-"), 1);
	ck_assert_uint_eq(count_of(&out, "\n "), 0);
	ck_assert_uint_eq(count_of(&out, "\n+"), LONG);
}
END_TEST

START_TEST(text_is_utf8_without_nul)
{
	ck_assert(diff_is_text("", 0));
	ck_assert(diff_is_text(NULL, 0));
	ck_assert(diff_is_text("plain\n", 6));
	ck_assert(diff_is_text("\x1b[1m\t\r\n", 7));
	ck_assert(diff_is_text("gr\xc3\xb6\xc3\x9f"
			       "e",
			       7));
	ck_assert(!diff_is_text("a\0b", 3));
	ck_assert(!diff_is_text("", 1));
	ck_assert(!diff_is_text("\xff\xfe", 2));
	ck_assert(!diff_is_text("gr\xf6\xdf"
				"e",
				5));
	ck_assert(!diff_is_text("\xc3", 1));
}
END_TEST

START_TEST(changes_alone_have_no_context)
{
	static const char old[] = "a\nb\nc\nd\ne\n", new[] = "a\nB\nc\ne\nf\n";
	AUTO_BUF struct buf out = { 0 };

	diff_changes(&out, old, 10, new, 10, EVERYTHING);
	ck_assert_str_eq(buf_text(&out), "@@ -2 +2 @@\n-b\n+B\n"
					 "@@ -4 +3,0 @@\n-d\n"
					 "@@ -5,0 +5 @@\n+f\n");
}
END_TEST

TEST_SUITE("difftext", changes_alone_have_no_context, equal_texts_have_no_hunks,
	   one_line_has_no_count, empty_side_is_line_0,
	   change_stands_between_three_lines_of_context,
	   insertions_and_deletions_shift_the_new_lines,
	   changes_with_six_lines_between_share_a_hunk,
	   changes_with_seven_lines_between_do_not,
	   missing_last_newline_is_marked,
	   carriage_returns_and_controls_are_part_of_the_line,
	   nul_bytes_do_not_end_a_line, lines_that_moved_are_found,
	   output_is_appended, output_is_cut_after_whole_hunks,
	   equal_texts_are_never_cut, hunks_of_random_texts_give_the_new_text,
	   hunks_of_edited_texts_give_the_new_text, no_shorter_edit_exists,
	   long_texts_without_a_common_line_are_quick,
	   long_texts_of_the_same_lines_in_reverse_are_quick,
	   long_texts_of_random_lines_are_quick,
	   many_small_changes_stay_small_hunks,
	   texts_too_different_become_one_hunk, text_is_utf8_without_nul)
