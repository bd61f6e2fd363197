/* SPDX-License-Identifier: MIT */
#include "lib/report/xml.h"

#include "lib/test.h"

START_TEST(xml_takes_any_text)
{
	AUTO_BUF struct buf b = { 0 };

	xml_line(&b, "<a b=\"'&'\">]]>\x1b\n##[x]\xff\xef\xbf\xbe\xef\xbf\xbd"
		     "\xe2\x82\xac");
	ck_assert_str_eq(b.text, "&lt;a b=&quot;&apos;&amp;&apos;&quot;&gt;]]"
				 "&gt;\\x1b\\x0a&#35;&#35;[x]\\xff\\xef\\xbf"
				 "\\xbe\xef\xbf\xbd\xe2\x82\xac");
}
END_TEST

START_TEST(lines_of_an_element_stay_lines)
{
	AUTO_BUF struct buf b = { 0 };

	xml_lines(&b, "a\nb<\r\n");
	xml_attribute(&b, "c", "d\ne");
	ck_assert_str_eq(b.text, "a\nb&lt;\\x0d\n c=\"d\\x0ae\"");
}
END_TEST

TEST_SUITE("XML", xml_takes_any_text, lines_of_an_element_stay_lines)
