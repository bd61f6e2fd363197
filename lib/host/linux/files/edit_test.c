/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/scratch.h"

#include <sys/syscall.h>

/* How often a name was given to what was staged. */
static size_t exchanges, links;

int renameat2(int from_folder, const char *from, int to_folder, const char *to,
	      unsigned flags)
{
	exchanges++;
	return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to,
			    flags);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to,
	   int flags)
{
	links++;
	return (int)syscall(SYS_linkat, from_folder, from, to_folder, to,
			    flags);
}

static const struct node absent = { .type = NODE_ABSENT };

/* Edits what is there now, as that change. */
static bool edit(struct scratch *s, size_t mark, const char *path,
		 const char *text)
{
	/* until the commit */
	static struct content contents[64];
	static size_t n;
	struct content *c = &contents[n++ % COUNT(contents)];
	struct node expect = scratch_look(s, path);
	struct file_write w = { .path = path,
				.content = c,
				.perms = mode_perms(0640),
				.expect = &expect,
				.backup = true };

	*c = content_of(text, strlen(text));
	s->host->mark = mark;
	return host_edit(s->host, &w, &s->diags);
}

static const char *reads(struct scratch *s, const char *path)
{
	static char text[100];
	AUTO_BUF struct buf b = { 0 };
	bool whole;

	ck_assert(host_read(s->host, path, 99, &b, &whole, &s->diags));
	ck_assert(whole);
	snprintf(text, sizeof(text), "%s", buf_text(&b));
	return text;
}

START_TEST(many_edits_are_one_write)
{
	struct scratch *s = scratch_open();
	struct node old;

	scratch_put(s, "/a", "0", 0600);
	old = scratch_look(s, "/a");
	exchanges = links = 0;
	ck_assert(edit(s, 1, "/a", "1"));
	ck_assert_str_eq(reads(s, "/a"), "1");
	ck_assert(edit(s, 2, "/a", "12"));
	ck_assert_uint_eq(scratch_look(s, "/a").size, 2);
	ck_assert(edit(s, 3, "/a", "123"));
	assert_holds(s, "/a", "0");
	ck_assert_uint_eq(links, 0);
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	ck_assert_uint_eq(exchanges, 1);
	ck_assert_uint_eq(links, 1);
	assert_holds(s, "/a", "123");
	ck_assert_uint_eq(scratch_look(s, "/a").mode, 0640);
	ck_assert_uint_ne(scratch_look(s, "/a").inode, old.inode);
	/* what is kept is from before the first */
	ck_assert_uint_eq(s->nkept, 1);
	ck_assert_uint_eq(s->kept[0].mark, 1);
	ck_assert_uint_eq(s->kept[0].node.inode, old.inode);
	ck_assert_uint_eq(s->intends, 1);
	ck_assert_uint_eq(scratch_count(s, "/", ""), 1);
	scratch_close(s);
}
END_TEST

START_TEST(a_new_file_is_one_link)
{
	struct scratch *s = scratch_open();
	struct content c = content_of("12", 2), other = content_of("21", 2);
	struct content digest;
	enum match m;

	exchanges = links = 0;
	ck_assert(edit(s, 1, "/a", "1"));
	ck_assert_int_eq(scratch_look(s, "/a").type, NODE_FILE);
	ck_assert_uint_eq(scratch_look(s, "/a").mode, 0640);
	ck_assert_uint_eq(scratch_look(s, "/a").uid, geteuid());
	ck_assert(edit(s, 2, "/a", "12"));
	ck_assert(host_compare(s->host, "/a", &c, &m, &s->diags));
	ck_assert_int_eq(m, MATCH_SAME);
	ck_assert(host_compare(s->host, "/a", &other, &m, &s->diags));
	ck_assert_int_eq(m, MATCH_DIFFERENT);
	ck_assert(host_digest(s->host, "/a", &digest, &s->diags));
	ck_assert(content_digest(&c, &s->diags));
	ck_assert_mem_eq(digest.digest, c.digest, DIGEST_SIZE);
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	ck_assert_uint_eq(exchanges, 0);
	ck_assert_uint_eq(links, 1);
	assert_holds(s, "/a", "12");
	ck_assert_uint_eq(s->intends, 0);
	scratch_close(s);
}
END_TEST

/* Whatever links lead to the file. */
START_TEST(paths_to_one_file_are_one_edit)
{
	struct scratch *s = scratch_open();

	scratch_mkdir(s, "/real");
	ck_assert_int_eq(symlinkat("real", s->root, "way"), 0);
	scratch_put(s, "/real/a", "0", 0600);
	exchanges = 0;
	ck_assert(edit(s, 1, "/way/a", "1"));
	ck_assert_str_eq(reads(s, "/real/a"), "1");
	ck_assert(edit(s, 2, "/real/a", "12"));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	ck_assert_uint_eq(exchanges, 1);
	assert_holds(s, "/real/a", "12");
	scratch_close(s);
}
END_TEST

