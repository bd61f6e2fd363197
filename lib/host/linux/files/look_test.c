/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "lib/host/linux/linux.h"
#include "lib/test.h"

enum { NOBODY = 65534 };

static char root[64];
static int root_fd;
static struct host *host;
static struct arena arena;
static struct diags diags;

static void set_up(void)
{
	struct linux_options options = { .root = root, .backup_fd = -1 };

	snprintf(root, sizeof(root), "/tmp/converge-look-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(root_fd, 0);
	diags_release(&diags);
	host = host_linux(&options, &diags);
	ck_assert_ptr_nonnull(host);
}

static int remove_one(const char *path, const struct stat *s, int flag,
		      struct FTW *ftw)
{
	(void)s;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void tear_down(void)
{
	host_close(host);
	close(root_fd);
	arena_release(&arena);
	diags_release(&diags);
	ck_assert_int_eq(nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void file_of(const char *path, const void *bytes, size_t size)
{
	int fd = openat(root_fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), size);
	close(fd);
}

static void file(const char *path, const char *text)
{
	file_of(path, text, strlen(text));
}

static void folder(const char *path)
{
	ck_assert_int_eq(mkdirat(root_fd, path, 0755), 0);
}

static struct node look(const char *path)
{
	struct node n;

	ck_assert_msg(host_look(host, path, &n, &diags), "%s",
		      diags.n ? diags.v[0].text : path);
	ck_assert_uint_eq(diags.n, 0);
	return n;
}

static enum match compare(const char *path, const struct content *c)
{
	enum match m;

	ck_assert_msg(host_compare(host, path, c, &m, &diags), "%s",
		      diags.n ? diags.v[0].text : path);
	ck_assert_uint_eq(diags.n, 0);
	return m;
}

static enum match compare_text(const char *path, const char *text)
{
	struct content c = content_of(text, strlen(text));

	return compare(path, &c);
}

static void check_error(const char *text)
{
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.v[0].text, text);
	diags_release(&diags);
}

static size_t count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

START_TEST(looks_at_what_is_there)
{
	struct node n;

	set_up();
	folder("a");
	file("a/f", "12345");
	n = look("/a/f");
	ck_assert_int_eq(n.type, NODE_FILE);
	ck_assert_uint_eq(n.size, 5);
	ck_assert_uint_eq(n.mode, 0644);
	ck_assert_uint_ne(n.inode, 0);
	ck_assert_int_eq(look("/a").type, NODE_DIRECTORY);
	ck_assert_int_eq(look("/").type, NODE_DIRECTORY);
	ck_assert_uint_eq(look("/").mode, 0700);
	tear_down();
}
END_TEST

START_TEST(what_is_missing_is_absent)
{
	set_up();
	file("f", "");
	ck_assert_int_eq(mkfifoat(root_fd, "fifo", 0666), 0);
	ck_assert_int_eq(look("/none").type, NODE_ABSENT);
	ck_assert_int_eq(look("/none/x/y").type, NODE_ABSENT);
	ck_assert_int_eq(look("/f/x").type, NODE_ABSENT);
	ck_assert_int_eq(look("/fifo/x").type, NODE_ABSENT);
	ck_assert_uint_eq(look("/none").inode, 0);
	tear_down();
}
END_TEST

START_TEST(a_link_is_looked_at_itself)
{
	set_up();
	file("f", "12345");
	ck_assert_int_eq(symlinkat("f", root_fd, "l"), 0);
	ck_assert_int_eq(symlinkat("none", root_fd, "dangling"), 0);
	ck_assert_int_eq(symlinkat("loop", root_fd, "loop"), 0);
	ck_assert_int_eq(look("/l").type, NODE_LINK);
	ck_assert_int_eq(look("/dangling").type, NODE_LINK);
	ck_assert_int_eq(look("/loop").type, NODE_LINK);
	tear_down();
}
END_TEST

START_TEST(what_may_not_be_walked_is_an_error_of_every_look)
{
	AUTO_BUF struct buf out = { 0 };
	struct content c = content_of("", 0);
	struct strings names;
	const char *target;
	struct node n;
	enum match m;
	bool whole;

	set_up();
	folder("w");
	ck_assert_int_eq(fchmodat(root_fd, "w", 0777, 0), 0);
	file("w/f", "");
	ck_assert(!host_look(host, "/w/f", &n, &diags));
	ck_assert_int_eq(n.type, NODE_ABSENT);
	ck_assert(!host_read_link(host, "/w/f", &arena, &target, &diags));
	ck_assert(!host_list(host, "/w/f", &arena, &names, &diags));
	ck_assert(!host_compare(host, "/w/f", &c, &m, &diags));
	ck_assert_int_eq(m, MATCH_UNKNOWN);
	ck_assert(!host_read(host, "/w/f", 10, &out, &whole, &diags));
	ck_assert(!host_digest(host, "/w/f", &c, &diags));
	ck_assert_uint_eq(diags.n, 6);
	for (size_t i = 0; i < diags.n; i++)
		ck_assert_ptr_nonnull(strstr(diags.v[i].text, "'/w' is a "));
	tear_down();
}
END_TEST

START_TEST(reads_the_target_of_a_link)
{
	char longest[PATH_MAX];
	const char *target;

	set_up();
	ck_assert_int_eq(symlinkat("../x y/z", root_fd, "l"), 0);
	ck_assert(host_read_link(host, "/l", &arena, &target, &diags));
	ck_assert_str_eq(target, "../x y/z");
	memset(longest, 't', sizeof(longest));
	longest[PATH_MAX - 1] = '\0';
	ck_assert_int_eq(symlinkat(longest, root_fd, "long"), 0);
	ck_assert(host_read_link(host, "/long", &arena, &target, &diags));
	ck_assert_str_eq(target, longest);
	tear_down();
}
END_TEST

START_TEST(what_is_no_link_has_no_target)
{
	const char *target;

	set_up();
	file("f", "");
	ck_assert(!host_read_link(host, "/f", &arena, &target, &diags));
	check_error("'/f' is a file, not a link");
	ck_assert(!host_read_link(host, "/", &arena, &target, &diags));
	check_error("'/' is a directory, not a link");
	ck_assert(!host_read_link(host, "/none", &arena, &target, &diags));
	check_error("cannot read '/none': No such file or directory");
	ck_assert(!host_read_link(host, "/none/x", &arena, &target, &diags));
	check_error("cannot read '/none/x': No such file or directory");
	ck_assert_ptr_null(target);
	tear_down();
}
END_TEST

START_TEST(lists_are_sorted)
{
	struct strings names;

	set_up();
	folder("d");
	file("d/b", "");
	file("d/a", "");
	file("d/.c", "");
	ck_assert(host_list(host, "/d", &arena, &names, &diags));
	ck_assert_uint_eq(names.n, 3);
	ck_assert_str_eq(names.v[0], ".c");
	ck_assert_str_eq(names.v[1], "a");
	ck_assert_str_eq(names.v[2], "b");
	ck_assert(host_list(host, "/", &arena, &names, &diags));
	ck_assert_uint_eq(names.n, 1);
	ck_assert_str_eq(names.v[0], "d");
	tear_down();
}
END_TEST

START_TEST(what_is_no_folder_is_not_listed)
{
	struct strings names;

	set_up();
	folder("d");
	file("f", "");
	ck_assert_int_eq(mkfifoat(root_fd, "fifo", 0666), 0);
	ck_assert_int_eq(symlinkat("d", root_fd, "l"), 0);
	ck_assert(!host_list(host, "/f", &arena, &names, &diags));
	check_error("'/f' is a file, not a directory");
	ck_assert(!host_list(host, "/fifo", &arena, &names, &diags));
	check_error("'/fifo' is a FIFO, not a directory");
	ck_assert(!host_list(host, "/l", &arena, &names, &diags));
	check_error("'/l' is a link, not a directory");
	ck_assert(!host_list(host, "/none", &arena, &names, &diags));
	check_error("cannot list '/none': No such file or directory");
	ck_assert(!host_list(host, "/none/x", &arena, &names, &diags));
	check_error("cannot list '/none/x': No such file or directory");
	tear_down();
}
END_TEST

START_TEST(compares_bytes)
{
	struct content zero = content_of("a\0b", 3);

	set_up();
	file("f", "abc");
	file("empty", "");
	file_of("zero", "a\0b", 3);
	ck_assert_int_eq(compare_text("/f", "abc"), MATCH_SAME);
	ck_assert_int_eq(compare_text("/f", "abd"), MATCH_DIFFERENT);
	ck_assert_int_eq(compare_text("/f", "xbc"), MATCH_DIFFERENT);
	ck_assert_int_eq(compare_text("/f", "ab"), MATCH_DIFFERENT);
	ck_assert_int_eq(compare_text("/f", "abcd"), MATCH_DIFFERENT);
	ck_assert_int_eq(compare_text("/f", ""), MATCH_DIFFERENT);
	ck_assert_int_eq(compare_text("/empty", ""), MATCH_SAME);
	ck_assert_int_eq(compare_text("/empty", "a"), MATCH_DIFFERENT);
	ck_assert_int_eq(compare("/zero", &zero), MATCH_SAME);
	file_of("zero", "a\0c", 3);
	ck_assert_int_eq(compare("/zero", &zero), MATCH_DIFFERENT);
	tear_down();
}
END_TEST

START_TEST(what_is_absent_differs)
{
	set_up();
	ck_assert_int_eq(compare_text("/none", ""), MATCH_DIFFERENT);
	ck_assert_int_eq(compare_text("/none/x", ""), MATCH_DIFFERENT);
	tear_down();
}
END_TEST

/* Sizes around that of what is read at once. */
START_TEST(compares_every_chunk)
{
	static const size_t sizes[] = { 1,     4096,   65535, 65536,
					65537, 131072, 200000 };
	char *bytes = malloc(200000);

	set_up();
	for (size_t i = 0; i < 200000; i++)
		bytes[i] = (char)(i * 7 % 251);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct content c = content_of(bytes, sizes[i]);
		char *last = &bytes[sizes[i] - 1];

		file_of("f", bytes, sizes[i]);
		ck_assert_int_eq(compare("/f", &c), MATCH_SAME);
		*last = (char)~*last;
		ck_assert_int_eq(compare("/f", &c), MATCH_DIFFERENT);
		*last = (char)~*last;
	}
	free(bytes);
	tear_down();
}
END_TEST

START_TEST(compares_with_a_file_of_a_tree)
{
	struct content c = { .path = "want", .size = 100000 };
	char *bytes = malloc(100001);
	struct tree *tree;

	set_up();
	memset(bytes, 'x', 100001);
	file_of("want", bytes, 100000);
	file_of("have", bytes, 100000);
	tree = tree_of_folder(dup(root_fd), "site");
	c.tree = tree;
	ck_assert_int_eq(compare("/have", &c), MATCH_SAME);
	bytes[99999] = 'y';
	file_of("have", bytes, 100000);
	ck_assert_int_eq(compare("/have", &c), MATCH_DIFFERENT);
	/* The tree's file is not of the size that was told. */
	bytes[99999] = 'x';
	file_of("have", bytes, 100000);
	file_of("want", bytes, 100001);
	ck_assert_int_eq(compare("/have", &c), MATCH_DIFFERENT);
	file_of("want", bytes, 99999);
	ck_assert_int_eq(compare("/have", &c), MATCH_DIFFERENT);
	file_of("want", "", 0);
	ck_assert_int_eq(compare("/have", &c), MATCH_DIFFERENT);
	tree_close(tree);
	free(bytes);
	tear_down();
}
END_TEST

START_TEST(a_tree_that_cannot_be_read_is_an_error)
{
	struct content c = { .path = "none", .size = 3 };
	enum match m;

	set_up();
	file("f", "abc");
	c.tree = tree_of_folder(dup(root_fd), "site");
	ck_assert(!host_compare(host, "/f", &c, &m, &diags));
	check_error("cannot open 'none' in 'site': No such file or directory");
	tree_close((struct tree *)(uintptr_t)c.tree);
	tear_down();
}
END_TEST

START_TEST(compares_with_a_digest)
{
	struct content c = content_of("abc", 3);

	set_up();
	ck_assert(content_digest(&c, &diags));
	c.bytes = NULL;
	file("f", "abc");
	ck_assert_int_eq(compare("/f", &c), MATCH_SAME);
	file("f", "abd");
	ck_assert_int_eq(compare("/f", &c), MATCH_DIFFERENT);
	file("f", "ab");
	ck_assert_int_eq(compare("/f", &c), MATCH_DIFFERENT);
	ck_assert_int_eq(compare("/none", &c), MATCH_DIFFERENT);
	c.has_digest = false;
	ck_assert_int_eq(compare("/f", &c), MATCH_UNKNOWN);
	tear_down();
}
END_TEST

START_TEST(what_is_no_file_is_never_opened_for_long)
{
	AUTO_BUF struct buf out = { 0 };
	struct content c = content_of("", 0);
	enum match m;
	bool whole;

	set_up();
	alarm(10);
	folder("d");
	file("f", "");
	ck_assert_int_eq(mkfifoat(root_fd, "fifo", 0666), 0);
	ck_assert_int_eq(mknodat(root_fd, "socket", S_IFSOCK | 0666, 0), 0);
	ck_assert_int_eq(symlinkat("f", root_fd, "l"), 0);
	ck_assert(!host_compare(host, "/fifo", &c, &m, &diags));
	check_error("'/fifo' is a FIFO, not a file");
	ck_assert(!host_read(host, "/fifo", 10, &out, &whole, &diags));
	check_error("'/fifo' is a FIFO, not a file");
	ck_assert(!host_digest(host, "/fifo", &c, &diags));
	check_error("'/fifo' is a FIFO, not a file");
	ck_assert(!host_compare(host, "/socket", &c, &m, &diags));
	check_error("'/socket' is a socket, not a file");
	ck_assert(!host_compare(host, "/d", &c, &m, &diags));
	check_error("'/d' is a directory, not a file");
	ck_assert(!host_compare(host, "/l", &c, &m, &diags));
	check_error("'/l' is a link, not a file");
	ck_assert(!host_read(host, "/", 10, &out, &whole, &diags));
	check_error("'/' is a directory, not a file");
	if (mknodat(root_fd, "zero", S_IFCHR | 0666, makedev(1, 5)) == 0) {
		ck_assert(!host_digest(host, "/zero", &c, &diags));
		check_error("'/zero' is a character device, not a file");
	}
	alarm(0);
	tear_down();
}
END_TEST

START_TEST(reads_within_the_limit)
{
	AUTO_BUF struct buf out = { 0 };
	bool whole = false;

	set_up();
	file("f", "12345");
	ck_assert(host_read(host, "/f", 5, &out, &whole, &diags));
	ck_assert(whole);
	ck_assert_str_eq(out.text, "12345");
	ck_assert(host_read(host, "/f", 4, &out, &whole, &diags));
	ck_assert(!whole);
	ck_assert_str_eq(out.text, "12345");
	tear_down();
}
END_TEST

START_TEST(reads_large_files_whole)
{
	AUTO_BUF struct buf out = { 0 };
	char *bytes = malloc(300000);
	bool whole = false;

	set_up();
	for (size_t i = 0; i < 300000; i++)
		bytes[i] = (char)(i * 7 % 251);
	file_of("f", bytes, 300000);
	ck_assert(host_read(host, "/f", 300000, &out, &whole, &diags));
	ck_assert(whole);
	ck_assert_uint_eq(out.size, 300000);
	ck_assert_mem_eq(out.text, bytes, 300000);
	free(bytes);
	tear_down();
}
END_TEST

START_TEST(reads_files_whose_size_is_not_told)
{
	struct linux_options options = { .root = "/", .backup_fd = -1 };
	AUTO_BUF struct buf out = { 0 };
	bool whole = false;

	host = host_linux(&options, &diags);
	ck_assert_ptr_nonnull(host);
	ck_assert_uint_eq(look("/proc/version").size, 0);
	ck_assert(host_read(host, "/proc/version", 4096, &out, &whole, &diags));
	ck_assert(whole);
	ck_assert_uint_gt(out.size, 10);
	ck_assert(host_read(host, "/proc/version", 3, &out, &whole, &diags));
	ck_assert(!whole);
	host_close(host);
}
END_TEST

START_TEST(reading_what_is_absent_is_an_error)
{
	AUTO_BUF struct buf out = { 0 };
	struct content c;
	bool whole;

	set_up();
	ck_assert(!host_read(host, "/none", 5, &out, &whole, &diags));
	check_error("cannot read '/none': No such file or directory");
	ck_assert(!host_read(host, "/none/x", 5, &out, &whole, &diags));
	check_error("cannot read '/none/x': No such file or directory");
	ck_assert(!host_digest(host, "/none", &c, &diags));
	check_error("cannot read '/none': No such file or directory");
	tear_down();
}
END_TEST

START_TEST(reading_what_is_forbidden_is_an_error)
{
	AUTO_BUF struct buf out = { 0 };
	bool whole;

	set_up();
	ck_assert_int_eq(fchmodat(root_fd, ".", 0755, 0), 0);
	file("f", "secret");
	ck_assert_int_eq(fchmodat(root_fd, "f", 0, 0), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(NOBODY), 0);
	ck_assert(!host_read(host, "/f", 5, &out, &whole, &diags));
	check_error("cannot open '/f': Permission denied");
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
	tear_down();
}
END_TEST

START_TEST(digests_what_is_there)
{
	char hex[DIGEST_HEX];
	struct content c;

	set_up();
	file("f", "abc");
	ck_assert(host_digest(host, "/f", &c, &diags));
	ck_assert(c.has_digest);
	ck_assert_uint_eq(c.size, 3);
	ck_assert_ptr_null(c.bytes);
	ck_assert_str_eq(
		digest_hex(c.digest, hex),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015"
		"ad");
	tear_down();
}
END_TEST

START_TEST(a_file_behind_a_planted_link_is_not_read)
{
	AUTO_BUF struct buf out = { 0 };
	struct content c = content_of("", 0);
	struct strings names;
	enum match m;
	bool whole;

	if (geteuid() != 0)
		return;
	set_up();
	folder("etc");
	file("etc/shadow", "secret");
	folder("home");
	ck_assert_int_eq(fchownat(root_fd, "home", NOBODY, NOBODY, 0), 0);
	ck_assert_int_eq(symlinkat("/etc", root_fd, "home/etc"), 0);
	ck_assert_int_eq(fchownat(root_fd, "home/etc", NOBODY, NOBODY,
				  AT_SYMLINK_NOFOLLOW),
			 0);
	ck_assert_int_eq(symlinkat("/etc/shadow", root_fd, "home/leaf"), 0);
	ck_assert(
		!host_read(host, "/home/etc/shadow", 9, &out, &whole, &diags));
	check_error("'/home/etc' is a link that 65534 owns");
	ck_assert(!host_list(host, "/home/etc/x", &arena, &names, &diags));
	check_error("'/home/etc' is a link that 65534 owns");
	ck_assert(!host_list(host, "/home/etc", &arena, &names, &diags));
	check_error("'/home/etc' is a link, not a directory");
	ck_assert(!host_compare(host, "/home/leaf", &c, &m, &diags));
	check_error("'/home/leaf' is a link, not a file");
	ck_assert_uint_eq(out.size, 0);
	tear_down();
}
END_TEST

START_TEST(no_descriptor_is_lost)
{
	AUTO_BUF struct buf out = { 0 };
	struct content c;
	struct strings names;
	size_t before;
	bool whole;

	set_up();
	folder("d");
	file("d/f", "abc");
	ck_assert_int_eq(mkfifoat(root_fd, "d/fifo", 0666), 0);
	look("/d/f");
	before = count_descriptors();
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(compare_text("/d/f", "abc"), MATCH_SAME);
		ck_assert_int_eq(compare_text("/d/f", "ab"), MATCH_DIFFERENT);
		host_read(host, "/d/f", 1, &out, &whole, &diags);
		host_digest(host, "/d/f", &c, &diags);
		host_digest(host, "/d/fifo", &c, &diags);
		host_list(host, "/d", &arena, &names, &diags);
		host_list(host, "/d/f", &arena, &names, &diags);
		diags_release(&diags);
	}
	ck_assert_uint_eq(count_descriptors(), before);
	tear_down();
}
END_TEST

