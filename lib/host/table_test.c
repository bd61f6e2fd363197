/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "lib/host/table.h"
#include "lib/test.h"

static void name_is(const char *name, const char *wrong)
{
	const char *found = table_name_wrong(name, strlen(name));

	ck_assert_msg(wrong ? found && strstr(found, wrong) : !found,
		      "'%s': %s", name, found ? found : "is taken");
}

START_TEST(names)
{
	static const char *const good[] = {
		"a",  "a/b", "-rf",    "...",      "..a",
		".a", "a b", "\u00e9", "\u65e5/x", "C",
	};
	static const char *const bad[][2] = {
		{ "", "empty" },
		{ "/a", "absolute" },
		{ ".", "'.'" },
		{ "..", "leads out" },
		{ "a/..", "leads out" },
		{ "../a", "leads out" },
		{ "a/./b", "'.'" },
		{ "a//b", "empty component" },
		{ "a/", "empty component" },
		{ "a\nb", "cannot be seen" },
		{ "\x1b[0m", "cannot be seen" },
		{ "a\x7f", "cannot be seen" },
		{ "\xc2\x85", "cannot be seen" },
		{ "a\xff", "UTF-8" },
		{ "\u202e", "cannot be seen" },
		{ "\ufeff", "cannot be seen" },
		{ "a\\b", "backslash" },
		{ "C:\\x", "drive" },
		{ "C:/x", "drive" },
		{ "e\u0301", "two parts" },
	};

	for (size_t i = 0; i < COUNT(good); i++)
		name_is(good[i], NULL);
	for (size_t i = 0; i < COUNT(bad); i++)
		name_is(bad[i][0], bad[i][1]);
}
END_TEST

START_TEST(long_names)
{
	char name[5000];

	memset(name, 'a', sizeof(name));
	ck_assert_ptr_null(table_name_wrong(name, 255));
	ck_assert_ptr_nonnull(table_name_wrong(name, 256));
	for (size_t i = 1; i < sizeof(name); i += 2)
		name[i] = '/';
	ck_assert_ptr_null(table_name_wrong(name, 2 * TABLE_DEPTH - 1));
	ck_assert_ptr_nonnull(table_name_wrong(name, 2 * TABLE_DEPTH + 1));
	ck_assert_ptr_nonnull(table_name_wrong(name, 4999));
}
END_TEST

START_TEST(targets)
{
	ck_assert(table_target_stays("l", "a"));
	ck_assert(table_target_stays("l", "a/../b"));
	ck_assert(table_target_stays("d/l", ".."));
	ck_assert(table_target_stays("d/l", ".//../a"));
	ck_assert(!table_target_stays("l", ""));
	ck_assert(!table_target_stays("l", "/a"));
	ck_assert(!table_target_stays("l", ".."));
	ck_assert(!table_target_stays("l", "a/../.."));
	ck_assert(!table_target_stays("d/l", "../.."));
	ck_assert(!table_target_stays("d/l", "../../d/a"));
	ck_assert(!table_target_stays("l", "a\nb"));
}
END_TEST

/* --- what is added --- */

static struct arena arena;
static struct table table;
static struct table_maker maker;
static struct diags diags;

static void begin(void)
{
	table = (struct table){ 0 };
	maker = (struct table_maker){ .table = &table, .arena = &arena };
}

static void end(void)
{
	arena_release(&arena);
	diags_release(&diags);
}

static bool add(enum tree_type type, const char *name, const char *target,
		uint64_t size)
{
	const struct table_entry e = {
		.name = name, .type = (int)type, .target = target, .size = size
	};
	struct table_entry *added;

	return table_add(&maker, &e, &added, &diags);
}

#define REFUSES(words, ...)                                            \
	do {                                                           \
		diags_release(&diags);                                 \
		ck_assert(!add(__VA_ARGS__));                          \
		ck_assert_ptr_nonnull(strstr(diags.v[0].text, words)); \
	} while (0)

