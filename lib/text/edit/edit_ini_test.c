/* SPDX-License-Identifier: MIT */
#include "lib/text/edit/edit_test.h"

static bool edit(const void *wish, const struct edit_text *t, struct edited *e,
		 struct diags *d)
{
	return edit_ini(wish, t, e, d);
}

static void each(const struct ini_wish *wish, size_t n,
		 const char *const (*texts)[2])
{
	for (size_t i = 0; i < n; i++)
		edits(edit, wish, texts[i][0], texts[i][1]);
}

#define EACH(texts, ...) \
	each(&(struct ini_wish){ __VA_ARGS__ }, COUNT(texts), texts)

START_TEST(sets_a_key_of_a_section)
{
	static const char *const texts[][2] = {
		{ "[s]\nk = 1\n", "[s]\nk = v\n" },
		{ "[s]\nk=1", "[s]\nk=v" },
		{ "[s]\r\nk =1\r\n", "[s]\r\nk =v\r\n" },
		{ "[s]\n\tk = 1 \n", "[s]\n\tk = v\n" },
		{ "[s]\nk: 1\n", "[s]\nk: v\n" },
		{ "[s]\nk =\n", "[s]\nk = v\n" },
		{ "[s]\nk=\n", "[s]\nk=v\n" },
		{ "[s]\nk\n", "[s]\nk = v\n" },
		{ "[t]\nk = 1\n[s]\nk = 1\n[t]\nk = 1\n",
		  "[t]\nk = 1\n[s]\nk = v\n[t]\nk = 1\n" },
		{ "[ s ] ; about\nk = 1\n", "[ s ] ; about\nk = v\n" },
		{ "[s]\nk = 1\nk = 2\na = 3\n", "[s]\nk = v\na = 3\n" },
		{ "[s]\nk = v\nk = 2\n", "[s]\nk = v\n" },
		{ "[s]\n[t]\n[s]\nk = 1\n", "[s]\n[t]\n[s]\nk = v\n" },
		{ "[s]\nk = v\n", NULL },
		{ "[s]\nk=v ", NULL },
		{ "[s]\r\nk: v\r\n", NULL },
	};

	EACH(texts, .section = "s", .key = "k", .value = "v");
}
END_TEST

START_TEST(adds_a_key_where_its_section_ends)
{
	static const char *const texts[][2] = {
		{ "[s]\n", "[s]\nk = v\n" },
		{ "[s]", "[s]\nk = v\n" },
		{ "[s]\na=1\n\n[t]\n", "[s]\na=1\nk=v\n\n[t]\n" },
		{ "[s]\na = 1\n# about t\n[t]\n",
		  "[s]\na = 1\nk = v\n# about t\n[t]\n" },
		{ "[s]\n\n[t]\n", "[s]\nk = v\n\n[t]\n" },
		{ "[s]\n  a =1\n", "[s]\n  a =1\n  k =v\n" },
		{ "[s]\n#k = 1\na = 1\n", "[s]\n#k = 1\na = 1\nk = v\n" },
		{ "[s]\n;k=v\n", "[s]\nk = v\n;k=v\n" },
		{ "[s]\nkk = 1\nk.a = 2\n", "[s]\nkk = 1\nk.a = 2\nk = v\n" },
		{ "[s]\nk:a = 1\n", "[s]\nk:a = 1\nk = v\n" },
		{ "[s]\r\na=1\r\n", "[s]\r\na=1\r\nk=v\r\n" },
	};

	EACH(texts, .section = "s", .key = "k", .value = "v");
}
END_TEST

START_TEST(adds_a_section_at_the_end)
{
	static const char *const texts[][2] = {
		{ "", "[s]\nk = v\n" },
		{ "[t]\nk=v\n", "[t]\nk=v\n\n[s]\nk=v\n" },
		{ "[t]\n\n", "[t]\n\n[s]\nk = v\n" },
		{ "[t]", "[t]\n\n[s]\nk = v\n" },
		{ "[S]\r\n", "[S]\r\n\r\n[s]\r\nk = v\r\n" },
		{ "#[s]\n", "#[s]\n\n[s]\nk = v\n" },
		{ "k = v\n", "k = v\n\n[s]\nk = v\n" },
	};

	EACH(texts, .section = "s", .key = "k", .value = "v");
	edits(edit, &(struct ini_wish){ .section = "s" }, "[t]\n",
	      "[t]\n\n[s]\n");
	edits(edit, &(struct ini_wish){ .section = "s" }, "[s]\na=1\n", NULL);
}
END_TEST