START_TEST(nodes_are_the_same_while_nothing_changed)
{
	struct node was, is;

	set_up();
	file("f", "abc");
	was = look("/f");
	is = look("/f");
	ck_assert(node_same(&was, &is));
	ck_assert_int_eq(fchmodat(root_fd, "f", 0600, 0), 0);
	is = look("/f");
	ck_assert(!node_same(&was, &is));
	ck_assert_int_eq(unlinkat(root_fd, "f", 0), 0);
	is = look("/f");
	ck_assert(!node_same(&was, &is));
	ck_assert(!node_same(&is, &was));
	was = is;
	ck_assert(node_same(&was, &is));
	tear_down();
}
END_TEST

START_TEST(nodes_differ_in_each_part_of_their_state)
{
	const struct node was = { .type = NODE_FILE,
				  .mode = 0644,
				  .uid = 1,
				  .gid = 2,
				  .size = 3,
				  .device = 4,
				  .inode = 5,
				  .links = 6,
				  .mtime = 7,
				  .ctime = 8 };
	struct node is = was;

	ck_assert(node_same(&was, &is));
#define CHECK_PART(part, value)                   \
	do {                                      \
		is = was;                         \
		is.part = value;                  \
		ck_assert(!node_same(&was, &is)); \
	} while (0)
	CHECK_PART(type, NODE_LINK);
	CHECK_PART(mode, 0600);
	CHECK_PART(uid, 9);
	CHECK_PART(gid, 9);
	CHECK_PART(size, 9);
	CHECK_PART(device, 9);
	CHECK_PART(inode, 9);
	CHECK_PART(mtime, 9);
	CHECK_PART(ctime, 9);
#undef CHECK_PART
}
END_TEST

