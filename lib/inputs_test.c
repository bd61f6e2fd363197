/* SPDX-License-Identifier: MIT */
#include "lib/inputs.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/test.h"

static char folder[64];
static int at;
static struct tree *plain;
static struct arena arena;
static struct diags diags;

static void set_up(void)
{
	snprintf(folder, sizeof(folder), "/tmp/converge-inputs-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(at, 0);
	plain = tree_of_folder(dup(at), "world");
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
	tree_close(plain);
	close(at);
	arena_release(&arena);
	diags_release(&diags);
	ck_assert_int_eq(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void put(const char *path, const char *text)
{
	int fd = openat(at, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void make_folder(const char *path)
{
	ck_assert_int_eq(mkdirat(at, path, 0755), 0);
}

static void make_link(const char *target, const char *path)
{
	ck_assert_int_eq(symlinkat(target, at, path), 0);
}

/* What is done to it now has a time of its own. */
static void tick(void)
{
	const struct timespec step = { 0, 20000000 };

	nanosleep(&step, NULL);
}

/* As a manifest that names a file, an entry, a folder and something that is
 * not there. */
static void world(void)
{
	put("m.json", "{}");
	put("script", "#!\n");
	make_folder("d");
	put("d/a", "a");
	make_link("a", "d/l");
	make_folder("d/sub");
	put("d/sub/b", "b");
}

static void read_file(const struct tree *t, const char *path)
{
	AUTO_BUF struct buf b = { 0 };

	ck_assert(tree_read(t, path, 100, &b, &diags));
}

static void look_at(const struct tree *t, const char *path)
{
	struct tree_entry e;

	ck_assert(tree_entry(t, path, &arena, &e, &diags));
}

static void look_into(const struct tree *t, const char *path)
{
	struct tree_entry *v;
	size_t n;

	ck_assert(tree_list(t, path, &arena, &v, &n, &diags));
}

static struct inputs noted(void)
{
	struct inputs in = { .arena = &arena };
	struct tree *t = inputs_of(&in, plain);

	look_at(t, "m.json");
	read_file(t, "m.json");
	look_at(t, "script");
	look_at(t, "absent");
	look_at(t, "no/folder/either");
	look_into(t, "d");
	look_into(t, "d/sub");
	tree_close(t);
	return in;
}

/* --- noting --- */

static void check_note(const struct inputs *in, size_t i, enum input_kind kind,
		       const char *path)
{
	ck_assert_int_eq(in->v[i].kind, kind);
	ck_assert_str_eq(in->v[i].path, path);
}

START_TEST(all_that_is_looked_at_is_noted)
{
	struct inputs in;

	set_up();
	world();
	in = noted();
	ck_assert_uint_eq(in.n, 7);
	check_note(&in, 0, INPUT_ENTRY, "m.json");
	check_note(&in, 1, INPUT_OPEN, "m.json");
	check_note(&in, 2, INPUT_ENTRY, "script");
	check_note(&in, 3, INPUT_ENTRY, "absent");
	check_note(&in, 4, INPUT_ENTRY, "no/folder/either");
	check_note(&in, 5, INPUT_LIST, "d");
	check_note(&in, 6, INPUT_LIST, "d/sub");
	ck_assert_str_eq(in.v[2].found, "1 0 3 6:script \n");
	ck_assert_str_eq(in.v[3].found, "0 0 0 6:absent \n");
	ck_assert_str_eq(in.v[5].found, "1 0 1 1:a \n"
					"3 0 1 1:l a\n"
					"2 0 0 3:sub \n");
	tear_down();
}
END_TEST

/* It answers as the tree that it stands before. */
START_TEST(the_answers_are_those_of_the_tree)
{
	struct inputs in = { .arena = &arena };
	struct tree *t;
	struct tree_stamp one, other;
	struct tree_entry e, *v;
	AUTO_BUF struct buf b = { 0 };
	size_t n;

	set_up();
	t = inputs_of(&in, plain);
	world();
	ck_assert_str_eq(t->name, "world");
	ck_assert(tree_entry(t, "d/l", &arena, &e, &diags));
	ck_assert_int_eq(e.type, TREE_LINK);
	ck_assert_str_eq(e.target, "a");
	ck_assert(tree_list(t, "d", &arena, &v, &n, &diags));
	ck_assert_uint_eq(n, 3);
	ck_assert_str_eq(v[2].name, "sub");
	ck_assert(tree_read(t, "d/sub/b", 10, &b, &diags));
	ck_assert_str_eq(buf_text(&b), "b");
	ck_assert(tree_stamp(t, "d/a", &one));
	ck_assert(tree_stamp(plain, "d/a", &other));
	ck_assert_uint_eq(one.inode, other.inode);
	ck_assert_int_eq(one.ctime, other.ctime);
	tree_close(t);
	tear_down();
}
END_TEST

/* The stages stop there: no catalog is made. */
START_TEST(what_fails_is_told_of)
{
	struct inputs in = { .arena = &arena };
	struct tree *t;
	struct tree_entry e, *v;
	struct reader r;
	size_t n;

	set_up();
	t = inputs_of(&in, plain);
	make_link("..", "out");
	ck_assert(!tree_entry(t, "../x", &arena, &e, &diags));
	ck_assert(!tree_list(t, "none", &arena, &v, &n, &diags));
	ck_assert(!tree_open(t, "none", &r, &diags));
	ck_assert(!tree_open(t, "out", &r, &diags));
	ck_assert_uint_eq(diags.errors, 4);
	ck_assert(in.fresh);
	ck_assert_uint_eq(in.n, 0);
	tree_close(t);
	tear_down();
}
END_TEST

/* --- fresh --- */

static void age(const char *path, time_t seconds)
{
	const struct timespec times[2] = { { time(NULL) - seconds, 0 },
					   { time(NULL) - seconds, 0 } };

	ck_assert_int_eq(utimensat(at, path, times, 0), 0);
}

static bool is_fresh(const char *path)
{
	struct inputs in = { .arena = &arena };
	struct tree *t = inputs_of(&in, plain);

	read_file(t, path);
	tree_close(t);
	return in.fresh;
}

START_TEST(fresh_is_what_changed_just_now)
{
	set_up();
	put("m.json", "{}");
	ck_assert(is_fresh("m.json"));
	/* the time of its content can be set to any, that of the inode not */
	age("m.json", 1000);
	ck_assert(is_fresh("m.json"));
	age("m.json", -1000);
	ck_assert(is_fresh("m.json"));
	age("m.json", 1000);
	sleep(4);
	ck_assert(!is_fresh("m.json"));
	ck_assert_int_eq(fchmodat(at, "m.json", 0600, 0), 0);
	ck_assert(is_fresh("m.json"));
	tear_down();
}
END_TEST

START_TEST(only_content_is_ever_fresh)
{
	struct inputs in = { .arena = &arena };
	struct tree *t;

	set_up();
	t = inputs_of(&in, plain);
	world();
	look_at(t, "m.json");
	look_into(t, "d");
	ck_assert(!in.fresh);
	read_file(t, "m.json");
	ck_assert(in.fresh);
	tree_close(t);
	tear_down();
}
END_TEST

/* --- looking again --- */

START_TEST(nothing_changed)
{
	struct inputs in;

	set_up();
	world();
	in = noted();
	ck_assert(inputs_hold(&in, plain));
	tick();
	/* what nobody asked for may change */
	put("other", "new");
	put("d/sub/b", "B");
	ck_assert_int_eq(fchmodat(at, "d/a", 0640, 0), 0);
	ck_assert_int_eq(fchmodat(at, "d", 0700, 0), 0);
	put("script", "#?\n");
	ck_assert(inputs_hold(&in, plain));
	ck_assert_uint_eq(diags.n, 0);
	tear_down();
}
END_TEST

START_TEST(no_inputs_hold)
{
	const struct inputs in = { .n = 0 };

	set_up();
	ck_assert(inputs_hold(&in, plain));
	tear_down();
}
END_TEST

static void replace(const char *path, const char *text)
{
	put("new", text);
	ck_assert_int_eq(renameat(at, "new", at, path), 0);
}

static void drop(const char *path)
{
	ck_assert_int_eq(unlinkat(at, path, 0), 0);
}

static void same_size(void)
{
	put("m.json", "[]");
}

static void same_content(void)
{
	put("m.json", "{}");
}

static void other_size(void)
{
	put("m.json", "{ }");
}

static void replaced(void)
{
	replace("m.json", "{}");
}

static void turned_back(void)
{
	struct stat st;
	struct timespec times[2];

	ck_assert_int_eq(fstatat(at, "m.json", &st, 0), 0);
	put("m.json", "[]");
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	ck_assert_int_eq(utimensat(at, "m.json", times, 0), 0);
}

static void removed(void)
{
	drop("m.json");
}

static void became_folder(void)
{
	drop("m.json");
	make_folder("m.json");
}

static void became_link(void)
{
	ck_assert_int_eq(renameat(at, "m.json", at, "real"), 0);
	make_link("real", "m.json");
}

static void executable(void)
{
	ck_assert_int_eq(fchmodat(at, "script", 0755, 0), 0);
}

static void longer(void)
{
	put("script", "#!/bin/sh\n");
}

static void appeared(void)
{
	put("absent", "");
}

static void folder_appeared(void)
{
	make_folder("absent");
}

static void deep_appeared(void)
{
	make_folder("no");
	make_folder("no/folder");
	put("no/folder/either", "");
}

static void way_is_a_link(void)
{
	make_folder("yes");
	make_link("yes", "no");
}

static void added(void)
{
	put("d/z", "");
}

static void added_below(void)
{
	put("d/sub/c", "");
}

static void taken_away(void)
{
	drop("d/a");
}

static void renamed(void)
{
	ck_assert_int_eq(renameat(at, "d/a", at, "d/aa"), 0);
}

static void executable_in_folder(void)
{
	ck_assert_int_eq(fchmodat(at, "d/sub/b", 0755, 0), 0);
}

static void target(void)
{
	drop("d/l");
	make_link("b", "d/l");
}

static void target_of_more(void)
{
	drop("d/l");
	make_link("a\n2 0 0 3:sub ", "d/l");
}

static void file_for_link(void)
{
	drop("d/l");
	put("d/l", "a");
}

static void folder_is_gone(void)
{
	drop("d/sub/b");
	ck_assert_int_eq(unlinkat(at, "d/sub", AT_REMOVEDIR), 0);
}

static void folder_is_a_link(void)
{
	ck_assert_int_eq(renameat(at, "d", at, "e"), 0);
	make_link("e", "d");
}

#define ONE(name)           \
	{                   \
#name, name \
	}

static const struct {
	const char *name;
	void (*change)(void);
} changes[] = {
	ONE(same_size),
	ONE(same_content),
	ONE(other_size),
	ONE(replaced),
	ONE(turned_back),
	ONE(removed),
	ONE(became_folder),
	ONE(became_link),
	ONE(executable),
	ONE(longer),
	ONE(appeared),
	ONE(folder_appeared),
	ONE(deep_appeared),
	ONE(way_is_a_link),
	ONE(added),
	ONE(added_below),
	ONE(taken_away),
	ONE(renamed),
	ONE(executable_in_folder),
	ONE(target),
	ONE(target_of_more),
	ONE(file_for_link),
	ONE(folder_is_gone),
	ONE(folder_is_a_link),
};

START_TEST(each_change_shows)
{
	set_up();
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct inputs in;
		struct tree *again;

		world();
		in = noted();
		ck_assert(inputs_hold(&in, plain));
		tick();
		changes[i].change();
		/* a run of its own */
		again = tree_of_folder(dup(at), "world");
		ck_assert_msg(!inputs_hold(&in, again), "%s", changes[i].name);
		tree_close(again);
		tear_down();
		set_up();
	}
	tear_down();
}
END_TEST

/* Text that no note could be: a block may hold any. */
START_TEST(notes_that_are_none)
{
	struct input v[] = { { INPUT_OPEN, "m.json", "" },
			     { 77, "m.json", "" },
			     { -1, "m.json", "" },
			     { INPUT_LIST, "../..", "" },
			     { INPUT_ENTRY, "/etc/passwd", "" },
			     { INPUT_ENTRY, "", "" },
			     { INPUT_OPEN, "\xff", "" } };

	set_up();
	put("m.json", "{}");
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		const struct inputs in = { .v = &v[i], .n = 1 };

		ck_assert_msg(!inputs_hold(&in, plain), "%zu", i);
	}
	tear_down();
}
END_TEST

TEST_SUITE("inputs", all_that_is_looked_at_is_noted,
	   the_answers_are_those_of_the_tree, what_fails_is_told_of,
	   fresh_is_what_changed_just_now, only_content_is_ever_fresh,
	   nothing_changed, no_inputs_hold, each_change_shows,
	   notes_that_are_none)
