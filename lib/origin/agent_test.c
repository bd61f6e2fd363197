/* SPDX-License-Identifier: MIT */
#include "lib/origin/agent.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/test.h"

struct reading_of {
	struct arena arena;
	struct diags diags;
	struct agent agent;
	bool good;
};

static void read_text(struct reading_of *r, const char *text)
{
	*r = (struct reading_of){ 0 };
	r->good = agent_read(&r->agent, text, strlen(text), "agent.json",
			     &r->arena, &r->diags);
	ck_assert_msg(r->good == !r->diags.errors, "%s", text);
}

static void release(struct reading_of *r)
{
	diags_release(&r->diags);
	arena_release(&r->arena);
}

static void refuses(const char *text, size_t line, size_t column,
		    const char *want)
{
	struct reading_of r;
	const struct diag *d;

	read_text(&r, text);
	ck_assert_msg(!r.good, "accepted: %s", text);
	d = &r.diags.v[0];
	ck_assert_msg(strstr(d->text, want) != NULL, "%s: %s", text, d->text);
	ck_assert_str_eq(d->place.file, "agent.json");
	ck_assert_msg(d->place.line == line && d->place.column == column,
		      "%s: %zu:%zu", text, d->place.line, d->place.column);
	release(&r);
}

START_TEST(needs_little)
{
	struct reading_of r;

	read_text(&r, "{\"version\": 1, \"url\": \"https://g.example/w\"}");
	ck_assert(r.good);
	ck_assert_str_eq(r.agent.url, "https://g.example/w");
	ck_assert_int_eq(r.agent.transport, TRANSPORT_HTTPS);
	ck_assert_str_eq(r.agent.branch, "main");
	ck_assert_str_eq(r.agent.allowed_signers,
			 "/etc/converge/allowed_signers");
	ck_assert_str_eq(r.agent.known_hosts, "/etc/converge/known_hosts");
	ck_assert_str_eq(r.agent.ssh_key, "/etc/ssh/ssh_host_ed25519_key");
	ck_assert_ptr_null(r.agent.gpg_keyring);
	ck_assert_ptr_null(r.agent.ca_file);
	ck_assert_ptr_null(r.agent.host);
	ck_assert_int_eq(r.agent.max_age, 0);
	release(&r);
}
END_TEST

START_TEST(takes_everything)
{
	struct reading_of r;

	read_text(&r, "{\"version\": 1, \"//\": \"why\", \"branch\": \"live\","
		      "\"url\": \"git@g.example:w.git\","
		      "\"gpg_keyring\": \"/k.gpg\", \"gpg_signers\":"
		      " [\"0123 4567 89ab cdef 0123  4567 89AB CDEF 0123 "
		      "4567\"],"
		      "\"max_age\": \"14d\", \"known_hosts\": \"/kh\","
		      "\"ssh_key\": \"/key\", \"ca_file\": \"/ca\","
		      "\"host\": \"web-1.example\"}");
	ck_assert(r.good);
	ck_assert_int_eq(r.agent.transport, TRANSPORT_SSH);
	ck_assert_str_eq(r.agent.branch, "live");
	ck_assert_ptr_null(r.agent.allowed_signers);
	ck_assert_uint_eq(r.agent.gpg_signers.n, 1);
	ck_assert_str_eq(r.agent.gpg_signers.v[0],
			 "0123456789ABCDEF0123456789ABCDEF01234567");
	ck_assert_int_eq(r.agent.max_age, 14 * 86400);
	ck_assert_str_eq(r.agent.known_hosts, "/kh");
	ck_assert_str_eq(r.agent.ssh_key, "/key");
	ck_assert_str_eq(r.agent.ca_file, "/ca");
	ck_assert_str_eq(r.agent.host, "web-1.example");
	release(&r);
}
END_TEST

/* As the manual shows it: between lines of mdoc(7). */
START_TEST(takes_the_manuals_examples)
{
	FILE *page = fopen(TESTDATA "/../man/converge-agent.json.5", "r");
	AUTO_BUF struct buf text = { 0 };
	char line[256];
	size_t found = 0;
	bool inside = false;

	ck_assert_ptr_nonnull(page);
	while (fgets(line, sizeof(line), page)) {
		struct reading_of r;

		inside |= strcmp(line, "{\n") == 0;
		if (inside)
			buf_puts(&text, line);
		if (!inside || strcmp(line, "}\n") != 0)
			continue;
		read_text(&r, text.text);
		ck_assert_msg(r.good, "%s", text.text);
		release(&r);
		buf_clear(&text);
		inside = false;
		found++;
	}
	fclose(page);
	ck_assert_uint_eq(found, 2);
}
END_TEST

