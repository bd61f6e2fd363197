/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/download/kept_table.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/test.h"

static char state[] = "/tmp/kept-table-XXXXXX";
static struct arena arena;
static struct diags diags;

static void set_up(void)
{
	strcpy(state, "/tmp/kept-table-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(state));
}

static void tear_down(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", state);
	ck_assert_int_eq(system(command), 0);
	arena_release(&arena);
	diags_release(&diags);
}

static struct kept_table make(char digit, int64_t strip)
{
	struct kept_table of = { .strip = strip };
	struct table_maker maker = { .table = &of.table, .arena = &arena };
	const struct table_entry file = { .name = "bin/app",
					  .type = TREE_FILE,
					  .executable = true,
					  .size = 7,
					  .digest = { 1, 2, 3 } };
	const struct table_entry link = { .name = "start",
					  .type = TREE_LINK,
					  .target = "bin/app" };
	struct table_entry *added;

	memset(of.sha256, digit, sizeof(of.sha256) - 1);
	ck_assert(table_add(&maker, &file, &added, &diags));
	ck_assert(table_add(&maker, &link, &added, &diags));
	return of;
}

/* The one file that there is. */
static int open_file(int how)
{
	char command[128], path[256];
	FILE *names;

	snprintf(command, sizeof(command), "echo %s/archives/*", state);
	names = popen(command, "r");
	ck_assert_int_eq(fscanf(names, "%255s", path), 1);
	pclose(names);
	return open(path, how | O_CLOEXEC);
}

START_TEST(what_is_kept_is_read)
{
	const struct kept_table one = make('1', 0), two = make('2', 3);
	struct kept_table of;

	ck_assert(!kept_table_read(state, "/opt/a", &of));
	ck_assert(kept_table_write(state, "/opt/a", &one, &diags));
	ck_assert(kept_table_write(state, "/opt/b", &one, &diags));
	ck_assert(kept_table_write(state, "/opt/a", &two, &diags));
	ck_assert(!kept_table_read(state, "/opt", &of));
	ck_assert(kept_table_read(state, "/opt/a", &of));
	ck_assert_str_eq(of.sha256, two.sha256);
	ck_assert_int_eq(of.strip, 3);
	ck_assert_uint_eq(of.table.n, 3);
	ck_assert_str_eq(of.table.v[1].name, "bin/app");
	ck_assert(of.table.v[1].executable);
	ck_assert_int_eq(of.table.v[1].digest[2], 3);
	ck_assert_str_eq(of.table.v[2].target, "bin/app");
	ck_assert(kept_table_read(state, "/opt/b", &of));
	ck_assert_str_eq(of.sha256, one.sha256);
}
END_TEST

START_TEST(what_is_damaged_is_not_believed)
{
	const struct kept_table one = make('1', 0);
	struct kept_table of;
	struct stat st;
	int fd;

	ck_assert(kept_table_write(state, "/opt/a", &one, &diags));
	fd = open_file(O_RDWR);
	ck_assert_int_eq(fstat(fd, &st), 0);
	/* no offset, length or type may lead anywhere else */
	for (off_t i = 0; i < st.st_size; i++) {
		unsigned char byte, other;

		ck_assert_int_eq(pread(fd, &byte, 1, i), 1);
		other = byte ^ 0x55;
		ck_assert_int_eq(pwrite(fd, &other, 1, i), 1);
		if (kept_table_read(state, "/opt/a", &of))
			for (size_t k = 0; k < of.table.n; k++)
				ck_assert(!table_name_wrong(
					of.table.v[k].name,
					strlen(of.table.v[k].name)));
		ck_assert_int_eq(pwrite(fd, &byte, 1, i), 1);
	}
	ck_assert(kept_table_read(state, "/opt/a", &of));
	for (off_t i = st.st_size - 1; i >= 0; i--) {
		ck_assert_int_eq(ftruncate(fd, i), 0);
		/* all that is lost may be padding */
		if (kept_table_read(state, "/opt/a", &of)) {
			ck_assert_int_lt(st.st_size - i, 32);
			ck_assert_uint_eq(of.table.n, 3);
			ck_assert_str_eq(of.table.v[2].target, "bin/app");
		}
	}
	close(fd);
	ck_assert(kept_table_write(state, "/opt/a", &one, &diags));
	ck_assert(kept_table_read(state, "/opt/a", &of));
}
END_TEST

START_TEST(what_no_one_names_goes_in_time)
{
	const struct kept_table one = make('1', 0);
	struct strings targets = { 0 };
	const int64_t never = 0, now = INT32_MAX;
	struct kept_table of;

	ck_assert(kept_table_tidy(state, &targets, now, &diags));
	ck_assert(kept_table_write(state, "/opt/a", &one, &diags));
	ck_assert(kept_table_write(state, "/opt/b", &one, &diags));
	strings_add(&targets, &arena, "/opt/b");
	ck_assert(kept_table_tidy(state, &targets, never, &diags));
	ck_assert(kept_table_read(state, "/opt/a", &of));
	ck_assert(kept_table_tidy(state, &targets, now, &diags));
	ck_assert(!kept_table_read(state, "/opt/a", &of));
	ck_assert(kept_table_read(state, "/opt/b", &of));
}
END_TEST

START_TEST(no_link_is_followed)
{
	const struct kept_table one = make('1', 0);
	char path[256], to[256];

	ck_assert(kept_table_write(state, "/opt/a", &one, &diags));
	snprintf(path, sizeof(path), "%s/archives", state);
	snprintf(to, sizeof(to), "%s/elsewhere", state);
	ck_assert_int_eq(rename(path, to), 0);
	ck_assert_int_eq(symlink("elsewhere", path), 0);
	ck_assert(!kept_table_read(state, "/opt/a", &(struct kept_table){ 0 }));
	ck_assert(!kept_table_write(state, "/opt/a", &one, &diags));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kept_table");
	TCase *tcase = tcase_create("kept_table");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, what_is_kept_is_read);
	tcase_add_test(tcase, what_is_damaged_is_not_believed);
	tcase_add_test(tcase, what_no_one_names_goes_in_time);
	tcase_add_test(tcase, no_link_is_followed);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
