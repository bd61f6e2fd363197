/* SPDX-License-Identifier: MIT */
#include "lib/fixture_test.h"

static struct fixture f;

static const char *planned(const char *manifest, const char *host)
{
	fixture_begin(&f, manifest, host);
	fixture_plan(&f, NULL);
	return fixture_shown(&f);
}

static void becomes(const char *manifest, const char *host, const char *told,
		    const char *files)
{
	planned(manifest, host);
	ck_assert_str_eq(fixture_apply(&f), told);
	fixture_check_files(&f, files);
	fixture_release(&f);
}

#define PLANS(manifest, host, lines)                              \
	do {                                                      \
		ck_assert_str_eq(planned(manifest, host), lines); \
		fixture_release(&f);                              \
	} while (0)

#define REFUSES(manifest, words)                                             \
	do {                                                                 \
		f = (struct fixture){ 0 };                                   \
		ck_assert_msg(!fixture_graph(&f, manifest), "%s", manifest); \
		ck_assert_uint_eq(f.diags.n, 1);                             \
		ck_assert_str_eq(f.diags.v[0].text, words);                  \
		fixture_release(&f);                                         \
	} while (0)

#define FILE(path, text) "'" path "': {'type': 'file', 'content': '" text "'}"

#define KEY "'ini:x': {'path': '/f', 'section': 's', 'key': 'k', "

START_TEST(a_key_is_set_added_or_removed)
{
	becomes(KEY "'value': 2}", FILE("/f", "[s]\\nk=1\\n"), "done ini:x",
		FILE("/f", "[s]\\nk=2\\n"));
	becomes(KEY "'value': 'v'}", FILE("/f", ""), "done ini:x",
		FILE("/f", "[s]\\nk = v\\n"));
	becomes(KEY "'ensure': 'absent'}", FILE("/f", "[s]\\nk=1\\n"),
		"done ini:x", FILE("/f", "[s]\\n"));
	PLANS(KEY "'value': 'v'}", FILE("/f", "[s]\\nk=1\\n"), "~ ini:x value");
	PLANS(KEY "'value': 'v'}", FILE("/f", "[s]\\nk: v\\n"), "");
}
END_TEST

START_TEST(a_key_is_there_once)
{
	becomes(KEY "'value': 'v'}", FILE("/f", "[s]\\nk=v\\nk=v\\n"),
		"done ini:x", FILE("/f", "[s]\\nk=v\\n"));
	becomes(KEY "'value': ''}", FILE("/f", "[s]\\nk\\n"), "done ini:x",
		FILE("/f", "[s]\\nk =\\n"));
}
END_TEST

START_TEST(a_section_may_be_meant)
{
	becomes("'ini:x': {'path': '/f', 'section': 's'}", FILE("/f", "a=1\\n"),
		"done ini:x", FILE("/f", "a=1\\n\\n[s]\\n"));
	PLANS("'ini:x': {'path': '/f', 'section': 's'}", FILE("/f", "[s]\\n"),
	      "");
	becomes("'ini:x': {'path': '/f', 'section': 's', 'ensure': 'absent'}",
		FILE("/f", "[s]\\nk=1\\n[t]\\n"), "done ini:x",
		FILE("/f", "[t]\\n"));
}
END_TEST

START_TEST(a_key_that_cannot_be_is_refused)
{
	REFUSES("'ini:x': {'path': '/f'}", "'section' or 'key' is missing");
	REFUSES("'ini:x': {'path': '/f', 'key': 'k'}", "'value' is missing");
	REFUSES("'ini:x': {'path': '/f', 'section': 's', 'value': 'v'}",
		"'value' needs 'key'");
	REFUSES(KEY "'value': 1.5}",
		"'value' must be a string or an integer, not a real number");
}
END_TEST

TEST_SUITE("ini", a_key_is_set_added_or_removed, a_key_is_there_once,
	   a_section_may_be_meant, a_key_that_cannot_be_is_refused)
