/* SPDX-License-Identifier: MIT */
#include "lib/text/object.h"

#include <string.h>

#include "lib/test.h"

#define HEX "0123456789abcdef0123456789abcdef01234567"

static void rev_is_wrong(const char *rev, const char *why)
{
	const char *wrong = rev_wrong(rev);

	if (!wrong || !strstr(wrong, why))
		ck_abort_msg("'%s': %s, not %s", rev, wrong ? wrong : "taken",
			     why);
}

START_TEST(takes_revisions)
{
	static const char *const good[] = {
		"main",     "HEAD",         "@",           "v1.0",
		"a/b",      "refs/heads/a", HEX,           "3f2c1ab",
		"main~",    "main~2",       "main^",       "main^2~3^",
		"main^0",   "main~100000",  "origin/main", "a-b",
		"\xc3\xa4", "a@b",          "a{b}",        "main~007",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (rev_wrong(good[i]))
			ck_abort_msg("'%s' %s", good[i], rev_wrong(good[i]));
}
END_TEST

START_TEST(refuses_what_is_no_revision)
{
	rev_is_wrong("", "is empty");
	rev_is_wrong("~1", "is empty");
	rev_is_wrong("-x", "begins with '-'");
	rev_is_wrong("--upload-pack=x", "begins with '-'");
	rev_is_wrong("refs/../..", "'..'");
	rev_is_wrong("main..dev", "'..'");
	rev_is_wrong("/main", "an empty component");
	rev_is_wrong("a//b", "an empty component");
	rev_is_wrong("a/", "an empty component");
	rev_is_wrong(".a", "begins with '.'");
	rev_is_wrong("a/.b", "begins with '.'");
	rev_is_wrong("a.lock", "'.lock'");
	rev_is_wrong("a.lock/b", "'.lock'");
	rev_is_wrong("a.", "ends in '.'");
	rev_is_wrong("main@{1}", "a log of references");
	rev_is_wrong("main^{tree}", "is no branch");
	rev_is_wrong("main~2x", "is no branch");
	rev_is_wrong("main~100001", "100,000");
	rev_is_wrong("main~99999999999999999999999", "100,000");
	rev_is_wrong("main:a", "a character");
	rev_is_wrong(":/fix", "a character");
	rev_is_wrong("a b", "a character");
	rev_is_wrong("a\nb", "a character");
	rev_is_wrong("a\x1b[31m", "a character");
	rev_is_wrong("a\\b", "a character");
	rev_is_wrong("a*", "a character");
}
END_TEST

START_TEST(goes_back_step_by_step)
{
	const char *rev = "main~2^^3", *at = rev + rev_base(rev);
	struct step_back step;

	ck_assert_uint_eq(rev_base(rev), 4);
	at = rev_step(at, &step);
	ck_assert(step.how == '~' && step.n == 2);
	at = rev_step(at, &step);
	ck_assert(step.how == '^' && step.n == 1);
	at = rev_step(at, &step);
	ck_assert(step.how == '^' && step.n == 3);
	ck_assert_ptr_null(rev_step(at, &step));
}
END_TEST

#define TREE "tree " HEX "\n"
#define PARENT "parent " HEX "\n"
#define AUTHOR "author Ada <ada@example.org> 1700000000 +0100\n"
#define COMMITTER "committer Bob <b@example.org> 1700000001 -0500\n"

static bool reads(const char *text, struct commit_text *c)
{
	return commit_read(text, strlen(text), c);
}

START_TEST(reads_a_commit)
{
	static const char text[] = TREE PARENT PARENT AUTHOR COMMITTER
		"gpgsig -----BEGIN\n parent x\n author y\n\nraise limit\n\nx\n";
	struct commit_text c;

	ck_assert(reads(text, &c));
	ck_assert_mem_eq(c.tree, HEX, OBJECT_HEX);
	ck_assert_uint_eq(c.nparents, 2);
	ck_assert_mem_eq(commit_parent(&c, 1), HEX "\n", OBJECT_HEX + 1);
	ck_assert_mem_eq(commit_parent(&c, 2), HEX "\nauthor", OBJECT_HEX + 7);
	ck_assert_ptr_null(commit_parent(&c, 0));
	ck_assert_ptr_null(commit_parent(&c, 3));
	ck_assert_uint_eq(c.author_size, strlen("Ada <ada@example.org>"));
	ck_assert_mem_eq(c.author, "Ada <ada@example.org>", c.author_size);
	ck_assert_int_eq(c.date, 1700000001);
	ck_assert_uint_eq(c.subject_size, strlen("raise limit"));
	ck_assert_mem_eq(c.subject, "raise limit", c.subject_size);
	ck_assert_ptr_eq(c.message, c.subject);
	ck_assert_uint_ge(c.message_size, c.subject_size);
}
END_TEST

START_TEST(a_commit_needs_no_message)
{
	struct commit_text c;

	ck_assert(reads(TREE AUTHOR COMMITTER, &c));
	ck_assert_uint_eq(c.subject_size, 0);
	ck_assert(reads(TREE AUTHOR COMMITTER "\n\n\n", &c));
	ck_assert_uint_eq(c.subject_size, 0);
	ck_assert(reads(TREE AUTHOR COMMITTER "\n\n\nlate", &c));
	ck_assert_uint_eq(c.subject_size, 4);
}
END_TEST

START_TEST(refuses_what_is_no_commit)
{
	static const char *const bad[] = {
		"",
		"tree",
		"tree 0123\n" AUTHOR COMMITTER,
		PARENT TREE AUTHOR COMMITTER,
		TREE COMMITTER,
		TREE AUTHOR,
		/* what only looks like one of its parents */
		TREE PARENT AUTHOR PARENT COMMITTER,
		TREE "author nobody\n" COMMITTER,
		TREE AUTHOR "committer B <b> 99999999999999999999999 +0000\n",
		/* another author is not the author */
		TREE "\n" AUTHOR COMMITTER,
	};
	struct commit_text c;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (reads(bad[i], &c))
			ck_abort_msg("taken: %s", bad[i]);
}
END_TEST

#define RAW "\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24"

START_TEST(reads_a_tree)
{
	static const char text[] = "100644 a\0" RAW "40000 d\0" RAW;
	size_t n = sizeof(text) - 1;
	struct tree_item item;
	const char *at = tree_item_read(&item, text, n);

	ck_assert(item.mode == MODE_FILE && strcmp(item.name, "a") == 0);
	ck_assert_mem_eq(item.id, RAW, OBJECT_RAW);
	at = tree_item_read(&item, at, (size_t)(text + n - at));
	ck_assert(item.mode == MODE_FOLDER && strcmp(item.name, "d") == 0);
	ck_assert_ptr_eq(at, text + n);
	for (size_t i = 0; i < strlen("100644 a") + 1 + OBJECT_RAW; i++)
		ck_assert_ptr_null(tree_item_read(&item, text, i));
}
END_TEST

static const char *item_wrong(unsigned mode, const char *name)
{
	const struct tree_item item = { .mode = mode, .name = name };

	return tree_item_wrong(&item);
}

START_TEST(refuses_entries)
{
	static const char *const evil[] = {
		".git",     ".GIT",  ".Git ", ".git.",
		".git . .", "git~1", "GIT~2", ".git::$INDEX_ALLOCATION",
		".git:x",   "a/b",   "/a",
	};
	static const unsigned modes[] = { 0,      0100666, 0100664, 0104755,
					  020000, 0160000, 0777777 };

	for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++)
		if (!item_wrong(MODE_FILE, evil[i]))
			ck_abort_msg("taken: %s", evil[i]);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		ck_assert_ptr_nonnull(item_wrong(modes[i], "a"));
	ck_assert_ptr_null(item_wrong(MODE_FILE, ".gitignore"));
	ck_assert_ptr_null(item_wrong(MODE_PROGRAM, "git"));
	ck_assert_ptr_null(item_wrong(MODE_FOLDER, ".github"));
	ck_assert_ptr_null(item_wrong(MODE_LINK, "a:b"));
}
END_TEST

