/* SPDX-License-Identifier: MIT */
/* What is pinned: the real host refuses it with the reason, a picture of it
 * beforehand with the same one. */
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "lib/host/linux/files/write.h"
#include "lib/host/linux/scratch.h"

enum { SKIPPED = 77 };

enum verb { REPLACE, LINK, MAKE, MAKE_FOLDER, SET_MODE, REMOVE, REMOVE_ALL };

/* A change that is refused, and the end of what is said of it. */
struct refusal {
	const char *path;
	enum verb verb;
	const char *says;
};

static bool change(struct host *h, const struct refusal *r,
		   const struct node *have, struct diags *d)
{
	static const struct content content = { .bytes = "new", .size = 3 };
	const struct perms perms = mode_perms(0700);
	const struct file_write w = { .path = r->path,
				      .content = &content,
				      .perms = perms,
				      .expect = have,
				      .backup = true };

	switch (r->verb) {
	case REPLACE:
	case MAKE:
		return host_replace(h, &w, d);
	case LINK:
		return host_make_link(h, r->path, "x", have, true, d);
	case MAKE_FOLDER:
		return host_make_directory(h, r->path, &perms, d);
	case SET_MODE:
		return host_set_perms(h, r->path, &perms, have, d);
	case REMOVE:
	case REMOVE_ALL:
		return host_remove(h, r->path, r->verb == REMOVE_ALL, true,
				   have, d);
	}
	return false;
}

static void say(struct buf *out, const struct diags *d)
{
	const struct diag *last = d->n ? &d->v[d->n - 1] : NULL;

	buf_printf(out, "%s", last ? last->text : "(nothing)");
	if (last && last->hint)
		buf_printf(out, " (%s)", last->hint);
}

/* What the real host says, at once or at the commit. */
static void refuse_real(struct scratch *s, const struct refusal *r,
			struct buf *out)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct node have = scratch_look(s, r->path);
	bool ok = change(s->host, r, &have, &d);

	ck_assert(scratch_commit(s));
	if (!ok)
		say(out, &d);
	else
		buf_puts(out, s->failures ? s->failed : "(done)");
}

static void refuse_picture(struct scratch *s, const struct refusal *r,
			   struct buf *out)
{
	AUTO_DIAGS struct diags d = { 0 };
	struct host *h = host_overlay(s->host);
	struct node have = scratch_look(s, r->path);

	if (change(h, r, &have, &d))
		buf_puts(out, "(done)");
	else
		say(out, &d);
	host_close(h);
}

static void ck_refuses(struct scratch *s, const struct refusal *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf planned = { 0 };
		AUTO_BUF struct buf real = { 0 };

		refuse_picture(s, &all[i], &planned);
		refuse_real(s, &all[i], &real);
		ck_assert_msg(strcmp(real.text, all[i].says) == 0,
			      "%s, change %zu: %s", all[i].path, i, real.text);
		ck_assert_msg(strcmp(planned.text, all[i].says) == 0,
			      "%s, plan %zu: %s", all[i].path, i, planned.text);
	}
}

static bool bind_over(struct scratch *s, const char *from, const char *to)
{
	char source[128], target[128];

	snprintf(source, sizeof(source), "%s/root%s", s->folder, from);
	snprintf(target, sizeof(target), "%s/root%s", s->folder, to);
	return mount(source, target, NULL, MS_BIND, NULL) == 0;
}

/* A host that was opened before sees its folders as they were mounted then. */
static void open_again(struct scratch *s)
{
	struct linux_options options =
		((struct linux_host *)(void *)s->host)->options;
	char root[80];

	snprintf(root, sizeof(root), "%s/root", s->folder);
	options.root = root;
	host_close(s->host);
	s->host = host_linux(&options, &s->diags);
	ck_assert_ptr_nonnull(s->host);
}

/* In a mount namespace of its own, so in a process of its own. */
static int refuse_mounted(struct scratch *s)
{
	static const struct refusal all[] = {
		{ "/file", REPLACE, "'/file' is a mount point" },
		{ "/file", LINK, "'/file' is a mount point" },
		{ "/file", REMOVE, "'/file' is a mount point" },
		{ "/folder", REMOVE, "'/folder' is a mount point" },
		{ "/folder", REMOVE_ALL, "'/folder' is a mount point" },
		{ "/folder", LINK, "'/folder' is a mount point" },
	};

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    !bind_over(s, "/data", "/folder") || !bind_over(s, "/f", "/file"))
		return SKIPPED;
	open_again(s);
	ck_refuses(s, all, COUNT(all));
	return 0;
}

