/* SPDX-License-Identifier: MIT */
/*
 * Bytes in a frame of Zstandard (RFC 8878), as zstdcat(1) reads it, with the
 * signature of whoever made it in a frame that readers skip (3.1.2).
 */
#ifndef CONVERGE_HOST_SQUEEZE_H
#define CONVERGE_HOST_SQUEEZE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/diag.h"

/* Loads the library, unless it is there. False with a diagnostic. */
bool squeeze_load(struct diags *);
/* Adds the frame of so many bytes to out. */
bool squeeze(const void *bytes, size_t n, struct buf *out, struct diags *);
/* Whether bytes begin as such a frame. */
bool squeeze_is(const void *bytes, size_t n);
/* What is in it, of at most so many bytes. name is what diagnostics call it.
 */
bool unsqueeze(const void *bytes, size_t n, size_t limit, const char *name,
	       struct buf *out, struct diags *);

/* Adds a frame with a signature. */
void squeeze_sign(struct buf *, const struct buf *signature);
/* How many bytes come before the signature that the last frame is, which is
 * then set; n, and size 0: there is none. */
size_t squeeze_signed(const void *bytes, size_t n, const char **signature,
		      size_t *size);

#endif
