/* SPDX-License-Identifier: MIT */
#include "lib/report/junit.h"

#include "lib/test.h"

START_TEST(text_is_escaped_for_a_terminal_and_for_xml)
{
	const struct junit_counts one = { 1, 1, 0 };
	AUTO_BUF struct buf b = { 0 };

	junit_begin(&b, "test", &one);
	junit_suite(&b, "a<b", &one);
	junit_case(&b, "a", "\"x\"\n\033[31m&\xff");
	junit_failure(&b, "failure", "kill", "it's > 1", "at a:1\n");
	junit_case_end(&b);
	junit_suite_end(&b);
	junit_end(&b);
	ck_assert_str_eq(
		buf_text(&b),
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites name=\"test\" tests=\"1\" failures=\"1\" "
		"errors=\"0\" time=\"0\">\n"
		"  <testsuite name=\"a&lt;b\" tests=\"1\" failures=\"1\" "
		"errors=\"0\" time=\"0\">\n"
		"    <testcase classname=\"a\" "
		"name=\"&quot;x&quot;\\x0a\\x1b[31m&amp;\\xff\" time=\"0\">\n"
		"      <failure message=\"it&apos;s &gt; 1\" type=\"kill\">at "
		"a:1\n</failure>\n"
		"    </testcase>\n"
		"  </testsuite>\n"
		"</testsuites>\n");
}
END_TEST

TEST_SUITE("junit", text_is_escaped_for_a_terminal_and_for_xml)