START_TEST(a_node_of_a_picture_is_any_of_its_type)
{
	struct node picture = { .type = NODE_FILE, .mode = 0600 };
	struct node real = { .type = NODE_FILE, .inode = 5, .size = 3 };

	ck_assert(node_same(&picture, &real));
	ck_assert(node_same(&real, &picture));
	real.type = NODE_DIRECTORY;
	ck_assert(!node_same(&picture, &real));
}
END_TEST

START_TEST(a_folder_is_the_same_when_names_in_it_changed)
{
	struct node was, is;

	set_up();
	folder("d");
	was = look("/d");
	usleep(20000);
	folder("d/sub");
	is = look("/d");
	ck_assert_int_ne(was.ctime, is.ctime);
	ck_assert(node_same(&was, &is));
	ck_assert_int_eq(fchmodat(root_fd, "d", 0700, 0), 0);
	is = look("/d");
	ck_assert(!node_same(&was, &is));
	tear_down();
}
END_TEST

START_TEST(types_have_names)
{
	ck_assert_str_eq(node_type_name(NODE_ABSENT), "absent");
	ck_assert_str_eq(node_type_name(NODE_FIFO), "FIFO");
	ck_assert_str_eq(node_type_name(NODE_BLOCK_DEVICE), "block device");
	for (int i = NODE_ABSENT; i <= NODE_UNKNOWN; i++)
		ck_assert_ptr_nonnull(node_type_name((enum node_type)i));
}
END_TEST

