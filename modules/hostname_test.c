/* SPDX-License-Identifier: MIT */
#include "lib/fixture_test.h"

static struct fixture f;

static const char *planned(const char *manifest, const char *host)
{
	fixture_begin(&f, manifest, host);
	fixture_plan(&f, NULL);
	return fixture_shown(&f);
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
		ck_assert_msg(strstr(fixture_said(&f), words), "%s",         \
			      fixture_said(&f));                             \
		fixture_release(&f);                                         \
	} while (0)

static void becomes(const char *manifest, const char *host, const char *files)
{
	planned(manifest, host);
	ck_assert_msg(!strstr(fixture_apply(&f), "failed"), "%s",
		      fixture_said(&f));
	fixture_check_files(&f, files);
	fixture_release(&f);
	PLANS(manifest, files, "");
}

#define FILE(path, text) "'" path "': {'type': 'file', 'content': '" text "'}"
#define LINK(path, target) \
	"'" path "': {'type': 'link', 'target': '" target "'}"
#define NAME(name) FILE("/proc/sys/kernel/hostname", name "\\n")
#define ETC(text) FILE("/etc/hostname", text)

START_TEST(the_kernel_and_its_file_have_the_name)
{
	PLANS("'hostname:web-1': {}", NAME("old") ", " ETC("old\\n"),
	      "~ hostname:web-1 name content");
	becomes("'hostname:web-1': {}", NAME("old") ", " ETC("old\\n"),
		NAME("web-1") ", " ETC("web-1\\n"));
	PLANS("'hostname:web-1': {}", NAME("web-1") ", " ETC("old\\n"),
	      "~ hostname:web-1 content");
	PLANS("'hostname:web-1': {}", NAME("old") ", " ETC("web-1\\n"),
	      "~ hostname:web-1 name");
	becomes("'hostname:h': {'name': 'a.example.org'}",
		NAME("old") ", '/etc': {'type': 'directory'}",
		NAME("a.example.org") ", " ETC("a.example.org\\n"));
}
END_TEST

START_TEST(a_tree_has_only_the_file)
{
	becomes("'hostname:web-1': {}", ETC("old\\n"), ETC("web-1\\n"));
}
END_TEST

START_TEST(names_are_those_of_rfc_1123)
{
	static const char *const wrong[] = {
		"",
		"-a",
		"a-",
		"a..b",
		".a",
		"a.",
		"a_b",
		"a b",
		"a/b",
		"127.0.0.1",
		"12",
		"a\\n",
		"-a.b",
		"a.-b",
		"\\u00e4",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aa",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	static const char *const right[] = { "a", "A-1", "1a.b2", "3com.c",
					     "a--b" };

	for (size_t i = 0; i < COUNT(wrong); i++) {
		AUTO_BUF struct buf b = { 0 };

		buf_printf(&b, "'hostname:x': {'name': '%s'}", wrong[i]);
		REFUSES(buf_text(&b), "'name' must be labels");
	}
	for (size_t i = 0; i < COUNT(right); i++) {
		AUTO_BUF struct buf b = { 0 };

		buf_printf(&b, "'hostname:x': {'name': '%s'}", right[i]);
		PLANS(buf_text(&b), "'/etc': {'type': 'directory'}",
		      "~ hostname:x content");
	}
}
END_TEST

START_TEST(a_host_has_one_name)
{
	REFUSES("'hostname:a': {}, 'hostname:b': {}", "'/etc/hostname'");
}
END_TEST

TEST_SUITE("hostname", the_kernel_and_its_file_have_the_name,
	   a_tree_has_only_the_file, names_are_those_of_rfc_1123,
	   a_host_has_one_name)
