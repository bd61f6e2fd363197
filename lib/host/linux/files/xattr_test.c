/* SPDX-License-Identifier: MIT */
#include <linux/capability.h>
#include <sys/xattr.h>

#include "lib/host/linux/scratch.h"

#define ACCESS "system.posix_acl_access"
#define DEFAULT "system.posix_acl_default"

enum { USER = 12345, NAMED = 23456 };

static const struct node absent = { .type = NODE_ABSENT };

static int open_at(struct scratch *s, const char *path)
{
	int fd = openat(s->root, path + 1, O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	return fd;
}

/* False: the file system has no such attributes. */
static bool set(struct scratch *s, const char *path, const char *name,
		const void *value, size_t n)
{
	int fd = open_at(s, path);
	int r = fsetxattr(fd, name, value, n, 0);
	int error = errno;

	close(fd);
	ck_assert_msg(r == 0 || error == EOPNOTSUPP, "%s: %s", name,
		      strerror(error));
	return r == 0;
}

/* What the file has of it; "(none)" when it has none. */
static const char *get(struct scratch *s, const char *path, const char *name)
{
	static char value[256];
	int fd = open_at(s, path);
	ssize_t n = fgetxattr(fd, name, value, sizeof(value) - 1);

	close(fd);
	if (n < 0)
		return "(none)";
	value[n] = '\0';
	return value;
}

/* An access control list of owner, one more user, group, mask and others. */
static bool set_list(struct scratch *s, const char *path, const char *name,
		     unsigned char owner, unsigned char named,
		     unsigned char group, unsigned char mask)
{
	const unsigned char list[] = {
		2,     0,    0,     0,    0x01,         0,
		owner, 0,    0xff,  0xff, 0xff,         0xff,
		0x02,  0,    named, 0,    NAMED & 0xff, NAMED >> 8,
		0,     0,    0x04,  0,    group,        0,
		0xff,  0xff, 0xff,  0xff, 0x10,         0,
		mask,  0,    0xff,  0xff, 0xff,         0xff,
		0x20,  0,    0,     0,    0xff,         0xff,
		0xff,  0xff
	};

	return set(s, path, name, list, sizeof(list));
}

/* The rights in the file's list of the entry with that tag; -1: no list. */
static int rights(struct scratch *s, const char *path, unsigned char tag)
{
	unsigned char list[128];
	int fd = open_at(s, path);
	ssize_t n = fgetxattr(fd, ACCESS, list, sizeof(list));

	close(fd);
	for (ssize_t at = 4; at + 8 <= n; at += 8)
		if (list[at] == tag)
			return list[at + 2];
	return -1;
}

static void replace(struct scratch *s, const char *path, const struct perms *p)
{
	struct node have = scratch_look(s, path);
	struct content c = content_of("new", 3);
	struct file_write w = {
		.path = path, .content = &c, .perms = *p, .expect = &have
	};

	ck_assert_msg(host_replace(s->host, &w, &s->diags), "%s",
		      scratch_said(s));
	ck_assert(scratch_commit(s));
	ck_assert_msg(s->failures == 0, "%s", s->failed);
	assert_holds(s, path, "new");
}

static void replace_mode(struct scratch *s, const char *path, uint32_t mode)
{
	const struct perms p = mode_perms(mode);

	replace(s, path, &p);
	ck_assert_uint_eq(scratch_look(s, path).mode, mode);
}

START_TEST(notes_of_users_are_carried_over)
{
	struct scratch *s = scratch_open();

	scratch_put(s, "/a", "old", 0644);
	if (set(s, "/a", "user.note", "mine", 4)) {
		ck_assert(set(s, "/a", "user.empty", "", 0));
		replace_mode(s, "/a", 0644);
		ck_assert_str_eq(get(s, "/a", "user.note"), "mine");
		ck_assert_str_eq(get(s, "/a", "user.empty"), "");
		/* A mode without rights is no hindrance. */
		replace_mode(s, "/a", 0);
		ck_assert_str_eq(get(s, "/a", "user.note"), "mine");
	}
	scratch_close(s);
}
END_TEST

START_TEST(a_file_staged_late_has_them_too)
{
	struct scratch *s = scratch_open();
	static char paths[40][8];
	struct node have[40];
	bool possible = true;

	for (int i = 0; i < 40 && possible; i++) {
		snprintf(paths[i], sizeof(paths[i]), "/f%d", i);
		scratch_put(s, paths[i], "old", 0644);
		possible = set(s, paths[i], "user.note", paths[i], 4);
		have[i] = scratch_look(s, paths[i]);
		ck_assert(scratch_replace(s, paths[i], "new", 0644, &have[i]));
	}
	ck_assert(scratch_commit(s));
	ck_assert_uint_eq(s->failures, 0);
	for (int i = 0; i < 40 && possible; i++)
		ck_assert(strncmp(get(s, paths[i], "user.note"), paths[i], 4) ==
			  0);
	scratch_close(s);
}
END_TEST

START_TEST(capabilities_are_not_carried_over)
{
	const uint32_t caps[] = { VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
				  1U << CAP_NET_RAW, 0, 0, 0 };
	struct scratch *s;

	if (geteuid() != 0)
		return;
	s = scratch_open();
	scratch_put(s, "/ping", "old", 0755);
	scratch_mkdir(s, "/home");
	ck_assert_int_eq(linkat(s->root, "ping", s->root, "home/kept", 0), 0);
	if (set(s, "/ping", "security.capability", caps, sizeof(caps))) {
		replace_mode(s, "/ping", 0755);
		ck_assert_str_eq(get(s, "/ping", "security.capability"),
				 "(none)");
		/* Nor do they live on under another name. */
		ck_assert_uint_eq(scratch_look(s, "/home/kept").mode, 0);
	}
	scratch_close(s);
}
END_TEST

START_TEST(a_plain_program_keeps_its_mode_under_other_names)
{
	struct scratch *s = scratch_open();

	scratch_put(s, "/a", "old", 0755);
	ck_assert_int_eq(linkat(s->root, "a", s->root, "b", 0), 0);
	replace_mode(s, "/a", 0755);
	ck_assert_uint_eq(scratch_look(s, "/b").mode, 0755);
	scratch_close(s);
}
END_TEST

START_TEST(an_access_control_list_is_carried_over)
{
	struct scratch *s = scratch_open();

	scratch_put(s, "/a", "old", 0600);
	if (set_list(s, "/a", ACCESS, 6, 6, 0, 6)) {
		/* The mode shows the mask; the group itself has no right. */
		ck_assert_uint_eq(scratch_look(s, "/a").mode, 0660);
		replace_mode(s, "/a", 0660);
		ck_assert_int_eq(rights(s, "/a", 0x02), 6);
		ck_assert_int_eq(rights(s, "/a", 0x04), 0);
		ck_assert_int_eq(rights(s, "/a", 0x10), 6);
	}
	scratch_close(s);
}
END_TEST

START_TEST(a_mode_is_set_over_an_access_control_list)
{
	struct scratch *s = scratch_open();
	struct perms p = { PERM_ALL, 0600, geteuid(), getegid() };

	scratch_put(s, "/a", "old", 0600);
	if (set_list(s, "/a", ACCESS, 6, 6, 4, 6)) {
		if (geteuid() == 0)
			p.uid = USER;
		replace(s, "/a", &p);
		ck_assert_uint_eq(scratch_look(s, "/a").mode, 0600);
		ck_assert_uint_eq(scratch_look(s, "/a").uid, p.uid);
		ck_assert_int_eq(rights(s, "/a", 0x10), 0);
		replace_mode(s, "/a", 04640);
		ck_assert_int_eq(rights(s, "/a", 0x01), 6);
		ck_assert_int_eq(rights(s, "/a", 0x10), 4);
	}
	scratch_close(s);
}
END_TEST

/* What a folder says of new files is not said of one that was there. */
START_TEST(a_default_list_is_not_for_what_was_there)
{
	struct scratch *s = scratch_open();

	scratch_mkdir(s, "/d");
	scratch_put(s, "/d/old", "old", 0640);
	if (set_list(s, "/d", DEFAULT, 7, 7, 5, 7)) {
		replace_mode(s, "/d/old", 0640);
		ck_assert_int_eq(rights(s, "/d/old", 0x02), -1);
		ck_assert(scratch_replace(s, "/d/new", "x", 0640, &absent));
		ck_assert(scratch_commit(s));
		ck_assert_uint_eq(scratch_look(s, "/d/new").mode, 0640);
		ck_assert_int_eq(rights(s, "/d/new", 0x02), 7);
		ck_assert_int_eq(rights(s, "/d/new", 0x10), 4);
	}
	scratch_close(s);
}
END_TEST

START_TEST(on_a_users_ground_they_are_carried_over_as_the_user)
{
	struct perms p = { PERM_ALL, 0660, USER, USER };
	struct scratch *s;

	if (geteuid() != 0)
		return;
	s = scratch_open();
	scratch_mkdir(s, "/u");
	scratch_put(s, "/u/a", "old", 0600);
	ck_assert_int_eq(fchownat(s->root, "u/a", USER, USER, 0), 0);
	ck_assert_int_eq(fchownat(s->root, "u", USER, USER, 0), 0);
	if (set_list(s, "/u/a", ACCESS, 6, 6, 0, 6) &&
	    set(s, "/u/a", "user.note", "mine", 4)) {
		replace(s, "/u/a", &p);
		ck_assert_str_eq(get(s, "/u/a", "user.note"), "mine");
		ck_assert_int_eq(rights(s, "/u/a", 0x04), 0);
		ck_assert_uint_eq(scratch_look(s, "/u/a").uid, USER);
	}
	scratch_close(s);
}
END_TEST

TEST_SUITE("xattr", notes_of_users_are_carried_over,
	   a_file_staged_late_has_them_too, capabilities_are_not_carried_over,
	   a_plain_program_keeps_its_mode_under_other_names,
	   an_access_control_list_is_carried_over,
	   a_mode_is_set_over_an_access_control_list,
	   a_default_list_is_not_for_what_was_there,
	   on_a_users_ground_they_are_carried_over_as_the_user)
