/* SPDX-License-Identifier: MIT */
#include "lib/base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/test.h"

enum { LARGE = 1024 * 1024 }; /* more than a pipe holds */

/* Reads slowly, in odd pieces; how much there was. */
static void *drain(void *fd)
{
	static size_t total;
	char piece[4093];
	ssize_t n;

	total = 0;
	while ((n = read(*(int *)fd, piece, sizeof(piece))) > 0)
		total += (size_t)n;
	return &total;
}

START_TEST(all_of_it_goes_through_a_pipe_that_is_smaller)
{
	AUTO_FREE char *bytes = xrealloc(NULL, LARGE);
	int ends[2];
	pthread_t reader;
	void *total;

	memset(bytes, 'x', LARGE);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(pthread_create(&reader, NULL, drain, &ends[0]), 0);
	ck_assert(write_all(ends[1], bytes, LARGE));
	close(ends[1]);
	pthread_join(reader, &total);
	ck_assert_uint_eq(*(size_t *)total, LARGE);
	close(ends[0]);
}
END_TEST

START_TEST(nothing_is_written_well)
{
	ck_assert(write_all(-1, "", 0));
}
END_TEST

START_TEST(an_error_is_told)
{
	AUTO_FD int full = open("/dev/full", O_WRONLY);

	ck_assert(!write_all(full, "x", 1));
	ck_assert_int_eq(errno, ENOSPC);
	ck_assert(!write_all(-1, "x", 1));
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

TEST_SUITE("write_all", all_of_it_goes_through_a_pipe_that_is_smaller,
	   nothing_is_written_well, an_error_is_told)
