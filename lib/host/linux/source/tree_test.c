/* SPDX-License-Identifier: MIT */
#include "lib/host/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/test.h"

static char folder[64];
static int folder_fd;
static struct tree *tree;
static struct arena arena;
static struct diags diags;

static void set_up(void)
{
	snprintf(folder, sizeof(folder), "/tmp/converge-tree-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(folder_fd, 0);
	diags_release(&diags);
	tree = tree_of_folder(dup(folder_fd), "site");
	ck_assert_ptr_nonnull(tree);
	ck_assert_str_eq(tree->name, "site");
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
	tree_close(tree);
	close(folder_fd);
	arena_release(&arena);
	diags_release(&diags);
	ck_assert_int_eq(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void file(const char *path, const char *text)
{
	int fd = openat(folder_fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void make_folder(const char *path)
{
	ck_assert_int_eq(mkdirat(folder_fd, path, 0755), 0);
}

static struct tree_entry entry(const char *path)
{
	struct tree_entry e;

	ck_assert(tree_entry(tree, path, &arena, &e, &diags));
	ck_assert_uint_eq(diags.n, 0);
	return e;
}

static void check_error(const char *text)
{
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.v[0].text, text);
	diags_release(&diags);
}

/* That neither way to a file takes path. */
static void check_refused(const char *path, const char *text)
{
	struct reader r;

	ck_assert(!tree_open(tree, path, &r, &diags));
	ck_assert_int_eq(r.fd, -1);
	check_error(text);
}

static void check_text(const char *path, const char *want)
{
	AUTO_BUF struct buf out = { 0 };

	ck_assert_msg(tree_read(tree, path, 1000, &out, &diags), "%s",
		      diags.n ? diags.v[0].text : path);
	ck_assert_str_eq(buf_text(&out), want);
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

START_TEST(what_is_not_there_is_absent)
{
	set_up();
	file("f", "");
	ck_assert_int_eq(entry("none").type, TREE_ABSENT);
	ck_assert_int_eq(entry("none/deep/er").type, TREE_ABSENT);
	ck_assert_int_eq(entry("f/x").type, TREE_ABSENT);
	ck_assert_int_eq(entry("f/x/y").type, TREE_ABSENT);
	ck_assert_str_eq(entry("none/deep").name, "deep");
	tear_down();
}
END_TEST

START_TEST(entries_tell_type_and_size)
{
	struct tree_entry e;

	set_up();
	make_folder("d");
	file("d/f", "12345");
	ck_assert_int_eq(symlinkat("../x y", folder_fd, "d/l"), 0);
	e = entry("d/f");
	ck_assert_str_eq(e.name, "f");
	ck_assert_int_eq(e.type, TREE_FILE);
	ck_assert_uint_eq(e.size, 5);
	ck_assert(!e.executable);
	ck_assert_ptr_null(e.target);
	ck_assert_int_eq(fchmodat(folder_fd, "d/f", 0755, 0), 0);
	ck_assert(entry("d/f").executable);
	ck_assert_int_eq(entry("d").type, TREE_DIRECTORY);
	ck_assert(!entry("d").executable);
	e = entry("d/l");
	ck_assert_int_eq(e.type, TREE_LINK);
	ck_assert_str_eq(e.target, "../x y");
	ck_assert_uint_eq(e.size, 6);
	tear_down();
}
END_TEST

START_TEST(no_path_is_the_folder_itself)
{
	struct tree_entry *v;
	struct reader r;
	size_t n;

	set_up();
	file("f", "");
	ck_assert_int_eq(entry("").type, TREE_DIRECTORY);
	ck_assert(tree_list(tree, "", &arena, &v, &n, &diags));
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(v[0].name, "f");
	ck_assert(!tree_open(tree, "", &r, &diags));
	check_error("'.' in 'site' is a directory, not a file");
	tear_down();
}
END_TEST

START_TEST(paths_out_of_the_folder_are_refused)
{
	static const char *const paths[] = {
		"/",    "/etc/passwd", "..",  "../x",     "a/../..", "a/..",
		".",    "./a",         "a//", "a/",       "a//b",    "a/./b",
		"a\nb", "\xff",        "a/",  "a/../../b"
	};
	struct tree_entry e, *v;
	struct reader r;
	size_t n;

	set_up();
	make_folder("a");
	for (size_t i = 0; i < COUNT(paths); i++) {
		ck_assert(!tree_entry(tree, paths[i], &arena, &e, &diags));
		ck_assert_int_eq(e.type, TREE_ABSENT);
		ck_assert(!tree_list(tree, paths[i], &arena, &v, &n, &diags));
		ck_assert_uint_eq(n, 0);
		ck_assert(!tree_open(tree, paths[i], &r, &diags));
		ck_assert_int_eq(r.fd, -1);
		ck_assert_uint_eq(diags.n, 3);
		diags_release(&diags);
	}
	tear_down();
}
END_TEST

START_TEST(files_are_read)
{
	set_up();
	make_folder("a");
	make_folder("a/b");
	file("f", "one");
	file("a/f", "two");
	file("a/b/f", "three");
	file("a/empty", "");
	check_text("f", "one");
	check_text("a/f", "two");
	check_text("a/b/f", "three");
	check_text("a/b/f", "three");
	check_text("a/f", "two");
	check_text("f", "one");
	check_text("a/empty", "");
	tear_down();
}
END_TEST

START_TEST(folders_of_like_names_are_not_mixed_up)
{
	set_up();
	make_folder("a");
	make_folder("ab");
	make_folder("a/a");
	file("a/f", "a");
	file("ab/f", "ab");
	file("a/a/f", "a/a");
	check_text("ab/f", "ab");
	check_text("a/f", "a");
	check_text("a/a/f", "a/a");
	check_text("ab/f", "ab");
	tear_down();
}
END_TEST

START_TEST(links_are_neither_opened_nor_passed)
{
	struct tree_entry e, *v;
	size_t n;

	set_up();
	make_folder("d");
	file("d/f", "x");
	ck_assert_int_eq(symlinkat("d", folder_fd, "dir"), 0);
	ck_assert_int_eq(symlinkat("d/f", folder_fd, "file"), 0);
	ck_assert_int_eq(symlinkat("/", folder_fd, "root"), 0);
	ck_assert_int_eq(symlinkat("..", folder_fd, "d/up"), 0);
	ck_assert_int_eq(symlinkat("loop", folder_fd, "loop"), 0);
	check_refused("file", "'file' in 'site' is a link, and what it leads "
			      "to is not taken");
	check_refused("loop", "'loop' in 'site' is a link, and what it leads "
			      "to is not taken");
	check_refused("dir/f", "'dir' in 'site' is a link, and what it leads "
			       "to is not taken");
	check_refused("root/etc/passwd", "'root' in 'site' is a link, and what "
					 "it leads to is not taken");
	check_refused("d/up/d/f", "'d/up' in 'site' is a link, and what it "
				  "leads to is not taken");
	ck_assert(!tree_entry(tree, "dir/f", &arena, &e, &diags));
	check_error("'dir' in 'site' is a link, and what it leads to is not "
		    "taken");
	ck_assert(!tree_list(tree, "dir", &arena, &v, &n, &diags));
	check_error("'dir' in 'site' is a link, and what it leads to is not "
		    "taken");
	tear_down();
}
END_TEST

START_TEST(what_is_no_file_is_not_opened)
{
	struct tree_entry e;

	set_up();
	make_folder("d");
	ck_assert_int_eq(mkfifoat(folder_fd, "fifo", 0666), 0);
	ck_assert_int_eq(mknodat(folder_fd, "socket", S_IFSOCK | 0666, 0), 0);
	check_refused("d", "'d' in 'site' is a directory, not a file");
	check_refused("fifo", "'fifo' in 'site' is a FIFO, not a file");
	check_refused("socket", "cannot open 'socket' in 'site': No such "
				"device or address");
	check_refused("none", "cannot open 'none' in 'site': No such file or "
			      "directory");
	check_refused("none/x", "cannot open 'none/x' in 'site': No such file "
				"or directory");
	check_refused("fifo/x", "cannot open 'fifo/x' in 'site': No such file "
				"or directory");
	ck_assert(!tree_entry(tree, "fifo", &arena, &e, &diags));
	check_error("'fifo' in 'site' is neither a file, a folder nor a link");
	tear_down();
}
END_TEST

START_TEST(lists_are_sorted_and_hold_what_a_commit_could)
{
	struct tree_entry *v;
	size_t n;

	set_up();
	make_folder("d");
	make_folder("d/sub");
	file("d/b", "22");
	file("d/a", "1");
	file("d/.hidden", "");
	ck_assert_int_eq(symlinkat("none", folder_fd, "d/l"), 0);
	ck_assert_int_eq(mkfifoat(folder_fd, "d/fifo", 0666), 0);
	ck_assert(tree_list(tree, "d", &arena, &v, &n, &diags));
	ck_assert_uint_eq(n, 5);
	ck_assert_str_eq(v[0].name, ".hidden");
	ck_assert_str_eq(v[1].name, "a");
	ck_assert_uint_eq(v[1].size, 1);
	ck_assert_str_eq(v[2].name, "b");
	ck_assert_uint_eq(v[2].size, 2);
	ck_assert_int_eq(v[2].type, TREE_FILE);
	ck_assert_str_eq(v[3].name, "l");
	ck_assert_int_eq(v[3].type, TREE_LINK);
	ck_assert_str_eq(v[3].target, "none");
	ck_assert_str_eq(v[4].name, "sub");
	ck_assert_int_eq(v[4].type, TREE_DIRECTORY);
	ck_assert(tree_list(tree, "d/sub", &arena, &v, &n, &diags));
	ck_assert_uint_eq(n, 0);
	tear_down();
}
END_TEST

START_TEST(what_is_no_folder_is_not_listed)
{
	struct tree_entry *v;
	size_t n;

	set_up();
	file("f", "");
	ck_assert(!tree_list(tree, "f", &arena, &v, &n, &diags));
	check_error("cannot open 'f' in 'site': Not a directory");
	ck_assert(!tree_list(tree, "none", &arena, &v, &n, &diags));
	check_error("cannot open 'none' in 'site': No such file or directory");
	ck_assert(!tree_list(tree, "none/x", &arena, &v, &n, &diags));
	check_error("cannot open 'none/x' in 'site': No such file or "
		    "directory");
	tear_down();
}
END_TEST

START_TEST(reading_is_limited)
{
	AUTO_BUF struct buf out = { 0 };

	set_up();
	file("f", "12345");
	buf_puts(&out, "x");
	ck_assert(tree_read(tree, "f", 5, &out, &diags));
	ck_assert_str_eq(out.text, "x12345");
	ck_assert(!tree_read(tree, "f", 4, &out, &diags));
	ck_assert_str_eq(out.text, "x12345");
	check_error("'f' in 'site' is larger than 4 bytes");
	ck_assert(!tree_read(tree, "none", 4, &out, &diags));
	check_error("cannot open 'none' in 'site': No such file or directory");
	tear_down();
}
END_TEST

START_TEST(no_descriptor_is_lost)
{
	struct tree_entry e, *v;
	struct reader r;
	size_t before, n;

	set_up();
	make_folder("a");
	make_folder("a/b");
	file("a/b/f", "x");
	ck_assert_int_eq(symlinkat("b", folder_fd, "a/l"), 0);
	check_text("a/b/f", "x");
	before = count_descriptors();
	for (int i = 0; i < 20; i++) {
		check_text("a/b/f", "x");
		tree_entry(tree, "a/b", &arena, &e, &diags);
		tree_entry(tree, "a/b/none/x", &arena, &e, &diags);
		tree_list(tree, "a", &arena, &v, &n, &diags);
		tree_open(tree, "a/l/f", &r, &diags);
		tree_open(tree, "a/b", &r, &diags);
		diags_release(&diags);
	}
	ck_assert_uint_eq(count_descriptors(), before);
	tear_down();
}
END_TEST

START_TEST(a_reader_of_memory_gives_it_in_order)
{
	struct reader r = { .fd = -1, .bytes = "abcde", .left = 5 };
	char out[8] = "";

	ck_assert_int_eq(reader_next(&r, out, 2), 2);
	ck_assert_mem_eq(out, "ab", 2);
	ck_assert_int_eq(reader_next(&r, out, 0), 0);
	ck_assert_int_eq(reader_next(&r, out, sizeof(out)), 3);
	ck_assert_mem_eq(out, "cde", 3);
	ck_assert_int_eq(reader_next(&r, out, sizeof(out)), 0);
	reader_close(&r);
	ck_assert_int_eq(r.fd, -1);
	r = (struct reader){ .fd = -1 };
	ck_assert_int_eq(reader_next(&r, out, sizeof(out)), 0);
}
END_TEST

START_TEST(a_reader_tells_errors)
{
	struct reader r = { .fd = open("/", O_RDONLY | O_DIRECTORY) };
	AUTO_BUF struct buf out = { 0 };
	char byte;
	bool whole;

	ck_assert_int_eq(reader_next(&r, &byte, 1), -EISDIR);
	ck_assert_int_eq(reader_all(&r, 10, &out, &whole), -EISDIR);
	ck_assert_uint_eq(out.size, 0);
	reader_close(&r);
	ck_assert_int_eq(r.fd, -1);
	reader_close(&r);
}
END_TEST

static void ignore(int signal)
{
	(void)signal;
}

/* Sends a signal to the reading thread, and only then the bytes. */
static void *disturb(void *context)
{
	const struct {
		pthread_t reader;
		int fd;
	} *with = context;

	for (int i = 0; i < 5; i++) {
		usleep(20000);
		pthread_kill(with->reader, SIGUSR1);
	}
	usleep(20000);
	return write(with->fd, "x", 1) == 1 ? context : NULL;
}

START_TEST(a_reader_that_is_interrupted_reads_on)
{
	struct sigaction action = { .sa_handler = ignore }, before;
	struct {
		pthread_t reader;
		int fd;
	} with;
	struct reader r;
	pthread_t thread;
	void *good;
	int ends[2];
	char byte = 0;

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(sigaction(SIGUSR1, &action, &before), 0);
	with.reader = pthread_self();
	with.fd = ends[1];
	r = (struct reader){ .fd = ends[0] };
	ck_assert_int_eq(pthread_create(&thread, NULL, disturb, &with), 0);
	ck_assert_int_eq(reader_next(&r, &byte, 1), 1);
	ck_assert_int_eq(byte, 'x');
	pthread_join(thread, &good);
	ck_assert_ptr_nonnull(good);
	sigaction(SIGUSR1, &before, NULL);
	reader_close(&r);
	close(ends[1]);
}
END_TEST

START_TEST(reading_all_takes_what_comes_in_pieces)
{
	AUTO_BUF struct buf out = { 0 };
	struct reader r;
	int ends[2];
	bool whole = false;

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "abc", 3), 3);
	close(ends[1]);
	r = (struct reader){ .fd = ends[0] };
	ck_assert_int_eq(reader_all(&r, 3, &out, &whole), 0);
	ck_assert(whole);
	ck_assert_str_eq(out.text, "abc");
	reader_close(&r);
}
END_TEST

TEST_SUITE("tree", what_is_not_there_is_absent, entries_tell_type_and_size,
	   no_path_is_the_folder_itself, paths_out_of_the_folder_are_refused,
	   files_are_read, folders_of_like_names_are_not_mixed_up,
	   links_are_neither_opened_nor_passed, what_is_no_file_is_not_opened,
	   lists_are_sorted_and_hold_what_a_commit_could,
	   what_is_no_folder_is_not_listed, reading_is_limited,
	   no_descriptor_is_lost, a_reader_of_memory_gives_it_in_order,
	   a_reader_tells_errors, a_reader_that_is_interrupted_reads_on,
	   reading_all_takes_what_comes_in_pieces)
