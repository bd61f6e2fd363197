/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/git/packfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/crc32.h"
#include "lib/base/output.h"

enum {
	FLUSH = 256 * 1024, /* bytes that are written at once */
	STORED = 65535,     /* bytes of one block of what is not packed */
	ADLER = 65521,
	ADLER_RUN = 5552, /* bytes that cannot overflow it */
};

static void put_32(unsigned char *to, uint32_t n)
{
	to[0] = (unsigned char)(n >> 24);
	to[1] = (unsigned char)(n >> 16);
	to[2] = (unsigned char)(n >> 8);
	to[3] = (unsigned char)n;
}

static void flush(struct packfile *p)
{
	if (!p->error && !write_all(p->fd, buf_text(&p->out), p->out.size))
		p->error = errno;
	buf_clear(&p->out);
}

static void put(struct packfile *p, const void *bytes, size_t n)
{
	if (p->at + n > PACKFILE_MOST && !p->error)
		p->error = EFBIG;
	if (p->error)
		return;
	sha1_update(&p->sha, n, bytes);
	if (p->n)
		p->v[p->n - 1].sum = crc32_add(p->v[p->n - 1].sum, bytes, n);
	buf_add(&p->out, bytes, n);
	p->at += n;
	if (p->out.size > FLUSH)
		flush(p);
}

void packfile_begin(struct packfile *p, int fd, size_t objects, struct arena *a)
{
	unsigned char head[12] = "PACK\0\0\0\2";

	*p = (struct packfile){ .fd = fd, .arena = a };
	sha1_init(&p->sha);
	put_32(head + 8, (uint32_t)objects);
	put(p, head, sizeof(head));
}

void packfile_object(struct packfile *p, const unsigned char id[OBJECT_RAW],
		     git_object_t type, uint64_t size)
{
	static const unsigned char zlib[] = { 0x78, 0x01 };
	unsigned char head[12];
	size_t n = 0;

	p->v = arena_grow(p->arena, p->v, p->n, &p->capacity, sizeof(*p->v));
	p->v[p->n] = (struct packed_object){ .at = (uint32_t)p->at };
	memcpy(p->v[p->n++].id, id, OBJECT_RAW);
	head[n++] = (unsigned char)((unsigned)type << 4 | (size & 15));
	for (size >>= 4; size; size >>= 7) {
		head[n - 1] |= 0x80;
		head[n++] = size & 0x7f;
	}
	put(p, head, n);
	put(p, zlib, sizeof(zlib));
	p->a = 1;
	p->b = 0;
}

static void sum_up(struct packfile *p, const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t end = n - i > ADLER_RUN ? i + ADLER_RUN : n;

		for (; i < end; i++) {
			p->a += bytes[i];
			p->b += p->a;
		}
		p->a %= ADLER;
		p->b %= ADLER;
	}
}

/* A block that is stored as it is (RFC 1951, 3.2.4). */
static void put_block(struct packfile *p, bool last, const void *bytes,
		      size_t n)
{
	const unsigned char head[5] = { last, n & 0xff, (unsigned char)(n >> 8),
					~n & 0xff, (unsigned char)(~n >> 8) };

	put(p, head, sizeof(head));
	put(p, bytes, n);
}

void packfile_add(struct packfile *p, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;

	sum_up(p, at, n);
	while (n) {
		size_t block = n < STORED ? n : STORED;

		put_block(p, false, at, block);
		at += block;
		n -= block;
	}
}

void packfile_object_end(struct packfile *p)
{
	unsigned char sum[4];

	put_32(sum, p->b << 16 | p->a);
	put_block(p, true, "", 0);
	put(p, sum, sizeof(sum));
}

/* --- the index --- */

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, OBJECT_RAW); /* the id comes first */
}

static void add(struct buf *b, struct sha1_ctx *sha, const void *bytes,
		size_t n)
{
	sha1_update(sha, n, bytes);
	buf_add(b, bytes, n);
}

static void add_32(struct buf *b, struct sha1_ctx *sha, uint32_t n)
{
	unsigned char bytes[4];

	put_32(bytes, n);
	add(b, sha, bytes, sizeof(bytes));
}

static void make_index(struct packfile *p, const unsigned char *sum,
		       struct buf *b)
{
	unsigned char own[OBJECT_RAW];
	struct sha1_ctx sha;
	size_t upto = 0;

	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), compare);
	sha1_init(&sha);
	add(b, &sha, "\377tOc\0\0\0\2", 8);
	for (unsigned first = 0; first < 256; first++) {
		while (upto < p->n && p->v[upto].id[0] == first)
			upto++;
		add_32(b, &sha, (uint32_t)upto);
	}
	for (size_t i = 0; i < p->n; i++)
		add(b, &sha, p->v[i].id, OBJECT_RAW);
	for (size_t i = 0; i < p->n; i++)
		add_32(b, &sha, p->v[i].sum);
	for (size_t i = 0; i < p->n; i++)
		add_32(b, &sha, p->v[i].at);
	add(b, &sha, sum, OBJECT_RAW);
	sha1_digest(&sha, OBJECT_RAW, own);
	buf_add(b, own, OBJECT_RAW);
}

bool packfile_end(struct packfile *p, int index, char hex[OBJECT_HEX + 1])
{
	AUTO_BUF struct buf b = { 0 };
	unsigned char sum[OBJECT_RAW];

	sha1_digest(&p->sha, OBJECT_RAW, sum);
	for (size_t i = 0; i < OBJECT_RAW; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	buf_add(&p->out, sum, OBJECT_RAW);
	flush(p);
	make_index(p, sum, &b);
	if (!p->error && !write_all(index, buf_text(&b), b.size))
		p->error = errno;
	return !p->error;
}

void packfile_release(struct packfile *p)
{
	buf_release(&p->out);
}
