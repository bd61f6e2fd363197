/* SPDX-License-Identifier: MIT */
/*
 * Whether a signature is right, and by whom: ssh-keygen(1) and gpgv(1) say,
 * as nobody, where they can neither write anything nor talk to anybody. They
 * are given descriptors, and see no world.
 */
#ifndef CONVERGE_HOST_LINUX_TRUST_SIGNATURE_H
#define CONVERGE_HOST_LINUX_TRUST_SIGNATURE_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/strings.h"
#include "lib/text/signed.h"

/* Whose signatures count: what the files hold. */
struct signers {
	const struct buf *allowed; /* signers of SSH; NULL: none counts */
	const struct buf *revoked; /* keys of SSH, or NULL */
	const struct buf *keyring; /* of PGP; NULL: none counts */
	const struct strings *fingerprints; /* that count, of PGP */
	/* What those files are called, for people; not NULL where they are. */
	const char *allowed_name, *revoked_name, *keyring_name;
};

/*
 * NULL when it is a good signature of one who counts, *who of them then says
 * which; otherwise what is wrong, to follow the name of the commit. Whatever
 * fails on the way is wrong too. Both live in the arena.
 */
const char *signature_wrong(const struct signers *,
			    const struct signed_commit *, const char **who,
			    struct arena *);

#endif