START_TEST(knows_what_is_before_the_first_section)
{
	static const char *const texts[][2] = {
		{ "", "k = v\n" },
		{ "[s]\nk = v\n", "k = v\n[s]\nk = v\n" },
		{ "a=1\n[s]\n", "a=1\nk=v\n[s]\n" },
		{ "k=1\n[s]\nk=1\n", "k=v\n[s]\nk=1\n" },
		{ "\xef\xbb\xbfk=1\n", "\xef\xbb\xbfk=v\n" },
		{ "k = v", NULL },
	};

	EACH(texts, .key = "k", .value = "v");
}
END_TEST

START_TEST(removes_a_key_or_a_section)
{
	static const char *const keys[][2] = {
		{ "[s]\nk = 1\nk=2\na=1\n", "[s]\na=1\n" },
		{ "[s]\nk\n", "[s]\n" },
		{ "[s]\n#k = 1\n", NULL },
		{ "[t]\nk = 1\n", NULL },
		{ "", NULL },
	};
	static const char *const sections[][2] = {
		{ "a=1\n[s]\nk=1\n\n[t]\nk=2\n", "a=1\n[t]\nk=2\n" },
		{ "[s]\n[t]\n[s]\nk=1", "[t]\n" },
		{ "[s]\n" MARK "[t]\n" MARK "[s]\n", MARK "[t]\n" },
		{ "[t]\n", NULL },
	};

	EACH(keys, .section = "s", .key = "k", .absent = true);
	EACH(sections, .section = "s", .absent = true);
	edits(edit, &(struct ini_wish){ .key = "k", .absent = true },
	      "k=1\n[s]\nk=1\n", "[s]\nk=1\n");
}
END_TEST

/* Behind a header only a comment may come. */
START_TEST(what_only_begins_as_a_header_is_none)
{
	static const char *const texts[][2] = {
		{ "[s]\n[t] = 1\nk = 1\n", "[s]\n[t] = 1\nk = v\n" },
		{ "[s] x\nk = 1\n", "[s] x\nk = 1\n\n[s]\nk = v\n" },
		{ "[s]\n[t]]\nk = 1\n", "[s]\n[t]]\nk = v\n" },
		{ "[s]\n[t];\nk = 1\n", "[s]\nk = v\n[t];\nk = 1\n" },
		{ "[s]\n[t] \t# x\nk = 1\n", "[s]\nk = v\n[t] \t# x\nk = 1\n" },
	};

	EACH(texts, .section = "s", .key = "k", .value = "v");
}
END_TEST

START_TEST(values_are_all_that_follows)
{
	static const char *const texts[][2] = {
		{ "[s]\nk = a # b\n", "[s]\nk = a = b; c\n" },
		{ "[s]\nk=a = b; c\n", NULL },
	};
	static const char *const empty[][2] = {
		{ "[s]\nk = 1\n", "[s]\nk =\n" }, { "[s]\nk=1\n", "[s]\nk=\n" },
		{ "[s]\n", "[s]\nk =\n" },        { "[s]\nk\n", "[s]\nk =\n" },
		{ "[s]\nk =  \n", NULL },
	};
	static const char *const section[][2] = {
		{ "[remote \"a\"]\n\turl = 1\n",
		  "[remote \"a\"]\n\turl = 2\n" },
	};

	EACH(texts, .section = "s", .key = "k", .value = " a = b; c ");
	EACH(empty, .section = "s", .key = "k", .value = "");
	EACH(section, .section = "remote \"a\"", .key = "url", .value = "2");
}
END_TEST

TEST_SUITE("edit_ini", sets_a_key_of_a_section,
	   adds_a_key_where_its_section_ends, adds_a_section_at_the_end,
	   knows_what_is_before_the_first_section, removes_a_key_or_a_section,
	   what_only_begins_as_a_header_is_none, values_are_all_that_follows)
