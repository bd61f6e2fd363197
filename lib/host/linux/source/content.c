/* SPDX-License-Identifier: MIT */
#include "lib/host/content.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <string.h>

enum { CHUNK = 64 * 1024 };

struct content content_of(const char *bytes, size_t size)
{
	return (struct content){ .bytes = bytes ? bytes : "", .size = size };
}

bool content_open(const struct content *c, struct reader *r, struct diags *d)
{
	*r = (struct reader){ .fd = -1 };
	if (c->ncuts)
		return diag_error(d, "this content holds a secret");
	if (c->tree)
		return tree_open(c->tree, c->path, r, d);
	if (!c->bytes)
		return diag_error(d, "only the digest of this content is "
				     "known");
	r->bytes = c->bytes;
	r->left = c->size;
	return true;
}

int content_measure(struct content *c, struct reader *r)
{
	AUTO_FREE char *bytes = xrealloc(NULL, CHUNK);
	struct sha256_ctx sha;
	uint64_t size = 0;
	long n;

	sha256_init(&sha);
	while ((n = reader_next(r, bytes, CHUNK)) > 0) {
		sha256_update(&sha, (size_t)n, (const uint8_t *)bytes);
		size += (uint64_t)n;
	}
	if (n < 0)
		return (int)n;
	sha256_digest(&sha, sizeof(c->digest), c->digest);
	c->size = size;
	c->has_digest = true;
	return 0;
}

/* Says what could not be read. */
static bool cannot_read(const struct content *c, int error, struct diags *d)
{
	if (!c->tree)
		return diag_errno(d, error, "cannot read the content");
	return diag_errno(d, error, "cannot read '%s' in '%s'", c->path,
			  c->tree->name);
}

bool content_digest(struct content *c, struct diags *d)
{
	struct reader r;
	int result;

	if (c->has_digest)
		return true;
	if (!content_open(c, &r, d))
		return false;
	result = content_measure(c, &r);
	reader_close(&r);
	return result == 0 || cannot_read(c, -result, d);
}

bool content_read(const struct content *c, size_t limit, struct buf *out,
		  bool *whole, struct diags *d)
{
	struct reader r;
	int result;

	*whole = false;
	if (c->size > limit)
		return true;
	if (!content_open(c, &r, d))
		return false;
	result = reader_all(&r, limit, out, whole);
	reader_close(&r);
	return result == 0 || cannot_read(c, -result, d);
}

void content_veiled(const struct content *c, struct buf *out)
{
	size_t at = 0;

	for (size_t i = 0; i < c->ncuts; i++) {
		buf_add(out, c->bytes + at, c->cuts[i].at - at);
		buf_printf(out, "<secret %s>", c->cuts[i].secret);
		at = c->cuts[i].at;
	}
	buf_add(out, c->bytes + at, (size_t)c->size - at);
}

bool content_marked(const struct content *c, const char *path, size_t limit,
		    struct buf *out, const struct tree **world, bool *whole,
		    struct diags *d)
{
	*whole = c->size <= limit;
	*world = c->world;
	return !*whole ||
	       secret_mark(out, c->bytes, (size_t)c->size, c->cuts, c->ncuts) ||
	       diag_error(d,
			  "'%s' has the character U+10FFFD, which cannot stand "
			  "beside a secret",
			  path);
}

bool content_same_sealed(const struct content *x, const struct content *y)
{
	if (x->world != y->world || x->ncuts != y->ncuts || x->size != y->size)
		return false;
	for (size_t i = 0; i < x->ncuts; i++)
		if (x->cuts[i].at != y->cuts[i].at ||
		    x->cuts[i].spelling != y->cuts[i].spelling ||
		    strcmp(x->cuts[i].secret, y->cuts[i].secret) != 0)
			return false;
	return memcmp(x->bytes, y->bytes, (size_t)x->size) == 0;
}

const char *digest_hex(const unsigned char digest[DIGEST_SIZE],
		       char hex[DIGEST_HEX])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[2 * DIGEST_SIZE] = '\0';
	return hex;
}
