/* SPDX-License-Identifier: MIT */
#include "lib/fixture_test.h"

static struct fixture f;

#define FOLDER "'/etc/apt/sources.list.d': {'type': 'directory'}"
#define SOURCES "'/etc/apt/sources.list.d/r.sources'"
#define KEY                                                               \
	"-----BEGIN PGP PUBLIC KEY BLOCK-----\\nVersion: 1\\n\\nmDME=\\n" \
	"-----END PGP PUBLIC KEY BLOCK-----\\n"

static const char *planned(const char *attributes, const char *host)
{
	AUTO_BUF struct buf b = { 0 };

	buf_printf(&b, "'apt_repository:r': {%s}", attributes);
	fixture_begin(&f, buf_text(&b), host);
	fixture_plan(&f, NULL);
	return fixture_shown(&f);
}

static void makes(const char *attributes, const char *content)
{
	AUTO_BUF struct buf b = { 0 };

	planned(attributes, FOLDER);
	ck_assert_str_eq(fixture_apply(&f), "done apt_repository:r");
	buf_printf(&b, SOURCES ": {'type': 'file', 'content': '%s'}", content);
	fixture_check_files(&f, buf_text(&b));
	fixture_plan(&f, NULL);
	ck_assert_uint_eq(f.plan.n, 0);
	fixture_release(&f);
}

static void refuses(const char *attributes, const char *words)
{
	AUTO_BUF struct buf b = { 0 };

	f = (struct fixture){ 0 };
	buf_printf(&b, "'apt_repository:r': {%s}", attributes);
	ck_assert_msg(!fixture_graph(&f, buf_text(&b)), "%s", attributes);
	ck_assert_msg(strstr(fixture_said(&f), words) != NULL, "%s: %s",
		      attributes, fixture_said(&f));
	fixture_release(&f);
}

#define USUAL "'uris': 'https://r.test/debian', 'suites': 'bookworm', "

START_TEST(it_is_a_file_in_deb822)
{
	makes(USUAL "'components': 'main'",
	      "Types: deb\\nURIs: https://r.test/debian\\nSuites: bookworm\\n"
	      "Components: main\\n");
	makes("'types': ['deb', 'deb-src'], 'uris': ['http://a.test', "
	      "'file:/b'], 'suites': ['x', 'x-updates'], 'components': "
	      "['main', 'non-free'], 'architectures': 'amd64', 'signed_by': "
	      "'/etc/apt/keyrings/r.gpg'",
	      "Types: deb deb-src\\nURIs: http://a.test file:/b\\nSuites: x "
	      "x-updates\\nComponents: main non-free\\nArchitectures: amd64\\n"
	      "Signed-By: /etc/apt/keyrings/r.gpg\\n");
	makes("'uris': 'file:/srv', 'suites': './'",
	      "Types: deb\\nURIs: file:/srv\\nSuites: ./\\n");
}
END_TEST

START_TEST(a_key_may_stand_in_it)
{
	makes("'uris': 'file:/srv', 'suites': './', 'signed_by': '" KEY "'",
	      "Types: deb\\nURIs: file:/srv\\nSuites: ./\\nSigned-By:\\n"
	      " -----BEGIN PGP PUBLIC KEY BLOCK-----\\n Version: 1\\n .\\n"
	      " mDME=\\n -----END PGP PUBLIC KEY BLOCK-----\\n");
}
END_TEST

START_TEST(it_is_mended_and_removed)
{
	struct plan_options o = { .max_disruption = -1,
				  .diffs = DIFFS_UPDATES };

	ck_assert_str_eq(
		planned(USUAL "'components': 'main'",
			SOURCES ": {'type': 'file', 'content': 'Types: x\\n'}"),
		"~ apt_repository:r content");
	fixture_plan(&f, &o);
	ck_assert_ptr_nonnull(strstr(f.plan.v[0]->diff, "-Types: x\n+Types: "
							"deb\n"));
	ck_assert_str_eq(fixture_apply(&f), "done apt_repository:r");
	fixture_release(&f);
	ck_assert_str_eq(planned("'ensure': 'absent'",
				 SOURCES ": {'type': 'file', 'content': 'x'}"),
			 "- apt_repository:r");
	ck_assert_str_eq(fixture_apply(&f), "done apt_repository:r");
	fixture_check_files(&f, FOLDER);
	fixture_release(&f);
	ck_assert_str_eq(planned("'ensure': 'absent'", ""), "");
	fixture_release(&f);
}
END_TEST

