/* SPDX-License-Identifier: MIT */
#include "lib/text/edit/edit_test.h"

static bool edit(const void *wish, const struct edit_text *t, struct edited *e,
		 struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct host_found found;

	return edit_host(wish, t, e, &found, &a, d);
}

static struct strings aliases_of(size_t n, const char **v)
{
	return (struct strings){ .v = v, .n = n };
}

static void each(const struct host_wish *wish, size_t n,
		 const char *const (*texts)[2])
{
	for (size_t i = 0; i < n; i++)
		edits(edit, wish, texts[i][0], texts[i][1]);
}

#define EACH(texts, ...) \
	each(&(struct host_wish){ __VA_ARGS__ }, COUNT(texts), texts)

START_TEST(has_a_line_of_its_own)
{
	static const char *const texts[][2] = {
		{ "", "10.0.0.1 web\n" },
		{ "# hosts\n", "# hosts\n10.0.0.1 web\n" },
		{ "127.0.0.1\tlocalhost",
		  "127.0.0.1\tlocalhost\n10.0.0.1\tweb\n" },
		{ "10.0.0.2 web\n", "10.0.0.1 web\n" },
		{ " 10.0.0.2\t web  w # x\r\n", " 10.0.0.1\t web  w # x\r\n" },
		{ "10.0.0.2 web#x\n", "10.0.0.1 web#x\n" },
		{ "10.0.0.1 db web # two\n",
		  "10.0.0.1 db # two\n10.0.0.1 web\n" },
		{ "10.0.0.2 db web www\n", "10.0.0.2 db www\n10.0.0.1 web\n" },
		{ "10.0.0.1 web\n10.0.0.2 web\n", "10.0.0.1 web\n" },
		{ "10.0.0.2 a web\n10.0.0.1 web\n",
		  "10.0.0.2 a\n10.0.0.1 web\n" },
		{ "10.0.0.1 web w web\n", "10.0.0.1 web w\n" },
		{ "::1 web\n", "::1 web\n10.0.0.1 web\n" },
		{ "#10.0.0.1 web\n", "#10.0.0.1 web\n10.0.0.1 web\n" },
		{ "nonsense web\n", "nonsense web\n10.0.0.1 web\n" },
		{ "10.0.0.1 website\n", "10.0.0.1 website\n10.0.0.1 web\n" },
		{ "10.0.0.1 web", NULL },
		{ "10.0.0.1\tWEB any other\n", NULL },
	};

	EACH(texts, .name = "web", .ip = "10.0.0.1");
}
END_TEST

START_TEST(aliases_are_a_set)
{
	const char *v[] = { "a", "b" };
	struct strings two = aliases_of(2, v), none = { 0 };
	static const char *const texts[][2] = {
		{ "", "10.0.0.1 web a b\n" },
		{ "10.0.0.1 web\n", "10.0.0.1 web a b\n" },
		{ "10.0.0.1 web  b c # x\n", "10.0.0.1 web  b a # x\n" },
		{ "10.0.0.1 web b b\n", "10.0.0.1 web b a\n" },
		{ "10.0.0.2 web c\n10.0.0.1 web a b\n",
		  "10.0.0.2 c\n10.0.0.1 web a b\n" },
		{ "10.0.0.2 web a\n10.0.0.3 web b c\n",
		  "10.0.0.1 web a b\n10.0.0.3 c\n" },
		{ "10.0.0.1 web b A\n", NULL },
		{ "10.0.0.1 web a b", NULL },
	};
	static const char *const nones[][2] = {
		{ "10.0.0.1 web a # x\n", "10.0.0.1 web # x\n" },
		{ "10.0.0.1 web\n", NULL },
	};

	EACH(texts, .name = "web", .ip = "10.0.0.1", .aliases = &two);
	EACH(nones, .name = "web", .ip = "10.0.0.1", .aliases = &none);
}
END_TEST

START_TEST(addresses_have_many_spellings)
{
	static const char *const texts[][2] = {
		{ "fe80:0:0::1 web\n", NULL },
		{ "FE80::1 web\n", NULL },
		{ "10.0.0.1 web\n", "10.0.0.1 web\nfe80::1 web\n" },
		{ "fe80::2 web\n", "fe80::1 web\n" },
	};

	EACH(texts, .name = "web", .ip = "fe80::1");
}
END_TEST

START_TEST(removes_a_name)
{
	static const char *const all[][2] = {
		{ "10.0.0.1 web\n10.0.0.2 db\n", "10.0.0.2 db\n" },
		{ "10.0.0.1 web w # x\n", "10.0.0.1 w # x\n" },
		{ "10.0.0.1\tdb\tweb\n::1 web\n", "10.0.0.1\tdb\n" },
		{ "10.0.0.1 web", "" },
		{ "::1 web\n" MARK "10.0.0.1 w web\n" MARK "::1 web",
		  MARK "10.0.0.1 w\n" },
		{ "#10.0.0.1 web\n", NULL },
		{ "", NULL },
	};
	static const char *const one[][2] = {
		{ "10.0.0.1 web\n10.0.0.2 web\n", "10.0.0.2 web\n" },
		{ "10.0.0.2 web\n", NULL },
	};

	EACH(all, .name = "web", .absent = true);
	EACH(one, .name = "web", .ip = "10.0.0.1", .absent = true);
}
END_TEST

START_TEST(knows_names_and_addresses)
{
	static const char *const bad[] = { "",        ".",   "a.",  ".a",
					   "a..b",    "-a",  "a-",  "a_b",
					   "a b",     "a\n", "a#b", "a.-b",
					   "\xc3\xa4" };
	static const char *const good[] = { "a", "1", "a-b.c9", "A.B" };
	static const char *const addresses[] = { "",           "10.0.0",
						 "10.0.0.256", "10.0.0.1/8",
						 "::g",        "web",
						 "10.0.0.1 ",  "fe80::1%eth0" };
	char label[65] = { 0 };

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(edit_host_name_wrong(bad[i]) != NULL, "%s",
			      bad[i]);
	for (size_t i = 0; i < COUNT(good); i++)
		ck_assert_msg(!edit_host_name_wrong(good[i]), "%s", good[i]);
	for (size_t i = 0; i < COUNT(addresses); i++)
		ck_assert_msg(edit_address_wrong(addresses[i]) != NULL, "%s",
			      addresses[i]);
	ck_assert_ptr_null(edit_address_wrong("10.0.0.1"));
	ck_assert_ptr_null(edit_address_wrong("::ffff:10.0.0.1"));
	memset(label, 'a', 64);
	ck_assert_ptr_nonnull(edit_host_name_wrong(label));
	label[63] = '\0';
	ck_assert_ptr_null(edit_host_name_wrong(label));
}
END_TEST

TEST_SUITE("edit_host", has_a_line_of_its_own, aliases_are_a_set,
	   addresses_have_many_spellings, removes_a_name,
	   knows_names_and_addresses)
