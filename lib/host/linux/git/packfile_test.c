/* SPDX-License-Identifier: MIT */
/* What git(1) says of packs that are made here. */
#include "lib/host/linux/git/packfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/test.h"

static char folder[64];
static struct arena arena;

static void sh(const char *script)
{
	const char *command =
		arena_printf(&arena, "cd %s && export HOME=/nonexistent && %s",
			     folder, script);

	ck_assert_msg(system(command) == 0, /* NOLINT(cert-env33-c) */
		      "%s", command);
}

static void set_up(void)
{
	snprintf(folder, sizeof(folder), "/tmp/converge-packfile-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	sh("git init -q --bare .");
}

static void tear_down(void)
{
	sh("rm -r \"$PWD\"");
	arena_release(&arena);
}

static int make(const char *name)
{
	int fd = open(arena_printf(&arena, "%s/objects/pack/%s", folder, name),
		      O_RDWR | O_CREAT | O_EXCL, 0600);

	ck_assert_int_ge(fd, 0);
	return fd;
}

static void add_blob(struct packfile *p, const char *bytes, size_t n,
		     size_t piece)
{
	const char *head = arena_printf(&arena, "blob %zu", n);
	unsigned char id[OBJECT_RAW];
	struct sha1_ctx sha;

	sha1_init(&sha);
	sha1_update(&sha, strlen(head) + 1, (const uint8_t *)head);
	sha1_update(&sha, n, (const uint8_t *)bytes);
	sha1_digest(&sha, OBJECT_RAW, id);
	packfile_object(p, id, GIT_OBJECT_BLOB, n);
	for (size_t i = 0; i < n; i += piece)
		packfile_add(p, bytes + i, n - i < piece ? n - i : piece);
	packfile_object_end(p);
}

START_TEST(is_one_that_git_takes)
{
	/* around what one byte of a size, and one block, can tell */
	static const size_t sizes[] = { 0,      1,      15,    16,
					2047,   2048,   65535, 65536,
					131071, 262144, 300000 };
	char *bytes = arena_alloc(&arena, 300000), sum[OBJECT_HEX + 1];
	struct packfile p;
	int pack, index;

	set_up();
	pack = make("new");
	index = make("index");
	memset(bytes, 0xff, 300000);
	packfile_begin(&p, pack, COUNT(sizes) + 1, &arena);
	for (size_t i = 0; i < COUNT(sizes); i++)
		add_blob(&p, bytes, sizes[i], 65536);
	add_blob(&p, "hello\n", 6, 1);
	ck_assert(packfile_end(&p, index, sum));
	packfile_release(&p);
	close(pack);
	close(index);
	sh(arena_printf(&arena,
			"cd objects/pack && mv new pack-%s.pack && mv index "
			"pack-%s.idx && git verify-pack pack-%s.idx",
			sum, sum, sum));
	/* the same that git makes of it */
	sh(arena_printf(&arena,
			"git index-pack -o again objects/pack/pack-%s.pack "
			">/dev/null && cmp again objects/pack/pack-%s.idx",
			sum, sum));
	sh("test \"$(git cat-file -p ce013625030ba8dba906f756967f9e9ca394464a)"
	   "\" = hello");
	sh("git fsck --full --strict >/dev/null 2>&1");
	tear_down();
}
END_TEST

START_TEST(says_what_cannot_be_written)
{
	char sum[OBJECT_HEX + 1];
	struct packfile p;
	int fd = open("/dev/full", O_WRONLY);

	ck_assert_int_ge(fd, 0);
	packfile_begin(&p, fd, 1, &arena);
	add_blob(&p, "x", 1, 1);
	ck_assert(!packfile_end(&p, fd, sum));
	ck_assert_int_eq(p.error, ENOSPC);
	packfile_release(&p);
	close(fd);
	arena_release(&arena);
}
END_TEST

START_TEST(has_no_place_beyond_31_bits)
{
	static char bytes[1 << 20];
	int fd = open("/dev/null", O_WRONLY);
	char sum[OBJECT_HEX + 1];
	struct packfile p;

	packfile_begin(&p, fd, 1, &arena);
	p.at = PACKFILE_MOST - 1000;
	add_blob(&p, bytes, 500, 500);
	ck_assert_int_eq(p.error, 0);
	add_blob(&p, bytes, sizeof(bytes), 65536);
	ck_assert_int_eq(p.error, EFBIG);
	ck_assert(!packfile_end(&p, fd, sum));
	packfile_release(&p);
	close(fd);
	arena_release(&arena);
}
END_TEST

TEST_SUITE("packfile", is_one_that_git_takes, says_what_cannot_be_written,
	   has_no_place_beyond_31_bits)