START_TEST(its_mode_is_for_all_to_read)
{
	ck_assert_str_eq(planned("'uris': 'file:/srv', 'suites': './'", SOURCES
				 ": {'type': 'file', 'mode': '0600', "
				 "'content': 'Types: deb\\nURIs: file:/srv\\n"
				 "Suites: ./\\n'}"),
			 "~ apt_repository:r mode");
	ck_assert_str_eq(fixture_apply(&f), "done apt_repository:r");
	fixture_release(&f);
}
END_TEST

START_TEST(its_file_is_root_s)
{
	ck_assert_str_eq(planned("'uris': 'file:/srv', 'suites': './'", SOURCES
				 ": {'type': 'file', 'uid': 1000, "
				 "'content': 'Types: deb\\nURIs: file:/srv\\n"
				 "Suites: ./\\n'}"),
			 "~ apt_repository:r owner");
	ck_assert_str_eq(fixture_apply(&f), "done apt_repository:r");
	fixture_release(&f);
}
END_TEST

START_TEST(what_it_needs_must_be_there)
{
	refuses("'suites': 'a', 'components': 'b'", "'uris' is missing");
	refuses("'uris': 'file:/a', 'components': 'b'", "'suites' is missing");
	refuses("'uris': 'file:/a', 'suites': 'b'", "'components' is missing");
	refuses("'uris': 'file:/a', 'suites': './', 'components': 'b'",
		"which has no 'components'");
	refuses("'uris': 'file:/a', 'suites': './', 'types': []",
		"'types' must not be empty");
}
END_TEST

START_TEST(no_value_makes_a_line_of_its_own)
{
	static const char *const wrong[] = {
		"'types': 'rpm'",
		"'uris': 'file:/a\\nTrusted: yes'",
		"'uris': 'file:/a b'",
		"'uris': '/no/scheme'",
		"'uris': ''",
		"'suites': 'x\\nTrusted: yes'",
		"'suites': 'x y'",
		"'suites': '-x'",
		"'components': 'a\\n\\nTypes: deb'",
		"'components': ''",
		"'architectures': 'a b'",
		"'signed_by': 'ABCDEF'",
		"'signed_by': '/etc/a\\nTrusted: yes'",
		"'signed_by': '/etc/../a'",
		"'signed_by': '-----BEGIN PGP PUBLIC KEY BLOCK-----\\nabc'",
		"'signed_by': '-----BEGIN PGP PUBLIC KEY "
		"BLOCK-----\\n\\u001b\\n"
		"-----END PGP PUBLIC KEY BLOCK-----'",
		"'name': '../x'",
		"'name': 'a b'",
		"'name': '.x'",
		"'name': 'a\\nb'",
	};
	static const char *const usual[] = { "uris", "file:/a",    "suites",
					     "x",    "components", "y" };
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < COUNT(wrong); i++) {
		buf_clear(&b);
		buf_puts(&b, wrong[i]);
		for (size_t k = 0; k < COUNT(usual); k += 2)
			if (strncmp(wrong[i] + 1, usual[k], strlen(usual[k])))
				buf_printf(&b, ", '%s': '%s'", usual[k],
					   usual[k + 1]);
		refuses(buf_text(&b), "'");
	}
}
END_TEST

START_TEST(its_key_comes_first)
{
	fixture_begin(&f,
		      "'apt_repository:r': {'uris': 'file:/a', 'suites': './', "
		      "'signed_by': '/etc/apt/keyrings/r.asc'}, "
		      "'file:/etc/apt/keyrings/r.asc': {'content': 'k'}",
		      FOLDER ", '/etc/apt/keyrings': {'type': 'directory'}");
	fixture_plan(&f, NULL);
	ck_assert_str_eq(fixture_shown(&f), "+ file:/etc/apt/keyrings/r.asc\n"
					    "+ apt_repository:r");
	fixture_release(&f);
}
END_TEST

TEST_SUITE("apt_repository", it_is_a_file_in_deb822, a_key_may_stand_in_it,
	   it_is_mended_and_removed, its_mode_is_for_all_to_read,
	   its_file_is_root_s, what_it_needs_must_be_there,
	   no_value_makes_a_line_of_its_own, its_key_comes_first)
