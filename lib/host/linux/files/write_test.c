/* SPDX-License-Identifier: MIT */
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "lib/host/linux/scratch.h"
#include "lib/host/linux/files/write.h"

static const struct node absent = { .type = NODE_ABSENT };

START_TEST(a_new_file_has_its_content_and_mode)
{
	struct scratch *s = scratch_open();

	ck_assert(scratch_replace(s, "/a", "text\n", 0640, &absent));
	ck_assert_uint_eq(scratch_look(s, "/a").type, NODE_ABSENT);
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	assert_holds(s, "/a", "text\n");
	ck_assert_uint_eq(scratch_look(s, "/a").mode, 0640);
	ck_assert_uint_eq(scratch_look(s, "/a").links, 1);
	/* No name but its own ever stood there. */
	ck_assert_uint_eq(s->intends, 0);
	ck_assert_uint_eq(s->intendeds, 0);
	scratch_close(s);
}
END_TEST

START_TEST(an_empty_file_is_written)
{
	struct scratch *s = scratch_open();

	ck_assert(scratch_replace(s, "/a", "", 0600, &absent));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(scratch_look(s, "/a").type, NODE_FILE);
	ck_assert_uint_eq(scratch_look(s, "/a").size, 0);
	scratch_close(s);
}
END_TEST

START_TEST(a_file_is_replaced_by_a_new_inode)
{
	struct scratch *s = scratch_open();
	struct node old;

	scratch_put(s, "/a", "old", 0600);
	old = scratch_look(s, "/a");
	ck_assert(scratch_replace(s, "/a", "new", 0644, &old));
	assert_holds(s, "/a", "old");
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	assert_holds(s, "/a", "new");
	ck_assert_uint_ne(scratch_look(s, "/a").inode, old.inode);
	ck_assert_uint_eq(scratch_look(s, "/a").mode, 0644);
	ck_assert_uint_eq(s->intends, 1);
	ck_assert_uint_eq(s->intendeds, 1);
	ck_assert_uint_eq(s->early, 0);
	ck_assert_uint_eq(scratch_count(s, "/", ""), 1);
	scratch_close(s);
}
END_TEST

START_TEST(modes_are_exact_whatever_the_umask)
{
	static const uint32_t modes[] = { 0,     0400,  0644,  0777, 04755,
					  02755, 06711, 01777, 07777 };
	static const mode_t masks[] = { 0, 022, 0777 };
	struct scratch *s = scratch_open();

	for (size_t i = 0; i < COUNT(modes); i++) {
		for (size_t j = 0; j < COUNT(masks); j++) {
			mode_t before = umask(masks[j]);
			struct node old;

			/* Or only root could keep a copy of it. */
			if (fchmodat(s->root, "a", 0600, 0) < 0)
				ck_assert_int_eq(errno, ENOENT);
			old = scratch_look(s, "/a");

			ck_assert(
				scratch_replace(s, "/a", "x", modes[i], &old));
			ck_assert(scratch_commit(s));
			umask(before);
			ck_assert_msg(s->failures == 0, "%s", s->failed);
			ck_assert_uint_eq(scratch_look(s, "/a").mode, modes[i]);
		}
	}
	scratch_close(s);
}
END_TEST

START_TEST(set_id_bits_survive_a_change_of_owner)
{
	struct scratch *s = scratch_open();
	struct content c = content_of("x", 1);
	struct file_write w = { .path = "/a",
				.content = &c,
				.perms = { PERM_ALL, 06755, 12345, 12346 },
				.expect = &absent };
	struct node n;

	if (geteuid() == 0) {
		ck_assert(host_replace(s->host, &w, &s->diags));
		ck_assert(scratch_commit(s));
		n = scratch_look(s, "/a");
		ck_assert_uint_eq(n.mode, 06755);
		ck_assert_uint_eq(n.uid, 12345);
		ck_assert_uint_eq(n.gid, 12346);
	}
	scratch_close(s);
}
END_TEST

START_TEST(an_edit_between_look_and_commit_is_a_conflict)
{
	struct scratch *s = scratch_open();
	struct node old;

	scratch_put(s, "/a", "old", 0600);
	old = scratch_look(s, "/a");
	s->host->mark = 7;
	ck_assert(scratch_replace(s, "/a", "new", 0644, &old));
	scratch_put(s, "/a", "edited by hand", 0600);
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 1);
	ck_assert_uint_eq(s->failed_mark, 7);
	ck_assert_ptr_nonnull(strstr(s->failed, "changed since"));
	assert_holds(s, "/a", "edited by hand");
	ck_assert_uint_eq(scratch_count(s, "/", ""), 1);
	scratch_close(s);
}
END_TEST

START_TEST(an_edit_in_place_is_a_conflict)
{
	struct scratch *s = scratch_open();
	struct node old;
	int fd;

	scratch_put(s, "/a", "old", 0600);
	old = scratch_look(s, "/a");
	ck_assert(scratch_replace(s, "/a", "new", 0644, &old));
	/* Past the tick of the clock that stamps files. */
	usleep(20000);
	fd = openat(s->root, "a", O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(write(fd, "OLD", 3), 3);
	close(fd);
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 1);
	assert_holds(s, "/a", "OLD");
	scratch_close(s);
}
END_TEST

START_TEST(an_edit_that_sets_the_time_back_is_a_conflict)
{
	struct scratch *s = scratch_open();
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };
	struct node old;
	struct stat st;
	int fd;

	scratch_put(s, "/a", "old", 0600);
	old = scratch_look(s, "/a");
	ck_assert(scratch_replace(s, "/a", "new", 0644, &old));
	usleep(20000);
	fd = openat(s->root, "a", O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(fstat(fd, &st), 0);
	times[1] = st.st_mtim;
	ck_assert_int_eq(write(fd, "OLD", 3), 3);
	ck_assert_int_eq(futimens(fd, times), 0);
	close(fd);
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 1);
	assert_holds(s, "/a", "OLD");
	scratch_close(s);
}
END_TEST

START_TEST(a_file_that_appeared_is_a_conflict)
{
	struct scratch *s = scratch_open();

	ck_assert(scratch_replace(s, "/a", "new", 0644, &absent));
	scratch_put(s, "/a", "mine", 0600);
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 1);
	assert_holds(s, "/a", "mine");
	scratch_close(s);
}
END_TEST

START_TEST(a_file_that_went_away_is_a_conflict)
{
	struct scratch *s = scratch_open();
	struct node old;

	scratch_put(s, "/a", "old", 0600);
	old = scratch_look(s, "/a");
	ck_assert(scratch_replace(s, "/a", "new", 0644, &old));
	ck_assert_int_eq(unlinkat(s->root, "a", 0), 0);
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 1);
	ck_assert_uint_eq(scratch_count(s, "/", ""), 0);
	scratch_close(s);
}
END_TEST

/* Puts another file at the path at the last moment before the exchange. */
static bool swap_on_intended(void *context, struct diags *d)
{
	struct scratch *s = context;

	(void)d;
	scratch_put(s, "/a", "at the last moment", 0600);
	return true;
}

