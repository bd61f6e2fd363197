/* SPDX-License-Identifier: MIT */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/host/linux/scratch.h"
#include "lib/host/linux/files/write.h"

/* Stand in for those of the C library: they count, look and may fail. */
static struct {
	size_t n;
	int error;
	struct scratch *watched; /* and what was there at the first, or NULL */
	size_t there;
} syncs;

static int sync_counted(void)
{
	if (!syncs.n++ && syncs.watched)
		syncs.there = scratch_count(syncs.watched, "/", "");
	errno = syncs.error;
	return syncs.error ? -1 : 0;
}

int fsync(int fd)
{
	(void)fd;
	return sync_counted();
}

int syncfs(int fd)
{
	(void)fd;
	return sync_counted();
}

static bool remove_now(struct scratch *s, const char *path, bool recursive)
{
	struct node have = scratch_look(s, path);

	return host_remove(s->host, path, recursive, true, &have, &s->diags);
}

START_TEST(each_type_is_removed)
{
	struct scratch *s = scratch_open();
	static const char *const paths[] = { "/f", "/l", "/p", "/s", "/d" };

	scratch_put(s, "/victim", "precious", 0600);
	scratch_put(s, "/f", "text", geteuid() == 0 ? 0 : 0400);
	ck_assert_int_eq(symlinkat("victim", s->root, "l"), 0);
	ck_assert_int_eq(mkfifoat(s->root, "p", 0600), 0);
	ck_assert_int_eq(mknodat(s->root, "s", S_IFSOCK | 0600, 0), 0);
	scratch_mkdir(s, "/d");
	for (size_t i = 0; i < COUNT(paths); i++) {
		ck_assert_msg(remove_now(s, paths[i], false), "%s",
			      scratch_said(s));
		ck_assert_uint_eq(scratch_look(s, paths[i]).type, NODE_ABSENT);
		ck_assert_str_eq(s->kept[i].path, paths[i]);
	}
	assert_holds(s, "/victim", "precious");
	ck_assert(scratch_commit(s));
	ck_assert_msg(s->failures == 0, "%s", s->failed);
	ck_assert_str_eq(s->kept[1].target, "victim");
	scratch_close(s);
}
END_TEST

START_TEST(what_is_not_there_is_removed_already)
{
	struct scratch *s = scratch_open();
	struct node have = { .type = NODE_FILE };

	ck_assert(host_remove(s->host, "/a", false, true, &have, &s->diags));
	ck_assert(host_remove(s->host, "/no/a", true, true, &have, &s->diags));
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	scratch_close(s);
}
END_TEST

START_TEST(what_changed_is_not_removed)
{
	struct scratch *s = scratch_open();
	struct node have;

	scratch_put(s, "/f", "one", 0600);
	have = scratch_look(s, "/f");
	scratch_put(s, "/f", "another", 0600);
	ck_assert(!host_remove(s->host, "/f", false, true, &have, &s->diags));
	assert_holds(s, "/f", "another");
	scratch_mkdir(s, "/d");
	ck_assert(!host_remove(s->host, "/d", true, true, &have, &s->diags));
	ck_assert_uint_eq(scratch_look(s, "/d").type, NODE_DIRECTORY);
	scratch_close(s);
}
END_TEST

START_TEST(a_full_folder_is_removed_only_recursively)
{
	struct scratch *s = scratch_open();

	scratch_mkdir(s, "/d");
	scratch_put(s, "/d/f", "x", 0600);
	ck_assert(!remove_now(s, "/d", false));
	ck_assert_ptr_nonnull(strstr(scratch_said(s), "not empty"));
	assert_holds(s, "/d/f", "x");
	ck_assert(remove_now(s, "/d", true));
	ck_assert_uint_eq(scratch_count(s, "/", ""), 0);
	scratch_close(s);
}
END_TEST

