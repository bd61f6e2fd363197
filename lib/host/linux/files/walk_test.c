/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/files/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "lib/test.h"

enum { NOBODY = 65534, MALLORY = 54321 };

static char root[64];
static int root_fd;
static struct host *host;
static struct diags diags;

/* A host of an empty folder. Paths below are those of the host less its
 * leading '/', for the *at() calls on root_fd. */
static void set_up(void)
{
	struct linux_options options = { .root = root, .backup_fd = -1 };

	snprintf(root, sizeof(root), "/tmp/converge-walk-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	diags_release(&diags);
	ck_assert_int_eq(chmod(root, 0755), 0);
	root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(root_fd, 0);
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
	host = NULL;
	close(root_fd);
	diags_release(&diags);
	ck_assert_int_eq(nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* Opens the host anew: its root was changed, or who runs the process. */
static void open_again(void)
{
	struct linux_options options = { .root = root, .backup_fd = -1 };

	host_close(host);
	host = host_linux(&options, &diags);
	ck_assert_ptr_nonnull(host);
}

static bool unprivileged(void)
{
	return geteuid() != 0;
}

static void folder(const char *path, mode_t mode, uid_t owner)
{
	ck_assert_int_eq(mkdirat(root_fd, path, 0700), 0);
	if (!unprivileged())
		ck_assert_int_eq(fchownat(root_fd, path, owner, owner,
					  AT_SYMLINK_NOFOLLOW),
				 0);
	ck_assert_int_eq(fchmodat(root_fd, path, mode, 0), 0);
}

static void link_to(const char *target, const char *path, uid_t owner)
{
	ck_assert_int_eq(symlinkat(target, root_fd, path), 0);
	if (!unprivileged())
		ck_assert_int_eq(fchownat(root_fd, path, owner, owner,
					  AT_SYMLINK_NOFOLLOW),
				 0);
}

static void file(const char *path)
{
	int fd = openat(root_fd, path, O_WRONLY | O_CREAT | O_EXCL, 0644);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static struct walked walk(const char *path)
{
	struct walked w;
	bool good = walk_parent(linux_of(host), path, &w, &diags);

	ck_assert_msg(good, "%s", diags.n ? diags.v[diags.n - 1].text : path);
	ck_assert_uint_eq(diags.n, 0);
	return w;
}

static void check_absent(const char *path)
{
	ck_assert_int_eq(walk(path).fd, -1);
}

/* That the walk for path ends in the folder is. */
static void check_is(const char *path, const char *is)
{
	struct walked w = walk(path);
	struct stat want, have;

	ck_assert_int_ge(w.fd, 0);
	ck_assert_int_eq(fstatat(root_fd, is, &want, 0), 0);
	ck_assert_int_eq(fstat(w.fd, &have), 0);
	ck_assert_uint_eq(have.st_ino, want.st_ino);
	ck_assert_uint_eq(w.inode, want.st_ino);
	ck_assert_uint_eq(w.device, want.st_dev);
}

static void check_refused(const char *path, const char *text)
{
	struct walked w;

	ck_assert(!walk_parent(linux_of(host), path, &w, &diags));
	ck_assert_int_eq(w.fd, -1);
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

START_TEST(a_missing_root_is_an_error)
{
	struct linux_options options = { .root = "/tmp/converge-walk-none/x",
					 .backup_fd = -1 };

	ck_assert_ptr_null(host_linux(&options, &diags));
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.v[0].text, "cannot open the host's root "
					  "'/tmp/converge-walk-none/x': "
					  "No such file or directory");
	diags_release(&diags);
}
END_TEST

START_TEST(a_file_is_no_root)
{
	char path[80];
	struct linux_options options = { .root = path, .backup_fd = -1 };

	set_up();
	file("f");
	snprintf(path, sizeof(path), "%s/f", root);
	ck_assert_ptr_null(host_linux(&options, &diags));
	ck_assert_uint_eq(diags.n, 1);
	tear_down();
}
END_TEST

START_TEST(the_parent_of_a_top_name_is_the_root)
{
	struct walked w;

	set_up();
	check_is("/etc", ".");
	w = walk("/etc");
	ck_assert_str_eq(w.name, "etc");
	ck_assert_uint_eq(w.owner, geteuid());
	tear_down();
}
END_TEST

START_TEST(the_root_is_its_own_parent_without_a_name)
{
	set_up();
	check_is("/", ".");
	ck_assert_str_eq(walk("/").name, "");
	tear_down();
}
END_TEST

START_TEST(walks_through_plain_folders)
{
	struct walked w;

	set_up();
	folder("a", 0755, 0);
	folder("a/b", 0700, 0);
	check_is("/a/b/name", "a/b");
	w = walk("/a/b/name");
	ck_assert_str_eq(w.name, "name");
	ck_assert_uint_eq(w.owner, geteuid());
	ck_assert_uint_ne(w.mount, 0);
	check_is("/a/x", "a");
	tear_down();
}
END_TEST

START_TEST(what_is_missing_is_absent)
{
	set_up();
	folder("a", 0755, 0);
	check_absent("/none/x");
	check_absent("/none/y/z/x");
	check_absent("/a/none/x");
	ck_assert_str_eq(walk("/none/y").name, "y");
	tear_down();
}
END_TEST

START_TEST(a_folder_made_after_it_was_missing_is_found)
{
	set_up();
	check_absent("/a/x");
	folder("a", 0755, 0);
	check_is("/a/x", "a");
	tear_down();
}
END_TEST

START_TEST(what_is_no_folder_holds_nothing)
{
	set_up();
	file("file");
	ck_assert_int_eq(mkfifoat(root_fd, "fifo", 0666), 0);
	check_absent("/file/x");
	check_absent("/file/x/y");
	check_absent("/fifo/x");
	tear_down();
}
END_TEST

START_TEST(a_socket_or_device_holds_nothing)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	set_up();
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", root);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	check_absent("/socket/x");
	if (mknodat(root_fd, "null", S_IFCHR | 0666, makedev(1, 3)) == 0)
		check_absent("/null/x");
	close(fd);
	tear_down();
}
END_TEST

START_TEST(paths_that_could_leave_the_root_are_refused)
{
	static const char *const paths[] = { "",      "a",      "./a",
					     "../a",  "/..",    "/.",
					     "/a/..", "/../a",  "/a//b",
					     "/a/",   "//",     "//a",
					     "/./a",  "/a/./b", "/a/../b" };
	char text[128];

	set_up();
	folder("a", 0755, 0);
	for (size_t i = 0; i < COUNT(paths); i++) {
		snprintf(text, sizeof(text),
			 "'%s' is not an absolute path without empty, '.' and "
			 "'..' components",
			 paths[i]);
		check_refused(paths[i], text);
	}
	check_is("/a/..x", "a");
	check_is("/a/...", "a");
	check_is("/a/.x", "a");
	tear_down();
}
END_TEST

START_TEST(names_that_no_folder_can_have_are_errors)
{
	char path[NAME_MAX + 8] = "/";
	struct walked w;

	set_up();
	memset(path + 1, 'n', NAME_MAX + 1);
	memcpy(path + 1 + NAME_MAX + 1, "/x", 3);
	ck_assert(!walk_parent(linux_of(host), path, &w, &diags));
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_ptr_nonnull(strstr(diags.v[0].text, "File name too long"));
	diags_release(&diags);
	memcpy(path + 1 + NAME_MAX, "/x", 3);
	check_absent(path);
	tear_down();
}
END_TEST

START_TEST(a_link_of_root_is_followed)
{
	set_up();
	folder("usr", 0755, 0);
	folder("usr/bin", 0755, 0);
	folder("var", 0755, 0);
	folder("run", 0755, 0);
	link_to("usr/bin", "bin", 0);
	link_to("/run", "var/run", 0);
	link_to("../run", "var/run2", 0);
	check_is("/bin/x", "usr/bin");
	check_is("/var/run/x", "run");
	check_is("/var/run2/x", "run");
	folder("run/sub", 0755, 0);
	check_is("/var/run/sub/x", "run/sub");
	tear_down();
}
END_TEST

START_TEST(the_last_component_is_not_followed)
{
	set_up();
	folder("usr", 0755, 0);
	link_to("usr", "l", 0);
	check_is("/l", ".");
	ck_assert_str_eq(walk("/l").name, "l");
	tear_down();
}
END_TEST

START_TEST(targets_are_those_of_the_hosts_root)
{
	set_up();
	folder("etc", 0755, 0);
	folder("a", 0755, 0);
	link_to("/", "slash", 0);
	link_to("/etc", "absolute", 0);
	link_to("../../../../../../etc", "a/up", 0);
	link_to("/../../etc", "up", 0);
	link_to("..", "a/dots", 0);
	link_to("../..", "a/root", 0);
	link_to("//etc//./", "odd", 0);
	check_is("/slash/x", ".");
	check_is("/slash/etc/x", "etc");
	check_is("/absolute/x", "etc");
	check_is("/a/up/x", "etc");
	check_is("/up/x", "etc");
	check_is("/a/dots/x", ".");
	check_is("/a/root/x", ".");
	check_is("/a/root/etc/x", "etc");
	check_is("/odd/x", "etc");
	tear_down();
}
END_TEST

START_TEST(a_root_that_has_no_such_folder_does_not_show_the_hosts)
{
	set_up();
	link_to("/etc", "l", 0);
	link_to("../../etc", "up", 0);
	link_to("/proc/self/root/etc", "magic", 0);
	check_absent("/l/passwd");
	check_absent("/up/passwd");
	check_absent("/magic/passwd");
	tear_down();
}
END_TEST

START_TEST(dots_in_a_target_go_up_from_where_links_led)
{
	set_up();
	folder("b", 0755, 0);
	folder("b/c", 0755, 0);
	folder("b/x", 0755, 0);
	folder("x", 0755, 0);
	link_to("b/c", "a", 0);
	link_to("a/../x", "t", 0);
	check_is("/t/name", "b/x");
	/* Also when what comes before the dots is in the cache. */
	check_is("/a/name", "b/c");
	walk_forget(linux_of(host));
	check_is("/a/name", "b/c");
	check_is("/t/name", "b/x");
	tear_down();
}
END_TEST

START_TEST(a_dangling_link_is_absent)
{
	set_up();
	file("f");
	link_to("none", "l", 0);
	link_to("/none/deep", "m", 0);
	link_to("f", "n", 0);
	link_to("f/x", "o", 0);
	check_absent("/l/x");
	check_absent("/m/x");
	check_absent("/n/x");
	check_absent("/o/x");
	tear_down();
}
END_TEST

START_TEST(links_that_loop_are_refused)
{
	set_up();
	link_to("self", "self", 0);
	link_to("b", "a", 0);
	link_to("/a", "b", 0);
	link_to("./grow/x", "grow", 0);
	check_refused("/self/x", "'/self' leads through more than 8 links");
	check_refused("/a/x", "'/a' leads through more than 8 links");
	check_refused("/grow/x", "'/grow' leads through more than 8 links");
	tear_down();
}
END_TEST

START_TEST(eight_links_are_followed_and_nine_are_not)
{
	char name[16], target[16];

	set_up();
	folder("l0", 0755, 0);
	for (int i = 1; i <= 9; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		snprintf(target, sizeof(target), "l%d", i - 1);
		link_to(target, name, 0);
	}
	check_refused("/l9/x", "'/l1' leads through more than 8 links");
	check_is("/l8/x", "l0");
	/* however much of the way is known by now */
	check_refused("/l9/x", "'/l8' leads through more than 8 links");
	folder("l0/below", 0755, 0);
	check_is("/l8/below/x", "l0/below");
	check_refused("/l9/below/x",
		      "'/l8/below' leads through more than 8 links");
	tear_down();
}
END_TEST

START_TEST(a_long_target_is_walked_to_its_end)
{
	char target[PATH_MAX];

	set_up();
	folder("a", 0755, 0);
	for (size_t i = 0; i < 4000; i += 2)
		memcpy(target + i, "./", 2);
	memcpy(target + 4000, "a", 2);
	link_to(target, "l", 0);
	check_is("/l/x", "a");
	tear_down();
}
END_TEST

START_TEST(a_link_of_another_user_is_refused)
{
	static const char *const targets[] = {
		"/", "/etc", "etc", "none", "planted", "/proc/self/root", ".",
	};

	if (unprivileged())
		return;
	set_up();
	folder("etc", 0755, 0);
	for (size_t i = 0; i < COUNT(targets); i++) {
		link_to(targets[i], "planted", NOBODY);
		check_refused("/planted/x",
			      "'/planted' is a link that 65534 owns");
		check_refused("/planted/x/y",
			      "'/planted' is a link that 65534 owns");
		ck_assert_int_eq(unlinkat(root_fd, "planted", 0), 0);
	}
	tear_down();
}
END_TEST

START_TEST(a_refusal_names_the_owner_and_what_to_do)
{
	struct walked w;
	int fd;

	if (unprivileged())
		return;
	set_up();
	folder("etc", 0755, 0);
	fd = openat(root_fd, "etc/passwd", O_WRONLY | O_CREAT, 0644);
	ck_assert_int_eq(dprintf(fd, "mallory:x:54321:54321::/:/bin/sh\n"), 33);
	close(fd);
	folder("home", 0755, 0);
	folder("home/u", 0755, MALLORY);
	link_to("/etc", "home/u/x", MALLORY);
	ck_assert(!walk_parent(linux_of(host), "/home/u/x/f", &w, &diags));
	ck_assert_str_eq(diags.v[0].text,
			 "'/home/u/x' is a link that mallory owns");
	ck_assert_str_eq(diags.v[0].hint, "write a path without links");
	diags_release(&diags);
	tear_down();
}
END_TEST

START_TEST(a_link_behind_a_good_one_is_refused_by_its_own_name)
{
	if (unprivileged())
		return;
	set_up();
	folder("etc", 0755, 0);
	link_to("/etc", "planted", NOBODY);
	link_to("planted", "good", 0);
	check_refused("/good/x", "'/planted' is a link that 65534 owns");
	tear_down();
}
END_TEST

START_TEST(a_link_of_root_on_others_ground_is_refused)
{
	if (unprivileged())
		return;
	set_up();
	folder("etc", 0755, 0);
	folder("home", 0755, NOBODY);
	link_to("/etc", "home/l", 0);
	check_refused("/home/l/x",
		      "'/home/l' is a link that 0 owns, in a folder of 65534");
	tear_down();
}
END_TEST

START_TEST(no_link_in_a_folder_that_others_write_to_is_followed)
{
	char text[128];

	set_up();
	folder("etc", 0755, 0);
	folder("tmp", 01777, 0);
	link_to("/etc", "tmp/l", 0);
	snprintf(text, sizeof(text),
		 "'/tmp/l' is a link that %u owns, in a folder that others "
		 "may write to",
		 (unsigned)geteuid());
	check_refused("/tmp/l/x", text);
	tear_down();
}
END_TEST

START_TEST(a_folder_of_a_user_is_that_users_ground)
{
	struct walked w;

	if (unprivileged())
		return;
	set_up();
	folder("home", 0755, 0);
	folder("home/u", 0700, NOBODY);
	folder("home/u/a", 0755, NOBODY);
	check_is("/home/u/a/x", "home/u/a");
	w = walk("/home/u/a/x");
	ck_assert_uint_eq(w.owner, NOBODY);
	ck_assert_uint_eq(w.group, NOBODY);
	ck_assert_uint_eq(walk("/home/u").owner, 0);
	ck_assert_uint_eq(walk("/home/u/x").owner, NOBODY);
	tear_down();
}
END_TEST

START_TEST(a_second_owner_is_refused)
{
	if (unprivileged())
		return;
	set_up();
	folder("u", 0755, NOBODY);
	folder("u/m", 0755, MALLORY);
	folder("u/root", 0755, 0);
	folder("u/m/u", 0755, NOBODY);
	check_refused("/u/m/x",
		      "'/u/m' is a folder that 54321 owns, in one of 65534");
	check_refused("/u/m/u/x",
		      "'/u/m' is a folder that 54321 owns, in one of 65534");
	check_refused("/u/root/x",
		      "'/u/root' is a folder that 0 owns, in one of 65534");
	tear_down();
}
END_TEST

START_TEST(a_folder_that_all_may_write_to_is_refused)
{
	char owner[16], text[128];
	struct walked w;

	set_up();
	snprintf(owner, sizeof(owner), "%u", (unsigned)geteuid());
	snprintf(text, sizeof(text),
		 "'/w' is a folder that %s owns and all may write to", owner);
	folder("w", 0777, 0);
	folder("w/a", 0755, 0);
	check_refused("/w/x", text);
	check_refused("/w/a/x", text);
	ck_assert(!walk_parent(linux_of(host), "/w/x", &w, &diags));
	ck_assert_str_eq(diags.v[0].hint, "chmod go-w '/w'");
	diags_release(&diags);
	ck_assert_int_eq(fchmodat(root_fd, "w", 0702, 0), 0);
	check_refused("/w/x", text);
	tear_down();
}
END_TEST

START_TEST(a_folder_that_a_group_may_write_to_is_refused_but_for_roots)
{
	set_up();
	folder("w", 0775, 0);
	check_is("/w/x", "w");
	if (!unprivileged()) {
		walk_forget(linux_of(host));
		ck_assert_int_eq(fchownat(root_fd, "w", 0, NOBODY, 0), 0);
		ck_assert_int_eq(fchmodat(root_fd, "w", 0775, 0), 0);
		check_refused("/w/x", "'/w' is a folder that 0 owns and group "
				      "65534 may write to");
	}
	tear_down();
}
END_TEST

START_TEST(a_sticky_folder_may_be_passed)
{
	set_up();
	folder("tmp", 01777, 0);
	folder("tmp/a", 0755, 0);
	check_is("/tmp/x", "tmp");
	ck_assert_uint_eq(walk("/tmp/x").owner, geteuid());
	check_is("/tmp/a/x", "tmp/a");
	ck_assert_uint_eq(walk("/tmp/a/x").owner, geteuid());
	tear_down();
}
END_TEST

START_TEST(in_a_sticky_folder_each_has_ground)
{
	if (unprivileged())
		return;
	set_up();
	folder("tmp", 01777, 0);
	folder("tmp/u", 0755, NOBODY);
	folder("tmp/u/m", 0755, MALLORY);
	check_is("/tmp/u/x", "tmp/u");
	ck_assert_uint_eq(walk("/tmp/u/x").owner, NOBODY);
	check_refused("/tmp/u/m/x", "'/tmp/u/m' is a folder that 54321 owns, "
				    "in one of 65534");
	tear_down();
}
END_TEST

START_TEST(a_user_may_let_others_write_on_own_ground)
{
	if (unprivileged())
		return;
	set_up();
	folder("u", 0777, NOBODY);
	folder("u/a", 0775, NOBODY);
	check_is("/u/a/x", "u/a");
	ck_assert_uint_eq(walk("/u/a/x").owner, NOBODY);
	tear_down();
}
END_TEST

START_TEST(the_root_itself_is_trusted_whoever_owns_it)
{
	if (unprivileged())
		return;
	set_up();
	ck_assert_int_eq(chown(root, NOBODY, NOBODY), 0);
	folder("etc", 0755, 0);
	folder("u", 0755, NOBODY);
	link_to("etc", "l", 0);
	link_to("etc", "planted", NOBODY);
	open_again();
	check_is("/etc/x", "etc");
	ck_assert_uint_eq(walk("/etc/x").owner, 0);
	ck_assert_uint_eq(walk("/x").owner, 0);
	ck_assert_uint_eq(walk("/u/x").owner, NOBODY);
	check_is("/l/x", "etc");
	check_refused("/planted/x", "'/planted' is a link that 65534 owns");
	tear_down();
}
END_TEST

START_TEST(no_link_in_a_root_that_all_may_write_to_is_followed)
{
	char text[128];

	set_up();
	ck_assert_int_eq(chmod(root, 0777), 0);
	folder("etc", 0755, 0);
	link_to("etc", "l", 0);
	open_again();
	check_is("/etc/x", "etc");
	snprintf(text, sizeof(text),
		 "'/l' is a link that %u owns, in a folder that others may "
		 "write to",
		 (unsigned)geteuid());
	check_refused("/l/x", text);
	tear_down();
}
END_TEST

START_TEST(without_privileges_the_user_counts_as_root)
{
	if (unprivileged())
		return;
	set_up();
	ck_assert_int_eq(chown(root, NOBODY, NOBODY), 0);
	ck_assert_int_eq(setegid(NOBODY), 0);
	ck_assert_int_eq(seteuid(NOBODY), 0);
	open_again();
	folder("a", 0775, 0);
	link_to("a", "l", 0);
	folder("w", 0777, 0);
	check_is("/l/x", "a");
	ck_assert_uint_eq(walk("/a/x").owner, NOBODY);
	check_refused("/w/x", "'/w' is a folder that 65534 owns and all may "
			      "write to");
	ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(setegid(0), 0);
	/* What counts was settled when the host was opened. */
	walk_forget(linux_of(host));
	ck_assert_uint_eq(walk("/a/x").owner, NOBODY);
	open_again();
	check_refused("/l/x", "'/l' is a link that 65534 owns");
	tear_down();
}
END_TEST

START_TEST(a_folder_that_may_not_be_searched_is_an_error)
{
	struct walked w;

	if (unprivileged())
		return;
	set_up();
	folder("a", 0700, 0);
	folder("a/b", 0755, 0);
	ck_assert_int_eq(seteuid(NOBODY), 0);
	open_again();
	ck_assert(!walk_parent(linux_of(host), "/a/b/x", &w, &diags));
	ck_assert_str_eq(diags.v[0].text,
			 "cannot open '/a/b': Permission denied");
	diags_release(&diags);
	ck_assert_int_eq(seteuid(0), 0);
	tear_down();
}
END_TEST

START_TEST(a_folder_walked_lately_is_not_walked_again)
{
	struct walked first, second;

	set_up();
	folder("a", 0755, 0);
	folder("ab", 0755, 0);
	folder("a/b", 0755, 0);
	link_to("a/b", "l", 0);
	first = walk("/a/b/x");
	second = walk("/a/b/y");
	ck_assert_int_eq(first.fd, second.fd);
	check_is("/ab/x", "ab");
	check_is("/a/x", "a");
	/* With the link gone only what was kept can lead there. */
	check_is("/l/x", "a/b");
	ck_assert_int_eq(unlinkat(root_fd, "l", 0), 0);
	first = walk("/l/x");
	second = walk("/l/y");
	ck_assert_int_ge(first.fd, 0);
	ck_assert_int_eq(first.fd, second.fd);
	tear_down();
}
END_TEST

START_TEST(a_folder_that_was_replaced_is_found_after_forgetting)
{
	set_up();
	folder("a", 0755, 0);
	link_to("a", "l", 0);
	check_is("/a/x", "a");
	check_is("/l/x", "a");
	ck_assert_int_eq(renameat(root_fd, "a", root_fd, "old"), 0);
	check_is("/a/x", "old");
	folder("a", 0755, 0);
	walk_forget(linux_of(host));
	check_is("/a/x", "a");
	check_is("/l/x", "a");
	tear_down();
}
END_TEST

START_TEST(descriptors_stay_few)
{
	size_t before, after;
	char path[32], asked[32];

	set_up();
	before = count_descriptors();
	for (int i = 0; i < 200; i++) {
		snprintf(path, sizeof(path), "d%d", i);
		snprintf(asked, sizeof(asked), "/d%d/x", i);
		folder(path, 0755, 0);
		check_is(asked, path);
	}
	link_to("d0", "l", 0);
	check_is("/l/x", "d0");
	check_is("/d0/x", "d0");
	check_is("/d199/x", "d199");
	after = count_descriptors();
	ck_assert_uint_le(after - before, 24);
	walk_forget(linux_of(host));
	ck_assert_uint_eq(count_descriptors(), before);
	tear_down();
}
END_TEST

START_TEST(a_deep_path_is_walked)
{
	char path[512] = "", asked[520];

	set_up();
	for (size_t i = 0; i < 500; i += 5) {
		memcpy(path + i, "/deep", 6);
		folder(path + 1, 0755, 0);
	}
	snprintf(asked, sizeof(asked), "%s/x", path);
	check_is(asked, path + 1);
	check_is(asked, path + 1);
	tear_down();
}
END_TEST

START_TEST(refusals_keep_no_descriptor)
{
	size_t before;
	struct walked w;

	set_up();
	folder("w", 0777, 0);
	link_to("l", "l", 0);
	walk_parent(linux_of(host), "/w/x", &w, &diags);
	before = count_descriptors();
	for (int i = 0; i < 50; i++) {
		walk_parent(linux_of(host), "/w/x", &w, &diags);
		walk_parent(linux_of(host), "/l/x", &w, &diags);
		walk_parent(linux_of(host), "/none/x", &w, &diags);
	}
	ck_assert_uint_eq(count_descriptors(), before);
	ck_assert_uint_eq(diags.n, 101);
	tear_down();
}
END_TEST

START_TEST(another_mount_has_another_number)
{
	struct linux_options options = { .root = "/", .backup_fd = -1 };
	struct walked top, proc;

	host = host_linux(&options, &diags);
	ck_assert_ptr_nonnull(host);
	top = walk("/proc");
	proc = walk("/proc/x");
	ck_assert_int_ge(proc.fd, 0);
	ck_assert_uint_ne(top.mount, proc.mount);
	/* Links of /proc are read as text, like any other. */
	ck_assert_int_ge(walk("/proc/self/x").fd, 0);
	host_close(host);
	diags_release(&diags);
}
END_TEST

static enum node_type type_at(const char *name)
{
	struct node n;

	ck_assert_int_eq(walk_stat(root_fd, name, &n), 0);
	return n.type;
}

START_TEST(stat_tells_types_apart)
{
	set_up();
	file("file");
	folder("folder", 0755, 0);
	link_to("none", "link", 0);
	ck_assert_int_eq(mkfifoat(root_fd, "fifo", 0600), 0);
	ck_assert_int_eq(mknodat(root_fd, "socket", S_IFSOCK | 0600, 0), 0);
	ck_assert_int_eq(type_at("file"), NODE_FILE);
	ck_assert_int_eq(type_at("folder"), NODE_DIRECTORY);
	ck_assert_int_eq(type_at("link"), NODE_LINK);
	ck_assert_int_eq(type_at("fifo"), NODE_FIFO);
	ck_assert_int_eq(type_at("socket"), NODE_SOCKET);
	ck_assert_int_eq(type_at("none"), NODE_ABSENT);
	ck_assert_int_eq(type_at("file/x"), NODE_ABSENT);
	ck_assert_int_eq(type_at(""), NODE_DIRECTORY);
	if (mknodat(root_fd, "null", S_IFCHR | 0600, makedev(1, 3)) == 0)
		ck_assert_int_eq(type_at("null"), NODE_CHARACTER_DEVICE);
	if (mknodat(root_fd, "loop", S_IFBLK | 0600, makedev(7, 0)) == 0)
		ck_assert_int_eq(type_at("loop"), NODE_BLOCK_DEVICE);
	tear_down();
}
END_TEST

START_TEST(stat_tells_all_of_the_state)
{
	const struct timespec times[2] = { { 1, 0 }, { 1234567890, 987 } };
	struct node n;
	struct stat s;
	int fd;

	set_up();
	fd = openat(root_fd, "f", O_WRONLY | O_CREAT, 0600);
	ck_assert_int_eq(write(fd, "12345", 5), 5);
	ck_assert_int_eq(fchmod(fd, 04751), 0);
	ck_assert_int_eq(linkat(root_fd, "f", root_fd, "g", 0), 0);
	ck_assert_int_eq(futimens(fd, times), 0);
	ck_assert_int_eq(fstat(fd, &s), 0);
	close(fd);
	ck_assert_int_eq(walk_stat(root_fd, "f", &n), 0);
	ck_assert_uint_eq(n.mode, 04751);
	ck_assert_uint_eq(n.size, 5);
	ck_assert_uint_eq(n.links, 2);
	ck_assert_uint_eq(n.uid, geteuid());
	ck_assert_uint_eq(n.gid, s.st_gid);
	ck_assert_uint_eq(n.inode, s.st_ino);
	ck_assert_uint_eq(n.device, s.st_dev);
	ck_assert_int_eq(n.mtime, INT64_C(1234567890000000987));
	ck_assert_int_gt(n.ctime, n.mtime);
	tear_down();
}
END_TEST

START_TEST(times_beyond_nanoseconds_do_not_overflow)
{
	const struct timespec late = { INT64_C(1) << 62, 5 };
	const struct timespec early = { -(INT64_C(1) << 62), 5 };
	struct timespec times[2] = { late, late };
	struct node n;

	set_up();
	file("f");
	ck_assert_int_eq(utimensat(root_fd, "f", times, 0), 0);
	ck_assert_int_eq(walk_stat(root_fd, "f", &n), 0);
	ck_assert_int_gt(n.mtime, 0);
	times[0] = times[1] = early;
	ck_assert_int_eq(utimensat(root_fd, "f", times, 0), 0);
	ck_assert_int_eq(walk_stat(root_fd, "f", &n), 0);
	ck_assert_int_lt(n.mtime, 0);
	tear_down();
}
END_TEST

START_TEST(stat_errors_are_told)
{
	char name[NAME_MAX + 2];
	struct node n;

	set_up();
	memset(name, 'n', sizeof(name));
	name[NAME_MAX + 1] = '\0';
	ck_assert_int_eq(walk_stat(root_fd, name, &n), -ENAMETOOLONG);
	ck_assert_int_eq(walk_stat(-1, "x", &n), -EBADF);
	ck_assert_int_eq(n.type, NODE_ABSENT);
	tear_down();
}
END_TEST

START_TEST(names_are_sorted_and_whole)
{
	enum { N = 3000 };
	struct arena a = { 0 };
	struct strings names = { 0 };
	char name[32];
	int fd;

	set_up();
	folder("d", 0755, 0);
	for (int i = N - 1; i >= 0; i--) {
		snprintf(name, sizeof(name), "d/name-%06d", i);
		file(name);
	}
	fd = openat(root_fd, "d", O_RDONLY | O_DIRECTORY);
	ck_assert_int_eq(walk_names(fd, &a, &names), 0);
	close(fd);
	ck_assert_uint_eq(names.n, N);
	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "name-%06d", i);
		ck_assert_str_eq(names.v[i], name);
	}
	arena_release(&a);
	tear_down();
}
END_TEST

START_TEST(names_leave_out_dots_only)
{
	struct arena a = { 0 };
	struct strings names = { 0 };
	int fd;

	set_up();
	fd = open(root, O_RDONLY | O_DIRECTORY);
	ck_assert_int_eq(walk_names(fd, &a, &names), 0);
	ck_assert_uint_eq(names.n, 0);
	close(fd);
	file(".hidden");
	file("...");
	file("-n\n\xff");
	fd = open(root, O_RDONLY | O_DIRECTORY);
	ck_assert_int_eq(walk_names(fd, &a, &names), 0);
	close(fd);
	ck_assert_uint_eq(names.n, 3);
	ck_assert_str_eq(names.v[0], "-n\n\xff");
	ck_assert_str_eq(names.v[1], "...");
	ck_assert_str_eq(names.v[2], ".hidden");
	arena_release(&a);
	tear_down();
}
END_TEST

START_TEST(names_of_what_is_no_folder_are_an_error)
{
	struct arena a = { 0 };
	struct strings names = { 0 };
	int fd;

	set_up();
	file("f");
	fd = openat(root_fd, "f", O_RDONLY);
	ck_assert_int_eq(walk_names(fd, &a, &names), -ENOTDIR);
	close(fd);
	ck_assert_int_eq(walk_names(root_fd, &a, &names), -EBADF);
	arena_release(&a);
	tear_down();
}
END_TEST

TEST_SUITE(
	"walk", a_missing_root_is_an_error, a_file_is_no_root,
	the_parent_of_a_top_name_is_the_root,
	the_root_is_its_own_parent_without_a_name, walks_through_plain_folders,
	what_is_missing_is_absent, a_folder_made_after_it_was_missing_is_found,
	what_is_no_folder_holds_nothing, a_socket_or_device_holds_nothing,
	paths_that_could_leave_the_root_are_refused,
	names_that_no_folder_can_have_are_errors, a_link_of_root_is_followed,
	the_last_component_is_not_followed, targets_are_those_of_the_hosts_root,
	a_root_that_has_no_such_folder_does_not_show_the_hosts,
	dots_in_a_target_go_up_from_where_links_led, a_dangling_link_is_absent,
	links_that_loop_are_refused, eight_links_are_followed_and_nine_are_not,
	a_long_target_is_walked_to_its_end, a_link_of_another_user_is_refused,
	a_refusal_names_the_owner_and_what_to_do,
	a_link_behind_a_good_one_is_refused_by_its_own_name,
	a_link_of_root_on_others_ground_is_refused,
	no_link_in_a_folder_that_others_write_to_is_followed,
	a_folder_of_a_user_is_that_users_ground, a_second_owner_is_refused,
	a_folder_that_all_may_write_to_is_refused,
	a_folder_that_a_group_may_write_to_is_refused_but_for_roots,
	a_sticky_folder_may_be_passed, in_a_sticky_folder_each_has_ground,
	a_user_may_let_others_write_on_own_ground,
	the_root_itself_is_trusted_whoever_owns_it,
	no_link_in_a_root_that_all_may_write_to_is_followed,
	without_privileges_the_user_counts_as_root,
	a_folder_that_may_not_be_searched_is_an_error,
	a_folder_walked_lately_is_not_walked_again,
	a_folder_that_was_replaced_is_found_after_forgetting,
	descriptors_stay_few, a_deep_path_is_walked,
	refusals_keep_no_descriptor, another_mount_has_another_number,
	stat_tells_types_apart, stat_tells_all_of_the_state,
	times_beyond_nanoseconds_do_not_overflow, stat_errors_are_told,
	names_are_sorted_and_whole, names_leave_out_dots_only,
	names_of_what_is_no_folder_are_an_error)