START_TEST(an_edit_at_the_exchange_is_put_back)
{
	struct scratch *s = scratch_open();
	struct linux_host *h = (struct linux_host *)(void *)s->host;
	struct node old;

	scratch_put(s, "/a", "old", 0600);
	old = scratch_look(s, "/a");
	h->options.intended = swap_on_intended;
	ck_assert(scratch_replace(s, "/a", "new", 0644, &old));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 1);
	ck_assert_ptr_nonnull(strstr(s->failed, "changed since"));
	assert_holds(s, "/a", "at the last moment");
	ck_assert_uint_eq(scratch_count(s, "/", ""), 1);
	scratch_close(s);
}
END_TEST

static bool move_on_intended(void *context, struct diags *d)
{
	struct scratch *s = context;

	(void)d;
	ck_assert_int_eq(renameat(s->root, "d", s->root, "moved"), 0);
	scratch_mkdir(s, "/d");
	scratch_put(s, "/d/a", "another", 0600);
	return true;
}

START_TEST(a_folder_moved_away_is_not_chased)
{
	struct scratch *s = scratch_open();
	struct linux_host *h = (struct linux_host *)(void *)s->host;
	struct node old;

	scratch_mkdir(s, "/d");
	scratch_put(s, "/d/a", "old", 0600);
	old = scratch_look(s, "/d/a");
	h->options.intended = move_on_intended;
	ck_assert(scratch_replace(s, "/d/a", "new", 0644, &old));
	ck_assert(scratch_commit(s));
	ck_assert_uint_ge(s->failures, 1);
	assert_holds(s, "/d/a", "another");
	ck_assert_uint_eq(scratch_count(s, "/d", ""), 1);
	ck_assert_uint_eq(scratch_count(s, "/moved", ".converge-"), 0);
	scratch_close(s);
}
END_TEST

START_TEST(a_folder_swapped_before_the_commit_is_refused)
{
	struct scratch *s = scratch_open();

	scratch_mkdir(s, "/d");
	ck_assert(scratch_replace(s, "/d/a", "new", 0644, &absent));
	ck_assert_int_eq(renameat(s->root, "d", s->root, "moved"), 0);
	scratch_mkdir(s, "/d");
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 1);
	ck_assert_uint_eq(scratch_count(s, "/d", ""), 0);
	ck_assert_uint_eq(scratch_count(s, "/moved", ""), 0);
	scratch_close(s);
}
END_TEST

START_TEST(a_link_in_the_way_is_replaced_not_followed)
{
	struct scratch *s = scratch_open();
	struct node old;

	scratch_put(s, "/victim", "precious", 0600);
	ck_assert_int_eq(symlinkat("victim", s->root, "a"), 0);
	old = scratch_look(s, "/a");
	ck_assert_uint_eq(old.type, NODE_LINK);
	ck_assert(scratch_replace(s, "/a", "new", 0644, &old));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	assert_holds(s, "/victim", "precious");
	assert_holds(s, "/a", "new");
	ck_assert_uint_eq(s->nkept, 1);
	ck_assert_str_eq(s->kept[0].target, "victim");
	ck_assert_str_eq(s->kept[0].digest, "");
	scratch_close(s);
}
END_TEST

static bool force_write(struct scratch *s, const char *path, bool force)
{
	struct content c = content_of("new", 3);
	struct node have = scratch_look(s, path);
	struct file_write w = { .path = path,
				.content = &c,
				.perms = mode_perms(0644),
				.expect = &have,
				.backup = true,
				.force = force };

	return host_replace(s->host, &w, &s->diags);
}

START_TEST(a_folder_in_the_way_needs_force)
{
	struct scratch *s = scratch_open();

	scratch_mkdir(s, "/d");
	scratch_mkdir(s, "/d/sub");
	scratch_put(s, "/d/sub/f", "inside", 0600);
	ck_assert(!force_write(s, "/d", false));
	ck_assert_ptr_nonnull(strstr(scratch_said(s), "is a directory"));
	ck_assert(force_write(s, "/d", true));
	ck_assert(scratch_commit(s));
	ck_assert_msg(s->failures == 0, "%s", s->failed);
	assert_holds(s, "/d", "new");
	ck_assert_uint_eq(scratch_count(s, "/", ""), 1);
	/* The folder, the one in it, and the file in that. */
	ck_assert_uint_eq(s->nkept, 3);
	ck_assert_str_eq(s->kept[2].path, "/d/sub/f");
	ck_assert_str_eq(scratch_get(s->backups, s->kept[2].digest), "inside");
	scratch_close(s);
}
END_TEST

START_TEST(a_fifo_in_the_way_needs_force)
{
	struct scratch *s = scratch_open();

	ck_assert_int_eq(mkfifoat(s->root, "p", 0600), 0);
	ck_assert(!force_write(s, "/p", false));
	ck_assert_ptr_nonnull(strstr(scratch_said(s), "is a FIFO"));
	ck_assert(force_write(s, "/p", true));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	assert_holds(s, "/p", "new");
	scratch_close(s);
}
END_TEST

START_TEST(a_missing_folder_is_an_error_at_once)
{
	struct scratch *s = scratch_open();

	ck_assert(!scratch_replace(s, "/no/a", "x", 0644, &absent));
	ck_assert_ptr_nonnull(strstr(scratch_said(s), "folder"));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	scratch_close(s);
}
END_TEST

START_TEST(a_refused_intent_changes_nothing)
{
	struct scratch *s = scratch_open();
	struct node old;

	scratch_put(s, "/a", "old", 0600);
	old = scratch_look(s, "/a");
	for (int i = 0; i < 2; i++) {
		s->refuse_intend = i == 0;
		s->refuse_intended = i == 1;
		ck_assert(scratch_replace(s, "/a", "new", 0644, &old));
		ck_assert(scratch_replace(s, "/b", "new", 0644, &absent));
		ck_assert(scratch_commit(s));
		ck_assert_uint_eq(s->failures, 2);
		assert_holds(s, "/a", "old");
		ck_assert_uint_eq(scratch_count(s, "/", ""), 1);
	}
	scratch_close(s);
}
END_TEST

START_TEST(a_commit_of_nothing_calls_nothing)
{
	struct scratch *s = scratch_open();
	size_t before = open_descriptors();

	ck_assert(scratch_commit(s));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	ck_assert_uint_eq(open_descriptors(), before);
	ck_assert_ptr_null(linux_of(s->host)->pending);
	scratch_close(s);
}
END_TEST

enum { MANY = 3000 };

