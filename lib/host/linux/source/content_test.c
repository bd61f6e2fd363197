/* SPDX-License-Identifier: MIT */
#include "lib/host/content.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/test.h"

/* FIPS 180-4: of nothing, of "abc", and of a million times "a". */
static const char of_nothing[] =
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
static const char of_abc[] =
	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char of_million[] =
	"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

static struct diags diags;

static void check_digest(struct content *c, const char *want)
{
	char hex[DIGEST_HEX];

	ck_assert(content_digest(c, &diags));
	ck_assert(c->has_digest);
	ck_assert_str_eq(digest_hex(c->digest, hex), want);
}

START_TEST(digest_of_nothing)
{
	struct content c = content_of("", 0);

	check_digest(&c, of_nothing);
	c = content_of(NULL, 0);
	ck_assert_ptr_nonnull(c.bytes);
	check_digest(&c, of_nothing);
}
END_TEST

START_TEST(digest_of_bytes)
{
	struct content c = content_of("abc", 3);

	check_digest(&c, of_abc);
	ck_assert_uint_eq(c.size, 3);
	ck_assert_str_eq(c.bytes, "abc");
}
END_TEST

START_TEST(digest_of_more_than_one_chunk)
{
	char *bytes = malloc(1000000);
	struct content c;

	memset(bytes, 'a', 1000000);
	c = content_of(bytes, 1000000);
	check_digest(&c, of_million);
	free(bytes);
}
END_TEST

START_TEST(a_known_digest_is_not_computed_again)
{
	struct content c = content_of("abc", 3);

	c.has_digest = true;
	c.digest[0] = 0x5a;
	ck_assert(content_digest(&c, &diags));
	ck_assert_uint_eq(c.digest[0], 0x5a);
}
END_TEST

START_TEST(hex_shows_every_digit)
{
	unsigned char digest[DIGEST_SIZE];
	char hex[DIGEST_HEX];

	for (size_t i = 0; i < DIGEST_SIZE; i++)
		digest[i] = (unsigned char)(i * 0x11);
	ck_assert_str_eq(digest_hex(digest, hex),
			 "00112233445566778899aabbccddeeff"
			 "102132435465768798a9bacbdcedfe0f");
}
END_TEST

START_TEST(content_without_bytes_cannot_be_opened)
{
	struct content c = { .has_digest = true };
	AUTO_BUF struct buf out = { 0 };
	struct reader r;
	bool whole;

	ck_assert(!content_open(&c, &r, &diags));
	ck_assert_int_eq(r.fd, -1);
	ck_assert(!content_read(&c, 10, &out, &whole, &diags));
	ck_assert_uint_eq(diags.n, 2);
	diags_release(&diags);
}
END_TEST

START_TEST(reads_what_is_within_the_limit)
{
	struct content c = content_of("abc\0d", 5);
	AUTO_BUF struct buf out = { 0 };
	bool whole = false;

	ck_assert(content_read(&c, 5, &out, &whole, &diags));
	ck_assert(whole);
	ck_assert_uint_eq(out.size, 5);
	ck_assert_mem_eq(out.text, "abc\0d", 6);
}
END_TEST

START_TEST(does_not_read_what_is_beyond_the_limit)
{
	struct content c = content_of("abc", 3);
	AUTO_BUF struct buf out = { 0 };
	bool whole = true;

	ck_assert(content_read(&c, 2, &out, &whole, &diags));
	ck_assert(!whole);
	ck_assert_uint_eq(out.size, 0);
	ck_assert(content_read(&c, 0, &out, &whole, &diags));
	ck_assert(!whole);
}
END_TEST

START_TEST(reads_nothing_of_nothing)
{
	struct content c = content_of("", 0);
	AUTO_BUF struct buf out = { 0 };
	bool whole = false;

	ck_assert(content_read(&c, 0, &out, &whole, &diags));
	ck_assert(whole);
	ck_assert_uint_eq(out.size, 0);
	ck_assert_str_eq(buf_text(&out), "");
}
END_TEST

