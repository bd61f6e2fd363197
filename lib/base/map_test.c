/* SPDX-License-Identifier: MIT */
#include "lib/base/map.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/test.h"

static struct arena arena;
static int values[100000];

START_TEST(an_empty_map_has_nothing)
{
	struct map m = { 0 };

	ck_assert_ptr_null(map_get(&m, ""));
	ck_assert_ptr_null(map_get(&m, "a"));
	ck_assert_ptr_null(map_getn(&m, NULL, 0));
	ck_assert_uint_eq(m.n, 0);
}
END_TEST

START_TEST(gets_what_was_put)
{
	struct map m = { 0 };

	ck_assert_ptr_null(map_put(&m, &arena, "a", &values[0]));
	ck_assert_ptr_null(map_put(&m, &arena, "b", &values[1]));
	ck_assert_ptr_null(map_put(&m, &arena, "", &values[2]));
	ck_assert_ptr_eq(map_get(&m, "a"), &values[0]);
	ck_assert_ptr_eq(map_get(&m, "b"), &values[1]);
	ck_assert_ptr_eq(map_get(&m, ""), &values[2]);
	ck_assert_ptr_null(map_get(&m, "c"));
	ck_assert_ptr_null(map_get(&m, "aa"));
	ck_assert_uint_eq(m.n, 3);
	arena_release(&arena);
}
END_TEST

START_TEST(put_replaces_and_returns_the_old)
{
	struct map m = { 0 };
	char again[] = "key";

	ck_assert_ptr_null(map_put(&m, &arena, "key", &values[0]));
	ck_assert_ptr_eq(map_put(&m, &arena, again, &values[1]), &values[0]);
	ck_assert_ptr_eq(map_get(&m, "key"), &values[1]);
	ck_assert_ptr_eq(map_put(&m, &arena, "key", NULL), &values[1]);
	ck_assert_ptr_null(map_get(&m, "key"));
	ck_assert_uint_eq(m.n, 1);
	arena_release(&arena);
}
END_TEST

START_TEST(getn_looks_at_n_bytes)
{
	struct map m = { 0 };

	map_put(&m, &arena, "/etc", &values[0]);
	ck_assert_ptr_eq(map_getn(&m, "/etc/motd", 4), &values[0]);
	ck_assert_ptr_null(map_getn(&m, "/etc/motd", 3));
	ck_assert_ptr_null(map_getn(&m, "/etc/motd", 5));
	ck_assert_ptr_null(map_getn(&m, "/etc\0", 5));
	arena_release(&arena);
}
END_TEST

START_TEST(holds_many_keys)
{
	struct map m = { 0 };
	char key[32];

	for (size_t i = 0; i < COUNT(values); i++) {
		snprintf(key, sizeof(key), "file:/etc/%zu", i);
		ck_assert_ptr_null(map_put(
			&m, &arena, arena_strdup(&arena, key), &values[i]));
	}
	ck_assert_uint_eq(m.n, COUNT(values));
	for (size_t i = 0; i < COUNT(values); i++) {
		snprintf(key, sizeof(key), "file:/etc/%zu", i);
		ck_assert_ptr_eq(map_get(&m, key), &values[i]);
	}
	for (size_t i = COUNT(values); i < 2 * COUNT(values); i++) {
		snprintf(key, sizeof(key), "file:/etc/%zu", i);
		ck_assert_ptr_null(map_get(&m, key));
	}
	arena_release(&arena);
}
END_TEST

START_TEST(tells_lengths_apart)
{
	static char keys[200][201];
	struct map m = { 0 };

	for (size_t i = 0; i < COUNT(keys); i++) {
		memset(keys[i], 'x', i);
		ck_assert_ptr_null(map_put(&m, &arena, keys[i], &values[i]));
	}
	for (size_t i = 0; i < COUNT(keys); i++)
		ck_assert_ptr_eq(map_get(&m, keys[i]), &values[i]);
	arena_release(&arena);
}
END_TEST

START_TEST(hash_depends_on_every_byte_and_the_length)
{
	char bytes[64] = { 0 };

	for (size_t n = 0; n < sizeof(bytes); n++) {
		uint64_t hash = map_hash(bytes, n);

		ck_assert(map_hash(bytes, n) == hash);
		ck_assert(map_hash(bytes, n + 1) != hash);
		for (size_t i = 0; i < n; i++) {
			bytes[i] = 1;
			ck_assert(map_hash(bytes, n) != hash);
			bytes[i] = 0;
		}
	}
}
END_TEST

START_TEST(hash_spreads_low_bits)
{
	enum { KEYS = 1 << 16, BUCKETS = 1 << 10 };
	static unsigned count[BUCKETS];
	unsigned most = 0;

	for (uint32_t i = 0; i < KEYS; i++) {
		unsigned n = ++count[map_hash(&i, sizeof(i)) % BUCKETS];

		most = n > most ? n : most;
	}
	/* 64 on average; 160 is 12 standard deviations away */
	ck_assert_uint_lt(most, 160);
}
END_TEST

/* In a process that has not hashed yet. */
static int hash_without_random(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { COUNT(code), code };

	alarm(10);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		return 77;
	return map_hash("a", 1) == map_hash("a", 1) ? 0 : 1;
}

START_TEST(hashes_where_random_bytes_are_refused)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0)
		_exit(hash_without_random());
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);
}
END_TEST

TEST_SUITE("map", an_empty_map_has_nothing, gets_what_was_put,
	   put_replaces_and_returns_the_old, getn_looks_at_n_bytes,
	   holds_many_keys, tells_lengths_apart,
	   hash_depends_on_every_byte_and_the_length, hash_spreads_low_bits,
	   hashes_where_random_bytes_are_refused)
