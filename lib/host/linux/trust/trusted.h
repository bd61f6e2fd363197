/* SPDX-License-Identifier: MIT */
/*
 * Files by whose word others are trusted: keys of signers, of servers, and
 * what names them. Nobody but root, or who runs converge, can write to one,
 * or put another in its place.
 */
#ifndef CONVERGE_HOST_LINUX_TRUST_TRUSTED_H
#define CONVERGE_HOST_LINUX_TRUST_TRUSTED_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/diag.h"

enum {
	TRUSTED_MAX = 4 * 1024 * 1024,
	/* Modes that nobody else may have. */
	TRUSTED_TO_WRITE = 0022,
	TRUSTED_TO_READ = 0077,
};

/*
 * All of the file at an absolute path, in which no link is followed. False
 * with a diagnostic when it is not there, too large, or can be written to by
 * others (those of the mode bits not_theirs).
 */
bool trusted_read(const char *path, unsigned not_theirs, struct buf *out,
		  struct diags *);
/* Whether something stands at that path, or it cannot be told. */
bool trusted_is_there(const char *path);

#endif