START_TEST(many_files_cost_few_intents_and_descriptors)
{
	static char paths[MANY][16];
	struct scratch *s = scratch_open();
	size_t most = 0;

	for (size_t i = 0; i < MANY; i++) {
		if (i % 1000 == 0) {
			snprintf(paths[i], sizeof(paths[i]), "/d%zu", i / 1000);
			scratch_mkdir(s, paths[i]);
		}
		snprintf(paths[i], sizeof(paths[i]), "/d%zu/%zu", i / 1000, i);
		ck_assert(
			scratch_replace(s, paths[i], paths[i], 0640, &absent));
		if (i % 500 == 0 && open_descriptors() > most)
			most = open_descriptors();
	}
	ck_assert_uint_lt(most, 64);
	ck_assert(scratch_commit(s));
	ck_assert_msg(s->failures == 0, "%s", s->failed);
	ck_assert_uint_eq(s->early, 0);
	ck_assert_uint_eq(s->intendeds, 1);
	ck_assert_uint_le(s->intends, MANY);
	for (size_t i = 0; i < MANY; i++) {
		struct stat st;

		assert_holds(s, paths[i], paths[i]);
		ck_assert_int_eq(fstatat(s->root, paths[i] + 1, &st, 0), 0);
		ck_assert_uint_eq(st.st_mode & 07777, 0640);
		ck_assert_uint_eq(st.st_nlink, 1);
	}
	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_eq(
			scratch_count(s,
				      paths[i * 1000][0]
					      ? (char[]){ '/', 'd',
							  (char)('0' + i), 0 }
					      : "/",
				      ""),
			1000);
	scratch_close(s);
}
END_TEST

START_TEST(many_files_are_replaced_and_one_conflict_hurts_no_other)
{
	static char paths[100][16];
	struct scratch *s = scratch_open();

	for (size_t i = 0; i < 100; i++) {
		struct node old;

		snprintf(paths[i], sizeof(paths[i]), "/f%zu", i);
		scratch_put(s, paths[i], paths[i], 0600);
		old = scratch_look(s, paths[i]);
		s->host->mark = i;
		ck_assert(scratch_replace(s, paths[i], "new", 0640, &old));
	}
	scratch_put(s, "/f50", "by hand", 0600);
	scratch_put(s, "/f3", "by hand", 0600);
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 2);
	for (size_t i = 0; i < 100; i++)
		assert_holds(s, paths[i],
			     i == 50 || i == 3 ? "by hand" : "new");
	ck_assert_uint_eq(scratch_count(s, "/", ""), 100);
	ck_assert_uint_eq(s->intendeds, 1);
	ck_assert_uint_eq(s->nkept, 98);
	scratch_close(s);
}
END_TEST

START_TEST(a_batch_of_many_bytes_is_put_in_place_as_it_fills)
{
	static char big[24 * 1024 * 1024];
	struct scratch *s = scratch_open();
	struct content c = content_of(big, sizeof(big));
	struct file_write w = { .content = &c,
				.perms = mode_perms(0600),
				.expect = &absent };
	static const char *const paths[] = { "/a", "/b", "/c" };

	memset(big, 'x', sizeof(big));
	for (size_t i = 0; i < COUNT(paths); i++) {
		w.path = paths[i];
		ck_assert(host_replace(s->host, &w, &s->diags));
	}
	ck_assert_uint_eq(scratch_look(s, "/a").size, sizeof(big));
	ck_assert_uint_eq(scratch_look(s, "/c").type, NODE_ABSENT);
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(scratch_look(s, "/c").size, sizeof(big));
	scratch_close(s);
}
END_TEST

START_TEST(a_failure_of_an_early_batch_is_told_at_the_commit)
{
	static char big[40 * 1024 * 1024];
	struct scratch *s = scratch_open();
	struct content c = content_of(big, sizeof(big));
	struct file_write w = { .path = "/a",
				.content = &c,
				.perms = mode_perms(0600),
				.expect = &absent };

	s->host->mark = 3;
	ck_assert(host_replace(s->host, &w, &s->diags));
	scratch_put(s, "/a", "mine", 0600);
	s->host->mark = 4;
	w.path = "/b";
	ck_assert(host_replace(s->host, &w, &s->diags));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 1);
	ck_assert_uint_eq(s->failed_mark, 3);
	assert_holds(s, "/a", "mine");
	ck_assert_uint_eq(scratch_look(s, "/b").size, sizeof(big));
	scratch_close(s);
}
END_TEST

START_TEST(what_comes_next_finds_what_was_staged_in_place)
{
	struct scratch *s = scratch_open();
	struct perms p = mode_perms(0600);
	struct node first;

	ck_assert(scratch_replace(s, "/a", "one", 0644, &absent));
	/* The same path again: the first is put in place now. */
	ck_assert(!scratch_replace(s, "/a", "two", 0644, &absent) ||
		  scratch_commit(s));
	assert_holds(s, "/a", "one");
	ck_assert_uint_eq(s->failures, 1);
	ck_assert(scratch_replace(s, "/b", "x", 0644, &absent));
	ck_assert(host_set_perms(s->host, "/b", &p, NULL, &s->diags));
	ck_assert_uint_eq(scratch_look(s, "/b").mode, 0600);
	first = scratch_look(s, "/b");
	ck_assert(scratch_replace(s, "/b", "y", 0644, &first));
	ck_assert(scratch_commit(s));
	assert_holds(s, "/b", "y");
	scratch_close(s);
}
END_TEST

START_TEST(a_full_disk_leaves_what_was_there)
{
	struct scratch *s = scratch_open();
	static char text[8192];
	struct rlimit limit, small = { 4096, RLIM_INFINITY };
	struct node old;

	memset(text, 'x', sizeof(text) - 1);
	scratch_put(s, "/a", "old", 0600);
	old = scratch_look(s, "/a");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	small.rlim_max = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	ck_assert(!scratch_replace(s, "/a", text, 0600, &old));
	setrlimit(RLIMIT_FSIZE, &limit);
	ck_assert_ptr_nonnull(strstr(scratch_said(s), "File too large"));
	ck_assert(scratch_commit(s));
	assert_holds(s, "/a", "old");
	ck_assert_uint_eq(scratch_count(s, "/", ""), 1);
	scratch_close(s);
}
END_TEST

