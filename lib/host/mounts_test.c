/* SPDX-License-Identifier: MIT */
#include "lib/host/mounts.h"

#include <string.h>

#include "lib/test.h"

static const char info[] =
	"22 27 0:21 / /proc rw,relatime - proc proc rw\n"
	"36 35 98:0 /mnt1 /a\\040b rw,noatime master:1 shared:2 - ext3 "
	"/dev/r\\134t rw,errors=continue\n"
	"37 36 0:9 / /a\\040b ro - tmpfs none rw,size=4k\n"
	"38 36 0:9 / /c rw -";

START_TEST(the_last_on_a_target_is_seen)
{
	struct arena a = { 0 };
	struct mount m;

	ck_assert(mounts_find(info, "/a b", &a, &m));
	ck_assert_str_eq(m.type, "tmpfs");
	ck_assert_str_eq(m.source, "none");
	ck_assert_str_eq(m.options, "ro");
	ck_assert_str_eq(m.super, "rw,size=4k");
	ck_assert(mounts_find(info, "/proc", &a, &m));
	ck_assert_str_eq(m.type, "proc");
	ck_assert(!mounts_find(info, "/a", &a, &m));
	ck_assert(!mounts_find("", "/a", &a, &m));
	/* half a line is none */
	ck_assert(!mounts_find(info, "/c", &a, &m));
	arena_release(&a);
}
END_TEST

START_TEST(a_change_is_seen_after_it)
{
	struct mount_change c = { .what = MOUNT_GONE,
				  .mount = { .target = "/a b" } };
	AUTO_BUF struct buf less = { 0 };
	AUTO_BUF struct buf more = { 0 };
	AUTO_BUF struct buf other = { 0 };
	struct arena a = { 0 };
	struct mount m;

	mounts_apply(&less, info, &c);
	ck_assert(mounts_find(less.text, "/a b", &a, &m));
	ck_assert_str_eq(m.type, "ext3");
	ck_assert_str_eq(m.source, "/dev/r\\t");
	c = (struct mount_change){ .what = MOUNT_NEW,
				   .mount = { .source = "x y",
					      .target = "/a b",
					      .type = "xfs",
					      .options = "ro,a=b" } };
	mounts_apply(&more, less.text, &c);
	ck_assert(mounts_find(more.text, "/a b", &a, &m));
	ck_assert_str_eq(m.source, "x y");
	ck_assert_str_eq(m.options, "ro,a=b");
	c.what = MOUNT_AGAIN;
	c.mount.options = "rw";
	mounts_apply(&other, more.text, &c);
	ck_assert(mounts_find(other.text, "/a b", &a, &m));
	ck_assert_str_eq(m.options, "rw");
	ck_assert_str_eq(m.type, "xfs");
	arena_release(&a);
}
END_TEST

START_TEST(names_come_back_as_they_were)
{
	static const char *const names[] = { "",      "a",   "a b\t\n\\c#",
					     "\\040", "\\9", "\xc3\xa4" };
	struct arena a = { 0 };

	for (size_t i = 0; i < COUNT(names); i++) {
		AUTO_BUF struct buf b = { 0 };

		mounts_encode(&b, names[i]);
		ck_assert_ptr_null(strpbrk(buf_text(&b), " \t\n#"));
		ck_assert_str_eq(mounts_decode(buf_text(&b), b.size, &a),
				 names[i]);
	}
	/* what is no escape is itself */
	ck_assert_str_eq(mounts_decode("a\\0", 3, &a), "a\\0");
	ck_assert_str_eq(mounts_decode("\\777", 4, &a), "\\777");
	arena_release(&a);
}
END_TEST

TEST_SUITE("mounts", the_last_on_a_target_is_seen, a_change_is_seen_after_it,
	   names_come_back_as_they_were)