START_TEST(folders_are_implied_once)
{
	begin();
	ck_assert(add(TREE_FILE, "a/b/c", NULL, 1));
	ck_assert_uint_eq(table.n, 3);
	ck_assert_str_eq(table.v[0].name, "a");
	ck_assert_str_eq(table.v[1].name, "a/b");
	ck_assert(add(TREE_DIRECTORY, "a", NULL, 0));
	ck_assert_uint_eq(table.n, 3);
	REFUSES("'a' is there twice", TREE_DIRECTORY, "a", NULL, 0);
	REFUSES("'a/b' is there twice", TREE_FILE, "a/b", NULL, 0);
	REFUSES("'a/b/c/d' is below", TREE_FILE, "a/b/c/d", NULL, 0);
	REFUSES("only by case", TREE_FILE, "A/x", NULL, 0);
	end();
}
END_TEST

START_TEST(types)
{
	begin();
	ck_assert(add(TREE_LINK, "d/l", "../a", 0));
	REFUSES("leads out", TREE_LINK, "l", "../a", 0);
	REFUSES("leads out", TREE_LINK, "l", NULL, 0);
	REFUSES("has a target", TREE_FILE, "f", "a", 0);
	REFUSES("with content", TREE_DIRECTORY, "f", NULL, 1);
	REFUSES("not taken", TREE_ABSENT, "f", NULL, 0);
	REFUSES("a\\x0ab", TREE_FILE, "a\nb", NULL, 0);
	end();
}
END_TEST

START_TEST(sizes_add_up)
{
	begin();
	ck_assert(add(TREE_FILE, "a", NULL, TABLE_BYTES - 1));
	ck_assert(add(TREE_FILE, "b", NULL, 1));
	REFUSES("4 GiB", TREE_FILE, "c", NULL, 1);
	REFUSES("4 GiB", TREE_FILE, "d", NULL, UINT64_MAX);
	end();
}
END_TEST

/* --- what is handed over --- */

static bool append(void *context, const void *bytes, size_t n)
{
	buf_add(context, bytes, n);
	return true;
}

/* Whether the table is taken as it stands, whoever made it. */
static bool is_taken(const struct table *t)
{
	struct table top = *t, *taken;
	AUTO_BUF struct buf block = { 0 };
	struct pack p;

	table_pack(&p, pack_begin(&p, &top, sizeof(top)));
	ck_assert(pack_write(&p, append, &block));
	pack_release(&p);
	taken = unpack_begin(&p, block.text, block.size, sizeof(*taken));
	table_pack(&p, taken);
	return unpack_end(&p);
}

static bool pair_is_taken(struct table_entry one, struct table_entry other)
{
	struct table_entry v[] = { one, other };

	return is_taken(&(struct table){ .v = v, .n = 2 });
}

START_TEST(what_comes_in_is_checked)
{
	const struct table_entry a = { .name = "a",
				       .type = TREE_FILE,
				       .size = 1 };
	const struct table_entry d = { .name = "d", .type = TREE_DIRECTORY };
	struct table_entry x = { .name = "d/x", .type = TREE_FILE };

	ck_assert(pair_is_taken(d, x));
	ck_assert(!pair_is_taken(x, d));
	ck_assert(!pair_is_taken(a, a));
	ck_assert(!pair_is_taken(a, x));
	x.name = "../x";
	ck_assert(!pair_is_taken(d, x));
	x.name = "A";
	ck_assert(!pair_is_taken(a, x));
	x.name = "x";
	x.type = 9;
	ck_assert(!pair_is_taken(d, x));
	x.type = TREE_LINK;
	ck_assert(!pair_is_taken(d, x));
	x.target = "..";
	ck_assert(!pair_is_taken(d, x));
	x.target = "d";
	ck_assert(pair_is_taken(d, x));
}
END_TEST

START_TEST(copies_are_of_earlier_files)
{
	const struct table_entry a = { .name = "a",
				       .type = TREE_FILE,
				       .size = 1 };
	struct table_entry c = {
		.name = "c", .type = TREE_FILE, .size = 1, .copy = 1
	};

	ck_assert(pair_is_taken(a, c));
	ck_assert(!pair_is_taken(c, a));
	c.size = 2;
	ck_assert(!pair_is_taken(a, c));
	c.size = 1;
	c.copy = 2;
	ck_assert(!pair_is_taken(a, c));
	c.copy = SIZE_MAX;
	ck_assert(!pair_is_taken(a, c));
}
END_TEST

TEST_SUITE("table", names, long_names, targets, folders_are_implied_once, types,
	   sizes_add_up, what_comes_in_is_checked, copies_are_of_earlier_files)