START_TEST(a_tree_is_kept_before_it_goes)
{
	struct scratch *s = scratch_open();
	static const struct {
		const char *path, *text, *target;
	} want[] = { { "/d", NULL, "" },     { "/d/a", "in a", "" },
		     { "/d/b", NULL, "" },   { "/d/l", NULL, "../victim" },
		     { "/d/b/c", NULL, "" }, { "/d/b/c/f", "deep", "" } };

	scratch_put(s, "/victim", "precious", 0600);
	scratch_mkdir(s, "/d");
	scratch_put(s, "/d/a", "in a", 0640);
	ck_assert_int_eq(symlinkat("../victim", s->root, "d/l"), 0);
	scratch_mkdir(s, "/d/b");
	scratch_mkdir(s, "/d/b/c");
	scratch_put(s, "/d/b/c/f", "deep", 04711);
	s->host->mark = 9;
	ck_assert_msg(remove_now(s, "/d", true), "%s", scratch_said(s));
	ck_assert_uint_eq(s->nkept, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++) {
		const struct scratch_kept *k = &s->kept[i];

		ck_assert_str_eq(k->path, want[i].path);
		ck_assert_str_eq(k->target, want[i].target);
		ck_assert_uint_eq(k->mark, 9);
		if (want[i].text)
			ck_assert_str_eq(scratch_get(s->backups, k->digest),
					 want[i].text);
		else
			ck_assert_str_eq(k->digest, "");
	}
	ck_assert_uint_eq(s->kept[5].node.mode, 04711);
	assert_holds(s, "/victim", "precious");
	ck_assert_uint_eq(scratch_count(s, "/", ""), 1);
	scratch_close(s);
}
END_TEST

START_TEST(links_in_a_tree_are_not_followed)
{
	struct scratch *s = scratch_open();

	scratch_mkdir(s, "/out");
	scratch_put(s, "/out/f", "precious", 0600);
	scratch_mkdir(s, "/d");
	scratch_mkdir(s, "/d/e");
	ck_assert_int_eq(symlinkat("/", s->root, "d/root"), 0);
	ck_assert_int_eq(symlinkat("../../out", s->root, "d/e/out"), 0);
	ck_assert_int_eq(symlinkat("loop", s->root, "d/loop"), 0);
	ck_assert(remove_now(s, "/d", true));
	assert_holds(s, "/out/f", "precious");
	ck_assert_uint_eq(scratch_count(s, "/", ""), 1);
	scratch_close(s);
}
END_TEST

START_TEST(protected_paths_are_never_removed)
{
	static const char *const paths[] = { "/etc", "/usr",  "/home",
					     "/var", "/boot", "/root" };
	struct scratch *s = scratch_open();

	for (size_t i = 0; i < COUNT(paths); i++) {
		scratch_mkdir(s, paths[i]);
		ck_assert(!remove_now(s, paths[i], true));
		ck_assert_ptr_nonnull(strstr(scratch_said(s), "never removed"));
		ck_assert(!remove_now(s, paths[i], false));
	}
	ck_assert(!remove_now(s, "/", true));
	ck_assert_uint_eq(scratch_count(s, "/", ""), COUNT(paths));
	scratch_close(s);
}
END_TEST

START_TEST(a_wide_tree_is_removed)
{
	struct scratch *s = scratch_open();
	struct node have;
	char path[64];

	scratch_mkdir(s, "/d");
	for (int i = 0; i < 40; i++) {
		snprintf(path, sizeof(path), "/d/%d", i);
		scratch_mkdir(s, path);
		for (int j = 0; j < 40; j++) {
			snprintf(path, sizeof(path), "/d/%d/%d", i, j);
			if (j % 2)
				scratch_put(s, path, "x", 0600);
			else
				scratch_mkdir(s, path);
		}
		snprintf(path, sizeof(path), "/d/%d/0/f", i);
		scratch_put(s, path, "y", 0600);
	}
	have = scratch_look(s, "/d");
	ck_assert_msg(host_remove(s->host, "/d", true, false, &have, &s->diags),
		      "%s", scratch_said(s));
	ck_assert_uint_eq(scratch_count(s, "/", ""), 0);
	ck_assert_uint_eq(s->nkept, 0);
	scratch_close(s);
}
END_TEST