START_TEST(what_is_mounted_on_stays)
{
	struct scratch *s;
	int status;
	pid_t pid;

	if (geteuid() != 0)
		return;
	s = scratch_open();
	scratch_mkdir(s, "/data");
	scratch_put(s, "/data/f", "precious", 0600);
	scratch_mkdir(s, "/folder");
	scratch_put(s, "/f", "mounted", 0600);
	scratch_put(s, "/file", "below", 0600);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(refuse_mounted(s));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == SKIPPED);
	assert_holds(s, "/data/f", "precious");
	assert_holds(s, "/f", "mounted");
	scratch_close(s);
}
END_TEST

/* As chattr(1) does; flags 0: as chattr -ia. */
static bool set_flags(struct scratch *s, const char *path, int flags)
{
	AUTO_FD int fd = openat(s->root, path + 1, O_RDONLY | O_CLOEXEC);
	int all;

	if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &all) < 0)
		return false;
	all = (all & ~(FS_IMMUTABLE_FL | FS_APPEND_FL)) | flags;
	return ioctl(fd, FS_IOC_SETFLAGS, &all) == 0;
}

static const char *const flagged[] = { "/i", "/a", "/fixed", "/grows" };

START_TEST(what_chattr_fixed_stays)
{
	static const struct refusal all[] = {
#define I "'/i' is immutable (chattr -i '/i' lets it be changed)"
#define A "'/a' is append-only (chattr -a '/a' lets it be changed)"
#define FIXED "'/fixed' is immutable (chattr -i '/fixed' lets it be changed)"
#define GROWS "'/grows' is append-only (chattr -a '/grows' lets it be changed)"
		{ "/i", REPLACE, I },
		{ "/i", LINK, I },
		{ "/i", SET_MODE, I },
		{ "/i", REMOVE, I },
		{ "/a", REPLACE, A },
		{ "/a", SET_MODE, A },
		{ "/a", REMOVE, A },
		{ "/fixed", SET_MODE, FIXED },
		{ "/fixed", REMOVE, FIXED },
		{ "/fixed", REMOVE_ALL, FIXED },
		{ "/fixed/f", REPLACE, FIXED },
		{ "/fixed/f", LINK, FIXED },
		{ "/fixed/f", REMOVE, FIXED },
		{ "/fixed/new", MAKE, FIXED },
		{ "/fixed/new", LINK, FIXED },
		{ "/fixed/new", MAKE_FOLDER, FIXED },
		{ "/grows/f", REPLACE, GROWS },
		{ "/grows/f", REMOVE, GROWS },
		{ "/grows/new", MAKE, "(done)" },
	};
	struct scratch *s;
	bool set;

	if (geteuid() != 0)
		return;
	s = scratch_open();
	scratch_put(s, "/i", "old", 0600);
	scratch_put(s, "/a", "old", 0600);
	scratch_mkdir(s, "/fixed");
	scratch_put(s, "/fixed/f", "old", 0600);
	scratch_mkdir(s, "/grows");
	scratch_put(s, "/grows/f", "old", 0600);
	set = set_flags(s, "/i", FS_IMMUTABLE_FL) &&
	      set_flags(s, "/a", FS_APPEND_FL) &&
	      set_flags(s, "/fixed", FS_IMMUTABLE_FL) &&
	      set_flags(s, "/grows", FS_APPEND_FL);
	if (set)
		ck_refuses(s, all, COUNT(all));
	for (size_t i = 0; i < COUNT(flagged); i++)
		set_flags(s, flagged[i], 0);
	assert_holds(s, "/i", "old");
	assert_holds(s, "/a", "old");
	assert_holds(s, "/fixed/f", "old");
	assert_holds(s, "/grows/f", "old");
	scratch_close(s);
}
END_TEST

TEST_SUITE("pinned", what_is_mounted_on_stays, what_chattr_fixed_stays)
