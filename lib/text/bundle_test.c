/* SPDX-License-Identifier: MIT */
#include "lib/text/bundle.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/test.h"

#define ID "0123456789abcdef0123456789abcdef01234567"
#define SUM ID "0123456789abcdef01234567"
#define BEGIN "{\"format\": \"converge.bundle/1\", "
#define REVISION "\"revision\": \"" ID "\", "
#define HOSTS "\"hosts\": [\"db\", \"web\"], "
#define END "\"objects\": 7, \"sha256\": \"" SUM "\"}"

static struct arena arena;
static struct diags diags;
static struct bundle_head head;

static bool take(const char *text)
{
	return bundle_head_read(&head, text, strlen(text), "b/bundle.json",
				&arena, &diags);
}

static void release(void)
{
	arena_release(&arena);
	diags_release(&diags);
}

static void refuses(const char *text, const char *says)
{
	ck_assert(!take(text));
	ck_assert_uint_eq(diags.errors, 1);
	ck_assert_msg(strstr(diags.v[0].text, says), "%s", diags.v[0].text);
	ck_assert_str_eq(diags.v[0].place.file, "b/bundle.json");
	ck_assert_ptr_null(diags.place.file);
	release();
}

START_TEST(comes_back_as_it_was)
{
	struct bundle_head made = {
		.commit = ID, .path = "sites/eu", .objects = 7, .sha256 = SUM
	};
	json_t *j;
	char *text;

	strings_add(&made.hosts, &arena, "db");
	strings_add(&made.hosts, &arena, "web");
	for (int i = 0; i < 2; i++) {
		j = bundle_head_json(&made);
		text = json_dumps(j, 0);
		ck_assert(take(text));
		ck_assert_str_eq(head.commit, ID);
		ck_assert_str_eq(head.path, made.path);
		ck_assert(strings_equal(&head.hosts, &made.hosts));
		ck_assert_uint_eq(head.objects, 7);
		ck_assert_str_eq(head.sha256, SUM);
		free(text);
		json_decref(j);
		made.path = "";
	}
	release();
}
END_TEST

START_TEST(takes_nothing_else)
{
	ck_assert(take(BEGIN REVISION HOSTS END));
	release();
	refuses("", "");
	refuses("[]", "");
	refuses("{}", "'format' is missing");
	refuses("{\"format\": \"converge.bundle/2\"}", "'format' is not one");
	refuses(BEGIN HOSTS END, "'revision' is missing");
	refuses(BEGIN "\"revision\": \"main\", " HOSTS END, "'revision' must");
	refuses(BEGIN "\"revision\": 1, " HOSTS END, "'revision' must");
	refuses(BEGIN REVISION END, "'hosts' is missing");
	refuses(BEGIN REVISION "\"hosts\": [], " END, "'hosts' must be a list");
	refuses(BEGIN REVISION "\"hosts\": \"a\", " END, "'hosts' must be a");
	refuses(BEGIN REVISION "\"hosts\": [7], " END, "names of hosts");
	refuses(BEGIN REVISION "\"hosts\": [\"a/b\"], " END, "names of hosts");
	refuses(BEGIN REVISION "\"hosts\": [\"..\"], " END, "names of hosts");
	refuses(BEGIN REVISION "\"hosts\": [\"b\", \"a\"], " END, "sorted");
	refuses(BEGIN REVISION "\"hosts\": [\"a\", \"a\"], " END, "sorted");
	refuses(BEGIN REVISION HOSTS "\"path\": \"../x\", " END, "'path'");
	refuses(BEGIN REVISION HOSTS "\"path\": \"\", " END, "'path'");
	refuses(BEGIN REVISION HOSTS "\"more\": 1, " END, "not known");
	refuses(BEGIN REVISION HOSTS "\"objects\": 0, \"sha256\": \"" SUM "\"}",
		"'objects' must be");
	refuses(BEGIN REVISION HOSTS "\"objects\": 1, \"sha256\": \"" ID "\"}",
		"'sha256' must be");
}
END_TEST

static bool add_bytes(void *context, const void *bytes, size_t n)
{
	buf_add(context, bytes, n);
	return true;
}

/* What a confined process answers is looked at once more. */
START_TEST(is_not_believed_across_a_pipe)
{
	static const struct bundle_head bad[] = {
		{ .commit = "main", .path = "", .sha256 = SUM },
		{ .commit = ID, .path = "../x", .sha256 = SUM },
		{ .commit = ID, .path = "", .sha256 = "" },
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		AUTO_BUF struct buf bytes = { 0 };
		struct bundle_head from = bad[i], *to;
		struct pack p;

		strings_add(&from.hosts, &arena, "a");
		bundle_head_pack(&p, pack_begin(&p, &from, sizeof(from)));
		ck_assert(pack_write(&p, add_bytes, &bytes));
		pack_release(&p);
		to = unpack_begin(&p, bytes.text, bytes.size, sizeof(*to));
		ck_assert_ptr_nonnull(to);
		bundle_head_pack(&p, to);
		ck_assert(!unpack_end(&p));
	}
	release();
}
END_TEST

TEST_SUITE("bundle", comes_back_as_it_was, takes_nothing_else,
	   is_not_believed_across_a_pipe)
