/* SPDX-License-Identifier: MIT */
/*
 * age(1), which seals and opens (age-encryption.org/v1): a child process as
 * nobody, which can write nothing anywhere, and is given keys and texts by
 * descriptors alone.
 */
#ifndef CONVERGE_HOST_LINUX_SECRET_AGE_H
#define CONVERGE_HOST_LINUX_SECRET_AGE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/host/linux/secret/locked.h"

enum {
	AGE_MAX_PLAIN = 1024 * 1024,      /* bytes of a secret */
	AGE_MAX_SEALED = 2 * 1024 * 1024, /* of a sealed file */
	AGE_MAX_KEY = 32 * 1024,          /* of a file of keys */
	AGE_RECIPIENTS = 1000,            /* that it may be sealed to */
};

/*
 * Opens sealed bytes with a key: a private key of SSH, or what age-keygen(1)
 * makes. False with a diagnostic that says nothing of key or text: nothing is
 * in *out then. is_for may be NULL; else *is_for is false, and there is no
 * diagnostic, when it is sealed to other keys alone.
 */
bool age_open(const struct buf *sealed, const struct locked *key,
	      struct locked *out, bool *is_for, struct diags *);
/* Seals to the recipients, one a line. They have been checked
 * (seal_recipient_wrong): for one of a plugin age would start a program. */
bool age_seal(const struct locked *plain, const struct buf *recipients,
	      struct buf *sealed, struct diags *);
#endif