/* In a mount namespace of its own, so in a process of its own. */
static bool own_mounts(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static int exit_of(pid_t pid)
{
	int status = 0;

	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool nest(int fd, int depth)
{
	bool ok = fd >= 0;

	for (int i = 0; i < depth && ok; i++) {
		int next = -1;

		if (mkdirat(fd, "a-name-that-is-long", 0755) == 0)
			next = openat(fd, "a-name-that-is-long",
				      O_PATH | O_DIRECTORY | O_CLOEXEC);
		close(fd);
		fd = next;
		ok = fd >= 0;
	}
	close(fd);
	return ok;
}

static bool limit(int resource, rlim_t n)
{
	struct rlimit r;

	if (getrlimit(resource, &r) < 0)
		return false;
	r.rlim_cur = n;
	return setrlimit(resource, &r) == 0;
}

/* In memory, for a disk takes minutes for it; less deep where that cannot be.
 * In a child, for the limits. */
static int remove_deep(struct scratch *s)
{
	int depth = 2000;
	struct node have;
	char path[128];

	snprintf(path, sizeof(path), "%s/root/m", s->folder);
	if (own_mounts() &&
	    mount("none", path, "tmpfs", 0, "size=400m,nr_inodes=0") == 0)
		depth = 20000;
	if (mkdirat(s->root, "m/d", 0755) < 0 ||
	    !nest(openat(s->root, "m/d", O_PATH | O_DIRECTORY), depth))
		return 1;
	if (!limit(RLIMIT_STACK, 256 * 1024) || !limit(RLIMIT_NOFILE, 40) ||
	    !host_look(s->host, "/m/d", &have, &s->diags))
		return 2;
	/* Not even its names would fit in what is kept. */
	if (host_remove(s->host, "/m/d", true, true, &have, &s->diags) ||
	    !strstr(scratch_said(s), "too deep"))
		return 3;
	if (!host_remove(s->host, "/m/d", true, false, &have, &s->diags))
		return 4;
	return faccessat(s->root, "m/d", F_OK, 0) == 0 ? 5 : 0;
}

START_TEST(depth_needs_no_stack_and_no_descriptors)
{
	struct scratch *s = scratch_open();
	pid_t pid;

	scratch_mkdir(s, "/m");
	pid = fork();
	if (pid == 0)
		_exit(remove_deep(s));
	ck_assert_int_eq(exit_of(pid), 0);
	scratch_close(s);
}
END_TEST

START_TEST(a_stop_ends_a_removal)
{
	struct scratch *s = scratch_open();

	scratch_mkdir(s, "/d");
	scratch_put(s, "/d/f", "x", 0600);
	s->stop = true;
	ck_assert(!remove_now(s, "/d", true));
	ck_assert_ptr_nonnull(strstr(scratch_said(s), "stop"));
	assert_holds(s, "/d/f", "x");
	scratch_close(s);
}
END_TEST

/* 0 is good, 77: nothing can be mounted here. */
static int with_mount(struct scratch *s, const char *mount_at, const char *path)
{
	char from[128], to[128];
	pid_t pid = fork();

	if (pid == 0) {
		struct node have;

		snprintf(from, sizeof(from), "%s/root/data", s->folder);
		snprintf(to, sizeof(to), "%s/root%s", s->folder, mount_at);
		if (!own_mounts() || mount(from, to, NULL, MS_BIND, NULL) < 0)
			_exit(77);
		if (!host_look(s->host, path, &have, &s->diags))
			_exit(1);
		if (host_remove(s->host, path, true, true, &have, &s->diags))
			_exit(2);
		if (!strstr(scratch_said(s), "mount"))
			_exit(3);
		_exit(0);
	}
	return exit_of(pid);
}

START_TEST(a_mount_is_not_crossed)
{
	static const char *const mounts[] = { "/d", "/d/e/m" };
	struct scratch *s;

	if (geteuid() != 0)
		return;
	s = scratch_open();
	scratch_mkdir(s, "/data");
	scratch_put(s, "/data/f", "precious", 0600);
	scratch_mkdir(s, "/d");
	scratch_put(s, "/d/f", "stays", 0600);
	scratch_mkdir(s, "/d/e");
	scratch_mkdir(s, "/d/e/m");
	for (size_t i = 0; i < COUNT(mounts); i++) {
		int status = with_mount(s, mounts[i], "/d");

		if (status == 77)
			break;
		ck_assert_int_eq(status, 0);
		assert_holds(s, "/data/f", "precious");
		/* Nothing of the tree was removed before it was found. */
		assert_holds(s, "/d/f", "stays");
	}
	scratch_close(s);
}
END_TEST

static void grow_on_kept(void *context, size_t mark, const char *path,
			 const struct node *n, const char *digest,
			 const char *target)
{
	struct scratch *s = context;

	scratch_on_kept(context, mark, path, n, digest, target);
	if (strcmp(path, "/d/f") == 0)
		scratch_put(s, "/d/new", "not kept", 0600);
}

START_TEST(what_came_after_the_copy_is_not_removed)
{
	struct scratch *s = scratch_open();
	struct linux_options *o =
		&((struct linux_host *)(void *)s->host)->options;

	o->kept = grow_on_kept;
	scratch_mkdir(s, "/d");
	scratch_put(s, "/d/f", "x", 0600);
	ck_assert(!remove_now(s, "/d", true));
	ck_assert_ptr_nonnull(strstr(scratch_said(s), "changed since"));
	assert_holds(s, "/d/new", "not kept");
	scratch_close(s);
}
END_TEST

START_TEST(one_name_is_told_of_for_all_that_a_folder_loses)
{
	struct scratch *s = scratch_open();

	scratch_put(s, "/a", "x", 0600);
	scratch_put(s, "/b", "x", 0600);
	scratch_mkdir(s, "/c");
	scratch_put(s, "/c/d", "x", 0600);
	ck_assert(remove_now(s, "/a", false));
	ck_assert(remove_now(s, "/b", false));
	ck_assert(remove_now(s, "/c", true));
	ck_assert_uint_eq(s->intends, 1);
	ck_assert_uint_eq(s->intendeds, 1);
	ck_assert_uint_eq(s->early, 0);
	scratch_mkdir(s, "/tmp");
	ck_assert_int_eq(fchmodat(s->root, "tmp", 01777, 0), 0);
	scratch_put(s, "/tmp/a", "x", 0600);
	scratch_put(s, "/tmp/b", "x", 0600);
	ck_assert(remove_now(s, "/tmp/a", false));
	ck_assert(remove_now(s, "/tmp/b", false));
	/* where others see names, each is used once */
	ck_assert_uint_eq(s->intends, geteuid() == 0 ? 3 : 2);
	ck_assert_uint_eq(scratch_count(s, "/tmp", ""), 0);
	ck_assert_uint_eq(scratch_count(s, "/", ""), 1);
	scratch_close(s);
}
END_TEST

START_TEST(nothing_goes_under_a_name_that_is_not_told_of)
{
	struct scratch *s = scratch_open();

	scratch_mkdir(s, "/d");
	scratch_put(s, "/d/f", "x", 0600);
	scratch_put(s, "/f", "x", 0600);
	s->refuse_intended = true;
	ck_assert(!remove_now(s, "/f", false));
	ck_assert(!remove_now(s, "/d", true));
	ck_assert_str_eq(scratch_said(s), "no disk today");
	s->refuse_intended = false;
	s->refuse_intend = true;
	ck_assert(!remove_now(s, "/f", false));
	assert_holds(s, "/f", "x");
	assert_holds(s, "/d/f", "x");
	scratch_close(s);
}
END_TEST

static bool edit_on_intended(void *context, struct diags *d)
{
	(void)d;
	scratch_put(context, "/f", "edited", 0600);
	return true;
}

START_TEST(what_is_edited_at_the_last_moment_stays)
{
	struct scratch *s = scratch_open();
	struct linux_options *o =
		&((struct linux_host *)(void *)s->host)->options;

	o->intended = edit_on_intended;
	scratch_put(s, "/f", "x", 0600);
	ck_assert(!remove_now(s, "/f", false));
	ck_assert_ptr_nonnull(strstr(scratch_said(s), "changed since"));
	assert_holds(s, "/f", "edited");
	ck_assert_uint_eq(scratch_count(s, "/", ""), 1);
	scratch_close(s);
}
END_TEST

static int remove_without_moving(struct scratch *s, uint32_t error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { COUNT(code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		return 77;
	return remove_now(s, "/f", false) && remove_now(s, "/d", true);
}

/* What is the use of a removal that needs space? */
START_TEST(what_cannot_be_moved_is_removed_where_it_is)
{
	static const uint32_t errors[] = { EINVAL, ENOSPC, EXDEV, EIO };
	struct scratch *s = scratch_open();

	for (size_t i = 0; i < COUNT(errors); i++) {
		pid_t pid;
		int status;

		scratch_mkdir(s, "/d");
		scratch_put(s, "/d/f", "x", 0600);
		scratch_put(s, "/f", "x", 0600);
		pid = fork();
		if (pid == 0)
			_exit(remove_without_moving(s, errors[i]));
		status = exit_of(pid);
		ck_assert(status == 77 || status == (errors[i] != EIO));
		if (errors[i] == EIO || status == 77)
			break;
		ck_assert_uint_eq(scratch_count(s, "/", ""), 0);
	}
	scratch_close(s);
}
END_TEST

START_TEST(a_removed_program_loses_its_set_id_bits)
{
	struct scratch *s = scratch_open();

	scratch_mkdir(s, "/bin");
	scratch_mkdir(s, "/home");
	scratch_put(s, "/bin/su", "x", 04711);
	scratch_put(s, "/sg", "x", 02711);
	ck_assert_int_eq(linkat(s->root, "bin/su", s->root, "home/su", 0), 0);
	ck_assert_int_eq(linkat(s->root, "sg", s->root, "home/sg", 0), 0);
	scratch_mkdir(s, "/opt");
	ck_assert_int_eq(renameat(s->root, "bin", s->root, "opt/bin"), 0);
	ck_assert(remove_now(s, "/opt/bin", true));
	ck_assert(remove_now(s, "/sg", false));
	ck_assert_uint_eq(scratch_look(s, "/home/su").mode, 0);
	ck_assert_uint_eq(scratch_look(s, "/home/sg").mode, 0);
	scratch_close(s);
}
END_TEST

START_TEST(a_protected_path_is_so_by_every_way_to_it)
{
	struct scratch *s = scratch_open();

	scratch_mkdir(s, "/var");
	scratch_mkdir(s, "/var/lib");
	scratch_mkdir(s, "/var/x");
	ck_assert_int_eq(symlinkat("var", s->root, "v"), 0);
	ck_assert(!remove_now(s, "/v/lib", true));
	ck_assert_str_eq(scratch_said(s),
			 "'/v/lib' is '/var/lib', which is never removed");
	ck_assert_uint_eq(scratch_look(s, "/var/lib").type, NODE_DIRECTORY);
	ck_assert_msg(remove_now(s, "/v/x", true), "%s", scratch_said(s));
	scratch_close(s);
}
END_TEST

/* Makes it larger than anything that is kept. */
static int truncateat(struct scratch *s, const char *path)
{
	int fd = openat(s->root, path + 1, O_WRONLY | O_CLOEXEC);
	int r = ftruncate(fd, (off_t)HOST_KEEP_MAX + 1);

	close(fd);
	return r;
}

START_TEST(what_fails_before_a_removal_loses_no_descriptor)
{
	struct scratch *s = scratch_open();
	size_t before = 0;

	for (int i = 0; i < 3; i++) {
		struct linux_options *o =
			&((struct linux_host *)(void *)s->host)->options;

		scratch_mkdir(s, "/d");
		scratch_put(s, "/d/f", "x", 0600);
		ck_assert_int_eq(truncateat(s, "/d/f"), 0);
		ck_assert(!remove_now(s, "/d", true));
		ck_assert_ptr_nonnull(strstr(scratch_said(s), "no copy of it"));
		o->backup_fd = -1;
		ck_assert(remove_now(s, "/d", true));
		o->backup_fd = s->backups;
		ck_assert(scratch_commit(s));
		if (i == 0)
			before = open_descriptors();
	}
	ck_assert_uint_eq(open_descriptors(), before);
	scratch_close(s);
}
END_TEST

START_TEST(hard_links_in_a_tree_are_removed_and_kept_once)
{
	struct scratch *s = scratch_open();

	scratch_mkdir(s, "/d");
	scratch_mkdir(s, "/d/e");
	scratch_put(s, "/d/a", "same", 0600);
	ck_assert_int_eq(linkat(s->root, "d/a", s->root, "d/b", 0), 0);
	ck_assert_int_eq(linkat(s->root, "d/a", s->root, "d/e/c", 0), 0);
	ck_assert_msg(remove_now(s, "/d", true), "%s", scratch_said(s));
	ck_assert_uint_eq(s->nkept, 5);
	ck_assert_str_eq(s->kept[1].digest, s->kept[2].digest);
	ck_assert_uint_eq(scratch_count(s, "/", ""), 0);
	scratch_close(s);
}
END_TEST

START_TEST(what_was_made_and_removed_again_is_no_failure)
{
	struct scratch *s = scratch_open();
	struct perms p = { .set = PERM_MODE, .mode = 0755 };
	struct node none = { .type = NODE_ABSENT };

	ck_assert(host_make_directory(s->host, "/d", &p, &s->diags));
	ck_assert(host_make_directory(s->host, "/d/e", &p, &s->diags));
	ck_assert(scratch_replace(s, "/d/e/f", "x", 0600, &none));
	ck_assert(remove_now(s, "/d", true));
	ck_assert(host_make_directory(s->host, "/d", &p, &s->diags));
	ck_assert(scratch_replace(s, "/d/g", "y", 0600, &none));
	ck_assert(scratch_commit(s));
	ck_assert_msg(s->failures == 0, "%s", s->failed);
	assert_holds(s, "/d/g", "y");
	ck_assert_uint_eq(scratch_count(s, "/d", ""), 1);
	scratch_close(s);
}
END_TEST

/* Files /0, /1, ... that differ; as many are removed by a batch. */
static struct scratch *with_files(size_t n)
{
	struct scratch *s = scratch_open();
	char path[32];

	for (size_t i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/%zu", i);
		scratch_put(s, path, path, 0600);
	}
	s->host->batched = true;
	memset(&syncs, 0, sizeof(syncs));
	return s;
}

static void remove_files(struct scratch *s, size_t n)
{
	char path[32];

	for (size_t i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/%zu", i);
		s->host->mark = i;
		ck_assert_msg(remove_now(s, path, false), "%s",
			      scratch_said(s));
	}
}

static size_t syncs_of_removing(size_t n)
{
	struct scratch *s = with_files(n);

	syncs.watched = s;
	remove_files(s, n);
	ck_assert(scratch_commit(s));
	ck_assert_msg(s->failures == 0, "%s", s->failed);
	ck_assert_uint_eq(scratch_count(s, "/", ""), 0);
	/* all were there until all were kept */
	ck_assert_uint_eq(syncs.there, n);
	ck_assert_uint_eq(s->nkept, n);
	ck_assert_uint_eq(s->intends, 1);
	ck_assert_uint_eq(s->intendeds, 1);
	ck_assert_str_eq(scratch_get(s->backups, s->kept[n - 1].digest),
			 s->kept[n - 1].path);
	ck_assert_uint_eq(s->kept[n - 1].mark, n - 1);
	scratch_close(s);
	return syncs.n;
}

START_TEST(many_removals_cost_no_more_syncs_than_some)
{
	ck_assert_uint_eq(syncs_of_removing(16), 2);
	ck_assert_uint_eq(syncs_of_removing(60), 2);
}
END_TEST

START_TEST(what_is_not_kept_for_good_is_not_removed)
{
	static const size_t sizes[] = { 3, 30 };

	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct scratch *s = with_files(sizes[i]);

		syncs.error = EIO;
		remove_files(s, sizes[i]);
		ck_assert(scratch_commit(s));
		ck_assert_uint_eq(s->failures, sizes[i]);
		ck_assert_uint_eq(scratch_count(s, "/", ""), sizes[i]);
		assert_holds(s, "/2", "/2");
		/* the next run would believe what is not on the disk */
		ck_assert_uint_eq(scratch_entries(s->backups, ".", ""), 0);
		scratch_close(s);
	}
	syncs.error = 0;
}
END_TEST

START_TEST(what_changed_before_the_commit_is_not_removed)
{
	struct scratch *s = with_files(12);

	remove_files(s, 12);
	scratch_put(s, "/3", "edited", 0600);
	ck_assert_int_eq(unlinkat(s->root, "5", 0), 0);
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 1);
	ck_assert_uint_eq(s->failed_mark, 3);
	ck_assert_ptr_nonnull(strstr(s->failed, "changed since"));
	assert_holds(s, "/3", "edited");
	ck_assert_uint_eq(scratch_count(s, "/", ""), 1);
	scratch_close(s);
}
END_TEST

START_TEST(a_batch_removes_nothing_under_a_name_not_told_of)
{
	struct scratch *s = with_files(12);

	s->refuse_intended = true;
	remove_files(s, 12);
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 12);
	ck_assert_str_eq(s->failed, "no disk today");
	ck_assert_uint_eq(scratch_count(s, "/", ""), 12);
	s->refuse_intended = false;
	remove_files(s, 12);
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	ck_assert_uint_eq(s->intends, 2);
	ck_assert_uint_eq(scratch_count(s, "/", ""), 0);
	scratch_close(s);
}
END_TEST

START_TEST(names_are_told_of_at_once_where_others_see_them)
{
	struct scratch *s = with_files(12);
	size_t each = geteuid() == 0 ? 12 : 1;

	ck_assert_int_eq(fchmod(s->root, 01777), 0);
	remove_files(s, 12);
	ck_assert(scratch_commit(s));
	ck_assert_msg(s->failures == 0, "%s", s->failed);
	ck_assert_uint_eq(s->intends, each);
	ck_assert_uint_eq(s->intendeds, 1);
	ck_assert_uint_eq(s->early, 0);
	ck_assert_uint_eq(scratch_count(s, "/", ""), 0);
	scratch_close(s);
}
END_TEST

START_TEST(what_comes_next_finds_a_removal_done)
{
	struct scratch *s = with_files(2);
	const struct perms p = mode_perms(0755);
	struct node none = { .type = NODE_ABSENT };

	remove_files(s, 2);
	ck_assert(scratch_replace(s, "/0", "again", 0600, &none));
	scratch_mkdir(s, "/d");
	scratch_put(s, "/d/f", "x", 0600);
	ck_assert(remove_now(s, "/d/f", false));
	ck_assert_msg(remove_now(s, "/d", false), "%s", scratch_said(s));
	ck_assert(host_make_directory(s->host, "/1", &p, &s->diags));
	ck_assert(scratch_commit(s));
	ck_assert_msg(s->failures == 0, "%s", s->failed);
	assert_holds(s, "/0", "again");
	ck_assert_uint_eq(scratch_look(s, "/1").type, NODE_DIRECTORY);
	ck_assert_uint_eq(scratch_count(s, "/", ""), 2);
	scratch_close(s);
}
END_TEST

START_TEST(names_of_one_file_go_and_stay_in_one_batch)
{
	struct scratch *s = with_files(1);
	static const char *const names[] = { "a", "b", "c", "d" };
	struct node have;

	for (size_t i = 0; i < COUNT(names); i++)
		ck_assert_int_eq(linkat(s->root, "0", s->root, names[i], 0), 0);
	/* before and after the write, which its other name leads to too */
	ck_assert(remove_now(s, "/a", false));
	ck_assert(remove_now(s, "/b", false));
	have = scratch_look(s, "/0");
	ck_assert(scratch_replace(s, "/0", "new", 0600, &have));
	ck_assert(remove_now(s, "/c", false));
	ck_assert(remove_now(s, "/d", false));
	ck_assert(scratch_commit(s));
	ck_assert_msg(s->failures == 0, "%s", s->failed);
	assert_holds(s, "/0", "new");
	ck_assert_uint_eq(scratch_count(s, "/", ""), 1);
	scratch_close(s);
}
END_TEST

START_TEST(what_is_not_batched_is_removed_now)
{
	struct scratch *s = with_files(2);

	s->host->batched = false;
	remove_files(s, 1);
	ck_assert_uint_eq(scratch_look(s, "/0").type, NODE_ABSENT);
	s->host->batched = true;
	ck_assert(remove_now(s, "/1", false));
	ck_assert_uint_eq(scratch_look(s, "/1").type, NODE_FILE);
	ck_assert_int_eq(symlinkat("1", s->root, "l"), 0);
	ck_assert(remove_now(s, "/l", false));
	ck_assert_uint_eq(scratch_look(s, "/l").type, NODE_ABSENT);
	scratch_close(s);
}
END_TEST

TEST_SUITE("remove", each_type_is_removed, what_is_not_there_is_removed_already,
	   what_changed_is_not_removed,
	   a_full_folder_is_removed_only_recursively,
	   a_tree_is_kept_before_it_goes, links_in_a_tree_are_not_followed,
	   protected_paths_are_never_removed, a_wide_tree_is_removed,
	   depth_needs_no_stack_and_no_descriptors, a_stop_ends_a_removal,
	   a_mount_is_not_crossed, what_came_after_the_copy_is_not_removed,
	   one_name_is_told_of_for_all_that_a_folder_loses,
	   nothing_goes_under_a_name_that_is_not_told_of,
	   what_is_edited_at_the_last_moment_stays,
	   what_cannot_be_moved_is_removed_where_it_is,
	   a_removed_program_loses_its_set_id_bits,
	   a_protected_path_is_so_by_every_way_to_it,
	   what_fails_before_a_removal_loses_no_descriptor,
	   hard_links_in_a_tree_are_removed_and_kept_once,
	   what_was_made_and_removed_again_is_no_failure,
	   many_removals_cost_no_more_syncs_than_some,
	   what_is_not_kept_for_good_is_not_removed,
	   what_changed_before_the_commit_is_not_removed,
	   a_batch_removes_nothing_under_a_name_not_told_of,
	   names_are_told_of_at_once_where_others_see_them,
	   what_comes_next_finds_a_removal_done,
	   names_of_one_file_go_and_stay_in_one_batch,
	   what_is_not_batched_is_removed_now)
