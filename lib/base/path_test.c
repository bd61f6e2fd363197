/* SPDX-License-Identifier: MIT */
#include "lib/base/path.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/test.h"

struct wrong {
	const char *path, *want; /* NULL: nothing is wrong */
};

static void check_wrong(const char *path, const char *have, const char *want)
{
	ck_assert_msg(!have == !want && (!want || strstr(have, want)),
		      "'%s': have '%s', want '%s'", path, have ? have : "",
		      want ? want : "");
}

START_TEST(accepts_or_says_what_is_wrong)
{
	static const struct wrong cases[] = {
		{ "/", NULL },
		{ "/a", NULL },
		{ "/etc/motd", NULL },
		{ "/etc/.hidden", NULL },
		{ "/etc/...", NULL },
		{ "/etc/..a/.b./c..", NULL },
		{ "/a b/$HOME/~/*?[x]", NULL },
		{ "/\\", NULL },
		{ "/caf\xc3\xa9/\xf0\x9f\x98\x80", NULL },
		{ "", "empty" },
		{ "etc", "absolute" },
		{ ".", "absolute" },
		{ "..", "absolute" },
		{ "~", "absolute" },
		{ "~/x", "absolute" },
		{ "$HOME", "absolute" },
		{ " /etc", "absolute" },
		{ "file:///etc", "absolute" },
		{ "//", "'//'" },
		{ "///", "'//'" },
		{ "//etc", "'//'" },
		{ "/etc//motd", "'//'" },
		{ "/etc/", "end in '/'" },
		{ "/.", "'.'" },
		{ "/..", "'..'" },
		{ "/./etc", "'.'" },
		{ "/etc/.", "'.'" },
		{ "/etc/../etc", "'..'" },
		{ "/etc/..", "'..'" },
		{ "/etc\n", "control" },
		{ "/a\x1b[0m", "control" },
		{ "/a\tb", "control" },
		{ "/a\x7f", "control" },
		{ "/a\xc2\x9b", "control" },
		{ "/\xff", "UTF-8" },
		{ "/\xc0\xaf", "UTF-8" },
		{ "/\xed\xa0\x80", "UTF-8" },
		{ "/a\xe2\x82", "UTF-8" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_wrong(cases[i].path, path_wrong(cases[i].path),
			    cases[i].want);
}
END_TEST

START_TEST(accepts_or_says_what_is_wrong_with_a_relative_path)
{
	static const struct wrong cases[] = {
		{ "motd", NULL },       { "templates/motd", NULL },
		{ ".gitignore", NULL }, { "a/.github/b", NULL },
		{ "git", NULL },        { "a.git", NULL },
		{ "~", NULL },          { "", "empty" },
		{ "/", "relative" },    { "/etc", "relative" },
		{ "a/", "end in '/'" }, { "a//b", "'//'" },
		{ ".", "'.'" },         { "..", "'..'" },
		{ "../a", "'..'" },     { "a/../b", "'..'" },
		{ "a/..", "'..'" },     { "./a", "'.'" },
		{ "a\nb", "control" },  { "a\xff", "UTF-8" },
		{ ".git", "'.git'" },   { ".git/config", "'.git'" },
		{ "a/.git", "'.git'" }, { "a/.GIT/b", "'.git'" },
		{ "a/.Git", "'.git'" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_wrong(cases[i].path, path_relative_wrong(cases[i].path),
			    cases[i].want);
}
END_TEST

/* A path of size bytes, with names of at most each. */
static void make(struct buf *b, size_t size, size_t each)
{
	while (b->size < size) {
		size_t n =
			size - b->size - 1 < each ? size - b->size - 1 : each;

		buf_putc(b, '/');
		memset(buf_reserve(b, n), 'x', n);
		b->size += n;
	}
	b->text[b->size] = '\0';
}

START_TEST(limits_lengths)
{
	AUTO_BUF struct buf b = { 0 };

	make(&b, 256, 255);
	ck_assert_ptr_null(path_wrong(b.text));
	ck_assert_ptr_null(path_relative_wrong(b.text + 1));
	buf_clear(&b);
	make(&b, 257, 256);
	check_wrong(b.text, path_wrong(b.text), "255");
	check_wrong(b.text, path_relative_wrong(b.text + 1), "255");
	buf_clear(&b);
	make(&b, 4095, 100);
	ck_assert_ptr_null(path_wrong(b.text));
	buf_clear(&b);
	make(&b, 4096, 100);
	check_wrong(b.text, path_wrong(b.text), "4095");
	ck_assert_ptr_null(path_relative_wrong(b.text + 1));
	buf_putc(&b, 'x');
	check_wrong(b.text, path_relative_wrong(b.text + 1), "4095");
	/* bytes, not letters */
	buf_clear(&b);
	buf_putc(&b, '/');
	for (int i = 0; i < 128; i++)
		buf_puts(&b, "\xc3\xa9");
	check_wrong(b.text, path_wrong(b.text), "255");
}
END_TEST

START_TEST(splits_parent_and_name)
{
	static const struct {
		const char *path;
		size_t parent;
		const char *name;
	} cases[] = {
		{ "/etc/motd", 4, "motd" },
		{ "/etc", 1, "etc" },
		{ "/", 1, "" },
		{ "/a/b/c", 4, "c" },
		{ "motd", 0, "motd" },
		{ "templates/motd", 9, "motd" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		ck_assert_uint_eq(path_parent(cases[i].path), cases[i].parent);
		ck_assert_str_eq(path_name(cases[i].path), cases[i].name);
	}
}
END_TEST

START_TEST(below_goes_by_components)
{
	ck_assert(path_below("/etc/motd", "/etc", false));
	ck_assert(path_below("/etc/a/b", "/etc", false));
	ck_assert(path_below("/etc", "/", false));
	ck_assert(path_below("/etc/motd", "/", true));
	ck_assert(!path_below("/etcetera", "/etc", true));
	ck_assert(!path_below("/et", "/etc", true));
	ck_assert(!path_below("/", "/etc", true));
	ck_assert(!path_below("/var/etc", "/etc", true));
	ck_assert(!path_below("/etc", "/etc/motd", true));
	ck_assert(!path_below("/ETC/motd", "/etc", true));
	ck_assert(path_below("a/b", "a", false));
	ck_assert(!path_below("/etc", "", true));
}
END_TEST

START_TEST(or_equal_decides_about_the_folder_itself)
{
	ck_assert(path_below("/etc", "/etc", true));
	ck_assert(!path_below("/etc", "/etc", false));
	ck_assert(path_below("/", "/", true));
	ck_assert(!path_below("/", "/", false));
}
END_TEST

START_TEST(foreign_is_what_the_kernel_or_converge_owns)
{
	static const char *const foreign[] = {
		"/proc",
		"/proc/sys/kernel/hostname",
		"/sys",
		"/sys/class",
		"/dev",
		"/dev/sda",
		"/dev/shm/x",
		"/run/converge",
		"/run/converge/lock",
		"/var/run/converge/lock",
	};
	static const char *const ours[] = {
		"/",         "/etc",     "/process",       "/devel",
		"/system",   "/run",     "/run/other",     "/run/convergence",
		"/etc/proc", "/srv/dev", "/home/proc/sys",
	};

	for (size_t i = 0; i < COUNT(foreign); i++)
		ck_assert_msg(path_is_foreign(foreign[i]), "%s", foreign[i]);
	for (size_t i = 0; i < COUNT(ours); i++)
		ck_assert_msg(!path_is_foreign(ours[i]), "%s", ours[i]);
}
END_TEST

START_TEST(protected_is_what_a_host_cannot_lose)
{
	static const char *const kept[] = {
		"/",           "/bin",     "/boot",    "/dev",   "/etc",
		"/home",       "/lib",     "/lib32",   "/lib64", "/libx32",
		"/media",      "/mnt",     "/opt",     "/proc",  "/root",
		"/run",        "/sbin",    "/srv",     "/sys",   "/tmp",
		"/usr",        "/usr/bin", "/usr/lib", "/var",   "/var/lib",
		"/etc/passwd",
	};
	static const char *const removable[] = {
		"/etc/motd",  "/home/anna", "/usr/local/bin", "/opt/x",
		"/lib/x",     "/lib64/x",   "/srv/www",       "/tmp/x",
		"/var/lib/x", "/data",      "/homes",         "/etc2",
		"/usr/lib/x", "/root/.ssh",
	};

	for (size_t i = 0; i < COUNT(kept); i++)
		ck_assert_msg(path_is_protected(kept[i]), "%s", kept[i]);
	for (size_t i = 0; i < COUNT(removable); i++)
		ck_assert_msg(!path_is_protected(removable[i]), "%s",
			      removable[i]);
}
END_TEST

START_TEST(parents_are_found_without_a_copy)
{
	static const char path[] = "/a/bc/d";
	size_t n = sizeof(path) - 1;

	ck_assert_uint_eq(n = path_parent_of(path, n), 5);
	ck_assert_uint_eq(n = path_parent_of(path, n), 2);
	ck_assert_uint_eq(n = path_parent_of(path, n), 1);
	ck_assert_uint_eq(path_parent_of(path, n), 1);
	ck_assert_uint_eq(path_parent_of("a/b", 3), 1);
	ck_assert_uint_eq(path_parent_of("a/b", 1), 0);
	ck_assert_uint_eq(path_parent_of("", 0), 0);
}
END_TEST

TEST_SUITE("path", accepts_or_says_what_is_wrong,
	   accepts_or_says_what_is_wrong_with_a_relative_path, limits_lengths,
	   splits_parent_and_name, parents_are_found_without_a_copy,
	   below_goes_by_components, or_equal_decides_about_the_folder_itself,
	   foreign_is_what_the_kernel_or_converge_owns,
	   protected_is_what_a_host_cannot_lose)