START_TEST(content_that_is_not_what_was_planned_is_refused)
{
	struct scratch *s = scratch_open();
	struct tree *tree;
	struct content c;
	struct file_write w = { .path = "/a",
				.content = &c,
				.perms = mode_perms(0600),
				.expect = &absent };

	scratch_mkdir(s, "/files");
	scratch_put(s, "/files/f", "good", 0600);
	tree = tree_of_folder(
		openat(s->root, "files", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		"files");
	c = (struct content){ .tree = tree, .path = "f", .size = 4 };
	ck_assert(content_digest(&c, &s->diags));
	scratch_put(s, "/files/f", "evil", 0600);
	ck_assert(!host_replace(s->host, &w, &s->diags));
	ck_assert_ptr_nonnull(strstr(scratch_said(s), "changed since"));
	scratch_put(s, "/files/f", "good", 0600);
	ck_assert(host_replace(s->host, &w, &s->diags));
	ck_assert(scratch_commit(s));
	assert_holds(s, "/a", "good");
	tree_close(tree);
	scratch_close(s);
}
END_TEST

START_TEST(a_displaced_program_loses_its_set_id_bits)
{
	struct scratch *s = scratch_open();
	struct node old;

	scratch_put(s, "/su", "program", 04755);
	scratch_mkdir(s, "/home");
	ck_assert_int_eq(linkat(s->root, "su", s->root, "home/kept", 0), 0);
	old = scratch_look(s, "/su");
	ck_assert(scratch_replace(s, "/su", "fixed", 04755, &old));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	ck_assert_uint_eq(scratch_look(s, "/su").mode, 04755);
	ck_assert_uint_eq(scratch_look(s, "/home/kept").mode, 0);
	scratch_close(s);
}
END_TEST

START_TEST(a_directory_gets_its_mode_and_owner)
{
	static const uint32_t modes[] = { 0755, 0700, 01777, 02775, 0 };
	struct scratch *s = scratch_open();

	for (size_t i = 0; i < COUNT(modes); i++) {
		char path[8];
		struct perms p = { PERM_ALL, modes[i], geteuid(), getegid() };
		mode_t before = umask(0777);

		if (geteuid() == 0)
			p.uid = 12345;
		snprintf(path, sizeof(path), "/d%zu", i);
		ck_assert(host_make_directory(s->host, path, &p, &s->diags));
		umask(before);
		ck_assert_uint_eq(scratch_look(s, path).type, NODE_DIRECTORY);
		ck_assert_uint_eq(scratch_look(s, path).mode, modes[i]);
		ck_assert_uint_eq(scratch_look(s, path).uid, p.uid);
	}
	ck_assert(scratch_commit(s));
	ck_assert_msg(s->failures == 0, "%s", s->failed);
	scratch_close(s);
}
END_TEST

START_TEST(a_directory_that_is_there_is_a_conflict)
{
	struct scratch *s = scratch_open();
	struct perms p = mode_perms(0755);

	scratch_mkdir(s, "/d");
	ck_assert(!host_make_directory(s->host, "/d", &p, &s->diags));
	ck_assert(!host_make_directory(s->host, "/no/d", &p, &s->diags));
	ck_assert_uint_eq(scratch_look(s, "/d").type, NODE_DIRECTORY);
	scratch_close(s);
}
END_TEST

static const char *target_of(struct scratch *s, const char *path)
{
	static char target[64];
	ssize_t n = readlinkat(s->root, path + 1, target, sizeof(target) - 1);

	target[n < 0 ? 0 : n] = '\0';
	return target;
}

START_TEST(a_link_is_made_and_turned)
{
	struct scratch *s = scratch_open();
	struct node have;

	ck_assert(host_make_link(s->host, "/l", "one", &absent, false,
				 &s->diags));
	ck_assert_uint_eq(s->intendeds, 0);
	ck_assert_str_eq(target_of(s, "/l"), "one");
	have = scratch_look(s, "/l");
	ck_assert(!host_make_link(s->host, "/l", "two", &absent, false,
				  &s->diags));
	ck_assert(
		host_make_link(s->host, "/l", "two", &have, false, &s->diags));
	ck_assert_str_eq(target_of(s, "/l"), "two");
	ck_assert_uint_eq(s->intendeds, 1);
	/* It is another link by now. */
	ck_assert(!host_make_link(s->host, "/l", "three", &have, false,
				  &s->diags));
	ck_assert_str_eq(target_of(s, "/l"), "two");
	ck_assert_uint_eq(scratch_count(s, "/", ""), 1);
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	scratch_close(s);
}
END_TEST

START_TEST(a_link_displaces_others_only_by_force)
{
	struct scratch *s = scratch_open();
	struct node file, folder;

	scratch_put(s, "/f", "text", 0600);
	scratch_mkdir(s, "/d");
	scratch_put(s, "/d/in", "inside", 0600);
	file = scratch_look(s, "/f");
	folder = scratch_look(s, "/d");
	ck_assert(!host_make_link(s->host, "/f", "t", &file, false, &s->diags));
	ck_assert(
		!host_make_link(s->host, "/d", "t", &folder, false, &s->diags));
	assert_holds(s, "/f", "text");
	ck_assert(host_make_link(s->host, "/f", "t", &file, true, &s->diags));
	ck_assert(host_make_link(s->host, "/d", "t", &folder, true, &s->diags));
	ck_assert_str_eq(target_of(s, "/f"), "t");
	ck_assert_str_eq(target_of(s, "/d"), "t");
	ck_assert_uint_eq(scratch_count(s, "/", ""), 2);
	ck_assert_uint_eq(s->nkept, 3);
	ck_assert_str_eq(scratch_get(s->backups, s->kept[0].digest), "text");
	scratch_close(s);
}
END_TEST

START_TEST(perms_are_set_on_each_type)
{
	struct scratch *s = scratch_open();
	struct perms p = { PERM_ALL, 02710, 12345, 12346 };
	static const char *const paths[] = { "/f", "/d", "/p", "/s" };

	if (geteuid() != 0)
		p = mode_perms(0710);
	scratch_put(s, "/f", "x", 0);
	scratch_mkdir(s, "/d");
	ck_assert_int_eq(mkfifoat(s->root, "p", 0600), 0);
	ck_assert_int_eq(mknodat(s->root, "s", S_IFSOCK | 0600, 0), 0);
	for (size_t i = 0; i < COUNT(paths); i++) {
		struct node have = scratch_look(s, paths[i]);

		ck_assert_msg(
			host_set_perms(s->host, paths[i], &p, &have, &s->diags),
			"%s", scratch_said(s));
		have = scratch_look(s, paths[i]);
		ck_assert_uint_eq(have.mode, p.mode);
		if (p.set & PERM_UID)
			ck_assert_uint_eq(have.uid, 12345);
	}
	ck_assert(scratch_commit(s));
	ck_assert_msg(s->failures == 0, "%s", s->failed);
	scratch_close(s);
}
END_TEST

START_TEST(perms_that_are_not_set_stay)
{
	struct scratch *s = scratch_open();
	struct perms p = { PERM_GID, 0, 0, getegid() };
	struct node have;

	scratch_put(s, "/f", "x", 04751);
	have = scratch_look(s, "/f");
	ck_assert(host_set_perms(s->host, "/f", &p, &have, &s->diags));
	ck_assert_uint_eq(scratch_look(s, "/f").mode, 04751);
	if (geteuid() == 0) {
		p.gid = 12346;
		ck_assert(host_set_perms(s->host, "/f", &p, NULL, &s->diags));
		/* chown(2) would have cleared the set-id bit. */
		ck_assert_uint_eq(scratch_look(s, "/f").mode, 04751);
		ck_assert_uint_eq(scratch_look(s, "/f").gid, 12346);
	}
	scratch_close(s);
}
END_TEST

START_TEST(perms_of_what_changed_or_is_a_link_are_refused)
{
	struct scratch *s = scratch_open();
	struct perms p = mode_perms(0777);
	struct node have;

	scratch_put(s, "/f", "x", 0600);
	have = scratch_look(s, "/f");
	scratch_put(s, "/f", "another", 0600);
	ck_assert(!host_set_perms(s->host, "/f", &p, &have, &s->diags));
	ck_assert_uint_eq(scratch_look(s, "/f").mode, 0600);
	ck_assert_int_eq(symlinkat("f", s->root, "l"), 0);
	have = scratch_look(s, "/l");
	ck_assert(!host_set_perms(s->host, "/l", &p, &have, &s->diags));
	ck_assert_uint_eq(scratch_look(s, "/f").mode, 0600);
	ck_assert(!host_set_perms(s->host, "/no", &p, NULL, &s->diags));
	scratch_close(s);
}
END_TEST

START_TEST(hard_links_keep_their_perms_where_others_write)
{
	struct scratch *s = scratch_open();
	struct perms p = mode_perms(0666);
	struct node have;

	scratch_put(s, "/shadow", "x", 0600);
	scratch_mkdir(s, "/tmp");
	scratch_mkdir(s, "/own");
	ck_assert_int_eq(fchmodat(s->root, "tmp", 01777, 0), 0);
	ck_assert_int_eq(linkat(s->root, "shadow", s->root, "tmp/f", 0), 0);
	have = scratch_look(s, "/tmp/f");
	ck_assert(!host_set_perms(s->host, "/tmp/f", &p, &have, &s->diags));
	ck_assert_ptr_nonnull(strstr(scratch_said(s), "hard links"));
	ck_assert_uint_eq(scratch_look(s, "/shadow").mode, 0600);
	/* On root's own ground only root can have made it. */
	ck_assert_int_eq(linkat(s->root, "shadow", s->root, "own/f", 0), 0);
	ck_assert(host_set_perms(s->host, "/own/f", &p, NULL, &s->diags));
	ck_assert_uint_eq(scratch_look(s, "/shadow").mode, 0666);
	scratch_close(s);
}
END_TEST

START_TEST(a_displaced_program_keeps_its_bits_where_others_link)
{
	struct scratch *s = scratch_open();
	struct node old;

	scratch_put(s, "/su", "program", 04755);
	scratch_mkdir(s, "/tmp");
	ck_assert_int_eq(fchmodat(s->root, "tmp", 01777, 0), 0);
	ck_assert_int_eq(linkat(s->root, "su", s->root, "tmp/f", 0), 0);
	old = scratch_look(s, "/tmp/f");
	ck_assert(scratch_replace(s, "/tmp/f", "new", 0644, &old));
	ck_assert(scratch_commit(s));
	ck_assert_msg(s->failures == 0, "%s", s->failed);
	assert_holds(s, "/tmp/f", "new");
	ck_assert_uint_eq(scratch_look(s, "/su").mode, 04755);
	scratch_close(s);
}
END_TEST

enum { USER = 12345 };

static void user_home(struct scratch *s)
{
	scratch_mkdir(s, "/etc");
	scratch_put(s, "/etc/passwd",
		    "root:x:0:0::/root:/bin/sh\nu:x:12345:12346::/home/u:/b\n",
		    0644);
	scratch_put(s, "/etc/group", "root:x:0:\nu:x:12346:\nw:x:12347:u\n",
		    0644);
	scratch_mkdir(s, "/home");
	scratch_mkdir(s, "/home/u");
	ck_assert_int_eq(fchownat(s->root, "home/u", USER, 12346, 0), 0);
}

START_TEST(a_users_ground_is_written_to_as_that_user)
{
	struct scratch *s;
	struct perms p = mode_perms(0750);
	struct node n;

	if (geteuid() != 0)
		return;
	s = scratch_open();
	user_home(s);
	ck_assert_msg(scratch_replace(s, "/home/u/f", "x", 0640, &absent), "%s",
		      scratch_said(s));
	ck_assert(host_make_directory(s->host, "/home/u/d", &p, &s->diags));
	ck_assert(host_make_link(s->host, "/home/u/l", "f", &absent, false,
				 &s->diags));
	ck_assert(scratch_commit(s));
	ck_assert_msg(s->failures == 0, "%s", s->failed);
	n = scratch_look(s, "/home/u/f");
	ck_assert_uint_eq(n.uid, USER);
	ck_assert_uint_eq(n.gid, 12346);
	ck_assert_uint_eq(n.mode, 0640);
	ck_assert_uint_eq(scratch_look(s, "/home/u/d").uid, USER);
	ck_assert_uint_eq(scratch_look(s, "/home/u/l").uid, USER);
	ck_assert(scratch_replace(s, "/home/u/f", "y", 0600, &n));
	ck_assert(scratch_commit(s));
	ck_assert_msg(s->failures == 0, "%s", s->failed);
	assert_holds(s, "/home/u/f", "y");
	n = scratch_look(s, "/home/u/f");
	ck_assert(
		host_remove(s->host, "/home/u/f", false, true, &n, &s->diags));
	n = scratch_look(s, "/home/u/d");
	ck_assert(host_remove(s->host, "/home/u/d", true, true, &n, &s->diags));
	ck_assert_uint_eq(scratch_count(s, "/home/u", ""), 1);
	ck_assert_uint_eq(geteuid(), 0);
	ck_assert_uint_eq(getegid(), 0);
	scratch_close(s);
}
END_TEST

/* Whichever folder came first. */
START_TEST(a_user_without_an_account_has_the_folders_group)
{
	static const struct {
		const char *folder, *file;
		gid_t group, want;
	} rows[] = { { "one", "/one/f", 5, 5 },
		     { "two", "/two/f", 6, 6 },
		     { "roots", "/roots/f", 0, 65534 },
		     { "again", "/again/f", 5, 5 } };
	struct scratch *s;

	if (geteuid() != 0)
		return;
	s = scratch_open();
	for (size_t i = 0; i < COUNT(rows); i++) {
		ck_assert_int_eq(mkdirat(s->root, rows[i].folder, 0700), 0);
		ck_assert_int_eq(fchownat(s->root, rows[i].folder, USER,
					  rows[i].group, 0),
				 0);
		ck_assert(scratch_replace(s, rows[i].file, "x", 0640, &absent));
	}
	ck_assert(scratch_commit(s));
	ck_assert_msg(s->failures == 0, "%s", s->failed);
	for (size_t i = 0; i < COUNT(rows); i++) {
		ck_assert_uint_eq(scratch_look(s, rows[i].file).uid, USER);
		ck_assert_uint_eq(scratch_look(s, rows[i].file).gid,
				  rows[i].want);
	}
	scratch_close(s);
}
END_TEST

START_TEST(a_users_ground_takes_no_other_owner)
{
	struct content c = content_of("x", 1);
	struct file_write w = { .path = "/home/u/f",
				.content = &c,
				.perms = { PERM_ALL, 0600, 0, 0 },
				.expect = &absent };
	struct scratch *s;

	if (geteuid() != 0)
		return;
	s = scratch_open();
	user_home(s);
	ck_assert(!host_replace(s->host, &w, &s->diags));
	ck_assert_ptr_nonnull(
		strstr(scratch_said(s), "'/home/u' belongs to u"));
	ck_assert_str_eq(s->diags.v[s->diags.n - 1].hint, "give owner \"u\"");
	ck_assert(!host_make_directory(s->host, "/home/u/d", &w.perms,
				       &s->diags));
	/* A group that u is in, and one that u is not in. */
	w.perms = (struct perms){ PERM_ALL, 0640, USER, 12347 };
	ck_assert_msg(host_replace(s->host, &w, &s->diags), "%s",
		      scratch_said(s));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(scratch_look(s, "/home/u/f").gid, 12347);
	w.path = "/home/u/g";
	w.perms.gid = 4;
	ck_assert_msg(host_replace(s->host, &w, &s->diags), "%s",
		      scratch_said(s));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(scratch_look(s, "/home/u/g").uid, USER);
	ck_assert_uint_eq(scratch_look(s, "/home/u/g").gid, 4);
	ck_assert_uint_eq(scratch_look(s, "/home/u/g").mode, 0640);
	ck_assert_uint_eq(geteuid(), 0);
	scratch_close(s);
}
END_TEST

static void refuses_perms(struct scratch *s, const char *path,
			  struct perms perms, const char *text)
{
	struct node have = scratch_look(s, path), now;

	ck_assert(!host_set_perms(s->host, path, &perms, &have, &s->diags));
	ck_assert_msg(strstr(scratch_said(s), text), "%s", scratch_said(s));
	now = scratch_look(s, path);
	ck_assert_uint_eq(now.mode, have.mode);
	ck_assert_uint_eq(now.uid, have.uid);
	ck_assert_uint_eq(now.gid, have.gid);
	ck_assert_uint_eq(geteuid(), 0);
}

/* Root gives a group that u is not in, and no more than that. */
START_TEST(on_a_users_ground_only_what_is_the_users_takes_a_group)
{
	const struct perms any = { PERM_MODE | PERM_GID, 0600, 0, 4 };
	const struct perms program = { PERM_MODE | PERM_GID, 02750, 0, 4 };
	struct scratch *s;
	struct node have;

	if (geteuid() != 0)
		return;
	s = scratch_open();
	user_home(s);
	scratch_put(s, "/home/u/roots", "x", 0644);
	refuses_perms(s, "/home/u/roots", any,
		      "'/home/u/roots' belongs to root, in a folder of u");
	scratch_put(s, "/home/u/f", "x", 0755);
	ck_assert_int_eq(fchownat(s->root, "home/u/f", USER, 12346, 0), 0);
	refuses_perms(s, "/home/u/f", program, "would run as a group that u");
	have = scratch_look(s, "/home/u/f");
	ck_assert_msg(
		host_set_perms(s->host, "/home/u/f", &any, &have, &s->diags),
		"%s", scratch_said(s));
	ck_assert_uint_eq(scratch_look(s, "/home/u/f").gid, 4);
	ck_assert_uint_eq(scratch_look(s, "/home/u/f").mode, 0600);
	/* by another name it may be in any folder */
	ck_assert_int_eq(linkat(s->root, "home/u/f", s->root, "home/u/l", 0),
			 0);
	refuses_perms(s, "/home/u/l", program, "has 2 hard links");
	/* what u cannot do is not half done */
	ck_assert_int_eq(mkfifoat(s->root, "home/u/p", 0644), 0);
	ck_assert_int_eq(fchownat(s->root, "home/u/p", USER, 12346, 0), 0);
	refuses_perms(s, "/home/u/p", any, "cannot set owner and mode");
	scratch_close(s);
}
END_TEST

START_TEST(a_users_link_to_roots_file_is_neither_read_nor_changed)
{
	struct perms p = mode_perms(0666);
	struct scratch *s;
	struct node have;

	if (geteuid() != 0)
		return;
	s = scratch_open();
	user_home(s);
	scratch_put(s, "/shadow", "secret", 0600);
	ck_assert_int_eq(linkat(s->root, "shadow", s->root, "home/u/f", 0), 0);
	have = scratch_look(s, "/home/u/f");
	ck_assert(!host_set_perms(s->host, "/home/u/f", &p, &have, &s->diags));
	ck_assert(scratch_replace(s, "/home/u/f", "x", 0600, &have));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 1);
	ck_assert_uint_eq(s->nkept, 0);
	assert_holds(s, "/shadow", "secret");
	ck_assert_uint_eq(scratch_look(s, "/shadow").mode, 0600);
	ck_assert_uint_eq(scratch_count(s, "/home/u", ""), 1);
	scratch_close(s);
}
END_TEST