static bool is_before(unsigned mode, const char *name, unsigned other,
		      const char *then)
{
	const struct tree_item a = { .mode = mode, .name = name };
	const struct tree_item b = { .mode = other, .name = then };

	return tree_item_before(&a, &b);
}

START_TEST(knows_the_order_of_git)
{
	ck_assert(is_before(MODE_FILE, "a", MODE_FILE, "b"));
	ck_assert(!is_before(MODE_FILE, "b", MODE_FILE, "a"));
	ck_assert(!is_before(MODE_FILE, "a", MODE_FILE, "a"));
	ck_assert(is_before(MODE_FILE, "a", MODE_FILE, "aa"));
	ck_assert(is_before(MODE_FILE, "a.b", MODE_FOLDER, "a"));
	ck_assert(is_before(MODE_FOLDER, "a", MODE_FILE, "a0"));
	ck_assert(!is_before(MODE_FOLDER, "a", MODE_FILE, "a.b"));
	ck_assert(is_before(MODE_FILE, "a", MODE_FOLDER, "a"));
	ck_assert(is_before(MODE_FILE, "a", MODE_FILE, "\xc3\xa4"));
}
END_TEST

TEST_SUITE("object", takes_revisions, refuses_what_is_no_revision,
	   goes_back_step_by_step, reads_a_commit, a_commit_needs_no_message,
	   refuses_what_is_no_commit, reads_a_tree, refuses_entries,
	   knows_the_order_of_git)
