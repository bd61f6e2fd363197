/* SPDX-License-Identifier: MIT */
#include "lib/base/mode.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/auto.h"
#include "lib/test.h"

#define USAGE                                       \
	"must be an octal string such as \"0644\" " \
	"or symbolic such as \"u=rw,go=r\""

static uint32_t applied(const char *text, uint32_t have, bool is_directory)
{
	struct mode mode;

	ck_assert_msg(!mode_parse(text, &mode), "'%s' is refused", text);
	return mode_apply(&mode, have, is_directory);
}

START_TEST(octal_of_three_or_four_digits_is_taken_as_it_is)
{
	static const struct {
		const char *text;
		uint32_t want;
	} cases[] = {
		{ "000", 0 },      { "0000", 0 },     { "644", 0644 },
		{ "0644", 0644 },  { "4755", 04755 }, { "7777", 07777 },
		{ "1777", 01777 }, { "777", 0777 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mode mode;

		ck_assert_ptr_null(mode_parse(cases[i].text, &mode));
		ck_assert_uint_eq(mode.n, 0);
		ck_assert_uint_eq(mode.octal, cases[i].want);
	}
}
END_TEST

/* C's spelling of a mode with set-id bits; any other fifth digit is a slip. */
START_TEST(octal_of_five_digits_must_begin_with_0)
{
	ck_assert_uint_eq(applied("04755", 0, false), 04755);
	ck_assert_uint_eq(applied("00644", 0, false), 0644);
	ck_assert_uint_eq(applied("07777", 0, true), 07777);
}
END_TEST

START_TEST(octal_sets_every_bit_of_files_and_directories)
{
	ck_assert_uint_eq(applied("755", 07000, false), 0755);
	ck_assert_uint_eq(applied("755", 07000, true), 0755);
	ck_assert_uint_eq(applied("0755", 06777, true), 0755);
	ck_assert_uint_eq(applied("0000", 07777, true), 0);
}
END_TEST

START_TEST(what_is_not_a_mode_is_refused_with_examples)
{
	static const char *const texts[] = {
		"",       "0",         "7",        "00",      "64",
		"8",      "688",       "0o644",    "0x1ff",   "10000",
		"14755",  "000644",    "07777777", "-1",      "+1",
		"0644 ",  " 0644",     "0644\n",   "u",       "ugo",
		"rw",     "rwxr-xr-x", "u=rwq",    "u+rwx ",  " u+rwx",
		"u+rwx,", ",u+rwx",    "u+r,,g+r", ",",       "u=rw;g=r",
		"u+",     "g-",        "+",        "-",       "u+r+",
		"z+x",    "U=r",       "u=7",      "a=0644",  "u=gr",
		"u=rg",   "u=go",      "u=a",      "u:r",     "u=rw g=r",
		"=rw\t",  "u==r-",     "644,u+x",  "u+x,644", "u+\xc3\xa9",
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct mode mode = { .n = 7, .octal = 0123 };
		const char *error = mode_parse(texts[i], &mode);

		ck_assert_msg(error, "'%s' is taken", texts[i]);
		ck_assert_str_eq(error, USAGE);
		ck_assert_uint_eq(mode.n, 7);
		ck_assert_uint_eq(mode.octal, 0123);
	}
}
END_TEST

static const struct {
	const char *text;
	uint32_t have, want;
} on_files[] = {
	/* one class, one operator */
	{ "u+x", 0644, 0744 },
	{ "g+w", 0644, 0664 },
	{ "o+r", 0640, 0644 },
	{ "u-w", 0644, 0444 },
	{ "go-rwx", 0777, 0700 },
	{ "a=r", 0755, 0444 },
	{ "u=rw", 0755, 0655 },
	{ "ug=rw", 0001, 0661 },
	{ "ugo=rx", 0, 0555 },
	{ "uuu+x", 0, 0100 },
	{ "o-t", 01777, 0777 },
	/* no class means all, whatever the umask */
	{ "+x", 0644, 0755 },
	{ "=r", 0777, 0444 },
	{ "-w", 0777, 0555 },
	{ "+w", 0444, 0666 },
	/* nothing after '=' */
	{ "go=", 0777, 0700 },
	{ "=", 07777, 0 },
	{ "u=", 04755, 0055 },
	/* several clauses, from left to right */
	{ "u=rw,go=r", 0777, 0644 },
	{ "u=rwx,g=u", 0007, 0777 },
	{ "g=u,u=rwx", 0407, 0747 },
	{ "u=rw,g=r,o=", 04777, 0640 },
	{ "a=rwx,o-w", 0, 0775 },
	/* several operators after one class */
	{ "u+r-w", 0200, 0400 },
	{ "ug=r+x-r", 0, 0110 },
	{ "u=r=w", 0, 0200 },
	/* X: only where something can be executed already */
	{ "a+X", 0644, 0644 },
	{ "a+X", 0744, 0755 },
	{ "a+X", 0645, 0755 },
	{ "u=rwX,go=", 0666, 0600 },
	{ "u=rwX,go=", 0766, 0700 },
	{ "u=rwX,go=", 0667, 0700 },
	{ "a-x,a+X", 0755, 0644 },
	{ "u+x,go+X", 0644, 0755 },
	{ "a=rX", 0711, 0555 },
	{ "a-X", 0755, 0644 },
	{ "g=rXw", 0100, 0170 },
	/* copies of a class, without its set-id bits */
	{ "o=u", 0640, 0646 },
	{ "g-u", 0775, 0705 },
	{ "g-u", 0475, 0435 },
	{ "g+o", 0604, 0644 },
	{ "u=g", 06750, 02550 },
	{ "a=o", 0745, 0555 },
	{ "=u", 0640, 0666 },
	{ "u=o,g=o", 0777, 0777 },
	{ "u+u", 0400, 0400 },
	/* set-id and sticky bits */
	{ "a+s", 0755, 06755 },
	{ "+s", 0755, 06755 },
	{ "u+s", 0755, 04755 },
	{ "g+s", 0755, 02755 },
	{ "o+s", 0755, 0755 },
	{ "ug-s", 06755, 0755 },
	{ "+t", 0777, 01777 },
	{ "a+t", 0777, 01777 },
	{ "o+t", 0777, 01777 },
	{ "u+t", 0777, 0777 },
	{ "-t", 01777, 0777 },
	{ "u=rwxs", 0, 04700 },
	{ "=st", 0777, 07000 },
	/* '=' on a file takes away what it does not name */
	{ "u=rwx", 06755, 02755 },
	{ "g=rx", 06755, 04755 },
	{ "a=rx", 07755, 0555 },
	{ "o=rx", 01757, 0755 },
};

START_TEST(symbolic_modes_change_files_as_chmod_does)
{
	for (size_t i = 0; i < COUNT(on_files); i++) {
		uint32_t have =
			applied(on_files[i].text, on_files[i].have, false);

		ck_assert_msg(have == on_files[i].want,
			      "%s on %04o: have %04o, want %04o",
			      on_files[i].text, (unsigned)on_files[i].have,
			      (unsigned)have, (unsigned)on_files[i].want);
	}
}
END_TEST

/* chmod(1): "chmod preserves a directory's set-user-ID and set-group-ID bits
 * unless you explicitly specify otherwise." */
START_TEST(equals_keeps_the_set_ids_of_a_directory_unless_named)
{
	ck_assert_uint_eq(applied("u=rwx", 06755, true), 06755);
	ck_assert_uint_eq(applied("g=rx", 02775, true), 02755);
	ck_assert_uint_eq(applied("a=rx", 07777, true), 06555);
	ck_assert_uint_eq(applied("=", 07777, true), 06000);
	ck_assert_uint_eq(applied("g=u", 02750, true), 02770);
	ck_assert_uint_eq(applied("g=rxs", 0777, true), 02757);
	ck_assert_uint_eq(applied("u=s", 02777, true), 06077);
	ck_assert_uint_eq(applied("g-s", 06755, true), 04755);
	ck_assert_uint_eq(applied("a-s", 06755, true), 0755);
	ck_assert_uint_eq(applied("o=", 03777, true), 02770);
}
END_TEST

START_TEST(capital_x_always_means_x_for_a_directory)
{
	ck_assert_uint_eq(applied("a+X", 0644, true), 0755);
	ck_assert_uint_eq(applied("u=rwX,go=", 0666, true), 0700);
	ck_assert_uint_eq(applied("a=rX", 0, true), 0555);
	ck_assert_uint_eq(applied("a-x,a+X", 0755, true), 0755);
	ck_assert_uint_eq(applied("a-X", 0755, true), 0644);
}
END_TEST

START_TEST(file_type_bits_are_dropped)
{
	ck_assert_uint_eq(applied("u+x", 0100644, false), 0744);
	ck_assert_uint_eq(applied("g+w", 040755, true), 0775);
	ck_assert_uint_eq(applied("0600", 0100644, false), 0600);
}
END_TEST

START_TEST(sixteen_clauses_are_taken_and_one_more_is_not)
{
	char text[17 * 4];
	struct mode mode;

	for (size_t i = 0; i < 17; i++)
		memcpy(text + i * 4, "u+x,", 4);
	text[16 * 4 - 1] = '\0';
	ck_assert_ptr_null(mode_parse(text, &mode));
	ck_assert_uint_eq(mode.n, MODE_CLAUSES);
	ck_assert_uint_eq(mode_apply(&mode, 0, false), 0100);

	text[16 * 4 - 1] = ',';
	text[17 * 4 - 1] = '\0';
	ck_assert_str_eq(mode_parse(text, &mode),
			 "must have at most 16 clauses such as \"u=rw,go=r\"");
	/* operators count, not commas */
	ck_assert_ptr_nonnull(
		mode_parse("a+r+r+r+r+r+r+r+r+r+r+r+r+r+r+r+r+r", &mode));
}
END_TEST

/* Callers compare and print clauses: hold the header's words about them. */
START_TEST(clauses_say_what_they_touch)
{
	struct mode mode;

	ck_assert_ptr_null(mode_parse("go=u,+X,u-ws", &mode));
	ck_assert_uint_eq(mode.n, 3);
	ck_assert_int_eq(mode.clauses[0].op, '=');
	ck_assert_int_eq(mode.clauses[0].copy, 'u');
	ck_assert_uint_eq(mode.clauses[0].who, 03077);
	ck_assert_int_eq(mode.clauses[1].op, '+');
	ck_assert(mode.clauses[1].exec_if);
	ck_assert_uint_eq(mode.clauses[1].who, 07777);
	ck_assert_int_eq(mode.clauses[2].op, '-');
	ck_assert_int_eq(mode.clauses[2].copy, 0);
	ck_assert_uint_eq(mode.clauses[2].who, 04700);
	ck_assert_uint_eq(mode.clauses[2].bits, 06222);
}
END_TEST

START_TEST(applying_assignments_again_changes_nothing)
{
	static const char *const texts[] = { "u=rwx,go=rx", "a=r",  "u=",
					     "g=s,o=t",     "=rwt", "0755" };

	for (size_t i = 0; i < COUNT(texts); i++) {
		for (uint32_t have = 0; have <= 07777; have++) {
			uint32_t once = applied(texts[i], have, have & 1);

			ck_assert_uint_eq(applied(texts[i], once, have & 1),
					  once);
		}
	}
}
END_TEST

START_TEST(text_of_every_mode_reads_back)
{
	for (uint32_t bits = 0; bits <= 07777; bits++) {
		struct mode mode;
		char text[8];

		ck_assert_ptr_eq(mode_text(bits, text), text);
		ck_assert_uint_eq(strlen(text), 4);
		ck_assert_ptr_null(mode_parse(text, &mode));
		ck_assert_uint_eq(mode_apply(&mode, 0, false), bits);
	}
}
END_TEST

START_TEST(text_has_four_digits_and_no_file_type)
{
	char text[8];

	ck_assert_str_eq(mode_text(0, text), "0000");
	ck_assert_str_eq(mode_text(0644, text), "0644");
	ck_assert_str_eq(mode_text(0104755, text), "4755");
	ck_assert_str_eq(mode_text(UINT32_MAX, text), "7777");
}
END_TEST

TEST_SUITE("mode", octal_of_three_or_four_digits_is_taken_as_it_is,
	   octal_of_five_digits_must_begin_with_0,
	   octal_sets_every_bit_of_files_and_directories,
	   what_is_not_a_mode_is_refused_with_examples,
	   symbolic_modes_change_files_as_chmod_does,
	   equals_keeps_the_set_ids_of_a_directory_unless_named,
	   capital_x_always_means_x_for_a_directory, file_type_bits_are_dropped,
	   sixteen_clauses_are_taken_and_one_more_is_not,
	   clauses_say_what_they_touch,
	   applying_assignments_again_changes_nothing,
	   text_of_every_mode_reads_back, text_has_four_digits_and_no_file_type)
