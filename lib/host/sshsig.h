/* SPDX-License-Identifier: MIT */
/*
 * Signatures of ssh-keygen(1) with a host's own ed25519 key, and their check
 * without another process (PROTOCOL.sshsig of OpenSSH, RFC 8032).
 */
#ifndef CONVERGE_HOST_SSHSIG_H
#define CONVERGE_HOST_SSHSIG_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/diag.h"

/* Loads the library that checks; false with a diagnostic. */
bool sshsig_load(struct diags *);
/*
 * NULL when it is a good signature of the message, for that purpose, by the
 * public key ("ssh-ed25519 AAAA..."); else what is wrong, to follow what was
 * signed: "is not signed by ...".
 */
const char *sshsig_wrong(const char *signature, size_t size, const char *key,
			 const char *purpose, const void *message, size_t n);
/*
 * Signs the message with the private key in the file at an absolute path, which
 * only its owner may read, by ssh-keygen(1) as nobody. NULL, or why it could
 * not be done, in the arena.
 */
const char *sshsig_make(const char *path, const char *purpose,
			const struct buf *message, struct buf *signature,
			struct arena *);

#endif
