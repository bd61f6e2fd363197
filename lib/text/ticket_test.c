/* SPDX-License-Identifier: MIT */
#include "lib/text/ticket.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/test.h"

static const struct {
	const char *text, *tickets;
} table[] = {
	{ "", "" },
	{ "nginx: raise the limit", "" },
	{ "nginx: raise the limit (OPS-123)", "OPS-123" },
	{ "#7", "#7" },
	{ "fix #12, #13 and OPS-1.\n\nRefs: OPS-1, NET2-40\nCloses: #12\n",
	  "#12 #13 OPS-1 NET2-40" },
	{ "OPS-123-rc1, xOPS-1, OPS-1x, A-1, ops-3, OPS-, #, #x, ##", "" },
	{ "UTF-8, SHA-256, RFC-6901 and CVE-2026-1234", "" },
	{ "OPS-12345678901 #12345678901", "" },
	{ "\xc3\xa4OPS-1 \xc3\xa4 OPS-2", "OPS-2" },
	{ "site#3", "" },
	{ "#1#2", "#1" },
};

START_TEST(finds_tickets)
{
	for (size_t i = 0; i < COUNT(table); i++) {
		struct arena a = { 0 };
		struct strings found = { 0 };

		tickets_find(table[i].text, strlen(table[i].text), &a, &found);
		ck_assert_str_eq(found.n ? strings_join(&found, " ", &a) : "",
				 table[i].tickets);
		arena_release(&a);
	}
}
END_TEST

START_TEST(takes_no_more_than_some)
{
	AUTO_BUF struct buf text = { 0 };
	struct arena a = { 0 };
	struct strings found = { 0 };

	for (int i = 0; i < 100; i++)
		buf_printf(&text, "#%d ", i);
	tickets_find(text.text, text.size, &a, &found);
	ck_assert_uint_eq(found.n, TICKETS_MAX);
	ck_assert_str_eq(found.v[TICKETS_MAX - 1], "#15");
	arena_release(&a);
}
END_TEST

TEST_SUITE("ticket", finds_tickets, takes_no_more_than_some)