/* The real root, with a /run of its own; so in a process of its own. */
static struct host *real_host(struct scratch *s)
{
	struct linux_options options = { .root = "/",
					 .writable = true,
					 .backup_fd = -1,
					 .intend = scratch_intend,
					 .intended = scratch_intended,
					 .context = s };

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/run", "tmpfs", 0, "mode=0755") < 0)
		return NULL;
	return host_linux(&options, &s->diags);
}

static size_t run_entries(void)
{
	DIR *dir = opendir("/run");
	size_t n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n - 2;
}

static const char *grep_good[] = {
	"/bin/sh",
	"-c",
	"test \"${1##*/}\" = the.conf && grep -q good \"$1\" && exit 0\n"
	"echo '  not good  ' >&2; exit 3",
	"sh",
	"%",
	NULL
};

static const struct strings good = { grep_good, 5, 5 };

static bool validated(struct host *h, const char *path, const char *text,
		      struct diags *d)
{
	struct content c = content_of(text, strlen(text));
	struct file_write w = { .path = path,
				.content = &c,
				.perms = mode_perms(0644),
				.expect = &absent,
				.validate = &good,
				.validate_timeout = 10000 };

	return host_replace(h, &w, d);
}

/* 0 is good, 77: nothing can be mounted here. */
static int validate_some(struct scratch *s)
{
	static char paths[20][128];
	struct host *h = real_host(s);

	if (!h)
		return 77;
	for (size_t i = 0; i < 20; i++) {
		char folder[16];

		snprintf(folder, sizeof(folder), "/d%zu", i);
		scratch_mkdir(s, folder);
		snprintf(paths[i], sizeof(paths[i]), "%s/root%s/the.conf",
			 s->folder, folder);
	}
	if (validated(h, paths[0], "bad", &s->diags))
		return 2;
	if (!strstr(scratch_said(s), "exit status 3): not good") ||
	    run_entries())
		return 3;
	/* The last but one is late, and found wanting at the commit. */
	for (size_t i = 0; i < 20; i++)
		if (!validated(h, paths[i], i == 18 ? "bad" : "good",
			       &s->diags))
			return 4;
	if (!host_commit(h, scratch_on_failed, s, &s->diags) ||
	    s->failures != 1 || !strstr(s->failed, "not good"))
		return 5;
	if (run_entries() || s->intendeds != 2)
		return 6;
	host_close(h);
	return 0;
}

