/* SPDX-License-Identifier: MIT */
/*
 * What people do with secrets, on machines of their own: they seal what comes
 * on standard input, and open with their own keys what is to be sealed anew.
 */
#ifndef CONVERGE_HOST_LINUX_SECRET_KEEPER_H
#define CONVERGE_HOST_LINUX_SECRET_KEEPER_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/diag.h"

/* Whether standard input is a terminal, so that it must be asked for. */
bool keeper_is_asked(void);
/*
 * Seals what is on standard input as the secret path to recipients, one a
 * line, which have been checked (recipient_stanza). *newline: it ends with
 * one, which is part of it.
 */
bool keeper_seal(const char *path, const struct buf *recipients,
		 struct buf *sealed, bool *newline, struct diags *);
/* Opens what is sealed as path with the key in the file at that absolute path,
 * and seals it to other recipients. */
bool keeper_reseal(const char *path, const struct buf *sealed, const char *key,
		   const struct buf *recipients, struct buf *out,
		   struct diags *);

#endif