START_TEST(an_outcome_is_released)
{
	struct outcome o = { 0 };

	buf_puts(&o.output, "out");
	buf_puts(&o.errors, "err");
	outcome_release(&o);
	ck_assert_ptr_null(o.output.text);
	ck_assert_ptr_null(o.errors.text);
	outcome_release(&o);
}
END_TEST

/* link(2) of any file, where fs.protected_hardlinks is 0. */
START_TEST(a_users_link_to_what_he_may_not_read_is_not_read)
{
	static const struct {
		const char *folder;
		mode_t mode;
		uid_t uid;
	} grounds[] = { { "u", 0755, NOBODY }, { "tmp", 01777, 0 } };
	struct content c;
	struct buf b = { 0 };
	char path[16];
	bool whole;

	if (geteuid() != 0)
		return;
	set_up();
	file("shadow", "secret");
	file("public", "all may read");
	ck_assert_int_eq(fchmodat(root_fd, "shadow", 0640, 0), 0);
	for (size_t i = 0; i < COUNT(grounds); i++) {
		const char *name = grounds[i].folder;

		folder(name);
		snprintf(path, sizeof(path), "/%s/s", name);
		ck_assert_int_eq(
			linkat(root_fd, "shadow", root_fd, path + 1, 0), 0);
		ck_assert_int_eq(fchownat(root_fd, name, grounds[i].uid, 0, 0),
				 0);
		ck_assert_int_eq(fchmodat(root_fd, name, grounds[i].mode, 0),
				 0);
		ck_assert(!host_read(host, path, 100, &b, &whole, &diags));
		ck_assert_ptr_nonnull(strstr(diags.v[0].text, "hard links"));
		ck_assert_uint_eq(b.size, 0);
		ck_assert(!host_digest(host, path, &c, &diags));
		diags_release(&diags);
		snprintf(path, sizeof(path), "/%s/p", name);
		ck_assert_int_eq(
			linkat(root_fd, "public", root_fd, path + 1, 0), 0);
		ck_assert(host_read(host, path, 100, &b, &whole, &diags));
		buf_clear(&b);
	}
	/* Where only root makes names a link is as good as the file. */
	ck_assert(host_read(host, "/shadow", 100, &b, &whole, &diags));
	buf_release(&b);
	tear_down();
}
END_TEST