START_TEST(a_validator_has_the_last_word)
{
	struct scratch *s;
	int status = 0;
	pid_t pid;

	if (geteuid() != 0)
		return;
	s = scratch_open();
	pid = fork();
	if (pid == 0)
		_exit(validate_some(s));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) != 77) {
		ck_assert_int_eq(WEXITSTATUS(status), 0);
		assert_holds(s, "/d0/the.conf", "good");
		assert_holds(s, "/d18/the.conf", "(none)");
		assert_holds(s, "/d19/the.conf", "good");
		ck_assert_uint_eq(scratch_count(s, "/d18", ""), 0);
	}
	scratch_close(s);
}
END_TEST

START_TEST(a_validator_that_is_not_there_accepts_nothing)
{
	static const char *argv[] = { "/no/such/program", "%", NULL };
	struct scratch *s = scratch_open();
	struct strings validate = { argv, 2, 2 };
	struct content c = content_of("x", 1);
	struct file_write w = { .path = "/a",
				.content = &c,
				.perms = mode_perms(0644),
				.expect = &absent,
				.validate = &validate };

	ck_assert(!host_replace(s->host, &w, &s->diags));
	ck_assert_ptr_nonnull(strstr(scratch_said(s), "to validate in"));
	scratch_mkdir(s, "/tmp");
	ck_assert(!host_replace(s->host, &w, &s->diags));
	ck_assert_uint_eq(scratch_count(s, "/tmp", ""), 0);
	scratch_mkdir(s, "/run");
	ck_assert(!host_replace(s->host, &w, &s->diags));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(scratch_count(s, "/run", ""), 0);
	ck_assert_uint_eq(scratch_look(s, "/a").type, NODE_ABSENT);
	scratch_close(s);
}
END_TEST

