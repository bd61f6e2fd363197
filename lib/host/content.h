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
#include "lib/text/secret.h"

enum { DIGEST_SIZE = 32, DIGEST_HEX = 65 };

struct content {
	const char *bytes;       /* or NULL */
	const struct tree *tree; /* or NULL */
	const char *path;        /* in the tree */
	uint64_t size;
	/* Secrets that belong between the bytes, in order, and the world that
	 * they are sealed in: only a host can open those (vault.h). size is
	 * without them. */
	const struct tree *world;
	const struct cut *cuts;
	size_t ncuts; /* 0: it holds no secret */
	/* Of an observed file: it may hold a secret, so nothing is said. */
	bool hidden;
	/* Of an observed file: known to hold just what this content says. */
	const struct content *same_as;
	bool has_digest;
	unsigned char digest[DIGEST_SIZE]; /* SHA-256 (FIPS 180-4) */
};

/* Content of the bytes, which are borrowed. */
struct content content_of(const char *bytes, size_t size);
/* False for what holds a secret. */
bool content_open(const struct content *, struct reader *, struct diags *);
/* Computes the digest if it is not known. */
bool content_digest(struct content *, struct diags *);
/* Sets size and digest to those of what is left in the reader; 0 or -errno. */
int content_measure(struct content *, struct reader *);
/* The bytes in out when they are at most limit; *whole says whether. */
bool content_read(const struct content *, size_t limit, struct buf *out,
		  bool *whole, struct diags *);
/* The same of what holds secrets, each shown as "<secret PATH>". */
void content_veiled(const struct content *, struct buf *out);
/* The bytes with marks for its secrets (secret.h), and *world that those are
 * sealed in; for host_read_marked of path. */
bool content_marked(const struct content *, const char *path, size_t limit,
		    struct buf *out, const struct tree **world, bool *whole,
		    struct diags *);
/* Whether both hold the same bytes and the same secrets. */
bool content_same_sealed(const struct content *, const struct content *);
/* SHA-256 as 64 hex digits and a NUL. */
const char *digest_hex(const unsigned char digest[DIGEST_SIZE],
		       char hex[DIGEST_HEX]);

#endif
