/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/source/rewrite.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/host/linux/source/open.h"
#include "lib/test.h"

struct scratch {
	char folder[64];
	struct tree *tree;
	struct diags diags;
	struct tree_stamp stamp;
};

static const char *at(const struct scratch *s, const char *path)
{
	static char whole[256];

	snprintf(whole, sizeof(whole), "%s/%s", s->folder, path);
	return whole;
}

static void put(const struct scratch *s, const char *path, const char *text)
{
	FILE *f = fopen(at(s, path), "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void begin(struct scratch *s)
{
	*s = (struct scratch){ .folder = "/tmp/rewrite.XXXXXX" };
	ck_assert_ptr_nonnull(mkdtemp(s->folder));
	ck_assert_int_eq(mkdir(at(s, "d"), 0755), 0);
	put(s, "d/f", "old");
	s->tree = linux_open_folder(s->folder);
	ck_assert_ptr_nonnull(s->tree);
	ck_assert(tree_stamp(s->tree, "d/f", &s->stamp));
}

static bool rewrite(struct scratch *s, const char *path, const char *text)
{
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, text);
	return linux_rewrite(s->folder, path, "shown", &s->stamp, &b,
			     &s->diags);
}

/* It holds the text, and its folder nothing else. */
static void holds(struct scratch *s, const char *text)
{
	AUTO_BUF struct buf b = { 0 };
	struct tree_entry *v;
	struct arena a = { 0 };
	size_t n;

	ck_assert(tree_read(s->tree, "d/f", 100, &b, &s->diags));
	ck_assert_str_eq(b.text, text);
	ck_assert(tree_list(s->tree, "d", &a, &v, &n, &s->diags));
	ck_assert_uint_eq(n, 1);
	arena_release(&a);
}

static void refused(struct scratch *s, const char *path, const char *words)
{
	ck_assert(!rewrite(s, path, "new"));
	ck_assert_uint_eq(s->diags.n, 1);
	ck_assert_str_eq(s->diags.v[0].text, words);
	diags_release(&s->diags);
}

static void end(struct scratch *s)
{
	tree_close(s->tree);
	diags_release(&s->diags);
	unlink(at(s, "d/f"));
	unlink(at(s, "link"));
	rmdir(at(s, "d"));
	ck_assert_int_eq(rmdir(s->folder), 0);
}

START_TEST(a_file_gets_new_content_and_keeps_its_mode)
{
	struct scratch s;
	struct stat st;

	begin(&s);
	ck_assert_int_eq(chmod(at(&s, "d/f"), 0640), 0);
	ck_assert(tree_stamp(s.tree, "d/f", &s.stamp));
	ck_assert(rewrite(&s, "d/f", "new"));
	holds(&s, "new");
	ck_assert_int_eq(stat(at(&s, "d/f"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0640);
	end(&s);
}
END_TEST

START_TEST(its_owner_too)
{
	struct scratch s;
	struct stat st;

	if (geteuid() != 0)
		return;
	begin(&s);
	ck_assert_int_eq(chown(at(&s, "d/f"), 1234, 4321), 0);
	ck_assert(tree_stamp(s.tree, "d/f", &s.stamp));
	ck_assert(rewrite(&s, "d/f", "new"));
	ck_assert_int_eq(stat(at(&s, "d/f"), &st), 0);
	ck_assert_uint_eq(st.st_uid, 1234);
	ck_assert_uint_eq(st.st_gid, 4321);
	end(&s);
}
END_TEST

START_TEST(an_edit_of_somebody_else_is_not_lost)
{
	struct scratch s;

	begin(&s);
	put(&s, "d/f", "theirs");
	refused(&s, "d/f", "'shown' changed since it was read");
	holds(&s, "theirs");
	end(&s);
}
END_TEST

/* Whoever comes first, theirs is what stays: between the look and the writing
 * there is a sync to disk, long enough for them. */
START_TEST(an_edit_at_the_same_moment_is_not_lost_either)
{
	struct scratch s;

	begin(&s);
	for (int i = 0; i < 200; i++) {
		char other[256], file[256];
		pid_t child;
		int status;

		put(&s, "d/f", "old");
		put(&s, "other", "theirs");
		ck_assert(tree_stamp(s.tree, "d/f", &s.stamp));
		snprintf(other, sizeof(other), "%s/other", s.folder);
		snprintf(file, sizeof(file), "%s/d/f", s.folder);
		child = fork();
		ck_assert_int_ge(child, 0);
		if (child == 0) {
			usleep((useconds_t)i * 10);
			_exit(rename(other, file) == 0 ? 0 : 1);
		}
		rewrite(&s, "d/f", "new");
		diags_release(&s.diags);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(status, 0);
		holds(&s, "theirs");
	}
	end(&s);
}
END_TEST

START_TEST(what_is_gone_is_not_made_again)
{
	struct scratch s;

	begin(&s);
	ck_assert_int_eq(unlink(at(&s, "d/f")), 0);
	refused(&s, "d/f", "'shown' changed since it was read");
	ck_assert_int_lt(access(at(&s, "d/f"), F_OK), 0);
	end(&s);
}
END_TEST

START_TEST(no_link_is_followed)
{
	struct scratch s;

	begin(&s);
	ck_assert_int_eq(symlink("d", at(&s, "link")), 0);
	refused(&s, "link/f",
		"cannot open the folder of 'shown': Not a directory");
	ck_assert_int_eq(unlink(at(&s, "link")), 0);
	ck_assert_int_eq(symlink("d/f", at(&s, "link")), 0);
	refused(&s, "link", "'shown' changed since it was read");
	holds(&s, "old");
	end(&s);
}
END_TEST

TEST_SUITE("rewrite", a_file_gets_new_content_and_keeps_its_mode, its_owner_too,
	   an_edit_of_somebody_else_is_not_lost,
	   an_edit_at_the_same_moment_is_not_lost_either,
	   what_is_gone_is_not_made_again, no_link_is_followed)