START_TEST(strays_are_cleaned_and_nothing_else)
{
	static const char stray[] = ".converge-0123456789abcdef01234567";
	static const char *const others[] = {
		"f",
		".converge-",
		".converge-0123456789abcdef0123456z",
		".converge-0123456789abcdef01234567x",
		"../etc/passwd",
		""
	};
	struct scratch *s = scratch_open();
	char path[64];

	ck_assert(host_linux_clean(s->host, "/", stray, &s->diags));
	ck_assert(host_linux_clean(s->host, "/no", stray, &s->diags));
	scratch_mkdir(s, "/d");
	snprintf(path, sizeof(path), "/d/%s", stray);
	scratch_put(s, path, "x", 04000);
	if (geteuid() == 0)
		ck_assert_int_eq(fchownat(s->root, path + 1, 33, 33, 0), 0);
	ck_assert(host_linux_clean(s->host, "/d", stray, &s->diags));
	ck_assert_int_eq(symlinkat("x", s->root, path + 1), 0);
	ck_assert(host_linux_clean(s->host, "/d", stray, &s->diags));
	scratch_mkdir(s, path);
	ck_assert(host_linux_clean(s->host, "/d", stray, &s->diags));
	ck_assert_uint_eq(scratch_count(s, "/d", ""), 0);
	for (size_t i = 0; i < COUNT(others); i++)
		ck_assert(
			!host_linux_clean(s->host, "/d", others[i], &s->diags));
	scratch_close(s);
}
END_TEST

/* A killed run may have exchanged an edit that it never came to look at. */
START_TEST(what_a_stray_holds_is_kept)
{
	static const char stray[] = ".converge-0123456789abcdef01234567";
	static const char room[] = "converge-validate-0123456789abcdef01234567";
	struct scratch *s = scratch_open();
	char path[80];

	snprintf(path, sizeof(path), "/%s", stray);
	scratch_put(s, path, "an edit", 0644);
	ck_assert(host_linux_clean(s->host, "/", stray, &s->diags));
	ck_assert_uint_eq(s->nkept, 1);
	ck_assert_str_eq(scratch_get(s->backups, s->kept[0].digest), "an edit");
	ck_assert_int_eq(symlinkat("target", s->root, stray), 0);
	ck_assert(host_linux_clean(s->host, "/", stray, &s->diags));
	ck_assert_str_eq(s->kept[1].target, "target");
	scratch_mkdir(s, path);
	snprintf(path, sizeof(path), "/%s/f", stray);
	scratch_put(s, path, "added", 0644);
	ck_assert(host_linux_clean(s->host, "/", stray, &s->diags));
	ck_assert_uint_eq(s->nkept, 4);
	ck_assert_str_eq(scratch_get(s->backups, s->kept[3].digest), "added");
	/* But not the copies that validators are shown, nor what is empty. */
	snprintf(path, sizeof(path), "/%s", room);
	scratch_mkdir(s, path);
	snprintf(path, sizeof(path), "/%s/f", room);
	scratch_put(s, path, "secret", 0600);
	ck_assert(host_linux_clean(s->host, "/", room, &s->diags));
	snprintf(path, sizeof(path), "/%s", stray);
	scratch_put(s, path, "", 0);
	ck_assert(host_linux_clean(s->host, "/", stray, &s->diags));
	ck_assert_uint_eq(s->nkept, 4);
	ck_assert_uint_eq(scratch_count(s, "/", ""), 0);
	scratch_close(s);
}
END_TEST

