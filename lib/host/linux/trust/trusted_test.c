/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/trust/trusted.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/test.h"

static char folder[64];

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void set_up(void)
{
	int fd;

	snprintf(folder, sizeof(folder), "/tmp/trusted-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(mkdir(path_of("d"), 0755), 0);
	fd = open(path_of("d/f"), O_WRONLY | O_CREAT | O_EXCL, 0644);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "hello\n", 6), 6);
	close(fd);
}

static void tear_down(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static void reads(const char *name)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_BUF struct buf b = { 0 };

	ck_assert_msg(trusted_read(path_of(name), TRUSTED_TO_WRITE, &b, &d),
		      "%s", d.n ? d.v[0].text : "");
	ck_assert_str_eq(buf_text(&b), "hello\n");
}

static void refuses(const char *name, unsigned not_theirs, const char *want)
{
	AUTO_DIAGS struct diags d = { 0 };
	AUTO_BUF struct buf b = { 0 };

	ck_assert(!trusted_read(path_of(name), not_theirs, &b, &d));
	ck_assert_uint_eq(d.n, 1);
	ck_assert_msg(strstr(d.v[0].text, want), "%s", d.v[0].text);
	ck_assert_uint_eq(b.size, 0);
}

START_TEST(reads_what_is_ours)
{
	reads("d/f");
	ck_assert_int_eq(chmod(path_of("d/f"), 0600), 0);
	reads("d/f");
	refuses("d/g", TRUSTED_TO_WRITE, "No such file");
	refuses("d", TRUSTED_TO_WRITE, "is no file");
}
END_TEST

START_TEST(refuses_what_others_may_change)
{
	ck_assert_int_eq(chmod(path_of("d/f"), 0664), 0);
	refuses("d/f", TRUSTED_TO_WRITE, "others may write to it (mode 0664)");
	ck_assert_int_eq(chmod(path_of("d/f"), 0646), 0);
	refuses("d/f", TRUSTED_TO_WRITE, "others may write to it");
	ck_assert_int_eq(chmod(path_of("d/f"), 0640), 0);
	refuses("d/f", TRUSTED_TO_READ, "others may read it (mode 0640)");
	ck_assert_int_eq(chmod(path_of("d"), 0775), 0);
	refuses("d/f", TRUSTED_TO_WRITE, "can write to");
	/* where nobody can rename it */
	ck_assert_int_eq(chmod(path_of("d"), 01777), 0);
	reads("d/f");
}
END_TEST

START_TEST(refuses_links_and_the_like)
{
	char target[256];

	snprintf(target, sizeof(target), "%s", path_of("d/f"));
	ck_assert_int_eq(symlink(target, path_of("l")), 0);
	ck_assert_int_eq(symlink("d", path_of("ld")), 0);
	ck_assert_int_eq(mkfifo(path_of("p"), 0600), 0);
	refuses("l", TRUSTED_TO_WRITE, "is a link");
	refuses("ld/f", TRUSTED_TO_WRITE, "is a link");
	refuses("p", TRUSTED_TO_WRITE, "is no file");
}
END_TEST

START_TEST(refuses_what_is_anothers)
{
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chown(path_of("d/f"), 1234, 0), 0);
	refuses("d/f", TRUSTED_TO_WRITE, "belongs to user 1234");
	ck_assert_int_eq(chown(path_of("d/f"), 0, 0), 0);
	ck_assert_int_eq(chown(path_of("d"), 1234, 0), 0);
	refuses("d/f", TRUSTED_TO_WRITE, "can write to");
}
END_TEST

/* At its first step too. */
START_TEST(says_why_it_cannot_read)
{
	struct rlimit was, none;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = was;
	none.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	refuses("d/f", TRUSTED_TO_WRITE, "Too many open files");
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
	refuses("d/g", TRUSTED_TO_WRITE, "No such file");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("trusted");
	TCase *tcase = tcase_create("trusted");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, reads_what_is_ours);
	tcase_add_test(tcase, refuses_what_others_may_change);
	tcase_add_test(tcase, refuses_links_and_the_like);
	tcase_add_test(tcase, refuses_what_is_anothers);
	tcase_add_test(tcase, says_why_it_cannot_read);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