START_TEST(no_file_is_so_large_that_looking_never_ends)
{
	struct content c;
	int fd;

	set_up();
	file("f", "");
	fd = openat(root_fd, "f", O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(ftruncate(fd, (off_t)1 << 42), 0);
	close(fd);
	ck_assert(host_digest(host, "/f", &c, &diags));
	ck_assert(!c.has_digest);
	ck_assert_uint_eq(c.size, (uint64_t)1 << 42);
	tear_down();
}
END_TEST

TEST_SUITE("look", a_users_link_to_what_he_may_not_read_is_not_read,
	   no_file_is_so_large_that_looking_never_ends, looks_at_what_is_there,
	   what_is_missing_is_absent, a_link_is_looked_at_itself,
	   what_may_not_be_walked_is_an_error_of_every_look,
	   reads_the_target_of_a_link, what_is_no_link_has_no_target,
	   lists_are_sorted, what_is_no_folder_is_not_listed, compares_bytes,
	   what_is_absent_differs, compares_every_chunk,
	   compares_with_a_file_of_a_tree,
	   a_tree_that_cannot_be_read_is_an_error, compares_with_a_digest,
	   what_is_no_file_is_never_opened_for_long, reads_within_the_limit,
	   reads_large_files_whole, reads_files_whose_size_is_not_told,
	   reading_what_is_absent_is_an_error,
	   reading_what_is_forbidden_is_an_error, digests_what_is_there,
	   a_file_behind_a_planted_link_is_not_read, no_descriptor_is_lost,
	   nodes_are_the_same_while_nothing_changed,
	   nodes_differ_in_each_part_of_their_state,
	   a_node_of_a_picture_is_any_of_its_type,
	   a_folder_is_the_same_when_names_in_it_changed, types_have_names,
	   an_outcome_is_released)