/* On his own ground a user can make anything of a stray. */
START_TEST(what_a_user_made_of_a_stray_is_cleaned_all_the_same)
{
	static const char stray[] = ".converge-0123456789abcdef01234567";
	struct scratch *s;
	int fd;

	if (geteuid() != 0)
		return;
	s = scratch_open();
	user_home(s);
	scratch_put(s, "/shadow", "secret", 0600);
	ck_assert_int_eq(linkat(s->root, "shadow", s->root,
				"home/u/.converge-0123456789abcdef01234567", 0),
			 0);
	ck_assert(host_linux_clean(s->host, "/home/u", stray, &s->diags));
	scratch_put(s, "/home/u/.converge-0123456789abcdef01234567", "x", 0);
	fd = openat(s->root, "home/u/.converge-0123456789abcdef01234567",
		    O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(ftruncate(fd, (off_t)1 << 42), 0);
	close(fd);
	ck_assert(host_linux_clean(s->host, "/home/u", stray, &s->diags));
	ck_assert_uint_eq(s->nkept, 0);
	ck_assert_uint_eq(scratch_count(s, "/home/u", ""), 0);
	assert_holds(s, "/shadow", "secret");
	ck_assert_uint_eq(scratch_look(s, "/shadow").mode, 0600);
	scratch_close(s);
}
END_TEST

START_TEST(no_link_leads_to_where_nothing_is_managed)
{
	struct scratch *s = scratch_open();
	struct perms p = mode_perms(0755);

	scratch_mkdir(s, "/sys");
	scratch_mkdir(s, "/sys/kernel");
	ck_assert_int_eq(symlinkat("sys/kernel", s->root, "k"), 0);
	ck_assert(!scratch_replace(s, "/k/f", "x", 0600, &absent));
	ck_assert_str_eq(scratch_said(s), "'/k/f' is '/sys/kernel/f', where "
					  "nothing is managed");
	ck_assert(!host_make_directory(s->host, "/k/d", &p, &s->diags));
	ck_assert(!host_make_link(s->host, "/k/l", "x", &absent, false,
				  &s->diags));
	ck_assert_uint_eq(scratch_count(s, "/sys/kernel", ""), 0);
	scratch_close(s);
}
END_TEST

/* setfacl -m u:12345:rwx: who is in the list can swap names. */
START_TEST(a_folder_with_an_access_control_list_is_not_passed)
{
	static const unsigned char list[] = { 2,   0,   0,   0,   1,  0, 7, 0,
					      255, 255, 255, 255, 2,  0, 7, 0,
					      57,  48,  0,   0,   4,  0, 5, 0,
					      255, 255, 255, 255, 16, 0, 7, 0,
					      255, 255, 255, 255, 32, 0, 5, 0,
					      255, 255, 255, 255 };
	struct scratch *s = scratch_open();
	int fd;

	if (geteuid() == 0) {
		scratch_mkdir(s, "/w");
		fd = openat(s->root, "w", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		ck_assert_int_eq(fchmod(fd, 0775), 0);
		ck_assert(scratch_replace(s, "/w/a", "x", 0600, &absent));
		ck_assert(scratch_commit(s));
		if (fsetxattr(fd, "system.posix_acl_access", list, sizeof(list),
			      0) == 0) {
			walk_forget((struct linux_host *)(void *)s->host);
			ck_assert(!scratch_replace(s, "/w/b", "x", 0600,
						   &absent));
			ck_assert_str_eq(scratch_said(s),
					 "'/w' is a folder that 0 owns and "
					 "others may write to, by its access "
					 "control list");
		} else {
			ck_assert_int_eq(errno, EOPNOTSUPP);
		}
		close(fd);
	}
	scratch_close(s);
}
END_TEST

/* In a container, of a file of its image. 0 is good, 77: as below. */
static int replace_in_overlay(struct scratch *s)
{
	char at[96], options[320];
	struct node have;

	snprintf(at, sizeof(at), "%s/root/m", s->folder);
	snprintf(options, sizeof(options),
		 "lowerdir=%s/root/low,upperdir=%s/root/t/up,workdir=%s/root/t/"
		 "work",
		 s->folder, s->folder, s->folder);
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    fchdir(s->root) < 0 || mount("none", "t", "tmpfs", 0, NULL) < 0 ||
	    mkdir("t/up", 0755) < 0 || mkdir("t/work", 0755) < 0 ||
	    mount("none", at, "overlay", 0, options) < 0)
		return 77;
	if (!host_look(s->host, "/m/a", &have, &s->diags) || have.links != 2 ||
	    !scratch_replace(s, "/m/a", "new", 0600, &have) ||
	    !scratch_commit(s))
		return 1;
	if (s->failures)
		return 2;
	if (strcmp(scratch_get(s->root, "m/a"), "new") != 0)
		return 3;
	return strcmp(scratch_get(s->root, "m/b"), "old") == 0 ? 0 : 4;
}

START_TEST(a_hard_link_of_a_lower_layer_is_replaced)
{
	struct scratch *s;
	int status;
	pid_t pid;

	if (geteuid() != 0)
		return;
	s = scratch_open();
	scratch_mkdir(s, "/low");
	scratch_mkdir(s, "/m");
	scratch_mkdir(s, "/t");
	scratch_put(s, "/low/a", "old", 0600);
	ck_assert_int_eq(linkat(s->root, "low/a", s->root, "low/b", 0), 0);
	pid = fork();
	if (pid == 0)
		_exit(replace_in_overlay(s));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);
	scratch_close(s);
}
END_TEST

/* As /etc/hosts is in a container. 0 is good, 77: nothing can be mounted. */
static int replace_mounted(struct scratch *s)
{
	char from[128], to[128];
	struct node have;

	snprintf(from, sizeof(from), "%s/root/a", s->folder);
	snprintf(to, sizeof(to), "%s/root/b", s->folder);
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(from, to, NULL, MS_BIND, NULL) < 0)
		return 77;
	if (!host_look(s->host, "/b", &have, &s->diags) ||
	    !scratch_replace(s, "/b", "new", 0600, &have) || !scratch_commit(s))
		return 1;
	if (s->failures != 1 || !strstr(s->failed, "a mount point"))
		return 2;
	return scratch_count(s, "/", "") == 2 ? 0 : 3;
}

START_TEST(a_mounted_file_stays)
{
	struct scratch *s;
	int status;
	pid_t pid;

	if (geteuid() != 0)
		return;
	s = scratch_open();
	scratch_put(s, "/a", "mounted", 0600);
	scratch_put(s, "/b", "below", 0600);
	pid = fork();
	if (pid == 0)
		_exit(replace_mounted(s));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);
	assert_holds(s, "/a", "mounted");
	assert_holds(s, "/b", "below");
	scratch_close(s);
}
END_TEST

TEST_SUITE("write", a_new_file_has_its_content_and_mode,
	   an_empty_file_is_written, a_file_is_replaced_by_a_new_inode,
	   modes_are_exact_whatever_the_umask,
	   set_id_bits_survive_a_change_of_owner,
	   an_edit_between_look_and_commit_is_a_conflict,
	   an_edit_in_place_is_a_conflict,
	   an_edit_that_sets_the_time_back_is_a_conflict,
	   a_file_that_appeared_is_a_conflict,
	   a_file_that_went_away_is_a_conflict,
	   an_edit_at_the_exchange_is_put_back,
	   a_folder_moved_away_is_not_chased,
	   a_folder_swapped_before_the_commit_is_refused,
	   a_link_in_the_way_is_replaced_not_followed,
	   a_folder_in_the_way_needs_force, a_fifo_in_the_way_needs_force,
	   a_missing_folder_is_an_error_at_once,
	   a_refused_intent_changes_nothing, a_commit_of_nothing_calls_nothing,
	   many_files_cost_few_intents_and_descriptors,
	   many_files_are_replaced_and_one_conflict_hurts_no_other,
	   a_batch_of_many_bytes_is_put_in_place_as_it_fills,
	   a_failure_of_an_early_batch_is_told_at_the_commit,
	   what_comes_next_finds_what_was_staged_in_place,
	   a_full_disk_leaves_what_was_there,
	   content_that_is_not_what_was_planned_is_refused,
	   a_displaced_program_loses_its_set_id_bits,
	   a_directory_gets_its_mode_and_owner,
	   a_directory_that_is_there_is_a_conflict, a_link_is_made_and_turned,
	   a_link_displaces_others_only_by_force, perms_are_set_on_each_type,
	   perms_that_are_not_set_stay,
	   perms_of_what_changed_or_is_a_link_are_refused,
	   hard_links_keep_their_perms_where_others_write,
	   a_displaced_program_keeps_its_bits_where_others_link,
	   a_users_ground_is_written_to_as_that_user,
	   a_user_without_an_account_has_the_folders_group,
	   a_users_ground_takes_no_other_owner,
	   on_a_users_ground_only_what_is_the_users_takes_a_group,
	   a_users_link_to_roots_file_is_neither_read_nor_changed,
	   a_validator_has_the_last_word,
	   a_validator_that_is_not_there_accepts_nothing,
	   strays_are_cleaned_and_nothing_else, what_a_stray_holds_is_kept,
	   what_a_user_made_of_a_stray_is_cleaned_all_the_same,
	   no_link_leads_to_where_nothing_is_managed,
	   a_folder_with_an_access_control_list_is_not_passed,
	   a_hard_link_of_a_lower_layer_is_replaced, a_mounted_file_stays)
