/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/scratch.h"
#include "lib/host/linux/files/walk.h"

/* FIPS 180-4 examples: of "abc" and of nothing. */
static const char abc[] =
	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char nothing[] =
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static struct linux_host *linux_host_of(struct scratch *s)
{
	return (struct linux_host *)(void *)s->host;
}

static bool keep(struct scratch *s, const char *path)
{
	struct node n = scratch_look(s, path);
	int fd = openat(s->root, path + 1, O_RDONLY | O_CLOEXEC);
	bool ok = linux_keep(linux_host_of(s), fd, path, &n, &s->diags);

	close(fd);
	return ok;
}

static struct stat copy_stat(struct scratch *s, const char *digest)
{
	struct stat st;

	ck_assert_int_eq(fstatat(s->backups, digest, &st, AT_SYMLINK_NOFOLLOW),
			 0);
	return st;
}

START_TEST(a_copy_is_named_for_its_digest)
{
	struct scratch *s = scratch_open();
	mode_t before = umask(0);

	scratch_put(s, "/a", "abc", 0644);
	scratch_put(s, "/b", "", 0600);
	s->host->mark = 5;
	ck_assert(keep(s, "/a"));
	ck_assert(keep(s, "/b"));
	umask(before);
	ck_assert_uint_eq(s->nkept, 2);
	ck_assert_str_eq(s->kept[0].digest, abc);
	ck_assert_str_eq(s->kept[1].digest, nothing);
	ck_assert_str_eq(s->kept[0].path, "/a");
	ck_assert_uint_eq(s->kept[0].mark, 5);
	ck_assert_uint_eq(s->kept[0].node.mode, 0644);
	ck_assert_str_eq(scratch_get(s->backups, abc), "abc");
	ck_assert_uint_eq(copy_stat(s, abc).st_mode & 07777, 0600);
	scratch_close(s);
}
END_TEST

START_TEST(a_copy_that_is_there_is_not_written_again)
{
	struct scratch *s = scratch_open();
	struct stat first;

	scratch_put(s, "/a", "abc", 0644);
	scratch_put(s, "/b", "abc", 0600);
	ck_assert(keep(s, "/a"));
	first = copy_stat(s, abc);
	ck_assert(keep(s, "/b"));
	ck_assert_uint_eq(copy_stat(s, abc).st_ino, first.st_ino);
	ck_assert_uint_eq(s->nkept, 2);
	ck_assert_str_eq(s->kept[1].digest, abc);
	scratch_close(s);
}
END_TEST

static void spoil(struct scratch *s, int how)
{
	unlinkat(s->backups, abc, 0);
	if (how == 0)
		close(openat(s->backups, abc, O_CREAT | O_WRONLY, 0600));
	if (how == 1)
		ck_assert_int_eq(symlinkat("/etc/passwd", s->backups, abc), 0);
	if (how == 2)
		ck_assert_int_eq(mkfifoat(s->backups, abc, 0600), 0);
	if (how == 3) {
		int fd = openat(s->backups, abc, O_CREAT | O_WRONLY, 0600);

		ck_assert_int_eq(write(fd, "abd", 3), 3);
		close(fd);
	}
}

START_TEST(a_bad_copy_is_replaced)
{
	struct scratch *s = scratch_open();

	scratch_put(s, "/a", "abc", 0644);
	for (int how = 0; how < 4; how++) {
		spoil(s, how);
		ck_assert_msg(keep(s, "/a"), "%s", scratch_said(s));
		ck_assert_str_eq(scratch_get(s->backups, abc), "abc");
		ck_assert_uint_eq(copy_stat(s, abc).st_mode, S_IFREG | 0600);
	}
	scratch_close(s);
}
END_TEST

START_TEST(what_a_kill_left_is_in_nobodys_way)
{
	struct scratch *s = scratch_open();
	char temp[128];

	snprintf(temp, sizeof(temp), "%s.new", abc);
	close(openat(s->backups, temp, O_CREAT | O_WRONLY, 0600));
	scratch_put(s, "/a", "abc", 0644);
	ck_assert(keep(s, "/a"));
	ck_assert_str_eq(scratch_get(s->backups, abc), "abc");
	ck_assert_int_lt(faccessat(s->backups, temp, F_OK, 0), 0);
	scratch_close(s);
}
END_TEST

