/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <ftw.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/host/linux/files/walk.h"
#include "lib/test.h"

static char root[64];
static int root_fd;
static struct host *host;
static struct arena arena;
static struct diags diags;

static void set_up(void)
{
	struct linux_options options = { .root = root, .backup_fd = -1 };

	snprintf(root, sizeof(root), "/tmp/converge-accounts-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(root_fd, 0);
	ck_assert_int_eq(mkdirat(root_fd, "etc", 0755), 0);
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

/* As the tools do: a new file in place of the old one. */
static void file_of(const char *path, const char *bytes, size_t size)
{
	int fd = openat(root_fd, "etc/new", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), size);
	close(fd);
	ck_assert_int_eq(renameat(root_fd, "etc/new", root_fd, path), 0);
}

static void passwd(const char *text)
{
	file_of("etc/passwd", text, strlen(text));
}

static void group(const char *text)
{
	file_of("etc/group", text, strlen(text));
}

static void check_user(const char *name, uint32_t want)
{
	uint32_t id = 12345;

	ck_assert_msg(host_user_id(host, name, &id), "%s", name);
	ck_assert_uint_eq(id, want);
}

static void check_group(const char *name, uint32_t want)
{
	uint32_t id = 12345;

	ck_assert_msg(host_group_id(host, name, &id), "%s", name);
	ck_assert_uint_eq(id, want);
}

static void check_no_user(const char *name)
{
	uint32_t id;

	ck_assert_msg(!host_user_id(host, name, &id), "%s", name);
}

static void check_no_group(const char *name)
{
	uint32_t id;

	ck_assert_msg(!host_group_id(host, name, &id), "%s", name);
}

START_TEST(names_have_ids)
{
	uint32_t id, primary;

	set_up();
	passwd("root:x:0:0:root:/root:/bin/bash\n"
	       "www-data:x:33:34:www:/var/www:/usr/sbin/nologin\n");
	group("root:x:0:\nwww:x:34:\nadm:x:4:a,b\n");
	check_user("root", 0);
	check_user("www-data", 33);
	check_group("www", 34);
	check_group("adm", 4);
	ck_assert(accounts_user_id(linux_of(host), "www-data", &id, &primary));
	ck_assert_uint_eq(id, 33);
	ck_assert_uint_eq(primary, 34);
	check_no_user("www");
	check_no_user("");
	check_no_user("roo");
	check_no_user("root:x");
	check_no_group("www-data");
	tear_down();
}
END_TEST

START_TEST(ids_have_names)
{
	set_up();
	passwd("root:x:0:0:root:/root:/bin/bash\n");
	group("wheel:x:0:\n");
	ck_assert_str_eq(host_user_name(host, 0, &arena), "root");
	ck_assert_str_eq(host_group_name(host, 0, &arena), "wheel");
	ck_assert_str_eq(host_user_name(host, 77, &arena), "77");
	ck_assert_str_eq(host_group_name(host, 77, &arena), "77");
	ck_assert_str_eq(host_user_name(host, UINT32_MAX, &arena),
			 "4294967295");
	tear_down();
}
END_TEST

START_TEST(numbers_are_not_looked_up)
{
	set_up();
	passwd("root:x:0:0:root:/root:/bin/bash\n");
	check_no_user("0");
	passwd("7:x:8:8::/:/bin/sh\n");
	check_user("7", 8);
	tear_down();
}
END_TEST

START_TEST(without_files_nobody_is_known)
{
	set_up();
	check_no_user("root");
	check_no_group("root");
	ck_assert_str_eq(host_user_name(host, 0, &arena), "0");
	tear_down();
}
END_TEST

START_TEST(the_files_are_those_below_the_root)
{
	struct passwd *own = getpwuid(getuid());

	if (!own)
		return;
	set_up();
	passwd("only-here:x:7:7::/:/bin/sh\n");
	check_no_user(own->pw_name);
	check_user("only-here", 7);
	tear_down();
}
END_TEST

START_TEST(bad_lines_are_skipped)
{
	static const char zero[] = "a:x:1:1::/:/bin/sh\n"
				   "b\0c:x:2:2::/:/bin/sh\n"
				   "d:x:3:3::/:/bin/sh\n";

	set_up();
	passwd("\n"
	       ":\n"
	       "::::::\n"
	       ":x:1:1:no name:/:/bin/sh\n"
	       "# comment:x:1:1::/:/bin/sh\n"
	       "+nis:x:1:1::/:/bin/sh\n"
	       "-nis:x:1:1::/:/bin/sh\n"
	       "short:x:1\n"
	       "empty:x::1::/:/bin/sh\n"
	       "nogroup:x:1:::/:/bin/sh\n"
	       "letters:x:1a:1::/:/bin/sh\n"
	       "minus:x:-1:1::/:/bin/sh\n"
	       "plus:x:+1:1::/:/bin/sh\n"
	       "space:x: 1:1::/:/bin/sh\n"
	       "hex:x:0x1:1::/:/bin/sh\n"
	       "none:x:4294967295:1::/:/bin/sh\n"
	       "large:x:4294967296:1::/:/bin/sh\n"
	       "huge:x:99999999999999999999999:1::/:/bin/sh\n"
	       "badgroup:x:1:4294967295::/:/bin/sh\n"
	       "good:x:4294967294:1:a:b:c:d:e:f\n"
	       "last:x:5:5::/:/bin/sh");
	static const char *const bad[] = {
		"",      "# comment", "#",       "+nis",    "nis",   "-nis",
		"short", "empty",     "nogroup", "letters", "minus", "plus",
		"space", "hex",       "none",    "large",   "huge",  "badgroup",
	};

	for (size_t i = 0; i < COUNT(bad); i++)
		check_no_user(bad[i]);
	check_user("good", 4294967294);
	check_user("last", 5);
	ck_assert_str_eq(host_user_name(host, 1, &arena), "1");
	file_of("etc/passwd", zero, sizeof(zero) - 1);
	check_user("a", 1);
	check_user("d", 3);
	check_no_user("b");
	check_no_user("c");
	tear_down();
}
END_TEST

START_TEST(a_group_needs_no_members)
{
	set_up();
	group("a:x:1\nb:x:2:\nc:x\nd:x:x:\ne::5:u\n");
	check_group("a", 1);
	check_group("b", 2);
	check_no_group("c");
	check_no_group("d");
	check_group("e", 5);
	tear_down();
}
END_TEST

START_TEST(the_first_of_two_is_the_one)
{
	set_up();
	passwd("root:x:0:0::/:/bin/sh\n"
	       "toor:x:0:0::/:/bin/sh\n"
	       "root:x:1:1::/:/bin/sh\n");
	check_user("root", 0);
	check_user("toor", 0);
	ck_assert_str_eq(host_user_name(host, 0, &arena), "root");
	ck_assert_str_eq(host_user_name(host, 1, &arena), "1");
	tear_down();
}
END_TEST

START_TEST(a_user_has_groups)
{
	gid_t groups[8];

	set_up();
	passwd("u:x:7:70::/:/bin/sh\nv:x:8:80::/:/bin/sh\n");
	group("a:x:1:u\n"
	      "b:x:2:v,u\n"
	      "c:x:3:uu,v\n"
	      "d:x:4:,u,\n"
	      "own:x:70:u\n"
	      "e:x:5:v,uu,u\n");
	ck_assert_uint_eq(accounts_groups(linux_of(host), "u", groups, 8), 5);
	ck_assert_uint_eq(groups[0], 70);
	ck_assert_uint_eq(groups[1], 1);
	ck_assert_uint_eq(groups[2], 2);
	ck_assert_uint_eq(groups[3], 4);
	ck_assert_uint_eq(groups[4], 5);
	ck_assert_uint_eq(accounts_groups(linux_of(host), "u", groups, 2), 2);
	ck_assert_uint_eq(accounts_groups(linux_of(host), "u", groups, 0), 0);
	ck_assert_uint_eq(accounts_groups(linux_of(host), "w", groups, 8), 0);
	ck_assert_uint_eq(accounts_groups(linux_of(host), "", groups, 8), 0);
	tear_down();
}
END_TEST

START_TEST(a_user_added_later_is_found)
{
	set_up();
	passwd("root:x:0:0::/:/bin/sh\n");
	group("root:x:0:\n");
	check_no_user("new");
	check_user("root", 0);
	passwd("root:x:0:0::/:/bin/sh\nnew:x:5:5::/:/bin/sh\n");
	group("root:x:0:\nnew:x:5:\n");
	check_user("new", 5);
	check_group("new", 5);
	tear_down();
}
END_TEST

START_TEST(a_user_whose_id_changed_is_so_after_forgetting)
{
	set_up();
	passwd("u:x:5:5::/:/bin/sh\n");
	check_user("u", 5);
	passwd("u:x:6:6::/:/bin/sh\n");
	walk_forget(linux_of(host));
	check_user("u", 6);
	ck_assert_str_eq(host_user_name(host, 5, &arena), "5");
	ck_assert_int_eq(unlinkat(root_fd, "etc/passwd", 0), 0);
	walk_forget(linux_of(host));
	check_no_user("u");
	tear_down();
}
END_TEST

START_TEST(names_given_outlive_the_files)
{
	const char *name;

	set_up();
	passwd("someone:x:5:5::/:/bin/sh\n");
	name = host_user_name(host, 5, &arena);
	passwd("other:x:5:5::/:/bin/sh\n");
	walk_forget(linux_of(host));
	ck_assert_str_eq(host_user_name(host, 5, &arena), "other");
	ck_assert_str_eq(name, "someone");
	tear_down();
}
END_TEST

START_TEST(files_that_are_none_are_not_read)
{
	set_up();
	alarm(10);
	ck_assert_int_eq(mkfifoat(root_fd, "etc/passwd", 0666), 0);
	ck_assert_int_eq(symlinkat("/etc/group", root_fd, "etc/group"), 0);
	check_no_user("root");
	check_no_group("root");
	alarm(0);
	tear_down();
}
END_TEST

START_TEST(files_behind_a_refused_folder_are_not_read)
{
	struct walked w;

	set_up();
	passwd("root:x:0:0::/:/bin/sh\n");
	ck_assert_int_eq(fchmodat(root_fd, "etc", 0777, 0), 0);
	/* The refusal wants a name, which is in the folder refused. */
	ck_assert(!walk_parent(linux_of(host), "/etc/x", &w, &diags));
	ck_assert_uint_eq(diags.n, 1);
	check_no_user("root");
	tear_down();
}
END_TEST

START_TEST(many_accounts_are_known)
{
	enum { N = 20000 };
	AUTO_BUF struct buf text = { 0 };
	char name[32];

	set_up();
	for (int i = 0; i < N; i++)
		buf_printf(&text, "user%d:x:%d:%d::/home/u:/bin/sh\n", i,
			   i + 1000, i + 1000);
	passwd(buf_text(&text));
	for (int i = 0; i < N; i += 1999) {
		snprintf(name, sizeof(name), "user%d", i);
		check_user(name, (uint32_t)i + 1000);
		ck_assert_str_eq(
			host_user_name(host, (uint32_t)i + 1000, &arena), name);
	}
	tear_down();
}
END_TEST

START_TEST(the_real_root_knows_its_own_users)
{
	struct linux_options options = { .root = "/", .backup_fd = -1 };
	struct passwd *own = getpwuid(getuid());
	gid_t groups[64];
	uint32_t id;

	if (!own)
		return;
	for (int writable = 0; writable < 2; writable++) {
		options.writable = writable;
		host = host_linux(&options, &diags);
		ck_assert_ptr_nonnull(host);
		check_user(own->pw_name, getuid());
		ck_assert_str_eq(host_user_name(host, getuid(), &arena),
				 own->pw_name);
		/* Asked of the C library too, where that is allowed. */
		ck_assert(!host_user_id(host, "no such user", &id));
		ck_assert(!host_group_id(host, "no such group", &id));
		ck_assert_str_eq(host_user_name(host, 3999999999, &arena),
				 "3999999999");
		ck_assert_str_eq(host_group_name(host, 3999999999, &arena),
				 "3999999999");
		ck_assert_uint_eq(accounts_groups(linux_of(host),
						  "no such user", groups, 64),
				  0);
		ck_assert_uint_ge(accounts_groups(linux_of(host), own->pw_name,
						  groups, 64),
				  1);
		host_close(host);
	}
	arena_release(&arena);
}
END_TEST

static struct user user_of(const char *name)
{
	struct user u = { 0 };
	bool there;

	walk_forget(linux_of(host));
	ck_assert(host_user(host, name, &arena, &u, &there, &diags));
	ck_assert_msg(there, "%s", name);
	return u;
}

static void shadow(const char *text)
{
	file_of("etc/shadow", text, strlen(text));
}

START_TEST(a_user_is_all_that_the_files_say)
{
	struct user u;

	set_up();
	passwd("# compat\n+nis::::::\n-no::::::\n"
	       "u:x:7:70:U. Ser,,:/home/u:/bin/sh\n"
	       "v:$1$v:8:80");
	shadow("+::::::::\nu:!$6$x$y:19000:0:99999:7::20000:\n");
	group("b:x:2:v,u\na:x:1:u,u\n+::0:u\nu:x:70");
	u = user_of("u");
	ck_assert_uint_eq(u.known, USER_ALL);
	ck_assert_uint_eq(u.uid, 7);
	ck_assert_uint_eq(u.gid, 70);
	ck_assert_str_eq(u.comment, "U. Ser,,");
	ck_assert_str_eq(u.home, "/home/u");
	ck_assert_str_eq(u.shell, "/bin/sh");
	ck_assert_str_eq(u.password, "$6$x$y");
	ck_assert(u.locked);
	ck_assert_int_eq(u.expires, 20000);
	ck_assert_str_eq(strings_join(&u.groups, " ", &arena), "a b");
	/* no newline, too few fields, no line of shadow */
	u = user_of("v");
	ck_assert_str_eq(u.password, "$1$v");
	ck_assert(!u.locked);
	ck_assert_int_eq(u.expires, NEVER_EXPIRES);
	ck_assert_str_eq(u.home, "");
	ck_assert_str_eq(strings_join(&u.groups, " ", &arena), "b");
	tear_down();
}
END_TEST

START_TEST(a_password_may_be_in_passwd_or_shadow_or_be_none)
{
	static const struct {
		const char *passwd, *shadow, *password;
		bool locked;
	} cases[] = {
		{ "u:x:7:7:::\n", "u:*:1::::::\n", "*", false },
		{ "u:x:7:7:::\n", "u:!:1::::::\n", "", true },
		{ "u:x:7:7:::\n", "u:!!:1::::::\n", "", true },
		{ "u:x:7:7:::\n", "u:!*:1::::::\n", "*", true },
		{ "u:x:7:7:::\n", "u::1::::::\n", "", false },
		{ "u:x:7:7:::\n", "u:\n", "", false },
		{ "u:x:7:7:::\n", "u\n", "x", false },
		{ "u:*:7:7:::\n", "", "*", false },
		{ "u:x:7:7:::\n", "v:h:1::::::\nu:g:1::::::\nu:i:::\n", "g",
		  false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct user u;

		set_up();
		passwd(cases[i].passwd);
		shadow(cases[i].shadow);
		u = user_of("u");
		ck_assert_uint_eq(u.known, USER_ALL);
		ck_assert_str_eq(u.password, cases[i].password);
		ck_assert_int_eq(u.locked, cases[i].locked);
		ck_assert_int_eq(u.expires, NEVER_EXPIRES);
		tear_down();
	}
}
END_TEST

START_TEST(days_are_plain_numbers)
{
	static const struct {
		const char *text;
		int64_t days;
	} cases[] = { { "0", 0 },          { "1", 1 },
		      { "", -1 },          { "-1", -1 },
		      { "x", -1 },         { "1x", -1 },
		      { "+1", -1 },        { "999999999", 999999999 },
		      { "9999999999", -1 } };

	set_up();
	passwd("u:x:7:7:::\n");
	for (size_t i = 0; i < COUNT(cases); i++) {
		AUTO_BUF struct buf text = { 0 };

		buf_printf(&text, "u:*:1:::::%s:\n", cases[i].text);
		shadow(buf_text(&text));
		ck_assert_int_eq(user_of("u").expires, cases[i].days);
	}
	tear_down();
}
END_TEST

START_TEST(without_shadow_there_is_a_user_all_the_same)
{
	struct user u;

	set_up();
	passwd("u:x:7:7:::\n");
	u = user_of("u");
	ck_assert_str_eq(u.password, "x");
	ck_assert_uint_eq(u.known, USER_ALL);
	/* one that cannot be read is another thing */
	ck_assert_int_eq(mkdirat(root_fd, "etc/shadow", 0700), 0);
	u = user_of("u");
	ck_assert_ptr_null(u.password);
	ck_assert_uint_eq(u.known,
			  USER_ALL & ~(unsigned)(USER_PASSWORD | USER_LOCKED |
						 USER_EXPIRES));
	tear_down();
}
END_TEST

START_TEST(a_group_has_members)
{
	struct user_group g = { 0 };
	struct strings names;
	bool there;

	set_up();
	group("+:::\na:x:1:,v,,u,v,\nb:x:2\nc:x:3:");
	ck_assert(host_group(host, "a", &arena, &g, &there, &diags));
	ck_assert(there);
	ck_assert_uint_eq(g.gid, 1);
	ck_assert_str_eq(strings_join(&g.members, " ", &arena), "u v");
	ck_assert(host_group(host, "b", &arena, &g, &there, &diags));
	ck_assert(there && g.members.n == 0);
	ck_assert(host_group(host, "d", &arena, &g, &there, &diags));
	ck_assert(!there);
	ck_assert(host_groups(host, &arena, &names, &diags));
	ck_assert_str_eq(strings_join(&names, " ", &arena), "a b c");
	ck_assert(host_users(host, &arena, &names, &diags));
	ck_assert_uint_eq(names.n, 0);
	tear_down();
}
END_TEST

TEST_SUITE("accounts", a_user_is_all_that_the_files_say,
	   a_password_may_be_in_passwd_or_shadow_or_be_none,
	   days_are_plain_numbers, without_shadow_there_is_a_user_all_the_same,
	   a_group_has_members, names_have_ids, ids_have_names,
	   numbers_are_not_looked_up, without_files_nobody_is_known,
	   the_files_are_those_below_the_root, bad_lines_are_skipped,
	   a_group_needs_no_members, the_first_of_two_is_the_one,
	   a_user_has_groups, a_user_added_later_is_found,
	   a_user_whose_id_changed_is_so_after_forgetting,
	   names_given_outlive_the_files, files_that_are_none_are_not_read,
	   files_behind_a_refused_folder_are_not_read, many_accounts_are_known,
	   the_real_root_knows_its_own_users)
