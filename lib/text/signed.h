/* SPDX-License-Identifier: MIT */
/*
 * A signed commit as git keeps it (gitformat-signature(5)): what was signed,
 * and the signature, which stands among the headers. Nothing here says that a
 * signature is right: that is for ssh-keygen(1) and gpgv(1).
 */
#ifndef CONVERGE_TEXT_SIGNED_H
#define CONVERGE_TEXT_SIGNED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

enum {
	SIGNATURE_MAX = 64 * 1024,
	SIGNED_KEY = 51, /* bytes of "SHA256:" and a digest, with a NUL */
};

enum signature_type { SIGNATURE_SSH, SIGNATURE_PGP };

struct signed_commit {
	struct buf payload;   /* the commit without the signature's header */
	struct buf signature; /* armoured, as it was written */
	enum signature_type type;
	int64_t time; /* of the committer; seconds since the epoch */
	/* Of SSH: the key that is named as the signer's, as ssh-keygen(1) shows
	 * it, also if by a certificate; or "". Nobody has proven yet that it
	 * signed. */
	char key[SIGNED_KEY];
};

/*
 * Takes a commit object apart. NULL, or why its signature is none that can be
 * trusted, to follow "the commit": none, more than one, too large, or of a key
 * or digest that is too weak. time is set whenever there is one.
 */
const char *signed_split(struct signed_commit *, const char *text, size_t size);
void signed_release(struct signed_commit *);
/* Whether n bytes are a public key of SSH in base64, of that name. */
bool signed_is_key(const char name[SIGNED_KEY], const char *base64, size_t n);

#endif
