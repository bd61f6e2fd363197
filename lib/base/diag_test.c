/* SPDX-License-Identifier: MIT */
#include "lib/base/diag.h"

#include <errno.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/test.h"

START_TEST(nothing_is_wrong_at_first)
{
	AUTO_DIAGS struct diags d = { 0 };

	ck_assert_uint_eq(d.n, 0);
	ck_assert_uint_eq(d.errors, 0);
	diag_hint(&d, "nothing to hint at");
	ck_assert_uint_eq(d.n, 0);
}
END_TEST

START_TEST(errors_are_false_and_counted)
{
	AUTO_DIAGS struct diags d = { 0 };

	ck_assert(!diag_error(&d, "'%s' is %d", "x", 7));
	ck_assert(!diag_error_at(&d, (struct place){ "f", 1, 2 }, "here"));
	ck_assert(!diag_errno(&d, ENOENT, "cannot read '%s'", "/x"));
	ck_assert_uint_eq(d.n, 3);
	ck_assert_uint_eq(d.errors, 3);
	ck_assert_str_eq(d.v[0].text, "'x' is 7");
	ck_assert_ptr_null(d.v[0].place.file);
	ck_assert_ptr_null(d.v[0].subject);
	ck_assert_ptr_null(d.v[0].hint);
	ck_assert_str_eq(d.v[1].place.file, "f");
	ck_assert_uint_eq(d.v[1].place.line, 1);
	ck_assert_uint_eq(d.v[1].place.column, 2);
	ck_assert_str_eq(d.v[2].text,
			 "cannot read '/x': No such file or directory");
	ck_assert_int_eq(d.v[2].severity, SEVERITY_ERROR);
}
END_TEST

START_TEST(warnings_are_no_errors)
{
	AUTO_DIAGS struct diags d = { 0 };

	diag_warning(&d, "careful: %s", "wet");
	ck_assert_uint_eq(d.n, 1);
	ck_assert_uint_eq(d.errors, 0);
	ck_assert_int_eq(d.v[0].severity, SEVERITY_WARNING);
	ck_assert_str_eq(d.v[0].text, "careful: wet");
}
END_TEST

START_TEST(current_work_stands_in_for_place_and_subject)
{
	AUTO_DIAGS struct diags d = { .place = { "m.json", 3, 4 },
				      .subject = "file:/a" };

	diag_error(&d, "one");
	diag_error_at(&d, (struct place){ "n.json", 5, 6 }, "two");
	d.place = (struct place){ 0 };
	d.subject = NULL;
	diag_error(&d, "three");
	ck_assert_str_eq(d.v[0].place.file, "m.json");
	ck_assert_uint_eq(d.v[0].place.line, 3);
	ck_assert_str_eq(d.v[0].subject, "file:/a");
	ck_assert_str_eq(d.v[1].place.file, "n.json");
	ck_assert_uint_eq(d.v[1].place.line, 5);
	ck_assert_str_eq(d.v[1].subject, "file:/a");
	ck_assert_ptr_null(d.v[2].place.file);
	ck_assert_ptr_null(d.v[2].subject);
}
END_TEST

START_TEST(keeps_copies)
{
	AUTO_DIAGS struct diags d = { 0 };
	char file[] = "m.json", subject[] = "file:/a", text[] = "text";

	d.place.file = file;
	d.subject = subject;
	diag_error(&d, "%s", text);
	diag_hint(&d, "%s", text);
	memset(file, 'x', sizeof(file) - 1);
	memset(subject, 'x', sizeof(subject) - 1);
	memset(text, 'x', sizeof(text) - 1);
	ck_assert_str_eq(d.v[0].place.file, "m.json");
	ck_assert_str_eq(d.v[0].subject, "file:/a");
	ck_assert_str_eq(d.v[0].text, "text");
	ck_assert_str_eq(d.v[0].hint, "text");
}
END_TEST

START_TEST(a_hint_goes_to_the_newest)
{
	AUTO_DIAGS struct diags d = { 0 };

	diag_error(&d, "one");
	diag_error(&d, "two");
	diag_hint(&d, "did you mean '%s'?", "owner");
	ck_assert_ptr_null(d.v[0].hint);
	ck_assert_str_eq(d.v[1].hint, "did you mean 'owner'?");
}
END_TEST

START_TEST(what_is_too_much_is_counted)
{
	AUTO_DIAGS struct diags d = { 0 };

	for (int i = 0; i < DIAGS_MAX + 5; i++)
		ck_assert(!diag_error(&d, "%d", i));
	ck_assert_uint_eq(d.n, DIAGS_MAX);
	ck_assert_uint_eq(d.dropped, 5);
	ck_assert_uint_eq(d.errors, DIAGS_MAX + 5);
	ck_assert_str_eq(d.v[DIAGS_MAX - 1].text, "999");
	/* the hint was for one that was dropped */
	diag_hint(&d, "hint");
	ck_assert_ptr_null(d.v[DIAGS_MAX - 1].hint);
}
END_TEST

START_TEST(an_error_after_many_warnings_still_counts)
{
	AUTO_DIAGS struct diags d = { 0 };

	for (int i = 0; i < DIAGS_MAX; i++)
		diag_warning(&d, "%d", i);
	ck_assert_uint_eq(d.errors, 0);
	diag_error(&d, "last");
	ck_assert_uint_eq(d.errors, 1);
	ck_assert_uint_eq(d.dropped, 1);
}
END_TEST