START_TEST(files_of_one_name_are_not_mixed_up)
{
	struct scratch *s = scratch_open();

	scratch_mkdir(s, "/b");
	scratch_mkdir(s, "/c");
	ck_assert(edit(s, 1, "/b/a", "b"));
	ck_assert(edit(s, 2, "/c/a", "c"));
	ck_assert_str_eq(reads(s, "/b/a"), "b");
	ck_assert_str_eq(reads(s, "/c/a"), "c");
	ck_assert_uint_eq(scratch_look(s, "/a").type, NODE_ABSENT);
	ck_assert(scratch_commit(s));
	assert_holds(s, "/b/a", "b");
	assert_holds(s, "/c/a", "c");
	scratch_close(s);
}
END_TEST

static size_t failed_marks;

static void note_mark(void *context, size_t mark, const char *text)
{
	(void)context;
	ck_assert_ptr_nonnull(strstr(text, "changed since it was looked at"));
	failed_marks |= (size_t)1 << mark;
}

START_TEST(a_failure_is_one_of_each_edit)
{
	struct scratch *s = scratch_open();

	scratch_put(s, "/a", "0", 0600);
	ck_assert(edit(s, 1, "/a", "1"));
	scratch_put(s, "/a", "by hand", 0600);
	ck_assert(edit(s, 3, "/a", "12"));
	ck_assert(edit(s, 5, "/b", "b"));
	failed_marks = 0;
	ck_assert(host_commit(s->host, note_mark, NULL, &s->diags));
	ck_assert_uint_eq(failed_marks, 1 << 1 | 1 << 3);
	assert_holds(s, "/a", "by hand");
	assert_holds(s, "/b", "b");
	/* and it is over */
	ck_assert_str_eq(reads(s, "/a"), "by hand");
	scratch_close(s);
}
END_TEST

START_TEST(other_writes_find_it_in_place)
{
	struct scratch *s = scratch_open();
	struct perms private = mode_perms(0600);
	struct node n;

	scratch_put(s, "/a", "0", 0644);
	scratch_put(s, "/b", "0", 0644);
	ck_assert(edit(s, 1, "/a", "1"));
	n = scratch_look(s, "/a");
	ck_assert(host_set_perms(s->host, "/a", &private, &n, &s->diags));
	assert_holds(s, "/a", "1");
	ck_assert(edit(s, 2, "/b", "1"));
	n = scratch_look(s, "/b");
	ck_assert(scratch_replace(s, "/b", "2", 0644, &n));
	ck_assert(edit(s, 3, "/c", "1"));
	n = scratch_look(s, "/c");
	ck_assert(host_remove(s->host, "/c", false, false, &n, &s->diags));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	ck_assert_uint_eq(scratch_look(s, "/a").mode, 0600);
	assert_holds(s, "/b", "2");
	assert_holds(s, "/c", "(none)");
	scratch_close(s);
}
END_TEST

/* What is staged at its path is put in place before it is edited. */
START_TEST(a_staged_file_is_edited_after_it_is_placed)
{
	struct scratch *s = scratch_open();

	ck_assert(scratch_replace(s, "/a", "0", 0644, &absent));
	ck_assert(scratch_commit(s));
	ck_assert(scratch_replace(s, "/b", "0", 0644, &absent));
	ck_assert(edit(s, 1, "/a", "1"));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	assert_holds(s, "/a", "1");
	assert_holds(s, "/b", "0");
	scratch_close(s);
}
END_TEST

START_TEST(many_files_are_edited_at_once)
{
	static char paths[40][8];
	struct scratch *s = scratch_open();

	for (int i = 0; i < 40; i++) {
		snprintf(paths[i], sizeof(paths[i]), "/f%d", i);
		if (i % 2)
			scratch_put(s, paths[i], "0", 0600);
		ck_assert(edit(s, (size_t)i, paths[i], i % 3 ? "x" : "yy"));
	}
	ck_assert(scratch_commit(s));
	ck_assert_msg(s->failures == 0, "%s", s->failed);
	ck_assert_uint_eq(scratch_count(s, "/", ".converge-"), 0);
	ck_assert_uint_eq(scratch_count(s, "/", "f"), 40);
	scratch_close(s);
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
	struct scratch *s = scratch_open();

	scratch_mkdir(s, "/a");
	ck_assert(!edit(s, 1, "/a", "1"));
	ck_assert_str_eq(scratch_said(s), "'/a' is a directory");
	ck_assert(!edit(s, 1, "/no/a", "1"));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	scratch_close(s);
}
END_TEST

START_TEST(nothing_is_written_without_a_commit)
{
	struct scratch *s = scratch_open();
	size_t before = open_descriptors();

	scratch_put(s, "/a", "0", 0600);
	ck_assert(edit(s, 1, "/a", "1"));
	ck_assert_uint_eq(open_descriptors(), before);
	assert_holds(s, "/a", "0");
	scratch_close(s);
}
END_TEST

TEST_SUITE("edit", many_edits_are_one_write, a_new_file_is_one_link,
	   paths_to_one_file_are_one_edit, files_of_one_name_are_not_mixed_up,
	   a_failure_is_one_of_each_edit, other_writes_find_it_in_place,
	   a_staged_file_is_edited_after_it_is_placed,
	   many_files_are_edited_at_once, what_is_no_file_is_refused,
	   nothing_is_written_without_a_commit)