START_TEST(says_what_is_wrong_and_where)
{
	refuses("", 1, 1, "");
	refuses("{\"version\": 1}", 0, 0, "'url' is missing");
	refuses("{\"url\": \"https://g/w\"}", 0, 0, "'version' is missing");
	refuses("{\"version\": 2, \"url\": \"https://g/w\"}", 1, 13, "must be");
	refuses("{\"version\": 1,\n \"url\": \"https://g/w\",\n"
		" \"brunch\": \"main\"}",
		3, 2, "did you mean 'branch'?");
	refuses("{\"version\": 1, \"url\": \"https://g/w\",\n"
		"\"branch\": \"-x\"}",
		2, 11, "begins with '-'");
	refuses("{\"version\": 1, \"url\": \"https://g/w\",\n"
		"\"branch\": \"refs/../..\"}",
		2, 11, "the branch");
	refuses("{\"version\": 1, \"url\": \"https://g/w\",\n"
		"\"allowed_signers\": \"signers\"}",
		2, 20, "absolute");
	refuses("{\"version\": 1, \"url\": \"https://g/w\",\n"
		"\"max_age\": \"soon\"}",
		2, 12, "must be from");
	refuses("{\"version\": 1, \"url\": \"https://g/w\",\n"
		"\"max_age\": 0}",
		2, 12, "must be from");
	refuses("{\"version\": 1, \"url\": \"https://g/w\",\n"
		"\"host\": \"../web\"}",
		2, 9, "name of a host");
	refuses("{\"version\": 1, \"url\": \"https://g/w\","
		"\"gpg_keyring\": \"/k\", \n\"gpg_signers\": \"89ABCDEF\"}",
		2, 16, "40 hexadecimal digits");
	refuses("{\"version\": 1, \"url\": \"https://g/w\","
		"\"gpg_keyring\": \"/k\"}",
		0, 0, "go together");
	refuses("{\"version\": 1, \"url\": 7}", 1, 23, "must be text");
	refuses("{\"version\": 1, \"version\": 1}", 1, 16, "");
}
END_TEST

START_TEST(tells_one_mistake_once)
{
	static const char *const wrong[] = {
		"\"gpg_keyring\": \"/k\", \"gpg_signers\": \"89ABCDEF\"",
		"\"gpg_keyring\": \"/k\", \"gpg_signers\": []",
		"\"gpg_keyring\": 7, \"gpg_signers\": "
		"\"0123456789ABCDEF0123456789ABCDEF01234567\"",
		"\"gpg_signers\": \"0123456789ABCDEF0123456789ABCDEF01234567\"",
		"\"allowed_signers\": 7, \"revoked_keys\": \"/r\"",
		"\"gpg_keyring\": \"/k\", \"revoked_keys\": \"/r\", "
		"\"gpg_signers\": \"0123456789ABCDEF0123456789ABCDEF01234567\"",
		"\"revoked_keys\": 7",
	};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		AUTO_BUF struct buf text = { 0 };
		struct reading_of r;

		buf_printf(&text,
			   "{\"version\": 1, \"url\": \"https://g/w\", %s}",
			   wrong[i]);
		read_text(&r, text.text);
		ck_assert(!r.good);
		ck_assert_msg(r.diags.n == 1, "%s: %zu", wrong[i], r.diags.n);
		release(&r);
	}
}
END_TEST

START_TEST(tells_no_password)
{
	static const char *const urls[] = {
		"https://joe:s3cret@git.example/w",
		"https://s3cret@git.example/w",
		"ssh://joe:s3cret@git.example/w",
		"https://joe:s3c@ret@git.example/w",
	};

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		AUTO_BUF struct buf text = { 0 };
		struct reading_of r;

		buf_printf(&text, "{\"version\": 1, \"url\": \"%s\"}", urls[i]);
		read_text(&r, text.text);
		ck_assert(!r.good);
		ck_assert_ptr_null(strstr(r.diags.v[0].text, "s3c"));
		ck_assert_ptr_null(strstr(r.diags.v[0].text, "joe"));
		ck_assert_ptr_nonnull(strstr(r.diags.v[0].text, "***@git"));
		release(&r);
	}
}
END_TEST

TEST_SUITE("agent", needs_little, takes_everything, takes_the_manuals_examples,
	   says_what_is_wrong_and_where, tells_one_mistake_once,
	   tells_no_password)