START_TEST(a_file_that_is_not_what_was_looked_at_is_not_kept)
{
	struct scratch *s = scratch_open();
	struct node n;
	int fd;

	scratch_put(s, "/a", "abc", 0644);
	n = scratch_look(s, "/a");
	scratch_put(s, "/a", "abcd", 0644);
	fd = openat(s->root, "a", O_RDONLY | O_CLOEXEC);
	ck_assert(!linux_keep(linux_host_of(s), fd, "/a", &n, &s->diags));
	close(fd);
	ck_assert_uint_eq(s->nkept, 0);
	scratch_close(s);
}
END_TEST

START_TEST(large_content_is_kept_in_whole)
{
	static char big[1000001];
	struct scratch *s = scratch_open();

	for (size_t i = 0; i < sizeof(big) - 1; i++)
		big[i] = (char)('a' + i % 23);
	scratch_put(s, "/a", big, 0600);
	ck_assert(keep(s, "/a"));
	ck_assert_uint_eq(copy_stat(s, s->kept[0].digest).st_size, 1000000);
	scratch_close(s);
}
END_TEST

START_TEST(without_a_backup_nothing_is_replaced)
{
	struct scratch *s = scratch_open();
	struct linux_host *h = linux_host_of(s);
	struct node old;

	scratch_put(s, "/a", "old", 0600);
	old = scratch_look(s, "/a");
	/* A folder that takes no files. */
	h->options.backup_fd = open("/proc/self", O_RDONLY | O_DIRECTORY);
	ck_assert(scratch_replace(s, "/a", "new", 0644, &old));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 1);
	assert_holds(s, "/a", "old");
	ck_assert(!host_remove(s->host, "/a", false, true, &old, &s->diags));
	assert_holds(s, "/a", "old");
	ck_assert_uint_eq(s->nkept, 0);
	ck_assert_uint_eq(scratch_count(s, "/", ""), 1);
	close(h->options.backup_fd);
	h->options.backup_fd = s->backups;
	scratch_close(s);
}
END_TEST

START_TEST(the_copy_is_made_before_the_file_is_replaced)
{
	struct scratch *s = scratch_open();
	struct node old;

	scratch_put(s, "/a", "abc", 0640);
	old = scratch_look(s, "/a");
	s->host->mark = 2;
	ck_assert(scratch_replace(s, "/a", "new", 0644, &old));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->nkept, 1);
	ck_assert_uint_eq(s->kept[0].mark, 2);
	ck_assert_uint_eq(s->kept[0].node.mode, 0640);
	ck_assert_str_eq(scratch_get(s->backups, s->kept[0].digest), "abc");
	scratch_close(s);
}
END_TEST

START_TEST(nothing_is_kept_that_need_not_be)
{
	struct scratch *s = scratch_open();
	struct content c = content_of("new", 3);
	struct node old;
	struct file_write w = { .path = "/a",
				.content = &c,
				.perms = { PERM_MODE, 0644, 0, 0 },
				.expect = &old };

	scratch_put(s, "/a", "secret", 0600);
	old = scratch_look(s, "/a");
	ck_assert(host_replace(s->host, &w, &s->diags));
	ck_assert(scratch_commit(s));
	assert_holds(s, "/a", "new");
	old = scratch_look(s, "/a");
	ck_assert(host_remove(s->host, "/a", false, false, &old, &s->diags));
	ck_assert_uint_eq(s->nkept, 0);
	/* And none at all where there is no folder for it. */
	linux_host_of(s)->options.backup_fd = -1;
	scratch_put(s, "/a", "x", 0600);
	old = scratch_look(s, "/a");
	ck_assert(host_remove(s->host, "/a", false, true, &old, &s->diags));
	ck_assert_uint_eq(s->nkept, 0);
	scratch_close(s);
}
END_TEST

TEST_SUITE("backup", a_copy_is_named_for_its_digest,
	   a_copy_that_is_there_is_not_written_again, a_bad_copy_is_replaced,
	   what_a_kill_left_is_in_nobodys_way,
	   a_file_that_is_not_what_was_looked_at_is_not_kept,
	   large_content_is_kept_in_whole, without_a_backup_nothing_is_replaced,
	   the_copy_is_made_before_the_file_is_replaced,
	   nothing_is_kept_that_need_not_be)
