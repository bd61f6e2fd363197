/* SPDX-License-Identifier: MIT */
/*
 * What a file holds: bytes in memory, a file of a tree, or, of a live file,
 * its digest alone. Large content is read as a stream, never loaded whole.
 */
#ifndef CONVERGE_HOST_CONTENT_H
#define CONVERGE_HOST_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/host/tree.h"

enum { DIGEST_SIZE = 32, DIGEST_HEX = 65 };

struct content {
	const char *bytes;       /* or NULL */
	const struct tree *tree; /* or NULL */
	const char *path;        /* in the tree */
	uint64_t size;
	/* Of an observed file: known to hold just what this content says. */
	const struct content *same_as;
	bool has_digest;
	unsigned char digest[DIGEST_SIZE]; /* SHA-256 (FIPS 180-4) */
};

/* Content of the bytes, which are borrowed. */
struct content content_of(const char *bytes, size_t size);
bool content_open(const struct content *, struct reader *, struct diags *);
/* Computes the digest if it is not known. */
bool content_digest(struct content *, struct diags *);
/* Sets size and digest to those of what is left in the reader; 0 or -errno. */
int content_measure(struct content *, struct reader *);
/* The bytes in out when they are at most limit; *whole says whether. */
bool content_read(const struct content *, size_t limit, struct buf *out,
		  bool *whole, struct diags *);
/* SHA-256 as 64 hex digits and a NUL. */
const char *digest_hex(const unsigned char digest[DIGEST_SIZE],
		       char hex[DIGEST_HEX]);

#endif