START_TEST(reading_adds_to_what_is_there)
{
	struct content c = content_of("def", 3);
	AUTO_BUF struct buf out = { 0 };
	bool whole;

	buf_puts(&out, "abc");
	ck_assert(content_read(&c, 3, &out, &whole, &diags));
	ck_assert_str_eq(out.text, "abcdef");
}
END_TEST

/* A folder with the file "f" of that size, all 'a'; the tree owns it. */
static struct tree *tree_with(char *folder, size_t size)
{
	char *bytes = malloc(size + 1);
	struct tree *t;
	int dir, fd;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = openat(dir, "f", O_WRONLY | O_CREAT, 0644);
	memset(bytes, 'a', size);
	ck_assert_int_eq(write(fd, bytes, size), size);
	close(fd);
	free(bytes);
	t = tree_of_folder(dir, "the tree");
	ck_assert_ptr_nonnull(t);
	return t;
}

static void remove_tree(struct tree *t, const char *folder)
{
	char path[64];

	tree_close(t);
	snprintf(path, sizeof(path), "%s/f", folder);
	unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

START_TEST(content_of_a_tree_is_streamed)
{
	char folder[] = "/tmp/converge-content-XXXXXX";
	struct tree *t = tree_with(folder, 1000000);
	struct content c = { .tree = t, .path = "f", .size = 1000000 };
	AUTO_BUF struct buf out = { 0 };
	bool whole;

	check_digest(&c, of_million);
	ck_assert_uint_eq(c.size, 1000000);
	ck_assert(content_read(&c, 1000000, &out, &whole, &diags));
	ck_assert(whole);
	ck_assert_uint_eq(out.size, 1000000);
	ck_assert(content_read(&c, 999999, &out, &whole, &diags));
	ck_assert(!whole);
	ck_assert_uint_eq(out.size, 1000000);
	remove_tree(t, folder);
}
END_TEST

START_TEST(the_limit_holds_for_a_file_that_grew)
{
	char folder[] = "/tmp/converge-content-XXXXXX";
	struct tree *t = tree_with(folder, 300000);
	struct content c = { .tree = t, .path = "f", .size = 10 };
	AUTO_BUF struct buf out = { 0 };
	bool whole = true;

	buf_puts(&out, "kept");
	ck_assert(content_read(&c, 200000, &out, &whole, &diags));
	ck_assert(!whole);
	ck_assert_str_eq(out.text, "kept");
	remove_tree(t, folder);
}
END_TEST

START_TEST(a_file_missing_in_the_tree_is_an_error)
{
	char folder[] = "/tmp/converge-content-XXXXXX";
	struct tree *t = tree_with(folder, 1);
	struct content c = { .tree = t, .path = "none", .size = 1 };
	AUTO_BUF struct buf out = { 0 };
	bool whole;

	ck_assert(!content_digest(&c, &diags));
	ck_assert(!c.has_digest);
	ck_assert(!content_read(&c, 10, &out, &whole, &diags));
	ck_assert_uint_eq(diags.n, 2);
	ck_assert_str_eq(diags.v[0].text, "cannot open 'none' in 'the tree': "
					  "No such file or directory");
	diags_release(&diags);
	remove_tree(t, folder);
}
END_TEST

START_TEST(a_reader_that_fails_measures_nothing)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY);
	struct reader r = { .fd = fd };
	struct content c = { 0 };

	ck_assert_int_eq(content_measure(&c, &r), -EISDIR);
	ck_assert(!c.has_digest);
	reader_close(&r);
}
END_TEST

TEST_SUITE("content", digest_of_nothing, digest_of_bytes,
	   digest_of_more_than_one_chunk, a_known_digest_is_not_computed_again,
	   hex_shows_every_digit, content_without_bytes_cannot_be_opened,
	   reads_what_is_within_the_limit,
	   does_not_read_what_is_beyond_the_limit, reads_nothing_of_nothing,
	   reading_adds_to_what_is_there, content_of_a_tree_is_streamed,
	   the_limit_holds_for_a_file_that_grew,
	   a_file_missing_in_the_tree_is_an_error,
	   a_reader_that_fails_measures_nothing)