START_TEST(append_copies_all_to_the_end)
{
	AUTO_DIAGS struct diags to = { .place = { "to.json", 9, 9 },
				       .subject = "file:/to" };
	struct diags from = { .subject = "file:/from" };

	diag_error(&to, "one");
	diag_error_at(&from, (struct place){ "from.json", 1, 2 }, "two");
	diag_hint(&from, "hint");
	diag_warning(&from, "three");
	from.subject = NULL;
	diag_error(&from, "four");
	diags_append(&to, &from);
	diags_release(&from);
	ck_assert_uint_eq(to.n, 4);
	ck_assert_uint_eq(to.errors, 3);
	ck_assert_str_eq(to.v[0].text, "one");
	ck_assert_str_eq(to.v[1].text, "two");
	ck_assert_str_eq(to.v[1].place.file, "from.json");
	ck_assert_uint_eq(to.v[1].place.column, 2);
	ck_assert_str_eq(to.v[1].subject, "file:/from");
	ck_assert_str_eq(to.v[1].hint, "hint");
	ck_assert_int_eq(to.v[2].severity, SEVERITY_WARNING);
	ck_assert_str_eq(to.v[2].text, "three");
	ck_assert_ptr_null(to.v[2].hint);
	ck_assert_str_eq(to.v[3].text, "four");
}
END_TEST

START_TEST(append_nothing_changes_nothing)
{
	AUTO_DIAGS struct diags to = { 0 }, from = { 0 };

	diag_error(&to, "one");
	diags_append(&to, &from);
	ck_assert_uint_eq(to.n, 1);
	ck_assert_uint_eq(to.errors, 1);
	ck_assert_str_eq(to.v[0].text, "one");
}
END_TEST

START_TEST(append_counts_what_was_dropped)
{
	AUTO_DIAGS struct diags to = { 0 }, from = { 0 };

	for (int i = 0; i < DIAGS_MAX + 2; i++)
		diag_warning(&from, "%d", i);
	diag_warning(&to, "first");
	diags_append(&to, &from);
	ck_assert_uint_eq(to.n, DIAGS_MAX);
	ck_assert_uint_eq(to.dropped, 3);
	ck_assert_str_eq(to.v[0].text, "first");
}
END_TEST

/* n times the letter, then the end. */
static const char *long_text(struct arena *a, const char *letter, size_t n,
			     const char *end)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < n; i++)
		buf_puts(&b, letter);
	buf_puts(&b, end);
	return arena_strdup(a, buf_text(&b));
}

START_TEST(of_a_text_too_long_the_middle_is_left_out)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct arena a = { 0 };
	const char *fits = long_text(&a, "x", DIAG_MAX_TEXT, ""),
		   *wide = long_text(&a, "\u00e4", DIAG_MAX_TEXT, " is wrong");

	d.subject = wide;
	diag_error(&d, "%s", fits);
	diag_error(&d, "%s", wide);
	diag_hint(&d, "%s", wide);
	diag_errno(&d, ENOENT, "%s", wide);
	arena_release(&a);
	ck_assert_uint_eq(strlen(d.v[0].text), DIAG_MAX_TEXT);
	for (int i = 0; i < 4; i++) {
		const char *text = i == 0   ? d.v[0].subject
				   : i == 1 ? d.v[1].text
				   : i == 2 ? d.v[1].hint
					    : d.v[2].text;

		ck_assert_uint_le(strlen(text), DIAG_MAX_TEXT + 40);
		ck_assert_ptr_nonnull(strstr(text, "\u00e4...\u00e4"));
		ck_assert_ptr_nonnull(strstr(text, "\u00e4 is wrong"));
	}
	ck_assert_ptr_nonnull(strstr(d.v[2].text, ": No such file"));
}
END_TEST

START_TEST(the_last_that_is_kept_has_its_hint)
{
	AUTO_DIAGS struct diags d = { 0 };

	for (int i = 0; i < DIAGS_MAX; i++)
		diag_error(&d, "%d", i);
	diag_hint(&d, "hint %d", 1);
	diag_error(&d, "dropped");
	diag_hint(&d, "hint %d", 2);
	ck_assert_str_eq(d.v[DIAGS_MAX - 1].hint, "hint 1");
}
END_TEST

START_TEST(release_forgets_all)
{
	struct diags d = { .subject = "x" };

	diag_error(&d, "one");
	diags_release(&d);
	ck_assert_uint_eq(d.n, 0);
	ck_assert_uint_eq(d.errors, 0);
	ck_assert_ptr_null(d.subject);
	diag_error(&d, "two");
	ck_assert_str_eq(d.v[0].text, "two");
	ck_assert_uint_eq(d.n, 1);
	diags_release(&d);
}
END_TEST

TEST_SUITE("diag", nothing_is_wrong_at_first, errors_are_false_and_counted,
	   warnings_are_no_errors, current_work_stands_in_for_place_and_subject,
	   keeps_copies, a_hint_goes_to_the_newest, what_is_too_much_is_counted,
	   an_error_after_many_warnings_still_counts,
	   append_copies_all_to_the_end, append_nothing_changes_nothing,
	   append_counts_what_was_dropped,
	   of_a_text_too_long_the_middle_is_left_out,
	   the_last_that_is_kept_has_its_hint, release_forgets_all)
